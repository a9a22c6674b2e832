"""Screening before the needle: exactly the science's questions; a stop is never passed."""

from datetime import timedelta
from importlib import import_module

import pytest
from conftest import BY, join
from django.apps import apps
from django.db import DatabaseError, connection
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.audit.models import Entry
from clinic.patients import actions as patients
from clinic.records import actions as visits
from clinic.records.models import ScreeningClearance, Sheet, SheetDraft, Submission
from clinic.records.screening import actions
from clinic.records.screening.queries import screening_of
from clinic.records.screening.rules import (
    FORM,
    as_in_the_table,
    decide,
    decide_for_part,
    visit_screening,
)
from clinic.records.sheets import actions as sheets
from clinic.records.sheets.versions import current
from clinic.treatment_rules import Clearance, areas_of_muscle
from myotome.atlas import Site, atlas
from myotome.errors import InputError
from myotome.treatment import ScreenAnswer, never_needled, place, rulebook, screen
from myotome.treatment.rows import AREAS

ITEMS = rulebook().screening_items
STOPS = [name for name, item in ITEMS.items() if item.effect == "stop"]
ALL_NO = dict.fromkeys(ITEMS, "no")
MUSCLES = [name for name in atlas().muscles if not never_needled(name)]
NEEDLE = {"all", "needling"}


def test_the_form_asks_exactly_what_the_science_asks():
    """Fails when the table changes: then tools/write_screening_form.py writes the next version."""
    asked = {item.key: (item.label, dict(item.more)) for item in current(FORM).items}

    assert asked == {name: (item.question, as_in_the_table(item)) for name, item in ITEMS.items()}


ANSWERS = st.dictionaries(
    st.sampled_from(list(ITEMS)), st.sampled_from(["yes", "no", "not_asked", "unknown"])
)
PLACES = st.sampled_from(["", "calf-left", "forearm-right", "lower_limb", "neck", "chest-left"])


@st.composite
def sheets_of_answers(draw):
    values = dict(draw(ANSWERS))
    for name in list(values):
        region = draw(PLACES) if ITEMS[name].scope != "person" else ""
        if region:
            values[f"{name}.where"] = [region]
    return values


@st.composite
def offered_clearances(draw):
    names = draw(st.lists(st.sampled_from(list(ITEMS)), max_size=6))
    made = []
    for name in names:
        try:
            made.append(Clearance(name, "R. Example", "agreed", "called", draw(PLACES)))
        except InputError:
            assert ITEMS[name].effect != "clear_first"
    return made


def covers(values, name, muscle, side):
    """Whether a yes is said of this muscle; a place that was not told is everywhere."""
    regions = values.get(f"{name}.where", []) if ITEMS[name].scope != "person" else []
    if not regions:
        return True
    return any(place(region).covers(Site("muscle", muscle, side)) for region in regions)


@settings(max_examples=300)
@given(
    sheets_of_answers(),
    sheets_of_answers(),
    offered_clearances(),
    st.tuples(st.sampled_from(MUSCLES), st.sampled_from(["left", "right"])),
    st.booleans(),
)
def test_a_stop_is_never_passed(signed, drafted, clearances, site, is_drafted):
    """Whatever was cleared, signed or typed: a yes to a stop that lies here forbids the needle."""
    muscle, side = site
    state = visit_screening(
        [], signed, drafted=drafted if is_drafted else None, clearances=clearances
    )
    decision = decide(state, muscle, side)

    for values in [signed, drafted] if is_drafted else [signed]:
        for name in STOPS:
            is_raised = values.get(name) == "yes" and NEEDLE & set(ITEMS[name].blocks)
            if is_raised and covers(values, name, muscle, side):
                assert not decision.is_allowed
                assert "stop" in {reason.kind for reason in decision.reasons}
    unasked = [name for name in STOPS if signed.get(name) not in {"yes", "no"}]
    here = areas_of_muscle(muscle)
    for name in unasked:
        limited = [area for area in ITEMS[name].asked_when if area in AREAS]
        is_typed = is_drafted and drafted.get(name) == "yes"
        if not is_typed and (not limited or here & set(limited)):
            assert not decision.is_allowed


@settings(max_examples=200)
@given(
    sheets_of_answers(),
    st.sampled_from(MUSCLES),
    st.sampled_from(["left", "right"]),
    st.sampled_from(["needling", "electrical", "manipulation", "heat"]),
)
def test_the_record_decides_as_the_science_does(values, muscle, side, technique):
    answers = [
        ScreenAnswer(name, values[name], region)
        for name in ITEMS
        if values.get(name) in {"yes", "no"}
        for region in ((values.get(f"{name}.where") or [""]) if values[name] == "yes" else [""])
    ]
    science = screen(answers)
    expected = (
        not science.missing_in(areas_of_muscle(muscle))
        and science.why_not(technique, Site("muscle", muscle, side)) is None
    )

    decision = decide(visit_screening([], values), muscle, side, technique)

    assert decision.is_allowed == expected


