"""The spine ladder: in anatomical order, true to scale, and in words as well."""

import re
from dataclasses import replace

import pytest

from myotome.atlas import SEGMENTS, Root
from myotome.examination import examine, finding
from myotome.report.spine import SHOWN_FROM, ranks, rows, spine_ladder, step
from myotome.report.words import NBSP, per_cent, spoken_to


@pytest.fixture(scope="module")
def assessment():
    return examine(
        [
            finding("weakness", "triceps_brachii", side="left", value=3, unit="mrc"),
            finding("reflex", "triceps_reflex", side="left", value=0, unit="reflex"),
        ]
    )


def test_rows_stand_in_anatomical_order_and_leave_none_out(assessment):
    shown = [segment for line in rows(assessment) for segment in line]

    assert shown == list(SEGMENTS)


def test_low_runs_are_folded_and_high_roots_are_not(assessment):
    high = {i.root.segment for i in assessment.roots if i.probability >= SHOWN_FROM}

    for line in rows(assessment):
        assert (len(line) == 1 and line[0] in high) or not high.intersection(line)


@pytest.mark.parametrize(
    ("probability", "name"),
    [(0.0, "p0"), (0.0199, "p0"), (0.02, "p1"), (0.1, "p2"), (0.25, "p3"), (0.5, "p4"),
     (0.75, "p5"), (0.9, "p6"), (1.0, "p6")],
)  # fmt: skip
def test_steps_change_where_the_interface_says(probability, name):
    assert step(probability) == name


def test_three_roots_at_most_are_ranked_and_only_those_spoken_to(assessment):
    reached = [item.root for item in spoken_to(assessment)]

    assert list(ranks(assessment).values()) == [1, 2, 3][: len(ranks(assessment))]
    assert list(ranks(assessment)) == reached[: len(ranks(assessment))]


def test_a_common_root_that_no_finding_speaks_to_is_never_ranked(assessment):
    assert assessment.probability(Root("L5", "left")) > SHOWN_FROM
    assert Root("L5", "left") not in ranks(assessment)


def _bars(side, html):
    run = re.findall(rf'spine-room spine-{side}">(.*?)</svg>', html, re.DOTALL)
    found = re.findall(r'<rect class="spine-bar p\d" x="([\d.]+)%" y="\d+" width="([\d.]+)%"',
                       "".join(run))  # fmt: skip
    return [(float(x), float(width)) for x, width in found]


def test_right_bars_begin_at_the_spine_and_left_bars_end_there(assessment):
    html = spine_ladder(assessment)

    assert all(x == 0 for x, _ in _bars("right", html))
    for x, width in _bars("left", html):
        assert x + width == pytest.approx(100, abs=0.02)


def test_a_bar_is_as_long_as_its_probability(assessment):
    shown = [line[0] for line in rows(assessment) if len(line) == 1]
    right = [assessment.probability(Root(segment, "right")) for segment in shown]

    drawn = [width for _, width in _bars("right", spine_ladder(assessment))]

    assert drawn[: len(right)] == pytest.approx([100 * p for p in right], abs=0.5)


def test_each_row_is_said_in_words(assessment):
    html = spine_ladder(assessment, {Root("C7", "left"): "#root-C7-left"}).replace(NBSP, " ")
    share = per_cent(assessment.probability(Root("C7", "left"))).replace(NBSP, " ")

    assert f'<a href="#root-C7-left" aria-label="C7 left, number 1: {share} (' in html
    assert "front ramus supported, back ramus not looked at" in html
    assert 'aria-label="No root: ' in html
    assert 'aria-label="Something else: ' in html


def test_62_roots_at_four_per_cent_are_one_line(assessment):
    low = tuple(replace(item, probability=0.04, low=0.02, high=0.06) for item in assessment.roots)
    html = spine_ladder(replace(assessment, roots=low))

    assert f"C1 to Co1: each under 5{NBSP}%" in html


def test_two_roots_near_certainty_never_say_100(assessment):
    sure = tuple(
        replace(item, probability=1.0, high=1.0) if item.root.segment == "C7" else item
        for item in assessment.roots
    )
    html = spine_ladder(replace(assessment, roots=sure)).replace(NBSP, " ")

    assert html.count("&gt; 99 %</text>") == 2
    assert "100 %" not in html


def test_left_and_right_stand_at_the_top_of_each_run(assessment):
    html = spine_ladder(assessment)

    runs = html.count('class="spine-column"')
    assert html.count(">Left</p>") == html.count(">Right</p>") == runs
