"""Moment preparation: roots, muscles and joints of one moment, put together from the atlas.

Receives names of muscles, or the preparation of a course; gives who is wired to whom, how long
each muscle and its nerve are, and which joint it turns. The laws that move it stand in
`myotome.physiology`; the strengths of the wires in `wiring`.

Source: the atlas, with its own sources; `path_lengths.csv` for lengths of nerve.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import atlas
from myotome.errors import InputError
from myotome.physiology.joint import Joint, Pull
from myotome.simulation.moment.ranges import checked_whole
from myotome.simulation.reach import REACH

if TYPE_CHECKING:
    from myotome.simulation.preparation import Preparation

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

UNITS: Final = 120
# Least and most; a pool has cells of three types.
SIZES: Final = {"people": (1, 1_000_000), "units": (3, 2_000)}
_NUMBERS: Final = (
    "reach", "joint_of", "turns", "antagonist", "moment_arm", "path",
    "optimal_fibre_length", "tendon_slack_length", "neutral_length", "maximum_isometric_force",
    "pennation", "slow_share", "distal",
)  # fmt: skip
_HALF_SLOW: Final = 0.5
_NO_MUSCLE: Final = -1
_DISTAL: Final = frozenset({"hand", "foot"})  # regions
_STANDARD: Final = "standard muscle"
_STANDARD_REACH: Final = 0.8  # m, the published leg model


class Architecture(NamedTuple):
    """What one muscle is built like: metres, newtons, radians; the tendon in fibre lengths."""

    optimal_fibre_length: float
    tendon_slack_length: float
    maximum_isometric_force: float
    pennation: float
    slow_share: float


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
        antagonist: Index of the muscle on the other side of its joint; -1 where there is none.
        moment_arm: m.
        path: Length of nerve from the cord (m).
        optimal_fibre_length: m.
        tendon_slack_length: In optimal fibre lengths.
        neutral_length: Of muscle and tendon at joint angle 0, likewise.
        maximum_isometric_force: N.
        pennation: rad.
        slow_share: Share of slow motor units.
        distal: 1 for a muscle of hand or foot, whose units fall into no kinds, else 0.

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
    antagonist: Whole
    moment_arm: Array
    path: Array
    optimal_fibre_length: Array
    tendon_slack_length: Array
    neutral_length: Array
    maximum_isometric_force: Array
    pennation: Array
    slow_share: Array
    distal: Array

    def __post_init__(self) -> None:
        for name, (least, most) in SIZES.items():
            checked_whole(name, getattr(self, name), least, most)
        count = {name: len(getattr(self, name)) for name in ("muscles", "roots", "joints")}
        for name, number in count.items():
            if not number:
                raise InputError(f"{name} must name at least one, got none.", place=name)
        by_root = (count["roots"], count["muscles"])
        for name in _NUMBERS:
            values = getattr(self, name)
            shape = by_root if name == "reach" else by_root[1:]
            if np.shape(values) != shape or not np.isfinite(values).all():
                raise InputError(
                    f"{name} must hold finite numbers of shape {shape}, got {values!r}.", place=name
                )
        for name, low, high in (
            ("joint_of", 0, count["joints"]), ("antagonist", _NO_MUSCLE, count["muscles"])
        ):  # fmt: skip
            for index in getattr(self, name):
                checked_whole(f"an index of {name}", index, low, high - 1, place=name)

    def of_people(self, people: int) -> MomentPreparation:
        """The same for another number of people."""
        return replace(self, people=people)


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
        _HALF_SLOW,
    )
    names = (_STANDARD, "its antagonist") if antagonist else (_STANDARD,)
    return _at_one_joint(
        names, ("root",), "hinge", [built] * len(names), [_STANDARD_REACH] * len(names),
        np.ones((1, len(names))), np.zeros(len(names)), people, units,
    )  # fmt: skip


def of_muscle(
    name: str, *, people: int = 1, units: int = UNITS, antagonist: bool = True
) -> MomentPreparation:
    """One muscle of the atlas at its first joint, with the first of its antagonists.

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
        {
            supply.segment_id: REACH.get(supply.weight, 0.0)
            for supply in atlas().innervation[each.muscle_id]
        }
        for each in rows
    ]
    segments = sorted(
        {*supplies[0], *supplies[-1]}, key=lambda name: atlas().segments[name].ordinal
    )
    reach = np.array([[supply.get(segment, 0.0) for supply in supplies] for segment in segments])
    return _at_one_joint(
        [each.muscle_id for each in rows],
        segments,
        row.joint_ids[0] if row.joint_ids else "joint",
        [architecture_of(each.muscle_id) for each in rows],
        [path_to(each.region) for each in rows],
        reach,
        distal(each.region for each in rows),
        people,
        units,
    )


