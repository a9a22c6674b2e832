"""What the tables say hangs together as anatomy."""

from itertools import chain

import pytest

from myotome.atlas import SEGMENTS, atlas

ATLAS = atlas()
PLACE = {segment: place for place, segment in enumerate(SEGMENTS)}
NOT_NEEDLED = {"diaphragma", "levator_ani", "coccygeus"}
SITE_KINDS = {"muscle", "paraspinal", "skin", "reflex", "movement", "side"}


def _rows(table):
    return list(chain.from_iterable(getattr(ATLAS, table).values()))


def _is_unbroken(segments):
    places = sorted(PLACE[segment] for segment in segments if segment in PLACE)
    return places == list(range(places[0], places[-1] + 1)) if places else True


@pytest.mark.parametrize("muscle_id", ATLAS.muscles)
def test_the_levels_of_a_muscle_follow_one_another(muscle_id):
    rows = ATLAS.innervation[muscle_id]
    majors = [row.segment_id for row in rows if row.weight == "major"]
    assert majors
    assert _is_unbroken(majors)
    assert _is_unbroken(row.segment_id for row in rows)


def test_every_major_level_of_a_muscle_reaches_it_through_one_of_its_nerves():
    for muscle in ATLAS.muscles.values():
        roots = {root for name in muscle.nerve_ids for root in ATLAS.nerves[name].root_segment_ids}
        majors = {r.segment_id for r in ATLAS.innervation[muscle.muscle_id] if r.weight == "major"}
        assert majors <= roots, muscle.muscle_id


def test_cranial_muscles_and_no_others_have_cranial_supply_alone():
    for name, muscle in ATLAS.muscles.items():
        cranial = [r.segment_id not in PLACE for r in ATLAS.innervation[name]]
        expected = {"cranial": all(cranial), "mixed": any(cranial) and not all(cranial)}
        assert expected.get(muscle.ramus, not any(cranial)), name


def test_weights_follow_the_count_of_sources():
    for row in _rows("innervation"):
        assert 1 <= row.n_sources_listing <= row.n_sources
        assert row.n_sources == row.n_sources_listing + len(row.source_ids_not_listing)
        assert row.weight in {"major", "minor", "variable"}
        if row.weight == "variable":
            assert row.n_sources_listing == 1
        if row.weight == "minor":
            assert row.n_sources_listing >= 2


def test_the_31_spinal_segments_stand_from_head_to_tail():
    spinal = [row for row in ATLAS.segments.values() if row.kind == "spinal"]
    assert tuple(row.segment_id for row in spinal) == SEGMENTS
    assert [row.ordinal for row in spinal] == list(range(1, 32))


def test_24_places_are_felt_along_the_spine_and_none_is_called_c8():
    levels = list(ATLAS.spinal_levels.values())
    assert len(levels) == 24
    assert [row.ordinal for row in levels] == list(range(1, 25))
    assert "C8" not in ATLAS.spinal_levels
    assert "C1" not in ATLAS.spinal_levels  # no spinous process to feel
    assert [row.level_id for row in levels[:-1]] == [
        s for s in SEGMENTS if s in ATLAS.spinal_levels
    ]
    assert levels[-1].level_id == "sacrum"


def test_every_spinal_level_speaks_for_some_posterior_rami():
    posterior = [level for group, level in ATLAS.level_supply if group == "posterior"]
    assert posterior == list(ATLAS.spinal_levels)


def test_the_segments_of_a_level_follow_one_another_around_its_main_ones():
    for rows in ATLAS.level_supply.values():
        assert _is_unbroken(row.segment_id for row in rows)
        assert _is_unbroken(row.segment_id for row in rows if row.weight == "major")
        assert any(row.weight == "major" for row in rows)


def test_the_c8_root_is_looked_for_at_spinous_process_c7():
    majors = {
        row.segment_id for row in ATLAS.level_supply["posterior", "C7"] if row.weight == "major"
    }
    assert majors == {"C7", "C8"}


def test_an_intercostal_space_has_the_nerve_of_its_number():
    for (group, level), rows in ATLAS.level_supply.items():
        if group == "intercostal":
            assert [row.segment_id for row in rows if row.weight == "major"] == [level]


