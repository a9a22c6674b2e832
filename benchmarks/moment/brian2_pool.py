"""P1 in Brian2's C++ standalone mode: the same cells as text equations, compiled to a program.

Runs in the peer's own interpreter. Brian2 has exponential Euler for such equations, not backward
Euler, and its random numbers are its own, so its spikes agree in number only (near 3450, where
the problem's scheme and hash give 3309). The time of a run is the one that the compiled program
takes of its own loop: neither its start nor its reading and writing of files counts.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import brian2 as b  # type: ignore[import-not-found]
import numpy as np
import problem as p
from turns import Work, answer_turns, given_work, memory

EQUATIONS = """
dsoma/dt = (-soma_leak*soma + coupling*(dendrite - soma) + sodium*m**3*h*(e_sodium - soma)
            + (fast_potassium*n**4 + slow_potassium*q**2)*(e_potassium - soma))
           / soma_capacitance : volt
ddendrite/dt = (-dendrite_leak*dendrite + coupling*(soma - dendrite) + g*(e_excitatory - dendrite)
                + calcium*inward*(e_calcium - dendrite)) / dendrite_capacitance : volt
dg/dt = -g/decay : siemens
dinward/dt = (1/(1 + exp((half - dendrite)/slope)) - inward)/inward_time : 1
dm/dt = on*m_opens*(1 - m) - (1 - on)*m_shuts*m : 1
dh/dt = (1 - on)*h_opens*(1 - h) - on*h_shuts*h : 1
dn/dt = on*n_opens*(1 - n) - (1 - on)*n_shuts*n : 1
dq/dt = on*q_opens*(1 - q) - (1 - on)*slow_shuts*q : 1
on = int(t - lastspike < pulse) : 1 (constant over dt)
soma_capacitance : farad (constant)
dendrite_capacitance : farad (constant)
soma_leak : siemens (constant)
dendrite_leak : siemens (constant)
coupling : siemens (constant)
sodium : siemens (constant)
fast_potassium : siemens (constant)
slow_potassium : siemens (constant)
calcium : siemens (constant)
spike_at : volt (constant)
slow_shuts : Hz (constant)
"""
CAPACITANCES = ("soma_capacitance", "dendrite_capacitance")
CONDUCTANCES = (
    "soma_leak",
    "dendrite_leak",
    "coupling",
    "sodium",
    "fast_potassium",
    "slow_potassium",
    "calcium",
)


def main() -> None:
    """Compile the pools, then answer turns."""
    work = given_work()
    if work.precision == "float32":
        b.prefs.core.default_float_dtype = np.float32
    # Without OpenMP where one thread is asked for: zero means none at all.
    b.prefs.devices.cpp_standalone.openmp_threads = work.threads if work.threads > 1 else 0
    b.set_device("cpp_standalone", build_on_run=False, directory=work.folder)
    b.defaultclock.dt = work.step_ms * b.ms
    b.seed(p.SEED)
    cells = _motoneurons(work)
    events = b.PoissonInput(cells, "g", 1, p.EVENT_RATE / b.ms, p.EVENT_WEIGHT * b.usiemens)
    spikes = b.SpikeMonitor(cells)
    b.Network(cells, events, spikes).run(work.duration_ms * b.ms)
    b.device.build(compile=True, run=False, directory=work.folder)

    def run() -> tuple[float, int]:
        b.device.run(with_output=False)
        return float(b.device._last_run_time), int(spikes.num_spikes)  # noqa: SLF001 - its only name

    answer_turns(run, version=b.__version__, peak_memory=_peak_memory_of(Path(work.folder)))


def _motoneurons(work: Work) -> b.NeuronGroup:
    half_a_step = 0.5 * work.step_ms  # times are compared half a step off, clear of rounding
    cells = b.NeuronGroup(
        p.MOTONEURONS * work.pools,
        EQUATIONS,
        method="exponential_euler",
        threshold="soma > spike_at and t - lastspike > refractory_time",
        refractory=0 * b.ms,
        namespace={
            "e_sodium": p.SODIUM * b.mV,
            "e_potassium": p.POTASSIUM * b.mV,
            "e_excitatory": p.EXCITATORY * b.mV,
            "e_calcium": p.CALCIUM * b.mV,
            "decay": p.EVENT_DECAY * b.ms,
            "half": p.INWARD_HALF * b.mV,
            "slope": p.INWARD_SLOPE * b.mV,
            "inward_time": p.INWARD_TIME * b.ms,
            "m_opens": p.M_OPENS / b.ms,
            "m_shuts": p.M_SHUTS / b.ms,
            "h_opens": p.H_OPENS / b.ms,
            "h_shuts": p.H_SHUTS / b.ms,
            "n_opens": p.N_OPENS / b.ms,
            "n_shuts": p.N_SHUTS / b.ms,
            "q_opens": p.Q_OPENS / b.ms,
            "pulse": (p.PULSE - half_a_step) * b.ms,
            "refractory_time": (p.REFRACTORY - half_a_step) * b.ms,
        },
    )
    pool = p.pool()
    for name in CAPACITANCES:
        setattr(cells, name, np.tile(getattr(pool, name), work.pools) * b.nfarad)
    for name in CONDUCTANCES:
        setattr(cells, name, np.tile(getattr(pool, name), work.pools) * b.usiemens)
    cells.spike_at = np.tile(pool.threshold, work.pools) * b.mV
    cells.slow_shuts = np.tile(pool.slow_shuts, work.pools) / b.ms
    cells.h = 1
    cells.lastspike = -1e3 * b.second
    return cells


def _peak_memory_of(folder: Path) -> Callable[[], float]:
    """Memory of this process and of the compiled program, which is run once more to be seen."""
    found: list[float] = []

    def peak() -> float:
        if not found:
            here = Path.cwd()
            os.chdir(folder)
            arguments = ["./main", "--results_dir", str(folder / "results") + os.sep]
            child = os.posix_spawn("./main", arguments, os.environ)
            _, _, used = os.wait4(child, 0)
            os.chdir(here)
            found.append(used.ru_maxrss / 1024)
        return memory() + found[0]

    return peak


if __name__ == "__main__":
    main()
