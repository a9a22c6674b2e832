"""Published forms: each version of a form is one readable file that never changes.

A file `<form>.<version>.toml` in `published/` is published when `shipped.sha256` lists its digest.
Answers are kept with form, version and digest, and are shown for ever as they were asked. What is
asked otherwise is a new file with the next version. An unknown word in a file is refused with its
place, so that a slip of the pen is no question left out.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from clinic.records.consent.texts import published as texts
from myotome.errors import InputError, UnknownName

KINDS: Final = (
    "text",
    "long_text",
    "yes_no",
    "choice",
    "choices",
    "whole_number",
    "number",
    "date",
    "scale",
    "drawing",
)
IN_WORDS: Final = ("text", "long_text")
FILLED_BY: Final = ("patient", "staff", "both")
SIGNED_BY: Final = ("anyone", "practitioner")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FOLDER: Final = "published"
_LIST: Final = "shipped.sha256"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be chosen."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question; its key is the same in every version.

    Attributes:
        required: Asked for when the sheet is sent; a draft is kept without it.
        unit: Of a number; printed beside it and kept with it.
        low: Least value of a number; the words at 0 of a scale are `low_label`.
        asks_where: A yes asks for the part of the body, and takes words beside it.
        asks_words: The answer takes words beside it, such as which medicine.
        more: What this form alone knows of its questions, such as what a yes does.
    """

    key: str
    kind: str
    label: str
    help: str = ""
    required: bool = False
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None
    low_label: str = ""
    high_label: str = ""
    asks_where: bool = False
    asks_words: bool = False
    more: Mapping[str, Any] | None = None

    @property
    def is_urgent(self) -> bool:
        """Whether a yes needs care the same day."""
        return (self.more or {}).get("concern") == "emergency"

    @property
    def takes_words(self) -> bool:
        """Whether words are taken beside the answer."""
        return self.asks_words or self.asks_where

    def label_of(self, choice: str) -> str:
        """The words of a choice."""
        return next((each.label for each in self.choices if each.key == choice), choice)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together; `reads` names the consent text that they are about."""

    key: str
    title: str
    items: tuple[Item, ...]
    help: str = ""
    reads: str = ""


@dataclass(frozen=True, slots=True)
class FormVersion:
    """One version of a form, as its file says it."""

    form: str
    version: int
    digest: str
    title: str
    filled_by: str
    sections: tuple[Section, ...]
    intro: str = ""
    each_visit: bool = False  # filled in anew for every visit
    signed_by: str = "anyone"  # who may send it; anyone who may fill it in

    @property
    def items(self) -> tuple[Item, ...]:
        """Every question in order."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def is_for_patients(self) -> bool:
        """Whether the person themselves may fill it in."""
        return self.filled_by != "staff"

    def item(self, key: str) -> Item:
        """The question with this key.

        Raises:
            UnknownName: There is none.
        """
        for item in self.items:
            if item.key == key:
                return item
        raise UnknownName("question", key, [item.key for item in self.items])


@cache
def published() -> Mapping[tuple[str, int], FormVersion]:
    """Every published version by form and version.

    Raises:
        InputError: A file is not what the list of shipped digests says, or cannot be read.
    """
    found: dict[tuple[str, int], FormVersion] = {}
    for name, digest in shipped().items():
        content = (files(__package__) / _FOLDER / name).read_bytes()
        version = read_version(content, name)
        if version.digest != digest:
            raise InputError(
                "must be as it was published, got another digest. Undo the change and publish a"
                " new version instead.",
                file=name,
            )
        found[version.form, version.version] = version
    return found


def shipped() -> dict[str, str]:
    """The digest of each published file by its name."""
    text = (files(__package__) / _FOLDER / _LIST).read_text(encoding="ascii")
    return {name: digest for digest, name in (line.split() for line in text.splitlines())}


def current(form: str) -> FormVersion:
    """The newest version of a form.

    Raises:
        UnknownName: No such form.
    """
    versions = [version for (name, _), version in published().items() if name == form]
    if not versions:
        raise UnknownName("form", form, sorted({name for name, _ in published()}))
    return max(versions, key=lambda version: version.version)


