"""Two ways for a pool to be, thresholds as cramps have them, tone that adds to will."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import drive as dr

DRIVE = dr.Drive()


@given(
    excitation=st.floats(-1, 4),
    current=st.floats(0.1, 3),
    softness=st.floats(0.05, 0.4),
    x=st.floats(0, 1),
    theta=st.floats(0.6, 1.6),
    sustained=st.booleans(),
)
def test_discharge_is_a_steady_state_of_its_law(  # noqa: PLR0913, PLR0917 - drawn by name
    excitation, current, softness, x, theta, sustained
):
    pool = dataclasses.replace(DRIVE, persistent_current=current, softness=softness)
    found = dr.tone(pool, excitation, threshold_rise=x, homeostasis=theta, sustained=sustained)
    _, quiet, _ = dr._folds(pool)
    argument = (excitation - (1 + x) * theta + quiet + current * found.discharge) / softness
    expected = 1 / (1 + np.exp(-argument))

    assert abs(found.discharge - expected) < 1e-9
    assert 0.0 <= found.discharge <= 1.0


@given(excitation=st.floats(0, 2), more=st.floats(0, 1), sustained=st.booleans())
def test_more_excitation_never_quietens(excitation, more, sustained):
    low = dr.tone(DRIVE, excitation, sustained=sustained)
    high = dr.tone(DRIVE, excitation + more, sustained=sustained)

    assert high.discharge >= low.discharge - 1e-12


def test_a_pool_starts_at_threshold_and_stops_far_below_it():
    width = float(dr.hysteresis(DRIVE))
    up = dr.tone(DRIVE, np.array([0.9, 0.999, 1.001, 1.2]))
    down = dr.tone(DRIVE, np.array([1 - width + 1e-3, 1 - width - 1e-3]), sustained=True)

    assert up.sustained.tolist() == [False, False, True, True]
    assert down.sustained.tolist() == [True, False]
    assert 0.3 < width < 0.9


def test_between_the_folds_the_branch_is_the_one_it_was_in():
    quiet = dr.tone(DRIVE, 0.8)
    spasm = dr.tone(DRIVE, 0.8, sustained=True)

    assert quiet.bistable.all()
    assert float(quiet.discharge) < 0.05
    assert float(spasm.discharge) > 0.95
    assert bool(spasm.sustained)


def test_without_the_persistent_current_there_is_one_way_to_be():
    pool = dataclasses.replace(DRIVE, persistent_current=0.2)
    inputs = np.linspace(0, 2, 50)
    quiet = dr.tone(pool, inputs)
    sustained = dr.tone(pool, inputs, sustained=True)

    assert not quiet.bistable.any()
    assert np.allclose(quiet.discharge, sustained.discharge)
    assert float(dr.hysteresis(pool)) == 0.0


def test_painful_input_lowers_the_cramp_threshold_as_saline_does():
    without = float(dr.cramp_threshold_frequency(DRIVE))
    painful = float(dr.cramp_threshold_frequency(DRIVE, 25.0))

    assert without == pytest.approx(31.2, abs=0.1)
    assert painful == pytest.approx(25.7, abs=0.1), f"{painful:.1f} Hz, not 25.7"


@given(x=st.floats(0, 1), theta=st.floats(0.6, 1.6))
def test_the_cramp_threshold_moves_by_exactly_x(x, theta):
    moved = dr.cramp_threshold_frequency(DRIVE, threshold_rise=x, homeostasis=theta)

    assert float(moved) == pytest.approx(31.2 * (1 + x) * theta)


def test_pain_alone_does_not_start_a_spasm_but_can_keep_one():
    strong = dr.excitatory_drive(DRIVE, 90.0, spindle_stretch=0.1)

    assert not dr.tone(DRIVE, strong).sustained
    assert dr.tone(DRIVE, strong, sustained=True).sustained


def test_stretch_adds_drive_and_slack_takes_none():
    rest = float(dr.excitatory_drive(DRIVE, 40.0))

    assert float(dr.excitatory_drive(DRIVE, 40.0, spindle_stretch=0.2)) > rest
    assert float(dr.excitatory_drive(DRIVE, 40.0, spindle_stretch=-0.2)) == rest
    assert float(dr.excitatory_drive(DRIVE, 40.0, receptor_density=100.0)) > rest


def test_days_ask_for_more_from_sleep_to_exercise():
    asked = [
        dr.voluntary_activation(DRIVE, day) for day in ("sleep", "sit", "stand", "walk", "exercise")
    ]

    assert asked == sorted(asked)


@given(tone=st.floats(0, 1), will=st.floats(0, 1))
def test_tone_and_will_together_stay_in_bounds(tone, will):
    both = dr.activation(dr.involuntary_activation(DRIVE, tone), will)

    assert will - 1e-12 <= both <= 1.0 + 1e-12


def test_a_draw_alone_equals_the_draw_in_company():
    current = np.array([[0.3], [0.8], [1.5]])
    inputs = np.linspace(0, 1.5, 6)
    together = dr.tone(
        dataclasses.replace(DRIVE, persistent_current=current), inputs, sustained=True
    )
    for row in range(3):
        pool = dataclasses.replace(DRIVE, persistent_current=current[row : row + 1])
        alone = dr.tone(pool, inputs, sustained=True)
        assert np.array_equal(together.discharge[row : row + 1], alone.discharge)


def test_branches_may_start_anew_in_every_call():
    found = dr.tone(DRIVE, np.zeros((4, 3)), sustained=np.zeros((4, 3), dtype=np.bool_))

    assert found.discharge.shape == (4, 3)
    assert not found.sustained.any()


def test_one_of_many_pools_equals_itself_alone():
    excitation = np.linspace(-2.0, 3.0, 4001)[:, None]
    pool = dr.Drive(persistent_current=np.linspace(0.2, 2.0, 4001)[:, None])
    together = dr.tone(pool, excitation, sustained=True)

    for place in range(0, 4001, 83):
        one = slice(place, place + 1)
        own = dr.Drive(persistent_current=pool.persistent_current[one])
        alone = dr.tone(own, excitation[one], sustained=True)
        assert together.discharge[place] == alone.discharge[0]
