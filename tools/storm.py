"""The storm: many who book at once, on each engine, and not one overlap.

`make storm ATTEMPTS=N` sends N attempts at each engine from several processes: exact, partial and
adjacent times, holds that lapse, places asked for and confirmed, moves, weekly series, the same
request sent again, and one request that several processes send at one moment under one key. Every
attempt wants a place; what only gives one back (a cancelling, a row removed) makes room between
attempts and is counted apart. A fifth of the attempts are acts of the clinic; the others are rows
put straight into the table, as by a program that asks nothing first, or that checks and then
inserts, so that the guard alone stands against them. A part of all goes at one practitioner's hour,
another in each twentieth of a second, so that they meet.

A watcher asks each second whether any row begins before one of its resource and lane has ended, and
at the end every row is held against every other, each key against its answers, each booking against
its places. Then the same storm, from the same draw, blows in a database of its own from which the
guard was taken away, to show what it is for. Exit 1 on any overlap at any look, on an attempt that
ended in an error, on a request that was answered in two ways, on a booking without its places, on a
kind of attempt that never had a place, and if nothing overlaps without the guard.
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
PRACTITIONERS = 10  # with a room less than them
PEOPLE = 120
DAYS = 21
BOOKINGS_KEPT = 120  # that each process has at a time; about half of all times are then taken
RAW_KEPT = 80  # rows that it has besides, and as many again before the oldest half goes
PENDING_KEPT = 10  # of its bookings, that wait for confirmation
HOT = 0.25  # share of the attempts that go at one hour of one practitioner
TRIES = 20  # of a write that gave way
YIELDS = 0.05  # seconds at most before it comes again
UNGUARDED = 2000  # attempts at most without the guard
SURE = 5000  # attempts from which on each kind must have had a place
ENGINES = ("sqlite", "postgresql")
KINDS = {  # what is sent how often
    "book": 34,
    "hold": 10,
    "ask": 10,
    "confirm": 8,
    "move": 20,
    "series": 6,
    "again": 8,
    "double": 4,
    "insert": 250,
    "check, then insert": 150,
}
PLACED = {"placed", "again", "answered alike"}  # outcomes of which each kind must have one


def main() -> None:
    """Storm each engine and say what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--attempts", type=int, default=20_000, help="on each engine")
    options.add_argument("--engine", choices=ENGINES, action="append", help="left out: both")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    ok = True
    for engine in chosen.engine or ENGINES:
        with _databases(engine) as addresses:
            if addresses is None:
                ok = ok and "CI" not in os.environ
                continue
            for address, attempts, guarded in (
                (addresses[0], chosen.attempts, True),
                (addresses[1], min(chosen.attempts, UNGUARDED), False),
            ):
                ok = _storm(engine, address, attempts, chosen.seed, guarded) and ok
    sys.exit(0 if ok else 1)


@contextmanager
def _databases(engine: str) -> Iterator[tuple[str, str] | None]:
    """Addresses of two empty databases: of a private PostgreSQL server, or files (empty)."""
    if engine == "sqlite":
        yield "", ""
        return
    sys.path.insert(0, str(ROOT / "tests" / "clinic"))
    import databases

    if databases.programs() is None:
        print("postgresql: no PostgreSQL on this machine, not stormed.", file=sys.stderr)
        yield None
        return
    cluster = databases.Cluster()
    try:
        cluster.sql("CREATE DATABASE unguarded")
        yield cluster.address("postgres"), cluster.address("unguarded")
    finally:
        cluster.stop()


