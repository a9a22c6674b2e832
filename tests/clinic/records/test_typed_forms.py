"""Forms that a browser keeps until they are taken: which, with whose secret, and when no longer."""

import hashlib
import hmac
import re
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import BY, client_of
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from examining import BAND, read, sign_screening

import clinic
from clinic.accounts import actions as accounts
from clinic.accounts.keeping import LOCKED
from clinic.accounts.models import User
from clinic.assessment import actions as assessments
from clinic.assessment.models import Impression
from clinic.assessment.places import home_of
from clinic.assessment.queries import case_now, readings_of
from clinic.audit.actions import NoTransaction, SentTwice, forget_taken, record, take
from clinic.audit.actor import Actor
from clinic.audit.models import Entry, Taken
from clinic.body_drawing import parts
from clinic.patients import actions as patients
from clinic.practice.queries import today
from clinic.records import actions as visits
from clinic.records.consent.texts import current_text
from clinic.records.models import Consent, Draft, Note
from clinic.records.offline import WEEK, kept_lasting
from clinic.records.sheets import actions as sheets
from clinic.records.sheets.versions import current
from myotome.treatment import ScreenAnswer, rulebook

MARK = "0123456789abcdef" * 2
TEMPLATES = Path(clinic.__file__).parent / "templates"
FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL)
TYPED = re.compile(
    r"<(?:textarea|select)\b|<input (?!type=\"hidden\")|\{\{ \w*form\w* \}\}|\{\{ template \}\}"
    r"|as_field_group|row\.html|field\.html|\{\{ each\.form \}\}"
)
SAVES_ITSELF = {"records/visit.html", "records/sheets/fill.html"}
NOT_KEPT = {
    ("assessment/examination.html", "habit"): "one tick, and no work of anybody's",
    ("patients/find.html", "find"): "a search, which writes nothing",
    ("patients/invited.html", ""): "a date of birth, of somebody who has no account yet",
    ("patients/import.html", ""): "a file, which a browser does not keep",
}


def forms_to_type_in():
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = str(path.relative_to(TEMPLATES))
        if name.startswith(("assessment/", "records/", "patients/", "form_page")):
            for found in FORM.findall(path.read_text()):
                if TYPED.search(found):
                    # of an attribute's conditions the tag alone counts
                    tag = re.match(r"<form(?:[^>{]|\{[{%].*?[%}]\})*>", found)[0]
                    yield name, tag


def test_each_form_of_a_record_is_kept_on_the_device_or_saves_itself():
    found = list(forms_to_type_in())
    left = [
        (name, tag)
        for name, tag in found
        if "data-typed" not in tag
        and not (name in SAVES_ITSELF and "data-draft" in tag)
        and not any(name == one and action in tag for one, action in NOT_KEPT)
    ]

    assert left == []
    assert len(found) > 30


def test_each_page_with_such_a_form_brings_the_script_that_keeps_it():
    parts = {  # of pages that bring it
        "assessment/answer.html",
        "assessment/plan_act.html",
        "assessment/plan_sites.html",
        "assessment/place.html",
        "patients/own_access.html",
        "records/screening/panel.html",
    }
    for path in TEMPLATES.rglob("*.html"):
        name = str(path.relative_to(TEMPLATES))
        if "data-typed=" in path.read_text() and name not in parts:
            assert '{% include "typed.html" %}' in path.read_text(), name


# ------------------------------------------------------------- the secret


def secrets_of(user, **session):
    request = RequestFactory().get("/")
    request.user, request.session = user, session
    return kept_lasting(request).split()


def test_the_secret_is_ones_own_outlives_a_new_password_and_changes_with_the_week(
    cast, monkeypatch
):
    user = User.objects.get(pk=cast.caring.user_id)
    now, before, _first = secrets_of(user)
    other = secrets_of(User.objects.get(pk=cast.colleague.user_id))

    assert now != before
    assert not set(other) & {now, before}
    accounts.set_password(user, "a long pass phrase of mine", by=BY)
    assert secrets_of(User.objects.get(pk=user.pk))[:2] == [now, before]
    later = time.time() + WEEK
    monkeypatch.setattr("clinic.records.offline.time.time", lambda: later)
    assert secrets_of(user)[1] == now


