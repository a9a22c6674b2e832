"""Taking and giving back places: locks in one order, lapsed places first, then the guard decides.

Patients are locked before practitioners and these before rooms, so that no two acts wait for each
other. What the locks miss the guard refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import system
from clinic.booking import rules, times
from clinic.booking.answers import Taken
from clinic.booking.models import Applicant, Booking, Occupancy, Resource, Room
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
    """Locked resources and the spans that a booking is about to take of them."""

    rows: dict[str, int]
    spans: dict[str, Span]
    lane: int

    def take(self, booking: Booking) -> None:
        """Take them for a booking that is saved; the guard may still refuse."""
        Occupancy.objects.bulk_create(
            [
                Occupancy(
                    resource_id=self.rows[key],
                    lane=self.lane,
                    begins=begins,
                    ends=ends,
                    booking=booking,
                )
                for key, (begins, ends) in self.spans.items()
            ]
        )


def claim(booking: Booking, *, keep_rooms: bool = False) -> Claim:
    """Lock what a booking needs at its time, choosing rooms unless they are kept.

    Raises:
        Taken: The practitioner or the patient is elsewhere then, or no room is free.
    """
    starts = times.seconds(booking.starts_at)
    minutes = (times.seconds(booking.ends_at) - starts) // 60
    there, around = rules.spans(starts, minutes, booking.minutes_before, booking.minutes_after)
    spans = {staff_key(booking.staff): around}
    if booking.patient is not None:
        spans[patient_key(booking.patient)] = there
    rows = lock(spans)
    sets = [] if keep_rooms else rooms_for(booking.service, booking.site)
    keys = [room_key(room) for kind in sets for room in kind]
    if keep_rooms:
        keys = [room_key(room) for room in (booking.room, booking.equipment) if room is not None]
    busy, lapsed = taken_and_lapsed([*spans, *keys], *around, booking.lane)
    if lapsed:
        lapse(list(Booking.objects.filter(pk__in=lapsed)))
    for key, (begins, ends) in spans.items():
        if any(first < ends and begins < last for first, last in busy[key]):
            raise Taken
    if not keep_rooms:
        _choose(booking, sets, busy)
    rooms = [room for room in (booking.room, booking.equipment) if room is not None]
    if rooms:
        rows |= lock(room_key(room) for room in rooms)
        spans |= {room_key(room): around for room in rooms}
    return Claim(rows, spans, booking.lane)


def _choose(booking: Booking, sets: list[list[Room]], busy: dict[str, list[Span]]) -> None:
    """One free room of each kind; not all practitioners begin with the same.

    Raises:
        Taken: There is none.
    """
    chosen = {}
    for kind in sets:
        free = [room for room in kind if not busy[room_key(room)]]
        if not free:
            raise Taken
        room = free[booking.staff_id % len(free)]
        chosen[room.kind] = room
    booking.room = chosen.get(booking.service.room_kind)
    booking.equipment = chosen.get(booking.service.equipment_kind)


def occupy(booking: Booking, *, keep_rooms: bool = False) -> None:
    """Take what a saved booking needs at its time; its rooms are saved by the caller.

    Raises:
        Taken: Somebody or something is elsewhere then.
        IntegrityError: The guard refused.
    """
    claim(booking, keep_rooms=keep_rooms).take(booking)


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
