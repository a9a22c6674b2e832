"""The story of a treatment: problem, visits in a line, what is due; the unfinished work."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from clinic.accounts.keeping import kept_form, status
from clinic.accounts.queries import actor_of, sender_of, signed_in_user
from clinic.assessment import actions
from clinic.assessment.forms import CopyForm, HistoryForm, TemplateForm
from clinic.assessment.models import History
from clinic.assessment.outcomes import pain_over
from clinic.assessment.places import name_of
from clinic.assessment.queries import (
    due_for,
    history_of,
    known_of,
    last_note_before,
    latest_plan,
    sensation_of,
    timeline_of,
    work_of,
)
from clinic.assessment.rules import copied, note_of
from clinic.assessment.views.asking import patient_of, staff_of, visit_of
from clinic.audit.actions import record_alone
from clinic.doors import Permission, Who, door, permitted
from clinic.patients.rules import may
from clinic.practice.queries import Duties
from clinic.records.actions import TypedElsewhere
from clinic.records.drawing.pages import drawn_or_unopened
from clinic.records.note_templates.actions import begin_note as keep_begun
from clinic.records.note_templates.queries import current_templates
from clinic.records.queries import draft_of
from clinic.records.replies.queries import waiting
from clinic.records.sheets.queries import titles

P = Permission
PAIN = "pain_nprs"


@permitted(P.READ_CHART, patient="key", shows="course of treatment")
def course(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Problem and goal, every visit in a line, what was concluded and planned, what is due."""
    patient = patient_of(request)
    told, signed = history_of(patient), latest_plan(patient)
    examined, felt = sensation_of(patient)
    drawn, unopened = drawn_or_unopened(patient)
    timeline = timeline_of(patient)
    context = {
        "examined": examined,
        "felt": [(name_of(one.key), one) for one in felt],
        "history": told,
        "timeline": timeline,
        "followed": pain_over([(line.visit.starts_at, line.pain) for line in timeline]),
        "due": due_for(told, signed),
        "replies": waiting([patient.pk], unopened),
        "signed": signed,
        "drawings": drawn[:2],
        "can_write": may(P.WRITE_CHART, request.standing),  # type: ignore[attr-defined]
    }
    return render(request, "assessment/course.html", context)


@permitted(P.WRITE_CHART, patient="key", shows="history")
def history(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """The problem as it is told in this visit; what was told before stays as it was."""
    found = visit_of(request, visit)
    told = found.histories.order_by("-revision").first()
    latest = told or history_of(found.patient)
    form = kept_form(request, HistoryForm, initial=_told_again(told, latest))
    if told is None and latest is not None and latest.pain_nprs is not None:
        then = f"{latest.pain_nprs:g} on {timezone.localdate(latest.visit.starts_at):%d-%b-%Y}"
        form.fields[PAIN].help_text = f"Then {then}. Left empty it counts as not asked."
    theirs = None
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        revision = values.pop("revision") or 0
        try:
            actions.save_history(
                found, values, revision=revision, staff=staff_of(request), by=sender_of(request)
            )
        except actions.SavedMeanwhile as error:
            theirs = error.latest
            form = HistoryForm(
                {**request.POST.dict(), "revision": str(theirs.revision if theirs else 0)}
            )
        else:
            return redirect("assessment:examination", key=key, visit=visit)
    context = {"visit": found, "form": form, "theirs": theirs, "told_before": latest}
    code = 409 if theirs else status(form, request)
    return render(request, "assessment/history.html", context, status=code)


def _told_again(told: History | None, latest: History | None) -> dict[str, Any]:
    """What a history begins with: as it was told last, but for pain, which is asked anew."""
    held = told or latest
    if held is None:
        return {"revision": 0}
    names = ("words", *(name for name in HistoryForm.base_fields if name != "revision"))
    begun = {name: getattr(held, name) for name in names}
    if told is None:
        begun[PAIN] = None
        begun["words"] = {name: said for name, said in (held.words or {}).items() if name != PAIN}
    return {**begun, "revision": told.revision if told else 0}


@permitted(P.WRITE_CHART, patient="key", shows="last note")
def begin_note(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Begin the note: from headings and what the record holds today, or from the last note.

    Of the last note only what is said to hold today comes over.
    """
    found, staff = visit_of(request, visit), staff_of(request)
    last = last_note_before(found)
    paragraphs = [line.strip() for line in last.text.splitlines() if line.strip()] if last else []
    is_template = "template" in request.POST
    template = TemplateForm(request.POST if is_template else None, own=current_templates())
    form = CopyForm(
        request.POST if request.method == "POST" and not is_template else None,
        paragraphs=paragraphs,
    )
    sent: TemplateForm | CopyForm = template if is_template else form
    if request.method == "POST" and sent.is_valid():
        if is_template:
            text, begun_with = template.chosen()
            kept = [note_of(text, known_of(found))]
        else:
            kept, begun_with = form.kept(), "the last note"
        draft = draft_of(found, staff)
        try:
            keep_begun(
                found,
                staff,
                copied(draft.text if draft else "", kept),
                revision=draft.revision if draft else 0,
                begun_with=begun_with,
                by=sender_of(request),
            )
        except TypedElsewhere:
            sent.add_error(None, "You typed on in another page meanwhile. Send this again.")
        else:
            return redirect("records:visit", key=key, visit=visit)
    context = {"visit": found, "form": form, "template": template, "last": last}
    return render(request, "assessment/begin_note.html", context, status=status(sent, request))


@door(Who.SIGNED_IN)
def work(request: HttpRequest) -> HttpResponse:
    """What is unfinished, expiring or due for whoever is signed in."""
    duties: Duties = request.duties  # type: ignore[attr-defined]
    found = work_of(signed_in_user(request), duties)
    record_alone("unfinished work listed", by=actor_of(request), found=found.count)
    named = titles()
    forms = [(sheet, named.get(sheet.form, sheet.form)) for sheet in found.forms]
    coming = [(due, [named.get(form, form) for form in due.forms]) for due in found.coming]
    context = {"work": found, "forms": forms, "coming": coming}
    return render(request, "assessment/work.html", context)
