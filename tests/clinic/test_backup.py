"""Backups: sealed, whole, brought back row by row into an empty place or not at all."""

import fcntl
import signal
import subprocess
import sys
from dataclasses import replace
from importlib import import_module

import databases
import pytest
from django.conf import settings
from django.db import connection
from processes import environment, open_to_processes

from clinic import backup
from clinic.accounts.models import User
from clinic.audit.actions import exported_head, seal
from clinic.audit.queries import verify
from clinic.place import Keys
from myotome.errors import CannotWrite, InputError


def sign_in():
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["who"] = "somebody"
    session.save()


@pytest.fixture
def emptied(committed_practice, place, tmp_path, request, monkeypatch):
    """A sealed file of a clinic in which somebody is signed in, and an empty place to put it."""
    User.objects.create(email="ada@clinic.test", name="Ada")
    sign_in()
    sealed = backup.back_up(tmp_path / "disk")
    again = replace(place, folder=tmp_path / "again")
    again.folder.mkdir()
    monkeypatch.setattr(settings, "PLACE", again)
    if committed_practice.engine == "sqlite":
        databases.point_at(databases.sqlite_in(again.folder))
    else:
        cluster = request.getfixturevalue("cluster")
        name = f"again_{abs(hash(request.node.nodeid)) % 10**10}"
        cluster.sql(f"CREATE DATABASE {name}")
        described = databases.database(cluster.address(name), again.folder) | {"CONN_MAX_AGE": 0}
        databases.point_at(described)
    return sealed


def test_a_backup_comes_back_whole_and_nobody_is_signed_in(emptied):
    restored = backup.bring_back(emptied)

    assert User.objects.get().name == "Ada"
    assert restored.linked == exported_head()[0] > 0
    assert verify().is_whole
    assert import_module("django.contrib.sessions.models").Session.objects.count() == 0
    seal()
    assert verify().is_whole


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
