"""Visits: notes written once, added to, struck and kept; no draft lost; files by their bytes."""

import pytest
from conftest import BY, client_of, join
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.models import Entry
from clinic.outbox.models import Message
from clinic.patients import actions as patients
from clinic.records import actions
from clinic.records.models import Attachment, Draft, Note, NoteMark
from clinic.records.rules import LARGEST, CannotAttach, media_type

PDF = b"%PDF-1.7 a letter"


@pytest.fixture
def visit(cast):
    return actions.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)


def address(name, of, /, **more):
    return reverse(f"records:{name}", kwargs={"key": of.patient_id, **more})


def write(client, visit, text, **more):
    return client.post(
        address("write_note", visit, visit=visit.pk), {"text": text, "revision": "", **more}
    )


def page(client, visit):
    return client.get(address("visit", visit, visit=visit.pk)).content.decode()


def test_a_visit_begins_at_a_site_where_one_treats(cast, between):
    cast.patient.sites.add(cast.harbour)
    patients.start_care(cast.patient, between, "booked", by=BY)
    client, url = client_of(between), reverse("records:start_visit", args=[cast.patient.pk])

    assert client.post(url, {"kind": "first", "site": cast.main.pk}).status_code == 422
    assert client.post(url, {"kind": "first", "site": cast.harbour.pk}).status_code == 302


def test_a_visit_begins_and_a_note_is_written_and_signed(as_, cast):
    client = as_("caring")
    begun = client.post(
        reverse("records:start_visit", kwargs={"key": cast.patient.pk}),
        {"kind": "first", "site": cast.main.pk},
    )
    visit = cast.patient.visits.get()
    assert begun.url == address("visit", visit, visit=visit.pk)

    write(client, visit, "Tender at C6.", sign="1")

    note = Note.objects.get()
    assert (note.text, note.author, note.needs_co_sign) == ("Tender at C6.", cast.caring, False)
    assert "Tender at C6." in page(client, visit)
    assert Draft.objects.count() == 0
    acts = ["visit started", "note signed"]
    rows = Entry.objects.filter(act__in=acts).order_by("id")
    assert [row.act for row in rows] == acts
    assert "Tender" not in str(list(Entry.objects.values()))


@pytest.mark.parametrize("table", ["records_note", "records_notemark", "records_attachment"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_signed(committed_practice, table, statement):
    site = committed_practice.site
    staff = join("caring", site, "practitioner")
    patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
    visit = actions.start_visit(patient, staff=staff, site=site, kind="first", by=BY)
    note = actions.sign_note(visit, staff, "Seen.", needs_co_sign=False, by=BY)
    kind = NoteMark.Kind.ENTERED_IN_ERROR
    actions.mark_note(note, kind, staff=staff, reason="other person", by=BY)
    actions.attach(visit, title="A letter", content=PDF, staff=staff, by=BY)

    with pytest.raises(DatabaseError, match="written once"), connection.cursor() as cursor:
        cursor.execute(statement.format(table))

    assert Note.objects.get().text == "Seen."


def test_an_addendum_stands_beside_the_note(as_, visit, cast):
    note = actions.sign_note(visit, cast.caring, "Seen.", needs_co_sign=False, by=BY)
    url = address("add_to_note", visit, note=note.pk)

    as_("covering").post(url, {"text": "Called later: better."})

    note.refresh_from_db()
    assert note.text == "Seen."
    assert note.addenda.get().text == "Called later: better."
    assert "Called later: better." in page(as_("caring"), visit)


def test_an_error_is_struck_with_its_reason_once_and_stays_readable(as_, visit, cast):
    note = actions.sign_note(visit, cast.caring, "Wrong person.", needs_co_sign=False, by=BY)
    client, url = as_("caring"), address("strike_note", visit, note=note.pk)

    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "another patient"}).status_code == 302
    assert client.post(url, {"reason": "again"}).status_code == 422
    shown = page(client, visit)
    assert "<s>" in shown
    assert "Wrong person." in shown
    assert "Entered in error: another patient" in shown


def waiting(client):
    return client.get(reverse("records:to_co_sign")).content.decode()


def test_what_a_student_signs_waits_for_a_practitioner(as_, visit, cast):
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    student, practitioner = as_("student"), as_("caring")
    write(student, visit, "Practised.", sign="1")
    note = Note.objects.get()
    url = address("co_sign_note", visit, note=note.pk)

    told = Message.objects.filter(letter="waiting_work").values_list("to", flat=True)
    assert list(told) == ["caring@clinic.test"]
    assert reverse("records:to_co_sign") in practitioner.get("/").content.decode()
    assert "Patient 1001, by Student" in waiting(practitioner)
    assert student.post(url).status_code == 404
    assert "waits for a co-signature" in page(practitioner, visit)
    practitioner.post(url)
    practitioner.post(url)

    assert "Patient 1001" not in waiting(practitioner)
    assert "co-signed by Caring" in page(student, visit)


