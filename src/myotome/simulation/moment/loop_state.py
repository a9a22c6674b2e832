"""Loop state: everything that moves in a moment, and what a millisecond of it showed.

Source: none; each structure's state is its own file's.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import (
    joint_motion,
    motor_unit,
    muscle_nociceptor,
    muscle_spindle,
    musculotendon_motion,
    rate_coded_pool,
    renshaw,
    tendon_organ,
)
from myotome.physiology import motoneuron as cells
from myotome.physiology.dorsal_horn import Circuit
from myotome.simulation.moment.assembly import Constants
from myotome.simulation.moment.frozen import Frozen
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.structures import Structures

Array = NDArray[np.float64]

# Lines of the ring in which afferent rates travel to the cord.
PRIMARY, SECONDARY, TENDON_ORGAN, GROUP_3, GROUP_4, VOLLEY = range(6)
LINES: Final = 6


class Body(NamedTuple):
    """What does not move.

    Attributes:
        c: Constants.
        p: Who hangs together with whom.
        frozen: The slow state.
        s: Parameters.
    """

    c: Constants
    p: MomentPreparation
    frozen: Frozen
    s: Structures


class MomentState(NamedTuple):
    """Everything that moves.

    Attributes:
        pool: Motoneurons, shape (people * muscles, units); at rest where there are no cells.
        rate_coded: What stands for them there.
        renshaw: Shape (people, muscles).
        horn: Circuits, shape (people, roots, kinds).
        control: How far pain elsewhere holds down what reports a muscle, 0 to 1, shape (people,
            muscles).
        units: Motor units, shape (people, muscles, units).
        muscle: Shape (people, muscles).
        spindle: Likewise.
        organ: Likewise.
        nociceptor: Likewise.
        joint: Shape (people, joints).
        afferents: Rates on their way to the cord (Hz), shape (lines, ring, people, muscles).
        axons: Impulses on their way to the muscle, shape (ring, people, muscles, units).
        blocked: Milliseconds for which a shocked axon carries nothing down, shape as `units`.
        millisecond: How many were run.
    """

    pool: cells.PoolState
    rate_coded: rate_coded_pool.RateCodedState | None
    renshaw: renshaw.RenshawState
    horn: Circuit
    control: Array
    units: motor_unit.MotorUnitState
    muscle: musculotendon_motion.MusculotendonState
    spindle: muscle_spindle.MuscleSpindleState
    organ: tendon_organ.TendonOrganState
    nociceptor: muscle_nociceptor.MuscleNociceptorState
    joint: joint_motion.JointMotionState
    afferents: Array
    axons: Array
    blocked: Array
    millisecond: int


class Seen(NamedTuple):
    """What one millisecond showed.

    Attributes:
        channels: By name.
        fired: Which motoneurons did, shape (people, muscles, units).
        pools: Motoneurons after each part of it.
    """

    channels: dict[str, Array]
    fired: NDArray[np.bool_]
    pools: tuple[cells.PoolState, ...]
