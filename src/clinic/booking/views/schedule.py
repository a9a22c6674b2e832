"""The clinic's own pages: day and week, book, move, arrive, begin, block, match, bring in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.keeping import kept_form, status
from clinic.accounts.queries import actor_of, sender_of
from clinic.audit.actions import record_alone
from clinic.booking import actions, beforehand, blocks, grid, rules, telling, terms, times, waiting
from clinic.booking.answers import OtherQuestion, Taken
from clinic.booking.booked import Booked
from clinic.booking.forms import (
    BlockForm,
    BookForm,
    ChangeForm,
    ImportForm,
    MatchForm,
    MoveForm,
    PlaceForm,
    StaffWaitForm,
    ask_anew,
    practitioners_at,
)
from clinic.booking.importing import bring_in, read_visits
from clinic.booking.later_ones import cancel_with_later, later_ones
from clinic.booking.models import Block, Booking, Newcomer, Service, Waiting
from clinic.booking.newcomers import reached_at, settle
from clinic.booking.queries import (
    Board,
    blocks_between,
    boards,
    newcomers_at,
    next_free,
    schedule_between,
    unauthorised,
    undoable_at,
    waiting_at,
)
from clinic.booking.series import NotAll, book_series
from clinic.booking.unsupported import unsupported_in
from clinic.doors import Permission, permitted
from clinic.patients.actions import CannotMerge
from clinic.patients.models import Patient
from clinic.practice.models import Site, Staff
from clinic.practice.queries import Duties, Here

P = Permission


def _sites(request: HttpRequest, permission: Permission) -> list[int]:
    """Sites at which the role of somebody grants what a page is for."""
    duties: Duties = request.duties  # type: ignore[attr-defined]
    return duties.sites_where(permission)


def _site(request: HttpRequest, site: int, permission: Permission = P.SEE_SCHEDULE) -> Site:
    if site not in _sites(request, permission):
        raise Http404
    return Site.objects.get(pk=site)


def _booking(request: HttpRequest, key: uuid.UUID, permission: Permission) -> Booking:
    rows = Booking.objects.select_related(
        "service", "staff", "site", "room", "equipment", "patient", "visit", "applicant"
    )
    return get_object_or_404(rows, pk=key, site__in=_sites(request, permission))


def _today(site: Site) -> date:
    return timezone.now().astimezone(times.zone_of(site.time_zone)).date()


@permitted(P.SEE_SCHEDULE)
def start(request: HttpRequest) -> HttpResponse:
    """Today at the first site."""
    sites = _sites(request, P.SEE_SCHEDULE)
    site = Site.objects.filter(pk__in=sites).order_by("pk").first()
    if site is None:
        raise Http404
    return redirect("schedule:day", site=site.pk, day=_today(site))


@permitted(P.SEE_SCHEDULE)
def day(request: HttpRequest, site: int, day: date) -> HttpResponse:
    """One day by practitioner, or by room."""
    at, others = _board(request, site)
    by_room = request.GET.get("by") == "room"
    bookings, undoable = schedule_between(at.site, day, day)
    blocks = list(blocks_between(at.site, day, day))
    columns = (
        grid.by_room(at.site, day, bookings, blocks)
        if by_room
        else grid.by_practitioner(at.site, day, bookings, blocks, list(practitioners_at(at.site)))
    )
    shown = Shown(at, others, bookings, undoable, columns)
    same = {"by": "room"} if by_room else {}
    return _schedule(request, shown, day, span=1, by_room=by_room, same=same)


@permitted(P.SEE_SCHEDULE)
def week(request: HttpRequest, site: int, day: date) -> HttpResponse:
    """A week of one practitioner, or of one room, from Monday."""
    at, others = _board(request, site)
    first = day - timedelta(days=day.weekday())
    last = first + timedelta(days=6)
    if request.GET.get("by") == "room":
        return _week_of_room(request, at, others, first)
    people = list(practitioners_at(at.site))
    duties: Duties = request.duties  # type: ignore[attr-defined]
    wanted = request.GET.get("with", "")
    own = next((one for one in people if one == duties.staff), None)
    first_of_all = people[0] if people else None
    who = next((one for one in people if str(one.pk) == wanted), own or first_of_all)
    bookings, undoable = schedule_between(at.site, first, last, who)
    if who is None:
        shown = Shown(at, others, [], undoable, [])
    else:
        blocks = [row for row in blocks_between(at.site, first, last) if row.staff == who]
        columns = grid.of_week(at.site, first, who, bookings, blocks)
        shown = Shown(at, others, bookings, undoable, columns)
    more = {"who": who, "people": people, "of_week": True}
    return _schedule(request, shown, first, span=7, same={"with": who.pk} if who else {}, **more)


def _week_of_room(request: HttpRequest, at: Board, others: list[Site], first: date) -> HttpResponse:
    """The room that is asked for, or the first of the site."""
    last = first + timedelta(days=6)
    rooms = list(grid.rooms_of(at.site))
    wanted = request.GET.get("room", "")
    room = next((one for one in rooms if str(one.pk) == wanted), rooms[0] if rooms else None)
    bookings, undoable = schedule_between(at.site, first, last, room=room)
    if room is None:
        shown = Shown(at, others, [], undoable, [])
    else:
        blocks = [row for row in blocks_between(at.site, first, last) if row.room == room]
        columns = grid.of_room(at.site, first, room, bookings, blocks)
        shown = Shown(at, others, bookings, undoable, columns)
    more = {"room": room, "rooms": rooms, "of_week": True, "by_room": True}
    same = {"by": "room"} | ({"room": str(room.pk)} if room else {})
    return _schedule(request, shown, first, span=7, same=same, **more)


@dataclass(frozen=True)
class Shown:
    """What a day and a week have in common."""

    at: Board
    sites: list[Site]
    bookings: list[Booked]
    undoable: list[Booked]
    columns: list[grid.Column]


def _board(request: HttpRequest, site: int) -> tuple[Board, list[Site]]:
    """The site of an address, and all whose schedule somebody may see."""
    found = boards(_sites(request, P.SEE_SCHEDULE))
    at = next((one for one in found if one.site.pk == site), None)
    if at is None:
        raise Http404
    return at, [one.site for one in found]


def _schedule(
    request: HttpRequest,
    shown: Shown,
    day: date,
    *,
    span: int,
    same: dict[str, Any],
    **more: Any,  # noqa: ANN401
) -> HttpResponse:
    """The page; `same` is what an address before or after it has in common with its own."""
    site = shown.at.site
    here: Here = request.here  # type: ignore[attr-defined]
    record_alone(
        "schedule read", by=actor_of(request), subject=f"site:{site.pk}", day=day.isoformat()
    )
    context = {
        "site": site,
        "sites": shown.sites,
        "day": day,
        "last": day + timedelta(days=span - 1),
        "previous": day - timedelta(days=span),
        "next": day + timedelta(days=span),
        "today": _today(site),
        "bookings": shown.bookings,
        "columns": shown.columns,
        "rows": grid.rows(shown.columns, site, shown.at.step_minutes),
        "zone": times.city(site.time_zone),
        "can_book": site.pk in _sites(request, P.BOOK_VISITS),
        "undoable": shown.undoable,
        "newcomers": shown.at.newcomers,
        "unauthorised": unauthorised(shown.bookings, here.rules),
        "unsupported": [] if more.get("by_room") else unsupported_in(shown.columns, shown.bookings),
        "waiting": waiting_at(site),
        "visits": _addresses_of_visits(),
        "same": f"?{urlencode(same)}" if same else "",
        "of_week": False,
        "by_room": False,
    }
    return render(request, "booking/schedule.html", context | more)


def _addresses_of_visits() -> str:
    """What the addresses of all visits begin with: a page has hundreds, and asks once."""
    nobodys = uuid.UUID(int=0)
    return reverse("schedule:visit", kwargs={"key": nobodys}).partition(str(nobodys))[0]


# ------------------------------------------------------------------------ one visit


@permitted(P.SEE_SCHEDULE)
def visit(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One visit and what can be done with it."""
    booking = _booking(request, key, P.SEE_SCHEDULE)
    return _visit_page(request, booking)


