"""The clinic's own pages: the day, moving, beginning, blocks, matching, import, directory."""

import html
import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from furnishing import BY, at, person, slot

from clinic.audit.models import Entry
from clinic.booking import actions
from clinic.booking.answers import Taken
from clinic.booking.directory import DEEP_LINK
from clinic.booking.models import Block, Booking, BookingRules, Hours, Newcomer, Service, Waiting
from clinic.outbox.models import Message
from clinic.patients.actions import PERSONAL, change_patient
from clinic.patients.models import CareRelationship, Patient
from clinic.practice.models import Credential
from clinic.records.models import Visit

pytestmark = pytest.mark.django_db
S = Booking.State


def booked(clinic, hour=9, who=None, **more):
    reply = actions.book(slot(clinic, hour, **more), who or clinic.ada, by=BY)
    return Booking.objects.get(pk=reply.booking)


def day_page(client, clinic, **query):
    url = reverse("schedule:day", kwargs={"site": clinic.site.pk, "day": clinic.day})
    return client.get(url, query)


def act(client, booking, what, version=None):
    url = reverse("schedule:act", kwargs={"key": booking.pk, "what": what})
    return client.post(url, {"version": version or booking.version})


def test_the_day_shows_visits_blocks_and_places_asked_for(as_, clinic, cast):
    booked(clinic)
    actions.ask(slot(clinic, 11), {"given_name": "Gil", "email": "g@mail.test"}, by=BY)
    page = day_page(as_("reception"), clinic).content.decode()

    assert "SAMPLE, Ada" in page
    assert "Gil" in page
    assert "waits for confirmation" in page
    assert Entry.objects.filter(act="schedule read").count() == 1
    assert "SAMPLE, Ada" in day_page(as_("reception"), clinic, by="room").content.decode()
    week = reverse("schedule:week", kwargs={"site": clinic.site.pk, "day": clinic.day})
    page = as_("reception").get(week, {"with": clinic.one.pk}).content.decode()
    assert "SAMPLE, Ada" in page


BRACKETS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")  # of the audit's own row


def cost(show):
    """How many statements a page asks or writes."""
    show()  # what a session asks for once
    with CaptureQueriesContext(connection) as asked:
        assert show().status_code == 200
    return sum(not query["sql"].startswith(BRACKETS) for query in asked)


@pytest.mark.usefixtures("still")
def test_a_day_and_a_week_cost_twelve_queries_with_however_many_visits(as_, clinic, cast):
    client = as_("reception")
    week = reverse("schedule:week", kwargs={"site": clinic.site.pk, "day": clinic.day})
    lifted = booked(clinic, 8)
    few = cost(lambda: day_page(client, clinic))
    for hour in range(10, 17):
        booked(clinic, hour, person(f"P{hour}", clinic.site))
        booked(clinic, hour, person(f"Q{hour}", clinic.site), staff=clinic.two)
    actions.move(lifted, slot(clinic, 9), version=1, by=BY)
    actions.ask(slot(clinic, 17), {"given_name": "Gil", "email": "g@mail.test"}, by=BY)

    assert cost(lambda: day_page(client, clinic)) == few == 12
    assert cost(lambda: day_page(client, clinic, by="room")) <= 12
    assert cost(lambda: client.get(week)) == 12
    assert cost(lambda: client.get(week, {"by": "room"})) <= 12


def test_what_can_be_taken_back_stands_on_the_pages_of_other_days(as_, clinic, cast):
    moved, stays = booked(clinic, 8), booked(clinic, 11, clinic.bo)
    other = clinic.day + timedelta(days=1)
    actions.move(moved, slot(clinic, 9, day=other), version=1, by=BY)
    page = day_page(as_("reception"), clinic)

    assert [row.pk for row in page.context["undoable"]] == [moved.pk]
    assert [row.pk for row in page.context["bookings"]] == [stays.pk]
    assert b"Moved: SAMPLE, Ada" in page.content


