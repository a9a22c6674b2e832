"""Pages of one visit: see, confirm, move, cancel it, wait for an earlier one, close it here.

Who has opened the link of its mail comes here, or who is signed in and may book for its patient
(`clinic.booking.views.mailed`). Looking changes nothing; buttons do. The pages show a time and a
place, and neither a name nor what the visit is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.queries import actor_of, signed_in_user
from clinic.audit.actions import record_alone
from clinic.booking import actions, rules, telling, terms, times, waiting
from clinic.booking.answers import OtherQuestion, Taken, was_answered
from clinic.booking.calendar import invitation
from clinic.booking.forms import ChangeForm, WaitForm
from clinic.booking.later_ones import cancel_with_later, later_ones
from clinic.booking.models import Booking, Waiting
from clinic.booking.queries import (
    may_book_for,
    rules_at,
    visits_going_on,
    visits_to_come,
)
from clinic.booking.views.beforehand import forms_of
from clinic.booking.views.mailed import Opened, opens, shut
from clinic.booking.views.public import LOST, Choice, picked, picker
from clinic.doors import Who, anyone, anyone_writes, door

S = Booking.State
CHANGED = (
    "This visit was changed after you opened that page, so nothing was done. Below it is as it is"
    " now."
)


@anyone
@opens
def visit(request: HttpRequest, opened: Opened) -> HttpResponse:
    """One visit as it is, and what can be done with it."""
    return _page(request, opened)


def _page(request: HttpRequest, opened: Opened, problem: str = "", code: int = 200) -> HttpResponse:
    booking = opened.booking
    now = timezone.now()
    site = rules_at(booking.site)
    has_lapsed = booking.state in rules.UNSURE and (booking.expires_at or now) <= now
    is_open = booking.state in {S.BOOKED, S.ARRIVED} and not booking.has_passed
    late = rules.is_late(booking.starts_at, now, site.cancel_notice_hours)
    context = {
        "booking": booking,
        "is_by_link": opened.is_by_link,
        "problem": problem,
        "when": telling.when(booking),
        "where": telling.where(booking),
        "waits_for_answer": booking.state in {S.PENDING, S.OFFERED} and not has_lapsed,
        "has_lapsed": has_lapsed or booking.state == S.LAPSED,
        "is_open": is_open,
        "goes_on": booking.goes_on,
        "may_join": booking.service.is_by_video and (is_open or booking.goes_on),
        "is_late": late,
        "notice": site.cancel_notice_hours,
        "waiting": Waiting.objects.filter(
            patient=booking.patient, state=Waiting.State.WAITING
        ).first()
        if booking.patient
        else None,
        **forms_of(request, opened),
    }
    return render(request, "booking/visit.html", context, status=code)


@anyone_writes
@require_POST
@opens
def confirm(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Take a place that was asked for or offered."""
    booking = opened.booking
    try:
        actions.confirm(booking, by=opened.by)
    except actions.ChangedMeanwhile as error:
        booking.refresh_from_db()
        if booking.state != S.BOOKED:  # pressed twice: it is booked
            return _page(request, opened, str(error), 409)
    except Taken:
        booking.refresh_from_db()
        problem = "You have another visit at this time."
        return _page(request, opened, problem, 409)
    except terms.CannotBook as error:
        booking.refresh_from_db()
        return _page(request, opened, str(error), 422)
    return redirect("visits:visit", key=booking.pk)


@dataclass(frozen=True)
class Change:
    """What a form says of the visit that it changes: the version it was made from, and its key."""

    version: int
    key: str

    @classmethod
    def sent(cls, request: HttpRequest, act: str) -> Change:
        """As it was sent; a form without either was made from no state that there is."""
        form = ChangeForm(request.POST)
        if not form.is_valid():
            return cls(0, "")
        return cls(form.cleaned_data["version"], f"{act}:{form.cleaned_data['key']}")


