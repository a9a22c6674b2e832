"""Course: weeks of adaptation, treated, sham and untreated side by side.

    onset -> first visit -> (day's doses -> drivers -> advance, events between) -> results

All arms and draws advance together on one adaptive step: the drivers of the middle of a step
move the state, those of its start say how far off that is. Nothing random happens inside, so the
same case, schedule and seed give the same course to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import joint, pain, receptors, soreness, strength
from myotome.simulation.advance import Habit, advanced, slow_part
from myotome.simulation.drivers import (
    Doses,
    Drivers,
    DriverSource,
    Fidelity,
    RateDrivers,
    reported_pain,
    resting,
)
from myotome.simulation.events import doses_of_day, given
from myotome.simulation.mechanism import Cut, Mechanism
from myotome.simulation.onset import Beginning, cause_for, resting_pain, with_own_pain_map
from myotome.simulation.preparation import Preparation
from myotome.simulation.rivals import RIVALS, Rival
from myotome.simulation.schedule import Event, Schedule
from myotome.simulation.state import CONDUCTING, SILENT, Fast, State, healthy

Array = NDArray[np.float64]

ARMS: Final = ("treated", "sham", "untreated")
_TOLERANCE: Final = 3e-2
_LONGEST_STEP: Final = 7.0
_SHORTEST_STEP: Final = 0.2
_FIRST_STEP: Final = 0.01  # just after a treatment, whose touch is gone within a quarter of an hour
_ONSET_STEP: Final = 7.0
_CANDIDATES: Final = 8
_READ_AT_ONCE: Final = 16_384  # muscles of runs and days: 128 KiB each array


@dataclass(frozen=True, slots=True)
class Quantity:
    """One thing that a course gives: what it is, its unit, and what it belongs to."""

    name: str
    unit: str
    of: str
    meaning: str


QUANTITIES: Final = (
    Quantity("pain", "NPRS", "person", "pain a person reports, 0 to 10"),
    Quantity("tone", "%", "muscle", "involuntary activation"),
    Quantity("length", "%", "muscle", "serial sarcomeres, relative to health"),
    Quantity("range", "degrees", "muscle", "movement until the muscle stops it"),
    Quantity("tendon_strain", "%", "muscle", "strain of the tendon at rest"),
    Quantity("tendon_damage", "1", "muscle", "damage of the tendon, 0 to 1"),
    Quantity("joint_stress", "MPa", "muscle", "stress in the joint at rest"),
    Quantity("receptors", "1/um2", "muscle", "extrajunctional receptors, mean over units"),
    Quantity("pressure_pain_threshold", "kPa", "muscle", "pressure at which it begins to hurt"),
    Quantity("strength", "%", "muscle", "strength, relative to habit, with conduction"),
    Quantity("soreness", "NPRS", "muscle", "soreness after needling"),
    Quantity("sensitisation", "1", "root", "central sensitisation, 0 to 1"),
    Quantity("irritation", "1", "root", "compression of the root, 0 to 1"),
    Quantity("disc_height", "%", "root", "height of the disc, relative to health"),
)


@dataclass(frozen=True, slots=True)
class Course:
    """What happened in each arm and draw.

    `values[name]` has shape (draws, arms, days, columns): muscles, roots or one person. Draw 0 is
    the central mechanism; the others show what the uncertain numbers allow.
    """

    days: Array
    values: Mapping[str, Array]
    preparation: Preparation
    schedule: Schedule
    beginning: Beginning
    rival: str
    seed: int
    adherence: float
    steps: int
    taken_instead: tuple[str, ...]
    fidelity: Fidelity = "rate"

    @property
    def draws(self) -> int:
        """How many mechanisms were run side by side."""
        return int(self.values["pain"].shape[0])

    def arm(self, name: str, quantity: str) -> Array:
        """One quantity of one arm, shape (draws, days, columns)."""
        found: Array = self.values[quantity][:, ARMS.index(name)]
        return found


def run_course(
    preparation: Preparation,
    schedule: Schedule,
    start: Beginning,
    *,
    weeks: float = 12.0,
    mechanism: Mechanism | None = None,
    draws: int = 1,
    seed: int = 1,
    adherence: float = 0.6,
    rival: str = "segmental_root",
    cuts: frozenset[Cut] = frozenset(),
    fidelity: Fidelity = "rate",
    people: Mechanism | None = None,
    progress: Callable[[float], None] | None = None,
) -> Course:
    """The course of all arms.

    Args:
        preparation: Roots and muscles.
        schedule: What is done to the treated; the sham arm has it without penetration.
        start: Pain and duration at the first visit.
        weeks: How long.
        mechanism: Central parameters.
        draws: How many mechanisms drawn from the ranges, the central one first.
        seed: Of those draws.
        adherence: Share of the home programme that is done, 0 to 1.
        rival: Which explanation.
        cuts: Paths that are cut.
        fidelity: Whether tone is in closed form or read from moments.
        people: Mechanisms of `draws` people, one row each, in place of draws from the ranges.
        progress: Called with the share done.
    """
    chosen = RIVALS[rival]
    if people is not None:
        drawn = chosen.applied_to(people)
    else:
        central = chosen.applied_to(mechanism or Mechanism())
        drawn = central if draws == 1 else likely_draws(central, draws, seed, start.pain)
    run = CourseRun(
        for_arms(drawn, draws), preparation, schedule, chosen, cuts | chosen.cuts, fidelity
    )
    run.begin(start, draws)
    return run.follow(start, weeks, draws, seed, adherence, progress or (lambda _: None))


def likely_draws(mechanism: Mechanism, draws: int, seed: int, wanted: float) -> Mechanism:
    """Draws from the ranges under which this person's pain could have come about at all.

    Of many candidates those are kept that reach the stated pain at some cause; the first is the
    central mechanism. The bands are therefore what the ranges allow, given the first day.
    """
    candidates = mechanism.drawn(_CANDIDATES * draws, seed)
    reached = resting_pain(candidates, np.full((1, 1), 8.0))[:, 0] >= min(wanted, 9.0)
    reached[0] = True
    kept = np.flatnonzero(reached)[:draws]
    if kept.size < draws:  # too few: fill up with what there is, in the same order
        kept = np.concatenate([kept, np.flatnonzero(~reached)[: draws - kept.size]])
    chosen: dict[str, dict[str, Array]] = {}
    for structure, declared in candidates.declarations():
        value = getattr(getattr(candidates, structure), declared.name)
        if isinstance(value, np.ndarray):
            chosen.setdefault(structure, {})[declared.name] = value[kept]
    return candidates.with_values(chosen)


def for_arms(mechanism: Mechanism, draws: int) -> Mechanism:
    """Each draw once for every arm: arms of a draw stand next to each other."""
    if draws == 1:
        return mechanism
    repeated: dict[str, dict[str, Array]] = {}
    for structure, declared in mechanism.declarations():
        value = getattr(getattr(mechanism, structure), declared.name)
        if isinstance(value, np.ndarray):
            repeated.setdefault(structure, {})[declared.name] = np.repeat(value, len(ARMS), axis=0)
    return mechanism.with_values(repeated)


class CourseRun:
    """The moving parts of one course."""

    def __init__(
        self,
        mechanism: Mechanism,
        preparation: Preparation,
        schedule: Schedule,
        rival: Rival,
        cuts: frozenset[Cut],
        fidelity: Fidelity = "rate",
    ) -> None:
        self.mechanism = mechanism
        self.fidelity: Fidelity = fidelity
        self.preparation = preparation
        self.schedule = schedule
        self.rival = rival
        self.cuts = cuts
        self.steps = 0
        self.runs = 0
        self.state: State
        self.habit: Habit
        self.drivers: DriverSource

    def begin(self, start: Beginning, draws: int) -> None:
        """Run the history from a healthy start up to the first visit."""
        self.runs = draws * len(ARMS)
        muscles, roots = len(self.preparation.muscles), len(self.preparation.roots)
        self.state = healthy(self.mechanism, self.runs, muscles, roots)
        source = self._source()
        idle = resting(self.preparation, self.runs)
        self.habit = Habit(self.mechanism, source(self.state, idle))
        self.drivers = replace(source, inflammation=self.rival.inflammation)
        if start.pain > 0.0 and self.rival.has_root:
            cause = np.zeros((self.runs, roots))
            wanted = start.pain if start.cause_by is None else start.cause_by
            cause[:, :1] = cause_for(self.mechanism, wanted) + np.zeros((self.runs, 1))
            self.state = replace(self.state, cause=cause)
        # The cause that stands at the first visit is what is left after it began to heal.
        aged = np.exp(start.weeks * 7.0 / self.mechanism.links.healing_time)
        self.state = replace(self.state, cause=self.state.cause * aged)
        self._advance_to(0.0, -start.weeks * 7.0, idle, longest=_ONSET_STEP)
        self._match_pain(start, idle)
        # At the first visit a part of the cause is a passing flare: people come when it is worst.
        share = self.mechanism.links.flare_share
        cause = self.state.cause
        self.state = replace(self.state, cause=(1.0 - share) * cause, flare=share * cause)

    def _source(self) -> RateDrivers:
        closed = self.rival.circle_closed
        if self.fidelity == "rate":
            return RateDrivers(self.mechanism, self.preparation, self.cuts, circle_closed=closed)
        from myotome.simulation.spiking import SpikingDrivers

        return SpikingDrivers(self.mechanism, self.preparation, self.cuts, circle_closed=closed)

    def _match_pain(self, start: Beginning, idle: Doses) -> None:
        if start.pain <= 0.0:
            return
        now = self.drivers(self.state, idle)
        p, control = self.mechanism.pain, np.minimum(self.state.control, 1.0)
        effective = pain.effective_rate(p, now.projection, self.state.sensitisation, control).max(
            axis=1, keepdims=True
        )
        kept = pain.uncontrolled_share(p, control, self.mechanism.links.resting_control)
        self.mechanism = with_own_pain_map(self.mechanism, effective, start.pain / kept)
        self.drivers.mechanism = self.mechanism

    def follow(
        self,
        start: Beginning,
        weeks: float,
        draws: int,
        seed: int,
        adherence: float,
        progress: Callable[[float], None],
    ) -> Course:
        """The weeks from the first visit on."""
        end = weeks * 7.0
        treated, sham = self._arm("treated"), self._arm("sham")
        doing = adherence * (treated | sham)[:, None].astype(float)
        record = _Record(doing, self.mechanism, self.preparation)
        stops = sorted({event.day for event in self.schedule.events} | self._turns(end) | {end})
        day = 0.0
        for stop in stops:
            self._advance_to(stop, day, None, record=record)
            day = stop
            progress(stop / end)
            due = [event for event in self.schedule.events if event.day == stop]
            if due and stop < end:
                now = self.drivers(self.state, self._doses(day, doing))
                record.note(day, self.state, now)
                for event in due:
                    self._give(event, now, treated, sham)
        now = self.drivers(self.state, self._doses(day, doing))
        record.note(day, self.state, now)
        return Course(
            days=np.array(record.days),
            values=record.collected(draws),
            preparation=self.preparation,
            schedule=self.schedule,
            beginning=start,
            rival=self.rival.name,
            seed=seed,
            adherence=adherence,
            steps=self.steps,
            taken_instead=(
                *self.preparation.taken_instead,
                *start.taken_instead,
                *self._read_from_moments(),
            ),
            fidelity=self.fidelity,
        )

    def _read_from_moments(self) -> tuple[str, ...]:
        """How far off the tone is that was read between moments."""
        if self.fidelity == "rate":
            return ()
        from myotome.simulation.tone_table import tone_table

        off = tone_table().rate_error.max()
        said = (
            "Tone was read from moments of spiking pools; between their nodes the reading is off"
            f" by {off:.2g} Hz (root mean square of points held out)."
        )
        return (said,)

    def _turns(self, end: float) -> set[float]:
        """Days on which a programme begins or ends."""
        days = {p.first_day for p in self.schedule.programmes}
        days |= {p.last_day for p in self.schedule.programmes}
        return {day for day in days if 0.0 < day < end}

    def _arm(self, name: str) -> NDArray[np.bool_]:
        here: NDArray[np.bool_] = np.arange(self.runs) % len(ARMS) == ARMS.index(name)
        return here

    def _doses(self, day: float, doing: Array) -> Doses:
        return doses_of_day(self.mechanism, self.preparation, self.schedule, day, self.runs, doing)

    def _give(
        self, event: Event, now: Drivers, treated: NDArray[np.bool_], sham: NDArray[np.bool_]
    ) -> None:
        """One event to the treated; its setting alone to the sham arm."""
        m, p = self.mechanism, self.preparation
        self.state = given(m, p, self.state, now, event, treated, self.cuts)
        if event.kind == "needling":
            setting = replace(event, kind="sham")
            self.state = given(m, p, self.state, now, setting, sham)
        elif event.kind != "sham":
            self.state = given(m, p, self.state, now, event, sham, self.cuts)

    def _advance_to(
        self,
        stop: float,
        day: float,
        idle: Doses | None,
        *,
        longest: float = _LONGEST_STEP,
        record: _Record | None = None,
    ) -> None:
        step = longest if record is None else _FIRST_STEP
        while stop - day > 1e-9:
            doses = idle if idle is not None else self._doses(day, _given(record).doing)
            step = min(step, stop - day)
            first = self.drivers(self.state, doses)
            if record is not None:
                record.note(day, self.state, first)
            self.state, error = self._step(first, doses, step)
            day += step
            self.steps += 1
            wanted = 0.9 * np.sqrt(_TOLERANCE / max(error, 1e-9))
            step = float(np.clip(step * np.clip(wanted, 0.4, 3.0), _SHORTEST_STEP, longest))

    def _step(self, first: Drivers, doses: Doses, days: float) -> tuple[State, float]:
        """One step by the drivers of its middle, and how far those of its start are off."""
        half = self._advanced(first, doses, 0.5 * days)
        middle = self.drivers(half, doses)
        whole = self._advanced(middle, doses, days)
        whole.fast = _fast(middle)
        crude = slow_part(self.mechanism, self.habit, self.state, first, days, self.cuts)
        error = max(
            float(np.abs(whole.sarcomeres - crude.sarcomeres).max()),
            0.2 * float(np.abs(whole.contracture - crude.contracture).max()),
            0.2 * float(np.abs(whole.sensitisation - crude.sensitisation).max()),
            0.05 * float(np.abs(middle.pain - first.pain).max()),
        )
        return whole, error

    def _advanced(self, drivers: Drivers, doses: Doses, days: float) -> State:
        return advanced(
            self.mechanism,
            self.preparation,
            self.habit,
            self.state,
            drivers,
            doses,
            days,
            self.cuts,
        )


def _given(record: _Record | None) -> _Record:
    if record is None:
        raise ValueError("a course needs to know how much of the programme each run does.")
    return record


class _Record:
    """Readings over time, and how much of the programme each run does.

    States are read in blocks of days that fit into a processor's nearest memory, whatever the
    number of runs; a reading needs nothing but its own day.
    """

    def __init__(self, doing: Array, mechanism: Mechanism, preparation: Preparation) -> None:
        self.doing = doing
        self.days: list[float] = []
        self._mechanism = mechanism
        self._preparation = preparation
        self._seen: list[dict[str, Array]] = []
        self._read: list[dict[str, Array]] = []

    def note(self, day: float, state: State, now: Drivers) -> None:
        """Keep what readings are made from."""
        self.days.append(day)
        by_class = np.asarray(state.receptors.density)
        self._seen.append(
            {
                "felt": now.pain,
                "sore": np.asarray(soreness.soreness(state.soreness)),
                "involuntary": now.involuntary,
                "sarcomeres": state.sarcomeres,
                "contracture": state.contracture,
                "strain": now.strain,
                "damage": state.tendon_damage,
                "stress": now.joint_stress,
                "density": np.asarray(
                    receptors.muscle_density(
                        now.silent_share, by_class[SILENT], by_class[CONDUCTING]
                    )
                ),
                "strength": np.asarray(strength.strength(state.strength))
                * (1.0 - now.silent_share),
                "sensitisation": state.sensitisation,
                "ischaemia": state.ischaemia,
                "compression": now.root.compression,
                "disc": state.disc_height,
                "tolerance": state.tolerance,
            }
        )
        if len(self._seen) * now.involuntary.size >= _READ_AT_ONCE:
            self._read_seen()

    def _read_seen(self) -> None:
        """Readings of the days noted since the last time."""
        seen, self._seen = self._seen, []
        if seen:
            kept = {name: np.stack([each[name] for each in seen]) for name in seen[0]}
            self._read.append(_readings(self._mechanism, self._preparation, kept))

    def collected(self, draws: int) -> dict[str, Array]:
        """Readings of all times, as (draws, arms, days, columns)."""
        self._read_seen()
        found = {}
        for name in tuple(self._read[0]):
            # Let go of one after the other, so that they are not held twice.
            values = np.concatenate([block.pop(name) for block in self._read])
            shaped = values.reshape(len(self.days), draws, len(ARMS), -1)
            found[name] = np.moveaxis(shaped, 0, 2)
        return found


def _fast(drivers: Drivers) -> Fast:
    return Fast(
        drivers.tone,
        drivers.sustained,
        drivers.angle,
        drivers.force,
        drivers.strain,
        drivers.joint_stress,
    )


def _readings(
    mechanism: Mechanism, preparation: Preparation, kept: Mapping[str, Array]
) -> dict[str, Array]:
    """What can be measured, in the units of `QUANTITIES`; arrays are (days, runs, columns)."""
    m = mechanism
    # A muscle feels sore with the segments that supply it; others do not lend it their state.
    supplied = preparation.reach > 0.0
    felt_by = np.where(supplied, kept["sensitisation"][..., None], 0.0).max(axis=2)
    moved = joint.range_of_motion(
        m.joint,
        m.curves,
        joint.Pull(
            activation=kept["involuntary"],
            serial_sarcomeres=kept["sarcomeres"],
            contracture=kept["contracture"],
        ),
        pain.stretch_tolerance(m.pain, kept["tolerance"], felt_by),
    )
    bears = pain.pressure_pain_threshold(
        m.pain, felt_by, kept["density"], ischaemia=kept["ischaemia"]
    )
    return {
        "pain": reported_pain(m, kept["sore"], kept["felt"]),
        "tone": 100.0 * kept["involuntary"],
        "length": 100.0 * kept["sarcomeres"],
        "range": np.degrees(moved),
        "tendon_strain": 100.0 * kept["strain"],
        "tendon_damage": kept["damage"],
        "joint_stress": kept["stress"],
        "receptors": kept["density"],
        "pressure_pain_threshold": np.broadcast_to(np.asarray(bears), kept["involuntary"].shape),
        "strength": 100.0 * kept["strength"],
        "soreness": np.broadcast_to(kept["sore"], kept["involuntary"].shape),
        "sensitisation": kept["sensitisation"],
        "irritation": kept["compression"],
        "disc_height": 100.0 * kept["disc"],
    }
