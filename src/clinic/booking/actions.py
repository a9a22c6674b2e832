"""What can be done with a booking; each act with its audit row, its letters and its places at once.

The database forbids overlaps (`clinic.booking.guard`); an act that would make one ends as `Taken`.
A key makes an act that is sent twice be done once. A change names the version it was made from, so
that of two who change one booking at once the second is told.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.booking import rules, telling, times
from clinic.booking.answers import once
from clinic.booking.models import Applicant, Booking, Service
from clinic.booking.newcomers import newcomer_of
from clinic.booking.occupying import (
    Rooms,
    claim,
    is_gone,
    occupy,
    release,
    set_time,
)
from clinic.booking.queries import rules_at
from clinic.booking.terms import (
    OUTSIDE,
    STAFF,
    CannotBook,
    Manner,
    Slot,
    check,
    check_authority,
    check_cap,
    check_notice,
)
from clinic.patients.actions import end_care, start_care
from clinic.patients.models import CareRelationship, Patient
from clinic.practice.models import Site, Staff
from clinic.records.actions import start_visit
from clinic.records.models import Visit

S = Booking.State
BOOKED = CareRelationship.Reason.BOOKED  # why somebody began to care


class ChangedMeanwhile(Exception):  # noqa: N818 - named for the event
    """Somebody else changed this booking after it was opened, or it cannot become that."""


@dataclass(frozen=True)
class Reply:
    """What was answered to an act, the first time and every time after."""

    booking: uuid.UUID
    version: int
    state: str


def _reply(answer: dict[str, Any]) -> Reply:
    return Reply(uuid.UUID(answer["booking"]), answer["version"], answer["state"])


def _answer(booking: Booking) -> dict[str, Any]:
    return {
        "booking": booking.pk.hex,
        "version": booking.version,
        "state": str(booking.state),
    }


# ---------------------------------------------------------------------------- booking


def book(
    slot: Slot,
    patient: Patient | None,
    *,
    by: Actor,
    key: str = "",
    manner: Manner = STAFF,
    state: str = S.BOOKED,
    series: uuid.UUID | None = None,
) -> Reply:
    """Book a place, hold it (`state` HELD) or offer it (OFFERED).

    Raises:
        Taken: Somebody has that time, or no room is free.
        CannotBook: Something else stands against it; too many are held, among others.
    """
    asked = slot.asked | {
        "patient": patient.pk.hex if patient else "",
        "lane": manner.lane,
        "state": str(state),
    }

    def act() -> dict[str, Any]:
        check(slot, manner, patient)
        if state == S.HELD and manner.is_from_outside:
            _refuse_more(slot.staff, S.HELD, rules.MOST_HELD)
        booking = place(slot, patient, manner=manner, state=state, series=series)
        _written_down(booking, f"visit {state}", by)
        return _answer(booking)

    def is_gone_now() -> bool:
        return is_gone(slot.staff, slot.service, slot.starts, manner.lane)

    return _reply(once(key, asked, act, is_gone=is_gone_now))


def _refuse_more(staff: Staff, state: str, most: int) -> None:
    """Nobody fills the days of a practitioner with places that are not booked.

    Raises:
        CannotBook: So many are kept already.
    """
    kept = Booking.objects.filter(staff=staff, state=state, expires_at__gt=timezone.now())
    if kept.count() >= most:
        raise CannotBook("Many people are booking just now. Try again in a few minutes.")


def place(
    slot: Slot,
    patient: Patient | None,
    *,
    manner: Manner = STAFF,
    state: str = S.BOOKED,
    series: uuid.UUID | None = None,
    is_told: bool = True,
) -> Booking:
    """A new booking with its places, in the caller's transaction; the guard may refuse it.

    Who is not told that it is booked is only reminded of it.
    """
    now = timezone.now()
    ends = {
        S.HELD: now + rules.HOLD_LASTS,
        S.PENDING: now + rules.PENDING_LASTS,
        S.OFFERED: rules.offer_ends(now, times.zone_of(slot.site.time_zone)),
    }
    booking = Booking(
        state=state,
        service=slot.service,
        staff=slot.staff,
        site=slot.site,
        patient=patient,
        lane=manner.lane,
        reason_for_lane=manner.reason,
        series=series,
        expires_at=min(ends[S(state)], slot.starts) if state in ends else None,
        made_at=now,
    )
    set_time(booking, slot.starts)
    places = claim(booking)
    booking.save(force_insert=True)
    places.take(booking)
    if state == S.BOOKED and is_told:
        _sure(booking, None)
    elif state == S.BOOKED:
        telling.only_remind(booking)
    return booking


def _sure(booking: Booking, by: Actor | None, *, at_once: bool = False) -> None:
    """What a booking brings once it is sure: its letters; its care relationship with `by`."""
    telling.tell_booked(booking, at_once=at_once)
    if by is not None and booking.patient is not None:
        _care(booking, by)


def _care(booking: Booking, by: Actor) -> None:
    """The practitioner cares for whom they are booked with, unless they do already."""
    patient = booking.patient
    if patient is not None and not patient.care.filter(staff=booking.staff, ended_at=None):
        start_care(patient, booking.staff, BOOKED, by=by)


def _end_care(left: Booking, by: Actor) -> None:
    """What opened the chart was a booking; once the last is gone and nothing came of any, it ends.

    Care that was begun for another reason, or that a visit has come of, stays.
    """
    patient = left.patient
    if patient is None:
        return
    others = Booking.objects.filter(patient=patient, staff=left.staff).exclude(state__in=rules.FREE)
    has_come = Visit.objects.filter(patient=patient, staff=left.staff)
    if others.exists() or has_come.exists():
        return
    for care in patient.care.filter(staff=left.staff, reason=BOOKED, ended_at=None):
        end_care(care, by=by)


def _written_down(booking: Booking, act: str, by: Actor, **detail: str | int | bool) -> None:
    record(
        act,
        by=by,
        subject=f"booking:{booking.pk}",
        patient=booking.patient_id,
        lane=booking.lane,
        **detail,
    )
    if booking.state == S.BOOKED and booking.patient_id is not None:
        _care(booking, by)


def _claim(booking: Booking, version: int, state: str, **values: Any) -> None:  # noqa: ANN401
    """Pass into a state if nobody else changed the booking; the object follows its row.

    Raises:
        ChangedMeanwhile: Somebody did, or it cannot become that.
    """
    may_come_from = [old for old in S if rules.may_become(old, state)]
    may_come_from += [S.BOOKED] if state == S.BOOKED else []  # a move
    mine = Booking.objects.filter(pk=booking.pk, version=version, state__in=may_come_from)
    if not mine.update(state=state, version=version + 1, **values):
        raise ChangedMeanwhile("Somebody else changed this visit meanwhile. See how it is now.")
    booking.state, booking.version = state, version + 1
    for name, value in values.items():
        setattr(booking, name, value)


def _change(
    booking: Booking,
    what: str,
    version: int,
    key: str,
    act: Callable[[], None],
    **asked: Any,  # noqa: ANN401
) -> Reply:
    question = {"booking": booking.pk.hex, "act": what, "version": version, **asked}

    def answered() -> dict[str, Any]:
        booking.refresh_from_db()  # a try that the guard refused has left its traces
        if booking.version != version:
            raise ChangedMeanwhile("Somebody else changed this visit meanwhile. See how it is now.")
        act()
        return _answer(booking)

    return _reply(once(key, question, answered))


# ------------------------------------------------------------------- from outside, by mail


def ask(
    slot: Slot, applicant: dict[str, Any], *, by: Actor, key: str = "", hold: Booking | None = None
) -> Reply:
    """Ask for a place without an account; it is kept for a quarter of an hour, until confirmed.

    Args:
        slot: What is asked for.
        applicant: Names, address and phone, as typed.
        by: Who asks.
        key: Makes a second sending the same.
        hold: A place held before, which this one takes over.

    Raises:
        Taken: Somebody has that time.
        CannotBook: Too near, too far, not open, or too many wait for confirmation.
    """
    asked = slot.asked | {"email": applicant["email"].lower(), "apply": True}

    def act() -> dict[str, Any]:
        check(slot, OUTSIDE)
        _refuse_more(slot.staff, S.PENDING, rules.MOST_PENDING)
        if hold is not None:
            let_go_of_hold(hold)
        booking = place(slot, None, manner=OUTSIDE, state=S.PENDING)
        booking.applicant = Applicant.objects.create(booking=booking, **applicant)
        telling.ask_to_confirm(booking)
        _written_down(booking, "visit asked for", by)
        return _answer(booking)

    def is_gone_now() -> bool:  # unless it is this person's own hold that has it
        return hold is None and is_gone(slot.staff, slot.service, slot.starts, OUTSIDE.lane)

    return _reply(once(key, asked, act, is_gone=is_gone_now))


def let_go_of_hold(hold: Booking) -> bool:
    """Free a held place within the transaction of the act that takes it over; whether it was."""
    was_held = Booking.objects.filter(pk=hold.pk, state=S.HELD).update(state=S.LAPSED)
    if was_held:
        release(hold)
    return bool(was_held)


def give_up(hold: Booking, *, by: Actor, instead: Slot | None = None) -> None:
    """Let a held place go; what became of it meanwhile stays.

    Who waits is offered it, unless whoever held it is about to take some of that time again.
    """
    from clinic.booking.waiting import offer_freed  # noqa: PLC0415 - it books by this module

    is_wanted = instead is not None and (
        instead.staff == hold.staff
        and hold.starts_at - timedelta(minutes=instead.service.minutes)
        < instead.starts
        < hold.ends_at
    )

    def act() -> dict[str, Any]:
        if let_go_of_hold(hold) and not is_wanted:
            offer_freed(hold)
        record("hold given up", by=by, subject=f"booking:{hold.pk}")
        return {}

    once("", {}, act)  # of two who wait for each other one comes again


def confirm(booking: Booking, *, by: Actor, key: str = "") -> Reply:
    """Whoever has the mail confirms: the place is booked, for a new record that staff will match.

    Raises:
        ChangedMeanwhile: It lapsed, or was confirmed before.
        Taken: The same person has another visit at that time.
        CannotBook: They have as many as can be booked from outside.
    """
    version = booking.version

    def act() -> None:
        if booking.expires_at is None or booking.expires_at <= timezone.now():
            raise ChangedMeanwhile("This place was not confirmed in time and was given back.")
        from clinic.booking.waiting import answered  # noqa: PLC0415 - as above

        was_applied_for, was_offered = booking.state == S.PENDING, booking.state == S.OFFERED
        patient, booker = booking.patient, booking.booker_email
        if was_applied_for:
            booker = booking.applicant.email if booking.applicant.is_for_another else None
            patient = newcomer_of(booking.applicant, booking.site, by)
        if patient is not None:
            check_cap(patient, booking.site, besides=booking)
        values = {"patient": patient, "booker_email": booker, "expires_at": None}
        _claim(booking, version, S.BOOKED, **values)
        if was_applied_for:
            release(booking)
            occupy(booking, Rooms.KEPT)
            Applicant.objects.filter(booking=booking.pk).delete()
            booking.refresh_from_db()
        check_authority(
            booking.staff, booking.service, booking.site, booking.local, is_from_outside=True
        )
        if was_offered:
            answered(booking, was_taken=True)
        _written_down(booking, "visit confirmed", by)
        _sure(booking, by, at_once=True)

    return _change(booking, "confirm", version, key, act)


# ------------------------------------------------------------------------- changing it


def move(
    booking: Booking,
    slot: Slot,
    *,
    version: int,
    by: Actor,
    key: str = "",
    manner: Manner = STAFF,
) -> Reply:
    """Another time, practitioner or site for the same visit; all of it or nothing.

    Raises:
        Taken: Somebody has that time.
        CannotBook: Something else stands against it, the notice among others.
        ChangedMeanwhile: Somebody else changed it.
    """

    def act() -> None:
        from clinic.booking.waiting import offer_freed  # noqa: PLC0415 - as above

        if booking.state not in rules.MOVES:
            raise ChangedMeanwhile("This visit can no longer be moved.")
        check(slot, manner)
        if manner.is_from_outside:
            check_notice(booking)
        before, freed = _placement(booking), copy(booking)
        telling.hush(booking)
        _claim(booking, version, S.BOOKED)
        release(booking)
        booking.service, booking.staff, booking.site = slot.service, slot.staff, slot.site
        booking.lane, booking.reason_for_lane = manner.lane, manner.reason
        set_time(booking, slot.starts)
        occupy(booking)
        booking.sequence += 1
        booking.before = {} if manner.is_from_outside else before  # theirs is not ours to undo
        booking.changed_at = None if manner.is_from_outside else timezone.now()
        booking.save()
        _written_down(booking, "visit moved", by)
        telling.tell_booked(booking, is_moved=True)
        _end_care(freed, by)
        offer_freed(freed, may_be_undone=not manner.is_from_outside)

    return _change(booking, "move", version, key, act, **slot.asked, lane=manner.lane)


def _placement(booking: Booking) -> dict[str, Any]:
    return {
        "state": str(booking.state),
        "service": booking.service_id,
        "staff": booking.staff_id,
        "site": booking.site_id,
        "starts": times.seconds(booking.starts_at),
        "lane": booking.lane,
        "reason": booking.reason_for_lane,
        "was_late": booking.was_late,
    }


def cancel(
    booking: Booking, *, version: int, by: Actor, key: str = "", is_from_outside: bool = False
) -> Reply:
    """Give a place back; within the notice it counts as late. Who waits is offered the place.

    From outside it can be cancelled until it begins: a place known to be free is worth more than
    one that stays empty, and lateness is marked.

    Raises:
        ChangedMeanwhile: Somebody else changed it, or it has begun.
    """

    def act() -> None:
        from clinic.booking.waiting import answered, offer_freed  # noqa: PLC0415 - as above

        if is_from_outside and booking.has_passed:
            raise ChangedMeanwhile("This visit has begun or is over.")
        was_sure = booking.state in rules.MOVES
        late = was_sure and rules.is_late(
            booking.starts_at, timezone.now(), rules_at(booking.site).cancel_notice_hours
        )
        may_be_undone = was_sure and not is_from_outside
        before = _placement(booking)
        telling.hush(booking)
        _claim(
            booking,
            version,
            S.CANCELLED,
            was_late=late,
            sequence=booking.sequence + 1,
            before=before if may_be_undone else {},
            changed_at=timezone.now() if may_be_undone else None,
            expires_at=None,
        )
        release(booking)
        _written_down(booking, "visit cancelled", by, late=late)
        _end_care(booking, by)
        if was_sure:
            telling.tell_cancelled(booking)
        Applicant.objects.filter(booking=booking.pk).delete()
        if before["state"] == S.OFFERED:
            answered(booking, was_taken=False)
        else:
            offer_freed(booking, may_be_undone=may_be_undone)

    return _change(booking, "cancel", version, key, act)


def undo(booking: Booking, *, version: int, by: Actor) -> Reply:
    """Take the last move or cancelling back, as long as its mail has not left.

    Raises:
        Taken: The old place is gone.
        ChangedMeanwhile: There is nothing to take back, or it is too late for that.
    """

    def act() -> None:
        from clinic.booking.waiting import take_offer_back  # noqa: PLC0415 - as above

        old, since, left = booking.before, booking.changed_at, copy(booking)
        if not old or since is None or timezone.now() - since > rules.UNDO_LASTS:
            raise ChangedMeanwhile("This can no longer be taken back.")
        telling.hush(booking)
        _claim(booking, version, S.BOOKED if booking.state == S.CANCELLED else old["state"])
        release(booking)
        take_offer_back(old["staff"], old["site"], times.from_seconds(old["starts"]), by=by)
        booking.service = Service.objects.get(pk=old["service"])
        booking.staff = Staff.objects.get(pk=old["staff"])
        booking.site = Site.objects.get(pk=old["site"])
        booking.lane, booking.reason_for_lane = old["lane"], old["reason"]
        booking.was_late = old["was_late"]
        set_time(booking, times.from_seconds(old["starts"]))
        check_authority(booking.staff, booking.service, booking.site, booking.local)
        occupy(booking, Rooms.AGAIN)
        booking.before, booking.changed_at = {}, None
        booking.sequence += 1
        booking.save()
        _written_down(booking, "change of visit taken back", by)
        _end_care(left, by)
        telling.tell_undone(booking)

    return _change(booking, "undo", version, "", act)


def renew_link(booking: Booking, *, version: int, by: Actor) -> Reply:
    """What was mailed opens the visit no more; it is mailed anew, with another link.

    Raises:
        ChangedMeanwhile: It is over, or nobody left an address.
    """

    def act() -> None:
        if booking.state != S.BOOKED or booking.has_passed or not telling.address_of(booking):
            raise ChangedMeanwhile("There is no address to mail a new link to, or no need of one.")
        telling.hush(booking)
        sequence = booking.sequence + 1
        _claim(booking, version, S.BOOKED, sequence=sequence, before={}, changed_at=None)
        telling.end_links(booking)
        _written_down(booking, "link of visit renewed", by)
        telling.tell_booked(booking, at_once=True)

    return _change(booking, "renew link", version, "", act)


def arrive(booking: Booking, *, version: int, by: Actor) -> Reply:
    """The patient is here."""

    def act() -> None:
        _claim(booking, version, S.ARRIVED)
        _written_down(booking, "patient arrived", by)

    return _change(booking, "arrive", version, "", act)


def not_come(booking: Booking, *, version: int, by: Actor) -> Reply:
    """The patient did not come; only once the time has begun."""

    def act() -> None:
        if not booking.has_passed:
            raise ChangedMeanwhile("The visit has not begun yet.")
        _claim(booking, version, S.NO_SHOW)
        _written_down(booking, "patient did not come", by)

    return _change(booking, "no show", version, "", act)


def set_back(booking: Booking, *, version: int, by: Actor) -> Reply:
    """Arrived or not come was said by mistake."""

    def act() -> None:
        if booking.state not in {S.ARRIVED, S.NO_SHOW}:
            raise ChangedMeanwhile("There is nothing to set back.")
        _claim(booking, version, S.BOOKED)
        _written_down(booking, "visit set back to booked", by)

    return _change(booking, "set back", version, "", act)


def begin(booking: Booking, *, version: int, by: Actor) -> Reply:
    """The visit begins: its record is opened and the booking points at it."""

    def act() -> None:
        if booking.patient is None:
            raise CannotBook("Nobody is booked here yet.")
        today = timezone.now().astimezone(times.zone_of(booking.zone)).replace(tzinfo=None)
        check_authority(booking.staff, booking.service, booking.site, today)
        _claim(booking, version, S.BEGUN)
        _care(booking, by)
        visit = start_visit(
            booking.patient,
            staff=booking.staff,
            site=booking.site,
            kind=booking.service.kind,
            by=by,
        )
        Booking.objects.filter(pk=booking.pk).update(visit=visit)
        booking.visit = visit
        _written_down(booking, "visit begun from booking", by)

    return _change(booking, "begin", version, "", act)
