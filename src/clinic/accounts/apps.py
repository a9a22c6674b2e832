"""Accounts as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may sign in, and how."""

    name = "clinic.accounts"

    def ready(self) -> None:
        """Listen for what the sign-in library does; look at letters with a link as they leave."""
        from clinic.accounts import actions, listening  # noqa: F401, PLC0415 - needs the loaded apps
