from __future__ import annotations

import pytest

from myotome.treatment import Practice, ScreenAnswer, assumed_no, plan, rulebook, screen

ITEMS = rulebook().screening_items


def all_no(*changes: ScreenAnswer) -> list[ScreenAnswer]:
    changed = {answer.item for answer in changes}
    return [*(ScreenAnswer(item, "no") for item in ITEMS if item not in changed), *changes]


def test_a_programme_holds_at_most_four_with_a_stretch_first(c6_right, nothing_raised) -> None:
    found = plan(c6_right, nothing_raised).home_programme

    assert 1 <= len(found) <= 4
    assert found[0].row.kind == "stretch"
    assert len({item.row.exercise_id for item in found}) == len(found)


def test_stretches_follow_the_muscles_most_likely_short(l5_left, nothing_raised) -> None:
    found = plan(l5_left, nothing_raised).home_programme

    assert [item.row.exercise_id for item in found[:2]] == ["stretch_buttock", "stretch_shin"]


def test_two_stretches_at_most_then_the_spine_moves_and_the_short_muscle_works(
    assess, nothing_raised
) -> None:
    muscles = [
        ("brachioradialis", "right"),
        ("infraspinatus", "right"),
        ("biceps_brachii", "right"),
        ("pronator_teres", "right"),
    ]

    found = plan(assess({"C6-right": 0.8}, muscles), nothing_raised).home_programme

    assert [item.row.exercise_id for item in found] == [
        "stretch_back_of_forearm",
        "stretch_back_of_shoulder",
        "mobility_neck",
        "strengthen_forearm",
    ]


def test_a_level_beside_the_roots_asks_for_no_stretch_of_its_own(assess, nothing_raised):
    found = plan(assess({"C8-right": 0.8}), nothing_raised).home_programme

    assert [item.row.exercise_id for item in found] == [
        "stretch_neck_back",
        "mobility_neck",
        "stabilise_neck",
        "pacing_walk",
    ]


def test_a_fresh_tear_takes_the_stretch_there_away_and_no_other(l5_left) -> None:
    screening = screen(all_no(ScreenAnswer("recent_tear", "yes", region="leg-left")))

    found = [item.row.exercise_id for item in plan(l5_left, screening).home_programme]

    assert "stretch_shin" not in found
    assert "stretch_buttock" in found


def test_an_emergency_leaves_no_programme_and_no_adjunct(c6_right) -> None:
    made = plan(c6_right, screen(all_no(ScreenAnswer("neck_artery", "yes"))))

    assert made.home_programme == ()
    assert made.adjuncts == ()
    assert made.adjuncts_held


def test_every_kind_of_adjunct_is_weighed_for_the_neck(c6_right) -> None:
    made = plan(c6_right, screen(all_no()))

    kinds = {item.row.kind for item in made.adjuncts}
    assert kinds == {
        "modality",
        "mobilisation",
        "manipulation",
        "stretch",
        "strengthen",
        "stabilise",
        "scar",
    }


def test_manipulation_and_current_wait_until_their_contraindications_are_asked(
    c6_right, nothing_raised
) -> None:
    made = plan(c6_right, nothing_raised)

    assert not [item for item in made.adjuncts if item.row.ask_before]
    held = {item.row.adjunct_id: item.why for item in made.adjuncts_held}
    assert held["neck_manipulation"].startswith("Not asked yet:")
    assert held["surface_current"].startswith("Not asked yet:")


@pytest.mark.parametrize(
    ("item", "adjunct"),
    [
        (item, row.adjunct_id)
        for row in rulebook().adjuncts.values()
        for item in row.contraindication_ids
        if ITEMS[item].scope != "region"
    ],
)
def test_a_contraindication_answered_yes_takes_its_adjunct_away(
    c6_right, l5_left, item: str, adjunct: str
) -> None:
    screening = screen(all_no(ScreenAnswer(item, "yes")))

    for assessment in (c6_right, l5_left):
        proposed = [found.row.adjunct_id for found in plan(assessment, screening).adjuncts]
        assert adjunct not in proposed


def test_a_contraindication_in_one_place_takes_its_adjunct_away_there(l5_left) -> None:
    screening = screen(all_no(ScreenAnswer("numb_to_heat", "yes", region="foot-left")))

    heat = next(
        item for item in plan(l5_left, screening).adjuncts if item.row.adjunct_id == "heat_before"
    )

    assert heat.not_at == ("foot, left",)


def test_a_clinic_that_does_not_manipulate_is_offered_none(c6_right) -> None:
    made = plan(c6_right, screen(all_no()), practice=Practice(adjunct_kinds=("stretch",)))

    assert {item.row.kind for item in (*made.adjuncts, *made.adjuncts_held)} == {"stretch"}


def test_no_stretch_is_offered_where_all_movement_is_held(c6_right) -> None:
    held = screen([*assumed_no("a test"), ScreenAnswer("fracture", "yes")])

    assert plan(c6_right, held).home_programme == ()
