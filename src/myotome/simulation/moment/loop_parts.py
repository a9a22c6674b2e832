"""Loop parts: what each structure hears in one millisecond, and what it tells.

`loop` says in which order; here stands how a structure's inputs are gathered from the others. The
structures themselves are files of `myotome.physiology`.

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
from myotome.simulation.moment.assembly import reached
from myotome.simulation.moment.inputs import Given
from myotome.simulation.moment.loop_state import (
    GROUP_3,
    GROUP_4,
    LINES,
    PRIMARY,
    SECONDARY,
    TENDON_ORGAN,
    VOLLEY,
    Body,
    MomentState,
)
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.structures import Structures

Array = NDArray[np.float64]

_PER_SECOND: Final = 1000.0
_REFRACTORY: Final = 2  # ms for which an axon that an impulse met head-on stays silent
_LARGEST_TURN: Final = 0.03  # rad/ms, of a joint that is held
_SECANTS: Final = 16
_LOGISTIC_PER_NORMAL: Final = 1.702


class Horn(NamedTuple):
    """Dorsal horns, shape (people, roots): drives C and A, and what they send on (Hz)."""

    circuit: Circuit
    nociceptive: Array
    touch: Array
    projection: Array


class Pools(NamedTuple):
    """Motoneurons after each part of a millisecond, or what stands for them; who fired, 0 or 1."""

    cells: tuple[cells.PoolState, ...]
    coded: rate_coded_pool.RateCodedState | None
    fired: Array


class Axons(NamedTuple):
    """Impulses on their way, axons that carry none, those a shock began, and those that arrive."""

    ring: Array
    blocked: Array
    shocked: Array
    begun: Array


class How(NamedTuple):
    """How motoneurons are stepped.

    Attributes:
        seed: Of each person and muscle, shape (people * muscles,).
        step_ms: ms.
        scheme: How their voltages are solved.
        looks: Equal parts of a millisecond after which they are shown.
    """

    seed: NDArray[Any]
    step_ms: float = 0.1
    scheme: cells.Scheme = "crank_nicolson"
    looks: int = 1


def arriving(state: MomentState) -> Array:
    """Rates that reach the cord in this millisecond, shape (lines, people, muscles)."""
    return np.asarray(state.afferents[:, state.millisecond % state.afferents.shape[1]])


def dorsal_horns(of: Body, state: MomentState, arrived: Array, given: Given) -> Horn:
    """Dorsal horn of each root, its nociceptive drive C and its touch drive A."""
    thin = (arrived[GROUP_3] + arrived[GROUP_4]) * of.s.wiring.nociceptor_share
    from_muscles = (thin[:, None, :] * of.p.reach).sum(axis=-1)
    mean_rate = of.frozen.nociceptor_rate + from_muscles
    nociceptive = of.s.horn.nociceptive_scale * mean_rate + given.nociception
    touch = of.frozen.touch_rate + given.touch
    circuit = dorsal_horn_moment.advance(
        of.s.horn,
        state.horn,
        touch=touch[..., None],
        nociception=nociceptive[..., None] * of.c.convergence,
        sensitisation=of.frozen.sensitisation[..., None],
    )
    projection = dorsal_horn_moment.projection_rate(circuit) + given.projection
    return Horn(circuit, nociceptive, touch, projection)


def descending(of: Body, state: MomentState, arrived: Array) -> Array:
    """How far each muscle's neurons are held down by what hurts in the others."""
    thin = (arrived[GROUP_3] + arrived[GROUP_4]) * of.s.wiring.nociceptor_share
    heard = descending_control.elsewhere(of.s.horn.nociceptive_scale * thin)
    return descending_control.step(of.c.control, state.control, heard)


def pain_at_pools(of: Body, horn: Horn, control: Array) -> Array:
    """What of the projection neurons' discharge reaches each pool, over 100 Hz."""
    heard = reached(of.p, horn.projection) / 100.0
    return np.asarray(heard * descending_control.passes(of.c.control, control))


