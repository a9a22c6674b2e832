"""The comparison is a folder of scripts: its modules are found as the scripts find them."""

import sys
from pathlib import Path

import pytest

MOMENT = Path(__file__).parents[3] / "benchmarks" / "moment"
# At the end, so that no module of it stands before one that another test means.
sys.path.append(str(MOMENT))


@pytest.fixture
def timing():
    """A timing with these seconds."""
    from results import Timing
    from turns import Work

    def made(  # noqa: PLR0913, PLR0917 - what tests tell timings apart by
        seconds, program="Myotome", precision="float32", pools=1, threads=1, spikes=3309
    ):
        duration = 2000.0 if pools == 1 else 250.0
        work = Work(program, precision, pools, threads, duration, 0.05)
        return Timing(work, "1.0", tuple(seconds), spikes, 30.0, 0.2)

    return made


@pytest.fixture
def results(timing):
    """One whole comparison: ours a hundred times NEURON, fifty times the others."""
    from results import LOOP, REDUCED, Accuracy, Cold, Kernel, Limit, Results

    groups = [
        timing([0.01, 0.01], "Myotome", precision, pools, threads, 3309 * pools)
        for precision in ("float32", "float64")
        for pools, threads in ((1, 1), (64, 2))
    ]
    for program, seconds in (("NEURON", 1.0), ("CoreNEURON", 0.5), ("Brian2", 0.5)):
        for pools, threads in ((1, 1), (64, 2)):
            groups.append(timing([seconds] * 2, program, "float64", pools, threads, 3309 * pools))
    return Results(
        machine={"processor": "a processor", "cores": "2"},
        rounds=2,
        timings=tuple(groups),
        skipped={"Other": "uninstallable"},
        limit=Limit(16, (1e10, 1e10), (1.2e10, 1.2e10)),
        kernel=Kernel(100, 20),
        accuracy=(Accuracy("crank_nicolson", 0.1, -0.0004, 0.98),),
        cold=(Cold("Myotome", (0.2, 0.4, 0.3)),),
        loops=(
            timing((0.01, 0.008), LOOP, spikes=9000),
            timing((0.005, 0.005), REDUCED),
            timing((0.5, 0.5), "Brian2", "float64", spikes=3450),
        ),
    )
