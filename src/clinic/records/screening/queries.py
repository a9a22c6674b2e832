"""Reads of screening: what is known at a visit."""

from __future__ import annotations

from clinic.records.models import ScreeningClearance, SheetDraft, Submission, Visit
from clinic.records.screening.rules import FORM, VisitScreening, visit_screening
from clinic.records.sheets.rules import Values, read
from clinic.records.sheets.versions import version_of
from clinic.treatment_rules import Clearance, questions


def screening_of(visit: Visit) -> VisitScreening:
    """What is known at a visit: its own answers, those of earlier ones that hold, clearances."""
    return visit_screening(
        earlier_answers(visit),
        signed_answers(visit),
        drafted=_drafted(visit),
        clearances=_clearances(visit),
        is_without_needles=visit.is_without_needles,
    )


def asked_last(visit: Visit) -> Visit:
    """The latest visit, from this one on, at which the screening was asked; this one if none was.

    What was decided at a visit and is acted on later stands under the answers given since.
    """
    later = Visit.objects.filter(
        patient=visit.patient_id, starts_at__gt=visit.starts_at, sheets__form=FORM
    )
    return later.order_by("-starts_at").first() or visit


def earlier_answers(visit: Visit) -> list[Values]:
    """What was signed at the person's earlier visits, the first visit first."""
    rows = (
        Submission.objects.filter(
            sheet__form=FORM,
            sheet__visit__patient=visit.patient_id,
            sheet__visit__starts_at__lt=visit.starts_at,
        )
        .exclude(sheet__visit=visit)
        .order_by("sheet__visit__starts_at", "sheet__opened_at", "number")
        .values_list("sheet", "values")
    )
    return list(dict(rows).values())  # of each sheet the last sending


def answered_before(visit: Visit) -> Values:
    """What each question was answered when it was answered last before this visit."""
    found: Values = {}
    for values in earlier_answers(visit):
        again = {key for key in questions() if key in values}
        found = {
            **{name: said for name, said in found.items() if name.partition(".")[0] not in again},
            **{name: said for name, said in values.items() if name.partition(".")[0] in again},
        }
    return found


def last_screening(visit: Visit) -> Submission | None:
    """The screening that stands at a visit: who signed it, when, in which version."""
    return (
        Submission.objects.filter(sheet__form=FORM, sheet__visit=visit)
        .select_related("sent_by", "sheet")
        .order_by("-sheet__opened_at", "-number")
        .first()
    )


def signed_answers(visit: Visit) -> Values | None:
    """What was signed at a visit; None while nothing is."""
    last = last_screening(visit)
    return last.values if last else None


def _drafted(visit: Visit) -> Values | None:
    draft = SheetDraft.objects.filter(sheet__form=FORM, sheet__visit=visit).first()
    return read(version_of(FORM, draft.version), draft.raw).values if draft else None


def clearances_at(visit: Visit) -> list[ScreeningClearance]:
    """Clearances that hold at a visit: its own, and earlier ones of what need not be asked anew.

    A no signed since ends one: what is answered yes after that is new, and nobody has cleared it.
    """
    rows = (
        ScreeningClearance.objects.filter(
            visit__patient=visit.patient_id, visit__starts_at__lte=visit.starts_at
        )
        .select_related("staff", "visit")
        .order_by("at", "pk")
    )
    latest = {(row.item, row.region): row for row in rows}
    signed = Submission.objects.filter(
        sheet__form=FORM,
        sheet__visit__patient=visit.patient_id,
        sheet__visit__starts_at__lte=visit.starts_at,
    ).values_list("sent_at", "values")
    said = list(signed) if latest else []
    return [
        row
        for row in latest.values()
        if row.item in questions()
        and not row.is_taken_back
        and not any(at > row.at and values.get(row.item) == "no" for at, values in said)
        and (row.visit_id == visit.pk or not questions()[row.item].each_visit)
    ]


def _clearances(visit: Visit) -> list[Clearance]:
    return [
        Clearance(row.item, row.staff.name, row.reason, row.done, row.region)
        for row in clearances_at(visit)
    ]
