"""Every number in a table names a source, and every source is used."""

import csv
import re
from pathlib import Path

import pytest

from myotome.sources import sources

PACKAGE = Path(__file__).parents[2] / "src" / "myotome"
# New sources wait in files of this name until they are moved into the one list.
WAITING = "sources_added.csv"
TABLES = sorted(
    path for path in PACKAGE.rglob("*.csv") if path.name not in {"sources.csv", WAITING}
)
# Tables that hold a drawing: shapes are our own work, as the file that draws them says.
DRAWN = {"body_outlines.csv"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _known() -> set[str]:
    waiting = {row["source_id"] for path in PACKAGE.rglob(WAITING) for row in _rows(path)}
    return {*sources(), *waiting}


def _cited(row: dict[str, str]) -> list[str]:
    cells = [cell for column, cell in row.items() if "source_id" in column]
    return [name for cell in cells for name in cell.split(";") if name]


@pytest.mark.parametrize(
    "table",
    [path for path in TABLES if path.name not in DRAWN],
    ids=lambda path: path.relative_to(PACKAGE).as_posix(),
)
def test_every_row_of_every_table_is_sourced(table):
    known = _known()
    for line, row in enumerate(_rows(table), start=2):
        own = row.get("source_ids", row.get("source_id", ""))
        assert own, f"line {line} names no source"
        unknown = [name for name in _cited(row) if name not in known]
        assert not unknown, f"line {line}: {unknown}"


def test_no_source_is_listed_twice():
    names = [row["source_id"] for row in _rows(PACKAGE / "sources.csv")]
    assert len(names) == len(set(names))


def test_a_source_says_what_it_is_and_how_much_of_it_was_read():
    for source in sources().values():
        assert source.citation, source.source_id
        assert source.kind, source.source_id
        assert source.used_for, source.source_id


def test_every_source_is_used():
    """In a column for sources, or by name in a note, a derivation, a module or a template."""
    texts = [path.read_text(encoding="utf-8") for path in TABLES]
    for suffix in ("*.py", "*.j2"):
        texts += [path.read_text(encoding="utf-8") for path in PACKAGE.rglob(suffix)]
    words = {word for text in texts for word in re.findall(r"\w+", text)}
    assert set(sources()) - words == set()
