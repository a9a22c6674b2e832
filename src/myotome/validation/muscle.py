"""Checks of muscle and motor pool: curves and activation to their tables, threshold of cramp."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np

from myotome.physiology import (
    dorsal_horn,
    drive,
    millard2012,
    musculotendon,
    whole_muscle_activation,
)
from myotome.physiology.millard2012 import Millard2012
from myotome.physiology.whole_muscle_activation import WholeMuscleActivation
from myotome.validation.model import Check, Model

LENGTHS: Final = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6)
VELOCITIES: Final = (-1.0, -0.75, -0.5, -0.25, -0.1, 0.0, 0.1, 0.25, 0.5, 1.0)
STRAINS: Final = (0.005, 0.01, 0.02, 0.03, 0.04, 0.049, 0.06)
_PAINFUL_RATE: Final = 25.0  # Hz, projection neurons after hypertonic saline
# Steepness of the change between rise and fall: of this project, and as published.
STEEPNESSES: Final[Mapping[str, WholeMuscleActivation]] = {
    "": WholeMuscleActivation(),
    "-published": WholeMuscleActivation(steepness=whole_muscle_activation.PUBLISHED_STEEPNESS),
}
_BEND: Final = 1e-5  # to either side of where a slope is read
# Both sets of curves, and from where to where they are compared.
_BOTH: Final[Mapping[str, tuple[Callable[..., Any], Callable[..., Any], float, float]]] = {
    "active": (musculotendon.active_force_length, millard2012.active_force_length, 0.7, 1.3),
    "passive": (musculotendon.passive_force_length, millard2012.passive_force_length, 1.0, 1.5),
    "velocity": (musculotendon.force_velocity, millard2012.force_velocity, -0.9, 0.0),
    "eccentric": (musculotendon.force_velocity, millard2012.force_velocity, 0.0, 0.9),
    "tendon": (musculotendon.tendon_force, millard2012.tendon_force, 1.0, 1.049),
}


def _active(model: Model, at: float) -> float:
    return float(musculotendon.active_force_length(model.mechanism.curves, at))


def _passive(model: Model, at: float) -> float:
    return float(musculotendon.passive_force_length(model.mechanism.curves, at))


def _velocity(model: Model, at: float) -> float:
    return float(musculotendon.force_velocity(model.mechanism.curves, at))


def _tendon(model: Model, strain: float) -> float:
    return float(musculotendon.tendon_force(model.mechanism.curves, 1.0 + strain))


def _gap(model: Model, curve: str) -> float:
    """Greatest difference between both sets of curves, where muscles work."""
    ours, theirs, low, high = _BOTH[curve]
    at = np.linspace(low, high, 201)
    return float(np.abs(ours(model.mechanism.curves, at) - theirs(Millard2012(), at)).max())


def _other(_model: Model, curve: str, at: float) -> float:
    return float(_BOTH[curve][1](Millard2012(), at))


def _slope(_model: Model, curve: str, at: float) -> float:
    """Slope of a curve of the other set, between two points that lie close."""
    here, there = (_BOTH[curve][1](Millard2012(), at + side) for side in (-_BEND, _BEND))
    return float(there - here) / (2.0 * _BEND)


def _shoulder(of: Millard2012) -> float:
    """Middle of the shallow ascending limb."""
    return 0.5 * (of.shoulder + 1.0 - of.plateau)


def _foot(of: Millard2012) -> float:
    """Where passive force leaves its foot."""
    return 1.0 + min(0.1 / of.passive_stiffness, 0.1 * of.passive_strain)


def _toe(of: Millard2012) -> float:
    """Tendon length at which the toe ends."""
    return 1.0 + of.tendon_strain + (of.toe_force - 1.0) / of.tendon_stiffness


def _time_to(_model: Model, law: WholeMuscleActivation, *, up: bool, level: float) -> float:
    """Time (ms) of a step of excitation until activation passes a level."""
    start, excitation = (0.0, 1.0) if up else (1.0, 0.0)
    return whole_muscle_activation.time_to(law, level, start=start, excitation=excitation)


def _painful_threshold(model: Model) -> float:
    return float(drive.cramp_threshold_frequency(model.mechanism.drive, _PAINFUL_RATE))


def _without_pain(model: Model) -> float:
    """Change (%) of the threshold by what projection neurons do without nociceptive input."""
    m = model.mechanism
    idle = dorsal_horn.projection_rate(m.horn, 0.0, 0.0, 0.0)
    rested = float(drive.cramp_threshold_frequency(m.drive))
    return 100.0 * (float(drive.cramp_threshold_frequency(m.drive, idle)) / rested - 1.0)


CHECKS: Mapping[str, Check] = {
    **{f"active-force-length-{x:g}": partial(_active, at=x) for x in LENGTHS},
    **{f"passive-force-length-{x:g}": partial(_passive, at=x) for x in LENGTHS},
    **{f"force-velocity-{x:g}": partial(_velocity, at=x) for x in VELOCITIES},
    **{f"tendon-force-{x:g}": partial(_tendon, strain=x) for x in STRAINS},
    "opensim-passive": partial(_passive, at=1.0),
    "opensim-velocity": partial(_velocity, at=1.0),
    "opensim-tendon-slack": partial(_tendon, strain=0.0),
    "millard-active-shortest": partial(_other, curve="active", at=0.4441),
    "millard-active-optimal": partial(_other, curve="active", at=1.0),
    "millard-passive-whole": partial(_other, curve="passive", at=1.7),
    "millard-isometric": partial(_other, curve="velocity", at=0.0),
    "millard-eccentric": partial(_other, curve="velocity", at=1.0),
    "millard-tendon-whole": partial(_other, curve="tendon", at=1.049),
    "millard-active-longest": partial(_other, curve="active", at=1.8123),
    "millard-active-shallow": partial(_slope, curve="active", at=_shoulder(Millard2012())),
    "millard-passive-foot": partial(_slope, curve="passive", at=_foot(Millard2012())),
    "millard-passive-stiffness": partial(_slope, curve="passive", at=1.7),
    "millard-concentric-end": partial(_slope, curve="velocity", at=-1.0),
    "millard-concentric-slope": partial(_slope, curve="velocity", at=-0.9),
    "millard-isometric-slope": partial(_slope, curve="velocity", at=0.0),
    "millard-eccentric-slope": partial(_slope, curve="velocity", at=0.9),
    "millard-eccentric-end": partial(_slope, curve="velocity", at=1.0),
    "millard-tendon-toe": partial(_other, curve="tendon", at=_toe(Millard2012())),
    "millard-tendon-stiffness": partial(_slope, curve="tendon", at=1.049),
    **{
        f"activation-{name}{kind}": partial(_time_to, law=law, up=up, level=level)
        for kind, law in STEEPNESSES.items()
        for name, up, level in (
            ("up-50", True, 0.5),
            ("up-90", True, 0.9),
            ("down-50", False, 0.5),
            ("down-10", False, 0.1),
        )
    },
    **{f"gap-{curve}": partial(_gap, curve=curve) for curve in _BOTH},
    "cramp-painful": _painful_threshold,
    "cramp-isotonic": _without_pain,
}
