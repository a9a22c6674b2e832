"""Schedule: what is done when, with which dose, checked before anything runs.

Events happen at one time (needling, sham, mobilisation, ...); programmes go on over days
(stretching, strengthening, ...). Made from the treatments of a case, or from a plan where the
case has none that the model knows. A bad dose is refused with what it must be; what is recorded
and has no part in the model is said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from myotome.atlas import Site
from myotome.case import Case, Treatment
from myotome.errors import InputError
from myotome.treatment import Plan

EVENTS: Final = ("needling", "sham", "mobilisation", "manipulation", "modality", "scar")
PROGRAMMES: Final = ("stretch", "strengthen", "stabilise", "exercise", "education", "medication")
NOT_MODELLED: Final = ("surgery",)
_WEEK: Final = 7.0
_INSERTIONS: Final = 2
_VISITS: Final = 8
_STRETCH_HOLD_S: Final = 30.0
_STRETCHES: Final = 10
_LEAST_HOURS_APART: Final = 12.0
# Doses that a case can record and that change nothing in the model.
_UNUSED: Final[Mapping[str, tuple[str, ...]]] = {
    "needling": ("gauge_mm", "depth_mm"),
    "sham": ("gauge_mm", "depth_mm", "current", "frequency_hz", "minutes"),
    "modality": ("minutes",),
    "mobilisation": ("minutes", "repetitions"),
    "scar": ("minutes",),
    "strengthen": ("hold_s", "repetitions", "sets", "load_percent"),
    "stabilise": ("hold_s", "repetitions", "sets", "per_day", "per_week"),
    "exercise": ("minutes", "repetitions", "sets"),
    "education": ("minutes",),
    "medication": ("per_day",),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing done at one time; `entry` is its number among the treatments of a case, or 0."""

    day: float
    kind: str
    sites: tuple[Site, ...] = ()
    insertions: int = _INSERTIONS
    current: bool = False
    frequency_hz: float | None = None
    minutes: float | None = None
    entry: int = 0


