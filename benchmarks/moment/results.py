"""Results of the comparison: what was measured, as one file that tables and pictures read.

Receives turns from the programs that took part and keeps every one of them, so that whoever
doubts a ratio can work it out again. A ratio is taken between two programs of the same round,
since the machine was the same for both only then; the median over the rounds is what counts, and
the ratio of the best turns stands beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import problem
from pydantic import TypeAdapter
from turns import Work

OURS = "Myotome"
LOOP = f"{OURS} reflex loop"
REDUCED = f"{OURS} kernel in the reduced loop"
PEERS = ("NEURON", "CoreNEURON", "Brian2")


@dataclass(frozen=True)
class Timing:
    """One program at one work: the seconds of each of its turns."""

    work: Work
    version: str
    seconds: tuple[float, ...]
    spikes: int
    memory_mb: float
    ready_s: float  # from nothing to a built model, compiling included

    @property
    def spikes_of_a_pool(self) -> float:
        """Spikes in one pool, the mean of all."""
        return self.spikes / self.work.pools

    def speed(self, seconds: float) -> float:
        """Neuron-seconds simulated in a second, for one duration of a run."""
        simulated = problem.MOTONEURONS * self.work.pools * self.work.duration_ms / 1000
        return simulated / seconds

    @property
    def speeds(self) -> tuple[float, float]:
        """Its speed in the median turn and in the best."""
        return self.speed(median(self.seconds)), self.speed(min(self.seconds))

    @property
    def times_real_time(self) -> tuple[float, float]:
        """How many lives' time it runs in its own, in the median turn and in the best."""
        middle, best = self.speeds
        return middle / problem.MOTONEURONS, best / problem.MOTONEURONS


@dataclass(frozen=True)
class Ratio:
    """How many times faster one program is than another."""

    median: float
    best: float


@dataclass(frozen=True)
class Limit:
    """Vector instructions that one core can issue in a second, once for each round."""

    lanes: int  # float32 numbers in one vector
    fused: tuple[float, ...]  # multiplication with addition, and addition, by turns
    separate: tuple[float, ...]  # multiplication, and addition, by turns


@dataclass(frozen=True)
class Kernel:
    """What our kernel asks for sixteen cells and one step, in float32."""

    arithmetic: int  # vector instructions
    moves: int  # loads, stores and copies of vectors besides


@dataclass(frozen=True)
class Accuracy:
    """A scheme against the same cells and the same input at a very small step."""

    scheme: str
    step_ms: float
    rate_error: float  # spikes too many, as a share
    within_a_millisecond: float  # share of spikes that have a partner so near


@dataclass(frozen=True)
class Cold:
    """Seconds of a fresh process from its start to the end of its first simulated second."""

    program: str
    seconds: tuple[float, ...]


@dataclass(frozen=True)
class Results:
    """One whole comparison."""

    machine: dict[str, str]
    rounds: int
    timings: tuple[Timing, ...]
    skipped: dict[str, str] = field(default_factory=dict)  # a program, and one word why
    limit: Limit | None = None
    kernel: Kernel | None = None
    accuracy: tuple[Accuracy, ...] = ()
    cold: tuple[Cold, ...] = ()
    loops: tuple[Timing, ...] = ()  # P2: our reflex loop, and the reduced one that peers have too

    def timing(self, program: str, precision: str, pools: int, threads: int) -> Timing | None:
        """One program at one work, or None where it took no part."""
        for found in self.timings:
            at = found.work
            if (at.program, at.precision, at.pools, at.threads) == (
                program,
                precision,
                pools,
                threads,
            ):
                return found
        return None

    def loop(self, program: str, precision: str, step_ms: float) -> Timing | None:
        """One program at the loop of one muscle, or None where it took no part."""
        for found in self.loops:
            at = found.work
            if (at.program, at.precision, at.step_ms, at.pools) == (program, precision, step_ms, 1):
                return found
        return None


def ratio(ours: Timing, theirs: Timing) -> Ratio:
    """How many times faster ours is, for the same simulated neuron-seconds.

    Raises:
        ValueError: The two did not take the same number of turns.
    """
    if len(ours.seconds) != len(theirs.seconds):
        raise ValueError(
            f"Programs need the same number of turns, got {len(ours.seconds)} and"
            f" {len(theirs.seconds)}."
        )
    of_rounds = [
        ours.speed(own) / theirs.speed(other)
        for own, other in zip(ours.seconds, theirs.seconds, strict=True)
    ]
    return Ratio(median(of_rounds), ours.speeds[1] / theirs.speeds[1])


def share_of_limit(ours: Timing, issued: Sequence[float], kernel: Kernel) -> Ratio:
    """Share of the processor's issue limit that a program reaches.

    A limit is the most that was ever seen, so the best round stands for it in both numbers, as
    many times as there are threads.

    Args:
        ours: The program.
        issued: Instructions of one core in a second, once for each round.
        kernel: Its instructions; moves do not count, so that none can raise the share.
    """
    steps_per_s = 1000 / ours.work.step_ms / 16
    middle, best = (speed * steps_per_s * kernel.arithmetic for speed in ours.speeds)
    limit = ours.work.threads * max(issued)
    return Ratio(middle / limit, best / limit)


_ADAPTER = TypeAdapter(Results)


def read(path: Path) -> Results:
    """A stored comparison."""
    return _ADAPTER.validate_json(path.read_bytes())


def write(path: Path, results: Results) -> None:
    """Store a comparison, for a page to be printed from."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_ADAPTER.dump_json(results, indent=1) + b"\n")
