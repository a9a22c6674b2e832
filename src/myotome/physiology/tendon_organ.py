"""Tendon organ: turns force on the tendon into the discharge of group Ib.

Receives tendon force (N) from the musculotendon unit; gives the mean rate of Ib afferents (Hz) to
conduction and cord. It answers the logarithm of force, and a step with 1.7 times what it settles
to: a fast part that adapts within half a second and a slow one that takes five.

The published lead and lag have two real poles, so that they are two first-order filters taken
from the overshoot; over a step in which force is held each is exact.

Source: nagamori2018, which carries the transfer function of others; nothing departs from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from myotome.physiology.exponential import exp, log
from myotome.physiology.parameters import check as check_parameters
from myotome.physiology.parameters import parameter

Array = NDArray[Any]

_MS: Final = 1e-3
_GREATEST_FORCE: Final = 1e5  # N


@dataclass(frozen=True, slots=True)
class TendonOrgan:
    """Static curve, and the transfer function (n2 s^2 + n1 s + n0) / (s^2 + d1 s + d0)."""

    gain: float = parameter(
        60.0, unit="Hz", tag="V", source="nagamori2018", meaning="rate per e-fold of force"
    )
    force_scale: float = parameter(
        4.0, unit="N", tag="V", source="nagamori2018", meaning="force at which the curve bends"
    )
    lead_2: float = parameter(
        1.7, unit="1", tag="V", source="nagamori2018", meaning="n2, the answer to a step at once"
    )
    lead_1: float = parameter(2.58, unit="1/s", tag="V", source="nagamori2018", meaning="n1")
    lead_0: float = parameter(0.4, unit="1/s2", tag="V", source="nagamori2018", meaning="n0")
    lag_1: float = parameter(2.2, unit="1/s", tag="V", source="nagamori2018", meaning="d1")
    lag_0: float = parameter(0.4, unit="1/s2", tag="V", source="nagamori2018", meaning="d0")


class TendonOrganConstants(NamedTuple):
    """What a step of one length needs.

    Attributes:
        gain: Rate per e-fold of force (Hz).
        force_inverse: One over the force scale (1/N).
        lead: Answer to a step at once, over what it settles to.
        fast_kept: Share of the fast filter's state left after a step.
        slow_kept: Likewise of the slow filter.
        fast_weight: What the fast filter takes away.
        slow_weight: What the slow filter takes away.
    """

    gain: Array
    force_inverse: Array
    lead: Array
    fast_kept: Array
    slow_kept: Array
    fast_weight: Array
    slow_weight: Array


class TendonOrganState(NamedTuple):
    """Both filters (Hz)."""

    fast: Array
    slow: Array


def constants(
    organ: TendonOrgan, step_ms: float = 1.0, dtype: DTypeLike = np.float64
) -> TendonOrganConstants:
    """The filters for steps of `step_ms`.

    Raises:
        ValueError: The lag has no two real poles below 0, or the step or a parameter is not
            positive.
    """
    check_parameters(organ)
    if not step_ms > 0.0:
        raise ValueError(f"step_ms must be positive (ms), got {step_ms}.")
    spread = np.asarray(organ.lag_1 * organ.lag_1 - 4.0 * organ.lag_0)
    if not (np.all(spread > 0.0) and np.all(np.asarray(organ.lag_0) > 0.0)):
        raise ValueError("lag_1 must exceed twice the root of lag_0, and lag_0 must be positive.")
    slow = 0.5 * (organ.lag_1 - np.sqrt(spread))
    fast = 0.5 * (organ.lag_1 + np.sqrt(spread))
    # Partial fractions of H(s) - n2, as filters of unit gain.
    rest_1 = organ.lead_1 - organ.lead_2 * organ.lag_1
    rest_0 = organ.lead_0 - organ.lead_2 * organ.lag_0
    fast_weight = (rest_1 * fast - rest_0) / ((fast - slow) * fast)
    slow_weight = (rest_0 - rest_1 * slow) / ((fast - slow) * slow)
    entries = (
        organ.gain,
        1.0 / np.asarray(organ.force_scale),
        organ.lead_2,
        exp(-fast * (step_ms * _MS)),
        exp(-slow * (step_ms * _MS)),
        fast_weight,
        slow_weight,
    )
    return TendonOrganConstants(*(np.asarray(entry, dtype=dtype) for entry in entries))


def check(force: ArrayLike) -> None:
    """Refuse what no tendon bears.

    Raises:
        ValueError: A force that is no number or lies beyond 100,000 N either way.
    """
    given = np.asarray(force)
    fine = np.abs(given) <= _GREATEST_FORCE
    if not fine.all():
        raise ValueError(f"force must be -1e5 to 1e5 (N), got {given[~fine].flat[0]}.")


def static_rate(of: TendonOrganConstants, force: Array) -> Array:
    """Rate (Hz) to which a steady force (N) settles; a tendon that pushes counts as slack."""
    return np.asarray(of.gain * log(np.maximum(force, 0.0) * of.force_inverse + 1.0))


def at_rest(of: TendonOrganConstants, force: Array) -> TendonOrganState:
    """The state after a steady force (N)."""
    rate = static_rate(of, np.asarray(force, dtype=of.gain.dtype))
    return TendonOrganState(fast=rate, slow=rate)


def step(of: TendonOrganConstants, state: TendonOrganState, force: Array) -> TendonOrganState:
    """The state one step later, force (N) held over the step."""
    rate = static_rate(of, force)
    return TendonOrganState(
        fast=rate + (state.fast - rate) * of.fast_kept,
        slow=rate + (state.slow - rate) * of.slow_kept,
    )


def discharge_rate(of: TendonOrganConstants, state: TendonOrganState, force: Array) -> Array:
    """Mean rate of Ib afferents (Hz), never below 0."""
    rate = static_rate(of, force)
    answer = (of.lead * rate + of.fast_weight * state.fast) + of.slow_weight * state.slow
    return np.asarray(np.maximum(answer, 0.0))
