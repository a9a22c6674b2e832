"""Sign table: every probability of the examination, with its range, source and certainty.

The numbers live in ``probabilities.csv``, one row each, so that a clinician can contest any of
them. `sign_table` gives the central values; `drawn_tables` gives draws from the ranges, always
the same ones, from which the assessment takes its intervals. How the rows were made, and how
few rest on data, stands in ``PROBABILITIES.md``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from myotome.atlas.reading import read_table

Array = NDArray[np.float64]

DRAWS = 128
_SEED = 20260301  # fixed: the same findings always give the same interval
_TWO_SIDED_95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Probability:
    """One row: a probability, share or multiplier, with its 95 % range.

    `certainty` is A measured, B derived by a stated formula, C by analogy, D assumed.
    """

    parameter_id: str
    group: str
    sign_id: str
    site_kind: str
    symbol: str
    value: float
    low: float
    high: float
    unit: str
    certainty: str
    source_ids: tuple[str, ...]
    derivation: str
    notes: str


class SignTable:
    """The numbers of the table, `draws` versions of each side by side.

    Args:
        numbers: Shape (draws, rows), columns in the order of `probability_rows`.
    """

    def __init__(self, numbers: Array) -> None:
        self._numbers = numbers
        self._place = _places()

    @property
    def draws(self) -> int:
        """How many versions of the table stand side by side."""
        return int(self._numbers.shape[0])

    def __contains__(self, parameter_id: str) -> bool:
        return parameter_id in self._place

    def get(self, parameter_id: str) -> Array:
        """The number of a row in every draw, shape (draws,)."""
        column: Array = self._numbers[:, self._place[parameter_id]]
        return column

    def chunk(self, start: int, stop: int) -> SignTable:
        """Some of the draws."""
        return SignTable(self._numbers[start:stop])

    def replaced(self, values: Mapping[str, float]) -> SignTable:
        """The same table with some rows set to other values: a contested number tried out."""
        numbers = self._numbers.copy()
        for parameter_id, value in values.items():
            numbers[:, self._place[parameter_id]] = value
        return SignTable(numbers)


@cache
def probability_rows() -> tuple[Probability, ...]:
    """Every row of the table."""
    return read_table(Probability, __package__, "probabilities.csv")


@cache
def _places() -> dict[str, int]:
    return {row.parameter_id: place for place, row in enumerate(probability_rows())}


@cache
def sign_table() -> SignTable:
    """The central values: one draw."""
    return SignTable(np.array([[row.value for row in probability_rows()]]))


@cache
def drawn_tables(draws: int = DRAWS) -> SignTable:
    """Draws from the ranges: a Latin hypercube, one stratum a draw in every row.

    A row is drawn in log-odds (probabilities and shares) or logs (multipliers), as two halves
    of a normal with its 2.5th and 97.5th percentiles at `low` and `high`. Shares of one family
    are scaled to sum to one. Draws in which a sign would speak the wrong way are handled where
    signs are read.
    """
    generator = np.random.default_rng(_SEED)
    strata = np.array([NormalDist().inv_cdf((k + 0.5) / draws) for k in range(draws)])
    numbers = np.empty((draws, len(probability_rows())))
    for place, row in enumerate(probability_rows()):
        numbers[:, place] = _drawn(row, generator.permutation(strata))
    table = SignTable(numbers)
    for family in _share_families():
        numbers[:, family] /= numbers[:, family].sum(axis=1, keepdims=True)
    return table


def _drawn(row: Probability, standard: Array) -> Array:
    if row.low == row.high:
        return np.full_like(standard, row.value)
    is_probability = row.unit in {"probability", "share"}
    middle, low, high = (
        np.log(x / (1.0 - x)) if is_probability else np.log(x)
        for x in (row.value, row.low, row.high)
    )
    step = np.where(standard > 0, high - middle, middle - low) / _TWO_SIDED_95
    moved = middle + standard * step
    drawn: Array = 1.0 / (1.0 + np.exp(-moved)) if is_probability else np.exp(moved)
    return drawn


def _share_families() -> list[list[int]]:
    families: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(probability_rows()):
        if row.unit == "share":
            families.setdefault((row.group, row.site_kind), []).append(place)
    return list(families.values())


@cache
def table_version() -> str:
    """Twelve hexadecimal digits of the table's content."""
    content = files(__package__).joinpath("probabilities.csv").read_bytes()
    return hashlib.sha256(content).hexdigest()[:12]
