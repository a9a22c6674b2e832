"""People: the unlike members of a trial, who heal at unlike speed and come when it is bad.

Receives the model and when after onset people were asked to join; gives a mechanism with one row
for each healing time and flare, and how much each counts. Those who heal quickly no longer hurt
when a study of lasting pain asks, so who joins depends on when: nothing else makes lasting pain
lasting.

Three numbers say how people differ: the middle and the spread of healing times (log-normal), and
the mean of the part of the cause that is a passing flare on the day they come (exponential: most
come with a small one, a few with little else). They are fitted to cohorts without needling, of 2012
alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import natural_course
from myotome.physiology.natural_course import Cohort, Year
from myotome.simulation import Mechanism
from myotome.simulation.onset import cause_for, resting_pain
from myotome.validation.model import Model

Array = NDArray[np.float64]

# Flares of three kinds of people, equally many, over their mean: medians of the lower two thirds of
# an exponential distribution, and what keeps its mean at 1.
_FLARES: Final = (0.18, 0.69, 2.13)
PEOPLE: Final = 48
_QUICKEST, _SLOWEST = 40.0, 4e5  # d, healing times that are followed


class People(NamedTuple):
    """Mechanisms, one row each, and the share of the cohort that each stands for."""

    mechanism: Mechanism
    shares: Array


@lru_cache(maxsize=16)
def people(model: Model, cohort: Cohort, year: Year) -> People:
    """Those who join a study of acute or of persistent pain."""
    m, course = model.mechanism, model.natural_course
    times = np.repeat(np.geomspace(_QUICKEST, _SLOWEST, PEOPLE // len(_FLARES)), len(_FLARES))
    away = np.log(times / m.links.healing_median) / m.links.healing_spread
    entry = natural_course.entry_window(cohort, year)
    first = float(cause_for(m, course.first_level / 10.0)[0, 0])
    level = 10.0 * resting_pain(m, first * np.exp(-entry[:, None] / times[None, :]))
    joining = natural_course.joins(course, level).mean(axis=0)
    shares = np.exp(-0.5 * away * away) * joining
    flares = m.links.flare_mean * np.tile(_FLARES, PEOPLE // len(_FLARES))
    each = m.with_values(
        {"links": {"healing_time": times[:, None], "flare_share": flares[:, None]}}
    )
    return People(replace(m, links=each.links), shares / shares.sum())
