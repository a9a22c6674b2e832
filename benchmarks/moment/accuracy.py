"""Accuracy against step: what a longer step costs in spikes and in their times.

Gives, for some schemes and steps, how far the number of spikes is off and how many spikes of a run
with a step of 0.005 ms have a partner within a millisecond. All runs get the same events at the
same times; a scheme sees those of a step at its beginning, so that what it loses by that counts
too. Pools of several seeds, since one pool's spikes are few.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import problem as p
from numpy.typing import NDArray
from results import Accuracy

from myotome.physiology import motoneuron

FINE: Final = 0.005
# Events fall on this grid (ms): it divides every step that is tried, and is fine against them.
GRID: Final = 0.025
# The first is the default of the package.
TRIED: Final[tuple[tuple[motoneuron.Scheme, float], ...]] = (
    ("crank_nicolson", 0.1),
    ("crank_nicolson", 0.05),
    ("crank_nicolson", 0.2),
    ("backward_euler", 0.05),
    ("backward_euler", 0.1),
)
_REFERENCE: Final[motoneuron.Scheme] = "crank_nicolson"
_NEAR: Final = 1.0  # ms


def accuracies(seeds: int = 16, duration_ms: float = 1000.0) -> tuple[Accuracy, ...]:
    """Each scheme and step against the fine run."""
    rng = np.random.default_rng(p.SEED)
    shape = (round(duration_ms / GRID), seeds, p.MOTONEURONS)
    events = rng.poisson(p.EVENT_RATE * GRID, shape).astype(np.uint8)
    reference = _spikes(events, _REFERENCE, FINE)
    found = []
    for scheme, step_ms in TRIED:
        spikes = _spikes(events, scheme, step_ms)
        found.append(
            Accuracy(
                scheme=scheme,
                step_ms=step_ms,
                rate_error=len(spikes) / len(reference) - 1.0,
                within_a_millisecond=near_share(reference, spikes),
            )
        )
    return tuple(found)


def _spikes(
    events: NDArray[np.uint8], scheme: motoneuron.Scheme, step_ms: float
) -> NDArray[np.float64]:
    """Spikes of all cells in one order: the cell's number times a long time, and the time (ms)."""
    ticks, seeds, cells = events.shape
    constants = motoneuron.reference_pool(cells)
    state = motoneuron.at_rest(constants, seeds, np.float64)
    call_ms = max(step_ms, GRID)
    merged = events.reshape(-1, round(call_ms / GRID), seeds, cells).sum(axis=1)
    steps = round(call_ms / step_ms)
    apart = _apart(ticks * GRID)
    found = []
    for call, arriving in enumerate(merged):
        state, spikes = motoneuron.advance(
            constants,
            state,
            motoneuron.PoolInput(excitation=p.EVENT_WEIGHT * arriving),
            steps=steps,
            step_ms=step_ms,
            scheme=scheme,
        )
        if len(spikes.step):
            times = call * call_ms + (spikes.step + 1) * step_ms
            found.append((spikes.person * cells + spikes.unit) * apart + times)
    return np.sort(np.concatenate(found))


def _apart(duration_ms: float) -> float:
    """Enough time between two cells that no spike of one is near one of the other."""
    return duration_ms + 10.0 * _NEAR


def near_share(reference: NDArray[np.float64], spikes: NDArray[np.float64]) -> float:
    """Share of sorted reference times that have a sorted time within a millisecond."""
    if not len(reference) or not len(spikes):
        return 0.0
    after = np.searchsorted(spikes, reference)
    later = spikes[np.minimum(after, len(spikes) - 1)]
    earlier = spikes[np.maximum(after - 1, 0)]
    gap = np.minimum(np.abs(later - reference), np.abs(earlier - reference))
    return float(np.mean(gap < _NEAR))
