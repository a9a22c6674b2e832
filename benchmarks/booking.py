"""What the guard costs: booking at a steady pace beside check-then-insert, and finding free times.

Attempts come at a fixed pace from several threads (an open loop: a slow answer does not slow the
next attempt, and time spent waiting for a thread counts), in turns with the guarded act and with a
plain check and insert of a booking and one row, on SQLite and on a private PostgreSQL. Prints p50,
p95 and p99 beside the targets and as ratios of the two, how long each takes alone with their ratio,
and the free times of 50 practitioners over 60 days.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from verdicts import judged, on_each_engine

TARGETS = {"postgresql": (100, 100, 300), "sqlite": (50, 150, None)}  # a second; p95, p99 in ms
SECONDS = 10
TURNS = 3
THREADS = 8
ALONE = 200
PRACTITIONERS = 50
DAYS = 60
FREE_TIMES = 100  # ms


def main() -> None:
    """Measure each engine in a process of its own, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", default=None, help="address of an empty one; empty: SQLite")
    options.add_argument("--seconds", type=float, default=SECONDS, help="of each turn")
    chosen = options.parse_args()
    if chosen.database is not None:
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder) / "clinic", chosen.database, chosen.seconds)
        return
    on_each_engine(__file__, "--seconds", str(chosen.seconds))


