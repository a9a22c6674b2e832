"""Pages of visits: begin, write, sign, add, strike, co-sign, attach.

A note saves itself while it is typed, and by its button where there is no script. Signed, it is
never written over.
"""

from __future__ import annotations

import contextlib
import uuid

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clinic.accounts.keeping import kept_form, status
from clinic.accounts.queries import actor_of, sender_of, signed_in_user
from clinic.audit.actions import record_alone
from clinic.doors import Permission, Who, door, permitted
from clinic.patients.models import Patient
from clinic.patients.rules import Standing, may
from clinic.practice.models import Role, Staff
from clinic.practice.queries import Duties
from clinic.records import actions
from clinic.records.beforehand import health_before, needles_before
from clinic.records.consent.queries import consents_of, covered_today
from clinic.records.consent.texts import REGION_WORDS
from clinic.records.forms import AddendumForm, AttachmentForm, ErrorForm, NoteForm, VisitForm
from clinic.records.models import Attachment, Note, NoteMark, Visit
from clinic.records.offline import kept
from clinic.records.queries import awaiting_co_sign, draft_of, notes_of, visits_of
from clinic.records.rules import (
    ENDINGS,
    CannotAttach,
    may_co_sign,
    may_strike,
    needs_co_sign,
)
from clinic.records.screening.pages import panel
from clinic.records.sheets.queries import sheets_at, titles

P = Permission


def _patient(request: HttpRequest) -> Patient:
    patient: Patient = request.patient  # type: ignore[attr-defined]
    return patient


def _standing(request: HttpRequest) -> Standing:
    standing: Standing = request.standing  # type: ignore[attr-defined]
    return standing


def _staff(request: HttpRequest) -> Staff:
    duties: Duties = request.duties  # type: ignore[attr-defined]
    if duties.staff is None:
        raise Http404
    return duties.staff


def _visit(request: HttpRequest, visit: uuid.UUID) -> Visit:
    return get_object_or_404(Visit, pk=visit, patient=_patient(request))


def _note(request: HttpRequest, note: uuid.UUID) -> Note:
    return get_object_or_404(
        Note.objects.select_related("visit"), pk=note, visit__patient=_patient(request)
    )


def _sites(request: HttpRequest) -> list[int]:
    duties: Duties = request.duties  # type: ignore[attr-defined]
    here = _patient(request).sites.values_list("pk", flat=True)
    working = duties.sites_where(P.WRITE_CHART)
    return [pk for pk in here if pk in working]


@permitted(P.READ_CHART, patient="key", shows="visits")
def visits(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """A person's visits, and the way to begin one."""
    context = {
        "visits": visits_of(_patient(request)),
        "form": VisitForm(sites=_sites(request)),
        "can_write": may(P.WRITE_CHART, _standing(request)),
    }
    return render(request, "records/visits.html", context)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def start_visit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Begin a visit now."""
    form = VisitForm(request.POST, sites=_sites(request))
    if not form.is_valid():
        context = {"form": form, "heading": "Begin a visit", "act": "Begin"}
        return render(request, "form_page.html", context, status=422)
    visit = actions.start_visit(
        _patient(request), staff=_staff(request), by=sender_of(request), **form.cleaned_data
    )
    return redirect("records:visit", key=key, visit=visit.pk)


@permitted(P.READ_CHART, patient="key", shows="visit")
def visit_page(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """A visit: what was signed, what is being written, what is attached."""
    return _visit_page(request, _visit(request, visit))


def _visit_page(
    request: HttpRequest,
    visit: Visit,
    form: NoteForm | None = None,
    theirs: str = "",
    code: int = 200,
) -> HttpResponse:
    staff, roles = _staff(request), _standing(request).roles
    draft = draft_of(visit, staff)
    if form is None:
        typed = {"text": draft.text, "revision": draft.revision} if draft else None
        form = kept_form(request, NoteForm, initial=typed)
    notes = [
        _shown(note, staff, roles) | {"addenda": [_shown(one, staff, roles) for one in addenda]}
        for note in notes_of(visit)
        for addenda in [note.addenda.all()]
    ]
    return render(
        request,
        "records/visit.html",
        {
            "visit": visit,
            "notes": notes,
            "form": form,
            "draft": draft,
            "theirs": theirs,
            "attachments": visit.attachments.defer("content").order_by("added_at"),
            "attachment_form": AttachmentForm(auto_id="attachment_%s"),
            "can_write": may(P.WRITE_CHART, _standing(request)),
            "can_clear": may(P.WRITE_CHART, _standing(request)) and Role.PRACTITIONER in roles,
            "panel": panel(visit),
            "health": health_before(visit),
            "thoughts": needles_before(visit),
            "sheets": [(titles()[sheet.form], sheet) for sheet in sheets_at(visit)],
            "consents": consents_of(visit.patient),
            "agreed": [REGION_WORDS[key] for key in sorted(covered_today(visit.patient))],
            "kept": kept(request),
        },
        status=code,
    )


def _shown(note: Note, staff: Staff, roles: frozenset[str]) -> dict[str, object]:
    """A note, or what was added to one, with its marks and what the reader may say of it."""
    is_author = note.author_id == staff.pk
    return {
        "note": note,
        "can_strike": may_strike(roles, is_author=is_author),
        "can_co_sign": note.needs_co_sign and may_co_sign(roles, is_author=is_author),
        "struck": _mark(note, NoteMark.Kind.ENTERED_IN_ERROR),
        "co_signed": _mark(note, NoteMark.Kind.CO_SIGNED),
    }


def _mark(note: Note, kind: NoteMark.Kind) -> NoteMark | None:
    return next((mark for mark in note.marks.all() if mark.kind == kind), None)


@permitted(P.WRITE_CHART, patient="key", shows="visit")
@require_POST
def write_note(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Keep a draft, or sign it; if it was typed on elsewhere, both texts are shown."""
    found, staff = _visit(request, visit), _staff(request)
    by_script = "save_quietly" in request.POST
    form = NoteForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=204) if by_script else _visit_page(request, found, form, "", 422)
    text, revision = form.cleaned_data["text"], form.cleaned_data["revision"] or 0
    try:
        with transaction.atomic():  # sent twice, it leaves no draft of what is signed either
            revision = actions.save_draft(found, staff, text, revision=revision)
            if "sign" in request.POST and not by_script:
                actions.sign_note(
                    found,
                    staff,
                    text,
                    needs_co_sign=needs_co_sign(_standing(request).roles),
                    by=sender_of(request),
                )
    except actions.TypedElsewhere as elsewhere:
        if by_script:
            return HttpResponse(status=409)
        again = NoteForm({**form.cleaned_data, "revision": str(elsewhere.revision)})
        return _visit_page(request, found, again, elsewhere.text, 409)
    if by_script:
        return HttpResponse(str(revision), content_type="text/plain")
    return redirect("records:visit", key=key, visit=visit)


