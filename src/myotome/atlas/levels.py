"""Levels: at which places along the trunk a muscle is recorded, and what supplies it there.

A muscle of the posterior rami that spans several segments is recorded at the spinous process
felt, an intercostal at the level of its space, a muscle of the abdominal wall as upper, middle
or lower part. Every other muscle is one piece and has no level.
"""

from __future__ import annotations

from typing import Final

from myotome.atlas.indexed_tables import Tables
from myotome.atlas.rows import LevelSupply, Muscle

INTERCOSTALS: Final = frozenset({"intercostales_externi", "intercostales_interni"})
ABDOMINAL_WALL: Final = frozenset(
    {
        "rectus_abdominis",
        "obliquus_externus_abdominis",
        "obliquus_internus_abdominis",
        "transversus_abdominis",
    }
)
# The lumbar multifidus is the one posterior-ramus muscle whose fleshy part is felt on the
# sacrum, below the last segment that its innervation rows name.
_ON_SACRUM: Final = "multifidus_lumborum"


def level_group(tables: Tables, muscle: Muscle) -> str:
    """Which rows of `level_supply` serve a muscle; empty where it is one piece."""
    if muscle.muscle_id in INTERCOSTALS:
        return "intercostal"
    if muscle.muscle_id in ABDOMINAL_WALL:
        return "abdominal"
    spans = len(tables.innervation[muscle.muscle_id])
    return "posterior" if muscle.ramus == "posterior" and spans > 1 else ""


def muscle_levels(tables: Tables, muscle: Muscle) -> tuple[str, ...]:
    """Levels of a muscle, from head to tail: those with a main root among its own segments."""
    group = level_group(tables, muscle)
    own = {row.segment_id for row in tables.innervation[muscle.muscle_id]}
    return tuple(
        level
        for (of_group, level), supply in tables.level_supply.items()
        if of_group == group
        and (
            own.intersection(main_segments(supply))
            or (level == "sacrum" and muscle.muscle_id == _ON_SACRUM)
        )
    )


def main_segments(supply: tuple[LevelSupply, ...]) -> frozenset[str]:
    """Segments that are the major supply of a level."""
    return frozenset(row.segment_id for row in supply if row.weight == "major")
