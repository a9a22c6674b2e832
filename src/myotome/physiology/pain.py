"""Pain: what projection neurons report, made more or less of by sensitisation and circumstance.

Receives the rate of projection neurons; gives central sensitisation its course, the pain a person
reports, the pressure they bear and the stretch they tolerate. Inflammation has its term and the
term is 0: whether pain needs it is a question that the model lets be asked.

Rates in Hz, time in days, pain on the 0 to 10 scale, pressure in kPa.

Source: project_definition for the laws, saueressig2023 for context, sterling2015 for pressure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import Number, parameter

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pain:
    """One person's handling of nociception."""

    sensitisation_rate: float = parameter(
        60.0,
        unit="Hz",
        tag="D",
        source="project_definition",
        meaning="projection rate at which sensitisation settles at one half",
        low=45.0,
        high=80.0,
    )
    rise_time: float = parameter(
        2.0,
        unit="day",
        tag="D",
        source="project_definition",
        meaning="time constant with which sensitisation rises",
        low=1.0,
        high=3.0,
    )
    fall_time: float = parameter(
        30.0,
        unit="day",
        tag="D",
        source="project_definition",
        meaning="time constant with which it falls",
        low=14.0,
        high=60.0,
    )
    half_rate: float = parameter(
        30.0,
        unit="Hz",
        tag="D",
        source="project_definition",
        meaning="effective rate felt as 5 of 10",
        low=22.0,
        high=40.0,
    )
    steepness: float = parameter(
        1.2,
        unit="1",
        tag="D",
        source="project_definition",
        meaning="steepness of the map from rate to pain",
        low=1.0,
        high=1.5,
    )
    endogenous_inhibition: float = parameter(
        3.0,
        unit="Hz",
        tag="D",
        source="assumed",
        meaning="rate taken off by full endogenous control, which silences what is left at rest",
        low=0.0,
        high=10.0,
    )
    endogenous_share: float = parameter(
        0.3,
        unit="1",
        tag="V",
        source="cpm_heat_cold",
        meaning="share of pain that endogenous control takes off between rest and full",
        low=0.1,
        high=0.5,
    )
    context_relief: float = parameter(
        0.5,
        unit="1",
        tag="D",
        source="saueressig2023",
        meaning="pain (of 10) taken off by the context of being treated",
        low=0.2,
        high=0.8,
    )
    pressure_threshold: float = parameter(
        350.0,
        unit="kPa",
        tag="D",
        source="assumed",
        meaning="pressure pain threshold over muscle in health",
        low=300.0,
        high=400.0,
    )
    pressure_sensitisation: float = parameter(
        1.2,
        unit="1",
        tag="D",
        source="sterling2015",
        meaning="how much full central sensitisation adds to sensitivity to pressure",
        low=0.5,
        high=2.0,
    )
    pressure_supersensitivity: float = parameter(
        1.5,
        unit="1",
        tag="D",
        source="sterling2015",
        meaning="how much full receptor density adds to it",
        low=0.3,
        high=3.0,
    )
    pressure_ischaemia: float = parameter(
        1.0,
        unit="1",
        tag="D",
        source="assumed",
        meaning="how much full ischaemia of a muscle adds to it",
        low=0.3,
        high=3.0,
    )
    pressure_inflammation: float = parameter(
        1.0,
        unit="1",
        tag="D",
        source="assumed",
        meaning="how much full inflammation adds to it",
        low=0.3,
        high=2.0,
    )
    receptor_ceiling: float = parameter(
        201.0,
        unit="1/um2",
        tag="D",
        source="project_definition",
        meaning="receptor density of denervated fibres, to which density is compared",
        low=150.0,
        high=300.0,
    )
    tolerance_torque: float = parameter(
        5.0,
        unit="N m",
        tag="D",
        source="assumed",
        meaning="torque borne at the end of a stretch, unsensitised and untrained",
        low=2.0,
        high=15.0,
    )
    tolerance_loss: float = parameter(
        1.0,
        unit="1",
        tag="D",
        source="assumed",
        meaning="how much full sensitisation takes from tolerance: it is divided by 1 plus this",
        low=0.3,
        high=3.0,
    )
    tolerance_gain: float = parameter(
        0.01,
        unit="1/min",
        tag="D",
        source="assumed",
        meaning="share of the way to full tolerance gained per minute of stretching",
        low=0.003,
        high=0.03,
    )
    tolerance_ceiling: float = parameter(
        1.6,
        unit="1",
        tag="D",
        source="assumed",
        meaning="trained tolerance over untrained",
        low=1.2,
        high=2.0,
    )
    tolerance_time: float = parameter(
        28.0,
        unit="day",
        tag="D",
        source="assumed",
        meaning="time constant with which tolerance is lost without stretching",
        low=14.0,
        high=84.0,
    )