def test_each_segment_from_c2_down_has_one_signature_area():
    signatures = [row for row in _rows("dermatomes") if row.signature]
    assert sorted((row.segment_id for row in signatures), key=PLACE.__getitem__) == list(
        SEGMENTS[1:]
    )
    assert all(row.extent == "core" for row in signatures)


def test_a_signature_area_belongs_to_one_segment_except_around_the_anus():
    areas = [row.region_id for row in _rows("dermatomes") if row.signature]
    # S4 and S5 are tested as one level, at one place.
    assert sorted(areas) == sorted([*set(areas), "perianal"])


def test_every_skin_region_hears_from_a_segment_or_a_cranial_nerve():
    for name, region in ATLAS.skin_regions.items():
        assert name in ATLAS.dermatomes or region.ramus == "cranial"


def test_a_nerves_roots_are_its_range_in_full():
    order = list(ATLAS.segments)
    for nerve in ATLAS.nerves.values():
        first, last = order.index(nerve.root_first), order.index(nerve.root_last)
        assert nerve.root_segment_ids == tuple(order[first : last + 1]), nerve.nerve_id
        assert nerve.extent in {"single", "group"}
        assert nerve.kind in {"motor", "sensory", "mixed", "cranial"}


def test_a_branch_carries_no_root_that_its_trunks_lack():
    for nerve in ATLAS.nerves.values():
        for trunk in nerve.parent_nerve_ids:
            assert set(nerve.root_segment_ids) <= set(ATLAS.nerves[trunk].root_segment_ids)


def test_a_motor_nerve_names_no_skin_and_a_sensory_one_no_muscle():
    for name, nerve in ATLAS.nerves.items():
        assert not (nerve.kind == "motor" and name in ATLAS.nerve_skin)
        assert not (nerve.kind == "sensory" and nerve.muscle_ids)


def test_the_sural_nerve_comes_from_both_divisions_of_the_sciatic():
    assert ATLAS.nerves["sural_nerve"].parent_nerve_ids == ("tibial_nerve", "common_fibular_nerve")


def test_a_sciatic_lesion_reaches_the_skin_of_every_branch():
    own = {row.region_id for row in ATLAS.nerve_skin["sciatic_nerve"]}
    branches = {
        row.region_id
        for name, nerve in ATLAS.nerves.items()
        if {"tibial_nerve", "common_fibular_nerve"} & {name, *nerve.parent_nerve_ids}
        for row in ATLAS.nerve_skin.get(name, ())
    }
    assert own == branches


def test_the_principal_level_of_a_test_is_one_of_its_levels():
    for row in ATLAS.tests.values():
        assert row.principal_segment_id in row.segment_ids
        assert _is_unbroken(row.segment_ids)


def test_a_tendon_reflex_is_carried_by_the_nerves_of_its_muscles():
    for row in ATLAS.tests.values():
        for nerve in row.nerve_ids:
            if row.muscle_ids:
                assert set(ATLAS.nerves[nerve].muscle_ids) & set(row.muscle_ids), row.test_id


def test_the_level_of_a_key_muscle_supplies_it():
    for row in ATLAS.tests.values():
        if row.kind == "key_muscle":
            for muscle in row.muscle_ids:
                supply = {found.segment_id for found in ATLAS.innervation[muscle]}
                assert set(row.segment_ids) <= supply, row.test_id


def test_a_sign_says_where_it_is_found_what_is_measured_and_what_it_counts_for():
    for sign in ATLAS.signs.values():
        assert set(sign.applies_to) <= SITE_KINDS
        assert sign.applies_to
        assert sign.measure in {"grade", "mrc", "reflex", "degrees", "kPa"}
        assert sign.bearing in {"root", "local_cause", "refer", "not_weighed"}
        assert sign.verification in {"checked", "partly_checked", "not_rechecked"}


def test_neural_tests_are_the_signs_of_a_whole_side_that_load_roots():
    named = {name for name, sign in ATLAS.signs.items() if sign.category == "neural_test"}
    assert named == set(ATLAS.neural_tests)
    for name, rows in ATLAS.neural_tests.items():
        assert ATLAS.signs[name].applies_to == ("side",)
        assert _is_unbroken(row.segment_id for row in rows)
        assert {row.weight for row in rows} == {"major", "minor"}


