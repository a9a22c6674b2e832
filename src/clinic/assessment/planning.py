"""The plan: a proposal with a practitioner's changes, and what forbids to sign it.

The proposal is for what the practitioner concluded; the model's answer is followed where it was
accepted. Pure functions over a stored case, a screening and changes. A stop can be passed by no
change: it is looked for when a site is added, and again over the whole plan when it is signed, with
the answers that stand then. What a needle can harm and what is not known of depth stands at every
site, whoever put it there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Protocol

from clinic.assessment.rules import canonical_json, digest
from clinic.practice.models import Staff
from clinic.records.screening.rules import VisitScreening, decide
from myotome.atlas import Root, Site, atlas
from myotome.case import parse_case
from myotome.errors import InputError
from myotome.examination import Assessment, Finding, examine, sort_findings
from myotome.report.published_cases import tried_words
from myotome.treatment import (
    DEFAULT,
    Dose,
    HomeExercise,
    Plan,
    PlannedAdjunct,
    PlannedSite,
    Screening,
    SessionSite,
    SessionWarning,
    areas_of,
    dose_of,
    plan,
    planned_roots,
    rulebook,
    session_rules,
    site_hazards,
)
from myotome.treatment.screening import UPPER_MOTOR_NEURON
from myotome.treatment.targets import Role, Target, acute_at

MOST_VISITS: Final = 12
MOST_INSERTIONS: Final = 20
MOST_SESSIONS: Final = 30
NOT_AT_A_SITE: Final = frozenset({"drop", "sessions", "adjunct", "dose"})
NEEDS_A_REASON: Final = frozenset({"remove", "add", "drop", "adjunct", "dose"})
_ADDED: Final = "added-"
ACUTE: Final = "Swelling, warmth or redness there: never into acutely inflamed tissue."


class CannotPlan(ValueError):  # noqa: N818 - named for the event
    """A change or a signature that cannot be; the message says why."""


class Change(Protocol):
    """A change to a plan, as it is stored."""

    @property
    def kind(self) -> str:
        """What is changed."""

    @property
    def site(self) -> str:
        """A muscle."""

    @property
    def level(self) -> str:
        """Its level."""

    @property
    def side(self) -> str:
        """Its side."""

    @property
    def to(self) -> int | None:
        """The visit or the number of insertions."""

    @property
    def reason(self) -> str:
        """Why."""

    @property
    def words(self) -> str | None:
        """What is done beside the needle, or how much of it."""

    @property
    def number(self) -> int:
        """Its place among the changes."""

    @property
    def staff(self) -> Staff:
        """Whose it is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One site of a plan as it stands: the proposed one, or one that was added."""

    planned: PlannedSite
    visit: int
    insertions: int
    added_because: str = ""

    @property
    def site(self) -> Site:
        """Where."""
        return self.planned.site

    @property
    def dose(self) -> Dose:
        """How much there and how, as often as this line says."""
        return replace(self.planned.dose, insertions=self.insertions)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            **self.planned.to_dict(),
            "visit": self.visit,
            "insertions": self.insertions,
            "dose": self.dose.to_dict(),
            "added_because": self.added_because,
        }

    def rests_beside(self, concluded: Collection[str]) -> tuple[str, ...]:
        """The roots it rests on, where none of them was concluded; empty otherwise."""
        roots = tuple(str(role.root) for role in self.planned.target.roles if role.root)
        return () if set(roots) & set(concluded) else roots


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A proposed site that somebody took out, and why."""

    site: Site
    reason: str


