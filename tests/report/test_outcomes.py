"""Outcomes: drawn over the whole scale, said in words, and never more than was measured."""

import re

import pytest

from myotome.case import Case, Outcome, Treatment
from myotome.report.outcomes import course_svg, courses, happenings, measure_name, value_words


def case_of(*outcomes, treatments=()):
    return Case("made-up", outcomes=outcomes, treatments=treatments)


def test_a_change_is_compared_with_what_people_notice_from_that_start():
    small = courses(case_of(Outcome("nprs", 6, 0), Outcome("nprs", 5, 2)))[0]
    large = courses(case_of(Outcome("nprs", 6, 0), Outcome("nprs", 4, 2)))[0]

    assert small.caption == (
        "6 in week 0, 5 in week 2: down 1, not more than the smallest change people notice from"
        " this start (2)."
    )
    assert "down 2, more than the smallest change" in large.caption


@pytest.mark.parametrize(("start", "notices"), [(4, 1), (5, 2), (7, 2), (8, 3)])
def test_what_people_notice_rises_with_the_start(start, notices):
    course = courses(case_of(Outcome("nprs", start, 0), Outcome("nprs", 1, 2)))[0]

    assert course.notices == notices


def test_one_answer_makes_no_line():
    case = case_of(Outcome("nprs", 6, 0))
    course = courses(case)[0]

    assert course_svg(course, [], 1) == ""
    assert "a line starts with the second" in course.caption


def test_weeks_stand_in_true_proportion():
    case = case_of(
        Outcome("nprs", 6, 0),
        Outcome("nprs", 5, 1),
        Outcome("nprs", 2, 10),
        treatments=(Treatment("needling", week=1),),
    )

    svg = course_svg(courses(case)[0], [done.week for done in case.treatments], 1)

    assert re.findall(r'course-point" cx="([\d.]+)%"', svg) == ["0.00", "10.00", "100.00"]
    assert svg.count("course-treated") == 1
    assert "<title" in svg
    assert "<desc" in svg


def test_points_lie_on_the_whole_scale():
    case = case_of(Outcome("nprs", 10, 0), Outcome("nprs", 0, 1))

    svg = course_svg(courses(case)[0], [], 1)

    assert re.findall(r'course-point" cx="[\d.]+%" cy="([\d.]+)"', svg) == ["16.0", "150.0"]


def test_no_line_goes_over_a_week_at_which_nobody_answered():
    case = case_of(Outcome("nprs", 7, 0), Outcome("nprs", 5, 2), Outcome("nprs", 4, 6))
    course = courses(case)[0]

    assert course_svg(course, [], 1).count("course-line") == 2
    with_a_gap = course_svg(course, [], 1, missing=[4])
    assert with_a_gap.count("course-line") == 1
    assert with_a_gap.count("course-point") == 3


def test_things_that_happened_are_no_course():
    case = case_of(Outcome("complete_recovery", 1, 8), Outcome("nprs", 1, 8))

    assert [value_words(item) for item in happenings(case)] == ["yes"]
    assert [course.measure for course in courses(case)] == ["nprs"]


def test_measures_have_names():
    assert measure_name("mrc_biceps_brachii_left") == "Strength of biceps brachii, left (MRC)"
    assert measure_name("arm_pain_relieved") == "Arm pain relieved"
    assert measure_name("odi_pct") == "Low back disability, ODI (%)"
