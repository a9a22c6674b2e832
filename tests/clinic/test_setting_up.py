"""Setting up and inviting again: one live link, handed over and not mailed besides."""

import pytest
from django.test import Client
from processes import run

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


RIGHT = {
    "--owner": EMAIL,
    "--name": "Test",
    "--time-zone": "Europe/London",
    "--jurisdiction": "ca-bc",
    "--address": "https://clinic.test",
}
WRONG = {
    "--time-zone": ("America/Vancover", "America/Vancouver"),
    "--jurisdiction": ("ca-bx", "ca-bc"),
    "--owner": ("owner at clinic", "email address"),
    "--address": ("clinic.test", "https://clinic.example"),
    "--name": (" ", "1 to 100 letters"),
    "--site": ("s" * 81, "1 to 80 letters"),
    "--database": ("postgresql://who:secretword@127.0.0.1:9/none", "that answers"),
}


@pytest.mark.parametrize("option", WRONG)
def test_a_mistyped_answer_is_said_before_anything_is_written(tmp_path, option):
    value, meant = WRONG[option]
    folder = tmp_path / "own"
    words = [word for pair in (RIGHT | {option: value}).items() for word in pair]

    done = run(folder, "setup", *words)

    assert done.returncode == 2
    assert option in done.stderr
    assert meant in done.stderr
    assert "Traceback" not in done.stderr
    assert "secretword" not in done.stderr
    assert not folder.exists()


@pytest.mark.postgresql
def test_a_clinic_is_never_set_up_in_a_database_of_another(tmp_path, cluster):
    cluster.sql("CREATE DATABASE taken")
    address = cluster.address("taken")
    words = [word for pair in RIGHT.items() for word in pair] + ["--database", address]
    assert run(tmp_path / "first", "setup", *words).returncode == 0

    second = run(tmp_path / "second", "setup", *words)

    assert second.returncode == 2
    assert "must be an empty database" in second.stderr
    assert not (tmp_path / "second").exists()
    assert run(tmp_path / "first", "check").returncode == 0
