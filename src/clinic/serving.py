"""Serving: a supervisor with two processes, the site and the worker, started again when they die.

TERM and Ctrl-C end both, and the command ends with 0; should the supervisor itself be killed, both
end with it. The port is taken on this machine only: a proxy with the certificate stands before it.
Requests are not logged.
"""

from __future__ import annotations

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from types import FrameType
from typing import Any

from django.conf import settings
from django.db import connections
from gunicorn.app.base import BaseApplication

HOST = "127.0.0.1"
THREADS = 16
# Seconds that one thread computes before another may: a request asks the database some twenty times
# and would wait as often for whoever computes an answer, each time Python's usual 5 ms.
SWITCH_AFTER = 0.0005
WORKER_PRIORITY = 10
REST = 0.2
ANSWERS_WITHIN = 1.0  # seconds; until it is ready, TERM and a dead part wait for this
READY_WITHIN = 60.0  # seconds; who waits longer is told so
PORTS_TRIED = 50
BACKLOG = 512
_NOT_READY = (
    "The clinic does not answer yet. Any error stands above. It is tried again until Ctrl-C."
)
_END_WITH_THE_PARENT = 1  # PR_SET_PDEATHSIG of Linux


def listen(wanted: int) -> socket.socket:
    """A socket that listens on `wanted`, or on the next port that nobody has.

    It is held by the supervisor, so that two clinics never take the same port, and a site that is
    started again finds those who are waiting.
    """
    for port in range(wanted, wanted + PORTS_TRIED):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
            listening.listen(BACKLOG)
        except OSError:
            listening.close()
            continue
        return listening
    raise OSError(f"No free port from {wanted} to {wanted + PORTS_TRIED - 1}.")


def port_of(listening: socket.socket) -> int:
    """The port of a socket that listens."""
    port: int = listening.getsockname()[1]
    return port


@dataclass
class Part:
    """One process of the clinic, and when it was last started."""

    arguments: list[str]
    inherits: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    def keep_alive(self) -> None:
        """Start it if it does not run."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "clinic.serving", *self.arguments],
                env={
                    **os.environ,
                    "MYOTOME_CLINIC": str(settings.PLACE.folder),
                    "DJANGO_SETTINGS_MODULE": "clinic.settings",
                },
                pass_fds=self.inherits,
                start_new_session=True,  # Ctrl-C reaches it through the supervisor, once
                preexec_fn=_end_with_the_parent if sys.platform == "linux" else None,  # noqa: PLW1509
            )

    def end(self) -> None:
        """Tell it to end, and wait until it has."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _end_with_the_parent() -> None:
    ctypes.CDLL(None).prctl(_END_WITH_THE_PARENT, signal.SIGTERM)


def serve_until_told(listening: socket.socket, *, after: Callable[[], None] = lambda: None) -> None:
    """Serve until TERM or Ctrl-C.

    Args:
        listening: From `listen`.
        after: What is done once the site answers.
    """
    connections.close_all()  # the supervisor asks the database nothing from now on
    port, stop = port_of(listening), threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, told)
    handle = listening.fileno()
    parts = [Part(["site", str(handle)], inherits=(handle,)), Part(["worker"])]
    is_ready, late = False, time.monotonic() + READY_WITHIN
    try:
        while not stop.is_set():
            for part in parts:
                part.keep_alive()
            if not is_ready and _answers(port):
                is_ready = True
                print(f"Clinic ready at http://localhost:{port}", flush=True)  # noqa: T201 - the promise
                after()
                sys.stdout.flush()
            elif not is_ready and time.monotonic() > late:
                late += READY_WITHIN
                print(_NOT_READY, file=sys.stderr, flush=True)  # noqa: T201 - to who waits for it
            stop.wait(REST)
    finally:
        for part in parts:
            part.end()
        listening.close()


def _answers(port: int) -> bool:
    """Whether the site answers a request."""
    asked = http.client.HTTPConnection(HOST, port, timeout=ANSWERS_WITHIN)
    try:
        asked.request("GET", "/static/clinic/mark.svg", headers={"Host": "localhost"})
        return asked.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()


class Site(BaseApplication):  # type: ignore[misc]
    """The web server, told its settings here and not on a command line."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        super().__init__()

    def load_config(self) -> None:
        """One process of threads, quiet."""
        for name, value in {
            "bind": f"fd://{self.handle}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 15,
            "loglevel": "warning",
            "limit_request_line": 2000,
            "forwarded_allow_ips": HOST,
            "control_socket_disable": True,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:  # noqa: ANN401 - whatever a WSGI callable is
        """The site."""
        from clinic.wsgi import application  # noqa: PLC0415 - in the server's own process

        sys.setswitchinterval(SWITCH_AFTER)
        return application


def _work_until_told() -> None:
    import django  # noqa: PLC0415 - the settings are named by the supervisor

    django.setup()
    from clinic.outbox.worker import work  # noqa: PLC0415 - needs the loaded apps

    os.nice(WORKER_PRIORITY)
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    work(stop)


if __name__ == "__main__":
    if sys.argv[1] == "site":
        Site(int(sys.argv[2])).run()
    else:
        _work_until_told()
