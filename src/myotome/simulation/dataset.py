"""Dataset: a course as labelled arrays, and as one file that other programs can open.

Receives a `Course`; gives an `xarray.Dataset` with the dimensions draw, arm, time and muscle, root
or person, every array with its unit and meaning, and with what was assumed among its attributes.
Where a treatment falls on a time, that time stands twice: just before it and just after it.
xarray loads only here, and only when it is asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from myotome.atlas import Site, atlas
from myotome.simulation.course import ARMS, QUANTITIES, Course
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.rivals import RIVALS
from myotome.simulation.schedule import Event, Programme, Schedule
from myotome.whole_file import write_whole

if TYPE_CHECKING:
    import xarray

ILLUSTRATION: Final = "Illustration of a hypothesis. Not a forecast for this person."
_DAYS_IN_A_WEEK: Final = 7.0
_DIGITS: Final = 12


def dataset_of(course: Course) -> xarray.Dataset:
    """The course as labelled arrays with units, and with what it rests on as attributes."""
    import xarray

    variables = {
        quantity.name: (
            ("draw", "arm", "time", quantity.of),
            course.values[quantity.name],
            {"units": quantity.unit, "long_name": quantity.meaning},
        )
        for quantity in QUANTITIES
    }
    preparation = course.preparation
    coordinates = {
        "draw": ("draw", list(range(course.draws)), {"long_name": "0 has the central values"}),
        "arm": ("arm", list(ARMS)),
        "time": (
            "time",
            course.days / _DAYS_IN_A_WEEK,
            {"units": "weeks", "long_name": "time since the first visit"},
        ),
        "muscle": ("muscle", list(preparation.labels)),
        "root": ("root", [str(root) for root in preparation.roots]),
        "person": ("person", ["person"]),
    }
    return xarray.Dataset(variables, coordinates, _attributes(course))


def write_netcdf(course: Course, path: Path) -> None:
    """Write the course as netCDF-4, whole or not at all.

    Args:
        course: What to write.
        path: The file; what stood there before is replaced once the new one is whole.

    Raises:
        CannotWrite: The place cannot be written; what was there stays as it was.
    """
    dataset = dataset_of(course)
    packed = {quantity.name: {"zlib": True, "complevel": 4} for quantity in QUANTITIES}
    write_whole(path, lambda part: dataset.to_netcdf(part, engine="h5netcdf", encoding=packed))


def schedule_words(schedule: Schedule) -> tuple[str, ...]:
    """What is done when, one sentence for each kind of thing; places once where they stay."""
    said: list[str] = []
    places: tuple[Site, ...] = ()
    for what, sites, dose in (*_events(schedule.events), *map(_programme, schedule.programmes)):
        again = "at the same places" if len(sites) > 1 else "at the same place"
        names = "; ".join(atlas().label(site) for site in sites)
        where = f" {again}" if sites and sites == places else f" at: {names}" if sites else ""
        said.append(f"{what}{where}{dose}.")
        places = sites or places
    return tuple(said)


def parameters_digest() -> str:
    """Twelve hexadecimal digits of every declared parameter, with its range and source."""
    digest = hashlib.sha256()
    for structure, declared in Mechanism().declarations():
        digest.update(f"{structure}: {declared!r}\n".encode())
    return digest.hexdigest()[:_DIGITS]


def _attributes(course: Course) -> dict[str, str | int | float]:
    from myotome import __version__

    roots = ", ".join(str(root) for root in course.preparation.roots)
    rival = RIVALS[course.rival]
    return {
        "title": f"Weeks of adaptation with {roots}: {', '.join(ARMS)}",
        "comment": ILLUSTRATION,
        "model_version": __version__,
        "fidelity": course.fidelity,
        "rival": course.rival,
        "rival_claim": rival.claim,
        "seed": course.seed,
        "adherence": course.adherence,
        "pain_at_the_first_visit": course.beginning.pain,
        "weeks_before_the_first_visit": course.beginning.weeks,
        "schedule": " ".join(schedule_words(course.schedule)) or "Nothing is done.",
        "schedule_source": course.schedule.source,
        "left_out": " ".join(course.schedule.left_out),
        "taken_instead": " ".join(course.taken_instead),
        "parameters_digest": parameters_digest(),
        "atlas_version": atlas().version,
    }


def _events(events: tuple[Event, ...]) -> Iterator[tuple[str, tuple[Site, ...], str]]:
    """Events of one kind, dose and places together, with the weeks in which they are done."""
    alike: dict[tuple[str, tuple[Site, ...], str], list[float]] = {}
    for event in events:
        key = (event.kind, event.sites, _event_dose(event))
        alike.setdefault(key, []).append(event.day / _DAYS_IN_A_WEEK)
    for (kind, sites, dose), weeks in alike.items():
        yield f"{kind.capitalize()} {_weeks(weeks)}", sites, dose


def _event_dose(event: Event) -> str:
    if event.kind not in {"needling", "sham"}:
        return ""
    current = ", with current" if event.current else ""
    return f", {event.insertions} insertions at each{current}"


def _weeks(weeks: list[float]) -> str:
    """Weeks in words: in week 0; weekly, weeks 0 to 7; in weeks 0, 2 and 5."""
    if len(weeks) == 1:
        return f"in week {weeks[0]:.3g}"
    if len(weeks) > 2 and all(after - before == 1.0 for before, after in pairwise(weeks)):
        return f"weekly, weeks {weeks[0]:.3g} to {weeks[-1]:.3g},"
    *first, last = (f"{week:.3g}" for week in weeks)
    return f"in weeks {', '.join(first)} and {last}"


def _programme(programme: Programme) -> tuple[str, tuple[Site, ...], str]:
    first, last = programme.first_day / _DAYS_IN_A_WEEK, programme.last_day / _DAYS_IN_A_WEEK
    dose = f", {programme.minutes_per_day:g} minutes a day" if programme.minutes_per_day else ""
    when = f"{programme.kind.capitalize()} from week {first:.3g} to {last:.3g}"
    return when, programme.sites, dose
