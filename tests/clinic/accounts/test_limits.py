"""Guessing is limited on every way in; a new way that nobody has put here fails the build.

Each try comes with a fresh browser, so that no session has to remember it, and says it comes from
elsewhere, which nobody believes unless a proxy is trusted.
"""

import hashlib
import itertools
import json
import threading
import time
from base64 import urlsafe_b64encode

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from authenticator import App
from conftest import BY, client_of
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

from clinic.accounts import actions, urls
from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.outbox.models import Message

PASSWORD = "correct horse battery staple"


@pytest.fixture
def user(founded):
    cache.clear()
    return make_user()


def make_user():
    made = actions.make_account(email="ada@clinic.test", name="Ada", by=BY)
    made.set_password(PASSWORD)
    made.save()
    made.secret = generate_totp_secret()
    TOTP.activate(made, made.secret)
    RecoveryCodes.activate(made)
    WebAuthn.add(made, "A passkey", registered())
    return made


def text_of(content):
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def registered():
    """What a browser sends when a passkey is made."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    credential = AttestedCredentialData.create(b"\0" * 16, b"known", key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flags, 0, credential)
    said = {"type": "webauthn.create", "challenge": "", "origin": "http://testserver"}
    return {
        "id": text_of(b"known"),
        "rawId": text_of(b"known"),
        "type": "public-key",
        "response": {
            "clientDataJSON": text_of(json.dumps(said).encode()),
            "attestationObject": text_of(bytes(AttestationObject.create("none", data, {}))),
        },
        "clientExtensionResults": {},
    }


def code_of(user):
    return App(user.secret).code()


ELSEWHERE = itertools.cycle(f"203.0.113.{number}" for number in range(1, 255))


def browser():
    return Client(headers={"X-Forwarded-For": next(ELSEWHERE)})


def passkey():
    """What a browser sends for a passkey, well formed and of nobody."""
    said = {"type": "webauthn.get", "challenge": text_of(b"x" * 32), "origin": "http://testserver"}
    return json.dumps(
        {
            "id": text_of(b"nobody"),
            "rawId": text_of(b"nobody"),
            "type": "public-key",
            "response": {
                "clientDataJSON": text_of(json.dumps(said).encode()),
                "authenticatorData": text_of(bytes(32) + b"\x05" + bytes(4)),
                "signature": text_of(b"none"),
                "userHandle": text_of(b"nobody"),
            },
        }
    )


def after_password(_user):
    client = browser()
    client.post(reverse("account_login"), {"login": "ada@clinic.test", "password": PASSWORD})
    return client


def signed_in(user):
    return client_of(user)


def guest(_user):
    return browser()


# How one comes before the way in, what a wrong try sends, and after how many it must be over.
WAYS = {
    ("account_login", "password"): (
        guest,
        lambda: {"login": "ada@clinic.test", "password": "wrong"},
        5,
    ),
    ("mfa_authenticate", "code"): (after_password, lambda: {"code": "000000"}, 5),
    ("mfa_authenticate", "recovery code"): (after_password, lambda: {"code": "aaaa-bbbb"}, 5),
    ("mfa_authenticate", "passkey"): (after_password, lambda: {"credential": passkey()}, 5),
    ("mfa_login_webauthn", "passkey"): (guest, lambda: {"credential": passkey()}, 10),
    ("account_reauthenticate", "password"): (signed_in, lambda: {"password": "wrong"}, 10),
    ("mfa_reauthenticate", "code"): (signed_in, lambda: {"code": "000000"}, 5),
    ("mfa_reauthenticate", "recovery code"): (signed_in, lambda: {"code": "aaaa-bbbb"}, 5),
    ("mfa_reauthenticate_webauthn", "passkey"): (signed_in, lambda: {"credential": passkey()}, 10),
    ("account_change_password", "password"): (
        signed_in,
        lambda: {
            "oldpassword": "wrong",
            "password1": "another long pass phrase",
            "password2": "another long pass phrase",
        },
        5,
    ),
    ("accounts:forgotten", "address"): (guest, lambda: {"email": "ada@clinic.test"}, 5),
    ("link", "token"): (guest, dict, 30),
}
# These take no secret of somebody's, or open only to one who has just shown who they are.
NO_WAY_IN = {
    "account_logout",
    "account_inactive",
    "account_set_password",
    "accounts:end_sessions",
    "accounts:lock",
    "accounts:new_password",  # opens by a session that a mailed link began
    "accounts:secure",
    "accounts:stay",
    "accounts:taken",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "unlock",  # leads to the ways above; by its button a demonstration's people go on
}


def routes():
    for pattern in urls.urlpatterns:
        if hasattr(pattern, "url_patterns"):
            yield from (f"accounts:{own.name}" for own in urls.own)
        else:
            yield pattern.name


def test_every_route_of_signing_in_is_limited_or_takes_no_secret():
    limited = {name for name, _ in WAYS}

    assert limited.isdisjoint(NO_WAY_IN)
    assert limited | NO_WAY_IN == set(routes())


def is_stopped(answer):
    return answer.status_code == 429 or b"Too many" in answer.content


def path_of(name):
    return reverse(name, kwargs={"token": f"{time.time_ns()}"} if name == "link" else None)


@pytest.mark.parametrize(("name", "secret"), WAYS, ids=[" by ".join(way) for way in WAYS])
def test_guessing_is_over_after_few_tries(user, name, secret):
    before, wrong, most = WAYS[name, secret]
    allowed = 0
    for _ in range(most + 2):
        answer = before(user).post(path_of(name), wrong(), follow=True)
        if is_stopped(answer):
            break
        allowed += 1

    assert is_stopped(answer)
    assert 1 <= allowed <= most


@pytest.mark.parametrize("name", ["mfa_authenticate", "mfa_reauthenticate"])
@pytest.mark.parametrize("secret", ["code", "recovery code"])
def test_a_wrong_second_step_is_written_down_and_nothing_typed(user, name, secret):
    before, wrong, _ = WAYS[name, secret]
    before(user).post(path_of(name), wrong())

    (row,) = Entry.objects.filter(act="second step failed")
    by = "anonymous" if name == "mfa_authenticate" else f"user:{user.pk}"
    assert (row.actor, row.subject, row.detail) == (by, f"user:{user.pk}", {})


@pytest.mark.parametrize("way", ["password", "code", "unlocking by code"])
def test_once_it_is_over_the_right_secret_does_not_help_either(user, way):
    if way == "password":
        name, before, wrong = "account_login", guest, {"password": "no", "login": user.email}
        right = {"login": user.email, "password": PASSWORD}
    else:
        name = "mfa_authenticate" if way == "code" else "mfa_reauthenticate"
        before = after_password if way == "code" else signed_in
        wrong, right = {"code": "000000"}, {"code": code_of(user)}
    for _ in range(6):
        before(user).post(path_of(name), wrong)

    client = before(user)
    answer = client.post(path_of(name), right)

    assert is_stopped(answer)
    if way != "unlocking by code":
        assert client.get(reverse("own:list")).url.startswith("/sign-in/")


@pytest.mark.parametrize("name", ["account_login", "mfa_authenticate"])
def test_an_account_is_guessed_no_further_from_many_places(user, name):
    """Each try comes from another address, as from a net of stolen machines."""
    answers = []
    for number in range(7):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        if name == "mfa_authenticate":
            client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
            answers.append(client.post(path_of(name), {"code": "000000"}))
        else:
            answers.append(client.post(path_of(name), {"login": user.email, "password": "no"}))

    assert [is_stopped(answer) for answer in answers] == [False] * 5 + [True] * 2


def test_asking_for_links_for_many_addresses_is_over_too(user):
    answers = [
        browser().post(reverse("accounts:forgotten"), {"email": f"{number}@clinic.test"})
        for number in range(22)
    ]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429] * 2
    assert not Message.objects.exists()


def test_who_guesses_locks_out_no_passkey_and_no_other_account(user):
    other = User(email="bo@clinic.test", name="Bo")
    other.set_password(PASSWORD)
    other.save()
    for _ in range(6):
        Client(REMOTE_ADDR="198.51.100.9").post(
            reverse("account_login"), {"login": user.email, "password": "no"}
        )

    signs = browser().post(reverse("account_login"), {"login": other.email, "password": PASSWORD})
    asks = Client(headers={"X-Requested-With": "XMLHttpRequest"}).get(reverse("mfa_login_webauthn"))

    assert signs.status_code == 302
    assert "request_options" in asks.json()


def test_many_who_guess_at_the_same_moment_are_counted_as_many(committed_practice):
    """No try slips through between reading the count and writing it."""
    cache.clear()
    user, go, answers = make_user(), threading.Barrier(12), []

    def guess():
        client = browser()
        go.wait(20)
        answers.append(
            client.post(reverse("account_login"), {"login": user.email, "password": "no"})
        )
        connection.close()

    guessing = [threading.Thread(target=guess) for _ in range(12)]
    for thread in guessing:
        thread.start()
    for thread in guessing:
        thread.join()

    assert len(answers) == 12
    assert Entry.objects.filter(act="sign-in failed", subject=f"user:{user.pk}").count() <= 5
