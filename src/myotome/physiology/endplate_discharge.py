"""Endplate discharge: what a unit's fibres do by themselves, and when a needle touches them.

Receives the density of receptors outside the endplate, unit by unit (`receptors`); gives
endplate-noise events, the impulses of fibrillating fibres, and the probability that a fibre
answers a push of a needle. A few fibres stand for each unit. Where a unit conducts, its activity
keeps receptors few and its fibres quiet; where it is cut off they multiply, and fibres fire
regularly for a while and fall silent again. Which fibres may do so follows from their unit's
density, not from a list.

Each fibre draws by its own number (`counter_random`), so that a batch changes nothing.
`endplate_discharge.hpp` holds the same lines in C++; both agree to the bit.

Source: fibrillation_table for the range of rates; gath1977 for how far off a potential is heard;
the maps from density are those of `receptors`, duty included; train length and irritability are
this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import counter_random
from myotome.physiology.exponential import exp, log
from myotome.physiology.parameters import Number, parameter
from myotome.physiology.receptors import (
    Receptors,
    endplate_noise_rate,
    fibrillation_probability,
    needle_threshold,
)

Array = NDArray[Any]
Booleans = NDArray[np.bool_]
Wholes = NDArray[np.uint32]

_FIBRE_DRAW: Final = 0x201
_NOISE_DRAW: Final = 0x202
_TRAIN_DRAW: Final = 0x203
_IMPULSE_DRAW: Final = 0x204
_MS_PER_S: Final = 1000.0
_LARGEST_NOISE: Final = 500.0  # Hz; closer events are one
_LARGEST_DENSITY: Final = 20_000.0
# A uniform number has a standard deviation of 1/sqrt(12).
_SPREAD_OF_UNIFORM: Final = 3.4641016151377544


@dataclass(frozen=True, slots=True)
class EndplateDischarge:
    """How fibres discharge by themselves."""

    slowest_fibrillation: float = parameter(
        2.0, unit="Hz", tag="V", source="fibrillation_table",
        meaning="lowest rate of a fibrillating fibre",
    )  # fmt: skip
    quickest_fibrillation: float = parameter(
        30.0, unit="Hz", tag="V", source="fibrillation_table",
        meaning="highest rate of a fibrillating fibre",
    )  # fmt: skip
    fibrillation_variation: float = parameter(
        0.05, unit="1", tag="D", source="assumed", low=0.01, high=0.15,
        meaning="coefficient of variation of its intervals, which are regular",
    )  # fmt: skip
    train_time: float = parameter(
        5.0, unit="s", tag="D", source="assumed", low=1.0, high=30.0,
        meaning="mean length of a train of fibrillation",
    )  # fmt: skip
    push: float = parameter(
        0.25, unit="1", tag="D", source="assumed", low=0.1, high=0.5,
        meaning="push of one needle stroke over that at which half of normal fibres fire",
    )  # fmt: skip
    push_steepness: float = parameter(
        4.0, unit="1", tag="D", source="assumed", low=2.0, high=8.0,
        meaning="how sharply the share of fibres that fire rises with the push",
    )  # fmt: skip
    hearing_distance: float = parameter(
        0.127, unit="mm", tag="C", source="gath1977",
        meaning="distance over which a fibre's potential falls to 1/e: to 0.55 in 0.076 mm",
    )  # fmt: skip


class EndplateConstants(NamedTuple):
    """What does not change of the fibres that stand for units; arrays (..., units, fibres)."""

    seed: int
    place: Wholes
    """The fibre's own number, by which it draws."""
    susceptibility: Array
    """It may fibrillate where the share of fibres that do so exceeds this (0 to 1)."""
    fibrillation_rate: Array
    """Its rate while it does (Hz)."""


class EndplateState(NamedTuple):
    """State of the fibres; every field of shape (..., units, fibres)."""

    noise_progress: Array
    noise_interval: Array
    noise_drawn: Wholes
    noise: Booleans
    """Whether an endplate-noise event fell into the last step."""
    train_progress: Array
    train_interval: Array
    train_drawn: Wholes
    in_train: Booleans
    """Whether it is a time in which the fibre fibrillates, if it may."""
    progress: Array
    interval: Array
    drawn: Wholes
    fibrillated: Booleans
    """Whether the fibre fired in the last step."""


