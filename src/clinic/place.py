"""The place of one clinic: its folder, its settings and its keys, read once from the disk.

A clinic is a folder that holds `clinic.toml`, `keys.json` and, unless PostgreSQL is named, the
database. `MYOTOME_CLINIC` names the folder; `MYOTOME_CLINIC_KEYS` may name a key file that lies
elsewhere, away from the data. Without keys a known default stands in, which `check` and `serve`
refuse: it serves tests and first steps only.
"""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from myotome.errors import InputError

DEFAULT_KEY = "default-key-for-tests-and-first-steps-never-for-people"
SETTINGS_FILE = "clinic.toml"
KEY_FILE = "keys.json"
KNOWN = {
    "name",
    "address",
    "database",
    "mail_server",
    "mail_from",
    "quiet_from",
    "quiet_until",
    "audit_head",
    "trusted_proxies",
    "disk_is_encrypted",
}


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
        return Path(self.audit_head) if self.audit_head else self.folder / "audit-head.json"

    @property
    def backups(self) -> Path:
        """The folder of sealed backups."""
        return self.folder / "backups"


def read_place(folder: Path, keys: Path | None = None) -> Place:
    """The place in `folder`; a wrong line is an error that names it."""
    settings = _settings(folder / SETTINGS_FILE)
    return Place(folder=folder, keys=_keys(keys or folder / KEY_FILE), **settings)


def place_from_environment() -> Place:
    """The place that `MYOTOME_CLINIC` and `MYOTOME_CLINIC_KEYS` name."""
    keys = os.environ.get("MYOTOME_CLINIC_KEYS")
    folder = Path(os.environ.get("MYOTOME_CLINIC", "clinic-data")).absolute()
    return read_place(folder, Path(keys) if keys else None)


def make_place(folder: Path, settings: dict[str, str]) -> None:
    """Write settings and fresh keys into a folder; never over those that are there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (folder / KEY_FILE).exists():
        raise InputError(
            "must not exist before a clinic is set up, got a key file. Choose another folder: a"
            " key that is written over is lost.",
            file=str(folder / KEY_FILE),
        )
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items() if value]
    (folder / SETTINGS_FILE).write_text("".join(lines), encoding="utf-8")
    fresh = {
        "site": secrets.token_urlsafe(48),
        "audit": {"1": secrets.token_urlsafe(48)},
        "backup": {"1": secrets.token_urlsafe(48)},
    }
    descriptor = os.open(folder / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(fresh, file, indent=2)


def _settings(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"must be TOML, got: {error}.", file=str(path)) from error
    unknown = sorted(set(read) - KNOWN)
    if unknown:
        raise InputError(
            f"must hold only {', '.join(sorted(KNOWN))}; got {', '.join(unknown)}.", file=str(path)
        )
    return read


def _keys(path: Path) -> Keys:
    if not path.exists():
        return Keys()
    return Keys(**json.loads(path.read_text(encoding="utf-8")))
