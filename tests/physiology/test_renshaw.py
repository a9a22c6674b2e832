"""Renshaw cells: closed form under a steady rate, bounds, and that they limit a pool's rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.physiology import motoneuron
from myotome.physiology import renshaw as rw

RENSHAW = rw.Renshaw()
LEAK = np.linspace(0.1, 0.6, 120)
CONSTANT = rw.constants(RENSHAW, LEAK)


def driven(rate, milliseconds=3000, seed=1):
    """States of the cells while every unit fires at a rate (Hz), evenly spread."""
    phase = np.random.default_rng(seed).random(120)
    state, found = rw.at_rest(), []
    for k in range(milliseconds):
        before, now = rate * k / 1000.0 + phase, rate * (k + 1) / 1000.0 + phase
        fired = np.floor(now) - np.floor(before)
        state = rw.step(RENSHAW, CONSTANT, state, fired=fired)
        found.append(state)
    return found


@pytest.mark.parametrize("rate", [5.0, 20.0, 60.0])
def test_a_steady_pool_meets_the_closed_form(rate):
    found = np.mean([float(state.inhibition) for state in driven(rate)[1000:]])

    assert found == pytest.approx(rw.steady_inhibition(RENSHAW, rate), rel=0.05)


def test_a_silent_pool_inhibits_nobody():
    assert float(driven(0.0, 50)[-1].inhibition) == 0.0


def test_inhibition_outlasts_a_volley_and_fades():
    state, course = rw.at_rest(), []
    for k in range(100):
        state = rw.step(RENSHAW, CONSTANT, state, fired=np.full(120, float(k == 0)))
        course.append(float(state.inhibition))

    assert 2 <= np.argmax(course) <= 25
    assert course[-1] < 0.05 * max(course)
    assert 0.1 < max(course) < 1.0


def test_recurrent_inhibition_limits_the_rate_of_a_pool():
    """A pool of 120 units fires in proportion to its drive less what it is inhibited."""

    def settled(drive, *, inhibited):
        state, phase, count = rw.at_rest(), np.random.default_rng(2).random(120), 0.0
        for k in range(2000):
            felt = float(state.inhibition) if inhibited else 0.0
            phase = phase + max(drive - 40.0 * felt, 0.0) / 1000.0
            fired = np.floor(phase)
            phase = phase - fired
            state = rw.step(RENSHAW, CONSTANT, state, fired=fired)
            count += fired.mean() if k >= 1000 else 0.0
        return count

    for drive in (20.0, 40.0):
        free, held = settled(drive, inhibited=False), settled(drive, inhibited=True)
        # Where r = drive - 40 r/(r + half).
        b = drive - 40.0 - RENSHAW.half_drive
        fixed = 0.5 * (b + np.sqrt(b * b + 4.0 * drive * RENSHAW.half_drive))
        assert held == pytest.approx(fixed, rel=0.05)
        assert held < 0.75 * free


def test_recurrent_inhibition_slows_and_thins_a_pool_of_motoneurons():
    pool = motoneuron.pool(120)
    constant = rw.constants(RENSHAW, np.asarray(pool.dendrite_leak, dtype=float))
    synapse = float(pool.membrane.inhibition_decay)

    def counted(*, inhibited):
        state, cells, total = motoneuron.at_rest(pool, precision=np.float64), rw.at_rest(), 0.0
        for k in range(800):
            felt = rw.added_conductance(constant, cells, synapse) if inhibited else 0.0
            given = motoneuron.PoolInput(inhibition=felt, shot_rate=1.0, shot_weight=0.5, seed=1)
            state, spikes = motoneuron.advance(pool, state, given, steps=10)
            fired = spikes.counts(120)[0]
            cells = rw.step(RENSHAW, constant, cells, fired=fired)
            total = total + fired * (k >= 300)
        return total

    free, held = counted(inhibited=False), counted(inhibited=True)

    assert 0.5 * free.sum() < held.sum() < 0.9 * free.sum()
    assert (held > 0).sum() < (free > 0).sum()
    assert held[held > 0].mean() < free[free > 0].mean()


@pytest.mark.parametrize("current", [10.0, 20.0, 30.0])
def test_the_largest_inhibition_slows_cells_by_a_few_impulses_a_second(current):
    """As in anaesthetised cats, whose cells have hardly any persistent current."""
    pool = motoneuron.pool()
    pool = pool._replace(persistent=np.zeros_like(pool.persistent))
    felt = RENSHAW.largest_conductance * pool.dendrite_leak / pool.membrane.inhibition_decay

    def rates(inhibition):
        state, counts = motoneuron.at_rest(pool), np.zeros(120)
        for k in range(1500):
            given = motoneuron.PoolInput(current=current, inhibition=inhibition)
            state, spikes = motoneuron.advance(pool, state, given, steps=10)
            counts += spikes.counts(120)[0] * (k >= 500)
        return counts

    free, held = rates(0.0), rates(felt)
    both = (free > 0.0) & (held > 0.0)
    assert 1.5 < (free - held)[both].mean() < 4.0


def test_large_units_give_the_larger_collaterals():
    assert CONSTANT.weights.sum() == pytest.approx(1.0)
    assert np.all(np.diff(CONSTANT.weights) > 0.0)
    assert CONSTANT.weights[-1] / CONSTANT.weights[0] == pytest.approx(2.0)


def test_a_larger_cell_needs_the_larger_conductance():
    state = driven(30.0, 500)[-1]

    share = rw.conductance(CONSTANT, state) / LEAK
    assert np.allclose(share, state.inhibition * RENSHAW.largest_conductance)


@given(st.lists(st.integers(0, 5), min_size=120, max_size=120), st.floats(0.01, 100.0))
@settings(max_examples=40, deadline=None)
def test_inhibition_stays_a_share(fired, step_ms):
    state = rw.at_rest()
    for _ in range(20):
        state = rw.step(RENSHAW, CONSTANT, state, fired=np.array(fired, float), step_ms=step_ms)

    assert 0.0 <= state.inhibition <= 1.0
    assert 0.0 <= rw.rate(RENSHAW, state) <= RENSHAW.largest_rate


def test_ten_thousand_draws_of_the_parameters_give_numbers():
    from myotome.physiology.parameters import declarations, draw

    rng = np.random.default_rng(1)
    values = {d.name: draw(d, rng.random(10_000)) for d in declarations(rw.Renshaw) if d.is_drawn}
    values.pop("collateral_growth")
    values["largest_conductance"] = 0.3
    drawn = rw.Renshaw(**values)
    state = rw.at_rest((10_000,))
    for _ in range(100):
        state = rw.step(drawn, CONSTANT, state, fired=rng.random((10_000, 120)) < 0.05)

    assert all(np.all(np.isfinite(value)) for value in state)


def test_single_precision_stays_single():
    constant = rw.constants(RENSHAW, LEAK.astype(np.float32))
    state = rw.step(RENSHAW, constant, rw.at_rest((2,), np.float32), fired=np.ones((2, 120)))

    assert all(value.dtype == np.float32 for value in state)
    assert rw.conductance(constant, state).dtype == np.float32


@pytest.mark.parametrize("leak", [np.zeros(0), np.zeros(3), np.array([1.0, np.nan]), 1.0])
def test_it_refuses_a_pool_without_leak(leak):
    with pytest.raises(ValueError, match="leak must"):
        rw.constants(RENSHAW, leak)
