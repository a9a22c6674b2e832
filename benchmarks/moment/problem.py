"""Problem P1: one pool of 120 motoneurons that every program of the comparison simulates.

It receives nothing and gives the numbers of the problem. Each cell has a soma and a dendrite, its
spike is a pulse that opens sodium and two potassium conductances, its dendrite carries a
persistent inward current and a noisy excitatory conductance. The problem is fixed: it stands apart
from the package's own parameters, so that a better model of the cell does not move the measure of
speed. Runs in the interpreter of each peer, so it needs NumPy and nothing of the package. Voltages
are from rest (mV), times in ms, conductances uS, capacitances nF.

Source: CisiKohn2008 for the cell; the input and the problem are this project's own.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOTONEURONS: Final = 120
STEP: Final = 0.05
DURATION: Final = 2000.0
COHORT: Final = 64
COHORT_DURATION: Final = 250.0
SEED: Final = 1
# Every program that draws its input from the hash and steps by backward Euler must count this
# many spikes in the whole duration with that seed.
SPIKES: Final = 3309

SODIUM, POTASSIUM, EXCITATORY, CALCIUM = 120.0, -10.0, 70.0, 140.0  # reversal potentials
# Rates of the gates (per ms) while the pulse is on and while it is off.
M_OPENS, M_SHUTS = 22.0, 13.0
H_OPENS, H_SHUTS = 0.5, 4.0
N_OPENS, N_SHUTS = 1.5, 0.1
Q_OPENS = 1.5
PULSE, REFRACTORY = 0.6, 5.0
EVENT_WEIGHT, EVENT_RATE, EVENT_DECAY = 0.12, 1.0, 2.5
INWARD_TIME, INWARD_HALF, INWARD_SLOPE = 20.0, 14.0, 2.0
AXIAL = 70.0  # ohm cm
SODIUM_DENSITY, FAST_DENSITY, SLOW_DENSITY, CALCIUM_DENSITY = 30.0, 4.0, 16.0, 0.006  # mS/cm2


class Pool(NamedTuple):
    """What differs between the motoneurons of a pool, from the smallest to the largest."""

    soma_diameter: Array  # um, and its length
    dendrite_diameter: Array  # um
    dendrite_length: Array  # um
    soma_resistance: Array  # ohm cm2
    dendrite_resistance: Array  # ohm cm2
    soma_capacitance: Array
    dendrite_capacitance: Array
    soma_leak: Array
    dendrite_leak: Array
    coupling: Array
    sodium: Array
    fast_potassium: Array
    slow_potassium: Array
    calcium: Array
    threshold: Array
    slow_shuts: Array  # per ms: how fast the slow potassium gate shuts


def pool(motoneurons: int = MOTONEURONS) -> Pool:
    """The cells of the problem, evenly spaced between the smallest and the largest."""
    place = np.arange(motoneurons) / (motoneurons - 1.0)
    soma_diameter = 77.5 + place * (113.0 - 77.5)
    dendrite_diameter = 41.5 + place * (92.5 - 41.5)
    dendrite_length = 5500.0 + place * (10600.0 - 5500.0)
    soma_resistance = 1150.0 - place * 500.0
    dendrite_resistance = 14400.0 - place * (14400.0 - 6050.0)
    soma_area = np.pi * (soma_diameter * 1e-4) ** 2
    dendrite_area = np.pi * dendrite_diameter * 1e-4 * dendrite_length * 1e-4
    soma_leak = soma_area / soma_resistance * 1e6
    dendrite_leak = dendrite_area / dendrite_resistance * 1e6
    soma_axial = AXIAL * (soma_diameter * 1e-4) / (np.pi * (soma_diameter * 0.5e-4) ** 2)
    dendrite_axial = AXIAL * (dendrite_length * 1e-4) / (np.pi * (dendrite_diameter * 0.5e-4) ** 2)
    coupling = 2.0 / (soma_axial + dendrite_axial) * 1e6
    input_resistance = 1.0 / (soma_leak + coupling * dendrite_leak / (coupling + dendrite_leak))
    return Pool(
        soma_diameter=soma_diameter,
        dendrite_diameter=dendrite_diameter,
        dendrite_length=dendrite_length,
        soma_resistance=soma_resistance,
        dendrite_resistance=dendrite_resistance,
        soma_capacitance=soma_area * 1e3,
        dendrite_capacitance=dendrite_area * 1e3,
        soma_leak=soma_leak,
        dendrite_leak=dendrite_leak,
        coupling=coupling,
        sodium=SODIUM_DENSITY * soma_area * 1e3,
        fast_potassium=FAST_DENSITY * soma_area * 1e3,
        slow_potassium=SLOW_DENSITY * soma_area * 1e3,
        calcium=CALCIUM_DENSITY * dendrite_area * 1e3,
        threshold=3.5 * (22.1 / 3.5) ** place * input_resistance,
        slow_shuts=0.025 + place * 0.013,
    )
