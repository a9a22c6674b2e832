"""Lines: one row of the atlas as it stands on the page of something else.

A muscle on the page of its nerve, a reflex on the page of its segment: each is a small dictionary
that JSON can carry, with the identifier by which its own page is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from myotome.atlas import atlas
from myotome.atlas.rows import (
    Condition,
    Dermatome,
    Innervation,
    Movement,
    Muscle,
    MuscleElement,
    NeuralTest,
)

Facts = dict[str, Any]

_ARCHITECTURE: Final = {
    "max_isometric_force_n": "maximum_isometric_force_n",
    "optimal_fibre_length_m": "optimal_fibre_length_m",
    "tendon_slack_length_m": "tendon_slack_length_m",
    "pennation_rad": "pennation_angle_rad",
    "pcsa_cm2": "physiological_cross_section_cm2",
    "slow_fibre_pct": "slow_fibres_percent",
    "motor_unit_count": "motor_unit_count",
    "innervation_ratio": "innervation_ratio",
}


def muscle_line(muscle_id: str) -> Facts:
    """A muscle by identifier and name."""
    return {"id": muscle_id, "name": atlas().muscles[muscle_id].common_name}


def nerve_line(nerve_id: str) -> Facts:
    """A nerve with its roots and where it comes from."""
    row = atlas().nerves[nerve_id]
    return {
        "id": nerve_id,
        "name": row.name,
        "roots": list(row.root_segment_ids),
        "comes_from": row.parent,
    }


def movement_line(row: Movement) -> Facts:
    """A movement by identifier and name."""
    return {"id": row.movement_id, "name": movement_name(row)}


def movement_name(row: Movement) -> str:
    """A movement in words, its joint first."""
    return f"{row.joint_name}, {row.movement}"


def condition_line(row: Condition) -> Facts:
    """A condition with the state of its muscle list."""
    return {"id": row.condition_id, "name": row.name, "verification": row.verification}


def reference_range(row: Movement) -> str:
    """Reference angle, as one number or as two; empty where none is known."""
    if row.rom_deg_min is None or row.rom_deg_max is None:
        return ""
    ends = dict.fromkeys((f"{row.rom_deg_min:g}", f"{row.rom_deg_max:g}"))
    return " to ".join(ends)


def supply_line(row: Innervation) -> Facts:
    """One segment of a muscle, with the sources on either side."""
    return {
        "segment": row.segment_id,
        "weight": row.weight,
        "basis": row.basis.replace("_", " "),
        "listed_by": row.n_sources_listing,
        "of_sources": row.n_sources,
        "source_ids": list(row.source_ids),
        "source_ids_not_listing": list(row.source_ids_not_listing),
        "ranked_by": list(row.ranking_source_ids),
    }


def supplied_muscle_line(row: Innervation) -> Facts:
    """A muscle as a segment supplies it."""
    ramus = atlas().muscles[row.muscle_id].ramus
    line = muscle_line(row.muscle_id) | supply_line(row) | {"disagreement": row.disagreement}
    return line | {"ramus": ramus}


def weighed_segments(muscle_id: str) -> list[Facts]:
    """The segments of a muscle with their weights."""
    return [
        {"segment": row.segment_id, "weight": row.weight} for row in atlas().innervation[muscle_id]
    ]


def levels_felt(row: Innervation) -> list[str]:
    """Levels of a muscle at which the segment is a main root."""
    near = atlas().levels_near(row.segment_id)
    return [level for level in atlas().levels_of(row.muscle_id) if level in near]


def level_lines(segment: str) -> list[Facts]:
    """Where a finger on the back meets muscles of this segment, main places first."""
    found = [
        {
            "level": level,
            "name": atlas().spinal_levels[level].name,
            "weight": row.weight,
            "certainty": row.certainty,
            "muscles": [muscle_line(m) for m in atlas().muscles if _is_felt_at(m, level)],
            "notes": row.notes,
            "source_ids": list(row.source_ids),
        }
        for (group, level), rows in atlas().level_supply.items()
        for row in rows
        if group == "posterior" and row.segment_id == segment
    ]
    return sorted(found, key=lambda line: line["weight"] != "major")


def _is_felt_at(muscle_id: str, level: str) -> bool:
    posterior = atlas().muscles[muscle_id].ramus == "posterior"
    return posterior and level in atlas().levels_of(muscle_id)


def skin_line(row: Dermatome) -> Facts:
    """A skin region as a segment supplies it."""
    return {
        "id": row.region_id,
        "name": atlas().skin_regions[row.region_id].name,
        "extent": "signature" if row.signature else row.extent,
        "notes": row.notes,
        "source_ids": list(row.source_ids),
    }


def test_lines(segment: str, *, reflex: bool) -> list[Facts]:
    """Reflexes of a segment, or its key muscles and key sensory points."""
    return [
        {
            "id": test_id,
            "name": row.name,
            "segments": list(row.segment_ids),
            "principal": row.principal_segment_id == segment,
            "principal_segment": row.principal_segment_id,
            "site": row.site,
            "response": row.response,
            "disagreement": row.disagreement,
            "source_ids": list(row.source_ids),
        }
        for test_id, row in atlas().tests.items()
        if segment in row.segment_ids and (test_id in atlas().reflexes) == reflex
    ]


def neural_test_line(row: NeuralTest) -> Facts:
    """A neural test as it loads a segment."""
    return {
        "id": row.sign_id,
        "name": atlas().signs[row.sign_id].name,
        "weight": row.weight,
        "certainty": row.certainty,
        "notes": row.notes,
        "source_ids": list(row.source_ids),
    }


def tendon_line(muscle_id: str) -> Facts:
    """What a muscle pulls on and what that loads."""
    row = atlas().attachments[muscle_id]
    names = {m.joint_id: m.joint_name for m in atlas().movements.values()}
    return {
        "tendon": row.tendon,
        "attachment": row.attachment_site,
        "joints": [names[joint] for joint in row.joint_ids],
        "loads": row.loads,
        "certainty": row.certainty,
        "source_ids": list(row.source_ids),
    }


def hazard_lines(muscle: Muscle) -> list[Facts]:
    """Hazards of needling a muscle, the most severe first."""
    level, *_ = atlas().levels_of(muscle.muscle_id) or ("",)  # hazards are the same at every level
    return [
        {
            "id": row.hazard_id,
            "name": row.name,
            "severity": row.severity,
            "structures": row.structures,
            "advice": row.advice,
            "source_ids": list(row.source_ids),
        }
        for row in atlas().hazards_of_site(atlas().site(muscle.muscle_id, "right", level))
    ]


def depth_lines(muscle_id: str) -> list[Facts]:
    """Published needle depths of a muscle, or the row that says none is known."""
    return [
        {
            "level": row.level,
            "kind": row.kind,
            "depth_mm": row.depth_mm,
            "approach": row.approach,
            "population": row.population,
            "evidence": row.evidence,
            "certainty": row.certainty,
            "advice": row.advice,
            "source_ids": list(row.source_ids),
        }
        for row in atlas().depth_limits[muscle_id]
    ]


def model_lines(elements: Iterable[MuscleElement]) -> list[Facts]:
    """Elements by the model they belong to, since numbers of two models must not be mixed."""
    found: dict[str, list[Facts]] = {}
    for row in elements:
        numbers = {
            key: value
            for column, key in _ARCHITECTURE.items()
            if (value := getattr(row, column)) is not None
        }
        about = {"element": row.element, "basis": row.basis, "certainty": row.certainty}
        line = about | numbers | {"notes": row.notes}
        found.setdefault(row.source_id, []).append(line)
    return [{"source_id": name, "elements": lines} for name, lines in found.items()]
