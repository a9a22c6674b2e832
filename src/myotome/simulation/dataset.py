"""Dataset: a course as labelled arrays, and as one file that other programs can open.

Receives a `Course`; gives an `xarray.Dataset` with the dimensions draw, arm, time and muscle, root
or person, every array with its unit and meaning, and with what was assumed among its attributes.
Where a treatment falls on a time, that time stands twice: just before it and just after it.
xarray loads only here, and only when it is asked for.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from myotome.atlas import Site, atlas
from myotome.simulation.course import ARMS, QUANTITIES, Course
from myotome.simulation.mechanism import Mechanism
from myotome.simulation.rivals import RIVALS
from myotome.simulation.schedule import Event, Programme, Schedule

if TYPE_CHECKING:
    import xarray

ILLUSTRATION: Final = "Illustration of a hypothesis. Not a forecast for this person."
_DAYS_IN_A_WEEK: Final = 7.0
_DIGITS: Final = 12


def dataset_of(course: Course) -> xarray.Dataset:
    """The course as labelled arrays with units, and with what it rests on as attributes."""
    import xarray  # noqa: PLC0415 - heavy; `import myotome.simulation` stays light

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
    """
    dataset = dataset_of(course)
    packed = {quantity.name: {"zlib": True, "complevel": 4} for quantity in QUANTITIES}
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        dataset.to_netcdf(part, engine="h5netcdf", encoding=packed)
        part.chmod(0o644)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def schedule_words(schedule: Schedule) -> tuple[str, ...]:
    """What is done when, one sentence for each kind of thing."""
    return (*_event_words(schedule.events), *map(_programme_words, schedule.programmes))


def parameters_digest() -> str:
    """Twelve hexadecimal digits of every declared parameter, with its range and source."""
    digest = hashlib.sha256()
    for structure, declared in Mechanism().declarations():
        digest.update(f"{structure}: {declared!r}\n".encode())
    return digest.hexdigest()[:_DIGITS]


def _attributes(course: Course) -> dict[str, str | int | float]:
    from myotome import __version__  # noqa: PLC0415 - the package, once it has loaded

    roots = ", ".join(str(root) for root in course.preparation.roots)
    rival = RIVALS[course.rival]
    return {
        "title": f"Weeks of adaptation with {roots}: {', '.join(ARMS)}",
        "comment": ILLUSTRATION,
        "model_version": __version__,
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


def _event_words(events: tuple[Event, ...]) -> Iterator[str]:
    """Events of one kind, dose and places together, with the weeks in which they are done."""
    alike: dict[tuple[str, tuple[Site, ...], str], list[float]] = {}
    for event in events:
        key = (event.kind, event.sites, _event_dose(event))
        alike.setdefault(key, []).append(event.day / _DAYS_IN_A_WEEK)
    for (kind, sites, dose), weeks in alike.items():
        name = "week" if len(weeks) == 1 else "weeks"
        when = f"{kind.capitalize()} in {name} {_listed([f'{week:.3g}' for week in weeks])}"
        yield f"{when}{_at(sites)}{dose}."


def _event_dose(event: Event) -> str:
    if event.kind not in {"needling", "sham"}:
        return ""
    current = " with current" if event.current else ""
    return f", {event.insertions} insertions at each{current}"


def _programme_words(programme: Programme) -> str:
    first, last = programme.first_day / _DAYS_IN_A_WEEK, programme.last_day / _DAYS_IN_A_WEEK
    dose = f", {programme.minutes_per_day:g} minutes a day" if programme.minutes_per_day else ""
    when = f"{programme.kind.capitalize()} from week {first:.3g} to {last:.3g}"
    return f"{when}{_at(programme.sites)}{dose}."


def _at(sites: tuple[Site, ...]) -> str:
    return f": {'; '.join(atlas().label(site) for site in sites)}" if sites else ""


def _listed(words: list[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