def test_both_leg_raises_load_the_same_roots():
    def loaded(name):
        return [(row.segment_id, row.weight) for row in ATLAS.neural_tests[name]]

    assert loaded("straight_leg_raise") == loaded("crossed_straight_leg_raise")


def test_ranges_of_movement_are_angles_a_joint_can_have():
    for row in ATLAS.movements.values():
        assert (row.rom_deg_min is None) == (row.rom_deg_max is None) == (not row.rom_source_id)
        if row.rom_deg_min is not None and row.rom_deg_max is not None:
            assert 0 <= row.rom_deg_min <= row.rom_deg_max <= 180
        assert bool(row.rom_alternative_deg) == bool(row.rom_alternative_source_id)


def test_every_muscle_has_a_word_on_depth():
    assert list(ATLAS.depth_limits) == list(ATLAS.muscles)


def test_a_row_that_knows_no_depth_says_so_and_gives_none():
    for row in _rows("depth_limits"):
        if row.kind == "none_known":
            assert (row.evidence, row.depth_mm, row.certainty) == (
                "No depth is known.",
                None,
                "unknown",
            )
            assert row.advice
        else:
            assert row.kind in {"reached_hazard", "never_reached_hazard", "max_recommended"}
            assert row.depth_mm is not None
            assert 5 <= row.depth_mm <= 100
            assert row.certainty in {"very_low", "low", "moderate"}


def test_a_depth_is_given_at_a_level_of_its_muscle():
    for row in _rows("depth_limits"):
        assert not row.level or row.level in ATLAS.levels_of(row.muscle_id)


def test_every_muscle_has_a_hazard_or_is_known_to_have_none():
    severities = {row.severity for row in ATLAS.hazards.values()}
    assert severities == {"critical", "high", "moderate", "low"}
    assert all(row.advice for row in ATLAS.hazards.values())
    assert [name for name, row in ATLAS.muscles.items() if not row.hazard_ids] == []


def test_the_segments_of_a_condition_are_the_major_ones_of_its_muscles():
    for row in ATLAS.conditions.values():
        majors = {
            supply.segment_id
            for muscle in row.shortened_muscle_ids
            for supply in ATLAS.innervation[muscle]
            if supply.weight == "major"
        }
        assert set(row.segment_ids) == majors, row.condition_id
        assert _is_unbroken(row.paraspinal_segment_ids)


def test_no_condition_claims_a_muscle_list_that_was_verified():
    states = {row.verification for row in ATLAS.conditions.values()}
    assert states == {"not_rechecked", "partly_checked", "inferred"}
    assert all(row.notes for row in ATLAS.conditions.values())


def test_every_muscle_that_is_needled_has_one_whole_model():
    for name in ATLAS.muscles:
        whole = [
            row
            for row in ATLAS.architecture.get(name, ())
            if None
            not in (
                row.max_isometric_force_n,
                row.optimal_fibre_length_m,
                row.tendon_slack_length_m,
                row.pennation_rad,
            )
        ]
        assert bool(whole) != (name in NOT_NEEDLED), name


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("max_isometric_force_n", 1, 10_000),
        ("optimal_fibre_length_m", 0.003, 0.6),
        ("tendon_slack_length_m", 0.001, 0.5),
        ("pennation_rad", 0, 0.7),
        ("pcsa_cm2", 0.05, 60),
        ("slow_fibre_pct", 20, 90),
        ("motor_unit_count", 20, 1000),
        ("innervation_ratio", 5, 2500),
    ],
)
def test_architecture_lies_in_the_range_of_human_muscle(column, low, high):
    values = [getattr(row, column) for row in _rows("architecture")]
    assert all(low <= value <= high for value in values if value is not None)


def test_a_ruled_row_of_architecture_names_its_rule():
    for row in _rows("architecture"):
        assert (row.basis == "scaling_rule") == (row.source_id == "project_scaling_rule")
        assert (row.basis == "scaling_rule") == row.notes.startswith("rule:")
        assert (row.basis == "scaling_rule") == (row.certainty == "assumed")


def test_every_muscle_pulls_on_something():
    assert list(ATLAS.attachments) == list(ATLAS.muscles)
    for row in ATLAS.attachments.values():
        assert row.tendon
        assert row.attachment_site
        assert row.loads
