"""The count of published cases that is told is the one that the examples give today."""

import json
from pathlib import Path

from myotome.case import read_case
from myotome.examination import examine
from myotome.report.published_cases import KEPT, counted, tried_words

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_what_is_kept_is_what_the_examples_give():
    cases = [read_case(path) for path in EXAMPLES.glob("*.toml")]
    found = counted((case, examine(case.examination())) for case in cases)

    assert json.loads(KEPT.read_text(encoding="utf-8")) == found, "Run: make docs"
    assert 0 < found["first"] <= found["named"] < found["published"] < len(cases)


def test_the_words_say_both_numbers_and_that_they_are_no_measure():
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    words = tried_words()

    assert f"Of {kept['named']} published cases" in words
    assert f"came first in {kept['first']}." in words
    assert "no measure of clinical accuracy" in words
