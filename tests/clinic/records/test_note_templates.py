"""A clinic's own note templates: who makes them, what fills them, and every version stays."""

import uuid

import pytest
from conftest import BY
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.models import Entry
from clinic.records import actions as records
from clinic.records.models import Draft, NoteTemplate
from clinic.records.note_templates.actions import ChangedMeanwhile, save_template
from clinic.records.note_templates.queries import current_templates, versions_of
from clinic.records.note_templates.rules import FIXED, PLACES, filled, tidied
from myotome.errors import InputError

TEXT = "What hurts\n{problem}\n\nHands on\n{signs}\nSaid: drink water, move today.\n\nNext\n{plan}"


@pytest.fixture
def visit(cast):
    return records.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)


def make(client, name="Shoulder", text=TEXT, **more):
    return client.post(reverse("records:new_template"), {"name": name, "text": text} | more)


def begin_page(visit):
    return reverse("assessment:begin_note", kwargs={"key": visit.patient_id, "visit": visit.pk})


@given(st.lists(st.sampled_from([*PLACES, "Heading", "", "Text: 5 / 6."]), min_size=1))
def test_what_is_filled_holds_every_line_and_no_brace(lines):
    known = {place: [f"of {place[1:-1]}", "and more"] for place in PLACES}
    found = filled("\n".join(lines), known).splitlines()

    wanted = [each for line in lines for each in known.get(line, [line])]
    assert [line for line in found if line] == [line for line in wanted if line]
    assert not any("{" in line for line in found)


@pytest.mark.parametrize("text", [text for _, text in FIXED.values()])
def test_those_that_every_clinic_has_can_be_filled(text):
    assert tidied(text) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  \n ", "at least one heading"),
        ("Found\n{sings}", "Line 2: '{sings}' is not known"),
        ("Found: {signs}", "Line 1: {signs} must stand on a line of its own"),
        ("{plan} {plan}", "must stand on a line of its own"),
    ],
)
def test_a_text_that_cannot_be_filled_says_where(text, words):
    with pytest.raises(InputError, match=words.replace("{", r"\{").replace("}", r"\}")):
        tidied(text)


@pytest.mark.parametrize("who", ["caring", "colleague", "owner"])
def test_a_practitioner_or_the_owner_makes_one_and_notes_begin_with_it(as_, visit, cast, who):
    assert make(as_(who)).status_code == 302
    made = NoteTemplate.objects.get()
    assert (made.name, made.version, made.text) == ("Shoulder", 1, TEXT)
    assert Entry.objects.get(act="note template saved").subject == f"note template:{made.template}"

    client = as_("caring")
    page = client.get(begin_page(visit)).content.decode()
    assert "Of this clinic" in page
    client.post(begin_page(visit), {"template": str(made.template)})
    text = Draft.objects.get().text
    assert text == "What hurts\n\nHands on\nSaid: drink water, move today.\n\nNext"
    begun = Entry.objects.get(act="note begun")
    assert begun.detail["template"] == f"{made.template}, version 1"


@pytest.mark.parametrize("who", ["student", "reception", "lead", "learner", "self_user"])
def test_nobody_else_makes_one(as_, cast, who):
    assert make(as_(who)).status_code == 404
    assert not NoteTemplate.objects.exists()


def test_a_change_is_the_next_version_and_what_was_written_stays(as_, visit, cast):
    client = as_("caring")
    make(client)
    one = NoteTemplate.objects.get()
    client.post(begin_page(visit), {"template": str(one.template)})
    before = Draft.objects.get().text
    url = reverse("records:template", kwargs={"template": one.template})
    client.post(url, {"name": "Shoulder girdle", "text": "Found\n{signs}", "version": "1"})

    assert [row.version for row in versions_of(one.template)] == [2, 1]
    assert [row.name for row in current_templates()] == ["Shoulder girdle"]
    assert Draft.objects.get().text == before
    page = client.get(url).content.decode()
    assert "Version 1" in page
    assert "drink water" in page


def test_of_two_who_change_one_the_second_sees_both(as_, cast):
    make(as_("caring"))
    one = NoteTemplate.objects.get()
    url = reverse("records:template", kwargs={"template": one.template})
    as_("caring").post(url, {"name": "Shoulder", "text": "First of two", "version": "1"})
    late = as_("colleague").post(url, {"name": "Shoulder", "text": "Second", "version": "1"})

    assert late.status_code == 409
    assert "First of two" in late.content.decode()
    assert "Second" in late.content.decode()
    assert NoteTemplate.objects.count() == 2
    with pytest.raises(ChangedMeanwhile):
        save_template("x", "y", staff=cast.caring, by=BY, template=one.template, based_on=1)


def test_one_that_is_put_away_begins_no_note_until_it_is_offered_again(as_, visit, cast):
    client = as_("owner")
    make(client)
    one = NoteTemplate.objects.get()
    url = reverse("records:offer_template", kwargs={"template": one.template})
    for _ in range(2):  # pressed twice, said once
        client.post(url, {"offer": "no"})
    assert NoteTemplate.objects.count() == 2
    practitioner = as_("caring")
    assert "Shoulder" not in practitioner.get(begin_page(visit)).content.decode()
    answer = practitioner.post(begin_page(visit), {"template": str(one.template)})
    assert answer.status_code == 422
    client.post(url, {"offer": "yes"})
    assert "Shoulder" in practitioner.get(begin_page(visit)).content.decode()


def test_a_name_stands_once_whatever_its_letters(as_, cast):
    client = as_("caring")
    make(client)
    for name in ("shoulder", " SHOULDER ", "First visit"):
        answer = make(client, name=name)
        assert answer.status_code == 422
        assert "already" in answer.content.decode()
    assert NoteTemplate.objects.count() == 1


def test_one_can_begin_from_those_that_every_clinic_has(as_, cast):
    page = as_("owner").get(reverse("records:new_template"), {"from": "first"}).content.decode()
    assert "Consent and what was explained" in page
    assert as_("owner").get(reverse("records:new_template"), {"from": "x"}).status_code == 200


def test_the_database_refuses_to_change_or_delete_a_version(cast):
    row = save_template("Neck", "Found", staff=cast.caring, by=BY)
    for write in (
        lambda: NoteTemplate.objects.update(text="other"),
        lambda: NoteTemplate.objects.filter(pk=row.pk)._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
            write()
    assert NoteTemplate.objects.get().text == "Found"


def test_a_template_that_is_none_is_absent(as_, cast):
    url = reverse("records:template", kwargs={"template": uuid.uuid4()})
    assert as_("caring").get(url).status_code == 404
