"""Musculotendon motion: a muscle's fibres against its tendon, millisecond by millisecond.

Receives the length from origin to insertion and the activation that the motor units give; gives
tendon force to joint and tendon organ, and fibre length and speed to spindle and motor units. The
fibres shorten as fast as force allows, the tendon stretches under what they give, and neither has
mass: at every moment the tendon bears what the fibres pull. A little damping makes the speed
known even when the muscle is not active.

The state is the stretch of the sarcomeres; one step of a stiffly accurate diagonally implicit
Runge-Kutta method of order two, each stage solved by Newton's method. Lengths are in optimal fibre
lengths of the healthy muscle, forces in its maximum isometric force, as in `musculotendon`, whose
curves these are; what moves comes to rest where `musculotendon.equilibrium` says.

Source: degroote2016; departs from it in the contracture, and in that fibres that shorten beyond
their greatest speed bear no active force rather than pushing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from myotome.physiology import musculotendon
from myotome.physiology.exponential import exp, log
from myotome.physiology.musculotendon import LONGEST, SHORTEST, Musculotendon
from myotome.physiology.parameters import Number, parameter
from myotome.physiology.parameters import check as check_parameters

Array = NDArray[Any]

_MS: Final = 1e-3
_LONGEST_STEP: Final = 2.0  # ms
_STAGE: Final = 1.0 - 0.5**0.5
_NEWTON_STEPS: Final = 6
# A Newton step this small leaves 150 times its square.
_ARRIVED: Final = 1e-7
SHORTEST_TENDON: Final = 0.05  # optimal fibre lengths
_LARGEST_MOVE: Final = 0.05  # stretch, of one Newton step
_LARGEST_EXPONENT: Final = 10.0


@dataclass(frozen=True, slots=True)
class MusculotendonMotion:
    """What a moving unit has beside the curves of a still one."""

    damping: float = parameter(
        0.05,
        unit="F0/vmax",
        tag="D",
        source="degroote2016",
        meaning="force of the fibres by speed, whatever the activation (beta)",
        low=0.01,
        high=0.1,
    )
    maximum_velocity: float = parameter(
        10.0,
        unit="L0/s",
        tag="V",
        source="degroote2016",
        meaning="greatest speed of shortening (vmax)",
    )


class MusculotendonConstants(NamedTuple):
    """What steps of one length need; every array broadcasts with the state.

    Attributes:
        height_1: Of the first bell of active force; so on for three bells.
        centre_1: Its stretch.
        width_1: Its width at stretch 0.
        skew_1: How its width grows with stretch.
        height_2: Second bell.
        centre_2: Second bell.
        width_2: Second bell.
        skew_2: Second bell.
        height_3: Third bell.
        centre_3: Third bell.
        slimness_3: One over the width of the third bell.
        velocity_scale: d1.
        velocity_slope: d2.
        velocity_shift: d3.
        velocity_offset: d4.
        passive_rate: Of the exponential of passive force.
        passive_lead: Its factor, contracture included.
        passive_least: What is taken from it.
        passive_origin: Stretch at which its exponent is 0.
        tendon_rate: kT.
        tendon_offset: Force taken from the tendon's exponential.
        tendon_slack_inverse: One over the slack length.
        damping: beta.
        serial_sarcomeres: Over the healthy number.
        width: Of the muscle over the fibre's own optimal length.
        shortest: Least stretch.
        speed_by_stretch: Speed (vmax) by which a stage moves the stretch by 1.
        carried: Share of the first stage's move with which the second begins.
        stage: Place of the first stage in the step, 0 to 1.
        velocity: Fibre speed (L0/s of the healthy muscle) at a speed of 1 vmax.
    """

    height_1: Array
    centre_1: Array
    width_1: Array
    skew_1: Array
    height_2: Array
    centre_2: Array
    width_2: Array
    skew_2: Array
    height_3: Array
    centre_3: Array
    slimness_3: Array
    velocity_scale: Array
    velocity_slope: Array
    velocity_shift: Array
    velocity_offset: Array
    passive_rate: Array
    passive_lead: Array
    passive_least: Array
    passive_origin: Array
    tendon_rate: Array
    tendon_offset: Array
    tendon_slack_inverse: Array
    damping: Array
    serial_sarcomeres: Array
    width: Array
    shortest: Array
    speed_by_stretch: Array
    carried: Array
    stage: Array
    velocity: Array


class MusculotendonState(NamedTuple):
    """A unit in motion.

    Attributes:
        stretch: Of each sarcomere, 0.2 to 1.8.
        fibre_velocity: Optimal fibre lengths per s, lengthening > 0.
        tendon_force: Along the tendon, 0 or more.
        musculotendon_length: From origin to insertion.
    """

    stretch: Array
    fibre_velocity: Array
    tendon_force: Array
    musculotendon_length: Array


def constants(  # noqa: PLR0913 - one muscle, each by name
    shape: Musculotendon,
    motion: MusculotendonMotion,
    *,
    tendon_slack_length: Number,
    serial_sarcomeres: Number = 1.0,
    contracture: Number = 1.0,
    pennation: Number = 0.0,
    step_ms: float = 1.0,
    dtype: DTypeLike = np.float64,
) -> MusculotendonConstants:
    """A muscle for steps of `step_ms`.

    Args:
        shape: The curves.
        motion: Damping and greatest speed.
        tendon_slack_length: Positive (optimal fibre lengths).
        serial_sarcomeres: Over the healthy number.
        contracture: Stiffness factor of connective tissue, 1 in health.
        pennation: Angle of the fibres at the healthy optimum (rad).
        step_ms: At most 2 (ms).
        dtype: Of every array.

    Raises:
        ValueError: A number that no muscle has, or a step outside 0 to 2 ms.
    """
    check_parameters(shape)
    check_parameters(motion)
    if not 0.0 < step_ms <= _LONGEST_STEP:
        raise ValueError(f"step_ms must be over 0 to {_LONGEST_STEP:g} (ms), got {step_ms}.")
    for name, value, low, high in (
        ("tendon_slack_length", tendon_slack_length, SHORTEST_TENDON, 50.0),
        ("serial_sarcomeres", serial_sarcomeres, 0.3, 3.0),
        ("contracture", contracture, 0.1, 20.0),
        ("pennation", pennation, 0.0, 0.8),
        ("damping", motion.damping, 1e-3, 10.0),
    ):
        given = np.asarray(value)
        fine = (given >= low) & (given <= high)
        if not fine.all():
            raise ValueError(f"{name} must be {low:g} to {high:g}, got {given[~fine].flat[0]}.")
    count = np.asarray(serial_sarcomeres, dtype=np.float64)
    width = np.sin(pennation) / count
    rate, offset, scale = musculotendon.passive_constants(shape)
    lead = contracture * np.asarray(scale)
    stage_s = _STAGE * step_ms * _MS
    entries: tuple[ArrayLike, ...] = (
        shape.active_height_1,
        shape.active_centre_1,
        shape.active_width_1,
        shape.active_skew_1,
        shape.active_height_2,
        shape.active_centre_2,
        shape.active_width_2,
        shape.active_skew_2,
        shape.active_height_3,
        shape.active_centre_3,
        1.0 / np.asarray(shape.active_width_3),
        shape.velocity_scale,
        shape.velocity_slope,
        shape.velocity_shift,
        shape.velocity_offset,
        rate,
        lead,
        lead * offset,
        1.0 - shape.contracture_shift * (np.asarray(contracture) - 1.0),
        musculotendon.tendon_rate(shape),
        musculotendon.TENDON_FORCE_OFFSET,
        1.0 / np.asarray(tendon_slack_length),
        motion.damping,
        count,
        width,
        np.maximum(SHORTEST, width * 1.0155),
        1.0 / (stage_s * np.asarray(motion.maximum_velocity)),
        (1.0 - _STAGE) / _STAGE,
        _STAGE,
        count * motion.maximum_velocity,
    )
    return MusculotendonConstants(*(np.asarray(entry, dtype=dtype) for entry in entries))


def at_rest(  # noqa: PLR0913 - one muscle, each by name
    of: MusculotendonConstants,
    shape: Musculotendon,
    *,
    musculotendon_length: Number,
    activation: Number,
    tendon_slack_length: Number,
    serial_sarcomeres: Number = 1.0,
    contracture: Number = 1.0,
    pennation: Number = 0.0,
) -> MusculotendonState:
    """The unit in static equilibrium at a length and an activation."""
    settled = musculotendon.equilibrium(
        shape,
        musculotendon_length,
        activation,
        tendon_slack_length,
        serial_sarcomeres=serial_sarcomeres,
        contracture=contracture,
        pennation=pennation,
    )
    dtype = of.damping.dtype
    stretch = settled.sarcomere_stretch.astype(dtype)
    return MusculotendonState(
        stretch=stretch,
        fibre_velocity=np.zeros_like(stretch),
        tendon_force=settled.tendon_force.astype(dtype),
        musculotendon_length=np.broadcast_to(
            np.asarray(musculotendon_length, dtype=dtype), stretch.shape
        ),
    )


def _active(of: MusculotendonConstants, stretch: Array) -> tuple[Array, Array]:
    """Active force at full activation, held, and its slope."""
    w1 = 1.0 / (of.width_1 + of.skew_1 * stretch)
    z1 = (stretch - of.centre_1) * w1
    bell_1 = of.height_1 * exp(-0.5 * (z1 * z1))
    w2 = 1.0 / (of.width_2 + of.skew_2 * stretch)
    z2 = (stretch - of.centre_2) * w2
    bell_2 = of.height_2 * exp(-0.5 * (z2 * z2))
    z3 = (stretch - of.centre_3) * of.slimness_3
    bell_3 = of.height_3 * exp(-0.5 * (z3 * z3))
    fall_1 = ((bell_1 * z1) * w1) * (1.0 - of.skew_1 * z1)
    fall_2 = ((bell_2 * z2) * w2) * (1.0 - of.skew_2 * z2)
    fall_3 = (bell_3 * z3) * of.slimness_3
    return (bell_1 + bell_2) + bell_3, -((fall_1 + fall_2) + fall_3)


def _by_speed(of: MusculotendonConstants, speed: Array) -> tuple[Array, Array]:
    """Active force over isometric force at a speed (vmax), and its slope; 0 beyond vmax."""
    x = of.velocity_slope * speed + of.velocity_shift
    root = np.sqrt(x * x + 1.0)
    size = log(np.abs(x) + root)
    force = of.velocity_scale * np.where(x < 0.0, -size, size) + of.velocity_offset
    slope = of.velocity_scale * of.velocity_slope / root
    return np.maximum(force, 0.0), np.where(force < 0.0, 0.0, slope)


def _tendon(of: MusculotendonConstants, stretch: Array, length: Array) -> tuple[Array, Array]:
    """Force of the tendon, and the cosine of pennation."""
    sine = of.width / stretch
    cosine = np.sqrt(1.0 - sine * sine)
    fibre = (of.serial_sarcomeres * stretch) * cosine
    strain = (length - fibre) * of.tendon_slack_inverse - 1.0
    grown = exp(np.minimum(of.tendon_rate * strain, _LARGEST_EXPONENT))
    return of.tendon_offset * grown - of.tendon_offset, cosine


def _stage(of: MusculotendonConstants, begin: Array, length: Array, activation: Array) -> Array:
    """Stretch at the end of a stage that begins from `begin`.

    Force against speed bends least at no speed: begun there, no Newton step goes too far. What
    has arrived stays put, so that a muscle gives the same bits alone as in company.
    """
    moving: NDArray[np.bool_] = np.ones(np.broadcast_shapes(begin.shape, length.shape), np.bool_)
    stretch = np.minimum(np.maximum(begin, of.shortest), LONGEST)
    for _ in range(_NEWTON_STEPS):
        tendon, cosine = _tendon(of, stretch, length)
        speed = (stretch - begin) * of.speed_by_stretch
        active, active_slope = _active(of, stretch)
        share, share_slope = _by_speed(of, speed)
        growing = of.passive_lead * exp(of.passive_rate * (stretch - of.passive_origin))
        passive = growing - of.passive_least
        pull = (activation * (active * share) + passive) + of.damping * speed
        steep = (activation * (active_slope * share) + of.passive_rate * growing) + (
            activation * (active * share_slope) + of.damping
        ) * of.speed_by_stretch
        sine = of.width / stretch
        lean = (pull * (sine * sine)) / (stretch * cosine)
        loaded = (of.tendon_rate * (tendon + of.tendon_offset)) * of.tendon_slack_inverse
        fall = (steep * cosine + lean) + (loaded * of.serial_sarcomeres) / cosine
        move = (tendon - pull * cosine) / np.maximum(fall, 1e-3)
        move = np.minimum(np.maximum(move, -_LARGEST_MOVE), _LARGEST_MOVE)
        found = np.minimum(np.maximum(stretch + move, of.shortest), LONGEST)
        stretch = np.where(moving, found, stretch)
        moving = moving & (np.abs(move) > _ARRIVED)
        if not moving.any():
            break
    return stretch


def check(musculotendon_length: ArrayLike, activation: ArrayLike) -> None:
    """Refuse what no muscle meets.

    Raises:
        ValueError: A length that is not positive and finite, or an activation outside 0 to 1.
    """
    length = np.asarray(musculotendon_length)
    if not np.all((length > 0.0) & np.isfinite(length)):
        raise ValueError("musculotendon_length must be positive (optimal fibre lengths).")
    given = np.asarray(activation)
    fine = (given >= 0.0) & (given <= 1.0)
    if not fine.all():
        raise ValueError(f"activation must be 0 to 1, got {given[~fine].flat[0]}.")


def step(
    of: MusculotendonConstants,
    state: MusculotendonState,
    *,
    musculotendon_length: Array,
    activation: Array,
) -> MusculotendonState:
    """The state one step later.

    Args:
        of: The muscle.
        state: The state.
        musculotendon_length: At the end of the step; between, it changes evenly.
        activation: 0 to 1, held over the step.
    """
    lengthened = musculotendon_length - state.musculotendon_length
    midway = state.musculotendon_length + of.stage * lengthened
    first = _stage(of, state.stretch, midway, activation)
    begin = state.stretch + of.carried * (first - state.stretch)
    stretch = _stage(of, begin, musculotendon_length, activation)
    tendon, _ = _tendon(of, stretch, musculotendon_length)
    speed = (stretch - begin) * of.speed_by_stretch
    return MusculotendonState(
        stretch=stretch,
        fibre_velocity=of.velocity * speed,
        tendon_force=np.maximum(tendon, 0.0),
        musculotendon_length=np.asarray(musculotendon_length),
    )


def fibre_length(of: MusculotendonConstants, state: MusculotendonState) -> Array:
    """Length of the fibres (optimal fibre lengths of the healthy muscle)."""
    return np.asarray(of.serial_sarcomeres * state.stretch)
