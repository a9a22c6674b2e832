"""Muscle spindle: turns stretch and fusimotor drive into the discharge of groups Ia and II.

Receives fascicle length and the rates of dynamic and static fusimotor axons; gives the mean rates
of the primary and the secondary afferent (Hz) to conduction and cord. Three fibres stretch side by
side: bag 1, which dynamic drive stiffens against speed, and bag 2 and chain, which static drive
shortens. Each is a sensory middle in series with a contractile pole that resists speed by a power
of it, so that a slow stretch is heard almost as loudly as a quick one.

The published fibre carries a mass so small that it only makes the equations stiff. Without it the
pole's speed follows from the force on it, and one implicit step is solved by Newton's method.

Source: mileusnic2006; departs from it in leaving out the mass and in one limit that keeps the pole
longer than the length at which it resists nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from myotome.physiology.exponential import exp, power
from myotome.physiology.parameters import check as check_parameters
from myotome.physiology.parameters import parameter

Array = NDArray[Any]

_MS: Final = 1e-3
# At 1 ms and 1.5 lengths a second two steps leave 0.1 %, three nothing.
_NEWTON_STEPS: Final = 3
_SOURCE: Final = "mileusnic2006"


@dataclass(frozen=True, slots=True)
class MuscleSpindle:
    """One spindle; lengths in optimal fascicle lengths, tension in the source's force units."""

    sensory_stiffness: float = parameter(
        10.4649, unit="FU/L0", tag="V", source=_SOURCE, meaning="of the sensory middle (K_SR)"
    )
    polar_stiffness: float = parameter(
        0.15, unit="FU/L0", tag="V", source=_SOURCE, meaning="of the pole (K_PR)"
    )
    sensory_rest: float = parameter(
        0.04, unit="L0", tag="V", source=_SOURCE, meaning="rest length of the sensory middle"
    )
    polar_rest: float = parameter(
        0.76, unit="L0", tag="V", source=_SOURCE, meaning="rest length of the pole"
    )
    polar_yield: float = parameter(
        0.46, unit="L0", tag="V", source=_SOURCE, meaning="length of a pole that resists no speed"
    )
    sensory_threshold: float = parameter(
        0.0423, unit="L0", tag="V", source=_SOURCE, meaning="length at which the middle is heard"
    )
    polar_threshold: float = parameter(
        0.89, unit="L0", tag="V", source=_SOURCE, meaning="length at which the pole is heard"
    )
    speed_power: float = parameter(
        0.3, unit="1", tag="V", source=_SOURCE, meaning="power of speed that the pole resists by"
    )
    shortening_factor: float = parameter(
        0.42, unit="1", tag="V", source=_SOURCE, meaning="resistance to shortening, of lengthening"
    )
    bag_1_damping: float = parameter(
        0.0605, unit="FU", tag="V", source=_SOURCE, meaning="of bag 1, without drive (b0)"
    )
    damping: float = parameter(
        0.0822, unit="FU", tag="V", source=_SOURCE, meaning="of bag 2 and chain (b0)"
    )
    bag_1_damping_by_drive: float = parameter(
        0.2592, unit="FU", tag="V", source=_SOURCE, meaning="added by dynamic drive (b1)"
    )
    bag_2_damping_by_drive: float = parameter(
        -0.046, unit="FU", tag="V", source=_SOURCE, meaning="added by static drive (b2)"
    )
    chain_damping_by_drive: float = parameter(
        -0.069, unit="FU", tag="V", source=_SOURCE, meaning="added by static drive (b2)"
    )
    bag_1_force: float = parameter(
        0.0289, unit="FU", tag="V", source=_SOURCE, meaning="of bag 1 at full dynamic drive (G1)"
    )
    bag_2_force: float = parameter(
        0.0636, unit="FU", tag="V", source=_SOURCE, meaning="of bag 2 at full static drive (G2)"
    )
    chain_force: float = parameter(
        0.0954, unit="FU", tag="V", source=_SOURCE, meaning="of the chain at full static drive (G2)"
    )
    bag_1_primary_gain: float = parameter(
        20000.0, unit="Hz/L0", tag="V", source=_SOURCE, meaning="bag 1 to the primary"
    )
    primary_gain: float = parameter(
        10000.0, unit="Hz/L0", tag="V", source=_SOURCE, meaning="bag 2 and chain to the primary"
    )
    secondary_gain: float = parameter(
        7250.0, unit="Hz/L0", tag="V", source=_SOURCE, meaning="bag 2 and chain to the secondary"
    )
    secondary_share: float = parameter(
        0.7, unit="1", tag="V", source=_SOURCE, meaning="of the secondary that lies on the middle"
    )
    occlusion: float = parameter(
        0.156, unit="1", tag="V", source=_SOURCE, meaning="of the weaker source that is still heard"
    )
    bag_half_rate: float = parameter(
        60.0, unit="Hz", tag="V", source=_SOURCE, meaning="drive that half activates a bag"
    )
    chain_half_rate: float = parameter(
        90.0, unit="Hz", tag="V", source=_SOURCE, meaning="drive that half activates the chain"
    )
    bag_1_time: float = parameter(
        0.149, unit="s", tag="V", source=_SOURCE, meaning="time constant of activation, bag 1"
    )
    bag_2_time: float = parameter(
        0.205, unit="s", tag="V", source=_SOURCE, meaning="time constant of activation, bag 2"
    )


