"""Reading the audit: whether it is whole, and who looked at one person's record."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from clinic.audit.actions import ChainCut, exported_head, signed_values
from clinic.audit.actor import Actor
from clinic.audit.models import Entry, Link, Taken
from clinic.audit.rules import FIRST, entry_digest, link_hash

CHUNK = 2000


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found: the first thing wrong, or nothing."""

    linked: int
    waiting: int
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing was edited, deleted, inserted, reordered or cut off."""
        return not self.problem


class Broken(Exception):  # noqa: N818 - named for the event
    """The chain does not hold; the message says where it first fails."""


def verify(progress: Callable[[int, int], None] | None = None, *, has_head: bool = True) -> Verdict:
    """Follow the chain from its first link to its exported head.

    Args:
        progress: Told how many links were followed, and of how many.
        has_head: False for a chain that was just brought back, whose head is exported afterwards.
    """
    total = Link.objects.count()
    followed = 0
    try:
        head = exported_head()
        if has_head:
            _check_head(total, head)
        for number in _follow_links(total, head, progress or (lambda _done, _total: None)):
            followed = number
        waiting = _check_waiting()
    except (Broken, ChainCut) as broken:
        return Verdict(followed, 0, str(broken))
    return Verdict(followed, waiting)


def _check_head(total: int, head: tuple[int, str] | None) -> None:
    if total and head is None:
        raise Broken("The chain has links and its exported head is gone.")


def _follow_links(
    total: int, head: tuple[int, str] | None, progress: Callable[[int, int], None]
) -> Iterator[int]:
    keys = settings.PLACE.keys.audit
    previous, number = FIRST, 0
    met_head = head in {None, (0, FIRST)}
    while chunk := list(Link.objects.filter(number__gt=number).order_by("number")[:CHUNK]):
        entries = Entry.objects.in_bulk([link.entry for link in chunk], field_name="uid")
        for link in chunk:
            if link.number != number + 1:
                raise Broken(f"Link {number + 1} is missing.")
            number = link.number
            _check_link(link, previous, keys)
            entry = entries.get(link.entry)
            if entry is None:
                raise Broken(f"The entry of link {number} is missing.")
            if entry.digest != link.entry_digest or not _is_genuine(entry, keys):
                raise Broken(f"The entry of link {number} was changed.")
            previous = link.hash
            if head and head[0] == number:
                if head[1] != link.hash:
                    raise Broken(f"Link {number} is not the one whose hash was exported.")
                met_head = True
            yield number
        progress(number, total)
    if head and not met_head:
        raise Broken(f"The chain ends at {number}, before the exported head {head[0]}.")


def _check_link(link: Link, previous: str, keys: dict[str, str]) -> None:
    expected = link_hash(
        keys.get(link.key, ""),
        previous=previous,
        number=link.number,
        entry=str(link.entry),
        digest=link.entry_digest,
    )
    if link.key not in keys or link.hash != expected:
        raise Broken(f"Link {link.number} was changed.")


def _check_waiting() -> int:
    """Entries not yet linked must be genuine too; how many there are."""
    keys = settings.PLACE.keys.audit
    linked = Link.objects.values("entry")
    waiting = 0
    for entry in Entry.objects.exclude(uid__in=linked).iterator(chunk_size=CHUNK):
        if not _is_genuine(entry, keys):
            raise Broken(f"Entry {entry.uid} was inserted or changed before it was linked.")
        waiting += 1
    return waiting


def _is_genuine(entry: Entry, keys: dict[str, str]) -> bool:
    return entry.key in keys and entry.digest == entry_digest(keys[entry.key], signed_values(entry))


def taken_of(by: Actor, marks: Iterable[str]) -> list[str]:
    """Those of some forms whose acts were done, by whoever asks."""
    found = Taken.objects.filter(actor=by.name, mark__in=list(marks))
    return sorted(found.values_list("mark", flat=True))


def of_patient(keys: Iterable[uuid.UUID]) -> QuerySet[Entry]:
    """Everything that was seen or changed of one person, under each of their keys; latest first."""
    return Entry.objects.filter(patient__in=list(keys)).order_by("-pk")
