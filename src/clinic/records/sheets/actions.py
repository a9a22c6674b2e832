"""What can be done with a sheet; each act with its audit row in one transaction.

Saving as somebody types writes a row only when the writer changes, as typing is one act.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils import timezone

from clinic.accounts.keeping import HANDED, HANDED_SINCE, LOCKED
from clinic.accounts.models import User
from clinic.audit.actions import record, take
from clinic.audit.actor import Actor
from clinic.patients.models import Patient
from clinic.records.models import Sheet, SheetDraft, Submission, Visit, Way
from clinic.records.sheets.rules import Raw, Reading, as_typed, put_together, read
from clinic.records.sheets.versions import FormVersion, current, version_of
from clinic.records.turns import take_turn


class TypedElsewhere(Exception):  # noqa: N818 - named for the event
    """Fields were typed on elsewhere meanwhile; `raw` is what stands there."""

    def __init__(self, raw: Raw, revision: int, clashes: tuple[str, ...]) -> None:
        super().__init__("The sheet was typed on elsewhere.")
        self.raw = raw
        self.revision = revision
        self.clashes = clashes


class NotReady(Exception):  # noqa: N818 - named for the event
    """A sheet cannot be sent as it is; `reading` says why."""

    def __init__(self, reading: Reading) -> None:
        super().__init__("The sheet cannot be sent as it is.")
        self.reading = reading


class TooManyBegun(Exception):  # noqa: N818 - named for the event
    """A form was begun several times by a link and never sent."""


class NothingToSend(Exception):  # noqa: N818 - named for the event
    """A sheet has no draft: it was sent, or never begun."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who fills a sheet in, and how it comes here; nobody has an account who has a link."""

    user: User | None
    filled_by: Submission.By
    way: Way
    actor: Actor


def open_sheet(
    patient: Patient,
    form: FormVersion,
    writer: Writer,
    *,
    visit: Visit | None = None,
    paper_on: date | None = None,
    at: datetime | None = None,
) -> Sheet:
    """The sheet of this form that is being filled in, or a new one.

    What a patient began at home is gone on with at the clinic, and the other way round. A form
    asked at each visit has a sheet for each. `at` is when, for what happened before now.
    """
    now = at or timezone.now()
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=patient.pk)  # two who begin begin one
        begun = Sheet.objects.filter(patient=patient, form=form.form, draft__isnull=False)
        sheet = begun.filter(visit=visit).order_by("-opened_at").first()
        if sheet is None and form.each_visit and visit is not None:
            # before the visit it had none; now it is this visit's
            sheet = begun.filter(visit=None, submissions__isnull=True).first()
            if sheet is not None:
                sheet.visit = visit
                sheet.save(update_fields=["visit"])
        if sheet is None:
            sheet = Sheet.objects.create(
                patient=patient, visit=visit, form=form.form, opened_at=now
            )
            SheetDraft.objects.create(
                sheet=sheet,
                version=form.version,
                way=writer.way,
                paper_on=paper_on,
                saved_at=now,
                saved_by=writer.user,
            )
            _record("form begun", sheet, writer, version=form.version)
        elif writer.way is Way.PAPER:
            SheetDraft.objects.filter(sheet=sheet).update(way=Way.PAPER, paper_on=paper_on)
            _record("form entered from paper", sheet, writer)
        take(writer.actor)
    return sheet


MOST_APART = 6  # sheets of one form that one person's links can leave unsent


def open_apart(patient: Patient, form: FormVersion, writer: Writer) -> Sheet:
    """A sheet beside all others, for somebody who may see nothing that was typed before.

    Raises:
        TooManyBegun: Too many were begun so and left.
    """
    now = timezone.now()
    with transaction.atomic():
        take_turn(patient.pk)
        left = SheetDraft.objects.filter(
            sheet__patient=patient, sheet__form=form.form, way=writer.way
        )
        if left.count() >= MOST_APART:
            raise TooManyBegun
        sheet = Sheet.objects.create(patient=patient, form=form.form, opened_at=now)
        SheetDraft.objects.create(
            sheet=sheet,
            version=form.version,
            way=writer.way,
            saved_at=now,
            saved_by=writer.user,
        )
        _record("form begun", sheet, writer, version=form.version)
    return sheet


