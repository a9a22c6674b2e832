"""Fuglevand pool: a muscle's units as recruitment thresholds, rates and twitches, without cells.

The textbook pool, for what needs no membrane and as a check on the one that has it. Receives
excitation; gives each unit's rate, its intervals and its force. Thresholds, twitch forces and
contraction times spread exponentially from many small units to few large ones; a unit's gain rises
with how closely its twitches follow each other and then levels off.

Excitation in its own units (the last unit's threshold is `threshold_range`), rates in Hz, times in
ms, force in twitches of the first unit.

Source: fuglevand1993, through the code its authors published (potvin2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import counter_random
from myotome.physiology.parameters import parameter

Array = NDArray[Any]

_INTERVAL_DRAW: Final = 0x401
_MS_PER_S: Final = 1000.0
_DEVIATIONS: Final = 3.9  # within which an interval is held
_LARGEST_VARIATION: Final = 0.25


def _of_the_paper(value: float, unit: str, meaning: str) -> float:
    """A value of the published pool."""
    number: float = parameter(value, unit=unit, tag="V", source="fuglevand1993", meaning=meaning)
    return number


@dataclass(frozen=True, slots=True)
class Fuglevand1993:
    """The published pool."""

    units: float = _of_the_paper(120.0, "1", "motor units (n)")
    threshold_range: float = _of_the_paper(30.0, "1", "last recruitment threshold (RR)")
    twitch_range: float = _of_the_paper(100.0, "1", "largest twitch over the smallest (RP)")
    time_range: float = _of_the_paper(3.0, "1", "slowest contraction over the quickest")
    slowest_contraction: float = _of_the_paper(90.0, "ms", "longest contraction time")
    lowest_rate: float = _of_the_paper(8.0, "Hz", "rate at recruitment")
    rate_gain: float = _of_the_paper(1.0, "Hz", "rate per excitation beyond threshold (ge)")
    first_peak: float = _of_the_paper(35.0, "Hz", "peak rate of the first unit")
    peak_fall: float = _of_the_paper(10.0, "Hz", "how much lower the last unit's is")
    variation: float = _of_the_paper(0.2, "1", "coefficient of variation of intervals")
    linear_limit: float = _of_the_paper(
        0.4, "1", "contraction time over interval up to which gain is 1"
    )


class Units(NamedTuple):
    """The units in order of recruitment, arrays of shape (units,)."""

    thresholds: Array
    peak_rates: Array
    twitch_forces: Array
    contraction_times: Array


def motor_units(pool: Fuglevand1993) -> Units:
    """The units of the pool.

    Raises:
        ValueError: A number of the pool has no meaning.
    """
    count = int(pool.units)
    if count != pool.units or not 1 <= count <= 10_000:
        raise ValueError(f"units must be 1 to 10000 motor units, got {pool.units}.")
    for name in ("threshold_range", "twitch_range", "time_range"):
        if not 1.0 < getattr(pool, name) <= 1e4:
            raise ValueError(
                f"{name} must be above 1 and at most 10000, got {getattr(pool, name)}."
            )
    for name in ("slowest_contraction", "lowest_rate", "rate_gain", "linear_limit"):
        if not 0.0 < getattr(pool, name) <= 1e4:
            raise ValueError(
                f"{name} must be above 0 and at most 10000, got {getattr(pool, name)}."
            )
    if not pool.lowest_rate <= pool.first_peak <= _MS_PER_S:
        raise ValueError(
            f"first_peak must be lowest_rate ({pool.lowest_rate:g} Hz) to 1000 Hz, got"
            f" {pool.first_peak}."
        )
    if not 0.0 <= pool.peak_fall <= pool.first_peak - pool.lowest_rate:
        raise ValueError(
            "peak_fall must be 0 to what lies between first_peak and lowest_rate"
            f" ({pool.first_peak - pool.lowest_rate:g} Hz), got {pool.peak_fall}."
        )
    if not 0.0 <= pool.variation <= _LARGEST_VARIATION:
        raise ValueError(
            f"variation must be 0 to {_LARGEST_VARIATION:g}, or intervals would be negative,"
            f" got {pool.variation}."
        )
    place = np.arange(1, count + 1) / count
    thresholds = np.exp(np.log(pool.threshold_range) * place)
    forces = np.exp(np.log(pool.twitch_range) * place)
    root = np.log(pool.twitch_range) / np.log(pool.time_range)
    return Units(
        thresholds,
        pool.first_peak - pool.peak_fall * thresholds / thresholds[-1],
        forces,
        pool.slowest_contraction * (1.0 / forces) ** (1.0 / root),
    )


def largest_excitation(pool: Fuglevand1993, units: Units) -> float:
    """Excitation at which the last unit reaches its peak rate."""
    return float(units.thresholds[-1] + (units.peak_rates[-1] - pool.lowest_rate) / pool.rate_gain)


def discharge_rates(pool: Fuglevand1993, units: Units, excitation: float) -> Array:
    """Rate (Hz) of each unit at a constant excitation; 0 below its threshold.

    Raises:
        ValueError: Excitation is negative or no number.
    """
    if not 0.0 <= excitation < np.inf:
        raise ValueError(f"excitation must be 0 or more, got {excitation}.")
    over = excitation - units.thresholds
    rate = np.minimum(pool.rate_gain * over + pool.lowest_rate, units.peak_rates)
    active: Array = np.where(over >= 0.0, rate, 0.0)
    return active


def intervals(pool: Fuglevand1993, rate: Array, *, seed: int, place: Array, number: Array) -> Array:
    """Intervals (ms) at a rate, normal about their mean and held within 3.9 deviations.

    Args:
        pool: Its variation.
        rate: Above 0 (Hz).
        seed: Of the run.
        place: Each unit's own number.
        number: Which interval of the unit it is.
    """
    varied = spread(pool, counter_random.checked_seed(seed), place, number)
    drawn: Array = _MS_PER_S / rate * varied
    return drawn


def spread(pool: Fuglevand1993, seed: Any, place: Array, number: Array) -> Array:  # noqa: ANN401
    """An interval over its mean: normal about 1, held within 3.9 deviations.

    Args:
        pool: Its variation.
        seed: One, or an array of them, that broadcasts.
        place: Each unit's own number.
        number: Which interval of the unit it is.
    """
    u = counter_random.uniforms(seed, _INTERVAL_DRAW, place, number)
    normal = np.sqrt(-2.0 * np.log(u[0])) * np.cos(2.0 * np.pi * u[1])
    varied: Array = 1.0 + pool.variation * np.clip(normal, -_DEVIATIONS, _DEVIATIONS)
    return varied


def saturation(pool: Fuglevand1993, closeness: Array) -> Array:
    """Share of its largest force that a steadily firing unit gives (Pr).

    Args:
        pool: Where it stops to be linear.
        closeness: Contraction time over interval.
    """
    linear = 1.0 - np.exp(-2.0 * pool.linear_limit**3)
    close = np.asarray(closeness, dtype=np.float64)
    curved = 1.0 - np.exp(-2.0 * close * close * close)
    share: Array = np.where(close < pool.linear_limit, close * (linear / pool.linear_limit), curved)
    return share


def gain(pool: Fuglevand1993, closeness: Array) -> Array:
    """Gain of a twitch (g) by contraction time over interval; 1 where twitches are far apart."""
    linear = 1.0 - np.exp(-2.0 * pool.linear_limit**3)
    close = np.maximum(np.asarray(closeness, dtype=np.float64), 1e-12)
    found: Array = saturation(pool, close) / close * (pool.linear_limit / linear)
    return found


def twitch(units: Units, since_ms: Array) -> Array:
    """Force of each unit's single twitch at times after its impulse, shape (..., units)."""
    share = np.maximum(np.asarray(since_ms)[..., None], 0.0) / units.contraction_times
    force: Array = units.twitch_forces * share * np.exp(1.0 - share)
    return force


def mean_force(pool: Fuglevand1993, units: Units, excitation: float) -> float:
    """Mean force at a constant excitation: each twitch's area, times gain, times rate."""
    rate = discharge_rates(pool, units, excitation)
    # The area under t/T exp(1 - t/T) is T e.
    area = units.twitch_forces * units.contraction_times * np.e
    closeness = units.contraction_times * rate / _MS_PER_S
    return float(np.sum(gain(pool, closeness) * area * rate / _MS_PER_S))
