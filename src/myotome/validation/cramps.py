"""Checks of cramps in the closed loop: what leaves one, how units discharge in it, what ends it.

Every number is read as in the studies: trains of shocks to the nerve of a shortened muscle, of 2 s
for thresholds (miller2009), of 150 shocks for discharge (minetto_botter2009). People prone to cramp
and trained muscles are those whose threshold the course scales so; nothing else of them differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.needle import Insertion
from myotome.simulation.moment import MomentRun, Needling, Structures, Train, run
from myotome.simulation.moment.frozen import healthy
from myotome.simulation.moment.protocols.cramp import (
    CrampDischarge,
    cramp_discharge,
    cramp_threshold,
    thin_fibre_share,
)
from myotome.simulation.moment.protocols.subject import (
    NEUTRAL,
    SHORTENED,
    STRETCHED,
    SUPRAMAXIMAL,
    Subject,
    sensitised,
)
from myotome.simulation.moment.stimuli import Ramp, Stimulus, hold
from myotome.validation.model import Check, Model

Array = NDArray[np.float64]

# Thin afferents begin to hurt at a mean of 0.5 Hz. Saline acts on those of the muscle alone.
_SALINE: Final[Mapping[str, float]] = {"pain": 2.0, "isotonic": 0.04}
_SETTLED_S: Final = 3.0
_PRONE: Final = 14.9 / 25.5
_TRAINED: Final = 33.3 / 23.3
_OVER: Final = 1.2
_PEOPLE: Final = 4
_EACH: Final = 4  # on a rung: noise moves the threshold of one by a hertz
_TRAIN_S: Final = 2.0
_SHOCKS: Final = 150  # of a train in the laboratory where cramps were read unit by unit
_AFTER_S: Final = 0.5
_WATCHED_S: Final = 40.0
_RUNGS: Final = tuple(range(6, 47, 2))
_TIRED_RUNGS: Final = tuple(range(14, 39, 4))
_NEEDLE: Final = Insertion(
    depth_mm=20.0, pecks=8, start_ms=1000.0, peck_interval_ms=250.0,
    current_ma=2.0, pulse_width_ms=0.2, frequency_hz=20.0, duration_s=2.0,
)  # fmt: skip
_STRETCH_S: Final = 4.0  # a second after the needle is out
_CHANGED: Final = 0.1


def _also(kind: str, until: float) -> list[Stimulus]:
    rate = _SALINE.get(kind)
    return [hold("receptor_input", rate, 0.0, until, column=0)] if rate else []


@lru_cache(maxsize=64)
def _threshold(structures: Structures, kind: str = "rest", scale: float = 1.0) -> float:
    who = Subject(structures=structures, frozen=healthy(1, 1, 1).with_values(threshold_scale=scale))
    if kind == "fatigue":
        tiring = Train("shock", SUPRAMAXIMAL, 10.0, 0.5, 20.5)
        return cramp_threshold(who, _TIRED_RUNGS, also=[tiring], rested_s=21.0).threshold_hz
    rested = _SETTLED_S if kind in _SALINE else 0.0
    found = cramp_threshold(who, _RUNGS, also=_also(kind, 20.0), rested_s=rested, each=_EACH)
    return found.threshold_hz


def _not_prone(model: Model) -> float:
    return _threshold(model.structures)


def _prone(model: Model) -> float:
    return _threshold(model.structures, scale=_PRONE)


def _change(model: Model, kind: str = "rest", scale: float = 1.0) -> float:
    """Change (%) of the threshold."""
    s = model.structures
    return 100.0 * (_threshold(s, kind, scale) / _threshold(s) - 1.0)


@lru_cache(maxsize=4)
def _cramp(
    structures: Structures, kind: str = "rest", shocks: int | None = None
) -> tuple[MomentRun, float] | None:
    """A run with a cramp, or none where no frequency leaves one, and when its train ended.

    Args:
        structures: Parameters.
        kind: What else is done.
        shocks: Of the train; as many as go into 2 s when left out.
    """
    threshold = _threshold(structures, kind)
    if not np.isfinite(threshold):
        return None
    rate = _OVER * threshold
    begin = _SETTLED_S
    end = begin + (_TRAIN_S if shocks is None else shocks / rate)
    whole = end + _AFTER_S + _WATCHED_S
    p, frozen = Subject(structures=structures).copies(_PEOPLE)
    thin = thin_fibre_share(structures, SUPRAMAXIMAL)
    stimuli: list[Stimulus | Needling] = [
        hold("angle", SHORTENED, 0.0, whole),
        Train("shock", SUPRAMAXIMAL, rate, begin, end),
        hold("receptor_input", thin * rate, begin, end),
        *_also(kind, whole),
    ]
    done = run(p, stimuli, seconds=whole, frozen=frozen, structures=structures, record=("emg",))
    return done, end


@lru_cache(maxsize=4)
def _discharges(structures: Structures) -> tuple[CrampDischarge, ...]:
    cramp = _cramp(structures, shocks=_SHOCKS)
    if cramp is None:
        return ()
    done, end = cramp
    found = [cramp_discharge(done, end + _AFTER_S, person=person) for person in range(_PEOPLE)]
    return tuple(one for one in found if one.active)


def _mean(model: Model, quantity: str, factor: float = 1.0) -> float:
    """Mean over people of what is read of a cramp."""
    found = [getattr(one, quantity) for one in _discharges(model.structures)]
    return factor * float(np.mean(found)) if found else float("nan")


def _activity_in_pain(model: Model) -> float:
    """Activity within 2 s of cramp in pain over that without."""
    means = []
    for kind in ("pain", "rest"):
        cramp = _cramp(model.structures, kind)
        if cramp is None:
            return float("nan")
        done, end = cramp
        first = round(1000.0 * (end + _AFTER_S))
        means.append(done["emg"][first : first + 2000].mean())
    return float(means[0] / means[1])


@lru_cache(maxsize=8)
def _needled(structures: Structures, *, stretched: bool, organs: float = 1.0) -> MomentRun:
    """The sensitised muscle with the needle's cramp, at rest or stretched."""
    wiring = {"tendon_organ_conductance": organs * structures.wiring.tendon_organ_conductance}
    p, frozen = Subject(structures=structures, frozen=sensitised()).copies(_PEOPLE)
    held = _STRETCH_S + 1.0
    whole = held + 4.0
    to = STRETCHED if stretched else NEUTRAL
    stimuli: list[Stimulus | Needling] = [
        hold("angle", NEUTRAL, 0.0, _STRETCH_S),
        Ramp("angle", NEUTRAL, to, _STRETCH_S, held),
        hold("angle", to, held, whole),
        Needling(_NEEDLE),
    ]
    return run(
        p, stimuli, seconds=whole, frozen=frozen, structures=structures.with_values(wiring=wiring),
        record=("discharge_rate", "emg"),
    )  # fmt: skip


