"""Pain through the visits: only what was asked at a visit counts, and it is asked anew at each."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from conftest import BY
from django.urls import reverse
from examining import address

from clinic.assessment import actions
from clinic.assessment.models import History
from clinic.assessment.outcomes import pain_over
from clinic.assessment.queries import facts_of, timeline_of
from clinic.practice.queries import main_zone
from clinic.records.models import Visit

FIRST = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)


def visits(*pains):
    """A visit a week, latest first, as a timeline has them."""
    return [(FIRST + timedelta(weeks=week), pain) for week, pain in enumerate(pains)][::-1]


def test_a_visit_at_which_nobody_asked_is_a_gap_and_no_zero():
    followed = pain_over(visits(None, 7.0, 6.0, None, 4.0))

    assert [one.value for one in followed.asked] == [7.0, 6.0, None, 4.0]
    assert [one.week for one in followed.asked] == [0, 1, 2, 3]
    assert followed.missing == (2.0,)
    assert followed.graph.count("course-point") == 3
    assert followed.graph.count("course-line") == 1
    assert followed.graph.count("course-treated") == 4
    assert "down 3, more than the smallest change people notice" in followed.course.caption


@pytest.mark.parametrize(("now", "words"), [(6.0, "not more than"), (9.0, "up 2, more than")])
def test_a_change_is_told_beside_the_smallest_that_people_notice(now, words):
    assert words in pain_over(visits(7.0, now)).course.caption


def test_one_answer_makes_no_line_and_none_makes_no_graph():
    assert pain_over(visits(7.0)).graph == ""
    assert pain_over(visits(None, None)) is None
    assert pain_over([]) is None


@pytest.fixture
def told(as_, visit, cast):
    """Pain of 6 at a visit three weeks ago, and today's visit."""
    Visit.objects.filter(pk=visit.pk).update(starts_at=visit.starts_at - timedelta(weeks=3))
    visit.refresh_from_db()
    today = Visit.objects.create(
        patient=cast.patient, staff=cast.caring, site=cast.main, kind="follow_up",
        starts_at=visit.starts_at + timedelta(weeks=3),
    )  # fmt: skip
    sent = {"problem": "Elbow", "revision": "0", "pain_nprs": "6", "pain_nprs_words": "8 at night"}
    as_("caring").post(address("history", visit), sent)
    return visit, today


def test_pain_is_never_carried_over_from_an_earlier_visit(as_, told):
    then, today = told
    client = as_("caring")
    page = client.get(address("history", today)).content.decode()
    fields = dict(re.findall(r'name="(\w+)"[^>]*?value="([^"]*)"', page))

    assert fields["problem"] == "Elbow"
    assert not re.search(r'name="pain_nprs"[^>]*value', page)
    assert "8 at night" not in page
    day = f"{then.starts_at.astimezone(main_zone()):%d-%b-%Y}"
    assert f"Then 6 on {day}. Left empty it counts as not asked." in page
    client.post(address("history", today), {"problem": "Elbow and neck", "revision": "0"})
    assert History.objects.get(visit=today).pain_nprs is None
    assert [line.pain for line in timeline_of(then.patient)] == [None, 6.0]
    assert facts_of(today).pain_nprs == 6.0  # what the model is told is what was said last
    again = client.get(address("history", then)).content.decode()
    assert re.search(r'name="pain_nprs" value="6.0"', again)


def test_the_course_shows_what_was_asked_and_how_it_went(as_, told):
    then, today = told
    client = as_("caring")
    url = reverse("assessment:course", kwargs={"key": then.patient_id})
    assert "One answer: a line starts with the second" in client.get(url).content.decode()
    values = {"problem": "Elbow", "pain_nprs": 3.0}
    actions.save_history(today, values, revision=0, staff=then.staff, by=BY)
    page = client.get(url).content.decode()

    assert "6 in week 0, 3 in week 3: down 3, more than the smallest change people notice" in page
    assert page.count('class="course-point"') == 2
    assert "Some of a change would happen without treatment" in page


def test_a_course_without_an_answer_says_so(as_, visit):
    url = reverse("assessment:course", kwargs={"key": visit.patient_id})
    assert "Pain was not asked at any visit yet" in as_("caring").get(url).content.decode()
