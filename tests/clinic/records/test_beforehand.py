"""What is said before a visit of health and needles: told to who asks, and no answer itself."""

from datetime import timedelta

import pytest
from conftest import BY
from django.urls import reverse

from clinic.audit.models import Entry
from clinic.records import actions as visits
from clinic.records.beforehand import HEALTH, NEEDLES, PARTS, health_before, needles_before
from clinic.records.consent.queries import covered_today
from clinic.records.consent.texts import REGION_WORDS, current_text
from clinic.records.models import Consent, SheetDraft, Submission, Visit, Way
from clinic.records.screening import actions as screening
from clinic.records.screening.queries import screening_of
from clinic.records.screening.rules import FORM, decide
from clinic.records.sheets import actions as sheets
from clinic.records.sheets.versions import current
from clinic.treatment_rules import never_needled, questions
from myotome.atlas import atlas

SAID = {
    "anticoagulant": ["yes"],
    "anticoagulant.note": ["warfarin"],
    "cauda_equina": ["no"],
    "pregnancy": ["unknown"],
}
THOUGHT = {
    PARTS: ["thorax"],
    "understood": ["what", "often"],
    "understood.note": ["The cramp puzzles me"],
    "intention.note": ["After the wedding perhaps"],
    "questions": ["Will it bruise?"],
    "intention": ["rather_not"],
}


MUSCLE = next(name for name in atlas().muscles if not never_needled(name))


# ------------------------------------------------------------------ the forms themselves


def test_health_asks_the_patient_what_the_screening_asks_but_what_only_staff_can_know():
    """Fails when the screening changes: then a new version of the patient's form is written."""
    asked = {item.key: item for item in current(FORM).items}
    theirs = {item.key: item for item in current(HEALTH).items}

    assert asked.keys() - theirs.keys() == {"no_consent_today", "upper_motor_neuron"}
    assert theirs.keys() <= asked.keys()
    for key, item in theirs.items():
        assert item.asks_where == asked[key].asks_where
        assert item.is_urgent == (questions()[key].concern == "emergency")
        assert item.label.endswith("?")
        assert "person" not in item.label


def test_the_text_that_is_read_is_the_one_that_stands_and_its_parts_are_offered():
    """Fails when a consent text is published: then the form names it in a new version."""
    text, form = current_text(), current(NEEDLES)
    offered = {choice.key: choice.label for choice in form.item(PARTS).choices}

    assert [each.reads for each in form.sections if each.reads] == [f"{text.text}.{text.version}"]
    assert offered == {region.key: REGION_WORDS[region.key] for region in text.regions}


# ------------------------------------------------------------------ what it does at the visit


@pytest.fixture
def visit(cast):
    return visits.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)


def say(cast, form, raw, *, way=Way.LINK, is_sent=True):
    """What came by the link of a visit."""
    user = None if way is Way.LINK else cast.self_user
    writer = sheets.Writer(user, Submission.By.PATIENT, way, BY)
    sheet = sheets.open_apart(cast.patient, current(form), writer)
    revision = sheets.save_sheet(sheet, raw, writer, based_on=1)
    if is_sent:
        sheets.send_sheet(sheet, writer, based_on=revision)
    return sheet


@pytest.mark.django_db
def test_nothing_said_beforehand_passes_stops_or_clears_anything(cast, visit):
    before = screening_of(visit)
    say(cast, HEALTH, {item.key: ["no"] for item in current(HEALTH).items})
    say(cast, HEALTH, {item.key: ["yes"] for item in current(HEALTH).items})
    say(cast, NEEDLES, THOUGHT | {"intention": ["likely"]})

    assert screening_of(visit) == before
    assert {each.kind for each in decide(before, MUSCLE, "left").reasons} == {
        "not_signed",
        "missing",
    }
    assert covered_today(cast.patient) == frozenset()
    assert not Consent.objects.exists()


@pytest.mark.django_db
def test_who_asks_the_screening_reads_it_beside_each_question_and_asks_anew(as_, cast, visit):
    say(cast, HEALTH, SAID)
    say(cast, HEALTH, {"fast_weakness": ["yes"]}, is_sent=False)
    client = as_("caring")
    shown = client.get(reverse("records:visit", args=[cast.patient.pk, visit.pk])).content.decode()
    assert "Said beforehand by the patient" in shown
    assert shown.index("same-day care") < shown.index("warfarin")
    where = client.post(reverse("records:ask_screening", args=[cast.patient.pk, visit.pk])).url
    page = client.get(where).content.decode()

    for words in ("<strong>Yes. warfarin</strong>", "<strong>I do not know</strong>", "not sent:"):
        assert words in page
    assert page.count(" checked") == 0  # nothing is answered by it
    draft = SheetDraft.objects.get(sheet__form=FORM)
    client.post(where, {"revision": draft.revision, "rest": "body"})
    draft.refresh_from_db()
    assert draft.raw["bleeding_disorder"] == ["no"]
    doubted = {"anticoagulant", "pregnancy", "fast_weakness"}  # each to be asked by itself
    assert not any(draft.raw.get(key) for key in doubted)
    client.post(where, {"revision": draft.revision, "rest": "today"})
    draft.refresh_from_db()
    assert draft.raw["cauda_equina"] == ["no"]
    assert not any(draft.raw.get(key) for key in doubted)
    assert Entry.objects.filter(act="read: form being filled in", patient=cast.patient.pk)


