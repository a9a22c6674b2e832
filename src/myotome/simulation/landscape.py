"""Landscape: the stable states of the slow system under a lasting cause, and what separates them.

Receives a case; gives where the slow state comes to rest as the cause at the root is raised and
lowered, the causes at which there are two ways to rest, how far one must be moved to fall into
the other, the least needle dose that does it, and the gain of the circle. Healing and flare are
off: the cause is what is varied. Whether there are two states at all is a result.

The pool of a motoneuron has a memory of its own (which branch it is on), and so may the dorsal
horn. Both are counted alone, and the circle is credited only with what is left: the same system
is run with its loops held one by one, always with the pull or the sensitisation held at what the
cause by itself gives, so that the causes can be compared.

Every run is one row of one state, so that all causes, starts and lesions advance together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from myotome.case import Case
from myotome.errors import InputError, UnknownName
from myotome.examination import Assessment, examine
from myotome.physiology import (
    cartilage,
    dorsal_horn,
    drive,
    joint,
    motion_segment,
    pain,
    receptors,
    root,
    threshold,
)
from myotome.physiology.parameters import Declaration
from myotome.simulation.advance import Habit, advanced
from myotome.simulation.circle import irritation
from myotome.simulation.course import CourseRun
from myotome.simulation.drivers import Doses, Drivers, RateDrivers, resting
from myotome.simulation.events import given
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.onset import Beginning, beginning
from myotome.simulation.preparation import Preparation, prepare
from myotome.simulation.rivals import RIVALS, Rival
from myotome.simulation.schedule import Event, Schedule, schedule_of
from myotome.simulation.state import CONDUCTING, SILENT, Fast, State, healthy
from myotome.treatment import Plan, plan, screen

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
T = TypeVar("T")

LARGEST_CAUSE: Final = 8.0  # mm: as far as an onset looks for a cause
INSERTIONS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 30, 40, 60)
SESSIONS: Final = (1, 2, 3, 4, 6, 8, 12)
APART: Final = 0.02  # mm of cause: two edges nearer than this are one
_HALF, _FULL = 0.25, 0.75  # mean discharge at which the small, then the large, half is sustained
_STEP: Final = 3.0  # d, the course's longest step
_CYCLE: Final = 60  # steps between two settlings of what takes years
_CYCLES: Final = 4
_HEALS_NEVER: Final = 1e15  # d
_WEEK: Final = (0.25, 0.25, 0.5, 1.0, 2.0, 3.0)  # d, steps of a week that begins with a needle
_NO_MEMORY: Final = 1e-6  # persistent current of a pool that answers its input and no more
_GRID: Final = 13


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


# The loops, each with what is held. "horn" needs no run: it has one unknown.
LOOPS: Final[Mapping[str, str]] = {
    "horn": "dorsal horn alone",
    "motoneuron": "motoneuron alone",
    "circle": "paraspinal circle alone",
    "tendon": "tendon, joint and muscle pain alone",
    "without_motoneuron": "all but motoneuron memory",
    "without_circle": "all but the circle",
    "all": "all together",
}
_HELD: Final[Mapping[str, frozenset[str]]] = {
    "motoneuron": frozenset({"horn", "circle", "tendon"}),
    "circle": frozenset({"horn", "motoneuron", "tendon"}),
    "tendon": frozenset({"horn", "motoneuron", "circle"}),
    "without_motoneuron": frozenset({"motoneuron"}),
    "without_circle": frozenset({"circle"}),
    "all": frozenset(),
}


def landscape(
    case: Case,
    *,
    assessment: Assessment | None = None,
    proposal: Plan | None = None,
    mechanism: Mechanism | None = None,
    rival: str = "segmental_root",
    second: tuple[str, str] | None = ("segment", "paraspinal_maximum_force"),
    progress: Callable[[float], None] | None = None,
) -> Landscape:
    """The landscape of one case under a lasting cause.

    Args:
        case: The case.
        assessment: Made from the case when left out.
        proposal: Likewise; says where the needle goes if the case does not.
        mechanism: Parameters; central values when left out.
        rival: Which explanation.
        second: Structure and name of one more number to vary; None leaves that out.
        progress: Called with the share done.

    Raises:
        InputError: There is no pain, so there is no cause to vary.
        UnknownName: No such rival or parameter.
    """
    if rival not in RIVALS:
        raise UnknownName("rival", rival, RIVALS, hint=f"They are {', '.join(RIVALS)}.")
    found = assessment or examine(case.examination())
    schedule = schedule_of(case, proposal or plan(found, screen(case.screen)), 12.0)
    start = beginning(case.history.pain_nprs, case.history.duration_weeks)
    return landscape_of(
        prepare(found, schedule.sites),
        schedule,
        start,
        mechanism=mechanism,
        rival=rival,
        second=second,
        progress=progress,
        case_id=case.id,
        title=case.title,
    )


def landscape_of(
    preparation: Preparation,
    schedule: Schedule,
    start: Beginning,
    *,
    mechanism: Mechanism | None = None,
    rival: str = "segmental_root",
    second: tuple[str, str] | None = None,
    progress: Callable[[float], None] | None = None,
    case_id: str = "",
    title: str = "",
) -> Landscape:
    """The same from a preparation, without a case."""
    if start.pain <= 0.0:
        raise InputError("pain must be above 0 for a landscape, got 0. There is no cause to vary.")
    if second:
        _declared(second)  # refused now, not after a minute
    tell = progress or _untold
    chosen = RIVALS[rival]
    first = CourseRun(
        chosen.applied_to(mechanism or Mechanism()), preparation, schedule, chosen, chosen.cuts
    )
    first.begin(start, 1)
    own = float(first.state.cause[0, 0])
    view = System(_lasting(first.mechanism), preparation, chosen)
    tell(0.1)
    alone = tuple(_alone(view, own))
    tell(0.4)
    everything = alone[-1].intervals
    nodes = _nodes(everything, own)
    well, chronic, settled = _branches(view, nodes)
    tell(0.55)
    separatrix = tuple(_separatrix(view, everything, own))
    tell(0.7)
    where = _needled(preparation, schedule)
    doses = tuple(_doses(view, where, everything, own))
    tell(0.85)
    region = _region(view, second) if second else None
    tell(1.0)
    return Landscape(
        case_id=case_id,
        title=title,
        rival=rival,
        roots=tuple(str(item) for item in preparation.roots),
        muscles=preparation.labels,
        needled=tuple(preparation.labels[k] for k in np.flatnonzero(where)),
        own_cause_mm=own,
        own_flare_mm=float(first.state.flare[0, 0]),
        first_pain=start.pain,
        states=_states_at(view, settled, nodes, own),
        branches=(well, chronic),
        alone=alone,
        separatrix=separatrix,
        doses=doses,
        region=region,
        taken_instead=(*preparation.taken_instead, *start.taken_instead),
    )


def _untold(share: float) -> None:
    """No one asked for progress."""
    del share


def _lasting(mechanism: Mechanism) -> Mechanism:
    """The mechanism of one run, its cause never healing."""
    own: dict[str, dict[str, Any]] = {}
    for structure, declared in mechanism.declarations():
        value = getattr(getattr(mechanism, structure), declared.name)
        if isinstance(value, np.ndarray):
            own.setdefault(structure, {})[declared.name] = float(value.ravel()[0])
    own.setdefault("links", {})["healing_time"] = _HEALS_NEVER
    return mechanism.with_values(own)


# -- The slow system as rows of runs ---------------------------------------------------------


def each(function: Callable[..., Any], *states: T) -> T:
    """A state (or part of one) made by a function of the arrays of others, place by place."""
    made: T = _each(function, *states)
    return made


def _each(function: Callable[..., Any], *parts: Any) -> Any:  # noqa: ANN401 - parts of any kind
    first = parts[0]
    if isinstance(first, tuple):
        return type(first)(*(_each(function, *some) for some in zip(*parts, strict=True)))
    if is_dataclass(first):
        names = [f.name for f in fields(first)]
        return replace(
            first,  # type: ignore[type-var]
            **{name: _each(function, *(getattr(s, name) for s in parts)) for name in names},
        )
    return function(*parts)


def taken(state: State, rows: NDArray[np.intp]) -> State:
    """Some runs of a state; a run may be taken more than once."""
    runs = state.cause.shape[0]
    return each(lambda a: np.take(_full(a, runs), rows, axis=-2), state)


def _full(array: Array, runs: int) -> Array:
    shape = (*array.shape[:-2], runs, array.shape[-1])
    return np.broadcast_to(array, shape)


def between(one: State, other: State, share: Array) -> State:
    """The state a share of the way from one to another, the branch of each pool as in `one`.

    Args:
        one: Share 0.
        other: Share 1.
        share: Of each run, shape (runs, 1).
    """
    return each(lambda a, b: a if a.dtype == bool else a + share * (b - a), one, other)


def on_branch(state: State, sustained: Bools) -> State:
    """The same state with the pools of some runs (shape (runs,)) put on the sustained branch."""
    flags = np.broadcast_to(sustained[None, :, None], state.fast.sustained.shape)
    return replace(state, fast=replace(state.fast, sustained=flags.copy()))


@dataclass(frozen=True, slots=True)
class Held:
    """What of a run does not answer; each None or of shape (runs, roots or muscles)."""

    sensitisation: Array | None = None
    pull: Array | None = None
    is_held: Array | None = None  # (runs, 1): where sensitisation is


class System:
    """The slow system of some runs, moved to where it rests.

    Columns of parameters, shape (runs, 1), may differ from run to run.
    """

    def __init__(self, mechanism: Mechanism, preparation: Preparation, rival: Rival) -> None:
        self.mechanism = mechanism
        self.preparation = preparation
        self.rival = rival
        self.drivers = RateDrivers(
            mechanism, preparation, rival.cuts, circle_closed=rival.circle_closed
        )
        self._habits: dict[int, Habit] = {}

    def with_columns(self, values: dict[str, dict[str, Array]]) -> System:
        """The same system with some numbers different from run to run."""
        return System(self.mechanism.with_values(values), self.preparation, self.rival)

    def healthy(self, causes: Array) -> State:
        """Healthy runs on which a cause (mm) has just come, shape (runs,)."""
        state = healthy(
            self.mechanism, causes.size, len(self.preparation.muscles), len(self.preparation.roots)
        )
        return with_cause(state, causes)

    def habit(self, runs: int) -> Habit:
        """What these runs are used to: health, without any cause."""
        if runs not in self._habits:
            state, idle = self.healthy(np.zeros(runs)), resting(self.preparation, runs)
            self._habits[runs] = Habit(self.mechanism, self.drivers(state, idle))
        return self._habits[runs]

    def at(self, state: State, held: Held | None = None) -> Drivers:
        """Drivers of an ordinary day without treatment."""
        runs = state.cause.shape[0]
        if held is not None and held.pull is not None:
            state = replace(state, fast=replace(state.fast, force=held.pull))
        return self.drivers(state, resting(self.preparation, runs))

    def moved(
        self, state: State, days: float, held: Held | None = None, *, settle: bool = True
    ) -> tuple[State, Drivers]:
        """The state some days on, and the drivers of the middle of that step.

        Args:
            state: Before.
            days: How long the step is.
            held: What does not answer.
            settle: Whether receptors are put where they lead; not in the days after a needle.
        """
        idle = resting(self.preparation, state.cause.shape[0])
        first = self.at(state, held)
        half = self._advanced(state, first, idle, 0.5 * days, held, settle=settle)
        middle = self.at(half, held)
        return self._advanced(state, middle, idle, days, held, settle=settle), middle

    def _advanced(
        self,
        state: State,
        now: Drivers,
        idle: Doses,
        days: float,
        held: Held | None = None,
        *,
        settle: bool = True,
    ) -> State:
        if held is not None and held.pull is not None:
            now = now._replace(force=held.pull)
        moved = advanced(
            self.mechanism,
            self.preparation,
            self.habit(state.cause.shape[0]),
            state,
            now,
            idle,
            days,
            self.rival.cuts,
        )
        if settle:
            moved = replace(moved, receptors=self._receptors_at_rest(moved, now))
        if held is not None and held.sensitisation is not None and held.is_held is not None:
            kept = np.where(held.is_held, held.sensitisation, moved.sensitisation)
            moved = replace(moved, sensitisation=kept)
        return moved

    def _receptors_at_rest(self, state: State, now: Drivers) -> receptors.ReceptorState:
        """Receptors settle within days: here they are where the day's activity leads them."""
        settled = receptors.steady_state(self.mechanism.receptors, now.activity)
        shape = np.shape(state.receptors.density)
        return receptors.ReceptorState(*(np.broadcast_to(part, shape).copy() for part in settled))

    def rest(
        self, state: State, held: Held | None = None, cycles: int = _CYCLES
    ) -> tuple[State, Drivers]:
        """Where a state comes to rest.

        Real steps decide the branch; between them, what takes years (disc, tendon, cartilage) is
        put where it would end under the day as it is. All of these push the same way as the day
        that moves them, so that going there at once ends where going slowly does.
        """
        for _ in range(cycles):
            for _ in range(_CYCLE):
                state, middle = self.moved(state, _STEP, held)
            state = self._settled(state, middle, held)
        for _ in range(_CYCLE):
            state, middle = self.moved(state, _STEP, held)
        return state, self.at(state, held)

    def _settled(self, state: State, now: Drivers, held: Held | None) -> State:
        idle = resting(self.preparation, state.cause.shape[0])
        # Sarcomeres, whose step is not exact, overflow in so long a step; theirs is not used.
        with np.errstate(over="ignore"):
            later = self._advanced(state, now, idle, 1e6, held)
        links = self.mechanism.links
        use = 1.0 - links.avoidance * now.pain / 10.0
        worn = cartilage.steady_wear(
            self.mechanism.cartilage, now.joint_stress, links.cycles_per_day * use
        )
        return replace(
            state,
            disc_height=later.disc_height,
            tendon_damage=later.tendon_damage,
            strength=later.strength,
            contracture=later.contracture,
            cartilage_wear=np.clip(worn, 0.0, 1.0),
        )

    def drift(self, state: State) -> Array:
        """Largest change of any slow quantity in a day by the course's laws, shape (runs,)."""
        idle = resting(self.preparation, state.cause.shape[0])
        later = self._advanced(state, self.at(state), idle, 1.0, settle=False)
        gaps: list[Array] = []

        def note(a: Array, b: Array) -> Array:
            gap = np.abs(a.astype(float) - b.astype(float))
            gaps.append(gap.max(axis=tuple(k for k in range(gap.ndim) if k != gap.ndim - 2)))
            return a

        each(note, replace(state, fast=_slow_only(state)), replace(later, fast=_slow_only(later)))
        largest: Array = np.max(np.stack(gaps), axis=0)
        return largest


