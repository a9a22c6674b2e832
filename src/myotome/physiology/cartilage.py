"""Cartilage: fatigue of a joint's surface by stress cycles above a threshold, with a little repair.

Each cycle above the threshold costs one part in the number of cycles that cartilage survives at
that stress: a line in log cycles from its strength, where one cycle breaks it, as collagenous
tissue gives it. Nothing happens below the threshold; wear softens collagen and lowers it, so a
worn joint wears on under loads that a sound one bears. Receives peak stress and cycles a day;
gives wear, 0 sound to 1 gone. Lives span six decades between twice the threshold and strength.

Source: cartilage_endurance for strength and threshold, bellucci2001 for the longest survival
(1.5 million cycles), put at twice the threshold. The law does not know the frequency of loading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from myotome.physiology.parameters import Number, parameter

_HALVINGS: Final = 50


@dataclass(frozen=True, slots=True)
class Cartilage:
    """Wear and repair of cartilage."""

    threshold: Number = parameter(
        5.86, unit="MPa", tag="V", source="cartilage_endurance", low=5.0, high=7.0,
        meaning="peak stress that sound cartilage bears without wear",
    )  # fmt: skip
    strength: Number = parameter(
        29.5, unit="MPa", tag="V", source="cartilage_endurance", low=24.7, high=34.3,
        meaning="stress that breaks it in one cycle",
    )  # fmt: skip
    line_slope: Number = parameter(
        2.88, unit="MPa", tag="D", source="bellucci2001", low=2.3, high=3.6,
        meaning="fall of stress per decade of cycles survived",
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


def wear_of_cycle(p: Cartilage, stress: Number) -> Number:
    """Wear of one cycle to a stress (MPa), the threshold left aside; 1 at strength and above."""
    over: Number = np.minimum(stress, p.strength)
    return 10.0 ** ((over - p.strength) / p.line_slope)


def wear_rate(p: Cartilage, wear: Number, stress: Number, cycles_per_day: Number) -> Number:
    """Time derivative (per d) of wear under cycles to one peak stress (MPa).

    Stops at 1. Worn by several activities: add the rates and take repair once (`added_wear`).
    """
    gained = added_wear(p, wear, stress, cycles_per_day)
    rate: Number = np.where(wear >= 1.0, np.minimum(gained, 0.0), gained - p.repair_rate * wear)
    return rate


def added_wear(p: Cartilage, wear: Number, stress: Number, cycles_per_day: Number) -> Number:
    """Wear a day (1/d), before repair; none up to the threshold."""
    borne = wear_of_cycle(p, threshold_stress(p, wear))
    return cycles_per_day * np.maximum(wear_of_cycle(p, stress) - borne, 0.0)


def steady_wear(p: Cartilage, stress: Number, cycles_per_day: Number) -> Number:
    """Wear at which a constant load and repair balance, reached from none; 1 where never.

    What is added grows ever less with wear, so there is one balance and bisection finds it.
    """
    size = np.broadcast_shapes(*(np.shape(x) for x in (stress, cycles_per_day, p.threshold,
                                                       p.strength, p.softening)))  # fmt: skip
    low, high = np.zeros(size), np.ones(size)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        grows = added_wear(p, middle, stress, cycles_per_day) > p.repair_rate * middle
        low, high = np.where(grows, middle, low), np.where(grows, high, middle)
    wears = added_wear(p, 0.0, stress, cycles_per_day) > 0.0
    never = added_wear(p, 1.0, stress, cycles_per_day) >= p.repair_rate
    wear: Number = np.where(wears, np.where(never, 1.0, 0.5 * (low + high)), 0.0)
    return wear
