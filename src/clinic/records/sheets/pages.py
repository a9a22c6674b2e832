"""What the pages of a sheet show: its parts, each question with what was typed, who fills it in.

A patient goes part by part; staff see the whole sheet at once. The same pages serve the chart, the
patient's own device and the clinic's tablet: a `Desk` says where one stands and where links lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from clinic.patients.models import Patient
from clinic.records.beforehand import Answer, ToRead, to_read
from clinic.records.drawing.rules import FEELINGS, NOTHING, part_words
from clinic.records.models import Sheet
from clinic.records.sheets.actions import Writer
from clinic.records.sheets.rules import (
    SCALE,
    YES_NO,
    Raw,
    Reading,
    Values,
    in_words,
    places_typed,
    read,
)
from clinic.records.sheets.versions import FormVersion, Item, Section, current
from clinic.treatment_rules import places

MOST_PLACES = 6  # rows offered for the parts of the body of one answer


@dataclass(frozen=True, slots=True)
class Served:
    """Where another part serves the pages of a sheet.

    Attributes:
        space: The namespace of their addresses.
        named: What these name besides the sheet.
        after: Where one goes when there is nothing more to fill in.
    """

    space: str
    named: Mapping[str, object]
    after: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a sheet is being looked at: `chart`, `own`, `tablet`, or by the `link` of a mail."""

    kind: str
    patient: Patient
    writer: Writer
    is_practitioner: bool = False
    served: Served | None = None

    @property
    def is_alone(self) -> bool:
        """Whether nothing opens here but what is typed on this one sheet."""
        return self.kind in {"tablet", "link"}

    @property
    def is_staff(self) -> bool:
        """Whether staff read and write here."""
        return self.kind == "chart"

    def may_send(self, form: FormVersion) -> bool:
        """Whether who stands here may send this form, or only fill it in."""
        return form.signed_by == "anyone" or self.is_practitioner

    def url(self, page: str, sheet: Sheet, **more: str) -> str:
        """The address of a page of this sheet, for who stands here."""
        if self.served:
            named = {**self.served.named, "sheet": sheet.pk, **more}
            return reverse(f"{self.served.space}:{page}", kwargs=named)
        if self.kind == "tablet":
            return reverse(f"tablet:{page}", kwargs={"sheet": sheet.pk, **more})
        names = {"chart": "records", "own": "own_sheets"}
        return reverse(
            f"{names[self.kind]}:{page}", kwargs={"key": self.patient.pk, "sheet": sheet.pk, **more}
        )

    def urls(self, sheet: Sheet) -> dict[str, str]:
        """The addresses of all pages of this sheet, for who stands here."""
        names = ["fill", "check"]
        names += ["sheet", "correct", "drop"] if not self.is_alone else []
        names += ["hand_over"] if self.is_staff else []
        return {name: self.url(name, sheet) for name in names}

    def after(self, sheet: Sheet) -> str:
        """Where one goes when there is nothing more to fill in."""
        if self.served:
            return self.served.after
        if self.is_staff and sheet.visit_id and current(sheet.form).each_visit:
            keys = {"key": self.patient.pk, "visit": sheet.visit_id}
            return f"{reverse('records:visit', kwargs=keys)}#{sheet.form}"
        return self.url("done" if self.kind == "tablet" else "sheet", sheet)

    def parts(self, form: FormVersion) -> list[tuple[Section, ...]]:
        """The sections that share a page."""
        return [form.sections] if self.is_staff else [(each,) for each in form.sections]


