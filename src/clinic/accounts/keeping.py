"""What a session keeps: since when it runs and was left alone, and a form over a locked screen.

The names are those under which the gate writes them; a form is kept in the session, on the server,
until its page is opened again behind the lock. A view that takes a form uses `kept_form`: what was
typed is there again after an error, and after a screen that locked in mid-form.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, TypeVar

from django import forms
from django.http import HttpRequest, QueryDict

Form = TypeVar("Form", bound=forms.BaseForm)
STARTED, SEEN, LOCKED, SECURED = "started_at", "seen_at", "locked_since", "is_secured"
HANDED, HANDED_SINCE = "handed_sheet", "handed_since"
HELD = "held_form"
HELD_AT_MOST = 200_000  # letters
NEVER_HELD = {"csrfmiddlewaretoken", "held_path", "code", "credential", "mark"}


def hold(request: HttpRequest, path: str, fields: dict[str, list[str]]) -> None:
    """Keep what was typed into the form at `path`; no secret, and not what is too much to keep.

    Nothing is kept that comes from a device in a patient's hands: behind the lock it would stand
    there as if the one who unlocks it had typed it.
    """
    if is_handed_over(request):
        return
    fields = {name: values for name, values in fields.items() if not is_secret(name)}
    letters = sum(len(value) for values in fields.values() for value in values)
    if fields and letters <= HELD_AT_MOST:
        request.session[HELD] = {"path": path, "fields": fields}


def is_handed_over(request: HttpRequest) -> bool:
    """Whether the screen was locked to hand the device to a patient, and not unlocked since."""
    since = request.session.get(HANDED_SINCE)
    return since is not None and since == request.session.get(LOCKED)


def is_secret(name: str) -> bool:
    """Whether a field opens something; a session is read by whoever reads the database."""
    return name in NEVER_HELD or "password" in name.lower()


TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
MARK = "typed_form"  # the field by which a browser knows a form whose words it keeps
ONCE = "once"  # the field by which a page marks a form of its own, without a script
_MARK = re.compile(r"[0-9a-f]{32}")
_UNTOLD = re.compile(rf"{TOKEN}|{MARK}|{ONCE}|revision|version|key|r:.*")  # of the page, of nobody
_KEY = re.compile(r"[0-9a-f-]{36}")  # of a row, which says nothing to a reader


def mark_of(request: HttpRequest) -> str:
    """The mark of a form that was sent, or of one that was held; empty if no browser gave one."""
    if request.method == "POST":
        mark = request.POST.get(MARK, "")
    else:
        mark = getattr(request, "held_mark", "")
    return mark if _MARK.fullmatch(mark) else ""


def once_of(request: HttpRequest) -> str:
    """The mark of a form to which its page gave one, with what it says; empty if it gave none.

    Other words under the mark of the same page are another form: somebody went back and mended it.
    """
    mark = request.POST.get(ONCE, "")
    if not _MARK.fullmatch(mark):
        return ""
    said = [one for one in sorted(request.POST.lists()) if one[0] not in {TOKEN, "revision"}]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


class OnceForm(forms.Form):
    """What is written for good, and once, however often its button is pressed."""

    once = forms.CharField(widget=forms.HiddenInput, required=False, initial=lambda: token_hex(16))


@dataclass(frozen=True)
class Sent:
    """One field of a form that was sent and not saved."""

    name: str
    value: str

    @property
    def label(self) -> str:
        """What a reader calls it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def are_words(self) -> bool:
        """Whether somebody wrote it; the rest goes along unseen."""
        return self.is_told and any(letter.isalpha() for letter in self.value)

    @property
    def is_told(self) -> bool:
        """Whether it says something to a reader."""
        is_own = not _UNTOLD.fullmatch(self.name) and not _KEY.fullmatch(self.value)
        return is_own and bool(self.value.strip())


def to_send_again(request: HttpRequest) -> list[Sent]:
    """All fields of a form that was not saved; none if a secret or a file was among them."""
    sent = [Sent(name, value) for name, values in request.POST.lists() for value in values]
    names = {field.name for field in sent} - {TOKEN, MARK}
    if request.FILES or not names or any(is_secret(name) for name in names):
        return []
    return sent


def take_held(request: HttpRequest) -> dict[str, list[str]] | None:
    """What was kept for this page; it is given once."""
    held = request.session.get(HELD)
    if not held or held["path"] != request.path:
        return None
    del request.session[HELD]
    fields: dict[str, list[str]] = held["fields"]
    request.held_mark = next(iter(fields.pop(MARK, [])), "")  # type: ignore[attr-defined]
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
