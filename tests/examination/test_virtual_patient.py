"""Virtual patients come from the model's own world, and from another only when asked."""

from dataclasses import fields

import numpy as np
import pytest

from myotome.atlas import SEGMENTS, SIDES, Root, atlas
from myotome.examination import check_consistent, examine, finding, posterior
from myotome.examination.model import grade_likelihoods, leak, nerve_names, sort_findings
from myotome.examination.prior import ladder_prior
from myotome.examination.probabilities import drawn_tables, sign_table
from myotome.examination.virtual_patient import (
    DIFFERENT_WORLD,
    PALPATION,
    Look,
    SiteState,
    VirtualPatient,
    World,
    draw_findings,
    draw_patient,
    draw_patients,
    draw_roots,
    standard_examination,
)

MANY = 200_000
# Five standard errors of a share: one test in a million fails by chance, and seeds are fixed.
ERRORS = 5.0


def assert_share(observed, expected, count):
    error = np.sqrt(expected * (1 - expected) / count)
    assert np.all(np.abs(observed - expected) <= ERRORS * error + 1e-12)


@pytest.fixture(scope="module")
def states():
    return draw_roots(ladder_prior(sign_table()), MANY, np.random.default_rng(11))


def test_roots_are_drawn_as_often_as_the_prior_says(states):
    assert_share(states.mean(axis=0), posterior([]), MANY)
    assert_share(1 - states.any(axis=1).mean(), examine([]).no_root, MANY)


def test_pairs_of_roots_are_drawn_as_often_as_the_prior_says(states):
    prior = ladder_prior(sign_table())
    pair = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    step = np.exp(prior.neighbour[0] * (pair @ pair.T))
    alone = np.exp(np.outer(prior.field[0], pair.sum(axis=1)))
    alone[:, 3] *= np.exp(prior.other_side[0])
    for name in ("C5", "L4", "L5"):
        level = SEGMENTS.index(name)
        above, below = np.ones(4), np.ones(4)
        for place in range(level):
            above = (above * alone[place]) @ step if place else alone[0] @ step
        for place in range(len(SEGMENTS) - 1, level + 1, -1):
            below = step @ (alone[place] * below)
        joint = (above * alone[level])[:, None] * step * (alone[level + 1] * below)
        expected = joint / joint.sum()

        codes = states[:, 2 * level : 2 * level + 4] @ np.array([1, 2, 4, 8])
        observed = np.bincount(codes, minlength=16).reshape(4, 4).T / MANY

        assert_share(observed, expected, MANY)


def test_each_of_many_draws_of_the_table_draws_its_own_roots():
    table = drawn_tables().replaced({f"level_frequency.{name}": 1e-9 for name in SEGMENTS[:-1]})

    drawn = draw_roots(ladder_prior(table), table.draws, np.random.default_rng(1))

    assert not drawn[:, :-2].any()
    assert drawn[:, -2:].any()


def test_lesions_are_drawn_as_often_as_the_table_says():
    people = draw_patients(20_000, np.random.default_rng(3))

    for side in SIDES:
        share = np.mean([any(s == side for s, _ in person.lesions) for person in people])
        assert_share(share, float(sign_table().get("nerve_lesion.total")[0]), len(people))
    assert all(len({side for side, _ in person.lesions}) == len(person.lesions)
               for person in people)  # fmt: skip
    assert {lesion for person in people for lesion in person.lesions} <= set(nerve_names())


def person(*roots, lesions=(), seed=1, world=None):
    held = tuple(Root.parse(root) for root in roots)
    return VirtualPatient(held, lesions, seed, sign_table(), world or World())


def shares_of_states(people, site, sign=""):
    states = [one.site_state(site, sign) for one in people]
    reached = np.mean([state.through_nerve for state in states])
    causes = [state.local_cause for state in states]
    return reached, {cause: causes.count(cause) / len(causes) for cause in set(causes)}


def test_a_site_is_reached_as_often_as_its_roots_and_lesions_hit_it():
    soleus, count = atlas().site("soleus", "left"), 8000
    weight = {s.root.segment: float(sign_table().get(f"supply_weight.muscle.{s.weight}")[0])
              for s in atlas().roots_of_site(soleus)}  # fmt: skip
    lesion = float(sign_table().get("nerve_lesion.muscle.site_given_lesion")[0])
    cases = {
        (): 0.0,
        ("S1-right",): 0.0,
        ("S1-left",): weight["S1"],
        ("S1-left", "S2-left"): 1 - (1 - weight["S1"]) * (1 - weight["S2"]),
    }
    for roots, expected in cases.items():
        reached, _ = shares_of_states([person(*roots, seed=n) for n in range(count)], soleus)
        assert_share(reached, expected, count)
    hurt = [person(lesions=(("left", "tibial_nerve"),), seed=n) for n in range(count)]
    assert_share(shares_of_states(hurt, soleus)[0], lesion, count)
    other = [person(lesions=(("right", "tibial_nerve"),), seed=n) for n in range(200)]
    assert shares_of_states(other, soleus)[0] == 0.0


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_causes_of_a_sites_own_are_drawn_as_often_as_the_table_says(factor):
    site, count = atlas().site("multifidus_lumborum", "left", "L5"), 8000
    world = World(leak_factor=factor)

    _, causes = shares_of_states([person(seed=n, world=world) for n in range(count)], site)

    own = factor * float(leak("level_muscle", sign_table())[0])
    assert_share(1 - causes[""], own, count)
    for cause in ("strain", "inflammation", "joint"):
        share = own * float(sign_table().get(f"leak.level_muscle.{cause}")[0])
        assert_share(causes[cause], share, count)


