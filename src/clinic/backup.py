"""Backup and restore: everything in one sealed file, and back into an empty place, checked by row.

SQLite is copied by its own online backup while the clinic runs; PostgreSQL by `pg_dump` in one
snapshot. The file is sealed with AES-GCM under a key of the clinic's key ring, chunk by chunk, each
bound to its place, so that a cut, swapped or changed file does not open. A digest of every table's
rows travels inside: `restore` counts and compares them, then follows the audit's chain.

The key ring is not in the file. Keep a copy of it elsewhere: without it no backup opens.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import DatabaseError

from clinic.audit.actions import adopt_head, exported_head, record, seal
from clinic.audit.actor import system
from clinic.audit.queries import verify
from myotome.errors import CannotWrite, InputError

MAGIC = b"MYOTOMECLINIC1\n"
CHUNK = 1 << 20
COPYING = "copying-"
PATIENCE = 120_000  # ms
BY = system("backup")
Digests = dict[str, list[Any]]
# Sessions and the cache change while a copy is made and are no record: they are not compared.
LEFT_OUT = {"django_session", "site_cache"}


@dataclass(frozen=True)
class Restored:
    """What a restore found to be as it was copied."""

    tables: int
    rows: int
    linked: int


def back_up(folder: Path) -> Path:
    """Write one sealed file into `folder`; it appears whole or not at all.

    What is not sealed yet lies in the clinic's own folder and never leaves its disk.
    """
    settings.PLACE.keys.refuse_default()
    with _alone(), _patient():
        seal()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with transaction.atomic():
            record("backed up", by=BY)
        seal()
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        path = folder / f"clinic-{moment}.sealed"
        unfinished = folder / f"{path.name}.{os.getpid()}.unfinished"
        _sweep(folder)
        try:
            with tempfile.TemporaryDirectory(dir=settings.PLACE.folder, prefix=COPYING) as own:
                raw = Path(own) / "data"
                header = {"engine": connection.vendor, "made_at": moment, "digests": _copy(raw)}
                with raw.open("rb") as source, unfinished.open("xb") as target:
                    fcntl.flock(target, fcntl.LOCK_EX)
                    _seal_into(header, source, target)
                    target.flush()
                    os.fsync(target.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return path


@contextmanager
def _alone() -> Iterator[None]:
    """One copy at a time in a place; what one that was killed left unsealed there is taken away.

    Raises:
        CannotWrite: Another copies here now.
    """
    place: Path = settings.PLACE.folder
    with (place / "copying.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotWrite(
                "Another backup or restore runs in this place. Wait until it has ended."
            ) from error
        for left in place.glob(f"{COPYING}*/"):
            shutil.rmtree(left, ignore_errors=True)
        yield


@contextmanager
def _patient() -> Iterator[None]:
    """Wait longer for a turn to write than a page may.

    SQLite lets those who wait try by chance: among many who write without pause one that tries for
    ten seconds only is now and then turned away, and then there was no backup.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")


def _sweep(folder: Path) -> None:
    """Take away what killed backups left half sealed; what is being written is locked and stays."""
    for left in folder.glob("clinic-*.unfinished"):
        with left.open("rb") as file, suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink(missing_ok=True)


def _copy(path: Path) -> Digests:
    """Copy the database as it is at one moment; the digests of that moment."""
    if connection.vendor == "sqlite":
        source = sqlite3.connect(_sqlite_file())
        with closing(source), closing(sqlite3.connect(path)) as target:
            source.backup(target)
        return _digests_of_file(path)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        _run(["pg_dump", "-Fc", "--no-owner", f"--snapshot={snapshot}", "--file", str(path)])
        return _digests(cursor)


def _sqlite_file() -> str:
    return str(connection.settings_dict["NAME"])


def _run(command: list[str]) -> None:
    described = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": described["HOST"],
        "PGPORT": described["PORT"],
        "PGUSER": described["USER"],
        "PGPASSWORD": described["PASSWORD"],
        "PGDATABASE": described["NAME"],
    }
    environment = {name: value for name, value in environment.items() if value}
    try:
        subprocess.run(command, check=True, env=environment, capture_output=True)  # noqa: S603
    except FileNotFoundError as error:
        raise CannotWrite(f"'{command[0]}' must be installed on this machine.") from error
    except subprocess.CalledProcessError as error:
        raise CannotWrite(f"'{command[0]}' ended with {error.returncode}.") from error


# ------------------------------------------------------------- digests


def digests() -> Digests:
    """Of every table: how many rows, and a digest that depends on each of them."""
    if connection.vendor == "sqlite":
        return _digests_of_file(Path(_sqlite_file()))
    with connection.cursor() as cursor:
        return _digests(cursor)


def _digests_of_file(path: Path) -> Digests:
    with closing(sqlite3.connect(path)) as opened:
        return _digests(opened.cursor())


def _digests(cursor: Any) -> Digests:  # noqa: ANN401 - the cursor of either engine
    models = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}  # noqa: SLF001
    return {table: _digest(cursor, table) for table in sorted(models - LEFT_OUT)}


def _digest(cursor: Any, table: str) -> list[Any]:  # noqa: ANN401
    """Row digests are added up, so that the order in which rows come does not matter."""
    total, count = 0, 0
    cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the name of our own table
    names = [column[0] for column in cursor.description]
    while rows := cursor.fetchmany(2000):
        for row in rows:
            text = json.dumps(dict(zip(names, row, strict=True)), sort_keys=True, default=str)
            total += int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])
            count += 1
    return [count, f"{total % (1 << 128):032x}"]


# --------------------------------------------------------------- seal


