"""Mailed links: a purpose, an end, and a secret in no address once its button was pressed."""

import re
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from conftest import client_of
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from furnishing import BY, change_of, opened, slot, wish_of

from clinic.audit.models import Entry
from clinic.booking import actions, asking
from clinic.booking.links import booking_of, feed_token, token_of
from clinic.booking.models import Booking, Hours, Waiting
from clinic.booking.views.public import HELD
from clinic.outbox.models import Message

pytestmark = pytest.mark.django_db
S = Booking.State
PAGES = ("visit", "move", "cancel", "earlier", "calendar")
FORMS = ("confirm", "move", "cancel", "earlier", "stop_waiting", "close")
NONCE = rb'nonce="[^"]+"|value="\w{64}"'


@pytest.fixture(autouse=True)
def _fresh_limits(founded):
    cache.clear()


@pytest.fixture
def booking(clinic):
    return Booking.objects.get(pk=actions.book(slot(clinic, 9), clinic.ada, by=BY).booking)


def mailed(booking, token=None):
    return reverse("visits:open", kwargs={"token": token or token_of(booking.pk)})


def page(booking, name="visit"):
    return reverse(f"visits:{name}", kwargs={"key": booking.pk})


def is_closed(answer):
    return answer.status_code == 404 and "Open the link in your mail" in answer.content.decode()


def has_ended(booking, days):
    """Bring the end of a visit some days back."""
    end = datetime.now(UTC) - timedelta(days=days)
    Booking.objects.filter(pk=booking.pk).update(starts_at=end - timedelta(minutes=30), ends_at=end)


def later(client, seconds):
    """Let time pass in what a session has open."""
    session = client.session
    kept = session["opened_by_link"]
    session["opened_by_link"] = {name: [row[0] - seconds, row[1]] for name, row in kept.items()}
    session.save()


# ------------------------------------------------------------------ the mailed address


def test_looking_at_a_link_changes_nothing(booking):
    before = [(row.pk, row.state, row.version) for row in Booking.objects.all()]
    entries, scanner = Entry.objects.count(), Client()
    for look in (scanner.get, scanner.head, scanner.get):
        answer = look(mailed(booking))
        assert answer.status_code == 200
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies

    assert "Open your visit" in answer.content.decode()
    assert is_closed(scanner.get(page(booking)))
    assert not Session.objects.exists()
    assert Entry.objects.count() == entries
    assert [(row.pk, row.state, row.version) for row in Booking.objects.all()] == before


def test_after_the_button_the_secret_is_in_no_address(clinic, booking):
    token = token_of(booking.pk)
    client = Client(enforce_csrf_checks=True)
    answers = [client.post(mailed(booking), headers={"Sec-Fetch-Site": "same-origin"})]
    answers += [client.get(page(booking, name)) for name in PAGES]
    told = Message.objects.get(letter="visit_booked").values

    assert [answer.status_code for answer in answers] == [302, *[200] * len(PAGES)]
    for answer in answers:
        assert token not in answer.headers.get("Location", "")
        assert token not in answer.content.decode()
        assert answer.headers["Cache-Control"] == "no-store"
    assert token not in str(dict(client.session))
    assert told["link"] == settings.PLACE.address + mailed(booking)
    assert token not in told["calendar"]


def test_the_button_needs_no_origin_and_no_cookie_and_forms_behind_it_do(booking):
    client = Client(enforce_csrf_checks=True)
    pressed = client.post(mailed(booking), headers={"Origin": "null"})

    assert pressed.url == page(booking)
    assert client.post(page(booking, "cancel")).status_code == 403
    form = client.get(page(booking, "cancel")).content.decode()
    names = ("csrfmiddlewaretoken", "version", "key")
    sent = {name: re.search(rf'name="{name}" value="(\w+)"', form)[1] for name in names}
    assert client.post(page(booking, "cancel"), sent).status_code == 302
    assert Booking.objects.get().state == S.CANCELLED


