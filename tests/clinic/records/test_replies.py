"""Replies: what a patient sent waits for whoever cares for them, until one of these opens it."""

import re
from datetime import timedelta

import pytest
from conftest import BY, join
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.assessment.queries import work_of
from clinic.audit.models import Entry
from clinic.patients import actions as patients
from clinic.practice.models import Role, Site
from clinic.practice.queries import duties_of
from clinic.records import actions as visits
from clinic.records.consent import actions as consents
from clinic.records.consent.texts import current_text
from clinic.records.models import Consent, Look, SheetDraft, Submission, Way
from clinic.records.sheets import actions as sheets
from clinic.records.sheets.versions import current

DRAWN = {"drawing": ["forearm_lateral:right:burning:6"]}


def send(patient, user, raw=DRAWN, *, by=Submission.By.PATIENT, reason=""):
    """What a patient draws, sent; sent before, it is corrected."""
    writer = sheets.Writer(user, by, Way.OWN, BY)
    sheet = patient.sheets.filter(form="drawing").first()
    if sheet is None:
        sheet = sheets.open_sheet(patient, current("drawing"), writer)
    else:
        sheets.begin_correction(sheet, writer)
    revision = SheetDraft.objects.get(sheet=sheet).revision
    revision = sheets.save_sheet(sheet, raw, writer, based_on=revision)
    return sheets.send_sheet(sheet, writer, based_on=revision, reason=reason).sheet


def replies(staff):
    return work_of(staff.user, duties_of(staff.user)).replies


def page_of(sheet):
    return reverse("records:sheet", kwargs={"key": sheet.patient_id, "sheet": sheet.pk})


@pytest.fixture
def agreed(cast):
    visit = visits.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)
    values = {
        "regions": ["forearm", "neck"],
        "given_by": Consent.By.PATIENT,
        "giver": "Ada Sample",
        "how": Consent.How.PAPER,
        "talked": "Nothing was asked.",
        "renew_on": timezone.localdate() + timedelta(weeks=6),
    }
    return consents.take_consent(visit, current_text(), values, staff=cast.caring, by=BY)


def test_what_a_patient_sends_waits_until_who_cares_for_them_opens_it(as_, cast):
    sheet = send(cast.patient, cast.self_user)
    (reply,) = replies(cast.caring)
    assert (reply.patient, reply.address) == (cast.patient, page_of(sheet))
    client = as_("caring")
    home = client.get("/").content.decode()
    assert "1 reply to look at" in home
    assert not re.search(r"\b1001\b", home)
    work = client.get(reverse("assessment:work")).content.decode()
    assert "Came in from patients, not looked at yet" in work
    assert page_of(sheet) in work

    shown = client.get(reply.address).content.decode()

    assert "First opened by Caring" in shown
    assert not replies(cast.caring)
    look = Look.objects.get()
    assert (look.staff, look.submission.sheet) == (cast.caring, sheet)
    row = Entry.objects.get(act="reply looked at")
    assert (row.patient, row.subject) == (cast.patient.pk, f"submission:{look.submission_id}")
    client.get(reply.address)
    assert Look.objects.count() == Entry.objects.filter(act="reply looked at").count() == 1


def test_who_does_not_answer_for_a_patient_takes_nothing_off_the_list(as_, cast):
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    Site.objects.filter(pk=cast.main.pk).update(charts_open_to=Site.ChartsOpenTo.WHOLE_SITE)
    sheet = send(cast.patient, cast.self_user)
    for who in ("student", "colleague"):
        page = as_(who).get(page_of(sheet))
        assert page.status_code == 200
        assert "Not opened yet by a practitioner who cares for the patient" in page.content.decode()
        assert not replies(getattr(cast, who))
    own = reverse("own_sheets:sheet", kwargs={"key": cast.patient.pk, "sheet": sheet.pk})
    page = as_("self_user").get(own).content.decode()
    assert "Nobody at the clinic who looks after you has opened it yet" in page
    assert len(replies(cast.caring)) == 1