def test_staff_of_another_site_see_nothing_of_this_one(as_, clinic, cast):
    booking = booked(clinic)
    for name in ("far_reception", "elsewhere"):
        client = as_(name)
        assert day_page(client, clinic).status_code == 404
        url = reverse("schedule:visit", kwargs={"key": booking.pk})
        assert client.get(url).status_code == 404
        assert act(client, booking, "cancel").status_code == 404
    assert Booking.objects.get().state == S.BOOKED


def test_reception_lets_arrive_and_only_a_practitioner_begins(as_, clinic, cast):
    booking = booked(clinic)
    act(as_("reception"), booking, "arrived")
    booking.refresh_from_db()
    assert booking.state == S.ARRIVED
    assert act(as_("reception"), booking, "begin").status_code == 404
    answer = act(as_("caring"), booking, "begin")

    booking.refresh_from_db()
    visit = Visit.objects.get()
    assert (booking.state, booking.visit) == (S.BEGUN, visit)
    assert (visit.patient, visit.staff) == (clinic.ada, clinic.one)
    assert visit.kind == clinic.visit.kind
    assert str(visit.pk) in answer.url


def test_a_booked_visit_writes_a_care_relationship_once(clinic):
    booked(clinic)
    booked(clinic, 11)
    care = CareRelationship.objects.get(patient=clinic.ada, ended_at=None)

    assert (care.staff, care.reason) == (clinic.one, "booked")


def test_who_did_not_come_is_marked_only_once_the_time_has_begun(as_, clinic, cast):
    booking = booked(clinic)
    assert act(as_("reception"), booking, "did-not-come").status_code == 409
    past = at(clinic, 9) - timedelta(days=20)
    Booking.objects.update(starts_at=past, ends_at=past + timedelta(minutes=30))
    act(as_("reception"), booking, "did-not-come")
    booking.refresh_from_db()
    assert booking.state == S.NO_SHOW
    act(as_("reception"), booking, "set-back")
    booking.refresh_from_db()
    assert booking.state == S.BOOKED


def test_a_cancelled_visit_can_be_taken_back_from_the_day(as_, clinic, cast):
    booking = booked(clinic)
    client = as_("reception")
    act(client, booking, "cancel")
    page = day_page(client, clinic).content.decode()
    assert "Undo" in page
    booking.refresh_from_db()
    act(client, booking, "undo")
    booking.refresh_from_db()
    assert (booking.state, booking.occupancies.count()) == (S.BOOKED, 3)


def test_an_act_from_an_old_page_is_told_so_and_changes_nothing(as_, clinic, cast):
    booking = booked(clinic)
    actions.move(booking, slot(clinic, 15), version=1, by=BY)
    answer = act(as_("reception"), booking, "cancel", version=1)

    assert answer.status_code == 409
    assert "Somebody else changed this visit meanwhile" in answer.content.decode()
    assert Booking.objects.get().state == S.BOOKED


def place(clinic, **more):
    return {
        "service": clinic.visit.pk,
        "staff": clinic.one.pk,
        "day": clinic.day.isoformat(),
        "time": "09:00",
        "weeks": 1,
        "key": "k",
    } | more


def test_staff_book_for_a_person_some_weeks_in_a_row(as_, clinic, cast):
    url = reverse("schedule:book", kwargs={"key": clinic.ada.pk})
    assert as_("reception").get(url).status_code == 200
    as_("reception").post(url, place(clinic, weeks=3))

    days = sorted(row.local.date() for row in Booking.objects.all())
    assert days == [clinic.day + timedelta(weeks=week) for week in range(3)]


def test_staff_are_told_which_dates_of_a_series_are_taken(as_, clinic, cast):
    booked(clinic, who=clinic.bo, day=clinic.day + timedelta(weeks=1))
    url = reverse("schedule:book", kwargs={"key": clinic.ada.pk})
    page = as_("reception").post(url, place(clinic, weeks=3)).content.decode()

    assert f"{clinic.day + timedelta(weeks=1):%d-%b-%Y} 09:00: That time is taken." in page
    assert Booking.objects.filter(patient=clinic.ada).count() == 0


