"""Practice as a Django app."""

from django.apps import AppConfig


class PracticeConfig(AppConfig):
    """Sites, staff, credentials, rules of the place."""

    name = "clinic.practice"

    def ready(self) -> None:
        """Make the practice's jobs known to the worker."""
        from clinic.practice import jobs  # noqa: F401, PLC0415 - needs the loaded apps
