"""Loop: one preparation advanced millisecond by millisecond, in NumPy; read `step` aloud.

    what arrives at the cord -> dorsal horn -> pools -> axons -> motor units -> muscles and joints
    -> spindles, tendon organs, thin afferents -> on their way to the cord

Every structure has a file of its own in `myotome.physiology`; here stands only who tells whom, and
with what delay. Structures speak once a millisecond; between, motoneurons take steps of 0.1 ms.
This is the reference: `loop.hpp` holds the same order in C++ and gives the same numbers.

Source: none; strengths of connections in `wiring`, delays in `myotome.physiology.conduction`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import (
    descending_control,
    dorsal_horn_moment,
    joint_motion,
    motor_unit,
    muscle_nociceptor,
    muscle_spindle,
    musculotendon_motion,
    rate_coded_pool,
    renshaw,
    segment_motion,
    tendon_organ,
)
from myotome.physiology import motoneuron as cells
from myotome.physiology.dorsal_horn import Circuit
from myotome.physiology.exponential import power
from myotome.simulation.moment.assembly import Constants, reached
from myotome.simulation.moment.frozen import Frozen
from myotome.simulation.moment.inputs import Inputs
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.structures import Structures

Array = NDArray[np.float64]

# Lines of the ring in which afferent rates travel to the cord.
PRIMARY, SECONDARY, TENDON_ORGAN, GROUP_3, GROUP_4, VOLLEY = range(6)
LINES: Final = 6
_PER_SECOND: Final = 1000.0
_REFRACTORY: Final = 2  # ms for which an axon that an impulse met head-on stays silent
_LARGEST_TURN: Final = 0.03  # rad/ms, of a joint that is held
_SECANTS: Final = 16
_LOGISTIC_PER_NORMAL: Final = 1.702


class MomentState(NamedTuple):
    """Everything that moves.

    Attributes:
        pool: Motoneurons, shape (people * muscles, units); at rest where there are no cells.
        rate_coded: What stands for them there.
        renshaw: Shape (people, muscles).
        horn: Circuits, shape (people, roots, kinds).
        control: How far pain elsewhere holds down what reports a muscle, 0 to 1, shape (people,
            muscles).
        units: Motor units, shape (people, muscles, units).
        muscle: Shape (people, muscles).
        spindle: Likewise.
        organ: Likewise.
        nociceptor: Likewise.
        joint: Shape (people, joints).
        afferents: Rates on their way to the cord (Hz), shape (lines, ring, people, muscles).
        axons: Impulses on their way to the muscle, shape (ring, people, muscles, units).
        blocked: Milliseconds for which a shocked axon carries nothing down, shape as `units`.
        millisecond: How many were run.
    """

    pool: cells.PoolState
    rate_coded: rate_coded_pool.RateCodedState | None
    renshaw: renshaw.RenshawState
    horn: Circuit
    control: Array
    units: motor_unit.MotorUnitState
    muscle: musculotendon_motion.MusculotendonState
    spindle: muscle_spindle.MuscleSpindleState
    organ: tendon_organ.TendonOrganState
    nociceptor: muscle_nociceptor.MuscleNociceptorState
    joint: joint_motion.JointMotionState
    afferents: Array
    axons: Array
    blocked: Array
    millisecond: int


class Seen(NamedTuple):
    """What one millisecond showed.

    Attributes:
        channels: By name.
        fired: Which motoneurons did, shape (people, muscles, units).
        pools: Motoneurons after each part of it.
    """

    channels: dict[str, Array]
    fired: NDArray[np.bool_]
    pools: tuple[cells.PoolState, ...]


def init(
    c: Constants,
    p: MomentPreparation,
    frozen: Frozen,
    s: Structures,
    *,
    angle: Array,
    precision: type[np.float32 | np.float64] = np.float32,
) -> MomentState:
    """A preparation that has been left alone for long: nobody fires, every joint rests.

    Args:
        c: Constants.
        p: Who hangs together with whom.
        frozen: The slow state.
        s: Parameters.
        angle: Where joints are held (rad), shape (people, joints); not a number where free.
        precision: Of the motoneurons.
    """
    people, muscles = p.people, len(p.muscles)
    resting = angle
    if not np.isfinite(angle).all():
        resting = np.where(np.isfinite(angle), angle, _resting_angle(c, p, frozen, s))
    muscle = _muscle_at(c, p, frozen, s, resting)
    length = musculotendon_motion.fibre_length(c.muscle, muscle)
    still = np.zeros((people, muscles))
    dynamic, static = still + s.wiring.fusimotor_dynamic, still + s.wiring.fusimotor_static
    spindle = muscle_spindle.at_rest(c.spindle, length, dynamic, static)
    force = muscle.tendon_force * p.maximum_isometric_force
    organ = tendon_organ.at_rest(c.organ, force)
    ring = 1 + int(max(delay.max() for delay in c.delays[3:]))
    axons = 1 + int(max(c.delays.motor.max(), c.delays.motor_from_shock.max()))
    afferents = np.zeros((LINES, ring, people, muscles))
    afferents[PRIMARY] = muscle_spindle.primary_rate(c.spindle, spindle, length)
    afferents[SECONDARY] = muscle_spindle.secondary_rate(c.spindle, spindle, length)
    afferents[TENDON_ORGAN] = tendon_organ.discharge_rate(c.organ, organ, force)
    return MomentState(
        pool=cells.at_rest(c.pool, people * muscles, precision),
        rate_coded=None if c.rate_coded is None else rate_coded_pool.at_rest(c.rate_coded),
        renshaw=renshaw.at_rest((people, muscles)),
        horn=dorsal_horn_moment.at_rest((people, len(p.roots), c.convergence.size)),
        control=np.zeros((people, muscles)),
        units=motor_unit.at_rest(c.units, (people, muscles)),
        muscle=muscle,
        spindle=spindle,
        organ=organ,
        nociceptor=muscle_nociceptor.at_rest(c.nociceptor, (people, muscles)),
        joint=joint_motion.at_rest(c.joint, resting),
        afferents=afferents,
        axons=np.zeros((axons, people, muscles, p.units)),
        blocked=np.zeros((people, muscles, p.units)),
        millisecond=0,
    )


def step(
    c: Constants,
    p: MomentPreparation,
    frozen: Frozen,
    s: Structures,
    state: MomentState,
    inputs: Inputs,
    at: int,
    *,
    peripheral: Array | None = None,
    seed: NDArray[Any],
    step_ms: float = 0.1,
    scheme: cells.Scheme = "crank_nicolson",
    looks: int = 1,
) -> tuple[MomentState, Seen]:
    """One millisecond of everything.

    Args:
        c: Constants.
        p: Who hangs together with whom.
        frozen: The slow state.
        s: Parameters.
        state: Where it stands.
        inputs: What comes from outside.
        at: Which millisecond of `inputs`.
        peripheral: Impulses that begin in the muscle, share of each unit's fibres, shape of units.
        seed: Of each person and muscle, shape (people * muscles,).
        step_ms: Of motoneurons.
        scheme: Likewise.
        looks: Equal parts of it after which motoneurons are shown.
    """
    arrived = state.afferents[:, state.millisecond % state.afferents.shape[1]]
    horn, nociceptive, touch = _horn(c, p, frozen, s, state, arrived, inputs, at)
    projection = dorsal_horn_moment.projection_rate(horn) + inputs.projection[at]
    control = _control(c, s, state, arrived)
    painful = reached(p, projection) / 100.0 * descending_control.passes(c.control, control)

    pools, rate_coded, fired = _pool(
        c,
        p,
        s,
        state,
        arrived,
        painful,
        inputs.voluntary[at],
        inputs.current[at],
        seed,
        step_ms,
        scheme,
        looks,
    )
    pool = pools[-1]
    recurrent = renshaw.step(s.renshaw, c.renshaw, state.renshaw, fired=fired)
    axons, blocked, shocked = _axons(c, state, fired, inputs.shock[at])
    reaching = axons[state.millisecond % axons.shape[0]]
    begun = np.minimum(reaching + (0.0 if peripheral is None else peripheral), 1.0)

    precision = state.units.activation.dtype
    units = motor_unit.step(
        c.units,
        state.units,
        spikes=begun.astype(precision),
        fibre_length=musculotendon_motion.fibre_length(c.muscle, state.muscle).astype(precision),
        fibre_velocity=state.muscle.fibre_velocity.astype(precision),
    )
    activation = motor_unit.muscle_activation(c.units, units).astype(np.float64)
    guarded = reached(p, nociceptive)
    joint, torque = _joint(c, p, state, guarded, inputs.angle[at], inputs.torque[at])
    muscle = musculotendon_motion.step(
        c.muscle,
        state.muscle,
        musculotendon_length=_lengths(p, joint.angle),
        activation=activation * frozen.strength,
    )

    length = musculotendon_motion.fibre_length(c.muscle, muscle)
    effort = s.wiring.fusimotor_voluntary * inputs.voluntary[at] + s.wiring.fusimotor_pain * painful
    spindle = muscle_spindle.step(
        c.spindle,
        state.spindle,
        length=length,
        dynamic_drive=s.wiring.fusimotor_dynamic + effort + inputs.fusimotor_dynamic[at],
        static_drive=s.wiring.fusimotor_static + effort + inputs.fusimotor_static[at],
    )
    force = muscle.tendon_force * p.maximum_isometric_force
    organ = tendon_organ.step(c.organ, state.organ, force)
    nociceptor = muscle_nociceptor.step(
        c.nociceptor,
        state.nociceptor,
        strain_rate=muscle.fibre_velocity,
        pressure=muscle.tendon_force,
        power=activation,
    )

    group_3, group_4 = muscle_nociceptor.discharge_rates(nociceptor, c.nociceptor_gain)
    rates = {
        PRIMARY: _bounded(
            muscle_spindle.primary_rate(c.spindle, spindle, length) + inputs.primary_afferents[at]
        ),
        SECONDARY: _bounded(muscle_spindle.secondary_rate(c.spindle, spindle, length)),
        TENDON_ORGAN: _bounded(tendon_organ.discharge_rate(c.organ, organ, force)),
        GROUP_3: _bounded(group_3 + inputs.receptor_input[at]),
        GROUP_4: _bounded(group_4 + inputs.receptor_input[at]),
        VOLLEY: _primary_share(s, inputs.shock[at]),
    }
    after = MomentState(
        pool,
        rate_coded,
        recurrent,
        horn,
        control,
        units,
        muscle,
        spindle,
        organ,
        nociceptor,
        joint,
        _sent(c, state, rates),
        axons,
        blocked,
        state.millisecond + 1,
    )
    weight = c.fibre_share
    channels = {
        "discharge_rate": fired.mean(axis=-1) * _PER_SECOND,
        "activation": activation,
        "tendon_force": muscle.tendon_force,
        "fibre_length": length,
        "fibre_velocity": muscle.fibre_velocity,
        "primary": rates[PRIMARY],
        "secondary": rates[SECONDARY],
        "tendon_organ": rates[TENDON_ORGAN],
        "nociceptors": rates[GROUP_3] + rates[GROUP_4],
        "group_3": rates[GROUP_3],
        "group_4": rates[GROUP_4],
        "m_wave": _sum(weight * shocked),
        "emg": _sum(weight * begun),
        "inhibition": renshaw.rate(s.renshaw, recurrent),
        "persistent": _sum(pool.persistent_on.reshape(fired.shape)) / p.units,
        "angle": joint.angle,
        "torque": torque,
        "projection": projection,
        "nociceptive_drive": nociceptive,
        "touch_drive": touch,
        "foramen": _foramen(c, p, force, joint.angle),
    }
    return after, Seen(channels, fired > 0.0, pools)


def _bounded(rate: Array) -> Array:
    """A rate (Hz) that a fibre can carry: at most one impulse a millisecond."""
    return np.minimum(rate, _PER_SECOND)


def _sum(of_units: Array) -> Array:
    """Sum over units one after the other, as the compiled sum runs."""
    total: Array = np.cumsum(of_units, axis=-1, dtype=np.float64)[..., -1]
    return total


def _horn(
    c: Constants,
    p: MomentPreparation,
    frozen: Frozen,
    s: Structures,
    state: MomentState,
    arrived: Array,
    inputs: Inputs,
    at: int,
) -> tuple[Circuit, Array, Array]:
    """Dorsal horn of each root, its nociceptive drive C and its touch drive A."""
    thin = (arrived[GROUP_3] + arrived[GROUP_4]) * s.wiring.nociceptor_share
    from_muscles = (thin[:, None, :] * p.reach).sum(axis=-1)
    mean_rate = frozen.nociceptor_rate + from_muscles
    nociceptive = s.horn.nociceptive_scale * mean_rate + inputs.nociception[at]
    touch = frozen.touch_rate + inputs.touch[at]
    horn = dorsal_horn_moment.advance(
        s.horn,
        state.horn,
        touch=touch[..., None],
        nociception=nociceptive[..., None] * c.convergence,
        sensitisation=frozen.sensitisation[..., None],
    )
    return horn, nociceptive, touch


def _control(c: Constants, s: Structures, state: MomentState, arrived: Array) -> Array:
    """How far each muscle's neurons are held down by what hurts in the others."""
    thin = (arrived[GROUP_3] + arrived[GROUP_4]) * s.wiring.nociceptor_share
    heard = descending_control.elsewhere(s.horn.nociceptive_scale * thin)
    return descending_control.step(c.control, state.control, heard)


