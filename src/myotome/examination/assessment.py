"""Assessment: what an examination fits, as immutable values.

Made by `myotome.examination.examine`; read by the plan, the report and the clinic. It ranks
roots with intervals, names other explanations, gives the reasons, and never decides. No
clinical accuracy of it is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from myotome.atlas import Root, Site
from myotome.examination.finding import Finding

Support = Literal["supported", "against", "not_looked_at"]


@dataclass(frozen=True, slots=True)
class RootProbability:
    """A root's probability, and the 5th to 95th percentile over draws of the sign table."""

    root: Root
    probability: float
    low: float
    high: float
    prior: float


@dataclass(frozen=True, slots=True)
class OtherExplanation:
    """Something other than a root that fits: a peripheral-nerve lesion or local causes."""

    kind: Literal["nerve_lesion", "local_cause"]
    name: str
    side: str
    probability: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A set of roots irritated together, no others, and its probability."""

    roots: tuple[Root, ...]
    probability: float


@dataclass(frozen=True, slots=True)
class Reason:
    """What one finding adds to the log-odds of one root, all other findings kept."""

    root: Root
    finding: Finding
    grade: int
    log_odds: float

    @property
    def strength(self) -> str:
        """In words: slight under 0.7, clear under 1.6, else strong. The steps are ours."""
        size = abs(self.log_odds)
        return "slight" if size < 0.7 else "clear" if size < 1.6 else "strong"


@dataclass(frozen=True, slots=True)
class RamusSupport:
    """Whether findings of each primary ramus speak for a root."""

    anterior: Support
    posterior: Support

    @property
    def is_consistent(self) -> bool:
        """Whether both rami are supported, which the clinical teaching asks for."""
        return self.anterior == self.posterior == "supported"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A finding that speaks clearly against a root which nevertheless fits."""

    root: Root
    finding: Finding
    log_odds: float


@dataclass(frozen=True, slots=True)
class ShortMuscle:
    """A muscle that the findings hold to be short or overactive, and why it is held so."""

    site: Site
    probability: float
    roots: tuple[Root, ...]


@dataclass(frozen=True, slots=True)
class LoadedStructure:
    """A tendon and the joints that a short muscle loads."""

    site: Site
    tendon: str
    attachment_site: str
    joint_ids: tuple[str, ...]
    loads: str


@dataclass(frozen=True, slots=True)
class NextSign:
    """A sign not looked for yet, what it is expected to tell, and which roots it separates."""

    sign: str
    site: Site
    bits: float
    separates: tuple[Root, ...]


@dataclass(frozen=True, slots=True)
class NotWeighed:
    """A finding that the inference did not use, and why."""

    finding: Finding
    why: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the findings fit. Roots stand in falling probability; all 62 are there.

    `no_root` is the probability that no root is irritated; `something_else` is the part of it
    in which at least one site looked at is truly affected, by a nerve lesion or a local cause.
    Several roots can be irritated at once, so root probabilities do not add up to one.
    `refers` holds upper motor neuron signs: they mean refer, and are no part of the inference.
    """

    roots: tuple[RootProbability, ...]
    no_root: float
    something_else: float
    other: tuple[OtherExplanation, ...]
    explanations: tuple[Explanation, ...]
    reasons: tuple[Reason, ...]
    rami: Mapping[Root, RamusSupport]
    contradictions: tuple[Contradiction, ...]
    muscles: tuple[ShortMuscle, ...]
    structures: tuple[LoadedStructure, ...]
    next_signs: tuple[NextSign, ...]
    refers: tuple[Finding, ...]
    not_weighed: tuple[NotWeighed, ...]
    findings: tuple[Finding, ...]
    versions: Mapping[str, str]

    def probability(self, root: Root) -> float:
        """The probability of one root."""
        return next(item.probability for item in self.roots if item.root == root)

    def reasons_for(self, root: Root) -> tuple[Reason, ...]:
        """What speaks for and against a root, the strongest first."""
        found = [reason for reason in self.reasons if reason.root == root]
        return tuple(sorted(found, key=lambda reason: -abs(reason.log_odds)))

    def to_dict(self) -> dict[str, Any]:
        """The assessment as plain values, ready for JSON; keys are part of the interface."""
        return {
            "roots": [
                {
                    "root": str(item.root),
                    "probability": item.probability,
                    "interval": [item.low, item.high],
                    "prior": item.prior,
                }
                for item in self.roots
            ],
            "no_root": self.no_root,
            "something_else": self.something_else,
            "other": [
                {
                    "kind": item.kind,
                    "name": item.name,
                    "side": item.side,
                    "probability": item.probability,
                }
                for item in self.other
            ],
            "explanations": [
                {"roots": [str(root) for root in item.roots], "probability": item.probability}
                for item in self.explanations
            ],
            "reasons": [
                {
                    "root": str(item.root),
                    **_sign_and_site(item.finding),
                    "grade": item.grade,
                    "log_odds": item.log_odds,
                }
                for item in self.reasons
            ],
            "rami": {
                str(root): {
                    "anterior": support.anterior,
                    "posterior": support.posterior,
                    "consistent": support.is_consistent,
                }
                for root, support in self.rami.items()
            },
            "contradictions": [
                {
                    "root": str(item.root),
                    **_sign_and_site(item.finding),
                    "log_odds": item.log_odds,
                }
                for item in self.contradictions
            ],
            "muscles": [
                {
                    **_place(item.site),
                    "probability": item.probability,
                    "roots": [str(root) for root in item.roots],
                }
                for item in self.muscles
            ],
            "structures": [
                {
                    **_place(item.site),
                    "tendon": item.tendon,
                    "attachment_site": item.attachment_site,
                    "joints": list(item.joint_ids),
                    "loads": item.loads,
                }
                for item in self.structures
            ],
            "next_signs": [
                {
                    "sign": item.sign,
                    **_place(item.site),
                    "bits": item.bits,
                    "separates": [str(root) for root in item.separates],
                }
                for item in self.next_signs
            ],
            "refer": [_sign_and_site(item) for item in self.refers],
            "not_weighed": [
                {**_sign_and_site(item.finding), "why": item.why} for item in self.not_weighed
            ],
            "versions": dict(self.versions),
        }


def _place(site: Site) -> dict[str, str]:
    place = {"site": site.name, "side": site.side}
    return {**place, "level": site.level} if site.level else place


def _sign_and_site(item: Finding) -> dict[str, str]:
    return {"sign": item.sign, **_place(item.site)}
