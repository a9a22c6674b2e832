"""Basis: what a line of a plan rests on, in words and with sources.

A finding that was recorded, a root that fits, a row of a table, or an answer that was given.
Every line of a plan carries at least one, and at least one of them names a source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from myotome.atlas import Root, atlas
from myotome.examination.assessment import RootProbability
from myotome.examination.finding import GRADE_WORDS, Finding
from myotome.treatment.rows import ScreeningItem

_MEASURED: Final = {"mrc": " of MRC 5", "reflex": " of 4", "degrees": "\u00b0"}  # behind a value


class Sourced(Protocol):
    """A table row that names its sources and its certainty."""

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Identifiers of sources."""

    @property
    def certainty(self) -> str:
        """How sure the row is."""


@dataclass(frozen=True, slots=True)
class Basis:
    """One thing that a line rests on."""

    kind: Literal["finding", "root", "table", "answer", "assessment"]
    words: str
    source_ids: tuple[str, ...] = ()
    certainty: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "kind": self.kind,
            "words": self.words,
            "sources": list(self.source_ids),
            "certainty": self.certainty,
        }


def basis_dicts(rests_on: Iterable[Basis]) -> list[dict[str, Any]]:
    """Several bases as plain values, ready for JSON."""
    return [item.to_dict() for item in rests_on]


def from_finding(item: Finding) -> Basis:
    """A recorded finding, in the words of the sign table."""
    sign = atlas().signs[item.sign]
    words = f"{found_words(item)}, {atlas().label(item.site)}"
    return Basis("finding", words, sign.source_ids, sign.certainty)


def found_words(item: Finding) -> str:
    """A recorded finding without its place.

    >>> from myotome.examination import finding
    >>> found_words(finding("weakness", "triceps_brachii", side="left", value=4, unit="mrc"))
    'Weakness: 4 of MRC 5'
    """
    if item.grade is not None:
        result = f"{GRADE_WORDS[item.grade]} ({item.grade})"
    else:
        result = f"{item.value:g}{_MEASURED.get(item.unit, f' {item.unit}')}"
    return f"{atlas().signs[item.sign].name}: {result}"


def from_root(item: RootProbability) -> Basis:
    """A root that fits, with its interval."""
    return Basis("root", root_words(item))


def from_row(table: str, row_id: str, row: Sourced, words: str) -> Basis:
    """A row of a table."""
    return Basis("table", f"{table} {row_id}: {words}", row.source_ids, row.certainty)


def from_item(item: ScreeningItem, said: str) -> Basis:
    """A screening question and what was said to it."""
    return Basis("answer", f"{item.item_id}: {said}", item.source_ids, item.certainty)


def root_name(root: Root) -> str:
    """A root in words, such as C6 right."""
    return f"{root.segment} {root.side}"


def root_words(item: RootProbability) -> str:
    """A root and how well it fits: C6 right fits, 72 % (55 to 86)."""
    share, inside = per_cent(item.probability), interval(item.low, item.high)
    return f"{root_name(item.root)} fits, {share} ({inside})"


def per_cent(share: float) -> str:
    """A probability in whole per cents; below 1 and above 99 only as such, since none is sure.

    >>> per_cent(0.724), per_cent(0.0004), per_cent(1.0)
    ('72 %', '< 1 %', '> 99 %')
    """
    return f"{_whole(share)} %"


def interval(low: float, high: float) -> str:
    """An interval in whole per cents.

    >>> interval(0.55, 0.864), interval(0.79, 1.0)
    ('55 to 86', '79 to > 99')
    """
    return f"{_whole(low)} to {_whole(high)}"


def _whole(share: float) -> str:
    value = 100 * share
    if value < 1:
        return "< 1"
    return "> 99" if value > 99 else f"{value:.0f}"
