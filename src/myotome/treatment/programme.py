"""Programme: what goes beside the needle, and what the person does at home.

Adjuncts and at most four exercises, chosen by the regions and muscle groups a plan looks at.
Each adjunct keeps its own contraindications: one that is answered yes takes it away, there or
everywhere; one not asked is named, and the riskier adjuncts wait until it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from myotome.atlas import Site, atlas
from myotome.treatment.basis import Basis, basis_dicts, from_item, from_row, per_cent
from myotome.treatment.practice import Practice
from myotome.treatment.rows import Adjunct, Exercise, ScreeningItem
from myotome.treatment.rulebook import rulebook
from myotome.treatment.screening import Screening, question_dict
from myotome.treatment.targets import Target

HOME_AT_MOST: Final = 4
_STRETCHES_AT_MOST: Final = 2


@dataclass(frozen=True, slots=True)
class PlannedAdjunct:
    """An adjunct proposed, where not, and which of its contraindications are not asked yet."""

    row: Adjunct
    why: str
    not_at: tuple[str, ...]
    ask_first: tuple[ScreeningItem, ...]
    rests_on: tuple[Basis, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "adjunct": self.row.adjunct_id,
            "kind": self.row.kind,
            "name": self.row.name,
            "dose": self.row.dose,
            "suited_to": self.row.suited_to,
            "why": self.why,
            "not_at": list(self.not_at),
            "contraindications": self.row.contraindications,
            "contraindication_items": list(self.row.contraindication_ids),
            "ask_first": [question_dict(item) for item in self.ask_first],
            "certainty": self.row.certainty,
            "sources": list(self.row.source_ids),
            "rests_on": basis_dicts(self.rests_on),
        }


@dataclass(frozen=True, slots=True)
class HeldAdjunct:
    """An adjunct that would serve and is not proposed, and why."""

    row: Adjunct
    why: str
    rests_on: tuple[Basis, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "adjunct": self.row.adjunct_id,
            "kind": self.row.kind,
            "name": self.row.name,
            "why": self.why,
            "rests_on": basis_dicts(self.rests_on),
        }


@dataclass(frozen=True, slots=True)
class HomeExercise:
    """One exercise of the home programme, and what it is for."""

    row: Exercise
    serves: str
    rests_on: tuple[Basis, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "exercise": self.row.exercise_id,
            "kind": self.row.kind,
            "name": self.row.name,
            "instruction": self.row.instruction,
            "for": self.serves,
            "dose": {
                "hold_s": self.row.hold_s,
                "repetitions": self.row.repetitions,
                "per_day": self.row.per_day,
                "per_week": self.row.per_week,
            },
            "stop_when": self.row.stop_when,
            "certainty": self.row.certainty,
            "sources": list(self.row.source_ids),
            "rests_on": basis_dicts(self.rests_on),
        }


def adjuncts(
    targets: Sequence[Target], screening: Screening, practice: Practice
) -> tuple[tuple[PlannedAdjunct, ...], tuple[HeldAdjunct, ...]]:
    """The adjuncts that serve these targets: those proposed, and those held back."""
    regions = regions_of(targets)
    proposed: list[PlannedAdjunct] = []
    held: list[HeldAdjunct] = []
    for row in rulebook().adjuncts.values():
        if row.kind not in practice.adjunct_kinds or not _serves(row, regions):
            continue
        against = _against(row, screening)
        ask_first = _not_asked(row, screening)
        basis = from_row("adjuncts", row.adjunct_id, row, row.name)
        if against:
            why = " ".join(item.advice for item in against)
            rests_on = (basis, *(from_item(item, "yes") for item in against))
            held.append(HeldAdjunct(row, why, rests_on))
        elif ask_first and row.ask_before:
            asks = "; ".join(item.question for item in ask_first)
            rests_on = (basis, *(from_item(item, "not asked") for item in ask_first))
            held.append(HeldAdjunct(row, f"Not asked yet: {asks}", rests_on))
        else:
            shared = sorted(regions.intersection(row.regions)) or sorted(regions)
            where = ", ".join(region.replace("_", " ") for region in shared) or "any region"
            why = f"Fits the planned regions: {where}"
            not_at = tuple(dict.fromkeys(_not_at(row, screening)))
            proposed.append(PlannedAdjunct(row, why, not_at, ask_first, (basis,)))
    return tuple(proposed), tuple(held)


def home_programme(targets: Sequence[Target], screening: Screening) -> tuple[HomeExercise, ...]:
    """At most four exercises: up to two stretches, one to move, one to hold or strengthen.

    Stretches and strength follow the muscles most likely short, movement the spine at the level
    of the root; a walk fills a free place. None that an answer takes away at the muscle it is
    for.
    """
    ranked = sorted(
        (target for target in targets if not _is_neighbour(target)),
        key=lambda target: -(target.short or 0.0),
    )
    spine_first = sorted(ranked, key=lambda target: target.roles[0].place != "level")
    chosen: dict[str, HomeExercise] = {}
    for kinds, order, at_most in (
        (("stretch",), ranked, _STRETCHES_AT_MOST),
        (("mobility",), spine_first, 1),
        (("stabilise", "strengthen"), ranked, 1),
    ):
        found: dict[str, HomeExercise] = {}
        for target in order:
            for exercise in _matching(target, kinds, screening):
                found.setdefault(exercise.row.exercise_id, exercise)
        chosen.update(list(found.items())[:at_most])
    if ranked and len(chosen) < HOME_AT_MOST:
        for row in rulebook().exercises.values():
            if row.kind == "pacing" and screening.why_not(row.technique) is None:
                basis = from_row("exercises", row.exercise_id, row, row.name)
                chosen[row.exercise_id] = HomeExercise(row, "everyday activity", (basis,))
    return tuple(chosen.values())[:HOME_AT_MOST]


def _is_neighbour(target: Target) -> bool:
    """Whether a target is only a level beside a root's, with no sign of being short."""
    beside = all(role.place in {"above", "below"} for role in target.roles)
    return beside and target.short is None