def test_a_second_booking_of_one_time_asks_for_its_reason(as_, clinic, cast):
    booked(clinic, who=clinic.bo)
    url = reverse("schedule:book", kwargs={"key": clinic.ada.pk})
    client = as_("reception")
    assert "Say why" in client.post(url, place(clinic, lane="on")).content.decode()
    client.post(url, place(clinic, lane="on", reason="both at once", key="k2"))

    second = Booking.objects.get(patient=clinic.ada)
    assert (second.lane, second.reason_for_lane) == (1, "both at once")
    detail = Entry.objects.get(act="visit booked", patient=clinic.ada.pk).detail
    assert detail["lane"] == 1


def test_nobody_is_booked_by_a_form_without_authority(as_, clinic, cast):
    Credential.objects.filter(staff=clinic.one).update(expires_on=clinic.day - timedelta(days=1))
    url = reverse("schedule:book", kwargs={"key": clinic.ada.pk})
    page = as_("reception").post(url, place(clinic, outside_hours="on")).content.decode()

    assert "Needling authorisation" in page
    assert not Booking.objects.exists()


def test_blocked_time_is_free_for_nobody_and_can_be_given_back(as_, clinic, cast):
    client = as_("reception")
    url = reverse("schedule:block", kwargs={"site": clinic.site.pk})
    values = {
        "staff": clinic.one.pk,
        "day": clinic.day.isoformat(),
        "starts": "09:00",
        "ends": "10:00",
        "what_for": "meeting",
    }
    client.post(url, values)
    with pytest.raises(Taken):
        actions.book(slot(clinic, 9, 30), clinic.ada, by=BY)
    assert "meeting" in day_page(client, clinic).content.decode()
    client.post(reverse("schedule:unblock", kwargs={"pk": Block.objects.get().pk}))
    booked(clinic)
    assert "Something is booked then" in client.post(url, values).content.decode()


def test_staff_write_down_who_waits_and_a_place_that_falls_free_is_theirs(as_, clinic, cast):
    client = as_("reception")
    values = {
        "service": clinic.visit.pk,
        "first_day": clinic.day.isoformat(),
        "last_day": clinic.day.isoformat(),
    }
    client.post(reverse("schedule:wait_for", kwargs={"key": clinic.bo.pk}), values)
    assert "SAMPLE" in day_page(client, clinic).content.decode()
    act(client, booked(clinic), "cancel")
    assert Booking.objects.get(state=S.OFFERED).patient == clinic.bo
    row = Waiting.objects.get()
    client.post(reverse("schedule:stop_waiting", kwargs={"pk": row.pk}))
    row.refresh_from_db()
    assert row.state == Waiting.State.ENDED


def test_a_newcomer_is_matched_or_kept_as_a_person(as_, clinic, cast):
    for hour, name in ((9, "Gil"), (11, "Hal")):
        reply = actions.ask(slot(clinic, hour), {"given_name": name, "email": "x@mail.test"}, by=BY)
        actions.confirm(Booking.objects.get(pk=reply.booking), by=BY)
    client = as_("reception")
    gil, hal = Newcomer.objects.order_by("pk")
    assert "2 who booked from outside" in day_page(client, clinic).content.decode()
    match = [reverse("schedule:match", kwargs={"pk": one.pk}) for one in (gil, hal)]
    assert client.post(match[0], {"number": 999_999}).status_code == 422
    client.post(match[0], {"number": clinic.ada.number})
    client.post(match[1], {"number": ""})

    assert Booking.objects.get(starts_at=at(clinic, 9)).patient == clinic.ada
    assert Booking.objects.get(starts_at=at(clinic, 11)).patient == hal.patient
    assert not Newcomer.objects.filter(settled_at=None).exists()


