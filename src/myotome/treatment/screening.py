"""Screening: what the answers to the questions before treatment allow, and what they do not.

Receives answers (yes, no, not asked) and clearances; gives an immutable `Screening` that says
which questions are missing, what is blocked, for whom or where, and the level of concern. A
``stop`` is never overridden; ``clear_first`` needs a named practitioner, a reason and what was
done; a ``caution`` shows advice. An answer about a region takes away only the sites there. A yes
is always the answer that has an effect, and a place that was not told is taken as everywhere.

An earlier yes holds until a later no. An earlier no holds too, except for questions asked at
each visit, where only the latest week counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

from myotome.atlas import Site
from myotome.errors import InputError, UnknownName
from myotome.treatment.places import Place, place
from myotome.treatment.rows import AREAS, CONCERNS, ScreeningItem
from myotome.treatment.rulebook import rulebook

Answer = Literal["yes", "no", "not_asked"]
Ends = Literal["never", "when_cleared", "when_no_longer_so"]

UPPER_MOTOR_NEURON: Final = "upper_motor_neuron"
_ANSWERS: Final = get_args(Answer)
_WATCHED: Final = "treat_and_watch"


def screening_item(name: str) -> ScreeningItem:
    """The screening item of this identifier.

    Raises:
        UnknownName: No such item.
    """
    items = rulebook().screening_items
    if name not in items:
        raise UnknownName("screening item", name, items).at("item")
    return items[name]


@dataclass(frozen=True, slots=True)
class ScreenAnswer:
    """The answer to one question, and where: a region such as ``calf-left``.

    Raises:
        InputError: The answer is none of yes, no, not_asked; the week is negative.
        UnknownName: No such item or region.
    """

    item: str
    answer: Answer
    region: str = ""
    note: str = ""
    week: float = 0.0

    def __post_init__(self) -> None:
        screening_item(self.item)
        if self.answer not in _ANSWERS:
            raise InputError(
                f"answer must be yes, no or not_asked, got '{self.answer}'.", place="answer"
            )
        if self.week < 0:
            raise InputError(f"week must be 0 or later, got {self.week:g}.", place="week")
        if self.region:
            try:
                place(self.region)
            except UnknownName as error:
                raise error.at("region") from None


@dataclass(frozen=True, slots=True)
class Clearance:
    """Who cleared an item, why, and what was done for it.

    `region` is needed only where the item was answered yes for several regions.

    Raises:
        InputError: The item is a stop, which nobody can clear, or a caution, which needs no
            clearing; or practitioner, reason or what was done is missing.
        UnknownName: No such item or region.
    """

    item: str
    practitioner: str
    reason: str
    done: str
    region: str = ""

    def __post_init__(self) -> None:
        effect = screening_item(self.item).effect
        if effect == "stop":
            raise InputError(
                f"{self.item} is a stop and cannot be cleared. It ends when its answer is no.",
                place="item",
            )
        if effect != "clear_first":
            raise InputError(f"{self.item} is a caution and needs no clearing.", place="item")
        for field, words in (
            ("practitioner", "name who cleared it"),
            ("reason", "say why it may go on"),
            ("done", "say what was done"),
        ):
            if not getattr(self, field).strip():
                raise InputError(
                    f"{field} must {words}, got nothing, in the clearance of {self.item}.",
                    place=field,
                )
        if self.region:
            try:
                place(self.region)
            except UnknownName as error:
                raise error.at("region") from None


@dataclass(frozen=True, slots=True)
class Raised:
    """An item answered yes: where (None is everywhere), and its clearance if it has one."""

    item: ScreeningItem
    place: Place | None
    note: str
    clearance: Clearance | None = None

    @property
    def lacks_place(self) -> bool:
        """Whether the question asks where and nobody said."""
        return self.item.scope == "region" and self.place is None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "item": self.item.item_id,
            "question": self.item.question,
            "effect": self.item.effect,
            "scope": self.item.scope,
            "concern": self.item.concern,
            "where": str(self.place) if self.place else "everywhere",
            "advice": self.item.advice,
            "note": self.note,
            "cleared_by": self.clearance.practitioner if self.clearance else "",
            "reason": self.clearance.reason if self.clearance else "",
            "done": self.clearance.done if self.clearance else "",
            "sources": list(self.item.source_ids),
            "certainty": self.item.certainty,
        }


@dataclass(frozen=True, slots=True)
class Removal:
    """A technique that an answer takes away, where (None is everywhere), and until when."""

    item: ScreeningItem
    technique: str
    place: Place | None
    ends: Ends

    def concerns(self, technique: str, site: Site | None) -> bool:
        """Whether a technique is taken away at a site, or everywhere when no site is given."""
        if self.technique not in {"all", technique}:
            return False
        return self.place is None or (site is not None and self.place.covers(site))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "item": self.item.item_id,
            "technique": self.technique,
            "where": str(self.place) if self.place else "everywhere",
            "ends": self.ends,
            "advice": self.item.advice,
            "sources": list(self.item.source_ids),
            "certainty": self.item.certainty,
        }


@dataclass(frozen=True, slots=True)
class Screening:
    """What was asked, what was raised, and what follows. Made by `screen`."""

    answers: tuple[ScreenAnswer, ...]
    clearances: tuple[Clearance, ...]
    areas: frozenset[str]
    raised: tuple[Raised, ...]
    unanswered: tuple[ScreeningItem, ...]

    @property
    def blocked(self) -> tuple[Raised, ...]:
        """Stops answered yes, for the person or a region."""
        return tuple(item for item in self.raised if item.item.effect == "stop")

    @property
    def needs_clearing(self) -> tuple[Raised, ...]:
        """Items to be cleared first that nobody has cleared."""
        return tuple(
            item
            for item in self.raised
            if item.item.effect == "clear_first" and item.clearance is None
        )

    @property
    def cleared(self) -> tuple[Raised, ...]:
        """Items that a named practitioner has cleared."""
        return tuple(item for item in self.raised if item.clearance is not None)

    @property
    def cautions(self) -> tuple[Raised, ...]:
        """Cautions answered yes."""
        return tuple(item for item in self.raised if item.item.effect == "caution")

    @property
    def missing(self) -> tuple[ScreeningItem, ...]:
        """Stops without an answer, for the areas screened: while one is, nothing is needled."""
        return self.missing_in(self.areas)

    def missing_in(self, areas: Collection[str]) -> tuple[ScreeningItem, ...]:
        """Stops without an answer that matter for these parts of the body."""
        return tuple(
            item for item in self.unanswered if item.effect == "stop" and _is_asked(item, areas)
        )

    def not_asked_in(self, areas: Collection[str]) -> tuple[ScreeningItem, ...]:
        """The other questions for these parts of the body that have no answer."""
        return tuple(
            item for item in self.unanswered if item.effect != "stop" and _is_asked(item, areas)
        )

    @property
    def removals(self) -> tuple[Removal, ...]:
        """Every technique that an answer takes away, and where."""
        return tuple(removal for item in self.raised for removal in _removals(item))

    @property
    def removed(self) -> tuple[Removal, ...]:
        """Parts of the body that are not needled, though the rest may be."""
        return tuple(
            item
            for item in self.removals
            if item.place is not None and item.technique in {"all", "needling"}
        )

    @property
    def concern(self) -> str:
        """The highest level of concern of what was raised; what is cleared is watched."""
        levels = [
            min(item.item.concern, _WATCHED, key=CONCERNS.index)
            if item.clearance
            else item.item.concern
            for item in self.raised
        ]
        return max(levels, key=CONCERNS.index, default=CONCERNS[0])

    @property
    def concern_words(self) -> str:
        """That level as people are told it."""
        raised, misses = bool(self.raised), bool(self.missing)
        return concern_words(self.concern, is_raised=raised, misses=misses)

    @property
    def is_complete(self) -> bool:
        """Whether every question that can stop or hold needling was asked, for these areas."""
        return not self.missing and all(
            item.effect == "caution" for item in self.not_asked_in(self.areas)
        )

    @property
    def allows_needling(self) -> bool:
        """Whether anything at all may be needled: no question missing, nothing blocks it."""
        return not self.missing and self.why_not("needling") is None

    def why_not(self, technique: str, site: Site | None = None) -> Removal | None:
        """What takes a technique away at a site (everywhere if none is given), or None."""
        return next((item for item in self.removals if item.concerns(technique, site)), None)

    def answer_of(self, item: str) -> Answer:
        """The answer that stands for an item: yes if it holds anywhere.

        Raises:
            UnknownName: No such item.
        """
        if screening_item(item) in self.unanswered:
            return "not_asked"
        return "yes" if self.is_raised(item) else "no"

    def is_raised(self, item: str) -> bool:
        """Whether an item was answered yes."""
        return any(raised.item.item_id == item for raised in self.raised)

    def within(self, areas: Collection[str]) -> Screening:
        """The same screening for other parts of the body."""
        return replace(self, areas=frozenset(areas))

    def noting(self, answer: ScreenAnswer) -> Screening:
        """The same screening with one more answer, which replaces others to that question."""
        kept = [item for item in self.answers if item.item != answer.item]
        return screen([*kept, answer], self.clearances, areas=self.areas)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; keys are part of the interface."""
        return {
            "concern": self.concern,
            "complete": self.is_complete,
            "allows_needling": self.allows_needling,
            "blocked": [item.to_dict() for item in self.blocked],
            "needs_clearing": [item.to_dict() for item in self.needs_clearing],
            "cleared": [item.to_dict() for item in self.cleared],
            "cautions": [item.to_dict() for item in self.cautions],
            "removed": [item.to_dict() for item in self.removed],
            "missing": [question_dict(item) for item in self.missing],
            "not_asked": [question_dict(item) for item in self.not_asked_in(self.areas)],
        }


