"""Consent is given for a course: a plan signed after a new examination asks for it anew."""

import json
from datetime import timedelta

import pytest
from conftest import BY
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from examining import BAND, TENDER_C6, read, sign_screening

from clinic.assessment import actions
from clinic.assessment.models import Assessment
from clinic.assessment.queries import shown_of
from clinic.audit.models import Entry
from clinic.practice.queries import today
from clinic.records import actions as records
from clinic.records import allowing
from clinic.records.consent import actions as consents
from clinic.records.consent.queries import covered_today
from clinic.records.consent.texts import current_text
from clinic.records.models import CourseBegun

REGIONS = sorted(region.key for region in current_text().regions)
ANEW = "A new plan was signed since it was given."


@pytest.fixture
def examine(cast):
    """Screen and examine somebody at a visit, and conclude: a plan that can be signed."""

    def at(visit):
        sign_screening(visit, cast.caring)
        found = [read(TENDER_C6, 3), read(BAND, 3)]
        actions.record_readings(visit, found, staff=cast.caring, by=BY)
        assessment = actions.conclude(
            visit,
            verdict=Assessment.Verdict.NOT_SEEN,
            roots=["C6-right"],
            reason="",
            words="",
            staff=cast.caring,
            by=BY,
        )
        return actions.begin_plan(assessment, staff=cast.caring, by=BY)

    return at


@pytest.fixture
def agree(cast):
    def at(visit):
        values = {
            "regions": REGIONS,
            "given_by": "patient",
            "giver": "Ada Sample",
            "scope": "",
            "how": "screen",
            "witness": "",
            "language": "",
            "talked": "Nothing was asked.",
            "renew_on": today() + timedelta(weeks=12),
        }
        return consents.take_consent(visit, current_text(), values, staff=cast.caring, by=BY)

    return at


def follow_up(cast):
    return records.start_visit(
        cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
    )


def sign(plan, cast):
    return actions.sign_plan(plan, shown=shown_of(plan), staff=cast.caring, by=BY)


def url(name, plan):
    key = plan.assessment.visit.patient_id
    return reverse(f"assessment:{name}", kwargs={"key": key, "pk": plan.pk})


@pytest.mark.parametrize("consent_first", [True, False])
def test_the_consent_of_the_first_course_holds_however_it_was_begun(
    visit, examine, agree, cast, consent_first
):
    if consent_first:
        agree(visit)
    sign(examine(visit), cast)
    if not consent_first:
        agree(visit)

    assert covered_today(cast.patient) == set(REGIONS)
    assert not CourseBegun.objects.exists()


def test_consent_talked_over_at_a_visit_before_the_first_plan_holds_for_it(
    visit, examine, agree, cast
):
    agree(visit)
    sign(examine(follow_up(cast)), cast)

    assert covered_today(cast.patient) == set(REGIONS)


def test_another_plan_of_the_same_examination_asks_nothing_anew(visit, examine, agree, cast):
    plan = examine(visit)
    agree(visit)
    sign(plan, cast)
    sign(actions.begin_plan(plan.assessment, staff=cast.caring, by=BY), cast)

    assert covered_today(cast.patient) == set(REGIONS)


def test_a_plan_after_a_new_examination_asks_anew_and_says_why(as_, visit, examine, agree, cast):
    sign(examine(visit), cast)
    given = agree(visit)
    later = follow_up(cast)
    plan = examine(later)
    allowing.assure(later, [("brachioradialis", "right")])
    client = as_("caring")
    page = client.get(url("plan", plan)).content.decode()
    assert "Once it is signed a new course begins" in page
    assert "Consent does not cover" not in page

    signed = sign(plan, cast)

    assert covered_today(cast.patient) == frozenset()
    assert f"forearm. {ANEW}" in " ".join(json.loads(signed.content)["consent_lacks"])
    with pytest.raises(allowing.NotAllowed, match="to be renewed for: forearm"):
        allowing.assure(later, [("brachioradialis", "right")])
    assert ANEW in client.get(url("plan", plan)).content.decode()
    shown = client.get(
        reverse("records:consent", kwargs={"key": cast.patient.pk, "consent": given.pk})
    ).content.decode()
    assert "a new plan was signed" in shown
    own = as_("self_user").get(
        reverse("own_sheets:consent", kwargs={"key": cast.patient.pk, "consent": given.pk})
    )
    assert "You are asked anew before a needle" in own.content.decode()
    assert Entry.objects.filter(act="course begun").count() == 1

    agree(later)
    assert covered_today(cast.patient) == set(REGIONS)
    allowing.assure(later, [("brachioradialis", "right")])
    sign(actions.begin_plan(plan.assessment, staff=cast.caring, by=BY), cast)
    assert covered_today(cast.patient) == set(REGIONS)


def test_consent_given_at_the_new_examination_before_its_plan_holds(visit, examine, agree, cast):
    sign(examine(visit), cast)
    agree(visit)
    later = follow_up(cast)
    agree(later)
    sign(examine(later), cast)

    assert covered_today(cast.patient) == set(REGIONS)


def test_a_course_longer_than_the_calendar_asks_when_it_is_due(
    visit, examine, agree, cast, monkeypatch
):
    sign(examine(visit), cast)
    agree(visit)
    after = today() + timedelta(weeks=12)
    monkeypatch.setattr("clinic.records.consent.queries.today", lambda: after)

    assert covered_today(cast.patient) == frozenset()


def test_what_began_a_course_is_written_once(visit, examine, cast):
    sign(examine(visit), cast)
    sign(examine(follow_up(cast)), cast)

    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        CourseBegun.objects.update(at=timezone.now())
