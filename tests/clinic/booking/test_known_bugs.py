"""What went wrong in other booking systems, each as one test of ours.

The names say what happened there: bookings doubled by two clicks, by holds that were not looked at,
by series and edits that skipped the check; times an hour off once clocks had changed.
"""

import itertools
import re
from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from furnishing import BY, at, furnished, opened, person, slot
from old_rules import next_change
from test_guard import at_once, overlaps

from clinic.booking import actions, terms, times
from clinic.booking.answers import Taken
from clinic.booking.models import Booking, BookingRules, Hours, Newcomer, Room
from clinic.booking.queries import free_times, giving
from clinic.booking.series import NotAll, book_series
from clinic.booking.waiting import wait
from clinic.outbox.models import Message
from clinic.practice.models import Credential, Site
from clinic.records.models import Visit

S = Booking.State
HOSTS = itertools.count(1)


def anybody():
    """Somebody at an address of their own, where limits are counted by itself."""
    return Client(REMOTE_ADDR=f"203.0.113.{next(HOSTS)}")


def query(clinic, staff=None, service=None):
    named = {"service": (service or clinic.visit).pk, "site": clinic.site.pk}
    return named | ({"with": staff.pk} if staff else {})


def pick(clinic, client, hour, minute=0, *, staff=None, of=None, service=None):
    """Choose a time on the public page."""
    start = times.seconds(at(clinic, hour, minute))
    who = (of or staff or clinic.one).pk
    chosen = query(clinic, staff, service) | {"starts": f"{start}:{who}"}
    return client.post(reverse("book:choose"), chosen)


def held_by(client):
    return client.session["held_place"]


def ask(client, name="Gil", email="gil@mail.test", **more):
    form = client.get(reverse("book:details")).content.decode()
    key = re.search(r'name="key" value="(\w+)"', form)[1]
    return client.post(
        reverse("book:details"), {"given_name": name, "email": email, "key": key} | more
    )


# --------------------------------------------------------------- doubled


def test_two_customers_who_click_at_once_do_not_both_get_the_place(real):
    """No. 1: two customers click at once."""
    given = at_once([lambda: pick(real, anybody(), 9, staff=real.one)] * 4)

    assert sorted(answer.status_code for answer in given) == [302, 409, 409, 409]
    assert overlaps() == 0


def test_any_practitioner_does_not_mean_the_same_one_twice(real):
    """No. 2: "any provider" picks the same one."""
    given = at_once([lambda: pick(real, anybody(), 9)] * 2)

    assert [answer.status_code for answer in given] == [302, 302]
    assert {row.staff for row in Booking.objects.all()} == {real.one, real.two}


def test_two_requests_for_one_place_cannot_both_be_confirmed_since_asking_occupies(clinic):
    """No. 3: two pending requests are both confirmed."""
    actions.ask(slot(clinic, 9), {"given_name": "Gil", "email": "g@mail.test"}, by=BY)

    with pytest.raises(Taken):
        actions.ask(slot(clinic, 9, 10), {"given_name": "Hal", "email": "h@mail.test"}, by=BY)


def test_a_series_is_checked_at_each_of_its_dates(clinic):
    """No. 4: a recurring series skips the check."""
    third = clinic.day + timedelta(weeks=2)
    actions.book(slot(clinic, 9, day=third), clinic.bo, by=BY)

    with pytest.raises(NotAll) as told:
        book_series(slot(clinic, 9), clinic.ada, 4, by=BY)
    assert [one.problem for one in told.value.dates] == ["", "", "That time is taken.", ""]
    assert Booking.objects.filter(patient=clinic.ada).count() == 0

    dates = book_series(slot(clinic, 9), clinic.ada, 4, by=BY, all_or_none=False)
    assert [one.booking is not None for one in dates] == [True, True, False, True]


def test_the_last_room_is_not_given_twice_to_two_practitioners(real):
    Room.objects.filter(pk=real.rooms[1].pk).update(is_active=False)

    given = at_once(
        [
            lambda: actions.book(slot(real, 9), real.ada, by=BY),
            lambda: actions.book(slot(real, 9, 10, staff=real.two), real.bo, by=BY),
        ]
    )

    assert sorted(isinstance(one, Taken) for one in given) == [False, True], given
    assert overlaps() == 0


