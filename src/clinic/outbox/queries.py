"""What of the mail somebody should look at: what was given up, and what should have left by now."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from clinic.outbox.models import Message
from clinic.outbox.rules import OVERDUE_AFTER

REMEMBERED = timedelta(days=30)


def given_up() -> QuerySet[Message]:
    """Messages of the last thirty days that will never arrive, newest first."""
    since = timezone.now() - REMEMBERED
    failed = Message.objects.filter(state=Message.State.FAILED, promised_at__gt=since)
    return failed.order_by("-promised_at")


def overdue() -> QuerySet[Message]:
    """Messages still here although they were due, or first tried, an hour ago; oldest first."""
    before = timezone.now() - OVERDUE_AFTER
    here = Message.objects.filter(state__in=[Message.State.WAITING, Message.State.SENDING])
    tried = here.filter(attempts__gt=0, promised_at__lt=before)
    return (here.filter(not_before__lt=before) | tried).order_by("promised_at")
