"""System: the slow system of some runs under a lasting cause, moved to where it rests.

Every run is one row of one state, so that all causes, starts and lesions advance together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import cartilage, receptors
from myotome.simulation.advance import Habit, advanced
from myotome.simulation.drivers import Doses, Drivers, RateDrivers, resting
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.preparation import Preparation
from myotome.simulation.rivals import Rival
from myotome.simulation.state import Fast, State, healthy
from myotome.simulation.terrain.rows import each, with_cause

Array = NDArray[np.float64]

LARGEST_CAUSE: Final = 8.0  # mm: as far as an onset looks for a cause
HALF, FULL = 0.25, 0.75  # mean discharge at which the small, then the large, half is sustained
GRID: Final = 13  # points of each of the nested grids in which an edge is sought
_STEP: Final = 3.0  # d, the course's longest step
_CYCLE: Final = 60  # steps between two settlings of what takes years
_CYCLES: Final = 4
_HEALS_NEVER: Final = 1e15  # d


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


def discharge_of(preparation: Preparation, now: Drivers) -> Array:
    """Self-sustained discharge of the first root's paraspinal (0 to 1), shape (runs,)."""
    return np.asarray(now.self_sustained[:, paraspinal_of(preparation)] / 10.0)


def paraspinal_of(preparation: Preparation) -> int:
    """The muscle that closes the circle at the first root; the one it reaches most, if none."""
    squeezing = preparation.squeezes[0]
    return int(np.argmax(squeezing if squeezing.any() else preparation.reach[0]))


def lasting(mechanism: Mechanism) -> Mechanism:
    """The mechanism of one run, its cause never healing."""
    own: dict[str, dict[str, Any]] = {}
    for structure, declared in mechanism.declarations():
        value = getattr(getattr(mechanism, structure), declared.name)
        if isinstance(value, np.ndarray):
            own.setdefault(structure, {})[declared.name] = float(value.ravel()[0])
    own.setdefault("links", {})["healing_time"] = _HEALS_NEVER
    return mechanism.with_values(own)
