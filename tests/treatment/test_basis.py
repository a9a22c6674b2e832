"""Basis: a probability in words is whole, and never none or all."""

import re
from dataclasses import replace

import pytest

from myotome.atlas import Root
from myotome.examination import examine, finding
from myotome.treatment.basis import interval, per_cent, root_words
from myotome.treatment.differential import differential


@pytest.fixture(scope="module")
def assessment():
    return examine(
        [
            finding("weakness", "triceps_brachii", side="left", value=3, unit="mrc"),
            finding("reflex", "triceps_reflex", side="left", value=0, unit="reflex"),
        ]
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "< 1 %"), (0.0099, "< 1 %"), (0.01, "1 %"), (0.5, "50 %"), (0.99, "99 %"), (1, "> 99 %")],
)
def test_a_share_is_never_said_to_be_none_or_all(share, words):
    assert per_cent(share) == words


def test_an_interval_ends_short_of_none_and_all():
    assert interval(0.0, 1.0) == "< 1 to > 99"


def test_a_root_that_is_nearly_certain_says_so(assessment):
    item = next(item for item in assessment.roots if item.root == Root("C7", "left"))
    sure = replace(item, probability=1.0, low=0.79, high=1.0)

    assert root_words(sure) == "C7 left fits, > 99 % (79 to > 99)"


def test_what_else_fits_never_says_none_or_all(assessment):
    sure = tuple(
        replace(item, probability=1.0, low=0.0, high=1.0) if item.root.segment == "C7" else item
        for item in assessment.roots
    )
    extreme = replace(assessment, roots=sure, no_root=0.0, something_else=0.0)

    said = " ".join(item.words for item in differential(extreme, (), ()))

    assert "No root: < 1 %" in said
    assert "C7 left fits as well: > 99 %" in said
    assert not re.search(r"(?<![\d.])(?:0|100) %", said)
