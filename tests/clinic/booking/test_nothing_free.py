"""Where nothing is free: the wait list is offered in plain words, by mail or at once.

Nothing is known of an address until its mail is answered, nothing is stored of what was typed, and
the same link ends what it began.
"""

import re
from datetime import timedelta

import pytest
from conftest import client_of
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from furnishing import BY, opened, person, slot, wish_of

from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.booking import actions, asking, terms
from clinic.booking.models import Booking, Hours, Newcomer, Waiting
from clinic.outbox.models import Message
from clinic.patients.actions import merge
from clinic.patients.models import Patient

pytestmark = pytest.mark.django_db
OFFER = "Put me on the wait list"


@pytest.fixture
def full(clinic):
    """A clinic in which nobody has an hour free."""
    cache.clear()
    Hours.objects.all().delete()
    return clinic


def query(clinic, **more):
    return {"service": clinic.visit.pk, "site": clinic.site.pk} | more


def days(clinic, **more):
    day = clinic.day.isoformat()
    return {"first_day": day, "last_day": day, "given_name": "Gil", "family_name": "New"} | more


def mailed():
    message = Message.objects.get(letter="wait_to_confirm")
    return re.search(r"http://localhost:8000(/book/wait/open/\S+)", message.values["link"])[1]


def asked(clinic, client=None, **more):
    sent = query(clinic) | days(clinic, email="Gil@mail.test") | more
    return (client or Client()).post(reverse("book:wait"), sent)


def test_every_page_that_has_nothing_free_offers_the_wait_list(full):
    chosen = query(full)
    for page, told in (
        (Client().get(reverse("book:choose"), chosen), "Nothing is free in the next 60 days."),
        (Client().get(reverse("book:start"), chosen), "Nothing is free in the next weeks."),
        (
            Client().get(reverse("book:choose"), chosen | {"with": full.two.pk}),
            "Nothing is free in the next 60 days with Two.",
        ),
    ):
        text = page.content.decode()
        assert told in text
        link = re.search(rf'href="([^"]+)">{OFFER}', text)[1].replace("&amp;", "&")
        assert OFFER not in Client().get(link).content.decode()  # a form first, for a stranger
        assert "When could you come?" in Client().get(link).content.decode()


def test_where_something_is_free_it_is_not_offered(clinic):
    assert OFFER not in Client().get(reverse("book:choose"), query(clinic)).content.decode()


def test_a_visit_that_cannot_be_moved_to_any_time_can_wait_for_one(full):
    reply = actions.book(slot(full, 9), full.ada, by=BY, manner=terms.Manner(outside_hours=True))
    key = {"key": reply.booking}
    page = opened(reply.booking).get(reverse("visits:move", kwargs=key)).content.decode()

    assert reverse("visits:earlier", kwargs=key) in page


def test_a_stranger_waits_once_the_mail_is_answered_and_is_offered_what_falls_free(full):
    booked = actions.book(slot(full, 9), full.ada, by=BY, manner=terms.Manner(outside_hours=True))
    answer = asked(full)
    assert answer.url == reverse("book:wait_sent")
    assert "Look in your mail" in Client().get(answer.url).content.decode()
    assert not Patient.objects.filter(given_name="Gil").exists()
    client = Client()
    address = client.post(mailed()).url
    assert "One more step" in client.get(address).content.decode()
    assert not Waiting.objects.exists()  # neither looking nor opening changes anything
    client.post(address)
    client.post(address)

    row = Waiting.objects.get()
    assert (row.patient.email, row.state) == ("Gil@mail.test", "waiting")
    assert row.patient.newcomer.settled_at is None
    assert "You are on the wait list" in client.get(address).content.decode()
    Hours.objects.create(
        staff=full.one,
        site=full.site,
        weekday=full.day.weekday(),
        starts="08:00",
        ends="18:00",
        first_day=full.day,
    )
    actions.cancel(Booking.objects.get(pk=booked.booking), version=1, by=BY)
    assert Booking.objects.get(state="offered").patient == row.patient
    assert Message.objects.get(letter="place_offered").to == "Gil@mail.test"
    assert "A place is kept for you" in client.get(client.post(mailed()).url).content.decode()


