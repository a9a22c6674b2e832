"""What a reading may be, which of two holds, what is missing, who may conclude: pure functions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Protocol

from clinic.assessment.places import POSTURE, Key, all_rows, name_of
from clinic.practice.models import Role
from clinic.records.note_templates.rules import filled
from myotome.atlas import ROOTS, Root
from myotome.case import Case, History, Person, case_text
from myotome.errors import InputError
from myotome.examination import GRADE_WORDS, Assessment, Finding, finding
from myotome.report.words import result
from myotome.treatment import Place, ScreenAnswer, Screening, rulebook

CASE_ID: Final = "clinic"  # a case that leaves for the model tells nobody whose it is
FITS_FROM: Final = 0.25
MOST_AT_ONCE: Final = 400
_OTHER: Final = {"left": "right", "right": "left"}
_LARGEST: Final = {"grade": 3.0, "mrc": 5.0, "reflex": 4.0, "degrees": 200.0, "kPa": 2000.0}


class CannotRecord(ValueError):  # noqa: N818 - named for the event
    """A reading that cannot be; `key` says of what, the message what must be."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class Held(Protocol):
    """A reading as it is stored."""

    @property
    def grade(self) -> int | None:
        """0 to 3."""

    @property
    def value(self) -> float | None:
        """In the unit of its sign."""

    @property
    def compared(self) -> float | None:
        """The other side."""

    @property
    def limited_by(self) -> str:
        """A muscle."""

    @property
    def test(self) -> str:
        """How it was tested."""

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken back."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody wants to record; with neither grade nor value it takes a reading back."""

    key: Key
    revision: int  # the one that they saw; 0: none
    grade: int | None = None
    value: float | None = None
    unit: str = ""
    compared: float | None = None
    limited_by: str = ""
    test: str = ""  # how it was tested; empty where nobody said

    @property
    def is_withdrawal(self) -> bool:
        """Whether it takes back."""
        return self.grade is None and self.value is None

    def says_what(self, held: Held | None) -> bool:
        """Whether a stored reading says the same."""
        if held is None or held.is_withdrawn:
            return self.is_withdrawal
        mine = (self.grade, self.value, self.compared, self.limited_by, self.test)
        return mine == (held.grade, held.value, held.compared, held.limited_by, held.test)


def reading(key: Key, revision: int, number: float | None, **more: Any) -> Reading:  # noqa: ANN401 - compared, limited_by, test
    """A checked reading.

    Raises:
        CannotRecord: No such row, or the number cannot be.
    """
    row = all_rows().get(key)
    if row is None:
        raise CannotRecord(str(key), "This sign is not recorded there.")
    if number is None:
        return Reading(key, revision)
    test = more.get("test", "")
    if test and test not in row.ways:
        raise CannotRecord(str(key), "It is not tested so here.")
    largest = _LARGEST[row.measure]
    for name, given in (("The reading", number), ("The other side", more.get("compared"))):
        if given is not None and not 0 <= given <= largest:
            raise CannotRecord(
                str(key), f"{name} must be between 0 and {largest:g}, got {given:g}."
            )
    if row.measure in {"grade", "mrc", "reflex"} and number not in row.choices:
        raise CannotRecord(str(key), f"The reading must be a whole number, got {number:g}.")
    if row.measure == "grade":
        made = Reading(key, revision, grade=int(number), test=test)
    else:
        made = Reading(key, revision, value=float(number), unit=row.measure, **more)
    if key.sign != POSTURE:
        try:
            as_finding(key, made)
        except InputError as error:
            raise CannotRecord(str(key), str(error)) from None
    return made


def as_finding(key: Key, held: Any) -> Finding:  # noqa: ANN401 - a reading, stored or not
    """A reading as the model takes it.

    Raises:
        InputError: The atlas or the model knows no such thing.
    """
    return finding(
        key.sign,
        key.site,
        side=key.side,
        level=key.level,
        grade=held.grade,
        value=held.value,
        unit=held.unit,
        compared=held.compared,
        limited_by=held.limited_by,
        test=held.test,
    )


def result_of(key: Key, held: Any) -> str:  # noqa: ANN401 - a reading, stored or not
    """What was read, in words."""
    if key.sign == POSTURE:
        return GRADE_WORDS[held.grade]
    return result(as_finding(key, held)) + how_tested(held.test)


def how_tested(test: str) -> str:
    """How something was tested, to follow what was found; nothing where nobody said.

    >>> how_tested("by eye"), how_tested("")
    (' (by eye)', '')
    """
    return f" ({test})" if test else ""


def said_of(key: Key, held: Any) -> str:  # noqa: ANN401 - a reading, stored or not
    """A reading in one line."""
    return f"{name_of(key)}: {result_of(key, held)}"


