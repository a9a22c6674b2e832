"""Checks of receptors, endplate and threshold: silence, activity, bouts of cramp, noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import receptors, threshold
from myotome.physiology.receptors import Receptors, ReceptorState
from myotome.physiology.threshold import SLOW_30_DAYS, Threshold, ThresholdState
from myotome.validation import courses
from myotome.validation.model import Check, Model

Array = NDArray[np.float64]

HABIT: Final = 1.0
STEP: Final = 0.01
SILENCE: Final = (1.25, 3.0, 4.0, 5.0, 7.0, 10.0)
_STOPPED: Final = 5.0  # d of silence before activity comes back
_TWICE: Final = 2.0
_FIBRES: Final = 50
_MEASURED: Final = (20, 12)  # normal subjects with a latent point, patients with an active one
# cm of nerve from a root to its muscle: beside the spine, half-way down a limb, at its end.
_TO_PARASPINAL, _TO_LIMB, _TO_DISTAL = 5.0, 60.0, 91.0


def _followed(p: Receptors, rate_at: Callable[[float], float], days: float) -> Array:
    """Density and message once a step from habitual use, Heun's rule, shape (2, steps)."""
    now = receptors.steady_state(p, HABIT)
    found = [(now.density, now.message)]
    for count in range(round(days / STEP)):
        rate = rate_at(count * STEP)
        first = receptors.rates_of_change(p, now, rate)
        guess = ReceptorState(*(x + STEP * dx for x, dx in zip(now, first, strict=True)))
        second = receptors.rates_of_change(p, guess, rate)
        now = ReceptorState(
            *(x + STEP * (dx + dy) / 2 for x, dx, dy in zip(now, first, second, strict=True))
        )
        found.append((now.density, now.message))
    return np.array(found, dtype=np.float64).T


@lru_cache(maxsize=32)
def _course(p: Receptors, later: float, days: float) -> Array:
    """Silence from day 0, from day 5 a constant rate (Hz)."""
    return _followed(p, lambda day: later if day >= _STOPPED else 0.0, days)


def _density(model: Model, day: float, later: float = 0.0, days: float = 10.0) -> float:
    return float(_course(model.mechanism.receptors, later, days)[0, round(day / STEP)])


def _message_rise(model: Model) -> float:
    message = _course(model.mechanism.receptors, 0.0, 10.0)[1]
    return float(message[round(3.0 / STEP)] / message[0])


def _hours_to_twice(model: Model) -> float:
    density = _course(model.mechanism.receptors, 0.0, 10.0)[0]
    return float(24.0 * STEP * np.argmax(density > _TWICE * density[0]))


def _days_to_normal(model: Model) -> float:
    density = _course(model.mechanism.receptors, 1.0, 20.0)[0]
    late = np.arange(density.size) * STEP > _STOPPED
    return float(STEP * np.argmax(late & (density < density[0] + 1.0)) - _STOPPED)


def _sparse_fall(model: Model) -> float:
    return 200.0 / _density(model, 26.0, 0.005, 26.0)


def _half_life(model: Model) -> float:
    """Hours in which half of the receptors outside the endplate are lost."""
    return float(24.0 * np.log(2.0) / model.mechanism.receptors.degradation_rate)


@lru_cache(maxsize=4)
def _fibrillating(p: Receptors) -> float:
    """Mean density from day 60 to 100 of silent fibres whose fibrillation counts as activity.

    Each of them begins at a density of its own.
    """
    rank = (np.arange(_FIBRES) + 0.5) / _FIBRES
    begins = p.fibrillation_density - p.fibrillation_spread * np.log1p(-rank)
    now = receptors.steady_state(p, np.full(_FIBRES, HABIT))
    found = []
    for count in range(round(100.0 / STEP)):
        rate = np.where(now.density > begins, p.fibrillation_duty * p.fibrillation_rate, 0.0)
        change = receptors.rates_of_change(p, now, rate)
        now = ReceptorState(*(x + STEP * dx for x, dx in zip(now, change, strict=True)))
        if count * STEP >= 60.0:
            found.append(float(np.mean(now.density)))
    return float(np.mean(found))


def _onset_of_fibrillation(model: Model, stump: float) -> float:
    p = model.mechanism.receptors
    density = _course(p, 0.0, 10.0)[0]
    silent = STEP * np.argmax(np.asarray(receptors.fibrillation_probability(p, density)) > 0)
    return float(receptors.onset_after_lesion(p, silent, stump))


def _needling_lowers(model: Model) -> float:
    """Whether two needlings a week apart leave a silent unit with fewer receptors (1 yes)."""
    p = model.mechanism.receptors
    now = receptors.steady_state(p, 1e-4)
    before = float(now.density)
    for _ in range(2):
        now = receptors.after_event(p, now, 60.0)
        for _ in range(round(7.0 / STEP)):
            change = receptors.rates_of_change(p, now, 1e-4)
            now = ReceptorState(*(x + STEP * dx for x, dx in zip(now, change, strict=True)))
    return float(float(now.density) < before)


