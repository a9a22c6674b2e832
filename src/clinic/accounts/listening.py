"""What the sign-in library does, written into the audit: sign-ins, failures, passwords, sign-outs.

A changed password is written in the transaction of the change, which `clinic.accounts.changing`
opens, and cannot be without its row; changed second factors are told of there.
"""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account_signals
from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from clinic.accounts.models import User
from clinic.accounts.queries import actor_of
from clinic.audit.actions import record, record_alone
from clinic.audit.actor import ANONYMOUS, Actor


@receiver(user_logged_in)
def signed_in(user: User, **_rest: Any) -> None:  # noqa: ANN401
    """A session began."""
    record_alone("signed in", by=Actor(f"user:{user.pk}"))


@receiver(user_logged_out)
def signed_out(user: User | None, **_rest: Any) -> None:  # noqa: ANN401
    """A session ended."""
    if user is not None:
        record_alone("signed out", by=Actor(f"user:{user.pk}"))


@receiver(user_login_failed)
def failed(credentials: dict[str, Any], **_rest: Any) -> None:  # noqa: ANN401
    """Somebody did not get in; which account was tried, if it is one, and nothing typed."""
    email = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    tried = User.objects.filter(email=email).values_list("pk", flat=True).first()
    record_alone("sign-in failed", by=ANONYMOUS, subject=f"user:{tried}" if tried else "")


@receiver(authentication_failed)
def second_step_failed(user: User, reauthentication: bool = False, **_rest: Any) -> None:  # noqa: ANN401 - as it is sent
    """Somebody knew the password, or sat at an open session, and had no right code."""
    name = f"user:{user.pk}"
    by = Actor(name) if reauthentication else ANONYMOUS
    record_alone("second step failed", by=by, subject=name)


@receiver(account_signals.password_changed)
@receiver(account_signals.password_set)
def password_changed(request: HttpRequest, user: User, **_rest: Any) -> None:  # noqa: ANN401
    """A password was changed by its holder."""
    record("password set", by=actor_of(request), subject=f"user:{user.pk}")