def for_a_child(clinic, hour=9):
    """Somebody books for their child and confirms it; the newcomer that comes of it."""
    applicant = {"given_name": "Kit", "email": "parent@mail.test", "is_for_another": True}
    reply = actions.ask(slot(clinic, hour), applicant, by=BY)
    actions.confirm(Booking.objects.get(pk=reply.booking), by=BY)
    return Newcomer.objects.get()


def test_the_address_of_who_books_for_another_gets_the_letters_and_is_not_the_patients(
    as_, clinic, cast
):
    row = for_a_child(clinic)
    assert (row.is_for_another, row.email, row.patient.email) == (True, "parent@mail.test", "")
    assert Message.objects.get(letter="visit_booked").to == "parent@mail.test"
    client = as_("reception")
    page = client.get(reverse("schedule:newcomers")).content.decode()
    assert "the address is that of whoever booked" in page
    client.post(reverse("schedule:match", kwargs={"pk": row.pk}), {"number": ""})

    row.refresh_from_db()
    assert row.settled_at is not None
    assert row.patient.email == ""
    booking = Booking.objects.get()
    actions.move(booking, slot(clinic, 11), version=booking.version, by=BY)
    assert Message.objects.get(letter="visit_moved").to == "parent@mail.test"


def test_who_booked_one_visit_for_another_hears_of_no_other(as_, clinic, cast):
    """Nor of that one any more, once the patient has an address of their own."""
    row = for_a_child(clinic)
    as_("reception").post(reverse("schedule:match", kwargs={"pk": row.pk}), {"number": ""})
    patient = Patient.objects.get(pk=row.patient_id)
    booked(clinic, 15, patient)
    assert set(Message.objects.values_list("to", flat=True)) == {"parent@mail.test"}
    assert {one.key.split(":")[1] for one in Message.objects.all()} == {
        str(Booking.objects.get(booker_email="parent@mail.test").pk)
    }
    theirs = Booking.objects.get(booker_email="parent@mail.test")
    reminder = Message.objects.get(letter__endswith="visit_reminder", state="waiting")

    values = {name: getattr(patient, name) for name in PERSONAL} | {"email": "kit@mail.test"}
    change_patient(patient, values, revision=patient.revision, by=BY)
    reminder.refresh_from_db()
    assert reminder.to == "kit@mail.test"
    theirs.refresh_from_db()
    assert theirs.link_round == 1


def test_a_known_persons_other_address_is_not_passed_over(as_, clinic, cast):
    row = for_a_child(clinic)
    url = reverse("schedule:match", kwargs={"pk": row.pk})
    known = person("Kit", clinic.site, email="kit@mail.test")
    answer = as_("reception").post(url, {"number": known.number, "is_own_address": "on"})
    assert "They have another address" in html.unescape(answer.content.decode())
    row.refresh_from_db()
    assert row.settled_at is None
    known = person("Kit", clinic.site)
    as_("reception").post(url, {"number": known.number, "is_own_address": "on"})
    known.refresh_from_db()
    assert known.email == "parent@mail.test"


def test_it_becomes_the_patients_own_once_staff_say_so(as_, clinic, cast):
    row = for_a_child(clinic)
    url = reverse("schedule:match", kwargs={"pk": row.pk})
    as_("reception").post(url, {"number": "", "is_own_address": "on"})

    row.patient.refresh_from_db()
    assert row.patient.email == "parent@mail.test"
    assert Entry.objects.filter(act="patient changed", patient=row.patient_id).exists()


def test_of_two_who_booked_the_one_for_another_takes_the_address_from_the_record(as_, clinic, cast):
    applicant = {"given_name": "Kit", "email": "parent@mail.test"}
    reply = actions.ask(slot(clinic, 15), applicant, by=BY)
    actions.confirm(Booking.objects.get(pk=reply.booking), by=BY)
    row = for_a_child(clinic)
    assert row.patient.email == "parent@mail.test"
    as_("reception").post(reverse("schedule:match", kwargs={"pk": row.pk}), {"number": ""})

    row.patient.refresh_from_db()
    assert row.patient.email == ""


