"""Booth-Rinzel-Kiehn motoneuron: two compartments with spikes in one and a plateau in the other.

The published cell against which the pool's persistent inward current is checked. Calcium channels
of the dendrite can hold it depolarised once it is, so that with little calcium-dependent potassium
the cell goes on firing at a current at which it was silent before. Receives current into the soma;
gives voltage. The pool itself uses cheaper cells (`motoneuron`).

Absolute mV, uA/cm2, mS/cm2, ms. Stiff: each step moves the gates and calcium first, then the
voltages with what is then open, all exponentially; 0.01 ms, as explicit steps of 0.02 ms diverge.
`booth_rinzel_kiehn.hpp` holds the same lines in C++; both agree to the bit.

Source: booth1997.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.backend import Backend, kernels
from myotome.physiology.exponential import exp, logistic
from myotome.physiology.parameters import Number, parameter

Array = NDArray[Any]

_LARGEST_CURRENT: Final = 500.0
_LARGEST_STEP: Final = 0.05


def _of_the_paper(value: float, unit: str, meaning: str) -> float:
    """A value of the published cell."""
    number: float = parameter(value, unit=unit, tag="V", source="booth1997", meaning=meaning)
    return number


@dataclass(frozen=True, slots=True)
class BoothRinzelKiehn1997:
    """The published cell; where draws or drugs change it, fields may be arrays."""

    sodium: float = _of_the_paper(120.0, "mS/cm2", "sodium of the soma")
    potassium: float = _of_the_paper(100.0, "mS/cm2", "delayed potassium of the soma")
    soma_calcium: float = _of_the_paper(14.0, "mS/cm2", "N-type calcium of the soma")
    soma_calcium_potassium: float = _of_the_paper(5.0, "mS/cm2", "K(Ca) of the soma")
    dendrite_calcium: float = _of_the_paper(0.03, "mS/cm2", "N-type calcium of the dendrite")
    plateau_calcium: float = _of_the_paper(0.33, "mS/cm2", "L-type calcium of the dendrite")
    dendrite_calcium_potassium: float = _of_the_paper(1.1, "mS/cm2", "K(Ca) of the dendrite")
    leak: float = _of_the_paper(0.51, "mS/cm2", "leak of either compartment")
    coupling: float = _of_the_paper(0.1, "mS/cm2", "conductance between them")
    soma_share: float = _of_the_paper(0.1, "1", "share of the area that is soma")
    capacitance: float = _of_the_paper(1.0, "uF/cm2", "of the membrane")
    sodium_reversal: float = _of_the_paper(55.0, "mV", "of sodium")
    potassium_reversal: float = _of_the_paper(-80.0, "mV", "of potassium")
    calcium_reversal: float = _of_the_paper(80.0, "mV", "of calcium")
    leak_reversal: float = _of_the_paper(-60.0, "mV", "of the leak")
    free_calcium: float = _of_the_paper(0.01, "1", "share of calcium that is free")
    calcium_entry: float = _of_the_paper(0.009, "mol/(C um)", "calcium by current")
    calcium_removal: float = _of_the_paper(2.0, "1/ms", "removal of calcium")
    half_calcium: float = _of_the_paper(0.2, "uM", "calcium that half opens K(Ca)")


class CellState(NamedTuple):
    """State of cells; every field of the same shape."""

    soma: Array
    dendrite: Array
    """Absolute mV."""
    sodium_ready: Array
    potassium_open: Array
    soma_calcium_open: Array
    soma_calcium_ready: Array
    dendrite_calcium_open: Array
    dendrite_calcium_ready: Array
    plateau_open: Array
    soma_calcium: Array
    dendrite_calcium: Array
    """Free calcium (uM)."""


def at_rest(shape: tuple[int, ...] = ()) -> CellState:
    """Cells at the reversal of their leak with every channel shut and ready."""
    values = (-60.0, -60.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    return CellState(*(np.full(shape, value) for value in values))


def _opened(voltage: Array, half: float, slope: float) -> Array:
    """Share open in the steady state; a negative slope falls with voltage."""
    share: Array = logistic((voltage - half) / slope)
    return share


def _towards(value: Array, steady: Array, kept: Array) -> Array:
    moved: Array = steady + (value - steady) * kept
    return moved


def _hastening(voltage: Array) -> tuple[Array, Array]:
    """Time constants (ms) of the sodium and potassium gates."""
    a, b = voltage + 50.0, voltage + 40.0
    grown = exp(np.stack([a / 15.0, -a / 16.0, b / 40.0, -b / 50.0]))
    return 30.0 / (grown[0] + grown[1]), 7.0 / (grown[2] + grown[3])


def step(
    cell: BoothRinzelKiehn1997, state: CellState, *, current: Number, step_ms: float = 0.01
) -> CellState:
    """Cells a step later.

    Args:
        cell: The cell.
        state: Theirs.
        current: Into the soma (uA/cm2 of soma).
        step_ms: At most 0.05 ms.
    """
    v, u = state.soma, state.dendrite
    time_h, time_n = _hastening(v)
    # Short arrays cost by the call, so what is alike is computed in one.
    kept_h, kept_n = exp(np.stack([-step_ms / time_h, -step_ms / time_n]))
    steady = logistic(
        np.stack([
            (v + 55.0) / -7.0, (v + 28.0) / 15.0, (v + 30.0) / 5.0, (v + 45.0) / -5.0,
            (u + 30.0) / 5.0, (u + 45.0) / -5.0, (u + 40.0) / 7.0, (v + 35.0) / 7.8,
        ])
    )  # fmt: skip
    kept_4, kept_40 = exp(-step_ms / 4.0), exp(-step_ms / 40.0)
    h = _towards(state.sodium_ready, steady[0], kept_h)
    n = _towards(state.potassium_open, steady[1], kept_n)
    soma_open = _towards(state.soma_calcium_open, steady[2], kept_4)
    soma_ready = _towards(state.soma_calcium_ready, steady[3], kept_40)
    dendrite_open = _towards(state.dendrite_calcium_open, steady[4], kept_4)
    dendrite_ready = _towards(state.dendrite_calcium_ready, steady[5], kept_40)
    plateau = _towards(state.plateau_open, steady[6], kept_40)

    m = steady[7]
    sodium = cell.sodium * (m * m * m * h)
    potassium = cell.potassium * (n * n * n * n)
    soma_calcium = cell.soma_calcium * (soma_open * soma_open * soma_ready)
    dendrite_calcium = (
        cell.dendrite_calcium * (dendrite_open * dendrite_open * dendrite_ready)
        + cell.plateau_calcium * plateau
    )
    soma_blocked = state.soma_calcium / (state.soma_calcium + cell.half_calcium)
    dendrite_blocked = state.dendrite_calcium / (state.dendrite_calcium + cell.half_calcium)
    to_soma = cell.coupling / cell.soma_share
    to_dendrite = cell.coupling / (1.0 - cell.soma_share)

    soma_potassium = potassium + cell.soma_calcium_potassium * soma_blocked
    soma_total = sodium + soma_potassium + soma_calcium + cell.leak + to_soma
    soma_driven = (
        sodium * cell.sodium_reversal
        + soma_potassium * cell.potassium_reversal
        + soma_calcium * cell.calcium_reversal
        + cell.leak * cell.leak_reversal
        + to_soma * u
        + current
    )
    dendrite_potassium = cell.dendrite_calcium_potassium * dendrite_blocked
    dendrite_total = dendrite_potassium + dendrite_calcium + cell.leak + to_dendrite
    dendrite_driven = (
        dendrite_potassium * cell.potassium_reversal
        + dendrite_calcium * cell.calcium_reversal
        + cell.leak * cell.leak_reversal
        + to_dendrite * v
    )
    kept_v, kept_u = exp(
        np.stack([
            -step_ms * soma_total / cell.capacitance,
            -step_ms * dendrite_total / cell.capacitance,
        ])
    )  # fmt: skip
    kept_calcium = exp(-step_ms / (1.0 / (cell.free_calcium * cell.calcium_removal)))
    entry = -cell.calcium_entry / cell.calcium_removal
    return CellState(
        _towards(v, soma_driven / soma_total, kept_v),
        _towards(u, dendrite_driven / dendrite_total, kept_u),
        h,
        n,
        soma_open,
        soma_ready,
        dendrite_open,
        dendrite_ready,
        plateau,
        _towards(
            state.soma_calcium,
            entry * (soma_calcium * (v - cell.calcium_reversal)),
            kept_calcium,
        ),
        _towards(
            state.dendrite_calcium,
            entry * (dendrite_calcium * (u - cell.calcium_reversal)),
            kept_calcium,
        ),
    )


def run(
    cell: BoothRinzelKiehn1997,
    state: CellState,
    currents: Array,
    *,
    step_ms: float = 0.01,
    backend: Backend | None = None,
) -> tuple[CellState, NDArray[np.bool_]]:
    """Cells after many steps, and the steps in which they fired.

    Args:
        cell: The cell.
        state: Of shape (cells,).
        currents: Into the soma at each step (uA/cm2), shape (steps, cells).
        step_ms: At most 0.05 ms.
        backend: The compiled kernel or NumPy; left out, whichever is there. Both agree to the bit.

    Raises:
        ValueError: A current, the step or a shape has no meaning.
    """
    currents = np.ascontiguousarray(currents, dtype=np.float64)
    checked(currents, step_ms)
    if currents.ndim != 2 or currents.shape[1:] != state.soma.shape:
        raise ValueError(
            "currents must be of shape (steps, cells) with the cells of the state, "
            f"got {currents.shape} and {state.soma.shape}."
        )
    module = kernels() if backend != "numpy" else None
    if module is None:
        spikes = np.zeros(currents.shape, dtype=bool)
        for k, current in enumerate(currents):
            after = step(cell, state, current=current, step_ms=step_ms)
            spikes[k] = fired(state, after)
            state = after
        return state, spikes
    count = currents.shape[1]
    constants = np.empty((count, len(fields(cell))))
    for column, field in enumerate(fields(cell)):
        constants[:, column] = getattr(cell, field.name)
    rows = np.array(state, dtype=np.float64)
    marks = np.zeros(currents.shape, dtype=np.uint8)
    module.plateau_cells(constants, rows, currents, marks, step_ms)
    return CellState(*rows), marks.astype(bool)


def rates_of_change(cell: BoothRinzelKiehn1997, state: CellState, *, current: Number) -> CellState:
    """Time derivatives (per ms), as the paper states them."""
    v, u, h, n, so, sr, do, dr, plateau, soma_free, dendrite_free = state
    m = _opened(v, -35.0, 7.8)
    soma_calcium = cell.soma_calcium * so**2 * sr * (v - cell.calcium_reversal)
    dendrite_calcium = (cell.dendrite_calcium * do**2 * dr + cell.plateau_calcium * plateau) * (
        u - cell.calcium_reversal
    )
    soma_blocked = soma_free / (soma_free + cell.half_calcium)
    dendrite_blocked = dendrite_free / (dendrite_free + cell.half_calcium)
    soma = (
        cell.sodium * m**3 * h * (v - cell.sodium_reversal)
        + (cell.potassium * n**4 + cell.soma_calcium_potassium * soma_blocked)
        * (v - cell.potassium_reversal)
        + soma_calcium
        + cell.leak * (v - cell.leak_reversal)
        + cell.coupling / cell.soma_share * (v - u)
    )
    dendrite = (
        cell.dendrite_calcium_potassium * dendrite_blocked * (u - cell.potassium_reversal)
        + dendrite_calcium
        + cell.leak * (u - cell.leak_reversal)
        + cell.coupling / (1.0 - cell.soma_share) * (u - v)
    )

    time_h, time_n = _hastening(v)

    def gate(value: Array, steady: Array, time: Array | float) -> Array:
        return (steady - value) / time

    def calcium(free: Array, entering: Array) -> Array:
        moved = -cell.calcium_entry * entering - cell.calcium_removal * free
        return cell.free_calcium * moved

    return CellState(
        (current - soma) / cell.capacitance,
        -dendrite / cell.capacitance,
        gate(h, _opened(v, -55.0, -7.0), time_h),
        gate(n, _opened(v, -28.0, 15.0), time_n),
        gate(so, _opened(v, -30.0, 5.0), 4.0),
        gate(sr, _opened(v, -45.0, -5.0), 40.0),
        gate(do, _opened(u, -30.0, 5.0), 4.0),
        gate(dr, _opened(u, -45.0, -5.0), 40.0),
        gate(plateau, _opened(u, -40.0, 7.0), 40.0),
        calcium(soma_free, soma_calcium),
        calcium(dendrite_free, dendrite_calcium),
    )


def fired(before: CellState, after: CellState) -> NDArray[np.bool_]:
    """Whether the soma's voltage rose through 0 mV between two states a step apart."""
    crossed: NDArray[np.bool_] = (before.soma < 0.0) & (after.soma >= 0.0)
    return crossed


def checked(current: Number, step_ms: float) -> None:
    """Refuse input for which the cell has no meaning.

    Raises:
        ValueError: The current or the step lies outside its range.
    """
    if not np.all(np.abs(np.asarray(current)) <= _LARGEST_CURRENT):
        raise ValueError(
            f"current must be {-_LARGEST_CURRENT:g} to {_LARGEST_CURRENT:g} (uA/cm2), "
            f"got {current}."
        )
    if not 0.0 < step_ms <= _LARGEST_STEP:
        raise ValueError(f"step_ms must be above 0 and at most {_LARGEST_STEP:g}, got {step_ms}.")