@given(sheets_of_answers(), st.sampled_from(MUSCLES), st.sampled_from(["left", "right"]))
def test_what_is_not_signed_allows_nothing(drafted, muscle, side):
    state = visit_screening([ALL_NO], None, drafted=ALL_NO | drafted)

    assert "not_signed" in {reason.kind for reason in decide(state, muscle, side).reasons}


def test_all_asked_and_answered_no_allows_all_but_what_is_never_needled():
    state = visit_screening([], ALL_NO)

    for muscle in atlas().muscles:
        kinds = {reason.kind for reason in decide(state, muscle, "left").reasons}
        assert kinds == ({"never"} if never_needled(muscle) else set())


def test_an_earlier_no_holds_only_where_each_visit_need_not_ask():
    state = visit_screening([ALL_NO], {})

    missing = {r.item for r in decide(state, "infraspinatus", "left").reasons}
    assert missing == {
        name
        for name in STOPS
        if ITEMS[name].each_visit
        and (
            "always" in ITEMS[name].asked_when
            or areas_of_muscle("infraspinatus") & set(ITEMS[name].asked_when)
        )
    }
    assert "varicose_veins" not in missing


def test_an_earlier_yes_holds_until_a_later_no():
    first = ALL_NO | {"varicose_veins": "yes", "varicose_veins.where": ["upper_limb-right"]}
    later_unasked = {name: "no" for name, item in ITEMS.items() if item.each_visit}

    still = visit_screening([first], later_unasked)
    assert not decide(still, "brachioradialis", "right").is_allowed
    assert decide(still, "brachioradialis", "left").is_allowed
    over = visit_screening([first], later_unasked | {"varicose_veins": "no"})
    assert decide(over, "brachioradialis", "right").is_allowed


def test_a_part_of_the_body_is_decided_muscle_by_muscle():
    values = ALL_NO | {"skin_infection": "yes", "skin_infection.where": ["calf-left"]}
    state = visit_screening([], values)

    assert not any(d.is_allowed for d in decide_for_part(state, "calf-left").values())
    assert all(d.is_allowed for d in decide_for_part(state, "calf-right").values())
    assert not any(d.is_allowed for d in decide_for_part(state, "calf").values())


# ------------------------------------------------------------- in the clinic


@pytest.fixture
def visit(cast):
    return visits.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)


def address(name, visit):
    return reverse(f"records:{name}", kwargs={"key": visit.patient_id, "visit": visit.pk})


def ask(client, visit):
    done = client.post(address("ask_screening", visit))
    return SheetDraft.objects.get().sheet, done.url


def fill(client, url, **fields):
    return client.post(url, {"revision": SheetDraft.objects.get().revision, **fields})


def page(client, visit):
    return client.get(address("visit", visit)).content.decode()


def signed(visit, staff, values):
    """Sign these answers at a visit, by the same acts as the pages."""
    writer = actions.writer_of(staff, BY)
    sheet = actions.ask(visit, writer)
    revision = SheetDraft.objects.get(sheet=sheet).revision
    raw = {name: [said] for name, said in values.items() if not name.endswith(".where")}
    for name in values:
        if name.endswith(".where"):
            pairs = [each.partition("-") for each in values[name]]
            raw[name.replace(".where", ".part")] = [part for part, _, _ in pairs]
            raw[name.replace(".where", ".side")] = [side for _, _, side in pairs]
    revision = sheets.save_sheet(sheet, raw, writer, based_on=revision)
    return sheets.send_sheet(sheet, writer, based_on=revision, reason="")


