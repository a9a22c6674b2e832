"""Reads of booking: who may be booked when, what is free, what a day holds."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import (
    BooleanField,
    Exists,
    F,
    Func,
    OuterRef,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.utils import timezone

from clinic.accounts.models import User
from clinic.booking import guard, rules, times
from clinic.booking.booked import VALUES, Booked
from clinic.booking.forms_due import forms_missing
from clinic.booking.models import (
    Away,
    Block,
    Bookable,
    Booking,
    BookingRules,
    Hours,
    Newcomer,
    Occupancy,
    Room,
    Service,
    Waiting,
)
from clinic.booking.opening import (
    Length,
    Span,
    free_starts,
    hindered,
    hindered_by_all,
    joined,
    without,
)
from clinic.patients.models import Patient
from clinic.practice.models import Credential, Role, Site, Staff
from clinic.practice.queries import rules_of_place, today
from clinic.practice.rules import Jurisdiction, is_valid_on, missing_for_needling

MOST_DAYS = 92


def guard_is_up() -> bool:
    """Whether the database refuses overlaps: a table that is made anew may have lost its guard."""
    names = guard.names(connection.vendor)
    table = (
        "SELECT conname FROM pg_constraint UNION SELECT tgname FROM pg_trigger"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(table)
        return names <= {row[0] for row in cursor.fetchall()}


def reckoned_otherwise() -> tuple[QuerySet[Booking], QuerySet[Block]]:
    """Everything to come whose instant was found by other rules of clocks than those in use."""
    now, version = timezone.now(), times.version()
    bookings = Booking.objects.filter(starts_at__gt=now).exclude(rules_version=version)
    blocks = Block.objects.filter(starts_at__gt=now).exclude(rules_version=version)
    return bookings.exclude(state__in=rules.FREE), blocks


def without_places() -> list[uuid.UUID]:
    """Bookings that should occupy something and do not, or the other way round."""
    taking = Booking.objects.exclude(state__in=rules.FREE).filter(occupancies=None)
    freed = Booking.objects.filter(state__in=rules.FREE).exclude(occupancies=None)
    return [*taking.values_list("pk", flat=True), *freed.values_list("pk", flat=True).distinct()]


def rules_at(site: Site) -> BookingRules:
    """How a site lets itself be booked; with what is usual if nobody has said."""
    return BookingRules.objects.filter(site=site).first() or BookingRules(site=site)


def credentials_needed(needs: str, place: Jurisdiction | None = None) -> tuple[str, ...]:
    """Kinds of credential whoever gives a service must hold on the day, by the place's rules.

    These are read here unless they were in the same request.
    """
    if needs == Service.Needs.NEEDLING:
        kinds = (Credential.Kind.NEEDLING, *(place or rules_of_place()).needling_needs)
    else:
        kinds = (Credential.Kind.LICENCE,)
    return tuple(dict.fromkeys(str(kind) for kind in kinds))


def missing_on(staff: Staff, service: Service, day: date) -> list[str]:
    """What a member of staff lacks to give a service on a day, in words; nothing: they may."""
    lacking = missing_for_needling(staff.credentials.all(), day, credentials_needed(service.needs))
    return [str(Credential.Kind(kind).label) for kind in lacking]


class _Rule(NamedTuple):
    """When somebody works, or anybody does not: on which days, between two times or always."""

    staff: int | None
    first_day: date
    last_day: date | None
    starts: time | None
    ends: time | None

    def covers(self, day: date) -> bool:
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


_OFF = 7  # in the place of a weekday: a time at which hours do not hold


def working(
    staff: Iterable[int], site: Site, first: date, last: date
) -> dict[int, dict[date, list[Span]]]:
    """When each of some staff works at a site, by day, leave and holidays taken out."""
    ids = list(staff)
    zone = times.zone_of(site.time_zone)
    hours: dict[tuple[int, int], list[_Rule]] = defaultdict(list)
    away: list[_Rule] = []
    works = Hours.objects.filter(
        Q(last_day=None) | Q(last_day__gte=first), staff__in=ids, site=site, first_day__lte=last
    )
    is_off = (
        Away.objects.filter(first_day__lte=last, last_day__gte=first)
        .filter(Q(staff__in=ids) | Q(staff=None))
        .filter(Q(site=site) | Q(site=None))
    )
    told = ("staff", "first_day", "last_day", "starts", "ends")
    both = works.values_list("weekday", *told).union(
        is_off.values_list(Value(_OFF, PositiveSmallIntegerField()), *told), all=True
    )
    for weekday, *values in both:
        row = _Rule(*values)
        if weekday == _OFF:
            away.append(row)
        else:
            hours[row.staff, weekday].append(row)  # type: ignore[index]
    found: dict[int, dict[date, list[Span]]] = {one: {} for one in ids}
    for day in _days(first, last):
        gone = [row for row in away if row.covers(day)]
        for one in ids:
            windows = [
                _span(row, day, zone)
                for row in hours.get((one, day.weekday()), ())
                if row.covers(day)
            ]
            if windows:
                off = [_span(row, day, zone) for row in gone if row.staff in {None, one}]
                found[one][day] = without(joined(windows), off)
    return found


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


def _at(day: date, when: time, zone: object) -> int:
    """Opening and closing times count from the next time that happens, if theirs is skipped."""
    local = datetime.combine(day, when)
    return times.seconds(local.replace(tzinfo=zone))  # type: ignore[arg-type]


def _span(row: _Rule, day: date, zone: object) -> Span:
    if row.starts is None or row.ends is None:
        return times.span_of_day(day, zone)  # type: ignore[arg-type]
    return _at(day, row.starts, zone), _at(day, row.ends, zone)


def taken(keys: Iterable[str], begins: int, ends: int) -> dict[str, list[Span]]:
    """When resources are taken within a span; what has lapsed takes nothing."""
    return taken_and_lapsed(keys, begins, ends)[0]


def taken_and_lapsed(
    keys: Iterable[str],
    begins: int,
    ends: int,
    *,
    of_lane: Collection[str] = (),
    lane: int = 0,
) -> tuple[dict[str, list[Span]], set[uuid.UUID]]:
    """When resources are taken within a span, and which bookings there have lapsed.

    A second booking of one time takes it as the first does, also once the first is gone. Only of
    the resources `of_lane` no more is asked than what takes the same lane.
    """
    found: dict[str, list[Span]] = {key: [] for key in keys}
    lapsed: set[uuid.UUID] = set()
    now = timezone.now()
    rows = Occupancy.objects.filter(
        resource__key__in=list(found),
        begins__gt=begins - 86_400,
        begins__lt=ends,
        ends__gt=begins,
    ).values_list("resource__key", "lane", "begins", "ends", "booking", "booking__expires_at")
    for key, in_lane, first, last, booking, expires in rows:
        if key in of_lane and in_lane != lane:
            continue
        if expires is not None and expires <= now:
            lapsed.add(booking)
        else:
            found[key].append((first, last))
    return found, lapsed


def is_a_step(staff: Staff, site: Site, starts: int) -> bool:
    """Whether a start is one that is offered when it is free: whole steps from an opening on."""
    day = times.wall_of(times.from_seconds(starts), times.zone_of(site.time_zone))[0].date()
    step = rules_at(site).step_minutes * 60
    spans = working([staff.pk], site, day, day)[staff.pk].get(day, [])
    return any(first <= starts < last and (starts - first) % step == 0 for first, last in spans)


def rooms_for(service: Service, site: Site) -> list[list[Room]]:
    """For each kind of room or equipment that a service needs, those that there are."""
    kinds = [kind for kind in (service.room_kind, service.equipment_kind) if kind]
    if not kinds:
        return []
    rooms = list(Room.objects.filter(site=site, kind__in=kinds, is_active=True).order_by("pk"))
    return [[room for room in rooms if room.kind == kind] for kind in kinds]


def length_of(service: Service) -> Length:
    """Of a visit, in seconds."""
    return Length(service.minutes * 60, service.minutes_before * 60, service.minutes_after * 60)


def giving(service: Service, site: Site, *, public_only: bool) -> list[Staff]:
    """Practitioners posted at a site who give a service."""
    found = Staff.objects.filter(
        bookable__services=service,
        postings__site=site,
        postings__role=Role.PRACTITIONER,
        postings__ended_at=None,
        user__is_active=True,
    )
    if public_only:
        found = found.filter(bookable__is_public=True)
    return list(found.distinct().order_by("name").prefetch_related("credentials"))


def openings(
    service: Service,
    site: Site,
    staff: Iterable[Staff],
    *,
    first: date,
    last: date,
    not_before: datetime,
) -> dict[int, list[int]]:
    """Free starts of each practitioner, in seconds, only on days on which they are authorised."""
    people = list(staff)
    last = min(last, first + timedelta(days=MOST_DAYS))
    hours = working([one.pk for one in people], site, first, last)
    zone = times.zone_of(site.time_zone)
    begins, ends = times.span_of_day(first, zone)[0], times.span_of_day(last, zone)[1]
    sets = rooms_for(service, site)
    keys = [f"staff:{one.pk}" for one in people]
    keys += [f"room:{room.pk}" for kind in sets for room in kind]
    busy = taken(keys, begins - 86_400, ends + 86_400)
    length = length_of(service)
    without_room: list[Span] = []
    for kind in sets:
        without_room += hindered_by_all([busy[f"room:{room.pk}"] for room in kind], length)
    needed = credentials_needed(service.needs)
    step = rules_at(site).step_minutes * 60
    found = {}
    for one in people:
        credentials = list(one.credentials.all())
        held = [credential for credential in credentials if credential.kind in needed]
        windows = [
            span
            for day, spans in hours[one.pk].items()
            if not _lacks(held, day, needed)
            for span in spans
        ]
        found[one.pk] = free_starts(
            windows,
            length,
            step=step,
            not_before=times.seconds(not_before),
            hindrances=joined(hindered(busy[f"staff:{one.pk}"], length) + without_room),
        )
    return found


def _lacks(held: Iterable[Credential], day: date, needed: Iterable[str]) -> bool:
    valid = {credential.kind for credential in held if is_valid_on(credential, day)}
    return not valid.issuperset(needed)


@dataclass(frozen=True)
class FreeTime:
    """A start that is free, and with whom."""

    starts: int
    staff: Staff
    site: Site

    @property
    def at(self) -> datetime:
        """The instant."""
        return times.from_seconds(self.starts)

    @property
    def local(self) -> datetime:
        """What a clock shows there."""
        return times.wall_of(self.at, times.zone_of(self.site.time_zone))[0]

    @property
    def clock(self) -> str:
        """As a patient reads it."""
        local, fold = times.wall_of(self.at, times.zone_of(self.site.time_zone))
        twice = times.which_of_two(local, times.zone_of(self.site.time_zone), fold)
        return times.clock(local.time()) + (f" ({twice})" if twice else "")


def free_times(
    service: Service,
    site: Site,
    staff: Iterable[Staff],
    *,
    first: date,
    last: date,
    not_before: datetime,
) -> list[FreeTime]:
    """All free starts in order; of several practitioners at one time, the one with most to spare.

    Whoever is booked takes only their own place: the choice among equals is made anew in the act.
    """
    people = {one.pk: one for one in staff}
    found = openings(service, site, people.values(), first=first, last=last, not_before=not_before)
    best: dict[int, int] = {}
    for one, starts in found.items():
        for start in starts:
            if start not in best or len(starts) > len(found[best[start]]):
                best[start] = one
    return [FreeTime(start, people[one], site) for start, one in sorted(best.items())]


def next_free(
    service: Service, site: Site, staff: Iterable[Staff], after: datetime, count: int = 3
) -> list[FreeTime]:
    """The next free starts from an instant on."""
    zone = times.zone_of(site.time_zone)
    first = max(after, timezone.now()).astimezone(zone).date()
    people = list(staff)
    for days in (7, 35):
        found = free_times(
            service,
            site,
            people,
            first=first,
            last=first + timedelta(days=days),
            not_before=max(after, timezone.now()),
        )
        if len(found) >= count:
            break
    return found[:count]


def bookings_between(site: Site, first: date, last: date) -> QuerySet[Booking]:
    """What a site has from the first day to the last, lapsed and cancelled places aside."""
    zone = times.zone_of(site.time_zone)
    begins, ends = times.span_of_day(first, zone)[0], times.span_of_day(last, zone)[1]
    return (
        Booking.objects.filter(
            site=site,
            starts_at__gte=datetime.fromtimestamp(begins, UTC),
            starts_at__lt=datetime.fromtimestamp(ends, UTC),
        )
        .exclude(state__in=rules.FREE)
        .exclude(state__in=rules.UNSURE, expires_at__lte=timezone.now())
    )


def undoable_at(site: Site) -> QuerySet[Booking]:
    """What was moved or cancelled so lately that it can be taken back, whatever its day."""
    return Booking.objects.filter(site=site, changed_at__gt=timezone.now() - rules.UNDO_LASTS)


def schedule_between(
    site: Site,
    first: date,
    last: date,
    staff: Staff | None = None,
    *,
    room: Room | None = None,
) -> tuple[list[Booked], list[Booked]]:
    """Together what is booked, and what can be taken back.

    Args:
        site: Where.
        first: The first day.
        last: The last day.
        staff: Booked with whom; left out: with anybody. What others have is taken back as well.
        room: In which room, or with which piece of equipment; left out: anywhere.
    """
    days = bookings_between(site, first, last)
    if staff is not None:
        days = days.filter(staff=staff)
    if room is not None:
        days = days.filter(Q(room=room) | Q(equipment=room))
    booked: list[Booked] = []
    undoable: list[Booked] = []
    missing: tuple[Any, Any] = (forms_missing(), Value(False, BooleanField()))
    told = [
        rows.values_list(*VALUES, missing[goes_to], Value(goes_to, PositiveSmallIntegerField()))
        for goes_to, rows in enumerate((days, undoable_at(site)))
    ]
    for *values, goes_to in told[0].union(told[1], all=True):
        (undoable if goes_to else booked).append(Booked(*values))
    return (
        sorted(booked, key=lambda row: (row.starts_at, row.staff)),
        sorted(undoable, key=lambda row: row.starts_at),
    )


@dataclass(frozen=True)
class Board:
    """One site as its schedule shows it."""

    site: Site
    step_minutes: int
    newcomers: int


def boards(sites: Iterable[int]) -> list[Board]:
    """Of some sites in the order of their names the steps of time, and how many are to match."""
    waiting = Newcomer.objects.filter(
        settled_at=None, patient__sites=OuterRef("pk"), patient__merged_into=None
    )
    count = waiting.order_by().annotate(count=Func(F("pk"), function="COUNT")).values("count")
    rows = Site.objects.filter(pk__in=list(sites)).select_related("booking_rules").order_by("name")
    return [
        Board(site, getattr(site, "booking_rules", BookingRules()).step_minutes, site.newcomers)
        for site in rows.annotate(newcomers=Subquery(count))
    ]


def blocks_between(site: Site, first: date, last: date) -> QuerySet[Block]:
    """What is kept for something else."""
    zone = times.zone_of(site.time_zone)
    begins, ends = times.span_of_day(first, zone)[0], times.span_of_day(last, zone)[1]
    return (
        Block.objects.filter(
            site=site,
            starts_at__lt=datetime.fromtimestamp(ends, UTC),
            ends_at__gt=datetime.fromtimestamp(begins, UTC),
        )
        .select_related("staff", "room")
        .order_by("starts_at")
    )


def visits_to_come(patient: Patient) -> QuerySet[Booking]:
    """A person's open bookings, the next one first."""
    return (
        Booking.objects.filter(patient=patient, state__in=rules.OPEN, starts_at__gt=timezone.now())
        .exclude(state__in=rules.UNSURE, expires_at__lte=timezone.now())
        .select_related("service", "staff", "site", "room")
        .order_by("starts_at")
    )


