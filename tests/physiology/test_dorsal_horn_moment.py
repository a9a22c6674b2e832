"""The dorsal horn in the moment: wind-up, gate, and agreement with the course's steady table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from myotome.physiology import dorsal_horn, dorsal_horn_moment

HORN = dorsal_horn.DorsalHorn()


def recorded(  # noqa: PLR0913 - a run, all by name
    duration_ms, *, nociception, touch=0.0, sensitisation=0.0, horn=HORN, step_ms=1.0
):
    """P at every step; regression rows are of a circuit that feels its slow drive at once."""
    state = dorsal_horn_moment.at_rest(np.shape(sensitisation))
    rates = []
    for k in range(round(duration_ms / step_ms)):
        rates.append(state.projection)
        state = dorsal_horn_moment.advance(
            horn,
            state,
            touch=touch,
            nociception=nociception(k * step_ms),
            sensitisation=sensitisation,
            step_ms=step_ms,
        )
        state = state._replace(felt=state.slow)
    return np.array(rates)


def volleys(frequency, horn=HORN, **given_):
    """Counts of 16 volleys, the wind-up of one neuron."""
    period = 1000.0 / frequency
    onsets = 1000.0 + period * np.arange(16)

    def drive(t):
        return 40.0 if t >= 1000.0 and (t - 1000.0) % period < 200.0 else 0.0

    rates = recorded(onsets[-1] + 500.0, nociception=drive, horn=horn, **given_)
    return dorsal_horn_moment.volley_counts(rates, onsets, 500.0)


@pytest.fixture(scope="module")
def wound():
    """Counts at three sensitisations, and without the slow drive."""
    on = np.array([1.0, 1.0, 1.0, 0.0])
    horn = dorsal_horn.DorsalHorn(slow_input=0.18 * on, slow_wind_up=2.85 * on)
    return volleys(0.5, horn=horn, sensitisation=np.array([0.0, 0.5, 1.0, 0.0]))


def test_volleys_at_half_a_hertz_wind_up(wound):
    assert np.allclose(wound[0, :3], [6.8, 17.6, 30.6], rtol=0.02)
    assert np.allclose(wound[15, :3] / wound[0, :3], [2.92, 1.85, 1.40], rtol=0.02)


def test_without_the_slow_drive_nothing_winds_up(wound):
    assert wound[15, 3] / wound[0, 3] == pytest.approx(1.0, abs=0.01)


def test_the_slow_drive_is_felt_with_the_published_rise_and_decay():
    # A receptor that rises with 0.2 s (ModelDB 267056) and decays with 3.6 s: a difference of two
    # exponentials, whose peak comes at 0.61 s.
    state = dorsal_horn_moment.at_rest(())._replace(slow=np.array(10.0))
    felt = []
    for _ in range(8000):
        state = dorsal_horn_moment.advance(
            HORN, state, touch=0.0, nociception=0.0, sensitisation=0.0
        )
        felt.append(float(state.felt))
    t = 1e-3 * np.arange(1, 8001)
    published = 10.0 * 3.6 / (3.6 - 0.2) * (np.exp(-t / 3.6) - np.exp(-t / 0.2))

    assert np.abs(np.array(felt) - published).max() < 0.03
    assert t[np.argmax(felt)] == pytest.approx(np.log(18.0) * 3.6 * 0.2 / 3.4, abs=0.01)


def test_touch_closes_the_gate_until_it_fails():
    levels, drive = np.array([0.0, 1.0]), np.array([[20.0], [20.0], [0.0]])
    touched, alone, stroked = np.moveaxis(
        recorded(
            5000,
            nociception=lambda _: drive,
            touch=np.array([[40.0], [0.0], [40.0]]),
            sensitisation=np.broadcast_to(levels, (3, 2)),
        ),
        1,
        0,
    )

    closed = 1.0 - touched[-500:].mean(axis=0) / alone[-500:].mean(axis=0)
    assert closed[0] > 0.9
    assert closed[1] < 0.05
    assert stroked[-1, 0] < 0.1
    assert stroked[-1, 1] == pytest.approx(20.3, abs=0.1)


@pytest.mark.parametrize(
    ("touch", "drive", "sensitisation"), [(0, 5, 0.3), (10, 12, 0.5), (0, 30, 0)]
)
def test_many_kinds_come_to_rest_where_the_course_reads_them(touch, drive, sensitisation):
    kinds = dorsal_horn_moment.convergence(HORN, 200)
    state = dorsal_horn_moment.at_rest((200,))
    for _ in range(6000):
        state = dorsal_horn_moment.advance(
            HORN,
            state,
            touch=float(touch),
            nociception=kinds * drive,
            sensitisation=sensitisation,
            step_ms=5.0,
        )

    course = float(dorsal_horn.projection_rate(HORN, touch, drive, sensitisation))
    assert float(dorsal_horn_moment.projection_rate(state)) == pytest.approx(course, abs=1.5)


@pytest.mark.parametrize("kinds", [1, 2, 16, 200])
def test_convergence_has_mean_one(kinds):
    assert dorsal_horn_moment.convergence(HORN, kinds).mean() == pytest.approx(1.0)


def test_an_independent_solver_gives_the_same_rates_and_halving_halves_the_error():
    def change(_, y):
        state = dorsal_horn.Circuit(*y)
        return np.array(dorsal_horn.rates_of_change(HORN, state, 5.0, 25.0, 0.2))

    exact = solve_ivp(change, (0.0, 0.3), np.zeros(5), "DOP853", rtol=1e-10, atol=1e-10).y[:, -1]
    errors = []
    for step_ms in (2.0, 1.0, 0.5, 0.25):
        state = dorsal_horn_moment.at_rest(())
        for _ in range(round(300.0 / step_ms)):
            state = dorsal_horn_moment.advance(
                HORN, state, touch=5.0, nociception=25.0, sensitisation=0.2, step_ms=step_ms
            )
        errors.append(abs(float(state.projection) - exact[2]))

    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all((orders > 0.8) & (orders < 1.2)), orders
    assert errors[1] < 0.01 * exact[2]


@given(st.floats(0.0, 5000.0), st.floats(0.0, 5000.0), st.floats(0.0, 1.0), st.floats(0.01, 1e4))
@settings(max_examples=50, deadline=None)
def test_rates_stay_between_nothing_and_their_ceiling(touch, drive, sensitisation, step_ms):
    state = dorsal_horn_moment.at_rest((2,))
    for _ in range(20):
        state = dorsal_horn_moment.advance(
            HORN,
            state,
            touch=touch,
            nociception=drive,
            sensitisation=sensitisation,
            step_ms=step_ms,
        )

    ceilings = (
        HORN.excitatory_ceiling, HORN.inhibitory_ceiling, HORN.projection_ceiling,
        HORN.slow_ceiling, HORN.slow_ceiling,
    )  # fmt: skip
    for value, ceiling in zip(state, ceilings, strict=True):
        assert np.all((value >= 0.0) & (value <= ceiling * (1.0 + 1e-12)))


def test_ten_thousand_draws_give_numbers():
    rng = np.random.default_rng(1)
    horn = dorsal_horn.DorsalHorn(
        nociceptive_gain=rng.uniform(0.7, 1.4, 10_000), touch_gain=rng.uniform(0.7, 1.4, 10_000)
    )
    state = dorsal_horn_moment.at_rest((10_000,))
    for _ in range(300):
        state = dorsal_horn_moment.advance(
            horn,
            state,
            touch=rng.uniform(0.0, 200.0, 10_000),
            nociception=rng.uniform(0.0, 500.0, 10_000),
            sensitisation=rng.uniform(0.0, 1.0, 10_000),
        )

    assert all(np.all(np.isfinite(value)) for value in state)


def test_single_precision_stays_single():
    state = dorsal_horn_moment.at_rest((4,), np.float32)
    for _ in range(10):
        state = dorsal_horn_moment.advance(
            HORN, state, touch=5.0, nociception=20.0, sensitisation=0.5
        )

    assert all(value.dtype == np.float32 for value in state)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((-1.0, 0.0, 0.0), "touch"),
        ((0.0, np.nan, 0.0), "nociception"),
        ((0.0, 1e6, 0.0), "nociception"),
        ((0.0, 0.0, 1.1), "sensitisation"),
    ],
)
def test_it_refuses_what_has_no_meaning(values, named):
    with pytest.raises(ValueError, match=named):
        dorsal_horn_moment.checked(*values)


def test_it_counts_only_within_what_was_recorded():
    with pytest.raises(ValueError, match="onsets_ms"):
        dorsal_horn_moment.volley_counts(np.zeros(100), np.array([50.0]), 80.0)
    with pytest.raises(ValueError, match="window_ms"):
        dorsal_horn_moment.volley_counts(np.zeros(100), np.array([50.0]), 0.0)
    with pytest.raises(ValueError, match="kinds"):
        dorsal_horn_moment.convergence(HORN, 0)