class FibreConstants(NamedTuple):
    """What one kind of intrafusal fibre needs."""

    damping: Array
    damping_by_drive: Array
    force_by_drive: Array


class MuscleSpindleConstants(NamedTuple):
    """What a step of one length needs.

    Attributes:
        bag_1: The fibre.
        bag_2: The fibre.
        chain: The fibre.
        sensory_stiffness: K_SR.
        polar_stiffness: K_PR.
        sensory_rest: Rest length of the middle.
        polar_rest: Rest length of the pole.
        polar_yield: Length of a pole that resists no speed.
        shortening_factor: Of the damping, as the pole shortens.
        speed_exponent: One over the power of speed.
        step: Seconds.
        sensory_excess: Extension at which the middle is heard.
        polar_threshold: Length at which the pole is heard.
        bag_1_primary_gain: Hz/L0.
        primary_gain: Hz/L0.
        secondary_sensory: Hz/L0, by extension of the middle.
        secondary_polar: Hz/L0, by length of the pole.
        occlusion: Share of the weaker source that is still heard.
        bag_half_squared: Square of the drive that half activates a bag (Hz2).
        chain_half_squared: Likewise for the chain.
        bag_1_kept: Share of the distance to its activation that bag 1 keeps over a step.
        bag_2_kept: Likewise.
    """

    bag_1: FibreConstants
    bag_2: FibreConstants
    chain: FibreConstants
    sensory_stiffness: Array
    polar_stiffness: Array
    sensory_rest: Array
    polar_rest: Array
    polar_yield: Array
    shortening_factor: Array
    speed_exponent: Array
    step: Array
    sensory_excess: Array
    polar_threshold: Array
    bag_1_primary_gain: Array
    primary_gain: Array
    secondary_sensory: Array
    secondary_polar: Array
    occlusion: Array
    bag_half_squared: Array
    chain_half_squared: Array
    bag_1_kept: Array
    bag_2_kept: Array


class MuscleSpindleState(NamedTuple):
    """Length (L0) of each fibre's poles, and activation (0 to 1) of the two slow fibres."""

    bag_1_pole: Array
    bag_2_pole: Array
    chain_pole: Array
    bag_1_activation: Array
    bag_2_activation: Array