def _pool(
    c: Constants,
    p: MomentPreparation,
    s: Structures,
    state: MomentState,
    arrived: Array,
    painful: Array,
    voluntary: Array,
    current: Array,
    seed: NDArray[Any],
    step_ms: float,
    scheme: cells.Scheme,
    looks: int,
) -> tuple[tuple[cells.PoolState, ...], rate_coded_pool.RateCodedState | None, Array]:
    """Motoneurons after each part of a millisecond, and which of them fired in it, as 0 or 1."""
    w = s.wiring
    each = w.primary_fibres * w.primary_connection / _PER_SECOND
    primary = arrived[PRIMARY] * each
    volley = arrived[VOLLEY] * (w.primary_fibres * w.primary_connection)
    secondary = arrived[SECONDARY] * (w.primary_fibres / _PER_SECOND)
    excitation = (primary + volley) * w.primary_conductance + secondary * w.secondary_conductance
    across = np.where(p.antagonist >= 0, (primary + volley)[:, p.antagonist], 0.0)
    organ = arrived[TENDON_ORGAN] * (w.primary_fibres / _PER_SECOND)
    inhibition = across * w.reciprocal_conductance + organ * w.tendon_organ_conductance
    decay = s.membrane.inhibition_decay
    recurrent = renshaw.conductance(c.renshaw, state.renshaw) * (1.0 / decay)
    events = w.voluntary_events * voluntary + w.pain_events * painful
    rows = state.pool.soma.shape[0]
    if c.rate_coded is not None and state.rate_coded is not None:
        # What a cell would feel as conductance counts as so many synaptic events.
        felt = (excitation - inhibition)[..., None] - recurrent
        share = (events[..., None] + felt / w.event_conductance) / w.voluntary_events
        coded, fires = rate_coded_pool.step(
            c.rate_coded, state.rate_coded, np.maximum(share, 0.0).reshape(rows, -1), seed
        )
        return (state.pool,), coded, fires.astype(np.float64).reshape(state.blocked.shape)
    given = cells.PoolInput(
        excitation=excitation.reshape(rows, 1),
        inhibition=(inhibition[..., None] + recurrent).reshape(rows, -1),
        current=current.reshape(rows, 1),
        shot_rate=np.minimum(events, 1.0 / step_ms).reshape(rows, 1),
        shot_weight=w.event_conductance,
        seed=seed,
    )
    pools = [state.pool]
    fired = np.zeros(state.pool.soma.shape)
    for look in range(looks):
        after, spikes = cells.advance(
            c.pool,
            pools[-1],
            given if look == 0 else given._replace(excitation=0.0, inhibition=0.0),
            steps=round(1.0 / step_ms) // looks,
            step_ms=step_ms,
            scheme=scheme,
            backend="numpy",
        )
        pools.append(after)
        fired[spikes.person, spikes.unit] = 1.0
    return tuple(pools[1:]), None, fired.reshape(state.blocked.shape)


