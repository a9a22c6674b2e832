"""Ours solves the problem that the peers solve."""

import sys
from pathlib import Path

import numpy as np
import page
import peers
import problem
import pytest
from accuracy import accuracies, near_share
from peers import Command
from results import LOOP, read
from rounds import Contestant, compete
from turns import Work

from myotome.physiology import motoneuron

MOMENT = Path(peers.__file__).parent
SAME_NUMBERS = {
    "soma_capacitance": "soma_capacitance",
    "dendrite_capacitance": "dendrite_capacitance",
    "soma_leak": "soma_leak",
    "dendrite_leak": "dendrite_leak",
    "coupling": "coupling",
    "sodium": "sodium",
    "fast_potassium": "fast_potassium",
    "slow_potassium": "slow_potassium",
    "calcium": "persistent",
    "threshold": "threshold",
    "slow_shuts": "slow_potassium_fall",
}


@pytest.mark.parametrize("name", SAME_NUMBERS)
def test_our_reference_pool_has_the_cells_of_the_problem(name):
    ours = getattr(motoneuron.reference_pool(), SAME_NUMBERS[name])

    np.testing.assert_allclose(ours, getattr(problem.pool(), name), rtol=1e-12)


def test_our_membrane_is_that_of_the_problem():
    membrane = motoneuron.reference_pool().membrane

    assert (membrane.sodium_reversal, membrane.potassium_reversal) == (
        problem.SODIUM,
        problem.POTASSIUM,
    )
    assert membrane.persistent_reversal == problem.CALCIUM
    assert membrane.excitation_decay == problem.EVENT_DECAY
    assert (membrane.pulse, membrane.refractory) == (problem.PULSE, problem.REFRACTORY)
    assert membrane.persistent_slope == problem.INWARD_SLOPE


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_one_pool_gives_the_spikes_of_the_problem(precision, tmp_path):
    work = Work("Myotome", precision, 1, 1, problem.DURATION, problem.STEP)
    command = Command(Path(sys.executable), MOMENT / "our_pool.py", tmp_path)

    with Contestant(work, command, tmp_path / "complaints.log") as ours:
        timings, failed = compete(
            [ours], rounds=1, turn_s=0, after_round=lambda: None, say=lambda _: None
        )

    assert failed == {}
    assert timings[0].spikes == problem.SPIKES


def test_a_spike_is_near_when_it_has_a_partner_within_a_millisecond():
    reference = np.array([10.0, 20.0, 30.0, 40.0])
    spikes = np.array([10.9, 19.2, 28.9, 55.0])

    assert near_share(reference, spikes) == pytest.approx(2 / 4)
    assert near_share(reference, reference) == 1.0
    assert near_share(reference, np.array([])) == 0.0


def test_a_shorter_step_of_one_scheme_is_more_accurate():
    found = {(item.scheme, item.step_ms): item for item in accuracies(seeds=8, duration_ms=100.0)}

    near = {key: item.within_a_millisecond for key, item in found.items()}
    assert near["crank_nicolson", 0.2] < near["crank_nicolson", 0.05] <= 1.0
    assert near["backward_euler", 0.1] < near["backward_euler", 0.05]
    assert near["backward_euler", 0.1] < near["crank_nicolson", 0.1]


@pytest.mark.parametrize(
    "stored",
    [timing for timing in read(page.STORED).loops if timing.work.program == LOOP],
    ids=lambda timing: f"{timing.work.scheme}-{timing.work.precision}-{timing.work.pools}",
)
def test_the_stored_loop_is_that_of_this_code(stored, tmp_path):
    """Whoever changes what the loop does has to measure it anew: `compare.py --store`."""
    command = Command(Path(sys.executable), MOMENT / "our_loop.py", tmp_path)

    with Contestant(stored.work, command, tmp_path / "complaints.log") as ours:
        timings, _ = compete(
            [ours], rounds=1, turn_s=0, after_round=lambda: None, say=lambda _: None
        )

    assert timings[0].spikes == stored.spikes
