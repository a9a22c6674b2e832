"""The sign table holds what the model needs, says where it comes from, and can be contested."""

import itertools
import math

import numpy as np
import pytest

from myotome.atlas import SEGMENTS, Root, atlas
from myotome.examination import examine, finding, posterior
from myotome.examination.model import TABLE_KINDS, grade_likelihoods
from myotome.examination.prior import ladder_prior
from myotome.examination.probabilities import (
    DRAWS,
    drawn_tables,
    probability_rows,
    sign_table,
)
from myotome.sources import sources

S1 = Root("S1", "left").index
ROWS = {row.parameter_id: row for row in probability_rows()}
WEIGHED = [sign.sign_id for sign in atlas().signs.values() if sign.bearing == "root"]


def kappa(accuracy, prevalence=0.3):
    """Agreement of two examiners who err independently, sensitivity equal to specificity."""
    positive = prevalence * accuracy + (1 - prevalence) * (1 - accuracy)
    spread = prevalence * (1 - prevalence) * (2 * accuracy - 1) ** 2
    return spread / (positive * (1 - positive))


@pytest.mark.parametrize(
    ("row", "published", "bound"),
    [
        ("sensitivity.tender_motor_point.se", 0.452, "value"),
        ("specificity.tender_motor_point.sp", 0.452, "value"),
        ("sensitivity.tender_motor_point.se", 0.676, "high"),
        ("sensitivity.tender_motor_point.se", 0.10, "low"),
        ("sensitivity.tender_paraspinal.se", 0.452, "value"),
        ("specificity.tender_paraspinal.sp", 0.452, "value"),
        ("sensitivity.taut_band.se", 0.205, "value"),
        ("specificity.taut_band.sp", 0.205, "value"),
        ("sensitivity.taut_band.se", 0.01, "low"),
        ("sensitivity.taut_band.se", 0.75, "high"),
    ],
)
def test_accuracy_of_palpation_follows_from_published_agreement(row, published, bound):
    # Rows are printed with three decimals; half of the last one moves kappa by at most 0.003.
    assert kappa(getattr(ROWS[row], bound)) == pytest.approx(published, abs=0.003)


@pytest.mark.parametrize("sign", WEIGHED)
def test_every_sign_that_bears_on_a_root_has_its_rows(sign):
    for name in (f"sensitivity.{sign}.se", f"specificity.{sign}.sp", f"local_carry.{sign}"):
        assert name in ROWS
    # In the central table no sign speaks the wrong way.
    assert ROWS[f"sensitivity.{sign}.se"].value > 1 - ROWS[f"specificity.{sign}.sp"].value


