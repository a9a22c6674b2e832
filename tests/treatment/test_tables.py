from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from myotome.atlas import Site, atlas
from myotome.errors import InputError
from myotome.sources import sources
from myotome.treatment import Practice, rulebook
from myotome.treatment.practice import ADJUNCT_KINDS, DEFAULT
from myotome.treatment.rows import AREAS, CONCERNS, TECHNIQUES
from myotome.treatment.targets import Role, Target, outwards

CERTAINTIES = {"read", "derived", "unverified", "assumed"}
TABLES = (
    "screening_items",
    "places",
    "forbidden_places",
    "adjuncts",
    "exercises",
    "dose_rules",
    "course_rules",
)


def rows(table: str) -> list[object]:
    return list(getattr(rulebook(), table).values())


@pytest.mark.parametrize("table", TABLES)
def test_every_row_names_its_sources_and_its_certainty(table: str) -> None:
    known = sources().keys()

    for row in rows(table):
        assert row.source_ids
        assert set(row.source_ids) <= known, row
        assert row.certainty in CERTAINTIES, row


@pytest.mark.parametrize("table", TABLES)
def test_no_identifier_stands_twice(table: str) -> None:
    text = files("myotome.treatment").joinpath("tables", f"{table}.csv").read_text("utf-8")

    assert len(list(csv.reader(text.splitlines()))) == len(rows(table)) + 1


def test_what_practice_alone_knows_is_called_unverified() -> None:
    for table in TABLES:
        for row in rows(table):
            if set(row.source_ids) == {"standard_practice"}:
                assert row.certainty == "unverified", row


def test_screening_items_speak_the_words_of_the_rules() -> None:
    regions = {muscle.region for muscle in atlas().muscles.values()}

    for item in rulebook().screening_items.values():
        assert item.question.endswith("?")
        assert item.advice
        assert item.scope in {"person", "region", "technique"}
        assert item.effect in {"stop", "clear_first", "caution"}
        assert item.concern in CONCERNS
        assert set(item.blocks + item.closes) <= {*TECHNIQUES, "all"}
        assert set(item.closed_regions) <= regions
        assert item.asked_when


def test_every_stop_takes_needling_away_and_is_asked_by_part_of_the_body() -> None:
    for item in rulebook().screening_items.values():
        if item.effect == "stop":
            assert {"all", "needling"} & set(item.blocks)
            assert set(item.asked_when) <= {"always", *AREAS}


def test_cautions_block_nothing() -> None:
    for item in rulebook().screening_items.values():
        if item.effect == "caution":
            assert not item.blocks


def test_emergencies_are_stops_and_stop_everything() -> None:
    for item in rulebook().screening_items.values():
        if item.concern == "emergency":
            assert item.effect == "stop"
            assert item.blocks == ("all",)


def test_the_four_families_of_red_flags_are_all_asked() -> None:
    families = {item.family for item in rulebook().screening_items.values()}

    assert {"cauda_equina", "fracture", "malignancy", "infection"} <= families


def test_every_region_of_the_body_chart_is_a_place() -> None:
    muscles = atlas().muscles

    assert set(atlas().skin_regions) <= set(rulebook().places)
    assert {muscle.region for muscle in muscles.values()} <= set(rulebook().places)
    for place in rulebook().places.values():
        assert set(place.muscle_ids) <= set(muscles), place
        assert place.muscle_regions or place.muscle_ids, place


def test_forbidden_places_name_hazards_and_muscles_of_the_atlas() -> None:
    for place in rulebook().forbidden_places.values():
        assert not place.hazard_id or place.hazard_id in atlas().hazards
        assert set(place.muscle_ids + place.near_muscle_ids) <= set(atlas().muscles)


def test_adjuncts_name_screening_items_and_regions() -> None:
    regions = {muscle.region for muscle in atlas().muscles.values()}

    for row in rulebook().adjuncts.values():
        assert row.technique in TECHNIQUES
        assert row.dose
        assert row.contraindications
        assert row.contraindication_ids
        assert set(row.contraindication_ids) <= set(rulebook().screening_items), row
        assert set(row.regions) <= regions


def test_every_kind_of_adjunct_has_a_row() -> None:
    assert {row.kind for row in rulebook().adjuncts.values()} == set(ADJUNCT_KINDS)


def test_exercises_serve_regions_and_groups_of_the_atlas() -> None:
    muscles = atlas().muscles.values()

    for row in rulebook().exercises.values():
        assert row.technique in TECHNIQUES
        assert row.kind in {"stretch", "strengthen", "stabilise", "mobility", "pacing"}
        assert set(row.regions) <= {muscle.region for muscle in muscles}
        assert set(row.functional_groups) <= {muscle.functional_group for muscle in muscles}
        assert row.instruction
        assert row.stop_when
        assert min(row.repetitions, row.per_day, row.per_week) >= 1


def test_stretches_are_held_for_thirty_seconds_ten_times_twice_a_day() -> None:
    stretches = [row for row in rulebook().exercises.values() if row.kind == "stretch"]

    assert {(row.hold_s, row.repetitions, row.per_day) for row in stretches} == {(30, 10, 2)}


def test_a_needled_muscle_of_the_trunk_or_limbs_has_a_stretch() -> None:
    stretches = [row for row in rulebook().exercises.values() if row.kind == "stretch"]
    without = {
        muscle.muscle_id
        for muscle in atlas().muscles.values()
        if not any(
            muscle.region in row.regions and muscle.functional_group in row.functional_groups
            for row in stretches
        )
    }

    assert {atlas().muscles[name].region for name in without} <= {"face", "neck", "pelvic_floor"}


def test_dose_values_lie_in_their_range() -> None:
    for rule in rulebook().dose_rules.values():
        assert rule.low <= rule.value <= rule.high, rule


def test_a_practice_starts_from_the_dose_table() -> None:
    rules = rulebook().dose_rules

    assert rules["sites_first_visit"].value == DEFAULT.sites_first_visit
    assert rules["sites_later"].value == DEFAULT.sites_later
    assert rules["peripheral_muscles"].value == DEFAULT.peripheral_at_most
    assert rules["insertions_per_site"].value == DEFAULT.insertions_per_site
    assert rules["insertions_first_visit"].value == DEFAULT.insertions_first_visit
    assert rules["insertions_session"].value == DEFAULT.insertions_session


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"root_support": 0.0}, "root_support must be above 0 and at most 1, got 0.0"),
        ({"sites_first_visit": 0}, "sites_first_visit must be 1 or more, got 0"),
        ({"adjunct_kinds": ("magnets",)}, "No adjunct kind 'magnets'"),
    ],
)
def test_a_practice_refuses_what_cannot_be(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Practice(**change)


@pytest.mark.parametrize("muscle", atlas().muscles)
def test_every_muscle_has_its_ring_from_the_trunk_outwards(muscle: str) -> None:
    target = Target(Site("muscle", muscle, "left"), (Role("local", None),), None, ())

    assert 0 <= outwards(target)[0] <= 5
