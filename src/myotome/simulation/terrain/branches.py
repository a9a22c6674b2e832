"""Branches: where the system rests over the cause, and the states of one person's own cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from myotome.simulation.drivers import Drivers
from myotome.simulation.state import State
from myotome.simulation.terrain.gain import loop_gains
from myotome.simulation.terrain.results import Branch, Interval, StableState
from myotome.simulation.terrain.rows import started, taken, with_cause
from myotome.simulation.terrain.system import (
    HALF,
    LARGEST_CAUSE,
    System,
    discharge_of,
    paraspinal_of,
)

Array = NDArray[np.float64]


def nodes_about(intervals: Sequence[Interval], own: float) -> Array:
    """Causes to look at: evenly, this person's own, and closely about each edge."""
    near = [
        edge + offset
        for item in intervals
        for edge in (item.low_mm, item.high_mm)
        for offset in (-0.03, 0.03)
    ]
    inside = [
        item.low_mm + share * item.width_mm
        for item in intervals
        for share in (0.15, 0.3, 0.5, 0.7, 0.85)
    ]
    about = [
        x for i in intervals for x in (i.low_mm - 0.5 * i.width_mm, i.high_mm + 0.5 * i.width_mm)
    ]
    nodes = np.concatenate([np.linspace(0.0, LARGEST_CAUSE, 25), near, inside, about, [own]])
    return np.unique(np.round(np.clip(nodes, 0.0, LARGEST_CAUSE), 9))


def branches(view: System, nodes: Array) -> tuple[Branch, Branch, tuple[State, Array]]:
    """Both branches: from well and from chronic, then each from its neighbours' rest.

    Continuation up and down in the cause starts every node where its neighbour rests; a state
    that is found only so joins the others.
    """
    n = nodes.size
    causes = np.concatenate([nodes, nodes])
    chronic = np.arange(2 * n) >= n
    state, _ = view.rest(started(view.healthy(causes), chronic))
    # Upward from the node below on the well branch, downward from the one above on the other.
    below, above = np.maximum(np.arange(n) - 1, 0), n + np.minimum(np.arange(n) + 1, n - 1)
    state, now = view.rest(with_cause(taken(state, np.concatenate([below, above])), causes))
    discharge = discharge_of(view.preparation, now)
    felt = now.pain[:, 0]
    made = [
        Branch(
            name,
            tuple(float(x) for x in nodes),
            tuple(float(x) for x in felt[part]),
            tuple(float(x) for x in discharge[part]),
        )
        for name, part in (("well", slice(0, n)), ("chronic", slice(n, 2 * n)))
    ]
    return made[0], made[1], (state, causes)


def states_at(
    view: System, settled: tuple[State, Array], nodes: Array, own: float
) -> tuple[StableState, ...]:
    """The stable states under this person's own cause, quietest first."""
    state, _ = settled
    at = int(np.argmin(np.abs(nodes - own)))
    both, now = view.rest(taken(state, np.array([at, nodes.size + at])), cycles=2)
    return _described(view, both, now, (("well",), ("chronic",)))


def _described(
    view: System, state: State, now: Drivers, starts: Sequence[tuple[str, ...]]
) -> tuple[StableState, ...]:
    p = view.preparation
    discharge, felt = discharge_of(p, now), now.pain[:, 0]
    gains = loop_gains(view, state, now)
    drift = view.drift(state)
    muscle = paraspinal_of(p)
    found: list[StableState] = []
    for k, start in enumerate(starts):
        same = [i for i, item in enumerate(found) if is_same(item, discharge[k], felt[k])]
        if same:
            old = found[same[0]]
            found[same[0]] = replace(old, reached_from=(*old.reached_from, *start))
            continue
        found.append(
            StableState(
                cause_mm=float(state.cause[k, 0]),
                kind=kind_of(discharge[k], felt[k]),
                pain=float(felt[k]),
                discharge=float(discharge[k]),
                length=float(state.sarcomeres[k, muscle]),
                sensitisation=float(state.sensitisation[k, 0]),
                compression=float(now.root.compression[k, 0]),
                disc_height=float(state.disc_height[k, 0]),
                reached_from=start,
                drift=float(drift[k]),
                gain=gains[k],
            )
        )
    return tuple(sorted(found, key=lambda item: item.discharge))


def is_same(item: StableState, discharge: float, felt: float) -> bool:
    """Whether a rest is the one already found: same hold on the pool, same pain."""
    return abs(item.discharge - discharge) < 0.02 and abs(item.pain - felt) < 0.05


def kind_of(discharge: float, felt: float) -> str:
    """Well, painful with quiet muscles, or chronic."""
    if discharge > HALF:
        return "chronic"
    return "well" if felt < 0.5 else "painful"
