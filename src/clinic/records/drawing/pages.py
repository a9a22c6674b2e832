"""What pages show of a drawing: fills and marks on the figure, and drawings side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from django.db.models import Q

from clinic.body_drawing import Drawn, Mark, sides, whole
from clinic.patients.models import Patient
from clinic.records.drawing.rules import (
    FEELINGS,
    Change,
    Place,
    changes,
    overlap,
    part_words,
    places,
    share,
)
from clinic.records.models import Submission

FORM = "drawing"
ITEM = "drawing"


def on_the_figure(
    parts: Iterable[Mapping[str, Any]], links: Mapping[Place, str] | None = None
) -> Drawn:
    """A drawing as fills and marks: the strongest feeling fills a part, its number stands there.

    What else is felt in a part is said in its words.
    """
    by_place: dict[Place, list[Mapping[str, Any]]] = {}
    for part in parts:
        by_place.setdefault((part["region"], part["side"]), []).append(part)
    fills, marks = {}, []
    for place, felt in by_place.items():
        strongest = max(felt, key=lambda part: part["intensity"])
        said = ", ".join(
            f"{FEELINGS[part['feeling']].lower()} {part['intensity']} out of 10" for part in felt
        )
        fills[place] = str(strongest["feeling"])
        marks.append(
            Mark(
                place=place[0],
                side=cast("Literal['left', 'right', 'midline']", place[1]),
                kind="finding",
                grade=None,
                number=strongest["intensity"],
                label=f"{part_words(*place)}: {said}",
                href=(links or {}).get(place),
            )
        )
    return Drawn(fills, tuple(marks))


@dataclass(frozen=True, slots=True)
class Shown:
    """One drawing among others: when, how large, and what changed since the one before."""

    submission: Submission
    parts: tuple[Mapping[str, Any], ...]
    share: float
    overlap: float | None = None
    changes: tuple[Change, ...] = ()
    is_first: bool = False

    @property
    def percent(self) -> str:
        """The share of the figure, as a number a person reads."""
        number = 100 * self.share
        return f"{number:.1f}" if 0 < number < 10 else f"{number:.0f}"

    @property
    def overlap_percent(self) -> str:
        """How much it is the same place as the drawing before."""
        return "" if self.overlap is None else f"{100 * self.overlap:.0f}"

    def of_kind(self, *kinds: str) -> list[str]:
        """Changes of some kinds in words."""
        return [each.words for each in self.changes if each.kind in kinds]

    @property
    def gone(self) -> list[str]:
        """What was there the time before and is no more."""
        return self.of_kind("gone")

    @property
    def new(self) -> list[str]:
        """What was not there the time before."""
        return self.of_kind("new")

    @property
    def changed(self) -> list[str]:
        """What is stronger or weaker."""
        return self.of_kind("more", "less")

    @property
    def same(self) -> list[str]:
        """What is as it was."""
        return self.of_kind("same")

    def figures(self, *, is_own: bool = False) -> list[tuple[str, str, str]]:
        """Front and back with this drawing: the name, which side is which, the picture."""
        drawn = on_the_figure(self.parts)
        day = self.submission.sent_at.strftime("%d-%b-%Y")
        front = whole("front", drawn, title=f"Drawing of {day}, front", links={})
        back = whole("back", drawn, title=f"Drawing of {day}, back", links={})
        return [
            ("Front", sides("front", is_own=is_own), front),
            ("Back", sides("back", is_own=is_own), back),
        ]


def drawings_of(patient: Patient) -> list[Shown]:
    """A person's drawings as they stand now, the latest first, each beside the one before."""
    rows = Submission.objects.filter(sheet__patient=patient, sheet__form=FORM)
    return shown_of(rows.select_related("sheet__visit", "sent_by"))


def drawn_or_unopened(patient: Patient) -> tuple[list[Shown], list[Submission]]:
    """A person's drawings, and what they sent and nobody opened, oldest first; one query."""
    theirs = Q(filled_by__in=[Submission.By.PATIENT, Submission.By.PROXY], look=None)
    rows = list(
        Submission.objects.filter(Q(sheet__form=FORM) | theirs, sheet__patient=patient)
        .select_related("sheet__visit", "sheet__patient", "sent_by", "look")
        .order_by("sent_at")
    )
    drawn = [row for row in rows if row.sheet.form == FORM]
    return shown_of(drawn), [row for row in rows if row.is_unopened]


def shown_of(rows: Iterable[Submission]) -> list[Shown]:
    """Sendings of drawings as they stand, the latest first, each beside the one before."""
    rows = sorted(rows, key=lambda row: (row.sheet.opened_at, row.number))
    standing = list({row.sheet_id: row for row in rows}.values())
    found: list[Shown] = []
    for row in standing:
        parts = tuple(row.values.get(ITEM, {}).get("parts", ()))
        before = found[-1] if found else None
        found.append(
            Shown(
                row,
                parts,
                share(places(parts)),
                overlap(places(before.parts), places(parts)) if before else None,
                tuple(changes(before.parts, parts)) if before else (),
                is_first=before is None,
            )
        )
    return found[::-1]


def by_feeling(shown: Sequence[Shown]) -> list[tuple[str, list[str]]]:
    """For each feeling its share of the figure, drawing by drawing, the earliest first."""
    return [
        (words, [f"{100 * share(places(each.parts, [feeling])):.1f}" for each in reversed(shown)])
        for feeling, words in FEELINGS.items()
    ]
