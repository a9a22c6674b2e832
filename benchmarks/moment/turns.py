"""Turns: how a program that takes part in the comparison is asked to run, and how it answers.

Each program is a process that builds its model once and then waits. A line with a number of
seconds on its standard input is a turn: it repeats the whole run for at least that long and
answers with the mean time of one run, so that a fast program is timed as surely as a slow one.
One turn at a time is given, to one program after another, which is what makes their ratios
comparable on a machine that is sometimes busy. Needs only the standard library: it runs in the
interpreter of each peer.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Work:
    """What one program is to simulate."""

    program: str
    precision: str
    pools: int
    threads: int
    duration_ms: float
    step_ms: float
    scheme: str = "backward_euler"
    # Where a program that compiles the problem may leave what it made.
    folder: str = ""

    def as_text(self) -> str:
        """The work as one argument of a command line."""
        return json.dumps(asdict(self))


def given_work() -> Work:
    """The work that this process was started with."""
    return Work(**json.loads(sys.argv[1]))


def memory(process: int | None = None) -> float:
    """The largest memory (MB) that a process has held since it began; left out, this one.

    The count that a system keeps for a parent would begin with the parent's own memory.
    """
    try:
        status = Path(f"/proc/{process or 'self'}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0 if process else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    peak = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0")
    return float(peak.split()[1]) / 1024


def answer_turns(
    run: Callable[[], tuple[float, int]],
    *,
    version: str,
    peak_memory: Callable[[], float] = memory,
) -> None:
    """Say that the model is built, then answer turns until nobody asks any more.

    Args:
        run: Simulates the whole duration once; gives its seconds and its spikes.
        version: Of the program that takes part.
        peak_memory: The largest memory (MB) that a run has needed.
    """
    # Libraries print as they like; the answers keep a channel of their own.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    print(json.dumps({"version": version}), file=answers)
    for line in sys.stdin:
        spent, runs, spikes = 0.0, 0, 0
        while runs == 0 or spent < float(line):
            seconds, spikes = run()
            spent += seconds
            runs += 1
        answer = {"seconds": spent / runs, "spikes": spikes, "memory_mb": peak_memory()}
        print(json.dumps(answer), file=answers)