def test_the_visit_shows_at_once_what_stops_and_signing_shows_the_rest(as_, visit):
    client = as_("caring")
    assert "Not signed at this visit" in page(client, visit)
    _, url = ask(client, visit)

    fill(client, url, calf_clot="yes", anticoagulant="yes", save_quietly="1")
    shown = page(client, visit)
    assert "Stop" in shown
    assert ITEMS["calf_clot"].advice in shown
    assert "what they stop is stopped already" in shown
    assert "Level of concern: <strong>emergency</strong>" in shown
    assert not decide(screening_of(visit), "soleus", "left").is_allowed

    for part in current(FORM).sections:
        answers = SheetDraft.objects.get().raw
        done = fill(client, url, **{n: v for n, v in answers.items() if v}, rest=part.key)
        assert done.url.endswith(f"#s-{part.key}")
    answers = {n: v for n, v in SheetDraft.objects.get().raw.items() if v}
    assert answers["calf_clot"] == ["yes"]
    done = fill(client, url, **(answers | {"calf_clot": "no"}), sign="1")
    assert done.url == address("visit", visit) + "#screening"

    shown = page(client, visit)
    assert "Caution" in shown
    assert ITEMS["anticoagulant"].advice in shown
    assert "strong needling" in shown
    assert "Level of concern: <strong>treat and watch</strong>" in shown
    assert decide(screening_of(visit), "soleus", "left").is_allowed
    assert Submission.objects.get().values["calf_clot"] == "no"


def test_words_stand_beside_every_question_and_are_shown_with_what_it_stops(as_, visit):
    """Which blood thinner, since when: no field forces an answer into yes and no alone."""
    client = as_("caring")
    assert all(item.asks_words != item.asks_where for item in current(FORM).items)
    _, url = ask(client, visit)
    words = {"anticoagulant": "yes", "anticoagulant.note": "Warfarin, INR 2.3 on Monday"}
    more = {"fast_weakness": "yes", "fast_weakness.note": "Foot drops since noon"}
    fill(client, url, **words, **more, save_quietly="1")

    shown = page(client, visit)
    assert "Warfarin, INR 2.3 on Monday" in shown
    assert "Foot drops since noon" in shown
    form = client.get(url).content.decode()
    assert ">Warfarin, INR 2.3 on Monday</textarea>" in form


def test_a_screening_begun_before_keeps_what_was_typed_and_no_answer_of_last_time(as_, visit):
    client = as_("caring")
    _, url = ask(client, visit)
    client.post(url, {"revision": "1", "heart_valve": "yes"})
    draft = SheetDraft.objects.get()
    draft.raw |= {"metal_allergy": ["no"], "implants.part": ["chest"]}  # as it was carried over
    draft.save()

    module = "clinic.records.migrations.0017_nothing_answered_before_it_is_asked"
    import_module(module).only_what_was_typed(apps, None)
    draft.refresh_from_db()
    assert draft.raw["heart_valve"] == ["yes"]
    assert not {"metal_allergy", "implants.part"} & {name for name in draft.raw if draft.raw[name]}


def test_what_was_said_last_time_stands_beside_its_question_with_its_words(as_, visit, cast):
    said = {
        "implanted_device": "yes",
        "implanted_device.note": "Since 2019",
        "calf_clot.note": "None seen",
    }
    assert not ITEMS["implanted_device"].each_visit
    assert ITEMS["calf_clot"].each_visit
    signed(visit, cast.caring, ALL_NO | said)
    later = visits.start_visit(
        visit.patient, staff=cast.caring, site=visit.site, kind="follow_up", by=BY
    )
    client = as_("caring")
    _, url = ask(client, later)
    page = client.get(url).content.decode()
    assert "Last time: <strong>Yes. Since 2019</strong>" in page
    assert "Last time: <strong>No. None seen</strong>" in page
    client.post(url, {"revision": "1", "as_before": "techniques"})
    raw = SheetDraft.objects.get(sheet__visit=later).raw
    assert raw["implanted_device.note"] == ["Since 2019"]
    assert "calf_clot.note" not in raw


def test_what_must_be_cleared_first_is_cleared_by_name_with_reason_and_taken_back(as_, visit, cast):
    signed(visit, cast.caring, ALL_NO | {"pregnancy": "yes"})
    client = as_("caring")
    assert not decide(screening_of(visit), "infraspinatus", "left").is_allowed
    url = address("clear_item", visit)

    wanting = client.post(url, {"item": "pregnancy", "reason": "agreed", "done": ""})
    assert wanting.status_code == 422
    client.post(url, {"item": "pregnancy", "reason": "agreed", "done": "called the midwife"})

    shown = page(client, visit)
    assert "by Caring" in shown
    assert "called the midwife" in shown
    state = screening_of(visit)
    assert decide(state, "infraspinatus", "left").is_allowed
    closed = decide(state, "iliocostalis_lumborum", "left")
    assert {reason.kind for reason in closed.reasons} == {"while_so"}  # cleared or not

    back = address("take_back", visit)
    client.post(back, {"item": "pregnancy", "reason": "she changed her mind"})
    assert not decide(screening_of(visit), "infraspinatus", "left").is_allowed
    acts = Entry.objects.filter(act__startswith="screening").order_by("id")
    assert [row.act for row in acts] == [
        "screening item cleared",
        "screening clearance taken back",
    ]


