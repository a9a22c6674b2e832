"""What really happened: pain as it was asked at each visit, as a graph, a sentence and a table.

Only what was asked counts: a visit at which nobody asked is a gap, and no line goes over it. The
graph and its words are the report's own. Whether treatment did it, no course of one person tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from myotome.case import Outcome
from myotome.report.evidence import known_sources
from myotome.report.outcomes import Course, course_of, course_svg
from myotome.sources import Source

PAIN: Final = "nprs"
NOTICED: Final = "nprs_baseline"  # the smallest change that people notice, by where they start


@dataclass(frozen=True, slots=True)
class Asked:
    """One visit of the course: its day, the week since the first answer, and what was said."""

    on: date
    week: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Followed:
    """One measure as it was followed through the visits."""

    course: Course
    asked: tuple[Asked, ...]
    number: int

    @property
    def missing(self) -> tuple[float, ...]:
        """The weeks of visits at which nobody asked."""
        return tuple(one.week for one in self.asked if one.value is None)

    @property
    def graph(self) -> SafeString:
        """The graph; empty while there is one answer."""
        weeks = [one.week for one in self.asked]
        drawn = course_svg(self.course, weeks, self.number, missing=self.missing)
        return mark_safe(drawn)  # noqa: S308 - drawn by the report

    @property
    def noticed(self) -> Source:
        """Where it was read what change people notice."""
        return known_sources()[NOTICED]


def pain_over(visits: Sequence[tuple[datetime, float | None]], number: int = 1) -> Followed | None:
    """Pain through the visits from the first at which it was asked; None where it never was.

    Args:
        visits: When each was, and the pain that was said at it, 0 to 10, or nothing.
        number: Of the graph on its page.
    """
    in_order = sorted(visits, key=lambda visit: visit[0])
    first = next((at for at, value in in_order if value is not None), None)
    if first is None:
        return None
    asked = tuple(
        Asked(timezone.localdate(at), round((at - first).total_seconds() / 604_800, 1), value)
        for at, value in in_order
        if at >= first
    )
    answers = [Outcome(PAIN, one.value, one.week) for one in asked if one.value is not None]
    course = course_of(PAIN, answers)
    return Followed(course, asked, number) if course else None
