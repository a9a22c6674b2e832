"""The comparison: ours beside NEURON, CoreNEURON and Brian2, in turns, with the ratios.

Run by `make bench`. Makes the environment of each peer on first use; a peer that cannot be made is
left out with one word why. Prints what came out beside what was promised. With `--store` the
results become those of the documentation, which should be done on a quiet machine.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import page
from accuracy import accuracies
from limit import Issued, IssueLimit, compiler, kernel_instructions
from peers import BUILD, HERE, Command, Unavailable, command_of
from problem import COHORT, COHORT_DURATION, DURATION, STEP
from results import LOOP, OURS, PEERS, REDUCED, Cold, Kernel, Limit, Results, Timing, write
from rounds import Contestant, Silent, cold_start, compete
from table import (
    ACCURACY_HEAD,
    COLD_HEAD,
    LOOP_HEAD,
    LOOP_RATIO_HEAD,
    SPEED_HEAD,
    VERDICT_HEAD,
    accuracy_rows,
    as_text,
    cold_rows,
    loop_ratio_rows,
    loop_rows,
    speed_rows,
    spike_words,
    verdict_rows,
)
from targets import verdicts
from turns import Work

sys.path.append(str(Path(__file__).parents[1]))  # where the table of all promises lies

from promises import Line, keep

COMPLAINTS = BUILD / "complaints.log"
COLD_STARTS = 3
_LOAD = os.getloadavg()[0]  # before anything of this was started
GROUPS = ((1, 1, DURATION), (COHORT, 1, COHORT_DURATION), (COHORT, 2, COHORT_DURATION))
_LOOP_COMMAND = Command(Path(sys.executable), HERE / "our_loop.py", HERE)
_REDUCED_COMMAND = Command(Path(sys.executable), HERE / "our_reduced_loop.py", HERE)
_LOOP_OF = {
    "NEURON": "neuron_loop.py",
    "CoreNEURON": "neuron_loop.py",
    "Brian2": "brian2_loop.py",
}
# Precision, people, threads, step and scheme; the first is what was promised.
LOOPS = (
    ("float32", 1, 1, STEP, "backward_euler"),
    ("float64", 1, 1, STEP, "backward_euler"),
    ("float32", 1, 1, 2 * STEP, "crank_nicolson"),
    ("float32", COHORT, 2, 2 * STEP, "crank_nicolson"),
)


def main() -> None:
    """Measure, print and, if asked, store."""
    given = _arguments()
    if given.print:
        page.write_page()
        return
    commands, skipped = _commands()
    timings: list[Timing] = []
    issued: list[Issued] = []
    limit = _limit_program()

    def after_round() -> None:
        if limit:
            issued.append(limit.measure())

    for pools, threads, duration in GROUPS:
        say(f"{pools} pools, {threads} threads")
        works = [
            (work, command)
            for program, command in commands.items()
            for work in _works(program, pools, threads, duration)
        ]
        found, failed = _compete(works, given, after_round)
        timings += found
        skipped |= failed
    say("reflex loops")
    loops, unlooped = _compete(_loops(given.loop, commands), given)
    skipped |= {f"{program}, P2": word for program, word in unlooped.items()}
    results = Results(
        machine=described_machine(),
        rounds=given.rounds,
        timings=tuple(timings),
        skipped=skipped,
        limit=_limit(issued),
        kernel=_kernel(),
        accuracy=accuracies(),
        cold=_cold(commands),
        loops=tuple(loops),
    )
    _print(results)
    keep("moment", _promised(results))
    if given.store:
        write(page.STORED, results)
        page.write_page()
        say(f"stored in {page.STORED.relative_to(page.HERE.parents[1])} and printed")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare the spiking pool with its peers.")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each program")
    parser.add_argument("--turn", type=float, default=0.3, help="least seconds of a turn")
    parser.add_argument("--loop", type=float, default=10.0, help="seconds of the reflex loop")
    parser.add_argument("--store", action="store_true", help="make these the documented results")
    parser.add_argument("--print", action="store_true", help="only print the stored ones anew")
    return parser.parse_args()


def _commands() -> tuple[dict[str, Command], dict[str, str]]:
    """How each program is started, and one word for each that cannot be."""
    commands = {OURS: Command(Path(sys.executable), HERE / "our_pool.py", HERE)}
    skipped = {}
    for peer in PEERS:
        say(f"making {peer}")
        try:
            commands[peer] = command_of(peer)
        except Unavailable as why:
            skipped[peer] = str(why)
    return commands, skipped


def _works(program: str, pools: int, threads: int, duration: float) -> list[Work]:
    """What one program does in one group; a peer in float32 only where it can, for one pool."""
    precisions = ["float32", "float64"] if program == OURS else ["float64"]
    if program == "Brian2" and pools == 1:
        precisions.append("float32")
    works = []
    for precision in precisions:
        folder = str(BUILD / "brian2-works" / f"{pools}-{threads}-{precision}")
        works.append(Work(program, precision, pools, threads, duration, STEP, folder=folder))
    return works


def _loops(seconds: float, commands: dict[str, Command]) -> list[tuple[Work, Command]]:
    """P2: ours in its ways, then the reduced loop in our kernel and in each peer."""
    duration = 1000 * seconds
    works = [
        (Work(LOOP, precision, people, threads, duration, step, scheme), _LOOP_COMMAND)
        for precision, people, threads, step, scheme in LOOPS
    ]
    works += [
        (Work(REDUCED, precision, 1, 1, duration, STEP), _REDUCED_COMMAND)
        for precision in ("float32", "float64")
    ]
    for peer, script in _LOOP_OF.items():
        if peer in commands:
            scheme = "exponential_euler" if peer == "Brian2" else "backward_euler"
            folder = str(BUILD / "brian2-works" / "loop")
            work = Work(peer, "float64", 1, 1, duration, STEP, scheme, folder)
            works.append((work, replace(commands[peer], script=HERE / script)))
    return works


def _compete(
    works: list[tuple[Work, Command]],
    given: argparse.Namespace,
    after_round: Callable[[], None] = lambda: None,
) -> tuple[list[Timing], dict[str, str]]:
    with contextlib.ExitStack() as stack:
        contestants = [
            stack.enter_context(Contestant(work, command, COMPLAINTS)) for work, command in works
        ]
        return compete(
            contestants, rounds=given.rounds, turn_s=given.turn, after_round=after_round, say=say
        )


def _limit_program() -> IssueLimit | None:
    try:
        return IssueLimit(BUILD)
    except (FileNotFoundError, subprocess.CalledProcessError):
        say("no issue limit: uncompilable")
        return None


def _limit(issued: list[Issued]) -> Limit | None:
    if not issued:
        return None
    fused, separate = (
        tuple(getattr(item, name) for item in issued) for name in ("fused", "separate")
    )
    return Limit(issued[0].lanes, fused, separate)


def _kernel() -> Kernel | None:
    try:
        counted = kernel_instructions()
    except (FileNotFoundError, ValueError, subprocess.CalledProcessError) as why:
        say(f"instructions of the kernel not counted: {why}")
        return None
    return Kernel(counted.arithmetic, counted.moves)


def _cold(commands: dict[str, Command]) -> tuple[Cold, ...]:
    """Fresh processes, each with a folder of its own, so that Brian2 has nothing compiled."""
    found = []
    for program, command in {**commands, LOOP: _LOOP_COMMAND}.items():
        precision = "float64" if program in PEERS else "float32"
        seconds = []
        for number in range(COLD_STARTS):
            say(f"cold start {number + 1} of {COLD_STARTS}: {program}")
            with tempfile.TemporaryDirectory() as folder, contextlib.suppress(Silent):
                work = Work(program, precision, 1, 1, 1000.0, STEP, folder=folder)
                seconds.append(cold_start(work, command, COMPLAINTS))
        if seconds:
            found.append(Cold(program, tuple(seconds)))
    return tuple(found)


def described_machine() -> dict[str, str]:
    """The machine in general words: what speed depends on, and no name or place."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": platform.system(),
        "compiler": _compiler(),
        "Python": platform.python_version(),
        "load before": f"{_LOAD:.1f}",
    }


