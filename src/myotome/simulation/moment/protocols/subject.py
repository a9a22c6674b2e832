"""Subject: who a protocol is done on, and the irritated muscles that protocols compare with health.

A subject is a preparation with its parameters and its slow state. A ladder of stimuli is run as
copies of the same subject side by side: all share structures and noise of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np

from myotome.simulation.moment.frozen import Frozen, healthy
from myotome.simulation.moment.preparation import MomentPreparation, standard
from myotome.simulation.moment.structures import Structures

NEUTRAL: Final = 0.0  # rad
SHORTENED: Final = 0.6
STRETCHED: Final = -0.6
SUPRAMAXIMAL: Final = 5.0  # shock that excites every axon, over the motor threshold


@dataclass(frozen=True, slots=True)
class Subject:
    """A preparation, its parameters and, for one person, its slow state.

    Attributes:
        preparation: Roots, muscles, joints; how many people it has is set by the protocol.
        structures: Parameters.
        frozen: The slow state of one person; health when left out.
    """

    preparation: MomentPreparation = field(default_factory=standard)
    structures: Structures = field(default_factory=Structures)
    frozen: Frozen | None = None

    def copies(self, count: int) -> tuple[MomentPreparation, Frozen]:
        """The preparation with so many people, all in this subject's state."""
        p = self.preparation
        one = self.frozen or healthy(1, len(p.muscles), len(p.roots))
        values = {
            part.name: np.repeat(getattr(one, part.name)[:1], count, axis=0)
            for part in fields(Frozen)
        }
        return p.of_people(count), Frozen(**values)


def sensitised(preparation: MomentPreparation | None = None) -> Frozen:
    """A muscle whose root is irritated and whose segment is sensitised, at rest quiet.

    Nociceptors of the root discharge at 0.1 Hz (C of 2.5 Hz, a fifth of what begins to hurt),
    touch fibres at 5 Hz, and the dorsal horn stands at a sensitisation of 0.3.
    """
    p = preparation or standard()
    return healthy(1, len(p.muscles), len(p.roots)).with_values(
        nociceptor_rate=0.1, touch_rate=5.0, sensitisation=0.3
    )


def supersensitive(preparation: MomentPreparation | None = None) -> Frozen:
    """A muscle in which the root has cut off half of the units, with receptors over them."""
    p = preparation or standard()
    return healthy(1, len(p.muscles), len(p.roots)).with_values(
        silent_share=0.5, silent_receptors=200.0
    )