def _slow_only(state: State) -> Fast:
    """The quick loop without its angle, which the joint's own solver leaves within 1e-8."""
    return replace(state.fast, angle=np.zeros_like(state.fast.angle))


def with_cause(state: State, causes: Array) -> State:
    """The same state under another cause (mm) at the first root, shape (runs,), and no flare."""
    cause = np.zeros_like(state.cause)
    cause[:, 0] = causes
    return replace(state, cause=cause, flare=np.zeros_like(cause))


# -- Bistability of some loops without the others --------------------------------------------


def _alone(view: System, own: float) -> list[Alone]:
    edges = [horn_intervals(view.mechanism), *edges_of_loops(view, tuple(_HELD))]
    return [
        Alone(name, title, found, any(item.low_mm < own < item.high_mm for item in found))
        for (name, title), found in zip(LOOPS.items(), edges, strict=True)
    ]


def horn_intervals(mechanism: Mechanism) -> tuple[Interval, ...]:
    """Causes under which sensitisation alone, without any tone, has two stable levels."""
    causes = np.linspace(0.0, LARGEST_CAUSE, 401)
    two = np.array([len(horn_levels(mechanism, float(cause))) > 1 for cause in causes])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], two, [False]]).astype(int)))
    return tuple(
        Interval(float(causes[a]), float(causes[b - 1]), "none: sensitisation")
        for a, b in edges.reshape(-1, 2)
    )


