"""Motoneuron: turns conductance and current into spikes, for a whole pool of unlike cells.

Each cell has a soma and one dendrite. A spike is not computed from voltage-gated channels: when
the soma passes its threshold, the channels are driven open for 0.6 ms and close again by
themselves, so that each gate follows a known exponential. The slow potassium gate, which outlasts
the spike, is the afterhyperpolarisation. In the dendrite lies a persistent inward current: it
opens slowly with depolarisation, keeps the cell firing after the input has gone, and is why
input up and input down differ. Small cells have little membrane and so a high input resistance;
they are recruited first by that alone.

Receives, per cell, conductances and currents for a call (`PoolInput`) and random shots; gives
spikes and the state. Voltages are in mV from rest, time in ms, conductance in uS, current in nA,
capacitance in nF. Within a step the changes of both voltages are solved together, by backward
Euler or by Crank-Nicolson with the mean of the decaying conductances; gates are exact.
`motoneuron.hpp` holds the same lines in C++, and both agree to the bit.

Source: destexhe1997 (pulses), cisi2008 and nagamori2021 (cells), booth1997 and powers2017
(persistent inward current).
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import counter_noise
from myotome.physiology.backend import Backend, kernels
from myotome.physiology.exponential import logistic
from myotome.physiology.motoneuron_cells import (
    FATIGABLE,
    FATIGUE_RESISTANT,
    SLOW,
    Cell,
    Composition,
    Membrane,
    PoolConstants,
    constants_of,
    input_resistance,
    mid_range,
    pool,
    reference_pool,
)
from myotome.physiology.motoneuron_packing import (
    STATE_ROWS,
    Packed,
    PoolInput,
    PoolState,
    Scheme,
    packed,
    unpacked,
)

__all__ = [
    "FATIGABLE",
    "FATIGUE_RESISTANT",
    "SLOW",
    "Cell",
    "Composition",
    "Membrane",
    "PoolConstants",
    "PoolInput",
    "PoolState",
    "Scheme",
    "Spikes",
    "advance",
    "at_rest",
    "constants_of",
    "input_resistance",
    "mid_range",
    "pool",
    "reference_pool",
]

_NO_INPUT: Final = PoolInput()
_CELL_STEPS_AT_ONCE: Final = 500_000_000  # a second of one core
_ADDED_ONCE: Final = 2  # rows of the inputs that are added at the beginning of a call
_LONG_REST: Final = 1000.0  # ms since a spike that never was
_NOTHING: Final = 1e-12  # uS
_SHUT: Final = 1e-7


class Spikes(NamedTuple):
    """Spikes in order of person, step and unit: one entry of each array for each spike."""

    step: NDArray[np.int64]
    """Step, counted from the beginning of the call, at whose end the soma had passed threshold."""
    person: NDArray[np.int32]
    unit: NDArray[np.int32]

    def counts(self, units: int, people: int = 1) -> NDArray[np.int64]:
        """Spikes of each unit, shape (people, units)."""
        places = self.person.astype(np.int64) * units + self.unit
        return np.bincount(places, minlength=people * units).reshape(people, units)


def at_rest(
    constants: PoolConstants,
    people: int | None = None,
    precision: type[np.float32 | np.float64] = np.float32,
) -> PoolState:
    """The pool at rest, the persistent current shut; shape (units,), or (people, units)."""
    shape = (constants.units,) if people is None else (people, constants.units)
    rest = np.zeros(shape, dtype=precision)
    whole = np.ones(shape, dtype=precision)
    return PoolState(
        soma=rest, dendrite=rest, sodium_on=rest, sodium_ready=whole, fast_potassium_on=rest,
        slow_potassium_on=rest, persistent_on=rest, persistent_ready=whole, excitation=rest,
        inhibition=rest, since_spike=whole * precision(_LONG_REST), clock=0,
    )  # fmt: skip


def advance(  # noqa: PLR0913 - what a run of a pool needs, by name
    constants: PoolConstants,
    state: PoolState,
    inputs: PoolInput = _NO_INPUT,
    *,
    steps: int,
    step_ms: float = 0.1,
    scheme: Scheme = "crank_nicolson",
    threads: int = 1,
    backend: Backend | None = None,
) -> tuple[PoolState, Spikes]:
    """The state after `steps` steps, and the spikes in them.

    A call over many steps gives the same as calls over parts of it, to the bit, as do any number
    of threads and people and either backend.

    Args:
        constants: Of the pool.
        state: Where it stands; its precision is that of the computation.
        inputs: What reaches the cells: constant over the call, except that decaying conductances
            are added once at its beginning.
        steps: Steps to take.
        step_ms: Length of a step (ms), a whole part of 1 ms.
        scheme: How the voltages are solved.
        threads: People are shared out among so many threads (compiled kernels only).
        backend: The compiled kernels or the NumPy reference; left out, whichever is there.

    Raises:
        ValueError: An argument that cannot be used, in words.
    """
    arrays = packed(constants, state, inputs, steps, step_ms, scheme)
    module = kernels() if backend != "numpy" else None
    if backend == "compiled" and module is None:
        raise ValueError("backend must be numpy here: the compiled kernels are not there.")
    if module is None:
        spikes = _advance_in_numpy(arrays, steps, state.clock, scheme)
    else:
        spikes = _advance_compiled(module, arrays, steps, state.clock, scheme, threads)
    return unpacked(arrays, state, steps, step_ms), spikes


def _advance_compiled(  # noqa: PLR0913, PLR0917 - the arguments of `advance`
    module: ModuleType, arrays: Packed, steps: int, clock: int, scheme: Scheme, threads: int
) -> Spikes:
    """Calls of a second or so each, between which Python hears an interrupt."""
    people, _, stride = arrays.state.shape
    at_once = max(arrays.steps_per_block, _CELL_STEPS_AT_ONCE // (people * stride))
    inputs, found = arrays.inputs, []
    for begun in range(0, max(steps, 1), at_once):
        step, person, unit = module.advance(
            arrays.constants, arrays.shared, arrays.state, inputs, arrays.bits, arrays.units,
            min(at_once, steps - begun), arrays.steps_per_block, clock + begun,
            scheme == "crank_nicolson", threads,
        )  # fmt: skip
        found.append((step + begun, person, unit))
        if begun == 0 and steps > at_once:
            inputs = inputs.copy()
            inputs[:, :_ADDED_ONCE] = 0.0
    if len(found) == 1:
        return Spikes(*found[0])
    step, person, unit = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(person, kind="stable")
    return Spikes(step[order], person[order], unit[order])


def _advance_in_numpy(  # noqa: PLR0915 - one step, in the order of its twin
    arrays: Packed, steps: int, clock: int, scheme: Scheme
) -> Spikes:
    """The reference: writes the state into `arrays.state`; see motoneuron.hpp for the twin."""
    units = arrays.units
    (soma_leak, dendrite_leak, soma_total, dendrite_total, coupling, coupling_squared,
     sodium_all, fast_all, slow_all, persistent_all, threshold, half_activation,
     half_inactivation, slow_fall) = np.moveaxis(arrays.constants[..., :units], 1, 0)  # fmt: skip
    (sodium_reversal, potassium_reversal, excitation_reversal, inhibition_reversal,
     persistent_reversal, sodium_rise, sodium_fall, ready_rise, ready_fall, fast_rise, fast_fall,
     slow_rise, excitation_decay, inhibition_decay, excitation_mean, inhibition_mean, gain,
     steepness, inactivation_gain, inactivation_steepness, pulse_steps,
     refractory_steps) = arrays.shared  # fmt: skip
    (vs, vd, m, h, n, q, p, ready, excitation, inhibition, since) = (
        arrays.state[:, row, :units].copy() for row in range(STATE_ROWS)
    )
    more_excitation, more_inhibition, steady, current, weight = np.moveaxis(
        arrays.inputs[..., :units], 1, 0
    )
    limits, keys = np.moveaxis(arrays.bits[..., :units], 1, 0)
    one = arrays.shared.dtype.type(1.0)
    found: list[tuple[int, NDArray[Any], NDArray[Any]]] = []

    for step in range(steps):
        if (clock + step) % arrays.steps_per_block == 0:
            m, n, q = (np.where(gate < _SHUT, 0 * gate, gate) for gate in (m, n, q))
            excitation, inhibition = (
                np.where(g < _NOTHING, 0 * g, g) for g in (excitation, inhibition)
            )
            towards = logistic((half_inactivation - vd) * inactivation_steepness)
            ready = ready + inactivation_gain * (towards - ready)
        if step == 0:
            excitation = excitation + more_excitation
            inhibition = inhibition + more_inhibition
        shot = counter_noise.bits(keys, clock + step) < limits
        excitation = excitation + np.where(shot, weight, 0 * weight)

        g = excitation * excitation_mean + steady
        sodium = sodium_all * ((m * m) * (m * h))
        potassium = fast_all * ((n * n) * (n * n)) + slow_all * (q * q)
        persistent = (persistent_all * ready) * p
        between = coupling * (vd - vs)
        a = (soma_total + sodium) + potassium
        soma_current = (
            (current + sodium * (sodium_reversal - vs)) + potassium * (potassium_reversal - vs)
        ) + (between - soma_leak * vs)
        b = (dendrite_total + g) + persistent
        dendrite_current = (
            g * (excitation_reversal - vd) + persistent * (persistent_reversal - vd)
        ) - (between + dendrite_leak * vd)
        g = inhibition * inhibition_mean
        b = b + g
        dendrite_current = dendrite_current + g * (inhibition_reversal - vd)
        scale = one / (a * b - coupling_squared)
        soma_change = (soma_current * b + coupling * dendrite_current) * scale
        dendrite_change = (dendrite_current * a + coupling * soma_current) * scale
        vs, vd = vs + soma_change, vd + dendrite_change
        if scheme == "crank_nicolson":
            vs, vd = vs + soma_change, vd + dendrite_change
        p = p + gain * (logistic((vd - half_activation) * steepness) - p)

        fires = (vs > threshold) & (since >= refractory_steps)
        since = np.where(fires, 0 * since, since + one)
        on = since < pulse_steps
        opened = on.astype(vs.dtype)
        shut = one - opened
        m = opened + (m - opened) * np.where(on, sodium_rise, sodium_fall)
        h = shut + (h - shut) * np.where(on, ready_fall, ready_rise)
        n = opened + (n - opened) * np.where(on, fast_rise, fast_fall)
        q = opened + (q - opened) * np.where(on, slow_rise, slow_fall)
        excitation = excitation * excitation_decay
        inhibition = inhibition * inhibition_decay
        if fires.any():
            people, cells = np.nonzero(fires)
            found.append((step, people, cells))

    final = (vs, vd, m, h, n, q, p, ready, excitation, inhibition, since)
    for row, value in enumerate(final):
        arrays.state[:, row, :units] = value
    return _in_order(found)


def _in_order(found: list[tuple[int, NDArray[Any], NDArray[Any]]]) -> Spikes:
    step = np.repeat([s for s, _, _ in found], [len(u) for _, _, u in found]).astype(np.int64)
    person = np.concatenate([p for _, p, _ in found] or [step]).astype(np.int32)
    unit = np.concatenate([u for _, _, u in found] or [step]).astype(np.int32)
    order = np.lexsort((unit, step, person))
    return Spikes(step[order], person[order], unit[order])
