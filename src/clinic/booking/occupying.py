"""Taking and giving back places: locks in one order, lapsed places first, then the guard decides.

Patients are locked before practitioners and these before rooms, so that no two acts wait for each
other. What the locks miss the guard refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import system
from clinic.booking import rules, times
from clinic.booking.answers import Taken
from clinic.booking.models import Applicant, Booking, Occupancy, Resource, Room, Service
from clinic.booking.opening import Span
from clinic.booking.queries import rooms_for, taken_and_lapsed
from clinic.patients.models import Patient
from clinic.practice.models import Staff

BY = system("booking")


def staff_key(staff: Staff) -> str:
    """The resource that a practitioner is."""
    return f"staff:{staff.pk}"


def room_key(room: Room) -> str:
    """The resource that a room is."""
    return f"room:{room.pk}"


def patient_key(patient: Patient) -> str:
    """The resource that a patient is."""
    return f"patient:{patient.pk.hex}"


def lock(keys: Iterable[str]) -> dict[str, int]:
    """Lock resources in the order of their keys, making those that are new; their row by key."""
    wanted = sorted(set(keys))
    rows = Resource.objects.filter(key__in=wanted).order_by("key")
    found = {row.key: row.pk for row in _locked(rows)}
    if len(found) < len(wanted):
        Resource.objects.bulk_create(
            [Resource(key=key) for key in wanted if key not in found], ignore_conflicts=True
        )
        found = {row.key: row.pk for row in _locked(rows.all())}
    return found


def is_gone(staff: Staff, service: Service, starts: datetime, lane: int) -> bool:
    """Whether a practitioner's time is taken as far as one glance tells; it locks nothing.

    Most who come too late are told so by this one read. That a place is free, only `claim` says.
    """
    now = timezone.now()
    begins, ends = rules.spans(
        times.seconds(starts), service.minutes, service.minutes_before, service.minutes_after
    )[1]
    return (
        Occupancy.objects.filter(
            resource__key=staff_key(staff),
            lane=lane,
            begins__gt=begins - 86_400,
            begins__lt=ends,
            ends__gt=begins,
        )
        .filter(Q(booking=None) | Q(booking__expires_at=None) | Q(booking__expires_at__gt=now))
        .exists()
    )


def _locked(rows: QuerySet[Resource]) -> QuerySet[Resource]:
    if connection.vendor == "postgresql":
        return rows.select_for_update(no_key=True)
    return rows  # SQLite's one writer is this transaction


def lapse(bookings: Iterable[Booking]) -> int:
    """Give back places that were kept too long; how many."""
    count = 0
    now = timezone.now()
    for booking in bookings:
        mine = Booking.objects.filter(
            pk=booking.pk, state__in=rules.UNSURE, expires_at__lte=now, version=booking.version
        )
        if mine.update(state=Booking.State.LAPSED, version=booking.version + 1):
            release(booking)
            Applicant.objects.filter(booking=booking.pk).delete()
            record(
                "place lapsed", by=BY, subject=f"booking:{booking.pk}", patient=booking.patient_id
            )
            count += 1
    return count


def release(booking: Booking) -> None:
    """Occupy nothing any more."""
    Occupancy.objects.filter(booking=booking.pk).delete()


@dataclass(frozen=True)
class Claim:
    """Locked resources, and the span and the lane that a booking is about to take of each."""

    rows: dict[str, int]
    spans: dict[str, tuple[Span, int]]
    lapsed: list[Booking]  # that had some of it until now, and perhaps more

    def take(self, booking: Booking) -> None:
        """Take them for a booking that is saved; the guard may still refuse.

        What others who lapsed had besides is offered to who waits.
        """
        from clinic.booking.waiting import pass_on  # noqa: PLC0415 - it takes places by this module

        Occupancy.objects.bulk_create(
            [
                Occupancy(
                    resource_id=self.rows[key],
                    lane=lane,
                    begins=begins,
                    ends=ends,
                    booking=booking,
                )
                for key, ((begins, ends), lane) in self.spans.items()
            ]
        )
        for one in self.lapsed:
            pass_on(one)


class Rooms(StrEnum):
    """Which rooms a booking takes, and what it may lie beside."""

    CHOSEN = "chosen"  # anew, beside nothing but what its own lane allows
    AGAIN = "again"  # anew, at a time that it had before: what was put over it knowingly stays
    KEPT = "kept"  # those it has, at a time that it had before
    APART = "apart"  # those it has, with all it needs in a lane of its own


def claim(booking: Booking, rooms: Rooms = Rooms.CHOSEN) -> Claim:
    """Lock what a booking needs at its time, choosing rooms unless they are kept.

    A second lane is of the practitioner alone: it puts no patient in two places and takes no room
    from anybody else.

    Raises:
        Taken: The practitioner or the patient is elsewhere then, or no room is free.
    """
    starts = times.seconds(booking.starts_at)
    minutes = (times.seconds(booking.ends_at) - starts) // 60
    there, around = rules.spans(starts, minutes, booking.minutes_before, booking.minutes_after)
    staff, is_apart = staff_key(booking.staff), rooms is Rooms.APART
    spans = {staff: (around, booking.lane)}
    if booking.patient is not None:
        spans[patient_key(booking.patient)] = (there, booking.lane if is_apart else 0)
    rows = lock(spans)
    keeps = rooms in {Rooms.KEPT, Rooms.APART}
    sets = [] if keeps else rooms_for(booking.service, booking.site)
    keys = [room_key(room) for kind in sets for room in kind]
    if keeps:
        keys = [room_key(room) for room in (booking.room, booking.equipment) if room is not None]
    of_lane = {staff} if booking.lane or rooms is not Rooms.CHOSEN else set()
    busy, lapsed = taken_and_lapsed(
        [*spans, *keys],
        *around,
        of_lane={*spans, *keys} if is_apart else of_lane,
        lane=booking.lane,
    )
    gone = Booking.objects.filter(pk__in=lapsed).select_related("service", "staff", "site")
    let_go = [one for one in gone if lapse([one])] if lapsed else []
    for key, ((begins, ends), _) in spans.items():
        if any(first < ends and begins < last for first, last in busy[key]):
            raise Taken
    shared = _rooms_of_the_same_time(booking, around) if booking.lane else set()
    if not keeps:
        _choose(booking, sets, busy, shared)
    found = {room_key(room): room for room in (booking.room, booking.equipment) if room is not None}
    if found:
        rows |= lock(found)
        for key, room in found.items():
            beside = booking.lane if is_apart or (busy[key] and room.pk in shared) else 0
            spans[key] = (around, beside)
    return Claim(rows, spans, let_go)


def _rooms_of_the_same_time(booking: Booking, around: Span) -> set[int]:
    """Rooms in which the practitioner is then by the first of two bookings of one time."""
    begins, ends = around
    beside = Booking.objects.filter(
        occupancies__resource__key=staff_key(booking.staff),
        occupancies__lane__lt=booking.lane,
        occupancies__begins__lt=ends,
        occupancies__ends__gt=begins,
    )
    rows = beside.values_list("room", "equipment")
    return {room for row in rows for room in row} - {None}


def _choose(
    booking: Booking, sets: list[list[Room]], busy: dict[str, list[Span]], shared: set[int]
) -> None:
    """One free room of each kind; not all practitioners begin with the same.

    Raises:
        Taken: There is none.
    """
    chosen = {}
    for kind in sets:
        free = [room for room in kind if not busy[room_key(room)]]
        free = free or [room for room in kind if room.pk in shared]
        if not free:
            raise Taken
        room = free[booking.staff_id % len(free)]
        chosen[room.kind] = room
    booking.room = chosen.get(booking.service.room_kind)
    booking.equipment = chosen.get(booking.service.equipment_kind)


def occupy(booking: Booking, rooms: Rooms = Rooms.CHOSEN) -> None:
    """Take what a saved booking needs at its time; its rooms are saved by the caller.

    Raises:
        Taken: Somebody or something is elsewhere then.
        IntegrityError: The guard refused.
    """
    claim(booking, rooms).take(booking)


def set_time(booking: Booking, starts: datetime) -> None:
    """Give a booking its start, in all the ways it is stored; it is not saved here."""
    zone = times.zone_of(booking.site.time_zone)
    local, fold = times.wall_of(starts, zone)
    service = booking.service
    booking.starts_at = starts
    booking.ends_at = times.from_seconds(times.seconds(starts) + service.minutes * 60)
    booking.starts_local = local.isoformat(timespec="minutes")
    booking.fold = fold
    booking.zone = booking.site.time_zone
    booking.rules_version = times.version()
    booking.minutes_before, booking.minutes_after = service.minutes_before, service.minutes_after
