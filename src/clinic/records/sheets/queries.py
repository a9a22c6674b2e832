"""Reads of sheets: those of a person, what was sent, and what stands now."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from clinic.patients.models import Patient
from clinic.records.models import Sheet, SheetDraft, Submission, Visit
from clinic.records.sheets.versions import FormVersion, current_forms, version_of


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent once: the submission and the form as it was asked then."""

    submission: Submission
    form: FormVersion
    is_struck: bool
    corrected_by: Submission | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """A form and what a person has of it."""

    form: FormVersion
    sheets: tuple[Sheet, ...]


def sheets_of(patient: Patient) -> QuerySet[Sheet]:
    """A person's sheets with drafts and sendings, the latest first."""
    return (
        Sheet.objects.filter(patient=patient)
        .select_related("visit", "draft", "draft__saved_by")
        .prefetch_related(
            Prefetch("submissions", Submission.objects.select_related("look").order_by("-number"))
        )
        .order_by("-opened_at")
    )


def shelves(patient: Patient, *, own: bool) -> list[Shelf]:
    """Every form with a person's sheets; for the person themselves only what they may fill in."""
    sheets = list(sheets_of(patient))
    return [
        Shelf(form, tuple(sheet for sheet in sheets if sheet.form == form.form))
        for form in current_forms()
        if form.is_for_patients or not own
    ]


def draft_of(sheet: Sheet) -> SheetDraft | None:
    """What is being filled in."""
    return SheetDraft.objects.filter(sheet=sheet).select_related("saved_by").first()


def sendings(sheet: Sheet) -> list[Sent]:
    """All that was sent of a sheet, the latest first; what was corrected is struck."""
    found = list(sheet.submissions.select_related("sent_by", "look__staff").order_by("-number"))
    return [
        Sent(
            row,
            version_of(sheet.form, row.version),
            is_struck=place > 0,
            corrected_by=found[place - 1] if place else None,
        )
        for place, row in enumerate(found)
    ]


def latest(patient: Patient, form: str, visit: Visit | None = None) -> Submission | None:
    """What stands now of a form: the last sending of its newest sheet that was sent.

    With a visit, of that visit's sheet alone.
    """
    rows = Submission.objects.filter(sheet__patient=patient, sheet__form=form)
    if visit is not None:
        rows = rows.filter(sheet__visit=visit)
    return rows.select_related("sheet").order_by("-sheet__opened_at", "-number").first()


def sheets_at(visit: Visit) -> list[Sheet]:
    """Sheets of a visit, and what was sent apart from one since the visit before it."""
    before = (
        Visit.objects.filter(patient=visit.patient_id, starts_at__lt=visit.starts_at)
        .order_by("-starts_at")
        .values_list("starts_at", flat=True)
        .first()
    )
    apart = Q(visit=None, submissions__isnull=False)
    if before is not None:
        apart &= Q(submissions__sent_at__gte=before)
    if Visit.objects.filter(patient=visit.patient_id, starts_at__gt=visit.starts_at).exists():
        apart &= Q(submissions__sent_at__lte=visit.starts_at)
    return list(sheets_of(visit.patient).filter(Q(visit=visit) | apart).distinct())


def titles() -> dict[str, str]:
    """The title of each form by its name."""
    return {form.form: form.title for form in current_forms()}
