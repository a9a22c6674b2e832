"""Pages for whoever wants a visit: find somebody, choose a time, say who you are.

No account is needed. A chosen time is held while the form is filled in; a mail then confirms it.
Nothing here tells whether somebody is known to the clinic.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from clinic.accounts.queries import actor_of
from clinic.booking import actions, needs, terms, times
from clinic.booking.answers import OtherQuestion, Taken, was_answered
from clinic.booking.forms import DetailsForm, ForWhomForm, ask_anew
from clinic.booking.links import visit_link
from clinic.booking.models import Bookable, Booking, Service
from clinic.booking.queries import (
    FreeTime,
    free_times,
    giving,
    is_a_step,
    missing_on,
    next_free,
    public_practitioners,
    public_sites,
    rules_at,
)
from clinic.booking.series import Dated, book_series
from clinic.booking.views.mailed import people_here, to_unlock
from clinic.doors import anyone, anyone_writes
from clinic.patients.models import Patient
from clinic.practice.models import Site, Staff
from clinic.practice.queries import is_demonstration

HELD, ASKED = "held_place", "asked_for"
LOST = "That time was taken while you were choosing."
DAYS_SHOWN, TIMES_SHOWN = 5, 8


@anyone
def about(request: HttpRequest) -> HttpResponse:
    """What IMS is, what happens, what is known of it and what is not."""
    return render(request, "booking/about.html")


@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Find a practitioner by need, site, language and next free time.

    What somebody needs is said in a form and is gone with its answer: the address that leads on
    names who fits, and not for what.
    """
    sites = list(public_sites())
    services = list(Service.objects.filter(is_public=True, is_active=True).order_by("pk"))
    given = request.POST if request.method == "POST" else request.GET
    service = _chosen(services, given.get("service"))
    site = _chosen(sites, given.get("site"))
    everybody = list(public_practitioners())
    languages = sorted({word for one in everybody for word in _words(one.languages)})
    language = given.get("language", "")
    language = language if language in languages else ""
    if request.method == "POST":
        return redirect(_found_at(service, site, language, _fit(given.get("need", ""), everybody)))
    fit = _named(request.GET.get("fit"))
    found = []
    if site and service:
        fitting = [one for one in everybody if _fits(one, service, language, fit)]
        found = [card for one in fitting if (card := _card(one, service, site)) is not None]
    found.sort(key=lambda card: card["next"][0].starts if card["next"] else 1 << 60)
    context = {
        "sites": sites,
        "services": services,
        "languages": languages,
        "service": service,
        "site": site,
        "language": language,
        "is_narrowed": fit is not None,
        "whole": _found_at(service, site, language, None),
        "found": found,
        "zone": times.city(site.time_zone) if site else "",
    }
    return render(request, "booking/start.html", context)


def _chosen(rows: list[Any], key: str | None) -> Any:  # noqa: ANN401 - a row as given
    return next((row for row in rows if str(row.pk) == key), rows[0] if rows else None)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _fits(one: Bookable, service: Service, language: str, fit: set[int] | None) -> bool:
    if service not in one.services.all():
        return False
    if language and language not in _words(one.languages):
        return False
    return fit is None or one.staff_id in fit


def _fit(need: str, everybody: list[Bookable]) -> set[int] | None:
    """Who says that they treat what somebody needs; None: nothing was said."""
    words = needs.asked(need)
    return {one.staff_id for one in everybody if needs.fits(words, one.treats)} if words else None


def _named(fit: str | None) -> set[int] | None:
    """Who is named in an address as fitting."""
    if fit is None:
        return None
    return {int(part) for part in fit.split("-") if part.isdecimal() and len(part) < 10}


def _found_at(
    service: Service | None, site: Site | None, language: str, fit: set[int] | None
) -> str:
    """The address that shows who was found."""
    named: dict[str, Any] = {"service": service.pk} if service else {}
    named |= {"site": site.pk} if site else {}
    named |= {"language": language} if language else {}
    named |= {} if fit is None else {"fit": "-".join(str(one) for one in sorted(fit))}
    return f"{reverse('book:start')}?{urlencode(named)}"


def _card(one: Bookable, service: Service, site: Site) -> dict[str, Any] | None:
    if one.staff not in giving(service, site, public_only=True):
        return None
    zone = times.zone_of(site.time_zone)
    today = timezone.now().astimezone(zone).date()
    return {
        "staff": one.staff,
        "bookable": one,
        "is_checked": not missing_on(one.staff, service, today),
        "next": next_free(service, site, [one.staff], _from_outside(site), 1),
    }


def _from_outside(site: Site) -> Any:  # noqa: ANN401 - an instant
    return timezone.now() + timedelta(hours=rules_at(site).notice_hours)


# --------------------------------------------------------------------- choosing a time