def test_who_stands_in_for_a_colleague_sees_it_and_opens_it_for_both(as_, cast):
    sheet = send(cast.patient, cast.self_user)
    assert len(replies(cast.covering)) == 1

    as_("covering").get(page_of(sheet))

    assert not replies(cast.caring)
    assert not replies(cast.covering)
    own = reverse("own_sheets:sheet", kwargs={"key": cast.patient.pk, "sheet": sheet.pk})
    assert "First opened by Covering" in as_("self_user").get(own).content.decode()


def test_a_correction_waits_anew_and_two_sendings_of_one_sheet_are_one_reply(as_, cast):
    sheet = send(cast.patient, cast.self_user)
    more = {"drawing": [*DRAWN["drawing"], "thumb:right:tingling:4"]}
    send(cast.patient, cast.self_user, more, reason="forgot one")
    (reply,) = replies(cast.caring)
    assert reply.is_correction
    as_("caring").get(page_of(sheet))
    assert Look.objects.count() == 2

    send(cast.patient, cast.self_user, DRAWN, reason="it is gone")
    assert len(replies(cast.caring)) == 1
    # Drawings side by side show nothing of the words that came with them: that is no opening.
    as_("caring").get(reverse("records:drawings", kwargs={"key": cast.patient.pk}))
    assert len(replies(cast.caring)) == 1


def test_what_staff_fill_in_is_no_reply_and_what_a_proxy_sends_is_one(as_, cast):
    send(cast.patient, cast.caring.user, by=Submission.By.STAFF)
    assert not replies(cast.caring)
    send(cast.patient, cast.proxy_user, by=Submission.By.PROXY, reason="she told me more")
    assert len(replies(cast.caring)) == 1


def test_consent_that_a_patient_takes_back_is_a_reply_and_what_staff_write_down_is_none(
    as_, cast, agreed
):
    url = reverse("own_sheets:withdraw", kwargs={"key": cast.patient.pk, "consent": agreed.pk})
    assert as_("self_user").post(url, {"regions": ["forearm"], "reason": ""}).status_code == 302
    (reply,) = replies(cast.caring)
    assert reply.title == "Consent taken back"
    assert as_("caring").get(reply.address).status_code == 200
    assert not replies(cast.caring)
    assert Look.objects.get().withdrawal.regions == ["forearm"]

    user = cast.caring.user
    consents.withdraw(agreed, ["neck"], said_by="Ada", reason="", user=user, by=BY)
    assert not replies(cast.caring)


def test_a_visit_shows_what_nobody_has_looked_at(as_, cast):
    visit = visits.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)
    sheet = send(cast.patient, cast.self_user)
    client = as_("caring")
    urls = [
        reverse("records:visit", kwargs={"key": cast.patient.pk, "visit": visit.pk}),
        reverse("records:forms", kwargs={"key": cast.patient.pk}),
    ]
    assert all("not looked at" in client.get(url).content.decode() for url in urls)
    client.get(page_of(sheet))
    assert not any("not looked at" in client.get(url).content.decode() for url in urls)


def test_a_lock_tells_whom_it_keeps_out_nothing(cast):
    send(cast.patient, cast.self_user)
    lock = patients.set_lock(cast.patient, staff=cast.caring, instruction="not them", by=BY)
    assert not replies(cast.caring)
    assert len(replies(cast.covering)) == 1
    patients.lift_lock(lock, by=BY)
    assert len(replies(cast.caring)) == 1


def unheard(staff):
    return work_of(staff.user, duties_of(staff.user)).unheard


def test_what_comes_from_somebody_whom_nobody_cares_for_waits_for_who_may_say_who_does(as_, cast):
    sheet = send(cast.patient, cast.self_user)
    assert not unheard(cast.reception)
    patients.end_care(cast.patient.care.get(), by=BY)

    for staff in (cast.reception, cast.caring, cast.colleague):
        (reply,) = unheard(staff)
        assert reply.patient == cast.patient
    for staff in (cast.far_reception, cast.elsewhere, cast.student, cast.owner, cast.lead):
        assert not unheard(staff)
    client = as_("reception")
    home = client.get("/").content.decode()
    assert "1 from people whom nobody cares for" in home
    work = client.get(reverse("assessment:work")).content.decode()
    person = reverse("patients:person", kwargs={"key": cast.patient.pk})
    assert person in work
    assert page_of(sheet) not in work, "reception sees that something came, not what"
    assert "drawing" not in work.lower()

    assert as_("colleague").get(page_of(sheet)).status_code == 404
    patients.start_care(cast.patient, cast.colleague, "taken over", by=BY)
    assert not unheard(cast.reception)
    assert len(replies(cast.colleague)) == 1


