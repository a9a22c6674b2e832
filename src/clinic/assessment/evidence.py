"""Evidence beside a claim: what was studied, in how many, against what, and what came out.

The rows are the report's own table. Trials that found no difference stand in the same list and in
the same size as the others; a claim that nobody has studied says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from myotome.report.evidence import (
    CLAIMS,
    OUTCOMES,
    EvidenceRow,
    certainty_words,
    evidence_by_claim,
    known_sources,
    tally,
)
from myotome.report.words import lower_first, upper_first
from myotome.sources import Source

OF_A_PLAN: Final = ("sham", "paraspinal", "other_care", "ims", "harm")
OF_AN_ASSESSMENT: Final = ("signs_and_root", "mechanism")


@dataclass(frozen=True, slots=True)
class Studied:
    """One study or review, in words."""

    studied: str
    people: str
    against: str
    result: str
    says: str
    certainty: str
    read: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim with everything that was studied about it; without a row nothing was."""

    key: str
    words: str
    rows: tuple[Studied, ...] = ()
    counted: str = ""
    certainty: str = ""


def claims_of(topics: Sequence[str]) -> tuple[Claim, ...]:
    """Claims by their topics, in that order."""
    return tuple(_claims()[topic] for topic in topics)


@cache
def _claims() -> dict[str, Claim]:
    found = dict(evidence_by_claim())
    return {topic: claim_of(topic, words, found[words]) for topic, words in CLAIMS.items()}


def claim_of(key: str, words: str, rows: Sequence[EvidenceRow]) -> Claim:
    """A claim in words with the rows of the table that speak to it."""
    if not rows:
        return Claim(key, words)
    counted = "; ".join(f"{number} {lower_first(said)}" for said, number in tally(rows))
    return Claim(
        key, words, tuple(map(_studied, rows)), counted, upper_first(certainty_words(rows))
    )


def _studied(row: EvidenceRow) -> Studied:
    return Studied(
        row.studied,
        "Not read how many" if row.people is None else f"{row.people:g} people",
        row.comparator or "nothing",
        upper_first(row.result),
        OUTCOMES[row.outcome],
        row.certainty,
        row.read,
        tuple(known_sources()[name] for name in row.source_ids),
    )
