"""The tendon organ answers force as its published transfer function does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.physiology import tendon_organ as to

ORGAN = to.TendonOrgan()
OF = to.constants(ORGAN)


def _answers(of, forces, before=0.0):
    state = to.at_rest(of, np.asarray(before))
    found = []
    for force in forces:
        found.append(to.discharge_rate(of, state, np.asarray(force)))
        state = to.step(of, state, np.asarray(force))
    return np.array(found)


def test_a_step_to_10_newton_overshoots_by_1_7_and_settles_at_75_hertz():
    rate = _answers(to.constants(ORGAN, 10.0), np.full(6000, 10.0))

    assert abs(rate[0] / rate[-1] - 1.7) < 1e-3
    assert abs(rate[-1] - 75.0) < 0.5


def test_a_step_of_any_length_gives_the_same_answer_to_a_held_force():
    fine = _answers(OF, np.full(2000, 40.0))
    coarse = _answers(to.constants(ORGAN, 10.0), np.full(200, 40.0))

    assert np.allclose(fine[::10], coarse, rtol=1e-9)


def test_the_transfer_function_is_the_published_one():
    """Gain and phase for a small oscillation of force about 20 N."""
    step, hertz, steps = 1.0, 0.5, 20_000
    time = np.arange(steps) * step * 1e-3
    wave = np.exp(2j * np.pi * hertz * time)
    of = to.constants(ORGAN, step)
    rate = _answers(of, 20.0 + 1e-3 * wave.imag, before=20.0)[10_000:]

    response = 2 * np.mean((rate - rate.mean()) * np.conj(wave[10_000:])) * 1j
    s = 2j * np.pi * hertz
    gain = (1.7 * s * s + 2.58 * s + 0.4) / (s * s + 2.2 * s + 0.4)
    slope = 60.0 / (20.0 + 4.0) * 1e-3
    assert abs(response / slope - gain) < 0.01


def test_a_falling_force_silences_the_organ():
    assert _answers(OF, [1.0], before=200.0)[0] == 0.0


@settings(deadline=None)
@given(forces=st.lists(st.floats(-1e4, 1e6), min_size=1, max_size=30))
def test_the_rate_is_finite_and_never_negative(forces):
    rate = _answers(OF, forces)

    assert np.isfinite(rate).all()
    assert (rate >= 0.0).all()


def test_a_lag_that_would_ring_is_refused():
    with pytest.raises(ValueError, match="lag_1 must exceed twice the root of lag_0"):
        to.constants(to.TendonOrgan(lag_1=1.0, lag_0=1.0))
    with pytest.raises(ValueError, match="step_ms must be positive"):
        to.constants(ORGAN, 0.0)
    with pytest.raises(ValueError, match="gain must be positive"):
        to.constants(to.TendonOrgan(gain=np.nan))


def test_a_force_that_is_none_is_refused():
    with pytest.raises(ValueError, match="force must be -1e5 to 1e5"):
        to.check(np.nan)
    with pytest.raises(ValueError, match="force must be -1e5 to 1e5"):
        to.check([1.0, 1e9])
    to.check(300.0)
