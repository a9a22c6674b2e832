"""Reasons: what each finding adds to each root it can speak to, and what follows from that.

A reason is exact: the change in a root's log-odds when one finding is left out and all others
stay. It is read off the joint posterior of the site's roots, so the whole sum is not run again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import Root, atlas
from myotome.examination.assessment import Contradiction, RamusSupport, Reason, Support
from myotome.examination.elimination import Beliefs
from myotome.examination.model import Graded, Model, root_of
from myotome.examination.probabilities import SignTable

Array = NDArray[np.float64]

_SMALLEST = 0.01
_CLEAR = 0.7  # log-odds from which a finding speaks clearly, as in the report's words
_FITS = 0.25


def reasons(model: Model, beliefs: Beliefs, table: SignTable) -> tuple[Reason, ...]:
    """What every finding adds to every root of its site, sites in the order of the model."""
    found: list[Reason] = []
    for site, evidence in enumerate(model.evidence):
        for graded in evidence.graded:
            odds = _changes(model, beliefs, table, site, graded)
            found.extend(
                Reason(root_of(root), graded.finding, graded.grade, change)
                for root, change in zip(evidence.roots, odds, strict=True)
                if abs(change) >= _SMALLEST
            )
    return tuple(found)


def _changes(
    model: Model, beliefs: Beliefs, table: SignTable, site: int, graded: Graded
) -> list[float]:
    """Log-odds of each root of a site, with one finding minus without it."""
    alpha, beta = model.without(site, graded, table)
    if site in model.elimination.wide:
        return _changes_by_rerun(model, beliefs, site, alpha, beta)
    joint = beliefs.site_table(site)[0]
    product = state_products(model, site)
    with_finding = model.tables.alpha[0, site] + model.tables.beta[0, site] * product
    without_finding = alpha[0] + beta[0] * product
    rest = joint * without_finding / with_finding
    count = len(model.evidence[site].roots)
    return [_log_odds(joint, bit) - _log_odds(rest, bit) for bit in range(count)]


def state_products(model: Model, site: int) -> Array:
    """``prod(1 - w)`` for each state of a site's roots, without and with a lesioned nerve."""
    product = np.ones(1)
    for spared in model.tables.spared[site][0]:
        product = np.concatenate([product, product * spared])
    return np.stack([product, product * model.tables.nerve_spared[0, site]], axis=1)


def _log_odds(joint: Array, bit: int) -> float:
    irritated = (np.arange(joint.shape[0]) >> bit) & 1 == 1
    return float(np.log(joint[irritated].sum()) - np.log(joint[~irritated].sum()))


def _changes_by_rerun(
    model: Model, beliefs: Beliefs, site: int, alpha: Array, beta: Array
) -> list[float]:
    tables = model.tables.with_site(site, alpha, beta)
    rest = model.elimination.run(tables, model.prior).marginals[0]
    full = beliefs.marginals[0]
    roots = list(model.evidence[site].roots)
    odds = np.log(full[roots] / (1 - full[roots])) - np.log(rest[roots] / (1 - rest[roots]))
    return [float(change) for change in odds]


def rami(found: Iterable[Reason], shown: Iterable[Root]) -> Mapping[Root, RamusSupport]:
    """Whether findings at each primary ramus speak for each of the roots shown.

    Neural tests and movements limited through both rami count for neither.
    """
    sums: dict[tuple[Root, str], float] = defaultdict(float)
    looked: set[tuple[Root, str]] = set()
    for reason in found:
        ramus = atlas().ramus_of(reason.finding.site)
        part = "anterior" if ramus == "mixed" else ramus
        if part in {"anterior", "posterior"}:
            looked.add((reason.root, part))
            sums[reason.root, part] += reason.log_odds
    return {
        root: RamusSupport(
            _support(root, "anterior", looked, sums), _support(root, "posterior", looked, sums)
        )
        for root in shown
    }


def _support(
    root: Root,
    part: str,
    looked: set[tuple[Root, str]],
    sums: Mapping[tuple[Root, str], float],
) -> Support:
    if (root, part) not in looked:
        return "not_looked_at"
    return "supported" if sums[root, part] > 0 else "against"


def contradictions(
    found: Iterable[Reason], probabilities: Mapping[Root, float]
) -> tuple[Contradiction, ...]:
    """Findings that speak clearly against a root that fits, the strongest first."""
    against = [
        Contradiction(reason.root, reason.finding, reason.log_odds)
        for reason in found
        if probabilities[reason.root] >= _FITS and reason.log_odds <= -_CLEAR
    ]
    return tuple(sorted(against, key=lambda item: item.log_odds))
