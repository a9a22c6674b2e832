"""Decisions of the practice as pure functions: who may do what, who may needle, how long to keep.

What a role may do is one table, read by the gate and by the tests. Rules of a place are rows of
`jurisdictions.toml`; they are not legal advice.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Protocol, TypeVar

from clinic.doors import Permission
from clinic.practice.models import Role

P = Permission

# By role at any site; permissions on a person need more (see `clinic.patients.rules`).
GRANTS: Mapping[str, frozenset[Permission]] = {
    Role.PRACTITIONER: frozenset(
        {
            P.SEE_STAFF,
            P.FIND_PEOPLE,
            P.ADD_PEOPLE,
            P.SEE_PERSON,
            P.CHANGE_PERSON,
            P.READ_CHART,
            P.WRITE_CHART,
            P.SET_RELATIONS,
            P.BREAK_GLASS,
            P.SEE_SCHEDULE,
            P.BOOK_VISITS,
            P.BOOK_FOR_PERSON,
            P.BEGIN_VISITS,
            P.OVERBOOK,
            P.WRITE_TEMPLATES,
        }
    ),
    Role.STUDENT: frozenset({P.SEE_STAFF, P.SEE_PERSON, P.READ_CHART, P.WRITE_CHART}),
    Role.RECEPTION: frozenset(
        {
            P.SEE_STAFF,
            P.FIND_PEOPLE,
            P.ADD_PEOPLE,
            P.SEE_PERSON,
            P.CHANGE_PERSON,
            P.SET_RELATIONS,
            P.SEE_SCHEDULE,
            P.BOOK_VISITS,
            P.BOOK_FOR_PERSON,
            P.OVERBOOK,
        }
    ),
    Role.OWNER: frozenset(
        {
            P.MANAGE_PRACTICE,
            P.CHECK_CREDENTIALS,
            P.SEE_STAFF,
            P.IMPORT_PEOPLE,
            P.SET_UP_BOOKING,
            P.WRITE_TEMPLATES,
        }
    ),
    Role.PRIVACY_LEAD: frozenset(
        {
            P.SEE_STAFF,
            P.FIND_PEOPLE,
            P.SEE_PERSON,
            P.MERGE_PEOPLE,
            P.SET_LOCKBOX,
            P.REVIEW_ACCESS,
        }
    ),
    Role.LEARNER: frozenset(),
}


def granted(roles: Iterable[str]) -> frozenset[Permission]:
    """Everything that any of these roles may do."""
    return frozenset().union(*(GRANTS.get(role, frozenset()) for role in roles))


class Dated(Protocol):
    """A credential as far as its validity goes."""

    @property
    def kind(self) -> str:
        """What it is for."""

    @property
    def valid_from(self) -> date:
        """Its first day."""

    @property
    def last_day(self) -> date | None:
        """Its last day, or none."""

    @property
    def checked_on(self) -> date | None:
        """When somebody saw it."""

    @property
    def struck_at(self) -> datetime | None:
        """When it was found to be entered wrongly."""


Paper = TypeVar("Paper", bound=Dated)


def is_valid_on(credential: Dated, day: date) -> bool:
    """Whether a credential was checked by somebody and covers a day, its last one included."""
    return (
        credential.checked_on is not None
        and credential.struck_at is None
        and credential.valid_from <= day
        and (credential.last_day is None or day <= credential.last_day)
    )


def running_out(credentials: Iterable[Paper], until: date) -> list[Paper]:
    """What of one person ends by a day, the first end first, unless a checked one goes on from it.

    One that begins only later leaves days on which its holder may not needle; it hides nothing.
    """
    rows = [one for one in credentials if one.struck_at is None]

    def goes_on(one: Paper, ends: date) -> bool:
        lasts = one.last_day is None or one.last_day > until
        return lasts and one.checked_on is not None and one.valid_from <= ends + timedelta(days=1)

    ending = [(row.last_day, row) for row in rows if row.last_day and row.last_day <= until]
    return [
        row
        for ends, row in sorted(ending, key=lambda pair: pair[0])
        if not any(goes_on(other, ends) for other in rows if other.kind == row.kind)
    ]


def missing_for_needling(
    credentials: Iterable[Dated], day: date, needed: Iterable[str]
) -> list[str]:
    """Which kinds of credential somebody lacks to needle on a day; none: they may."""
    held = {credential.kind for credential in credentials if is_valid_on(credential, day)}
    return [kind for kind in needed if kind not in held]


@dataclass(frozen=True)
class Jurisdiction:
    """Rules of one place, as far as they were read."""

    key: str
    name: str
    retention_years: int
    retention_minors: str
    age_of_majority: int
    retention_source: str
    needling_authority: str
    needling_needs: tuple[str, ...]
    consent: str
    record_fields: tuple[str, ...]
    access_days: int


@cache
def jurisdictions() -> Mapping[str, Jurisdiction]:
    """Every place whose rules are known here, by its key."""
    text = (files("clinic.practice") / "jurisdictions.toml").read_text(encoding="utf-8")
    return {key: _jurisdiction(key, row) for key, row in tomllib.loads(text).items()}


def _jurisdiction(key: str, row: dict[str, Any]) -> Jurisdiction:
    lists = {name: tuple(value) for name, value in row.items() if isinstance(value, list)}
    return Jurisdiction(key=key, **{**row, **lists})


def keep_until(last_entry: date, born: date | None, rules: Jurisdiction) -> date:
    """The day until which a record must be kept: from the last entry, or from majority."""
    start = last_entry
    if born is not None:
        start = max(start, _years_on(born, rules.age_of_majority))
    return _years_on(start, rules.retention_years)


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
