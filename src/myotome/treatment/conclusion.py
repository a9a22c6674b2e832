"""Conclusion: the roots that a practitioner named, beside those that fit best.

A plan can be asked for the roots that somebody concluded in place of those that fit the findings.
What fits is then told beside it and changes nothing: the findings that no concluded root supplies,
those that speak against one, and how the two answers differ. No root named is a conclusion
too, and nothing is needled for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from myotome.atlas import ROOTS, Root, atlas
from myotome.examination.assessment import Assessment, Reason, RootProbability
from myotome.examination.finding import Finding, grade_of
from myotome.examination.model import weighed_site
from myotome.treatment.basis import Basis, from_finding, interval, per_cent, root_name


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What somebody concluded, and how it stands beside what fits.

    Attributes:
        roots: The concluded roots with their probabilities, the likeliest first; none: no root.
        fitted: The roots that a plan would be for without it.
        unexplained: Findings of a root that none of the concluded roots supplies.
        against: Findings that speak against a concluded root, the strongest first.
    """

    roots: tuple[RootProbability, ...]
    fitted: tuple[RootProbability, ...]
    unexplained: tuple[Finding, ...]
    against: tuple[Reason, ...]

    @property
    def differs(self) -> bool:
        """Whether other roots were concluded than those that fit best."""
        return {item.root for item in self.roots} != {item.root for item in self.fitted}

    @property
    def words(self) -> str:
        """What was concluded, and what fits where that is something else."""
        if not self.roots:
            said = "The practitioner concluded no root, so no site is proposed for a needle."
        else:
            said = f"It rests on the practitioner's conclusion: {names_of(self.roots)}."
        return f"{said} {self.beside}"

    @property
    def beside(self) -> str:
        """What fits the findings, as against what was concluded."""
        return beside_words([item.root for item in self.roots], [item.root for item in self.fitted])

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "roots": [str(item.root) for item in self.roots],
            "fitted": [str(item.root) for item in self.fitted],
            "words": self.words,
            "unexplained": [from_finding(item).words for item in self.unexplained],
            "against": [
                f"{root_name(item.root)}: {from_finding(item.finding).words} ({item.strength})"
                for item in self.against
            ],
        }


def conclusion_of(
    roots: Iterable[Root], fitted: Iterable[RootProbability], assessment: Assessment
) -> Conclusion:
    """The concluded roots beside those that fit."""
    wanted = frozenset(roots)
    named = tuple(item for item in assessment.roots if item.root in wanted)
    return Conclusion(
        roots=tuple(sorted(named, key=lambda item: (-item.probability, item.root.index))),
        fitted=tuple(fitted),
        unexplained=tuple(_unexplained(wanted, assessment)),
        against=tuple(
            reason
            for root in ROOTS
            if root in wanted
            for reason in assessment.reasons_for(root)
            if reason.log_odds < 0
        ),
    )


def from_conclusion(item: RootProbability) -> Basis:
    """A root that was concluded, and how well it fits."""
    share, inside = per_cent(item.probability), interval(item.low, item.high)
    words = f"{root_name(item.root)} was concluded by the practitioner; it fits {share} ({inside})"
    return Basis("root", words)


def names_of(items: Iterable[RootProbability]) -> str:
    """Roots in words: C6 right and C7 right; no root."""
    return names_words([item.root for item in items])


def names_words(roots: Iterable[Root]) -> str:
    """Roots in words, joined.

    >>> names_words([Root("C6", "right"), Root("C7", "right")]), names_words([])
    ('C6 right and C7 right', 'no root')
    """
    names = [root_name(root) for root in roots]
    if len(names) < 2:
        return names[0] if names else "no root"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def beside_words(concluded: Iterable[Root], fitted: Iterable[Root]) -> str:
    """What the model's answer was, as against a conclusion.

    >>> beside_words([Root("C8", "right")], [Root("C6", "right")])
    "The model's answer to the findings differs: C6 right."
    """
    named, fits = set(concluded), list(fitted)
    if named == set(fits):
        return "The model's answer to the findings is the same."
    return f"The model's answer to the findings differs: {names_words(fits)}."


def _unexplained(wanted: frozenset[Root], assessment: Assessment) -> Iterable[Finding]:
    for item in assessment.findings:
        if atlas().signs[item.sign].bearing != "root" or (grade_of(item) or 0) == 0:
            continue
        supplied = {supply.root for supply in atlas().roots_of_site(weighed_site(item), item.sign)}
        if not supplied & wanted:
            yield item
