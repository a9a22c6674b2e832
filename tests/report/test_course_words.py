"""Course words: every sentence says what the numbers say, and never more."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from myotome.atlas import Root
from myotome.case import Case, Outcome, read_case
from myotome.report import course_words as words
from myotome.report.evidence import evidence
from myotome.simulation import ARMS, QUANTITIES, RIVALS, simulate

EXAMPLE = Path(__file__).parents[2] / "examples" / "fessler-c6-left.toml"
AVOID = re.compile(
    r"\b(proven|cures?|reset|fix|fixes|AI|normal|abnormal|fails?|non-compliant|complains?"
    r"|suffers?|denies|simple|simply|just|recommend\w*|predict\w*|risk-free|world-class|certified"
    r"|should|must|please|sorry)\b",
    re.IGNORECASE,
)


@cache
def _course(draws=4, rival="segmental_root"):
    return simulate(read_case(EXAMPLE), weeks=3.0, draws=draws, rival=rival)


@pytest.fixture
def course():
    return _course()


def with_values(course, name, change):
    """The same course with one quantity changed in place of a copy."""
    values = dict(course.values)
    values[name] = values[name].copy()
    change(values[name])
    return replace(course, values=values)


def with_ends(course, treated, sham):
    """The same course with its last pain set, run by run."""

    def change(pain):
        pain[:, 0, -1, 0] = treated
        pain[:, 1, -1, 0] = sham

    return with_values(course, "pain", change)


def test_every_quantity_has_a_name():
    assert set(words.NAMES) == {quantity.name for quantity in QUANTITIES}


def test_a_reading_is_taken_before_anything_is_done_on_its_day(course):
    before = int(np.flatnonzero(course.days == 7.0)[0])

    found = words.readings(course, "pain", 1.0)

    np.testing.assert_array_equal(found, course.values["pain"][:, :, before])


def test_a_reading_between_two_days_lies_between_them(course):
    place = len(course.days) - 2
    week = (course.days[place] + course.days[place + 1]) / 14.0

    found = words.readings(course, "length", week)

    both = course.values["length"][:, :, place : place + 2]
    np.testing.assert_allclose(found, both.mean(axis=2))


def test_the_weeks_of_a_table_end_with_the_course(course):
    assert words.weeks_of(course) == (0.0, 1.0, 2.0, 3.0)


def test_pain_at_the_end_is_that_of_the_central_run(course):
    changed = with_ends(course, np.array([3.26, 9, 9, 9]), np.array([3.94, 9, 9, 9]))

    said = words.pain_sentence(changed)

    assert said.startswith("In the central run,")
    assert "pain is at 3.3 treated, 3.9 sham," in said
    assert said.endswith("at week 3.")


def test_runs_that_differ_are_counted_out_of_all(course):
    changed = with_ends(course, np.array([3.0, 4.0, 4.0, 5.0]), np.array([4.0, 4.05, 4.6, 4.0]))

    said = words.difference_sentence(changed)

    assert said.startswith("In 1 of 4 runs treated and sham ended alike at week 3")
    assert "in 2 treated ended at least half a point lower" in said
    assert "in 1 at least half a point higher" in said


def test_a_central_run_outside_nine_tenths_of_the_runs_is_called_not_typical():
    course = with_ends(_course(), np.array([1.0, 4, 4, 4]), np.array([4.0, 4, 4, 4]))
    usual = with_ends(_course(), np.array([4.0, 3, 4, 4]), np.array([4.0, 4, 4, 3]))

    assert "the central run (-3.0) is not typical" in words.difference_sentence(course)
    assert "not typical" not in words.difference_sentence(usual)


def test_one_run_alone_counts_nothing():
    course = _course(draws=1)

    assert words.difference_sentence(course) == ""
    assert words.muscle_sentences(course) == ()
    assert "90 %" not in words.soreness_sentence(course)


def test_longer_muscles_are_counted_by_what_a_table_can_show(course):
    def change(length):
        length[:, 0, :, 0] = np.array([99.0, 98.04, 98.0, 97.0])[:, None]
        length[:, 1, :, 0] = 98.0

    said = words.muscle_sentence(with_values(course, "length", change), 0)

    assert said.startswith("In 1 of 4 runs the treated muscle (")
    assert "was longer than the sham one at week 3, in 1 shorter; in 2 the two were alike." in said


def test_pain_of_the_first_day_is_called_matched_only_where_it_was(course):
    matched = with_values(course, "pain", lambda pain: pain[:, :, 0].fill(5.0))

    def off(pain):
        pain[:, :, 0] = 5.0
        pain[2:, :, 0] = 6.5

    assert words.matched_sentence(matched) == (
        "Pain on the first day was matched to an assumed 5; nothing after it was."
    )
    said = words.matched_sentence(with_values(course, "pain", off))
    assert "In 2 of 4 runs it could not be matched: they begin at 6.5 instead of 5." in said


def test_what_was_taken_instead_is_said(course):
    said = " ".join(words.taken_sentences(course))

    assert "Pain at the first visit is not stated; 5 of 10 was taken." in said
    assert "What is done follows the plan" in said
    assert "60 % of the home programme" in said


def test_treated_places_that_the_simulation_does_not_hold_are_named(course):
    held = course.preparation
    fewer = replace(held, muscles=held.muscles[1:])

    said = " ".join(words.taken_sentences(replace(course, preparation=fewer)))

    assert "Treated, but with no part in the simulation: " in said


def test_what_really_happened_is_said_and_its_absence_too(course):
    reported = Case("a", outcomes=(Outcome("nprs", 2, 3), Outcome("nprs", 1, 26)))

    said = words.outcome_sentence(reported, course)

    assert "2 in week 3 and 1 in week 26" in said
    assert "not drawn" in said
    assert "gives no pain score" in words.outcome_sentence(Case("b"), course)


def test_the_numbers_of_trials_are_those_of_the_evidence_table():
    ten_of_mm = {"cotchett2014": ("14.4", "5.2", "23.5")}

    for trial in words.PUBLISHED:
        row = trial.row
        numbers = (trial.difference, trial.low, trial.high)
        for number in (item for item in numbers if item):
            printed = ten_of_mm.get(trial.evidence_id, (f"{number:g}",))
            assert all(text in row.result for text in printed)
    assert {trial.row.outcome for trial in words.PUBLISHED} >= {"for", "no_difference", "mixed"}


def test_trials_that_found_no_difference_are_all_beside_the_model():
    none = {row.evidence_id for row in evidence()
            if row.topic == "sham" and row.outcome == "no_difference"
            and row.evidence_id != "stiff_active"}  # fmt: skip

    assert none <= {trial.evidence_id for trial in words.PUBLISHED}


def test_rivals_that_give_the_same_cannot_be_told_apart(course):
    alone = {"segmental_root": course}
    both = {**alone, "context_only": _course(rival="context_only")}

    assert words.rivals_sentence(alone) == ""
    assert "cannot tell them apart" in words.rivals_sentence(both)
    apart = {**both, "gate_only": with_ends(course, 1.0, 5.0)}
    assert "can tell some of them apart" in words.rivals_sentence(apart)


def test_the_setting_alone_gives_both_arms_the_same():
    course = _course(rival="context_only")

    assert words.difference_words(course) == "0.0 in every run"
    assert "Both arms get the same" in words.rival_sentence("context_only", course)


@pytest.mark.parametrize("rival", RIVALS)
def test_no_sentence_uses_a_word_that_the_interface_avoids(rival):
    course = _course(rival=rival)

    said = " ".join(
        (
            words.IF_RIGHT,
            *words.pain_sentences(course),
            *words.beside_sentences(course),
            *words.muscle_sentences(course),
            *words.taken_sentences(course),
            words.arms_sentence(course),
            words.key_sentence(course),
            words.effects_key(course),
            words.scales_sentence(),
            words.rival_sentence(rival, course),
            *(f"{trial.name} {trial.result}" for trial in words.PUBLISHED),
        )
    )

    assert AVOID.findall(said) == []


def test_a_table_has_a_row_for_every_arm_with_the_numbers_of_the_central_run(course):
    rows = list(words.week_rows(course, "length", 0))

    assert [row.arm for row in rows] == list(ARMS)
    assert rows[0].values[-1] == f"{course.arm('treated', 'length')[0, -1, 0]:.1f}"
    assert " to " in rows[0].spread


def test_one_central_run_beside_alike_runs_is_not_written_as_its_own_range(course):
    changed = with_ends(course, 4.0, 4.0)
    pain = np.tile(changed.values["pain"], (16, 1, 1, 1))
    many = replace(changed, values={**changed.values, "pain": pain})

    def lower(pain):
        pain[0, 0, -1, 0] = 3.4

    said = words.difference_words(with_values(many, "pain", lower))

    assert said == "0.0 in nine tenths of runs; central run -0.6"
    assert words.difference_sentence(with_values(many, "pain", lower)) == (
        "In 63 of 64 runs treated and sham ended alike at week 3 (less than 0.1 apart); in 1"
        " treated ended at least half a point lower; the central run (-0.6) is not typical."
    )


@pytest.mark.parametrize(
    ("root", "begins"),
    [("C6-left", "Neck pain trials, pooled: 2.31 points"), ("L5-left", "Low back pain trials"),
     ("T6-left", "Trials of all parts")],
)  # fmt: skip
def test_trials_are_said_with_noun_unit_and_certainty(course, root, begins):
    held = replace(course.preparation, roots=(Root.parse(root),))

    said = words.trials_sentence(replace(course, preparation=held))

    assert said.startswith(begins)
    assert "points" in said
    assert "certainty" in said
    assert "no difference" in said