def _noise_with_pain(model: Model) -> float:
    """Correlation over patients of endplate noise with pain in one muscle."""
    density, rating, _pressure = courses.first_visits(model)
    noise = np.asarray(receptors.endplate_noise_rate(model.mechanism.receptors, density))
    return float(np.corrcoef(noise, rating)[0, 1])


def _noise_with_pressure(model: Model) -> float:
    """The same with pressure pain threshold over all who were measured, normal subjects as well."""
    groups = (courses.normal_subjects(model), courses.first_visits(model))
    density, pressure = (np.concatenate([group[at] for group in groups]) for at in (0, 2))
    counts = zip(groups, _MEASURED, strict=True)
    weights = np.concatenate([np.full(len(g[0]), share / len(g[0])) for g, share in counts])
    noise = np.asarray(receptors.endplate_noise_rate(model.mechanism.receptors, density))
    together = np.cov(noise, pressure, aweights=weights)
    return float(together[0, 1] / np.sqrt(together[0, 0] * together[1, 1]))


def _rise(p: Threshold, bouts: int, apart: float, after: float) -> float:
    """Relative rise (%) some days after the last of so many anchor bouts."""
    state = ThresholdState(0.0, 0.0)
    for count in range(bouts):
        state = threshold.after_bout(p, state, p.anchor_impulses)
        state = threshold.rested(p, state, apart if count < bouts - 1 else after)
    return 100.0 * float(threshold.relative_rise(state))


def _parameters(model: Model, slow_days: int) -> Threshold:
    return SLOW_30_DAYS if slow_days == 30 else model.mechanism.threshold


def _bouts(model: Model, slow_days: int, bouts: int, apart: float, after: float) -> float:
    return _rise(_parameters(model, slow_days), bouts, apart, after)


def _further(model: Model, slow_days: int) -> float:
    p = _parameters(model, slow_days)
    return _rise(p, 12, 3.5, 4.0) - _rise(p, 6, 3.5, 4.0)


def _neutral_length(model: Model) -> float:
    """Rise (%) from stimulation that sets off no cramp."""
    p = model.mechanism.threshold
    state = threshold.after_bout(p, ThresholdState(0.0, 0.0), 0.0)
    return 100.0 * float(threshold.relative_rise(state))


CHECKS: Mapping[str, Check] = {
    **{f"receptors-silence-{day:g}d": partial(_density, day=day) for day in SILENCE},
    **{
        f"receptors-back-{day}d": partial(_density, day=float(day), later=1.0, days=20.0)
        for day in (8, 10, 15, 20)
    },
    "receptors-sparse-26d": partial(_density, day=26.0, later=0.005, days=26.0),
    "salpeter-3d": partial(_density, day=3.0),
    "salpeter-4.5d": partial(_density, day=4.5),
    "salpeter-7.5d": partial(_density, day=7.5),
    "salpeter-10d": partial(_density, day=10.0),
    "merlie-message": _message_rise,
    "uchitel-30h": _hours_to_twice,
    "lomo-normal": _days_to_normal,
    "lomo-sparse": _sparse_fall,
    "rapid-pool": _half_life,
    "reiness-early": _half_life,
    "reiness-late": _half_life,
    "denervated-ten-months": lambda model: _fibrillating(model.mechanism.receptors),
    "fibrillation-onset": partial(_onset_of_fibrillation, stump=_TO_LIMB),
    "fibrillation-distal": partial(_onset_of_fibrillation, stump=_TO_DISTAL),
    "fibrillation-lasts": lambda model: float(
        receptors.fibrillation_probability(
            model.mechanism.receptors, _fibrillating(model.mechanism.receptors)
        )
        > 0.0
    ),
    "fibrillation-paraspinal": lambda model: float(
        _onset_of_fibrillation(model, _TO_PARASPINAL) <= 7.0
    ),
    "needling-lowers-receptors": _needling_lowers,
    "noise-with-pain": _noise_with_pain,
    "noise-with-pressure": _noise_with_pressure,
    **{
        f"{name}-slow-{slow}d": partial(
            _bouts, slow_days=slow, bouts=bouts, apart=apart, after=after
        )
        for slow in (20, 30)
        for name, bouts, apart, after in (
            ("one-bout-24h", 1, 0.0, 1.0),
            ("one-bout-72h", 1, 0.0, 3.0),
            ("six-bouts-96h", 6, 3.5, 4.0),
            ("two-bouts-24h", 2, 7.0, 1.0),
            ("two-bouts-72h", 2, 7.0, 3.0),
            ("four-bouts-22d", 4, 3.5, 22.0),
        )
    },
    **{f"twelve-bouts-96h-slow-{slow}d": partial(_further, slow_days=slow) for slow in (20, 30)},
    "no-cramp-no-rise": _neutral_length,
}
