"""No page on a person leaves without a row that says who saw it, whichever way it came about."""

import uuid
from datetime import timedelta

import pytest
from conftest import BY
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, reverse

from clinic.audit.models import Entry
from clinic.patients import actions as patients
from clinic.patients import inviting
from clinic.practice import actions as practice
from clinic.practice.models import Role
from clinic.practice.queries import today
from clinic.records import actions
from clinic.records.consent.actions import take_consent
from clinic.records.consent.texts import current_text
from clinic.records.models import Submission, Way
from clinic.records.sheets import actions as sheets
from clinic.records.sheets.versions import current

PAGES = {
    f"{resolver.namespace}:{pattern.name}": sorted(pattern.pattern.converters)
    for resolver in get_resolver().url_patterns
    for pattern in getattr(resolver, "url_patterns", [])
    if getattr(getattr(pattern, "callback", None), "door", None) and pattern.callback.door.patient
}
AS = {
    "patients:set_lock": "lead",
    "patients:lift_lock": "lead",
    "own": "self_user",
    "own_sheets": "self_user",
}


@pytest.fixture
def known(cast):
    """Every key that an address on the patient of the cast can name."""
    visit = actions.start_visit(
        cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY
    )
    note = actions.sign_note(visit, cast.caring, "Seen.", needs_co_sign=False, by=BY)
    lock = patients.set_lock(cast.patient, cast.elsewhere, "not them", by=BY)
    writer = sheets.Writer(cast.caring.user, Submission.By.STAFF, Way.ASKED, BY)
    sheet = sheets.open_sheet(cast.patient, current("first_visit"), writer)
    consent = take_consent(
        visit,
        current_text(),
        {
            "regions": ["neck"],
            "given_by": "patient",
            "giver": "Ada Sample",
            "how": "paper",
            "talked": "Nothing was asked.",
            "renew_on": today() + timedelta(days=84),
        },
        staff=cast.caring,
        by=BY,
    )
    invitation = inviting.invite_to_act(
        cast.patient,
        name="Gil",
        email="gil@mail.test",
        scope="all",
        reason="asked for",
        until=today() + timedelta(days=30),
        by=BY,
    )
    return {
        "key": cast.patient.pk,
        "invitation": invitation.pk,
        "consent": consent.pk,
        "sheet": sheet.pk,
        "visit": visit.pk,
        "note": note.pk,
        "kind": "alert",
        "line": 1,
        "care": cast.patient.care.get().pk,
        "proxy": cast.patient.proxies.first().pk,
        "lock": lock.pk,
        "zone": 3,
        "place": 3,
        "pk": uuid.uuid4(),
    }


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_page_on_a_person_is_audited(as_, known, name, method):
    client = as_(AS.get(name) or AS.get(name.partition(":")[0], "caring"))
    url = reverse(name, kwargs={part: known[part] for part in PAGES[name]})
    before = Entry.objects.filter(act__startswith="read: ").count()

    answer = getattr(client, method)(url)

    rows = Entry.objects.filter(act__startswith="read: ", patient=known["key"]).count() - before
    shows = answer.status_code in {200, 409, 422} and bool(answer.content)
    assert rows >= shows
    assert rows <= 1
    assert answer.status_code != 500


def read(act):
    return Entry.objects.filter(act=act).count()


def test_a_visit_shown_again_with_an_error_or_another_text_is_a_reading(as_, known):
    client = as_("caring")
    url = reverse("records:write_note", kwargs={"key": known["key"], "visit": known["visit"]})

    refused = client.post(url, {"text": ""})
    assert (refused.status_code, read("read: visit")) == (422, 1)

    client.post(url, {"text": "Here", "revision": "", "keep": "1"})
    assert read("read: visit") == 1  # nothing was shown

    overtaken = client.post(url, {"text": "There", "revision": "", "keep": "1"})
    assert (overtaken.status_code, read("read: visit")) == (409, 2)
    assert b"Seen." in overtaken.content


def test_a_person_changed_meanwhile_is_a_reading(as_, known):
    client = as_("reception")
    url = reverse("patients:change", kwargs={"key": known["key"]})
    client.post(url, {"given_name": "Ada", "phone": "1", "revision": "1"})
    assert read("read: person") == 0

    late = client.post(url, {"given_name": "Ada", "phone": "2", "revision": "1"})

    assert (late.status_code, read("read: person")) == (409, 1)


def test_a_page_whose_row_cannot_be_written_does_not_leave(as_, known, monkeypatch):
    client = as_("caring")
    client.raise_request_exception = False
    url = reverse("records:write_note", kwargs={"key": known["key"], "visit": known["visit"]})

    def full(*_positional, **_named):
        raise OSError("The disk is full.")

    monkeypatch.setattr("clinic.gate.record_alone", full)
    answer = client.post(url, {"text": ""})

    assert answer.status_code == 503
    assert b"Seen." not in answer.content


@pytest.mark.parametrize(
    ("name", "who", "act"),
    [
        ("patients:reviews", "lead", "reviews listed"),
        ("patients:merge", "lead", "merges listed"),
    ],
)
def test_a_list_that_names_people_is_a_reading(as_, known, name, who, act):
    as_(who).get(reverse(name))

    assert Entry.objects.get(act=act).detail["found"] >= 0


def test_a_trial_of_an_import_is_written_down_with_how_many_are_known(as_, cast):
    text = "family_name,given_name,born,email,phone\nSample,Ada,1984-03-09,,\nNew,Ned,,,\n"
    file = SimpleUploadedFile("people.csv", text.encode(), content_type="text/csv")
    practice.give_role(cast.owner, cast.main, Role.OWNER, by=BY)

    shown = as_("owner").post(reverse("patients:import"), {"file": file, "site": cast.main.pk})

    assert shown.status_code == 200
    assert Entry.objects.get(act="import tried").detail == {"people": 2, "known": 1}


def test_no_known_allergies_over_a_listed_one_says_why_not(as_, cast):
    values = {"text": "Nickel", "reaction": "rash"}
    patients.add_line(cast.patient, "allergy", values, writer=cast.caring, by=BY)
    client = as_("caring")

    answer = client.post(
        reverse("patients:no_allergies", kwargs={"key": cast.patient.pk}), follow=True
    )

    assert "An allergy is listed. End it first" in answer.content.decode()
    cast.patient.refresh_from_db()
    assert cast.patient.allergy_status == "known"