def findings_of(current: Mapping[Key, Any]) -> tuple[Finding, ...]:
    """What stands, as findings in an order that does not depend on who wrote first.

    A measured value is set beside the same measurement of the other side where that was taken too.
    """
    found = []
    for key, held in sorted(current.items()):
        if held.is_withdrawn or key.sign == POSTURE:
            continue
        one = as_finding(key, held)
        if one.value is not None and one.compared is None and one.unit != "mrc":
            other = current.get(key._replace(side=_OTHER.get(key.side, "")))
            if other is not None and not other.is_withdrawn and other.value is not None:
                one = replace(one, compared=other.value)
        found.append(one)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What the mechanism needs of a person, and nothing that says who it is."""

    age_years: int | None = None
    sex: str = ""
    height_m: float | None = None
    mass_kg: float | None = None
    duration_weeks: float | None = None
    pain_nprs: float | None = None
    activity: str = ""


def age_on(day: date, born: date | None) -> int | None:
    """Whole years; above 89 it is 90, which is no longer one person's age."""
    if born is None or born > day:
        return None
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return min(years, 90)


def case_of(
    findings: Sequence[Finding], facts: PersonFacts, answers: Iterable[ScreenAnswer] = ()
) -> Case:
    """The case of one examination; no name, no number, no day, no free text."""
    return Case(
        id=CASE_ID,
        person=Person(facts.age_years, facts.sex, facts.height_m, facts.mass_kg),
        history=History(facts.duration_weeks, facts.pain_nprs, facts.activity),
        screen=tuple(answers),
        findings=tuple(findings),
    )


def answers_now(screening: Screening) -> tuple[ScreenAnswer, ...]:
    """The answers as they stand, without who cleared what and without anything that was written."""
    found = []
    for name in rulebook().screening_items:
        if screening.answer_of(name) == "yes":
            found += [
                ScreenAnswer(name, "yes", _written(raised.place))
                for raised in screening.raised
                if raised.item.item_id == name
            ]
        elif screening.answer_of(name) == "no":
            found.append(ScreenAnswer(name, "no"))
    return tuple(found)


def _written(place: Place | None) -> str:
    if place is None:
        return ""
    return f"{place.name}-{place.side}" if place.side else place.name


def canonical(case: Case) -> str:
    """The one text of a case."""
    return case_text(case)


