"""Renshaw cells: motor axons excite them through collaterals, and they inhibit motoneurons.

Receives which units fired this millisecond; gives the inhibitory conductance that each motoneuron
feels from the next one on. A pool that fires more holds itself down more, so that recurrent
inhibition limits its rate and lets a group of units quiet its neighbours. One population stands
for a pool's Renshaw cells: its excitation gathers impulses, its rate saturates, its inhibition
rises and fades with the synapse.

Time in ms, rates in Hz, conductances in uS. The delay through the cell is the one block of 1 ms
between a motor axon's impulse and its inhibition. `renshaw.hpp` holds the same lines in C++; both
agree to the bit.

Source: renshaw_remoto for the reversal and decay of its inhibition; maltenfort1993 for its
strength: at its most it slows cells by a few impulses a second, here the default pool without
persistent current by 2 to 4 under 10 to 40 nA; gain and saturation are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.exponential import exp
from myotome.physiology.parameters import Number, parameter

Array = NDArray[Any]

_MS_PER_S: Final = 1000.0
_MOST_UNITS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Renshaw:
    """The Renshaw cells of one pool."""

    largest_rate: float = parameter(
        250.0, unit="Hz", tag="D", source="assumed", low=100.0, high=600.0,
        meaning="rate that a Renshaw cell cannot pass",
    )  # fmt: skip
    half_drive: float = parameter(
        20.0, unit="Hz", tag="D", source="assumed", low=8.0, high=50.0,
        meaning="mean motor-unit rate, weighted by collaterals, that brings half of it",
    )  # fmt: skip
    excitation_time: float = parameter(
        10.0, unit="ms", tag="D", source="assumed", low=4.0, high=25.0,
        meaning="time over which a cell gathers the impulses of motor axons",
    )  # fmt: skip
    inhibition_rise: float = parameter(
        1.0, unit="1/ms", tag="D", source="assumed", low=0.5, high=3.0,
        meaning="rate at which the inhibitory conductance rises after an impulse",
    )  # fmt: skip
    inhibition_decay_time: float = parameter(
        8.0, unit="ms", tag="D", source="assumed", low=3.0, high=20.0,
        meaning="time constant with which it fades, a pool of cells together",
    )  # fmt: skip
    largest_conductance: float = parameter(
        0.1, unit="1", tag="D", source="maltenfort1993", low=0.05, high=0.2,
        meaning="inhibitory conductance at the largest rate, over a cell's leak: it slows a cell"
        " without persistent current by a few impulses a second",
    )  # fmt: skip
    collateral_growth: float = parameter(
        2.0, unit="1", tag="D", source="assumed", low=1.0, high=5.0,
        meaning="collateral of the largest unit over that of the smallest",
    )  # fmt: skip
    reversal: float = parameter(
        -16.0, unit="mV", tag="V", source="renshaw_remoto",
        meaning="reversal of the inhibition, relative to a motoneuron's rest",
    )  # fmt: skip


class RenshawConstants(NamedTuple):
    """What does not change of the cells of a pool; arrays of shape (..., units)."""

    weights: Array
    """Share of the collateral input that each unit gives; sums to 1 over units."""
    conductance: Array
    """Inhibitory conductance that each motoneuron feels at the largest rate (uS)."""


class RenshawState(NamedTuple):
    """State of a pool's Renshaw cells; fields of shape (...)."""

    drive: Array
    """Gathered rate of motor axons (Hz)."""
    rising: Array
    """Inhibition on its way, as a share of its largest."""
    inhibition: Array
    """Inhibition felt, as a share of its largest."""


def constants(renshaw: Renshaw, leak: Array) -> RenshawConstants:
    """The cells of a pool by the leak of its motoneurons.

    Args:
        renshaw: Parameters.
        leak: Leak conductance of each motoneuron's compartment that feels it (uS), in order of
            recruitment, shape (..., units).

    Raises:
        ValueError: There is no unit, too many, or a leak that is not positive.
    """
    leak = np.asarray(leak)
    units = leak.shape[-1] if leak.ndim else 0
    if not 1 <= units <= _MOST_UNITS:
        raise ValueError(f"leak must hold 1 to {_MOST_UNITS} motor units, got {units}.")
    if not np.all((leak > 0.0) & np.isfinite(leak)):
        raise ValueError(f"leak must be positive (uS), got {leak.min()}.")
    place = np.linspace(0.0, 1.0, units)
    grown = renshaw.collateral_growth**place
    weights = (grown / grown.sum()).astype(leak.dtype)
    return RenshawConstants(
        np.broadcast_to(weights, leak.shape), leak * renshaw.largest_conductance
    )


