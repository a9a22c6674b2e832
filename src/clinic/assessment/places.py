"""Places of the examination: what opens when a finger touches a place, made from the atlas.

A place is a region of the skin and its side, one side of a spinous process, a whole side, or
posture. Each holds groups (muscles by layer, skin, reflexes, movements), a group holds things, a
thing holds rows, and a row is one sign that takes one reading. Places are numbered from the atlas
in a fixed order, so that no address says where somebody was touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, NamedTuple, cast

from myotome.atlas import SIDES, Side, Site, atlas
from myotome.atlas.outlines import muscle_anchors
from myotome.atlas.rows import Muscle

POSTURE: Final = "posture"  # no sign of the atlas: kept, shown, and not weighed by the model
LAYERS: Final = ("superficial", "intermediate", "deep")
_FELT: Final = ("tender_motor_point", "tender_paraspinal", "taut_band", "shortened_muscle")
_MAIN: Final = frozenset({*_FELT, "weakness", "reflex", "range"})
# What a hand and an eye that pass over a region have looked for, and nothing more.
_PASSED_OVER: Final = frozenset({"tender_motor_point", "tender_paraspinal", "taut_band"})
SKIN_SEEN: Final = frozenset(
    {"excess_sweating", "goosebumps", "trophedema", "orange_peel", "hair_loss", "skin_change"}
)
# Where a hand looks for a part of the abdominal wall, moves a joint or taps a tendon: ours, by the
# regions of the atlas; they say where a row is shown and nothing of what it means.
_ABDOMEN: Final = {
    "abdomen_upper_quarter": "upper",
    "abdomen_umbilicus": "middle",
    "abdomen_lower": "lower",
}
_JOINTS: Final = {
    "tmj": ("jaw_angle", "temple"),
    "craniocervical": ("nape", "occiput"),
    "cervical": ("nape", "neck_side", "neck_front"),
    "thoracolumbar": ("back_lower_thoracic", "back_lumbar_upper", "back_lumbar_lower"),
    "scapulothoracic": ("scapula_upper", "shoulder_top", "back_upper"),
    "shoulder": ("shoulder_lateral", "shoulder_top", "axilla"),
    "elbow": ("arm_anterior", "arm_posterior", "cubital_lateral", "cubital_medial"),
    "forearm": ("forearm_lateral", "forearm_medial", "cubital_lateral"),
    "wrist": ("forearm_middle_back", "forearm_medial", "hand_middle"),
    "finger_mcp": ("hand_middle", "hand_medial", "middle_finger"),
    "finger_pip": ("index_finger", "middle_finger", "ring_finger", "little_finger"),
    "finger_dip": ("index_finger", "middle_finger", "ring_finger", "little_finger"),
    "thumb_cmc": ("thumb", "hand_lateral"),
    "thumb_mcp": ("thumb",),
    "thumb_ip": ("thumb",),
    "hip": ("groin", "hip_lateral", "buttock_lower", "buttock_upper", "thigh_anterior_upper"),
    "knee": ("knee_front", "popliteal_fossa", "thigh_anterior_lower"),
    "ankle": ("ankle_medial", "ankle_lateral", "calf", "leg_anterolateral"),
    "subtalar": ("ankle_lateral", "ankle_medial", "heel"),
    "hallux_mtp": ("hallux",),
    "hallux_ip": ("hallux",),
    "toes_mtp": ("toes_2_4", "little_toe"),
    "toes_ip": ("toes_2_4", "little_toe"),
}
_REFLEX_AT: Final = {
    "jaw_jerk": ("jaw_angle",),
    "biceps_reflex": ("arm_anterior", "cubital_lateral"),
    "brachioradialis_reflex": ("forearm_lateral",),
    "triceps_reflex": ("arm_posterior",),
    "finger_flexor_reflex": ("hand_middle", "middle_finger"),
    "knee_reflex": ("knee_front",),
    "ankle_reflex": ("calf", "heel"),
    "plantar_response": ("sole_medial", "sole_lateral"),
    "abdominal_reflex_upper": ("abdomen_upper_half",),
    "abdominal_reflex_lower": ("abdomen_lower",),
}
POSTURES: Final = (
    ("head_forward", "Head carried forward", ("midline",)),
    ("head_tilt", "Head tilted to this side", SIDES),
    ("shoulder_high", "Shoulder stands higher", SIDES),
    ("blade_stands_off", "Shoulder blade stands off", SIDES),
    ("upper_back_round", "Upper back rounder", ("midline",)),
    ("spine_convex", "Spine curves out to this side", SIDES),
    ("loin_hollow", "Loin more hollow", ("midline",)),
    ("loin_flat", "Loin flat", ("midline",)),
    ("trunk_shift", "Trunk shifted to this side", SIDES),
    ("pelvis_high", "Pelvis stands higher", SIDES),
    ("muscle_thin", "Muscle looks thinner on this side", SIDES),
    ("crease", "Crease across the spine", ("midline",)),
)
Measure = Literal["grade", "mrc", "reflex", "degrees", "kPa"]
CHOICES: Final[dict[str, tuple[float, ...]]] = {
    "grade": (0, 1, 2, 3),
    "mrc": (0, 1, 2, 3, 4, 5),
    "reflex": (0, 1, 2, 3, 4),
}
# How a sign can be tested, as far as it makes a reading comparable or not; ours, none compulsory.
_FELT_WITH: Final = ("cotton", "fingertip", "filament")
_PRICKED_WITH: Final = ("pin", "pinwheel", "filament")
WAYS: Final[dict[str, tuple[str, ...]]] = {
    "range": ("goniometer", "inclinometer", "by eye"),
    "weakness": ("by hand", "dynamometer"),
    "light_touch_less": _FELT_WITH,
    "light_touch_more": _FELT_WITH,
    "allodynia": ("brush", *_FELT_WITH),
    "pin_less": _PRICKED_WITH,
    "pin_more": _PRICKED_WITH,
    "cool_skin": ("hand", "thermometer", "camera"),
    "pressure_pain_threshold": ("spring algometer", "electronic algometer"),
    "reflex": ("hammer", "hammer, hands pulling"),
}
UNIT_WORDS: Final = {"degrees": "°", "kPa": "kPa", "mrc": "of MRC 5", "reflex": "of 4"}


class Key(NamedTuple):
    """What makes two readings readings of the same: a sign and where it was looked for."""

    sign: str
    site: str
    level: str
    side: str

    def __str__(self) -> str:
        return ".".join(self)

    @classmethod
    def parse(cls, text: str) -> Key:
        """The key that was written so.

        Raises:
            ValueError: It was not.
        """
        parts = text.split(".")
        if len(parts) != 4:
            raise ValueError(f"a key must have four parts, got {len(parts)}.")
        return cls(*parts)


@dataclass(frozen=True, slots=True)
class Row:
    """One sign at one site, which takes one reading."""

    key: Key
    name: str
    measure: Measure
    reference: float | None = None  # degrees, as published
    limiting: tuple[tuple[str, str], ...] = ()

    @property
    def choices(self) -> tuple[float, ...]:
        """Readings that one tap gives; none where a number is typed."""
        return CHOICES.get(self.measure, ())

    @property
    def ways(self) -> tuple[str, ...]:
        """How it can be tested; none where there is nothing to tell apart."""
        return WAYS.get(self.key.sign, ())

    @property
    def unit_words(self) -> str:
        """The unit, as it stands beside the number."""
        return UNIT_WORDS.get(self.measure, "")

    @property
    def is_passed_over(self) -> bool:
        """Whether one pass over the region looks for it."""
        return self.key.sign in _PASSED_OVER or self.key.sign in SKIN_SEEN


@dataclass(frozen=True, slots=True)
class Thing:
    """A muscle, the skin, a reflex, a movement or a side: what is looked for first, and more."""

    name: str
    rows: tuple[Row, ...]
    more: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Things of a kind under one heading."""

    name: str
    things: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What opens together."""

    number: int
    kind: Literal["region", "level", "side", "posture"]
    name: str
    side: Side

    @property
    def title(self) -> str:
        """The place in words, side last."""
        if self.kind == "posture":
            return "Posture"
        if self.kind == "side":
            return f"Tests of the whole side, {self.side}"
        if self.kind == "level":
            level = atlas().spinal_levels[self.name]
            return f"{level.name[:1].upper()}{level.name[1:]}, {self.side}"
        name = atlas().skin_regions[self.name].name
        return name if self.side == "midline" else f"{name}, {self.side}"

    @property
    def groups(self) -> tuple[Group, ...]:
        """All that can be read here."""
        return _groups(self)

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row of every group."""
        return tuple(
            row
            for group in self.groups
            for thing in group.things
            for row in (*thing.rows, *thing.more)
        )

    @property
    def passed_over(self) -> tuple[Row, ...]:
        """Rows that "looked at, nothing found" speaks of: what no finger reaches is not among them.

        Beside the spine a finger reaches the deep layer too, as the inference has it.
        """
        return tuple(
            row
            for group in self.groups
            for thing in group.things
            if self.kind == "level" or "deep" not in group.name
            for row in thing.rows
            if row.is_passed_over
        )


