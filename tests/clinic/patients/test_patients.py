"""Patients: found, changed without losing another's work, merged and taken apart, brought in."""

import io
import re
import threading
from datetime import date, timedelta
from importlib import import_module

import pytest
from conftest import BY, client_of, join
from django.apps import apps
from django.db import connections, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clinic.audit.actor import Actor
from clinic.audit.models import Entry
from clinic.doors import Permission
from clinic.outbox.models import Message
from clinic.patients import actions
from clinic.patients.models import Alert, CareRelationship, Patient
from clinic.patients.queries import find_people
from clinic.patients.rules import (
    Relation,
    Standing,
    digits,
    folded,
    may,
    read_people,
    repeated,
)
from clinic.practice.actions import give_role
from clinic.practice.models import Role
from clinic.practice.queries import today

P = Permission
ROLES = st.frozensets(st.sampled_from([role.value for role in Role]))
STANDINGS = st.builds(
    Standing,
    roles=ROLES,
    relation=st.sampled_from(list(Relation)),
    is_locked_out=st.booleans(),
    is_emergency=st.booleans(),
    is_merged=st.booleans(),
    own=st.sampled_from([Relation.NONE, Relation.SELF, Relation.PROXY]),
)


@given(STANDINGS)
def test_no_chart_opens_without_a_clinical_role(standing):
    if not standing.roles & {Role.PRACTITIONER, Role.STUDENT}:
        assert not may(P.READ_CHART, standing)
        assert not may(P.WRITE_CHART, standing)


@given(STANDINGS)
def test_a_lock_holds_but_in_an_emergency(standing):
    if standing.is_locked_out and not standing.is_emergency:
        assert not may(P.READ_CHART, standing)


@given(STANDINGS)
def test_without_relation_and_emergency_no_chart_opens(standing):
    if standing.relation is Relation.NONE and not standing.is_emergency:
        assert not may(P.READ_CHART, standing)


@given(STANDINGS, st.sampled_from(list(Permission)))
def test_who_is_nobody_here_may_nothing_but_see_their_own(standing, permission):
    nobody = Standing(
        relation=standing.relation, is_emergency=standing.is_emergency, own=standing.own
    )
    theirs = {Relation.SELF, Relation.PROXY}
    own = permission is P.SEE_OWN and bool({standing.relation, standing.own} & theirs)

    assert may(permission, nobody) == own


@given(STANDINGS)
def test_whoever_may_write_may_read(standing):
    if may(P.WRITE_CHART, standing):
        assert may(P.READ_CHART, standing)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Müller-Lüdenscheidt", "muller ludenscheidt"),
        ("O'Brien", "o brien"),
        ("  Ñandú ", "nandu"),
        ("김 민준", folded("김 민준")),
        ("", ""),
    ],
)
def test_names_are_compared_without_case_accents_and_signs(text, plain):
    assert folded(text) == plain


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text):
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("question", "is_found"),
    [
        ({"name": "sam"}, True),
        ({"name": "SAMPLE ada"}, True),
        ({"name": "ample"}, False),
        ({"born": date(1984, 3, 9)}, True),
        ({"born": date(1984, 9, 3)}, False),
        ({"phone": "0100"}, True),
        ({"phone": "(604) 555-0100"}, True),
        ({"phone": "100"}, False),
        ({"name": "sam", "born": date(1984, 9, 3)}, False),
        ({}, False),
    ],
)
def test_people_are_found_by_name_birth_date_and_phone(cast, question, is_found):
    asked = {"name": "", "born": None, "phone": ""} | question
    found = find_people([cast.main.pk], **asked)

    assert (cast.patient in found) == is_found


def test_people_of_another_site_are_not_found(cast):
    assert find_people([cast.harbour.pk], name="sample", born=None, phone="") == []


def test_a_person_is_added_with_the_next_number(as_, cast):
    answer = as_("reception").post(
        reverse("patients:add"),
        {"given_name": "Cy", "family_name": "Demo", "born": "1990-01-02", "site": cast.main.pk},
    )

    patient = Patient.objects.get(given_name="Cy")
    assert answer.url == reverse("patients:person", kwargs={"key": patient.pk})
    assert patient.number == Patient.objects.exclude(pk=patient.pk).latest("number").number + 1


def test_a_person_is_added_only_to_ones_own_sites(as_, cast):
    answer = as_("reception").post(
        reverse("patients:add"), {"given_name": "Cy", "site": cast.harbour.pk}
    )

    assert answer.status_code == 422


