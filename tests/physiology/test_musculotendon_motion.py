"""A moving muscle comes to rest where the still one is, and gets there as the equations say."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from myotome.physiology import musculotendon as mt
from myotome.physiology import musculotendon_motion as mm
from myotome.physiology.parameters import declarations, draw, drawn

SHAPE, MOTION = mt.Musculotendon(), mm.MusculotendonMotion()
MUSCLE = {
    "tendon_slack_length": 1.97,
    "serial_sarcomeres": 0.9,
    "contracture": 1.3,
    "pennation": 0.3,
}
START = 2.9


def _of(step_ms=1.0, **changes):
    return mm.constants(SHAPE, MOTION, step_ms=step_ms, **{**MUSCLE, **changes})


def _rest(of, length=START, activation=0.05, **changes):
    return mm.at_rest(
        of, SHAPE, musculotendon_length=length, activation=activation, **{**MUSCLE, **changes}
    )


def _pull(step_ms, last_ms, activation=0.7, swing=0.05):
    """Tendon forces as a muscle contracts while it is moved to and fro."""
    of = _of(step_ms)
    state = _rest(of)
    found = []
    for time in np.arange(1, round(last_ms / step_ms) + 1) * step_ms * 1e-3:
        length = np.asarray(START + swing * np.sin(20.0 * time))
        state = mm.step(of, state, musculotendon_length=length, activation=np.asarray(activation))
        found.append((state.stretch, state.tendon_force, state.fibre_velocity))
    return np.array(found)


def _speed_at(time, stretch, activation, swing):
    """Speed of stretch (1/s) at which the fibres bear what the tendon pulls, by bisection."""
    count, slack = MUSCLE["serial_sarcomeres"], MUSCLE["tendon_slack_length"]
    sine = np.sin(MUSCLE["pennation"]) / count / stretch
    cosine = np.sqrt(1.0 - sine**2)
    length = START + swing * np.sin(20.0 * time)
    pulled = float(mt.tendon_force(SHAPE, (length - count * stretch * cosine) / slack))
    active = activation * float(mt.active_force_length(SHAPE, stretch))
    passive = float(mt.passive_force_length(SHAPE, stretch, MUSCLE["contracture"]))
    low, high = -3.0, 3.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        share = max(float(mt.force_velocity(SHAPE, middle)), 0.0)
        borne = (active * share + passive + MOTION.damping * middle) * cosine
        low, high = (middle, high) if borne < pulled else (low, middle)
    return MOTION.maximum_velocity * 0.5 * (low + high)


def test_it_agrees_with_an_adaptive_solver():
    begin = float(_rest(_of()).stretch)
    solved = solve_ivp(
        lambda t, x: [_speed_at(t, x[0], 0.7, 0.05)],
        (0.0, 0.1),
        [begin],
        method="Radau",
        rtol=1e-8,
        atol=1e-10,
        t_eval=np.arange(1, 101) * 1e-3,
    )

    modelled = _pull(1.0, 100.0)

    assert np.abs(modelled[:, 0] - solved.y[0]).max() < 5e-4
    fine = _pull(0.125, 100.0)[7::8]
    assert np.abs(fine[:, 0] - solved.y[0]).max() < 1e-5


def test_halving_the_step_quarters_the_error():
    exact = _pull(1.0 / 16.0, 40.0)[15::16, 0]
    off = [
        np.sqrt(np.mean((_pull(1.0 / many, 40.0)[many - 1 :: many, 0] - exact)[10:] ** 2))
        for many in (1, 2, 4)
    ]

    order = np.log2(off[0] / off[1]), np.log2(off[1] / off[2])
    assert min(order) > 1.7, f"orders {order}"


def test_it_comes_to_rest_where_the_still_unit_is():
    length, activation = np.array([[2.7], [2.9], [3.2]]), np.array([0.0, 0.02, 0.3, 1.0])
    of = _of()
    state = _rest(of, np.full((3, 4), START))
    for _ in range(800):
        state = mm.step(of, state, musculotendon_length=length, activation=activation)
    still = mt.equilibrium(
        SHAPE,
        length,
        activation,
        MUSCLE["tendon_slack_length"],
        serial_sarcomeres=MUSCLE["serial_sarcomeres"],
        contracture=MUSCLE["contracture"],
        pennation=MUSCLE["pennation"],
    )

    assert np.abs(state.stretch - still.sarcomere_stretch).max() < 1e-6
    assert np.abs(state.tendon_force - still.tendon_force).max() < 1e-6
    assert np.abs(state.fibre_velocity).max() < 1e-6


def test_a_unit_at_rest_stays_at_rest():
    of = _of()
    rest = _rest(of)
    after = mm.step(of, rest, musculotendon_length=np.asarray(START), activation=np.asarray(0.05))

    assert abs(after.stretch - rest.stretch) < 1e-9
    assert abs(after.fibre_velocity) < 1e-5


def test_at_no_speed_fibres_bear_their_isometric_force():
    # The published constants give 1 to seven places.
    assert abs(mm._by_speed(_of(), np.zeros(()))[0] - 1.0) < 1e-6


def test_the_curves_are_those_of_the_still_unit():
    of = mm.constants(SHAPE, MOTION, tendon_slack_length=2.0)
    stretch, speed = np.linspace(0.3, 1.7, 50), np.linspace(-0.99, 1.0, 50)

    assert np.allclose(mm._active(of, stretch)[0], mt.active_force_length(SHAPE, stretch), 1e-12)
    assert np.allclose(mm._by_speed(of, speed)[0], mt.force_velocity(SHAPE, speed), rtol=1e-11)
    slope = np.gradient(mt.active_force_length(SHAPE, stretch), stretch)
    assert np.allclose(mm._active(of, stretch)[1][1:-1], slope[1:-1], atol=0.15)


def test_passive_elements_give_back_what_was_put_in():
    """Work of the moved end over a closed cycle, without activation and almost without damping."""
    gentle = dataclasses.replace(MOTION, damping=1e-3)
    of = mm.constants(SHAPE, gentle, **MUSCLE)
    state = mm.at_rest(of, SHAPE, musculotendon_length=3.2, activation=0.0, **MUSCLE)
    time = np.arange(1, 501) * 1e-3
    lengths = 3.2 - 0.2 * (1.0 - np.cos(2 * np.pi * 2.0 * time))
    forces = []
    for length in lengths:
        state = mm.step(
            of, state, musculotendon_length=np.asarray(length), activation=np.asarray(0.0)
        )
        forces.append(float(state.tendon_force))
    moved = np.gradient(lengths)
    work, put_in = np.sum(forces * moved), np.sum(np.abs(forces * moved)) / 2.0

    assert abs(work) < 5e-3 * put_in


def test_damping_takes_work_and_never_gives_it():
    of = mm.constants(SHAPE, dataclasses.replace(MOTION, damping=0.1), **MUSCLE)
    state = mm.at_rest(of, SHAPE, musculotendon_length=3.2, activation=0.0, **MUSCLE)
    work, before = 0.0, 3.2
    for i in range(1, 501):
        length = 3.2 - 0.1 * (1.0 - np.cos(2 * np.pi * 2.0 * i * 1e-3))
        held = float(state.tendon_force)
        state = mm.step(
            of, state, musculotendon_length=np.asarray(length), activation=np.asarray(0.0)
        )
        work += 0.5 * (held + float(state.tendon_force)) * (length - before)
        before = length

    assert work > 0.0


def test_a_muscle_that_has_lost_sarcomeres_pulls_harder_and_shortens_more_slowly():
    short, whole = _of(serial_sarcomeres=0.8), _of(serial_sarcomeres=1.0)
    held = [_rest(of, serial_sarcomeres=n).tendon_force for of, n in ((short, 0.8), (whole, 1.0))]

    assert held[0] > held[1]
    assert short.velocity < whole.velocity


@settings(deadline=None)
@given(
    jumps=st.lists(st.floats(2.0, 3.6), min_size=1, max_size=20),
    activation=st.floats(0.0, 1.0),
    pennation=st.floats(0.0, 0.6),
)
def test_force_is_finite_and_never_pushes_whatever_the_length_does(jumps, activation, pennation):
    of = _of(pennation=pennation)
    state = _rest(of, pennation=pennation)
    for length in jumps:
        state = mm.step(
            of, state, musculotendon_length=np.asarray(length), activation=np.asarray(activation)
        )
        assert np.isfinite(np.array(state)).all()
        assert state.tendon_force >= 0.0
        assert mt.SHORTEST <= state.stretch <= mt.LONGEST


def test_no_draw_of_the_parameters_gives_what_is_no_number():
    draws = 10_000
    generator = np.random.default_rng(3)

    def some(structure):
        loose = [d for d in declarations(type(structure)) if d.is_drawn]
        return drawn(structure, {d.name: draw(d, generator.random(draws)) for d in loose})

    muscle = {
        "tendon_slack_length": generator.uniform(0.2, 6.0, draws),
        "serial_sarcomeres": generator.uniform(0.6, 1.4, draws),
        "contracture": generator.uniform(1.0, 4.0, draws),
        "pennation": generator.uniform(0.0, 0.5, draws),
    }
    shape = some(SHAPE)
    of = mm.constants(shape, some(MOTION), **muscle)
    neutral = muscle["tendon_slack_length"] + generator.uniform(0.6, 1.3, draws)
    state = mm.at_rest(of, shape, musculotendon_length=neutral, activation=0.01, **muscle)
    for i in range(40):
        state = mm.step(
            of,
            state,
            musculotendon_length=neutral + 0.1 * np.sin(i / 5.0),
            activation=generator.random(draws),
        )

    assert np.isfinite(np.array(state)).all()
    assert (state.tendon_force >= 0.0).all()


def test_single_precision_stays_single_and_close():
    single = mm.constants(SHAPE, MOTION, dtype=np.float32, **MUSCLE)
    state, double = _rest(single), _rest(_of())
    other = _of()
    for _ in range(60):
        state = mm.step(
            single,
            state,
            musculotendon_length=np.asarray(START, np.float32),
            activation=np.asarray(0.5, np.float32),
        )
        double = mm.step(
            other, double, musculotendon_length=np.asarray(START), activation=np.asarray(0.5)
        )

    assert {np.asarray(entry).dtype for entry in state} == {np.dtype(np.float32)}
    assert abs(state.tendon_force - double.tendon_force) < 1e-4


def test_extreme_input_is_refused_in_words():
    with pytest.raises(ValueError, match=r"activation must be 0 to 1, got 1\.5"):
        mm.check(3.0, 1.5)
    with pytest.raises(ValueError, match="musculotendon_length must be positive"):
        mm.check(np.nan, 0.5)
    with pytest.raises(ValueError, match=r"damping must be 0\.001 to 10"):
        mm.constants(SHAPE, mm.MusculotendonMotion(damping=1e-6), **MUSCLE)
    with pytest.raises(ValueError, match="step_ms must be over 0 to 2"):
        _of(5.0)
