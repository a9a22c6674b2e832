"""Negative controls: what must not happen, and what a cut path must take away."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from myotome.atlas import Root, atlas
from myotome.case import read_case
from myotome.simulation import (
    CUTS,
    QUANTITIES,
    Beginning,
    Event,
    Mechanism,
    Preparation,
    Programme,
    Schedule,
    prepare,
    run_course,
    simulate,
)
from myotome.simulation import course as course_module
from myotome.simulation.paths import path_shares

EXAMPLES = Path(__file__).parents[2] / "examples"
WELL = Beginning(pain=0.0, weeks=4.0)
ILL = Beginning(pain=5.0, weeks=13.0)


@pytest.fixture(scope="module")
def case():
    return read_case(EXAMPLES / "fessler-c6-left.toml")


@pytest.fixture(scope="module")
def preparation(case):
    from myotome.examination import examine

    return prepare(examine(case.examination()))


@pytest.fixture(scope="module")
def two_segments():
    """One limb muscle of the neck and one of the low back, each with a root of its own."""
    muscles = (
        atlas().site("extensor_carpi_radialis_longus", "left"),
        atlas().site("extensor_hallucis_longus", "left"),
    )
    roots = (Root("C6", "left"), Root("L5", "left"))
    return Preparation(roots, muscles, reach=np.eye(2), squeezes=np.zeros((2, 2)))


def relative_change(course, arm, quantity):
    values = course.arm(arm, quantity)[0]
    return np.abs(values - values[0]).max() / max(np.abs(values[0]).max(), 1.0)


def test_without_irritation_nothing_changes_in_30_days_and_pain_stays_zero(preparation):
    course = run_course(preparation, Schedule(), WELL, weeks=30 / 7)

    for quantity in QUANTITIES:
        change = relative_change(course, "untreated", quantity.name)
        assert change < 0.02, f"{quantity.name} moved by {100 * change:.2f} %"
    assert course.arm("untreated", "pain").max() == 0.0


def test_a_needle_in_a_normal_muscle_leaves_nothing_after_48_hours_but_soreness(preparation):
    needle = Schedule(events=(Event(0.0, "needling", preparation.muscles, insertions=4),))

    course = run_course(preparation, needle, WELL, weeks=2.0)

    later = course.days >= 2.0
    for quantity in QUANTITIES:
        if quantity.name in {"soreness", "pain"}:
            continue
        treated = course.arm("treated", quantity.name)[0][later]
        sham = course.arm("sham", quantity.name)[0][later]
        apart = np.abs(treated - sham).max() / max(np.abs(sham).max(), 1.0)
        assert apart < 0.01, f"{quantity.name} differs by {100 * apart:.2f} %"
    sore = course.arm("treated", "soreness")[0].max(axis=1)
    assert sore.max() > 0.5
    assert sore[course.days >= 4.0].max() < 0.2


def test_an_off_segment_needle_has_no_remote_effect_with_the_spinal_link_cut(two_segments):
    far = Schedule(events=(Event(0.0, "needling", two_segments.muscles[1:], insertions=6),))

    course = run_course(two_segments, far, ILL, weeks=4.0, cuts=frozenset({"afferent_dorsal_horn"}))

    for name in ("tone", "length", "range", "receptors", "tendon_damage"):
        treated = course.arm("treated", name)[0, :, 0]
        np.testing.assert_allclose(treated, course.arm("sham", name)[0, :, 0], rtol=1e-9)


def test_weakness_without_pain_is_possible(preparation):
    mechanism = Mechanism()
    silent_rate = dataclasses.replace(mechanism.root, ectopic_nociceptor_share=0.0)
    painless = dataclasses.replace(mechanism, root=silent_rate)

    course = run_course(preparation, Schedule(), ILL, weeks=1.0, mechanism=painless)

    assert course.arm("untreated", "pain").max() == 0.0
    assert course.arm("untreated", "strength").min() < 95.0


def test_pain_needs_no_inflammation(preparation):
    course = run_course(preparation, Schedule(), ILL, weeks=1.0)

    assert course.arm("untreated", "pain")[0, 0, 0] == pytest.approx(5.0, abs=0.1)


def test_no_adherence_equals_no_home_programme(preparation):
    stretch = Programme(0.0, 84.0, "stretch", preparation.muscles, minutes_per_day=10.0)

    with_none = run_course(preparation, Schedule(programmes=(stretch,)), ILL, adherence=0.0)
    without = run_course(preparation, Schedule(), ILL, adherence=0.6)

    for name in ("pain", "length", "range"):
        np.testing.assert_array_equal(
            with_none.arm("treated", name)[0, -1], without.arm("treated", name)[0, -1]
        )


def test_all_four_paths_cut_leave_nothing_lasting(case):
    course = simulate(case, cuts=frozenset(CUTS))

    for name in ("pain", "length", "range", "tone", "sensitisation"):
        treated, sham = course.arm("treated", name)[0, -1], course.arm("sham", name)[0, -1]
        np.testing.assert_allclose(treated, sham, atol=0.02 * max(1.0, np.abs(sham).max()))


def test_every_path_reports_its_share_and_none_is_prescribed(case):
    shares = path_shares(case)

    assert shares.effect < 0.0  # less pain after needling than after sham, in this case
    assert abs(shares.without_any) < 0.02
    assert len(shares.shares) == len(CUTS)
    assert all(item.share is not None for item in shares.shares)


def test_the_same_seed_gives_the_same_course_to_the_bit(case):
    one, two = (simulate(case, draws=4, seed=7) for _ in range(2))

    assert one.days.tobytes() == two.days.tobytes()
    for quantity in QUANTITIES:
        assert one.values[quantity.name].tobytes() == two.values[quantity.name].tobytes()


def test_another_seed_gives_other_draws_but_the_same_central_course(case):
    one, two = (simulate(case, draws=4, seed=seed) for seed in (1, 2))

    assert not np.array_equal(
        one.arm("treated", "pain")[1:, -1], two.arm("treated", "pain")[1:, -1]
    )
    np.testing.assert_allclose(
        one.arm("treated", "pain")[0, -1], two.arm("treated", "pain")[0, -1], atol=0.05
    )


@pytest.mark.parametrize(
    "draws", [200, pytest.param(10_000, marks=pytest.mark.slow)], ids=["200", "10000"]
)
def test_no_draw_inside_the_ranges_gives_a_number_that_is_none(preparation, draws):
    needle = Schedule(events=(Event(0.0, "needling", preparation.muscles),))
    for start in range(0, draws, 200):
        course = run_course(preparation, needle, ILL, weeks=2.0, draws=200, seed=start + 1)
        for quantity in QUANTITIES:
            assert np.isfinite(course.values[quantity.name]).all(), quantity.name


def test_stated_pain_is_matched_on_the_first_day(preparation):
    for stated in (2.0, 5.0, 7.0):
        course = run_course(preparation, Schedule(), Beginning(stated, 26.0), weeks=1.0)
        assert course.arm("untreated", "pain")[0, 0, 0] == pytest.approx(stated, abs=0.3)


def test_an_hour_of_stretching_a_day_makes_as_strong_as_a_strengthening_programme(preparation):
    stretched, trained = (
        run_course(
            preparation, Schedule(programmes=(programme,)), WELL, weeks=6.0, adherence=1.0
        ).arm("treated", "strength")[0, -1]
        for programme in (
            Programme(0.0, 42.0, "stretch", minutes_per_day=60.0),
            Programme(0.0, 42.0, "strengthen", load=1.0),
        )
    )

    assert stretched.min() > 103.0
    np.testing.assert_allclose(stretched, trained, rtol=1e-3)


def test_touch_that_a_needle_leaves_is_gone_within_a_quarter_of_an_hour(preparation):
    needled = Schedule((Event(0.0, "modality", preparation.muscles, 1),))
    course = run_course(preparation, needled, ILL, weeks=0.5)
    gap = (course.arm("treated", "pain") - course.arm("untreated", "pain"))[0, :, 0]
    at_once, later = np.interp([1e-6, 15 / 1440], course.days, gap)

    setting = Mechanism().pain.context_relief
    assert at_once < -0.8 - setting
    assert later == pytest.approx(-setting, abs=0.15)


def test_exercise_eases_pain_through_endogenous_control(preparation):
    programme = Programme(0.0, 42.0, "exercise", load=1.0)
    course = run_course(preparation, Schedule(programmes=(programme,)), ILL, weeks=6.0)

    eased = (course.arm("treated", "pain") - course.arm("untreated", "pain"))[0, -1, 0]

    assert -1.0 < eased < -0.1


def test_no_reading_shows_in_how_large_blocks_days_were_read(preparation, monkeypatch):
    whole = run_course(preparation, Schedule(), ILL, weeks=2, draws=3)
    monkeypatch.setattr(course_module, "_READ_AT_ONCE", 1)
    by_day = run_course(preparation, Schedule(), ILL, weeks=2, draws=3)

    for name, values in whole.values.items():
        assert np.array_equal(values, by_day.values[name]), name
