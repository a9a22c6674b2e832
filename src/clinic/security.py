"""Headers on every answer: what a browser may run, embed, remember and tell others.

Scripts run only with the nonce of their own page; nothing is inlined, framed, or sent elsewhere.
No page is kept by a cache, since any may show a person. The referrer stays within the site; where
the address itself is a secret (a mailed link, a feed) it is never told to anybody, not even to this
site. From such a page a browser sends forms with no origin: their views look where the form came
from by themselves.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'; require-trusted-types-for 'script'"
)
FEATURES = (
    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=(),"
    " publickey-credentials-get=(self), publickey-credentials-create=(self)"
)


class SecurityHeaders:
    """Gives each request a nonce and each answer its headers."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the site with its headers."""
        request.nonce = secrets.token_urlsafe(18)  # type: ignore[attr-defined]
        response = self.answer(request)
        wanted = {
            "Content-Security-Policy": POLICY.format(nonce=request.nonce),  # type: ignore[attr-defined]
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer" if _is_secret(request) else "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": FEATURES,
        }
        if settings.IS_SECURE:
            wanted["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        is_public = getattr(response, "is_public", False)  # a view says so of what names nobody
        if not (is_public or request.path.startswith(settings.STATIC_URL)):
            response.headers["Cache-Control"] = "no-store"
        for name, value in wanted.items():
            response.headers.setdefault(name, value)
        return response


def _is_secret(request: HttpRequest) -> bool:
    """Whether who knows the address may open it: one part of it is a token."""
    found = request.resolver_match
    return found is not None and "token" in found.kwargs
