"""No plan proposes a muscle that is never needled: over all muscles, levels and sides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.atlas import ROOTS, SEGMENTS, SIDES, Site, atlas
from myotome.examination.finding import finding
from myotome.treatment import (
    Clearance,
    Practice,
    ScreenAnswer,
    assumed_no,
    is_over_chest,
    never_needled,
    plan,
    rulebook,
    screen,
)

EVERY_SITE = [
    (name, side, level)
    for name in atlas().muscles
    for level in (atlas().levels_of(name) or ("",))
    for side in SIDES
]
ITEMS = rulebook().screening_items
NEVER = {name for name in atlas().muscles if never_needled(name)}
EAGER = Practice(
    root_support=0.01,
    short_support=0.01,
    roots_at_most=62,
    peripheral_at_most=1000,
    sites_first_visit=1000,
    sites_later=1000,
    insertions_first_visit=10000,
    insertions_session=10000,
)


def is_forbidden(site: Site) -> bool:
    """Written from the hazards themselves, not from the table that the code reads."""
    return not {
        "do_not_needle",
        "pelvic_viscera",
        "retroperitoneal_vessels",
        "subclavian_vessels",
        "airway_oesophagus",
    }.isdisjoint(atlas().muscles[site.name].hazard_ids)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("segment", SEGMENTS)
def test_no_root_ever_leads_to_a_forbidden_muscle(assess, nothing_raised, segment, side) -> None:
    assessment = assess({f"{segment}-{side}": 0.9}, EVERY_SITE)

    made = plan(assessment, nothing_raised, practice=EAGER)

    assert not [site for site in made.sites if is_forbidden(site.site)]
    assert not NEVER & {site.site.name for site in made.sites}


def test_all_roots_and_all_muscles_at_once_still_leave_them_out(assess, nothing_raised) -> None:
    assessment = assess({str(root): 0.9 for root in ROOTS}, EVERY_SITE)

    made = plan(assessment, nothing_raised, practice=EAGER)

    proposed = {site.site.name for site in made.sites}
    assert not NEVER & proposed
    assert len(proposed) > 100
    assert {item.target.site.name for item in made.left_out} <= NEVER
    assert {"never"} == {item.ends for item in made.left_out}


def test_local_findings_alone_do_not_bring_one_back(assess, nothing_raised) -> None:
    found = tuple(
        finding("taut_band", name, side=side, level=level, grade=3)
        for name, side, level in EVERY_SITE
    )

    made = plan(assess({}, EVERY_SITE, findings=found), nothing_raised, practice=EAGER)

    assert made.sites
    assert not NEVER & {site.site.name for site in made.sites}


@st.composite
def cases(draw):
    roots = draw(st.dictionaries(st.sampled_from([str(root) for root in ROOTS]), st.floats(0, 1)))
    muscles = draw(st.lists(st.sampled_from(EVERY_SITE), unique=True, max_size=25))
    raised = draw(st.lists(st.sampled_from(list(ITEMS)), unique=True, max_size=6))
    region = draw(st.sampled_from(["", "leg-left", "chest-right", "back_lumbar", "soleus"]))
    answers = [item for item in assumed_no("a test") if item.item not in raised]
    answers += [
        ScreenAnswer(item, draw(st.sampled_from(["yes", "not_asked"])), region=region)
        for item in raised
    ]
    clearances = [
        Clearance(item, "R. Example", "a reason", "a deed")
        for item in raised
        if ITEMS[item].effect == "clear_first" and draw(st.booleans())
    ]
    return roots, muscles, answers, clearances


@settings(deadline=None)
@given(cases(), st.booleans(), st.sampled_from([Practice(), EAGER]))
def test_whatever_the_case_the_rules_hold(assess, case, first_visit, practice) -> None:
    roots, muscles, answers, clearances = case
    screening = screen(answers, clearances)

    made = plan(assess(roots, muscles), screening, first_visit=first_visit, practice=practice)

    assert not NEVER & {site.site.name for site in made.sites}
    assert len(made.home_programme) <= 4
    assert not made.sites or not made.missing
    for site in made.sites:
        assert screening.why_not("needling", site.site) is None
    for visit in made.visits:
        assert len({site.site.side for site in visit if is_over_chest(site.site)}) < 2
    for item in made.session_warnings:
        assert item.warning.effect != "stop"
