"""Onset: how a person came to the state of their first visit.

The cause at the root is set so that, without any tone, the dorsal horn would rest at the pain
the person states; then the weeks of their history run from a healthy start. Pain on the first
day is matched by the person's own pain map, closed form, and by nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import dorsal_horn, pain, root
from myotome.physiology.parameters import Number
from myotome.simulation.mechanism import Mechanism

Array = NDArray[np.float64]

USUAL_PAIN = 5.0  # NPRS where the case states none: the usual entry of needling trials
USUAL_WEEKS = 26.0
LONGEST_WEEKS = 104.0  # of history that is run; by then nothing moves any more
_HALVINGS = 16
_ROUNDS = 14


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of the start: pain of 10 and weeks of it, and what was taken instead.

    The cause is set by the stated pain, or by another where people of one cause differ in what they
    say.
    """

    pain: float
    weeks: float
    taken_instead: tuple[str, ...] = ()
    cause_by: float | None = None


def beginning(pain_nprs: float | None, duration_weeks: float | None) -> Beginning:
    """The start, with the usual values where the case states none."""
    taken = []
    if pain_nprs is None:
        taken.append(f"Pain at the first visit is not stated; {USUAL_PAIN:g} of 10 was taken.")
    if duration_weeks is None:
        taken.append(f"Duration is not stated; {USUAL_WEEKS:g} weeks were taken.")
    elif duration_weeks > LONGEST_WEEKS:
        taken.append(f"Of {duration_weeks:g} weeks of history the last {LONGEST_WEEKS:g} were run.")
    return Beginning(
        USUAL_PAIN if pain_nprs is None else pain_nprs,
        USUAL_WEEKS if duration_weeks is None else min(duration_weeks, LONGEST_WEEKS),
        tuple(taken),
    )


def cause_for(mechanism: Mechanism, wanted: float) -> Array:
    """Room (mm) that the cause takes at the root so that its pain alone would rest at `wanted`.

    Bisected over the cause; the resting rate of the dorsal horn is found with it.
    """
    if wanted <= 0.0:
        return np.zeros((1, 1))
    low, high = np.zeros((1, 1)), np.full((1, 1), 8.0)
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        over = resting_pain(mechanism, middle) > wanted
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    found: Array = 0.5 * (low + high)
    return found


def resting_pain(mechanism: Mechanism, cause: Array) -> Array:
    """Pain of 10 at which a lasting cause would leave the segment, without tone or shortening."""
    m = mechanism
    pressed = root.smooth_compression(m.root, m.segment.unloaded_height - 0.05, cause)
    nociception = dorsal_horn.nociceptive_drive(m.horn, root.nociceptor_discharge(m.root, pressed))
    touch = m.links.touch_by_day + root.touch_discharge(m.root, pressed)
    sensitisation = np.zeros_like(nociception)
    projection = sensitisation
    for _ in range(_ROUNDS):
        projection = dorsal_horn.projection_rate(m.horn, touch, nociception, sensitisation)
        sensitisation = np.asarray(pain.sensitisation_target(m.pain, projection))
    control = m.links.resting_control
    return pain.pain_rating(
        m.pain, projection, sensitisation, endogenous_control=control, resting_control=control
    )


def with_own_pain_map(mechanism: Mechanism, effective: Array, stated: Number) -> Mechanism:
    """The mechanism with the person's pain map set to give what they state.

    Args:
        mechanism: Before.
        effective: The effective rate at the first visit, shape (runs, 1).
        stated: NPRS at the first visit, before what endogenous control took off; kept within 0.2
            to 9.8.
    """
    stated = np.clip(stated, 0.2, 9.8)
    felt = (stated / (10.0 - stated)) ** (1.0 / mechanism.pain.steepness)
    usual = mechanism.pain.half_rate
    # A person may be four times as sensitive as usual, or as insensitive.
    half: Any = np.clip(np.maximum(effective, 1e-9) / felt, usual / 4.0, usual * 4.0)
    return replace(mechanism, pain=replace(mechanism.pain, half_rate=half))