def constants(  # noqa: PLR0913 - who is drawn, all by name
    discharge: EndplateDischarge,
    units: int,
    fibres: int = 8,
    *,
    seed: int,
    first_place: int = 0,
    dtype: type[np.floating[Any]] = np.float64,
) -> EndplateConstants:
    """The fibres that stand for the units of one muscle, each drawn by its own number.

    Raises:
        ValueError: A number, place or seed lies outside its range.
    """
    if not 1 <= units <= 10_000:
        raise ValueError(f"units must be 1 to 10000 motor units, got {units}.")
    if not 1 <= fibres <= 1000:
        raise ValueError(f"fibres must be 1 to 1000 a unit, got {fibres}.")
    if not 0 <= first_place <= 2**32 - units * fibres:
        raise ValueError(f"first_place must be 0 to 2^32 less the fibres, got {first_place}.")
    seed = counter_random.checked_seed(seed)
    last_place = first_place + units * fibres
    place = np.arange(first_place, last_place, dtype=np.uint32).reshape(units, fibres)
    u = counter_random.uniforms(seed, _FIBRE_DRAW, place, 0)
    rates = discharge.slowest_fibrillation * np.exp(
        u[1] * np.log(discharge.quickest_fibrillation / discharge.slowest_fibrillation)
    )
    return EndplateConstants(seed, place, u[0].astype(dtype), rates.astype(dtype))


def _waited(constant: EndplateConstants, purpose: int, number: Array, which: Any) -> Array:  # noqa: ANN401
    """An exponential interval of mean 1 for the fibres picked out."""
    dtype = constant.susceptibility.dtype.type
    place = np.broadcast_to(constant.place, np.shape(number))[which]
    drawn = counter_random.uniforms(
        constant.seed, purpose, place, np.asarray(number)[which], dtype=dtype
    )
    waited: Array = -log(drawn[0])
    return waited


def at_rest(
    receptors: Receptors, constant: EndplateConstants, shape: tuple[int, ...] = ()
) -> EndplateState:
    """Fibres as they are found at any moment, shape (*shape, units, fibres).

    A fibre is found in a train with the duty of fibrillation. Every set of fibres along `shape` is
    the same one; other people need other places.
    """
    dtype = constant.susceptibility.dtype.type
    whole = constant.place.shape
    none = np.zeros(whole, dtype=np.uint32)
    zero = np.zeros(whole, dtype=dtype)
    u = counter_random.uniforms(constant.seed, _FIBRE_DRAW, constant.place, 1, dtype=dtype)
    everything = np.ones(whole, dtype=bool)
    noise = _waited(constant, _NOISE_DRAW, none, everything).reshape(whole)
    train = _waited(constant, _TRAIN_DRAW, none, everything).reshape(whole)
    in_train = u[0] < receptors.fibrillation_duty
    one, quiet = none + np.uint32(1), zero > 0.0
    fields = (
        zero, noise, one, quiet,
        zero, train, one, in_train,
        u[1], zero + dtype(1.0), one, quiet,
    )  # fmt: skip
    return EndplateState(*(np.broadcast_to(value, (*shape, *whole)).copy() for value in fields))


def per_fibre_rates(
    receptors: Receptors,
    density: Array,
    dtype: Any,  # noqa: ANN401 - a precision
) -> tuple[Array, Array]:
    """Rate of noise (Hz) and share of fibres that may fibrillate, shape (..., units, 1).

    Args:
        receptors: Maps from density.
        density: Receptors outside the endplate of each unit (1/um2), shape (..., units).
        dtype: Precision of what is given.
    """
    per_unit = np.asarray(density, dtype=dtype)[..., None]
    noise = np.minimum(endplate_noise_rate(receptors, per_unit), _LARGEST_NOISE)
    share = fibrillation_probability(receptors, per_unit)
    return np.asarray(noise, dtype=dtype), np.asarray(share, dtype=dtype)


def packed(
    discharge: EndplateDischarge,
    receptors: Receptors,
    step_ms: float,
    dtype: Any,  # noqa: ANN401 - a precision
) -> Array:
    """What holds for every fibre in a step, in the order of `EndplateRates` in C++.

    The step (s), the share of a mean train and of a mean pause that passes in it, which keep the
    proportion of the duty, and the width of the spread of intervals.
    """
    ends = step_ms / (_MS_PER_S * discharge.train_time)
    duty = receptors.fibrillation_duty
    begins = ends * (duty / (1.0 - duty))
    width = discharge.fibrillation_variation * _SPREAD_OF_UNIFORM
    return np.array((step_ms / _MS_PER_S, ends, begins, width), dtype=dtype)


