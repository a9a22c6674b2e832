"""Of the living page: an examination, a plan, its weeks and a locked screen, as no one has them.

The parts are those of the pages, and what they show comes of the clinic's own rules and of the
model; only nothing of it was ever stored, and nobody was ever examined.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

from allauth.account.forms import ReauthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeForm
from django.utils.safestring import SafeString, mark_safe

from clinic.accounts.models import User
from clinic.assessment import jobs, pictures
from clinic.assessment.evidence import OF_A_PLAN, claim_of, claims_of
from clinic.assessment.forms import ChangeForm
from clinic.assessment.models import Assessment, Observation, Plan, PlanChange
from clinic.assessment.outcomes import pain_over
from clinic.assessment.places import Key, all_rows
from clinic.assessment.planning import Draft, Line, added_line, draft_of, site_of
from clinic.assessment.queries import Standing, standing_of
from clinic.assessment.rules import PersonFacts, as_finding, canonical, case_of
from clinic.assessment.views.examination import body_chart, zone_chart
from clinic.assessment.views.planning import sites_shown
from clinic.practice.models import Staff
from clinic.records.models import Visit
from clinic.records.screening.rules import VisitScreening, visit_screening
from clinic.treatment_rules import questions
from myotome.case import parse_case

NOBODY: Final = uuid.UUID(int=0)  # in the addresses of forms that lead nowhere
THEN: Final = datetime(2027, 3, 9, 18, 25, tzinfo=UTC)
VISIT: Final = Visit(pk=NOBODY, patient_id=NOBODY, kind="first", starts_at=THEN)
STAFF: Final = Staff(pk=1, name="Rowan Example")
BAND: Final = Key("taut_band", "brachioradialis", "", "right")
TENDER: Final = Key("tender_paraspinal", "multifidus_cervicalis", "C6", "right")
PIN: Final = Key("pin_less", "thumb", "", "right")
FOUND: Final = ((BAND, 3), (TENDER, 3), (PIN, 2))
FIRST: Final = "plan-changed"
DRAWS: Final = 16
RIVALS: Final = ("segmental_root", "context_only")


def read(key: Key, number: float, pk: int = 1, staff: Staff = STAFF) -> Observation:
    """A reading that was never stored."""
    is_grade = all_rows()[key].measure == "grade"
    return Observation(
        pk=pk,
        **key._asdict(),
        revision=pk,
        grade=int(number) if is_grade else None,
        value=None if is_grade else number,
        staff=staff,
        at=THEN,
    )


# ------------------------------------------------------------- where it was found


def _standing() -> Standing:
    return standing_of(read(key, grade, pk) for pk, (key, grade) in enumerate(FOUND, start=1))


@cache
def body_charts() -> tuple[tuple[str, dict[str, Any]], ...]:
    """The body to touch with three signs, and with none."""
    return (
        ("Three signs on the right", body_chart(VISIT, _standing())),
        ("Nothing recorded yet", body_chart(VISIT, Standing())),
    )


@cache
def zones() -> tuple[tuple[str, dict[str, Any]], ...]:
    """A hand seen closer, and the neck with its levels."""
    found = {one.title: one for one in pictures.zones()}
    return tuple(
        (words, {"title": "h4", **zone_chart(VISIT, found[title], standing)})
        for words, title, standing in (
            ("A hand seen closer, one sign", "Hand, palm, right", _standing()),
            ("Beside the spine, with its levels", "Neck, back", Standing()),
        )
    )


@cache
def ladders() -> tuple[tuple[str, list[Any]], ...]:
    """Levels of the spine: with a sign at one, with none, and where there are few."""
    found = {one.title: one for one in pictures.zones()}
    return tuple(
        (words, zone_chart(VISIT, found[title], standing)["ladder"])
        for words, title, standing in (
            ("Neck, one sign at C6 on the right", "Neck, back", _standing()),
            ("Chest, nothing recorded", "Upper back", Standing()),
            ("Loin, nothing recorded", "Loin", Standing()),
            ("Sacrum, nothing recorded", "Buttocks and sacrum", Standing()),
        )
    )


# ------------------------------------------------------------------------ the plan


@cache
def _case() -> str:
    findings = tuple(as_finding(key, read(key, grade)) for key, grade in FOUND)
    return canonical(case_of(findings, PersonFacts(45, duration_weeks=20.0, pain_nprs=6.0)))


def _answered(*yes: str, left_out: str = "") -> VisitScreening:
    """A signed screening: no to all but some, and one perhaps not answered."""
    given = {name: "yes" if name in yes else "no" for name in questions() if name != left_out}
    return visit_screening([], given)


def _draft(state: VisitScreening, *changes: PlanChange) -> Draft:
    return draft_of(_case(), state.screening, changes, is_first_visit=True)


def _plan(verdict: str = Assessment.Verdict.ACCEPTED, concluded: Sequence[str] = ()) -> Plan:
    made = Assessment(pk=NOBODY, verdict=verdict, concluded=list(concluded))
    return Plan(pk=NOBODY, assessment=made, number=1)


def _shown(
    key: str,
    state: VisitScreening,
    draft: Draft,
    concluded: Sequence[str] = ("C6-right",),
    **more: Any,  # noqa: ANN401 - of the parts
) -> dict[str, Any]:
    """What the parts of a plan are given, as its page gives it."""
    return {
        "of_example": f"{key}-",
        "part": "h4",
        "plan": _plan(concluded=concluded),
        "draft": draft,
        "state": state,
        "screening": state.screening,
        "asked_at": VISIT,
        "missing": draft.proposal.missing,
        "number": 2,
        "form": ChangeForm(auto_id=f"{key}-%s").to_add(),
        "can_write": True,
        **sites_shown(draft, state, tuple(concluded), is_first_visit=True),
        **({} if key == FIRST else {"sites": ()}),  # the names to choose from stand once
        **more,
    }


@cache
def plans() -> tuple[tuple[str, dict[str, Any]], ...]:
    """A plan in each of its states."""
    clear = _answered()
    changed = _draft(
        clear,
        PlanChange(kind="remove", site="multifidus_cervicalis", level="C7", side="right",
                   reason="Could not lie prone any longer"),
        PlanChange(kind="add", site="rhomboideus_major", side="right", to=2,
                   reason="Tender today"),
    )  # fmt: skip
    whole = _draft(clear)
    last = replace(whole, lines=whole.lines[-1:])
    unanswered, stopped = _answered(left_out="cauda_equina"), _answered("fast_weakness")
    wanted = _answered("fever_today", "anticoagulant")
    typed = {"number": "2", "kind": "add", "muscle": "brachioradialiss", "side": "right"}
    wrong = ChangeForm(typed, auto_id="plan-wrong-%s")
    wrong.full_clean()
    return (
        ("Proposed and changed", _shown(FIRST, clear, changed)),
        ("To be read only, on a root that was not concluded",
         _shown("plan-read", clear, last, ["C7-right"], can_write=False)),
        ("No site", _shown("plan-empty", clear, replace(whole, lines=()))),
        ("A question that can stop is not answered",
         _shown("plan-missing", unanswered, _draft(unanswered))),
        ("An answer stops", _shown("plan-stopped", stopped, _draft(stopped))),
        ("To be cleared first, and a caution", _shown("plan-wanted", wanted, _draft(wanted))),
        ("A muscle that there is not",
         _shown("plan-wrong", clear, last, form=wrong.to_add())),
        ("A reason is lacking",
         _shown("plan-reason", clear, last, wrong="Say why: the reason is kept with the plan.")),
    )  # fmt: skip


@cache
def sites() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Single sites, by what a needle can harm there and what is known of its depth."""
    state = _answered()
    draft = _draft(state)
    named = (
        ("Critical, and no depth is known", draft.lines[0]),
        ("A depth that was measured", _added("rhomboideus_major", "right", 2)),
        ("A depth that did harm, and none that is safe", _added("infraspinatus", "right", 1)),
        ("High and low", _added("deltoideus_clavicularis", "left", 3)),
    )
    return tuple(
        (
            words,
            {
                "part": "h4",
                "of_example": f"site-{number}-",
                "can_write": False,
                "one": shown,
                **shown,
            },
        )
        for number, (words, line) in enumerate(named, start=1)
        for shown in sites_shown(
            replace(draft, lines=(line,)), state, ("C6-right",), is_first_visit=True
        )["lines"]
    )


