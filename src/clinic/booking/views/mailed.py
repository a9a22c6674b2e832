"""What opens a visit or a wish to wait: the link of a mail, once pressed, for an hour.

The secret stands in one address alone, that of the mail. Its page changes nothing, since programs
look at mailed links before people do; its button puts the key of what it opens, which is no secret,
into the session of this browser. Every page after it is asked for by that key and asks the session,
or who is signed in. Whoever has neither gets one page, whether or not there is such a visit.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps

from allauth.core.ratelimit import consume
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from clinic.accounts.keeping import LOCKED, SECURED
from clinic.accounts.queries import BY_DEMONSTRATION_LINK, actor_of, is_from_here, signed_in_user
from clinic.audit.actions import record_alone
from clinic.audit.actor import Actor
from clinic.booking import asking, rules
from clinic.booking.links import booking_of
from clinic.booking.models import Booking
from clinic.booking.queries import may_book_for
from clinic.doors import anyone
from clinic.patients.models import Patient

BY = Actor("link:visit")
OPENED = "opened_by_link"  # in the session: what was opened, since when, and what it needs
LASTS = timedelta(hours=1)
FRESH = timedelta(minutes=1)
BEGUN = "begun_by_link"  # in the session: sheets that this browser began, by their visit


# ------------------------------------------------------------------ what a session keeps


def _opened(request: HttpRequest) -> dict[str, list[object]]:
    """What this browser has open, without what has been open too long."""
    kept: dict[str, list[object]] = request.session.get(OPENED, {})
    limit = time.time() - LASTS.total_seconds()
    return {name: row for name, row in kept.items() if float(str(row[0])) > limit}


def _admit(request: HttpRequest, name: str, what: str = "") -> None:
    """Open something for an hour; the session gets a new key and keeps who is signed in."""
    request.session[OPENED] = _opened(request) | {name: [time.time(), what]}
    request.session.cycle_key()


def admitted(request: HttpRequest, name: str) -> str | None:
    """What was kept for something that is open here; None if it is not."""
    row = _opened(request).get(name)
    return None if row is None else str(row[1])


def stay_open(request: HttpRequest, name: str) -> None:
    """Whoever fills something in is there: the hour begins anew, once a minute at most."""
    kept = _opened(request)
    if name in kept and time.time() - float(str(kept[name][0])) > FRESH.total_seconds():
        request.session[OPENED] = kept | {name: [time.time(), kept[name][1]]}


def begun(request: HttpRequest, key: uuid.UUID) -> list[uuid.UUID]:
    """Sheets that were begun in this browser for a visit."""
    kept: dict[str, list[str]] = request.session.get(BEGUN, {})
    return [uuid.UUID(sheet) for sheet in kept.get(key.hex, [])]


def note_begun(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> None:
    """From now on this browser may see what is typed on a sheet."""
    kept: dict[str, list[str]] = request.session.get(BEGUN, {})
    request.session[BEGUN] = kept | {key.hex: [*kept.get(key.hex, []), sheet.hex]}


def shut(request: HttpRequest, key: uuid.UUID) -> None:
    """Close a visit; of somebody who is not signed in nothing at all is left."""
    if not request.user.is_authenticated:
        request.session.flush()
        return
    name = visit_name(key)
    kept: dict[str, list[str]] = request.session.get(BEGUN, {})
    request.session[BEGUN] = {one: sheets for one, sheets in kept.items() if one != key.hex}
    request.session[OPENED] = {key: row for key, row in _opened(request).items() if key != name}


def to_unlock(request: HttpRequest) -> HttpResponse | None:
    """The way to the locked screen, if somebody is signed in behind it."""
    if not request.user.is_authenticated or LOCKED not in request.session:
        return None
    return redirect(f"{reverse('unlock')}?{urlencode({'next': request.path})}")


def closed(request: HttpRequest) -> HttpResponse:
    """One answer for all that does not open."""
    return render(request, "booking/closed.html", status=404)


# ------------------------------------------------------------------ the address in the mail


@csrf_exempt  # the page sends no referrer, so no origin either; the token is the secret
@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def open_visit(request: HttpRequest, token: str) -> HttpResponse:
    """Open a visit by the link of a mail: look first, then press."""
    if not _may_try(request):
        return render(request, "429.html", status=429)
    key = booking_of(token)
    booking = Booking.objects.filter(pk=key).first() if key else None
    if booking is None:
        return closed(request)
    if rules.link_has_ended(booking.ends_at, timezone.now()):
        return render(request, "booking/link_over.html", {"is_visit": True}, status=410)
    if request.method == "POST" and is_from_here(request):
        _admit(request, visit_name(booking.pk), str(booking.link_round or 0))
        return redirect("visits:visit", key=booking.pk)
    return render(request, "booking/open.html", {"is_visit": True})


@csrf_exempt  # as above
@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def open_wait(request: HttpRequest, token: str) -> HttpResponse:
    """Open a wish to wait by the link of its mail."""
    if not _may_try(request):
        return render(request, "429.html", status=429)
    asked = asking.asked_by(token)
    if asked is None:
        return closed(request)
    is_fresh = asking.asked_by(token, is_fresh=True) is not None
    if asking.has_ended(asked, is_fresh=is_fresh):
        return render(request, "booking/link_over.html", status=410)
    if request.method == "POST" and is_from_here(request):
        key = asking.key_of(asked)
        _admit(request, wait_name(key), asking.sealed(asking.Kept(asked, is_fresh)))
        return redirect("book:waits", key=key)
    return render(request, "booking/open.html")


def _may_try(request: HttpRequest) -> bool:
    """Presses of the button are counted; looking at a link is not."""
    return request.method != "POST" or bool(consume(request, action="open_link"))


@anyone
def old_visit_link(request: HttpRequest, token: str) -> HttpResponse:
    """An address mailed by an earlier version, to the one of today."""
    return redirect("visits:open", token=token) if booking_of(token) else closed(request)


@anyone
def old_wait_link(request: HttpRequest, token: str) -> HttpResponse:
    """An address mailed by an earlier version, to the one of today."""
    return redirect("book:open_wait", token=token) if asking.asked_by(token) else closed(request)


# ------------------------------------------------------------------ every page after it


def visit_name(key: uuid.UUID) -> str:
    """Of a visit, in a session."""
    return f"visit:{key.hex}"


def wait_name(key: uuid.UUID) -> str:
    """Of a wish to wait, in a session."""
    return f"wait:{key.hex}"


@dataclass(frozen=True)
class Opened:
    """A visit that may be seen here, and who acts on it."""

    booking: Booking
    by: Actor
    is_by_link: bool  # and can be closed here


def opens(view: Callable[[HttpRequest, Opened], HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a page run with the visit of its key, if session or sign-in opens that visit."""

    @wraps(view)
    def inside(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        unlocking = to_unlock(request)
        if unlocking is not None:
            return unlocking
        opened = visit_opened(request, key)
        return closed(request) if opened is None else view(request, opened)

    return inside


def visit_opened(request: HttpRequest, key: uuid.UUID) -> Opened | None:
    """The visit of a key, if session or sign-in opens it."""
    rows = Booking.objects.select_related("service", "staff", "site", "patient", "applicant")
    booking = rows.filter(pk=key).first()
    if booking is None:
        return None
    kept = admitted(request, visit_name(key))
    is_by_link = kept is not None and kept == str(booking.link_round or 0)
    if _is_of_account(request, booking):
        by = actor_of(request)
        if request.method != "POST" and booking.patient is not None:
            subject = f"booking:{booking.pk}"
            record_alone("read: a visit", by=by, subject=subject, patient=booking.patient.pk)
        return Opened(booking, by, is_by_link)
    return Opened(booking, BY, is_by_link) if is_by_link else None


def _is_of_account(request: HttpRequest, booking: Booking) -> bool:
    """Whether somebody signed in, with a second factor, may book for whom this visit is."""
    return booking.patient is not None and booking.patient in people_here(request)


def people_here(request: HttpRequest) -> list[Patient]:
    """Those whom one may book for who is signed in with a second factor; of others, nobody."""
    if isinstance(request.user, AnonymousUser):
        return []
    session = request.session
    if not (session.get(SECURED) or session.get(BY_DEMONSTRATION_LINK)):
        return []
    return may_book_for(signed_in_user(request))
