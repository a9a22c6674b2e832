"""A case put together for a moment: joints, antagonists, arms, slow state, and a needle."""

from pathlib import Path

import numpy as np
import pytest

from myotome.case import read_case
from myotome.errors import InputError, UnknownName
from myotome.physiology.backend import kernels
from myotome.physiology.needle import Insertion
from myotome.report.moment_text import moment_json, print_moment
from myotome.simulation.case_moment import case_moment, muscle_named, needled
from myotome.simulation.moment.architecture import arm_of, main_movement, opposite_of

EXAMPLES = Path(__file__).parents[2] / "examples"
ELBOW = EXAMPLES / "gunn-milbrandt-tennis-elbow.toml"
CASES = sorted(EXAMPLES.glob("*.toml"))


@pytest.fixture(scope="module")
def elbow():
    return case_moment(read_case(ELBOW), units=40)


@pytest.fixture(scope="module")
def found(elbow):
    if kernels() is None:
        pytest.skip("the compiled kernels are not there")
    return needled(elbow, muscle_named(elbow, "extensor_carpi_radialis_brevis"), seconds=16.0)


def test_muscles_that_turn_one_joint_share_it(elbow):
    p = elbow.preparation
    names = [site.name for site in elbow.muscles]
    wrist = p.joints.index("right wrist, sagittal plane")

    at_wrist = {
        name: p.turns[index]
        for index, name in enumerate(names)
        if p.joint_of[index] == wrist
    }  # fmt: skip

    assert at_wrist == {
        "extensor_carpi_radialis_brevis": 1.0,
        "extensor_carpi_radialis_longus": 1.0,
        "flexor_carpi_radialis": -1.0,
    }
    flexor, brevis, longus = (
        names.index(name)
        for name in (
            "flexor_carpi_radialis",
            "extensor_carpi_radialis_brevis",
            "extensor_carpi_radialis_longus",
        )
    )
    assert p.antagonist[brevis] == p.antagonist[longus] == flexor
    assert p.antagonist[flexor] == brevis  # the stronger of the two
    pull = p.maximum_isometric_force * p.moment_arm
    both = pull[brevis] + pull[longus]
    assert p.opposed[brevis, flexor] == p.opposed[longus, flexor] == 1.0
    assert p.opposed[flexor, brevis] == pytest.approx(pull[brevis] / both)
    assert p.opposed[flexor, longus] == pytest.approx(pull[longus] / both)
    np.testing.assert_array_equal(np.count_nonzero(p.opposed[flexor]), 2)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_case_has_joints_antagonists_and_a_state_within_range(path):
    who = case_moment(read_case(path), units=12)

    p = who.preparation
    assert len(who.muscles) == len(p.muscles) == len(set(who.muscles))
    for index, site in enumerate(who.muscles):
        joint = p.joints[p.joint_of[index]]
        if site.kind == "paraspinal":
            assert p.segments[p.joint_of[index]] == 1.0
            assert joint == f"{site.level} segment"
            continue
        assert p.segments[p.joint_of[index]] == 0.0
        assert site.side in joint
        assert p.moment_arm[index] == arm_of(main_movement(site.name)).length
        other = p.antagonist[index]
        if other < 0:
            # Neither the case nor the atlas has one; the person is told so.
            assert any(p.muscles[index] in sentence for sentence in who.said), joint
            continue
        assert p.joint_of[other] == p.joint_of[index]
        assert p.turns[other] == -p.turns[index]
        assert main_movement(who.muscles[other].name) == opposite_of(main_movement(site.name))
    # What a foramen loses to the paraspinals of a root is shared among them.
    np.testing.assert_allclose(p.squeezes.sum(axis=1), 1.0)
    for arm in np.unique(p.moment_arm):
        assert 0.004 <= arm <= 0.06