def current_forms() -> tuple[FormVersion, ...]:
    """The newest version of every form, by title."""
    names = sorted({name for name, _ in published()})
    return tuple(sorted((current(name) for name in names), key=lambda form: form.title))


def version_of(form: str, version: int) -> FormVersion:
    """One version of a form.

    Raises:
        UnknownName: It was never published.
    """
    if (form, version) not in published():
        known = [f"{name} {number}" for name, number in published()]
        raise UnknownName("version of a form", f"{form} {version}", known)
    return published()[form, version]


def read_version(content: bytes, name: str) -> FormVersion:
    """Read the file of one version.

    Raises:
        InputError: It is not as such a file must be; the message names the place.
    """
    try:
        table = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"must be TOML: {error}.", file=name) from error
    reader = _Reader(name)
    version = reader.form(table, hashlib.sha256(content).hexdigest())
    if name != f"{version.form}.{version.version}.toml":
        raise InputError(
            f"must be named {version.form}.{version.version}.toml, as it says of itself.", file=name
        )
    return version


class _Reader:
    """Reads one file and says where it is wrong."""

    def __init__(self, name: str) -> None:
        self.name = name

    def form(self, table: dict[str, Any], digest: str) -> FormVersion:
        """The whole form."""
        needed = {"form", "version", "title", "filled_by", "sections"}
        self._check(table, needed, needed | {"intro", "each_visit", "signed_by"}, "")
        if table["filled_by"] not in FILLED_BY:
            raise self._wrong("filled_by", f"must be one of {', '.join(FILLED_BY)}")
        if table.get("signed_by", "anyone") not in SIGNED_BY:
            raise self._wrong("signed_by", f"must be one of {', '.join(SIGNED_BY)}")
        sections = tuple(
            self._section(row, f"sections[{number}]")
            for number, row in enumerate(table["sections"], start=1)
        )
        keys = [item.key for section in sections for item in section.items]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise self._wrong("sections", f"must name each question once, got twice: {twice[0]}")
        return FormVersion(**{**table, "sections": sections}, digest=digest)

    def _section(self, row: dict[str, Any], place: str) -> Section:
        needed = {"key", "title", "items"}
        self._check(row, needed, needed | {"help", "reads"}, place)
        if row.get("reads", "") not in {"", *(f"{name}.{version}" for name, version in texts())}:
            raise self._wrong(f"{place}.reads", "must be a published text, such as needling.1")
        items = tuple(
            self._item(item, f"{place}.items[{number}]")
            for number, item in enumerate(row["items"], start=1)
        )
        return Section(**{**row, "items": items})

    def _item(self, row: dict[str, Any], place: str) -> Item:
        self._check(row, {"key", "kind", "label"}, set(Item.__dataclass_fields__), place)
        if not _KEY.fullmatch(str(row["key"])):
            raise self._wrong(f"{place}.key", "must be small letters, digits and _")
        if row["kind"] not in KINDS:
            raise self._wrong(f"{place}.kind", f"must be one of {', '.join(KINDS)}")
        choices = tuple(Choice(**choice) for choice in row.get("choices", ()))
        if bool(choices) != (row["kind"] in {"choice", "choices"}):
            raise self._wrong(f"{place}.choices", "must be given for a choice and for nothing else")
        if row.get("asks_where") and row["kind"] != "yes_no":
            raise self._wrong(f"{place}.asks_where", "must belong to a yes_no")
        if row.get("asks_words") and row["kind"] in IN_WORDS:
            raise self._wrong(f"{place}.asks_words", "must belong to what is not words itself")
        return Item(**{**row, "choices": choices})

    def _check(self, row: dict[str, Any], needed: set[str], known: set[str], place: str) -> None:
        for field in needed - row.keys():
            raise self._wrong(f"{place}.{field}".strip("."), "must be given, got nothing")
        for field in row.keys() - known:
            raise self._wrong(f"{place}.{field}".strip("."), "is not known here")

    def _wrong(self, place: str, what: str) -> InputError:
        return InputError(f"{what}.", file=self.name, place=place)
