"""Rows: what was published, with role, tolerance and known misses.

``published/`` holds a table for each link, one number a row. Roles stand before a link is first
fitted: `fitted` rows may move parameters, `predicted` rows never do, and a `regression` row is a
number computed from published equations, which shows that the code is right and nothing about a
body.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, get_args

Role = Literal["fitted", "predicted", "regression"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
Kind = Literal["absolute", "relative"]
Scale = Literal["fast", "slow"]

LINKS: Final = {
    "root": "Root: ectopic discharge and the foramen",
    "axon": "Axon: trains that sustain themselves",
    "ectopic": "Ectopic fibres: shares and rates, impulse by impulse",
    "dorsal_horn": "Dorsal horn: gate, wind-up, sensitisation",
    "motoneuron": "Motoneuron: cells and their persistent inward current",
    "drive": "Motor pool: threshold of cramp",
    "motor_pool": "Motor pool: the published pool and the published bistable cell",
    "endplate": "Endplate: noise and fibrillation",
    "endplate_discharge": "Endplate discharge: fibres by themselves, impulse by impulse",
    "needle_physics": "Needle: injury, strength and duration",
    "motor_unit": "Motor unit: twitch and tetanus",
    "musculotendon": "Muscle and tendon: force curves",
    "spindle": "Spindle: ramps",
    "tendon_organ": "Tendon organ: a step of force",
    "conduction": "Conduction: delays and latencies",
    "moment": "Moment: the loop closed, reflexes, force, needle",
    "cramp": "Cramp: what leaves one, and what is seen in it",
    "receptors": "Receptors: supersensitivity",
    "threshold": "Threshold: what cramping leaves behind",
    "length": "Length: sarcomeres, contracture, stretching",
    "strength": "Strength: disuse and training",
    "wear": "Wear: tendon, cartilage, disc",
    "pain": "Pain: pressure and sensitisation",
    "natural_course": "Natural course: cohorts without needling",
    "needle": "Needle: soreness and the first days",
    "adjuncts": "Adjuncts: exercise, current, mobilisation",
    "whole_chain": "Whole chain: virtual patients beside trials",
}
# The links of one moment, spike by spike; those after them are of hours and weeks.
FAST_LINKS: Final = tuple(LINKS)[: list(LINKS).index("cramp") + 1]
_MENDED: Final = "after a miss"
_REPEATS: Final = "the same number as "


@dataclass(frozen=True, slots=True)
class Row:
    """One published number.

    Attributes:
        id: Name of the row and of its check.
        link: A key of `LINKS`.
        quantity: What the number is, in words.
        role: Whether it may move parameters.
        published: The number; 1 where the quantity is a claim that must hold.
        tolerance: How far the model's number may lie from it.
        kind: Whether the tolerance is in the row's unit or a share of the published number.
        tolerance_reason: Why that much.
        unit: Of the number.
        source_ids: Where it was read.
        known_miss: Why the model misses it, reviewed; empty where it must not miss.
        notes: What was assumed to compare them.
    """

    id: str
    link: str
    quantity: str
    role: Role
    published: float
    tolerance: float
    kind: Kind
    tolerance_reason: str
    unit: str
    source_ids: tuple[str, ...]
    known_miss: str
    notes: str

    @property
    def allowed(self) -> float:
        """The tolerance in the row's own unit."""
        share = abs(self.published) if self.kind == "relative" else 1.0
        return self.tolerance * share

    @property
    def scale(self) -> Scale:
        """Whether its link is one of a moment or of hours and weeks."""
        return "fast" if self.link in FAST_LINKS else "slow"

    @property
    def mend(self) -> str:
        """How its law or its reading was mended after a miss; empty where it never was."""
        return next((part for part in self.notes.split("; ") if _MENDED in part), "")

    @property
    def repeats(self) -> str:
        """The predicted row that the same published number stands in too; empty: none does."""
        said = (part for part in self.notes.split("; ") if part.startswith(_REPEATS))
        return next(said, "").removeprefix(_REPEATS)


@cache
def published() -> tuple[Row, ...]:
    """Every row, in the order of the links."""
    folder = files(__package__).joinpath("published")
    texts = [folder.joinpath(f"{link}.csv").read_text(encoding="utf-8") for link in LINKS]
    return tuple(
        Row(
            id=line["id"],
            link=line["link"],
            quantity=line["quantity"],
            role=_role(line["role"]),
            published=float(line["published"]),
            tolerance=float(line["tolerance"]),
            kind="relative" if line["tolerance_kind"] == "relative" else "absolute",
            tolerance_reason=line["tolerance_reason"],
            unit=line["unit"],
            source_ids=tuple(line["source_ids"].split(";")),
            known_miss=line["known_miss"],
            notes=line["notes"],
        )
        for text in texts
        for line in csv.DictReader(io.StringIO(text))
    )


def _role(name: str) -> Role:
    for role in ROLES:
        if role == name:
            return role
    raise ValueError(f"role must be one of {', '.join(ROLES)}, got '{name}'.")
