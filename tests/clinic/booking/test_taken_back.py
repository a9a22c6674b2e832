"""What a change leaves once it is taken back, or its visit is gone: no letter, no open chart.

And what is kept for somebody overnight, and from those who read too often.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client
from furnishing import BY, at, slot
from hypothesis import given
from hypothesis import strategies as st

from clinic.booking import actions, rules
from clinic.booking.models import Booking
from clinic.booking.waiting import wait
from clinic.outbox.models import Message
from clinic.patients.actions import start_care

S = Booking.State
ZONES = ["America/Vancouver", "America/St_Johns", "Europe/London", "Australia/Lord_Howe"]


def booked(clinic, hour=9, **more):
    reply = actions.book(slot(clinic, hour, **more), clinic.ada, by=BY)
    return Booking.objects.get(pk=reply.booking)


def left(letter):
    """Let a letter have left."""
    assert Message.objects.filter(letter=letter, state="waiting").update(state="sent")


def owed():
    rows = Message.objects.filter(state="waiting").order_by("letter")
    return list(rows.values_list("letter", flat=True))


def move(booking, clinic, hour, **more):
    booking.refresh_from_db()
    actions.move(booking, slot(clinic, hour, **more), version=booking.version, by=BY)


def undo(booking):
    booking.refresh_from_db()
    actions.undo(booking, version=booking.version, by=BY)
    booking.refresh_from_db()


# -------------------------------------------------------------------- letters


@pytest.mark.django_db
def test_who_never_heard_of_a_move_hears_nothing_of_its_undoing(clinic):
    booking = booked(clinic)
    left("visit_booked")
    move(booking, clinic, 11)
    assert owed() == ["visit_moved", "visit_reminder"]
    undo(booking)

    assert booking.starts_at == at(clinic, 9)
    assert owed() == ["visit_reminder"]


@pytest.mark.django_db
def test_who_never_heard_of_a_cancelling_hears_nothing_of_its_undoing(clinic):
    booking = booked(clinic)
    left("visit_booked")
    actions.cancel(booking, version=1, by=BY)
    assert owed() == ["visit_cancelled"]
    undo(booking)

    assert owed() == ["visit_reminder"]


@pytest.mark.django_db
def test_a_change_tried_and_taken_back_twice_is_as_silent(clinic):
    booking = booked(clinic)
    left("visit_booked")
    for hour in (11, 12):
        move(booking, clinic, hour)
        undo(booking)

    assert owed() == ["visit_reminder"]
    move(booking, clinic, 13)
    assert owed() == ["visit_moved", "visit_reminder"]


@pytest.mark.django_db
def test_who_was_told_of_nothing_yet_is_told_that_the_visit_is_booked(clinic):
    booking = booked(clinic)
    move(booking, clinic, 11)
    undo(booking)

    assert owed() == ["visit_booked", "visit_reminder"]


@pytest.mark.django_db
def test_who_heard_of_the_change_is_told_the_time_once_more(clinic):
    booking = booked(clinic)
    left("visit_booked")
    move(booking, clinic, 11)
    left("visit_moved")
    undo(booking)

    assert owed() == ["visit_moved", "visit_reminder"]


@pytest.mark.parametrize(("told", "then"), [("sent", "visit_moved"), ("sending", "visit_booked")])
@pytest.mark.django_db
def test_a_letter_that_is_on_its_way_is_not_built_upon(clinic, told, then):
    booking = booked(clinic)
    Message.objects.filter(letter="visit_booked").update(state=told)
    move(booking, clinic, 11)
    if told == "sent":
        Message.objects.filter(letter="visit_moved").update(state="sending")
    undo(booking)

    assert owed() == [then, "visit_reminder"]


@pytest.mark.django_db
def test_a_second_move_taken_back_to_a_first_that_nobody_heard_of_tells_of_the_first(clinic):
    booking = booked(clinic)
    left("visit_booked")
    move(booking, clinic, 11)
    move(booking, clinic, 13)
    undo(booking)

    assert booking.starts_at == at(clinic, 11)
    assert owed() == ["visit_moved", "visit_reminder"]


# ----------------------------------------------------------------------- care


def carers(clinic):
    rows = clinic.ada.care.filter(ended_at=None)
    return {row.staff for row in rows}


@pytest.mark.django_db
def test_care_that_a_booking_began_ends_with_the_last_that_is_cancelled(clinic):
    first, second = booked(clinic), booked(clinic, 11)
    actions.cancel(first, version=1, by=BY)
    assert carers(clinic) == {clinic.one}
    actions.cancel(second, version=1, by=BY)
    assert carers(clinic) == set()
    undo(second)
    assert carers(clinic) == {clinic.one}


@pytest.mark.django_db
def test_care_goes_with_a_visit_that_is_moved_to_another_and_back(clinic):
    booking = booked(clinic)
    move(booking, clinic, 9, staff=clinic.two)
    assert carers(clinic) == {clinic.two}
    undo(booking)
    assert carers(clinic) == {clinic.one}


@pytest.mark.django_db
def test_care_begun_otherwise_or_that_a_visit_came_of_stays(clinic):
    start_care(clinic.ada, clinic.two, "referred", by=BY)
    referred = booked(clinic, staff=clinic.two)
    actions.cancel(referred, version=1, by=BY)
    came, later = booked(clinic), booked(clinic, 11)
    actions.begin(came, version=1, by=BY)
    actions.cancel(later, version=1, by=BY)

    assert carers(clinic) == {clinic.one, clinic.two}


# --------------------------------------------------------------------- offers


@pytest.mark.parametrize(
    ("made", "ends"),
    [
        ("2027-03-09 09:00", "2027-03-09 11:00"),
        ("2027-03-09 18:00", "2027-03-09 20:00"),
        ("2027-03-09 19:00", "2027-03-10 09:00"),
        ("2027-03-09 23:30", "2027-03-10 10:00"),
        ("2027-03-10 03:00", "2027-03-10 10:00"),
        ("2027-03-13 23:30", "2027-03-14 10:00"),  # clocks change that night, in the older rules
    ],
)
def test_an_offer_made_at_night_lasts_into_the_day(made, ends):
    zone = ZoneInfo("America/Toronto")
    moment = datetime.fromisoformat(made).replace(tzinfo=zone)

    assert rules.offer_ends(moment, zone) == datetime.fromisoformat(ends).replace(tzinfo=zone)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from(ZONES),
)
def test_no_offer_lapses_at_night_or_sooner_than_two_hours(moment, name):
    now, zone = moment.replace(tzinfo=UTC), ZoneInfo(name)
    ends = rules.offer_ends(now, zone)
    clock = ends.astimezone(zone).time()

    assert time(8) < clock <= time(20)
    assert timedelta(hours=2) <= ends - now <= timedelta(hours=15)


@pytest.mark.django_db
def test_the_letter_says_until_which_day(clinic, monkeypatch):
    day = clinic.day - timedelta(days=1)
    wait(
        clinic.bo,
        service=clinic.visit,
        site=clinic.site,
        staff=None,
        first_day=day,
        last_day=clinic.day,
        by=BY,
    )
    booking = booked(clinic, 15)
    night = at(clinic, 23, day=day - timedelta(days=1))
    monkeypatch.setattr("django.utils.timezone.now", lambda: night)
    actions.cancel(booking, version=1, by=BY)

    offer = Booking.objects.get(state=S.OFFERED)
    assert offer.expires_at == at(clinic, 10, day=day)
    until = Message.objects.get(letter="place_offered").values["until"]
    assert until == f"{day:%A} {day.day} {day:%B %Y}, 10:00 am, Vancouver time"


# ------------------------------------------------------------------ directory


@pytest.mark.django_db
def test_who_reads_the_directory_too_often_is_told_to_wait(clinic, monkeypatch):
    cache.clear()
    now = datetime.now(UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)  # within one minute
    answers = [Client().get("/directory/locations.ndjson") for _ in range(61)]

    assert {answer.status_code for answer in answers[:60]} == {200}
    assert answers[60].status_code == 429
    assert answers[60]["Retry-After"] == "60"
    assert Client().get("/directory/$bulk-publish").status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.7").get("/directory/$bulk-publish").status_code == 200
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(minutes=1))
    assert Client().get("/directory/$bulk-publish").status_code == 200