def constants(
    spindle: MuscleSpindle, step_ms: float = 1.0, dtype: DTypeLike = np.float64
) -> MuscleSpindleConstants:
    """The spindle for steps of `step_ms`.

    Raises:
        ValueError: The step is not positive, or a parameter is one that no spindle has.
    """
    check_parameters(spindle)
    if not step_ms > 0.0:
        raise ValueError(f"step_ms must be positive (ms), got {step_ms}.")

    def of(value: ArrayLike) -> Array:
        return np.asarray(value, dtype=dtype)

    s = spindle
    step_s = step_ms * _MS
    return MuscleSpindleConstants(
        bag_1=FibreConstants(of(s.bag_1_damping), of(s.bag_1_damping_by_drive), of(s.bag_1_force)),
        bag_2=FibreConstants(of(s.damping), of(s.bag_2_damping_by_drive), of(s.bag_2_force)),
        chain=FibreConstants(of(s.damping), of(s.chain_damping_by_drive), of(s.chain_force)),
        sensory_stiffness=of(s.sensory_stiffness),
        polar_stiffness=of(s.polar_stiffness),
        sensory_rest=of(s.sensory_rest),
        polar_rest=of(s.polar_rest),
        polar_yield=of(s.polar_yield),
        shortening_factor=of(s.shortening_factor),
        speed_exponent=of(1.0 / np.asarray(s.speed_power)),
        step=of(step_s),
        sensory_excess=of(np.asarray(s.sensory_threshold) - s.sensory_rest),
        polar_threshold=of(s.polar_threshold),
        bag_1_primary_gain=of(s.bag_1_primary_gain),
        primary_gain=of(s.primary_gain),
        secondary_sensory=of(np.asarray(s.secondary_gain) * s.secondary_share),
        secondary_polar=of(
            np.asarray(s.secondary_gain)
            * (1.0 - np.asarray(s.secondary_share))
            * (np.asarray(s.sensory_rest) / s.polar_rest)
        ),
        occlusion=of(s.occlusion),
        bag_half_squared=of(np.asarray(s.bag_half_rate) ** 2),
        chain_half_squared=of(np.asarray(s.chain_half_rate) ** 2),
        bag_1_kept=of(exp(np.asarray(-step_s / np.asarray(s.bag_1_time)))),
        bag_2_kept=of(exp(np.asarray(-step_s / np.asarray(s.bag_2_time)))),
    )


def check(length: ArrayLike, dynamic_drive: ArrayLike, static_drive: ArrayLike) -> None:
    """Refuse what no spindle meets.

    Raises:
        ValueError: A length outside 0.3 to 2 (L0), or a fusimotor rate outside 0 to 500 (Hz).
    """
    for name, value, low, high, unit in (
        ("length", length, 0.3, 2.0, "L0"),
        ("dynamic_drive", dynamic_drive, 0.0, 500.0, "Hz"),
        ("static_drive", static_drive, 0.0, 500.0, "Hz"),
    ):
        given = np.asarray(value)
        fine = (given >= low) & (given <= high)
        if not fine.all():
            raise ValueError(
                f"{name} must be {low:g} to {high:g} ({unit}), got {given[~fine].flat[0]}."
            )


def activation(rate: Array, half_squared: Array) -> Array:
    """Activation (0 to 1) to which a steady fusimotor rate (Hz) brings a fibre."""
    squared = rate * rate
    return np.asarray(squared / (squared + half_squared))


def at_rest(
    of: MuscleSpindleConstants, length: Array, dynamic_drive: Array, static_drive: Array
) -> MuscleSpindleState:
    """The state after a steady length (L0) and steady fusimotor rates (Hz)."""
    bag_1 = activation(dynamic_drive, of.bag_half_squared)
    bag_2 = activation(static_drive, of.bag_half_squared)
    chain = activation(static_drive, of.chain_half_squared)

    def pole(fibre: FibreConstants, active: Array) -> Array:
        middle = of.sensory_stiffness * (length - of.sensory_rest)
        shortened = of.polar_stiffness * of.polar_rest - fibre.force_by_drive * active
        settled = (middle + shortened) / (of.sensory_stiffness + of.polar_stiffness)
        return np.asarray(settled)

    return MuscleSpindleState(
        bag_1_pole=pole(of.bag_1, bag_1),
        bag_2_pole=pole(of.bag_2, bag_2),
        chain_pole=pole(of.chain, chain),
        bag_1_activation=bag_1,
        bag_2_activation=bag_2,
    )