@permitted(P.WRITE_CHART, patient="key", shows="form of a note")
def add_to_note(request: HttpRequest, key: uuid.UUID, note: uuid.UUID) -> HttpResponse:
    """Add to a signed note."""
    found = _note(request, note)
    form = kept_form(request, AddendumForm)
    if request.method == "POST" and form.is_valid():
        actions.sign_note(
            found.visit,
            _staff(request),
            form.cleaned_data["text"],
            needs_co_sign=needs_co_sign(_standing(request).roles),
            by=sender_of(request),
            addendum_to=found.addendum_to or found,
        )
        return redirect("records:visit", key=key, visit=found.visit_id)
    context = {"form": form, "heading": "Add to a signed note", "act": "Sign the addendum"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(P.WRITE_CHART, patient="key", shows="form of a note")
def strike_note(request: HttpRequest, key: uuid.UUID, note: uuid.UUID) -> HttpResponse:
    """Mark a note as entered in error; it stays, struck, with the reason."""
    found, staff = _note(request, note), _staff(request)
    if not may_strike(_standing(request).roles, is_author=found.author_id == staff.pk):
        raise Http404
    form = kept_form(request, ErrorForm)
    if request.method == "POST" and form.is_valid():
        try:
            actions.mark_note(
                found,
                NoteMark.Kind.ENTERED_IN_ERROR,
                staff=staff,
                reason=form.cleaned_data["reason"],
                by=sender_of(request),
            )
        except actions.AlreadySaid:
            form.add_error(None, "This note is struck already.")
        else:
            return redirect("records:visit", key=key, visit=found.visit_id)
    context = {"form": form, "heading": "Entered in error", "act": "Strike the note"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def co_sign_note(request: HttpRequest, key: uuid.UUID, note: uuid.UUID) -> HttpResponse:
    """A practitioner stands by a student's note."""
    found, staff = _note(request, note), _staff(request)
    if not may_co_sign(_standing(request).roles, is_author=found.author_id == staff.pk):
        raise Http404
    with contextlib.suppress(actions.AlreadySaid):  # pressed twice; it is said
        actions.mark_note(
            found, NoteMark.Kind.CO_SIGNED, staff=staff, reason="", by=actor_of(request)
        )
    return redirect("records:visit", key=key, visit=found.visit_id)


@door(Who.SIGNED_IN)
def to_co_sign(request: HttpRequest) -> HttpResponse:
    """Notes of students that wait for a practitioner who may stand by them, oldest first."""
    duties: Duties = request.duties  # type: ignore[attr-defined]
    notes = awaiting_co_sign(signed_in_user(request), duties)
    record_alone("notes to co-sign listed", by=actor_of(request), found=len(notes))
    return render(request, "records/to_co_sign.html", {"notes": notes})


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def attach(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Attach a file to a visit."""
    found = _visit(request, visit)
    form = AttachmentForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.attach(
                found,
                title=form.cleaned_data["title"],
                content=form.cleaned_data["file"].read(),
                staff=_staff(request),
                by=sender_of(request),
            )
        except CannotAttach as error:
            form.add_error("file", str(error))
        else:
            return redirect("records:visit", key=key, visit=visit)
    context = {"form": form, "heading": "Attach a file", "act": "Attach it", "has_file": True}
    return render(request, "form_page.html", context, status=422)


@permitted(P.READ_CHART, patient="key", shows="attachment")
def attachment(request: HttpRequest, key: uuid.UUID, pk: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """A file as it came, to be saved and never opened as a page of ours."""
    found = get_object_or_404(Attachment, pk=pk, visit__patient=_patient(request))
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    name = f"attachment-{found.pk}.{ENDINGS[found.media_type]}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