def visits_going_on(patient: Patient) -> list[Booking]:
    """A person's visits whose time is now."""
    states = [*rules.MOVES, Booking.State.BEGUN]
    rows = Booking.objects.filter(patient=patient, state__in=states, ends_at__gt=timezone.now())
    rows = rows.select_related("service", "staff", "site", "room").order_by("starts_at")
    return [row for row in rows if row.goes_on]


def may_book_for(user: User) -> list[Patient]:
    """Whom somebody signed in may book for: themselves, and those whose proxy they are."""
    day = today()
    proxied = Q(
        proxies__user=user,
        proxies__starts_on__lte=day,
        proxies__ends_on__gte=day,
        proxies__ended_at=None,
    )
    found = Patient.objects.filter(Q(user=user) | proxied, merged_into=None)
    return list(found.distinct().order_by("given_name"))


def newcomers_at(sites: Iterable[int]) -> QuerySet[Newcomer]:
    """Records that began with a booking from outside and wait to be matched."""
    return (
        Newcomer.objects.filter(
            settled_at=None, patient__sites__in=list(sites), patient__merged_into=None
        )
        .select_related("patient")
        .distinct()
        .order_by("since")
    )


def unauthorised(
    bookings: Iterable[Booked] | None = None, place: Jurisdiction | None = None
) -> list[tuple[Booked, list[str]]]:
    """Visits to come whose practitioner will lack something on the day, with what.

    Args:
        bookings: Of which visits; left out: of all that are to come.
        place: The rules of the place; left out: they are read here.
    """
    if bookings is None:
        rows = Booking.objects.filter(state__in=rules.OPEN, starts_at__gt=timezone.now())
        bookings = [Booked(*one) for one in rows.order_by("starts_at").values_list(*VALUES)]
    to_come = [row for row in bookings if row.state in rules.OPEN]
    held = _credentials_of({row.staff_id for row in to_come})
    needed = {needs: credentials_needed(needs, place) for needs in {row.needs for row in to_come}}
    lacking: dict[tuple[int, date, str], list[str]] = {}  # many visits ask the same
    found = []
    for row in to_come:
        asked = (row.staff_id, row.day, row.needs)
        if asked not in lacking:
            missing = missing_for_needling(held[row.staff_id], row.day, needed[row.needs])
            lacking[asked] = [str(Credential.Kind(kind).label) for kind in missing]
        if lacking[asked]:
            found.append((row, lacking[asked]))
    return found


