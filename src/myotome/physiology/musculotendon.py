"""Musculotendon unit: a muscle's fibres in series with its tendon, and the force both bear.

Receives length, activation, the number of sarcomeres in series and the stiffness of connective
tissue; gives fibre length, tendon force and tendon strain to joints and tendons. Over hours a
muscle is in static equilibrium, so nothing here moves: the force-velocity curve is kept for the
moment, which does. A fibre that has lost sarcomeres is shorter at the same stretch of each one,
and that is how chronic shortening pulls on a tendon.

Lengths are in optimal fibre lengths of the healthy muscle, forces in its maximum isometric force.

Source: degroote2016; departs from it in the contracture (`passive_force_length`), and in solving
the equilibrium in tendon length, where both exponentials are nearly straight lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import Number, parameter

Array = NDArray[np.float64]

SHORTEST: Final = 0.2
LONGEST: Final = 1.8
_ITERATIONS: Final = 20
# A Newton step this small leaves its square.
_ARRIVED: Final = 1e-7
_PASSIVE_FORCE_SHAPE: Final = 4.0
TENDON_FORCE_OFFSET: Final = 0.2
# A tendon torn ten times over: keeps a nonsensical length from overflowing.
_LARGEST_EXPONENT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Musculotendon:
    """The shape of the force curves, one for every muscle."""

    active_height_1: float = parameter(
        0.8150671134243542,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="height of the first bell of the active force-length curve (b11)",
    )
    active_centre_1: float = parameter(
        1.055033428970575,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="centre of the first bell (b21)",
    )
    active_width_1: float = parameter(
        0.162384573599574,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="width of the first bell (b31)",
    )
    active_skew_1: float = parameter(
        0.063303448465465,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="growth of that width with length (b41)",
    )
    active_height_2: float = parameter(
        0.433004984392647,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="height of the second bell (b12)",
    )
    active_centre_2: float = parameter(
        0.716775413397760,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="centre of the second bell (b22)",
    )
    active_width_2: float = parameter(
        -0.029947116970696,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="width of the second bell (b32)",
    )
    active_skew_2: float = parameter(
        0.200356847296188,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="growth of that width with length (b42)",
    )
    active_height_3: float = parameter(
        0.1,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="height of the third bell (b13)",
    )
    active_centre_3: float = parameter(
        1.0,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="centre of the third bell (b23)",
    )
    active_width_3: float = parameter(
        0.353553390593274,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="width of the third bell (b33)",
    )
    velocity_scale: float = parameter(
        -0.3211346127989808,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="scale of the force-velocity curve (d1)",
    )
    velocity_slope: float = parameter(
        -8.149,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="slope of the force-velocity curve (d2)",
    )
    velocity_shift: float = parameter(
        -0.374,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="shift of the force-velocity curve (d3)",
    )
    velocity_offset: float = parameter(
        0.8825327733249912,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="offset of the force-velocity curve (d4)",
    )
    passive_strain: float = parameter(
        0.6,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="fibre strain at which passive force is the maximum isometric force (e0)",
    )
    tendon_strain: float = parameter(
        0.049,
        unit="1",
        tag="V",
        source="degroote2016",
        meaning="tendon strain at the maximum isometric force (eT0)",
    )
    contracture_shift: float = parameter(
        0.05,
        unit="1",
        tag="D",
        source="assumed",
        meaning="how far contracture moves the passive curve to shorter lengths, per unit of it",
        low=0.0,
        high=0.1,
    )


class Equilibrium(NamedTuple):
    """A musculotendon unit at rest under its own force; every array of the broadcast shape.

    Attributes:
        sarcomere_stretch: Fibre length over the fibre's own optimum, 0.2 to 1.8.
        fibre_length: The same in optimal fibre lengths of the healthy muscle.
        tendon_force: Force along the tendon (maximum isometric forces); 0 when slack.
        tendon_strain: Strain of the tendon; 0 when slack.
        residual: Force in the tendon less force of the fibres along it; not 0 only where the
            unit is slack or is stretched beyond what the curves hold for.
    """

    sarcomere_stretch: Array
    fibre_length: Array
    tendon_force: Array
    tendon_strain: Array
    residual: Array


def _active_with_slope(shape: Musculotendon, stretch: Array) -> tuple[Array, Array]:
    """Active force-length curve and its slope."""
    # Unrolled: stacking the three bells costs more than it saves at these sizes.
    z1 = stretch - shape.active_centre_1
    w1 = 1.0 / (shape.active_width_1 + shape.active_skew_1 * stretch)
    z1 = z1 * w1
    bell_1 = shape.active_height_1 * np.exp(-0.5 * z1 * z1)
    z2 = stretch - shape.active_centre_2
    w2 = 1.0 / (shape.active_width_2 + shape.active_skew_2 * stretch)
    z2 = z2 * w2
    bell_2 = shape.active_height_2 * np.exp(-0.5 * z2 * z2)
    z3 = (stretch - shape.active_centre_3) / shape.active_width_3
    bell_3 = shape.active_height_3 * np.exp(-0.5 * z3 * z3)
    slope = -(
        bell_1 * z1 * w1 * (1.0 - shape.active_skew_1 * z1)
        + bell_2 * z2 * w2 * (1.0 - shape.active_skew_2 * z2)
        + bell_3 * z3 / shape.active_width_3
    )
    return bell_1 + bell_2 + bell_3, slope


def active_force_length(shape: Musculotendon, stretch: Number) -> Array:
    """Active force at full activation (maximum isometric forces), by sarcomere stretch."""
    return _active_with_slope(shape, np.asarray(stretch, dtype=np.float64))[0]


def force_velocity(shape: Musculotendon, velocity: Number) -> Array:
    """Force over isometric force; velocity in maximum shortening velocities, shortening < 0."""
    reduced: Array = np.arcsinh(shape.velocity_slope * velocity + shape.velocity_shift)
    return shape.velocity_scale * reduced + shape.velocity_offset


def velocity_at_force(shape: Musculotendon, force: Number) -> Array:
    """Velocity at which the fibres bear `force`: the inverse of `force_velocity`."""
    reduced: Array = np.sinh((force - shape.velocity_offset) / shape.velocity_scale)
    return (reduced - shape.velocity_shift) / shape.velocity_slope


def passive_constants(shape: Musculotendon) -> tuple[Number, Number, Number]:
    """Rate, offset and scale of the passive exponential."""
    rate = _PASSIVE_FORCE_SHAPE / shape.passive_strain
    offset = np.exp(rate * (SHORTEST - 1.0))
    return rate, offset, 1.0 / (np.exp(_PASSIVE_FORCE_SHAPE) - offset)


def passive_force_length(shape: Musculotendon, stretch: Number, contracture: Number = 1.0) -> Array:
    """Passive force (maximum isometric forces) of fibres and their connective tissue.

    Args:
        shape: The curves.
        stretch: Sarcomere stretch, 0.2 to 1.8.
        contracture: Stiffness factor of the connective tissue, 1 in health; it multiplies the
            curve and moves it to shorter lengths.
    """
    rate, offset, scale = passive_constants(shape)
    shifted = stretch + shape.contracture_shift * (contracture - 1.0)
    force: Array = contracture * scale * (np.exp(rate * (shifted - 1.0)) - offset)
    return force


def stretch_at_passive_force(
    shape: Musculotendon, force: Number, contracture: Number = 1.0
) -> Array:
    """Sarcomere stretch at which passive force is `force`: inverse of `passive_force_length`."""
    rate, offset, scale = passive_constants(shape)
    shifted: Array = 1.0 + np.log(force / (contracture * scale) + offset) / rate
    return shifted - shape.contracture_shift * (contracture - 1.0)


def tendon_rate(shape: Musculotendon) -> Number:
    """Rate of the tendon's exponential (kT)."""
    rate: Number = np.log(1.0 / TENDON_FORCE_OFFSET + 1.0) / shape.tendon_strain
    return rate


