"""Checks of pain and of its natural course: cohorts without needling, pressure, sensitisation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import natural_course, pain
from myotome.physiology.natural_course import Cohort, NaturalCourse, Year
from myotome.validation import courses
from myotome.validation.model import Check, Model

Array = NDArray[np.float64]

COHORTS: Final[tuple[Cohort, ...]] = ("acute", "persistent")
YEARS: Final[tuple[Year, ...]] = (2012, 2024)
WEEKS: Final = (0, 6, 26, 52)
# Sensitisation and receptors of the people of that trial, as the pressure law is set by.
_WHIPLASH: Final = (0.4, 100.0)


@lru_cache(maxsize=256)
def _means(course: NaturalCourse, cohort: Cohort, year: Year) -> Array:
    window = natural_course.entry_window(cohort, year)
    return natural_course.cohort_mean(course, window, 7.0 * np.array(WEEKS, dtype=np.float64))


def _mean(model: Model, cohort: Cohort, year: Year, week: int) -> float:
    return float(_means(model.natural_course, cohort, year)[WEEKS.index(week)])


def _curve(model: Model, cohort: Cohort, year: Year, week: int) -> float:
    del model
    return float(natural_course.reference_curve(cohort, year, float(week)))


def _whiplash(model: Model) -> float:
    return float(pain.pressure_pain_threshold(model.mechanism.pain, *_WHIPLASH))


def _elsewhere(model: Model) -> float:
    """Change (%) of the pressure threshold of a leg muscle by a painful root in the neck."""
    readings = [
        courses.at(
            courses.two_segments(model, rating), "untreated", "pressure_pain_threshold", 0, 1
        )
        for rating in (0.0, courses.USUAL_PAIN)
    ]
    return 100.0 * (readings[1] / readings[0] - 1.0)


CHECKS: Mapping[str, Check] = {
    **{
        f"course-{year}-{cohort}-{week}w": partial(_mean, cohort=cohort, year=year, week=week)
        for year in YEARS
        for cohort in COHORTS
        for week in WEEKS
    },
    **{
        f"curve-{year}-{cohort}-{week}w": partial(_curve, cohort=cohort, year=year, week=week)
        for year in YEARS
        for cohort in COHORTS
        for week in WEEKS
    },
    "pressure-whiplash": _whiplash,
    "pressure-elsewhere": _elsewhere,
}