def test_the_same_link_takes_off_the_list_also_once_the_record_was_matched(full):
    asked(full)
    client = Client()
    client.post(client.post(mailed()).url)
    known = person("Gil", full.site)
    merge(known, Newcomer.objects.get().patient, "the same", by=BY)
    client = Client()
    address = client.post(mailed()).url
    assert "You are on the wait list" in client.get(address).content.decode()
    client.post(address, {"what": "stop"})

    assert Waiting.objects.get().state == "ended"
    assert Entry.objects.filter(act="no longer waits", actor="link:wait").exists()
    assert "One more step" in client.get(address).content.decode()


def test_a_link_that_is_a_day_old_puts_nobody_on_the_list(full, monkeypatch):
    token = asking.token_of(wish_of(full))
    address = reverse("book:open_wait", kwargs={"token": token})
    real = asking.ANSWER_WITHIN
    monkeypatch.setattr(asking, "ANSWER_WITHIN", timedelta(seconds=-2))
    client = Client()
    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 410
        assert "This link has run out" in answer.content.decode()
    assert not Waiting.objects.exists()
    monkeypatch.setattr(asking, "ANSWER_WITHIN", real)
    client.post(client.post(address).url)
    assert Waiting.objects.count() == 1


def test_days_that_are_over_put_nobody_on_the_list(full):
    past = (timezone.now() - timedelta(days=3)).date().isoformat()
    gone = asking.token_of(wish_of(full, first_day=past, last_day=past))
    assert Client().post(reverse("book:open_wait", kwargs={"token": gone})).status_code == 410
    assert not Waiting.objects.exists()
    answer = asked(full, first_day=past, last_day=past)
    assert answer.status_code == 422
    assert "The last day must not be in the past." in answer.content.decode()
    assert not Message.objects.exists()


def test_a_link_that_was_changed_opens_nothing_and_says_nothing(full):
    token = asking.token_of(wish_of(full, given_name="Zxqvguess"))
    for wrong in (token[:-3] + "abc", "x", token[5:]):
        assert Client().get(reverse("book:open_wait", kwargs={"token": wrong})).status_code == 404
    assert "zxqvguess" not in token.lower()  # a short name stands there by chance


def test_strangers_and_known_people_get_the_same_page(full):
    browsers = [Client(), Client()]
    known, stranger = (
        asked(full, browser, email=address)
        for browser, address in zip(browsers, ("ada@mail.test", "x@mail.test"), strict=True)
    )
    pages = [browser.get(known.url).content.decode() for browser in browsers]
    shown = {re.sub(r'(nonce|value)="[^"]*"', "", page) for page in pages}

    assert (known.status_code, known.url) == (stranger.status_code, stranger.url)
    assert len(shown) == 1
    assert set(Message.objects.values_list("letter", flat=True)) == {"wait_to_confirm"}


def test_only_so_many_mails_go_to_one_address(full):
    codes = [asked(full).status_code for _ in range(6)]

    assert codes == [302] * 5 + [429]


def test_somebody_signed_in_waits_at_once(as_, full, cast):
    cast.patient.sites.add(full.site)
    client = client_of(User.objects.get(email="self@mail.test"))
    page = client.get(reverse("book:wait"), query(full)).content.decode()
    assert "Email address" not in page
    answer = client.post(
        reverse("book:wait"), query(full) | days(full) | {"patient": cast.patient.pk}
    )

    assert "You are on the wait list" in answer.content.decode()
    assert Waiting.objects.get().patient == cast.patient
    other = client.post(reverse("book:wait"), query(full) | days(full) | {"patient": full.ada.pk})
    assert other.status_code == 422
    assert Waiting.objects.count() == 1
