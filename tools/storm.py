"""The storm: many who book at once, on each engine, and not one overlap.

`make storm ATTEMPTS=N` sends N attempts at each engine from several processes: exact, partial and
adjacent times, holds that lapse, places asked for and confirmed, moves, cancellings, weekly series,
and the same request sent again. Of five attempts two are such acts, which look before they book;
three are rows put straight into the table, as by a program that asks nothing first, so that the
guard alone stands against them. Then the database is asked for overlaps, row against row, and every
key for its one answer. Then the guard is taken away and bookings are checked and then inserted, as
is usual elsewhere, to show what it is for. Exit 1 on any overlap, on any request answered in two
ways, on any booking without its places, and if the unguarded run shows nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
WORKERS = 4
PRACTITIONERS = 6
PEOPLE = 60
DAYS = 10  # few places for many, so that attempts meet
RAW_KEPT = 25  # rows that each process has at a time besides its bookings
UNGUARDED = 400  # attempts of the run without the guard, all at one practitioner's day
ENGINES = ("sqlite", "postgresql")


def main() -> None:
    """Storm each engine and say what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--attempts", type=int, default=20_000, help="on each engine")
    options.add_argument("--engine", choices=ENGINES, action="append", help="left out: both")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    ok = True
    for engine in chosen.engine or ENGINES:
        with _database(engine) as address:
            if address is None:
                ok = ok and "CI" not in os.environ
                continue
            ok = _storm(engine, address, chosen.attempts, chosen.seed) and ok
    sys.exit(0 if ok else 1)


@contextmanager
def _database(engine: str) -> Iterator[str | None]:
    """The address of an empty database: a private PostgreSQL server, or a file (empty)."""
    if engine == "sqlite":
        yield ""
        return
    sys.path.insert(0, str(ROOT / "tests" / "clinic"))
    import databases

    if databases.programs() is None:
        print("postgresql: no PostgreSQL on this machine, not stormed.", file=sys.stderr)
        yield None
        return
    cluster = databases.Cluster()
    try:
        yield cluster.address("postgres")
    finally:
        cluster.stop()


