"""Activation follows excitation, stays between its bounds and knows rise from fall."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import whole_muscle_activation as w

LAW = w.WholeMuscleActivation()
SHARE = st.floats(0.0, 1.0)


@given(SHARE, SHARE, st.sampled_from([0.1, 1.0, 10.0]))
def test_activation_goes_to_its_excitation_and_never_past_it(start, excitation, steepness):
    law = w.WholeMuscleActivation(steepness=steepness)
    found = w.course(law, start=start, excitation=excitation, duration_ms=20.0, step_ms=0.5)

    towards = np.abs(found - excitation)
    assert (np.diff(towards) <= 1e-12).all()
    assert (np.sign(found - excitation) * np.sign(start - excitation) >= 0.0).all()


def test_far_below_its_excitation_only_the_rise_counts_and_far_above_only_the_fall():
    assert w.rate_of_change(LAW, 0.0, 1.0) == pytest.approx(1.0 / (0.5 * 15.0), rel=1e-6)
    assert w.rate_of_change(LAW, 1.0, 0.0) == pytest.approx(-2.0 / 60.0, rel=1e-6)


def test_half_the_step_changes_the_result_by_a_sixteenth():
    def end(step_ms):
        return w.course(LAW, start=0.0, excitation=0.6, duration_ms=16.0, step_ms=step_ms)[-1]

    exact = end(0.0625)
    coarse, fine = abs(end(2.0) - exact), abs(end(1.0) - exact)

    assert 3.0 < np.log2(coarse / fine) < 5.5


def test_a_level_that_is_never_passed_has_no_time():
    assert np.isnan(w.time_to(LAW, 0.9, start=0.0, excitation=0.5))


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_what_is_no_share_is_refused(value):
    with pytest.raises(ValueError, match="must be 0 to 1"):
        w.course(LAW, start=value, excitation=1.0, duration_ms=1.0)
    with pytest.raises(ValueError, match="must be 0 to 1"):
        w.course(LAW, start=0.0, excitation=value, duration_ms=1.0)
