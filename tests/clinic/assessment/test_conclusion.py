"""Concluding: kept with all it rested on, never changed, and computed again to the bit."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from conftest import BY, join
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone
from examining import BAND, BICEPS, PIN, REFLEX, TENDER_C6, address, read, tap

from clinic.assessment import actions, inference
from clinic.assessment.models import Assessment, Impression, Showing
from clinic.assessment.places import Key
from clinic.assessment.queries import case_now, readings_of, shown_of
from clinic.assessment.rules import age_on, canonical_json, digest
from clinic.patients import actions as patients
from clinic.records import actions as records
from myotome.case import parse_case
from myotome.examination import examine


@pytest.fixture
def examined(visit, cast):
    found = [read(TENDER_C6, 2), read(BAND, 3), read(BICEPS, 4), read(REFLEX, 1), read(PIN, 2)]
    actions.record_readings(visit, found, staff=cast.caring, by=BY)
    return visit


def shown(visit):
    """What the page of the conclusion sends along: which case it was made from."""
    return case_now(visit, readings_of(visit))[0].hash


def conclude(client, visit, **more):
    said = {"roots": ["C6-right"], "more_roots": "", "words": "Root C6.", "verdict": "accepted"}
    said["shown"] = shown(visit)
    return client.post(address("conclude", visit), said | more)


def text(answer):
    return unescape(answer if isinstance(answer, str) else answer.content.decode())


def page_of(client, found):
    kwargs = {"key": found.visit.patient_id, "pk": found.pk}
    return client.get(reverse("assessment:assessment", kwargs=kwargs)).content.decode()


def test_an_assessment_keeps_case_versions_and_answer_and_gives_the_same_again(as_, examined):
    client = as_("caring")
    client.get(address("answer", examined))
    assert conclude(client, examined).status_code == 302

    found = Assessment.objects.get()
    case = parse_case(found.case)
    again = examine(case.examination())

    assert canonical_json(again.to_dict()) == found.output
    assert digest(found.output) == found.output_hash
    assert case.hash == found.case_hash
    assert dict(again.versions) == found.versions
    assert found.concluded == ["C6-right"]
    assert (found.verdict, found.model_was_seen) == ("accepted", True)
    assert "the same to the bit" in page_of(client, found)


def test_nobody_concludes_from_another_case_than_the_one_that_was_shown(as_, examined, cast):
    client = as_("caring")
    client.get(address("answer", examined))
    before = shown(examined)
    page = client.get(address("conclude", examined)).content.decode()
    assert f'name="shown" value="{before}"' in page
    actions.record_readings(examined, [read(BAND, 0, 1)], staff=cast.colleague, by=BY)

    late = conclude(client, examined, shown=before)
    page = late.content.decode()
    assert late.status_code == 422
    assert "Something was recorded after this page was read" in page
    assert f'name="shown" value="{shown(examined)}"' in page
    assert "Root C6." in page
    assert not Assessment.objects.exists()
    assert conclude(client, examined).status_code == 302


def test_an_assessment_of_other_tables_is_shown_as_it_was_and_told_apart(as_, examined):
    client = as_("caring")
    client.get(address("answer", examined))
    conclude(client, examined)
    stored = Assessment.objects.get()
    older = json.loads(stored.output)
    older["roots"][0]["probability"] = 0.5
    text = canonical_json(older)
    stored.pk, stored.number, stored.output, stored.output_hash = None, 2, text, digest(text)
    stored._state.adding = True
    stored.save(force_insert=True)

    page = page_of(client, Assessment.objects.get(number=2))

    assert "answers differently" in page
    assert "50" in page


def another(stored, **changed):
    """The same assessment once more, as it would lie there with something else in it."""
    for name, value in (changed | {"pk": None, "number": 2}).items():
        setattr(stored, name, value)
    stored._state.adding = True
    stored.save(force_insert=True)
    return Assessment.objects.get(number=2)


def test_each_reason_shows_what_it_rests_on_with_sources(as_, examined):
    page = as_("caring").get(address("answer", examined)).content.decode()

    assert "C6 is a main root of brachioradialis (atlas, innervation: read in sources)." in page
    assert "kappa -0.05 to 0.46." in page
    assert "MSc thesis, University of British Columbia 2010" in page
    targets = set(re.findall(r'href="#((?:source|weighed)-[^"]+)"', page))
    assert len(targets) > 10
    assert all(page.count(f'id="{one}"') == 1 for one in targets)


def test_an_assessment_shows_the_sources_that_it_was_stored_with(as_, examined):
    client = as_("caring")
    client.get(address("answer", examined))
    conclude(client, examined)
    stored = Assessment.objects.get()
    page = page_of(client, stored)
    assert "as they were stored with this assessment" in page
    assert "C6 right: why" in page
    assert page.count(": why</summary>") < page.count('data-label="Probability"')
    assert "C6 is a main root of brachioradialis" in page
    assert "What is stored is not" not in page

    kept = json.loads(json.dumps(stored.grounds))
    kept["held"]["sources"]["ims_thesis2010"]["citation"] = "As it was cited then"
    forged = page_of(client, another(stored, grounds=kept))
    assert "As it was cited then" in forged
    assert "What is stored is not what was stored then" in forged


@pytest.mark.parametrize("has_changed", [False, True])
def test_an_assessment_without_stored_sources_says_where_they_come_from(as_, examined, has_changed):
    client = as_("caring")
    client.get(address("answer", examined))
    conclude(client, examined)
    stored = Assessment.objects.get()
    older = json.loads(stored.output)
    older["no_root"] += 0.25 if has_changed else 0
    text = canonical_json(older)

    page = page_of(client, another(stored, grounds=None, output=text, output_hash=digest(text)))

    assert ("worked out just now" in page) is not has_changed
    assert ("C6 is a main root of brachioradialis" in page) is not has_changed
    assert ("cannot be shown" in page) is has_changed


def test_the_case_for_the_model_tells_nobody_who_it_is(as_, examined, cast):
    patient = cast.patient
    patient.gender, patient.phone, patient.email = "woman", "604 555 0199", "ada@mail.test"
    patient.save()
    actions.save_history(
        examined,
        {"problem": "Neck of Ada Sample", "told": "Lives on Main Street", "sex": "female"},
        revision=0,
        staff=cast.caring,
        by=BY,
    )
    conclude(as_("caring"), examined)

    text = Assessment.objects.get().case
    for word in ("Sample", "Ada", "1984", "Main", "604", "woman", str(patient.pk), "1001", "mail"):
        assert word not in text
    person = parse_case(text).person
    age = age_on(timezone.localdate(examined.starts_at), patient.born)
    assert (person.age_years, person.sex) == (age, "female")


def test_whether_the_model_was_seen_is_known_and_not_asked(as_, examined):
    client = as_("caring")
    conclude(client, examined, verdict="accepted")

    found = Assessment.objects.get()
    assert (found.verdict, found.model_was_seen) == ("not_seen", False)
    assert "It had not been seen" in page_of(client, found)


@pytest.mark.parametrize("page", ["assessment", "plan", "signed", "weeks"])
def test_who_reads_the_models_answer_on_a_page_of_what_was_concluded_has_seen_it(
    as_, plan, answered, page
):
    visit, client = plan.assessment.visit, as_("covering")
    answered()
    if page == "signed":
        actions.sign_plan(plan, shown=shown_of(plan), staff=plan.staff, by=BY)
    name = "plan" if page == "signed" else page
    client.post(address("habit", visit), {"impression_first": "on"})
    assert 'name="verdict"' not in client.get(address("conclude", visit)).content.decode()
    pk = plan.assessment.pk if page == "assessment" else plan.pk
    kwargs = {"key": visit.patient_id, "pk": pk}

    assert client.get(reverse(f"assessment:{name}", kwargs=kwargs)).status_code == 200

    assert 'name="verdict"' in client.get(address("conclude", visit)).content.decode()
    assert conclude(client, visit, verdict="accepted").status_code == 302
    found = Assessment.objects.get(number=2)
    assert (found.verdict, found.model_was_seen) == ("accepted", True)


def test_a_stored_answer_is_computed_anew_each_time_it_is_read(as_, examined, monkeypatch):
    client = as_("caring")
    conclude(client, examined)
    found = Assessment.objects.get()
    assert "Computed anew just now" in page_of(client, found)
    again = examine(parse_case(found.case).examination())
    monkeypatch.setattr(inference, "examine", lambda _: replace(again, no_root=0.5))

    assert "answers differently" in page_of(client, found)


HOFFMANN = Key("hoffmann", "", "", "right")


def test_a_sign_that_means_refer_is_shown_while_the_model_hides_and_wherever_one_concludes(
    as_, examined, cast
):
    actions.record_readings(examined, [read(HOFFMANN, 2)], staff=cast.caring, by=BY)
    client = as_("caring")
    client.post(address("habit", examined), {"impression_first": "on"})

    for name in ("examination", "answer", "conclude"):
        page = client.get(address(name, examined)).content.decode()
        assert "fits best" not in page
        assert page.count("Means refer:</strong> Hoffmann") == 1
    conclude(client, examined)
    page = page_of(client, Assessment.objects.get())
    assert page.count("Means refer:</strong> Hoffmann") == 1


def test_what_speaks_against_the_answer_and_what_it_lacks_stand_where_one_concludes(
    as_, visit, cast
):
    touch = Key("light_touch_less", "thumb", "", "right")
    found = [read(BAND, 3), read(PIN, 3), read(BICEPS, 3), read(touch, 0)]
    actions.record_readings(visit, found, staff=cast.caring, by=BY)
    client = as_("caring")
    against = "Light touch less, thumb, right: absent (0)"
    assert f"{against}: speaks against C6 right" in text(client.get(address("answer", visit)))

    page = text(client.get(address("conclude", visit)))
    assert f"{against}: speaks against C6 right, which fits." in page
    assert "How long it has hurt is not recorded." in page
    conclude(client, visit)
    page = text(page_of(client, Assessment.objects.get()))
    assert f"{against}: spoke against C6 right, which fitted." in page
    assert "How long it has hurt is not recorded." in page.split("<details")[0]
    assert re.search('data-label="Front ramus">supported</td>', page)
    assert re.search('data-label="Back ramus">not looked at</td>', page)


def test_the_model_hides_until_an_impression_is_noted_and_every_page_holds_to_it(as_, examined):
    client = as_("caring")
    client.post(address("habit", examined), {"impression_first": "on"})

    for name in ("examination", "answer"):
        page = client.get(address(name, examined)).content.decode()
        assert "waits until you have noted your impression" in page
        assert "fits best" not in page
    assert tap(client, examined, PIN, 3, revision=1).json()["quick"] is None
    assert "fits best" not in client.get(address("conclude", examined)).content.decode()
    assert Showing.objects.count() == 0

    client.post(address("impression", examined), {"text": "C6, with C5 next"})

    assert "fits best" in client.get(address("answer", examined)).content.decode()
    assert not Impression.objects.get().had_seen_model
    assert Showing.objects.count() == 1
    conclude(client, examined)
    found = Assessment.objects.get()
    assert found.impression.text == "C6, with C5 next"
    assert found.model_was_seen


def test_an_impression_after_the_model_was_seen_says_so(as_, examined):
    client = as_("caring")
    client.get(address("answer", examined))
    client.post(address("impression", examined), {"text": "As the model says"})

    assert Impression.objects.get().had_seen_model


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"verdict": "rejected", "reason": " "}, "Say why"),
        ({"verdict": "edited"}, "Say why"),
        ({"roots": [], "words": " "}, "Name a root"),
        ({"more_roots": "C9 right"}, "root must be a spinal segment"),
    ],
)
def test_a_conclusion_says_something_and_a_rejection_says_why(as_, examined, sent, words):
    client = as_("caring")
    client.get(address("answer", examined))

    answer = conclude(client, examined, **sent)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Assessment.objects.count() == 0


def test_nothing_is_concluded_while_two_readings_are_contested_or_none_stands(as_, examined):
    tap(as_("covering"), examined, BAND, 1)
    answer = conclude(as_("caring"), examined)

    assert answer.status_code == 422
    assert "Settle which holds" in answer.content.decode()
    assert Assessment.objects.count() == 0


def test_a_student_examines_and_does_not_conclude(as_, examined, cast):
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    student = as_("student")

    assert tap(student, examined, PIN, 1, revision=1).status_code == 200
    assert conclude(student, examined).status_code == 404
    assert "Conclude</a>" not in student.get(address("examination", examined)).content.decode()


@pytest.mark.parametrize(
    "table", ["assessment_assessment", "assessment_impression", "assessment_showing"]
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_concluded(committed_practice, table, statement):
    site = committed_practice.site
    staff = join("caring", site, "practitioner")
    patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
    visit = records.start_visit(patient, staff=staff, site=site, kind="first", by=BY)
    actions.record_readings(visit, [read(BAND, 2)], staff=staff, by=BY)
    actions.note_impression(visit, "C6", staff=staff, by=BY)
    actions.mark_shown(visit, staff=staff, by=BY)
    actions.conclude(
        visit,
        verdict=Assessment.Verdict.ACCEPTED,
        roots=["C6-right"],
        reason="",
        words="",
        staff=staff,
        by=BY,
    )

    with pytest.raises(DatabaseError, match="written once"), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_upper_motor_neuron_signs_mean_refer_and_are_no_part_of_the_answer(as_, examined, cast):
    actions.record_readings(examined, [read(HOFFMANN, 2)], staff=cast.caring, by=BY)

    page = as_("caring").get(address("answer", examined)).content.decode()
    assert "Means refer:" in page
    assert "Hoffmann" in page


def test_posture_is_kept_and_not_weighed(as_, examined, cast):
    client = as_("caring")
    before = client.get(address("answer", examined)).content.decode()
    forward = Key("posture", "head_forward", "", "midline")
    actions.record_readings(examined, [read(forward, 3)], staff=cast.caring, by=BY)
    after = client.get(address("answer", examined)).content.decode()

    assert (
        before.split("Marks beside")[0].split("headline")[1]
        == (after.split("Marks beside")[0].split("headline")[1])
    )
    assert "Head carried forward" in client.get(address("examination", examined)).content.decode()