def test_two_who_change_one_person_see_both_versions_and_lose_nothing(as_, cast):
    url = reverse("patients:change", kwargs={"key": cast.patient.pk})
    values = {"given_name": "Ada", "family_name": "Sample", "born": "1984-03-09", "revision": "1"}
    first, second = as_("caring"), as_("reception")

    assert first.post(url, values | {"phone": "604 555 0111"}).status_code == 302
    late = second.post(url, values | {"phone": "604 555 0122"})

    assert late.status_code == 409
    assert b"604 555 0111" in late.content
    assert b"604 555 0122" in late.content
    assert Patient.objects.get(pk=cast.patient.pk).phone == "604 555 0111"
    assert second.post(url, values | {"phone": "604 555 0122", "revision": "2"}).status_code == 302


def test_a_search_is_audited_by_what_was_asked_and_found_and_not_by_the_words(as_):
    as_("reception").post(reverse("patients:find"), {"name": "Sample", "phone": "0100"})

    entry = Entry.objects.get(act="people searched")
    assert entry.detail == {"asked": ["name", "phone"], "found": 1}


def test_the_audit_says_which_fields_changed_and_not_to_what(as_, cast):
    as_("caring").post(
        reverse("patients:change", kwargs={"key": cast.patient.pk}),
        {
            "given_name": "Ada",
            "family_name": "Sample",
            "born": "1984-03-09",
            "phone": "604 555 0111",
            "revision": "1",
        },
    )

    entry = Entry.objects.get(act="patient changed")
    assert entry.detail == {"fields": ["phone"]}


def test_a_line_of_the_chart_is_ended_with_who_and_why_and_kept(as_, cast):
    client = as_("caring")
    key = {"key": cast.patient.pk}
    page = reverse("patients:chart", kwargs=key)
    client.post(
        reverse("patients:add_line", kwargs=key | {"kind": "allergy"}),
        {"text": "Latex", "reaction": "rash"},
    )
    cast.patient.refresh_from_db()
    assert cast.patient.allergy_status == "known"
    line = cast.patient.allergy_set.get()

    end = reverse("patients:end_line", kwargs=key | {"kind": "allergy", "line": line.pk})
    assert client.post(end, {"why": ""}).status_code == 422
    assert "Ended and kept" not in client.get(page).content.decode()
    client.post(end, {"why": "Patch test of May"})

    line.refresh_from_db()
    assert (line.ended_on, line.ended_by) == (today(), cast.caring)
    shown = client.get(page).content.decode()
    assert "<s>Latex: rash, since" in shown
    assert "by Caring: Patch test of May" in shown


def test_after_the_last_allergy_has_ended_the_patient_is_asked_anew(as_, cast):
    client, page = as_("caring"), reverse("patients:chart", kwargs={"key": cast.patient.pk})
    first, last = (
        actions.add_line(cast.patient, "allergy", {"text": text}, writer=cast.caring, by=BY)
        for text in ("Latex", "Nickel")
    )
    for line, status in ((first, "known"), (last, "not_recorded")):
        actions.end_line(cast.patient, "allergy", line.pk, "Tested", staff=cast.caring, by=BY)
        assert said_of(cast.patient)[0] == status

    shown = client.get(page).content.decode()
    assert "Known allergies" not in shown
    assert "Allergies not recorded" in shown
    assert "Asked: knows of none" in shown


def test_what_records_say_of_allergies_is_mended_where_it_is_not_what_they_list(cast):
    hidden, for_ever = cast.patient, cast.other
    say(hidden, "known", cast)
    Patient.objects.filter(pk=hidden.pk).update(allergy_status="none_known")
    Patient.objects.filter(pk=for_ever.pk).update(allergy_status="known")
    asked = actions.add_patient({"given_name": "Cy"}, site=cast.main, by=BY)
    say(asked, "none_known", cast)

    import_module("clinic.patients.migrations.0007_allergies_said_as_listed").say_as_listed(
        apps, None
    )

    said = [said_of(each)[0] for each in (hidden, for_ever, asked)]
    assert said == ["known", "not_recorded", "none_known"]


