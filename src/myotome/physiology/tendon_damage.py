"""Tendon damage: fatigue that adds up over load cycles, creep under steady load, and repair.

Each cycle costs one part in the number of cycles a tendon survives at that stress; the line has
no endurance limit, so a tendon lives by repair. The line was measured at constant applied stress,
so it holds already what damage does to the stress on the fibres that are left. Repair grows with
damage up to half of a limit and then fails: past that no steady state is left and the tendon
tears. Receives peak stress and cycles a day, and steady stress with its share of the day; gives
damage, 0 to 1, and stiffness. Stress is in per cent of ultimate tensile stress (100 MPa).

Repair acts on matrix and gaps; the core of a human tendon is essentially not renewed.

Source: schechtman1997 for the line; creep and repair are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from myotome.physiology.parameters import Number, parameter

_SECONDS_PER_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class TendonDamage:
    """Fatigue, creep, repair and stiffness of a tendon."""

    line_stress: Number = parameter(
        101.3, unit="%", tag="V", source="schechtman1997",
        meaning="stress of the fatigue line at one cycle",
    )  # fmt: skip
    line_slope: Number = parameter(
        14.8, unit="%", tag="V", source="schechtman1997",
        meaning="fall of stress of the fatigue line per decade of cycles",
    )  # fmt: skip
    repair_rate: Number = parameter(
        0.16, unit="1/d", tag="D", source="project_definition", low=0.05, high=2.0,
        meaning="repair of damage; set for a person by `repair_rate_for`",
    )  # fmt: skip
    habitual_damage: Number = parameter(
        0.05, unit="1", tag="D", source="project_definition", low=0.02, high=0.1,
        meaning="damage that this person's normal day holds",
    )  # fmt: skip
    repair_limit: Number = parameter(
        0.6, unit="1", tag="D", source="assumed", low=0.4, high=0.8,
        meaning="damage beyond which nothing is repaired",
    )  # fmt: skip
    softening: Number = parameter(
        0.5, unit="1", tag="D", source="schechtman2002", low=0.2, high=0.9,
        meaning="relative loss of stiffness at full damage",
    )  # fmt: skip
    weibull_shape: Number = parameter(
        1.5, unit="1", tag="U", source="assumed", low=1.0, high=2.0,
        meaning="shape of the scatter of cycles to failure",
    )  # fmt: skip
    creep_seconds: Number = parameter(
        10.0, unit="s", tag="D", source="wang_ker1995",
        meaning="time under steady load that costs as much as one cycle to it",
    )  # fmt: skip


def median_cycles(p: TendonDamage, stress: Number) -> Number:
    """Median number of cycles to failure at a peak stress (%)."""
    cycles: Number = 10.0 ** ((p.line_stress - stress) / p.line_slope)
    return cycles


def scattered_cycles(p: TendonDamage, stress: Number, quantile: Number) -> Number:
    """Cycles to failure at a quantile (0 to 1) of the Weibull scatter about the median."""
    scatter: Number = (-np.log1p(-quantile) / np.log(2.0)) ** (1.0 / p.weibull_shape)
    return median_cycles(p, stress) * scatter


def fatigue_rate(p: TendonDamage, stress: Number, cycles_per_day: Number) -> Number:
    """Damage a day (1/d) from cycles to one peak stress (%). Add activities up."""
    return cycles_per_day / median_cycles(p, np.minimum(stress, p.line_stress))


def creep_rate(p: TendonDamage, stress: Number, share: Number) -> Number:
    """Damage a day (1/d) from a steady stress (%) held for a share of the day; none at no stress.

    For spasm, beside the fatigue of its ripple.
    """
    held: Number = np.minimum(stress, p.line_stress)
    cost = 1.0 / median_cycles(p, held) - 1.0 / median_cycles(p, 0.0)
    return share * _SECONDS_PER_DAY / p.creep_seconds * cost


def repair(p: TendonDamage, damage: Number) -> Number:
    """Damage repaired a day (1/d); nothing beyond `repair_limit`."""
    left: Number = np.maximum(1.0 - damage / p.repair_limit, 0.0)
    return p.repair_rate * damage * left


def damage_rate(p: TendonDamage, damage: Number, wear: Number) -> Number:
    """Time derivative (per d) of damage under fatigue and creep together (1/d).

    Damage stops at 1: a failed tendon stays failed.
    """
    rate: Number = np.where(damage >= 1.0, 0.0, wear - repair(p, damage))
    return rate


def repair_rate_for(p: TendonDamage, wear: Number) -> Number:
    """The repair rate (1/d) with which a normal day holds `habitual_damage`.

    Args:
        p: Parameters.
        wear: Fatigue and creep of the normal day (1/d).
    """
    return wear / (p.habitual_damage * (1.0 - p.habitual_damage / p.repair_limit))


def steady_damage(p: TendonDamage, stress: Number, cycles_per_day: Number) -> Number:
    """Damage at which wear and repair balance, reached from none; 1 where they never do."""
    outrun = 4.0 * fatigue_rate(p, stress, cycles_per_day) / (p.repair_rate * p.repair_limit)
    settled = 0.5 * p.repair_limit * (1.0 - np.sqrt(np.maximum(1.0 - outrun, 0.0)))
    damage: Number = np.where(outrun <= 1.0, settled, 1.0)
    return damage


def stiffness(p: TendonDamage, damage: Number) -> Number:
    """Stiffness relative to that of a sound tendon."""
    return 1.0 - p.softening * damage
