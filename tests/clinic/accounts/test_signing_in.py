"""Signing in: by invitation, with a second factor, locked when idle, ended when told."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from authenticator import App
from conftest import BY, client_of
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.accounts import actions
from clinic.accounts.models import OneTimeLink, User
from clinic.audit.models import Entry
from clinic.outbox.actions import send_due
from clinic.outbox.models import Message
from clinic.patients.queries import own_records

PASSWORD = "correct horse battery staple"


@pytest.fixture
def user(founded):
    cache.clear()
    made = actions.make_account(email="Ada@Clinic.Test ", name="Ada", by=BY)
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def secured(user):
    user.secret = generate_totp_secret()
    TOTP.activate(user, user.secret)
    return user


def code_of(secret):
    return App(secret).code()


def sign_in(client, password=PASSWORD, email="ada@clinic.test"):
    return client.post(reverse("account_login"), {"login": email, "password": password})


def test_an_invitation_opens_by_a_button_once_and_leads_to_a_second_factor(user):
    path = actions.make_link(user, OneTimeLink.Purpose.INVITATION, by=BY)
    client = Client()

    looked = client.get(path)
    assert looked.status_code == 200
    assert looked.headers["Referrer-Policy"] == "no-referrer"
    assert "session" not in client.cookies
    assert client.post(path).url == reverse("accounts:secure")
    assert client.get("/mine/").url == reverse("accounts:secure")
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200
    assert Client().post(path).status_code == 410
    assert Client().get(path).status_code == 410


def test_a_link_is_stored_as_a_digest_expires_and_gives_way_to_a_newer_one(user):
    first = actions.make_link(user, OneTimeLink.Purpose.INVITATION, by=BY)
    second = actions.make_link(user, OneTimeLink.Purpose.INVITATION, by=BY)
    token = second.split("/")[2]

    assert token not in str(list(OneTimeLink.objects.values()))
    assert Client().get(first).status_code == 410
    OneTimeLink.objects.update(expires_at=OneTimeLink.objects.latest("pk").made_at)
    assert Client().get(second).status_code == 410


def test_a_link_is_not_spent_by_another_site(user):
    path = actions.make_link(user, OneTimeLink.Purpose.INVITATION, by=BY)

    Client().post(path, headers={"Sec-Fetch-Site": "cross-site"})

    assert Client().post(path).status_code == 302


def test_an_invitation_travels_by_mail_with_nothing_but_the_link(user):
    actions.send_link(user, OneTimeLink.Purpose.INVITATION, by=BY)

    message = Message.objects.get(letter="invitation")
    assert message.to == "ada@clinic.test"
    assert Client().get(message.values["link"]).status_code == 200


LATE = {"invitation": timedelta(days=9), "reset": timedelta(hours=5)}


@pytest.fixture
def late(monkeypatch):
    """A mail server that was away until the test lets time go on."""
    sent, now = [], timezone.now()
    monkeypatch.setattr("clinic.outbox.actions.send", lambda **letter: sent.append(letter))

    def go_on(span):
        monkeypatch.setattr("django.utils.timezone.now", lambda: now + span)
        send_due()
        return sent

    return go_on


@pytest.mark.parametrize("purpose", LATE)
def test_a_letter_that_waited_longer_than_its_link_lives_arrives_with_a_link_that_opens(
    user, late, purpose
):
    actions.send_link(user, OneTimeLink.Purpose(purpose), by=BY)

    (letter,) = late(LATE[purpose])
    path = re.search(r"/link/\S+", letter["text"])[0]
    assert Client().get(path).status_code == 200
    assert Entry.objects.filter(act="link renewed", subject=f"user:{user.pk}").count() == 1
    late(LATE[purpose] + actions.LASTS[purpose] - timedelta(seconds=5))
    assert Client().get(path).status_code == 200
    late(LATE[purpose] + actions.LASTS[purpose] + timedelta(seconds=5))
    assert Client().get(path).status_code == 410


def test_a_letter_that_leaves_at_once_leaves_the_end_of_its_link_alone(user, late):
    actions.send_link(user, OneTimeLink.Purpose.RESET, by=BY)
    was = OneTimeLink.objects.get().expires_at

    assert len(late(timedelta(seconds=20))) == 1
    assert OneTimeLink.objects.get().expires_at == was
    assert not Entry.objects.filter(act="link renewed").exists()


@pytest.mark.parametrize("meanwhile", ["replaced", "used", "switched off"])
def test_a_letter_whose_link_leads_nowhere_does_not_leave(user, late, meanwhile):
    actions.send_link(user, OneTimeLink.Purpose.INVITATION, by=BY)
    if meanwhile == "replaced":
        actions.make_link(user, OneTimeLink.Purpose.INVITATION, by=BY)
    elif meanwhile == "used":
        Client().post(Message.objects.get().values["link"])
    else:
        actions.switch_off(user, by=BY)

    assert late(timedelta(hours=1)) == []
    cancelled = Message.objects.get()
    assert (cancelled.state, cancelled.values) == ("cancelled", {})


def test_a_password_alone_opens_nothing_but_the_way_to_a_second_factor(user):
    client = Client()
    sign_in(client)

    assert client.get(reverse("own:list")).url == reverse("accounts:secure")


def test_password_and_code_sign_in(secured):
    client = Client()

    assert sign_in(client).url == reverse("mfa_authenticate")
    assert client.get(reverse("own:list")).url.startswith("/sign-in/")
    client.post(reverse("mfa_authenticate"), {"code": code_of(secured.secret)})
    assert client.get(reverse("own:list")).status_code == 200
    assert Entry.objects.filter(act="signed in", actor=f"user:{secured.pk}").count() == 1


def test_the_secret_of_a_code_is_sealed_in_the_database(secured):
    assert secured.secret not in str(list(Authenticator.objects.values()))


def test_the_last_second_factor_stays(secured):
    client = client_of(secured)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(secured.pk)
    session.save()

    client.post(reverse("mfa_deactivate_totp"))

    assert Authenticator.objects.filter(user=secured, type="totp").exists()


@pytest.mark.parametrize("email", ["ada@clinic.test", "nobody@clinic.test"])
def test_guessing_a_password_is_stopped_after_five_tries(user, email):
    client = Client()
    answers = [sign_in(client, password="wrong", email=email) for _ in range(7)]

    assert "Too many failed" in answers[-1].content.decode()
    if email == user.email:
        assert "Too many failed" in sign_in(client).content.decode()


def test_guessing_from_one_place_is_stopped_whoever_is_tried(user):
    client = Client()
    for number in range(10):
        sign_in(client, password="wrong", email=f"{number}@clinic.test")

    assert "Too many failed" in sign_in(client).content.decode()


def test_guessing_a_code_is_stopped(secured):
    client = Client()
    sign_in(client)
    for _ in range(6):
        answer = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    right = client.post(reverse("mfa_authenticate"), {"code": code_of(secured.secret)})

    assert b"Too many failed" in answer.content
    assert right.status_code == 200


def test_guessing_at_the_locked_screen_is_stopped(secured):
    client = client_of(secured)
    answers = [
        client.post(reverse("account_reauthenticate"), {"password": "wrong"}) for _ in range(12)
    ]

    assert answers[-1].status_code == 429 or b"Too many" in answers[-1].content


def test_asking_for_links_is_stopped(user):
    client = Client()
    answers = [client.post(reverse("accounts:forgotten"), {"email": user.email}) for _ in range(6)]

    assert answers[-1].status_code == 429
    assert Message.objects.filter(letter="reset").count() == 5


def test_trying_links_is_stopped(user):
    client = Client()

    assert [client.post(f"/link/{n}/").status_code for n in range(31)][-1] == 429


def test_whether_an_address_has_an_account_is_not_told(user):
    known, unknown = Client(), Client()
    first = known.post(reverse("accounts:forgotten"), {"email": user.email})
    second = unknown.post(reverse("accounts:forgotten"), {"email": "nobody@clinic.test"})

    strip = lambda page: re.sub(rb'nonce="[^"]+"', b"", page.content)  # noqa: E731
    assert strip(first) == strip(second)


def test_a_new_password_needs_the_link_ends_sessions_and_keeps_the_second_factor(secured):
    elsewhere = client_of(secured)
    actions.send_link(secured, OneTimeLink.Purpose.RESET, by=BY)
    client = Client()
    client.post(Message.objects.get(letter="reset").values["link"])

    weak = client.post(reverse("accounts:new_password"), {"password": "password1234"})
    assert weak.status_code == 422
    client.post(reverse("accounts:new_password"), {"password": "another long pass phrase"})

    assert elsewhere.get(reverse("own:list")).url.startswith("/sign-in/")
    fresh = Client()
    assert sign_in(fresh, "another long pass phrase").url == reverse("mfa_authenticate")
    assert Message.objects.filter(letter="security").count() == 1


def open_reset(user):
    client = Client()
    client.post(actions.make_link(user, OneTimeLink.Purpose.RESET, by=BY))
    assert client.get(reverse("accounts:new_password")).status_code == 200
    return client


def test_a_link_that_was_opened_sets_no_password_after_its_time(secured, monkeypatch):
    client = open_reset(secured)
    late = time.time() + 31 * 60
    monkeypatch.setattr("clinic.accounts.views.time.time", lambda: late)

    assert client.get(reverse("accounts:new_password")).status_code == 404


def test_a_link_that_was_opened_sets_no_password_once_all_sessions_were_ended(secured):
    client = open_reset(secured)
    actions.end_all_sessions(secured, by=BY)

    answer = client.post(reverse("accounts:new_password"), {"password": "another long pass phrase"})
    assert answer.status_code == 404


def factors(user):
    kinds = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    return sorted(kinds)


def with_proof(user):
    client = client_of(user)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    client.raise_request_exception = False
    return client


def broken(*_positional, **_named):
    raise OSError("The disk is full.")


def test_a_changed_factor_has_its_row_and_its_letter(secured):
    client = with_proof(secured)

    client.post(reverse("mfa_generate_recovery_codes"))

    row = Entry.objects.get(act="second factor added")
    assert (row.actor, row.detail) == (f"user:{secured.pk}", {"kind": "recovery_codes"})
    assert Message.objects.filter(letter="security").count() == 1


@pytest.mark.parametrize(
    "fails",
    [
        ("clinic.accounts.listening.record", "clinic.accounts.changing.record"),
        ("clinic.accounts.actions.promise",),
    ],
)
def test_no_way_of_signing_in_changes_without_its_row_and_its_letter(secured, monkeypatch, fails):
    client = with_proof(secured)
    had, password = factors(secured), secured.password
    for name in fails:
        monkeypatch.setattr(name, broken)

    changed = client.post(
        reverse("account_change_password"),
        {
            "oldpassword": PASSWORD,
            "password1": "another long pass phrase",
            "password2": "another long pass phrase",
        },
    )
    made = with_proof(secured).post(reverse("mfa_generate_recovery_codes"))

    assert (changed.status_code, made.status_code) == (503, 503)
    assert factors(secured) == had
    assert User.objects.get(pk=secured.pk).password == password
    assert not Message.objects.filter(letter="security").exists()
    assert not Entry.objects.filter(act__in=["password set", "second factor added"]).exists()


def test_changing_the_password_ends_every_other_session_and_is_told_by_mail(secured):
    here, there = client_of(secured), client_of(secured)

    here.post(
        reverse("account_change_password"),
        {
            "oldpassword": PASSWORD,
            "password1": "another long pass phrase",
            "password2": "another long pass phrase",
        },
    )

    assert here.get(reverse("own:list")).status_code == 200
    assert there.get(reverse("own:list")).url.startswith("/sign-in/")
    assert Message.objects.filter(letter="security").count() == 1
    assert Entry.objects.filter(act="password set").count() == 1


def test_ending_all_sessions_ends_each_at_its_next_request(secured):
    here, there = client_of(secured), client_of(secured)

    here.post(reverse("accounts:end_sessions"))

    assert there.get(reverse("own:list")).url.startswith("/sign-in/")


def test_starting_over_takes_every_way_of_signing_in(secured):
    client = client_of(secured)
    reset = actions.make_link(secured, OneTimeLink.Purpose.RESET, by=BY)
    actions.start_over(secured, by=BY)

    assert not Authenticator.objects.filter(user=secured).exists()
    assert not User.objects.get(pk=secured.pk).has_usable_password()
    assert client.get(reverse("own:list")).url.startswith("/sign-in/")
    assert Message.objects.filter(letter="invitation").count() == 1
    assert Client().get(reset).status_code == 410
    assert OneTimeLink.objects.filter(user=secured, used_at=None).count() == 1


# -------------------------------------------------------------- time


@pytest.fixture
def clock(monkeypatch):
    """A clock that every reader moves a little and the test turns."""
    now = [time.time()]

    def read():
        now[0] += 0.001
        return now[0]

    monkeypatch.setattr("clinic.gate.time.time", read)

    def turn(**span):
        now[0] += timedelta(**span).total_seconds()

    return turn


def test_a_screen_left_alone_locks_and_opens_for_its_holder_only(secured, clock):
    client = client_of(secured)
    client.get(reverse("own:list"))
    clock(minutes=16)

    locked = client.get(reverse("own:list"))
    assert locked.url.startswith("/unlock/")
    assert client.get("/").url.startswith("/unlock/")
    assert client.post(reverse("account_reauthenticate"), {"password": "wrong"}).status_code == 200
    assert client.get(reverse("own:list")).url.startswith("/unlock/")

    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(reverse("own:list")).status_code == 200


def test_what_was_shown_before_the_screen_locked_does_not_open_it(secured, clock):
    client = client_of(secured)
    client.get(reverse("own:list"))
    clock(seconds=10)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    clock(hours=3)

    assert client.get(reverse("own:list")).url.startswith("/unlock/")
    assert client.get(reverse("own:list")).url.startswith("/unlock/")


@pytest.mark.parametrize("is_first", [False, True], ids=["a later page", "the first page"])
@pytest.mark.parametrize("way", ["accounts:lock", "account_logout"])
def test_a_page_asked_for_before_the_screen_was_locked_does_not_open_it(
    secured, clock, monkeypatch, way, is_first
):
    """Nor does one that was asked for before its holder left bring their session back."""
    slow, other = client_of(secured), Client()
    if not is_first:
        slow.get(reverse("own:list"))
    other.cookies[settings.SESSION_COOKIE_NAME] = slow.session.session_key
    clock(seconds=20)

    def meanwhile(user):
        other.post(reverse(way))
        return own_records(user)

    monkeypatch.setattr("clinic.shell.own_records", meanwhile)
    answer = slow.get("/")

    assert (answer.status_code, settings.SESSION_COOKIE_NAME in answer.cookies) == (200, False)
    shut = "/unlock/" if way == "accounts:lock" else "/sign-in/"
    for client in (slow, other):
        assert client.get(reverse("own:list")).url.startswith(shut)


@pytest.mark.parametrize("way", ["lock button", "idle"])
def test_no_secret_is_kept_over_a_locked_screen(secured, clock, way):
    client = client_of(secured)
    client.get(reverse("own:list"))
    secrets = ("oldpassword", "password1", "new_Password", "code", "credential")
    typed = {name: f"secret {name}" for name in secrets} | {"name": "Third Site"}
    if way == "idle":
        clock(minutes=16)
        client.post(reverse("account_change_password"), typed)
    else:
        client.post(reverse("accounts:lock"), {**typed, "held_path": "/account/password/"})

    assert client.session["held_form"]["fields"] == {"name": ["Third Site"]}


def test_a_demonstration_that_was_unlocked_has_shown_again_who_it_is(cast, clock):
    user = User.objects.get(pk=cast.colleague.user_id)
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.post(actions.make_link(user, OneTimeLink.Purpose.DEMONSTRATION, by=BY))
    clock(minutes=10)
    url = reverse("patients:emergency", kwargs={"key": cast.patient.pk})
    asked = client.get(url)
    assert asked.url.startswith("/unlock/")

    assert client.post(asked.url).url == url
    assert client.get(url).status_code == 200


def test_a_demonstration_unlocks_by_a_button_and_leads_nowhere_else(user, clock):
    client = Client()
    client.post(actions.make_link(user, OneTimeLink.Purpose.DEMONSTRATION, by=BY))
    client.get(reverse("own:list"))
    clock(minutes=16)
    assert client.get(reverse("own:list")).url.startswith("/unlock/")

    assert client.post("/unlock/?next=https://elsewhere.test/").url == "/"
    assert client.get(reverse("own:list")).status_code == 200


def test_work_keeps_a_screen_open_and_a_day_ends_it_all_the_same(secured, clock):
    client = client_of(secured)
    client.get(reverse("own:list"))
    for _ in range(71):
        clock(minutes=10)
        assert client.get(reverse("own:list")).status_code == 200
    clock(minutes=11)

    assert client.get(reverse("own:list")).url.startswith("/sign-in/")


def test_a_form_sent_as_the_screen_locks_is_there_again_behind_it(cast, clock):
    client = client_of(cast.owner)
    client.user.set_password(PASSWORD)
    client.user.save()
    client = client_of(client.user)
    url = reverse("practice:add_site")
    client.get(url)
    clock(minutes=16)

    typed = {"name": "Third Site", "time_zone": "America/Vancouver", "csrfmiddlewaretoken": "x"}
    assert client.post(url, typed).url == f"/unlock/?next={url.replace('/', '%2F')}"
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert 'value="Third Site"' in client.get(url).content.decode()
    assert 'value="Third Site"' not in client.get(url).content.decode()


def test_what_was_sent_to_a_page_without_a_form_of_its_own_can_be_sent_again(cast, clock):
    client = client_of(cast.caring)
    client.user.set_password(PASSWORD)
    client.user.save()
    client = client_of(client.user)
    url = reverse("patients:add_line", kwargs={"key": cast.patient.pk, "kind": "alert"})
    client.get(reverse("home"))
    clock(minutes=16)
    client.post(url, {"text": "Takes warfarin"})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    again = client.get(url).content.decode()

    assert "Takes warfarin" in again
    assert f'action="{url}"' in again
