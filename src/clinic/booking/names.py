"""Whom a place is for, in the words that staff read on the schedule and on the visit."""

from __future__ import annotations


def name_of(
    patient: tuple[str, str] | None, applicant: tuple[str, str] | None, *, is_held: bool
) -> str:
    """A patient as `SAMPLE, Ada`; until there is one, who asked by which name.

    Args:
        patient: Given name and family name, which may be empty; None: there is no patient yet.
        applicant: The same of who wrote them into the form.
        is_held: Somebody fills in the form just now; what they wrote is not yet asked for.
    """
    if patient is not None:
        given, family = patient
        return f"{family.upper()}, {given}" if family else given
    if is_held:
        return "Held"
    if applicant is not None:
        return " ".join(applicant).strip()
    return "Nobody yet"
