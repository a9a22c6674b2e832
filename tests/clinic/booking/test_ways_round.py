"""Ways round the rules of booking that were once open: each stays shut."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from furnishing import BY, at, opened, person, practitioner, slot
from test_known_bugs import free_on_day, pick, query

from clinic.accounts.models import User
from clinic.booking import actions, newcomers, retz, terms, times
from clinic.booking.answers import Taken
from clinic.booking.forms import RulesForm
from clinic.booking.importing import read_visits
from clinic.booking.models import Booking, BookingRules
from clinic.booking.queries import newcomers_at
from clinic.booking.upkeep import keep_up
from clinic.booking.waiting import wait
from clinic.outbox.actions import send_due
from clinic.outbox.models import Message
from clinic.patients.actions import merge

pytestmark = pytest.mark.django_db
S = Booking.State
TWICE = terms.Manner(lane=1, reason="both at once")


@pytest.fixture(autouse=True)
def _fresh_limits(founded):
    cache.clear()


def booked(clinic, hour, who, **more):
    reply = actions.book(slot(clinic, hour), who, by=BY, **more)
    return Booking.objects.get(pk=reply.booking)


def link(booking, name="visit"):
    return reverse(f"visits:{name}", kwargs={"key": booking.pk})


def waits(clinic, who):
    return wait(
        who,
        service=clinic.visit,
        site=clinic.site,
        staff=None,
        first_day=clinic.day,
        last_day=clinic.day,
        by=BY,
    )


# ------------------------------------------------------------ the second lane


def test_who_was_booked_second_keeps_the_time_when_the_first_is_cancelled(clinic):
    first = booked(clinic, 9, clinic.ada)
    booked(clinic, 9, clinic.bo, manner=TWICE)
    actions.cancel(first, version=1, by=BY)

    shown = [free.at for free in free_on_day(clinic) if free.staff == clinic.one]
    assert at(clinic, 9) not in shown
    assert pick(clinic, Client(), 9, staff=clinic.one).status_code == 409


def test_a_second_booking_of_a_practitioner_puts_no_patient_in_two_places(clinic):
    booked(clinic, 9, clinic.ada)
    with pytest.raises(Taken):
        actions.book(slot(clinic, 9, staff=clinic.two), clinic.ada, by=BY, manner=TWICE)


def test_a_second_booking_of_a_practitioner_takes_no_other_practitioners_room(clinic):
    others = [
        practitioner(name, clinic.site, clinic.services, clinic.checker) for name in ("x", "y")
    ]
    same_choice = next(one for one in others if (one.pk - clinic.one.pk) % 2 == 0)
    actions.book(slot(clinic, 9, service=clinic.talk), clinic.ada, by=BY)
    reply = actions.book(slot(clinic, 9, staff=same_choice), clinic.bo, by=BY)
    second = booked(clinic, 9, person("Cy", clinic.site), manner=TWICE)

    assert second.room != Booking.objects.get(pk=reply.booking).room


def test_a_second_booking_of_a_practitioner_shares_their_own_room_if_no_other_is_free(clinic):
    first = booked(clinic, 9, clinic.ada)
    actions.book(slot(clinic, 9, staff=clinic.two), clinic.bo, by=BY)
    second = booked(clinic, 9, person("Cy", clinic.site), manner=TWICE)

    assert second.room == first.room


def test_what_was_booked_twice_knowingly_can_still_be_confirmed_and_taken_back(clinic):
    asked = actions.ask(slot(clinic, 9), {"given_name": "G", "email": "g@mail.test"}, by=BY)
    booked(clinic, 9, clinic.bo, manner=TWICE)
    booking = Booking.objects.get(pk=asked.booking)
    actions.confirm(booking, by=BY)
    booking.refresh_from_db()
    actions.cancel(booking, version=booking.version, by=BY)
    booking.refresh_from_db()
    actions.undo(booking, version=booking.version, by=BY)

    assert Booking.objects.filter(state=S.BOOKED).count() == 2


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


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_change_can_be_taken_back_though_somebody_waits(clinic, is_moved):
    booking, row = booked(clinic, 9, clinic.ada), waits(clinic, clinic.bo)
    if is_moved:
        actions.move(booking, slot(clinic, 15), version=1, by=BY)
    else:
        actions.cancel(booking, version=1, by=BY)
    letter = Message.objects.get(letter="place_offered")
    assert letter.not_before > datetime.now(UTC) + timedelta(minutes=2)
    booking.refresh_from_db()
    actions.undo(booking, version=booking.version, by=BY)

    booking.refresh_from_db()
    assert (booking.state, booking.starts_at) == (S.BOOKED, at(clinic, 9))
    letter.refresh_from_db()
    row.refresh_from_db()
    assert (letter.state, row.state, row.offer) == ("cancelled", "waiting", None)


def test_once_its_offer_has_left_a_place_is_not_taken_back(clinic):
    booking = booked(clinic, 9, clinic.ada)
    waits(clinic, clinic.bo)
    actions.cancel(booking, version=1, by=BY)
    Message.objects.filter(letter="place_offered").update(state="sent")
    booking.refresh_from_db()
    with pytest.raises(Taken):
        actions.undo(booking, version=booking.version, by=BY)
    assert Booking.objects.get(state=S.OFFERED).patient == clinic.bo


def test_who_had_arrived_is_booked_again_after_a_cancelling_by_mistake(clinic):
    booking = booked(clinic, 9, clinic.ada)
    actions.arrive(booking, version=1, by=BY)
    actions.cancel(booking, version=2, by=BY)
    booking.refresh_from_db()
    actions.undo(booking, version=3, by=BY)
    assert Booking.objects.get().state == S.BOOKED


def test_a_place_left_by_a_move_is_offered(clinic):
    booking = booked(clinic, 9, clinic.ada)
    waits(clinic, clinic.bo)
    actions.move(booking, slot(clinic, 15), version=1, by=BY, manner=terms.OUTSIDE)
    offer = Booking.objects.get(patient=clinic.bo, state=S.OFFERED)
    assert offer.starts_at == at(clinic, 9)


def test_whose_account_is_switched_off_is_not_booked(clinic):
    User.objects.filter(pk=clinic.one.user_id).update(is_active=False)
    with pytest.raises(terms.NotAuthorised):
        actions.book(slot(clinic, 9), clinic.ada, by=BY)


@pytest.mark.parametrize(
    ("starts", "is_read"), [("2027-03-09T14:10", True), ("2027-03-09T14:10:30", False)]
)
def test_a_file_brings_in_whole_minutes_only(clinic, starts, is_read):
    line = f"{clinic.ada.number},Visit,{clinic.one.user.email},{clinic.site.name},{starts}"
    text = f"number,service,practitioner,site,starts\n{line}\n"
    visits, _ = read_visits(text, [clinic.site.pk])
    assert bool(visits) is is_read


# ------------------------------------------------------------- from outside


def test_a_start_between_those_offered_cannot_be_chosen(clinic):
    start = times.seconds(at(clinic, 9)) + 187
    chosen = query(clinic, clinic.one) | {"starts": f"{start}:{clinic.one.pk}"}
    assert Client().post(reverse("book:choose"), chosen).status_code == 422
    assert not Booking.objects.exists()


def test_an_offer_is_not_taken_once_its_time_has_begun(clinic, monkeypatch):
    booking = booked(clinic, 9, clinic.ada)
    waits(clinic, clinic.bo)
    begins = at(clinic, 9)
    now = begins - timedelta(minutes=30)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    actions.cancel(booking, version=1, by=BY)
    offered = Booking.objects.get(state=S.OFFERED)
    assert offered.expires_at <= begins


def test_details_sent_twice_are_not_told_that_the_time_was_lost(clinic):
    client = Client()
    pick(clinic, client, 9, staff=clinic.one)
    form = client.get(reverse("book:details")).content.decode()
    key = re.search(r'name="key" value="(\w+)"', form)[1]
    typed = {"given_name": "Gil", "email": "gil@mail.test", "key": key}
    held = client.session["held_place"]
    first = client.post(reverse("book:details"), typed)
    session = client.session
    session["held_place"] = held
    session.save()
    second = client.post(reverse("book:details"), typed)
    assert (first.status_code, first.url) == (second.status_code, second.url)


@pytest.mark.parametrize("path", ["/visit/" + "0" * 32 + "é/", "/feeds/²-x.ics"])
def test_an_address_of_odd_letters_is_absent(clinic, path):
    assert Client(raise_request_exception=False).get(path).status_code == 404


def test_a_start_of_odd_digits_is_no_choice(clinic):
    chosen = query(clinic, clinic.one) | {"starts": f"²:{clinic.one.pk}"}
    client = Client(raise_request_exception=False)
    assert client.post(reverse("book:choose"), chosen).status_code == 422


def test_while_the_audit_does_not_hold_nobody_books_from_outside(clinic, monkeypatch):
    booking = booked(clinic, 9, clinic.ada)
    monkeypatch.setattr(settings, "IS_READ_ONLY", True)
    assert pick(clinic, Client(), 11, staff=clinic.one).status_code == 503
    assert opened(booking.pk).post(link(booking, "cancel")).status_code == 503
    assert Booking.objects.get().state == S.BOOKED


def test_whoever_is_not_authorised_is_not_shown_up_before_strangers(clinic):
    clinic.one.credentials.update(expires_on=clinic.day - timedelta(days=1))
    page = pick(clinic, Client(), 9, staff=clinic.one)
    assert page.status_code == 422
    assert "Missing, expired" not in page.content.decode()


def test_a_visit_is_begun_once_and_cancelled_once(clinic):
    begun, cancelled = booked(clinic, 9, clinic.ada), booked(clinic, 11, clinic.bo)
    actions.begin(begun, version=1, by=BY)
    actions.cancel(cancelled, version=1, by=BY)
    for booking, act in ((begun, actions.begin), (cancelled, actions.cancel)):
        booking.refresh_from_db()
        with pytest.raises(actions.ChangedMeanwhile):
            act(booking, version=booking.version, by=BY)


def test_offered_times_lie_some_minutes_apart(clinic):
    rules = BookingRules.objects.get(site=clinic.site)
    values = {name: getattr(rules, name) for name in RulesForm.Meta.fields} | {
        "site": rules.site_id
    }
    assert RulesForm(values, instance=rules).is_valid()
    assert "step_minutes" in RulesForm(values | {"step_minutes": 0}, instance=rules).errors


def came_by_form(clinic, hour):
    gil = {"given_name": "Gil", "family_name": "New", "email": "gil@mail.test"}
    booking = Booking.objects.get(pk=actions.ask(slot(clinic, hour), gil, by=BY).booking)
    actions.confirm(booking, by=BY)
    return booking.patient


def test_who_comes_by_the_form_again_is_matched_with_their_first_record(clinic):
    first = came_by_form(clinic, 9)
    newcomers.settle(first.newcomer, None, by=BY)
    again = came_by_form(clinic, 11)
    assert again != first
    kept = newcomers.settle(again.newcomer, first, by=BY)

    assert kept.bookings.count() == 2
    assert not newcomers_at([clinic.site.pk]).exists()


def test_who_was_merged_elsewhere_can_come_by_the_form_again(clinic):
    first = came_by_form(clinic, 9)
    merge(clinic.ada, first, "the same person", by=BY)
    again = came_by_form(clinic, 11)

    assert again not in {first, clinic.ada}
    assert [row.patient for row in newcomers_at([clinic.site.pk])] == [again]


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
