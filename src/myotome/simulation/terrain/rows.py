"""Rows: states of many runs at once, one run a row, made from one another place by place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from myotome.simulation.state import State

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
T = TypeVar("T")


def each(function: Callable[..., Any], *states: T) -> T:
    """A state (or part of one) made by a function of the arrays of others, place by place."""
    made: T = _each(function, *states)
    return made


def _each(function: Callable[..., Any], *parts: Any) -> Any:  # noqa: ANN401 - parts of any kind
    first = parts[0]
    if isinstance(first, tuple):
        return type(first)(*(_each(function, *some) for some in zip(*parts, strict=True)))
    if is_dataclass(first):
        names = [f.name for f in fields(first)]
        return replace(
            first,  # type: ignore[type-var]
            **{name: _each(function, *(getattr(s, name) for s in parts)) for name in names},
        )
    return function(*parts)


def taken(state: State, rows: NDArray[np.intp]) -> State:
    """Some runs of a state; a run may be taken more than once."""
    runs = state.cause.shape[0]
    return each(lambda a: np.take(_full(a, runs), rows, axis=-2), state)


def _full(array: Array, runs: int) -> Array:
    shape = (*array.shape[:-2], runs, array.shape[-1])
    return np.broadcast_to(array, shape)


def between(one: State, other: State, share: Array) -> State:
    """The state a share of the way from one to another, the branch of each pool as in `one`.

    Args:
        one: Share 0.
        other: Share 1.
        share: Of each run, shape (runs, 1).
    """
    return each(lambda a, b: a if a.dtype == bool else a + share * (b - a), one, other)


def on_branch(state: State, sustained: Bools) -> State:
    """The same state with the pools of some runs (shape (runs,)) put on the sustained branch."""
    flags = np.broadcast_to(sustained[None, :, None], state.fast.sustained.shape)
    return replace(state, fast=replace(state.fast, sustained=flags.copy()))


def with_cause(state: State, causes: Array) -> State:
    """The same state under another cause (mm) at the first root, shape (runs,), and no flare."""
    cause = np.zeros_like(state.cause)
    cause[:, 0] = causes
    return replace(state, cause=cause, flare=np.zeros_like(cause))


def started(state: State, sustained: Bools) -> State:
    """Runs that start well, or as after years of a full spasm: short, sensitised, firing."""
    marked = on_branch(state, sustained)
    where = sustained[:, None]
    return replace(
        marked,
        sarcomeres=np.where(where, 0.9, marked.sarcomeres),
        contracture=np.where(where, 1.3, marked.contracture),
        sensitisation=np.where(where, 0.6, marked.sensitisation),
        disc_height=np.where(where, 0.98, marked.disc_height),
        fast=replace(marked.fast, force=np.where(where, 0.15, marked.fast.force)),
    )
