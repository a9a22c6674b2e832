"""Courses of people who do not exist, made by the model: what was found, done and felt.

Each person is a hidden truth (an irritated root) and a seed. The examination's model run forward
says what an examiner finds; `myotome.examine` and `myotome.plan` read it as they would anybody's;
`myotome.simulate` says at rate level what twelve weeks with that plan do to pain, range, strength
and pressure pain threshold, under one mechanism drawn from the uncertain numbers. The same seed
gives the same course. Nothing of it is a forecast, and nobody was like this.

The examination's model knows no course: a second look finds the same hidden person, and what the
examiner makes of it is drawn anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

import myotome
from myotome.atlas import Root, Site, atlas
from myotome.case import Case
from myotome.case.case import History, Person
from myotome.examination import Assessment
from myotome.examination.finding import Finding
from myotome.examination.model import evidence_at
from myotome.examination.probabilities import sign_table
from myotome.examination.virtual_patient import (
    Look,
    VirtualPatient,
    draw_findings,
    standard_examination,
)
from myotome.simulation import Course, Schedule
from myotome.treatment import Plan, ScreenAnswer, plan, questions, screen

WEEKS = 12.0
REASSESSED_ON = 70  # day
WITHOUT_NEEDLES_EVERY = 14  # days between visits of one who is not needled
CERVICAL = ("C3", "C4", "C5", "C6", "C7", "C8", "T1")
LUMBAR = ("L1", "L2", "L3", "L4", "L5", "S1", "S2")
GRADES = ("absent", "slight", "clear", "marked")
PAIN_SCALE = "NPRS"


@dataclass(frozen=True, slots=True)
class Invented:
    """One person of a demonstration, before anything is known of them."""

    seed: int
    root: Root
    age_years: float
    sex: str
    duration_weeks: float
    pain_nprs: float
    adherence: float
    answered_yes: tuple[str, ...] = ()  # screening items


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of one visit, with its unit; `site` is empty where it is the person's."""

    name: str
    value: float
    unit: str
    site: Site | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """One kind of treatment of one visit; what goes on at home has minutes a day."""

    kind: str
    sites: tuple[Site, ...]
    insertions_each: int = 0
    minutes_a_day: float = 0.0


@dataclass(frozen=True, slots=True)
class InventedVisit:
    """One visit: when, why, what was found, measured and done."""

    day: int  # since the first visit
    kind: str  # first, follow_up, reassessment
    findings: tuple[Finding, ...]
    measures: tuple[Measure, ...]
    done: tuple[Done, ...]

    @property
    def pain(self) -> float:
        """Pain that the person reports as the visit begins, 0 to 10."""
        return next(measure.value for measure in self.measures if measure.name == "pain")


@dataclass(frozen=True, slots=True)
class InventedCourse:
    """All visits of one person, and what the first examination was read as."""

    person: Invented
    assessment: Assessment
    proposal: Plan
    visits: tuple[InventedVisit, ...]


def invent(person: Invented) -> InventedCourse:
    """The course of one person, the same for the same person."""
    chance = np.random.default_rng(person.seed)
    truth = VirtualPatient(roots=(person.root,), lesions=(), seed=person.seed, table=sign_table())
    looks = tuple(_looks(person.root))
    found = draw_findings(truth, looks, chance)
    answers = [
        ScreenAnswer(item.item_id, "yes" if item.item_id in person.answered_yes else "no")
        for item in questions()
    ]
    assessment = myotome.examine(found)
    proposal = plan(assessment, screen(answers))
    case = Case(
        id=f"invented-{person.seed}",
        person=Person(age_years=person.age_years, sex=person.sex),
        history=History(duration_weeks=person.duration_weeks, pain_nprs=person.pain_nprs),
        screen=tuple(answers),
        findings=found,
    )
    course = myotome.simulate(
        case,
        assessment=assessment,
        proposal=proposal,
        weeks=WEEKS,
        draws=2,  # the central mechanism, and one drawn for this person
        seed=person.seed,
        adherence=person.adherence,
    )
    again = draw_findings(truth, looks, chance)
    visits = []
    for day in _days(course.schedule):
        kind = "first" if day == 0 else "reassessment" if day == REASSESSED_ON else "follow_up"
        seen = found if kind == "first" else again if kind == "reassessment" else ()
        measures, done = tuple(_measures(course, day)), tuple(_done(course.schedule, day))
        visits.append(InventedVisit(day, kind, seen, measures, done))
    return InventedCourse(person, assessment, proposal, tuple(visits))


