"""The clinic's command as a process, for tests that need the real thing."""

import contextlib
import os
import re
import signal
import subprocess
import sys

from clinic.place import make_place

FURNISH = """
import django; django.setup()
from clinic.demonstration import furnish; furnish()
"""
MYOTOME = [sys.executable, "-m", "myotome.cli"]


def environment(folder):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MYOTOME")}
    return kept | {"MYOTOME_CLINIC": str(folder)}


def run(folder, *words):
    """One command to its end."""
    return subprocess.run(
        [*MYOTOME, "clinic", *words],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(folder),
        check=False,
    )


def furnish(folder, database):
    """Make a demonstration whose data lie in a database of its own; `demo --at` then opens it."""
    make_place(folder, {"name": "Demonstration clinic", "database": database})
    subprocess.run(
        [sys.executable, "-c", FURNISH],
        check=True,
        env=environment(folder) | {"DJANGO_SETTINGS_MODULE": "clinic.settings"},
    )


@contextlib.contextmanager
def running(folder, *words):
    """A clinic that serves; `address` says where."""
    process = subprocess.Popen(
        [*MYOTOME, "clinic", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(folder),
    )
    lines = []
    try:
        while not any("Clinic ready" in line for line in lines):
            line = process.stdout.readline()
            assert line, process.stderr.read()
            lines.append(line)
        process.address = re.search(r"http://localhost:\d+", lines[-1])[0]
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(30)
        process.stdout.close()
        process.stderr.close()
