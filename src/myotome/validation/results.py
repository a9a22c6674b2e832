"""Results: the model's number beside each published one, and whether the whole may stand.

A row passes or it misses. A miss may be known, with a reason that was reviewed and stands in its
row; a miss without one fails, and so does a known miss that has come to pass, since its reason is
then no longer true. A tolerance is never widened so that something passes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from myotome.validation.checks import checks
from myotome.validation.model import Model
from myotome.validation.rows import LINKS, ROLES, Role, Row, published

_ROUNDING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Result:
    """A row and the model's number for it."""

    row: Row
    model: float

    @property
    def passed(self) -> bool:
        """Whether the number lies within the tolerance; one that is no number does not."""
        off = abs(self.model - self.row.published)
        return math.isfinite(off) and off <= self.row.allowed + _ROUNDING

    @property
    def problem(self) -> str:
        """Why this result may not stand; empty where it may."""
        if not self.passed and not self.row.known_miss:
            return "misses, and no reviewed reason says why"
        if self.passed and self.row.known_miss:
            return "is a known miss that now passes: take its reason out of the row"
        return ""

    def to_dict(self) -> dict[str, Any]:
        """The result as plain values; keys are part of the interface."""
        return {
            "id": self.row.id,
            "link": self.row.link,
            "quantity": self.row.quantity,
            "role": self.row.role,
            "published": self.row.published,
            "model": self.model if math.isfinite(self.model) else None,
            "tolerance": self.row.allowed,
            "unit": self.row.unit,
            "passed": self.passed,
            "known_miss": self.row.known_miss or None,
            "source": list(self.row.source_ids),
            "scale": self.row.scale,
            "mended": bool(self.row.mend),
            "repeats": self.row.repeats,
        }


@dataclass(frozen=True, slots=True)
class Share:
    """How many rows of a role lie within their tolerance."""

    role: Role
    passed: int
    rows: int

    @property
    def share(self) -> float:
        """Of its rows, 0 to 1; 1 where there is none."""
        return self.passed / self.rows if self.rows else 1.0


@dataclass(frozen=True, slots=True)
class Reach:
    """A share of the fast links that was promised before any of it was measured.

    Attributes:
        name: Whose share.
        passed: How many of its rows lie within their tolerance.
        rows: How many there are.
        least: The share that must at least come out.
    """

    name: str
    passed: int
    rows: int
    least: float

    @property
    def share(self) -> float:
        """Of its rows, 0 to 1; 1 where there is none."""
        return self.passed / self.rows if self.rows else 1.0

    @property
    def met(self) -> bool:
        """Whether at least the promised share came out."""
        return self.share >= self.least


_OF_CODE: Final = 0.90  # of what shows that equations are solved and parameters fitted
_OF_PREDICTIONS: Final = 0.75


def reaches(results: Iterable[Result]) -> tuple[Reach, ...]:
    """The shares that were promised of the fast links.

    Predictions are counted three times: all rows; each published number once, where the same is
    measured at two places of the model; and without rows for which a law or a reading was mended
    after they had missed, since those are no blind predictions any more.
    """
    fast = [result for result in results if result.row.scale == "fast"]
    predicted = [result for result in fast if result.row.role == "predicted"]
    counted = (
        ("regression and fitted", [r for r in fast if r.row.role != "predicted"], _OF_CODE),
        ("predicted", predicted, _OF_PREDICTIONS),
        (
            "predicted, each published number once",
            [r for r in predicted if not r.row.repeats],
            _OF_PREDICTIONS,
        ),
        (
            "predicted, without rows mended after a miss",
            [r for r in predicted if not r.row.mend],
            _OF_PREDICTIONS,
        ),
    )
    return tuple(
        Reach(name, sum(result.passed for result in of_it), len(of_it), least)
        for name, of_it, least in counted
    )


def validate(
    model: Model | None = None, *, progress: Callable[[float], None] | None = None
) -> tuple[Result, ...]:
    """Every published number with the model's beside it, in the order of the links.

    Args:
        model: Parameters; the central ones when left out.
        progress: Called with the share done.
    """
    compared = model or Model()
    functions, rows = checks(), published()
    found = []
    for count, row in enumerate(rows, start=1):
        found.append(Result(row, functions[row.id](compared)))
        if progress:
            progress(count / len(rows))
    return tuple(found)


def shares(results: Iterable[Result]) -> Mapping[Role, Share]:
    """How many rows pass, by role."""
    given = tuple(results)
    found: dict[Role, Share] = {}
    for role in ROLES:
        of_role = [result for result in given if result.row.role == role]
        found[role] = Share(role, sum(result.passed for result in of_role), len(of_role))
    return found


def by_link(results: Iterable[Result]) -> Mapping[str, tuple[Result, ...]]:
    """The results of each link, links in order."""
    given = tuple(results)
    return {link: tuple(r for r in given if r.row.link == link) for link in LINKS}


def exit_code(results: Iterable[Result]) -> int:
    """0 where every result may stand, else 1."""
    return int(any(result.problem for result in results))
