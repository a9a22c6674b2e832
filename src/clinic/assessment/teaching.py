"""What the method teaches of a condition: muscles said to be short, their segments, levels to feel.

It is read from the atlas, shown with its label and its sources, and weighed by nothing: neither the
inference nor a plan knows of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from clinic.assessment.places import Place, all_rows, home_of, place_at
from myotome.atlas import atlas
from myotome.report.atlas_text import condition_facts

UNPROVEN: Final = "Gunn's teaching, unproven"
NOT_HIS: Final = "From anatomy, unproven; no list of Gunn's is known to us"
_FELT: Final = ("tender_motor_point", "tender_paraspinal", "taut_band", "shortened_muscle")
_PARTS: Final = {"back_lumbar": "Low back", "back_thoracic": "Upper back"}
_SIDES: Final = ("right", "left")


@dataclass(frozen=True, slots=True)
class Blamed:
    """A muscle that is said to be short, its segments, and where it is examined."""

    name: str
    segments: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class LevelToFeel:
    """A segment, and the spinous processes beside which it is felt."""

    segment: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Taught:
    """One condition as it is taught."""

    number: int
    name: str
    label: str
    warning: str
    muscles: tuple[Blamed, ...]
    segments: str
    levels: tuple[LevelToFeel, ...]
    notes: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Teaching:
    """Every condition by part of the body, and the sources by their numbers."""

    parts: tuple[tuple[str, tuple[Taught, ...]], ...]
    sources: tuple[dict[str, Any], ...]


@cache
def teaching() -> Teaching:
    """All of it; the same for everybody, and of nobody."""
    facts = [condition_facts(name) for name in atlas().conditions]
    sources = {one["id"]: one for each in facts for one in each["sources"]}
    numbers = {name: number for number, name in enumerate(sorted(sources), start=1)}
    by_part: dict[str, list[Taught]] = {}
    for number, each in enumerate(sorted(facts, key=lambda one: one["name"]), start=1):
        part = _PARTS.get(each["region"], each["region"].capitalize())
        by_part.setdefault(part, []).append(_taught(number, each, numbers))
    return Teaching(
        tuple((part, tuple(found)) for part, found in sorted(by_part.items())),
        tuple(sources[name] | {"number": number} for name, number in numbers.items()),
    )


def _taught(number: int, facts: dict[str, Any], numbers: dict[str, int]) -> Taught:
    return Taught(
        number,
        facts["name"],
        NOT_HIS if facts["verification"] == "inferred" else UNPROVEN,
        facts["warning"],
        tuple(
            Blamed(one["name"], _weighed(one["supply"]), tuple(_places_of(one["id"])))
            for one in facts["muscles"]
        ),
        f"{', '.join(facts['segments'])} ({facts['segment_basis']})",
        tuple(
            LevelToFeel(
                one["segment"],
                tuple(
                    place_at("level", level, side) for level in one["felt_at"] for side in _SIDES
                ),
            )
            for one in facts["levels_to_check"]
        ),
        facts["notes"],
        tuple(sorted(numbers[name] for name in facts["source_ids"])),
    )


def _weighed(supply: list[dict[str, str]]) -> str:
    return ", ".join(
        one["segment"] if one["weight"] == "major" else f"{one['segment']} ({one['weight']})"
        for one in supply
    )


def _places_of(muscle: str) -> Iterator[Place]:
    """Where a muscle is examined, each side once; one that is felt by level is found by level."""
    for side in _SIDES:
        home = next(
            (
                home
                for key in all_rows()
                if (key.site, key.side, key.level) == (muscle, side, "") and key.sign in _FELT
                for home in [home_of(key)]
                if home is not None
            ),
            None,
        )
        if home is not None:
            yield home
