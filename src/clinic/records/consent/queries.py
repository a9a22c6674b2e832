"""Reads of consents: what a person has agreed to, and the training of who needles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from clinic.patients.models import Patient
from clinic.practice.models import Credential, Staff
from clinic.practice.queries import main_zone, today
from clinic.practice.rules import is_valid_on
from clinic.records.consent.rules import Given, against, covered
from clinic.records.models import Consent, CourseBegun
from clinic.treatment_rules import region_of_muscle


def consents() -> QuerySet[Consent]:
    """Consents with what was withdrawn, and when a later course began as `course_over_at`."""
    later = CourseBegun.objects.filter(
        visit__patient=OuterRef("visit__patient"),
        visit__starts_at__gt=OuterRef("visit__starts_at"),
        at__gt=OuterRef("given_at"),
    )
    return (
        Consent.objects.select_related("visit", "taken_by")
        .prefetch_related("withdrawals")
        .annotate(course_over_at=Subquery(later.order_by("at").values("at")[:1]))
    )


def consents_of(patient: Patient) -> QuerySet[Consent]:
    """A person's consents, the latest first."""
    return consents().filter(visit__patient=patient).order_by("-given_at")


def as_given(consent: Consent) -> Given:
    """A consent of `consents` as far as it covers something."""
    over_at: datetime | None = consent.course_over_at  # type: ignore[attr-defined]  # annotated
    return Given(
        regions=frozenset(consent.regions),
        given_on=consent.given_at.astimezone(main_zone()).date(),
        renew_on=consent.renew_on,
        withdrawn=frozenset(region for row in consent.withdrawals.all() for region in row.regions),
        course_over_on=over_at.astimezone(main_zone()).date() if over_at else None,
    )


def given_to(patient: Patient) -> list[Given]:
    """Everything a person has agreed to."""
    return [as_given(consent) for consent in consents_of(patient)]


def covered_today(patient: Patient) -> frozenset[str]:
    """Every part of the body that a consent covers today."""
    return covered(given_to(patient), today())


def lacking_for(patient: Patient, muscles: Iterable[str]) -> tuple[str, ...]:
    """What stands against needling muscles today, as far as consent goes, in words; each once."""
    given, day = given_to(patient), today()
    found = (against(given, region_of_muscle(muscle), day) for muscle in muscles)
    return tuple(dict.fromkeys(reason.words for reason in found if reason))


def training_of(staff: Staff) -> list[dict[str, Any]]:
    """The credentials of a therapist as they are shown to who consents."""
    day = today()
    rows = Credential.objects.filter(staff=staff, struck_at=None).order_by("kind", "pk")
    return [
        {
            "kind": row.get_kind_display(),
            "issuer": row.issuer,
            "number": row.number,
            "expires_on": row.last_day.isoformat() if row.last_day else "",
            "checked_on": row.checked_on.isoformat() if row.checked_on else "",
            "is_valid": is_valid_on(row, day),
        }
        for row in rows
    ]
