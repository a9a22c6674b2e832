"""Next sign: what would tell most of all that has not been looked for.

For every sign that could still be recorded near a root in doubt: the information, in bits, that
its grade is expected to give about which roots are irritated. It is the mutual information of
grade and roots, exact under the model; it says nothing about cost, comfort or time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import SIDES, Root, Site, atlas
from myotome.examination.assessment import NextSign
from myotome.examination.elimination import Beliefs
from myotome.examination.finding import Finding
from myotome.examination.model import (
    Evidence,
    GradeLikelihoods,
    Model,
    evidence_at,
    grade_likelihoods,
    root_of,
)
from myotome.examination.probabilities import SignTable
from myotome.examination.reasons import state_products

Array = NDArray[np.float64]

SHOWN: Final = 5
_SITES: Final = 90
_SMALLEST_BITS: Final = 0.005
# Not offered: they need a laboratory, an instrument with a second reading, or another's record.
_NOT_OFFERED: Final = frozenset({"emg_spontaneous_activity", "pressure_pain_threshold", "range"})
_RIVAL: Final = 0.05
_RIVAL_LEVELS: Final = 3


def candidate_sites(recorded: Sequence[Evidence], marginals: Array) -> tuple[Evidence, ...]:
    """Sites not looked at whose roots are in question and most in doubt.

    In question are the roots of the sites where something was found, and their neighbours on
    the same side: a sign elsewhere may tell more about the rest of the cord, but nothing about
    what was found. No sign can tell more about its roots than their own uncertainty, so the
    sites are taken in order of the summed entropy of their roots.
    """
    entropy = _binary_entropy(marginals) * _in_question(recorded, marginals.size)
    done = {(item.site, item.sign) for item in recorded}
    found = []
    for place, (site, sign, doubts) in enumerate(_all_sites()):
        if (site, sign) not in done:
            bound = sum(entropy[root] * strength for root, strength in doubts)
            if bound > 0:
                found.append((-bound, place, site, sign))
    found.sort(key=lambda entry: entry[:2])
    return tuple(evidence_at(site, sign) for _, _, site, sign in found[:_SITES])


def _in_question(recorded: Sequence[Evidence], roots: int) -> Array:
    asked = np.zeros((roots // 2, 2))
    for item in recorded:
        if any(graded.grade for graded in item.graded):
            for root in item.roots:
                asked[max(root // 2 - 1, 0) : root // 2 + 2, root % 2] = 1.0
    return asked.ravel() if asked.any() else np.ones(roots)


# How much of a root's doubt a site can settle at best, for the order of search only.
_STRENGTH: Final = {"minor": 0.35, "variable": 0.15, "adjacent": 0.3, "other": 0.3}

Look = tuple[Site, str, tuple[tuple[int, float], ...]]


@cache
def _all_sites() -> tuple[Look, ...]:
    """Every site a finger, pin or hammer reaches: site, neural test, its roots' doubt at best."""
    return tuple(
        (
            site,
            sign,
            tuple(
                (supply.root.index, _STRENGTH.get(supply.weight, 1.0))
                for supply in atlas().roots_of_site(site, sign)
            ),
        )
        for site, sign in _examinable()
    )


def _examinable() -> Iterable[tuple[Site, str]]:
    known = atlas()
    for side in SIDES:
        for muscle_id, muscle in known.muscles.items():
            if muscle.layer == "deep" and muscle.ramus != "posterior":
                continue  # no finger reaches it with any certainty
            for level in known.levels_of(muscle_id) or ("",):
                yield known.site(muscle_id, side, level), ""
        for region_id, region in known.skin_regions.items():
            if region.sided:
                yield known.site(region_id, side), ""
        for reflex in known.reflexes:
            yield known.site(reflex, side), ""
        for test in known.neural_tests:
            yield Site("side", "whole_side", side), test


