"""P2, reduced, in NEURON and in CoreNEURON: the pool of P1 with one more mechanism for the muscle.

Runs in the peer's own interpreter, from the folder where its mechanisms were compiled. Cells,
scheme and noise are those of neuron_pool.py. A connection from each soma brings its spikes to the
muscle, which moves itself on each millisecond; the impulses of its endings go to an exponential
synapse of every dendrite, after the delay of the path.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import problem as p
import reflex as r
from neuron import coreneuron, h  # type: ignore[import-not-found]
from neuron_pool import motoneuron, name_numbers
from turns import answer_turns, given_work


def main() -> None:
    """Build the loop, then answer turns."""
    work = given_work()
    run, _kept = prepared(work.step_ms, work.duration_ms, core=work.program == "CoreNEURON")
    answer_turns(run, version=h.nrnversion(0))


def prepared(
    step_ms: float, duration_ms: float, *, core: bool
) -> tuple[Callable[[], tuple[float, int]], list[Any]]:
    """A function that runs the loop once, and what has to be kept alive, the muscle first."""
    name_numbers()
    h.weight_Noise = r.EVENT_WEIGHT
    parallel = h.ParallelContext()
    times, cells = h.Vector(), h.Vector()
    parts: list[Any] = [motoneuron(number) for number in range(p.MOTONEURONS)]
    # A process needs a section to lie in; this one has a gid of its own for its impulses.
    muscle = h.Muscle(parts[0][0](0.5))
    _set(muscle)
    kept: list[Any] = [muscle, parts]
    impulses = h.NetCon(muscle, None)
    parallel.set_gid2node(p.MOTONEURONS, parallel.id())
    parallel.cell(p.MOTONEURONS, impulses)
    kept.append(impulses)
    for number, (soma, (dendrite, *_)) in enumerate(parts):
        watch = h.NetCon(soma(0.5)._ref_v, None, sec=soma)  # noqa: SLF001 - its only name
        watch.threshold = 50
        parallel.set_gid2node(number, parallel.id())
        parallel.cell(number, watch)
        parallel.spike_record(number, times, cells)
        axon = parallel.gid_connect(number, muscle)
        axon.weight[0], axon.delay = number, step_ms
        synapse = h.ExpSyn(dendrite(0.5))
        synapse.e, synapse.tau = p.EXCITATORY, p.EVENT_DECAY
        primary = parallel.gid_connect(p.MOTONEURONS, synapse)
        primary.weight[0], primary.delay = r.SYNAPSE, r.DELAY
        kept += [watch, axon, synapse, primary]
    h.dt = step_ms
    parallel.set_maxstep(10)
    if core:
        coreneuron.enable = True
        coreneuron.verbose = 0

    def run() -> tuple[float, int]:
        times.resize(0)
        cells.resize(0)
        h.finitialize(0)
        start = time.perf_counter()
        parallel.psolve(duration_ms)
        return time.perf_counter() - start, len(times)

    return run, kept


def _set(muscle: Any) -> None:  # noqa: ANN401 - NEURON has no types
    """Hand the muscle its numbers."""
    height, contraction = r.twitches()
    for unit in range(p.MOTONEURONS):
        muscle.height[unit] = height[unit] * np.e
        muscle.left[unit] = np.exp(-1 / contraction[unit])
        muscle.share[unit] = 1 / contraction[unit]
    for ending, pace in enumerate(r.endings()[1]):
        muscle.pace[ending] = pace
    for name, value in {
        "half_active": r.HALF_ACTIVE,
        "least_active": r.LEAST_ACTIVE,
        "substeps": round(1 / r.MUSCLE_STEP),
        "muscle_step": r.MUSCLE_STEP,
        "whole_0": r.WHOLE,
        "swing": r.SWING,
        "period": r.SWING_PERIOD,
        "tendon": r.TENDON,
        "tendon_gain": r.TENDON_GAIN,
        "tendon_steepness": r.TENDON_STEEPNESS,
        "width": r.WIDTH,
        "steepness": r.PASSIVE_STEEPNESS,
        "strain": r.PASSIVE_STRAIN,
        "fastest": r.FASTEST,
        "d1": r.D1,
        "d2": r.D2,
        "d3": r.D3,
        "d4": r.D4,
        "largest_force": r.LARGEST_FORCE,
        "resting": r.RESTING,
        "of_length": r.OF_LENGTH,
        "of_velocity": r.OF_VELOCITY,
        "spindle_length": r.SPINDLE_LENGTH,
    }.items():
        setattr(h, f"{name}_Muscle", value)


if __name__ == "__main__":
    main()
