"""Motor unit: turns each unit's spikes into the force of its fibres, by way of their calcium.

Receives spikes of the motor pool and the length and speed of the fibres; gives activation and
force of each unit, and their sum, to the musculotendon unit. A spike opens the calcium store;
calcium binds troponin, more readily in stretched fibres; bound calcium acts together, so that
force grows steeply with rate and then saturates. Nothing here prescribes a twitch or how twitches
add up: slow units fuse at low rates because their calcium leaves slowly.

Units run from the slowest to the fastest of their kind by rank, slow ones first, as recruitment
does. In the source each unit was drawn by itself; here a few constants run evenly with rank,
and what the source gives for a unit comes out within a tenth.

Source: nagamori2021; departs from it in the even run of constants, in sag, which is song2008's
(with the other's 20-fold sag the first twitch of a fast unit is 0.8 of its tetanus, against 0.2 to
0.4 in its own table), and in leaving length-tension and force-velocity to the musculotendon unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from myotome.physiology.exponential import exp, power
from myotome.physiology.packing import in_rows, side_by_side
from myotome.physiology.parameters import Number, parameter
from myotome.physiology.parameters import check as check_parameters

Array = NDArray[Any]

_MS: Final = 1e-3
_LONGEST_STEP: Final = 2.0  # ms; calcium is gone within one
_LONG_SILENT: Final = 1e6  # ms
_LEAST_FACTOR: Final = 0.1  # of what length multiplies, far from the optimum
_NOTHING: Final = 1e-12
_SOURCE: Final = "nagamori2021"


@dataclass(frozen=True, slots=True)
class MotorUnits:
    """The units of one muscle; `slow` and `fast` are the two kinds of fibre."""

    slow_share: float = parameter(
        0.735, unit="1", tag="V", source=_SOURCE, meaning="units that are slow, of all"
    )
    tetanic_range: float = parameter(
        17.0,
        unit="1",
        tag="D",
        source="thenar1990",
        meaning="tetanic force of the last unit over that of the first",
        low=10.0,
        high=100.0,
    )
    rank_power: float = parameter(
        0.7,
        unit="1",
        tag="D",
        source=_SOURCE,
        meaning="how early constants move from the slowest to the fastest slow unit",
        low=0.5,
        high=1.0,
    )
    total_calcium: float = parameter(
        1.8, unit="1", tag="V", source=_SOURCE, meaning="calcium that the store can give (C)"
    )
    slow_store: float = parameter(
        20.3, unit="1", tag="V", source=_SOURCE, meaning="capacity of the store, slow (S)"
    )
    fast_store: float = parameter(
        25.3, unit="1", tag="V", source=_SOURCE, meaning="capacity of the store, fast (S)"
    )
    slow_release: float = parameter(
        74.0, unit="1/s", tag="V", source=_SOURCE, meaning="release, slow (k1)"
    )
    fast_release: float = parameter(
        104.0, unit="1/s", tag="V", source=_SOURCE, meaning="release, fast (k1)"
    )
    slow_uptake: float = parameter(
        75.0, unit="1/s", tag="V", source=_SOURCE, meaning="uptake, slow (k2)"
    )
    fast_uptake: float = parameter(
        94.0, unit="1/s", tag="V", source=_SOURCE, meaning="uptake, fast (k2)"
    )
    slow_binding: float = parameter(
        65.0, unit="1/s", tag="V", source=_SOURCE, meaning="binding to troponin, slow (k3)"
    )
    fast_binding: float = parameter(
        95.0, unit="1/s", tag="V", source=_SOURCE, meaning="binding to troponin, fast (k3)"
    )
    slow_unbinding_first: float = parameter(
        36.8,
        unit="1/s",
        tag="D",
        source=_SOURCE,
        meaning="unbinding, slowest slow unit (k4i)",
        low=36.0,
        high=62.0,
    )
    slow_unbinding_last: float = parameter(
        100.0,
        unit="1/s",
        tag="D",
        source=_SOURCE,
        meaning="unbinding, fastest slow unit (k4i)",
        low=62.0,
        high=100.0,
    )
    fast_unbinding_first: float = parameter(
        80.3,
        unit="1/s",
        tag="D",
        source=_SOURCE,
        meaning="unbinding, slowest fast unit (k4i)",
        low=67.0,
        high=90.0,
    )
    fast_unbinding_last: float = parameter(
        129.7,
        unit="1/s",
        tag="D",
        source=_SOURCE,
        meaning="unbinding, fastest fast unit (k4i)",
        low=90.0,
        high=144.0,
    )
    slow_opening: float = parameter(
        1.65, unit="ms", tag="V", source=_SOURCE, meaning="opening of the store, slow (tau1)"
    )
    fast_opening: float = parameter(
        0.97, unit="ms", tag="V", source=_SOURCE, meaning="opening of the store, fast (tau1)"
    )
    slow_closing_first: float = parameter(
        38.0,
        unit="ms",
        tag="D",
        source=_SOURCE,
        meaning="closing of the store, slowest slow unit (tau2, median 23)",
        low=23.0,
        high=46.0,
    )
    slow_closing_last: float = parameter(
        17.3,
        unit="ms",
        tag="D",
        source=_SOURCE,
        meaning="closing of the store, fastest slow unit (tau2)",
        low=11.5,
        high=23.0,
    )
    fast_closing_first: float = parameter(
        18.5,
        unit="ms",
        tag="D",
        source=_SOURCE,
        meaning="closing of the store, slowest fast unit (tau2, median 16)",
        low=16.0,
        high=32.0,
    )
    fast_closing_last: float = parameter(
        12.0,
        unit="ms",
        tag="D",
        source=_SOURCE,
        meaning="closing of the store, fastest fast unit (tau2)",
        low=8.0,
        high=16.0,
    )
    slow_bridging: float = parameter(
        35.4,
        unit="ms",
        tag="D",
        source=_SOURCE,
        meaning="cross-bridges, slow (tau3, median 37)",
        low=25.0,
        high=52.0,
    )
    fast_bridging: float = parameter(
        12.6,
        unit="ms",
        tag="D",
        source=_SOURCE,
        meaning="cross-bridges, fast (tau3, median 17)",
        low=8.5,
        high=34.0,
    )
    cooperation: float = parameter(
        2.2, unit="1", tag="V", source=_SOURCE, meaning="steepness of activation (N)"
    )
    slow_half: float = parameter(
        0.05,
        unit="1",
        tag="V",
        source=_SOURCE,
        meaning="bound calcium at half activation, slow (K)",
    )
    fast_half_first: float = parameter(
        0.042,
        unit="1",
        tag="D",
        source=_SOURCE,
        meaning="bound calcium at half activation, slowest fast unit (K, median 0.047)",
        low=0.035,
        high=0.065,
    )
    fast_half_last: float = parameter(
        0.039,
        unit="1",
        tag="D",
        source=_SOURCE,
        meaning="bound calcium at half activation, fastest fast unit (K)",
        low=0.035,
        high=0.065,
    )
    holding: float = parameter(
        0.8, unit="1", tag="V", source=_SOURCE, meaning="how activation slows unbinding (gamma)"
    )
    slow_by_stretch: float = parameter(
        1.5, unit="1", tag="V", source=_SOURCE, meaning="sensitivity to length above 1, slow (phi1)"
    )
    slow_by_shortening: float = parameter(
        1.1, unit="1", tag="V", source=_SOURCE, meaning="sensitivity to length below 1, slow (phi2)"
    )
    fast_by_stretch: float = parameter(
        0.9, unit="1", tag="V", source=_SOURCE, meaning="sensitivity to length above 1, fast (phi1)"
    )
    fast_by_shortening: float = parameter(
        0.7, unit="1", tag="V", source=_SOURCE, meaning="sensitivity to length below 1, fast (phi2)"
    )
    sag_rested: float = parameter(
        1.76,
        unit="1",
        tag="V",
        source="song2008",
        meaning="sag of a fast unit that has been silent",
    )
    sag_active: float = parameter(
        0.96, unit="1", tag="V", source="song2008", meaning="sag of a fast unit that discharges"
    )
    sag_time: float = parameter(
        0.043, unit="s", tag="V", source="song2008", meaning="time constant of sag"
    )
    silent_rate: float = parameter(
        0.1,
        unit="1",
        tag="V",
        source="song2008",
        meaning="rate over the half-maximal one below which a unit counts as silent",
    )
    fast_half_rate_first: float = parameter(
        18.4, unit="Hz", tag="C", source=_SOURCE, meaning="half-maximal rate, slowest fast unit"
    )
    fast_half_rate_last: float = parameter(
        41.1, unit="Hz", tag="C", source=_SOURCE, meaning="half-maximal rate, fastest fast unit"
    )
    yield_depth: float = parameter(
        0.35, unit="1", tag="V", source=_SOURCE, meaning="what movement takes from slow units"
    )
    yield_speed: float = parameter(
        0.1, unit="L0/s", tag="V", source=_SOURCE, meaning="speed that takes two thirds of it"
    )
    yield_time: float = parameter(
        0.2, unit="s", tag="V", source=_SOURCE, meaning="time constant of yielding"
    )


class MotorUnitConstants(NamedTuple):
    """What steps of one length need; arrays over units unless said.

    Attributes:
        release: k1 (1/s).
        uptake: k2 (1/s).
        binding: k3 (1/s).
        unbinding: k4i (1/s).
        spare: S - C.
        total: C, one number.
        step: Seconds, one number.
        opening_kept: Share of the opening left after a step.
        closing_kept: Share of the closing left after a step.
        opening_mean: Mean of the opening over a step, over what it begins with.
        closing_mean: Likewise of the closing.
        bridging_half: Share of the distance to the goal of activation left after half a step.
        cooperation: N, one number.
        half: K.
        holding: gamma, one number.
        by_stretch: phi1.
        by_shortening: phi2.
        sag_rested: Goal of sag after silence; 1 in slow units.
        sag_active: Goal of sag in discharge; 1 in slow units.
        sag_kept: Share of the distance to the goal of sag left after a step, one number.
        silence: Time since a spike after which a unit counts as silent (ms).
        yields: 1 in slow units, 0 in fast ones.
        yield_depth: One number.
        yield_slowness: One over the speed, one number (s).
        yield_kept: Share of the distance to the goal of yielding left after a step, one number.
        tetanic_force: Of all units together 1.
    """

    release: Array
    uptake: Array
    binding: Array
    unbinding: Array
    spare: Array
    total: Array
    step: Array
    opening_kept: Array
    closing_kept: Array
    opening_mean: Array
    closing_mean: Array
    bridging_half: Array
    cooperation: Array
    half: Array
    holding: Array
    by_stretch: Array
    by_shortening: Array
    sag_rested: Array
    sag_active: Array
    sag_kept: Array
    silence: Array
    yields: Array
    yield_depth: Array
    yield_slowness: Array
    yield_kept: Array
    tetanic_force: Array


SHARED: Final = (
    "total",
    "step",
    "cooperation",
    "holding",
    "sag_kept",
    "yield_depth",
    "yield_slowness",
    "yield_kept",
)
"""Constants that are one number for all units, in the order in which kernels read them."""


class MotorUnitState(NamedTuple):
    """Arrays of shape (..., units) unless said.

    Attributes:
        opening: Rising part of the store's conductance, one per spike.
        closing: Falling part; the conductance is `closing - opening`.
        calcium: Free calcium (c).
        bound: Bound calcium (cf), 0 to 1.
        goal: Activation to which the bound calcium would bring the unit (A infinite).
        activation: 0 to 1 (A).
        sag: Factor on bound calcium.
        since_spike: Time since the last spike (ms).
        yielding: Factor on bound calcium of slow units, shape (...,).
    """

    opening: Array
    closing: Array
    calcium: Array
    bound: Array
    goal: Array
    activation: Array
    sag: Array
    since_spike: Array
    yielding: Array


def is_slow(of: MotorUnits, units: int) -> NDArray[np.bool_]:
    """Which units are slow, in order of recruitment.

    >>> int(is_slow(MotorUnits(), 200).sum())
    147
    """
    return np.arange(units) < round(of.slow_share * units)


def tetanic_forces(of: MotorUnits, units: int) -> Array:
    """Tetanic force of each unit over that of the muscle; they grow evenly in their logarithm."""
    place = np.arange(units) / max(units - 1, 1)
    forces = np.exp(np.log(of.tetanic_range) * place)
    return np.asarray(forces / forces.sum(axis=-1, keepdims=True))


def _rank(units: int, slow: NDArray[np.bool_], bend: Number) -> Array:
    """Place of a unit within its kind, 0 to 1."""
    count = int(slow.sum())
    place = np.arange(units, dtype=np.float64)
    of_slow = (place / max(count - 1, 1)) ** bend
    of_fast = (place - count) / max(units - count - 1, 1)
    return np.asarray(np.where(slow, of_slow, of_fast))


def constants(
    of: MotorUnits, units: int, step_ms: float = 1.0, dtype: DTypeLike = np.float64
) -> MotorUnitConstants:
    """The units of a muscle, in order of recruitment, for steps of `step_ms`.

    Args:
        of: The parameters.
        units: How many.
        step_ms: At most 2 (ms).
        dtype: Of every array.

    Raises:
        ValueError: No unit, a step outside 0 to 2 ms, or a parameter that no muscle has.
    """
    check_parameters(of)
    if units < 1:
        raise ValueError(f"units must be 1 or more, got {units}.")
    if not 0.0 < step_ms <= _LONGEST_STEP:
        raise ValueError(f"step_ms must be over 0 to {_LONGEST_STEP:g} (ms), got {step_ms}.")
    slow = is_slow(of, units)
    rank = _rank(units, slow, of.rank_power)

    def kind(of_slow: Number, of_fast: Number) -> Array:
        return np.asarray(np.where(slow, of_slow, of_fast))

    def run(slow_first: Number, slow_last: Number, fast_first: Number, fast_last: Number) -> Array:
        first, last = kind(slow_first, fast_first), kind(slow_last, fast_last)
        return np.asarray(first * (last / first) ** rank)

    closing = run(
        of.slow_closing_first, of.slow_closing_last, of.fast_closing_first, of.fast_closing_last
    )
    # (1 - exp(-t/tau1)) exp(-t/tau2) is the difference of two exponentials.
    opening = 1.0 / (1.0 / kind(of.slow_opening, of.fast_opening) + 1.0 / closing)
    bridging = kind(of.slow_bridging, of.fast_bridging)
    half_rate = run(
        of.fast_half_rate_first,
        of.fast_half_rate_first,
        of.fast_half_rate_first,
        of.fast_half_rate_last,
    )
    opening_kept, closing_kept = exp(-step_ms / opening), exp(-step_ms / closing)
    store = kind(of.slow_store, of.fast_store)
    entries: tuple[ArrayLike, ...] = (
        kind(of.slow_release, of.fast_release),
        kind(of.slow_uptake, of.fast_uptake),
        kind(of.slow_binding, of.fast_binding),
        run(
            of.slow_unbinding_first,
            of.slow_unbinding_last,
            of.fast_unbinding_first,
            of.fast_unbinding_last,
        ),
        store - of.total_calcium,
        of.total_calcium,
        step_ms * _MS,
        opening_kept,
        closing_kept,
        (1.0 - opening_kept) * opening / step_ms,
        (1.0 - closing_kept) * closing / step_ms,
        exp(-0.5 * step_ms / bridging),
        of.cooperation,
        run(of.slow_half, of.slow_half, of.fast_half_first, of.fast_half_last),
        of.holding,
        kind(of.slow_by_stretch, of.fast_by_stretch),
        kind(of.slow_by_shortening, of.fast_by_shortening),
        kind(1.0, of.sag_rested),
        kind(1.0, of.sag_active),
        exp(np.asarray(-step_ms * _MS / np.asarray(of.sag_time))),
        1.0 / _MS / (of.silent_rate * half_rate),
        slow.astype(np.float64),
        of.yield_depth,
        1.0 / np.asarray(of.yield_speed),
        exp(np.asarray(-step_ms * _MS / np.asarray(of.yield_time))),
        tetanic_forces(of, units),
    )
    return MotorUnitConstants(*(np.asarray(entry, dtype=dtype) for entry in entries))


def at_rest(of: MotorUnitConstants, shape: tuple[int, ...] = ()) -> MotorUnitState:
    """Units that have been silent for long; `shape` is that of people and muscles."""
    units = np.broadcast_shapes((*shape, 1), of.release.shape)
    dtype = of.release.dtype
    none = np.zeros(units, dtype=dtype)
    return MotorUnitState(
        opening=none,
        closing=none,
        calcium=none,
        bound=none,
        goal=none,
        activation=none,
        sag=np.broadcast_to(of.sag_rested, units).copy(),
        since_spike=np.full(units, _LONG_SILENT, dtype=dtype),
        yielding=np.ones(units[:-1], dtype=dtype),
    )


def check(spikes: ArrayLike, fibre_length: ArrayLike, fibre_velocity: ArrayLike) -> None:
    """Refuse what no unit meets.

    Raises:
        ValueError: Spikes other than 0 or 1, a length outside 0.2 to 1.8 (optimal fibre lengths)
            or a speed beyond 20 of them a second.
    """
    fired = np.asarray(spikes)
    if not np.all((fired == 0) | (fired == 1)):
        raise ValueError("spikes must be 0 or 1, one per unit and step.")
    for name, value, low, high, unit in (
        ("fibre_length", fibre_length, 0.2, 1.8, "L0"),
        ("fibre_velocity", fibre_velocity, -20.0, 20.0, "L0/s"),
    ):
        given = np.asarray(value)
        fine = (given >= low) & (given <= high)
        if not fine.all():
            raise ValueError(
                f"{name} must be {low:g} to {high:g} ({unit}), got {given[~fine].flat[0]}."
            )


def _or_nothing(amount: Array) -> Array:
    """What has decayed to nothing: numbers below the normal range would slow processors down."""
    return np.asarray(np.where(amount < _NOTHING, 0.0, amount), dtype=amount.dtype)


def step(
    of: MotorUnitConstants,
    state: MotorUnitState,
    *,
    spikes: Array,
    fibre_length: Array,
    fibre_velocity: Array,
) -> MotorUnitState:
    """The state one step later.

    Free calcium, which is gone within a millisecond, takes an implicit step; bound calcium one
    that is second order; activation half a step before and half a step after.

    Args:
        of: The units.
        state: The state.
        spikes: 1 where a unit fires at the beginning of the step, else 0; shape (..., units).
        fibre_length: Optimal fibre lengths, shape (...,).
        fibre_velocity: Optimal fibre lengths per s, lengthening > 0, shape (...,).
    """
    fired = spikes > 0.0
    speed = np.abs(fibre_velocity)
    give = of.yield_depth * (1.0 - exp(-(speed * of.yield_slowness)))
    yielding_goal = 1.0 - give
    yielding = yielding_goal + (state.yielding - yielding_goal) * of.yield_kept

    since_spike = np.where(fired, 0.0, state.since_spike) + of.step * 1000.0
    sag_goal = np.where(since_spike > of.silence, of.sag_rested, of.sag_active)
    sag = sag_goal + (state.sag - sag_goal) * of.sag_kept

    excess = (fibre_length - 1.0)[..., np.newaxis]
    tilt = excess * np.where(excess >= 0.0, of.by_stretch, of.by_shortening)
    growing = np.maximum(1.0 + tilt, _LEAST_FACTOR)
    falling = np.maximum(1.0 - tilt, _LEAST_FACTOR)

    opening, closing = state.opening + spikes, state.closing + spikes
    open_share = closing * of.closing_mean - opening * of.opening_mean

    activation = state.goal + (state.activation - state.goal) * of.bridging_half
    binding = of.binding * growing
    unbinding = of.unbinding / (1.0 + (of.holding * growing) * activation)
    free = 1.0 - state.bound
    released = of.release * open_share
    loss = (released + of.uptake * ((of.spare + state.calcium) + state.bound)) + binding * free
    source = released * (of.total - state.bound) + (unbinding * state.bound) * free
    calcium = (state.calcium + of.step * source) / (1.0 + of.step * loss)
    net = binding * calcium - unbinding * state.bound
    steep = net + unbinding * free
    bound = state.bound + (of.step * (free * net)) / (1.0 + (0.5 * of.step) * steep)

    kept = 1.0 - of.yields * (1.0 - yielding[..., np.newaxis])
    ratio = ((bound * sag) * kept) / (of.half * falling)
    raised = power(ratio, of.cooperation * falling)
    goal = raised / (raised + 1.0)
    activation = goal + (activation - goal) * of.bridging_half
    return MotorUnitState(
        opening=_or_nothing(opening * of.opening_kept),
        closing=_or_nothing(closing * of.closing_kept),
        calcium=_or_nothing(calcium),
        bound=_or_nothing(bound),
        goal=goal,
        activation=_or_nothing(activation),
        sag=sag,
        since_spike=np.minimum(since_spike, _LONG_SILENT),
        yielding=yielding,
    )


def forces(of: MotorUnitConstants, state: MotorUnitState) -> Array:
    """Force of each unit at optimal length, held (maximum isometric forces of the muscle)."""
    return np.asarray(of.tetanic_force * state.activation)


def muscle_activation(of: MotorUnitConstants, state: MotorUnitState) -> Array:
    """Activation of the muscle, 0 to 1: the force of its units together."""
    # One after the other, as the compiled sum runs.
    return np.asarray(np.cumsum(forces(of, state), axis=-1)[..., -1])


def packed(of: MotorUnitConstants) -> tuple[Array, Array]:
    """What kernels read: shared numbers (8,) and rows (18, units)."""
    shared = side_by_side((getattr(of, name) for name in SHARED), 1)[0]
    rows = (getattr(of, name) for name in of._fields if name not in SHARED)
    return shared, in_rows(rows, of.release.shape[-1])


def packed_state(state: MotorUnitState) -> tuple[Array, Array]:
    """What kernels move on, of one muscle: rows (8, units) and yielding (1,)."""
    rows = in_rows(state[:-1], state.activation.shape[-1])
    return rows, np.array([state.yielding], dtype=rows.dtype)
