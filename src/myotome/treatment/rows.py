"""Rows: what one line of each treatment table says.

Each class is one table in ``tables/``; its fields are the table's columns. Every row names its
sources and its certainty: ``read`` (the source says so), ``derived`` (follows from what was
read), ``unverified`` (known from practice or memory, the passage was not read) or ``assumed``
(chosen here).
"""

from __future__ import annotations

from dataclasses import dataclass

TECHNIQUES = (
    "needling",
    "strong_needling",
    "electrical",
    "manipulation",
    "mobilisation",
    "heat",
    "laser",
    "soft_tissue",
    "stretch",
    "mobility",
    "strengthen",
    "activity",
)
"""What a screening answer can take away; ``all`` in a table stands for every one of them."""

CONCERNS = ("treat", "treat_and_watch", "refer", "emergency")
"""Levels of concern, the least first."""

AREAS = ("neck", "thorax", "low_back", "arm", "leg")
"""Parts of the body for which some questions are asked; others are asked of everyone."""


@dataclass(frozen=True, slots=True)
class ScreeningItem:
    """A question whose ``yes`` has an effect on what may be done.

    `blocks` names what is not proposed until the item is cleared (never, for a stop); `closes`
    what is not proposed while the answer is yes, cleared or not; `closed_regions` the muscle
    regions that are not needled while it is yes. `each_visit`: an answer of an earlier visit
    does not count as no.
    """

    item_id: str
    question: str
    family: str
    scope: str
    effect: str
    concern: str
    blocks: tuple[str, ...]
    closes: tuple[str, ...]
    closed_regions: tuple[str, ...]
    asked_when: tuple[str, ...]
    each_visit: bool
    advice: str
    source_ids: tuple[str, ...]
    certainty: str


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """A place that a screening answer can name, and the muscles under it."""

    place_id: str
    muscle_regions: tuple[str, ...]
    muscle_ids: tuple[str, ...]
    source_ids: tuple[str, ...]
    certainty: str


@dataclass(frozen=True, slots=True)
class ForbiddenPlace:
    """A place that is never needled, whatever anyone clears.

    The muscles of `hazard_id` and `muscle_ids` are never proposed; beside `near_muscle_ids` the
    place itself is kept clear of.
    """

    place_id: str
    name: str
    hazard_id: str
    muscle_ids: tuple[str, ...]
    near_muscle_ids: tuple[str, ...]
    why: str
    source_ids: tuple[str, ...]
    certainty: str


@dataclass(frozen=True, slots=True)
class Adjunct:
    """A treatment beside the needle, with its own contraindications.

    No `regions` means any. `ask_before`: not proposed until its contraindications are asked.
    """

    adjunct_id: str
    kind: str
    technique: str
    name: str
    dose: str
    suited_to: str
    regions: tuple[str, ...]
    ask_before: bool
    contraindication_ids: tuple[str, ...]
    contraindications: str
    source_ids: tuple[str, ...]
    certainty: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise for the home programme, in words for the person who does it."""

    exercise_id: str
    kind: str
    technique: str
    name: str
    instruction: str
    regions: tuple[str, ...]
    functional_groups: tuple[str, ...]
    hold_s: float
    repetitions: int
    per_day: float
    per_week: float
    stop_when: str
    source_ids: tuple[str, ...]
    certainty: str


@dataclass(frozen=True, slots=True)
class DoseRule:
    """A number of the dose or course, with the range that sources give."""

    rule_id: str
    name: str
    value: float
    low: float
    high: float
    unit: str
    words: str
    source_ids: tuple[str, ...]
    certainty: str


@dataclass(frozen=True, slots=True)
class CourseRule:
    """A rule in words: of a session, or when to stop, refer, review, discharge; after-care."""

    rule_id: str
    kind: str
    span: str
    words: str
    source_ids: tuple[str, ...]
    certainty: str
