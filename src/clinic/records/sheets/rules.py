"""What was typed into a sheet: kept as typed, read when it is sent, put together when two write.

Pure functions. A draft keeps letters, not values: what cannot be read yet is kept as it is. Reading
gives values and problems; a problem names the question, what was typed, what was expected and how
to mend it. No answer is no answer: it is not "no", and it is not "not asked" unless somebody said
so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from clinic.records.drawing.rules import drawn_in_words, read_parts
from clinic.records.sheets.versions import FormVersion, Item, Section
from clinic.treatment_rules import is_place, place_words
from clinic.written_days import MONTHS, read_day
from myotome.errors import InputError

Raw = dict[str, list[str]]  # what was typed, by field
Values = dict[str, Any]  # what it means, by question

YES_NO: Final = {
    "yes": "Yes",
    "no": "No",
    "unknown": "I do not know",
    "not_asked": "Not asked",
}
LONGEST: Final = {"text": 200, "long_text": 20_000}
LONGEST_BESIDE: Final = 1000  # letters of the words beside an answer
SCALE: Final = range(11)
NOT_ANSWERED: Final = "Not answered"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a sheet from being sent."""

    item: Item
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a sheet says, and what is wrong with it."""

    values: Values
    problems: tuple[Problem, ...]

    def problem_of(self, key: str) -> str:
        """What is wrong with one question, or nothing."""
        return " ".join(each.message for each in self.problems if each.item.key == key)


class _Wrong(ValueError):  # noqa: N818 - named for the event
    """A value that cannot be read; the message is for the person who typed it."""


def fields_of(item: Item) -> tuple[str, ...]:
    """The fields of the page in which one question is answered."""
    parts: tuple[str, ...] = ("day", "month", "year") if item.kind == "date" else ("",)
    parts += ("part", "side") if item.asks_where else ()
    parts += ("note",) if item.takes_words else ()
    return tuple(f"{item.key}.{part}" if part else item.key for part in parts)


def typed(sections: Iterable[Section], sent: Mapping[str, list[str]]) -> Raw:
    """What was sent for the questions of some sections; every one of their fields, empty too."""
    names = [name for section in sections for item in section.items for name in fields_of(item)]
    return {name: _stripped(name, sent.get(name, [])) for name in names}


def _stripped(name: str, values: list[str]) -> list[str]:
    cleaned = [value.replace("\r\n", "\n").replace("\x00", "") for value in values]
    if name.endswith((".part", ".side")):  # rows of a pair: an empty one keeps its place
        return cleaned
    return [value for value in cleaned if value.strip()]


# ------------------------------------------------------------- two who write


@dataclass(frozen=True, slots=True)
class Merged:
    """A draft after somebody typed on, or the fields that two wrote unlike each other."""

    raw: Raw
    touched: dict[str, int]  # the revision in which each field changed last
    clashes: tuple[str, ...] = ()


def put_together(
    stored: Raw, touched: Mapping[str, int], revision: int, sent: Raw, *, based_on: int
) -> Merged:
    """What was sent, written into what is stored.

    A field that changed since the sender's page was made, and that the sender wants otherwise, is
    a clash; with one clash nothing is written, since the page shows both and asks.
    """
    changed = [name for name, values in sent.items() if stored.get(name, []) != values]
    clashes = tuple(name for name in changed if touched.get(name, 0) > based_on)
    if clashes:
        return Merged(dict(stored), dict(touched), clashes)
    return Merged(
        {**stored, **{name: sent[name] for name in changed}},
        {**touched, **dict.fromkeys(changed, revision + 1)},
    )


# ------------------------------------------------------------- reading


def read(form: FormVersion, raw: Mapping[str, list[str]]) -> Reading:
    """The values of a sheet and everything wrong with it."""
    values: Values = {}
    problems: list[Problem] = []
    for item in form.items:
        try:
            found = _READERS[item.kind](item, raw)
        except _Wrong as wrong:
            problems.append(Problem(item, str(wrong)))
            continue
        if found is not None:
            values[item.key] = found
        elif item.required:
            problems.append(Problem(item, _what_is_missing(item)))
        if item.takes_words:
            problems += _words_beside(item, raw, values)
        if item.asks_where:
            problems += _where(item, raw, values)
        if found is None and f"{item.key}.note" in values and _must_be_chosen(item):
            problems.append(Problem(item, "Words stand beside it and no answer. Choose one."))
    return Reading(values, tuple(problems))


def _must_be_chosen(item: Item) -> bool:
    """Whether words alone are no answer: a yes has an effect, and what they say may be a yes."""
    return "effect" in (item.more or {}) and not item.required


def _one(item: Item, raw: Mapping[str, list[str]]) -> str:
    return next(iter(raw.get(item.key, [])), "").strip()


def _what_is_missing(item: Item) -> str:
    how = {
        "text": "Write a line",
        "long_text": "Write a few words",
        "yes_no": "Choose yes, no, or one of the others",
        "choice": "Choose one",
        "choices": "Choose one or more",
        "scale": "Choose a number from 0 to 10",
        "date": "Enter day, month and year",
        "drawing": "Choose parts of the body, or say that there is nothing to draw",
    }
    return f"Nothing is answered. {how.get(item.kind, 'Enter a number')}."


def _text(item: Item, raw: Mapping[str, list[str]]) -> str | None:
    text = "\n".join(raw.get(item.key, [])).strip()
    most = LONGEST[item.kind]
    if len(text) > most:
        raise _Wrong(f"It has {len(text)} letters; at most {most} are kept. Shorten it.")
    return text or None


def _yes_no(item: Item, raw: Mapping[str, list[str]]) -> str | None:
    answer = _one(item, raw)
    if answer and answer not in YES_NO:
        raise _Wrong(f"'{answer}' is no answer. Choose yes, no or not asked.")
    return answer or None


def _choice(item: Item, raw: Mapping[str, list[str]]) -> str | None:
    return next(iter(_choices(item, raw) or []), None)


def _choices(item: Item, raw: Mapping[str, list[str]]) -> list[str] | None:
    chosen = [value.strip() for value in raw.get(item.key, [])]
    known = [choice.key for choice in item.choices]
    if other := [value for value in chosen if value not in known]:
        offer = ", ".join(choice.label for choice in item.choices)
        raise _Wrong(f"'{other[0]}' is not among the answers. Choose from: {offer}.")
    return [key for key in known if key in chosen] or None


def _whole_number(item: Item, raw: Mapping[str, list[str]]) -> dict[str, str] | None:
    text = _one(item, raw)
    if text and not re.fullmatch(r"[+-]?\d{1,9}", text):
        raise _Wrong(f"It must be a whole number{_range(item)}. You entered '{text}'.")
    return _within(item, text)


def _number(item: Item, raw: Mapping[str, list[str]]) -> dict[str, str] | None:
    text = _one(item, raw).replace(",", ".")
    if text and not re.fullmatch(r"[+-]?\d{1,9}(\.\d{1,6})?", text):
        raise _Wrong(f"It must be a number{_range(item)}. You entered '{_one(item, raw)}'.")
    return _within(item, text)


def _within(item: Item, text: str) -> dict[str, str] | None:
    """A number as typed with the unit in which it was asked."""
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation as error:  # the pattern above lets none through
        raise _Wrong(f"It must be a number{_range(item)}. You entered '{text}'.") from error
    if (item.low is not None and value < Decimal(str(item.low))) or (
        item.high is not None and value > Decimal(str(item.high))
    ):
        raise _Wrong(f"It must be{_range(item)}. You entered {text}.")
    return {"value": str(value), "unit": item.unit}


def _range(item: Item) -> str:
    unit = f" {item.unit}" if item.unit else ""
    if item.low is not None and item.high is not None:
        return f" between {item.low:g} and {item.high:g}{unit}"
    if item.low is not None:
        return f" of at least {item.low:g}{unit}"
    if item.high is not None:
        return f" of at most {item.high:g}{unit}"
    return f" of {item.unit}" if item.unit else ""


def _scale(item: Item, raw: Mapping[str, list[str]]) -> int | None:
    text = _one(item, raw)
    if not text:
        return None
    if not re.fullmatch(r"\d{1,2}", text) or int(text) not in SCALE:
        raise _Wrong(f"It must be a whole number from 0 to 10. You entered '{text}'.")
    return int(text)


def _date(item: Item, raw: Mapping[str, list[str]]) -> str | None:
    parts = {
        name: next(iter(raw.get(f"{item.key}.{name}", [])), "").strip()
        for name in ("day", "month", "year")
    }
    if not any(parts.values()):
        return None
    try:
        return read_day(**parts, example="9 March 2027").isoformat()
    except ValueError as error:
        raise _Wrong(str(error)) from error


def _drawing(item: Item, raw: Mapping[str, list[str]]) -> dict[str, Any] | None:
    try:
        return read_parts(raw.get(item.key, []))
    except InputError as error:
        raise _Wrong(str(error)) from error


def _words_beside(item: Item, raw: Mapping[str, list[str]], values: Values) -> list[Problem]:
    """What was added to an answer in words, or said in words alone."""
    note = next(iter(raw.get(f"{item.key}.note", [])), "").strip()
    if len(note) > LONGEST_BESIDE:
        most = f"at most {LONGEST_BESIDE} are kept. Shorten them."
        return [Problem(item, f"The words beside it have {len(note)} letters; {most}")]
    if note:
        values[f"{item.key}.note"] = note
    return []


def _where(item: Item, raw: Mapping[str, list[str]], values: Values) -> list[Problem]:
    """The parts of the body of a yes."""
    if values.get(item.key) != "yes":
        return []
    places = places_typed(item, raw)
    if not places and item.required:
        del values[item.key]
        return [Problem(item, "Yes needs the part of the body. Choose where.")]
    if other := [name for name in places if not is_place(name)]:
        del values[item.key]
        return [Problem(item, f"No part of the body is called '{other[0]}'. Choose one.")]
    values[f"{item.key}.where"] = places
    return []


def places_typed(item: Item, raw: Mapping[str, list[str]]) -> list[str]:
    """Parts of the body as typed: `calf-left`."""
    parts = raw.get(f"{item.key}.part", [])
    sides = raw.get(f"{item.key}.side", [])
    pairs = [
        (part, sides[number] if number < len(sides) else "")
        for number, part in enumerate(parts)
        if part.strip()
    ]
    return list(dict.fromkeys(f"{part}-{side}" if side else part for part, side in pairs))


_READERS: Final[Mapping[str, Callable[[Item, Mapping[str, list[str]]], Any]]] = {
    "text": _text,
    "long_text": _text,
    "yes_no": _yes_no,
    "choice": _choice,
    "choices": _choices,
    "whole_number": _whole_number,
    "number": _number,
    "date": _date,
    "scale": _scale,
    "drawing": _drawing,
}


# ------------------------------------------------------------- showing


@dataclass(frozen=True, slots=True)
class Line:
    """One question and its answer in words, as a page shows it."""

    item: Item
    answer: str
    is_answered: bool
    problem: str = ""
    parts: tuple[str, ...] = field(default=())  # of a drawing, in words


def lines(
    section: Section, values: Mapping[str, Any], reading: Reading | None = None
) -> list[Line]:
    """The answers of a section in words."""
    return [
        Line(
            item,
            in_words(item, values),
            item.key in values or (f"{item.key}.note" in values and not _must_be_chosen(item)),
            reading.problem_of(item.key) if reading else "",
            drawn_in_words(values[item.key])
            if item.kind == "drawing" and item.key in values
            else (),
        )
        for item in section.items
    ]


def in_words(item: Item, values: Mapping[str, Any]) -> str:
    """An answer as somebody would read it out; what was not answered says so."""
    note = values.get(f"{item.key}.note", "")
    if item.key not in values and note and not _must_be_chosen(item):
        return f"In words: {note}"
    if item.key not in values:
        return f"{NOT_ANSWERED}. {note}" if note else NOT_ANSWERED
    tell = _WORDS.get(item.kind)
    words = tell(item, values[item.key]) if tell else str(values[item.key])
    where = ", ".join(place_words(each) for each in values.get(f"{item.key}.where", []))
    return ". ".join(part for part in (f"{words}: {where}" if where else words, note) if part)


def _day_in_words(value: str) -> str:
    day = date.fromisoformat(value)
    return f"{day.day} {day:%B %Y}"


def _count_in_words(value: Mapping[str, Any]) -> str:
    count = len(value["parts"])
    return f"{count} {'part' if count == 1 else 'parts'} drawn" if count else "Nothing to draw"


_WORDS: Final[Mapping[str, Callable[[Item, Any], str]]] = {
    "yes_no": lambda _item, value: YES_NO[value],
    "choice": lambda item, value: item.label_of(value),
    "choices": lambda item, value: ", ".join(item.label_of(each) for each in value),
    "whole_number": lambda _item, value: f"{value['value']} {value['unit']}".strip(),
    "number": lambda _item, value: f"{value['value']} {value['unit']}".strip(),
    "date": lambda _item, value: _day_in_words(value),
    "scale": lambda _item, value: f"{value} out of 10",
    "drawing": lambda _item, value: _count_in_words(value),
}


def as_typed(form: FormVersion, values: Mapping[str, Any]) -> Raw:
    """The fields that would be read as these values: where a correction begins."""
    raw: Raw = {}
    for item in form.items:
        if note := values.get(f"{item.key}.note"):
            raw[f"{item.key}.note"] = [note]
        if item.key not in values:
            continue
        value = values[item.key]
        match item.kind:
            case "date":
                year, month, day = value.split("-")
                raw |= {
                    f"{item.key}.day": [str(int(day))],
                    f"{item.key}.month": [MONTHS[int(month) - 1].title()],
                    f"{item.key}.year": [year],
                }
            case "choices":
                raw[item.key] = list(value)
            case "whole_number" | "number":
                raw[item.key] = [value["value"]]
            case "drawing":
                raw[item.key] = [
                    f"{part['region']}:{part['side']}:{part['feeling']}:{part['intensity']}"
                    for part in value["parts"]
                ] or ["nothing"]
            case _:
                raw[item.key] = [str(value)]
        if item.asks_where:
            pairs = [each.partition("-") for each in values.get(f"{item.key}.where", [])]
            if pairs:
                raw[f"{item.key}.part"] = [part for part, _, _ in pairs]
                raw[f"{item.key}.side"] = [side for _, _, side in pairs]
    return raw
