"""The reduced loop is the one that its numbers describe, and closed."""

import math
import shutil

import numpy as np
import our_reduced_loop
import problem as p
import pytest
import reflex as r
from turns import Work

from myotome.physiology import motoneuron

pytestmark = pytest.mark.skipif(
    not any(map(shutil.which, ("c++", "g++", "clang++"))), reason="no C++ compiler"
)
MILLISECONDS = 300


def in_steps(milliseconds, synapse=r.SYNAPSE):
    """The loop in Python, a millisecond at a time, around the pool as a user calls it."""
    constants = motoneuron.reference_pool(p.MOTONEURONS)
    state = motoneuron.at_rest(constants, 1, np.float64)
    height, contraction = r.twitches()
    kick, twitch, left = np.zeros(p.MOTONEURONS), np.zeros(p.MOTONEURONS), np.exp(-1 / contraction)
    cycle, pace = r.endings()
    ring = [0] * (milliseconds + r.DELAY)
    length, spikes, forces, lengths = 1.0, 0, 0.0, 0.0
    for now in range(milliseconds):
        state, fired = motoneuron.advance(
            constants,
            state,
            motoneuron.PoolInput(
                excitation=ring[now] * synapse,
                shot_rate=p.EVENT_RATE,
                shot_weight=r.EVENT_WEIGHT,
                seed=p.SEED,
            ),
            steps=20,
            step_ms=p.STEP,
            scheme="backward_euler",
        )
        spikes += len(fired.unit)
        twitch = left * (twitch + kick / contraction)
        kick *= left
        kick[fired.unit] += height[fired.unit] * math.e
        active = max(1 - math.exp(-twitch.sum() / r.HALF_ACTIVE), r.LEAST_ACTIVE)
        whole = r.WHOLE + r.SWING * math.sin(2 * math.pi * now / r.SWING_PERIOD)
        for _ in range(round(1 / r.MUSCLE_STEP)):
            strain = (whole - length) / r.TENDON - 1
            force = max(r.TENDON_GAIN * (math.exp(r.TENDON_STEEPNESS * strain) - 1), 0)
            risen = math.exp(r.PASSIVE_STEEPNESS * (length - 1) / r.PASSIVE_STRAIN) - 1
            passive = max(risen / (math.exp(r.PASSIVE_STEEPNESS) - 1), 0)
            bell = math.exp(-(((length - 1) / r.WIDTH) ** 2))
            load = min(max((force - passive) / (active * bell), 0), r.LARGEST_FORCE)
            velocity = r.FASTEST * (math.sinh((load - r.D4) / r.D1) - r.D3) / r.D2
            length += r.MUSCLE_STEP * velocity
        rate = r.RESTING + r.OF_LENGTH * (length - r.SPINDLE_LENGTH)
        rate = max(rate + r.OF_VELOCITY * math.sqrt(max(1000 * velocity, 0)), 0)
        cycle = cycle + 0.001 * rate * pace
        ring[now + r.DELAY] = int((cycle >= 1).sum())
        cycle = np.where(cycle >= 1, cycle - 1, cycle)
        forces, lengths = forces + force, lengths + length
    return spikes, forces / milliseconds, lengths / milliseconds, sum(ring)


def compiled(precision, milliseconds=MILLISECONDS):
    work = Work("", precision, 1, 1, float(milliseconds), p.STEP)
    return our_reduced_loop.prepared(work)().tolist()


def test_the_compiled_loop_is_the_one_in_python():
    spikes, force, length, impulses = compiled("float64")
    expected = in_steps(MILLISECONDS)

    assert (spikes, impulses) == (expected[0], expected[3])
    assert (force, length) == pytest.approx(expected[1:3], abs=1e-9)
    assert spikes > 200
    assert impulses > 200


def test_what_comes_back_from_the_endings_makes_a_third_more_spikes():
    assert in_steps(MILLISECONDS)[0] > 1.3 * in_steps(MILLISECONDS, synapse=0.0)[0]


def test_both_precisions_run_the_same_loop():
    single, double = compiled("float32", 2000), compiled("float64", 2000)

    assert single == pytest.approx(double, rel=0.005)
