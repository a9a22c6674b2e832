"""Ischaemia: what a contraction that never pauses gathers in a muscle and does to its endings.

A voluntary contraction rotates its units, so blood reaches each in turn; the units of a spasm are
always the same, and pressure about them stays up. Receives sustained activation; gives a level, 0
to 1, of the substances that excite and sensitise nociceptors, for pain and for the pressure a
muscle bears. It comes and goes over a day or so, which is why letting go does not ease at once.

Source: sjogaard1986 for pressure within a muscle (twice the resting at 5 % of maximum, more in
places, and units in turn); half-way activation and time are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myotome.physiology.parameters import Number, parameter


@dataclass(frozen=True, slots=True)
class Ischaemia:
    """How a sustained contraction becomes painful."""

    half_activation: Number = parameter(
        0.1, unit="1", tag="D", source="assumed", low=0.05, high=0.2,
        meaning="sustained activation that brings half of what full ischaemia would",
    )  # fmt: skip
    time_constant: Number = parameter(
        1.0, unit="d", tag="D", source="assumed", low=0.3, high=3.0,
        meaning="time over which it gathers and is cleared, with what it did to endings",
    )  # fmt: skip


def target(p: Ischaemia, activation: Number) -> Number:
    """Level (0 to 1) that a sustained activation leads to."""
    level: Number = activation / (activation + p.half_activation)
    return level


def level_after(p: Ischaemia, level: Number, activation: Number, days: Number) -> Number:
    """Level after some days of a sustained activation, exact for any length of time."""
    settled = target(p, activation)
    after: Number = settled + (level - settled) * np.exp(-days / p.time_constant)
    return after
