"""Killed: web process, worker and database end as by a power cut, and no promise is broken.

What was acknowledged is there; nothing is there by half; the audit's chain is whole; a letter is
sent, and always under one name. A few kills by default, twenty in the larger sample.
"""

import asyncio
import itertools
import json
import re
import socket
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller
from conftest import BY, client_of, join
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.timezone import now
from processes import Browser, kill_part, open_to_processes, part_of, running

from clinic.audit.actions import record_alone, seal
from clinic.audit.models import Entry, Link
from clinic.audit.queries import verify
from clinic.outbox import actions as outbox
from clinic.outbox import rules
from clinic.outbox.models import Job, Message
from clinic.outbox.worker import REST, work
from clinic.patients import actions as patients
from clinic.practice.actions import found_practice
from clinic.practice.models import Role
from clinic.records import actions as records
from clinic.records.models import Note

WRITERS = 4
BACK_WITHIN = 60.0  # seconds on a busy machine; a quiet one needs two
few_and_many = pytest.mark.parametrize(
    "kills", [3, pytest.param(20, marks=pytest.mark.slow)], ids=["few", "many"]
)


def ward_in(site, address, place):
    """A student whose every note is told to a practitioner, and notes to add to."""
    carer, student = join("carer", site, Role.PRACTITIONER), join("student", site, Role.STUDENT)
    patient = patients.add_patient({"family_name": "S", "given_name": "Ada"}, site=site, by=BY)
    patients.start_care(patient, carer, "booked", by=BY)
    patients.start_care(patient, student, "supervised", by=BY)
    visit = records.start_visit(patient, staff=carer, site=site, kind="first", by=BY)
    notes = [
        records.sign_note(visit, carer, f"Note {n}.", needs_co_sign=False, by=BY)
        for n in range(WRITERS)
    ]
    session = client_of(student).session.session_key
    open_to_processes(place, database=address)
    return SimpleNamespace(place=place, patient=patient, notes=notes, session=session, carer=carer)


@pytest.fixture
def ward(committed_practice, place):
    """A ward on each engine in turn."""
    return ward_in(committed_practice.site, committed_practice.address, place)


class Writers:
    """Several who add to notes for as long as it lasts, and remember what they were told."""

    def __init__(self, ward, address):
        self.acknowledged, self.other, self.stop = [], [], threading.Event()
        self.waits = []  # seconds until they were served again
        self.threads = [
            threading.Thread(target=self._write, args=(Browser(address, ward.session), url, name))
            for name, note in enumerate(ward.notes)
            for url in [
                reverse("records:add_to_note", kwargs={"key": ward.patient.pk, "note": note.pk})
            ]
        ]

    def _write(self, browser, url, name):
        for number in itertools.count():
            if self.stop.is_set():
                return
            text = f"writer {name} number {number}"
            answer = browser.post(url, text=text)
            if answer is None:
                time.sleep(0.05)
            elif answer.status == 302 and "/visits/" in answer.leads_to:
                self.acknowledged.append(text)
            else:
                self.other.append(answer)
                time.sleep(0.05)

    def wait_for_more(self, count=5):
        """Wait until they are served again."""
        began, had = time.monotonic(), len(self.acknowledged)
        while len(self.acknowledged) < had + count:
            assert time.monotonic() - began < BACK_WITHIN, "the service did not come back"
            time.sleep(0.02)
        self.waits.append(time.monotonic() - began)

    def wait_for_refusals(self, count):
        """Wait until some who wrote were told that they cannot."""
        until = time.monotonic() + BACK_WITHIN
        while len(self.other) < count:
            assert time.monotonic() < until, "nobody was refused"
            time.sleep(0.02)

    @contextmanager
    def writing(self):
        for thread in self.threads:
            thread.start()
        try:
            self.wait_for_more()
            yield self
        finally:
            self.stop.set()
            for thread in self.threads:
                thread.join()


def nothing_is_lost_and_nothing_half(ward, writers):
    """Each acknowledged text is there once; every note has its row and its letter, and they it."""
    acknowledged, waits = writers.acknowledged, writers.waits[1:]
    back = f"back after {min(waits):.1f} to {max(waits):.1f} s"
    print(f"{len(acknowledged)} acknowledged, {back}")  # noqa: T201
    added = Note.objects.exclude(addendum_to=None)
    texts = list(added.values_list("text", flat=True))
    assert len(acknowledged) == len(set(acknowledged))
    assert set(acknowledged) <= set(texts)
    assert len(texts) == len(set(texts))
    keys = {str(key) for key in added.values_list("pk", flat=True)}
    rows = Entry.objects.filter(act="addendum signed").values_list("subject", flat=True)
    assert sorted(rows) == sorted(f"note:{key}" for key in keys)
    letters = Message.objects.filter(letter="waiting_work").values_list("key", flat=True)
    assert sorted(letters) == sorted(f"co-sign:{key}:{ward.carer.pk}" for key in keys)
    seal()
    verdict = verify()
    assert verdict.is_whole, verdict.problem
    assert verdict.waiting == 0


