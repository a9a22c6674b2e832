"""Outbox as a Django app."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Mail and background work."""

    name = "clinic.outbox"
