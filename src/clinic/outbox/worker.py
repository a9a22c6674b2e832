"""The worker: one process at low priority that seals the audit, sends mail and runs jobs.

The seal and the mail have threads of their own, so that neither waits for a long job or a slow mail
server. The web server's supervisor starts this process and starts it again when it dies; what it
had claimed is taken up by the next. While the audit does not hold, no letter leaves, no job begins
and nothing is kept up: what was promised waits, and is done once the audit holds again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections, connections

from clinic.audit import holding
from clinic.audit.actions import ChainCut, forget_taken, seal
from clinic.outbox.actions import run_one_job, send_due

log = logging.getLogger("clinic.worker")
SEAL_EVERY = 0.5  # seconds; the promise is one
LOOK_BACK = 20_000
COMPLETE_LOOK_EVERY = 60.0
REST = 0.5
MINUTE = 60.0
EVERY_MINUTE: list[Callable[[], int]] = []  # what other parts have the worker do, each minute
_HOLDS = threading.Event()  # set from a seal that found the chain whole to one that finds it cut


def work(stop: threading.Event) -> None:
    """Work until `stop` is set."""
    _HOLDS.clear()
    threads = [
        threading.Thread(target=seal_on, args=(stop,), name="seal"),
        threading.Thread(target=_mail_on, args=(stop,), name="mail"),
    ]
    for thread in threads:
        thread.start()
    upkeep = 0.0
    while not stop.is_set():
        if time.monotonic() >= upkeep and not is_held():
            upkeep = time.monotonic() + MINUTE
            for step in (forget_taken, *EVERY_MINUTE):
                _guarded(step)
        if is_held() or not _guarded(run_one_job):
            stop.wait(REST)
    for thread in threads:
        thread.join()
    connections.close_all()


def is_held() -> bool:
    """Whether what changes or leaves must wait: the audit did not hold at the start, or is cut."""
    return settings.IS_READ_ONLY or not _HOLDS.is_set()


def seal_on(stop: threading.Event) -> None:
    """Seal the audit until `stop` is set, and once more then."""
    complete_look = 0.0
    while not stop.is_set():
        is_due = time.monotonic() >= complete_look
        _guarded(_seal_all if is_due else _seal_latest)
        if is_due:
            complete_look = time.monotonic() + COMPLETE_LOOK_EVERY
        stop.wait(SEAL_EVERY)
    _guarded(_seal_all)
    connections.close_all()


def _seal_all() -> int:
    return _sealed(None)


def _seal_latest() -> int:
    return _sealed(LOOK_BACK)


def _sealed(look_back: int | None) -> int:
    try:
        count = seal(look_back=look_back)
    except ChainCut:
        _HOLDS.clear()
        holding.say(holds=False)
        raise
    _HOLDS.set()
    holding.say(holds=True)
    return count


def _mail_on(stop: threading.Event) -> None:
    while not stop.is_set():
        may_send = settings.PLACE.mail_server and not is_held()
        if not (may_send and _guarded(send_due)):
            stop.wait(REST)
    connections.close_all()


def _guarded(step: Callable[[], int | bool]) -> bool:
    """Do one step; a failure is logged by its class alone and the worker goes on."""
    close_old_connections()
    try:
        return bool(step())
    except Exception as error:  # noqa: BLE001 - one bad step must not end the worker
        log.error("%s: %s", getattr(step, "__name__", "step"), type(error).__name__)  # noqa: TRY400 - a traceback may hold what a person wrote
        return False
