"""Separatrix: how far from one rest towards the other a state falls back, and where it crosses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from myotome.simulation.state import State
from myotome.simulation.terrain.results import Interval, Separatrix
from myotome.simulation.terrain.rows import between, on_branch, started, taken
from myotome.simulation.terrain.system import GRID, System, discharge_of

Array = NDArray[np.float64]


def separatrices(view: System, intervals: Sequence[Interval], own: float) -> list[Separatrix]:
    """Along the straight way between the two rests, at causes inside each interval."""
    shares = (0.02, 0.15, 0.3, 0.5, 0.7, 0.85, 0.98)
    inside = [i.low_mm + s * i.width_mm for i in intervals for s in shares]
    if not inside:
        return []
    inside += [own for i in intervals if i.low_mm < own < i.high_mm]
    causes = np.unique(np.array(inside))
    n = causes.size
    ends, now = view.rest(
        started(view.healthy(np.concatenate([causes, causes])), np.arange(2 * n) >= n)
    )
    discharge, felt = discharge_of(view.preparation, now), now.pain[:, 0]
    well, chronic = taken(ends, np.arange(n)), taken(ends, np.arange(n, 2 * n))
    found = [crossing(view, well, chronic, sustained=flag) for flag in (False, True)]
    return [
        Separatrix(
            float(causes[k]),
            float(felt[k]),
            float(felt[n + k]),
            *(value for share, pain_there in found for value in (share[k], pain_there[k])),
        )
        for k in range(n)
        if discharge[n + k] - discharge[k] > 0.02 or felt[n + k] - felt[k] > 0.05
    ]


def crossing(
    view: System, well: State, chronic: State, *, sustained: bool
) -> tuple[list[float | None], list[float | None]]:
    """Share of the way from well to chronic beyond which a state falls to chronic, and pain there.

    None where every state of the way, on that branch, falls to the same side.

    Args:
        view: The system.
        well: One rest, a run for each cause.
        chronic: The other, under the same causes.
        sustained: On which branch the pools are put.
    """
    n = well.cause.shape[0]
    level = 0.5 * (
        discharge_of(view.preparation, view.at(well))
        + discharge_of(view.preparation, view.at(chronic))
    )
    low, high = np.zeros(n), np.ones(n)
    separated = np.zeros(n, dtype=bool)
    for turn in range(3):
        grid = np.linspace(low, high, GRID, axis=1)
        over = falls_to_chronic(view, well, chronic, grid, sustained=sustained) > level[:, None]
        if turn == 0:
            separated = over[:, -1] & ~over[:, 0]
        first, at = np.where(over.any(axis=1), over.argmax(axis=1), GRID - 1), np.arange(n)
        low, high = grid[at, np.maximum(first - 1, 0)], grid[at, first]
    share = 0.5 * (low + high)
    there = view.at(on_branch(between(well, chronic, share[:, None]), np.full(n, sustained))).pain[
        :, 0
    ]
    shares = [float(s) if ok else None for s, ok in zip(share, separated, strict=True)]
    return shares, [float(p) if ok else None for p, ok in zip(there, separated, strict=True)]


def falls_to_chronic(
    view: System, well: State, chronic: State, grid: Array, *, sustained: bool
) -> Array:
    """Discharge at which states between two rests come to rest, (causes, shares)."""
    rows = np.repeat(np.arange(grid.shape[0]), grid.shape[1])
    state = between(taken(well, rows), taken(chronic, rows), grid.ravel()[:, None])
    state = on_branch(state, np.full(rows.size, sustained))
    if sustained:  # no more of the pool than the chronic rest itself holds
        state = replace(
            state, fast=replace(state.fast, sustained=taken(chronic, rows).fast.sustained)
        )
    _, now = view.rest(state, cycles=2)
    return discharge_of(view.preparation, now).reshape(grid.shape)
