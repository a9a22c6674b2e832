"""Sheets: forms that never change once published, drafts that lose nothing, answers sent once."""

import hashlib
import json
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import BY, account, client_of, join
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clinic.accounts.keeping import HANDED_SINCE, LOCKED
from clinic.audit.models import Entry
from clinic.patients import actions as patients
from clinic.practice.queries import today
from clinic.records import actions as visits
from clinic.records.models import Sheet, SheetDraft, Submission, Way
from clinic.records.sheets import actions, versions
from clinic.records.sheets.queries import latest, sheets_at
from clinic.records.sheets.rules import (
    LONGEST_BESIDE,
    NOT_ANSWERED,
    as_typed,
    fields_of,
    in_words,
    put_together,
    read,
    typed,
)
from clinic.records.sheets.versions import (
    IN_WORDS,
    KINDS,
    current,
    current_forms,
    published,
    read_version,
    version_of,
)
from myotome.errors import InputError

PUBLISHED = Path(versions.__file__).parent / "published"
SMALL = b"""
form = "small"
version = 1
title = "Small"
filled_by = "both"

[[sections]]
key = "all"
title = "All kinds"

[[sections.items]]
key = "name"
kind = "text"
label = "Name"
required = true

[[sections.items]]
key = "story"
kind = "long_text"
label = "Story"

[[sections.items]]
key = "thinner"
kind = "yes_no"
label = "Do you take a blood thinner?"

[[sections.items]]
key = "swollen"
kind = "yes_no"
label = "Is a part swollen?"
asks_where = true

[[sections.items]]
key = "one"
kind = "choice"
label = "One"
choices = [{ key = "a", label = "First" }, { key = "b", label = "Second" }]

[[sections.items]]
key = "some"
kind = "choices"
label = "Some"
choices = [{ key = "a", label = "First" }, { key = "b", label = "Second" }]

[[sections.items]]
key = "children"
kind = "whole_number"
label = "Children"
low = 0
high = 20

[[sections.items]]
key = "weight"
kind = "number"
label = "Weight"
unit = "kg"
low = 3
high = 400

[[sections.items]]
key = "since"
kind = "date"
label = "Since"

[[sections.items]]
key = "pain"
kind = "scale"
label = "Pain"

[[sections.items]]
key = "drawing"
kind = "drawing"
label = "Drawing"
"""
FORM = read_version(SMALL, "small.1.toml")


# ------------------------------------------------------------- published forms


def test_a_published_version_never_changes():
    lines = (PUBLISHED / "shipped.sha256").read_text().splitlines()
    listed = dict(reversed(line.split()) for line in lines)
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in PUBLISHED.glob("*.toml")
    }

    assert found == listed  # a change is a new file with the next version, listed by the tool


@pytest.mark.parametrize("form", current_forms(), ids=lambda form: form.form)
def test_versions_of_a_form_follow_each_other_and_questions_are_asked_in_plain_words(form):
    numbers = sorted(number for name, number in published() if name == form.form)
    assert numbers == list(range(1, len(numbers) + 1))
    for item in form.items:
        assert item.label.strip() == item.label
        assert item.label[0].isupper()


def test_the_small_form_has_every_kind():
    assert {item.kind for item in FORM.items} == set(KINDS)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b'kind = "scale"', b'kind = "slider"', "sections[1].items[10].kind"),
        (b'key = "pain"', b'key = "Pain!"', "sections[1].items[10].key"),
        (b'key = "pain"', b'key = "name"', "sections"),
        (b'filled_by = "both"', b'filled_by = "anybody"', "filled_by"),
        (b'filled_by = "both"', b'filled_by = "both"\nsigned_by = "me"', "signed_by"),
        (b'title = "Small"', b'titel = "Small"', "title"),
        (b'label = "Pain"', b'label = "Pain"\nhint = "x"', "sections[1].items[10].hint"),
        (b'label = "Pain"', b'label = "Pain"\nasks_where = true', "asks_where"),
        (b'kind = "choice"\n', b'kind = "text"\n', "choices"),
        (b"version = 1", b"version = 2", "named small.2.toml"),
        (b'form = "small"', b"form = small", "TOML"),
    ],
)
def test_a_file_with_a_slip_is_refused_with_its_place(old, new, place):
    assert old in SMALL
    with pytest.raises(InputError) as refused:
        read_version(SMALL.replace(old, new, 1), "small.1.toml")
    assert place in str(refused.value)


