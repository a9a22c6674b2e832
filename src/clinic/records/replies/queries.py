"""Reads of replies: what came in from patients, and whether anybody has opened it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse

from clinic.patients.models import Patient
from clinic.records.models import ConsentWithdrawal, Submission
from clinic.records.sheets.queries import titles

WITHDRAWN = "Consent taken back"


@dataclass(frozen=True, slots=True)
class Reply:
    """One thing that a patient, or who may act for them, sent: what, when, and where it opens."""

    patient: Patient
    title: str
    at: datetime
    is_correction: bool
    address: str


def from_patients() -> QuerySet[Submission]:
    """Answers that patients sent themselves, or somebody who may act for them."""
    return Submission.objects.filter(
        filled_by__in=[Submission.By.PATIENT, Submission.By.PROXY], sheet__patient__merged_into=None
    )


def withdrawn_by_patients() -> QuerySet[ConsentWithdrawal]:
    """Consent that patients took back themselves; what staff wrote down they know.

    Whoever is no staff is the patient or acts for them, also after two records were merged.
    """
    patient = F("consent__visit__patient")
    by_themselves = Q(written_by__patient=patient) | Q(written_by__proxy_for__patient=patient)
    by_themselves |= Q(written_by__staff=None)
    return ConsentWithdrawal.objects.filter(by_themselves).distinct()


def waiting(patients: Iterable[Any], unopened: Iterable[Submission] | None = None) -> list[Reply]:
    """What nobody has opened of these patients, the oldest first; two queries.

    A form that was corrected before anybody opened it is one reply: its page shows every sending.

    Args:
        patients: Patients, or a query for them.
        unopened: What of theirs nobody has opened, oldest first, where that is read already.
    """
    sent = unopened
    if sent is None:
        sent = (
            from_patients()
            .filter(sheet__patient__in=patients, look=None)
            .select_related("sheet__patient")
            .order_by("sent_at")
        )
    withdrawn = (
        withdrawn_by_patients()
        .filter(consent__visit__patient__in=patients, look=None)
        .select_related("consent__visit__patient")
    )
    named = titles()
    found = [
        Reply(
            row.sheet.patient,
            named.get(row.sheet.form, row.sheet.form),
            row.sent_at,
            row.number > 1,
            _address("sheet", row.sheet.patient_id, sheet=row.sheet_id),
        )
        for row in {row.sheet_id: row for row in sent}.values()
    ]
    found += [
        Reply(
            row.consent.visit.patient,
            WITHDRAWN,
            row.at,
            False,
            _address("consent", row.consent.visit.patient_id, consent=row.consent_id),
        )
        for row in withdrawn
    ]
    return sorted(found, key=lambda reply: reply.at)


def _address(page: str, patient: object, **more: object) -> str:
    return reverse(f"records:{page}", kwargs={"key": patient, **more})
