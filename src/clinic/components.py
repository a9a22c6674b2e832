"""The living page: every token and every part that pages are made of, in every state it has.

Parts are the templates that the pages themselves include, given rows that were never stored and
people who do not exist; tokens are read from the stylesheet. So a part that changes changes here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from clinic import components_assessed as assessed
from clinic.assessment import inference
from clinic.assessment.forms import Field, ImpressionForm, fields_of
from clinic.assessment.models import Observation
from clinic.assessment.places import Key, all_rows, home_of
from clinic.assessment.rules import PersonFacts, as_finding
from clinic.body_drawing import whole
from clinic.booking import grid, times
from clinic.booking.booked import Booked
from clinic.booking.models import Block, Service
from clinic.booking.queries import FreeTime
from clinic.components_assessed import BAND, NOBODY, PIN, STAFF, TENDER, read
from clinic.doors import anyone
from clinic.practice.models import Site, Staff
from clinic.records.consent.texts import current_text
from clinic.records.drawing.pages import on_the_figure
from clinic.records.drawing.rules import FEELINGS

DAY = date(2027, 3, 9)
ZONE = "America/Vancouver"
SITE = Site(pk=1, name="Main Street", time_zone=ZONE, phone="604 555 0100")
THERAPIST = STAFF
COLLEAGUE = Staff(pk=2, name="Kim Fiction")
BICEPS = Key("weakness", "biceps_brachii", "", "right")
REFLEX = Key("reflex", "brachioradialis_reflex", "", "right")

CONTENTS = [
    ("c-colours", "Colours"),
    ("c-type", "Type"),
    ("c-sizes", "Spaces, radii, targets"),
    ("c-buttons", "Buttons"),
    ("c-notes", "Messages"),
    ("c-form", "Form"),
    ("c-draft", "Draft line"),
    ("c-table", "Table"),
    ("c-facts", "Card and facts"),
    ("c-bars", "Bars"),
    ("c-banner", "Patient banner"),
    ("c-tiles", "Times to choose"),
    ("c-schedule", "Schedule"),
    ("c-dialog", "Dialog"),
    ("c-jump", "Going by name"),
    ("c-body", "Body chart and its list"),
    ("c-levels", "Levels of the spine"),
    ("c-sign", "Grade row"),
    ("c-posterior", "Posterior"),
    ("c-plan", "Plan"),
    ("c-site", "Site to needle"),
    ("c-progress", "Background work"),
    ("c-weeks", "Course graph"),
    ("c-outcome", "Outcome graph"),
    ("c-evidence", "Evidence"),
    ("c-drawing", "Drawing"),
    ("c-consent", "Consent"),
    ("c-locked", "Locked screen"),
]
PLAN = ("plan_problem", "plan_screening", "plan_sites")


@anyone
def page(request: HttpRequest) -> HttpResponse:
    """Tokens and components; it holds no data of anybody."""
    return render(
        request,
        "components.html",
        {
            "contents": CONTENTS,
            "tokens": tokens(),
            "sample": SampleForm(),
            "wrong": _wrong_sample(),
            "people": people(),
            "nobody": SimpleNamespace(pk=NOBODY),
            "times": {"some": _free_times(), "none": _free_times(is_full=True)},
            "schedule": _schedule(),
            "signs": _signs(),
            "posterior": _posterior(),
            "weeks": _weeks(),
            "text": current_text(),
            "feelings": [(key, words) for key, words in FEELINGS.items()],
            "drawings": _drawings(),
            **_assessed(request),
        },
    )


def _assessed(request: HttpRequest) -> dict[str, Any]:
    """The parts of an assessment, each in its states, and the locked screen."""

    def shown(states: Iterable[tuple[str, dict[str, Any]]], *parts: str) -> list[tuple[str, str]]:
        return [(words, _part(request, parts, given)) for words, given in states]

    ladders = [(words, {"ladder": ladder}) for words, ladder in assessed.ladders()]
    followed = [(words, {"followed": one}) for words, one in assessed.followed()]
    signed = ("As it was signed", {"line": assessed.signed_line(), "place": 1, "part": "h4"})
    return {
        "bodies": shown(assessed.body_charts(), "assessment/body_chart"),
        "zones": shown(assessed.zones(), "assessment/zone"),
        "ladders": shown(ladders, "assessment/levels"),
        "plans": shown(assessed.plans(), *(f"assessment/{name}" for name in PLAN)),
        "sites": shown(assessed.sites(), "assessment/plan_line")
        + shown([signed], "assessment/plan_signed_line"),
        "courses": shown(assessed.weeks(), "assessment/weeks_shown"),
        "outcomes": shown(followed, "assessment/outcome"),
        "claims": assessed.claims(),
        "locked": shown(assessed.locked(), "accounts/locked_part"),
    }


def _part(request: HttpRequest, names: Iterable[str], given: dict[str, Any]) -> SafeString:
    """Parts as their page shows them, one under another, of nobody."""
    nobody = SimpleNamespace(pk=NOBODY)
    context = {"patient": nobody, "visit": nobody, **given}
    drawn = (render_to_string(f"{name}.html", context, request) for name in names)
    return SafeString("".join(drawn))


# ---------------------------------------------------------------------- tokens


@dataclass(frozen=True)
class Token:
    """One token: its name, and its values on a light and on a dark page."""

    name: str
    light: str
    dark: str = ""

    @property
    def pixels(self) -> float:
        """Its length at the usual size of letters."""
        number = float(re.sub(r"[a-z]+", "", self.light))
        return number * 16 if self.light.endswith("rem") else number


@cache
def tokens() -> dict[str, list[Any]]:
    """Every token of the stylesheet: colours by what they are for, type, lengths."""
    css = (files("myotome.report") / "static" / "tokens.css").read_text(encoding="utf-8")
    light, dark = (_block(css, begins) for begins in (":root {", ':root[data-theme="dark"] {'))
    dark_values = dict(re.findall(r"--([\w-]+):\s*([^;]+);", dark))
    groups: list[tuple[str, list[Token]]] = []
    others: list[Token] = []
    for words, name, value in re.findall(r"/\* (.*?) \*/|--([\w-]+):\s*([^;]+);", light):
        if words:
            groups.append((words[0].upper() + words[1:], []))
        elif value.startswith("#"):
            groups[-1][1].append(Token(name, value, dark_values.get(name, value)))
        else:
            others.append(Token(name, value))
    is_length = re.compile(r"[\d.]+(rem|px)")
    return {
        "colours": groups,
        "type": [one for one in others if one.name.startswith("text-")],
        "lengths": [one for one in others if is_length.fullmatch(one.light)],
        "others": [
            one
            for one in others
            if not one.name.startswith("text-") and not is_length.fullmatch(one.light)
        ],
    }


def _block(css: str, begins: str) -> str:
    return css.partition(begins)[2].partition("}")[0]


# ---------------------------------------------------------------------- forms


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", help_text="As it should be read out.")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    born = forms.DateField(label="Date of birth", required=False)
    site = forms.ChoiceField(label="Site", choices=[("1", "Main Street"), ("2", "Harbour")])
    agreed = forms.BooleanField(label="Has been read aloud", required=False)


def _wrong_sample() -> SampleForm:
    wrong = SampleForm({"name": "", "born": "the 40th", "site": "1", "note": "This stays."})
    wrong.prefix = None
    wrong.auto_id = "wrong_%s"
    return wrong


# -------------------------------------------------------------------- the banner


def people() -> list[tuple[str, dict[str, Any], bool]]:
    """People for the banner: what is shown, who, and whether their chart is open."""
    ada = {
        "family_name": "Sample",
        "given_name": "Ada",
        "title": "Dr",
        "preferred_name": "Addie",
        "born": date(1984, 3, 9),
        "gender": "Woman",
        "number": 1001,
        "allergy_status": "known",
        "known_allergies": ["Latex", "Nickel"],
        "needling_alerts": ["Takes a blood thinner", "Pacemaker", "Pregnant", "Faints", "Lymph"],
    }
    long_name = "Wolfeschlegelsteinhausen-Invented-of-the-Sixty-Letters-Example"
    return [
        ("Chart open: allergies, five alerts", ada, True),
        ("Chart open: asked, and none known", ada | {"allergy_status": "none_known",
                                                      "needling_alerts": []}, True),
        ("Chart open: nothing recorded, one name only", {"given_name": "Bo", "number": 1002}, True),
        ("No chart, a long name", ada | {"family_name": long_name, "preferred_name": ""}, False),
    ]  # fmt: skip


# ---------------------------------------------------------------------- booking


def _free_times(*, is_full: bool = False) -> dict[str, Any]:
    service = Service(pk=1, name="Follow-up", minutes=30)
    choice = SimpleNamespace(service=service, site=SITE, staff=THERAPIST, query="service=1")
    rows = [
        FreeTime(times.seconds(_at(hour, minute)), THERAPIST, SITE)
        for hour, minute in ((9, 0), (9, 40), (11, 0), (14, 20), (15, 0), (16, 20))
    ]
    day = SimpleNamespace(
        day=DAY, parts=[("Morning", rows[:3]), ("Afternoon", rows[3:5])], more=rows[5:]
    )
    return {
        "choice": choice,
        "zone": times.city(ZONE),
        "zone_name": ZONE,
        "window_days": 60,
        "first_free": None if is_full else rows[0],
        "days": [] if is_full else [day],
    }


def _at(hour: int, minute: int = 0) -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=ZoneInfo(ZONE))


def _booked(state: str, hour: int, minute: int, given: str, lane: int = 0) -> Booked:
    begins = _at(hour, minute)
    reason = "Both asked for it" if lane else ""
    local = begins.replace(tzinfo=None).isoformat(timespec="minutes")
    return Booked(
        NOBODY, state, 1, lane, reason, local, ZONE, begins, begins + timedelta(minutes=30), 0, 10,
        1, "Follow-up", "needling", 1, THERAPIST.name, 1, "Room A", None, given, "Invented",
        None, None,
    )  # fmt: skip


def _schedule() -> dict[str, Any]:
    """A day with a visit in each state, blocked time, and a column with nothing."""
    window = (times.seconds(_at(9)), times.seconds(_at(17)))
    states = (
        ("begun", 9, 0), ("arrived", 9, 40), ("booked", 10, 20), ("pending", 11, 0),
        ("offered", 11, 40), ("no_show", 13, 0), ("cancelled", 13, 40),
    )  # fmt: skip
    visits = [
        _booked(state, hour, minute, name)
        for (state, hour, minute), name in zip(
            states, ("Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus"), strict=True
        )
    ]
    visits.append(_booked("booked", 10, 20, "Hal", lane=1))
    block = Block(
        site=SITE, staff=THERAPIST, starts_local=f"{DAY}T15:00", zone=ZONE,
        starts_at=_at(15), ends_at=_at(16), what_for="Team meeting",
    )  # fmt: skip
    columns = [
        grid.Column(
            THERAPIST.name,
            DAY,
            THERAPIST,
            windows=[window],
            bookings=visits,
            blocks=[block],
        ),
        grid.Column(COLLEAGUE.name, DAY, COLLEAGUE),
    ]
    return {"columns": columns, "rows": grid.rows(columns, SITE, 20), "visits": "/schedule/visits/"}


# ------------------------------------------------------------------- examination


def _signs() -> list[tuple[str, Field]]:
    """A row of an examination in each state; each is another sign, for its names are given once."""
    rows = all_rows()
    angle = next(row for row in rows.values() if row.reference and row.limiting)
    once, twice = read(REFLEX, 1), read(REFLEX, 3, 2, COLLEAGUE)
    return [
        ("Not looked at", Field(rows[PIN], None)),
        ("Looked at, nothing found", Field(rows[TENDER], read(TENDER, 0))),
        ("Found, and another time before", Field(rows[BAND], read(BAND, 3), read(BAND, 2))),
        ("A number that cannot be", Field(angle, None, typed="400", wrong="At most 180°.")),
        ("Two readings", Field(rows[REFLEX], once, aside=(twice,), revision=1)),
    ]


@cache
def _answered() -> tuple[inference.Answer, tuple[Observation, ...]]:
    """What the examination's own model says of four signs; computed once in a process."""
    found = tuple(read(key, grade) for key, grade in ((BAND, 3), (TENDER, 3), (PIN, 2)))
    findings = tuple(as_finding(Key(r.sign, r.site, r.level, r.side), r) for r in found)
    return inference.answer(findings, PersonFacts(), 0), found


