"""Natural course: how pain falls without needling, from healing, recruitment and unlike persons.

Gives each person a healing rate of the cause and the height of the flare at which they came.
Nothing here prescribes a curve: the mean of a cohort falls because causes heal at very unlike
rates, because people come when it is bad, and because those who still hurt after months are the
slow ones. Published curves stand at the end, to be compared with and never to drive.

Time in days, pain in points of 100.

Source: costa2012 for the three fitted numbers, wallwork2024 to judge them.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import Number, parameter

Array = NDArray[np.float64]
Cohort = Literal["acute", "persistent"]
Year = Literal[2012, 2024]

_PEOPLE: Final = 201
_WEEK: Final = 7.0


@dataclass(frozen=True, slots=True)
class NaturalCourse:
    """How persons differ."""

    median_healing_rate: float = parameter(
        0.104,
        unit="1/day",
        tag="D",
        source="costa2012",
        meaning="median rate at which a cause heals; fitted to the courses of 2012",
        low=0.05,
        high=0.2,
    )
    healing_spread: float = parameter(
        3.0,
        unit="1",
        tag="D",
        source="costa2012",
        meaning="log-normal spread of that rate over persons; fitted likewise",
        low=1.5,
        high=4.0,
    )
    flare_height: float = parameter(
        17.0,
        unit="points",
        tag="D",
        source="costa2012",
        meaning="pain above a person's own level on the day they come; fitted likewise",
        low=5.0,
        high=25.0,
    )
    first_level: float = parameter(
        50.0,
        unit="points",
        tag="D",
        source="assumed",
        meaning="pain that an unhealed cause gives",
        low=40.0,
        high=60.0,
    )
    flare_time: float = parameter(
        21.0,
        unit="day",
        tag="D",
        source="assumed",
        meaning="time constant of a flare",
        low=7.0,
        high=42.0,
    )
    entry_level: float = parameter(
        25.0,
        unit="points",
        tag="D",
        source="assumed",
        meaning="pain at which half of those who hurt join a study",
        low=15.0,
        high=40.0,
    )
    entry_softness: float = parameter(
        8.0,
        unit="points",
        tag="D",
        source="assumed",
        meaning="softness of that threshold",
        low=3.0,
        high=15.0,
    )


def healing_rate(course: NaturalCourse, score: Number) -> Array:
    """A person's healing rate (1/day) by their standard normal score."""
    rate: Array = course.median_healing_rate * np.exp(course.healing_spread * score)
    return rate


def own_level(course: NaturalCourse, rate: Number, days: Number) -> Array:
    """A person's pain (points) without flares, some days after onset."""
    level: Array = course.first_level * np.exp(-rate * days)
    return level


def joins(course: NaturalCourse, level: Number) -> Array:
    """Probability of joining a study at a level of pain."""
    chance: Array = 1.0 / (1.0 + np.exp((course.entry_level - level) / course.entry_softness))
    return chance


def flare(course: NaturalCourse, days_since_entry: Number) -> Array:
    """Pain (points) above one's own level that is left of the flare at which one came."""
    height: Array = course.flare_height * np.exp(-days_since_entry / course.flare_time)
    return height


def cohort_mean(course: NaturalCourse, entry_days: Array, days: Array) -> Array:
    """Mean pain (points) of those who join, by days since they did.

    Args:
        course: How persons differ; plain numbers, not draws.
        entry_days: Days from onset at which people are asked to join, each equally often.
        days: Days since joining, shape (times,).
    """
    normal = NormalDist()
    scores = np.array([normal.inv_cdf((i + 0.5) / _PEOPLE) for i in range(_PEOPLE)])
    rates = healing_rate(course, scores)
    weight = joins(course, own_level(course, rates, entry_days[:, None]))
    levels = own_level(course, rates, entry_days[:, None] + days[:, None, None])
    mean: Array = (levels * weight).sum(axis=(1, 2)) / weight.sum()
    return mean + flare(course, days)


def entry_window(cohort: Cohort, year: Year) -> Array:
    """Days from onset at which that cohort of that review was asked to join."""
    if cohort == "acute":
        return np.linspace(0.5, 5.5, 6) * _WEEK
    first, last = (6.0, 52.0) if year == 2012 else (12.0, 52.0)
    return np.linspace(first, last, 10) * _WEEK


_CURVES: Final[dict[tuple[Year, Cohort], tuple[float, float, float, float, float]]] = {
    (2024, "acute"): (32.6, 2.5, 5.0, 80.0, 18.4),
    (2024, "persistent"): (5.9, 1.5, 12.3, 30.0, 37.8),
    (2012, "acute"): (27.8, 2.45, 24.0, 36.4, 0.2),
    (2012, "persistent"): (18.2, 2.9, 12.2, 31.7, 20.6),
}
# Weeks 0, 6, 26, 52.
PUBLISHED: Final[dict[tuple[Year, Cohort], tuple[float, float, float, float]]] = {
    (2024, "acute"): (56.0, 26.0, 22.0, 21.0),
    (2024, "persistent"): (56.0, 48.0, 43.0, 40.0),
    (2012, "acute"): (52.0, 23.0, 12.0, 6.0),
    (2012, "persistent"): (51.0, 33.0, 26.0, 23.0),
}


def reference_curve(cohort: Cohort, year: Year, weeks: Number) -> Array:
    """Published untreated course (points) by weeks since entry: for comparison only."""
    quick, quick_time, slow, slow_time, rest = _CURVES[year, cohort]
    curve: Array = quick * np.exp(-weeks / quick_time) + slow * np.exp(-weeks / slow_time) + rest
    return curve
