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


class UnknownLetter(LookupError):  # noqa: N818 - named for the event
    """A letter that is not in this file, or a gap that it does not have."""


def _letter(subject: str, text: str, *, can_wait: bool = False) -> Letter:
    gaps = set(Template(subject).get_identifiers()) | set(Template(text).get_identifiers())
    return Letter(subject, text, frozenset(gaps), can_wait)


LETTERS = {
    "invitation": _letter(
        "Your account at $clinic",
        "You have been given an account at $clinic.\n\nOpen this link within $days days to choose"
        " how you sign in. It works once.\n\n$link\n\nIf you did not expect this, do nothing.\n",
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
