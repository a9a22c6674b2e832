"""A joint rests where torques cancel; short muscles turn it, load it and stop it early."""

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import joint as jt
from myotome.physiology.musculotendon import Musculotendon

JOINT = jt.Joint()
SHAPE = Musculotendon()
HEALTHY = jt.Pull()
PULL = st.builds(
    jt.Pull,
    # Within the stretch that the force curves hold for.
    neutral_length=st.floats(2.75, 3.0),
    tendon_slack_length=st.floats(1.93, 2.0),
    activation=st.floats(0.0, 1.0),
    serial_sarcomeres=st.floats(0.65, 1.1),
    contracture=st.floats(1.0, 2.5),
    pennation=st.floats(0.0, 0.4),
)


@given(near=PULL, far=PULL, drive=st.floats(0.0, 60.0))
def test_every_torque_cancels(near, far, drive):
    rest = jt.equilibrium(JOINT, SHAPE, near, far, nociceptive_drive=drive)

    assert abs(rest.torque_residual) < 1e-9
    assert abs(rest.agonist.residual) < 1e-9
    assert abs(rest.antagonist.residual) < 1e-9


TONIC = st.builds(
    jt.Pull,
    neutral_length=st.floats(2.8, 3.1),
    activation=st.floats(0.0, 0.2),
    serial_sarcomeres=st.floats(0.7, 1.1),
    contracture=st.floats(1.0, 2.5),
    tendon_slack_length=st.just(1.97),
    pennation=st.floats(0.0, 0.3),
)


@given(near=TONIC, far=TONIC)
def test_a_start_nearby_gives_the_same_angle(near, far):
    cold = jt.equilibrium(JOINT, SHAPE, near, far)
    warm = jt.equilibrium(JOINT, SHAPE, near, far, start=cold.angle + 0.02)

    assert abs(cold.angle - warm.angle) < 1e-8


def test_equal_muscles_leave_the_joint_where_tissue_wants_it():
    rest = jt.equilibrium(JOINT, SHAPE, HEALTHY, HEALTHY)

    assert abs(rest.angle) < 1e-9


def test_tone_turns_the_joint_and_presses_it():
    tones = np.linspace(0.0, 0.3, 7)
    rest = jt.equilibrium(JOINT, SHAPE, HEALTHY._replace(activation=tones), HEALTHY)
    stress = jt.reaction_stress(JOINT, rest.agonist.tendon_force, rest.antagonist.tendon_force)

    assert (np.diff(rest.angle) > 0).all()
    assert (np.diff(stress) > 0).all()


def test_a_free_joint_lets_a_muscle_in_spasm_shorten_more_than_a_clamped_one():
    spasm = HEALTHY._replace(activation=0.15)
    free = jt.equilibrium(JOINT, SHAPE, spasm, HEALTHY)
    clamp = dataclasses.replace(JOINT, passive_stiffness=1e6)
    clamped = jt.equilibrium(clamp, SHAPE, spasm, HEALTHY)

    assert free.agonist.sarcomere_stretch < 0.93
    assert clamped.agonist.sarcomere_stretch > 0.96


def test_nociceptive_drive_moves_the_set_point_to_the_guarded_side():
    drives = np.array([0.0, 2.0, 10.0, 40.0])
    rest = jt.equilibrium(JOINT, SHAPE, HEALTHY, HEALTHY, nociceptive_drive=drives)

    assert (np.diff(rest.angle) > 0).all()
    assert (jt.set_point(JOINT, drives) <= JOINT.guarded_angle).all()


def test_sarcomere_loss_contracture_tone_and_pain_each_take_range():
    def reach(torque=5.0, **changes):
        return float(
            jt.range_of_motion(
                JOINT, SHAPE, HEALTHY._replace(neutral_length=3.2, **changes), torque
            )
        )

    whole = reach()

    assert whole < JOINT.angular_limit
    assert reach(serial_sarcomeres=0.8) < whole
    assert reach(contracture=2.0) < whole
    assert reach(activation=0.1) < whole
    assert reach(torque=3.0) < whole


@given(
    torque=st.floats(0.5, 12.0),
    tone=st.floats(0.0, 0.3),
    count=st.floats(0.6, 1.1),
    stiff=st.floats(1.0, 2.5),
)
def test_at_the_end_of_range_the_muscle_pulls_with_the_tolerated_torque(torque, tone, count, stiff):
    pull = HEALTHY._replace(
        neutral_length=3.2,
        activation=tone,
        serial_sarcomeres=count,
        contracture=stiff,
        pennation=0.1,
    )
    free = dataclasses.replace(JOINT, angular_limit=9.0)
    angle = jt.range_of_motion(free, SHAPE, pull, torque)
    end, _ = jt._muscles(free, SHAPE, (pull, pull), -angle)
    borne = free.moment_arm * free.maximum_isometric_force * end.tendon_force

    assert abs(borne - torque) < 1e-6


def test_a_draw_alone_equals_the_draw_in_company():
    rng = np.random.default_rng(5)
    arm = rng.uniform(0.02, 0.05, (8, 1))
    near = HEALTHY._replace(activation=rng.uniform(0, 1, (8, 3)))
    together = jt.equilibrium(dataclasses.replace(JOINT, moment_arm=arm), SHAPE, near, HEALTHY)
    for row in range(8):
        own = dataclasses.replace(JOINT, moment_arm=arm[row : row + 1])
        one = near._replace(activation=near.activation[row : row + 1])
        alone = jt.equilibrium(own, SHAPE, one, HEALTHY)
        assert np.array_equal(together.angle[row : row + 1], alone.angle)


def in_a_crowd(count=5000):
    """Many unlike muscles, of which most arrive early and some late, under unlike joints."""
    draw = np.random.default_rng(3)
    pull = jt.Pull(
        neutral_length=draw.uniform(2.75, 3.0, count),
        activation=draw.uniform(0.0, 0.15, count) * (draw.uniform(size=count) > 0.7),
        serial_sarcomeres=draw.uniform(0.7, 1.05, count),
        contracture=draw.uniform(1.0, 2.0, count),
    )
    return pull, dataclasses.replace(JOINT, passive_stiffness=draw.uniform(3.0, 9.0, count))


def alone(pull, joint, place):
    one = slice(place, place + 1)
    own = jt.Pull(*(part[one] if isinstance(part, np.ndarray) else part for part in pull))
    return own, dataclasses.replace(joint, passive_stiffness=joint.passive_stiffness[one])


def test_one_of_many_thousands_equals_itself_alone():
    pull, joint = in_a_crowd()
    rest = jt.equilibrium(joint, SHAPE, pull, HEALTHY)
    reach = jt.range_of_motion(joint, SHAPE, pull, np.asarray(12.0))

    for place in range(0, 5000, 97):
        own, of_one = alone(pull, joint, place)
        single = jt.equilibrium(of_one, SHAPE, own, HEALTHY)
        assert rest.angle[place] == single.angle[0]
        assert rest.agonist.tendon_force[place] == single.agonist.tendon_force[0]
        assert reach[place] == jt.range_of_motion(of_one, SHAPE, own, np.asarray(12.0))[0]
