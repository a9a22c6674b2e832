"""The story of a treatment and the unfinished work: what is told, kept, due, and for whom."""

import json
import re
from datetime import date, timedelta

import pytest
from conftest import BY
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from examining import BAND, PIN, TENDER_C6, address, read, sign_screening

from clinic.assessment import actions
from clinic.assessment.models import Assessment, History
from clinic.assessment.places import Key
from clinic.assessment.queries import (
    facts_of,
    history_of,
    sensation_of,
    shown_of,
    work_of,
)
from clinic.assessment.rules import age_on, copied, is_due_for_reassessment, sensed
from clinic.practice import actions as practice
from clinic.practice.models import Credential
from clinic.practice.queries import duties_of, main_zone, today
from clinic.records import actions as records
from clinic.records.drawing.pages import drawings_of
from clinic.records.models import Draft, NoteMark, Submission, Visit, Way
from clinic.records.screening import actions as screening
from clinic.records.sheets.actions import Writer, open_sheet, save_sheet, send_sheet
from clinic.records.sheets.versions import current

TOLD = {"problem": "Elbow, right", "goal": "Lift the child", "began_on": date(2026, 9, 1)}


def tell(client, visit, **more):
    sent = {"problem": "Elbow, right", "revision": "0", "activity": "", "sex": ""} | more
    return client.post(address("history", visit), sent)


def test_a_history_is_kept_in_every_version_and_the_last_one_holds(as_, visit, cast):
    client = as_("caring")
    assert tell(client, visit, pain_nprs="6").status_code == 302
    assert tell(client, visit, problem="Elbow and neck", revision="1").status_code == 302

    assert [one.problem for one in History.objects.order_by("revision")] == [
        "Elbow, right",
        "Elbow and neck",
    ]
    assert history_of(cast.patient).problem == "Elbow and neck"
    url = reverse("assessment:course", kwargs={"key": cast.patient.pk})
    assert "Elbow and neck" in client.get(url).content.decode()


def test_words_beside_the_short_fields_of_a_history_stay_with_their_version(as_, visit, cast):
    client = as_("caring")
    tell(client, visit, pain_nprs="6", pain_nprs_words="8 at night", mass_kg_words="not asked")
    first = History.objects.get()
    assert first.words == {"pain_nprs": "8 at night", "mass_kg": "not asked"}
    page = client.get(address("history", visit)).content.decode()
    assert 'value="8 at night"' in page
    assert page.count("<details open>") == 2
    tell(client, visit, pain_nprs="4", began_on_words="after the fall", revision="1")

    first.refresh_from_db()
    assert first.words == {"pain_nprs": "8 at night", "mass_kg": "not asked"}
    assert history_of(cast.patient).words == {"began_on": "after the fall"}
    url = reverse("assessment:course", kwargs={"key": cast.patient.pk})
    assert "after the fall" in client.get(url).content.decode()
    client.post(address("begin_note", visit), {"template": "first"})
    assert "Began: after the fall" in Draft.objects.get().text


def test_words_that_are_too_long_or_stand_beside_what_is_wrong_stay_as_typed(as_, visit):
    long = "x" * 201
    page = tell(as_("caring"), visit, pain_nprs="many", pain_nprs_words=long).content.decode()
    assert page.count(long) == 1
    assert "In words: pain" in page
    assert not History.objects.exists()


def test_a_history_told_before_words_stood_beside_it_reads_as_it_did(visit, cast):
    told = actions.save_history(visit, TOLD, revision=0, staff=cast.caring, by=BY)
    assert (told.words, told.beside) == (None, [])


def test_the_course_tells_the_last_two_drawings_and_how_much_is_the_same(as_, visit, cast):
    client = as_("caring")
    url = reverse("assessment:course", kwargs={"key": cast.patient.pk})
    assert "Nothing drawn yet" in client.get(url).content.decode()
    writer = Writer(cast.caring.user, Submission.By.STAFF, Way.ASKED, BY)
    now = timezone.now()
    for days, lines in (
        (40, ["thumb:right:ache:5", "calf:right:ache:4"]),
        (2, ["calf:right:ache:2"]),
    ):
        at = now - timedelta(days=days)
        sheet = open_sheet(cast.patient, current("drawing"), writer, at=at)
        revision = save_sheet(sheet, {"drawing": lines}, writer, based_on=1)
        send_sheet(sheet, writer, based_on=revision, at=at)
    then, now_ = drawings_of(cast.patient)[::-1]
    days = [f"{one.submission.sent_at.astimezone(main_zone()):%d-%b-%Y}" for one in (then, now_)]
    page = client.get(url).content.decode()

    assert 0 < float(now_.percent) < float(then.percent)
    assert f"<strong>{now_.percent} % of the figure</strong> on {days[1]}" in page
    assert f"{then.percent} % on {days[0]}, the one before" in page
    assert f"{now_.overlap_percent} % of the joint area is the same place" in page
    assert reverse("records:drawings", kwargs={"key": cast.patient.pk}) in page


