"""What the worker does each minute: places that were kept too long go back, or to the next."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from clinic.booking import rules
from clinic.booking.models import Answer, Booking, Waiting
from clinic.booking.occupying import lapse
from clinic.booking.waiting import answered, pass_on

AT_ONCE = 200
ANSWERS_KEPT = timedelta(days=7)


def keep_up() -> int:
    """Give back what has lapsed, pass offers on, forget old answers; how many lapsed."""
    now = timezone.now()
    due = Booking.objects.filter(state__in=rules.UNSURE, expires_at__lte=now)
    count = 0
    for booking in due.select_related("service", "staff", "site")[:AT_ONCE]:
        with transaction.atomic():
            if lapse([booking]):
                count += 1
                pass_on(booking)
    # However an offer ended, nobody goes on waiting for it.
    for row in Waiting.objects.filter(
        state=Waiting.State.OFFERED, offer__state__in=rules.FREE
    ).select_related("offer__service", "offer__staff", "offer__site")[:AT_ONCE]:
        if row.offer is not None:
            with transaction.atomic():
                answered(row.offer, was_taken=False)
    Answer.objects.filter(at__lt=now - ANSWERS_KEPT).delete()
    return count
