"""What can be done with replies: open them, which is written down once with its audit row."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.audit.holding import is_read_only
from clinic.patients.models import Patient
from clinic.patients.rules import Relation, Standing
from clinic.practice.models import Role, Staff
from clinic.records.models import ConsentWithdrawal, Look, Submission

ANSWERS_FOR = frozenset({Relation.CARING, Relation.COVERING})


def answers_for(standing: Standing) -> bool:
    """Whether what a person sent has reached somebody when this one opens it.

    A student, a practitioner who only may open the chart, or one who is locked out and opens it in
    an emergency takes nothing off the list of those who care for the person.
    """
    is_theirs = standing.relation in ANSWERS_FOR and not standing.is_locked_out
    return is_theirs and Role.PRACTITIONER in standing.roles


def look_at(
    rows: QuerySet[Submission] | QuerySet[ConsentWithdrawal],
    patient: Patient,
    *,
    standing: Standing,
    staff: Staff | None,
    by: Actor,
) -> int:
    """Write down that these were opened, as far as nobody has before; how many.

    Args:
        rows: What is shown.
        patient: Whose.
        standing: How who opens it stands to them; others change nothing, nor does anybody while
            the clinic is for reading only: it waits on.
        staff: Who opens it.
        by: Who acts.
    """
    if staff is None or not answers_for(standing) or is_read_only():
        return 0
    waiting = rows.filter(look=None)
    if not waiting.exists():
        return 0
    name = "submission" if rows.model is Submission else "withdrawal"
    now = timezone.now()
    with transaction.atomic():
        # Of two who open it in one moment the second writes nothing: on SQLite it reads here what
        # the first wrote, on PostgreSQL what came meanwhile is left alone.
        fresh = list(waiting.all())
        Look.objects.bulk_create(
            [Look(**{name: row}, staff=staff, at=now) for row in fresh], ignore_conflicts=True
        )
        mine = Look.objects.filter(**{f"{name}__in": fresh}, staff=staff, at=now)
        opened = list(mine.values_list(name, flat=True))
        for key in opened:
            record("reply looked at", by=by, subject=f"{name}:{key}", patient=patient.pk)
    return len(opened)
