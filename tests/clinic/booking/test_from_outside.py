"""Booking without an account: a mail confirms it, nothing is disclosed, nothing is left over."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from furnishing import BY, at, change_of, opened, slot
from test_known_bugs import ask, free_on_day, pick

from clinic.audit.models import Entry
from clinic.booking import actions, newcomers, rules, telling, terms
from clinic.booking.answers import Taken
from clinic.booking.links import booking_of, token_of
from clinic.booking.models import Applicant, Booking, BookingRules, Newcomer, Occupancy
from clinic.booking.upkeep import keep_up
from clinic.booking.views import public
from clinic.outbox.models import Message
from clinic.patients.models import Patient

pytestmark = pytest.mark.django_db
S = Booking.State
GIL = {"given_name": "Gil", "family_name": "New", "email": "gil@mail.test"}


@pytest.fixture(autouse=True)
def _fresh_limits(founded):
    cache.clear()


def waiting(letter):
    return Message.objects.filter(letter=letter, state="waiting")


def asked(clinic, hour=9, **more):
    reply = actions.ask(slot(clinic, hour), GIL | more, by=BY)
    return Booking.objects.get(pk=reply.booking)


def link(booking, name="visit"):
    return reverse(f"visits:{name}", kwargs={"key": booking.pk})


def test_a_visit_is_booked_with_three_pages_and_a_mail(clinic):
    client = Client()
    found = client.get(reverse("book:start")).content.decode()
    assert "One" in found
    assert "checked" in found
    assert pick(clinic, client, 9, staff=clinic.one).status_code == 302
    assert ask(client, family_name="New").url == reverse("book:sent")

    mail = waiting("visit_to_confirm").get()
    assert mail.to == "gil@mail.test"
    mailed = re.search(r"http://localhost:8000(/visit/open/\S+)", mail.values["link"])[1]
    path = client.post(mailed).url
    assert "Confirm this visit" in client.get(path).content.decode()
    assert Booking.objects.get(state=S.PENDING)  # looking changes nothing
    client.post(f"{path}confirm/")

    booking = Booking.objects.get(state=S.BOOKED)
    assert booking.starts_at == at(clinic, 9)
    assert booking.patient.newcomer.settled_at is None
    assert waiting("visit_booked").get().to == "gil@mail.test"
    assert "Your visit is booked" in client.get(path).content.decode()
    assert booking.patient.care.get(ended_at=None).staff == clinic.one


def test_what_is_not_confirmed_in_time_lapses_and_leaves_nothing_of_the_person(clinic):
    booking = asked(clinic)
    Booking.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))

    answer = opened(booking.pk).post(link(booking, "confirm"))
    assert answer.status_code == 409
    assert "given back" in answer.content.decode()
    assert keep_up() == 1
    assert Booking.objects.get().state == S.LAPSED
    assert not Applicant.objects.exists()
    assert not Occupancy.objects.exists()
    assert Patient.objects.filter(given_name="Gil").count() == 0


def test_the_answer_is_the_same_whether_an_address_is_known_or_not(clinic):
    pages = []
    for number, email in enumerate((clinic.ada.email, "nobody@mail.test")):
        client = Client()
        pick(clinic, client, 9 + number, staff=clinic.one)
        given = ask(client, name="Ada", email=email)
        pages.append((given.status_code, given.url, client.get(given.url).content))

    strip = [re.sub(rb'nonce="[^"]+"', b"", page[2]) for page in pages]
    assert pages[0][:2] == pages[1][:2]
    assert strip[0] == strip[1]


def test_somebody_known_is_booked_as_a_newcomer_until_staff_match_them(clinic):
    reply = actions.ask(
        slot(clinic, 9),
        {"given_name": "Ada", "family_name": "Sample", "email": clinic.ada.email},
        by=BY,
    )
    actions.confirm(Booking.objects.get(pk=reply.booking), by=BY)
    newcomer = Newcomer.objects.get()
    assert newcomer.patient != clinic.ada

    kept = newcomers.settle(newcomer, clinic.ada, by=BY)

    booking = Booking.objects.get()
    assert (kept, booking.patient) == (clinic.ada, clinic.ada)
    keys = set(Occupancy.objects.values_list("resource__key", flat=True))
    assert f"patient:{clinic.ada.pk.hex}" in keys


def test_one_practitioner_has_only_so_many_unconfirmed_places(clinic):
    for number in range(rules.MOST_PENDING):
        asked(clinic, 8 + number, email=f"g{number}@mail.test")

    with pytest.raises(terms.CannotBook, match="Many people are booking"):
        asked(clinic, 17)
    actions.ask(slot(clinic, 17, staff=clinic.two), GIL, by=BY)


def test_one_practitioner_has_only_so_many_places_held_from_outside(clinic):
    held = []
    for number in range(rules.MOST_HELD):
        place = slot(clinic, 8 + number // 2, number % 2 * 30)
        held.append(actions.book(place, None, by=BY, state=S.HELD, manner=terms.OUTSIDE))

    last = slot(clinic, 8, day=clinic.day + timedelta(days=1))
    with pytest.raises(terms.CannotBook, match="Many people are booking"):
        actions.book(last, None, by=BY, state=S.HELD, manner=terms.OUTSIDE)
    assert pick(clinic, Client(), 9).status_code == 302  # of anybody, who is left
    Booking.objects.filter(pk=held[0].booking).update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    actions.book(last, None, by=BY, state=S.HELD, manner=terms.OUTSIDE)
    actions.book(slot(clinic, 12, day=last.starts.date()), clinic.ada, by=BY)  # staff are not held


def test_one_address_can_ask_only_so_often(clinic):
    answers = []
    for _ in range(6):
        client = Client()
        pick(clinic, client, 9, 0, staff=clinic.one)
        answers.append(ask(client, email="Flood@mail.test").status_code)
        Booking.objects.filter(state=S.PENDING).delete()
        cache.delete_many([])
    assert answers == [302] * 5 + [429]


def test_a_hold_is_given_up_when_another_is_chosen(clinic):
    client = Client()
    pick(clinic, client, 9, staff=clinic.one)
    pick(clinic, client, 11, staff=clinic.one)

    assert [row.starts_at for row in Booking.objects.filter(state=S.HELD)] == [at(clinic, 11)]
    assert at(clinic, 9) in [free.at for free in free_on_day(clinic)]


def test_a_time_nobody_offered_cannot_be_chosen(clinic):
    client = Client()
    start = int(at(clinic, 3).timestamp())
    query = {"service": clinic.visit.pk, "site": clinic.site.pk, "with": clinic.one.pk}
    for starts in ("", "x", f"{start}:{clinic.one.pk}", f"{start}:999", "9" * 40 + ":1"):
        answer = client.post(reverse("book:choose"), query | {"starts": starts})
        assert answer.status_code == 422
    assert not Booking.objects.exists()


@pytest.mark.parametrize("query", [{}, {"service": 999, "site": 1}, {"service": "x", "site": "y"}])
def test_a_choice_of_nothing_is_absent(clinic, query):
    assert Client().get(reverse("book:choose"), query).status_code == 404


# --------------------------------------------------------------- behind the mail's link


def test_only_the_link_opens_a_visit(clinic):
    booking = asked(clinic)
    token = token_of(booking.pk)
    assert booking_of(token) == booking.pk
    for wrong in (token[:-1] + ("0" if token[-1] != "0" else "1"), booking.pk.hex, "x", ""):
        assert booking_of(wrong) is None
    for wrong in (token[:-2] + "zz", booking.pk.hex):
        bad = reverse("visits:open", kwargs={"token": wrong})
        assert Client().get(bad).status_code == Client().post(bad).status_code == 404


def test_the_pages_behind_the_link_name_nobody(clinic):
    booking = asked(clinic, given_name="Zxqvgiven", family_name="Quill")
    for _ in range(2):
        for name in ("visit", "cancel"):
            page = opened(booking.pk).get(link(booking, name)).content.decode()
            assert "Quill" not in page
            assert "Zxqvgiven" not in page
            assert clinic.visit.name not in page.replace("Your visit", "").replace("isit", "")
        booking.refresh_from_db()
        if booking.state == S.PENDING:
            actions.confirm(booking, by=BY)


def booked(clinic, hour=9):
    reply = actions.book(slot(clinic, hour), clinic.ada, by=BY)
    return Booking.objects.get(pk=reply.booking)


def test_a_visit_is_moved_by_its_link(clinic):
    booking = booked(clinic)
    client = opened(booking.pk)
    assert "Choose another time" in client.get(link(booking, "move")).content.decode()
    start = int(at(clinic, 11).timestamp())
    named = {"service": clinic.visit.pk, "site": clinic.site.pk, "with": clinic.one.pk}
    answer = client.post(
        link(booking, "move"),
        named | change_of(client, link(booking, "move")) | {"starts": f"{start}:{clinic.one.pk}"},
        follow=True,
    )

    assert "Your visit has a new time." in answer.content.decode()
    booking.refresh_from_db()
    assert booking.starts_at == at(clinic, 11)
    assert Entry.objects.filter(act="visit moved", actor="link:visit").count() == 1


def test_a_visit_is_cancelled_by_its_link_after_one_question(clinic):
    booking = booked(clinic)
    client = opened(booking.pk)
    assert "Keep it" in client.get(link(booking, "cancel")).content.decode()
    assert Booking.objects.get().state == S.BOOKED
    change = change_of(client, link(booking, "cancel"))
    answer = client.post(link(booking, "cancel"), change, follow=True)

    assert "This visit is cancelled" in answer.content.decode()
    assert Booking.objects.get().changed_at is None  # what a patient did is not undone by staff
    assert waiting("visit_cancelled").exists()


def test_within_the_notice_the_page_says_whom_to_call(clinic):
    booking = booked(clinic)
    BookingRules.objects.update(cancel_notice_hours=24 * 30)
    client = opened(booking.pk)
    page = client.get(link(booking)).content.decode()

    assert "call the clinic" in page
    assert "late" in client.get(link(booking, "cancel")).content.decode()


def test_who_waits_for_an_earlier_place_says_so_by_the_link(clinic):
    booking = booked(clinic)
    values = {"first_day": clinic.day - timedelta(days=3), "last_day": clinic.day}
    client = opened(booking.pk)
    client.post(link(booking, "earlier"), values)
    assert "You wait for an earlier place" in client.get(link(booking)).content.decode()
    client.post(link(booking, "stop_waiting"))
    assert "You wait" not in client.get(link(booking)).content.decode()


# --------------------------------------------------------------- letters


def test_a_reminder_moves_and_goes_with_its_visit(clinic):
    booking = booked(clinic)
    first = waiting("visit_reminder").get()
    assert first.not_before <= booking.starts_at - rules.REMIND_BEFORE + timedelta(hours=12)
    actions.move(booking, slot(clinic, 15), version=1, by=BY)
    second = waiting("visit_reminder").get()
    assert second.pk != first.pk
    assert "3:00 pm" in second.values["when"]
    booking.refresh_from_db()
    actions.cancel(booking, version=booking.version, by=BY)
    assert not waiting("visit_reminder").exists()


def test_an_undo_within_three_minutes_sends_no_mail_of_what_was_undone(clinic):
    booking = booked(clinic)
    Message.objects.update(state="sent")
    actions.cancel(booking, version=1, by=BY)
    assert waiting("visit_cancelled").get().not_before > datetime.now(UTC) + timedelta(minutes=2)
    booking.refresh_from_db()
    actions.undo(booking, version=2, by=BY)

    assert not waiting("visit_cancelled").exists()
    booking.refresh_from_db()
    assert (booking.state, booking.starts_at) == (S.BOOKED, at(clinic, 9))


def test_after_three_minutes_nothing_is_undone(clinic):
    booking = booked(clinic)
    actions.cancel(booking, version=1, by=BY)
    booking.refresh_from_db()
    booking.changed_at -= timedelta(seconds=200)
    booking.save()

    with pytest.raises(actions.ChangedMeanwhile):
        actions.undo(booking, version=2, by=BY)


def test_letters_hold_a_time_and_a_place_and_no_name(clinic):
    booking = booked(clinic)
    for message in Message.objects.exclude(letter="invitation"):
        text = " ".join(message.values.values())
        assert "Ada" not in text
        assert "Sample" not in text
        assert clinic.one.name not in text.replace(clinic.site.name, "")
        assert clinic.visit.name not in text.replace("Visit at Test Clinic", "")
    assert telling.when(booking).endswith("Vancouver time")


# ------------------------------------------------- somebody with an account


def test_a_patient_books_for_themselves_and_several_weeks_at_once(as_, clinic, cast):
    client = as_("self_user")
    pick(clinic, client, 9, staff=clinic.one)
    form = client.get(reverse("book:details")).content.decode()
    assert "Who is the visit for?" in form
    key = re.search(r'name="key" value="(\w+)"', form)[1]
    answer = client.post(
        reverse("book:details"), {"patient": cast.patient.pk, "weeks": 3, "key": key}
    )

    assert answer.content.decode().count(">booked<") == 3
    assert Booking.objects.filter(patient=cast.patient, state=S.BOOKED).count() == 3
    own = client.get(reverse("visits:own")).content.decode()
    assert own.count("/visit/") >= 3


def test_the_held_time_of_a_series_goes_to_nobody_else_in_between(as_, clinic, cast, monkeypatch):
    client, lost = as_("self_user"), []
    pick(clinic, client, 9, staff=clinic.one)
    form = client.get(reverse("book:details")).content.decode()
    key = re.search(r'name="key" value="(\w+)"', form)[1]
    really = public.book_series

    def after_somebody_quick(*given, **named):
        try:
            actions.book(slot(clinic, 9), clinic.bo, by=BY)
        except Taken:
            lost.append("quick")
        return really(*given, **named)

    monkeypatch.setattr(public, "book_series", after_somebody_quick)
    typed = {"patient": cast.patient.pk, "weeks": 2, "key": key}
    page = client.post(reverse("book:details"), typed).content.decode()

    assert lost == ["quick"]
    assert page.count(">booked<") == 2
    assert (
        list(Booking.objects.filter(state=S.BOOKED).values_list("patient", flat=True))
        == [cast.patient.pk] * 2
    )
    assert not Booking.objects.filter(state=S.HELD).exists()


def test_a_series_that_fails_leaves_the_hold_as_it_was(as_, clinic, cast, monkeypatch):
    client = as_("self_user")
    client.raise_request_exception = False
    pick(clinic, client, 9, staff=clinic.one)
    form = client.get(reverse("book:details")).content.decode()
    key = re.search(r'name="key" value="(\w+)"', form)[1]
    monkeypatch.setattr("clinic.booking.series.record", lambda *_given, **_named: 1 / 0)
    typed = {"patient": cast.patient.pk, "weeks": 1, "key": key}

    assert client.post(reverse("book:details"), typed).status_code == 500
    assert Booking.objects.get().state == S.HELD
    with pytest.raises(Taken):
        actions.book(slot(clinic, 9), clinic.bo, by=BY)


@pytest.mark.parametrize(
    ("who", "may"),
    [("proxy_user", True), ("booking_proxy_user", True), ("nobody_user", False), ("owner", False)],
)
def test_only_those_named_for_it_book_for_another(as_, clinic, cast, who, may):
    client = as_(who)
    pick(clinic, client, 9, staff=clinic.one)
    form = client.get(reverse("book:details")).content.decode()
    key = re.search(r'name="key" value="(\w+)"', form)[1]
    client.post(reverse("book:details"), {"patient": cast.patient.pk, "weeks": 1, "key": key})

    assert Booking.objects.filter(patient=cast.patient).exists() is may
    page = client.get(reverse("visits:own")).content.decode()
    assert bool(re.search(r"\bAda\b", page)) is may


def test_a_proxy_whose_time_is_over_books_no_more(as_, clinic, cast):
    past = datetime.now(UTC).date() - timedelta(days=2)
    cast.patient.proxies.update(starts_on=past, ends_on=past)
    client = as_("booking_proxy_user")

    assert not re.search(r"\bAda\b", client.get(reverse("visits:own")).content.decode())
