"""Ectopic generator: fibres of an injured root that discharge by themselves, impulse by impulse.

Receives the mean rate of active fibres and their share (`root`), and strain of the root; gives
impulses per fibre and millisecond to the dorsal horn and the pool. Tonic fibres fire by gamma
intervals; bursting ones alternate between a quick train and silence. Strain excites some fibres
and leaves an afterdischarge that fades.

An interval is drawn in shares of the mean interval, and the fibre's progress towards it runs at
its present rate, so that a rate may change at any time without a new draw. Each draw is addressed
by seed, fibre and number of the impulse (`counter_random`): one millisecond holds at most one
impulse, and a batch changes nothing. `ectopic_generator.hpp` holds the same lines in C++; both
agree to the bit.

Source: michaelis1995 for shares and rates; orders, bursts and mechanosensitivity are this
project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import counter_random
from myotome.physiology.exponential import exp, log
from myotome.physiology.parameters import Number, parameter

Array = NDArray[Any]
Booleans = NDArray[np.bool_]
Wholes = NDArray[np.uint32]

_KIND_DRAW: Final = 0x101
_INTERVAL_DRAW: Final = 0x102
_START_DRAW: Final = 0x103
_HIGHEST_ORDER: Final = 5
_SMALLEST_SPEED: Final = 1e-30
_LARGEST_RATE: Final = 500.0
_LARGEST_STEP: Final = 50.0
_MS_PER_S: Final = 1000.0


class FibreClass(IntEnum):
    """Afferent fibres by calibre."""

    A_BETA = 0
    A_DELTA = 1
    C = 2


@dataclass(frozen=True, slots=True)
class EctopicGenerator:
    """How the fibres of one root differ when they discharge by themselves."""

    rate_spread: float = parameter(
        0.8, unit="1", tag="D", source="assumed", low=0.3, high=1.2,
        meaning="log-normal spread of rates between active fibres, mean kept",
    )  # fmt: skip
    lowest_order: float = parameter(
        2.0, unit="1", tag="D", source="project_definition", low=2.0, high=2.0,
        meaning="lowest order of gamma intervals (irregular)",
    )  # fmt: skip
    highest_order: float = parameter(
        5.0, unit="1", tag="D", source="project_definition", low=5.0, high=5.0,
        meaning="highest order of gamma intervals (more regular)",
    )  # fmt: skip
    bursting_a_beta: float = parameter(
        0.4, unit="1", tag="D", source="assumed", low=0.1, high=0.8,
        meaning="share of active A-beta fibres that burst",
    )  # fmt: skip
    bursting_a_delta: float = parameter(
        0.3, unit="1", tag="D", source="assumed", low=0.1, high=0.8,
        meaning="share of active A-delta fibres that burst",
    )  # fmt: skip
    bursting_c: float = parameter(
        0.1, unit="1", tag="D", source="assumed", low=0.0, high=0.4,
        meaning="share of active C fibres that burst",
    )  # fmt: skip
    shortest_burst_interval: float = parameter(
        5.0, unit="ms", tag="D", source="project_definition", low=5.0, high=5.0,
        meaning="shortest mean interval within bursts",
    )  # fmt: skip
    longest_burst_interval: float = parameter(
        20.0, unit="ms", tag="D", source="project_definition", low=20.0, high=20.0,
        meaning="longest mean interval within bursts",
    )  # fmt: skip
    impulses_per_burst: float = parameter(
        5.0, unit="1", tag="D", source="assumed", low=2.0, high=12.0,
        meaning="mean number of impulses in a burst",
    )  # fmt: skip
    mechanosensitive_share: float = parameter(
        0.3, unit="1", tag="D", source="assumed", low=0.1, high=0.7,
        meaning="share of fibres that strain of the root excites",
    )  # fmt: skip
    mechanical_gain: float = parameter(
        200.0, unit="Hz", tag="D", source="assumed",
        meaning="rate per strain of the root beyond the first (k_m)",
    )  # fmt: skip
    first_strain: float = parameter(
        0.03, unit="1", tag="D", source="assumed", low=0.01, high=0.06,
        meaning="strain of the root below which no fibre is excited (strain0)",
    )  # fmt: skip
    afterdischarge_share: float = parameter(
        0.5, unit="1", tag="D", source="assumed", low=0.1, high=1.0,
        meaning="share of the rate by strain with which afterdischarge begins",
    )  # fmt: skip
    shortest_afterdischarge: float = parameter(
        1.0, unit="s", tag="D", source="project_definition", low=1.0, high=1.0,
        meaning="shortest time constant of afterdischarge",
    )  # fmt: skip
    longest_afterdischarge: float = parameter(
        10.0, unit="s", tag="D", source="project_definition", low=10.0, high=10.0,
        meaning="longest time constant of afterdischarge",
    )  # fmt: skip


class Fibres(NamedTuple):
    """What does not change of each fibre; arrays of shape (..., fibres)."""

    seed: int
    place: Wholes
    """The fibre's own number, by which it draws."""
    relative_rate: Array
    """Rate over the mean of active fibres; 0 where it does not discharge by itself."""
    order: NDArray[np.int32]
    """Order of its gamma intervals, 1 to 5."""
    bursts: Booleans
    burst_interval: Array
    """Mean interval within bursts (ms)."""
    pause_share: Array
    """Share of intervals that are pauses, one over the impulses of a burst."""
    mechanical_gain: Array
    """Rate (Hz) per strain beyond the first."""
    first_strain: Array
    afterdischarge_share: Array
    afterdischarge_time: Array
    """Time constant of afterdischarge (ms)."""


