"""Course figures: what is drawn is what the course holds, and labels keep apart."""

import re
import xml.etree.ElementTree as ET
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.case import Case, Outcome, read_case
from myotome.report import course_figures as figures
from myotome.simulation import simulate
from myotome.simulation.dataset import ILLUSTRATION

EXAMPLE = Path(__file__).parents[2] / "examples" / "fessler-c6-left.toml"
SVG = "{http://www.w3.org/2000/svg}"


@cache
def _course(draws=16):
    return simulate(read_case(EXAMPLE), weeks=3.0, draws=draws)


@pytest.fixture
def course():
    return _course()


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314 - drawn by the code under test


def of_class(svg, name):
    return [e for e in parsed(svg).iter() if name in (e.get("class") or "").split()]


def all_panels(course):
    muscles = range(len(course.preparation.muscles))
    return (
        figures.pain_panel(course),
        figures.difference_panel(course),
        *figures.muscle_panels(course, muscles, "length"),
        *figures.muscle_panels(course, muscles, "tone"),
        *figures.root_panels(course),
    )


def test_every_panel_is_well_formed_and_says_what_it_is(course):
    names = []
    for panel in all_panels(course):
        drawing = parsed(panel.svg)
        title, desc = drawing.find(f"{SVG}title"), drawing.find(f"{SVG}desc")
        names += [title.get("id"), desc.get("id")]
        assert drawing.get("role") == "img"
        assert drawing.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert ILLUSTRATION in desc.text
        assert not [e for e in drawing.iter() if "style" in e.attrib]
    assert len(names) == len(set(names))


def test_every_arm_has_a_line_and_its_name_with_the_last_value(course):
    svg = figures.pain_panel(course).svg

    for arm, name in (("treated", "Treated"), ("sham", "Sham"), ("untreated", "Untreated")):
        assert len(of_class(svg, f"weeks-{arm}")) == 2  # the line and its leader
        end = f"{course.arm(arm, 'pain')[0, -1, 0]:.1f}"
        assert [e.text for e in of_class(svg, f"weeks-label-{arm}")] == [f"{name} {end}"]


def test_bands_and_at_most_twelve_single_runs_are_drawn(course):
    svg = figures.pain_panel(course).svg
    (hairs,) = of_class(svg, "weeks-hairs")

    assert len(of_class(svg, "weeks-band")) == 2
    assert hairs.get("d").count("M") == figures.RUNS_AT_MOST


def test_one_run_has_no_band():
    svg = figures.pain_panel(_course(draws=1)).svg

    assert of_class(svg, "weeks-band") == []
    assert of_class(svg, "weeks-hairs") == []


def test_needling_days_are_ticks(course):
    ticks = of_class(figures.pain_panel(course).svg, "weeks-needled")

    assert [tick.get("x1") for tick in ticks] == ["0.00%", "33.33%", "66.67%"]


def test_pain_is_drawn_over_its_whole_scale(course):
    ticks = [e.text for e in of_class(figures.pain_panel(course).svg, "weeks-tick")]

    assert ticks[:3] == ["0", "5", "10"]


def test_a_line_ends_where_its_number_says(course):
    (line, _) = of_class(figures.pain_panel(course).svg, "weeks-treated")
    x, y = re.findall(r"(\d+),(-?\d+)", line.get("d"))[-1]

    assert int(x) == 1000
    assert int(y) == pytest.approx(1000 - 100 * course.arm("treated", "pain")[0, -1, 0], abs=1)


def test_muscles_side_by_side_share_a_scale(course):
    one, two = figures.muscle_panels(course, (0, 1), "length")

    assert [e.text for e in of_class(one.svg, "weeks-tick")] == [
        e.text for e in of_class(two.svg, "weeks-tick")
    ]


def test_what_really_happened_has_a_panel_of_its_own(course):
    case = Case("a", outcomes=(Outcome("nprs", 2, 3), Outcome("nprs", 1, 26)))

    panel = figures.outcome_panel(case, course)

    assert len(of_class(panel.svg, "weeks-real")) == 1
    assert of_class(panel.svg, "weeks-line") == []
    assert figures.outcome_panel(Case("b"), course) is None
    for other in all_panels(course):
        assert of_class(other.svg, "weeks-real") == []


def test_marks_of_model_and_trials_share_one_axis():
    trial = figures.effect_mark("a", "A trial", value=-2.0, low=-3.0, high=-1.0)
    model = figures.effect_mark("b", "A model", value=-2.0, runs=(0.0, -2.0))

    (dot,), (other,) = of_class(trial, "weeks-trial-mark"), of_class(model, "weeks-run-mark")
    assert dot.get("cx") == other.get("cx") == "34.0%"
    assert dot.get("r") == other.get("r")
    assert len(of_class(model, "weeks-hair")) == 2
    assert len(of_class(trial, "weeks-interval")) == 1


def test_a_trial_without_a_number_has_an_axis_and_no_mark():
    svg = figures.effect_mark("a", "No number <read>", value=None)

    assert of_class(svg, "weeks-trial-mark") == []
    assert len(of_class(svg, "weeks-grid")) == 4


@given(st.lists(st.floats(0.0, 112.0), min_size=1, max_size=3).map(sorted))
def test_labels_keep_their_order_and_their_distance_inside_the_drawing(wanted):
    placed = figures._apart(wanted, 17.0, 112.0)

    assert all(b - a >= 17.0 - 1e-9 for a, b in pairwise(placed))
    assert placed[0] >= -1e-9
    assert placed[-1] <= 112.0


@given(st.lists(st.floats(0.0, 1000.0), min_size=2, max_size=60))
def test_points_left_out_lie_on_the_line_that_is_drawn(values):
    y = np.array(values)
    x = np.linspace(0.0, 1000.0, len(y))

    kept = figures._simplified(x, y)

    assert np.abs(np.interp(x, x[kept], y[kept]) - y).max() <= 3.0 + 1e-9


@pytest.mark.parametrize("reach", [0.013, 0.4, 3.0, 7.0, 41.0, 900.0])
def test_steps_are_round_and_four_hold_the_reach(reach):
    step = figures._round_step(reach)

    assert step * 4 >= reach
    assert f"{step:e}"[0] in "125"
