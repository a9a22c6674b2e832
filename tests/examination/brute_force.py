"""Brute force: the oracle that visits every combination of irritated roots and nerve lesions.

Written for reading, not for speed, and without a line of the code it checks: sums are plain
loops over states. It takes each site's ``alpha``, ``beta`` and weights as given; what those mean
is checked by `meaning`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myotome.examination.elimination import LadderPrior, Scope, SiteTables

State = tuple[tuple[int, ...], tuple[int | None, int | None]]


@dataclass(frozen=True)
class TinyCord:
    """Everything that elimination is given."""

    levels: int
    scopes: tuple[Scope, ...]
    nerve_sides: tuple[int, ...]
    tables: SiteTables
    prior: LadderPrior


def site_likelihood(
    cord: TinyCord, draw: int, site: int, irritated: Sequence[int], lesions: set[int]
) -> float:
    tables, scope = cord.tables, cord.scopes[site]
    product = 1.0
    for place, root in enumerate(scope.roots):
        if irritated[root]:
            product *= float(tables.spared[site][draw, place])
    if lesions & set(scope.nerves):
        product *= float(tables.nerve_spared[draw, site])
    return float(tables.alpha[draw, site] + tables.beta[draw, site] * product)


def prior_weight(cord: TinyCord, draw: int, irritated: Sequence[int]) -> float:
    prior, log_weight = cord.prior, 0.0
    for level in range(cord.levels):
        for side in (0, 1):
            if irritated[2 * level + side]:
                log_weight += float(prior.field[draw, level])
                if level and irritated[2 * level - 2 + side]:
                    log_weight += float(prior.neighbour[draw])
        if irritated[2 * level] and irritated[2 * level + 1]:
            log_weight += float(prior.other_side[draw])
    return math.exp(log_weight)


def joint(cord: TinyCord, draw: int) -> dict[State, float]:
    """Weight of each state: which roots are irritated and which nerve is lesioned on each side."""
    priors = cord.tables.nerve_priors[draw]
    reached = {nerve for scope in cord.scopes for nerve in scope.nerves}
    choices: list[list[int | None]] = [
        [None, *(n for n, s in enumerate(cord.nerve_sides) if s == side and n in reached)]
        for side in (0, 1)
    ]
    found: dict[State, float] = {}
    for irritated in itertools.product((0, 1), repeat=2 * cord.levels):
        base = prior_weight(cord, draw, irritated)
        for left, right in itertools.product(*choices):
            weight = base
            for side, nerve in enumerate((left, right)):
                others = sum(float(priors[n]) for n in choices[side] if n is not None)
                weight *= 1.0 - others if nerve is None else float(priors[nerve])
            hit = {nerve for nerve in (left, right) if nerve is not None}
            for site in range(len(cord.scopes)):
                weight *= site_likelihood(cord, draw, site, irritated, hit)
            found[irritated, (left, right)] = weight
    return found


def evidence(states: Mapping[State, float]) -> float:
    return math.fsum(states.values())


def no_root(states: Mapping[State, float]) -> float:
    return math.fsum(weight for (roots, _), weight in states.items() if not any(roots))


def marginals(states: Mapping[State, float], levels: int) -> NDArray[np.float64]:
    return np.array(
        [
            math.fsum(weight for (roots, _), weight in states.items() if roots[root])
            for root in range(2 * levels)
        ]
    ) / evidence(states)


def nerve_posterior(states: Mapping[State, float], nerve: int) -> float:
    hit = math.fsum(weight for (_, lesions), weight in states.items() if nerve in lesions)
    return hit / evidence(states)


def site_table(states: Mapping[State, float], scope: Scope) -> NDArray[np.float64]:
    """Joint posterior of a site's roots, first root lowest, and whether a lesion reaches it."""
    found = np.zeros((1 << len(scope.roots), 2))
    for (roots, lesions), weight in states.items():
        index = sum(roots[root] << bit for bit, root in enumerate(scope.roots))
        found[index, int(bool(set(lesions) & set(scope.nerves)))] += weight
    return found / evidence(states)
