"""P1 in NEURON and in CoreNEURON: the pool as sections with two mechanisms and a noisy synapse.

Runs in the peer's own interpreter, from the folder where its mechanisms were compiled. NEURON's
default scheme is the problem's: backward Euler with exact gates. The time of a run is that of
`psolve` alone; setting the state to rest is not counted.
"""

from __future__ import annotations

import time

import problem as p
from neuron import coreneuron, h  # type: ignore[import-not-found]
from turns import answer_turns, given_work


def main() -> None:
    """Build the pools, then answer turns."""
    work = given_work()
    name_numbers()
    parallel = h.ParallelContext()
    times, cells = h.Vector(), h.Vector()
    kept = []
    for number in range(p.MOTONEURONS * work.pools):
        soma, rest = motoneuron(number)
        watch = h.NetCon(soma(0.5)._ref_v, None, sec=soma)  # noqa: SLF001 - its only name
        watch.threshold = 50
        parallel.set_gid2node(number, parallel.id())
        parallel.cell(number, watch)
        parallel.spike_record(number, times, cells)
        kept += [soma, *rest, watch]
    h.dt = work.step_ms
    parallel.nthread(work.threads)
    parallel.set_maxstep(10)
    if work.program == "CoreNEURON":
        coreneuron.enable = True
        coreneuron.verbose = 0

    def run() -> tuple[float, int]:
        times.resize(0)
        cells.resize(0)
        h.finitialize(0)
        start = time.perf_counter()
        parallel.psolve(work.duration_ms)
        return time.perf_counter() - start, len(times)

    answer_turns(run, version=h.nrnversion(0))


def name_numbers() -> None:
    """Hand the mechanisms what is the same for every cell."""
    for name, value in {
        "e_sodium_pulse": p.SODIUM,
        "e_potassium_pulse": p.POTASSIUM,
        "m_opens_pulse": p.M_OPENS,
        "m_shuts_pulse": p.M_SHUTS,
        "h_opens_pulse": p.H_OPENS,
        "h_shuts_pulse": p.H_SHUTS,
        "n_opens_pulse": p.N_OPENS,
        "n_shuts_pulse": p.N_SHUTS,
        "q_opens_pulse": p.Q_OPENS,
        "pulse_lasts_pulse": p.PULSE,
        "refractory_pulse": p.REFRACTORY,
        "conductance_inward": p.CALCIUM_DENSITY * 1e-3,
        "e_calcium_inward": p.CALCIUM,
        "half_inward": p.INWARD_HALF,
        "slope_inward": p.INWARD_SLOPE,
        "time_inward": p.INWARD_TIME,
        "weight_Noise": p.EVENT_WEIGHT,
        "rate_Noise": p.EVENT_RATE,
        "decay_Noise": p.EVENT_DECAY,
        "e_Noise": p.EXCITATORY,
    }.items():
        setattr(h, name, value)


_POOL = p.pool()


def motoneuron(number: int) -> tuple[h.Section, list[object]]:
    """One cell: its soma, and the parts that have to be kept alive with it."""
    place = number % p.MOTONEURONS
    soma, dendrite = h.Section(name=f"soma_{number}"), h.Section(name=f"dendrite_{number}")
    dendrite.connect(soma(1))
    soma.L = soma.diam = _POOL.soma_diameter[place]
    dendrite.L, dendrite.diam = _POOL.dendrite_length[place], _POOL.dendrite_diameter[place]
    for section, resistance in (
        (soma, _POOL.soma_resistance[place]),
        (dendrite, _POOL.dendrite_resistance[place]),
    ):
        section.nseg, section.Ra, section.cm = 1, p.AXIAL, 1
        section.insert("pas")
        section.g_pas, section.e_pas = 1 / resistance, 0
    soma.insert("pulse")
    soma.sodium_pulse = p.SODIUM_DENSITY * 1e-3
    soma.fast_pulse = p.FAST_DENSITY * 1e-3
    soma.slow_pulse = p.SLOW_DENSITY * 1e-3
    soma.spike_at_pulse = _POOL.threshold[place]
    soma.q_shuts_pulse = _POOL.slow_shuts[place]
    dendrite.insert("inward")
    noise = h.Noise(dendrite(0.5))
    noise.number = number + p.SEED * p.MOTONEURONS
    return soma, [dendrite, noise]


if __name__ == "__main__":
    main()