def _visit_page(
    request: HttpRequest, booking: Booking, problem: str = "", code: int = 200
) -> HttpResponse:
    record_alone(
        "read: booking",
        by=actor_of(request),
        subject=f"booking:{booking.pk}",
        patient=booking.patient_id,
    )
    can_book = booking.site_id in _sites(request, P.BOOK_VISITS)
    state = booking.state
    context = {
        "booking": booking,
        "zone": times.city(booking.zone),
        "problem": problem,
        "change": ChangeForm(initial={"version": booking.version}),
        "change_later": ChangeForm(initial={"version": booking.version}, auto_id="later_%s"),
        "can_move": can_book and state in rules.MOVES,
        "can_arrive": can_book and state == Booking.State.BOOKED,
        "can_miss": can_book and state == Booking.State.BOOKED and booking.has_passed,
        "can_set_back": can_book and state in {Booking.State.ARRIVED, Booking.State.NO_SHOW},
        "can_cancel": can_book and rules.may_become(state, Booking.State.CANCELLED),
        "later": later_ones(booking) if can_book else [],
        "can_begin": booking.site_id in _sites(request, P.BEGIN_VISITS)
        and booking.patient_id is not None
        and state in rules.MOVES,
        "can_renew_link": can_book
        and state == Booking.State.BOOKED
        and not booking.has_passed
        and bool(telling.address_of(booking)),
        "can_undo": can_book and booking in undoable_at(booking.site),
        "forms": beforehand.as_the_clinic_knows(booking)
        if beforehand.asks(booking, timezone.now())
        else [],
    }
    return render(request, "booking/staff_visit.html", context, status=code)


