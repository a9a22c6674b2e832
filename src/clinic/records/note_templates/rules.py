"""What a note template says, and how what the record holds comes into it: pure functions.

A template is text. A line that is one of the `PLACES` alone gives way to what the record of the
visit holds there, line by line, or to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from myotome.errors import InputError

# What may stand on a line of its own, and what comes in its place.
PLACES: Final[Mapping[str, str]] = {
    "{problem}": "the problem and the goal",
    "{signs}": "the signs that are present, and words beside them",
    "{conclusion}": "what was concluded",
    "{plan}": "what was planned",
}
_FIRST: Final = """\
Subjective
{problem}

Objective
{signs}

Assessment
{conclusion}

Plan
{plan}

Consent and what was explained"""
_FOLLOW_UP: Final = """\
Since last time, soreness included

Objective, compared with last time
{signs}

Done today and how it was taken

Plan
{plan}"""
_DISCHARGE: Final = """\
Course and visits
{problem}

Goals met and not met

Signs of both rami now
{signs}

What to go on with, and when to come back
{plan}"""
# Those that every clinic has, by name: title and text.
FIXED: Final[Mapping[str, tuple[str, str]]] = {
    "first": ("First visit", _FIRST),
    "follow_up": ("Follow-up", _FOLLOW_UP),
    "discharge": ("End of a course", _DISCHARGE),
}
_BRACED: Final = re.compile(r"\{[^{}]*\}")


def filled(text: str, known: Mapping[str, Sequence[str]]) -> str:
    """A note to be written on.

    Args:
        text: Of a template.
        known: For each of the places what today's record holds, in lines.

    >>> print(filled("{signs}", {"{signs}": ["Taut band, clear (2)", "Weakness, 4 of 5"]}))
    Taut band, clear (2)
    Weakness, 4 of 5
    """
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() in PLACES:
            lines += known.get(line.strip(), ())
        else:
            lines.append(line.rstrip())
    return "\n".join(lines).strip()


def tidied(text: str) -> str:
    """The text of a template as it is kept.

    Raises:
        InputError: It is empty, or a word in braces is none that is known or not alone on its line.
    """
    lines = [line.rstrip() for line in text.replace("\x00", "").strip().splitlines()]
    if not lines:
        raise InputError("Write at least one heading.")
    for number, line in enumerate(lines, start=1):
        braced = _BRACED.findall(line)
        if other := [word for word in braced if word not in PLACES]:
            known = ", ".join(PLACES)
            raise InputError(f"Line {number}: '{other[0]}' is not known. Known are {known}.")
        if braced and line.strip() != braced[0]:
            raise InputError(f"Line {number}: {braced[0]} must stand on a line of its own.")
    return "\n".join(lines)