def horn_levels(mechanism: Mechanism, cause: float) -> Array:
    """Stable levels of sensitisation (0 to 1) at a cause (mm), without any tone."""
    level = np.linspace(0.0, 1.0, 801)
    touch, nociception = _sent(mechanism, np.array(cause))
    rate = dorsal_horn.projection_rate(mechanism.horn, touch, nociception, level)
    away = pain.sensitisation_target(mechanism.pain, rate) - level
    falls = (away[:-1] > 0.0) & (away[1:] <= 0.0)
    ends: Array = level[:-1][falls]
    return ends


def _sent(mechanism: Mechanism, cause: Array) -> tuple[Array, Array]:
    """Touch and nociceptive drive of a root that only its cause presses."""
    m = mechanism
    pressed = root.smooth_compression(m.root, m.segment.unloaded_height - _RESTING_LOSS, cause)
    touch = m.links.touch_by_day + root.touch_discharge(m.root, pressed)
    return touch, dorsal_horn.nociceptive_drive(m.horn, root.nociceptor_discharge(m.root, pressed))


_RESTING_LOSS: Final = 0.05  # mm that resting paraspinals take, as at the onset


def edges_of_loops(
    view: System, names: Sequence[str], columns: Mapping[str, Mapping[str, Array]] | None = None
) -> list[tuple[Interval, ...]]:
    """Causes with two states for each choice of loops (or each row of one, by `columns`).

    For each level of the pool's discharge: the cause at which a start from well first ends above
    it, and the cause down to which a start from chronic still does. Nested grids, all at once.
    """
    levels, starts, rows = (_HALF, _FULL), (False, True), len(names)
    # One search for each row, level and start.
    row, level, sustained = (
        a.ravel() for a in np.meshgrid(np.arange(rows), levels, starts, indexing="ij")
    )
    low = np.zeros(row.size)
    high = np.full(row.size, LARGEST_CAUSE)
    exists = np.ones(row.size, dtype=bool)
    for turn in range(3):
        grid = np.linspace(low, high, _GRID, axis=1)
        discharge = _ends(view, names, row, sustained, grid, columns)
        above = discharge > level[:, None]
        if turn == 0:
            exists = np.asarray(above.any(axis=1))
        first = np.where(above.any(axis=1), above.argmax(axis=1), _GRID - 1)
        at = np.arange(row.size)
        low, high = grid[at, np.maximum(first - 1, 0)], grid[at, first]
    edge = (0.5 * (low + high)).reshape(rows, 2, 2)
    there = exists.reshape(rows, 2, 2)
    return [_intervals(edge[k], there[k]) for k in range(rows)]


