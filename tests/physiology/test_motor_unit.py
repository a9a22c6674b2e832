"""Spikes become force as in the published units: twitches, their fusion, sag and yield."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.physiology import motor_unit as mu

UNITS = 200
OF = mu.constants(mu.MotorUnits(), UNITS)
STILL = np.array(0.0)
OPTIMAL = np.array(1.0)
SHOWN = [0, 80, 146]  # slow units of the published table; fast ones are 147 and 199


def _run(of, trains, *, length=OPTIMAL, velocity=STILL, state=None):
    """Activation by step, shape (steps, ..., units)."""
    now = state or mu.at_rest(of, trains.shape[1:-1])
    found = []
    for spikes in trains:
        now = mu.step(of, now, spikes=spikes, fibre_length=length, fibre_velocity=velocity)
        found.append(now.activation)
    return np.array(found)


def _regular(rate, steps, units=UNITS):
    """A train of the same rate for every unit."""
    train = np.zeros((steps, units))
    train[np.unique(np.round(np.arange(0, steps, 1000.0 / rate)).astype(int))[:-1]] = 1.0
    return train


def _without_sag():
    return OF._replace(sag_rested=np.ones(UNITS), sag_active=np.ones(UNITS))


def test_a_step_of_1_ms_is_within_1_percent_of_fine_euler_steps():
    """One millisecond against 5 kHz explicit Euler steps of the published equations."""
    of = _without_sag()
    p = {name: getattr(of, name)[SHOWN] for name in ("release", "uptake", "binding", "unbinding")}
    spare, half, hold = of.spare[SHOWN], of.half[SHOWN], of.holding
    tau_1, tau_2 = 1.65, -1.0 / np.log(of.closing_kept[SHOWN])
    tau_3 = -0.5e-3 / np.log(of.bridging_half[SHOWN])
    c, cf, a = (np.zeros(3) for _ in range(3))
    fired = np.array([0.0, 60.0, 110.0, 150.0])
    dt, fine = 2e-4, []
    for i in range(2500):
        since = i * 0.2 - fired[fired <= i * 0.2 + 1e-9][:, None]
        r = ((1 - np.exp(-since / tau_1)) * np.exp(-since / tau_2)).sum(axis=0)
        k4 = p["unbinding"] / (1 + hold * a)
        dcf = (1 - cf) * (p["binding"] * c - k4 * cf)
        dc = p["release"] * (1.8 - c - cf) * r - p["uptake"] * c * (spare + c + cf) - dcf
        goal = cf**2.2 / (cf**2.2 + half**2.2)
        c, cf, a = c + dt * dc, cf + dt * dcf, a + dt * (goal - a) / tau_3
        fine.append(a)
    train = np.zeros((500, UNITS))
    train[fired.astype(int)] = 1.0

    coarse = _run(of, train)[:, SHOWN]

    off = np.abs(coarse - np.array(fine)[4::5]).max(axis=0) / np.max(fine, axis=0)
    assert off.max() < 0.01, f"off by {100 * off} % of the peak"


def test_halving_the_step_changes_a_twitch_by_less_than_half_a_percent():
    fine = mu.constants(mu.MotorUnits(), UNITS, step_ms=0.5)
    train, dense = np.zeros((200, UNITS)), np.zeros((400, UNITS))
    train[0], dense[0] = 1.0, 1.0

    coarse, halved = _run(OF, train), _run(fine, dense)[1::2]

    assert np.abs(coarse - halved).max() < 0.005


def test_later_units_are_quicker_and_stronger_and_need_higher_rates():
    train = np.zeros((300, UNITS))
    train[0] = 1.0
    twitch = _run(_without_sag(), train)
    contraction = twitch.argmax(axis=0)

    for kind in (slice(0, 147), slice(147, 200)):
        assert (np.diff(contraction[kind]) <= 0).all()
        assert (np.diff(twitch.max(axis=0)[kind]) < 0).all()
    assert (np.diff(OF.tetanic_force) > 0).all()
    assert np.isclose(OF.tetanic_force.sum(), 1.0)


def test_force_grows_with_rate_and_never_beyond_the_tetanus():
    means = [_run(OF, _regular(rate, 1000))[-200:].mean(axis=0) for rate in (5, 10, 20, 40, 80)]

    assert (np.diff(means, axis=0) > 0).all()
    assert np.max(means) <= 1.0


def test_a_stretched_fibre_answers_low_rates_with_more_and_a_short_one_with_less():
    train = _regular(10, 600)
    forces = [_run(OF, train, length=np.array(x))[-100:].mean() for x in (0.8, 1.0, 1.2)]

    assert forces[0] < forces[1] < forces[2]


@pytest.mark.parametrize(("length", "slow", "fast"), [(1.2, 1.5, 0.9), (0.8, 1.1, 0.7)])
def test_length_tilts_binding_and_steepness_as_published(length, slow, fast):
    tilt = (length - 1.0) * np.where(mu.is_slow(mu.MotorUnits(), UNITS), slow, fast)
    tilted = OF._replace(
        binding=OF.binding * (1.0 + tilt),
        holding=OF.holding * (1.0 + tilt),
        half=OF.half * (1.0 - tilt),
        cooperation=OF.cooperation * (1.0 - tilt),
    )
    train = _regular(15, 300)

    assert np.allclose(_run(OF, train, length=np.array(length)), _run(tilted, train), rtol=1e-12)


def test_constants_of_no_muscle_still_leave_calcium_and_activation_within_0_and_1():
    absurd = OF._replace(unbinding=np.full(UNITS, 5e3))
    state = mu.at_rest(absurd)
    for spikes in _regular(50, 200):
        state = mu.step(absurd, state, spikes=spikes, fibre_length=OPTIMAL, fibre_velocity=STILL)
        for entry in (state.bound, state.activation):
            assert ((entry >= 0.0) & (entry <= 1.0)).all()


def test_what_has_decayed_is_nothing_and_slows_no_processor_down():
    of = mu.constants(mu.MotorUnits(), UNITS, dtype=np.float32)
    state = mu.at_rest(of)
    for step in range(2500):
        spikes = np.full(UNITS, float(step < 3), np.float32)
        state = mu.step(
            of, state, spikes=spikes, fibre_length=np.float32(1), fibre_velocity=np.float32(0)
        )

    for entry in (state.opening, state.closing, state.calcium, state.bound, state.activation):
        assert not entry.any()


def test_fast_units_sag_and_slow_ones_do_not():
    train = _regular(20, 1000)
    sagging, even = _run(OF, train), _run(_without_sag(), train)

    assert (sagging[:60].max(axis=0)[147:] > 1.1 * even[:60].max(axis=0)[147:]).all()
    assert np.array_equal(sagging[:, :147], even[:, :147])
    assert (sagging[-100:, 147:].mean(axis=0) < even[-100:, 147:].mean(axis=0)).all()


def test_movement_takes_from_slow_units_only():
    train = _regular(10, 800)
    still = _run(OF, train)[-100:].mean(axis=0)
    moving = _run(OF, train, velocity=np.array(0.5))[-100:].mean(axis=0)

    assert (moving[:147] < 0.9 * still[:147]).all()
    assert np.array_equal(moving[147:], still[147:])


def test_units_without_spikes_stay_at_rest():
    assert not _run(OF, np.zeros((50, UNITS))).any()


@settings(deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rate=st.floats(0, 300),
    length=st.floats(0.2, 1.8),
    velocity=st.floats(-20, 20),
)
def test_activation_stays_within_0_and_1_whatever_comes(seed, rate, length, velocity):
    generator = np.random.default_rng(seed)
    trains = (generator.random((60, 3, UNITS)) < rate / 1000.0).astype(float)
    state = mu.at_rest(OF, (3,))
    for spikes in trains:
        state = mu.step(
            OF,
            state,
            spikes=spikes,
            fibre_length=np.full(3, length),
            fibre_velocity=np.full(3, velocity),
        )

    for entry in (state.activation, state.bound, state.goal):
        assert np.isfinite(entry).all()
        assert (entry >= 0.0).all()
        assert (entry <= 1.0).all()
    assert (state.calcium >= 0.0).all()
    assert (mu.forces(OF, state) >= 0.0).all()
    assert (mu.muscle_activation(OF, state) <= 1.0 + 1e-12).all()


def test_no_draw_of_the_parameters_gives_what_is_no_number():
    draws = 10_000
    generator = np.random.default_rng(1)
    from myotome.physiology.parameters import declarations, draw, drawn

    loose = [d for d in declarations(mu.MotorUnits) if d.is_drawn]
    values = {d.name: draw(d, generator.random((draws, 1))) for d in loose}
    of = mu.constants(drawn(mu.MotorUnits(), values), 3)
    state = mu.at_rest(of, (draws,))
    for i in range(60):
        state = mu.step(
            of,
            state,
            spikes=np.full((draws, 3), float(i % 7 == 0)),
            fibre_length=np.full(draws, 1.0),
            fibre_velocity=np.zeros(draws),
        )

    activation = mu.muscle_activation(of, state)
    assert np.isfinite(activation).all()
    assert ((activation > 0.0) & (activation <= 1.0 + 1e-12)).all()


def test_single_precision_stays_single_and_close():
    single = mu.constants(mu.MotorUnits(), UNITS, dtype=np.float32)
    state = mu.at_rest(single)
    train = _regular(15, 200)
    for spikes in train.astype(np.float32):
        state = mu.step(
            single,
            state,
            spikes=spikes,
            fibre_length=np.float32(1.0) * np.ones((), np.float32),
            fibre_velocity=np.zeros((), np.float32),
        )

    assert all(entry.dtype == np.float32 for entry in state)
    assert np.allclose(state.activation, _run(OF, train)[-1], atol=2e-5)


@pytest.mark.parametrize(
    ("name", "given_", "says"),
    [
        ("spikes", 0.5, "spikes must be 0 or 1"),
        ("fibre_length", 2.5, "fibre_length must be 0.2 to 1.8"),
        ("fibre_length", np.nan, "fibre_length must be"),
        ("fibre_velocity", 1e9, "fibre_velocity must be -20 to 20"),
    ],
)
def test_extreme_input_is_refused_in_words(name, given_, says):
    arguments = {"spikes": 0.0, "fibre_length": 1.0, "fibre_velocity": 0.0, name: given_}

    with pytest.raises(ValueError, match=says):
        mu.check(**arguments)


def test_a_pool_without_units_or_with_long_steps_is_refused():
    with pytest.raises(ValueError, match="units must be 1 or more"):
        mu.constants(mu.MotorUnits(), 0)
    with pytest.raises(ValueError, match="slow_bridging must be positive"):
        mu.constants(mu.MotorUnits(slow_bridging=0.0), 5)
    with pytest.raises(ValueError, match="step_ms must be over 0 to 2"):
        mu.constants(mu.MotorUnits(), 5, step_ms=5.0)