def _axons(
    c: Constants, state: MomentState, fired: Array, shock: Array
) -> tuple[Array, Array, Array]:
    """Impulses on their way down, axons that carry none, and impulses that a shock began.

    A shock sends an impulse both ways. On its way up it puts out every impulse it meets, so that
    what leaves the cord before it arrives never reaches the muscle.
    """
    length = state.axons.shape[0]
    now = state.millisecond
    axons = state.axons.copy()
    axons[(now - 1) % length] = 0.0
    struck = (shock[..., None] >= c.shock_threshold) & (shock[..., None] > 0.0)
    blocked = np.maximum(state.blocked - 1.0, 0.0)
    if struck.any():
        for ahead in range(1, length):
            above = ahead > c.delays.motor_from_shock[:, None]
            slot = axons[(now + ahead) % length]
            slot[struck & above] = 0.0
        blocked = np.where(struck, c.delays.antidromic + float(_REFRACTORY), blocked)
    passing = fired * (blocked == 0.0) * c.conducts
    muscle, unit = np.indices(c.delays.motor.shape)
    axons[(now + c.delays.motor) % length, :, muscle, unit] += np.moveaxis(passing, 0, -1)
    begun = struck.astype(np.float64)
    place = (now + c.delays.motor_from_shock) % length
    which = np.arange(place.size)
    axons[place, :, which] += np.moveaxis(begun, 1, 0)
    return axons, np.asarray(blocked, dtype=np.float64), begun


