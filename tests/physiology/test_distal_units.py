"""Units of hand and foot: as quick as measured, whatever their size, and fused at such rates."""

from dataclasses import replace

import numpy as np
import pytest

from myotome.physiology import distal_units, motor_unit
from myotome.physiology.distal_units import DistalUnits
from myotome.physiology.motor_unit import MotorUnits

OF = DistalUnits()
CHAIN = MotorUnits()
COUNT = 24


def activations(trains):
    """Activation by step and unit; `trains` holds 0 or 1 for each step."""
    of = distal_units.constants(OF, CHAIN, COUNT)
    state, found = motor_unit.at_rest(of), []
    for fired in trains:
        state = motor_unit.step(
            of, state, spikes=np.full(COUNT, float(fired)), fibre_length=np.ones(()),
            fibre_velocity=np.zeros(()),
        )  # fmt: skip
        found.append(state.activation)
    return np.array(found)


def steady(rate):
    """Mean activation of each unit in the last second of three at a rate (Hz)."""
    at = np.round(np.arange(0.0, 3000.0, 1000.0 / rate)).astype(int)
    train = np.zeros(3000)
    train[at] = 1.0
    cycles = int(rate)
    return activations(train)[-round(cycles * 1000.0 / rate) :].mean(axis=0)


def test_twitches_are_as_quick_as_measured():
    one = np.zeros(600)
    one[0] = 1.0
    peaks = activations(one).argmax(axis=0) + 1.0

    assert np.allclose(peaks, distal_units.contraction_times(OF, COUNT), atol=2.0)


def test_half_of_the_force_comes_at_the_published_product():
    times = distal_units.contraction_times(OF, COUNT)
    tetanus = steady(150.0)
    for unit in (0, 5, 11):
        rate = 702.4 / times[unit]  # Hz at half force, by fuglevand1993
        below, above = steady(0.9 * rate)[unit], steady(1.1 * rate)[unit]
        assert below < 0.5 * tetanus[unit] < above


def test_contraction_times_fill_the_measured_range_whatever_the_size():
    times = distal_units.contraction_times(OF, 120)
    of = distal_units.constants(OF, CHAIN, 120)

    assert 35.0 <= times.min() < 36.5
    assert 95.0 < times.max() <= 98.0
    assert abs(np.corrcoef(times, of.tetanic_force)[0, 1]) < 0.05
    assert of.tetanic_force[-1] / of.tetanic_force[0] == pytest.approx(7.0)
    assert of.tetanic_force.sum() == pytest.approx(1.0)


def test_the_constants_have_the_shape_of_those_of_other_muscles():
    of = distal_units.constants(OF, CHAIN, 30, dtype=np.float32)
    other = motor_unit.constants(CHAIN, 30, dtype=np.float32)

    assert [x.shape for x in of] == [x.shape for x in other]
    assert {x.dtype for x in of} == {np.dtype(np.float32)}


def test_what_no_muscle_has_is_refused():
    with pytest.raises(ValueError, match="units must be"):
        distal_units.constants(OF, CHAIN, 0)
    with pytest.raises(ValueError, match="step_ms"):
        distal_units.constants(OF, CHAIN, 10, 3.0)
    with pytest.raises(ValueError, match="half"):
        distal_units.constants(replace(OF, half=np.nan), CHAIN, 10)
