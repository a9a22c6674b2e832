"""What can be done in a visit; each act with its audit row in one transaction."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from clinic.audit.actions import record, take
from clinic.audit.actor import Actor
from clinic.outbox.actions import promise
from clinic.patients.models import Patient
from clinic.patients.queries import caring_practitioners
from clinic.practice.models import Site, Staff
from clinic.records.models import Attachment, Draft, Note, NoteMark, Visit
from clinic.records.rules import media_type


class TypedElsewhere(Exception):  # noqa: N818 - named for the event
    """The same draft was saved from another page meanwhile; `text` is what stands there."""

    def __init__(self, text: str, revision: int) -> None:
        super().__init__("The draft was saved from another page.")
        self.text = text
        self.revision = revision


class AlreadySaid(Exception):  # noqa: N818 - named for the event
    """A note was marked so before."""


def start_visit(
    patient: Patient,
    *,
    staff: Staff,
    site: Site,
    kind: str,
    by: Actor,
    at: datetime | None = None,
) -> Visit:
    """A visit that begins now; `at` is for a demonstration, whose visits were never."""
    with transaction.atomic():
        visit = Visit.objects.create(
            patient=patient, staff=staff, site=site, kind=kind, starts_at=at or timezone.now()
        )
        record("visit started", by=by, subject=f"visit:{visit.pk}", patient=patient.pk)
    return visit


def save_draft(
    visit: Visit, author: Staff, text: str, *, revision: int, by: Actor | None = None
) -> int:
    """Keep what was typed; the revision that the next save must name.

    Nothing typed in two places is lost: a save that does not know of the latest one is refused.
    Keeping a draft is no act of the audit; `by` is for a form that was filled in for it.

    Raises:
        TypedElsewhere: The draft is newer than `revision`.
    """
    now = timezone.now()
    with transaction.atomic():
        mine = Draft.objects.filter(visit=visit, author=author)
        if mine.filter(revision=revision).update(
            text=text, saved_at=now, revision=F("revision") + 1
        ):
            _take_form(by)
            return revision + 1
        draft, is_new = Draft.objects.get_or_create(
            visit=visit, author=author, defaults={"text": text, "saved_at": now}
        )
        if is_new or draft.text == text:
            _take_form(by)
            return draft.revision
        raise TypedElsewhere(draft.text, draft.revision)


def _take_form(by: Actor | None) -> None:
    if by is not None:
        take(by)


def sign_note(
    visit: Visit,
    author: Staff,
    text: str,
    *,
    needs_co_sign: bool,
    by: Actor,
    addendum_to: Note | None = None,
    at: datetime | None = None,
) -> Note:
    """Sign what was written, for good; the writer's draft of this visit is done with.

    What waits for a co-signature is told to the practitioners who care for the patient. `at` is for
    a demonstration; the audit says when it was written all the same.
    """
    with transaction.atomic():
        note = Note.objects.create(
            visit=visit,
            author=author,
            text=text,
            signed_at=at or timezone.now(),
            addendum_to=addendum_to,
            needs_co_sign=needs_co_sign,
        )
        if addendum_to is None:
            Draft.objects.filter(visit=visit, author=author).delete()
        record(
            "addendum signed" if addendum_to else "note signed",
            by=by,
            subject=f"note:{note.pk}",
            patient=visit.patient_id,
        )
        if needs_co_sign:
            _ask_for_co_signature(note)
    return note


def _ask_for_co_signature(note: Note) -> None:
    for staff in caring_practitioners(note.visit.patient).exclude(pk=note.author_id):
        promise(
            "waiting_work",
            to=staff.user.email,
            key=f"co-sign:{note.pk}:{staff.pk}",
            values={
                "clinic": settings.PLACE.name,
                "link": settings.PLACE.address + reverse("records:to_co_sign"),
            },
            zone=note.visit.site.time_zone,
        )


def mark_note(note: Note, kind: NoteMark.Kind, *, staff: Staff, reason: str, by: Actor) -> NoteMark:
    """Strike a note as an error, or stand by it; it stays as it was written.

    Raises:
        AlreadySaid: It bears this mark.
    """
    with transaction.atomic():
        mark, is_new = NoteMark.objects.get_or_create(
            note=note,
            kind=kind,
            defaults={"staff": staff, "reason": reason, "at": timezone.now()},
        )
        if not is_new:
            raise AlreadySaid
        record(
            f"note {kind.label.lower()}",
            by=by,
            subject=f"note:{note.pk}",
            patient=note.visit.patient_id,
        )
    return mark


def attach(visit: Visit, *, title: str, content: bytes, staff: Staff, by: Actor) -> Attachment:
    """Keep a file of a visit.

    Raises:
        CannotAttach: It is empty, too large, or of a type that is not kept.
    """
    kind = media_type(content)
    with transaction.atomic():
        attachment = Attachment.objects.create(
            visit=visit,
            added_by=staff,
            added_at=timezone.now(),
            title=title,
            media_type=kind,
            size=len(content),
            digest=hashlib.sha256(content).hexdigest(),
            content=content,
        )
        record(
            "file attached",
            by=by,
            subject=f"attachment:{attachment.pk}",
            patient=visit.patient_id,
            size=len(content),
        )
    return attachment
