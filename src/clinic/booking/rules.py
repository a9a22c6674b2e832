"""What may become of a booking, how long places are kept, what is late: pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from clinic.booking.models import Booking

S = Booking.State

HOLD_LASTS = timedelta(minutes=10)  # while somebody fills in the form
PENDING_LASTS = timedelta(minutes=15)  # until the mail is answered
OFFER_LASTS = timedelta(hours=2)
UNDO_LASTS = timedelta(minutes=3)  # no mail leaves before it is over
REMIND_BEFORE = timedelta(hours=26)
MOST_PENDING = 8  # unconfirmed places of one practitioner at once
MOST_IN_SERIES = 12
LANES = (0, 1)

BECOMES: Mapping[str, frozenset[str]] = {
    S.HELD: frozenset({S.PENDING, S.BOOKED, S.LAPSED}),
    S.PENDING: frozenset({S.BOOKED, S.CANCELLED, S.LAPSED}),
    S.OFFERED: frozenset({S.BOOKED, S.CANCELLED, S.LAPSED}),
    S.BOOKED: frozenset({S.ARRIVED, S.BEGUN, S.NO_SHOW, S.CANCELLED}),
    S.ARRIVED: frozenset({S.BEGUN, S.BOOKED, S.CANCELLED}),
    S.NO_SHOW: frozenset({S.BOOKED}),
    S.CANCELLED: frozenset({S.BOOKED}),  # an undo, if the place is still free
    S.BEGUN: frozenset(),
    S.LAPSED: frozenset(),
}
UNSURE = frozenset({S.HELD, S.PENDING, S.OFFERED})  # these lapse
OPEN = frozenset({S.PENDING, S.OFFERED, S.BOOKED, S.ARRIVED})  # still to come
MOVES = frozenset({S.BOOKED, S.ARRIVED})
FREE = frozenset({S.CANCELLED, S.LAPSED})  # these occupy nothing


def may_become(state: str, other: str) -> bool:
    """Whether a booking in one state may pass into another."""
    return other in BECOMES[state]


def spans(
    starts: int, minutes: int, before: int, after: int
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Seconds that the patient is there, and those that practitioner and room are taken."""
    ends = starts + minutes * 60
    return (starts, ends), (starts - before * 60, ends + after * 60)


def is_late(starts: datetime, now: datetime, notice_hours: int) -> bool:
    """Whether a cancelling at `now` comes within the notice."""
    return now > starts - timedelta(hours=notice_hours)


def remind_at(starts: datetime, now: datetime) -> datetime | None:
    """When to remind of a visit; not at all when it is near anyway."""
    when = starts - REMIND_BEFORE
    return when if when > now + timedelta(hours=2) else None
