"""The wait list: a place that falls free is offered, and held, for the one who waits longest."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import Actor, system
from clinic.booking import rules, telling, times
from clinic.booking.actions import place
from clinic.booking.answers import Taken, is_overlap
from clinic.booking.models import Block, Booking, Service, Waiting
from clinic.booking.newcomers import reached_at
from clinic.booking.occupying import lock, patient_key, release
from clinic.booking.queries import free_times, giving
from clinic.booking.terms import CannotBook, Manner, Slot, check, check_cap
from clinic.patients.models import Patient
from clinic.practice.models import Site, Staff

BY = system("booking")


def wait(
    patient: Patient,
    *,
    service: Service,
    site: Site,
    staff: Staff | None,
    first_day: date,
    last_day: date,
    by: Actor,
) -> Waiting:
    """Somebody waits for a place between two days; once for one service is enough.

    Who waits already, or has an offer open, keeps their turn and waits between the new days. Two
    rows are made one: a patient who was two records until lately may have both.
    """
    with transaction.atomic():
        lock([patient_key(patient)])
        asked = {"patient": patient, "service": service, "site": site, "staff": staff}
        open_states = [Waiting.State.WAITING, Waiting.State.OFFERED]
        rows = list(Waiting.objects.filter(**asked, state__in=open_states).order_by("since", "pk"))
        with_offer = [row for row in rows if row.state == Waiting.State.OFFERED]
        row = (with_offer or rows or [Waiting(**asked, since=timezone.now())])[0]
        row.first_day, row.last_day = first_day, last_day
        row.save(update_fields=["first_day", "last_day"] if rows else None)
        Waiting.objects.filter(**asked, state=Waiting.State.WAITING).exclude(pk=row.pk).update(
            state=Waiting.State.ENDED
        )
        record("waits for a place", by=by, subject=f"waiting:{row.pk}", patient=patient.pk)
    return row


def stop_waiting(row: Waiting, *, by: Actor) -> None:
    """They no longer wait."""
    with transaction.atomic():
        Waiting.objects.filter(pk=row.pk).update(state=Waiting.State.ENDED)
        record("no longer waits", by=by, subject=f"waiting:{row.pk}", patient=row.patient_id)


def offer_freed(freed: Booking, *, may_be_undone: bool = False) -> Booking | None:
    """Offer a place that fell free, in the transaction that freed it, so that nobody is faster.

    While what freed it may still be undone the place is kept and its letter waits.
    """
    now = timezone.now()
    if freed.lane or freed.starts_at <= now:
        return None
    day = freed.local.date()
    slot = Slot(freed.service, freed.staff, freed.site, freed.starts_at)
    for row in _in_line(freed.site, day, freed.staff).filter(service=freed.service):
        if row.patient_id == freed.patient_id:
            continue
        offered = _offer(row, slot, rules.UNDO_LASTS if may_be_undone else timedelta())
        if offered is not None:
            return offered
    return None


def _in_line(site: Site, day: date, staff: Staff | None) -> QuerySet[Waiting]:
    """Who waits for a place of that day with somebody, or with anybody, the longest first."""
    rows = Waiting.objects.filter(
        site=site, state=Waiting.State.WAITING, first_day__lte=day, last_day__gte=day
    )
    if staff is not None:
        rows = rows.filter(Q(staff=None) | Q(staff=staff))
    return rows.select_related("patient", "service", "staff").order_by("since")


def offer_unblocked(block: Block) -> None:
    """Offer what a block kept free of visits, in the transaction that removes it.

    Each of those who wait is offered the first start that fits, as long as there are any.
    """
    now = timezone.now()
    day = datetime.fromisoformat(block.starts_local).date()
    for row in _in_line(block.site, day, block.staff):
        people = giving(row.service, block.site, public_only=False)
        wanted = [one for one in (block.staff, row.staff) if one is not None]
        free = free_times(
            row.service,
            block.site,
            [one for one in people if all(one == each for each in wanted)],
            first=day,
            last=day,
            not_before=max(now, block.starts_at - timedelta(minutes=row.service.minutes - 1)),
        )
        for one in free:
            if one.at >= block.ends_at:
                break
            if _offer(row, Slot(row.service, one.staff, block.site, one.at), timedelta()):
                break


def pass_on(lapsed: Booking) -> None:
    """Ask the next in line for a place that lapsed, as it was until then."""
    if lapsed.state == Booking.State.OFFERED:
        answered(lapsed, was_taken=False)
    else:
        offer_freed(lapsed)


def _offer(row: Waiting, slot: Slot, after: timedelta) -> Booking | None:
    """The offer, to somebody who hears of it and may take it; otherwise the next is asked."""
    if not reached_at(row.patient):
        return None  # staff call them
    if times.seconds(slot.starts) in row.refused:
        return None
    try:
        check(slot, Manner())
        check_cap(row.patient, slot.site)
        with transaction.atomic():
            offered = place(slot, row.patient, state=Booking.State.OFFERED)
            if not row.patient.email:
                offered.booker_email = reached_at(row.patient)
                offered.save(update_fields=["booker_email"])
    except (CannotBook, Taken):
        return None
    except IntegrityError as error:
        if not is_overlap(error):
            raise
        return None  # they have another visit then
    Waiting.objects.filter(pk=row.pk).update(state=Waiting.State.OFFERED, offer=offered)
    record("place offered", by=BY, subject=f"booking:{offered.pk}", patient=row.patient_id)
    if offered.expires_at is not None:
        telling.tell_offered(offered, offered.expires_at, after)
    return offered


def take_offer_back(staff: int, site: int, starts: datetime, *, by: Actor) -> None:
    """Give a place back to whom it was taken from, if its offer has not left; they wait again."""
    offers = Booking.objects.filter(
        state=Booking.State.OFFERED, staff=staff, site=site, starts_at=starts
    )
    for offered in offers.select_related("patient"):
        is_unsent = telling.hush(offered) or not telling.address_of(offered)
        mine = offers.filter(pk=offered.pk, version=offered.version)
        if is_unsent and mine.update(state=Booking.State.LAPSED, version=offered.version + 1):
            release(offered)
            Waiting.objects.filter(offer=offered, state=Waiting.State.OFFERED).update(
                state=Waiting.State.WAITING, offer=None
            )
            record(
                "offer taken back",
                by=by,
                subject=f"booking:{offered.pk}",
                patient=offered.patient_id,
            )


def answered(offered: Booking, *, was_taken: bool) -> None:
    """Follow an offer to its end: taken, or let go, and then the next in line is asked."""
    row = Waiting.objects.filter(offer=offered, state=Waiting.State.OFFERED).first()
    if row is not None:
        _follow(row, offered, was_taken=was_taken)
    if not was_taken:
        offer_freed(offered)


def _follow(row: Waiting, offered: Booking, *, was_taken: bool) -> None:
    row.offer = None if not was_taken else offered
    row.state = Waiting.State.SERVED if was_taken else Waiting.State.WAITING
    if not was_taken:
        row.refused = [*row.refused, times.seconds(offered.starts_at)]
    row.save(update_fields=["offer", "state", "refused"])
