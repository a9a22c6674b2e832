"""The outbox: promised with the act, sent once, sent again under the same name after a crash."""

import contextlib
import email
import email.policy
import json
import re
import smtplib
import socket
import ssl
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from clinic import settings as clinic_settings
from clinic.audit.actor import Actor
from clinic.outbox import actions, rules
from clinic.outbox.letters import LETTERS, UnknownLetter, written
from clinic.outbox.models import Job, Message
from clinic.outbox.queries import given_up, overdue

BY = Actor("user:1")
VALUES = {"clinic": "Test Clinic", "link": "https://clinic.test/"}


class Inbox:
    """A real mail server that keeps what it gets."""

    def __init__(self):
        self.got = []
        self.refuse = 0

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.refuse:
            self.refuse -= 1
            return "451 later"
        self.got.append(envelope.content.decode())
        return "250 kept"


@pytest.fixture
def inbox(monkeypatch):
    handler = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    here = replace(settings.PLACE, mail_server=f"smtp://127.0.0.1:{port}")
    monkeypatch.setattr(settings, "PLACE", here)
    yield handler
    server.stop()


def promise(key="one", letter="access_to_review", **more):
    return actions.promise(letter, to="lead@clinic.test", key=key, values=VALUES, **more)


def message_ids(inbox):
    return [re.search(r"^Message-ID: (.*?)\r?$", mail, re.MULTILINE)[1] for mail in inbox.got]


def test_a_promise_is_sent_once(committed, inbox):
    message = promise()
    promise()

    assert actions.send_due() == 1
    assert actions.send_due() == 0
    assert message_ids(inbox) == [message.message_id]
    assert Message.objects.get().state == Message.State.SENT


def test_an_act_that_fails_promises_nothing(committed, inbox):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        promise()
        raise ZeroDivisionError

    assert actions.send_due() == 0


def test_a_crash_between_sending_and_marking_sends_the_same_message_again(
    committed, inbox, monkeypatch
):
    message = promise()
    really_send = actions.send

    def send_and_die(**letter):
        really_send(**letter)
        raise SystemExit  # what a killed process does: nothing after it

    with monkeypatch.context() as dying:
        dying.setattr(actions, "send", send_and_die)
        with pytest.raises(SystemExit):
            actions.send_due()
    assert Message.objects.get().state == Message.State.SENDING

    assert actions.send_due() == 0  # the claim still holds
    Message.objects.update(claimed_at=datetime.now(UTC) - rules.CLAIM_HOLDS - timedelta(seconds=1))
    resent = {}
    monkeypatch.setattr(actions, "send", lambda **letter: resent.update(letter))
    assert actions.send_due() == 1
    assert resent["message_id"] == message.message_id == message_ids(inbox)[0]


def test_a_mail_server_that_refuses_is_tried_again_later(committed, inbox):
    inbox.refuse = 1
    promise()

    assert actions.send_due() == 0
    waiting = Message.objects.get()
    assert waiting.state == Message.State.WAITING
    assert waiting.not_before > datetime.now(UTC) + timedelta(seconds=20)
    Message.objects.update(not_before=datetime.now(UTC))
    assert actions.send_due() == 1
    assert len(inbox.got) == 1