def _storm(engine: str, address: str, attempts: int, seed: int, guarded: bool) -> bool:
    """One database in a process of its own, since Django serves one place in a process."""
    folder = Path(tempfile.mkdtemp(prefix="storm-"))
    context = multiprocessing.get_context("spawn")
    try:
        answers = context.Queue()
        run = context.Process(
            target=_run_engine,
            args=(engine, address, str(folder), attempts, seed, guarded, answers),
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
    guarded: bool,
    answers: Any,
) -> None:
    from clinic.place import make_place

    place = Path(folder) / "clinic"
    make_place(place, {"name": "Storm", "database": address})
    _open(str(place))
    _furnish(guarded)
    from clinic.booking.queries import without_places

    blown = _send(str(place), attempts, seed)
    overlaps, twice = _count("OVERLAPS"), blown.answered_in_two_ways
    homeless = len(without_places())
    print(
        f"{engine}{'' if guarded else ' without the guard'}: {attempts} attempts by {WORKERS}"
        f" processes in {blown.took:.1f} s, {attempts / blown.took:.0f}/s; {blown.seen} rows seen"
        f" to overlap in {blown.looks} looks, {overlaps} overlaps at the end; {twice} keys answered"
        f" in two ways, {homeless} bookings without their places."
    )
    never = _tell(engine, blown.outcomes)
    if guarded:
        holds = not (blown.seen or overlaps or twice or homeless)
        failed = any(kind.endswith(": failed") for kind in blown.outcomes)
        answers.put(holds and not failed and not (never and attempts >= SURE) and blown.looks > 0)
    else:
        answers.put(overlaps > 0)


def _tell(engine: str, outcomes: Counter[str]) -> list[str]:
    """Print what came of each kind; the kinds that never had a place."""
    never = []
    for kind in KINDS:
        of_kind = {
            name.removeprefix(f"{kind}: "): count
            for name, count in outcomes.items()
            if name.startswith(f"{kind}: ")
        }
        told = ", ".join(f"{count} {name}" for name, count in sorted(of_kind.items()))
        print(f"{engine}:   {kind:18} {sum(of_kind.values()):7}: {told}")
        never += [] if PLACED & set(of_kind) else [kind]
    room = {name: count for name, count in outcomes.items() if name.startswith("(")}
    print(f"{engine}:   besides: " + ", ".join(f"{n} {name[1:-1]}" for name, n in room.items()))
    if never:
        print(f"{engine}:   never had a place: {', '.join(never)}")
    return never


def _furnish(guarded: bool) -> None:
    from clinic.booking.demonstration import furnish_storm
    from clinic.setting_up import bring_up_to_date

    bring_up_to_date()
    furnish_storm(PRACTITIONERS, PEOPLE)
    from django.db import connection

    from clinic.booking.guard import removal

    if not guarded:
        with connection.cursor() as cursor:
            for statement in removal(connection.vendor):
                cursor.execute(statement)
    connection.close()


