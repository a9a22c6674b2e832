"""Every identifier that a table of the atlas names is held by the table it belongs to."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

import pytest

from myotome.atlas import SEGMENTS, atlas
from myotome.sources import sources

ATLAS = atlas()
TABLES = {
    name: tuple(table.values())
    for name in (
        "segments",
        "muscles",
        "spinal_levels",
        "nerves",
        "skin_regions",
        "tests",
        "signs",
        "movements",
        "hazards",
        "conditions",
        "attachments",
    )
    if (table := getattr(ATLAS, name))
} | {
    name: tuple(chain.from_iterable(getattr(ATLAS, name).values()))
    for name in (
        "innervation",
        "level_supply",
        "nerve_skin",
        "dermatomes",
        "neural_tests",
        "depth_limits",
        "architecture",
    )
}
JOINTS = {row.joint_id for row in TABLES["movements"]}
ALL_SEGMENTS = ATLAS.segments
PARTS = {"upper", "middle", "lower"}

# Table, column, and what may stand in it; an empty cell names nothing.
REFERENCES = [
    ("muscles", "nerve_ids", ATLAS.nerves),
    ("muscles", "joint_ids", JOINTS),
    ("muscles", "movement_ids", ATLAS.movements),
    ("muscles", "antagonist_muscle_ids", ATLAS.muscles),
    ("muscles", "hazard_ids", ATLAS.hazards),
    ("innervation", "muscle_id", ATLAS.muscles),
    ("innervation", "segment_id", ALL_SEGMENTS),
    ("level_supply", "level_id", {*ATLAS.spinal_levels, *PARTS}),
    ("level_supply", "segment_id", SEGMENTS),
    ("nerves", "root_first", ALL_SEGMENTS),
    ("nerves", "root_last", ALL_SEGMENTS),
    ("nerves", "root_segment_ids", ALL_SEGMENTS),
    ("nerves", "parent_nerve_ids", ATLAS.nerves),
    ("nerves", "muscle_ids", ATLAS.muscles),
    ("nerve_skin", "nerve_id", ATLAS.nerves),
    ("nerve_skin", "region_id", ATLAS.skin_regions),
    ("dermatomes", "segment_id", SEGMENTS),
    ("dermatomes", "region_id", ATLAS.skin_regions),
    ("tests", "segment_ids", ALL_SEGMENTS),
    ("tests", "principal_segment_id", ALL_SEGMENTS),
    ("tests", "muscle_ids", ATLAS.muscles),
    ("tests", "nerve_ids", ATLAS.nerves),
    ("tests", "movement_id", ATLAS.movements),
    ("neural_tests", "sign_id", ATLAS.signs),
    ("neural_tests", "segment_id", SEGMENTS),
    ("movements", "opposite_movement_id", ATLAS.movements),
    ("movements", "mover_muscle_ids", ATLAS.muscles),
    ("movements", "limiting_muscle_ids", ATLAS.muscles),
    ("hazards", "muscle_ids", ATLAS.muscles),
    ("depth_limits", "muscle_id", ATLAS.muscles),
    ("depth_limits", "level", ATLAS.spinal_levels),
    ("conditions", "shortened_muscle_ids", ATLAS.muscles),
    ("conditions", "segment_ids", ALL_SEGMENTS),
    ("conditions", "paraspinal_segment_ids", SEGMENTS),
    ("architecture", "muscle_id", ATLAS.muscles),
    ("attachments", "muscle_id", ATLAS.muscles),
    ("attachments", "joint_ids", JOINTS),
    ("innervation", "source_ids_not_listing", sources()),
    ("innervation", "ranking_source_ids", sources()),
    ("movements", "rom_source_id", sources()),
    ("movements", "rom_alternative_source_id", sources()),
]


def _named(cell: str | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(cell, str):
        return (cell,) if cell else ()
    return cell


@pytest.mark.parametrize(("table", "column", "known"), REFERENCES)
def test_every_identifier_in_a_column_is_held_by_its_table(table, column, known):
    unknown = {
        name for row in TABLES[table] for name in _named(getattr(row, column)) if name not in known
    }
    assert unknown == set()


@pytest.mark.parametrize("table", TABLES)
def test_every_row_names_sources_that_exist(table):
    for row in TABLES[table]:
        column = "source_id" if table == "architecture" else "source_ids"
        named = _named(getattr(row, column))
        assert named, row
        assert set(named) <= set(sources()), row


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("innervation", "basis"),
        ("level_supply", "certainty"),
        ("nerve_skin", "certainty"),
        ("neural_tests", "certainty"),
        ("signs", "verification"),
        ("signs", "certainty"),
        ("depth_limits", "certainty"),
        ("conditions", "verification"),
        ("conditions", "segment_basis"),
        ("architecture", "basis"),
        ("architecture", "certainty"),
        ("attachments", "certainty"),
    ],
)
def test_every_row_says_how_sure_it_is(table, column):
    assert [row for row in TABLES[table] if not getattr(row, column)] == []


def _repeated(names: Iterable[object]) -> list[object]:
    return [name for name, count in Counter(names).items() if count > 1]


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("innervation", ("muscle_id", "segment_id")),
        ("level_supply", ("group", "level_id", "segment_id")),
        ("nerve_skin", ("nerve_id", "region_id")),
        ("dermatomes", ("segment_id", "region_id")),
        ("neural_tests", ("sign_id", "segment_id")),
        ("depth_limits", ("limit_id",)),
        ("architecture", ("muscle_id", "element", "source_id")),
    ],
)
def test_no_row_is_given_twice(table, columns):
    assert _repeated(tuple(getattr(row, c) for c in columns) for row in TABLES[table]) == []


@pytest.mark.parametrize(
    ("file", "loaded"),
    [
        ("segments.csv", ATLAS.segments),
        ("muscles.csv", ATLAS.muscles),
        ("spinal_levels.csv", ATLAS.spinal_levels),
        ("nerves.csv", ATLAS.nerves),
        ("body_regions.csv", ATLAS.skin_regions),
        ("reflexes.csv", ATLAS.tests),
        ("signs.csv", ATLAS.signs),
        ("joints.csv", ATLAS.movements),
        ("hazards.csv", ATLAS.hazards),
        ("conditions.csv", ATLAS.conditions),
        ("attachments.csv", ATLAS.attachments),
    ],
)
def test_identifiers_are_unique(file, loaded, row_counts):
    assert row_counts[file] == len(loaded)


def test_a_name_says_by_itself_which_kind_of_site_it_is():
    places = chain(ATLAS.muscles, ATLAS.skin_regions, ATLAS.reflexes, ATLAS.movements)
    assert _repeated(places) == []


def test_nerves_muscles_and_hazards_do_not_share_identifiers():
    assert _repeated(chain(ATLAS.nerves, ATLAS.muscles, ATLAS.hazards)) == []


def _pairs(table: Iterable[object], own: str, others: str) -> Iterator[tuple[str, str]]:
    for row in table:
        yield from ((getattr(row, own), other) for other in getattr(row, others))


@pytest.mark.parametrize(
    ("table", "own", "column"),
    [
        ("hazards", "hazard_id", "hazard_ids"),
        ("nerves", "nerve_id", "nerve_ids"),
    ],
)
def test_muscles_and_what_concerns_them_name_each_other(table, own, column):
    there = set(_pairs(TABLES[table], own, "muscle_ids"))
    back = {(other, muscle) for muscle, other in _pairs(TABLES["muscles"], "muscle_id", column)}
    assert there == back


def test_muscles_and_movements_name_each_other():
    movers = set(_pairs(TABLES["movements"], "movement_id", "mover_muscle_ids"))
    back = {(m, muscle) for muscle, m in _pairs(TABLES["muscles"], "muscle_id", "movement_ids")}
    assert movers == back


def test_a_muscle_crosses_every_joint_that_it_moves():
    for muscle in TABLES["muscles"]:
        moved = {ATLAS.movements[name].joint_id for name in muscle.movement_ids}
        assert moved <= set(muscle.joint_ids), muscle.muscle_id


def test_opposite_movements_name_each_other_at_one_joint():
    for row in TABLES["movements"]:
        if not row.opposite_movement_id:
            continue
        opposite = ATLAS.movements[row.opposite_movement_id]
        assert opposite.opposite_movement_id == row.movement_id
        assert opposite.joint_id == row.joint_id


def test_a_movement_is_limited_by_the_movers_of_its_opposite():
    for row in TABLES["movements"]:
        opposite = ATLAS.movements.get(row.opposite_movement_id)
        movers = opposite.mover_muscle_ids if opposite else ()
        assert row.limiting_muscle_ids == movers
        # Side bending is limited by the same muscles of the other side.
        assert row.limited_by_other_side == (row.opposite_movement_id == row.movement_id)


def test_antagonists_make_the_opposite_of_a_muscles_main_movement():
    for muscle in TABLES["muscles"]:
        opposite = ATLAS.movements[muscle.movement_ids[0]].opposite_movement_id
        for name in muscle.antagonist_muscle_ids:
            assert opposite in ATLAS.muscles[name].movement_ids, muscle.muscle_id
