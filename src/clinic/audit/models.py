"""Rows of the audit: entries, written in the act's own transaction, and the links that chain them.

Neither is ever changed or deleted: triggers of the database forbid it, on both engines. A detail
holds keys and counts, never what a chart says. Beside them, and no part of the audit, stands for
some days which forms were taken.
"""

from __future__ import annotations

import uuid

from django.db import models


class Entry(models.Model):
    """One act, read or refusal."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    session = models.CharField(max_length=32, blank=True)
    act = models.CharField(max_length=80)
    subject = models.CharField(max_length=120, blank=True)
    patient = models.UUIDField(null=True, blank=True)
    detail = models.JSONField(default=dict)
    key = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["patient", "-at"]),
            models.Index(fields=["act", "-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.act} by {self.actor}"


class Taken(models.Model):
    """A form whose act was done: a browser asks whether it still has to keep what was typed.

    Written in the act's own transaction, so that neither is there without the other. The mark is
    made by the browser and says nothing; it is the actor's own, whoever else may send it.
    """

    mark = models.CharField(max_length=32)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mark", "actor"], name="a_form_is_taken_once")
        ]

    def __str__(self) -> str:
        return self.mark


class Link(models.Model):
    """One place in the chain: the number says where, the hash depends on all that came before."""

    number = models.PositiveBigIntegerField(primary_key=True)
    entry = models.UUIDField(unique=True)
    entry_digest = models.CharField(max_length=64)
    key = models.CharField(max_length=12)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"link {self.number}"
