"""What a page shows of a screening: what stops, what to clear first, cautions, what is missing."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.records.models import ScreeningClearance, Submission, Visit
from clinic.records.screening.forms import ClearForm, TakeBackForm
from clinic.records.screening.queries import clearances_at, last_screening, screening_of
from clinic.records.screening.rules import VisitScreening, part_in_words


@dataclass(frozen=True, slots=True)
class Clearing:
    """One thing to clear first, and its clearance or the form for one."""

    question: str
    where: str
    advice: str
    note: str
    cleared: ScreeningClearance | None
    form: ClearForm | TakeBackForm


@dataclass(frozen=True, slots=True)
class Panel:
    """A screening as the visit shows it."""

    state: VisitScreening
    last: Submission | None
    clearings: tuple[Clearing, ...]

    @property
    def concern(self) -> str:
        """The level of concern of what was answered, in words; none before anything was."""
        if self.last is None and not self.state.is_drafted:
            return ""
        return self.state.screening.concern_words

    @property
    def to_clear(self) -> list[Clearing]:
        """What nobody has cleared."""
        return [each for each in self.clearings if each.cleared is None]

    @property
    def cleared(self) -> list[Clearing]:
        """What somebody has cleared."""
        return [each for each in self.clearings if each.cleared is not None]

    @property
    def closed(self) -> list[tuple[str, str]]:
        """What is left out while an answer is yes, cleared or not: the question, and what."""
        found: dict[str, list[str]] = {}
        for removal in self.state.screening.removals:
            if removal.ends == "when_no_longer_so":
                what = removal.technique.replace("_", " ")
                where = f" of {removal.place}" if removal.place else ""
                found.setdefault(removal.item.question, []).append(f"{what}{where}")
        return [(question, ", ".join(what)) for question, what in found.items()]


def panel(visit: Visit) -> Panel:
    """The screening of a visit as its page shows it."""
    state = screening_of(visit)
    held = {(row.item, row.region): row for row in clearances_at(visit)}
    found = []
    for (item, region), question in state.regions_raised.items():
        raised = next(
            each
            for each in state.screening.raised
            if each.item.item_id == item and str(each.place or "") == part_in_words(region)
        )
        row = held.get((item, region)) if raised.clearance else None
        name = f"{item}_{region}_%s".replace("-", "_")
        first = {"item": item, "region": region}
        form = TakeBackForm if row else ClearForm
        found.append(
            Clearing(
                question,
                part_in_words(region),
                raised.item.advice,
                raised.note,
                row,
                form(initial=first, auto_id=name),
            )
        )
    return Panel(state, last_screening(visit), tuple(found))
