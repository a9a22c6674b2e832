"""Descending control: spares what hurts itself, sets in within seconds, outlasts its cause."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import descending_control as dc
from myotome.physiology.descending_control import DescendingControl

OF = DescendingControl()
CONSTANT = dc.constants(OF)


def after(heard, seconds, control=0.0):
    for _ in range(round(1000 * seconds)):
        control = dc.step(CONSTANT, np.asarray(control), np.asarray(heard))
    return float(control)


def test_pain_of_its_own_holds_no_neuron_down():
    assert (dc.elsewhere(np.array([[7.3]])) == 0.0).all()
    assert dc.elsewhere(np.array([3.0, 5.0])) == pytest.approx([5.0, 3.0])
    assert after(0.0, 1.0) == 0.0
    assert dc.passes(CONSTANT, np.zeros(1)) == 1.0


def test_full_control_takes_what_was_published():
    left = float(dc.passes(CONSTANT, np.asarray(after(1e4, 60.0))))

    assert 0.0 <= left <= 0.4  # 60 to 100 % of the discharge is taken, dnic1979
    assert left == pytest.approx(1.0 - OF.depth, abs=0.002)


def test_it_follows_the_closed_form():
    assert after(OF.half_drive, 5.0) == pytest.approx(0.5 * (1.0 - np.exp(-1.0)), rel=1e-6)
    assert after(0.0, 120.0, 0.5) == pytest.approx(0.5 * np.exp(-1.0), rel=1e-6)


def test_it_outlasts_its_cause_the_longer_the_longer_that_lasted():
    brief, long = after(20.0, 2.0), after(20.0, 20.0)

    assert after(0.0, 60.0, long) > 2.0 * after(0.0, 60.0, brief) > 0.0


@given(st.lists(st.floats(0.0, 1e4), min_size=1, max_size=40))
def test_it_stays_a_share(drives):
    control = np.zeros(())
    for drive in drives:
        control = dc.step(CONSTANT, control, np.asarray(drive))
        assert 0.0 <= control <= 1.0


def test_what_nobody_has_is_refused():
    with pytest.raises(ValueError, match="step_ms"):
        dc.constants(OF, 0.0)
    with pytest.raises(ValueError, match="rise_time"):
        dc.constants(replace(OF, rise_time=0.0))