# ------------------------------------------------------------- reading


def answer(**raw):
    return {name.replace("__", "."): value for name, value in raw.items()}


WHOLE = answer(
    name=["Ada"],
    story=["Since winter\nit hurts"],
    thinner=["no"],
    swollen=["yes"],
    swollen__part=["calf", ""],
    swollen__side=["left", ""],
    swollen__note=["in the evening"],
    one=["b"],
    some=["a", "b"],
    children=["2"],
    weight=["72,5"],
    since__day=["9"],
    since__month=["Mar"],
    since__year=["2026"],
    pain=["0"],
    drawing=["thumb:right:tingling:6", "nape:midline:pain:3"],
)


def test_every_kind_is_read_and_said_in_words():
    reading = read(FORM, WHOLE)

    assert reading.problems == ()
    said = {item.key: in_words(item, reading.values) for item in FORM.items}
    assert said == {
        "name": "Ada",
        "story": "Since winter\nit hurts",
        "thinner": "No",
        "swollen": "Yes: calf, left. in the evening",
        "one": "Second",
        "some": "First, Second",
        "children": "2",
        "weight": "72.5 kg",
        "since": "9 March 2026",
        "pain": "0 out of 10",
        "drawing": "2 parts drawn",
    }
    assert read(FORM, as_typed(FORM, reading.values)).values == reading.values


def test_no_answer_is_neither_no_nor_not_asked():
    item = FORM.item("thinner")
    for typed_answer, words in (
        ([], NOT_ANSWERED),
        (["no"], "No"),
        (["not_asked"], "Not asked"),
        (["unknown"], "I do not know"),
    ):
        values = read(FORM, {"name": ["Ada"], "thinner": typed_answer}).values
        assert in_words(item, values) == words
        assert ("thinner" in values) == bool(typed_answer)


@pytest.mark.parametrize(
    ("raw", "key", "words"),
    [
        ({"weight": ["heavy"]}, "weight", "between 3 and 400 kg. You entered 'heavy'"),
        ({"weight": ["4000"]}, "weight", "between 3 and 400 kg. You entered 4000"),
        ({"children": ["2.5"]}, "children", "whole number between 0 and 20"),
        ({"children": ["-1"]}, "children", "between 0 and 20. You entered -1"),
        ({"pain": ["11"]}, "pain", "from 0 to 10. You entered '11'"),
        ({"one": ["c"]}, "one", "'c' is not among the answers. Choose from: First, Second"),
        ({"thinner": ["maybe"]}, "thinner", "'maybe' is no answer"),
        ({"since.day": ["9"], "since.month": ["3"]}, "since", "include a year"),
        (
            {"since.day": ["30"], "since.month": ["2"], "since.year": ["2026"]},
            "since",
            "a real date, such as 9 March 2027. You entered '30 2 2026'",
        ),
        (
            {"since.day": ["9"], "since.month": ["99999999999"], "since.year": ["2026"]},
            "since",
            "You entered '9 99999999999 2026'",
        ),
        ({"since.day": ["9"], "since.month": ["3"], "since.year": ["26"]}, "since", "four digits"),
        ({"story": ["x" * 20_001]}, "story", "20001 letters; at most 20000"),
        ({"swollen": ["yes"], "swollen.part": ["tail"]}, "swollen", "No part of the body"),
        ({"drawing": ["tail:left:pain:3"]}, "drawing", "No part of the drawing 'tail'"),
        ({"drawing": ["thumb:left:pain:11"]}, "drawing", "must be 0 to 10, got '11'"),
        ({"drawing": ["thumb:left:itch:1"]}, "drawing", "No feeling 'itch'"),
        ({"name": []}, "name", "Nothing is answered. Write a line"),
    ],
)
def test_a_problem_names_what_was_typed_and_how_to_mend_it(raw, key, words):
    reading = read(FORM, {"name": ["Ada"]} | raw)

    assert [each.item.key for each in reading.problems] == [key]
    assert words in reading.problem_of(key)
    assert key not in reading.values


FIELDS = [name for item in FORM.items for name in fields_of(item)]
TYPED = st.dictionaries(
    st.sampled_from(FIELDS), st.lists(st.text(max_size=12), max_size=3), max_size=len(FIELDS)
)


