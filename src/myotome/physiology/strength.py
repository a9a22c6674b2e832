"""Strength: cross-section of muscle times the drive that reaches it, both following use.

Two first-order states: cross-section, and drive, which is lost faster and regained first. Drive
stands for all of strength that size does not explain. Receives load, 0 for a limb that bears
nothing, 1 for this person's habit, 2 for a full training programme, and whether a cast holds the
joint; gives strength relative to habit. Inhibition by pain is not here.

A limb that bears nothing but still moves wastes less than one in a cast, and its drive soon comes
to rest where a cast's goes on falling: after 14 and 23 d of hanging free, strength falls by 14.8
and 21.0 % and size by 5.2 and 10.0 %. Bed rest, and what pain keeps a person from, are of that
kind. The law of a cast was fitted to 5 and 14 d and holds below 21 d. What training has gained
fades as slowly as drive in a cast, which is assumed.

Source: wall2014 for a cast, deboer2007 for a leg that hangs free, seynnes2008 for its calf, which
lost half as much and no more after 14 d; gains are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from myotome.physiology.parameters import Number, parameter

_HABIT: Final = 1.0


@dataclass(frozen=True, slots=True)
class Strength:
    """Cross-section and drive under load."""

    wasted_section: Number = parameter(
        0.79, unit="1", tag="D", source="wall2014", low=0.7, high=0.85,
        meaning="cross-section that a cast leads to",
    )  # fmt: skip
    unloaded_section: Number = parameter(
        0.856, unit="1", tag="C", source="deboer2007", low=0.82, high=0.9,
        meaning="cross-section that a limb without load leads to, both published days equally near",
    )  # fmt: skip
    wasting_time_constant: Number = parameter(
        27.0, unit="d", tag="D", source="wall2014", low=20.0, high=35.0,
        meaning="loss of cross-section",
    )  # fmt: skip
    trained_section: Number = parameter(
        1.11, unit="1", tag="U", source="assumed", low=1.06, high=1.18,
        meaning="cross-section that a full programme leads to, 0.15 % a day at first",
    )  # fmt: skip
    growth_time_constant: Number = parameter(
        75.0, unit="d", tag="U", source="assumed", low=60.0, high=90.0,
        meaning="gain of cross-section",
    )  # fmt: skip
    wasted_drive: Number = parameter(
        0.46, unit="1", tag="D", source="wall2014", low=0.35, high=0.6,
        meaning="drive that a cast leads to; used below 21 d only",
    )  # fmt: skip
    unloaded_drive: Number = parameter(
        0.862, unit="1", tag="C", source="deboer2007", low=0.8, high=0.93,
        meaning="drive that a limb without load leads to",
    )  # fmt: skip
    drive_loss_time_constant: Number = parameter(
        40.0, unit="d", tag="D", source="wall2014", low=30.0, high=50.0,
        meaning="loss of drive in a cast, and of what training had gained",
    )  # fmt: skip
    unloaded_drive_time_constant: Number = parameter(
        10.5, unit="d", tag="C", source="deboer2007", low=5.0, high=20.0,
        meaning="loss of drive without load",
    )  # fmt: skip
    trained_drive: Number = parameter(
        1.1, unit="1", tag="D", source="assumed", low=1.03, high=1.2,
        meaning="drive that a full programme leads to",
    )  # fmt: skip
    drive_gain_time_constant: Number = parameter(
        17.5, unit="d", tag="U", source="assumed", low=14.0, high=21.0,
        meaning="gain of drive",
    )  # fmt: skip


class StrengthState(NamedTuple):
    """Both states relative to this person's habit; every field of shape (..., muscles)."""

    section: Number
    """Cross-section of muscle."""
    drive: Number
    """Drive in a maximal effort: strength for its size."""


def _target(lowest: Number, highest: Number, load: Number) -> Number:
    """From `lowest` at load 0 through 1 at load 1 to `highest` at load 2 and above."""
    use: Number = np.clip(load, 0.0, 1.0)
    training: Number = np.clip(load - 1.0, 0.0, 1.0)
    return lowest + (1.0 - lowest) * use + (highest - 1.0) * training


def steady_state(p: Strength, load: Number, *, cast: bool = False) -> StrengthState:
    """The state that a constant load, 0 to 2, leads to.

    Args:
        p: Parameters.
        load: 0 for none, 1 for habit, 2 for a full programme.
        cast: Whether a cast holds the joint; without one a limb that bears nothing still moves.
    """
    section = p.wasted_section if cast else p.unloaded_section
    drive = p.wasted_drive if cast else p.unloaded_drive
    return StrengthState(
        _target(section, p.trained_section, load), _target(drive, p.trained_drive, load)
    )


def rates_of_change(
    p: Strength, state: StrengthState, load: Number, *, cast: bool = False
) -> StrengthState:
    """Time derivatives (per d); what grows and what is lost each have their own time constant."""
    target = steady_state(p, load, cast=cast)
    section_time = np.where(
        target.section > state.section, p.growth_time_constant, p.wasting_time_constant
    )
    drive_time = np.where(
        target.drive > state.drive,
        p.drive_gain_time_constant,
        np.where(state.drive > _HABIT, p.drive_loss_time_constant, _below_habit(p, cast=cast)),
    )
    return StrengthState(
        (target.section - state.section) / section_time, (target.drive - state.drive) / drive_time
    )


def state_after(
    p: Strength, state: StrengthState, load: Number, days: Number, *, cast: bool = False
) -> StrengthState:
    """The state after `days` of constant load, exact for any length of time."""
    target = steady_state(p, load, cast=cast)
    rate = rates_of_change(p, state, load, cast=cast)
    section_gap, drive_gap = target.section - state.section, target.drive - state.drive
    section_speed = np.where(section_gap == 0.0, 0.0, rate.section / _nonzero(section_gap))
    drive_speed = np.where(drive_gap == 0.0, 0.0, rate.drive / _nonzero(drive_gap))
    # A trained drive on its way below habit changes its pace there.
    passes = (state.drive > _HABIT) & (target.drive < _HABIT)
    over = np.where(passes, drive_gap / np.where(passes, target.drive - _HABIT, 1.0), 1.0)
    until = np.where(passes, np.minimum(p.drive_loss_time_constant * np.log(over), days), days)
    later = (days - until) / _below_habit(p, cast=cast)
    return StrengthState(
        target.section - section_gap * np.exp(-section_speed * days),
        target.drive - drive_gap * np.exp(-drive_speed * until - later),
    )


def _below_habit(p: Strength, *, cast: bool) -> Number:
    """Time constant (d) with which drive falls below habit."""
    return p.drive_loss_time_constant if cast else p.unloaded_drive_time_constant


def _nonzero(gap: Number) -> Number:
    divisor: Number = np.where(gap == 0.0, 1.0, gap)
    return divisor


def strength(state: StrengthState) -> Number:
    """Strength relative to this person's habit."""
    return state.section * state.drive
