"""The first page says what waits for whoever opens it."""

import pytest
from conftest import BY

from clinic.patients import actions as patients
from clinic.records import actions as records


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "Nothing they signed waits for a practitioner"),
        (1, "1 note waits for a practitioner"),
        (2, "2 notes wait for a practitioner"),
    ],
)
def test_a_practitioner_sees_how_many_notes_wait_for_a_co_signature(cast, as_, count, words):
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    visit = records.start_visit(
        cast.patient, staff=cast.student, site=cast.main, kind="first", by=BY
    )
    for number in range(count):
        records.sign_note(visit, cast.student, f"Note {number}.", needs_co_sign=True, by=BY)

    assert words in as_("caring").get("/").content.decode()
    for other in ("student", "reception", "owner", "self_user"):
        assert "for a practitioner" not in as_(other).get("/").content.decode()
    without_care = as_("colleague").get("/").content.decode()
    assert "Nothing they signed waits" in without_care