@given(TYPED)
def test_whatever_is_typed_is_read_or_told_and_never_breaks(raw):
    reading = read(FORM, raw)

    told = {each.item.key for each in reading.problems}
    assert not told & reading.values.keys()
    json.dumps(reading.values)
    for item in FORM.items:
        assert in_words(item, reading.values)


# ------------------------------------------------------------- two who write

SIDES = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.lists(st.sampled_from(["1", "2"]), max_size=1)
)


@given(SIDES, SIDES, SIDES)
def test_of_two_who_write_neither_is_lost(base, mine, theirs):
    """Both begin from the same page; what they wrote unlike each other is a clash, not a loss."""
    first = put_together(base, {}, 1, theirs, based_on=1)
    second = put_together(first.raw, first.touched, 2, mine, based_on=1)

    assert first.clashes == ()
    for name in {*base, *mine, *theirs}:
        theirs_changed = name in theirs and theirs[name] != base.get(name, [])
        mine_changed = name in mine and mine[name] != first.raw.get(name, [])
        assert (name in second.clashes) == (theirs_changed and mine_changed)
    if second.clashes:
        assert second.raw == first.raw
    else:
        for name, value in theirs.items():
            if value != base.get(name, []):
                assert second.raw[name] == value
        for name, value in mine.items():
            assert second.raw.get(name, []) == value


def test_fields_of_a_page_are_stored_and_nothing_beside_them():
    sent = {"name": ["Ada\r\nLovelace"], "csrfmiddlewaretoken": ["x"], "pain": [" "]}

    raw = typed(FORM.sections, sent)

    assert raw["name"] == ["Ada\nLovelace"]
    assert raw["pain"] == []
    assert "csrfmiddlewaretoken" not in raw


# ------------------------------------------------------------- in the clinic


def address(name, patient, **more):
    return reverse(name, kwargs={"key": patient.pk, **more})


def begin(client, patient, **more):
    done = client.post(
        address("records:begin_form", patient), {"form": "first_visit", "way": "asked", **more}
    )
    assert done.status_code == 302, done.content.decode()
    return Sheet.objects.latest("opened_at")


def fill(client, sheet, area="records", revision=None, **fields):
    draft = SheetDraft.objects.get(sheet=sheet)
    url = address(f"{area}:fill", sheet.patient, sheet=sheet.pk)
    part = fields.pop("part", "")
    sent = {"revision": draft.revision if revision is None else revision, **fields}
    return client.post(f"{url}?part={part}", sent)


def send(client, sheet, area="records", **more):
    draft = SheetDraft.objects.get(sheet=sheet)
    return client.post(
        address(f"{area}:check", sheet.patient, sheet=sheet.pk),
        {"revision": draft.revision, **more},
    )


def page(client, sheet, area="records", name="sheet"):
    return client.get(address(f"{area}:{name}", sheet.patient, sheet=sheet.pk)).content.decode()