def pools(
    of: Body, state: MomentState, arrived: Array, painful: Array, given: Given, how: How
) -> Pools:
    """Motoneurons a millisecond later, and which of them fired, shape (people, muscles, units)."""
    w = of.s.wiring
    each = w.primary_fibres * w.primary_connection / _PER_SECOND
    primary = arrived[PRIMARY] * each
    volley = arrived[VOLLEY] * (w.primary_fibres * w.primary_connection)
    secondary = arrived[SECONDARY] * (w.primary_fibres / _PER_SECOND)
    excitation = (primary + volley) * w.primary_conductance + secondary * w.secondary_conductance
    across = _across(of.p, primary + volley)
    organ = arrived[TENDON_ORGAN] * (w.primary_fibres / _PER_SECOND)
    inhibition = across * w.reciprocal_conductance + organ * w.tendon_organ_conductance
    decay = of.s.membrane.inhibition_decay
    recurrent = renshaw.conductance(of.c.renshaw, state.renshaw) * (1.0 / decay)
    events = w.voluntary_events * given.voluntary + w.pain_events * painful
    rows = state.pool.soma.shape[0]
    if of.c.rate_coded is not None and state.rate_coded is not None:
        # What a cell would feel as conductance counts as so many synaptic events.
        felt = (excitation - inhibition)[..., None] - recurrent
        share = (events[..., None] + felt / w.event_conductance) / w.voluntary_events
        coded, fires = rate_coded_pool.step(
            of.c.rate_coded, state.rate_coded, np.maximum(share, 0.0).reshape(rows, -1), how.seed
        )
        return Pools((state.pool,), coded, fires.astype(np.float64).reshape(state.blocked.shape))
    heard = cells.PoolInput(
        excitation=excitation.reshape(rows, 1),
        inhibition=(inhibition[..., None] + recurrent).reshape(rows, -1),
        current=given.current.reshape(rows, 1),
        shot_rate=np.minimum(events, 1.0 / how.step_ms).reshape(rows, 1),
        shot_weight=w.event_conductance,
        seed=how.seed,
    )
    found = [state.pool]
    fired = np.zeros(state.pool.soma.shape)
    for look in range(how.looks):
        after, spikes = cells.advance(
            of.c.pool,
            found[-1],
            heard if look == 0 else heard._replace(excitation=0.0, inhibition=0.0),
            steps=round(1.0 / how.step_ms) // how.looks,
            step_ms=how.step_ms,
            scheme=how.scheme,
            backend="numpy",
        )
        found.append(after)
        fired[spikes.person, spikes.unit] = 1.0
    return Pools(tuple(found[1:]), None, fired.reshape(state.blocked.shape))


def _across(p: MomentPreparation, primary: Array) -> Array:
    """What spindles of the muscles across a joint send each pool, by their shares of the pull."""
    heard = np.zeros_like(primary)
    # One after the other, so that the kernels can add in the same order.
    for other in range(primary.shape[-1]):
        heard = heard + p.opposed[:, other] * primary[:, other : other + 1]
    return heard


def axons(
    of: Body, state: MomentState, fired: Array, given: Given, peripheral: Array | None
) -> Axons:
    """Impulses on their way down, and which reach their fibres.

    A shock sends an impulse both ways. On its way up it puts out every impulse it meets, so that
    what leaves the cord before it arrives never reaches the muscle.
    """
    c, shock = of.c, given.shock
    length = state.axons.shape[0]
    now = state.millisecond
    ring = state.axons.copy()
    ring[(now - 1) % length] = 0.0
    struck = (shock[..., None] >= c.shock_threshold) & (shock[..., None] > 0.0)
    blocked = np.maximum(state.blocked - 1.0, 0.0)
    if struck.any():
        for ahead in range(1, length):
            above = ahead > c.delays.motor_from_shock[:, None]
            slot = ring[(now + ahead) % length]
            slot[struck & above] = 0.0
        blocked = np.where(struck, c.delays.antidromic + float(_REFRACTORY), blocked)
    passing = fired * (blocked == 0.0) * c.conducts
    muscle, unit = np.indices(c.delays.motor.shape)
    ring[(now + c.delays.motor) % length, :, muscle, unit] += np.moveaxis(passing, 0, -1)
    shocked = struck.astype(np.float64)
    place = (now + c.delays.motor_from_shock) % length
    which = np.arange(place.size)
    ring[place, :, which] += np.moveaxis(shocked, 1, 0)
    begun = np.minimum(ring[now % length] + (0.0 if peripheral is None else peripheral), 1.0)
    return Axons(ring, np.asarray(blocked, dtype=np.float64), shocked, begun)


