"""Doses and times: what is refused, in which words, and what a case or plan turns into."""

from pathlib import Path

import pytest

from myotome.atlas import atlas
from myotome.case import parse_case, read_case
from myotome.errors import InputError, UnknownName
from myotome.simulation import Event, Programme, Schedule, checked, simulate

EXAMPLES = Path(__file__).parents[2] / "examples"
SITE = atlas().site("infraspinatus", "right")


def refused(*events, programmes=(), weeks=12.0):
    with pytest.raises(InputError) as caught:
        checked(Schedule(events=events, programmes=programmes), weeks)
    return str(caught.value)


def test_a_treatment_after_the_end_is_refused():
    assert "Simulate longer" in refused(Event(100.0, "needling", (SITE,)))


def test_frequency_without_current_is_refused():
    message = refused(Event(0.0, "needling", (SITE,), frequency_hz=50.0))

    assert "frequency_hz needs current = true, got 50" in message


def test_an_absurd_frequency_names_its_range():
    message = refused(Event(0.0, "needling", (SITE,), current=True, frequency_hz=5000.0))

    assert "between 0.5 and 200" in message


def test_absurd_insertions_name_their_range():
    assert "between 1 and 60" in refused(Event(0.0, "needling", (SITE,), insertions=400))


def test_sessions_too_close_are_refused():
    message = refused(Event(7.0, "needling", (SITE,)), Event(7.2, "needling", (SITE,)))

    assert "at least 12 hours apart" in message
    assert "Put them into one session" in message


def test_a_programme_of_absurd_length_is_refused():
    stretch = Programme(0.0, 84.0, "stretch", (SITE,), minutes_per_day=900.0)

    assert "between 0 and 240 minutes" in refused(programmes=(stretch,))


@pytest.mark.parametrize(
    ("asked", "promised"),
    [
        ({"weeks": 0.0}, "weeks must lie above 0"),
        ({"weeks": 500.0}, "got 500"),
        ({"adherence": 1.5}, "between 0 and 1"),
        ({"draws": 0}, "between 1 and 4096"),
    ],
)
def test_numbers_out_of_range_are_refused(asked, promised):
    case = read_case(EXAMPLES / "fessler-c6-left.toml")

    with pytest.raises(InputError, match=promised):
        simulate(case, **asked)


def test_an_unknown_rival_offers_the_nearest():
    case = read_case(EXAMPLES / "fessler-c6-left.toml")

    with pytest.raises(UnknownName, match="gate_only"):
        simulate(case, rival="gate")


def test_a_negative_hold_is_refused_at_the_door():
    text = """
[case]
format = 1
id = "short"

[[treatment]]
kind = "stretch"
week = 0
hold_s = -5
"""
    with pytest.raises(InputError, match="hold_s must lie between 1 and 3600"):
        parse_case(text)


def test_a_case_that_was_needled_is_simulated_as_it_was_needled():
    course = simulate(read_case(EXAMPLES / "rainey-2013-low-back.toml"), weeks=4.0)

    assert course.schedule.source == "the treatments of the case"
    assert {event.day for event in course.schedule.events if event.kind == "needling"} == {0.0, 7.0}


def test_an_operation_is_left_out_and_said():
    course = simulate(read_case(EXAMPLES / "fessler-c6-left.toml"), weeks=2.0)

    assert "surgery in week 0 is not modelled." in course.schedule.left_out
    assert course.schedule.source.startswith("the plan")
