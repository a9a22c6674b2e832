"""A small clinic that can be booked: two practitioners, two rooms, services, hours, people."""

import re
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

from django.test import Client
from django.urls import reverse

from clinic.audit.actor import system
from clinic.booking import times
from clinic.booking.asking import Asked
from clinic.booking.links import token_of
from clinic.booking.models import Bookable, BookingRules, Hours, Room, Service
from clinic.booking.terms import Slot
from clinic.patients.actions import add_patient
from clinic.practice import actions as practice
from clinic.practice.models import Credential, Role
from clinic.practice.queries import today

BY = system("tests")


def checker(site):
    return practice.add_staff(
        email="checker@clinic.test",
        name="Checker",
        profession="",
        site=site,
        role=Role.OWNER,
        by=BY,
        invite=False,
    )


def practitioner(name, site, services, seen_by, *, days=400, hours=(time(8), time(18))):
    """One more practitioner: credentials seen, hours every day of the week."""
    staff = practice.add_staff(
        email=f"{name}@clinic.test",
        name=name.title(),
        profession="Physiotherapist",
        site=site,
        role=Role.PRACTITIONER,
        by=BY,
        invite=False,
    )
    for kind in Credential.Kind:
        values = {
            "kind": kind,
            "issuer": "College",
            "number": name,
            "valid_from": today() - timedelta(days=30),
            "expires_on": today() + timedelta(days=days),
        }
        credential = practice.add_credential(staff, values, by=BY)
        practice.check_credential(credential, seen_by, by=BY)
    Bookable.objects.create(staff=staff).services.set(services)
    for weekday in range(7):
        Hours.objects.create(
            staff=staff,
            site=site,
            weekday=weekday,
            starts=hours[0],
            ends=hours[1],
            first_day=today() - timedelta(days=30),
        )
    return staff


def person(name, site, **more):
    return add_patient({"given_name": name, "family_name": "Sample", **more}, site=site, by=BY)


def furnished(site, *, step=10, rooms=2):
    """The clinic at a site, and the day on which its tests book."""
    BookingRules.objects.create(site=site, notice_hours=2, step_minutes=step)
    names = ["Room one", "Room two", "Room three", "Room four"][:rooms]
    made = [Room.objects.create(site=site, name=name) for name in names]
    visit = Service.objects.create(name="Visit", kind="follow_up", minutes=30)
    first = Service.objects.create(
        name="First visit", kind="first", minutes=60, minutes_before=5, minutes_after=10
    )
    talk = Service.objects.create(
        name="Video",
        kind="reassessment",
        minutes=20,
        needs="licence",
        room_kind="",
        is_by_video=True,
    )
    services = [visit, first, talk]
    seen_by = checker(site)
    one = practitioner("one", site, services, seen_by)
    two = practitioner("two", site, services, seen_by)
    return SimpleNamespace(
        site=site,
        rooms=made,
        visit=visit,
        first=first,
        talk=talk,
        services=services,
        checker=seen_by,
        one=one,
        two=two,
        ada=person("Ada", site, email="ada@mail.test"),
        bo=person("Bo", site, email="bo@mail.test"),
        day=today() + timedelta(days=7),
    )


def at(clinic, hour, minute=0, day=None):
    """An instant by the site's own clock."""
    local = datetime.combine(day or clinic.day, time(hour, minute))
    return times.instant_of(local, times.zone_of(clinic.site.time_zone))


def slot(clinic, hour, minute=0, *, staff=None, service=None, day=None):
    return Slot(
        service or clinic.visit, staff or clinic.one, clinic.site, at(clinic, hour, minute, day)
    )


def opened(booking, client=None):
    """A browser in which a visit was opened by the link of its mail."""
    client = client or Client()
    answer = client.post(reverse("visits:open", kwargs={"token": token_of(booking)}))
    assert answer.url == reverse("visits:visit", kwargs={"key": booking})
    return client


def change_of(client, url):
    """What the form of a move or a cancelling says of the visit, as its page was opened."""
    page = client.get(url).content.decode()
    return {
        name: re.search(rf'name="{name}" value="(\w+)"', page)[1] for name in ("version", "key")
    }


def wish_of(clinic, **more):
    """What somebody without an account would wait for."""
    usual = {
        "service": clinic.visit.pk,
        "site": clinic.site.pk,
        "staff": None,
        "first_day": clinic.day.isoformat(),
        "last_day": clinic.day.isoformat(),
        "given_name": "Gil",
        "family_name": "New",
        "email": "gil@mail.test",
        "phone": "",
        "is_for_another": False,
    }
    return Asked(**usual | more)


__all__ = [
    "BY",
    "UTC",
    "at",
    "change_of",
    "date",
    "furnished",
    "opened",
    "person",
    "practitioner",
    "slot",
    "wish_of",
]
