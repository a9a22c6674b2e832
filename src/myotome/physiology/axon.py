"""Axon: one compressed axon that may go on discharging after its stimulus has ended.

Four variables: voltage, delayed potassium gate, persistent sodium gate, sodium within. Receives
the persistent sodium conductance that compression leaves (`root`) and an injected current; gives
voltage, whose upward crossings of `spike_level` are impulses. Silence and a steady train are both
stable over a range of that conductance: a passing input can leave a train and a hyperpolarising
pulse can end it. Nothing here says when.

Voltage in absolute mV, currents in uA/cm2, conductances in mS/cm2, time in ms. Each step is two
exponential ones, the second with the coefficients of its midpoint (second order).

Source: modeldb143072.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import Number, parameter

Array = NDArray[Any]

_LARGEST_EXPONENT: Final = 40.0
_LARGEST_CURRENT: Final = 1000.0
_LARGEST_CONDUCTANCE: Final = 5.0
_LARGEST_STEP: Final = 0.1


def _of_the_model(value: float, unit: str, meaning: str) -> float:
    """A value of the published model file."""
    number: float = parameter(value, unit=unit, tag="V", source="modeldb143072", meaning=meaning)
    return number


@dataclass(frozen=True, slots=True)
class Axon:
    """The minimal bistable axon."""

    capacitance: float = _of_the_model(2.0, "uF/cm2", "membrane capacitance (C)")
    sodium_conductance: float = _of_the_model(30.0, "mS/cm2", "transient sodium (gNa)")
    potassium_conductance: float = _of_the_model(20.0, "mS/cm2", "delayed potassium (gK)")
    leak_conductance: float = _of_the_model(2.0, "mS/cm2", "leak (gL)")
    sodium_half: float = _of_the_model(-1.2, "mV", "transient sodium half open (v1)")
    sodium_slope: float = _of_the_model(18.0, "mV", "its slope (v2)")
    potassium_half: float = _of_the_model(-10.0, "mV", "potassium half open (v3)")
    potassium_slope: float = _of_the_model(10.0, "mV", "its slope (v4)")
    persistent_half: float = _of_the_model(-45.0, "mV", "persistent sodium half open (v5)")
    persistent_slope: float = _of_the_model(10.0, "mV", "its slope (v6)")
    potassium_rate: float = _of_the_model(0.15, "1/ms", "slowest rate of its gate (phi_w)")
    persistent_rate: float = _of_the_model(0.05, "1/ms", "slowest rate of its gate (phi_z)")
    potassium_reversal: float = _of_the_model(-100.0, "mV", "potassium reversal (VK)")
    leak_reversal: float = _of_the_model(-70.0, "mV", "leak reversal (VL)")
    nernst_factor: float = _of_the_model(25.0, "mV", "RT/F in the sodium reversal")
    sodium_outside: float = _of_the_model(138.0, "mM", "sodium without (Nao)")
    sodium_resting: float = _of_the_model(17.5, "mM", "sodium within that the pump returns to")
    sodium_initial: float = _of_the_model(18.67, "mM", "sodium within at the start")
    pump_time: float = _of_the_model(100.0, "ms", "time constant of that return (tau_Na)")
    radius: float = _of_the_model(0.005, "1", "radius in the model file's units (r)")
    faraday: float = _of_the_model(96485.0, "C/mol", "Faraday constant (F)")
    voltage_initial: float = _of_the_model(-70.0, "mV", "voltage at the start")
    potassium_initial: float = _of_the_model(2.5e-5, "1", "potassium gate at the start")
    spike_level: float = parameter(
        0.0,
        unit="mV",
        tag="D",
        source="project_definition",
        low=-10.0,
        high=10.0,
        meaning="voltage whose upward crossing is an impulse",
    )


class AxonState(NamedTuple):
    """State of axons; every field of the same shape."""

    voltage: Array
    """Absolute mV."""
    potassium_gate: Array
    persistent_gate: Array
    sodium: Array
    """Within (mM)."""


def checked(persistent_conductance: Number, current: Number, step_ms: float) -> None:
    """Refuse input for which the equations have no meaning.

    Raises:
        ValueError: A conductance, current or step lies outside its range.
    """
    conductance = np.asarray(persistent_conductance)
    if not np.all((conductance >= 0.0) & (conductance <= _LARGEST_CONDUCTANCE)):
        raise ValueError(
            f"persistent_conductance must be 0 to {_LARGEST_CONDUCTANCE:g} (mS/cm2), "
            f"got {persistent_conductance}."
        )
    if not np.all(np.abs(np.asarray(current)) <= _LARGEST_CURRENT):
        raise ValueError(
            f"current must be {-_LARGEST_CURRENT:g} to {_LARGEST_CURRENT:g} (uA/cm2), "
            f"got {current}."
        )
    if not 0.0 < step_ms <= _LARGEST_STEP:
        raise ValueError(f"step_ms must be above 0 and at most {_LARGEST_STEP:g}, got {step_ms}.")


def at_rest(axon: Axon, shape: tuple[int, ...] = ()) -> AxonState:
    """Axons as the published model starts them."""
    persistent = _opened(axon.voltage_initial, axon.persistent_half, axon.persistent_slope)
    start = (axon.voltage_initial, axon.potassium_initial, persistent, axon.sodium_initial)
    return AxonState(*(np.broadcast_to(value, shape).astype(np.float64) for value in start))


def _bounded(x: Number) -> Array:
    within: Array = np.minimum(np.maximum(x, -_LARGEST_EXPONENT), _LARGEST_EXPONENT)
    return within


def _opened(voltage: Number, half: Number, slope: Number) -> Array:
    """Share of a gate open in the steady state: (1 + tanh((V - half)/slope))/2."""
    share: Array = 1.0 / (1.0 + np.exp(_bounded(-2.0 * (voltage - half) / slope)))
    return share


def _hastened(voltage: Number, half: Number, slope: Number) -> Array:
    """How many times faster than its slowest a gate moves: cosh((V - half)/(2 slope))."""
    grown = np.exp(_bounded((voltage - half) / (2.0 * slope)))
    times: Array = 0.5 * (grown + 1.0 / grown)
    return times


def _moved(  # noqa: PLR0913 - a state, where coefficients are taken, and what acts
    axon: Axon,
    state: AxonState,
    at: AxonState,
    *,
    conductance: Number,
    current: Number,
    step_ms: float,
) -> AxonState:
    """`state` a step later, with coefficients as they are `at` another."""
    v = at.voltage
    sodium_reversal = axon.nernst_factor * np.log(axon.sodium_outside / at.sodium)
    fast = axon.sodium_conductance * _opened(v, axon.sodium_half, axon.sodium_slope)
    lasting = conductance * at.persistent_gate
    potassium = axon.potassium_conductance * at.potassium_gate
    inward = fast + lasting
    total = inward + potassium + axon.leak_conductance
    driven = (
        inward * sodium_reversal
        + potassium * axon.potassium_reversal
        + axon.leak_conductance * axon.leak_reversal
        + current
    )
    steady = driven / total
    kept = np.exp(-step_ms * total / axon.capacitance)
    voltage = steady + (state.voltage - steady) * kept

    open_w = _opened(v, axon.potassium_half, axon.potassium_slope)
    rate_w = axon.potassium_rate * _hastened(v, axon.potassium_half, axon.potassium_slope)
    open_z = _opened(v, axon.persistent_half, axon.persistent_slope)
    rate_z = axon.persistent_rate * _hastened(v, axon.persistent_half, axon.persistent_slope)

    entry = -2.0 / axon.radius * inward * (v - sodium_reversal) / axon.faraday
    resting = axon.sodium_resting + axon.pump_time * entry
    # As an array of the state's own precision: a lone double would raise all to its own.
    pumped = np.exp(np.asarray(-step_ms / axon.pump_time, dtype=v.dtype))
    return AxonState(
        voltage,
        open_w + (state.potassium_gate - open_w) * np.exp(-step_ms * rate_w),
        open_z + (state.persistent_gate - open_z) * np.exp(-step_ms * rate_z),
        resting + (state.sodium - resting) * pumped,
    )


def step(
    axon: Axon,
    state: AxonState,
    *,
    persistent_conductance: Number,
    current: Number = 0.0,
    step_ms: float = 0.02,
) -> AxonState:
    """Axons a step later.

    Args:
        axon: Parameters.
        state: Theirs.
        persistent_conductance: gNaP (mS/cm2), as `root.persistent_sodium_conductance` gives it.
        current: Injected (uA/cm2).
        step_ms: At most 0.1 ms; 0.05 ms gives the trains to 1 %.
    """
    half = _moved(
        axon,
        state,
        state,
        conductance=persistent_conductance,
        current=current,
        step_ms=0.5 * step_ms,
    )
    return _moved(
        axon, state, half, conductance=persistent_conductance, current=current, step_ms=step_ms
    )


def rates_of_change(
    axon: Axon, state: AxonState, *, persistent_conductance: Number, current: Number = 0.0
) -> AxonState:
    """Time derivatives (per ms), as the source states them."""
    v, w, z, sodium = state
    reversal = axon.nernst_factor * np.log(axon.sodium_outside / sodium)
    opened = _opened(v, axon.sodium_half, axon.sodium_slope)
    inward = (axon.sodium_conductance * opened + persistent_conductance * z) * (v - reversal)
    outward = axon.potassium_conductance * w * (v - axon.potassium_reversal)
    leak = axon.leak_conductance * (v - axon.leak_reversal)
    open_w = _opened(v, axon.potassium_half, axon.potassium_slope)
    open_z = _opened(v, axon.persistent_half, axon.persistent_slope)
    return AxonState(
        (current - inward - outward - leak) / axon.capacitance,
        axon.potassium_rate
        * (open_w - w)
        * _hastened(v, axon.potassium_half, axon.potassium_slope),
        axon.persistent_rate
        * (open_z - z)
        * _hastened(v, axon.persistent_half, axon.persistent_slope),
        -2.0 / axon.radius * inward / axon.faraday
        - (sodium - axon.sodium_resting) / axon.pump_time,
    )


def fired(axon: Axon, before: AxonState, after: AxonState) -> NDArray[np.bool_]:
    """Whether an impulse passed between two states a step apart."""
    crossed: NDArray[np.bool_] = (before.voltage < axon.spike_level) & (
        after.voltage >= axon.spike_level
    )
    return crossed
