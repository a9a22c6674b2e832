"""Who waits is offered what falls free, however it does, if they hear of it and may take it."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from furnishing import BY, person, slot

from clinic.booking import actions
from clinic.booking.models import Booking, BookingRules
from clinic.booking.waiting import wait
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
