"""Letters about a visit: each promised with its act, none before an undo is over, none too many.

A letter has a time, a place and a link, and neither a name nor what the visit is for. A reminder is
taken back when its visit is moved or cancelled; each letter is looked at once more as it leaves.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from clinic.booking import rules, times
from clinic.booking.beforehand import brings_forms
from clinic.booking.calendar import invitation
from clinic.booking.links import visit_link
from clinic.booking.models import Booking
from clinic.outbox.actions import last_look, promise, send_elsewhere, take_back
from clinic.outbox.letters import LETTERS
from clinic.outbox.models import Message
from clinic.patients.models import Patient
from clinic.practice.templatetags.words import long_day

ASKS: dict[str, str] = {
    Booking.State.PENDING: "visit_to_confirm",
    Booking.State.OFFERED: "place_offered",
}
TELLS = {"visit_booked", "visit_moved", "visit_follows_clocks", "visit_reminder"}
# They ask to fill in forms as well.
WITH_FORMS = {
    letter: f"first_{letter}" for letter in ("visit_booked", "visit_moved", "visit_reminder")
}


def address_of(booking: Booking) -> str:
    """Where letters about a visit go; nowhere if nobody left an address."""
    if booking.patient is not None:
        return booking.patient.email or booking.booker_email or ""
    applicant = getattr(booking, "applicant", None)
    return str(applicant.email) if applicant is not None else ""


def when(booking: Booking) -> str:
    """Day, time and whose time: `Tuesday 9 March 2027, 2:30 pm, Vancouver time`."""
    return f"{long_day(booking.local.date())}, {booking.clock}, {times.city(booking.zone)} time"


def where(booking: Booking) -> str:
    """The site and its address, on one line; a video visit has no place."""
    if booking.service.is_by_video:
        return "By video: the link is on the page below."
    return ", ".join([booking.site.name, *booking.site.address_lines])


def _values(booking: Booking) -> dict[str, str]:
    return {
        "clinic": settings.PLACE.name,
        "when": when(booking),
        "where": where(booking),
        "link": visit_link(booking.pk, booking.link_round or 0),
    }


def _letter(booking: Booking, name: str) -> str:
    """A letter about a visit; of a visit that brings forms, the one that asks for them."""
    return WITH_FORMS[name] if brings_forms(booking) else name


def _key(booking: Booking, what: str) -> str:
    return f"visit:{booking.pk}:{booking.sequence}:{what}"


def ask_to_confirm(booking: Booking) -> None:
    """To the address that was given: somebody asked for a visit with it."""
    minutes = int(rules.PENDING_LASTS.total_seconds() // 60)
    promise(
        "visit_to_confirm",
        to=address_of(booking),
        key=_key(booking, "confirm"),
        values=_values(booking) | {"minutes": str(minutes)},
    )


def tell_booked(booking: Booking, *, is_moved: bool = False, at_once: bool = False) -> None:
    """Confirmation with a calendar file, and the reminder."""
    to = address_of(booking)
    if not to or booking.has_passed:
        return
    now = timezone.now()
    promise(
        _letter(booking, "visit_moved" if is_moved else "visit_booked"),
        to=to,
        key=_key(booking, "booked"),
        values=_values(booking) | {"calendar": invitation(booking, "REQUEST", to=to)},
        not_before=now if at_once else now + rules.UNDO_LASTS,
    )
    _remind(booking, to, now)


def tell_of_clocks(booking: Booking, *, was_owed: bool) -> None:
    """After new rules of clocks: one letter, with the visit as calendars should now have it.

    Args:
        booking: With its new instant and number.
        was_owed: Whether a letter about it was taken back, which had not left.
    """
    to = address_of(booking)
    if not to or booking.has_passed:
        return
    told = Message.objects.filter(
        key__in=[key for key in _keys(booking) if key.endswith(":booked")],
        state__in=[Message.State.SENT, Message.State.SENDING],
    )
    if was_owed and not told.exists():
        tell_booked(booking, at_once=True)
        return
    now = timezone.now()
    promise(
        "visit_follows_clocks",
        to=to,
        key=_key(booking, "booked"),
        values=_values(booking) | {"calendar": invitation(booking, "REQUEST", to=to)},
    )
    _remind(booking, to, now)


def only_remind(booking: Booking) -> None:
    """No letter that it is booked: whoever has the visit knows of it."""
    to = address_of(booking)
    if to and not booking.has_passed:
        _remind(booking, to, timezone.now())


def _remind(booking: Booking, to: str, now: datetime) -> None:
    remind = rules.remind_at(booking.starts_at, now)
    if remind is not None:
        promise(
            _letter(booking, "visit_reminder"),
            to=to,
            key=_key(booking, "reminder"),
            values=_values(booking),
            zone=booking.zone,
            not_before=remind,
        )


def tell_undone(booking: Booking) -> None:
    """After a change was taken back: nothing but the reminder to those who never heard of it.

    The last two numbers of the visit are the change and its undoing. A pair before them that was
    as silent leaves no letter, and what was told is older by two.
    """
    to = address_of(booking)
    if not to or booking.has_passed:
        return
    change = booking.sequence - 1
    rows = dict(Message.objects.filter(key__in=_keys(booking)).values_list("key", "state"))
    told = change - 1
    while told > 1 and f"visit:{booking.pk}:{told}:booked" not in rows:
        told -= 2
    # What is on its way may come or may not: neither is built upon.
    perhaps = {Message.State.SENT, Message.State.SENDING}
    heard = any(
        rows.get(f"visit:{booking.pk}:{change}:{what}") in perhaps
        for what in ("booked", "cancelled")
    )
    if rows.get(f"visit:{booking.pk}:{told}:booked") == Message.State.SENT and not heard:
        _remind(booking, to, timezone.now())
        return
    was_told = any(
        key.endswith(":booked") and state == Message.State.SENT for key, state in rows.items()
    )
    tell_booked(booking, is_moved=was_told)


def tell_cancelled(booking: Booking) -> None:
    """A cancellation that takes the visit out of a calendar."""
    to = address_of(booking)
    if not to or booking.has_passed:
        return
    values = {
        "clinic": settings.PLACE.name,
        "when": when(booking),
        "link": str(settings.PLACE.address) + reverse("book:start"),
        "calendar": invitation(booking, "CANCEL", to=to),
    }
    promise(
        "visit_cancelled",
        to=to,
        key=_key(booking, "cancelled"),
        values=values,
        not_before=timezone.now() + rules.UNDO_LASTS,
    )


def tell_offered(booking: Booking, until: datetime, after: timedelta) -> None:
    """A place has come free and is kept for a while; the letter leaves after some time."""
    to = address_of(booking)
    if not to:
        return
    local, _ = times.wall_of(until, times.zone_of(booking.zone))
    clock = f"{times.clock(local.time())}, {times.city(booking.zone)} time"
    promise(
        "place_offered",
        to=to,
        key=_key(booking, "offered"),
        values=_values(booking) | {"until": f"{long_day(local.date())}, {clock}"},
        not_before=timezone.now() + after,
    )


WHATS = ("confirm", "booked", "cancelled", "offered", "reminder")


def _keys(booking: Booking, first: int = 0) -> list[str]:
    """Keys of all letters about a booking since its change of a number."""
    numbers = range(first, booking.sequence + 1)
    return [f"visit:{booking.pk}:{number}:{what}" for number in numbers for what in WHATS]


def hush(booking: Booking) -> bool:
    """Take back what was promised of a booking as it stood and has not left; whether anything."""
    return take_back(*_keys(booking))


def end_links(booking: Booking) -> None:
    """What was mailed of a visit until now opens it no more."""
    booking.link_round = (booking.link_round or 0) + 1
    Booking.objects.filter(pk=booking.pk).update(link_round=booking.link_round)


def follow_address(patient: Patient, former: str) -> None:
    """A patient's address changed: what was mailed to the former one opens nothing any more.

    What has not left goes to the new one, with a link that opens; without an address to nobody.
    A visit that somebody else booked went to them while the patient had none.
    """
    rows = Booking.objects.filter(patient=patient, ends_at__gt=timezone.now() - rules.LINK_LASTS)
    for booking in rows.select_related("service", "staff", "site", "patient"):
        before = former or booking.booker_email or ""
        if not before or before.lower() == address_of(booking).lower():
            continue
        end_links(booking)
        if not address_of(booking):
            hush(booking)
            continue

        def anew(message: Message, booking: Booking = booking) -> dict[str, str]:
            return message.values | _of_address(message, booking)

        send_elsewhere(*_keys(booking), to=address_of(booking), anew=anew)


def _of_address(message: Message, booking: Booking) -> dict[str, str]:
    """What stands in a letter for the sake of whom it goes to."""
    opens = {} if message.letter == "visit_cancelled" else {"link": _values(booking)["link"]}
    method = LETTERS[message.letter].calendar
    if not method:
        return opens
    return opens | {"calendar": invitation(booking, method, to=address_of(booking))}


@last_look(
    "visit_to_confirm",
    "visit_cancelled",
    "place_offered",
    *sorted(TELLS),
    *sorted(WITH_FORMS.values()),
)
def still_holds(message: Message) -> bool:
    """Whether a letter that waited is still true: it may have waited long for the mail server.

    No, if the place lapsed, the visit began, became something else, or a later letter tells of it.
    """
    _, key, number, _ = message.key.split(":")
    booking = Booking.objects.filter(pk=key).first()
    if booking is None or booking.has_passed:
        return False
    later = _keys(booking, int(number) + 1)
    if Message.objects.filter(key__in=later).exists():
        return False
    if booking.state in rules.UNSURE:
        lasts = booking.expires_at is not None and booking.expires_at > timezone.now()
        return lasts and message.letter == ASKS.get(booking.state)
    if booking.state == Booking.State.CANCELLED:
        return message.letter == "visit_cancelled"
    return booking.state in rules.MOVES and message.letter in {*TELLS, *WITH_FORMS.values()}
