"""When the rules of a zone change, what was agreed stays and the instant follows, told of."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from furnishing import BY, slot
from old_rules import next_change, use_old_rules

from clinic.booking import actions, blocks, retz, times
from clinic.booking.models import Booking, Occupancy
from clinic.practice.models import Credential

pytestmark = pytest.mark.django_db
WINTER = date(2026, 12, 15)


@pytest.fixture
def winter(clinic):
    """The clinic's test day lies in the winter in which British Columbia no longer changes."""
    if clinic.day > WINTER:
        clinic.day = date(clinic.day.year + 1, 12, 15)
    else:
        clinic.day = WINTER
    Credential.objects.update(expires_on=None)
    return clinic


def booked(clinic, hour, who, monkeypatch, **more):
    with monkeypatch.context() as before:
        use_old_rules(before)
        reply = actions.book(slot(clinic, hour, **more), who, by=BY)
    return Booking.objects.get(pk=reply.booking)


def test_the_wall_time_stays_and_the_instant_follows(winter, monkeypatch):
    booking = booked(winter, 9, winter.ada, monkeypatch)
    assert booking.starts_at == datetime.combine(winter.day, time(17), tzinfo=UTC)

    told = retz.planned()
    assert [shift.is_move for shift in told] == [True]
    assert "2025b" in told[0].line
    assert Booking.objects.get().starts_at == booking.starts_at  # nothing is done unasked
    retz.carry_out(by=BY)

    moved = Booking.objects.get()
    assert moved.starts_at == booking.starts_at - timedelta(hours=1)
    assert moved.starts_local == booking.starts_local
    assert moved.local.hour == 9
    assert moved.rules_version == times.version()
    assert moved.sequence == booking.sequence + 1
    begins = set(Occupancy.objects.values_list("begins", flat=True))
    assert begins == {times.seconds(moved.starts_at)}
    assert retz.planned() == []


def test_a_whole_day_moves_together_without_conflict(winter, monkeypatch):
    for hour in range(9, 17):
        booked(winter, hour, winter.ada, monkeypatch)

    told = retz.carry_out(by=BY)

    assert len(told) == 8
    assert not any(shift.problem for shift in told)
    assert {booking.lane for booking in Booking.objects.all()} == {0}


def test_a_visit_booked_by_new_rules_where_an_old_one_moves_to_is_a_conflict(winter, monkeypatch):
    old = booked(winter, 9, winter.ada, monkeypatch)  # 17:00 UTC, will be 16:00
    actions.book(slot(winter, 9), winter.bo, by=BY)  # by the new rules: 16:00 UTC

    told = retz.carry_out(by=BY)

    assert [shift.problem for shift in told if shift.problem] == [
        "Conflict: another visit is at this time. Both are kept; decide which moves."
    ]
    moved = Booking.objects.get(pk=old.pk)
    assert (moved.lane, moved.reason_for_lane) == (1, retz.REASON)
    assert moved.local.hour == 9
    assert Occupancy.objects.filter(booking=moved, lane=1).count() == 3


def test_a_visit_whose_instant_stays_only_takes_the_new_version(winter, monkeypatch):
    winter.day = date(winter.day.year + 1, 7, 1)  # both versions agree on summer
    booking = booked(winter, 9, winter.ada, monkeypatch)

    retz.carry_out(by=BY)

    after = Booking.objects.get()
    assert (after.starts_at, after.rules_version) == (booking.starts_at, times.version())
    assert after.sequence == booking.sequence


def test_a_wall_time_that_no_longer_happens_is_left_and_told_of_each_time(winter, monkeypatch):
    booking = booked(winter, 9, winter.ada, monkeypatch)
    gap = next_change("America/Toronto", forward=True)
    Booking.objects.update(starts_local=f"{gap}T02:30", zone="America/Toronto")

    for _ in range(2):
        told = retz.carry_out(by=BY)
        assert "does not happen" in told[0].problem
    assert Booking.objects.get().starts_at == booking.starts_at


def test_what_lies_behind_is_left_alone(winter, monkeypatch):
    booked(winter, 9, winter.ada, monkeypatch)
    past = datetime.now(UTC) - timedelta(days=3)
    Booking.objects.update(starts_at=past, ends_at=past + timedelta(minutes=30))

    assert retz.planned() == []


def test_blocks_follow_too(winter, monkeypatch):
    with monkeypatch.context() as before:
        use_old_rules(before)
        starts = slot(winter, 9).starts
        blocks.block(
            winter.site,
            staff=winter.one,
            room=None,
            starts=starts,
            ends=starts + timedelta(hours=1),
            what_for="meeting",
            by=BY,
        )

    retz.carry_out(by=BY)

    assert Occupancy.objects.get().begins == times.seconds(starts) - 3600


def test_every_visit_of_two_years_keeps_its_wall_time(winter, monkeypatch):
    """All that was agreed by the old rules is agreed still."""
    day = winter.day
    agreed = {}
    for week in range(0, 50, 3):
        winter.day = day + timedelta(weeks=week)
        booking = booked(winter, 9 + week % 8, winter.ada, monkeypatch)
        agreed[booking.pk] = booking.starts_local

    retz.carry_out(by=BY)

    zone = ZoneInfo("America/Vancouver")
    for booking in Booking.objects.all():
        shown = booking.starts_at.astimezone(zone).replace(tzinfo=None)
        assert shown.isoformat(timespec="minutes") == agreed[booking.pk]
