"""The matrix: every route for everybody, on one's own patient, another's, and one who is not.

Which door a route has is written down here by hand, and so is who passes it; neither is read from
the code that decides. A route that is not listed fails the build. The views themselves are put
aside, so that the answer is the gate's alone.
"""

import re
import time
import uuid
from datetime import timedelta

import pytest
from conftest import BY, client_of
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.doors import PERMISSIONS_ON_A_PERSON, Permission, Who
from clinic.patients import actions as patients

P = Permission
ROUTES = {
    "home": Who.ANYONE,
    "components": Who.ANYONE,
    "link": Who.ANYONE,
    "accounts:forgotten": Who.GUEST,
    "accounts:new_password": Who.GUEST,
    "accounts:secure": Who.ENROLLING,
    "accounts:end_sessions": Who.SIGNED_IN,
    "accounts:stay": Who.ENROLLING,
    "accounts:lock": Who.LOCKED,
    "accounts:taken": Who.SIGNED_IN,
    "account_login": Who.ANYONE,
    "account_logout": Who.ANYONE,
    "account_inactive": Who.ANYONE,
    "mfa_authenticate": Who.ANYONE,
    "mfa_login_webauthn": Who.ANYONE,
    "unlock": Who.LOCKED,
    "account_reauthenticate": Who.LOCKED,
    "mfa_reauthenticate": Who.LOCKED,
    "mfa_reauthenticate_webauthn": Who.LOCKED,
    "account_set_password": Who.ENROLLING,
    "account_change_password": Who.SIGNED_IN,
    "mfa_activate_totp": Who.ENROLLING,
    "mfa_deactivate_totp": Who.SIGNED_IN,
    "mfa_add_webauthn": Who.ENROLLING,
    "mfa_remove_webauthn": Who.SIGNED_IN,
    "mfa_view_recovery_codes": Who.SIGNED_IN,
    "mfa_generate_recovery_codes": Who.SIGNED_IN,
    "mfa_download_recovery_codes": Who.SIGNED_IN,
    "mfa_index": Who.ENROLLING,
    "mfa_list_webauthn": Who.ENROLLING,
    "practice:overview": P.SEE_STAFF,
    "practice:add_site": P.MANAGE_PRACTICE,
    "practice:change_site": P.MANAGE_PRACTICE,
    "practice:set_cover": P.MANAGE_PRACTICE,
    "practice:audit_checks": P.REVIEW_ACCESS,
    "practice:cancel_audit_check": P.REVIEW_ACCESS,
    "practice:staff_list": P.SEE_STAFF,
    "practice:invite": P.MANAGE_PRACTICE,
    "practice:staff_page": P.SEE_STAFF,
    "practice:give_role": P.MANAGE_PRACTICE,
    "practice:add_credential": P.CHECK_CREDENTIALS,
    "practice:renew_sign_in": P.MANAGE_PRACTICE,
    "practice:let_go": P.MANAGE_PRACTICE,
    "practice:end_role": P.MANAGE_PRACTICE,
    "practice:check_credential": P.CHECK_CREDENTIALS,
    "practice:correct_credential": P.CHECK_CREDENTIALS,
    "practice:end_credential": P.CHECK_CREDENTIALS,
    "patients:find": P.FIND_PEOPLE,
    "patients:add": P.ADD_PEOPLE,
    "patients:import": P.IMPORT_PEOPLE,
    "patients:merge": P.MERGE_PEOPLE,
    "patients:unmerge": P.MERGE_PEOPLE,
    "patients:reviews": P.REVIEW_ACCESS,
    "patients:review": P.REVIEW_ACCESS,
    "patients:review_care": P.REVIEW_ACCESS,
    "patients:review_address": P.REVIEW_ACCESS,
    "patients:person": P.SEE_PERSON,
    "patients:looked": P.REVIEW_ACCESS,
    "patients:change": P.CHANGE_PERSON,
    "patients:add_contact": P.CHANGE_PERSON,
    "patients:start_care": P.SET_RELATIONS,
    "patients:end_care": P.SET_RELATIONS,
    "patients:invite": P.CHANGE_PERSON,
    "patients:withdraw_invitation": P.CHANGE_PERSON,
    "patients:end_access": P.CHANGE_PERSON,
    "patients:renew_access": P.CHANGE_PERSON,
    "patients:invite_to_act": P.SET_RELATIONS,
    "patients:withdraw_to_act": P.SET_RELATIONS,
    "patients:end_proxy": P.SET_RELATIONS,
    "patients:set_lock": P.SET_LOCKBOX,
    "patients:lift_lock": P.SET_LOCKBOX,
    "patients:chart": P.READ_CHART,
    "patients:no_allergies": P.WRITE_CHART,
    "patients:add_line": P.WRITE_CHART,
    "patients:end_line": P.WRITE_CHART,
    "patients:emergency": P.BREAK_GLASS,
    "patients:end_emergency": P.BREAK_GLASS,
    "records:to_co_sign": Who.SIGNED_IN,
    "records:visits": P.READ_CHART,
    "records:start_visit": P.WRITE_CHART,
    "records:visit": P.READ_CHART,
    "records:write_note": P.WRITE_CHART,
    "records:attach": P.WRITE_CHART,
    "records:add_to_note": P.WRITE_CHART,
    "records:strike_note": P.WRITE_CHART,
    "records:co_sign_note": P.WRITE_CHART,
    "records:attachment": P.READ_CHART,
    "own:list": Who.SIGNED_IN,
    "own:accept": Who.SIGNED_IN,
    "own:invitation": Who.ANYONE,
    "own:page": P.SEE_OWN,
    "own:who_looked": P.SEE_OWN,
    "body_css": Who.ANYONE,
    "records:ask_screening": P.WRITE_CHART,
    "records:clear_item": P.WRITE_CHART,
    "records:take_back": P.WRITE_CHART,
    "records:needles": P.WRITE_CHART,
    "records:take_consent": P.WRITE_CHART,
    "records:consent": P.READ_CHART,
    "records:withdraw": P.WRITE_CHART,
    "records:forms": P.READ_CHART,
    "records:begin_form": P.WRITE_CHART,
    "records:sheet": P.READ_CHART,
    "records:fill": P.WRITE_CHART,
    "records:drawings": P.READ_CHART,
    "records:draw": P.WRITE_CHART,
    "records:check": P.WRITE_CHART,
    "records:correct": P.WRITE_CHART,
    "records:drop": P.WRITE_CHART,
    "records:hand_over": P.WRITE_CHART,
    "records:templates": P.WRITE_TEMPLATES,
    "records:new_template": P.WRITE_TEMPLATES,
    "records:template": P.WRITE_TEMPLATES,
    "records:offer_template": P.WRITE_TEMPLATES,
    "assessment:work": Who.SIGNED_IN,
    "assessment:names": Who.SIGNED_IN,
    "assessment:course": P.READ_CHART,
    "assessment:history": P.WRITE_CHART,
    "assessment:begin_note": P.WRITE_CHART,
    "assessment:examination": P.WRITE_CHART,
    "assessment:zone": P.WRITE_CHART,
    "assessment:place": P.WRITE_CHART,
    "assessment:taps": P.WRITE_CHART,
    "assessment:answer": P.WRITE_CHART,
    "assessment:changes": P.READ_CHART,
    "assessment:teaching": P.READ_CHART,
    "assessment:impression": P.WRITE_CHART,
    "assessment:habit": P.WRITE_CHART,
    "assessment:conclude": P.WRITE_CHART,
    "assessment:assessment": P.READ_CHART,
    "assessment:case_file": P.READ_CHART,
    "assessment:begin_plan": P.WRITE_CHART,
    "assessment:plan": P.READ_CHART,
    "assessment:change_plan": P.WRITE_CHART,
    "assessment:take_out": P.WRITE_CHART,
    "assessment:sign_plan": P.WRITE_CHART,
    "assessment:weeks": P.READ_CHART,
    "assessment:weeks_progress": P.READ_CHART,
    "assessment:ask_weeks": P.WRITE_CHART,
    "assessment:stop_weeks": P.WRITE_CHART,
    "own_sheets:consents": P.SEE_OWN,
    "own_sheets:consent": P.SEE_OWN,
    "own_sheets:withdraw": P.SEE_OWN,
    "own_sheets:forms": P.SEE_OWN,
    "own_sheets:begin_form": P.SEE_OWN,
    "own_sheets:sheet": P.SEE_OWN,
    "own_sheets:fill": P.SEE_OWN,
    "own_sheets:drawings": P.SEE_OWN,
    "own_sheets:draw": P.SEE_OWN,
    "own_sheets:check": P.SEE_OWN,
    "own_sheets:correct": P.SEE_OWN,
    "own_sheets:drop": P.SEE_OWN,
    "tablet:fill": Who.LOCKED,
    "tablet:draw": Who.LOCKED,
    "tablet:check": Who.LOCKED,
    "tablet:done": Who.LOCKED,
    "book:start": Who.ANYONE,
    "book:about": Who.ANYONE,
    "book:beforehand": Who.ANYONE,
    "book:choose": Who.ANYONE,
    "book:details": Who.ANYONE,
    "book:sent": Who.ANYONE,
    "book:wait": Who.ANYONE,
    "book:wait_sent": Who.ANYONE,
    "book:open_wait": Who.ANYONE,
    "book:waits": Who.ANYONE,
    "book:old_wait_link": Who.ANYONE,
    "visits:own": Who.SIGNED_IN,
    "visits:open": Who.ANYONE,
    "visits:old_link": Who.ANYONE,
    "visits:visit": Who.ANYONE,
    "visits:confirm": Who.ANYONE,
    "visits:move": Who.ANYONE,
    "visits:cancel": Who.ANYONE,
    "visits:earlier": Who.ANYONE,
    "visits:stop_waiting": Who.ANYONE,
    "visits:calendar": Who.ANYONE,
    "visits:begin_form": Who.ANYONE,
    "visits:fill": Who.ANYONE,
    "visits:draw": Who.ANYONE,
    "visits:check": Who.ANYONE,
    "visits:close": Who.ANYONE,
    "schedule:start": P.SEE_SCHEDULE,
    "schedule:day": P.SEE_SCHEDULE,
    "schedule:week": P.SEE_SCHEDULE,
    "schedule:block": P.BOOK_VISITS,
    "schedule:unblock": P.BOOK_VISITS,
    "schedule:visit": P.SEE_SCHEDULE,
    "schedule:move": P.BOOK_VISITS,
    "schedule:act": P.SEE_SCHEDULE,
    "schedule:book": P.BOOK_FOR_PERSON,
    "schedule:wait_for": P.BOOK_FOR_PERSON,
    "schedule:stop_waiting": P.BOOK_VISITS,
    "schedule:newcomers": P.BOOK_VISITS,
    "schedule:match": P.BOOK_VISITS,
    "schedule:bring": P.IMPORT_PEOPLE,
    "schedule:feed": P.BEGIN_VISITS,
    "schedule:setup": P.SET_UP_BOOKING,
    "schedule:setup_add": P.SET_UP_BOOKING,
    "schedule:setup_change": P.SET_UP_BOOKING,
    "schedule:setup_remove": P.SET_UP_BOOKING,
    "directory:manifest": Who.ANYONE,
    "directory:file": Who.ANYONE,
    "practitioner_feed": Who.ANYONE,
}

