"""Table: the results in words and columns, for a terminal and for a page of the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from problem import SPIKES, STEP
from results import LOOP, PEERS, REDUCED, Results, Timing, ratio
from targets import Verdict, verdicts

Rows = Sequence[Sequence[str]]
SPEED_HEAD = (
    "work",
    "program",
    "precision",
    "neuron-s per s, median",
    "best",
    "spikes of a pool",
    "memory MB",
    "ready s",
)
VERDICT_HEAD = ("promise", "median", "best", "reach", "aim", "stands")
NAMES = {
    "backward_euler": "backward Euler",
    "crank_nicolson": "Crank-Nicolson",
    "exponential_euler": "exponential Euler",
}
# NEURON records a spike when its upstroke passes 50 mV, one to three steps after the threshold, so
# that those begun in the last steps of a run are not seen: 14 of 27,223 in a cohort's 250 ms.
LAST_SPIKES = 0.001
ACCURACY_HEAD = ("scheme", "step ms", "error of rate", "spikes within 1 ms")
COLD_HEAD = ("program", "seconds, median", "best")
LOOP_HEAD = (
    "work",
    "program",
    "precision",
    "scheme",
    "times real time, median",
    "best",
    "spikes of a muscle",
    "memory MB",
)
LOOP_RATIO_HEAD = ("ours", "precision", "peer", "times, median", "best", "spikes, ours over peer")
WORDS = {"work", "program", "precision", "promise", "stands", "scheme", "ours", "peer"}


def speed_rows(results: Results) -> Rows:
    """One row for each program at each work."""
    return [_speed_row(timing) for timing in results.timings]


def _speed_row(timing: Timing) -> Sequence[str]:
    work = timing.work
    middle, best = timing.speeds
    return (
        f"{counted(work.pools, 'pool')}, {counted(work.threads, 'thread')}",
        f"{work.program} {timing.version}",
        work.precision,
        f"{middle:,.0f}",
        f"{best:,.0f}",
        f"{timing.spikes_of_a_pool:,.0f}",
        f"{timing.memory_mb:.0f}",
        f"{timing.ready_s:.1f}",
    )


def verdict_rows(results: Results) -> Rows:
    """One row for each promise that was measured."""
    return [
        (
            verdict.what,
            amount(verdict.measured, verdict.unit),
            amount(verdict.best, verdict.unit),
            "" if verdict.reach is None else amount(verdict.reach, verdict.unit),
            "" if verdict.aim is None else amount(verdict.aim, verdict.unit),
            verdict.word,
        )
        for verdict in verdicts(results)
    ]


def accuracy_rows(results: Results) -> Rows:
    """One row for each scheme and step."""
    return [
        (
            NAMES[item.scheme],
            f"{item.step_ms:g}",
            f"{100 * item.rate_error:+.2f} %",
            f"{100 * item.within_a_millisecond:.1f} %",
        )
        for item in results.accuracy
    ]


def cold_rows(results: Results) -> Rows:
    """One row for each program that was started cold."""
    return [
        (cold.program, f"{median(cold.seconds):.2f}", f"{min(cold.seconds):.2f}")
        for cold in results.cold
    ]


def loop_rows(results: Results) -> Rows:
    """One row for each way the reflex loop was run."""
    rows = []
    for loop in results.loops:
        middle, best = loop.times_real_time
        work = loop.work
        rows.append(
            (
                f"{counted(work.pools, 'muscle')}, {counted(work.threads, 'thread')}",
                f"{work.program} {loop.version}",
                work.precision,
                f"{NAMES[work.scheme]}, {work.step_ms:g} ms",
                *(f"{speed:.3g}" for speed in (middle, best)),
                f"{loop.spikes_of_a_pool:,.0f}",
                f"{loop.memory_mb:.0f}",
            )
        )
    return rows


def loop_ratio_rows(results: Results) -> Rows:
    """One row for each peer that was given the reduced loop, beside each of ours.

    Our own loop is another problem and a larger one, so that its spikes are not compared.
    """
    rows = []
    for program, precision in ((REDUCED, "float32"), (REDUCED, "float64"), (LOOP, "float32")):
        ours = results.loop(program, precision, STEP)
        for peer in PEERS:
            theirs = results.loop(peer, "float64", STEP)
            if ours and theirs:
                found = ratio(ours, theirs)
                alike = f"{ours.spikes / theirs.spikes:.3f}" if program == REDUCED else ""
                times = (f"{found.median:.3g}", f"{found.best:.3g}")
                rows.append((program, precision, peer, *times, alike))
    return rows


def unmet(results: Results) -> list[Verdict]:
    """Promises that were measured and not even reached."""
    return [verdict for verdict in verdicts(results) if verdict.word == "NOT MET"]


def uneven(results: Results) -> list[Verdict]:
    """Verdicts that the best turns of both programs do not bear out: a turn was disturbed."""
    order = ("NOT MET", "reach met", "aim met")
    return [
        verdict
        for verdict in verdicts(results)
        if verdict.word in order
        and order.index(replace(verdict, measured=verdict.best).word) < order.index(verdict.word)
    ]


def amount(value: float, unit: str) -> str:
    """A number as its unit is best read: shares as per cents, small ones with more digits."""
    if unit == "share":
        return f"{100 * value:.3g} %"
    digits = 0 if value >= 100 else 1 if value >= 1 else 2
    return f"{value:.{digits}f} {unit}"


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def spike_words(results: Results) -> str:
    """Whether the programs that share the problem's scheme and input count the same spikes."""
    same = [timing for timing in results.timings if timing.work.program != "Brian2"]
    wrong = [timing for timing in same if timing.work.pools == 1 and timing.spikes != SPIKES]
    if wrong:
        named = ", ".join(
            f"{timing.work.program} {timing.work.precision}: {timing.spikes}" for timing in wrong
        )
        return f"One pool must give {SPIKES} spikes; these differ: {named}."
    names = ", ".join(dict.fromkeys(timing.work.program for timing in same))
    said = f"{names}: {SPIKES} spikes of one pool in every precision."
    cohort = [timing for timing in same if timing.work.pools > 1]
    if not cohort:
        return said
    counts = {timing.spikes for timing in cohort}
    if max(counts) > (1 + LAST_SPIKES) * min(counts):
        return f"Programs differ in the spikes of the cohort: {sorted(counts)}."
    each = dict.fromkeys(f"{timing.work.program} {timing.spikes:,}" for timing in cohort)
    return f"{said} Of the cohort: {', '.join(each)}."


def as_text(head: Sequence[str], rows: Rows) -> str:
    """Columns for a terminal."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if name in WORDS else cell.rjust(width)
            for name, cell, width in zip(head, line, widths, strict=True)
        ).rstrip()
        for line in lines
    )


def as_markdown(head: Sequence[str], rows: Rows) -> str:
    """The same for a page."""
    rule = [":---" if name in WORDS else "---:" for name in head]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *rows])
