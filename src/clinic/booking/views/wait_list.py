"""The wait list for whoever finds nothing free: asked for by a form, begun by the link of a mail.

Somebody signed in waits at once. Nothing here tells whether somebody is known to the clinic.
"""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from allauth.core.ratelimit import consume
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.accounts.queries import actor_of
from clinic.audit.actor import Actor
from clinic.booking import asking, times
from clinic.booking.forms import AskToWaitForm, WaitForWhomForm
from clinic.booking.models import Service
from clinic.booking.queries import rules_at
from clinic.booking.views.mailed import admitted, closed, people_here, to_unlock, wait_name
from clinic.booking.views.public import Choice, chosen_from
from clinic.booking.waiting import wait
from clinic.doors import anyone, anyone_writes
from clinic.patients.models import Patient
from clinic.practice.models import Site, Staff
from clinic.practice.queries import is_demonstration

BY = Actor("link:wait")
WISH = "asked_to_wait"


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Say between which days a place would suit, and who waits."""
    if (unlocking := to_unlock(request)) is not None:
        return unlocking
    choice = chosen_from(request.POST if request.method == "POST" else request.GET)
    people = people_here(request)
    return _ask_known(request, choice, people) if people else _ask_anybody(request, choice)


def _usual(choice: Choice) -> dict[str, date]:
    today = timezone.now().astimezone(times.zone_of(choice.site.time_zone)).date()
    last = today + timedelta(days=rules_at(choice.site).window_days)
    return {"first_day": today, "last_day": last}


def _ask_known(request: HttpRequest, choice: Choice, people: list[Patient]) -> HttpResponse:
    usual = _usual(choice)
    form = WaitForWhomForm(
        request.POST or None, people=people, initial=usual | {"patient": people[0].pk}
    )
    form.today = usual["first_day"]
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        row = wait(
            values["patient"],
            service=choice.service,
            site=choice.site,
            staff=choice.staff,
            first_day=values["first_day"],
            last_day=values["last_day"],
            by=actor_of(request),
        )
        return render(request, "booking/waits.html", {"row": row, "choice": choice})
    return _form(request, choice, form)


def _ask_anybody(request: HttpRequest, choice: Choice) -> HttpResponse:
    usual = _usual(choice)
    form = AskToWaitForm(request.POST or None, initial=usual)
    form.today = usual["first_day"]
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        if not consume(request, action="ask_for_visit", key=values["email"].lower()):
            return render(request, "429.html", status=429)
        asked = asking.Asked(
            service=choice.service.pk,
            site=choice.site.pk,
            staff=choice.staff.pk if choice.staff else None,
            first_day=values["first_day"].isoformat(),
            last_day=values["last_day"].isoformat(),
            given_name=values["given_name"],
            family_name=values["family_name"],
            email=values["email"],
            phone=values["phone"],
            is_for_another=values["is_for_another"],
        )
        asking.ask_to_wait(asked, by=actor_of(request))
        if is_demonstration():
            request.session[WISH] = asking.token_of(asked)
        return redirect("book:wait_sent")
    return _form(request, choice, form)


def _form(
    request: HttpRequest, choice: Choice, form: AskToWaitForm | WaitForWhomForm
) -> HttpResponse:
    context = {"form": form, "choice": choice, "is_known": isinstance(form, WaitForWhomForm)}
    return render(request, "booking/wait.html", context, status=422 if form.errors else 200)


@anyone
def sent(request: HttpRequest) -> HttpResponse:
    """A mail is on its way; the same page for everybody."""
    return render(request, "booking/wait_sent.html", {"token": request.session.get(WISH, "")})


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
def waits(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Behind the link: looking changes nothing; one button begins to wait, another ends it."""
    unlocking = to_unlock(request)
    if unlocking is not None:
        return unlocking
    kept = asking.unsealed(admitted(request, wait_name(key)) or "")
    asked = kept.asked if kept else None
    service = Service.objects.filter(pk=asked.service, is_active=True).first() if asked else None
    site = Site.objects.filter(pk=asked.site).first() if asked else None
    if kept is None or asked is None or service is None or site is None:
        return closed(request)
    is_late = not kept.is_fresh or asking.is_past(asked)
    if request.method == "POST":
        if request.POST.get("what") == "stop":
            asking.stop(asked, by=BY)
        elif not is_late:
            asking.begin_to_wait(asked, by=BY)
        return redirect("book:waits", key=key)
    staff = Staff.objects.filter(pk=asked.staff).first() if asked.staff else None
    context = {
        "row": asking.place_in_line(asked),
        "choice": Choice(service, site, staff),
        "days": asked.days,
        "is_late": is_late,
        "is_by_link": True,
    }
    return render(request, "booking/waits.html", context)
