"""What every page shares: its frame, the way forms are drawn, the answers when something fails.

Nothing here needs the database when the database is what failed.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db.utils import DatabaseError, InterfaceError
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clinic.accounts.keeping import Sent, mark_of, to_send_again
from clinic.accounts.returning import not_saved
from clinic.assessment.queries import work_of
from clinic.audit.holding import is_read_only
from clinic.booking.queries import may_book_for
from clinic.doors import anyone
from clinic.patients.queries import own_records
from clinic.practice.queries import Duties, Here, is_demonstration
from clinic.practice.rules import granted
from clinic.records.offline import kept_lasting

log = logging.getLogger("clinic.site")


class Forms(TemplatesSetting):
    """Forms drawn with the clinic's own templates."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


def shell(request: HttpRequest) -> dict[str, Any]:
    """What the frame of each page shows; nothing that needs the database when it is away."""
    duties: Duties = getattr(request, "duties", Duties())
    here: Here | None = getattr(request, "here", None)
    return {
        "nonce": getattr(request, "nonce", ""),
        "clinic_name": settings.PLACE.name,
        # without the gate it is asked only by a page that shows it
        "is_demonstration": is_demonstration if here is None else here.is_demonstration,
        "is_read_only": is_read_only(),
        "duties": duties,
        "may": {permission.name.lower(): True for permission in granted(duties.roles)},
        "patient": getattr(request, "patient", None),
        "standing": getattr(request, "standing", None),
        "emergency": getattr(request, "emergency", None),
        "place_time": f"{_city(timezone.get_current_timezone_name())} time",
        "idle_minutes": settings.IDLE_MINUTES,
        "kept_lasting": lambda: kept_lasting(request),  # made for the pages that bring it
        "again": mark_of(request),
    }


def _city(zone: str) -> str:
    return zone.rpartition("/")[2].replace("_", " ")


@anyone
def home(request: HttpRequest) -> HttpResponse:
    """The first page: the way in for a guest, for staff and patients what is theirs to do."""
    if isinstance(request.user, AnonymousUser):
        return render(request, "home_guest.html")
    duties: Duties = getattr(request, "duties", Duties())
    work = work_of(request.user, duties)
    own = own_records(request.user)
    context = {
        "own": own,
        "books": bool(own) or bool(may_book_for(request.user)),
        "work": work,
        "to_co_sign": work.to_co_sign,
    }
    return render(request, "home.html", context)


class RefuseTooMuch:
    """Refuses what is larger than any form of the clinic, before a word of it is read.

    The server reads no further than the length that was said, and nothing where none was.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the site, or 413."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.UPLOAD_AT_MOST:
            page = _PAGE.format(title="This is too large", text=_TOO_LARGE, form="")
            return HttpResponse(page, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return self.answer(request)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Absent and forbidden alike."""
    return render(request, "404.html", status=404)


def refused(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A request that cannot be read, or whose session was ended while it was answered.

    By then what it asked for may be done. Nothing is asked of the request but how it came: its
    host may be what is wrong with it.
    """
    ended = isinstance(exception, SessionInterrupted)
    words = [_ENDED if ended else _UNREADABLE]
    if ended and request.method == "POST":
        words += [_PERHAPS_UNSAVED, _LOOK]
    title = "You are signed out" if ended else "This request cannot be taken"
    return HttpResponse(_PAGE.format(title=title, text=" ".join(words), form=""), status=400)


def _surely_from_here(request: HttpRequest) -> bool:
    """Whether the browser itself says that a page of this site sent the form."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin == f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    """A form that did not come from one of our pages, or from one that was open too long.

    What came from one of them is shown to be copied. It is not sent again from here: another may
    have signed in since.
    """
    sent = to_send_again(request) if _surely_from_here(request) else []
    return not_saved(request, sent, has_expired=True)


def broken(request: HttpRequest) -> HttpResponse:
    """Something failed: the store of data away or full, or a fault of ours. No detail leaves.

    What was sent comes back in the page, to be sent again: a browser that goes back may show an
    empty form, since no page of the clinic is kept. Whether it was saved is not always known: a
    database may fall between keeping it and saying so.
    """
    failure = sys.exc_info()[1]
    log.error("%s in %s", type(failure).__name__, _where(failure))
    away = isinstance(failure, DatabaseError | InterfaceError | OSError)
    response = HttpResponse(_page_of(request, away=away), status=503 if away else 500)
    if away:
        response.headers["Retry-After"] = "10"
    return response


def _page_of(request: HttpRequest, *, away: bool) -> str:
    title = "The clinic cannot reach its records" if away else "Something went wrong here"
    words = [_AWAY if away else _FAULT]
    form = ""
    if request.method == "POST":
        words.append(_UNSAVED if away else _PERHAPS_UNSAVED)
        form = _sent_again(request)
        words.append(_HERE if form else _BACK)
    words += [_STAYS] if away else []
    return _PAGE.format(title=title, text=" ".join(words), form=form)


def _sent_again(request: HttpRequest) -> SafeString | str:
    """A form that holds what was sent; empty if a secret or a file was, which never comes back."""
    try:
        sent = to_send_again(request)
    except Exception:  # noqa: BLE001 - what was sent may itself be what failed
        return ""
    if not sent:
        return ""
    fields = format_html_join("", "{}", ((_field(*pair),) for pair in enumerate(sent)))
    return format_html(_FORM, path=request.get_full_path(), fields=fields)


def _field(number: int, sent: Sent) -> SafeString:
    template = _SHOWN if sent.are_words else _HIDDEN
    return format_html(
        template, id=f"sent_{number}", name=sent.name, label=sent.label, value=sent.value
    )


def _where(failure: BaseException | None) -> str:
    """File and line of a failure; its words may repeat what was typed."""
    frames = traceback.extract_tb(failure.__traceback__) if failure else []
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/report/tokens.css">
<link rel="stylesheet" href="/static/clinic/clinic.css"></head>
<body><main id="main" class="wide"><h1>{title}</h1><p>{text}</p>{form}
<p><a href="/">To the first page</a></p></main></body></html>
"""
_FORM = """
<form class="form" method="post" action="{path}">{fields}
<button class="primary">Send it again</button></form>"""
_SHOWN = (
    '<div class="field"><label for="{id}">{label}</label>'
    '<textarea id="{id}" name="{name}" rows="3">\n{value}</textarea></div>'
)
_HIDDEN = '<input type="hidden" name="{name}" value="{value}">'
_AWAY = "Nothing that was saved before is lost."
_FAULT = "The fault is ours and has been written down; what you typed has not."
_UNSAVED = "What you just sent was most likely not saved."
_PERHAPS_UNSAVED = "What you just sent may not have been saved."
_HERE = "It stands here: wait a minute, look whether it was, and send it again if not."
_BACK = "Wait a minute, look whether it was, and if not go back in your browser and send it again."
_ENDED = "You signed out, or were signed out, elsewhere while this was on its way."
_LOOK = "Sign in, look whether it was, and send it again if not."
_TOO_LARGE = (
    "A file may have at most 10 MB. Nothing of what you sent was kept. Go back in your browser and"
    " choose a smaller file, or save this one smaller: as a PDF, or a picture of fewer points."
)
_UNREADABLE = "It did not come as a browser sends it. Go to the first page and try from there."
_STAYS = (
    "If this goes on, tell whoever looks after the clinic's machine: its disk may be full, or its"
    " database stopped."
)