def test_two_who_begin_one_visit_at_once_open_one_record(real):
    """No. 5: a race makes two sessions of one."""
    reply = actions.book(slot(real, 9), real.ada, by=BY)
    rows = [Booking.objects.get(pk=reply.booking) for _ in range(4)]

    given = at_once([lambda row=row: actions.begin(row, version=1, by=BY) for row in rows])

    begun = [one for one in given if isinstance(one, actions.Reply)]
    others = [one for one in given if not isinstance(one, actions.Reply)]
    assert len(begun) == 1, given
    assert all(isinstance(one, actions.ChangedMeanwhile) for one in others), given
    assert Visit.objects.count() == 1
    assert Booking.objects.get().visit == Visit.objects.get()


def test_a_place_that_somebody_holds_cannot_be_booked_by_another(clinic):
    """No. 6: a hold is ignored when booking."""
    holder = Client()
    assert pick(clinic, holder, 9, staff=clinic.one).status_code == 302

    with pytest.raises(Taken):
        actions.book(slot(clinic, 9), clinic.ada, by=BY)
    assert ask(holder).status_code == 302  # and who holds it can still have it
    assert Booking.objects.get(state=S.PENDING).starts_at == at(clinic, 9)


def test_a_hold_that_has_lapsed_is_free_again_for_everybody(clinic):
    actions.book(slot(clinic, 9), None, by=BY, state=S.HELD)
    Booking.objects.update(expires_at=datetime.now().astimezone() - timedelta(seconds=1))

    starts = [free.at for free in free_on_day(clinic)]
    assert at(clinic, 9) in starts
    actions.book(slot(clinic, 9), clinic.ada, by=BY)
    assert set(Booking.objects.values_list("state", flat=True)) == {S.LAPSED, S.BOOKED}


def free_on_day(clinic, day=None):
    day = day or clinic.day
    people = giving(clinic.visit, clinic.site, public_only=True)
    begins = at(clinic, 0, day=day)
    return free_times(clinic.visit, clinic.site, people, first=day, last=day, not_before=begins)


def test_a_button_pressed_twice_books_once_and_says_the_same(clinic):
    """No. 8: a duplicate on a double click or a second sending."""
    client = Client()
    pick(clinic, client, 9, staff=clinic.one)
    form = client.get(reverse("book:details")).content.decode()
    key = re.search(r'name="key" value="(\w+)"', form)[1]
    typed = {"given_name": "Gil", "email": "gil@mail.test", "key": key}
    held = held_by(client)

    first = client.post(reverse("book:details"), typed)
    session = client.session
    session["held_place"] = held  # as the page was when the button was pressed a second time
    session.save()
    Booking.objects.filter(pk=held).update(state=S.HELD)
    second = client.post(reverse("book:details"), typed)

    assert (first.status_code, first.url) == (second.status_code, second.url)
    assert Booking.objects.filter(state=S.PENDING).count() == 1
    assert Message.objects.filter(letter="visit_to_confirm").count() == 1


def test_nothing_says_booked_when_the_database_refused(clinic):
    reply = actions.ask(slot(clinic, 9), {"given_name": "Gil", "email": "g@mail.test"}, by=BY)
    booking = Booking.objects.get(pk=reply.booking)
    Newcomer.objects.create(
        patient=clinic.ada, folded="gil", email="g@mail.test", since=booking.made_at
    )
    actions.book(slot(clinic, 9, staff=clinic.two), clinic.ada, by=BY)
    link = reverse("visits:confirm", kwargs={"key": booking.pk})

    answer = opened(booking.pk).post(link)

    assert answer.status_code == 409
    assert "You have another visit at this time." in answer.content.decode()
    assert "is booked" not in answer.content.decode()
    assert Booking.objects.get(pk=booking.pk).state == S.PENDING


def test_nobody_is_with_two_practitioners_at_one_time(clinic):
    """No. 9: the same person with two practitioners at one time."""
    actions.book(slot(clinic, 9), clinic.ada, by=BY)

    with pytest.raises(Taken):
        actions.book(slot(clinic, 9, 20, staff=clinic.two), clinic.ada, by=BY)
    actions.book(slot(clinic, 9, 30, staff=clinic.two), clinic.ada, by=BY)  # one after the other