def _intervals(edge: Array, there: Bools) -> tuple[Interval, ...]:
    """Two-state intervals from the edges of the two halves of the pool, [level, start]."""
    found = []
    for half, words in enumerate(("small half", "all")):
        rise = edge[half, 0] if there[half, 0] else LARGEST_CAUSE
        if there[half, 1] and rise - edge[half, 1] > APART:
            found.append(Interval(float(edge[half, 1]), float(rise), words))
    if len(found) == 2 and found[0].high_mm >= found[1].low_mm - APART:
        joined = Interval(
            min(i.low_mm for i in found), max(i.high_mm for i in found), "small half, then all"
        )
        return (joined,)
    return tuple(found)


def _ends(
    view: System,
    names: Sequence[str],
    row: NDArray[np.intp],
    sustained: Bools,
    grid: Array,
    columns: Mapping[str, Mapping[str, Array]] | None,
) -> Array:
    """Mean discharge of the first paraspinal where each run of a grid of causes comes to rest."""
    causes = grid.ravel()
    of = np.repeat(row, grid.shape[1])
    held_by = [_HELD[names[int(k)]] for k in of]
    system, state, held = _lesioned(view, causes, held_by, columns, of)
    state = started(state, np.repeat(sustained, grid.shape[1]))
    _, now = system.rest(state, held, cycles=2)
    return discharge_of(view.preparation, now).reshape(grid.shape)


def started(state: State, sustained: Bools) -> State:
    """Runs that start well, or as after years of a full spasm: short, sensitised, firing."""
    marked = on_branch(state, sustained)
    where = sustained[:, None]
    return replace(
        marked,
        sarcomeres=np.where(where, 0.9, marked.sarcomeres),
        contracture=np.where(where, 1.3, marked.contracture),
        sensitisation=np.where(where, 0.6, marked.sensitisation),
        disc_height=np.where(where, 0.98, marked.disc_height),
        fast=replace(marked.fast, force=np.where(where, 0.15, marked.fast.force)),
    )


