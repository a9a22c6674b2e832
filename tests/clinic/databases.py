"""Databases for tests in which commits are real: one file or one PostgreSQL database a test.

The usual test database rolls everything back, and the audit's triggers forbid emptying it; where
threads, crashes or commits matter, a test gets a copy of an empty, migrated database instead.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError, connections

from clinic.settings import database

UNPRIVILEGED = "nobody"
# The engine of the usual test database, whose tests roll back; what commits runs on both by itself.
ENGINE = os.environ.get("CLINIC_TEST_ENGINE", "sqlite")


def programs():
    """The folder of a PostgreSQL server's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Cluster:
    """A private PostgreSQL server that listens on a socket in its own folder only.

    `mount` makes the disk of its data, told where and for whom; a small one gets small segments.
    `is_durable` has each commit wait for the disk, as a clinic's own server does.
    """

    def __init__(self, mount=None, *, is_durable=False):
        # the machine stays up while tests run
        self.haste = () if is_durable else ("-c", "fsync=off", "-c", "full_page_writes=off")
        where = programs()
        if where is None:
            if "CI" in os.environ:
                pytest.fail("no PostgreSQL")
            pytest.skip("no PostgreSQL")
        self.bin = where
        self.folder = Path(tempfile.mkdtemp(prefix="clinic-pg-"))
        self.run_as = {}
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self.folder, UNPRIVILEGED)
            self.run_as = {"user": UNPRIVILEGED, "cwd": self.folder}
        where = ("-D", self.folder / "data")
        self.small = ()
        if mount:
            (self.folder / "data").mkdir()
            mount(self.folder / "data", UNPRIVILEGED if self.run_as else None)
            where += ("--wal-segsize=1",)
            self.small = ("-c", "min_wal_size=2MB", "-c", "max_wal_size=8MB")
        # a machine whose own locale is not installed has this one all the same
        manner = ("-U", "clinic", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self._run("initdb", *where, *manner)
        self.server = None
        self.start()

    def _run(self, program, *arguments):
        subprocess.run(
            [self.bin / program, *arguments], check=True, capture_output=True, **self.run_as
        )

    def start(self):
        """Start the server and wait until it answers."""
        self._begin()
        until = time.monotonic() + 30
        while True:
            try:
                self._run("psql", "-h", self.folder, "-U", "clinic", "-c", "SELECT 1", "postgres")
            except subprocess.CalledProcessError:
                if time.monotonic() > until:
                    raise
                if self.server.poll() is not None:
                    self._begin()  # one of those before held its memory still
                time.sleep(0.1)
            else:
                return

    def _begin(self):
        self.server = subprocess.Popen(
            [
                self.bin / "postgres",
                *("-D", self.folder / "data", "-k", self.folder),
                *("-c", "listen_addresses=", "-c", "max_connections=100"),
                *self.haste,
                *self.small,
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self.run_as,
        )

    def revive(self):
        """Start it again if it gave up."""
        if self.server.poll() is not None:
            self.start()

    def kill(self):
        """End it as a power cut would end its processes."""
        os.kill(self.server.pid, signal.SIGSTOP)  # it begets no other while they are counted
        pids = subprocess.run(
            ["ps", "--ppid", str(self.server.pid), "-o", "pid="],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.split()
        for pid in (self.server.pid, *map(int, pids)):  # one that is left may wait for a dead one
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.server.wait()
        until = time.monotonic() + 20
        while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < until:
            time.sleep(0.05)

    def sql(self, statement):
        """Run one statement in the database `postgres`."""
        self._run("psql", "-h", self.folder, "-U", "clinic", "-c", statement, "postgres")

    def address(self, name):
        """The address of one of its databases."""
        return f"postgresql://clinic@{str(self.folder).replace('/', '%2F')}/{name}"

    def stop(self):
        """Stop it and remove what it wrote."""
        self.server.kill()
        self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def unless_locked():
    """Do it, unless others had their turn for so long that it gave up; nobody was told."""
    try:
        yield
    except OperationalError as error:
        if not any(word in str(error) for word in ("locked", "deadlock")):
            raise


def point_at(described):
    """Let Django's connection be another database from now on; the former description."""
    former = connections.settings["default"]
    connections["default"].close()
    connections.settings["default"] = connections.configure_settings({"default": described})[
        "default"
    ]
    del connections["default"]
    return former


def migrated(described):
    """Bring a database to the newest schema."""
    former = point_at(described)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    connections["default"].close()
    connections.settings["default"] = former
    del connections["default"]


def sqlite_in(folder):
    """The description of a database file in a folder."""
    return database("", Path(folder))
