"""The model computes what it says: enumerated in words, the findings mean the same."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meaning import ROWS, Cord, Meaning

from myotome.atlas import ROOTS, SEGMENTS, SIDES, Site, atlas
from myotome.examination import examine, finding
from myotome.examination.elimination import Elimination
from myotome.examination.model import Model, nerve_names, sort_findings
from myotome.examination.prior import ladder_prior
from myotome.examination.probabilities import sign_table

EXACT = 1e-12
WINDOWS = {"arm": ("C5", "T1"), "leg": ("L4", "S2"), "saddle": ("S3", "Co1"), "chest": ("T4", "T7")}


@cache
def cord(window):
    return Cord(*WINDOWS[window])


@cache
def looks(window):
    """Every sign at every site whose roots all lie in the window."""
    first, last = (SEGMENTS.index(name) for name in WINDOWS[window])
    inside = set(SEGMENTS[first : last + 1])
    found = []
    for name, side, level, sign in _everything():
        test = sign if not name else ""
        site = atlas().site(name, side, level)
        supplies = atlas().roots_of_site(site, test)
        if supplies and {supply.root.segment for supply in supplies} <= inside:
            found.append((sign, name, side, level))
    return found


def _everything():
    known = atlas()
    named = [*known.muscles, *known.skin_regions, *known.reflexes, *known.movements]
    weighed = [s for s in known.signs.values() if s.bearing in {"root", "local_cause"}]
    for name in named:
        sides = ("midline",) if name in known.skin_regions and not known.skin_regions[
            name
        ].sided else SIDES  # fmt: skip
        for level in known.levels_of(name) or ("",):
            kind = known.site(name, sides[0], level).kind
            signs = [s.sign_id for s in weighed if kind in s.applies_to]
            for sign in signs:
                yield from ((name, side, level, sign) for side in sides)
    for test in known.neural_tests:
        yield from (("", side, "", test) for side in SIDES)


def examinations(window):
    one = st.tuples(st.sampled_from(looks(window)), st.integers(0, 3))
    made = one.map(
        lambda drawn: finding(
            drawn[0][0], drawn[0][1], side=drawn[0][2], level=drawn[0][3], grade=drawn[1]
        )
    )
    return st.lists(made, min_size=1, max_size=5, unique_by=lambda item: item.key)


def assert_means_the_same(findings, window):
    oracle = Meaning(findings, cord(window))

    table = sign_table()
    prior = ladder_prior(table)
    model = Model.build(sort_findings(findings).sites, table, prior)
    beliefs = model.elimination.run(model.tables, prior, with_nerve_detail=True)
    empty = Model.build((), table, prior)
    before = empty.elimination.run(empty.tables, prior)

    evidence = float(np.exp(beliefs.log_evidence[0] - before.log_evidence[0]))
    assert evidence == pytest.approx(oracle.evidence, rel=EXACT)
    for root, expected in oracle.marginals().items():
        assert beliefs.marginals[0, root.index] == pytest.approx(expected, abs=EXACT)
    none = float(np.exp(beliefs.log_no_root[0] - beliefs.log_evidence[0]))
    assert none == pytest.approx(oracle.exact_state_posterior(()), abs=EXACT)
    posteriors = beliefs.nerve_posteriors()[0]
    reached = {(key[0].side, name) for key, nerves in oracle.nerves.items() for name in nerves}
    for index, (side, nerve) in enumerate(nerve_names()):
        if (side, nerve) in reached:
            expected = oracle.nerve_posterior(side, nerve)
            assert posteriors[index] == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize("window", WINDOWS)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(data=st.data())
def test_posterior_evidence_and_lesions_follow_from_the_rows_of_the_table(window, data):
    assert_means_the_same(data.draw(examinations(window)), window)


def test_a_site_with_many_signs_and_a_lesion_that_fits_follows_from_the_rows():
    left = {"side": "left"}
    findings = [
        finding("tender_motor_point", "tibialis_posterior", **left, grade=3),
        finding("weakness", "tibialis_posterior", **left, grade=2),
        finding("taut_band", "tibialis_posterior", **left, grade=0),
        finding("swelling", "tibialis_posterior", **left, grade=1),
        finding("recent_tissue_injury", "tibialis_posterior", **left, grade=0),
        finding("reflex", "ankle_reflex", **left, grade=2),
        finding("straight_leg_raise", **left, grade=1),
        finding("tender_motor_point", "gastrocnemius_mediale", side="right", grade=0),
    ]

    assert_means_the_same(findings, "leg")


def test_explanations_are_the_exact_sets_the_words_give():
    findings = [
        finding("weakness", "triceps_brachii", side="right", grade=2),
        finding("reflex", "triceps_reflex", side="right", grade=2),
        finding("light_touch_less", "middle_finger", side="right", grade=1),
        finding("weakness", "interossei_dorsales_manus", side="left", grade=0),
    ]
    oracle = Meaning(findings, cord("arm"))

    shown = examine(findings).explanations

    for explanation in shown:
        expected = oracle.exact_state_posterior(explanation.roots)
        assert explanation.probability == pytest.approx(expected, abs=EXACT)
    chances = [explanation.probability for explanation in shown]
    assert chances == sorted(chances, reverse=True)
    assert sum(chances) <= 1.0
    # No single root or pair of roots that was left out is more probable than the last shown.
    named = {frozenset(explanation.roots) for explanation in shown}
    inside = list(oracle.marginals())
    for first in inside:
        for second in inside:
            if frozenset({first, second}) not in named:
                assert oracle.exact_state_posterior({first, second}) <= chances[-1] + EXACT


def test_before_any_finding_no_root_has_the_probability_of_its_row():
    # The shift is found by forty halvings of 18 units of log-odds: good to 2e-11.
    assert examine([]).no_root == pytest.approx(ROWS["prior.no_root"], abs=1e-10)


def test_the_prior_of_every_root_follows_from_the_ladder():
    assessment = examine([])

    for window in WINDOWS:
        for root, expected in Meaning([], cord(window)).marginals().items():
            assert assessment.probability(root) == pytest.approx(expected, abs=EXACT)


def test_every_site_of_the_atlas_has_its_rows():
    table = sign_table()
    everything = [
        finding(sign, name, side=side, level=level, grade=1)
        for name, side, level, sign in _everything()
    ]
    sites = sort_findings(everything).sites
    no_order = Elimination(len(SEGMENTS), (), ())

    tables = Model.build(sites, table, ladder_prior(table), no_order).tables

    assert len(sites) > 600
    assert np.all(tables.alpha > 0)
    assert np.all(tables.alpha + tables.beta > 0)
    for spared in tables.spared:
        assert np.all((spared > 0) & (spared < 1))


def test_there_are_sixty_two_roots_and_each_stands_in_every_assessment_once():
    assert len(ROOTS) == 62
    assert {item.root for item in examine([]).roots} == set(ROOTS)
    assert isinstance(atlas().site("", "left"), Site)
