"""Free times from hours, leave and what is taken: pure functions over seconds since 1970."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int]
FOREVER = 1 << 62


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


@dataclass(frozen=True)
class Length:
    """Of a visit, in seconds, with what is kept free around it."""

    visit: int
    before: int = 0
    after: int = 0


def joined(spans: Iterable[Span]) -> list[Span]:
    """The same seconds as disjoint spans in order."""
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def shared(one: list[Span], other: list[Span]) -> list[Span]:
    """Seconds that lie in both of two lists of disjoint spans in order."""
    found: list[Span] = []
    first = second = 0
    while first < len(one) and second < len(other):
        begins = max(one[first][0], other[second][0])
        ends = min(one[first][1], other[second][1])
        if begins < ends:
            found.append((begins, ends))
        if one[first][1] < other[second][1]:
            first += 1
        else:
            second += 1
    return found


def hindered(taken: Iterable[Span], length: Length) -> list[Span]:
    """Starts at which a visit would meet one of the spans that are taken."""
    return joined(
        (begins - length.visit - length.after + 1, ends + length.before) for begins, ends in taken
    )


def hindered_by_all(kind: Sequence[Iterable[Span]], length: Length) -> list[Span]:
    """Starts at which none of several rooms is free for the whole of a visit."""
    found: list[Span] | None = None
    for taken in kind:
        own = hindered(taken, length)
        found = own if found is None else shared(found, own)
    return [(-FOREVER, FOREVER)] if found is None else found


def free_starts(
    windows: Iterable[Span],
    length: Length,
    *,
    step: int,
    not_before: int,
    hindrances: list[Span],
) -> list[int]:
    """Every start that lies in a window and in no hindrance.

    Args:
        windows: When the practitioner works; a visit lies within one, what surrounds it need not.
        length: Of the visit.
        step: Seconds from one offered start to the next, counted from the opening of a window.
        not_before: The earliest start.
        hindrances: Disjoint, in order: starts that the practitioner or the rooms do not allow.
    """
    found = []
    for opens, closes in windows:
        start = _on(opens, max(opens, not_before), step)
        at = bisect_right(hindrances, (start, FOREVER)) - 1
        at = max(at, 0)
        last = closes - length.visit
        while start <= last:
            while at < len(hindrances) and hindrances[at][1] <= start:
                at += 1
            if at < len(hindrances) and hindrances[at][0] <= start:
                start = _on(opens, hindrances[at][1], step)
                continue
            found.append(start)
            start += step
    return found


def _on(opens: int, moment: int, step: int) -> int:
    """The first offered start of a window from a moment on."""
    return opens + -(-(moment - opens) // step) * step
