"""Examine: from the findings of one visit to an assessment.

The only door of the inference. It takes findings and nothing else: no title, no history, no
conclusion of anybody. The same findings in any order give the same assessment, to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import ROOTS, atlas
from myotome.examination.assessment import Assessment, NextSign, NotWeighed, RootProbability
from myotome.examination.elimination import LadderPrior
from myotome.examination.explanations import explanations, no_root, something_else
from myotome.examination.finding import Finding, check_consistent
from myotome.examination.model import MODEL_VERSION, Evidence, Model, sort_findings
from myotome.examination.next_sign import candidate_sites, next_signs
from myotome.examination.prior import ladder_prior
from myotome.examination.probabilities import (
    SignTable,
    drawn_tables,
    sign_table,
    table_version,
)
from myotome.examination.reasons import contradictions, rami, reasons
from myotome.examination.short_muscles import loaded_structures, short_muscles

Array = NDArray[np.float64]

_CHUNK = 16
_PERCENTILES = (5.0, 95.0)


def examine(
    findings: Iterable[Finding],
    *,
    table: SignTable | None = None,
    progress: Callable[[float], None] | None = None,
) -> Assessment:
    """What the findings fit: roots with intervals, other explanations, reasons, next signs.

    Args:
        findings: The findings of one visit.
        table: Central values to use instead of the packaged ones, one draw; intervals are
            still drawn from the packaged ranges.
        progress: Called with the share done, 0 to 1.

    Raises:
        InputError: One observation is given twice with different results.
    """
    given = tuple(findings)
    check_consistent(given)
    report = progress or (lambda _: None)
    values = table or sign_table()
    prior = _central_prior() if table is None else ladder_prior(values)
    sorted_findings = sort_findings(given)
    model = Model.build(sorted_findings.sites, values, prior)
    beliefs = model.elimination.run(model.tables, prior, with_nerve_detail=True)
    marginals = beliefs.marginals[0]
    report(0.2)
    low, high = _intervals(sorted_findings.sites, model, report)
    base = _prior_marginals() if table is None else _marginals_before(values, prior)
    ranked = sorted(range(len(ROOTS)), key=lambda index: (-marginals[index], index))
    roots = tuple(
        RootProbability(
            ROOTS[index],
            float(marginals[index]),
            float(min(low[index], marginals[index])),
            float(max(high[index], marginals[index])),
            float(base[index]),
        )
        for index in ranked
    )
    else_, other = something_else(model, beliefs)
    why = reasons(model, beliefs, values)
    muscles = short_muscles(model, beliefs)
    offers = _next_signs(sorted_findings.sites, marginals, values, prior, given)
    report(1.0)
    return Assessment(
        roots=roots,
        no_root=no_root(beliefs),
        something_else=else_,
        other=other,
        explanations=explanations(model, beliefs),
        reasons=why,
        rami=rami(why, (item.root for item in roots)),
        contradictions=contradictions(why, {item.root: item.probability for item in roots}),
        muscles=muscles,
        structures=loaded_structures(muscles),
        next_signs=offers,
        refers=sorted_findings.refers,
        not_weighed=tuple(NotWeighed(item, reason) for item, reason in sorted_findings.unused),
        findings=given,
        versions=versions(),
    )


def posterior(findings: Iterable[Finding], table: SignTable | None = None) -> Array:
    """The probability of each root alone, shape (62,): what a page shows after each tap."""
    values = table or sign_table()
    prior = _central_prior() if table is None else ladder_prior(values)
    model = Model.build(sort_findings(findings).sites, values, prior)
    marginals: Array = model.elimination.run(model.tables, prior).marginals[0]
    return marginals


def intervals(findings: Iterable[Finding]) -> tuple[Array, Array]:
    """The ends of each root's interval alone, as in the whole answer, each of shape (62,)."""
    sites = sort_findings(findings).sites
    model = Model.build(sites, sign_table(), _central_prior())
    marginals = model.elimination.run(model.tables, _central_prior()).marginals[0]
    low, high = _intervals(sites, model, lambda _: None)
    return np.minimum(low, marginals), np.maximum(high, marginals)


def versions() -> dict[str, str]:
    """What an assessment rests on: model, sign table and atlas."""
    return {
        "model": MODEL_VERSION,
        "sign_table": table_version(),
        "atlas": atlas().version,
    }


@cache
def _central_prior() -> LadderPrior:
    return ladder_prior(sign_table())


@cache
def _drawn_prior() -> LadderPrior:
    return ladder_prior(drawn_tables())


@cache
def _prior_marginals() -> Array:
    return _marginals_before(sign_table(), _central_prior())


def _marginals_before(table: SignTable, prior: LadderPrior) -> Array:
    model = Model.build((), table, prior)
    before: Array = model.elimination.run(model.tables, prior).marginals[0]
    return before


def _intervals(
    sites: tuple[Evidence, ...], model: Model, report: Callable[[float], None]
) -> tuple[Array, Array]:
    """Percentiles of each root's probability over draws of the table, a few draws at a time."""
    drawn, prior = drawn_tables(), _drawn_prior()
    found = []
    for start in range(0, drawn.draws, _CHUNK):
        part = slice(start, start + _CHUNK)
        some = LadderPrior(prior.field[part], prior.neighbour[part], prior.other_side[part])
        table = drawn.chunk(start, start + _CHUNK)
        one = Model.build(sites, table, some, model.elimination)
        found.append(one.elimination.run(one.tables, some).marginals)
        report(0.2 + 0.6 * (start + _CHUNK) / drawn.draws)
    ranked = np.sort(np.concatenate(found), axis=0)
    low, high = (_percentile(ranked, share) for share in _PERCENTILES)
    return low, high


def _percentile(ranked: Array, percent: float) -> Array:
    """Linear between ranks; NumPy's own would load a module that costs more than the rest."""
    place = percent / 100.0 * (ranked.shape[0] - 1)
    below = int(place)
    above = min(below + 1, ranked.shape[0] - 1)
    value: Array = ranked[below] + (place - below) * (ranked[above] - ranked[below])
    return value


def _next_signs(
    sites: tuple[Evidence, ...],
    marginals: Array,
    values: SignTable,
    prior: LadderPrior,
    findings: tuple[Finding, ...],
) -> tuple[NextSign, ...]:
    candidates = candidate_sites(sites, marginals)
    model = Model.build((*sites, *candidates), values, prior)
    beliefs = model.elimination.run(model.tables, prior, with_nerve_detail=True)
    return next_signs(model, beliefs, values, findings)