def _rates(done: MomentRun, begin: float, stop: float) -> float:
    """Mean discharge (Hz) over people in a span (s)."""
    return float(done["discharge_rate"][round(1000 * begin) : round(1000 * stop)].mean())


def _stretch_raises(model: Model) -> float:
    span = (_STRETCH_S, _STRETCH_S + 1.0)
    stretched, left = (
        _rates(_needled(model.structures, stretched=kind), *span) for kind in (True, False)
    )
    return float(left > 0.0 and stretched > (1.0 + _CHANGED) * left)


def _stretch_ends(model: Model) -> float:
    span = (_STRETCH_S + 2.0, _STRETCH_S + 4.0)
    stretched, left = (
        _rates(_needled(model.structures, stretched=kind), *span) for kind in (True, False)
    )
    return float(left > 0.0 and stretched < _CHANGED * left)


def _organs_inhibit(model: Model) -> float:
    span = (_STRETCH_S - 0.5, _STRETCH_S + 2.0)
    strong, own = (
        _rates(_needled(model.structures, stretched=False, organs=times), *span)
        for times in (5.0, 1.0)
    )
    return float(own > 0.0 and strong < (1.0 - _CHANGED) * own)


@lru_cache(maxsize=4)
def _weakness(structures: Structures, minutes: int = 1) -> float:
    """Change (%) of the largest voluntary force from before a cramp to so long after it."""
    threshold = _threshold(structures)
    rate = _OVER * threshold if np.isfinite(threshold) else 60.0
    p, frozen = Subject(structures=structures).copies(1)
    again = 2.0 + _TRAIN_S + 60.0 * minutes
    whole = again + 1.0
    stimuli: list[Stimulus | Needling] = [
        hold("angle", NEUTRAL, 0.0, whole),
        hold("voluntary", 1.0, 0.0, 1.0),
        Train("shock", SUPRAMAXIMAL, rate, 2.0, 2.0 + _TRAIN_S),
        hold("voluntary", 1.0, again, whole),
    ]
    force = run(
        p, stimuli, seconds=whole, frozen=frozen, structures=structures, record=("tendon_force",)
    )["tendon_force"][:, 0, 0]
    return float(100.0 * (force[-1000:].max() / force[:1000].max() - 1.0))


CHECKS: Mapping[str, Check] = {
    "cramp-threshold-not-prone": _not_prone,
    "cramp-threshold-pain": partial(_change, kind="pain"),
    "cramp-threshold-isotonic": partial(_change, kind="isotonic"),
    "cramp-threshold-prone": _prone,
    "cramp-threshold-prone-again": _prone,
    "cramp-threshold-trained": partial(_change, scale=_TRAINED),
    "cramp-threshold-fatigue": partial(_change, kind="fatigue"),
    "cramp-rate-mean": partial(_mean, quantity="mean_hz"),
    "cramp-rate-least": partial(_mean, quantity="least_hz"),
    "cramp-rate-most": partial(_mean, quantity="most_hz"),
    "cramp-variation": partial(_mean, quantity="variation", factor=100.0),
    "cramp-doublets": partial(_mean, quantity="doublets", factor=100.0),
    "cramp-duration": partial(_mean, quantity="duration_s"),
    "cramp-modulation": partial(_mean, quantity="modulation_hz"),
    "cramp-stretch-raises": _stretch_raises,
    "cramp-stretch-ends": _stretch_ends,
    "cramp-tendon-afferents": _organs_inhibit,
    "cramp-activity-pain": _activity_in_pain,
    "cramp-weakness": lambda model: _weakness(model.structures),
    "cramp-weakness-later": lambda model: _weakness(model.structures, minutes=5),
}
