"""Structures: the parameters of everything that a moment is made of, as one value.

Each field is the dataclass of one structure of `myotome.physiology`; `wiring` joins them. As in
the mechanism of the course, a value can be replaced or drawn from its range, and no law changes.
What a preparation holds is read there: arms, forces, fibre lengths, paths and how many units. The
same numbers of `joint`, `segment`, `conduction` and `rate_coded` change nothing here.

Source: none here; each parameter carries its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from myotome.errors import InputError, UnknownName
from myotome.physiology.conduction import Conduction
from myotome.physiology.descending_control import DescendingControl
from myotome.physiology.distal_units import DistalUnits
from myotome.physiology.dorsal_horn import DorsalHorn
from myotome.physiology.ectopic_generator import EctopicGenerator
from myotome.physiology.endplate_discharge import EndplateDischarge
from myotome.physiology.fuglevand1993 import Fuglevand1993
from myotome.physiology.joint import Joint
from myotome.physiology.joint_motion import JointMotion
from myotome.physiology.motion_segment import MotionSegment
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
from myotome.physiology.segment_motion import SegmentMotion
from myotome.physiology.tendon_organ import TendonOrgan
from myotome.simulation.moment.ranges import checked_whole
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
    distal_units: DistalUnits = field(default_factory=DistalUnits)
    control: DescendingControl = field(default_factory=DescendingControl)
    segment: MotionSegment = field(default_factory=MotionSegment)
    bending: SegmentMotion = field(default_factory=SegmentMotion)
    rate_coded: Fuglevand1993 = field(default_factory=Fuglevand1993)

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

        Raises:
            InputError: No such structure or parameter, or a value that is no finite number.
        """
        for name, some in values.items():
            if name not in {f.name for f in fields(self)}:
                raise UnknownName("structure", name, [f.name for f in fields(self)])
            known = [f.name for f in fields(getattr(self, name))]
            for parameter in some:
                if parameter not in known:
                    raise UnknownName(f"parameter of {name}", parameter, known)
        made = replace(
            self, **{name: replace(getattr(self, name), **some) for name, some in values.items()}
        )
        made.check()
        return made

    def check(self) -> None:
        """Refuse a parameter that is no finite number, or that cannot be what it stands for.

        Outside its declared range a number is somebody's question; a negative count or rate, or a
        share over 1, is none.

        Raises:
            InputError: One is none, is negative where no declared one is, or is such a share.
        """
        for f in fields(self):
            structure = getattr(self, f.name)
            for declared in declarations(type(structure)):
                value = getattr(structure, declared.name)
                fine = isinstance(value, int | float | np.number) and not isinstance(value, bool)
                if not fine or not math.isfinite(value):
                    raise InputError(
                        f"{declared.name} must be one finite number ({declared.unit}), declared"
                        f" {declared.low:g} to {declared.high:g}, got {value!r}.",
                        place=f"{f.name}.{declared.name}",
                    )
                is_share = declared.unit == "1" and declared.high <= 1.0
                is_share = is_share and "share" in declared.meaning
                if (value < 0.0 <= declared.low) or (is_share and value > 1.0):
                    wanted = "a share from 0 to 1" if is_share else "0 or more"
                    raise InputError(
                        f"{declared.name} must be {wanted} ({declared.meaning}), declared"
                        f" {declared.low:g} to {declared.high:g} {declared.unit}, got {value:g}.",
                        place=f"{f.name}.{declared.name}",
                    )

    def why_not_computed(self) -> str:
        """A sentence on what led to no number: values not above 0 where every declared one is."""
        named = [
            f"{name}.{declared.name} (declared {declared.low:g} to {declared.high:g}"
            f" {declared.unit}, got {getattr(getattr(self, name), declared.name):g})"
            for name, declared in self.declarations()
            if declared.low > 0.0 >= getattr(getattr(self, name), declared.name)
        ]
        which = f"; not above 0: {', '.join(named)}" if named else ""
        return f"structures must hold numbers that a moment can be computed with{which}."

    def drawn(self, seed: int) -> Structures:
        """The same with every uncertain number drawn from its range, one draw.

        Evenly, or evenly in its logarithm where the range is of positive numbers.
        """
        checked_whole("seed", seed, 0, 2**64 - 1)
        generator = np.random.default_rng(seed)
        chosen: dict[str, dict[str, float]] = {}
        for name, declared in self.declarations():
            if declared.is_drawn:
                value = draw(declared, generator.random(1))[0]
                chosen.setdefault(name, {})[declared.name] = float(value)
        return self.with_values(**chosen)
