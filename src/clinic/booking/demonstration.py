"""Booking of invented clinics: services, hours, visits; of the demonstration and of the storm."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from clinic.audit.actor import Actor, system
from clinic.booking import times
from clinic.booking.actions import book
from clinic.booking.models import Bookable, BookingRules, Hours, Room, Service
from clinic.booking.terms import Manner, Slot
from clinic.patients.actions import add_patient
from clinic.patients.models import Patient
from clinic.practice import actions as practice
from clinic.practice.models import Credential, Role, Site, Staff
from clinic.practice.queries import today

BY = system("demonstration")


def services() -> list[Service]:
    """What an IMS clinic usually offers."""
    rows = (
        Service(
            name="First visit",
            kind="first",
            minutes=60,
            minutes_after=10,
            price_cents=14000,
            about="We listen, examine, say what we think and what speaks for and against needling."
            " Treatment begins only if you want it.",
        ),
        Service(
            name="Follow-up",
            kind="follow_up",
            minutes=30,
            minutes_after=10,
            price_cents=9000,
            about="Treatment as planned, and a look at what changed since the last one.",
        ),
        Service(
            name="Reassessment",
            kind="reassessment",
            minutes=40,
            minutes_after=10,
            price_cents=10500,
            about="We examine again, compare, and decide together whether and how to go on.",
        ),
        Service(
            name="Talk by video",
            kind="follow_up",
            minutes=20,
            price_cents=5000,
            needs=Service.Needs.LICENCE,
            room_kind="",
            is_by_video=True,
            about="Questions, exercises, whether a visit makes sense. No needling.",
        ),
    )
    for row in rows:
        row.save()
    return list(rows)


def hours_of(
    staff: Staff, site: Site, weekdays: range, opens: time, closes: time, since: date
) -> None:
    """The same hours on several weekdays."""
    Hours.objects.bulk_create(
        [
            Hours(staff=staff, site=site, weekday=day, starts=opens, ends=closes, first_day=since)
            for day in weekdays
        ]
    )


def furnish_booking(site: Site, staff: Staff, people: list[Patient]) -> None:
    """Services, hours, rooms, and some visits of the coming days."""
    BookingRules.objects.create(site=site)
    for name in ("Room A", "Room B"):
        Room.objects.create(site=site, name=name)
    offered = services()
    bookable = Bookable.objects.create(
        staff=staff,
        languages="English, French",
        treats="Neck, shoulder, low back, leg",
        video_link="https://video.demonstration.invalid/room",
    )
    bookable.services.set(offered)
    hours_of(staff, site, range(7), time(9), time(17), today() - timedelta(days=7))
    for number, person in enumerate(people[:5]):
        day = today() + timedelta(days=number % 3)
        _visit(site, staff, offered[1], person, day, time(9 + number, 40), BY)


def _visit(
    site: Site, staff: Staff, service: Service, person: Patient, day: date, at: time, by: Actor
) -> None:
    local = datetime.combine(day, at)
    starts = times.instant_of(local, times.zone_of(site.time_zone))
    slot = Slot(service, staff, site, starts)
    book(slot, person, by=by, manner=Manner(outside_hours=True))


def furnish_storm(practitioners: int, people: int) -> None:
    """Practitioners who work all day, few rooms, many people: places are scarce."""
    by = system("storm")
    site = practice.found_practice(
        jurisdiction="ca-bc",
        site="Storm",
        time_zone="America/Vancouver",
        is_demonstration=True,
        by=by,
    )
    BookingRules.objects.create(site=site, notice_hours=0, most_open=10_000)
    join_practitioners(site, practitioners, services(), by=by)
    for number in range(people):
        add_patient({"given_name": f"P{number}", "family_name": "Storm"}, site=site, by=by)


def join_practitioners(
    site: Site, number: int, offered: Iterable[Service], *, by: Actor
) -> list[Staff]:
    """As many practitioners, who may do everything and work all day, and a room less than them."""
    Room.objects.bulk_create([Room(site=site, name=f"Room {one}") for one in range(number - 1)])
    offered = list(offered)
    seen_by = _join("owner", site, Role.OWNER, by)
    joined = []
    for place in range(number):
        staff = _join(f"practitioner-{place}", site, Role.PRACTITIONER, by)
        for kind in Credential.Kind:
            values = {
                "kind": kind,
                "issuer": "A college that does not exist",
                "number": str(place),
                "valid_from": today() - timedelta(days=9),
                "expires_on": None,
            }
            credential = practice.add_credential(staff, values, by=by)
            practice.check_credential(credential, seen_by, by=by)
        Bookable.objects.create(staff=staff).services.set(offered)
        hours_of(staff, site, range(7), time(0), time(23, 59), today() - timedelta(days=7))
        joined.append(staff)
    return joined


def _join(name: str, site: Site, role: Role, by: Actor) -> Staff:
    return practice.add_staff(
        email=f"{name}@storm.invalid",
        name=name,
        profession="",
        site=site,
        role=role,
        by=by,
        invite=False,
    )
