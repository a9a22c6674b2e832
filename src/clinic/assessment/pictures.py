"""The body to touch: an overview whose zones are large enough for a finger, and each zone enlarged.

The drawing is the report's own (`myotome.report.body`). On it the regions of a hand are smaller
than a fingertip, so the first touch chooses a zone and the second a region of it, drawn large.
Beside the spine the zone has a ladder of spinous processes. Marks say what was found so far.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any, Final, Literal, NamedTuple, cast

from django.utils.safestring import SafeString, mark_safe

from clinic.assessment.places import Key, Place, place_at, places
from clinic.assessment.rules import as_finding
from clinic.body_drawing import sides
from myotome.atlas import Site, atlas
from myotome.atlas.outlines import Outline, outlines
from myotome.examination import Finding, grade_of
from myotome.report.body import LensView, Mark, body_svg, lens_svg
from myotome.report.places import place_of
from myotome.report.words import finding_words

View = Literal["front", "back"]
_WIDTH: Final = 200.0
_MARGIN: Final = 3.0


class _Zone(NamedTuple):
    """A zone of the right side or of the middle: its frame on the overview."""

    name: str
    view: View
    frame: tuple[float, float, float, float]
    lens: str = ""
    levels: str = ""
    is_sided: bool = True


_ZONES: Final = (
    _Zone("Head, front", "front", (74, 4, 126, 64), "head_front", is_sided=False),
    _Zone("Neck, front", "front", (74, 66, 126, 88), is_sided=False),
    _Zone("Chest", "front", (73, 90, 127, 148), is_sided=False),
    _Zone("Belly", "front", (64, 150, 136, 212), is_sided=False),
    _Zone("Hip and groin", "front", (58, 213, 142, 240), is_sided=False),
    _Zone("Shoulder, front", "front", (40, 80, 72, 127)),
    _Zone("Upper arm, front", "front", (32, 128, 60, 180)),
    _Zone("Forearm, front", "front", (14, 182, 48, 231)),
    _Zone("Hand, palm", "front", (0, 233, 36, 278), "hand_palm"),
    _Zone("Thigh, front", "front", (57, 242, 98, 300)),
    _Zone("Knee and leg, front", "front", (64, 302, 98, 395)),
    _Zone("Foot, top", "front", (62, 397, 98, 440), "foot_top"),
    _Zone("Head, back", "back", (74, 4, 126, 52), "head_back", is_sided=False),
    _Zone("Neck, back", "back", (74, 53, 126, 77), levels="cervical", is_sided=False),
    _Zone("Upper back", "back", (77, 79, 123, 154), levels="thoracic", is_sided=False),
    _Zone("Loin", "back", (64, 156, 136, 192), levels="lumbar", is_sided=False),
    _Zone("Buttocks and sacrum", "back", (60, 194, 140, 246), levels="sacral", is_sided=False),
    _Zone("Shoulder, back", "back", (125, 78, 160, 124)),
    _Zone("Upper arm, back", "back", (142, 126, 170, 173)),
    _Zone("Forearm, back", "back", (152, 175, 186, 231)),
    _Zone("Hand, back", "back", (164, 233, 200, 278), "hand_back"),
    _Zone("Thigh, back", "back", (102, 248, 143, 298)),
    _Zone("Knee and calf, back", "back", (102, 300, 138, 394)),
    _Zone("Foot, sole", "back", (102, 396, 140, 440), "foot_sole"),
)


@dataclass(frozen=True)
class Zone:
    """One zone of one side: what it is called, what lies in it, where it is touched."""

    number: int
    title: str
    view: View
    frame: tuple[float, float, float, float]
    lens: str
    side: str
    places: tuple[Place, ...]
    levels: tuple[str, ...]

    @property
    def ladder(self) -> tuple[tuple[str, Place, Place], ...]:
        """Spinous processes of this zone with their left and right places."""
        return tuple(
            (
                atlas().spinal_levels[level].name,
                place_at("level", level, "left"),
                place_at("level", level, "right"),
            )
            for level in self.levels
        )


@cache
def zones() -> tuple[Zone, ...]:
    """Every zone, numbered from 1: front, then back; the right side before the left."""
    made: list[Zone] = []
    for zone in _ZONES:
        for side in ("right", "left") if zone.is_sided else ("",):
            left, top, right, bottom = zone.frame
            frame = zone.frame
            if side == "left":
                frame = (_WIDTH - right, top, _WIDTH - left, bottom)
            title = f"{zone.name}, {side}" if side else zone.name
            made.append(
                Zone(
                    len(made) + 1,
                    title,
                    zone.view,
                    frame,
                    zone.lens,
                    side,
                    _places_in(zone, frame, side),
                    _levels_in(zone.levels),
                )
            )
    return tuple(made)


def zone(number: int) -> Zone | None:
    """The zone with this number."""
    return zones()[number - 1] if 1 <= number <= len(zones()) else None


@cache
def zone_of(one: Place) -> Zone | None:
    """The zone in which a place is drawn."""
    return next(
        (
            each
            for each in zones()
            if one in each.places or (one.kind == "level" and one.name in each.levels)
        ),
        None,
    )


def _places_in(
    zone_: _Zone, frame: tuple[float, float, float, float], side: str
) -> tuple[Place, ...]:
    found: dict[Place, None] = {}
    for shape in outlines():
        if not shape.region_id:
            continue
        if zone_.lens:
            inside = shape.view == zone_.lens and (not side or shape.side in {side, "midline"})
        else:
            inside = shape.view == zone_.view and _is_in(shape, frame)
        if inside:
            found[place_at("region", shape.region_id, shape.side)] = None
    return tuple(found)


def _is_in(shape: Outline, frame: tuple[float, float, float, float]) -> bool:
    left, top, right, bottom = frame
    return left <= shape.label_x <= right and top <= shape.label_y <= bottom


def _levels_in(region: str) -> tuple[str, ...]:
    return tuple(
        level.level_id
        for level in atlas().spinal_levels.values()
        if region and level.region == region
    )


# ------------------------------------------------------------------ drawing


def marks_of(recorded: Mapping[Key, Any]) -> tuple[Mark, ...]:
    """One mark for each site where something was found; what was found absent has none."""
    at: dict[Site, list[Finding]] = {}
    for key, held in sorted(recorded.items()):
        if key.sign == "posture":
            continue
        one = as_finding(key, held)
        if grade_of(one) != 0:
            at.setdefault(one.site, []).append(one)
    made = []
    for site, found in at.items():
        where = place_of(site, found)
        if where is None:
            continue
        grades = [grade for one in found if (grade := grade_of(one)) is not None]
        made.append(
            Mark(
                place=where,
                side=site.side,
                kind="finding",
                grade=max(grades, default=None),
                number=None,
                label="; ".join(finding_words(one) for one in found),
            )
        )
    return tuple(made)


def overview(view: View, marks: Sequence[Mark], address: Callable[[Zone], str]) -> SafeString:
    """The whole body from one side, with the zones to touch; over it which side is which."""
    words = "the front" if view == "front" else "behind"
    svg = body_svg(
        marks,
        view=view,
        title=f"Body from {words}: choose a zone",
        description="Each zone opens larger, with its regions.",
        says_sides=False,
    )
    links = "".join(_frame_link(one, address(one)) for one in zones() if one.view == view)
    drawn = svg.removesuffix("</svg>") + links + "</svg>"
    return mark_safe(sides(view) + drawn)  # noqa: S308 - drawn here, escaped


def _frame_link(one: Zone, href: str) -> str:
    left, top, right, bottom = one.frame
    words = escape(one.title)
    return (
        f'<a class="zone" href="{escape(href)}" data-zone="{one.number}" aria-label="{words}">'
        f'<title>{words}</title><rect x="{left:g}" y="{top:g}" width="{right - left:g}"'
        f' height="{bottom - top:g}" rx="4"/></a>'
    )


def enlarged(one: Zone, marks: Iterable[Mark], address: Callable[[Place], str]) -> SafeString:
    """A zone drawn large, each of its regions a link to its place; over it which side is which."""
    links = {(place.name, str(place.side)): address(place) for place in one.places}
    title, description = one.title, "Each region opens what can be found there."
    if one.lens:
        here = [
            mark
            for mark in marks
            if isinstance(mark.place, str) and (mark.place, mark.side) in links
        ]
        svg = lens_svg(
            here,
            view=cast("LensView", one.lens),
            side=cast("Any", one.side or None),
            title=title,
            description=description,
            links=links,
            says_sides=False,
        )
        return mark_safe(sides(one.lens, one.side or None) + svg)  # noqa: S308 - drawn here, escaped
    shapes = [
        shape
        for shape in outlines()
        if shape.view == one.view
        and (
            (shape.region_id, shape.side) in links
            or (shape.level_id and shape.level_id in one.levels)
            or not (shape.region_id or shape.level_id)
        )
    ]
    drawn = {(f"level:{s.level_id}" if s.level_id else s.region_id, s.side) for s in shapes}
    left, top, right, bottom = _box([s for s in shapes if s.region_id])
    here = [
        mark
        for mark in marks
        if (isinstance(mark.place, str) and (mark.place, mark.side) in drawn)
        or (
            isinstance(mark.place, tuple)
            and mark.place[0] == one.view
            and left <= mark.place[1] <= right
            and top <= mark.place[2] <= bottom
        )
    ]
    svg = body_svg(
        here,
        view=one.view,
        title=title,
        description=description,
        links=links,
        shapes=shapes,
        says_sides=False,
    )
    crop = f'viewBox="{left:g} {top:g} {right - left:g} {bottom - top:g}"'
    cut = svg.replace('viewBox="0 0 200 440"', crop, 1)
    return mark_safe(sides(one.view, one.side or None) + cut)  # noqa: S308 - drawn here, escaped


def _box(shapes: Iterable[Outline]) -> tuple[float, float, float, float]:
    numbers = [
        float(number) for shape in shapes for number in re.findall(r"-?\d+\.?\d*", shape.path)
    ]
    across, down = numbers[0::2], numbers[1::2]
    return (
        min(across) - _MARGIN,
        min(down) - _MARGIN,
        max(across) + _MARGIN,
        max(down) + _MARGIN,
    )


def counts(recorded: Iterable[Key]) -> dict[int, int]:
    """How many readings each place has, by its number."""
    keys = set(recorded)
    return {
        one.number: number
        for one in places()
        if (number := sum(row.key in keys for row in one.rows))
    }
