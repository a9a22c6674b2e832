"""Speed of the weeks, at rate level and with tone from spiking pools, beside the targets.

Run by `make bench`. One published case, six muscles, twelve weeks; all three arms advance
together. Times are the median of several runs in one process; the cold run of the spiking pools has
an empty cache and is made once. A cohort is people drawn over every uncertain number, run once, in
wall time and on one thread; with spiking pools it reads its tone from the table that the cold run
left, which belongs to the pools and not to the people, and one line adds the time of that run.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from examination import milliseconds, row
from promises import keep

from myotome.case import read_case
from myotome.examination import examine
from myotome.simulation import BAND_DRAWS, simulate
from myotome.simulation.tone_table import CACHE_VARIABLE
from myotome.treatment import plan, screen

PEOPLE = 1000  # drawn over every uncertain number
CASE = Path(__file__).parents[1] / "examples" / "fessler-c6-left.toml"


def main() -> None:
    """Measure and print."""
    case = read_case(CASE)
    assessment = examine(case.examination())
    proposal = plan(assessment, screen(case.screen))

    def run(draws: int, fidelity: str = "rate") -> object:
        return simulate(
            case, assessment=assessment, proposal=proposal, draws=draws, fidelity=fidelity
        )

    def cohort(fidelity: str) -> float:
        begin = time.perf_counter()
        run(PEOPLE, fidelity)
        return time.perf_counter() - begin

    print("\ntwelve weeks at rate level, six muscles, treated, sham and untreated")
    group, lines = "twelve weeks at rate level", []
    central = milliseconds(lambda: run(1), 7) / 1000
    bands = milliseconds(lambda: run(BAND_DRAWS), 5) / 1000
    lines.append(row(group, "central mechanism", central, 0.2, 0.05, "s"))
    lines.append(row(group, f"with bands from {BAND_DRAWS} draws", bands, 2, 0.5, "s"))
    lines.append(row(group, f"{PEOPLE:,} people", cohort("rate"), 60, 20, "s"))

    print("\nthe same with tone from spiking pools")
    with tempfile.TemporaryDirectory() as folder:
        os.environ[CACHE_VARIABLE] = folder
        begin = time.perf_counter()
        run(1, "spiking")
        cold = time.perf_counter() - begin
        group = "twelve weeks, spiking"
        lines.append(row(group, "cold: every moment run", cold, 30, 15, "s"))
        cached = milliseconds(lambda: run(1, "spiking"), 5) / 1000
        lines.append(row(group, "with cached drivers", cached, 1, 0.3, "s"))
        everyone = (cold + cohort("spiking")) / 60
        lines.append(row(group, f"{PEOPLE:,} people, table and all", everyone, 25, 12, "min"))
    keep("course", lines)


if __name__ == "__main__":
    main()
