"""Every example is a sound case with its source, and says what it took for granted."""

from pathlib import Path

import pytest

from myotome.case import Case, case_text, check_case, parse_case, read_case
from myotome.case.toml import document_text
from myotome.treatment.rulebook import rulebook
from myotome.treatment.screening import screen

FOLDER = Path(__file__).parents[2] / "examples"
FILES = sorted(path for path in FOLDER.glob("*.toml") if "[case]" in path.read_text("utf-8"))
PUBLISHED = {
    "darmawan-piriformis": [],
    "fessler-c6-left": ["C6-left"],
    "gagnon-2024-levator-headache": [],
    "gunn-milbrandt-tennis-elbow": [],
    "habib-2021-l4-left": ["L4-left"],
    "levin-1996-c5": ["C5-right"],
    "levin-1996-c6": ["C6-right"],
    "levin-1996-c7": ["C7-right"],
    "levin-1996-c8": ["C8-right"],
    "neuromuscular-c7-left": ["C7-left"],
    "orthodx-l5-left": ["L5-left"],
    "pavkovich-acute-neck": [],
    "rainey-2013-low-back": [],
    "spaccc-c5-right": ["C5-right"],
    "strayer-2005-s1-right": ["S1-right"],
}


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request) -> Path:
    return request.param


@pytest.fixture
def case(path) -> Case:
    return read_case(path)


def test_the_published_cases_are_there_with_their_conclusions():
    found = {path.stem: [str(root) for root in read_case(path).concluded] for path in FILES}

    assert found == PUBLISHED


def test_it_is_sound_and_nothing_is_left_to_remark(case):
    assert check_case(case) == ()


def test_its_file_bears_its_name(case, path):
    assert case.id == path.stem


def test_it_has_a_source_that_can_be_found(case):
    assert "http" in case.source


def test_it_says_what_it_took_for_granted(case):
    assert case.assumed
    assert all(gap.why.endswith(".") for gap in case.assumed)


def test_what_is_unknown_of_the_person_is_said(case):
    if case.person.height_m is None:
        assert any("person" in gap.path for gap in case.assumed)


def test_a_composite_says_so(case):
    is_group = case.person.age_years is None

    assert case.title.startswith("Composite picture") == is_group


def test_only_the_case_of_the_tour_assumes_the_screening_and_says_so(case):
    stops = [name for name, item in rulebook().screening_items.items() if item.effect == "stop"]

    if case.id != "fessler-c6-left":
        assert case.screen == ()
        return
    assert [answer.item for answer in case.screen] == stops
    assert {answer.answer for answer in case.screen} == {"no"}
    assert any(gap.path == "screen" for gap in case.assumed)
    assert screen(case.screen).missing == ()


def test_it_gives_an_examination(case):
    assert case.examination()


def test_it_goes_round_without_loss(case, path):
    assert case_text(case) == path.read_text("utf-8")
    assert parse_case(document_text(case.to_document())) == case


def test_the_list_of_examples_names_each_and_its_source(path, case):
    readme = (FOLDER / "README.md").read_text("utf-8")

    assert f"`{path.name}`" in readme
    address = case.source[case.source.index("http") :].split()[0]
    assert address in readme