def tendon_force(shape: Musculotendon, tendon_length: Number) -> Array:
    """Tendon force (maximum isometric forces) by length over slack length.

    Below slack length it is slightly negative, as published; a slack tendon bears none.
    """
    force: Array = TENDON_FORCE_OFFSET * np.expm1(
        np.minimum(tendon_rate(shape) * (tendon_length - 1.0), _LARGEST_EXPONENT)
    )
    return force


def tendon_length(shape: Musculotendon, force: Number) -> Array:
    """Tendon length over slack length at `force`: inverse of `tendon_force`."""
    strain: Array = np.log1p(force / TENDON_FORCE_OFFSET) / tendon_rate(shape)
    return 1.0 + strain


def tendon_length_with_slope(shape: Musculotendon, force: Array) -> tuple[Array, Array]:
    """Tendon length over slack length at `force`, and its growth with force."""
    rate = tendon_rate(shape)
    loaded = force + TENDON_FORCE_OFFSET
    length: Array = 1.0 + np.log(loaded / TENDON_FORCE_OFFSET) / rate
    return length, 1.0 / (rate * loaded)


def fibre_force_with_slope(
    shape: Musculotendon,
    stretch: Array,
    activation: Number,
    contracture: Number,
    width: Number,
) -> tuple[Array, Array, Array]:
    """Force of the fibres along the tendon, its slope in stretch, and the cosine of pennation.

    Args:
        shape: The curves.
        stretch: Sarcomere stretch.
        activation: 0 to 1.
        contracture: Stiffness factor of connective tissue.
        width: Constant width of the muscle over the fibre's own optimal length.
    """
    rate, offset, scale = passive_constants(shape)
    active, active_slope = _active_with_slope(shape, stretch)
    lead = contracture * scale
    growing = lead * np.exp(rate * (stretch + shape.contracture_shift * (contracture - 1.0) - 1.0))
    force = activation * active + growing - lead * offset
    slope = activation * active_slope + rate * growing
    sine_squared = (width / stretch) ** 2
    cosine: Array = np.sqrt(1.0 - sine_squared)
    return force * cosine, slope * cosine + force * sine_squared / (stretch * cosine), cosine