def test_a_second_look_finds_the_same_site_in_the_same_state():
    one = person("L5-left", "S1-left")

    for look in standard_examination():
        assert one.site_state(*look[::-1]) == one.site_state(*look[::-1])
    states = {person("L5-left", seed=n).site_state(atlas().site("soleus", "left"))
              for n in range(200)}  # fmt: skip
    assert len(states) >= 2


def test_grades_are_drawn_as_often_as_the_state_of_the_site_says():
    soleus, count = atlas().site("soleus", "left"), 20_000
    generator = np.random.default_rng(5)
    for sign in ("tender_motor_point", "weakness"):
        given = grade_likelihoods(sign, sign_table())
        everyone = [person("S1-left", "S2-left", seed=n) for n in range(200)]
        cases = {"through_nerve": (True, ""), "sound": (False, ""), "local": (False, "strain")}
        for name, (reached, cause) in cases.items():
            state = SiteState(reached, cause)
            one = next(p for p in everyone if p.site_state(soleus) == state)
            looks = [Look(sign, soleus)] * count
            grades = [item.grade for item in draw_findings(one, looks, generator)]
            observed = np.bincount(grades, minlength=4) / count
            assert_share(observed, getattr(given, name)[0], count)


def test_one_examiners_tendency_moves_all_palpation_signs_together_and_no_others():
    one = person()
    levels = atlas().levels_of("multifidus_cervicalis")
    skin = ("thumb", "middle_finger", "little_finger", "hallux", "heel", "calf")
    felt = [
        Look("tender_paraspinal", atlas().site("multifidus_cervicalis", side, level))
        for side in SIDES
        for level in levels
    ]
    tested = [Look("pin_less", atlas().site(name, side)) for side in SIDES for name in skin]
    generator = np.random.default_rng(9)

    def spread(looks, world):
        counts = []
        for _ in range(600):
            changed = VirtualPatient(one.roots, one.lesions, one.seed, one.table, world)
            found = draw_findings(changed, looks, generator)
            counts.append(sum(item.grade > 0 for item in found))
        return np.var(counts)

    assert "tender_paraspinal" in PALPATION
    assert "pin_less" not in PALPATION
    assert spread(felt, DIFFERENT_WORLD) > 2 * spread(felt, World())
    assert spread(tested, DIFFERENT_WORLD) < 1.3 * spread(tested, World())


def test_findings_hold_nothing_of_the_truth():
    found = draw_findings(person("C7-left"), standard_examination(), np.random.default_rng(2))

    assert {item.name for item in fields(found[0])} == {
        "sign", "site", "grade", "value", "unit", "compared", "limited_by", "test", "week",
    }  # fmt: skip
    assert all(item.test == "" and item.week == 0 for item in found)


def test_the_same_seed_draws_the_same_patient_and_the_same_findings():
    first, second = (np.random.default_rng(4) for _ in range(2))
    one, same = draw_patient(first), draw_patient(second)

    assert (one.roots, one.lesions, one.seed) == (same.roots, same.lesions, same.seed)
    looks = standard_examination()
    assert draw_findings(one, looks, first) == draw_findings(same, looks, second)


def test_the_standard_examination_can_be_examined_and_looks_everywhere_it_says():
    looks = standard_examination()
    found = draw_findings(draw_patient(np.random.default_rng(6)), looks, np.random.default_rng(7))

    check_consistent(found)
    sorted_findings = sort_findings(found)
    assert 55 <= len(looks) == len(found) <= 70
    assert not sorted_findings.unused
    assert not sorted_findings.refers
    kinds = {look.site.kind for look in looks}
    assert kinds == {"muscle", "paraspinal", "skin", "reflex", "movement", "side"}
    sided = [look for look in looks if look.site.side != "midline"]
    assert sum(look.site.side == "left" for look in sided) * 2 == len(sided)


def test_a_table_must_have_one_draw_or_one_a_patient():
    with pytest.raises(ValueError, match="table must have 1 or 3 draws, got 128"):
        draw_patients(3, np.random.default_rng(0), drawn_tables())


def test_a_patient_of_a_contested_table_follows_that_table():
    sure = sign_table().replaced({"leak.muscle.leak": 0.9})
    soleus = atlas().site("soleus", "left")
    people = draw_patients(400, np.random.default_rng(8), sure)

    _, causes = shares_of_states(people, soleus)

    assert_share(1 - causes[""], 0.9, 400)
    assert finding("taut_band", "soleus", side="left", grade=1).site == soleus
