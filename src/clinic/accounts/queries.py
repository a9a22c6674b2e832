"""Who is asking, and how surely they showed it."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from clinic.accounts.keeping import mark_of, once_of
from clinic.accounts.models import User
from clinic.audit.actor import ANONYMOUS, Actor

BY_DEMONSTRATION_LINK = "by_demonstration_link"


def signed_in_user(request: HttpRequest) -> User:
    """The person behind a request that the gate has let in as signed in."""
    if isinstance(request.user, AnonymousUser):
        raise PermissionError("Nobody is signed in.")
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    """The one who acts by this request."""
    if not request.user.is_authenticated:
        return ANONYMOUS
    key = request.session.session_key or ""
    return Actor(f"user:{request.user.pk}", hashlib.sha256(key.encode()).hexdigest()[:32])


def sender_of(request: HttpRequest) -> Actor:
    """The one who acts by this request, with the mark of the form that they sent.

    For the act alone that does what the form asks for: the browser that made the mark keeps what
    was typed until this act is done. Sent twice, the form is taken once.
    """
    actor = actor_of(request)
    if actor == ANONYMOUS:
        return actor
    done = request.__dict__.setdefault("forms_done", actor.done)
    return replace(actor, form=mark_of(request) or once_of(request), done=done)


def is_from_here(request: HttpRequest) -> bool:
    """Whether a page of this site sent the form, where a page without a referrer sends it."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}


def has_second_factor(user: User) -> bool:
    """Whether this account is protected by more than a password."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user=user, type__in=kinds).exists()


def has_way_in(user: User) -> bool:
    """Whether its holder has chosen anything to sign in with."""
    return user.has_usable_password() or Authenticator.objects.filter(user=user).exists()


def account_of(email: str) -> User | None:
    """The account with this address, open or not; told to nobody but whoever has the mail."""
    return User.objects.filter(email=email.strip().lower()).first()
