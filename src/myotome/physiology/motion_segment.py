"""Motion segment: two vertebrae and their disc, pressed together and bent back by short muscles.

Receives the force of the paraspinal muscles of one level and the height that the disc leaves;
gives the height of the foramen to the root. Paraspinals that are held short narrow the foramen
twice: they compress the segment, and they extend it. This is one arc of the circle.

Lengths in mm, forces in N, angles in degrees.

Source: axial_foramen_2012, miller1986_segments; departs from the second in using a lower bending
stiffness, since the loads here are small.
"""

from __future__ import annotations

from dataclasses import dataclass

from myotome.physiology.parameters import Number, parameter


@dataclass(frozen=True, slots=True)
class MotionSegment:
    """One lumbar or cervical segment."""

    unloaded_height: float = parameter(
        18.0,
        unit="mm",
        tag="U",
        source="assumed",
        meaning="height of the foramen with a healthy disc and no muscle force (H)",
        low=12.0,
        high=22.0,
    )
    compressive_stiffness: float = parameter(
        350.0,
        unit="N/mm",
        tag="D",
        source="axial_foramen_2012",
        meaning="force per loss of foraminal height, slow loading (k_seg)",
        low=150.0,
        high=1500.0,
    )
    bending_stiffness: float = parameter(
        3.0,
        unit="N m/degree",
        tag="D",
        source="miller1986_segments",
        meaning="moment per angle of extension at small loads",
        low=1.0,
        high=11.0,
    )
    paraspinal_moment_arm: float = parameter(
        0.05,
        unit="m",
        tag="U",
        source="assumed",
        meaning="distance of the paraspinals behind the centre of the disc",
        low=0.03,
        high=0.07,
    )
    height_per_degree: float = parameter(
        0.25,
        unit="mm/degree",
        tag="D",
        source="assumed",
        meaning="foraminal height lost per degree of extension",
        low=0.05,
        high=0.5,
    )
    paraspinal_maximum_force: float = parameter(
        300.0,
        unit="N",
        tag="D",
        source="assumed",
        meaning="maximum isometric force of the paraspinals of one level and side",
        low=100.0,
        high=900.0,
    )


def paraspinal_force(segment: MotionSegment, tendon_force: Number) -> Number:
    """Force on the segment (N) from a paraspinal's tendon force (maximum isometric forces)."""
    return segment.paraspinal_maximum_force * tendon_force


def compression(segment: MotionSegment, force: Number) -> Number:
    """Height lost (mm) as `force` (N) presses the vertebrae together."""
    return force / segment.compressive_stiffness


def extension(segment: MotionSegment, force: Number) -> Number:
    """Angle of extension (degrees) as `force` (N) pulls behind the disc."""
    return force * segment.paraspinal_moment_arm / segment.bending_stiffness


def foramen_slope(segment: MotionSegment) -> Number:
    """Foraminal height lost per paraspinal force (mm/N), both ways together: a link of the gain."""
    bent = segment.height_per_degree * segment.paraspinal_moment_arm / segment.bending_stiffness
    return 1.0 / segment.compressive_stiffness + bent


def foramen(
    segment: MotionSegment, force: Number, *, disc_loss: Number = 0.0, posture: Number = 0.0
) -> Number:
    """Height of the foramen (mm).

    Args:
        segment: The segment.
        force: Force of its paraspinals, one side (N).
        disc_loss: Height that the disc has lost (mm).
        posture: Height that the day's posture takes (mm); flexion gives some back and is < 0.
    """
    extended = segment.height_per_degree * extension(segment, force)
    left = segment.unloaded_height - disc_loss
    return left - compression(segment, force) - extended - posture
