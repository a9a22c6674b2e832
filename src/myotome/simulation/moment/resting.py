"""Resting: fibres of muscles side by side are made as long as the place where their joint rests.

Built alone, each muscle has about its optimal length at angle 0. Beside stronger ones it is drawn
elsewhere, and a spindle that is stretched there would discharge in health for as long as it lives.
Muscles have the length in series at which they rest, so what is too long there is taken off.

Source: none; the law of growth is `myotome.physiology.length`, which this meets at health.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from myotome.physiology import musculotendon_motion
from myotome.simulation.moment.assembly import assembled
from myotome.simulation.moment.frozen import healthy
from myotome.simulation.moment.loop_parts import muscles_at, resting_angle
from myotome.simulation.moment.loop_state import Body
from myotome.simulation.moment.preparation import SIZES, MomentPreparation
from myotome.simulation.moment.structures import Structures

# A shorter muscle moves its joint a little; most need two.
_PASSES: Final = 8
_NEAR: Final = 1e-3  # optimal fibre lengths


def rested(p: MomentPreparation) -> MomentPreparation:
    """The same with no fibre longer than its optimum where healthy joints rest.

    Args:
        p: As it was put together.
    """
    structures = Structures()
    still = healthy(1, len(p.muscles), len(p.roots))
    # Nobody fires at rest: people and units do not count.
    few = replace(p, people=1, units=SIZES["units"][0], pool="cells")
    for _ in range(_PASSES):
        of = Body(assembled(few, still, structures), few, still, structures)
        muscle = muscles_at(of, resting_angle(of))
        over = musculotendon_motion.fibre_length(of.c.muscle, muscle)[0] - 1.0
        if over.max() <= _NEAR:
            break
        shorter = few.neutral_length - np.maximum(over, 0.0) * np.cos(p.pennation)
        few = replace(few, neutral_length=shorter)
    return replace(p, neutral_length=few.neutral_length)
