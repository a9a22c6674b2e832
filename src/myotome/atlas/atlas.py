"""The atlas: segmental anatomy as immutable tables that answer a question in one call.

Given the name of a root, muscle, site, movement or condition it gives what the tables hold about
it, with sources, certainty and disagreements. It knows anatomy only: nothing here says how a
muscle behaves or what a sign means.

Source: each row's `source_ids`; the account of the whole is in ``tables/README.md``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import TypeVar, cast

from myotome.atlas import rows
from myotome.atlas.reading import read_table
from myotome.atlas.sites import SEGMENTS, SIDES, Root, Side, Site, SiteKind, Supply
from myotome.errors import InputError, UnknownName

Row = TypeVar("Row")

_INTERCOSTALS = frozenset({"intercostales_externi", "intercostales_interni"})
_ABDOMINAL_WALL = frozenset(
    {
        "rectus_abdominis",
        "obliquus_externus_abdominis",
        "obliquus_internus_abdominis",
        "transversus_abdominis",
    }
)
_WHOLE_SIDE = "whole_side"


class Atlas:
    """Every table, indexed; each is read when first asked for."""

    # Tables by identifier

    @cached_property
    def segments(self) -> Mapping[str, rows.Segment]:
        """Segments and cranial pseudo-segments, from head to tail."""
        return {row.segment_id: row for row in _read(rows.Segment, "segments.csv")}

    @cached_property
    def muscles(self) -> Mapping[str, rows.Muscle]:
        """Muscles by identifier."""
        return {row.muscle_id: row for row in _read(rows.Muscle, "muscles.csv")}

    @cached_property
    def innervation(self) -> Mapping[str, tuple[rows.Innervation, ...]]:
        """The segments of each muscle, by muscle."""
        return _grouped(_read(rows.Innervation, "innervation.csv"), "muscle_id")

    @cached_property
    def spinal_levels(self) -> Mapping[str, rows.SpinalLevel]:
        """The levels that a finger finds along the spine, from head to tail."""
        return {row.level_id: row for row in _read(rows.SpinalLevel, "spinal_levels.csv")}

    @cached_property
    def level_supply(self) -> Mapping[tuple[str, str], tuple[rows.LevelSupply, ...]]:
        """The segments of each muscle group and level."""
        found: dict[tuple[str, str], list[rows.LevelSupply]] = defaultdict(list)
        for row in _read(rows.LevelSupply, "level_supply.csv"):
            found[row.group, row.level_id].append(row)
        return {key: tuple(group) for key, group in found.items()}

    @cached_property
    def nerves(self) -> Mapping[str, rows.Nerve]:
        """Peripheral nerves and groups of rami by identifier."""
        return {row.nerve_id: row for row in _read(rows.Nerve, "nerves.csv")}

    @cached_property
    def nerve_skin(self) -> Mapping[str, tuple[rows.NerveSkin, ...]]:
        """Skin regions of each nerve's own area, by nerve."""
        return _grouped(_read(rows.NerveSkin, "nerve_skin.csv"), "nerve_id")

    @cached_property
    def skin_regions(self) -> Mapping[str, rows.SkinRegion]:
        """Regions of the body chart by identifier."""
        return {row.region_id: row for row in _read(rows.SkinRegion, "body_regions.csv")}

    @cached_property
    def dermatomes(self) -> Mapping[str, tuple[rows.Dermatome, ...]]:
        """The segments of each skin region, by region."""
        return _grouped(_read(rows.Dermatome, "dermatomes.csv"), "region_id")

    @cached_property
    def tests(self) -> Mapping[str, rows.SegmentalTest]:
        """Reflexes, key muscle tests and key sensory points by identifier."""
        return {row.test_id: row for row in _read(rows.SegmentalTest, "reflexes.csv")}

    @cached_property
    def reflexes(self) -> Mapping[str, rows.SegmentalTest]:
        """Tendon and superficial reflexes by identifier."""
        return {name: row for name, row in self.tests.items() if row.kind.endswith("reflex")}

    @cached_property
    def neural_tests(self) -> Mapping[str, tuple[rows.NeuralTest, ...]]:
        """The segments that each neural test loads, by sign."""
        return _grouped(_read(rows.NeuralTest, "neural_tests.csv"), "sign_id")

    @cached_property
    def signs(self) -> Mapping[str, rows.Sign]:
        """Signs by identifier."""
        return {row.sign_id: row for row in _read(rows.Sign, "signs.csv")}

    @cached_property
    def movements(self) -> Mapping[str, rows.Movement]:
        """Joint movements by identifier."""
        return {row.movement_id: row for row in _read(rows.Movement, "joints.csv")}

    @cached_property
    def hazards(self) -> Mapping[str, rows.Hazard]:
        """Needling hazards by identifier."""
        return {row.hazard_id: row for row in _read(rows.Hazard, "hazards.csv")}

    @cached_property
    def depth_limits(self) -> Mapping[str, tuple[rows.DepthLimit, ...]]:
        """Published needle depths, or the statement that none is known, by muscle."""
        return _grouped(_read(rows.DepthLimit, "depth_limits.csv"), "muscle_id")

    @cached_property
    def conditions(self) -> Mapping[str, rows.Condition]:
        """Pain conditions by identifier."""
        return {row.condition_id: row for row in _read(rows.Condition, "conditions.csv")}

    @cached_property
    def architecture(self) -> Mapping[str, tuple[rows.MuscleElement, ...]]:
        """Architecture elements of each muscle, by muscle; models must not be mixed."""
        return _grouped(_read(rows.MuscleElement, "muscle_architecture.csv"), "muscle_id")

    @cached_property
    def attachments(self) -> Mapping[str, rows.Attachment]:
        """The tendon each muscle pulls on and what it loads, by muscle."""
        return {row.muscle_id: row for row in _read(rows.Attachment, "attachments.csv")}

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits of the content of all tables together."""
        digest = hashlib.sha256()
        for table in sorted(files(__package__).joinpath("tables").iterdir(), key=lambda t: t.name):
            if table.name.endswith(".csv"):
                digest.update(table.read_bytes())
        return digest.hexdigest()[:12]

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
            return "paraspinal" if self._level_group(name) == "posterior" else "muscle"
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
            raise InputError(
                f"{name} takes no level, got '{level}'. Leave it out.", place="level"
            )
        felt = "part" if name in _ABDOMINAL_WALL else "spinous process felt"
        got = f"got '{level}'" if level else "got nothing"
        raise InputError(
            f"{name} needs a level, the {felt}: {', '.join(levels)}; {got}.", place="level"
        )

    def _level_group_of(self, site: Site) -> str:
        return self._level_group(site.name) if site.name in self.muscles else ""

    def _level_group(self, muscle_id: str) -> str:
        """Which rows of `level_supply` serve a muscle; empty where it is one piece."""
        if muscle_id in _INTERCOSTALS:
            return "intercostal"
        if muscle_id in _ABDOMINAL_WALL:
            return "abdominal"
        muscle = self.muscles[muscle_id]
        spans = len(self.innervation[muscle_id])
        return "posterior" if muscle.ramus == "posterior" and spans > 1 else ""

    @cache  # noqa: B019 - one atlas lives as long as the process
    def levels_of(self, name: str) -> tuple[str, ...]:
        """Levels at which a muscle is recorded, from head to tail; none for other sites."""
        group = self._level_group(name) if name in self.muscles else ""
        if not group:
            return ()
        own = {row.segment_id for row in self.innervation[name]}
        return tuple(
            level
            for (level_group, level), supply in self.level_supply.items()
            if level_group == group
            and any(row.segment_id in own and row.weight == "major" for row in supply)
            or (level_group == group and level == "sacrum" and name == "multifidus_lumborum")
        )

    def roots_of_site(self, site: Site, sign_id: str = "") -> tuple[Supply, ...]:
        """The roots that supply a site, from head to tail; empty where none does.

        A midline site has the roots of both sides. A movement has the roots of the muscles
        that limit it when short; those of side bending lie on the other side. A whole side has the roots its neural test loads.

        Args:
            site: A site made by `site`.
            sign_id: The neural test, needed for a whole side only.
        """
        side = site.side
        if site.kind == "movement" and self.movements[site.name].limited_by_other_side:
            side = "left" if side == "right" else "right"
        sides: tuple[Side, ...] = ("left", "right") if side == "midline" else (side,)
        return tuple(
            Supply(Root(segment, side), weight, certainty, source_ids, disagreement)
            for side in sides
            for segment, weight, certainty, source_ids, disagreement in self._segments_of(
                site.kind, site.name, site.level, sign_id
            )
        )

    def _segments_of(
        self, kind: SiteKind, name: str, level: str, sign_id: str
    ) -> list[tuple[str, str, str, tuple[str, ...], str]]:
        found: list[tuple[str, str, str, tuple[str, ...], str]] = []
        if level:
            found = [
                (row.segment_id, row.weight, row.certainty, row.source_ids, "")
                for row in self.level_supply[self._level_group(name), level]
            ]
        elif kind in {"muscle", "paraspinal"}:
            found = [
                (row.segment_id, row.weight, row.basis, row.source_ids, row.disagreement)
                for row in self.innervation[name]
            ]
        elif kind == "skin":
            found = [
                (
                    row.segment_id,
                    "signature" if row.signature else row.extent,
                    "map",
                    row.source_ids,
                    row.notes,
                )
                for row in self.dermatomes.get(name, ())
            ]
        elif kind == "reflex":
            test = self.reflexes[name]
            found = [
                (
                    segment,
                    "principal" if segment == test.principal_segment_id else "other",
                    "sources",
                    test.source_ids,
                    test.disagreement,
                )
                for segment in test.segment_ids
            ]
        elif kind == "movement":
            found = self._segments_limiting(name)
        elif sign_id:
            found = [
                (row.segment_id, row.weight, row.certainty, row.source_ids, row.notes)
                for row in self.neural_tests[sign_id]
            ]
        spinal = [entry for entry in found if entry[0] in SEGMENTS]
        return sorted(spinal, key=lambda entry: SEGMENTS.index(entry[0]))

    def _segments_limiting(
        self, movement_id: str
    ) -> list[tuple[str, str, str, tuple[str, ...], str]]:
        """A movement's segments: major where a limiting muscle has its major supply."""
        movement = self.movements[movement_id]
        majors: set[str] = set()
        others: set[str] = set()
        for muscle_id in movement.limiting_muscle_ids:
            for row in self.innervation[muscle_id]:
                (majors if row.weight == "major" else others).add(row.segment_id)
        return [
            (
                segment,
                "major" if segment in majors else "minor",
                "derived",
                movement.source_ids,
                "From the muscles that limit the movement when short.",
            )
            for segment in majors | others
        ]

    def ramus_of(self, site: Site) -> str:
        """Which primary ramus a site speaks for: anterior, posterior, cranial, mixed or both.

        Reflexes, movements and whole sides speak for the anterior ramus when a limb is meant;
        a neural test speaks for the root itself, so ``both``.
        """
        if site.kind in {"muscle", "paraspinal"}:
            return self.muscles[site.name].ramus
        if site.kind == "skin":
            return self.skin_regions[site.name].ramus
        if site.kind == "movement":
            rami = {self.muscles[m].ramus for m in self.movements[site.name].limiting_muscle_ids}
            return rami.pop() if len(rami) == 1 else "both"
        return "both" if site.kind == "side" else "anterior"

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
            if group == "posterior"
            and any(row.segment_id == segment and row.weight == "major" for row in supply)
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
        """Hazards of needling a muscle, the most severe first."""
        order = ("critical", "high", "moderate", "low")
        found = [self.hazards[hazard] for hazard in self.muscles[site.name].hazard_ids]
        return tuple(sorted(found, key=lambda hazard: order.index(hazard.severity)))

    def depths_of_site(self, site: Site) -> tuple[rows.DepthLimit, ...]:
        """Published depths for a muscle at its level, or the row that says none is known."""
        limits = self.depth_limits[site.name]
        here = tuple(limit for limit in limits if limit.level in {"", site.level})
        return here or tuple(limit for limit in limits if limit.kind == "none_known")

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
        mains = {
            row.segment_id
            for row in self.level_supply.get((self._level_group_of(site), site.level), ())
            if row.weight == "major"
        }
        if site.kind in {"muscle", "paraspinal"}:
            direct: Iterable[str] = self.muscles[site.name].nerve_ids
        elif site.kind == "skin":
            direct = (
                nerve for nerve, skin in self.nerve_skin.items()
                if any(row.region_id == site.name for row in skin)
            )
        elif site.kind == "reflex":
            direct = self.reflexes[site.name].nerve_ids
        else:
            direct = ()
        found: set[str] = set()
        for nerve_id in direct:
            step = nerve_id
            while step:
                nerve = self.nerves[step]
                if nerve.extent == "single" and (
                    not site.level or mains.intersection(nerve.root_segment_ids)
                ):
                    found.add(step)
                step = nerve.parent_nerve_id
        return frozenset(found)


def _read(row_type: type[Row], table: str) -> tuple[Row, ...]:
    return read_table(row_type, __package__, "tables", table)


def _grouped(table: Iterable[Row], key: str) -> dict[str, tuple[Row, ...]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in table:
        found[getattr(row, key)].append(row)
    return {name: tuple(group) for name, group in found.items()}


@cache
def atlas() -> Atlas:
    """The atlas of this package; one per process."""
    return Atlas()
