"""Calibration: whether probabilities come true as often as they say.

Receives probabilities and what turned out true; gives reliability by bin, the expected
calibration error and two proper scores. `simulated` makes both from virtual patients. That
checks the code, not the examination: no clinical accuracy is known.

Source: reliability bins and expected calibration error as defined by Naeini, Cooper and
Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (AAAI 2015);
quadratic score by Brier, "Verification of forecasts expressed in terms of probability" (Monthly
Weather Review, 1950).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import ROOTS
from myotome.examination.elimination import LadderPrior
from myotome.examination.finding import Finding
from myotome.examination.model import Model, sort_findings
from myotome.examination.prior import ladder_prior
from myotome.examination.probabilities import SignTable, sign_table
from myotome.examination.virtual_patient import (
    OWN_WORLD,
    VirtualPatient,
    World,
    draw_findings,
    draw_patients,
    standard_examination,
)

Array = NDArray[np.float64]
Truth = NDArray[np.bool_]

_BATCH: Final = 16
_TINY: Final = 1e-15  # keeps the log loss finite where a certain probability is wrong


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Probabilities from `low` up to `high`: how many, their mean, and how often they came true.

    `high` itself belongs to the next bin, but one belongs to the last.
    """

    low: float
    high: float
    count: int
    mean_probability: float
    observed: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far probabilities are from how often they came true.

    `expected_error` is the expected calibration error: the gap between mean probability and
    observed share, averaged over bins by their count. `error_by_chance` is what perfectly
    calibrated probabilities would be expected to show in a sample of this size, outcomes taken
    as independent.
    """

    bins: tuple[ReliabilityBin, ...]
    count: int
    expected_error: float
    error_by_chance: float
    brier: float
    log_loss: float

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values, ready for JSON."""
        return {
            "count": self.count,
            "expected_error": self.expected_error,
            "error_by_chance": self.error_by_chance,
            "brier": self.brier,
            "log_loss": self.log_loss,
            "bins": [
                {
                    "low": item.low,
                    "high": item.high,
                    "count": item.count,
                    "mean_probability": item.mean_probability,
                    "observed": item.observed,
                }
                for item in self.bins
            ],
        }


def calibration(probabilities: Array, outcomes: Truth, bins: int = 10) -> Calibration:
    """Reliability in bins of equal width, empty ones left out, with error and scores.

    Args:
        probabilities: Any shape, each from 0 to 1.
        outcomes: The same shape, whether it was true.
        bins: How many of equal width.

    Raises:
        ValueError: There is nothing to compare, shapes differ, or a number is no probability.

    >>> said, true = np.array([0.2, 0.2, 0.2, 0.2]), np.array([True, False, False, False])
    >>> round(calibration(said, true).expected_error, 3)
    0.05
    """
    if probabilities.shape != outcomes.shape or not probabilities.size or bins < 1:
        raise ValueError(
            f"probabilities and outcomes need one shape that is not empty and at least one bin,"
            f" got {probabilities.shape}, {outcomes.shape} and {bins}."
        )
    chances, truth = probabilities.ravel(), outcomes.ravel().astype(float)
    if not (chances.min() >= 0.0 and chances.max() <= 1.0):
        raise ValueError(
            f"probabilities must lie between 0 and 1, got {chances.min():g} to {chances.max():g}."
        )
    places = np.minimum((chances * bins).astype(int), bins - 1)
    counts = np.bincount(places, minlength=bins)
    sums = np.bincount(places, weights=chances, minlength=bins)
    hits = np.bincount(places, weights=truth, minlength=bins)
    spreads = np.bincount(places, weights=chances * (1.0 - chances), minlength=bins)
    safe = np.clip(chances, _TINY, 1.0 - _TINY)
    return Calibration(
        bins=tuple(
            ReliabilityBin(
                place / bins,
                (place + 1) / bins,
                int(counts[place]),
                float(sums[place] / counts[place]),
                float(hits[place] / counts[place]),
            )
            for place in np.flatnonzero(counts).tolist()
        ),
        count=chances.size,
        expected_error=float(np.abs(sums - hits).sum() / chances.size),
        # The mean distance of a normal variable from its mean is sqrt(2 / pi) deviations.
        error_by_chance=float(np.sqrt(spreads).sum() * math.sqrt(2.0 / math.pi) / chances.size),
        brier=float(((chances - truth) ** 2).mean()),
        log_loss=float(-np.log(np.where(truth == 1.0, safe, 1.0 - safe)).mean()),
    )


