"""A weekly series as one act: all dates by the same wall time, with a report for each."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.booking import rules, times
from clinic.booking.actions import BOOKED, let_go_of_hold, place
from clinic.booking.answers import Taken, is_overlap, once
from clinic.booking.models import Booking
from clinic.booking.terms import STAFF, CannotBook, Manner, Slot, check
from clinic.patients.actions import start_care
from clinic.patients.models import Patient


@dataclass(frozen=True)
class Dated:
    """One date of a series: booked, or why not."""

    local: datetime
    booking: uuid.UUID | None
    problem: str
    which: str = ""  # of two, where clocks show this time twice

    @property
    def clock(self) -> str:
        """As a patient reads it, with which of two if clocks go back just then."""
        return times.clock(self.local.time()) + (f" ({self.which})" if self.which else "")


class NotAll(Exception):  # noqa: N818 - named for the event
    """Some dates cannot be booked and all were asked for; `dates` says which, and nothing is."""

    def __init__(self, dates: list[Dated]) -> None:
        super().__init__("Not all dates can be booked.")
        self.dates = dates


def weekly(local: datetime, count: int) -> list[datetime]:
    """The same wall time each week: a change of clocks does not move it."""
    return [local + timedelta(weeks=week) for week in range(count)]


def book_series(
    slot: Slot,
    patient: Patient,
    count: int,
    *,
    by: Actor,
    key: str = "",
    manner: Manner = STAFF,
    all_or_none: bool = True,
    hold: Booking | None = None,
) -> list[Dated]:
    """Book one wall time in each of `count` weeks, in one transaction.

    The first date is at its instant; of a later one that clocks show twice it is the first of two.

    Args:
        slot: The first date.
        patient: For whom.
        count: How many weeks.
        by: Who books.
        key: Makes a second sending the same.
        manner: From outside, or by staff.
        all_or_none: Whether one date that cannot be had undoes the others.
        hold: A place held before, which the first date takes over.

    Raises:
        NotAll: `all_or_none` was asked for and some date cannot be had; nothing is booked.
    """
    count = min(count, rules.MOST_IN_SERIES)
    first, fold = times.wall_of(slot.starts, times.zone_of(slot.site.time_zone))
    name = uuid.uuid4()
    asked = slot.asked | {"patient": patient.pk.hex, "count": count, "all": all_or_none}

    def act() -> dict[str, Any]:
        if hold is not None:
            let_go_of_hold(hold)
        dates = [
            _one(
                slot,
                patient,
                times.Wall(day, slot.site.time_zone, 0 if week else fold),
                name,
                manner,
            )
            for week, day in enumerate(weekly(first, count))
        ]
        if all_or_none and any(date.problem for date in dates):
            raise NotAll(dates)
        booked = [date for date in dates if date.booking is not None]
        for date in booked:
            record(
                "visit booked",
                by=by,
                subject=f"booking:{date.booking}",
                patient=patient.pk,
                lane=manner.lane,
                series=str(name),
            )
        if booked and not patient.care.filter(staff=slot.staff, ended_at=None):
            start_care(patient, slot.staff, BOOKED, by=by)
        return {"dates": [_kept(date) for date in dates]}

    return [_read(row) for row in once(key, asked, act)["dates"]]


def _one(slot: Slot, patient: Patient, wall: times.Wall, name: uuid.UUID, manner: Manner) -> Dated:
    zone = times.zone_of(wall.zone)
    which = times.which_of_two(wall.local, zone, wall.fold)
    try:
        starts = times.instant_of(wall.local, zone, wall.fold)
        dated = Slot(slot.service, slot.staff, slot.site, starts)
        check(dated, manner, patient)
        with transaction.atomic():  # one date that is taken does not undo the others
            booking = place(dated, patient, manner=manner, series=name)
    except (times.NoSuchTime, CannotBook) as error:
        return Dated(wall.local, None, str(error), which)
    except Taken:
        return Dated(wall.local, None, "That time is taken.", which)
    except IntegrityError as error:
        if not is_overlap(error):
            raise
        return Dated(wall.local, None, "That time is taken.", which)
    return Dated(wall.local, booking.pk, "", which)


def _kept(date: Dated) -> dict[str, str]:
    return {
        "local": date.local.isoformat(timespec="minutes"),
        "booking": date.booking.hex if date.booking else "",
        "problem": date.problem,
        "which": date.which,
    }


def _read(row: dict[str, str]) -> Dated:
    booking = uuid.UUID(row["booking"]) if row["booking"] else None
    which = row.get("which", "")  # an answer of an earlier version has none
    return Dated(datetime.fromisoformat(row["local"]), booking, row["problem"], which)
