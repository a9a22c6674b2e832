"""Region: how the causes with two states move as one more uncertain number is varied."""

from __future__ import annotations

import numpy as np

from myotome.errors import UnknownName
from myotome.physiology.parameters import Declaration
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.terrain.loops import edges_of_loops
from myotome.simulation.terrain.results import Region
from myotome.simulation.terrain.system import System


def declared(second: tuple[str, str]) -> Declaration:
    """What is declared of a number that has a range, by its structure and name.

    Raises:
        UnknownName: There is no such number.
    """
    known = {f"{s}.{d.name}": d for s, d in Mechanism().declarations() if d.high > d.low}
    key = ".".join(second)
    if key not in known:
        raise UnknownName("uncertain parameter", key, known)
    return known[key]


def region_over(view: System, second: tuple[str, str]) -> Region:
    """Two-state causes as one more number runs over its range."""
    structure, name = second
    item = declared(second)
    spaced = np.geomspace if item.low > 0 else np.linspace
    values = np.unique(np.append(spaced(item.low, item.high, 8), item.value))
    intervals = edges_of_loops(view, ("all",) * values.size, {structure: {name: values}})
    return Region(
        structure,
        name,
        item.unit,
        item.meaning,
        item.value,
        tuple(float(v) for v in values),
        tuple(intervals),
    )
