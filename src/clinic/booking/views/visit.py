"""Pages behind the link in a mail: see, confirm, move, cancel one visit, wait for an earlier one.

Opening a link changes nothing; buttons do. Whoever has the link has the mail; the pages show a time
and a place, and neither a name nor what the visit is for.
"""

from __future__ import annotations

from datetime import timedelta

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.queries import actor_of, signed_in_user
from clinic.audit.actions import record_alone
from clinic.audit.actor import Actor
from clinic.booking import actions, rules, telling, times, waiting
from clinic.booking.answers import Taken
from clinic.booking.calendar import invitation
from clinic.booking.forms import WaitForm
from clinic.booking.links import booking_of, token_of
from clinic.booking.models import Booking, Waiting
from clinic.booking.queries import may_book_for, rules_at, visits_to_come
from clinic.booking.views.public import LOST, Choice, picked, picker
from clinic.doors import Who, anyone, anyone_writes, door

BY = Actor("link:visit")
S = Booking.State


def _booking(request: HttpRequest, token: str) -> Booking:
    if not consume(request, action="open_link"):
        raise Http404
    key = booking_of(token)
    rows = Booking.objects.select_related("service", "staff", "site", "patient", "applicant")
    booking = rows.filter(pk=key).first() if key else None
    if booking is None:
        raise Http404
    return booking


@anyone
def visit(request: HttpRequest, token: str) -> HttpResponse:
    """One visit as it is, and what can be done with it."""
    booking = _booking(request, token)
    return _page(request, booking, token)


def _page(
    request: HttpRequest, booking: Booking, token: str, problem: str = "", code: int = 200
) -> HttpResponse:
    now = timezone.now()
    site = rules_at(booking.site)
    has_lapsed = booking.state in rules.UNSURE and (booking.expires_at or now) <= now
    is_open = booking.state in {S.BOOKED, S.ARRIVED} and not booking.has_passed
    late = rules.is_late(booking.starts_at, now, site.cancel_notice_hours)
    context = {
        "booking": booking,
        "token": token,
        "problem": problem,
        "when": telling.when(booking),
        "where": telling.where(booking),
        "waits_for_answer": booking.state in {S.PENDING, S.OFFERED} and not has_lapsed,
        "has_lapsed": has_lapsed or booking.state == S.LAPSED,
        "is_open": is_open,
        "is_late": late,
        "notice": site.cancel_notice_hours,
        "waiting": Waiting.objects.filter(
            patient=booking.patient, state=Waiting.State.WAITING
        ).first()
        if booking.patient
        else None,
    }
    return render(request, "booking/visit.html", context, status=code)


@anyone_writes
@require_POST
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Take a place that was asked for or offered."""
    booking = _booking(request, token)
    try:
        actions.confirm(booking, by=BY)
    except actions.ChangedMeanwhile as error:
        booking.refresh_from_db()
        if booking.state != S.BOOKED:  # pressed twice: it is booked
            return _page(request, booking, token, str(error), 409)
    except Taken:
        booking.refresh_from_db()
        problem = "You have another visit at this time."
        return _page(request, booking, token, problem, 409)
    except actions.CannotBook as error:
        booking.refresh_from_db()
        return _page(request, booking, token, str(error), 422)
    return redirect("visits:visit", token=token)


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, token: str) -> HttpResponse:
    """Choose another time for the same visit."""
    booking = _booking(request, token)
    if booking.state != S.BOOKED or booking.has_passed:
        return redirect("visits:visit", token=token)
    choice = Choice(booking.service, booking.site, booking.staff)
    problem, code = "", 200
    if request.method == "POST":
        slot = picked(request, choice)
        try:
            if slot is None:
                problem, code = "Choose a time.", 422
            else:
                actions.move(booking, slot, version=booking.version, by=BY, manner=actions.OUTSIDE)
                messages.success(request, "Your visit has a new time.")
                return redirect("visits:visit", token=token)
        except Taken:
            problem, code = LOST, 409
        except (actions.CannotBook, actions.ChangedMeanwhile) as error:
            problem, code = str(error), 422
        booking.refresh_from_db()
    context = picker(choice, request.GET.get("from", ""), leave_out=booking)
    context |= {"problem": problem, "token": token, "booking": booking}
    return render(request, "booking/move.html", context, status=code)


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Ask once, then give the place back."""
    booking = _booking(request, token)
    if booking.state not in {S.BOOKED, S.PENDING, S.OFFERED} or booking.has_passed:
        return redirect("visits:visit", token=token)
    notice = rules_at(booking.site).cancel_notice_hours
    late = booking.state == S.BOOKED and rules.is_late(booking.starts_at, timezone.now(), notice)
    if request.method == "POST":
        try:
            actions.cancel(booking, version=booking.version, by=BY, is_from_outside=True)
        except actions.ChangedMeanwhile as error:
            messages.error(request, str(error))
        return redirect("visits:visit", token=token)
    context = {
        "booking": booking,
        "token": token,
        "is_late": late,
        "notice": notice,
        "when": telling.when(booking),
    }
    return render(request, "booking/cancel.html", context)


@anyone
def calendar_file(request: HttpRequest, token: str) -> HttpResponse:
    """The visit for a calendar."""
    booking = _booking(request, token)
    method = "CANCEL" if booking.state in rules.FREE else "PUBLISH"
    response = HttpResponse(
        invitation(booking, method), content_type=f"text/calendar; charset=utf-8; method={method}"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="visit.ics"'
    return response


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
def earlier(request: HttpRequest, token: str) -> HttpResponse:
    """Wait for an earlier place."""
    booking = _booking(request, token)
    if booking.patient is None or booking.state != S.BOOKED or booking.has_passed:
        return redirect("visits:visit", token=token)
    today = timezone.now().astimezone(times.zone_of(booking.zone)).date()
    usual = {"first_day": today, "last_day": max(today, booking.local.date() - timedelta(days=1))}
    form = WaitForm(request.POST or None, initial=usual)
    if request.method == "POST" and form.is_valid():
        waiting.wait(
            booking.patient,
            service=booking.service,
            site=booking.site,
            staff=booking.staff,
            by=BY,
            **form.cleaned_data,
        )
        messages.success(
            request,
            "You are on the list. If a place comes free, we keep it for you for 2 hours, not"
            " counting the night.",
        )
        return redirect("visits:visit", token=token)
    context = {"form": form, "booking": booking, "token": token}
    return render(request, "booking/earlier.html", context, status=422 if form.errors else 200)


@anyone_writes
@require_POST
def stop_waiting(request: HttpRequest, token: str) -> HttpResponse:
    """No longer wait."""
    booking = _booking(request, token)
    for row in Waiting.objects.filter(patient=booking.patient, state=Waiting.State.WAITING):
        waiting.stop_waiting(row, by=BY)
    return redirect("visits:visit", token=token)


@door(Who.SIGNED_IN)
def own(request: HttpRequest) -> HttpResponse:
    """Visits to come of oneself and of those one may book for."""
    people = may_book_for(signed_in_user(request))
    shown = []
    for person in people:
        record_alone("read: visits to come", by=actor_of(request), patient=person.pk)
        visits = [(row, token_of(row.pk), telling.when(row)) for row in visits_to_come(person)]
        shown.append((person, visits))
    return render(request, "booking/own.html", {"shown": shown})