def _compiler() -> str:
    try:
        command = [compiler(), "--version"]
        return subprocess.run(
            command, check=True, capture_output=True, text=True
        ).stdout.splitlines()[0]
    except (FileNotFoundError, subprocess.CalledProcessError):
        return "none"


def _processor() -> str:
    """Its model as the system gives it, with family and number, which some models share."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told = dict(line.split("\t: ", 1) for line in map(str.strip, lines) if "\t: " in line)
    fields = {name.strip(): value for name, value in told.items()}
    named = f"{fields.get('model name', platform.machine())}"
    return f"{named}, family {fields.get('cpu family', '?')}, model {fields.get('model', '?')}"


def _print(results: Results) -> None:
    say("")
    if (os.cpu_count() or 1) < 4 * _LOAD:
        print(f"The machine was busy (load {_LOAD:.1f}): ratios hold better than speeds.\n")
    print(", ".join(f"{name}: {value}" for name, value in results.machine.items()), "\n")
    for head, rows in (
        (SPEED_HEAD, speed_rows(results)),
        (ACCURACY_HEAD, accuracy_rows(results)),
        (COLD_HEAD, cold_rows(results)),
        (LOOP_HEAD, loop_rows(results)),
        (LOOP_RATIO_HEAD, loop_ratio_rows(results)),
        (VERDICT_HEAD, verdict_rows(results)),
    ):
        if rows:
            print(as_text(head, rows), "\n")
    print(spike_words(results))
    if results.kernel:
        kernel = results.kernel
        print(f"Kernel: {kernel.arithmetic} vector instructions for sixteen cells and one step,")
        print(f"and {kernel.moves} loads, stores and copies, which are not counted.")
    for program, word in results.skipped.items():
        print(f"{program}: skipped, {word}")


def _promised(results: Results) -> list[Line]:
    """Every promise that was measured, for the table of all of them."""
    return [
        Line(v.what, v.measured, v.reach, v.aim, v.unit, v.fewer_is_better)
        for v in verdicts(results)
        if v.reach is not None and v.aim is not None
    ]


def say(what: str) -> None:
    """Tell what is being done, on one line that is written over."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{what}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped; nothing was stored.")
