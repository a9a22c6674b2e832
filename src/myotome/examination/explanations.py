"""Explanations: the best sets of roots irritated together, and what else fits.

The posterior of any named set is exact. Sets are searched among all of up to two roots and all
subsets of the most probable roots; a set outside has three or more roots and one that is less
probable than those, so it can hardly lead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import SEGMENTS, SIDES
from myotome.examination.assessment import Explanation, OtherExplanation
from myotome.examination.elimination import Beliefs
from myotome.examination.model import Model, root_of

Array = NDArray[np.float64]

SHOWN = 5
_MOST_PROBABLE = 12
_SMALLEST_OTHER = 0.02


def explanations(model: Model, beliefs: Beliefs) -> tuple[Explanation, ...]:
    """The most probable exact sets of irritated roots, the empty set among them."""
    states = _candidate_states(beliefs.marginals[0])
    log_weights = log_weights_of_states(model, states)
    chances = np.exp(log_weights - beliefs.log_evidence[0])
    best = np.argsort(-chances, kind="stable")[:SHOWN]
    return tuple(
        Explanation(
            tuple(root_of(int(root)) for root in np.flatnonzero(states[place])),
            float(chances[place]),
        )
        for place in best
    )


def _candidate_states(marginals: Array) -> NDArray[np.bool_]:
    roots = marginals.size
    alone = np.eye(roots, dtype=bool)
    first, second = np.triu_indices(roots, 1)
    few = np.concatenate([np.zeros((1, roots), dtype=bool), alone, alone[first] | alone[second]])
    likely = np.argsort(-marginals, kind="stable")[:_MOST_PROBABLE]
    subsets = np.zeros((1 << _MOST_PROBABLE, roots), dtype=bool)
    bits = (np.arange(1 << _MOST_PROBABLE)[:, None] >> np.arange(_MOST_PROBABLE)) & 1
    subsets[:, likely] = bits.astype(bool)
    return np.concatenate([few, subsets[subsets.sum(axis=1) > 2]])


def log_weights_of_states(model: Model, states: NDArray[np.bool_]) -> Array:
    """Log-weight of each exact state of all roots under the first draw, lesions summed out.

    Args:
        model: A model whose elimination gave the evidence to compare with.
        states: Shape (states, roots).
    """
    tables, plan = model.tables, model.elimination
    total = _log_prior(model, states)
    ratios = np.empty((len(plan.scopes), states.shape[0]))
    for site, scope in enumerate(plan.scopes):
        log_spared = np.log(tables.spared[site][0])
        product = np.exp(states[:, list(scope.roots)] @ log_spared)
        value = tables.alpha[0, site] + tables.beta[0, site] * product
        lesioned = tables.alpha[0, site] + (
            tables.beta[0, site] * tables.nerve_spared[0, site] * product
        )
        total += np.log(value)
        ratios[site] = np.log(lesioned / value)
    for side in range(len(SIDES)):
        nerves = [
            nerve
            for nerve, sites in enumerate(plan.nerve_sites)
            if sites and plan.nerve_sides[nerve] == side
        ]
        if nerves:
            priors = tables.nerve_priors[0, nerves]
            placed = [ratios[list(plan.nerve_sites[nerve])].sum(axis=0) for nerve in nerves]
            total += np.log(1.0 - priors.sum() + priors @ np.exp(np.stack(placed)))
    return total


def _log_prior(model: Model, states: NDArray[np.bool_]) -> Array:
    prior = model.prior
    ladder = states.reshape(-1, len(SEGMENTS), len(SIDES)).astype(float)
    alone = (ladder.sum(axis=2) @ prior.field[0]).astype(float)
    along = (ladder[:, 1:] * ladder[:, :-1]).sum(axis=(1, 2)) * prior.neighbour[0]
    across = ladder.prod(axis=2).sum(axis=1) * prior.other_side[0]
    weights: Array = alone + along + across
    return weights


def no_root(beliefs: Beliefs) -> float:
    """Probability that no root is irritated."""
    return float(np.exp(beliefs.log_no_root[0] - beliefs.log_evidence[0]))


def something_else(model: Model, beliefs: Beliefs) -> tuple[float, tuple[OtherExplanation, ...]]:
    """How likely no root is irritated yet a site looked at is truly affected, and by what.

    Nerve lesions are listed with their own probability, whether or not a root is irritated too.
    """
    all_clear = np.log(model.clear[0]).sum()
    plan, tables = model.elimination, model.tables
    quiet = np.zeros(len(SIDES))
    unlesioned = np.zeros(len(SIDES))
    for side in range(len(SIDES)):
        nerves = [
            nerve
            for nerve, sites in enumerate(plan.nerve_sites)
            if sites and plan.nerve_sides[nerve] == side
        ]
        unlesioned[side] = 1.0 - tables.nerve_priors[0, nerves].sum()
        quiet[side] = unlesioned[side] + sum(
            tables.nerve_priors[0, nerve]
            * tables.nerve_spared[0, list(plan.nerve_sites[nerve])].prod()
            for nerve in nerves
        )
    evidence = beliefs.log_evidence[0]
    sound = float(np.exp(all_clear - evidence) * quiet.prod())
    none = no_root(beliefs)
    local_log = np.log(tables.alpha[0] + tables.beta[0]).sum()
    local = float((np.exp(local_log - evidence) - np.exp(all_clear - evidence)) * unlesioned.prod())
    found = [OtherExplanation("local_cause", "strain, inflammation or joint", "", max(local, 0.0))]
    posteriors = beliefs.nerve_posteriors()[0]
    for index in np.argsort(-posteriors, kind="stable"):
        if posteriors[index] >= _SMALLEST_OTHER:
            side_name, nerve_name = model.nerve_names[index]
            found.append(
                OtherExplanation("nerve_lesion", nerve_name, side_name, float(posteriors[index]))
            )
    found.sort(key=lambda item: -item.probability)
    return max(none - sound, 0.0), tuple(found)
