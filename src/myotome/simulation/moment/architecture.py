"""Architecture: what the atlas and its tables say one muscle is built like, and how it pulls.

Receives names of muscles and movements; gives lengths and forces, the movement a muscle makes
first, its moment arm, and how long its nerve is. Where nothing was found, the standard muscle's
numbers stand, and say so.

Source: the atlas, with its own sources; `path_lengths.csv` for lengths of nerve, `moment_arms.csv`
for moment arms.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import atlas
from myotome.physiology.joint import Joint, Pull
from myotome.physiology.musculotendon_motion import SHORTEST_TENDON

Array = NDArray[np.float64]

STANDARD_REACH: Final = 0.8  # m, the published leg model
HALF_SLOW: Final = 0.5
_DISTAL: Final = frozenset({"hand", "foot"})  # regions


class Arm(NamedTuple):
    """How far a muscle pulls from the centre of a joint (m), and what that rests on.

    Attributes:
        length: m.
        low: Least of the range.
        high: Largest.
        tag: V read in the source, C computed from it, D assumed by this project.
        source_ids: Where from.
    """

    length: float
    low: float
    high: float
    tag: str
    source_ids: str


_ASSUMED_ARM: Final = Arm(Joint().moment_arm, 0.01, 0.06, "D", "project_definition")


class Architecture(NamedTuple):
    """What one muscle is built like: metres, newtons, radians; the tendon in fibre lengths."""

    optimal_fibre_length: float
    tendon_slack_length: float
    maximum_isometric_force: float
    pennation: float
    slow_share: float


def architecture_of(muscle_id: str) -> Architecture:
    """How the atlas says a muscle is built; where it says nothing, the standard muscle.

    Of several sources the first that gives length, tendon and force of every element is taken;
    elements of one muscle pull side by side, so forces add and lengths are weighed by force. A
    tendon of less than a twentieth of its fibres is taken as that long: at its largest force it
    gives way by 0.0025 of a fibre's length, and one that is stiffer is refused.
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
    slow_share = sum(slow) / len(slow) / 100.0 if slow else HALF_SLOW
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
        max(float(weights @ tendons) / length, SHORTEST_TENDON),
        float(forces.sum()),
        float(weights @ angles),
        slow_share,
    )


def path_to(region: str) -> float:
    """Length of nerve (m) from the cord to muscles of a region of the body."""
    return _paths().get(region, STANDARD_REACH)


def distal(regions: Iterable[str]) -> Array:
    """1 for each muscle of hand or foot, else 0."""
    return np.array([float(region in _DISTAL) for region in regions])


def is_paraspinal(muscle_id: str) -> bool:
    """Whether a muscle lies along the spine, level by level; the walls of the trunk do not."""
    levels = atlas().levels_of(muscle_id)
    return bool(levels) and atlas().site(muscle_id, "right", levels[0]).kind == "paraspinal"


def opposite_of(movement_id: str) -> str:
    """The movement that undoes another; empty where there is none."""
    found = atlas().movements.get(movement_id)
    other = found.opposite_movement_id if found else ""
    return "" if other in {"none", movement_id} else other


def arm_of(movement_id: str) -> Arm:
    """The moment arm of the muscles of a movement; the standard one where none was found."""
    return _arms().get(movement_id, _ASSUMED_ARM)


def main_movement(muscle_id: str) -> str:
    """The first movement of a muscle; empty where the atlas names none."""
    named = atlas().muscle(muscle_id).movement_ids
    return named[0] if named else ""


@cache
def _paths() -> dict[str, float]:
    text = files(__package__).joinpath("path_lengths.csv").read_text(encoding="utf-8")
    return {line["region"]: float(line["path_m"]) for line in csv.DictReader(io.StringIO(text))}


@cache
def _arms() -> dict[str, Arm]:
    text = files(__package__).joinpath("moment_arms.csv").read_text(encoding="utf-8")
    return {
        line["movement_id"]: Arm(
            float(line["arm_m"]), float(line["low_m"]), float(line["high_m"]),
            line["tag"], line["source_ids"],
        )
        for line in csv.DictReader(io.StringIO(text))
    }  # fmt: skip
