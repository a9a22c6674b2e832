"""Proposal: the lines of a plan, as immutable values that turn into plain ones.

Made by `myotome.treatment.planning`; read by the report and the clinic. Each line says why it is
there and what it rests on; the keys of `Plan.to_dict` are part of the interface.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from myotome.atlas import Site, atlas
from myotome.examination.assessment import NextSign, RootProbability
from myotome.treatment.basis import Basis, basis_dicts, from_row, per_cent, root_words
from myotome.treatment.conclusion import Conclusion, from_conclusion
from myotome.treatment.differential import Alternative, next_sign_dict
from myotome.treatment.programme import HeldAdjunct, HomeExercise, PlannedAdjunct
from myotome.treatment.rows import CourseRule, DoseRule, ScreeningItem
from myotome.treatment.safety import SessionWarning, SiteHazards
from myotome.treatment.screening import Screening, concern_words, question_dict
from myotome.treatment.targets import Target


@dataclass(frozen=True, slots=True)
class PlannedRoot:
    """A root the plan is for, and whether the findings of both rami speak for it."""

    fit: RootProbability
    anterior: str
    posterior: str
    levels: tuple[str, ...]
    rests_on: tuple[Basis, ...]
    is_concluded: bool = False

    @property
    def words(self) -> str:
        """The root and how well it fits, or that it was concluded."""
        return from_conclusion(self.fit).words if self.is_concluded else root_words(self.fit)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "root": str(self.fit.root),
            "probability": self.fit.probability,
            "interval": [self.fit.low, self.fit.high],
            "anterior": self.anterior,
            "posterior": self.posterior,
            "levels": list(self.levels),
            "words": self.words,
            "rests_on": basis_dicts(self.rests_on),
        }


@dataclass(frozen=True, slots=True)
class Dose:
    """How much at one site, and how."""

    insertions: int
    gentle: bool
    rules: tuple[DoseRule, ...]

    @property
    def words(self) -> str:
        """How many insertions, and how each is made."""
        times = "1 insertion" if self.insertions == 1 else f"{self.insertions} insertions"
        return f"{times}, {self.manner}"

    @property
    def manner(self) -> str:
        """How an insertion is made, to follow how many there are."""
        if self.gentle:
            return "gentle: no strong stimulation, pressed afterwards."
        return "to and fro until the muscle lets go, in for seconds."

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "insertions": self.insertions,
            "gentle": self.gentle,
            "words": self.words,
            "rules": [rule_dict(rule) for rule in self.rules],
        }


@dataclass(frozen=True, slots=True)
class PlannedSite:
    """One site of the plan: why, how much, what a needle can harm, and what it rests on."""

    target: Target
    priority: int
    visit: int
    dose: Dose
    hazards: SiteHazards
    tendon: str
    attachment_site: str
    joint_ids: tuple[str, ...]
    loads: str
    rests_on: tuple[Basis, ...]

    @property
    def site(self) -> Site:
        """Where."""
        return self.target.site

    @property
    def why(self) -> str:
        """Why this site, in words."""
        parts = list(dict.fromkeys(role.words for role in self.target.roles))
        if self.target.short is not None:
            parts.append(f"fits as short, {per_cent(self.target.short)}")
        if self.target.there:
            parts += ["rests on the practitioner's conclusion", self.target.there]
        return _sentence("; ".join(parts))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        root = self.target.root
        return {
            "site": self.site.name,
            "level": self.site.level,
            "side": self.site.side,
            "label": atlas().label(self.site),
            "priority": self.priority,
            "visit": self.visit,
            "why": self.why,
            "root": str(root) if root else None,
            "roots": [str(role.root) for role in self.target.roles if role.root],
            "roles": [role.place for role in self.target.roles],
            "short": self.target.short,
            "insertions": self.dose.insertions,
            "dose": self.dose.to_dict(),
            "hazards": self.hazards.hazard_dicts(),
            "depths": self.hazards.depth_dict(),
            "tendon": self.tendon,
            "attachment_site": self.attachment_site,
            "joints": list(self.joint_ids),
            "loads": self.loads,
            "rests_on": basis_dicts(self.rests_on),
        }


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A site that was looked at and is not proposed, and why."""

    target: Target
    why: str
    ends: Literal["never", "when_cleared", "when_no_longer_so", "when_answered", "later"]
    rests_on: tuple[Basis, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        site = self.target.site
        return {
            "site": site.name,
            "level": site.level,
            "side": site.side,
            "label": atlas().label(site),
            "why": self.why,
            "ends": self.ends,
            "rests_on": basis_dicts(self.rests_on),
        }


@dataclass(frozen=True, slots=True)
class VisitWarning:
    """A rule over the whole session, and the visit it was found in (0: the whole plan)."""

    visit: int
    warning: SessionWarning

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        row = self.warning
        basis = Basis("table", f"{row.rule}: {row.words}", row.source_ids, row.certainty)
        return {"visit": self.visit, **row.to_dict(), "rests_on": basis_dicts([basis])}


@dataclass(frozen=True, slots=True)
class MissingInput:
    """Something that was not asked or looked at, and what it would be for."""

    words: str
    rests_on: tuple[Basis, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"words": self.words, "rests_on": basis_dicts(self.rests_on)}


@dataclass(frozen=True, slots=True)
class Plan:
    """Treatments to come, as a proposal. Made by `plan`."""

    screening: Screening
    concern: str
    missing: tuple[ScreeningItem, ...]
    roots: tuple[PlannedRoot, ...]
    sites: tuple[PlannedSite, ...]
    left_out: tuple[LeftOut, ...]
    session_warnings: tuple[VisitWarning, ...]
    dose: tuple[DoseRule, ...]
    adjuncts: tuple[PlannedAdjunct, ...]
    adjuncts_held: tuple[HeldAdjunct, ...]
    home_programme: tuple[HomeExercise, ...]
    rules: tuple[CourseRule, ...]
    differential: tuple[Alternative, ...]
    next_signs: tuple[NextSign, ...]
    missing_inputs: tuple[MissingInput, ...]
    statement: str
    versions: tuple[tuple[str, str], ...]
    conclusion: Conclusion | None = None  # what it was asked for, in place of what fits

    @property
    def visits(self) -> tuple[tuple[PlannedSite, ...], ...]:
        """The sites of each visit in turn."""
        last = max((site.visit for site in self.sites), default=0)
        return tuple(
            tuple(site for site in self.sites if site.visit == number)
            for number in range(1, last + 1)
        )

    @property
    def concern_words(self) -> str:
        """The level of concern as people are told it."""
        raised, misses = bool(self.screening.raised), bool(self.missing)
        return concern_words(self.concern, is_raised=raised, misses=misses)

    def rules_of(self, kind: str) -> tuple[CourseRule, ...]:
        """Rules of the course of one kind: stop, refer, review, discharge or aftercare."""
        return tuple(rule for rule in self.rules if rule.kind == kind)

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain values, ready for JSON; keys are part of the interface."""
        return {
            "statement": self.statement,
            "screening": self.screening.to_dict(),
            "concern": self.concern,
            "missing": [question_dict(item) for item in self.missing],
            "roots": [item.to_dict() for item in self.roots],
            "sites": [item.to_dict() for item in self.sites],
            "left_out": [item.to_dict() for item in self.left_out],
            "session_warnings": [item.to_dict() for item in self.session_warnings],
            "dose": {rule.rule_id: rule_dict(rule) for rule in self.dose},
            "visits": [
                {
                    "visit": number,
                    "sites": [str(site.site) for site in visit],
                    "insertions": sum(site.dose.insertions for site in visit),
                }
                for number, visit in enumerate(self.visits, start=1)
            ],
            "adjuncts": [item.to_dict() for item in self.adjuncts],
            "adjuncts_held": [item.to_dict() for item in self.adjuncts_held],
            "home_programme": [item.to_dict() for item in self.home_programme],
            **{
                f"{kind}_rules": [course_rule_dict(rule) for rule in self.rules_of(kind)]
                for kind in ("stop", "refer", "review", "discharge", "aftercare")
            },
            "differential": [item.to_dict() for item in self.differential],
            "next_signs": [next_sign_dict(item) for item in self.next_signs],
            "missing_inputs": [item.to_dict() for item in self.missing_inputs],
            "versions": dict(self.versions),
            **({"conclusion": self.conclusion.to_dict()} if self.conclusion else {}),
        }


def rule_dict(rule: DoseRule) -> dict[str, Any]:
    """A dose rule as plain values, ready for JSON."""
    return {
        "name": rule.name,
        "value": rule.value,
        "range": [rule.low, rule.high],
        "unit": rule.unit,
        "words": rule.words,
        "certainty": rule.certainty,
        "sources": list(rule.source_ids),
        "rests_on": basis_dicts([from_row("dose_rules", rule.rule_id, rule, rule.name)]),
    }


def course_rule_dict(rule: CourseRule) -> dict[str, Any]:
    """A rule of the course as plain values, ready for JSON."""
    return {
        "rule": rule.rule_id,
        "span": rule.span,
        "words": rule.words,
        "certainty": rule.certainty,
        "sources": list(rule.source_ids),
        "rests_on": basis_dicts([from_row("course_rules", rule.rule_id, rule, rule.words)]),
    }


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else words
