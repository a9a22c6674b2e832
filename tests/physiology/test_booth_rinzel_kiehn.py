"""The published bistable cell: an independent solver, convergence, and that a plateau holds."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from myotome.physiology import booth_rinzel_kiehn as brk

NOMINAL = brk.BoothRinzelKiehn1997()
# Less calcium-dependent potassium, as serotonin leaves; with and without the plateau's channel.
PLATEAU = brk.BoothRinzelKiehn1997(
    soma_calcium_potassium=3.136,
    dendrite_calcium_potassium=0.69,
    plateau_calcium=np.array([0.33, 0.0, 0.33, 0.0]),
)


def run(cell, shape, milliseconds, current, *, step_ms=0.05):
    """Spike times of each cell."""
    state, times = brk.at_rest(shape), [[] for _ in range(shape[0])]
    for k in range(round(milliseconds / step_ms)):
        t = k * step_ms
        after = brk.step(cell, state, current=current(t), step_ms=step_ms)
        for which in np.flatnonzero(brk.fired(state, after)):
            times[which].append(t)
        state = after
    return [np.array(found) for found in times]


def test_a_pulse_leaves_a_train_where_there_is_a_plateau_and_only_there():
    pulse = np.array([25.0, 25.0, 0.0, 0.0])
    held = run(PLATEAU, (4,), 1600.0, lambda t: pulse if 300.0 <= t < 1000.0 else np.full(4, 0.5))

    assert (held[0] > 1200.0).sum() > 10
    assert (held[1] > 1200.0).sum() == 0
    assert (held[1] < 1020.0).sum() > 5
    assert held[2].size == held[3].size == 0


def test_an_independent_solver_gives_the_same_voltage():
    def change(_, y):
        state = brk.CellState(*y)
        return np.array(brk.rates_of_change(NOMINAL, state, current=12.0))

    start = np.array(brk.at_rest())
    exact = solve_ivp(change, (0.0, 15.0), start, "Radau", rtol=1e-9, atol=1e-11).y[:, -1]
    state = brk.CellState(*start)
    for _ in range(15_000):
        state = brk.step(NOMINAL, state, current=12.0, step_ms=0.001)

    assert np.allclose(np.array(state), exact, rtol=1e-3, atol=0.02)


def test_halving_the_step_halves_the_error():
    def voltage(step_ms):
        state = brk.at_rest()
        for _ in range(round(10.0 / step_ms)):
            state = brk.step(NOMINAL, state, current=1.0, step_ms=step_ms)
        return float(state.soma)

    values = [voltage(step) for step in (0.04, 0.02, 0.01, 0.005)]
    differences = np.abs(np.diff(values))
    orders = np.log2(differences[:-1] / differences[1:])

    assert np.all((orders > 0.8) & (orders < 1.2)), orders


def test_ten_thousand_draws_give_numbers():
    rng = np.random.default_rng(1)
    state = brk.at_rest((10_000,))._replace(
        soma=rng.uniform(-100.0, 60.0, 10_000), dendrite=rng.uniform(-100.0, 60.0, 10_000)
    )
    current = rng.uniform(-500.0, 500.0, 10_000)
    for _ in range(100):
        state = brk.step(NOMINAL, state, current=current, step_ms=0.05)

    assert all(np.all(np.isfinite(value)) for value in state)
    assert np.all(state.soma_calcium >= 0.0)
    for gate in state[2:9]:
        assert np.all((gate >= 0.0) & (gate <= 1.0))


@pytest.mark.parametrize(
    ("current", "step_ms", "named"),
    [(1e4, 0.01, "current"), (np.nan, 0.01, "current"), (1.0, 0.0, "step_ms"), (1.0, 1.0, "step")],
)
def test_it_refuses_what_has_no_meaning(current, step_ms, named):
    with pytest.raises(ValueError, match=named):
        brk.checked(current, step_ms)
