"""A new case file explains itself and can be used at once; a schema says the same to programs."""

import json
import re

import pytest

from myotome.case import KINDS, SECTIONS, case_schema, check_case, new_case_text, parse_case
from myotome.case.case import LISTED, SITE_KEYS
from myotome.errors import InputError


def test_it_works():
    case = parse_case(new_case_text("knee-pain", "Knee pain", "Own notes"))

    assert (case.id, case.title, case.source) == ("knee-pain", "Knee pain", "Own notes")
    assert case.findings == ()


def test_its_examples_are_a_valid_case():
    examples = re.sub(r"^#(?! )", "", new_case_text(source="Own notes"), flags=re.MULTILINE)

    case = parse_case(examples)

    assert len(case.findings) == 4
    assert check_case(case) == ()


def test_it_names_every_section_and_kind_of_treatment():
    text = new_case_text()

    assert all(f"[{name}]" in text for name in SECTIONS)
    assert all(re.search(rf"\b{kind}\b", text) for kind in KINDS)


def test_it_refuses_an_id_that_cannot_be():
    with pytest.raises(InputError, match="id must be lower-case letters"):
        new_case_text("Knee pain")


def test_the_schema_has_every_section_with_its_keys_in_their_order():
    schema = json.loads(json.dumps(case_schema()))
    parts = schema["properties"]

    assert tuple(parts) == tuple(SECTIONS)
    assert {name for name, part in parts.items() if part.get("type") == "array"} == set(LISTED)
    for name, part in parts.items():
        assert tuple(table(schema, part)["properties"]) == SECTIONS[name]
    sites = table(schema, parts["treatment"])["properties"]["sites"]
    assert tuple(table(schema, sites)["properties"]) == SITE_KEYS


def test_the_schema_gives_bounds_units_and_choices_and_knows_no_null():
    schema = case_schema()
    person = table(schema, schema["properties"]["person"])["properties"]

    assert person["height_m"] == {
        "maximum": 2.6,
        "minimum": 0.4,
        "title": "Height M",
        "type": "number",
        "unit": "m",
    }
    assert person["sex"]["enum"] == ["female", "male", "other"]
    assert schema["required"] == ["case"]
    assert "null" not in json.dumps(schema)


def table(schema, part):
    """The schema of the table that a part of another holds or lists."""
    reference = part.get("items", part)["$ref"]
    return schema["$defs"][reference.removeprefix("#/$defs/")]
