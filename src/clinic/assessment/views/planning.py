"""The plan: the proposal, changed with reasons, signed once; and the illustration of its weeks."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from clinic.accounts.queries import actor_of, sender_of
from clinic.assessment import actions
from clinic.assessment.evidence import OF_A_PLAN, claims_of
from clinic.assessment.forms import ChangeForm, muscle_sites
from clinic.assessment.jobs import FIDELITIES, central_section, given_of
from clinic.assessment.models import Illustration, Plan, PlanChange
from clinic.assessment.planning import (
    CannotPlan,
    Draft,
    Line,
    dose_rules,
    mark_of,
    obstacles,
    warnings_of,
)
from clinic.assessment.queries import (
    begins_course,
    concluded_in,
    drafted,
    found_since,
    lacking_in,
    lines_of,
    planned_anew,
)
from clinic.assessment.rules import canonical_json, digest, may_conclude
from clinic.assessment.templatetags.plan_acts import ACTS, field_id
from clinic.assessment.views.asking import model_is_shown, patient_of, roles_of, staff_of
from clinic.assessment.views.conclusion import assessment_of
from clinic.doors import Permission, permitted
from clinic.outbox.models import Job
from clinic.records.consent.queries import lacking_for
from clinic.records.screening.queries import asked_last
from clinic.records.screening.rules import VisitScreening
from myotome.atlas import atlas
from myotome.report.published_cases import tried_words

P = Permission


def _plan(request: HttpRequest, pk: uuid.UUID) -> Plan:
    return get_object_or_404(
        Plan.objects.select_related("assessment__visit__patient", "assessment__staff", "staff"),
        pk=pk,
        assessment__visit__patient=patient_of(request),
    )


def _only_practitioners(request: HttpRequest) -> None:
    if not may_conclude(roles_of(request)):
        raise Http404


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def begin(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """Take up the model's proposal for an assessment."""
    _only_practitioners(request)
    plan = actions.begin_plan(
        assessment_of(request, pk), staff=staff_of(request), by=actor_of(request)
    )
    return redirect("assessment:plan", key=key, pk=plan.pk)


