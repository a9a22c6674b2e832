from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from myotome.atlas import atlas
from myotome.errors import InputError, UnknownName
from myotome.treatment import Clearance, ScreenAnswer, assumed_no, questions, rulebook, screen
from myotome.treatment.rows import CONCERNS

ITEMS = rulebook().screening_items
STOPS = [name for name, item in ITEMS.items() if item.effect == "stop"]
PERSON_STOPS = [name for name in STOPS if ITEMS[name].scope == "person"]
REGION_STOPS = [name for name in STOPS if ITEMS[name].scope == "region"]
CLEAR_FIRST = [name for name, item in ITEMS.items() if item.effect == "clear_first"]
CAUTIONS = [name for name, item in ITEMS.items() if item.effect == "caution"]

NO_TO_ALL = assumed_no("a case made for tests")


def answered(*answers: ScreenAnswer) -> list[ScreenAnswer]:
    """No to every stop but those answered otherwise."""
    changed = {answer.item for answer in answers}
    return [*(answer for answer in NO_TO_ALL if answer.item not in changed), *answers]


def cleared(item: str, region: str = "") -> Clearance:
    return Clearance(item, "R. Example", "stable for a year", "letter of the physician", region)


def test_it_works() -> None:
    screening = screen(NO_TO_ALL)

    assert screening.allows_needling
    assert screening.concern == "treat"
    assert screening.missing == ()
    assert screening.removals == ()


def test_without_answers_every_stop_question_is_missing() -> None:
    screening = screen([])

    assert [item.item_id for item in screening.missing] == STOPS
    assert not screening.allows_needling


@pytest.mark.parametrize("item", STOPS)
def test_one_stop_question_not_asked_allows_no_needling(item: str) -> None:
    screening = screen(answered(ScreenAnswer(item, "not_asked")))

    assert [missing.item_id for missing in screening.missing] == [item]
    assert not screening.allows_needling


@pytest.mark.parametrize("item", PERSON_STOPS)
def test_a_stop_answered_yes_blocks_needling_everywhere(item: str) -> None:
    screening = screen(answered(ScreenAnswer(item, "yes", region="foot-left")))

    assert [raised.item.item_id for raised in screening.blocked] == [item]
    assert not screening.allows_needling
    assert screening.why_not("needling", atlas().site("masseter", "right")).ends == "never"


@pytest.mark.parametrize("item", STOPS)
def test_a_stop_cannot_be_cleared(item: str) -> None:
    with pytest.raises(InputError, match=f"{item} is a stop and cannot be cleared"):
        cleared(item)


@pytest.mark.parametrize("item", CAUTIONS)
def test_a_caution_needs_no_clearing_and_blocks_no_needling(item: str) -> None:
    screening = screen(answered(ScreenAnswer(item, "yes")))

    assert [raised.item.item_id for raised in screening.cautions] == [item]
    assert screening.allows_needling
    with pytest.raises(InputError, match="needs no clearing"):
        cleared(item)


@pytest.mark.parametrize("field", ["practitioner", "reason", "done"])
def test_a_clearance_without_name_reason_or_deed_is_refused(field: str) -> None:
    fields = {"practitioner": "R. Example", "reason": "stable", "done": "letter read"}

    with pytest.raises(InputError, match=f"{field} must") as refused:
        Clearance("heart_valve", **{**fields, field: "  "})

    assert refused.value.place == field


@pytest.mark.parametrize("item", CLEAR_FIRST)
def test_an_item_to_clear_first_blocks_until_it_is_cleared(item: str) -> None:
    technique = ITEMS[item].blocks[0].replace("all", "needling")

    held = screen(answered(ScreenAnswer(item, "yes")))
    freed = screen(answered(ScreenAnswer(item, "yes")), [cleared(item)])

    assert held.needs_clearing[0].item.item_id == item
    assert held.why_not(technique).ends == "when_cleared"
    assert freed.needs_clearing == ()
    assert freed.cleared[0].clearance.practitioner == "R. Example"
    assert freed.why_not(technique) is None


@pytest.mark.parametrize("item", CLEAR_FIRST)
def test_what_is_cleared_is_still_watched_where_it_was_of_concern(item: str) -> None:
    freed = screen(answered(ScreenAnswer(item, "yes")), [cleared(item)])

    assert freed.concern in {"treat", "treat_and_watch"}
    assert (freed.concern == "treat") == (ITEMS[item].concern == "treat")


