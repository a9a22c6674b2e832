"""Watching: how each engine reads the states that probes ask for.

The NumPy engine takes them from the state of the loop. For the compiled one, where each number lies
is written down as strides, which `loop_probes.hpp` follows. Both copy; neither computes.

Source: none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.motoneuron import PoolState
from myotome.physiology.motoneuron_packing import LONG_AGO
from myotome.simulation.moment.loop_state import LINES, MomentState
from myotome.simulation.moment.probes import STATES, Placed, State, looks_of

Array = NDArray[np.float64]

# Order of the lines in which afferent rates travel, as in loop_state.py.
_LINES: Final = ("primary", "secondary", "tendon_organ", "group_3", "group_4", "volley")


class NumpyWatch:
    """Readings of one stretch, from the states of the reference loop."""

    def __init__(self, probes: Mapping[str, Placed]) -> None:
        self._probes = probes
        self._looks = looks_of(probes)
        self._kept: dict[str, list[Array]] = {name: [] for name in probes}

    @property
    def looks(self) -> int:
        """Parts of a millisecond after which motoneurons are read."""
        return self._looks

    def take(self, state: MomentState, pools: tuple[PoolState, ...]) -> None:
        """Read what is due when a millisecond is over.

        Args:
            state: At its end.
            pools: Motoneurons after each part of it.
        """
        for name, probe in self._probes.items():
            if probe.state.structure != "pool":
                if state.millisecond % probe.every == 0:
                    self._kept[name].append(_picked(probe, _read(probe.state, state)))
                continue
            begun = (state.millisecond - 1) * self._looks
            for look, pool in enumerate(pools, start=1):
                if (begun + look) % (probe.every * self._looks // probe.looks) == 0:
                    shape = state.blocked.shape
                    values = getattr(pool, probe.state.field).reshape(shape)
                    self._kept[name].append(_picked(probe, values))

    def kept(self) -> dict[str, Array]:
        """Readings of each probe, shape (readings, people, columns, cells)."""
        return {
            name: np.stack(kept) if kept else np.empty((0, *self._probes[name].shape))
            for name, kept in self._kept.items()
        }


def _read(state: State, of: MomentState) -> NDArray[Any]:
    """A state of everybody, shape (people, columns) or (people, columns, cells)."""
    if state.structure == "control":
        return of.control
    if state.structure == "afferents":
        line = of.afferents[_LINES.index(state.field)]
        return np.asarray(line[of.millisecond % line.shape[0]])
    if state.name == "axons.arriving":
        return np.asarray(of.axons[of.millisecond % of.axons.shape[0]])
    if state.name == "axons.blocked":
        return of.blocked
    return np.asarray(getattr(getattr(of, state.structure), state.field))


def _picked(probe: Placed, values: NDArray[Any]) -> Array:
    chosen = values[probe.people][:, probe.columns]
    if probe.state.within:
        chosen = chosen[:, :, probe.cells]
    return np.array(chosen, dtype=np.float64)


class _Place(NamedTuple):
    """Where a state lies in an array of the compiled engine, in numbers."""

    source: str
    of_cells: int = 0
    offset: int = 0
    by_person: int = 0
    by_column: int = 0
    by_cell: int = 0
    ring: int = 1
    by_ring: int = 0


class CompiledWatch:
    """Readings of one stretch, which the kernels write."""

    def __init__(
        self,
        probes: Mapping[str, Placed],
        sizes: Mapping[str, int],
        arrays: Mapping[str, NDArray[Any]],
        millisecond: int,
        milliseconds: int,
    ) -> None:
        self._probes = probes
        self.looks = looks_of(probes)
        self.described: list[dict[str, Any]] = []
        for probe in probes.values():
            looks = self.looks if probe.state.structure == "pool" else 1
            before = probe.readings(millisecond)
            readings = probe.readings(millisecond + milliseconds) - before
            place = _place(probe.state, sizes)
            whom = np.full(sizes["people"], -1, dtype=np.int64)
            whom[probe.people] = np.arange(probe.people.size)
            self.described.append({
                **place._asdict(),
                "source_size": arrays[place.source].size if place.source else 0,
                "every": probe.every * looks // probe.looks,
                "before": before,
                "readings": readings,
                "people_in_all": sizes["people"],
                "person_count": probe.people.size,
                "column_count": probe.columns.size,
                "cell_count": probe.cells.size,
                "people": whom,
                "columns": probe.columns,
                "cells": probe.cells,
                "kept": np.empty((readings, *probe.shape)),
            })  # fmt: skip

    def kept(self, precision: np.dtype[Any], steps_per_block: int) -> dict[str, Array]:
        """Readings of each probe, as `NumpyWatch` gives them."""
        found = {}
        for (name, probe), one in zip(self._probes.items(), self.described, strict=True):
            values = one["kept"]
            if probe.state.name == "pool.since_spike":
                # Kernels count steps.
                counted = np.minimum(values.astype(precision), precision.type(LONG_AGO))
                values = (counted * precision.type(1.0 / steps_per_block)).astype(np.float64)
            found[name] = values
        return found


def _place(state: State, sizes: Mapping[str, int]) -> _Place:
    """Where the arrays of `engines.packed_state` hold a state."""
    muscles, stride, kinds = sizes["muscles"], sizes["stride"], sizes["kinds"]
    ring, axons = sizes["ring"] * muscles, sizes["axon_ring"] * stride
    fields = [one.field for one in STATES.values() if one.structure == state.structure]
    rows, row = len(fields), fields.index(state.field)
    line = _LINES.index(state.field) * ring if state.structure == "afferents" else 0
    apart = {
        "units.yielding": _Place("yielding", 1, 0, muscles, 1),
        "axons.blocked": _Place("blocked", 1, 0, muscles * stride, stride, 1),
        "axons.arriving": _Place(
            "axons", 1, 0, muscles * axons, axons, 1, sizes["axon_ring"], stride
        ),
        "control.level": _Place("control_state", 0, 0, muscles, 1),
    }
    of_cells = {
        "pool": _Place("", offset=row),
        # Yielding, which is of the muscle, lies apart.
        "units": _Place(
            "unit_state", 1, row * stride, muscles * (rows - 1) * stride, (rows - 1) * stride, 1
        ),
        "horn": _Place(
            "horn_state", 0, row * kinds, sizes["roots"] * rows * kinds, rows * kinds, 1
        ),
        "afferents": _Place("afferents", 0, line, LINES * ring, 1, 0, sizes["ring"], muscles),
    }
    if state.name in apart:
        return apart[state.name]
    if state.structure in of_cells:
        return of_cells[state.structure]
    columns = sizes["joints"] if state.of == "joint" else muscles
    return _Place(f"{state.structure}_state", 0, row, columns * rows, rows)
