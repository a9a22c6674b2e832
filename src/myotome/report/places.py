"""Places: what lies where on the body drawing, numbered once for findings and sites together.

It receives findings and a plan and gives entries in the order of the findings, then of the sites
that have no finding. One place has one number, whatever was found or is proposed there; the
number is drawn beside its mark and leads to its line in the list. A test of a whole side has no
place and stands in the list without a number. What a needle can harm at the sites is gathered
once, with the sites that share it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal, cast

from myotome.atlas import Site, atlas
from myotome.atlas.outlines import anchor, level_heights, muscle_anchors, outlines
from myotome.examination import Finding, grade_of
from myotome.report.body import LensView, Mark, body_svg, lens_svg
from myotome.report.words import lower_first, place_name, result, sign_name, site_name
from myotome.treatment.planning import PlannedSite

SEVERITIES: Final = ("critical", "high", "moderate", "low")
LENSES: Final[tuple[LensView, ...]] = (
    "head_front",
    "head_back",
    "hand_palm",
    "hand_back",
    "foot_top",
    "foot_sole",
)
_LENS_WORDS: Final = {
    "head_front": "Head, front",
    "head_back": "Head, back",
    "hand_palm": "Hand, palm",
    "hand_back": "Hand, back",
    "foot_top": "Foot, top",
    "foot_sole": "Foot, sole",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One place: its number on the drawing (None without one), what was found, what is planned."""

    number: int | None
    site: Site
    findings: tuple[Finding, ...]
    planned: PlannedSite | None

    @property
    def name(self) -> str:
        """The place in words."""
        return place_name(self.site)

    @property
    def anchor(self) -> str:
        """Name of its line in the list, for links."""
        return f"place-{self.number}"


@dataclass(frozen=True, slots=True)
class Danger:
    """What a needle can harm, said once for all the sites that share it."""

    name: str
    severity: str
    structures: str
    advice: str
    source_ids: tuple[str, ...]
    anchor: str
    certainty: str = ""
    sites: tuple[Site, ...] = ()


def dangers_at(item: PlannedSite) -> tuple[Danger, ...]:
    """What a needle can harm at one site, and what it keeps clear of; the most severe first."""
    hazards = item.hazards
    listed = [
        Danger(
            row.name,
            row.severity,
            row.structures,
            row.advice,
            row.source_ids,
            f"hazard-{row.hazard_id}",
        )
        for row in hazards.hazards
    ]
    kept_clear = [
        Danger(
            f"Keep clear of: {lower_first(row.name)}",
            SEVERITIES[0],
            "",
            row.why,
            row.source_ids,
            f"hazard-{row.place_id}",
            row.certainty,
        )
        for row in hazards.keep_clear_of
    ]
    return tuple(sorted([*listed, *kept_clear], key=_gravity))


def site_dangers(sites: Iterable[PlannedSite]) -> tuple[Danger, ...]:
    """Every hazard of some sites once, with its sites; the most severe first."""
    found: dict[str, Danger] = {}
    for item in sites:
        for danger in dangers_at(item):
            earlier = found.get(danger.anchor, danger)
            found[danger.anchor] = replace(danger, sites=(*earlier.sites, item.site))
    return tuple(sorted(found.values(), key=_gravity))


def _gravity(danger: Danger) -> int:
    return SEVERITIES.index(danger.severity)


@dataclass(frozen=True, slots=True)
class Lens:
    """An enlarged hand, foot or head that has a mark."""

    title: str
    svg: str


def entries(findings: Sequence[Finding], sites: Sequence[PlannedSite]) -> tuple[Entry, ...]:
    """Every place once, numbered in order."""
    planned = {item.site: item for item in sites}
    order = dict.fromkeys([*(item.site for item in findings), *planned])
    found: list[Entry] = []
    number = 0
    for site in order:
        drawn = place_of(site, findings) is not None
        number += drawn
        here = tuple(item for item in findings if item.site == site)
        found.append(Entry(number if drawn else None, site, here, planned.get(site)))
    return tuple(found)


