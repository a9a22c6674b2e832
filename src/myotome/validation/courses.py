"""Courses: virtual people put through the protocols of published trials.

Each person is one root, its paraspinal and two muscles it supplies, with the pain at which trials
take people in. A protocol is a schedule. An arm is a cohort of unlike people (`people`), and what
is read is their mean. Runs are kept, so that several rows read one course.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import Root, Site, atlas
from myotome.physiology.natural_course import Cohort, Year
from myotome.simulation import (
    ARMS,
    Beginning,
    Course,
    Event,
    Mechanism,
    Preparation,
    Programme,
    Schedule,
    run_course,
)
from myotome.simulation.course import likely_draws
from myotome.validation.model import Model
from myotome.validation.people import PEOPLE, people

Array = NDArray[np.float64]

PARASPINAL, NEAR, FAR = 0, 1, 2
# Usual pain and duration of those who enter needling trials.
USUAL_PAIN: Final = 5.5
USUAL_WEEKS: Final = 26.0
INSERTIONS: Final = 10
ADHERENCE: Final = 0.6
JUST_AFTER: Final = 0.01  # d
HOUR: Final = 1.0 / 24.0
_MOMENT: Final = 1e-6
AT_ONCE: Final = 2.0 * _MOMENT  # d, before anything has faded
_PLACES: Final = {
    "neck": ("C4", "multifidus_cervicalis", "C4", ("levator_scapulae", "trapezius_descendens")),
    "back": ("L4", "multifidus_lumborum", "L4", ("quadratus_lumborum", "gluteus_medius")),
    "knee": ("L4", "multifidus_lumborum", "L4", ("vastus_lateralis", "vastus_medialis")),
    "heel": ("S1", "multifidus_lumborum", "sacrum", ("soleus", "gastrocnemius_mediale")),
}
_FIRST_VISIT_PAINS: Final = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
_DRAWS: Final = 8
_SEED: Final = 1


def person(place: str) -> Preparation:
    """The root of a place, its paraspinal and two of its muscles, all fully reached."""
    segment, paraspinal, level, muscles = _PLACES[place]
    sites: tuple[Site, ...] = (
        atlas().site(paraspinal, "right", level),
        *(atlas().site(muscle, "right") for muscle in muscles),
    )
    squeezes = np.array([[1.0, 0.0, 0.0]])
    return Preparation((Root(segment, "right"),), sites, np.ones((1, len(sites))), squeezes)


def needling(
    place: str, days: tuple[float, ...], *, paraspinal: bool = True, kind: str = "needling"
) -> tuple[Event, ...]:
    """The same treatment at the same muscles on some days."""
    sites = person(place).muscles[PARASPINAL if paraspinal else NEAR :]
    return tuple(Event(day, kind, sites, INSERTIONS) for day in days)


def weekly(sessions: int) -> tuple[float, ...]:
    """Days of so many weekly visits."""
    return tuple(7.0 * session for session in range(sessions))


def exercise(days: float) -> tuple[Programme, ...]:
    """A full exercise programme from the first visit."""
    return (Programme(0.0, days, "exercise", load=1.0),)


class Run(NamedTuple):
    """The course of a cohort, and the share of it that each of its people stands for."""

    course: Course
    shares: Array

    def of(self, arm: str, quantity: str, column: int) -> Array:
        """One reading of one arm over the days, the mean over its people."""
        found: Array = self.shares @ self.course.arm(arm, quantity)[:, :, column]
        return found


@lru_cache(maxsize=96)
def course(  # noqa: PLR0913, PLR0917 - what decides a course
    model: Model,
    place: str,
    schedule: Schedule,
    weeks: float,
    pain: float = USUAL_PAIN,
    duration: float = USUAL_WEEKS,
    adherence: float = ADHERENCE,
    cohort: Cohort = "persistent",
    year: Year = 2024,
) -> Run:
    """The course of one cohort, kept."""
    unlike = people(model, cohort, year)
    found = run_course(
        person(place),
        schedule,
        Beginning(pain, duration, cause_by=model.natural_course.first_level / 10.0),
        weeks=weeks,
        adherence=adherence,
        draws=PEOPLE,
        people=unlike.mechanism,
    )
    return Run(found, unlike.shares)


def at(run: Run, arm: str, quantity: str, day: float, column: int = 0) -> float:
    """One reading of an arm, on the day of a visit before it."""
    # Both readings of a visit bear its day; a moment earlier there is only one.
    moment = max(day - _MOMENT, 0.0)
    return float(np.interp(moment, run.course.days, run.of(arm, quantity, column)))


def mean(  # noqa: PLR0913, PLR0917 - a window of one reading
    run: Run, arm: str, quantity: str, first: float, last: float, column: int = 0
) -> float:
    """Mean of a reading over a window of days."""
    days = np.linspace(first, last, 400)
    return float(np.interp(days, run.course.days, run.of(arm, quantity, column)).mean())


def without_cramp(model: Model) -> Model:
    """The same person whose muscle never cramps under the needle."""
    links = replace(model.mechanism.links, cramps_per_insertion=0.0)
    return replace(model, mechanism=replace(model.mechanism, links=links))


@lru_cache(maxsize=8)
def two_segments(model: Model, pain: float) -> Run:
    """A first visit of someone with a cause at one root and a second root without, far away."""
    sites = (*person("neck").muscles[:1], person("knee").muscles[NEAR])
    apart = Preparation(
        (Root("C4", "right"), Root("L4", "right")), sites, np.eye(2), np.array([[1.0, 0], [0, 0]])
    )
    found = run_course(
        apart, Schedule(), Beginning(pain, USUAL_WEEKS), weeks=0.2, mechanism=model.mechanism
    )
    return Run(found, np.ones(1))


def _without_first(drawn: Mechanism) -> Mechanism:
    """Draws without the first, which is the central mechanism whatever the seed."""
    kept: dict[str, dict[str, Any]] = {}
    for structure, declared in drawn.declarations():
        value = getattr(getattr(drawn, structure), declared.name)
        if isinstance(value, np.ndarray):
            kept.setdefault(structure, {})[declared.name] = value[1:]
    return drawn.with_values(kept)


@lru_cache(maxsize=16)
def _first_visit(model: Model, pain: float, seed: int, people: int) -> Array:
    """Receptors, pain and pressure threshold of people at a first visit, upper trapezius."""
    # They differ in all but the turnover of receptors.
    drawn = _without_first(likely_draws(model.mechanism, people + 1, seed, pain))
    run = run_course(
        person("neck"),
        Schedule(),
        Beginning(pain, USUAL_WEEKS),
        weeks=0.2,
        draws=people,
        people=replace(drawn, receptors=model.mechanism.receptors),
    )
    untreated = ARMS.index("untreated")
    return np.array([
        run.values["receptors"][:, untreated, 0, FAR],
        run.values["pain"][:, untreated, 0, 0],
        run.values["pressure_pain_threshold"][:, untreated, 0, FAR],
    ])  # fmt: skip


def first_visits(model: Model) -> tuple[Array, Array, Array]:
    """Receptors, pain and pressure threshold of 64 patients, other people at every pain."""
    found = [
        _first_visit(model, pain, _SEED + number, _DRAWS)
        for number, pain in enumerate(_FIRST_VISIT_PAINS)
    ]
    density, rating, pressure = np.concatenate(found, axis=1)
    return density, rating, pressure


def normal_subjects(model: Model) -> tuple[Array, Array, Array]:
    """The same of 64 people who have no cause and no pain."""
    many = len(_FIRST_VISIT_PAINS) * _DRAWS
    seed = _SEED + len(_FIRST_VISIT_PAINS)
    density, rating, pressure = _first_visit(model, 0.0, seed, many)
    return density, rating, pressure