@pytest.mark.parametrize("who", ["student", "caring"])
def test_a_student_takes_no_warning_away_and_a_practitioner_does(as_, cast, who):
    actions.start_care(cast.patient, cast.student, "supervised", by=BY)
    values = {"text": "Takes warfarin", "changes_needling": True}
    line = actions.add_line(cast.patient, "alert", values, writer=cast.caring, by=BY)
    client, key = as_(who), {"key": cast.patient.pk}
    shown = client.get(reverse("patients:chart", kwargs=key)).content.decode()
    end = reverse("patients:end_line", kwargs=key | {"kind": "alert", "line": line.pk})
    none = reverse("patients:no_allergies", kwargs=key)
    code, may_do = (302, True) if who == "caring" else (404, False)

    assert (end in shown, none in shown) == (may_do, may_do)
    assert client.post(end, {"why": "Stopped in May"}).status_code == code
    assert client.post(none).status_code == code
    assert bool(cast.patient.needling_alerts) != may_do
    assert (said_of(cast.patient)[0] == "none_known") == may_do


def test_no_known_allergies_cannot_be_said_over_one_that_is_listed(cast):
    actions.add_line(cast.patient, "allergy", {"text": "Latex"}, writer=cast.caring, by=BY)
    with pytest.raises(actions.AllergyListed):
        actions.say_no_allergies(cast.patient, by=BY)

    cast.patient.refresh_from_db()
    assert cast.patient.allergy_status == "known"


def test_nobody_is_said_to_know_of_none_while_one_is_being_listed(committed_practice):
    site, refused = committed_practice.site, []
    writer = join("caring", site, "practitioner")
    patient = actions.add_patient({"given_name": "Ada"}, site=site, by=BY)

    def meanwhile():
        try:
            actions.say_no_allergies(patient, by=BY)
        except actions.AllergyListed as error:
            refused.append(error)
        finally:
            connections.close_all()

    other = threading.Thread(target=meanwhile)
    with transaction.atomic():
        actions.add_line(patient, "allergy", {"text": "Latex"}, writer=writer, by=BY)
        other.start()
        other.join(0.5)
        assert other.is_alive()
    other.join()

    assert len(refused) == 1
    assert said_of(patient) == ("known", ["Latex"])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "Allergies not recorded"),
        (["none"], "No known allergies"),
        (["Latex", "Iodine"], "Known allergies: Latex, Iodine"),
    ],
)
def test_the_banner_of_a_chart_says_one_of_the_things_known_of_allergies(as_, cast, lines, said):
    for line in lines:
        if line == "none":
            actions.say_no_allergies(cast.patient, by=BY)
        else:
            actions.add_line(cast.patient, "allergy", {"text": line}, writer=cast.caring, by=BY)
    client, key = as_("caring"), {"key": cast.patient.pk}

    assert said in client.get(reverse("patients:chart", kwargs=key)).content.decode()
    assert said in client.get(reverse("records:visits", kwargs=key)).content.decode()
    assert said not in client.get(reverse("patients:person", kwargs=key)).content.decode()


def test_the_banner_of_a_chart_shows_three_alerts_that_change_needling_and_counts_the_rest(
    as_, cast
):
    for number in range(5):
        values = {"text": f"Alert {number}", "changes_needling": True}
        actions.add_line(cast.patient, "alert", values, writer=cast.caring, by=BY)

    page = as_("caring").get(reverse("records:visits", kwargs={"key": cast.patient.pk}))

    shown = page.content.decode()
    assert [f"Alert {number}" in shown for number in range(5)] == [True, True, True, False, False]
    assert "and 2 more" in shown


def test_a_line_of_one_patient_is_not_ended_through_another(cast):
    line = actions.add_line(cast.other, "alert", {"text": "x"}, writer=cast.caring, by=BY)
    actions.end_line(cast.patient, "alert", line.pk, "Stopped", staff=cast.caring, by=BY)

    assert Alert.objects.get(pk=line.pk).ended_on is None


# ------------------------------------------------------------- merging


@pytest.fixture
def twins(cast):
    twin = actions.add_patient({"given_name": "Adda"}, site=cast.harbour, by=BY)
    actions.add_line(twin, "alert", {"text": "Takes warfarin"}, writer=cast.elsewhere, by=BY)
    actions.add_contact(twin, {"name": "Bo", "phone": "1"}, by=BY)
    actions.start_care(twin, cast.caring, "booked", by=BY)
    actions.start_care(twin, cast.elsewhere, "booked", by=BY)
    return cast.patient, twin


