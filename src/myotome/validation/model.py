"""Model: everything whose numbers are compared with published ones, as one value.

A check receives it and gives one number, so that a fit can ask for the same number under other
parameters without any check knowing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from myotome.physiology.natural_course import NaturalCourse
from myotome.simulation import Mechanism
from myotome.simulation.moment import Structures


@dataclass(frozen=True, slots=True)
class Model:
    """The parameters of the mechanism, of how persons differ, and of the moment."""

    mechanism: Mechanism = field(default_factory=Mechanism)
    natural_course: NaturalCourse = field(default_factory=NaturalCourse)
    structures: Structures = field(default_factory=Structures)


Check = Callable[[Model], float]
