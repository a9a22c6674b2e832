"""Pages: facts laid out in the order in which a person wants them.

It receives the facts of one thing and gives a `Page`: a title, a line under it, a warning if
there is one, and sections that are sentences or small tables. A section with nothing in it is
left out, except where its absence must be said. What prints a page knows nothing of anatomy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from myotome.report.atlas_text.lines import Facts

_WHERE: Final = {"front": "front of the body", "back": "back of the body", "both": "front and back"}
_DEPTH_KINDS: Final = {
    "none_known": "No depth is known",
    "reached_hazard": "Reached the hazard at",
    "never_reached_hazard": "Did not reach the hazard at",
    "max_recommended": "Recommended at most",
}
_BY_HAND: Final = {"grade": "a grade, 0 absent to 3 marked", "mrc": "MRC strength, 0 to 5",
                   "reflex": "a reflex grade, 0 to 4"}  # fmt: skip


class Section(NamedTuple):
    """A heading with sentences, or with a table under its column names, or both."""

    heading: str
    words: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.rows)


class Page(NamedTuple):
    """One thing of the atlas, ready to be printed."""

    title: str
    subtitle: str
    warning: str
    sections: tuple[Section, ...]


def page_of(facts: Facts) -> Page:
    """The page that shows these facts; `facts` come from any ``*_facts`` function."""
    subtitle, sections = _LAYOUTS[facts["kind"]](facts)
    shown = [*sections, _sources(facts)]
    return Page(
        title=facts["name"],
        subtitle=subtitle,
        warning=facts.get("warning", ""),
        sections=tuple(section for section in shown if section),
    )


# One layout for each kind of facts: the line under the title, and the sections


def _segment(facts: Facts) -> tuple[str, list[Section]]:
    return (
        f"{facts['region']}; leaves {facts['leaves']}",
        [
            _words("Notes", facts["notes"]),
            _words("Neighbours along the cord", ", ".join(facts["neighbours"])),
            _table(
                "Muscles of the anterior ramus",
                ("Muscle", "Weight", "Listed by", "Ramus", "Sources differ"),
                [
                    (
                        m["name"],
                        m["weight"],
                        _listed(m),
                        "" if m["ramus"] == "anterior" else m["ramus"],
                        m["disagreement"],
                    )
                    for m in facts["anterior_ramus_muscles"]
                ],
            ),
            _table(
                "Muscles of the posterior ramus",
                ("Muscle", "Weight", "Felt at", "Basis"),
                [
                    (m["name"], m["weight"], ", ".join(m["felt_at"]), m["basis"])
                    for m in facts["posterior_ramus_muscles"]
                ],
            ),
            _table(
                "Where the back is felt for it",
                ("Place", "Weight", "Certainty", "Why"),
                [
                    (level["name"], level["weight"], level["certainty"], level["notes"])
                    for level in facts["spinal_levels"]
                ],
                *_felt(facts),
            ),
            _table(
                "Skin",
                ("Region", "Extent", "Notes"),
                [(area["name"], area["extent"], area["notes"]) for area in facts["skin"]],
                "" if facts["skin"] else "No skin area is given.",
            ),
            _tests("Reflexes", facts["reflexes"]),
            _tests("Key muscles and sensory points", facts["key_tests"]),
            _table(
                "Neural tests that load it",
                ("Test", "Weight", "Certainty"),
                [
                    (test["name"], test["weight"], test["certainty"])
                    for test in facts["neural_tests"]
                ],
            ),
            _table(
                "Conditions",
                ("Condition", "Through", "Muscle list"),
                [
                    (c["name"], _through(c), c["verification"].replace("_", " "))
                    for c in facts["conditions"]
                ],
                _doubt(facts["conditions"]),
            ),
        ],
    )


def _felt(facts: Facts) -> list[str]:
    """What must be said of the back besides the table of places."""
    if not facts["spinal_levels"]:
        return ["No spinous process is felt for this segment."]
    if facts["posterior_ramus_muscles"]:
        return []
    main, *_ = facts["spinal_levels"]
    names = ", ".join(_names(main["muscles"]))
    return [
        f"No row of the supply names a muscle of the back; felt at the {main['level']}: {names}."
    ]


def _muscle(facts: Facts) -> tuple[str, list[Section]]:
    tendon = facts["tendon"]
    return (
        f"{facts['latin_name']}; {facts['region'].replace('_', ' ')}, {facts['layer']}",
        [
            _words("Notes", facts["notes"]),
            _table(
                "Supply",
                ("Segment", "Weight", "Listed by", "Sources", "Basis"),
                [
                    (s["segment"], s["weight"], _listed(s), ", ".join(s["source_ids"]), s["basis"])
                    for s in facts["supply"]
                ],
                f"Ramus: {facts['ramus']}.",
                facts["disagreement"] and f"Sources differ. {facts['disagreement']}.",
                facts["levels"] and f"Recorded by level: {', '.join(facts['levels'])}.",
            ),
            _nerves("Nerve", facts["nerves"]),
            _words("Action", *_names(facts["action"])),
            _words(
                "When short it limits",
                *(
                    m["name"] + (" to the other side" if m["other_side"] else "")
                    for m in facts["limits_when_short"]
                ),
            ),
            _words("Antagonists", ", ".join(_names(facts["antagonists"]))),
            _words(
                "Tendon and what it loads",
                f"Pulls on: {tendon['tendon']}, at {tendon['attachment']}.",
                f"Joints: {', '.join(tendon['joints'])}.",
                f"Loads: {tendon['loads']} ({tendon['certainty']}).",
            ),
            _table(
                "Needling hazards",
                ("Severity", "Hazard", "What lies there", "Advice"),
                [
                    (h["severity"], h["name"], h["structures"], h["advice"])
                    for h in facts["hazards"]
                ],
            ),
            _words("Needle depth", *(_depth(row) for row in facts["depths"])),
            _table(
                "Conditions",
                ("Condition", "Muscle list"),
                [(c["name"], c["verification"].replace("_", " ")) for c in facts["conditions"]],
                _doubt(facts["conditions"]),
            ),
            *_architecture(facts["architecture"]),
            _words("Identifiers", ", ".join(f"{k} {v}" for k, v in facts["identifiers"].items())),
        ],
    )


def _condition(facts: Facts) -> tuple[str, list[Section]]:
    return (
        f"{facts['region'].replace('_', ' ')}; a teaching on which muscles are short, unproven",
        [
            _table(
                "Muscles said to be short",
                ("Muscle", "Supply"),
                [(m["name"], _weights(m["supply"])) for m in facts["muscles"]],
            ),
            _words(
                "Segments",
                f"{', '.join(facts['segments'])} ({facts['segment_basis']}).",
            ),
            _table(
                "Back levels to check",
                ("Segment", "Felt at"),
                [
                    (level["segment"], ", ".join(level["felt_at"]) or "no spinous process")
                    for level in facts["levels_to_check"]
                ],
            ),
            _words("Notes", facts["notes"]),
        ],
    )


def _movement(facts: Facts) -> tuple[str, list[Section]]:
    reference = facts["reference_deg"]
    other = facts["other_reference_deg"]
    side = " of the other side" if facts["limited_by_other_side"] else ""
    return (
        f"{facts['plane']} plane" if facts["plane"] != "none" else "",
        [
            _words(
                "Range",
                f"{reference} degrees ({facts['reference_source_id']})."
                if reference
                else "No reference angle.",
                other and f"Another source: {other} ({facts['other_reference_source_id']}).",
            ),
            _words("Made by", ", ".join(_names(facts["movers"]))),
            _words(f"Limited when short by muscles{side}",
                   ", ".join(_names(facts["limited_when_short_by"]))),
            _words("Segments of the muscles that limit it", _weights(facts["segments_that_limit"])),
            _words("Opposite", facts["opposite"].replace("_", " ")),
            _words("Notes", facts["notes"]),
        ],
    )  # fmt: skip


def _region(facts: Facts) -> tuple[str, list[Section]]:
    sides = "one on each side" if facts["sided"] else "across the midline"
    return (
        f"{_WHERE[facts['view']]}; {sides}; {facts['ramus']} ramus"
        if facts["ramus"] != "cranial"
        else f"{_WHERE[facts['view']]}; {sides}; cranial nerve",
        [
            _table(
                "Segments",
                ("Segment", "Extent", "Sources", "Notes"),
                [
                    (s["segment"], s["extent"], ", ".join(s["source_ids"]), s["notes"])
                    for s in facts["segments"]
                ],
            ),
            _nerves("Nerves", facts["nerves"])
            or _words("Nerves", "No nerve of the atlas is given for this region."),
        ],
    )


def _nerve(facts: Facts) -> tuple[str, list[Section]]:
    group = "; a group of rami, not one nerve" if facts["is_group"] else ""
    return (
        f"{facts['latin_name']}; {facts['carries']}{group}",
        [
            _words("Roots", ", ".join(facts["roots"])),
            _words("Comes from", facts["comes_from"]),
            _words("Branches", ", ".join(_names(facts["branches"]))),
            _table(
                "Muscles",
                ("Muscle", "Supply"),
                [(m["name"], _weights(m["supply"])) for m in facts["muscles"]],
            ),
            _words("Skin", ", ".join(_names(facts["skin"]))),
            _words("Reflexes", ", ".join(_names(facts["reflexes"]))),
            _words("Notes", facts["notes"]),
        ],
    )


def _sign(facts: Facts) -> tuple[str, list[Section]]:
    measure = facts["measure"]
    return (
        facts["category"],
        [
            _words("What is looked for", facts["description"]),
            _words(
                "How it is recorded",
                f"At: {', '.join(facts['recorded_at'])}.",
                f"As: {_BY_HAND.get(measure, measure)}.",
            ),
            _words("What it counts for", f"It {facts['bearing_in_words']}."),
            _table(
                "Roots that the test loads",
                ("Segment", "Weight", "Certainty", "Notes"),
                [
                    (r["segment"], r["weight"], r["certainty"], r["notes"])
                    for r in facts["roots_loaded"]
                ],
            ),
            _words("How sure", *_plain(facts["certainty"], facts["verification"])),
        ],
    )


def _list(facts: Facts) -> tuple[str, list[Section]]:
    rows = [(entry["id"], entry["name"], entry["about"]) for entry in facts["entries"]]
    return f"{len(rows)} in the atlas", [_table("", ("Identifier", "Name", ""), rows)]


_LAYOUTS: Final[Mapping[str, Callable[[Facts], tuple[str, list[Section]]]]] = {
    "segment": _segment,
    "muscle": _muscle,
    "condition": _condition,
    "movement": _movement,
    "region": _region,
    "nerve": _nerve,
    "sign": _sign,
    "list": _list,
}


# Sections and phrases that several layouts share


def _words(heading: str, *sentences: str) -> Section:
    return Section(heading, tuple(sentence for sentence in sentences if sentence))


def _table(
    heading: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]], *sentences: str
) -> Section:
    """A table without the columns that are empty in every row."""
    rows = tuple(rows)
    kept = [place for place, _ in enumerate(columns) if any(row[place] for row in rows)]
    return Section(
        heading,
        tuple(sentence for sentence in sentences if sentence),
        tuple(columns[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in rows),
    )


def _plain(*identifiers: str) -> list[str]:
    return [identifier.replace("_", " ") for identifier in identifiers]


def _names(lines: Iterable[Facts]) -> list[str]:
    return [line["name"] for line in lines]


def _listed(line: Facts) -> str:
    return f"{line['listed_by']} of {line['of_sources']}"


def _weights(supply: Iterable[Facts]) -> str:
    """Segments by weight, such as *C5, C6; minor C4*."""
    by_weight: dict[str, list[str]] = {"major": [], "minor": [], "variable": []}
    for line in supply:
        by_weight[line["weight"]].append(line["segment"])
    named = [
        ("" if weight == "major" else f"{weight} ") + ", ".join(segments)
        for weight, segments in by_weight.items()
        if segments
    ]
    return "; ".join(named)


def _doubt(conditions: Iterable[Facts]) -> str:
    """What must be said beside conditions while any of their lists is unverified."""
    unverified = any(line["verification"] != "checked" for line in conditions)
    return "Muscle lists are not verified against Gunn." if unverified else ""


def _through(condition: Facts) -> str:
    ways = (("muscles", condition["muscles"]), ("back level", condition["back"]))
    return " and ".join(way for way, counts in ways if counts)


def _tests(heading: str, tests: Iterable[Facts]) -> Section:
    return _table(
        heading,
        ("Test", "Segments", "Place", "Response", "Sources differ"),
        [
            (
                test["name"],
                f"{', '.join(test['segments'])}; mainly {test['principal_segment']}"
                if len(test["segments"]) > 1
                else test["principal_segment"],
                test["site"],
                test["response"],
                test["disagreement"],
            )
            for test in tests
        ],
    )


def _nerves(heading: str, nerves: Iterable[Facts]) -> Section:
    return _table(
        heading,
        ("Nerve", "Roots", "Comes from"),
        [(nerve["name"], ", ".join(nerve["roots"]), nerve["comes_from"]) for nerve in nerves],
    )


def _depth(row: Facts) -> str:
    """One published depth, or the statement that none is known, in a sentence."""
    if row["depth_mm"] is None:
        return f"{row['evidence']} {row['advice']}".strip()
    place = f" at {row['level']}" if row["level"] else ""
    about = ", ".join(part for part in (row["approach"], row["population"]) if part)
    sources = ", ".join(row["source_ids"])
    return (
        f"{_DEPTH_KINDS[row['kind']]} {row['depth_mm']:g} mm{place} ({about}). {row['evidence']}"
        f" {row['advice']} Certainty: {row['certainty'].replace('_', ' ')}; {sources}."
    ).replace("  ", " ")


def _architecture(models: Sequence[Facts]) -> list[Section]:
    """One table for each model, so that no eye joins numbers of two."""
    if not models:
        return [_words("Architecture", "Not known.")]
    head = _words("Architecture", "Numbers of different models must not be mixed.")
    return [head, *(_model(model) for model in models)]


def _model(model: Facts) -> Section:
    return _table(
        f"Architecture: {model['source_id']}",
        ("Element", "Force (N)", "Fibre (mm)", "Tendon (mm)", "Pennation (rad)", "Area (cm2)",
         "Slow fibres (%)", "Units", "Fibres per unit", "Basis", "Notes"),
        [
            (
                row["element"],
                _number(row.get("maximum_isometric_force_n")),
                _number(row.get("optimal_fibre_length_m"), 1000),
                _number(row.get("tendon_slack_length_m"), 1000),
                _number(row.get("pennation_angle_rad")),
                _number(row.get("physiological_cross_section_cm2")),
                _number(row.get("slow_fibres_percent")),
                _number(row.get("motor_unit_count")),
                _number(row.get("innervation_ratio")),
                f"{row['basis'].replace('_', ' ')}, {row['certainty']}",
                row["notes"],
            )
            for row in model["elements"]
        ],
    )  # fmt: skip


def _number(value: float | None, factor: float = 1.0) -> str:
    return (
        ""
        if value is None
        else f"{value * factor:.3g}"
        if value * factor < 1000
        else f"{value * factor:.0f}"
    )


def _sources(facts: Facts) -> Section:
    cited: list[dict[str, Any]] = facts.get("sources", [])
    return _table(
        "Sources",
        ("Name", "Citation", "Read"),
        [(source["id"], source["citation"], source["read"]) for source in cited],
    )
