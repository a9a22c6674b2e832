"""Threshold: how far past self-sustained discharge has raised a motoneuron's threshold.

A bout of cramping raises the threshold by a quick and a slow part, each of which decays; a slow
homeostasis, which may be switched off, pulls the cell's rate to its habit. Receives impulses of
self-sustained discharge, the part that goes on by itself and not the part locked to a stimulus;
gives one factor that scales threshold current and the half-activation of the persistent inward
current. Nothing knows that a needle was there.

A bout adds to each part in proportion to what is left of it up to a ceiling, so that training
saturates: six further sessions added nothing that could be told from chance.

Two sets of time constants fit the training data equally well (`SLOW_20_DAYS`, `SLOW_30_DAYS`);
use both. From 24 h after a bout only: the first hours were fitted to nothing. The law was
measured on single bouts in healthy muscle. Read for spasm that never stops it would cure the
spasm: 0.0015 Hz of self-sustained discharge, day and night, equals a bout every 3.5 days. So a
muscle is taken to be used to what it does: only discharge above its habit counts
(`bouts_per_day`).

Source: behringer2014 and behringer_one_bout for the rises; homeostasis is this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from myotome.physiology.parameters import Number, parameter

_SECONDS_PER_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Threshold:
    """Rise of a motoneuron's threshold after bouts of self-sustained discharge."""

    quick_rise: Number = parameter(
        1.13, unit="1", tag="D", source="behringer_one_bout", low=0.35, high=1.4,
        meaning="quick part of the relative rise from one anchor bout, extrapolated to its end",
    )  # fmt: skip
    quick_time_constant: Number = parameter(
        0.487, unit="d", tag="D", source="behringer_one_bout", low=0.4, high=1.0,
        meaning="decay of the quick part",
    )  # fmt: skip
    slow_rise: Number = parameter(
        0.1526, unit="1", tag="D", source="behringer2014", low=0.08, high=0.18,
        meaning="slow part of the relative rise from one anchor bout",
    )  # fmt: skip
    slow_time_constant: Number = parameter(
        20.0, unit="d", tag="D", source="behringer2014", low=15.0, high=30.0,
        meaning="decay of the slow part",
    )  # fmt: skip
    anchor_impulses: Number = parameter(
        435.0, unit="1", tag="D", source="minetto2009",
        meaning="self-sustained impulses per unit in the anchor bout, six cramps of 5 s at 14.5 Hz",
    )  # fmt: skip
    ceiling: Number = parameter(
        2.0, unit="1", tag="D", source="assumed", low=0.6, high=2.0,
        meaning="rise of either part that no number of bouts passes, beyond any that was measured",
    )  # fmt: skip


SLOW_20_DAYS: Final = Threshold()
SLOW_30_DAYS: Final = Threshold(
    quick_rise=0.7315, quick_time_constant=0.6555, slow_rise=0.1256, slow_time_constant=30.0
)


@dataclass(frozen=True, slots=True)
class Homeostasis:
    """Slow pull of a motoneuron's rate to its habit; its size has not been measured."""

    switch: Number = parameter(
        1.0, unit="1", tag="D", source="project_definition", low=1.0, high=1.0,
        meaning="1 with homeostasis, 0 without; report both",
    )  # fmt: skip
    time_constant: Number = parameter(
        7.0, unit="d", tag="D", source="assumed", low=3.0, high=14.0,
        meaning="time scale of homeostasis",
    )  # fmt: skip
    lowest: Number = parameter(
        0.6, unit="1", tag="D", source="assumed", low=0.5, high=0.8,
        meaning="lowest threshold that disuse can lead to, relative to habit",
    )  # fmt: skip
    highest: Number = parameter(
        1.6, unit="1", tag="D", source="assumed", low=1.3, high=2.0,
        meaning="highest threshold that use can lead to, relative to habit",
    )  # fmt: skip


class ThresholdState(NamedTuple):
    """Parts of a motoneuron's threshold; every field of shape (..., muscles)."""

    quick: Number
    """Quick part of the relative rise."""
    slow: Number
    """Slow part of the relative rise."""


def rates_of_change(p: Threshold, state: ThresholdState, bouts_per_day: Number) -> ThresholdState:
    """Time derivatives (per d) under discharge worth so many anchor bouts a day."""
    return ThresholdState(
        p.quick_rise * bouts_per_day * (1.0 - state.quick / p.ceiling)
        - state.quick / p.quick_time_constant,
        p.slow_rise * bouts_per_day * (1.0 - state.slow / p.ceiling)
        - state.slow / p.slow_time_constant,
    )


def steady_state(p: Threshold, bouts_per_day: Number) -> ThresholdState:
    """The state that a constant rate of bouts leads to."""
    quick = p.quick_rise * p.quick_time_constant * bouts_per_day
    slow = p.slow_rise * p.slow_time_constant * bouts_per_day
    return ThresholdState(quick / (1.0 + quick / p.ceiling), slow / (1.0 + slow / p.ceiling))


def after_bout(p: Threshold, state: ThresholdState, impulses: Number) -> ThresholdState:
    """The state just after a bout with `impulses` of self-sustained discharge per unit."""
    bouts = impulses / p.anchor_impulses

    def filled(part: Number, rise: Number) -> Number:
        """What one part comes to: bouts in a row leave ever less of the way to the ceiling."""
        left: Number = np.exp(-rise * bouts / p.ceiling)
        return p.ceiling + (part - p.ceiling) * left

    return ThresholdState(filled(state.quick, p.quick_rise), filled(state.slow, p.slow_rise))


def rested(p: Threshold, state: ThresholdState, days: Number) -> ThresholdState:
    """The state after `days` without a bout, exact for any length of time."""
    return ThresholdState(
        state.quick * np.exp(-days / p.quick_time_constant),
        state.slow * np.exp(-days / p.slow_time_constant),
    )


def bouts_per_day(p: Threshold, discharge: Number, habitual: Number) -> Number:
    """Anchor bouts a day (1/d) that a mean self-sustained `discharge` (Hz) is worth.

    Only what exceeds the `habitual` discharge (Hz) counts.
    """
    excess: Number = np.maximum(discharge - habitual, 0.0)
    return excess * _SECONDS_PER_DAY / p.anchor_impulses


def relative_rise(state: ThresholdState) -> Number:
    """Relative rise of threshold: both parts together."""
    return state.quick + state.slow


def threshold_scale(state: ThresholdState, homeostatic: Number = 1.0) -> Number:
    """Factor on threshold current and on half-activation of the persistent inward current."""
    return homeostatic * (1.0 + relative_rise(state))


def homeostatic_rate(p: Homeostasis, scale: Number, discharge: Number, habitual: Number) -> Number:
    """Time derivative (per d) of the homeostatic factor `scale`.

    As the source law, (discharge/habitual - 1)/time_constant, where the scale is 1; it tapers to
    nothing at either bound, so that the bounds are steady states and no step can be stiff there.

    Args:
        p: Parameters.
        scale: Homeostatic factor on threshold.
        discharge: The motoneuron's mean rate (Hz).
        habitual: The rate (Hz) that it is used to, above 0.
    """
    pull = p.switch * (discharge / habitual - 1.0) / p.time_constant
    room_above = np.maximum(p.highest - scale, 0.0) / (p.highest - 1.0)
    room_below = np.maximum(scale - p.lowest, 0.0) / (1.0 - p.lowest)
    rate: Number = scale * (np.maximum(pull, 0.0) * room_above + np.minimum(pull, 0.0) * room_below)
    return rate
