"""The one body drawing, for pages of the clinic: the report's figure, whole or cut to a part.

The figure is drawn by `myotome.report.body` from the atlas' outlines, here as there; nothing is
modelled. A part is the same figure seen closer, so that a finger meets what it points at: each
region that can be touched is at least 24 pixels wide and high on the narrowest screen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Final, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.doors import anyone
from myotome.atlas.outlines import Outline, outlines
from myotome.report.body import (
    BODY_CSS,
    LensView,
    Mark,
    View,
    body_svg,
    lens_svg,
    sides_seen,
)

__all__ = [
    "Box",
    "Drawn",
    "Mark",
    "Part",
    "Place",
    "View",
    "closer",
    "css",
    "figure",
    "parts",
    "sides",
    "whole",
]

Place = tuple[str, str]  # a region and its side
Box = tuple[float, float, float, float]  # left, top, right, bottom
Side = Literal["left", "right"]

NARROWEST: Final = 288.0  # pixels beside the margins of a screen of 320
SMALLEST: Final = 25.0  # pixels of what can be touched, one over 24 for rounding
TALLEST: Final = 620.0
_PAD: Final = 3.0
_SEEN: Final = {"front": "Seen from the front", "back": "Seen from behind"}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the figure that is shown closer: a cut of front or back, or a lens."""

    key: str
    name: str
    view: View
    regions: tuple[str, ...]
    side: Side | None = None  # None: both sides, for the head
    lens: LensView | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """The regions that can be touched here, with their sides, in the order of the figure."""
        view = self.lens or self.view
        return tuple(
            dict.fromkeys(
                (shape.region_id, shape.side)
                for shape in outlines()
                if shape.view == view
                and shape.region_id in self.regions
                and shape.side in {self.side or shape.side, "midline"}
            )
        )

    @property
    def where(self) -> str:
        """From where it is seen."""
        return _SEEN[self.view]


_HEAD: Final = ("head_vertex", "neck_side")
_HAND: Final = (
    *("hand_lateral", "hand_middle", "hand_medial", "thumb", "index_finger"),
    *("middle_finger", "ring_finger", "little_finger"),
)
_PARTS: Final[tuple[tuple[str, str, View, tuple[str, ...], LensView | None], ...]] = (
    ("chest", "shoulder and chest", "front", (
        "supraclavicular", "shoulder_top", "shoulder_lateral", "axilla", "chest_infraclavicular",
        "chest_third_space", "chest_nipple", "chest_fifth_space", "chest_xiphoid",
    ), None),
    ("belly", "belly and groin", "front", (
        "abdomen_upper_quarter", "abdomen_upper_half", "abdomen_upper_three_quarter",
        "abdomen_umbilicus", "abdomen_lower", "abdomen_inguinal", "groin", "genital",
    ), None),
    ("arm-front", "arm, front", "front", (
        "arm_lateral", "arm_anterior", "arm_medial", "cubital_lateral", "cubital_medial",
        "forearm_lateral", "forearm_medial",
    ), None),
    ("palm", "hand, palm", "front", _HAND, "hand_palm"),
    ("thigh-front", "hip, thigh and knee, front", "front", (
        "hip_lateral", "thigh_anterior_upper", "thigh_anterior_lower", "thigh_lateral",
        "thigh_medial_upper", "thigh_medial_lower", "knee_front",
    ), None),
    ("shin", "shin", "front", ("leg_medial", "leg_anterolateral"), None),
    ("foot-top", "foot, top", "front", (
        "ankle_medial", "ankle_lateral", "foot_dorsum_medial", "foot_dorsum_middle",
        "foot_lateral", "hallux", "toes_2_4", "little_toe",
    ), "foot_top"),
    ("upper-back", "shoulder and upper back", "back", (
        "shoulder_top", "shoulder_lateral", "back_upper", "scapula_upper", "back_mid",
        "back_lower_thoracic",
    ), None),
    ("low-back", "low back and buttock", "back", (
        "back_lumbar_upper", "back_lumbar_lower", "sacrum", "coccyx", "perianal",
        "buttock_upper", "buttock_lower", "hip_lateral",
    ), None),
    ("arm-back", "arm, back", "back", (
        "arm_lateral", "arm_posterior", "arm_medial", "forearm_lateral", "forearm_middle_back",
        "forearm_medial",
    ), None),
    ("hand-back", "hand, back", "back", _HAND, "hand_back"),
    ("thigh-back", "thigh and knee, back", "back", (
        "thigh_lateral", "thigh_posterior", "popliteal_fossa",
    ), None),
    ("calf", "calf", "back", ("leg_medial", "calf"), None),
    ("foot-sole", "foot, sole", "back", (
        "heel", "sole_medial", "sole_lateral", "hallux", "toes_2_4", "little_toe",
        "ankle_medial", "ankle_lateral",
    ), "foot_sole"),
)  # fmt: skip


