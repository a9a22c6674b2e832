"""What a file says is what the case holds."""

import subprocess
import sys

import pytest

from myotome.atlas import Root, atlas
from myotome.case import Case, History, parse_case, read_case
from myotome.errors import InputError


def test_it_works(text, tmp_path):
    path = tmp_path / "made-up.toml"
    path.write_text(text, encoding="utf-8")

    case = read_case(path)

    assert case == parse_case(text)
    assert case.person.height_m == 1.7
    assert [str(found.site) for found in case.findings] == [
        "infraspinatus:right",
        "triceps_brachii:right",
    ]
    assert case.treatments[0].sites == (atlas().site("multifidus_lumborum", "right", "L5"),)
    assert case.outcomes[0].value == 2


def test_what_is_not_stated_is_unknown_and_not_zero(text):
    case = parse_case(text)

    assert case.history == History()
    assert case.person.mass_kg is None
    assert case.treatments[0].depth_mm is None
    assert case.treatments[0].current is None


def test_the_shortest_case_has_a_format_and_an_id():
    assert parse_case('[case]\nformat = 1\nid = "x"') == Case(id="x")


def test_a_conclusion_is_a_list_of_roots():
    case = parse_case('[case]\nformat = 1\nid = "x"\nconcluded = ["C6-left", "Co1-right"]')

    assert case.concluded == (Root("C6", "left"), Root("Co1", "right"))


def test_a_value_in_another_unit_is_kept_in_the_unit_used_inside(text):
    text += """
[[finding]]
sign = "pressure_pain_threshold"
site = "infraspinatus"
side = "right"
value = 2
unit = "kg/cm2"
"""

    found = parse_case(text).findings[-1]

    assert found.unit == "kPa"
    assert found.value == pytest.approx(196.133)


def test_a_byte_order_mark_and_windows_line_ends_are_read(text, tmp_path):
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    assert read_case(path) == parse_case(text)


def test_every_kind_of_treatment_takes_its_own_doses():
    case = parse_case("""
[case]
format = 1
id = "doses"
[[treatment]]
kind = "stretch"
sites = [{ site = "soleus", side = "left" }]
hold_s = 30
repetitions = 3
per_day = 2
for_weeks = 12
[[treatment]]
kind = "scar"
sites = [{ site = "calf", side = "left" }]
minutes = 5
[[treatment]]
kind = "surgery"
what = "discectomy"
week = 3
""")

    stretch, scar, surgery = case.treatments

    assert (stretch.hold_s, stretch.repetitions, stretch.per_day, stretch.for_weeks) == (
        30,
        3,
        2,
        12,
    )
    assert scar.sites[0].kind == "skin"
    assert surgery.week == 3


def test_the_room_loads_nothing_heavy_before_a_case_is_read():
    heavy = {"numpy", "scipy", "xarray", "pydantic", "tomlkit", "jinja2", "rich", "typer"}
    # What the examination itself loads is its own affair.
    code = (
        "import sys, myotome.examination; before = set(sys.modules); import myotome.case;"
        f"print(sorted({heavy} & (set(sys.modules) - before)))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize("text", ["", "[case]", "x = 1", "[[case]]", "case = 1"])
def test_a_file_without_a_usable_header_is_refused(text):
    with pytest.raises(InputError, match=r"format must be 1, got nothing\. Begin the file with"):
        parse_case(text)
