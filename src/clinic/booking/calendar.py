"""Visits as iCalendar: invitations, cancellations and feeds, with zones written out in full.

Every event has its zone's TZID and the VTIMEZONE that defines it, and never a floating time. What a
calendar shows to others holds no name and nothing of health: a patient reads "Visit at" the clinic,
a practitioner reads "Booked".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress, vText

from clinic.booking import rules, times
from clinic.booking.models import Block, Booking
from clinic.booking.zones import component_of

PRODUCT = "-//Myotome//Clinic//EN"


def _calendar(method: str = "") -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    return calendar


def _own_address() -> str:
    """Whom letters come from, without the name that may stand before it."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def uid_of(booking: Booking) -> str:
    """The name of a visit in calendars: the same for as long as there is one."""
    domain = _own_address().rpartition("@")[2]
    return f"visit-{booking.pk}@{domain}"


def _event(booking: Booking, summary: str) -> Event:
    event = Event()
    event.add("uid", uid_of(booking))
    event.add("sequence", booking.sequence)
    event.add("dtstamp", timezone.now().astimezone(UTC))
    _span(event, booking.starts_at, booking.ends_at, times.zone_of(booking.zone))
    event.add("summary", summary)
    return event


def _add_zones(calendar: Calendar, zones: Iterable[str]) -> None:
    """Write out every zone that the events use, the same in each file.

    Some programs keep what they first read of a zone, so that the span must not follow the events.
    """
    for name in sorted(set(zones)):
        calendar.subcomponents.insert(0, component_of(name))


def _span(event: Event, starts: datetime, ends: datetime, zone: tzinfo) -> None:
    """Start and end by the zone's clock; in the hour that happens twice, and only then, in UTC.

    A wall time with a zone cannot say which of the two it means, and programs take either.
    """
    shown = [each.astimezone(zone) for each in (starts, ends)]
    if any(times.happens_twice(each.replace(tzinfo=None, fold=0), zone) for each in shown):
        shown = [each.astimezone(UTC) for each in (starts, ends)]
    event.add("dtstart", shown[0])
    event.add("dtend", shown[1])


def _text(calendar: Calendar) -> str:
    return str(calendar.to_ical().decode())


def invitation(booking: Booking, method: str, *, to: str = "") -> str:
    """A visit for the patient's calendar, or its removal from there.

    Args:
        booking: The visit.
        method: REQUEST and CANCEL in a mail, as RFC 5546 has them; PUBLISH in a file, which asks
            nobody and names none.
        to: Whom the mail goes to, the one attendee there is; an address without a name.
    """
    calendar = _calendar(method)
    event = _event(booking, f"Visit at {settings.PLACE.name}")
    is_sure = booking.state not in rules.UNSURE
    is_cancelled = method == "CANCEL"
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED" if is_sure else "TENTATIVE")
    if not booking.service.is_by_video:
        lines = [booking.site.name, *booking.site.address_lines]
        event.add("location", vText(", ".join(lines)))
    organiser = vCalAddress(f"mailto:{_own_address()}")
    organiser.params["cn"] = vText(settings.PLACE.name)
    event["organizer"] = organiser
    if to:
        event.add("attendee", _attendee(to))
    calendar.add_component(event)
    _add_zones(calendar, [booking.zone])
    return _text(calendar)


def _attendee(to: str) -> vCalAddress:
    """Who is asked to come; nobody reads an answer, the page behind the link takes it."""
    attendee = vCalAddress(f"mailto:{to}")
    attendee.params["role"] = vText("REQ-PARTICIPANT")
    attendee.params["partstat"] = vText("NEEDS-ACTION")
    attendee.params["rsvp"] = vText("FALSE")
    return attendee


def feed(bookings: Iterable[Booking], blocks: Iterable[Block]) -> str:
    """A practitioner's calendar, to be fetched again and again; it names nobody."""
    calendar = _calendar()
    calendar.add("name", settings.PLACE.name)
    calendar.add("x-wr-calname", settings.PLACE.name)
    calendar.add("refresh-interval", timedelta(minutes=30), parameters={"value": "DURATION"})
    zones: dict[str, None] = {}
    for booking in bookings:
        event = _event(booking, "Booked")
        event.add("location", vText(booking.site.name))
        event.add("transp", "OPAQUE")
        calendar.add_component(event)
        zones[booking.zone] = None
    domain = _own_address().rpartition("@")[2]
    for block in blocks:
        event = Event()
        event.add("uid", f"block-{block.pk}@{domain}")
        event.add("dtstamp", timezone.now().astimezone(UTC))
        _span(event, block.starts_at, block.ends_at, times.zone_of(block.zone))
        event.add("summary", "Not bookable")
        calendar.add_component(event)
        zones[block.zone] = None
    _add_zones(calendar, zones)
    return _text(calendar)