def test_two_who_write_one_history_see_both_texts(as_, visit):
    tell(as_("caring"), visit)
    late = tell(as_("covering"), visit, problem="Neck, left", told="Since the fall.")

    assert late.status_code == 409
    page = late.content.decode()
    assert "Elbow, right" in page
    assert "Since the fall." in page
    assert History.objects.count() == 1


def test_the_model_is_told_age_duration_and_pain(visit, cast):
    began = timezone.localdate(visit.starts_at) - timedelta(weeks=7, days=2)
    values = {"problem": "Elbow", "began_on": began, "pain_nprs": 6.0, "sex": "female"}
    actions.save_history(visit, values, revision=0, staff=cast.caring, by=BY)

    facts = facts_of(visit)

    assert (facts.duration_weeks, facts.pain_nprs, facts.sex) == (7, 6.0, "female")
    assert facts.age_years == age_on(timezone.localdate(visit.starts_at), cast.patient.born)


@pytest.mark.parametrize(
    ("born", "age"),
    [(date(1984, 11, 26), 42), (date(1984, 11, 27), 41), (None, None), (date(1920, 1, 1), 90)],
)
def test_an_age_is_whole_years_and_nobody_is_told_apart_by_being_very_old(born, age):
    assert age_on(date(2026, 11, 26), born) == age


def test_a_note_begins_with_what_was_confirmed_and_nothing_else(as_, visit, cast):
    text = "Neck stiff on turning.\nNo numbness.\nSleeps badly."
    note = records.sign_note(visit, cast.caring, text, needs_co_sign=False, by=BY)
    Visit.objects.filter(pk=visit.pk).update(starts_at=timezone.now() - timedelta(days=7))
    later = records.start_visit(
        cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
    )
    client = as_("caring")
    page = client.get(address("begin_note", later)).content.decode()
    assert page.count("checked") == 0
    records.save_draft(later, cast.caring, "Today better.", revision=0)

    client.post(address("begin_note", later), {"line_1": "on"})

    assert Draft.objects.get(visit=later).text == "Today better.\n\nNo numbness."
    records.mark_note(
        note, NoteMark.Kind.ENTERED_IN_ERROR, staff=cast.caring, reason="other", by=BY
    )
    page = client.get(address("begin_note", later)).content.decode()
    assert "No earlier note is signed" in page


def test_a_note_begins_with_headings_and_what_the_record_holds(
    as_, concluded, plan, answered, cast
):
    answered()
    visit = concluded.visit
    values = {"problem": "Elbow, right", "goal": "Lift the child"}
    actions.save_history(visit, values, revision=0, staff=cast.caring, by=BY)
    signed = actions.sign_plan(plan, shown=shown_of(plan), staff=cast.caring, by=BY)
    client = as_("caring")

    assert client.post(address("begin_note", visit), {"template": "none"}).status_code == 422
    client.post(address("begin_note", visit), {"template": "first"})

    text = Draft.objects.get(visit=visit).text
    assert text.startswith("Subjective\nElbow, right\nLift the child\n\nObjective\n")
    assert "Taut band, brachioradialis, right: marked (3)" in text
    assert "Assessment\nC6 right" in text
    first = json.loads(signed.content)["lines"][0]
    assert f"{first['label']}: visit {first['visit']}" in text


def test_copying_nothing_leaves_what_was_typed():
    assert copied("As it is.", []) == "As it is."
    assert copied("", ["One.", "Two."]) == "One.\nTwo."


def test_the_list_of_work_holds_what_is_unfinished_and_runs_out(as_, concluded, plan, cast):
    visit = concluded.visit
    other = records.start_visit(
        cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
    )
    actions.record_readings(other, [read(BAND, 1)], staff=cast.caring, by=BY)
    records.save_draft(visit, cast.caring, "Half a note", revision=0)
    practice.add_credential(
        cast.caring,
        {
            "kind": Credential.Kind.LICENCE,
            "issuer": "A college",
            "number": "1",
            "valid_from": today() - timedelta(days=300),
            "expires_on": today() + timedelta(days=20),
        },
        by=BY,
    )

    found = work_of(cast.caring.user, duties_of(cast.caring.user))

    assert len(found.drafts) == len(found.unsigned_plans) == len(found.credentials) == 1
    assert [one.pk for one in found.unconcluded] == [other.pk]
    assert [one.pk for one in found.unwritten] == [other.pk]  # of the first a note is begun
    client = as_("caring")
    home = client.get("/").content.decode()
    assert "Unfinished (5)" in home
    assert not re.search(r"\b1001\b", home)
    page = client.get(reverse("assessment:work")).content.decode()
    for words in (
        "Notes not signed",
        "Visits without a note",
        "Plans not signed",
        "not concluded",
        "last day",
    ):
        assert words in page
    records.sign_note(other, cast.caring, "Seen.", needs_co_sign=False, by=BY)
    assert not work_of(cast.caring.user, duties_of(cast.caring.user)).unwritten


