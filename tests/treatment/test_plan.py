from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest

from myotome.atlas import ROOTS, atlas
from myotome.examination.assessment import (
    Contradiction,
    LoadedStructure,
    NextSign,
    OtherExplanation,
    RamusSupport,
)
from myotome.examination.finding import finding
from myotome.treatment import (
    Clearance,
    Practice,
    ScreenAnswer,
    Screening,
    assumed_no,
    plan,
    rulebook,
    screen,
)

STOPS = [name for name, item in rulebook().screening_items.items() if item.effect == "stop"]


def places(made) -> list[str]:
    return [str(site.site) for site in made.sites]


def answered(*answers: ScreenAnswer) -> list[ScreenAnswer]:
    changed = {answer.item for answer in answers}
    kept = [answer for answer in assumed_no("a test") if answer.item not in changed]
    return [*kept, *answers]


def test_it_works(c6_right, nothing_raised: Screening) -> None:
    made = plan(c6_right, nothing_raised)

    assert places(made) == [
        "multifidus_cervicalis:C6:right",
        "multifidus_cervicalis:C5:right",
        "multifidus_cervicalis:C7:right",
        "infraspinatus:right",
        "brachioradialis:right",
        "extensor_carpi_radialis_longus:right",
    ]
    assert [site.priority for site in made.sites] == [1, 2, 3, 4, 5, 6]
    assert [site.target.roles[0].place for site in made.sites[:3]] == ["level", "above", "below"]
    assert made.concern == "treat"
    assert made.missing == ()


def test_the_most_distal_muscle_comes_last_whatever_its_probability(assess, nothing_raised):
    hand_first = [("adductor_pollicis", "left"), ("flexor_digitorum_profundus", "left")]
    assessment = assess({"C8-left": 0.8}, hand_first)

    assert places(plan(assessment, nothing_raised))[-1] == "adductor_pollicis:left"


def test_at_most_five_peripheral_muscles_are_proposed_and_the_rest_wait(assess, nothing_raised):
    names = [row.muscle_id for row in atlas().muscles_of_root("S1")]
    limb = [(name, "left") for name in names if atlas().muscles[name].ramus == "anterior"]
    made = plan(assess({"S1-left": 0.9}, limb), nothing_raised)

    peripheral = [site for site in made.sites if site.target.roles[0].place == "peripheral"]
    assert len(peripheral) == 5
    assert "later" in [item.ends for item in made.left_out]


def test_a_first_visit_has_few_sites(assess, nothing_raised) -> None:
    muscles = [("gluteus_medius", "left"), ("tibialis_anterior", "left")]
    assessment = assess({"L3-left": 0.8, "S1-left": 0.6}, muscles)

    first = plan(assessment, nothing_raised)
    later = plan(assessment, nothing_raised, first_visit=False)

    assert len(first.visits[0]) <= 6 < len(first.sites)
    assert len(later.visits) == 1


@pytest.mark.parametrize("item", STOPS)
def test_a_stop_question_not_asked_leaves_no_sites_and_is_named(assess, item: str) -> None:
    everywhere = assess(
        {"C6-right": 0.8, "L5-right": 0.7}, [("brachioradialis", "right"), ("soleus", "right")]
    )

    made = plan(everywhere, screen(answered(ScreenAnswer(item, "not_asked"))))

    assert made.sites == ()
    assert [missing.item_id for missing in made.missing] == [item]
    assert made.to_dict()["missing"][0]["question"] in made.statement
    assert {left.ends for left in made.left_out} == {"when_answered"}
    assert made.home_programme


def test_a_question_about_another_part_of_the_body_is_not_missing(l5_left) -> None:
    without_neck = [item for item in assumed_no("a test") if item.item != "neck_artery"]

    made = plan(l5_left, screen(without_neck))

    assert made.sites
    assert made.screening.allows_needling


def test_a_narrow_screening_does_not_hide_a_question_that_matters(c6_right) -> None:
    without_neck = [item for item in assumed_no("a test") if item.item != "neck_artery"]

    made = plan(c6_right, screen(without_neck, areas=("leg",)))

    assert made.sites == ()
    assert [item.item_id for item in made.missing] == ["neck_artery"]


@pytest.mark.parametrize("item", STOPS)
def test_a_stop_answered_yes_leaves_no_site(c6_right, item: str) -> None:
    made = plan(c6_right, screen(answered(ScreenAnswer(item, "yes"))))

    assert made.sites == ()
    assert {left.ends for left in made.left_out} == {"never"}


