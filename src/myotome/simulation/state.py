"""State: everything slow that a person carries from one day to the next.

Arrays have a leading axis for arms and draws together, then muscles or roots; states of the
person have one column. Silent and conducting motor units carry receptors of their own, on a
first axis of length two. `fast` is no slow state: it is where the quick loop of tone, force and
irritation last came to rest, from which the next evaluation starts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import receptors, soreness, strength, threshold
from myotome.simulation.mechanism import Mechanism

Array = NDArray[np.float64]

SILENT, CONDUCTING = 0, 1
HABITUAL_RATE = 1.0  # Hz: mean discharge of a muscle fibre in ordinary use


@dataclass(slots=True)
class Fast:
    """Where the quick loop rests: shape (runs, muscles); `sustained` (2, runs, muscles)."""

    discharge: Array
    sustained: NDArray[np.bool_]
    angle: Array
    force: Array
    strain: Array
    joint_stress: Array


@dataclass(slots=True)
class State:
    """The slow state of all runs."""

    receptors: receptors.ReceptorState
    threshold: threshold.ThresholdState
    homeostasis: Array
    sarcomeres: Array
    contracture: Array
    strength: strength.StrengthState
    tendon_damage: Array
    cartilage_wear: Array
    soreness: soreness.SorenessState
    ischaemia: Array
    sensitisation: Array
    disc_height: Array
    cause: Array
    flare: Array
    opened: Array
    afferent: Array
    tolerance: Array
    context: Array
    control: Array
    fast: Fast


def healthy(mechanism: Mechanism, runs: int, muscles: int, roots: int) -> State:
    """A person without any cause, in ordinary use."""
    ones = np.ones((runs, muscles))
    zeros = np.zeros((runs, muscles))
    of_roots = np.zeros((runs, roots))
    resting = receptors.steady_state(
        mechanism.receptors, HABITUAL_RATE + np.zeros((2, *ones.shape))
    )
    full = receptors.ReceptorState(*(part + np.zeros((2, *ones.shape)) for part in resting))
    return State(
        receptors=full,
        threshold=threshold.ThresholdState(zeros, zeros),
        homeostasis=ones,
        sarcomeres=ones,
        contracture=ones,
        strength=strength.StrengthState(ones, ones),
        tendon_damage=mechanism.tendon.habitual_damage * ones,
        cartilage_wear=zeros,
        soreness=soreness.SorenessState(zeros, zeros),
        ischaemia=zeros,
        sensitisation=of_roots,
        disc_height=of_roots + 1.0,
        cause=of_roots,
        flare=of_roots,
        opened=of_roots,
        afferent=of_roots,
        tolerance=np.ones((runs, 1)),
        context=np.zeros((runs, 1)),
        control=mechanism.links.resting_control + np.zeros((runs, 1)),
        fast=Fast(
            discharge=zeros,
            sustained=np.zeros((2, runs, muscles), dtype=bool),
            angle=zeros,
            force=zeros,
            strain=zeros,
            joint_stress=zeros,
        ),
    )
