"""Joint motion: a hinge that muscles, weight, tissue and guarding swing, by the millisecond.

Receives tendon forces of the muscles across it, the nociceptive drive and whatever pushes from
outside; gives angle and speed, and from them the lengths of its muscles. Any number of muscles
pull, each with its own arm, those that make the angle grow with a positive one. What a limb weighs
decides how a twitch looks from outside; what its capsule and guarding hold decides where it ends.

The speed is advanced first, with its damping implicit, and then the angle by the new speed, so
that an undamped joint keeps its energy.

Source: project_definition; the tissue is that of `joint`, where this joint comes to rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from myotome.physiology.joint import Joint
from myotome.physiology.parameters import check as check_parameters
from myotome.physiology.parameters import parameter

Array = NDArray[Any]

_MS: Final = 1e-3
_LONGEST_STEP: Final = 2.0  # ms
# Steps stay stable below a quarter of this; muscles stiffen a joint too.
_STABLE: Final = 2.0
_HALF_TURN: Final = 3.141592653589793
# Terms of sin(x) / x in x squared, Taylor's: to 1e-7 over half a turn either way.
_SINE_TERMS: Final = (
    1.0,
    -1.0 / 6.0,
    1.0 / 120.0,
    -1.0 / 5040.0,
    1.0 / 362880.0,
    -1.0 / 39916800.0,
    1.0 / 6227020800.0,
    -1.0 / 1307674368000.0,
)


@dataclass(frozen=True, slots=True)
class JointMotion:
    """What a moving joint has beside a resting one."""

    inertia: float = parameter(
        0.05,
        unit="kg m2",
        tag="D",
        source="assumed",
        meaning="of the limb beyond the joint, about it",
    )
    damping: float = parameter(
        0.3,
        unit="N m s/rad",
        tag="D",
        source="assumed",
        meaning="of capsule, ligaments and skin",
        low=0.0,
        high=0.9,
    )


class Attachments(NamedTuple):
    """The muscles across a joint; each entry of shape (..., muscles) or a number for all.

    Attributes:
        moment_arms: Positive where the muscle makes the angle grow as it shortens (m).
        maximum_forces: Maximum isometric forces (N).
        optimal_fibre_lengths: In health (m).
        neutral_lengths: Musculotendon lengths at angle 0 (optimal fibre lengths in health).
    """

    moment_arms: Array
    maximum_forces: Array
    optimal_fibre_lengths: Array
    neutral_lengths: Array


class JointMotionConstants(NamedTuple):
    """What steps of one length need; stiffnesses in N m/rad, angles in rad.

    Attributes:
        step: Seconds.
        inverse_inertia: 1/(kg m2).
        damping: N m s/rad.
        passive_stiffness: Of tissue.
        resting_angle: Of tissue.
        gravity_torque: Of the limb hanging level (N m).
        hanging_angle: At which it hangs straight down.
        guarding_stiffness: At strong nociceptive drive.
        guarded_angle: The protective set-point.
        guarding_drive: Nociceptive drive of half guarding (Hz).
        angular_limit: Either way.
        stop_stiffness: Beyond it.
    """

    step: Array
    inverse_inertia: Array
    damping: Array
    passive_stiffness: Array
    resting_angle: Array
    gravity_torque: Array
    hanging_angle: Array
    guarding_stiffness: Array
    guarded_angle: Array
    guarding_drive: Array
    angular_limit: Array
    stop_stiffness: Array


class JointMotionState(NamedTuple):
    """Angle (rad) and its speed (rad/s)."""

    angle: Array
    velocity: Array


def constants(
    joint: Joint, motion: JointMotion, step_ms: float = 1.0, dtype: DTypeLike = np.float64
) -> JointMotionConstants:
    """A joint for steps of `step_ms`.

    Raises:
        ValueError: A limb too light for the step, negative damping, or a step outside 0 to 2 ms.
    """
    check_parameters(joint, positive=False)
    check_parameters(motion)
    if not 0.0 < step_ms <= _LONGEST_STEP:
        raise ValueError(f"step_ms must be over 0 to {_LONGEST_STEP:g} (ms), got {step_ms}.")
    inertia, damping = np.asarray(motion.inertia), np.asarray(motion.damping)
    lightest = _STABLE * (step_ms * _MS) ** 2 * (joint.stop_stiffness + joint.passive_stiffness)
    if not np.all(inertia >= lightest):
        raise ValueError(
            f"inertia must be {np.max(lightest):.2g} or more (kg m2) for steps of {step_ms} ms, "
            f"got {inertia.min()}."
        )
    if not np.all(damping >= 0.0):
        raise ValueError(f"damping must be 0 or more (N m s/rad), got {damping.min()}.")
    entries: tuple[ArrayLike, ...] = (
        step_ms * _MS,
        1.0 / inertia,
        damping,
        joint.passive_stiffness,
        joint.resting_angle,
        joint.gravity_torque,
        joint.hanging_angle,
        joint.guarding_stiffness,
        joint.guarded_angle,
        joint.guarding_drive,
        joint.angular_limit,
        joint.stop_stiffness,
    )
    return JointMotionConstants(*(np.asarray(entry, dtype=dtype) for entry in entries))


def attachments(joint: Joint, directions: ArrayLike, *, neutral_length: float = 3.0) -> Attachments:
    """Like muscles of a joint; `directions` is 1 for each agonist, -1 for each antagonist."""
    turned = np.asarray(directions, dtype=np.float64)
    return Attachments(
        moment_arms=turned * joint.moment_arm,
        maximum_forces=np.full_like(turned, joint.maximum_isometric_force),
        optimal_fibre_lengths=np.full_like(turned, joint.optimal_fibre_length),
        neutral_lengths=np.full_like(turned, neutral_length),
    )


def at_rest(of: JointMotionConstants, angle: ArrayLike) -> JointMotionState:
    """A joint held still at an angle (rad), e.g. that of `joint.equilibrium`."""
    held = np.asarray(angle, dtype=of.step.dtype)
    return JointMotionState(angle=held, velocity=np.zeros_like(held))


def musculotendon_lengths(muscles: Attachments, angle: Array) -> Array:
    """Lengths of the muscles (optimal fibre lengths in health), shape (..., muscles)."""
    turned = angle[..., np.newaxis] * muscles.moment_arms
    return np.asarray(muscles.neutral_lengths - turned / muscles.optimal_fibre_lengths)


def muscle_torque(muscles: Attachments, tendon_forces: Array) -> Array:
    """Torque of the muscles together (N m); tendon forces in maximum isometric forces."""
    pulls = (tendon_forces * muscles.maximum_forces) * muscles.moment_arms
    # One after the other, as the compiled sum runs.
    return np.asarray(np.cumsum(pulls, axis=-1)[..., -1])


def sine(angle: Array) -> Array:
    """Sine by a polynomial, the same here and compiled; held beyond half a turn."""
    x = np.minimum(np.maximum(angle, -_HALF_TURN), _HALF_TURN)
    squared = x * x
    value = squared * _SINE_TERMS[-1] + _SINE_TERMS[-2]
    for term in _SINE_TERMS[-3::-1]:
        value = value * squared + term
    return np.asarray(value * x)


def check(torque: ArrayLike, nociceptive_drive: ArrayLike) -> None:
    """Refuse what no joint meets.

    Raises:
        ValueError: A torque beyond 10,000 N m, or a nociceptive drive outside 0 to 1,000 Hz.
    """
    for name, value, low, high, unit in (
        ("torque", torque, -1e4, 1e4, "N m"),
        ("nociceptive_drive", nociceptive_drive, 0.0, 1e3, "Hz"),
    ):
        given = np.asarray(value)
        fine = (given >= low) & (given <= high)
        if not fine.all():
            raise ValueError(
                f"{name} must be {low:g} to {high:g} ({unit}), got {given[~fine].flat[0]}."
            )


def tissue_torque(of: JointMotionConstants, angle: Array, nociceptive_drive: Array) -> Array:
    """Torque (N m) of tissue, guarding, weight and stops towards larger angles."""
    guard = nociceptive_drive / (nociceptive_drive + of.guarding_drive)
    held = of.guarding_stiffness * guard
    beyond = angle - np.minimum(np.maximum(angle, -of.angular_limit), of.angular_limit)
    held_by = of.passive_stiffness * (of.resting_angle - angle) + held * (of.guarded_angle - angle)
    weight = of.gravity_torque * sine(angle - of.hanging_angle)
    return np.asarray((held_by - weight) - of.stop_stiffness * beyond)


def step(
    of: JointMotionConstants,
    state: JointMotionState,
    *,
    torque: Array,
    nociceptive_drive: Array,
) -> JointMotionState:
    """The state one step later.

    Args:
        of: The joint.
        state: The state.
        torque: Of muscles and of what pushes from outside, towards larger angles (N m), held.
        nociceptive_drive: C of the segment (Hz); guarding follows it.
    """
    tissue = tissue_torque(of, state.angle, nociceptive_drive)
    gain = of.step * of.inverse_inertia
    velocity = (state.velocity + gain * (torque + tissue)) / (1.0 + gain * of.damping)
    turned = state.angle + of.step * velocity
    # No limb is thrown past half a turn, however strong its muscles and weak its stops are drawn.
    angle = np.minimum(np.maximum(turned, -_HALF_TURN), _HALF_TURN)
    return JointMotionState(
        angle=angle, velocity=np.where(angle == turned, velocity, np.zeros_like(velocity))
    )
