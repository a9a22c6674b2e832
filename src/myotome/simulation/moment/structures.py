"""Structures: the parameters of everything that a moment is made of, as one value.

Each field is the dataclass of one structure of `myotome.physiology`; `wiring` joins them. As in
the mechanism of the course, a value can be replaced or drawn from its range, and no law changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from myotome.physiology.conduction import Conduction
from myotome.physiology.dorsal_horn import DorsalHorn
from myotome.physiology.ectopic_generator import EctopicGenerator
from myotome.physiology.endplate_discharge import EndplateDischarge
from myotome.physiology.joint import Joint
from myotome.physiology.joint_motion import JointMotion
from myotome.physiology.motoneuron_cells import Composition, Membrane
from myotome.physiology.motor_unit import MotorUnits
from myotome.physiology.muscle_nociceptor import MuscleNociceptor
from myotome.physiology.muscle_spindle import MuscleSpindle
from myotome.physiology.musculotendon import Musculotendon
from myotome.physiology.musculotendon_motion import MusculotendonMotion
from myotome.physiology.needle import Needle
from myotome.physiology.parameters import Declaration, declarations, draw
from myotome.physiology.receptors import Receptors
from myotome.physiology.renshaw import Renshaw
from myotome.physiology.tendon_organ import TendonOrgan
from myotome.simulation.moment.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Structures:
    """The parameters of one person's fast physiology."""

    membrane: Membrane = field(default_factory=Membrane)
    composition: Composition = field(default_factory=Composition)
    motor_units: MotorUnits = field(default_factory=MotorUnits)
    curves: Musculotendon = field(default_factory=Musculotendon)
    motion: MusculotendonMotion = field(default_factory=MusculotendonMotion)
    spindle: MuscleSpindle = field(default_factory=MuscleSpindle)
    tendon_organ: TendonOrgan = field(default_factory=TendonOrgan)
    nociceptor: MuscleNociceptor = field(default_factory=MuscleNociceptor)
    renshaw: Renshaw = field(default_factory=Renshaw)
    horn: DorsalHorn = field(default_factory=DorsalHorn)
    joint: Joint = field(default_factory=Joint)
    swing: JointMotion = field(default_factory=JointMotion)
    conduction: Conduction = field(default_factory=Conduction)
    needle: Needle = field(default_factory=Needle)
    endplate: EndplateDischarge = field(default_factory=EndplateDischarge)
    receptors: Receptors = field(default_factory=Receptors)
    generator: EctopicGenerator = field(default_factory=EctopicGenerator)
    wiring: Wiring = field(default_factory=Wiring)

    def declarations(self) -> tuple[tuple[str, Declaration], ...]:
        """Every declared parameter with the name of its structure here."""
        return tuple(
            (f.name, declared)
            for f in fields(self)
            for declared in declarations(type(getattr(self, f.name)))
        )

    def with_values(self, **values: dict[str, Any]) -> Structures:
        """The same with some numbers replaced, by structure and name.

        >>> Structures().with_values(wiring={"pain_events": 0.3}).wiring.pain_events
        0.3
        """
        return replace(
            self, **{name: replace(getattr(self, name), **some) for name, some in values.items()}
        )

    def drawn(self, seed: int) -> Structures:
        """The same with every uncertain number drawn evenly from its range, one draw."""
        generator = np.random.default_rng(seed)
        chosen: dict[str, dict[str, float]] = {}
        for name, declared in self.declarations():
            if declared.is_drawn:
                value = draw(declared, generator.random(1))[0]
                chosen.setdefault(name, {})[declared.name] = float(value)
        return self.with_values(**chosen)
