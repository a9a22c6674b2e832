"""Writing the audit: a row with each act, a row for each refusal, and the chain over both.

`record` belongs in the transaction of the act it tells of and fails outside one: an act without
its row, or a row without its act, cannot be committed. `record_alone` is for what changes nothing
(a page read, a refusal): it has a transaction of its own, which no later failure of the request
takes back. Neither waits for another chart's act. `seal` links committed rows into the chain, at
most every second, and exports the head; younger rows are not yet protected against deletion. A head
is exported before the first link is made, so that a chain without one was always robbed of it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import tempfile
import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from clinic.audit.actor import Actor
from clinic.audit.models import Entry, Link, Taken
from clinic.audit.rules import FIRST, entry_digest, link_hash

log = logging.getLogger("clinic.audit")
Detail = str | int | bool | list[str] | None
SEAL_AT_ONCE = 5000
ASKED_FOR = timedelta(days=14)  # a device keeps what was typed for half as long
_ADVISORY_LOCK = 761_802_214  # any number that nothing else here uses


class ChainCut(RuntimeError):  # noqa: N818 - named for the event
    """The database no longer holds the link whose hash was exported; sealing on would hide it."""


class SentTwice(Exception):  # noqa: N818 - named for the event
    """A form came again whose act was done: nothing is done twice."""


class NoTransaction(RuntimeError):  # noqa: N818 - named for the event
    """An act tried to write its audit row outside the transaction of the act."""


def record(
    act: str,
    *,
    by: Actor,
    subject: str = "",
    patient: uuid.UUID | None = None,
    **detail: Detail,
) -> Entry:
    """Write the row of an act, in the act's own transaction; the form it came with is taken.

    Raises:
        SentTwice: That form was taken before.
    """
    if not connection.in_atomic_block:
        raise NoTransaction(f"'{act}' must be recorded in the transaction of the act, got none.")
    entry = _signed(act, by, subject, patient, detail)
    entry.save(force_insert=True)
    take(by)
    return entry


def take(by: Actor) -> None:
    """Keep that the form of an act was taken, in the transaction of an act without a row.

    Raises:
        SentTwice: Another request brought it and its act was done; this one's is taken back.
    """
    if not by.form:
        return
    if not connection.in_atomic_block:
        raise NoTransaction("A form must be taken in the transaction of its act, got none.")
    _, is_new = Taken.objects.get_or_create(
        mark=by.form, actor=by.name, defaults={"at": datetime.now(UTC)}
    )
    if not is_new and by.form not in by.done:
        raise SentTwice
    by.done.add(by.form)


def forget_taken() -> int:
    """Delete the marks of forms that no device can ask about any more; how many."""
    count, _ = Taken.objects.filter(at__lt=datetime.now(UTC) - ASKED_FOR).delete()
    return count


def record_alone(
    act: str,
    *,
    by: Actor,
    subject: str = "",
    patient: uuid.UUID | None = None,
    **detail: Detail,
) -> Entry:
    """Write the row of a read or a refusal in a transaction that no other act can take back."""
    entry = _signed(act, by, subject, patient, detail)
    if connection.vendor == "sqlite":
        _write_together(entry)
    else:
        with transaction.atomic(durable=True):
            entry.save(force_insert=True)
    return entry


def _signed(
    act: str, by: Actor, subject: str, patient: uuid.UUID | None, detail: dict[str, Detail]
) -> Entry:
    entry = Entry(
        uid=uuid.uuid4(),
        at=datetime.now(UTC),
        actor=by.name,
        session=by.session,
        act=act,
        subject=subject,
        patient=patient,
        detail=detail,
    )
    settings.PLACE.keys.refuse_default()
    entry.key, secret = settings.PLACE.keys.newest(settings.PLACE.keys.audit)
    entry.digest = entry_digest(secret, signed_values(entry))
    return entry


@dataclass
class _Waiting:
    """A row that waits to be written, and whether it was."""

    entry: Entry
    is_written: bool = False
    failure: Exception | None = None


_DOOR, _BASKET = threading.Lock(), threading.Lock()
_WAITING: list[_Waiting] = []


def _write_together(entry: Entry) -> None:
    """Write a row with all those that wait at the same moment; return when it is on the disk.

    SQLite has one writer and each commit waits for the disk; those who queue at its own door are
    served unfairly, some after seconds. Here the threads of this process queue in turn, and whoever
    comes to the door writes what all the others brought, in one commit.
    """
    mine = _Waiting(entry)
    with _BASKET:
        _WAITING.append(mine)
    with _DOOR:
        if not mine.is_written and mine.failure is None:
            with _BASKET:
                brought, _WAITING[:] = list(_WAITING), []
            _write_all(brought)
    if not mine.is_written:  # nobody is let on without a row, whatever became of the writer
        raise mine.failure or OSError("The audit row was not written.")


def _write_all(brought: list[_Waiting]) -> None:
    try:
        with transaction.atomic(durable=True):
            for waiting in brought:
                waiting.entry.save(force_insert=True)
    except Exception as failure:  # noqa: BLE001 - each of them is told, by its own thread
        for waiting in brought:
            waiting.failure = failure
    else:
        for waiting in brought:
            waiting.is_written = True


def signed_values(entry: Entry) -> dict[str, object]:
    """The values of an entry that its digest covers."""
    return {
        "uid": str(entry.uid),
        "at": entry.at.astimezone(UTC).isoformat(),
        "actor": entry.actor,
        "session": entry.session,
        "act": entry.act,
        "subject": entry.subject,
        "patient": str(entry.patient) if entry.patient else "",
        "detail": entry.detail,
        "key": entry.key,
    }


def seal(*, look_back: int | None = None) -> int:
    """Link what is committed and unlinked; export the head; say how many were linked.

    Args:
        look_back: How many of the latest entries to look at. A long transaction commits rows that
            are older than others already linked, so a complete look (None) is due now and then.
    """
    settings.PLACE.keys.refuse_default()
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])
        _refuse_to_follow_a_cut()
        waiting = _unlinked(look_back)
        last = Link.objects.order_by("-number").first()
        if waiting:
            last = _link(waiting, last)
    if last is not None:
        _export(last.number, last.hash)
    return len(waiting)


def exported_head() -> tuple[int, str] | None:
    """Number and hash of the link that was exported last."""
    path: Path = settings.PLACE.head_file
    if not path.exists():
        return None
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        return int(head["number"]), str(head["hash"])
    except (ValueError, KeyError, TypeError) as error:
        raise ChainCut("The file of the exported head holds no head. Nothing is sealed.") from error


def adopt_head() -> None:
    """Export the last link of a chain that was brought back and followed: it had no head here."""
    last = Link.objects.order_by("-number").first()
    _export(*((last.number, last.hash) if last else (0, FIRST)))


def _refuse_to_follow_a_cut() -> None:
    head = exported_head()
    if head is None:
        if Link.objects.exists():
            raise ChainCut("The chain has links and its exported head is gone. Nothing is sealed.")
        _export(0, FIRST)
    elif head != (0, FIRST) and not Link.objects.filter(number=head[0], hash=head[1]).exists():
        raise ChainCut(
            f"Link {head[0]} was exported and is not in the database. Nothing is sealed."
        )


def _unlinked(look_back: int | None) -> list[tuple[uuid.UUID, str]]:
    entries = Entry.objects.order_by("id")
    if look_back is not None:
        newest = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
        entries = entries.filter(id__gt=newest - look_back)
    linked = Link.objects.filter(entry=OuterRef("uid"))
    return list(entries.filter(~Exists(linked)).values_list("uid", "digest")[:SEAL_AT_ONCE])


def _link(waiting: list[tuple[uuid.UUID, str]], last: Link | None) -> Link:
    key, secret = settings.PLACE.keys.newest(settings.PLACE.keys.audit)
    previous, number = (last.hash, last.number) if last else (FIRST, 0)
    links = []
    for entry, digest in waiting:
        number += 1
        previous = link_hash(
            secret, previous=previous, number=number, entry=str(entry), digest=digest
        )
        links.append(Link(number=number, entry=entry, entry_digest=digest, key=key, hash=previous))
    Link.objects.bulk_create(links, batch_size=500)
    return links[-1]


def _export(number: int, link: str) -> None:
    """Put the head where the database is not, whole or not at all, and never back to an older one.

    Two processes may seal at once, the worker and a backup; the late one has nothing to say.
    """
    path: Path = settings.PLACE.head_file
    if exported_head() == (number, link):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        head = exported_head()
        if head is not None and head[0] >= number:
            return
        _replace(path, json.dumps({"number": number, "hash": link}))
    log.info("head %s %s", number, link)  # a log that is shipped elsewhere is a copy


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