def test_a_form_is_begun_kept_checked_and_sent_once(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    kept = fill(client, sheet, problem="Neck since winter", weight="heavy", keep="1")
    assert kept.url == address("records:sheet", cast.patient, sheet=sheet.pk)

    again = fill(client, sheet, problem="Neck since winter", weight="heavy", next="1")
    assert again.status_code == 422
    shown = again.content.decode()
    assert "How much do you weigh?: It must be a number between 3 and 400 kg" in shown
    assert 'value="heavy"' in shown
    assert send(client, sheet).status_code == 422
    assert Submission.objects.count() == 0

    assert (
        fill(client, sheet, problem="Neck since winter", weight="72", next="1").status_code == 302
    )
    assert send(client, sheet).status_code == 302

    sent = Submission.objects.get()
    form = current("first_visit")
    assert (sent.version, sent.digest) == (form.version, form.digest)
    assert sent.values == {
        "problem": "Neck since winter",
        "weight": {"value": "72", "unit": "kg"},
    }
    assert (sent.filled_by, sent.way, sent.number) == ("staff", "asked", 1)
    assert "72 kg" in page(client, sheet)
    assert not SheetDraft.objects.exists()
    acts = ["form begun", "form typed on", "form sent"]
    rows = Entry.objects.filter(act__startswith="form ").order_by("id")
    assert [row.act for row in rows] == acts
    assert "Neck" not in str(list(Entry.objects.values()))


def test_a_required_answer_never_keeps_a_draft_from_being_kept(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)

    assert fill(client, sheet, hope="To sleep", next="1").status_code == 302
    assert SheetDraft.objects.get().raw["hope"] == ["To sleep"]
    refused = send(client, sheet)

    assert refused.status_code == 422
    assert "What would you like help with?: Nothing is answered" in refused.content.decode()


def test_from_paper_needs_the_date_on_it_and_keeps_it(as_, cast):
    client = as_("caring")
    url = address("records:begin_form", cast.patient)
    for day, words in (("", "Enter the date"), (today() + timedelta(days=2), "not be after today")):
        refused = client.post(url, {"form": "first_visit", "way": "paper", "paper_on": day})
        assert refused.status_code == 422
        assert words in refused.content.decode()

    sheet = begin(client, cast.patient, way="paper", paper_on="2026-03-09")
    fill(client, sheet, problem="Neck", next="1")
    send(client, sheet)

    sent = Submission.objects.get()
    assert (sent.way, sent.paper_on) == ("paper", date(2026, 3, 9))
    assert "on paper of 09-Mar-2026" in page(client, sheet)


def test_what_a_patient_began_is_gone_on_with_at_the_clinic(as_, cast):
    patient = as_("self_user")
    patient.post(address("own_sheets:begin_form", cast.patient), {"form": "first_visit"})
    sheet = Sheet.objects.get()
    fill(patient, sheet, "own_sheets", problem="Neck since winter", part=1, keep="1")

    staff = as_("caring")
    assert begin(staff, cast.patient) == sheet
    assert "Neck since winter" in page(staff, sheet, name="fill")
    fill(staff, sheet, problem="Neck since winter", hope="Sleep", next="1")
    assert send(patient, sheet, "own_sheets").status_code == 302

    sent = Submission.objects.get()
    assert (sent.filled_by, sent.way) == ("patient", "own")
    assert sent.values == {"problem": "Neck since winter", "hope": "Sleep"}
    rows = Entry.objects.filter(act="form typed on").order_by("id")
    writers = rows.values_list("actor", flat=True)
    assert list(writers) == [f"user:{cast.self_user.pk}", f"user:{cast.caring.user_id}"]


def test_whoever_acts_for_somebody_reads_whom_the_pages_mean(as_, cast):
    own, acting = as_("self_user"), as_("proxy_user")
    name, words = cast.patient.given_name, "You act for"
    for page_ in ("own_sheets:forms", "own_sheets:consents"):
        url = address(page_, cast.patient)
        assert f"{words} {name}" in acting.get(url).content.decode()
        assert words not in own.get(url).content.decode()
    acting.post(address("own_sheets:begin_form", cast.patient), {"form": "first_visit"})
    url = address("own_sheets:fill", cast.patient, sheet=Sheet.objects.get().pk)
    assert f"“you” is {name}" in acting.get(url).content.decode()
    forms = acting.get(address("own_sheets:forms", cast.patient)).content.decode()
    assert f"The forms of {name}" in forms
    assert "Your forms" not in forms


def test_a_proxy_sends_as_a_proxy(as_, cast):
    client = as_("proxy_user")
    client.post(address("own_sheets:begin_form", cast.patient), {"form": "first_visit"})
    sheet = Sheet.objects.get()
    fill(client, sheet, "own_sheets", problem="Neck", next="1")
    send(client, sheet, "own_sheets")

    assert Submission.objects.get().filled_by == "proxy"


def test_two_pages_that_differ_are_both_shown_and_the_rest_is_put_together(as_, cast):
    client, patient = as_("caring"), as_("self_user")
    sheet = begin(client, cast.patient)
    first = SheetDraft.objects.get().revision
    mine = {"part": 1, "problem": "From the phone"}
    fill(patient, sheet, "own_sheets", revision=first, save_quietly="1", **mine)

    # another part of the sheet, from a page as old: no clash
    apart = fill(client, sheet, revision=first, hope="Sleep", save_quietly="1")
    assert apart.status_code == 409  # the page of staff holds every part: its field is empty
    both = fill(client, sheet, revision=first, problem="From the desk", hope="Sleep", keep="1")
    assert both.status_code == 409
    shown = both.content.decode()
    assert "There it says: From the phone" in shown
    assert "From the desk" in shown
    assert SheetDraft.objects.get().raw["problem"] == ["From the phone"]

    now = SheetDraft.objects.get().revision
    assert fill(client, sheet, revision=now, problem="Both", keep="1").status_code == 302
    assert SheetDraft.objects.get().raw["problem"] == ["Both"]


def test_two_who_fill_in_different_parts_meet_nothing(as_, cast):
    one, other = as_("self_user"), as_("proxy_user")
    one.post(address("own_sheets:begin_form", cast.patient), {"form": "first_visit"})
    sheet = Sheet.objects.get()
    based = SheetDraft.objects.get().revision

    for client, part, field in ((one, 1, "problem"), (other, 2, "hope")):
        done = fill(
            client, sheet, "own_sheets", revision=based, part=part, **{field: "x"}, save_quietly="1"
        )
        assert done.status_code == 200

    raw = SheetDraft.objects.get().raw
    assert (raw["problem"], raw["hope"]) == (["x"], ["x"])


def test_answers_typed_on_since_they_were_checked_are_not_sent_unseen(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    fill(client, sheet, problem="Neck", next="1")
    url = address("records:check", cast.patient, sheet=sheet.pk)
    seen = SheetDraft.objects.get().revision
    fill(client, sheet, problem="Neck and arm", next="1")

    late = client.post(url, {"revision": seen})

    assert late.status_code == 409
    assert "Neck and arm" in late.content.decode()
    assert Submission.objects.count() == 0


def sent_sheet(client, patient):
    sheet = begin(client, patient)
    fill(client, sheet, problem="Neck", next="1")
    send(client, sheet)
    return sheet


def test_a_correction_has_its_reason_and_the_old_answers_stay_struck(as_, cast):
    client = as_("caring")
    sheet = sent_sheet(client, cast.patient)
    client.post(address("records:correct", cast.patient, sheet=sheet.pk))
    assert SheetDraft.objects.get().raw == {"problem": ["Neck"]}
    fill(client, sheet, problem="Shoulder", next="1")

    assert send(client, sheet, reason="").status_code == 422
    assert send(client, sheet, reason="misheard").status_code == 302

    shown = page(client, sheet)
    assert "misheard" in shown
    assert shown.index("Shoulder") < shown.index("<s>") < shown.index("Neck")
    assert latest(cast.patient, "first_visit").values == {"problem": "Shoulder"}
    numbers = Submission.objects.order_by("number").values_list("number", "reason")
    assert list(numbers) == [(1, ""), (2, "misheard")]


def test_a_correction_can_be_left_and_what_was_never_sent_is_not_dropped(as_, cast):
    client = as_("caring")
    sheet = sent_sheet(client, cast.patient)
    client.post(address("records:correct", cast.patient, sheet=sheet.pk))
    client.post(address("records:drop", cast.patient, sheet=sheet.pk))
    assert not SheetDraft.objects.exists()

    fresh = begin(client, cast.patient)
    client.post(address("records:drop", cast.patient, sheet=fresh.pk))
    assert SheetDraft.objects.get().sheet == fresh


def test_answers_are_shown_as_they_were_asked_when_the_form_changed_since(as_, cast, monkeypatch):
    client = as_("caring")
    sheet = sent_sheet(client, cast.patient)
    old = current("first_visit")
    later = old.version + 1
    text = (PUBLISHED / f"first_visit.{old.version}.toml").read_text()
    text = text.replace(f"version = {old.version}", f"version = {later}").replace(
        "What would you like help with?", "What shall we look at?"
    )
    new = read_version(text.encode(), f"first_visit.{later}.toml")
    both = {("first_visit", old.version): old, ("first_visit", later): new}
    monkeypatch.setattr(versions, "published", lambda: both)

    shown = page(client, sheet)
    assert "What would you like help with?" in shown
    assert f"As asked in version {old.version}" in shown
    client.post(address("records:correct", cast.patient, sheet=sheet.pk))
    assert "What shall we look at?" in page(client, sheet, name="fill")


def test_no_question_of_a_form_forces_an_answer_without_words():
    for form in current_forms():
        kinds = {item.kind for item in form.items}
        for item in form.items:
            has_words_of_its_own = item.kind == "drawing" and "long_text" in kinds
            assert item.takes_words or item.kind in IN_WORDS or has_words_of_its_own, item.key


def test_words_beside_an_answer_are_shown_with_it_and_words_alone_are_an_answer(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    said = {
        "problem": "Neck",
        "how_it_began": "strain",
        "how_it_began.note": "Moving house, the second day",
        "pain_now.note": "It comes and goes, I cannot say a number",
        "since.note": "Some time after my second child",
        "height.note": "I do not know in cm",
    }
    assert fill(client, sheet, **said, next="1").status_code == 302
    assert "Moving house, the second day" in page(client, sheet, name="fill")
    assert send(client, sheet).status_code == 302

    values = Submission.objects.get().values
    assert values["how_it_began.note"] == "Moving house, the second day"
    assert "pain_now" not in values
    shown = page(client, sheet)
    assert "After lifting, work or sport. Moving house, the second day" in shown
    assert "In words: It comes and goes, I cannot say a number" in shown

    client.post(address("records:correct", cast.patient, sheet=sheet.pk))
    raw = SheetDraft.objects.get().raw
    assert raw["since.note"] == ["Some time after my second child"]
    assert raw["how_it_began.note"] == ["Moving house, the second day"]


def test_words_beside_an_answer_are_never_cut(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    long = {"problem": "Neck", "sleep": "yes", "sleep.note": "a" * (LONGEST_BESIDE + 1)}
    refused = fill(client, sheet, **long, next="1")
    assert refused.status_code == 422
    assert f"at most {LONGEST_BESIDE} are kept" in refused.content.decode()
    fill(client, sheet, **long | {"sleep.note": "b" * LONGEST_BESIDE}, next="1")
    assert send(client, sheet).status_code == 302
    assert Submission.objects.get().values["sleep.note"] == "b" * LONGEST_BESIDE


def test_what_was_answered_in_the_first_version_is_read_in_it_and_corrected_in_the_newest(
    as_, cast
):
    writer = actions.Writer(cast.caring.user, Submission.By.STAFF, Way.ASKED, BY)
    sheet = actions.open_sheet(cast.patient, version_of("first_visit", 1), writer)
    answers = {"problem": ["Neck"], "how_it_began": ["fall"], "sleep": ["unknown"]}
    revision = actions.save_sheet(sheet, answers, writer, based_on=1)
    actions.send_sheet(sheet, writer, based_on=revision)
    client = as_("caring")

    shown = page(client, sheet)
    assert "As asked in version 1" in shown
    assert "After a fall, a blow or a crash" in shown
    client.post(address("records:correct", cast.patient, sheet=sheet.pk))
    draft = SheetDraft.objects.get()
    assert draft.version == current("first_visit").version
    assert draft.raw["how_it_began"] == ["fall"]
    assert 'name="how_it_began.note"' in page(client, sheet, name="fill")


@pytest.mark.parametrize("name", ["colleague", "reception", "lead", "owner", "learner"])
def test_who_may_not_open_the_chart_opens_no_form(as_, cast, name):
    sheet = begin(as_("caring"), cast.patient)
    client = as_(name)
    for way in ("sheet", "fill", "check"):
        url = address(f"records:{way}", cast.patient, sheet=sheet.pk)
        assert client.get(url).status_code == 404
        own = address(f"own_sheets:{way}", cast.patient, sheet=sheet.pk)
        assert client.get(own).status_code == 404


def test_a_sheet_of_one_patient_is_not_reached_through_another(as_, cast):
    sheet = begin(as_("caring"), cast.patient)
    other = patients.add_patient({"given_name": "Cy"}, site=cast.main, by=BY)
    patients.start_care(other, cast.caring, "booked", by=BY)
    other.user = account("cy")
    other.save(update_fields=["user"])

    assert as_("caring").get(address("records:fill", other, sheet=sheet.pk)).status_code == 404
    own = client_of(other.user)
    assert own.get(address("own_sheets:fill", other, sheet=sheet.pk)).status_code == 404


def test_the_tablet_opens_one_sheet_and_nothing_else(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    tablet = reverse("tablet:fill", kwargs={"sheet": sheet.pk})
    assert client.get(tablet).status_code == 404

    given_over = client.post(address("records:hand_over", cast.patient, sheet=sheet.pk))

    assert given_over.url == tablet
    shown = client.get(tablet).content.decode()
    assert "What would you like help with?" in shown
    assert "SAMPLE" not in shown
    assert 'href="/people/"' not in shown
    for elsewhere in ("/", "/people/", address("records:forms", cast.patient)):
        assert client.get(elsewhere).url.startswith("/unlock/")
    other = begin_another(cast)
    assert client.get(reverse("tablet:fill", kwargs={"sheet": other.pk})).status_code == 404

    revision = SheetDraft.objects.get(sheet=sheet).revision
    client.post(f"{tablet}?part=1", {"revision": revision, "problem": "Neck", "next": "1"})
    revision = SheetDraft.objects.get(sheet=sheet).revision
    done = client.post(reverse("tablet:check", kwargs={"sheet": sheet.pk}), {"revision": revision})
    assert "Hand the tablet back" in done.content.decode()
    sent = Submission.objects.get()
    assert (sent.way, sent.filled_by, sent.sent_by) == ("tablet", "patient", cast.caring.user)
    assert client.get(tablet).status_code == 404
    assert Entry.objects.filter(act="read: form on the tablet").count() >= 2


def begin_another(cast):
    other = patients.add_patient({"given_name": "Cy"}, site=cast.main, by=BY)
    writer = actions.Writer(cast.caring.user, Submission.By.STAFF, Way.ASKED, BY)
    return actions.open_sheet(other, current("first_visit"), writer)


def test_a_tablet_left_alone_for_an_hour_shows_nothing_more(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    client.post(address("records:hand_over", cast.patient, sheet=sheet.pk))
    url = reverse("tablet:fill", kwargs={"sheet": sheet.pk})
    session = client.session
    for minutes, code in ((59, 200), (61, 404)):
        session[HANDED_SINCE] = session[LOCKED] = time.time() - 60 * minutes
        session.save()
        assert client.get(url).status_code == code


@pytest.mark.parametrize("end", ["the care ends", "the role ends", "the chart is locked"])
def test_a_tablet_opens_only_while_who_handed_it_over_may_write_there(as_, cast, end):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    client.post(address("records:hand_over", cast.patient, sheet=sheet.pk))
    pages = [reverse(f"tablet:{each}", kwargs={"sheet": sheet.pk}) for each in ("fill", "check")]
    assert {client.get(page).status_code for page in pages} == {200}

    if end == "the care ends":
        patients.end_care(cast.patient.care.get(), by=BY)
    elif end == "the role ends":
        cast.caring.postings.update(ended_at=timezone.now() - timedelta(days=1))
    else:
        patients.set_lock(cast.patient, cast.caring, "asked for", by=BY)

    assert {client.get(page).status_code for page in pages} == {404}
    refused = Entry.objects.filter(act="refused", patient=cast.patient.pk)
    assert [entry.detail["permission"] for entry in refused] == ["write the chart"] * 2


def test_what_a_patient_sends_from_the_tablet_is_not_shown_as_typed_by_staff(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    client.post(address("records:hand_over", cast.patient, sheet=sheet.pk))
    fill = address("records:fill", cast.patient, sheet=sheet.pk)
    tablet = reverse("tablet:check", kwargs={"sheet": sheet.pk})
    revision = SheetDraft.objects.get(sheet=sheet).revision

    add = address("patients:add_line", cast.patient, kind="alert")

    def keeps(url, **fields):
        client.post(url, fields)
        return "held_form" in client.session

    assert not keeps(fill, problem="Planted")
    assert not keeps(add, text="Planted")
    client.post(f"{tablet.replace('check', 'fill')}?part=1", {"revision": revision, "problem": "x"})
    revision = SheetDraft.objects.get(sheet=sheet).revision
    done = client.post(tablet, {"revision": revision})
    assert "Hand the tablet back" in done.content.decode()
    # It was sent, and the device is in the same hands; locking it again changes nothing of that.
    assert not keeps(fill, problem="Planted")
    assert not keeps("/account/lock/", held_path=fill, problem="Planted", revision="1")
    assert not keeps(add, text="Planted")


def test_a_tablet_that_is_locked_again_shows_nothing_more(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    client.post(address("records:hand_over", cast.patient, sheet=sheet.pk))
    client.post("/account/lock/")

    assert client.get(reverse("tablet:fill", kwargs={"sheet": sheet.pk})).status_code == 404


def test_a_screen_locked_again_is_not_in_a_patients_hands(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    client.post(address("records:hand_over", cast.patient, sheet=sheet.pk))
    url = reverse("tablet:fill", kwargs={"sheet": sheet.pk})
    assert client.get(url).status_code == 200
    session = client.session
    session[LOCKED] += 60  # unlocked, and left alone again
    session.save()

    assert client.get(url).status_code == 404


def test_what_was_typed_as_the_screen_locked_is_there_again(as_, cast):
    client = as_("caring")
    sheet = begin(client, cast.patient)
    url = address("records:fill", cast.patient, sheet=sheet.pk)
    client.post("/account/lock/", {"held_path": url, "problem": "Half typed", "revision": "1"})
    session = client.session
    del session["locked_since"]
    session.save()

    assert "Half typed" in client.get(url).content.decode()


def test_a_merge_moves_sheets_with_what_was_sent_and_back(as_, cast):
    sheet = sent_sheet(as_("caring"), cast.patient)
    kept = patients.add_patient({"given_name": "Ada"}, site=cast.main, by=BY)

    done = patients.merge(kept, cast.patient, "same person", by=BY)
    assert latest(kept, "first_visit").values == {"problem": "Neck"}

    patients.unmerge(done, by=BY)
    assert latest(kept, "first_visit") is None
    assert latest(cast.patient, "first_visit").sheet == sheet


def test_a_visit_shows_what_was_sent_since_the_visit_before_it(as_, cast):
    def visit_at(hours):
        found = visits.start_visit(
            cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
        )
        found.starts_at += timedelta(hours=hours)
        found.save(update_fields=["starts_at"])
        return found

    long_ago, before, now = visit_at(-72), visit_at(-48), visit_at(24)
    apart = sent_sheet(as_("caring"), cast.patient)
    own = begin(as_("caring"), cast.patient, visit=before.pk)

    assert sheets_at(long_ago) == []
    assert sheets_at(before) == [own]
    assert sheets_at(now) == [apart]


@pytest.fixture
def filled(committed_practice):
    site = committed_practice.site
    staff = join("caring", site, "practitioner")
    patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
    committed_practice.writer = actions.Writer(staff.user, Submission.By.STAFF, Way.ASKED, BY)
    committed_practice.visit = visits.start_visit(
        patient, staff=staff, site=site, kind="first", by=BY
    )
    committed_practice.sheet = actions.open_sheet(
        patient, current("first_visit"), committed_practice.writer
    )
    return committed_practice


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_sent(filled, statement):
    actions.save_sheet(filled.sheet, {"problem": ["Neck"]}, filled.writer, based_on=1)
    actions.send_sheet(filled.sheet, filled.writer, based_on=2)

    with pytest.raises(DatabaseError, match="written once"), connection.cursor() as cursor:
        cursor.execute(statement.format("records_submission"))


def test_what_was_sent_stays_written_once_there_and_back_through_a_table_made_anew(filled):
    """SQLite makes a table anew to let a column be empty, and its triggers go with the old one."""
    actions.save_sheet(filled.sheet, {"problem": ["Neck"]}, filled.writer, based_on=1)
    sent = actions.send_sheet(filled.sheet, filled.writer, based_on=2)

    for target in (["records", "0010"], []):
        call_command("migrate", *target, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM records_submission")
            assert cursor.fetchone()[0] == 1
        for statement in ("UPDATE records_submission SET way = 'own'", "DELETE FROM {}"):
            with pytest.raises(DatabaseError, match="written once"), connection.cursor() as cursor:
                cursor.execute(statement.format("records_submission"))
    assert Submission.objects.get() == sent


def test_many_who_type_at_once_lose_nothing(filled, django_db_blocker):
    """Eight writers, one field each, from pages of the same age; then all into one field."""
    fields = [f"activity_{number}" for number in (1, 2)] + ["hope", "problem", "medicines"]
    outcomes = []

    def write(name, value, based_on):
        with django_db_blocker.unblock():
            try:
                actions.save_sheet(filled.sheet, {name: [value]}, filled.writer, based_on=based_on)
                outcomes.append((name, value))
            except actions.TypedElsewhere:
                outcomes.append(None)
            finally:
                connections["default"].close()

    def all_at_once(jobs):
        threads = [threading.Thread(target=write, args=job) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    all_at_once([(name, "mine", 1) for name in fields])
    draft = SheetDraft.objects.get()
    assert None not in outcomes
    assert {name: draft.raw[name] for name in fields} == {name: ["mine"] for name in fields}

    outcomes.clear()
    all_at_once([("hope", f"writer {number}", draft.revision) for number in range(8)])
    won = [each for each in outcomes if each]
    assert len(won) == 1
    assert outcomes.count(None) == 7
    assert SheetDraft.objects.get().raw["hope"] == [won[0][1]]
