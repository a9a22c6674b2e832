"""Free times from hours, leave and what is taken: pure functions over seconds since 1970."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int]


def without(windows: Iterable[Span], away: Iterable[Span]) -> list[Span]:
    """What is left of some spans when others are taken out of them, in order."""
    left = sorted(windows)
    for begins, ends in away:
        kept: list[Span] = []
        for first, last in left:
            if ends <= first or last <= begins:
                kept.append((first, last))
                continue
            if first < begins:
                kept.append((first, begins))
            if ends < last:
                kept.append((ends, last))
        left = kept
    return left


class Taken:
    """Spans in which a resource is taken, for many questions."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self.begins: list[int] = []
        self.ends: list[int] = []
        for begins, ends in sorted(spans):  # joined, so that one look suffices
            if self.ends and begins <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], ends)
            else:
                self.begins.append(begins)
                self.ends.append(ends)

    def is_free(self, begins: int, ends: int) -> bool:
        """Whether nothing of it is taken within a half-open span."""
        before = bisect_left(self.begins, ends) - 1
        return before < 0 or self.ends[before] <= begins


@dataclass(frozen=True)
class Length:
    """Of a visit, in seconds, with what is kept free around it."""

    visit: int
    before: int = 0
    after: int = 0


def free_starts(
    windows: Iterable[Span],
    length: Length,
    *,
    step: int,
    not_before: int,
    practitioner: Taken,
    sets: Sequence[Sequence[Taken]] = (),
) -> list[int]:
    """Every start at which the practitioner, and one of each set of rooms, is free.

    Args:
        windows: When the practitioner works; a visit lies within one, what surrounds it need not.
        length: Of the visit.
        step: Seconds from one offered start to the next.
        not_before: The earliest start.
        practitioner: When they are taken.
        sets: For each kind of room or equipment needed, when each of them is taken.
    """
    found = []
    for opens, closes in windows:
        skip = max(0, -(-(not_before - opens) // step))
        for start in range(opens + skip * step, closes - length.visit + 1, step):
            begins, ends = start - length.before, start + length.visit + length.after
            if practitioner.is_free(begins, ends) and all(
                any(one.is_free(begins, ends) for one in kind) for kind in sets
            ):
                found.append(start)
    return found
