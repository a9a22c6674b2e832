"""Joint: a hinge free to turn, where two muscles, gravity, tissue and guarding come to rest.

Receives the state of an agonist and an antagonist and the nociceptive drive; gives the angle at
which the joint rests, the range it can be moved through, and the stress on its surfaces. The
angle must be free: a muscle in spasm at a clamped joint loses hardly any length, one that has
pulled its joint over loses it in weeks.

Angles grow as the agonist shortens; 0 is the middle of the day's use.

Source: project_definition. No published joint is meant: the numbers are those of a middle-sized
hinge, and a preparation gives its own.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import musculotendon
from myotome.physiology.musculotendon import Musculotendon
from myotome.physiology.parameters import Number, parameter

Array = NDArray[np.float64]

_ITERATIONS: Final = 24
_ITERATIONS_OF_RANGE: Final = 40
_LARGEST_TURN: Final = 0.4
# A Newton step this small leaves its square.
_ARRIVED: Final = 1e-8
_SHORTEST: Final = 0.3
_MANY: Final = 4096


@dataclass(frozen=True, slots=True)
class Joint:
    """A hinge with one muscle on each side."""

    moment_arm: float = parameter(
        0.03,
        unit="m",
        tag="D",
        source="assumed",
        meaning="moment arm of either muscle",
        low=0.01,
        high=0.06,
    )
    optimal_fibre_length: float = parameter(
        0.08,
        unit="m",
        tag="D",
        source="assumed",
        meaning="optimal fibre length of either muscle in health",
        low=0.04,
        high=0.2,
    )
    maximum_isometric_force: float = parameter(
        500.0,
        unit="N",
        tag="D",
        source="assumed",
        meaning="maximum isometric force of either muscle",
        low=100.0,
        high=2000.0,
    )
    passive_stiffness: float = parameter(
        3.0,
        unit="N m/rad",
        tag="D",
        source="assumed",
        meaning="stiffness of capsule, ligaments and skin about the resting angle",
        low=1.0,
        high=10.0,
    )
    resting_angle: float = parameter(
        0.0,
        unit="rad",
        tag="D",
        source="assumed",
        meaning="angle at which capsule, ligaments and skin pull neither way",
        low=-0.3,
        high=0.3,
    )
    gravity_torque: float = parameter(
        2.0,
        unit="N m",
        tag="D",
        source="assumed",
        meaning="largest torque of the hanging limb's weight",
        low=0.0,
        high=10.0,
    )
    hanging_angle: float = parameter(
        0.0,
        unit="rad",
        tag="D",
        source="assumed",
        meaning="angle at which the limb hangs straight down",
        low=-0.8,
        high=0.8,
    )
    guarding_stiffness: float = parameter(
        3.0,
        unit="N m/rad",
        tag="D",
        source="assumed",
        meaning="stiffness with which guarding holds its set-point at strong nociceptive drive",
        low=0.0,
        high=10.0,
    )
    guarded_angle: float = parameter(
        0.5,
        unit="rad",
        tag="D",
        source="assumed",
        meaning="protective set-point, on the side where the painful agonist is slack",
        low=0.1,
        high=1.0,
    )
    guarding_drive: float = parameter(
        10.0,
        unit="Hz",
        tag="D",
        source="assumed",
        meaning="nociceptive drive C at which guarding is half of its strongest",
    )
    contact_area: float = parameter(
        4.0e-4,
        unit="m2",
        tag="D",
        source="assumed",
        meaning="area on which the surfaces bear",
        low=1.0e-4,
        high=1.2e-3,
    )
    external_load: float = parameter(
        100.0,
        unit="N",
        tag="D",
        source="assumed",
        meaning="weight and ligament tension that the surfaces bear without muscle",
        low=20.0,
        high=800.0,
    )
    angular_limit: float = parameter(
        1.2,
        unit="rad",
        tag="D",
        source="assumed",
        meaning="angle either way at which bone or capsule stops the joint",
        low=0.6,
        high=2.4,
    )
    stop_stiffness: float = parameter(
        200.0,
        unit="N m/rad",
        tag="D",
        source="assumed",
        meaning="stiffness of bone or capsule beyond that angle",
        low=50.0,
        high=500.0,
    )


class Pull(NamedTuple):
    """One muscle of the joint; each entry is a number or an array that broadcasts.

    Attributes:
        neutral_length: Musculotendon length at angle 0 (optimal fibre lengths in health).
        tendon_slack_length: Likewise.
        activation: 0 to 1.
        serial_sarcomeres: Over the healthy number.
        contracture: Stiffness factor of connective tissue.
        pennation: Angle of the fibres at the healthy optimum (rad).
    """

    neutral_length: Number = 3.0
    tendon_slack_length: Number = 1.97
    activation: Number = 0.0
    serial_sarcomeres: Number = 1.0
    contracture: Number = 1.0
    pennation: Number = 0.0


class Posture(NamedTuple):
    """Where the joint rests.

    Attributes:
        angle: rad.
        torque_residual: What is left of the torques (N m); near 0.
        agonist: Equilibrium of the agonist.
        antagonist: Equilibrium of the antagonist.
    """

    angle: Array
    torque_residual: Array
    agonist: musculotendon.Equilibrium
    antagonist: musculotendon.Equilibrium


def guarding(joint: Joint, nociceptive_drive: Number) -> Number:
    """How much of its strongest guarding the nociceptive drive calls for, 0 to 1."""
    return nociceptive_drive / (nociceptive_drive + joint.guarding_drive)


def set_point(joint: Joint, nociceptive_drive: Number) -> Number:
    """Angle (rad) to which tissue and guarding together would bring the joint."""
    held = joint.guarding_stiffness * guarding(joint, nociceptive_drive)
    return (joint.passive_stiffness * joint.resting_angle + held * joint.guarded_angle) / (
        joint.passive_stiffness + held
    )


def _tissue_torque(joint: Joint, angle: Array, guard: Number) -> tuple[Array, Array]:
    """Torque (N m) of tissue, guarding and weight towards larger angles, and its slope."""
    held = joint.guarding_stiffness * guard
    swing = angle - joint.hanging_angle
    beyond = angle - np.minimum(np.maximum(angle, -joint.angular_limit), joint.angular_limit)
    torque = (
        joint.passive_stiffness * (joint.resting_angle - angle)
        + held * (joint.guarded_angle - angle)
        - joint.gravity_torque * np.sin(swing)
        - joint.stop_stiffness * beyond
    )
    slope: Array = (
        -joint.passive_stiffness
        - held
        - joint.gravity_torque * np.cos(swing)
        - joint.stop_stiffness * (beyond != 0.0)
    )
    return torque, slope


def musculotendon_length(
    joint: Joint, neutral_length: Number, angle: Number, *, agonist: bool
) -> Number:
    """Length of a muscle of the joint at an angle (optimal fibre lengths in health)."""
    turned = joint.moment_arm / joint.optimal_fibre_length * angle
    return neutral_length - turned if agonist else neutral_length + turned


def _muscles(
    joint: Joint, shape: Musculotendon, pulls: tuple[Pull, Pull], angle: Array
) -> tuple[musculotendon.Equilibrium, musculotendon.Equilibrium]:
    """Both muscles at an angle."""
    agonist, antagonist = (
        musculotendon.equilibrium(
            shape,
            musculotendon_length(joint, pull.neutral_length, angle, agonist=first),
            pull.activation,
            pull.tendon_slack_length,
            serial_sarcomeres=pull.serial_sarcomeres,
            contracture=pull.contracture,
            pennation=pull.pennation,
        )
        for pull, first in zip(pulls, (True, False), strict=True)
    )
    return agonist, antagonist


class _Sides(NamedTuple):
    """Both muscles side by side, agonist first: every array of shape (2, ...)."""

    neutral_length: Array
    tendon_slack_length: Array
    activation: Array
    serial_sarcomeres: Array
    contracture: Array
    width: Array


def _side_by_side(pulls: tuple[Pull, Pull], size: tuple[int, ...]) -> _Sides:
    """Both muscles with every entry broadcast."""
    stacked = np.empty((len(pulls[0]), 2, *size))
    for entry, pair in enumerate(zip(*pulls, strict=True)):
        stacked[entry, 0], stacked[entry, 1] = pair
    length, slack, activation, count, contracture, pennation = stacked
    return _Sides(length, slack, activation, count, contracture, np.sin(pennation) / count)


_Declared = TypeVar("_Declared", Joint, Musculotendon)
_OF_A_JOINT: Final = tuple(part.name for part in fields(Joint))
_OF_A_MUSCLE: Final = tuple(part.name for part in fields(Musculotendon))


def _size(
    joint: Joint, shape: Musculotendon, pulls: tuple[Pull, Pull], guard: Number
) -> tuple[int, ...]:
    """The broadcast shape of one joint's arguments."""
    entries = [*pulls[0], *pulls[1], guard]
    entries += [getattr(joint, name) for name in _OF_A_JOINT]
    entries += [getattr(shape, name) for name in _OF_A_MUSCLE]
    shapes = {entry.shape for entry in entries if isinstance(entry, np.ndarray)}
    return np.broadcast_shapes(*shapes)


