"""Who waits is offered what falls free, however it does, if they hear of it and may take it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from furnishing import BY, at, person, slot
from test_known_bugs import pick

from clinic.booking import actions, blocks
from clinic.booking.models import Booking, BookingRules, Room
from clinic.booking.upkeep import keep_up
from clinic.booking.waiting import stop_waiting, wait
from clinic.outbox.models import Message
from clinic.patients.models import Patient

pytestmark = pytest.mark.django_db
S = Booking.State


@pytest.fixture(autouse=True)
def _fresh_limits(founded):
    cache.clear()


def waits(clinic, who, **more):
    usual = {"service": clinic.visit, "staff": None}
    days = {"first_day": clinic.day, "last_day": clinic.day}
    return wait(who, site=clinic.site, by=BY, **usual | days | more)


def booked(clinic, hour, who, **more):
    reply = actions.book(slot(clinic, hour, **more), who, by=BY)
    return Booking.objects.get(pk=reply.booking)


def cancelled(clinic):
    actions.cancel(booked(clinic, 9, clinic.ada), version=1, by=BY)


def offered_to():
    return [row.patient for row in Booking.objects.filter(state=S.OFFERED)]


# ------------------------------------------------------------------ heard of, and taken


def test_who_left_no_address_is_not_offered_what_they_would_not_hear_of(clinic):
    cy = person("Cy", clinic.site)
    row = waits(clinic, cy)
    waits(clinic, clinic.bo)
    cancelled(clinic)

    row.refresh_from_db()
    assert row.state == "waiting"
    assert offered_to() == [clinic.bo]
    assert Message.objects.filter(letter="place_offered").count() == 1


def test_staff_are_told_whom_to_call(as_, clinic):
    url = reverse("schedule:day", kwargs={"site": clinic.site.pk, "day": clinic.day})
    call = "no email address: call them"
    waits(clinic, clinic.bo)
    assert call not in as_("reception").get(url).content.decode()
    Patient.objects.filter(pk=clinic.bo.pk).update(email="")
    assert call in as_("reception").get(url).content.decode()
    form = reverse("schedule:wait_for", kwargs={"key": clinic.bo.pk})
    typed = {"service": clinic.visit.pk, "first_day": clinic.day, "last_day": clinic.day}
    for address, told in (("", "call them when a place falls free"), ("b@mail.test", "by mail")):
        Patient.objects.filter(pk=clinic.bo.pk).update(email=address)
        answer = as_("reception").post(form, typed, follow=True)
        assert told in answer.content.decode()


def test_who_may_have_no_more_visits_is_not_offered_one_that_they_could_not_take(clinic):
    BookingRules.objects.update(most_open=1)
    booked(clinic, 15, clinic.bo)
    cy = person("Cy", clinic.site, email="cy@mail.test")
    row = waits(clinic, clinic.bo)
    waits(clinic, cy)
    cancelled(clinic)

    row.refresh_from_db()
    assert row.state == "waiting"
    assert offered_to() == [cy]
    actions.confirm(Booking.objects.get(state=S.OFFERED), by=BY)


# ------------------------------------------------------------------ however it falls free

GIL = {"given_name": "Gil", "email": "gil@mail.test"}


def kept(clinic, state, hour=9, **more):
    """A place that is kept for somebody and was kept too long."""
    if state == S.PENDING:
        reply = actions.ask(slot(clinic, hour, **more), GIL, by=BY)
    else:
        reply = actions.book(slot(clinic, hour, **more), None, by=BY, state=state)
    Booking.objects.filter(pk=reply.booking).update(
        expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )


@pytest.mark.parametrize("state", [S.PENDING, S.HELD])
def test_a_place_that_was_not_confirmed_in_time_is_offered(clinic, state):
    kept(clinic, state)
    waits(clinic, clinic.bo)
    assert keep_up() == 1

    assert offered_to() == [clinic.bo]
    assert Booking.objects.get(state=S.OFFERED).starts_at == at(clinic, 9)


def test_an_offer_that_lapses_after_its_person_left_the_list_goes_to_the_next(clinic):
    row = waits(clinic, clinic.bo)
    cancelled(clinic)
    stop_waiting(row, by=BY)
    cy = person("Cy", clinic.site, email="cy@mail.test")
    waits(clinic, cy)
    Booking.objects.filter(state=S.OFFERED).update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    keep_up()

    assert offered_to() == [cy]


def test_what_lapses_under_somebody_who_books_is_offered_as_far_as_it_is_free(clinic):
    kept(clinic, S.PENDING)
    waits(clinic, clinic.bo)
    booked(clinic, 9, clinic.ada)  # just that: nothing is left to offer
    assert offered_to() == []

    kept(clinic, S.HELD, 14, staff=clinic.two)  # whose room is looked at too
    booked(clinic, 14, clinic.ada)
    assert offered_to() == [clinic.bo]
    assert Booking.objects.get(state=S.OFFERED).staff == clinic.two


def test_a_hold_that_is_given_up_is_offered_unless_its_time_is_wanted_again(clinic):
    client = Client()
    pick(clinic, client, 9, staff=clinic.one)
    waits(clinic, clinic.bo)
    assert pick(clinic, client, 9, staff=clinic.one).status_code == 302
    assert pick(clinic, client, 9, 10, staff=clinic.one).status_code == 302
    assert offered_to() == []
    assert pick(clinic, client, 11, staff=clinic.one).status_code == 302

    assert offered_to() == [clinic.bo]
    assert Booking.objects.get(state=S.OFFERED).starts_at == at(clinic, 9, 10)


def keep_free(clinic, hour, *, staff=None, room=None):
    starts = at(clinic, hour)
    ends = starts + timedelta(hours=1)
    words = {"what_for": "meeting", "by": BY}
    return blocks.block(clinic.site, staff=staff, room=room, starts=starts, ends=ends, **words)


def test_time_that_is_no_longer_blocked_is_offered_to_as_many_as_it_holds(clinic):
    block = keep_free(clinic, 12, staff=clinic.one)
    people = [person(f"P{n}", clinic.site, email=f"p{n}@mail.test") for n in range(4)]
    elsewhere = waits(clinic, clinic.bo, staff=clinic.two)
    for who in people:
        waits(clinic, who)
    blocks.unblock(block, by=BY)

    offers = Booking.objects.filter(state=S.OFFERED).order_by("starts_at")
    assert [row.patient for row in offers] == people[: len(offers)]
    assert {row.staff for row in offers} == {clinic.one}
    for row in offers:
        assert row.starts_at < block.ends_at
        assert row.ends_at > block.starts_at
    elsewhere.refresh_from_db()
    assert elsewhere.state == "waiting"


def test_a_room_that_is_no_longer_blocked_is_offered_with_whoever_is_free(clinic):
    Room.objects.filter(pk=clinic.rooms[1].pk).update(is_active=False)
    block = keep_free(clinic, 12, room=clinic.rooms[0])
    waits(clinic, clinic.bo)
    blocks.unblock(block, by=BY)

    assert offered_to() == [clinic.bo]