ACTS: dict[str, tuple[Permission, Callable[..., object]]] = {
    "arrived": (P.BOOK_VISITS, actions.arrive),
    "did-not-come": (P.BOOK_VISITS, actions.not_come),
    "set-back": (P.BOOK_VISITS, actions.set_back),
    "cancel": (P.BOOK_VISITS, actions.cancel),
    "cancel-later": (P.BOOK_VISITS, cancel_with_later),
    "undo": (P.BOOK_VISITS, actions.undo),
    "new-link": (P.BOOK_VISITS, actions.renew_link),
    "begin": (P.BEGIN_VISITS, actions.begin),
}


@permitted(P.SEE_SCHEDULE)
@require_POST
def act(request: HttpRequest, key: uuid.UUID, what: str) -> HttpResponse:
    """Arrived, did not come, set back, cancel (also later ones), undo, a new link, begin."""
    if what not in ACTS:
        raise Http404
    permission, does = ACTS[what]
    booking = _booking(request, key, permission)
    version, key_sent = request.POST.get("version", ""), request.POST.get("key", "")[:64]
    # the other acts are passed once anyhow, by the state that they need
    cancels = what in {"cancel", "cancel-later"}
    once = {"key": f"cancel:{key_sent}"} if cancels and key_sent else {}
    seen = int(version) if version.isdecimal() and len(version) < 10 else 0
    try:
        done = does(booking, version=seen, by=actor_of(request), **once)
    except Taken:
        booking.refresh_from_db()
        return _visit_page(request, booking, "The old place was taken meanwhile.", 409)
    except (actions.ChangedMeanwhile, OtherQuestion, terms.CannotBook) as error:
        booking.refresh_from_db()
        return _visit_page(request, booking, str(error), 409)
    if what == "begin" and booking.visit_id and booking.patient_id:
        return redirect("records:visit", key=booking.patient_id, visit=booking.visit_id)
    if what == "cancel-later" and done:
        messages.warning(request, "Some later visits were changed meanwhile and stay booked.")
    if cancels or what == "undo":
        return redirect("schedule:day", site=booking.site_id, day=booking.local.date())
    if what == "new-link":
        messages.success(request, "A new link is on its way. Those mailed before open nothing.")
    return redirect("schedule:visit", key=key)