def step(  # noqa: PLR0913 - fibres and what acts on them
    discharge: EndplateDischarge,
    receptors: Receptors,
    constant: EndplateConstants,
    state: EndplateState,
    *,
    density: Array,
    step_ms: float = 1.0,
) -> EndplateState:
    """Fibres a step later.

    Args:
        discharge: How fibres discharge.
        receptors: Maps from density.
        constant: The fibres.
        state: Theirs.
        density: Receptors outside the endplate of each unit (1/um2), shape (..., units).
        step_ms: At most one event of a kind falls into a step.
    """
    dtype = state.progress.dtype
    seconds, ends, begins, width = packed(discharge, receptors, step_ms, dtype)
    noise_rate, share = per_fibre_rates(receptors, density, dtype)
    may = share > constant.susceptibility

    speed = noise_rate * seconds
    noise_progress = state.noise_progress + speed
    noise = noise_progress >= state.noise_interval
    noise_progress = np.where(noise, noise_progress - state.noise_interval, noise_progress)
    noise_interval = state.noise_interval.copy()
    if noise.any():
        noise_interval[noise] = _waited(constant, _NOISE_DRAW, state.noise_drawn, noise)

    train_progress = state.train_progress + np.where(state.in_train, ends, begins)
    turned = train_progress >= state.train_interval
    train_progress = np.where(turned, dtype.type(0.0), train_progress)
    train_interval = state.train_interval.copy()
    if turned.any():
        train_interval[turned] = _waited(constant, _TRAIN_DRAW, state.train_drawn, turned)
    in_train = state.in_train ^ turned

    moving = constant.fibrillation_rate * seconds
    progress = state.progress + np.where(may & in_train, moving, dtype.type(0.0))
    fibrillated = progress >= state.interval
    progress = np.where(fibrillated, progress - state.interval, progress)
    interval = state.interval.copy()
    if fibrillated.any():
        place = np.broadcast_to(constant.place, fibrillated.shape)[fibrillated]
        drawn = counter_random.uniforms(
            constant.seed, _IMPULSE_DRAW, place, state.drawn[fibrillated], dtype=dtype.type
        )
        interval[fibrillated] = 1.0 + width * (drawn[0] - 0.5)
    return EndplateState(
        noise_progress,
        noise_interval,
        (state.noise_drawn + noise).astype(np.uint32),
        noise,
        train_progress,
        train_interval,
        (state.train_drawn + turned).astype(np.uint32),
        in_train,
        progress,
        interval,
        (state.drawn + fibrillated).astype(np.uint32),
        fibrillated,
    )


def impulses(state: EndplateState) -> Array:
    """Impulses of the last step per fibre of each unit, shape (..., units)."""
    mean: Array = state.fibrillated.mean(axis=-1, dtype=state.progress.dtype)
    return mean


def noise_events(state: EndplateState) -> Array:
    """Endplate-noise events of the last step per fibre of each unit, shape (..., units)."""
    mean: Array = state.noise.mean(axis=-1, dtype=state.progress.dtype)
    return mean


def heard(discharge: EndplateDischarge, away_mm: Number) -> Array:
    """Share of an endplate's noise that an electrode hears at a distance (mm), 1 beside it."""
    share: Array = exp(np.asarray(-np.asarray(away_mm) / discharge.hearing_distance))
    return share


def firing_probability(
    discharge: EndplateDischarge, receptors: Receptors, density: Number, force: Number = 1.0
) -> Array:
    """Probability that a fibre fires when a needle pushes it.

    Args:
        discharge: How fibres answer.
        receptors: Maps from density.
        density: Receptors outside the endplate (1/um2).
        force: Push of this stroke over the usual one; 0 is no push.
    """
    asked = needle_threshold(receptors, density) / np.maximum(discharge.push * force, 1e-30)
    share: Array = 1.0 / (1.0 + exp(discharge.push_steepness * log(asked)))
    return share


def checked_density(density: Number) -> None:
    """Refuse densities that no membrane has.

    Raises:
        ValueError: A density is negative, not a number or above the endplate's own.
    """
    within = np.asarray(density)
    if not np.all((within >= 0.0) & (within <= _LARGEST_DENSITY)):
        raise ValueError(
            f"density must be 0 to {_LARGEST_DENSITY:g} (1/um2, that of the endplate itself), "
            f"got {density}."
        )
