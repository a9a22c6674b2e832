"""What each page declares of itself: who may open it, and whose record it shows.

A view without a declaration does not open at all. The gate (`clinic.gate`) reads the declaration
before the view runs; views hold no decisions of their own about who may come in. Every part may
use this module; it knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


class Who(StrEnum):
    """Who may stand before a door at all."""

    ANYONE = "anyone"
    GUEST = "guest"  # not signed in
    SIGNED_IN = "signed in"  # whoever has an account
    ENROLLING = "enrolling"  # signed in, second factor not yet made
    LOCKED = "locked"  # signed in; also while the screen is locked
    PERMITTED = "permitted"  # signed in, and holding the permission named


class Permission(StrEnum):
    """What a page lets a person do; granted by role, relation and site."""

    MANAGE_PRACTICE = "manage the practice"
    CHECK_CREDENTIALS = "check credentials"
    SEE_STAFF = "see staff"
    FIND_PEOPLE = "find people"
    ADD_PEOPLE = "add people"
    SEE_PERSON = "see who a person is"
    CHANGE_PERSON = "change who a person is"
    MERGE_PEOPLE = "merge people"
    IMPORT_PEOPLE = "import people"
    READ_CHART = "read the chart"
    WRITE_CHART = "write the chart"
    SET_RELATIONS = "say who cares for a person"
    SET_LOCKBOX = "lock a person's chart"
    BREAK_GLASS = "open a chart in an emergency"
    REVIEW_ACCESS = "review who looked"
    SEE_OWN = "see what is one's own"
    SEE_SCHEDULE = "see who is booked when"
    BOOK_VISITS = "book, move and cancel visits"
    BOOK_FOR_PERSON = "book a visit for a person"
    BEGIN_VISITS = "begin a booked visit"
    OVERBOOK = "book one time twice, with a reason"
    SET_UP_BOOKING = "say what can be booked when"
    WRITE_TEMPLATES = "write the clinic's note templates"


PERMISSIONS_ON_A_PERSON = frozenset(
    {
        Permission.SEE_PERSON,
        Permission.CHANGE_PERSON,
        Permission.READ_CHART,
        Permission.WRITE_CHART,
        Permission.SET_RELATIONS,
        Permission.SET_LOCKBOX,
        Permission.BREAK_GLASS,
        Permission.SEE_OWN,
        Permission.BOOK_FOR_PERSON,
    }
)


@dataclass(frozen=True)
class Door:
    """The declaration of one page."""

    who: Who
    permission: Permission | None = None
    patient: str = ""  # the name of the address' part that says whose record this is
    # What of a record opens here, as the audit has it; empty: nothing. Of a page without a
    # permission, such as the tablet's one sheet, the view itself writes the row.
    shows: str = ""
    writes: bool = False  # its forms change what the clinic keeps, though they need no permission


def door(
    who: Who, permission: Permission | None = None, *, patient: str = "", shows: str = ""
) -> Callable[[View], View]:
    """Declare who may open a view."""
    if (who is Who.PERMITTED) != (permission is not None):
        raise ValueError("A door names a permission exactly when it is for the permitted.")
    if (permission in PERMISSIONS_ON_A_PERSON) != bool(patient):
        raise ValueError("A door names a patient exactly when its permission is on a person.")

    def declare(view: View) -> View:
        view.door = Door(who, permission, patient, shows)  # type: ignore[attr-defined]
        return view

    return declare


def anyone(view: View) -> View:
    """Open to all."""
    return door(Who.ANYONE)(view)


def anyone_writes(view: View) -> View:
    """Open to all; what its forms send is taken only while the clinic's records may change."""
    view.door = Door(Who.ANYONE, writes=True)  # type: ignore[attr-defined]
    return view


def permitted(
    permission: Permission, *, patient: str = "", shows: str = ""
) -> Callable[[View], View]:
    """Open to those who hold `permission`, on the patient named in the address if there is one."""
    return door(Who.PERMITTED, permission, patient=patient, shows=shows)
