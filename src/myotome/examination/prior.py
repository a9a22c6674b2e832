"""Prior: how likely each root is to be irritated before any sign is looked for.

A ladder of 62 root bits: each has the log-odds of its published level frequency, neighbours
along the cord and the two sides of a level are coupled, and one common shift makes the
probability that no root is irritated equal to the table's. Frequencies are therefore relative:
what the ladder gives back as marginals is reported with every assessment.

Source: rows ``level_frequency``, ``coupling`` and ``prior`` of the sign table.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import SEGMENTS
from myotome.examination.elimination import LadderPrior
from myotome.examination.probabilities import SignTable

Array = NDArray[np.float64]

_STEPS = 60
_NEAR = 1e-13
_NUDGE = 1e-5
_LONGEST_STEP = 2.0


def ladder_prior(table: SignTable) -> LadderPrior:
    """The prior of the whole cord for every draw of the table."""
    frequencies = np.stack([table.get(f"level_frequency.{name}") for name in SEGMENTS], axis=1)
    field = np.log(frequencies / (1.0 - frequencies))
    neighbour = np.log(table.get("coupling.neighbour"))
    other_side = np.log(table.get("coupling.sides"))
    target = -np.log(table.get("prior.no_root"))
    shift = np.zeros(table.draws)
    over = _log_weight(field + shift[:, None], neighbour, other_side)
    for _ in range(_STEPS):  # the log-weight is convex in the shift: Newton from the right
        if np.all(np.abs(over - target) < _NEAR):
            break
        slope = _slope(field, shift, neighbour, other_side)
        shift = shift + np.clip((target - over) / slope, -_LONGEST_STEP, _LONGEST_STEP)
        over = _log_weight(field + shift[:, None], neighbour, other_side)
    return LadderPrior(field + shift[:, None], neighbour, other_side)


def _slope(field: Array, shift: Array, neighbour: Array, other_side: Array) -> Array:
    """How fast the log-weight rises with the shift: the mean number of irritated roots."""
    up = _log_weight(field + (shift + _NUDGE)[:, None], neighbour, other_side)
    down = _log_weight(field + (shift - _NUDGE)[:, None], neighbour, other_side)
    slope: Array = (up - down) / (2.0 * _NUDGE)
    return slope


def _log_weight(field: Array, neighbour: Array, other_side: Array) -> Array:
    """Log of the summed weight of all states; the state without roots weighs one."""
    left, right = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])
    both = left * right
    pairs = np.outer(left, left) + np.outer(right, right)
    step = np.exp(neighbour[:, None, None] * pairs)
    count = left + right
    level = np.exp(field[:, :, None] * count + (other_side[:, None] * both)[:, None, :])
    state = level[:, 0]
    total = np.zeros(field.shape[0])
    for place in range(1, field.shape[1]):
        state = np.einsum("ds,dst->dt", state, step) * level[:, place]
        scale = state.sum(axis=1)
        state /= scale[:, None]
        total += np.log(scale)
    summed: Array = total + np.log(state.sum(axis=1))
    return summed
