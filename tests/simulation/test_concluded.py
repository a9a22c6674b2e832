"""The weeks of the roots that a practitioner concluded, and what they say of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from myotome.atlas import Root
from myotome.case import read_case
from myotome.errors import InputError
from myotome.examination import Assessment, examine
from myotome.examination.finding import finding
from myotome.report.course_text import course_json
from myotome.report.course_words import arms_sentence
from myotome.simulation import prepare, simulate

EXAMPLES = Path(__file__).parents[2] / "examples"
C8 = Root("C8", "right")
FOUND = (
    finding("tender_paraspinal", "multifidus_cervicalis", side="right", level="C6", grade=3),
    finding("taut_band", "brachioradialis", side="right", grade=3),
    finding("weakness", "biceps_brachii", side="right", value=4.0, unit="mrc"),
    finding("reflex", "biceps_reflex", side="right", value=1.0, unit="reflex"),
    finding("pin_less", "thumb", side="right", grade=2),
)


@pytest.fixture(scope="module")
def c6() -> Assessment:
    return examine(FOUND)


def test_the_weeks_are_of_the_concluded_roots_and_say_where_they_differ() -> None:
    case = dataclasses.replace(
        read_case(EXAMPLES / "fessler-c6-left.toml"), findings=FOUND, treatments=()
    )
    course = simulate(case, weeks=1.0, roots=[C8])

    assert course.preparation.roots == (C8,)
    said = arms_sentence(course)
    assert said.startswith("One case with C8 right")
    assert "The practitioner concluded C8 right." in said
    assert "The model's answer to the findings differs: C6 right" in said
    assert course_json(course)["concluded"] == ["C8-right"]
    assert "concluded" not in arms_sentence(simulate(case, weeks=1.0))


def test_of_many_concluded_roots_two_are_run_and_the_others_are_named(c6) -> None:
    roots = [C8, Root("T1", "right"), Root("C7", "right")]

    made = prepare(c6, roots=roots)

    assert len(made.roots) == 2
    assert set(made.concluded) == set(roots)
    left = next(root for root in roots if root not in made.roots)
    assert f"left out: {left.segment} {left.side}" in " ".join(made.taken_instead)


def test_no_course_is_run_of_no_root(c6) -> None:
    with pytest.raises(InputError, match="the course of no root is not run"):
        prepare(c6, roots=[])
