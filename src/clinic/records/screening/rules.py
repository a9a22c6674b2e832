"""What the answers of a visit allow: pure functions over the science's own rule.

Answers of earlier visits hold as the science says: a yes until a later no, a no only for questions
that need not be asked each time. An answer that is typed and not yet signed already stops, and
allows nothing. A stop is never passed: no clearance ends it, only another answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from clinic.treatment_rules import (
    Clearance,
    Place,
    Removal,
    ScreenAnswer,
    Screening,
    ScreeningItem,
    areas_of_muscle,
    given,
    is_place,
    muscles_in,
    never_needled,
    place_words,
    questions,
    screen,
    site_of,
)

FORM: Final = "screening"
NEEDLING: Final = "needling"
NO_CONSENT: Final = "no_consent_today"


def as_in_the_table(item: ScreeningItem) -> dict[str, Any]:
    """What a question's row says beside its words, as the form keeps it."""
    return {
        "scope": item.scope,
        "effect": item.effect,
        "concern": item.concern,
        "family": item.family,
        "each_visit": item.each_visit,
        "asked_when": list(item.asked_when),
        "blocks": list(item.blocks),
        "closes": list(item.closes),
        "closed_regions": list(item.closed_regions),
        "advice": item.advice,
        "sources": list(item.source_ids),
        "certainty": item.certainty,
    }


# ------------------------------------------------------------- answers over visits


def answers_in(values: Mapping[str, Any], week: int) -> list[ScreenAnswer]:
    """The answers of one sheet, as of one visit in turn."""
    found: list[ScreenAnswer] = []
    for key in questions():
        answer = values.get(key)
        if answer not in {"yes", "no"}:  # not asked, not known, not answered
            continue
        places = [each for each in values.get(f"{key}.where", []) if is_place(each)]
        note = values.get(f"{key}.note", "")
        rows = [(key, answer, region, note) for region in (places if answer == "yes" else [])]
        found += given(rows or [(key, answer, "", note)], week)
    return found


def standing_answers(
    earlier: Sequence[Mapping[str, Any]],
    signed: Mapping[str, Any] | None,
    drafted: Mapping[str, Any] | None = None,
) -> tuple[ScreenAnswer, ...]:
    """The answers that count at a visit.

    Args:
        earlier: What was signed at earlier visits, the first visit first.
        signed: What was signed at this one; None while nothing is.
        drafted: What is typed at this visit and not signed: only what it raises counts.
    """
    this = len(earlier)
    found = [
        answer
        for week, values in enumerate(earlier)
        for answer in answers_in(values, week)
        if answer.answer == "yes" or not questions()[answer.item].each_visit
    ]
    found += answers_in(signed or {}, this)
    raised = [answer for answer in answers_in(drafted or {}, this) if answer.answer == "yes"]
    against = {(answer.item, answer.region) for answer in raised}
    found = [
        answer
        for answer in found
        if not (
            answer.answer == "no"
            and answer.week == this
            and (answer.item, answer.region) in against
        )
    ]
    return tuple(dict.fromkeys([*found, *raised]))


def fitting_clearances(
    answers: Sequence[ScreenAnswer], clearances: Iterable[Clearance]
) -> tuple[Clearance, ...]:
    """Clearances of exactly what is raised; one for another part of the body clears nothing."""
    state = screen(answers)
    raised = [(raised.item.item_id, raised.place) for raised in state.raised]
    found: dict[tuple[str, str], Clearance] = {}
    for clearance in clearances:
        places = [place for item, place in raised if item == clearance.item]
        words = {_written(place) for place in places}
        if clearance.region in words and (clearance.region or len(places) == 1):
            found[clearance.item, clearance.region] = clearance
    return tuple(found.values())


def _written(place: Place | None) -> str:
    if place is None:
        return ""
    return f"{place.name}-{place.side}" if place.side else str(place.name)


