"""Assessment as a Django app."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """Findings, inference, conclusion, plan, simulation jobs."""

    name = "clinic.assessment"

    def ready(self) -> None:
        """Make the simulation known to the worker."""
        from clinic.assessment import jobs  # noqa: F401, PLC0415 - needs the loaded apps