def equilibrium(  # noqa: PLR0913 - two muscles, a joint and a drive
    joint: Joint,
    shape: Musculotendon,
    agonist: Pull,
    antagonist: Pull,
    *,
    nociceptive_drive: Number = 0.0,
    start: Array | None = None,
) -> Posture:
    """The angle at which every torque of the joint cancels.

    The angle and both fibre lengths are sought together by Newton steps of limited size; what has
    arrived stays put, so that a draw gives the same bits alone as in company. Where they do not
    arrive (a muscle gone slack) the angle is bisected. Two muscles contracting hard against each
    other beyond their optimum can balance at several angles, some of them unstable, as a joint
    without reflexes does: the one near the start is given. At the tones of a day there is one.

    Args:
        joint: The joint.
        shape: Force curves of both muscles.
        agonist: The muscle that shortens as the angle grows.
        antagonist: The other.
        nociceptive_drive: C of the segment (Hz); guarding follows it.
        start: Angles near which to look, e.g. those of the step before; fewer steps are taken.
    """
    pulls = (agonist, antagonist)
    guard = guarding(joint, nociceptive_drive)
    size = _size(joint, shape, pulls, guard)
    sides = _side_by_side(pulls, size)
    turning = np.array([-1.0, 1.0]).reshape(2, *(1 for _ in size))
    gear = turning * (joint.moment_arm / joint.optimal_fibre_length)
    angle: Array = np.broadcast_to(
        set_point(joint, nociceptive_drive) if start is None else start, size
    ).astype(np.float64)
    along = (
        np.maximum(sides.neutral_length + gear * angle - 1.015 * sides.tendon_slack_length, 0.0)
        / sides.serial_sarcomeres
    )
    stretch = np.sqrt(along * along + sides.width * sides.width)
    stretch = np.minimum(np.maximum(stretch, 0.4), 1.5)
    angle, stretch, moving = _balanced(
        joint, shape, sides, gear, guard, angle, stretch, _ITERATIONS
    )
    if moving.any():
        angle = np.array(angle)
        angle[moving] = _bisected(*_only(moving, size, joint, shape, pulls, guard))
        return _at(joint, shape, pulls, angle, guard)
    return _read_off(joint, shape, sides, angle, stretch, gear, guard)


