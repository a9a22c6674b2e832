"""What is promised: messages to send and jobs to do, one row each, in the act's own transaction.

What fills a letter's gaps may be a link that signs somebody in. It is sealed in the database, so
that neither a copy of it nor a backup holds a working link, and gone once the message has ended.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class SealedValues(models.TextField[dict[str, str], dict[str, str]]):
    """Named texts that only the holder of the clinic's keys can read; none are an empty field.

    What these keys do not open reads as no values at all: its letter cannot be written and fails.
    """

    def get_prep_value(self, value: dict[str, str] | None) -> str:
        """Seal."""
        if not value:
            return ""
        text = json.dumps(value, sort_keys=True)
        return settings.PLACE.keys.cipher("message").encrypt(text.encode()).decode()

    def from_db_value(
        self, value: str | None, _expression: object, _connection: BaseDatabaseWrapper
    ) -> dict[str, Any]:
        """Open."""
        if not value:
            return {}
        try:
            text = settings.PLACE.keys.cipher("message").decrypt(value.encode())
        except InvalidToken:
            return {}
        opened: dict[str, Any] = json.loads(text)
        return opened


class Message(models.Model):
    """One mail. Its Message-ID is fixed when it is promised and never changes."""

    class State(models.TextChoices):
        """From promised to sent; `sending` is claimed and not yet acknowledged."""

        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        CANCELLED = "cancelled"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message_id = models.CharField(max_length=200, unique=True)
    key = models.CharField(max_length=120, unique=True)  # promising the same twice sends once
    letter = models.CharField(max_length=40)
    to = models.EmailField()
    values = SealedValues(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    promised_at = models.DateTimeField()
    not_before = models.DateTimeField()
    zone = models.CharField(max_length=40, default="UTC")  # whose nights are left alone
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "not_before"])]

    def __str__(self) -> str:
        return f"{self.letter} {self.state}"


class Job(models.Model):
    """One computation. The same input is computed once: `kind` and `fingerprint` are unique."""

    class State(models.TextChoices):
        """From queued to an end; a running one whose heart stopped is queued again."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    fingerprint = models.CharField(max_length=64)
    given = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    result = models.JSONField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True)
    requested_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "fingerprint"], name="same_input_computed_once")
        ]
        indexes = [models.Index(fields=["state", "queued_at"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
