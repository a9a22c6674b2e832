"""Two practitioners who send the same page of one visit at one moment: neither is lost."""

import threading

import pytest
from conftest import BY, client_of, join
from django.db import connections
from examining import BAND, TENDER_C6, address, read

from clinic.assessment import actions
from clinic.assessment.models import Assessment, History
from clinic.assessment.queries import case_now, readings_of
from clinic.patients import actions as patients
from clinic.records import actions as records

TWO = ("one", "two")


@pytest.fixture
def both(committed_practice):
    """A visit with two readings, and two practitioners who care for whose it is, signed in."""
    site = committed_practice.site
    people = [join(name, site, "practitioner") for name in TWO]
    patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
    for staff in people:
        patients.start_care(patient, staff, "booked", by=BY)
    visit = records.start_visit(patient, staff=people[0], site=site, kind="first", by=BY)
    found = [read(TENDER_C6, 3), read(BAND, 3)]
    actions.record_readings(visit, found, staff=people[0], by=BY)
    return visit, [client_of(staff) for staff in people]


def send_at_once(visit, clients, page, said):
    """What each is answered whose own words are sent with the others' from one line."""
    line = threading.Barrier(len(clients))
    answers = {}

    def send(name, client):
        try:
            line.wait()
            answers[name] = client.post(address(page, visit), said(name))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=pair) for pair in zip(TWO, clients, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_who_conclude_one_visit_at_one_moment_are_both_kept_and_numbered(both):
    visit, clients = both
    shown = case_now(visit, readings_of(visit))[0].hash

    answers = send_at_once(
        visit, clients, "conclude", lambda name: {"words": f"So says {name}.", "shown": shown}
    )

    assert [answers[name].status_code for name in TWO] == [302, 302]
    kept = Assessment.objects.order_by("number").select_related("staff")
    assert [one.number for one in kept] == [1, 2]
    assert {one.staff.name: one.words for one in kept} == {
        "One": "So says one.",
        "Two": "So says two.",
    }


def test_of_two_histories_of_one_moment_one_is_kept_and_the_other_shown_beside_it(both):
    visit, clients = both

    answers = send_at_once(
        visit, clients, "history", lambda name: {"problem": f"As {name} heard it", "revision": "0"}
    )

    (kept,) = History.objects.all()
    assert sorted(one.status_code for one in answers.values()) == [302, 409]
    late = next(name for name in TWO if answers[name].status_code == 409)
    page = answers[late].content.decode()
    assert kept.problem in page
    assert f"As {late} heard it" in page
    assert kept.problem != f"As {late} heard it"
