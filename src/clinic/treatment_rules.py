"""What the record takes from the science of treatment: its questions, its places, its rule.

Nothing here runs a model. `questions` is a table, `places` a list of words, and `why_not` says
what an answer takes away, exactly as `myotome.treatment` does everywhere else, so that the record
and a plan can never disagree. The record itself reads the science through this module alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from myotome.atlas import SIDES, Site, atlas
from myotome.errors import UnknownName
from myotome.treatment import (
    Clearance,
    Removal,
    Screening,
    areas_of,
    never_needled,
    place,
    rulebook,
    screen,
)
from myotome.treatment.places import Place
from myotome.treatment.rows import ScreeningItem
from myotome.treatment.screening import ScreenAnswer

__all__ = [
    "Clearance",
    "Place",
    "Removal",
    "ScreenAnswer",
    "Screening",
    "ScreeningItem",
    "Site",
    "areas_of_muscle",
    "given",
    "is_place",
    "muscle_regions",
    "muscles_in",
    "never_needled",
    "place_words",
    "places",
    "questions",
    "region_of_muscle",
    "screen",
    "site_of",
]


def questions() -> Mapping[str, ScreeningItem]:
    """Every screening question by its identifier, in the order in which it is asked."""
    return rulebook().screening_items


@cache
def places() -> tuple[tuple[str, str], ...]:
    """Parts of the body that an answer can name, with their words, by name."""
    names = sorted(rulebook().places)
    return tuple((name, name.replace("_", " ")) for name in names)


def is_place(text: str) -> bool:
    """Whether this names a part of the body, such as `calf-left`."""
    try:
        place(text)
    except UnknownName:
        return False
    return True


def place_words(text: str) -> str:
    """A part of the body in words: `calf, left`."""
    try:
        return str(place(text))
    except UnknownName:
        return text


def muscles_in(text: str) -> frozenset[str]:
    """The muscles that lie in a part of the body, as a wide reading has it.

    Raises:
        UnknownName: No such part.
    """
    return place(text).muscles


def site_of(muscle: str, side: str) -> Site:
    """A muscle and its side.

    Raises:
        UnknownName: No such muscle or side.
    """
    if muscle not in atlas().muscles:
        raise UnknownName("muscle", muscle, atlas().muscles)
    for known in SIDES:
        if side == known:
            return Site("muscle", muscle, known)
    raise UnknownName("side", side, SIDES)


def region_of_muscle(muscle: str) -> str:
    """The muscle region that a muscle belongs to, such as `forearm`.

    Raises:
        UnknownName: No such muscle.
    """
    return atlas().muscle(muscle).region


@cache
def muscle_regions() -> tuple[str, ...]:
    """Every muscle region, in the order of the table of places."""
    found = {row.region for row in atlas().muscles.values()}
    return tuple(name for name in rulebook().places if name in found)


def areas_of_muscle(muscle: str) -> frozenset[str]:
    """The parts of the body for which questions are asked, for a muscle.

    Raises:
        UnknownName: No such muscle.
    """
    return areas_of(region_of_muscle(muscle))


def given(
    answers: Iterable[tuple[str, str, str, str]], week: float = 0.0
) -> tuple[ScreenAnswer, ...]:
    """Answers of a week from their item, answer, part of the body and note.

    Raises:
        InputError: No such answer, item or part.
    """
    return tuple(
        ScreenAnswer(item, answer, region, note, week)  # type: ignore[arg-type]
        for item, answer, region, note in answers
    )
