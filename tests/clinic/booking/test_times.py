"""Wall time shown is wall time booked, whatever clocks and rules do."""

import itertools
import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from old_rules import LOADERS, ZONES, old_zone

from clinic.booking import times

HALF_HOURS = 2 * 365 * 48
START = datetime(2026, 1, 1)  # two years over which British Columbia stops changing clocks


def mismatches(zone, step):
    """Wall half-hours and instants that do not come back as they went in."""
    wrong = []
    for count in range(0, HALF_HOURS, step):
        local = START + timedelta(minutes=30 * count)
        for fold in (0, 1):
            try:
                instant = times.instant_of(local, zone, fold)
            except times.NoSuchTime:
                before, after = (
                    local.replace(tzinfo=zone, fold=each).utcoffset() for each in (0, 1)
                )
                if before >= after:  # only a jump forward swallows a time
                    wrong.append(("swallowed", local))
                continue
            shown, which = times.wall_of(instant, zone)
            if shown != local or (times.happens_twice(local, zone) and which != fold):
                wrong.append((local, fold, shown))
        instant = local.replace(tzinfo=UTC)
        shown, which = times.wall_of(instant, zone)
        if times.instant_of(shown, zone, which) != instant:
            wrong.append(instant)
    return wrong


@pytest.mark.parametrize("rules", list(LOADERS))
@pytest.mark.parametrize("zone", ZONES)
def test_a_sample_of_half_hours_comes_back_as_it_went_in(zone, rules):
    assert mismatches(LOADERS[rules](zone), 7) == []


@pytest.mark.slow
@pytest.mark.parametrize("rules", list(LOADERS))
@pytest.mark.parametrize("zone", ZONES)
def test_all_half_hours_of_two_years_come_back_as_they_went_in(zone, rules):
    assert mismatches(LOADERS[rules](zone), 1) == []


def changes(zone):
    """Hours of the two years in which the offset changes."""
    hours = (
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(HALF_HOURS)
    )
    offsets = [(hour, hour.astimezone(zone).utcoffset()) for hour in hours]
    return [after for (_, old), (after, new) in itertools.pairwise(offsets) if old != new]


@pytest.mark.parametrize("rules", list(LOADERS))
@pytest.mark.parametrize("zone", ZONES)
def test_around_each_change_of_clocks_no_minute_is_lost_or_doubled_unsaid(zone, rules):
    there = LOADERS[rules](zone)
    for change in changes(there):
        for minutes in range(-180, 180):
            instant = change + timedelta(minutes=minutes)
            shown, fold = times.wall_of(instant, there)
            assert times.instant_of(shown, there, fold) == instant
            if fold:
                assert times.which_of_two(shown, there, 1) == (
                    "the second of two, after clocks go back"
                )


def test_the_two_versions_of_the_rules_differ_for_british_columbia():
    """Otherwise the tests above would test one version twice."""
    winter = datetime(2026, 12, 1, 20, tzinfo=UTC)

    assert winter.astimezone(old_zone("America/Vancouver")).hour == 12
    assert winter.astimezone(ZoneInfo("America/Vancouver")).hour == 13
    assert times.version() != "2025b"


def test_rules_come_from_the_pinned_package_and_not_from_the_machine():
    assert zoneinfo.TZPATH == ()


def test_a_time_that_clocks_skip_is_refused_in_plain_words():
    with pytest.raises(times.NoSuchTime) as told:
        times.instant_of(datetime(2027, 3, 14, 2, 30), times.zone_of("America/Toronto"))

    assert str(told.value) == (
        "On Sunday 14 March 2027 clocks go forward and 2:30 am does not happen."
        " The next time that does is 3:30 am."
    )


def test_a_time_that_happens_twice_is_the_first_unless_the_second_is_asked_for():
    toronto = times.zone_of("America/Toronto")
    local = datetime(2027, 11, 7, 1, 30)

    first, second = times.instant_of(local, toronto), times.instant_of(local, toronto, fold=1)
    assert second - first == timedelta(hours=1)
    assert times.which_of_two(local, toronto, 0) == "the first of two"
    assert times.which_of_two(datetime(2027, 11, 7, 3, 30), toronto, 0) == ""


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Toronto", date(2027, 3, 14), 23),
        ("America/Toronto", date(2027, 11, 7), 25),
        ("Australia/Lord_Howe", date(2027, 4, 4), 24.5),
        ("Asia/Kolkata", date(2027, 3, 14), 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(zone, day, hours):
    begins, ends = times.span_of_day(day, times.zone_of(zone))

    assert (ends - begins) / 3600 == hours


@given(
    st.sampled_from(ZONES),
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2036, 1, 1)),
    st.sampled_from([0, 1]),
    st.sampled_from(list(LOADERS)),
)
def test_any_wall_time_comes_back_or_is_refused(zone, local, fold, rules):
    there = LOADERS[rules](zone)
    local = local.replace(second=0, microsecond=0)
    try:
        instant = times.instant_of(local, there, fold)
    except times.NoSuchTime:
        return
    assert times.wall_of(instant, there)[0] == local
