"""P2 in Myotome: the closed reflex loop of one muscle, run as a user runs it.

The standard muscle at a free hinge under a steady drive, knocked once a second: motoneurons,
Renshaw cells, axons, motor units, muscle, tendon and joint, spindles, tendon organs, thin
afferents and the dorsal horn of the root, each heard by the next after its delay. The time of a
run is that of the whole call, the checks and the recording of the usual channels included. Peers
are given a reduced loop, that of reflex.py, which is less work than this.
"""

from __future__ import annotations

import time

import problem as p
from turns import answer_turns, given_work

from myotome import __version__
from myotome.simulation.moment import Stimulus, Train, hold, run, standard

DRIVE = 0.3
KNOCK, KNOCKS_HZ, KNOCK_MS = 2.0, 1.0, 100  # N m


def main() -> None:
    """Build the loop, then answer turns."""
    work = given_work()
    seconds = work.duration_ms / 1000
    preparation = standard(people=work.pools)
    stimuli: list[Stimulus] = [
        hold("voluntary", DRIVE, 0.0, seconds),
        Train("torque", KNOCK, KNOCKS_HZ, 0.0, seconds, width_ms=KNOCK_MS),
    ]

    def once(seconds: float) -> tuple[float, int, str]:
        start = time.perf_counter()
        done = run(
            preparation,
            stimuli,
            seconds=seconds,
            seed=p.SEED,
            precision="float32" if work.precision == "float32" else "float64",
            step_ms=work.step_ms,
            scheme="backward_euler" if work.scheme == "backward_euler" else "crank_nicolson",
            threads=work.threads,
        )
        return time.perf_counter() - start, len(done.spikes.millisecond), done.backend

    _, _, backend = once(0.001)
    answer_turns(lambda: once(seconds)[:2], version=f"{__version__} ({backend})")


if __name__ == "__main__":
    main()
