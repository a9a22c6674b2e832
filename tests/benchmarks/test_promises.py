"""The table of all promises shows each one, and what was not measured."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import promises
from promises import SCRIPTS, UNMEASURED, Line, keep, kept, table

QUICK = Line("an answer", 0.2, 0.5, 0.3, "s")
LATE = Line("a course", 2.0, 1.0, 0.5, "s")
FAST = Line("a loop", 200.0, 180.0, 270.0, "x real time", fewer_is_better=False)


@pytest.mark.parametrize(
    ("line", "word"), [(QUICK, "MET, aim too"), (LATE, "NOT MET"), (FAST, "MET")]
)
def test_a_line_says_where_it_stands(line, word):
    assert line.word == word
    assert Line("x", float("nan"), 1.0, 0.5, "s").word == "NOT MET"


def test_what_a_script_hands_over_comes_back_as_it_was(tmp_path):
    keep("moment", [FAST, LATE], tmp_path / "new")

    assert kept(tmp_path / "new") == {"moment": [FAST, LATE]}


def test_every_promise_has_its_line_and_what_is_missing_is_named():
    drawn = table({"examination": [QUICK], "moment": [FAST, LATE]}).splitlines()

    assert [line.rsplit(": ", 1)[1] for line in drawn[:3]] == ["MET, aim too", "MET", "NOT MET"]
    assert sum("not measured" in line for line in drawn) == len(UNMEASURED) + 1
    assert any("course.py" in line for line in drawn)
    assert drawn[-1] == "2 of 3 promises met, 1 not met"


@pytest.mark.parametrize(
    ("lines", "scripts", "code"),
    [([QUICK, FAST], SCRIPTS, 0), ([QUICK, LATE], SCRIPTS, 1), ([QUICK], SCRIPTS[1:], 1)],
)
def test_the_end_fails_where_a_promise_is_not_met_or_not_measured(lines, scripts, code, tmp_path):
    for script in scripts:
        keep(script, lines, tmp_path)

    assert promises.main(tmp_path) == code
