"""A contraction without pause gathers what hurts, and a rested muscle is rid of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import dorsal_horn, ischaemia, pain
from myotome.physiology.dorsal_horn import DorsalHorn
from myotome.physiology.ischaemia import Ischaemia
from myotome.physiology.pain import Pain

shares = st.floats(0, 1)


def test_a_muscle_at_rest_gathers_nothing():
    assert ischaemia.target(Ischaemia(), 0.0) == 0
    assert ischaemia.level_after(Ischaemia(), 0.0, 0.0, 30.0) == 0


@given(shares, shares, shares)
def test_more_activation_gathers_more_and_never_all(level, one, other):
    p = Ischaemia()
    less, more = sorted((one, other))

    low, high = (ischaemia.level_after(p, level, activation, 2.0) for activation in (less, more))

    assert 0 <= low <= high <= 1


@given(shares, shares, st.floats(0, 20))
def test_time_is_followed_exactly(level, activation, days):
    p = Ischaemia()

    at_once = ischaemia.level_after(p, level, activation, days)
    half = ischaemia.level_after(p, level, activation, days / 2)

    assert at_once == pytest.approx(ischaemia.level_after(p, half, activation, days / 2))


def test_it_hurts_and_a_muscle_bears_less_pressure():
    horn, person = DorsalHorn(), Pain()
    quiet, hurting = (dorsal_horn.nociceptive_drive(horn, 0.2, ischaemia=m) for m in (0.0, 1.0))
    easy, tender = (pain.pressure_pain_threshold(person, 0.3, ischaemia=m) for m in (0.0, 1.0))

    assert float(hurting - quiet) == pytest.approx(25 * horn.muscle_gain)
    assert tender < easy


def test_letting_go_is_felt_after_a_day_and_not_at_once():
    p = Ischaemia()
    spasm = ischaemia.target(p, 0.05)

    later = [float(ischaemia.level_after(p, spasm, 0.0, days)) / spasm for days in (0.01, 1.0, 7.0)]

    np.testing.assert_allclose(later, [0.99, np.exp(-1), np.exp(-7)], atol=1e-3)