# What a person calls a region whose name in the atlas is a practitioner's word.
_PLAIN: Final[Mapping[str, str]] = {
    "jaw_angle": "Corner of the jaw",
    "supraclavicular": "Hollow above the collarbone",
    "shoulder_lateral": "Outer shoulder",
    "chest_infraclavicular": "Chest below the collarbone",
    "chest_third_space": "Upper chest",
    "chest_nipple": "Chest at the nipple",
    "chest_fifth_space": "Lower chest",
    "chest_xiphoid": "Chest at the lower end of the breastbone",
    "abdomen_upper_quarter": "Belly just below the ribs",
    "abdomen_upper_half": "Upper belly",
    "abdomen_upper_three_quarter": "Belly just above the navel",
    "abdomen_umbilicus": "Belly at the navel",
    "abdomen_lower": "Lower belly",
    "abdomen_inguinal": "Fold between belly and thigh",
    "forearm_lateral": "Thumb side of the forearm",
    "forearm_medial": "Little-finger side of the forearm",
    "hand_lateral": "Thumb side of the hand",
    "hand_medial": "Little-finger side of the hand",
    "hip_lateral": "Side of the hip",
    "leg_medial": "Inner side of the lower leg",
    "leg_anterolateral": "Front and outer side of the lower leg",
    "hallux": "Big toe",
    "toes_2_4": "Middle toes",
    "back_upper": "Upper back, between the shoulder blades",
    "scapula_upper": "Upper shoulder blade",
    "back_mid": "Middle back",
    "back_lower_thoracic": "Lower ribs at the back",
    "back_lumbar_upper": "Upper low back",
    "back_lumbar_lower": "Low back",
    "sacrum": "Flat bone below the low back",
    "coccyx": "Tail bone",
    "buttock_lower": "Lower buttock",
}


@cache
def figure() -> tuple[Outline, ...]:
    """The outlines of the figure, each region under a name that a patient uses."""
    return tuple(
        shape._replace(name=_PLAIN.get(shape.region_id, shape.name)) if shape.region_id else shape
        for shape in outlines()
    )


@cache
def parts() -> dict[str, Part]:
    """Every part by its key, from head to foot, front before back."""
    found = [
        Part(
            "face", "Head and neck, front", "front",
            (*_HEAD, "forehead", "temple", "ear", "cheek", "jaw_angle", "neck_front"),
            lens="head_front",
        ),
        Part(
            "nape", "Head and neck, back", "back", (*_HEAD, "occiput", "nape"), lens="head_back"
        ),
    ]  # fmt: skip
    sides: tuple[Side, Side] = ("right", "left")
    for key, words, view, regions, lens in _PARTS:
        found += [
            Part(f"{key}-{side}", f"{side.title()} {words}", view, regions, side, lens)
            for side in sides
        ]
    return {part.key: part for part in found}


@cache
def box_of(path: str) -> Box:
    """The box around a path: its points and handles, so never too small."""
    numbers = [float(each) for each in re.findall(r"-?\d+\.?\d*", path)]
    across, down = numbers[0::2], numbers[1::2]
    return min(across), min(down), max(across), max(down)


