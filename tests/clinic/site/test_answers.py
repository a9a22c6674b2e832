"""What every answer carries, whatever it is: the headers, and words that a person understands."""

import html
import re
import uuid

import pytest
from conftest import BY
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import get_resolver, reverse

from clinic import gate
from clinic.accounts.actions import make_link
from clinic.accounts.models import OneTimeLink, User

POLICY = (
    "default-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
)


def carries_the_headers(answer):
    policy = answer.headers["Content-Security-Policy"]
    assert all(part in policy for part in POLICY)
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert answer.headers["Cache-Control"] == "no-store"
    return True


def pages(cast):
    key = {"key": cast.patient.pk}
    return [
        *("/", "/components/", "/sign-in/", "/no/such/page/", "/link/none/"),
        *("/people/", "/people/new/", "/practice/", "/practice/staff/", "/account/secure/"),
        reverse("patients:person", kwargs=key),
        reverse("patients:chart", kwargs=key),
        reverse("records:visits", kwargs=key),
        reverse("patients:chart", kwargs={"key": uuid.uuid4()}),
    ]


@pytest.mark.parametrize("who", ["caring", "nobody_user", None])
def test_every_answer_carries_the_headers(cast, as_, who):
    client = as_(who) if who else Client()

    for url in pages(cast):
        answer = client.get(url)
        assert carries_the_headers(answer), url
        if answer.content:
            scripts = re.findall(r"<script\b[^>]*>", answer.content.decode())
            assert all(f'nonce="{answer.wsgi_request.nonce}"' in script for script in scripts)


def with_a_token(found=None, before=""):
    """Every address in which a part is a token, with some token in it."""
    for pattern in get_resolver().url_patterns if found is None else found:
        whole = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from with_a_token(pattern.url_patterns, whole)
        elif "<str:token>" in whole:
            yield "/" + whole.replace("<str:token>", "a-token")


@pytest.mark.django_db
def test_an_address_that_is_a_secret_is_never_told_as_a_referrer(client):
    addresses = list(with_a_token())

    assert {"/link/a-token/", "/visit/open/a-token/", "/feeds/a-token.ics"} <= set(addresses)
    for address in addresses:
        for answer in (client.get(address), client.post(address)):
            assert answer.headers["Referrer-Policy"] == "no-referrer", address


def test_no_two_pages_share_a_nonce(cast, as_):
    client = as_("caring")
    seen = [client.get("/people/").wsgi_request.nonce for _ in range(5)]

    assert len(set(seen)) == 5


@pytest.fixture
def caring(as_):
    client = as_("caring")
    client.raise_request_exception = False
    return client


def failing(error):
    def fail(*_positional, **_named):
        raise error

    return fail


FAILURES = {
    "database": (OperationalError("could not write: Ada Sample"), 503, "cannot reach its records"),
    "disk": (OSError(28, "No space left: Ada Sample"), 503, "cannot reach its records"),
    "fault": (ValueError("Ada Sample is no number"), 500, "Something went wrong"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_said_in_plain_words_and_shows_nothing(caring, monkeypatch, capfd, failure):
    error, status, words = FAILURES[failure]
    monkeypatch.setattr("clinic.patients.views._sites", failing(error))

    answer = caring.get("/people/new/")

    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    assert "Traceback" not in page
    assert carries_the_headers(answer)
    assert ("Retry-After" in answer.headers) == (status == 503)
    for told in (page, *capfd.readouterr()):
        assert "Ada" not in told


def test_what_was_sent_when_the_records_were_away_comes_back_to_be_sent_again(
    cast, caring, monkeypatch
):
    """A browser that goes back may show an empty form, for no page is kept: so the page has it."""
    typed = {"name": "", "born": "", "phone": '</textarea><script>"604"</script>', "revision": "7"}
    token = {"csrfmiddlewaretoken": "t" * 64}
    with monkeypatch.context() as away:
        away.setattr("clinic.patients.views.find_people", failing(OperationalError("locked")))
        page = caring.post("/people/?from=here", typed | token).content.decode()

    assert "most likely not saved" in page
    assert 'action="/people/?from=here"' in page
    assert "<script>" not in page
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(.*?)"', page))
    shown = dict(re.findall(r'name="(\w+)" rows="3">\n(.*?)</textarea>', page))
    sent = {name: html.unescape(value) for name, value in (hidden | shown).items()}
    assert sent == typed | token
    assert set(shown) == {"phone"}
    assert caring.post("/people/?from=here", sent).status_code == 200


@pytest.mark.parametrize("kind", ["secret", "file"])
def test_neither_a_secret_nor_half_a_form_comes_back(cast, caring, monkeypatch, kind):
    monkeypatch.setattr("clinic.patients.views._sites", failing(OperationalError("locked")))
    monkeypatch.setattr("clinic.accounts.views.actions.set_password", failing(OSError("full")))
    if kind == "secret":
        client = Client(raise_request_exception=False)
        user = User.objects.get(pk=cast.caring.user_id)
        client.post(make_link(user, OneTimeLink.Purpose.RESET, by=BY))
        answer = client.post("/account/new-password/", {"password": "a long pass phrase of mine"})
    else:
        file = SimpleUploadedFile("people.csv", b"given_name\nAda\n")
        answer = caring.post("/people/new/", {"given_name": "Ada", "file": file})

    page = answer.content.decode()
    assert answer.status_code == 503
    assert "go back in your browser" in page
    assert "<form" not in page
    assert "phrase" not in page
    assert "Ada" not in page


@pytest.mark.parametrize("sends", [True, False])
def test_a_session_that_ends_while_a_request_is_answered_is_told_in_plain_words(
    caring, monkeypatch, sends
):
    keep = gate._keep_now

    def signed_out_elsewhere(session):
        Session.objects.all().delete()
        keep(session)

    monkeypatch.setattr(gate, "_keep_now", signed_out_elsewhere)
    answer = caring.post("/people/new/", {"name": "Ada"}) if sends else caring.get("/people/new/")

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "You are signed out" in page
    assert ("look whether it was" in page) == sends
    assert carries_the_headers(answer)


@pytest.mark.django_db
def test_a_request_that_is_none_of_a_browsers_is_refused_in_plain_words():
    answer = Client(raise_request_exception=False).get("/", headers={"host": "no host at all"})

    assert answer.status_code == 400
    assert "cannot be taken" in answer.content.decode()
    assert carries_the_headers(answer)


def test_a_form_of_another_site_is_refused_in_plain_words(cast):
    client = Client(enforce_csrf_checks=True)
    answer = client.post(reverse("accounts:forgotten"), {"email": "ada@clinic.test"})

    assert answer.status_code == 403
    assert b"<h1" in answer.content
    assert carries_the_headers(answer)


@pytest.mark.django_db
def test_what_is_larger_than_any_form_is_refused_before_it_is_read(client):
    file = SimpleUploadedFile("large.pdf", bytes(12 * 1024 * 1024))

    answer = client.post("/sign-in/", {"file": file})

    assert answer.status_code == 413
    assert "at most 10 MB" in answer.content.decode()
    assert carries_the_headers(answer)
    assert not answer.wsgi_request._read_started
