"""Who may do what with one person's record, and how names and files are read: pure functions.

A chart opens for a role at a site the patient belongs to *and* a care relationship; a lock by the
patient's instruction closes it again; an emergency opens it for an hour, whatever else holds.
Everything that is not granted here is refused.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clinic.doors import Permission
from clinic.practice.models import Role
from clinic.practice.rules import GRANTS

EMERGENCY_LASTS = timedelta(minutes=60)
PROXY_LASTS = timedelta(days=731)  # two years; whoever still acts then is asked for anew


class Relation(StrEnum):
    """How somebody stands to a patient."""

    NONE = "none"
    WHOLE_SITE = "whole site"  # the site opens charts to all its practitioners
    COVERING = "covering"
    CARING = "caring"
    SELF = "self"
    PROXY = "proxy"  # with the scope to see what the patient sees


OPENS_CHART = frozenset({Relation.WHOLE_SITE, Relation.COVERING, Relation.CARING})
OWN = frozenset({Relation.SELF, Relation.PROXY})
CHART = frozenset({Permission.READ_CHART, Permission.WRITE_CHART})


@dataclass(frozen=True)
class Standing:
    """All that decides, gathered by `queries.standing`.

    Attributes:
        roles: Roles held at a site that the patient belongs to.
        relation: The closest relation there is.
        is_locked_out: By the patient's instruction.
        is_emergency: Whether emergency access runs now.
        is_merged: Whether the record was merged into another and shows nothing of its own.
        own: Whether the record is theirs, or they act for its person, whatever else they are here.
    """

    roles: frozenset[str] = frozenset()
    relation: Relation = Relation.NONE
    is_locked_out: bool = False
    is_emergency: bool = False
    is_merged: bool = False
    own: Relation = Relation.NONE

    @property
    def is_self(self) -> bool:
        """Whether the record is their own."""
        return Relation.SELF in {self.relation, self.own}


def may(permission: Permission, standing: Standing) -> bool:
    """Whether one who stands so may do this; no for whatever is not said here."""
    if permission is Permission.SEE_OWN:
        return bool({standing.relation, standing.own} & OWN) and not standing.is_merged
    allowed_by = {role for role in standing.roles if permission in GRANTS.get(role, frozenset())}
    if not allowed_by:
        return False
    if permission in CHART:
        return not standing.is_merged and _opens_chart(standing)
    if allowed_by == {Role.STUDENT}:  # a student sees only those whom they help to care for
        return standing.relation is Relation.CARING and not standing.is_locked_out
    return True


def _opens_chart(standing: Standing) -> bool:
    if standing.is_emergency and Role.PRACTITIONER in standing.roles:
        return True
    if standing.is_locked_out:
        return False
    if standing.roles & {Role.PRACTITIONER}:
        return standing.relation in OPENS_CHART
    return standing.relation is Relation.CARING


def may_take_off(roles: Iterable[str]) -> bool:
    """Whether somebody may say that a warning no longer holds, or that none is known.

    A practitioner may; a student writes down what is to be known, and takes nothing of it away.
    """
    return Role.PRACTITIONER in set(roles)


def folded(text: str) -> str:
    """Letters and digits as a search compares them: no case, no accents, single spaces."""
    # Taking letters apart can bring forth capitals, and folding those marks: hence both, twice.
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if not unicodedata.combining(letter)
    )
    return " ".join(re.sub(r"[^\w]+", " ", plain).split())


def digits(text: str) -> str:
    """The digits of a phone number."""
    return "".join(re.findall(r"\d", text))


@dataclass(frozen=True)
class Person:
    """One line of a file of people."""

    line: int
    family_name: str
    given_name: str
    born: date | None
    email: str
    phone: str

    @property
    def name(self) -> str:
        """The name as it is compared."""
        return folded(f"{self.given_name} {self.family_name}")


COLUMNS = ("family_name", "given_name", "born", "email", "phone")
MOST_LINES = 20_000


def read_people(text: str) -> tuple[list[Person], list[str]]:
    """People in a CSV text, and everything wrong with it, line by line."""
    try:
        return _read(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        return [], [f"The file cannot be read as CSV: {error}."]


def _read(reader: csv.DictReader[str]) -> tuple[list[Person], list[str]]:
    found = [name.strip() for name in reader.fieldnames or []]
    if missing := [name for name in COLUMNS if name not in found]:
        return [], [f"The first line must name the columns; missing: {', '.join(missing)}."]
    reader.fieldnames = found
    people: list[Person] = []
    problems: list[str] = []
    for line, row in enumerate(reader, start=2):
        if line > MOST_LINES + 1:
            problems.append(f"At most {MOST_LINES} people at a time.")
            break
        person, wrong = _person(line, row)
        people += [person] if person else []
        problems += wrong
    return people, problems


def _person(line: int, row: dict[str, str | None]) -> tuple[Person | None, list[str]]:
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    wrong: list[str] = []
    if not values["given_name"]:
        wrong.append(f"Line {line}: given_name must not be empty.")
    born = None
    if values["born"]:
        try:
            born = date.fromisoformat(values["born"])
        except ValueError:
            wrong.append(f"Line {line}: born must be like 1984-03-09.")
    if values["email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", values["email"]):
        wrong.append(f"Line {line}: email must be an address.")
    too_long = [name for name in COLUMNS if len(values[name]) > 120]
    wrong += [f"Line {line}: {name} must be at most 120 letters." for name in too_long]
    if wrong:
        return None, wrong
    return (
        Person(
            line=line,
            family_name=values["family_name"],
            given_name=values["given_name"],
            born=born,
            email=values["email"],
            phone=values["phone"],
        ),
        [],
    )


def repeated(people: Iterable[Person]) -> list[tuple[int, int]]:
    """Pairs of lines that say the same name and birth date."""
    seen: dict[tuple[str, date | None], int] = {}
    pairs = []
    for person in people:
        key = (person.name, person.born)
        if key in seen:
            pairs.append((seen[key], person.line))
        seen.setdefault(key, person.line)
    return pairs