def test_one_newcomer_who_asks_twice_for_one_time_gets_it_once(clinic):
    who = {"given_name": "Gil", "family_name": "New", "email": "gil@mail.test"}
    first = actions.ask(slot(clinic, 9), dict(who), by=BY)
    second = actions.ask(slot(clinic, 9, staff=clinic.two), dict(who), by=BY)
    actions.confirm(Booking.objects.get(pk=first.booking), by=BY)

    with pytest.raises(Taken):
        actions.confirm(Booking.objects.get(pk=second.booking), by=BY)
    assert Newcomer.objects.count() == 1


def test_one_newcomer_who_confirms_two_places_at_once_gets_both_and_one_record(real):
    who = {"given_name": "Gil", "family_name": "New", "email": "gil@mail.test"}
    asked = [
        actions.ask(slot(real, hour, staff=staff), dict(who), by=BY)
        for hour, staff in ((9, real.one), (11, real.two), (13, real.one), (15, real.two))
    ]
    rows = [Booking.objects.get(pk=one.booking) for one in asked]

    given = at_once([lambda row=row: actions.confirm(row, by=BY) for row in rows])

    assert all(isinstance(one, actions.Reply) for one in given), given
    assert len({row.patient for row in Booking.objects.all()}) == 1
    assert Newcomer.objects.count() == 1


def test_two_tabs_do_not_get_past_the_most_that_one_person_may_have(real):
    """No. 11: two tabs pass the most that one may have."""
    BookingRules.objects.update(most_open=1)

    given = at_once(
        [
            lambda hour=hour, staff=staff: actions.book(
                slot(real, hour, staff=staff), real.ada, by=BY, manner=terms.OUTSIDE
            )
            for hour, staff in ((9, real.one), (11, real.two), (13, real.one))
        ]
    )

    assert sum(isinstance(one, actions.Reply) for one in given) == 1, given
    assert Booking.objects.count() == 1


def test_an_edit_by_staff_does_not_overlap_silently(as_, clinic, cast):
    """No. 12: an edit by staff overlaps silently."""
    actions.book(slot(clinic, 9), clinic.ada, by=BY)
    reply = actions.book(slot(clinic, 11), clinic.bo, by=BY)
    url = reverse("schedule:move", kwargs={"key": reply.booking})
    typed = {
        "service": clinic.visit.pk,
        "staff": clinic.one.pk,
        "day": clinic.day.isoformat(),
        "time": "09:10",
        "version": 1,
        "key": "k",
    }

    answer = as_("reception").post(url, typed)

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "That time was taken while you were choosing. Free next:" in page
    assert Booking.objects.get(pk=reply.booking).starts_at == at(clinic, 11)
    again = re.search(r'name="key" value="(\w+)"', page)[1]
    as_("reception").post(url, typed | {"time": "15:00", "key": again})
    assert Booking.objects.get(pk=reply.booking).starts_at == at(clinic, 15)


def test_a_cancelled_visit_stands_in_nobodys_way(clinic):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    actions.cancel(Booking.objects.get(pk=reply.booking), version=1, by=BY)

    assert at(clinic, 9) in [free.at for free in free_on_day(clinic)]
    actions.book(slot(clinic, 9), clinic.bo, by=BY)


def test_an_offer_from_the_wait_list_holds_the_place_it_offers(clinic):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    wait(
        clinic.bo,
        service=clinic.visit,
        site=clinic.site,
        staff=None,
        first_day=clinic.day,
        last_day=clinic.day,
        by=BY,
    )
    actions.cancel(Booking.objects.get(pk=reply.booking), version=1, by=BY)

    assert Booking.objects.get(state=S.OFFERED).patient == clinic.bo
    with pytest.raises(Taken):
        actions.book(slot(clinic, 9), person("Cy", clinic.site), by=BY)


# ----------------------------------------------------------- an hour off

SWITCHES = {  # where, and whether clocks go forward
    "spring in Toronto": ("America/Toronto", True),
    "autumn in Toronto": ("America/Toronto", False),
    "spring in London": ("Europe/London", True),
    "autumn in London": ("Europe/London", False),
    "autumn in Sydney": ("Australia/Sydney", False),
    "spring in Lord Howe": ("Australia/Lord_Howe", True),
    "no change in Vancouver": ("America/Vancouver", None),
    "no change in Kolkata": ("Asia/Kolkata", None),
}


