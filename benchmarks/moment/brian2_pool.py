"""P1 in Brian2's C++ standalone mode: the same cells as text equations, compiled to a program.

Runs in the peer's own interpreter. Brian2 has exponential Euler for such equations, not backward
Euler, and its random numbers are its own, so its spikes agree in number only (near 3450, where
the problem's scheme and hash give 3309). The time of a run is that of the compiled program's own
loop: neither its start nor its reading and writing of files counts. Two lines set into that
program read the clock, since the time that Brian2 tells is the processor's and not the wall's.
"""

from __future__ import annotations

import os
import subprocess
import time
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
START = """
timespec wall_start, wall_stop;
clock_gettime(CLOCK_MONOTONIC, &wall_start);
"""
STOP = """
clock_gettime(CLOCK_MONOTONIC, &wall_stop);
std::cout << (wall_stop.tv_sec - wall_start.tv_sec) + 1e-9*(wall_stop.tv_nsec - wall_start.tv_nsec)
          << std::endl;
"""


def main() -> None:
    """Compile the pools, then answer turns."""
    work = given_work()
    begin(work)
    cells = motoneurons(work)
    events = b.PoissonInput(cells, "g", 1, p.EVENT_RATE / b.ms, p.EVENT_WEIGHT * b.usiemens)
    spikes = b.SpikeMonitor(cells)
    answer(work, b.Network(cells, events, spikes), spikes)


def begin(work: Work) -> None:
    """Set Brian2 to one work, before anything of a model is made."""
    if work.precision == "float32":
        b.prefs.core.default_float_dtype = np.float32
    # Without OpenMP where one thread is asked for: zero means none at all.
    b.prefs.devices.cpp_standalone.openmp_threads = work.threads if work.threads > 1 else 0
    b.set_device("cpp_standalone", build_on_run=False, directory=work.folder)
    b.defaultclock.dt = work.step_ms * b.ms
    b.seed(p.SEED)


def answer(work: Work, network: b.Network, spikes: b.SpikeMonitor) -> None:
    """Compile a network into a program, then answer turns with its spikes."""
    b.device.insert_code("main", START)
    network.run(work.duration_ms * b.ms)
    b.device.insert_code("main", STOP)
    b.device.build(compile=True, run=False, directory=work.folder)

    def run() -> tuple[float, int]:
        b.device.run(with_output=False)
        told = (Path(work.folder) / "results" / "stdout.txt").read_text(encoding="utf-8")
        return float(told.split()[-1]), int(spikes.num_spikes)

    answer_turns(run, version=b.__version__, peak_memory=peak_memory_of(Path(work.folder)))


def motoneurons(work: Work) -> b.NeuronGroup:
    """The cells of every pool, at rest."""
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


def peak_memory_of(folder: Path) -> Callable[[], float]:
    """Memory of this process and of the compiled program, which is run once more to be seen."""
    found: list[float] = []

    def peak() -> float:
        if not found:
            arguments = ["./main", "--results_dir", str(folder / "results") + os.sep]
            with subprocess.Popen(arguments, cwd=folder) as child:
                while child.poll() is None:
                    found.append(memory(child.pid))
                    time.sleep(0.005)
        return memory() + max(found)

    return peak


if __name__ == "__main__":
    main()
