"""The circle: short paraspinals squeeze the root that drives them. Written here and nowhere else.

    paraspinal force -> foramen -> compression of the root -> ectopic discharge, conduction loss
    -> nociceptive drive -> dorsal horn -> tone -> paraspinal force

`irritation` closes the first half (force to discharge); the drivers close the second. With its
gain explicit the slow system may have two stable states, well and chronic. Whether it has is a
result with a sensitivity to every uncertain number, never an assumption.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import motion_segment, root
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.preparation import Preparation
from myotome.simulation.state import State

Array = NDArray[np.float64]


class Irritation(NamedTuple):
    """A root's trouble, shape (runs, roots): foramen (mm), compression 0 to 1, rates (Hz)."""

    foramen: Array
    compression: Array
    nociceptors: Array
    touch: Array
    conduction_loss: Array


def irritation(
    mechanism: Mechanism, preparation: Preparation, state: State, *, closed: bool = True
) -> Irritation:
    """What the foramen leaves of a root, given the pull of its paraspinals.

    Args:
        mechanism: The parameters.
        preparation: Which muscles squeeze which root.
        state: Disc, cause, and the force of the muscles where the quick loop last rested.
        closed: Whether the paraspinals squeeze at all; open, the circle is cut.
    """
    squeezing = preparation.squeezes / np.maximum(preparation.squeezes.sum(axis=1), 1.0)[:, None]
    pull = state.fast.force @ squeezing.T if closed else np.zeros_like(state.cause)
    height = motion_segment.foramen(
        mechanism.segment,
        motion_segment.paraspinal_force(mechanism.segment, pull),
        disc_loss=(1.0 - state.disc_height) * mechanism.links.disc_height,
        posture=-state.opened,
    )
    pressed = root.smooth_compression(mechanism.root, height, state.cause + state.flare)
    return Irritation(
        np.asarray(height),
        pressed,
        np.asarray(root.nociceptor_discharge(mechanism.root, pressed)),
        root.touch_discharge(mechanism.root, pressed),
        np.asarray(root.conduction_loss(mechanism.root, pressed)),
    )