def discharge_of(preparation: Preparation, now: Drivers) -> Array:
    """Self-sustained discharge of the first root's paraspinal (0 to 1), shape (runs,)."""
    return np.asarray(now.self_sustained[:, paraspinal_of(preparation)] / 10.0)


def paraspinal_of(preparation: Preparation) -> int:
    """The muscle that closes the circle at the first root; the one it reaches most, if none."""
    squeezing = preparation.squeezes[0]
    return int(np.argmax(squeezing if squeezing.any() else preparation.reach[0]))


def _lesioned(
    view: System,
    causes: Array,
    held_by: Sequence[frozenset[str]],
    columns: Mapping[str, Mapping[str, Array]] | None,
    of: NDArray[np.intp],
) -> tuple[System, State, Held]:
    """Healthy runs in which some loops are held at what the cause by itself gives."""
    m = view.mechanism

    def without(loop: str, number: Any, instead: float) -> Array:  # noqa: ANN401 - a number
        cut = np.array([loop in item for item in held_by])[:, None]
        return np.where(cut, instead, number + np.zeros((causes.size, 1)))

    values: dict[str, dict[str, Array]] = {
        "drive": {
            "persistent_current": without("motoneuron", m.drive.persistent_current, _NO_MEMORY)
        },
        "horn": {
            "strain_gain": without("tendon", m.horn.strain_gain, 0.0),
            "stress_gain": without("tendon", m.horn.stress_gain, 0.0),
            "muscle_gain": without("tendon", m.horn.muscle_gain, 0.0),
        },
        "segment": {
            "paraspinal_maximum_force": without("circle", m.segment.paraspinal_maximum_force, 1e-9)
        },
    }
    for structure, some in (columns or {}).items():
        for name, column in some.items():
            values.setdefault(structure, {})[name] = column[of][:, None]
    system = view.with_columns(values)
    # Where the circle is held, what resting paraspinals take of the foramen is held with it.
    force = system.habit(causes.size).force[:, [paraspinal_of(view.preparation)]]
    full = m.segment.paraspinal_maximum_force * motion_segment.foramen_slope(m.segment) * force
    open_ = np.array(["circle" in item for item in held_by]) | (not view.rival.circle_closed)
    pressed = causes + np.where(open_, full[:, 0], 0.0)
    state = system.healthy(pressed)
    by_cause = sensitisation_of(system, state)
    is_held = np.array(["horn" in item for item in held_by])[:, None]
    return system, state, Held(sensitisation=by_cause, is_held=is_held)


def sensitisation_of(system: System, state: State) -> Array:
    """Sensitisation that the cause by itself leads to, muscles as they are in health."""
    m = system.mechanism
    force = system.habit(state.cause.shape[0]).force
    still = replace(state, fast=replace(state.fast, force=force))
    pressed = irritation(m, system.preparation, still, closed=system.rival.circle_closed)
    touch = m.links.touch_by_day + pressed.touch
    nociception = dorsal_horn.nociceptive_drive(m.horn, pressed.nociceptors)
    level = np.zeros_like(state.cause)
    for _ in range(60):
        rate = dorsal_horn.projection_rate(m.horn, touch, nociception, level)
        level = np.asarray(pain.sensitisation_target(m.pain, rate))
    return level


# -- Branches over the cause -----------------------------------------------------------------


def _nodes(intervals: Sequence[Interval], own: float) -> Array:
    """Causes to look at: evenly, this person's own, and closely about each edge."""
    near = [
        edge + offset
        for item in intervals
        for edge in (item.low_mm, item.high_mm)
        for offset in (-0.03, 0.03)
    ]
    inside = [
        item.low_mm + share * item.width_mm
        for item in intervals
        for share in (0.15, 0.3, 0.5, 0.7, 0.85)
    ]
    about = [
        x for i in intervals for x in (i.low_mm - 0.5 * i.width_mm, i.high_mm + 0.5 * i.width_mm)
    ]
    nodes = np.concatenate([np.linspace(0.0, LARGEST_CAUSE, 25), near, inside, about, [own]])
    return np.unique(np.round(np.clip(nodes, 0.0, LARGEST_CAUSE), 9))


def _branches(view: System, nodes: Array) -> tuple[Branch, Branch, tuple[State, Array]]:
    """Both branches: from well and from chronic, then each from its neighbours' rest.

    Continuation up and down in the cause starts every node where its neighbour rests; a state
    that is found only so joins the others.
    """
    n = nodes.size
    causes = np.concatenate([nodes, nodes])
    chronic = np.arange(2 * n) >= n
    state, _ = view.rest(started(view.healthy(causes), chronic))
    # Upward from the node below on the well branch, downward from the one above on the other.
    below, above = np.maximum(np.arange(n) - 1, 0), n + np.minimum(np.arange(n) + 1, n - 1)
    state, now = view.rest(with_cause(taken(state, np.concatenate([below, above])), causes))
    discharge = discharge_of(view.preparation, now)
    felt = now.pain[:, 0]
    made = [
        Branch(
            name,
            tuple(float(x) for x in nodes),
            tuple(float(x) for x in felt[part]),
            tuple(float(x) for x in discharge[part]),
        )
        for name, part in (("well", slice(0, n)), ("chronic", slice(n, 2 * n)))
    ]
    return made[0], made[1], (state, causes)


