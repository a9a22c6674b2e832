"""The place of one clinic: its folder, its settings and its keys, read once from the disk.

A clinic is a folder that holds `clinic.toml`, `keys.json` and, unless PostgreSQL is named, the
database. `MYOTOME_CLINIC` names the folder; `MYOTOME_CLINIC_KEYS` may name a key file that lies
elsewhere, away from the data; one that is named must be there. In a folder without keys a known
default stands in, so that `check` can say so; nothing is signed or sealed with it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cryptography.fernet import Fernet

from myotome.errors import InputError

DEFAULT_KEY = "default-key-for-tests-and-first-steps-never-for-people"
SETTINGS_FILE = "clinic.toml"
KEY_FILE = "keys.json"
DATABASE_FILE = "clinic.sqlite3"
HEAD_FILE = "audit-head.json"
READ_ONLY = "MYOTOME_CLINIC_READ_ONLY"  # in the environment of a site in which nothing may change
ADDRESS = "MYOTOME_CLINIC_ADDRESS"  # likewise, of a demonstration: where it really listens


@dataclass(frozen=True)
class Keys:
    """Secrets of one clinic; `audit` and `backup` are named so that they can be replaced."""

    site: str = DEFAULT_KEY
    audit: dict[str, str] = field(default_factory=lambda: {"0": DEFAULT_KEY})
    backup: dict[str, str] = field(default_factory=lambda: {"0": DEFAULT_KEY})

    @property
    def are_default(self) -> bool:
        """Whether any of them is the known one."""
        return DEFAULT_KEY in {self.site, *self.audit.values(), *self.backup.values()}

    def refuse_default(self) -> None:
        """Fail rather than sign or seal anything with a key that everybody knows."""
        if self.are_default:
            raise InputError(
                "must be a clinic's own, got the known default keys. Put its key file back, name it"
                " by MYOTOME_CLINIC_KEYS, or set the clinic up with 'myotome clinic setup'.",
                place="keys",
            )

    def cipher(self, purpose: str) -> Fernet:
        """What seals single values of one purpose in the database."""
        key = hashlib.sha256(f"{purpose}|{self.site}".encode()).digest()
        return Fernet(base64.urlsafe_b64encode(key))

    @staticmethod
    def newest(ring: dict[str, str]) -> tuple[str, str]:
        """Name and secret of the key that signs from now on; older ones still verify."""
        name = max(ring, key=int)
        return name, ring[name]


@dataclass(frozen=True)
class Place:
    """Where a clinic lives and how it is reached."""

    folder: Path
    keys: Keys
    name: str = "The clinic"
    address: str = "http://localhost:8000"
    database: str = ""  # a postgresql:// address; empty: SQLite in the folder
    mail_server: str = ""  # smtp://user:password@host:port; empty: mail waits
    mail_from: str = "clinic@localhost"
    quiet_from: int = 21  # no mail that can wait from this hour, local time,
    quiet_until: int = 8  # to this one
    audit_head: str = ""  # a file on another disk for the head of the audit chain
    trusted_proxies: int = 0
    disk_is_encrypted: bool = False

    @property
    def head_file(self) -> Path:
        """Where the head of the audit chain is exported."""
        return Path(self.audit_head) if self.audit_head else self.folder / HEAD_FILE

    @property
    def cut_mark(self) -> Path:
        """A file that is there while the audit chain is known to be cut.

        It lies in the clinic's own folder, which all its processes need anyhow: the head may lie
        on another disk, and no page should stand still because that one is away.
        """
        return self.folder / f"{HEAD_FILE}.cut"

    @property
    def backups(self) -> Path:
        """The folder of sealed backups."""
        return self.folder / "backups"


def read_place(folder: Path, keys: Path | None = None) -> Place:
    """The place in `folder`; a wrong line, or a named key file that is missing, is an error."""
    settings = _settings(folder / SETTINGS_FILE)
    if keys is None and not (folder / KEY_FILE).exists():
        return Place(folder=folder, keys=Keys(), **settings)
    return Place(folder=folder, keys=_keys(keys or folder / KEY_FILE), **settings)


def place_from_environment() -> Place:
    """The place that `MYOTOME_CLINIC` and `MYOTOME_CLINIC_KEYS` name."""
    folder = Path(os.environ.get("MYOTOME_CLINIC", "clinic-data")).absolute()
    place = read_place(folder, named_key_file())
    return replace(place, address=os.environ.get(ADDRESS, place.address))


def named_key_file() -> Path | None:
    """The key file that `MYOTOME_CLINIC_KEYS` names, if it names one."""
    named = os.environ.get("MYOTOME_CLINIC_KEYS")
    return Path(named).absolute() if named else None


def make_place(folder: Path, settings: dict[str, str | int], keys: Path | None = None) -> None:
    """Write settings and fresh keys for one clinic; never over those that are there.

    Args:
        folder: Where the clinic will live; nobody else on the machine can read it from now on.
        settings: Lines of its `clinic.toml`; empty ones are left out.
        keys: Where its keys go; left out: into the folder.
    """
    key_file = keys or folder / KEY_FILE
    for there in (key_file, *(folder / name for name in (SETTINGS_FILE, DATABASE_FILE, HEAD_FILE))):
        if there.exists():
            raise InputError(
                "must not exist before a clinic is set up: it belongs to a clinic that is there"
                " already, and what is written over is lost. Choose another folder.",
                file=str(there),
            )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)  # a folder that was there keeps its mode otherwise
    key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = {
        "site": secrets.token_urlsafe(48),
        "audit": {"1": secrets.token_urlsafe(48)},
        "backup": {"1": secrets.token_urlsafe(48)},
    }
    _write_privately(key_file, json.dumps(fresh, indent=2))
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items() if value]
    _write_privately(folder / SETTINGS_FILE, "".join(lines))
    if not settings.get("database"):
        _write_privately(folder / DATABASE_FILE, "")  # SQLite would make it readable to others


def _write_privately(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _settings(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"must be TOML, got: {error}.", file=str(path)) from error
    unknown = sorted(set(read) - set(EXPECTED))
    if unknown:
        known = ", ".join(sorted(EXPECTED))
        raise InputError(f"must hold only {known}; got {', '.join(unknown)}.", file=str(path))
    for name, value in read.items():
        is_right, words = EXPECTED[name]
        if not is_right(value):
            got = json.dumps(value, default=str, ensure_ascii=False)
            if name in {"database", "mail_server"}:
                got = "something else"  # a password may stand anywhere in it
            raise InputError(
                f"must be {words}, got {got}. Correct the line, or take it out for the usual.",
                place=name,
                file=str(path),
            )
    return read


def _parts(value: object) -> SplitResult:
    """The parts of an address; of what is none, those of an empty one."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        _ = parts.port  # is read only now, and may be no number
    except ValueError:
        return urlsplit("")
    return parts


