"""Fit the wiring of the moment to the rows that were set aside for fitting.

`python tools/fit_moment.py` moves `wiring.pain_events` and `wiring.primary_conductance`, each over
its declared range and nothing else, on the rows of links `moment` and `cramp` whose role is
`fitted`. A cramp's threshold is read from spikes and so is not smooth in either: each parameter is
tried at evenly spaced places of its range, one after the other, twice. Every try is printed with
the resting discharge of a healthy muscle, which must stay silent. Nothing is written: a number is
changed by hand where it is declared.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from myotome.physiology.parameters import Declaration, declarations
from myotome.simulation.moment import Structures
from myotome.simulation.moment.frozen import healthy
from myotome.simulation.moment.protocols import needle_insertion
from myotome.simulation.moment.wiring import Wiring
from myotome.validation.checks import checks
from myotome.validation.model import Model
from myotome.validation.rows import Row, published

KNOBS = ("pain_events", "primary_conductance")
LINKS = ("moment", "cramp")
PLACES = 9
PULL = 0.1  # keeps what the rows cannot tell near where it was, in tolerances per range
FARTHEST = 5.0  # tolerances: one row that is out of reach must not decide for the others
QUIET_HZ = 0.01


def place_of(declared: Declaration, value: float) -> float:
    """Where a value lies along the logarithm of its range."""
    return math.log(value / declared.low) / math.log(declared.high / declared.low)


def value_at(declared: Declaration, place: float) -> float:
    """The value at a place."""
    return float(declared.low * (declared.high / declared.low) ** place)


def misfits(model: Model, rows: list[Row]) -> list[float]:
    """How far each row is off, in tolerances."""
    functions = checks()
    off = [(functions[row.id](model) - row.published) / row.allowed for row in rows]
    return [float(np.clip(x, -FARTHEST, FARTHEST)) if math.isfinite(x) else FARTHEST for x in off]


def resting(structures: Structures) -> float:
    """Discharge (Hz) of a healthy muscle that is left alone."""
    return float(
        needle_insertion([healthy(1, 1, 1)], None, None, structures, seconds=3.0).discharge.max()
    )


def main() -> int:
    """Try, print, and say what is best."""
    rows = [row for row in published() if row.link in LINKS and row.role == "fitted"]
    declared = {each.name: each for each in declarations(Wiring) if each.name in KNOBS}
    start = {name: float(getattr(Wiring(), name)) for name in KNOBS}
    best = dict(start)
    for _ in range(2):
        for name in KNOBS:
            tried: list[tuple[float, float]] = []
            places = [*np.linspace(0.0, 1.0, PLACES), place_of(declared[name], best[name])]
            for place in places:
                value = value_at(declared[name], float(place))
                structures = Structures().with_values(wiring={**best, name: value})
                off = misfits(Model(structures=structures), rows)
                still = resting(structures)
                moved = place - place_of(declared[name], start[name])
                cost = sum(x * x for x in off) + (PULL * moved) ** 2
                print(
                    f"{name} {value:.4g}: off by"
                    + "".join(f" {row.id} {x:+.2f}" for row, x in zip(rows, off, strict=True))
                    + f", rest {still:.2f} Hz, cost {cost:.3f}",
                    flush=True,
                )
                tried.append((cost if still <= QUIET_HZ else math.inf, value))
            best[name] = min(tried)[1]
    print(
        "best:",
        ", ".join(f"{name} {value:.3g} (was {start[name]:g})" for name, value in best.items()),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
