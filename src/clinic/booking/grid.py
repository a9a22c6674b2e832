"""A day or a week as a table: columns of practitioners, rooms or days, rows of wall time.

A day of ten practitioners has five hundred cells. What all cells of a column or a row share (whose,
which day, which time) is said once, by the column and by the row; a cell has what is its own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from django.db.models import QuerySet

from clinic.booking import times
from clinic.booking.booked import Booked
from clinic.booking.models import Block, Room
from clinic.booking.opening import Span, joined
from clinic.booking.queries import working
from clinic.practice.models import Site, Staff


@dataclass
class Column:
    """One column: what it is of, when it is open, what begins and lasts in it."""

    heading: str
    day: date
    staff: Staff | None = None
    room: Room | None = None
    windows: list[Span] = field(default_factory=list)
    bookings: list[Booked] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @property
    def who(self) -> str:
        """What a reader hears it is of."""
        of = self.staff or self.room
        return of.name if of else self.heading

    @property
    def taken(self) -> list[Span]:
        """When something goes on in it, or is kept free around it."""
        spans = [row.takes for row in self.bookings]
        spans += [(times.seconds(row.starts_at), times.seconds(row.ends_at)) for row in self.blocks]
        return joined(spans)


@dataclass(frozen=True)
class Cell:
    """What one column has at one wall time."""

    bookings: list[Booked]
    blocks: list[Block]
    is_going_on: bool
    is_open: bool
    happens: bool = True

    @property
    def classes(self) -> str:
        """How it looks."""
        if self.is_open:
            return "taken" if self.is_going_on else ""
        return "shut taken" if self.is_going_on else "shut"

    @property
    def has_words(self) -> bool:
        """Whether anything is written in it."""
        return bool(self.bookings or self.blocks) or not self.happens


@dataclass(frozen=True)
class Row:
    """One wall time across the columns."""

    at: time
    cells: list[Cell]


def by_practitioner(
    site: Site, day: date, bookings: list[Booked], blocks: list[Block], people: list[Staff]
) -> list[Column]:
    """A column for each practitioner."""
    hours = working([one.pk for one in people], site, day, day)
    return [
        Column(
            one.name,
            day,
            one,
            windows=hours[one.pk].get(day, []),
            bookings=[row for row in bookings if row.staff_id == one.pk],
            blocks=[row for row in blocks if row.staff_id == one.pk],
        )
        for one in people
    ]


def by_room(site: Site, day: date, bookings: list[Booked], blocks: list[Block]) -> list[Column]:
    """A column for each room and each piece of equipment."""
    open_all_day = [times.span_of_day(day, times.zone_of(site.time_zone))]
    return [
        Column(
            room.name,
            day,
            room=room,
            windows=open_all_day,
            bookings=[row for row in bookings if room.pk in {row.room_id, row.equipment_id}],
            blocks=[row for row in blocks if row.room_id == room.pk],
        )
        for room in rooms_of(site)
    ]


def rooms_of(site: Site) -> QuerySet[Room]:
    """The rooms and the equipment of a site that are in use."""
    return Room.objects.filter(site=site, is_active=True).order_by("name")


def of_week(
    site: Site, first: date, who: Staff, bookings: list[Booked], blocks: list[Block]
) -> list[Column]:
    """A column for each day of one practitioner's week."""
    last = first + timedelta(days=6)
    hours = working([who.pk], site, first, last)[who.pk]
    return [
        Column(
            f"{day:%a %d-%b}",
            day,
            who,
            windows=hours.get(day, []),
            bookings=[row for row in bookings if row.day == day],
            blocks=[row for row in blocks if row.starts_local[:10] == day.isoformat()],
        )
        for day in _days(first)
    ]


def of_room(
    site: Site, first: date, room: Room, bookings: list[Booked], blocks: list[Block]
) -> list[Column]:
    """A column for each day of one room's week; a room has no hours of its own."""
    zone = times.zone_of(site.time_zone)
    return [
        Column(
            f"{day:%a %d-%b}",
            day,
            room=room,
            windows=[times.span_of_day(day, zone)],
            bookings=[row for row in bookings if row.day == day],
            blocks=[row for row in blocks if row.starts_local[:10] == day.isoformat()],
        )
        for day in _days(first)
    ]


def _days(first: date) -> list[date]:
    return [first + timedelta(days=count) for count in range(7)]


def rows(columns: list[Column], site: Site, step_minutes: int) -> list[Row]:
    """Wall times from the first thing of any column to the last, in steps of the site."""
    zone = times.zone_of(site.time_zone)
    step = timedelta(minutes=step_minutes)
    clock = _clock(columns, zone, step)
    instants = {day: [_instant(day, at, zone) for at in clock] for day in {c.day for c in columns}}
    cells = [_cells(column, clock, instants[column.day], step) for column in columns]
    return [Row(at, list(across)) for at, *across in zip(clock, *cells, strict=True)]


def _clock(columns: list[Column], zone: tzinfo, step: timedelta) -> list[time]:
    """Wall times of the rows: from a whole hour on, nine to five at least."""
    starts = [time(9)]
    ends = [time(17)]
    for column in columns:
        for begins, closes in column.windows:
            if closes - begins < 23 * 3600:
                starts.append(times.wall_of(times.from_seconds(begins), zone)[0].time())
                ends.append(times.wall_of(times.from_seconds(closes), zone)[0].time())
        starts += [row.local.time() for row in column.bookings]
        ends += [end.time() for end in _ends(column)]
    day = datetime(2000, 1, 1)  # noqa: DTZ001 - wall time alone
    at, last = day.replace(hour=min(starts).hour), max(ends)
    found = []
    while at.time() < last and at.date() == day.date():
        found.append(at.time())
        at += step
    return found


def _ends(column: Column) -> list[datetime]:
    """Wall times at which its visits end on its day."""
    ends = [row.local_end for row in column.bookings]
    return [end for end in ends if end.date() == column.day]


def _instant(day: date, at: time, zone: tzinfo) -> int | None:
    """The second that a wall time means; None where clocks skip it."""
    try:
        return times.seconds(times.instant_of(datetime.combine(day, at), zone))
    except times.NoSuchTime:
        return None


def _cells(
    column: Column, clock: list[time], instants: list[int | None], step: timedelta
) -> list[Cell]:
    """The cells of a column, from the first wall time to the last."""
    top = datetime.combine(column.day, clock[0])
    bookings: dict[int, list[Booked]] = defaultdict(list)
    for row in column.bookings:
        bookings[(row.local - top) // step].append(row)
    blocks: dict[int, list[Block]] = defaultdict(list)
    for block in column.blocks:
        blocks[(datetime.fromisoformat(block.starts_local) - top) // step].append(block)
    taken, seconds = column.taken, int(step.total_seconds())
    found = []
    for number, begins in enumerate(instants):
        if begins is None:
            found.append(Cell([], [], is_going_on=False, is_open=False, happens=False))
            continue
        going_on = any(first < begins + seconds and begins < last for first, last in taken)
        is_open = any(first <= begins < last for first, last in column.windows)
        found.append(Cell(bookings[number], blocks[number], is_going_on=going_on, is_open=is_open))
    return found
