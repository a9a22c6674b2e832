"""Whole-muscle activation: from excitation to active state, where no spike is modelled.

Receives an excitation between 0 and 1 held over a time; gives the activation that follows it, more
quickly up than down. The moment does not use it, since its motor units carry calcium of their own;
it stands here as the published law beside which they can be seen. Times in ms.

With the published steepness of the change between rise and fall both time constants are almost
averaged; ten times a unit keeps them apart, and is the one taken here.

Source: degroote2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import parameter

Array = NDArray[np.float64]

_SOURCE: Final = "degroote2016"
PUBLISHED_STEEPNESS: Final = 0.1


@dataclass(frozen=True, slots=True)
class WholeMuscleActivation:
    """The law of one muscle."""

    rise_time: float = parameter(
        15.0, unit="ms", tag="V", source=_SOURCE, meaning="time constant of activation"
    )
    fall_time: float = parameter(
        60.0, unit="ms", tag="V", source=_SOURCE, meaning="time constant of deactivation"
    )
    steepness: float = parameter(
        10.0, unit="1", tag="D", source="project_definition", low=0.1, high=100.0,
        meaning="of the change between both; the published one, 0.1, nearly averages them",
    )  # fmt: skip


def rate_of_change(p: WholeMuscleActivation, activation: float, excitation: float) -> float:
    """How fast activation follows (1/ms)."""
    rising = 0.5 * float(np.tanh(p.steepness * (excitation - activation)))
    slowing = 0.5 + 1.5 * activation
    speed = (rising + 0.5) / (p.rise_time * slowing) + (0.5 - rising) * slowing / p.fall_time
    return speed * (excitation - activation)


def course(
    p: WholeMuscleActivation,
    *,
    start: float,
    excitation: float,
    duration_ms: float,
    step_ms: float = 0.05,
) -> Array:
    """Activation after each step of a held excitation, the start first.

    Args:
        p: Parameters.
        start: Activation at the beginning, 0 to 1.
        excitation: Held from then on, 0 to 1.
        duration_ms: How long.
        step_ms: Of the method, which is the classical one of fourth order.

    Raises:
        ValueError: A value lies outside its range.
    """
    for name, value in (("start", start), ("excitation", excitation)):
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"{name} must be 0 to 1, got {value}.")
    if not 0.0 < step_ms <= duration_ms < np.inf:
        raise ValueError(f"step_ms must be above 0 and at most the duration, got {step_ms}.")
    found = np.empty(1 + round(duration_ms / step_ms))
    found[0] = at = start
    for step in range(1, len(found)):
        first = rate_of_change(p, at, excitation)
        second = rate_of_change(p, at + 0.5 * step_ms * first, excitation)
        third = rate_of_change(p, at + 0.5 * step_ms * second, excitation)
        fourth = rate_of_change(p, at + step_ms * third, excitation)
        at += step_ms / 6.0 * (first + 2.0 * second + 2.0 * third + fourth)
        found[step] = at
    return found


def time_to(p: WholeMuscleActivation, level: float, *, start: float, excitation: float) -> float:
    """Time (ms) until activation first passes a level; nan where it does not within a second."""
    step_ms = 0.05
    found = course(p, start=start, excitation=excitation, duration_ms=1000.0, step_ms=step_ms)
    way = (found - level) * np.sign(excitation - start)
    passed = np.flatnonzero(way >= 0.0)
    if not len(passed) or passed[0] == 0:
        return float("nan")
    after = passed[0]
    return float(step_ms * (after - way[after] / (way[after] - way[after - 1])))