def test_what_was_kept_by_the_first_kind_of_secret_can_still_be_read(cast):
    """As it was made before: of the person and of what a new password changes."""
    user = User.objects.get(pk=cast.caring.user_id)
    of = f"kept readings|{user.pk}|{user.get_session_auth_hash()}"
    key = settings.PLACE.keys.site.encode()
    assert secrets_of(user)[-1] == hmac.new(key, of.encode(), hashlib.sha256).hexdigest()


def test_behind_a_lock_and_for_nobody_there_is_no_secret(cast, as_):
    user = User.objects.get(pk=cast.caring.user_id)
    assert secrets_of(user, **{LOCKED: time.time()}) == []
    assert 'data-kept=""' not in as_("caring").get("/").content.decode()
    assert "data-kept" not in Client().get("/").content.decode()


# ------------------------------------------------------------- what is taken


def test_a_form_is_taken_in_the_transaction_of_its_act_or_not_at_all(cast):
    by = Actor("user:1", form=MARK)
    record("something done", by=by)
    record("and more", by=by)
    assert list(Taken.objects.values_list("mark", "actor")) == [(MARK, "user:1")]
    record("another", by=Actor("user:1"))
    assert Taken.objects.count() == 1


def test_outside_a_transaction_nothing_is_taken(committed):
    with pytest.raises(NoTransaction):
        take(Actor("user:1", form=MARK))
    take(Actor("user:1"))
    assert not Taken.objects.exists()


@pytest.fixture
def visit(cast):
    return visits.start_visit(cast.patient, staff=cast.caring, site=cast.main, kind="first", by=BY)


@pytest.fixture
def caring(as_):
    return as_("caring")


def at(name, **more):
    return reverse(name, kwargs=more)


def is_taken(client):
    return client.post(reverse("accounts:taken"), {"mark": [MARK, "no mark"]}).json() == {
        "taken": [MARK]
    }


def of_a_person(cast):
    key = {"key": cast.patient.pk}
    colleague = {"staff": cast.colleague.pk, "reason": "booked"}
    person = {"given_name": "Ada", "family_name": "New", "revision": 0, "site": cast.main.pk}
    return {
        "contact": (at("patients:add_contact", **key), {"name": "Bo", "phone": "604 555 0199"}, {}),
        "care": (at("patients:start_care", **key), colleague, {"staff": ""}),
        "alert": (at("patients:add_line", **key, kind="alert"), {"text": "Faints"}, {"text": ""}),
        "change": (at("patients:change", **key), person | {"revision": 1}, {"given_name": ""}),
        "add": (reverse("patients:add"), person, {"given_name": ""}),
    }


@pytest.mark.parametrize("name", ["contact", "care", "alert", "change", "add"])
def test_a_form_of_a_person_is_taken_when_its_act_is_done_and_not_before(cast, as_, name):
    who = as_("caring" if name == "alert" else "reception")
    address, good, wrong = of_a_person(cast)[name]
    bad = good | (wrong or {"name": ""})
    refused = who.post(address, bad | {"typed_form": MARK})
    assert refused.status_code == 422
    assert f'data-again="{MARK}"' in refused.content.decode()
    assert not is_taken(who)

    assert who.post(address, good | {"typed_form": MARK}).status_code == 302
    assert is_taken(who)
    assert not is_taken(as_("colleague")), "nobody is told of another's"


def of_a_visit(visit, cast):
    key, here = {"key": cast.patient.pk}, {"key": cast.patient.pk, "visit": visit.pk}
    note = visits.sign_note(visit, cast.caring, "First", needs_co_sign=False, by=BY)
    consent = {
        "regions": ["shoulder", "thorax"],
        "given_by": "patient",
        "giver": "Ada Sample",
        "how": "screen",
        "talked": "Nothing was asked.",
        "renew_on": (today() + timedelta(days=84)).isoformat(),
        "said": "on",
        "offered": "on",
        "read": current_text().digest,
    }
    return {
        "visit": (at("records:start_visit", **key), {"kind": "follow_up", "site": cast.main.pk}),
        "addendum": (at("records:add_to_note", **key, note=note.pk), {"text": "And more"}),
        "strike": (at("records:strike_note", **key, note=note.pk), {"reason": "Other person"}),
        "consent": (at("records:take_consent", **here), consent),
        "begin form": (
            at("records:begin_form", **key),
            {"form": "first_visit", "way": "asked", "visit": visit.pk},
        ),
        "history": (at("assessment:history", **here), {"problem": "Elbow", "activity": "sitting"}),
        "impression": (at("assessment:impression", **here), {"text": "C6, right"}),
        "headings": (at("assessment:begin_note", **here), {"template": "first"}),
    }


