"""What `myotome atlas` prints: facts that JSON can carry, and pages that hide no doubt."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from myotome.atlas import SEGMENTS, atlas
from myotome.errors import UnknownName
from myotome.report.atlas_text import (
    FACTS,
    LISTS,
    condition_facts,
    list_facts,
    movement_facts,
    muscle_facts,
    nerve_facts,
    page_of,
    print_facts,
    region_facts,
    segment_facts,
    sign_facts,
)
from myotome.report.atlas_text.names import plain
from myotome.sources import sources

EVERYTHING = [
    *(("segment", name) for name in SEGMENTS),
    *(("muscle", name) for name in atlas().muscles),
    *(("condition", name) for name in atlas().conditions),
    *(("movement", name) for name in atlas().movements),
    *(("region", name) for name in atlas().skin_regions),
    *(("nerve", name) for name in atlas().nerves),
    *(("sign", name) for name in atlas().signs),
]


def _printed(facts: dict[str, Any], width: int = 2000) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    print_facts(facts, console)
    return console.file.getvalue()


def _sources_in(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for inner_key, inner in value.items():
            yield from _sources_in(inner, inner_key)
    elif isinstance(value, list):
        for inner in value:
            yield from _sources_in(inner, key)
    elif "source_id" in key and value:
        yield value


@pytest.mark.parametrize(("kind", "name"), EVERYTHING)
def test_everything_has_facts_for_json_a_page_and_citations(kind, name):
    facts = FACTS[kind](name)
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["kind"], facts["id"]) == (kind, name)
    cited = {source["id"] for source in facts["sources"]}
    assert set(_sources_in(facts)) <= cited <= set(sources())
    page = page_of(facts)
    assert page.title == facts["name"]
    assert page.sections[-1].heading == "Sources"
    for section in page.sections:
        assert all(len(row) == len(section.columns) for row in section.rows)


@pytest.mark.parametrize("table", LISTS)
def test_a_list_names_everything_of_one_kind(table):
    facts = list_facts(table)
    assert json.loads(json.dumps(facts)) == facts
    ids = [entry["id"] for entry in facts["entries"]]
    assert ids
    assert len(ids) == len(set(ids))
    assert all(entry["name"] for entry in facts["entries"])
    text = _printed(facts)
    assert all(name in text for name in ids)


def test_an_unknown_list_names_the_ones_there_are():
    with pytest.raises(UnknownName, match="There are segments, muscles"):
        list_facts("bones")


# Names as people write them


@pytest.mark.parametrize(
    "written",
    [
        "infraspinatus",
        "Infraspinatus",
        "INFRASPINATUS MUSCLE",
        "the infraspinatus",
        "M. infraspinatus",
        "  infraspinatus  ",
    ],
)
def test_a_muscle_is_known_by_its_common_and_latin_names(written):
    assert muscle_facts(written)["id"] == "infraspinatus"


@pytest.mark.parametrize(
    ("facts_of", "written", "expected"),
    [
        (segment_facts, "c6", "C6"),
        (segment_facts, " co1 ", "Co1"),
        (muscle_facts, "Upper and lower", None),
        (muscle_facts, "Multifidus, lumbar", "multifidus_lumborum"),
        (muscle_facts, "M. longissimus thoracis, pars lumborum", "longissimus_lumborum"),
        (condition_facts, "Lateral epicondylalgia (tennis elbow)", "lateral_epicondylalgia"),
        (condition_facts, "frozen shoulder", "frozen_shoulder"),
        (movement_facts, "Hip extension", "hip_extension"),
        (region_facts, "Great toe", "hallux"),
        (nerve_facts, "median", "median_nerve"),
        (nerve_facts, "Median nerve", "median_nerve"),
        (nerve_facts, "N. ischiadicus", "sciatic_nerve"),
        (nerve_facts, "phrenic nerve", "phrenic_nerve"),
        (sign_facts, "Slump test", "slump"),
    ],
)
def test_names_are_known_as_people_write_them(facts_of, written, expected):
    if expected is None:
        with pytest.raises(UnknownName):
            facts_of(written)
    else:
        assert facts_of(written)["id"] == expected


@pytest.mark.parametrize(
    ("kind", "written", "message"),
    [
        ("muscle", "infraspinatis", "No muscle 'infraspinatis'. Nearest: infraspinatus"),
        ("muscle", "deltoid", "held in parts: deltoideus_clavicularis, deltoideus_acromialis"),
        ("muscle", "", "No muscle ''."),
        ("segment", "L7", "No spinal segment 'L7'"),
        ("condition", "sciatika", "Nearest: sciatica"),
        ("movement", "hip extention", "Nearest: hip extension"),
        ("region", "thum", "Nearest: thumb"),
        ("nerve", "ulner nerve", "Nearest: ulnar nerve"),
        ("sign", "alodynia", "Nearest: allodynia"),
    ],
)
def test_an_unknown_name_is_refused_with_a_way_on(kind, written, message):
    with pytest.raises(UnknownName) as refused:
        FACTS[kind](written)
    assert message in str(refused.value)


@pytest.mark.parametrize("table", ["muscles", "nerves", "skin_regions", "conditions", "signs"])
def test_no_two_things_of_a_kind_share_a_written_name(table):
    columns = {"muscles": ("common_name", "latin_name"), "nerves": ("name", "latin_name")}
    meant: dict[str, str] = {}
    for identifier, row in getattr(atlas(), table).items():
        written = (identifier, *(getattr(row, c) for c in columns.get(table, ("name",))))
        for spelling in {plain(name) for name in written}:
            assert meant.setdefault(spelling, identifier) == identifier


# What a page must say


def test_a_segment_page_tells_both_rami_apart_and_where_the_back_is_felt():
    facts = segment_facts("C8")
    assert facts["leaves"] == "between C7 and T1 vertebrae"
    assert facts["neighbours"] == ["C7", "T1"]
    posterior = {row["id"]: row["felt_at"] for row in facts["posterior_ramus_muscles"]}
    assert posterior["multifidus_cervicalis"] == ["C7"]
    assert "multifidus_cervicalis" not in {row["id"] for row in facts["anterior_ramus_muscles"]}
    assert facts["spinal_levels"][0]["level"] == "C7"
    assert facts["skin"][0]["id"] == "little_finger"
    assert {row["id"] for row in facts["reflexes"]} == {"triceps_reflex", "finger_flexor_reflex"}
    assert {row["id"] for row in facts["key_tests"]} == {"key_muscle_c8", "key_point_c8"}
    assert "spurling" in {row["id"] for row in facts["neural_tests"]}
    assert "medial_epicondylalgia" in {row["id"] for row in facts["conditions"]}
    text = _printed(facts)
    assert "Muscles of the anterior ramus" in text
    assert "spinous process C7" in text
    assert "C7, C8, T1; mainly C8" in text


def test_muscles_of_a_segment_come_with_their_weight_and_dispute():
    rows = {row["id"]: row for row in segment_facts("C6")["anterior_ramus_muscles"]}
    supinator = rows["supinator"]
    assert supinator["weight"] == "major"
    assert "emg_table: C7-C8" in supinator["disagreement"]
    assert "emg_table: C7-C8" in _printed(segment_facts("C6"))


def test_a_segment_without_a_place_to_feel_says_so():
    assert "No spinous process is felt for this segment." in _printed(segment_facts("S5"))
    assert "felt at the sacrum: Multifidus, lumbar." in _printed(segment_facts("S1"))
    assert "No skin area is given." in _printed(segment_facts("C1"))


def test_a_muscle_page_holds_supply_action_tendon_hazards_and_depth():
    facts = muscle_facts("infraspinatus")
    assert [(row["segment"], row["weight"]) for row in facts["supply"]] == [
        ("C5", "major"),
        ("C6", "minor"),
    ]
    assert facts["action"][0]["id"] == "shoulder_external_rotation"
    assert facts["limits_when_short"][0]["id"] == "shoulder_internal_rotation"
    assert facts["hazards"][0]["severity"] == "critical"
    assert facts["tendon"]["joints"] == ["Shoulder"]
    text = _printed(facts)
    for said in (
        "Sources differ. mlist: C5-C6",
        "Suprascapular nerve",
        "Lung puncture",
        "Do not treat both sides of the chest in one visit",
        "Reached the hazard at 31 mm",
        "infraspinatus tendon",
        "Rotator cuff pain",
    ):
        assert said in text


def test_a_muscle_without_a_known_depth_says_so():
    assert "No depth is known." in _printed(muscle_facts("soleus"))


def test_models_of_one_muscle_stand_apart_and_no_number_is_joined():
    facts = muscle_facts("soleus")
    names = [model["source_id"] for model in facts["architecture"]]
    assert len(names) == len(set(names)) > 1
    for model in facts["architecture"]:
        rows = [
            row for row in atlas().architecture["soleus"] if row.source_id == model["source_id"]
        ]
        forces = [row.max_isometric_force_n for row in rows]
        assert [row.get("maximum_isometric_force_n") for row in model["elements"]] == forces
    headings = [section.heading for section in page_of(facts).sections]
    assert [f"Architecture: {name}" in headings for name in names] == [True] * len(names)
    assert "must not be mixed" in _printed(facts)


def test_a_muscle_that_is_not_needled_has_no_architecture_and_says_so():
    text = _printed(muscle_facts("diaphragma"))
    assert "Not known." in text
    assert "Not a needling target" in text


@pytest.mark.parametrize("name", atlas().conditions)
def test_a_condition_page_says_first_that_its_list_is_not_verified(name):
    facts = condition_facts(name)
    assert facts["verification"] != "checked"
    assert facts["warning"].startswith("Muscle list not verified against Gunn.")
    text = _printed(facts)
    place = text.index("Muscle list not verified against Gunn.")
    assert place < text.index("Muscles said to be short")


def test_a_condition_page_leads_from_muscles_to_the_levels_to_check():
    facts = condition_facts("carpal_tunnel_like")
    assert [row["id"] for row in facts["muscles"]] == [
        "pronator_teres",
        "flexor_digitorum_superficialis",
    ]
    assert {"segment": "C8", "felt_at": ["C7"]} in facts["levels_to_check"]
    assert "Muscle list not yet verified against Gunn 1996." in _printed(facts)


def test_a_condition_on_another_page_carries_its_doubt_there_too():
    for facts in (segment_facts("S1"), muscle_facts("piriformis")):
        assert "Muscle lists are not verified against Gunn." in _printed(facts)


def test_a_movement_page_gives_the_reference_and_the_other_value():
    facts = movement_facts("hip_extension")
    assert facts["reference_deg"] == "30"
    assert facts["reference_source_id"] == "aaos_physioclin"
    assert facts["other_reference_deg"] == "10-15"
    assert "iliacus" in {row["id"] for row in facts["limited_when_short_by"]}
    assert "No reference angle." in _printed(movement_facts("jaw_depression"))
    assert "of the other side" in _printed(movement_facts("trunk_lateral_flexion"))


def test_a_region_page_gives_segments_and_nerves_or_says_there_is_none():
    facts = region_facts("hallux")
    assert {row["segment"] for row in facts["segments"]} == {"L4", "L5"}
    assert "common_fibular_nerve" in {row["id"] for row in facts["nerves"]}
    assert "No nerve of the atlas is given" in _printed(region_facts("coccyx"))


def test_a_nerve_page_gives_trunk_and_branches():
    facts = nerve_facts("tibial")
    assert [row["id"] for row in facts["trunks"]] == ["sciatic_nerve"]
    assert {row["id"] for row in facts["branches"]} == {
        "medial_plantar_nerve",
        "lateral_plantar_nerve",
        "sural_nerve",
    }
    assert "a group of rami, not one nerve" in _printed(nerve_facts("dorsal_rami_lumbar"))


def test_a_sign_page_says_what_the_sign_counts_for():
    assert "means refer" in _printed(sign_facts("clonus"))
    assert sign_facts("slump")["roots_loaded"][0]["segment"] == "L4"
    assert sign_facts("swelling")["bearing"] == "local_cause"


def test_a_page_fits_a_narrow_terminal():
    assert max(len(line) for line in _printed(muscle_facts("soleus"), width=80).splitlines()) <= 80


def test_facts_are_made_without_the_library_that_prints_them():
    program = (
        "import sys; from myotome.report.atlas_text import muscle_facts, page_of;"
        "page_of(muscle_facts('soleus')); print('rich' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "False"
