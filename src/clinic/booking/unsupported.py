"""Visits to come that nothing supports any more: hours changed, leave, a post or an account ended.

Nothing of this moves or cancels a visit: somebody was promised a time. It is shown until staff do.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from clinic.booking import rules
from clinic.booking.booked import VALUES, Booked
from clinic.booking.models import Booking
from clinic.booking.queries import working
from clinic.booking.times import seconds
from clinic.practice.models import Role, Site, Staff

ENDED = "no longer a practitioner here"
SHUT = "the account is shut"
OUTSIDE = "outside hours, or in leave"


def unsupported(
    site: Site, bookings: Iterable[Booked] | None = None
) -> list[tuple[Booked, list[str]]]:
    """Visits to come at a site that nobody is there to give, and why.

    What staff booked outside hours knowingly is among them: nobody keeps which was meant.

    Args:
        site: Where.
        bookings: Of which visits there; left out: of all that are to come.
    """
    now = timezone.now()
    if bookings is None:
        rows = (
            Booking.objects.filter(site=site, state__in=rules.OPEN, starts_at__gt=now)
            .exclude(state__in=rules.UNSURE, expires_at__lte=now)
            .order_by("starts_at")
        )
        bookings = [Booked(*one) for one in rows.values_list(*VALUES)]
    to_come = [row for row in bookings if row.state in rules.OPEN and row.starts_at > now]
    if not to_come:
        return []
    staff = {row.staff_id for row in to_come}
    shut = _shut(staff, site)
    days = [row.day for row in to_come]
    hours = working(staff, site, min(days), max(days))
    found = []
    for row in to_come:
        begins, ends = seconds(row.starts_at), seconds(row.ends_at)
        spans = hours[row.staff_id].get(row.day, [])
        if row.staff_id in shut:
            found.append((row, [shut[row.staff_id]]))
        elif not any(first <= begins and ends <= last for first, last in spans):
            found.append((row, [OUTSIDE]))
    return found


def all_unsupported() -> list[tuple[Booked, list[str]]]:
    """The same of all sites, in the order of their names."""
    return [one for site in Site.objects.order_by("name") for one in unsupported(site)]


def _shut(staff: Iterable[int], site: Site) -> dict[int, str]:
    """Of some staff those who are no practitioners of a site, or cannot sign in, with which."""
    here = Staff.objects.filter(
        postings__site=site, postings__role=Role.PRACTITIONER, postings__ended_at=None
    )
    posted = dict(here.filter(pk__in=staff).values_list("pk", "user__is_active"))
    return {one: SHUT if one in posted else ENDED for one in staff if not posted.get(one)}
