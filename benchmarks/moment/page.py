"""Page: the stored comparison as a page of the documentation, with its picture.

Receives results; gives Markdown. Nothing is measured here, so that the page can be printed anew
from the stored numbers on any machine.
"""

from __future__ import annotations

from pathlib import Path

from picture import drawing
from problem import COHORT, COHORT_DURATION, DURATION, MOTONEURONS, SPIKES, STEP
from reflex import AFFERENTS, DELAY
from results import OURS, Results, read, share_of_limit
from table import (
    ACCURACY_HEAD,
    COLD_HEAD,
    LOOP_HEAD,
    LOOP_RATIO_HEAD,
    SPEED_HEAD,
    VERDICT_HEAD,
    accuracy_rows,
    amount,
    as_markdown,
    cold_rows,
    counted,
    loop_ratio_rows,
    loop_rows,
    speed_rows,
    spike_words,
    uneven,
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
        machine
        + f"; {counted(results.rounds, 'round')}."
        + (f" Took no part: {skipped}." if skipped else ""),
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
        " more. NEURON records a spike when its upstroke passes 50 mV, one to three steps after"
        " the threshold, and so misses those begun in the last steps of a run: some of a cohort.",
        "What favours the peers: NEURON's mechanisms are compiled at the highest level for this"
        " processor, as Brian2's program is by default; only NEURON's solving and Brian2's own loop"
        " are timed, not their starting, setting to rest or files. What favours ours: float32,"
        " which NEURON does not have and which does not make Brian2 faster; so float64 stands"
        " beside it.",
        "## Speeds",
        as_markdown(SPEED_HEAD, speed_rows(results)),
        "Neuron-seconds per second: 120 would be real time for one pool. *Ready* is from nothing"
        " to a built model, compiling included unless an earlier run left it there. Memory is the"
        " largest a process held; of Brian2, its Python and its compiled program together.",
        *_limit(results),
        *_accuracy(results),
        *_loop(results),
        *_cold(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _on_misses(results: Results) -> str:
    names = [verdict.what for verdict in unmet(results)]
    said = f"Not met: {'; '.join(names)}." if names else "Every promise measured here is reached."
    told = [
        f"{verdict.what}, {amount(verdict.best, verdict.unit)} by the best"
        for verdict in uneven(results)
    ]
    if not told:
        return said
    return f"{said} By the median alone, since turns of one program differ: {'; '.join(told)}."


def _limit(results: Results) -> list[str]:
    limit, kernel = results.limit, results.kernel
    ours = results.timing(OURS, "float32", 1, 1)
    if limit is None or kernel is None or ours is None:
        return []
    stricter = share_of_limit(ours, limit.separate, kernel).median
    return [
        "## The processor's limit",
        f"One core issued {max(limit.fused) / 1e9:.1f}e9 vector instructions a second,"
        f" {limit.lanes} float32 numbers wide, where multiplications with addition and additions"
        " alternate: the measure of the promise. A program of our own measures it in each round,"
        " and the best round is the limit."
        f" The kernel needs {kernel.arithmetic} for sixteen cells and one step, counted in its"
        f" assembly; {kernel.moves} loads, stores and copies are not counted. Plain"
        f" multiplications and additions by turns, which is what a kernel without contraction is"
        f" made of, were issued at {max(limit.separate) / 1e9:.1f}e9 a second; of that limit"
        f" one pool reaches {100 * stricter:.0f} %. Divisions, and instructions that wait for each"
        " other, keep any kernel below 100 %.",
    ]


def _accuracy(results: Results) -> list[str]:
    if not results.accuracy:
        return []
    return [
        "## Accuracy against step",
        "The same cells and the same events as with a step of 0.005 ms. The first row is the"
        " default of the package. The comparison above uses backward Euler at 0.05 ms, as NEURON"
        " does by default, so that all do the same work; it is the problem, and not NEURON, that"
        " holds a conductance for a whole step at the value of its beginning, and so fires more.",
        as_markdown(ACCURACY_HEAD, accuracy_rows(results)),
    ]


def _loop(results: Results) -> list[str]:
    if not results.loops:
        return []
    return [
        "## P2: the closed reflex loop of one muscle",
        "Motoneurons, axons, motor units, muscle, joint, receptors, thin afferents and dorsal horn"
        " of one root in a closed loop with true delays, for"
        f" {results.loops[0].work.duration_ms / 1000:g} s; the whole call is timed.",
        as_markdown(LOOP_HEAD, loop_rows(results)),
        *_reduced_loop(results),
    ]


def _reduced_loop(results: Results) -> list[str]:
    rows = loop_ratio_rows(results)
    if not rows:
        return ["No peer was given a loop in this run."]
    return [
        "### Beside the peers",
        "The loop of the package holds more than a peer has parts for. So a reduced one, in"
        " `benchmarks/moment/reflex.py`, is given to all: the pool of P1, a twitch for each of its"
        " units, one muscle with a tendon that gives way between ends that move to and fro, and"
        f" {AFFERENTS} primary endings whose impulses reach every motoneuron {DELAY} ms later.",
        "The same in all: cells, numbers, step of the cells (0.05 ms), twitches and endings by the"
        " millisecond, muscle by a quarter of one. NEURON, CoreNEURON and ours also share the noise"
        " and backward Euler; Brian2 has neither. Not the same: an impulse reaches the cells at"
        " the next millisecond in ours and at the next step in the peers; ours adds up the impulses"
        " of a millisecond, where the peers deliver each to each cell; NEURON and CoreNEURON"
        " move the muscle by an event each millisecond and keep a second synapse, of their own"
        " kind, for the endings. Ours is the kernel of the package in a program of the comparison,"
        " not a preparation that a user has. The package's own loop stands below it: it has Renshaw"
        " cells, delayed axons, calcium in each unit, a joint, more receptors and the dorsal horn"
        " besides, and its recording is timed, so that its ratios are lower bounds.",
        as_markdown(LOOP_RATIO_HEAD, rows),
    ]


def _cold(results: Results) -> list[str]:
    if not results.cold:
        return []
    return [
        "## Cold start",
        "A fresh process from its start to the end of the first simulated second: of one pool, and"
        " for ours of the whole reflex loop too."
        f" {OURS} and NEURON were compiled before; Brian2 compiles the problem itself, as it does"
        " for every new model.",
        as_markdown(COLD_HEAD, cold_rows(results)),
    ]
