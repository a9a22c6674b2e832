from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.atlas import Site, atlas
from myotome.treatment import (
    Clearance,
    Practice,
    ScreenAnswer,
    Screening,
    SessionSite,
    assumed_no,
    is_over_chest,
    never_needled,
    screen,
    session_rules,
    site_hazards,
)
from myotome.treatment.safety import NO_DEPTH

ABSOLUTE = {
    "do_not_needle",
    "pelvic_viscera",
    "retroperitoneal_vessels",
    "subclavian_vessels",
    "airway_oesophagus",
}


def rules(sites: list[SessionSite], screening: Screening, *, first: bool = False) -> dict:
    return {item.rule: item for item in session_rules(sites, screening, first)}


def here(name: str, side: str, level: str = "", insertions: int = 1) -> SessionSite:
    return SessionSite(atlas().site(name, side, level), insertions)


def test_the_muscles_of_absolute_hazards_are_never_needled() -> None:
    for muscle in atlas().muscles.values():
        if ABSOLUTE & set(muscle.hazard_ids):
            assert never_needled(muscle.muscle_id), muscle.muscle_id


def test_muscles_in_daily_use_may_be_needled() -> None:
    for name in ("infraspinatus", "sternocleidomastoideus", "multifidus_lumborum", "soleus"):
        assert never_needled(name) is None


def test_the_most_severe_hazard_comes_first() -> None:
    order = ("critical", "high", "moderate", "low")

    for muscle in atlas().muscles.values():
        level = next(iter(atlas().levels_of(muscle.muscle_id)), "")
        found = site_hazards(atlas().site(muscle.muscle_id, "left", level))
        ranks = [order.index(hazard.severity) for hazard in found.hazards]
        assert ranks == sorted(ranks)
        assert found.depth
        assert found.source_ids


@pytest.mark.parametrize(
    ("muscle", "hazard"),
    [
        ("pectoralis_major_sternocostalis", "sternal_foramen"),
        ("infraspinatus", "scapular_foramen"),
    ],
)
def test_a_hole_in_the_bone_is_said_where_bone_is_aimed_at(muscle: str, hazard: str) -> None:
    found = site_hazards(atlas().site(muscle, "left"))

    said = next(one for one in found.hazard_dicts() if one["hazard"] == hazard)
    assert said["severity"] == "critical"
    assert "shallowly and at a slant" in said["advice"]
    assert said["sources"] == ["goldfields_g"]


def test_a_published_depth_is_said_with_its_study() -> None:
    found = site_hazards(atlas().site("rhomboideus_major", "left"))

    assert found.depth.startswith("19 mm or less (59 healthy adults")


def test_a_length_that_only_reached_the_hazard_is_no_safe_depth() -> None:
    found = site_hazards(atlas().site("serratus_anterior", "left"))

    assert found.depth.startswith("No safe depth is known: 31 mm has reached the hazard")


def test_a_depth_that_is_not_known_is_said_to_be_unknown() -> None:
    assert site_hazards(atlas().site("soleus", "left")).depth == NO_DEPTH


def test_breast_tissue_is_kept_clear_of_beside_the_chest_muscles() -> None:
    found = site_hazards(atlas().site("pectoralis_minor", "left"))

    assert "breast_tissue" in [place.place_id for place in found.keep_clear_of]
    assert found.hazard_dicts()[-1]["advice"].startswith("Never through breast tissue")


def test_both_sides_of_the_chest_stop_a_session(nothing_raised: Screening) -> None:
    one_side = [here("rhomboideus_major", "left"), here("infraspinatus", "left")]
    both = [*one_side, here("trapezius_descendens", "right")]

    assert "both_sides_of_chest" not in rules(one_side, nothing_raised)
    assert rules(both, nothing_raised)["both_sides_of_chest"].effect == "stop"


def test_both_legs_in_one_session_are_no_matter(nothing_raised: Screening) -> None:
    legs = [here("soleus", "left"), here("soleus", "right")]

    assert rules(legs, nothing_raised).keys() <= {"not_asked"}


def test_a_forbidden_site_stops_a_session(nothing_raised: Screening) -> None:
    found = rules([here("psoas_major", "left")], nothing_raised)

    assert found["forbidden:great_vessels_trunk"].effect == "stop"


def test_insertions_are_counted_over_the_whole_session(nothing_raised: Screening) -> None:
    many = [here("soleus", "left", insertions=8), here("soleus", "left", insertions=6)]

    assert "insertions_first_visit" in rules(many, nothing_raised, first=True)
    assert "insertions_session" not in rules(many, nothing_raised)
    assert "insertions_session" in rules([*many, *many], nothing_raised)


def test_a_first_visit_is_named(nothing_raised: Screening) -> None:
    assert "first_visit" in rules([here("soleus", "left")], nothing_raised, first=True)


def test_a_missing_question_stops_a_session() -> None:
    found = rules([here("soleus", "left")], screen([]))

    assert found["not_asked:no_consent_today"].effect == "stop"


def test_questions_that_could_hold_a_session_are_named(nothing_raised: Screening) -> None:
    found = rules([here("soleus", "left")], nothing_raised)["not_asked"]

    assert found.effect == "clear_first"
    assert "pregnancy" in found.words


@pytest.mark.parametrize("item", ["pregnancy", "anticoagulant", "bleeding_disorder"])
def test_pregnancy_and_bleeding_bear_on_every_site(item: str) -> None:
    answers = [*assumed_no("a test"), ScreenAnswer(item, "yes")]
    clearances = (
        [] if item == "anticoagulant" else [Clearance(item, "R. Example", "agreed", "letter")]
    )
    sites = [here("soleus", "left"), here("biceps_brachii", "left")]

    found = rules(sites, screen(answers, clearances))[item]

    assert found.effect == "caution"
    assert len(found.sites) == 2


def test_a_site_that_an_answer_took_away_stops_a_session() -> None:
    answers = [item for item in assumed_no("a test") if item.item != "skin_infection"]
    screening = screen([*answers, ScreenAnswer("skin_infection", "yes", region="leg-left")])

    found = rules([here("soleus", "left"), here("soleus", "right")], screening)

    assert found["screening:skin_infection"].effect == "stop"
    assert [site.side for site in found["screening:skin_infection"].sites] == ["left"]


def test_stops_come_first() -> None:
    found = session_rules([here("psoas_major", "left", insertions=99)], screen([]), True)

    effects = [item.effect for item in found]
    assert effects == sorted(effects, key=("stop", "clear_first", "caution").index)


def test_no_sites_touch_no_rule() -> None:
    assert session_rules([], screen([]), True) == ()


def test_the_limits_are_the_clinics_own(nothing_raised: Screening) -> None:
    strict = Practice(insertions_session=1)

    found = session_rules([here("soleus", "left", insertions=2)], nothing_raised, False, strict)

    assert "insertions_session" in [item.rule for item in found]


muscles = st.sampled_from(
    [
        Site("muscle", name, side)
        for name in atlas().muscles
        if not atlas().levels_of(name)
        for side in ("left", "right")
    ]
)


@settings(deadline=None)
@given(st.lists(muscles, max_size=8))
def test_the_chest_rule_speaks_exactly_when_both_lungs_are_at_risk(sites: list[Site]) -> None:
    session = [SessionSite(site) for site in sites]
    sides = {site.side for site in sites if is_over_chest(site)}

    found = rules(session, screen(assumed_no("a test")))

    assert ("both_sides_of_chest" in found) == (len(sides) == 2)
