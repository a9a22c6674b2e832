"""Visits to come out of another system: read line by line, tried first, brought in all or none."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.booking import times
from clinic.booking.actions import BOOKED, place
from clinic.booking.answers import Taken, is_overlap
from clinic.booking.models import Service
from clinic.booking.terms import CannotBook, Manner, Slot, check
from clinic.patients.actions import start_care
from clinic.patients.models import Patient
from clinic.practice.models import Site, Staff

COLUMNS = ("number", "service", "practitioner", "site", "starts")
MOST_LINES = 5000


@dataclass(frozen=True)
class Line:
    """One visit of a file, read."""

    line: int
    slot: Slot
    patient: Patient


def read_visits(text: str, sites: Iterable[int]) -> tuple[list[Line], list[str]]:
    """Visits in a CSV text, and everything wrong with it, line by line."""
    reader = csv.DictReader(io.StringIO(text))
    found = [name.strip() for name in reader.fieldnames or []]
    if missing := [name for name in COLUMNS if name not in found]:
        return [], [f"The first line must name the columns; missing: {', '.join(missing)}."]
    reader.fieldnames = found
    here = {site.name: site for site in Site.objects.filter(pk__in=list(sites))}
    services = {service.name: service for service in Service.objects.all()}
    visits: list[Line] = []
    problems: list[str] = []
    for number, row in enumerate(reader, start=2):
        if number > MOST_LINES + 1:
            problems.append(f"At most {MOST_LINES} visits at a time.")
            break
        values = {name: (row.get(name) or "").strip() for name in COLUMNS}
        read, wrong = _read(number, values, here, services)
        visits += [read] if read else []
        problems += wrong
    return visits, problems


def _read(
    number: int, values: dict[str, str], sites: dict[str, Site], services: dict[str, Service]
) -> tuple[Line | None, list[str]]:
    site, service = sites.get(values["site"]), services.get(values["service"])
    email = values["practitioner"].lower()
    staff = Staff.objects.filter(user__email=email, bookable__isnull=False).first()
    patient = _patient(values["number"], site)
    starts, why_not = _starts(values["starts"], site)
    is_past = starts is not None and starts <= timezone.now()
    wrong = [
        f"Line {number}: {problem}"
        for is_there, problem in (
            (site, f"no site '{values['site']}' of yours."),
            (patient, f"nobody with number '{values['number']}' at this site."),
            (service, f"no kind of visit '{values['service']}'."),
            (staff, f"nobody who can be booked is '{values['practitioner']}'."),
            (starts, why_not),
            (not is_past, "starts is over. Only visits to come are brought in."),
        )
        if not is_there
    ]
    if site and service and staff and patient and starts and not is_past:
        return Line(number, Slot(service, staff, site, starts), patient), []
    return None, wrong


def _patient(number: str, site: Site | None) -> Patient | None:
    if site is None or not number.isdecimal() or len(number) > 9:
        return None
    return Patient.objects.filter(number=int(number), sites=site, merged_into=None).first()


def _starts(text: str, site: Site | None) -> tuple[datetime | None, str]:
    """The instant of a wall time; of one that happens twice only with its offset."""
    wanted = "starts must be like 2027-03-09T14:10, in the site's time."
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        return None, wanted
    has_time = re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text)  # a day alone is no midnight
    if site is None or not has_time or given.second or given.microsecond:
        return None, wanted
    local, zone = given.replace(tzinfo=None), times.zone_of(site.time_zone)
    try:
        both = [times.instant_of(local, zone, fold) for fold in (0, 1)]
    except times.NoSuchTime as error:
        return None, str(error)
    if given.tzinfo is not None:
        return (given.astimezone(UTC), "") if given in both else (None, wanted)
    if not times.happens_twice(local, zone):
        return both[0], ""
    first, second = [each.astimezone(zone).isoformat(timespec="minutes") for each in both]
    return None, f"clocks show this time twice; write {first} or {second}."


def bring_in(
    visits: Iterable[Line], *, by: Actor, for_real: bool, is_told: bool = False
) -> list[str]:
    """Bring all of them in, or none; what stands against it. A trial does it and takes it back.

    Hours are not asked: what was agreed elsewhere is agreed. Authority on the day is. Whoever has a
    visit knows of it, so that all get their reminders, and a letter that it is booked only if
    `is_told`.
    """
    problems: list[str] = []
    count = 0
    with transaction.atomic():
        for visit in visits:
            problems += _place(visit, by, is_told=is_told)
            count += 1
        if problems or not for_real:
            transaction.set_rollback(True)
        else:
            record("visits imported", by=by, visits=count, told=is_told)
    return problems


def _place(visit: Line, by: Actor, *, is_told: bool) -> list[str]:
    try:
        check(visit.slot, Manner(outside_hours=True))
        with transaction.atomic():
            booking = place(visit.slot, visit.patient, is_told=is_told)
    except CannotBook as error:
        return [f"Line {visit.line}: {error}"]
    except Taken:
        return [f"Line {visit.line}: that time is taken, or no room is free."]
    except IntegrityError as error:
        if not is_overlap(error):
            raise
        return [f"Line {visit.line}: that time is taken."]
    record("visit booked", by=by, subject=f"booking:{booking.pk}", patient=visit.patient.pk)
    if not visit.patient.care.filter(staff=visit.slot.staff, ended_at=None).exists():
        start_care(visit.patient, visit.slot.staff, BOOKED, by=by)
    return []