def equilibrium(  # noqa: PLR0913 - the state of one unit, each by name
    shape: Musculotendon,
    musculotendon_length: Number,
    activation: Number,
    tendon_slack_length: Number,
    *,
    serial_sarcomeres: Number = 1.0,
    contracture: Number = 1.0,
    pennation: Number = 0.0,
) -> Equilibrium:
    """Static equilibrium of fibres and tendon.

    All arguments broadcast, e.g. shapes (draws, 1) and (draws, muscles).

    Args:
        shape: The curves.
        musculotendon_length: From origin to insertion (optimal fibre lengths).
        activation: 0 to 1.
        tendon_slack_length: Positive (optimal fibre lengths).
        serial_sarcomeres: Sarcomeres in series over the healthy number; the optimum of the fibre
            scales with it, the width of the muscle does not.
        contracture: Stiffness factor of connective tissue, 1 in health.
        pennation: Angle of the fibres at the healthy optimum (rad).

    Returns:
        The equilibrium. Where even the shortest fibre leaves the tendon slack, force is 0; where
        the longest cannot hold the tendon, the stretch stays at its limit and `residual` says so.

    Source: degroote2016; the root is found by Newton steps kept in a bracket. What has arrived
    stays put, so that a draw gives the same bits alone as in company.
    """
    count = np.asarray(serial_sarcomeres, dtype=np.float64)
    width = np.sin(pennation) / count
    # A fibre cannot be shorter than the muscle is wide: pennation stays under 80 degrees.
    low: Array = np.maximum(SHORTEST, width * 1.0155)
    along = (musculotendon_length - tendon_slack_length * (1.0 + 0.4 * shape.tendon_strain)) / count
    stretch: Array = np.sqrt(np.maximum(along, 0.0) ** 2 + width * width)
    stretch = np.minimum(np.maximum(stretch, low), LONGEST)
    shape_of_all = np.broadcast_shapes(
        stretch.shape,
        np.shape(activation),
        np.shape(contracture),
        np.shape(shape.passive_strain),
        np.shape(shape.contracture_shift),
    )
    stretch = np.broadcast_to(stretch, shape_of_all)
    low = np.broadcast_to(low, shape_of_all)
    high: Array = np.full(shape_of_all, LONGEST)
    moving: NDArray[np.bool_] = np.ones(shape_of_all, dtype=np.bool_)
    for _ in range(_ITERATIONS):
        force, slope, cosine = fibre_force_with_slope(
            shape, stretch, activation, contracture, width
        )
        tendon, softness = tendon_length_with_slope(shape, force)
        # Length left over once the fibres and the tendon at their force are laid end to end.
        spare = musculotendon_length - count * stretch * cosine - tendon_slack_length * tendon
        fall = count / cosine + tendon_slack_length * softness * slope
        low = np.where(spare > 0.0, stretch, low)
        high = np.where(spare > 0.0, high, stretch)
        step = stretch + spare / fall
        inside = (step >= low) & (step <= high)
        arriving = inside & (np.abs(step - stretch) < _ARRIVED)
        stretch = np.where(moving, np.where(inside, step, 0.5 * (low + high)), stretch)
        moving = moving & ~arriving & (high - low > _ARRIVED * _ARRIVED)
        if not moving.any():
            break
    return settled(
        shape,
        stretch,
        (musculotendon_length, tendon_slack_length, count, width),
        (activation, contracture),
    )


def settled(
    shape: Musculotendon,
    stretch: Array,
    geometry: tuple[Number, Number, Number, Array],
    tissue: tuple[Number, Number],
) -> Equilibrium:
    """The equilibrium read off at a stretch already found.

    Args:
        shape: The curves.
        stretch: Sarcomere stretch.
        geometry: Musculotendon length, tendon slack length, serial sarcomeres, width.
        tissue: Activation, contracture.
    """
    length, slack, count, width = geometry
    force, _, cosine = fibre_force_with_slope(shape, stretch, *tissue, width)
    tendon = (length - count * stretch * cosine) / slack
    pulled = tendon_force(shape, tendon)
    left = pulled - force
    # At the shortest fibre the tendon hangs: what the fibres would pull with is not borne.
    slack_fibre = stretch <= 1.001 * np.maximum(SHORTEST, 1.0155 * width)
    return Equilibrium(
        sarcomere_stretch=stretch,
        fibre_length=count * stretch,
        tendon_force=np.maximum(pulled, 0.0),
        tendon_strain=np.maximum(tendon - 1.0, 0.0),
        residual=np.where(slack_fibre, np.maximum(left, 0.0), left),
    )
