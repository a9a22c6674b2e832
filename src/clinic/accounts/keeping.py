"""What a session keeps: since when it runs and was left alone, and a form over a locked screen.

The names are those under which the gate writes them; a form is kept in the session, on the server,
until its page is opened again behind the lock. A view that takes a form uses `kept_form`: what was
typed is there again after an error, and after a screen that locked in mid-form.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.http import HttpRequest, QueryDict

Form = TypeVar("Form", bound=forms.BaseForm)
STARTED, SEEN, LOCKED, SECURED = "started_at", "seen_at", "locked_since", "is_secured"
HELD = "held_form"
HELD_AT_MOST = 200_000  # letters
NEVER_HELD = {"csrfmiddlewaretoken", "held_path", "code", "credential"}


def hold(request: HttpRequest, path: str, fields: dict[str, list[str]]) -> None:
    """Keep what was typed into the form at `path`; no secret, and not what is too much to keep."""
    fields = {name: values for name, values in fields.items() if not is_secret(name)}
    letters = sum(len(value) for values in fields.values() for value in values)
    if fields and letters <= HELD_AT_MOST:
        request.session[HELD] = {"path": path, "fields": fields}


def is_secret(name: str) -> bool:
    """Whether a field opens something; a session is read by whoever reads the database."""
    return name in NEVER_HELD or "password" in name.lower()


def take_held(request: HttpRequest) -> dict[str, list[str]] | None:
    """What was kept for this page; it is given once."""
    held = request.session.get(HELD)
    if not held or held["path"] != request.path:
        return None
    del request.session[HELD]
    fields: dict[str, list[str]] = held["fields"]
    return fields


def kept_form(request: HttpRequest, form_class: type[Form], **options: Any) -> Form:  # noqa: ANN401
    """The form of a request: as sent, as kept over a locked screen, or fresh."""
    if request.method == "POST":
        return form_class(request.POST, request.FILES, **options)
    held = take_held(request)
    if held:
        data = QueryDict(mutable=True)
        for name, values in held.items():
            data.setlist(name, values)
        return form_class(data, **options)
    return form_class(**options)


def status(form: forms.BaseForm, request: HttpRequest) -> int:
    """422 for a form that was sent and holds something wrong; 200 otherwise."""
    return 422 if request.method == "POST" and form.errors else 200
