"""P2, reduced, in Myotome: the shipped motoneuron kernel in the loop that the peers are given.

The package has no such loop of its own: its preparation closes a fuller one, which our_loop.py
runs. So that a ratio compares like with like, a small program beside this one puts the kernel of
the package, from its header and with its flags, into the loop of reflex.py. It is compiled once.
"""

from __future__ import annotations

import ctypes
import hashlib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import problem as p
import reflex as r
from limit import HERE, PHYSIOLOGY, compiler, flags_of_the_build
from numpy.typing import NDArray
from peers import BUILD
from turns import Work, answer_turns, given_work

from myotome import __version__
from myotome.physiology import motoneuron
from myotome.physiology.motoneuron_packing import packed

_SOURCE = HERE / "reduced_loop.cpp"
_NUMBERS = (
    float(r.DELAY), r.SYNAPSE, r.HALF_ACTIVE, r.LEAST_ACTIVE, round(1 / r.MUSCLE_STEP),
    r.MUSCLE_STEP, r.WHOLE, r.SWING, r.SWING_PERIOD, r.TENDON, r.TENDON_GAIN, r.TENDON_STEEPNESS,
    r.WIDTH, r.PASSIVE_STEEPNESS, r.PASSIVE_STRAIN, r.FASTEST, r.D1, r.D2, r.D3, r.D4,
    r.LARGEST_FORCE, r.RESTING, r.OF_LENGTH, r.OF_VELOCITY, r.SPINDLE_LENGTH,
)  # fmt: skip


def main() -> None:
    """Compile the loop, then answer turns."""
    work = given_work()
    run = prepared(work)

    def once() -> tuple[float, int]:
        start = time.perf_counter()
        told = run()
        return time.perf_counter() - start, round(told[0])

    answer_turns(once, version=__version__)


def prepared(work: Work) -> Callable[[], NDArray[np.float64]]:
    """A function that runs the loop once.

    It gives the spikes, the mean force and fibre length, and the impulses of the endings.
    """
    precision = np.float32 if work.precision == "float32" else np.float64
    constants = motoneuron.reference_pool(p.MOTONEURONS)
    inputs = motoneuron.PoolInput(
        shot_rate=p.EVENT_RATE, shot_weight=r.EVENT_WEIGHT, seed=np.array([p.SEED])
    )
    steps = round(1 / work.step_ms)
    rest = motoneuron.at_rest(constants, 1, precision)
    a = packed(constants, rest, inputs, steps, work.step_ms, "backward_euler")
    given = np.ascontiguousarray(np.broadcast_to(a.inputs, (1, *a.inputs.shape[1:])))
    kept = [np.ascontiguousarray(x) for x in (a.constants, a.shared, a.state, given, a.bits)]
    kept += [*r.twitches(), *r.endings(), np.array(_NUMBERS)]
    function = getattr(ctypes.CDLL(str(_compiled())), f"reduced_{work.precision}")
    function.restype = None
    told = np.zeros(4)
    sizes = (a.units, a.state.shape[-1], r.AFFERENTS, steps)

    def run() -> NDArray[np.float64]:
        function(
            *(ctypes.c_void_p(array.ctypes.data) for array in kept),
            *(ctypes.c_int(size) for size in sizes),
            ctypes.c_int64(round(work.duration_ms)),
            ctypes.c_void_p(told.ctypes.data),
        )
        return told

    return run


def _compiled() -> Path:
    """The program as a library, made anew only when something of it has changed."""
    made_from = hashlib.sha256()
    for source in (_SOURCE, *sorted(PHYSIOLOGY.glob("*.hpp")), HERE.parents[1] / "CMakeLists.txt"):
        made_from.update(source.read_bytes())
    library = BUILD / f"reduced_loop-{made_from.hexdigest()[:16]}.so"
    if not library.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        begun = library.with_suffix(".unfinished")
        own = [f for f in flags_of_the_build() if not f.startswith("-march")]
        flags = ["-std=c++17", *own, "-march=native", "-shared", "-fPIC", "-I", str(PHYSIOLOGY)]
        subprocess.run([compiler(), *flags, str(_SOURCE), "-o", str(begun)], check=True)
        begun.rename(library)
    return library


if __name__ == "__main__":
    main()