def _around(shapes: Sequence[Outline]) -> Box:
    boxes = [box_of(shape.path) for shape in shapes]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _shapes(part: Part, view: str) -> list[Outline]:
    places = set(part.places)
    return [s for s in figure() if s.view == view and (s.region_id, s.side) in places]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is on the drawing: a class for the fill of a place, and marks with their words."""

    fills: Mapping[Place, str]
    marks: tuple[Mark, ...] = ()


def sides(view: str, side: str | None = None, *, is_own: bool = False) -> SafeString:
    """Which side is which, over a picture, in letters of the page: never as small as the picture.

    Args:
        view: From where it is seen.
        side: The one side that is in the picture; without it both are.
        is_own: Whether the reader is who is drawn: "Your right".
    """
    whose = "Your" if is_own else "Patient\u2019s"
    said = [f"{whose} {each}" if side in {each, None} else "" for each in sides_seen(view)]
    return format_html('<p class="sides"><span>{}</span> <span>{}</span></p>', *said)


def whole(view: View, drawn: Drawn, *, title: str, links: Mapping[str, str]) -> str:
    """The whole figure; over it one wide target for each part, named, that leads closer.

    Args:
        view: Front or back.
        drawn: What is on it.
        title: Its name for those who hear the page.
        links: For the key of each part its address; parts without one are no targets.
    """
    here = {(shape.region_id, shape.side) for shape in figure() if shape.view == view}
    picture = body_svg(
        [mark for mark in drawn.marks if (mark.place, mark.side) in here],
        view=view,
        title=title,
        description="The same parts stand in the list.",
        fills={place: name for place, name in drawn.fills.items() if place in here},
        shapes=figure(),
        says_sides=False,
        large_numbers=True,
    )
    targets = "".join(
        _target(part, links[part.key])
        for part in parts().values()
        if part.view == view and part.key in links
    )
    return picture.replace("</svg>", f"{targets}</svg>")


def _target(part: Part, address: str) -> str:
    regions = set(part.regions)
    shapes = [
        shape
        for shape in figure()
        if shape.view == part.view
        and shape.kind == "region"
        and shape.region_id in regions
        and shape.side in {part.side or shape.side, "midline"}
    ]
    left, top, right, bottom = _around(shapes)
    if part.side:  # what lies in the middle belongs to both sides: each has its half
        on_the_left = (part.side == "right") == (part.view == "front")
        left, right = (left, min(right, 100.0)) if on_the_left else (max(left, 100.0), right)
    words = escape(part.name)
    return (
        f'<a class="place part" href="{escape(address)}" aria-label="{words}">'
        f"<title>{words}</title>"
        f'<rect class="target" x="{left:g}" y="{top:g}" width="{right - left:g}"'
        f' height="{bottom - top:g}" rx="4"/></a>'
    )


def closer(part: Part, drawn: Drawn, links: Mapping[Place, str]) -> str:
    """One part of the figure, so large that each of its regions can be touched."""
    places = set(part.places)
    marks = [mark for mark in drawn.marks if (mark.place, mark.side) in places]
    fills = {place: name for place, name in drawn.fills.items() if place in places}
    title = f"{part.name}. {part.where}"
    told = "Choose a region; the same regions stand in the list."
    if part.lens:
        picture = lens_svg(
            marks, view=part.lens, side=part.side, title=title, description=told,
            fills=fills, links=links, shapes=figure(), says_sides=False,
        )  # fmt: skip
        box, view = (0.0, 0.0, 120.0, 160.0), str(part.lens)
    else:
        picture = body_svg(
            marks, view=part.view, title=title, description=told, fills=fills, links=links,
            shapes=figure(),
        )  # fmt: skip
        left, top, right, bottom = _around(_shapes(part, part.view))
        box, view = (left - _PAD, top - _PAD, right + _PAD, bottom + _PAD), part.view
    width, height = box[2] - box[0], box[3] - box[1]
    scale = _scale(width, height, _shapes(part, view))
    return re.sub(
        r'viewBox="[^"]*"',
        f'viewBox="{box[0]:g} {box[1]:g} {width:g} {height:g}"'
        f' width="{width * scale:.0f}" height="{height * scale:.0f}"',
        picture,
        count=1,
    ).replace('class="body ', 'class="body closer ', 1)


def _scale(width: float, height: float, shapes: Sequence[Outline]) -> float:
    """As large as the narrowest screen takes, not taller than it needs to be."""
    narrow = min(
        min(box[2] - box[0], box[3] - box[1]) for box in (box_of(shape.path) for shape in shapes)
    )
    return min(NARROWEST / width, max(TALLEST / height, SMALLEST / narrow))


@anyone
def css(_request: HttpRequest) -> HttpResponse:
    """The style of the figure, as the report has it."""
    return HttpResponse(BODY_CSS, content_type="text/css; charset=utf-8")