FINDERS = {"caring", "colleague", "covering", "elsewhere", "reception", "far_reception", "between"}
STAFF = FINDERS | {"student", "owner", "lead"}
PATIENTS = {"self_user", "proxy_user", "booking_proxy_user", "nobody_user"}
EVERYBODY = sorted(STAFF | {"learner"} | PATIENTS)

IN_THE_PRACTICE = {
    P.MANAGE_PRACTICE: {"owner"},
    P.CHECK_CREDENTIALS: {"owner"},
    P.IMPORT_PEOPLE: {"owner"},
    P.SEE_STAFF: STAFF,
    P.FIND_PEOPLE: FINDERS | {"lead"},
    P.ADD_PEOPLE: FINDERS,
    P.MERGE_PEOPLE: {"lead", "between"},
    P.REVIEW_ACCESS: {"lead", "between"},
    P.SEE_SCHEDULE: FINDERS,
    P.BOOK_VISITS: FINDERS,
    P.OVERBOOK: FINDERS,
    P.BEGIN_VISITS: {"caring", "colleague", "covering", "elsewhere", "between"},
    P.SET_UP_BOOKING: {"owner"},
    P.WRITE_TEMPLATES: {"caring", "colleague", "covering", "elsewhere", "between", "owner"},
}
AT_MAIN = {"caring", "colleague", "covering"}  # the practitioners of the patient's site
PLAIN = {
    P.SEE_PERSON: AT_MAIN | {"reception", "lead"},
    P.CHANGE_PERSON: AT_MAIN | {"reception"},
    P.SET_RELATIONS: AT_MAIN | {"reception"},
    P.BOOK_FOR_PERSON: AT_MAIN | {"reception"},
    P.READ_CHART: {"caring", "covering"},
    P.WRITE_CHART: {"caring", "covering"},
    P.SET_LOCKBOX: {"lead"},
    P.BREAK_GLASS: AT_MAIN,
    P.SEE_OWN: {"self_user", "proxy_user"},
}
NOBODY = {permission: set() for permission in PLAIN}
OF_ANOTHER_SITE = NOBODY | {
    P.SEE_PERSON: {"elsewhere", "far_reception", "between"},
    P.CHANGE_PERSON: {"elsewhere", "far_reception", "between"},
    P.SET_RELATIONS: {"elsewhere", "far_reception", "between"},
    P.BOOK_FOR_PERSON: {"elsewhere", "far_reception", "between"},
    P.SET_LOCKBOX: {"between"},
    P.BREAK_GLASS: {"elsewhere", "between"},
}
# What changes at the patient of the cast when something was said or done.
STATES = {
    "plain": {},
    "locked against the one who cares": {
        P.READ_CHART: {"covering"},
        P.WRITE_CHART: {"covering"},
    },
    "an emergency of the colleague": {
        P.READ_CHART: AT_MAIN,
        P.WRITE_CHART: AT_MAIN,
    },
    "a student cares too": {
        P.SEE_PERSON: AT_MAIN | {"reception", "lead", "student"},
        P.READ_CHART: {"caring", "covering", "student"},
        P.WRITE_CHART: {"caring", "covering", "student"},
    },
    "the care has ended": {P.READ_CHART: set(), P.WRITE_CHART: set()},
}