class EctopicState(NamedTuple):
    """State of the fibres; every field of shape (..., fibres)."""

    progress: Array
    """Towards the next impulse, in mean intervals."""
    interval: Array
    """Drawn length of the interval, in the same unit."""
    in_burst: Booleans
    """Whether the present interval lies within a burst."""
    drawn: Wholes
    """How many intervals were drawn."""
    afterdischarge: Array
    """Rate (Hz) that past strain leaves."""
    fired: Booleans
    """Whether an impulse fell into the last step."""


def _spread(low: float, high: float, uniform: Array) -> Array:
    """Log-uniform between two ends."""
    between: Array = low * np.exp(uniform * np.log(high / low))
    return between


def fibres(  # noqa: PLR0913 - who is drawn, all by name
    generator: EctopicGenerator,
    fibre_class: FibreClass,
    count: int,
    *,
    active_share: float,
    seed: int,
    first_place: int = 0,
    dtype: type[np.floating[Any]] = np.float64,
) -> Fibres:
    """Fibres of one class, each drawn by its own number.

    Args:
        generator: How they differ.
        fibre_class: Their calibre.
        count: How many.
        active_share: Share that discharges by itself, 0 to 1, as `root` gives it.
        seed: Of the run.
        first_place: Number of the first fibre; other fibres of the run need other numbers.
        dtype: Precision of what is drawn.

    Raises:
        ValueError: A count, share, place or seed lies outside its range.
    """
    if not 1 <= count <= 1_000_000:
        raise ValueError(f"count must be 1 to 1000000 fibres, got {count}.")
    if not 0.0 <= active_share <= 1.0:
        raise ValueError(f"active_share must be 0 to 1, got {active_share}.")
    if not 0 <= first_place <= 2**32 - count:
        raise ValueError(f"first_place must be 0 to 2^32 less the fibres, got {first_place}.")
    place = np.arange(first_place, first_place + count, dtype=np.uint32)
    purpose = _KIND_DRAW + 0x10 * int(fibre_class)
    seed = counter_random.checked_seed(seed)
    u = [
        value
        for half in range(3)
        for value in counter_random.uniforms(seed, purpose, place, 0, half=half)
    ]
    normal = np.sqrt(-2.0 * np.log(u[1])) * np.cos(2.0 * np.pi * u[2])
    spread = generator.rate_spread
    relative = np.exp(spread * normal - 0.5 * spread * spread)
    orders = generator.highest_order - generator.lowest_order + 1.0
    bursting = (generator.bursting_a_beta, generator.bursting_a_delta, generator.bursting_c)
    excited = u[6] < generator.mechanosensitive_share
    return Fibres(
        seed=seed,
        place=place,
        relative_rate=np.where(u[0] < active_share, relative, 0.0).astype(dtype),
        order=(generator.lowest_order + np.floor(orders * u[3])).astype(np.int32),
        bursts=u[4] < bursting[fibre_class],
        burst_interval=_spread(
            generator.shortest_burst_interval, generator.longest_burst_interval, u[5]
        ).astype(dtype),
        pause_share=np.full(count, 1.0 / generator.impulses_per_burst, dtype=dtype),
        mechanical_gain=np.where(excited, generator.mechanical_gain, 0.0).astype(dtype),
        first_strain=np.full(count, generator.first_strain, dtype=dtype),
        afterdischarge_share=np.full(count, generator.afterdischarge_share, dtype=dtype),
        afterdischarge_time=_spread(
            _MS_PER_S * generator.shortest_afterdischarge,
            _MS_PER_S * generator.longest_afterdischarge,
            u[7],
        ).astype(dtype),
    )