def next_signs(
    model: Model,
    beliefs: Beliefs,
    table: SignTable,
    findings: Iterable[Finding],
) -> tuple[NextSign, ...]:
    """The signs that would tell most, the most telling first; one sign a site.

    Args:
        model: Sites looked at and candidates together.
        beliefs: Its joint posterior.
        table: The central values.
        findings: What was recorded, so that no sign is asked for twice.
    """
    seen = {(item.sign, item.site) for item in findings}
    marginals = beliefs.marginals[0]
    best: list[tuple[float, str, str, NextSign]] = []
    likelihoods: dict[str, GradeLikelihoods] = {}
    for place, item in enumerate(model.evidence):
        if place in model.elimination.wide:
            continue
        states, joint = _states(model, beliefs, place)
        offers = []
        for sign in _signs_at(item):
            if (sign, item.site) in seen:
                continue
            if sign not in likelihoods:
                likelihoods[sign] = grade_likelihoods(sign, table)
            offers.append((_information(joint, states, likelihoods[sign]), sign))
        if offers:
            bits, sign = max(offers)
            if bits >= _SMALLEST_BITS:
                offer = NextSign(sign, item.site, bits, _separates(item, marginals))
                best.append((-bits, str(item.site), sign, offer))
    best.sort(key=lambda entry: entry[:3])
    return tuple(offer for *_, offer in best[:SHOWN])


def _signs_at(item: Evidence) -> list[str]:
    if item.sign:
        return [item.sign]
    return [
        sign.sign_id
        for sign in atlas().signs.values()
        if sign.bearing == "root"
        and item.site.kind in sign.applies_to
        and sign.sign_id not in _NOT_OFFERED
    ]


def _states(model: Model, beliefs: Beliefs, place: int) -> tuple[Array, Array]:
    """P(state of a site | roots, lesion, its findings), and the joint posterior of those two.

    Returns:
        Shapes (3, states of the roots, 2) for affected through the nerve, by a cause of its
        own, and sound; and (states of the roots, 2).
    """
    joint = beliefs.site_table(place)[0]
    spared = state_products(model, place)
    alpha, beta = model.tables.alpha[0, place], model.tables.beta[0, place]
    through_nerve = alpha * (1.0 - spared)
    sound = model.clear[0, place] * spared
    local = (alpha + beta) * spared - sound
    return np.stack([through_nerve, local, sound]) / (alpha + beta * spared), joint


def _information(joint: Array, states: Array, given: GradeLikelihoods) -> float:
    """Mutual information (bits) of a sign's grade and the site's roots."""
    by_roots = joint.sum(axis=1)
    held = by_roots > 0
    chances = (joint * states).sum(axis=2)[:, held] / by_roots[held]
    kinds = np.stack([given.through_nerve[0], given.local[0], given.sound[0]])
    grades = chances.T @ kinds
    average = by_roots[held] @ grades / by_roots.sum()
    inner = by_roots[held] @ _entropy(grades) / by_roots.sum()
    return max(float(_entropy(average) - inner), 0.0)


def _entropy(chances: Array) -> Array:
    safe = np.where(chances > 0, chances, 1.0)
    bits: Array = -(chances * np.log2(safe)).sum(axis=-1)
    return bits


def _binary_entropy(chances: Array) -> Array:
    return _entropy(np.stack([chances, 1.0 - chances], axis=-1))


def _separates(item: Evidence, marginals: Array) -> tuple[Root, ...]:
    """The site's most doubtful root, and the likeliest near root on its side outside the site."""
    own = list(item.roots)
    doubt = _binary_entropy(marginals[own])
    first = own[int(np.argmax(doubt))]
    rivals = [
        root
        for root in np.argsort(-marginals, kind="stable")
        if root not in own
        and root % 2 == first % 2
        and abs(int(root) - first) <= 2 * _RIVAL_LEVELS
        and marginals[root] >= _RIVAL
    ]
    return tuple(root_of(int(root)) for root in (first, *rivals[:1]))
