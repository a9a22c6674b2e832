"""Fit the chosen parameters of the slow links to the rows that were set aside for fitting.

`python tools/fit_slow_links.py [LINK ...] [--only NAME ...]` moves only parameters tagged D, each
within its declared range, on rows of `published/` whose role is `fitted`, link by link, and prints
every row and parameter before and after. Rows to be predicted are read once, afterwards, to show
what the fit does to them. Nothing is written: a number is changed by hand where it is
declared, and only if the fit is better.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares  # type: ignore[import-untyped]

from myotome.physiology.parameters import Declaration, declarations
from myotome.validation.checks import checks
from myotome.validation.model import Model
from myotome.validation.rows import LINKS, Row, published

Array = NDArray[np.float64]

# Where the parameters live that a link's rows can move.
STRUCTURES = {
    "root": ("root", "segment"),
    "dorsal_horn": ("horn",),
    "drive": ("drive",),
    "receptors": ("receptors",),
    "threshold": ("threshold",),
    "length": ("length",),
    "strength": ("strength",),
    "wear": ("tendon", "cartilage", "disc"),
    "pain": ("pain",),
    "natural_course": ("natural_course",),
    "needle": ("soreness",),
    "whole_chain": ("links",),
}
SLOW = ("whole_chain",)  # asked for by name: each trial runs years of virtual weeks
PULL = 0.1  # keeps what the rows cannot tell near where it was, in tolerances per range
PROBE = 0.05  # share of its range by which a parameter is moved to see whether any row feels it
FELT = 1e-3


@dataclass(frozen=True)
class Knob:
    """One parameter, moved along its range: 0 at its low end, 1 at its high end."""

    structure: str
    declared: Declaration

    @property
    def name(self) -> str:
        """Structure and name."""
        return f"{self.structure}.{self.declared.name}"

    def place(self, value: float) -> float:
        """Where a value lies along the range."""
        low, high = self._ends()
        return min(max((self._bent(value) - low) / (high - low), 0.0), 1.0)

    def value(self, place: float) -> float:
        """The value at a place along the range."""
        low, high = self._ends()
        bent = low + place * (high - low)
        return math.exp(bent) if self.declared.low > 0 else bent

    def _bent(self, value: float) -> float:
        return math.log(value) if self.declared.low > 0 else value

    def _ends(self) -> tuple[float, float]:
        return self._bent(self.declared.low), self._bent(self.declared.high)


def part_of(model: Model, structure: str) -> Any:
    """The structure's parameters."""
    if structure == "natural_course":
        return model.natural_course
    return getattr(model.mechanism, structure)


def knobs_of(model: Model, link: str, only: Sequence[str] = ()) -> list[Knob]:
    """Parameters tagged D that have a range, of the structures a link's rows can move."""
    return [
        Knob(structure, declared)
        for structure in STRUCTURES[link]
        for declared in declarations(type(part_of(model, structure)))
        if declared.tag == "D"
        and declared.high > declared.low
        and declared.name != "switch"
        and (not only or declared.name in only)
    ]


def moved(model: Model, knobs: list[Knob], places: Array) -> Model:
    """The model with each knob at its place."""
    for structure in {knob.structure for knob in knobs}:
        values = {
            knob.declared.name: knob.value(float(place))
            for knob, place in zip(knobs, places, strict=True)
            if knob.structure == structure
        }
        part = dataclasses.replace(part_of(model, structure), **values)
        if structure == "natural_course":
            model = dataclasses.replace(model, natural_course=part)
        else:
            mechanism = dataclasses.replace(model.mechanism, **{structure: part})
            model = dataclasses.replace(model, mechanism=mechanism)
    return model


def misfits(model: Model, rows: list[Row]) -> Array:
    """How far each row is off, in tolerances; a claim that fails is one off."""
    functions = checks()
    off = [
        (functions[row.id](model) - row.published) / (row.allowed if row.allowed > 0 else 1.0)
        for row in rows
    ]
    found: Array = np.nan_to_num(np.array(off), nan=10.0)
    return found


