"""What a browser needs to keep what was typed while the clinic cannot be reached.

The page carries a secret that lives in the session on the server and nowhere else. The browser
seals with a key made from it and stores only what is sealed: when the session ends, what is left on
the device can be read by nobody.
"""

from __future__ import annotations

import hashlib
import secrets

from django.http import HttpRequest

SECRET = "kept_secret"  # noqa: S105 - the name under which the session has it


def kept(request: HttpRequest) -> dict[str, str]:
    """The secret of this session and the tag by which the browser knows whose its drafts are."""
    secret = request.session.get(SECRET)
    if not secret:
        secret = request.session[SECRET] = secrets.token_urlsafe(32)
    return {"secret": secret, "tag": hashlib.sha256(secret.encode()).hexdigest()[:24]}
