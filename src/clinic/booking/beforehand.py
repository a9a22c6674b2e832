"""Forms before a first visit: which they are, how far they are, and their beginning by a link.

A mailed link is a weak key: whoever reads the mail has it. So whoever opened a visit by it may fill
in its forms and sees what they type themselves, in that browser. What was typed in another browser,
and whatever was sent, the clinic sees and no link shows again. A sheet that somebody with an
account has typed on since is no longer the link's.

The screening is asked by the practitioner and consent is decided with them, both at the visit
itself: before it a patient says what they know of their health and think of needles, which allows
nothing (`clinic.records.beforehand`).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from clinic.audit.actor import Actor
from clinic.booking import rules
from clinic.booking.models import Booking, SheetByLink
from clinic.records.models import Sheet, Submission, Visit, Way
from clinic.records.sheets.actions import Writer, open_apart
from clinic.records.sheets.due import WANTED
from clinic.records.sheets.versions import FormVersion, current

FORMS = WANTED


class NotAsked(Exception):  # noqa: N818 - named for the event
    """This form is not to be filled in, or was sent."""


def brings_forms(booking: Booking) -> bool:
    """Whether a kind of visit comes with forms to fill in before it."""
    return booking.service.kind == Visit.Kind.FIRST


def asks(booking: Booking, now: datetime) -> bool:
    """Whether forms are to be filled in for a visit now: it is booked and not over."""
    is_sure = booking.state in rules.MOVES and booking.patient_id is not None
    return is_sure and brings_forms(booking) and now < booking.ends_at


@dataclass(frozen=True)
class Asked:
    """One form and how far it is; `sheet` is what can be gone on with here."""

    form: FormVersion
    is_sent: bool = False
    is_begun: bool = False
    sheet: uuid.UUID | None = None


def as_the_clinic_knows(booking: Booking) -> list[Asked]:
    """How far the forms are, however they come: for who may know that."""
    since = booking.made_at
    sheets = Sheet.objects.filter(patient=booking.patient, form__in=FORMS)
    sent = set(sheets.filter(submissions__sent_at__gte=since).values_list("form", flat=True))
    begun = set(sheets.filter(draft__isnull=False).values_list("form", flat=True))
    return [Asked(current(form), form in sent, form in begun) for form in FORMS]


def as_the_link_knows(booking: Booking, mine: Collection[uuid.UUID]) -> list[Asked]:
    """How far the forms are by this visit's link alone: it tells of nothing else that is known.

    Args:
        booking: The visit.
        mine: Sheets that were begun in this browser.
    """
    rows = list(_by_link(booking).select_related("sheet", "sheet__draft"))
    sent = {row.sheet.form for row in rows if _is_sent(row.sheet)}
    begun = {row.sheet.form for row in rows}
    here = {row.sheet.form: row.sheet_id for row in rows if may_go_on(row.sheet, mine)}
    return [Asked(current(form), form in sent, form in begun, here.get(form)) for form in FORMS]


def _by_link(booking: Booking) -> QuerySet[SheetByLink]:
    return SheetByLink.objects.filter(booking=booking, sheet__patient=booking.patient)


def _is_sent(sheet: Sheet) -> bool:
    return sheet.submissions.exists()


def may_go_on(sheet: Sheet, mine: Collection[uuid.UUID]) -> bool:
    """Whether a sheet holds nothing but what this browser typed, and still takes more."""
    draft = getattr(sheet, "draft", None)
    is_theirs = draft is not None and draft.way == Way.LINK and draft.saved_by_id is None
    return sheet.pk in mine and is_theirs and not _is_sent(sheet)


def writer_by_link(by: Actor) -> Writer:
    """Whoever holds the link: the patient, as far as anybody knows."""
    return Writer(None, Submission.By.PATIENT, Way.LINK, by)


def begin(booking: Booking, name: str, *, by: Actor) -> Sheet:
    """Begin a form by the link of a visit; it stands beside whatever was begun before.

    Raises:
        NotAsked: The visit does not ask for it, or it was sent.
        TooManyBegun: It was begun again and again, and never sent.
    """
    now = timezone.now()
    with transaction.atomic():
        is_sent = any(
            row.is_sent and row.form.form == name for row in as_the_link_knows(booking, ())
        )
        if booking.patient is None or name not in FORMS or is_sent or not asks(booking, now):
            raise NotAsked
        sheet = open_apart(booking.patient, current(name), writer_by_link(by))
        SheetByLink.objects.create(booking=booking, sheet=sheet, begun_at=now)
    return sheet