def _stale(request: HttpRequest, opened: Opened, change: Change) -> HttpResponse:
    """A page too old to act on gets the visit as it is now; of one sent twice, as before."""
    if change.key and was_answered(change.key):
        return redirect("visits:visit", key=opened.booking.pk)
    return _page(request, opened, CHANGED, 409)


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
@opens
def move(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Choose another time for the same visit."""
    booking = opened.booking
    can_move = booking.state == S.BOOKED and not booking.has_passed
    if request.method == "POST":
        change = Change.sent(request, "move")
        if not can_move or change.version != booking.version:
            return _stale(request, opened, change)
        return _move(request, opened, change)
    if not can_move:
        return redirect("visits:visit", key=booking.pk)
    return _move_page(request, booking, booking.version)


def _move(request: HttpRequest, opened: Opened, change: Change) -> HttpResponse:
    booking = opened.booking
    slot = picked(request, Choice(booking.service, booking.site, booking.staff))
    if slot is None:
        return _move_page(request, booking, change.version, "Choose a time.", 422)
    try:
        actions.move(
            booking,
            slot,
            version=change.version,
            by=opened.by,
            key=change.key,
            manner=terms.OUTSIDE,
        )
    except Taken:
        problem, code = LOST, 409
    except terms.CannotBook as error:
        problem, code = str(error), 422
    except actions.ChangedMeanwhile:  # in this moment
        booking.refresh_from_db()
        return _page(request, opened, CHANGED, 409)
    except OtherQuestion as error:
        booking.refresh_from_db()
        return _page(request, opened, str(error), 409)
    else:
        messages.success(request, "Your visit has a new time.")
        return redirect("visits:visit", key=booking.pk)
    booking.refresh_from_db()
    return _move_page(request, booking, change.version, problem, code)


def _move_page(
    request: HttpRequest, booking: Booking, version: int, problem: str = "", code: int = 200
) -> HttpResponse:
    choice = Choice(booking.service, booking.site, booking.staff)
    context = picker(choice, request.GET.get("from", ""), leave_out=booking)
    change = ChangeForm(initial={"version": version})
    context |= {"problem": problem, "booking": booking, "change": change}
    return render(request, "booking/move.html", context, status=code)


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
@opens
def cancel(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Ask once, then give the place back."""
    booking = opened.booking
    can_cancel = booking.state in {S.BOOKED, S.PENDING, S.OFFERED} and not booking.has_passed
    if request.method == "POST":
        change = Change.sent(request, "cancel")
        if not can_cancel or change.version != booking.version:
            return _stale(request, opened, change)
        return _cancel(request, opened, change)
    if not can_cancel:
        return redirect("visits:visit", key=booking.pk)
    notice = rules_at(booking.site).cancel_notice_hours
    late = booking.state == S.BOOKED and rules.is_late(booking.starts_at, timezone.now(), notice)
    context = {
        "booking": booking,
        "change": ChangeForm(initial={"version": booking.version}),
        "is_late": late,
        "later": [] if late else later_ones(booking, is_from_outside=True),
        "notice": notice,
        "when": telling.when(booking),
    }
    return render(request, "booking/cancel.html", context)


def _cancel(request: HttpRequest, opened: Opened, change: Change) -> HttpResponse:
    booking = opened.booking
    try:
        left: list[Booking] = []
        if "later" in request.POST:
            left = cancel_with_later(
                booking, version=change.version, by=opened.by, key=change.key, is_from_outside=True
            )
        else:
            actions.cancel(
                booking, version=change.version, by=opened.by, key=change.key, is_from_outside=True
            )
    except actions.ChangedMeanwhile:  # in this moment
        booking.refresh_from_db()
        return _page(request, opened, CHANGED, 409)
    except OtherQuestion as error:
        booking.refresh_from_db()
        return _page(request, opened, str(error), 409)
    if left:
        days = ", ".join(telling.when(row) for row in left)
        messages.warning(request, f"Changed meanwhile, and still booked: {days}.")
    return redirect("visits:visit", key=booking.pk)


@anyone
@opens
def calendar_file(_request: HttpRequest, opened: Opened) -> HttpResponse:
    """The visit for a calendar."""
    booking = opened.booking
    method = "CANCEL" if booking.state in rules.FREE else "PUBLISH"
    response = HttpResponse(
        invitation(booking, method), content_type=f"text/calendar; charset=utf-8; method={method}"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return response


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
@opens
def earlier(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Wait for an earlier place."""
    booking = opened.booking
    if booking.patient is None or booking.state != S.BOOKED or booking.has_passed:
        return redirect("visits:visit", key=booking.pk)
    today = timezone.now().astimezone(times.zone_of(booking.zone)).date()
    usual = {"first_day": today, "last_day": max(today, booking.local.date() - timedelta(days=1))}
    form = WaitForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        waiting.wait(
            booking.patient,
            service=booking.service,
            site=booking.site,
            staff=booking.staff,
            by=opened.by,
            **form.cleaned_data,
        )
        messages.success(
            request,
            "You are on the list. If a place comes free, we keep it for you for 2 hours, not"
            " counting the night.",
        )
        return redirect("visits:visit", key=booking.pk)
    context = {"form": form, "booking": booking}
    return render(request, "booking/earlier.html", context, status=422 if form.errors else 200)


@anyone_writes
@require_POST
@opens
def stop_waiting(_request: HttpRequest, opened: Opened) -> HttpResponse:
    """No longer wait."""
    booking = opened.booking
    for row in Waiting.objects.filter(patient=booking.patient, state=Waiting.State.WAITING):
        waiting.stop_waiting(row, by=opened.by)
    return redirect("visits:visit", key=booking.pk)


@anyone
@require_POST
@opens
def close(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Leave nothing open in this browser, which others may use."""
    shut(request, opened.booking.pk)
    messages.success(request, "The visit is closed here. The link in the mail opens it again.")
    return redirect("book:start")


@door(Who.SIGNED_IN)
def own(request: HttpRequest) -> HttpResponse:
    """Visits of now and to come of oneself and of those one may book for."""
    people = may_book_for(signed_in_user(request))
    shown = []
    for person in people:
        record_alone("read: visits to come", by=actor_of(request), patient=person.pk)
        rows = [*visits_going_on(person), *visits_to_come(person)]
        visits = [(row, telling.when(row)) for row in rows]
        shown.append((person, visits))
    return render(request, "booking/own.html", {"shown": shown})