def motor_units(
    of: Body, state: MomentState, begun: Array
) -> tuple[motor_unit.MotorUnitState, Array]:
    """Motor units a millisecond later, and the activation of each muscle."""
    precision = state.units.activation.dtype
    length = musculotendon_motion.fibre_length(of.c.muscle, state.muscle)
    units = motor_unit.step(
        of.c.units,
        state.units,
        spikes=begun.astype(precision),
        fibre_length=length.astype(precision),
        fibre_velocity=state.muscle.fibre_velocity.astype(precision),
    )
    return units, motor_unit.muscle_activation(of.c.units, units).astype(np.float64)


def joints(
    of: Body, state: MomentState, nociceptive: Array, given: Given
) -> tuple[joint_motion.JointMotionState, Array]:
    """Joints a millisecond later, and the torque of their muscles (N m)."""
    p = of.p
    guarded = reached(p, nociceptive)
    pull = state.muscle.tendon_force * (p.maximum_isometric_force * p.moment_arm * p.turns)
    torque = np.zeros_like(state.joint.angle)
    drive = np.zeros_like(torque)
    for muscle, joint in enumerate(p.joint_of):
        torque[:, joint] = torque[:, joint] + pull[:, muscle]
        drive[:, joint] = np.maximum(drive[:, joint], guarded[:, muscle])
    moved = joint_motion.step(
        of.c.joint, state.joint, torque=torque + given.torque, nociceptive_drive=drive
    )
    fixed = np.isfinite(given.angle)
    # What holds a joint elsewhere takes it there no faster than a limb can be thrown.
    before = state.joint.angle
    taken = np.minimum(np.maximum(given.angle, before - _LARGEST_TURN), before + _LARGEST_TURN)
    return joint_motion.JointMotionState(
        np.where(fixed, taken, moved.angle), np.where(fixed, 0.0, moved.velocity)
    ), torque


def muscles(
    of: Body, state: MomentState, angle: Array, activation: Array
) -> musculotendon_motion.MusculotendonState:
    """Muscles and tendons a millisecond later, at the joints' angles."""
    return musculotendon_motion.step(
        of.c.muscle,
        state.muscle,
        musculotendon_length=_lengths(of.p, angle),
        activation=activation * of.frozen.strength,
    )


def spindles(
    of: Body, state: MomentState, length: Array, painful: Array, given: Given
) -> muscle_spindle.MuscleSpindleState:
    """Spindles a millisecond later, under fusimotor drive that effort and pain raise."""
    w = of.s.wiring
    effort = w.fusimotor_voluntary * given.voluntary + w.fusimotor_pain * painful
    return muscle_spindle.step(
        of.c.spindle,
        state.spindle,
        length=length,
        dynamic_drive=w.fusimotor_dynamic + effort + given.fusimotor_dynamic,
        static_drive=w.fusimotor_static + effort + given.fusimotor_static,
    )


def nociceptors(
    of: Body,
    state: MomentState,
    muscle: musculotendon_motion.MusculotendonState,
    activation: Array,
) -> muscle_nociceptor.MuscleNociceptorState:
    """Thin afferents a millisecond later."""
    return muscle_nociceptor.step(
        of.c.nociceptor,
        state.nociceptor,
        strain_rate=muscle.fibre_velocity,
        pressure=muscle.tendon_force,
        power=activation,
    )


