"""A day or a week as a table: columns of practitioners, rooms or days, rows of wall time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from clinic.booking import times
from clinic.booking.models import Block, Booking, Room
from clinic.booking.opening import Span
from clinic.booking.queries import working
from clinic.practice.models import Site, Staff


@dataclass
class Column:
    """One column: what it is of, when it is open, what begins and lasts in it."""

    heading: str
    day: date
    staff: Staff | None = None
    windows: list[Span] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    """What one column has at one wall time."""

    column: Column
    local: datetime
    bookings: list[Booking]
    blocks: list[Block]
    is_going_on: bool
    is_open: bool
    happens: bool

    @property
    def label(self) -> str:
        """What a reader hears of an empty place."""
        who = self.column.staff.name if self.column.staff else self.column.heading
        hours = "" if self.is_open else ", outside the hours"
        return f"{self.local:%a %d-%b} {self.local:%H:%M}, {who}{hours}"


@dataclass(frozen=True)
class Row:
    """One wall time across the columns."""

    at: time
    cells: list[Cell]


def by_practitioner(
    site: Site, day: date, bookings: list[Booking], blocks: list[Block], people: list[Staff]
) -> list[Column]:
    """A column for each practitioner."""
    hours = working([one.pk for one in people], site, day, day)
    return [
        Column(
            one.name,
            day,
            one,
            hours[one.pk].get(day, []),
            [row for row in bookings if row.staff_id == one.pk],
            [row for row in blocks if row.staff_id == one.pk],
        )
        for one in people
    ]


def by_room(site: Site, day: date, bookings: list[Booking], blocks: list[Block]) -> list[Column]:
    """A column for each room and each piece of equipment."""
    rooms = Room.objects.filter(site=site, is_active=True).order_by("name")
    open_all_day = [times.span_of_day(day, times.zone_of(site.time_zone))]
    return [
        Column(
            room.name,
            day,
            None,
            open_all_day,
            [row for row in bookings if room.pk in {row.room_id, row.equipment_id}],
            [row for row in blocks if row.room_id == room.pk],
        )
        for room in rooms
    ]


def of_week(
    site: Site, first: date, who: Staff, bookings: list[Booking], blocks: list[Block]
) -> list[Column]:
    """A column for each day of one practitioner's week."""
    last = first + timedelta(days=6)
    hours = working([who.pk], site, first, last)[who.pk]
    return [
        Column(
            f"{day:%a %d-%b}",
            day,
            who,
            hours.get(day, []),
            [row for row in bookings if row.local.date() == day],
            [row for row in blocks if row.starts_local[:10] == day.isoformat()],
        )
        for day in (first + timedelta(days=count) for count in range(7))
    ]


def rows(columns: list[Column], site: Site, step_minutes: int) -> list[Row]:
    """Wall times from the first thing of any column to the last, in steps of the site."""
    zone = times.zone_of(site.time_zone)
    step = timedelta(minutes=step_minutes)
    starts = [time(9)]
    ends = [time(17)]
    for column in columns:
        for begins, closes in column.windows:
            if closes - begins < 23 * 3600:
                starts.append(times.wall_of(times.from_seconds(begins), zone)[0].time())
                ends.append(times.wall_of(times.from_seconds(closes), zone)[0].time())
        starts += [row.local.time() for row in column.bookings]
        ends += [
            row.local_end.time() for row in column.bookings if row.local_end.date() == column.day
        ]
    first, last = min(starts), max(ends)
    day = datetime(2000, 1, 1)  # noqa: DTZ001 - wall time alone
    at = datetime.combine(day, time(first.hour))
    found = []
    while at.time() < last and at.date() == day.date():
        cells = [_cell(column, at.time(), step, zone) for column in columns]
        found.append(Row(at.time(), cells))
        at += step
    return found


def _cell(column: Column, at: time, step: timedelta, zone: object) -> Cell:
    local = datetime.combine(column.day, at)
    until = local + step
    try:
        begins = times.seconds(times.instant_of(local, zone))  # type: ignore[arg-type]
    except times.NoSuchTime:
        return Cell(column, local, [], [], is_going_on=False, is_open=False, happens=False)
    ends = begins + int(step.total_seconds())
    here = [row for row in column.bookings if local <= row.local < until]
    blocks = [
        row for row in column.blocks if local <= datetime.fromisoformat(row.starts_local) < until
    ]
    spans = [_around(row) for row in column.bookings]
    spans += [(times.seconds(row.starts_at), times.seconds(row.ends_at)) for row in column.blocks]
    going_on = any(first < ends and begins < last for first, last in spans)
    is_open = any(first <= begins < last for first, last in column.windows)
    return Cell(column, local, here, blocks, is_going_on=going_on, is_open=is_open, happens=True)


def _around(row: Booking) -> Span:
    """A visit with what is kept free around it."""
    begins, ends = times.seconds(row.starts_at), times.seconds(row.ends_at)
    return begins - row.minutes_before * 60, ends + row.minutes_after * 60