def _states_at(
    view: System, settled: tuple[State, Array], nodes: Array, own: float
) -> tuple[StableState, ...]:
    """The stable states under this person's own cause, quietest first."""
    state, _ = settled
    at = int(np.argmin(np.abs(nodes - own)))
    both, now = view.rest(taken(state, np.array([at, nodes.size + at])), cycles=2)
    return _described(view, both, now, (("well",), ("chronic",)))


def _described(
    view: System, state: State, now: Drivers, starts: Sequence[tuple[str, ...]]
) -> tuple[StableState, ...]:
    p = view.preparation
    discharge, felt = discharge_of(p, now), now.pain[:, 0]
    gains = loop_gains(view, state, now)
    drift = view.drift(state)
    muscle = paraspinal_of(p)
    found: list[StableState] = []
    for k, start in enumerate(starts):
        same = [i for i, item in enumerate(found) if is_same(item, discharge[k], felt[k])]
        if same:
            old = found[same[0]]
            found[same[0]] = replace(old, reached_from=(*old.reached_from, *start))
            continue
        found.append(
            StableState(
                cause_mm=float(state.cause[k, 0]),
                kind=kind_of(discharge[k], felt[k]),
                pain=float(felt[k]),
                discharge=float(discharge[k]),
                length=float(state.sarcomeres[k, muscle]),
                sensitisation=float(state.sensitisation[k, 0]),
                compression=float(now.root.compression[k, 0]),
                disc_height=float(state.disc_height[k, 0]),
                reached_from=start,
                drift=float(drift[k]),
                gain=gains[k],
            )
        )
    return tuple(sorted(found, key=lambda item: item.discharge))


def is_same(item: StableState, discharge: float, felt: float) -> bool:
    """Whether a rest is the one already found: same hold on the pool, same pain."""
    return abs(item.discharge - discharge) < 0.02 and abs(item.pain - felt) < 0.05


def kind_of(discharge: float, felt: float) -> str:
    """Well, painful with quiet muscles, or chronic."""
    if discharge > _HALF:
        return "chronic"
    return "well" if felt < 0.5 else "painful"


# -- Gain of the circle ----------------------------------------------------------------------

LINKS: Final = (
    "foramen by pull",
    "compression by foramen",
    "discharge by compression",
    "nociception by discharge",
    "projection by nociception",
    "tone by projection",
    "pull by tone",
)


def circle_links(view: System, state: State, now: Drivers) -> Mapping[str, Array]:
    """Partial derivative of each link around the circle at a state, shape (runs,) each.

    Central differences of the very functions that move the system, on the branch it is on. Units:
    mm a maximum force, 1/mm, Hz, 1, 1, 1/Hz, and maximum forces; the product is a pure number.
    """
    m, p = view.mechanism, view.preparation
    j = paraspinal_of(p)
    closes = view.rival.circle_closed and bool(p.squeezes[0, j])
    force, compressed = state.fast.force[:, [j]], now.root.compression[:, [0]]
    taken_up = state.cause[:, [0]] + state.flare[:, [0]]
    lost = (1.0 - state.disc_height[:, [0]]) * m.links.disc_height

    def foramen(f: Array) -> Array:
        pulled = motion_segment.paraspinal_force(m.segment, f)
        return np.asarray(motion_segment.foramen(m.segment, pulled, disc_loss=lost))

    def projection(c: Array) -> Array:
        touch = m.links.touch_by_day + now.root.touch[:, [0]]
        return dorsal_horn.projection_rate(m.horn, touch, c, state.sensitisation[:, [0]])

    def nociception(d: Array) -> Array:
        return dorsal_horn.nociceptive_drive(m.horn, d)

    slopes = (
        _slope(foramen, force, 1e-4) * closes / p.squeezes[0].sum() if closes else 0.0 * force,
        _slope(
            lambda h: root.smooth_compression(m.root, h, taken_up), now.root.foramen[:, [0]], 1e-4
        ),
        _slope(lambda u: root.nociceptor_discharge(m.root, u), compressed, 1e-5),
        _slope(nociception, now.root.nociceptors[:, [0]], 1e-4),
        # The table is linear between nodes 6 % apart: a step over one of them.
        _slope(projection, now.nociception[:, [0]], 0.03 * (1.0 + now.nociception[:, [0]])),
        _tone_slope(view, state, now, j),
        _pull_slope(view, state, now, j),
    )
    return {name: slope[:, 0] for name, slope in zip(LINKS, slopes, strict=True)}


def _slope(function: Callable[[Array], Array], at: Array, step: Array | float) -> Array:
    slope: Array = (function(at + step) - function(at - step)) / (2.0 * np.asarray(step))
    return slope


