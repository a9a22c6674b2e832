"""The way back after signing in, and a form that came too late: where it was, and what it said.

Nothing is saved in the name of somebody who signs in later: a form that no session stands behind
any more is shown to be copied and is never sent again by itself.
"""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import escape_leading_slashes

from clinic.accounts.keeping import Sent, mark_of


def page_behind(request: HttpRequest) -> str:
    """The page to come back to: of a form that was sent, the one on which it stood.

    The address of a form often takes only what is sent. Which page it stood on is known from the
    referrer, which is believed only of this site.
    """
    if request.method == "POST":
        came = urlsplit(request.headers.get("Referer", ""))
        if (came.scheme, came.netloc) == (request.scheme, request.get_host()):
            path = escape_leading_slashes(came.path)  # never another site's
            return path + (f"?{came.query}" if came.query else "")
    return request.get_full_path() if request.method in {"GET", "HEAD", "POST"} else "/"


def sign_in_and_back(request: HttpRequest) -> str:
    """The address of the sign-in that leads back here."""
    return f"{reverse('account_login')}?{urlencode({'next': page_behind(request)})}"


def saved_already(request: HttpRequest) -> HttpResponse:
    """The answer to a form whose act was done before: the page it stood on, with a word of it."""
    messages.success(request, "This was sent twice. It is saved, and once.")
    return redirect(page_behind(request))


def not_saved(request: HttpRequest, sent: list[Sent], *, has_expired: bool) -> HttpResponse:
    """A page that says that a form was not saved, with what it said, to be copied.

    Args:
        request: What was sent.
        sent: Its fields; none if a secret or a file was among them.
        has_expired: Whether it was the form that was too old, and not the session.
    """
    context = {
        "has_expired": has_expired,
        "words": [one for one in sent if one.are_words],
        "more": [one for one in sent if one.is_told and not one.are_words],
        "is_kept": bool(mark_of(request)),
        "page": page_behind(request),
    }
    return render(request, "not_saved.html", context, status=403)
