"""What is known of a person stays where it belongs: in no address, log, letter, audit or error.

A word, a phone and an address that nobody else has are planted in every field of every form, by
whoever may send it, rightly and wrongly; then all that was said or kept is searched for them.
"""

import uuid

import pytest
from conftest import BY
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.urls import get_resolver, resolve, reverse
from planted import (
    EMAIL,
    PHONE,
    PLANTED,
    WORD,
    addresses_in,
    heard,
    kept_elsewhere,
    letters,
    nothing_of,
)

from clinic.patients import actions as patients
from clinic.patients.models import Patient
from clinic.records import actions as records
from clinic.records.models import NoteMark

FIELDS = dict.fromkeys(
    (
        *("family_name", "given_name", "preferred_name", "title", "gender", "address", "language"),
        *("name", "relation", "text", "reaction", "dose", "reason", "instruction", "note"),
    ),
    WORD,
) | {
    "phone": PHONE,
    "email": EMAIL,
    "need": WORD,
    "problem": WORD,
    "born": "1984-03-09",
    "sign": "1",
    "kind": "first",
}
OF_A_PERSON = {
    *("patients", "records", "own", "own_sheets", "assessment", "schedule"),
    *("book", "visits", "tablet"),
}
# What was sent there and not taken comes back to whoever sent it.
SENT_BACK = {"visits:fill", "visits:draw", "visits:check"}
SENDERS = ("caring", "reception", "lead", "student", "self_user", "colleague", "far_reception")


@pytest.fixture
def logged():
    with heard() as listener:
        yield listener


@pytest.fixture
def known(cast):
    """A patient full of planted words, with a visit, notes and a file."""
    person = {name: FIELDS[name] for name in ("family_name", "phone", "email", "address")}
    patient = patients.add_patient(
        person | {"given_name": WORD, "born": None}, site=cast.main, by=BY
    )
    patient.user = cast.self_user
    cast.patient.user = None
    cast.patient.save(update_fields=["user"])
    patient.save(update_fields=["user"])
    care = patients.start_care(patient, cast.caring, "other", by=BY)
    patients.start_care(patient, cast.student, "supervised", by=BY)
    patient.care.update(reason=WORD)  # as could be typed before
    visit = records.start_visit(patient, staff=cast.caring, site=cast.main, kind="first", by=BY)
    note = records.sign_note(visit, cast.student, WORD, needs_co_sign=True, by=BY)
    records.mark_note(note, NoteMark.Kind.ENTERED_IN_ERROR, staff=cast.student, reason=WORD, by=BY)
    file = records.attach(visit, title=WORD, content=WORD.encode(), staff=cast.caring, by=BY)
    patients.add_line(patient, "alert", {"text": WORD}, writer=cast.caring, by=BY)
    return {
        "key": patient.pk,
        "visit": visit.pk,
        "note": note.pk,
        "kind": "alert",
        "line": 1,
        "care": care.pk,
        "proxy": 1,
        "lock": 1,
        "pk": file.pk,
        "day": "2026-11-25",
    }


def routes():
    for resolver in get_resolver().url_patterns:
        for pattern in getattr(resolver, "url_patterns", []):
            if resolver.namespace in OF_A_PERSON:
                yield f"{resolver.namespace}:{pattern.name}", pattern.pattern.converters


def _filled(part, converter, known):
    if part != "pk" and part in known:
        return known[part]
    if "Int" in type(converter).__name__:
        return 1
    return (
        known["pk"]
        if part == "pk"
        else uuid.uuid4()
        if "UUID" in type(converter).__name__
        else "none"
    )


def requests(known):
    """Every page and form of a person's record, and pages that are not there."""
    for name, converters in routes():
        parts = {part: _filled(part, converter, known) for part, converter in converters.items()}
        url = reverse(name, kwargs=parts)
        yield "get", url, {}
        yield "post", url, {}  # a form with nothing in it: wrong
        yield "post", url, FIELDS | {"revision": "x"}
        yield "post", url, FIELDS


def came_back(method, url):
    return method == "post" and resolve(url).view_name in SENT_BACK


def test_what_is_planted_in_a_record_is_found_nowhere_else(as_, cast, known, logged, capfd):
    pages = told = 0
    addresses = set()
    for who in SENDERS:
        # one before may have ended what the patient's account opens
        Patient.objects.filter(pk=known["key"]).update(user=cast.self_user)
        cast.self_user.refresh_from_db()
        client = as_(who)
        client.raise_request_exception = False
        for method, url, fields in requests(known):
            answer = getattr(client, method)(url, fields)
            pages += 1
            told += bool(PLANTED.search(answer.content.decode(errors="replace")))
            addresses.update(addresses_in(answer))
            if answer.status_code in {403, 404, 410, 429} and not came_back(method, url):
                assert not PLANTED.search(answer.content.decode()), url
    file = SimpleUploadedFile(f"{WORD}.pdf", b"%PDF-" + WORD.encode())
    visit = {"key": known["key"], "visit": known["visit"]}
    as_("caring").post(reverse("records:attach", kwargs=visit), {"title": WORD, "file": file})

    assert pages > 600
    assert told > 20  # whoever may read it did
    assert [address for address in addresses if PLANTED.search(address)] == []
    assert nothing_of(kept_elsewhere()) == []
    assert nothing_of(letters()) == []
    assert [line for line in logged.said if PLANTED.search(line)] == []
    assert not PLANTED.search("".join(capfd.readouterr()))


FAILURES = [OperationalError(f"near {WORD}"), OSError(28, WORD), ValueError(WORD), KeyError(WORD)]


@pytest.fixture(params=FAILURES, ids=lambda failure: type(failure).__name__)
def failure(request, monkeypatch):
    """Every page of a person fails, with words that tell of one."""

    def fail(*_positional, **_named):
        raise request.param

    monkeypatch.setattr("clinic.patients.views.render", fail)
    monkeypatch.setattr("clinic.records.views.render", fail)
    return request.param


def test_what_a_failure_says_of_a_person_reaches_nobody(as_, known, logged, capfd, failure):
    client = as_("caring")
    client.raise_request_exception = False
    for name in ("patients:person", "patients:chart", "records:visits", "patients:find"):
        url = reverse(name, kwargs=None if name.endswith("find") else {"key": known["key"]})
        answer = client.get(url)
        assert answer.status_code in {500, 503}
        assert not PLANTED.search(answer.content.decode())

    heard = "\n".join(logged.said) + "".join(capfd.readouterr())
    assert type(failure).__name__ in heard
    assert not PLANTED.search(heard)


def test_an_address_says_a_key_and_no_name(cast):
    assert uuid.UUID(reverse("patients:person", kwargs={"key": cast.patient.pk}).split("/")[2])
