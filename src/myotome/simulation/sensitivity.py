"""Sensitivity: which uncertain numbers an outcome hangs on, when all of them vary at once.

Every number that the project chose or could not verify is varied over its declared range, or the
inner part of it: first one at a time about a few points (Morris' elementary effects), then the
dozen that matter together (Sobol). Receives a case and the name of an outcome; gives for each
number how much of the outcome's variance it explains by itself (first order) and with all that
it interacts with (total). An index is of the model and its ranges, not of the body.

Points are taken as they come, also where the stated pain could not have arisen at any cause;
how many those are is reported. The tables of the dorsal horn and of the muscle's curves are held.

Source: Morris (1991) and Campolongo (2011) for screening, Saltelli (2010) for the first order,
Jansen (1999) for the total.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.case import Case
from myotome.errors import InputError, UnknownName
from myotome.examination import Assessment, examine
from myotome.physiology.parameters import Declaration, draw
from myotome.simulation.course import ARMS, CourseRun, for_arms
from myotome.simulation.landscape import (
    APART,
    LARGEST_CAUSE,
    System,
    circle_links,
    discharge_of,
    paraspinal_of,
    started,
)
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.onset import Beginning, beginning, cause_for, resting_pain
from myotome.simulation.preparation import Preparation, prepare
from myotome.simulation.rivals import RIVALS
from myotome.simulation.schedule import Schedule, schedule_of
from myotome.treatment import Plan, plan, screen

Array = NDArray[np.float64]

KEPT: Final = 12
_CANDIDATES: Final = 16
_NOTHING: Final = 1e-4  # an outcome this small is none
_CHUNK: Final = 128
_RESAMPLES: Final = 200
_NARROWINGS: Final = 9
_HALF: Final = 0.25
_HEALS_NEVER: Final = 1e15
# Tables and roundings: no uncertain physiology.
_HELD: Final = {"curves.*", "homeostasis.switch", "root.blend", "horn.inflammation_gain"}


class Outcome(NamedTuple):
    """Something that a mechanism leads to: its unit and what it is."""

    unit: str
    meaning: str


OUTCOMES: Final = {
    "pain_difference": Outcome("NPRS", "pain at 12 weeks, treated minus sham"),
    "two_states": Outcome("1", "two stable states at some cause: 1, else 0"),
    "two_state_width": Outcome("mm", "range of causes that have two stable states"),
    "loop_gain": Outcome("1", "gain of the circle where the chronic start comes to rest"),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What one number does to the outcome; indices None where screening left it out.

    `screened` is the mean size of its elementary effects, in the outcome's unit for the whole
    range; `scattered` their standard deviation. Intervals are the middle 90 % of resamples.
    """

    name: str
    unit: str
    meaning: str
    tag: str
    low: float
    high: float
    screened: float
    scattered: float
    first: float | None = None
    first_interval: tuple[float, float] | None = None
    total: float | None = None
    total_interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How an outcome hangs on the uncertain numbers, the weightiest first."""

    case_id: str
    outcome: str
    unit: str
    meaning: str
    central: float
    mean: float
    spread: tuple[float, float, float]
    effects: tuple[Effect, ...]
    evaluations: int
    base: int
    seed: int
    reach: float
    unreachable: float
    mean_reachable: float | None

    @property
    def kept(self) -> tuple[Effect, ...]:
        """The numbers that screening kept, by total index."""
        return tuple(item for item in self.effects if item.total is not None)

    @property
    def is_settled(self) -> bool:
        """Whether drawing base points again leaves every total index within a third."""
        wide = [item.total_interval for item in self.effects if item.total_interval]
        return all(high - low < 1.0 / 3.0 for low, high in wide)

    @property
    def is_constant(self) -> bool:
        """Whether the outcome did not change at all, so that nothing can be shared out."""
        return self.spread[0] == self.spread[2] and not any(e.screened for e in self.effects)

    def to_dict(self) -> dict[str, Any]:
        """The whole as plain values, for JSON."""
        return asdict(self) | {"is_settled": self.is_settled, "is_constant": self.is_constant}


def sensitivity(
    case: Case,
    outcome: str = "pain_difference",
    *,
    assessment: Assessment | None = None,
    proposal: Plan | None = None,
    screens: int = 6,
    base: int = 256,
    reach: float = 0.5,
    seed: int = 1,
    workers: int = 2,
    progress: Callable[[float], None] | None = None,
) -> Sensitivity:
    """How an outcome of a case hangs on the uncertain numbers.

    Args:
        case: The case.
        outcome: One of `OUTCOMES`.
        assessment: Made from the case when left out.
        proposal: Likewise.
        screens: Points about which the screening looks; each costs one run a number.
        base: Base points of the indices; each costs two runs more than there are numbers kept.
        reach: Share of the way from each central value to the ends of its range that is varied,
            above 0 to 1. Over the whole ranges most points have no spasm and often no pain at
            all, and a few points then carry the variance.
        seed: The same seed gives the same answer, with any number of workers.
        workers: Threads.
        progress: Called with the share done.

    Raises:
        InputError: Too few points, or no pain.
        UnknownName: No such outcome.
    """
    found = assessment or examine(case.examination())
    schedule = schedule_of(case, proposal or plan(found, screen(case.screen)), 12.0)
    return sensitivity_of(
        prepare(found, schedule.sites),
        schedule,
        beginning(case.history.pain_nprs, case.history.duration_weeks),
        outcome,
        screens=screens,
        base=base,
        reach=reach,
        seed=seed,
        workers=workers,
        progress=progress,
        case_id=case.id,
    )


def sensitivity_of(
    preparation: Preparation,
    schedule: Schedule,
    start: Beginning,
    outcome: str,
    *,
    screens: int = 6,
    base: int = 256,
    reach: float = 0.5,
    seed: int = 1,
    workers: int = 2,
    progress: Callable[[float], None] | None = None,
    case_id: str = "",
) -> Sensitivity:
    """The same from a preparation, without a case."""
    if outcome not in OUTCOMES:
        raise UnknownName("outcome", outcome, OUTCOMES, hint=f"They are {', '.join(OUTCOMES)}.")
    for name, number, least in (("screens", screens, 2), ("base", base, 8)):
        if number < least:
            raise InputError(f"{name} must be at least {least}, got {number}.")
    if not 0.0 < reach <= 1.0:
        raise InputError(f"reach must lie above 0 and up to 1, got {reach:g}.")
    if start.pain <= 0.0:
        raise InputError("pain must be above 0 for a sensitivity, got 0. There is no cause.")
    numbers = uncertain_numbers()
    runs = screens * (len(numbers) + 1 + _CANDIDATES) + base * (min(KEPT, len(numbers)) + 2)
    model = _Model(preparation, schedule, start, outcome, reach, workers, runs, progress)
    centre = model(numbers, np.full((1, len(numbers)), np.nan))
    generator = np.random.default_rng(seed)
    # What is either there or not tells little one step at a time; its width tells more.
    screening = model.of("two_state_width" if outcome == "two_states" else outcome)
    points = radial_points(_bases(start, numbers, screens, reach, generator, screening), generator)
    effects_at = screening(numbers, points.reshape(-1, len(numbers)))
    size, scatter = elementary_effects(effects_at.reshape(points.shape[:2]), points)
    kept = np.argsort(-size, kind="stable")[:KEPT]
    chosen = [numbers[k] for k in kept]
    a, b = latin_hypercube(base, 2 * len(chosen), generator).reshape(base, 2, -1).swapaxes(0, 1)
    values = model(chosen, saltelli_points(a, b)).reshape(len(chosen) + 2, base)
    first, total = sobol_indices(values)
    intervals = _resampled(values, generator)
    order = np.argsort(-total, kind="stable")
    effects = [
        _effect(
            chosen[k],
            (float(size[kept[k]]), float(scatter[kept[k]])),
            (float(first[k]), float(total[k])),
            ((intervals[0][0, k], intervals[0][1, k]), (intervals[1][0, k], intervals[1][1, k])),
        )
        for k in order
    ]
    rest = np.argsort(-size, kind="stable")[KEPT:]
    effects += [_effect(numbers[k], (float(size[k]), float(scatter[k]))) for k in rest]
    sample = values[:2].ravel()
    reached = _is_reached(start, chosen, np.concatenate([a, b]), reach)
    low, middle, high = (float(x) for x in np.quantile(sample, (0.05, 0.5, 0.95)))
    return Sensitivity(
        case_id=case_id,
        outcome=outcome,
        unit=OUTCOMES[outcome].unit,
        meaning=OUTCOMES[outcome].meaning,
        central=float(centre[0]),
        mean=float(sample.mean()),
        spread=(low, middle, high),
        effects=tuple(effects),
        evaluations=model.done,
        base=base,
        seed=seed,
        reach=reach,
        unreachable=float(1.0 - reached.mean()),
        mean_reachable=float(sample[reached].mean()) if reached.any() else None,
    )


def _effect(
    number: tuple[str, Declaration],
    screened: tuple[float, float],
    indices: tuple[float, float] | None = None,
    intervals: tuple[tuple[float, float], tuple[float, float]] | None = None,
) -> Effect:
    structure, item = number
    return Effect(
        name=f"{structure}.{item.name}",
        unit=item.unit,
        meaning=item.meaning,
        tag=item.tag,
        low=item.low,
        high=item.high,
        screened=screened[0],
        scattered=screened[1],
        first=None if indices is None else indices[0],
        first_interval=None if intervals is None else _floats(intervals[0]),
        total=None if indices is None else indices[1],
        total_interval=None if intervals is None else _floats(intervals[1]),
    )


def _untold(share: float) -> None:
    """No one asked for progress."""
    del share


def _floats(pair: tuple[float, float]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


# -- Points and estimators -------------------------------------------------------------------


def latin_hypercube(points: int, columns: int, generator: np.random.Generator) -> Array:
    """Points in the unit cube, one in each stratum of every column."""
    strata = np.stack([generator.permutation(points) for _ in range(columns)], axis=1)
    return (strata + generator.random((points, columns))) / points


def radial_points(bases: Array, generator: np.random.Generator) -> Array:
    """Each base point, then the same with one column after the other moved by half the range.

    Ways that move column after column, as Morris walked them, drift into corners of the space
    where no spasm can arise and where nothing then has an effect; these stay about their bases.

    Args:
        bases: Points of the unit cube, shape (bases, columns).
        generator: Decides which way a column moves where both ways stay inside.

    Returns:
        Shape (bases, columns + 1, columns).
    """
    columns = bases.shape[1]
    up = np.where(bases == 0.5, generator.integers(0, 2, bases.shape) == 1, bases < 0.5)
    found = np.repeat(bases[:, None, :], columns + 1, axis=1)
    at = np.arange(columns)
    found[:, at + 1, at] += np.where(up, 0.5, -0.5)
    return found


def elementary_effects(values: Array, points: Array) -> tuple[Array, Array]:
    """Mean size and standard deviation of each column's effects, per whole range.

    Args:
        values: Outcome at `radial_points`, shape (bases, columns + 1).
        points: Those points.
    """
    at = np.arange(points.shape[2])
    path = points[:, at + 1, at] - points[:, :1, :][:, 0]
    found = (values[:, 1:] - values[:, :1]) / path
    return np.abs(found).mean(axis=0), found.std(axis=0)


def saltelli_points(a: Array, b: Array) -> Array:
    """A, B, and A with each column in turn from B, one block after the other."""
    blocks = [a, b]
    for column in range(a.shape[1]):
        mixed = a.copy()
        mixed[:, column] = b[:, column]
        blocks.append(mixed)
    return np.concatenate(blocks)


def sobol_indices(values: Array) -> tuple[Array, Array]:
    """First-order and total indices from values at `saltelli_points`, shape (columns + 2, base).

    Zero throughout where the outcome does not vary.
    """
    of_a, of_b, mixed = values[0], values[1], values[2:]
    variance = np.concatenate([of_a, of_b]).var()
    if variance <= 1e-24:
        return np.zeros(len(mixed)), np.zeros(len(mixed))
    # About the mean: the product of two deviations has far less noise than that of two values.
    centre = np.concatenate([of_a, of_b]).mean()
    first = ((of_b - centre) * (mixed - of_a)).mean(axis=1) / variance
    total = 0.5 * ((of_a - mixed) ** 2).mean(axis=1) / variance
    return first, total


def _resampled(values: Array, generator: np.random.Generator) -> tuple[Array, Array]:
    """Middle 90 % of both indices when base points are drawn again, each (2, columns)."""
    base = values.shape[1]
    both = [sobol_indices(values[:, generator.integers(0, base, base)]) for _ in range(_RESAMPLES)]
    firsts, totals = (np.stack(part) for part in zip(*both, strict=True))
    return np.quantile(firsts, (0.05, 0.95), axis=0), np.quantile(totals, (0.05, 0.95), axis=0)


# -- The model as a function of points -------------------------------------------------------


def uncertain_numbers() -> tuple[tuple[str, Declaration], ...]:
    """Every number that is a choice or unverified and has a range, with its structure."""
    return tuple(
        (structure, item)
        for structure, item in Mechanism().declarations()
        if item.is_drawn
        and f"{structure}.{item.name}" not in _HELD
        and f"{structure}.*" not in _HELD
    )


def mechanism_at(
    numbers: Sequence[tuple[str, Declaration]], points: Array, reach: float = 1.0
) -> Mechanism:
    """The mechanism with columns of values at points of the unit cube.

    Args:
        numbers: What the columns are.
        points: Shape (points, numbers); NaN keeps the central value.
        reach: Share of the way from the central value to each end that the cube spans.
    """
    values: dict[str, dict[str, Array]] = {}
    for (structure, item), column in zip(numbers, points.T, strict=True):
        centre = central_place(item)
        place = centre + reach * (np.nan_to_num(column) - centre)
        drawn = np.where(np.isnan(column), item.value, draw(item, place))
        values.setdefault(structure, {})[item.name] = drawn[:, None]
    return Mechanism().with_values(values)


def _bases(
    start: Beginning,
    numbers: Sequence[tuple[str, Declaration]],
    screens: int,
    reach: float,
    generator: np.random.Generator,
    outcome: Callable[[Sequence[tuple[str, Declaration]], Array], Array],
) -> Array:
    """Points to screen about: the central one, then random ones at which there is an outcome.

    About a point where the stated pain cannot arise, or where nothing ever goes into spasm, no
    number has an effect; those come last.
    """
    candidates = latin_hypercube(_CANDIDATES * screens, len(numbers), generator)
    candidates[0] = [central_place(item) for _, item in numbers]
    unlike = ~_is_reached(start, numbers, candidates, reach)
    without = np.abs(outcome(numbers, candidates)) < _NOTHING
    rank = 2 * unlike + without
    rank[0] = -1
    return candidates[np.argsort(rank, kind="stable")[:screens]]


def central_place(item: Declaration) -> float:
    """Where in its range, 0 to 1, the central value of a number lies; `draw` turned round."""
    low, value, high = (
        (float(np.log(x)) for x in (item.low, item.value, item.high))
        if item.low > 0
        else (item.low, item.value, item.high)
    )
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _is_reached(
    start: Beginning, numbers: Sequence[tuple[str, Declaration]], points: Array, reach: float
) -> NDArray[np.bool_]:
    """Whether some cause gives the stated pain."""
    felt = resting_pain(mechanism_at(numbers, points, reach), np.full((1, 1), LARGEST_CAUSE))
    reached: NDArray[np.bool_] = felt[:, 0] >= min(start.pain, 9.0)
    return reached


class _Model:
    """An outcome as a function of points, in chunks over threads, counting as it goes."""

    def __init__(
        self,
        preparation: Preparation,
        schedule: Schedule,
        start: Beginning,
        outcome: str,
        reach: float,
        workers: int,
        runs: int,
        progress: Callable[[float], None] | None,
    ) -> None:
        self.preparation = preparation
        self.schedule = schedule
        self.start = start
        self.outcome = outcome
        self.reach = reach
        self.workers = workers
        self.runs = runs
        self.progress = progress or _untold
        self.done = 0

    def of(self, outcome: str) -> Callable[[Sequence[tuple[str, Declaration]], Array], Array]:
        """The same model asked for another outcome."""
        return lambda numbers, points: self._asked(outcome, numbers, points)

    def __call__(self, numbers: Sequence[tuple[str, Declaration]], points: Array) -> Array:
        """Values at points of the unit cube, shape (points,)."""
        return self._asked(self.outcome, numbers, points)

    def _asked(
        self, outcome: str, numbers: Sequence[tuple[str, Declaration]], points: Array
    ) -> Array:
        def one(part: Array) -> Array:
            mechanism = mechanism_at(numbers, part, self.reach)
            if outcome == "pain_difference":
                return pain_difference(
                    mechanism, len(part), self.preparation, self.schedule, self.start
                )
            if outcome == "loop_gain":
                return chronic_gain(mechanism, len(part), self.preparation, self.start)
            width = two_state_width(mechanism, len(part), self.preparation)
            return width if outcome == "two_state_width" else (width > APART).astype(float)

        chunks = [points[k : k + _CHUNK] for k in range(0, len(points), _CHUNK)]
        found = []
        with ThreadPoolExecutor(max_workers=max(self.workers, 1)) as pool:
            for values in pool.map(one, chunks):
                found.append(values)
                self.done += values.size
                self.progress(min(self.done / (self.runs + 1), 1.0))
        return np.concatenate(found)


def pain_difference(
    mechanism: Mechanism,
    points: int,
    preparation: Preparation,
    schedule: Schedule,
    start: Beginning,
    weeks: float = 12.0,
) -> Array:
    """Pain (of 10) of the treated less that of the sham arm at the end, shape (points,)."""
    rival = RIVALS["segmental_root"]
    run = CourseRun(for_arms(mechanism, 2), preparation, schedule, rival, rival.cuts)
    run.begin(start, points)
    course = run.follow(start, weeks, points, 0, 0.6, _untold)
    pain = course.values["pain"][:, :, -1, 0]
    return np.asarray(pain[:, ARMS.index("treated")] - pain[:, ARMS.index("sham")])


def of_the_circle(preparation: Preparation) -> Preparation:
    """The first root and the paraspinal that squeezes it, nothing else."""
    j = paraspinal_of(preparation)
    return Preparation(
        preparation.roots[:1],
        (preparation.muscles[j],),
        preparation.reach[:1, [j]],
        preparation.squeezes[:1, [j]],
        preparation.taken_instead,
    )


def _lasting_system(mechanism: Mechanism, preparation: Preparation) -> System:
    never = mechanism.with_values({"links": {"healing_time": _HEALS_NEVER}})
    return System(never, of_the_circle(preparation), RIVALS["segmental_root"])


def two_state_width(mechanism: Mechanism, points: int, preparation: Preparation) -> Array:
    """Range of causes (mm) with two stable states of the pool's small half, shape (points,).

    Both edges are found by halving: where a start from well first ends in spasm, and down to
    where a start from chronic still does.
    """
    both = _doubled(mechanism, points)
    view = _lasting_system(both, preparation)
    chronic = np.arange(2 * points) >= points
    low, high = np.zeros(2 * points), np.full(2 * points, LARGEST_CAUSE)
    for turn in range(_NARROWINGS):
        # First the far end: where even that does not lead to spasm there is no edge.
        cause = high if turn == 0 else 0.5 * (low + high)
        _, now = view.rest(started(view.healthy(cause), chronic), cycles=1)
        over = discharge_of(view.preparation, now) > _HALF
        if turn == 0:
            there = over
            continue
        low, high = np.where(over, low, cause), np.where(over, cause, high)
    edge = np.where(there, 0.5 * (low + high), LARGEST_CAUSE)
    width: Array = np.maximum(edge[:points] - edge[points:], 0.0)
    return width


def _doubled(mechanism: Mechanism, points: int) -> Mechanism:
    """Every column twice, one half after the other."""
    values: dict[str, dict[str, Array]] = {}
    for structure, item in mechanism.declarations():
        value = getattr(getattr(mechanism, structure), item.name)
        if isinstance(value, np.ndarray):
            full = np.broadcast_to(value, (points, 1))
            values.setdefault(structure, {})[item.name] = np.concatenate([full, full])
    return mechanism.with_values(values)


def chronic_gain(
    mechanism: Mechanism, points: int, preparation: Preparation, start: Beginning
) -> Array:
    """Gain of the circle where a chronic start rests under this person's cause, (points,)."""
    view = _lasting_system(mechanism, preparation)
    # What of the cause at the first visit is no passing flare, as in the landscape.
    lasting = cause_for(mechanism, start.pain) * (1.0 - mechanism.links.flare_share)
    cause = np.broadcast_to(lasting, (points, 1))[:, 0]
    state, now = view.rest(started(view.healthy(cause), np.ones(points, dtype=bool)), cycles=2)
    links = circle_links(view, state, now)
    return np.asarray(np.prod(np.stack(list(links.values())), axis=0))