@dataclass(frozen=True)
class Day:
    """The free times of one day, by part of the day; some shown, more on demand."""

    day: date
    parts: list[tuple[str, list[FreeTime]]]
    more: list[FreeTime]


def days_of(free: list[FreeTime]) -> list[Day]:
    """Free times by day, the first few of each in view."""
    found = []
    for day, group in groupby(free, key=lambda one: one.local.date()):
        all_of_day = list(group)
        shown, more = all_of_day[:TIMES_SHOWN], all_of_day[TIMES_SHOWN:]
        parts = [(name, list(rows)) for name, rows in groupby(shown, key=_part)]
        found.append(Day(day, parts, more))
    return found


def _part(free: FreeTime) -> str:
    hour = free.local.hour
    return "Morning" if hour < 12 else "Afternoon" if hour < 17 else "Evening"


@dataclass(frozen=True)
class Choice:
    """What somebody is choosing a time for."""

    service: Service
    site: Site
    staff: Staff | None

    @property
    def people(self) -> list[Staff]:
        """With whom it could be."""
        everybody = giving(self.service, self.site, public_only=True)
        return [one for one in everybody if self.staff is None or one.pk == self.staff.pk]

    @property
    def query(self) -> str:
        """As part of an address."""
        named = {"service": self.service.pk, "site": self.site.pk}
        return urlencode(named | ({"with": self.staff.pk} if self.staff else {}))


def chosen_from(given: QueryDict) -> Choice:
    """What an address or a form names; only what can be booked from outside.

    Raises:
        Http404: There is no such thing.
    """
    site = _exactly(list(public_sites()), given.get("site"))
    services = list(Service.objects.filter(is_public=True, is_active=True))
    service = _exactly(services, given.get("service"))
    staff = None
    if given.get("with"):
        staff = _exactly(giving(service, site, public_only=True), given.get("with"))
    return Choice(service, site, staff)


def _exactly(rows: list[Any], key: str | None) -> Any:  # noqa: ANN401 - a row as given
    found = next((row for row in rows if str(row.pk) == key), None)
    if found is None:
        raise Http404
    return found


def picker(choice: Choice, first: str, *, leave_out: Booking | None = None) -> dict[str, Any]:
    """Everything that the choice of a time shows."""
    zone = times.zone_of(choice.site.time_zone)
    now = timezone.now()
    today = now.astimezone(zone).date()
    window = today + timedelta(days=rules_at(choice.site).window_days)
    try:
        begin = max(today, date.fromisoformat(first))
    except ValueError:
        begin = today
    free = free_times(
        choice.service,
        choice.site,
        choice.people,
        first=begin,
        last=window,
        not_before=_from_outside(choice.site),
    )
    days = days_of(free)
    shown = days[:DAYS_SHOWN]
    return {
        "choice": choice,
        "zone": times.city(choice.site.time_zone),
        "zone_name": choice.site.time_zone,
        "first_free": free[0] if free else None,
        "days": shown,
        "later": days[DAYS_SHOWN].day if len(days) > DAYS_SHOWN else None,
        "earlier": max(today, begin - timedelta(days=7)) if begin > today else None,
        "window_days": rules_at(choice.site).window_days,
        "now_at": leave_out,
    }


