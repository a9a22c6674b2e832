"""Whether a consent covers a part of the body on a day: pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from clinic.records.consent.texts import REGION_WORDS
from clinic.records.screening.rules import Reason

RENEWED_AFTER: Final = timedelta(weeks=12)
"""How long a consent holds at most when nobody says otherwise; chosen here, not from a source.

It is given for a course of treatment: a plan signed after a new examination ends it before that.
"""


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as far as it covers something."""

    regions: frozenset[str]
    given_on: date
    renew_on: date  # the first day on which it is asked anew
    withdrawn: frozenset[str] = frozenset()
    course_over_on: date | None = None  # the day on which a new course began

    def covers(self, region: str, day: date) -> bool:
        """Whether it holds for a part of the body on a day."""
        is_within = self.given_on <= day < self.renew_on and not self.is_of_former_course(day)
        return is_within and region in self.regions and region not in self.withdrawn

    def is_of_former_course(self, day: date) -> bool:
        """Whether it was given for a course that another has followed by a day."""
        return self.course_over_on is not None and day >= self.course_over_on


def covered(consents: Iterable[Given], day: date) -> frozenset[str]:
    """Every part of the body that some consent covers on a day."""
    return frozenset(
        region for given in consents for region in given.regions if given.covers(region, day)
    )


def against(consents: Iterable[Given], region: str, day: date) -> Reason | None:
    """What stands against needling a part of the body, as far as consent goes."""
    given = list(consents)
    if region in covered(given, day):
        return None
    words = REGION_WORDS.get(region, region).lower()
    if any(region in each.withdrawn for each in given):
        return Reason("consent", f"Consent was withdrawn for: {words}.")
    named = [each for each in given if region in each.regions]
    if named:
        latest = max(named, key=lambda each: each.given_on)
        why = f"Consent is to be renewed for: {words}."
        if latest.is_of_former_course(day):
            why += " A new plan was signed since it was given."
        return Reason("consent", why)
    return Reason("consent", f"No consent was given for: {words}.")