def save_sheet(sheet: Sheet, sent: Raw, writer: Writer, *, based_on: int) -> int:
    """Keep what was typed; the revision on which the next save is based.

    Raises:
        TypedElsewhere: Somebody changed the same field since `based_on`.
        NothingToSend: The sheet was sent meanwhile.
    """
    with transaction.atomic():
        draft = _draft(sheet, writer)
        merged = put_together(draft.raw, draft.touched, draft.revision, sent, based_on=based_on)
        if merged.clashes:
            raise TypedElsewhere(draft.raw, draft.revision, merged.clashes)
        take(writer.actor)
        if merged.raw == draft.raw:
            return draft.revision
        mine = writer.user.pk if writer.user else None
        if draft.saved_by_id != mine or draft.revision == 1:
            _record("form typed on", sheet, writer)
        draft.raw, draft.touched = merged.raw, merged.touched
        draft.revision += 1
        draft.saved_at, draft.saved_by = timezone.now(), writer.user
        draft.save()
    return draft.revision


def send_sheet(
    sheet: Sheet,
    writer: Writer,
    *,
    based_on: int,
    reason: str = "",
    at: datetime | None = None,
) -> Submission:
    """Send what was filled in, for good. A later sending corrects the one before.

    `at` is when, for what happened before now.

    Raises:
        TypedElsewhere: Somebody typed on since the answers were checked.
        NotReady: Something is missing or cannot be read.
        NothingToSend: It was sent already.
    """
    with transaction.atomic():
        draft = _draft(sheet, writer)
        if draft.revision != based_on:
            raise TypedElsewhere(draft.raw, draft.revision, ())
        form = version_of(sheet.form, draft.version)
        reading = read(form, draft.raw)
        if reading.problems:
            raise NotReady(reading)
        before = sheet.submissions.count()
        is_paper = draft.way == Way.PAPER and writer.filled_by is Submission.By.STAFF
        sent = Submission.objects.create(
            sheet=sheet,
            number=before + 1,
            version=form.version,
            digest=form.digest,
            values=reading.values,
            way=Way.PAPER if is_paper else writer.way,
            filled_by=writer.filled_by,
            paper_on=draft.paper_on if is_paper else None,
            sent_by=writer.user,
            sent_at=at or timezone.now(),
            reason=reason,
        )
        draft.delete()
        act = "form corrected" if before else "form sent"
        _record(act, sheet, writer, version=form.version, way=str(sent.way), number=sent.number)
    return sent


def begin_correction(sheet: Sheet, writer: Writer) -> None:
    """Open a sent sheet again, with what was sent as the draft; it is asked in its newest form.

    Nothing happens where a correction is under way.
    """
    now = timezone.now()
    with transaction.atomic():
        Sheet.objects.select_for_update().get(pk=sheet.pk)
        latest = sheet.submissions.order_by("-number").first()
        if latest is None or SheetDraft.objects.filter(sheet=sheet).exists():
            return
        form = current(sheet.form)
        SheetDraft.objects.create(
            sheet=sheet,
            version=form.version,
            raw=as_typed(form, latest.values),
            way=writer.way,
            saved_at=now,
            saved_by=writer.user,
        )
        _record("form opened again", sheet, writer, number=latest.number)


def drop_correction(sheet: Sheet, writer: Writer) -> None:
    """Leave what was sent as it is."""
    with transaction.atomic():
        if not sheet.submissions.exists():
            return
        gone, _ = SheetDraft.objects.filter(sheet=sheet).delete()
        if gone:
            _record("form correction dropped", sheet, writer)


def hand_over(sheet: Sheet, session: SessionBase, writer: Writer) -> None:
    """Lock the screen for all but this one sheet, so that a patient can hold the tablet."""
    with transaction.atomic():
        _record("tablet handed over", sheet, writer)
    session[HANDED] = str(sheet.pk)
    session[HANDED_SINCE] = session[LOCKED] = time.time()


def _draft(sheet: Sheet, writer: Writer) -> SheetDraft:
    take_turn(sheet.patient_id)
    draft = SheetDraft.objects.select_for_update().filter(sheet=sheet).first()
    if draft is None:
        raise NothingToSend
    if writer.user is None and draft.saved_by_id is not None:  # a link is shown nobody's words
        raise NothingToSend
    return draft


def _record(act: str, sheet: Sheet, writer: Writer, **detail: str | int) -> None:
    record(
        act,
        by=writer.actor,
        subject=f"sheet:{sheet.pk}",
        patient=sheet.patient_id,
        form=sheet.form,
        **detail,
    )
