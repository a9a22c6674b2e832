"""Nerve kernels: the compiled twins of the nerve's steps, on the states of the NumPy ones.

Receives what `dorsal_horn_moment.advance`, `renshaw.step`, `ectopic_generator.step` and
`endplate_discharge.step` receive, for one set of circuits, cells or fibres; gives the same states,
to the bit. A closed loop in C++ uses the same packing and the same headers.

Source: none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.backend import kernels
from myotome.physiology.dorsal_horn import Circuit, DorsalHorn
from myotome.physiology.dorsal_horn_moment import packed as packed_dorsal_horn
from myotome.physiology.ectopic_generator import EctopicState, Fibres
from myotome.physiology.endplate_discharge import (
    EndplateConstants,
    EndplateDischarge,
    EndplateState,
    per_fibre_rates,
)
from myotome.physiology.endplate_discharge import packed as packed_endplates
from myotome.physiology.parameters import Number
from myotome.physiology.receptors import Receptors
from myotome.physiology.renshaw import Renshaw, RenshawConstants, RenshawState
from myotome.physiology.renshaw import packed as packed_renshaw

Array = NDArray[Any]


def _module() -> Any:  # noqa: ANN401 - the compiled module
    module = kernels()
    if module is None:
        raise ValueError("backend must be numpy here: the compiled kernels are not there.")
    return module


def _rows(values: Any, dtype: Any, shape: tuple[int, ...] | None = None) -> Array:  # noqa: ANN401
    """Arrays as rows of one contiguous array, each flattened."""
    given = [np.asarray(value, dtype=dtype) for value in values]
    if shape is not None:
        given = [np.broadcast_to(value, shape) for value in given]
    return np.ascontiguousarray(np.stack([value.ravel() for value in given]))


def advance_dorsal_horn(  # noqa: PLR0913 - as the step it stands for
    horn: DorsalHorn,
    state: Circuit,
    *,
    touch: Number,
    nociception: Number,
    sensitisation: Number,
    step_ms: float = 1.0,
) -> Circuit:
    """As `dorsal_horn_moment.advance`, where every parameter is one number."""
    shape, dtype = state.projection.shape, state.projection.dtype
    rows = _rows(state, dtype)
    drives = _rows((touch, nociception, sensitisation), dtype, shape)
    _module().dorsal_horn(packed_dorsal_horn(horn, step_ms, dtype)[None], rows, drives)
    return Circuit(*(row.reshape(shape) for row in rows))


def step_renshaw(
    renshaw: Renshaw,
    constant: RenshawConstants,
    state: RenshawState,
    *,
    fired: Array,
    step_ms: float = 1.0,
) -> RenshawState:
    """As `renshaw.step`, for the cells of one pool."""
    dtype = state.drive.dtype
    rows = _rows(state, dtype)
    weights = _rows((constant.weights,), dtype)
    rates = packed_renshaw(renshaw, step_ms, dtype)[None]
    _module().renshaw(rates, weights, rows, _rows((fired,), dtype))
    return RenshawState(*(row.reshape(state.drive.shape) for row in rows))


def step_ectopic(
    group: Fibres,
    state: EctopicState,
    *,
    mean_rate: Number,
    strain: Number = 0.0,
    step_ms: float = 1.0,
) -> EctopicState:
    """As `ectopic_generator.step`."""
    shape, dtype = state.progress.shape, state.progress.dtype
    constants = _rows(
        (
            group.relative_rate, group.burst_interval, group.pause_share, group.mechanical_gain,
            group.first_strain, group.afterdischarge_share, group.afterdischarge_time,
        ),
        dtype,
        shape,
    )  # fmt: skip
    wholes = _rows((group.place, group.order, group.bursts), np.uint32, shape)
    rows = _rows((state.progress, state.interval, state.afterdischarge), dtype)
    whole_rows = _rows((state.in_burst, state.drawn, state.fired), np.uint32)
    inputs = _rows((mean_rate, strain), dtype, shape)
    _module().ectopic(constants, wholes, rows, whole_rows, inputs, step_ms, group.seed)
    progress, interval, afterdischarge = (row.reshape(shape) for row in rows)
    in_burst, drawn, fired = (row.reshape(shape) for row in whole_rows)
    return EctopicState(progress, interval, in_burst != 0, drawn, afterdischarge, fired != 0)


def step_endplates(  # noqa: PLR0913 - as the step it stands for
    discharge: EndplateDischarge,
    receptors: Receptors,
    constant: EndplateConstants,
    state: EndplateState,
    *,
    density: Array,
    step_ms: float = 1.0,
) -> EndplateState:
    """As `endplate_discharge.step`."""
    shape, dtype = state.progress.shape, state.progress.dtype
    noise_rate, share = per_fibre_rates(receptors, density, dtype)
    constants = _rows(
        (constant.susceptibility, constant.fibrillation_rate, noise_rate, share), dtype, shape
    )
    place = _rows((constant.place,), np.uint32, shape)
    rows = _rows(
        (
            state.noise_progress, state.noise_interval, state.train_progress,
            state.train_interval, state.progress, state.interval,
        ),
        dtype,
    )  # fmt: skip
    wholes = _rows(
        (
            state.noise_drawn, state.noise, state.train_drawn, state.in_train, state.drawn,
            state.fibrillated,
        ),
        np.uint32,
    )  # fmt: skip
    rates = packed_endplates(discharge, receptors, step_ms, dtype)[None]
    _module().endplates(rates, constants, place, rows, wholes, constant.seed)
    f = [row.reshape(shape) for row in rows]
    w = [row.reshape(shape) for row in wholes]
    return EndplateState(
        f[0], f[1], w[0], w[1] != 0, f[2], f[3], w[2], w[3] != 0, f[4], f[5], w[4], w[5] != 0
    )
