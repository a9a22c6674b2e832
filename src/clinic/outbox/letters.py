"""Every letter the clinic sends, word for word; nothing else can be mailed.

A letter is a fixed subject and a fixed text with named gaps. The gaps hold links, a clinic's name
and times, and never anything a chart says: there is no gap it could be put into. A letter that can
wait keeps quiet hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Template


@dataclass(frozen=True)
class Letter:
    """One kind of mail."""

    subject: str
    text: str
    gaps: frozenset[str]
    can_wait: bool = False
    calendar: str = ""  # the method of the calendar file it brings, which fills the gap `calendar`


class UnknownLetter(LookupError):  # noqa: N818 - named for the event
    """A letter that is not in this file, or a gap that it does not have."""


def _letter(subject: str, text: str, *, can_wait: bool = False, calendar: str = "") -> Letter:
    gaps = set(Template(subject).get_identifiers()) | set(Template(text).get_identifiers())
    if calendar:
        gaps.add("calendar")
    return Letter(subject, text, frozenset(gaps), can_wait, calendar)


LETTERS = {
    "invitation": _letter(
        "Your account at $clinic",
        "You have been given an account at $clinic.\n\nOpen this link within $days days to choose"
        " how you sign in. It works once.\n\n$link\n\nIf you did not expect this, do nothing.\n",
    ),
    "pages_invitation": _letter(
        "An invitation from $clinic",
        "$clinic invites you to pages that are meant for you alone.\n\nOpen this link within $days"
        " days. It works once, and asks you for a date of birth.\n\n$link\n\nIf you did not expect"
        " this, do nothing.\n",
    ),
    "reset": _letter(
        "A new password at $clinic",
        "Somebody asked for a new password for this address at $clinic.\n\nOpen this link within"
        " $minutes minutes to choose one. It works once.\n\n$link\n\nIf it was not you, do nothing:"
        " your password stays as it is.\n",
    ),
    "security": _letter(
        "A change to your account at $clinic",
        "How you sign in at $clinic was changed at $when.\n\nIf it was not you, tell the clinic at"
        " once.\n",
    ),
    "access_to_review": _letter(
        "Something to review at $clinic",
        "There is a new item for you to review at $clinic. Sign in to see it.\n\n$link\n",
    ),
    "waiting_work": _letter(
        "Something is waiting for you at $clinic",
        "Sign in at $clinic to see it.\n\n$link\n",
        can_wait=True,
    ),
    "visit_to_confirm": _letter(
        "Confirm your visit at $clinic",
        "Somebody asked for a visit with this address at $clinic:\n\n$when\n$where\n\nOpen this"
        " link within $minutes minutes to confirm it. Otherwise the place is given back.\n\n"
        "$link\n\nIf it was not you, do nothing.\n",
    ),
    "wait_to_confirm": _letter(
        "The wait list of $clinic",
        "Somebody asked with this address to be told when a visit at $clinic comes free.\n\nOpen"
        " this link within a day to be put on the wait list. The same link takes you off it"
        " later.\n\n$link\n\nIf it was not you, do nothing.\n",
    ),
    "visit_booked": _letter(
        "Your visit at $clinic",
        "Your visit at $clinic is booked:\n\n$when\n$where\n\nTo move or cancel it:\n\n$link\n",
        calendar="REQUEST",
    ),
    "visit_moved": _letter(
        "Your visit at $clinic has a new time",
        "Your visit at $clinic is now:\n\n$when\n$where\n\nTo move or cancel it:\n\n$link\n",
        calendar="REQUEST",
    ),
    "first_visit_booked": _letter(
        "Your visit at $clinic",
        "Your visit at $clinic is booked:\n\n$when\n$where\n\nPlease fill in your forms before you"
        " come. To do so, or to move or cancel the visit:\n\n$link\n",
        calendar="REQUEST",
    ),
    "first_visit_moved": _letter(
        "Your visit at $clinic has a new time",
        "Your visit at $clinic is now:\n\n$when\n$where\n\nIf you have not filled in your forms"
        " yet, please do before you come. To do so, or to move or cancel the visit:\n\n$link\n",
        calendar="REQUEST",
    ),
    "first_visit_reminder": _letter(
        "Your visit at $clinic",
        "You have a visit at $clinic:\n\n$when\n$where\n\nIf you have not filled in your forms yet,"
        " please do before you come. To do so, or to move or cancel the visit:\n\n$link\n",
        can_wait=True,
    ),
    "visit_follows_clocks": _letter(
        "The clocks of your visit at $clinic",
        "The rules by which clocks change where your visit at $clinic takes place are no longer"
        " what they were. The time of your visit stays:\n\n$when\n$where\n\nYour calendar may"
        " show another hour: take the visit out of this letter instead.\n\nTo move or cancel"
        " it:\n\n$link\n",
        calendar="REQUEST",
    ),
    "visit_cancelled": _letter(
        "Your visit at $clinic is cancelled",
        "The visit at $clinic of\n\n$when\n\nis cancelled. You can book another here:\n\n$link\n",
        calendar="CANCEL",
    ),
    "visit_reminder": _letter(
        "Your visit at $clinic",
        "You have a visit at $clinic:\n\n$when\n$where\n\nTo move or cancel it:\n\n$link\n",
        can_wait=True,
    ),
    "place_offered": _letter(
        "An earlier place at $clinic",
        "A place has come free at $clinic:\n\n$when\n$where\n\nIt is kept for you until $until."
        " Open this link to take it or to let it go.\n\n$link\n",
    ),
}


def written(name: str, values: dict[str, str]) -> tuple[str, str]:
    """Subject and text of a letter with its gaps filled, no more and no fewer.

    Raises:
        UnknownLetter: No such letter, or the values are not exactly its gaps.
    """
    letter = LETTERS.get(name)
    if letter is None:
        raise UnknownLetter(f"No letter '{name}'; there are {', '.join(sorted(LETTERS))}.")
    if set(values) != letter.gaps:
        raise UnknownLetter(
            f"The letter '{name}' has the gaps {sorted(letter.gaps)}, got {sorted(values)}."
        )
    subject = Template(letter.subject).substitute(values)
    if "\n" in subject or "\r" in subject:
        raise UnknownLetter("A subject must be one line.")
    return subject, Template(letter.text).substitute(values)