@few_and_many
def test_a_killed_web_process_loses_nothing_that_it_acknowledged(ward, kills):
    with running(ward.place.folder, "serve", "--port", "8790") as clinic:
        writers = Writers(ward, clinic.address)
        with writers.writing():
            for _ in range(kills):
                kill_part(clinic, "site")
                writers.wait_for_more()

    assert [answer.status for answer in writers.other] == []
    nothing_is_lost_and_nothing_half(ward, writers)


@few_and_many
@pytest.mark.postgresql
def test_a_killed_database_server_loses_nothing_and_the_site_stays_up(
    postgresql_practice, place, kills
):
    site = found_practice(
        jurisdiction="ca-bc",
        site="Main Street",
        time_zone="America/Vancouver",
        is_demonstration=False,
        by=BY,
    )
    ward = ward_in(site, postgresql_practice.address("postgres"), place)
    with running(place.folder, "serve", "--port", "8800") as clinic:
        writers, was = Writers(ward, clinic.address), part_of(clinic, "site")
        with writers.writing():
            for kill in range(1, kills + 1):
                postgresql_practice.kill()
                writers.wait_for_refusals(kill)
                postgresql_practice.start()
                writers.wait_for_more()
        assert part_of(clinic, "site") == was  # it waited, and was not started again
    connection.close()

    assert {answer.status for answer in writers.other} == {503}
    assert all("most likely not saved" in answer.page for answer in writers.other)
    nothing_is_lost_and_nothing_half(ward, writers)


# ------------------------------------------------------------- the worker


class SlowInbox:
    """A real mail server that has kept a letter before it says so: kills fall in between."""

    def __init__(self):
        self.got = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        self.got.append(envelope.content.decode())
        await asyncio.sleep(0.05)
        return "250 kept"

    def names(self):
        """Of each letter, by the link that makes it that one: under which names it came."""
        found = defaultdict(list)
        for mail in list(self.got):
            name = re.search(r"^Message-ID: (.*?)\r?$", mail, re.MULTILINE)[1]
            found[re.search(r"https://clinic.test/(\d+)", mail)[1]].append(name)
        return found


@pytest.fixture
def inbox():
    handler = SlowInbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    handler.address = f"smtp://127.0.0.1:{port}"
    yield handler
    server.stop()


def promise(number):
    return outbox.promise(
        "access_to_review",
        to="lead@clinic.test",
        key=f"{number}",
        values={"clinic": "Test Clinic", "link": f"https://clinic.test/{number}"},
    )


@few_and_many
def test_a_killed_worker_loses_no_letter_and_sends_each_under_one_name(
    committed_practice, place, inbox, kills
):
    open_to_processes(place, database=committed_practice.address, mail_server=inbox.address)
    promised = {}
    with running(place.folder, "serve", "--port", "8810") as clinic:
        for kill in range(kills):
            for number in range(kill * 10, kill * 10 + 10):
                promised[f"{number}"] = promise(number).message_id
            had, until = len(inbox.got), time.monotonic() + BACK_WITHIN
            while len(inbox.got) < had + 3:
                assert time.monotonic() < until, "no worker sends"
                time.sleep(0.01)
            kill_part(clinic, "worker")
            killed_at = now()
        until = time.monotonic() + 2 * BACK_WITHIN + len(promised) * 0.2
        while Message.objects.exclude(state="sent").exists():
            assert time.monotonic() < until, list(Message.objects.values_list("state", "attempts"))
            # what the dead had claimed: let the two minutes be over for which a claim holds
            Message.objects.filter(state="sending", claimed_at__lt=killed_at).update(
                claimed_at=now() - rules.CLAIM_HOLDS
            )
            time.sleep(0.2)

    came = inbox.names()
    assert {number: set(names) for number, names in came.items()} == {
        number: {name} for number, name in promised.items()
    }
    again = sum(len(names) - 1 for names in came.values())
    assert again <= kills  # at most the one that was under way when the worker died
    seal()
    assert verify().is_whole


