"""Sites and roots: where a sign is, and what may be irritated.

A root is a spinal segment and a side; there are 62. A site is a muscle and side (muscles of the
posterior rami, the intercostals and the abdominal wall also with a level), a skin region, a
reflex, a movement of a joint, or a whole side for neural tests. Sites are made by
`Atlas.site`, which checks them; nothing else makes one.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, cast

from myotome.errors import InputError

Side = Literal["left", "right", "midline"]
SiteKind = Literal["muscle", "paraspinal", "skin", "reflex", "movement", "side"]

SIDES: Final = ("left", "right")
SEGMENTS: Final = (
    *(f"C{number}" for number in range(1, 9)),
    *(f"T{number}" for number in range(1, 13)),
    *(f"L{number}" for number in range(1, 6)),
    *(f"S{number}" for number in range(1, 6)),
    "Co1",
)


class Root(NamedTuple):
    """A spinal nerve root: a segment and a side."""

    segment: str
    side: Side

    def __str__(self) -> str:
        return f"{self.segment}-{self.side}"

    @property
    def index(self) -> int:  # type: ignore[override]  # tuple.index has no use on two fields
        """Place among the 62 roots: by segment from head to tail, left before right."""
        return 2 * SEGMENTS.index(self.segment) + SIDES.index(self.side)

    @classmethod
    def parse(cls, text: str) -> Root:
        """The root written as ``C6-right``.

        Raises:
            InputError: No such root.

        >>> Root.parse("C6-right").index
        11
        """
        segment, _, side = text.partition("-")
        if segment not in SEGMENTS or side not in SIDES:
            raise InputError(
                f"root must be a spinal segment (C1 to C8, T1 to T12, L1 to L5, S1 to S5, Co1)"
                f" and a side, such as C6-right, got '{text}'."
            )
        return cls(segment, cast("Side", side))


ROOTS: Final = tuple(Root(segment, side) for segment in SEGMENTS for side in SIDES)


class Site(NamedTuple):
    """Where a sign is looked for."""

    kind: SiteKind
    name: str
    side: Side
    level: str = ""

    def __str__(self) -> str:
        return ":".join(part for part in (self.name, self.level, self.side) if part)


class Supply(NamedTuple):
    """One root that supplies a site, and how strongly.

    `weight` is ``major``, ``minor`` or ``variable`` for muscles; ``signature``, ``core`` or
    ``adjacent`` for skin; ``principal`` or ``other`` for reflexes.
    """

    root: Root
    weight: str
    certainty: str
    source_ids: tuple[str, ...]
    disagreement: str = ""