def test_what_a_student_adds_waits_too_and_can_be_struck(as_, visit, cast):
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    note = actions.sign_note(visit, cast.caring, "Seen.", needs_co_sign=False, by=BY)
    as_("student").post(address("add_to_note", visit, note=note.pk), {"text": "Also practised."})
    url = address("co_sign_note", visit, note=note.addenda.get().pk)
    practitioner = as_("caring")

    assert "Patient 1001, by Student" in waiting(practitioner)
    assert url in page(practitioner, visit)
    practitioner.post(url)
    assert "co-signed by Caring" in page(practitioner, visit)
    assert url not in page(practitioner, visit)
    struck = address("strike_note", visit, note=note.addenda.get().pk)
    assert struck in page(practitioner, visit)
    practitioner.post(struck, {"reason": "another patient"})
    assert "Entered in error: another patient" in page(practitioner, visit)


@pytest.mark.parametrize("name", ["colleague", "elsewhere", "student", "lead", "self_user"])
def test_what_waits_is_shown_to_nobody_who_may_not_open_the_chart(as_, visit, cast, name):
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    actions.sign_note(visit, cast.student, "Practised.", needs_co_sign=True, by=BY)

    assert "Patient 1001" not in waiting(as_(name))


def test_a_draft_is_kept_for_its_writer_and_shown_to_nobody_else(as_, visit):
    write(as_("caring"), visit, "Half a thought", keep="1")

    assert "Half a thought" in page(as_("caring"), visit)
    assert "Half a thought" not in page(as_("covering"), visit)
    assert Note.objects.count() == 0


def test_typing_in_two_pages_loses_neither_text(as_, visit):
    client = as_("caring")
    first = write(client, visit, "From the first page", save_quietly="1")
    assert first.content == b"1"

    quiet = write(client, visit, "From the second page", save_quietly="1")
    loud = write(client, visit, "From the second page", keep="1")

    assert quiet.status_code == 409
    assert loud.status_code == 409
    shown = loud.content.decode()
    assert "From the first page" in shown
    assert "From the second page" in shown
    assert Draft.objects.get().text == "From the first page"
    assert write(client, visit, "Both", revision="1", keep="1").status_code == 302


def test_a_note_of_one_patient_is_not_reached_through_another(as_, visit, cast):
    note = actions.sign_note(visit, cast.caring, "Seen.", needs_co_sign=False, by=BY)
    other = patients.add_patient({"given_name": "Cy"}, site=cast.main, by=BY)
    patients.start_care(other, cast.caring, "booked", by=BY)
    client = as_("caring")
    file = actions.attach(visit, title="A letter", content=PDF, staff=cast.caring, by=BY)

    for name, key in (
        ("visit", {"visit": visit.pk}),
        ("add_to_note", {"note": note.pk}),
        ("strike_note", {"note": note.pk}),
        ("attachment", {"pk": file.pk}),
    ):
        url = reverse(f"records:{name}", kwargs={"key": other.pk, **key})
        assert client.get(url).status_code == 404


def test_a_merge_moves_visits_with_their_notes_and_back(visit, cast):
    actions.sign_note(visit, cast.caring, "Seen.", needs_co_sign=False, by=BY)
    kept = patients.add_patient({"given_name": "Ada"}, site=cast.main, by=BY)

    done = patients.merge(kept, cast.patient, "same person", by=BY)
    assert kept.visits.get().notes.get().text == "Seen."

    patients.unmerge(done, by=BY)
    assert kept.visits.count() == 0
    assert cast.patient.visits.get().notes.count() == 1


# ------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0....", "image/jpeg"),
        ("Grüße\n".encode(), "text/plain"),
    ],
)
def test_a_file_is_known_by_its_bytes(content, kind):
    assert media_type(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"  <svg onload=alert(1)>",
        b"MZ\x90\x00",
        b"PK\x03\x04",
        b"a\x00b",
        b"%PDF-" + b"0" * LARGEST,
    ],
)
def test_what_is_no_document_is_not_kept(content):
    with pytest.raises(CannotAttach):
        media_type(content)


@given(st.binary(max_size=200))
def test_nothing_that_a_browser_would_run_is_ever_taken(content):
    try:
        kind = media_type(content)
    except CannotAttach:
        return
    assert kind in {"application/pdf", "image/png", "image/jpeg", "text/plain"}
    assert kind != "text/plain" or not content.decode().lstrip().startswith("<")


def test_a_file_goes_in_and_comes_out_as_it_was_never_as_a_page(as_, visit):
    client, url = as_("caring"), address("attach", visit, visit=visit.pk)
    file = SimpleUploadedFile("letter.html", PDF, content_type="text/html")
    client.post(url, {"title": "A letter", "file": file})
    kept = Attachment.objects.get()

    answer = client.get(address("attachment", visit, pk=kept.pk))

    assert answer.content == PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "letter" not in answer.headers["Content-Disposition"]
    refused = client.post(
        url, {"title": "x", "file": SimpleUploadedFile("x.pdf", b"<html>", "application/pdf")}
    )
    assert refused.status_code == 422
    assert Attachment.objects.count() == 1


def test_a_file_that_is_sent_lies_nowhere_but_in_the_record(as_, visit, settings, tmp_path):
    """A disk keeps plain text for long; where it would be written there is no folder."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "none")
    file = SimpleUploadedFile("letter.pdf", PDF + bytes(4 * 1024 * 1024))

    sent = as_("caring").post(
        address("attach", visit, visit=visit.pk), {"title": "A letter", "file": file}
    )

    assert sent.status_code == 302
    assert Attachment.objects.count() == 1