def test_a_mail_server_that_never_answers_holds_up_nothing_but_mail(
    committed_practice, place, monkeypatch
):
    """It takes the connection and says nothing; the seal goes on, and the letter stays promised."""
    monkeypatch.setattr("clinic.outbox.sending.ANSWERS_WITHIN", 20.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        here = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setattr(settings, "PLACE", replace(place, mail_server=here))
        promise(1)
        stop = threading.Event()
        working = threading.Thread(target=work, args=(stop,))
        working.start()
        try:
            silent.settimeout(60)
            held, _ = silent.accept()  # from here on the worker waits for a word
            record_alone("something done", by=BY)
            until = time.monotonic() + 15
            while Link.objects.count() < Entry.objects.count():
                assert time.monotonic() < until, "the seal waits for the mail"
                time.sleep(0.01)
            assert Message.objects.get().state == "sending"
            until = time.monotonic() + 60
            while Message.objects.get().state == "sending":
                assert time.monotonic() < until
                time.sleep(0.02)
        finally:
            stop.set()
            working.join(60)
            held.close()
    assert not working.is_alive()
    waiting = Message.objects.get()
    assert (waiting.state, waiting.problem) == ("waiting", "SMTPServerDisconnected")
    assert waiting.not_before > now()
    assert waiting.values["link"] == "https://clinic.test/1"


@pytest.mark.parametrize("how", ["found at the start", "found by the sealer"])
def test_no_letter_leaves_while_the_audit_does_not_hold(
    committed_practice, place, inbox, monkeypatch, how
):
    """It waits, and leaves once the audit holds again."""
    monkeypatch.setattr(settings, "PLACE", replace(place, mail_server=inbox.address))
    seal()
    head = place.head_file.read_text()
    if how == "found at the start":
        monkeypatch.setattr(settings, "IS_READ_ONLY", True)
    else:
        place.head_file.write_text(json.dumps(json.loads(head) | {"hash": "0" * 64}))
    promise(1)
    stop = threading.Event()
    working = threading.Thread(target=work, args=(stop,))
    working.start()
    try:
        time.sleep(4 * REST)
        assert not inbox.got
        assert Message.objects.get().state == "waiting"
        place.head_file.write_text(head)
        monkeypatch.setattr(settings, "IS_READ_ONLY", False)
        until = time.monotonic() + 20
        while not inbox.got:
            assert time.monotonic() < until, "the letter does not leave"
            time.sleep(0.02)
    finally:
        stop.set()
        working.join(30)


def test_a_running_clinic_turns_to_reading_only_when_its_chain_is_cut(ward, monkeypatch):
    """Without a start anew, and back again; work that waits begins afterwards."""
    monkeypatch.setitem(outbox.KINDS, "sum", lambda given, _progress: {"sum": sum(given["of"])})
    seal()
    head = ward.place.head_file.read_text()
    client = client_of(ward.carer)
    visit = ward.notes[0].visit
    page = reverse("records:visit", args=[ward.patient.pk, visit.pk])
    write = reverse("records:write_note", args=[ward.patient.pk, visit.pk])

    def send():
        return client.post(write, {"text": "Words & signs", "revision": "0", "save_quietly": "1"})

    def becomes(code, head):
        """Put a head there until the site answers so; a seal under way may put its own over it."""
        until = time.monotonic() + 20
        while (answer := send()).status_code != code:
            assert time.monotonic() < until, answer.status_code
            beside = ward.place.head_file.with_suffix(".new")
            beside.write_text(head)
            beside.replace(ward.place.head_file)
            time.sleep(2 * REST)
        return answer

    stop = threading.Event()
    working = threading.Thread(target=work, args=(stop,))
    working.start()
    try:
        time.sleep(2 * REST)
        assert send().status_code == 200
        refused = becomes(503, json.dumps(json.loads(head) | {"hash": "0" * 64}))
        job = outbox.request_job("sum", {"of": [1, 2]}, by=BY)
        assert b"Words &amp; signs" in refused.content
        assert b"For reading only" in client.get(page).content
        time.sleep(4 * REST)
        assert Job.objects.get(pk=job.pk).state == "queued"
        becomes(200, head)
        assert b"For reading only" not in client.get(page).content
        until = time.monotonic() + 20
        while Job.objects.get(pk=job.pk).state != "done":
            assert time.monotonic() < until, "the job does not begin"
            time.sleep(0.05)
    finally:
        stop.set()
        working.join(30)
    assert not ward.place.cut_mark.exists()