@pytest.mark.parametrize("sign", WEIGHED)
def test_grades_of_a_sign_add_up_to_one_in_every_state_and_draw(sign):
    for table in (sign_table(), drawn_tables()):
        given = grade_likelihoods(sign, table)
        for state in (given.through_nerve, given.local, given.sound):
            assert np.all(state > 0)
            np.testing.assert_allclose(state.sum(axis=1), 1.0, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sign", WEIGHED)
def test_a_draw_in_which_a_sign_speaks_the_wrong_way_says_nothing(sign):
    table = drawn_tables()
    wrong = table.get(f"sensitivity.{sign}.se") < 1 - table.get(f"specificity.{sign}.sp")

    given = grade_likelihoods(sign, table)

    assert np.array_equal(given.through_nerve[wrong], given.sound[wrong])
    assert np.all(given.through_nerve[~wrong, 0] <= given.sound[~wrong, 0])


def test_every_sign_of_a_local_cause_has_a_row_for_each_cause():
    signs = [sign.sign_id for sign in atlas().signs.values() if sign.bearing == "local_cause"]
    causes = ("strain", "inflammation", "joint", "none")
    for sign, cause in itertools.product(signs, causes):
        assert f"inflammation_sign.{sign}.given_{cause}" in ROWS


def test_every_kind_of_supply_in_the_atlas_has_a_weight_and_a_leak():
    known = atlas()
    for name in (*known.muscles, *known.skin_regions, *known.reflexes):
        unsided = name in known.skin_regions and not known.skin_regions[name].sided
        for level in known.levels_of(name) or ("",):
            site = known.site(name, "midline" if unsided else "left", level)
            kind = TABLE_KINDS.get(site.kind, site.kind)
            assert f"leak.{kind}.leak" in ROWS
            for supply in known.roots_of_site(site):
                assert f"supply_weight.{kind}.{supply.weight}" in ROWS


def test_shares_of_a_family_add_up_to_one():
    families = {}
    for row in ROWS.values():
        if row.unit == "share":
            families.setdefault((row.group, row.site_kind), []).append(row.parameter_id)
    assert len(families) == 8
    for members in families.values():
        assert math.fsum(ROWS[name].value for name in members) == pytest.approx(1, abs=1e-12)
        drawn = sum(drawn_tables().get(name) for name in members)
        np.testing.assert_allclose(drawn, 1.0, rtol=0, atol=1e-12)


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_row_is_bounded_and_says_where_it_comes_from(row):
    assert row.low <= row.value <= row.high
    assert row.certainty in {"A", "B", "C", "D"}
    assert row.derivation
    assert row.source_ids
    assert set(row.source_ids) <= set(sources())
    if row.unit in {"probability", "share"}:
        assert row.low > 0
        assert row.high < 1
    else:
        assert row.unit in {"odds multiplier", "relative weight"}


def spread(row):
    """How far apart the ends of a range are: as odds for probabilities, else as they stand."""
    if row.unit in {"probability", "share"}:
        return row.high / (1 - row.high) / (row.low / (1 - row.low))
    return row.high / row.low


def test_a_guess_has_a_wide_range():
    # The narrowest is a factor of 3.7 in odds: the share of "clear" among affected sites.
    guesses = [row for row in ROWS.values() if row.certainty == "D" and row.value]
    assert min(spread(row) for row in guesses) >= 3.5


def test_draws_lie_around_the_central_value_and_mostly_inside_the_range():
    table = drawn_tables()

    assert table.draws == DRAWS
    for row in ROWS.values():
        numbers = table.get(row.parameter_id)
        if row.unit == "share":
            continue  # rescaled to add up to one
        inside = np.mean((numbers >= row.low) & (numbers <= row.high))
        # One stratum a draw: 95 % to within one draw at each end.
        assert inside == pytest.approx(0.95, abs=2.5 / DRAWS) or row.low == row.high
        assert np.median(numbers) == pytest.approx(row.value, rel=0.05)


def test_draws_are_always_the_same():
    again = drawn_tables.__wrapped__()

    for name in ROWS:
        assert np.array_equal(again.get(name), drawn_tables().get(name))


def test_the_prior_has_its_no_root_in_every_draw():
    table = drawn_tables()
    prior = ladder_prior(table)

    pair = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    for draw in range(0, table.draws, 16):
        step = np.exp(prior.neighbour[draw] * (pair @ pair.T))
        alone = np.exp(np.outer(prior.field[draw], pair.sum(axis=1)))
        alone[:, 3] *= np.exp(prior.other_side[draw])
        weights = alone[0]
        for level in range(1, len(SEGMENTS)):
            weights = (weights @ step) * alone[level]
        none = table.get("prior.no_root")[draw]
        assert 1 / weights.sum() == pytest.approx(none, rel=1e-9)


# Contesting a number


REFLEX = [finding("reflex", "ankle_reflex", side="left", grade=2)]


@pytest.mark.parametrize(
    ("row", "value", "direction"),
    [
        ("sensitivity.reflex.se", 0.60, 1),
        ("specificity.reflex.sp", 0.98, 1),
        ("specificity.reflex.sp", 0.70, -1),
        ("leak.reflex.leak", 0.30, -1),
        ("local_carry.reflex", 0.50, -1),
        ("supply_weight.reflex.principal", 0.90, 1),
        ("nerve_lesion.total", 0.30, -1),
        ("prior.no_root", 0.80, -1),
        ("level_frequency.S1", 0.30, 1),
    ],
)
def test_a_contested_number_moves_the_answer_the_way_it_must(row, value, direction):
    contested = sign_table().replaced({row: value})

    moved = posterior(REFLEX, contested)[S1] - posterior(REFLEX)[S1]

    assert direction * moved > 1e-3
    assert examine(REFLEX, table=contested).probability(Root("S1", "left")) == pytest.approx(
        posterior(REFLEX, contested)[S1], abs=1e-12
    )


def test_a_sign_contested_down_to_chance_says_nothing():
    chance = sign_table().replaced(
        {
            "sensitivity.reflex.se": 0.3,
            "specificity.reflex.sp": 0.7,
            **{f"grade_given_affected.grade_{g}": 1 / 3 for g in (1, 2, 3)},
            **{f"grade_given_unaffected.grade_{g}": 1 / 3 for g in (1, 2, 3)},
        }
    )

    np.testing.assert_allclose(posterior(REFLEX, chance), posterior([], chance), atol=1e-12)


def test_contesting_leaves_the_packaged_table_alone():
    before = sign_table().get("leak.muscle.leak").copy()

    sign_table().replaced({"leak.muscle.leak": 0.5})

    assert np.array_equal(sign_table().get("leak.muscle.leak"), before)