@pytest.fixture(params=list(SWITCHES), ids=str)
def switch(request, founded):
    """A clinic where clocks change in the night before its day, open all night."""
    zone, forward = SWITCHES[request.param]
    where = zone if forward is not None else "America/Toronto"
    sunday = next_change(where, forward=bool(forward))
    Site.objects.filter(pk=founded.main.pk).update(time_zone=zone)
    made = furnished(Site.objects.get(pk=founded.main.pk))
    Credential.objects.update(expires_on=None)
    made.day = sunday
    Hours.objects.update(starts=time(0), ends=time(23, 59))
    return made


def test_a_visit_after_clocks_change_is_at_the_wall_time_that_was_chosen(switch):
    """No. 13: a booking after the switch lands an hour off."""
    for days in (-1, 0, 1):
        day = switch.day + timedelta(days=days)
        reply = actions.book(slot(switch, 14, 20, day=day), switch.ada, by=BY)
        booking = Booking.objects.get(pk=reply.booking)
        assert booking.starts_local == f"{day.isoformat()}T14:20"
        assert (booking.local.hour, booking.local.minute) == (14, 20)
        there = booking.starts_at.astimezone(times.zone_of(booking.zone))
        assert (there.hour, there.minute) == (14, 20)


def test_every_time_that_is_shown_around_a_change_of_clocks_can_be_booked(switch):
    """No. 14: a visible time cannot be booked after the switch."""
    BookingRules.objects.update(step_minutes=60)
    shown = 0
    for days in (-1, 0, 1):
        for free in free_on_day(switch, switch.day + timedelta(days=days)):
            asked = terms.Slot(switch.visit, free.staff, switch.site, free.at)
            reply = actions.book(asked, None, by=BY, state=S.HELD)
            booking = Booking.objects.get(pk=reply.booking)
            assert times.instant_of(booking.local, times.zone_of(booking.zone), booking.fold) == (
                booking.starts_at
            )
            shown += 1
    first, last = switch.day - timedelta(days=1), switch.day + timedelta(days=1)
    zone = times.zone_of(switch.site.time_zone)
    hours = (times.span_of_day(last, zone)[1] - times.span_of_day(first, zone)[0]) / 3600
    assert abs(shown - hours) < 1  # one of the days may lack an hour or have one more


def test_the_offset_is_that_of_the_day_booked_and_not_of_today(switch):
    """No. 15: the offset of now is used for a future date."""
    for months in range(4):
        day = switch.day + timedelta(days=91 * months)
        reply = actions.book(slot(switch, 10, day=day), switch.ada, by=BY)
        booking = Booking.objects.get(pk=reply.booking)
        zone = times.zone_of(booking.zone)
        assert booking.starts_at.astimezone(zone).replace(tzinfo=None) == (
            datetime.combine(day, time(10))
        )


def test_a_weekly_series_keeps_its_wall_time_over_a_change_of_clocks(switch):
    """No. 17: a recurring series drifts after the switch."""
    first = switch.day - timedelta(days=9)

    dates = book_series(slot(switch, 16, day=first), switch.ada, 4, by=BY)

    locals_ = [Booking.objects.get(pk=one.booking).local for one in dates]
    assert {local.time() for local in locals_} == {time(16)}
    assert [local.date() for local in locals_] == [
        first + timedelta(weeks=week) for week in range(4)
    ]


def test_a_zone_that_is_changed_and_changed_back_shifts_nothing(as_, clinic, cast):
    """No. 18: changing the displayed zone and back shifts the times."""
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    was = Booking.objects.values().get(pk=reply.booking)
    shown = []
    for zone in ("America/Vancouver", "Asia/Kolkata", "America/Vancouver"):
        Site.objects.filter(pk=clinic.site.pk).update(time_zone=zone)
        url = reverse("schedule:day", kwargs={"site": clinic.site.pk, "day": clinic.day})
        page = as_("reception").get(url)
        shown.append([(row.clock, row.starts_at) for row in page.context["bookings"]])
    assert Booking.objects.values().get(pk=reply.booking) == was
    assert shown[0] == shown[2] == [("09:00", at(clinic, 9))]
    assert shown[1] == shown[0]  # the visit keeps its own hour, and its day holds both there


def test_no_statement_of_ours_reckons_with_zones(clinic):
    """Wall times come out of the pinned rules alone: neither engine is ever asked to convert."""
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        actions.book(slot(clinic, 9), clinic.ada, by=BY)
        free_on_day(clinic)
    assert not [
        one["sql"]
        for one in queries.captured_queries
        if re.search(r"AT TIME ZONE|django_datetime|strftime|date_trunc", one["sql"])
    ]
