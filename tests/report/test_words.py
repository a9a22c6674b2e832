"""The words: what is said of numbers, and when a root is said to fit."""

from dataclasses import replace

import pytest

from myotome.atlas import Root, atlas
from myotome.examination import examine, finding
from myotome.report.words import (
    NBSP,
    concluded_words,
    finding_words,
    headline,
    next_sign_words,
    per_cent,
    result,
    sites_words,
    spoken_to,
    standing,
    unbroken,
)


def plain(text):
    return text.replace(NBSP, " ")


@pytest.fixture(scope="module")
def assessment():
    return examine(
        [
            finding("weakness", "triceps_brachii", side="left", value=3, unit="mrc"),
            finding("reflex", "triceps_reflex", side="left", value=0, unit="reflex"),
        ]
    )


def with_share(assessment, root, **changes):
    roots = [replace(i, **changes) if i.root == root else i for i in assessment.roots]
    return replace(assessment, roots=tuple(sorted(roots, key=lambda item: -item.probability)))


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "< 1 %"), (0.0099, "< 1 %"), (0.01, "1 %"), (0.5, "50 %"), (0.99, "99 %"), (1, "> 99 %")],
)
def test_shares_are_whole_and_never_none_or_all(share, words):
    assert plain(per_cent(share)) == words


def test_the_headline_names_the_best_root_with_its_interval(assessment):
    best, following = spoken_to(assessment)[:2]

    said = plain(headline(assessment))

    assert said.startswith(
        f"{best.root.segment} left fits best: {plain(per_cent(best.probability))}"
    )
    assert f"Next {following.root.segment} " in said


def test_without_findings_no_root_is_named():
    assert headline(examine([])).startswith("Nothing is recorded that speaks to a root.")


def test_a_root_that_is_only_common_is_not_the_best_fit(assessment):
    common = with_share(assessment, Root("L5", "left"), probability=0.999)

    assert not headline(common).startswith("L5")


def test_under_a_quarter_no_root_stands_out(assessment):
    best = spoken_to(assessment)[0]
    low = assessment
    for item in spoken_to(assessment):
        low = with_share(low, item.root, probability=0.02, low=0.01, high=0.03)
    low = with_share(low, best.root, probability=0.24, low=0.1, high=0.4)

    assert plain(headline(low)).startswith(
        f"No root stands out. The best of those that the findings speak to is"
        f" {best.root.segment} left: 24 % (10 to 40)"
    )


def test_a_root_that_the_findings_did_not_raise_does_not_stand_out(assessment):
    best = spoken_to(assessment)[0]

    held = with_share(assessment, best.root, prior=best.probability)

    assert headline(held).startswith("No root stands out.")


def test_the_conclusion_of_the_source_stands_beside_the_inference(assessment):
    best = spoken_to(assessment)[0]

    said = plain(" ".join(concluded_words([best.root], "surgery", assessment)))

    assert said.startswith("The source concluded C7 left (by surgery). The model put it first, ")


def test_a_conclusion_that_no_finding_speaks_to_is_said_to_be_untouched(assessment):
    said = " ".join(concluded_words([Root("S1", "right")], "", assessment))

    assert "No finding recorded speaks to S1 right: it stays at " in said


def test_results_carry_their_unit_and_the_other_side():
    reflex = finding("reflex", "knee_reflex", side="left", value=1, unit="reflex", compared=2)
    turn = finding("range", "shoulder_flexion", side="left", value=95, unit="degrees")
    press = finding("pressure_pain_threshold", "infraspinatus", side="left", value=210, unit="kPa")

    assert result(reflex) == "1 of 4, other side 2"
    assert result(turn) == "95\u00b0"
    assert plain(result(press)) == "210 kPa"


def test_a_reflex_is_named_once():
    item = finding("reflex", "biceps_reflex", side="left", grade=2)

    assert finding_words(item) == "Biceps reflex, left: clear (2)"


def test_a_test_of_a_whole_side_is_named_with_its_side():
    item = finding("spurling", side="right", grade=1)

    assert finding_words(item) == "Spurling's test, right: slight (1)"


def test_roots_are_said_to_fit_only_where_one_stands_out(assessment):
    assert standing(assessment).startswith("These roots fit the signs recorded.")
    assert standing(examine([])).startswith("The numbers say how far each root fits")


def test_a_next_sign_says_what_it_would_separate(assessment):
    assert all(
        next_sign_words(item).startswith(("Could help tell", "Would speak for or against"))
        for item in assessment.next_signs
    )


def test_a_number_stays_with_its_sign():
    assert unbroken("fits, < 1 %") == f"fits, <{NBSP}1{NBSP}%"


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (("C6",), "multifidus C6 left"),
        (("C6", "C4"), "multifidus C4 and C6 left"),
        (("C7", "C5", "C6"), "multifidus C5 to C7 left"),
        (("C3", "C5", "C6"), "multifidus C3, C5 and C6 left"),
    ],
)
def test_levels_of_one_muscle_are_said_together(levels, said):
    sites = [atlas().site("multifidus_cervicalis", "left", level) for level in levels]

    assert sites_words(sites) == said
