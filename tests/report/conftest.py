"""Reports of published and of made-up cases, each written once."""

import re
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from myotome.atlas import atlas
from myotome.case import Case, Outcome, read_case
from myotome.examination import examine, finding
from myotome.report.case_report import case_report
from myotome.simulation import RIVALS
from myotome.simulation import simulate as run_weeks
from myotome.treatment.planning import plan
from myotome.treatment.screening import ScreenAnswer, assumed_no, screen

EXAMPLES = Path(__file__).parents[2] / "examples"
HOSTILE = """</q></title><script>alert("1")</script><img src=x onerror='a()'> & "quoted\""""
VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass(frozen=True)
class Written:
    """A report with what it was made from."""

    case: Case
    assessment: object
    screening: object
    plan: object
    html: str
    course: object = None


class Page(HTMLParser):
    """A page as a list of elements, its text, and every tag that does not close."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.open = []
        self.faults = []
        self.said = []
        self.own = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"{tag} has an attribute twice")
        element = {"tag": tag, "attrs": dict(attrs), "text": [], "inside": tuple(self.open)}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1]["tag"] != tag:
            self.faults.append(f"</{tag}> closes nothing")
        else:
            self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element["text"].append(data)
        tags = [element["tag"] for element in self.open]
        if "style" in tags or "script" in tags:
            return
        self.said.append(data)
        foreign = any(
            "quoted" in (element["attrs"].get("class") or "")
            or element["attrs"].get("class") == "sources"
            for element in self.open
        )
        if not foreign:
            self.own.append(data)

    def all(self, tag):
        """Every element of this tag."""
        return [element for element in self.elements if element["tag"] == tag]

    @property
    def text(self):
        """Everything that is said, with plain spaces."""
        return _spaced(self.said)

    @property
    def own_text(self):
        """What the report itself says: nothing quoted from a case, and no titles of sources."""
        return _spaced(self.own)


def _spaced(parts):
    return re.sub(r"\s+", " ", " ".join(parts))


def words_of(element):
    return re.sub(r"\s+", " ", "".join(element["text"])).strip()


def write(case, *, answers=None, weeks=False):
    assessment = examine(case.examination())
    answered = [
        ScreenAnswer(item.item, item.answer, region=item.region, note=item.note, week=item.week)
        for item in case.screen
    ]
    screening = screen(answered or assumed_no("a test") if answers is None else answers)
    proposal = plan(assessment, screening)
    course, rivals = None, {}
    if weeks:
        course = run_weeks(case, assessment=assessment, draws=4)
        rivals = {
            name: run_weeks(case, assessment=assessment, rival=name)
            for name in RIVALS
            if name != course.rival
        }
    html = case_report(
        case,
        assessment,
        screening,
        proposal,
        versions={"myotome": "0.0-test"},
        command="myotome run case.toml --out <folder>",
        course=course,
        rivals=rivals,
    )
    return Written(case, assessment, screening, proposal, html, course)


def _forty():
    muscles = [
        muscle
        for muscle in atlas().muscles
        if not atlas().levels_of(muscle) and atlas().muscles[muscle].ramus == "anterior"
    ]
    return tuple(
        finding("tender_motor_point", muscle, side="right", grade=number % 4)
        for number, muscle in enumerate(muscles[:40])
    )


@cache
def _written(name):
    if (EXAMPLES / f"{name}.toml").exists():
        return write(read_case(EXAMPLES / f"{name}.toml"), weeks=True)
    elbow = finding("tender_motor_point", "brachioradialis", side="right", grade=2)
    made = {
        "nothing-found": Case("nothing-found"),
        "forty-findings": Case("forty-findings", findings=_forty()),
        "not-asked": Case("not-asked", findings=(elbow,)),
        "refer": Case("refer", findings=(elbow, finding("clonus", side="right", grade=3))),
        "stopped": Case("stopped", findings=(elbow,)),
        "hostile": Case(
            'h"}*{display:none}/*',
            title=HOSTILE,
            source=HOSTILE,
            notes=HOSTILE,
            findings=(elbow,),
            outcomes=(Outcome("nprs", 6, 0), Outcome("nprs", 6, 3)),
        ),
    }
    answers = {
        "not-asked": [],
        "stopped": [
            *(answer for answer in assumed_no("a test") if answer.item != "neck_artery"),
            ScreenAnswer("neck_artery", "yes"),
        ],
        "hostile": [ScreenAnswer("anticoagulant", "yes", note=HOSTILE)],
    }
    return write(made[name], answers=answers.get(name), weeks=name == "hostile")


NAMES = (
    "fessler-c6-left",
    "strayer-2005-s1-right",
    "gagnon-2024-levator-headache",
    "gunn-milbrandt-tennis-elbow",
    "nothing-found",
    "forty-findings",
    "not-asked",
    "refer",
    "stopped",
    "hostile",
)


@pytest.fixture(params=NAMES)
def written(request):
    """Each report in turn."""
    return _written(request.param)


@pytest.fixture
def report():
    """The report of one case by name."""
    return _written


@pytest.fixture
def page():
    """Reads a page."""
    return Page


@pytest.fixture
def said():
    """The words of an element."""
    return words_of
