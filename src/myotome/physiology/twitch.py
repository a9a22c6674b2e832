"""Twitch: force of a motor unit as the sum of prescribed twitches, one per spike.

Receives spikes of a pool whose units are known by twitch force and contraction time alone; gives
their force. Each twitch is the answer of a critically damped mass on a spring; how much a spike
adds falls as the unit fires faster, since fused twitches do not add up to more than a tetanus. It
is the plain model beside the calcium chain of `motor_unit`, and what older simulators use.

Source: fuglevand1993.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from myotome.physiology.exponential import exp
from myotome.physiology.parameters import check as check_parameters
from myotome.physiology.parameters import parameter

Array = NDArray[Any]

_LONG_SILENT: Final = 1e6  # ms
_E: Final = 2.718281828459045


@dataclass(frozen=True, slots=True)
class Twitches:
    """How twitches differ over a pool, and how they add up."""

    force_range: float = parameter(
        100.0,
        unit="1",
        tag="V",
        source="fuglevand1993",
        meaning="twitch force of the last unit over that of the first (RP)",
    )
    longest_contraction: float = parameter(
        90.0,
        unit="ms",
        tag="V",
        source="fuglevand1993",
        meaning="contraction time of the first unit (T_L)",
    )
    contraction_range: float = parameter(
        3.0,
        unit="1",
        tag="V",
        source="fuglevand1993",
        meaning="contraction time of the first unit over that of the last (RT)",
    )
    linear_rate: float = parameter(
        0.4,
        unit="1",
        tag="V",
        source="fuglevand1993",
        meaning="contraction time over interval below which twitches simply add up",
    )
    steepness: float = parameter(
        2.0,
        unit="1",
        tag="V",
        source="fuglevand1993",
        meaning="how gain saturates: S(x) = 1 - exp(-steepness x^3)",
    )


class TwitchConstants(NamedTuple):
    """What steps of one length need; arrays over units unless said.

    Attributes:
        peak: Twitch force, that of the first unit 1.
        contraction: Contraction time (ms).
        kept: Share of the filter's state left after a step.
        turned: Growth of force per activity over a step, `e step / contraction`.
        linear_rate: Normalised rate below which gain is 1, one number.
        unit_gain: Gain at that rate before it is set to 1, one number.
        steepness: One number.
        step_ms: One number.
    """

    peak: Array
    contraction: Array
    kept: Array
    turned: Array
    linear_rate: Array
    unit_gain: Array
    steepness: Array
    step_ms: Array


class TwitchState(NamedTuple):
    """Both states of the filter and the time since the last spike (ms), shape (..., units)."""

    activity: Array
    force: Array
    since_spike: Array


def twitch_forces(of: Twitches, units: int) -> Array:
    """Twitch force of each unit; that of the first is 1.

    >>> twitch_forces(Twitches(), 120)[[0, -1]].round(3).tolist()
    [1.039, 100.0]
    """
    place = (np.arange(units) + 1.0) / units
    return np.asarray(np.exp(np.log(of.force_range) * place))


def contraction_times(of: Twitches, units: int) -> Array:
    """Contraction time of each unit (ms): the stronger the unit, the quicker."""
    bend = np.log(of.force_range) / np.log(of.contraction_range)
    return np.asarray(of.longest_contraction * twitch_forces(of, units) ** (-1.0 / bend))


def constants(
    of: Twitches, units: int, step_ms: float = 1.0, dtype: DTypeLike = np.float64
) -> TwitchConstants:
    """A pool of units in order of recruitment, for steps of `step_ms`.

    Raises:
        ValueError: No unit, a step that is not positive, or a parameter that no pool has.
    """
    check_parameters(of)
    if units < 1:
        raise ValueError(f"units must be 1 or more, got {units}.")
    if not step_ms > 0.0:
        raise ValueError(f"step_ms must be positive (ms), got {step_ms}.")
    contraction = contraction_times(of, units)
    rate = np.asarray(of.linear_rate)
    entries: tuple[ArrayLike, ...] = (
        twitch_forces(of, units),
        contraction,
        exp(-step_ms / contraction),
        _E * step_ms / contraction,
        rate,
        (1.0 - exp(-(of.steepness * (rate * rate * rate)))) / rate,
        of.steepness,
        step_ms,
    )
    return TwitchConstants(*(np.asarray(entry, dtype=dtype) for entry in entries))


def at_rest(of: TwitchConstants, shape: tuple[int, ...] = ()) -> TwitchState:
    """Units that have been silent for long."""
    units = np.broadcast_shapes((*shape, 1), of.peak.shape)
    none = np.zeros(units, dtype=of.peak.dtype)
    return TwitchState(
        activity=none, force=none, since_spike=np.full(units, _LONG_SILENT, dtype=of.peak.dtype)
    )


def check(spikes: ArrayLike) -> None:
    """Refuse what no unit meets.

    Raises:
        ValueError: Spikes other than 0 or 1.
    """
    fired = np.asarray(spikes)
    if not np.all((fired == 0) | (fired == 1)):
        raise ValueError("spikes must be 0 or 1, one per unit and step.")


def gain(of: TwitchConstants, interval: Array) -> Array:
    """How much of a whole twitch a spike adds, by the interval before it (ms)."""
    rate = of.contraction / np.maximum(interval, of.step_ms)
    cube = (rate * rate) * rate
    saturating = (1.0 - exp(-(of.steepness * cube))) / rate
    return np.asarray(np.where(rate > of.linear_rate, saturating / of.unit_gain, 1.0))


def step(of: TwitchConstants, state: TwitchState, *, spikes: Array) -> TwitchState:
    """The state one step later, exactly; spikes (0 or 1) at the beginning of the step."""
    added = spikes * (of.peak * gain(of, state.since_spike))
    activity = state.activity + added
    return TwitchState(
        activity=activity * of.kept,
        force=(state.force + of.turned * activity) * of.kept,
        since_spike=np.minimum(
            np.where(spikes > 0.0, 0.0, state.since_spike) + of.step_ms, _LONG_SILENT
        ),
    )


def force(state: TwitchState) -> Array:
    """Force of the pool, in twitches of the first unit."""
    return np.asarray(state.force.sum(axis=-1))
