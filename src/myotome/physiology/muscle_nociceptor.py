"""Muscle nociceptor: the thin afferents that tell of strain, pressure and metabolite.

Receives strain rate, pressure and the power at which the muscle works, the receptors beyond the
endplates and the sensitisation of the segment; gives the rates of group III and group IV (Hz) to
the dorsal horn. A muscle held active washes its metabolite out badly, and keeps reporting for
minutes after it has let go.

Source: project_definition. The form is this project's; every number is a choice with its range.
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

_MS: Final = 1e-3


@dataclass(frozen=True, slots=True)
class MuscleNociceptor:
    """Groups III and IV of one muscle."""

    strain_gain: float = parameter(
        10.0,
        unit="Hz s",
        tag="D",
        source="assumed",
        meaning="group III per lengthening of one optimal fibre length a second (k3)",
    )
    pressure_gain: float = parameter(
        30.0,
        unit="Hz",
        tag="D",
        source="assumed",
        meaning="group III at the pressure of a maximal contraction (k4)",
    )
    metabolite_gain: float = parameter(
        15.0,
        unit="Hz",
        tag="D",
        source="assumed",
        meaning="group IV at the metabolite that maximal work keeps up",
    )
    group_3_time: float = parameter(
        0.3, unit="s", tag="D", source="assumed", meaning="time constant of group III"
    )
    group_4_time: float = parameter(
        30.0, unit="s", tag="D", source="assumed", meaning="time constant of group IV"
    )
    washout_time: float = parameter(
        60.0, unit="s", tag="D", source="assumed", meaning="time constant of the metabolite (tau)"
    )
    gain_by_receptors: float = parameter(
        0.5,
        unit="1",
        tag="D",
        source="assumed",
        meaning="gain added by 200 receptors per square micrometre beyond the endplates",
        low=0.0,
        high=1.5,
    )
    gain_by_sensitisation: float = parameter(
        0.5,
        unit="1",
        tag="D",
        source="assumed",
        meaning="gain added by full sensitisation of the segment",
        low=0.0,
        high=1.5,
    )
    reference_density: float = parameter(
        200.0,
        unit="1/um2",
        tag="D",
        source="assumed",
        meaning="density of receptors that adds that gain",
        low=200.0,
        high=200.0,
    )


class MuscleNociceptorConstants(NamedTuple):
    """What a step of one length needs; `kept` is the share of a state left after a step."""

    strain_gain: Array
    pressure_gain: Array
    metabolite_gain: Array
    group_3_kept: Array
    group_4_kept: Array
    metabolite_kept: Array
    gain_by_receptor: Array
    gain_by_sensitisation: Array


class MuscleNociceptorState(NamedTuple):
    """Metabolite (1 is what maximal work keeps up) and both filtered inputs (Hz)."""

    metabolite: Array
    group_3: Array
    group_4: Array


def constants(
    nociceptor: MuscleNociceptor, step_ms: float = 1.0, dtype: DTypeLike = np.float64
) -> MuscleNociceptorConstants:
    """The filters for steps of `step_ms`.

    Raises:
        ValueError: The step or a time constant is not positive.
    """
    check_parameters(nociceptor)
    if not step_ms > 0.0:
        raise ValueError(f"step_ms must be positive (ms), got {step_ms}.")
    times = (nociceptor.group_3_time, nociceptor.group_4_time, nociceptor.washout_time)
    kept = [exp(-(step_ms * _MS) / np.asarray(time)) for time in times]
    entries = (
        nociceptor.strain_gain,
        nociceptor.pressure_gain,
        nociceptor.metabolite_gain,
        *kept,
        np.asarray(nociceptor.gain_by_receptors) / nociceptor.reference_density,
        nociceptor.gain_by_sensitisation,
    )
    return MuscleNociceptorConstants(*(np.asarray(entry, dtype=dtype) for entry in entries))


def at_rest(of: MuscleNociceptorConstants, shape: tuple[int, ...] = ()) -> MuscleNociceptorState:
    """A muscle that has rested for long."""
    quiet = np.zeros(shape, dtype=of.strain_gain.dtype)
    return MuscleNociceptorState(metabolite=quiet, group_3=quiet, group_4=quiet)


def check(strain_rate: ArrayLike, pressure: ArrayLike, power: ArrayLike) -> None:
    """Refuse what no muscle meets.

    Raises:
        ValueError: A strain rate beyond 50 /s either way, or pressure or power outside 0 to 10.
    """
    for name, value, low, high, unit in (
        ("strain_rate", strain_rate, -50.0, 50.0, "1/s"),
        ("pressure", pressure, 0.0, 10.0, "of a maximal contraction"),
        ("power", power, 0.0, 10.0, "of a maximal contraction"),
    ):
        given = np.asarray(value)
        fine = (given >= low) & (given <= high)
        if not fine.all():
            raise ValueError(
                f"{name} must be {low:g} to {high:g} ({unit}), got {given[~fine].flat[0]}."
            )


def step(
    of: MuscleNociceptorConstants,
    state: MuscleNociceptorState,
    *,
    strain_rate: Array,
    pressure: Array,
    power: Array,
) -> MuscleNociceptorState:
    """The state one step later, inputs held over the step.

    Args:
        of: The filters.
        state: The state.
        strain_rate: Lengthening > 0 (optimal fibre lengths per s).
        pressure: Over that of a maximal contraction.
        power: At which energy is spent, over that of a maximal contraction.
    """
    pressed = of.strain_gain * np.maximum(strain_rate, 0.0) + of.pressure_gain * pressure
    metabolite = power + (state.metabolite - power) * of.metabolite_kept
    reported = of.metabolite_gain * metabolite
    return MuscleNociceptorState(
        metabolite=metabolite,
        group_3=pressed + (state.group_3 - pressed) * of.group_3_kept,
        group_4=reported + (state.group_4 - reported) * of.group_4_kept,
    )


def gain(of: MuscleNociceptorConstants, receptor_density: Array, sensitisation: Array) -> Array:
    """Factor on both rates.

    Args:
        of: The constants.
        receptor_density: Receptors beyond the endplates (1/um2).
        sensitisation: Of the segment, 0 to 1.
    """
    raised = 1.0 + of.gain_by_receptor * receptor_density
    return np.asarray(raised + of.gain_by_sensitisation * sensitisation)


def discharge_rates(state: MuscleNociceptorState, gained: Array) -> tuple[Array, Array]:
    """Rates of group III and of group IV (Hz), given the factor on both."""
    return np.asarray(gained * state.group_3), np.asarray(gained * state.group_4)
