"""Backups: sealed, whole, brought back row by row into an empty place or not at all."""

import fcntl
import itertools
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace
from importlib import import_module

import databases
import pytest
from conftest import BY, client_of, join
from databases import unless_locked
from django.conf import settings
from django.db import connection, connections, transaction
from django.urls import reverse
from processes import environment, open_to_processes

from clinic import backup
from clinic.accounts.models import User
from clinic.audit.actions import exported_head, seal
from clinic.audit.queries import verify
from clinic.patients import actions as patients
from clinic.patients.models import Patient
from clinic.place import Keys
from clinic.practice.models import Role
from clinic.records import actions as records
from clinic.records.models import Note
from myotome.errors import CannotWrite, InputError


def sign_in():
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["who"] = "somebody"
    session.save()


@pytest.fixture
def empty_place(committed_practice, place, tmp_path, request, monkeypatch):
    """When called, lets the clinic be in an empty place of the same engine, with the same keys."""

    def move():
        again = replace(place, folder=tmp_path / "again")
        again.folder.mkdir()
        monkeypatch.setattr(settings, "PLACE", again)
        if committed_practice.engine == "sqlite":
            databases.point_at(databases.sqlite_in(again.folder))
            return
        cluster = request.getfixturevalue("cluster")
        name = f"again_{abs(hash(request.node.nodeid)) % 10**10}"
        cluster.sql(f"CREATE DATABASE {name}")
        described = databases.database(cluster.address(name), again.folder) | {"CONN_MAX_AGE": 0}
        databases.point_at(described)

    return move


@pytest.fixture
def emptied(committed_practice, tmp_path, empty_place):
    """A sealed file of a clinic in which somebody is signed in, and an empty place to put it."""
    User.objects.create(email="ada@clinic.test", name="Ada")
    sign_in()
    sealed = backup.back_up(tmp_path / "disk")
    empty_place()
    return sealed


def test_a_backup_comes_back_whole_and_nobody_is_signed_in(emptied):
    restored = backup.bring_back(emptied)

    assert User.objects.get().name == "Ada"
    assert restored.linked == exported_head()[0] > 0
    assert verify().is_whole
    assert import_module("django.contrib.sessions.models").Session.objects.count() == 0
    seal()
    assert verify().is_whole


