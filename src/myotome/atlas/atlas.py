"""The atlas: segmental anatomy as immutable tables that answer a question in one call.

Given the name of a root, muscle, site, movement or condition it gives what the tables hold about
it, with sources, certainty and disagreements. It knows anatomy only: nothing here says how a
muscle behaves or what a sign means.

Source: each row's `source_ids`; the account of the whole is in ``tables/README.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from typing import cast

from myotome.atlas import rows
from myotome.atlas.indexed_tables import Tables
from myotome.atlas.levels import ABDOMINAL_WALL, level_group, main_segments, muscle_levels
from myotome.atlas.sites import SEGMENTS, SIDES, Side, Site, SiteKind, Supply
from myotome.atlas.supply import supply_of
from myotome.errors import InputError, UnknownName

_WHOLE_SIDE = "whole_side"


class Atlas(Tables):
    """Every table, and the questions they answer together."""

    # Sites

    def site(self, name: str, side: str, level: str = "") -> Site:
        """The checked site of this name.

        Args:
            name: A muscle, skin region, reflex or movement; empty for a whole side.
            side: left, right, or midline for an unsided skin region.
            level: Spinous process felt, or upper, middle, lower for the abdominal wall.

        Raises:
            UnknownName: No table holds the name.
            InputError: The side or level is missing or cannot be.

        >>> str(atlas().site("multifidus_lumborum", "right", "L5"))
        'multifidus_lumborum:L5:right'
        """
        kind = self._kind(name)
        self._check_side(name, kind, side)
        self._check_level(name, level)
        return Site(kind, name or _WHOLE_SIDE, cast("Side", side), level)

    def _kind(self, name: str) -> SiteKind:
        if not name:
            return "side"
        if name in self.muscles:
            return "paraspinal" if name in self._paraspinals else "muscle"
        if name in self.skin_regions:
            return "skin"
        if name in self.reflexes:
            return "reflex"
        if name in self.movements:
            return "movement"
        known = [*self.muscles, *self.skin_regions, *self.reflexes, *self.movements]
        kind = "muscle, skin region, reflex or movement"
        raise UnknownName(kind, name, known)

    def _check_side(self, name: str, kind: SiteKind, side: str) -> None:
        unsided = kind == "skin" and not self.skin_regions[name].sided
        allowed = (*SIDES, "midline") if unsided else SIDES
        if side not in allowed:
            got = f"got '{side}'" if side else "got nothing"
            raise InputError(
                f"side of {name or 'this test'} must be {' or '.join(allowed)}, {got}.",
                place="side",
            )

    def _check_level(self, name: str, level: str) -> None:
        levels = self.levels_of(name)
        if level in levels or (not level and not levels):
            return
        if not levels:
            raise InputError(f"{name} takes no level, got '{level}'. Leave it out.", place="level")
        felt = "part" if name in ABDOMINAL_WALL else "spinous process felt"
        got = f"got '{level}'" if level else "got nothing"
        raise InputError(
            f"{name} needs a level, the {felt}: {', '.join(levels)}; {got}.", place="level"
        )

    @cached_property
    def _paraspinals(self) -> frozenset[str]:
        """Muscles of the posterior rami that are recorded by level."""
        return frozenset(
            name
            for name, muscle in self.muscles.items()
            if level_group(self, muscle) == "posterior"
        )

    @cached_property
    def _levels(self) -> dict[str, tuple[str, ...]]:
        return {name: muscle_levels(self, muscle) for name, muscle in self.muscles.items()}

    def levels_of(self, name: str) -> tuple[str, ...]:
        """Levels at which a muscle is recorded, from head to tail; none for other sites."""
        return self._levels.get(name, ())

    def roots_of_site(self, site: Site, sign_id: str = "") -> tuple[Supply, ...]:
        """The roots that supply a site, from head to tail; empty where none does.

        A midline site has the roots of both sides. A movement has the roots of the muscles that
        limit it when short; those of side bending lie on the other side. A whole side has the
        roots its neural test loads.

        Args:
            site: A site made by `site`.
            sign_id: The neural test, needed for a whole side only.
        """
        return supply_of(self, site, sign_id)

    def ramus_of(self, site: Site) -> str:
        """Which primary ramus a site speaks for: anterior, posterior, cranial, mixed or both.

        A reflex speaks for the ramus of the muscles that answer, a movement for that of the
        muscles that limit it; a neural test for the root itself, so ``both``.
        """
        if site.kind in {"muscle", "paraspinal"}:
            return self.muscles[site.name].ramus
        if site.kind == "skin":
            return self.skin_regions[site.name].ramus
        if site.kind == "reflex":
            # The plantar response names no muscle; it is a reflex of the limb.
            return self._common_ramus(self.reflexes[site.name].muscle_ids) or "anterior"
        if site.kind == "movement":
            return self._common_ramus(self.movements[site.name].limiting_muscle_ids) or "both"
        return "both"

    def _common_ramus(self, muscle_ids: Iterable[str]) -> str:
        """The ramus of all these muscles; empty without muscles, ``both`` where they differ."""
        rami = {self.muscles[muscle_id].ramus for muscle_id in muscle_ids}
        return "both" if len(rami) > 1 else "".join(rami)

    def label(self, site: Site) -> str:
        """The site in plain words, side last.

        >>> atlas().label(atlas().site("triceps_reflex", "left"))
        'Triceps reflex, left'
        """
        if site.kind in {"muscle", "paraspinal"}:
            name = self.muscles[site.name].common_name
        elif site.kind == "skin":
            name = self.skin_regions[site.name].name
        elif site.kind == "reflex":
            name = self.reflexes[site.name].name
        elif site.kind == "movement":
            movement = self.movements[site.name]
            name = f"{movement.joint_name} {movement.movement}"
        else:
            name = "whole side"
        return ", ".join(part for part in (name, site.level, site.side) if part)

    # Questions

    def muscles_of_root(self, segment: str) -> tuple[rows.Innervation, ...]:
        """Muscles that a segment supplies through both rami: major first, then by table order.

        Raises:
            UnknownName: No such segment.
        """
        self.segment(segment)
        order = {"major": 0, "minor": 1, "variable": 2}
        found = [row for group in self.innervation.values() for row in group]
        found = [row for row in found if row.segment_id == segment]
        return tuple(sorted(found, key=lambda row: order[row.weight]))

    def skin_of_root(self, segment: str) -> tuple[rows.Dermatome, ...]:
        """Skin regions that a segment supplies, its signature area first."""
        found = [row for group in self.dermatomes.values() for row in group]
        found = [row for row in found if row.segment_id == segment]
        return tuple(sorted(found, key=lambda row: (not row.signature, row.extent != "core")))

    def neighbours(self, segment: str) -> tuple[str, ...]:
        """The segments just above and just below along the cord.

        >>> atlas().neighbours("C8")
        ('C7', 'T1')
        """
        self.segment(segment)
        place = SEGMENTS.index(segment)
        return SEGMENTS[max(place - 1, 0) : place] + SEGMENTS[place + 1 : place + 2]

    def levels_near(self, segment: str) -> tuple[str, ...]:
        """Spinal levels at which a segment is the major supply of the paraspinals."""
        return tuple(
            level
            for (group, level), supply in self.level_supply.items()
            if group == "posterior" and segment in main_segments(supply)
        )

    def limits_of_movement(self, movement_id: str) -> tuple[rows.Muscle, ...]:
        """The muscles that limit a movement when short.

        Raises:
            UnknownName: No such movement.
        """
        if movement_id not in self.movements:
            raise UnknownName("movement", movement_id, self.movements)
        limiting = self.movements[movement_id].limiting_muscle_ids
        return tuple(self.muscles[muscle_id] for muscle_id in limiting)

    def hazards_of_site(self, site: Site) -> tuple[rows.Hazard, ...]:
        """Hazards of needling a muscle, the most severe first.

        Raises:
            InputError: The site is no muscle.
        """
        order = ("critical", "high", "moderate", "low")
        found = [self.hazards[hazard] for hazard in self._needled(site).hazard_ids]
        return tuple(sorted(found, key=lambda hazard: order.index(hazard.severity)))

    def depths_of_site(self, site: Site) -> tuple[rows.DepthLimit, ...]:
        """Published depths for a muscle at its level; never empty: that none is known is a row.

        Raises:
            InputError: The site is no muscle.
        """
        limits = self.depth_limits[self._needled(site).muscle_id]
        return tuple(limit for limit in limits if limit.level in {"", site.level})

    def _needled(self, site: Site) -> rows.Muscle:
        if site.name not in self.muscles:
            # An empty answer would read as "no hazard here".
            raise InputError(
                f"site must be a muscle, got '{site.name}'. Hazards and depths are known for"
                " muscles only.",
                place="site",
            )
        return self.muscles[site.name]

    def muscle(self, name: str) -> rows.Muscle:
        """The muscle of this identifier.

        Raises:
            UnknownName: No such muscle; the nearest names are offered.
        """
        if name not in self.muscles:
            raise UnknownName("muscle", name, self.muscles)
        return self.muscles[name]

    def segment(self, name: str) -> rows.Segment:
        """The spinal segment of this name.

        Raises:
            UnknownName: No such segment.
        """
        if name not in SEGMENTS:
            raise UnknownName(
                "spinal segment",
                name,
                SEGMENTS,
                hint="They are C1 to C8, T1 to T12, L1 to L5, S1 to S5 and Co1.",
            )
        return self.segments[name]

    def condition(self, name: str) -> rows.Condition:
        """The condition of this identifier, with its muscles and the levels to check.

        Raises:
            UnknownName: No such condition.
        """
        if name not in self.conditions:
            raise UnknownName("condition", name, self.conditions)
        return self.conditions[name]

    def nerves_over(self, site: Site) -> frozenset[str]:
        """Single nerves whose lesion reaches a site: those that supply it and their trunks.

        A muscle recorded by level is reached only by nerves of a main root of that level.
        """
        found = {
            nerve_id
            for direct in self._nerves_to(site)
            for nerve_id in self._with_trunks(direct)
            if self.nerves[nerve_id].extent == "single"
        }
        if site.level:
            group = level_group(self, self.muscles[site.name])
            mains = main_segments(self.level_supply[group, site.level])
            found = {n for n in found if mains.intersection(self.nerves[n].root_segment_ids)}
        return frozenset(found)

    def _nerves_to(self, site: Site) -> Iterable[str]:
        """Nerves that end at a site."""
        if site.kind in {"muscle", "paraspinal"}:
            return self.muscles[site.name].nerve_ids
        if site.kind == "reflex":
            return self.reflexes[site.name].nerve_ids
        if site.kind == "skin":
            return self._nerves_of_skin.get(site.name, ())
        return ()

    @cached_property
    def _nerves_of_skin(self) -> Mapping[str, tuple[str, ...]]:
        """Nerves whose own area a skin region lies in, by region."""
        found: dict[str, tuple[str, ...]] = {}
        for nerve_id, skin in self.nerve_skin.items():
            for row in skin:
                found[row.region_id] = (*found.get(row.region_id, ()), nerve_id)
        return found

    def _with_trunks(self, nerve_id: str) -> Iterator[str]:
        """A nerve and every nerve that it branches from."""
        yield nerve_id
        for parent in self.nerves[nerve_id].parent_nerve_ids:
            yield from self._with_trunks(parent)


@cache
def atlas() -> Atlas:
    """The atlas of this package; one per process."""
    return Atlas()
