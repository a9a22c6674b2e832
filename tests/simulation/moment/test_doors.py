"""Every door of a moment refuses what cannot be, in a sentence that names it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from myotome.errors import InputError, UnknownName
from myotome.physiology.backend import kernels
from myotome.simulation.moment import (
    Insertion,
    Needling,
    Ramp,
    Structures,
    Train,
    healthy,
    hold,
    of_course,
    of_muscle,
    run,
    standard,
)

NAN = float("nan")
NEEDLE = Insertion(depth_mm=20)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"seconds": 0}, "seconds must lie between 0.001 and 36000 (s), got 0."),
        ({"seconds": -1}, "seconds must lie between 0.001 and 36000 (s), got -1."),
        ({"seconds": NAN}, "seconds must lie between 0.001 and 36000 (s), got nan."),
        ({"seconds": 1e9}, "seconds must lie between 0.001 and 36000 (s), got 1000000000.0."),
        ({"seconds": "5"}, "seconds must lie between 0.001 and 36000 (s), got '5'."),
        ({"seed": -1}, "seed must be a whole number between 0 and 4294967295, got -1."),
        ({"seed": 2**32}, "seed must be a whole number between 0 and 4294967295, got 4294967296."),
        ({"seed": 1.5}, "seed must be a whole number between 0 and 4294967295, got 1.5."),
        ({"seed": None}, "seed must be a whole number between 0 and 4294967295, got None."),
        ({"seed": [1, 2]}, "seed must be one number, or one for each of 1 people, got 2."),
        ({"seed": []}, "seed must be one number, or one for each of 1 people, got 0."),
        ({"threads": 0}, "threads must be a whole number between 1 and 1024, got 0."),
        ({"limit_bytes": -1}, "limit_bytes must be a whole number between 0 and"),
        ({"precision": "float16"}, "precision must be float32 or float64, got 'float16'."),
        ({"scheme": "euler"}, "scheme must be crank_nicolson or backward_euler, got 'euler'."),
        ({"engine": "gpu"}, "engine must be compiled or numpy, got 'gpu'."),
        ({"step_ms": 0}, "step_ms must lie between 0.001 and 1 (ms, a whole part of 1 ms), got 0."),
        ({"step_ms": 0.3}, "step_ms must be a whole part of 1 ms, 0.001 or more, got 0.3."),
        ({"step_ms": NAN}, "step_ms must lie between"),
        ({"record": ["force"]}, "record must name channels (discharge_rate, activation,"),
        ({"record": "emg"}, "record must be a sequence of names and probes, such as ('emg',)"),
        ({"record": [None]}, "got None."),
        ({"stimuli": ["shock"]}, "stimuli must be Ramp, Train, Needling or the like, got 'shock'."),
        (
            {"stimuli": [hold("current", 1, 2, 3)]},
            "begin must lie within the run (1 s), got 2; run longer or begin earlier.",
        ),
        (
            {"stimuli": [Train("shock", 1, 1, 1, 3)]},
            "begin must lie within the run (1 s), got 1; run longer or begin earlier.",
        ),
        (
            {"stimuli": [hold("current", 1, 0, 1, column=1)]},
            "column must be a whole number between 0 and 0, got 1.",
        ),
        (
            {"stimuli": [hold("current", 1, 0, 1, person=1)]},
            "person must be a whole number between 0 and 0, got 1.",
        ),
        (
            {"stimuli": [hold("voluntary", 0.6, 0, 1), Ramp("voluntary", 0, 1, 0.5, 0.6)]},
            "voluntary of all stimuli together must lie between 0 and 1 (1), got 1.005 at 0.54 s.",
        ),
        (
            {"stimuli": [hold("angle", 1.5, 0, 1)]},
            "start of angle must lie between -1.2 and 1.2 (rad, the joint's stops), got 1.5.",
        ),
        (
            {"stimuli": [Needling(NEEDLE, muscle=1)]},
            "muscle of a needling must be a whole number between 0 and 0, got 1.",
        ),
        (
            {"stimuli": [Needling(NEEDLE, person=3)]},
            "person of a needling must be a whole number between 0 and 0, got 3.",
        ),
        (
            {"stimuli": [Needling(replace(NEEDLE, start_ms=1000))]},
            "start_ms of a needling must lie within the run (1000 ms), got 1000;",
        ),
        (
            {"frozen": healthy(2, 1, 1)},
            "silent_receptors must have one value per person and muscle, shape (1, 1), got (2, 1).",
        ),
        (
            {"frozen": healthy(1, 1, 2)},
            "nociceptor_rate must have one value per person and root, shape (1, 1), got (1, 2).",
        ),
        (
            {"structures": Structures().with_values(membrane={"refractory": 0.2})},
            "refractory must be 1 ms or more, got 0.2",
        ),
        (
            {"structures": Structures().with_values(segment={"compressive_stiffness": 0.0})},
            "compressive_stiffness must be positive (N/mm), got 0.0.",
        ),
        (
            {"structures": Structures().with_values(conduction={"motor_velocity": 0.0})},
            "motor_velocity must be positive, got 0.0.",
        ),
        (
            {"structures": Structures().with_values(membrane={"excitation_decay": 0.0})},
            "not above 0: membrane.excitation_decay (declared 0.4 to 0.4 ms, got 0).",
        ),
        (
            {"structures": Structures().with_values(conduction={"primary_velocity": 0.001})},
            "conduction: must bring an impulse to its end within 4000 ms, got ",
        ),
    ],
)
def test_a_run_refuses(asked, sentence):
    with pytest.raises(InputError) as refused:
        run(standard(), asked.pop("stimuli", ()), **{"seconds": 1, **asked})

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Ramp("force", 0, 1, 0, 1), "quantity must be one of voluntary, current,"),
        (lambda: Ramp("voluntary", 0, 1.5, 0, 1), "end of voluntary must lie between 0 and 1 (1)"),
        (lambda: Ramp("voluntary", NAN, 1, 0, 1), "start of voluntary must lie between 0 and 1"),
        (lambda: Ramp("torque", "0", 1, 0, 1), "start of torque must lie between -100 and 100"),
        (lambda: hold("current", 201, 0, 1), "start of current must lie between -200 and 200 (nA)"),
        (lambda: hold("angle", math.inf, 0, 1), "start of angle must lie between -3.141592654"),
        (lambda: hold("shock", 1, -1, 1), "begin must lie between 0 and 1000000 (s), got -1."),
        (lambda: hold("shock", 1, NAN, 1), "begin must lie between 0 and 1000000 (s), got nan."),
        (lambda: hold("shock", 1, 1, 1), "stop must come after begin (1 s), got 1."),
        (lambda: hold("shock", 1, 0, math.inf), "stop must lie between 0 and 1000000 (s), got inf"),
        (lambda: hold("shock", 1, 0, 1, column=-1), "column must be a whole number between 0"),
        (lambda: hold("shock", 1, 0, 1, column="soleus"), "column must be a whole number between"),
        (lambda: hold("shock", 1, 0, 1, person=0.5), "person must be a whole number between"),
        (lambda: Train("shock", 6, 10, 0, 1), "size of shock must lie between 0 and 5 (1), got 6."),
        (lambda: Train("shock", 1, 0, 0, 1), "frequency_hz must lie between 0.001 and 500 (Hz)"),
        (lambda: Train("shock", 1, 501, 0, 1), "frequency_hz must lie between 0.001 and 500 (Hz)"),
        (
            lambda: Train("shock", 1, 300, 0, 1, width_ms=4),
            "width_ms must be a whole number between 1 and 3, got 4.",
        ),
        (lambda: Train("shock", 1, 10, 0, 1, width_ms=1.5), "width_ms must be a whole number"),
        (lambda: Needling(None), "insertion must be an Insertion, got None."),
        (lambda: Needling(NEEDLE, muscle=-1), "muscle of a needling must be a whole number"),
        (lambda: Needling(NEEDLE, muscle="soleus"), "muscle of a needling must be a whole number"),
        (lambda: Insertion(depth_mm=NAN), "depth_mm must be 0 to 100 (mm; needles are 15 to 75"),
        (lambda: Insertion(depth_mm="20"), "depth_mm must be 0 to 100 (mm; needles are 15 to 75"),
        (lambda: Insertion(20, current_ma=1), "pulse_width_ms must be above 0 where there is"),
        (lambda: standard(people=0), "people must be a whole number between 1 and 1000000, got 0."),
        (lambda: standard(people=1.5), "people must be a whole number between 1 and 1000000"),
        (lambda: standard(units=2), "units must be a whole number between 3 and 2000, got 2."),
        (lambda: standard(units=5000), "units must be a whole number between 3 and 2000"),
        (
            lambda: replace(standard(), path=np.array([NAN])),
            "path must hold finite numbers of shape (1,), got array([nan]).",
        ),
        (
            lambda: replace(standard(), moment_arm=np.ones(3)),
            "moment_arm must hold finite numbers of shape (1,), got array([1., 1., 1.]).",
        ),
        (
            lambda: replace(standard(), reach=np.ones(1)),
            "reach must hold finite numbers of shape (1, 1), got array([1.]).",
        ),
        (
            lambda: replace(standard(), joint_of=np.array([1])),
            "an index of joint_of must be a whole number between 0 and 0, got",
        ),
        (
            lambda: replace(standard(antagonist=True), opposed=np.array([[0.0, 0.5], [1.0, 0.0]])),
            "opposed must hold shares from 0 to 1 whose rows sum to 1 or to 0, got",
        ),
        (
            lambda: replace(standard(antagonist=True), opposed=np.array([[-1.0, 2.0], [1.0, 0.0]])),
            "opposed must hold shares from 0 to 1 whose rows sum to 1 or to 0, got",
        ),
        (lambda: replace(standard(), muscles=()), "muscles must name at least one, got none."),
        (lambda: healthy(0, 1, 1), "people must be a whole number between 1 and 1000000, got 0."),
        (
            lambda: healthy(1, 1, 1).with_values(strength=0),
            "strength must lie between 0.05 and 3 (1), got 0.",
        ),
        (
            lambda: healthy(1, 1, 1).with_values(strength=NAN),
            "strength must lie between 0.05 and 3 (1), got nan.",
        ),
        (
            lambda: healthy(1, 1, 1).with_values(strength="weak"),
            "strength must be a number or an array of numbers, got 'weak'.",
        ),
        (
            lambda: healthy(2, 1, 1).with_values(strength=[1, 1, 1]),
            "strength must be one number, or fit the shape (2, 1) of people and muscles, got (3,).",
        ),
        (
            lambda: healthy(1, 1, 1).with_values(power=1),
            "a slow state must be one of silent_receptors, conducting_receptors,",
        ),
        (
            lambda: replace(healthy(1, 1, 1), strength=np.ones(1)),
            "strength must be of shape (people, muscles), got (1,).",
        ),
        (
            lambda: healthy(2, 1, 1).of_person(2),
            "person must be a whole number between 0 and 1, got 2.",
        ),
        (
            lambda: Structures().with_values(wiring={"pain_events": NAN}),
            "pain_events must be one finite number (1/ms), declared 0.2 to 1.8, got nan.",
        ),
        (
            lambda: Structures().with_values(wiring={"pain_events": np.ones(2)}),
            "pain_events must be one finite number (1/ms), declared 0.2 to 1.8, got array(",
        ),
        (lambda: Structures().drawn(-1), "seed must be a whole number between 0 and"),
    ],
)
def test_a_part_refuses(make, sentence):
    with pytest.raises(InputError) as refused:
        make()

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: of_muscle("solaeus"), "No muscle 'solaeus'. Nearest: soleus"),
        (lambda: Structures().with_values(wirring={}), "No structure 'wirring'. Nearest: wiring"),
        (
            lambda: Structures().with_values(wiring={"pain_event": 1}),
            "No parameter of wiring 'pain_event'. Nearest: pain_events",
        ),
    ],
)
def test_a_name_that_is_wrong_gets_the_nearest(make, sentence):
    with pytest.raises(UnknownName) as refused:
        make()

    assert sentence in str(refused.value)


def test_a_body_that_tears_at_rest_is_refused():
    p = of_muscle("multifidus_lumborum", antagonist=False)
    short = healthy(1, 1, len(p.roots)).with_values(serial_sarcomeres=0.4, contracture=4)

    with pytest.raises(InputError, match="leave each muscle long enough for its joint: multifidus"):
        run(p, seconds=0.1, frozen=short)


def test_a_course_without_muscles_is_no_preparation():
    class Empty:
        muscles = ()

    with pytest.raises(InputError, match="preparation must hold at least one muscle, got none"):
        of_course(Empty())


def test_a_structure_made_by_hand_is_checked_too():
    wiring = replace(Structures().wiring, primary_fibres=math.inf)

    with pytest.raises(InputError, match=r"primary_fibres must be one finite number \(1\)"):
        run(standard(), seconds=0.1, structures=Structures(wiring=wiring))


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_a_state_that_is_lost_is_named_and_not_handed_on(engine):
    if engine == "compiled" and kernels() is None:
        pytest.skip("the compiled kernels are not there")
    absurd = Structures().with_values(membrane={"sodium_reversal": 1e300})

    with (
        np.errstate(all="ignore"),
        pytest.raises(InputError, match="structures and frozen must keep a moment within finite"),
    ):
        run(
            standard(), [hold("current", 100, 0, 0.05)], seconds=0.05, structures=absurd,
            engine=engine,
        )  # fmt: skip


def test_what_was_not_recorded_is_refused_by_name():
    found = run(standard(), seconds=0.01, record=("emg",))

    with pytest.raises(InputError, match=r"channel must be one that was recorded \(emg\), got"):
        found["torque"]


@pytest.mark.parametrize(
    ("begin", "stop", "sentence"),
    [
        (-1.0, None, "begin must lie between 0 and 0.05 "),
        (0.03, 0.02, "stop must come after begin "),
        (0.05, None, "stop must come after begin "),
    ],
)
def test_rates_need_a_span_within_the_run(begin, stop, sentence):
    found = run(standard(), seconds=0.05, record=())

    with pytest.raises(InputError) as refused:
        found.discharge_rates(begin, stop)

    assert sentence in str(refused.value)


def test_nothing_to_record_keeps_the_spikes():
    found = run(standard(), [hold("current", 20, 0, 1)], seconds=0.2, record=())

    assert found.seconds == 0.2
    assert len(found.spikes.unit) > 0
    assert set(found.dataset().data_vars) == {
        "spike_time", "spike_person", "spike_muscle", "spike_unit",
    }  # fmt: skip


def test_the_shortest_run_is_one_millisecond():
    assert run(standard(), seconds=0.001)["emg"].shape == (1, 1, 1)


def test_a_stimulus_may_outlast_the_run():
    for stimulus in (hold("voluntary", 0.5, 0, 1e6), Train("shock", 1.2, 500, 0, 1e6)):
        assert np.isfinite(run(standard(), [stimulus], seconds=0.02)["tendon_force"]).all()


@pytest.mark.parametrize(
    ("structure", "values", "sentence"),
    [
        ("motion", {"damping": -1.0}, "motion.damping: damping must be 0 or more"),
        ("composition", {"slow": 1.7}, "slow must be a share from 0 to 1 (share of slow cells)"),
        ("renshaw", {"half_drive": -1.0}, "declared 8 to 50 Hz, got -1."),
        ("needle", {"branch_spread": -1.0}, "branch_spread must be 0 or more"),
        ("wiring", {"voluntary_events": -5.0}, "voluntary_events must be 0 or more"),
        ("wiring", {"primary_fibres": -50.0}, "primary_fibres must be 0 or more"),
    ],
)
def test_a_number_that_cannot_be_what_it_stands_for_is_refused_by_name(structure, values, sentence):
    with pytest.raises(InputError) as refused:
        Structures().with_values(**{structure: values})

    assert sentence in str(refused.value)