def of_course(
    preparation: Preparation, *, people: int = 1, units: int = UNITS
) -> MomentPreparation:
    """The muscles and roots of a course, each muscle at a hinge of its own.

    Args:
        preparation: What the course holds.
        people: Run side by side.
        units: Motor units of each muscle.
    """
    if not preparation.muscles:
        raise InputError("preparation must hold at least one muscle, got none.", place="muscles")
    rows = [atlas().muscles[site.name] for site in preparation.muscles]
    built = [architecture_of(row.muscle_id) for row in rows]
    count = len(rows)
    return MomentPreparation(
        muscles=preparation.labels,
        roots=tuple(str(root) for root in preparation.roots),
        joints=tuple(f"joint of {label}" for label in preparation.labels),
        people=people,
        units=units,
        reach=preparation.reach,
        joint_of=np.arange(count),
        turns=np.ones(count),
        antagonist=np.full(count, _NO_MUSCLE),
        path=np.array([path_to(row.region) for row in rows]),
        distal=distal(row.region for row in rows),
        **_built(built),
    )


def architecture_of(muscle_id: str) -> Architecture:
    """How the atlas says a muscle is built; where it says nothing, the standard muscle.

    Of several sources the first that gives length, tendon and force of every element is taken;
    elements of one muscle pull side by side, so forces add and lengths are weighed by force.
    """
    standard_joint, standard_pull = Joint(), Pull()
    elements = atlas().architecture.get(muscle_id, ())
    whole = [
        element
        for element in elements
        if element.optimal_fibre_length_m
        and element.tendon_slack_length_m
        and element.max_isometric_force_n
    ]
    slow = [element.slow_fibre_pct for element in elements if element.slow_fibre_pct is not None]
    slow_share = sum(slow) / len(slow) / 100.0 if slow else _HALF_SLOW
    if not whole:
        return Architecture(
            standard_joint.optimal_fibre_length,
            float(standard_pull.tendon_slack_length),
            standard_joint.maximum_isometric_force,
            float(standard_pull.pennation),
            slow_share,
        )
    chosen = [element for element in whole if element.source_id == whole[0].source_id]
    forces = np.array([element.max_isometric_force_n for element in chosen], dtype=np.float64)
    weights = forces / forces.sum()
    lengths = np.array([element.optimal_fibre_length_m for element in chosen], dtype=np.float64)
    tendons = np.array([element.tendon_slack_length_m for element in chosen], dtype=np.float64)
    angles = np.array([element.pennation_rad or 0.0 for element in chosen])
    length = float(weights @ lengths)
    return Architecture(
        length,
        float(weights @ tendons) / length,
        float(forces.sum()),
        float(weights @ angles),
        slow_share,
    )


def path_to(region: str) -> float:
    """Length of nerve (m) from the cord to muscles of a region of the body."""
    return _paths().get(region, _STANDARD_REACH)


def distal(regions: Iterable[str]) -> Array:
    """1 for each muscle of hand or foot, else 0."""
    return np.array([float(region in _DISTAL) for region in regions])


@cache
def _paths() -> dict[str, float]:
    text = files(__package__).joinpath("path_lengths.csv").read_text(encoding="utf-8")
    return {line["region"]: float(line["path_m"]) for line in csv.DictReader(io.StringIO(text))}


def _built(built: Sequence[Architecture]) -> dict[str, Array]:
    """Architecture as arrays, with the lengths at which the fibre rests at its optimum."""
    optimal, tendon, force, pennation, slow = (
        np.array(column) for column in zip(*built, strict=True)
    )
    at_rest = np.asarray(Pull().neutral_length) - np.asarray(Pull().tendon_slack_length)
    return {
        "moment_arm": np.full(len(built), Joint().moment_arm),
        "optimal_fibre_length": optimal,
        "tendon_slack_length": tendon,
        "neutral_length": tendon + at_rest * np.cos(pennation),
        "maximum_isometric_force": force,
        "pennation": pennation,
        "slow_share": slow,
    }


def _at_one_joint(
    muscles: Sequence[str],
    roots: Sequence[str],
    joint: str,
    built: Sequence[Architecture],
    paths: Sequence[float],
    reach: Array,
    of_hand_or_foot: Array,
    people: int,
    units: int,
) -> MomentPreparation:
    """One muscle, or two that pull against each other."""
    count = len(muscles)
    return MomentPreparation(
        muscles=tuple(muscles),
        roots=tuple(roots),
        joints=(joint,),
        people=people,
        units=units,
        reach=reach,
        joint_of=np.zeros(count, dtype=np.int64),
        turns=np.array([1.0, -1.0][:count]),
        antagonist=np.array([1, 0]) if count > 1 else np.array([_NO_MUSCLE]),
        path=np.array(paths),
        distal=of_hand_or_foot,
        **_built(built),
    )
