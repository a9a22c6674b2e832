"""Moment preparation: roots, muscles and joints of one moment, put together from the atlas.

Receives names of muscles, or the preparation of a course; gives who is wired to whom, how long
each muscle and its nerve are, and which joint it turns, which way and how far from its centre. The
laws that move it stand in `myotome.physiology`; the strengths of the wires in `wiring`.

Source: as `architecture`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import Site, atlas
from myotome.errors import InputError
from myotome.physiology.joint import Joint, Pull
from myotome.physiology.motion_segment import MotionSegment
from myotome.simulation.moment.architecture import (
    HALF_SLOW,
    STANDARD_REACH,
    Architecture,
    architecture_of,
    arm_of,
    distal,
    is_paraspinal,
    main_movement,
    opposite_of,
    path_to,
)
from myotome.simulation.moment.ranges import checked_choice, checked_whole
from myotome.simulation.reach import REACH

if TYPE_CHECKING:
    from myotome.simulation.preparation import Preparation

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

PoolKind = Literal["cells", "fuglevand"]
POOLS: Final[tuple[PoolKind, ...]] = get_args(PoolKind)
UNITS: Final = 120
# Least and most; a pool has cells of three types.
SIZES: Final = {"people": (1, 1_000_000), "units": (3, 2_000)}
_NUMBERS: Final = (
    "reach", "joint_of", "turns", "opposed", "moment_arm", "path",
    "optimal_fibre_length", "tendon_slack_length", "neutral_length", "maximum_isometric_force",
    "pennation", "slow_share", "distal", "segments", "squeezes",
)  # fmt: skip
_NO_MUSCLE: Final = -1
_STANDARD: Final = "standard muscle"


@dataclass(frozen=True, slots=True)
class MomentPreparation:
    """Who hangs together with whom; arrays of shape (muscles,) unless said.

    Attributes:
        muscles: Names.
        roots: Names.
        joints: Names.
        people: How many people are run side by side.
        units: Motor units of each muscle.
        reach: How strongly a root reaches a muscle, 0 to 1, shape (roots, muscles).
        joint_of: Index of the joint a muscle turns.
        turns: 1 where the joint's angle grows as the muscle shortens, else -1.
        opposed: Share of each muscle across the joint in what inhibits a pool, 0 to 1; a row sums
            to 1, or to 0 where nothing pulls against it; shape (muscles, those that oppose them).
        moment_arm: m.
        path: Length of nerve from the cord (m).
        optimal_fibre_length: m.
        tendon_slack_length: In optimal fibre lengths.
        neutral_length: Of muscle and tendon at joint angle 0, likewise.
        maximum_isometric_force: N.
        pennation: rad.
        slow_share: Share of slow motor units.
        distal: 1 for a muscle of hand or foot, whose units fall into no kinds, else 0.
        segments: 1 where a joint is a motion segment of the spine, whose angle is extension, else
            0, shape (joints,); none when left out.
        squeezes: How much of what a muscle takes from a foramen a root's own loses: 1 for the one
            paraspinal at its segment, less each where there are more; shape (roots, muscles).
        pool: Motoneurons with membranes, or the published pool of thresholds and rates, which only
            the NumPy engine runs.

    Raises:
        InputError: Too few or too many of something, or arrays that do not fit together.
    """

    muscles: tuple[str, ...]
    roots: tuple[str, ...]
    joints: tuple[str, ...]
    people: int
    units: int
    reach: Array
    joint_of: Whole
    turns: Array
    opposed: Array
    moment_arm: Array
    path: Array
    optimal_fibre_length: Array
    tendon_slack_length: Array
    neutral_length: Array
    maximum_isometric_force: Array
    pennation: Array
    slow_share: Array
    distal: Array
    segments: Array = field(default_factory=lambda: np.zeros(0))
    squeezes: Array = field(default_factory=lambda: np.zeros((0, 0)))
    pool: PoolKind = "cells"

    def __post_init__(self) -> None:
        checked_choice("pool", self.pool, POOLS)
        for name, (least, most) in SIZES.items():
            checked_whole(name, getattr(self, name), least, most)
        count = {name: len(getattr(self, name)) for name in ("muscles", "roots", "joints")}
        for name, number in count.items():
            if not number:
                raise InputError(f"{name} must name at least one, got none.", place=name)
        by_root = (count["roots"], count["muscles"])
        shapes = {
            "reach": by_root,
            "squeezes": by_root,
            "segments": (count["joints"],),
            "opposed": (count["muscles"], count["muscles"]),
        }
        for name in ("segments", "squeezes"):
            if not getattr(self, name).size:
                object.__setattr__(self, name, np.zeros(shapes[name]))
        for name in _NUMBERS:
            values = getattr(self, name)
            shape = shapes.get(name, by_root[1:])
            if np.shape(values) != shape or not np.isfinite(values).all():
                raise InputError(
                    f"{name} must hold finite numbers of shape {shape}, got {values!r}.", place=name
                )
        for index in self.joint_of:
            checked_whole("an index of joint_of", index, 0, count["joints"] - 1, place="joint_of")
        total = self.opposed.sum(axis=1)
        if (self.opposed < 0.0).any() or not np.isclose(
            total, np.round(np.clip(total, 0, 1))
        ).all():
            raise InputError(
                "opposed must hold shares from 0 to 1 whose rows sum to 1 or to 0, got"
                f" {self.opposed!r}.",
                place="opposed",
            )

    @property
    def antagonist(self) -> Whole:
        """Index of the strongest muscle on the other side of each joint; -1 where there is none."""
        strongest = self.opposed.argmax(axis=1)
        return np.where(self.opposed.any(axis=1), strongest, _NO_MUSCLE)

    def of_people(self, people: int) -> MomentPreparation:
        """The same for another number of people."""
        return replace(self, people=people)

    def with_pool(self, pool: PoolKind) -> MomentPreparation:
        """The same with another kind of pool, `cells` or `fuglevand`."""
        return replace(self, pool=pool)


def standard(*, people: int = 1, units: int = UNITS, antagonist: bool = False) -> MomentPreparation:
    """One middle-sized muscle at a hinge, the muscle of the course.

    Args:
        people: Run side by side.
        units: Motor units.
        antagonist: Whether the hinge has a like muscle on its other side.
    """
    joint, pull = Joint(), Pull()
    built = Architecture(
        joint.optimal_fibre_length,
        float(pull.tendon_slack_length),
        joint.maximum_isometric_force,
        float(pull.pennation),
        HALF_SLOW,
    )
    names = (_STANDARD, "its antagonist") if antagonist else (_STANDARD,)
    count = len(names)
    return MomentPreparation(
        muscles=names,
        roots=("root",),
        joints=("hinge",),
        people=people,
        units=units,
        reach=np.ones((1, count)),
        joint_of=np.zeros(count, dtype=np.int64),
        turns=np.array([1.0, -1.0][:count]),
        opposed=np.array([[0.0, 1.0], [1.0, 0.0]]) if antagonist else np.zeros((1, 1)),
        path=np.full(count, STANDARD_REACH),
        distal=np.zeros(count),
        pool="cells",
        **_built([built] * count, [joint.moment_arm] * count),
    )


def of_muscle(
    name: str, *, people: int = 1, units: int = UNITS, antagonist: bool = True
) -> MomentPreparation:
    """One muscle of the atlas at its first joint, with the first of its antagonists.

    A paraspinal turns the motion segment of one level. Named as an antagonist it pulls at the joint
    of the other muscle, with the whole of its length.

    Args:
        name: A muscle of the atlas.
        people: Run side by side.
        units: Motor units of each muscle.
        antagonist: Whether the muscle on the other side comes along.

    Raises:
        UnknownName: The atlas holds no such muscle.
    """
    row = atlas().muscle(name)
    rows = [row]
    if antagonist and row.antagonist_muscle_ids:
        rows.append(atlas().muscle(row.antagonist_muscle_ids[0]))
    supplies = [
        {supply.segment_id: supply.weight for supply in atlas().innervation[each.muscle_id]}
        for each in rows
    ]
    roots = sorted({*supplies[0], *supplies[-1]}, key=lambda root: atlas().segments[root].ordinal)
    reach = [[REACH.get(supply.get(root, ""), 0.0) for supply in supplies] for root in roots]
    squeezed = is_paraspinal(name)
    joint = "motion segment" if squeezed else row.joint_ids[0] if row.joint_ids else "joint"
    pulls = [_pull_of(row.muscle_id, joint, 1.0, squeezed)]
    if len(rows) > 1:
        one_level = squeezed and is_paraspinal(rows[1].muscle_id)
        pulls.append(_pull_of(rows[1].muscle_id, joint, -1.0, one_level))
    squeezes = [
        [float(squeezed and supplies[0].get(root) == "major"), *[0.0] * (len(rows) - 1)]
        for root in roots
    ]
    return _together(
        [each.muscle_id for each in rows], roots, pulls, np.array(reach), np.array(squeezes),
        people, units,
    )  # fmt: skip


def of_course(
    preparation: Preparation, *, people: int = 1, units: int = UNITS
) -> MomentPreparation:
    """The muscles and roots of a course, those that turn one joint together at it.

    Each muscle pulls the way of its first movement. A joint's angle grows the way of the first
    muscle that turns it; those of the opposite movement pull against it. Paraspinals turn the
    motion segment of their level and press on its root.

    Args:
        preparation: What the course holds.
        people: Run side by side.
        units: Motor units of each muscle.
    """
    if not preparation.muscles:
        raise InputError("preparation must hold at least one muscle, got none.", place="muscles")
    pulls: list[_Pull] = []
    for site in preparation.muscles:
        joint, turns = _joint_of(site, pulls)
        pulls.append(_pull_of(site.name, joint, turns, site.kind == "paraspinal"))
    shared = np.maximum(preparation.squeezes.sum(axis=1, keepdims=True), 1.0)
    return _together(
        preparation.labels, [str(root) for root in preparation.roots], pulls, preparation.reach,
        preparation.squeezes / shared, people, units,
    )  # fmt: skip


class _Pull(NamedTuple):
    """One muscle at its joint."""

    muscle_id: str
    movement: str
    joint: str
    turns: float
    squeezes: bool
    arm: float
    built: Architecture


def _joint_of(site: Site, placed: Sequence[_Pull]) -> tuple[str, float]:
    """Name of the joint that a muscle turns, and which way, beside muscles placed before."""
    if site.kind == "paraspinal":
        return f"{site.level} segment", 1.0
    movement = main_movement(site.name)
    found = atlas().movements.get(movement)
    if found is None:
        return f"joint of {atlas().label(site)}", 1.0
    axis = f"{site.side} {found.joint_name.lower()}, {found.plane} plane"
    leads = next((one.movement for one in placed if one.joint == axis), movement)
    return axis, (-1.0 if movement == opposite_of(leads) else 1.0)


def _pull_of(muscle_id: str, joint: str, turns: float, squeezes: bool) -> _Pull:
    built = architecture_of(muscle_id)
    movement = main_movement(muscle_id)
    if not squeezes:
        return _Pull(muscle_id, movement, joint, turns, squeezes, arm_of(movement).length, built)
    # The atlas describes the whole length of a paraspinal; a segment is pulled by one level's.
    segment = MotionSegment()
    one_level = built._replace(maximum_isometric_force=float(segment.paraspinal_maximum_force))
    arm = float(segment.paraspinal_moment_arm)
    return _Pull(muscle_id, movement, joint, turns, squeezes, arm, one_level)


def _together(
    names: Sequence[str],
    roots: Sequence[str],
    pulls: Sequence[_Pull],
    reach: Array,
    squeezes: Array,
    people: int,
    units: int,
) -> MomentPreparation:
    """Muscles at their joints, none of them stretched where these rest."""
    from myotome.simulation.moment.resting import rested  # reads what stands here

    joints = list(dict.fromkeys(one.joint for one in pulls))
    regions = [atlas().muscle(one.muscle_id).region for one in pulls]
    built = MomentPreparation(
        muscles=tuple(names),
        roots=tuple(roots),
        joints=tuple(joints),
        people=people,
        units=units,
        reach=reach,
        joint_of=np.array([joints.index(one.joint) for one in pulls]),
        turns=np.array([one.turns for one in pulls]),
        opposed=_opposed(pulls),
        path=np.array([path_to(region) for region in regions]),
        distal=distal(regions),
        segments=np.array(
            [float(any(one.squeezes for one in pulls if one.joint == joint)) for joint in joints]
        ),
        squeezes=squeezes,
        pool="cells",
        **_built([one.built for one in pulls], [one.arm for one in pulls]),
    )
    return rested(built)


def _opposed(pulls: Sequence[_Pull]) -> Array:
    """For each muscle the share of those that pull its joint the other way, by how hard they pull.

    Spindles of each inhibit its pool by that share: two heads inhibit as the muscle would of which
    they are the halves.
    """
    strength = np.array([one.built.maximum_isometric_force * one.arm for one in pulls])
    across = np.array(
        [
            [other.joint == one.joint and other.turns != one.turns for other in pulls]
            for one in pulls
        ]
    )
    pull = across * strength
    total = pull.sum(axis=1, keepdims=True)
    return np.asarray(pull / np.where(total > 0.0, total, 1.0))


def _built(built: Sequence[Architecture], arms: Sequence[float]) -> dict[str, Array]:
    """Architecture as arrays, with the lengths of the standard muscle's fibres at angle 0."""
    optimal, tendon, force, pennation, slow = (
        np.array(column) for column in zip(*built, strict=True)
    )
    at_rest = np.asarray(Pull().neutral_length) - np.asarray(Pull().tendon_slack_length)
    return {
        "moment_arm": np.array(arms),
        "optimal_fibre_length": optimal,
        "tendon_slack_length": tendon,
        "neutral_length": tendon + at_rest * np.cos(pennation),
        "maximum_isometric_force": force,
        "pennation": pennation,
        "slow_share": slow,
    }
