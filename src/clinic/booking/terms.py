"""What is asked for, and all that may stand against it but another booking.

Authority on that very day, hours, notice, window, how many visits to come: each has its words for
whoever asks. Other bookings are the guard's (`clinic.booking.guard`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from clinic.booking import rules, times
from clinic.booking.models import Booking, Service
from clinic.booking.occupying import lock, patient_key
from clinic.booking.queries import missing_on, rules_at, visits_to_come, working
from clinic.patients.models import Patient
from clinic.practice.models import Posting, Role, Site, Staff


class CannotBook(Exception):  # noqa: N818 - named for the event
    """Something other than another booking stands against it; the message says what."""


class NotAuthorised(CannotBook):
    """Whoever would give the service lacks something on that day."""


class OutsideHours(CannotBook):
    """The practitioner does not work there then."""


@dataclass(frozen=True)
class Slot:
    """What is asked for: a service by somebody at a site from an instant on."""

    service: Service
    staff: Staff
    site: Site
    starts: datetime

    @property
    def asked(self) -> dict[str, Any]:
        """What makes two questions the same."""
        return {
            "service": self.service.pk,
            "staff": self.staff.pk,
            "site": self.site.pk,
            "starts": times.seconds(self.starts),
        }


@dataclass(frozen=True)
class Manner:
    """How a booking comes about.

    Attributes:
        is_from_outside: Whether notice, window and cap hold.
        outside_hours: Staff may book beyond the hours, knowingly.
        lane: 1 for a deliberate second booking of the same time.
        reason: Why there is a second one.
    """

    is_from_outside: bool = False
    outside_hours: bool = False
    lane: int = 0
    reason: str = ""


STAFF = Manner()
OUTSIDE = Manner(is_from_outside=True)


def check(slot: Slot, manner: Manner, patient: Patient | None = None) -> None:
    """Everything but other bookings: authority on that day, hours, notice, window, cap.

    Raises:
        CannotBook: Something stands against it.
    """
    zone = times.zone_of(slot.site.time_zone)
    local, _ = times.wall_of(slot.starts, zone)
    day = local.date()
    check_authority(
        slot.staff, slot.service, slot.site, local, is_from_outside=manner.is_from_outside
    )
    if not (slot.service.is_active and slot.service.given_by.filter(staff=slot.staff).exists()):
        raise CannotBook(f"{slot.staff.name} does not give {slot.service.name}.")
    begins = times.seconds(slot.starts)
    ends = begins + slot.service.minutes * 60
    spans = working([slot.staff.pk], slot.site, day, day)[slot.staff.pk].get(day, [])
    is_within = any(first <= begins and ends <= last for first, last in spans)
    if not is_within and not manner.outside_hours:
        raise OutsideHours(f"{slot.staff.name} does not work at {slot.site.name} then.")
    if manner.is_from_outside:
        _check_from_outside(slot, patient)


def check_authority(
    staff: Staff, service: Service, site: Site, local: datetime, *, is_from_outside: bool = False
) -> None:
    """Nobody is booked for what they may not do on that very day; strangers are not told why.

    Raises:
        NotAuthorised: Something is missing, has expired by then, or was checked by nobody.
    """
    here = Posting.objects.filter(
        staff=staff,
        site=site,
        role=Role.PRACTITIONER,
        ended_at=None,
        staff__user__is_active=True,
    )
    if not here.exists():
        raise NotAuthorised(f"{staff.name} is no practitioner at {site.name}.")
    lacking = missing_on(staff, service, local.date())
    if lacking and is_from_outside:
        raise NotAuthorised(f"{staff.name} is not available on this day. Choose another time.")
    if lacking:
        raise NotAuthorised(
            f"{staff.name} cannot give {service.name} on {local:%d-%b-%Y}. Missing, expired or"
            f" not checked: {', '.join(lacking)}."
        )


def _check_from_outside(slot: Slot, patient: Patient | None) -> None:
    now = timezone.now()
    site = rules_at(slot.site)
    if not (site.is_open and slot.service.is_public and slot.staff.bookable.is_public):
        raise CannotBook("This cannot be booked here. Call the clinic.")
    if slot.starts < now + timedelta(hours=site.notice_hours):
        raise CannotBook("This time is too near to be booked here. Call the clinic.")
    if slot.starts > now + timedelta(days=site.window_days + 1):
        raise CannotBook(f"Visits can be booked here up to {site.window_days} days ahead.")
    if patient is not None:
        check_cap(patient, slot.site)


def check_cap(patient: Patient, site: Site, besides: Booking | None = None) -> None:
    """No more than so many visits to come; counted under a lock, so that two at once are two."""
    lock([patient_key(patient)])
    most = rules_at(site).most_open
    others = visits_to_come(patient)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    if others.count() >= most:
        raise CannotBook(f"There are {most} visits booked already. Call the clinic for more.")


def check_notice(booking: Booking) -> None:
    """Whether the patient may still change it by themselves.

    Raises:
        CannotBook: It is too late.
    """
    hours = rules_at(booking.site).cancel_notice_hours
    if rules.is_late(booking.starts_at, timezone.now(), hours):
        raise CannotBook(
            f"Less than {hours} hours are left, too few to change it here. Call the clinic."
        )
