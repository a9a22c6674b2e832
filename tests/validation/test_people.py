"""Cohorts are of unlike people, and who joins depends on when they are asked."""

import numpy as np
import pytest

from myotome.simulation import Schedule
from myotome.validation import courses
from myotome.validation.model import Model
from myotome.validation.people import PEOPLE, people

LATE = ("persistent", 2024)
EARLY = ("acute", 2024)


def middle_healing_time(cohort, year):
    found = people(Model(), cohort, year)
    return float(np.exp(found.shares @ np.log(found.mechanism.links.healing_time[:, 0])))


@pytest.mark.parametrize(("cohort", "year"), [LATE, EARLY])
def test_shares_make_one_cohort(cohort, year):
    found = people(Model(), cohort, year)

    assert found.shares.shape == (PEOPLE,)
    assert found.shares.min() >= 0
    assert found.shares.sum() == pytest.approx(1.0)


def test_those_who_still_hurt_after_months_heal_more_slowly():
    assert middle_healing_time(*LATE) > 3 * middle_healing_time(*EARLY)
    assert middle_healing_time(*LATE) > middle_healing_time("persistent", 2012)


def test_acute_pain_falls_further_in_six_weeks_than_lasting_pain():
    fallen = []
    for cohort, year in (EARLY, LATE):
        run = courses.course(Model(), "back", Schedule(), 6.0, 5.6, 3.0, 0.6, cohort, year)
        fallen.append(5.6 - courses.at(run, "untreated", "pain", 42.0))

    assert fallen[0] > fallen[1] > 0.5


def test_everyone_in_a_cohort_comes_with_the_same_stated_pain():
    run = courses.course(Model(), "back", Schedule(), 6.0, 5.6, 3.0, 0.6, *EARLY)

    np.testing.assert_allclose(run.course.arm("untreated", "pain")[:, 0, 0], 5.6, atol=1e-6)
