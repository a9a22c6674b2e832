"""May this be done here: screening and consent together, for every act that records a treatment.

A plan is held to the screening alone, since consent is asked for what is planned; its page says
what no consent covers. `assure` belongs in the transaction of an act that records: it holds the
person's answers and consents as they are until that ends.
"""

from __future__ import annotations

from collections.abc import Iterable

from clinic.audit.actions import record_alone
from clinic.audit.actor import Actor
from clinic.practice.queries import today
from clinic.records.consent.queries import given_to
from clinic.records.consent.rules import Given, against
from clinic.records.models import Visit
from clinic.records.screening.queries import screening_of
from clinic.records.screening.rules import NEEDLING, Decision, VisitScreening, decide
from clinic.records.turns import take_turn
from clinic.treatment_rules import region_of_muscle

NEEDS_CONSENT = frozenset({NEEDLING, "strong_needling"})


class NotAllowed(Exception):  # noqa: N818 - named for the event
    """A technique may not be planned or recorded somewhere; `decisions` say why, by place."""

    def __init__(self, decisions: dict[tuple[str, str], Decision]) -> None:
        super().__init__(" ".join(each.words for each in decisions.values()))
        self.decisions = decisions


class Ground:
    """What is known at a visit, read once for any number of places."""

    def __init__(self, visit: Visit) -> None:
        self.screening: VisitScreening = screening_of(visit)
        self.consents: list[Given] = given_to(visit.patient)

    def decide(self, muscle: str, side: str, technique: str = NEEDLING) -> Decision:
        """Whether a technique may be planned or recorded at a muscle; every reason against it.

        Raises:
            UnknownName: No such muscle or side.
        """
        decision = decide(self.screening, muscle, side, technique)
        if technique not in NEEDS_CONSENT:
            return decision
        lacks = against(self.consents, region_of_muscle(muscle), today())
        return Decision((*decision.reasons, lacks)) if lacks else decision


def assure(visit: Visit, places: Iterable[tuple[str, str]], *, technique: str = NEEDLING) -> None:
    """Return if a technique may be planned or recorded at muscles and sides of a visit.

    Raises:
        NotAllowed: Something stands against it somewhere.
    """
    take_turn(visit.patient_id)
    ground = Ground(Visit.objects.get(pk=visit.pk))
    found = {
        (muscle, side): decision
        for muscle, side in places
        for decision in [ground.decide(muscle, side, technique)]
        if not decision.is_allowed
    }
    if found:
        raise NotAllowed(found)


def write_refusal(visit: Visit, refused: NotAllowed, *, by: Actor) -> None:
    """Write down that a technique was refused; apart, since the act it belonged to is undone."""
    record_alone(
        "technique refused",
        by=by,
        subject=f"visit:{visit.pk}",
        patient=visit.patient_id,
        items=sorted(
            {
                reason.item or reason.kind
                for decision in refused.decisions.values()
                for reason in decision.reasons
            }
        ),
    )
