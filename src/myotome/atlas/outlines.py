"""Outlines: the shapes of the body drawing, and where each muscle lies on it.

Front and back are drawn on one page size, 200 wide and 440 high, with the midline at 100; lenses
on hands, feet and head are 120 by 160. On the front the person's right is on the viewer's left,
on the back on the viewer's right. The shapes are drawn by `tools/draw_body_outlines.py`.

An outline of kind ``region`` is a region of the skin, ``level`` one side of a spinous process,
``silhouette`` the whole body, ``lens`` a region (or, without a region, the whole) enlarged, and
``detail`` an open line that only helps the eye: a closed lid, the navel, a shoulder blade.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple

from myotome.atlas.reading import read_table
from myotome.errors import InputError, UnknownName

MIDLINE_X: Final = 100.0
# Thirds of the abdominal wall, whose muscles are recorded by part and not by spinous process.
_ABDOMINAL_HEIGHTS: Final = {"upper": 158.0, "middle": 178.0, "lower": 196.0}


class Outline(NamedTuple):
    """One shape of the drawing; `path` is SVG path data, the label point lies inside it."""

    outline_id: str
    kind: str
    view: str
    region_id: str
    level_id: str
    side: str
    name: str
    path: str
    label_x: float
    label_y: float


class MuscleAnchor(NamedTuple):
    """Where the belly of a muscle of the right side lies, and the skin over it."""

    muscle_id: str
    view: str
    x: float
    y: float
    region_id: str
    source_ids: tuple[str, ...]


@cache
def outlines() -> tuple[Outline, ...]:
    """Every shape, in the order in which it is drawn."""
    return read_table(Outline, "myotome.atlas", "tables", "body_outlines.csv")


@cache
def muscle_anchors() -> Mapping[str, MuscleAnchor]:
    """The anchor of every muscle, by its identifier."""
    rows = read_table(MuscleAnchor, "myotome.atlas", "tables", "muscle_anchors.csv")
    return MappingProxyType({row.muscle_id: row for row in rows})


@cache
def level_heights() -> Mapping[str, float]:
    """Height of every spinous process on the back view, from head to tail."""
    return MappingProxyType({o.level_id: o.label_y for o in outlines() if o.kind == "level"})


def anchor(muscle_id: str, side: str, level: str | None = None) -> tuple[str, float, float]:
    """View and place of a muscle's belly.

    Args:
        muscle_id: A muscle of the atlas.
        side: ``right`` or ``left``.
        level: Spinous process felt, for a muscle recorded by level; the place then has that
            level's height. ``upper``, ``middle`` or ``lower`` for the abdominal wall. A muscle
            that is drawn on the front keeps its own height at a spinous process.

    Returns:
        ``front`` or ``back``, x and y.

    Raises:
        UnknownName: No such muscle or level.
        InputError: The side is neither right nor left.

    >>> anchor("multifidus_cervicalis", "right", "C6")
    ('back', 102.6, 71.9)
    """
    if muscle_id not in muscle_anchors():
        raise UnknownName("muscle", muscle_id, muscle_anchors())
    if side not in {"right", "left"}:
        raise InputError(f"side must be right or left, got '{side}'.", place="side")
    here = muscle_anchors()[muscle_id]
    x = here.x if side == "right" else round(2 * MIDLINE_X - here.x, 2)
    return here.view, x, _height(here, level)


def _height(here: MuscleAnchor, level: str | None) -> float:
    if not level:
        return here.y
    if level in _ABDOMINAL_HEIGHTS:
        return _ABDOMINAL_HEIGHTS[level]
    if level not in level_heights():
        raise UnknownName("level", level, [*level_heights(), *_ABDOMINAL_HEIGHTS])
    return level_heights()[level] if here.view == "back" else here.y