def canonical_json(value: object) -> str:
    """The one text of a plain value; what goes in comes out to the bit."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def missing_inputs(assessment: Assessment, facts: PersonFacts, contested: int) -> tuple[str, ...]:
    """What the answer would rest on and does not, in words."""
    found = []
    for item in assessment.roots:
        support = assessment.rami.get(item.root)
        if support is None or item.probability < FITS_FROM:
            continue
        name = f"{item.root.segment} {item.root.side}"
        if support.posterior == "not_looked_at":
            found.append(f"Muscles beside the spine at the level of {name} were not looked at.")
        if support.anterior == "not_looked_at":
            found.append(f"The front ramus of {name} was not looked at.")
    if contested:
        found.append(f"{contested} readings are contested; the one written first was taken.")
    if facts.age_years is None:
        found.append("Age is not known.")
    if facts.duration_weeks is None:
        found.append("How long it has hurt is not recorded.")
    return tuple(found)


NOT_USED: Final = ("posture", "free text", "the patient's drawing", "photographs", "outcomes")


def roots_named(names: Iterable[str]) -> tuple[Root, ...]:
    """Roots by their names, each once, from head to tail.

    Raises:
        InputError: One is none.
    """
    found = {Root.parse(name) for name in names}
    return tuple(root for root in ROOTS if root in found)


def may_conclude(roles: Iterable[str]) -> bool:
    """Whether somebody may conclude and sign a plan: a practitioner; a student examines."""
    return Role.PRACTITIONER in set(roles)


# What is felt more than the stimulus gives reason for, and what is felt less.
TOO_MUCH: Final = frozenset(
    {"tender_motor_point", "tender_paraspinal", "light_touch_more", "pin_more", "allodynia"}
)
TOO_LITTLE: Final = frozenset({"light_touch_less", "pin_less"})
MEASURED: Final = "pressure_pain_threshold"
SENSORY: Final = TOO_MUCH | TOO_LITTLE | {MEASURED, "multi_segment_tenderness"}


@dataclass(frozen=True, slots=True)
class Sensed:
    """One sensory sign at one place through the examinations of a person.

    `cells` has what was read in each examination, empty where it was not looked for; `change` what
    became of it since it was first there, in words, and since the last time where that differs.
    """

    key: Key
    cells: tuple[str, ...]
    change: str


GONE, LESS, AS_BEFORE, MORE, NEW, LOOKED_FIRST, NOT_SINCE, MEASURES = (
    "was there, absent now",
    "less than it was",
    "as it was",
    "more than it was",
    "new",
    "there, not looked for before",
    "was there, not looked for since",
    "measured",
)
_LAST: Final = {
    LESS: "less than the last time",
    AS_BEFORE: "as the last time",
    MORE: "more than the last time",
}
_BECAME: Final = {
    "too much": "was too sensitive, is not now",
    "too little": "was felt less, is felt now",
}


def sensed(examinations: Sequence[Mapping[Key, Any]]) -> list[Sensed]:
    """Sensory signs that were there in any examination, oldest first; by what became of each.

    A sign that was never there is left out; what was never looked for again is said to be so, and
    is not taken to be gone, nor what was never looked for before to be new.
    """
    keys = {key for readings in examinations for key in readings if key.sign in SENSORY}
    found = []
    for key in sorted(keys):
        read = [readings.get(key) for readings in examinations]
        if key.sign == MEASURED:
            cells = tuple("" if one is None else _kpa(one.value) for one in read)
            found.append(Sensed(key, cells, _measured(read)))
            continue
        grades = [None if one is None else int(one.grade) for one in read]
        if any(grades):
            cells = tuple("" if grade is None else str(grade) for grade in grades)
            found.append(Sensed(key, cells, _became(key, grades)))
    return sorted(found, key=lambda one: _ORDER.index(_kind(one.change)))


_ORDER: Final = (GONE, LESS, AS_BEFORE, MORE, NEW, LOOKED_FIRST, NOT_SINCE, MEASURES)


def _kind(change: str) -> str:
    if change in _BECAME.values():
        return GONE
    return next((kind for kind in _ORDER if change.startswith(kind)), MEASURES)


def _kpa(value: float) -> str:
    return f"{value:g} kPa"


def _measured(read: Sequence[Any]) -> str:
    values = [one.value for one in read if one is not None]
    if len(values) < 2:
        return "measured once"
    since_first, since_last = values[-1] - values[0], values[-1] - values[-2]
    said = _borne(since_first, "since it was first measured") or "as first measured"
    if len(values) == 2 or since_first * since_last > 0 or since_first == since_last:
        return said
    return f"{said}; {_borne(since_last, 'since the last time') or 'as the last time'}"


def _borne(change: float, since: str) -> str:
    """A change of the pressure that is borne before it hurts, and which way is better."""
    if not change:
        return ""
    return f"{change:+g} kPa {since}, {'better: more' if change > 0 else 'worse: less'} is borne"


def _became(key: Key, grades: Sequence[int | None]) -> str:
    last = grades[-1]
    earlier = [grade for grade in grades[:-1] if grade is not None]
    there = [grade for grade in earlier if grade]
    if last is None:
        return NOT_SINCE
    if not there:
        return NEW if earlier else LOOKED_FIRST
    if last == 0:
        if key.sign in TOO_MUCH:
            return _BECAME["too much"]
        return _BECAME["too little"] if key.sign in TOO_LITTLE else GONE
    since_first, since_last = _compared(last, there[0]), _compared(last, earlier[-1])
    return since_first if since_first == since_last else f"{since_first}, {_LAST[since_last]}"


def _compared(now: int, then: int) -> str:
    return LESS if now < then else MORE if now > then else AS_BEFORE


@dataclass(frozen=True, slots=True)
class Known:
    """What today's record holds for a note, in lines."""

    subjective: tuple[str, ...] = ()
    objective: tuple[str, ...] = ()
    concluded: tuple[str, ...] = ()
    planned: tuple[str, ...] = ()


def note_of(text: str, known: Known) -> str:
    """A note to be written on: a template's headings, and under them what the record holds today.

    >>> print(note_of("{signs}", Known(objective=("Taut band, triceps, right: clear (2)",))))
    Taut band, triceps, right: clear (2)
    """
    return filled(
        text,
        {
            "{problem}": known.subjective,
            "{signs}": known.objective,
            "{conclusion}": known.concluded,
            "{plan}": known.planned,
        },
    )


def copied(typed: str, kept: Sequence[str]) -> str:
    """A note begun from another: what was typed, then what was said to hold today."""
    parts = [typed.strip(), "\n".join(kept)]
    return "\n\n".join(part for part in parts if part)


def is_due_for_reassessment(planned: int, held_since: int, weeks: float) -> bool:
    """Whether a course is to be looked at anew: half way, at its end, or after six weeks.

    The third visit is the first review of the treatment tables (`first_review`); half and whole of
    the planned visits and six weeks are ours, assumed, as no source gives any.
    """
    if held_since <= 0:
        return False
    marks = {3, max(planned // 2, 1), planned}
    return held_since in marks or held_since > planned > 0 or weeks >= 6
