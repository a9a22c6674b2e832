"""Who may be booked for what, when: authority on the day, hours, leave, rooms, rules of a site."""

from datetime import UTC, datetime, time, timedelta

import pytest
from furnishing import BY, at, slot

from clinic.booking import actions, blocks, terms
from clinic.booking.answers import Taken
from clinic.booking.models import Away, Booking, BookingRules, Hours, Room, Service, Waiting
from clinic.booking.queries import free_times, giving, unauthorised
from clinic.booking.terms import CannotBook, NotAuthorised, OutsideHours
from clinic.booking.waiting import wait
from clinic.patients.actions import merge
from clinic.practice.actions import add_credential, check_credential, end_role
from clinic.practice.models import Credential, Posting

pytestmark = pytest.mark.django_db
NEEDLING = Credential.Kind.NEEDLING


def needling(clinic):
    return Credential.objects.filter(staff=clinic.one, kind=NEEDLING)


def free(clinic, day=None, service=None, staff=None):
    day = day or clinic.day
    service = service or clinic.visit
    people = [staff] if staff else giving(service, clinic.site, public_only=True)
    return free_times(
        service, clinic.site, people, first=day, last=day, not_before=at(clinic, 0, day=day)
    )


def starts(rows):
    return [row.at for row in rows]


# ------------------------------------------------------------------ authority


@pytest.mark.parametrize(
    "change",
    [
        {"expires_on": "the day before"},
        {"valid_from": "the day after"},
        {"checked_on": None, "checked_by": None},
    ],
    ids=str,
)
def test_needling_is_never_booked_with_somebody_not_authorised_on_that_day(clinic, change):
    days = {"the day before": clinic.day - timedelta(days=1)}
    days["the day after"] = clinic.day + timedelta(days=1)
    needling(clinic).update(**{name: days.get(value) for name, value in change.items()})

    with pytest.raises(NotAuthorised, match="Needling authorisation"):
        actions.book(slot(clinic, 9), clinic.ada, by=BY)
    assert free(clinic, staff=clinic.one) == []


@pytest.mark.parametrize("kind", list(Credential.Kind))
def test_any_credential_that_the_place_asks_for_counts(clinic, kind):
    Credential.objects.filter(staff=clinic.one, kind=kind).delete()

    with pytest.raises(NotAuthorised):
        actions.book(slot(clinic, 9), clinic.ada, by=BY)


def test_the_last_valid_day_counts_and_the_next_does_not(clinic):
    needling(clinic).update(expires_on=clinic.day)

    actions.book(slot(clinic, 9), clinic.ada, by=BY)
    with pytest.raises(NotAuthorised):
        actions.book(slot(clinic, 9, day=clinic.day + timedelta(days=1)), clinic.bo, by=BY)
    assert free(clinic, staff=clinic.one) != []
    assert free(clinic, clinic.day + timedelta(days=1), staff=clinic.one) == []


def test_a_renewal_is_booked_on_the_days_of_both_rows_and_not_in_a_gap(clinic):
    """Needling holds to the last day of the old row and from the first of the new one."""
    old = needling(clinic).get()
    days = [clinic.day + timedelta(days=more) for more in range(5)]
    needling(clinic).update(expires_on=days[1])
    values = {name: getattr(old, name) for name in ("kind", "issuer", "number")}
    renewed = add_credential(clinic.one, values | {"valid_from": days[3]}, by=BY)
    check_credential(renewed, clinic.checker, by=BY)

    offered = [bool(free(clinic, day, staff=clinic.one)) for day in days]
    booked = []
    for day in days:
        try:
            actions.book(slot(clinic, 9, day=day), clinic.ada, by=BY)
        except NotAuthorised:
            booked.append(False)
        else:
            booked.append(True)

    assert offered == booked == [True, True, False, True, True]


def test_a_talk_needs_the_licence_and_no_authority_to_needle(clinic):
    needling(clinic).delete()

    actions.book(slot(clinic, 9, service=clinic.talk), clinic.ada, by=BY)