def posteriors(examinations: Sequence[Sequence[Finding]], table: SignTable | None = None) -> Array:
    """The probability of each root in many examinations of the same sites, (examinations, 62).

    The same numbers as `myotome.examination.posterior`, faster: the order of summation is made
    once and the examinations are summed side by side.

    Raises:
        ValueError: The examinations did not look at the same sites.
    """
    values = table or sign_table()
    prior = _ladder(values)
    shared: Model | None = None
    found = []
    for start in range(0, len(examinations), _BATCH):
        models = []
        for findings in examinations[start : start + _BATCH]:
            sites = sort_findings(findings).sites
            model = Model.build(sites, values, prior, shared.elimination if shared else None)
            shared = shared or model
            if [(s.site, s.sign) for s in sites] != [(s.site, s.sign) for s in shared.evidence]:
                raise ValueError("examinations summed together must look at the same sites.")
            models.append(model)
        found.append(_summed_together(models, prior))
    return np.concatenate(found) if found else np.empty((0, len(ROOTS)))


@lru_cache(maxsize=4)
def _ladder(table: SignTable) -> LadderPrior:
    return ladder_prior(table)


def _summed_together(models: Sequence[Model], prior: LadderPrior) -> Array:
    """Examinations stand where draws of the table usually stand."""
    first, count = models[0], len(models)

    def repeated(numbers: Array) -> Array:
        return np.repeat(numbers, count, axis=0)

    tables = replace(
        first.tables,
        alpha=np.concatenate([model.tables.alpha for model in models]),
        beta=np.concatenate([model.tables.beta for model in models]),
        spared=[repeated(site) for site in first.tables.spared],
        nerve_spared=repeated(first.tables.nerve_spared),
        nerve_priors=repeated(first.tables.nerve_priors),
    )
    ladder = LadderPrior(
        repeated(prior.field), repeated(prior.neighbour), repeated(prior.other_side)
    )
    marginals: Array = first.elimination.run(tables, ladder).marginals
    return marginals


def simulated(
    people: int,
    generator: np.random.Generator,
    *,
    truth_table: SignTable | None = None,
    world: World = OWN_WORLD,
    progress: Callable[[int], None] | None = None,
) -> tuple[Array, Truth]:
    """Virtual patients given the standard examination: what was said and what was true.

    The inference always uses the central table; `truth_table` and `world` say what is true.

    Args:
        people: How many patients.
        generator: Where chance comes from.
        truth_table: One draw for all, or one a patient; the central values if None.
        world: How the world differs from the model.
        progress: Called with the number of patients just done.

    Returns:
        Probabilities and truth, both of shape (people, roots).
    """
    looks = standard_examination()
    patients = draw_patients(people, generator, truth_table, world)
    probabilities = np.empty((people, len(ROOTS)))
    for start in range(0, people, _BATCH):
        some = patients[start : start + _BATCH]
        findings = [draw_findings(patient, looks, generator) for patient in some]
        probabilities[start : start + len(some)] = posteriors(findings)
        if progress:
            progress(len(some))
    return probabilities, _truth(patients)


def _truth(patients: Sequence[VirtualPatient]) -> Truth:
    truth = np.zeros((len(patients), len(ROOTS)), dtype=bool)
    for person, patient in enumerate(patients):
        truth[person, [root.index for root in patient.roots]] = True
    return truth
