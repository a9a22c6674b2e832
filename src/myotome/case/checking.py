"""Checking: remarks on a case that can be used but that a person should look at again.

What cannot be used is an error and is raised on reading. A remark is weaker: no source, an
assumption about a place that the file does not have, a conclusion without its basis.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from myotome.case.case import LISTED, SECTIONS, Case
from myotome.case.reading import parse_case
from myotome.case.toml import document_text

# A place: section, which entry or entries, which field, and words that narrow it down.
_PLACE: Final = re.compile(
    r"(?P<section>[a-z]+)(\[(?P<first>\d+)(-(?P<last>\d+))?\])?(\.(?P<field>[a-z_]+))?"
    r"( \([^()]+\))?"
)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to look at again, and where."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def check_case(case: Case) -> tuple[Remark, ...]:
    """Remarks on a case, in the order of the file; none is best.

    Also serves a case made in code: it is checked as if it had been read.

    Raises:
        InputError: The case could not be read back; see `parse_case`.
    """
    parse_case(document_text(case.to_document()))
    return tuple(_remarks(case))


def _remarks(case: Case) -> Iterator[Remark]:
    if not case.source.strip():
        yield Remark("case.source", "No source. Say where the case was published, or who wrote it.")
    if case.concluded and not case.basis.strip():
        yield Remark("case.basis", "A conclusion without its basis. Say how it was reached.")
    if not case.findings:
        yield Remark("finding", "No findings, so there is nothing to examine.")
    elif not case.examination():
        yield Remark("finding", "Every finding is later than the first treatment.")
    for number, gap in enumerate(case.assumed, start=1):
        for part in gap.path.split(", "):
            problem = _problem_of_place(case, part)
            if problem:
                yield Remark(f"assumed[{number}].path", problem)


def _problem_of_place(case: Case, place: str) -> str:
    found = _PLACE.fullmatch(place)
    if not found or found["section"] not in SECTIONS:
        sections = ", ".join(SECTIONS)
        return f"'{place}' names no place of a case. Begin with one of: {sections}."
    section, key = found["section"], found["field"]
    if key and key not in SECTIONS[section]:
        return f"'{place}' names no key of {section}. Keys: {', '.join(SECTIONS[section])}."
    if found["first"]:
        if section not in LISTED:
            return f"'{place}' counts entries, but {section} is one table."
        there = len(case.to_document().get(section, ()))
        first = int(found["first"])
        last = int(found["last"] or first)
        if not 1 <= first <= last <= there:
            return f"'{place}' names an entry that is not there; {section} has {there}."
    return ""