def _balanced(  # noqa: PLR0913, PLR0917 - what one solution depends on
    joint: Joint,
    shape: Musculotendon,
    sides: _Sides,
    gear: Array,
    guard: Number,
    angle: Array,
    stretch: Array,
    steps: int,
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Angle and both stretches after Newton steps, and which of them have not arrived.

    Once fewer than half of many are on their way the steps go on with these alone: which bits each
    comes to does not depend on who is with it.
    """
    lead = joint.moment_arm * joint.maximum_isometric_force
    moving: NDArray[np.bool_] = np.ones(angle.shape, dtype=np.bool_)
    # Length and angle are of order 1 here, so one limit serves both.
    for taken in range(1, steps + 1):
        force, growth, cosine = musculotendon.fibre_force_with_slope(
            shape, stretch, sides.activation, sides.contracture, sides.width
        )
        tendon, softness = musculotendon.tendon_length_with_slope(shape, force)
        spare = (
            sides.neutral_length
            + gear * angle
            - sides.serial_sarcomeres * stretch * cosine
            - sides.tendon_slack_length * tendon
        )
        fall = sides.serial_sarcomeres / cosine + sides.tendon_slack_length * softness * growth
        stiffness = growth / fall
        torque, slope = _tissue_torque(joint, angle, guard)
        settled = force + stiffness * spare
        torque = torque + lead * (settled[0] - settled[1])
        resistance = lead * gear[1] * (stiffness[0] + stiffness[1]) - slope
        turn = torque / np.maximum(resistance, 0.05 * joint.passive_stiffness)
        turn = np.where(moving, np.minimum(np.maximum(turn, -_LARGEST_TURN), _LARGEST_TURN), 0.0)
        moved = np.where(moving, (spare + gear * turn) / fall, 0.0)
        angle = angle + turn
        stretch = np.minimum(np.maximum(stretch + moved, _SHORTEST), musculotendon.LONGEST)
        left = np.maximum(np.abs(spare[0]), np.abs(spare[1]))
        moving = moving & (np.maximum(np.abs(turn), left) > _ARRIVED)
        if not moving.any():
            break
        if _are_few(moving):
            few = _balanced(
                _cut(joint, _OF_A_JOINT, moving),
                _cut(shape, _OF_A_MUSCLE, moving),
                _Sides(*(entry[:, moving] for entry in sides)),
                np.broadcast_to(gear, stretch.shape)[:, moving],
                _at_places(guard, moving),
                angle[moving],
                stretch[:, moving],
                steps - taken,
            )
            angle[moving], stretch[:, moving], moving[moving] = few
            break
    return angle, stretch, moving


def _are_few(moving: NDArray[np.bool_]) -> bool:
    """Whether those on their way are worth taking out of the rest."""
    return moving.size >= _MANY and 2 * int(np.count_nonzero(moving)) < moving.size


def _at_places(value: Number, places: NDArray[np.bool_]) -> Number:
    """An entry at some places; one number for all stays one."""
    if not isinstance(value, np.ndarray) or value.ndim == 0:
        return value
    return np.broadcast_to(value, places.shape)[places]


def _cut(declared: _Declared, names: tuple[str, ...], places: NDArray[np.bool_]) -> _Declared:
    """Parameters at some places, by name in the order of declaration."""
    return type(declared)(*(_at_places(getattr(declared, name), places) for name in names))  # type: ignore[arg-type]


def _read_off(  # noqa: PLR0913, PLR0917 - what the solver holds
    joint: Joint,
    shape: Musculotendon,
    sides: _Sides,
    angle: Array,
    stretch: Array,
    gear: Array,
    guard: Number,
) -> Posture:
    """The posture from a solved angle and stretch, without solving again."""
    both = musculotendon.settled(
        shape,
        stretch,
        (
            sides.neutral_length + gear * angle,
            sides.tendon_slack_length,
            sides.serial_sarcomeres,
            sides.width,
        ),
        (sides.activation, sides.contracture),
    )
    near, far = (musculotendon.Equilibrium(*(entry[i] for entry in both)) for i in (0, 1))
    return Posture(angle, _torque(joint, angle, guard, near, far), near, far)


def _torque(
    joint: Joint,
    angle: Array,
    guard: Number,
    near: musculotendon.Equilibrium,
    far: musculotendon.Equilibrium,
) -> Array:
    """Torque (N m) of muscles, tissue, guarding and weight towards larger angles."""
    lead = joint.moment_arm * joint.maximum_isometric_force
    return _tissue_torque(joint, angle, guard)[0] + lead * (near.tendon_force - far.tendon_force)


def _at(
    joint: Joint,
    shape: Musculotendon,
    pulls: tuple[Pull, Pull],
    angle: Array,
    guard: Number,
) -> Posture:
    """The joint held at an angle, and the torque that this leaves."""
    near, far = _muscles(joint, shape, pulls, angle)
    return Posture(angle, _torque(joint, angle, guard, near, far), near, far)


def _only(  # noqa: PLR0913, PLR0917 - what one solution depends on
    chosen: NDArray[np.bool_],
    size: tuple[int, ...],
    joint: Joint,
    shape: Musculotendon,
    pulls: tuple[Pull, Pull],
    guard: Number,
) -> tuple[Joint, Musculotendon, tuple[Pull, Pull], Array]:
    """The same arguments for the chosen places only."""

    def cut(value: Number) -> Array:
        return np.broadcast_to(np.asarray(value, dtype=np.float64), size)[chosen]

    return (
        Joint(*(cut(getattr(joint, f.name)) for f in fields(joint))),  # type: ignore[arg-type]
        Musculotendon(*(cut(getattr(shape, f.name)) for f in fields(shape))),  # type: ignore[arg-type]
        (Pull(*(cut(entry) for entry in pulls[0])), Pull(*(cut(entry) for entry in pulls[1]))),
        cut(guard),
    )


def _bisected(joint: Joint, shape: Musculotendon, pulls: tuple[Pull, Pull], guard: Array) -> Array:
    """The angle by bisection: slow, certain, for the few that Newton steps did not settle."""
    high: Array = np.asarray(joint.angular_limit, dtype=np.float64) + 0.5
    low: Array = -high
    for _ in range(60):
        middle = 0.5 * (low + high)
        towards = _at(joint, shape, pulls, middle, guard).torque_residual > 0.0
        low = np.where(towards, middle, low)
        high = np.where(towards, high, middle)
    return 0.5 * (low + high)


def range_of_motion(
    joint: Joint,
    shape: Musculotendon,
    limiting: Pull,
    tolerance_torque: Number,
    *,
    agonist: bool = False,
) -> Array:
    """Angle (rad) to which the joint can be moved before a muscle's pull is no longer borne.

    The muscle that limits is stretched until its torque reaches what the person tolerates; its
    tone counts, so a muscle in spasm stops the joint earlier. Tissue (sarcomeres, contracture)
    and tolerance are two terms, as the stretching trials ask.

    Args:
        joint: The joint.
        shape: Force curves.
        limiting: The muscle that is stretched; its activation is its tone.
        tolerance_torque: Torque borne (N m), a state of the person.
        agonist: Whether the agonist limits; it is stretched towards smaller angles.

    Returns:
        The angle, from 0, in the direction of stretch; at most the joint's limit.
    """
    pull = tolerance_torque / (joint.moment_arm * joint.maximum_isometric_force)
    count = np.asarray(limiting.serial_sarcomeres, dtype=np.float64)
    width = np.sin(limiting.pennation) / count
    # From the longest fibre that passive tissue alone allows, downwards: tone only shortens it.
    floor = np.maximum(musculotendon.SHORTEST, 1.0155 * width)
    stretch = np.maximum(
        musculotendon.stretch_at_passive_force(shape, pull, limiting.contracture), floor
    )
    along = np.sqrt(1.0 - (width / stretch) ** 2)
    stretch = musculotendon.stretch_at_passive_force(shape, pull / along, limiting.contracture)
    stretch = np.minimum(stretch + 0.0 * np.asarray(limiting.activation), musculotendon.LONGEST)
    stretch = np.maximum(stretch, floor)
    bracket = np.broadcast_to(floor, stretch.shape), stretch
    stretch = _held_by(
        shape, stretch, bracket, (limiting.activation, limiting.contracture), pull, width,
        _ITERATIONS_OF_RANGE,
    )  # fmt: skip
    along = np.sqrt(1.0 - (width / stretch) ** 2)
    tendon = limiting.tendon_slack_length * musculotendon.tendon_length(shape, pull)
    spare = count * stretch * along + tendon - limiting.neutral_length
    angle = np.minimum(spare * joint.optimal_fibre_length / joint.moment_arm, joint.angular_limit)
    return -angle if agonist else angle


def _held_by(  # noqa: PLR0913, PLR0917 - one equation's terms
    shape: Musculotendon,
    stretch: Array,
    bracket: tuple[Array, Array],
    tissue: tuple[Number, Number],
    pull: Number,
    width: Number,
    steps: int,
) -> Array:
    """Stretch within a bracket at which the fibres pull as hard as is borne.

    Newton steps kept in the bracket; a few that take long go on alone, as in `_balanced`.
    """
    low, high = bracket
    moving: NDArray[np.bool_] = np.ones(stretch.shape, dtype=np.bool_)
    for taken in range(1, steps + 1):
        force, slope, _cosine = musculotendon.fibre_force_with_slope(shape, stretch, *tissue, width)
        excess = force - pull
        high = np.where(excess > 0.0, stretch, high)
        low = np.where(excess > 0.0, low, stretch)
        step = stretch - excess / np.maximum(slope, 0.05)
        inside = (step >= low) & (step <= high)
        arriving = inside & (np.abs(step - stretch) < _ARRIVED)
        stretch = np.where(moving, np.where(inside, step, 0.5 * (low + high)), stretch)
        moving = moving & ~arriving & (high - low > _ARRIVED * _ARRIVED)
        if not moving.any():
            break
        if _are_few(moving):
            activation, contracture = (_at_places(entry, moving) for entry in tissue)
            stretch[moving] = _held_by(
                _cut(shape, _OF_A_MUSCLE, moving),
                stretch[moving],
                (low[moving], high[moving]),
                (activation, contracture),
                _at_places(pull, moving),
                _at_places(width, moving),
                steps - taken,
            )
            break
    return stretch


def reaction_stress(joint: Joint, agonist_force: Number, antagonist_force: Number) -> Number:
    """Stress on the joint's surfaces (MPa) from both muscles' tendon forces and other loads.

    Args:
        joint: The joint.
        agonist_force: Tendon force (maximum isometric forces).
        antagonist_force: Likewise. Both press the surfaces together: spasm loads a joint that
            does not move.
    """
    pressed = joint.maximum_isometric_force * (agonist_force + antagonist_force)
    return 1e-6 * (pressed + joint.external_load) / joint.contact_area
