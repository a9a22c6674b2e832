"""Checks of the closed loop: reflexes by shock, force by shock, and needles at a distance.

Each is read as in a laboratory: a nerve is stimulated and the muscle's fibres and tendon are
watched, with everything between cord and muscle in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.distal_units import contraction_times
from myotome.physiology.needle import Insertion
from myotome.simulation.moment import (
    MomentPreparation,
    Needling,
    Structures,
    of_muscle,
    run,
    standard,
)
from myotome.simulation.moment.frozen import healthy
from myotome.simulation.moment.protocols.bedside import needle_insertion
from myotome.simulation.moment.protocols.pull import ForceFrequency, Twitch, force_frequency, twitch
from myotome.simulation.moment.protocols.reflex import RecruitmentCurve, recruitment_curve
from myotome.simulation.moment.protocols.subject import (
    NEUTRAL,
    Subject,
    sensitised,
)
from myotome.simulation.moment.protocols.voluntary import drive_ramp
from myotome.simulation.moment.stimuli import Stimulus, hold
from myotome.validation.model import Check, Model

Array = NDArray[np.float64]

_FREQUENCIES: Final = (1, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 23, 26, 30, 40, 60, 100)
_FUSES: Final = 0.95  # of the ripple of separate twitches
_LOG_FROM_TO: Final = (8.0, 30.0)
_SHOCKS: Final = tuple(round(0.6 + 0.15 * step, 2) for step in range(12))
_DRAWS: Final = 32
_PRESENT: Final = 0.01  # of the largest M-wave
_BEYOND_NOISE: Final = 3.0  # standard deviations of what the muscle shows without a shock
_SWEEPS: Final = 16  # that are averaged
_UNITS: Final = 40  # of the thumb, as in link motor_unit
_ONE_AXON: Final = 1.0  # shock that excites the first motor axon alone
_CONTRACTION: Final = 0.1
_TRAIN_S: Final = 30.0
_HOLDS: Final = 0.25  # of the peak at the onset, below which the study's trains ended
_SEEN_FORCE: Final = 0.05  # of the largest force, that counts as a contraction
_STROKES: Final = Insertion(depth_mm=20.0, pecks=6, start_ms=1000.0, peck_interval_ms=300.0)
_REMOTE: Final = Insertion(depth_mm=20.0, pecks=10, start_ms=4000.0, peck_interval_ms=300.0)
_REMOTE_ENDS_S: Final = 6.7
_CHANGED: Final = 0.05
_RAMP_S: Final = 10.0
_RAMP_FORCE: Final = 0.2
_RAMP_PEAKS: Final = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3)  # drives, among which the force is sought
_UTMOST: Final = 1.0  # drive


@lru_cache(maxsize=8)
def _recruitment(structures: Structures, muscle: str, voluntary: float = 0.0) -> RecruitmentCurve:
    who = Subject(of_muscle(muscle, antagonist=False), structures)
    return recruitment_curve(who, voluntary=voluntary)


def _latency(model: Model, which: str) -> float:
    """Read while the muscle contracts: a cell near its threshold fires as soon as it is reached."""
    return float(getattr(_recruitment(model.structures, "soleus", _CONTRACTION), which))


def _h_over_m(model: Model) -> float:
    return 100.0 * _recruitment(model.structures, "soleus").h_over_m


@lru_cache(maxsize=4)
def _with_reflex(structures: Structures, voluntary: float) -> float:
    """Share (%) of people, drawn from every range, in whom the reflex is seen.

    An active muscle shows something in any window: a reflex stands out of that.
    """
    muscle = of_muscle("flexor_carpi_radialis", antagonist=False)
    seen = 0
    for seed in range(1, _DRAWS + 1):
        curve = recruitment_curve(
            Subject(muscle, structures.drawn(seed)), _SHOCKS,
            voluntary=voluntary, each=_SWEEPS, seed=seed,
        )  # fmt: skip
        least = max(_PRESENT * curve.m_wave.max(), _BEYOND_NOISE * curve.unprovoked.std())
        seen += bool(curve.h_reflex.max() > least)
    return 100.0 * seen / _DRAWS


def _seen(model: Model, voluntary: float) -> float:
    return _with_reflex(model.structures, voluntary)


@lru_cache(maxsize=2)
def _thenar(structures: Structures) -> tuple[tuple[ForceFrequency, Twitch], ...]:
    """Units of the thumb one by one, as they were measured: a needle excites one motor axon.

    The first axon that a shock excites stands for each unit in turn, with that unit's speed; no
    afferent is excited, so the ways from them to the cord are cut.
    """
    cut = dict.fromkeys(("primary_conductance", "secondary_conductance", "nociceptor_share"), 0.0)
    muscle = of_muscle("abductor_pollicis_brevis", antagonist=False)
    found = []
    for time in contraction_times(structures.distal_units, _UNITS):
        same = {"shortest_contraction": time, "longest_contraction": time}
        who = Subject(muscle, structures.with_values(distal_units=same, wiring=cut))
        found.append(
            (force_frequency(who, _FREQUENCIES, shock=_ONE_AXON), twitch(who, shock=_ONE_AXON))
        )
    return tuple(found)


def _half_rate(model: Model) -> float:
    return float(np.mean([found.half_hz for found, _ in _thenar(model.structures)]))


def _fusion(model: Model) -> float:
    """Frequency at which force no longer falls back all the way between twitches."""
    at = [
        np.interp(-_FUSES, -found.ripple / found.ripple[0], found.frequencies)
        for found, _ in _thenar(model.structures)
    ]
    return float(np.mean(at))


def _straight(model: Model) -> float:
    low, high = _LOG_FROM_TO
    correlations = []
    for found, _ in _thenar(model.structures):
        inside = (found.frequencies >= low) & (found.frequencies <= high)
        across = np.log(found.frequencies[inside])
        correlations.append(np.corrcoef(across, found.force[inside])[0, 1])
    return float(np.mean(correlations))


def _twitch(model: Model, which: str) -> float:
    return float(np.mean([getattr(single, which) for _, single in _thenar(model.structures)]))


@lru_cache(maxsize=2)
def _usable(structures: Structures) -> float:
    """Whether every current and rate of the range brings a contraction that holds."""
    muscle = of_muscle("tibialis_anterior", antagonist=False)
    for current in (5.0, 7.0):
        for rate in (19.0, 24.0):
            insertion = Insertion(
                depth_mm=20.0, start_ms=100.0, current_ma=current, pulse_width_ms=0.2,
                frequency_hz=rate, duration_s=_TRAIN_S,
            )  # fmt: skip
            force = needle_insertion(
                [healthy(1, 1, len(muscle.roots))], insertion, muscle, structures,
                seconds=_TRAIN_S + 0.2,
            ).force[:, 0]  # fmt: skip
            above = force - force[99]
            held = above[1100 : round(1000.0 * _TRAIN_S)]
            if held.min() < _HOLDS * above.max() or above.max() < _SEEN_FORCE:
                return 0.0
    return 1.0


@lru_cache(maxsize=2)
def _needle_ends(structures: Structures) -> float:
    """Time (s) after the last stroke until fibres of a healthy muscle are quiet."""
    answer = needle_insertion([healthy(1, 1, 1)], _STROKES, None, structures, seconds=10.0)
    kernel = np.ones(100) / 100.0
    smooth = np.convolve(answer.emg[:, 0], kernel)[: len(answer.time)]
    shown = np.flatnonzero(smooth > 0.05 * smooth.max())
    return float(max(answer.time[shown[-1]] - answer.needle_ends, 0.0))


def _two_of_one_root() -> MomentPreparation:
    """Two muscles of one root, each at a joint of its own."""
    pair = standard(antagonist=True)
    return replace(
        pair,
        muscles=("needled", "watched"),
        joints=("hinge", "other hinge"),
        joint_of=np.array([0, 1]),
        turns=np.ones(2),
        opposed=np.zeros((2, 2)),
        segments=np.zeros(2),
    )


@lru_cache(maxsize=4)
def _remote(structures: Structures, *, cord: bool, needled: bool = True) -> tuple[float, float]:
    """Activity (Hz) of one muscle during and after needles in the other one."""
    p = _two_of_one_root()
    cut = {"primary_conductance": 0.0, "secondary_conductance": 0.0, "nociceptor_share": 0.0}
    whole = _REMOTE_ENDS_S + 12.0
    # Active at rest, so that it can fall as well as rise.
    frozen = sensitised(p).with_values(nociceptor_rate=0.2)
    also: list[Stimulus | Needling] = [hold("angle", NEUTRAL, 0.0, whole)]
    if needled:
        also.append(Needling(_REMOTE))
    done = run(
        p, also, seconds=whole, frozen=frozen,
        structures=structures if cord else structures.with_values(wiring=cut),
        record=("emg",),
    )  # fmt: skip
    watched = 1000.0 * done["emg"][:, 0, 1]
    ends = round(1000.0 * _REMOTE_ENDS_S)
    return (
        float(watched[4000:ends].mean()),
        float(watched[ends + 5000 :].mean()),
    )


def _by_needle(model: Model, *, cord: bool = True) -> tuple[tuple[float, float], ...]:
    """Activity with the needle and without it, during it and afterwards."""
    with_it = _remote(model.structures, cord=cord)
    without = _remote(model.structures, cord=cord, needled=False)
    return tuple(zip(with_it, without, strict=True))


def _raises(model: Model) -> float:
    with_it, without = _by_needle(model)[0]
    return float(with_it > (1.0 + _CHANGED) * without)


def _falls(model: Model) -> float:
    with_it, without = _by_needle(model)[1]
    return float(with_it < (1.0 - _CHANGED) * without)


def _needs_cord(model: Model) -> float:
    spans = _by_needle(model, cord=False)
    return float(all(abs(one - other) <= _CHANGED * other for one, other in spans))


@lru_cache(maxsize=2)
def _delta_f(structures: Structures) -> float:
    """On ramps of 2 % of the largest voluntary force a second, up to a fifth of it and back."""
    who = Subject(of_muscle("soleus", antagonist=False), structures)
    largest = drive_ramp(who, peak=_UTMOST).force.max()
    reached = [drive_ramp(who, peak=peak, half_s=_RAMP_S).force.max() for peak in _RAMP_PEAKS]
    peak = float(np.interp(_RAMP_FORCE * largest, reached, _RAMP_PEAKS))
    found = drive_ramp(who, peak=peak, half_s=_RAMP_S).delta_f
    return float(np.nanmean(found)) if np.isfinite(found).any() else float("nan")


def _mean_delta_f(model: Model) -> float:
    return _delta_f(model.structures)


CHECKS: Mapping[str, Check] = {
    "loop-h-latency": partial(_latency, which="h_latency_ms"),
    "loop-m-latency": partial(_latency, which="m_latency_ms"),
    "h-over-m-young": _h_over_m,
    "h-over-m-old": _h_over_m,
    "h-at-rest": partial(_seen, voluntary=0.0),
    "h-in-contraction": partial(_seen, voluntary=_CONTRACTION),
    "loop-half-rate": _half_rate,
    "loop-fusion": _fusion,
    "loop-straight": _straight,
    "loop-contraction": partial(_twitch, which="contraction_ms"),
    "loop-half-relaxation": partial(_twitch, which="half_relaxation_ms"),
    "stimulation-in-muscle": lambda model: _usable(model.structures),
    "needle-healthy-ends": lambda model: _needle_ends(model.structures),
    "remote-needling-raises": _raises,
    "remote-needling-falls": _falls,
    "remote-needling-needs-cord": _needs_cord,
    "loop-delta-f": _mean_delta_f,
}
