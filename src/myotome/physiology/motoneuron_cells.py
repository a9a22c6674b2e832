"""Motoneuron cells: the sizes, membranes and channels that make a pool of unlike cells.

Receives how many cells a pool has and of which types; gives the electrical constants of each cell
to `motoneuron`. A cell is a soma and one dendrite, both cylinders. Between the first and the last
cell of a type every number runs in a straight line, from small to large; nothing else orders
recruitment: a small cell has little membrane and so a high input resistance.

Source: cisi2008 and nagamori2021 (cells), booth1997 and powers2017 (persistent inward current).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myotome.physiology.parameters import Number, parameter

Floats = NDArray[Any]
_UM: Final = 1e-4  # cm


@dataclass(frozen=True, slots=True)
class Membrane:
    """What all cells of a pool share."""

    sodium_reversal: Number = parameter(
        120.0, unit="mV", tag="V", source="cisi2008", meaning="reversal of sodium, from rest"
    )
    potassium_reversal: Number = parameter(
        -10.0, unit="mV", tag="V", source="cisi2008", meaning="reversal of potassium, from rest"
    )
    excitation_reversal: Number = parameter(
        70.0, unit="mV", tag="V", source="cisi2008", meaning="reversal of excitatory synapses"
    )
    inhibition_reversal: Number = parameter(
        -16.0, unit="mV", tag="V", source="cisi2008", meaning="reversal of inhibitory synapses"
    )
    persistent_reversal: Number = parameter(
        140.0, unit="mV", tag="V", source="booth1997",
        meaning="reversal of the persistent inward current: 80 mV, and rest at -60 mV",
    )  # fmt: skip
    sodium_rise: Number = parameter(
        22.0, unit="1/ms", tag="V", source="cisi2008", meaning="opening of sodium in a spike"
    )
    sodium_fall: Number = parameter(
        13.0, unit="1/ms", tag="V", source="cisi2008", meaning="closing of sodium after it"
    )
    ready_rise: Number = parameter(
        0.5, unit="1/ms", tag="V", source="cisi2008", meaning="recovery of sodium channels"
    )
    ready_fall: Number = parameter(
        4.0, unit="1/ms", tag="V", source="cisi2008", meaning="their inactivation in a spike"
    )
    fast_potassium_rise: Number = parameter(
        1.5, unit="1/ms", tag="V", source="cisi2008", meaning="opening of fast potassium"
    )
    fast_potassium_fall: Number = parameter(
        0.1, unit="1/ms", tag="V", source="cisi2008", meaning="closing of fast potassium"
    )
    slow_potassium_rise: Number = parameter(
        1.5, unit="1/ms", tag="V", source="cisi2008", meaning="opening of slow potassium"
    )
    pulse: Number = parameter(
        0.6, unit="ms", tag="V", source="cisi2008", meaning="how long a spike opens the channels"
    )
    refractory: Number = parameter(
        2.0, unit="ms", tag="D", source="assumed", low=1.0, high=5.0,
        meaning="least time between spikes",
    )  # fmt: skip
    excitation_decay: Number = parameter(
        0.4, unit="ms", tag="V", source="cisi2008",
        meaning="decay of an excitatory conductance, 1 over 2.5 per ms",
    )  # fmt: skip
    inhibition_decay: Number = parameter(
        0.8333333333333334, unit="ms", tag="V", source="cisi2008",
        meaning="decay of an inhibitory conductance, 1 over 1.2 per ms",
    )  # fmt: skip
    persistent_time_constant: Number = parameter(
        40.0, unit="ms", tag="V", source="booth1997", meaning="persistent inward current"
    )
    persistent_slope: Number = parameter(
        7.0, unit="mV", tag="V", source="booth1997", meaning="slope of its activation"
    )
    inactivation_time_constant: Number = parameter(
        1500.0, unit="ms", tag="V", source="powers2017",
        meaning="slow inactivation of the persistent inward current, where it is switched on",
    )  # fmt: skip
    inactivation_slope: Number = parameter(
        4.0, unit="mV", tag="V", source="powers2017", meaning="slope of that inactivation"
    )
    inactivation: Number = parameter(
        0.0, unit="1", tag="D", source="project_definition", low=0.0, high=0.0,
        meaning="1 with slow inactivation, 0 without",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its size, its membrane and its channels. Defaults are the first slow cell."""

    threshold: Number = parameter(
        12.35, unit="mV", tag="V", source="nagamori2021", meaning="spike threshold, from rest"
    )
    soma_diameter: Number = parameter(
        77.5, unit="um", tag="V", source="nagamori2021", meaning="diameter and length of the soma"
    )
    dendrite_diameter: Number = parameter(
        41.5, unit="um", tag="V", source="nagamori2021", meaning="diameter of the dendrite"
    )
    dendrite_length: Number = parameter(
        5519.0, unit="um", tag="V", source="nagamori2021", meaning="length of the dendrite"
    )
    soma_resistance: Number = parameter(
        1150.0, unit="ohm cm2", tag="V", source="nagamori2021", meaning="membrane of the soma"
    )
    dendrite_resistance: Number = parameter(
        14350.0, unit="ohm cm2", tag="V", source="nagamori2021", meaning="that of the dendrite"
    )
    core_resistance: Number = parameter(
        70.0, unit="ohm cm", tag="V", source="cisi2008", meaning="resistivity of the inside"
    )
    capacitance: Number = parameter(
        1.0, unit="uF/cm2", tag="V", source="cisi2008", meaning="capacitance of membrane"
    )
    sodium: Number = parameter(
        30.0, unit="mS/cm2", tag="V", source="nagamori2021", meaning="sodium conductance"
    )
    fast_potassium: Number = parameter(
        4.0, unit="mS/cm2", tag="V", source="nagamori2021", meaning="fast potassium conductance"
    )
    slow_potassium: Number = parameter(
        17.0, unit="mS/cm2", tag="V", source="nagamori2021", meaning="slow potassium conductance"
    )
    slow_potassium_fall: Number = parameter(
        0.025, unit="1/ms", tag="V", source="nagamori2021",
        meaning="closing of slow potassium, which sets the afterhyperpolarisation",
    )  # fmt: skip
    persistent: Number = parameter(
        0.0251, unit="mS/cm2", tag="D", source="soleus_delta_f", low=0.0, high=0.03,
        meaning="persistent inward conductance of the dendrite, set by the difference of rates "
        "between recruitment and derecruitment: 0.36 of the leak in slow cells",
    )  # fmt: skip
    half_activation: Number = parameter(
        20.0, unit="mV", tag="V", source="booth1997",
        meaning="half-activation of the persistent inward current: -40 mV, and rest at -60 mV",
    )  # fmt: skip
    half_inactivation: Number = parameter(
        14.0, unit="mV", tag="V", source="powers2017", meaning="half of its slow inactivation"
    )
    axon_velocity: Number = parameter(
        44.0, unit="m/s", tag="V", source="nagamori2021", meaning="conduction along the axon"
    )