def test_care_by_who_left_or_works_elsewhere_is_nobodys_and_a_lock_tells_nothing(cast):
    send(cast.patient, cast.self_user)
    patients.start_care(cast.patient, cast.elsewhere, "covering", by=BY)
    assert not unheard(cast.reception)
    cast.caring.user.is_active = False
    cast.caring.user.save(update_fields=["is_active"])
    assert len(unheard(cast.reception)) == 1
    assert len(unheard(cast.colleague)) == 1
    patients.set_lock(cast.patient, cast.colleague, "asked for", by=BY)
    assert not unheard(cast.colleague)
    assert len(unheard(cast.reception)) == 1


def test_many_replies_cost_as_many_queries_as_one(cast):
    other = join("another", cast.main, Role.PRACTITIONER)
    user = other.user
    duties = duties_of(user)

    costs = []
    for count in (1, 2, 3, 4):
        patient = patients.add_patient({"given_name": f"P{count}"}, site=cast.main, by=BY)
        patients.start_care(patient, other, "booked", by=BY)
        send(patient, cast.self_user)
        with CaptureQueriesContext(connection) as seen:
            found = work_of(user, duties)
        assert len(found.replies) == count
        costs.append(len(seen))
    assert len(set(costs)) == 1


def test_the_database_refuses_to_change_who_opened_it_first(as_, cast):
    sheet = send(cast.patient, cast.self_user)
    as_("caring").get(page_of(sheet))
    for act in (
        lambda: Look.objects.update(staff=cast.colleague),
        lambda: Look.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    with pytest.raises(DatabaseError), transaction.atomic():
        Look.objects.create(staff=cast.caring, at=timezone.now())


def test_while_the_clinic_is_for_reading_only_a_reply_is_read_and_waits_on(as_, cast, monkeypatch):
    sheet = send(cast.patient, cast.self_user)
    with monkeypatch.context() as broken:
        broken.setattr(settings, "IS_READ_ONLY", True)
        assert as_("caring").get(page_of(sheet)).status_code == 200
        assert not Look.objects.exists()
    as_("caring").get(page_of(sheet))
    assert Look.objects.count() == 1


def test_who_is_locked_out_takes_nothing_off_the_list_in_an_emergency(as_, cast):
    sheet = send(cast.patient, cast.self_user)
    patients.set_lock(cast.patient, staff=cast.caring, instruction="not them", by=BY)
    patients.open_in_emergency(cast.patient, cast.caring, "fell in the hall", by=BY)

    assert as_("caring").get(page_of(sheet)).status_code == 200

    assert not Look.objects.exists()
    assert len(replies(cast.covering)) == 1


def test_who_has_no_part_at_the_patients_sites_is_told_nothing(cast):
    patients.start_care(cast.patient, cast.elsewhere, "booked", by=BY)
    send(cast.patient, cast.self_user)
    assert not replies(cast.elsewhere)
    cast.patient.sites.add(cast.harbour)
    assert len(replies(cast.elsewhere)) == 1


def test_consent_taken_back_waits_on_when_records_are_merged(as_, cast, agreed):
    url = reverse("own_sheets:withdraw", kwargs={"key": cast.patient.pk, "consent": agreed.pk})
    as_("self_user").post(url, {"regions": ["forearm"], "reason": ""})
    kept = patients.add_patient({"given_name": "Ada"}, site=cast.main, by=BY)
    patients.start_care(kept, cast.caring, "booked", by=BY)
    patients.merge(kept, cast.patient, "one person", by=BY)

    (reply,) = replies(cast.caring)
    assert (reply.patient, reply.title) == (kept, "Consent taken back")
