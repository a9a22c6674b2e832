"""Rulebook: the treatment tables, each read once when first asked for.

Gives rows by identifier in the order of their file. `version` names the content of all tables
together, so that a plan can say what it rests on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import TypeVar

from myotome.atlas.reading import read_table
from myotome.treatment import rows

Row = TypeVar("Row")


class Rulebook:
    """Every treatment table, by identifier."""

    @cached_property
    def screening_items(self) -> Mapping[str, rows.ScreeningItem]:
        """Questions asked before treatment."""
        return {row.item_id: row for row in _read(rows.ScreeningItem, "screening_items.csv")}

    @cached_property
    def places(self) -> Mapping[str, rows.BodyPlace]:
        """Places that an answer can name."""
        return {row.place_id: row for row in _read(rows.BodyPlace, "places.csv")}

    @cached_property
    def forbidden_places(self) -> Mapping[str, rows.ForbiddenPlace]:
        """Places that are never needled."""
        return {row.place_id: row for row in _read(rows.ForbiddenPlace, "forbidden_places.csv")}

    @cached_property
    def adjuncts(self) -> Mapping[str, rows.Adjunct]:
        """Treatments beside the needle."""
        return {row.adjunct_id: row for row in _read(rows.Adjunct, "adjuncts.csv")}

    @cached_property
    def exercises(self) -> Mapping[str, rows.Exercise]:
        """Exercises for the home programme."""
        return {row.exercise_id: row for row in _read(rows.Exercise, "exercises.csv")}

    @cached_property
    def dose_rules(self) -> Mapping[str, rows.DoseRule]:
        """Numbers of dose and course."""
        return {row.rule_id: row for row in _read(rows.DoseRule, "dose_rules.csv")}

    @cached_property
    def course_rules(self) -> Mapping[str, rows.CourseRule]:
        """When to stop, refer, review and discharge."""
        return {row.rule_id: row for row in _read(rows.CourseRule, "course_rules.csv")}

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits of the content of all tables together."""
        digest = hashlib.sha256()
        for table in sorted(files(__package__).joinpath("tables").iterdir(), key=lambda t: t.name):
            if table.name.endswith(".csv"):
                digest.update(table.read_bytes())
        return digest.hexdigest()[:12]


def _read(row_type: type[Row], table: str) -> tuple[Row, ...]:
    return read_table(row_type, __package__, "tables", table)


@cache
def rulebook() -> Rulebook:
    """The rulebook of this package; one per process."""
    return Rulebook()