def concern_words(concern: str, *, is_raised: bool, misses: bool = False) -> str:
    """A level of concern as people are told it: it counts what was answered and no more.

    Args:
        concern: One of `CONCERNS`.
        is_raised: Whether any question was answered yes.
        misses: Whether one that can stop needling has no answer; its answer can only raise it.
    """
    if concern == CONCERNS[0]:
        lowest = "no call to refer in" if is_raised else "no concern raised by"
        return "not known yet" if misses else f"{lowest} what was answered"
    least = "at least " if misses and concern != CONCERNS[-1] else ""
    return f"{least}{concern.replace('_', ' ')}"


def screen(
    answers: Iterable[ScreenAnswer],
    clearances: Iterable[Clearance] = (),
    *,
    areas: Collection[str] = AREAS,
) -> Screening:
    """What the answers allow.

    Args:
        answers: In any order; a question without an answer counts as not asked.
        clearances: Of items to be cleared first.
        areas: Parts of the body that matter (see `areas_of`); all of them if left out.

    Raises:
        InputError: One question has two answers for one place and week; or a clearance does
            not say which of several regions it is for.
        UnknownName: No such area.
    """
    for area in areas:
        if area not in AREAS:
            raise UnknownName("area", area, AREAS)
    given = tuple(answers)
    clearing = tuple(clearances)
    _check_consistent(given)
    standing = _standing(given)
    answered = standing.keys() | _answered_no(given)
    return Screening(
        answers=given,
        clearances=clearing,
        areas=frozenset(areas),
        raised=tuple(
            raised
            for name, item in rulebook().screening_items.items()
            for raised in _raised(item, standing.get(name, ()), clearing)
        ),
        unanswered=tuple(
            item for name, item in rulebook().screening_items.items() if name not in answered
        ),
    )