def _tone_slope(view: System, state: State, now: Drivers, j: int) -> Array:
    """Conducting tone of a muscle by the projection rate of the first root, on its branches."""
    m = view.mechanism
    share = float(view.preparation.reach[0, j])
    felt = (now.projection[:, :, None] * view.preparation.reach).max(axis=1)[:, [j]]
    leads = felt <= share * now.projection[:, [0]] + 1e-12  # another root may send it more
    by_class = np.asarray(state.receptors.density)
    density = receptors.muscle_density(now.silent_share, by_class[SILENT], by_class[CONDUCTING])
    rise = threshold.relative_rise(state.threshold)
    scale = np.asarray(drive.threshold(rise, state.homeostasis))[:, [j]]

    def tone(projection: Array) -> Array:
        excitation = drive.excitatory_drive(
            m.drive, projection, receptor_density=np.asarray(density)[:, [j]]
        )
        halves = [
            drive.tone(
                m.drive, excitation / (scale * least), sustained=now.sustained[half][:, [j]]
            ).discharge
            for half, least in enumerate((m.links.small_threshold, m.links.large_threshold))
        ]
        both: Array = (1.0 - now.silent_share[:, [j]]) * 0.5 * (halves[0] + halves[1])
        return both

    slope: Array = share * leads * _slope(tone, felt, 1e-4)
    return slope


def _pull_slope(view: System, state: State, now: Drivers, j: int) -> Array:
    """Pull of a muscle by its tone, at the length that it has."""
    m = view.mechanism
    guarding = (now.nociception[:, :, None] * view.preparation.reach).max(axis=1)[:, [j]]

    def pull(tone: Array) -> Array:
        posture = joint.equilibrium(
            m.joint,
            m.curves,
            joint.Pull(
                activation=drive.involuntary_activation(m.drive, tone),
                serial_sarcomeres=state.sarcomeres[:, [j]],
                contracture=state.contracture[:, [j]],
            ),
            joint.Pull(),
            nociceptive_drive=guarding,
            start=state.fast.angle[:, [j]],
        )
        return posture.agonist.tendon_force

    # A quiet pool cannot fire less than nothing.
    tone = np.maximum(now.tone[:, [j]], 2e-4)
    return _slope(pull, tone, 1e-4)


def loop_gains(view: System, state: State, now: Drivers) -> tuple[LoopGain, ...]:
    """Gain of the circle at each run's state, which must rest."""
    links = circle_links(view, state, now)
    product = np.prod(np.stack([links[name] for name in LINKS]), axis=0)
    settled = gain_at_rest(view, state)
    return tuple(
        LoopGain({name: float(links[name][k]) for name in LINKS}, float(product[k]), settled[k])
        for k in range(product.size)
    )


def gain_at_rest(view: System, state: State, push: float = 2e-3) -> tuple[float, ...]:
    """The circle opened at the pull: how much of a small pull comes back when all has settled."""
    runs, j = state.cause.shape[0], paraspinal_of(view.preparation)
    pair = taken(state, np.concatenate([np.arange(runs), np.arange(runs)]))
    put_in = pair.fast.force.copy()
    put_in[:runs, j] -= 0.5 * push
    put_in[runs:, j] += 0.5 * push
    pair = replace(pair, fast=replace(pair.fast, force=put_in))
    _, now = view.rest(pair, Held(pull=put_in), cycles=2)
    out = now.force[:, j]
    return tuple(float(g) for g in (out[runs:] - out[:runs]) / push)


# -- Separatrix ------------------------------------------------------------------------------


def _separatrix(view: System, intervals: Sequence[Interval], own: float) -> list[Separatrix]:
    """Along the straight way between the two rests, at causes inside each interval."""
    shares = (0.02, 0.15, 0.3, 0.5, 0.7, 0.85, 0.98)
    inside = [i.low_mm + s * i.width_mm for i in intervals for s in shares]
    if not inside:
        return []
    inside += [own for i in intervals if i.low_mm < own < i.high_mm]
    causes = np.unique(np.array(inside))
    n = causes.size
    ends, now = view.rest(
        started(view.healthy(np.concatenate([causes, causes])), np.arange(2 * n) >= n)
    )
    discharge, felt = discharge_of(view.preparation, now), now.pain[:, 0]
    well, chronic = taken(ends, np.arange(n)), taken(ends, np.arange(n, 2 * n))
    found = [crossing(view, well, chronic, sustained=flag) for flag in (False, True)]
    return [
        Separatrix(
            float(causes[k]),
            float(felt[k]),
            float(felt[n + k]),
            *(value for share, pain_there in found for value in (share[k], pain_there[k])),
        )
        for k in range(n)
        if discharge[n + k] - discharge[k] > 0.02 or felt[n + k] - felt[k] > 0.05
    ]


