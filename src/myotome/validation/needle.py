"""Checks of the needle: soreness hour by hour, and how a person feels in the first days."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from myotome.physiology import soreness
from myotome.physiology.soreness import SorenessState
from myotome.simulation import Programme, Schedule
from myotome.validation import courses
from myotome.validation.model import Check, Model

_NONE: Final = SorenessState(0.0, 0.0)
_CAMPA_PAIN: Final = 3.4


def _left(model: Model, hours: float) -> float:
    """Soreness over the needling pain."""
    p = model.mechanism.soreness
    fresh = soreness.after_needling(p, _NONE, 10.0)
    rested = soreness.rested(p, fresh, hours * courses.HOUR)
    return float(soreness.soreness(rested)) / float(soreness.soreness(fresh))


def _everyone_sore(model: Model) -> float:
    """Whether one needling of a healthy muscle leaves soreness for an hour (1 yes)."""
    p = model.mechanism.soreness
    fresh = soreness.after_needling(p, _NONE, 1.0)
    return float(float(soreness.soreness(soreness.rested(p, fresh, courses.HOUR))) > 0.0)


def _later_is_better(model: Model) -> float:
    """Whether pain after one needling is lower at 48 h than at once (1 yes)."""
    run = courses.course(model, "neck", Schedule(courses.needling("neck", (0.0,))), 2.0)
    at_once = courses.at(run, "treated", "pain", courses.JUST_AFTER)
    return float(courses.at(run, "treated", "pain", 2.0) < at_once)


def _campa(model: Model, day: float) -> float:
    """Change of pain with two needlings 48 h apart and stretching."""
    programme = Programme(0.0, 14.0, "stretch", minutes_per_day=5.0)
    schedule = Schedule(courses.needling("neck", (0.0, 2.0), paraspinal=False), (programme,))
    run = courses.course(model, "neck", schedule, 2.0, pain=_CAMPA_PAIN)
    return courses.at(run, "treated", "pain", day) - _CAMPA_PAIN


CHECKS: Mapping[str, Check] = {
    **{f"soreness-{h:g}h": partial(_left, hours=h) for h in (0.0, 0.5, 24.0, 72.0)},
    "soreness-everyone": _everyone_sore,
    "relief-later": _later_is_better,
    "pain-just-after": partial(_campa, day=courses.JUST_AFTER),
    "pain-a-week-later": partial(_campa, day=9.0),
}
