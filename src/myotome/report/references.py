"""References: numbers the sources of a report in the order in which it names them.

A page asks for the numbers of some source identifiers while it is written, and lists all of them
at its end. An identifier that no table explains is listed as itself, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from myotome.report.evidence import known_sources
from myotome.sources import Source


class References:
    """The sources named so far."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def numbers(self, source_ids: Iterable[str]) -> tuple[int, ...]:
        """The number of each source, new ones counted on.

        >>> named = References()
        >>> named.numbers(["murphy2009", "istop_signs"]), named.numbers(["istop_signs"])
        ((1, 2), (2,))
        """
        found = {
            self._numbers.setdefault(source_id, len(self._numbers) + 1) for source_id in source_ids
        }
        return tuple(sorted(found))

    def listed(self) -> Iterator[tuple[int, Source]]:
        """Every source named, with its number."""
        for source_id, number in self._numbers.items():
            yield number, known_sources().get(source_id) or _unexplained(source_id)


def _unexplained(source_id: str) -> Source:
    return Source(source_id, source_id.replace("_", " "), "", "", "", "", "")
