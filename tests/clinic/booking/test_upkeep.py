"""What the worker and the command do of themselves: lapse, pass on, follow new rules of clocks."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connections
from furnishing import BY, slot
from processes import run

from clinic.booking import actions
from clinic.booking.models import Answer, Booking
from clinic.booking.upkeep import ANSWERS_KEPT, keep_up
from clinic.outbox import worker


def test_the_worker_gives_back_what_lapsed_without_being_asked(real, monkeypatch):
    actions.book(slot(real, 9), None, by=BY, state=Booking.State.HELD)
    Booking.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    monkeypatch.setattr(worker, "MINUTE", 0.2)
    stop = threading.Event()

    def work():
        worker.work(stop)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    until = time.monotonic() + 30
    while time.monotonic() < until and not Booking.objects.filter(state="lapsed").exists():
        time.sleep(0.1)
    stop.set()
    thread.join()

    assert Booking.objects.get().state == Booking.State.LAPSED


@pytest.mark.django_db
def test_answers_are_kept_for_a_week(clinic):
    actions.book(slot(clinic, 9), clinic.ada, by=BY, key="old")
    actions.book(slot(clinic, 11), clinic.ada, by=BY, key="new")
    Answer.objects.filter(key="old").update(at=datetime.now(UTC) - ANSWERS_KEPT)
    keep_up()

    assert [row.key for row in Answer.objects.all()] == ["new"]


def test_the_command_lists_what_new_rules_move_and_asks(tmp_path):
    at = tmp_path / "clinic"
    done = run(
        at,
        "setup",
        "--owner",
        "owner@clinic.test",
        "--name",
        "New Clinic",
        "--time-zone",
        "America/Vancouver",
    )
    assert done.returncode == 0, done.stderr
    told = run(at, "retz")
    assert (told.returncode, told.stdout) == (0, "0 stay at their instant.\n")
