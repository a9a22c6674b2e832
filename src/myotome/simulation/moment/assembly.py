"""Assembly: a preparation, its slow state and its parameters made into the constants of a loop.

Everything that does not move in a moment is computed here, once: conductances and thresholds of
each motoneuron, curves of each muscle, delays in whole milliseconds. The loop, in NumPy and in C++,
reads these arrays and nothing else.

Source: none; numbers come with `preparation`, `frozen` and `structures`.
"""

from __future__ import annotations

from dataclasses import replace
from statistics import NormalDist
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError
from myotome.physiology import (
    conduction,
    descending_control,
    distal_units,
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
from myotome.physiology.motoneuron_cells import PoolConstants, pool
from myotome.simulation.moment.frozen import Frozen
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.structures import Structures

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

HORN_KINDS: Final = 4
_UNCONNECTED_DELAY: Final = 1
_LONGEST_DELAY: Final = 4000  # ms


class Delays(NamedTuple):
    """Whole milliseconds; at least 1, since structures speak once a millisecond.

    Attributes:
        motor: Cord to muscle, shape (muscles, units).
        motor_from_shock: From where a nerve is shocked to the muscle, shape (muscles,).
        antidromic: From there to the cord along a motor axon, shape (muscles, units).
        primary: Muscle to motoneuron, the synapse included; so on, shape (muscles,).
        primary_from_shock: From where the nerve is shocked to the motoneuron.
        secondary: Group II.
        tendon_organ: Group Ib.
        group_3: Group III.
        group_4: Group IV.
    """

    motor: Whole
    motor_from_shock: Whole
    antidromic: Whole
    primary: Whole
    primary_from_shock: Whole
    secondary: Whole
    tendon_organ: Whole
    group_3: Whole
    group_4: Whole


class Constants(NamedTuple):
    """What the loop reads; people first where they differ.

    Attributes:
        pool: Motoneurons, arrays of shape (people * muscles, units).
        rate_coded: What stands for them where there are no cells.
        units: Motor units, shape (muscles, units).
        muscle: Shape (people, muscles).
        spindle: One for all.
        organ: One for all.
        nociceptor: One for all.
        nociceptor_gain: Factor on group III and IV, shape (people, muscles).
        renshaw: Shape (muscles, units).
        joint: Limbs' hinges and segments of the spine, shape (joints,).
        foramen: Of any root.
        convergence: Of the kinds of projection neurons, shape (kinds,).
        control: One for all.
        delays: Whole milliseconds.
        conducts: 1 where a unit's axon conducts, shape (people, muscles, units).
        fibre_share: Share of the muscle's force that is a unit's, shape (muscles, units).
        shock_threshold: At which each motor axon is excited, shape (muscles, units).
    """

    pool: PoolConstants
    rate_coded: rate_coded_pool.RateCodedConstants | None
    units: motor_unit.MotorUnitConstants
    muscle: musculotendon_motion.MusculotendonConstants
    spindle: muscle_spindle.MuscleSpindleConstants
    organ: tendon_organ.TendonOrganConstants
    nociceptor: muscle_nociceptor.MuscleNociceptorConstants
    nociceptor_gain: Array
    renshaw: renshaw.RenshawConstants
    joint: joint_motion.JointMotionConstants
    foramen: segment_motion.ForamenConstants
    convergence: Array
    control: descending_control.DescendingControlConstants
    delays: Delays
    conducts: Array
    fibre_share: Array
    shock_threshold: Array


def assembled(
    p: MomentPreparation,
    frozen: Frozen,
    s: Structures,
    precision: type[np.float32 | np.float64] = np.float64,
) -> Constants:
    """The constants of one preparation.

    Args:
        p: Who hangs together with whom.
        frozen: The slow state, of as many people.
        s: Parameters.
        precision: Of the motor units; motoneurons take that of their state.
    """
    people, muscles = p.people, len(p.muscles)
    pools = [
        pool(p.units, replace(s.composition, slow=float(share)), s.membrane)
        for share in p.slow_share
    ]
    kinds = [
        distal_units.constants(s.distal_units, s.motor_units, p.units, dtype=precision)
        if distal
        else motor_unit.constants(
            replace(s.motor_units, slow_share=float(share)), p.units, dtype=precision
        )
        for share, distal in zip(p.slow_share, p.distal, strict=True)
    ]
    units = motor_unit.MotorUnitConstants(
        *(_stacked(entries) for entries in zip(*kinds, strict=True))
    )
    cells = {
        name: np.broadcast_to(
            np.stack([one.arrays()[name] for one in pools]), (people, muscles, p.units)
        ).reshape(people * muscles, p.units)
        for name in pools[0].arrays()
    }
    resting = PoolConstants(**cells, membrane=s.membrane)
    leak = np.stack([one.dendrite_leak for one in pools])
    felt = reached(p, frozen.sensitisation)
    density = (
        frozen.silent_share * frozen.silent_receptors
        + (1.0 - frozen.silent_share) * frozen.conducting_receptors
    )
    nociceptor = muscle_nociceptor.constants(s.nociceptor)
    return Constants(
        # The slow state scales the frequency of shocks that leaves a cramp. A tenth on the cells'
        # own thresholds does 36 % down and 72 % up to it, so that they follow by a small power.
        pool=resting.raised(
            frozen.threshold_scale.reshape(-1, 1) ** s.wiring.threshold_power - 1.0
        ),
        rate_coded=_rate_coded(p, frozen, s),
        units=units,
        muscle=musculotendon_motion.constants(
            s.curves,
            s.motion,
            tendon_slack_length=p.tendon_slack_length,
            serial_sarcomeres=frozen.serial_sarcomeres,
            contracture=frozen.contracture,
            pennation=p.pennation,
        ),
        spindle=muscle_spindle.constants(s.spindle),
        organ=tendon_organ.constants(s.tendon_organ),
        nociceptor=nociceptor,
        nociceptor_gain=muscle_nociceptor.gain(nociceptor, density, felt),
        renshaw=renshaw.constants(s.renshaw, leak),
        joint=_joints(p, s),
        foramen=segment_motion.foramen_constants(s.segment),
        convergence=dorsal_horn_moment.convergence(s.horn, HORN_KINDS),
        control=descending_control.constants(s.control),
        delays=_delays(p, s, np.stack([one.axon_velocity for one in pools])),
        conducts=conducting(frozen.silent_share, p.units),
        fibre_share=units.tetanic_force.astype(np.float64),
        shock_threshold=_shock_thresholds(s, muscles, p.units),
    )


def _rate_coded(
    p: MomentPreparation, frozen: Frozen, s: Structures
) -> rate_coded_pool.RateCodedConstants | None:
    if p.pool == "cells":
        return None
    as_many = replace(s.rate_coded, units=float(p.units))
    return rate_coded_pool.constants(as_many, frozen.threshold_scale.reshape(-1))


def _joints(p: MomentPreparation, s: Structures) -> joint_motion.JointMotionConstants:
    """Every joint's numbers side by side."""
    hinge = joint_motion.constants(s.joint, s.swing)
    if not p.segments.any():
        return joint_motion.JointMotionConstants(
            *(np.broadcast_to(entry, len(p.joints)) for entry in hinge)
        )
    bent = segment_motion.constants(s.segment, s.bending)
    return joint_motion.JointMotionConstants(
        *(np.where(p.segments > 0.0, own, limb) for own, limb in zip(bent, hinge, strict=True))
    )


def reached(p: MomentPreparation, of_roots: Array) -> Array:
    """A quantity of the roots as it reaches each muscle: from the root that sends it most."""
    most: Array = (of_roots[:, :, None] * p.reach).max(axis=1)
    return most


def conducting(silent_share: Array, units: int) -> Array:
    """1 where a unit's axon conducts, 0 where its root is blocked; blocked units lie spread out."""
    before = np.floor(np.arange(units) * silent_share[..., None] + 1e-9)
    after = np.floor(np.arange(1, units + 1) * silent_share[..., None] + 1e-9)
    free: Array = 1.0 - (after - before)
    return free


def _stacked(entries: tuple[Any, ...]) -> Array:
    """Entries of several muscles; a number that is the same for all stays one number."""
    first = np.asarray(entries[0])
    return first if first.ndim == 0 else np.stack(entries)


def _shock_thresholds(s: Structures, muscles: int, units: int) -> Array:
    """Thick axons, which are those of large units, are excited first."""
    places = 1.0 - (np.arange(units) + 0.5) / units
    normal = np.array([NormalDist().inv_cdf(place) for place in places])
    thresholds = np.exp(s.wiring.shock_spread * normal)
    # The first axon defines the motor threshold.
    return np.broadcast_to(thresholds / thresholds.min(), (muscles, units)).copy()


def _delays(p: MomentPreparation, s: Structures, velocity: Array) -> Delays:
    limb = s.conduction
    conduction.check(limb)
    stimulated = np.minimum(limb.stimulated, 0.5 * p.path)
    rest = p.path - stimulated
    return Delays(
        motor=_whole(conduction.delay(p.path[:, None], velocity) + limb.junction),
        motor_from_shock=_whole(conduction.delay(stimulated, limb.motor_velocity) + limb.junction),
        antidromic=_whole(conduction.delay(rest[:, None], velocity)),
        primary=_whole(conduction.delay(p.path, limb.primary_velocity) + limb.primary_synapse),
        primary_from_shock=_whole(
            conduction.delay(rest, limb.primary_velocity) + limb.primary_synapse
        ),
        secondary=_whole(
            conduction.delay(p.path, limb.secondary_velocity) + limb.secondary_synapse
        ),
        tendon_organ=_whole(
            conduction.delay(p.path, limb.tendon_organ_velocity) + limb.tendon_organ_synapse
        ),
        group_3=_whole(conduction.delay(p.path, limb.group_3_velocity)),
        group_4=_whole(conduction.delay(p.path, limb.group_4_velocity)),
    )


def _whole(delay: Any) -> Whole:  # noqa: ANN401 - a number or an array
    longest = np.max(delay)
    if longest > _LONGEST_DELAY:
        raise InputError(
            f"must bring an impulse to its end within {_LONGEST_DELAY} ms, got {longest:.4g} ms:"
            " a velocity is too low, or a path too long.",
            place="conduction",
        )
    rounded = np.rint(np.asarray(delay)).astype(np.int64)
    return np.asarray(np.maximum(rounded, _UNCONNECTED_DELAY))
