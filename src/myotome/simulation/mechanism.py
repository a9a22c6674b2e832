"""Mechanism: every structure's parameters together, and the switches of its rival explanations.

The declared numbers of `myotome.physiology` and of the links between structures, as one value
that can be drawn from its ranges. A rival is a set of links that are cut or put in place of
others; it changes no law.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.cartilage import Cartilage
from myotome.physiology.disc import Disc
from myotome.physiology.dorsal_horn import DorsalHorn
from myotome.physiology.drive import Drive
from myotome.physiology.ischaemia import Ischaemia
from myotome.physiology.joint import Joint
from myotome.physiology.length import Length
from myotome.physiology.motion_segment import MotionSegment
from myotome.physiology.musculotendon import Musculotendon
from myotome.physiology.pain import Pain
from myotome.physiology.parameters import Declaration, declarations, draw, drawn
from myotome.physiology.receptors import Receptors
from myotome.physiology.root import Root
from myotome.physiology.soreness import Soreness
from myotome.physiology.strength import Strength
from myotome.physiology.tendon_adaptation import TendonAdaptation
from myotome.physiology.tendon_damage import TendonDamage
from myotome.physiology.threshold import Homeostasis, Threshold
from myotome.simulation.links import Links

Array = NDArray[np.float64]

Cut = Literal["activity_receptor", "discharge_threshold", "afferent_dorsal_horn", "length"]
CUTS: Final[tuple[Cut, ...]] = (
    "activity_receptor",
    "discharge_threshold",
    "afferent_dorsal_horn",
    "length",
)


@dataclass(frozen=True, slots=True)
class Mechanism:
    """The parameters of every structure, one value or one column of draws each."""

    receptors: Receptors = field(default_factory=Receptors)
    threshold: Threshold = field(default_factory=Threshold)
    homeostasis: Homeostasis = field(default_factory=lambda: Homeostasis(switch=0.0))
    length: Length = field(default_factory=Length)
    strength: Strength = field(default_factory=Strength)
    tendon: TendonDamage = field(default_factory=TendonDamage)
    cartilage: Cartilage = field(default_factory=Cartilage)
    disc: Disc = field(default_factory=Disc)
    soreness: Soreness = field(default_factory=Soreness)
    ischaemia: Ischaemia = field(default_factory=Ischaemia)
    root: Root = field(default_factory=Root)
    segment: MotionSegment = field(default_factory=MotionSegment)
    horn: DorsalHorn = field(default_factory=DorsalHorn)
    drive: Drive = field(default_factory=Drive)
    pain: Pain = field(default_factory=Pain)
    curves: Musculotendon = field(default_factory=Musculotendon)
    joint: Joint = field(default_factory=Joint)
    links: Links = field(default_factory=Links)
    tendon_growth: TendonAdaptation = field(default_factory=TendonAdaptation)

    def declarations(self) -> tuple[tuple[str, Declaration], ...]:
        """Every declared parameter with the name of its structure here."""
        return tuple(
            (f.name, declared)
            for f in fields(self)
            for declared in declarations(type(getattr(self, f.name)))
        )

    def drawn(self, draws: int, seed: int) -> Mechanism:
        """This mechanism with every uncertain parameter drawn: a Latin hypercube.

        Args:
            draws: How many; the first draw is the central value of each.
            seed: The same seed gives the same draws.
        """
        generator = np.random.default_rng(seed)
        strata = (np.arange(draws) + 0.5) / draws
        chosen: dict[str, dict[str, Array]] = {}
        for structure, declared in self.declarations():
            if declared.is_drawn and not _is_fixed(structure, declared.name):
                values = draw(declared, generator.permutation(strata))
                values[0] = declared.value
                chosen.setdefault(structure, {})[declared.name] = values[:, None]
        return self.with_values(chosen)

    def with_values(self, values: dict[str, dict[str, Any]]) -> Mechanism:
        """This mechanism with some numbers replaced, by structure and name."""
        return replace(
            self, **{name: drawn(getattr(self, name), some) for name, some in values.items()}
        )


def _is_fixed(structure: str, name: str) -> bool:
    """Numbers that draws leave alone: they are tables or geometry, not uncertain physiology."""
    return structure in {"horn", "curves"} or name in {"switch", "blend"}