def test_a_move_weighs_the_authority_of_the_new_day(clinic):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    needling(clinic).update(expires_on=clinic.day)

    with pytest.raises(NotAuthorised):
        actions.move(
            Booking.objects.get(pk=reply.booking),
            slot(clinic, 9, day=clinic.day + timedelta(days=2)),
            version=1,
            by=BY,
        )


def test_no_manner_gets_past_the_authority(clinic):
    needling(clinic).delete()
    for manner in (
        terms.Manner(outside_hours=True),
        terms.Manner(lane=1, reason="urgent", outside_hours=True),
        terms.OUTSIDE,
    ):
        with pytest.raises(NotAuthorised):
            actions.book(slot(clinic, 9), clinic.ada, by=BY, manner=manner)
    with pytest.raises(NotAuthorised):
        actions.ask(slot(clinic, 9), {"given_name": "Gil", "email": "g@mail.test"}, by=BY)


def test_what_was_booked_before_an_authority_was_lost_is_shown_and_not_begun(clinic):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    needling(clinic).update(checked_on=None, checked_by=None)
    booking = Booking.objects.get(pk=reply.booking)

    assert [(row.pk, words) for row, words in unauthorised()] == [
        (booking.pk, ["Needling authorisation"])
    ]
    with pytest.raises(NotAuthorised):
        actions.begin(booking, version=1, by=BY)


def test_an_undo_does_not_bring_back_what_is_no_longer_allowed(clinic):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    booking = Booking.objects.get(pk=reply.booking)
    actions.cancel(booking, version=1, by=BY)
    needling(clinic).delete()

    with pytest.raises(NotAuthorised):
        actions.undo(booking, version=2, by=BY)


def test_who_is_no_longer_a_practitioner_of_the_site_cannot_be_booked(clinic):
    end_role(Posting.objects.get(staff=clinic.one), by=BY)

    with pytest.raises(NotAuthorised):
        actions.book(slot(clinic, 9), clinic.ada, by=BY)
    assert clinic.one not in giving(clinic.visit, clinic.site, public_only=False)


# ------------------------------------------------------------ hours and leave


def test_a_visit_lies_within_hours_unless_staff_say_otherwise(clinic):
    for hour, minute in ((7, 50), (17, 40)):
        with pytest.raises(OutsideHours):
            actions.book(slot(clinic, hour, minute), clinic.ada, by=BY)
    actions.book(slot(clinic, 17, 30), clinic.ada, by=BY)
    actions.book(slot(clinic, 19), clinic.bo, by=BY, manner=terms.Manner(outside_hours=True))


@pytest.mark.parametrize("who", ["leave", "leave everywhere", "holiday of the site"])
def test_on_leave_and_holidays_nothing_is_free(clinic, who):
    Away.objects.create(
        staff=None if who == "holiday of the site" else clinic.one,
        site=None if who == "leave everywhere" else clinic.site,
        first_day=clinic.day,
        last_day=clinic.day,
    )

    with pytest.raises(OutsideHours):
        actions.book(slot(clinic, 9), clinic.ada, by=BY)
    assert free(clinic, staff=clinic.one) == []
    assert bool(free(clinic, staff=clinic.two)) is (who != "holiday of the site")


def test_an_exception_of_some_hours_leaves_the_others(clinic):
    Away.objects.create(
        staff=clinic.one,
        first_day=clinic.day,
        last_day=clinic.day,
        starts=time(10),
        ends=time(12),
    )

    shown = starts(free(clinic, staff=clinic.one))
    assert at(clinic, 9, 30) in shown
    assert at(clinic, 9, 40) not in shown  # would reach into the exception
    assert at(clinic, 11, 50) not in shown
    assert at(clinic, 12) in shown


def test_hours_of_one_day_only_open_that_day(clinic):
    Hours.objects.filter(staff=clinic.one).delete()
    Hours.objects.create(
        staff=clinic.one,
        site=clinic.site,
        weekday=clinic.day.weekday(),
        starts=time(13),
        ends=time(15),
        first_day=clinic.day,
        last_day=clinic.day,
    )

    assert starts(free(clinic, staff=clinic.one))[0] == at(clinic, 13)
    assert free(clinic, clinic.day + timedelta(weeks=1), staff=clinic.one) == []


