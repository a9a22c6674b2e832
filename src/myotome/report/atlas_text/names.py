"""Names: finds the row a person means, by identifier, common name or Latin name.

Capitals, underscores, the marks ``M.`` or ``N.`` in front and the words *muscle* or *nerve*
behind make no difference: ``Infraspinatus``, ``infraspinatus muscle`` and ``M. infraspinatus``
are one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from myotome.errors import UnknownName

Row = TypeVar("Row")

_MARK_IN_FRONT: Final = re.compile(r"^(the|mm?\.|nn?\.|rr?\.)\s+")
_WORD_BEHIND: Final = re.compile(r"\s+(muscles?|nerves?)$")


def plain(name: str) -> str:
    """A name without what makes no difference.

    >>> plain("M. infraspinatus"), plain("infraspinatus muscle"), plain("Median_nerve")
    ('infraspinatus', 'infraspinatus', 'median')
    """
    words = " ".join(name.replace("_", " ").lower().split())
    return _WORD_BEHIND.sub("", _MARK_IN_FRONT.sub("", words))


def resolve(
    kind: str, name: str, table: Mapping[str, Row], columns: Sequence[str] = ("name",)
) -> Row:
    """The row of a table that a name means.

    Args:
        kind: What the table holds, for the message: ``muscle``.
        name: As a person wrote it.
        table: Rows by identifier.
        columns: Where a row keeps its other names, the one to offer first.

    Raises:
        UnknownName: None is meant, or several; the nearest names or the parts are offered.
    """
    if name in table:
        return table[name]
    found: dict[str, str] = {}
    for identifier, row in table.items():
        for spelling in (identifier, *(getattr(row, column) for column in columns)):
            found.setdefault(plain(spelling), identifier)
    wanted = plain(name)
    if wanted in found:
        return table[found[wanted]]
    parts = dict.fromkeys(
        identifier for spelling, identifier in found.items() if _is_part(spelling, wanted)
    )
    if parts:
        raise UnknownName(kind, name, (), hint=f"It is held in parts: {', '.join(parts)}.")
    offered = {
        " ".join(spelling.replace("_", " ").lower().split())
        for identifier, row in table.items()
        for spelling in (identifier, *(getattr(row, column) for column in columns[:1]))
    }
    raise UnknownName(kind, name, offered)


def _is_part(spelling: str, whole: str) -> bool:
    """Whether a name begins with another as whole words: *deltoid, middle* and *deltoid*."""
    return bool(whole) and re.match(rf"{re.escape(whole)}\b[ ,(]", spelling) is not None
