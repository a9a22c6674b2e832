"""Descending control: pain anywhere else quiets the neurons of a segment, and does so for minutes.

Receives the nociceptive drive that comes from everywhere but a muscle itself; gives how far the
neurons that report that muscle are held down. The control comes by way of the brain stem, sets in
within seconds, and goes on for minutes after what called it. A neuron is spared what excites it:
pain of the muscle's own never holds its own neurons down.

Drives in Hz of C, as the dorsal horn counts them. `descending_control.hpp` holds the same lines in
C++; both agree to the bit.

Source: dnic1979, in rats, for its depth and for that it lasts the longer the longer its cause did;
times and the drive that brings half of it are this project's. Here only the first quarter of a
minute of a cause lengthens what it leaves: by then the control has risen all the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.exponential import exp
from myotome.physiology.parameters import check as check_parameters
from myotome.physiology.parameters import parameter

Array = NDArray[Any]

_MS: Final = 1e-3


@dataclass(frozen=True, slots=True)
class DescendingControl:
    """The inhibition that pain elsewhere brings."""

    depth: float = parameter(
        0.8, unit="1", tag="D", source="dnic1979", low=0.6, high=1.0,
        meaning="share of a neuron's discharge that full control takes, published 60 to 100 %",
    )  # fmt: skip
    half_drive: float = parameter(
        12.5, unit="Hz", tag="D", source="project_definition", low=6.0, high=25.0,
        meaning="nociceptive drive elsewhere that brings half of it, where drive begins to hurt",
    )  # fmt: skip
    rise_time: float = parameter(
        5.0, unit="s", tag="D", source="assumed", low=1.0, high=20.0,
        meaning="time constant with which it sets in",
    )  # fmt: skip
    fall_time: float = parameter(
        120.0, unit="s", tag="D", source="assumed", low=30.0, high=600.0,
        meaning="time constant with which it goes, minutes",
    )  # fmt: skip


class DescendingControlConstants(NamedTuple):
    """What steps of one length need; `kept` is the share of the distance left after a step."""

    half_drive: Array
    rise_kept: Array
    fall_kept: Array
    depth: Array


def constants(of: DescendingControl, step_ms: float = 1.0) -> DescendingControlConstants:
    """The control for steps of `step_ms`.

    Raises:
        ValueError: A step that is not positive, or a parameter that nobody has.
    """
    check_parameters(of)
    if not step_ms > 0.0:
        raise ValueError(f"step_ms must be positive (ms), got {step_ms}.")
    return DescendingControlConstants(
        *(
            np.asarray(value, dtype=np.float64)
            for value in (
                of.half_drive,
                exp(np.asarray(-step_ms * _MS / of.rise_time)),
                exp(np.asarray(-step_ms * _MS / of.fall_time)),
                of.depth,
            )
        )
    )


def elsewhere(drive: Array) -> Array:
    """Drive (Hz) from all muscles but one, for each, muscles on the last axis."""
    # One after the other, as the compiled sum runs.
    total = np.cumsum(drive, axis=-1)[..., -1:]
    return np.asarray(np.maximum(total - drive, 0.0))


def step(of: DescendingControlConstants, control: Array, heard: Array) -> Array:
    """The control (0 to 1) a step later, while a drive (Hz) is heard from elsewhere."""
    goal = heard / (heard + of.half_drive)
    kept = np.where(goal > control, of.rise_kept, of.fall_kept)
    return np.asarray(goal + (control - goal) * kept)


def passes(of: DescendingControlConstants, control: Array) -> Array:
    """Share of a neuron's discharge that is left."""
    return np.asarray(1.0 - of.depth * control)
