"""Plans for the roots that a practitioner concluded, whatever the findings fit better."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.atlas import ROOTS, Root, atlas
from myotome.case import read_case
from myotome.examination import Assessment, Finding, examine
from myotome.examination.finding import finding
from myotome.treatment import (
    ScreenAnswer,
    Screening,
    SessionSite,
    areas_of,
    assumed_no,
    never_needled,
    plan,
    planned_roots,
    rulebook,
    screen,
    session_rules,
    site_hazards,
)
from myotome.treatment.practice import DEFAULT
from myotome.treatment.targets import acute_at

EXAMPLES = Path(__file__).parents[2] / "examples"
ITEMS = rulebook().screening_items
C8 = Root("C8", "right")
FOUND = (
    finding("tender_paraspinal", "multifidus_cervicalis", side="right", level="C6", grade=3),
    finding("taut_band", "brachioradialis", side="right", grade=3),
    finding("shortened_muscle", "extensor_carpi_radialis_longus", side="right", grade=2),
    finding("weakness", "biceps_brachii", side="right", value=4.0, unit="mrc"),
    finding("reflex", "biceps_reflex", side="right", value=1.0, unit="reflex"),
    finding("pin_less", "thumb", side="right", grade=2),
)
OF_C8 = (
    finding("taut_band", "flexor_digitorum_profundus", side="right", grade=1),
    finding("shortened_muscle", "adductor_pollicis", side="right", grade=1),
    finding("weakness", "abductor_digiti_minimi_manus", side="right", value=4.0, unit="mrc"),
)


@pytest.fixture(scope="module")
def c6() -> Assessment:
    """Clear findings of C6, and slight ones of C8."""
    return examine(FOUND + OF_C8)


def test_it_works(c6, nothing_raised: Screening) -> None:
    fitted = [str(item.root) for item in planned_roots(c6, DEFAULT)]
    assert fitted[0] == "C6-right"
    assert "C8-right" not in fitted

    made = plan(c6, nothing_raised, roots=[C8])

    assert [str(site.site) for site in made.sites] == [
        "multifidus_cervicalis:C7:right",
        "multifidus_cervicalis:C6:right",
        "multifidus_thoracis:T1:right",
        "flexor_digitorum_profundus:right",
        "adductor_pollicis:right",
    ]
    assert all("rests on the practitioner's conclusion" in site.why for site in made.sites)
    whys = [site.why for site in made.sites]
    assert "found there" in whys[1]  # tender at C6, which is one level above
    assert "not looked at" in whys[0]
    assert whys[3].endswith("found there: Taut band: slight (1).")
    assert "C8 right" in made.statement
    assert "The model's answer to the findings differs: C6 right" in made.statement


def test_weakness_alone_is_no_reason_to_needle(c6, nothing_raised) -> None:
    made = plan(c6, nothing_raised, roots=[C8, Root("C6", "right")])

    names = {site.site.name for site in made.sites}
    assert {"abductor_digiti_minimi_manus", "biceps_brachii"}.isdisjoint(names)
    assert {"brachioradialis", "adductor_pollicis"} <= names


def test_what_the_conclusion_leaves_unexplained_and_what_speaks_against_it_is_named(
    c6, nothing_raised
) -> None:
    told = plan(c6, nothing_raised, roots=[C8]).to_dict()["conclusion"]

    assert told["roots"] == ["C8-right"]
    unexplained = "; ".join(told["unexplained"])
    assert "Brachioradialis" in unexplained
    assert "Biceps reflex" in unexplained
    assert "Flexor digitorum profundus" not in unexplained
    said = [
        item.words
        for item in plan(c6, nothing_raised, roots=[C8]).differential
        if item.kind == "root"
    ]
    assert any("C6 right fits, and was not concluded" in words for words in said)


def test_findings_against_a_concluded_root_are_told_though_it_fits_badly(nothing_raised) -> None:
    normal = finding("taut_band", "adductor_pollicis", side="right", grade=0)
    found = examine((*FOUND, normal, finding("pin_less", "little_finger", side="right", grade=0)))

    against = plan(found, nothing_raised, roots=[C8]).to_dict()["conclusion"]["against"]

    assert len(against) == 2
    assert all(words.startswith("C8 right: ") for words in against)
    assert all("absent (0)" in words for words in against)
    sizes = [item.log_odds for item in plan(found, nothing_raised, roots=[C8]).conclusion.against]
    assert sizes == sorted(sizes)


def test_no_root_concluded_plans_no_needle_and_says_so(c6, nothing_raised) -> None:
    made = plan(c6, nothing_raised, roots=[])

    assert made.sites == made.left_out == made.dose == ()
    assert "concluded no root, so no site is proposed for a needle" in made.statement
    assert made.home_programme
    assert len(made.conclusion.unexplained) == len(FOUND + OF_C8)


def test_a_root_without_a_short_muscle_says_that_its_front_ramus_gives_none(
    c6, nothing_raised
) -> None:
    made = plan(c6, nothing_raised, roots=[Root("L5", "left")])

    assert {site.target.roles[0].place for site in made.sites} == {"level", "above", "below"}
    said = " ".join(item.words for item in made.missing_inputs)
    assert "No sign of shortening was found in a muscle of the front ramus of L5 left" in said


def test_without_a_conclusion_nothing_of_it_is_in_the_plan(c6, nothing_raised) -> None:
    made = plan(c6, nothing_raised)

    assert made.conclusion is None
    assert "conclusion" not in made.to_dict()
    assert not any(site.target.there for site in made.sites)


# ---------------------------------------------------------------- properties

CASES = [
    examine(read_case(path).examination()) for path in sorted(EXAMPLES.glob("*-c*.toml"))[:3]
] + [
    examine(FOUND + OF_C8),
    examine((*FOUND, finding("warmth", "forearm_lateral", side="right", grade=2))),
]
ANSWERS = st.builds(
    ScreenAnswer,
    st.sampled_from(sorted(ITEMS)),
    st.sampled_from(["yes", "no", "not_asked"]),
)
CONCLUDED = st.lists(st.sampled_from(ROOTS), max_size=4, unique=True)


def answered(changed: list[ScreenAnswer]) -> Screening:
    items = {answer.item for answer in changed}
    kept = [answer for answer in assumed_no("a test") if answer.item not in items]
    return screen([*kept, *changed])


@settings(max_examples=80, deadline=None)
@given(
    st.sampled_from(CASES),
    CONCLUDED,
    st.lists(ANSWERS, max_size=2, unique_by=lambda a: a.item),
    st.booleans(),
)
def test_no_site_is_for_another_root_and_no_stop_is_passed(found, roots, changed, first) -> None:
    screening = answered(changed)
    made = plan(found, screening, roots=roots, first_visit=first)

    named = {role.root for site in made.sites for role in site.target.roles}
    assert named <= set(roots)
    if not roots or made.missing or made.screening.why_not("needling"):
        assert made.sites == ()
    for site in made.sites:
        assert not never_needled(site.site.name)
        assert acute_at(site.site, found.findings) is None
        assert made.screening.why_not("needling", site.site) is None
        assert site.hazards == site_hazards(site.site)
        assert site.target.there
        assert [basis for basis in site.rests_on if basis.source_ids]
    for number, visit in enumerate(made.visits, start=1):
        session = [SessionSite(one.site, one.dose.insertions) for one in visit]
        rules = session_rules(session, made.screening, first and number == 1)
        said = [one.warning for one in made.session_warnings if one.visit == number]
        assert said == list(rules)
        assert not [rule for rule in rules if rule.effect == "stop"]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(CASES), CONCLUDED)
def test_what_is_unexplained_is_every_sign_that_no_concluded_root_supplies(found, roots) -> None:
    made = plan(found, answered([]), roots=roots)

    def is_supplied(item: Finding) -> bool:
        supplies = atlas().roots_of_site(item.site, item.sign)
        return any(supply.root in roots for supply in supplies)

    for item in made.conclusion.unexplained:
        assert item.limited_by or not is_supplied(item)
    kept = set(made.conclusion.unexplained)
    for item in found.findings:
        if item not in kept and item.grade and atlas().signs[item.sign].bearing == "root":
            assert is_supplied(item)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CASES), CONCLUDED)
def test_a_screening_stands_whatever_was_concluded(found, roots) -> None:
    """The parts of the body asked about are those touched by the findings at least."""
    areas = {
        area
        for item in found.findings
        if item.site.name in atlas().muscles
        for area in areas_of(atlas().muscles[item.site.name].region)
    }

    assert areas <= set(plan(found, answered([]), roots=roots).screening.areas)


def test_the_order_in_which_roots_are_named_changes_nothing(c6, nothing_raised) -> None:
    roots = [C8, Root("C6", "right"), Root("T1", "right")]

    assert plan(c6, nothing_raised, roots=roots) == plan(c6, nothing_raised, roots=roots[::-1])


def test_muscles_with_signs_of_shortening_come_before_those_that_only_fit(c6, nothing_raised):
    fits = dataclasses.replace(
        c6.muscles[0], site=atlas().site("flexor_pollicis_longus", "right"), probability=0.99
    )
    found = dataclasses.replace(c6, muscles=(fits, *c6.muscles))

    outer = plan(found, nothing_raised, roots=[C8]).sites[3:]

    assert [site.site.name for site in outer] == [
        "flexor_digitorum_profundus",
        "adductor_pollicis",
        "flexor_pollicis_longus",
    ]