def test_arms_follow_the_movement_and_say_what_they_rest_on():
    plantar, toes, hip = (
        arm_of(name) for name in ("ankle_plantarflexion", "toes_mtp_flexion", "hip_flexion")
    )

    assert (plantar.length, plantar.tag, plantar.source_ids) == (0.0515, "C", "manal2013")
    assert (toes.length, toes.tag, toes.source_ids) == (0.010, "D", "project_definition")
    assert (hip.length, hip.tag, hip.source_ids) == (0.03, "D", "project_definition")
    for arm in (plantar, toes, hip):
        assert arm.low < arm.length < arm.high


def test_the_history_of_the_case_is_in_the_slow_state(elbow):
    names = [site.name for site in elbow.muscles]
    well = elbow.healthy()

    sick = elbow.frozen
    cord = [str(root) for root in elbow.preparation.roots].index("C7-right")
    brevis = names.index("extensor_carpi_radialis_brevis")
    # C8 and T1 supply it, which this person's trouble leaves alone.
    far = names.index("flexor_digiti_minimi_manus")

    assert sick.nociceptor_rate[0, cord] > 0.1 > well.nociceptor_rate[0, cord]
    assert sick.sensitisation[0, cord] > 0.2
    assert sick.serial_sarcomeres[0, brevis] < 0.97
    assert sick.silent_share[0, brevis] > 0.2
    assert sick.serial_sarcomeres[0, far] == pytest.approx(1.0, abs=0.01)
    assert sick.silent_share[0, far] == 0.0


def test_a_needle_leaves_nothing_behind_in_health_and_a_spasm_in_the_case(found):
    rest, needle, end = found.discharge[:, :, found.muscle]

    assert rest[0] == needle[0] == 0.0
    assert end[0] < 0.05
    assert end[1] > rest[1] > 1.0
    # The current itself lifts force in both, while it flows.
    force = found.force[:, :, found.muscle]
    assert (force[1] > force[0] + 0.02).all()
    assert force[2, 0] == pytest.approx(force[0, 0], abs=0.005)


def test_the_paraspinals_of_the_case_leave_its_roots_less_room(found):
    assert (found.foramen[-1, 1] < found.foramen[-1, 0]).all()


def test_the_wrist_is_pulled_both_ways_in_the_case(found, elbow):
    names = [site.name for site in elbow.muscles]
    both = [
        names.index(name)
        for name in ("extensor_carpi_radialis_brevis", "flexor_carpi_radialis")
    ]  # fmt: skip

    assert (found.force[-1, 1, both] > found.force[-1, 0, both] + 0.01).all()


def test_what_is_printed_says_each_muscle_and_what_was_assumed(found, elbow, capsys):
    print_moment(found)

    said = " ".join(capsys.readouterr().out.split())
    assert "A needle in Extensor carpi radialis brevis, right, 4 to 6 s of 16 s." in said
    assert "These moment arms are assumed:" in said
    assert "no forecast for this person" in said
    facts = moment_json(found)
    assert [row["name"] for row in facts["muscles"]] == list(elbow.preparation.muscles)
    assert len(facts["muscles"][0]["discharge_hz"]["in_health"]) == 3
    assert [row["name"] for row in facts["roots"]] == ["C7-right", "C6-right"]


def test_without_antagonists_there_are_the_muscles_of_the_course():
    alone = case_moment(read_case(ELBOW), units=12, antagonists=False)

    assert len(alone.muscles) == 6
    assert "triceps_brachii" not in [site.name for site in alone.muscles]


def test_a_muscle_that_is_not_there_is_refused(elbow):
    with pytest.raises(UnknownName, match="It holds multifidus_cervicalis, ext"):
        muscle_named(elbow, "soleus")


@pytest.mark.parametrize(
    ("start_ms", "seconds", "sentence"),
    [
        (1000.0, 20.0, "start_ms of the insertion must be 3000 or more, so that rest is seen"),
        (9000.0, 10.0, "seconds must be 13 or more, so that 4 are left after the needle, got 10."),
        (9000.0, float("nan"), "seconds must be 13 or more"),
    ],
)
def test_a_needle_needs_time_before_and_after_it(elbow, start_ms, seconds, sentence):
    insertion = Insertion(depth_mm=20.0, start_ms=start_ms)

    with pytest.raises(InputError, match=sentence):
        needled(elbow, insertion=insertion, seconds=seconds)
