"""What a browser needs to keep what was typed until the clinic has taken it.

The page carries a secret that the server makes. The browser seals with a key made from it and
stores only what is sealed. The secret is the person's own, so that a session that ends takes
nothing with it: the same person reads it after signing in again, and nobody else does. On a device
in a patient's hands it is the session's: when that ends, what is left can be read by nobody.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from django.conf import settings
from django.http import HttpRequest

from clinic.accounts.keeping import LOCKED
from clinic.accounts.queries import signed_in_user

SECRET = "kept_secret"  # noqa: S105 - the name under which the session has it
WEEK = 7 * 24 * 60 * 60  # seconds; as long as a device keeps anything


def kept(request: HttpRequest) -> dict[str, str]:
    """The secret of this session and the tag by which the browser knows whose its drafts are."""
    secret = request.session.get(SECRET)
    if not secret:
        secret = request.session[SECRET] = secrets.token_urlsafe(32)
    return {"secret": secret, "tag": hashlib.sha256(secret.encode()).hexdigest()[:24]}


def kept_lasting(request: HttpRequest) -> str:
    """The secrets of whoever is signed in: what is sealed from now on, and what was sealed before.

    They change with the week and with nothing that ends a session, such as a new password. Behind
    a lock, with a device in a patient's hands, and with a known key there is none.
    """
    if settings.PLACE.keys.are_default or not request.user.is_authenticated:
        return ""
    if LOCKED in request.session:
        return ""
    user = signed_in_user(request)
    week = int(time.time() // WEEK)
    return " ".join(
        hmac.new(settings.PLACE.keys.site.encode(), of.encode(), hashlib.sha256).hexdigest()
        for of in (
            f"kept on a device|{user.pk}|{week}",
            f"kept on a device|{user.pk}|{week - 1}",
            f"kept readings|{user.pk}|{user.get_session_auth_hash()}",  # as it was made at first
        )
    )
