"""Ways round the rules of booking that were once open: each stays shut."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from furnishing import BY, at, slot

from clinic.booking import actions, retz, times
from clinic.booking.links import token_of
from clinic.booking.models import Booking
from clinic.booking.upkeep import keep_up
from clinic.booking.waiting import wait
from clinic.outbox.actions import send_due
from clinic.outbox.models import Message

pytestmark = pytest.mark.django_db
S = Booking.State
TWICE = actions.Manner(lane=1, reason="both at once")


@pytest.fixture(autouse=True)
def _fresh_limits(founded):
    cache.clear()


def booked(clinic, hour, who, **more):
    reply = actions.book(slot(clinic, hour), who, by=BY, **more)
    return Booking.objects.get(pk=reply.booking)


def link(booking, name="visit"):
    return reverse(f"visits:{name}", kwargs={"token": token_of(booking.pk)})


def waits(clinic, who):
    return wait(
        who,
        clinic.visit,
        clinic.site,
        staff=None,
        first_day=clinic.day,
        last_day=clinic.day,
        by=BY,
    )


# ------------------------------------------------------------ the second lane


# ------------------------------------------------------------- staff's forms


def test_a_time_that_was_taken_can_be_changed_in_the_same_form(as_, clinic, cast):
    booked(clinic, 9, clinic.ada)
    reply = actions.book(slot(clinic, 11), clinic.bo, by=BY)
    url = reverse("schedule:move", kwargs={"key": reply.booking})
    client = as_("reception")
    typed = {
        "service": clinic.visit.pk,
        "staff": clinic.one.pk,
        "day": clinic.day.isoformat(),
        "time": "09:10",
        "version": 1,
        "key": "k",
    }
    refused = client.post(url, typed)
    assert refused.status_code == 409
    key = re.search(r'name="key" value="([^"]+)"', refused.content.decode())[1]
    answer = client.post(url, typed | {"time": "14:00", "key": key})

    assert answer.status_code == 302
    assert Booking.objects.get(pk=reply.booking).starts_at == at(clinic, 14)


def test_a_form_that_was_used_before_for_another_time_says_so(as_, clinic, cast):
    url = reverse("schedule:book", kwargs={"key": clinic.ada.pk})
    client = as_("reception")
    typed = {
        "service": clinic.visit.pk,
        "staff": clinic.one.pk,
        "day": clinic.day.isoformat(),
        "time": "09:00",
        "weeks": 1,
        "key": "k",
    }
    client.post(url, typed)
    again = client.post(url, typed | {"time": "11:00"})
    assert again.status_code == 422
    assert "was sent before" in again.content.decode()
    key = re.search(r'name="key" value="([^"]+)"', again.content.decode())[1]
    assert client.post(url, typed | {"time": "11:00", "key": key}).status_code == 302
    assert Booking.objects.filter(patient=clinic.ada).count() == 2


# ------------------------------------------------------------- from outside


# ------------------------------------------------------------------- letters


def test_no_letter_leaves_that_asks_to_confirm_what_has_lapsed(clinic, inbox):
    actions.ask(slot(clinic, 9), {"given_name": "Gil", "email": "gil@mail.test"}, by=BY)
    Booking.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    keep_up()
    send_due()
    assert not [letter for letter in inbox.letters if "visit" in letter["Subject"]]
    assert Message.objects.get(letter="visit_to_confirm").state == "cancelled"


def test_no_reminder_of_a_cancelled_visit_leaves_after_the_rules_of_clocks_changed(
    clinic, monkeypatch
):
    booking = booked(clinic, 9, clinic.ada)
    monkeypatch.setattr(times, "version", lambda: "2099a")
    old = times.instant_of
    monkeypatch.setattr(times, "instant_of", lambda *given: old(*given) + timedelta(hours=1))
    retz.carry_out(by=BY)
    monkeypatch.setattr(times, "instant_of", old)
    booking.refresh_from_db()
    assert booking.sequence == 1
    actions.cancel(booking, version=booking.version, by=BY)
    left = Message.objects.filter(state="waiting").values_list("letter", flat=True)
    assert sorted(left.exclude(letter="invitation")) == ["visit_cancelled"]
