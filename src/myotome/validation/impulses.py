"""Checks of the axon and of ectopic fibres: trains that sustain themselves, shares and rates.

One run of the axon holds every conductance, an axon whose train a hyperpolarising pulse is to end,
and two that are depolarised in the middle of their trains: by way of the soma, and at the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import axon, ectopic_generator, root, stem_axon
from myotome.physiology.ectopic_generator import FibreClass
from myotome.validation.model import Check, Model

Array = NDArray[np.float64]

CONDUCTANCES: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)
_STOPPED, _DEPOLARISED, _AT_SOURCE = range(len(CONDUCTANCES), len(CONDUCTANCES) + 3)
_STEP_MS: Final = 0.05
_PULSE: Final = (300.0, 320.0, 50.0)
_STOP: Final = (1000.0, 1050.0, -50.0)
_DEPOLARISATION: Final = 2.0  # uA/cm2 of the soma from 1 s on
_UNTIL: Final = 2000.0
_C_FIBRES: Final = 865
_A_FIBRES: Final = 796
_DRAWS: Final = 50


@lru_cache(maxsize=1)
def _trains() -> tuple[Array, ...]:
    """Times (ms) of impulses in each axon."""
    conductance = np.array([*CONDUCTANCES, 0.9, 0.9, 0.9])
    structure = axon.Axon()
    state = axon.at_rest(structure, conductance.shape)
    times: list[list[float]] = [[] for _ in conductance]
    reaching = _DEPOLARISATION * stem_axon.at_junction(stem_axon.StemAxon())
    for k in range(round(_UNTIL / _STEP_MS)):
        t = k * _STEP_MS
        current = np.full(conductance.shape, _PULSE[2] if _PULSE[0] <= t < _PULSE[1] else 0.0)
        current[_STOPPED] += _STOP[2] if _STOP[0] <= t < _STOP[1] else 0.0
        current[_DEPOLARISED] += reaching if t >= _STOP[0] else 0.0
        current[_AT_SOURCE] += _DEPOLARISATION if t >= _STOP[0] else 0.0
        after = axon.step(
            structure, state, persistent_conductance=conductance, current=current, step_ms=_STEP_MS
        )
        for which in np.flatnonzero(axon.fired(structure, state, after)):
            times[which].append(t)
        state = after
    return tuple(np.array(found) for found in times)


def _after_pulse(_: Model, conductance: float) -> float:
    """Impulses after the pulse."""
    return float((_trains()[CONDUCTANCES.index(conductance)] > _PULSE[1]).sum())


def _train_rate(model: Model, conductance: float) -> float:
    """Impulses after the pulse over the time that was left (Hz)."""
    return _after_pulse(model, conductance) / (1e-3 * (_UNTIL - _PULSE[1]))


def _ended(_: Model) -> float:
    stopped = _trains()[_STOPPED]
    return float((stopped < _STOP[0]).sum() > 10 and not np.any(stopped > _STOP[1]))


def _quickened(which: int) -> float:
    """Relative rise of a train's rate by depolarisation."""
    plain, more = (np.sum(_trains()[one] > 1100.0) for one in (CONDUCTANCES.index(0.9), which))
    return float(more / plain - 1.0)


def _depolarised_alike(_: Model) -> float:
    """Whether a current into the soma leaves the rate of its axon alone, within a tenth."""
    return float(abs(_quickened(_DEPOLARISED)) < 0.1)


def _depolarised_quicker(_: Model) -> float:
    """Whether the same current quickens a source that lies in the soma by more than a tenth."""
    return float(_quickened(_AT_SOURCE) > 0.1)


def _shares(fibre_class: FibreClass, count: int, active: float) -> Array:
    """Shares of fibres that discharge by themselves in repeated draws."""
    generator = ectopic_generator.EctopicGenerator()
    groups = (
        ectopic_generator.fibres(generator, fibre_class, count, active_share=active, seed=seed)
        for seed in range(_DRAWS)
    )
    return np.array([np.mean(group.relative_rate > 0.0) for group in groups])


def _active_c(model: Model) -> float:
    return 100.0 * float(_shares(FibreClass.C, _C_FIBRES, model.mechanism.root.cut_share).mean())


def _active_a(model: Model) -> float:
    share = model.mechanism.root.ectopic_touch_share
    return _A_FIBRES * float(_shares(FibreClass.A_BETA, _A_FIBRES, share).mean())


