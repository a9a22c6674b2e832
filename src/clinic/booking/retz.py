"""`myotome clinic retz`: what becomes of visits to come when the rules of a zone have changed.

The wall time stays, since that is what was agreed; the instant follows. Each move and each conflict
is told before anything is done: it is done once in a transaction that is rolled back, for only the
guard knows what does not fit. Two visits that the new rules put on one another are both kept, the
later booked one in the second lane, for somebody to decide. Who has a visit that moves is sent it
anew, so that calendars follow. A wall time that no longer happens is left as it was and told of
each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from clinic.audit.actions import record
from clinic.audit.actor import Actor, system
from clinic.booking import rules, telling, times
from clinic.booking.answers import Taken, is_overlap
from clinic.booking.models import Block, Booking, Occupancy
from clinic.booking.occupying import (
    Rooms,
    lock,
    occupy,
    patient_key,
    release,
    room_key,
    staff_key,
)
from clinic.booking.queries import reckoned_otherwise

MINUTE = timedelta(minutes=1)
REASON = "The rules of clocks changed: two visits came to lie at one time."


class ChangedMeanwhile(Exception):  # noqa: N818 - named for the event
    """What would be done is no longer what was agreed to."""


@dataclass(frozen=True)
class Shift:
    """What new rules do to one booking or block."""

    what: str
    local: str
    zone: str
    old: datetime
    new: datetime
    by_rules: str
    problem: str = ""

    @property
    def is_move(self) -> bool:
        """Whether its instant changes."""
        return self.old != self.new

    @property
    def line(self) -> str:
        """One line of the report."""
        line = (
            f"{self.what}: {self.local.replace('T', ' ')} {self.zone},"
            f" {self.old:%Y-%m-%dT%H:%MZ} by {self.by_rules}"
        )
        line += f" -> {self.new:%Y-%m-%dT%H:%MZ} by {times.version()}" if self.is_move else ""
        return f"{line}. {self.problem}" if self.problem else line


def stale() -> tuple[list[Booking], list[Block]]:
    """Everything to come that was reckoned by other rules than those in use; its rows stay so."""
    bookings, blocks = reckoned_otherwise()
    bookings = (
        bookings.select_related("service", "staff", "site", "room", "equipment", "patient")
        .order_by("lane", "made_at")  # what lies in a second lane finds the first there
        .select_for_update(of=("self",))  # SQLite's one writer is this transaction
    )
    return list(bookings), list(blocks.select_related("staff", "room").order_by("pk"))


def planned() -> list[Shift]:
    """What would be done, with its conflicts: done, and taken back."""
    with transaction.atomic():
        told = _follow(system("retz"))
        transaction.set_rollback(True)
    return told


def _of_booking(booking: Booking) -> Shift:
    new, problem = booking.starts_at, ""
    try:
        new = times.instant_of(booking.local, times.zone_of(booking.zone), booking.fold)
    except times.NoSuchTime as error:
        problem = f"Must be decided: {error}"
    return Shift(
        f"visit {booking.pk}",
        booking.starts_local,
        booking.zone,
        booking.starts_at,
        new,
        booking.rules_version,
        problem,
    )


def _of_block(block: Block) -> Shift:
    new, problem = block.starts_at, ""
    local, zone = datetime.fromisoformat(block.starts_local), times.zone_of(block.zone)
    try:  # of a time that happens twice the nearer: which of the two it was is not stored
        found = [times.instant_of(local, zone, fold) for fold in (0, 1)]
        new = min(found, key=lambda instant: abs(instant - block.starts_at))
    except times.NoSuchTime as error:
        problem = f"Must be decided: {error}"
    return Shift(
        f"block {block.pk}",
        block.starts_local,
        block.zone,
        block.starts_at,
        new,
        block.rules_version,
        problem,
    )


def carry_out(*, by: Actor, agreed: list[Shift] | None = None) -> list[Shift]:
    """Move everything at once, in one transaction; what was done, with its conflicts.

    Args:
        by: Who does it.
        agreed: What was rehearsed and agreed to; left out: whatever there is to do.

    Raises:
        ChangedMeanwhile: It would be something else than was agreed to; nothing is done.
    """
    with transaction.atomic():
        told = _follow(by)
        if agreed is not None and told != agreed:
            raise ChangedMeanwhile(
                "Visits changed while you were asked. Nothing is done: look again."
            )
    return told


def _follow(by: Actor) -> list[Shift]:
    """Move everything, in the caller's transaction."""
    bookings, blocks = stale()
    shifts = [_of_booking(one) for one in bookings]
    moving = [
        (one, shift)
        for one, shift in zip(bookings, shifts, strict=True)
        if shift.is_move and not shift.problem
    ]
    block_shifts = [_of_block(one) for one in blocks]
    for one, _ in moving:  # first all give their places back, so that none is in the way
        release(one)
    for row, shift in zip(blocks, block_shifts, strict=True):
        if shift.is_move and not shift.problem:
            Occupancy.objects.filter(block=row).delete()
    done = [_same(one, shift) for one, shift in zip(bookings, shifts, strict=True)]
    moved = {one.pk: _move(one, shift, by) for one, shift in moving}
    told = [moved.get(one.pk, shift) for one, shift in zip(bookings, done, strict=True)]
    for row, shift in zip(blocks, block_shifts, strict=True):
        told.append(_move_block(row, shift))
    record("zone rules applied", by=by, moved=len(moving), rules=times.version())
    return told


