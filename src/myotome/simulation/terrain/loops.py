"""Loops: which causes have two states when only some of the loops are at work.

The pool of a motoneuron has a memory of its own (which branch it is on), and so may the dorsal
horn. Both are counted alone, and the circle is credited only with what is left: the same system
is run with its loops held one by one, always with the pull or the sensitisation held at what the
cause by itself gives, so that the causes can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import dorsal_horn, motion_segment, pain, root
from myotome.simulation.circle import irritation
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.state import State
from myotome.simulation.terrain.results import Alone, Interval
from myotome.simulation.terrain.rows import started
from myotome.simulation.terrain.system import (
    FULL,
    GRID,
    HALF,
    LARGEST_CAUSE,
    Held,
    System,
    discharge_of,
    paraspinal_of,
)

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

APART: Final = 0.02  # mm of cause: two edges nearer than this are one
_NO_MEMORY: Final = 1e-6  # persistent current of a pool that answers its input and no more
_RESTING_LOSS: Final = 0.05  # mm that resting paraspinals take, as at the onset
# The loops, each with what is held. "horn" needs no run: it has one unknown.
LOOPS: Final[Mapping[str, str]] = {
    "horn": "dorsal horn alone",
    "motoneuron": "motoneuron alone",
    "circle": "paraspinal circle alone",
    "tendon": "tendon, joint and muscle pain alone",
    "without_motoneuron": "all but motoneuron memory",
    "without_circle": "all but the circle",
    "all": "all together",
}
_HELD: Final[Mapping[str, frozenset[str]]] = {
    "motoneuron": frozenset({"horn", "circle", "tendon"}),
    "circle": frozenset({"horn", "motoneuron", "tendon"}),
    "tendon": frozenset({"horn", "motoneuron", "circle"}),
    "without_motoneuron": frozenset({"motoneuron"}),
    "without_circle": frozenset({"circle"}),
    "all": frozenset(),
}


def each_alone(view: System, own: float) -> list[Alone]:
    """Every choice of loops, and whether it holds two states at this person's own cause (mm)."""
    edges = [horn_intervals(view.mechanism), *edges_of_loops(view, tuple(_HELD))]
    return [
        Alone(name, title, found, any(item.low_mm < own < item.high_mm for item in found))
        for (name, title), found in zip(LOOPS.items(), edges, strict=True)
    ]


def horn_intervals(mechanism: Mechanism) -> tuple[Interval, ...]:
    """Causes under which sensitisation alone, without any tone, has two stable levels."""
    causes = np.linspace(0.0, LARGEST_CAUSE, 401)
    two = np.array([len(horn_levels(mechanism, float(cause))) > 1 for cause in causes])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], two, [False]]).astype(int)))
    return tuple(
        Interval(float(causes[a]), float(causes[b - 1]), "none: sensitisation")
        for a, b in edges.reshape(-1, 2)
    )


def horn_levels(mechanism: Mechanism, cause: float) -> Array:
    """Stable levels of sensitisation (0 to 1) at a cause (mm), without any tone."""
    level = np.linspace(0.0, 1.0, 801)
    touch, nociception = _sent(mechanism, np.array(cause))
    rate = dorsal_horn.projection_rate(mechanism.horn, touch, nociception, level)
    away = pain.sensitisation_target(mechanism.pain, rate) - level
    falls = (away[:-1] > 0.0) & (away[1:] <= 0.0)
    ends: Array = level[:-1][falls]
    return ends


def _sent(mechanism: Mechanism, cause: Array) -> tuple[Array, Array]:
    """Touch and nociceptive drive of a root that only its cause presses."""
    m = mechanism
    pressed = root.smooth_compression(m.root, m.segment.unloaded_height - _RESTING_LOSS, cause)
    touch = m.links.touch_by_day + root.touch_discharge(m.root, pressed)
    return touch, dorsal_horn.nociceptive_drive(m.horn, root.nociceptor_discharge(m.root, pressed))


def edges_of_loops(
    view: System, names: Sequence[str], columns: Mapping[str, Mapping[str, Array]] | None = None
) -> list[tuple[Interval, ...]]:
    """Causes with two states for each choice of loops (or each row of one, by `columns`).

    For each level of the pool's discharge: the cause at which a start from well first ends above
    it, and the cause down to which a start from chronic still does. Nested grids, all at once.
    """
    levels, starts, rows = (HALF, FULL), (False, True), len(names)
    # One search for each row, level and start.
    row, level, sustained = (
        a.ravel() for a in np.meshgrid(np.arange(rows), levels, starts, indexing="ij")
    )
    low = np.zeros(row.size)
    high = np.full(row.size, LARGEST_CAUSE)
    exists = np.ones(row.size, dtype=bool)
    for turn in range(3):
        grid = np.linspace(low, high, GRID, axis=1)
        discharge = _ends(view, names, row, sustained, grid, columns)
        above = discharge > level[:, None]
        if turn == 0:
            exists = np.asarray(above.any(axis=1))
        first = np.where(above.any(axis=1), above.argmax(axis=1), GRID - 1)
        at = np.arange(row.size)
        low, high = grid[at, np.maximum(first - 1, 0)], grid[at, first]
    edge = (0.5 * (low + high)).reshape(rows, 2, 2)
    there = exists.reshape(rows, 2, 2)
    return [_intervals(edge[k], there[k]) for k in range(rows)]