def test_a_regional_answer_removes_only_its_sites_with_its_reason(c6_right) -> None:
    yes = ScreenAnswer("skin_infection", "yes", region="forearm-right")

    made = plan(c6_right, screen(answered(yes)))

    assert [str(left.target.site) for left in made.left_out] == [
        "brachioradialis:right",
        "extensor_carpi_radialis_longus:right",
    ]
    assert len(made.sites) == 4


def test_a_regional_answer_on_the_other_side_removes_nothing(c6_right) -> None:
    yes = ScreenAnswer("skin_infection", "yes", region="forearm-left")

    assert plan(c6_right, screen(answered(yes))).left_out == ()


@pytest.mark.parametrize(
    ("item", "concern"),
    [
        ("cauda_equina", "emergency"),
        ("malignancy", "refer"),
        ("fever_today", "treat_and_watch"),
        ("metal_allergy", "treat"),
    ],
)
def test_red_flags_lead_to_a_level_of_concern(c6_right, item: str, concern: str) -> None:
    assert plan(c6_right, screen(answered(ScreenAnswer(item, "yes")))).concern == concern


def test_the_least_concern_is_said_of_what_was_answered_and_is_no_leave_to_treat(c6_right) -> None:
    raised = screen(answered(ScreenAnswer("metal_allergy", "yes")))
    watched = screen(answered(ScreenAnswer("fever_today", "yes")))

    assert plan(c6_right, screen(answered())).concern_words == (
        "no concern raised by what was answered"
    )
    assert plan(c6_right, raised).concern_words == "no call to refer in what was answered"
    assert plan(c6_right, watched).concern_words == "treat and watch"


@pytest.mark.parametrize(
    ("yes", "words"),
    [
        ((), "not known yet"),
        (("metal_allergy",), "not known yet"),
        (("fever_today",), "at least treat and watch"),
        (("malignancy",), "at least refer"),
        (("fast_weakness",), "emergency"),
    ],
)
def test_while_a_stop_is_not_answered_a_level_is_the_least_that_it_can_be(
    c6_right, yes: tuple[str, ...], words: str
) -> None:
    held = [one for one in answered() if one.item not in {"cauda_equina", *yes}]
    screening = screen([*held, *(ScreenAnswer(one, "yes") for one in yes)])

    assert screening.missing
    assert screening.concern_words == plan(c6_right, screening).concern_words == words


def test_an_upper_motor_neuron_sign_means_refer_and_no_needling(c6_right, nothing_raised):
    sign = finding("hoffmann", side="right", grade=2)
    assessment = dataclasses.replace(c6_right, refers=(sign,), findings=(sign,))

    made = plan(assessment, nothing_raised)

    assert made.concern == "refer"
    assert made.sites == ()
    assert made.differential[0].kind == "upper_motor_neuron"
    assert "hoffmann" in made.screening.needs_clearing[0].note


def test_an_upper_motor_neuron_sign_answered_no_is_still_seen(c6_right) -> None:
    sign = finding("clonus", side="right", grade=1)
    no = [*assumed_no("a test"), ScreenAnswer("upper_motor_neuron", "no")]

    made = plan(dataclasses.replace(c6_right, refers=(sign,)), screen(no))

    assert made.concern == "refer"
    assert made.sites == ()


def test_an_upper_motor_neuron_sign_that_was_cleared_lets_needling_go_on_and_still_refers(
    c6_right,
) -> None:
    sign = finding("hoffmann", side="right", grade=1)
    clearance = Clearance("upper_motor_neuron", "Dr Example", "old, known", "imaging seen")

    made = plan(
        dataclasses.replace(c6_right, refers=(sign,)), screen(assumed_no("a test"), [clearance])
    )

    assert made.sites
    assert made.concern == "refer"


def test_an_anticoagulant_makes_the_dose_gentle_and_stands_as_a_warning(c6_right) -> None:
    made = plan(c6_right, screen(answered(ScreenAnswer("anticoagulant", "yes"))))

    assert {site.dose.insertions for site in made.sites} == {1}
    assert all(site.dose.gentle for site in made.sites)
    assert "anticoagulant" in [item.warning.rule for item in made.session_warnings]
    assert made.concern == "treat_and_watch"


def test_pregnancy_cleared_leaves_lumbosacral_sites_out_and_is_gentle(l5_left) -> None:
    yes = answered(ScreenAnswer("pregnancy", "yes"))
    clearance = Clearance("pregnancy", "R. Example", "wishes it", "written consent")

    held = plan(l5_left, screen(yes))
    made = plan(l5_left, screen(yes, [clearance]))

    assert held.sites == ()
    assert places(made) == ["gluteus_medius:left", "extensor_hallucis_longus:left"]
    assert {str(left.target.site.name) for left in made.left_out} == {"multifidus_lumborum"}
    assert all(site.dose.gentle for site in made.sites)


