"""The door: lets a file's content in as checked tables, and says what must be where it is not.

`tables` says what may stand in a file and pydantic checks it; here each of its errors becomes a
sentence of the house, with its place and the remedy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from myotome.case.case import FORMAT, LISTED, SECTIONS
from myotome.case.problems import Problems, shown
from myotome.case.tables import TABLES, CaseFile, SiteTable, Table
from myotome.errors import InputError, UnknownName

_EXAMPLES: Final = {
    "concluded": '["C6-right"]',
    "sites": '[{ site = "trapezius_descendens", side = "right" }]',
}

_WHOLE: Final = "be a whole number from {low} to {high}"
_WORDS: Final = {
    "string_type": "be text in quotes",
    "string_unicode": "be text in quotes",
    "bool_type": "be true or false",
    "list_type": "be a list",
    "finite_number": "be a finite number",
    "int_type": _WHOLE,
    "multiple_of": _WHOLE,
}

Location = tuple[int | str, ...]


def admitted(document: Mapping[str, Any], file: str) -> CaseFile:
    """The parts of a case as its file gives them.

    Args:
        document: The content of the file.
        file: Where it came from, for messages.

    Raises:
        InputError: Something cannot be used; `CaseErrors` with all of it.
    """
    try:
        return CaseFile.model_validate(document, context=[])
    except ValidationError as error:
        wrong = error.errors(include_url=False)
    problems = Problems(file)
    for detail in wrong:
        problems.add(_problem(detail).at(_place(detail["loc"])))
    problems.raise_if_any()
    raise AssertionError("pydantic refused a file without an error")


def _place(location: Location) -> str:
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def _problem(error: ErrorDetails) -> InputError:
    """The sentence for one error of pydantic."""
    if error["type"] == "refused":
        refused: InputError = error["ctx"]["problem"]
        return refused
    location, given = error["loc"], error["input"]
    key = str(location[-1])
    if error["type"] == "extra_forbidden":
        return _unknown(location[:-1], key)
    if len(location) == 1 or isinstance(location[-1], int):
        return InputError(_shape(location, shown(given)))
    blank = given == "" or (error["type"] == "string_pattern_mismatch" and not given.strip())
    missing = error["type"] == "missing" or blank
    must = _must(error, _model(location).model_fields[key], key)
    got = "nothing" if missing else shown(given)
    return InputError(f"{key} must {must}, got {got}.{_remedy(key, given, missing=missing)}")


def _model(location: Location) -> type[Table]:
    return SiteTable if "sites" in location[:-1] else TABLES[str(location[0])]


def _unknown(table: Location, key: str) -> UnknownName:
    if not table:
        return UnknownName("section", key, SECTIONS, hint=f"Sections: {', '.join(SECTIONS)}.")
    keys = tuple(_model((*table, key)).model_fields)
    return UnknownName("key", key, keys, hint=f"Keys here: {', '.join(keys)}.")


def _shape(location: Location, got: str) -> str:
    """The sentence where a section, or an entry of a list, is something else altogether."""
    name = str(location[0])
    match location:
        case (*_, "concluded", int()):
            return f"a root must be text in quotes, got {got}. Write {_EXAMPLES['concluded']}."
        case (*_, "sites", int()):
            return f"a site must be a table, got {got}. Write {_EXAMPLES['sites']}."
        case _ if name in LISTED:
            return f"{name} must be a list of tables, got {got}. Write [[{name}]]."
    return f"{name} must be one table, got {got}. Write [{name}]."


def _must(error: ErrorDetails, field: FieldInfo, key: str) -> str:
    """What must be under a key, beginning with the verb."""
    kind, given = error["type"], error["input"]
    limits = {type(limit).__name__: limit for limit in field.metadata}
    low, high = (getattr(limits.get(name), name.lower(), None) for name in ("Ge", "Le"))
    more = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    what = field.description
    if kind in _WORDS:
        return _WORDS[kind].format(low=low, high=high)
    if kind == "greater_than_equal" and key == "week":
        return "be 0 or later"
    if kind == "string_pattern_mismatch" and given.strip():
        what = str(more.get("spelling", what))
    elif kind == "missing" and key == "value":
        what = f"a number, the {given.get('measure', 'result')}"
    if what:
        return f"be {what}"
    must = "be a number" if kind == "float_type" else f"lie between {low:g} and {high:g}"
    return f"{must} ({more['unit']})" if "unit" in more else must


def _remedy(key: str, got: Any, *, missing: bool) -> str:  # noqa: ANN401 - anything from the file
    number = got if isinstance(got, int | float) and not isinstance(got, bool) else None
    match key:
        case "format" if missing:
            return f" Begin the file with [case] and format = {FORMAT}."
        case "format":
            return f" Write format = {FORMAT}."
        case "height_m" if number is not None and 40 <= number <= 260:
            return f" Write {number / 100:.2f} for {number:g} cm."
        case "week" if number is not None and number < 0:
            return " Weeks count from the first visit; what was before it belongs to [history]."
        case "concluded" | "sites":
            return f" Write {_EXAMPLES[key]}."
    return ""