SLOW: Final = (
    Cell(),
    Cell(
        threshold=16.45, soma_diameter=82.5, dendrite_diameter=62.5, dendrite_length=6789.0,
        soma_resistance=1050.0, dendrite_resistance=10650.0, axon_velocity=51.0,
        persistent=0.0338,
    ),
)  # fmt: skip
"""First and last slow cell."""

# Over the leak the persistent current is weaker in fast cells: 0.31 and 0.22 of it. With 0.36
# everywhere large cells, once recruited, would never stop.
_RESISTANT: Final = dataclasses.replace(
    SLOW[1], slow_potassium=37.5, slow_potassium_fall=0.05, persistent=0.0291
)
FATIGUE_RESISTANT: Final = (
    _RESISTANT,
    dataclasses.replace(
        _RESISTANT, threshold=19.3, soma_diameter=87.5, dendrite_diameter=83.5,
        dendrite_length=8058.0, soma_resistance=950.0, dendrite_resistance=6950.0,
        axon_velocity=52.0, persistent=0.0446,
    ),
)  # fmt: skip
"""First and last fast fatigue-resistant cell."""

_FATIGABLE: Final = dataclasses.replace(
    FATIGUE_RESISTANT[1], fast_potassium=0.5, slow_potassium=8.0, persistent=0.0317
)
FATIGABLE: Final = (
    _FATIGABLE,
    dataclasses.replace(
        _FATIGABLE, threshold=20.9, soma_diameter=112.5, dendrite_diameter=92.5,
        dendrite_length=10578.0, soma_resistance=650.0, dendrite_resistance=6050.0,
        axon_velocity=53.0, persistent=0.0364,
    ),
)  # fmt: skip
"""First and last fast fatigable cell."""


