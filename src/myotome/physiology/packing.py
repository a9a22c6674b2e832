"""Packing: lays constants and states as the kernels read them, and takes states back.

A structure of which there are a few a muscle is packed side by side: all numbers of one, then all
of the next, in the order of the named tuple and with tuples inside it opened. Units of a pool are
packed in rows instead: one quantity of all units, then the next.

Source: none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _opened(entries: Iterable[Any]) -> Iterator[Array]:
    """Every array of a named tuple, those of tuples inside it too."""
    for entry in entries:
        if isinstance(entry, tuple):
            yield from _opened(entry)
        else:
            yield np.asarray(entry)


def side_by_side(entries: Iterable[Any], count: int) -> Array:
    """Numbers of `count` structures, shape (count, numbers), contiguous.

    >>> side_by_side((np.array(1.0), (np.array([2.0, 3.0]),)), 2).tolist()
    [[1.0, 2.0], [1.0, 3.0]]
    """
    arrays = [np.broadcast_to(array, (count,)) for array in _opened(entries)]
    return np.ascontiguousarray(np.stack(arrays, axis=-1))


def in_rows(entries: Iterable[Any], units: int) -> Array:
    """Numbers of a pool, shape (numbers, units), contiguous."""
    return np.ascontiguousarray(side_by_side(entries, units).T)
