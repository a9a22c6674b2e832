"""Pages of sheets: begin, fill in, check, send, correct; in the chart, one's own, on the tablet.

A sheet saves itself while it is filled in, and by its buttons where there is no script. What two
people type unlike each other is shown side by side. Sent, it is never written over.
"""

from __future__ import annotations

import time
import uuid

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic.accounts.keeping import HANDED, HANDED_SINCE, is_handed_over
from clinic.accounts.queries import actor_of, sender_of, signed_in_user
from clinic.audit.actions import record_alone
from clinic.doors import Permission, Who, door, permitted
from clinic.patients.models import Patient
from clinic.patients.queries import standing
from clinic.patients.rules import Standing, may
from clinic.practice.models import Role
from clinic.practice.queries import Duties
from clinic.records.models import Sheet, Submission, Way
from clinic.records.replies.actions import look_at
from clinic.records.replies.queries import from_patients
from clinic.records.screening.rules import FORM as SCREENING
from clinic.records.sheets import actions
from clinic.records.sheets.checking import Checking
from clinic.records.sheets.filling import Filling
from clinic.records.sheets.forms import BeginForm
from clinic.records.sheets.pages import Desk
from clinic.records.sheets.queries import draft_of, sendings, shelves
from clinic.records.sheets.rules import lines
from clinic.records.sheets.versions import FormVersion, current
from myotome.errors import UnknownName

P = Permission
HANDED_FOR = 60 * 60  # seconds that a tablet stays open for one sheet


# ------------------------------------------------------------- where one stands


def _patient(request: HttpRequest) -> Patient:
    patient: Patient = request.patient  # type: ignore[attr-defined]
    return patient


def _standing(request: HttpRequest) -> Standing:
    standing: Standing = request.standing  # type: ignore[attr-defined]
    return standing


def chart_desk(request: HttpRequest) -> Desk:
    """Staff at a patient's chart."""
    writer = actions.Writer(
        signed_in_user(request), Submission.By.STAFF, Way.ASKED, sender_of(request)
    )
    is_practitioner = Role.PRACTITIONER in _standing(request).roles
    return Desk("chart", _patient(request), writer, is_practitioner)


def own_desk(request: HttpRequest) -> Desk:
    """The patient, or who may act for them, on their own device."""
    whose = Submission.By.PATIENT if _standing(request).is_self else Submission.By.PROXY
    writer = actions.Writer(signed_in_user(request), whose, Way.OWN, sender_of(request))
    return Desk("own", _patient(request), writer)


def tablet_desk(request: HttpRequest, sheet: uuid.UUID) -> tuple[Desk, Sheet]:
    """The patient at the clinic's tablet, whose screen is locked for all but this one sheet.

    The tablet was handed over by somebody who may open the chart; what they hold is the sheet that
    the session names, only while its screen is locked, and only while they still may write there.
    """
    session = request.session
    since: float = session.get(HANDED_SINCE, 0.0)
    handed = session.get(HANDED) == str(sheet) and is_handed_over(request)
    if not handed or time.time() - since > HANDED_FOR:
        raise Http404
    found = get_object_or_404(Sheet.objects.select_related("patient"), pk=sheet)
    duties: Duties = request.duties  # type: ignore[attr-defined]
    stands = standing(signed_in_user(request), duties, found.patient)
    if not may(P.WRITE_CHART, stands):
        record_alone(
            "refused",
            by=actor_of(request),
            subject=f"patient:{found.patient_id}",
            patient=found.patient_id,
            permission=str(P.WRITE_CHART),
        )
        raise Http404
    writer = actions.Writer(
        signed_in_user(request), Submission.By.PATIENT, Way.TABLET, actor_of(request)
    )
    record_alone(
        "read: form on the tablet",
        by=writer.actor,
        subject=f"patient:{found.patient_id}",
        patient=found.patient_id,
        relation=str(stands.relation),
        emergency=stands.is_emergency,
    )
    return Desk("tablet", found.patient, writer), found


