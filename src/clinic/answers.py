"""What whoever sets up a clinic has said, checked before anything is written.

A zone or a place that is mistyped, an address that is none, a database that does not answer or is
somebody's already: each is said with what was meant, perhaps, and nothing has been made yet.
"""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from zoneinfo import available_timezones, reset_tzpath

import psycopg

from clinic.place import is_origin, is_postgresql
from myotome.errors import InputError, UnknownName

CONNECTED_WITHIN = 10  # seconds


def refuse_wrong_answers(
    *,
    owner: str,
    name: str,
    site: str,
    time_zone: str,
    jurisdiction: str,
    address: str,
    database: str,
) -> None:
    """Return if a clinic can be made of these.

    Raises:
        InputError: One of them is wrong; the message says which and what it must be.
    """
    for said, value, longest in (("--name", name, 100), ("--site", site, 80)):
        if not value.strip() or len(value) > longest:
            raise InputError(f"must have 1 to {longest} letters, got '{value}'.", place=said)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", owner):
        raise InputError(f"must be an email address, got '{owner}'.", place="--owner")
    reset_tzpath(())  # the zones of the pinned package, as the clinic will read them
    if time_zone not in available_timezones():
        raise UnknownName("time zone", time_zone, available_timezones()).at("--time-zone")
    places = tomllib.loads((files("clinic.practice") / "jurisdictions.toml").read_text("utf-8"))
    if jurisdiction not in places:
        raise UnknownName("jurisdiction", jurisdiction, places).at("--jurisdiction")
    if not is_origin(address):
        raise InputError(
            f"must be like https://clinic.example, without a path, got '{address}'.",
            place="--address",
        )
    if database and not is_postgresql(database):  # may hold a password, and is not repeated
        raise InputError(
            "must be like postgresql://user:password@host/name, got something else.",
            place="--database",
        )
    if database:
        _refuse_unless_empty(database)


def _refuse_unless_empty(database: str) -> None:
    try:
        with psycopg.connect(database, connect_timeout=CONNECTED_WITHIN) as connection:
            found = connection.execute(
                "SELECT count(*) FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchone()
    except psycopg.Error as error:  # its words may repeat the password
        raise InputError(
            f"must be a PostgreSQL database that answers, got {type(error).__name__}. Is its server"
            " up, and are user, password and name those that it knows?",
            place="--database",
        ) from error
    if found and found[0]:
        raise InputError(
            f"must be an empty database, got one of {found[0]} tables.", place="--database"
        )