def test_another_site_presses_no_button(booking):
    client = Client()
    for site in ("cross-site", "same-site"):
        answer = client.post(mailed(booking), headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 200
        assert is_closed(client.get(page(booking)))


def test_the_session_gets_a_new_key_and_keeps_who_is_signed_in(as_, booking):
    client = as_("reception")
    before, who = client.session.session_key, client.session["_auth_user_id"]
    cookie = opened(booking.pk, client).cookies[settings.SESSION_COOKIE_NAME]

    assert client.session.session_key != before
    assert not Session.objects.filter(pk=before).exists()
    assert client.session["_auth_user_id"] == who
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert client.get(page(booking)).status_code == 200


def test_a_session_known_to_another_before_opens_nothing(booking):
    planted = opened(booking.pk)  # of a visit of their own, to have a session to plant
    key = planted.cookies[settings.SESSION_COOKIE_NAME].value
    victim = Client()
    victim.cookies[settings.SESSION_COOKIE_NAME] = key
    opened(booking.pk, victim)

    assert victim.cookies[settings.SESSION_COOKIE_NAME].value != key
    assert is_closed(planted.get(page(booking)))


# ------------------------------------------------------------------ what opens nothing


def test_a_seal_of_another_purpose_opens_nothing(clinic, booking):
    wish = asking.token_of(wish_of(clinic))
    kept = asking.sealed(asking.Kept(wish_of(clinic), is_fresh=True))
    feed = feed_token(clinic.one.pk, 0)
    as_feed = booking.pk.hex + feed.partition("-")[2]
    for wrong in (wish, feed, as_feed, booking.pk.hex, str(booking.pk), "x"):
        assert booking_of(wrong) is None
        for method in ("get", "post"):
            assert is_closed(getattr(Client(), method)(mailed(booking, wrong)))
    for wrong in (token_of(booking.pk), kept, feed):
        address = reverse("book:open_wait", kwargs={"token": wrong})
        assert is_closed(Client().get(address))
        assert is_closed(Client().post(address))
    assert asking.unsealed(wish) is None


def test_one_link_opens_one_visit(clinic, booking):
    other = Booking.objects.get(pk=actions.book(slot(clinic, 11), clinic.bo, by=BY).booking)
    client = opened(booking.pk)

    assert all(is_closed(client.get(page(other, name))) for name in PAGES)
    assert all(is_closed(client.post(page(other, name))) for name in FORMS)
    other.refresh_from_db()
    assert (other.state, other.version) == (S.BOOKED, 1)
    opened(other.pk, client)
    assert client.get(page(other)).status_code == client.get(page(booking)).status_code == 200


def test_there_or_not_a_visit_that_is_not_open_gets_one_answer(as_, booking):
    absent = Booking(pk=uuid.uuid4())
    for client in (Client(), as_("self_user"), as_("owner")):
        pages = [client.get(page(one)) for one in (booking, absent)]
        pages.append(client.get(mailed(booking, "x" * 72)))
        assert all(is_closed(answer) for answer in pages)
        shown = {re.sub(NONCE, b"", answer.content) for answer in pages}
        assert len(shown) == 1


@pytest.mark.parametrize(("days", "code"), [(0, 302), (29, 302), (31, 410)])
def test_a_link_ends_thirty_days_after_its_visit(booking, days, code):
    has_ended(booking, days)
    answer = Client().post(mailed(booking))

    assert answer.status_code == code
    looked = Client().get(mailed(booking))
    assert looked.status_code == (200 if code == 302 else code)
    assert ("call the clinic" in looked.content.decode()) is (code == 410)


def test_what_was_opened_is_open_for_an_hour(booking):
    client = opened(booking.pk)
    later(client, 59 * 60)
    assert client.get(page(booking)).status_code == 200
    later(client, 2 * 60)
    assert all(is_closed(client.get(page(booking, name))) for name in PAGES)
    assert all(is_closed(client.post(page(booking, name))) for name in FORMS)
    opened(booking.pk, client)
    assert client.get(page(booking)).status_code == 200


def test_what_is_closed_leaves_nothing_in_the_browser(clinic, booking):
    other = Booking.objects.get(pk=actions.book(slot(clinic, 11), clinic.bo, by=BY).booking)
    client = opened(other.pk, opened(booking.pk))
    assert "Close this visit" in client.get(page(booking)).content.decode()
    client.post(page(booking, "close"))

    assert not Session.objects.exists()
    assert is_closed(client.get(page(booking)))
    assert is_closed(client.get(page(other)))


def test_the_button_is_pressed_only_so_often(booking):
    codes = [Client().post(mailed(booking, f"{n}")).status_code for n in range(31)]
    assert codes == [404] * 30 + [429]
    assert Client().post(mailed(booking)).status_code == 429
    assert Client().get(mailed(booking)).status_code == 200  # a scanner uses up nobody's tries


def test_links_that_were_mailed_before_lead_to_the_page_of_today(clinic, booking):
    visit = f"/visit/{token_of(booking.pk)}/"
    wish = asking.token_of(wish_of(clinic))
    for old, new in (
        (visit, mailed(booking)),
        (f"/book/wait/{wish}/", reverse("book:open_wait", kwargs={"token": wish})),
    ):
        answer = Client().get(old)
        assert answer.url == new
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert is_closed(Client().get(old[:-2] + "/"))


# ------------------------------------------------------------------ somebody signed in


def test_who_may_book_for_a_patient_needs_no_link(as_, clinic, cast):
    reply = actions.book(slot(clinic, 9), cast.patient, by=BY)
    booking = Booking.objects.get(pk=reply.booking)
    for who in ("self_user", "proxy_user"):
        client = as_(who)
        assert (
            reverse("visits:visit", kwargs={"key": booking.pk})
            in client.get(reverse("visits:own")).content.decode()
        )
        assert all(client.get(page(booking, name)).status_code == 200 for name in PAGES)
        assert "Close this visit" not in client.get(page(booking)).content.decode()
        assert Entry.objects.filter(act="read: a visit", patient=cast.patient.pk).exists()
    client.post(page(booking, "cancel"), change_of(client, page(booking, "cancel")))
    assert Booking.objects.get(pk=booking.pk).state == S.CANCELLED
    assert Entry.objects.get(act="visit cancelled").actor == f"user:{cast.proxy_user.pk}"
    assert all(is_closed(as_(who).get(page(booking))) for who in ("nobody_user", "owner"))


def test_a_proxy_whose_time_is_over_sees_no_visit(as_, clinic, cast):
    reply = actions.book(slot(clinic, 9), cast.patient, by=BY)
    past = datetime.now(UTC).date() - timedelta(days=2)
    cast.patient.proxies.update(starts_on=past, ends_on=past)

    assert is_closed(as_("proxy_user").get(page(Booking.objects.get(pk=reply.booking))))


@pytest.mark.parametrize("how", ["by account", "by link", "nothing"])
def test_behind_a_locked_screen_no_visit_opens(as_, clinic, cast, how):
    reply = actions.book(slot(clinic, 9), cast.patient, by=BY)
    client = as_("self_user" if how == "by account" else "reception")
    if how == "by link":
        opened(reply.booking, client)
    session = client.session
    session["locked_since"] = time.time()
    session.save()

    for name in PAGES:
        answer = client.get(page(Booking.objects.get(pk=reply.booking), name))
        assert answer.url.startswith(reverse("unlock"))


def test_without_a_second_factor_an_account_opens_no_visit(clinic, cast):
    reply = actions.book(slot(clinic, 9), cast.patient, by=BY)
    client = client_of(cast.self_user)
    session = client.session
    del session["is_secured"]
    session.save()

    assert is_closed(client.get(page(Booking.objects.get(pk=reply.booking))))


def test_forms_for_anybody_name_nobody_behind_a_locked_screen_or_before_a_second_factor(
    clinic, cast
):
    reply = actions.book(slot(clinic, 9), None, by=BY, state=S.HELD)
    forms = (
        reverse("book:details"),
        f"{reverse('book:wait')}?service={clinic.visit.pk}&site={clinic.site.pk}",
    )
    named = f'value="{cast.patient.pk}"'

    for change, shown in (
        ({}, True),
        ({"is_secured": None}, False),
        ({"locked_since": time.time()}, None),
    ):
        client = client_of(cast.self_user)
        session = client.session
        session[HELD] = reply.booking.hex
        session.update(change)
        session.save()
        for form in forms:
            answer = client.get(form)
            if shown is None:
                assert answer.url.startswith(reverse("unlock"))
            else:
                assert answer.status_code == 200
                assert (named in answer.content.decode()) == shown


# ------------------------------------------------------------------ the wait list's link


def wish_link(clinic, **more):
    token = asking.token_of(wish_of(clinic, **more))
    return token, reverse("book:open_wait", kwargs={"token": token})


def test_a_wish_to_wait_is_in_no_address_and_in_no_row_in_plain(clinic):
    token, address = wish_link(clinic, given_name="Quill")
    client = Client()
    looked = client.get(address)
    assert (looked.status_code, looked.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert not Session.objects.exists()
    answers = [client.post(address)]
    wait = answers[0].url
    answers += [client.get(wait), client.post(wait), client.get(wait)]

    assert Waiting.objects.count() == 1
    for answer in answers:
        assert token not in answer.headers.get("Location", "") + answer.content.decode()
    kept = str(Session.objects.get().get_decoded())
    assert "Quill" not in kept
    assert token not in kept
    assert asking.asked_by(next(iter(client.session["opened_by_link"].values()))[1]) is None
    assert is_closed(Client().get(wait))
    assert is_closed(Client().post(wait))
    later(client, 3601)
    assert is_closed(client.get(wait))
    assert is_closed(client.post(wait, {"what": "stop"}))
    assert Waiting.objects.get().state == "waiting"


def test_the_link_of_a_wait_ends_with_it(clinic, monkeypatch):
    Hours.objects.all().delete()
    _, address = wish_link(clinic)
    client = Client()
    wait = client.post(address).url
    client.post(wait)
    monkeypatch.setattr(asking, "ANSWER_WITHIN", timedelta(seconds=-2))
    assert Client().get(address).status_code == 200  # old, and somebody waits by it
    client.post(wait, {"what": "stop"})
    answer = Client().post(address)
    assert answer.status_code == 410
    assert "Look for a free time" in answer.content.decode()