@dataclass(frozen=True, slots=True)
class Field:
    """One question on the page: what was typed, what is wrong, what somebody else typed."""

    item: Item
    typed: list[str]
    raw: Raw
    problem: str = ""
    theirs: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    before: str = ""  # what was answered last time, in words
    said: tuple[Answer, ...] = ()  # what the patient answered to it before the visit

    @property
    def effect(self) -> str:
        """What a yes does, where the form says so."""
        return str((self.item.more or {}).get("effect", "")).replace("_", " ")

    @property
    def can_be_repeated(self) -> bool:
        """Whether it can be answered as last time together with others of its part."""
        return bool(self.before) and not self.typed and not (self.item.more or {}).get("each_visit")

    @property
    def one(self) -> str:
        """The only value, or nothing."""
        return self.typed[0] if self.typed else ""

    @property
    def scale(self) -> list[str]:
        """The numbers of a scale."""
        return [str(number) for number in SCALE]

    @property
    def date_parts(self) -> list[tuple[str, str, str]]:
        """Day, month and year: name, label and what was typed."""
        return [
            (
                f"{self.item.key}.{name}",
                label,
                next(iter(self.raw.get(f"{self.item.key}.{name}", [])), ""),
            )
            for name, label in (("day", "Day"), ("month", "Month"), ("year", "Year"))
        ]

    @property
    def where(self) -> list[tuple[int, str, str]]:
        """Rows for parts of the body: those typed, and one more."""
        found = [each.partition("-")[::2] for each in places_typed(self.item, self.raw)]
        rows = [*found, ("", "")][:MOST_PLACES]
        return [(number, part, side) for number, (part, side) in enumerate(rows)]

    @property
    def note(self) -> str:
        """What was added in words."""
        return next(iter(self.raw.get(f"{self.item.key}.note", [])), "")

    @property
    def described(self) -> str:
        """Names of what describes the field, for those who hear the page."""
        names = [f"{self.item.key}-help"] if self.item.help else []
        names += [f"{self.item.key}-error"] if self.problem else []
        return " ".join(names)

    @property
    def drawn(self) -> list[tuple[str, str]]:
        """What is drawn: the line as kept, and its words."""
        return [(line, drawn_words(line)) for line in self.typed]


def drawn_words(line: str) -> str:
    """A line of a drawing in words: `Thumb, right: tingling, 6 out of 10`."""
    if line == NOTHING:
        return "Nothing to draw today"
    region, _, rest = line.partition(":")
    side, _, rest = rest.partition(":")
    feeling, _, number = rest.partition(":")
    words = FEELINGS.get(feeling, feeling).lower()
    return f"{part_words(region, side)}: {words}, {number} out of 10"


@dataclass(frozen=True, slots=True)
class Group:
    """A section on the page, and what it gives to read."""

    section: Section
    read: ToRead | None
    fields: tuple[Field, ...]

    @property
    def can_be_repeated(self) -> bool:
        """Whether something of it can be answered as last time with one press."""
        return any(each.can_be_repeated for each in self.fields)


def groups(
    sections: tuple[Section, ...],
    raw: Mapping[str, list[str]],
    *,
    reading: Reading | None = None,
    theirs: Mapping[str, str] | None = None,
    by_staff: bool = True,
    before: Values | None = None,
    said: Mapping[str, list[Answer]] | None = None,
) -> list[Group]:
    """The sections of a page with what was typed, and what was said of it before."""
    return [
        Group(
            section,
            to_read(section, raw),
            tuple(
                Field(
                    item,
                    list(raw.get(item.key, [])),
                    dict(raw),
                    reading.problem_of(item.key) if reading else "",
                    (theirs or {}).get(item.key, ""),
                    _answers(item, by_staff=by_staff),
                    in_words(item, before) if before and item.key in before else "",
                    tuple((said or {}).get(item.key, ())),
                )
                for item in section.items
            ),
        )
        for section in sections
    ]


def _answers(item: Item, *, by_staff: bool) -> tuple[tuple[str, str], ...]:
    if item.kind == "yes_no":  # whether it was asked is for who asks to say
        hidden = set() if by_staff else {"not_asked"}
        hidden |= {"unknown"} if "effect" in (item.more or {}) else set()
        return tuple(each for each in YES_NO.items() if each[0] not in hidden)
    return tuple((choice.key, choice.label) for choice in item.choices)


def urgent(form: FormVersion, raw: Mapping[str, list[str]]) -> list[Item]:
    """Questions answered yes of which each needs care the same day."""
    return [item for item in form.items if item.is_urgent and raw.get(item.key) == ["yes"]]


def said_elsewhere(form: FormVersion, raw: Raw, clashes: tuple[str, ...]) -> dict[str, str]:
    """What stands in the draft for the questions of some fields, in words."""
    values = read(form, raw).values
    keys = {name.partition(".")[0] for name in clashes}
    found = {}
    for item in form.items:
        if item.key in keys:
            words = in_words(item, values)
            as_typed = " ".join(
                " ".join(raw.get(name, []))
                for name in sorted(clashes)
                if name.partition(".")[0] == item.key
            )
            found[item.key] = words if item.key in values else as_typed or words
    return found


def place_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Parts of the body to choose from, the wide ones first."""
    rows = list(places())
    wide = {"upper_limb", "lower_limb", "head", "whole_neck", "chest", "low_back", "trunk"}
    return [
        ("Wide parts", [row for row in rows if row[0] in wide]),
        ("Parts", [row for row in rows if row[0] not in wide]),
    ]
