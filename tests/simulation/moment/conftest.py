from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from myotome.physiology.backend import backend
from myotome.simulation.moment import (
    CHANNELS,
    Frozen,
    Insertion,
    MomentPreparation,
    Needling,
    Ramp,
    Train,
    healthy,
    of_muscle,
    standard,
)


class Scenario(NamedTuple):
    """People of whom the second is ill, and everything that can be done to them."""

    preparation: MomentPreparation
    frozen: Frozen
    stimuli: list
    record: tuple


def scenario(people=2):
    preparation = of_muscle("soleus", people=people)
    roots = len(preparation.roots)
    ill = np.arange(people) % 2
    frozen = healthy(people, 2, roots).with_values(
        sensitisation=np.repeat(0.6 * ill[:, None], roots, axis=1),
        nociceptor_rate=np.repeat(0.5 * ill[:, None], roots, axis=1),
        touch_rate=np.repeat(2.0 * ill[:, None], roots, axis=1),
        silent_share=0.1,
        silent_receptors=120.0,
    )
    needle = Insertion(
        depth_mm=20, pecks=2, peck_interval_ms=40, start_ms=30,
        current_ma=2, pulse_width_ms=0.2, frequency_hz=50, duration_s=0.1,
    )  # fmt: skip
    stimuli = [
        Ramp("voluntary", 0.2, 0.8, 0.0, 0.2, column=0),
        Train("shock", 1.4, 20, 0.08, 0.4, column=0),
        Ramp("torque", 0.0, 5.0, 0.05, 0.3),
        Needling(needle),
    ]
    return Scenario(preparation, frozen, stimuli, tuple(CHANNELS))


def assert_same(first, second, record):
    """Every channel and every spike, to the bit."""
    for name in record:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name, strict=True)
    for name in ("millisecond", "person", "muscle", "unit"):
        np.testing.assert_array_equal(getattr(first.spikes, name), getattr(second.spikes, name))


@pytest.fixture
def rich():
    return scenario()


@pytest.fixture
def many():
    return scenario(people=5)


def cut_into_heads(people=1, shares=(0.25, 0.75), units=120):
    """One muscle of a hinge, and what pulls against it in heads of some shares of its force."""
    whole = standard(people=people, units=units, antagonist=True)
    heads = [0, *[1] * len(shares)]
    each = {
        name: getattr(whole, name)[heads]
        for name in (
            "joint_of", "turns", "moment_arm", "path", "optimal_fibre_length", "pennation",
            "tendon_slack_length", "neutral_length", "slow_share", "distal",
        )
    }  # fmt: skip
    opposed = np.zeros((len(heads), len(heads)))
    opposed[0, 1:], opposed[1:, 0] = shares, 1.0
    return replace(
        whole, muscles=tuple(f"head {index}" for index in range(len(heads))), opposed=opposed,
        reach=np.ones((1, len(heads))), squeezes=np.zeros((1, len(heads))),
        maximum_isometric_force=whole.maximum_isometric_force[heads] * np.array([1.0, *shares]),
        **each,
    )  # fmt: skip


@pytest.fixture
def heads():
    return cut_into_heads


@pytest.fixture
def same():
    return assert_same


@pytest.fixture
def kernels_are_there():
    if backend() == "numpy":
        pytest.skip("the compiled kernels are not there")