def _pole_after(
    of: MuscleSpindleConstants,
    fibre: FibreConstants,
    pole: Array,
    active: Array,
    length: Array,
) -> Array:
    """Length of the pole one step later (implicit Euler)."""
    damping = fibre.damping + fibre.damping_by_drive * active
    pull = of.sensory_stiffness * (length - of.sensory_rest) - fibre.force_by_drive * active
    rest = of.polar_stiffness * of.polar_rest
    stiffness = of.sensory_stiffness + of.polar_stiffness
    # A tenth of the way from the yield length to rest: no muscle shortens its spindles so far.
    shortest = of.polar_yield + 0.1 * (of.polar_rest - of.polar_yield)
    found = pole
    for _ in range(_NEWTON_STEPS):
        lever = found - of.polar_yield
        force = (pull + rest) - stiffness * found
        resistance = damping * lever
        resistance = np.where(force < 0.0, of.shortening_factor * resistance, resistance)
        reduced = force / resistance
        size = np.abs(reduced)
        speed = power(size, of.speed_exponent)
        slope = (of.speed_exponent * (speed / np.maximum(size, 1e-30))) * np.maximum(
            stiffness / resistance + reduced / lever, 0.0
        )
        speed = np.where(force < 0.0, -speed, speed)
        off = (found - pole) - of.step * speed
        found = np.maximum(found - off / (1.0 + of.step * slope), shortest)
    return np.asarray(found)


def step(
    of: MuscleSpindleConstants,
    state: MuscleSpindleState,
    *,
    length: Array,
    dynamic_drive: Array,
    static_drive: Array,
) -> MuscleSpindleState:
    """The state one step later.

    Args:
        of: The spindle.
        state: The state.
        length: Fascicle length at the end of the step (L0).
        dynamic_drive: Rate of dynamic fusimotor axons (Hz), held over the step.
        static_drive: Likewise of static ones.
    """
    bag_1_goal = activation(dynamic_drive, of.bag_half_squared)
    bag_2_goal = activation(static_drive, of.bag_half_squared)
    bag_1 = bag_1_goal + (state.bag_1_activation - bag_1_goal) * of.bag_1_kept
    bag_2 = bag_2_goal + (state.bag_2_activation - bag_2_goal) * of.bag_2_kept
    chain = activation(static_drive, of.chain_half_squared)
    return MuscleSpindleState(
        bag_1_pole=_pole_after(of, of.bag_1, state.bag_1_pole, bag_1, length),
        bag_2_pole=_pole_after(of, of.bag_2, state.bag_2_pole, bag_2, length),
        chain_pole=_pole_after(of, of.chain, state.chain_pole, chain, length),
        bag_1_activation=bag_1,
        bag_2_activation=bag_2,
    )


def _heard(of: MuscleSpindleConstants, length: Array, pole: Array) -> Array:
    """Extension of the sensory middle beyond what is heard (L0)."""
    return np.asarray(((length - pole) - of.sensory_rest) - of.sensory_excess)


def primary_rate(of: MuscleSpindleConstants, state: MuscleSpindleState, length: Array) -> Array:
    """Rate of the primary afferent, group Ia (Hz)."""
    dynamic = of.bag_1_primary_gain * np.maximum(_heard(of, length, state.bag_1_pole), 0.0)
    bag_2 = of.primary_gain * np.maximum(_heard(of, length, state.bag_2_pole), 0.0)
    chain = of.primary_gain * np.maximum(_heard(of, length, state.chain_pole), 0.0)
    static = bag_2 + chain
    louder = np.maximum(dynamic, static)
    return np.asarray(louder + of.occlusion * np.minimum(dynamic, static))


def secondary_rate(of: MuscleSpindleConstants, state: MuscleSpindleState, length: Array) -> Array:
    """Rate of the secondary afferent, group II (Hz), never below 0."""

    def of_fibre(pole: Array) -> Array:
        middle = of.secondary_sensory * _heard(of, length, pole)
        return np.asarray(middle + of.secondary_polar * (pole - of.polar_threshold))

    both = of_fibre(state.bag_2_pole) + of_fibre(state.chain_pole)
    return np.asarray(np.maximum(both, 0.0))