def test_who_has_a_visit_then_cannot_be_matched_with_another(as_, clinic, cast):
    booked(clinic)
    reply = actions.ask(
        slot(clinic, 9, staff=clinic.two), {"given_name": "Gil", "email": "x@mail.test"}, by=BY
    )
    actions.confirm(Booking.objects.get(pk=reply.booking), by=BY)
    url = reverse("schedule:match", kwargs={"pk": Newcomer.objects.get().pk})
    answer = as_("reception").post(url, {"number": clinic.ada.number})

    assert "such as a visit at one time" in answer.content.decode()
    assert Newcomer.objects.get().settled_at is None


# ------------------------------------------------------------------ bringing in


HEAD = "number,service,practitioner,site,starts\n"


def bring(client, text, button="bring_in", **more):
    file = SimpleUploadedFile("visits.csv", text.encode())
    return client.post(reverse("schedule:bring"), {"file": file, button: "1"} | more)


def line(clinic, hour, **more):
    values = {
        "number": clinic.ada.number,
        "service": "Visit",
        "practitioner": "one@clinic.test",
        "site": clinic.site.name,
        "starts": f"{clinic.day}T{hour:02d}:00",
    } | more
    return ",".join(str(value) for value in values.values()) + "\n"


def test_a_trial_changes_nothing_and_the_real_thing_brings_all_in(as_, clinic, cast):
    client = as_("owner")
    text = HEAD + line(clinic, 9) + line(clinic, 11)
    assert "2 visits can be read. Nothing stands" in bring(client, text, "try_it").content.decode()
    assert not Booking.objects.exists()
    bring(client, text)
    assert Booking.objects.filter(state=S.BOOKED).count() == 2


@pytest.mark.parametrize(
    ("more", "letters"),
    [
        ({}, ["visit_reminder"]),
        ({"is_told": "on"}, ["visit_booked", "visit_reminder"]),
    ],
)
def test_who_is_brought_in_is_reminded_and_told_only_if_that_is_ticked(
    as_, clinic, cast, more, letters
):
    client = as_("owner")
    page = client.get(reverse("schedule:bring")).content.decode()
    assert "mailed only if you say so" in page
    bring(client, HEAD + line(clinic, 9), **more)

    sent = Message.objects.filter(to=clinic.ada.email).values_list("letter", flat=True)
    assert sorted(sent) == letters
    assert Entry.objects.get(act="visits imported").detail["told"] is bool(more)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"number": 999_999}, "nobody with number"),
        ({"service": "Massage"}, "no kind of visit"),
        ({"practitioner": "x@clinic.test"}, "nobody who can be booked"),
        ({"site": "Elsewhere"}, "no site"),
        ({"starts": "tomorrow"}, "starts must be like"),
        ({"starts": "2027-03-09T14:10Z"}, "starts must be like"),
        ({"starts": "2020-01-09T14:10"}, "starts is over"),
    ],
    ids=str,
)
def test_a_line_that_is_wrong_says_so_and_nothing_is_brought_in(as_, clinic, cast, change, words):
    page = bring(as_("owner"), HEAD + line(clinic, 11) + line(clinic, 9, **change)).content.decode()

    assert f"Line 3: {words}" in page
    assert not Booking.objects.exists()


def test_lines_that_overlap_or_lack_authority_are_told_together(as_, clinic, cast):
    Credential.objects.filter(staff=clinic.two, kind="needling").delete()
    text = (
        HEAD + line(clinic, 9) + line(clinic, 9) + line(clinic, 11, practitioner="two@clinic.test")
    )
    page = bring(as_("owner"), text).content.decode()

    assert "Line 3: that time is taken" in page
    assert "Line 4: Two cannot give Visit" in page
    assert not Booking.objects.exists()


