"""A person's own drawing as data: parts of the body, a feeling in each, its intensity.

Pure functions. A part is a region of the body drawing and a side, as the atlas names them; one part
may hold several feelings. Nothing drawn can be said on purpose ("nothing") and differs from a
drawing that was never begun.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from myotome.atlas.outlines import outlines
from myotome.errors import InputError, UnknownName

FEELINGS: Final = {
    "pain": "Pain",
    "ache": "Ache",
    "burning": "Burning",
    "tingling": "Tingling",
    "numbness": "Numbness",
}
NOTHING: Final = "nothing"
INTENSITIES: Final = range(11)


@cache
def regions() -> dict[tuple[str, str], str]:
    """Every part that can be drawn on: region and side, and its name."""
    return {
        (outline.region_id, outline.side): outline.name
        for outline in outlines()
        if outline.kind == "region"
    }


def part_words(region: str, side: str) -> str:
    """A part in words: `Thumb, right`."""
    name = regions().get((region, side), region)
    return name if side == "midline" else f"{name}, {side}"


def read_parts(typed: Iterable[str]) -> dict[str, Any] | None:
    """What was drawn, from lines such as `thumb:right:tingling:6`; None if nothing was said.

    Of two lines for one part and feeling the later holds.

    Raises:
        InputError: A line is none such.
    """
    typed = list(typed)
    if not typed:
        return None
    found: dict[tuple[str, str, str], int] = {}
    for line in typed:
        if line == NOTHING:
            continue
        pieces = line.split(":")
        if len(pieces) != 4:
            raise InputError(f"A part must be written as region:side:feeling:number, got '{line}'.")
        region, side, feeling, number = pieces
        if (region, side) not in regions():
            raise UnknownName("part of the drawing", region, [name for name, _ in regions()])
        if feeling not in FEELINGS:
            raise UnknownName("feeling", feeling, FEELINGS)
        if not number.isdecimal() or int(number) not in INTENSITIES:
            raise InputError(f"How strong it is must be 0 to 10, got '{number}'.")
        found[region, side, feeling] = int(number)
    return {
        "parts": [
            {"region": region, "side": side, "feeling": feeling, "intensity": number}
            for (region, side, feeling), number in found.items()
        ]
    }


def drawn_in_words(drawing: dict[str, Any]) -> tuple[str, ...]:
    """Each part of a drawing in words: `Thumb, right: tingling, 6 out of 10`."""
    return tuple(
        f"{part_words(part['region'], part['side'])}: {FEELINGS[part['feeling']].lower()},"
        f" {part['intensity']} out of 10"
        for part in drawing["parts"]
    )