def _looks(root: Root) -> Iterator[Look]:
    """What is looked for in somebody whose neck and arm, or low back and leg, hurts."""
    region, _ = _region(root)
    for look in standard_examination():
        supplies = evidence_at(look.site, look.sign).supplies
        if any(supply.root.segment in region for supply in supplies):
            yield look


def _region(root: Root) -> tuple[tuple[str, ...], str]:
    """The segments that are looked at, and where it hurts, in words."""
    is_neck = root.segment in CERVICAL
    return (CERVICAL, "neck and arm") if is_neck else (LUMBAR, "low back and leg")


def _days(schedule: Schedule) -> list[int]:
    """Days of visits, counted from the first one; reassessed once at the end."""
    needled = {int(event.day) for event in schedule.events}
    without = set(range(0, REASSESSED_ON, WITHOUT_NEEDLES_EVERY))
    return sorted({0, REASSESSED_ON} | (needled or without))


def _measures(course: Course, day: int) -> Iterator[Measure]:
    """What is measured at a visit before anything is done, at the muscles the course holds."""
    at = int(np.searchsorted(course.days, day, side="left"))
    at = min(at, course.days.size - 1)
    yield Measure("pain", float(round(_own(course, "pain", at, 0))), PAIN_SCALE)
    for column, site in enumerate(course.preparation.muscles[:3]):
        threshold = _own(course, "pressure_pain_threshold", at, column)
        yield Measure("pressure_pain_threshold", float(round(threshold)), "kPa", site)
        yield Measure("range", float(round(_own(course, "range", at, column))), "degrees", site)


def _own(course: Course, quantity: str, at: int, column: int) -> float:
    """A value of the treated arm under the mechanism drawn for this person."""
    return float(course.arm("treated", quantity)[-1, at, column])


def _done(schedule: Schedule, day: int) -> Iterator[Done]:
    """What is done on the day, and what is begun or goes on at home."""
    for event in schedule.events:
        if int(event.day) == day:
            yield Done(event.kind, event.sites, event.insertions)
    for programme in schedule.programmes:
        if programme.first_day <= day < programme.last_day:
            yield Done(programme.kind, programme.sites, minutes_a_day=programme.minutes_per_day)


# ------------------------------------------------------------- in words


def note_of(course: InventedCourse, visit: InventedVisit) -> str:
    """A note of a visit in plain words; it says no more than the data."""
    return "\n\n".join(_paragraphs(course, visit))


def _paragraphs(course: InventedCourse, visit: InventedVisit) -> Iterator[str]:
    person, is_first = course.person, visit.kind == "first"
    _, where = _region(person.root)
    if is_first:
        yield (
            f"Pain in the {where}, {person.root.side} side, for about"
            f" {person.duration_weeks:.0f} weeks. Today {visit.pain:.0f} of 10."
        )
        for item in person.answered_yes:
            yield f"Answered yes: {item.replace('_', ' ')}."
    else:
        yield f"Pain today {visit.pain:.0f} of 10."
    if visit.findings:
        present = "; ".join(_finding(item) for item in visit.findings if item.grade)
        absent = sum(not item.grade for item in visit.findings)
        yield f"Found: {present or 'nothing'}. Looked for and absent: {absent}."
    yield f"Measured: {'; '.join(_measure(each) for each in visit.measures if each.site)}."
    here = [each for each in visit.done if each.insertions_each]
    home = [each for each in visit.done if not each.insertions_each]
    for each in here:
        plural = "s" if each.insertions_each > 1 else ""
        yield (
            f"{each.kind.capitalize()}, {each.insertions_each} insertion{plural} at each of:"
            f" {'; '.join(map(_site, each.sites))}."
        )
    if not here:
        yield "No needles today."
    if home:
        yield f"At home: {'; '.join(map(_home, home))}."


def _finding(item: Finding) -> str:
    sign = atlas().signs[item.sign].name
    return f"{sign}: {_site(item.site)}, {GRADES[item.grade or 0]}"


def _measure(each: Measure) -> str:
    name = each.name.replace("_", " ")
    return f"{name} {each.value:.0f} {each.unit} at {_site(each.site)}" if each.site else name


def _site(site: Site) -> str:
    return atlas().label(site)


def _home(each: Done) -> str:
    if not each.minutes_a_day:
        return each.kind
    return f"{each.kind} {each.minutes_a_day:.0f} minutes a day"
