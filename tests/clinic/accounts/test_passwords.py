"""New passwords: long, not known from breaches, not nearly known, not one's own name."""

import socket

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from clinic.accounts.actions import make_link
from clinic.accounts.models import OneTimeLink, User
from clinic.accounts.passwords import LENGTH, _long_ones, core_of, digest_of, is_common
from clinic.audit.actor import system

# From the list, by frequency: among the first, the three thousandth, the last.
KNOWN = ["123qweasdzxc", "1qaz2wsx3edc", "leavemealone", "fyutkbyf2005", "vjhtgjrjktyj"]
NEARLY = [
    "Dragon2024!!!",
    "!!!password!!!",
    "qwertyqwerty1",
    "abcabcabcabc",
    "aaaaaaaaaaaa",
    "Test Clinic 2026",
    "testclinic!!",
    "myotome12345",
]
GOOD = ["correct horse battery staple", "four unrelated words here", "7Lq!zt-Wm4p-Rv"]


def codes(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError as wrong:
        return {error.code for error in wrong.error_list}
    return set()


@pytest.mark.parametrize("password", KNOWN + [word.upper() for word in KNOWN] + NEARLY)
def test_what_is_guessed_first_is_refused(password):
    assert len(password) >= 12
    assert "password_too_common" in codes(password)


@pytest.mark.parametrize("password", GOOD)
def test_a_good_password_is_taken_and_nobody_is_asked(password, monkeypatch):
    def no_network(*_arguments):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", no_network)

    assert codes(password) == set()


def test_more_are_known_than_the_standard_asks_for_and_each_is_found():
    """Three thousand that fulfil the policy are asked for."""
    known = _long_ones()
    digests = [known[at : at + LENGTH] for at in range(0, len(known), LENGTH)]

    assert len(digests) > 40_000
    assert digests == sorted(set(digests))
    assert all(digest_of(word) in digests for word in KNOWN)


@given(st.text(min_size=16, max_size=40))
def test_what_was_drawn_by_lot_is_not_common(text):
    assert not is_common(f"{text} and then some more")


AROUND = st.text("0123456789!?.-_ ", max_size=6)


@given(st.text("abcdefghijkl", min_size=3, max_size=9), AROUND, AROUND, st.integers(1, 3))
def test_what_is_put_around_a_word_or_said_again_changes_nothing(word, before, after, times):
    assert core_of(f"{before}{word.upper() * times}{after}") == core_of(word)


@pytest.mark.parametrize(
    "digits", ["121212121212", "2026-11-25!!", "604 555 0101", "8402937401928"]
)
def test_numbers_alone_must_be_longer(digits):
    assert codes(digits) == {"password_without_letters"}
    assert codes("8402937401928374-50617") == set()


def test_ones_own_name_and_address_are_refused():
    user = User(email="rowan.example@clinic.test", name="Rowan Example")

    assert "password_too_similar" in codes("Rowan Example 1", user)
    assert "password_too_similar" in codes("rowan.example@clinic", user)


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["leavemealone", "Dragon2024!!!", "short"])
def test_the_page_says_why_and_keeps_the_old_password(founded, password):
    user = User(email="ada@clinic.test", name="Ada")
    user.set_password(GOOD[0])
    user.save()
    client = Client()
    client.post(make_link(user, OneTimeLink.Purpose.RESET, by=system("tests")))

    answer = client.post(reverse("accounts:new_password"), {"password": password})

    assert answer.status_code == 422
    assert b"guessed first" in answer.content or b"too short" in answer.content
    user.refresh_from_db()
    assert user.check_password(GOOD[0])
