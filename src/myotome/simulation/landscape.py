"""Landscape: the stable states of the slow system under a lasting cause, and what separates them.

Receives a case; gives where the slow state comes to rest as the cause at the root is raised and
lowered, the causes at which there are two ways to rest, how far one must be moved to fall into
the other, the least needle dose that does it, and the gain of the circle. Healing and flare are
off: the cause is what is varied. Whether there are two states at all is a result.

The parts stand in `terrain`, one purpose each; here they are put together.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from myotome.case import Case
from myotome.errors import InputError, UnknownName
from myotome.examination import Assessment, examine
from myotome.simulation.course import CourseRun
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.onset import Beginning, beginning
from myotome.simulation.preparation import Preparation, prepare
from myotome.simulation.rivals import RIVALS
from myotome.simulation.schedule import Schedule, schedule_of
from myotome.simulation.terrain.branches import branches, is_same, kind_of, nodes_about, states_at
from myotome.simulation.terrain.dose import (
    INSERTIONS,
    SESSIONS,
    dose_crosses,
    doses_to_cross,
    needled,
)
from myotome.simulation.terrain.gain import LINKS, circle_links, gain_at_rest, loop_gains
from myotome.simulation.terrain.loops import (
    APART,
    LOOPS,
    each_alone,
    edges_of_loops,
    horn_intervals,
    horn_levels,
    sensitisation_of,
)
from myotome.simulation.terrain.region import declared, region_over
from myotome.simulation.terrain.results import (
    Alone,
    Branch,
    DoseToCross,
    Interval,
    Landscape,
    LoopGain,
    Region,
    Separatrix,
    StableState,
)
from myotome.simulation.terrain.rows import between, each, on_branch, started, taken, with_cause
from myotome.simulation.terrain.separatrix import crossing, falls_to_chronic, separatrices
from myotome.simulation.terrain.system import (
    LARGEST_CAUSE,
    Held,
    System,
    discharge_of,
    lasting,
    paraspinal_of,
)
from myotome.treatment import Plan, plan, screen

__all__ = [
    "APART",
    "INSERTIONS",
    "LARGEST_CAUSE",
    "LINKS",
    "LOOPS",
    "SESSIONS",
    "Alone",
    "Branch",
    "DoseToCross",
    "Held",
    "Interval",
    "Landscape",
    "LoopGain",
    "Region",
    "Separatrix",
    "StableState",
    "System",
    "between",
    "circle_links",
    "crossing",
    "discharge_of",
    "dose_crosses",
    "each",
    "edges_of_loops",
    "falls_to_chronic",
    "gain_at_rest",
    "horn_intervals",
    "horn_levels",
    "is_same",
    "kind_of",
    "landscape",
    "landscape_of",
    "loop_gains",
    "on_branch",
    "paraspinal_of",
    "sensitisation_of",
    "started",
    "taken",
    "with_cause",
]


def landscape(
    case: Case,
    *,
    assessment: Assessment | None = None,
    proposal: Plan | None = None,
    mechanism: Mechanism | None = None,
    rival: str = "segmental_root",
    second: tuple[str, str] | None = ("segment", "paraspinal_maximum_force"),
    progress: Callable[[float], None] | None = None,
) -> Landscape:
    """The landscape of one case under a lasting cause.

    Args:
        case: The case.
        assessment: Made from the case when left out.
        proposal: Likewise; says where the needle goes if the case does not.
        mechanism: Parameters; central values when left out.
        rival: Which explanation.
        second: Structure and name of one more number to vary; None leaves that out.
        progress: Called with the share done.

    Raises:
        InputError: There is no pain, so there is no cause to vary.
        UnknownName: No such rival or parameter.
    """
    if rival not in RIVALS:
        raise UnknownName("rival", rival, RIVALS, hint=f"They are {', '.join(RIVALS)}.")
    found = assessment or examine(case.examination())
    schedule = schedule_of(case, proposal or plan(found, screen(case.screen)), 12.0)
    start = beginning(case.history.pain_nprs, case.history.duration_weeks)
    return landscape_of(
        prepare(found, schedule.sites),
        schedule,
        start,
        mechanism=mechanism,
        rival=rival,
        second=second,
        progress=progress,
        case_id=case.id,
        title=case.title,
    )


def landscape_of(
    preparation: Preparation,
    schedule: Schedule,
    start: Beginning,
    *,
    mechanism: Mechanism | None = None,
    rival: str = "segmental_root",
    second: tuple[str, str] | None = None,
    progress: Callable[[float], None] | None = None,
    case_id: str = "",
    title: str = "",
) -> Landscape:
    """The same from a preparation, without a case."""
    if start.pain <= 0.0:
        raise InputError("pain must be above 0 for a landscape, got 0. There is no cause to vary.")
    if second:
        declared(second)  # refused now, not after a minute
    tell = progress or _untold
    chosen = RIVALS[rival]
    first = CourseRun(
        chosen.applied_to(mechanism or Mechanism()), preparation, schedule, chosen, chosen.cuts
    )
    first.begin(start, 1)
    own = float(first.state.cause[0, 0])
    view = System(lasting(first.mechanism), preparation, chosen)
    tell(0.1)
    alone = tuple(each_alone(view, own))
    tell(0.4)
    everything = alone[-1].intervals
    nodes = nodes_about(everything, own)
    well, chronic, settled = branches(view, nodes)
    tell(0.55)
    separatrix = tuple(separatrices(view, everything, own))
    tell(0.7)
    where = needled(preparation, schedule)
    doses = tuple(doses_to_cross(view, where, everything, own))
    tell(0.85)
    region = region_over(view, second) if second else None
    tell(1.0)
    return Landscape(
        case_id=case_id,
        title=title,
        rival=rival,
        roots=tuple(str(item) for item in preparation.roots),
        muscles=preparation.labels,
        needled=tuple(preparation.labels[k] for k in np.flatnonzero(where)),
        own_cause_mm=own,
        own_flare_mm=float(first.state.flare[0, 0]),
        first_pain=start.pain,
        states=states_at(view, settled, nodes, own),
        branches=(well, chronic),
        alone=alone,
        separatrix=separatrix,
        doses=doses,
        region=region,
        taken_instead=(*preparation.taken_instead, *start.taken_instead),
    )


def _untold(share: float) -> None:
    """No one asked for progress."""
    del share
