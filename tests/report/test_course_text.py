"""The course at a terminal and as JSON: the same numbers, with what they are not."""

import json
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from myotome.case import read_case
from myotome.report import course_words as words
from myotome.report.course_text import course_json, print_course
from myotome.simulation import ARMS, QUANTITIES, simulate
from myotome.simulation.dataset import ILLUSTRATION

EXAMPLE = Path(__file__).parents[2] / "examples" / "fessler-c6-left.toml"


@cache
def _course(draws=4):
    return simulate(read_case(EXAMPLE), weeks=3.0, draws=draws)


def printed(course, width=80):
    out = StringIO()
    print_course(course, Console(file=out, width=width, highlight=False))
    return out.getvalue()


@pytest.mark.parametrize("draws", [1, 4])
def test_it_fits_eighty_columns_and_says_what_it_is_not(draws):
    text = printed(_course(draws))
    flat = " ".join(text.split())

    assert max(len(line) for line in text.splitlines()) <= 80
    assert "…" not in text
    assert ILLUSTRATION in flat
    assert words.IF_RIGHT in flat
    assert words.pain_sentence(_course(draws)) in flat
    assert all(line in flat for line in words.trial_lines())


def test_it_shows_every_arm_of_pain_and_the_main_muscle():
    text = printed(_course(), width=200)

    for arm in ARMS:
        assert text.count(arm) >= 2
    assert words.muscle_title(_course(), words.chosen_muscles(_course())[0]) in text


def test_values_for_programs_hold_each_quantity_arm_and_week():
    course = _course()

    found = json.loads(json.dumps(course_json(course)))

    assert found["what"] == ILLUSTRATION
    assert found["weeks"] == [0.0, 1.0, 2.0, 3.0]
    for arm in ARMS:
        for quantity in QUANTITIES:
            values = found["arms"][arm][quantity.name]
            assert set(values) == {"central", "median", "low", "high"}
            assert np.shape(values["median"])[0] == 4
    lengths = course.arm("sham", "length")[:, -1, 0]
    shown = found["arms"]["sham"]["length"]
    assert shown["central"][-1][0] == pytest.approx(lengths[0], rel=1e-5)
    assert shown["median"][-1][0] == pytest.approx(np.median(lengths), rel=1e-5)
    assert shown["low"][-1][0] <= shown["median"][-1][0] <= shown["high"][-1][0]