def sensitisation_target(pain: Pain, projection_rate: Number) -> Number:
    """Sensitisation at which a lasting projection rate (Hz) would settle, 0 to 1: graded."""
    return projection_rate / (projection_rate + pain.sensitisation_rate)


def sensitisation_change(pain: Pain, projection_rate: Number, sensitisation: Number) -> Array:
    """Change of central sensitisation (1/day)."""
    away = sensitisation_target(pain, projection_rate) - sensitisation
    change: Array = away / np.where(away > 0.0, pain.rise_time, pain.fall_time)
    return change


def sensitisation_after(
    pain: Pain, projection_rate: Number, sensitisation: Number, days: Number
) -> Array:
    """Central sensitisation after some days at a steady projection rate; exact for any step."""
    target = sensitisation_target(pain, projection_rate)
    away = target - sensitisation
    left: Array = away * np.exp(-days / np.where(away > 0.0, pain.rise_time, pain.fall_time))
    return target - left


def effective_rate(
    pain: Pain, projection_rate: Number, sensitisation: Number, endogenous_control: Number
) -> Array:
    """Rate (Hz) that reaches awareness: amplified by sensitisation, less what control takes off.

    Args:
        pain: The person.
        projection_rate: P (Hz).
        sensitisation: 0 to 1.
        endogenous_control: 0 to 1; at rest it takes off what a painless segment sends.
    """
    left = projection_rate * (1.0 + sensitisation) - pain.endogenous_inhibition * endogenous_control
    rate: Array = np.maximum(left, 0.0)
    return rate


def pain_rating(  # noqa: PLR0913 - all that makes more or less of it
    pain: Pain,
    projection_rate: Number,
    sensitisation: Number,
    *,
    endogenous_control: Number = 0.0,
    resting_control: Number = 0.0,
    context: Number = 0.0,
) -> Array:
    """Pain on the 0 to 10 scale, without the noise of reporting.

    Args:
        pain: The person.
        projection_rate: P (Hz).
        sensitisation: 0 to 1.
        endogenous_control: 0 to 1.
        resting_control: What it is on an ordinary day.
        context: How much of a treatment's setting is present, 0 to 1; equal for sham and needle.
    """
    rate = effective_rate(pain, projection_rate, sensitisation, endogenous_control)
    felt = (rate / pain.half_rate) ** pain.steepness
    kept = uncontrolled_share(pain, endogenous_control, resting_control)
    rating: Array = np.maximum(
        10.0 * kept * felt / (1.0 + felt) - pain.context_relief * context, 0.0
    )
    return rating


def uncontrolled_share(pain: Pain, endogenous_control: Number, resting: Number) -> Number:
    """Share of pain that endogenous control leaves, 1 at rest; as pain elsewhere does in tests."""
    engaged = np.maximum(endogenous_control - resting, 0.0) / (1.0 - resting)
    kept: Number = 1.0 - pain.endogenous_share * engaged
    return kept


def touch_evoked_pain(pain: Pain, touch_evoked_rate: Number, sensitisation: Number) -> Array:
    """Pain (of 10) of a light stroke, from the projection rate that it evokes: allodynia."""
    return pain_rating(pain, touch_evoked_rate, sensitisation)


def pressure_pain_threshold(
    pain: Pain,
    sensitisation: Number,
    receptor_density: Number = 0.0,
    *,
    ischaemia: Number = 0.0,
    inflammation: Number = 0.0,
) -> Number:
    """Pressure (kPa) at which pressing on a muscle begins to hurt.

    Args:
        pain: The person.
        sensitisation: Of the segment, 0 to 1; elsewhere the threshold does not move.
        receptor_density: Extrajunctional receptors of that muscle (1/um2).
        ischaemia: Of that muscle, 0 to 1.
        inflammation: 0, unless that explanation is switched on, to 1.
    """
    sensitivity = (
        1.0
        + pain.pressure_sensitisation * sensitisation
        + pain.pressure_supersensitivity * receptor_density / pain.receptor_ceiling
        + pain.pressure_ischaemia * ischaemia
        + pain.pressure_inflammation * inflammation
    )
    return pain.pressure_threshold / sensitivity


def stretch_tolerance(pain: Pain, trained: Number, sensitisation: Number) -> Number:
    """Torque (N m) that the person bears at the end of a stretch.

    Args:
        pain: The person.
        trained: Their tolerance over the untrained one, the state that stretching moves.
        sensitisation: 0 to 1.
    """
    return pain.tolerance_torque * trained / (1.0 + pain.tolerance_loss * sensitisation)


def tolerance_change(pain: Pain, trained: Number, stretching: Number) -> Number:
    """Change of trained tolerance (1/day) at so many minutes of stretching a day."""
    gained = pain.tolerance_gain * stretching * (pain.tolerance_ceiling - trained)
    return gained - (trained - 1.0) / pain.tolerance_time