def _joint(
    c: Constants,
    p: MomentPreparation,
    state: MomentState,
    guarded: Array,
    held: Array,
    outside: Array,
) -> tuple[joint_motion.JointMotionState, Array]:
    """Joints a millisecond later, and the torque of their muscles (N m)."""
    pull = state.muscle.tendon_force * (p.maximum_isometric_force * p.moment_arm * p.turns)
    torque = np.zeros_like(state.joint.angle)
    drive = np.zeros_like(torque)
    for muscle, joint in enumerate(p.joint_of):
        torque[:, joint] = torque[:, joint] + pull[:, muscle]
        drive[:, joint] = np.maximum(drive[:, joint], guarded[:, muscle])
    moved = joint_motion.step(
        c.joint, state.joint, torque=torque + outside, nociceptive_drive=drive
    )
    fixed = np.isfinite(held)
    # What holds a joint elsewhere takes it there no faster than a limb can be thrown.
    before = state.joint.angle
    taken = np.minimum(np.maximum(held, before - _LARGEST_TURN), before + _LARGEST_TURN)
    return joint_motion.JointMotionState(
        np.where(fixed, taken, moved.angle), np.where(fixed, 0.0, moved.velocity)
    ), torque


def _foramen(c: Constants, p: MomentPreparation, force: Array, angle: Array) -> Array:
    """Height (mm) that paraspinals, by their pull (N) and extension, leave each root's foramen."""
    lost = segment_motion.foramen_lost(c.foramen, force, angle[:, p.joint_of])
    # One after the other, as the compiled sum runs.
    each = np.cumsum(lost[:, None, :] * p.squeezes, axis=-1)[..., -1]
    return np.asarray(c.foramen.height - each)


