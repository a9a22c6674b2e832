"""The spindle answers ramps as published, at any step, and agrees with an adaptive solver."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from myotome.physiology import muscle_spindle as ms

SPINDLE = ms.MuscleSpindle()
OF = ms.constants(SPINDLE)


def _ramp(time, speed):
    """From 0.95 to 1.08 optimal lengths, after 0.2 s."""
    return np.clip(0.95 + speed * (time - 0.2), 0.95, 1.08)


def _answers(speed, dynamic=0.0, static=0.0, step_ms=1.0, last=1.5):
    """Rates of the primary and the secondary after every step."""
    of = ms.constants(SPINDLE, step_ms)
    drives = {"dynamic_drive": np.asarray(dynamic), "static_drive": np.asarray(static)}
    state = ms.at_rest(of, np.full(np.shape(dynamic), 0.95), *drives.values())
    found = []
    for time in np.arange(step_ms, last * 1000.0, step_ms) * 1e-3:
        length = np.asarray(_ramp(time, speed))
        state = ms.step(of, state, length=length, **drives)
        found.append((ms.primary_rate(of, state, length), ms.secondary_rate(of, state, length)))
    return np.array(found).T


@pytest.mark.parametrize(
    ("speed", "dynamic", "afferent", "published"),
    [(0.11, 0, 0, 89), (0.66, 0, 0, 125), (0.11, 70, 0, 192), (1.55, 70, 0, 335), (0.11, 0, 1, 73)],
)
def test_a_ramps_peak_is_the_published_models(speed, dynamic, afferent, published):
    peak = _answers(speed, dynamic)[afferent].max()

    assert abs(peak / published - 1.0) < 0.02, f"{peak:.0f} Hz, not {published}"


def test_halving_the_step_halves_the_error():
    exact = _answers(0.66, 70, step_ms=0.125, last=0.35)[0][7::8]
    coarse = _answers(0.66, 70, step_ms=1.0, last=0.35)[0]
    halved = _answers(0.66, 70, step_ms=0.5, last=0.35)[0][1::2]
    count = min(map(len, (exact, coarse, halved)))
    off = [np.abs(x[:count] - exact[:count])[205:].max() for x in (coarse, halved)]

    # The reference is itself off by an eighth of the first error: 7/8 over 3/8.
    assert 1.9 < off[0] / off[1] < 2.8


def test_a_fine_step_agrees_with_an_adaptive_solver():
    """Lengthening and shortening by turns, under dynamic drive."""

    def length_at(time):
        return 1.0 + 0.03 * np.sin(2 * np.pi * 3.0 * time)

    def speed_of_pole(time, pole):
        damping = 0.0605 + 0.2592 * 70.0**2 / (70.0**2 + 60.0**2)
        gamma = 0.0289 * 70.0**2 / (70.0**2 + 60.0**2)
        force = 10.4649 * (length_at(time) - pole - 0.04) - 0.15 * (pole - 0.76) - gamma
        reduced = force / (damping * (pole - 0.46) * np.where(force < 0, 0.42, 1.0))
        return np.sign(reduced) * np.abs(reduced) ** (1 / 0.3)

    of = ms.constants(SPINDLE, 0.2)
    drives = {"dynamic_drive": np.asarray(70.0), "static_drive": np.asarray(0.0)}
    state = ms.at_rest(of, np.asarray(1.0), *drives.values())
    times = np.arange(1, 2001) * 2e-4
    solved = solve_ivp(
        speed_of_pole,
        (0.0, 0.4),
        [float(state.bag_1_pole)],
        method="Radau",
        rtol=1e-8,
        atol=1e-11,
        t_eval=times,
    )
    poles = []
    for time in times:
        state = ms.step(of, state, length=np.asarray(length_at(time)), **drives)
        poles.append(float(state.bag_1_pole))

    assert np.abs(np.array(poles) - solved.y[0]).max() < 3e-5


def test_dynamic_drive_raises_the_peak_and_static_drive_the_hold():
    drives = np.array([0.0, 70.0, 0.0]), np.array([0.0, 0.0, 70.0])
    plain, dynamic, static = _answers(0.66, *drives)[:, 0]

    assert dynamic.max() - dynamic[-1] > 1.5 * (plain.max() - plain[-1])
    assert static[-1] > 2.0 * plain[-1]


def test_shortening_silences_the_primary_for_a_while():
    state = ms.at_rest(OF, np.asarray(1.08), np.asarray(0.0), np.asarray(0.0))
    for i in range(100):
        length = np.asarray(1.08 - 1e-3 * i)
        state = ms.step(
            OF, state, length=length, dynamic_drive=np.asarray(0.0), static_drive=np.asarray(0.0)
        )

    assert ms.primary_rate(OF, state, length) == 0.0


def test_a_held_length_leaves_the_rest_state_as_it_is():
    drives = {"dynamic_drive": np.asarray(50.0), "static_drive": np.asarray(30.0)}
    rest = ms.at_rest(OF, np.asarray(1.02), **drives)
    after = ms.step(OF, rest, length=np.asarray(1.02), **drives)

    assert np.allclose(np.array(rest), np.array(after), atol=1e-12)


def test_no_draw_of_lengths_and_drives_gives_what_is_no_number():
    generator = np.random.default_rng(2)
    lengths = np.cumsum(generator.normal(0.0, 0.03, (60, 10_000)), axis=0) + 1.0
    lengths = np.clip(lengths, 0.3, 2.0)
    dynamic, static = generator.uniform(0.0, 500.0, (2, 10_000))
    state = ms.at_rest(OF, lengths[0], dynamic, static)
    for length in lengths:
        state = ms.step(OF, state, length=length, dynamic_drive=dynamic, static_drive=static)
        for rate in (ms.primary_rate(OF, state, length), ms.secondary_rate(OF, state, length)):
            assert np.isfinite(rate).all()
            assert (rate >= 0.0).all()

    assert (state.bag_1_activation <= 1.0).all()


@settings(deadline=None)
@given(length=st.floats(0.3, 2.0), dynamic=st.floats(0, 500), static=st.floats(0, 500))
def test_activation_stays_within_0_and_1(length, dynamic, static):
    state = ms.at_rest(OF, np.asarray(length), np.asarray(dynamic), np.asarray(static))

    assert 0.0 <= state.bag_1_activation <= 1.0
    assert 0.0 <= state.bag_2_activation <= 1.0


def test_single_precision_stays_single():
    of = ms.constants(SPINDLE, dtype=np.float32)
    one, none = np.ones((), np.float32), np.zeros((), np.float32)
    state = ms.step(
        of, ms.at_rest(of, one, none, none), length=one, dynamic_drive=none, static_drive=none
    )

    assert {entry.dtype for entry in map(np.asarray, state)} == {np.dtype(np.float32)}
    assert ms.primary_rate(of, state, one).dtype == np.float32


def test_extreme_input_is_refused_in_words():
    with pytest.raises(ValueError, match=r"length must be 0.3 to 2 \(L0\), got 3.0"):
        ms.check(3.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="static_drive must be 0 to 500"):
        ms.check(1.0, 0.0, np.nan)
    with pytest.raises(ValueError, match="step_ms must be positive"):
        ms.constants(SPINDLE, 0.0)
