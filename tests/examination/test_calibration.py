"""Probabilities come true as often as they say, in the world that the model itself describes.

This is a check of the code, not of the examination: no clinical accuracy is known.
"""

import numpy as np
import pytest

from myotome.examination import finding, posterior
from myotome.examination.calibration import calibration, posteriors, simulated
from myotome.examination.probabilities import drawn_tables
from myotome.examination.virtual_patient import (
    DIFFERENT_WORLD,
    draw_findings,
    draw_patients,
    standard_examination,
)

# The measure


def test_probabilities_that_come_true_as_often_as_they_say_have_no_error():
    probabilities = np.repeat([0.05, 0.25, 0.75], 20)
    outcomes = np.concatenate([np.arange(20) < hits for hits in (1, 5, 15)])

    measured = calibration(probabilities, outcomes)

    assert measured.expected_error == pytest.approx(0.0, abs=1e-12)
    assert [item.count for item in measured.bins] == [20, 20, 20]
    for item in measured.bins:
        assert item.low <= item.mean_probability <= item.high
        assert item.observed == pytest.approx(item.mean_probability)


def test_errors_and_scores_follow_by_hand():
    measured = calibration(np.array([0.1, 0.1, 0.9, 1.0]), np.array([0, 1, 1, 1], dtype=bool))

    # Bins hold two each: means 0.1 and 0.95, observed 0.5 and 1.
    assert measured.expected_error == pytest.approx((0.4 + 0.05) / 2)
    assert measured.brier == pytest.approx((0.01 + 0.81 + 0.01 + 0) / 4)
    assert measured.log_loss == pytest.approx(-np.log([0.9, 0.1, 0.9]).sum() / 4)
    assert [item.low for item in measured.bins] == [0.1, 0.9]


def test_a_certain_error_costs_much_but_stays_finite():
    assert 30 < calibration(np.array([0.0]), np.array([True])).log_loss < 40


def test_chance_alone_shows_about_the_error_by_chance():
    generator = np.random.default_rng(1)
    probabilities = generator.beta(0.5, 3.0, 4000)
    found = [calibration(probabilities, generator.random(4000) < probabilities) for _ in range(200)]

    mean = np.mean([item.expected_error for item in found])
    # Bins with few probabilities are not quite normal: 5 %.
    assert mean == pytest.approx(found[0].error_by_chance, rel=0.05)


def test_too_sure_probabilities_show_an_error():
    generator = np.random.default_rng(2)
    truth = generator.beta(0.5, 3.0, 20_000)
    outcomes = generator.random(20_000) < truth

    sure = truth**2 / (truth**2 + (1 - truth) ** 2)

    assert calibration(sure, outcomes).expected_error > 0.05
    assert calibration(sure, outcomes).log_loss > calibration(truth, outcomes).log_loss
    assert calibration(sure, outcomes).brier > calibration(truth, outcomes).brier


@pytest.mark.parametrize(
    ("probabilities", "outcomes", "bins"),
    [([], [], 10), ([0.5], [True, False], 10), ([0.5], [True], 0), ([1.5], [True], 10),
     ([float("nan")], [True], 10)],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(probabilities, outcomes, bins):
    with pytest.raises(ValueError, match=r"must lie between|need one shape"):
        calibration(np.array(probabilities), np.array(outcomes, dtype=bool), bins)


# Many examinations at once


def test_examinations_summed_together_equal_each_alone():
    generator = np.random.default_rng(3)
    looks = standard_examination()
    people = draw_patients(19, generator)  # one full batch and a part of one
    found = [draw_findings(person, looks, generator) for person in people]

    together = posteriors(found)

    for row, findings in zip(together, found, strict=True):
        np.testing.assert_allclose(row, posterior(findings), rtol=0, atol=1e-12)


def test_examinations_of_different_sites_are_not_summed_together():
    here, there = (
        [finding("taut_band", name, side="left", grade=1)] for name in ("soleus", "plantaris")
    )

    with pytest.raises(ValueError, match="must look at the same sites"):
        posteriors([here, there])


# The worlds


def error_over(probabilities, truth, least=0.0):
    shown = probabilities >= least
    return calibration(probabilities[shown], truth[shown])


PEOPLE = 600
# `error_by_chance` is the mean gap that chance leaves when outcomes are independent. Roots of one
# person hang together, and a sum of some five gaps of note spreads by about a third: over ten
# other seeds the ratio ran from 0.7 to 1.7.
CHANCE = 2.5


@pytest.fixture(scope="module")
def own_world():
    return simulated(PEOPLE, np.random.default_rng(20260301))


def test_in_the_models_own_world_probabilities_come_true_as_often_as_they_say(own_world):
    probabilities, truth = own_world

    everywhere = error_over(probabilities, truth)
    in_question = error_over(probabilities, truth, 0.02)

    assert everywhere.expected_error < CHANCE * everywhere.error_by_chance
    assert in_question.expected_error < CHANCE * in_question.error_by_chance
    assert everywhere.expected_error < 0.03


def test_in_each_bin_the_share_that_came_true_lies_within_binomial_error(own_world):
    for item in error_over(*own_world).bins:
        mean = item.mean_probability
        error = np.sqrt(mean * (1 - mean) / item.count)
        # Four standard errors for ten bins, times 1.3 since roots of one person hang together.
        assert abs(item.observed - mean) <= 5.2 * error


def test_roots_that_are_irritated_are_said_to_be_likelier(own_world):
    probabilities, truth = own_world

    assert probabilities[truth].mean() > 5 * probabilities[~truth].mean()


def test_progress_counts_every_patient():
    done = []

    simulated(20, np.random.default_rng(4), progress=done.append)

    assert sum(done) == 20


@pytest.mark.slow
def test_over_ten_thousand_patients_the_error_in_the_own_world_is_under_three_hundredths():
    probabilities, truth = simulated(10_000, np.random.default_rng(5))

    for least in (0.0, 0.02):
        measured = error_over(probabilities, truth, least)
        assert measured.expected_error < 0.03
        assert measured.expected_error < CHANCE * measured.error_by_chance


@pytest.mark.slow
def test_with_numbers_drawn_from_their_ranges_the_error_stays_under_eight_hundredths():
    people = 10_000
    probabilities, truth = simulated(
        people, np.random.default_rng(6), truth_table=drawn_tables(people)
    )

    assert error_over(probabilities, truth).expected_error < 0.08


@pytest.mark.slow
def test_a_world_that_breaks_the_assumptions_costs_something():
    own = simulated(4000, np.random.default_rng(7))
    other = simulated(4000, np.random.default_rng(7), world=DIFFERENT_WORLD)

    assert error_over(*other).expected_error > error_over(*own).expected_error
    assert error_over(*other).log_loss > error_over(*own).log_loss
