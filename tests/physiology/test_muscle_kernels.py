"""Compiled steps of muscle, receptors and joint give the bits of the reference, on every set."""

import numpy as np
import pytest

from myotome.physiology import (
    backend,
    joint_motion,
    motor_unit,
    muscle_nociceptor,
    muscle_spindle,
    musculotendon_motion,
    tendon_organ,
)
from myotome.physiology.joint import Joint
from myotome.physiology.musculotendon import Musculotendon
from myotome.physiology.packing import side_by_side

KERNELS = backend.kernels()
SETS = KERNELS.instruction_sets() if KERNELS else []
MANY = 24
STEPS = 200

pytestmark = pytest.mark.skipif(not SETS, reason="no compiled kernels here")


@pytest.fixture(params=[np.float64, np.float32], ids=["double", "single"])
def precision(request):
    return request.param


@pytest.fixture(params=SETS, autouse=True)
def kernels(request):
    before = KERNELS.instruction_set()
    KERNELS.use(request.param)
    yield KERNELS
    KERNELS.use(before)


@pytest.fixture
def draws(precision):
    """Random numbers of the precision: shape, low and high in, array out."""
    generator = np.random.default_rng(5)
    return lambda shape, low=0.0, high=1.0: generator.uniform(low, high, shape).astype(precision)


def _same(compiled, *reference):
    assert np.array_equal(compiled, side_by_side(reference, len(compiled)))


def test_motor_units_are_the_same_to_the_bit(kernels, precision, draws):
    of = motor_unit.constants(motor_unit.MotorUnits(), 120, dtype=precision)
    shared, rows = motor_unit.packed(of)
    state = motor_unit.at_rest(of)
    compiled, yielding = motor_unit.packed_state(state)
    for _ in range(STEPS):
        spikes = (draws(120) < 0.03).astype(precision)
        length, velocity = draws((), 0.5, 1.5), draws((), -3.0, 3.0)
        state = motor_unit.step(
            of, state, spikes=spikes, fibre_length=length, fibre_velocity=velocity
        )
        active = kernels.motor_units(
            shared, rows, compiled, yielding, spikes, float(length), float(velocity)
        )

    expected, give = motor_unit.packed_state(state)
    assert expected[5].max() > 0.1
    assert np.array_equal(compiled, expected)
    assert np.array_equal(yielding, give)
    assert active == motor_unit.muscle_activation(of, state)


def test_musculotendon_units_are_the_same_to_the_bit(kernels, precision, draws):
    muscle = {
        "tendon_slack_length": draws(MANY, 0.3, 4.0),
        "serial_sarcomeres": draws(MANY, 0.7, 1.2),
        "contracture": draws(MANY, 1.0, 3.0),
        "pennation": draws(MANY, 0.0, 0.5),
    }
    shape = Musculotendon()
    motion = musculotendon_motion.MusculotendonMotion()
    of = musculotendon_motion.constants(shape, motion, dtype=precision, **muscle)
    length = (muscle["tendon_slack_length"] + draws(MANY, 0.7, 1.2)).astype(precision)
    state = musculotendon_motion.at_rest(
        of, shape, musculotendon_length=length, activation=0.05, **muscle
    )
    packed, compiled = side_by_side(of, MANY), side_by_side(state, MANY)
    for _ in range(STEPS):
        moved, active = length + draws(MANY, -0.05, 0.05), draws(MANY)
        state = musculotendon_motion.step(of, state, musculotendon_length=moved, activation=active)
        kernels.musculotendon(packed, compiled, side_by_side((moved, active), MANY))

    assert state.tendon_force.max() > 0.1
    _same(compiled, state)


def test_spindles_are_the_same_to_the_bit(kernels, precision, draws):
    of = muscle_spindle.constants(muscle_spindle.MuscleSpindle(), dtype=precision)
    length, dynamic, static = draws(MANY, 0.8, 1.2), draws(MANY, 0, 200), draws(MANY, 0, 200)
    state = muscle_spindle.at_rest(of, length, dynamic, static)
    packed, compiled = side_by_side(of, MANY), side_by_side(state, MANY)
    rates = np.empty((MANY, 2), precision)
    for _ in range(STEPS):
        length = np.clip(length + draws(MANY, -0.01, 0.01), precision(0.5), precision(1.5))
        drives = {"dynamic_drive": dynamic, "static_drive": static}
        state = muscle_spindle.step(of, state, length=length, **drives)
        inputs = side_by_side((length, dynamic, static), MANY)
        kernels.muscle_spindle(packed, compiled, inputs, rates)

    _same(compiled, state)
    assert rates.max() > 50.0
    _same(
        rates,
        muscle_spindle.primary_rate(of, state, length),
        muscle_spindle.secondary_rate(of, state, length),
    )


def test_tendon_organs_are_the_same_to_the_bit(kernels, precision, draws):
    of = tendon_organ.constants(tendon_organ.TendonOrgan(), dtype=precision)
    state = tendon_organ.at_rest(of, draws(MANY, 0.0, 100.0))
    packed, compiled = side_by_side(of, MANY), side_by_side(state, MANY)
    rates = np.empty((MANY, 1), precision)
    for _ in range(STEPS):
        force = draws(MANY, -10.0, 300.0)
        state = tendon_organ.step(of, state, force)
        kernels.tendon_organ(packed, compiled, force, rates)

    _same(compiled, state)
    _same(rates, tendon_organ.discharge_rate(of, state, force))


def test_nociceptors_are_the_same_to_the_bit(kernels, precision, draws):
    of = muscle_nociceptor.constants(muscle_nociceptor.MuscleNociceptor(), dtype=precision)
    state = muscle_nociceptor.at_rest(of, (MANY,))
    packed, compiled = side_by_side(of, MANY), side_by_side(state, MANY)
    rates = np.empty((MANY, 2), precision)
    for _ in range(STEPS):
        rate, pressure, power = draws(MANY, -3.0, 3.0), draws(MANY), draws(MANY)
        density, sensitisation = draws(MANY, 0.0, 300.0), draws(MANY)
        state = muscle_nociceptor.step(of, state, strain_rate=rate, pressure=pressure, power=power)
        inputs = side_by_side((rate, pressure, power, density, sensitisation), MANY)
        kernels.muscle_nociceptor(packed, compiled, inputs, rates)

    _same(compiled, state)
    gained = muscle_nociceptor.gain(of, density, sensitisation)
    _same(rates, muscle_nociceptor.discharge_rates(state, gained))


def test_joints_are_the_same_to_the_bit(kernels, precision, draws):
    of = joint_motion.constants(Joint(), joint_motion.JointMotion(), dtype=precision)
    pair = joint_motion.attachments(Joint(), [1, 1, -1])
    pair = joint_motion.Attachments(*(entry.astype(precision) for entry in pair))
    state = joint_motion.at_rest(of, 0.2)
    packed, compiled = side_by_side(of, 1), side_by_side(state, 1)
    muscles, lengths = side_by_side(pair, 3), np.empty(3, precision)
    for _ in range(STEPS):
        forces, drive = draws(3, 0.0, 1.5), draws((), 0.0, 50.0)
        state = joint_motion.step(
            of,
            state,
            torque=joint_motion.muscle_torque(pair, forces),
            nociceptive_drive=drive,
        )
        kernels.joint(packed, compiled, muscles, forces, float(drive), lengths)

    assert abs(state.angle) > 0.05
    _same(compiled, state)
    assert np.array_equal(lengths, joint_motion.musculotendon_lengths(pair, state.angle))
