"""P1 in Myotome: the reference pool, advanced in one call by the compiled kernels.

The time of a run is that of the whole call a user makes, checks of the input and packing
included; only laying the state at rest is not counted, as for the peers.
"""

from __future__ import annotations

import time

import numpy as np
import problem as p
from turns import answer_turns, given_work

from myotome import __version__
from myotome.physiology import backend, motoneuron


def main() -> None:
    """Build the pools, then answer turns."""
    work = given_work()
    constants = motoneuron.reference_pool(p.MOTONEURONS)
    precision = np.float32 if work.precision == "float32" else np.float64
    inputs = motoneuron.PoolInput(
        shot_rate=p.EVENT_RATE,
        shot_weight=p.EVENT_WEIGHT,
        seed=np.arange(work.pools) + p.SEED,
    )
    steps = round(work.duration_ms / work.step_ms)

    def run() -> tuple[float, int]:
        rest = motoneuron.at_rest(constants, work.pools, precision)
        start = time.perf_counter()
        _, spikes = motoneuron.advance(
            constants,
            rest,
            inputs,
            steps=steps,
            step_ms=work.step_ms,
            scheme="backward_euler" if work.scheme == "backward_euler" else "crank_nicolson",
            threads=work.threads,
        )
        return time.perf_counter() - start, len(spikes.step)

    answer_turns(run, version=f"{__version__} ({backend.described()})")


if __name__ == "__main__":
    main()
