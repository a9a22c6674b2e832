"""Doses and times: what is refused, in which words, and what a case or plan turns into."""

from pathlib import Path

import numpy as np
import pytest

from myotome.atlas import atlas
from myotome.case import parse_case, read_case
from myotome.errors import InputError, UnknownName
from myotome.simulation import (
    Event,
    Programme,
    Schedule,
    beginning,
    check_treatments,
    checked,
    simulate,
)

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


CASE = """
[case]
format = 1
id = "short"

[[finding]]
sign = "tender_motor_point"
site = "infraspinatus"
side = "right"
grade = 2

"""
NEEDLING = """
[[treatment]]
kind = "needling"
week = 0
sites = [{ site = "infraspinatus", side = "right" }]
"""


def test_a_muscle_outside_the_simulation_lends_its_stretch_to_no_other():
    foreign = """
[[treatment]]
kind = "stretch"
week = 0
for_weeks = 4
per_day = 2
hold_s = 60
sites = [{ site = "soleus", side = "left" }]
"""
    only, beside = (
        simulate(parse_case(text), weeks=4.0, draws=1)
        for text in (CASE + NEEDLING, CASE + NEEDLING + foreign)
    )

    shared = [n for n, m in enumerate(only.preparation.muscles) if m in beside.preparation.muscles]
    for place in shared:
        there = beside.preparation.index(only.preparation.muscles[place])
        np.testing.assert_allclose(
            only.arm("treated", "length")[0, -1, place],
            beside.arm("treated", "length")[0, -1, there],
            rtol=1e-6,
        )


def test_a_case_without_needling_is_simulated_as_it_was_treated():
    course = simulate(read_case(EXAMPLES / "gunn-milbrandt-tennis-elbow.toml"), weeks=6.0)

    assert course.schedule.source == "the treatments of the case"
    assert not [event for event in course.schedule.events if event.kind == "needling"]
    assert course.schedule.events


def test_a_repeated_treatment_happens_as_often_as_it_was_given():
    text = CASE + '[[treatment]]\nkind = "modality"\nweek = 0\nper_week = 2\nfor_weeks = 3\n'

    schedule = simulate(parse_case(text), weeks=6.0).schedule

    assert [event.day for event in schedule.events] == [0.0, 3.5, 7.0, 10.5, 14.0, 17.5]


def test_a_dose_that_the_model_cannot_use_is_said():
    text = CASE + NEEDLING.replace("week = 0", "week = 0\ngauge_mm = 0.3\ndepth_mm = 20")

    said = simulate(parse_case(text), weeks=2.0).schedule.left_out

    assert "Of needling in week 0, not modelled: gauge_mm, depth_mm." in said


def test_current_is_given_as_stated_and_needs_to_be_on():
    stated = "week = 0\ncurrent = true\nfrequency_hz = 4\nminutes = 15"
    event = simulate(parse_case(CASE + NEEDLING.replace("week = 0", stated))).schedule.events[0]

    assert (event.current, event.frequency_hz, event.minutes) == (True, 4.0, 15.0)
    off = CASE + NEEDLING.replace("week = 0", "week = 0\nfrequency_hz = 4")
    with pytest.raises(InputError, match="needs current = true") as caught:
        check_treatments(parse_case(off), file="case.toml")
    assert str(caught.value).startswith("case.toml: treatment[1].frequency_hz: ")


def test_one_session_may_name_a_site_twice_and_two_sessions_are_named_by_number():
    site = '{ site = "infraspinatus", side = "right" }'
    twice = CASE + NEEDLING.replace(site, f"{site}, {site}")
    check_treatments(parse_case(twice))

    with pytest.raises(InputError, match="12 hours apart") as caught:
        check_treatments(parse_case(CASE + NEEDLING + NEEDLING))
    assert caught.value.place == "treatment[2].week"


def test_the_last_week_takes_no_treatment_and_short_plans_begin_with_one():
    late = CASE + NEEDLING.replace("week = 0", "week = 4")
    course = simulate(parse_case(late), weeks=4.0)
    planned = simulate(read_case(EXAMPLES / "fessler-c6-left.toml"), weeks=0.5)

    assert course.schedule.events == ()
    assert "needling in week 4 is not before the end." in course.schedule.left_out
    assert [event.day for event in planned.schedule.events] == [0.0]


def test_a_long_history_is_shortened_and_that_is_said():
    start = beginning(5.0, 5000.0)

    assert "Of 5000 weeks of history the last 104 were run." in start.taken_instead