def _seal_into(header: dict[str, Any], source: BinaryIO, target: BinaryIO) -> None:
    name, secret = settings.PLACE.keys.newest(settings.PLACE.keys.backup)
    cipher, nonce = AESGCM(_key(secret)), os.urandom(8)
    target.write(MAGIC + struct.pack(">H8s", int(name), nonce))
    _write(target, cipher, nonce, 0, json.dumps(header).encode(), is_last=False)
    number = 1
    block = source.read(CHUNK)
    while True:
        following = source.read(CHUNK)
        _write(target, cipher, nonce, number, block, is_last=not following)
        if not following:
            return
        block, number = following, number + 1


def _write(
    target: BinaryIO, cipher: AESGCM, nonce: bytes, number: int, block: bytes, *, is_last: bool
) -> None:
    sealed = cipher.encrypt(nonce + struct.pack(">I", number), block, b"last" if is_last else b"")
    target.write(struct.pack(">I", len(sealed)) + sealed)


def _open_sealed(path: Path, raw: Path) -> dict[str, Any]:
    """Write what a sealed file holds into `raw`; its header."""
    with path.open("rb") as source, raw.open("wb") as target:
        start = source.read(len(MAGIC) + 10)
        if not start.startswith(MAGIC) or len(start) != len(MAGIC) + 10:
            raise InputError("must be a backup of a clinic, got another file.", file=str(path))
        number_of_key, nonce = struct.unpack(">H8s", start[len(MAGIC) :])
        secret = settings.PLACE.keys.backup.get(str(number_of_key))
        if secret is None:
            raise InputError(
                f"was sealed with backup key {number_of_key}, which the key file does not hold.",
                file=str(path),
            )
        cipher = AESGCM(_key(secret))
        try:
            header = _read(source, cipher, nonce, 0)[0]
            number, is_last = 1, False
            while not is_last:
                block, is_last = _read(source, cipher, nonce, number)
                target.write(block)
                number += 1
        except (InvalidTag, struct.error) as error:
            raise InputError(
                "was changed or cut off since it was written; it does not open.", file=str(path)
            ) from error
    opened: dict[str, Any] = json.loads(header)
    return opened


def _read(source: BinaryIO, cipher: AESGCM, nonce: bytes, number: int) -> tuple[bytes, bool]:
    (length,) = struct.unpack(">I", source.read(4))
    sealed = source.read(length)
    place = nonce + struct.pack(">I", number)
    try:
        return cipher.decrypt(place, sealed, b""), False
    except InvalidTag:
        return cipher.decrypt(place, sealed, b"last"), True


def _key(secret: str) -> bytes:
    return hashlib.sha256(f"backup|{secret}".encode()).digest()


# ------------------------------------------------------------- restore


def bring_back(path: Path) -> Restored:
    """Restore a sealed file into an empty place and check every row and the audit.

    Nobody is signed in afterwards: who was, when it was copied, may have been sent away since. What
    does not prove to be what was copied is taken out again, and the place is empty as before.

    Raises:
        InputError: The place is not empty, or the file does not open.
        CannotWrite: What came back is not what was copied.
    """
    _refuse_unless_empty()
    with _alone(), tempfile.TemporaryDirectory(dir=settings.PLACE.folder, prefix=COPYING) as own:
        raw = Path(own) / "data"
        header = _open_sealed(path, raw)
        if header["engine"] != connection.vendor:
            raise InputError(
                f"is of {header['engine']}; this place uses {connection.vendor}.", file=str(path)
            )
        try:
            _put_back(raw)
            restored = _as_it_was_copied(header["digests"])
            _forget_who_was_signed_in()
        except BaseException:
            _take_out_again()
            raise
    adopt_head()
    return restored


def _as_it_was_copied(copied: Digests) -> Restored:
    found = digests()
    wrong = sorted(table for table, digest in copied.items() if found.get(table) != digest)
    if wrong:
        raise CannotWrite(f"These tables are not as they were copied: {', '.join(wrong)}.")
    verdict = verify(has_head=False)
    if not verdict.is_whole:
        raise CannotWrite(f"The audit in the backup is broken. {verdict.problem}")
    return Restored(
        tables=len(found), rows=sum(count for count, _ in found.values()), linked=verdict.linked
    )


def _forget_who_was_signed_in() -> None:
    with connection.cursor() as cursor:
        for table in sorted(LEFT_OUT & set(connection.introspection.table_names(cursor))):
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 - the name of our own table


def _refuse_unless_empty() -> None:
    try:
        is_empty = not connection.introspection.table_names()
    except DatabaseError:
        is_empty = False
    if not is_empty or exported_head() is not None:
        raise InputError(
            "must be empty: a restore never writes over a clinic. Restore into a new folder with"
            " the same key file.",
            file=str(settings.PLACE.folder),
        )


def _put_back(raw: Path) -> None:
    if connection.vendor == "sqlite":
        _remove_file()
        shutil.move(raw, _sqlite_file())
        return
    _run(
        [
            *("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction"),
            *("--dbname", _database(), str(raw)),
        ]
    )


# What an extension brought belongs to it and may stay.
OWN_FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e'
)
"""


def _take_out_again() -> None:
    """Empty the place; it was empty before, so that all there is came from the copy."""
    if connection.vendor == "sqlite":
        _remove_file()
        return
    quoted = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"DROP TABLE {quoted(table)} CASCADE")
        cursor.execute(OWN_FUNCTIONS)
        for (function,) in cursor.fetchall():
            cursor.execute(f"DROP FUNCTION {function} CASCADE")


def _remove_file() -> None:
    connection.close()
    for end in ("", "-wal", "-shm"):
        Path(_sqlite_file() + end).unlink(missing_ok=True)


def _database() -> str:
    return str(connection.settings_dict["NAME"])
