"""P2, reduced, in Brian2's C++ standalone mode: the loop of reflex.py as groups and synapses.

Runs in the peer's own interpreter. The cells are those of brian2_pool.py. Each unit's twitch is a
linear equation that Brian2 solves exactly; muscle and endings are groups with steps of their own,
so that nothing is stepped more often than in ours; impulses of the endings come back through
synapses with a delay. As in P1 the random numbers and the scheme of the cells are Brian2's own, so
that spikes agree in number only.
"""

from __future__ import annotations

import brian2 as b  # type: ignore[import-not-found]
import numpy as np
import problem as p
import reflex as r
from brian2_pool import answer, begin, motoneurons
from turns import Work, given_work

UNITS = """
dkick/dt = -kick/contraction : 1
dtwitch/dt = (kick - twitch)/contraction : 1
contraction : second (constant)
height : 1 (constant)
"""
MUSCLE = """
dlength/dt = velocity : 1
velocity = fastest*(sinh((load - d4)/d1) - d3)/d2 : Hz
load = clip((force - passive)/(active*exp(-((length - 1)/width)**2)), 0, largest_force) : 1
force = clip(tendon_gain*(exp(tendon_steepness*((whole - length)/tendon - 1)) - 1), 0, inf) : 1
passive = clip((exp(steepness*(length - 1)/strain) - 1)/(exp(steepness) - 1), 0, inf) : 1
active = clip(1 - exp(-pull/half_active), least_active, 1) : 1
whole : 1
pull : 1
rate : Hz
"""
ENDINGS = """
dcycle/dt = pace*rate : 1
rate : Hz (linked)
pace : 1 (constant)
"""


def main() -> None:
    """Compile the loop, then answer turns."""
    work = given_work()
    begin(work)
    network, spikes, _ = loop(work)
    answer(work, network, spikes)


def loop(work: Work) -> tuple[b.Network, b.SpikeMonitor, b.NeuronGroup]:
    """The whole network, the monitor of its motoneurons, and the muscle."""
    cells = motoneurons(work)
    events = b.PoissonInput(cells, "g", 1, p.EVENT_RATE / b.ms, r.EVENT_WEIGHT * b.usiemens)
    units = b.NeuronGroup(p.MOTONEURONS, UNITS, method="exact", dt=1 * b.ms)
    height, contraction = r.twitches()
    units.height, units.contraction = height, contraction * b.ms
    muscle = b.NeuronGroup(1, MUSCLE, method="euler", dt=r.MUSCLE_STEP * b.ms, namespace=_numbers())
    muscle.length = 1
    muscle.run_regularly("whole = whole_0 + swing*sin(2*pi*t/period)", dt=1 * b.ms)
    muscle.run_regularly(
        "rate = clip(resting + of_length*(length - spindle_length)"
        " + of_velocity*sqrt(clip(velocity/Hz, 0, inf)), 0*Hz, inf*Hz)",
        dt=1 * b.ms,
        when="end",
    )
    endings = b.NeuronGroup(
        r.AFFERENTS,
        ENDINGS,
        method="euler",
        threshold="cycle >= 1",
        reset="cycle -= 1",
        dt=1 * b.ms,
    )
    endings.cycle, endings.pace = r.endings()
    endings.rate = b.linked_var(muscle, "rate")
    axons = b.Synapses(cells, units, on_pre="kick_post += height_post*e_1", namespace={"e_1": np.e})
    axons.connect(j="i")
    pulling = b.Synapses(units, muscle, "pull_post = twitch_pre : 1 (summed)", dt=1 * b.ms)
    pulling.connect()
    primaries = b.Synapses(
        endings,
        cells,
        on_pre="g_post += synapse",
        delay=r.DELAY * b.ms,
        namespace={"synapse": r.SYNAPSE * b.usiemens},
    )
    primaries.connect()
    spikes = b.SpikeMonitor(cells)
    parts = (cells, events, units, muscle, endings, axons, pulling, primaries, spikes)
    return b.Network(*parts), spikes, muscle


def _numbers() -> dict[str, object]:
    return {
        "fastest": r.FASTEST / b.ms,
        "d1": r.D1,
        "d2": r.D2,
        "d3": r.D3,
        "d4": r.D4,
        "width": r.WIDTH,
        "largest_force": r.LARGEST_FORCE,
        "tendon": r.TENDON,
        "tendon_gain": r.TENDON_GAIN,
        "tendon_steepness": r.TENDON_STEEPNESS,
        "steepness": r.PASSIVE_STEEPNESS,
        "strain": r.PASSIVE_STRAIN,
        "half_active": r.HALF_ACTIVE,
        "least_active": r.LEAST_ACTIVE,
        "whole_0": r.WHOLE,
        "swing": r.SWING,
        "period": r.SWING_PERIOD * b.ms,
        "resting": r.RESTING * b.Hz,
        "of_length": r.OF_LENGTH * b.Hz,
        "of_velocity": r.OF_VELOCITY * b.Hz,
        "spindle_length": r.SPINDLE_LENGTH,
    }


if __name__ == "__main__":
    main()