def joined(*groups: Fibres) -> Fibres:
    """Several groups of fibres side by side; they share a seed and differ in place."""
    if len({group.seed for group in groups}) != 1:
        raise ValueError("groups must share one seed.")
    arrays = (
        np.concatenate(parts, axis=-1) for parts in zip(*(g[1:] for g in groups), strict=True)
    )
    return Fibres(groups[0].seed, *arrays)


class _Drawing(NamedTuple):
    """What an interval is drawn by; arrays of one shape."""

    place: Array
    order: Array
    bursts: Array
    pause_share: Array


def _drawn_interval(
    seed: int, drawing: _Drawing, number: Array, dtype: type[np.floating[Any]]
) -> tuple[Array, Booleans]:
    """Next interval (mean intervals) and whether it lies within a burst."""
    place, order, bursts, pause_share = drawing
    first = counter_random.uniforms(seed, _INTERVAL_DRAW, place, number, dtype=dtype)
    second = counter_random.uniforms(seed, _INTERVAL_DRAW, place, number, half=1, dtype=dtype)
    # In one call, short arrays costing by the call; the last is for a pause.
    logs = log(np.stack([*first, second[0], second[2]]))
    total = logs[0]
    for stage in range(2, 6):
        total = total + np.where(order >= stage, logs[stage - 1], dtype(0.0))
    gamma = -total / order.astype(dtype)
    within = bursts & (second[1] >= pause_share)
    return np.where(bursts & ~within, -logs[5], gamma), within


def at_rest(group: Fibres, shape: tuple[int, ...] = ()) -> EctopicState:
    """Fibres that have long discharged at their rate, shape (*shape, fibres).

    What is left of a gamma interval at any moment is a gamma interval of fewer stages, each number
    of them equally likely; a bursting fibre is found in a pause. Every set of fibres along `shape`
    is the same one; other people need other places.
    """
    dtype = group.relative_rate.dtype.type
    none = np.zeros(group.place.shape, dtype=np.uint32)
    met = counter_random.uniforms(group.seed, _START_DRAW, group.place, 0, dtype=dtype)[0]
    stages = 1 + np.floor(met * group.order).astype(np.int32)
    pauses = np.ones(group.place.shape, dtype=dtype) + dtype(1.0)
    drawing = _Drawing(group.place, stages, group.bursts, pauses)
    interval, within = _drawn_interval(group.seed, drawing, none, dtype)
    left = np.where(group.bursts, dtype(1.0), stages.astype(dtype) / group.order.astype(dtype))
    zero = np.zeros(group.place.shape, dtype=dtype)
    fields = (zero, interval * left, within, none + np.uint32(1), zero, zero > 0.0)
    whole = (*shape, *group.place.shape)
    return EctopicState(*(np.broadcast_to(value, whole).copy() for value in fields))


def _speed(group: Fibres, rate: Array, in_burst: Booleans) -> Array:
    """Progress per ms (mean intervals) of fibres at a rate (Hz)."""
    per_ms = rate / _MS_PER_S
    # What pauses must take so that bursts and pauses together keep the rate; never shorter than
    # an interval within the burst.
    quick = (1.0 - group.pause_share) * (group.burst_interval * per_ms)
    fewest = group.pause_share * (group.burst_interval * per_ms)
    # Where the rate is 0, so is the speed, whatever stands below.
    pause = group.pause_share * per_ms / np.maximum(np.maximum(1.0 - quick, fewest), 1e-12)
    within = 1.0 / group.burst_interval
    return np.where(group.bursts, np.where(in_burst, within, pause), per_ms)