def test_current_is_offered_only_where_the_clinic_does_and_the_device_was_asked(c6_right):
    clinic = Practice(electrical=True)
    asked = [*assumed_no("a test"), ScreenAnswer("implanted_device", "no")]

    def current(made) -> bool:
        return "Hz" in [rule.unit for rule in made.sites[0].dose.rules]

    assert current(plan(c6_right, screen(asked), practice=clinic))
    assert not current(plan(c6_right, screen(assumed_no("a test")), practice=clinic))
    assert not current(plan(c6_right, screen(asked)))


def test_both_sides_of_the_chest_are_split_over_visits(assess, nothing_raised) -> None:
    muscles = [("rhomboideus_major", "left"), ("rhomboideus_major", "right")]
    assessment = assess({"C5-left": 0.8, "C5-right": 0.7}, muscles)

    made = plan(assessment, nothing_raised, first_visit=False)

    visit = {str(site.site): site.visit for site in made.sites}
    assert visit["rhomboideus_major:left"] != visit["rhomboideus_major:right"]
    split = [item for item in made.session_warnings if item.warning.rule == "chest_split"]
    assert "left in visit 1, right in visit 2" in split[0].warning.words
    assert "both_sides_of_chest" not in [item.warning.rule for item in made.session_warnings]


def test_acutely_inflamed_tissue_is_left_out(c6_right, nothing_raised) -> None:
    hot = finding("warmth", "brachioradialis", side="right", grade=2)
    red = finding("redness", "scapula_upper", side="right", grade=1)
    assessment = dataclasses.replace(c6_right, findings=(hot, red))

    made = plan(assessment, nothing_raised)

    left = {str(item.target.site) for item in made.left_out}
    assert left == {"brachioradialis:right", "infraspinatus:right"}
    assert "inflammation" in [item.kind for item in made.differential]


def test_without_a_root_there_is_no_paraspinal_site_and_it_says_so(assess, nothing_raised):
    band = finding("taut_band", "soleus", side="left", grade=2)
    muscles = [("soleus", "left"), ("multifidus_lumborum", "left", "L5")]
    sign = NextSign("taut_band", atlas().site("gracilis", "left"), 0.2, ())
    assessment = assess({}, muscles, findings=(band,), next_signs=(sign,))

    made = plan(assessment, nothing_raised)

    assert places(made) == ["soleus:left"]
    assert made.sites[0].to_dict()["roles"] == ["local"]
    assert made.sites[0].to_dict()["root"] is None
    assert "held short by local findings" in made.sites[0].why.lower()
    assert "no paraspinal site is proposed for a root" in made.statement
    assert made.roots == ()
    assert made.adjuncts
    assert made.to_dict()["next_signs"]


def test_without_root_or_short_muscle_adjuncts_turn_to_what_was_found(assess, nothing_raised):
    tender = finding("tender_motor_point", "soleus", side="left", grade=1)

    made = plan(assess({}, findings=(tender,)), nothing_raised)

    assert made.sites == ()
    assert made.adjuncts
    assert made.home_programme


def test_without_any_finding_nothing_is_proposed(assess, nothing_raised) -> None:
    made = plan(assess({}), nothing_raised)

    assert (made.sites, made.adjuncts, made.home_programme) == ((), (), ())


def test_each_site_names_the_tendon_and_joint_it_loads(c6_right, nothing_raised) -> None:
    site = atlas().site("brachioradialis", "right")
    own = LoadedStructure(site, "tendon of the case", "radius", ("elbow",), "elbow loaded")
    assessment = dataclasses.replace(c6_right, structures=(own,))

    made = {str(item.site): item for item in plan(assessment, nothing_raised).sites}

    assert made["brachioradialis:right"].tendon == "tendon of the case"
    assert made["infraspinatus:right"].tendon
    assert made["infraspinatus:right"].joint_ids == ("shoulder",)


