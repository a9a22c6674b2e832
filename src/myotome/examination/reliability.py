"""Reliability: how well two examiners agreed on a sign, as far as it was published and read.

The numbers live in ``reliability.csv``, one published figure a row. A sign without a row has no
figure here, which is said and never taken for good agreement. Agreement is no accuracy: two
examiners can agree and both be wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from myotome.atlas.reading import read_table

# The customary steps of kappa (Landis and Koch 1977), as usually quoted: the upper end of each.
_STEPS: Final = (
    (0.0, "no better than by chance"),
    (0.20, "slightly"),
    (0.40, "fairly"),
    (0.60, "moderately"),
    (0.80, "substantially"),
    (1.0, "almost perfectly"),
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One published figure: a value, a span, a lower end alone, or that none was found.

    `measure` is ``kappa``, ``kappa_elsewhere`` for a figure of other muscles that stands in, or
    ``none``. With a value, `low` and `high` are its 95 % interval; without one, the ends of a span.
    """

    sign_id: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    people: float | None
    studied: str
    unknown: str
    source_ids: tuple[str, ...]

    @property
    def short(self) -> str:
        """How well two examiners agreed, in plain words, with the number."""
        if self.measure == "none":
            return "No figure on how well two examiners agree was found."
        who = "Two examiners" if self.measure == "kappa" else "On other muscles two examiners"
        return f"{who} agreed {self._how_well}."

    @property
    def _how_well(self) -> str:
        if self.value is not None:
            inside = "" if self.low is None else f" ({self.low:.2g} to {self.high:.2g})"
            return f"{_how(self.value)}, kappa {self.value:.2g}{inside}"
        low = self.low or 0.0
        if self.high is None:
            return f"{_how(low)} or better, kappa above {low:.2g}"
        first, last = _how(low), _how(self.high)
        how = first if first == last else f"from {first} to {last}"
        return f"{how}, kappa {low:.2g} to {self.high:.2g}"

    @property
    def of_what(self) -> str:
        """What was studied, in how many, and what that leaves unknown."""
        people = "" if self.people is None else f", {self.people:g} people"
        studied = f"Studied: {self.studied}{people}. " if self.studied else ""
        return f"{studied}{self.unknown}"


NONE_HELD: Final = "No figure on how well two examiners agree is held."


def _how(kappa: float) -> str:
    return next(words for end, words in _STEPS if kappa <= end)


@cache
def agreements() -> Mapping[str, tuple[Agreement, ...]]:
    """Every published figure, by sign; a sign that is not there has none."""
    found: dict[str, list[Agreement]] = defaultdict(list)
    for row in read_table(Agreement, __package__, "reliability.csv"):
        found[row.sign_id].append(row)
    return {sign: tuple(rows) for sign, rows in found.items()}


def agreement_words(sign: str) -> str:
    """How well examiners agreed on a sign, in one sentence: the first figure, or that none is held.

    >>> agreement_words("tender_motor_point")
    'Two examiners agreed moderately, kappa 0.45 (0.36 to 0.54).'
    >>> agreement_words("shortened_muscle")
    'No figure on how well two examiners agree is held.'
    """
    rows = agreements().get(sign, ())
    return rows[0].short if rows else NONE_HELD
