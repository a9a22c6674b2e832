"""Cartilage: wear of a joint's surface by stress cycles above a threshold, with a little repair.

Nothing happens below the threshold; wear softens collagen and lowers the threshold, so a worn
joint wears on under loads that a sound one bears. Receives peak principal stress and cycles a
day; gives wear, 0 sound to 1 gone.

Source: bellucci2001 sets the scale (the longest survival, 1.5 million cycles, at twice the
threshold); form, threshold and repair are this project's. The law is linear in the excess and
cannot span the six decades of published lives, nor does it know the frequency of loading.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from myotome.physiology.parameters import Number, parameter


@dataclass(frozen=True, slots=True)
class Cartilage:
    """Wear and repair of cartilage."""

    threshold: Number = parameter(
        6.0, unit="MPa", tag="U", source="assumed", low=5.0, high=7.0,
        meaning="peak principal stress that sound cartilage bears without wear",
    )  # fmt: skip
    wear_per_cycle: Number = parameter(
        6.7e-7, unit="1", tag="D", source="bellucci2001",
        meaning="wear of one cycle at twice the threshold",
    )  # fmt: skip
    softening: Number = parameter(
        0.5, unit="1", tag="D", source="assumed", low=0.2, high=0.8,
        meaning="relative loss of threshold at full wear",
    )  # fmt: skip
    repair_rate: Number = parameter(
        5e-4, unit="1/d", tag="D", source="assumed",
        meaning="repair of wear",
    )  # fmt: skip


def threshold_stress(p: Cartilage, wear: Number) -> Number:
    """Stress (MPa) borne without further wear at a wear of 0 to 1."""
    return p.threshold * (1.0 - p.softening * wear)


def wear_rate(p: Cartilage, wear: Number, stress: Number, cycles_per_day: Number) -> Number:
    """Time derivative (per d) of wear under cycles to one peak stress (MPa).

    Stops at 1. Worn by several activities: add the rates and take repair once (`added_wear`).
    """
    gained = added_wear(p, wear, stress, cycles_per_day)
    rate: Number = np.where(wear >= 1.0, np.minimum(gained, 0.0), gained - p.repair_rate * wear)
    return rate


def added_wear(p: Cartilage, wear: Number, stress: Number, cycles_per_day: Number) -> Number:
    """Wear a day (1/d), before repair."""
    excess: Number = np.maximum(stress / threshold_stress(p, wear) - 1.0, 0.0)
    return p.wear_per_cycle * cycles_per_day * excess


def steady_wear(p: Cartilage, stress: Number, cycles_per_day: Number) -> Number:
    """Wear at which a constant load and repair balance, reached from none; 1 where never.

    The lesser root of repair(1 - g h) h = c n (s - 1 + g h), with h wear, g softening, s stress
    over threshold and c n cycles a day times wear per cycle.
    """
    dose = p.wear_per_cycle * cycles_per_day
    excess: Number = np.maximum(stress / p.threshold - 1.0, 0.0)
    square = p.repair_rate * p.softening
    linear = dose * p.softening - p.repair_rate
    inside = linear**2 - 4.0 * square * dose * excess
    root: Number = (-linear - np.sqrt(np.maximum(inside, 0.0))) / (2.0 * square)
    balanced = (inside >= 0.0) & (root >= 0.0) & (root <= 1.0)
    wear: Number = np.where(excess == 0.0, 0.0, np.where(balanced, root, 1.0))
    return wear
