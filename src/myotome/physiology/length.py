"""Length: sarcomeres in series and connective tissue, which settle at the length a muscle is kept.

A fibre adds sarcomeres when its sarcomeres are stretched and sheds them when they are slack; it
sheds them far faster while it contracts at short length, and this is what turns spasm into
chronic shortening. A short stretch counts more than its share of the day. Connective tissue
stiffens in a muscle that is kept short and never stretched. Receives the fibre length and
activation of each activity of a day with its share of time; gives the relative number of
sarcomeres and the stiffness factor of passive tissue.

Lengths are relative to the optimal length of this person's muscle with its habitual number of
sarcomeres. `set_point` makes any normal day a steady state: divide lengths by it.

Source: tabary1972, tabary1981, williams1988 and williams1990 for what the law was fitted to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import Number, parameter

Array = NDArray[np.float64]
_TINY: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Length:
    """Turnover of sarcomeres in series, and contracture of connective tissue."""

    lengthening_time_constant: Number = parameter(
        7.0, unit="d", tag="D", source="tabary1972", low=4.0, high=10.0,
        meaning="addition of sarcomeres under stretch",
    )  # fmt: skip
    shortening_time_constant: Number = parameter(
        7.0, unit="d", tag="D", source="tabary1972", low=4.0, high=10.0,
        meaning="loss of sarcomeres at short length without contraction",
    )  # fmt: skip
    contraction_gain: Number = parameter(
        16.0, unit="1", tag="D", source="tabary1981", low=5.0, high=50.0,
        meaning="how much faster sarcomeres go at short length in full contraction",
    )  # fmt: skip
    stretch_weight: Number = parameter(
        85.0, unit="1", tag="D", source="williams1990", low=70.0, high=100.0,
        meaning="weight of time spent with stretched sarcomeres over time spent slack",
    )  # fmt: skip
    stiffest: Number = parameter(
        2.0, unit="1", tag="D", source="assumed", low=1.5, high=2.5,
        meaning="stiffness factor of connective tissue in a muscle kept fully short",
    )  # fmt: skip
    contracture_time_constant: Number = parameter(
        28.0, unit="d", tag="D", source="assumed", low=14.0, high=42.0,
        meaning="settling of connective tissue",
    )  # fmt: skip
    fully_short: Number = parameter(
        0.35, unit="1", tag="D", source="assumed", low=0.2, high=0.4,
        meaning="loss of mean length, relative, that counts as fully short",
    )  # fmt: skip
    protective_share: Number = parameter(
        1.04e-3, unit="1", tag="D", source="williams1988",
        meaning="share of the day under stretch that halves contracture, 1.5 min a day",
    )  # fmt: skip
    slack_shift: Number = parameter(
        0.05, unit="1", tag="D", source="assumed",
        meaning="shift of passive slack length per unit of stiffness factor",
    )  # fmt: skip


def set_point(p: Length, lengths: Array, shares: Array) -> Array:
    """The length at which this day keeps sarcomeres as they are.

    The only c with weighted mean of lengths equal c, where lengths above c have
    `stretch_weight`: the greatest of the weighted means over every cut of the day.

    Args:
        p: Parameters.
        lengths: Fibre length in each activity, shape (activities, ..., muscles).
        shares: Share of the day of each activity, broadcastable to `lengths`.

    Returns:
        Shape (..., muscles); broadcasts with draws in front of muscles.
    """
    found: Array | None = None
    for cut in lengths:
        weights = np.where(lengths >= cut, p.stretch_weight, 1.0) * shares
        mean: Array = (weights * lengths).sum(axis=0) / weights.sum(axis=0)
        found = mean if found is None else np.maximum(found, mean)
    if found is None:
        raise ValueError("lengths needs at least one activity, got none.")
    return found


def mean_stretch(p: Length, lengths: Array, shares: Array, sarcomeres: Number) -> Array:
    """Mean stretch of a sarcomere over a day, 1 at its set length; stretched time weighs more.

    Args:
        p: Parameters.
        lengths: Fibre length in each activity over the set point, (activities, ..., muscles).
        shares: Share of the day of each activity, broadcastable to `lengths`.
        sarcomeres: Relative number of sarcomeres in series, shape (..., muscles).
    """
    stretches = lengths / sarcomeres
    weights = np.where(stretches > 1.0, p.stretch_weight, 1.0) * shares
    mean: Array = (weights * stretches).sum(axis=0) / weights.sum(axis=0)
    return mean


def stretched_share(lengths: Array, shares: Array, sarcomeres: Number) -> Array:
    """Share of the day (0 to 1) during which sarcomeres are stretched beyond their set length."""
    share: Array = (np.where(lengths / sarcomeres > 1.0, 1.0, 0.0) * shares).sum(axis=0)
    return share


def sarcomere_rate(p: Length, sarcomeres: Number, stretch: Number, activation: Number) -> Number:
    """Time derivative (per d) of the relative number of sarcomeres in series.

    Args:
        p: Parameters.
        sarcomeres: Relative number of sarcomeres, above 0.
        stretch: Mean stretch of a sarcomere, from `mean_stretch`.
        activation: Mean activation over the same time, 0 to 1.
    """
    stretched = np.maximum(stretch - 1.0, 0.0) / p.lengthening_time_constant
    slack = np.maximum(1.0 - stretch, 0.0) / p.shortening_time_constant
    rate: Number = sarcomeres * (stretched - slack * (1.0 + p.contraction_gain * activation))
    return rate


def sarcomeres_after(
    p: Length, sarcomeres: Number, length: Number, activation: Number, days: Number
) -> Number:
    """Number of sarcomeres after `days` at one constant length; `length` itself in the end."""
    loss = (1.0 + p.contraction_gain * activation) / p.shortening_time_constant
    gain = 1.0 / p.lengthening_time_constant
    rate: Number = np.where(length < sarcomeres, loss, gain)
    after: Number = length + (sarcomeres - length) * np.exp(-rate * days)
    return after


def shortness(p: Length, lengths: Array, shares: Array, habitual: Number = 1.0) -> Array:
    """How short a muscle is kept on average, 0 at its `habitual` mean length to 1."""
    mean = (lengths * shares).sum(axis=0) / np.maximum(
        (shares + np.zeros_like(lengths)).sum(axis=0), _TINY
    )
    kept: Array = np.clip((habitual - mean) / p.fully_short, 0.0, 1.0)
    return kept


def contracture_target(p: Length, kept_short: Number, share_stretched: Number) -> Number:
    """Stiffness factor that connective tissue settles at: 1 in use, `stiffest` kept short."""
    protection = 1.0 / (1.0 + share_stretched / p.protective_share)
    return 1.0 + (p.stiffest - 1.0) * kept_short * protection


def contracture_rate(p: Length, contracture: Number, target: Number) -> Number:
    """Time derivative (per d) of the stiffness factor of connective tissue."""
    return (target - contracture) / p.contracture_time_constant


def passive_force(
    p: Length, curve: Callable[[Number], Number], length: Number, contracture: Number
) -> Number:
    """Passive force of a contracted muscle from the `curve` of a normal one (same unit)."""
    return contracture * curve(length + p.slack_shift * (contracture - 1.0))
