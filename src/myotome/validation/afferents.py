"""Checks of afferents: the spindle's ramps, the tendon organ's step, and how long impulses take.

None of these numbers follows the slow mechanism, so each check takes the model and leaves it
aside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import conduction, muscle_spindle, tendon_organ
from myotome.physiology.conduction import Conduction, Delays
from myotome.physiology.muscle_spindle import MuscleSpindle
from myotome.physiology.tendon_organ import TendonOrgan
from myotome.validation.model import Check, Model

Floats = NDArray[Any]

# Ramps from 0.95 to 1.08 optimal lengths: name, speed (1/s), dynamic drive (Hz), afferent.
RAMPS: Final = {
    "primary-slow": (0.11, 0.0, 0),
    "primary-fast": (0.66, 0.0, 0),
    "dynamic-slow": (0.11, 70.0, 0),
    "dynamic-fast": (1.55, 70.0, 0),
    "secondary-slow": (0.11, 0.0, 1),
    "secondary-fast": (0.66, 0.0, 1),
}
_SHORT: Final = 0.95
_LONG: Final = 1.08
_HELD_MS: Final = 1000
_SETTLED_MS: Final = 60_000
# cm, by which latencies were divided: old people's 30.8 ms (falco1994) over their 0.34 ms/cm. It is
# the length of a leg, not that of the nerve from the muscle to the cord.
_LEG: Final = 30.8 / 0.34
_DELAYS: Final[Mapping[str, Callable[[Delays], Any]]] = {
    "motor": lambda d: d.motor,
    "primary": lambda d: d.primary,
    "secondary": lambda d: d.secondary,
    "tendon-organ": lambda d: d.tendon_organ,
}


@cache
def _ramps() -> Floats:
    """Rates (Hz) after each ms of every ramp, shape (steps, afferents, ramps)."""
    speed, drive, _ = (np.array(column) for column in zip(*RAMPS.values(), strict=True))
    of, static = muscle_spindle.constants(MuscleSpindle()), np.zeros(())
    state = muscle_spindle.at_rest(of, np.full(len(RAMPS), _SHORT), drive, static)
    found = []
    for step in range(_last_step(speed.min())):
        length = np.minimum(_SHORT + 1e-3 * speed * (step + 1), _LONG)
        state = muscle_spindle.step(
            of, state, length=length, dynamic_drive=drive, static_drive=static
        )
        primary = muscle_spindle.primary_rate(of, state, length)
        found.append((primary, muscle_spindle.secondary_rate(of, state, length)))
    return np.array(found)


def _last_step(speed: float) -> int:
    """Steps of 1 ms to the end of a ramp and 1 s of holding."""
    return round(1000.0 * (_LONG - _SHORT) / speed) + _HELD_MS


def _rates(ramp: str) -> Floats:
    """Rates (Hz) of the afferent that a ramp is about, to 1 s after it."""
    speed, _, afferent = RAMPS[ramp]
    return _ramps()[: _last_step(speed), afferent, list(RAMPS).index(ramp)]


def _peak(_model: Model, ramp: str) -> float:
    return float(_rates(ramp).max())


def _hold(_model: Model, ramp: str) -> float:
    return float(_rates(ramp)[-1])


@cache
def _step_to(force: float) -> tuple[float, float]:
    """Rates (Hz) of the tendon organ at once and at last, as force (N) steps up from 0."""
    of, held = tendon_organ.constants(TendonOrgan(), 10.0), np.asarray(force)
    state = tendon_organ.at_rest(of, np.zeros(()))
    at_once = float(tendon_organ.discharge_rate(of, state, held))
    for _ in range(_SETTLED_MS // 10):
        state = tendon_organ.step(of, state, held)
    return at_once, float(tendon_organ.discharge_rate(of, state, held))


def _settled(_model: Model, force: float) -> float:
    return _step_to(force)[1]


def _overshoot(_model: Model, force: float) -> float:
    at_once, settled = _step_to(force)
    return at_once / settled


def _delay(_model: Model, path: str) -> float:
    return float(_DELAYS[path](conduction.delays(Conduction())))


def _h_latency(_model: Model) -> float:
    """Latency of the H-reflex by length of the leg (ms/cm)."""
    return float(conduction.h_reflex_latency(Conduction())) / _LEG


CHECKS: Mapping[str, Check] = {
    **{f"spindle-{ramp}-peak": partial(_peak, ramp=ramp) for ramp in RAMPS},
    **{f"spindle-{ramp}-hold": partial(_hold, ramp=ramp) for ramp in RAMPS},
    **{f"spindle-{ramp}-peak-measured": partial(_peak, ramp=ramp) for ramp in RAMPS},
    **{f"spindle-{ramp}-hold-measured": partial(_hold, ramp=ramp) for ramp in RAMPS},
    **{f"tendon-organ-{force}": partial(_settled, force=float(force)) for force in (10, 100)},
    "tendon-organ-overshoot": partial(_overshoot, force=10.0),
    **{f"delay-{path}": partial(_delay, path=path) for path in _DELAYS},
    "h-latency-young": _h_latency,
    "h-latency-old": _h_latency,
}