def test_a_stop_and_a_caution_cannot_be_cleared_nor_what_is_not_raised(as_, visit, cast):
    signed(visit, cast.caring, ALL_NO | {"unstable_heart": "yes", "anticoagulant": "yes"})
    client, url = as_("caring"), address("clear_item", visit)

    for item, words in (
        ("unstable_heart", "is a stop and cannot be cleared"),
        ("anticoagulant", "is a caution and needs no clearing"),
        ("pregnancy", "not raised there"),
        ("no_such", "No screening item"),
    ):
        refused = client.post(url, {"item": item, "reason": "agreed", "done": "called"})
        assert refused.status_code == 422
        assert words in refused.content.decode()
    assert ScreeningClearance.objects.count() == 0


def test_a_clearance_of_one_part_clears_no_other(as_, visit, cast):
    where = {"recent_surgery": "yes", "recent_surgery.where": ["calf-left", "hand-right"]}
    signed(visit, cast.caring, ALL_NO | where)
    client, url = as_("caring"), address("clear_item", visit)
    told = {"item": "recent_surgery", "reason": "healed", "done": "asked the surgeon"}

    assert client.post(url, told).status_code == 422  # of which part is not said
    client.post(url, told | {"region": "calf-left"})

    state = screening_of(visit)
    assert decide(state, "soleus", "left").is_allowed
    assert not decide(state, "abductor_pollicis_brevis", "right").is_allowed


def test_a_student_asks_and_neither_signs_nor_clears(as_, visit, cast):
    patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    signed(visit, cast.caring, ALL_NO | {"pregnancy": "yes"})
    client = as_("student")
    url = address("clear_item", visit)

    assert client.post(url, {"item": "pregnancy", "reason": "a", "done": "b"}).status_code == 404
    assert "Clear it" not in page(client, visit)
    other = visits.start_visit(
        cast.patient, staff=cast.caring, site=cast.main, kind="contact", by=BY
    )
    sheet, filled = ask(client, other)
    fill(client, filled, calf_clot="no", sign="1")
    check = reverse("records:check", kwargs={"key": cast.patient.pk, "sheet": sheet.pk})
    assert "A practitioner signs it" in client.get(check).content.decode()
    revision = SheetDraft.objects.get().revision
    assert client.post(check, {"revision": revision}).status_code == 422
    assert Submission.objects.filter(sheet=sheet).count() == 0
    as_("caring").post(check, {"revision": revision})
    assert Submission.objects.filter(sheet=sheet).count() == 1


def later_visit(visit, cast):
    next_one = visits.start_visit(
        cast.patient, staff=cast.caring, site=cast.main, kind="follow_up", by=BY
    )
    next_one.starts_at = visit.starts_at + timedelta(days=7)
    next_one.save(update_fields=["starts_at"])
    return next_one


def test_the_next_visit_asks_anew_what_each_visit_asks(as_, visit, cast):
    signed(visit, cast.caring, ALL_NO | {"pregnancy": "yes", "heart_valve": "yes"})
    for item in ("pregnancy", "heart_valve"):
        actions.clear(visit, item, "", staff=cast.caring, reason="ok", done="asked", by=BY)
    again = later_visit(visit, cast)
    client = as_("caring")

    _, url = ask(client, again)

    assert SheetDraft.objects.get().raw == {}, "nothing is answered before it is asked"
    page = client.get(url).content.decode()
    assert "Last time: <strong>Yes</strong>" in page
    assert 'name="heart_valve" value="yes" checked' not in page
    client.post(url, {"revision": "1", "as_before": "body"})
    raw = SheetDraft.objects.get().raw
    assert raw["heart_valve"] == ["yes"]
    assert raw["epilepsy_or_faint"] == ["no"]
    assert "pregnancy" not in raw, "each visit asks it by itself"
    assert "metal_allergy" in raw
    assert "chronic_oedema" not in raw, "it is of another part of the form"
    state = screening_of(again)
    open_items = {reason.item for reason in decide(state, "infraspinatus", "left").reasons}
    assert "heart_valve" not in open_items  # cleared for good
    assert "pregnancy" in open_items  # to be cleared at each visit


def test_only_what_is_cleared_is_taken_back_and_no_words_reach_the_audit(as_, visit):
    sent = {"item": "Ada Sample said so", "region": "", "reason": "no longer"}

    refused = as_("caring").post(address("take_back", visit), sent)

    assert refused.status_code == 422
    assert not ScreeningClearance.objects.exists()
    assert not Entry.objects.filter(act="screening clearance taken back").exists()


