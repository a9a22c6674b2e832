"""Facts: what the atlas holds about one thing, as a dictionary that JSON can carry.

Every dictionary begins with ``kind``, ``id`` and ``name`` and ends with ``sources``, the citation
of each source it names. Units stand in the keys. Lists keep the order of importance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from myotome.atlas import SEGMENTS, atlas
from myotome.errors import UnknownName
from myotome.report.atlas_text.lines import (
    Facts,
    condition_line,
    depth_lines,
    hazard_lines,
    level_lines,
    levels_felt,
    model_lines,
    movement_line,
    movement_name,
    muscle_line,
    nerve_line,
    neural_test_line,
    reference_range,
    skin_line,
    supplied_muscle_line,
    supply_line,
    tendon_line,
    test_lines,
    weighed_segments,
)
from myotome.report.atlas_text.names import resolve
from myotome.sources import sources

_BEARINGS: Final = {
    "root": "counts for or against an irritated root",
    "local_cause": "counts for a cause in the part itself",
    "refer": "means refer: it may come from the brain or spinal cord",
    "not_weighed": "is recorded and not weighed",
}
_UNVERIFIED: Final = "Muscle list not verified against Gunn."
_VERIFICATIONS: Final = {
    "not_rechecked": f"{_UNVERIFIED} It was recalled from his list and not read again.",
    "partly_checked": f"{_UNVERIFIED} Part of it was confirmed in a paper.",
    "inferred": f"{_UNVERIFIED} No list of his was used; it was drawn from anatomy.",
}


def _warning(verification: str) -> str:
    return "" if verification == "checked" else _VERIFICATIONS.get(verification, _UNVERIFIED)


# One page each


def segment_facts(name: str) -> Facts:
    """A spinal segment: muscles of both rami, skin, reflexes, tests, neighbours, conditions.

    Raises:
        UnknownName: No such segment.
    """
    segment = atlas().segment(name.strip().capitalize())
    wanted = segment.segment_id
    supply = atlas().muscles_of_root(wanted)
    anterior = [row for row in supply if atlas().muscles[row.muscle_id].ramus != "posterior"]
    posterior = [row for row in supply if atlas().muscles[row.muscle_id].ramus == "posterior"]
    return _with_citations(
        {
            "kind": "segment",
            "id": wanted,
            "name": f"Spinal segment {wanted}",
            "region": segment.region,
            "leaves": segment.exit_foramen,
            "rule": segment.exit_rule,
            "anterior_ramus_muscles": [supplied_muscle_line(row) for row in anterior],
            "posterior_ramus_muscles": [
                supplied_muscle_line(row) | {"felt_at": levels_felt(row)} for row in posterior
            ],
            "spinal_levels": level_lines(wanted),
            "skin": [skin_line(row) for row in atlas().skin_of_root(wanted)],
            "reflexes": test_lines(wanted, reflex=True),
            "key_tests": test_lines(wanted, reflex=False),
            "neural_tests": [
                neural_test_line(row)
                for rows in atlas().neural_tests.values()
                for row in rows
                if row.segment_id == wanted
            ],
            "neighbours": list(atlas().neighbours(wanted)),
            "conditions": [
                condition_line(row)
                | {
                    "muscles": wanted in row.segment_ids,
                    "back": wanted in row.paraspinal_segment_ids,
                }
                for row in atlas().conditions.values()
                if wanted in {*row.segment_ids, *row.paraspinal_segment_ids}
            ],
            "notes": segment.notes,
            "source_ids": list(segment.source_ids),
        }
    )


def muscle_facts(name: str) -> Facts:
    """A muscle: supply, nerve, action, tendon, hazards, depths, conditions, architecture.

    Raises:
        UnknownName: No muscle of this identifier, common name or Latin name.
    """
    muscle = resolve("muscle", name, atlas().muscles, ("common_name", "latin_name"))
    wanted = muscle.muscle_id
    supply = atlas().innervation[wanted]
    return _with_citations(
        {
            "kind": "muscle",
            "id": wanted,
            "name": muscle.common_name,
            "latin_name": muscle.latin_name,
            "region": muscle.region,
            "layer": muscle.layer,
            "ramus": muscle.ramus,
            "supply": [supply_line(row) for row in supply],
            "disagreement": " / ".join(
                dict.fromkeys(r.disagreement for r in supply if r.disagreement)
            ),
            "levels": list(atlas().levels_of(wanted)),
            "nerves": [nerve_line(nerve) for nerve in muscle.nerve_ids],
            "action": [movement_line(atlas().movements[m]) for m in muscle.movement_ids],
            "limits_when_short": [
                movement_line(row) | {"other_side": row.limited_by_other_side}
                for row in atlas().movements.values()
                if wanted in row.limiting_muscle_ids
            ],
            "antagonists": [muscle_line(m) for m in muscle.antagonist_muscle_ids],
            "tendon": tendon_line(wanted),
            "hazards": hazard_lines(muscle),
            "depths": depth_lines(wanted),
            "conditions": [
                condition_line(row)
                for row in atlas().conditions.values()
                if wanted in row.shortened_muscle_ids
            ],
            "architecture": model_lines(atlas().architecture.get(wanted, ())),
            "identifiers": {
                key: value
                for key, value in (
                    ("uberon", muscle.uberon_id),
                    ("fma", muscle.fma_id),
                    ("ta2", muscle.ta2_id),
                    ("match", muscle.ontology_match),
                )
                if value
            },
            "notes": muscle.notes,
            "source_ids": list(muscle.source_ids),
        }
    )


def condition_facts(name: str) -> Facts:
    """A condition: the muscles blamed for it and the levels to check; a teaching, unproven.

    Raises:
        UnknownName: No condition of this identifier or name.
    """
    row = resolve("condition", name, atlas().conditions)
    return _with_citations(
        {
            "kind": "condition",
            "id": row.condition_id,
            "name": row.name,
            "warning": _warning(row.verification),
            "verification": row.verification,
            "region": row.region,
            "muscles": [
                muscle_line(muscle) | {"supply": weighed_segments(muscle)}
                for muscle in row.shortened_muscle_ids
            ],
            "segments": list(row.segment_ids),
            "segment_basis": row.segment_basis.replace("_", " "),
            "levels_to_check": [
                {"segment": segment, "felt_at": list(atlas().levels_near(segment))}
                for segment in row.paraspinal_segment_ids
            ],
            "notes": row.notes,
            "source_ids": list(row.source_ids),
        }
    )


def movement_facts(name: str) -> Facts:
    """A movement of a joint: its reference range, what makes it and what limits it.

    Raises:
        UnknownName: No movement of this identifier.
    """
    row = resolve("movement", name, atlas().movements, ())
    site = atlas().site(row.movement_id, "right")
    roots = atlas().roots_of_site(site)
    return _with_citations(
        {
            "kind": "movement",
            "id": row.movement_id,
            "name": movement_name(row),
            "joint": row.joint_name,
            "plane": row.plane,
            "reference_deg": reference_range(row),
            "reference_source_id": row.rom_source_id,
            "other_reference_deg": row.rom_alternative_deg,
            "other_reference_source_id": row.rom_alternative_source_id,
            "movers": [muscle_line(muscle) for muscle in row.mover_muscle_ids],
            "limited_when_short_by": [
                muscle_line(m.muscle_id) for m in atlas().limits_of_movement(row.movement_id)
            ],
            "limited_by_other_side": row.limited_by_other_side,
            "segments_that_limit": [
                {"segment": supply.root.segment, "weight": supply.weight} for supply in roots
            ],
            "opposite": row.opposite_movement_id,
            "notes": row.notes,
            "source_ids": list(row.source_ids),
        }
    )


def region_facts(name: str) -> Facts:
    """A region of the skin: the segments and nerves that supply it.

    Raises:
        UnknownName: No region of this identifier or name.
    """
    row = resolve("region", name, atlas().skin_regions)
    return _with_citations(
        {
            "kind": "region",
            "id": row.region_id,
            "name": row.name,
            "view": row.view,
            "sided": row.sided,
            "ramus": row.ramus,
            "segments": [
                skin_line(area) | {"segment": area.segment_id}
                for area in atlas().dermatomes.get(row.region_id, ())
            ],
            "nerves": [
                nerve_line(nerve_id) | {"certainty": area.certainty}
                for nerve_id, areas in atlas().nerve_skin.items()
                for area in areas
                if area.region_id == row.region_id
            ],
            "source_ids": list(row.source_ids),
        }
    )


def nerve_facts(name: str) -> Facts:
    """A peripheral nerve: its roots, trunk, branches, muscles, skin and reflexes.

    Raises:
        UnknownName: No nerve of this identifier, name or Latin name.
    """
    row = resolve("nerve", name, atlas().nerves, ("name", "latin_name"))
    wanted = row.nerve_id
    return _with_citations(
        {
            "kind": "nerve",
            "id": wanted,
            "name": row.name,
            "latin_name": row.latin_name,
            "carries": row.kind,
            "is_group": row.extent == "group",
            "roots": list(row.root_segment_ids),
            "comes_from": row.parent,
            "trunks": [nerve_line(trunk) for trunk in row.parent_nerve_ids],
            "branches": [
                nerve_line(branch.nerve_id)
                for branch in atlas().nerves.values()
                if wanted in branch.parent_nerve_ids
            ],
            "muscles": [
                muscle_line(muscle) | {"supply": weighed_segments(muscle)}
                for muscle in row.muscle_ids
            ],
            "skin": [
                {
                    "id": area.region_id,
                    "name": atlas().skin_regions[area.region_id].name,
                    "certainty": area.certainty,
                    "source_ids": list(area.source_ids),
                }
                for area in atlas().nerve_skin.get(wanted, ())
            ],
            "reflexes": [
                {"id": test.test_id, "name": test.name}
                for test in atlas().reflexes.values()
                if wanted in test.nerve_ids
            ],
            "notes": row.notes,
            "source_ids": list(row.source_ids),
        }
    )


def sign_facts(name: str) -> Facts:
    """A sign: what is looked for, where, how it is recorded and what it counts for.

    Raises:
        UnknownName: No sign of this identifier or name.
    """
    row = resolve("sign", name, atlas().signs)
    return _with_citations(
        {
            "kind": "sign",
            "id": row.sign_id,
            "name": row.name,
            "category": row.category.replace("_", " "),
            "description": row.description,
            "recorded_at": list(row.applies_to),
            "measure": row.measure,
            "bearing": row.bearing,
            "bearing_in_words": _BEARINGS[row.bearing],
            "roots_loaded": [
                neural_test_line(test) | {"segment": test.segment_id}
                for test in atlas().neural_tests.get(row.sign_id, ())
            ],
            "verification": row.verification,
            "certainty": row.certainty,
            "source_ids": list(row.source_ids),
        }
    )


FACTS: Final[Mapping[str, Callable[[str], Facts]]] = {
    "segment": segment_facts,
    "muscle": muscle_facts,
    "condition": condition_facts,
    "movement": movement_facts,
    "region": region_facts,
    "nerve": nerve_facts,
    "sign": sign_facts,
}


# Lists


def list_facts(table: str) -> Facts:
    """Everything of one kind, by identifier and name; `LISTS` names the kinds.

    Raises:
        UnknownName: There is no such list.
    """
    if table not in LISTS:
        raise UnknownName("list", table, LISTS, hint=f"There are {', '.join(LISTS)}.")
    entries = [{"id": name, "name": words, "about": about} for name, words, about in LISTS[table]()]
    return {"kind": "list", "id": table, "name": table.capitalize(), "entries": entries}


def _entries(table: str, words: str, about: str) -> list[tuple[str, str, str]]:
    rows: Mapping[str, Any] = getattr(atlas(), table)
    return [
        (name, getattr(row, words), getattr(row, about).replace("_", " "))
        for name, row in rows.items()
    ]


def _segment_entries() -> list[tuple[str, str, str]]:
    return [
        (name, atlas().segments[name].region, atlas().segments[name].exit_foramen)
        for name in SEGMENTS
    ]


def _movement_entries() -> list[tuple[str, str, str]]:
    return [
        (name, movement_name(row), reference_range(row) and f"{reference_range(row)} degrees")
        for name, row in atlas().movements.items()
    ]


LISTS: Final[Mapping[str, Callable[[], list[tuple[str, str, str]]]]] = {
    "segments": _segment_entries,
    "muscles": partial(_entries, "muscles", "common_name", "region"),
    "conditions": partial(_entries, "conditions", "name", "region"),
    "movements": _movement_entries,
    "regions": partial(_entries, "skin_regions", "name", "view"),
    "nerves": partial(_entries, "nerves", "name", "kind"),
    "signs": partial(_entries, "signs", "name", "category"),
    "reflexes": partial(_entries, "reflexes", "name", "site"),
    "hazards": partial(_entries, "hazards", "name", "severity"),
}


def _with_citations(facts: Facts) -> Facts:
    """The facts, with the citation of every source that they name."""
    held = sources()
    return facts | {
        "sources": [
            {"id": name, "citation": held[name].citation, "read": held[name].access}
            for name in dict.fromkeys(_named_sources(facts))
        ]
    }


def _named_sources(value: object, key: str = "") -> Iterable[str]:
    if isinstance(value, dict):
        for inner_key, inner in value.items():
            yield from _named_sources(inner, inner_key)
    elif isinstance(value, list):
        for inner in value:
            yield from _named_sources(inner, key)
    elif isinstance(value, str) and value and ("source_id" in key or key == "ranked_by"):
        yield value