def place_of(site: Site, findings: Iterable[Finding] = ()) -> str | tuple[str, float, float] | None:
    """Where a site lies on the drawing; None for a whole side and where nothing is known."""
    if site.kind == "skin":
        return site.name if site.name in _regions() else None
    if site.kind == "paraspinal" and site.level in level_heights():
        return f"level:{site.level}"
    muscle = _muscle_of(site, findings)
    if muscle is None or muscle not in muscle_anchors() or site.side == "midline":
        return None
    return anchor(muscle, site.side, site.level if site.kind == "muscle" else None)


def _muscle_of(site: Site, findings: Iterable[Finding]) -> str | None:
    """The muscle whose belly stands for a site."""
    if site.kind in {"muscle", "paraspinal"}:
        return site.name
    if site.kind == "reflex":
        return next(iter(atlas().reflexes[site.name].muscle_ids), None)
    if site.kind == "movement":
        stopped = next((item.limited_by for item in findings if item.site == site), "")
        return stopped or next(iter(atlas().movements[site.name].limiting_muscle_ids), None)
    return None


@cache
def _regions() -> frozenset[str]:
    return frozenset(shape.region_id for shape in outlines() if shape.region_id)


def marks(found: Iterable[Entry]) -> tuple[Mark, ...]:
    """The marks of the places that can be drawn."""
    return tuple(mark for entry in found if (mark := _mark(entry)) is not None)


def _mark(entry: Entry) -> Mark | None:
    place = place_of(entry.site, entry.findings)
    if place is None or entry.number is None:
        return None
    kind: Literal["finding", "site", "both"] = "finding"
    if entry.planned:
        kind = "both" if entry.findings else "site"
    grades = [grade for item in entry.findings if (grade := grade_of(item)) is not None]
    said = [f"{sign_name(item.sign)} {result(item)}" for item in entry.findings]
    if entry.planned:
        said.append(f"proposed site, visit {entry.planned.visit}")
    return Mark(
        place=place,
        side=entry.site.side,
        kind=kind,
        grade=max(grades, default=None) if entry.findings else None,
        number=entry.number,
        label=f"{entry.number}: {site_name(entry.site)}: {'; '.join(said)}",
        href=f"#{entry.anchor}",
    )


def body_views(found: Sequence[Entry]) -> tuple[str, str]:
    """The body from the front and from behind, with every place on it."""
    drawn = marks(found)
    count = f"{len(drawn)} numbered places" if len(drawn) != 1 else "1 numbered place"
    empty = "Nothing recorded and nothing proposed." if not drawn else ""
    front, back = (
        body_svg(
            drawn,
            view=cast("Literal['front', 'back']", view),
            title=f"Body from {words}",
            description=empty
            or f"{count} on front and back together, explained in the list that follows.",
        )
        for view, words in (("front", "the front"), ("back", "behind"))
    )
    return front, back


def lenses(found: Sequence[Entry]) -> tuple[Lens, ...]:
    """Hands, feet and head enlarged, where one of their regions has a mark."""
    drawn = marks(found)
    shown: list[Lens] = []
    for view in LENSES:
        shapes = {(o.region_id, o.side) for o in outlines() if o.view == view and o.region_id}
        for side in (None,) if view.startswith("head") else ("left", "right"):
            here = [
                mark
                for mark in drawn
                if isinstance(mark.place, str)
                and (mark.place, mark.side) in shapes
                and side in {None, mark.side}
            ]
            if here:
                title = _LENS_WORDS[view] + (f", {side}" if side else "")
                svg = lens_svg(
                    here,
                    view=view,
                    side=side,
                    title=title,
                    description=f"{len(here)} of the numbered places, enlarged.",
                )
                shown.append(Lens(title, svg))
    return tuple(shown)