def patterns(found=None, space=""):
    for pattern in get_resolver().url_patterns if found is None else found:
        if hasattr(pattern, "url_patterns"):
            inner = f"{pattern.namespace}:" if pattern.namespace else space
            yield from patterns(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}", pattern


ALL = dict(patterns())
IN = b"inside"


def test_every_route_is_listed_with_its_door():
    found = {
        name: pattern.callback.door.permission or pattern.callback.door.who
        for name, pattern in patterns()
    }

    assert found == ROUTES
    assert len(list(patterns())) == len(found)


def test_every_permission_is_in_the_table():
    assert set(PLAIN) == PERMISSIONS_ON_A_PERSON
    assert set(PLAIN) | set(IN_THE_PRACTICE) == set(P)


@pytest.fixture
def gate_alone(monkeypatch):
    """Put every view aside and keep its door."""
    for _name, pattern in patterns():

        def inside(_request, **_named):
            return HttpResponse(IN)

        inside.door = pattern.callback.door
        monkeypatch.setattr(pattern, "callback", inside)


def address(name, key):
    values = {
        "key": key,
        "visit": key,
        "note": key,
        "kind": "alert",
        "token": "none",
        "day": "2026-11-25",
    }
    parts = {}
    for part, converter in ALL[name].pattern.converters.items():
        other = uuid.uuid4() if "UUID" in type(converter).__name__ else 1
        parts[part] = values.get(part, other)
    return reverse(name, kwargs=parts)