@dataclass(frozen=True, slots=True)
class VisitScreening:
    """What is known at a visit: the science's screening, and how it came about.

    Attributes:
        is_signed: Whether the screening of this visit was signed; without it nothing is needled.
        is_drafted: Whether answers are typed and not signed.
        is_without_needles: Whether the visit was said to be one without needles.
        is_without_consent: Of `to_plan`: whether consent was said to be missing.
    """

    screening: Screening
    is_signed: bool
    is_drafted: bool = False
    is_without_needles: bool = False
    is_without_consent: bool = False

    def to_plan(self) -> VisitScreening:
        """What a plan is held to: consent is asked for what is planned, so its lack stops none.

        The needle waits for it: what is recorded is held to the screening as it is.
        """
        if not self.screening.is_raised(NO_CONSENT):
            return self
        week = max(answer.week for answer in self.screening.answers)
        screening = self.screening.noting(ScreenAnswer(NO_CONSENT, "no", week=week))
        return replace(self, screening=screening, is_without_consent=True)

    @property
    def regions_raised(self) -> dict[tuple[str, str], str]:
        """What can be cleared: item and part as written, with the question."""
        return {
            (raised.item.item_id, _written(raised.place)): raised.item.question
            for raised in self.screening.raised
            if raised.item.effect == "clear_first"
        }


def visit_screening(
    earlier: Sequence[Mapping[str, Any]],
    signed: Mapping[str, Any] | None,
    *,
    drafted: Mapping[str, Any] | None = None,
    clearances: Iterable[Clearance] = (),
    is_without_needles: bool = False,
) -> VisitScreening:
    """What is known at a visit from all that was answered and cleared."""
    answers = standing_answers(earlier, signed, drafted)
    return VisitScreening(
        screen(answers, fitting_clearances(answers, clearances)),
        is_signed=signed is not None,
        is_drafted=drafted is not None,
        is_without_needles=is_without_needles,
    )


# ------------------------------------------------------------- may this be done here


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that stands against a technique at a place.

    Attributes:
        kind: `stop`, `clear_first`, `while_so`, `missing`, `not_signed`, `never`, `no_needles`.
        item: The question it rests on, if one.
    """

    kind: str
    words: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a technique may be planned or recorded at a place, and all that stands against it."""

    reasons: tuple[Reason, ...]

    @property
    def is_allowed(self) -> bool:
        """Whether nothing stands against it."""
        return not self.reasons

    @property
    def words(self) -> str:
        """Everything that stands against it, as one text."""
        return " ".join(reason.words for reason in self.reasons)


_KINDS: Final = {"never": "stop", "when_cleared": "clear_first", "when_no_longer_so": "while_so"}


def decide(state: VisitScreening, muscle: str, side: str, technique: str = NEEDLING) -> Decision:
    """Whether a technique may be planned or recorded at a muscle; every reason against it.

    Raises:
        UnknownName: No such muscle or side.
    """
    site = site_of(muscle, side)
    reasons: list[Reason] = []
    if technique == NEEDLING:
        if place := never_needled(muscle):
            reasons.append(Reason("never", f"Never needled: {place.name}. {place.why}"))
        if state.is_without_needles:
            reasons.append(Reason("no_needles", "This visit was said to be without needles."))
    if not state.is_signed:
        reasons.append(Reason("not_signed", "The screening of this visit is not signed."))
    reasons += [
        Reason("missing", f"Not asked: {item.question}", item.item_id)
        for item in state.screening.missing_in(areas_of_muscle(muscle))
    ]
    reasons += [
        Reason(_KINDS[removal.ends], _why(removal), removal.item.item_id)
        for removal in state.screening.removals
        if removal.concerns(technique, site)
    ]
    return Decision(tuple(dict.fromkeys(reasons)))


def _why(removal: Removal) -> str:
    where = f" ({removal.place})" if removal.place else ""
    return f"{removal.item.question} Yes{where}. {removal.item.advice}"


def decide_for_part(
    state: VisitScreening, part: str, technique: str = NEEDLING
) -> dict[str, Decision]:
    """The decision for each muscle of a part of the body such as `calf-left`, by muscle.

    A part without a side is decided for both sides: what stands against one stands against it.

    Raises:
        UnknownName: No such part.
    """
    _, _, side = part.partition("-")
    sides = [side] if side else ["left", "right"]
    return {
        muscle: Decision(
            tuple(
                dict.fromkeys(
                    reason
                    for each in sides
                    for reason in decide(state, muscle, each, technique).reasons
                )
            )
        )
        for muscle in sorted(muscles_in(part))
    }


def part_in_words(region: str) -> str:
    """A part in words; nothing for everywhere."""
    return place_words(region) if region else ""
