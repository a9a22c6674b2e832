"""Grounds: what a reason rests on, in words and with its sources.

A reason joins two facts: that a root reaches the place (a row of the atlas, and the number that
says how often) and that the sign tells an affected place from a sound one (rows of the sign
table). Both are told with certainty and sources, and beside them how well two examiners agreed
on the sign. Everything is plain values, so that it can be kept with an answer as it was then.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from myotome.atlas import Site, Supply, atlas
from myotome.examination import Assessment, Finding, Reason
from myotome.examination.model import TABLE_KINDS, weighed_site
from myotome.examination.probabilities import Probability, probability_rows
from myotome.examination.reliability import NONE_HELD, agreement_words, agreements
from myotome.report.evidence import known_sources
from myotome.report.words import (
    basis_words,
    finding_words,
    lower_first,
    per_cent,
    place_name,
    reason_words,
    sign_name,
)

CERTAINTIES: Final = {
    "A": "measured",
    "B": "derived by a formula from published numbers",
    "C": "by analogy with a related number",
    "D": "assumed, no source",
}
_TABLES: Final = {
    "muscle": "innervation",
    "paraspinal": "innervation",
    "skin": "dermatomes",
    "reflex": "reflexes",
    "movement": "joints",
    "side": "neural_tests",
}
_WEIGHTS: Final = {
    "major": "a main root of",
    "minor": "a lesser root of",
    "variable": "in some people a root of",
    "signature": "the root whose own area is",
    "core": "a root of",
    "adjacent": "a neighbouring root that can reach",
    "principal": "the main root of",
    "other": "a lesser root of",
}

_READ: Final = {"sources": "read in sources", "map": "read from maps"}
_CAUSES: Final = {
    "given_strain": "a strain",
    "given_inflammation": "an inflammation",
    "given_joint": "a joint's trouble",
    "given_none": "no cause at the place",
}


def grounds_of(found: Assessment) -> dict[str, Any]:
    """Every reason of an answer with what it rests on, as plain values.

    `reasons` stand in the order of the answer and point into `findings` and `supplies` by place;
    `signs` by name; each names its sources by identifier, which `sources` explains.
    """
    findings: dict[Finding, int] = {}
    supplies: dict[tuple[str, tuple[str, ...]], int] = {}
    reasons = [
        {
            "root": str(reason.root),
            "finding": findings.setdefault(reason.finding, len(findings)),
            "supply": supplies.setdefault(_reached(reason), len(supplies)),
            "is_for": reason.log_odds > 0,
            "strength": reason_words(reason),
            "number": f"{reason.log_odds:+.2f}",
        }
        for reason in found.reasons
    ]
    signs = {one.sign: _weighed(one.sign) for one in findings}
    named = [name for _, names in supplies for name in names]
    named += [name for sign in signs.values() for name in sign["sources"]]
    return {
        "findings": [{"sign": one.sign, "words": finding_words(one)} for one in findings],
        "supplies": [{"words": words, "sources": list(names)} for words, names in supplies],
        "signs": signs,
        "reasons": reasons,
        "sources": _explained(named),
    }


def _explained(names: Iterable[str]) -> dict[str, dict[str, str]]:
    known = known_sources()
    return {
        name: {
            "citation": known[name].citation,
            "url": known[name].url,
            "read": known[name].access,
        }
        for name in dict.fromkeys(names)
    }


def _reached(reason: Reason) -> tuple[str, tuple[str, ...]]:
    return _reaches(weighed_site(reason.finding), reason.finding.sign, str(reason.root))


@cache
def _reaches(site: Site, sign: str, root: str) -> tuple[str, tuple[str, ...]]:
    """How a root reaches a place, in words, and the sources of that."""
    test = sign if site.kind == "side" else ""
    supply = next(one for one in atlas().roots_of_site(site, test) if str(one.root) == root)
    where = sign_name(sign) if site.kind == "side" else place_name(site)
    table = "level_supply" if site.level else _TABLES[site.kind]
    row = _row(f"supply_weight.{_kind(site)}.{_symbol(site, supply)}")
    told = f" Sources differ: {supply.disagreement}." if _differs(site, supply) else ""
    words = (
        f"{supply.root.segment} is {_WEIGHTS[supply.weight]} {lower_first(where)}"
        f" (atlas, {table}: {_READ.get(supply.certainty) or basis_words(supply.certainty)}).{told}"
        f" Irritated, it is taken to affect it in {_number(row)}."
    )
    return words, tuple(dict.fromkeys((*supply.source_ids, *row.source_ids)))


def _differs(site: Site, supply: Supply) -> bool:
    return site.kind in {"muscle", "paraspinal"} and not site.level and bool(supply.disagreement)


def _kind(site: Site) -> str:
    return "level_muscle" if site.level else TABLE_KINDS.get(site.kind, site.kind)


def _symbol(site: Site, supply: Supply) -> str:
    return "any" if site.kind == "movement" else supply.weight


@cache
def _rows() -> dict[str, Probability]:
    return {row.parameter_id: row for row in probability_rows()}


def _row(name: str) -> Probability:
    return _rows()[name]


def _number(row: Probability, of_what: str = "") -> str:
    of_what = f" {of_what}" if of_what else ""
    return (
        f"{per_cent(row.value)} ({100 * row.low:.0f} to {100 * row.high:.0f}){of_what},"
        f" {CERTAINTIES[row.certainty]}"
    )


@cache
def _weighed(sign: str) -> dict[str, Any]:
    """How a sign is weighed, and how well two examiners agreed on it."""
    if atlas().signs[sign].bearing == "local_cause":
        rows = [row for row in probability_rows() if row.group == "inflammation_sign"]
        used = [row for row in rows if row.sign_id == sign]
        told = [f"Expected with {_CAUSES[row.symbol]} in {_number(row)}." for row in used]
    else:
        present, absent = _row(f"sensitivity.{sign}.se"), _row(f"specificity.{sign}.sp")
        used = [present, absent]
        told = [
            f"Expected at {_number(present, 'of affected places')}. {present.derivation}",
            f"Absent at {_number(absent, 'of sound places')}."
            + ("" if absent.derivation == present.derivation else f" {absent.derivation}"),
        ]
    agreed = agreements().get(sign, ())
    cited = [row.source_ids for row in used] + [row.source_ids for row in agreed]
    return {
        "name": sign_name(sign),
        "weighed": told,
        "short": agreement_words(sign),
        "agreed": [f"{one.short} {one.of_what}" for one in agreed] or [NONE_HELD],
        "sources": list(dict.fromkeys(name for names in cited for name in names)),
    }