def picked(request: HttpRequest, choice: Choice) -> terms.Slot | None:
    """The time that was chosen: a start and with whom; only a start that is offered when free."""
    start, _, staff = request.POST.get("starts", "").partition(":")
    people = {str(one.pk): one for one in choice.people}
    if not start.isdecimal() or len(start) > 11 or staff not in people:
        return None
    if not is_a_step(people[staff], choice.site, int(start)):
        return None
    return terms.Slot(choice.service, people[staff], choice.site, times.from_seconds(int(start)))


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a time; it is held while the form is filled in."""
    choice = chosen_from(request.POST if request.method == "POST" else request.GET)
    problem, code = "", 200
    if request.method == "POST":
        slot = picked(request, choice)
        if not consume(request, action="hold_place"):
            return render(request, "429.html", status=429)
        if slot is None:
            problem, code = "Choose a time.", 422
        else:
            try:
                return _hold(request, slot, choice)
            except Taken:
                problem, code = LOST, 409
            except terms.CannotBook as error:
                problem, code = str(error), 422
    context = picker(choice, request.GET.get("from", "")) | {"problem": problem}
    return render(request, "booking/choose.html", context, status=code)


def _hold(request: HttpRequest, slot: terms.Slot, choice: Choice) -> HttpResponse:
    """Hold a time; if it does not matter with whom, with anybody who is free then.

    Raises:
        Taken: Nobody is.
    """
    _let_go(request, slot)
    others = [one for one in choice.people if one != slot.staff]
    for staff in [slot.staff, *others]:
        try:
            reply = actions.book(
                replace(slot, staff=staff),
                None,
                by=actor_of(request),
                manner=terms.OUTSIDE,
                state=Booking.State.HELD,
            )
        except (Taken, terms.CannotBook):
            if staff == (others or [slot.staff])[-1]:
                raise
        else:
            request.session[HELD] = reply.booking.hex
            break
    return redirect("book:details")


def _let_go(request: HttpRequest, slot: terms.Slot) -> None:
    """Of two holds of one visitor only the last is kept."""
    held = _held(request)
    if held is not None:
        actions.give_up(held, by=actor_of(request), instead=slot)


def _held(request: HttpRequest) -> Booking | None:
    key = request.session.get(HELD)
    if not key:
        return None
    rows = Booking.objects.filter(pk=uuid.UUID(key), state=Booking.State.HELD)
    return rows.select_related("service", "staff", "site").first()


# ---------------------------------------------------------------------- who it is for


@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """Say who comes. Without an account a mail confirms it; with one it is booked."""
    if (unlocking := to_unlock(request)) is not None:
        return unlocking
    held = _held(request)
    if held is None and (before := _sent_before(request)) is not None:
        return before
    if held is None:
        messages.error(request, "The time you chose was kept for 10 minutes and is free again.")
        return redirect("book:start")
    people = people_here(request)
    if people:
        return _details_of_known(request, held, people)
    return _details_of_anybody(request, held)


def _sent_before(request: HttpRequest) -> HttpResponse | None:
    """The answer to a form that was sent twice, when the first sending has taken the hold over."""
    key = request.POST.get("key", "")
    if key and was_answered(f"ask:{key}"):
        return redirect("book:sent")
    if key and was_answered(f"own:{key}"):
        return redirect("visits:own")
    return None


def _details_of_anybody(request: HttpRequest, held: Booking) -> HttpResponse:
    form = DetailsForm(request.POST or None)
    problem = ""
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        key = values.pop("key")
        if not consume(request, action="ask_for_visit", key=values["email"].lower()):
            return render(request, "429.html", status=429)
        slot = terms.Slot(held.service, held.staff, held.site, held.starts_at)
        try:
            reply = actions.ask(slot, values, by=actor_of(request), key=f"ask:{key}", hold=held)
        except Taken:
            return _lost(request, held)
        except (OtherQuestion, terms.CannotBook) as error:
            problem = str(error)
        else:
            request.session.pop(HELD, None)
            request.session[ASKED] = reply.booking.hex
            return redirect("book:sent")
    return _details_page(request, held, form, problem)


def _details_of_known(request: HttpRequest, held: Booking, people: list[Patient]) -> HttpResponse:
    form = ForWhomForm(request.POST or None, people=people, initial={"patient": people[0].pk})
    problem = ""
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        slot = terms.Slot(held.service, held.staff, held.site, held.starts_at)
        try:
            dates = _book_known(request, held, slot, values)
        except Taken:
            return _lost(request, held)
        except (OtherQuestion, terms.CannotBook) as error:
            problem = str(error)
        else:
            request.session.pop(HELD, None)
            context = {"dates": dates, "held": held, "zone": times.city(held.zone)}
            return render(request, "booking/series.html", context)
    return _details_page(request, held, form, problem)


def _book_known(
    request: HttpRequest, held: Booking, slot: terms.Slot, values: dict[str, Any]
) -> list[Dated]:
    """One visit or several, each date with its own report; the first takes the hold over."""
    return book_series(
        slot,
        values["patient"],
        values["weeks"],
        by=actor_of(request),
        key=f"own:{values['key']}",
        manner=terms.OUTSIDE,
        all_or_none=False,
        hold=held,
    )


def _details_page(
    request: HttpRequest, held: Booking, form: DetailsForm | ForWhomForm, problem: str
) -> HttpResponse:
    if problem:
        ask_anew(form)
        form.add_error(None, problem)
    context = {
        "held": held,
        "form": form,
        "rules": rules_at(held.site),
        "zone": times.city(held.zone),
        "is_known": isinstance(form, ForWhomForm),
        "until": times.clock(
            times.wall_of(held.expires_at or timezone.now(), times.zone_of(held.zone))[0].time()
        ),
        "back": f"{reverse('book:choose')}?"
        + urlencode({"service": held.service_id, "site": held.site_id, "with": held.staff_id}),
    }
    return render(request, "booking/details.html", context, status=422 if form.errors else 200)


def _lost(request: HttpRequest, held: Booking) -> HttpResponse:
    """What was lost, and the next free times; the choice of service and place is kept."""
    choice = Choice(held.service, held.site, None)
    context = picker(choice, held.local.date().isoformat()) | {"problem": LOST}
    return render(request, "booking/choose.html", context, status=409)


@anyone
def sent(request: HttpRequest) -> HttpResponse:
    """A mail is on its way; the same page for everybody."""
    asked = request.session.get(ASKED)
    link = visit_link(uuid.UUID(asked)) if asked and is_demonstration() else ""
    return render(request, "booking/sent.html", {"link": link})
