"""What may become of a booking, how long places are kept, what is late: pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo

from clinic.booking.models import Booking

S = Booking.State

HOLD_LASTS = timedelta(minutes=10)  # while somebody fills in the form
PENDING_LASTS = timedelta(minutes=15)  # until the mail is answered
OFFER_LASTS = timedelta(hours=2)  # of the day, as below: nobody loses a place while asleep
OFFERS_FROM, OFFERS_TO = time(8), time(20)
UNDO_LASTS = timedelta(minutes=3)  # no mail leaves before it is over
REMIND_BEFORE = timedelta(hours=26)
LATEST = timedelta(hours=2)  # after its time somebody may still come
LINK_LASTS = timedelta(days=30)  # after the end of its visit
MOST_PENDING = 8  # unconfirmed places of one practitioner at once
MOST_HELD = 20  # and those held from outside
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


def offer_ends(now: datetime, zone: tzinfo) -> datetime:
    """When an offer made now lapses; the night at the site does not count."""
    left, day = OFFER_LASTS, now.astimezone(zone).date()
    while True:
        opens = datetime.combine(day, OFFERS_FROM, zone).astimezone(UTC)
        shuts = datetime.combine(day, OFFERS_TO, zone).astimezone(UTC)
        begins = max(now, opens)
        if begins + left <= shuts:
            return begins + left
        left -= max(shuts - begins, timedelta())
        day += timedelta(days=1)


def is_late(starts: datetime, now: datetime, notice_hours: int) -> bool:
    """Whether a cancelling at `now` comes within the notice."""
    return now > starts - timedelta(hours=notice_hours)


def link_has_ended(ends: datetime, now: datetime) -> bool:
    """Whether the link of a visit that ends, or ended, then no longer opens it."""
    return now > ends + LINK_LASTS


def remind_at(starts: datetime, now: datetime) -> datetime | None:
    """When to remind of a visit; not at all when it is near anyway."""
    when = starts - REMIND_BEFORE
    return when if when > now + timedelta(hours=2) else None