def test_buffers_keep_practitioner_and_room_free_and_not_the_patient(clinic):
    actions.book(slot(clinic, 9, service=clinic.first), clinic.ada, by=BY)  # 8:55 to 10:10

    shown = starts(free(clinic, staff=clinic.one))
    assert at(clinic, 10) not in shown
    assert at(clinic, 10, 10) in shown
    assert at(clinic, 8, 30) not in shown
    assert at(clinic, 8, 20) in shown
    actions.book(slot(clinic, 10, staff=clinic.two), clinic.ada, by=BY)  # at once elsewhere


def test_with_all_rooms_taken_nobody_is_free_but_for_a_talk(clinic):
    Room.objects.filter(pk=clinic.rooms[1].pk).update(is_active=False)
    actions.book(slot(clinic, 9), clinic.ada, by=BY)

    assert at(clinic, 9) not in starts(free(clinic, staff=clinic.two))
    with pytest.raises(Taken):
        actions.book(slot(clinic, 9, staff=clinic.two), clinic.bo, by=BY)
    actions.book(slot(clinic, 9, staff=clinic.two, service=clinic.talk), clinic.bo, by=BY)


def test_equipment_is_booked_with_the_visit(clinic):
    device = Room.objects.create(site=clinic.site, name="Stimulator", kind="stimulator")
    Service.objects.filter(pk=clinic.visit.pk).update(equipment_kind="stimulator")
    clinic.visit.refresh_from_db()

    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    assert Booking.objects.get(pk=reply.booking).equipment == device
    with pytest.raises(Taken):
        actions.book(slot(clinic, 9, 20, staff=clinic.two), clinic.bo, by=BY)