def test_a_course_is_due_half_way_and_at_its_end(as_, concluded, plan, answered, cast):
    answered()
    actions.sign_plan(plan, shown=shown_of(plan), staff=cast.caring, by=BY)
    url = reverse("assessment:course", kwargs={"key": cast.patient.pk})
    client = as_("caring")
    assert "Look at the course anew" not in client.get(url).content.decode()
    for _ in range(3):
        last = records.start_visit(
            cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
        )
    page = client.get(url).content.decode()
    assert "Look at the course anew" in page
    assert "3 visits since it was signed; 8 were planned." in page
    assert len(work_of(cast.caring.user, duties_of(cast.caring.user)).reassess) == 1

    actions.record_readings(last, [read(BAND, 1)], staff=cast.caring, by=BY)
    actions.conclude(
        last,
        verdict=Assessment.Verdict.ACCEPTED,
        roots=[],
        reason="",
        words="Better.",
        staff=cast.caring,
        by=BY,
    )
    assert "Look at the course anew" not in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("planned", "held", "weeks", "due"),
    [
        (8, 0, 9, False),
        (8, 1, 1, False),
        (8, 3, 3, True),
        (8, 4, 4, True),
        (8, 5, 5, False),
        (8, 8, 8, True),
        (8, 9, 5, True),
        (8, 2, 6, True),
    ],
)
def test_when_a_course_is_looked_at_anew(planned, held, weeks, due):
    assert is_due_for_reassessment(planned, held, weeks) is due


@pytest.mark.usefixtures("still")
def test_the_story_needs_as_many_queries_for_ten_visits_as_for_one(as_, cast, visit):
    client = as_("caring")
    url = reverse("assessment:course", kwargs={"key": cast.patient.pk})
    client.get(url)

    def queries():
        client.get(url)  # what a session asks for once
        with CaptureQueriesContext(connection) as seen:
            client.get(url)
        return len(seen)

    actions.record_readings(visit, [read(BAND, 1)], staff=cast.caring, by=BY)
    one = queries()
    for _ in range(9):
        more = records.start_visit(
            cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
        )
        actions.record_readings(more, [read(BAND, 1)], staff=cast.caring, by=BY)
    assert queries() == one
    assert one <= 24


def test_sensation_is_compared_visit_by_visit_and_only_what_was_looked_for_is_gone(
    as_, visit, cast
):
    touch = Key("light_touch_more", "forearm_lateral", "", "right")
    pressure = Key("pressure_pain_threshold", "brachioradialis", "", "right")
    tender = Key("tender_motor_point", "brachioradialis", "", "right")
    other = Key("tender_motor_point", "biceps_brachii", "", "right")
    late = Key("tender_motor_point", "biceps_brachii", "", "left")

    def later(days, *readings):
        more = records.start_visit(
            visit.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
        )
        Visit.objects.filter(pk=more.pk).update(starts_at=visit.starts_at + timedelta(days=days))
        actions.record_readings(more, readings, staff=cast.caring, by=BY)

    first = (read(touch, 2), read(TENDER_C6, 3), read(tender, 1), read(PIN, 2), read(pressure, 180))
    actions.record_readings(visit, first, staff=cast.caring, by=BY)
    page = as_("caring").get(reverse("assessment:course", args=[visit.patient_id]))
    assert "The comparison begins with the second" in page.content.decode()

    later(7, read(touch, 1), read(TENDER_C6, 2), read(other, 0))
    now = (read(touch, 0), read(TENDER_C6, 2), read(tender, 2), read(PIN, 0), read(other, 1))
    later(14, *now, read(late, 2))
    later(14, read(BAND, 3))  # nobody looked for a sensory sign
    visits, found = sensation_of(visit.patient)

    assert len(visits) == 3
    assert {(one.key, one.cells, one.change) for one in found} == {
        (touch, ("2", "1", "0"), "was too sensitive, is not now"),
        (PIN, ("2", "", "0"), "was felt less, is felt now"),
        (TENDER_C6, ("3", "2", "2"), "less than it was, as the last time"),
        (tender, ("1", "", "2"), "more than it was"),
        (other, ("", "0", "1"), "new"),
        (late, ("", "", "2"), "there, not looked for before"),
        (pressure, ("180 kPa", "", ""), "measured once"),
    }
    assert found[-1].key == pressure
    page = as_("caring").get(reverse("assessment:course", args=[visit.patient_id]))
    assert "was too sensitive, is not now" in page.content.decode()

    later(21, read(pressure, 240))
    assert {one.change for one in sensation_of(visit.patient)[1]} == {
        "was there, not looked for since",
        "+60 kPa since it was first measured, better: more is borne",
    }