def test_the_differential_names_what_else_fits(assess, nothing_raised) -> None:
    against = finding("reflex", "triceps_reflex", side="right", value=2, unit="reflex")
    assessment = assess(
        {"C6-right": 0.8, "C7-right": 0.15},
        [("biceps_brachii", "right")],
        other=(
            OtherExplanation("nerve_lesion", "radial_nerve", "right", 0.2),
            OtherExplanation("local_cause", "brachioradialis:right", "right", 0.1),
            OtherExplanation("nerve_lesion", "ulnar_nerve", "right", 0.01),
        ),
        contradictions=(Contradiction(ROOTS[11], against, -1.0),),
    )

    found = plan(assessment, nothing_raised).differential

    kinds = [item.kind for item in found]
    assert kinds[:3] == ["root", "nerve_lesion", "local_cause"]
    assert kinds.count("nerve_lesion") == 1
    assert {"no_root", "something_else", "contradiction", "label"} <= set(kinds)
    assert all("unproven" in item.words for item in found if item.kind == "label")


def test_a_ramus_that_was_not_looked_at_is_a_missing_input(c6_right, nothing_raised) -> None:
    rami = {ROOTS[11]: RamusSupport("supported", "not_looked_at")}

    made = plan(dataclasses.replace(c6_right, rami=rami), nothing_raised)

    words = [item.words for item in made.missing_inputs]
    assert any("back ramus of C6 right was not looked at" in item for item in words)
    assert not any("front ramus" in item for item in words)


def test_a_root_without_a_level_says_so(assess, nothing_raised) -> None:
    made = plan(assess({"S5-left": 0.9}), nothing_raised)

    assert made.sites == ()
    assert any("No spinal level is felt for S5 left" in item.words for item in made.missing_inputs)


def lines(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every dictionary of a plan that stands for a line: an entry of one of its lists."""
    for key in (
        "roots",
        "sites",
        "left_out",
        "session_warnings",
        "adjuncts",
        "adjuncts_held",
        "home_programme",
        "stop_rules",
        "refer_rules",
        "review_rules",
        "discharge_rules",
        "aftercare_rules",
        "differential",
        "next_signs",
        "missing_inputs",
    ):
        for at, entry in enumerate(value[key]):
            yield f"{path}{key}[{at}]", entry
    for key, entry in value["dose"].items():
        yield f"{path}dose.{key}", entry


def test_every_line_says_what_it_rests_on_with_a_source(assess, nothing_raised) -> None:
    muscles = [("brachioradialis", "right"), ("psoas_major", "left"), ("tibialis_anterior", "left")]
    sign = NextSign("reflex", atlas().site("triceps_reflex", "right"), 0.3, ROOTS[10:12])
    local = OtherExplanation("local_cause", "brachioradialis", "right", 0.2)
    assessment = assess(
        {"C6-right": 0.8, "L4-left": 0.7, "T4-left": 0.2},
        muscles,
        next_signs=(sign,),
        other=(local,),
    )
    made = plan(assessment, nothing_raised).to_dict()

    found = dict(lines(made))

    assert len(found) > 40
    for path, entry in found.items():
        assert entry["rests_on"], path
        assert any(basis["sources"] for basis in entry["rests_on"]), path
    for row in made["adjuncts"] + made["home_programme"]:
        assert row["sources"]
        assert row["dose"]
    for entry in made["sites"]:
        assert entry["hazards"]
        assert entry["depths"]["statement"]
        assert entry["tendon"]
        assert entry["dose"]["rules"][0]["sources"]


def test_it_is_plain_values_with_the_promised_keys(c6_right, nothing_raised) -> None:
    made = plan(c6_right, nothing_raised).to_dict()

    assert json.loads(json.dumps(made)) == made
    assert list(made) == [
        "statement",
        "screening",
        "concern",
        "missing",
        "roots",
        "sites",
        "left_out",
        "session_warnings",
        "dose",
        "visits",
        "adjuncts",
        "adjuncts_held",
        "home_programme",
        "stop_rules",
        "refer_rules",
        "review_rules",
        "discharge_rules",
        "aftercare_rules",
        "differential",
        "next_signs",
        "missing_inputs",
        "versions",
    ]
    assert made["dose"]["interval"]["range"] == [3, 14]
    assert made["dose"]["first_review"]["value"] == 3


def test_equal_input_gives_an_equal_plan(c6_right, nothing_raised) -> None:
    assert plan(c6_right, nothing_raised) == plan(c6_right, nothing_raised)


def test_it_proposes_and_never_tells_a_clinician_what_to_do(c6_right) -> None:
    yes = screen(answered(ScreenAnswer("pregnancy", "yes"), ScreenAnswer("anticoagulant", "yes")))

    words = json.dumps(plan(c6_right, yes).to_dict()).lower()

    for avoided in ("you should", "must be", "we recommend", "cures", "proven to", "risk-free"):
        assert avoided not in words
