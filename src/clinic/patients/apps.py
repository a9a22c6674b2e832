"""Patients as a Django app."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """People in the clinic's care."""

    name = "clinic.patients"

    def ready(self) -> None:
        """Look at letters with an invitation as they leave."""
        from clinic.patients import inviting  # noqa: F401, PLC0415 - needs the loaded apps
