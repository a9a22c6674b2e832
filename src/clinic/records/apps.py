"""Records as a Django app."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The visit and what was written in it."""

    name = "clinic.records"
