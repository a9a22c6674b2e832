"""Audit as a Django app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Who saw or changed what."""

    name = "clinic.audit"
