"""Elimination gives exactly what brute force gives, whatever the cord looks like."""

import brute_force
import numpy as np
import pytest
from brute_force import TinyCord
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from myotome.examination import elimination
from myotome.examination.elimination import Elimination, LadderPrior, Scope, SiteTables

EXACT = 1e-12  # what the design promises; rounding of some thousand sums stays near 1e-15
NARROW = 3  # sites of four levels already count as wide, so that tiny cords have them


@pytest.fixture(autouse=True)
def _short_sites_count_as_wide(monkeypatch):
    monkeypatch.setattr(elimination, "WIDEST_SITE", NARROW)


@st.composite
def scopes(draw, levels, nerve_sides):
    side = draw(st.sampled_from([0, 1, "across"]))
    sides = (0, 1) if side == "across" else (side,)
    most = 3 if side == "across" else levels
    chosen = draw(st.sets(st.integers(0, levels - 1), min_size=1, max_size=min(most, levels)))
    roots = tuple(sorted(2 * level + s for level in chosen for s in sides))
    own = [nerve for nerve, s in enumerate(nerve_sides) if s == side]
    nerves = draw(st.sets(st.sampled_from(own))) if own else set()
    return Scope(roots, tuple(sorted(nerves)))


@st.composite
def cords(draw, draws=1):
    levels = draw(st.integers(1, 5))
    nerve_sides = tuple(draw(st.lists(st.integers(0, 1), max_size=4)))
    sites = tuple(draw(st.lists(scopes(levels, nerve_sides), min_size=1, max_size=6)))
    numbers = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (draws, len(sites))
    reached = numbers.uniform(0.01, 1.0, shape)
    sound = numbers.uniform(0.01, 1.0, shape)
    leak = numbers.uniform(0.0, 0.5, shape)
    tables = SiteTables(
        alpha=reached,
        beta=(sound - reached) * (1.0 - leak),
        spared=[numbers.uniform(0.02, 1.0, (draws, len(scope.roots))) for scope in sites],
        nerve_spared=numbers.uniform(0.02, 1.0, shape),
        nerve_priors=numbers.uniform(0.0, 0.2, (draws, len(nerve_sides))),
    )
    prior = LadderPrior(
        numbers.normal(-1.0, 1.5, (draws, levels)),
        numbers.uniform(-0.5, 1.5, draws),
        numbers.uniform(-0.5, 1.5, draws),
    )
    return TinyCord(levels, sites, nerve_sides, tables, prior)


def eliminated(cord):
    plan = Elimination(cord.levels, cord.scopes, cord.nerve_sides)
    return plan, plan.run(cord.tables, cord.prior, with_nerve_detail=True)


exactly = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@exactly
@given(cords())
def test_every_answer_equals_brute_force(cord):
    states = brute_force.joint(cord, 0)

    plan, beliefs = eliminated(cord)

    total = brute_force.evidence(states)
    assert beliefs.log_evidence[0] == pytest.approx(np.log(total), abs=EXACT)
    none = np.exp(beliefs.log_no_root[0] - beliefs.log_evidence[0])
    assert none == pytest.approx(brute_force.no_root(states) / total, abs=EXACT)
    expected = brute_force.marginals(states, cord.levels)
    np.testing.assert_allclose(beliefs.marginals[0], expected, rtol=0, atol=EXACT)
    for nerve in range(len(cord.nerve_sides)):
        lesioned = brute_force.nerve_posterior(states, nerve)
        assert beliefs.nerve_posteriors()[0, nerve] == pytest.approx(lesioned, abs=EXACT)
    for site, scope in enumerate(cord.scopes):
        if site not in plan.wide:
            table = brute_force.site_table(states, scope)
            np.testing.assert_allclose(beliefs.site_table(site)[0], table, rtol=0, atol=EXACT)


@settings(exactly, max_examples=30)
@given(cords(draws=3))
def test_several_draws_at_once_equal_each_draw_alone(cord):
    plan, together = eliminated(cord)

    for draw in range(3):
        part = slice(draw, draw + 1)
        one = SiteTables(
            cord.tables.alpha[part],
            cord.tables.beta[part],
            [spared[part] for spared in cord.tables.spared],
            cord.tables.nerve_spared[part],
            cord.tables.nerve_priors[part],
        )
        prior = LadderPrior(
            cord.prior.field[part], cord.prior.neighbour[part], cord.prior.other_side[part]
        )
        alone = plan.run(one, prior, with_nerve_detail=True)
        for name in ("marginals", "log_evidence", "log_no_root"):
            np.testing.assert_allclose(
                getattr(together, name)[draw], getattr(alone, name)[0], rtol=0, atol=EXACT
            )
        np.testing.assert_allclose(
            together.nerve_posteriors()[draw], alone.nerve_posteriors()[0], rtol=0, atol=EXACT
        )


@settings(exactly, max_examples=30)
@given(cords())
def test_leaving_out_nerve_detail_changes_nothing_else(cord):
    plan, full = eliminated(cord)

    light = plan.run(cord.tables, cord.prior)

    np.testing.assert_allclose(light.marginals, full.marginals, rtol=0, atol=EXACT)
    np.testing.assert_allclose(light.log_evidence, full.log_evidence, rtol=0, atol=EXACT)


@settings(exactly, max_examples=30)
@given(cords())
def test_what_counts_as_wide_changes_nothing(cord):
    _, with_wide = eliminated(cord)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elimination, "WIDEST_SITE", 99)
        plan, without = eliminated(cord)

    assert not plan.wide
    np.testing.assert_allclose(with_wide.marginals, without.marginals, rtol=0, atol=EXACT)
    np.testing.assert_allclose(with_wide.log_evidence, without.log_evidence, rtol=0, atol=EXACT)


def test_a_cord_of_one_level_and_one_sure_sign_follows_by_hand():
    # Prior odds 1/3 a side, no coupling; the sign says 4 against 1 for the left root only.
    tables = SiteTables(
        alpha=np.array([[0.8]]),
        beta=np.array([[-0.6]]),
        spared=[np.array([[1e-300]])],
        nerve_spared=np.ones((1, 1)),
        nerve_priors=np.zeros((1, 0)),
    )
    prior = LadderPrior(np.log([[1.0 / 3.0]]), np.zeros(1), np.zeros(1))

    beliefs = Elimination(1, [Scope((0,))], ()).run(tables, prior)

    assert beliefs.marginals[0] == pytest.approx([4 / 7, 1 / 4], abs=EXACT)
