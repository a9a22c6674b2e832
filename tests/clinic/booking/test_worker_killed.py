"""The worker killed in the middle of a storm of bookings: no place and no letter is lost or halved.

It sends letters, gives back what was kept too long and passes offers on, and is killed while it
does either, by turns. What it left half done the next one ends, and each letter comes as promised:
under one name and with one text, however often it had to be sent.
"""

import asyncio
import contextlib
import itertools
import random
import socket
import threading
import time
import uuid
from collections import Counter, defaultdict
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from databases import unless_locked
from django.db import connection
from django.utils.timezone import now
from furnishing import BY, person, slot
from processes import kill_part, open_to_processes, running
from test_guard import overlaps

from clinic.audit.actions import seal
from clinic.audit.models import Entry
from clinic.audit.queries import verify
from clinic.booking import actions, rules, terms
from clinic.booking.answers import Taken
from clinic.booking.models import Applicant, Booking, Occupancy, Waiting
from clinic.booking.waiting import wait
from clinic.outbox import rules as mail_rules
from clinic.outbox.models import Message

S = Booking.State
WRITERS = 3
DAYS = 45
AT_MOST = 120.0  # seconds in which a busy machine starts a worker that gives way to all else
PLACES = {S.HELD: 2, S.PENDING: 2, S.OFFERED: 3, S.BOOKED: 3, S.CANCELLED: 0, S.LAPSED: 0}
REFUSED = (terms.CannotBook, actions.ChangedMeanwhile, Taken)
kills_few_and_many = pytest.mark.parametrize(
    "kills", [4, pytest.param(20, marks=pytest.mark.slow)], ids=["few", "many"]
)


class SlowInbox:
    """A mail server that has kept a letter for a moment before it says so: kills fall between."""

    def __init__(self):
        self.got = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        self.got.append(message_from_bytes(envelope.content))
        await asyncio.sleep(0.04)
        return "250 kept"

    def came(self):
        """Of each Message-ID the address, subject and text, each time it came."""
        found = defaultdict(list)
        for letter in self.got:
            text = next(part for part in letter.walk() if part.get_content_type() == "text/plain")
            words = (letter["To"], letter["Subject"], text.get_payload(decode=True))
            found[letter["Message-ID"]].append(words)
        return found


@pytest.fixture
def slow_inbox():
    handler = SlowInbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    handler.address = f"smtp://127.0.0.1:{port}"
    yield handler
    server.stop()


class Storm:
    """Several who book, hold, ask, confirm and cancel, and remember what they were told."""

    def __init__(self, clinic, people):
        self.clinic, self.people = clinic, people
        self.stop, self.failed = threading.Event(), []
        self.told = [[] for _ in range(WRITERS)]  # of each writer: what was done to which booking
        self.threads = [threading.Thread(target=self._blow, args=(n,)) for n in range(WRITERS)]

    def _blow(self, number):
        draw = random.Random(number)
        try:
            for count in itertools.count():
                if self.stop.wait(0.1):  # the worker, which is polite, must keep up with them
                    break
                with contextlib.suppress(*REFUSED), unless_locked():
                    self._act(draw, self.told[number], f"{number}-{count}")
        except Exception as error:  # noqa: BLE001 - said where the test can see it
            self.failed.append(repr(error))
        finally:
            connection.close()

    def _act(self, draw, told, key):
        wanted = slot(
            self.clinic,
            8 + draw.randrange(9),
            10 * draw.randrange(6),
            staff=draw.choice([self.clinic.one, self.clinic.two]),
            day=self.clinic.day + timedelta(days=draw.randrange(DAYS)),
        )
        chance = draw.random()
        if chance < 0.25:
            reply = actions.book(wanted, None, by=BY, key=key, state=S.HELD)
            told.append(("held", reply.booking))
        elif chance < 0.55:
            applicant = {"given_name": f"N{key}", "email": f"n{key}@mail.test"}
            reply = actions.ask(wanted, applicant, by=BY, key=key)
            told.append(("asked", reply.booking))
            if draw.random() < 0.7:
                actions.confirm(self._row(reply.booking), by=BY, key=f"yes-{key}")
                told.append(("confirmed", reply.booking))
        else:
            reply = actions.book(wanted, draw.choice(self.people), by=BY, key=key)
            told.append(("booked", reply.booking))
            if draw.random() < 0.4:
                actions.cancel(self._row(reply.booking), version=reply.version, by=BY)
                told.append(("cancelled", reply.booking))

    def _row(self, key):
        rows = Booking.objects.select_related("service", "staff", "site", "patient", "applicant")
        return rows.get(pk=key)

    @contextmanager
    def blowing(self):
        for thread in self.threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            for thread in self.threads:
                thread.join()

    def done(self, what):
        """The bookings of which somebody was told that this was done."""
        return {booking for told in self.told for act, booking in told if act == what}


