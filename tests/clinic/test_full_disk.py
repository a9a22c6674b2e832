"""A disk that is full or read-only, a real one: clear words, nothing lost, and well again after.

A small disk is mounted where the clinic's folder lies: one in memory, and a file system of its own
in a file. That needs the rights to mount; without them these tests are skipped and say so.
"""

import contextlib
import itertools
import shutil
import subprocess
import time
from types import SimpleNamespace

import databases
import pytest
from conftest import BY, client_of, join
from django.db import connections
from django.urls import reverse
from processes import (
    Browser,
    kill_part,
    open_to_processes,
    part_of,
    run,
    running,
)

from clinic.audit.actions import seal
from clinic.audit.models import Entry
from clinic.audit.queries import verify
from clinic.patients import actions as patients
from clinic.practice.actions import found_practice
from clinic.practice.models import Role
from clinic.records import actions as records
from clinic.records.models import Note

MEGABYTES = 16
SERVER_MEGABYTES = 90
BACK_WITHIN = 60.0  # seconds


def tried(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(params=["in memory", pytest.param("in a file", marks=pytest.mark.slow)])
def small_disk(request, place, tmp_path):
    """The clinic's folder on a disk of its own; `fill`, `free`, `lock` and `unlock` it."""
    at = str(place.folder)
    if request.param == "in memory":
        done = tried("mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=700", "tmpfs", at)
    else:
        if not shutil.which("mkfs.ext4"):
            pytest.skip("no mkfs.ext4 to make a small disk with")
        image = tmp_path / "disk"
        with image.open("wb") as file:
            file.truncate(MEGABYTES * 1024 * 1024)
        tried("mkfs.ext4", "-q", "-m", "0", str(image))
        done = tried("mount", "-o", "loop", str(image), at)
    if done.returncode:
        pytest.skip(f"no right to mount a small disk here: {done.stderr.strip()}")
    yield Disk(place.folder)
    tried("umount", at)


class Disk:
    """A small disk that is mounted."""

    def __init__(self, folder):
        self.folder = folder
        self.filler = folder / "filler"

    def fill(self):
        """Write until not a byte more goes in."""
        with self.filler.open("ab", buffering=0) as file:
            for size in (1 << 16, 1 << 9, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue

    def free(self):
        self.filler.unlink()

    def lock(self):
        """Make it read-only, as a disk that failed becomes; at a moment when nobody writes."""
        connections["default"].close()
        until = time.monotonic() + 10
        while tried("mount", "-o", "remount,ro", str(self.folder)).returncode:
            assert time.monotonic() < until, "somebody writes all the time"
            time.sleep(0.02)

    def unlock(self):
        assert tried("mount", "-o", "remount,rw", str(self.folder)).returncode == 0


@pytest.fixture
def clinic(small_disk, place, sqlite_template, django_db_blocker):
    """A clinic on a small disk, and one who is signed in there."""
    (place.folder / "clinic.sqlite3").write_bytes(sqlite_template.read_bytes())
    with django_db_blocker.unblock(), furnished(place, databases.sqlite_in(place.folder)) as made:
        yield made


@contextlib.contextmanager
def furnished(place, described, address=""):
    """A clinic in a database, and one who is signed in there."""
    former = databases.point_at(described)
    try:
        site = found_practice(
            jurisdiction="ca-bc",
            site="Main Street",
            time_zone="America/Vancouver",
            is_demonstration=False,
            by=BY,
        )
        carer = join("carer", site, Role.PRACTITIONER)
        patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
        patients.start_care(patient, carer, "booked", by=BY)
        visit = records.start_visit(patient, staff=carer, site=site, kind="first", by=BY)
        note = records.sign_note(visit, carer, "First.", needs_co_sign=False, by=BY)
        key = {"key": patient.pk}
        open_to_processes(place, database=address)
        yield SimpleNamespace(
            folder=place.folder,
            session=client_of(carer).session.session_key,
            add=reverse("records:add_to_note", kwargs=key | {"note": note.pk}),
            chart=reverse("patients:chart", kwargs=key),
        )
    finally:
        connections["default"].close()
        connections.settings["default"] = former
        del connections["default"]


class Writer:
    """One who adds to a note, and remembers what was acknowledged."""

    def __init__(self, clinic, address):
        self.browser, self.clinic = Browser(address, clinic.session), clinic
        self.acknowledged, self.numbers = [], itertools.count()

    def write(self):
        text = f"number {next(self.numbers)} PLANTED " + "long " * 400
        answer = self.browser.post(self.clinic.add, text=text)
        assert answer is not None, "the site broke off"
        if answer.status == 302:
            self.acknowledged.append(text.strip())
        return answer

    def write_until_refused(self):
        for _ in range(5000):
            answer = self.write()
            if answer.status != 302:
                return answer
        raise AssertionError("the disk was never full")

    def write_until_served(self, revive=lambda: None):
        until = time.monotonic() + BACK_WITHIN
        while (answer := self.write()).status != 302:
            assert time.monotonic() < until, answer.page
            revive()
            time.sleep(0.1)


def says_what_is_the_matter(answer):
    assert answer.status == 503
    assert "The clinic cannot reach its records" in answer.page
    assert "Nothing that was saved before is lost" in answer.page
    assert "its disk may be full" in answer.page
    assert "Traceback" not in answer.page
    return True


def everything_acknowledged_is_there_and_whole(writer, running_clinic):
    texts = Note.objects.exclude(addendum_to=None).values_list("text", flat=True)
    assert len(writer.acknowledged) > 2
    assert set(writer.acknowledged) <= set(texts)
    assert Entry.objects.filter(act="addendum signed").count() == len(texts)
    seal()
    verdict = verify()
    assert verdict.is_whole, verdict.problem
    said = running_clinic.said()
    assert "Traceback" not in said
    assert "PLANTED" not in said


def test_a_full_disk_refuses_in_clear_words_and_loses_nothing(clinic, small_disk):
    with running(clinic.folder, "serve", "--port", "8820") as served:
        writer = Writer(clinic, served.address)
        for _ in range(3):
            assert writer.write().status == 302
        parts = [part_of(served, name) for name in ("site", "worker")]
        small_disk.fill()
        refused = writer.write_until_refused()

        assert says_what_is_the_matter(refused)
        assert "most likely not saved" in refused.page
        assert "PLANTED" in refused.page  # what was typed is handed back
        for _ in range(3):
            assert says_what_is_the_matter(writer.write())
            assert says_what_is_the_matter(writer.browser.get(clinic.chart))
        assert writer.browser.get("/static/clinic/mark.svg").status == 200
        time.sleep(1.2)  # the worker tries to seal meanwhile
        assert [part_of(served, name) for name in ("site", "worker")] == parts

        small_disk.free()
        writer.write_until_served()
        assert writer.browser.get(clinic.chart).status == 200
        everything_acknowledged_is_there_and_whole(writer, served)
        assert [part_of(served, name) for name in ("site", "worker")] == parts


def test_a_read_only_disk_refuses_in_clear_words_and_loses_nothing(clinic, small_disk):
    with running(clinic.folder, "serve", "--port", "8830") as served:
        writer = Writer(clinic, served.address)
        for _ in range(3):
            assert writer.write().status == 302
        kill_part(served, "worker")  # it has the database open; the next one is on its way
        small_disk.lock()

        assert says_what_is_the_matter(writer.write())
        assert says_what_is_the_matter(writer.browser.get(clinic.chart))
        time.sleep(2)  # a worker begins on the disk as it is
        assert says_what_is_the_matter(writer.write())

        small_disk.unlock()
        writer.write_until_served()
        everything_acknowledged_is_there_and_whole(writer, served)


@pytest.mark.parametrize("state", ["full", "read-only"])
def test_a_backup_onto_such_a_disk_says_so_and_leaves_nothing_half(clinic, small_disk, state):
    connections["default"].close()
    small_disk.fill() if state == "full" else small_disk.lock()
    done = run(clinic.folder, "backup")
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3
    assert not list(clinic.folder.glob("backups/*"))
    assert not list(clinic.folder.glob("copying-*"))
    small_disk.free() if state == "full" else small_disk.unlock()
    assert run(clinic.folder, "backup").returncode == 0


@pytest.fixture
def server_on_small_disk(place, django_db_blocker):
    """A PostgreSQL server whose data lie on a small disk, and a clinic in it."""
    mounted = []

    def mount(at, owner):
        size = ("-o", f"size={SERVER_MEGABYTES}m,mode=700")
        done = tried("mount", "-t", "tmpfs", *size, "tmpfs", str(at))
        if done.returncode:
            pytest.skip(f"no right to mount a small disk here: {done.stderr.strip()}")
        mounted.append(at)
        if owner:
            shutil.chown(at, owner)

    try:
        server = databases.Cluster(mount)
        described = databases.database(server.address("postgres"), place.folder)
        described |= {"CONN_MAX_AGE": 0}
        with django_db_blocker.unblock():
            databases.migrated(described)
            with furnished(place, described, server.address("postgres")) as made:
                yield server, made, Disk(server.folder / "data")
        server.kill()
    finally:
        for at in mounted:
            tried("umount", str(at))
    server.stop()


@pytest.mark.postgresql
def test_a_full_disk_under_the_database_server_loses_nothing(server_on_small_disk):
    server, clinic, disk = server_on_small_disk
    with running(clinic.folder, "serve", "--port", "8840") as served:
        writer = Writer(clinic, served.address)
        for _ in range(3):
            assert writer.write().status == 302
        parts = [part_of(served, name) for name in ("site", "worker")]
        disk.fill()
        refused = writer.write_until_refused()

        assert says_what_is_the_matter(refused)
        assert "PLANTED" in refused.page
        for _ in range(3):
            assert says_what_is_the_matter(writer.write())
        assert writer.browser.get("/static/clinic/mark.svg").status == 200

        disk.free()
        writer.write_until_served(revive=server.revive)
        assert writer.browser.get(clinic.chart).status == 200
        connections["default"].close()
        everything_acknowledged_is_there_and_whole(writer, served)
        assert [part_of(served, name) for name in ("site", "worker")] == parts
