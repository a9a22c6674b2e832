"""The sensitivity keeps its laws: known indices are found, and the same seed says the same."""

import json

import numpy as np
import pytest

from myotome.atlas import Root, atlas
from myotome.errors import InputError, UnknownName
from myotome.report.landscape_page import bars_picture, sensitivity_words
from myotome.simulation.landscape import APART
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.onset import beginning
from myotome.simulation.preparation import Preparation
from myotome.simulation.schedule import Event, Schedule
from myotome.simulation.sensitivity import (
    KEPT,
    OUTCOMES,
    central_place,
    chronic_gain,
    elementary_effects,
    latin_hypercube,
    mechanism_at,
    pain_difference,
    radial_points,
    saltelli_points,
    sensitivity_of,
    sobol_indices,
    two_state_width,
    uncertain_numbers,
)

SITE = atlas().site("multifidus_cervicalis", "left", "C6")
PREPARATION = Preparation((Root("C6", "left"),), (SITE,), np.ones((1, 1)), np.ones((1, 1)))
SCHEDULE = Schedule(tuple(Event(7.0 * week, "needling", (SITE,), 2) for week in range(4)))
START = beginning(5.0, 26.0)


def ishigami(points):
    x = np.pi * (2.0 * points - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_the_indices_of_ishigami_are_found():
    # Closed form at a = 7, b = 0.1; the fourth column does nothing.
    a, b = latin_hypercube(8192, 8, np.random.default_rng(3)).reshape(8192, 2, 4).swapaxes(0, 1)
    values = ishigami(saltelli_points(a, b)).reshape(6, 8192)

    first, total = sobol_indices(values)

    np.testing.assert_allclose(first, (0.3139, 0.4424, 0.0, 0.0), atol=0.03)
    np.testing.assert_allclose(total, (0.5576, 0.4424, 0.2437, 0.0), atol=0.03)


def test_what_does_not_vary_has_no_indices():
    first, total = sobol_indices(np.ones((5, 16)))

    assert not first.any()
    assert not total.any()


def test_a_linear_outcome_has_its_slopes_as_effects():
    slopes = np.array([3.0, -1.0, 0.0])
    points = radial_points(
        latin_hypercube(5, 3, np.random.default_rng(1)), np.random.default_rng(2)
    )

    size, scatter = elementary_effects(points @ slopes, points)

    np.testing.assert_allclose(size, np.abs(slopes), atol=1e-12)
    np.testing.assert_allclose(scatter, 0.0, atol=1e-12)


def test_every_step_of_the_screening_stays_in_the_range_and_moves_one_number():
    points = radial_points(
        latin_hypercube(4, 6, np.random.default_rng(1)), np.random.default_rng(2)
    )

    assert points.min() >= 0.0
    assert points.max() <= 1.0
    assert np.all((points != points[:, :1]).sum(axis=2)[:, 1:] == 1)


def test_a_hypercube_has_one_point_in_each_stratum():
    points = latin_hypercube(10, 3, np.random.default_rng(0))

    assert np.all(np.sort((points * 10).astype(int), axis=0) == np.arange(10)[:, None])


def test_only_choices_and_unverified_numbers_are_varied():
    numbers = uncertain_numbers()

    assert len(numbers) > 100
    assert {item.tag for _, item in numbers} == {"D", "U"}
    assert ("segment", "paraspinal_maximum_force") in {(s, item.name) for s, item in numbers}


def test_the_central_place_gives_the_central_value():
    numbers = uncertain_numbers()
    places = np.array([[central_place(item) for _, item in numbers]])

    mechanism = mechanism_at(numbers, places)

    for structure, item in numbers:
        value = getattr(getattr(mechanism, structure), item.name)
        assert value[0, 0] == pytest.approx(item.value, rel=1e-9, abs=1e-12)


def test_the_width_is_that_of_the_landscape():
    assert two_state_width(Mechanism(), 1, PREPARATION) == pytest.approx(0.514, abs=0.03)


def test_a_motoneuron_without_memory_has_no_width():
    columns = {"drive": {"persistent_current": np.array([[0.2], [1.2]])}}

    without, with_memory = two_state_width(Mechanism().with_values(columns), 2, PREPARATION)

    assert without <= APART
    assert with_memory > APART


def test_the_gain_is_nothing_without_pull():
    columns = {"segment": {"paraspinal_maximum_force": np.array([[1e-9], [300.0]])}}

    none, some = chronic_gain(Mechanism().with_values(columns), 2, PREPARATION, START)

    assert none == pytest.approx(0.0, abs=1e-9)
    assert some > 1e-5


def test_nothing_done_makes_no_difference_to_pain():
    found = pain_difference(Mechanism(), 1, PREPARATION, Schedule(), START, weeks=2.0)

    assert found == pytest.approx(0.0, abs=1e-12)


@pytest.fixture(scope="module")
def small():
    return sensitivity_of(
        PREPARATION, SCHEDULE, START, "loop_gain", screens=2, base=8, seed=4, workers=1
    )


def test_it_reports_every_number_and_keeps_a_dozen(small):
    assert len(small.effects) == len(uncertain_numbers())
    assert len(small.kept) == KEPT
    assert small.evaluations > 300


def test_the_same_seed_says_the_same_with_any_number_of_workers(small):
    seen = []
    again = sensitivity_of(
        PREPARATION,
        SCHEDULE,
        START,
        "loop_gain",
        screens=2,
        base=8,
        seed=4,
        workers=2,
        progress=seen.append,
    )

    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)
    assert json.dumps(again.to_dict()) == json.dumps(small.to_dict())


def test_its_picture_has_a_bar_a_number(small):
    picture = bars_picture(small)

    assert picture.count("scape-total") == KEPT
    assert "runs." in sensitivity_words(small)


def test_it_refuses_what_it_does_not_know():
    with pytest.raises(UnknownName, match="loop_gain"):
        sensitivity_of(PREPARATION, SCHEDULE, START, "loop_gains")
    with pytest.raises(InputError, match="base must be at least 8"):
        sensitivity_of(PREPARATION, SCHEDULE, START, "loop_gain", base=4)
    assert "loop_gain" in OUTCOMES
