"""Speed and memory of the examination, beside the targets and beside the machine's floor.

Run by `make bench`. Times are the median of several runs in one process; fresh processes are
timed whole. The floor of a fresh process is the same interpreter that only imports NumPy.
"""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from promises import Line, keep

from myotome.atlas import SIDES, atlas
from myotome.examination import Finding, examine, finding, posterior

ROOT = Path(__file__).parents[1]
CASE = ROOT / "examples" / "fessler-c6-left.toml"
FINDINGS = 200


def spread_examination() -> tuple[Finding, ...]:
    """200 findings over the whole body, both sides: every site kind, every level."""
    return tuple(itertools.islice(_everything(step=3), FINDINGS))


def crowded_examination() -> tuple[Finding, ...]:
    """200 findings crowded into the neck and arms, both sides: the widest windows."""
    regions = {"neck", "neck_posterior", "shoulder_girdle", "shoulder", "arm", "forearm", "hand"}
    everything = _everything(step=1)
    near = (f for f in everything if _region(f) in regions)
    return tuple(itertools.islice(near, FINDINGS))


def _region(item: Finding) -> str:
    muscle = atlas().muscles.get(item.site.name)
    return muscle.region if muscle else ""


def _everything(step: int) -> itertools.chain[Finding]:
    """Every palpation sign at every muscle and touch on every skin region, grades in rotation."""
    grades = itertools.cycle((0, 2, 0, 1, 3, 0))
    found = []
    for name, side in itertools.product(atlas().muscles, SIDES):
        for level in atlas().levels_of(name) or ("",):
            site = atlas().site(name, side, level)
            tender = "tender_paraspinal" if site.kind == "paraspinal" else "tender_motor_point"
            found += [
                finding(sign, name, side=side, level=level, grade=next(grades))
                for sign in (tender, "taut_band")
            ]
    for name, side in itertools.product(atlas().skin_regions, SIDES):
        if atlas().skin_regions[name].sided:
            found.append(finding("pin_less", name, side=side, grade=next(grades)))
    return itertools.chain(*(found[offset::step] for offset in range(step)))


def milliseconds(action: Callable[[], object], runs: int = 15) -> float:
    """Median time of an action after one run to warm up."""
    action()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return 1000 * median(times)


def fresh(arguments: list[str], runs: int = 7) -> tuple[float, float]:
    """Median seconds of a whole fresh process, and the largest memory (MB) of any child yet."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return median(times), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def row(group: str, what: str, measured: float, reach: float, aim: float, unit: str) -> Line:  # noqa: PLR0913, PLR0917 - one line
    """Print one line under its group: the measurement and where it stands."""
    line = Line(f"{group}: {what}", measured, reach, aim, unit)
    print(f"  {what:<56}{measured:>9.2f} {unit:<3} reach {reach:g}, aim {aim:g}: {line.word}")
    return line


def main() -> None:
    """Measure and print."""
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} before the start\n")
    lines = []
    for name, findings in (
        ("whole body", spread_examination()),
        ("neck and arms", crowded_examination()),
    ):
        sites = len({(f.site, f.sign if f.site.kind == "side" else "") for f in findings})
        print(f"{len(findings)} findings at {sites} sites, {name}")
        group = f"{len(findings)} findings, {name}"
        known = milliseconds(lambda: posterior(findings))  # noqa: B023
        whole = milliseconds(lambda: examine(findings), 5) / 1000  # noqa: B023
        lines.append(row(group, "posterior of all 62 roots", known, 20, 5, "ms"))
        lines.append(row(group, "complete answer", whole, 1, 0.3, "s"))
    floor, _ = fresh([sys.executable, "-c", "import numpy"])
    command = str(Path(sys.executable).parent / "myotome")
    seconds, memory = fresh([command, "examine", str(CASE), "--json"])
    print("\nfresh process: myotome examine")
    group = "fresh process to its first examination"
    lines.append(row(group, "time", seconds, 0.5, 0.3, "s"))
    lines.append(row(group, "peak memory", memory, 120, 120, "MB"))
    print(f"  {seconds / floor:.2f} x a process that only imports NumPy ({floor:.2f} s)")
    keep("examination", lines)


if __name__ == "__main__":
    main()