def regions_of(targets: Sequence[Target]) -> frozenset[str]:
    """Muscle regions of these targets."""
    return frozenset(atlas().muscles[target.site.name].region for target in targets)


def _serves(row: Adjunct, regions: Collection[str]) -> bool:
    return bool(regions) and (not row.regions or any(region in regions for region in row.regions))


def _against(row: Adjunct, screening: Screening) -> tuple[ScreeningItem, ...]:
    """Items that take an adjunct away everywhere."""
    found = [
        raised.item
        for raised in screening.raised
        if raised.item.item_id in row.contraindication_ids
        and raised.clearance is None
        and raised.place is None
    ]
    removal = screening.why_not(row.technique)
    if removal:
        found.append(removal.item)
    return tuple(dict.fromkeys(found))


def _not_asked(row: Adjunct, screening: Screening) -> tuple[ScreeningItem, ...]:
    return tuple(item for item in screening.unanswered if item.item_id in row.contraindication_ids)


def _not_at(row: Adjunct, screening: Screening) -> Iterator[str]:
    """Places where an adjunct that is proposed elsewhere is not."""
    for raised in screening.raised:
        is_against = raised.item.item_id in row.contraindication_ids
        if is_against and raised.place and raised.clearance is None:
            yield str(raised.place)
    for removal in screening.removals:
        if removal.place and removal.technique in {"all", row.technique}:
            yield str(removal.place)


def _matching(
    target: Target, kinds: tuple[str, ...], screening: Screening
) -> Iterator[HomeExercise]:
    """Exercises of these kinds for a target, those for its own muscle group first."""
    muscle = atlas().muscles[target.site.name]
    rows = [
        row
        for row in rulebook().exercises.values()
        if row.kind in kinds
        and muscle.region in row.regions
        and (not row.functional_groups or muscle.functional_group in row.functional_groups)
    ]
    for row in rows:
        if _is_taken_away(row, target.site, screening):
            continue
        basis = from_row("exercises", row.exercise_id, row, row.name)
        serves = atlas().label(target.site)
        short = () if target.short is None else (_short_words(target),)
        yield HomeExercise(row, serves, (basis, *short))


def _short_words(target: Target) -> Basis:
    words = f"{atlas().label(target.site)} fits as short, {per_cent(target.short or 0.0)}"
    return Basis("assessment", words, atlas().muscles[target.site.name].source_ids)


def _is_taken_away(row: Exercise, site: Site, screening: Screening) -> bool:
    return screening.why_not(row.technique, site) is not None
