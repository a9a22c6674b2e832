"""Which forms a visit wants before it, and who has not sent them as it comes near.

A first visit wants the first form, once in a person's life here, and what is said of health and of
needles for that visit; every visit but a talk by phone or mail wants a drawing of that time. What
is for one visit is sent since the visit before. Records know no bookings: who knows
of visits to come adds itself to `COMING` and asks `lacking` of its own rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from clinic.patients.models import Patient
from clinic.records.beforehand import HEALTH, NEEDLES
from clinic.records.models import Submission, Visit

FIRST: Final = "first_visit"
DRAWING: Final = "drawing"
WANTED: Final = (FIRST, DRAWING, HEALTH, NEEDLES)
SOON: Final = timedelta(days=3)  # before the visit; earlier nothing is said to be missing


@dataclass(frozen=True, slots=True)
class Due:
    """A visit that comes near, and the forms that were not sent for it."""

    patient: Patient
    at: datetime  # as a clock shows it where the visit will be
    forms: tuple[str, ...]


# What tells of the visits to come of some patients that lack a form, the next one first.
COMING: list[Callable[[QuerySet[Patient]], Iterable[Due]]] = []


def due_soon(patients: QuerySet[Patient]) -> list[Due]:
    """Visits to come of these patients for which a form was not sent, the next one first."""
    return sorted((due for tell in COMING for due in tell(patients)), key=lambda due: due.at)


def lacking(form: str, *, patient: str, kind: str, when: Q) -> Case:
    """Whether a form is missing, for rows of visits to come.

    Args:
        form: Which.
        patient: The field of a row that names the patient.
        kind: The field that names the kind of visit.
        when: Which rows to ask; of the others nothing is missing.
    """
    sent = Submission.objects.filter(sheet__patient=OuterRef(patient), sheet__form=form, number=1)
    wants = Q(**{kind: Visit.Kind.FIRST})
    if form != FIRST:  # what was drawn or said in a visit was for that one
        since = Visit.objects.filter(
            patient=OuterRef("sheet__patient"), starts_at__gt=OuterRef("sent_at")
        )
        sent = sent.filter(~Exists(since), sheet__visit=None)
    if form == DRAWING:
        wants = ~Q(**{kind: Visit.Kind.CONTACT})
    is_asked = when & wants & Q(**{f"{patient}__isnull": False})
    is_missing: Any = When(is_asked, then=~Exists(sent))
    return Case(is_missing, default=Value(False), output_field=BooleanField())