def _muscle_over_skin(model: Model) -> float:
    """Whether more A fibres of a muscle nerve than of a skin nerve fire, in nine of ten draws."""
    structure = model.mechanism.root
    muscle, skin = (
        _shares(FibreClass.A_BETA, _A_FIBRES, share)
        for share in (structure.cut_touch_share_of_muscle, structure.ectopic_touch_share)
    )
    return float(np.mean(muscle > skin) >= 0.9)


def _spread_of_shares(model: Model) -> float:
    shares = _shares(FibreClass.C, _C_FIBRES, model.mechanism.root.cut_share)
    return float(np.mean((shares >= 0.04) & (shares <= 0.08)) >= 0.9)


def _counted(
    group: ectopic_generator.Fibres, rates: Array, seconds: float, step_ms: float
) -> Array:
    """Impulses per second of each fibre at each rate, shape (rates, fibres)."""
    state = ectopic_generator.at_rest(group, rates.shape)
    counts = np.zeros(state.progress.shape)
    for _ in range(round(1e3 * seconds / step_ms)):
        state = ectopic_generator.step(group, state, mean_rate=rates[:, None], step_ms=step_ms)
        counts += state.fired
    return counts / seconds


@lru_cache(maxsize=2)
def _cut_rates(structure: root.Root, first: float, last: float) -> float:
    """Impulses a minute of active C fibres between two hours after a cut."""
    group = ectopic_generator.fibres(
        ectopic_generator.EctopicGenerator(), FibreClass.C, 5000, active_share=1.0, seed=1
    )
    hours = np.linspace(first, last, 5)
    rates = root.c_fibre_rate_after_cut(structure, hours / 24.0)
    return 60.0 * float(_counted(group, rates, 10.0, 10.0).mean())


def _rate_after_cut(model: Model, first: float, last: float) -> float:
    return _cut_rates(model.mechanism.root, first, last)


def _days_later(model: Model) -> float:
    """Whether a C fibre's rate a month after the cut is mostly under 0.2 Hz."""
    structure = model.mechanism.root
    group = ectopic_generator.fibres(
        ectopic_generator.EctopicGenerator(), FibreClass.C, 200, active_share=1.0, seed=2
    )
    rate = np.atleast_1d(root.c_fibre_rate_after_cut(structure, 30.0))
    return float(_counted(group, rate, 60.0, 20.0).mean() < 0.2)


def _every_class(model: Model) -> float:
    """Whether some fibre of every class fires within 5 s in a fully squeezed root."""
    structure = model.mechanism.root
    gNaP = root.persistent_sodium_conductance(structure, 1.0)  # noqa: N806 - the source's symbol
    touch = float(root.smooth_ectopic_rate(structure, gNaP))
    thin = float(root.nociceptor_rate(structure, 1.0))
    kinds = (
        (FibreClass.A_BETA, structure.ectopic_touch_share, touch),
        (FibreClass.A_DELTA, structure.ectopic_nociceptor_share, thin),
        (FibreClass.C, structure.ectopic_nociceptor_share, thin),
    )
    generator = ectopic_generator.EctopicGenerator()
    return float(
        all(
            _counted(
                ectopic_generator.fibres(generator, kind, 500, active_share=share, seed=3),
                np.atleast_1d(rate),
                5.0,
                2.0,
            ).sum()
            > 0.0
            for kind, share, rate in kinds
        )
    )


CHECKS: Mapping[str, Check] = {
    **{
        f"train-after-pulse-{g:g}": partial(_after_pulse, conductance=g)
        for g in CONDUCTANCES
        if g <= 0.8
    },
    **{f"train-rate-{g:g}": partial(_train_rate, conductance=g) for g in (0.9, 1.0)},
    "train-ended": _ended,
    "train-depolarised": _depolarised_alike,
    "train-depolarised-soma": _depolarised_quicker,
    "ectopic-c-share": _active_c,
    "ectopic-a-count": _active_a,
    "ectopic-c-share-spread": _spread_of_shares,
    "ectopic-rate-early": partial(_rate_after_cut, first=0.5, last=9.0),
    "ectopic-rate-late": partial(_rate_after_cut, first=22.0, last=30.0),
    "ectopic-rate-days": _days_later,
    "ectopic-every-class": _every_class,
    "ectopic-muscle-nerve": _muscle_over_skin,
}
