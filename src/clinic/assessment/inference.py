"""The model beside the examination: a first answer in milliseconds, the whole one after it.

Nothing of it is kept here. The same findings give the same answer, so what was just computed for
one page is not computed again for the next; the store holds findings alone and nobody's name.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Any, Final

from django.utils.safestring import SafeString, mark_safe

from clinic.assessment.grounds import Grounds, Why, grounds_now
from clinic.assessment.places import Key
from clinic.assessment.rules import NOT_USED, PersonFacts, missing_inputs
from myotome.atlas import ROOTS, Root, atlas
from myotome.examination import (
    Assessment,
    Finding,
    RootProbability,
    examine,
    intervals,
    posterior,
    sort_findings,
)
from myotome.report.published_cases import tried_words
from myotome.report.spine import all_rows, spine_ladder
from myotome.report.words import (
    NO_ACCURACY,
    NOT_ADDING_UP,
    STANDS_OUT,
    chance,
    explanation_words,
    finding_words,
    headline,
    next_sign_words,
    other_words,
    per_cent,
    root_name,
    sign_at,
    spoken_to,
    standing,
)

SHOWN_FROM: Final = 0.05
MOST_OPEN: Final = 8
RAMUS_WORDS: Final = {
    "supported": "supported",
    "against": "spoken against",
    "not_looked_at": "not looked at",
}
_QUICK: Final = 4


_KNOWN: dict[tuple[Finding, ...], Assessment] = {}
_MOST_KNOWN: Final = 128
_TURN = threading.Lock()


def assessed(findings: tuple[Finding, ...]) -> Assessment:
    """The whole answer to some findings.

    One is computed at a time: it takes twenty times what a tap takes, and several at once would
    hold up the taps of everybody who examines. What is known waits for nobody.
    """
    found = _KNOWN.get(findings)
    if found is None:
        with _TURN:
            found = _KNOWN.get(findings)
            if found is None:
                found = examine(findings)
                if len(_KNOWN) >= _MOST_KNOWN:
                    del _KNOWN[next(iter(_KNOWN))]
                _KNOWN[findings] = found
    return found


def computed_anew(findings: tuple[Finding, ...]) -> Assessment:
    """The whole answer as the program gives it now, whatever was computed before; in its turn."""
    with _TURN:
        return examine(findings)


def refers(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """Signs that mean refer. They are no part of the answer: nothing hides them."""
    return tuple(finding_words(one) for one in sort_findings(findings).refers)


@lru_cache(maxsize=256)
def _posterior(findings: tuple[Finding, ...]) -> tuple[float, ...]:
    return tuple(float(share) for share in posterior(findings))


_Ends = tuple[tuple[float, ...], tuple[float, ...]]
_ENDS: dict[tuple[Finding, ...], _Ends] = {}


def _ends_at_once(findings: tuple[Finding, ...]) -> _Ends | None:
    """The ends of each root's interval, if nobody else's answer is being computed meanwhile.

    They cost eight times what the probabilities do. Where somebody else has the turn the numbers
    are shown without them, and the whole answer brings them.
    """
    found = _ENDS.get(findings)
    if found is None and _TURN.acquire(blocking=False):
        try:
            low, high = intervals(findings)
            found = tuple(low.tolist()), tuple(high.tolist())
            if len(_ENDS) >= _MOST_KNOWN:
                del _ENDS[next(iter(_ENDS))]
            _ENDS[findings] = found
        finally:
            _TURN.release()
    return found


def warm_up() -> None:
    """Load the tables, so that the first tap of the day is as quick as the next."""
    assessed(())
    _ends_at_once(())


def quick(findings: tuple[Finding, ...]) -> dict[str, Any]:
    """The likeliest roots that a finding speaks to, before reasons and the rest."""
    if not findings:
        return {"rows": [], "words": ""}
    shares = _posterior(findings)
    reached = {
        supply.root for one in findings for supply in atlas().roots_of_site(one.site, one.sign)
    }
    best = sorted(
        (root for root in ROOTS if root in reached), key=lambda root: -shares[root.index]
    )[:_QUICK]
    ends = _ends_at_once(findings)
    rows = [(root_name(root), shares[root.index], _said(root, shares, ends)) for root in best]
    said = ", ".join(f"{name} {words}" for name, _, words in rows[:2])
    if not rows or rows[0][1] < STANDS_OUT:
        said = f"No root stands out. {said}" if said else ""
    return {
        "rows": [
            {"root": name, "share": round(share, 4), "words": words} for name, share, words in rows
        ],
        "words": said,
    }


def _said(root: Root, shares: tuple[float, ...], ends: _Ends | None) -> str:
    """A probability, with its interval where that was computed."""
    share = shares[root.index]
    if ends is None:
        return unescape(per_cent(share))
    low, high = ends[0][root.index], ends[1][root.index]
    return unescape(chance(RootProbability(root, share, low, high, 0.0)))


@dataclass(frozen=True)
class Offer:
    """A sign that was not looked for and would tell much."""

    key: Key
    said: str
    would: str
    bits: float


@dataclass(frozen=True)
class RootCard:
    """One root with what speaks for and against it."""

    root: Root
    name: str
    chance: str
    speaks_for: tuple[Why, ...]
    speaks_against: tuple[Why, ...]
    front: str
    back: str
    is_consistent: bool
    of_twenty: str

    @property
    def anchor(self) -> str:
        """Its name on the page."""
        return f"root-{self.root}"


@dataclass(frozen=True)
class Answer:
    """The whole answer as a page shows it."""

    assessment: Assessment
    ladder: SafeString
    cards: tuple[RootCard, ...]
    missing: tuple[str, ...]
    grounds: Grounds
    not_used: tuple[str, ...] = NOT_USED

    @property
    def headline(self) -> str:
        """What fits best."""
        return headline(self.assessment)

    @property
    def standing(self) -> str:
        """What that is and is not."""
        return standing(self.assessment)

    @property
    def no_root(self) -> str:
        """How likely no root at all."""
        return per_cent(self.assessment.no_root)

    @property
    def something_else(self) -> str:
        """How likely something else."""
        return per_cent(self.assessment.something_else)

    @property
    def not_adding_up(self) -> str:
        """Why the numbers are no shares of one."""
        return NOT_ADDING_UP

    @property
    def no_accuracy(self) -> str:
        """What nobody knows."""
        return NO_ACCURACY

    @property
    def tried(self) -> str:
        """What the published cases say of it, which is no measure."""
        return tried_words()

    @property
    def contradictions(self) -> tuple[str, ...]:
        """Findings that speak clearly against a root that fits."""
        return tuple(
            f"{finding_words(one.finding)}: speaks against {root_name(one.root)}, which fits."
            for one in self.assessment.contradictions
        )

    @property
    def other(self) -> tuple[tuple[str, str], ...]:
        """Other explanations from one in a hundred on."""
        return tuple(
            (other_words(one.kind, one.name, one.side), per_cent(one.probability))
            for one in self.assessment.other
            if one.probability >= 0.01
        )

    @property
    def explanations(self) -> tuple[tuple[str, str], ...]:
        """Roots that are irritated together."""
        return tuple(
            (explanation_words(one), per_cent(one.probability))
            for one in self.assessment.explanations
        )

    @property
    def not_weighed(self) -> tuple[str, ...]:
        """Findings that the model did not use, and why."""
        return tuple(
            f"{finding_words(one.finding)}. {one.why}" for one in self.assessment.not_weighed
        )

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Of the signs not looked at, those that would tell most."""
        return tuple(
            Offer(
                Key(
                    one.sign,
                    "" if one.site.kind == "side" else one.site.name,
                    one.site.level,
                    one.site.side,
                ),
                sign_at(one),
                next_sign_words(one),
                one.bits,
            )
            for one in self.assessment.next_signs
        )

    @property
    def all_rows(self) -> tuple[tuple[str, str, str], ...]:
        """All 62 roots as a table."""
        return tuple(
            (segment, chance(left), chance(right))
            for segment, left, right in all_rows(self.assessment)
        )

    @property
    def versions(self) -> Mapping[str, str]:
        """What it rests on."""
        return self.assessment.versions


