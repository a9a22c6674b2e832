"""Reads of records: a person's visits, a visit's notes in the order they were written."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from clinic.accounts.models import User
from clinic.doors import Permission
from clinic.patients.models import Patient
from clinic.patients.queries import standing
from clinic.patients.rules import may
from clinic.practice.models import Staff
from clinic.practice.queries import Duties
from clinic.records.models import Draft, Note, NoteMark, Visit
from clinic.records.rules import may_co_sign
from clinic.records.screening.queries import screening_of

__all__ = ["awaiting_co_sign", "draft_of", "notes_of", "screening_of", "visits_of"]


def visits_of(patient: Patient) -> QuerySet[Visit]:
    """A person's visits, latest first."""
    return patient.visits.select_related("staff", "site").order_by("-starts_at")


def notes_of(visit: Visit) -> QuerySet[Note]:
    """Notes of a visit with marks and addenda; what was struck stays among them."""
    marks = Prefetch("marks", NoteMark.objects.select_related("staff").order_by("at"))
    addenda = Note.objects.select_related("author").prefetch_related(marks).order_by("signed_at")
    return (
        visit.notes.filter(addendum_to=None)
        .select_related("author")
        .prefetch_related(marks, Prefetch("addenda", addenda))
        .order_by("signed_at")
    )


def draft_of(visit: Visit, author: Staff | None) -> Draft | None:
    """What somebody has typed into a visit and not signed."""
    return Draft.objects.filter(visit=visit, author=author).first()


def awaiting_co_sign(user: User, duties: Duties) -> list[Note]:
    """Notes that no practitioner stands by yet, as far as this one may: the oldest first."""
    if duties.staff is None or not may_co_sign(duties.roles, is_author=False):
        return []
    notes = (
        Note.objects.filter(needs_co_sign=True)
        .exclude(marks__kind__in=[NoteMark.Kind.CO_SIGNED, NoteMark.Kind.ENTERED_IN_ERROR])
        .exclude(author=duties.staff)
        .filter(visit__patient__sites__in=list(duties.roles_by_site))
        .select_related("author", "visit__patient")
        .order_by("signed_at")
        .distinct()
    )
    return [note for note in notes if _may_co_sign(user, duties, note)]


def _may_co_sign(user: User, duties: Duties, note: Note) -> bool:
    stands = standing(user, duties, note.visit.patient)
    return may(Permission.WRITE_CHART, stands) and may_co_sign(stands.roles, is_author=False)