def questions(areas: Collection[str] = AREAS) -> tuple[ScreeningItem, ...]:
    """The questions to ask for these parts of the body, in order: the gravest families first."""
    return tuple(item for item in rulebook().screening_items.values() if _is_asked(item, areas))


def assumed_no(why: str, *, week: float = 0.0) -> tuple[ScreenAnswer, ...]:
    """No to every stop question, with the reason: for a published case that does not say.

    Never for a person: their questions are asked.

    Raises:
        InputError: No reason is given.
    """
    if not why.strip():
        raise InputError("why must say what the answers rest on, got nothing.", place="why")
    return tuple(
        ScreenAnswer(item.item_id, "no", note=f"Assumed: {why}", week=week)
        for item in rulebook().screening_items.values()
        if item.effect == "stop"
    )


def question_dict(item: ScreeningItem) -> dict[str, Any]:
    """A question as plain values, ready for JSON."""
    return {
        "item": item.item_id,
        "question": item.question,
        "effect": item.effect,
        "asked_when": list(item.asked_when),
        "sources": list(item.source_ids),
        "certainty": item.certainty,
    }


def _is_asked(item: ScreeningItem, areas: Collection[str]) -> bool:
    """Whether a question is put for these areas; what the examination answers is not put."""
    if item.asked_when == ("examination",):
        return False
    limited = [area for area in item.asked_when if area in AREAS]
    return not limited or any(area in areas for area in limited)