def state(patient):
    return (
        sorted(patient.alert_set.values_list("pk", flat=True)),
        sorted(patient.contacts.values_list("pk", flat=True)),
        sorted(patient.care.values_list("pk", flat=True)),
        sorted(patient.proxies.values_list("pk", flat=True)),
        sorted(patient.sites.values_list("pk", flat=True)),
        Patient.objects.get(pk=patient.pk).merged_into_id,
    )


def test_a_merge_moves_everything_and_can_be_taken_back_to_the_row(twins, cast):
    kept, twin = twins
    before = state(kept), state(twin)

    done = actions.merge(kept, twin, "same person, asked", by=BY)

    assert kept.alert_set.count() == 1
    assert kept.sites.count() == 2
    assert CareRelationship.objects.filter(patient=kept, staff=cast.caring).count() == 1
    assert find_people([cast.harbour.pk], name="adda", born=None, phone="") == []
    actions.add_line(kept, "alert", {"text": "New"}, writer=cast.caring, by=BY)
    actions.unmerge(done, by=BY)
    kept.alert_set.filter(text="New").delete()
    assert (state(kept), state(twin)) == before
    assert Entry.objects.filter(act="records merged").count() == 2
    assert Entry.objects.filter(act="merge taken back").count() == 2


def test_a_merge_is_taken_back_once_and_never_made_into_a_merged_record(twins):
    kept, twin = twins
    done = actions.merge(kept, twin, "same", by=BY)

    with pytest.raises(actions.CannotMerge):
        actions.merge(kept, twin, "again", by=BY)
    with pytest.raises(actions.CannotMerge):
        actions.merge(kept, kept, "itself", by=BY)
    actions.unmerge(done, by=BY)
    with pytest.raises(actions.CannotMerge):
        actions.unmerge(done, by=BY)


def say(patient, status, cast):
    """Bring what a chart says of allergies to a status."""
    if status == "known":
        line = {"text": f"Nickel of {patient.number}"}
        actions.add_line(patient, "allergy", line, writer=cast.caring, by=BY)
    elif status == "none_known":
        actions.say_no_allergies(patient, by=BY)


def said_of(patient):
    """What the record says of allergies, and what its chart lists."""
    fresh = Patient.objects.get(pk=patient.pk)
    return fresh.allergy_status, fresh.known_allergies


STATUSES = Patient.AllergyStatus.values


@pytest.mark.parametrize("of_merged", STATUSES)
@pytest.mark.parametrize("of_kept", STATUSES)
def test_a_merge_hides_no_allergy_and_taken_back_says_again_what_each_said(
    as_, cast, of_kept, of_merged
):
    kept, twin = cast.patient, actions.add_patient({"given_name": "Adda"}, site=cast.main, by=BY)
    say(kept, of_kept, cast)
    say(twin, of_merged, cast)
    before, listed = (said_of(kept), said_of(twin)), said_of(kept)[1] + said_of(twin)[1]

    done = actions.merge(kept, twin, "same person, asked", by=BY)

    page = as_("caring").get(reverse("patients:chart", kwargs={"key": kept.pk})).content.decode()
    wanted = max(of_kept, of_merged, key=["not_recorded", "none_known", "known"].index)
    assert said_of(kept)[0] == wanted
    assert (f"Known allergies: {', '.join(listed)}" in page) == bool(listed)
    assert ("No known allergies" in page) == (wanted == "none_known")
    actions.unmerge(done, by=BY)
    assert (said_of(kept), said_of(twin)) == before


def test_an_allergy_ended_or_listed_between_a_merge_and_its_end_is_told_as_it_is_then(cast):
    kept, twin = cast.patient, actions.add_patient({"given_name": "Adda"}, site=cast.main, by=BY)
    say(kept, "none_known", cast)
    say(twin, "known", cast)
    done = actions.merge(kept, twin, "same person, asked", by=BY)
    kept.allergy_set.update(ended_on=today())
    actions.add_line(kept, "allergy", {"text": "Latex"}, writer=cast.caring, by=BY)

    actions.unmerge(done, by=BY)

    assert said_of(kept) == ("known", ["Latex"])
    assert said_of(twin) == ("not_recorded", [])


def test_a_banner_lists_an_allergy_whatever_the_record_says_of_them(as_, cast):
    say(cast.patient, "known", cast)
    Patient.objects.update(allergy_status="none_known")

    page = as_("caring").get(reverse("patients:chart", kwargs={"key": cast.patient.pk}))

    assert f"Known allergies: Nickel of {cast.patient.number}" in page.content.decode()


