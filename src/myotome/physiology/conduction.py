"""Conduction: how long an impulse takes from muscle to cord and back.

Receives path lengths; gives the delays of every afferent and of the motor axon, and the latencies
of the M-wave and the H-reflex, to whatever closes a loop. Thick fibres are quick: a stretch is
known to the cord by group Ia some 12 ms before group II tells of it.

Source: nagamori2018, whose leg is 0.8 m; velocities of thin fibres and the junction are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from myotome.physiology.parameters import Number, parameter

_MS_PER_S = 1000.0


@dataclass(frozen=True, slots=True)
class Conduction:
    """Velocities, synapses and paths of one limb."""

    motor_velocity: float = parameter(
        48.5, unit="m/s", tag="V", source="nagamori2018", meaning="alpha motor axons"
    )
    primary_velocity: float = parameter(
        64.5, unit="m/s", tag="V", source="nagamori2018", meaning="group Ia"
    )
    secondary_velocity: float = parameter(
        32.5, unit="m/s", tag="V", source="nagamori2018", meaning="group II of the spindle"
    )
    tendon_organ_velocity: float = parameter(
        59.0, unit="m/s", tag="V", source="nagamori2018", meaning="group Ib"
    )
    group_3_velocity: float = parameter(
        15.0,
        unit="m/s",
        tag="U",
        source="assumed",
        meaning="group III, thin myelinated",
        low=4.0,
        high=30.0,
    )
    group_4_velocity: float = parameter(
        1.0,
        unit="m/s",
        tag="U",
        source="assumed",
        meaning="group IV, unmyelinated",
        low=0.5,
        high=2.0,
    )
    primary_synapse: float = parameter(
        2.0, unit="ms", tag="V", source="nagamori2018", meaning="delay in the cord, group Ia"
    )
    secondary_synapse: float = parameter(
        4.0, unit="ms", tag="V", source="nagamori2018", meaning="delay in the cord, group II"
    )
    tendon_organ_synapse: float = parameter(
        4.0, unit="ms", tag="V", source="nagamori2018", meaning="delay in the cord, group Ib"
    )
    junction: float = parameter(
        1.0,
        unit="ms",
        tag="U",
        source="assumed",
        meaning="from the end of the motor axon to the fibres' potential",
        low=0.5,
        high=1.5,
    )
    path: float = parameter(
        0.8, unit="m", tag="V", source="nagamori2018", meaning="from muscle to cord, a leg"
    )
    stimulated: float = parameter(
        0.15,
        unit="m",
        tag="D",
        source="assumed",
        meaning="from muscle to where its nerve is stimulated",
        low=0.08,
        high=0.25,
    )


class Delays(NamedTuple):
    """Delays of one limb (ms); those of afferents without their synapse.

    Attributes:
        motor: Cord to muscle.
        primary: Muscle to cord, group Ia.
        secondary: Group II of the spindle.
        tendon_organ: Group Ib.
        group_3: Group III.
        group_4: Group IV.
    """

    motor: Number
    primary: Number
    secondary: Number
    tendon_organ: Number
    group_3: Number
    group_4: Number


def delay(path: Number, velocity: Number) -> Number:
    """Time (ms) along `path` (m) at `velocity` (m/s).

    >>> delay(0.8, 40.0)
    20.0
    """
    return _MS_PER_S * path / velocity


def check(limb: Conduction) -> None:
    """Refuse what no limb has.

    Raises:
        ValueError: A velocity is not positive, or a path or delay is below 0.
    """
    for field in fields(limb):
        value = np.asarray(getattr(limb, field.name))
        positive = field.name.endswith("velocity")
        fine = np.isfinite(value) & ((value > 0.0) if positive else (value >= 0.0))
        if not fine.all():
            must = "positive" if positive else "0 or more"
            raise ValueError(f"{field.name} must be {must}, got {value[~fine].flat[0]}.")
    if np.any(np.asarray(limb.stimulated) > np.asarray(limb.path)):
        raise ValueError("stimulated must lie on the path, not beyond the cord.")


def delays(limb: Conduction) -> Delays:
    """Delays along the whole path (ms)."""
    check(limb)
    return Delays(
        motor=delay(limb.path, limb.motor_velocity),
        primary=delay(limb.path, limb.primary_velocity),
        secondary=delay(limb.path, limb.secondary_velocity),
        tendon_organ=delay(limb.path, limb.tendon_organ_velocity),
        group_3=delay(limb.path, limb.group_3_velocity),
        group_4=delay(limb.path, limb.group_4_velocity),
    )


def m_wave_latency(limb: Conduction) -> Number:
    """From the stimulus to the muscle's direct answer (ms)."""
    return delay(limb.stimulated, limb.motor_velocity) + limb.junction


def h_reflex_latency(limb: Conduction) -> Number:
    """From the stimulus up group Ia, over one synapse and down the motor axon (ms)."""
    up = delay(limb.path - limb.stimulated, limb.primary_velocity)
    down = delay(limb.path, limb.motor_velocity)
    return up + limb.primary_synapse + down + limb.junction
