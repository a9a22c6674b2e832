"""The clinic's command as a process, for tests that need the real thing."""

import contextlib
import os
import re
import signal
import subprocess
import sys

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