def is_origin(value: object) -> bool:
    """Whether something is the public address of a site, without a path."""
    parts = _parts(value)
    is_bare = not (parts.path or parts.query or parts.fragment)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and is_bare


def is_postgresql(value: object) -> bool:
    """Whether something is the address of a PostgreSQL database, its name told."""
    parts = _parts(value)
    return parts.scheme in {"postgresql", "postgres"} and len(parts.path) > 1


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_mail_server(value: object) -> bool:
    parts = _parts(value)
    return parts.scheme in {"smtp", "smtps", "smtp+starttls"} and bool(parts.hostname)


def _is_sender(value: object) -> bool:
    address = parseaddr(value)[1] if isinstance(value, str) else ""
    return re.fullmatch(r"[^@\s]+@[^@\s]+", address) is not None


def _whole_number(most: int) -> Callable[[object], bool]:
    """A yes or no is a number to Python, and here it is none."""
    return lambda value: type(value) is int and 0 <= value <= most


def _or_empty(is_right: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: value == "" or is_right(value)


_HOUR = (_whole_number(23), "an hour, a whole number from 0 to 23")
EXPECTED: dict[str, tuple[Callable[[object], bool], str]] = {
    "name": (_is_text, 'text in quotes, such as "Harbour Physiotherapy"'),
    "address": (is_origin, 'like "https://clinic.example", without a path'),
    "database": (_or_empty(is_postgresql), 'like "postgresql://user:password@host/name"'),
    "mail_server": (
        _or_empty(_is_mail_server),
        'like "smtps://user:password@host:465" or "smtp+starttls://user:password@host"',
    ),
    "mail_from": (_is_sender, 'an email address, such as "clinic@clinic.example"'),
    "quiet_from": _HOUR,
    "quiet_until": _HOUR,
    "audit_head": (
        _or_empty(lambda value: isinstance(value, str) and Path(value).is_absolute()),
        'a file with its whole path, such as "/mnt/other/audit-head.json"',
    ),
    "trusted_proxies": (_whole_number(9), "how many proxies, a whole number from 0 to 9"),
    "disk_is_encrypted": (lambda value: isinstance(value, bool), "true or false"),
}


def _keys(path: Path) -> Keys:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        keys = Keys(site=read["site"], audit=read["audit"], backup=read["backup"])
        for ring in (keys.audit, keys.backup):
            Keys.newest(ring)
    except FileNotFoundError as error:
        raise InputError(
            "must be the clinic's key file, got no such file. Without its keys nothing is opened.",
            file=str(path),
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            "must hold the keys 'site', 'audit' and 'backup', the latter two by number; got"
            f" something else ({type(error).__name__}).",
            file=str(path),
        ) from error
    return keys
