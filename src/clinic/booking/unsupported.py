"""Visits to come that nothing supports any more: hours changed, leave, a post or an account ended.

Nothing of this moves or cancels a visit: somebody was promised a time. It is shown until staff do.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from clinic.booking import rules
from clinic.booking.booked import VALUES, Booked
from clinic.booking.grid import Column
from clinic.booking.models import Booking
from clinic.booking.opening import Span
from clinic.booking.queries import working
from clinic.booking.times import seconds
from clinic.practice.models import Role, Site, Staff

ENDED = "no longer a practitioner here"
SHUT = "the account is shut"
OUTSIDE = "outside hours, or in leave"


def all_unsupported() -> list[tuple[Booked, list[str]]]:
    """Visits to come that nobody is there to give, and why; by the names of the sites.

    What staff booked outside hours knowingly is among them: nobody keeps which was meant.
    """
    return [one for site in Site.objects.order_by("name") for one in _at(site)]


def unsupported_in(
    columns: Iterable[Column], bookings: Iterable[Booked]
) -> list[tuple[Booked, list[str]]]:
    """Those of a day or a week by practitioner, from what its page holds already."""
    held = {(one.staff.pk, one.day): one for one in columns if one.staff is not None}
    found = []
    for row in _to_come(bookings):
        column = held.get((row.staff_id, row.day))
        if column is None or column.staff is None:
            found.append((row, [ENDED]))
        elif not column.staff.user.is_active:
            found.append((row, [SHUT]))
        elif not _is_within(row, column.windows):
            found.append((row, [OUTSIDE]))
    return found


def _to_come(bookings: Iterable[Booked]) -> list[Booked]:
    now = timezone.now()
    return [row for row in bookings if row.state in rules.OPEN and row.starts_at > now]


def _is_within(row: Booked, spans: Iterable[Span]) -> bool:
    begins, ends = seconds(row.starts_at), seconds(row.ends_at)
    return any(first <= begins and ends <= last for first, last in spans)


def _at(site: Site) -> list[tuple[Booked, list[str]]]:
    now = timezone.now()
    rows = (
        Booking.objects.filter(site=site, state__in=rules.OPEN, starts_at__gt=now)
        .exclude(state__in=rules.UNSURE, expires_at__lte=now)
        .order_by("starts_at")
    )
    to_come = _to_come(Booked(*one) for one in rows.values_list(*VALUES))
    if not to_come:
        return []
    staff = {row.staff_id for row in to_come}
    shut = _shut(staff, site)
    days = [row.day for row in to_come]
    hours = working(staff, site, min(days), max(days))
    found = []
    for row in to_come:
        if row.staff_id in shut:
            found.append((row, [shut[row.staff_id]]))
        elif not _is_within(row, hours[row.staff_id].get(row.day, [])):
            found.append((row, [OUTSIDE]))
    return found


def _shut(staff: Iterable[int], site: Site) -> dict[int, str]:
    """Of some staff those who are no practitioners of a site, or cannot sign in, with which."""
    here = Staff.objects.filter(
        postings__site=site, postings__role=Role.PRACTITIONER, postings__ended_at=None
    )
    posted = dict(here.filter(pk__in=staff).values_list("pk", "user__is_active"))
    return {one: SHUT if one in posted else ENDED for one in staff if not posted.get(one)}
