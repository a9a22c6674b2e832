"""A visit that goes on: its page and its video link stay until its end, by link and signed in."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from furnishing import BY, opened, slot

from clinic.booking import actions
from clinic.booking.models import Bookable, Booking

pytestmark = pytest.mark.django_db
S = Booking.State
LINK = "https://video.test/room"


def at_its(booking, *, minutes):
    """So many minutes after the start of a visit of 20 minutes; before it, if fewer than none."""
    start = datetime.now(UTC) - timedelta(minutes=minutes)
    booking.refresh_from_db()
    booking.starts_at, booking.ends_at = start, start + timedelta(minutes=20)
    booking.save()


@pytest.fixture
def talk(clinic, cast):
    Bookable.objects.filter(staff=clinic.one).update(video_link=LINK)
    actions.book(slot(clinic, 9, service=clinic.talk), cast.patient, by=BY)
    return Booking.objects.get()


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("by_link", [False, True])
def test_the_video_link_stays_until_the_end(as_, talk, begun, by_link):
    client = opened(talk.pk) if by_link else as_("self_user")
    url = reverse("visits:visit", kwargs={"key": talk.pk})
    assert LINK in client.get(url).content.decode()
    if begun:
        actions.begin(talk, version=talk.version, by=BY)
    for minutes in (-2, 1, 18) if begun else (1, 18):
        at_its(talk, minutes=minutes)
        page = client.get(url).content.decode()
        assert "It is time for your visit" in page
        assert LINK in page
        assert reverse("visits:cancel", kwargs={"key": talk.pk}) not in page

    at_its(talk, minutes=21)
    page = client.get(url).content.decode()
    assert "This visit is over" in page
    assert LINK not in page


@pytest.mark.parametrize("state", [S.NO_SHOW, S.CANCELLED, S.PENDING, S.LAPSED])
def test_what_is_no_visit_any_more_or_yet_does_not_go_on(talk, state):
    client = opened(talk.pk)
    at_its(talk, minutes=1)
    Booking.objects.update(state=state)
    page = client.get(reverse("visits:visit", kwargs={"key": talk.pk})).content.decode()

    assert "It is time for your visit" not in page
    assert LINK not in page


def test_who_is_signed_in_finds_a_visit_that_goes_on(as_, talk):
    client, url = as_("self_user"), reverse("visits:own")
    link = reverse("visits:visit", kwargs={"key": talk.pk})
    for minutes in (-2, 1):
        at_its(talk, minutes=minutes)
        assert client.get(url).content.decode().count(link) == 1
    actions.begin(talk, version=talk.version, by=BY)
    assert client.get(url).content.decode().count(link) == 1
    at_its(talk, minutes=21)
    assert link not in client.get(url).content.decode()