def _check_consistent(answers: tuple[ScreenAnswer, ...]) -> None:
    seen: dict[tuple[str, str, float], Answer] = {}
    for number, answer in enumerate(answers, start=1):
        if answer.answer == "not_asked":
            continue
        first = seen.setdefault((answer.item, answer.region, answer.week), answer.answer)
        if first != answer.answer:
            raise InputError(
                f"{answer.item} is answered both yes and no in week {answer.week:g}."
                " Keep the one that holds.",
                place=f"screen[{number}]",
            )


def _standing(answers: tuple[ScreenAnswer, ...]) -> dict[str, tuple[ScreenAnswer, ...]]:
    """The yes answers that still hold, by item. Within a week yes outweighs a general no."""
    holding: dict[str, dict[str, ScreenAnswer]] = defaultdict(dict)
    for answer in sorted(answers, key=lambda item: (item.week, item.answer == "yes")):
        if answer.answer == "yes":
            holding[answer.item][answer.region] = answer
        elif answer.answer == "no" and answer.region:
            holding[answer.item].pop(answer.region, None)
        elif answer.answer == "no":
            holding[answer.item].clear()
    return {item: tuple(found.values()) for item, found in holding.items() if found}


def _answered_no(answers: tuple[ScreenAnswer, ...]) -> set[str]:
    """Items answered no for the whole person, at this visit where each visit asks."""
    visit = max((answer.week for answer in answers), default=0.0)
    return {
        answer.item
        for answer in answers
        if answer.answer == "no"
        and not answer.region
        and (answer.week == visit or not screening_item(answer.item).each_visit)
    }


def _raised(
    item: ScreeningItem, yes: tuple[ScreenAnswer, ...], clearances: tuple[Clearance, ...]
) -> Iterator[Raised]:
    for answer in yes:
        where = place(answer.region) if answer.region and item.scope != "person" else None
        clearance = None
        for offered in clearances:
            if offered.item != item.item_id:
                continue
            if len(yes) > 1 and not offered.region:
                raise InputError(
                    f"the clearance of {item.item_id} must name its region:"
                    f" {', '.join(each.region or 'everywhere' for each in yes)}.",
                    place="region",
                )
            if offered.region in {"", answer.region}:
                clearance = offered
        yield Raised(item, where, answer.note, clearance)


def _removals(raised: Raised) -> Iterator[Removal]:
    item = raised.item
    if raised.clearance is None:
        ends: Ends = "never" if item.effect == "stop" else "when_cleared"
        for technique in item.blocks:
            yield Removal(item, technique, raised.place, ends)
    for technique in item.closes:
        yield Removal(item, technique, raised.place, "when_no_longer_so")
    for region in item.closed_regions:
        yield Removal(item, "needling", place(region), "when_no_longer_so")
