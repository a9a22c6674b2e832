"""What can be done with consents; each act with its audit row in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.practice.models import Staff
from clinic.records.consent.queries import as_given, consents, training_of
from clinic.records.consent.texts import ConsentText
from clinic.records.models import Consent, ConsentWithdrawal, CourseBegun, Visit
from clinic.records.turns import take_turn


class NothingToWithdraw(Exception):  # noqa: N818 - named for the event
    """None of these parts of the body stands in the consent any more."""


def take_consent(
    visit: Visit, text: ConsentText, values: dict[str, Any], *, staff: Staff, by: Actor
) -> Consent:
    """Write down what was agreed to, with the training of who treats as it stands today."""
    with transaction.atomic():
        consent = Consent.objects.create(
            visit=visit,
            text=text.text,
            version=text.version,
            digest=text.digest,
            training=training_of(visit.staff),
            taken_by=staff,
            given_at=timezone.now(),
            **values,
        )
        record(
            "consent given",
            by=by,
            subject=f"consent:{consent.pk}",
            patient=visit.patient_id,
            version=text.version,
            regions=list(consent.regions),
            how=str(consent.how),
        )
    return consent


def begin_course(visit: Visit, *, at: datetime, by: Actor) -> None:
    """A plan of a new examination was signed: what was agreed to before is asked anew.

    Once for each examination; a plan that is signed again in the same visit begins no other course.
    """
    with transaction.atomic():
        _, is_new = CourseBegun.objects.get_or_create(visit=visit, defaults={"at": at})
        if is_new:
            record("course begun", by=by, subject=f"visit:{visit.pk}", patient=visit.patient_id)


def withdraw(
    consent: Consent,
    regions: Iterable[str],
    *,
    said_by: str,
    reason: str,
    user: User,
    by: Actor,
) -> ConsentWithdrawal:
    """Take consent back for some parts of the body, at any time, with or without a reason.

    Raises:
        NothingToWithdraw: None of them stands in it.
    """
    with transaction.atomic():
        take_turn(consent.visit.patient_id)
        given = as_given(consents().get(pk=consent.pk))
        taken = sorted((given.regions - given.withdrawn) & set(regions))
        if not taken:
            raise NothingToWithdraw
        row = ConsentWithdrawal.objects.create(
            consent=consent,
            regions=taken,
            said_by=said_by,
            reason=reason,
            written_by=user,
            at=timezone.now(),
        )
        record(
            "consent withdrawn",
            by=by,
            subject=f"consent:{consent.pk}",
            patient=consent.visit.patient_id,
            regions=taken,
        )
    return row
