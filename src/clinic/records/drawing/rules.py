"""A person's own drawing as data: parts of the body, a feeling in each, its intensity.

Pure functions. A part is a region of the body drawing and a side, as the atlas names them; one part
may hold several feelings. Nothing drawn can be said on purpose ("nothing") and differs from a
drawing that was never begun.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import fsum
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


# ------------------------------------------------------------- how large, and how much the same

Place = tuple[str, str]
Parts = Iterable[Mapping[str, Any]]
_STEPS: Final = 12  # straight pieces for a curve; the area of a region changes by under 1 in 1,000


@cache
def areas() -> Mapping[Place, float]:
    """The area of each part on the figure, front and back together, in units of the drawing.

    It is an area of the picture, not of skin: the figure is flat, and nobody is built like it.
    """
    found: dict[Place, float] = {}
    for outline in outlines():
        if outline.kind == "region":
            place = (outline.region_id, outline.side)
            found[place] = found.get(place, 0.0) + area_of(outline.path)
    return found


def area_of(path: str) -> float:
    """The area inside a closed path of lines and cubic curves.

    >>> area_of("M0,0 L10,0 L10,5 L0,5 Z")
    50.0
    """
    points: list[tuple[float, float]] = []
    for letter, rest in re.findall(r"([MLCZ])([^MLCZ]*)", path):
        numbers = [float(each) for each in re.findall(r"-?\d+\.?\d*", rest)]
        pairs = list(zip(numbers[0::2], numbers[1::2], strict=True))
        if letter in "ML":
            points += pairs
        for start in range(0, len(pairs) - 2 if letter == "C" else 0, 3):
            points += _curve(points[-1], *pairs[start : start + 3])
    around = zip(points, [*points[1:], *points[:1]], strict=True)
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in around)) / 2


def _curve(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> list[tuple[float, float]]:
    found = []
    for step in range(1, _STEPS + 1):
        t = step / _STEPS
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        found.append(
            (
                sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True)),
                sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True)),
            )
        )
    return found


def places(parts: Parts, feelings: Iterable[str] = FEELINGS) -> frozenset[Place]:
    """The parts in which any of these feelings is felt at all; an intensity of 0 is not felt."""
    wanted = set(feelings)
    return frozenset(
        (part["region"], part["side"])
        for part in parts
        if part["feeling"] in wanted and part["intensity"] > 0
    )


def share(drawn: Iterable[Place]) -> float:
    """The share of the whole figure that parts take up, 0 to 1."""
    return fsum(areas()[place] for place in set(drawn)) / fsum(areas().values())


def overlap(one: frozenset[Place], other: frozenset[Place]) -> float | None:
    """How much two drawings are the same: common area over joint area (Jaccard), 0 to 1.

    None if nothing is drawn in either: then there is nothing to compare.
    """
    joint = fsum(areas()[place] for place in one | other)
    return fsum(areas()[place] for place in one & other) / joint if joint else None


@dataclass(frozen=True, slots=True)
class Change:
    """One feeling in one part, before and now; None where it was not drawn."""

    region: str
    side: str
    feeling: str
    before: int | None
    now: int | None

    @property
    def kind(self) -> str:
        """`new`, `gone`, `more`, `less` or `same`."""
        before, now = self.before or 0, self.now or 0
        if not before:
            return "new" if now else "same"
        if not now:
            return "gone"
        return "more" if now > before else "less" if now < before else "same"

    @property
    def words(self) -> str:
        """The change in words."""
        where = f"{part_words(self.region, self.side)}: {FEELINGS[self.feeling].lower()}"
        match self.kind:
            case "new":
                return f"{where}, {self.now} out of 10"
            case "gone":
                return f"{where}, was {self.before} out of 10"
            case "same":
                return f"{where}, {self.now or 0} out of 10"
        return f"{where}, {self.before} to {self.now} out of 10"


def changes(before: Parts, now: Parts) -> list[Change]:
    """Every feeling of either drawing, part by part."""
    old = {(p["region"], p["side"], p["feeling"]): p["intensity"] for p in before}
    new = {(p["region"], p["side"], p["feeling"]): p["intensity"] for p in now}
    return [
        Change(*key, before=old.get(key), now=new.get(key)) for key in dict.fromkeys([*old, *new])
    ]