class Worker:
    """The worker of a clinic that runs, to be killed: what it had claimed is then nobody's."""

    def __init__(self, clinic):
        self.clinic, self.kills, self.killed_at = clinic, 0, now()

    def kill(self):
        kill_part(self.clinic, "worker")
        self.kills, self.killed_at = self.kills + 1, now()

    def wait_for(self, said, what):
        """Let time pass over letters and claims until something is so."""
        limit = time.monotonic() + AT_MOST
        while not what():
            assert time.monotonic() < limit, said
            with unless_locked():
                let_time_pass(self.killed_at)
            time.sleep(0.1)


def let_time_pass(killed_at):
    """The undo of what waits for it is over, and so are two minutes since a worker died.

    A reminder keeps its day.
    """
    late = Message.objects.filter(state="waiting", not_before__gt=now())
    late.exclude(letter="visit_reminder").update(not_before=now())
    orphans = Message.objects.filter(state="sending", claimed_at__lt=killed_at)
    orphans.update(claimed_at=now() - mail_rules.CLAIM_HOLDS)


def let_places_grow_old():
    """What is held, asked for or offered was so for too long."""
    young = Booking.objects.filter(state__in=rules.UNSURE, expires_at__gt=now())
    while young.exists():
        with unless_locked():
            young.update(expires_at=now())
            return


def overdue():
    return Booking.objects.filter(state__in=rules.UNSURE, expires_at__lte=now()).count()


def lapsed():
    return Booking.objects.filter(state=S.LAPSED).count()


def owed():
    """Letters that should have left."""
    here = Message.objects.filter(state__in=["waiting", "sending"])
    return here.exclude(letter="visit_reminder").count()


@kills_few_and_many
def test_a_killed_worker_leaves_no_place_and_no_letter_by_half(real, place, slow_inbox, kills):
    open_to_processes(place, database=real.address, mail_server=slow_inbox.address)
    people = [person(f"P{n}", real.site, email=f"p{n}@mail.test") for n in range(12)]
    for number in range(6):
        wait(
            person(f"W{number}", real.site, email=f"w{number}@mail.test"),
            service=real.visit,
            site=real.site,
            staff=None,
            first_day=real.day,
            last_day=real.day + timedelta(days=DAYS),
            by=BY,
        )
    storm = Storm(real, people)
    with running(place.folder, "serve", "--port", "8820") as clinic:
        worker = Worker(clinic)
        with storm.blowing():
            for turn in range(kills):
                if turn % 2:  # a new one looks at once for what was kept too long
                    had = lapsed()
                    worker.wait_for("nobody holds a place", lambda: some_unsure() > 3)
                    let_places_grow_old()
                    worker.kill()
                    worker.wait_for("none gives places back", lambda had=had: lapsed() > had)
                else:
                    had = len(slow_inbox.got)
                    worker.wait_for("none sends", lambda had=had: len(slow_inbox.got) > had + 2)
                time.sleep(0.02 * (turn % 5))
                worker.kill()
        let_places_grow_old()
        worker.kill()
        worker.wait_for("places are kept too long", lambda: not overdue())
        while left := owed():
            worker.wait_for("letters are owed", lambda left=left: owed() < left)

    assert storm.failed == []
    no_place_is_lost_and_none_half(storm)
    letters_came_as_promised(storm, slow_inbox, worker.kills)
    seal()
    verdict = verify()
    assert verdict.is_whole, verdict.problem
    assert verdict.waiting == 0


