"""What can be done with note templates; each version is written once, with its audit row."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.practice.models import Staff
from clinic.records.actions import save_draft
from clinic.records.models import NoteTemplate, Visit
from clinic.records.note_templates.queries import versions_of


class ChangedMeanwhile(Exception):  # noqa: N818 - named for the event
    """Somebody else wrote the next version; `latest` is theirs."""

    def __init__(self, latest: NoteTemplate) -> None:
        super().__init__(latest.version)
        self.latest = latest


def save_template(
    name: str,
    text: str,
    *,
    staff: Staff,
    by: Actor,
    template: uuid.UUID | None = None,
    based_on: int = 0,
    is_offered: bool = True,
) -> NoteTemplate:
    """Write a template, or its next version; the former ones stay as they were.

    Args:
        name: What it is called.
        text: Headings and text (`clinic.records.note_templates.rules.tidied`).
        staff: Who writes it.
        by: Who acts.
        template: Which one; None: a new one.
        based_on: The version that the writer has seen.
        is_offered: Whether a note can be begun with it from now on.

    Raises:
        ChangedMeanwhile: There is a version after `based_on`.
    """
    key = template or uuid.uuid4()
    latest = next(iter(versions_of(key)), None)
    if latest is not None and latest.version != based_on:
        raise ChangedMeanwhile(latest)
    try:
        with transaction.atomic():
            made = NoteTemplate.objects.create(
                template=key,
                version=based_on + 1,
                name=name,
                text=text,
                is_offered=is_offered,
                staff=staff,
                at=timezone.now(),
            )
            record(
                "note template saved",
                by=by,
                subject=f"note template:{key}",
                version=made.version,
                is_offered=is_offered,
            )
    except IntegrityError:
        raise ChangedMeanwhile(versions_of(key)[0]) from None
    return made


def begin_note(
    visit: Visit, staff: Staff, text: str, *, revision: int, begun_with: str, by: Actor
) -> None:
    """Keep what a template gave as the draft of a note; which one and in which version is audited.

    Raises:
        TypedElsewhere: The draft is newer than `revision`.
    """
    with transaction.atomic():
        save_draft(visit, staff, text, revision=revision, by=by)
        record(
            "note begun",
            by=by,
            subject=f"visit:{visit.pk}",
            patient=visit.patient_id,
            template=begun_with,
        )