def answer(findings: tuple[Finding, ...], facts: PersonFacts, contested: int) -> Answer:
    """The whole answer to some findings."""
    found = assessed(findings)
    shown = [one for one in spoken_to(found) if one.probability >= SHOWN_FROM][:MOST_OPEN]
    grounds = grounds_now(found)
    cards = tuple(_card(found, one, grounds) for one in shown)
    links = {card.root: f"#{card.anchor}" for card in cards}
    return Answer(
        found,
        mark_safe(spine_ladder(found, links)),  # noqa: S308 - drawn and escaped there
        cards,
        missing_inputs(found, facts, contested),
        grounds,
    )


def _card(found: Assessment, item: RootProbability, grounds: Grounds) -> RootCard:
    reasons = grounds.of(str(item.root))
    rami = found.rami[item.root]
    low, high = round(20 * item.low), round(20 * item.high)
    return RootCard(
        item.root,
        root_name(item.root),
        chance(item),
        tuple(one for one in reasons if one.is_for),
        tuple(one for one in reasons if not one.is_for),
        RAMUS_WORDS[rami.anterior],
        RAMUS_WORDS[rami.posterior],
        rami.is_consistent,
        f"about {round(20 * item.probability)} ({low} to {high} as the uncertain numbers allow)",
    )
