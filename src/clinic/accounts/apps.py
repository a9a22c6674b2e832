"""Accounts as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may sign in, and how."""

    name = "clinic.accounts"

    def ready(self) -> None:
        """Listen to the sign-in library; look at letters with a link as they leave; keep up."""
        from clinic.accounts import actions, listening  # noqa: F401, PLC0415 - needs the loaded apps
        from clinic.accounts.sessions import forget_ended  # noqa: PLC0415
        from clinic.outbox.worker import EVERY_MINUTE  # noqa: PLC0415

        if forget_ended not in EVERY_MINUTE:
            EVERY_MINUTE.append(forget_ended)