OF_A_VISIT = [
    *("visit", "addendum", "strike", "consent", "begin form", "history", "impression", "headings"),
]


@pytest.mark.parametrize("name", OF_A_VISIT)
def test_a_form_of_a_visit_is_taken_when_its_act_is_done_and_not_before(visit, cast, caring, name):
    address, good = of_a_visit(visit, cast)[name]
    bad = {"form": good["form"]} if "form" in good else {}
    if name == "headings":
        bad = {"template": "none of these"}
    assert caring.post(address, bad | {"typed_form": MARK}).status_code == 422
    assert not is_taken(caring)

    answer = caring.post(address, good | {"typed_form": MARK})
    assert answer.status_code == 302, answer.content.decode()
    assert is_taken(caring)


# ------------------------------------------------------------- sent twice


def rows_now():
    """How many rows there are of everything but of what was read and who is signed in."""
    models = [model for model in apps.get_models() if model not in {Entry, Session}]
    counts = {model.__name__: model.objects.count() for model in models}
    return counts | {"Entry": Entry.objects.exclude(act__startswith="read:").count()}


def send_twice(client, address, good, monkeypatch, *, at_once):
    """Send a form again; at once: before anybody could know that it was taken."""
    sent = good | {"typed_form": MARK}
    assert client.post(address, sent).status_code == 302
    before = rows_now()
    if at_once:
        monkeypatch.setattr("clinic.gate.taken_of", lambda _by, _marks: [])
    answer = client.post(address, sent, headers={"Referer": "http://testserver/people/"})
    assert rows_now() == before
    return answer


def is_told(client, answer):
    shown = client.get(answer.url, follow=True).content.decode()
    return (answer.url, "sent twice. It is saved, and once" in shown) == ("/people/", True)


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("name", ["contact", "care", "alert", "change", "add"])
def test_a_form_of_a_person_that_comes_twice_is_taken_once(cast, as_, monkeypatch, name, at_once):
    who = as_("caring" if name == "alert" else "reception")
    address, good, _wrong = of_a_person(cast)[name]

    answer = send_twice(who, address, good, monkeypatch, at_once=at_once)

    if (name, at_once) == ("change", True):
        assert answer.url == at("patients:person", key=cast.patient.pk), "it says so already"
    else:
        assert is_told(who, answer)


@pytest.mark.parametrize("name", OF_A_VISIT)
def test_a_form_of_a_visit_that_comes_twice_is_taken_once(visit, cast, caring, monkeypatch, name):
    address, good = of_a_visit(visit, cast)[name]

    assert is_told(caring, send_twice(caring, address, good, monkeypatch, at_once=False))


@pytest.mark.parametrize("name", ["visit", "addendum", "consent", "impression"])
def test_of_two_forms_of_a_visit_that_come_at_once_one_is_taken(
    visit, cast, caring, monkeypatch, name
):
    address, good = of_a_visit(visit, cast)[name]

    assert is_told(caring, send_twice(caring, address, good, monkeypatch, at_once=True))


@pytest.mark.parametrize("at_once", [False, True])
def test_a_note_that_is_signed_twice_is_one_note_and_leaves_no_draft(
    visit, caring, monkeypatch, at_once
):
    address = at("records:write_note", key=visit.patient_id, visit=visit.pk)
    good = {"text": "Tender at C6.", "revision": "", "sign": "1"}

    assert is_told(caring, send_twice(caring, address, good, monkeypatch, at_once=at_once))
    assert (Note.objects.count(), Draft.objects.count()) == (1, 0)


def test_a_page_marks_a_note_itself_where_no_script_does(visit, caring):
    here = {"key": visit.patient_id, "visit": visit.pk}
    page = caring.get(at("records:visit", **here)).content.decode()
    once = re.search(r'name="once" value="([0-9a-f]{32})"', page)[1]
    address, sent = at("records:write_note", **here), {"text": "C6.", "revision": "", "once": once}
    empty = caring.post(address, sent | {"text": "", "sign": "1"})
    assert (empty.status_code, once in empty.content.decode()) == (422, True)
    caring.post(address, sent | {"keep": "1"})
    for _ in range(2):
        caring.post(address, sent | {"revision": "1", "sign": "1"})
    note = Note.objects.get()
    assert Draft.objects.count() == 0
    next_one = caring.get(at("records:visit", **here)).content.decode()
    assert once not in next_one
    address = at("records:add_to_note", key=visit.patient_id, note=note.pk)
    assert 'name="once"' in caring.get(address).content.decode()
    for _ in range(2):
        caring.post(address, {"text": "And more", "once": once[::-1]})
    assert note.addenda.count() == 1
    caring.post(address, {"text": "And more, mended", "once": once[::-1]})  # on the page before
    assert note.addenda.count() == 2