@cache
def places() -> tuple[Place, ...]:
    """Every place, numbered from 1."""
    known = atlas()
    made: list[tuple[str, str, str]] = []
    for region in known.skin_regions.values():
        sides = ("right", "left") if region.sided else ("midline",)
        made += [("region", region.region_id, side) for side in sides]
    made += [("level", level, side) for level in known.spinal_levels for side in ("right", "left")]
    made += [("side", "", side) for side in ("right", "left")]
    made.append(("posture", POSTURE, "midline"))
    return tuple(
        Place(number, kind, name, side)  # type: ignore[arg-type]  # words of the list above
        for number, (kind, name, side) in enumerate(made, start=1)
    )


def place(number: int) -> Place | None:
    """The place with this number."""
    return places()[number - 1] if 1 <= number <= len(places()) else None


@cache
def place_at(kind: str, name: str, side: str) -> Place:
    """The place of a region, level or side."""
    return next(one for one in places() if (one.kind, one.name, one.side) == (kind, name, side))


@cache
def all_rows() -> dict[Key, Row]:
    """Every row of every place by its key; what is not here cannot be recorded."""
    return {row.key: row for one in places() for row in one.rows}


def home_of(key: Key) -> Place | None:
    """The first place where a key is read."""
    return _homes().get(key)


