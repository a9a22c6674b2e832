"""How often each page of a treatment asks the database: the same for one patient and for many."""

import pytest
from conftest import BY
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from examining import BAND, address, forty, read, sign_screening

from clinic.assessment import actions
from clinic.assessment.models import Assessment
from clinic.assessment.queries import shown_of
from clinic.patients import actions as patients
from clinic.records import actions as records

pytestmark = pytest.mark.usefixtures("still")

DAY_LIST = 12  # at most, besides what the gate asks to let somebody in
GATE = ("session", "accounts_user", "posting", "practice_site", "SAVEPOINT", "audit_entry")


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return [one["sql"] for one in seen]


@pytest.fixture
def treated(cast):
    """Somebody cared for, with a signed plan and a later visit."""

    def make(name):
        patient = patients.add_patient({"given_name": name}, site=cast.main, by=BY)
        patients.start_care(patient, cast.caring, "booked", by=BY)
        visit = records.start_visit(patient, staff=cast.caring, site=cast.main, kind="first", by=BY)
        found = [read(key, 2) for key in forty()]
        actions.record_readings(visit, found, staff=cast.caring, by=BY)
        assessment = actions.conclude(
            visit,
            verdict=Assessment.Verdict.ACCEPTED,
            roots=["C6-right"],
            reason="",
            words="",
            staff=cast.caring,
            by=BY,
        )
        sign_screening(visit, cast.caring)
        plan = actions.begin_plan(assessment, staff=cast.caring, by=BY)
        actions.sign_plan(plan, shown=shown_of(plan), staff=cast.caring, by=BY)
        later = records.start_visit(
            patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
        )
        actions.record_readings(later, [read(BAND, 1)], staff=cast.caring, by=BY)
        records.save_draft(later, cast.caring, "Half a note", revision=0)
        return later

    return make


def test_the_first_page_asks_as_often_for_many_patients_as_for_one(as_, treated):
    treated("One")
    client = as_("caring")
    one = queries(client, "/")
    for name in ("Two", "Three", "Four"):
        treated(name)
    many = queries(client, "/")

    assert len(many) == len(one)
    own = [sql for sql in one if not any(word in sql for word in GATE)]
    assert len(own) <= DAY_LIST, "\n".join(own)


@pytest.mark.parametrize(
    ("name", "most"), [("course", 22), ("examination", 26), ("answer", 22), ("changes", 18)]
)
def test_a_page_of_the_chart_asks_no_more_than_this(as_, treated, name, most):
    visit = treated("One")
    url = (
        reverse("assessment:course", kwargs={"key": visit.patient_id})
        if name == "course"
        else address(name, visit)
    )
    asked = queries(as_("caring"), url)
    assert len(asked) <= most, "\n".join(asked)


def test_saving_forty_readings_is_one_look_one_write_and_one_audit_row(as_, visit):
    client = as_("caring")
    keys = forty()
    rows = {f"f:{key}": "2" for key in keys} | {f"r:{key}": "0" for key in keys}
    client.get(address("examination", visit))
    with CaptureQueriesContext(connection) as seen:
        client.post(address("place", visit, place=1), rows)
    written = [one["sql"] for one in seen if one["sql"].startswith("INSERT")]
    assert sum("assessment_observation" in sql for sql in written) == 1
    assert sum("audit_entry" in sql for sql in written) == 1
