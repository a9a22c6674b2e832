"""Checks of wear: the fatigue line of tendon, cycles that cartilage bears, height of a disc."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np

from myotome.physiology import cartilage, disc, tendon_damage
from myotome.physiology.tendon_damage import TendonDamage
from myotome.validation.model import Check, Model

_WALKING: Final = 15.0  # % of ultimate tensile stress
_CYCLES: Final = 5_000.0
_RUN: Final = 10_000.0
_LEVELS: Final = (0.4, 0.8, 1.3)  # MPa


def _median(model: Model, stress: float) -> float:
    return float(tendon_damage.median_cycles(model.mechanism.tendon, stress))


def _decades(model: Model, stress: float) -> float:
    return float(np.log10(_median(model, stress)))


def _slope(model: Model) -> float:
    return 10.0 / (_decades(model, 40.0) - _decades(model, 50.0))


def _one_cycle(model: Model) -> float:
    return 50.0 + _slope(model) * _decades(model, 50.0)


def _walker(model: Model) -> TendonDamage:
    """A tendon whose repair fits a normal day."""
    p = model.mechanism.tendon
    wear = tendon_damage.fatigue_rate(p, _WALKING, _CYCLES)
    return replace(p, repair_rate=float(tendon_damage.repair_rate_for(p, wear)))


def _habit(model: Model) -> float:
    return float(tendon_damage.steady_damage(_walker(model), _WALKING, _CYCLES))


def _survives(model: Model) -> float:
    """Whether the walker's tendon is sound after ten years (1 yes)."""
    p, damage = _walker(model), 0.05
    for _ in range(3_650):
        wear = tendon_damage.fatigue_rate(p, _WALKING, _CYCLES)
        damage = min(damage + float(tendon_damage.damage_rate(p, damage, wear)), 1.0)
    return float(damage < 0.1)


def _life_without_repair(model: Model) -> float:
    """Cycles at 20 % that a sound tendon bears when damage raises the stress on what is left."""
    p, damage, days = replace(model.mechanism.tendon, repair_rate=0.0), 0.0, 0.0
    while damage < 1.0:
        wear = tendon_damage.fatigue_rate(p, 20.0, 500.0)
        damage += 0.5 * float(tendon_damage.damage_rate(p, damage, wear))
        days += 0.5
    return 500.0 * days


def _cartilage_life(model: Model, over: float) -> float:
    """Cycles to failure (log10) at a stress so many times the threshold, without repair."""
    p = replace(model.mechanism.cartilage, repair_rate=0.0)
    stress, worn, cycles = over * p.threshold, 0.0, 0.0
    while worn < 1.0 and cycles < 1e8:
        # Whole cycles, few enough that wear hardly moves in a block of them.
        block = max(np.floor(1e-3 / float(cartilage.added_wear(p, worn, stress, 1.0))), 1.0)
        worn += float(cartilage.added_wear(p, worn, stress, block))
        cycles += block
    return float(np.log10(cycles))


def _sound(model: Model) -> float:
    """Sound cartilage (%) after a run at twice the threshold; the law knows no frequency."""
    p = model.mechanism.cartilage
    return 100.0 * (1.0 - float(cartilage.added_wear(p, 0.0, 2.0 * p.threshold, _RUN)))


def _disc_loss(model: Model, stress: float, hours: float, static: float) -> float:
    """Height (%) lost in a week of so many hours a day."""
    p = model.mechanism.disc
    load = disc.overload(p, stress, static) * hours / 24.0
    return 100.0 * (1.0 - float(np.asarray(disc.height_after(p, 1.0, load, 0.0, 7.0))))


def _static_worse(model: Model) -> float:
    return float(_disc_loss(model, 0.4, 4.0, 1.0) > _disc_loss(model, 0.4, 4.0, 0.0))


def _longer_worse(model: Model) -> float:
    return float(_disc_loss(model, 1.3, 8.0, 1.0) > _disc_loss(model, 1.3, 4.0, 1.0))


def _each_level_worse(model: Model) -> float:
    losses = [0.0, *(_disc_loss(model, level, 24.0, 1.0) for level in _LEVELS)]
    return float(all(low < high for low, high in pairwise(losses)))


CHECKS: Mapping[str, Check] = {
    **{f"tendon-line-{s}": partial(_median, stress=float(s)) for s in (10, 20, 30, 40, 50, 60, 80)},
    "tendon-line-one-cycle": _one_cycle,
    "tendon-line-slope": _slope,
    "tendon-habit": _habit,
    "tendon-survival-k1": _survives,
    "tendon-life-without-repair": _life_without_repair,
    "tendon-energy-storing": partial(_decades, stress=52.8),
    "tendon-positional": partial(_decades, stress=48.0),
    "cartilage-longest-life": partial(_cartilage_life, over=2.0),
    "cartilage-shortest-life": partial(_cartilage_life, over=10.0),
    **{f"cartilage-run-out-{rate}hz": _sound for rate in (1, 10, 50, 100)},
    "disc-static-dynamic": _static_worse,
    "disc-eight-hours": _longer_worse,
    "disc-three-levels": _each_level_worse,
}
