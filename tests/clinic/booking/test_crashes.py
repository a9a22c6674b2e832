"""Killed in the middle: nothing acknowledged is lost, nothing is doubled, nothing is half done."""

import multiprocessing
import os
import random
import time
from collections import Counter
from datetime import timedelta

import databases
import pytest
from django.db import connection, connections
from furnishing import BY, furnished, person, slot
from test_guard import overlaps

from clinic.audit.models import Entry
from clinic.booking import actions, rules, terms
from clinic.booking.answers import Taken
from clinic.booking.models import Answer, Booking, Occupancy
from clinic.practice import actions as practice

WRITERS = 3


def book_on(described, place, clinic, people, seed, acked, stop):
    """Book again and again, as one server process; write down each answer once it has come."""
    from django.conf import settings
    from django.db import DatabaseError, InterfaceError

    settings.PLACE = place
    databases.point_at(described)
    draw = random.Random(seed)
    number = 0
    while not stop.is_set():
        number += 1
        key = f"{os.getpid()}-{number}"
        asked = slot(
            clinic,
            8 + draw.randrange(9),
            10 * draw.randrange(6),
            staff=draw.choice([clinic.one, clinic.two]),
            day=clinic.day + timedelta(days=draw.randrange(20)),
        )
        try:
            reply = actions.book(asked, draw.choice(people), by=BY, key=key)
        except (terms.CannotBook, Taken):
            continue
        except (InterfaceError, DatabaseError):  # the server is away
            connections["default"].close()
            time.sleep(0.05)
            continue
        with acked.open("a") as file:
            file.write(f"{key} {reply.booking}\n")
            file.flush()
            os.fsync(file.fileno())


def storm(described, place, clinic, people, folder, kill, rounds):
    """Writers who are killed, or whose server is, and begin again; every answer they got."""
    context = multiprocessing.get_context("fork")
    for turn in range(rounds):
        connections.close_all()
        stop = context.Event()
        writers = [
            context.Process(
                target=book_on,
                args=(
                    described,
                    place,
                    clinic,
                    people,
                    100 * turn + number,
                    folder / f"acked-{turn}-{number}",
                    stop,
                ),
            )
            for number in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        _let_blow(folder, turn)
        kill(writers)
        stop.set()
        for writer in writers:
            writer.join(20)
            if writer.is_alive():
                writer.kill()
                writer.join()
    return [
        line.split() for file in folder.glob("acked-*") for line in file.read_text().splitlines()
    ]


def _let_blow(folder, turn):
    """Until some have been answered, and a moment more, which is another in each turn."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if sum(len(file.read_text().splitlines()) for file in folder.glob(f"acked-{turn}-*")) > 5:
            break
        time.sleep(0.1)
    time.sleep(0.05 * (turn % 7))


def check(acked):
    """What must hold whatever was killed."""
    assert len(acked) > 5, "the storm did not blow"
    assert overlaps() == 0
    kept = {row.pk.hex: row for row in Booking.objects.all()}
    lost = [booking for _, booking in acked if booking.replace("-", "") not in kept]
    assert lost == []
    assert len({booking for _, booking in acked}) == len(acked)
    places = Counter(Occupancy.objects.values_list("booking", flat=True))
    half = [row.pk for row in kept.values() if row.state not in rules.FREE and places[row.pk] != 3]
    assert half == []
    audited = set(Entry.objects.filter(act="visit booked").values_list("subject", flat=True))
    assert {f"booking:{row.pk}" for row in kept.values()} <= audited
    answered = {
        row.answer["booking"] for row in Answer.objects.all() if not row.answer.get("taken")
    }
    assert answered == set(kept)


def kill_writers(writers):
    for writer in writers:
        writer.kill()


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_server_processes_killed_in_mid_storm_lose_and_double_nothing(
    real, place, tmp_path, rounds
):
    people = [real.ada, real.bo] + [person(f"P{number}", real.site) for number in range(8)]
    if real.engine == "sqlite":
        described = databases.sqlite_in(place.folder)
    else:
        described = databases.database(real.address, place.folder) | {"CONN_MAX_AGE": 0}

    acked = storm(described, place, real, people, tmp_path, kill_writers, rounds)

    check(acked)


@pytest.mark.postgresql
@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_postgresql_killed_in_mid_storm_loses_and_doubles_nothing(
    postgresql_practice, place, tmp_path, kills
):
    server = postgresql_practice
    site = practice.found_practice(
        jurisdiction="ca-bc",
        site="Main Street",
        time_zone="America/Vancouver",
        is_demonstration=False,
        by=BY,
    )
    clinic = furnished(site)
    people = [clinic.ada, clinic.bo] + [person(f"P{number}", site) for number in range(8)]
    described = databases.database(server.address("postgres"), place.folder) | {"CONN_MAX_AGE": 0}

    def kill_and_start(_writers):
        server.kill()
        (server.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        server.start()
        time.sleep(0.5)

    acked = storm(described, place, clinic, people, tmp_path, kill_and_start, kills)

    connection.close()
    check(acked)