def test_every_time_that_is_shown_can_be_booked_and_no_other(clinic):
    """Against trying each time of the day, on a day with visits, a block and an exception."""
    actions.book(slot(clinic, 9, service=clinic.first), clinic.ada, by=BY)
    actions.book(slot(clinic, 13, 10), clinic.bo, by=BY)
    blocks.block(
        clinic.site,
        staff=clinic.one,
        room=None,
        starts=at(clinic, 15),
        ends=at(clinic, 16),
        what_for="meeting",
        by=BY,
    )
    shown = set(starts(free(clinic, staff=clinic.one)))

    for minutes in range(7 * 60, 19 * 60, 10):
        start = at(clinic, minutes // 60, minutes % 60)
        asked = slot(clinic, minutes // 60, minutes % 60)
        try:
            reply = actions.book(asked, None, by=BY, state=Booking.State.HELD)
        except (Taken, CannotBook):
            assert start not in shown
        else:
            assert start in shown
            actions.give_up(Booking.objects.get(pk=reply.booking), by=BY)


# ------------------------------------------------------------- rules of a site


def test_from_outside_notice_window_and_openness_hold(clinic):
    rules = BookingRules.objects.filter(site=clinic.site)
    for values, words in (
        ({"notice_hours": 24 * 30}, "too near"),
        ({"notice_hours": 2, "window_days": 3}, "up to 3 days ahead"),
        ({"window_days": 60, "is_open": False}, "cannot be booked here"),
    ):
        rules.update(**values)
        with pytest.raises(CannotBook, match=words):
            actions.book(slot(clinic, 9), clinic.ada, by=BY, manner=terms.OUTSIDE)
    actions.book(slot(clinic, 9), clinic.ada, by=BY)  # by staff


def test_a_cancelling_within_the_notice_is_late_and_one_before_is_not(clinic):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    other = actions.book(slot(clinic, 11), clinic.bo, by=BY)
    BookingRules.objects.update(cancel_notice_hours=1)
    actions.cancel(Booking.objects.get(pk=reply.booking), version=1, by=BY)
    BookingRules.objects.update(cancel_notice_hours=24 * 30)
    actions.cancel(Booking.objects.get(pk=other.booking), version=1, by=BY)

    assert Booking.objects.get(pk=reply.booking).was_late is False
    assert Booking.objects.get(pk=other.booking).was_late is True


def test_from_outside_a_visit_is_not_moved_within_the_notice(clinic):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    BookingRules.objects.update(cancel_notice_hours=24 * 30)

    with pytest.raises(CannotBook, match="Call the clinic"):
        actions.move(
            Booking.objects.get(pk=reply.booking),
            slot(clinic, 11),
            version=1,
            by=BY,
            manner=terms.OUTSIDE,
        )


# ---------------------------------------------------------------- wait list


def waits(clinic, who, **more):
    return wait(
        who,
        service=clinic.visit,
        site=clinic.site,
        staff=more.get("staff"),
        first_day=more.get("first", clinic.day),
        last_day=more.get("last", clinic.day),
        by=BY,
    )


def cancelled(clinic):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    actions.cancel(Booking.objects.get(pk=reply.booking), version=1, by=BY)


def test_a_freed_place_is_offered_to_who_waits_longest_and_fits(clinic):
    waits(clinic, clinic.bo, staff=clinic.two)  # with another
    row = waits(clinic, clinic.bo, staff=clinic.one)
    cancelled(clinic)

    offer = Booking.objects.get(state="offered")
    row.refresh_from_db()
    assert (offer.patient, row.offer, row.state) == (clinic.bo, offer, "offered")
    actions.confirm(offer, by=BY)
    row.refresh_from_db()
    assert (offer.state, row.state) == ("booked", "served")


def test_an_offer_that_lapses_goes_to_the_next_and_is_not_made_again(clinic):
    from clinic.booking.upkeep import keep_up

    first = waits(clinic, clinic.bo)
    second = waits(clinic, furnish_person(clinic))
    cancelled(clinic)
    Booking.objects.filter(state="offered").update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))

    assert keep_up() == 1

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("waiting", "offered")
    Booking.objects.filter(state="offered").update(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    keep_up()
    assert not Booking.objects.filter(state="offered").exists()  # both have had it


def furnish_person(clinic):
    from furnishing import person

    return person("Cy", clinic.site, email="cy@mail.test")


def test_who_waits_twice_for_one_service_waits_once_and_keeps_their_turn(clinic):
    """Also with an offer open: once that is let go they would else wait twice."""
    row = waits(clinic, clinic.bo)
    waits(clinic, furnish_person(clinic))
    waits(clinic, clinic.bo, last=clinic.day + timedelta(days=3))
    cancelled(clinic)
    offer = Booking.objects.get(state="offered")
    assert offer.patient == clinic.bo
    assert waits(clinic, clinic.bo) == row
    row.refresh_from_db()
    assert (row.state, row.offer, row.last_day) == ("offered", offer, clinic.day)
    actions.cancel(offer, version=offer.version, by=BY)
    assert waits(clinic, clinic.bo) == row

    row.refresh_from_db()
    assert row.state == "waiting"
    assert Waiting.objects.filter(patient=clinic.bo).count() == 1


def test_of_one_person_who_was_two_records_one_row_waits_on(clinic):
    again = furnish_person(clinic)
    first, second = waits(clinic, clinic.bo), waits(clinic, again)
    merge(clinic.bo, again, "the same", by=BY)
    assert waits(clinic, clinic.bo) == first

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("waiting", "ended")


def test_an_offer_let_go_goes_to_the_next_at_once(clinic):
    waits(clinic, clinic.bo)
    waits(clinic, furnish_person(clinic))
    cancelled(clinic)
    offer = Booking.objects.get(state="offered")

    actions.cancel(offer, version=offer.version, by=BY)

    assert Booking.objects.get(state="offered").patient.given_name == "Cy"


def test_nobody_is_offered_a_time_at_which_they_have_a_visit(clinic):
    waits(clinic, clinic.bo)
    actions.book(slot(clinic, 9, staff=clinic.two), clinic.bo, by=BY)
    cancelled(clinic)

    assert not Booking.objects.filter(state="offered").exists()
