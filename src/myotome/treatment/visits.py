"""Visits: spreads the sites of a plan over visits.

Few sites and insertions at a first visit, and never both sides of the chest in one visit: the
side of the more likely root comes first, the other waits. The more likely root's sites come
before those of the next root.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from myotome.atlas import Site
from myotome.treatment.practice import Practice
from myotome.treatment.safety import is_over_chest


@dataclass(slots=True)
class _Visit:
    sites: int = 0
    insertions: int = 0
    chest_sides: set[str] = field(default_factory=set)

    def takes(self, site: Site, insertions: int, room: tuple[int, int]) -> bool:
        if self.sites + 1 > room[0] or self.insertions + insertions > room[1]:
            return False
        return not is_over_chest(site) or self.chest_sides <= {site.side}

    def add(self, site: Site, insertions: int) -> None:
        self.sites += 1
        self.insertions += insertions
        if is_over_chest(site):
            self.chest_sides.add(site.side)


def spread(
    sites: Sequence[tuple[Site, int]], insertions: int, practice: Practice, *, first_visit: bool
) -> dict[Site, int]:
    """The visit, counted from 1, in which each site first has its turn.

    Args:
        sites: In order of priority, each with the rank of its root, 0 the most likely.
        insertions: At each site.
        practice: Sites and insertions that one visit has room for.
        first_visit: Whether the first of these visits is the person's first.
    """
    visits: list[_Visit] = []
    turn: dict[Site, int] = {}
    for site, _ in sorted(sites, key=lambda entry: entry[1]):
        for number in count(1):
            if number > len(visits):
                visits.append(_Visit())
            first = first_visit and number == 1
            room = practice.sites_in(first_visit=first), practice.insertions_in(first_visit=first)
            if visits[number - 1].takes(site, insertions, room):
                visits[number - 1].add(site, insertions)
                turn[site] = number
                break
    return turn
