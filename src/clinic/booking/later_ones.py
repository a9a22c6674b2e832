"""The later visits of a series: cancelled with one of them, each by the act that cancels one."""

from __future__ import annotations

from django.utils import timezone

from clinic.audit.actor import Actor
from clinic.booking import rules
from clinic.booking.actions import ChangedMeanwhile, cancel
from clinic.booking.models import Booking
from clinic.booking.queries import rules_at


def later_ones(booking: Booking, *, is_from_outside: bool = False) -> list[Booking]:
    """What is still booked of a series after one of its visits, at the same site.

    From outside only what lies beyond the notice: a late cancelling is asked for by itself.
    """
    if booking.series is None or booking.patient_id is None:
        return []
    rows = Booking.objects.filter(
        series=booking.series,
        patient=booking.patient_id,
        site=booking.site_id,
        state=Booking.State.BOOKED,
        starts_at__gt=max(booking.starts_at, timezone.now()),
    ).select_related("service", "staff", "site", "patient")
    found = list(rows.order_by("starts_at"))
    if not is_from_outside:
        return found
    now, notice = timezone.now(), rules_at(booking.site).cancel_notice_hours
    return [row for row in found if not rules.is_late(row.starts_at, now, notice)]


def cancel_with_later(
    booking: Booking, *, version: int, by: Actor, key: str = "", is_from_outside: bool = False
) -> list[Booking]:
    """Cancel a visit and the later ones of its series; which of those somebody changed meanwhile.

    Raises:
        ChangedMeanwhile: Somebody else changed the visit itself; nothing is cancelled.
    """
    later = later_ones(booking, is_from_outside=is_from_outside)
    cancel(booking, version=version, by=by, key=key, is_from_outside=is_from_outside)
    left = []
    for row in later:
        own = f"{key}:{row.pk.hex}" if key else ""
        try:
            cancel(row, version=row.version, by=by, key=own, is_from_outside=is_from_outside)
        except ChangedMeanwhile:
            left.append(row)
    return left