def test_a_merge_whose_record_was_merged_again_is_taken_back_after_the_later_one(as_, cast):
    first, second = (
        actions.add_patient({"given_name": "Adda"}, site=cast.main, by=BY) for _ in range(2)
    )
    say(second, "known", cast)
    early = actions.merge(first, second, "same card", by=BY)
    late = actions.merge(cast.patient, first, "same card", by=BY)

    with pytest.raises(actions.CannotMerge):
        actions.unmerge(early, by=BY)
    url = reverse("patients:unmerge", kwargs={"pk": early.pk})
    page = as_("lead").post(url, follow=True).content.decode()
    assert "The later merge must be taken back first." in page
    actions.unmerge(late, by=BY)
    actions.unmerge(early, by=BY)
    assert said_of(second)[0] == "known"


# ------------------------------------------------- one person, two sites, two roles


@pytest.fixture
def lead_there(cast, between):
    """A lead at Harbour who is at the desk of Main Street, where a merge is none of theirs."""
    give_role(between, site=cast.main, role=Role.RECEPTION, by=BY)
    return client_of(between)


def test_people_are_found_and_added_where_one_has_a_part_in_them(cast, between):
    client = client_of(between)
    found = client.post(reverse("patients:find"), {"name": "sample"}).content.decode()
    there = client.post(reverse("patients:find"), {"name": "other"}).content.decode()
    answer = client.post(reverse("patients:add"), {"given_name": "Cy", "site": cast.main.pk})

    assert f"/people/{cast.patient.pk}/" not in found
    assert f"/people/{cast.other.pk}/" in there
    assert answer.status_code == 422


def test_records_of_a_site_are_merged_and_parted_by_its_own_lead(cast, lead_there):
    twin = actions.add_patient({"given_name": "Adda"}, site=cast.main, by=BY)
    values = {"kept": cast.patient.number, "merged": twin.number, "reason": "Same card"}
    answer = lead_there.post(reverse("patients:merge"), values)
    assert "No record of your sites" in answer.content.decode()
    done = actions.merge(cast.patient, twin, "same card, asked", by=BY)

    assert "same card, asked" not in lead_there.get(reverse("patients:merge")).content.decode()
    assert lead_there.post(reverse("patients:unmerge", args=[done.pk])).status_code == 404
    assert Patient.objects.get(pk=twin.pk).merged_into == cast.patient


def test_people_are_brought_in_where_one_is_an_owner(cast, between):
    give_role(between, site=cast.harbour, role=Role.OWNER, by=BY)

    assert upload(client_of(between), cast, GOOD, "bring_in").status_code == 422


def test_a_merge_of_a_record_of_two_sites_is_taken_back_by_a_lead_of_both(cast, between):
    give_role(between, site=cast.main, role=Role.PRIVACY_LEAD, by=BY)
    done = actions.merge(cast.patient, cast.other, "same card", by=BY)

    answer = client_of(between).post(reverse("patients:unmerge", args=[done.pk]))

    assert answer.status_code == 302
    assert Patient.objects.get(pk=cast.other.pk).merged_into is None


# ------------------------------------------------------------ a file

GOOD = "family_name,given_name,born,email,phone\nDemo,Cy,1990-01-02,cy@mail.test,604 555 0133\n"


def test_a_file_is_read_and_every_wrong_line_named():
    text = GOOD + "X,,1990-13-01,not an address,\nDemo,Cy,1990-01-02,,\n"
    people, problems = read_people(text)

    assert [person.line for person in people] == [2, 4]
    assert [problem.split(":")[0] for problem in problems] == ["Line 3"] * 3
    assert repeated(people) == [(2, 4)]


def test_a_file_without_its_columns_is_refused_whole():
    assert read_people("name\nAda\n")[0] == []
    assert "missing" in read_people("name\nAda\n")[1][0]


@given(st.text(max_size=400))
def test_no_file_breaks_the_reader(text):
    read_people(text)


def upload(client, cast, text, button, **more):
    file = io.BytesIO(text.encode())
    file.name = "people.csv"
    return client.post(
        reverse("patients:import"), {"site": cast.main.pk, "file": file, button: "1"} | more
    )


def test_a_trial_changes_nothing_and_says_who_is_here_already(as_, cast):
    client = as_("owner")
    text = GOOD + "Sample,Ada,1984-03-09,,\n"
    answer = upload(client, cast, text, "try_it").content.decode()

    assert f"same name and birth date as number {cast.patient.number}" in answer
    assert not Patient.objects.filter(given_name="Cy").exists()


