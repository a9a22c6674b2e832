"""What reading a chart page costs with its audit row, beside the same page without it.

Fifty people read one page at once in one process, in turns with and without the row, on SQLite and
on a private PostgreSQL whose commits wait for the disk as a clinic's do. Prints pages a second,
latencies and their ratio, beside the target of 1.3, and the ratio of the time that the pages' own
threads had the processor: on a machine with other work it says which of the two missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from verdicts import judged, on_each_engine

PEOPLE = 50
PAGES_EACH = 12
TURNS = 3
TARGET = 1.3


def main() -> None:
    """Measure each engine in a process of its own, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", default=None, help="address of an empty one; empty: SQLite")
    address = options.parse_args().database
    if address is not None:
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder) / "clinic", address)
        return
    on_each_engine(__file__, is_durable=True)


def _measure(folder: Path, database: str) -> None:
    from clinic.place import make_place

    make_place(folder, {"name": "Measured", "database": database})
    os.environ |= {"MYOTOME_CLINIC": str(folder), "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    import django

    django.setup()
    from clinic import gate
    from clinic.demonstration import furnish

    furnish()
    named = vars(gate)
    audited: Callable[..., Any] = named["record_alone"]
    taken: dict[str, list[tuple[float, float]]] = {"with": [], "without": []}
    spent = {"with": 0.0, "without": 0.0}
    for _ in range(TURNS):
        for name in taken:
            named["record_alone"] = audited if name == "with" else _nothing
            began = time.perf_counter()
            taken[name] += _read_at_once()
            spent[name] += time.perf_counter() - began
    named["record_alone"] = audited
    for name, times in taken.items():
        percent = statistics.quantiles([wall for wall, _ in times], n=100)
        print(
            f"{'PostgreSQL' if database else 'SQLite':10} {name:>7} audit row:"
            f" {len(times) / spent[name]:6.0f} pages/s,"
            f" p50 {percent[49] * 1000:6.0f} ms, p95 {percent[94] * 1000:6.0f} ms"
        )
    (ratio, own), busy = _ratios(taken), f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    print(
        f"ratio of mean latencies at {PEOPLE} people: {ratio:.2f} (at most {TARGET}),"
        f" of their own processor time: {own:.2f}; {busy}"
    )
    engine = "postgresql" if database else "sqlite"
    judged(engine, f"audited page beside unaudited, {PEOPLE} people, ratio", ratio, TARGET)


def _ratios(taken: dict[str, list[tuple[float, float]]]) -> tuple[float, ...]:
    """With beside without: of the mean latency, and of the mean time on the processor."""
    means = {
        name: [statistics.mean(one) for one in zip(*each, strict=True)]
        for name, each in taken.items()
    }
    return tuple(one / other for one, other in zip(means["with"], means["without"], strict=True))


def _nothing(*_given: object, **_named: object) -> None:
    """No audit row."""


def _read_at_once() -> list[tuple[float, float]]:
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from clinic.accounts.models import User
    from clinic.patients.models import Patient

    user = User.objects.get(email="practitioner@demonstration.invalid")
    url = reverse("patients:chart", kwargs={"key": Patient.objects.get(given_name="Bo").pk})
    times: list[tuple[float, float]] = []
    ready = threading.Barrier(PEOPLE)

    def read(client: Client) -> None:
        client.get(url)
        ready.wait()
        for _ in range(PAGES_EACH):
            began, own = time.perf_counter(), time.thread_time()
            answer = client.get(url)
            times.append((time.perf_counter() - began, time.thread_time() - own))
            if answer.status_code != 200:
                raise RuntimeError(f"The page must open, got {answer.status_code}.")
        connection.close()

    clients = [Client(SERVER_NAME="localhost") for _ in range(PEOPLE)]
    for client in clients:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["is_secured"] = True
        session.save()
    threads = [threading.Thread(target=read, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


if __name__ == "__main__":
    main()