def at_rest(
    shape: tuple[int, ...] = (), dtype: type[np.floating[Any]] = np.float64
) -> RenshawState:
    """Cells of pools that have been silent, shape of people and muscles."""
    return RenshawState(*(np.zeros(shape, dtype=dtype) for _ in range(3)))


def _kept(renshaw: Renshaw, step_ms: float, dtype: Any) -> tuple[Array, ...]:  # noqa: ANN401
    """Shares of drive, of rising and of felt inhibition that a step leaves."""
    rates = (
        1.0 / renshaw.excitation_time,
        renshaw.inhibition_rise,
        1.0 / renshaw.inhibition_decay_time,
    )
    return tuple(exp(np.asarray(-step_ms * rate, dtype=dtype)) for rate in rates)


def packed(renshaw: Renshaw, step_ms: float, dtype: Any) -> Array:  # noqa: ANN401 - a precision
    """The cells' numbers in the order of `RenshawRates` in C++."""
    impulse = _MS_PER_S / renshaw.excitation_time
    return np.array((*_kept(renshaw, step_ms, dtype), impulse, renshaw.half_drive), dtype=dtype)


def step(
    renshaw: Renshaw,
    constant: RenshawConstants,
    state: RenshawState,
    *,
    fired: Array,
    step_ms: float = 1.0,
) -> RenshawState:
    """Cells a step later.

    Args:
        renshaw: Parameters.
        constant: Of this pool.
        state: Theirs.
        fired: Impulses of each unit's axon in this step, shape (..., units).
        step_ms: Time that passed.
    """
    dtype = state.drive.dtype
    # Summed unit by unit from the smallest, so that a kernel gives the same bits.
    arrived = np.zeros(state.drive.shape, dtype=dtype)
    weighted = constant.weights * np.asarray(fired, dtype=dtype)
    for unit in range(weighted.shape[-1]):
        arrived = arrived + weighted[..., unit]
    arrived = arrived * (_MS_PER_S / renshaw.excitation_time)
    gathered, rose, faded = _kept(renshaw, step_ms, dtype)
    drive = state.drive * gathered + arrived
    share = drive / (drive + renshaw.half_drive)
    rising = share + (state.rising - share) * rose
    inhibition = rising + (state.inhibition - rising) * faded
    return RenshawState(drive, rising, inhibition)


def rate(renshaw: Renshaw, state: RenshawState) -> Array:
    """Mean rate (Hz) of the Renshaw cells."""
    found: Array = renshaw.largest_rate * state.drive / (state.drive + renshaw.half_drive)
    return found


def conductance(constant: RenshawConstants, state: RenshawState) -> Array:
    """Inhibitory conductance (uS) on each motoneuron, shape (..., units)."""
    felt: Array = state.inhibition[..., None] * constant.conductance
    return felt


def added_conductance(
    constant: RenshawConstants, state: RenshawState, decay_time: float, step_ms: float = 1.0
) -> Array:
    """Conductance (uS) to add at the start of a step to one that decays by itself.

    A motoneuron's own inhibition fades with its synapse; this much, added each step, holds its
    mean where `conductance` says.

    Args:
        constant: Of this pool.
        state: Of its cells.
        decay_time: Time constant with which the motoneuron's inhibition fades (ms).
        step_ms: Between two additions.
    """
    return conductance(constant, state) * (step_ms / decay_time)


def steady_inhibition(renshaw: Renshaw, mean_rate: Number) -> Number:
    """Share of the largest inhibition under a steady, weighted mean unit rate (Hz)."""
    return mean_rate / (mean_rate + renshaw.half_drive)
