"""Supply: which roots a site hears from, and how strongly.

Each kind of site has its own table; this room turns that table's rows into `Supply`, the one
form that the examination reads. Cranial supply explains a finding but is no root, and is left
out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from myotome.atlas.indexed_tables import Tables
from myotome.atlas.levels import level_group
from myotome.atlas.sites import SEGMENTS, Root, Side, Site, SiteKind, Supply

_PLACE: Final = {segment: place for place, segment in enumerate(SEGMENTS)}


def supply_of(tables: Tables, site: Site, sign_id: str) -> tuple[Supply, ...]:
    """The roots of a site: one side from head to tail, then for the midline the other."""
    found: list[Supply] = []
    for side in _root_sides(tables, site):
        supplies = [
            supply
            for supply in _supplies(tables, site, side, sign_id)
            if supply.root.segment in _PLACE
        ]
        found += sorted(supplies, key=lambda supply: _PLACE[supply.root.segment])
    return tuple(found)


def _root_sides(tables: Tables, site: Site) -> tuple[Side, ...]:
    """The sides on which a site's roots lie."""
    if site.side == "midline":
        return ("left", "right")
    if site.kind == "movement" and tables.movements[site.name].limited_by_other_side:
        return ("left",) if site.side == "right" else ("right",)
    return (site.side,)


def _supplies(tables: Tables, site: Site, side: Side, sign_id: str) -> Iterator[Supply]:
    if site.level:
        yield from _of_level(tables, site, side)
    elif site.kind != "side":
        yield from _BY_KIND[site.kind](tables, site.name, side)
    elif sign_id:
        yield from _of_neural_test(tables, sign_id, side)


def _of_level(tables: Tables, site: Site, side: Side) -> Iterator[Supply]:
    group = level_group(tables, tables.muscles[site.name])
    for row in tables.level_supply[group, site.level]:
        yield Supply(Root(row.segment_id, side), row.weight, row.certainty, row.source_ids)


def _of_muscle(tables: Tables, name: str, side: Side) -> Iterator[Supply]:
    for row in tables.innervation[name]:
        root = Root(row.segment_id, side)
        yield Supply(root, row.weight, row.basis, row.source_ids, row.disagreement)


def _of_skin(tables: Tables, name: str, side: Side) -> Iterator[Supply]:
    for row in tables.dermatomes.get(name, ()):
        weight = "signature" if row.signature else row.extent
        yield Supply(Root(row.segment_id, side), weight, "map", row.source_ids, row.notes)


def _of_reflex(tables: Tables, name: str, side: Side) -> Iterator[Supply]:
    test = tables.reflexes[name]
    for segment in test.segment_ids:
        weight = "principal" if segment == test.principal_segment_id else "other"
        root = Root(segment, side)
        yield Supply(root, weight, "sources", test.source_ids, test.disagreement)


def _of_movement(tables: Tables, name: str, side: Side) -> Iterator[Supply]:
    """Major where a muscle that limits the movement has its major supply."""
    movement = tables.movements[name]
    heard = [row for m in movement.limiting_muscle_ids for row in tables.innervation[m]]
    majors = {row.segment_id for row in heard if row.weight == "major"}
    for segment in dict.fromkeys(row.segment_id for row in heard):
        yield Supply(
            Root(segment, side),
            "major" if segment in majors else "minor",
            "derived",
            movement.source_ids,
            "From the muscles that limit the movement when short.",
        )


def _of_neural_test(tables: Tables, sign_id: str, side: Side) -> Iterator[Supply]:
    for row in tables.neural_tests[sign_id]:
        root = Root(row.segment_id, side)
        yield Supply(root, row.weight, row.certainty, row.source_ids, row.notes)


_BY_KIND: Final[dict[SiteKind, Callable[[Tables, str, Side], Iterator[Supply]]]] = {
    "muscle": _of_muscle,
    "paraspinal": _of_muscle,
    "skin": _of_skin,
    "reflex": _of_reflex,
    "movement": _of_movement,
}
