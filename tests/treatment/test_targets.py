from __future__ import annotations

import dataclasses

import pytest

from myotome.atlas import SEGMENTS, Root, atlas
from myotome.examination.assessment import Assessment, Explanation
from myotome.examination.finding import finding
from myotome.treatment.practice import DEFAULT, Practice
from myotome.treatment.targets import (
    local_targets,
    paraspinal_levels,
    paraspinal_of_level,
    paraspinal_targets,
    peripheral_targets,
    planned_roots,
)


@pytest.mark.parametrize(
    ("segment", "levels"),
    [
        ("C1", {"below": "C2"}),
        ("C2", {"level": "C2", "below": "C3"}),
        ("C6", {"level": "C6", "above": "C5", "below": "C7"}),
        ("C8", {"level": "C7", "above": "C6", "below": "T1"}),
        ("T1", {"level": "T1", "above": "C7", "below": "T2"}),
        ("T12", {"level": "T12", "above": "T11", "below": "L1"}),
        ("L5", {"level": "L5", "above": "L4", "below": "sacrum"}),
        ("S1", {"level": "sacrum", "above": "L5"}),
        ("S3", {"level": "sacrum", "above": "L5"}),
        ("S5", {}),
    ],
)
def test_the_paraspinals_are_the_level_one_above_and_one_below(
    segment: str, levels: dict[str, str]
) -> None:
    assert {place: level for level, place in paraspinal_levels(segment)} == levels


def test_each_level_has_a_paraspinal_muscle_that_lies_there() -> None:
    for level in atlas().spinal_levels:
        muscle = paraspinal_of_level(level)
        assert level in atlas().levels_of(muscle)
        assert atlas().muscles[muscle].ramus == "posterior"


def test_multifidus_is_first_where_there_is_one() -> None:
    assert paraspinal_of_level("C5") == "multifidus_cervicalis"
    assert paraspinal_of_level("T7") == "multifidus_thoracis"
    assert paraspinal_of_level("sacrum") == "multifidus_lumborum"


@pytest.mark.parametrize("segment", SEGMENTS)
def test_each_root_has_targets_on_its_own_side_only(assess, segment: str) -> None:
    assessment = assess({f"{segment}-left": 0.9})
    roots = planned_roots(assessment, DEFAULT)

    found = paraspinal_targets(roots, assessment, DEFAULT)

    assert {target.site.side for target in found} <= {"left"}
    assert len(found) == len(paraspinal_levels(segment))


def test_roots_are_planned_in_falling_probability_and_only_with_support(assess) -> None:
    assessment = assess({"C7-right": 0.3, "C6-right": 0.8, "C5-right": 0.2, "T4-left": 0.1})

    found = [str(item.root) for item in planned_roots(assessment, DEFAULT)]

    assert found == ["C6-right", "C7-right"]


def test_a_root_of_the_best_explanation_needs_less_support(assess) -> None:
    explained = (Explanation((Root.parse("C6-right"), Root.parse("C5-right")), 0.4),)
    assessment = assess({"C6-right": 0.8, "C5-right": 0.2}, explanations=explained)

    found = [str(item.root) for item in planned_roots(assessment, DEFAULT)]

    assert found == ["C6-right", "C5-right"]


def test_a_root_that_no_finding_raised_above_its_base_rate_is_not_planned(assess) -> None:
    assessment = assess({"C6-right": 0.8})
    likely_anyway = tuple(dataclasses.replace(item, prior=0.9) for item in assessment.roots)

    assert planned_roots(dataclasses.replace(assessment, roots=likely_anyway), DEFAULT) == ()


@pytest.mark.parametrize("no_root", [0.5, 0.45])
def test_no_root_is_planned_where_no_root_fits_better(assess, no_root: float) -> None:
    assessment = assess({"C6-right": 0.42}, no_root=no_root)

    assert planned_roots(assessment, DEFAULT) == ()


def test_only_so_many_roots_are_planned(assess) -> None:
    assessment = assess(dict.fromkeys(["L3-left", "L4-left", "L5-left", "S1-left"], 0.6))

    assert len(planned_roots(assessment, DEFAULT)) == 3
    assert len(planned_roots(assessment, Practice(roots_at_most=1))) == 1


def test_a_posterior_muscle_that_fits_as_short_joins_its_root(assess) -> None:
    assessment = assess({"L5-left": 0.8}, [("longissimus_lumborum", "left", "L5")])
    roots = planned_roots(assessment, DEFAULT)

    found = paraspinal_targets(roots, assessment, DEFAULT)

    assert str(found[-1].site) == "longissimus_lumborum:L5:left"
    assert found[-1].roles[0].place == "short_paraspinal"
    assert peripheral_targets(roots, assessment, DEFAULT) == ()


def test_a_short_muscle_of_another_root_or_side_is_no_target(assess) -> None:
    muscles = [("soleus", "right"), ("brachioradialis", "left"), ("brachioradialis", "right")]
    assessment = assess({"C6-right": 0.8}, muscles)

    found = peripheral_targets(planned_roots(assessment, DEFAULT), assessment, DEFAULT)

    assert [str(target.site) for target in found] == ["brachioradialis:right"]


def test_a_muscle_hardly_short_is_no_target(assess) -> None:
    assessment = assess({"C6-right": 0.8}, [("brachioradialis", "right")], short=0.4)

    assert not peripheral_targets(planned_roots(assessment, DEFAULT), assessment, DEFAULT)


def test_a_local_target_needs_a_finding_of_its_own(assess) -> None:
    muscles = [("soleus", "right"), ("gracilis", "right")]
    band = finding("taut_band", "soleus", side="right", grade=2)
    assessment: Assessment = assess({}, muscles, findings=(band,))

    found = local_targets(assessment, DEFAULT)

    assert [str(target.site) for target in found] == ["soleus:right"]
    assert found[0].root is None
    assert "Taut band: clear (2)" in found[0].rests_on[-1].words