def _lengths(p: MomentPreparation, angle: Array) -> Array:
    """Musculotendon lengths (optimal fibre lengths) at the joints' angles."""
    gear = p.turns * p.moment_arm / p.optimal_fibre_length
    return np.asarray(p.neutral_length - gear * angle[:, p.joint_of])


def _primary_share(s: Structures, shock: Array) -> Array:
    """Share of a muscle's primary afferents that a shock excites: a logistic in its logarithm."""
    over = np.maximum(shock, 1e-12) / s.wiring.primary_shock_median
    share = 1.0 / (1.0 + power(over, -shock_steepness(s)))
    return np.asarray(np.where(shock > 0.0, share, 0.0))


def shock_steepness(s: Structures) -> float:
    """Of that logistic, which follows the normal distribution of the same spread."""
    return _LOGISTIC_PER_NORMAL / s.wiring.shock_spread


def _sent(c: Constants, state: MomentState, rates: dict[int, Array]) -> Array:
    """The ring of afferents with what set out in this millisecond."""
    d = c.delays
    delays = {
        PRIMARY: d.primary, SECONDARY: d.secondary, TENDON_ORGAN: d.tendon_organ,
        GROUP_3: d.group_3, GROUP_4: d.group_4, VOLLEY: d.primary_from_shock,
    }  # fmt: skip
    afferents = state.afferents.copy()
    length = afferents.shape[1]
    which = np.arange(d.primary.size)
    for line, rate in rates.items():
        place = (state.millisecond + delays[line]) % length
        afferents[line, place, :, which] = rate.T
    return afferents


