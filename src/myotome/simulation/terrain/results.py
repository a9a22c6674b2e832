"""Results: what a landscape holds, as plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LoopGain:
    """Gain of the circle at a state that rests.

    Attributes:
        links: Partial derivative of each link, in order around the circle.
        product: All together: the gain over hours, slow states held.
        at_rest: The pull that comes back for a small pull put in, once everything has settled,
            length, sensitisation and disc among it, and all side paths with it.
    """

    links: Mapping[str, float]
    product: float
    at_rest: float


@dataclass(frozen=True, slots=True)
class StableState:
    """One way to rest under one cause.

    `kind` is well (no pain to speak of), painful (pain, muscles quiet) or chronic (muscles hold
    themselves in contraction). `drift` is the largest change of any slow quantity in a day.
    """

    cause_mm: float
    kind: str
    pain: float
    discharge: float
    length: float
    sensitisation: float
    compression: float
    disc_height: float
    reached_from: tuple[str, ...]
    drift: float
    gain: LoopGain


@dataclass(frozen=True, slots=True)
class Branch:
    """Where the system rests over the cause when it starts well, or chronic."""

    start: str
    causes_mm: tuple[float, ...]
    pain: tuple[float, ...]
    discharge: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """Causes (mm) under which there are two stable states, and how much of the pool they hold."""

    low_mm: float
    high_mm: float
    share_of_pool: str

    @property
    def width_mm(self) -> float:
        """How wide it is."""
        return self.high_mm - self.low_mm


@dataclass(frozen=True, slots=True)
class Alone:
    """What some of the loops do without the others."""

    name: str
    title: str
    intervals: tuple[Interval, ...]
    holds_here: bool

    @property
    def width_mm(self) -> float:
        """All causes with two states together."""
        return sum(item.width_mm for item in self.intervals)

    @property
    def is_bistable(self) -> bool:
        """Whether there is any cause with two states."""
        return bool(self.intervals)


@dataclass(frozen=True, slots=True)
class Separatrix:
    """How far from well (0) to chronic (1) the slow state can be taken before it falls across.

    A pool that is quiet and one that is sustained have different ones: each is None where the
    slow state alone, anywhere on the way, does not change where it falls.
    """

    cause_mm: float
    well_pain: float
    chronic_pain: float
    quiet: float | None
    quiet_pain: float | None
    sustained: float | None
    sustained_pain: float | None


@dataclass(frozen=True, slots=True)
class DoseToCross:
    """Least insertions a site at each number of weekly sessions; None where 60 are too few."""

    cause_mm: float
    sessions: tuple[int, ...]
    insertions: tuple[int | None, ...]
    is_monotone: bool


@dataclass(frozen=True, slots=True)
class Region:
    """Edges of the two-state region over the cause as one more number is varied."""

    structure: str
    name: str
    unit: str
    meaning: str
    central: float
    values: tuple[float, ...]
    intervals: tuple[tuple[Interval, ...], ...]


@dataclass(frozen=True, slots=True)
class Landscape:
    """The stable states of one person's slow system, and what separates them."""

    case_id: str
    title: str
    rival: str
    roots: tuple[str, ...]
    muscles: tuple[str, ...]
    needled: tuple[str, ...]
    own_cause_mm: float
    own_flare_mm: float
    first_pain: float
    states: tuple[StableState, ...]
    branches: tuple[Branch, ...]
    alone: tuple[Alone, ...]
    separatrix: tuple[Separatrix, ...]
    doses: tuple[DoseToCross, ...]
    region: Region | None
    taken_instead: tuple[str, ...]

    def loops(self, name: str) -> Alone:
        """What one choice of loops does."""
        return next(item for item in self.alone if item.name == name)

    @property
    def is_bistable(self) -> bool:
        """Whether any cause has two stable states, with everything at work."""
        return self.loops("all").is_bistable

    @property
    def is_bistable_here(self) -> bool:
        """Whether this person's own cause has."""
        return len(self.states) > 1

    @property
    def credit_mm(self) -> float:
        """Causes with two states that the paraspinal circle adds to what there is without it."""
        return self.loops("all").width_mm - self.loops("without_circle").width_mm

    def to_dict(self) -> dict[str, Any]:
        """The whole as plain values, for JSON."""
        found = asdict(self)
        for name in ("alone",):
            for plain, item in zip(found[name], self.alone, strict=True):
                plain["width_mm"], plain["is_bistable"] = item.width_mm, item.is_bistable
        found |= {
            "is_bistable": self.is_bistable,
            "is_bistable_here": self.is_bistable_here,
            "credit_mm": self.credit_mm,
        }
        return found
