"""How a sign was tested: one tap, kept with each reading, shown beside it and never asked."""

import pytest
from conftest import BY
from django.urls import reverse
from examining import BAND, BICEPS, PIN, address, read, tap

from clinic.assessment import actions
from clinic.assessment.models import Assessment, Observation
from clinic.assessment.places import WAYS, Key, home_of
from clinic.assessment.queries import case_now, readings_of
from clinic.assessment.rules import CannotRecord
from clinic.records import actions as records
from myotome.atlas import atlas
from myotome.case import parse_case

RANGE = Key("range", "elbow_extension", "", "right")


def rows_of(key):
    return [
        (row.revision, row.shown, row.test)
        for row in Observation.objects.filter(**key._asdict()).order_by("pk")
    ]


def test_a_way_belongs_to_a_sign_of_the_atlas():
    assert set(WAYS) <= set(atlas().signs)


def test_how_it_was_tested_is_kept_with_each_revision(as_, visit):
    client = as_("caring")
    tap(client, visit, PIN, 2)
    tap(client, visit, PIN, 2, revision=1, **{f"t:{PIN}": "pinwheel"})
    tap(client, visit, PIN, 2, revision=2, **{f"t:{PIN}": "pinwheel"})
    tap(client, visit, PIN, 1, revision=2, **{f"t:{PIN}": "pin"})

    assert rows_of(PIN) == [(1, "2", ""), (2, "2", "pinwheel"), (3, "1", "pin")]
    page = client.get(address("changes", visit)).content.decode()
    assert "clear (2) (pinwheel)" in page
    assert "slight (1) (pin)" in page


def test_without_a_script_the_form_keeps_it_and_shows_it_chosen(as_, visit):
    client, at = as_("caring"), home_of(BICEPS)
    sent = {f"f:{BICEPS}": "4", f"r:{BICEPS}": "0", f"t:{BICEPS}": "dynamometer"}
    assert client.post(address("place", visit, place=at.number), sent).status_code == 302

    page = client.get(address("place", visit, place=at.number)).content.decode()

    assert f'name="t:{BICEPS}" value="dynamometer" checked' in page
    assert "4 of MRC 5 (dynamometer)" in client.get(address("examination", visit)).content.decode()


@pytest.mark.parametrize(("key", "number"), [(BAND, 2), (PIN, 2), (BICEPS, 3)])
def test_a_way_that_a_sign_does_not_have_is_refused(key, number):
    with pytest.raises(CannotRecord, match="not tested so"):
        read(key, number, test="goniometer")


def test_a_way_without_a_reading_is_no_reading(as_, visit):
    tap(as_("caring"), visit, RANGE, "", **{f"t:{RANGE}": "by eye"})

    assert rows_of(RANGE) == []


def test_it_stands_in_the_assessment_its_case_and_beside_the_next_visit(as_, visit, cast):
    client = as_("caring")
    found = [read(RANGE, 100, test="by eye"), read(PIN, 2, test="pinwheel")]
    actions.record_readings(visit, found, staff=cast.caring, by=BY)
    client.get(address("answer", visit))
    shown = case_now(visit, readings_of(visit))[0].hash
    said = {"words": "Short biceps", "verdict": "accepted", "shown": shown}
    assert client.post(address("conclude", visit), said).status_code == 302

    stored = Assessment.objects.get()
    kwargs = {"key": visit.patient_id, "pk": stored.pk}
    page = client.get(reverse("assessment:assessment", kwargs=kwargs)).content.decode()
    assert "100° (by eye)" in page
    assert "the same to the bit" in page
    tests = {one.sign: one.test for one in parse_case(stored.case).findings}
    assert tests == {"range": "by eye", "pin_less": "pinwheel"}

    later = records.start_visit(
        cast.patient, staff=cast.caring, site=visit.site, kind="follow_up", by=BY
    )
    place = client.get(address("place", later, place=home_of(RANGE).number)).content.decode()
    assert "Then 100 (by eye)." in place
