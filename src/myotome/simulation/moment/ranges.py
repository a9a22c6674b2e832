"""Ranges: refuses a number that lies outside what it can be, in one sentence.

Receives what a person typed or a program passed; gives it back if it is a number within its
bounds. Everything that comes into a moment passes here, so that neither loop nor kernel has to
doubt what it is given.

Source: none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from myotome.errors import InputError


def checked_number(
    name: str,
    value: Any,  # noqa: ANN401 - whatever came
    low: float,
    high: float,
    unit: str = "",
    *,
    place: str = "",
) -> float:
    """The value, if it is one number from `low` to `high`.

    Args:
        name: What it is called in the sentence.
        value: Anything.
        low: Least.
        high: Largest.
        unit: Named beside the bounds; with a remedy after a semicolon, if there is one.
        place: Name of the field; `name` when left out.

    Raises:
        InputError: It is no number, or lies outside.
    """
    fine = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not fine or not low <= value <= high:
        within = f" ({unit})" if unit else ""
        raise InputError(
            f"{name} must lie between {low:.10g} and {high:.10g}{within}, got {value!r}.",
            place=place or name,
        )
    return float(value)


def checked_whole(name: str, value: Any, low: int, high: int, *, place: str = "") -> int:  # noqa: ANN401
    """The value, if it is a whole number from `low` to `high`.

    Raises:
        InputError: It is none, or lies outside.
    """
    fine = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not fine or not low <= value <= high:
        raise InputError(
            f"{name} must be a whole number between {low} and {high}, got {value!r}.",
            place=place or name,
        )
    return int(value)


def checked_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:  # noqa: ANN401
    """Refuse what is none of the choices.

    Raises:
        InputError: It is none of them.
    """
    if value not in choices:
        raise InputError(f"{name} must be {' or '.join(choices)}, got {value!r}.", place=name)
