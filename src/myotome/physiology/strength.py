"""Strength: cross-section of muscle times the drive that reaches it, both following use.

Two first-order states: cross-section, and neural drive, which is lost faster and regained first.
Receives load, 0 for a limb at rest in a cast, 1 for this person's habit, 2 for a full training
programme; gives strength relative to habit. Inhibition by pain is not here.

The law of drive in disuse was fitted to 5 and 14 days. Complete disuse beyond 21 days carries
it too far (strength falls 2.7 times as much as size at 35 days where 1.9 is published).

Source: wall2014 for disuse; gains are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from myotome.physiology.parameters import Number, parameter


@dataclass(frozen=True, slots=True)
class Strength:
    """Cross-section and neural drive under load."""

    wasted_section: Number = parameter(
        0.79, unit="1", tag="D", source="wall2014", low=0.7, high=0.85,
        meaning="cross-section that complete disuse leads to",
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
        meaning="neural drive that complete disuse leads to; used below 21 d only",
    )  # fmt: skip
    drive_loss_time_constant: Number = parameter(
        40.0, unit="d", tag="D", source="wall2014", low=30.0, high=50.0,
        meaning="loss of neural drive",
    )  # fmt: skip
    trained_drive: Number = parameter(
        1.1, unit="1", tag="D", source="assumed", low=1.03, high=1.2,
        meaning="neural drive that a full programme leads to",
    )  # fmt: skip
    drive_gain_time_constant: Number = parameter(
        17.5, unit="d", tag="U", source="assumed", low=14.0, high=21.0,
        meaning="gain of neural drive",
    )  # fmt: skip


class StrengthState(NamedTuple):
    """Both states relative to this person's habit; every field of shape (..., muscles)."""

    section: Number
    """Cross-section of muscle."""
    drive: Number
    """Neural drive in a maximal effort."""


def _target(lowest: Number, highest: Number, load: Number) -> Number:
    """From `lowest` at load 0 through 1 at load 1 to `highest` at load 2 and above."""
    use: Number = np.clip(load, 0.0, 1.0)
    training: Number = np.clip(load - 1.0, 0.0, 1.0)
    return lowest + (1.0 - lowest) * use + (highest - 1.0) * training


def steady_state(p: Strength, load: Number) -> StrengthState:
    """The state that a constant load, 0 to 2, leads to."""
    return StrengthState(
        _target(p.wasted_section, p.trained_section, load),
        _target(p.wasted_drive, p.trained_drive, load),
    )


def rates_of_change(p: Strength, state: StrengthState, load: Number) -> StrengthState:
    """Time derivatives (per d); what grows and what is lost each have their own time constant."""
    target = steady_state(p, load)
    section_time = np.where(
        target.section > state.section, p.growth_time_constant, p.wasting_time_constant
    )
    drive_time = np.where(
        target.drive > state.drive, p.drive_gain_time_constant, p.drive_loss_time_constant
    )
    return StrengthState(
        (target.section - state.section) / section_time, (target.drive - state.drive) / drive_time
    )


def state_after(p: Strength, state: StrengthState, load: Number, days: Number) -> StrengthState:
    """The state after `days` of constant load, exact for any length of time."""
    target = steady_state(p, load)
    rate = rates_of_change(p, state, load)
    section_gap, drive_gap = target.section - state.section, target.drive - state.drive
    section_speed = np.where(section_gap == 0.0, 0.0, rate.section / _nonzero(section_gap))
    drive_speed = np.where(drive_gap == 0.0, 0.0, rate.drive / _nonzero(drive_gap))
    return StrengthState(
        target.section - section_gap * np.exp(-section_speed * days),
        target.drive - drive_gap * np.exp(-drive_speed * days),
    )


def _nonzero(gap: Number) -> Number:
    divisor: Number = np.where(gap == 0.0, 1.0, gap)
    return divisor


def strength(state: StrengthState) -> Number:
    """Strength relative to this person's habit."""
    return state.section * state.drive
