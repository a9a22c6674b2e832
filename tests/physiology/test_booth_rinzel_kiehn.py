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


def test_a_pulse_leaves_a_train_where_there_is_a_plateau_and_only_there():
    currents = np.full((32_000, 4), 0.5)
    currents[6_000:20_000, :2] = 25.0
    _, spikes = brk.run(PLATEAU, brk.at_rest((4,)), currents, step_ms=0.05)
    plateau, none, unpulsed, neither = spikes.T

    assert plateau[24_000:].sum() > 10
    assert none[24_000:].sum() == 0
    assert none[6_000:20_000].sum() > 5
    assert unpulsed.sum() == neither.sum() == 0


def test_an_independent_solver_gives_the_same_voltage():
    def change(_, y):
        state = brk.CellState(*y)
        return np.array(brk.rates_of_change(NOMINAL, state, current=12.0))

    start = np.array(brk.at_rest())
    exact = solve_ivp(change, (0.0, 15.0), start, "Radau", rtol=1e-9, atol=1e-11).y[:, -1]
    state, _ = brk.run(NOMINAL, brk.at_rest((1,)), np.full((15_000, 1), 12.0), step_ms=0.001)

    assert np.allclose(np.array(state)[:, 0], exact, rtol=1e-3, atol=0.02)


def test_halving_the_step_halves_the_error():
    def voltage(step_ms):
        currents = np.full((round(10.0 / step_ms), 1), 1.0)
        return float(brk.run(NOMINAL, brk.at_rest((1,)), currents, step_ms=step_ms)[0].soma[0])

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


def test_currents_must_fit_the_cells():
    with pytest.raises(ValueError, match="currents must be of shape"):
        brk.run(NOMINAL, brk.at_rest((2,)), np.zeros((10, 3)))