def _added(muscle: str, side: str, visit: int) -> Line:
    return added_line(site_of(muscle, side, ""), visit, "Tender today")


def signed_line() -> dict[str, Any]:
    """A site as it was signed."""
    return _draft(_answered()).lines[-1].to_dict()


# ------------------------------------------------------------- weeks and outcomes


@cache
def weeks() -> tuple[tuple[str, dict[str, Any]], ...]:
    """The weeks of a plan: none to show, the central run, and runs beside a rival."""
    from myotome.report.course_section import pain_figure  # noqa: PLC0415 - loads the simulation

    lines = _draft(_answered()).lines
    given = jobs.given_of(_case(), lines, "rate")
    central = pain_figure(parse_case(_case()), jobs.course_of(given), "central")
    courses = {name: jobs.course_of(given, rival=name, draws=DRAWS) for name in RIVALS}
    best = SimpleNamespace(
        fidelity="rate", job=SimpleNamespace(result={"draws": DRAWS})
    )  # what a job leaves
    return (
        ("No site is planned", {"lines": ()}),
        ("No root was concluded", {"lines": lines, "has_course": False}),
        (
            "At once: the central run, of which the pain is shown here",
            {"lines": lines, "has_course": True, "section": _safe(str(central))},
        ),
        (
            "When it is computed: bands, single runs, a rival",
            {
                "lines": lines,
                "has_course": True,
                "best": best,
                "section": _safe(jobs.section_of(given, courses[RIVALS[0]], courses)),
            },
        ),
    )


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - drawn by the report


