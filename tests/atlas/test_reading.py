"""A table that does not fit its row type is refused with its name and line."""

from dataclasses import dataclass
from typing import NamedTuple

import pytest

from myotome.atlas import atlas, reading
from myotome.atlas.indexed_tables import FILES
from myotome.atlas.reading import read_bytes, read_table
from myotome.atlas.rows import SpinalLevel


class Entry(NamedTuple):
    name: "str"
    size: "float | None"
    parts: "tuple[str, ...]"
    paired: "bool"


@dataclass(frozen=True)
class PlainEntry:
    name: "str"
    size: "float | None"
    parts: "tuple[str, ...]"
    paired: "bool"


@pytest.fixture
def table(monkeypatch):
    def written(text):
        monkeypatch.setattr(reading, "read_bytes", lambda *_: text.encode())

    return written


@pytest.mark.parametrize("row_type", [Entry, PlainEntry])
def test_cells_become_what_the_annotations_say(table, row_type):
    table("name,size,parts,paired\nsoleus,2.5,a;b,yes\nplantaris,,,no\n")
    assert read_table(row_type, "any", "t.csv") == (
        row_type("soleus", 2.5, ("a", "b"), paired=True),
        row_type("plantaris", None, (), paired=False),
    )


def test_a_quoted_cell_keeps_its_comma_and_its_line_break(table):
    table('name,size,parts,paired\n"one, two\nthree",1,,no\n')
    (row,) = read_table(Entry, "any", "t.csv")
    assert row.name == "one, two\nthree"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,size\n", r"t\.csv: columns must be .*'parts'.*, got \['name', 'size'\]"),
        ("name,size,parts,paired\na,1,b\n", r"t\.csv:2: a line must have 4 cells, got 3"),
        ("name,size,parts,paired\na,1,b,no\na,big,b,no\n", r"t\.csv:3: could not convert .*'big'"),
        ("name,size,parts,paired\na,1,b,maybe\n", r"t\.csv:2: .* must be yes or no, got 'maybe'"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_by_line(table, text, message):
    table(text)
    with pytest.raises(ValueError, match=message):
        read_table(Entry, "any", "t.csv")


def test_a_table_that_is_not_there_is_named():
    with pytest.raises(FileNotFoundError, match=r"muscels\.csv"):
        read_bytes("myotome.atlas", "tables", "muscels.csv")


def test_rows_cannot_be_changed():
    row = read_table(SpinalLevel, "myotome.atlas", "tables", "spinal_levels.csv")[0]
    with pytest.raises(AttributeError):
        row.name = "another"


def test_the_version_covers_every_table_that_an_answer_can_rest_on(row_counts):
    drawing = {"body_outlines.csv", "muscle_anchors.csv"}
    assert set(FILES) == set(row_counts) - drawing
    assert len(atlas().version) == 12
    int(atlas().version, 16)