@permitted(P.BOOK_VISITS)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Another time or practitioner: by this form, or by the grid that fills it in."""
    booking = _booking(request, key, P.BOOK_VISITS)
    options = _place_options(request, booking.site)
    form = kept_form(request, MoveForm, initial=MoveForm.first_values(booking), **options)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            actions.move(
                booking,
                form.slot,
                version=values["version"],
                by=actor_of(request),
                key=f"move:{values['key']}",
                manner=form.manner,
            )
        except (Taken, OtherQuestion, terms.CannotBook, actions.ChangedMeanwhile) as error:
            _say(form, error)
            booking.refresh_from_db()
        else:
            return redirect("schedule:day", site=booking.site_id, day=booking.local.date())
    context = {"form": form, "booking": booking, "site": booking.site}
    code = 409 if request.method == "POST" and form.errors else 200
    return render(request, "booking/staff_move.html", context, status=code)


def _place_options(request: HttpRequest, site: Site) -> dict[str, Any]:
    return {"site": site, "may_overbook": site.pk in _sites(request, P.OVERBOOK)}


def _say(form: PlaceForm, error: Exception) -> None:
    """What stands against it, beside the field that mends it; with the next free times."""
    ask_anew(form)
    if not isinstance(error, Taken):
        form.add_error(None, str(error))
        return
    slot = form.slot
    free = next_free(slot.service, slot.site, [slot.staff], slot.starts)
    told = ", ".join(f"{one.local:%d-%b-%Y %H:%M}" for one in free) or "none in five weeks"
    form.add_error("time", f"That time was taken while you were choosing. Free next: {told}.")


@permitted(P.BOOK_FOR_PERSON, patient="key", shows="form of a visit")
def book(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001 - the gate used it
    """Book for a person: once, or some weeks in a row with a report for each date."""
    patient: Patient = request.patient  # type: ignore[attr-defined]
    here = set(patient.sites.values_list("pk", flat=True))
    sites = [pk for pk in _sites(request, P.BOOK_VISITS) if pk in here]
    site = _chosen_site(request, sites)
    options = _place_options(request, site)
    usual = {
        "day": _today(site),
        "service": Service.objects.filter(is_active=True).first(),
        "staff": _usual_practitioner(request, site),
    }
    form = kept_form(request, BookForm, initial=usual, **options)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            dates = book_series(
                form.slot,
                patient,
                values["weeks"],
                by=actor_of(request),
                key=f"staff:{values['key']}",
                manner=form.manner,
            )
        except NotAll as error:
            for one in error.dates:
                if one.problem:
                    form.add_error("time", f"{one.local:%d-%b-%Y %H:%M}: {one.problem}")
            if any("taken" in one.problem for one in error.dates):
                _say(form, Taken())
        except OtherQuestion as error:
            _say(form, error)
        else:
            told = ", ".join(f"{one.local:%d-%b-%Y %H:%M}" for one in dates)
            messages.success(request, f"Booked: {told}.")
            return redirect("schedule:day", site=site.pk, day=dates[0].local.date())
    context = {"form": form, "site": site, "sites": Site.objects.filter(pk__in=sites)}
    return render(request, "booking/staff_book.html", context, status=status(form, request))


def _usual_practitioner(request: HttpRequest, site: Site) -> Staff | None:
    """Oneself if one can be booked here; otherwise whoever is the only one."""
    people = list(practitioners_at(site))
    duties: Duties = request.duties  # type: ignore[attr-defined]
    if duties.staff in people:
        return duties.staff
    return people[0] if len(people) == 1 else None


def _chosen_site(request: HttpRequest, sites: list[int]) -> Site:
    wanted = request.GET.get("site", "")
    site = Site.objects.filter(pk__in=sites).order_by("pk")
    found = site.filter(pk=int(wanted)).first() if wanted.isdecimal() else site.first()
    if found is None:
        raise Http404
    return found


@permitted(P.BOOK_FOR_PERSON, patient="key", shows="form of a wait list")
def wait_for(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Write down that a person waits for a place."""
    patient: Patient = request.patient  # type: ignore[attr-defined]
    here = set(patient.sites.values_list("pk", flat=True))
    site = _chosen_site(request, [pk for pk in _sites(request, P.BOOK_VISITS) if pk in here])
    usual = {"first_day": _today(site), "last_day": _today(site) + timedelta(days=14)}
    form = kept_form(request, StaffWaitForm, site=site, initial=usual)
    if request.method == "POST" and form.is_valid():
        waiting.wait(patient, site=site, by=sender_of(request), **form.cleaned_data)
        how = (
            "A place that falls free is offered by mail."
            if reached_at(patient)
            else "They left no email address: call them when a place falls free."
        )
        messages.success(request, f"They wait. {how}")
        return redirect("patients:person", key=key)
    context = {"form": form, "heading": f"Waits for a place at {site.name}", "act": "Save"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(P.BOOK_VISITS)
@require_POST
def stop_waiting(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody no longer waits."""
    row = get_object_or_404(Waiting, pk=pk, site__in=_sites(request, P.BOOK_VISITS))
    waiting.stop_waiting(row, by=actor_of(request))
    return redirect("schedule:day", site=row.site_id, day=_today(row.site))


# ----------------------------------------------------------------- around the visits


@permitted(P.BOOK_VISITS)
@require_http_methods(["GET", "HEAD", "POST"])
def block(request: HttpRequest, site: int) -> HttpResponse:
    """Keep time for something else."""
    at = _site(request, site, P.BOOK_VISITS)
    form = kept_form(request, BlockForm, site=at, initial={"day": _today(at)})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            blocks.block(
                at,
                staff=values["staff"],
                room=values["room"],
                starts=values["begins_at"],
                ends=values["ends_at"],
                what_for=values["what_for"],
                by=sender_of(request),
            )
        except Taken:
            form.add_error("starts", "Something is booked then. Move it first.")
        else:
            return redirect("schedule:day", site=at.pk, day=values["day"])
    context = {"form": form, "heading": f"Keep time free at {at.name}", "act": "Keep it free"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(P.BOOK_VISITS)
@require_POST
def unblock(request: HttpRequest, pk: int) -> HttpResponse:
    """Give blocked time back."""
    row = get_object_or_404(Block, pk=pk, site__in=_sites(request, P.BOOK_VISITS))
    local = row.starts_local[:10]
    blocks.unblock(row, by=actor_of(request))
    return redirect("schedule:day", site=row.site_id, day=date.fromisoformat(local))


@permitted(P.BOOK_VISITS)
def newcomers(request: HttpRequest) -> HttpResponse:
    """Records that began with a booking from outside: whose are they?"""
    rows = newcomers_at(_sites(request, P.BOOK_VISITS))
    record_alone("newcomers listed", by=actor_of(request), found=rows.count())
    shown = [
        (row, MatchForm(auto_id=f"match_{row.pk}_%s", is_for_another=row.is_for_another))
        for row in rows
    ]
    return render(request, "booking/newcomers.html", {"shown": shown})


@permitted(P.BOOK_VISITS)
@require_POST
def match(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whose a newcomer's record is."""
    sites = _sites(request, P.BOOK_VISITS)
    row = get_object_or_404(newcomers_at(sites), pk=pk)
    form = MatchForm(request.POST, is_for_another=row.is_for_another)
    same_as = None
    if form.is_valid() and (number := form.cleaned_data["number"]):
        same_as = (
            Patient.objects.filter(number=number, merged_into=None, sites__in=sites)
            .exclude(pk=row.patient_id)
            .first()
        )
        if same_as is None:
            form.add_error("number", f"Nobody else of your sites has number {number}.")
    if form.is_valid():
        try:
            kept = settle(
                Newcomer.objects.get(pk=pk),
                same_as,
                by=actor_of(request),
                is_own_address=form.cleaned_data.get("is_own_address", False),
            )
        except CannotMerge as error:
            form.add_error("number", str(error))
        else:
            messages.success(request, f"Matched: number {kept.number}.")
            return redirect("schedule:newcomers")
    return render(request, "booking/newcomers.html", {"shown": [(row, form)]}, status=422)


@permitted(P.IMPORT_PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Bring in visits to come from another system, first as a trial."""
    form = ImportForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        for_real = "bring_in" in request.POST
        try:
            text = form.cleaned_data["file"].read().decode("utf-8-sig")
        except UnicodeDecodeError:
            form.add_error("file", "The file must be text in UTF-8.")
        else:
            visits, problems = read_visits(text, _sites(request, P.IMPORT_PEOPLE))
            if not problems:
                problems = bring_in(
                    visits,
                    by=actor_of(request),
                    for_real=for_real,
                    is_told=form.cleaned_data["is_told"],
                )
            if not problems and for_real:
                messages.success(request, f"{len(visits)} visits were brought in.")
                return redirect("schedule:bring")
            context |= {"visits": visits, "problems": problems}
    return render(request, "booking/import.html", context, status=status(form, request))
