"""A patient's address gives way to another: letters that wait follow, and mailed links end."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from furnishing import BY, opened, slot

from clinic.booking import actions
from clinic.booking.links import booking_of, token_of
from clinic.booking.models import Booking
from clinic.booking.waiting import wait
from clinic.outbox.actions import send_due
from clinic.outbox.models import Message
from clinic.patients.actions import PERSONAL, change_patient

pytestmark = pytest.mark.django_db
S = Booking.State
TYPO, RIGHT = "ada@mail.test", "ada.sample@mail.test"


@pytest.fixture(autouse=True)
def _fresh_limits(founded):
    cache.clear()


@pytest.fixture
def booking(clinic):
    return Booking.objects.get(pk=actions.book(slot(clinic, 9), clinic.ada, by=BY).booking)


def change(patient, **more):
    patient.refresh_from_db()
    values = {name: getattr(patient, name) for name in PERSONAL} | more
    change_patient(patient, values, revision=patient.revision, by=BY)


def link_of(booking):
    booking.refresh_from_db()
    token = token_of(booking.pk, booking.link_round or 0)
    return reverse("visits:open", kwargs={"token": token})


def waiting():
    return list(Message.objects.filter(state="waiting").order_by("letter"))


def test_letters_that_wait_go_to_the_new_address_with_a_link_that_opens(clinic, booking):
    change(clinic.ada, email=RIGHT)

    assert [row.letter for row in waiting()] == ["visit_booked", "visit_reminder"]
    for row in waiting():
        assert row.to == RIGHT
        assert row.values["link"].endswith(link_of(booking))
        assert TYPO not in str(row.values)
    assert f"mailto:{RIGHT}" in waiting()[0].values["calendar"].replace("\r\n ", "")


def test_an_offer_and_a_cancelling_follow_too(clinic, booking):
    actions.cancel(booking, version=1, by=BY)
    days = {"first_day": clinic.day, "last_day": clinic.day}
    wait(clinic.ada, service=clinic.visit, site=clinic.site, staff=None, by=BY, **days)
    other = actions.book(slot(clinic, 11), clinic.bo, by=BY)
    actions.cancel(Booking.objects.get(pk=other.booking), version=1, by=BY)
    change(clinic.ada, email=RIGHT)

    told = {row.letter: row for row in waiting() if row.to == RIGHT}
    assert sorted(told) == ["place_offered", "visit_cancelled"]
    assert told["visit_cancelled"].values["link"].endswith(reverse("book:start"))
    assert (
        told["place_offered"].values["link"].endswith(link_of(Booking.objects.get(state=S.OFFERED)))
    )
    assert [row.letter for row in waiting() if row.to == TYPO] == []


def test_what_was_mailed_to_the_former_address_opens_nothing_any_more(clinic, booking):
    token, reader = token_of(booking.pk), opened(booking.pk)
    page = reverse("visits:visit", kwargs={"key": booking.pk})
    change(clinic.ada, email=RIGHT.upper())

    assert booking_of(token) is None
    assert Client().post(reverse("visits:open", args=[token])).status_code == 404
    assert reader.get(page).status_code == 404  # also where it was open
    client = Client()
    assert client.post(link_of(booking)).url == page
    assert client.get(page).status_code == 200


def test_what_is_no_other_mailbox_ends_no_link(clinic, booking):
    change(clinic.ada, email=TYPO.upper())
    change(clinic.ada, phone="604 555 0199")
    assert booking_of(token_of(booking.pk)) == booking.pk
    assert {row.to for row in waiting()} == {TYPO}


def test_without_an_address_nothing_leaves(clinic, booking):
    change(clinic.ada, email="")
    assert waiting() == []
    assert booking_of(token_of(booking.pk)) is None


def test_one_that_fails_while_the_address_changes_goes_to_the_new_one(clinic, booking, monkeypatch):
    sent = []

    def send(*, to, **_more):
        sent.append(to)
        if len(sent) == 1:
            change(clinic.ada, email=RIGHT)
            raise TimeoutError

    monkeypatch.setattr("clinic.outbox.actions.send", send)
    Message.objects.filter(letter="visit_reminder").delete()
    for _ in range(2):
        Message.objects.update(not_before=booking.made_at)
        send_due()

    assert sent == [TYPO, RIGHT]
    assert Message.objects.get().to == RIGHT


def test_staff_mail_a_new_link_and_the_old_one_ends(as_, clinic, booking):
    Message.objects.filter(letter="visit_booked").update(state="sent")
    client, old = as_("reception"), token_of(booking.pk)
    page = reverse("schedule:visit", kwargs={"key": booking.pk})
    url = reverse("schedule:act", kwargs={"key": booking.pk, "what": "new-link"})
    assert url in client.get(page).content.decode()
    answer = client.post(url, {"version": booking.version}, follow=True)

    assert "A new link is on its way." in answer.content.decode()
    assert booking_of(old) is None
    assert [row.letter for row in waiting()] == ["visit_booked", "visit_reminder"]
    assert all(row.values["link"].endswith(link_of(booking)) for row in waiting())
    assert client.post(url, {"version": 1}).status_code == 409  # sent twice


def test_nobody_is_mailed_a_link_who_left_no_address(as_, clinic, booking):
    change(clinic.ada, email="")
    page = reverse("schedule:visit", kwargs={"key": booking.pk})
    url = reverse("schedule:act", kwargs={"key": booking.pk, "what": "new-link"})
    client = as_("reception")
    assert url not in client.get(page).content.decode()
    assert client.post(url, {"version": booking.version}).status_code == 409
    assert waiting() == []
