"""Two pages open on one visit: what the older one sends is refused, what is sent twice is not."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse
from furnishing import BY, at, change_of, opened, slot

from clinic.audit.models import Entry
from clinic.booking import actions
from clinic.booking.models import Booking, Hours

pytestmark = pytest.mark.django_db
S = Booking.State
TOLD = "This visit was changed after you opened that page"


@pytest.fixture(autouse=True)
def _fresh_limits(founded):
    cache.clear()


@pytest.fixture
def booking(clinic):
    return Booking.objects.get(pk=actions.book(slot(clinic, 9), clinic.ada, by=BY).booking)


def page(booking, name):
    return reverse(f"visits:{name}", kwargs={"key": booking.pk})


def to(clinic, hour, change):
    """A move to an hour, made from a page that was opened before."""
    start = int(at(clinic, hour).timestamp())
    named = {"service": clinic.visit.pk, "site": clinic.site.pk, "with": clinic.one.pk}
    return named | change | {"starts": f"{start}:{clinic.one.pk}"}


def is_told(answer):
    text = answer.content.decode()
    return answer.status_code == 409 and TOLD in text and 'role="alert"' in text


def test_of_two_open_move_pages_the_stale_one_overwrites_nothing(clinic, booking):
    one, other = opened(booking.pk), opened(booking.pk)
    changes = [change_of(client, page(booking, "move")) for client in (one, other)]
    assert one.post(page(booking, "move"), to(clinic, 11, changes[0])).status_code == 302
    answer = other.post(page(booking, "move"), to(clinic, 14, changes[1]))

    assert is_told(answer)
    assert "11:00 am" in answer.content.decode()  # as it is now
    booking.refresh_from_db()
    assert (booking.starts_at, booking.version) == (at(clinic, 11), 2)
    fresh = to(clinic, 14, change_of(other, page(booking, "move")))
    assert other.post(page(booking, "move"), fresh).status_code == 302
    booking.refresh_from_db()
    assert booking.starts_at == at(clinic, 14)


def test_a_move_that_is_sent_twice_is_answered_as_before_and_done_once(clinic, booking):
    client = opened(booking.pk)
    sent = to(clinic, 11, change_of(client, page(booking, "move")))
    answers = [client.post(page(booking, "move"), sent) for _ in range(3)]

    assert {(one.status_code, one.url) for one in answers} == {(302, page(booking, "visit"))}
    booking.refresh_from_db()
    assert (booking.starts_at, booking.sequence) == (at(clinic, 11), 1)
    assert Entry.objects.filter(act="visit moved").count() == 1


def test_a_move_sent_again_after_the_clinic_cancelled_is_not_done_again(clinic, booking):
    client = opened(booking.pk)
    sent = to(clinic, 11, change_of(client, page(booking, "move")))
    client.post(page(booking, "move"), sent)
    booking.refresh_from_db()
    actions.cancel(booking, version=booking.version, by=BY)
    answer = client.post(page(booking, "move"), sent, follow=True)

    assert "This visit is cancelled" in answer.content.decode()
    assert Booking.objects.get().state == S.CANCELLED


def test_a_time_lost_is_asked_for_anew_and_a_page_without_a_time_stays_as_old_as_it_was(
    clinic, booking
):
    client = opened(booking.pk)
    first = change_of(client, page(booking, "move"))
    actions.book(slot(clinic, 11), clinic.bo, by=BY)
    lost = client.post(page(booking, "move"), to(clinic, 11, first))
    assert lost.status_code == 409
    assert "taken while you were choosing" in lost.content.decode()
    again = {
        name: re.search(rf'name="{name}" value="(\w+)"', lost.content.decode())[1]
        for name in ("version", "key")
    }
    assert again["key"] != first["key"]
    assert client.post(page(booking, "move"), to(clinic, 12, again)).status_code == 302
    old = to(clinic, 15, first) | {"starts": ""}
    assert is_told(client.post(page(booking, "move"), old))


@pytest.mark.parametrize("name", ["move", "cancel"])
@pytest.mark.parametrize(
    "change", [{}, {"version": "1"}, {"key": "k"}, {"version": "²", "key": "k"}]
)
def test_a_form_that_does_not_say_what_it_saw_changes_nothing(clinic, booking, name, change):
    answer = opened(booking.pk).post(page(booking, name), to(clinic, 11, change))

    assert is_told(answer)
    assert (Booking.objects.get().state, Booking.objects.get().version) == (S.BOOKED, 1)


def test_a_cancelling_from_a_page_before_a_move_does_not_cancel(clinic, booking):
    client = opened(booking.pk)
    change = change_of(client, page(booking, "cancel"))
    actions.move(booking, slot(clinic, 15), version=1, by=BY)
    answer = client.post(page(booking, "cancel"), change)

    assert is_told(answer)
    assert "3:00 pm" in answer.content.decode()
    assert Booking.objects.get().state == S.BOOKED


def test_a_cancelling_that_is_sent_twice_is_answered_as_before(clinic, booking):
    client = opened(booking.pk)
    change = change_of(client, page(booking, "cancel"))
    answers = [client.post(page(booking, "cancel"), change) for _ in range(2)]

    assert {(one.status_code, one.url) for one in answers} == {(302, page(booking, "visit"))}
    assert Entry.objects.filter(act="visit cancelled").count() == 1
    assert is_told(client.post(page(booking, "cancel"), change | {"key": "another"}))


def test_a_key_of_one_visit_does_nothing_for_another(clinic, booking):
    other = Booking.objects.get(pk=actions.book(slot(clinic, 14), clinic.bo, by=BY).booking)
    client = opened(other.pk, opened(booking.pk))
    change = change_of(client, page(booking, "cancel"))
    client.post(page(booking, "cancel"), change)
    answer = client.post(page(other, "cancel"), change)

    assert answer.status_code == 409
    assert "for something else" in answer.content.decode()
    assert Booking.objects.get(pk=other.pk).state == S.BOOKED


def test_staff_who_press_cancel_twice_are_answered_twice_and_from_an_old_page_are_told(
    as_, clinic, cast, booking
):
    client = as_("reception")
    seen = reverse("schedule:visit", kwargs={"key": booking.pk})
    act = reverse("schedule:act", kwargs={"key": booking.pk, "what": "cancel"})
    change = change_of(client, seen)
    answers = [client.post(act, change) for _ in range(2)]

    assert {one.status_code for one in answers} == {302}
    assert len({one.url for one in answers}) == 1
    assert Entry.objects.filter(act="visit cancelled").count() == 1
    stale = client.post(act, change | {"key": "another"})
    assert stale.status_code == 409
    assert "Somebody else changed this visit meanwhile" in stale.content.decode()


def test_without_hours_the_form_of_a_move_still_says_what_it_saw(clinic, booking):
    Hours.objects.all().delete()
    assert change_of(opened(booking.pk), page(booking, "move"))["version"] == "1"