def test_all_of_a_file_comes_in_or_nothing(as_, cast):
    client = as_("owner")
    assert upload(client, cast, GOOD + "X,,,,\n", "bring_in").status_code == 200
    assert not Patient.objects.filter(given_name="Cy").exists()

    assert upload(client, cast, GOOD, "bring_in").status_code == 302
    assert Patient.objects.get(given_name="Cy").search_phone == digits("604 555 0133")
    assert Entry.objects.get(act="people imported").detail == {"people": 1}


def test_a_file_that_comes_twice_doubles_nobody_unless_they_are_said_to_be_others(as_, cast):
    client, count = as_("owner"), Patient.objects.count()
    assert upload(client, cast, GOOD, "bring_in").status_code == 302
    Patient.objects.filter(given_name="Cy").update(preferred_name="Si", search_name="cy demo si")
    again = GOOD + "Demo,Dee,1991-02-03,,\n"
    refused = upload(client, cast, again, "bring_in")

    assert refused.status_code == 422
    assert "Nobody was brought in." in refused.content.decode()
    assert "Line 2: same name and birth date as number" in refused.content.decode()
    assert Patient.objects.count() == count + 1
    assert upload(client, cast, again, "bring_in", are_others="on").status_code == 302
    assert Patient.objects.count() == count + 3


def test_a_line_that_a_file_holds_twice_is_looked_at_first(as_, cast):
    refused = upload(as_("owner"), cast, GOOD + GOOD.splitlines()[1], "bring_in")

    assert "Lines 2 and 3" in refused.content.decode()
    assert not Patient.objects.filter(given_name="Cy").exists()


def test_who_came_in_since_the_file_was_looked_at_is_compared_as_it_is_written(cast):
    people, _ = read_people(GOOD)
    actions.import_people(people, site=cast.main, by=BY)

    with pytest.raises(actions.PerhapsKnown):
        actions.import_people(people, site=cast.main, by=BY)
    assert Entry.objects.filter(act="people imported").count() == 1


# ------------------------------------------------- care for oneself, proxies, who looked


def of(patient, name, **more):
    return reverse(f"patients:{name}", kwargs={"key": patient.pk, **more})


def begin_own_care(as_, cast):
    client = as_("colleague")
    client.post(of(cast.patient, "start_care"), {"staff": cast.colleague.pk, "reason": "referred"})
    return CareRelationship.objects.get(staff=cast.colleague)


def test_care_that_somebody_begins_for_themselves_is_told_and_reviewed(as_, cast):
    care = begin_own_care(as_, cast)
    lead, url = as_("lead"), reverse("patients:review_care", kwargs={"pk": care.pk})

    assert Message.objects.filter(letter="access_to_review", to="lead@clinic.test").count() == 1
    assert "Colleague, patient 1001" in lead.get(reverse("patients:reviews")).content.decode()
    empty = lead.post(url, {"note": ""})
    assert (empty.status_code, b"This field is required" in empty.content) == (422, True)
    lead.post(url, {"note": "A referral, seen."})

    care.refresh_from_db()
    assert (care.reviewed_by, care.closing_note) == (cast.lead, "A referral, seen.")
    assert Entry.objects.filter(act="own care reviewed", patient=cast.patient.pk).count() == 1
    assert "Colleague, patient 1001" not in lead.get(reverse("patients:reviews")).content.decode()


@pytest.fixture
def far(cast):
    """A privacy lead of another site."""
    return join("far", cast.harbour, Role.PRIVACY_LEAD)


def test_a_privacy_lead_reviews_what_happened_at_their_own_sites_and_sees_nothing_else(
    as_, cast, far
):
    care = begin_own_care(as_, cast)
    words = "Collapsed at the door"
    access = actions.open_in_emergency(cast.patient, cast.colleague, words, by=BY)
    there = actions.open_in_emergency(cast.other, cast.elsewhere, "Fainted in the hall", by=BY)
    page = reverse("patients:reviews")
    closes = [("review", access), ("review_care", care)]
    client = client_of(far)

    seen, own = client.get(page).content.decode(), as_("lead").get(page).content.decode()
    assert (words in seen, "Colleague, patient" in seen, "Fainted" in seen) == (False, False, True)
    assert (words in own, "Colleague, patient" in own, "Fainted" in own) == (True, True, False)
    for name, row in closes:
        url = reverse(f"patients:{name}", kwargs={"pk": row.pk})
        assert client.post(url, {"note": "Closed from afar"}).status_code == 404
        row.refresh_from_db()
        assert row.reviewed_at is None
    client.post(reverse("patients:review", kwargs={"pk": there.pk}), {"note": "Seen"})
    there.refresh_from_db()
    assert there.reviewed_by == far
    told = Message.objects.filter(letter="access_to_review").values_list("key", "to")
    assert sorted(told) == sorted(
        (f"{what}:{lead.pk}", lead.user.email)
        for what, lead in (
            (f"care:{care.pk}", cast.lead),
            (f"emergency:{access.pk}", cast.lead),
            (f"emergency:{there.pk}", far),
        )
    )


