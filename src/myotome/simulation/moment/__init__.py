"""Moment: seconds of fast physiology at a frozen slow state, spike by spike.

    run(of_muscle("soleus"), [Ramp("voluntary", 0, 0.3, 0.5, 4.5)], seconds=5)

A moment writes to no slow state: it shows what nerves and muscles do within seconds, and the course
reads from it what that amounts to over a day.

    architecture  what one muscle is like     preparation  roots, muscles, joints
    structures    every parameter             wiring       strengths of connections
    frozen        the slow state, held        stimuli      what is done
    inputs        the same by the millisecond periphery    what begins in the muscle
    assembly      constants of the loop       loop         one step, read aloud
    loop_parts    what each structure hears   loop_state   everything that moves
    engines       NumPy or compiled           run          a whole run
    recording     what is kept                probes       any state, of any cell
    watching      how an engine reads one     result       labelled arrays
    protocols     what a physiologist would do
"""

from myotome.physiology.needle import Insertion
from myotome.simulation.moment.architecture import architecture_of
from myotome.simulation.moment.frozen import Frozen, healthy
from myotome.simulation.moment.periphery import Needling
from myotome.simulation.moment.preparation import (
    MomentPreparation,
    of_course,
    of_muscle,
    standard,
)
from myotome.simulation.moment.probes import STATES, Probe
from myotome.simulation.moment.recording import CHANNELS
from myotome.simulation.moment.result import MomentRun
from myotome.simulation.moment.run import run
from myotome.simulation.moment.stimuli import Ramp, Stimulus, Train, hold
from myotome.simulation.moment.structures import Structures

__all__ = [
    "CHANNELS",
    "STATES",
    "Frozen",
    "Insertion",
    "MomentPreparation",
    "MomentRun",
    "Needling",
    "Probe",
    "Ramp",
    "Stimulus",
    "Structures",
    "Train",
    "architecture_of",
    "healthy",
    "hold",
    "of_course",
    "of_muscle",
    "run",
    "standard",
]
