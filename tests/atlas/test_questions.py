"""Each question of the page or the command line is one call with the right answer."""

import pytest

from myotome.atlas import atlas
from myotome.errors import InputError, UnknownName

ATLAS = atlas()


def test_the_muscles_of_a_root_come_through_both_rami_major_first():
    found = ATLAS.muscles_of_root("C6")
    rami = {ATLAS.muscles[row.muscle_id].ramus for row in found}
    assert {"anterior", "posterior"} <= rami
    weights = [row.weight for row in found]
    assert weights == sorted(weights, key=["major", "minor", "variable"].index)
    majors = {row.muscle_id for row in found if row.weight == "major"}
    assert {"biceps_brachii", "extensor_carpi_radialis_longus", "multifidus_cervicalis"} <= majors


def test_the_muscles_of_a_root_and_the_roots_of_a_muscle_agree():
    listed = {
        (row.muscle_id, segment)
        for segment in ATLAS.segments
        if ATLAS.segments[segment].kind == "spinal"
        for row in ATLAS.muscles_of_root(segment)
    }
    spinal = {
        (row.muscle_id, row.segment_id)
        for rows in ATLAS.innervation.values()
        for row in rows
        if not row.segment_id.startswith("CN")
    }
    assert listed == spinal


def test_the_skin_of_a_root_begins_with_its_signature_area():
    found = [row.region_id for row in ATLAS.skin_of_root("C6")]
    assert found[0] == "thumb"
    assert "index_finger" in found
    assert ATLAS.skin_of_root("C1") == ()


@pytest.mark.parametrize(
    ("segment", "expected"),
    [("C1", ("C2",)), ("C8", ("C7", "T1")), ("L5", ("L4", "S1")), ("Co1", ("S5",))],
)
def test_neighbours_are_next_along_the_cord(segment, expected):
    assert ATLAS.neighbours(segment) == expected


@pytest.mark.parametrize(
    ("segment", "levels"),
    [("C7", ("C7",)), ("C8", ("C7",)), ("S1", ("sacrum",)), ("C1", ()), ("S4", ())],
)
def test_levels_near_a_segment_are_where_it_is_a_main_root(segment, levels):
    assert ATLAS.levels_near(segment) == levels


def test_a_reflex_hears_its_principal_level_and_the_others():
    supply = ATLAS.roots_of_site(ATLAS.site("triceps_reflex", "left"))
    found = {str(s.root): s.weight for s in supply}
    assert found == {"C6-left": "other", "C7-left": "principal", "C8-left": "other"}
    assert "C7-C8" in supply[0].disagreement


def test_a_level_of_the_back_hears_its_own_segment_and_the_next_ones():
    site = ATLAS.site("multifidus_lumborum", "right", "L4")
    found = {str(s.root): s.weight for s in ATLAS.roots_of_site(site)}
    assert found == {"L3-right": "minor", "L4-right": "major", "L5-right": "minor"}


def test_muscles_that_limit_a_movement_are_named():
    found = {muscle.muscle_id for muscle in ATLAS.limits_of_movement("ankle_dorsiflexion")}
    assert {"soleus", "gastrocnemius_mediale", "gastrocnemius_laterale"} <= found
    assert "tibialis_anterior" not in found
    with pytest.raises(UnknownName, match="ankle_dorsiflexion"):
        ATLAS.limits_of_movement("ankle_dorsiflexon")


def test_hazards_of_a_site_begin_with_the_worst():
    found = ATLAS.hazards_of_site(ATLAS.site("trapezius_descendens", "left"))
    assert found[0].hazard_id == "pneumothorax"
    order = ["critical", "high", "moderate", "low"]
    severities = [order.index(hazard.severity) for hazard in found]
    assert severities == sorted(severities)


def test_depths_are_given_at_their_level_only():
    at_l1 = ATLAS.depths_of_site(ATLAS.site("multifidus_lumborum", "left", "L1"))
    at_l5 = ATLAS.depths_of_site(ATLAS.site("multifidus_lumborum", "left", "L5"))
    assert {row.depth_mm for row in at_l1} == {50.0, 40.0, None}
    assert [row.kind for row in at_l5] == ["none_known"]


