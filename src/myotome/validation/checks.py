"""Checks: for every published row the function that gives the model's number.

One module a chapter of the mechanism holds its rows' functions; here they meet, and a row without
a function, or a function without a row, is refused by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from myotome.validation import (
    afferents,
    cohorts,
    cramps,
    impulses,
    lengths,
    loops,
    motoneurons,
    motor_units,
    muscle,
    needle,
    nociception,
    periphery,
    pool,
    receptor_kinetics,
    use,
    wear,
    whole_chain,
)
from myotome.validation.model import Check

_CHAPTERS = (
    nociception,
    impulses,
    motoneurons,
    periphery,
    pool,
    motor_units,
    muscle,
    afferents,
    loops,
    cramps,
    receptor_kinetics,
    lengths,
    use,
    wear,
    cohorts,
    needle,
    whole_chain,
)


@cache
def checks() -> Mapping[str, Check]:
    """The function of every row, by the row's id."""
    found: dict[str, Check] = {}
    for chapter in _CHAPTERS:
        twice = set(found) & set(chapter.CHECKS)
        if twice:
            raise ValueError(f"checks must have names of their own, got {sorted(twice)} twice.")
        found.update(chapter.CHECKS)
    return found