def test_what_happens_at_a_site_without_a_privacy_lead_is_reviewed_by_another(as_, cast):
    access = actions.open_in_emergency(cast.other, cast.elsewhere, "Fainted in the hall", by=BY)

    assert Message.objects.get(letter="access_to_review").to == "lead@clinic.test"
    as_("lead").post(reverse("patients:review", kwargs={"pk": access.pk}), {"note": "Seen"})
    access.refresh_from_db()
    assert access.reviewed_by == cast.lead


def test_what_the_one_privacy_lead_of_a_site_did_is_reviewed_by_another(as_, cast):
    give_role(cast.elsewhere, site=cast.harbour, role=Role.PRIVACY_LEAD, by=BY)
    access = actions.open_in_emergency(cast.other, cast.elsewhere, "Fainted in the hall", by=BY)
    actions.start_care(
        cast.other, cast.elsewhere, "booked", by=Actor(f"user:{cast.elsewhere.user_id}")
    )
    client = as_("lead")

    told = Message.objects.filter(letter="access_to_review", to="lead@clinic.test")
    assert told.count() == 2
    page = client.get(reverse("patients:reviews")).content.decode()
    assert page.count("Elsewhere, patient 1002") == 2
    client.post(reverse("patients:review", kwargs={"pk": access.pk}), {"note": "Seen"})
    access.refresh_from_db()
    assert access.reviewed_by == cast.lead


def test_care_that_another_begins_needs_no_review(as_, cast):
    as_("reception").post(
        of(cast.patient, "start_care"), {"staff": cast.colleague.pk, "reason": "booked"}
    )

    assert not CareRelationship.objects.get(staff=cast.colleague).is_own_doing
    assert not Message.objects.filter(letter="access_to_review").exists()


def test_why_somebody_cares_is_chosen_and_not_typed(as_, cast):
    client, url = as_("reception"), of(cast.patient, "start_care")
    answer = client.post(url, {"staff": cast.colleague.pk, "reason": "numb left hand"})

    assert answer.status_code == 422
    assert not cast.patient.care.filter(staff=cast.colleague).exists()
    assert client.post(url, {"staff": cast.colleague.pk, "reason": "asked"}).status_code == 302
    page = client.get(of(cast.patient, "person")).content.decode()
    assert "(asked for by the patient)" in page
    with pytest.raises(ValueError, match="numb"):
        actions.start_care(cast.patient, cast.covering, "numb left hand", by=BY)


@pytest.mark.parametrize(
    ("who", "sees"), [("caring", True), ("reception", False), ("lead", False), ("colleague", False)]
)
def test_free_words_of_before_are_for_those_who_may_read_the_chart(as_, cast, who, sees):
    begin_own_care(as_, cast)
    cast.patient.care.update(reason="numb left hand")
    cast.patient.care.filter(staff=cast.colleague).update(ended_at=timezone.now())
    client = as_(who)
    pages = [of(cast.patient, "person")]
    pages += [reverse("patients:reviews")] if who == "lead" else []
    answers = [client.get(page) for page in pages]

    assert all(answer.status_code == 200 for answer in answers)
    assert any("numb left hand" in answer.content.decode() for answer in answers) == sees


def test_nobody_reviews_the_care_they_began_for_themselves(as_, cast):
    care = begin_own_care(as_, cast)
    give_role(cast.colleague, site=cast.main, role=Role.PRIVACY_LEAD, by=BY)

    as_("colleague").post(reverse("patients:review_care", kwargs={"pk": care.pk}), {"note": "Fine"})

    care.refresh_from_db()
    assert care.reviewed_at is None