def followed() -> tuple[tuple[str, Any], ...]:
    """Pain through visits that never were."""

    def asked(number: int, *pains: float | None) -> Any:  # noqa: ANN401 - what the part takes
        days = (0, 7, 21, 42, 63)
        held = [(THEN + timedelta(days=day), pain) for day, pain in zip(days, pains, strict=False)]
        return pain_over(held, number)

    return (
        ("Four answers, and a visit at which nobody asked", asked(1, 7.0, 6.0, None, 4.0, 3.0)),
        ("A change that people may not notice", asked(2, 6.0, 7.0, 5.0)),
        ("One answer", asked(3, 6.0)),
        ("Never asked", None),
    )


def claims() -> tuple[Any, ...]:
    """What was studied of some claims, and a claim that nobody has studied."""
    nobody = "A claim that nobody has studied"
    return (*claims_of(OF_A_PLAN), claim_of("nobody", nobody, ()))


# ------------------------------------------------------------------ the locked screen


def locked() -> tuple[tuple[str, dict[str, Any]], ...]:
    """The locked screen by each way in."""

    def typed(form: Any, key: str, **data: str) -> Any:  # noqa: ANN401 - a form of the library
        return form(data or None, user=User(), auto_id=f"locked-{key}-%s")

    others = [{"url": "#c-locked", "description": "Use your password"}]
    way = {"title": "h4", "part": "h5", "sent_to": "#c-locked"}
    by_hand = {**way, "way": "accounts/way_typed.html"}
    return (
        ("By passkey, with another way",
         {**way, "way": "accounts/way_passkey.html", "reauthentication_alternatives": others}),
        ("By password", {**by_hand, "form": typed(ReauthenticateForm, "password")}),
        ("By password, and nothing was typed",
         {**by_hand, "form": typed(ReauthenticateForm, "nothing", password="")}),
        ("By a code of an app", {**by_hand, "form": typed(CodeForm, "code")}),
        ("In a demonstration", {**way, "way": "accounts/way_demonstration.html"}),
    )  # fmt: skip