class Blown:
    """What a storm left behind."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.took = 0.0
        self.looks = self.seen = 0
        self.answers: dict[str, set[str]] = {}  # of the requests that several processes sent

    @property
    def sent(self) -> int:
        """How many attempts, without what made room for them."""
        return sum(count for name, count in self.outcomes.items() if not name.startswith("("))

    @property
    def answered_in_two_ways(self) -> int:
        """Keys that were, by one process after another or by several at once."""
        at_once = sum(len(given) > 1 for given in self.answers.values())
        return at_once + self.outcomes["again: answered in two ways"]


def _send(folder: str, attempts: int, seed: int) -> Blown:
    """Attempts from several processes that begin at one moment, under the eyes of a watcher."""
    context = multiprocessing.get_context("spawn")
    told, seen, over = context.Queue(), context.Queue(), context.Event()
    line = context.Barrier(WORKERS + 2)
    shares = [attempts // WORKERS + (number < attempts % WORKERS) for number in range(WORKERS)]
    processes = [
        context.Process(target=_attempt_all, args=(folder, share, seed * 1000 + number, told, line))
        for number, share in enumerate(shares)
    ]
    watcher = context.Process(target=_watch, args=(folder, seen, line, over))
    for process in (*processes, watcher):
        process.start()
    blown = Blown()
    line.wait()
    began = shown = time.perf_counter()
    ended = 0
    while ended < WORKERS:
        part = told.get(timeout=600)
        if part is None:
            ended += 1
        elif isinstance(part, dict) and not isinstance(part, Counter):
            for key, answer in part.items():
                blown.answers.setdefault(key, set()).add(answer)
        else:
            blown.outcomes += part
        now = time.perf_counter()
        if now - shown > 10:
            shown = now
            rate = blown.sent / (now - began)
            print(f"  {blown.sent} of {attempts}, {rate:.0f}/s", file=sys.stderr)
    blown.took = time.perf_counter() - began
    over.set()
    blown.looks, blown.seen = seen.get(timeout=60)
    for process in (*processes, watcher):
        process.join()
    return blown


def _watch(folder: str, seen: Any, line: Any, over: Any) -> None:
    """Look each second while the storm blows; how often, and how many rows overlapped in all."""
    _open(folder)
    looks = found = 0
    line.wait()
    while True:
        is_last = over.wait(1)
        found += _count("OVERLAPPING")
        looks += 1
        if is_last:
            seen.put((looks, found))
            return


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
    told.put(storm.doubles)
    told.put(None)


def patiently(call: Callable[[], Any]) -> Any:
    """What a call gives; again where it was not its turn, since nothing was done then.

    SQLite serves its one writer unfairly; on PostgreSQL one of two who wait for each other gives
    way.
    """
    from django.db import OperationalError

    for left in reversed(range(TRIES)):
        try:
            return call()
        except OperationalError as error:
            told = str(error)
            if not left or not ("database is locked" in told or "deadlock detected" in told):
                raise
            time.sleep(random.uniform(0, YIELDS))  # noqa: S311 - or the same meet again
    raise AssertionError("unreachable")


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
            self.rows = lock(keys)
        self.resources = list(self.rows.values())
        self.raw: list[int] = []
        self.mine: list[Any] = []  # bookings, the oldest first
        self.pending: list[Any] = []
        self.sent: list[tuple[Callable[[], Any], Any]] = []
        self.doubles: dict[str, str] = {}
        self.count = 0
        self.kinds = {
            "book": self.book,
            "hold": self.hold,
            "ask": self.ask,
            "confirm": self.confirm,
            "move": self.move,
            "series": self.series,
            "again": self.again,
            "double": self.double,
            "insert": self.insert,
            "check, then insert": self.check_then_insert,
        }

    def one(self) -> list[str]:
        """One attempt of some kind, after room was made for it; what came of each."""
        kind = self.draw.choices(list(KINDS), list(KINDS.values()))[0]
        made = [f"({self.outcome(act)})" for act in self.too_many()]
        return [*made, f"{kind}: {self.outcome(self.kinds[kind])}"]

    def too_many(self) -> list[Callable[[], str]]:
        """What must go so that there is something to fight for."""
        going: list[Callable[[], str]] = []
        going += [self.cancel] if len(self.mine) > BOOKINGS_KEPT else []
        going += [self.cancel_pending] if len(self.pending) > PENDING_KEPT else []
        going += [self.remove] if len(self.raw) >= 2 * RAW_KEPT else []
        return going

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
        """A place on starts ten minutes apart: many meet, exactly or partly; some are hot."""
        return self.hot_slot()[0] if self.draw.random() < HOT else self.drawn(self.draw, 48)

    def hot_slot(self) -> tuple[Any, int]:
        """A place within the hour that all processes go at in this moment, and the moment."""
        tick = int(time.time() * 20)
        return self.drawn(random.Random(tick), 48, self.draw.randrange(6)), tick  # noqa: S311

    def drawn(self, draw: random.Random, starts: int, later: int = 0) -> Any:
        """A place drawn by somebody, some starts later."""
        from clinic.booking.terms import Slot

        day = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(
            days=7 + draw.randrange(DAYS)
        )
        start = day.replace(hour=9) + timedelta(minutes=10 * (draw.randrange(starts) + later))
        return Slot(draw.choice(self.services), draw.choice(self.staff), self.site, start)

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

    def remember(self, call: Callable[[], Any], among: list[Any]) -> Callable[[], Any]:
        """What was booked can be changed later."""

        def remembered() -> Any:
            answer = call()
            if answer.booking not in among:
                among.append(answer.booking)
            return answer

        return remembered

    def book(self) -> str:
        """A visit for somebody."""
        from clinic.audit.actor import system
        from clinic.booking import actions

        slot, key, who = self.slot(), self.key(), self.draw.choice(self.people)
        call = lambda: actions.book(slot, who, by=system("storm"), key=key)  # noqa: E731
        return self.sends(self.remember(call, self.mine), "placed")

    def double(self) -> str:
        """What several processes send at one moment under one key: it is done once."""
        from clinic.audit.actor import system
        from clinic.booking import actions
        from clinic.booking.answers import Taken

        tick = int(time.time() * 20)
        draw = random.Random(tick)  # noqa: S311
        slot, key, who = self.drawn(draw, 48), f"double-{tick}", draw.choice(self.people)
        try:
            reply = actions.book(slot, who, by=system("storm"), key=key)
        except Taken:
            self.doubles[key] = "taken"
            raise
        is_known = key in self.doubles
        self.doubles[key] = str(reply.booking)
        if not is_known and reply.booking not in self.mine:
            self.mine.append(reply.booking)
        return "placed"

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
            held = Booking.objects.filter(pk=reply.booking)
            patiently(lambda: held.update(expires_at=past))
        else:
            self.mine.append(reply.booking)
        return "placed"

    def ask(self) -> str:
        """A place asked for from outside."""
        from clinic.audit.actor import system
        from clinic.booking import actions

        slot, key = self.slot(), self.key()
        who = {"given_name": f"N{self.draw.randrange(40)}", "email": "n@storm.invalid"}
        call = lambda: actions.ask(slot, who, by=system("storm"), key=key)  # noqa: E731
        return self.sends(self.remember(call, self.pending), "placed")

    def read(self, key: Any) -> Any:
        """A booking as it is now."""
        from clinic.booking.models import Booking

        rows = Booking.objects.select_related("service", "staff", "site", "patient", "applicant")
        return rows.get(pk=key)

    def row(self) -> tuple[int, int, int]:
        """A resource and a span before, over or beside what is there.

        Many last as long as the services do, on the starts that the acts take too.
        """
        from clinic.booking.occupying import staff_key

        slot = self.slot()
        begins = int(slot.starts.timestamp()) + self.draw.choice([0, 0, -1, 1, 300])
        ends = begins + self.draw.choice([slot.service.minutes * 60, 600, 1800, 3600])
        of_staff = self.rows[staff_key(slot.staff)]
        return self.draw.choice([of_staff, self.draw.choice(self.resources)]), begins, ends

    def insert(self) -> str:
        """A row for a practitioner or a room that asks nothing first."""
        return self.put(*self.row())

    def check_then_insert(self) -> str:
        """A row that looks first, as is usual elsewhere; what comes in between it cannot see."""
        resource, begins, ends = self.row()
        there = self.rows_of(
            "SELECT id FROM booking_occupancy WHERE resource_id = %s AND lane = 0"
            " AND begins < %s AND ends > %s",
            [resource, ends, begins],
        )
        return "taken" if there else self.put(resource, begins, ends)

    def put(self, resource: int, begins: int, ends: int) -> str:
        """Straight into the table; it is kept a while."""
        from django.db import IntegrityError

        from clinic.booking.answers import is_overlap

        try:
            self.raw += self.rows_of(
                "INSERT INTO booking_occupancy (resource_id, lane, begins, ends)"
                " VALUES (%s, 0, %s, %s) RETURNING id",
                [resource, begins, ends],
            )
        except IntegrityError as error:
            if not is_overlap(error):
                raise
            return "refused by the guard"
        return "placed"

    def remove(self) -> str:
        """The older half of this process' own rows goes."""
        going, self.raw = self.raw[:RAW_KEPT], self.raw[RAW_KEPT:]
        these = ", ".join(["%s"] * RAW_KEPT)
        self.rows_of(f"DELETE FROM booking_occupancy WHERE id IN ({these}) RETURNING id", going)  # noqa: S608
        return f"times {RAW_KEPT} rows removed"

    def rows_of(self, statement: str, values: list[int]) -> list[int]:
        """What a statement of its own gives."""
        from django.db import connection

        def found() -> list[int]:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return [row[0] for row in cursor.fetchall()]

        rows: list[int] = patiently(found)
        return rows

    def cancel(self) -> str:
        """The oldest of its bookings is cancelled, or the hold given up."""
        return self.end(self.mine.pop(0))

    def cancel_pending(self) -> str:
        """The oldest that waits for confirmation is cancelled."""
        return self.end(self.pending.pop(0))

    def end(self, key: Any) -> str:
        """Give a place back."""
        from clinic.audit.actor import system
        from clinic.booking import actions
        from clinic.booking.models import Booking

        booking = self.read(key)
        if booking.state == Booking.State.HELD:
            actions.give_up(booking, by=system("storm"))
            return "holds given up"
        actions.cancel(booking, version=booking.version, by=system("storm"), key=self.key())
        return "bookings cancelled"

    def confirm(self) -> str:
        """A pending place confirmed; nobody asked yet: asked for first."""
        from clinic.audit.actor import system
        from clinic.booking import actions

        if not self.pending:
            self.ask()
        key = self.pending.pop(self.draw.randrange(len(self.pending)))
        actions.confirm(self.read(key), by=system("storm"), key=self.key())
        self.mine.append(key)
        return "placed"

    def move(self) -> str:
        """A visit moved somewhere else: mostly one's own, otherwise anybody's."""
        from clinic.audit.actor import system
        from clinic.booking import actions

        wanted = self.draw.choice(self.mine) if self.mine else None
        if wanted is None or self.draw.random() < 0.1:
            wanted = self.anybodys()
        if wanted is None:
            return "nothing to move"
        booking = self.read(wanted)
        slot, key, version = self.slot(), self.key(), booking.version
        return self.sends(
            lambda: actions.move(booking, slot, version=version, by=system("storm"), key=key),
            "placed",
        )

    def anybodys(self) -> Any:
        """A booking that occupies something in a day to come, whosever it is."""
        from clinic.booking.models import Occupancy

        begins = int(self.slot().starts.timestamp())
        rows = Occupancy.objects.filter(
            resource=self.draw.choice(self.resources), begins__gt=begins, booking__state="booked"
        )
        return rows.order_by("begins").values_list("booking", flat=True).first()

    def series(self) -> str:
        """Three weeks at one wall time, all or none or as many as can be."""
        from clinic.audit.actor import system
        from clinic.booking.series import book_series

        whole = self.draw.random() < 0.5
        who = self.draw.choice(self.people)
        slot = self.slot()
        dates = book_series(slot, who, 3, by=system("storm"), key=self.key(), all_or_none=whole)
        booked = [date.booking for date in dates if date.booking]
        self.mine += booked
        return "placed" if booked else "taken"

    def again(self) -> str:
        """An earlier request, sent once more: the answer must be the one it got."""
        from clinic.booking.answers import Taken

        if not self.sent:
            return "nothing sent yet"
        call, answer = self.draw.choice(self.sent)
        try:
            now = call()
        except Taken:
            now = Taken
        return "answered alike" if now == answer else "answered in two ways"


def _count(name: str) -> int:
    """What a statement of the guard counts."""
    from django.db import connection

    from clinic.booking import guard

    with connection.cursor() as cursor:
        cursor.execute(getattr(guard, name))
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
