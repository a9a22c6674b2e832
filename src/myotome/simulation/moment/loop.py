"""Loop: one preparation advanced millisecond by millisecond, in NumPy; read `step` aloud.

    what arrives at the cord -> dorsal horn -> pools -> axons -> motor units -> muscles and joints
    -> spindles, tendon organs, thin afferents -> on their way to the cord

Every structure has a file of its own in `myotome.physiology`, what it hears and tells stands in
`loop_parts`; here stands only who comes after whom. Structures speak once a millisecond; between,
motoneurons take steps of 0.1 ms. This is the reference: `loop.hpp` holds the same order in C++ and
gives the same numbers.

Source: none; strengths of connections in `wiring`, delays in `myotome.physiology.conduction`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import (
    dorsal_horn_moment,
    joint_motion,
    motor_unit,
    muscle_nociceptor,
    muscle_spindle,
    musculotendon_motion,
    rate_coded_pool,
    renshaw,
    tendon_organ,
)
from myotome.physiology import motoneuron as cells
from myotome.simulation.moment import loop_parts as parts
from myotome.simulation.moment.inputs import Given
from myotome.simulation.moment.loop_state import Body, MomentState, Seen

Array = NDArray[np.float64]


def init(
    of: Body, *, angle: Array, precision: type[np.float32 | np.float64] = np.float32
) -> MomentState:
    """A body that has been left alone for long: nobody fires, every joint rests.

    Args:
        of: What does not move.
        angle: Where joints are held (rad), shape (people, joints); not a number where free.
        precision: Of the motoneurons.
    """
    c, p, wiring = of.c, of.p, of.s.wiring
    people, muscles = p.people, len(p.muscles)
    still = np.zeros((people, muscles))
    if not np.isfinite(angle).all():
        angle = np.where(np.isfinite(angle), angle, parts.resting_angle(of))
    muscle = parts.muscles_at(of, angle)
    length = musculotendon_motion.fibre_length(c.muscle, muscle)
    force = muscle.tendon_force * p.maximum_isometric_force
    spindle = muscle_spindle.at_rest(
        c.spindle, length, still + wiring.fusimotor_dynamic, still + wiring.fusimotor_static
    )
    organ = tendon_organ.at_rest(c.organ, force)
    afferents, axons = parts.rings(of, spindle, organ, length, force)
    return MomentState(
        pool=cells.at_rest(c.pool, people * muscles, precision),
        rate_coded=None if c.rate_coded is None else rate_coded_pool.at_rest(c.rate_coded),
        renshaw=renshaw.at_rest((people, muscles)),
        horn=dorsal_horn_moment.at_rest((people, len(p.roots), c.convergence.size)),
        control=still,
        units=motor_unit.at_rest(c.units, (people, muscles)),
        muscle=muscle,
        spindle=spindle,
        organ=organ,
        nociceptor=muscle_nociceptor.at_rest(c.nociceptor, (people, muscles)),
        joint=joint_motion.at_rest(c.joint, angle),
        afferents=afferents,
        axons=axons,
        blocked=np.zeros((people, muscles, p.units)),
        millisecond=0,
    )


def step(
    of: Body, state: MomentState, given: Given, how: parts.How, peripheral: Array | None = None
) -> tuple[MomentState, Seen]:
    """One millisecond of everything.

    Args:
        of: What does not move.
        state: Where it stands.
        given: What comes from outside.
        how: Motoneurons are stepped.
        peripheral: Impulses that begin in the muscle, share of each unit's fibres, shape of units.
    """
    # Into the cord.
    arrived = parts.arriving(state)
    horn = parts.dorsal_horns(of, state, arrived, given)
    control = parts.descending(of, state, arrived)
    painful = parts.pain_at_pools(of, horn, control)

    # Out of it.
    pools = parts.pools(of, state, arrived, painful, given, how)
    recurrent = renshaw.step(of.s.renshaw, of.c.renshaw, state.renshaw, fired=pools.fired)
    path = parts.axons(of, state, pools.fired, given, peripheral)

    # Muscle and joint.
    units, activation = parts.motor_units(of, state, path.begun)
    joint, torque = parts.joints(of, state, horn.nociceptive, given)
    muscle = parts.muscles(of, state, joint.angle, activation)
    length = musculotendon_motion.fibre_length(of.c.muscle, muscle)
    force = muscle.tendon_force * of.p.maximum_isometric_force

    # Receptors, and what sets out for the cord.
    spindle = parts.spindles(of, state, length, painful, given)
    organ = tendon_organ.step(of.c.organ, state.organ, force)
    nociceptor = parts.nociceptors(of, state, muscle, activation)
    rates = parts.discharges(of, spindle, organ, nociceptor, length, force, given)

    after = MomentState(
        pool=pools.cells[-1],
        rate_coded=pools.coded,
        renshaw=recurrent,
        horn=horn.circuit,
        control=control,
        units=units,
        muscle=muscle,
        spindle=spindle,
        organ=organ,
        nociceptor=nociceptor,
        joint=joint,
        afferents=parts.sent(of, state, rates),
        axons=path.ring,
        blocked=path.blocked,
        millisecond=state.millisecond + 1,
    )
    shown = parts.channels(of, after, horn, pools.fired, path, activation, torque, rates)
    return after, Seen(shown, pools.fired > 0.0, pools.cells)