def test_two_acts_of_one_form_are_done_and_those_of_the_same_form_again_are_not(cast):
    first, again = Actor("user:1", form=MARK), Actor("user:1", form=MARK)
    record("one thing", by=first)
    record("another", by=replace(first))
    with pytest.raises(SentTwice):
        record("one thing", by=again)


def of_others(cast):
    key = {"key": cast.patient.pk}
    staff = {"pk": cast.colleague.pk}
    until = (today() + timedelta(days=30)).isoformat()
    return {
        "lock": ("lead", at("patients:set_lock", **key), {"instruction": "Nobody of them"}),
        "proxy": (
            "reception",
            at("patients:invite_to_act", **key),
            {
                "name": "Gil",
                "email": "gil@mail.test",
                "is_theirs": "on",
                "scope": "all",
                "reason": "Daughter",
                "ends_on": until,
            },
        ),
        "merge": (
            "lead",
            reverse("patients:merge"),
            {"kept": cast.patient.number, "merged": cast.twin.number, "reason": "Same person"},
        ),
        "site": (
            "owner",
            reverse("practice:add_site"),
            {"name": "Hill", "time_zone": "America/Vancouver", "charts_open_to": "care_team"},
        ),
        "role": (
            "owner",
            at("practice:give_role", **staff),
            {"site": cast.main.pk, "role": "reception"},
        ),
        "credential": (
            "owner",
            at("practice:add_credential", **staff),
            {"kind": "licence", "issuer": "College", "number": "7", "valid_from": "2026-01-01"},
        ),
    }


@pytest.mark.parametrize("name", ["lock", "proxy", "merge", "site", "role", "credential"])
def test_a_form_of_reception_owner_or_lead_is_taken_when_its_act_is_done(cast, as_, name):
    cast.twin = patients.add_patient(
        {"family_name": "Sample", "given_name": "Ada"}, site=cast.main, by=BY
    )
    who, address, good = of_others(cast)[name]
    client = as_(who)
    assert client.post(address, {"typed_form": MARK}).status_code == 422
    assert not is_taken(client)
    answer = client.post(address, good | {"typed_form": MARK})
    assert answer.status_code == 302, answer.content.decode()
    assert is_taken(client)


def test_a_consent_is_withdrawn_and_a_file_attached_and_their_forms_taken(visit, cast, caring):
    address, good = of_a_visit(visit, cast)["consent"]
    caring.post(address, good)
    consent = Consent.objects.get()
    address = at("records:withdraw", key=cast.patient.pk, consent=consent.pk)
    said = {"said_by": "Ada Sample", "typed_form": MARK}
    assert caring.post(address, said).status_code == 422
    assert not is_taken(caring)
    assert caring.post(address, said | {"regions": ["thorax"]}).status_code == 302
    assert is_taken(caring)

    Taken.objects.all().delete()
    address = at("records:attach", key=cast.patient.pk, visit=visit.pk)
    assert caring.post(address, {"title": "Letter", "typed_form": MARK}).status_code == 422
    assert not is_taken(caring)
    file = SimpleUploadedFile("letter.txt", b"Dear colleague")
    sent = {"title": "Letter", "file": file, "typed_form": MARK}
    assert caring.post(address, sent).status_code == 302
    assert is_taken(caring)


def test_the_page_of_a_place_is_taken_when_all_of_it_is(visit, cast, caring):
    address = at(
        "assessment:place", key=cast.patient.pk, visit=visit.pk, place=home_of(BAND).number
    )
    words = {"w:tender_motor_point.brachioradialis..right": "Jumps under the finger"}
    wrong = words | {f"f:{BAND}": "7", f"r:{BAND}": "0", "typed_form": MARK}
    assert caring.post(address, wrong).status_code == 422
    assert not is_taken(caring), "the words are saved and the reading is not"
    assert caring.post(address, wrong | {f"f:{BAND}": "3"}).status_code == 302
    assert is_taken(caring)


