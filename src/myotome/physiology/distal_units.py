"""Distal units: motor units of hand and foot, whose speed goes by no kind and by no size.

Receives the calcium chain of `motor_unit`; gives its constants for a muscle of the hand or foot.
People's units there fall into no slow and fast kinds as a cat's do: contraction times spread over
a range, and a strong unit is as likely slow as a weak one. Every unit is therefore one chain, that
of a slow unit in the middle of the published pool, run slower or quicker as a whole. How readily
calcium brings force is set by what a published model has for units of any speed: the product of
contraction time and of the rate that brings half of the largest force.

Source: sica1971 for contraction times and tensions and for that they are not related, in one muscle
of the foot (extensor hallucis brevis), taken here for the hand as well; fuglevand1993 for the
product, by its equations; the chain is that of `motor_unit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from myotome.physiology import motor_unit
from myotome.physiology.exponential import exp
from myotome.physiology.motor_unit import MotorUnitConstants, MotorUnits
from myotome.physiology.parameters import check as check_parameters
from myotome.physiology.parameters import parameter

Array = NDArray[Any]

# Steps by the golden ratio spread times evenly, whatever part of the units is looked at.
_GOLDEN: Final = 0.6180339887498949
_MS: Final = 1e-3
_PRODUCT: Final = 0.70  # of contraction time and the rate at half force


@dataclass(frozen=True, slots=True)
class DistalUnits:
    """How units of hand and foot differ."""

    shortest_contraction: float = parameter(
        35.0, unit="ms", tag="V", source="sica1971", meaning="contraction time, quickest unit"
    )
    longest_contraction: float = parameter(
        98.0, unit="ms", tag="V", source="sica1971", meaning="contraction time, slowest unit"
    )
    force_range: float = parameter(
        7.0, unit="1", tag="V", source="sica1971", meaning="force of the last unit over the first"
    )
    chain_contraction: float = parameter(
        54.8, unit="ms", tag="C", source="nagamori2021",
        meaning="contraction time of the chain as it stands, before it is slowed or quickened",
    )  # fmt: skip
    half: float = parameter(
        0.0409, unit="1", tag="C", source="fuglevand1993",
        meaning="bound calcium at half activation, by which contraction time times the rate at half"
        " force is 0.70",
    )  # fmt: skip


def contraction_times(of: DistalUnits, units: int) -> Array:
    """Contraction time (ms) of each unit in order of recruitment, evenly spread in its logarithm.

    >>> contraction_times(DistalUnits(), 4).round().tolist()
    [59.0, 40.0, 75.0, 50.0]
    """
    share = np.mod(0.5 + _GOLDEN * np.arange(units), 1.0)
    ratio = of.longest_contraction / of.shortest_contraction
    return np.asarray(of.shortest_contraction * ratio**share)


def constants(
    of: DistalUnits,
    chain: MotorUnits,
    units: int,
    step_ms: float = 1.0,
    dtype: DTypeLike = np.float64,
) -> MotorUnitConstants:
    """The units of a muscle of hand or foot, in order of recruitment, for steps of `step_ms`.

    Raises:
        ValueError: No unit, a step outside 0 to 2 ms, or a parameter that no muscle has.
    """
    check_parameters(of)
    plain = motor_unit.constants(chain, units, step_ms)
    times = contraction_times(of, units)
    slower = times / of.chain_contraction
    half_rate = _PRODUCT / (_MS * times)
    ones = np.ones(units)
    closing = slower * np.sqrt(chain.slow_closing_first * chain.slow_closing_last)
    opening = 1.0 / (1.0 / (slower * chain.slow_opening) + 1.0 / closing)
    opening_kept, closing_kept = exp(-step_ms / opening), exp(-step_ms / closing)
    unbinding = np.sqrt(chain.slow_unbinding_first * chain.slow_unbinding_last)
    own = plain._replace(
        release=chain.slow_release / slower,
        uptake=chain.slow_uptake / slower,
        binding=chain.slow_binding / slower,
        unbinding=unbinding / slower,
        spare=ones * (chain.slow_store - chain.total_calcium),
        opening_kept=opening_kept,
        closing_kept=closing_kept,
        opening_mean=(1.0 - opening_kept) * opening / step_ms,
        closing_mean=(1.0 - closing_kept) * closing / step_ms,
        bridging_half=exp(-0.5 * step_ms / (slower * chain.slow_bridging)),
        half=ones * of.half,
        by_stretch=ones * chain.slow_by_stretch,
        by_shortening=ones * chain.slow_by_shortening,
        sag_rested=ones,
        sag_active=ones,
        silence=1.0 / _MS / (chain.silent_rate * half_rate),
        yields=ones,
        tetanic_force=_forces(of, units),
    )
    return MotorUnitConstants(*(np.asarray(entry, dtype=dtype) for entry in own))


def _forces(of: DistalUnits, units: int) -> Array:
    place = np.arange(units) / max(units - 1, 1)
    forces = np.exp(np.log(of.force_range) * place)
    return np.asarray(forces / forces.sum())
