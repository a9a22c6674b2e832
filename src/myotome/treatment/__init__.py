"""Treatment: what is done. Screening, safety rules and the plan, as pure functions.

`screen` turns answers into what is allowed; `plan` turns an assessment and a screening into a
proposal to a registered clinician; `session_rules` and `site_hazards` say the same rules over
what is being done. No clock, no database, no file is written, and nothing here decides.

    rows         what the tables say            rulebook   the tables, read once
    places       the region of an answer        screening  answers, clearances, what is allowed
    practice     a clinic's habits              safety     never needled, hazards, whole session
    basis        what a line rests on           targets    roots and sites looked at, in order
    conclusion   roots that somebody named      programme  adjuncts and exercises at home
    visits       sites spread over visits
    differential what else fits                 proposal   the lines of a plan
    planning     all of it together

Screening loads at once, since reading a case needs it; a plan and its parts when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from myotome.treatment.places import Place, areas_of, place
from myotome.treatment.rulebook import Rulebook, rulebook
from myotome.treatment.screening import (
    Answer,
    Clearance,
    Raised,
    Removal,
    ScreenAnswer,
    Screening,
    assumed_no,
    concern_words,
    questions,
    screen,
)

if TYPE_CHECKING:
    from myotome.treatment.basis import Basis
    from myotome.treatment.conclusion import Conclusion
    from myotome.treatment.differential import Alternative
    from myotome.treatment.planning import dose_of, plan
    from myotome.treatment.practice import DEFAULT, Practice
    from myotome.treatment.programme import HeldAdjunct, HomeExercise, PlannedAdjunct
    from myotome.treatment.proposal import (
        Dose,
        LeftOut,
        MissingInput,
        Plan,
        PlannedRoot,
        PlannedSite,
        VisitWarning,
    )
    from myotome.treatment.safety import (
        SessionSite,
        SessionWarning,
        SiteHazards,
        is_over_chest,
        never_needled,
        session_rules,
        site_hazards,
    )
    from myotome.treatment.targets import planned_roots

_HOMES = {
    "Alternative": "differential",
    "Basis": "basis",
    "Conclusion": "conclusion",
    "DEFAULT": "practice",
    "Dose": "proposal",
    "HeldAdjunct": "programme",
    "HomeExercise": "programme",
    "LeftOut": "proposal",
    "MissingInput": "proposal",
    "Plan": "proposal",
    "PlannedAdjunct": "programme",
    "PlannedRoot": "proposal",
    "PlannedSite": "proposal",
    "Practice": "practice",
    "SessionSite": "safety",
    "SessionWarning": "safety",
    "SiteHazards": "safety",
    "VisitWarning": "proposal",
    "dose_of": "planning",
    "is_over_chest": "safety",
    "never_needled": "safety",
    "plan": "planning",
    "planned_roots": "targets",
    "session_rules": "safety",
    "site_hazards": "safety",
}

__all__ = [
    "DEFAULT",
    "Alternative",
    "Answer",
    "Basis",
    "Clearance",
    "Conclusion",
    "Dose",
    "HeldAdjunct",
    "HomeExercise",
    "LeftOut",
    "MissingInput",
    "Place",
    "Plan",
    "PlannedAdjunct",
    "PlannedRoot",
    "PlannedSite",
    "Practice",
    "Raised",
    "Removal",
    "Rulebook",
    "ScreenAnswer",
    "Screening",
    "SessionSite",
    "SessionWarning",
    "SiteHazards",
    "VisitWarning",
    "areas_of",
    "assumed_no",
    "concern_words",
    "dose_of",
    "is_over_chest",
    "never_needled",
    "place",
    "plan",
    "planned_roots",
    "questions",
    "rulebook",
    "screen",
    "session_rules",
    "site_hazards",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a name of any part
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