def discharges(
    of: Body,
    spindle: muscle_spindle.MuscleSpindleState,
    organ: tendon_organ.TendonOrganState,
    nociceptor: muscle_nociceptor.MuscleNociceptorState,
    length: Array,
    force: Array,
    given: Given,
) -> dict[int, Array]:
    """What every receptor sends (Hz), by line; of a volley, the share of primaries."""
    primary = muscle_spindle.primary_rate(of.c.spindle, spindle, length) + given.primary_afferents
    group_3, group_4 = muscle_nociceptor.discharge_rates(nociceptor, of.c.nociceptor_gain)
    return {
        PRIMARY: _bounded(primary),
        SECONDARY: _bounded(muscle_spindle.secondary_rate(of.c.spindle, spindle, length)),
        TENDON_ORGAN: _bounded(tendon_organ.discharge_rate(of.c.organ, organ, force)),
        GROUP_3: _bounded(group_3 + given.receptor_input),
        GROUP_4: _bounded(group_4 + given.receptor_input),
        VOLLEY: _primary_share(of.s, given.shock),
    }


def sent(of: Body, state: MomentState, rates: dict[int, Array]) -> Array:
    """The ring of afferents with what set out in this millisecond."""
    d = of.c.delays
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


def channels(
    of: Body,
    after: MomentState,
    horn: Horn,
    fired: Array,
    path: Axons,
    activation: Array,
    torque: Array,
    rates: dict[int, Array],
) -> dict[str, Array]:
    """Every channel, by name."""
    muscle, angle = after.muscle, after.joint.angle
    return {
        "discharge_rate": fired.mean(axis=-1) * _PER_SECOND,
        "activation": activation,
        "tendon_force": muscle.tendon_force,
        "fibre_length": musculotendon_motion.fibre_length(of.c.muscle, muscle),
        "fibre_velocity": muscle.fibre_velocity,
        "primary": rates[PRIMARY],
        "secondary": rates[SECONDARY],
        "tendon_organ": rates[TENDON_ORGAN],
        "nociceptors": rates[GROUP_3] + rates[GROUP_4],
        "group_3": rates[GROUP_3],
        "group_4": rates[GROUP_4],
        "m_wave": _sum(of.c.fibre_share * path.shocked),
        "emg": _sum(of.c.fibre_share * path.begun),
        "inhibition": renshaw.rate(of.s.renshaw, after.renshaw),
        "persistent": _sum(after.pool.persistent_on.reshape(fired.shape)) / of.p.units,
        "angle": angle,
        "torque": torque,
        "projection": horn.projection,
        "nociceptive_drive": horn.nociceptive,
        "touch_drive": horn.touch,
        "foramen": _foramen(of, muscle.tendon_force * of.p.maximum_isometric_force, angle),
    }


def rings(
    of: Body,
    spindle: muscle_spindle.MuscleSpindleState,
    organ: tendon_organ.TendonOrganState,
    length: Array,
    force: Array,
) -> tuple[Array, Array]:
    """Afferents and axons of a body left alone for long: receptors' rates at rest, no impulse."""
    c, size = of.c, (of.p.people, len(of.p.muscles))
    afferents = np.zeros((LINES, _slots(*c.delays[3:]), *size))
    afferents[PRIMARY] = muscle_spindle.primary_rate(c.spindle, spindle, length)
    afferents[SECONDARY] = muscle_spindle.secondary_rate(c.spindle, spindle, length)
    afferents[TENDON_ORGAN] = tendon_organ.discharge_rate(c.organ, organ, force)
    slots = _slots(c.delays.motor, c.delays.motor_from_shock)
    return afferents, np.zeros((slots, *size, of.p.units))


def _slots(*delays: NDArray[np.int64]) -> int:
    """Of a ring in which the longest delay has its place."""
    return 1 + int(max(delay.max() for delay in delays))