@cache
def _homes() -> dict[Key, Place]:
    homes: dict[Key, Place] = {}
    for one in places():
        for row in one.rows:
            homes.setdefault(row.key, one)
    return homes


@dataclass(frozen=True, slots=True)
class Entry:
    """What can be gone to by its name: a muscle, a patch of skin, a reflex, a movement."""

    name: str
    also: str  # its Latin name, where it has one
    place: int
    rows: tuple[Row, ...]


@cache
def entries() -> tuple[Entry, ...]:
    """Everything that can be gone to, each in the first place where it is read."""
    found: dict[Key, Entry] = {}
    for one in places():
        for group in one.groups:
            for thing in group.things:
                rows = (*thing.rows, *thing.more)
                if rows and rows[0].key not in found:
                    found[rows[0].key] = _entry(one, thing, rows)
    return tuple(found.values())


@cache
def _named() -> dict[Key, str]:
    return {entry.rows[0].key: entry.name for entry in entries()}


def beside(key: Key) -> str:
    """What words stand beside, by the first field there; empty where there is no such field."""
    return _named().get(key, "")


def _entry(one: Place, thing: Thing, rows: tuple[Row, ...]) -> Entry:
    key = rows[0].key
    muscle = atlas().muscles.get(key.site)
    if muscle is not None:
        where = f" at {key.level}" if key.level else ""
        return Entry(
            f"{muscle.common_name}{where}, {key.side}", muscle.latin_name, one.number, rows
        )
    if one.kind in {"side", "posture"}:
        told = "" if key.side in {"midline", ""} else f", {key.side}"
        name = thing.name.removesuffix(told)
        return Entry(f"{name}{told}", "", one.number, rows)
    if key.sign == "reflex" or key.site in atlas().movements:
        name = thing.name.removesuffix(f", {key.side}")
        return Entry(f"{name}, {key.side}", "", one.number, rows)
    return Entry(f"{one.title}: {thing.name[:1].lower()}{thing.name[1:]}", "", one.number, rows)


def name_of(key: Key) -> str:
    """A key in words: the sign, then where."""
    if key.sign == POSTURE:
        name = next(words for name, words, _ in POSTURES if name == key.site)
        return name if key.side == "midline" else f"{name}, {key.side}"
    where = atlas().label(atlas().site(key.site, key.side, key.level))
    if key.sign == "reflex":
        return where
    return f"{atlas().signs[key.sign].name}, {where[:1].lower()}{where[1:]}"


def named(text: str) -> str:
    """A key that was written as text, in words; empty where no place holds it."""
    key = next((one for one in all_rows() if str(one) == text), None)
    return "" if key is None else name_of(key)


@cache
def _groups(one: Place) -> tuple[Group, ...]:
    if one.kind == "posture":
        return (_posture(),)
    if one.kind == "side":
        return tuple(_side_groups(one.side))
    if one.kind == "level":
        return tuple(_muscle_groups(_at_level(one.name), (one.side,), one.name))
    sides = (one.side,) if one.side != "midline" else ("right", "left")
    level = _ABDOMEN.get(one.name, "")
    muscles = _in_region(one.name)
    found = list(_muscle_groups([m for m in muscles if not _has_levels(m)], sides, ""))
    if level:
        found += _muscle_groups(_at_level(level), sides, level)
    return tuple(
        group
        for group in (
            *found,
            _skin(one),
            Group("Reflexes", tuple(_reflexes(one.name, sides))),
            Group("Movements", tuple(_movements(one.name, sides))),
        )
        if group.things
    )


