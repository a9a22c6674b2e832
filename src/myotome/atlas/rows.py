"""Rows: what one line of each atlas table says.

Each class is one table; its fields are the table's columns. Units stand in the names. Every row
names its sources; rows that are not read from a source say so in `certainty`, `basis` or
`verification`. Rows are named tuples: immutable like frozen dataclasses, but nineteen of those
take 10 ms to define, which a fresh process would pay before its first answer; these take 2 ms.
"""

from __future__ import annotations

from typing import NamedTuple


class Segment(NamedTuple):
    """A segment of the cord, or a cranial pseudo-segment with ordinal 0."""

    segment_id: str
    kind: str
    ordinal: int
    region: str
    exit_foramen: str
    exit_rule: str
    uberon_id: str
    notes: str
    source_ids: tuple[str, ...]


class Muscle(NamedTuple):
    """A muscle, or a part of one with its own action or supply."""

    muscle_id: str
    latin_name: str
    common_name: str
    region: str
    functional_group: str
    layer: str
    ramus: str
    nerve_ids: tuple[str, ...]
    joint_ids: tuple[str, ...]
    movement_ids: tuple[str, ...]
    antagonist_muscle_ids: tuple[str, ...]
    hazard_ids: tuple[str, ...]
    uberon_id: str
    fma_id: str
    ontology_match: str
    ta2_id: str
    wikipedia_title: str
    source_ids: tuple[str, ...]
    notes: str


class Innervation(NamedTuple):
    """One muscle and one segment that supplies it."""

    muscle_id: str
    segment_id: str
    weight: str
    n_sources_listing: int
    n_sources: int
    source_ids: tuple[str, ...]
    source_ids_not_listing: tuple[str, ...]
    basis: str
    ranking_source_ids: tuple[str, ...]
    disagreement: str


class SpinalLevel(NamedTuple):
    """A place along the spine that a finger finds: a spinous process, or the sacrum."""

    level_id: str
    ordinal: int
    region: str
    name: str
    source_ids: tuple[str, ...]


class LevelSupply(NamedTuple):
    """A segment that supplies the muscles of a group at one level."""

    group: str
    level_id: str
    segment_id: str
    weight: str
    certainty: str
    source_ids: tuple[str, ...]
    notes: str


class Nerve(NamedTuple):
    """A peripheral nerve (`extent` single) or a group of rami (`extent` group).

    `parent_nerve_ids` are the nerves of this table that it branches from; the sural has two.
    """

    nerve_id: str
    name: str
    latin_name: str
    kind: str
    root_first: str
    root_last: str
    root_segment_ids: tuple[str, ...]
    parent: str
    parent_nerve_ids: tuple[str, ...]
    extent: str
    muscle_ids: tuple[str, ...]
    source_ids: tuple[str, ...]
    notes: str


class NerveSkin(NamedTuple):
    """A skin region inside a nerve's own area."""

    nerve_id: str
    region_id: str
    certainty: str
    source_ids: tuple[str, ...]


class SkinRegion(NamedTuple):
    """A region of the body chart."""

    region_id: str
    view: str
    name: str
    sided: bool
    ramus: str
    source_ids: tuple[str, ...]


class Dermatome(NamedTuple):
    """One segment and one skin region it supplies."""

    segment_id: str
    region_id: str
    extent: str
    signature: bool
    source_ids: tuple[str, ...]
    notes: str


class SegmentalTest(NamedTuple):
    """A reflex, a key muscle test or a key sensory point."""

    test_id: str
    kind: str
    name: str
    segment_ids: tuple[str, ...]
    principal_segment_id: str
    muscle_ids: tuple[str, ...]
    nerve_ids: tuple[str, ...]
    movement_id: str
    site: str
    response: str
    source_ids: tuple[str, ...]
    disagreement: str


class NeuralTest(NamedTuple):
    """A segment that a whole-side neural test loads."""

    sign_id: str
    segment_id: str
    weight: str
    certainty: str
    source_ids: tuple[str, ...]
    notes: str


class Sign(NamedTuple):
    """A kind of thing to look for.

    `applies_to` names the kinds of site it is recorded at; `measure` is ``grade`` or a unit;
    `bearing` says what it counts for: ``root``, ``local_cause``, ``refer`` or ``not_weighed``.
    """

    sign_id: str
    category: str
    name: str
    description: str
    applies_to: tuple[str, ...]
    measure: str
    bearing: str
    verification: str
    certainty: str
    source_ids: tuple[str, ...]


class Movement(NamedTuple):
    """One movement of one joint, with its reference range and what limits it when short."""

    movement_id: str
    joint_id: str
    joint_name: str
    movement: str
    plane: str
    opposite_movement_id: str
    rom_deg_min: float | None
    rom_deg_max: float | None
    rom_source_id: str
    rom_alternative_deg: str
    rom_alternative_source_id: str
    mover_muscle_ids: tuple[str, ...]
    limiting_muscle_ids: tuple[str, ...]
    limited_by_other_side: bool
    notes: str
    source_ids: tuple[str, ...]


class Hazard(NamedTuple):
    """What a needle can harm in some muscles, and how to keep clear of it."""

    hazard_id: str
    name: str
    severity: str
    structures: str
    muscle_ids: tuple[str, ...]
    advice: str
    source_ids: tuple[str, ...]


class DepthLimit(NamedTuple):
    """A published needle depth for a muscle, or the statement that none is known."""

    limit_id: str
    muscle_id: str
    level: str
    approach: str
    depth_mm: float | None
    kind: str
    population: str
    evidence: str
    certainty: str
    source_ids: tuple[str, ...]
    advice: str


class Condition(NamedTuple):
    """A pain condition and the muscles whose shortening it is ascribed to."""

    condition_id: str
    name: str
    region: str
    shortened_muscle_ids: tuple[str, ...]
    segment_ids: tuple[str, ...]
    segment_basis: str
    paraspinal_segment_ids: tuple[str, ...]
    source_ids: tuple[str, ...]
    verification: str
    notes: str


class MuscleElement(NamedTuple):
    """One measured, modelled or scaled element of a muscle's architecture."""

    muscle_id: str
    element: str
    source_id: str
    max_isometric_force_n: float | None
    optimal_fibre_length_m: float | None
    tendon_slack_length_m: float | None
    pennation_rad: float | None
    pcsa_cm2: float | None
    slow_fibre_pct: float | None
    motor_unit_count: float | None
    innervation_ratio: float | None
    notes: str
    basis: str
    certainty: str


class Attachment(NamedTuple):
    """The tendon or enthesis that a short muscle pulls on, and what it loads."""

    muscle_id: str
    tendon: str
    attachment_site: str
    joint_ids: tuple[str, ...]
    loads: str
    certainty: str
    source_ids: tuple[str, ...]