@pytest.mark.parametrize("item", REGION_STOPS)
def test_a_regional_effect_removes_only_its_sites_and_only_its_side(item: str) -> None:
    screening = screen(answered(ScreenAnswer(item, "yes", region="leg-left")))

    assert screening.allows_needling
    assert screening.why_not("needling", atlas().site("soleus", "left")) is not None
    assert screening.why_not("needling", atlas().site("soleus", "right")) is None
    assert screening.why_not("needling", atlas().site("biceps_brachii", "left")) is None
    assert [str(removal.place) for removal in screening.removed] == ["leg, left"]


def test_a_regional_yes_without_a_place_counts_everywhere() -> None:
    screening = screen(answered(ScreenAnswer("skin_infection", "yes")))

    assert screening.blocked[0].lacks_place
    assert not screening.allows_needling


def test_two_places_of_one_item_are_both_removed() -> None:
    screening = screen(
        answered(
            ScreenAnswer("skin_infection", "yes", region="foot-left"),
            ScreenAnswer("skin_infection", "yes", region="hand-right"),
        )
    )

    assert screening.why_not("needling", atlas().site("abductor_hallucis", "left"))
    assert screening.why_not("needling", atlas().site("opponens_pollicis", "right"))
    assert not screening.why_not("needling", atlas().site("abductor_hallucis", "right"))


def test_a_clearance_holds_for_its_region_only() -> None:
    answers = answered(
        ScreenAnswer("recent_surgery", "yes", region="foot-left"),
        ScreenAnswer("recent_surgery", "yes", region="hand-right"),
    )

    screening = screen(answers, [cleared("recent_surgery", "foot-left")])

    assert not screening.why_not("needling", atlas().site("abductor_hallucis", "left"))
    assert screening.why_not("needling", atlas().site("opponens_pollicis", "right"))
    with pytest.raises(InputError, match="must name its region: foot-left, hand-right"):
        screen(answers, [cleared("recent_surgery")])


def test_a_clearance_of_another_region_clears_nothing() -> None:
    answers = answered(ScreenAnswer("recent_surgery", "yes", region="foot-left"))

    screening = screen(answers, [cleared("recent_surgery", "foot-right")])

    assert [raised.item.item_id for raised in screening.needs_clearing] == ["recent_surgery"]


def test_pregnancy_cleared_still_leaves_abdomen_and_lumbosacral_sites_and_strong_stimulation():
    yes = answered(ScreenAnswer("pregnancy", "yes"))
    low_back = atlas().site("multifidus_lumborum", "left", "sacrum")
    belly = atlas().site("rectus_abdominis", "left", "lower")
    neck = atlas().site("multifidus_cervicalis", "left", "C5")

    screening = screen(yes, [cleared("pregnancy")])

    assert screening.why_not("needling", low_back).ends == "when_no_longer_so"
    assert screening.why_not("needling", belly).ends == "when_no_longer_so"
    assert screening.why_not("needling", neck) is None
    assert screening.why_not("strong_needling") is not None
    assert screening.why_not("electrical") is not None
    assert screen(yes).why_not("needling", neck).ends == "when_cleared"


def test_an_anticoagulant_is_a_caution_that_keeps_stimulation_gentle() -> None:
    screening = screen(answered(ScreenAnswer("anticoagulant", "yes")))

    assert screening.allows_needling
    assert screening.cautions[0].item.advice
    assert screening.why_not("strong_needling").item.item_id == "anticoagulant"
    assert screening.why_not("manipulation") is not None
    assert screening.concern == "treat_and_watch"


def test_a_pacemaker_takes_current_away_and_leaves_the_needle() -> None:
    screening = screen(answered(ScreenAnswer("implanted_device", "yes")))

    assert screening.allows_needling
    assert screening.why_not("electrical") is not None


def test_a_question_of_another_part_of_the_body_is_not_missing() -> None:
    answers = [answer for answer in NO_TO_ALL if answer.item != "neck_artery"]

    assert [item.item_id for item in screen(answers).missing] == ["neck_artery"]
    assert screen(answers, areas=("leg",)).missing == ()
    assert "neck_artery" not in [item.item_id for item in questions(("leg",))]
    assert "neck_artery" in [item.item_id for item in questions()]


def test_an_earlier_yes_holds_until_a_later_no() -> None:
    early = answered(ScreenAnswer("skin_infection", "yes", region="foot-left"))

    asked_again = [*early, ScreenAnswer("skin_infection", "not_asked", week=1)]
    healed = [*early, ScreenAnswer("skin_infection", "no", week=1)]

    assert screen(asked_again).blocked
    assert not screen(healed).blocked


