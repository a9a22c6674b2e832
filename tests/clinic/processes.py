"""The clinic's command as a process, for tests that need the real thing."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

from clinic.place import KEY_FILE, SETTINGS_FILE, make_place

FURNISH = """
import django; django.setup()
from clinic.demonstration import furnish; furnish()
"""
CSRF = "a" * 32  # a token of the double-submitted kind: cookie and field agree
READY_WITHIN = 180.0  # seconds until a clinic must serve, on however busy a machine
MYOTOME = [sys.executable, "-m", "myotome.cli"]


def environment(folder):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MYOTOME")}
    return kept | {"MYOTOME_CLINIC": str(folder)}


def run(folder, *words, typed=None):
    """One command to its end, with what is typed into it."""
    return subprocess.run(
        [*MYOTOME, "clinic", *words],
        capture_output=True,
        text=True,
        input=typed,
        timeout=120,
        env=environment(folder),
        check=False,
    )


def furnish(folder, database=""):
    """Make a demonstration, its data in the database that is named; `demo --at` then opens it."""
    make_place(folder, {"name": "Demonstration clinic", "database": database})
    subprocess.run(
        [sys.executable, "-c", FURNISH],
        check=True,
        env=environment(folder) | {"DJANGO_SETTINGS_MODULE": "clinic.settings"},
    )


@contextlib.contextmanager
def running(folder, *words):
    """A clinic that serves; `address` says where, `said()` what went wrong."""
    said = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed at the end
    process = subprocess.Popen(
        [*MYOTOME, "clinic", *words],
        stdout=subprocess.PIPE,
        stderr=said,
        text=True,
        env=environment(folder),
    )
    process.said = lambda: (said.seek(0), said.read())[1]
    lines = []
    asleep = threading.Timer(READY_WITHIN, process.kill)  # a line that never comes is read for ever
    asleep.start()
    try:
        while not any("Clinic ready" in line for line in lines):
            line = process.stdout.readline()
            assert line, process.said()
            lines.append(line)
        asleep.cancel()
        process.address = re.search(r"http://localhost:\d+", lines[-1])[0]
        yield process
    finally:
        asleep.cancel()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stdout.close()
        said.close()


def free_port():
    """A port that nobody has, for a clinic that must know its address before it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def open_to_processes(place, **lines):
    """Let the place of a test be one that a process of its own can read."""
    keys = {"site": place.keys.site, "audit": place.keys.audit, "backup": place.keys.backup}
    (place.folder / KEY_FILE).write_text(json.dumps(keys))
    lines = {"name": place.name} | lines
    written = "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items() if value)
    (place.folder / SETTINGS_FILE).write_text(written)


def part_of(clinic, name):
    """The process of the site or of the worker, which the supervisor started."""
    for found in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((found / "stat").read_text().rpartition(")")[2].split()[1])
            words = (found / "cmdline").read_bytes().split(b"\0")
            if parent == clinic.pid and b"clinic.serving" in words and name.encode() in words:
                return int(found.name)
    return None


def kill_part(clinic, name):
    """End the site or the worker, and all that it started, as a power cut would."""
    until = time.monotonic() + 30
    while (pid := part_of(clinic, name)) is None:
        assert time.monotonic() < until, f"the {name} was not started again"
        time.sleep(0.05)
    os.killpg(pid, signal.SIGKILL)
    return pid


class Browser:
    """One who is signed in at a clinic that runs, and sends forms without waiting for pages.

    `source` is an address of this machine from which it comes: limits count each by itself.
    """

    def __init__(self, address, session, source=""):
        self.host = address.removeprefix("http://").replace("localhost", "127.0.0.1")
        self.address, self.source = address, source
        self.cookie = f"session={session}; csrf={CSRF}"

    def with_session(self, session):
        """The same, after an answer that named a session; as it was if it named none."""
        if not session:
            return self
        return Browser(self.address, session, self.source)

    def ask(self, method, path, fields=None, timeout=15):
        """Status, page and where it leads; None when the connection broke or nobody answered."""
        here = (self.source, 0) if self.source else None
        asked = http.client.HTTPConnection(self.host, timeout=timeout, source_address=here)
        body = urlencode({**fields, "csrfmiddlewaretoken": CSRF}) if fields is not None else None
        headers = {"Cookie": self.cookie, "Host": "localhost"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            asked.request(method, path, body, headers)
            answer = asked.getresponse()
            page = answer.read().decode()
            leads_to = answer.headers.get("Location", "")
            session = re.search(r"\bsession=(\w+)", answer.headers.get("Set-Cookie", ""))
            return SimpleNamespace(
                status=answer.status,
                page=page,
                leads_to=leads_to,
                session=session[1] if session else "",
            )
        except (OSError, http.client.HTTPException):
            return None
        finally:
            asked.close()

    def post(self, path, **fields):
        return self.ask("POST", path, fields)

    def get(self, path):
        return self.ask("GET", path)
