"""A site is checked when it is made, and its roots are real roots on the right side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.atlas import ROOTS, SEGMENTS, SIDES, Root, atlas
from myotome.errors import InputError, UnknownName

ATLAS = atlas()
ABDOMINAL = {
    "rectus_abdominis",
    "obliquus_externus_abdominis",
    "obliquus_internus_abdominis",
    "transversus_abdominis",
}
INTERCOSTAL = {"intercostales_externi", "intercostales_interni"}


@st.composite
def sites(draw):
    """Any site of the atlas, made as a case file would make it."""
    places = [*ATLAS.muscles, *ATLAS.skin_regions, *ATLAS.reflexes, *ATLAS.movements, ""]
    name = draw(st.sampled_from(places))
    region = ATLAS.skin_regions.get(name)
    sides = (*SIDES, "midline") if region and not region.sided else SIDES
    levels = ATLAS.levels_of(name)
    level = draw(st.sampled_from(levels)) if levels else ""
    return ATLAS.site(name, draw(st.sampled_from(sides)), level)


@given(sites(), st.sampled_from(sorted(ATLAS.neural_tests)))
def test_every_root_of_every_site_is_one_of_the_62_on_the_right_side(site, test):
    sides = {"midline": set(SIDES)}.get(site.side, {site.side})
    if site.kind == "movement" and ATLAS.movements[site.name].limited_by_other_side:
        sides = set(SIDES) - sides
    supply = ATLAS.roots_of_site(site, test)
    assert {found.root for found in supply} <= set(ROOTS)
    assert {found.root.side for found in supply} <= sides
    assert len({found.root for found in supply}) == len(supply)
    assert all(found.source_ids for found in supply)


@given(sites(), st.sampled_from(sorted(ATLAS.neural_tests)))
def test_roots_come_from_head_to_tail_on_each_side(site, test):
    for side in SIDES:
        places = [s.root.index for s in ATLAS.roots_of_site(site, test) if s.root.side == side]
        assert places == sorted(places)


@given(sites())
def test_a_site_written_and_made_again_is_the_same(site):
    name = "" if site.kind == "side" else site.name
    assert ATLAS.site(name, site.side, site.level) == site
    assert hash(ATLAS.site(name, site.side, site.level)) == hash(site)


@given(sites())
def test_a_label_ends_in_the_side_and_holds_no_identifier(site):
    label = ATLAS.label(site)
    assert label.endswith(f", {site.side}")
    assert "_" not in label


@given(sites())
def test_every_site_speaks_for_a_ramus(site):
    rami = {"anterior", "posterior", "cranial", "mixed", "both"}
    assert ATLAS.ramus_of(site) in rami


@given(sites())
def test_the_nerves_over_a_site_are_single_nerves_with_their_trunks(site):
    found = ATLAS.nerves_over(site)
    for name in found:
        assert ATLAS.nerves[name].extent == "single"
        if not site.level:
            assert set(ATLAS.nerves[name].parent_nerve_ids) <= found


@pytest.mark.parametrize("name", ATLAS.muscles)
def test_only_posterior_rami_intercostals_and_abdominal_wall_have_levels(name):
    levels = ATLAS.levels_of(name)
    if not levels:
        return
    assert ATLAS.muscles[name].ramus == "posterior" or name in ABDOMINAL | INTERCOSTAL
    if name in ABDOMINAL:
        assert levels == ("upper", "middle", "lower")
    else:
        order = list(ATLAS.spinal_levels)
        places = [order.index(level) for level in levels]
        assert places == list(range(places[0], places[-1] + 1))


def test_posterior_muscles_of_one_segment_are_one_piece():
    bare = {
        name
        for name, muscle in ATLAS.muscles.items()
        if muscle.ramus == "posterior" and not ATLAS.levels_of(name)
    }
    assert bare == {
        "rectus_capitis_posterior_major",
        "rectus_capitis_posterior_minor",
        "obliquus_capitis_superior",
        "obliquus_capitis_inferior",
    }


def test_places_that_are_no_muscles_have_no_levels():
    assert ATLAS.levels_of("thumb") == ATLAS.levels_of("knee_reflex") == ATLAS.levels_of("") == ()


def test_the_lumbar_multifidus_is_felt_down_to_the_sacrum():
    assert ATLAS.levels_of("multifidus_lumborum") == ("L1", "L2", "L3", "L4", "L5", "sacrum")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("soleus", "muscle"),
        ("rectus_abdominis", "muscle"),
        ("rectus_capitis_posterior_major", "muscle"),
        ("multifidus_lumborum", "paraspinal"),
        ("thumb", "skin"),
        ("triceps_reflex", "reflex"),
        ("elbow_flexion", "movement"),
        ("", "side"),
    ],
)
def test_a_name_gives_the_kind_of_site(name, kind):
    levels = ATLAS.levels_of(name)
    assert ATLAS.site(name, "left", levels[0] if levels else "").kind == kind


@pytest.mark.parametrize(
    ("name", "side", "level", "message"),
    [
        ("soleus", "", "", "side of soleus must be left or right, got nothing"),
        ("soleus", "midline", "", "side of soleus must be left or right, got 'midline'"),
        ("thumb", "midline", "", "side of thumb must be left or right, got 'midline'"),
        ("nape", "both", "", "side of nape must be left or right or midline, got 'both'"),
        ("", "", "", "side of this test must be left or right, got nothing"),
        ("soleus", "left", "L5", "soleus takes no level, got 'L5'. Leave it out"),
        ("thumb", "left", "C6", "thumb takes no level, got 'C6'. Leave it out"),
        (
            "multifidus_cervicalis",
            "left",
            "",
            "needs a level, the spinous process felt: C3, C4, C5, C6, C7; got nothing",
        ),
        ("multifidus_cervicalis", "left", "C8", "C7; got 'C8'"),
        ("multifidus_lumborum", "left", "T4", "L5, sacrum; got 'T4'"),
        (
            "rectus_abdominis",
            "left",
            "T10",
            "needs a level, the part: upper, middle, lower; got 'T10'",
        ),
    ],
)
def test_a_side_or_level_that_cannot_be_is_refused_with_what_can(name, side, level, message):
    with pytest.raises(InputError) as refused:
        ATLAS.site(name, side, level)
    assert message in str(refused.value)
    assert refused.value.place in {"side", "level"}


def test_an_unknown_name_is_refused_with_the_nearest_ones():
    with pytest.raises(UnknownName, match="Nearest: infraspinatus, supraspinatus"):
        ATLAS.site("infraspinatis", "left")


def test_a_midline_region_hears_from_both_sides():
    found = ATLAS.roots_of_site(ATLAS.site("perianal", "midline"))
    assert [str(supply.root) for supply in found] == ["S4-left", "S5-left", "S4-right", "S5-right"]


def test_side_bending_is_limited_from_the_other_side():
    found = ATLAS.roots_of_site(ATLAS.site("neck_lateral_flexion", "left"))
    assert {supply.root.side for supply in found} == {"right"}


def test_a_whole_side_has_roots_only_for_a_named_test():
    side = ATLAS.site("", "right")
    assert ATLAS.roots_of_site(side) == ()
    majors = [s.root for s in ATLAS.roots_of_site(side, "slump") if s.weight == "major"]
    assert majors == [Root("L5", "right"), Root("S1", "right")]


def test_cranial_supply_is_no_root():
    assert ATLAS.roots_of_site(ATLAS.site("masseter", "left")) == ()
    roots = [
        s.root.segment for s in ATLAS.roots_of_site(ATLAS.site("trapezius_descendens", "left"))
    ]
    assert roots
    assert set(roots) <= set(SEGMENTS)


def test_the_62_roots_stand_from_head_to_tail_left_before_right():
    assert len(ROOTS) == 62
    assert [root.index for root in ROOTS] == list(range(62))


@given(st.sampled_from(ROOTS))
def test_a_root_is_read_as_it_is_written(root):
    assert Root.parse(str(root)) == root


@pytest.mark.parametrize("text", ["C6", "C9-left", "c6-left", "L6-right", "C6-midline", "", "-"])
def test_what_is_no_root_is_refused_with_an_example(text):
    with pytest.raises(InputError, match=r"root must be .* such as C6-right, got "):
        Root.parse(text)