def test_consent_of_an_earlier_visit_is_no_consent_today() -> None:
    answers = [*NO_TO_ALL, ScreenAnswer("metal_allergy", "no", week=1)]

    missing = {item.item_id for item in screen(answers).missing}

    assert "no_consent_today" in missing
    assert "varicose_veins" not in missing


def test_no_for_one_region_does_not_answer_the_question() -> None:
    screening = screen(answered(ScreenAnswer("skin_infection", "no", region="foot-left")))

    assert [item.item_id for item in screening.missing] == ["skin_infection"]


def test_yes_and_no_to_one_question_in_one_week_are_refused() -> None:
    with pytest.raises(InputError, match="pregnancy is answered both yes and no in week 0"):
        screen([ScreenAnswer("pregnancy", "yes"), ScreenAnswer("pregnancy", "no")])


def test_an_answer_is_checked_as_it_is_made() -> None:
    with pytest.raises(UnknownName, match=r"No screening item 'pregnant'\. Nearest: pregnancy"):
        ScreenAnswer("pregnant", "yes")
    with pytest.raises(InputError, match="answer must be yes, no or not_asked, got 'maybe'"):
        ScreenAnswer("pregnancy", "maybe")  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="region: No muscle, muscle region or body region 'kalf'"):
        ScreenAnswer("skin_infection", "yes", region="kalf")
    with pytest.raises(InputError, match="week must be 0 or later, got -1"):
        ScreenAnswer("pregnancy", "no", week=-1)
    with pytest.raises(UnknownName, match="No area 'head'"):
        screen([], areas=("head",))


def test_an_assumed_no_says_what_it_rests_on() -> None:
    assert all(answer.note == "Assumed: a case made for tests" for answer in NO_TO_ALL)
    with pytest.raises(InputError, match="why must say"):
        assumed_no(" ")


def test_the_answer_that_stands_is_told_for_each_item() -> None:
    screening = screen(answered(ScreenAnswer("skin_infection", "yes", region="foot-left")))

    assert screening.answer_of("skin_infection") == "yes"
    assert screening.answer_of("cauda_equina") == "no"
    assert screening.answer_of("pregnancy") == "not_asked"


def test_what_the_examination_answers_is_not_put_as_a_question() -> None:
    assert "upper_motor_neuron" not in [item.item_id for item in questions()]


def test_it_is_complete_only_when_what_could_hold_it_was_asked_too() -> None:
    assert not screen(NO_TO_ALL).is_complete
    assert screen([ScreenAnswer(item, "no") for item in ITEMS]).is_complete


answers = st.lists(
    st.builds(
        ScreenAnswer,
        item=st.sampled_from(list(ITEMS)),
        answer=st.sampled_from(["yes", "no", "not_asked"]),
        region=st.sampled_from(["", "leg-left", "forearm", "sacrum", "infraspinatus-right"]),
    ),
    unique_by=lambda answer: (answer.item, answer.region),
    max_size=30,
)


@settings(deadline=None)
@given(answers)
def test_the_level_of_concern_is_the_highest_raised(given_answers: list[ScreenAnswer]) -> None:
    screening = screen(given_answers)

    raised = [ITEMS[answer.item].concern for answer in given_answers if answer.answer == "yes"]

    assert screening.concern == max(raised, key=CONCERNS.index, default="treat")


@settings(deadline=None)
@given(answers, st.sampled_from(list(ITEMS)))
def test_one_more_yes_never_allows_more(given_answers: list[ScreenAnswer], item: str) -> None:
    others = [answer for answer in given_answers if answer.item != item]
    sites = [
        atlas().site("soleus", "left"),
        atlas().site("infraspinatus", "right"),
        atlas().site("multifidus_lumborum", "left", "L5"),
    ]

    without = screen([*others, ScreenAnswer(item, "no")])
    with_yes = screen([*others, ScreenAnswer(item, "yes")])

    for technique in ("needling", "electrical", "manipulation", "stretch"):
        for site in sites:
            if without.why_not(technique, site):
                assert with_yes.why_not(technique, site)


@settings(deadline=None)
@given(answers)
def test_a_screening_turns_into_plain_values(given_answers: list[ScreenAnswer]) -> None:
    plain = json.loads(json.dumps(screen(given_answers).to_dict()))

    assert set(plain) >= {"concern", "allows_needling", "blocked", "needs_clearing", "missing"}
