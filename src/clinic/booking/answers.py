"""One answer to one key: an act that is sent twice is done once and answered alike both times.

The key's row is written in the transaction of the act, so that of two that come at once the second
waits for the first and reads its answer. A refusal is kept under its key too.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from clinic.booking.guard import OVERLAP
from clinic.booking.models import Answer

TRIES = 6
YIELDS = 0.05  # seconds at most before one that gave way comes again
_TRY_AGAIN = {"40P01", "40001"}  # deadlock found, serialisation failed


class Taken(Exception):  # noqa: N818 - named for the event
    """That time was taken while you were choosing."""


class OtherQuestion(Exception):  # noqa: N818 - named for the event
    """A key was used before for something else."""


def once(
    key: str,
    asked: dict[str, Any],
    act: Callable[[], dict[str, Any]],
    *,
    is_gone: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Do `act` in a transaction and give its answer; a key that was answered gets that again.

    Args:
        key: What makes this request this one; empty: it stands alone.
        asked: What is asked for, so that a key cannot be used for something else.
        act: Writes, and gives an answer that JSON can hold.
        is_gone: A glance before anything is locked: whether it would be refused anyhow.

    Raises:
        Taken: The guard refused it, now or when this key came first.
        OtherQuestion: This key asked for something else.
    """
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
    if is_gone():
        return _refused(key, digest)
    for left in reversed(range(TRIES)):
        try:
            return _try(key, digest, act)
        except IntegrityError as error:
            if key and (known := _known(key, digest)) is not None:
                return known
            if not is_overlap(error):
                raise
            if not left:
                return _refused(key, digest)
        except OperationalError as error:
            was_first = left == TRIES - 1
            if not left or not _may_try_again(error, was_first=was_first):
                raise
            time.sleep(random.uniform(0, YIELDS))  # noqa: S311 - or the same two meet again
        except Taken:
            return _refused(key, digest)
    raise AssertionError("unreachable")


def was_answered(key: str) -> bool:
    """Whether something was done under a key."""
    row = Answer.objects.filter(key=key).first()
    return row is not None and not row.answer.get("taken")


def _try(key: str, digest: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    with _turn(), transaction.atomic():
        row = None
        if key:
            row = Answer.objects.create(key=key, asked=digest, answer={}, at=timezone.now())
        answer = act()
        if row is not None:
            Answer.objects.filter(pk=row.pk).update(answer=answer)
    return answer


_DOOR = threading.Lock()


@contextmanager
def _turn() -> Iterator[None]:
    """One after the other before SQLite's one writer, which serves those who wait unfairly."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with _DOOR:
        yield


def _known(key: str, digest: str) -> dict[str, Any] | None:
    row = Answer.objects.filter(key=key).first()
    return None if row is None else _again(row, digest)


def _again(row: Answer, digest: str) -> dict[str, Any]:
    """What was answered before, refusals included."""
    if row.asked != digest:
        raise OtherQuestion(
            "This form was sent before, for something else. Look at what is booked; send it again"
            " if you want this as well."
        )
    if row.answer.get("taken"):
        raise Taken
    answer: dict[str, Any] = row.answer
    return answer


def _refused(key: str, digest: str) -> dict[str, Any]:
    """Keep the refusal under its key; unless this key was answered before, by another perhaps."""
    if key:
        row, is_new = Answer.objects.get_or_create(
            key=key,
            defaults={"asked": digest, "answer": {"taken": True}, "at": timezone.now()},
        )
        if not is_new:
            return _again(row, digest)
    raise Taken


def _may_try_again(error: BaseException, *, was_first: bool) -> bool:
    """Whether nothing was done, and another try may pass.

    SQLite does not serve in turn those who wait for its one writer; once more is enough, since each
    try waits for as long as a person would.
    """
    return _code(error) in _TRY_AGAIN or (was_first and "database is locked" in str(error))


def is_overlap(error: BaseException) -> bool:
    """Whether the guard refused."""
    return _code(error) == "23P01" or OVERLAP in str(error)


def _code(error: BaseException) -> str:
    return str(getattr(error.__cause__, "sqlstate", "") or "")