def test_a_form_that_nobody_sent_waits_for_whoever_cares_for_the_person(as_, cast, visit):
    screening.ask(visit, screening.writer_of(cast.caring, BY))

    assert len(work_of(cast.caring.user, duties_of(cast.caring.user)).forms) == 1
    assert not work_of(cast.covering.user, duties_of(cast.covering.user)).forms
    client = as_("caring")
    assert "1 form not sent yet" in client.get("/").content.decode()
    assert "Forms not sent yet" in client.get(reverse("assessment:work")).content.decode()

    sign_screening(visit, cast.caring)
    assert not work_of(cast.caring.user, duties_of(cast.caring.user)).forms


def test_a_credential_that_was_renewed_runs_out_no_more(cast):
    def add(number, days, kind=Credential.Kind.LICENCE, begins=-300):
        ends = today() + timedelta(days=days)
        given = {"issuer": "A college", "valid_from": today() + timedelta(days=begins)}
        given |= {"kind": kind, "number": number, "expires_on": ends}
        return practice.add_credential(cast.caring, given, by=BY)

    def listed():
        found = work_of(cast.caring.user, duties_of(cast.caring.user)).credentials
        return [one.number for one in found]

    add("old", 20)
    add("needles", -3, Credential.Kind.NEEDLING)
    renewed = add("new", 400)
    assert listed() == ["needles", "old"]  # the new one was checked by nobody
    practice.check_credential(renewed, cast.owner, by=BY)
    assert listed() == ["needles"]
    later = add("after a gap", 700, Credential.Kind.NEEDLING, begins=5)
    practice.check_credential(later, cast.owner, by=BY)
    assert listed() == ["needles"]  # seven days on which nobody may be needled


def test_the_story_says_what_came_in_and_was_not_looked_at(as_, cast):
    writer = Writer(cast.self_user, Submission.By.PATIENT, Way.OWN, BY)
    sheet = open_sheet(cast.patient, current("drawing"), writer)
    saved = save_sheet(sheet, {"drawing": ["neck_side:right:ache:3"]}, writer, based_on=1)
    send_sheet(sheet, writer, based_on=saved)
    client = as_("caring")
    url = reverse("assessment:course", kwargs={"key": cast.patient.pk})
    assert "Not looked at yet" in client.get(url).content.decode()
    client.get(reverse("records:sheet", kwargs={"key": cast.patient.pk, "sheet": sheet.pk}))
    assert "Not looked at yet" not in client.get(url).content.decode()


@pytest.mark.parametrize(
    ("grades", "change"),
    [
        ((3, 1), "less than it was"),
        ((3, 2, 1), "less than it was"),
        ((3, 1, 2), "less than it was, more than the last time"),
        ((3, None, 1, None, 2), "less than it was, more than the last time"),
        ((1, 3, 2), "more than it was, less than the last time"),
        ((2, 3, 2), "as it was, less than the last time"),
        ((3, 0, 2), "less than it was, more than the last time"),
        ((3, 3, 3), "as it was"),
    ],
)
def test_what_is_worse_than_the_last_time_is_not_only_said_to_be_less_than_at_first(grades, change):
    read_then = [{} if grade is None else {TENDER_C6: read(TENDER_C6, grade)} for grade in grades]

    (found,) = sensed(read_then)

    assert found.change == change


@pytest.mark.parametrize(
    ("values", "change"),
    [
        ((180, 240), "+60 kPa since it was first measured, better: more is borne"),
        ((240, 180), "-60 kPa since it was first measured, worse: less is borne"),
        ((180, 220, 240), "+60 kPa since it was first measured, better: more is borne"),
        (
            (180, 240, 200),
            (
                "+20 kPa since it was first measured, better: more is borne; -40 kPa since"
                " the last time, worse: less is borne"
            ),
        ),
        ((180, 240, 180), "as first measured; -60 kPa since the last time, worse: less is borne"),
        ((180, 180), "as first measured"),
        ((180, 180, 180), "as first measured"),
    ],
)
def test_a_pressure_threshold_says_which_way_is_better(values, change):
    pressure = Key("pressure_pain_threshold", "brachioradialis", "", "right")

    (found,) = sensed([{pressure: read(pressure, value)} for value in values])

    assert found.change == change
