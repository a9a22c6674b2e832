"""The later visits of a series are cancelled with one of them, by staff and from outside."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from furnishing import BY, change_of, opened, slot

from clinic.audit.models import Entry
from clinic.booking import actions
from clinic.booking.later_ones import cancel_with_later, later_ones
from clinic.booking.models import Booking, BookingRules
from clinic.booking.series import book_series

pytestmark = pytest.mark.django_db
S = Booking.State


@pytest.fixture(autouse=True)
def _fresh_limits(founded):
    cache.clear()


@pytest.fixture
def four(clinic):
    """Four weeks of one series, and a visit of the same person beside it."""
    actions.book(slot(clinic, 15, day=clinic.day + timedelta(weeks=2)), clinic.ada, by=BY)
    dates = book_series(slot(clinic, 9), clinic.ada, 4, by=BY)
    return [Booking.objects.get(pk=one.booking) for one in dates]


def states(rows):
    return [str(Booking.objects.get(pk=row.pk).state) for row in rows]


def test_staff_cancel_a_visit_and_the_later_ones_of_its_series(as_, clinic, cast, four):
    client = as_("reception")
    page = client.get(reverse("schedule:visit", kwargs={"key": four[1].pk})).content.decode()
    assert "Cancel this and 2 later of its series" in page
    url = reverse("schedule:act", kwargs={"key": four[1].pk, "what": "cancel-later"})
    for _ in range(2):  # sent twice it is done once
        assert client.post(url, {"version": 1, "key": "k"}).status_code == 302

    assert states(four) == ["booked", "cancelled", "cancelled", "cancelled"]
    assert Booking.objects.filter(state=S.BOOKED).count() == 2
    cancelled = Entry.objects.filter(act="visit cancelled").values_list("subject", flat=True)
    assert sorted(cancelled) == sorted(f"booking:{row.pk}" for row in four[1:])


def test_from_an_old_page_none_of_them_is_cancelled(as_, clinic, cast, four):
    actions.move(four[0], slot(clinic, 11), version=1, by=BY)
    url = reverse("schedule:act", kwargs={"key": four[0].pk, "what": "cancel-later"})

    assert as_("reception").post(url, {"version": 1, "key": "k"}).status_code == 409
    assert states(four) == ["booked"] * 4


def test_what_somebody_changed_meanwhile_stays_and_is_named(clinic, four, monkeypatch):
    really = actions.cancel

    def after_somebody_quick(booking, **more):
        if booking.pk == four[2].pk:
            Booking.objects.filter(pk=booking.pk).update(version=5)
        return really(booking, **more)

    monkeypatch.setattr("clinic.booking.later_ones.cancel", after_somebody_quick)

    assert cancel_with_later(four[0], version=1, by=BY) == [four[2]]
    assert states(four) == ["cancelled", "cancelled", "booked", "cancelled"]


def test_a_patient_cancels_the_later_ones_too_and_none_within_the_notice(clinic, four):
    client, url = opened(four[0].pk), reverse("visits:cancel", kwargs={"key": four[0].pk})
    assert "Cancel this and 3 later ones" in client.get(url).content.decode()
    client.post(url, change_of(client, url) | {"later": "1"})
    assert states(four) == ["cancelled"] * 4
    assert not Booking.objects.filter(was_late=True).exists()


def test_within_the_notice_a_patient_is_offered_the_one_visit_alone(clinic, four):
    BookingRules.objects.update(cancel_notice_hours=24 * 15)
    client, url = opened(four[0].pk), reverse("visits:cancel", kwargs={"key": four[0].pk})
    assert "later one" not in client.get(url).content.decode()
    client.post(url, change_of(client, url) | {"later": "1"})

    assert states(four) == ["cancelled", "booked", "cancelled", "cancelled"]
    assert [row.was_late for row in Booking.objects.filter(state=S.CANCELLED, was_late=True)] == [
        True
    ]


def test_a_visit_of_no_series_has_no_later_ones(clinic, four):
    alone = Booking.objects.get(series=None)
    assert later_ones(alone) == []
    assert later_ones(four[-1]) == []
