"""The demonstration's people have a course: made by the model, told as visits and signed notes."""

import http.client
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from processes import running

from clinic.audit.models import Entry
from clinic.audit.queries import verify
from clinic.demonstration import COURSES, PEOPLE, furnish
from clinic.invented_courses import LUMBAR, REASSESSED_ON, invent, note_of
from clinic.patients.models import Patient
from clinic.practice.queries import main_zone
from clinic.records.models import Note, Visit


@pytest.fixture(scope="module")
def courses():
    return {given: invent(person) for given, person, _ in COURSES}


def test_the_same_person_has_the_same_course_and_another_seed_another(courses):
    _, ada, _ = COURSES[0]

    assert invent(ada) == courses["Ada"]
    other = invent(replace(ada, seed=99))
    assert other.visits != courses["Ada"].visits


@pytest.mark.parametrize("given", [given for given, *_ in COURSES])
def test_a_course_is_visits_in_order_with_what_was_found_measured_and_done(courses, given):
    course = courses[given]
    days = [visit.day for visit in course.visits]

    assert days == sorted(set(days))
    assert (days[0], days[-1]) == (0, REASSESSED_ON)
    kinds = [visit.kind for visit in course.visits]
    assert kinds == ["first"] + ["follow_up"] * (len(kinds) - 2) + ["reassessment"]
    assert [bool(visit.findings) for visit in course.visits] == [k != "follow_up" for k in kinds]
    for visit in course.visits:
        assert 0 <= visit.pain <= 10
        for measure in visit.measures:
            assert (
                measure.unit
                == {
                    "pain": "NPRS",
                    "pressure_pain_threshold": "kPa",
                    "range": "degrees",
                }[measure.name]
            )
            assert measure.name == "pain" or (measure.site and measure.value > 0)


@pytest.mark.parametrize("given", [given for given, *_ in COURSES])
def test_nothing_is_needled_that_the_plan_does_not_propose(courses, given):
    course = courses[given]
    proposed = {line.site for line in course.proposal.sites}
    left_out = {line.target.site for line in course.proposal.left_out}
    needled = {
        site
        for visit in course.visits
        for done in visit.done
        if done.kind == "needling"
        for site in done.sites
    }

    assert needled
    assert needled <= proposed
    assert not needled & left_out


def test_who_takes_a_blood_thinner_is_needled_less(courses):
    def insertions(course):
        return sum(done.insertions_each * len(done.sites) for done in course.visits[0].done)

    _, bo, _ = next(row for row in COURSES if row[0] == "Bo")
    assert insertions(courses["Bo"]) < insertions(invent(replace(bo, answered_yes=())))


def test_an_examination_stays_where_it_hurts_and_finds_what_a_second_look_may_not(courses):
    first, last = courses["Dot"].visits[0], courses["Dot"].visits[-1]
    present = [{(f.sign, f.site) for f in visit.findings if f.grade} for visit in (first, last)]

    assert {(f.sign, f.site) for f in first.findings} == {(f.sign, f.site) for f in last.findings}
    assert present[0] != present[1]
    assert courses["Dot"].person.root.segment in LUMBAR
    assert not any("cervicalis" in f.site.name for f in first.findings)


@pytest.mark.parametrize("given", [given for given, *_ in COURSES])
def test_a_note_says_what_the_data_say(courses, given):
    course = courses[given]
    for visit in course.visits:
        note = note_of(course, visit)
        assert f"{visit.pain:.0f} of 10" in note
        assert note.count("kPa") == sum(m.unit == "kPa" for m in visit.measures)
        assert ("No needles today" in note) == (not any(d.insertions_each for d in visit.done))
        assert f"absent: {sum(not f.grade for f in visit.findings)}" in note or not visit.findings


@pytest.mark.django_db
def test_a_demonstration_holds_visits_and_signed_notes_of_the_past(place):
    furnish()

    now, zone = timezone.now(), main_zone()
    told = {given for given, *_ in COURSES}
    assert {patient.given_name for patient in Patient.objects.exclude(visits=None)} == told
    assert len(PEOPLE) > len(told)
    assert Visit.objects.count() == Note.objects.count() > 15
    assert not Visit.objects.filter(starts_at__gte=now - timedelta(hours=7)).exists()
    assert not Note.objects.filter(signed_at__gte=now).exists()
    assert not Note.objects.filter(signed_at__lte=F("visit__starts_at")).exists()
    for at in Visit.objects.values_list("starts_at", flat=True):
        local = at.astimezone(zone)
        assert local.weekday() < 5
        assert 9 <= local.hour < 17
    waiting = Note.objects.filter(needs_co_sign=True)
    assert [note.visit.patient.given_name for note in waiting] == ["Bo"]
    # The audit tells when all this was really written, and by whom.
    rows = Entry.objects.filter(act__in=["visit started", "note signed"])
    assert rows.count() == 2 * Visit.objects.count()
    assert set(rows.values_list("actor", flat=True)) == {"system:demonstration"}
    assert not rows.filter(at__lt=now - timedelta(minutes=5)).exists()
    assert verify().is_whole


def test_an_address_that_is_given_out_leads_to_where_a_demonstration_listens(tmp_path, furnished):
    """It may be opened at another port than it was made for."""
    made = tmp_path / "clinic"
    furnished(made)

    with running(tmp_path, "demo", "--port", "8650", "--at", str(made)) as process:
        asked = http.client.HTTPConnection(process.address.removeprefix("http://"))
        asked.request("GET", reverse("directory:manifest"))
        outputs = json.load(asked.getresponse())["output"]
        asked.close()

    assert outputs
    assert {output["url"].startswith(f"{process.address}/") for output in outputs} == {True}
