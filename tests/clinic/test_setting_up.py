"""Setting up and inviting again: one live link, handed over and not mailed besides."""

import pytest
from django.test import Client

from clinic.accounts.actions import send_link
from clinic.accounts.models import OneTimeLink, User
from clinic.audit.actor import system
from clinic.outbox.models import Message
from clinic.setting_up import invite_again

EMAIL = "owner@clinic.test"


@pytest.fixture
def owner(db):
    user = User(email=EMAIL, name="Owner")
    user.set_password("a password that was lost")
    user.save()
    return user


def test_who_is_invited_again_gets_one_link_and_it_opens(owner):
    send_link(owner, OneTimeLink.Purpose.INVITATION, by=system("tests"))

    path = invite_again(EMAIL)

    assert OneTimeLink.objects.filter(used_at=None).count() == 1
    assert Client().get(path).status_code == 200
    assert set(Message.objects.values_list("state", flat=True)) == {"cancelled"}
    owner.refresh_from_db()
    assert not owner.has_usable_password()


def test_an_invitation_that_fails_takes_nothing_away(owner, monkeypatch):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left")

    monkeypatch.setattr("clinic.setting_up.make_link", full)
    with pytest.raises(OSError, match="No space"):
        invite_again(EMAIL)

    owner.refresh_from_db()
    assert owner.has_usable_password()
    assert not Message.objects.exists()