def _measure(folder: Path, database: str, seconds: float) -> None:
    from clinic.place import make_place

    make_place(folder, {"name": "Measured", "database": database})
    os.environ |= {"MYOTOME_CLINIC": str(folder), "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    import django

    django.setup()
    from clinic.booking.demonstration import furnish_storm
    from clinic.setting_up import bring_up_to_date

    bring_up_to_date()
    furnish_storm(PRACTITIONERS, 200)
    engine = "postgresql" if database else "sqlite"
    pace, p95, p99 = TARGETS[engine]
    work = Work()
    taken: dict[str, list[float]] = {"guarded": [], "check, then insert": []}
    for turn in range(TURNS):
        for name, act in (("guarded", work.guarded), ("check, then insert", work.naive)):
            taken[name] += _at_a_pace(act, pace, seconds, turn)
    cuts = {name: statistics.quantiles(times, n=100) for name, times in taken.items()}
    for name, times in taken.items():
        cut = cuts[name]
        print(
            f"{engine:10} {name:>18} at {pace}/s: p50 {cut[49] * 1000:6.1f} ms,"
            f" p95 {cut[94] * 1000:6.1f} ms, p99 {cut[98] * 1000:6.1f} ms ({len(times)} attempts)"
        )
    p95s, p99s = ([cut[at] * 1000 for cut in cuts.values()] for at in (94, 98))
    print(
        f"{engine:10} guarded beside check, then insert, at {pace}/s: p95 {p95s[0] / p95s[1]:.2f},"
        f" p99 {p99s[0] / p99s[1]:.2f} times"
    )
    judged(engine, f"booking at {pace} attempts/s, p95", p95s[0], p95, " ms")
    if p99:
        judged(engine, f"booking at {pace} attempts/s, p99", p99s[0], p99, " ms")
    guarded, naive = _alone(work)
    print(
        f"{engine:10} alone, one after the other: {guarded * 1000:.1f} ms guarded,"
        f" {naive * 1000:.1f} ms unguarded, ratio {guarded / naive:.2f}"
    )
    wanted = f"p95 at most {p95} ms" + (f", p99 at most {p99} ms" if p99 else "")
    print(f"{engine:10} target of the guarded act: {wanted}")
    _free_times(engine)


class Work:
    """One attempt of each kind, drawn from the same places."""

    def __init__(self) -> None:
        from clinic.booking.models import Bookable, Resource, Service
        from clinic.patients.models import Patient
        from clinic.practice.models import Site

        self.site = Site.objects.get()
        self.staff = [row.staff for row in Bookable.objects.select_related("staff")]
        self.services = list(Service.objects.all())
        self.people = list(Patient.objects.all())
        self.naive_rows = [
            Resource.objects.create(key=f"naive:{number}") for number in range(PRACTITIONERS)
        ]

    def _slot(self, draw: random.Random) -> Any:  # noqa: ANN401 - what the booking names it
        from clinic.booking.terms import Slot

        day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        start = day + timedelta(days=2 + draw.randrange(DAYS), minutes=20 * draw.randrange(40))
        return Slot(draw.choice(self.services), draw.choice(self.staff), self.site, start)

    def guarded(self, draw: random.Random, key: str) -> None:
        """As the clinic books: locks, guard, audit row, key."""
        from clinic.audit.actor import system
        from clinic.booking import actions, terms
        from clinic.booking.answers import Taken

        with contextlib.suppress(Taken, terms.CannotBook):
            actions.book(self._slot(draw), draw.choice(self.people), by=system("bench"), key=key)

    def naive(self, draw: random.Random, _key: str) -> None:
        """Check, then insert a booking and its rows, with an audit row and no lock."""
        from django.db import transaction

        from clinic.audit.actions import record
        from clinic.audit.actor import system
        from clinic.booking import terms, times
        from clinic.booking.models import Booking, Occupancy
        from clinic.booking.occupying import set_time

        slot = self._slot(draw)
        begins = times.seconds(slot.starts)
        ends = begins + slot.service.minutes * 60
        resource = self.naive_rows[slot.staff.pk % PRACTITIONERS]
        try:
            terms.check(slot, terms.STAFF)
        except terms.CannotBook:
            return
        with transaction.atomic():
            taken = Occupancy.objects.filter(
                resource=resource, begins__lt=ends, ends__gt=begins
            ).exists()
            if taken:
                return
            booking = Booking(
                state="booked",
                service=slot.service,
                staff=slot.staff,
                site=slot.site,
                patient=draw.choice(self.people),
                made_at=datetime.now(UTC),
            )
            set_time(booking, slot.starts)
            booking.save(force_insert=True)
            Occupancy.objects.create(resource=resource, begins=begins, ends=ends, booking=booking)
            record("visit booked", by=system("bench"), subject=f"booking:{booking.pk}")


def _alone(work: Work) -> tuple[float, float]:
    """Median time of each kind, in turns, with nobody else there."""
    spent: tuple[list[float], list[float]] = ([], [])
    for number in range(ALONE):
        for times, act in zip(spent, (work.guarded, work.naive), strict=True):
            draw = random.Random(77_000_000 + number)  # noqa: S311 - can be repeated
            began = time.perf_counter()
            act(draw, f"alone-{act.__name__}-{number}")
            times.append(time.perf_counter() - began)
    return statistics.median(spent[0]), statistics.median(spent[1])


def _at_a_pace(
    act: Callable[[random.Random, str], None], pace: int, seconds: float, turn: int
) -> list[float]:
    """Attempts that begin on time whatever becomes of the others; how long each took from then."""
    from django.db import close_old_connections, connection

    due: queue.Queue[tuple[int, float] | None] = queue.Queue()
    taken: list[float] = []

    def work() -> None:
        while (item := due.get()) is not None:
            number, begins = item
            draw = random.Random(turn * 1_000_000 + number)  # noqa: S311 - can be repeated
            act(draw, f"{act.__name__}-{turn}-{number}")
            taken.append(time.perf_counter() - begins)
            close_old_connections()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    start = time.perf_counter()
    for number in range(int(pace * seconds)):
        begins = start + number / pace
        time.sleep(max(0.0, begins - time.perf_counter()))
        due.put((number, begins))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    return taken


def _free_times(engine: str) -> None:
    """The free times of all practitioners over all days, with what was booked above."""
    from clinic.booking.models import Service
    from clinic.booking.queries import free_times, giving
    from clinic.practice.models import Site

    site, service = Site.objects.get(), Service.objects.get(name="Follow-up")
    staff = giving(service, site, public_only=True)
    now = datetime.now(UTC)
    spent = []
    for _ in range(5):
        began = time.perf_counter()
        found = free_times(
            service,
            site,
            staff,
            first=now.date(),
            last=now.date() + timedelta(days=DAYS),
            not_before=now,
        )
        spent.append(time.perf_counter() - began)
    print(
        f"{engine:10} free times of {len(staff)} practitioners over {DAYS} days:"
        f" {statistics.median(spent) * 1000:.0f} ms, {len(found)} starts"
    )
    what = f"free times of {len(staff)} practitioners over {DAYS} days"
    judged(engine, what, statistics.median(spent) * 1000, FREE_TIMES, " ms")


if __name__ == "__main__":
    main()
