"""Motoneuron packing: a pool, its state and its inputs as the kernels and the reference take them.

Receives what `motoneuron.advance` was given, and refuses what cannot be used, in words, before any
kernel runs. Gives rows of numbers in the computation's precision: all that depends on the step,
such as the share of a gate left after it, is computed here, once, for both NumPy and C++. The
order of the rows is that of the structures in `motoneuron.hpp`.

Source: none.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myotome.physiology import counter_noise
from myotome.physiology.motoneuron_cells import Floats, Membrane, PoolConstants
from myotome.physiology.parameters import Number

Scheme = Literal["backward_euler", "crank_nicolson"]

BLOCK_MS: Final = 1.0  # structures exchange once a millisecond
LONG_AGO: Final = 1e6  # steps since the last spike are not counted beyond
STATE_ROWS: Final = 11
_LANES: Final = 16
_MOST_CURRENT: Final = 1e4  # nA
_MOST_CONDUCTANCE: Final = 1e3  # uS


class PoolState(NamedTuple):
    """State of a pool; every field but the clock of shape (units,) or (people, units)."""

    soma: Floats
    """mV from rest."""
    dendrite: Floats
    """mV from rest."""
    sodium_on: Floats
    """Gates are shares of channels, 0 to 1."""
    sodium_ready: Floats
    fast_potassium_on: Floats
    slow_potassium_on: Floats
    persistent_on: Floats
    persistent_ready: Floats
    excitation: Floats
    """uS."""
    inhibition: Floats
    """uS."""
    since_spike: Floats
    """ms."""
    clock: int
    """Steps taken: the counter of the noise."""

    def arrays(self) -> dict[str, Floats]:
        """Every field but the clock."""
        return {name: getattr(self, name) for name in PoolState._fields if name != "clock"}


class PoolInput(NamedTuple):
    """What reaches the cells; scalars, or arrays that broadcast to the state."""

    excitation: ArrayLike = 0.0
    """uS, added at the beginning and decaying."""
    inhibition: ArrayLike = 0.0
    """uS, added at the beginning and decaying."""
    steady_excitation: ArrayLike = 0.0
    """uS."""
    current: ArrayLike = 0.0
    """nA, into the soma."""
    shot_rate: ArrayLike = 0.0
    """1/ms, of random excitatory shots."""
    shot_weight: ArrayLike = 0.0
    """uS, of one shot."""
    seed: ArrayLike = 0
    """Whole number, one or one for each person."""
    stream: int = 0
    """Which noise of the same cells."""


class Packed(NamedTuple):
    """Everything as the kernels take it: (people or 1, rows, units made up to a whole block)."""

    constants: Floats
    shared: Floats
    state: Floats
    inputs: Floats
    bits: NDArray[np.uint32]
    units: int
    steps_per_block: int


def packed(  # noqa: PLR0913, PLR0917 - the arguments of `advance`
    constants: PoolConstants,
    state: PoolState,
    inputs: PoolInput,
    steps: int,
    step_ms: float,
    scheme: Scheme,
) -> Packed:
    """Everything a kernel needs, once it has been found fit."""
    _check(constants, state, steps, step_ms, scheme)
    precision, units = state.soma.dtype, constants.units
    people = state.soma.size // units
    stride = -(-units // _LANES) * _LANES
    values = state.arrays()
    values["since_spike"] = np.minimum(
        np.rint(state.since_spike / precision.type(step_ms)), LONG_AGO
    )
    held = np.zeros((people, STATE_ROWS, stride), dtype=precision)
    for row, value in enumerate(values.values()):
        held[:, row, :units] = value.reshape(people, units)
    given, shots = _packed_inputs(inputs, people, units, step_ms, precision)
    return Packed(
        constants=_wide(_cell_rows(constants, step_ms, scheme), stride, precision),
        shared=_shared(constants.membrane, step_ms, scheme).astype(precision),
        state=held,
        inputs=_wide(given, stride, precision),
        bits=_wide(shots, stride, np.dtype(np.uint32)),
        units=units,
        steps_per_block=round(BLOCK_MS / step_ms),
    )


def _wide(rows: NDArray[Any], stride: int, kind: np.dtype[Any]) -> NDArray[Any]:
    """Rows made up to whole blocks with copies of the last unit."""
    extra = stride - rows.shape[-1]
    wide = np.concatenate([rows, np.repeat(rows[..., -1:], extra, axis=-1)], axis=-1)
    return np.ascontiguousarray(wide, dtype=kind)


def _cell_rows(constants: PoolConstants, step_ms: float, scheme: Scheme) -> Floats:
    """Rows of `CellConstants` in motoneuron.hpp, shape (people or 1, rows, units)."""
    c = constants
    share = 1.0 if scheme == "backward_euler" else 0.5
    soma, dendrite = (x / (share * step_ms) for x in (c.soma_capacitance, c.dendrite_capacitance))
    rows = [
        c.soma_leak, c.dendrite_leak,
        soma + c.soma_leak + c.coupling, dendrite + c.dendrite_leak + c.coupling, c.coupling,
        c.coupling**2, c.sodium, c.fast_potassium, c.slow_potassium, c.persistent,
        c.threshold, c.half_activation, c.half_inactivation,
        np.exp(-c.slow_potassium_fall * step_ms),
    ]  # fmt: skip
    stacked = np.stack(np.broadcast_arrays(*rows), axis=-2)
    return stacked if stacked.ndim == 3 else stacked[None]


def _shared(m: Membrane, step_ms: float, scheme: Scheme) -> Floats:
    """Fields of `SharedConstants` in motoneuron.hpp, in order."""

    def left(rate: Number) -> Number:
        return np.exp(-np.asarray(rate) * step_ms)

    excitation, inhibition = left(1.0 / m.excitation_decay), left(1.0 / m.inhibition_decay)
    means = (1.0, 1.0)
    if scheme == "crank_nicolson":
        means = (
            float((1.0 - excitation) / (step_ms / m.excitation_decay)),
            float((1.0 - inhibition) / (step_ms / m.inhibition_decay)),
        )
    return np.array([
        m.sodium_reversal, m.potassium_reversal, m.excitation_reversal, m.inhibition_reversal,
        m.persistent_reversal, left(m.sodium_rise), left(m.sodium_fall), left(m.ready_rise),
        left(m.ready_fall), left(m.fast_potassium_rise), left(m.fast_potassium_fall),
        left(m.slow_potassium_rise), excitation, inhibition, *means,
        1.0 - left(1.0 / m.persistent_time_constant), 1.0 / m.persistent_slope,
        m.inactivation * (1.0 - np.exp(-BLOCK_MS / m.inactivation_time_constant)),
        1.0 / m.inactivation_slope, round(float(m.pulse) / step_ms),
        round(float(m.refractory) / step_ms),
    ], dtype=np.float64)  # fmt: skip


def _packed_inputs(
    inputs: PoolInput, people: int, units: int, step_ms: float, precision: np.dtype[Any]
) -> tuple[Floats, NDArray[np.uint32]]:
    fields = ("excitation", "inhibition", "steady_excitation", "current", "shot_weight")
    given = {name: np.asarray(getattr(inputs, name), dtype=precision) for name in fields}
    given["shot_rate"] = np.asarray(inputs.shot_rate, dtype=np.float64)
    for name, value in given.items():
        _check_input(name, value, people, units, step_ms)
    rows = 1 if all(value.ndim < 2 for value in given.values()) else people
    shape = (rows, units)
    stacked = np.stack([np.broadcast_to(given[name], shape) for name in fields], axis=1)
    limits = counter_noise.limit(given["shot_rate"] * step_ms)
    keys = counter_noise.keys(units, np.broadcast_to(inputs.seed, (people,)), inputs.stream)
    shots = np.stack([np.broadcast_to(limits, keys.shape), keys], axis=1)
    return stacked, shots


def unpacked(arrays: Packed, state: PoolState, steps: int, step_ms: float) -> PoolState:
    """The state that a kernel left, in the shape of the state that was given."""
    shape = state.soma.shape
    left = {
        name: np.ascontiguousarray(arrays.state[:, row, : arrays.units]).reshape(shape)
        for row, name in enumerate(state.arrays())
    }
    counted = np.minimum(left.pop("since_spike"), LONG_AGO)
    since = counted * state.soma.dtype.type(step_ms)
    return PoolState(**left, since_spike=since, clock=state.clock + steps)


def _check(
    constants: PoolConstants, state: PoolState, steps: int, step_ms: float, scheme: Scheme
) -> None:
    units, shape = constants.units, state.soma.shape
    if state.soma.dtype not in {np.dtype(np.float32), np.dtype(np.float64)}:
        raise ValueError(f"state must be of float32 or float64, got {state.soma.dtype}.")
    if shape[-1:] != (units,) or len(shape) > 2:
        raise ValueError(f"state must be of shape ({units},) or (people, {units}), got {shape}.")
    for name, value in state.arrays().items():
        _check_array(f"{name} of the state", value, {shape})
    for name, value in constants.arrays().items():
        _check_array(f"{name} of the pool", value, {(units,), shape})
    if steps < 0:
        raise ValueError(f"steps must be 0 or more, got {steps}.")
    per_block = round(BLOCK_MS / step_ms) if step_ms > 0.0 else 0
    if not 1 <= per_block <= 1000 or abs(per_block * step_ms - BLOCK_MS) > 1e-9:
        raise ValueError(f"step_ms must be a whole part of 1 ms, 0.001 or more, got {step_ms}.")
    if scheme not in {"backward_euler", "crank_nicolson"}:
        raise ValueError(f"scheme must be backward_euler or crank_nicolson, got {scheme!r}.")
    if constants.membrane.refractory < BLOCK_MS:
        raise ValueError(
            f"refractory must be 1 ms or more, got {constants.membrane.refractory}: "
            "a unit fires at most once in an exchange of 1 ms."
        )


def _check_array(name: str, value: NDArray[Any], shapes: set[tuple[int, ...]]) -> None:
    if value.shape not in shapes:
        wanted = " or ".join(str(shape) for shape in sorted(shapes, key=len))
        raise ValueError(f"{name} must be of shape {wanted}, got {value.shape}.")
    if not np.isfinite(value).all():
        raise ValueError(f"{name} must be finite, got {_worst(value)}.")


def _check_input(name: str, value: NDArray[Any], people: int, units: int, step_ms: float) -> None:
    allowed = {(), (1,), (units,), (people, units), (people, 1), (1, units)}
    if value.shape not in allowed:
        raise ValueError(
            f"{name} must be one number, of shape ({units},) or ({people}, {units}), "
            f"got {value.shape}."
        )
    if name == "current":
        low, high, unit = -_MOST_CURRENT, _MOST_CURRENT, "nA"
    elif name == "shot_rate":
        low, high, unit = 0.0, 1.0 / step_ms, "1/ms, at most one in a step"
    else:
        low, high, unit = 0.0, _MOST_CONDUCTANCE, "uS"
    if not bool(((value >= low) & (value <= high)).all()):
        raise ValueError(f"{name} must be {low:g} to {high:g} ({unit}), got {_worst(value)}.")


def _worst(value: NDArray[Any]) -> float:
    """What to show of an array that was refused: no number if there is one, else the largest."""
    flat = np.ravel(value)
    bad = flat[~np.isfinite(flat)]
    return float(bad[0]) if bad.size else float(flat[np.argmax(np.abs(flat))])
