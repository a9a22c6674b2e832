"""The bistable axon: its published bifurcation, an independent solver, and its own convergence."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from myotome.physiology import axon as ax
from myotome.physiology import root

AXON = ax.Axon()
STEP = 0.05


@pytest.fixture(scope="module")
def pulsed():
    """Times (ms) of impulses: 20 ms pulse at 300 ms, 2 s, one axon per conductance.

    The axon called "stopped" is hyperpolarised from 1000 to 1050 ms.
    """
    threshold = root.Root().threshold_conductance
    names = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0, "stopped", "below", "above")
    conductances = np.array([*names[:6], 0.9, threshold - 0.03, threshold + 0.03], dtype=float)
    state, times = ax.at_rest(AXON, conductances.shape), [[] for _ in names]
    for k in range(round(2000.0 / STEP)):
        t = k * STEP
        current = np.full(conductances.shape, 50.0 if 300.0 <= t < 320.0 else 0.0)
        current[6] -= 50.0 if 1000.0 <= t < 1050.0 else 0.0
        after = ax.step(
            AXON, state, persistent_conductance=conductances, current=current, step_ms=STEP
        )
        for which in np.flatnonzero(ax.fired(AXON, state, after)):
            times[which].append(t + STEP)
        state = after
    return {name: np.array(found) for name, found in zip(names, times, strict=True)}


@pytest.mark.parametrize("conductance", [0.0, 0.5, 0.7])
def test_without_enough_persistent_sodium_only_driven_impulses_pass(pulsed, conductance):
    times = pulsed[conductance]

    assert times.size > 0
    assert np.all((times >= 300.0) & (times <= 320.0))


def test_near_threshold_a_pulse_leaves_two_impulses(pulsed):
    assert (pulsed[0.8] > 320.0).sum() == 2


@pytest.mark.parametrize(("conductance", "rate", "off"), [(0.9, 40.0, 1.0), (1.0, 62.0, 1.0)])
def test_beyond_threshold_a_pulse_leaves_a_train(pulsed, conductance, rate, off):
    after = pulsed[conductance][pulsed[conductance] > 320.0]

    assert abs(after.size / 1.68 - rate) <= off
    assert after[-1] > 1950.0


def test_nothing_discharges_before_the_pulse(pulsed):
    assert all(times.min() >= 300.0 for times in pulsed.values())


def test_a_hyperpolarising_pulse_ends_the_train(pulsed):
    assert (pulsed["stopped"] < 1000.0).sum() > 10
    assert (pulsed["stopped"] > 1050.0).sum() == 0


def test_the_root_puts_the_threshold_where_the_axon_has_it(pulsed):
    assert pulsed["below"].max() < 1000.0
    assert pulsed["above"].max() > 1900.0


def test_an_independent_solver_gives_the_same_voltage():
    def change(t, y):
        current = 50.0 if 5.0 <= t < 10.0 else 0.0
        state = ax.AxonState(*y)
        return np.array(
            ax.rates_of_change(AXON, state, persistent_conductance=0.9, current=current)
        )

    start = np.array(ax.at_rest(AXON))
    y = start
    for begin, end in ((0.0, 5.0), (5.0, 10.0), (10.0, 30.0)):
        y = solve_ivp(change, (begin, end - 1e-12), y, "Radau", rtol=1e-9, atol=1e-9).y[:, -1]
    state = ax.AxonState(*start)
    for k in range(15_000):
        current = 50.0 if 2_500 <= k < 5_000 else 0.0
        state = ax.step(AXON, state, persistent_conductance=0.9, current=current, step_ms=0.002)

    assert np.allclose(np.array(state), y, rtol=1e-3, atol=1e-3)


def test_halving_the_step_quarters_the_error():
    def voltage(step_ms):
        state = ax.at_rest(AXON)
        for _ in range(round(4.0 / step_ms)):
            state = ax.step(AXON, state, persistent_conductance=0.9, current=50.0, step_ms=step_ms)
        return float(state.voltage)

    exact = voltage(0.0005)
    errors = [abs(voltage(step) - exact) for step in (0.02, 0.01, 0.005)]

    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert np.all((orders > 1.8) & (orders < 2.3)), orders


def test_single_precision_stays_single():
    state = ax.AxonState(*(value.astype(np.float32) for value in ax.at_rest(AXON, (3,))))

    after = ax.step(AXON, state, persistent_conductance=np.float32(0.9), current=50.0)

    assert all(value.dtype == np.float32 for value in after)


def test_ten_thousand_draws_give_numbers():
    rng = np.random.default_rng(1)
    state = ax.AxonState(
        rng.uniform(-120.0, 60.0, 10_000),
        rng.uniform(0.0, 1.0, 10_000),
        rng.uniform(0.0, 1.0, 10_000),
        rng.uniform(5.0, 60.0, 10_000),
    )
    conductance, current = rng.uniform(0.0, 5.0, 10_000), rng.uniform(-1000.0, 1000.0, 10_000)
    for _ in range(200):
        state = ax.step(
            AXON, state, persistent_conductance=conductance, current=current, step_ms=0.1
        )

    assert all(np.all(np.isfinite(value)) for value in state)
    assert np.all((state.potassium_gate >= 0.0) & (state.potassium_gate <= 1.0))
    assert np.all(state.sodium > 0.0)


@given(st.floats(0.0, 1.2), st.floats(-100.0, 100.0))
@settings(max_examples=30, deadline=None)
def test_gates_stay_shares(conductance, current):
    state = ax.at_rest(AXON)
    for _ in range(100):
        state = ax.step(AXON, state, persistent_conductance=conductance, current=current)

    assert 0.0 <= state.persistent_gate <= 1.0
    assert 0.0 <= state.potassium_gate <= 1.0


@pytest.mark.parametrize(
    ("conductance", "current", "step_ms", "named"),
    [
        (-0.1, 0.0, 0.01, "persistent_conductance"),
        (np.nan, 0.0, 0.01, "persistent_conductance"),
        (0.9, 1e6, 0.01, "current"),
        (0.9, 0.0, 0.0, "step_ms"),
        (0.9, 0.0, 1.0, "step_ms"),
    ],
)
def test_it_refuses_what_has_no_meaning(conductance, current, step_ms, named):
    with pytest.raises(ValueError, match=named):
        ax.checked(conductance, current, step_ms)