def test_a_backup_waits_longer_for_its_turn_than_a_page_may(committed_practice, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("one writer at a time is of SQLite")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 50")  # a page's patience
    held, let_go = threading.Event(), threading.Event()

    def hold():
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
            other.execute("BEGIN IMMEDIATE")
            held.set()
            let_go.wait(30)
            other.rollback()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(30)
    threading.Timer(0.5, let_go.set).start()
    assert backup.back_up(tmp_path / "disk").exists()
    holder.join()
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone()[0] == 50
    connection.close()  # the next one begins with the patience of the settings


class Writers:
    """Several who write without pause; what they were told was kept, in order."""

    def __init__(self, site):
        self.kept, self.stop = [], threading.Event()
        self.threads = [threading.Thread(target=self._write, args=(site, n)) for n in range(3)]

    def _write(self, site, writer):
        try:
            for number in itertools.count():
                if self.stop.is_set():
                    return
                name = f"{writer}:{number}"
                with unless_locked():
                    patients.add_patient({"given_name": name}, site=site, by=BY)
                    self.kept.append(name)
        finally:
            connections.close_all()

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_failure):
        self.stop.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize(
    "people", [60, pytest.param(10_000, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_a_copy_made_while_others_write_comes_back_row_by_row(
    committed_practice, tmp_path, empty_place, people
):
    """Everything that was acknowledged before it is in it; the minutes are printed."""
    site = committed_practice.site
    carer = join("carer", site, Role.PRACTITIONER)
    with transaction.atomic():
        for number in range(people):
            patient = patients.add_patient(
                {"family_name": "Sample", "given_name": f"Ada {number}", "phone": "604 555 0100"},
                site=site,
                by=BY,
            )
            patients.start_care(patient, carer, "booked", by=BY)
            visit = records.start_visit(patient, staff=carer, site=site, kind="first", by=BY)
            records.sign_note(visit, carer, f"Note {number}.", needs_co_sign=False, by=BY)
    while seal():
        pass
    with Writers(site) as writers:
        until = time.monotonic() + 60
        while len(writers.kept) < 10:
            assert time.monotonic() < until, "nobody writes"
            time.sleep(0.01)
        before, began = set(writers.kept), time.monotonic()
        sealed = backup.back_up(tmp_path / "disk")
        copied, meanwhile = time.monotonic() - began, len(writers.kept) - len(before)
    empty_place()

    began = time.monotonic()
    restored = backup.bring_back(sealed)
    back = time.monotonic() - began
    print(  # noqa: T201 - the minutes are what it is about
        f"{committed_practice.engine}: {people} people, {restored.rows} rows in {restored.tables}"
        f" tables, {sealed.stat().st_size / 1e6:.1f} MB sealed; copied in {copied / 60:.2f} min"
        f" while {meanwhile} acts were acknowledged; brought back in {back / 60:.2f} min"
    )
    assert meanwhile > 0
    raw = sealed.read_bytes()
    assert not [word for word in (b"Sample", b"604 555 0100", b"Note 1") if word in raw]
    assert before <= set(Patient.objects.values_list("given_name", flat=True))
    assert Note.objects.count() == people
    assert verify().is_whole
    page = reverse("patients:chart", kwargs={"key": patient.pk})
    assert client_of(carer).get(page).status_code == 200
    assert back < 15 * 60


def test_a_second_restore_into_the_same_place_is_refused(emptied):
    backup.bring_back(emptied)

    with pytest.raises(InputError, match="must be empty"):
        backup.bring_back(emptied)


@pytest.mark.parametrize("wrong", ["digests", "audit"])
def test_what_is_not_as_it_was_copied_does_not_stay(emptied, monkeypatch, wrong):
    with monkeypatch.context() as broken:
        if wrong == "digests":
            broken.setattr(backup, "digests", dict)
        else:
            own = settings.PLACE
            keys = replace(own.keys, audit={"1": "another key than the one that signed"})
            broken.setattr(settings, "PLACE", replace(own, keys=keys))
        with pytest.raises(CannotWrite):
            backup.bring_back(emptied)

    assert connection.introspection.table_names() == []
    assert exported_head() is None
    assert backup.bring_back(emptied).rows > 0


def test_only_the_sealed_file_is_ever_in_its_folder(
    committed_practice, place, tmp_path, monkeypatch
):
    disk, seen = tmp_path / "disk", []
    really = backup._seal_into

    def look(header, source, target):
        seen.extend(path for path in disk.rglob("*") if path.stat().st_size)
        seen.extend(place.folder.glob("copying-*/data"))
        really(header, source, target)

    monkeypatch.setattr(backup, "_seal_into", look)
    path = backup.back_up(disk)

    assert [found.parent.parent for found in seen] == [place.folder]
    assert list(disk.iterdir()) == [path]
    assert not list(place.folder.glob("copying-*"))


def test_a_backup_that_fails_leaves_nothing_behind(
    committed_practice, place, tmp_path, monkeypatch
):
    def full(*_arguments):
        raise OSError(28, "No space left")

    monkeypatch.setattr(backup, "_seal_into", full)
    with pytest.raises(OSError, match="No space"):
        backup.back_up(tmp_path / "disk")

    assert not list((tmp_path / "disk").iterdir())
    assert not list(place.folder.glob("copying-*"))


def test_nothing_is_backed_up_with_default_keys(committed_practice, place, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "PLACE", replace(place, keys=Keys()))

    with pytest.raises(InputError, match="default keys"):
        backup.back_up(tmp_path / "disk")
    assert not (tmp_path / "disk").exists()


KILLED = """
import os, signal
import django; django.setup()
from pathlib import Path
from clinic import backup
sealing = backup._seal_into
def die(header, source, target):
    sealing(header, source, target)
    target.flush()
    os.kill(os.getpid(), signal.SIGKILL)
backup._seal_into = die
backup.back_up(Path({disk!r}))
"""


def test_what_a_killed_backup_left_is_taken_away_by_the_next(committed_practice, place, tmp_path):
    """It lay there unsealed."""
    disk = tmp_path / "disk"
    open_to_processes(place, database=committed_practice.address)
    named = environment(place.folder) | {"DJANGO_SETTINGS_MODULE": "clinic.settings"}
    command = [sys.executable, "-c", KILLED.format(disk=str(disk))]
    killed = subprocess.run(command, env=named, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert list(place.folder.glob("copying-*/data"))
    assert list(disk.glob("*.unfinished"))
    elsewhere = disk / "clinic-20270309T101500Z.sealed.1.unfinished"

    with elsewhere.open("wb") as under_way:  # of another clinic, which writes it now
        fcntl.flock(under_way, fcntl.LOCK_EX)
        path = backup.back_up(disk)

    assert sorted(disk.iterdir()) == sorted([path, elsewhere])
    assert not list(place.folder.glob("copying-*"))


def test_two_backups_of_one_place_never_copy_at_once(committed_practice, place, tmp_path):
    with backup._alone(), pytest.raises(CannotWrite, match="Another backup"):
        backup.back_up(tmp_path / "disk")

    assert backup.back_up(tmp_path / "disk").exists()
