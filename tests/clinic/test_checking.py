"""Checking: what stands between a clinic and its patients is said, and the exit code tells."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import databases
import pytest
from django.conf import settings
from django.db import connection
from processes import part_of, run, running

from clinic.checking import advice, breaks
from clinic.outbox.models import Message

HOUR = timedelta(hours=1)


def letter(key, state, **more):
    long_ago = datetime.now(UTC) - 3 * HOUR
    return Message.objects.create(
        key=key,
        message_id=key,
        letter="reset",
        to="ada@mail.test",
        state=state,
        promised_at=long_ago,
        **{"not_before": long_ago, **more},
    )


def said(start):
    return [line for line in advice() if line.startswith(start)]


@pytest.mark.django_db
def test_letters_that_are_late_or_given_up_are_listed_without_an_address(founded):
    failed = letter("a", "failed", problem="SMTPRecipientsRefused", attempts=1)
    late = letter(
        "b", "waiting", problem="TimeoutError", attempts=4, not_before=datetime.now(UTC) + HOUR
    )
    never_tried = letter("c", "waiting")
    letter("d", "sent", attempts=1)
    letter("e", "waiting", not_before=datetime.now(UTC) + HOUR)  # waits for the morning

    (given_up,) = said("A letter was given up")
    assert str(failed.pk) in given_up
    assert "SMTPRecipientsRefused" in given_up
    overdue = " ".join(said("A letter is overdue"))
    assert overdue.count("A letter") == 2
    assert str(late.pk) in overdue
    assert str(never_tried.pk) in overdue
    assert "ada@" not in given_up + overdue


@pytest.mark.django_db
def test_more_letters_than_can_be_read_are_counted(founded):
    for number in range(12):
        letter(f"{number}", "failed")

    assert len(said("A letter was given up")) == 10
    assert said("12 letters are given up")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("secure", "proxies", "lines"), [(True, 0, 1), (True, 1, 0), (False, 0, 0)]
)
def test_an_https_address_without_a_trusted_proxy_is_said(
    monkeypatch, place, secure, proxies, lines
):
    monkeypatch.setattr(settings, "IS_SECURE", secure)
    object.__setattr__(place, "trusted_proxies", proxies)

    assert len(said("The address is https and no proxy is trusted")) == lines


def test_a_broken_audit_must_be_mended(tmp_path, own_database):
    folder = tmp_path / "own"
    words = ("--owner", "o@clinic.test", "--name", "Test", "--time-zone", "Europe/London")
    made = run(folder, "setup", *words, "--address", "https://clinic.test", *own_database)
    assert made.returncode == 0, made.stderr
    assert "trusted_proxies = 1" in (folder / "clinic.toml").read_text()
    assert run(folder, "backup").returncode == 0
    whole = run(folder, "check")
    assert (whole.returncode, "Must be mended" in whole.stdout) == (0, False)

    assert json.loads((folder / "audit-head.json").read_text())["number"] > 0
    (folder / "audit-head.json").unlink()

    broken = run(folder, "check")
    assert broken.returncode == 1
    assert "Must be mended: The audit is broken." in broken.stdout
    assert run(folder, "verify-audit").returncode == 1
    with running(folder, "serve", "--port", "8760") as clinic:  # charts stay open, to be read
        assert "for reading only" in clinic.said()
        known = Path(f"/proc/{part_of(clinic, 'site')}/environ").read_bytes()
    assert b"MYOTOME_CLINIC_READ_ONLY=yes" in known


@pytest.mark.django_db
def test_a_whole_audit_is_no_break(founded):
    assert breaks() == []


@pytest.mark.django_db
def test_the_usual_database_is_of_the_engine_that_was_named(new_database):
    assert connection.vendor == databases.ENGINE
    assert new_database().startswith("postgresql") == (connection.vendor == "postgresql")