@pytest.mark.django_db
def test_what_was_thought_of_needles_stands_where_consent_is_asked_for(as_, cast, visit):
    say(cast, NEEDLES, THOUGHT)
    client = as_("caring")
    for name in ("records:visit", "records:take_consent"):
        page = client.get(reverse(name, args=[cast.patient.pk, visit.pk])).content.decode()
        assert "No consent: it is given with you, at the visit." in page
        assert "Will it bruise?" in page
        assert "The cramp puzzles me" in page
        assert "I would rather have no needles. After the wedding perhaps" in page
        assert "That there are other ways, without needles" in page  # was not ticked
        assert "Ask whether it is theirs." in page
        assert "They read the text that stands now." in page


@pytest.mark.django_db
def test_it_is_told_for_the_visit_that_it_was_said_for(cast, visit):
    say(cast, HEALTH, SAID)
    Visit.objects.filter(pk=visit.pk).update(starts_at=visit.starts_at + timedelta(minutes=5))
    visit.refresh_from_db()
    later = visits.start_visit(
        cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
    )
    Visit.objects.filter(pk=later.pk).update(starts_at=later.starts_at + timedelta(days=7))
    later.refresh_from_db()

    assert [row.words for row in health_before(visit).to_ask] == ["Yes. warfarin", "I do not know"]
    assert health_before(later).said == []
    assert needles_before(later) == []


@pytest.mark.django_db
def test_a_yes_is_not_lost_when_a_no_is_sent_after_it(cast, visit):
    say(cast, HEALTH, {"heart_valve": ["yes"]})
    say(cast, HEALTH, {"heart_valve": ["no"]})
    rows = health_before(visit).by_question["heart_valve"]
    assert [row.words for row in rows] == ["No", "Yes"]
    assert [row.words for row in health_before(visit).to_ask] == ["Yes"]


@pytest.mark.django_db
def test_the_screening_still_carries_over_only_what_was_signed(cast, visit):
    say(cast, HEALTH, SAID)
    sheet = screening.ask(visit, screening.writer_of(cast.caring, BY))
    assert sheet.draft.raw == {}


@pytest.mark.django_db
def test_only_who_may_read_the_chart_reads_it(as_, cast, visit):
    say(cast, HEALTH, SAID)
    page = reverse("records:visit", args=[cast.patient.pk, visit.pk])
    for name in ("reception", "owner", "lead", "colleague", "learner"):
        answer = as_(name).get(page)
        assert answer.status_code == 404
        assert "warfarin" not in answer.content.decode()


# ------------------------------------------------------------------ the patient at home


def own(name, cast, **more):
    return reverse(f"own_sheets:{name}", kwargs={"key": cast.patient.pk, **more})


@pytest.mark.django_db
def test_a_patient_with_an_account_fills_both_in(as_, cast):
    client = as_("self_user")
    listed = client.get(own("forms", cast)).content.decode()
    assert "Your health, before any needle" in listed
    assert "About needles, to think over" in listed
    assert "Screening" not in listed
    fill = client.post(own("begin_form", cast), {"form": NEEDLES}).url
    first = client.get(fill).content.decode()
    assert "This is not your consent" in first
    client.post(fill, {"revision": "1", PARTS: ["thorax"], "next": "1"})
    page = client.get(f"{fill}?part=2").content.decode()

    assert f"Version {current_text().version}, as it is read together at the visit" in page
    special, _, others = page.partition("The other parts")
    assert "Breast tissue is never needled" in special  # of the part that was chosen
    assert "Breast tissue is never needled" not in others
    assert "Small vessels of the face" in others
    sent = {"revision": "2", "understood": ["what", "free"], "next": "1"}
    assert client.post(f"{fill}?part=2", sent).url.endswith("?part=3")
    client.post(f"{fill}?part=3", {"revision": "3", "intention": "unsure", "next": "1"})
    check = fill.replace("/fill/", "/check/")
    assert client.post(check, {"revision": "4"}).status_code == 302
    kept = Submission.objects.get()
    assert (kept.version, kept.digest) == (current(NEEDLES).version, current(NEEDLES).digest)
    assert kept.values == {PARTS: ["thorax"], "understood": ["what", "free"], "intention": "unsure"}


@pytest.mark.django_db
def test_a_yes_that_needs_care_today_is_told_at_once_and_before_sending(as_, cast):
    client = as_("self_user")
    fill = client.post(own("begin_form", cast), {"form": HEALTH}).url
    first = client.get(fill).content.decode()
    assert "nobody may read this form before you come" in first
    assert "Get help today" not in first
    client.post(fill, {"revision": "1", "chest_pain_or_breathless": "yes", "next": "1"})
    for address in (fill, f"{fill}?part=2", fill.replace("/fill/", "/check/")):
        assert "Get help today" in client.get(address).content.decode()


@pytest.mark.django_db
def test_the_screening_itself_stays_with_staff(as_, cast):
    assert as_("self_user").post(own("begin_form", cast), {"form": FORM}).status_code == 404
