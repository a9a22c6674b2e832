"""Practice as a Django app."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """Sites, staff, credentials, rules of the place."""

    name = "clinic.practice"
