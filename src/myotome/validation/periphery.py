"""Checks of endplates and needle: spontaneous discharge, injury, strength and duration of current.

Controls' rheobase gives how far the stimulated point lies from the axons; everything after that is
predicted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import endplate_discharge, needle, receptors
from myotome.validation.model import Check, Model

Array = NDArray[np.float64]

_QUIET: Final = 2.0  # receptors (1/um2) of a normal fibre
_IRRITABLE: Final = 20.0  # and of one that is used too little
_DENERVATED: Final = 200.0
_CONTROL_DISTANCE: Final = 8.57  # mm, where rheobase is the controls' 7.4 mA
_LONG: Final = 1e6  # ms, a pulse without end


@lru_cache(maxsize=2)
def _fibrillation_rates(p: receptors.Receptors) -> Array:
    """Rates (Hz) of fibrillating fibres, by their median intervals."""
    discharge = endplate_discharge.EndplateDischarge(train_time=1e6)
    held = receptors.Receptors(fibrillation_duty=0.999, fibrillation_density=p.fibrillation_density)
    constant = endplate_discharge.constants(discharge, 100, 4, seed=1)
    state = endplate_discharge.at_rest(held, constant)
    density = np.full(100, 100.0 * _DENERVATED)
    last = np.full((100, 4), np.nan)
    gaps: list[list[float]] = [[] for _ in range(400)]
    for k in range(4000):
        state = endplate_discharge.step(discharge, held, constant, state, density=density)
        for which in np.flatnonzero(state.fibrillated):
            gaps[which].append(float(k - last.flat[which]))
            last.flat[which] = k
    return np.array([1e3 / np.nanmedian(found) for found in gaps if len(found) > 4])


def _slowest(model: Model) -> float:
    return float(np.quantile(_fibrillation_rates(model.mechanism.receptors), 0.01))


def _quickest(model: Model) -> float:
    return float(np.quantile(_fibrillation_rates(model.mechanism.receptors), 0.99))


def _noise_at_the_spot(model: Model) -> float:
    """Whether endplates of an irritable spot are noisier than normal ones."""
    p = model.mechanism.receptors
    quiet, irritable = (receptors.endplate_noise_rate(p, d) for d in (_QUIET, _IRRITABLE))
    return float(float(quiet) < float(irritable))


def _heard(model: Model, density: float) -> float:
    """Share of units whose endplates show noise within a second."""
    discharge = endplate_discharge.EndplateDischarge()
    p = model.mechanism.receptors
    constant = endplate_discharge.constants(discharge, 120, 4, seed=2)
    state = endplate_discharge.at_rest(p, constant)
    heard = np.zeros(120)
    for _ in range(1000):
        state = endplate_discharge.step(
            discharge, p, constant, state, density=np.full(120, density)
        )
        heard += endplate_discharge.noise_events(state)
    return float(np.mean(heard > 0.0))


def _noise_heard_everywhere(model: Model) -> float:
    return float(_heard(model, _IRRITABLE) == 1.0)


def _injury_ends(_: Model) -> float:
    """Time (s) from which an injured axon fires less than once a second."""
    p = needle.Needle()
    return float(p.injury_time * np.log(p.injury_rate))


def _needed(width_ms: float, far: float = _CONTROL_DISTANCE) -> float:
    p = needle.Needle()
    return float(
        needle.threshold_current(
            p.nerve_rheobase, p.current_growth, p.nerve_chronaxie, far, width_ms
        )
    )


def _rheobase(_: Model) -> float:
    return _needed(_LONG)


def _chronaxie(_: Model) -> float:
    """Pulse width (ms) at which the motor point needs twice its rheobase."""
    widths = np.geomspace(0.01, 100.0, 4001)
    currents = np.array([_needed(float(width)) for width in widths])
    return float(np.interp(2.0 * _needed(_LONG), currents[::-1], widths[::-1]))


def _denervated_needs_long_pulses(_: Model) -> float:
    """Whether 200 ms excite a fibre without nerve where 0.3 ms would need over ten times more."""
    p = needle.Needle()
    law = (p.fibre_rheobase, p.current_growth, p.fibre_chronaxie, 3.0)
    return float(needle.threshold_current(*law, 0.3) > 10.0 * needle.threshold_current(*law, 200.0))


CHECKS: Mapping[str, Check] = {
    "fibrillation-slowest": _slowest,
    "fibrillation-quickest": _quickest,
    "noise-beside-the-spot": partial(_heard, density=_QUIET),
    "noise-at-the-spot": _noise_at_the_spot,
    "noise-at-every-spot": _noise_heard_everywhere,
    "injury-discharge-ends": _injury_ends,
    "needle-rheobase-control": _rheobase,
    "needle-chronaxie-control": _chronaxie,
    # The model's axons live on below a root that no longer conducts: the motor point is the same.
    "needle-rheobase-radiculopathy": _rheobase,
    "needle-chronaxie-radiculopathy": _chronaxie,
    "needle-denervated-pulse": _denervated_needs_long_pulses,
}
