"""What a browser needs to keep what was typed while the clinic cannot be reached.

The page carries a secret that lives on the server and nowhere else. The browser seals with a key
made from it and stores only what is sealed. The secret of a form is the session's: when the session
ends, what is left on the device can be read by nobody. That of readings of an examination is the
person's own, so that a session that ends in the middle takes nothing with it: the same person reads
them after signing in again, and nobody else does.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings
from django.http import HttpRequest

from clinic.accounts.queries import signed_in_user

SECRET = "kept_secret"  # noqa: S105 - the name under which the session has it


def kept(request: HttpRequest) -> dict[str, str]:
    """The secret of this session and the tag by which the browser knows whose its drafts are."""
    secret = request.session.get(SECRET)
    if not secret:
        secret = request.session[SECRET] = secrets.token_urlsafe(32)
    return {"secret": secret, "tag": hashlib.sha256(secret.encode()).hexdigest()[:24]}


def kept_readings(request: HttpRequest) -> str:
    """The secret of whoever is signed in; another after a new password, none with a known key."""
    if settings.PLACE.keys.are_default:
        return ""
    user = signed_in_user(request)
    of = f"kept readings|{user.pk}|{user.get_session_auth_hash()}"
    return hmac.new(settings.PLACE.keys.site.encode(), of.encode(), hashlib.sha256).hexdigest()