def muscles_at(of: Body, angle: Array) -> musculotendon_motion.MusculotendonState:
    """Muscles at rest, not active, at joint angles."""
    p, frozen = of.p, of.frozen
    return musculotendon_motion.at_rest(
        of.c.muscle,
        of.s.curves,
        musculotendon_length=_lengths(p, angle),
        activation=np.zeros((p.people, len(p.muscles))),
        tendon_slack_length=p.tendon_slack_length,
        serial_sarcomeres=frozen.serial_sarcomeres,
        contracture=frozen.contracture,
        pennation=p.pennation,
    )


def resting_angle(of: Body) -> Array:
    """Angle at which torques of idle muscles, tissue and weight cancel, by secants.

    It lies between the stops, or beyond them where short muscles hold the joint there.
    """
    c, p = of.c, of.p
    size = (p.people, len(p.joints))
    nothing = np.zeros(size)

    def torque(angle: Array) -> Array:
        muscle = muscles_at(of, angle)
        pull = muscle.tendon_force * (p.maximum_isometric_force * p.moment_arm * p.turns)
        found = joint_motion.tissue_torque(c.joint, angle, nothing)
        for index, joint in enumerate(p.joint_of):
            found[:, joint] += pull[:, index]
        return found

    stop = np.broadcast_to(c.joint.angular_limit, size)
    low, high = -stop, stop
    at_low, at_high = torque(low), torque(high)
    if (at_low < 0.0).any() or (at_high > 0.0).any():
        low = np.where(at_low < 0.0, -np.pi, low)
        high = np.where(at_high > 0.0, np.pi, high)
        at_low, at_high = torque(low), torque(high)
    middle = 0.5 * (low + high)
    pulled = torque(middle)
    before = pulled <= 0.0
    for secant in range(_SECANTS):
        pulled = torque(middle) if secant else pulled
        up = pulled > 0.0
        low, high = np.where(up, middle, low), np.where(up, high, middle)
        # An end that stays twice counts half, or it would never move (Illinois).
        kept = np.where(up == before, 0.5, 1.0)
        at_low, at_high = np.where(up, pulled, kept * at_low), np.where(up, kept * at_high, pulled)
        before = up
        span = np.where(at_low > at_high, at_low - at_high, 1.0)
        middle = np.where(at_low > at_high, low + (high - low) * at_low / span, middle)
    return np.asarray(middle)


def shock_steepness(s: Structures) -> float:
    """Of the logistic which follows the normal distribution of thresholds for a shock."""
    return _LOGISTIC_PER_NORMAL / s.wiring.shock_spread


def _bounded(rate: Array) -> Array:
    """A rate (Hz) that a fibre can carry: at most one impulse a millisecond."""
    return np.minimum(rate, _PER_SECOND)


def _sum(of_units: Array) -> Array:
    """Sum over units one after the other, as the compiled sum runs."""
    total: Array = np.cumsum(of_units, axis=-1, dtype=np.float64)[..., -1]
    return total


def _foramen(of: Body, force: Array, angle: Array) -> Array:
    """Height (mm) that paraspinals, by their pull (N) and extension, leave each root's foramen."""
    lost = segment_motion.foramen_lost(of.c.foramen, force, angle[:, of.p.joint_of])
    # One after the other, as the compiled sum runs.
    each = np.cumsum(lost[:, None, :] * of.p.squeezes, axis=-1)[..., -1]
    return np.asarray(of.c.foramen.height - each)


def _lengths(p: MomentPreparation, angle: Array) -> Array:
    """Musculotendon lengths (optimal fibre lengths) at the joints' angles."""
    gear = p.turns * p.moment_arm / p.optimal_fibre_length
    return np.asarray(p.neutral_length - gear * angle[:, p.joint_of])


def _primary_share(s: Structures, shock: Array) -> Array:
    """Share of a muscle's primary afferents that a shock excites: a logistic in its logarithm."""
    over = np.maximum(shock, 1e-12) / s.wiring.primary_shock_median
    share = 1.0 / (1.0 + power(over, -shock_steepness(s)))
    return np.asarray(np.where(shock > 0.0, share, 0.0))
