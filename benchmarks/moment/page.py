"""Page: the stored comparison as a page of the documentation, with its picture.

Receives results; gives Markdown. Nothing is measured here, so that the page can be printed anew
from the stored numbers on any machine.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

from picture import drawing
from problem import COHORT, COHORT_DURATION, DURATION, MOTONEURONS, SPIKES, STEP
from results import OURS, PEERS, Results, read, share_of_limit
from table import (
    SPEED_HEAD,
    VERDICT_HEAD,
    as_markdown,
    speed_rows,
    spike_words,
    unmet,
    verdict_rows,
)

HERE = Path(__file__).parent
STORED = HERE / "results.json"
REFERENCE = HERE.parents[1] / "docs" / "reference"


def write_page(folder: Path = REFERENCE, stored: Path = STORED) -> None:
    """Print the page and its picture from the stored results."""
    results = read(stored)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "speed.md").write_text(text(results), encoding="utf-8")
    (folder / "speed.svg").write_text(drawing(results), encoding="utf-8")


def text(results: Results) -> str:
    """The page."""
    machine = "; ".join(f"{name}: {value}" for name, value in results.machine.items())
    skipped = ", ".join(f"{name} ({word})" for name, word in results.skipped.items())
    parts = [
        "<!-- Printed from benchmarks/moment/results.json by `python benchmarks/moment/compare.py"
        " --print`; measure anew with `--store`. -->",
        "# Speed of the moment",
        "How fast the spiking pool runs beside NEURON, CoreNEURON and Brian2, measured in one run"
        " by `make bench`. Ratios are what counts: they were taken between neighbours of the same"
        " round. Absolute numbers hold for one machine on one day.",
        machine + f"; {results.rounds} rounds." + (f" Took no part: {skipped}." if skipped else ""),
        "![How many times faster than each peer](speed.svg)",
        "## Promises",
        as_markdown(VERDICT_HEAD, verdict_rows(results)),
        _on_misses(results),
        "## The problem",
        f"P1 is a pool of {MOTONEURONS} motoneurons of two compartments with pulse gates, a"
        " persistent inward current of the dendrite and a noisy excitatory conductance each,"
        f" stepped by {STEP:g} ms of backward Euler for {DURATION / 1000:g} s; the cohort is"
        f" {COHORT} pools for {COHORT_DURATION / 1000:g} s. Events of the noise come from a hash of"
        f" cell and step, so that every program gets the same ones and must count {SPIKES} spikes."
        f" {spike_words(results)} Brian2 has neither the hash nor backward Euler for these"
        " equations; it runs exponential Euler with random numbers of its own and gives 3 to 5 %"
        " more.",
        "What favours the peers: NEURON's mechanisms are compiled at the highest level for this"
        " processor; only NEURON's solving and Brian2's own loop are timed, not their starting,"
        " setting to rest or files. What favours ours: float32, which NEURON does not have and"
        " which does not make Brian2 faster; so float64 is beside it.",
        "## Speeds",
        as_markdown(SPEED_HEAD, speed_rows(results)),
        "Neuron-seconds per second: 120 would be real time for one pool. *Ready* is from nothing"
        " to a built model, compiling included.",
        *_limit(results),
        *_accuracy(results),
        *_loop(results),
        *_cold(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _on_misses(results: Results) -> str:
    names = [verdict.what for verdict in unmet(results)]
    return f"Not met: {'; '.join(names)}." if names else "Every promise measured here is reached."


def _limit(results: Results) -> list[str]:
    limit, kernel = results.limit(1), results.kernel
    ours = results.timing(OURS, "float32", 1, 1)
    if limit is None or kernel is None or ours is None:
        return []
    stricter = share_of_limit(ours, limit.separate, kernel).median
    return [
        "## The processor's limit",
        f"One core issued {median(limit.fused) / 1e9:.1f}e9 vector instructions a second,"
        f" {limit.lanes} float32 numbers wide, where multiplications with addition and additions"
        " alternate: the measure of the promise. A program of our own measures it in each round."
        f" The kernel needs {kernel.arithmetic} for sixteen cells and one step, counted in its"
        f" assembly; {kernel.moves} loads, stores and copies are not counted. Plain"
        f" multiplications and additions by turns, which is what a kernel without contraction is"
        f" made of, were issued at {median(limit.separate) / 1e9:.1f}e9 a second; of that limit"
        f" one pool reaches {100 * stricter:.0f} %. Divisions, and instructions that wait for each"
        " other, keep any kernel below 100 %.",
    ]


def _accuracy(results: Results) -> list[str]:
    if not results.accuracy:
        return []
    rows = [
        (
            item.scheme,
            f"{item.step_ms:g}",
            f"{100 * item.rate_error:+.2f} %",
            f"{100 * item.within_a_millisecond:.1f} %",
        )
        for item in results.accuracy
    ]
    return [
        "## Accuracy against step",
        "The same cells and the same events as with a step of 0.005 ms. The first row is the"
        " default of the package; the comparison above uses the problem's scheme, which is"
        " NEURON's default, so that all do the same work.",
        as_markdown(("scheme", "step ms", "error of rate", "spikes within 1 ms"), rows),
    ]


def _loop(results: Results) -> list[str]:
    if not results.loops:
        return []
    rows = []
    for loop in results.loops:
        middle, best = loop.times_real_time
        rows.append((loop.precision, f"{loop.step_ms:g}", f"{middle:.0f}", f"{best:.0f}"))
    peers = []
    for program in PEERS:
        timing = results.timing(program, "float64", 1, 1)
        if timing:
            peers.append(f"{program} {timing.speeds[0] / MOTONEURONS:.1f}")
    return [
        "## P2: the closed reflex loop of one muscle",
        as_markdown(("precision", "step ms", "times real time, median", "best"), rows),
        "No peer was given the loop. Their pool alone, from P1, runs at these times real time: "
        + ", ".join(peers)
        + ". That is the most they could reach with a loop that costs nothing, so a ratio to it"
        " is a lower bound.",
    ]


def _cold(results: Results) -> list[str]:
    if not results.cold:
        return []
    rows = [
        (cold.program, f"{median(cold.seconds):.2f}", f"{min(cold.seconds):.2f}")
        for cold in results.cold
    ]
    return [
        "## Cold start",
        "A fresh process from its start to the end of the first simulated second of one pool."
        f" {OURS} and NEURON were compiled before; Brian2 compiles the problem itself, as it does"
        " for every new model.",
        as_markdown(("program", "seconds, median", "best"), rows),
    ]
