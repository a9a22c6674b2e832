"""Dose: the least weekly needling that takes the chronic rest across, nothing else done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.simulation.events import given
from myotome.simulation.preparation import Preparation
from myotome.simulation.schedule import Event, Schedule
from myotome.simulation.terrain.results import DoseToCross, Interval
from myotome.simulation.terrain.rows import started, taken
from myotome.simulation.terrain.system import System, discharge_of

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

INSERTIONS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 40, 60)
SESSIONS: Final = (1, 2, 3, 4, 6, 8, 12)
_WEEK: Final = (0.25, 0.25, 0.5, 1.0, 2.0, 3.0)  # d, steps of a week that begins with a needle


def needled(preparation: Preparation, schedule: Schedule) -> Bools:
    """Where the needle goes: as scheduled, else the paraspinals."""
    sites = {site for event in schedule.events if event.kind == "needling" for site in event.sites}
    where = np.array([site in sites for site in preparation.muscles])
    return where if where.any() else np.asarray(preparation.squeezes.any(axis=0), dtype=bool)


def doses_to_cross(
    view: System, where: Bools, intervals: Sequence[Interval], own: float
) -> list[DoseToCross]:
    """The least dose at causes inside each interval, and at this person's own if it lies in one."""
    inside = [i.low_mm + s * i.width_mm for i in intervals for s in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9)]
    if any(i.low_mm < own < i.high_mm for i in intervals):
        inside.append(own)
    if not inside:
        return []
    causes = np.unique(np.array(inside))
    crossed = dose_crosses(view, where, causes, INSERTIONS, SESSIONS)
    return [
        DoseToCross(
            float(cause),
            SESSIONS,
            tuple(
                INSERTIONS[int(np.argmax(column))] if column.any() else None
                for column in crossed[k].T
            ),
            bool(
                (np.diff(crossed[k].astype(int), axis=0) >= 0).all()
                and (np.diff(crossed[k].astype(int), axis=1) >= 0).all()
            ),
        )
        for k, cause in enumerate(causes)
    ]


def dose_crosses(
    view: System,
    where: Bools,
    causes: Array,
    insertions: Sequence[int],
    sessions: Sequence[int],
) -> Bools:
    """Whether weekly needling takes the chronic rest across, (causes, insertions, sessions).

    Nothing else is done: no stretching, no education. Judged a long time after the last session.
    """
    n = causes.size
    ends, now = view.rest(
        started(view.healthy(np.concatenate([causes, causes])), np.arange(2 * n) >= n)
    )
    discharge = discharge_of(view.preparation, now)
    level = 0.5 * (discharge[:n] + discharge[n:])
    which, pricks, visits = (
        a.ravel() for a in np.meshgrid(np.arange(n), insertions, sessions, indexing="ij")
    )
    state = taken(ends, n + which)
    sites = tuple(s for s, w in zip(view.preparation.muscles, where, strict=True) if w)
    for week in range(max(sessions)):
        before = view.at(state)
        for count in insertions:
            event = Event(7.0 * week, "needling", sites, count)
            due = (pricks == count) & (visits > week)
            state = given(
                view.mechanism, view.preparation, state, before, event, due, view.rival.cuts
            )
        for days in _WEEK:
            state, _ = view.moved(state, days, settle=False)
    _, now = view.rest(state, cycles=2)
    ended: Bools = discharge_of(view.preparation, now) < level[which]
    return ended.reshape(n, len(insertions), len(sessions))