def said(cast, state):
    """Bring the patient of the cast into a state."""
    if state.startswith("locked"):
        patients.set_lock(cast.patient, cast.caring, "asked for", by=BY)
    elif state.startswith("an emergency"):
        patients.open_in_emergency(cast.patient, cast.colleague, "unconscious", by=BY)
    elif state.startswith("a student"):
        patients.start_care(cast.patient, cast.student, "supervised", by=BY)
    elif state.startswith("the care"):
        patients.end_care(cast.patient.care.get(), by=BY)


def outcome(client, url):
    """Whether the gate let in; a refusal has its row, and its answer is the one of the absent."""
    before = Entry.objects.filter(act="refused").count()
    answer = client.get(url)
    rows = Entry.objects.filter(act="refused").count() - before
    if answer.content == IN:
        assert rows == 0
        return "in"
    assert rows == (answer.status_code == 404)
    return "refused" if rows else answer.url.partition("?")[0]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", EVERYBODY)
def test_who_passes_which_door(cast, between, gate_alone, name, state):
    said(cast, state)
    client = client_of(getattr(cast, name))
    on = {cast.patient.pk: PLAIN | STATES[state]}
    routes = {route: who for route, who in ROUTES.items() if who in PERMISSIONS_ON_A_PERSON}
    if state == "plain":
        on |= {cast.other.pk: OF_ANOTHER_SITE, uuid.uuid4(): NOBODY}
        routes = ROUTES
    expected, found = {}, {}
    for route, who in routes.items():
        targets = on if who in PERMISSIONS_ON_A_PERSON else {None: None}
        for key, table in targets.items():
            at = (route, list(targets).index(key))
            found[at] = outcome(client, address(route, key or uuid.uuid4()))
            if table is not None:
                expected[at] = "in" if name in table[who] else "refused"
            elif who in IN_THE_PRACTICE:
                expected[at] = "in" if name in IN_THE_PRACTICE[who] else "refused"
            else:
                expected[at] = "/" if who is Who.GUEST else "in"

    assert found == expected