@dataclass(frozen=True, slots=True)
class Composition:
    """Shares of the types of cell in a pool; the rest is fatigable."""

    slow: Number = parameter(
        0.5, unit="1", tag="D", source="assumed", low=0.3, high=0.9, meaning="share of slow cells"
    )
    fatigue_resistant: Number = parameter(
        0.25, unit="1", tag="D", source="assumed", low=0.05, high=0.35,
        meaning="share of fast fatigue-resistant cells",
    )  # fmt: skip


class PoolConstants(NamedTuple):
    """Numbers of each cell, shape (units,) or (people, units), and what the cells share."""

    soma_capacitance: Floats
    """nF."""
    dendrite_capacitance: Floats
    """nF."""
    soma_leak: Floats
    """uS."""
    dendrite_leak: Floats
    """uS."""
    coupling: Floats
    """uS, between soma and dendrite."""
    sodium: Floats
    """uS, all channels open; so are the next three."""
    fast_potassium: Floats
    slow_potassium: Floats
    persistent: Floats
    threshold: Floats
    """mV from rest."""
    half_activation: Floats
    """mV from rest, of the persistent inward current."""
    half_inactivation: Floats
    """mV from rest, of its slow inactivation."""
    slow_potassium_fall: Floats
    """1/ms."""
    axon_velocity: Floats
    """m/s."""
    membrane: Membrane

    def arrays(self) -> dict[str, Floats]:
        """Every field but the membrane."""
        return {name: getattr(self, name) for name in PoolConstants._fields if name != "membrane"}

    @property
    def units(self) -> int:
        """Cells of the pool."""
        return int(self.threshold.shape[-1])

    def raised(self, rise: ArrayLike) -> PoolConstants:
        """The same pool with thresholds and half-activations raised by a share of themselves."""
        factor = 1.0 + np.asarray(rise, dtype=np.float64)
        return self._replace(
            threshold=self.threshold * factor, half_activation=self.half_activation * factor
        )


def pool(
    units: int = 120,
    composition: Composition = Composition(),
    membrane: Membrane = Membrane(),
) -> PoolConstants:
    """A pool of slow, then fatigue-resistant, then fatigable cells, each type from small to large.

    Args:
        units: Cells, 3 or more.
        composition: Shares of the types.
        membrane: What all cells share.
    """
    if units < 3:
        raise ValueError(f"units must be 3 or more, got {units}.")
    slow = max(1, min(units - 2, round(units * float(np.asarray(composition.slow)))))
    share = float(np.asarray(composition.fatigue_resistant))
    resistant = max(1, min(units - slow - 1, round(units * share)))
    numbers = (slow, resistant, units - slow - resistant)
    types = (SLOW, FATIGUE_RESISTANT, FATIGABLE)
    cells = {
        field.name: np.concatenate(
            [
                np.linspace(getattr(first, field.name), getattr(last, field.name), number)
                for (first, last), number in zip(types, numbers, strict=True)
            ]
        )
        for field in dataclasses.fields(Cell)
    }
    return constants_of(Cell(**cells), membrane)


