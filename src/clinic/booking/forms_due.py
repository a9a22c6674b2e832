"""Visits to come for which their patient has not sent a form: for the schedule and for records."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from clinic.booking import rules
from clinic.booking.models import Booking
from clinic.patients.models import Patient
from clinic.records.sheets.due import SOON, WANTED, Due, lacking


def _comes_soon() -> Q:
    """What is booked and near, and has not begun."""
    now = timezone.now()
    return Q(state__in=rules.MOVES, starts_at__gt=now - rules.LATEST, starts_at__lt=now + SOON)


def _missing(form: str) -> Any:  # noqa: ANN401 - an expression of a query
    return lacking(form, patient="patient", kind="service__kind", when=_comes_soon())


def _lacks(form: str) -> str:
    return f"lacks_{form}"


def forms_missing() -> Any:  # noqa: ANN401
    """Whether a booking comes soon and its patient has not sent every form that it wants."""
    return reduce(or_, map(_missing, WANTED))


def without_their_forms(patients: QuerySet[Patient]) -> list[Due]:
    """Visits to come of some patients for which a form was not sent; one query."""
    rows = (
        Booking.objects.filter(_comes_soon(), patient__in=patients)
        .annotate(**{_lacks(form): _missing(form) for form in WANTED})
        .select_related("patient")
        .order_by("starts_at")
    )
    # Picked here: asked once more as a condition, it takes longer to put than to answer.
    due = (
        Due(row.patient, row.local, tuple(form for form in WANTED if getattr(row, _lacks(form))))
        for row in rows
        if row.patient is not None
    )
    return [one for one in due if one.forms]
