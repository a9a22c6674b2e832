"""The body drawing: one figure for report, clinic and patient pages, as SVG text.

It receives marks (what lies on a place, from a case, an examination or a plan) and gives an
`<svg>` that stands by itself in a page: regions that can be touched, rings for findings, diamonds
for needle sites, a number beside each. Nothing is said by colour alone: a grade is counted in
dots, and every mark carries its words. There is no `style` attribute; the classes are drawn by
`BODY_CSS`, which takes its colours from the page's tokens.

On the front the patient's right is on the viewer's left, on the back on the viewer's right, and
both corners say so, unless the page around it does, in letters of its own size: `sides_seen` says
which word stands where.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import Final, Literal, NamedTuple

from myotome.atlas.outlines import Outline, outlines
from myotome.errors import InputError

View = Literal["front", "back"]
LensView = Literal["hand_palm", "hand_back", "foot_top", "foot_sole", "head_front", "head_back"]
Place = tuple[str, str]  # a region or `level:C6`, and its side

_SEEN_FROM_BEHIND: Final = frozenset({"back", "hand_back", "foot_sole", "head_back"})
_SIDE_WORDS: Final = {"right": "Patient\u2019s right", "left": "Patient\u2019s left"}
_CLASS_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_RING: Final = 3.0  # radius, in units of the drawing
_DIAMOND: Final = {"site": 3.4, "both": 4.9}  # half a diagonal; round a ring it must clear it
_NUMBER: Final = {False: 6.0, True: 11.0}  # height of a printed number: usual, large
_DIGIT: Final = 3.4 / 6  # width of a printed digit as a share of its height
_DOTS: Final[Mapping[int, tuple[tuple[float, float], ...]]] = {
    0: (),
    1: ((0.0, 0.0),),
    2: ((-1.1, 0.0), (1.1, 0.0)),
    3: ((0.0, -1.15), (-1.1, 0.8), (1.1, 0.8)),
}


@dataclass(frozen=True)
class Mark:
    """What lies on a place.

    Attributes:
        place: A region such as ``thumb``, a spinous process such as ``level:C6``, or the point
            of a muscle as view, x and y (see `myotome.atlas.outlines.anchor`).
        side: The patient's side.
        kind: A finding, a needle site, or both at once.
        grade: 0 looked for and absent, 1 slight, 2 clear, 3 marked; None where a value was
            measured instead, or for a site.
        number: Its number in the key, printed beside it.
        label: The whole mark in words, for those who hear the page.
        href: Where it leads, such as ``#finding-3``.
    """

    place: str | tuple[str, float, float]
    side: Literal["left", "right", "midline"]
    kind: Literal["finding", "site", "both"]
    grade: int | None
    number: int | None
    label: str
    href: str | None = None

    def __post_init__(self) -> None:
        if self.grade is not None and self.grade not in _DOTS:
            raise InputError(f"grade must be 0 to 3 or None, got {self.grade}.", place="grade")
        if not self.label.strip():
            raise InputError("label must say the mark in words, got nothing.", place="label")


def body_svg(  # noqa: PLR0913 - a picture has this many independent parts, all named
    marks: Sequence[Mark],
    *,
    view: View,
    title: str,
    description: str,
    fills: Mapping[Place, str] | None = None,
    links: Mapping[Place, str] | None = None,
    shapes: Sequence[Outline] | None = None,
    says_sides: bool = True,
    large_numbers: bool = False,
) -> str:
    """The whole body from the front or from behind.

    A mark on a region that this view does not show is left out: draw both views.

    Args:
        marks: What to draw, in the order in which it is read aloud.
        view: ``front`` or ``back``.
        title: Name of the picture.
        description: What it shows, in a sentence.
        fills: Class name of a region's fill, such as ``p4`` for a step of probability.
        links: Where regions and levels without a mark lead, so that all can be touched.
        shapes: The outlines to draw; the atlas's own unless given.
        says_sides: Whether the corners say which side is which; no, where the page says it.
        large_numbers: Whether numbers are so large that they are read in a picture 220 px wide.

    Raises:
        InputError: A place, side or class name that cannot be.
    """
    shapes = outlines() if shapes is None else shapes
    _check(marks, shapes)
    shown = [shape for shape in shapes if shape.view == view]
    corners = _SIDE_WORDS if says_sides else {}
    canvas = _Canvas(
        view, 200.0, 440.0, shown, corners, fills or {}, links or {}, is_large=large_numbers
    )
    return canvas.svg(marks, title, description)


def lens_svg(  # noqa: PLR0913 - as body_svg
    marks: Sequence[Mark],
    *,
    view: LensView,
    side: Literal["left", "right"] | None = None,
    title: str,
    description: str,
    fills: Mapping[Place, str] | None = None,
    links: Mapping[Place, str] | None = None,
    shapes: Sequence[Outline] | None = None,
    says_sides: bool = True,
) -> str:
    """One hand, one foot or the head, enlarged so that a finger can meet a finger.

    Args:
        marks: What to draw; marks on other regions, on levels and on muscles are left out.
        view: Which part, from which side.
        side: The patient's side, for a hand or a foot; None for the head.
        title: Name of the picture.
        description: What it shows, in a sentence.
        fills: As for `body_svg`.
        links: As for `body_svg`.
        shapes: As for `body_svg`.
        says_sides: As for `body_svg`.

    Raises:
        InputError: A place, side or class name that cannot be.
    """
    if view.startswith("head") != (side is None):
        need = "None for the head" if view.startswith("head") else "right or left"
        raise InputError(f"side must be {need}, got '{side}'.", place="side")
    shapes = outlines() if shapes is None else shapes
    _check(marks, shapes)
    shown = [
        shape
        for shape in shapes
        if shape.view == view and (side is None or shape.side in {side, "midline"})
    ]
    corners = {
        key: words for key, words in _SIDE_WORDS.items() if says_sides and side in {key, None}
    }
    canvas = _Canvas(view, 120.0, 160.0, shown, corners, fills or {}, links or {})
    return canvas.svg(marks, title, description)


def sides_seen(view: str) -> tuple[Literal["right", "left"], Literal["right", "left"]]:
    """Which side of the patient is on the viewer's left in a view, and which on the right."""
    return ("left", "right") if view in _SEEN_FROM_BEHIND else ("right", "left")


