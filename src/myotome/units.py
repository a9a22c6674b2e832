"""Units: one unit per dimension, and the door through which other units come in.

Inside the package a quantity of a dimension has exactly one unit, listed here. A value that
arrives in another customary unit is converted as it enters; the factor stands here, once.

Source: SI brochure for pressure; MRC scale and reflex grading as in the atlas' sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from myotome.errors import InputError


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as it may be written, and what turns it into the unit used inside."""

    symbol: str
    inside: str
    factor: float
    low: float
    high: float
    meaning: str


_UNITS: Final = (
    Unit("mrc", "mrc", 1.0, 0.0, 5.0, "strength on the Medical Research Council scale"),
    Unit("reflex", "reflex", 1.0, 0.0, 4.0, "tendon reflex, 0 absent to 4 with clonus"),
    Unit("degrees", "degrees", 1.0, -30.0, 360.0, "angle of a joint"),
    Unit("kPa", "kPa", 1.0, 10.0, 2000.0, "pressure"),
    Unit("kg/cm2", "kPa", 98.0665, 0.1, 20.4, "pressure, as many algometers print it"),
)
UNITS: Final = {unit.symbol: unit for unit in _UNITS}


def to_inside(value: float, unit: str, *, expected: str) -> float:
    """`value` in the unit used inside for `expected`.

    Args:
        value: The number as written.
        unit: The unit it was written in.
        expected: The inside unit that this quantity has.

    Raises:
        InputError: The unit is unknown, of another dimension, or the value out of its range.

    >>> round(to_inside(2.0, "kg/cm2", expected="kPa"), 1)
    196.1
    """
    allowed = [u.symbol for u in _UNITS if u.inside == expected]
    if unit not in allowed:
        raise InputError(f"unit must be {' or '.join(allowed)}, got '{unit}'.", place="unit")
    found = UNITS[unit]
    if not found.low <= value <= found.high:
        raise InputError(
            f"value must lie between {found.low:g} and {found.high:g} {unit}"
            f" ({found.meaning}), got {value:g}.",
            place="value",
        )
    return value * found.factor