@permitted(P.READ_CHART, patient="key", shows="plan")
def plan_page(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """A plan: as it was signed, or as it stands."""
    return _page(request, _plan(request, pk))


def _page(
    request: HttpRequest,
    plan: Plan,
    form: ChangeForm | None = None,
    wrong: str = "",
    code: int = 200,
) -> HttpResponse:
    signed = getattr(plan, "signed", None)
    model_is_shown(request, plan.assessment.visit)  # it says where the answer differs
    patient = plan.assessment.visit.patient
    if signed is not None:
        content = json.loads(signed.content)
        context = {
            "plan": plan,
            "signed": signed,
            "content": content,
            "rules": dose_rules(content["lines"]),
            "consent_lacks": lacking_for(patient, [line["site"] for line in content["lines"]]),
            "consent_at": plan.assessment.visit,
            "is_whole": digest(signed.content) == signed.digest,
            "changes": plan.changes.select_related("staff").order_by("number"),
        }
        return render(request, "assessment/plan_signed.html", context, status=code)
    draft, screening, is_first = drafted(plan)
    asked_at = asked_last(plan.assessment.visit)
    conclusion, concluded = draft.proposal.conclusion, concluded_in(plan, draft)
    since, number = found_since(plan), plan.changes.count()
    lacks = lacking_in(draft, screening, patient)
    shown = sites_shown(draft, screening, concluded, is_first_visit=is_first)
    typed: dict[str, str] = {}
    wrong_at = ""
    if form is not None and form.data.get("kind") != PlanChange.Kind.ADD:
        # What stands in the plan is mended where it stands; the form adds what does not.
        typed = _refused(form, wrong, is_overtaken=code == 409)
        wrong, wrong_at = _told_above(typed, draft, shown["lines"])
        form = None
    context = {
        "plan": plan,
        "draft": draft,
        "screening": screening.screening,
        "state": screening,
        "asked_at": asked_at,
        "consent_lacks": lacks,
        "consent_at": asked_at,
        "asks_anew": begins_course(plan),
        "newer": planned_anew(plan),
        "missing": draft.proposal.missing,
        "conclusion": conclusion.to_dict() if conclusion else None,
        **shown,
        "typed": typed,
        "since": since,
        "obstacles": obstacles(draft, screening, is_first_visit=is_first, since=since),
        "changes": plan.changes.select_related("staff").order_by("number"),
        "number": number,
        "shown": mark_of(
            draft,
            screening,
            number,
            is_first_visit=is_first,
            since=since,
            consent_lacks=lacks,
        ),
        "form": (form or ChangeForm()).to_add(),
        "wrong": wrong,
        "wrong_at": wrong_at,
        "claims": claims_of(OF_A_PLAN),
        "versions": dict(draft.proposal.versions),
        "tried": tried_words(),
        "can_write": may_conclude(roles_of(request)),
        "is_first": is_first,
    }
    return render(request, "assessment/plan.html", context, status=code)


def _refused(form: ChangeForm, wrong: str, *, is_overtaken: bool) -> dict[str, str]:
    """A change as it was typed, what is wrong with it, and in which of its fields."""
    typed = {name: form.data.get(name, "") for name in ("kind", "at", "to", "words", "reason")}
    if not wrong:
        wrong = " ".join(str(error) for errors in form.errors.values() for error in errors)
        if typed["to"]:
            wrong = f"{wrong} You entered '{typed['to']}'."
    act = ACTS.get(typed["kind"])
    if act is None or is_overtaken:
        wrong_in = ""
    else:
        wrong_in = "to" if act.number and "reason" not in form.errors else "reason"
        if act.words and ("words" in form.errors or not typed["words"].strip()):
            wrong_in = "words"
    return {**typed, "wrong": wrong, "wrong_in": wrong_in}


def _told_above(
    typed: dict[str, str], draft: Draft, lines: list[dict[str, Any]]
) -> tuple[str, str]:
    """What is wrong as it is told above the plan, and where in the page it is mended."""
    at, field = typed["at"], typed["wrong_in"]
    line = next((one for one in lines if one["at"] == at), None)
    if line is not None:
        of, words = line["place"], f"{line['label']}: {typed['wrong']}"
        return words, field_id(typed["kind"], field, of) if field else f"line-{of}"
    if at and at not in draft.beside:
        return typed["wrong"], ""  # it stands in the plan no longer
    words = f"{draft.beside[at]}: {typed['wrong']}" if at else typed["wrong"]
    return words, field_id(typed["kind"], field, at) if field else ""


def sites_shown(
    draft: Draft, state: VisitScreening, concluded: tuple[str, ...], *, is_first_visit: bool
) -> dict[str, Any]:
    """The sites of a plan as they stand, in their order, with what is said over and under them.

    Args:
        draft: The plan.
        state: The screening it stands under.
        concluded: The roots that were concluded.
        is_first_visit: Whether needling is new to this person here.
    """
    return {
        "lines": [
            _shown(place, line, concluded) for place, line in enumerate(draft.lines, start=1)
        ],
        "rules": dose_rules({"dose": line.dose.to_dict()} for line in draft.lines),
        "beside": sum(bool(line.rests_beside(concluded)) for line in draft.lines),
        "warnings": warnings_of(draft, state, is_first_visit=is_first_visit),
        "left_out": [(atlas().label(one.target.site), one.why) for one in draft.proposal.left_out],
        "taken_out": [(atlas().label(one.site), one.reason) for one in draft.taken_out],
        "sites": muscle_sites(),
    }


def _shown(place: int, line: Line, concluded: tuple[str, ...]) -> dict[str, Any]:
    site = line.site
    return {
        "place": place,
        "line": line,
        "label": atlas().label(site),
        "at": f"{site.name}.{site.level}.{site.side}",
        "not_concluded": line.rests_beside(concluded),
    }


@permitted(P.WRITE_CHART, patient="key", shows="plan")
@require_POST
def change(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """Change one line of a plan; a stop forbids what it forbids, whatever is sent."""
    _only_practitioners(request)
    plan = _plan(request, pk)
    form = ChangeForm(request.POST)
    if not form.is_valid():
        return _page(request, plan, form, code=422)
    values = dict(form.cleaned_data)
    number = values.pop("number")
    one = PlanChange(staff=staff_of(request), **values)
    try:
        actions.change_plan(plan, one, number=number + 1, by=sender_of(request))
    except CannotPlan as error:
        return _page(request, plan, form, str(error), 422)
    except actions.ChangedMeanwhile:
        words = "Somebody else changed this plan meanwhile. It is shown as it stands now."
        return _page(request, plan, form, words, 409)
    except actions.Signed:
        messages.error(request, "This plan is signed. Begin a new one to change it.")
    return redirect("assessment:plan", key=key, pk=pk)


@permitted(P.WRITE_CHART, patient="key", shows="plan")
@require_POST
def take_out(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """Take out what rests on roots that were not concluded."""
    _only_practitioners(request)
    plan = _plan(request, pk)
    number = request.POST.get("number", "")
    try:
        actions.take_out_unconcluded(
            plan,
            number=int(number) + 1 if number.isdecimal() else -1,
            staff=staff_of(request),
            by=actor_of(request),
        )
    except (CannotPlan, actions.ChangedMeanwhile):
        words = "Somebody else changed this plan meanwhile. It is shown as it stands now."
        return _page(request, plan, wrong=words, code=409)
    except actions.Signed:
        messages.error(request, "This plan is signed. Begin a new one to change it.")
    return redirect("assessment:plan", key=key, pk=pk)


@permitted(P.WRITE_CHART, patient="key", shows="plan")
@require_POST
def sign(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """Sign a plan as it was read."""
    _only_practitioners(request)
    plan = _plan(request, pk)
    try:
        actions.sign_plan(
            plan,
            shown=request.POST.get("shown", ""),
            staff=staff_of(request),
            by=actor_of(request),
        )
    except CannotPlan as error:
        return _page(request, plan, wrong=f"Not signed. {error}", code=422)
    except actions.ChangedMeanwhile:
        words = "Not signed: a change or an answer came meanwhile. Read the plan as it is now."
        return _page(request, plan, wrong=words, code=409)
    except actions.Signed:
        pass
    return redirect("assessment:plan", key=key, pk=pk)


# ------------------------------------------------------------------- the weeks


@permitted(P.READ_CHART, patient="key", shows="illustration")
def weeks(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """The weeks of a plan as the model has them: the central run at once, the rest when done."""
    plan = _plan(request, pk)
    model_is_shown(request, plan.assessment.visit)
    lines = lines_of(plan)
    has_course = bool(lines) and plan.roots != ()
    if has_course:
        asked = {
            fidelity: _asked(plan, given_of(plan.assessment.case, lines, fidelity, plan.roots))
            for fidelity in FIDELITIES
        }
    else:
        asked = dict.fromkeys(FIDELITIES)
    best = next(
        (
            one
            for fidelity in ("spiking", "rate")
            for one in [asked[fidelity]]
            if one is not None and one.job.state == Job.State.DONE
        ),
        None,
    )
    running = [one for one in asked.values() if one is not None and _runs(one.job)]
    context: dict[str, Any] = {
        "plan": plan,
        "lines": lines,
        "has_course": has_course,
        "asked": asked,
        "running": running,
        "failed": [
            one
            for one in asked.values()
            if one is not None and one.job.state in {Job.State.FAILED, Job.State.CANCELLED}
        ],
        "stale": plan.illustrations.exclude(
            pk__in=[one.pk for one in asked.values() if one]
        ).count(),
        "best": best,
        "can_write": may_conclude(roles_of(request)),
    }
    if best is not None and best.job.result:
        context["section"] = mark_safe(best.job.result["html"])  # noqa: S308 - drawn by the report
    elif has_course:
        given = given_of(plan.assessment.case, lines, "rate", plan.roots)
        context["section"] = mark_safe(central_section(canonical_json(given)))  # noqa: S308 - as above
    return render(request, "assessment/weeks.html", context)


@permitted(P.READ_CHART, patient="key")
def weeks_progress(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """How far the jobs of a plan are, and nothing of what they compute: asking is no reading."""
    jobs = [one.job for one in _plan(request, pk).illustrations.select_related("job")]
    running = [job for job in jobs if _runs(job)]
    return JsonResponse({"running": [[job.done, job.total] for job in running]})


def _asked(plan: Plan, given: dict[str, Any]) -> Illustration | None:
    return next(
        (
            one
            for one in plan.illustrations.select_related("job").order_by("-at")
            if one.job.given == given
        ),
        None,
    )


def _runs(job: Job) -> bool:
    return job.state in {Job.State.QUEUED, Job.State.RUNNING}


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def ask_weeks(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """Have the weeks computed with bands and rivals, at rate level or with spikes."""
    _only_practitioners(request)
    fidelity = request.POST.get("fidelity", "rate")
    if fidelity not in FIDELITIES:
        raise Http404
    plan = _plan(request, pk)
    try:
        actions.ask_for_course(plan, fidelity, staff=staff_of(request), by=actor_of(request))
    except CannotPlan as error:
        messages.error(request, str(error))
    return redirect("assessment:weeks", key=key, pk=pk)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def stop_weeks(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:
    """Stop what is being computed for this plan and for no other."""
    _only_practitioners(request)
    if not actions.stop_course(_plan(request, pk), by=actor_of(request)):
        messages.info(
            request,
            "Another plan waits for the same course, so it goes on; this plan no longer does.",
        )
    return redirect("assessment:weeks", key=key, pk=pk)
