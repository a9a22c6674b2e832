"""Rate-coded pool: the Fuglevand pool by the millisecond, where a moment is to do without cells.

Receives, for each unit, the share of full excitation that reaches it; gives which units fire. A
unit below its threshold is silent; above it, it fires at the rate of the published pool, with
intervals that vary as published. It has no membrane: what reaches it acts at once and is gone the
next millisecond, nothing holds it up, so that no spasm outlasts its cause.

Source: fuglevand1993.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import fuglevand1993
from myotome.physiology.fuglevand1993 import Fuglevand1993

Array = NDArray[np.float64]

_SECOND: Final = 1e-3  # s, of a step


class RateCodedConstants(NamedTuple):
    """What does not move.

    Attributes:
        published: The pool.
        thresholds: Excitation at recruitment, shape (rows, units).
        peak_rates: Hz, shape (units,).
        largest: Excitation at which the last unit of the published pool reaches its peak.
    """

    published: Fuglevand1993
    thresholds: Array
    peak_rates: Array
    largest: float


class RateCodedState(NamedTuple):
    """Shape (rows, units).

    Attributes:
        progress: Towards the next spike, 0 to 1.
        interval: How many intervals are over, which says which one is drawn.
    """

    progress: Array
    interval: NDArray[np.int64]


def constants(pool: Fuglevand1993, threshold_scale: Array) -> RateCodedConstants:
    """Pools whose thresholds are scaled, one row each, shape of the scale (rows,)."""
    units = fuglevand1993.motor_units(pool)
    return RateCodedConstants(
        pool,
        units.thresholds * threshold_scale[:, None],
        units.peak_rates,
        fuglevand1993.largest_excitation(pool, units),
    )


def at_rest(of: RateCodedConstants) -> RateCodedState:
    """Units that have been silent for long."""
    return RateCodedState(
        np.ones(of.thresholds.shape), np.zeros(of.thresholds.shape, dtype=np.int64)
    )


def step(
    of: RateCodedConstants, state: RateCodedState, share: Array, seed: NDArray[Any]
) -> tuple[RateCodedState, NDArray[np.bool_]]:
    """The state a millisecond later, and which units fired in it.

    Args:
        of: The pools.
        state: Theirs.
        share: Of full excitation, 0 or more, shape (rows, units).
        seed: Of each pool, shape (rows,).
    """
    over = share * of.largest - of.thresholds
    active = over >= 0.0
    p = of.published
    rate = np.minimum(p.lowest_rate + p.rate_gain * np.maximum(over, 0.0), of.peak_rates)
    places = np.arange(of.peak_rates.size)
    spread = fuglevand1993.spread(p, seed[:, None], places, state.interval)
    # A silent unit recovers at its lowest rate and waits there.
    progress = state.progress + rate * _SECOND / spread
    fires = active & (progress >= 1.0)
    # What an interval has gone on beyond its end is the beginning of the next; else each would be
    # half a millisecond too long. A unit that waited begins anew.
    begun = np.where(state.progress < 1.0, progress - 1.0, 0.0)
    progress = np.where(fires, begun, np.minimum(progress, 1.0))
    return RateCodedState(progress, state.interval + fires), fires