def _intervals(edge: Array, there: Bools) -> tuple[Interval, ...]:
    """Two-state intervals from the edges of the two halves of the pool, [level, start]."""
    found = []
    for half, words in enumerate(("small half", "all")):
        rise = edge[half, 0] if there[half, 0] else LARGEST_CAUSE
        if there[half, 1] and rise - edge[half, 1] > APART:
            found.append(Interval(float(edge[half, 1]), float(rise), words))
    if len(found) == 2 and found[0].high_mm >= found[1].low_mm - APART:
        joined = Interval(
            min(i.low_mm for i in found), max(i.high_mm for i in found), "small half, then all"
        )
        return (joined,)
    return tuple(found)


def _ends(
    view: System,
    names: Sequence[str],
    row: NDArray[np.intp],
    sustained: Bools,
    grid: Array,
    columns: Mapping[str, Mapping[str, Array]] | None,
) -> Array:
    """Mean discharge of the first paraspinal where each run of a grid of causes comes to rest."""
    causes = grid.ravel()
    of = np.repeat(row, grid.shape[1])
    held_by = [_HELD[names[int(k)]] for k in of]
    system, state, held = _lesioned(view, causes, held_by, columns, of)
    state = started(state, np.repeat(sustained, grid.shape[1]))
    _, now = system.rest(state, held, cycles=2)
    return discharge_of(view.preparation, now).reshape(grid.shape)


def _lesioned(
    view: System,
    causes: Array,
    held_by: Sequence[frozenset[str]],
    columns: Mapping[str, Mapping[str, Array]] | None,
    of: NDArray[np.intp],
) -> tuple[System, State, Held]:
    """Healthy runs in which some loops are held at what the cause by itself gives."""
    m = view.mechanism

    def without(loop: str, number: Any, instead: float) -> Array:  # noqa: ANN401 - a number
        cut = np.array([loop in item for item in held_by])[:, None]
        return np.where(cut, instead, number + np.zeros((causes.size, 1)))

    values: dict[str, dict[str, Array]] = {
        "drive": {
            "persistent_current": without("motoneuron", m.drive.persistent_current, _NO_MEMORY)
        },
        "horn": {
            "strain_gain": without("tendon", m.horn.strain_gain, 0.0),
            "stress_gain": without("tendon", m.horn.stress_gain, 0.0),
            "muscle_gain": without("tendon", m.horn.muscle_gain, 0.0),
        },
        "segment": {
            "paraspinal_maximum_force": without("circle", m.segment.paraspinal_maximum_force, 1e-9)
        },
    }
    for structure, some in (columns or {}).items():
        for name, column in some.items():
            values.setdefault(structure, {})[name] = column[of][:, None]
    system = view.with_columns(values)
    # Where the circle is held, what resting paraspinals take of the foramen is held with it.
    force = system.habit(causes.size).force[:, [paraspinal_of(view.preparation)]]
    full = m.segment.paraspinal_maximum_force * motion_segment.foramen_slope(m.segment) * force
    open_ = np.array(["circle" in item for item in held_by]) | (not view.rival.circle_closed)
    pressed = causes + np.where(open_, full[:, 0], 0.0)
    state = system.healthy(pressed)
    by_cause = sensitisation_of(system, state)
    is_held = np.array(["horn" in item for item in held_by])[:, None]
    return system, state, Held(sensitisation=by_cause, is_held=is_held)


def sensitisation_of(system: System, state: State) -> Array:
    """Sensitisation that the cause by itself leads to, muscles as they are in health."""
    m = system.mechanism
    force = system.habit(state.cause.shape[0]).force
    still = replace(state, fast=replace(state.fast, force=force))
    pressed = irritation(m, system.preparation, still, closed=system.rival.circle_closed)
    touch = m.links.touch_by_day + pressed.touch
    nociception = dorsal_horn.nociceptive_drive(m.horn, pressed.nociceptors)
    level = np.zeros_like(state.cause)
    for _ in range(60):
        rate = dorsal_horn.projection_rate(m.horn, touch, nociception, level)
        level = np.asarray(pain.sensitisation_target(m.pain, rate))
    return level
