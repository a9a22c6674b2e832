"""A moving joint swings as a pendulum, keeps its energy and rests where the still one does."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.physiology import joint as still
from myotome.physiology import joint_motion as jm
from myotome.physiology import musculotendon as mt
from myotome.physiology import musculotendon_motion as mm
from myotome.physiology.parameters import declarations, draw, drawn

JOINT, MOTION = still.Joint(), jm.JointMotion()
FREE = dataclasses.replace(JOINT, passive_stiffness=0.0, guarding_stiffness=0.0)
NONE = np.asarray(0.0)


def _swing(of, angle, steps, torque=NONE, drive=NONE):
    state = jm.at_rest(of, angle)
    angles = [float(state.angle)]
    for _ in range(steps):
        state = jm.step(of, state, torque=torque, nociceptive_drive=drive)
        angles.append(float(state.angle))
    return np.array(angles)


def test_a_free_limb_swings_as_a_pendulum_does():
    of = jm.constants(FREE, dataclasses.replace(MOTION, damping=0.0))
    angles = _swing(of, 0.1, 4000)

    crossings = np.flatnonzero(np.diff(np.sign(angles)))
    period = 2e-3 * np.diff(crossings).mean()
    # Amplitude 0.1 rad lengthens the period by 1/1600.
    assert abs(period / (2 * np.pi * np.sqrt(0.05 / 2.0)) - 1.0) < 2e-3


def test_an_undamped_joint_keeps_its_energy():
    of = jm.constants(JOINT, dataclasses.replace(MOTION, damping=0.0))
    state = jm.at_rest(of, 0.6)
    energies = []
    for _ in range(10_000):
        state = jm.step(of, state, torque=NONE, nociceptive_drive=NONE)
        energies.append(
            0.5 * 0.05 * state.velocity**2
            + 0.5 * 3.0 * state.angle**2
            + 2.0 * (1.0 - np.cos(state.angle))
        )

    first, last = np.mean(energies[:2000]), np.mean(energies[-2000:])
    assert abs(last / first - 1.0) < 1e-3


def test_halving_the_step_halves_the_error():
    angles = [
        _swing(jm.constants(JOINT, MOTION, h), 0.6, round(200 / h)) for h in (1, 0.5, 0.03125)
    ]
    off = [
        np.abs(a[:: round(1 / h)] - angles[2][::32]).max()
        for a, h in zip(angles[:2], (1, 0.5), strict=True)
    ]

    assert 1.8 < off[0] / off[1] < 2.3


def test_guarding_draws_the_joint_to_its_set_point():
    of = jm.constants(dataclasses.replace(JOINT, gravity_torque=0.0), MOTION)
    held = _swing(of, 0.0, 6000, drive=np.asarray(1000.0))[-1]
    expected = still.set_point(dataclasses.replace(JOINT, gravity_torque=0.0), 1000.0)

    assert abs(held - expected) < 1e-6


def test_a_joint_does_not_turn_far_beyond_its_stop():
    of = jm.constants(JOINT, MOTION)

    assert _swing(of, 0.0, 3000, torque=np.asarray(30.0))[-1] < JOINT.angular_limit + 0.2


def test_no_torque_throws_it_past_half_a_turn():
    of = jm.constants(JOINT, MOTION)
    thrown = _swing(of, 0.0, 200, torque=np.asarray(1e4))

    assert thrown.max() == np.pi
    assert _swing(of, np.pi, 1, torque=np.asarray(-1e4))[-1] < np.pi


def test_two_muscles_bring_it_to_where_the_still_joint_rests():
    shape = mt.Musculotendon()
    of = jm.constants(JOINT, MOTION)
    muscle = mm.constants(shape, mm.MusculotendonMotion(), tendon_slack_length=1.97)
    pair = jm.attachments(JOINT, [1, -1])
    activation = np.array([0.2, 0.05])
    state = jm.at_rest(of, 0.0)
    fibres = mm.at_rest(
        muscle,
        shape,
        musculotendon_length=jm.musculotendon_lengths(pair, state.angle),
        activation=activation,
        tendon_slack_length=1.97,
    )
    for _ in range(2000):
        state = jm.step(
            of,
            state,
            torque=jm.muscle_torque(pair, fibres.tendon_force),
            nociceptive_drive=np.asarray(5.0),
        )
        fibres = mm.step(
            muscle,
            fibres,
            musculotendon_length=jm.musculotendon_lengths(pair, state.angle),
            activation=activation,
        )
    rest = still.equilibrium(
        JOINT,
        shape,
        still.Pull(activation=0.2),
        still.Pull(activation=0.05),
        nociceptive_drive=5.0,
    )

    assert abs(state.angle - rest.angle) < 1e-5
    assert abs(state.velocity) < 1e-4
    assert np.allclose(fibres.tendon_force[0], rest.agonist.tendon_force, atol=1e-4)


def test_every_muscle_pulls_by_its_own_arm():
    pair = jm.attachments(JOINT, [1, 1, -1])

    assert np.isclose(jm.muscle_torque(pair, np.array([0.2, 0.1, 0.1])), 0.2 * 500 * 0.03)
    lengths = jm.musculotendon_lengths(pair, np.array([0.0, 0.4]))
    assert np.allclose(lengths, [[3.0, 3.0, 3.0], [2.85, 2.85, 3.15]])


def test_the_polynomial_is_the_sine():
    angle = np.linspace(-np.pi, np.pi, 1001)

    assert np.abs(jm.sine(angle) - np.sin(angle)).max() < 1e-6


@settings(deadline=None)
@given(angle=st.floats(-3, 3), torque=st.floats(-1e4, 1e4), drive=st.floats(0, 1e3))
def test_it_stays_finite_whatever_pushes(angle, torque, drive):
    of = jm.constants(JOINT, MOTION)
    angles = _swing(of, angle, 100, torque=np.asarray(torque), drive=np.asarray(drive))

    assert np.isfinite(angles).all()


def test_no_draw_of_the_parameters_gives_what_is_no_number():
    generator, draws = np.random.default_rng(6), 10_000

    def some(structure):
        loose = [d for d in declarations(type(structure)) if d.is_drawn]
        return drawn(structure, {d.name: draw(d, generator.random(draws)) for d in loose})

    of = jm.constants(some(JOINT), some(MOTION))
    state = jm.at_rest(of, generator.uniform(-1.5, 1.5, draws))
    torque, drive = generator.uniform(-50.0, 50.0, draws), generator.uniform(0.0, 100.0, draws)
    for _ in range(300):
        state = jm.step(of, state, torque=torque, nociceptive_drive=drive)

    assert np.isfinite(np.array(state)).all()
    assert np.abs(state.angle).max() < 10.0


def test_what_cannot_be_is_refused_in_words():
    with pytest.raises(ValueError, match="inertia must be"):
        jm.constants(JOINT, jm.JointMotion(inertia=1e-6))
    with pytest.raises(ValueError, match="damping must be 0 or more"):
        jm.constants(JOINT, jm.JointMotion(damping=-1.0))
    with pytest.raises(ValueError, match="step_ms must be"):
        jm.constants(JOINT, MOTION, 10.0)
    with pytest.raises(ValueError, match="torque must be"):
        jm.check(np.nan, 0.0)
    with pytest.raises(ValueError, match="nociceptive_drive must be 0 to 1000"):
        jm.check(0.0, -1.0)
