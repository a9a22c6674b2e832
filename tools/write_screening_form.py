"""Write the screening form from the table of questions, as the next version if it changed.

    python tools/write_screening_form.py
    python tools/publish_form.py sheets/published/screening.N.toml

The words, effects and places asked for are the table's; only the order of the parts is chosen here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from clinic.records.screening.rules import as_in_the_table
from clinic.records.sheets.versions import read_version
from myotome.treatment import rulebook
from myotome.treatment.rows import ScreeningItem

FOLDER = Path(__file__).parents[1] / "src" / "clinic" / "records" / "sheets" / "published"
HEAD = """\
# Written by tools/write_screening_form.py from the table of screening items of the science.
form = "screening"
version = {version}
title = "Screening"
filled_by = "staff"
signed_by = "practitioner"
each_visit = true
intro = "Asked at every visit, before any needle. What nobody asked has no answer; it is not a no."
"""
PARTS = (
    ("today", "Today: same-day care comes first", lambda item: item.concern == "emergency"),
    ("needles", "Needles today", lambda item: item.family == "consent"),
    (
        "cause",
        "Is something else behind the pain?",
        lambda item: (
            item.concern == "refer"
            and item.family
            in {"fracture", "malignancy", "neurological", "visceral", "inflammatory"}
            and item.asked_when != ("examination",)
        ),
    ),
    (
        "body",
        "Illness, medicines, pregnancy",
        lambda item: item.scope == "person" and item.asked_when != ("examination",),
    ),
    ("parts", "Parts of the body to keep needles out of", lambda item: item.scope == "region"),
    (
        "techniques",
        "Before current, manipulation, heat or exercise",
        lambda item: item.scope == "technique",
    ),
    ("found", "From the examination", lambda _item: True),
)


def part_of(item: ScreeningItem) -> str:
    """The first part that a question fits."""
    return next(key for key, _, fits in PARTS if fits(item))


def text(version: int) -> str:
    """The whole file."""
    lines = [HEAD.format(version=version)]
    for key, title, _ in PARTS:
        items = [item for item in rulebook().screening_items.values() if part_of(item) == key]
        lines.append(f"\n[[sections]]\nkey = {json.dumps(key)}\ntitle = {json.dumps(title)}\n")
        for item in items:
            row = as_in_the_table(item)
            lines.append(
                "\n[[sections.items]]\n"
                f"key = {json.dumps(item.item_id)}\n"
                'kind = "yes_no"\n'
                f"label = {json.dumps(item.question)}\n"
                + ("asks_where = true\n" if asks_where(item) else "asks_words = true\n")
                + "more = { "
                + ", ".join(f"{name} = {json.dumps(value)}" for name, value in row.items())
                + " }\n"
            )
    return "".join(lines)


def asks_where(item: ScreeningItem) -> bool:
    """Whether a yes asks for the part of the body."""
    return item.scope == "region" or "where?" in item.question


def main() -> int:
    """Write the next version if the table says something else than the newest."""
    found = sorted(int(path.name.split(".")[1]) for path in FOLDER.glob("screening.*.toml"))
    newest = found[-1] if found else 0
    if newest and (FOLDER / f"screening.{newest}.toml").read_text(encoding="utf-8") == text(newest):
        print(f"screening.{newest}.toml is as the table says.")
        return 0
    name = f"screening.{newest + 1}.toml"
    content = text(newest + 1)
    read_version(content.encode(), name)
    (FOLDER / name).write_text(content, encoding="utf-8")
    print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