@pytest.mark.parametrize(
    ("days", "code"), [(None, 422), (-1, 422), (0, 302), (731, 302), (732, 422)]
)
def test_a_proxy_has_a_last_day_within_two_years(as_, cast, days, code):
    last = "" if days is None else (today() + timedelta(days=days)).isoformat()
    answer = as_("reception").post(
        of(cast.patient, "invite_to_act"),
        {
            "scope": "all",
            "reason": "asked for",
            "ends_on": last,
            "name": "Gil",
            "email": "gil@mail.test",
            "is_theirs": "on",
        },
    )

    assert answer.status_code == code


def test_a_proxy_that_was_ended_sees_nothing_from_that_moment(as_, cast):
    proxy = cast.patient.proxies.get(user=cast.proxy_user)
    page = reverse("own:page", kwargs={"key": cast.patient.pk})
    client, url = as_("proxy_user"), of(cast.patient, "end_proxy", proxy=proxy.pk)
    assert client.get(page).status_code == 200
    reception = as_("reception")
    assert url in reception.get(of(cast.patient, "person")).content.decode()

    reception.post(url)
    reception.post(url)

    assert client.get(page).status_code == 404
    assert url not in reception.get(of(cast.patient, "person")).content.decode()
    assert Entry.objects.filter(act="proxy ended").count() == 1
    assert b"1001" not in client.get(reverse("own:list")).content


def test_who_looked_tells_of_merged_records_and_reasons_and_says_when_it_is_cut(
    as_, cast, monkeypatch
):
    twin = actions.add_patient({"given_name": "Adda"}, site=cast.main, by=BY)
    as_("lead").get(of(twin, "person"))
    actions.merge(cast.patient, twin, "same card", by=BY)
    actions.open_in_emergency(cast.patient, cast.colleague, "Collapsed at the door", by=BY)
    url = reverse("own:who_looked", kwargs={"key": cast.patient.pk})

    whole = as_("self_user").get(url).content.decode()
    monkeypatch.setattr("clinic.patients.views.MOST_SHOWN", 3)
    cut = as_("self_user").get(url).content.decode()

    assert '<td data-label="Who">Lead</td>' in whole
    assert "Collapsed at the door" in whole
    assert "There are more" not in whole
    assert "There are more" in cut


def test_a_privacy_lead_reads_all_who_looked_page_by_page_and_is_a_line_of_it(
    as_, cast, between, monkeypatch
):
    monkeypatch.setattr("clinic.patients.views.MOST_SHOWN", 3)
    twin = actions.add_patient({"given_name": "Adda"}, site=cast.main, by=BY)
    as_("reception").get(of(twin, "person"))
    actions.merge(cast.patient, twin, "same card", by=BY)
    client, url = as_("lead"), of(cast.patient, "looked")
    assert url in client.get(of(cast.patient, "person")).content.decode()
    written = Entry.objects.filter(patient__in=[cast.patient.pk, twin.pk])
    before = list(written.order_by("-pk").values_list("act", flat=True))

    shown, who, page = [], set(), url
    while page:
        answer = client.get(page).content.decode()
        shown += re.findall(r'data-label="What">([^<]+)<', answer)
        who |= set(re.findall(r'data-label="Who">([^<]+)<', answer))
        older = re.search(r'href="(\?before=\d+)"', answer)
        page = older and url + older[1]

    assert shown == ["read: who looked", *before]
    assert who == {"Lead", "Reception", "system"}
    reads = Entry.objects.filter(act="read: who looked", patient=cast.patient.pk)
    assert reads.count() == -(-(len(before) + 1) // 3)
    assert client_of(between).get(url).status_code == 404
    assert client.get(of(cast.other, "looked")).status_code == 404


def test_refusals_say_who_by_name_of_staff_and_of_ones_own_patients(as_, cast):
    for name in ("learner", "self_user", "nobody_user"):
        as_(name).get(of(cast.other, "person"))

    page = as_("lead").get(reverse("patients:reviews")).content.decode()

    who = re.findall(r'data-label="Who">([^<]+)<', page)
    assert who == [f"user:{cast.nobody_user.pk}", "Self", "Learner"]


def test_merges_and_sites_of_others_are_not_offered(as_, twins, cast):
    twin = actions.add_patient({"given_name": "Bob"}, site=cast.harbour, by=BY)
    actions.merge(cast.other, twin, "same card of Harbour", by=BY)

    merges = as_("lead").get(reverse("patients:merge")).content.decode()
    offered = as_("owner").get(reverse("patients:import")).content.decode()

    assert "same card of Harbour" not in merges
    assert "Main Street" in offered
    assert "Harbour" not in offered