def some_unsure():
    return Booking.objects.filter(state__in=rules.UNSURE).count()


def no_place_is_lost_and_none_half(storm):
    """Every booking is as somebody was told last, takes what that takes, and is written down."""
    rows = {row.pk: row for row in Booking.objects.all()}
    told = {act: storm.done(act) for act in ("held", "asked", "confirmed", "booked", "cancelled")}
    offered = {row.pk for row in rows.values() if row.pk in _audited("place offered")}
    print({act: len(keys) for act, keys in told.items()}, len(offered), "offered")  # noqa: T201
    assert all(told.values()), "the storm did not blow"
    assert offered
    assert told["held"] | told["asked"] | told["booked"] | offered == set(rows)

    states = {key: str(row.state) for key, row in rows.items()}
    for key in told["held"] | (told["asked"] - told["confirmed"]):
        assert states[key] == S.LAPSED
    for key in told["confirmed"] | (told["booked"] - told["cancelled"]):
        assert states[key] == S.BOOKED
    assert {states[key] for key in told["cancelled"]} == {S.CANCELLED}
    assert {states[key] for key in offered} <= {S.OFFERED, S.LAPSED}

    assert overlaps() == 0
    places = Counter(Occupancy.objects.values_list("booking", flat=True))
    assert {key: places[key] for key in rows} == {key: PLACES[states[key]] for key in rows}
    assert not Applicant.objects.exists()
    with_offer = Waiting.objects.filter(state=Waiting.State.OFFERED).values_list("offer", flat=True)
    assert sorted(with_offer) == sorted(key for key in rows if states[key] == S.OFFERED)

    for act, keys in (
        ("visit held", told["held"]),
        ("visit asked for", told["asked"]),
        ("visit confirmed", told["confirmed"]),
        ("visit booked", told["booked"]),
        ("visit cancelled", told["cancelled"]),
        ("place lapsed", {key for key in rows if states[key] == S.LAPSED}),
    ):
        assert _audited(act) == keys, act
        assert Entry.objects.filter(act=act).count() == len(keys), act


def _audited(act):
    subjects = Entry.objects.filter(act=act).values_list("subject", flat=True)
    return {uuid.UUID(subject.partition(":")[2]) for subject in subjects}


def letters_came_as_promised(storm, inbox, kills):
    """Each that was owed came, under one name and with one text; no more than was promised."""
    rows = {row.pk: row for row in Booking.objects.all()}
    confirmed, asked = storm.done("confirmed"), storm.done("asked")
    gone = {"sent", "cancelled"}  # told, or no longer true when it was its turn
    promised = {}
    for key, row in rows.items():
        letters = {}
        if key in asked:
            letters["0:confirm"] = gone
        if row.state in {S.BOOKED, S.CANCELLED}:
            is_booked = row.state == S.BOOKED
            letters["0:booked"] = {"sent"} if is_booked else gone
            letters["0:reminder"] = {"waiting"} if is_booked else {"cancelled"}
        if row.state == S.CANCELLED:
            letters["1:cancelled"] = {"sent"}
        if key not in asked and row.state in {S.OFFERED, S.LAPSED} and row.patient_id:
            letters["0:offered"] = {"sent"} if row.state == S.OFFERED else gone
        promised |= {f"visit:{key}:{what}": states for what, states in letters.items()}
    assert confirmed <= asked
    kept = {row.key: row for row in Message.objects.all()}
    assert set(kept) == set(promised)
    wrong = [key for key, states in promised.items() if kept[key].state not in states]
    assert wrong == []

    came, named = inbox.came(), {row.message_id: row for row in kept.values()}
    assert set(came) <= set(named)
    assert {row.message_id for row in kept.values() if row.state == "sent"} <= set(came)
    assert not any(name in came for name, row in named.items() if row.state == "waiting")
    for name, letters in came.items():
        assert len(set(letters)) == 1, letters
        assert letters[0][0] == named[name].to
    again = sum(len(letters) - 1 for letters in came.values())
    print(f"{len(inbox.got)} letters, {again} of them again, {kills} kills")  # noqa: T201
    assert again <= kills  # at most the one that was under way when a worker died