def _same(booking: Booking, shift: Shift) -> Shift:
    """A visit whose instant stays is from now on reckoned by the new rules."""
    if not shift.is_move and not shift.problem:
        Booking.objects.filter(pk=booking.pk).update(rules_version=times.version())
    return shift


def _move(booking: Booking, shift: Shift, by: Actor) -> Shift:
    length = booking.ends_at - booking.starts_at
    is_sure = booking.state in rules.MOVES
    was_owed = is_sure and telling.hush(booking)
    booking.starts_at, booking.ends_at = shift.new, shift.new + length
    booking.rules_version = times.version()
    booking.sequence += 1
    booking.version += 1
    booking.before, booking.changed_at = {}, None  # the instant before a change is no more
    problem = ""
    if not _fits(booking):
        names = " and ".join(_in_the_way(booking))
        problem = f"Conflict with {names}. All are kept; decide which moves."
        booking.lane = _free_lane(booking)
        booking.reason_for_lane = REASON
    booking.save()
    record(
        "visit follows zone rules",
        by=by,
        subject=f"booking:{booking.pk}",
        patient=booking.patient_id,
        conflict=bool(problem),
    )
    if is_sure:
        telling.tell_of_clocks(booking, was_owed=was_owed)
    return Shift(shift.what, shift.local, shift.zone, shift.old, shift.new, shift.by_rules, problem)


def _in_the_way(booking: Booking) -> list[str]:
    """What has a time or a room that a booking needs, by name."""
    there, around = rules.spans(
        times.seconds(booking.starts_at),
        (booking.ends_at - booking.starts_at) // MINUTE,
        booking.minutes_before,
        booking.minutes_after,
    )
    needs = [(staff_key(booking.staff), booking.lane, around)]
    if booking.patient is not None:
        needs.append((patient_key(booking.patient), 0, there))
    for room in (booking.room, booking.equipment):
        needs += [(room_key(room), 0, around)] if room is not None else []
    found: dict[str, None] = {}
    for key, lane, (begins, ends) in needs:
        rows = Occupancy.objects.filter(
            resource__key=key, lane=lane, begins__lt=ends, ends__gt=begins
        )
        for row in rows.order_by("begins"):
            found[f"visit {row.booking_id}" if row.booking_id else f"block {row.block_id}"] = None
    return list(found)


def _fits(booking: Booking, rooms: Rooms = Rooms.KEPT) -> bool:
    try:
        with transaction.atomic():
            occupy(booking, rooms)
    except Taken:
        return False
    except IntegrityError as error:
        if not is_overlap(error):
            raise
        return False
    return True


def _free_lane(booking: Booking) -> int:
    """The first further lane in which it fits, taken."""
    for lane in range(1, 100):
        booking.lane = lane
        if _fits(booking, Rooms.APART):
            return lane
    raise RuntimeError("A hundred visits came to lie at one time.")


def _move_block(block: Block, shift: Shift) -> Shift:
    if shift.problem:
        return shift
    length = block.ends_at - block.starts_at
    block.starts_at, block.ends_at = shift.new, shift.new + length
    block.rules_version = times.version()
    block.save()
    if not shift.is_move:
        return shift
    rows = lock([staff_key(block.staff)] if block.staff else [])
    rows |= lock([room_key(block.room)] if block.room else [])
    problem = ""
    try:
        with transaction.atomic():
            Occupancy.objects.bulk_create(
                [
                    Occupancy(
                        resource_id=row,
                        begins=times.seconds(block.starts_at),
                        ends=times.seconds(block.ends_at),
                        block=block,
                    )
                    for row in rows.values()
                ]
            )
    except IntegrityError as error:
        if not is_overlap(error):
            raise
        problem = "Conflict: a visit is at this time. The block holds nothing until it is decided."
    return Shift(shift.what, shift.local, shift.zone, shift.old, shift.new, shift.by_rules, problem)


def lines(given: Iterable[Shift]) -> list[str]:
    """The report: moves and what must be decided; what stays is counted."""
    shifts = list(given)
    told = [shift for shift in shifts if shift.is_move or shift.problem]
    stays = sum(1 for shift in shifts if not (shift.is_move or shift.problem))
    return [shift.line for shift in told] + [f"{stays} stay at their instant."]
