"""Unlike persons make the mean fall; 2012 was fitted, 2024 is predicted and partly missed."""

import numpy as np
import pytest

from myotome.physiology import natural_course as nc

COURSE = nc.NaturalCourse()
WEEKS = np.array([0.0, 6.0, 26.0, 52.0])


def modelled(cohort, year):
    return nc.cohort_mean(COURSE, nc.entry_window(cohort, year), 7 * WEEKS)


@pytest.mark.parametrize("cohort", ["acute", "persistent"])
def test_the_courses_of_2012_are_met_within_six_points(cohort):
    off = modelled(cohort, 2012) - nc.PUBLISHED[2012, cohort]

    assert np.abs(off).max() < 6.5, f"{cohort}: off by {off.round(1)} points"


@pytest.mark.parametrize("week", [0, 1])
def test_the_acute_course_of_2024_is_predicted_to_six_weeks(week):
    off = modelled("acute", 2024)[week] - nc.PUBLISHED[2024, "acute"][week]

    assert abs(off) < 5, f"off by {off:.1f} points"


# Known misses, predicted from 2012 and left as they come: the later acute points are 6 to 10 low,
# every persistent one 10 to 21 low. In 2012 people with 6 to 12 weeks of pain counted as
# persistent; and a cause that heals wholly has no floor, which the curves of 2024 have.
@pytest.mark.xfail(reason="known miss: 2012 does not foretell 2024", strict=True)
@pytest.mark.parametrize(
    ("cohort", "week"),
    [("acute", 2), ("acute", 3), *(("persistent", i) for i in range(4))],
)
def test_the_rest_of_2024_is_predicted_within_five_points(cohort, week):
    off = modelled(cohort, 2024)[week] - nc.PUBLISHED[2024, cohort][week]

    assert abs(off) < 5, f"off by {off:.1f} points"


@pytest.mark.parametrize(
    ("year", "cohort", "places"),
    [
        (2024, "acute", 1.0),
        (2024, "persistent", 1.0),
        (2012, "acute", 1.0),
        (2012, "persistent", 1.0),
    ],
)
def test_reference_curves_pass_through_their_points(year, cohort, places):
    off = np.abs(nc.reference_curve(cohort, year, WEEKS) - nc.PUBLISHED[year, cohort]).max()

    assert off < places, f"off by {off:.2f} points"


def test_those_who_still_hurt_after_months_are_the_slow_ones():
    early = modelled("acute", 2024)
    late = modelled("persistent", 2024)

    assert (early[1:] < late[1:]).all()


def test_no_curve_is_prescribed():
    still = nc.NaturalCourse(healing_spread=1e-6, median_healing_rate=1e-9, flare_height=0.0)
    level = nc.cohort_mean(still, nc.entry_window("acute", 2024), 7 * WEEKS)

    assert np.allclose(level, still.first_level, atol=1e-5)


def test_people_come_at_a_flare_and_regress():
    left = nc.flare(COURSE, np.array([0.0, 21.0, 210.0]))

    assert left[0] == COURSE.flare_height
    assert (np.diff(left) < 0).all()


def test_healing_rates_are_log_normal():
    rates = nc.healing_rate(COURSE, np.array([-1.0, 0.0, 1.0]))

    assert rates[1] == COURSE.median_healing_rate
    assert np.allclose(np.diff(np.log(rates)), COURSE.healing_spread)


def test_joining_grows_with_pain():
    assert nc.joins(COURSE, 25.0) == pytest.approx(0.5)
    assert nc.joins(COURSE, 50.0) > 0.9
