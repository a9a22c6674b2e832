"""How many rows each file of the atlas holds, read without the code under test."""

import csv
from pathlib import Path

import pytest

import myotome.atlas

TABLES = Path(myotome.atlas.__file__).parent / "tables"


@pytest.fixture(scope="session")
def row_counts():
    counts = {}
    for path in sorted(TABLES.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            counts[path.name] = sum(1 for _ in csv.DictReader(file))
    return counts