def _muscle_at(
    c: Constants, p: MomentPreparation, frozen: Frozen, s: Structures, angle: Array
) -> musculotendon_motion.MusculotendonState:
    """Muscles at rest, not active, at joint angles."""
    return musculotendon_motion.at_rest(
        c.muscle,
        s.curves,
        musculotendon_length=_lengths(p, angle),
        activation=np.zeros((p.people, len(p.muscles))),
        tendon_slack_length=p.tendon_slack_length,
        serial_sarcomeres=frozen.serial_sarcomeres,
        contracture=frozen.contracture,
        pennation=p.pennation,
    )


def _resting_angle(c: Constants, p: MomentPreparation, frozen: Frozen, s: Structures) -> Array:
    """Angle at which torques of idle muscles, tissue and weight cancel, by secants.

    It lies between the stops, or beyond them where short muscles hold the joint there.
    """
    size = (p.people, len(p.joints))
    nothing = np.zeros(size)

    def torque(angle: Array) -> Array:
        muscle = _muscle_at(c, p, frozen, s, angle)
        pull = muscle.tendon_force * (p.maximum_isometric_force * p.moment_arm * p.turns)
        found = joint_motion.tissue_torque(c.joint, angle, nothing)
        for index, joint in enumerate(p.joint_of):
            found[:, joint] += pull[:, index]
        return found

    stop = np.broadcast_to(c.joint.angular_limit, size)
    low, high = -stop, stop
    low = np.where(torque(low) < 0.0, -np.pi, low)
    high = np.where(torque(high) > 0.0, np.pi, high)
    at_low, at_high = torque(low), torque(high)
    middle = 0.5 * (low + high)
    before = torque(middle) <= 0.0
    for _ in range(_SECANTS):
        pulled = torque(middle)
        up = pulled > 0.0
        low, high = np.where(up, middle, low), np.where(up, high, middle)
        # An end that stays twice counts half, or it would never move (Illinois).
        kept = np.where(up == before, 0.5, 1.0)
        at_low, at_high = np.where(up, pulled, kept * at_low), np.where(up, kept * at_high, pulled)
        before = up
        span = np.where(at_low > at_high, at_low - at_high, 1.0)
        middle = np.where(at_low > at_high, low + (high - low) * at_low / span, middle)
    return np.asarray(middle)
