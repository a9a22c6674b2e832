"""The hour that clocks show twice: which of the two was meant is asked, kept and never guessed."""

from datetime import datetime, time, timedelta

import pytest
from conftest import BY
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from furnishing import furnished
from old_rules import next_change, use_old_rules

from clinic.booking import actions, blocks, retz, times
from clinic.booking.models import Booking, BookingRules, Hours
from clinic.booking.series import book_series
from clinic.booking.terms import Slot
from clinic.patients.models import Patient
from clinic.practice.models import Credential, Site

pytestmark = pytest.mark.django_db
ZONE = "America/Toronto"


@pytest.fixture
def night(founded):
    """A clinic in Toronto, open all night, and the night in which clocks go back."""
    Site.objects.filter(pk=founded.main.pk).update(time_zone=ZONE)
    made = furnished(Site.objects.get(pk=founded.main.pk), rooms=4)
    Credential.objects.update(expires_on=None)
    Hours.objects.update(starts=time(0), ends=time(23, 59))
    BookingRules.objects.update(window_days=1000)
    made.day = next_change(ZONE, forward=False)
    return made


def half_past_one(night, fold):
    return times.instant_of(datetime.combine(night.day, time(1, 30)), times.zone_of(ZONE), fold)


def second(night, staff=None):
    return Slot(night.visit, staff or night.one, night.site, half_past_one(night, 1))


def typed(night, **more):
    usual = {
        "service": night.visit.pk,
        "staff": night.one.pk,
        "day": night.day.isoformat(),
        "time": "01:30",
        "key": "k",
    }
    return usual | more


def test_a_series_begins_at_the_instant_that_was_chosen_and_says_which_of_two(night):
    for _ in range(2):  # the second is the answer that was kept
        dates = book_series(second(night), night.ada, 2, by=BY, key="once")

    first, next_week = (Booking.objects.get(pk=one.booking) for one in dates)
    assert (first.starts_at, first.fold) == (half_past_one(night, 1), 1)
    assert next_week.local == first.local + timedelta(weeks=1)
    assert [one.clock for one in dates] == [
        "1:30 am (the second of two, after clocks go back)",
        "1:30 am",
    ]


def test_a_later_week_of_a_series_is_the_first_of_two(night):
    before = times.instant_of(
        datetime.combine(night.day - timedelta(weeks=1), time(1, 30)), times.zone_of(ZONE)
    )
    dates = book_series(Slot(night.visit, night.one, night.site, before), night.ada, 2, by=BY)

    assert Booking.objects.get(pk=dates[1].booking).starts_at == half_past_one(night, 0)


def test_who_is_signed_in_gets_the_second_of_two_that_they_held(as_, cast, night):
    Patient.objects.filter(pk=cast.patient.pk).update(email="pat@mail.test")
    cast.patient.sites.add(night.site)
    client = as_("self_user")
    choice = {"service": night.visit.pk, "site": night.site.pk, "with": night.one.pk}
    starts = f"{times.seconds(half_past_one(night, 1))}:{night.one.pk}"
    assert client.post(reverse("book:choose"), choice | {"starts": starts}).status_code == 302
    who = {"patient": cast.patient.pk, "weeks": 1, "key": "k"}
    page = client.post(reverse("book:details"), who).content.decode()

    assert "1:30 am (the second of two, after clocks go back)" in page
    assert Booking.objects.get(state="booked").starts_at == half_past_one(night, 1)


@pytest.mark.parametrize("fold", [0, 1])
def test_staff_are_asked_which_of_two_and_only_then(as_, night, fold):
    client = as_("reception")
    url = reverse("schedule:book", kwargs={"key": night.ada.pk})
    assert "Which of the two" not in client.get(url).content.decode()
    page = client.post(url, typed(night, weeks=1)).content.decode()
    assert "Choose which of the two." in page
    assert "The second, after clocks go back" in page
    assert not Booking.objects.exists()
    page = client.post(url, typed(night, weeks=0, time="03:30")).content.decode()
    assert "Which of the two" not in page

    assert client.post(url, typed(night, weeks=1, which=fold)).status_code == 302
    booking = Booking.objects.get()
    assert (booking.starts_at, booking.fold) == (half_past_one(night, fold), fold)
    shown = client.get(reverse("schedule:visit", kwargs={"key": booking.pk})).content.decode()
    assert f"01:30 (the {'second' if fold else 'first'} of two" in shown


def test_a_visit_that_gets_another_practitioner_keeps_which_of_two(as_, night):
    actions.book(second(night), night.ada, by=BY)
    booking = Booking.objects.get()
    client, url = as_("reception"), reverse("schedule:move", kwargs={"key": booking.pk})
    form = client.get(url).content.decode()
    assert '<option value="1" selected>' in form

    # the schedule's own form, that is filled in by dragging, does not ask
    moved = client.post(url, typed(night, staff=night.two.pk, version=1))
    assert moved.status_code == 302
    booking.refresh_from_db()
    assert (booking.staff, booking.starts_at) == (night.two, half_past_one(night, 1))
    assert client.post(url, typed(night, version=2, which=0, key="l")).status_code == 302
    booking.refresh_from_db()
    assert booking.starts_at == half_past_one(night, 0)


def test_a_visit_that_is_moved_into_the_hour_is_asked_which(as_, night):
    actions.book(
        Slot(night.visit, night.one, night.site, half_past_one(night, 0) - timedelta(hours=1)),
        night.ada,
        by=BY,
    )
    booking = Booking.objects.get()
    client, url = as_("reception"), reverse("schedule:move", kwargs={"key": booking.pk})
    assert "Which of the two" not in client.get(url).content.decode()
    assert "Choose which of the two." in client.post(url, typed(night, version=1)).content.decode()
    assert client.post(url, typed(night, version=1, which=1)).status_code == 302
    booking.refresh_from_db()
    assert booking.starts_at == half_past_one(night, 1)


def test_a_file_says_which_of_two_by_the_offset(as_, cast, night):
    def brought(starts):
        line = f"{night.ada.number},Visit,{night.one.user.email},{night.site.name},{starts}"
        text = f"number,service,practitioner,site,starts\n{line}\n"
        given = SimpleUploadedFile("visits.csv", text.encode())
        url = reverse("schedule:bring")
        return as_("owner").post(url, {"file": given, "bring_in": "1"}).content.decode()

    local = f"{night.day.isoformat()}T01:30"
    page = brought(local)
    assert f"clocks show this time twice; write {local}-04:00 or {local}-05:00." in page
    assert "starts must be like" in brought(f"{local}+00:00")
    assert not Booking.objects.exists()
    brought(f"{local}-05:00")
    assert Booking.objects.get().starts_at == half_past_one(night, 1)


def test_new_rules_leave_a_block_at_the_second_of_two(night, monkeypatch):
    starts = half_past_one(night, 1)
    with monkeypatch.context() as before:
        use_old_rules(before)
        made = blocks.block(
            night.site,
            staff=night.one,
            room=None,
            starts=starts,
            ends=starts + timedelta(minutes=30),
            what_for="meeting",
            by=BY,
        )
    assert retz.carry_out(by=BY)[0].is_move is False
    made.refresh_from_db()
    assert made.starts_at == starts
