"""Indexed tables: every table of the atlas, indexed, each read when it is first asked for.

It gives rows by identifier, or several rows by what they belong to. Nothing here answers a
question; `Atlas` does. Every mapping keeps the order of its file, which is from head to tail
wherever the body has one.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, TypeVar

from myotome.atlas import rows
from myotome.atlas.reading import read_bytes, read_table

Row = TypeVar("Row")

# What an answer can rest on; the drawing's two tables can change without changing any answer.
FILES: Final = (
    "attachments.csv",
    "body_regions.csv",
    "conditions.csv",
    "depth_limits.csv",
    "dermatomes.csv",
    "hazards.csv",
    "innervation.csv",
    "joints.csv",
    "level_supply.csv",
    "muscle_architecture.csv",
    "muscles.csv",
    "nerve_skin.csv",
    "nerves.csv",
    "neural_tests.csv",
    "reflexes.csv",
    "segments.csv",
    "signs.csv",
    "spinal_levels.csv",
)


class Tables:
    """Every table, indexed."""

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
        return _grouped(_read(rows.Innervation, "innervation.csv"), attrgetter("muscle_id"))

    @cached_property
    def spinal_levels(self) -> Mapping[str, rows.SpinalLevel]:
        """The levels that a finger finds along the spine, from head to tail."""
        return {row.level_id: row for row in _read(rows.SpinalLevel, "spinal_levels.csv")}

    @cached_property
    def level_supply(self) -> Mapping[tuple[str, str], tuple[rows.LevelSupply, ...]]:
        """The segments of each muscle group and level."""
        table = _read(rows.LevelSupply, "level_supply.csv")
        return _grouped(table, attrgetter("group", "level_id"))

    @cached_property
    def nerves(self) -> Mapping[str, rows.Nerve]:
        """Peripheral nerves and groups of rami by identifier."""
        return {row.nerve_id: row for row in _read(rows.Nerve, "nerves.csv")}

    @cached_property
    def nerve_skin(self) -> Mapping[str, tuple[rows.NerveSkin, ...]]:
        """Skin regions of each nerve's own area, by nerve."""
        return _grouped(_read(rows.NerveSkin, "nerve_skin.csv"), attrgetter("nerve_id"))

    @cached_property
    def skin_regions(self) -> Mapping[str, rows.SkinRegion]:
        """Regions of the body chart by identifier."""
        return {row.region_id: row for row in _read(rows.SkinRegion, "body_regions.csv")}

    @cached_property
    def dermatomes(self) -> Mapping[str, tuple[rows.Dermatome, ...]]:
        """The segments of each skin region, by region."""
        return _grouped(_read(rows.Dermatome, "dermatomes.csv"), attrgetter("region_id"))

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
        return _grouped(_read(rows.NeuralTest, "neural_tests.csv"), attrgetter("sign_id"))

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
        return _grouped(_read(rows.DepthLimit, "depth_limits.csv"), attrgetter("muscle_id"))

    @cached_property
    def conditions(self) -> Mapping[str, rows.Condition]:
        """Pain conditions by identifier."""
        return {row.condition_id: row for row in _read(rows.Condition, "conditions.csv")}

    @cached_property
    def architecture(self) -> Mapping[str, tuple[rows.MuscleElement, ...]]:
        """Architecture elements of each muscle, by muscle; models must not be mixed."""
        return _grouped(
            _read(rows.MuscleElement, "muscle_architecture.csv"), attrgetter("muscle_id")
        )

    @cached_property
    def attachments(self) -> Mapping[str, rows.Attachment]:
        """The tendon each muscle pulls on and what it loads, by muscle."""
        return {row.muscle_id: row for row in _read(rows.Attachment, "attachments.csv")}

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits of the content of all tables together."""
        digest = hashlib.sha256()
        for table in FILES:
            digest.update(read_bytes(__package__, "tables", table))
        return digest.hexdigest()[:12]


def _read(row_type: type[Row], table: str) -> tuple[Row, ...]:
    return read_table(row_type, __package__, "tables", table)


def _grouped(table: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, tuple[Row, ...]]:
    """Rows by a key that several of them share."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in table:
        found[key(row)].append(row)
    return {name: tuple(group) for name, group in found.items()}
