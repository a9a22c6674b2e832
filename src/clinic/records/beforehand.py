"""What was said before a visit of one's health and of needles, for whoever asks at the visit.

It is what a patient says, on their own device, by a link or on the clinic's tablet. It never enters
the screening and is no consent: both are asked anew at the visit. What was typed and not sent, or
sent several times, is told too, since a yes must not be lost between two sendings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from clinic.records.consent.texts import ConsentText, Region, current_text, text_of
from clinic.records.models import Sheet, Visit, Way
from clinic.records.sheets.rules import in_words, read
from clinic.records.sheets.versions import FormVersion, Item, Section, version_of

HEALTH: Final = "health"
NEEDLES: Final = "needles"
PARTS: Final = "parts"  # the question of the parts of the body that it may be about
UNDERSTOOD: Final = "understood"


# ------------------------------------------------------------------ what is read while one answers


@dataclass(frozen=True, slots=True)
class ToRead:
    """The text that stands above the questions of a section, and the risks of the parts chosen."""

    text: ConsentText
    chosen: tuple[Region, ...]
    others: tuple[Region, ...]


def to_read(section: Section, raw: Mapping[str, list[str]]) -> ToRead | None:
    """What a section gives to read, of the version that its form names."""
    if not section.reads:
        return None
    name, _, version = section.reads.partition(".")
    text = text_of(name, int(version))
    parts = set(raw.get(PARTS, []))
    return ToRead(
        text,
        tuple(region for region in text.regions if region.key in parts),
        tuple(region for region in text.regions if region.key not in parts),
    )


# ------------------------------------------------------------------ what was said


@dataclass(frozen=True, slots=True)
class Said:
    """One sheet as it stands: sent, or typed and not sent."""

    form: FormVersion
    values: Mapping[str, Any]
    sheet: Sheet
    way: Way
    at: datetime
    is_sent: bool

    @property
    def way_words(self) -> str:
        """How it came."""
        return str(self.way.label).lower()


def said_before(visit: Visit, form: str) -> list[Said]:
    """What was said of a form for a visit, the latest first.

    That is since the visit before, up to the next. What was sent and opened again to be corrected
    stands twice, as sent and as typed.
    """
    others = Visit.objects.filter(patient=visit.patient_id).values_list("starts_at", flat=True)
    before = others.filter(starts_at__lt=visit.starts_at).order_by("-starts_at").first()
    after = others.filter(starts_at__gt=visit.starts_at).order_by("starts_at").first()
    rows = (
        Sheet.objects.filter(patient=visit.patient_id, form=form)
        .select_related("draft")
        .prefetch_related("submissions")
    )
    found = []
    for sheet in rows:
        sent = max(sheet.submissions.all(), key=lambda row: row.number, default=None)
        if sent is not None:
            asked = version_of(form, sent.version)
            found.append(Said(asked, sent.values, sheet, Way(sent.way), sent.sent_at, True))
        draft = getattr(sheet, "draft", None)
        if draft is not None and draft.raw:
            asked = version_of(form, draft.version)
            values = read(asked, draft.raw).values
            found.append(Said(asked, values, sheet, Way(draft.way), draft.saved_at, False))
    within = [
        each
        for each in found
        if (before is None or each.at > before) and (after is None or each.at < after)
    ]
    return sorted(within, key=lambda each: each.at, reverse=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer given beforehand: the question as the patient read it, the answer, whence."""

    question: str
    words: str
    said: Said
    is_no: bool
    is_urgent: bool


def answers_by_question(said: list[Said]) -> dict[str, list[Answer]]:
    """Every answer by its question, the latest first; the same words twice are told once."""
    found: dict[str, list[Answer]] = {}
    for each in said:
        for item in each.form.items:
            if item.key not in each.values and f"{item.key}.note" not in each.values:
                continue
            value = each.values.get(item.key)
            answer = Answer(
                item.label,
                in_words(item, each.values),
                each,
                is_no=value == "no" and f"{item.key}.note" not in each.values,
                is_urgent=value == "yes" and item.is_urgent,
            )
            rows = found.setdefault(item.key, [])
            if answer.words not in [row.words for row in rows]:
                rows.append(answer)
    return found


@dataclass(frozen=True, slots=True)
class Health:
    """What was said of one's health: all of it by question, and what was not a plain no."""

    said: list[Said]
    by_question: dict[str, list[Answer]]

    @property
    def to_ask(self) -> list[Answer]:
        """What was answered otherwise than no; what needs care the same day comes first."""
        rows = [row for each in self.by_question.values() for row in each if not row.is_no]
        return sorted(rows, key=lambda row: not row.is_urgent)


def health_before(visit: Visit) -> Health:
    """What was said of one's health before a visit."""
    said = said_before(visit, HEALTH)
    return Health(said, answers_by_question(said))


@dataclass(frozen=True, slots=True)
class Thoughts:
    """What somebody read of needles and thinks so far; no consent."""

    said: Said
    is_of_current_text: bool
    lines: list[tuple[str, str]]
    left_open: list[str]


def needles_before(visit: Visit) -> list[Thoughts]:
    """What was said of needles before a visit, the latest first."""
    return [_thoughts(each) for each in said_before(visit, NEEDLES)]


def _thoughts(said: Said) -> Thoughts:
    items, text = {item.key: item for item in said.form.items}, current_text()
    ticked = said.values.get(UNDERSTOOD, [])
    return Thoughts(
        said,
        f"{text.text}.{text.version}" in {section.reads for section in said.form.sections},
        [
            (item.label, _in_words(item, said.values))
            for item in items.values()
            if f"{item.key}.note" in said.values
            or (item.key in said.values and item.key != UNDERSTOOD)
        ],
        [choice.label for choice in items[UNDERSTOOD].choices if choice.key not in ticked],
    )


def _in_words(item: Item, values: Mapping[str, Any]) -> str:
    """An answer; of what was understood the words alone, since what was not ticked is told."""
    if item.key == UNDERSTOOD:
        return str(values[f"{item.key}.note"])
    return in_words(item, values)