def _place_of(shape: Outline) -> Place:
    """How marks, fills and links name a shape."""
    return (f"level:{shape.level_id}" if shape.level_id else shape.region_id, shape.side)


def _check(marks: Iterable[Mark], shapes: Iterable[Outline]) -> None:
    """Refuse a mark on a place that no view of the drawing has."""
    sides: dict[str, set[str]] = defaultdict(set)
    for shape in shapes:
        name, side = _place_of(shape)
        sides[name].add(side)
    del sides[""]
    for mark in marks:
        if isinstance(mark.place, tuple):
            continue
        if mark.place not in sides:
            raise InputError(
                f"place must be a region, a level or a point of the drawing, got '{mark.place}'.",
                place="place",
            )
        if mark.side not in sides[mark.place]:
            wanted = " or ".join(sorted(sides[mark.place]))
            raise InputError(
                f"side of '{mark.place}' must be {wanted}, got '{mark.side}'.", place="side"
            )


class _Box(NamedTuple):
    """Room taken by a mark and its number."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, width: float, height: float) -> bool:
        return self.left >= 0 and self.top >= 0 and self.right <= width and self.bottom <= height


@dataclass
class _Canvas:
    """One picture being drawn: its view, size and shapes, and the room already taken."""

    view: str
    width: float
    height: float
    shapes: Sequence[Outline]
    corners: Mapping[str, str]
    fills: Mapping[Place, str]
    links: Mapping[Place, str]
    is_large: bool = False
    taken: list[_Box] = field(default_factory=list)

    def svg(self, marks: Sequence[Mark], title: str, description: str) -> str:
        """The picture: outline, regions and levels, helping lines, marks, corner words."""
        here: dict[Place, list[Mark]] = defaultdict(list)
        for mark in marks:
            if isinstance(mark.place, str):
                here[mark.place, mark.side].append(mark)
        touched = [shape for shape in self.shapes if shape.region_id or shape.level_id]
        # A marked border is drawn last, or a neighbour would cover half of it.
        touched.sort(key=lambda shape: (bool(shape.level_id), bool(here[_place_of(shape)])))
        classes = _classes("body", f"body-{self.view}", "large-numbers" if self.is_large else "")
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{classes}"'
            f' viewBox="0 0 {self.width:g} {self.height:g}" role="group"'
            f' aria-label="{escape(title)}">'
        )
        parts = [
            head,
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>",
            *(
                f'<path class="silhouette" d="{shape.path}"/>'
                for shape in self.shapes
                if shape.kind != "detail" and not shape.region_id and not shape.level_id
            ),
            *(
                _region(shape, here[place], self.fills.get(place, ""), self.links.get(place))
                for shape in touched
                for place in [_place_of(shape)]
            ),
            *(
                f'<path class="detail" d="{shape.path}"/>'
                for shape in self.shapes
                if shape.kind == "detail"
            ),
            *self._corners(),
            *(self._mark(mark) for mark in marks),
            "</svg>",
        ]
        return "\n".join(part for part in parts if part)

    def _corners(self) -> Iterable[str]:
        for side, words in self.corners.items():
            on_the_left = side == sides_seen(self.view)[0]
            x, end = (3.0, "start") if on_the_left else (self.width - 3.0, "end")
            # A lens has less room beside the head than the whole body: two lines, same words.
            lines = [words] if self.view in {"front", "back"} else words.split(" ")
            spans = " ".join(
                f'<tspan x="{x:g}" y="{9 + 7 * i}">{escape(line)}</tspan>'
                for i, line in enumerate(lines)
            )
            yield f'<text class="corner" text-anchor="{end}">{spans}</text>'

    def _mark(self, mark: Mark) -> str:
        """A mark at its place, or beside it where the place is taken."""
        if isinstance(mark.place, tuple):
            if mark.place[0] != self.view:
                return ""
            x, y, is_level = mark.place[1], mark.place[2], False
        else:
            shape = next((s for s in self.shapes if _place_of(s) == (mark.place, mark.side)), None)
            if shape is None:
                return ""
            x, y, is_level = shape.label_x, shape.label_y, bool(shape.level_id)
        outward = -1.0 if x < self.width / 2 else 1.0
        first, at = 9.0 if is_level else 0.0, (x, y)
        for way in (outward, -outward):  # at the picture's edge, such as a hand, only inward
            if found := self._free_place(x, y, way, mark, first=first):
                at, outward = found, way
                break
        glyph = "".join(_glyph(mark, *at, outward, _NUMBER[self.is_large]))
        if abs(at[0] - x) + abs(at[1] - y) > 1.0:
            leader = f'<path class="mark-leader" d="M{x:g},{y:g} L{at[0]:g},{at[1]:g}"/>'
            glyph = leader + glyph
        classes = _classes("mark", f"mark-{mark.kind}", _grade_class(mark.grade))
        if isinstance(mark.place, str):  # its region already carries link and words
            return f'<g class="{classes}" aria-hidden="true">{glyph}</g>'
        return _named(f'<g class="{classes}">{glyph}</g>', mark.label, mark.href)

    def _free_place(
        self, x: float, y: float, outward: float, mark: Mark, *, first: float
    ) -> tuple[float, float] | None:
        """The nearest place outward, up or down where nothing stands yet, if there is one."""
        steps = [
            (first + 8.0 * across, 4.0 * up)
            for across, up in itertools.product(range(9), range(-6, 7))
        ]
        steps.sort(key=lambda step: (step[0] - first) ** 2 + (1.3 * step[1]) ** 2)
        for across, up in steps:
            at = (round(x + outward * across, 2), round(y + up, 2))
            box = _room(mark, *at, outward, _NUMBER[self.is_large])
            if box.within(self.width, self.height) and not any(map(box.meets, self.taken)):
                self.taken.append(box)
                return at
        return None


def _room(mark: Mark, x: float, y: float, outward: float, height: float) -> _Box:
    size = _DIAMOND.get(mark.kind, _RING) + 0.4
    number, tall = 0.0, size
    if mark.number is not None:
        number = _DIGIT * height * len(str(mark.number)) + 1.0
        tall = max(size, 0.36 * height)
    before, after = (size, size + number) if outward > 0 else (size + number, size)
    return _Box(x - before, y - tall, x + after, y + tall)


def _glyph(mark: Mark, x: float, y: float, outward: float, height: float) -> Iterable[str]:
    """Diamond for a site; ring with as many dots as the grade for a finding; the number."""
    if mark.kind in _DIAMOND:
        size = _DIAMOND[mark.kind]
        yield (
            f'<path class="mark-site" d="M{x:g},{y - size:g} L{x + size:g},{y:g}'
            f' L{x:g},{y + size:g} L{x - size:g},{y:g} Z"/>'
        )
    if mark.kind != "site":
        yield f'<circle class="mark-ring" cx="{x:g}" cy="{y:g}" r="{_RING:g}"/>'
        if mark.grade is None:  # a value was measured: a bar
            yield f'<path class="mark-value" d="M{x - 1.5:g},{y:g} L{x + 1.5:g},{y:g}"/>'
        for dx, dy in _DOTS[mark.grade or 0]:
            yield f'<circle class="mark-dot" cx="{x + dx:g}" cy="{y + dy:g}" r="0.75"/>'
    if mark.number is not None:
        beside = x + outward * (_DIAMOND.get(mark.kind, _RING) + 1.0)
        end, base = "start" if outward > 0 else "end", y + 0.35 * height
        yield (
            f'<text class="mark-number" x="{beside:g}" y="{base:g}" text-anchor="{end}">'
            f"{mark.number}</text>"
        )


def _region(shape: Outline, marks: Sequence[Mark], fill: str, link: str | None) -> str:
    """A region or level: a link where it has a mark or a link, else a plain shape."""
    base = "level" if shape.level_id else "region"
    if fill and not _CLASS_NAME.fullmatch(fill):
        raise InputError(f"fill must be a class name such as p4, got '{fill}'.", place="fills")
    grades = [m.grade for m in marks if m.kind != "site" and m.grade is not None]
    classes = _classes(
        base,
        f"{base}-finding" if any(m.kind != "site" for m in marks) else "",
        f"{base}-site" if any(m.kind != "finding" for m in marks) else "",
        _grade_class(max(grades, default=None)),
        fill,
    )
    path = f'<path class="{classes}" d="{shape.path}"/>'
    name = shape.name if shape.side == "midline" else f"{shape.name}, {shape.side}"
    if marks:
        href = next((m.href for m in marks if m.href), link)
        return _named(path, "; ".join(m.label for m in marks), href)
    if link:
        return _named(path, name, link)
    return f'<path class="{classes}" d="{shape.path}"><title>{escape(name)}</title></path>'


def _named(content: str, label: str, href: str | None) -> str:
    """Content with its words, as a link where it leads somewhere."""
    words = escape(label)
    inside = f"<title>{words}</title>{content}"
    if href is None:
        return f'<g class="place" role="img" aria-label="{words}">{inside}</g>'
    return f'<a class="place" href="{escape(href)}" aria-label="{words}">{inside}</a>'


def _grade_class(grade: int | None) -> str:
    return "" if grade is None else f"grade-{grade}"


def _classes(*names: str) -> str:
    return " ".join(name for name in names if name)


BODY_CSS: Final = (files("myotome.report") / "static" / "body.css").read_text(encoding="utf-8")