def _storm(engine: str, address: str, attempts: int, seed: int) -> bool:
    """One engine in a process of its own, since Django serves one place in a process."""
    folder = Path(tempfile.mkdtemp(prefix="storm-"))
    context = multiprocessing.get_context("spawn")
    try:
        answers = context.Queue()
        run = context.Process(
            target=_run_engine, args=(engine, address, str(folder), attempts, seed, answers)
        )
        run.start()
        run.join()
        return run.exitcode == 0 and bool(answers.get(timeout=10))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open(folder: str) -> None:
    os.environ |= {"MYOTOME_CLINIC": folder, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    import django

    django.setup()


def _run_engine(
    engine: str,
    address: str,
    folder: str,
    attempts: int,
    seed: int,
    answers: Any,
) -> None:
    from clinic.place import make_place

    place = Path(folder) / "clinic"
    make_place(place, {"name": "Storm", "database": address})
    _open(str(place))
    _furnish()
    outcomes, took = _send(str(place), attempts, seed, guarded=True)
    overlaps, homeless = _overlaps(), _without_places()
    twice = outcomes.pop("answered in two ways", 0)
    print(
        f"{engine}: {attempts} attempts by {WORKERS} processes in {took:.1f} s,"
        f" {attempts / took:.0f} attempts/s; {overlaps} overlaps, {twice} keys answered in two"
        f" ways, {homeless} bookings without their places."
    )
    print(f"{engine}: " + ", ".join(f"{name} {count}" for name, count in sorted(outcomes.items())))
    unguarded = _without_guard(str(place), seed)
    print(f"{engine}: without the guard {UNGUARDED} attempts left {unguarded} overlaps.")
    failed = outcomes.get("failed", 0)
    answers.put(not (overlaps or twice or homeless or failed) and unguarded > 0)


def _furnish() -> None:
    from clinic.booking.demonstration import furnish_storm
    from clinic.setting_up import bring_up_to_date

    bring_up_to_date()
    furnish_storm(PRACTITIONERS, PEOPLE)
    from django.db import connection

    connection.close()


def _send(folder: str, attempts: int, seed: int, *, guarded: bool) -> tuple[Counter[str], float]:
    """Attempts from several processes that begin at one moment; how they ended, in what time."""
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    line = context.Barrier(WORKERS + 1)
    shares = [attempts // WORKERS + (number < attempts % WORKERS) for number in range(WORKERS)]
    work = _attempt_all if guarded else _naive_all
    processes = [
        context.Process(target=work, args=(folder, share, seed * 1000 + number, told, line))
        for number, share in enumerate(shares)
    ]
    for process in processes:
        process.start()
    outcomes: Counter[str] = Counter()
    line.wait()
    began = shown = time.perf_counter()
    ended = 0
    while ended < WORKERS:
        part = told.get(timeout=600)
        if part is None:
            ended += 1
            continue
        outcomes += part
        now = time.perf_counter()
        if now - shown > 10:
            shown = now
            done = sum(outcomes.values())
            print(f"  {done} of {attempts}, {done / (now - began):.0f}/s", file=sys.stderr)
    for process in processes:
        process.join()
    return outcomes, time.perf_counter() - began


def _attempt_all(folder: str, count: int, seed: int, told: Any, line: Any) -> None:
    _open(folder)
    storm = Attempts(random.Random(seed))  # noqa: S311 - a storm that can be repeated
    part: Counter[str] = Counter()
    line.wait()
    for number in range(count):
        part.update(storm.one())
        if number % 100 == 99:
            told.put(part)
            part = Counter()
    told.put(part)
    told.put(None)


class Attempts:
    """One process' share of the storm."""

    def __init__(self, draw: random.Random) -> None:
        from django.db import transaction

        from clinic.booking.models import Bookable, Room, Service
        from clinic.booking.occupying import lock, room_key, staff_key
        from clinic.patients.models import Patient
        from clinic.practice.models import Site

        self.draw = draw
        self.site = Site.objects.get()
        self.staff = [row.staff for row in Bookable.objects.select_related("staff")]
        self.services = list(Service.objects.all())
        self.people = list(Patient.objects.all())
        keys = [*map(staff_key, self.staff), *map(room_key, Room.objects.all())]
        with transaction.atomic():
            self.resources = list(lock(keys).values())
        self.raw: list[int] = []
        self.mine: list[Any] = []
        self.sent: list[tuple[Callable[[], Any], Any]] = []
        self.count = 0

    def one(self) -> list[str]:
        """One attempt of some kind; what came of it."""
        kinds = {
            self.book: 46,
            self.hold: 8,
            self.ask: 8,
            self.confirm: 6,
            self.move: 14,
            self.cancel: 6,
            self.series: 4,
            self.again: 8,
            self.insert: 150,
        }
        act = self.draw.choices(list(kinds), list(kinds.values()))[0]
        return [self.outcome(act)]

    def outcome(self, act: Callable[[], str]) -> str:
        """The word for what came of it."""
        from clinic.booking.actions import ChangedMeanwhile
        from clinic.booking.answers import Taken
        from clinic.booking.series import NotAll
        from clinic.booking.terms import CannotBook

        try:
            return act()
        except (Taken, NotAll):
            return "taken"
        except ChangedMeanwhile:
            return "changed meanwhile"
        except CannotBook:
            return "not bookable"
        except Exception as error:  # noqa: BLE001 - counted, and the storm fails by it
            print(f"  {act.__name__}: {type(error).__name__}: {error}", file=sys.stderr)
            return "failed"

    def slot(self) -> Any:
        """A place in few days, on starts ten minutes apart: many meet, exactly or partly."""
        from clinic.booking.terms import Slot

        day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(
            days=7 + self.draw.randrange(DAYS)
        )
        start = day.replace(hour=9) + timedelta(minutes=10 * self.draw.randrange(48))
        return Slot(self.draw.choice(self.services), self.draw.choice(self.staff), self.site, start)

    def key(self) -> str:
        """A key of its own."""
        self.count += 1
        return f"{os.getpid()}-{self.count}"

    def sends(self, call: Callable[[], Any], then: str) -> str:
        """Send it, remember what was answered, so that it can be sent again."""
        from clinic.booking.answers import Taken

        try:
            answer = call()
        except Taken:
            self.sent.append((call, Taken))
            raise
        self.sent.append((call, answer))
        self.sent = self.sent[-50:]
        return then

    def remember(self, call: Callable[[], Any]) -> Callable[[], Any]:
        """What was booked can be changed later."""

        def remembered() -> Any:
            answer = call()
            self.mine = [*self.mine[-40:], answer.booking]
            return answer

        return remembered

    def book(self) -> str:
        """A visit for somebody."""
        from clinic.audit.actor import system
        from clinic.booking import actions

        slot, key, who = self.slot(), self.key(), self.draw.choice(self.people)
        return self.sends(
            self.remember(lambda: actions.book(slot, who, by=system("storm"), key=key)), "booked"
        )

    def hold(self) -> str:
        """A place held, which lapses before long in some cases."""
        from clinic.audit.actor import system
        from clinic.booking import actions
        from clinic.booking.models import Booking

        reply = actions.book(
            self.slot(), None, by=system("storm"), state=Booking.State.HELD, key=self.key()
        )
        if self.draw.random() < 0.7:
            past = datetime.now(UTC) - timedelta(seconds=1)
            Booking.objects.filter(pk=reply.booking).update(expires_at=past)
        return "held"

    def ask(self) -> str:
        """A place asked for from outside."""
        from clinic.audit.actor import system
        from clinic.booking import actions

        slot, key = self.slot(), self.key()
        who = {"given_name": f"N{self.draw.randrange(40)}", "email": "n@storm.invalid"}
        return self.sends(
            self.remember(lambda: actions.ask(slot, who, by=system("storm"), key=key)), "asked for"
        )

    def a_booking(self) -> Any:
        """One that this process made, as it is now."""
        from clinic.booking.models import Booking

        if not self.mine:
            return None
        rows = Booking.objects.select_related("service", "staff", "site", "patient", "applicant")
        return rows.get(pk=self.draw.choice(self.mine))

    def insert(self) -> str:
        """A row for a practitioner or a room, before, over or beside what is there; kept a while.

        Half of them last as long as the services do, on the starts that the acts take too.
        """
        from django.db import IntegrityError, connection

        from clinic.booking.answers import is_overlap

        if len(self.raw) >= RAW_KEPT:
            return self.remove()
        slot = self.slot()
        begins = int(slot.starts.timestamp()) + self.draw.choice([0, 0, -1, 1, 300])
        ends = begins + self.draw.choice([slot.service.minutes * 60, 600, 1800, 3600])
        resource = self.draw.choice(self.resources)
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO booking_occupancy (resource_id, lane, begins, ends)"
                    " VALUES (%s, 0, %s, %s) RETURNING id",
                    [resource, begins, ends],
                )
                self.raw.append(cursor.fetchone()[0])
        except IntegrityError as error:
            if not is_overlap(error):
                raise
            return "row refused by the guard"
        return "row inserted"

    def remove(self) -> str:
        """The oldest of this process' own rows goes, so that there is something to fight for."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM booking_occupancy WHERE id = %s", [self.raw.pop(0)])
        return "row removed"

    def confirm(self) -> str:
        """A pending place confirmed."""
        from clinic.audit.actor import system
        from clinic.booking import actions
        from clinic.booking.models import Booking

        booking = self.a_booking()
        if booking is None or booking.state != Booking.State.PENDING:
            return self.book()
        actions.confirm(booking, by=system("storm"), key=self.key())
        return "confirmed"

    def move(self) -> str:
        """A visit moved somewhere else."""
        from clinic.audit.actor import system
        from clinic.booking import actions

        booking = self.a_booking()
        if booking is None:
            return self.book()
        slot, key, version = self.slot(), self.key(), booking.version
        return self.sends(
            lambda: actions.move(booking, slot, version=version, by=system("storm"), key=key),
            "moved",
        )

    def cancel(self) -> str:
        """A visit cancelled."""
        from clinic.audit.actor import system
        from clinic.booking import actions

        booking = self.a_booking()
        if booking is None:
            return self.book()
        key, version = self.key(), booking.version
        return self.sends(
            lambda: actions.cancel(booking, version=version, by=system("storm"), key=key),
            "cancelled",
        )

    def series(self) -> str:
        """Three weeks at one wall time, all or none or as many as can be."""
        from clinic.audit.actor import system
        from clinic.booking.series import book_series

        whole = self.draw.random() < 0.5
        who = self.draw.choice(self.people)
        book_series(self.slot(), who, 3, by=system("storm"), key=self.key(), all_or_none=whole)
        return "series"

    def again(self) -> str:
        """An earlier request, sent once more: the answer must be the one it got."""
        from clinic.booking.answers import Taken

        if not self.sent:
            return self.book()
        call, answer = self.draw.choice(self.sent)
        try:
            now = call()
        except Taken:
            now = Taken
        return "answered again" if now == answer else "answered in two ways"


def _naive_all(folder: str, count: int, seed: int, told: Any, line: Any) -> None:
    """Check, then insert: what booking is without the guard and its locks."""
    _open(folder)
    from django.db import OperationalError

    from clinic.booking.models import Occupancy, Resource

    draw = random.Random(seed)  # noqa: S311 - a storm that can be repeated
    resource = Resource.objects.get_or_create(key="staff:naive")[0]
    part: Counter[str] = Counter()
    line.wait()
    for number in range(count):
        begins = 600 * (4 * number + draw.randrange(3))  # all want about the same at one moment
        ends = begins + 1800
        if Occupancy.objects.filter(resource=resource, begins__lt=ends, ends__gt=begins).exists():
            part["taken"] += 1
            continue
        time.sleep(0.005)  # what a page does between its check and its insert
        try:
            Occupancy.objects.create(resource=resource, begins=begins, ends=ends)
        except OperationalError:
            part["failed"] += 1
        part["booked"] += 1
    told.put(part)
    told.put(None)


def _without_guard(folder: str, seed: int) -> int:
    from django.db import connection

    from clinic.booking.guard import removal

    with connection.cursor() as cursor:
        for statement in removal(connection.vendor):
            cursor.execute(statement)
    connection.close()
    _send(folder, UNGUARDED, seed + 1, guarded=False)
    return _overlaps()


def _overlaps() -> int:
    from django.db import connection

    from clinic.booking.guard import OVERLAPS

    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        return int(cursor.fetchone()[0])


def _without_places() -> int:
    """Bookings that should occupy something and do not, or the other way round."""
    from clinic.booking import rules
    from clinic.booking.models import Booking

    taking = Booking.objects.exclude(state__in=rules.FREE).filter(occupancies=None)
    freed = Booking.objects.filter(state__in=rules.FREE).exclude(occupancies=None)
    return taking.count() + freed.count()


if __name__ == "__main__":
    main()
