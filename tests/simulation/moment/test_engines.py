import importlib
from dataclasses import replace

import numpy as np
import pytest

from myotome.physiology.backend import kernels
from myotome.simulation.moment import CHANNELS, Needling, Ramp, Train, hold, run, standard

pytestmark = pytest.mark.usefixtures("kernels_are_there")
run_module = importlib.import_module("myotome.simulation.moment.run")


def run_of(scenario, seconds=0.15, **asked):
    return run(
        scenario.preparation, scenario.stimuli, seconds=seconds, frozen=scenario.frozen,
        record=scenario.record, **asked,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("precision", "scheme", "step_ms"),
    [
        ("float64", "crank_nicolson", 0.1),
        ("float32", "crank_nicolson", 0.1),
        ("float32", "backward_euler", 0.05),
    ],
)
def test_numpy_and_compiled_give_the_same_bits(rich, same, precision, scheme, step_ms):
    how = {"precision": precision, "scheme": scheme, "step_ms": step_ms, "spontaneous": True}

    reference = run_of(rich, engine="numpy", **how)
    compiled = run_of(rich, engine="compiled", **how)

    assert len(reference.spikes.unit) > 200
    assert reference["m_wave"].max() > 0.1
    assert reference["angle"].max() > reference["angle"].min()
    same(reference, compiled, rich.record)


def test_several_antagonists_give_the_same_bits_in_both(heads, same):
    p = heads(people=2)
    stimuli = [Ramp("voluntary", 0.1, 0.6, 0.0, 0.2), Train("shock", 1.4, 20, 0.08, 0.4, column=2)]
    how = {"seconds": 0.25, "record": tuple(CHANNELS)}

    reference, compiled = (
        run(p, stimuli, engine=engine, **how) for engine in ("numpy", "compiled")
    )

    assert set(reference.spikes.muscle) == {0, 1, 2}
    same(reference, compiled, tuple(CHANNELS))


def test_any_number_of_threads_gives_the_same_bits(many, same):
    alone = run_of(many)

    for threads in (2, 3):
        same(alone, run_of(many, threads=threads), many.record)


def test_a_person_gives_the_same_bits_alone_and_in_company(many):
    seeds = (7, 11, 2**32 - 1, 0, 23)

    together = run_of(many, seed=seeds, spontaneous=True)

    for person, seed in enumerate(seeds):
        alone = run(
            many.preparation.of_people(1), many.stimuli, seconds=0.15,
            frozen=many.frozen.of_person(person), record=many.record, seed=seed, spontaneous=True,
        )  # fmt: skip
        for name in many.record:
            np.testing.assert_array_equal(alone[name][:, 0], together[name][:, person], name)
        own = together.spikes.person == person
        np.testing.assert_array_equal(alone.spikes.millisecond, together.spikes.millisecond[own])
        np.testing.assert_array_equal(alone.spikes.unit, together.spikes.unit[own])


def test_one_seed_numbers_people_from_itself_on(many, same):
    same(run_of(many, seed=3), run_of(many, seed=(3, 4, 5, 6, 7)), many.record)


def test_muscles_and_people_share_no_noise():
    p = standard(people=2, antagonist=True)

    found = run(p, [hold("voluntary", 0.5, 0, 1)], seconds=0.3)

    trains = [
        found.spikes.train(0, muscle=muscle, person=person).tolist()
        for person in range(2)
        for muscle in range(2)
    ]
    assert len({tuple(train) for train in trains}) == 4


def test_every_instruction_set_gives_the_same_bits(rich, same):
    module = kernels()
    best = module.instruction_set()
    found = {}
    try:
        for name in module.instruction_sets():
            module.use(name)
            found[name] = run_of(rich)
    finally:
        module.use(best)

    assert found["baseline"].backend == "compiled, baseline"
    for other in found.values():
        same(found["baseline"], other, rich.record)


@pytest.mark.parametrize("engine", ["compiled", "numpy"])
def test_no_result_shows_how_a_run_is_cut(rich, same, monkeypatch, engine):
    whole = run_of(rich, seconds=0.1, spontaneous=True, engine=engine)
    monkeypatch.setattr(run_module, "_CHUNK_MS", 7)

    same(whole, run_of(rich, seconds=0.1, spontaneous=True, engine=engine), rich.record)


def test_what_is_recorded_changes_nothing(rich):
    whole, part = run_of(rich), run_of(rich._replace(record=("emg",)))

    np.testing.assert_array_equal(whole["emg"], part["emg"])


def test_single_precision_follows_double_in_the_closed_loop():
    p = standard(people=4, antagonist=True)
    stimuli = [hold("voluntary", 0.4, 0, 1, column=0)]

    single, double = (
        run(p, stimuli, seconds=1, precision=precision) for precision in ("float32", "float64")
    )

    counts = [len(found.spikes.unit) for found in (single, double)]
    assert counts[0] == pytest.approx(counts[1], rel=0.005)
    assert share_within(single.spikes, double.spikes, 1) > 0.95


def share_within(spikes, others, milliseconds):
    """Share of spikes with one of the same unit within some milliseconds among the others."""
    where = {
        (int(t), int(p), int(m), int(u))
        for t, p, m, u in zip(
            others.millisecond, others.person, others.muscle, others.unit, strict=True
        )
    }
    near = [
        any((int(t) + off, int(p), int(m), int(u)) in where
            for off in range(-milliseconds, milliseconds + 1))
        for t, p, m, u in zip(
            spikes.millisecond, spikes.person, spikes.muscle, spikes.unit, strict=True
        )
    ]  # fmt: skip
    return np.mean(near)


def rates_and_forces(scheme, steps_ms):
    """Mean discharge and force of a held muscle, of 16 people, at each step."""
    p = standard(people=16, antagonist=True)
    found = [
        run(
            p, [hold("voluntary", 0.4, 0, 2, column=0)], seconds=2, step_ms=step_ms,
            scheme=scheme, record=("discharge_rate", "tendon_force"),
        )
        for step_ms in steps_ms
    ]  # fmt: skip
    return (
        [one["discharge_rate"][500:, :, 0].mean() for one in found],
        [one["tendon_force"][500:, :, 0].mean() for one in found],
    )


def test_the_default_step_is_within_half_a_percent_of_a_quarter_of_it():
    # It is 0.33 % in rates and 0.44 % in force, where 0.5 % is allowed; noise, drawn step by step,
    # is 0.04 % of it for 16 people. Recurrent inhibition holds part of the error down: three times
    # as strong as it was measured, it left less than 0.3 %, which this test asked for before.
    for values in rates_and_forces("crank_nicolson", (0.1, 0.05, 0.025)):
        assert values == pytest.approx([values[-1]] * 3, rel=0.005)


def test_backward_euler_is_of_the_first_order_in_the_closed_loop():
    for at_1, at_2, at_4 in rates_and_forces("backward_euler", (0.1, 0.05, 0.025)):
        assert (at_1 - at_2) / (at_2 - at_4) == pytest.approx(2.0, abs=0.25)


def test_a_sham_needle_does_nothing_in_the_muscle(rich, same):
    sham = [
        replace(stimulus, insertion=replace(
            stimulus.insertion, depth_mm=0, current_ma=0, pulse_width_ms=0, frequency_hz=0,
            duration_s=0,
        )) if isinstance(stimulus, Needling) else stimulus
        for stimulus in rich.stimuli
    ]  # fmt: skip
    none = [stimulus for stimulus in rich.stimuli if not isinstance(stimulus, Needling)]

    same(run_of(rich._replace(stimuli=sham)), run_of(rich._replace(stimuli=none)), rich.record)
