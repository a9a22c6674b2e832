"""Free times as SMART Scheduling Links: a manifest, and FHIR R4 resources, one a line.

Whatever finds practitioners for people can read them: sites, who gives what there, and free slots
with a link that leads to their booking. They hold nothing about anybody who is booked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from clinic.booking import times
from clinic.booking.models import Service
from clinic.booking.queries import giving, openings, public_sites, rules_at
from clinic.practice.models import Site, Staff

DAYS = 28
DEEP_LINK = "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-deep-link"
SERVICE_TYPES = "http://terminology.hl7.org/CodeSystem/service-type"
PHYSIOTHERAPY = {"system": SERVICE_TYPES, "code": "65", "display": "Physiotherapy"}


def _offers() -> Iterator[tuple[Site, Service, list[Staff]]]:
    services = list(Service.objects.filter(is_public=True, is_active=True).order_by("pk"))
    for site in public_sites():
        for service in services:
            people = giving(service, site, public_only=True)
            if people:
                yield site, service, people


def _locations() -> Iterator[dict[str, Any]]:
    for site in public_sites():
        row: dict[str, Any] = {
            "resourceType": "Location",
            "id": f"site-{site.pk}",
            "identifier": [
                {"system": f"{settings.PLACE.address}/directory/sites", "value": str(site.pk)}
            ],
            "status": "active",
            "name": f"{settings.PLACE.name}, {site.name}",
            "telecom": _telecom(site),
        }
        if site.address_lines:
            row["address"] = _address(site)
        yield row


def _telecom(site: Site) -> list[dict[str, str]]:
    """How to reach a site: its phone if there is one, and where it is booked."""
    phone = [{"system": "phone", "value": site.phone, "use": "work"}] if site.phone else []
    booked_at = settings.PLACE.address + reverse("book:start")
    return [*phone, {"system": "url", "value": booked_at, "use": "work"}]


def _address(site: Site) -> dict[str, Any]:
    """What is known of an address; the profile wants every part, and none is made up."""
    parts: dict[str, Any] = {
        "line": site.street_lines,
        "city": site.city,
        "state": site.region,
        "postalCode": site.postal_code,
    }
    known = {name: part for name, part in parts.items() if part}
    return {"use": "work", "text": ", ".join(site.address_lines), **known}


def _states() -> list[str]:
    """Provinces or states of all sites, if they are known: a hint to who lists some alone."""
    regions = [site.region for site in public_sites()]
    return sorted(set(regions)) if regions and all(regions) else []


def _roles() -> Iterator[dict[str, Any]]:
    seen = set()
    for site, _, people in _offers():
        for staff in people:
            if (staff.pk, site.pk) not in seen:
                seen.add((staff.pk, site.pk))
                yield {
                    "resourceType": "PractitionerRole",
                    "id": f"role-{staff.pk}-{site.pk}",
                    "active": True,
                    "practitioner": {"display": staff.name},
                    "code": [{"text": staff.profession or "Practitioner"}],
                    "location": [{"reference": f"Location/site-{site.pk}"}],
                }


def _services() -> Iterator[dict[str, Any]]:
    for site, service, people in _offers():
        professions = sorted({staff.profession for staff in people if staff.profession})
        yield {
            "resourceType": "HealthcareService",
            "id": f"service-{service.pk}-{site.pk}",
            "active": True,
            "name": service.name,
            "type": [{"coding": [PHYSIOTHERAPY], "text": service.name}],
            "specialty": [
                {
                    "coding": [PHYSIOTHERAPY],
                    "text": ", ".join(professions) or PHYSIOTHERAPY["display"],
                }
            ],
            "telecom": _telecom(site),
            "appointmentRequired": True,
            "location": [{"reference": f"Location/site-{site.pk}"}],
        }


def _schedule_id(site: Site, service: Service, staff: Staff) -> str:
    return f"schedule-{staff.pk}-{service.pk}-{site.pk}"


def _schedules() -> Iterator[dict[str, Any]]:
    for site, service, people in _offers():
        for staff in people:
            yield {
                "resourceType": "Schedule",
                "id": _schedule_id(site, service, staff),
                "active": True,
                "serviceType": [{"coding": [PHYSIOTHERAPY], "text": service.name}],
                "actor": [
                    {"reference": f"Location/site-{site.pk}"},
                    {"reference": f"PractitionerRole/role-{staff.pk}-{site.pk}"},
                    {"reference": f"HealthcareService/service-{service.pk}-{site.pk}"},
                ],
            }


def _slots() -> Iterator[dict[str, Any]]:
    now = timezone.now()
    for site, service, people in _offers():
        zone = times.zone_of(site.time_zone)
        first = now.astimezone(zone).date()
        days = min(DAYS, rules_at(site).window_days)
        found = openings(
            service,
            site,
            people,
            first=first,
            last=first + timedelta(days=days),
            not_before=now + timedelta(hours=rules_at(site).notice_hours),
        )
        link = settings.PLACE.address + reverse("book:choose")
        for staff in people:
            schedule = _schedule_id(site, service, staff)
            for start in found[staff.pk]:
                begins = times.from_seconds(start).astimezone(zone)
                ends = times.from_seconds(start + service.minutes * 60).astimezone(zone)
                named: dict[str, str | int] = {
                    "service": service.pk,
                    "site": site.pk,
                    "with": staff.pk,
                    "from": begins.date().isoformat(),
                }
                query = urlencode(named)
                yield {
                    "resourceType": "Slot",
                    "id": f"slot-{start}-{staff.pk}-{service.pk}-{site.pk}",
                    "schedule": {"reference": f"Schedule/{schedule}"},
                    "status": "free",
                    "start": begins.isoformat(),
                    "end": ends.isoformat(),
                    "extension": [{"url": DEEP_LINK, "valueUrl": f"{link}?{query}"}],
                }


KINDS: dict[str, tuple[str, Callable[[], Iterator[dict[str, Any]]]]] = {
    "locations": ("Location", _locations),
    "roles": ("PractitionerRole", _roles),
    "services": ("HealthcareService", _services),
    "schedules": ("Schedule", _schedules),
    "slots": ("Slot", _slots),
}


def manifest() -> dict[str, Any]:
    """Which files there are, and when they were read."""
    address = settings.PLACE.address
    states = _states()
    more = {"extension": {"state": states}} if states else {}
    return {
        "transactionTime": timezone.now().isoformat(),
        "request": address + reverse("directory:manifest"),
        "output": [
            {"type": kind, "url": address + reverse("directory:file", kwargs={"kind": name})} | more
            for name, (kind, _) in KINDS.items()
        ],
        "error": [],
    }


def lines_of(kind: str) -> Iterator[dict[str, Any]]:
    """The resources of one file."""
    return KINDS[kind][1]()