def crossing(
    view: System, well: State, chronic: State, *, sustained: bool
) -> tuple[list[float | None], list[float | None]]:
    """Share of the way from well to chronic beyond which a state falls to chronic, and pain there.

    None where every state of the way, on that branch, falls to the same side.

    Args:
        view: The system.
        well: One rest, a run for each cause.
        chronic: The other, under the same causes.
        sustained: On which branch the pools are put.
    """
    n = well.cause.shape[0]
    level = 0.5 * (
        discharge_of(view.preparation, view.at(well))
        + discharge_of(view.preparation, view.at(chronic))
    )
    low, high = np.zeros(n), np.ones(n)
    separated = np.zeros(n, dtype=bool)
    for turn in range(3):
        grid = np.linspace(low, high, _GRID, axis=1)
        over = falls_to_chronic(view, well, chronic, grid, sustained=sustained) > level[:, None]
        if turn == 0:
            separated = over[:, -1] & ~over[:, 0]
        first, at = np.where(over.any(axis=1), over.argmax(axis=1), _GRID - 1), np.arange(n)
        low, high = grid[at, np.maximum(first - 1, 0)], grid[at, first]
    share = 0.5 * (low + high)
    there = view.at(on_branch(between(well, chronic, share[:, None]), np.full(n, sustained))).pain[
        :, 0
    ]
    shares = [float(s) if ok else None for s, ok in zip(share, separated, strict=True)]
    return shares, [float(p) if ok else None for p, ok in zip(there, separated, strict=True)]


def falls_to_chronic(
    view: System, well: State, chronic: State, grid: Array, *, sustained: bool
) -> Array:
    """Discharge at which states between two rests come to rest, (causes, shares)."""
    rows = np.repeat(np.arange(grid.shape[0]), grid.shape[1])
    state = between(taken(well, rows), taken(chronic, rows), grid.ravel()[:, None])
    state = on_branch(state, np.full(rows.size, sustained))
    if sustained:  # no more of the pool than the chronic rest itself holds
        state = replace(
            state, fast=replace(state.fast, sustained=taken(chronic, rows).fast.sustained)
        )
    _, now = view.rest(state, cycles=2)
    return discharge_of(view.preparation, now).reshape(grid.shape)


# -- Dose ------------------------------------------------------------------------------------


def _needled(preparation: Preparation, schedule: Schedule) -> Bools:
    """Where the needle goes: as scheduled, else the paraspinals."""
    sites = {site for event in schedule.events if event.kind == "needling" for site in event.sites}
    where = np.array([site in sites for site in preparation.muscles])
    return where if where.any() else np.asarray(preparation.squeezes.any(axis=0), dtype=bool)


def _doses(
    view: System, where: Bools, intervals: Sequence[Interval], own: float
) -> list[DoseToCross]:
    inside = [i.low_mm + s * i.width_mm for i in intervals for s in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9)]
    if any(i.low_mm < own < i.high_mm for i in intervals):
        inside.append(own)
    if not inside:
        return []
    causes = np.unique(np.array(inside))
    crossed = dose_crosses(view, where, causes, INSERTIONS, SESSIONS)
    return [
        DoseToCross(
            float(cause),
            SESSIONS,
            tuple(
                INSERTIONS[int(np.argmax(column))] if column.any() else None
                for column in crossed[k].T
            ),
            bool(
                (np.diff(crossed[k].astype(int), axis=0) >= 0).all()
                and (np.diff(crossed[k].astype(int), axis=1) >= 0).all()
            ),
        )
        for k, cause in enumerate(causes)
    ]


def dose_crosses(
    view: System,
    where: Bools,
    causes: Array,
    insertions: Sequence[int],
    sessions: Sequence[int],
) -> Bools:
    """Whether weekly needling takes the chronic rest across, (causes, insertions, sessions).

    Nothing else is done: no stretching, no education. Judged a long time after the last session.
    """
    n = causes.size
    ends, now = view.rest(
        started(view.healthy(np.concatenate([causes, causes])), np.arange(2 * n) >= n)
    )
    discharge = discharge_of(view.preparation, now)
    level = 0.5 * (discharge[:n] + discharge[n:])
    which, pricks, visits = (
        a.ravel() for a in np.meshgrid(np.arange(n), insertions, sessions, indexing="ij")
    )
    state = taken(ends, n + which)
    sites = tuple(s for s, w in zip(view.preparation.muscles, where, strict=True) if w)
    for week in range(max(sessions)):
        before = view.at(state)
        for count in insertions:
            event = Event(7.0 * week, "needling", sites, count)
            due = (pricks == count) & (visits > week)
            state = given(
                view.mechanism, view.preparation, state, before, event, due, view.rival.cuts
            )
        for days in _WEEK:
            state, _ = view.moved(state, days, settle=False)
    _, now = view.rest(state, cycles=2)
    ended: Bools = discharge_of(view.preparation, now) < level[which]
    return ended.reshape(n, len(insertions), len(sessions))


# -- One more number -------------------------------------------------------------------------


def _declared(second: tuple[str, str]) -> Declaration:
    declared = {f"{s}.{d.name}": d for s, d in Mechanism().declarations() if d.high > d.low}
    key = ".".join(second)
    if key not in declared:
        raise UnknownName("uncertain parameter", key, declared)
    return declared[key]


def _region(view: System, second: tuple[str, str]) -> Region:
    """Two-state causes as one more number runs over its range."""
    structure, name = second
    item = _declared(second)
    spaced = np.geomspace if item.low > 0 else np.linspace
    values = np.unique(np.append(spaced(item.low, item.high, 8), item.value))
    intervals = edges_of_loops(view, ("all",) * values.size, {structure: {name: values}})
    return Region(
        structure,
        name,
        item.unit,
        item.meaning,
        item.value,
        tuple(float(v) for v in values),
        tuple(intervals),
    )
