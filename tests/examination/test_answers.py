"""What an assessment gives besides probabilities is what a second run of the model gives."""

from functools import cache

import numpy as np
import pytest

from myotome.atlas import ROOTS, Root, atlas
from myotome.examination import Finding, examine, finding, intervals, posterior
from myotome.examination.model import Model, evidence_at, sort_findings
from myotome.examination.next_sign import next_signs
from myotome.examination.prior import ladder_prior
from myotome.examination.probabilities import sign_table
from myotome.examination.reasons import state_products

LEFT, RIGHT = {"side": "left"}, {"side": "right"}

NECK = (
    finding("range", "neck_flexion", **LEFT, grade=2),  # twelve levels: a wide site
    finding("tender_motor_point", "triceps_brachii", **RIGHT, grade=2),
    finding("weakness", "triceps_brachii", **RIGHT, grade=1),
    finding("swelling", "triceps_brachii", **RIGHT, grade=0),
    finding("reflex", "triceps_reflex", **RIGHT, grade=2),
    finding("light_touch_less", "middle_finger", **RIGHT, grade=1),
    finding("tender_motor_point", "biceps_brachii", **RIGHT, grade=0),
    finding("tender_paraspinal", "multifidus_cervicalis", level="C7", **RIGHT, grade=3),
    finding("spurling", **RIGHT, grade=2),
)
BACK = (
    finding("weakness", "tibialis_anterior", **LEFT, grade=3),
    finding("weakness", "fibularis_longus", **LEFT, grade=2),
    finding("light_touch_less", "foot_dorsum_middle", **LEFT, grade=2),
    finding("tender_motor_point", "gluteus_medius", **LEFT, grade=1),
    finding("recent_tissue_injury", "gluteus_medius", **LEFT, grade=1),
    finding("straight_leg_raise", **LEFT, grade=0),
    finding("reflex", "ankle_reflex", **RIGHT, value=1, unit="reflex", compared=2),
    finding("skin_roll", "sacrum", side="midline", grade=2),
)
STOPPED = (
    finding("range", "ankle_dorsiflexion", **LEFT, grade=3, limited_by="soleus"),
    finding("tender_motor_point", "soleus", **LEFT, grade=2),
)
EXAMINATIONS = {"neck": NECK, "back": BACK, "stopped": STOPPED}


@cache
def assessment_of(name):
    return examine(EXAMINATIONS[name])


def log_odds(chances):
    return np.log(chances) - np.log1p(-chances)


# Reasons


@pytest.mark.parametrize("name", EXAMINATIONS)
def test_a_reason_is_what_leaving_the_finding_out_takes_away(name):
    findings = EXAMINATIONS[name]
    full = log_odds(posterior(findings))
    given = {(reason.root, reason.finding): reason for reason in assessment_of(name).reasons}
    supplied = set()
    for site in sort_findings(findings).sites:
        supplied |= {(supply.root, g.finding) for supply in site.supplies for g in site.graded}

    for left_out in findings:
        rest = [item for item in findings if item is not left_out]
        change = full - log_odds(posterior(rest))
        for root in ROOTS:
            reason = given.get((root, left_out))
            if reason:
                assert reason.log_odds == pytest.approx(change[root.index], abs=1e-9)
            elif (root, left_out) in supplied:
                assert abs(change[root.index]) < 0.01 + 1e-9

    assert set(given) <= supplied
    assert len(given) >= len(findings)


@pytest.mark.parametrize("name", EXAMINATIONS)
def test_intervals_alone_are_those_of_the_whole_answer(name):
    found = EXAMINATIONS[name]
    low, high = intervals(found)

    for item in examine(found).roots:
        at = item.root.index
        assert (float(low[at]), float(high[at])) == (item.low, item.high)


def test_a_wide_site_and_a_site_with_nerves_are_among_the_reasons():
    findings = {reason.finding for reason in assessment_of("neck").reasons}
    lesions = {item.name for item in assessment_of("back").other if item.kind == "nerve_lesion"}

    assert NECK[0] in findings
    assert Model.build(
        sort_findings(NECK).sites, sign_table(), ladder_prior(sign_table())
    ).elimination.wide
    assert lesions & {"common_fibular_nerve", "sciatic_nerve"}


def test_reasons_for_a_root_stand_the_strongest_first():
    sizes = [abs(r.log_odds) for r in assessment_of("neck").reasons_for(Root("C7", "right"))]

    assert len(sizes) >= 5
    assert sizes == sorted(sizes, reverse=True)


def test_contradictions_are_reasons_that_speak_clearly_against_a_root_that_fits():
    findings = [*BACK[:5], finding("slump", **LEFT, grade=0)]
    assessment = examine(findings)

    expected = {
        (reason.root, reason.finding)
        for reason in assessment.reasons
        if reason.log_odds <= -0.7 and assessment.probability(reason.root) >= 0.25
    }

    assert {(item.root, item.finding) for item in assessment.contradictions} == expected
    assert expected


def test_a_ramus_is_supported_only_where_its_findings_speak_for_the_root():
    rami = assessment_of("neck").rami

    assert rami[Root("C7", "right")].is_consistent
    assert rami[Root("L5", "left")].anterior == "not_looked_at"
    alone = examine([finding("tender_paraspinal", "multifidus_lumborum", level="L5", **LEFT,
                             grade=0)]).rami[Root("L5", "left")]  # fmt: skip
    assert (alone.anterior, alone.posterior) == ("not_looked_at", "against")


