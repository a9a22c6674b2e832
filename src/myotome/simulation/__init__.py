"""Simulation: a preparation put together from the atlas and run over weeks.

`simulate` takes a case and gives its `Course`: treated, sham and untreated side by side. It
illustrates a hypothesis; it is no forecast for a person and no evidence.

    mechanism    every parameter, drawn or central      links      numbers between structures
    preparation  roots and muscles of one person        onset      how they came to the first visit
    circle       short paraspinals squeeze the root     drivers    what a day amounts to
    advance      each law over a step                   events     what a treatment does at once
    schedule     what is done when                      course     all of it over weeks
    rivals       other explanations as switches         from_case  from a case to its course
    moment       seconds, spike by spike                tone_table what moments say of a day
    spiking      drivers whose tone is read from it     landscape  its stable states
    terrain      the parts of a landscape

Names load when first asked for: a moment needs neither cases nor plans.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from myotome.simulation.course import ARMS, QUANTITIES, Course, Quantity, run_course
    from myotome.simulation.drivers import FIDELITIES, Fidelity
    from myotome.simulation.from_case import BAND_DRAWS, simulate
    from myotome.simulation.mechanism import CUTS, Cut, Mechanism
    from myotome.simulation.onset import Beginning, beginning
    from myotome.simulation.preparation import Preparation, prepare
    from myotome.simulation.rivals import RIVALS, Rival
    from myotome.simulation.schedule import (
        Event,
        Programme,
        Schedule,
        check_treatments,
        checked,
        schedule_of,
    )

_HOMES = {
    "ARMS": "course",
    "BAND_DRAWS": "from_case",
    "Beginning": "onset",
    "CUTS": "mechanism",
    "Course": "course",
    "Cut": "mechanism",
    "Event": "schedule",
    "FIDELITIES": "drivers",
    "Fidelity": "drivers",
    "Mechanism": "mechanism",
    "Preparation": "preparation",
    "Programme": "schedule",
    "QUANTITIES": "course",
    "Quantity": "course",
    "RIVALS": "rivals",
    "Rival": "rivals",
    "Schedule": "schedule",
    "beginning": "onset",
    "check_treatments": "schedule",
    "checked": "schedule",
    "prepare": "preparation",
    "run_course": "course",
    "schedule_of": "schedule",
    "simulate": "from_case",
}

__all__ = [
    "ARMS",
    "BAND_DRAWS",
    "CUTS",
    "FIDELITIES",
    "QUANTITIES",
    "RIVALS",
    "Beginning",
    "Course",
    "Cut",
    "Event",
    "Fidelity",
    "Mechanism",
    "Preparation",
    "Programme",
    "Quantity",
    "Rival",
    "Schedule",
    "beginning",
    "check_treatments",
    "checked",
    "prepare",
    "run_course",
    "schedule_of",
    "simulate",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a name of any part
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
