"""A day as people write it, in three parts."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)


def read_day(day: str, month: str, year: str, *, example: str) -> date:
    """The day that somebody wrote, the month as a number or a name, from three letters on.

    Args:
        day: One part, as typed.
        month: Another.
        year: Another, of four digits.
        example: A day that would be taken, for the words of an error.

    Raises:
        ValueError: There is no such day; the words say what is wrong and what was entered.
    """
    parts = {"day": day.strip(), "month": month.strip(), "year": year.strip()}
    if missing := [name for name, text in parts.items() if not text]:
        raise ValueError(f"It must include a {missing[0]}, such as {example}.")
    if not re.fullmatch(r"\d{4}", parts["year"]):
        raise ValueError(f"The year must have four digits. You entered '{parts['year']}'.")
    try:
        return date(int(parts["year"]), _month(parts["month"]), _number(parts["day"]))
    except ValueError as error:
        written = " ".join(parts.values())
        raise ValueError(
            f"It must be a real date, such as {example}. You entered '{written}'."
        ) from error


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,2}", text):
        raise ValueError(text)
    return int(text)


def _month(text: str) -> int:
    if text[:1].isdecimal():
        return _number(text)
    apart = unicodedata.normalize("NFKD", text.lower())
    word = "".join(each for each in apart if each.isalpha())
    named = [
        number
        for number, name in enumerate(MONTHS, start=1)
        if len(word) >= 3 and name.startswith(word)
    ]
    if len(named) != 1:
        raise ValueError(text)
    return named[0]