@dataclass(frozen=True, slots=True)
class SaidBeside:
    """What somebody added beside the needle, or how much they would have of what is there."""

    words: str
    reason: str
    by: str

    def to_dict(self) -> dict[str, str]:
        """Plain values, ready for JSON."""
        return {"words": self.words, "reason": self.reason, "by": self.by}


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan as it stands: the proposal, its lines after every change, and what was taken out."""

    assessment: Assessment
    proposal: Plan
    lines: tuple[Line, ...]
    taken_out: tuple[TakenOut, ...]
    dropped: tuple[tuple[str, str], ...] = ()  # adjuncts and exercises by name, with the reason
    sessions: int = 0
    said: Mapping[str, SaidBeside] = field(default_factory=dict)  # additions, and other doses

    @property
    def added(self) -> dict[str, SaidBeside]:
        """What was added beside the needle and not left out again."""
        gone = {name for name, _ in self.dropped}
        return {
            name: one
            for name, one in self.said.items()
            if name.startswith(_ADDED) and name not in gone
        }

    @property
    def dosed_adjuncts(self) -> list[tuple[PlannedAdjunct, SaidBeside | None]]:
        """Adjuncts, with another dose where somebody said one."""
        return [(one, self.said.get(one.row.adjunct_id)) for one in self.adjuncts]

    @property
    def dosed_exercises(self) -> list[tuple[HomeExercise, SaidBeside | None]]:
        """Exercises, with another dose where somebody said one."""
        return [(one, self.said.get(one.row.exercise_id)) for one in self.exercises]

    @property
    def adjuncts(self) -> tuple[PlannedAdjunct, ...]:
        """What is done beside the needle."""
        gone = {name for name, _ in self.dropped}
        return tuple(one for one in self.proposal.adjuncts if one.row.adjunct_id not in gone)

    @property
    def exercises(self) -> tuple[HomeExercise, ...]:
        """What is done at home."""
        gone = {name for name, _ in self.dropped}
        found = self.proposal.home_programme
        return tuple(one for one in found if one.row.exercise_id not in gone)

    @property
    def beside(self) -> dict[str, str]:
        """Everything that can be left out beside the needle: its identifier and its name."""
        found = {one.row.adjunct_id: one.row.name for one in self.adjuncts}
        found |= {one.row.exercise_id: one.row.name for one in self.exercises}
        return found | {name: one.words for name, one in self.added.items()}

    @property
    def left_out_names(self) -> tuple[tuple[str, str], ...]:
        """What was left out beside the needle, by its name, with the reason."""
        names = {one.row.adjunct_id: one.row.name for one in self.proposal.adjuncts}
        names |= {one.row.exercise_id: one.row.name for one in self.proposal.home_programme}
        names |= {name: one.words for name, one in self.said.items() if name.startswith(_ADDED)}
        return tuple((names.get(name, name), why) for name, why in self.dropped)

    @property
    def visits(self) -> tuple[tuple[int, tuple[Line, ...]], ...]:
        """Lines by visit."""
        numbers = sorted({line.visit for line in self.lines})
        return tuple(
            (number, tuple(line for line in self.lines if line.visit == number))
            for number in numbers
        )

    def line_at(self, site: Site) -> Line | None:
        """The line of a site."""
        return next((line for line in self.lines if line.site == site), None)


@lru_cache(maxsize=64)
def examined(text: str) -> Assessment:
    """What the model says of a stored case; the same text gives the same answer to the bit."""
    return examine(parse_case(text).examination())


def roots_to_plan(
    verdict: str, concluded: Sequence[str], found: Assessment
) -> tuple[Root, ...] | None:
    """The roots that a plan is for; none at all where it is for those of the model's answer.

    That is so where the answer was accepted and nothing else was named. In every other case what
    the practitioner named holds: an edited answer, one that was rejected or not looked at, and one
    that was accepted beside other roots than its own. Naming no root is a conclusion then, too.
    """
    named = tuple(Root.parse(name) for name in concluded)
    own = {item.root for item in planned_roots(found, DEFAULT)}
    if verdict == "accepted" and (not named or set(named) == own):
        return None
    return named


def draft_of(
    case: str,
    screening: Screening,
    changes: Iterable[Change],
    *,
    is_first_visit: bool,
    roots: Sequence[Root] | None = None,
) -> Draft:
    """A plan as it stands.

    Args:
        case: The stored case of the assessment.
        screening: The answers that stand now.
        changes: In the order in which they were made.
        is_first_visit: Whether needling is new to this person here.
        roots: Those that were concluded; left out, those of the model's answer.
    """
    assessment = examined(case)
    proposal = plan(assessment, screening, first_visit=is_first_visit, roots=roots)
    lines = [Line(one, one.visit, one.dose.insertions) for one in proposal.sites]
    taken_out: list[TakenOut] = []
    dropped: list[tuple[str, str]] = []
    sessions = int(rulebook().dose_rules["sessions"].value)
    dose = dose_of(proposal.screening)
    said: dict[str, SaidBeside] = {}
    for change in changes:
        if change.kind == "drop":
            dropped.append((change.site, change.reason))
            continue
        if change.kind in {"adjunct", "dose"}:
            name = change.site or f"{_ADDED}{change.number}"
            said[name] = SaidBeside(change.words or "", change.reason, change.staff.name)
            continue
        if change.kind == "sessions":
            sessions = change.to or sessions
            continue
        site = site_of(change.site, change.side, change.level)
        lines = _changed(lines, change, site, assessment, dose)
        if change.kind == "remove":
            taken_out.append(TakenOut(site, change.reason))
        elif change.kind == "add":
            taken_out = [one for one in taken_out if one.site != site]
    return Draft(
        assessment, proposal, tuple(lines), tuple(taken_out), tuple(dropped), sessions, said
    )


def site_of(name: str, side: str, level: str) -> Site:
    """A muscle that a needle can be put into.

    Raises:
        CannotPlan: It is none.
    """
    if name not in atlas().muscles:
        raise CannotPlan("Choose a muscle of the list.")
    try:
        return atlas().site(name, side, level)
    except InputError as error:
        raise CannotPlan(str(error)) from None


def _changed(
    lines: list[Line], change: Change, site: Site, assessment: Assessment, dose: Dose
) -> list[Line]:
    at = next((place for place, line in enumerate(lines) if line.site == site), None)
    if change.kind == "add":
        if at is not None:
            return lines
        short = next((one.probability for one in assessment.muscles if one.site == site), None)
        return [*lines, added_line(site, change.to or 1, change.reason, dose=dose, short=short)]
    if at is None:  # the proposal no longer holds it: the answers changed since
        return lines
    line = lines[at]
    if change.kind == "remove":
        return lines[:at] + lines[at + 1 :]
    if change.kind in {"up", "down"}:
        to = at + (1 if change.kind == "down" else -1)
        if 0 <= to < len(lines):
            lines = [*lines]
            lines[at], lines[to] = lines[to], lines[at]
        return lines
    new = (
        replace(line, visit=change.to or line.visit)
        if change.kind == "visit"
        else replace(line, insertions=change.to or line.insertions)
    )
    return [*lines[:at], new, *lines[at + 1 :]]


def added_line(
    site: Site,
    visit: int = 1,
    reason: str = "",
    *,
    dose: Dose | None = None,
    short: float | None = None,
) -> Line:
    """A line that no proposal held, with its own hazards and what is known of its depth."""
    dose = dose or Dose(DEFAULT.insertions_per_site, False, ())
    attachment = atlas().attachments.get(site.name)
    planned = PlannedSite(
        target=Target(site, (Role("local", None),), short, ()),
        priority=1,
        visit=visit,
        dose=dose,
        hazards=site_hazards(site),
        tendon=attachment.tendon if attachment else "",
        attachment_site=attachment.attachment_site if attachment else "",
        joint_ids=attachment.joint_ids if attachment else (),
        loads=attachment.loads if attachment else "",
        rests_on=(),
    )
    return Line(planned, visit, dose.insertions, reason)


def why_not_at(site: Site, assessment: Assessment, state: VisitScreening) -> str:
    """Why no needle may be planned at a site, whatever anybody wishes; empty: it may.

    The record's own rule decides, the one that a session is recorded by; to it comes what the
    examination found there.
    """
    if acute_at(site, assessment.findings):
        return ACUTE
    return decide(state, site.name, site.side).words


def warnings_of(
    draft: Draft, state: VisitScreening, *, is_first_visit: bool
) -> tuple[tuple[int, SessionWarning], ...]:
    """Rules over each visit that the lines touch, stops first."""
    screening = state.screening
    areas = _areas(draft, screening)
    found = []
    for number, lines in draft.visits:
        sites = [SessionSite(line.site, line.insertions) for line in lines]
        found += [
            (number, warning)
            for warning in session_rules(
                sites, screening.within(areas), is_first_visit and number == 1
            )
        ]
    return tuple(found)


def _areas(draft: Draft, screening: Screening) -> frozenset[str]:
    areas = set(draft.proposal.screening.areas) & set(screening.areas)
    for line in draft.lines:
        areas |= areas_of(atlas().muscles[line.site.name].region)
    return frozenset(areas)


def obstacles(
    draft: Draft,
    state: VisitScreening,
    *,
    is_first_visit: bool,
    since: Sequence[Finding] = (),
) -> tuple[str, ...]:
    """Everything that keeps a plan from being signed; none: it may be.

    Stops, whatever else is said; what must be cleared first and is not; a plan for somebody whom
    the examination says to refer, then or since.

    Args:
        draft: The plan.
        state: The screening it stands under.
        is_first_visit: Whether needling is new to this person here.
        since: The findings that stand now, if they are others than those that it rests on.
    """
    found: list[str] = []
    for line in draft.lines:
        why = why_not_at(line.site, draft.assessment, state)
        if not why and acute_at(line.site, since):
            why = f"After the conclusion it was recorded: {ACUTE}"
        if why:
            found.append(f"{atlas().label(line.site)}: {why}")
    # What the conclusion held already counts as a yes of the screening, which may be cleared.
    then = {one.key for one in draft.assessment.refers}
    new = [one for one in sort_findings(since).refers if one.key not in then]
    refers = dict.fromkeys(one.sign for one in new)
    if refers:
        signs = ", ".join(atlas().signs[name].name for name in refers)
        advice = rulebook().screening_items[UPPER_MOTOR_NEURON].advice
        found.append(f"Recorded after the conclusion: {signs}. {advice}")
    found += [
        f"Visit {number}: {warning.words}"
        for number, warning in warnings_of(draft, state, is_first_visit=is_first_visit)
        if warning.effect in {"stop", "clear_first"} and not _is_said(warning.words, found)
    ]
    if draft.proposal.screening.why_not("needling") is not None and draft.lines:
        blocked = draft.proposal.screening.why_not("needling")
        found.append(blocked.item.advice if blocked else "")
    return tuple(dict.fromkeys(found))


def _is_said(words: str, found: Sequence[str]) -> bool:
    return any(words in one for one in found)


def check_change(draft: Draft, change: Change, state: VisitScreening) -> None:
    """Refuse a change that cannot be.

    Raises:
        CannotPlan: It lacks a reason, names what is not there, or a stop forbids it.
    """
    if change.kind in {"adjunct", "dose"} and not (change.words or "").strip():
        raise CannotPlan("Say how much." if change.site else "Say what, and how much.")
    if change.kind in NEEDS_A_REASON and not change.reason.strip():
        raise CannotPlan("Say why: the reason is kept with the plan.")
    if change.kind in {"drop", "dose"} and change.site not in draft.beside:
        raise CannotPlan("This is not in the plan.")
    if change.kind == "sessions" and not 1 <= (change.to or 0) <= MOST_SESSIONS:
        raise CannotPlan(f"The visits must be between 1 and {MOST_SESSIONS}, got {change.to}.")
    if change.kind not in NOT_AT_A_SITE:
        _check_site(draft, change, state)


def _check_site(draft: Draft, change: Change, state: VisitScreening) -> None:
    site = site_of(change.site, change.side, change.level)
    if change.kind == "add":
        if draft.line_at(site) is not None:
            raise CannotPlan("This site is in the plan already.")
        why = why_not_at(site, draft.assessment, state)
        if why:
            raise CannotPlan(f"{atlas().label(site)} cannot be planned. {why}")
    elif draft.line_at(site) is None:
        raise CannotPlan("This site is not in the plan.")
    visit = 1 if change.to is None else change.to
    if change.kind in {"visit", "add"} and not 1 <= visit <= MOST_VISITS:
        raise CannotPlan(f"The visit must be between 1 and {MOST_VISITS}, got {change.to}.")
    if change.kind == "insertions" and not 1 <= (change.to or 0) <= MOST_INSERTIONS:
        raise CannotPlan(f"Insertions must be between 1 and {MOST_INSERTIONS}, got {change.to}.")


def content_of(
    draft: Draft, state: VisitScreening, consent_lacks: Sequence[str], *, is_first_visit: bool
) -> dict[str, Any]:
    """A plan as it is signed: all of it as plain values, with what consent did not cover then."""
    return {
        "lines": [line.to_dict() for line in draft.lines],
        "taken_out": [
            {"site": str(one.site), "label": atlas().label(one.site), "reason": one.reason}
            for one in draft.taken_out
        ],
        "adjuncts": [_dosed(one, said) for one, said in draft.dosed_adjuncts],
        "home_programme": [_dosed(one, said) for one, said in draft.dosed_exercises],
        "added": [one.to_dict() for one in draft.added.values()],
        "left_out": [{"name": name, "reason": why} for name, why in draft.left_out_names],
        "sessions": draft.sessions,
        "warnings": [
            {"visit": number, **warning.to_dict()}
            for number, warning in warnings_of(draft, state, is_first_visit=is_first_visit)
        ],
        "screening": state.screening.to_dict(),
        "consent_lacks": list(consent_lacks),
        "proposal": draft.proposal.to_dict(),
        "is_first_visit": is_first_visit,
        "tried": tried_words(),
    }


def _dosed(one: PlannedAdjunct | HomeExercise, said: SaidBeside | None) -> dict[str, Any]:
    return {**one.to_dict(), **({"said": said.to_dict()} if said else {})}


def mark_of(
    draft: Draft,
    state: VisitScreening,
    changes: int,
    *,
    is_first_visit: bool,
    since: Sequence[Finding],
    consent_lacks: Sequence[str],
) -> str:
    """What tells a plan that was read from one that is not the same any more.

    It changes with each change of the plan, each answer that raises something or lets something
    go, each sign that is found after the conclusion, and with what consent covers.
    """
    content = content_of(draft, state, consent_lacks, is_first_visit=is_first_visit)
    found = sorted(str(one) for one in since)
    return digest(canonical_json([changes, content, found]))


def dose_rules(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The numbers that the doses of some lines rest on, each once; a line of old may have none."""
    doses = [line["dose"] for line in lines if "dose" in line]
    return list({rule["name"]: rule for dose in doses for rule in dose["rules"]}.values())


def lines_in(content: Mapping[str, Any]) -> tuple[Line, ...]:
    """The lines of a signed plan: where, in which visit and how often."""
    return tuple(
        replace(
            added_line(site_of(one["site"], one["side"], one["level"]), one["visit"]),
            insertions=one["insertions"],
        )
        for one in content["lines"]
    )


def with_lines(proposal: Plan, lines: Sequence[Line]) -> Plan:
    """The proposal as it was changed: what a simulation of this plan starts from."""
    sites = tuple(
        replace(
            line.planned,
            priority=place,
            visit=line.visit,
            dose=line.dose,
        )
        for place, line in enumerate(lines, start=1)
    )
    return replace(proposal, sites=sites)