def felt(model: Model, knobs: list[Knob], rows: list[Row]) -> list[Knob]:
    """The knobs that some row feels."""
    start = np.array([k.place(float(getattr(part_of(model, k.structure), k.declared.name)))
                      for k in knobs])  # fmt: skip
    now = misfits(model, rows)
    kept = []
    for index, knob in enumerate(knobs):
        probe = start.copy()
        probe[index] += PROBE if probe[index] < 0.5 else -PROBE
        if np.abs(misfits(moved(model, knobs, probe), rows) - now).max() > FELT:
            kept.append(knob)
    return kept


def fit(model: Model, link: str, only: Sequence[str] = ()) -> Model:
    """Fit one link, print it, and give the model with what was found if that is better."""
    rows = [row for row in published() if row.link == link and row.role == "fitted"]
    print(f"\n{LINKS[link]}: {len(rows)} rows to fit")
    knobs = felt(model, knobs_of(model, link, only), rows) if rows else []
    if not knobs:
        print("  nothing to move")
        return model
    start = np.array([k.place(float(getattr(part_of(model, k.structure), k.declared.name)))
                      for k in knobs])  # fmt: skip

    def residuals(places: Array) -> Array:
        off = misfits(moved(model, knobs, places), rows)
        return np.concatenate([off, PULL * (places - start)])

    inside = np.clip(start, 1e-6, 1.0 - 1e-6)
    step = 0.02 if link in SLOW else 1e-4
    found = least_squares(
        residuals, inside, bounds=(0.0, 1.0), diff_step=step, max_nfev=30 if link in SLOW else 200
    )
    after = moved(model, knobs, found.x)
    old, new = misfits(model, rows), misfits(after, rows)
    for row, before, then in zip(rows, old, new, strict=True):
        print(f"  {row.id:34s} off by {before:+6.2f} -> {then:+6.2f} tolerances")
    for knob, place in zip(knobs, found.x, strict=True):
        was = float(getattr(part_of(model, knob.structure), knob.declared.name))
        print(
            f"  {knob.name:34s} {was:.5g} -> {knob.value(float(place)):.5g}"
            f"   ({knob.declared.low:g} to {knob.declared.high:g} {knob.declared.unit})"
        )
    within = [int((np.abs(off) <= 1.0 + 1e-9).sum()) for off in (old, new)]
    print(f"  squares {(old**2).sum():.3f} -> {(new**2).sum():.3f}; within tolerance"
          f" {within[0]} -> {within[1]} of {len(rows)}")  # fmt: skip
    if within[1] < within[0] or (within[1] == within[0] and (new**2).sum() > 0.9 * (old**2).sum()):
        print("  kept as it was: not better")
        return model
    if within[1] == within[0]:
        print("  better, but no row comes within its tolerance by it: not worth a change")
    _show_predicted(model, after, link)
    return after


def _show_predicted(before: Model, after: Model, link: str) -> None:
    """What the fit does to the rows that were not fitted."""
    rows = [row for row in published() if row.link == link and row.role == "predicted"]
    if not rows:
        return
    inside = [
        int((np.abs(misfits(model, rows)) <= np.array([r.allowed > 0 for r in rows])).sum())
        for model in (before, after)
    ]
    print(f"  predicted within tolerance {inside[0]} -> {inside[1]} of {len(rows)}")


def main(arguments: list[str]) -> int:
    """Fit the links that are asked for, one after another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("links", nargs="*", help=f"some of: {', '.join(STRUCTURES)}")
    parser.add_argument("--only", nargs="+", default=(), metavar="NAME", help="parameters to move")
    given = parser.parse_args(arguments)
    chosen = given.links or [k for k in STRUCTURES if k not in SLOW]
    unknown = [link for link in chosen if link not in STRUCTURES]
    if unknown:
        parser.error(f"link must be one of {', '.join(STRUCTURES)}, got '{unknown[0]}'.")
    model = Model()
    for link in chosen:
        model = fit(model, link, given.only)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
