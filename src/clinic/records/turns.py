"""Taking turns over one person, where an act rests on what somebody else could change meanwhile."""

from __future__ import annotations

import uuid

from clinic.patients.models import Patient


def take_turn(patient: uuid.UUID) -> None:
    """Wait for whoever has this person's turn, and have it until this transaction ends.

    Who changes screening or consent takes it, and who acts on them: what was looked at stays so.
    """
    Patient.objects.select_for_update(no_key=True).only("pk").get(pk=patient)
