"""Soreness: the ache that needling leaves, which fades within three days.

Two parts that decay: one is gone within the hour, the other halves about twice a day. Receives
insertions; gives soreness on the scale of pain, 0 to 10, for pain to read and for a practitioner
to foresee. It is why pain may look worse straight after a visit.

The published mean course, 1, 0.67, 0.19 and 0 of the needling pain at 0, 0.5, 24 and 72 h, is
often told as half-lives of 0.9 h and then 13 h. That is a change of slope. A sum of two decays
with a slow half-life of 13 h goes through the points only if the quick one is 5 min.

Source: needling_soreness2021; the size per insertion is this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from myotome.physiology.parameters import Number, parameter


@dataclass(frozen=True, slots=True)
class Soreness:
    """Size and course of soreness after needling."""

    slow_share: Number = parameter(
        0.683, unit="1", tag="D", source="needling_soreness2021", low=0.5, high=0.75,
        meaning="share of needling pain that is of the slow kind",
    )  # fmt: skip
    slow_half_life: Number = parameter(
        13.0 / 24.0, unit="d", tag="D", source="needling_soreness2021", low=0.45, high=0.75,
        meaning="half-life of the slow part",
    )  # fmt: skip
    quick_half_life: Number = parameter(
        0.0035, unit="d", tag="D", source="needling_soreness2021", low=0.0025, high=0.02,
        meaning="half-life of the quick part",
    )  # fmt: skip
    highest: Number = parameter(
        10.0, unit="NPRS", tag="D", source="assumed", low=6.0, high=10.0,
        meaning="needling pain that no number of insertions passes",
    )  # fmt: skip
    half_insertions: Number = parameter(
        20.0, unit="1", tag="D", source="soreness_healthy60",
        meaning="insertions in one muscle that give half of the highest needling pain",
    )  # fmt: skip


class SorenessState(NamedTuple):
    """Soreness of a muscle (0 to 10); every field of shape (..., muscles)."""

    quick: Number
    slow: Number


def needling_pain(p: Soreness, insertions: Number) -> Number:
    """Pain (0 to 10) of so many insertions in one muscle; each adds less than the one before."""
    return p.highest * insertions / (insertions + p.half_insertions)


def after_needling(p: Soreness, state: SorenessState, insertions: Number) -> SorenessState:
    """The state just after a needling; soreness left over leaves less room above it."""
    left: Number = np.maximum(1.0 - soreness(state) / p.highest, 0.0)
    added = needling_pain(p, insertions) * left
    return SorenessState(
        state.quick + (1.0 - p.slow_share) * added, state.slow + p.slow_share * added
    )


def rates_of_change(p: Soreness, state: SorenessState) -> SorenessState:
    """Time derivatives (per d); the quick part is stiff, so prefer `rested` in a long step."""
    ln2 = float(np.log(2.0))
    return SorenessState(
        -ln2 * state.quick / p.quick_half_life, -ln2 * state.slow / p.slow_half_life
    )


def rested(p: Soreness, state: SorenessState, days: Number) -> SorenessState:
    """The state after `days` without needling, exact for any length of time; none in the end."""
    return SorenessState(
        state.quick * 0.5 ** (days / p.quick_half_life),
        state.slow * 0.5 ** (days / p.slow_half_life),
    )


def soreness(state: SorenessState) -> Number:
    """Soreness of a muscle (0 to 10)."""
    return state.quick + state.slow