def test_depths_of_a_muscle_are_never_silent():
    for name in ATLAS.muscles:
        for level in ATLAS.levels_of(name) or ("",):
            assert ATLAS.depths_of_site(ATLAS.site(name, "left", level))


@pytest.mark.parametrize("name", ["thumb", "knee_reflex", "hip_flexion", ""])
def test_a_place_that_is_no_muscle_is_not_said_to_be_free_of_hazards(name):
    site = ATLAS.site(name, "left")
    with pytest.raises(InputError, match="must be a muscle"):
        ATLAS.hazards_of_site(site)
    with pytest.raises(InputError, match="must be a muscle"):
        ATLAS.depths_of_site(site)


def test_a_condition_names_its_muscles_and_the_levels_to_check():
    found = ATLAS.condition("lateral_epicondylalgia")
    assert "extensor_carpi_radialis_brevis" in found.shortened_muscle_ids
    assert found.paraspinal_segment_ids == ("C5", "C6", "C7", "C8")
    assert found.verification == "partly_checked"


@pytest.mark.parametrize(
    ("ask", "name", "message"),
    [
        (ATLAS.muscle, "solus", "No muscle 'solus'. Nearest: soleus"),
        (ATLAS.condition, "sciatika", "No condition 'sciatika'. Nearest: sciatica"),
        (ATLAS.segment, "L7", "They are C1 to C8"),
        (ATLAS.neighbours, "CN5", "No spinal segment 'CN5'"),
        (ATLAS.muscles_of_root, "C9", "No spinal segment 'C9'"),
    ],
)
def test_an_unknown_name_is_refused_with_a_way_on(ask, name, message):
    with pytest.raises(UnknownName) as refused:
        ask(name)
    assert message in str(refused.value)


def test_a_known_name_gives_its_row():
    assert ATLAS.muscle("soleus").common_name == "Soleus"
    assert ATLAS.segment("C8").exit_foramen == "between C7 and T1 vertebrae"


@pytest.mark.parametrize(
    ("name", "ramus"),
    [
        ("biceps_reflex", "anterior"),
        ("plantar_response", "anterior"),
        ("jaw_jerk", "cranial"),
        ("forehead", "cranial"),
        ("nape", "posterior"),
        ("knee_flexion", "anterior"),
        ("neck_extension", "both"),
        ("head_flexion", "posterior"),
        ("", "both"),
    ],
)
def test_the_ramus_a_site_speaks_for(name, ramus):
    assert ATLAS.ramus_of(ATLAS.site(name, "left")) == ramus


def test_a_lesion_of_the_trunk_reaches_what_its_branches_supply():
    over = ATLAS.nerves_over(ATLAS.site("extensor_digitorum", "left"))
    assert over == {"posterior_interosseous_nerve", "radial_nerve"}
    skin = ATLAS.nerves_over(ATLAS.site("little_toe", "left"))
    assert skin == {"sural_nerve", "tibial_nerve", "common_fibular_nerve", "sciatic_nerve"}
    reflex = ATLAS.nerves_over(ATLAS.site("ankle_reflex", "left"))
    assert reflex == {"tibial_nerve", "sciatic_nerve"}


def test_a_level_is_reached_only_by_nerves_of_its_main_roots():
    def over(level):
        return ATLAS.nerves_over(ATLAS.site("transversus_abdominis", "left", level))

    assert over("upper") == frozenset()  # the thoraco-abdominal nerves are a group
    assert over("lower") == {"subcostal_nerve", "iliohypogastric_nerve"}


def test_the_muscles_of_the_back_belong_to_no_single_nerve():
    for name, muscle in ATLAS.muscles.items():
        levels = ATLAS.levels_of(name)
        if muscle.ramus == "posterior" and levels and name != "semispinalis_capitis":
            assert not ATLAS.nerves_over(ATLAS.site(name, "left", levels[0]))


def test_the_label_of_a_level_is_in_plain_words():
    site = ATLAS.site("multifidus_lumborum", "right", "L5")
    assert ATLAS.label(site) == "Multifidus, lumbar, L5, right"
    assert ATLAS.label(ATLAS.site("", "left")) == "whole side, left"
    assert str(site) == "multifidus_lumborum:L5:right"
