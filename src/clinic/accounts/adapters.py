"""How the sign-in library meets the clinic: its mail goes by the outbox, its secrets are sealed.

Nobody makes an account for themselves here. The last second factor of a person cannot be removed.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from clinic.accounts.actions import tell_of_change
from clinic.accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by invitation; mail by the outbox."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never: a clinic invites."""
        return False

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,  # noqa: ARG002
        email: str | None = None,  # noqa: ARG002
    ) -> None:
        """Tell that a password was changed, with nothing else in the letter.

        Of a second factor the library tells after its transaction; `clinic.accounts.changing` has
        promised that letter within it.
        """
        if isinstance(user, User) and not template_prefix.startswith("mfa/"):
            tell_of_change(user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing but the clinic's own letters is ever mailed."""


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors whose secrets are sealed in the database."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether another factor remains."""
        return has_another_factor(authenticator)

    def _get_site_name(self) -> str:
        return str(settings.PLACE.name)


def has_another_factor(authenticator: Authenticator) -> bool:
    """Whether its holder could still sign in with a second factor if this one went."""
    others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(
        pk=authenticator.pk
    )
    return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def _cipher() -> Fernet:
    cipher: Fernet = settings.PLACE.keys.cipher("second factor")
    return cipher
