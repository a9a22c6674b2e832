"""Segment motion: two vertebrae bent back and pressed together by paraspinals, by the millisecond.

The motion segment of the weeks (`motion_segment`) rests; this one moves. It is a hinge whose angle
is extension, held by its disc and ligaments instead of by a limb's weight, so that the law that
moves it is that of `joint_motion` with other numbers. Receives what `motion_segment` says of
stiffness and height; gives the hinge's numbers and, of its angle and the pull across it, what the
foramen to the root loses. At rest it agrees with `motion_segment.foramen`.

Source: as `motion_segment`; inertia, damping and stops are choices of this project.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myotome.physiology.joint_motion import JointMotionConstants
from myotome.physiology.motion_segment import MotionSegment
from myotome.physiology.parameters import check as check_parameters
from myotome.physiology.parameters import parameter

Array = NDArray[np.float64]

_MS: Final = 1e-3
_DEGREES: Final = 180.0 / math.pi  # in a radian
_STABLE: Final = 2.0  # as of a limb's joint


@dataclass(frozen=True, slots=True)
class SegmentMotion:
    """What a moving segment has beside a resting one."""

    inertia: float = parameter(
        0.5, unit="kg m2", tag="D", source="assumed", low=0.1, high=2.0,
        meaning="of what lies above the segment, as far as it follows, about it",
    )  # fmt: skip
    damping: float = parameter(
        10.0, unit="N m s/rad", tag="D", source="assumed", low=2.0, high=30.0,
        meaning="of disc, ligaments and trunk against bending",
    )  # fmt: skip
    extension_limit: float = parameter(
        0.1, unit="rad", tag="D", source="assumed", low=0.05, high=0.2,
        meaning="bending either way at which facets and ligaments stop the segment",
    )  # fmt: skip
    stop_stiffness: float = parameter(
        630.0, unit="N m/rad", tag="D", source="assumed", low=300.0, high=1200.0,
        meaning="stiffness of facets and ligaments beyond it",
    )  # fmt: skip


class ForamenConstants(NamedTuple):
    """What the height of a foramen follows from.

    Attributes:
        height: Without any pull (mm).
        per_newton: Lost by compression (mm/N).
        per_radian: Lost by extension (mm/rad).
    """

    height: float
    per_newton: float
    per_radian: float


def constants(
    segment: MotionSegment, motion: SegmentMotion, step_ms: float = 1.0
) -> JointMotionConstants:
    """The segment as a hinge, its angle extension.

    Raises:
        ValueError: A number that no segment has, or one too light for the step.
    """
    check_parameters(segment)
    check_parameters(motion)
    stiffness = float(segment.bending_stiffness) * _DEGREES
    lightest = _STABLE * (step_ms * _MS) ** 2 * (motion.stop_stiffness + stiffness)
    if not motion.inertia >= lightest:
        raise ValueError(
            f"inertia of a segment must be {lightest:.2g} or more (kg m2) for steps of"
            f" {step_ms} ms, got {motion.inertia}."
        )
    nothing, anything = 0.0, 1.0  # neither weight nor guarding; what they would be measured by
    entries: tuple[ArrayLike, ...] = (
        step_ms * _MS, 1.0 / motion.inertia, motion.damping, stiffness, nothing, nothing, nothing,
        nothing, nothing, anything, motion.extension_limit, motion.stop_stiffness,
    )  # fmt: skip
    return JointMotionConstants(*(np.asarray(entry, dtype=np.float64) for entry in entries))


def foramen_constants(segment: MotionSegment) -> ForamenConstants:
    """The numbers of `foramen_lost`.

    Raises:
        ValueError: A number that no segment has.
    """
    check_parameters(segment)
    return ForamenConstants(
        float(segment.unloaded_height),
        1.0 / float(segment.compressive_stiffness),
        float(segment.height_per_degree) * _DEGREES,
    )


def foramen_lost(of: ForamenConstants, force: Array, extension: Array) -> Array:
    """Height (mm) that a pull of paraspinals (N) and an extension (rad) take from a foramen."""
    return np.asarray(force * of.per_newton + extension * of.per_radian)
