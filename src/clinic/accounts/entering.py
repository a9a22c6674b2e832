"""Beginning a session by a mailed link: whoever was signed in here is signed out first."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth import login, logout
from django.http import HttpRequest

from clinic.accounts.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def enter(request: HttpRequest, user: User) -> None:
    """Sign somebody in by the link that they were mailed."""
    logout(request)
    login(request, user, backend=BACKEND)
    record_authentication(request, user, method="link", reauthenticated=True)
