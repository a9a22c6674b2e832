"""The Fuglevand pool: the table of its published equations to 0.5 %, intervals and limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import fuglevand1993 as fg

POOL = fg.Fuglevand1993()
UNITS = fg.motor_units(POOL)
SHOWN = [0, 29, 59, 89, 119]


@pytest.mark.parametrize(
    ("values", "published"),
    [
        (UNITS.thresholds, [1.029, 2.340, 5.477, 12.82, 30.0]),
        (UNITS.twitch_forces, [1.039, 3.162, 10.0, 31.6, 100.0]),
        (UNITS.contraction_times, [89.2, 68.4, 52.0, 39.5, 30.0]),
        (UNITS.peak_rates, [34.66, 34.22, 33.17, 30.73, 25.0]),
    ],
)
def test_units_are_spread_as_published(values, published):
    assert np.allclose(values[SHOWN], published, rtol=2e-3)


def test_force_and_recruitment_grow_as_published():
    top = fg.largest_excitation(POOL, UNITS)
    forces = [fg.mean_force(POOL, UNITS, top * part / 10.0) for part in range(1, 11)]
    recruited = [
        int((fg.discharge_rates(POOL, UNITS, top * part / 10.0) > 0).sum()) for part in range(1, 8)
    ]

    assert top == pytest.approx(47.0)
    shares = 100.0 * np.array(forces) / forces[-1]
    published = [3.4, 9.9, 18.6, 29.3, 41.9, 56.1, 71.1, 85.1, 95.8, 100.0]
    assert np.allclose(shares, published, atol=0.06)
    assert recruited == [54, 79, 93, 103, 111, 117, 120]


def test_force_levels_off_with_rate_as_published():
    closeness = np.array([0.2, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5])

    published = [0.060, 0.120, 0.221, 0.351, 0.641, 0.865, 0.999]
    assert np.allclose(fg.saturation(POOL, closeness), published, atol=6e-4)


def test_far_twitches_have_gain_one_and_the_gain_is_continuous_in_its_value():
    assert np.allclose(fg.gain(POOL, np.array([1e-6, 0.1, 0.4])), 1.0)
    assert fg.gain(POOL, np.array(0.3999999)) == pytest.approx(1.0, abs=1e-6)


def test_a_twitch_peaks_at_its_contraction_time():
    times = np.linspace(0.0, 400.0, 40_001)
    forces = fg.twitch(UNITS, times)

    assert np.allclose(times[forces.argmax(axis=0)], UNITS.contraction_times, atol=0.01)
    assert np.allclose(forces.max(axis=0), UNITS.twitch_forces, rtol=1e-6)


def test_twitches_at_intervals_give_the_mean_force():
    """The closed form against twitches added one by one, without variation."""
    excitation = 20.0
    rate = fg.discharge_rates(POOL, UNITS, excitation)
    period = 1000.0 / np.maximum(rate, 1e-9)
    time = np.arange(0.0, 1000.0, 1.0)
    total = 0.0
    for unit in np.flatnonzero(rate > 0.0):
        since = time[:, None] % period[unit] + period[unit] * np.arange(40)
        share = since / UNITS.contraction_times[unit]
        force = (UNITS.twitch_forces[unit] * share * np.exp(1.0 - share)).sum(axis=1)
        whole = int(1000.0 // period[unit]) * period[unit]
        close = UNITS.contraction_times[unit] / period[unit]
        total += float(fg.gain(POOL, close)) * force[time < whole].mean()

    assert total == pytest.approx(fg.mean_force(POOL, UNITS, excitation), rel=0.01)


def test_intervals_have_their_mean_and_variation():
    drawn = fg.intervals(POOL, np.array(10.0), seed=1, place=3, number=np.arange(20_000))

    assert drawn.mean() == pytest.approx(100.0, rel=0.01)
    assert drawn.std() / drawn.mean() == pytest.approx(0.2, rel=0.02)
    assert drawn.min() >= 100.0 * (1.0 - 3.9 * 0.2)


@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_more_excitation_never_gives_less(low, high):
    low, high = sorted((low, high))

    assert np.all(fg.discharge_rates(POOL, UNITS, high) >= fg.discharge_rates(POOL, UNITS, low))
    assert fg.mean_force(POOL, UNITS, high) >= fg.mean_force(POOL, UNITS, low) - 1e-9


def test_small_units_are_recruited_first():
    for excitation in (2.0, 10.0, 25.0):
        active = fg.discharge_rates(POOL, UNITS, excitation) > 0.0
        assert np.all(np.diff(active.astype(int)) <= 0)


@pytest.mark.parametrize("excitation", [-1.0, np.nan, np.inf])
def test_it_refuses_an_excitation_without_meaning(excitation):
    with pytest.raises(ValueError, match="excitation must be"):
        fg.discharge_rates(POOL, UNITS, excitation)


@pytest.mark.parametrize(
    "wrong",
    [
        {"units": 0.0}, {"units": 2.5}, {"threshold_range": 1.0}, {"rate_gain": 0.0},
        {"lowest_rate": -8.0}, {"lowest_rate": np.nan}, {"slowest_contraction": 0.0},
        {"linear_limit": 0.0}, {"first_peak": 7.0}, {"peak_fall": 28.0}, {"peak_fall": -1.0},
        {"variation": 0.3}, {"variation": -0.1},
    ],
)  # fmt: skip
def test_it_refuses_a_pool_without_meaning(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
        fg.motor_units(fg.Fuglevand1993(**wrong))