def _posterior() -> dict[str, Any]:
    """What the posterior needs in each of its states."""
    answer, found = _answered()
    nothing = SimpleNamespace(current={}, aside={})
    offers = []
    for offer in answer.offers:
        home = home_of(offer.key)
        if home is not None:
            row = all_rows()[offer.key]
            offers.append((offer, fields_of([row], nothing, {})[offer.key], home))
    noted = SimpleNamespace(at=_at(10, 20), had_seen_model=False, text="C6 on the right, I think.")
    return {
        "answer": answer,
        "offers": offers,
        "count": len(found),
        "noted": noted,
        "visit": SimpleNamespace(pk=NOBODY),
        "form": ImpressionForm(auto_id="hidden_%s"),
    }


def _weeks() -> dict[str, Any]:
    """Background work in each of its states."""

    def job(state: str, done: int = 0, problem: str = "") -> SimpleNamespace:
        return SimpleNamespace(state=state, done=done, total=64, problem=problem)

    def asked(fidelity: str, one: SimpleNamespace) -> SimpleNamespace:
        return SimpleNamespace(fidelity=fidelity, job=one)

    return {
        "running": [asked("rate", job("queued")), asked("spiking", job("running", 23))],
        "failed": [
            asked("rate", job("failed", problem="It ended with MemoryError.")),
            asked("rate", job("cancelled")),
        ],
    }


@cache
def _drawings() -> list[tuple[str, SafeString]]:
    """A body with something felt, and one with nothing."""
    felt = [
        {"region": "forearm_lateral", "side": "right", "feeling": "burning", "intensity": 6},
        {"region": "thumb", "side": "right", "feeling": "tingling", "intensity": 4},
    ]
    return [
        (words, mark_safe(whole("front", on_the_figure(parts), title=title, links={})))  # noqa: S308 - drawn here
        for words, title, parts in (
            ("Something felt", "Felt, front", felt),
            ("Nothing drawn yet", "Empty, front", []),
        )
    ]
