"""A booking as a schedule shows it: its values by name, and none of the rows behind them.

A day has some two hundred bookings, each with a service, a practitioner, a room and a person. Made
into objects of their models they cost more than all the rest of reading them; a page that only
shows them takes the values (`VALUES`), in the order of the fields.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import NamedTuple

from clinic.booking import rules
from clinic.booking.models import Booking
from clinic.booking.names import name_of
from clinic.booking.times import seconds, zone_of

LACKS_FORMS = "forms missing"
_LABELS = {state.value: str(state.label) for state in Booking.State}


class Booked(NamedTuple):
    """One booking; `room` and names are None where it has none."""

    pk: uuid.UUID
    state: str
    version: int
    lane: int
    reason_for_lane: str
    starts_local: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    minutes_before: int
    minutes_after: int
    service_id: int
    service: str
    needs: str
    staff_id: int
    staff: str
    room_id: int | None
    room: str | None
    equipment_id: int | None
    given_name: str | None
    family_name: str | None
    applicant_given_name: str | None
    applicant_family_name: str | None
    lacks_forms: bool = False  # only a schedule asks it, of what comes soon

    @property
    def who(self) -> str:
        """Whom it is for, as staff read it."""
        return name_of(
            _pair(self.given_name, self.family_name),
            _pair(self.applicant_given_name, self.applicant_family_name),
            is_held=self.state == Booking.State.HELD,
        )

    @property
    def local(self) -> datetime:
        """Wall time of its start."""
        return datetime.fromisoformat(self.starts_local)

    @property
    def local_end(self) -> datetime:
        """Wall time of its end."""
        return self.ends_at.astimezone(zone_of(self.zone)).replace(tzinfo=None)

    @property
    def day(self) -> date:
        """The day of its start there."""
        return date.fromisoformat(self.starts_local[:10])

    @property
    def clock(self) -> str:
        """Its start as staff read it: `14:10`."""
        return self.starts_local[11:]

    @property
    def label(self) -> str:
        """Its state in words."""
        return _LABELS[self.state]

    @property
    def can_move(self) -> bool:
        """Whether it may get another time."""
        return self.state in rules.MOVES

    @property
    def takes(self) -> tuple[int, int]:
        """Seconds that it takes, with what is kept free around it."""
        begins, ends = seconds(self.starts_at), seconds(self.ends_at)
        return begins - self.minutes_before * 60, ends + self.minutes_after * 60

    @property
    def about(self) -> str:
        """What it is, where, and what is not as usual."""
        return self._about(self.room)

    @property
    def about_in_room(self) -> str:
        """The same to whoever looks at the room: with whom."""
        return self._about(self.staff)

    def _about(self, other: str | None) -> str:
        words = [self.service]
        if other:
            words.append(other)
        if self.state != Booking.State.BOOKED:
            words.append(self.label.lower())
        if self.lane:
            words.append("second lane")
        if self.lacks_forms:
            words.append(LACKS_FORMS)
        return ", ".join(words)


def _pair(given: str | None, family: str | None) -> tuple[str, str] | None:
    return None if given is None else (given, family or "")


# Where each field of `Booked` comes from, but whether forms are missing.
VALUES = (
    *("pk", "state", "version", "lane", "reason_for_lane", "starts_local", "zone"),
    *("starts_at", "ends_at", "minutes_before", "minutes_after"),
    *("service_id", "service__name", "service__needs", "staff_id", "staff__name"),
    *("room_id", "room__name", "equipment_id", "patient__given_name", "patient__family_name"),
    *("applicant__given_name", "applicant__family_name"),
)