@pytest.mark.django_db
def test_a_letter_is_plain_dated_and_under_its_name(inbox):
    message = promise()
    assert actions.send_due() == 1

    letter = email.message_from_string(inbox.got[0], policy=email.policy.default)
    assert letter["Message-ID"] == message.message_id
    assert letter["To"] == "lead@clinic.test"
    assert letter["From"] == settings.DEFAULT_FROM_EMAIL
    assert abs(letter["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1)
    assert letter["Subject"] == "Something to review at Test Clinic"
    assert VALUES["link"] in letter.get_content()
    assert letter.get_content_type() == "text/plain"


@pytest.mark.django_db
def test_a_letter_waits_for_no_name_of_this_machine(inbox, monkeypatch):
    """It is asked of the DNS, for as long as that likes."""
    deaf = vars(socket) | {"getfqdn": lambda *_: pytest.fail("the DNS was asked")}
    monkeypatch.setattr("smtplib.socket", SimpleNamespace(**deaf))
    promise()

    assert actions.send_due() == 1
    assert len(inbox.got) == 1


@pytest.mark.django_db
def test_django_itself_mails_nothing(inbox):
    with override_settings(**mailing_of_settings()):
        EmailMessage("Ada", "Ada", to=["lead@clinic.test"]).send()

    assert inbox.got == []


def mailing_of_settings():
    """What the site's own settings say, which the test runner has put aside."""
    names = ("EMAIL_BACKEND", "MAILERS")
    return {
        name: getattr(clinic_settings, name) for name in names if hasattr(clinic_settings, name)
    }


@pytest.mark.django_db
def test_a_server_without_a_certificate_that_is_believed_gets_no_letter(
    tmp_path, monkeypatch, place
):
    handler = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, "127.0.0.1", port, ssl_context=self_signed(tmp_path))
    with contextlib.suppress(ssl.SSLError):  # it tries itself whether it answers
        server.start()
    try:
        here = replace(place, mail_server=f"smtps://127.0.0.1:{port}")
        monkeypatch.setattr(settings, "PLACE", here)
        promise()
        assert actions.send_due() == 0
    finally:
        server.stop()

    assert handler.got == []
    waiting = Message.objects.get()
    assert (waiting.state, waiting.problem) == ("waiting", "SSLCertVerificationError")


def self_signed(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    certificate = builder.sign(key, hashes.SHA256())
    file = folder / "both.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def stored():
    """Every row of the table of messages, as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outbox_message")
        return json.dumps(cursor.fetchall(), default=str)


def test_a_link_is_never_plain_in_the_database_and_gone_once_its_letter_left(committed, inbox):
    message = promise()

    assert VALUES["link"] not in stored()
    message.refresh_from_db()
    assert message.values == VALUES
    assert actions.send_due() == 1
    assert VALUES["link"] in inbox.got[0]
    message.refresh_from_db()
    assert message.values == {}


def test_a_database_of_before_is_sealed_when_it_is_brought_up_to_date(committed):
    call_command("migrate", "outbox", "0001", verbosity=0)
    insert = (
        'INSERT INTO outbox_message (id, message_id, key, letter, "to", "values", state, attempts,'
        " problem, promised_at, not_before)"
        " VALUES (%s, %s, %s, 'access_to_review', 'a@b.test', %s, %s, 0, '', %s, %s)"
    )
    now = datetime.now(UTC).isoformat()
    with connection.cursor() as cursor:
        for state in ("waiting", "sent"):
            row = [uuid.uuid4().hex, state, state, json.dumps(VALUES), state, now, now]
            cursor.execute(insert, row)
    assert VALUES["link"] in stored()
    call_command("migrate", "outbox", verbosity=0)

    assert VALUES["link"] not in stored()
    assert Message.objects.get(key="waiting").values == VALUES
    assert Message.objects.get(key="sent").values == {}
    call_command("migrate", "outbox", "0001", verbosity=0)
    assert stored().count(VALUES["link"]) == 1


@pytest.mark.django_db
def test_a_letter_that_is_withdrawn_keeps_no_link():
    promise()
    promise(key="two", letter="waiting_work")

    assert actions.withdraw("access_to_review", to="lead@clinic.test") == 1
    assert actions.withdraw("access_to_review", to="lead@clinic.test") == 0

    left = {message.key: message.values for message in Message.objects.all()}
    assert left == {"one": {}, "two": VALUES}


@pytest.mark.django_db
def test_what_another_key_sealed_is_not_sent_with_gaps(place, monkeypatch, inbox):
    promise()
    monkeypatch.setattr(settings, "PLACE", replace(place, keys=replace(place.keys, site="other")))

    assert actions.send_due() == 0
    failed = Message.objects.get()
    assert (failed.state, failed.problem) == ("failed", "UnknownLetter")


REFUSED = smtplib.SMTPRecipientsRefused
FINAL = [
    REFUSED({"lead@clinic.test": (550, b"no such person")}),
    smtplib.SMTPDataError(554, b"no"),
    ValueError("a header"),
    UnknownLetter("diagnosis"),
]
PASSING = [
    REFUSED({"lead@clinic.test": (450, b"full")}),
    smtplib.SMTPDataError(451, b"later"),
    smtplib.SMTPAuthenticationError(535, b"who are you"),
    smtplib.SMTPServerDisconnected("gone"),
    ConnectionRefusedError(111, "refused"),
    TimeoutError("slow"),
    ssl.SSLCertVerificationError("expired"),
    RuntimeError("nobody thought of this"),
]


def fail_with(monkeypatch, error):
    def fail(*_arguments, **_options):
        raise error

    monkeypatch.setattr(actions, "send", fail)


@pytest.mark.django_db
@pytest.mark.parametrize("error", FINAL, ids=repr)
def test_what_no_further_try_can_change_is_given_up_and_shown(monkeypatch, error):
    fail_with(monkeypatch, error)
    promise()

    assert actions.send_due() == 0
    failed = given_up().get()
    assert (failed.attempts, failed.problem, failed.values) == (1, type(error).__name__, {})
    assert not overdue().exists()


@pytest.mark.django_db
@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_somebody_may_mend_is_tried_for_ever_and_shown(monkeypatch, caplog, error):
    fail_with(monkeypatch, error)
    monkeypatch.setattr(actions.log, "propagate", True)
    promise()
    Message.objects.update(attempts=actions.MOST_COUNTED)

    assert actions.send_due() == 0
    waiting = Message.objects.get()
    assert (waiting.state, waiting.problem) == ("waiting", type(error).__name__)
    assert waiting.values == VALUES
    wait = waiting.not_before - datetime.now(UTC)
    assert timedelta(minutes=59) < wait <= rules.LONGEST_WAIT
    assert type(error).__name__ in caplog.text
    assert not given_up().exists()
    assert not overdue().exists()
    Message.objects.update(promised_at=datetime.now(UTC) - timedelta(hours=2))
    assert overdue().get() == waiting


def test_two_workers_never_send_the_same_message(committed, inbox):
    for number in range(20):
        promise(key=f"number {number}")

    def send():
        actions.send_due(limit=40)
        connection.close()

    workers = [threading.Thread(target=send) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    actions.send_due(limit=40)

    assert len(message_ids(inbox)) == len(set(message_ids(inbox))) == 20


@pytest.mark.django_db
def test_what_can_wait_keeps_quiet_hours(monkeypatch):
    late = datetime(2027, 3, 9, 23, 30, tzinfo=ZoneInfo("America/Vancouver"))
    monkeypatch.setattr("django.utils.timezone.now", lambda: late)

    waits = promise(letter="waiting_work", zone="America/Vancouver")
    does_not = promise(key="two", zone="America/Vancouver")

    assert waits.not_before.astimezone(late.tzinfo).hour == 8
    assert waits.not_before > late
    assert does_not.not_before == late


@pytest.fixture
def clock(monkeypatch):
    """A clock of the site that the test sets."""
    told = {"now": datetime(2027, 3, 9, 20, 50, tzinfo=ZoneInfo("America/Vancouver"))}
    monkeypatch.setattr("django.utils.timezone.now", lambda: told["now"])

    def at(*parts):
        told["now"] = datetime(2027, 3, *parts, tzinfo=ZoneInfo("America/Vancouver"))

    return at


def test_a_try_that_failed_in_the_evening_is_not_made_again_at_night(committed, inbox, clock):
    promise("reminds", "waiting_work", zone="America/Vancouver")
    promise("is urgent", zone="America/Vancouver")
    inbox.refuse = 2
    assert actions.send_due() == 0
    clock(9, 21, 5)

    assert actions.send_due() == 1  # what is urgent
    assert actions.send_due() == 0
    waits = Message.objects.get(key="reminds")
    assert waits.not_before == datetime(2027, 3, 10, 8, tzinfo=ZoneInfo("America/Vancouver"))
    clock(10, 7, 59)
    assert actions.send_due() == 0
    clock(10, 8, 0)
    assert actions.send_due() == 1
    assert len(inbox.got) == 2


def test_a_worker_that_comes_late_leaves_the_night_of_each_zone_alone(committed, inbox, clock):
    """Seven letters due at ten to nine in the evening; the worker stood still until half past two.

    In London it is the middle of the morning by then.
    """
    for number in range(6):
        promise(f"west {number}", "waiting_work", zone="America/Vancouver")
    promise("london", "waiting_work", zone="Europe/London")
    Message.objects.update(not_before=datetime(2027, 3, 10, 4, 50, tzinfo=UTC))
    clock(10, 2, 30)

    assert actions.send_due() == 1
    assert Message.objects.get(state=Message.State.SENT).key == "london"
    clock(10, 8, 1)
    assert actions.send_due() == 6


ZONES = ["America/Vancouver", "America/St_Johns", "Europe/London", "Australia/Lord_Howe"]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from(ZONES),
    st.integers(0, 23),
    st.integers(0, 23),
)
def test_no_message_that_can_wait_leaves_in_quiet_hours(moment, zone, start, end):
    zone = ZoneInfo(zone)
    out = rules.after_quiet_hours(moment.replace(tzinfo=UTC), zone, start, end)
    hour = out.astimezone(zone).hour

    assert out >= moment.replace(tzinfo=UTC)
    assert out - moment.replace(tzinfo=UTC) <= timedelta(hours=26)
    quiet = start <= hour < end if start <= end else hour >= start or hour < end
    assert not quiet


def test_a_letter_has_no_gap_for_anything_clinical():
    allowed = {"clinic", "link", "days", "minutes", "when", "where", "until", "calendar"}

    assert all(letter.gaps <= allowed for letter in LETTERS.values())


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("diagnosis", {}),
        ("access_to_review", {"clinic": "x"}),
        ("access_to_review", {"clinic": "x", "link": "y", "note": "C6"}),
        ("access_to_review", {"clinic": "x\nBcc: y", "link": "y"}),
    ],
)
def test_nothing_but_the_listed_letters_can_be_written(name, values):
    with pytest.raises(UnknownLetter):
        written(name, values)


def test_a_letter_waits_for_its_time_and_can_be_taken_back_until_then(committed, inbox):
    later = datetime.now(UTC) + timedelta(minutes=3)
    promise("kept", not_before=later)
    promise("dropped", not_before=later)

    assert actions.send_due() == 0
    assert actions.take_back("dropped")
    assert not actions.take_back("never promised")
    Message.objects.filter(key="kept").update(not_before=datetime.now(UTC))
    assert actions.send_due() == 1
    assert not actions.take_back("kept")
    assert Message.objects.get(key="dropped").values == {}


# ------------------------------------------------------------------ jobs


@pytest.fixture
def kind(monkeypatch):
    def register(work):
        monkeypatch.setitem(actions.KINDS, "sum", work)

    return register


def test_a_job_runs_with_no_transaction_open_and_keeps_its_result(committed, kind):
    seen = {}

    def work(given_values, progress):
        seen["open"] = connection.in_atomic_block
        progress(1, 2)
        return {"sum": sum(given_values["numbers"])}

    kind(work)
    actions.request_job("sum", {"numbers": [1, 2]}, by=BY)

    assert actions.run_one_job()
    assert not actions.run_one_job()
    job = Job.objects.get()
    assert (job.state, job.result, job.done, job.total) == ("done", {"sum": 3}, 1, 2)
    assert seen == {"open": False}


@pytest.mark.django_db
def test_the_same_input_is_computed_once(kind):
    runs = []
    kind(lambda values, _progress: runs.append(values) or {})
    first = actions.request_job("sum", {"a": 1, "b": 2}, by=BY)
    actions.run_one_job()

    again = actions.request_job("sum", {"b": 2, "a": 1}, by=BY)

    assert again.pk == first.pk
    assert not actions.run_one_job()
    assert len(runs) == 1


@pytest.mark.django_db
def test_a_job_can_be_cancelled_before_and_while_it_runs(kind):
    def work(_values, progress):
        progress(1, 10)
        actions.cancel_job(Job.objects.get(fingerprint=running.fingerprint))
        progress(10, 10)
        return {}

    kind(work)
    waiting = actions.request_job("sum", {"number": 1}, by=BY)
    actions.cancel_job(waiting)
    running = actions.request_job("sum", {"number": 2}, by=BY)
    actions.run_one_job()

    assert set(Job.objects.values_list("state", flat=True)) == {"cancelled"}
    assert actions.request_job("sum", {"number": 2}, by=BY).state == "queued"


@pytest.mark.django_db
def test_a_job_that_fails_says_how_without_what_it_held(kind):
    def work(_values, _progress):
        raise ValueError("Ada Sample")

    kind(work)
    actions.request_job("sum", {}, by=BY)
    actions.run_one_job()

    job = Job.objects.get()
    assert (job.state, job.problem) == ("failed", "It ended with ValueError.")
    assert "Ada" not in json.dumps(list(Job.objects.values()), default=str)


@pytest.mark.django_db
def test_a_job_whose_heart_stopped_is_taken_up_and_in_the_end_given_up(kind):
    kind(lambda _values, _progress: {"done": True})
    actions.request_job("sum", {}, by=BY)
    stopped = {
        "state": Job.State.RUNNING,
        "heartbeat": datetime.now(UTC) - rules.HEART_HOLDS - timedelta(seconds=1),
    }
    Job.objects.update(**stopped, attempts=1)
    assert actions.run_one_job()
    assert Job.objects.get().state == "done"

    Job.objects.update(**stopped, attempts=rules.JOB_ATTEMPTS)
    assert not actions.run_one_job()
    assert Job.objects.get().state == "failed"
