"""A visit to examine in, what was concluded in it, and a plan for it."""

import pytest
from conftest import BY
from examining import BAND, BICEPS, PIN, REFLEX, TENDER_C6, read

from clinic.assessment import actions
from clinic.assessment.models import Assessment
from clinic.assessment.places import Key
from clinic.records import actions as records
from clinic.records import queries as records_queries
from myotome.treatment import ScreenAnswer, rulebook, screen

ALL_NO = tuple(ScreenAnswer(name, "no") for name in rulebook().screening_items)


@pytest.fixture
def visit(cast):
    return records.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)


@pytest.fixture
def answered(monkeypatch):
    """What the records will say of a visit's screening, until they keep one."""

    def say(*answers, clearances=()):
        given = {(one.item, one.region): one for one in ALL_NO}
        for one in answers:
            given.pop((one.item, ""), None)
            given[one.item, one.region] = one
        made = screen(list(given.values()), clearances)
        monkeypatch.setattr(records_queries, "screening_of", lambda _visit: made, raising=False)
        return made

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
