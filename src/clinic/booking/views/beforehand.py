"""Forms before a first visit, by the link of its mail: begin, fill in, draw, check and send.

Whoever opened the visit by its link sees what they type in this browser and nothing that was sent
or typed elsewhere (`clinic.booking.beforehand`). The pages are those of the clinic's tablet. What
is sent when the visit is no longer open here comes back to be copied.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.keeping import to_send_again
from clinic.accounts.queries import signed_in_user
from clinic.audit.actions import record_alone
from clinic.booking import beforehand
from clinic.booking.models import Booking, SheetByLink
from clinic.booking.views.mailed import (
    BY,
    Opened,
    begun,
    closed,
    note_begun,
    opens,
    people_here,
    stay_open,
    to_unlock,
    visit_name,
    visit_opened,
)
from clinic.doors import Permission, anyone, anyone_writes
from clinic.patients.queries import standing
from clinic.patients.rules import may
from clinic.practice.queries import Duties
from clinic.records.consent.texts import current_text
from clinic.records.drawing.drawing import Drawing
from clinic.records.models import Sheet
from clinic.records.screening.rules import FORM as SCREENING
from clinic.records.sheets.actions import TooManyBegun
from clinic.records.sheets.checking import Checking
from clinic.records.sheets.filling import Filling
from clinic.records.sheets.pages import Desk, Served, urgent
from clinic.records.sheets.queries import draft_of
from clinic.records.sheets.versions import current, version_of

TODAY = (
    "One of your answers can need care the same day. Call your emergency number or go to a hospital"
    " now. Do not wait for the visit: nobody may read the form before it."
)
Page = Callable[[HttpRequest, Desk, Sheet], HttpResponse]


@anyone
def read(request: HttpRequest) -> HttpResponse:
    """What is asked and agreed to at a visit, to read at home; it is the same for everybody."""
    context = {"text": current_text(), "screening": current(SCREENING)}
    return render(request, "booking/beforehand.html", context)


# ------------------------------------------------------------------ on the visit's own page


def forms_of(request: HttpRequest, opened: Opened) -> dict[str, Any]:
    """What the page of a visit shows of its forms: by the link, or the way to one's own."""
    booking = opened.booking
    if not beforehand.asks(booking, timezone.now()):
        return {}
    if _sees_own(request, booking):
        return {"own_forms": beforehand.as_the_clinic_knows(booking)}
    if not opened.is_by_link:
        return {"forms_by_mail": True}
    rows = beforehand.as_the_link_knows(booking, begun(request, booking.pk))
    return {
        "forms_by_link": rows,
        "next_form": next((row for row in rows if not row.is_sent), None),
    }


def _sees_own(request: HttpRequest, booking: Booking) -> bool:
    if booking.patient is None or booking.patient not in people_here(request):
        return False
    duties: Duties = request.duties  # type: ignore[attr-defined]
    stands = standing(signed_in_user(request), duties, booking.patient)
    return may(Permission.SEE_OWN, stands)


@anyone_writes
@require_POST
@opens
def begin_form(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Begin a form by the link, or go on with what was begun in this browser."""
    booking = opened.booking
    if not opened.is_by_link:
        return closed(request)
    if not beforehand.asks(booking, timezone.now()):
        return redirect("visits:visit", key=booking.pk)
    name, mine = request.POST.get("form", ""), begun(request, booking.pk)
    here = {row.form.form: row.sheet for row in beforehand.as_the_link_knows(booking, mine)}
    sheet = here.get(name)
    if sheet is None:
        try:
            sheet = beforehand.begin(booking, name, by=BY).pk
        except beforehand.NotAsked:
            return redirect("visits:visit", key=booking.pk)
        except TooManyBegun:
            messages.error(
                request,
                "This form was begun several times and never sent. Fill it in at the visit.",
            )
            return redirect("visits:visit", key=booking.pk)
        note_begun(request, booking.pk, sheet)
    return redirect("visits:fill", key=booking.pk, sheet=sheet)


# ------------------------------------------------------------------ the pages of one form


def fills_in(page: Page) -> Callable[..., HttpResponse]:
    """Let a page run with a sheet that this browser began for a visit that is open in it."""

    @wraps(page)
    def inside(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:
        if (unlocking := to_unlock(request)) is not None:
            return unlocking
        opened = visit_opened(request, key)
        if opened is None or not opened.is_by_link or sheet not in begun(request, key):
            return _not_taken(request, 404)
        visit = redirect("visits:visit", key=key)
        booking = opened.booking
        rows = SheetByLink.objects.filter(booking=booking, sheet__patient=booking.patient_id)
        row = rows.filter(sheet=sheet).select_related("sheet__draft").first()
        if row is None or not beforehand.asks(booking, timezone.now()):
            return visit if request.method != "POST" else _not_taken(request, 409)
        if not beforehand.may_go_on(row.sheet, [sheet]):
            is_sent = row.sheet.submissions.exists()  # pressed twice, perhaps
            is_page = request.method != "POST"
            return visit if is_sent or is_page else _not_taken(request, 409)
        stay_open(request, visit_name(key))
        if "save_quietly" not in request.POST:
            _write_read(booking)
        return page(request, _desk(booking), row.sheet)

    return inside


def _desk(booking: Booking) -> Desk:
    assert booking.patient is not None, "a visit without a patient asks for no form"  # noqa: S101
    after = reverse("visits:visit", kwargs={"key": booking.pk})
    served = Served("visits", {"key": booking.pk}, f"{after}#forms")
    return Desk("link", booking.patient, beforehand.writer_by_link(BY), served=served)


def _write_read(booking: Booking) -> None:
    subject = f"booking:{booking.pk}"
    record_alone("read: form by link", by=BY, subject=subject, patient=booking.patient_id)


def _not_taken(request: HttpRequest, code: int) -> HttpResponse:
    """A form that was not taken comes back to whoever sent it; nothing else tells of it."""
    words = [field for field in to_send_again(request) if field.is_told]
    if not words:
        return closed(request)
    return render(request, "booking/not_taken.html", {"words": words}, status=code)


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
@fills_in
def fill(request: HttpRequest, desk: Desk, sheet: Sheet) -> HttpResponse:
    """Fill in a form."""
    return Filling(request, desk, sheet).answer()


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
@fills_in
def draw(request: HttpRequest, desk: Desk, sheet: Sheet) -> HttpResponse:
    """Draw where something is felt."""
    return Drawing(request, desk, sheet).answer()


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
@fills_in
def check(request: HttpRequest, desk: Desk, sheet: Sheet) -> HttpResponse:
    """Look over one's answers, and send them."""
    draft = draft_of(sheet)
    answer = Checking(request, desk, sheet).answer()
    if request.method == "POST" and answer.status_code == 302:
        messages.success(request, "Your answers are with the clinic.")
        if draft is not None and urgent(version_of(sheet.form, draft.version), draft.raw):
            messages.error(request, TODAY)
    return answer
