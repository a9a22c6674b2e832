"""Millard 2012: a second set of force curves, to check the first by.

Receives lengths, speeds and strains; gives the forces of the equilibrium muscle of 2012, drawn from
quintic Bezier corners. The curves of `musculotendon` are closed forms, quick and smooth; these
were fitted to measured fibres with more care, but each value needs a root to be found. Tests and
validation compare the two; no loop uses this.

A corner joins two lines: its six control points lie on them, two at each end and two drawn towards
where they meet, the nearer the curvier.

Source: millard2013, in the form that OpenSim gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import Number, parameter

Array = NDArray[np.float64]

_HALVINGS: Final = 54
_SOURCE: Final = "millard2013"


@dataclass(frozen=True, slots=True)
class Millard2012:
    """The shape of the curves; lengths over optimal, forces over maximum isometric."""

    shortest: float = parameter(
        0.4441, unit="1", tag="V", source=_SOURCE, meaning="length at which active force begins"
    )
    shoulder: float = parameter(
        0.73, unit="1", tag="V", source=_SOURCE, meaning="length at the shallow ascending limb"
    )
    longest: float = parameter(
        1.8123, unit="1", tag="V", source=_SOURCE, meaning="length at which active force ends"
    )
    shallow_slope: float = parameter(
        0.8616, unit="1", tag="V", source=_SOURCE, meaning="of the shallow ascending limb"
    )
    least_active: float = parameter(
        0.1, unit="1", tag="V", source=_SOURCE, meaning="active force beyond either end"
    )
    plateau: float = parameter(
        0.0259, unit="1", tag="V", source=_SOURCE, meaning="half the width of the plateau"
    )
    active_curviness: float = parameter(
        1.0, unit="1", tag="V", source=_SOURCE, meaning="of active force"
    )
    passive_strain: float = parameter(
        0.7, unit="1", tag="V", source=_SOURCE, meaning="strain at a passive force of 1"
    )
    passive_low_stiffness: float = parameter(
        0.2, unit="1", tag="V", source=_SOURCE, meaning="stiffness at the foot of passive force"
    )
    passive_stiffness: float = parameter(
        2.8571428571428572, unit="1", tag="V", source=_SOURCE, meaning="at a passive force of 1"
    )
    passive_curviness: float = parameter(
        0.75, unit="1", tag="V", source=_SOURCE, meaning="of passive force"
    )
    isometric_slope: float = parameter(
        5.0, unit="1", tag="V", source=_SOURCE, meaning="force by speed, at no speed"
    )
    concentric_slope: float = parameter(
        0.25, unit="1", tag="V", source=_SOURCE, meaning="force by speed, near greatest shortening"
    )
    eccentric_slope: float = parameter(
        0.15, unit="1", tag="V", source=_SOURCE, meaning="force by speed, near greatest lengthening"
    )
    greatest_eccentric: float = parameter(
        1.4, unit="1", tag="V", source=_SOURCE, meaning="force at the greatest lengthening speed"
    )
    concentric_curviness: float = parameter(
        0.6, unit="1", tag="V", source=_SOURCE, meaning="of force against shortening speed"
    )
    eccentric_curviness: float = parameter(
        0.9, unit="1", tag="V", source=_SOURCE, meaning="of force against lengthening speed"
    )
    tendon_strain: float = parameter(
        0.049, unit="1", tag="V", source=_SOURCE, meaning="of the tendon at a force of 1"
    )
    tendon_stiffness: float = parameter(
        28.06122448979592,
        unit="1",
        tag="V",
        source=_SOURCE,
        meaning="of the tendon at a force of 1",
    )
    toe_force: float = parameter(
        0.6666666666666666, unit="1", tag="V", source=_SOURCE, meaning="at which the toe ends"
    )
    tendon_curviness: float = parameter(
        0.5, unit="1", tag="V", source=_SOURCE, meaning="of the tendon's toe"
    )


class Knot(NamedTuple):
    """Where two corners meet: place, height and slope."""

    x: float
    y: float
    slope: float


def _corner(first: Knot, last: Knot, curviness: float) -> tuple[Array, Array]:
    """Control points of one corner."""
    share = 0.1 + 0.8 * curviness
    level = first.slope - last.slope
    if abs(level) > 1e-12:
        rise = last.y - first.y - last.x * last.slope + first.x * first.slope
        x = rise / level
    else:
        x = 0.5 * (first.x + last.x)
    y = last.y + (x - last.x) * last.slope
    from_first = first.x + share * (x - first.x), first.y + share * (y - first.y)
    from_last = last.x + share * (x - last.x), last.y + share * (y - last.y)
    points = [first[:2], from_first, from_first, from_last, from_last, last[:2]]
    across, up = np.array(points).T
    return across, up


def _bezier(points: Array, u: Array) -> Array:
    """A quintic by its control points; `u` from 0 to 1."""
    rest, found = 1.0 - u, np.zeros_like(u)
    for power, (times, point) in enumerate(zip((1, 5, 10, 10, 5, 1), points, strict=True)):
        found = found + times * point * u**power * rest ** (5 - power)
    return found


def _through(knots: list[Knot], curviness: list[float], x: Number) -> Array:
    """The curve through all knots, straight beyond both ends."""
    places = np.asarray(x, dtype=np.float64)
    first, last = knots[0], knots[-1]
    found = np.where(
        places < first.x,
        first.y + first.slope * (places - first.x),
        last.y + last.slope * (places - last.x),
    )
    for near, far, bend in zip(knots[:-1], knots[1:], curviness, strict=True):
        across, up = _corner(near, far, bend)
        low, high = np.zeros_like(places), np.ones_like(places)
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            before = _bezier(across, middle) < places
            low, high = np.where(before, middle, low), np.where(before, high, middle)
        inside = (places >= near.x) & (places <= far.x)
        found = np.where(inside, _bezier(up, 0.5 * (low + high)), found)
    return np.asarray(found)


def active_force_length(of: Millard2012, length: Number) -> Array:
    """Active force at full activation, held, by fibre length."""
    ascends = 1.0 - of.shallow_slope * (1.0 - of.plateau - of.shoulder)
    foot, fall = of.shortest + of.plateau, of.longest - of.plateau
    steep = Knot(foot + 0.5 * (of.shoulder - foot), 0.5 * ascends, ascends / (of.shoulder - foot))
    shallow = Knot(
        of.shoulder + 0.5 * (1.0 - of.plateau - of.shoulder),
        ascends + 0.5 * (1.0 - ascends),
        of.shallow_slope,
    )
    edge = 1.0 + of.plateau
    descending = Knot(edge + 0.5 * (fall - edge), 0.5, -1.0 / (fall - edge))
    knots = [
        Knot(of.shortest, of.least_active, 0.0),
        steep,
        shallow,
        Knot(1.0, 1.0, 0.0),
        descending,
        Knot(of.longest, of.least_active, 0.0),
    ]
    return _through(knots, [of.active_curviness] * 5, length)


def passive_force_length(of: Millard2012, length: Number) -> Array:
    """Passive force by fibre length."""
    reach = min(0.1 / of.passive_stiffness, 0.1 * of.passive_strain)
    foot = Knot(1.0 + reach, of.passive_low_stiffness * 0.5 * reach, of.passive_low_stiffness)
    knots = [
        Knot(1.0, 0.0, 0.0),
        foot,
        Knot(1.0 + of.passive_strain, 1.0, of.passive_stiffness),
    ]
    return _through(knots, [of.passive_curviness] * 2, length)


def force_velocity(of: Millard2012, velocity: Number) -> Array:
    """Force over isometric force; velocity over the greatest, shortening < 0."""
    # A tenth short of either end the slope is given; at the ends it is 0.
    near, far = 0.05 * of.concentric_slope, 0.05 * of.eccentric_slope
    knots = [
        Knot(-1.0, 0.0, 0.0),
        Knot(-0.9, near, of.concentric_slope),
        Knot(0.0, 1.0, of.isometric_slope),
        Knot(0.9, of.greatest_eccentric - far, of.eccentric_slope),
        Knot(1.0, of.greatest_eccentric, 0.0),
    ]
    bends = [of.concentric_curviness] * 2 + [of.eccentric_curviness] * 2
    return _through(knots, bends, velocity)


def tendon_force(of: Millard2012, tendon_length: Number) -> Array:
    """Tendon force by length over slack length."""
    whole = 1.0 + of.tendon_strain
    toe = whole + (of.toe_force - 1.0) / of.tendon_stiffness
    foot = 1.0 + 0.1 * (toe - 1.0)
    half = 0.5 * of.toe_force
    half_at = whole + (half - 1.0) / of.tendon_stiffness
    slope = half / (half_at - foot)
    middle = Knot(foot + 0.5 * (half_at - foot), 0.5 * half, slope)
    knots = [
        Knot(1.0, 0.0, 0.0),
        middle,
        Knot(toe, of.toe_force, of.tendon_stiffness),
    ]
    return _through(knots, [of.tendon_curviness] * 2, tendon_length)