def _has_levels(muscle: Muscle) -> bool:
    return bool(atlas().levels_of(muscle.muscle_id))


def _in_region(region: str) -> list[Muscle]:
    return [
        muscle
        for muscle in atlas().muscles.values()
        if muscle.muscle_id in muscle_anchors()
        and muscle_anchors()[muscle.muscle_id].region_id == region
    ]


def _at_level(level: str) -> list[Muscle]:
    return [m for m in atlas().muscles.values() if level in atlas().levels_of(m.muscle_id)]


def _muscle_groups(muscles: list[Muscle], sides: tuple[str, ...], level: str) -> Iterator[Group]:
    for layer in LAYERS:
        here = [muscle for muscle in muscles if muscle.layer == layer]
        if here:
            yield Group(
                f"Muscles, {layer}",
                tuple(
                    _muscle(muscle, side, level, tell_side=len(sides) > 1)
                    for muscle in here
                    for side in sides
                ),
            )


def _muscle(muscle: Muscle, side: str, level: str, *, tell_side: bool) -> Thing:
    site = atlas().site(muscle.muscle_id, side, level)
    name = f"{muscle.common_name}, {side}" if tell_side else muscle.common_name
    rows = _rows_at(site)
    return Thing(
        name,
        tuple(row for row in rows if row.key.sign in _MAIN),
        tuple(row for row in rows if row.key.sign not in _MAIN),
    )


def _rows_at(site: Site) -> list[Row]:
    return [
        Row(
            Key(sign.sign_id, "" if site.kind == "side" else site.name, site.level, site.side),
            sign.name,
            cast("Measure", sign.measure),
        )
        for sign in atlas().signs.values()
        if site.kind in sign.applies_to
    ]


def _skin(one: Place) -> Group:
    rows = _rows_at(atlas().site(one.name, one.side))
    category = {sign.sign_id: sign.category for sign in atlas().signs.values()}
    return Group(
        "Skin",
        (
            Thing("Feeling", tuple(r for r in rows if category[r.key.sign] == "sensory")),
            Thing(
                "Look and touch",
                tuple(r for r in rows if category[r.key.sign] in {"autonomic", "trophic"}),
                tuple(r for r in rows if category[r.key.sign] == "inflammation"),
            ),
        ),
    )


def _reflexes(region: str, sides: tuple[str, ...]) -> Iterator[Thing]:
    for name, regions in _REFLEX_AT.items():
        if region in regions:
            for side in sides:
                told = f", {side}" if len(sides) > 1 else ""
                row = Row(Key("reflex", name, "", side), "Reflex", "reflex")
                yield Thing(f"{atlas().reflexes[name].name}{told}", (row,))


def _movements(region: str, sides: tuple[str, ...]) -> Iterator[Thing]:
    for movement in atlas().movements.values():
        if movement.rom_deg_max is None or region not in _JOINTS.get(movement.joint_id, ()):
            continue
        for side in sides:
            told = f", {side}" if len(sides) > 1 else ""
            row = Row(
                Key("range", movement.movement_id, "", side),
                "Range",
                "degrees",
                movement.rom_deg_max,
                tuple(
                    (name, atlas().muscles[name].common_name)
                    for name in movement.limiting_muscle_ids
                ),
            )
            rest = [
                row
                for row in _rows_at(atlas().site(movement.movement_id, side))
                if row.key.sign != "range"
            ]
            name = f"{movement.joint_name}, {movement.movement}{told}"
            yield Thing(name, (row,), tuple(rest))


def _side_groups(side: str) -> Iterator[Group]:
    rows = _rows_at(atlas().site("", side))
    signs = atlas().signs
    for category, heading in (
        ("neural_test", "Tests of nerves and roots"),
        ("sensory", "All over this side"),
        ("upper_motor_neuron", "Signs that mean refer"),
    ):
        here = [row for row in rows if signs[row.key.sign].category == category]
        yield Group(heading, tuple(Thing(row.name, (row,)) for row in here))


def _posture() -> Group:
    return Group(
        "Posture",
        tuple(
            Thing(
                words if side == "midline" else f"{words}, {side}",
                (Row(Key(POSTURE, name, "", side), "Seen", "grade"),),
            )
            for name, words, sides in POSTURES
            for side in sides
        ),
    )
