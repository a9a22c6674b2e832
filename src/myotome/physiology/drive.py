"""Drive: how much a muscle contracts without being asked to, and how much because it is.

Receives the rate of projection neurons, fusimotor drive and the motoneurons' excitability; gives
tone. A persistent inward current feeds a motoneuron's discharge back into itself, so that over a
range of inputs a pool has two ways to be, quiet and sustained, and which one it is in depends on
where it was: the branch is carried with the state. A needle, a stretch or sleep that takes the
input below the lower fold ends a spasm; nothing gradual need do so.

Drive is in units of the input at which a rested pool leaves the quiet branch. Thresholds are
scaled by 1 + x (recent cramping) and theta (slow homeostasis), exactly as the frequency at which a
muscle cramps is.

Source: project_definition; serrao2007 for the gain from pain, behringer2014 for the scaling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import Number, parameter

Array = NDArray[np.float64]
DayType = Literal["sleep", "sit", "stand", "walk", "exercise", "treatment"]

_ITERATIONS: Final = 10
_LARGEST_INPUT: Final = 300.0
_SMALLEST_SQUARE: Final = 1e-200


@dataclass(frozen=True, slots=True)
class Drive:
    """What moves the pool of one muscle."""

    pain_gain: float = parameter(
        0.705,
        unit="1",
        tag="D",
        source="serrao2007",
        meaning="drive of projection neurons at 100 Hz (g_P); 25 Hz lowers cramp threshold 18 %",
        low=0.35,
        high=1.4,
    )
    persistent_current: float = parameter(
        1.2,
        unit="1",
        tag="D",
        source="booth1997",
        meaning="drive of the persistent inward current at full discharge (g_PIC)",
        low=0.2,
        high=2.0,
    )
    fusimotor_gain: float = parameter(
        0.5,
        unit="1",
        tag="D",
        source="assumed",
        meaning="drive of spindle afferents at full fusimotor drive and unit stretch",
        low=0.1,
        high=1.0,
    )
    fusimotor_rest: float = parameter(
        0.1,
        unit="1",
        tag="D",
        source="assumed",
        meaning="fusimotor drive without pain, 0 to 1",
        low=0.0,
        high=0.3,
    )
    fusimotor_from_pain: float = parameter(
        0.6,
        unit="1",
        tag="D",
        source="assumed",
        meaning="fusimotor drive added by projection neurons at 100 Hz",
        low=0.0,
        high=1.0,
    )
    supersensitivity_gain: float = parameter(
        0.05,
        unit="1",
        tag="D",
        source="assumed",
        meaning="drive at full receptor density, through afferents of the endplate zone (g_E)",
        low=0.0,
        high=0.2,
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
    softness: float = parameter(
        0.1,
        unit="1",
        tag="D",
        source="assumed",
        meaning="spread of thresholds within the pool (w)",
        low=0.05,
        high=0.3,
    )
    largest_tone: float = parameter(
        0.15,
        unit="1",
        tag="D",
        source="assumed",
        meaning="activation of a muscle whose pool sustains its discharge (a_max)",
        low=0.05,
        high=0.4,
    )
    rested_cramp_frequency: float = parameter(
        31.2,
        unit="Hz",
        tag="V",
        source="serrao2007",
        meaning="stimulation frequency at which a rested, painless muscle cramps",
    )
    sleep_activation: float = parameter(
        0.0,
        unit="1",
        tag="D",
        source="assumed",
        meaning="voluntary activation asleep",
        low=0.0,
        high=0.005,
    )
    sit_activation: float = parameter(
        0.02,
        unit="1",
        tag="D",
        source="assumed",
        meaning="voluntary activation sitting",
        low=0.005,
        high=0.06,
    )
    stand_activation: float = parameter(
        0.05,
        unit="1",
        tag="D",
        source="assumed",
        meaning="voluntary activation standing",
        low=0.01,
        high=0.12,
    )
    walk_activation: float = parameter(
        0.12,
        unit="1",
        tag="D",
        source="assumed",
        meaning="voluntary activation walking, mean over the stride",
        low=0.05,
        high=0.25,
    )
    exercise_activation: float = parameter(
        0.35,
        unit="1",
        tag="D",
        source="assumed",
        meaning="voluntary activation in exercise, mean over sets",
        low=0.15,
        high=0.6,
    )
    treatment_activation: float = parameter(
        0.01,
        unit="1",
        tag="D",
        source="assumed",
        meaning="voluntary activation lying on the couch",
        low=0.0,
        high=0.03,
    )


class Tone(NamedTuple):
    """Self-sustained discharge of a pool.

    Attributes:
        discharge: s, 0 (silent) to 1 (every unit sustained).
        sustained: Whether the pool is on the sustained branch; carry it to the next call.
        bistable: Whether the other branch exists too.
    """

    discharge: Array
    sustained: NDArray[np.bool_]
    bistable: NDArray[np.bool_]


def excitatory_drive(
    drive: Drive,
    projection_rate: Number,
    *,
    spindle_stretch: Number = 0.0,
    receptor_density: Number = 0.0,
    voluntary: Number = 0.0,
) -> Array:
    """Input to the pool, in units of the rested threshold.

    Args:
        drive: The pool.
        projection_rate: P of its segment (Hz).
        spindle_stretch: Stretch of the spindles beyond rest (optimal lengths); slack counts 0.
        receptor_density: Extrajunctional receptors (1/um2).
        voluntary: Voluntary activation, 0 to 1, which brings the pool nearer to its threshold.
    """
    painful = projection_rate / 100.0
    fusimotor = np.minimum(drive.fusimotor_rest + drive.fusimotor_from_pain * painful, 1.0)
    reflex = drive.fusimotor_gain * fusimotor * np.maximum(spindle_stretch, 0.0)
    supersensitive = drive.supersensitivity_gain * receptor_density / drive.receptor_ceiling
    total: Array = drive.pain_gain * painful + reflex + supersensitive + voluntary
    return total


def _folds(drive: Drive) -> tuple[Array, Array, Array]:
    """Logit of the quiet fold, and the inputs at the two folds less the threshold.

    Without two folds both are the steepest point of the curve.
    """
    current = np.asarray(drive.persistent_current, dtype=np.float64)
    spread = np.sqrt(np.maximum(1.0 - 4.0 * drive.softness / current, 0.0))
    low = 0.5 * (1.0 - spread)
    logit = np.log(low / (1.0 - low))
    quiet = drive.softness * logit - current * low
    sustained = -drive.softness * logit - current * (1.0 - low)
    return logit, quiet, sustained


def threshold(threshold_rise: Number = 0.0, homeostasis: Number = 1.0) -> Number:
    """Input at which the pool leaves the quiet branch, in units of the rested one.

    Args:
        threshold_rise: x, the relative rise after recent cramping.
        homeostasis: theta, the slow scale of rheobase.
    """
    return (1.0 + threshold_rise) * homeostasis


def hysteresis(drive: Drive) -> Array:
    """How far below the threshold of onset the input must fall before a spasm ends; 0 if none."""
    _, quiet, sustained = _folds(drive)
    return quiet - sustained


def tone(
    drive: Drive,
    excitation: Number,
    *,
    threshold_rise: Number = 0.0,
    homeostasis: Number = 1.0,
    sustained: NDArray[np.bool_] | bool = False,
) -> Tone:
    """Steady self-sustained discharge on the branch the pool is in.

    s = sigmoid((I + g_PIC s - b) / w), with the bias b set so that the quiet branch ends exactly
    at I = (1 + x) theta. Up to its fold each branch bends one way only; Halley steps from the
    outside, kept short of the fold, cannot leave it.

    Args:
        drive: The pool.
        excitation: I (rested thresholds).
        threshold_rise: x.
        homeostasis: theta.
        sustained: Whether it was on the sustained branch; it stays there while there is one.
    """
    logit, quiet_fold, sustained_fold = _folds(drive)
    over = np.asarray(excitation - threshold(threshold_rise, homeostasis), dtype=np.float64)
    two = logit < 0.0
    quiet_exists = over <= 0.0
    sustained_exists = over >= sustained_fold - quiet_fold
    on_upper = np.where(two, (sustained & sustained_exists) | ~quiet_exists, over > 0.0)
    # Argument of the sigmoid without the current's own part, in units of w.
    given = (over + quiet_fold) / drive.softness
    given = np.minimum(np.maximum(given, -_LARGEST_INPUT), _LARGEST_INPUT)
    pull = drive.persistent_current / drive.softness
    y = _solved(given, pull, np.where(on_upper, -logit, logit), on_upper)
    both = np.asarray(two & quiet_exists & sustained_exists)
    return Tone(1.0 / (1.0 + np.exp(-y)), np.asarray(on_upper), np.broadcast_to(both, np.shape(y)))


def _solved(given: Array, pull: Number, fold: Array, on_upper: Array) -> Array:
    """Root of y - pull sigmoid(y) - given between the outside and the fold of its branch.

    Each step takes only those that the step before moved: a step from the same place would end
    where it did, so that this changes no bit.
    """
    outer = np.where(on_upper, given + pull, given)
    size = outer.shape
    y = outer = outer.ravel()
    found = outer.copy()
    at = np.arange(found.size)
    given, slant, fold, upper = (
        np.broadcast_to(np.asarray(entry), size).ravel() for entry in (given, pull, fold, on_upper)
    )
    for _ in range(_ITERATIONS):
        s = 1.0 / (1.0 + np.exp(-y))
        steep = slant * s * (1.0 - s)
        value = y - slant * s - given
        slope = 1.0 - steep
        square = slope * slope
        # Halley's denominator, kept to at most one and a half Newton steps.
        scale = np.maximum(square + 0.5 * value * steep * (1.0 - 2.0 * s), 0.66 * square)
        step = y - value * slope / np.maximum(scale, _SMALLEST_SQUARE)
        # Never quite to the fold, where no step would lead away again.
        near = y + 0.9 * (fold - y)
        before = y
        y = np.where(
            upper,
            np.minimum(np.maximum(step, near), outer),
            np.maximum(np.minimum(step, near), outer),
        )
        found[at] = y
        moved = y != before
        if not moved.any():
            break
        if 2 * np.count_nonzero(moved) < moved.size:
            at, y, outer = at[moved], y[moved], outer[moved]
            given, slant, fold, upper = given[moved], slant[moved], fold[moved], upper[moved]
    return found.reshape(size)


def involuntary_activation(drive: Drive, discharge: Number) -> Number:
    """Activation of the muscle (0 to 1) by its pool's self-sustained discharge."""
    return drive.largest_tone * discharge


def voluntary_activation(drive: Drive, day: DayType) -> Number:
    """Voluntary activation (0 to 1) in a part of the day."""
    level: Number = getattr(drive, f"{day}_activation")
    return level


def activation(involuntary: Number, voluntary: Number) -> Number:
    """Both together: units already discharging cannot be recruited again."""
    return involuntary + voluntary - involuntary * voluntary


def cramp_threshold_frequency(
    drive: Drive,
    projection_rate: Number = 0.0,
    *,
    threshold_rise: Number = 0.0,
    homeostasis: Number = 1.0,
    receptor_density: Number = 0.0,
) -> Array:
    """Stimulation frequency (Hz) at which the muscle cramps: what drive leaves to be supplied."""
    supplied = excitatory_drive(drive, projection_rate, receptor_density=receptor_density)
    missing = np.maximum(threshold(threshold_rise, homeostasis) - supplied, 0.0)
    frequency: Array = drive.rested_cramp_frequency * missing
    return frequency