def rates(group: Fibres, mean_rate: Number, mechanical: Number = 0.0) -> Array:
    """Rate (Hz) that each fibre is to have, at most 500 Hz; a bursting one at most 1/interval."""
    rate = np.minimum(group.relative_rate * mean_rate + mechanical, _LARGEST_RATE)
    kept: Array = np.where(group.bursts, np.minimum(rate, _MS_PER_S / group.burst_interval), rate)
    return kept


def step(
    group: Fibres,
    state: EctopicState,
    *,
    mean_rate: Number,
    strain: Number = 0.0,
    step_ms: float = 1.0,
) -> EctopicState:
    """Fibres a step later.

    Args:
        group: The fibres.
        state: Theirs.
        mean_rate: Mean rate (Hz) of the fibres that discharge by themselves, as `root` gives it;
            shape that of the fibres or one that broadcasts.
        strain: Of the root.
        step_ms: At most one impulse falls into a step, so keep it below the shortest interval.
    """
    # In the fibres' own precision, which a lone double would raise.
    dtype = state.progress.dtype
    strain, mean_rate = np.asarray(strain, dtype=dtype), np.asarray(mean_rate, dtype=dtype)
    driven = group.mechanical_gain * np.maximum(strain - group.first_strain, 0.0)
    fading = state.afterdischarge * exp(-step_ms / group.afterdischarge_time)
    afterdischarge = np.maximum(fading, group.afterdischarge_share * driven)
    mechanical = np.maximum(driven, afterdischarge)
    rate = rates(group, mean_rate, mechanical)
    speed = _speed(group, rate, state.in_burst)
    progress = state.progress + speed * step_ms
    fired = progress >= state.interval
    drawn = state.drawn + fired
    interval, in_burst = state.interval.copy(), state.in_burst.copy()
    if fired.any():
        kinds = (group.place, group.order, group.bursts, group.pause_share)
        drawing = _Drawing(*(np.broadcast_to(kind, fired.shape)[fired] for kind in kinds))
        interval[fired], in_burst[fired] = _drawn_interval(
            group.seed, drawing, state.drawn[fired], progress.dtype.type
        )
        left = (progress - state.interval) / np.maximum(speed, _SMALLEST_SPEED)
        progress = np.where(fired, left * _speed(group, rate, in_burst), progress)
    return EctopicState(
        progress, interval, in_burst, drawn.astype(np.uint32), afterdischarge, fired
    )


def checked(mean_rate: Number, strain: Number = 0.0, step_ms: float = 1.0) -> None:
    """Refuse drive for which fibres have no meaning.

    Raises:
        ValueError: A rate, strain or step lies outside its range.
    """
    rate, stretched = np.asarray(mean_rate), np.asarray(strain)
    if not np.all((rate >= 0.0) & (rate <= _LARGEST_RATE)):
        raise ValueError(f"mean_rate must be 0 to {_LARGEST_RATE:g} (Hz), got {mean_rate}.")
    if not np.all((stretched >= -0.5) & (stretched <= 1.0)):
        raise ValueError(f"strain must be -0.5 to 1 of the root's length, got {strain}.")
    if not 0.0 < step_ms <= _LARGEST_STEP:
        raise ValueError(f"step_ms must be above 0 and at most {_LARGEST_STEP:g}, got {step_ms}.")


def mean_interval(group: Fibres, mean_rate: Number) -> Array:
    """Mean interval (s) of each fibre, without end where it is silent."""
    rate = rates(group, mean_rate)
    with np.errstate(divide="ignore"):
        interval: Array = 1.0 / rate
    return interval


def interval_variation(group: Fibres, mean_rate: Number) -> Array:
    """Coefficient of variation of each fibre's intervals, in closed form."""
    rate = np.maximum(rates(group, mean_rate), 1e-12)
    mean = _MS_PER_S / rate
    within = group.burst_interval
    share = group.pause_share
    pause = np.maximum((mean - (1.0 - share) * within) / share, within)
    tonic = 1.0 / np.sqrt(group.order)
    # Second moments of a gamma interval and of an exponential pause.
    second = (1.0 - share) * within * within * (1.0 + 1.0 / group.order) + share * 2.0 * (
        pause * pause
    )
    first = (1.0 - share) * within + share * pause
    varied: Array = np.where(group.bursts, np.sqrt(second / (first * first) - 1.0), tonic)
    return varied
