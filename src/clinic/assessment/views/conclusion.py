"""Concluding: what the practitioner makes of the findings and of the model; then it stays."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from clinic.accounts.keeping import kept_form, status
from clinic.accounts.queries import sender_of
from clinic.assessment import actions, inference
from clinic.assessment.evidence import OF_AN_ASSESSMENT, claims_of
from clinic.assessment.forms import ConclusionForm
from clinic.assessment.grounds import Grounds, Why, grounds_then, is_as_kept
from clinic.assessment.models import Assessment
from clinic.assessment.places import home_of, name_of
from clinic.assessment.queries import (
    assessments_of,
    case_now,
    facts_of,
    has_seen_model,
    impression_of,
    readings_of,
)
from clinic.assessment.rules import canonical_json, digest, findings_of, how_tested, may_conclude
from clinic.assessment.views.asking import (
    model_is_shown,
    patient_of,
    roles_of,
    staff_of,
    visit_of,
)
from clinic.doors import Permission, permitted
from myotome.case import parse_case
from myotome.examination import Finding
from myotome.report.words import finding_words

P = Permission
OVERTAKEN = (
    "Something was recorded after this page was read. Above it is as it stands now: look whether "
    "it changes what you conclude, then keep it."
)


@permitted(P.WRITE_CHART, patient="key", shows="conclusion")
def conclude(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Conclude from what stands: roots, words, and what one makes of the model's answer."""
    found, staff = visit_of(request, visit), staff_of(request)
    if not may_conclude(roles_of(request)):
        raise Http404
    standing = readings_of(found)
    findings = findings_of(standing.recorded)
    seen = has_seen_model(found, staff)  # whoever saw it says what they make of it
    answer = (
        inference.answer(findings, facts_of(found), len(standing.aside))
        if findings and seen
        else None
    )
    form = kept_form(request, ConclusionForm, seen=seen, answer=answer)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.conclude(
                found,
                staff=staff,
                by=sender_of(request),
                shown=request.POST.get("shown", ""),
                **form.chosen(),
            )
        except actions.ChangedMeanwhile:
            form.add_error(None, OVERTAKEN)
        except actions.Contested:
            form.add_error(None, "Two people wrote different readings. Settle which holds first.")
        except actions.NothingFound:
            form.add_error(None, "Nothing is recorded yet. Record a first sign.")
        else:
            return redirect("assessment:assessment", key=key, pk=made.pk)
    context = {
        "visit": found,
        "form": form,
        "answer": answer,
        "seen": seen,
        "count": len(findings),
        "shown": case_now(found, standing)[0].hash,
        "refers": inference.refers(findings),
        "contested": [(name_of(one), home_of(one)) for one in standing.aside],
        "impression": impression_of(found, staff),
        "earlier": assessments_of(found),
    }
    return render(request, "assessment/conclude.html", context, status=status(form, request))


def assessment_of(request: HttpRequest, pk: uuid.UUID) -> Assessment:
    """An assessment of this patient, and of nobody else."""
    return get_object_or_404(
        Assessment.objects.select_related("visit__patient", "visit__site", "staff", "impression"),
        pk=pk,
        visit__patient=patient_of(request),
    )


def _shown(output: dict[str, Any]) -> list[dict[str, Any]]:
    """The likeliest roots of a stored answer."""
    shown = [one for one in output["roots"] if one["probability"] >= inference.SHOWN_FROM]
    return shown[: inference.MOST_OPEN]


def _said_of(findings: Iterable[Finding]) -> dict[tuple[str, ...], list[str]]:
    """Findings in words, by their sign and place as a stored answer names them."""
    said: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in findings:
        at = one.site
        said[one.sign, at.name, at.level, at.side].append(finding_words(one))
    return said


def _rami(support: dict[str, Any]) -> tuple[str, str]:
    """What was found at the front ramus of a root and at its back ramus."""
    return (
        inference.RAMUS_WORDS[support["anterior"]],
        inference.RAMUS_WORDS[support["posterior"]],
    )


def _place(one: dict[str, str]) -> tuple[str, ...]:
    return one["sign"], one["site"], one.get("level", ""), one["side"]


def _reasons(output: dict[str, Any], grounds: Grounds) -> list[tuple[str, list[Why], list[Why]]]:
    """Each root that is shown and that a finding speaks to, with what speaks for it and against."""
    found = [(one["root"], grounds.of(one["root"])) for one in _shown(output)]
    return [
        (root, [one for one in reasons if one.is_for], [one for one in reasons if not one.is_for])
        for root, reasons in found
        if reasons
    ]


@permitted(P.READ_CHART, patient="key", shows="assessment")
def assessment(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """An assessment as it was stored; whether today's program says the same of its case."""
    found = assessment_of(request, pk)
    model_is_shown(request, found.visit)
    output = json.loads(found.output)
    case = parse_case(found.case)
    again = inference.computed_anew(case.examination())
    now = canonical_json(again.to_dict())
    grounds = grounds_then(found, again)
    said = _said_of(case.findings)
    context = {
        "found": found,
        "output": output,
        "refers": [words for one in output["refer"] for words in said[_place(one)]],
        "contradictions": [
            (words, one["root"]) for one in output["contradictions"] for words in said[_place(one)]
        ],
        "roots": [(one, *_rami(output["rami"][one["root"]])) for one in _shown(output)],
        "grounds": grounds,
        "why": _reasons(output, grounds) if grounds else [],
        "findings": [finding_words(one) + how_tested(one.test) for one in case.findings],
        "is_reproduced": digest(now) == found.output_hash,
        "is_whole": digest(found.output) == found.output_hash
        and case.hash == found.case_hash
        and is_as_kept(found.grounds),
        "plans": found.plans.select_related("signed").order_by("number"),
        "may_conclude": may_conclude(roles_of(request)),
        "claims": claims_of(OF_AN_ASSESSMENT),
    }
    return render(request, "assessment/assessment.html", context)


@permitted(P.READ_CHART, patient="key", shows="case file")
def case_file(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """The case that was given to the model, as a file without identity."""
    found = assessment_of(request, pk)
    response = HttpResponse(found.case, content_type="application/toml; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="case.toml"'
    return response