@dataclass(frozen=True, slots=True)
class Programme:
    """Something done day after day, as prescribed; adherence decides how much of it happens."""

    first_day: float
    last_day: float
    kind: str
    sites: tuple[Site, ...] = ()
    minutes_per_day: float = 0.0
    load: float = 0.0
    entry: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """All events in order of time, all programmes, and what could not be modelled."""

    events: tuple[Event, ...] = ()
    programmes: tuple[Programme, ...] = ()
    source: str = ""
    left_out: tuple[str, ...] = ()

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every muscle that is treated, in order of first mention."""
        named = [site for event in self.events for site in event.sites]
        named += [site for programme in self.programmes for site in programme.sites]
        return tuple(dict.fromkeys(site for site in named if site.kind in {"muscle", "paraspinal"}))


def checked(schedule: Schedule, weeks: float) -> Schedule:
    """The same schedule, once nothing in it is impossible.

    Raises:
        InputError: A dose or time cannot be; `place` names the entry and the field.
    """
    for number, event in enumerate(schedule.events, start=1):
        place = f"treatment[{event.entry or number}]"
        if event.kind not in EVENTS:
            raise InputError(
                f"kind must be one of {', '.join(EVENTS)}, got '{event.kind}'.", place=place
            )
        if not 0 <= event.day < weeks * _WEEK:
            raise InputError(
                f"week must be 0 or later and before the end at {weeks:g},"
                f" got {event.day / _WEEK:g}. Simulate longer or leave the treatment out.",
                place=f"{place}.week",
            )
        if not 1 <= event.insertions <= 60:
            raise InputError(
                f"insertions must lie between 1 and 60 at one site, got {event.insertions}.",
                place=f"{place}.insertions",
            )
        if event.frequency_hz is not None and not event.current:
            raise InputError(
                f"frequency_hz needs current = true, got {event.frequency_hz:g} without current.",
                place=f"{place}.frequency_hz",
            )
        if event.frequency_hz is not None and not 0.5 <= event.frequency_hz <= 200:
            raise InputError(
                f"frequency_hz must lie between 0.5 and 200 (Hz), got {event.frequency_hz:g}.",
                place=f"{place}.frequency_hz",
            )
    for number, programme in enumerate(schedule.programmes, start=1):
        if not 0 <= programme.minutes_per_day <= 240:
            raise InputError(
                "a programme must take between 0 and 240 minutes a day, got"
                f" {programme.minutes_per_day:g}. Check hold_s, repetitions and per_day.",
                place=f"treatment[{programme.entry or number}]",
            )
    _check_apart(schedule.events)
    return schedule


def _check_apart(events: Sequence[Event]) -> None:
    last: dict[Site, Event] = {}
    for event in sorted(events, key=lambda item: item.day):
        if event.kind not in {"needling", "sham"}:
            continue
        for site in dict.fromkeys(event.sites):
            before = last.get(site)
            if before and (event.day - before.day) * 24.0 < _LEAST_HOURS_APART:
                raise InputError(
                    f"two sessions at {site} must be at least {_LEAST_HOURS_APART:g} hours apart,"
                    f" got weeks {before.day / _WEEK:g} and {event.day / _WEEK:g}."
                    " Put them into one session.",
                    place=f"treatment[{event.entry}].week" if event.entry else "week",
                )
            last[site] = event


def check_treatments(case: Case, *, file: str = "") -> None:
    """Refuse a case whose treatments could not be simulated, however long it ran.

    Raises:
        InputError: As `checked`, with the number of the treatment in the case.
    """
    last = max((item.week for item in case.treatments), default=0.0) + 1.0
    numbered = list(enumerate(case.treatments, start=1))
    known = [(entry, item) for entry, item in numbered if item.kind not in NOT_MODELLED]
    try:
        checked(_from_treatments(known, last, ()), last)
    except InputError as error:
        raise error.in_file(file) from None


def schedule_of(case: Case, plan: Plan, weeks: float) -> Schedule:
    """What was done in the case, or what the plan proposes where that cannot be modelled."""
    numbered = list(enumerate(case.treatments, start=1))
    known = [(entry, item) for entry, item in numbered if item.kind not in NOT_MODELLED]
    left_out = tuple(
        f"{item.kind} in week {item.week:g} is not modelled."
        for item in case.treatments
        if item.kind in NOT_MODELLED
    )
    if known:
        return checked(_from_treatments(known, weeks, left_out), weeks)
    return checked(_from_plan(plan, weeks, left_out), weeks)


def _from_treatments(
    treatments: Sequence[tuple[int, Treatment]], weeks: float, left_out: tuple[str, ...]
) -> Schedule:
    events: list[Event] = []
    programmes = []
    said = list(left_out)
    for entry, item in treatments:
        unused = [name for name in _UNUSED.get(item.kind, ()) if getattr(item, name) is not None]
        if unused:
            said.append(f"Of {item.kind} in week {item.week:g}, not modelled: {', '.join(unused)}.")
        if item.week >= weeks:
            said.append(f"{item.kind} in week {item.week:g} is not before the end.")
        elif item.kind in EVENTS:
            events += [_event(entry, item, day) for day in _days(item, weeks)]
        elif item.kind in PROGRAMMES:
            programmes.append(_programme(entry, item, weeks))
    events.sort(key=lambda event: event.day)
    return Schedule(tuple(events), tuple(programmes), "the treatments of the case", tuple(said))


def _event(entry: int, item: Treatment, day: float) -> Event:
    return Event(
        day,
        item.kind,
        tuple(dict.fromkeys(item.sites)),
        item.insertions or _INSERTIONS,
        current=bool(item.current),
        frequency_hz=item.frequency_hz,
        minutes=item.minutes,
        entry=entry,
    )


def _days(item: Treatment, weeks: float) -> list[float]:
    """Days of a treatment that is repeated; more often than daily counts as daily."""
    first = item.week * _WEEK
    if not item.for_weeks:
        return [first]
    apart = max(_WEEK / (_times_a_week(item) or 1.0), 1.0)
    count = max(math.ceil(min(item.for_weeks * _WEEK, weeks * _WEEK - first) / apart - 1e-9), 1)
    return [first + apart * number for number in range(count)]


def _times_a_week(item: Treatment) -> float | None:
    return item.per_week or (7.0 * item.per_day if item.per_day else None)


def _programme(entry: int, item: Treatment, weeks: float) -> Programme:
    per_day = (_times_a_week(item) or 7.0) / 7.0
    held = (item.hold_s or _STRETCH_HOLD_S) * (item.repetitions or _STRETCHES) / 60.0
    first = item.week * _WEEK
    length = (item.for_weeks * _WEEK) if item.for_weeks else weeks * _WEEK - first
    return Programme(
        first,
        min(first + length, weeks * _WEEK),
        item.kind,
        tuple(dict.fromkeys(item.sites)),
        minutes_per_day=held * per_day if item.kind == "stretch" else 0.0,
        load=min((_times_a_week(item) or 3.0) / 3.0, 1.0)
        if item.kind in {"strengthen", "exercise"}
        else 0.0,
        entry=entry,
    )


def _from_plan(plan: Plan, weeks: float, left_out: tuple[str, ...]) -> Schedule:
    """Weekly needling of the plan's sites with stretching and education at home."""
    sites = [site for site in plan.sites if site.visit == 1] or list(plan.sites)
    where = tuple(site.site for site in sites)
    visits = [
        Event(week * _WEEK, "needling", where, sites[0].dose.insertions)
        for week in range(min(_VISITS, math.ceil(weeks)))
        if where
    ]
    minutes = 2 * _STRETCHES * _STRETCH_HOLD_S / 60.0
    home = [
        Programme(0.0, weeks * _WEEK, "stretch", where, minutes_per_day=minutes),
        Programme(0.0, weeks * _WEEK, "education"),
    ]
    said = "the plan: weekly needling, stretching twice a day, education"
    if not where:
        said = "the plan without needles: education"
    return Schedule(tuple(visits), tuple(home if where else home[1:]), said, left_out)
