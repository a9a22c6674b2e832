"""What the reasons of an answer rest on: worked out beside a live answer, kept with a stored one.

A stored assessment shows the citations that it was stored with, whatever the tables say today. One
that was stored before citations were kept has them worked out anew, and only from tables of the
very versions it rested on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from clinic.assessment import models
from clinic.assessment.rules import canonical_json, digest
from myotome.examination import Assessment
from myotome.report.grounds import grounds_of


@dataclass(frozen=True)
class Cited:
    """A source with its number on the page."""

    number: int
    name: str  # as the tables call it
    citation: str
    url: str
    read: str


@dataclass(frozen=True)
class Why:
    """One reason: what was found, how strongly it speaks, and what that rests on."""

    place: int
    words: str
    strength: str
    number: str
    is_for: bool
    sign: str
    agreed: str
    supply: str
    sources: tuple[Cited, ...]


@dataclass(frozen=True)
class Weighed:
    """How a sign is weighed, and how well examiners agreed on it."""

    sign: str
    name: str
    weighed: tuple[str, ...]
    agreed: tuple[str, ...]
    sources: tuple[Cited, ...]


@dataclass(frozen=True)
class Grounds:
    """The grounds of an answer, as plain values; `is_kept` where they were stored with it."""

    held: Mapping[str, Any]
    is_kept: bool = False

    @cached_property
    def cited(self) -> dict[str, Cited]:
        """Every source by its identifier, numbered in the order in which it is named."""
        return {
            name: Cited(number, name, source["citation"], source["url"], source["read"])
            for number, (name, source) in enumerate(sorted(self.held["sources"].items()), start=1)
        }

    @property
    def sources(self) -> tuple[Cited, ...]:
        """Every source by number."""
        return tuple(self.cited.values())

    @property
    def signs(self) -> tuple[Weighed, ...]:
        """Every sign that a reason rests on."""
        return tuple(
            Weighed(
                sign,
                one["name"],
                tuple(one["weighed"]),
                tuple(one["agreed"]),
                self._cited(one["sources"]),
            )
            for sign, one in sorted(self.held["signs"].items())
        )

    def of(self, root: str) -> tuple[Why, ...]:
        """What speaks for and against a root, the strongest first."""
        found = [
            self._why(place, one)
            for place, one in enumerate(self.held["reasons"])
            if one["root"] == root
        ]
        return tuple(sorted(found, key=lambda why: -abs(float(why.number))))

    def _why(self, place: int, one: Mapping[str, Any]) -> Why:
        found = self.held["findings"][one["finding"]]
        supply = self.held["supplies"][one["supply"]]
        return Why(
            place,
            found["words"],
            one["strength"],
            one["number"],
            one["is_for"],
            found["sign"],
            self.held["signs"][found["sign"]]["short"],
            supply["words"],
            self._cited(supply["sources"]),
        )

    def _cited(self, names: list[str]) -> tuple[Cited, ...]:
        return tuple(sorted((self.cited[name] for name in names), key=lambda one: one.number))


def grounds_now(found: Assessment) -> Grounds:
    """What the reasons of an answer rest on today."""
    return Grounds(grounds_of(found))


def kept_grounds(found: Assessment) -> dict[str, Any]:
    """The grounds of an answer to be stored beside it, with a digest of them."""
    held = grounds_of(found)
    return {"held": held, "digest": digest(canonical_json(held))}


def is_as_kept(kept: Mapping[str, Any] | None) -> bool:
    """Whether stored grounds are what was stored; none are nothing to doubt."""
    return kept is None or digest(canonical_json(kept["held"])) == kept["digest"]


def grounds_then(stored: models.Assessment, again: Assessment) -> Grounds | None:
    """What a stored answer rested on; none where that can no longer be said.

    Args:
        stored: The assessment.
        again: Today's answer to the same case.
    """
    if stored.grounds is not None:
        return Grounds(stored.grounds["held"], is_kept=True)
    is_same = digest(canonical_json(again.to_dict())) == stored.output_hash
    return Grounds(grounds_of(again)) if is_same else None
