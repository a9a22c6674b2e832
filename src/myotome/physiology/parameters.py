"""Parameters: every number of the mechanism, declared once with unit, range, source and tag.

A structure's parameters are the fields of one frozen dataclass, each made by `parameter`. The
value of a field may later be an array of draws, shape (draws, 1): every law broadcasts over it.
Docs are printed from the declarations, and a test fails on a field without one.

Tags: V read in the cited source; C computed from V; D a choice of this project with its range;
U unverified. A D or U parameter without a narrower range is log-uniform within a factor of 3.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Number = float | NDArray[np.float64]
Tag = Literal["V", "C", "D", "U"]
P = TypeVar("P")

_FACTOR: Final = 3.0
_KEY: Final = "parameter"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is known about one parameter."""

    structure: str
    name: str
    value: float
    unit: str
    low: float
    high: float
    tag: Tag
    source: str
    meaning: str

    @property
    def is_drawn(self) -> bool:
        """Whether its value is uncertain enough to be drawn: D and U only."""
        return self.tag in {"D", "U"} and self.high > self.low


def parameter(  # noqa: PLR0913 - what a declaration holds, all by name
    value: float,
    *,
    unit: str,
    tag: Tag,
    source: str,
    meaning: str,
    low: float | None = None,
    high: float | None = None,
) -> Any:  # noqa: ANN401 - a dataclass field that stands for a number
    """A dataclass field that is a declared parameter.

    Args:
        value: The central value.
        unit: Its unit; ``1`` for a pure number.
        tag: How it is known: V, C, D or U.
        source: Identifier in the sources, or ``assumed``.
        meaning: One phrase.
        low: Lower end of the plausible range.
        high: Upper end; left out for D and U, a factor of 3 each way.
    """
    loose = tag in {"D", "U"}
    ends = sorted((value / _FACTOR, value * _FACTOR)) if loose else [value, value]
    declared = {
        "unit": unit,
        "tag": tag,
        "source": source,
        "meaning": meaning,
        "low": ends[0] if low is None else low,
        "high": ends[1] if high is None else high,
    }
    return field(default=value, metadata={_KEY: declared})


def declarations(structure: type[Any]) -> tuple[Declaration, ...]:
    """Every declared parameter of a structure's dataclass, in order."""
    return tuple(
        Declaration(
            structure=structure.__name__,
            name=f.name,
            value=float(cast("float", f.default)),
            **f.metadata[_KEY],
        )
        for f in dataclasses.fields(structure)
        if _KEY in f.metadata
    )


def check(structure: object, *, positive: bool = True) -> None:
    """Refuse values that no structure has.

    Args:
        structure: A dataclass of declared parameters.
        positive: Whether what lies above 0 in its whole range must be positive.

    Raises:
        ValueError: A value is no finite number, or is not positive where it must be.
    """
    for declared in declarations(type(structure)):
        value = np.asarray(getattr(structure, declared.name), dtype=np.float64)
        must_be_positive = positive and declared.low > 0.0
        fine = np.isfinite(value) & ((value > 0.0) if must_be_positive else True)
        if not fine.all():
            what = "positive" if must_be_positive else "a finite number"
            got = value[~fine].flat[0]
            raise ValueError(f"{declared.name} must be {what} ({declared.unit}), got {got}.")


def drawn(structure: P, values: Mapping[str, NDArray[np.float64]]) -> P:
    """The same parameters with some set to draws, each of shape (draws, 1)."""
    names = {declared.name for declared in declarations(type(structure))}
    unknown = set(values) - names
    if unknown:
        raise ValueError(f"{type(structure).__name__} has no parameter {sorted(unknown)}.")
    return dataclasses.replace(structure, **values)  # type: ignore[type-var]


def draw(declared: Declaration, strata: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of a parameter at the given quantiles (0 to 1) of its range.

    Log-uniform where both ends are positive, else uniform.
    """
    if declared.low > 0:
        low, high = np.log(declared.low), np.log(declared.high)
        values: NDArray[np.float64] = np.exp(low + strata * (high - low))
        return values
    return declared.low + strata * (declared.high - declared.low)