def test_what_was_cleared_and_over_and_comes_again_is_cleared_again(visit, cast):
    """The clearance of one operation does not clear the next."""
    signed(visit, cast.caring, ALL_NO | {"recent_surgery": "yes"})
    actions.clear(visit, "recent_surgery", "", staff=cast.caring, reason="ok", done="asked", by=BY)
    over = later_visit(visit, cast)
    assert decide(screening_of(over), "infraspinatus", "left").reasons
    signed(over, cast.caring, ALL_NO)
    assert decide(screening_of(over), "infraspinatus", "left").is_allowed
    again = later_visit(over, cast)

    signed(again, cast.caring, ALL_NO | {"recent_surgery": "yes"})

    reasons = decide(screening_of(again), "infraspinatus", "left").reasons
    assert {reason.item for reason in reasons} == {"recent_surgery"}


def test_a_correction_counts_and_the_struck_answers_do_not(as_, visit, cast):
    sheet = signed(visit, cast.caring, ALL_NO | {"unstable_heart": "yes"}).sheet
    writer = actions.writer_of(cast.caring, BY)
    actions.ask(visit, writer)
    revision = SheetDraft.objects.get(sheet=sheet).revision
    revision = sheets.save_sheet(sheet, {"unstable_heart": ["no"]}, writer, based_on=revision)
    assert not decide(screening_of(visit), "soleus", "left").is_allowed  # typed, not signed
    sheets.send_sheet(sheet, writer, based_on=revision, reason="misheard")

    assert decide(screening_of(visit), "soleus", "left").is_allowed


def test_a_visit_without_needles_is_complete_and_is_not_needled(as_, visit):
    client, url = as_("caring"), address("needles", visit)
    client.post(url, {"without": "1"})
    visit.refresh_from_db()

    assert "It is complete without screening and consent" in page(client, visit)
    kinds = {reason.kind for reason in decide(screening_of(visit), "soleus", "left").reasons}
    assert "no_needles" in kinds
    client.post(url)
    visit.refresh_from_db()
    assert not visit.is_without_needles


def test_no_screening_begins_apart_from_its_visit(as_, visit):
    """Its answers would stop nothing; in a visit `ask` goes on with what is there."""
    client = as_("caring")
    for at in ("", visit.pk):
        sent = {"form": "screening", "way": "asked", "visit": at}
        done = client.post(reverse("records:begin_form", kwargs={"key": visit.patient_id}), sent)
        assert done.status_code == 404
    assert not Sheet.objects.exists()


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_a_clearance(committed_practice, statement):
    site = committed_practice.site
    staff = join("caring", site, "practitioner")
    patient = patients.add_patient({"given_name": "Ada"}, site=site, by=BY)
    visit = visits.start_visit(patient, staff=staff, site=site, kind="first", by=BY)
    signed(visit, staff, ALL_NO | {"pregnancy": "yes"})
    actions.clear(visit, "pregnancy", "", staff=staff, reason="ok", done="asked", by=BY)

    with pytest.raises(DatabaseError, match="written once"), connection.cursor() as cursor:
        cursor.execute(statement.format("records_screeningclearance"))


def test_words_without_an_answer_are_neither_lost_nor_made_a_no(as_, visit):
    """Whoever types Warfarin and forgets the yes is asked for it; nothing is signed meanwhile."""
    client = as_("caring")
    sheet, url = ask(client, visit)
    section = next(
        one for one in current(FORM).sections if "anticoagulant" in {item.key for item in one.items}
    )
    asked = {item.key: "no" for one in current(FORM).sections for item in one.items}
    del asked["anticoagulant"]
    fill(client, url, **asked, **{"anticoagulant.note": "Warfarin, INR 2.3"}, rest=section.key)
    assert (
        "anticoagulant" not in SheetDraft.objects.get().raw
        or not SheetDraft.objects.get().raw["anticoagulant"]
    )

    check = reverse("records:check", kwargs={"key": visit.patient_id, "sheet": sheet.pk})
    shown = client.get(check).content.decode()
    assert "Not answered. Warfarin, INR 2.3" in shown
    assert "Words stand beside it and no answer. Choose one." in shown
    client.post(check, {"revision": SheetDraft.objects.get().revision})
    assert not Submission.objects.exists()

    fill(client, url, **asked, anticoagulant="yes", **{"anticoagulant.note": "Warfarin, INR 2.3"})
    client.post(check, {"revision": SheetDraft.objects.get().revision})
    assert Submission.objects.get().values["anticoagulant"] == "yes"
