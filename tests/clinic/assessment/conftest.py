"""A visit to examine in, what was concluded in it, and a plan for it."""

import pytest
from conftest import BY
from examining import BAND, BICEPS, PIN, REFLEX, TENDER_C6, read, sign_screening

from clinic.assessment import actions
from clinic.assessment.models import Assessment
from clinic.assessment.places import Key
from clinic.records import actions as records
from clinic.records.screening import actions as screening


@pytest.fixture
def visit(cast):
    return records.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)


@pytest.fixture
def answered(visit, cast):
    """Sign the screening of the visit: no to all but what is said; clear what is cleared."""

    def say(*answers, clearances=()):
        sign_screening(visit, cast.caring, answers)
        for item, reason, done in clearances:
            screening.clear(visit, item, "", staff=cast.caring, reason=reason, done=done, by=BY)

    return say


@pytest.fixture
def concluded(visit, cast):
    found = [
        read(TENDER_C6, 3),
        read(Key("taut_band", "multifidus_cervicalis", "C6", "right"), 3),
        read(BAND, 3),
        read(Key("tender_motor_point", "brachioradialis", "", "right"), 3),
        read(Key("tender_motor_point", "extensor_carpi_radialis_longus", "", "right"), 3),
        read(Key("shortened_muscle", "extensor_carpi_radialis_longus", "", "right"), 2),
        read(BICEPS, 4),
        read(REFLEX, 1),
        read(PIN, 2),
    ]
    actions.record_readings(visit, found, staff=cast.caring, by=BY)
    return actions.conclude(
        visit,
        verdict=Assessment.Verdict.ACCEPTED,
        roots=["C6-right"],
        reason="",
        words="",
        staff=cast.caring,
        by=BY,
    )


@pytest.fixture
def plan(concluded, cast):
    return actions.begin_plan(concluded, staff=cast.caring, by=BY)
