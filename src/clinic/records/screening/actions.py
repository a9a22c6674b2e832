"""What can be done with a screening; each act with its audit row in one transaction."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.practice.models import Staff
from clinic.records.models import ScreeningClearance, Sheet, Submission, Visit, Way
from clinic.records.screening.queries import (
    clearances_at,
    last_screening,
    screening_of,
)
from clinic.records.screening.rules import FORM
from clinic.records.sheets.actions import Writer, begin_correction, open_sheet
from clinic.records.sheets.versions import current
from clinic.records.turns import take_turn
from clinic.treatment_rules import Clearance
from myotome.errors import InputError


def ask(visit: Visit, writer: Writer) -> Sheet:
    """The screening of a visit: a new sheet, the one begun, or the signed one opened again.

    Nothing is answered before it is asked; what was answered last time stands beside it.
    """
    with transaction.atomic():
        last = last_screening(visit)
        if last is not None:
            begin_correction(last.sheet, writer)
            return last.sheet
        return open_sheet(visit.patient, current(FORM), writer, visit=visit)


def clear(
    visit: Visit, item: str, region: str, *, staff: Staff, reason: str, done: str, by: Actor
) -> ScreeningClearance:
    """Clear what had to be cleared first: who, why, and what was done. A stop is never cleared.

    Raises:
        InputError: It is a stop or a caution, it is not raised there, or something is not said.
    """
    Clearance(item, staff.name, reason, done, region)
    with transaction.atomic():
        take_turn(visit.patient_id)
        if (item, region) not in screening_of(visit).regions_raised:
            raise InputError(f"{item} is not raised there; nothing needs clearing.", place="item")
        return _clearance(visit, item, region, staff, by, reason=reason, done=done)


def take_back(
    visit: Visit, item: str, region: str, *, staff: Staff, reason: str, by: Actor
) -> ScreeningClearance:
    """Take a clearance back: the item is to be cleared first again.

    Raises:
        InputError: Nothing is cleared there.
    """
    with transaction.atomic():
        take_turn(visit.patient_id)
        if (item, region) not in {(row.item, row.region) for row in clearances_at(visit)}:
            raise InputError("must be cleared before that is taken back.", place="item")
        return _clearance(visit, item, region, staff, by, reason=reason, is_taken_back=True)


def _clearance(
    visit: Visit,
    item: str,
    region: str,
    staff: Staff,
    by: Actor,
    *,
    reason: str,
    done: str = "",
    is_taken_back: bool = False,
) -> ScreeningClearance:
    row = ScreeningClearance.objects.create(
        visit=visit,
        item=item,
        region=region,
        staff=staff,
        reason=reason,
        done=done,
        is_taken_back=is_taken_back,
        at=timezone.now(),
    )
    record(
        "screening clearance taken back" if is_taken_back else "screening item cleared",
        by=by,
        subject=f"visit:{visit.pk}",
        patient=visit.patient_id,
        item=item,
    )
    return row


def say_needles(visit: Visit, *, is_without: bool, by: Actor) -> None:
    """Say that a visit is without needles, or that it is not; without needles it is complete."""
    with transaction.atomic():
        take_turn(visit.patient_id)
        Visit.objects.filter(pk=visit.pk).update(is_without_needles=is_without)
        record(
            "visit without needles" if is_without else "visit with needles",
            by=by,
            subject=f"visit:{visit.pk}",
            patient=visit.patient_id,
        )
    visit.is_without_needles = is_without


def writer_of(staff: Staff, actor: Actor) -> Writer:
    """Staff who ask and write down."""
    return Writer(staff.user, Submission.By.STAFF, Way.ASKED, actor)