def test_a_plan_is_changed_and_its_form_taken(visit, cast, caring):
    assessments.record_readings(visit, [read(BAND, 3)], staff=cast.caring, by=BY)
    address = at("assessment:conclude", key=cast.patient.pk, visit=visit.pk)
    shown = {"shown": case_now(visit, readings_of(visit))[0].hash}
    assert caring.post(address, {"typed_form": MARK} | shown).status_code == 422
    assert not is_taken(caring)
    said = {"words": "Short", "typed_form": MARK}
    assert caring.post(address, said).status_code == 422
    assert not is_taken(caring), "another case than the one that was shown"
    assert caring.post(address, said | shown).status_code == 302
    assert is_taken(caring)

    Taken.objects.all().delete()
    concluded = visit.assessments.get()
    plan = assessments.begin_plan(concluded, staff=cast.caring, by=BY)
    address = at("assessment:change_plan", key=cast.patient.pk, pk=plan.pk)
    sessions = {"kind": "sessions", "to": "9", "number": "0", "typed_form": MARK}
    assert caring.post(address, sessions | {"number": "5"}).status_code == 409
    assert not is_taken(caring)
    assert caring.post(address, sessions).status_code == 302
    assert is_taken(caring)


def test_a_plan_that_is_signed_already_takes_no_reason(visit, cast, caring, monkeypatch):
    """It answers with a redirect, and what was typed was not saved: so it is not taken."""
    assessments.record_readings(visit, [read(BAND, 3)], staff=cast.caring, by=BY)
    address = at("assessment:conclude", key=cast.patient.pk, visit=visit.pk)
    shown = case_now(visit, readings_of(visit))[0].hash
    caring.post(address, {"words": "Short", "shown": shown})
    plan = assessments.begin_plan(visit.assessments.get(), staff=cast.caring, by=BY)

    def signed(*_positional, **_named):
        raise assessments.Signed

    monkeypatch.setattr("clinic.assessment.views.planning.actions.change_plan", signed)
    address = at("assessment:change_plan", key=cast.patient.pk, pk=plan.pk)
    sent = {"kind": "sessions", "to": "9", "number": "0", "typed_form": MARK}
    assert caring.post(address, sent).status_code == 302
    assert not is_taken(caring)


def test_what_must_be_cleared_is_cleared_and_its_form_taken(visit, cast, caring):
    item = next(
        name for name, one in rulebook().screening_items.items() if one.effect == "clear_first"
    )
    sign_screening(visit, cast.caring, [ScreenAnswer(item, "yes")])
    address = at("records:clear_item", key=cast.patient.pk, visit=visit.pk)
    good = {"item": item, "region": "", "reason": "Seen", "done": "Asked", "typed_form": MARK}
    assert caring.post(address, good | {"reason": ""}).status_code == 422
    assert not is_taken(caring)
    assert caring.post(address, good).status_code == 302
    assert is_taken(caring)


def test_a_part_that_is_drawn_is_taken_when_it_is_added_and_by_no_other_button(cast, caring):
    writer = sheets.Writer(cast.caring.user, "staff", "asked", BY)
    sheet = sheets.open_sheet(cast.patient, current("drawing"), writer)
    address = at("records:draw", key=cast.patient.pk, sheet=sheet.pk)
    chosen = {"place": "hand:left", "feeling": "pain", "strength": "4", "typed_form": MARK}
    caring.post(address, chosen | {"revision": "1", "done": "1"})
    assert not is_taken(caring)
    place = next(iter(parts().values())).places[0]
    added = chosen | {"place": ":".join(place), "revision": "1", "add": "1"}
    assert caring.post(address, added | {"strength": ""}).status_code == 422
    assert not is_taken(caring)
    assert caring.post(address, added).status_code == 302
    assert is_taken(caring)


def test_only_a_mark_that_a_page_makes_is_kept(visit, cast, caring):
    address = at("assessment:impression", key=cast.patient.pk, visit=visit.pk)
    caring.post(address, {"text": "C6", "typed_form": "x' OR 1"})
    assert Impression.objects.count() == 1
    assert not Taken.objects.exists()