def test_a_file_without_its_columns_says_which(as_, clinic, cast):
    assert (
        "missing: starts"
        in bring(as_("owner"), "number,service,practitioner,site\n").content.decode()
    )


# ---------------------------------------------------------------------- set-up


def test_the_owner_sets_up_what_can_be_booked(as_, clinic, cast):
    client = as_("owner")
    page = client.get(reverse("schedule:setup")).content.decode()
    assert "First visit" in page
    url = reverse("schedule:setup_change", kwargs={"kind": "service", "pk": clinic.visit.pk})
    form = client.get(url).content.decode()
    assert "Visit" in form
    add = reverse("schedule:setup_add", kwargs={"kind": "hours"})
    client.post(
        add,
        {
            "staff": clinic.one.pk,
            "site": clinic.site.pk,
            "weekday": 0,
            "starts": "19:00",
            "ends": "20:00",
            "first_day": clinic.day.isoformat(),
        },
    )
    assert Hours.objects.filter(starts="19:00").exists()
    assert Entry.objects.filter(act="booking set up").exists()
    for kind in ("service", "practitioner", "hours", "away", "room", "rules"):
        add = reverse("schedule:setup_add", kwargs={"kind": kind})
        assert client.get(add).status_code == 200
        assert client.post(add, {}).status_code == 422
    assert client.get("/schedule/setup/nothing/new/").status_code == 404


# ------------------------------------------------------------------- directory


def lines(name):
    answer = Client().get(f"/directory/{name}.ndjson")
    assert answer["Content-Type"] == "application/fhir+ndjson"
    assert answer["Cache-Control"] == "public, max-age=60"
    return [json.loads(row) for row in answer.content.decode().splitlines()]


def test_the_directory_says_where_its_files_are(clinic):
    manifest = json.loads(Client().get("/directory/$bulk-publish").content)

    assert set(manifest) == {"transactionTime", "request", "output", "error"}
    assert manifest["request"].endswith("/directory/$bulk-publish")
    types = {row["type"] for row in manifest["output"]}
    assert types == {"Location", "PractitionerRole", "HealthcareService", "Schedule", "Slot"}
    for row in manifest["output"]:
        path = re.sub(r"^http://localhost:8000", "", row["url"])
        answer = Client().get(path)
        assert answer.status_code == 200
        rows = [json.loads(line) for line in answer.content.decode().splitlines()]
        assert rows
        assert {one["resourceType"] for one in rows} == {row["type"]}


def test_every_reference_of_the_directory_leads_somewhere(clinic):
    names = ("locations", "roles", "services", "schedules", "slots")
    rows = [row for name in names for row in lines(name)]
    known = {f"{row['resourceType']}/{row['id']}" for row in rows}
    asked = set(re.findall(r'"reference": "([^"]+)"', json.dumps(rows)))

    assert asked <= known
    assert len(known) == len(rows)


def test_slots_are_the_free_times_and_lead_to_their_booking(clinic):
    before = len(lines("slots"))
    booked(clinic)
    slots = lines("slots")

    assert len(slots) < before
    for row in slots[:20]:
        assert row["status"] == "free"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:00[+-]\d\d:\d\d", row["start"])
        link = next(one["valueUrl"] for one in row["extension"] if one["url"] == DEEP_LINK)
        page = Client().get(link.replace("http://localhost:8000", ""))
        assert page.status_code == 200
    text = json.dumps([row for name in ("slots", "schedules") for row in lines(name)])
    for word in ("Ada", "Sample", "mail.test"):
        assert word not in text


def test_what_is_not_public_is_not_in_the_directory(clinic):
    Service.objects.filter(pk=clinic.first.pk).update(is_public=False)
    assert not [row for row in lines("services") if row["name"] == "First visit"]
    BookingRules.objects.update(is_open=False)
    assert lines("locations") == []
    assert lines("slots") == []