def _credentials_of(staff: Collection[int]) -> dict[int, list[Credential]]:
    found: dict[int, list[Credential]] = {one: [] for one in staff}
    for credential in Credential.objects.filter(staff__in=found):
        found[credential.staff_id].append(credential)
    return found


def waiting_at(site: Site) -> QuerySet[Waiting]:
    """Who waits for a place at a site, the longest first; whether somebody hears for them."""
    by_others = Booking.objects.filter(
        patient=OuterRef("patient"),
        state__in=rules.OPEN,
        ends_at__gt=timezone.now(),
        booker_email__isnull=False,
    )
    return (
        Waiting.objects.filter(site=site, state__in=[Waiting.State.WAITING, Waiting.State.OFFERED])
        .select_related("patient", "service", "staff")
        .annotate(has_booker=Exists(by_others))
        .order_by("since")
    )


def public_sites() -> QuerySet[Site]:
    """Sites that can be booked from outside."""
    return Site.objects.filter(booking_rules__is_open=True).order_by("name")


def public_practitioners() -> QuerySet[Bookable]:
    """Practitioners who are shown to the public."""
    return (
        Bookable.objects.filter(
            is_public=True,
            staff__postings__role=Role.PRACTITIONER,
            staff__postings__ended_at=None,
            staff__user__is_active=True,
        )
        .select_related("staff")
        .prefetch_related("services", "staff__credentials")
        .distinct()
        .order_by("staff__name")
    )