def test_old_marks_are_deleted(caring):
    by = Actor(f"user:{caring.user.pk}", form=MARK)
    record("something done", by=by)
    Taken.objects.update(at=timezone.now() - timedelta(days=13))
    assert forget_taken() == 0
    assert is_taken(caring)
    Taken.objects.update(at=timezone.now() - timedelta(days=15))
    assert forget_taken() == 1
    assert not is_taken(caring)


def test_a_mark_that_somebody_else_sends_first_takes_nothing_from_its_owner(caring):
    record("something done", by=Actor("user:0", form=MARK))
    assert not is_taken(caring)
    record("something done", by=Actor(f"user:{caring.user.pk}", form=MARK))
    assert is_taken(caring)


# ------------------------------------------------------------- after the end


@pytest.fixture
def ended(visit, cast, caring):
    """A history that is sent after its session has ended."""
    Session.objects.all().delete()
    page = at("assessment:history", key=cast.patient.pk, visit=visit.pk)

    def send(address=page, **more):
        headers = {"Referer": f"http://testserver{page}"} | more.pop("headers", {})
        sent = {"problem": "Elbow <since> spring", "pain_nprs": "7", "revision": "0"} | more
        return caring.post(address, sent, headers=headers)

    send.page = page
    return send


def test_a_form_that_its_browser_keeps_leads_to_the_sign_in_and_back_to_its_page(ended, cast):
    answer = ended(typed_form=MARK)
    assert answer.status_code == 302
    assert answer.url == f"/sign-in/?next={ended.page.replace('/', '%2F')}"
    only_sent = at("patients:add_contact", key=cast.patient.pk)
    assert ended(only_sent, typed_form=MARK).url == answer.url
    elsewhere = ended(typed_form=MARK, headers={"Referer": "http://elsewhere.test/people/"})
    assert elsewhere.url == answer.url, "a referrer of another site leads nowhere"


def test_a_form_that_no_browser_keeps_comes_back_to_be_copied_and_not_to_be_sent(ended):
    answer = ended()
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Not saved: you are signed out" in page
    assert "Elbow &lt;since&gt; spring</textarea>" in page
    assert "<dd>7</dd>" in page
    assert f'href="{ended.page}" target="_blank"' in page
    assert page.count("<form") == 0


def test_a_script_that_asks_after_the_end_is_led_to_the_sign_in(ended):
    assert ended(headers={"Sec-Fetch-Dest": "empty"}).status_code == 302


def test_a_session_that_is_too_old_gives_back_what_was_sent_too(visit, cast, caring):
    session = caring.session
    session["started_at"] = time.time() - settings.SESSION_HOURS * 3600 - 1
    session.save()
    page = at("assessment:history", key=cast.patient.pk, visit=visit.pk)
    answer = caring.post(page, {"problem": "Elbow"})
    assert answer.status_code == 403
    assert "Elbow</textarea>" in answer.content.decode()
    assert "Sign in" in answer.content.decode()


def test_a_token_that_no_longer_fits_gives_back_what_came_from_here_and_nothing_else(visit, cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        User.objects.get(pk=cast.caring.user_id),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    page = at("assessment:history", key=cast.patient.pk, visit=visit.pk)
    sent = {"problem": "Elbow", "csrfmiddlewaretoken": "a" * 64}
    answer = client.post(page, sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 403
    assert "Elbow</textarea>" in answer.content.decode()
    kept = client.post(page, sent | {"typed_form": MARK}).content.decode()
    assert "kept on this device" in kept
    assert "Elbow</textarea>" not in kept
    foreign = client.post(page, sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert "Elbow" not in foreign.content.decode()


def test_an_address_that_only_takes_forms_says_so(cast, caring):
    answer = caring.get(at("patients:add_contact", key=cast.patient.pk))
    assert answer.status_code == 405
    assert "only takes what a form sends" in answer.content.decode()
    assert "data-typed-list" in answer.content.decode()


def test_a_mark_waits_behind_the_lock_with_what_was_typed(visit, cast):
    client = client_of(cast.caring)
    session = client.session
    session[LOCKED] = time.time()
    session.save()
    page = at("assessment:history", key=cast.patient.pk, visit=visit.pk)
    client.post(page, {"problem": "Elbow", "typed_form": MARK})
    session = client.session
    del session[LOCKED]
    session.save()
    shown = client.get(page).content.decode()
    assert 'value="Elbow"' in shown
    assert f'data-again="{MARK}"' in shown
