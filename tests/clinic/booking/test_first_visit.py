"""Forms before a first visit: filled in by whoever has the link of its mail, and nothing more."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from conftest import client_of
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from furnishing import BY, opened, slot

from clinic.assessment.queries import work_of
from clinic.audit.models import Entry
from clinic.booking import actions, beforehand, newcomers
from clinic.booking.models import Booking, Newcomer, SheetByLink
from clinic.outbox.letters import LETTERS, written
from clinic.outbox.models import Message
from clinic.practice.queries import duties_of
from clinic.records import actions as records
from clinic.records.beforehand import health_before
from clinic.records.models import Consent, Sheet, SheetDraft, Submission, Way
from clinic.records.screening.queries import screening_of
from clinic.records.sheets import actions as sheets
from clinic.records.sheets.versions import current

pytestmark = pytest.mark.django_db
GIL = {"given_name": "Gil", "family_name": "New", "email": "gil@mail.test"}
SECRET = "Zxqvfirst"
DRAWN = "forearm_lateral:right:burning:6"
NONCE = rb'nonce="[^"]+"|value="\w{64}"'


@pytest.fixture(autouse=True)
def _fresh_limits(founded):
    cache.clear()


@pytest.fixture
def booking(clinic):
    """A first visit that somebody booked without an account, and confirmed."""
    reply = actions.ask(slot(clinic, 9, service=clinic.first), GIL, by=BY)
    actions.confirm(Booking.objects.get(pk=reply.booking), by=BY)
    return Booking.objects.get(pk=reply.booking)


def page(booking):
    return reverse("visits:visit", kwargs={"key": booking.pk})


def shown(client, booking):
    return client.get(page(booking)).content.decode()


def begin(client, booking, form="first_visit"):
    """The address on which a form is filled in, or wherever the button leads."""
    address = reverse("visits:begin_form", kwargs={"key": booking.pk})
    return client.post(address, {"form": form}).headers.get("Location", "")


def revision_in(answer):
    return re.search(r'name="revision" value="(\d+)"', answer.content.decode())[1]


def say(client, fill, words=SECRET, part=1):
    """Type into the first part, by its button."""
    revision = revision_in(client.get(f"{fill}?part={part}"))
    sent = {"problem": words, "revision": revision, "next": "1"}
    return client.post(f"{fill}?part={part}", sent)


def send(client, fill):
    check = fill.replace("/fill/", "/check/")
    return client.post(check, {"revision": revision_in(client.get(check))})


def is_closed(answer):
    return answer.status_code == 404 and "Open the link in your mail" in answer.content.decode()


def is_not_shown(client, *addresses):
    """Whether a secret that was typed stands in no answer to this browser."""
    return all(SECRET not in client.get(one, follow=True).content.decode() for one in addresses)


# ------------------------------------------------------------------ filled in by the link


def test_who_booked_as_a_guest_fills_in_the_forms_and_the_practitioner_sees_them(clinic, booking):
    client = opened(booking.pk)
    before = shown(client, booking)
    assert before.count("not begun") == len(beforehand.FORMS) == 4
    assert reverse("book:beforehand") in before
    fill = begin(client, booking)
    assert SECRET not in client.get(fill).content.decode()
    assert say(client, fill).url.endswith("?part=2")
    assert "begun, not sent" in shown(client, booking)
    assert SECRET in client.get(fill).content.decode()  # of this browser
    assert send(client, fill).url == f"{page(booking)}#forms"

    sent = Submission.objects.get()
    assert (sent.way, sent.filled_by, sent.sent_by) == ("link", "patient", None)
    assert (sent.sheet.patient, sent.values["problem"]) == (booking.patient, SECRET)
    work = work_of(clinic.one.user, duties_of(clinic.one.user))
    assert [reply.patient for reply in work.replies] == [booking.patient]
    chart = client_of(clinic.one).get(work.replies[0].address).content.decode()
    assert SECRET in chart
    assert "By the link mailed for a visit".lower() in chart.lower()
    assert "Ask whether it is theirs." in chart
    assert "First opened by One" in chart


def test_a_drawing_is_made_by_the_link_with_no_part_of_the_body_in_an_address(booking):
    client = opened(booking.pk)
    fill = begin(client, booking, "drawing")
    draw = fill.replace("/fill/", "/draw/")
    whole = client.get(draw).content.decode()
    found = re.findall(rf'href="({re.escape(draw)}\?[^"]+)"', whole)
    assert found
    assert not [one for one in found if re.search("arm|neck|back|leg|head", one.partition("?")[2])]
    answer = client.get(draw)
    part = {"revision": revision_in(answer), "place": "forearm_lateral:right", "add": "1"}
    client.post(draw, part | {"feeling": "burning", "strength": "6"})
    done = {"revision": revision_in(client.get(draw)), "line": DRAWN, "done": "1"}
    assert client.post(draw, done).url.startswith(fill)
    assert send(client, fill).status_code == 302

    assert Submission.objects.get().values["drawing"]["parts"]


def test_health_and_needles_are_forms_and_neither_passes_a_stop_nor_is_a_consent(clinic, booking):
    client = opened(booking.pk)
    for form, part, said in (
        ("health", 1, {"calf_clot": "yes", "calf_clot.note": SECRET}),
        ("needles", 2, {"understood": "what", "questions": SECRET}),
    ):
        fill = begin(client, booking, form)
        assert fill
        revision = revision_in(client.get(f"{fill}?part={part}"))
        client.post(f"{fill}?part={part}", {**said, "revision": revision, "next": "1"})
        assert "no consent" in shown(client, booking)
        assert send(client, fill).status_code == 302
        page_after = client.get(page(booking), follow=True).content.decode()
        assert ("Call your emergency number" in page_after) == (form == "health")
        assert SECRET not in page_after
        assert is_not_shown(opened(booking.pk), fill, page(booking))

    sent = {row.sheet.form: row for row in Submission.objects.all()}
    assert sent["health"].values == {"calf_clot": "yes", "calf_clot.note": SECRET}
    assert {row.way for row in sent.values()} == {"link"}
    assert not Consent.objects.exists()
    visit = records.start_visit(
        booking.patient, staff=clinic.one, site=clinic.site, kind="first", by=BY
    )
    assert not screening_of(visit).is_signed
    assert screening_of(visit).screening.raised == ()
    assert [row.words for row in health_before(visit).to_ask] == [f"Yes. {SECRET}"]


def test_every_act_and_every_look_has_its_row(booking):
    client = opened(booking.pk)
    fill = begin(client, booking)
    say(client, fill)
    send(client, fill)
    rows = Entry.objects.filter(actor="link:visit", patient=booking.patient_id)

    acts = list(rows.order_by("at").values_list("act", flat=True))
    assert [act for act in acts if not act.startswith("read")] == [
        "form begun",
        "form typed on",
        "form sent",
    ]
    assert acts.count("read: form by link") == 4  # two pages looked at, two forms sent


def test_pressed_twice_a_form_is_begun_and_sent_once(booking):
    client = opened(booking.pk)
    fill = begin(client, booking)
    assert begin(client, booking) == fill
    say(client, fill)
    check = fill.replace("/fill/", "/check/")
    revision = revision_in(client.get(check))
    for _ in range(2):
        assert client.post(check, {"revision": revision}).status_code == 302

    assert Submission.objects.count() == Sheet.objects.count() == 1
    assert begin(client, booking) == page(booking)  # it was sent: there is nothing to begin


# ------------------------------------------------------------------ what the link never shows


def test_another_browser_with_the_same_link_sees_nothing_that_was_typed_or_sent(booking):
    first = opened(booking.pk)
    fill, drawing = begin(first, booking), begin(first, booking, "drawing")
    say(first, fill)
    other = opened(booking.pk)
    told = shown(other, booking)
    assert told.count("Begin anew") == 2
    pages = [fill, fill.replace("fill", "check"), drawing.replace("fill", "draw")]
    assert all(is_closed(other.get(one)) for one in pages)
    anew = begin(other, booking)
    assert anew != fill
    assert is_not_shown(other, anew, anew.replace("fill", "check"), page(booking))
    send(first, fill)

    assert "sent" in shown(other, booking)
    for client in (first, other, opened(booking.pk)):
        assert is_not_shown(client, fill, fill.replace("fill", "check"), anew, page(booking))
    assert Submission.objects.get().values["problem"] == SECRET


def test_of_somebody_known_the_link_tells_nothing_that_was_there_before(clinic, cast):
    """Not what they drew with their account, and not that they did."""
    writer = sheets.Writer(cast.self_user, Submission.By.PATIENT, Way.OWN, BY)
    for name, raw in (("first_visit", {"problem": [SECRET]}), ("drawing", {"drawing": [DRAWN]})):
        sheet = sheets.open_sheet(clinic.ada, current(name), writer)
        revision = sheets.save_sheet(sheet, raw, writer, based_on=1)
        if name == "drawing":
            sheets.send_sheet(sheet, writer, based_on=revision)
    reply = actions.book(slot(clinic, 9, service=clinic.first), clinic.ada, by=BY)
    booking = Booking.objects.get(pk=reply.booking)
    client = opened(booking.pk)

    assert shown(client, booking).count("not begun") == 4
    fills = [begin(client, booking, name) for name in ("first_visit", "drawing")]
    assert is_not_shown(client, *fills)
    assert "burning" not in client.get(fills[1]).content.decode().lower()
    theirs = reverse("visits:fill", kwargs={"key": booking.pk, "sheet": sheet.pk})
    assert is_closed(client.get(theirs))


def test_what_somebody_with_an_account_typed_on_is_no_longer_the_links(clinic, booking):
    client = opened(booking.pk)
    fill = begin(client, booking)
    say(client, fill, "Mine")
    sheet = Sheet.objects.get()
    writer = sheets.Writer(clinic.one.user, Submission.By.STAFF, Way.ASKED, BY)
    sheets.save_sheet(sheet, {"hope": [SECRET]}, writer, based_on=2)

    assert client.get(fill).url == page(booking)
    answer = client.post(f"{fill}?part=2", {"problem": "More", "revision": "2", "next": "1"})
    assert answer.status_code == 409
    assert "More" in answer.content.decode()  # what was sent itself, to be copied
    assert SECRET not in answer.content.decode()
    assert "Begin anew" in shown(client, booking)


def test_nor_in_the_very_moment_in_which_they_type(clinic, booking):
    """Between the look at whose words stand there and the save, nothing is told of them."""
    begin(opened(booking.pk), booking)
    sheet, link = Sheet.objects.get(), beforehand.writer_by_link(BY)
    staff = sheets.Writer(clinic.one.user, Submission.By.STAFF, Way.ASKED, BY)
    sheets.save_sheet(sheet, {"problem": [SECRET]}, staff, based_on=1)

    with pytest.raises(sheets.NothingToSend):
        sheets.save_sheet(sheet, {"problem": ["Mine"]}, link, based_on=1)
    with pytest.raises(sheets.NothingToSend):
        sheets.send_sheet(sheet, link, based_on=2)
    assert SheetDraft.objects.get().raw["problem"] == [SECRET]


def test_a_correction_that_the_clinic_begins_is_not_shown(clinic, booking):
    client = opened(booking.pk)
    fill = begin(client, booking)
    say(client, fill)
    send(client, fill)
    writer = sheets.Writer(clinic.one.user, Submission.By.STAFF, Way.ASKED, BY)
    sheets.begin_correction(Sheet.objects.get(), writer)
    SheetDraft.objects.update(way="link", saved_by=None)

    assert is_not_shown(client, fill, fill.replace("fill", "check"), page(booking))


def test_a_sheet_opens_under_the_key_of_its_own_visit_alone(clinic, booking):
    other = actions.book(slot(clinic, 14, service=clinic.first), clinic.bo, by=BY)
    client = opened(other.booking, opened(booking.pk))
    fill = begin(client, booking)
    say(client, fill)
    sheet = Sheet.objects.get()

    wrong = reverse("visits:fill", kwargs={"key": other.booking, "sheet": sheet.pk})
    assert is_closed(client.get(wrong))
    assert client.get(fill).status_code == 200


# ------------------------------------------------------------------ when it does not open


@pytest.mark.parametrize("how", ["never opened", "closed", "an hour over", "cancelled", "over"])
def test_without_an_open_visit_no_form_opens_and_what_was_typed_comes_back(clinic, booking, how):
    client = opened(booking.pk)
    fill = begin(client, booking)
    say(client, fill)
    if how == "never opened":
        client = Client()
    elif how == "closed":
        client.post(reverse("visits:close", kwargs={"key": booking.pk}))
    elif how == "an hour over":
        session = client.session
        opening = session["opened_by_link"]
        session["opened_by_link"] = {name: [row[0] - 3601, row[1]] for name, row in opening.items()}
        session.save()
    elif how == "cancelled":
        actions.cancel(booking, version=booking.version, by=BY)
    else:
        end = datetime.now(UTC) - timedelta(minutes=1)
        begins = end - timedelta(minutes=30)
        Booking.objects.filter(pk=booking.pk).update(starts_at=begins, ends_at=end)
    saved = SheetDraft.objects.get().revision

    for one in (fill, fill.replace("fill", "draw"), fill.replace("fill", "check")):
        assert is_not_shown(client, one)
    answer = client.post(f"{fill}?part=1", {"problem": "Typed late", "revision": "2"})
    assert answer.status_code in {404, 409}
    assert "Typed late" in answer.content.decode()
    assert SECRET not in answer.content.decode()
    assert begin(client, booking) in {"", page(booking)}
    assert (SheetDraft.objects.get().revision, Submission.objects.count()) == (saved, 0)


def test_while_somebody_fills_in_the_visit_stays_open(booking):
    client = opened(booking.pk)
    fill = begin(client, booking)
    for _ in range(3):
        session = client.session
        opening = session["opened_by_link"]
        session["opened_by_link"] = {name: [row[0] - 3000, row[1]] for name, row in opening.items()}
        session.save()
        assert client.get(fill).status_code == 200


def test_nothing_is_filled_in_before_it_is_confirmed_nor_for_a_visit_without_forms(clinic):
    asked = actions.ask(slot(clinic, 9, service=clinic.first), GIL, by=BY)
    follow_up = actions.book(slot(clinic, 11), clinic.ada, by=BY)
    for key in (asked.booking, follow_up.booking):
        booking = Booking.objects.get(pk=key)
        client = opened(key)
        assert "Before you come" not in shown(client, booking)
        assert begin(client, booking) == page(booking)
    assert not Sheet.objects.exists()


@pytest.mark.parametrize("form", ["screening", "nothing-like-it", ""])
def test_only_the_forms_of_a_first_visit_are_begun(booking, form):
    assert begin(opened(booking.pk), booking, form) == page(booking)
    assert not Sheet.objects.exists()


def test_a_form_is_begun_only_so_often(booking):
    for _ in range(sheets.MOST_APART):
        assert "/fill/" in begin(opened(booking.pk), booking)
    client = opened(booking.pk)

    assert begin(client, booking) == page(booking)
    assert "Fill it in at the visit" in shown(client, booking)
    assert Sheet.objects.count() == sheets.MOST_APART


def test_somebody_signed_in_has_their_own_forms_and_a_proxy_for_booking_none(as_, clinic, cast):
    reply = actions.book(slot(clinic, 9, service=clinic.first), cast.patient, by=BY)
    booking = Booking.objects.get(pk=reply.booking)
    own = reverse("own_sheets:forms", kwargs={"key": cast.patient.pk})
    assert own in shown(as_("self_user"), booking)
    assert own in shown(as_("proxy_user"), booking)
    page_of_proxy = shown(as_("booking_proxy_user"), booking)
    assert own not in page_of_proxy
    assert "open by the link in the mail" in page_of_proxy
    for who in ("self_user", "proxy_user", "booking_proxy_user", "reception"):
        answer = as_(who).post(
            reverse("visits:begin_form", kwargs={"key": booking.pk}), {"form": "drawing"}
        )
        assert is_closed(answer)
    assert not Sheet.objects.exists()


# ------------------------------------------------------------------ around it


def test_once_staff_know_who_it_is_the_forms_are_with_that_person(clinic, booking):
    client = opened(booking.pk)
    fill, drawing = begin(client, booking), begin(client, booking, "drawing")
    say(client, fill)
    send(client, fill)
    newcomers.settle(Newcomer.objects.get(), clinic.ada, by=BY)
    booking.refresh_from_db()

    assert booking.patient == clinic.ada
    assert set(clinic.ada.sheets.values_list("form", flat=True)) == {"first_visit", "drawing"}
    assert Submission.objects.get().sheet.patient == clinic.ada
    assert client.get(drawing).status_code == 200  # and what is not sent yet can be gone on with
    replies = work_of(clinic.one.user, duties_of(clinic.one.user)).replies
    assert [reply.patient for reply in replies] == [clinic.ada]


def test_on_their_own_pages_somebody_is_not_told_to_ask_whether_it_is_theirs(cast, booking):
    client = opened(booking.pk)
    fill = begin(client, booking)
    say(client, fill)
    send(client, fill)
    newcomers.settle(Newcomer.objects.get(), cast.patient, by=BY)
    named = {"key": cast.patient.pk, "sheet": Sheet.objects.get().pk}
    own = client_of(cast.self_user).get(reverse("own_sheets:sheet", kwargs=named))

    assert SECRET in own.content.decode()
    assert "Ask whether it is theirs" not in own.content.decode()
    assert "If it is not yours, tell the clinic." in own.content.decode()


def test_letters_ask_for_the_forms_and_say_nothing_else(clinic, booking):
    owed = Message.objects.filter(state="waiting").exclude(letter="visit_to_confirm")
    letters = {row.letter: row.values for row in owed.all()}
    day = slot(clinic, 11, service=clinic.first)
    actions.move(booking, day, version=booking.version, by=BY)
    moved = {row.letter: row.values for row in owed.all()}
    assert set(letters) == {"first_visit_booked", "first_visit_reminder"}
    assert set(moved) == {"first_visit_moved", "first_visit_reminder"}
    for name, values in (letters | moved).items():
        subject, text = written(name, values)
        assert "fill in your forms before you come" in text or "please do before you come" in text
        assert not re.search("pain|drawing|history|screening|first|Gil", subject + text)
        assert LETTERS[name].gaps == LETTERS[name.removeprefix("first_")].gaps


def test_a_visit_without_forms_has_the_letters_it_had(clinic):
    actions.book(slot(clinic, 9), clinic.ada, by=BY)
    assert set(Message.objects.values_list("letter", flat=True)) == {
        "visit_booked",
        "visit_reminder",
    }


def test_a_letter_about_forms_is_looked_at_before_it_leaves(clinic, booking):
    from clinic.booking.telling import still_holds

    told = Message.objects.get(letter="first_visit_booked")
    assert still_holds(told)
    Booking.objects.filter(pk=booking.pk).update(state="cancelled")
    assert not still_holds(told)


def test_staff_see_how_far_the_forms_are(as_, clinic, booking):
    client = opened(booking.pk)
    send(client, begin_and_say(client, booking))
    begin(client, booking, "drawing")
    address = reverse("schedule:visit", kwargs={"key": booking.pk})
    seen = client_of(clinic.one).get(address).content.decode()

    assert "Before your first visit: sent" in seen
    assert "Where you feel it: begun" in seen
    assert SECRET not in seen


def begin_and_say(client, booking):
    fill = begin(client, booking)
    say(client, fill)
    return fill


def test_what_is_read_beforehand_is_the_same_for_everybody_and_asks_nothing(as_, booking):
    address = reverse("book:beforehand")
    pages = [client.get(address).content for client in (Client(), opened(booking.pk))]
    assert len({re.sub(NONCE, b"", one) for one in pages}) == 1
    text = pages[0].decode()
    assert "Is there new numbness between the legs" in text
    assert "Needling: what you agree to" in text
    assert "<form" not in text


def test_answers_without_an_account_came_by_a_link(clinic, booking):
    client = opened(booking.pk)
    send(client, begin_and_say(client, booking))
    sent = Submission.objects.get()
    sent.pk, sent.number, sent.way, sent.reason = None, 2, "own", "x"
    with pytest.raises(IntegrityError), transaction.atomic():
        sent.save(force_insert=True)
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        Submission.objects.update(way="own")


def test_the_rows_of_a_link_name_the_visit(booking):
    begin(opened(booking.pk), booking)
    row = SheetByLink.objects.get()
    assert (row.booking, row.sheet.patient) == (booking, booking.patient)