def mid_range(kind: tuple[Cell, Cell], *, persistent: bool = False) -> Cell:
    """The cell halfway between the first and the last of a type, for comparison with tables."""
    middle = {
        field.name: 0.5 * (getattr(kind[0], field.name) + getattr(kind[1], field.name))
        for field in dataclasses.fields(Cell)
    }
    cell = Cell(**middle)
    return cell if persistent else dataclasses.replace(cell, persistent=0.0)


def constants_of(cell: Cell, membrane: Membrane = Membrane()) -> PoolConstants:
    """Electrical constants of cells whose fields are numbers or arrays of shape (units,)."""
    c = Cell(
        **{
            field.name: np.asarray(getattr(cell, field.name), dtype=np.float64)
            for field in dataclasses.fields(Cell)
        }
    )
    soma, thick, long = (
        np.asarray(x) * _UM for x in (c.soma_diameter, c.dendrite_diameter, c.dendrite_length)
    )
    soma_area, dendrite_area = np.pi * soma**2, np.pi * thick * long
    along_soma = c.core_resistance * soma / (np.pi * (soma / 2.0) ** 2)
    along_dendrite = c.core_resistance * long / (np.pi * (thick / 2.0) ** 2)
    made = PoolConstants(
        soma_capacitance=c.capacitance * soma_area * 1e3,
        dendrite_capacitance=c.capacitance * dendrite_area * 1e3,
        soma_leak=soma_area / c.soma_resistance * 1e6,
        dendrite_leak=dendrite_area / c.dendrite_resistance * 1e6,
        coupling=2.0 / (along_soma + along_dendrite) * 1e6,
        sodium=c.sodium * soma_area * 1e3,
        fast_potassium=c.fast_potassium * soma_area * 1e3,
        slow_potassium=c.slow_potassium * soma_area * 1e3,
        persistent=c.persistent * dendrite_area * 1e3,
        threshold=np.asarray(c.threshold),
        half_activation=np.asarray(c.half_activation),
        half_inactivation=np.asarray(c.half_inactivation),
        slow_potassium_fall=np.asarray(c.slow_potassium_fall),
        axon_velocity=np.asarray(c.axon_velocity),
        membrane=membrane,
    )
    return _even(made)


def reference_pool(units: int = 120) -> PoolConstants:
    """The pool on which programs are compared: 120 cells without types, thresholds by rheobase.

    Driven by shots of 0.12 uS at 1 per ms with seed 1, backward Euler at 0.05 ms, for 2 s, it gives
    exactly 3309 spikes. A problem for benchmarks, with numbers of its own; no claim about a body.
    """
    x = np.linspace(0.0, 1.0, units)
    membrane = Membrane(
        refractory=5.0, excitation_decay=2.5, persistent_time_constant=20.0, persistent_slope=2.0
    )
    cells = Cell(
        threshold=0.0,
        soma_diameter=77.5 + x * 35.5,
        dendrite_diameter=41.5 + x * 51.0,
        dendrite_length=5500.0 + x * 5100.0,
        soma_resistance=1150.0 - x * 500.0,
        dendrite_resistance=14400.0 - x * 8350.0,
        slow_potassium=16.0,
        slow_potassium_fall=0.025 + x * 0.013,
        persistent=0.006,
        half_activation=14.0,
    )
    made = constants_of(cells, membrane)
    rheobase = 3.5 * (22.1 / 3.5) ** x
    return made._replace(threshold=rheobase * input_resistance(made))


def input_resistance(constants: PoolConstants) -> Floats:
    """Resistance (Mohm) that a steady current into the soma meets at rest, channels shut."""
    c = constants
    return np.asarray(
        1.0 / (c.soma_leak + c.coupling * c.dendrite_leak / (c.coupling + c.dendrite_leak))
    )


def _even(constants: PoolConstants) -> PoolConstants:
    """Every array of the same shape (units,)."""
    arrays = constants.arrays()
    shape = np.broadcast_shapes((1,), *(np.shape(array) for array in arrays.values()))
    even = {name: np.broadcast_to(array, shape).copy() for name, array in arrays.items()}
    return PoolConstants(**even, membrane=constants.membrane)