# Next sign


def entropy(chances):
    held = chances[chances > 0]
    return float(-(held * np.log2(held)).sum())


def beliefs_of(findings, *bare):
    """Model and posterior of findings, with sites not looked at beside them."""
    table, prior = sign_table(), ladder_prior(sign_table())
    sites = sort_findings(findings).sites
    known = {(site.site, site.sign) for site in sites}
    more = tuple(site for site in bare if (site.site, site.sign) not in known)
    model = Model.build((*sites, *more), table, prior)
    return model, model.elimination.run(model.tables, prior, with_nerve_detail=True)


@pytest.mark.parametrize("name", ["neck", "back"])
def test_the_bits_of_a_next_sign_are_what_its_four_grades_teach_on_average(name):
    findings = EXAMINATIONS[name]
    shown = assessment_of(name).next_signs
    assert len(shown) == 5
    for offer in shown:
        bare = evidence_at(offer.site, offer.sign)
        model, before = beliefs_of(findings, bare)
        places = {(site.site, site.sign): place for place, site in enumerate(model.evidence)}
        place = places[bare.site, bare.sign]
        doubt = entropy(before.site_table(place)[0].sum(axis=1))

        chances, left = [], []
        for grade in range(4):
            found = Finding(offer.sign, offer.site, grade=grade)
            model, after = beliefs_of([*findings, found])
            place = [(s.site, s.sign) for s in model.evidence].index((bare.site, bare.sign))
            chances.append(float(np.exp(after.log_evidence[0] - before.log_evidence[0])))
            left.append(entropy(after.site_table(place)[0].sum(axis=1)))

        assert sum(chances) == pytest.approx(1.0, abs=1e-12)
        expected = doubt - float(np.dot(chances, left))
        assert offer.bits == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", EXAMINATIONS)
def test_next_signs_are_new_and_the_most_telling_stands_first(name):
    seen = {(item.sign, item.site) for item in EXAMINATIONS[name]}
    shown = assessment_of(name).next_signs

    bits = [offer.bits for offer in shown]
    assert bits == sorted(bits, reverse=True)
    assert not seen & {(offer.sign, offer.site) for offer in shown}
    assert len({offer.site for offer in shown if offer.site.kind != "side"}) == sum(
        offer.site.kind != "side" for offer in shown
    )
    for offer in shown:
        sign = atlas().signs[offer.sign]
        assert sign.bearing == "root"
        assert offer.site.kind in sign.applies_to


def test_no_sign_at_a_site_looked_at_tells_more_than_the_one_offered_there():
    model, beliefs = beliefs_of(NECK[1:])

    offers = next_signs(model, beliefs, sign_table(), NECK[1:])

    for offer in offers:
        for sign in ("taut_band", "shortened_muscle", "tendon_thickening"):
            if sign != offer.sign and sign in _signs_of(offer.site):
                blocked = [*NECK[1:], Finding(offer.sign, offer.site, grade=0)]
                second = {o.site: o.bits for o in next_signs(model, beliefs, sign_table(), blocked)}
                assert second.get(offer.site, 0.0) <= offer.bits


def _signs_of(site):
    return {s.sign_id for s in atlas().signs.values() if site.kind in s.applies_to}


# Other answers


@pytest.mark.parametrize("name", EXAMINATIONS)
def test_a_muscle_is_held_short_only_where_a_sign_of_shortening_was_found(name):
    assessment = assessment_of(name)
    motor = {"tender_motor_point", "tender_paraspinal", "shortened_muscle", "taut_band", "range"}
    found = {
        site.site
        for site in sort_findings(EXAMINATIONS[name]).sites
        if any(g.grade and g.finding.sign in motor for g in site.graded)
    }

    for muscle in assessment.muscles:
        assert muscle.site in found
        assert 0.5 <= muscle.probability <= 1.0
        assert all(assessment.probability(root) >= 0.1 for root in muscle.roots)
    assert [item.site for item in assessment.structures] == [m.site for m in assessment.muscles]


def test_the_probability_that_a_muscle_is_affected_follows_from_its_states():
    findings = [finding("tender_motor_point", "soleus", **LEFT, grade=2)]
    model, beliefs = beliefs_of(findings)
    # Sound: no root or nerve reaches it, no cause of its own, and yet grade 2.
    spared = float((beliefs_of([], evidence_at(atlas().site("soleus", "left")))[1]
                    .site_table(0)[0] * state_products(model, 0)).sum())  # fmt: skip
    sound = spared * float(model.clear[0, 0])
    prior = beliefs_of([])[1].log_evidence[0]
    evidence = float(np.exp(beliefs.log_evidence[0] - prior))

    muscle = examine(findings).muscles[0]

    assert muscle.probability == pytest.approx(1.0 - sound / evidence, abs=1e-12)


def test_an_assessment_becomes_plain_values_with_the_keys_others_rely_on():
    plain = assessment_of("neck").to_dict()

    assert {"roots", "no_root", "other", "explanations", "reasons", "rami", "muscles",
            "structures", "next_signs", "versions"} <= set(plain)  # fmt: skip
    assert set(plain["roots"][0]) >= {"root", "probability", "interval"}
    assert len(plain["roots"]) == 62
    assert set(plain["reasons"][0]) >= {"root", "sign", "site", "side", "log_odds"}


def test_progress_rises_to_one():
    shares = []

    examine(STOPPED, progress=shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1.0