def test_who_is_not_signed_in_is_led_to_the_sign_in(cast, gate_alone):
    open_to_guests = {Who.ANYONE: "in", Who.GUEST: "in"}

    for route, who in ROUTES.items():
        found = outcome(Client(), address(route, cast.patient.pk))
        assert found == open_to_guests.get(who, reverse("account_login")), route


def test_who_has_no_second_factor_is_led_to_make_one(cast, gate_alone):
    client = client_of(cast.owner)
    session = client.session
    del session["is_secured"]
    session.save()
    passes = {Who.ANYONE, Who.ENROLLING, Who.LOCKED}

    for route, who in ROUTES.items():
        found = outcome(client, address(route, cast.patient.pk))
        wanted = "in" if who in passes else "/" if who is Who.GUEST else reverse("accounts:secure")
        assert found == wanted, route


def test_a_locked_screen_opens_nothing_but_the_ways_to_unlock_it(cast, gate_alone):
    client = client_of(cast.caring)
    session = client.session
    session["locked_since"] = time.time()
    session.save()
    passes = {Who.ANYONE, Who.LOCKED}

    for route, who in ROUTES.items():
        found = outcome(client, address(route, cast.patient.pk))
        wanted = "in" if who in passes and route != "home" else reverse("unlock")
        assert found == wanted, route


