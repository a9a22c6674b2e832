"""Targets of speed: what was promised before anything was measured, as reach and aim.

Receives results and gives one verdict a line. *Reach* is what must at least come out, *aim* is
what was hoped for. A line that is not met stays in the table and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from problem import COHORT, STEP
from results import LOOP as OUR_LOOP
from results import OURS, PEERS, Results, ratio, share_of_limit


@dataclass(frozen=True)
class Verdict:
    """One promise beside what was measured."""

    what: str
    measured: float
    best: float
    reach: float | None
    aim: float | None
    unit: str
    fewer_is_better: bool = False

    @property
    def word(self) -> str:
        """Where the measurement stands."""
        if self.reach is None or self.aim is None:
            return "nothing promised"
        if self.fewer_is_better:
            reached = (self.measured <= self.reach, self.measured <= self.aim)
        else:
            reached = (self.measured >= self.reach, self.measured >= self.aim)
        return "aim met" if reached[1] else "reach met" if reached[0] else "NOT MET"


@dataclass(frozen=True)
class Comparison:
    """One work at which ours is held against the peers."""

    what: str
    precision: str
    pools: int
    threads: int
    promises: dict[str, tuple[float, float]]  # a peer: reach and aim, where any was promised


COMPARISONS = (
    Comparison(
        "One pool, one thread, float32",
        "float32",
        1,
        1,
        {"NEURON": (50, 80), "CoreNEURON": (25, 40), "Brian2": (20, 35)},
    ),
    Comparison(
        "One pool, one thread, float64",
        "float64",
        1,
        1,
        {"NEURON": (25, 35), "CoreNEURON": (12, 18), "Brian2": (10, 15)},
    ),
    Comparison(
        f"{COHORT} pools, two threads, float32",
        "float32",
        COHORT,
        2,
        {"NEURON": (45, 80), "CoreNEURON": (20, 40), "Brian2": (18, 35)},
    ),
    Comparison(f"{COHORT} pools, two threads, float64", "float64", COHORT, 2, {}),
)
SHARE = (0.5, 0.7)
LOOP = (180.0, 270.0)
RATE_ERROR = (0.005, 0.001)
WITHIN_A_MILLISECOND = (0.95, 0.97)
COLD = (0.5, 0.3)


def ratios(results: Results) -> Iterator[tuple[Comparison, str, Verdict]]:
    """Each comparison with each peer that took part; peers compute in float64."""
    for comparison in COMPARISONS:
        at = (comparison.pools, comparison.threads)
        ours = results.timing(OURS, comparison.precision, *at)
        for peer in PEERS:
            theirs = results.timing(peer, "float64", *at)
            if ours and theirs:
                found = ratio(ours, theirs)
                reach, aim = comparison.promises.get(peer, (None, None))
                what = f"{comparison.what}: times {peer}"
                yield (
                    comparison,
                    peer,
                    Verdict(what, found.median, found.best, reach, aim, "x"),
                )


def verdicts(results: Results) -> list[Verdict]:
    """Every promise that was measured."""
    found = [verdict for _, _, verdict in ratios(results)]
    found += _shares(results)
    loop = results.loop(OUR_LOOP, "float32", STEP)
    if loop:
        what = "Reflex loop of one muscle, one core, step 0.05 ms"
        found.append(Verdict(what, *loop.times_real_time, *LOOP, "x real time"))
    if results.accuracy:
        default = results.accuracy[0]
        error, near = abs(default.rate_error), default.within_a_millisecond
        name = f"Default scheme, step {default.step_ms:g} ms, against 0.005 ms"
        found += [
            Verdict(f"{name}: error of rate", error, error, *RATE_ERROR, "share", True),
            Verdict(f"{name}: spikes within 1 ms", near, near, *WITHIN_A_MILLISECOND, "share"),
        ]
    for cold in results.cold:
        if cold.program not in PEERS:
            what = f"Fresh process to the first simulated second, {cold.program}"
            times = cold.seconds
            found.append(Verdict(what, median(times), min(times), *COLD, "s", True))
    return found


def _shares(results: Results) -> Iterator[Verdict]:
    for what, pools, threads in (("one pool", 1, 1), (f"{COHORT} pools", COHORT, 2)):
        ours = results.timing(OURS, "float32", pools, threads)
        if ours and results.limit and results.kernel:
            found = share_of_limit(ours, results.limit.fused, results.kernel)
            yield Verdict(
                f"Share of the processor's issue limit, {what}",
                found.median,
                found.best,
                *SHARE,
                "share",
            )