def sheet_of(desk: Desk, sheet: uuid.UUID) -> Sheet:
    """One of this person's sheets; for themselves only what they may fill in."""
    found = get_object_or_404(Sheet, pk=sheet, patient=desk.patient)
    if not desk.is_staff and not current(found.form).is_for_patients:
        raise Http404
    return found


def note_opened(request: HttpRequest, rows: QuerySet[Submission]) -> None:
    """Write down that what the patient sent was opened, if by somebody who answers for them."""
    duties: Duties = request.duties  # type: ignore[attr-defined]
    look_at(
        rows,
        _patient(request),
        standing=_standing(request),
        staff=duties.staff,
        by=actor_of(request),
    )


# ------------------------------------------------------------- the list


@permitted(P.READ_CHART, patient="key", shows="forms")
def forms(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """A person's forms: what was sent, what is being filled in, what can be begun."""
    desk = chart_desk(request)
    context = {
        "desk": desk,
        "shelves": [
            (
                shelf,
                BeginForm(
                    patient=desk.patient,
                    initial={"form": shelf.form.form},
                    auto_id=f"{shelf.form.form}_%s",
                ),
            )
            for shelf in shelves(desk.patient, own=False)
        ],
        "can_write": may(P.WRITE_CHART, _standing(request)),
    }
    return render(request, "records/sheets/list.html", context)


@permitted(P.SEE_OWN, patient="key", shows="own forms")
def own_forms(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """The forms that a patient can fill in."""
    desk = own_desk(request)
    context = {"desk": desk, "shelves": shelves(desk.patient, own=True)}
    return render(request, "records/sheets/own_list.html", context)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def begin(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Begin a form: ask it, enter it from paper, or hand over the tablet.

    The screening begins in its visit alone: answers apart from one would stop nothing.
    """
    desk, version = chart_desk(request), _current(request.POST.get("form", ""))
    if version.form == SCREENING:
        raise Http404
    form = BeginForm(request.POST, patient=desk.patient)
    if not form.is_valid():
        context = {"form": form, "heading": version.title, "act": "Begin"}
        return render(request, "form_page.html", context, status=422)
    way = Way(form.cleaned_data["way"])
    writer = actions.Writer(desk.writer.user, Submission.By.STAFF, way, desk.writer.actor)
    sheet = actions.open_sheet(
        desk.patient,
        version,
        writer,
        visit=form.cleaned_data["visit"],
        paper_on=form.cleaned_data["paper_on"],
    )
    if way is Way.TABLET:
        return _hand_over(request, desk, sheet)
    return redirect(desk.url("fill", sheet))


def _current(name: str) -> FormVersion:
    try:
        return current(name)
    except UnknownName:
        raise Http404 from None


@permitted(P.SEE_OWN, patient="key")
@require_POST
def own_begin(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Begin a form, or go on with it."""
    desk, version = own_desk(request), _current(request.POST.get("form", ""))
    if not version.is_for_patients:
        raise Http404
    sheet = actions.open_sheet(desk.patient, version, desk.writer)
    return redirect(desk.url("fill", sheet))


# ------------------------------------------------------------- what was sent


@permitted(P.READ_CHART, patient="key", shows="form")
def sheet_page(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """What was sent, as it was asked; what was corrected stays, struck."""
    desk = chart_desk(request)
    found = sheet_of(desk, sheet)
    note_opened(request, from_patients().filter(sheet=found))
    return _sheet_page(request, desk, found, can_write=may(P.WRITE_CHART, _standing(request)))


@permitted(P.SEE_OWN, patient="key", shows="own form")
def own_sheet(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """What one sent oneself."""
    desk = own_desk(request)
    return _sheet_page(request, desk, sheet_of(desk, sheet), can_write=True)


def _sheet_page(request: HttpRequest, desk: Desk, sheet: Sheet, *, can_write: bool) -> HttpResponse:
    sent = [
        (
            each,
            [(section, lines(section, each.submission.values)) for section in each.form.sections],
        )
        for each in sendings(sheet)
    ]
    context = {
        "desk": desk,
        "sheet": sheet,
        "form_version": current(sheet.form) if not sent else sent[0][0].form,
        "sent": sent,
        "draft": draft_of(sheet),
        "can_write": can_write,
        "urls": desk.urls(sheet),
    }
    return render(request, "records/sheets/sheet.html", context)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def correct(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Correct what was sent: it stays, and what is sent next stands in its place."""
    return _correct(chart_desk(request), sheet)


@permitted(P.SEE_OWN, patient="key")
@require_POST
def own_correct(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Correct what one sent."""
    return _correct(own_desk(request), sheet)


def _correct(desk: Desk, sheet: uuid.UUID) -> HttpResponse:
    found = sheet_of(desk, sheet)
    actions.begin_correction(found, desk.writer)
    return redirect(desk.url("fill", found))


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def drop(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Leave what was sent as it is."""
    return _drop(chart_desk(request), sheet)


@permitted(P.SEE_OWN, patient="key")
@require_POST
def own_drop(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Leave what one sent as it is."""
    return _drop(own_desk(request), sheet)


def _drop(desk: Desk, sheet: uuid.UUID) -> HttpResponse:
    """Drop a correction; one that only some may sign, such as a stop typed, only these drop."""
    found = sheet_of(desk, sheet)
    if not desk.may_send(current(found.form)):
        raise Http404
    actions.drop_correction(found, desk.writer)
    return redirect(desk.url("sheet", found))


# ------------------------------------------------------------- filling in


@permitted(P.WRITE_CHART, patient="key", shows="form being filled in")
def fill(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Fill in a sheet."""
    desk = chart_desk(request)
    return Filling(request, desk, sheet_of(desk, sheet)).answer()


@permitted(P.SEE_OWN, patient="key", shows="own form being filled in")
def own_fill(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Fill in one's own sheet."""
    desk = own_desk(request)
    return Filling(request, desk, sheet_of(desk, sheet)).answer()


@door(Who.LOCKED, shows="form on the tablet")
def tablet_fill(request: HttpRequest, sheet: uuid.UUID) -> HttpResponse:
    """Fill in the sheet for which the tablet was handed over."""
    return Filling(request, *tablet_desk(request, sheet)).answer()


# ------------------------------------------------------------- checking and sending


@permitted(P.WRITE_CHART, patient="key", shows="form before it is sent")
def check(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Look over what was filled in, and send it."""
    desk = chart_desk(request)
    return Checking(request, desk, sheet_of(desk, sheet)).answer()


@permitted(P.SEE_OWN, patient="key", shows="own form before it is sent")
def own_check(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Look over one's own answers, and send them."""
    desk = own_desk(request)
    return Checking(request, desk, sheet_of(desk, sheet)).answer()


@door(Who.LOCKED, shows="form on the tablet")
def tablet_check(request: HttpRequest, sheet: uuid.UUID) -> HttpResponse:
    """Look over the answers on the tablet, and send them."""
    return Checking(request, *tablet_desk(request, sheet)).answer()


# ------------------------------------------------------------- the tablet


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def hand_over(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Hand the tablet to the patient: the screen locks for all but this sheet."""
    desk = chart_desk(request)
    return _hand_over(request, desk, sheet_of(desk, sheet))


def _hand_over(request: HttpRequest, desk: Desk, sheet: Sheet) -> HttpResponse:
    if not current(sheet.form).is_for_patients or draft_of(sheet) is None:
        raise Http404
    actions.hand_over(sheet, request.session, desk.writer)
    return redirect(reverse("tablet:fill", kwargs={"sheet": sheet.pk}))


@door(Who.LOCKED)
def tablet_done(request: HttpRequest, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Nothing more to fill in: the tablet goes back."""
    return render(request, "records/sheets/tablet_done.html")