def test_absent_and_forbidden_get_the_same_answer(as_, cast):
    client = as_("elsewhere")
    drawn = rb'nonce="[^"]+"|value="\w{64}"'  # what is drawn by lot for each page
    plain = lambda page: re.sub(drawn, b"", page.content)  # noqa: E731
    forbidden = client.get(reverse("patients:chart", kwargs={"key": cast.patient.pk}))
    absent = client.get(reverse("patients:chart", kwargs={"key": uuid.uuid4()}))

    assert forbidden.status_code == absent.status_code == 404
    assert plain(forbidden) == plain(absent)


def test_a_view_without_a_door_does_not_open(as_, monkeypatch):
    def inside(_request):
        return HttpResponse(IN)

    monkeypatch.setattr(ALL["components"], "callback", inside)

    assert as_("owner").get(reverse("components")).status_code == 404


@pytest.mark.parametrize("way", ["a role ended", "an account switched off"])
def test_who_was_sent_away_is_out_at_the_next_request(cast, gate_alone, way):
    client = client_of(cast.caring)
    url = address("patients:chart", cast.patient.pk)
    assert outcome(client, url) == "in"
    if way == "a role ended":
        cast.caring.postings.update(ended_at=timezone.now() - timedelta(days=1))
        assert outcome(client, url) == "refused"
    else:
        User.objects.filter(pk=cast.caring.user_id).update(is_active=False)
        assert outcome(client, url) == reverse("account_login")


READ_BY_FORM = {P.FIND_PEOPLE, P.BREAK_GLASS}
ON_THE_TABLET = {"tablet:fill", "tablet:draw", "tablet:check"}  # a record, behind a locked screen
WRITTEN_BY_ANYONE = {
    *("book:choose", "book:details", "book:wait", "book:waits"),
    "own:invitation",
} | {
    f"visits:{name}"
    for name in (
        *("confirm", "move", "cancel", "earlier", "stop_waiting"),
        *("begin_form", "fill", "draw", "check"),
    )
}


@pytest.mark.parametrize("name", ["caring", "reception", "owner", "lead"])
def test_where_nothing_may_change_pages_open_and_forms_do_not(cast, gate_alone, monkeypatch, name):
    monkeypatch.setattr(settings, "IS_READ_ONLY", True)
    client, tried = client_of(getattr(cast, name)), 0
    for route, who in ROUTES.items():
        url = address(route, cast.patient.pk)
        if outcome(client, url) != "in":
            continue
        answer = client.post(url, {"text": "Words & signs"})
        with_secret = client.post(url, {"text": "Words & signs", "password": "a-secret-word"})
        opens_a_record = {"own:accept"}
        is_of_no_record = (
            isinstance(who, Who) and route not in ON_THE_TABLET | WRITTEN_BY_ANYONE | opens_a_record
        )
        if is_of_no_record or who in READ_BY_FORM:
            assert answer.content == IN, route
        else:
            tried += 1
            assert answer.status_code == 503, route
            assert b"Words &amp; signs" in answer.content
            assert b"a-secret-word" not in with_secret.content
            assert b"For reading only" in client.get("/no/such/page/").content
    assert tried > 2 + len(WRITTEN_BY_ANYONE)


def test_where_nothing_may_change_strangers_book_nothing_either(cast, gate_alone, monkeypatch):
    monkeypatch.setattr(settings, "IS_READ_ONLY", True)
    for route in WRITTEN_BY_ANYONE:
        answer = Client().post(address(route, uuid.uuid4()), {"given_name": "Words & signs"})
        assert answer.status_code == 503, route
        assert b"Call the clinic" in answer.content
        assert b"audit" not in answer.content
