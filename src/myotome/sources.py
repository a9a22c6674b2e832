"""Sources: the citation behind every number and every row.

A table or parameter names its sources by identifier; this room turns the identifier into a
citation, an address and an honest word on how much of it was read.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read, and how much of the source was read."""

    source_id: str
    citation: str
    url: str
    kind: str
    used_for: str
    access: str
    licence: str


@cache
def sources() -> dict[str, Source]:
    """Every source by its identifier."""
    text = files(__package__).joinpath("sources.csv").read_text(encoding="utf-8")
    lines = csv.reader(io.StringIO(text))
    next(lines)
    return {line[0]: Source(*line) for line in lines}
