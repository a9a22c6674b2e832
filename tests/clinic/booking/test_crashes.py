"""The served site and its database killed in the middle of a storm of bookings over HTTP.

People without an account choose a time at `/book/`, say who they are and confirm by the link of
their mail; reception books, moves and cancels. Each sends a form again until it is answered, as a
person does whose page did not come. After the kills everything that was acknowledged is there once,
nothing is there by half, each promised letter came under one name, and the audit is whole.
"""

import contextlib
import itertools
import random
import threading
import time
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from conftest import client_of, join
from databases import unless_locked
from django.db import DatabaseError, InterfaceError, connection
from django.urls import reverse
from django.utils.timezone import now
from furnishing import BY, at, furnished, person
from processes import Browser, kill_part, open_to_processes, running
from test_guard import overlaps
from test_worker_killed import PLACES, let_time_pass, owed, slow_inbox

from clinic.audit.actions import seal
from clinic.audit.models import Entry
from clinic.audit.queries import verify
from clinic.booking import times
from clinic.booking.links import token_of
from clinic.booking.models import Booking, Occupancy
from clinic.outbox.models import Message
from clinic.practice import actions as practice
from clinic.practice.models import Role

S = Booking.State
RECEPTION, OUTSIDE = 2, 2  # writers of each kind
DAYS = 40
BACK_WITHIN = 60.0  # seconds on a busy machine; a quiet one needs two
kills_few_and_many = pytest.mark.parametrize(
    "kills", [2, pytest.param(20, marks=pytest.mark.slow)], ids=["few", "many"]
)
__all__ = ["slow_inbox"]  # the fixture is known here by its name


class Visit:
    """What somebody was told of one visit: its start, and what it may be by now."""

    def __init__(self, key, starts, states):
        self.key, self.starts, self.states, self.moves = key, starts, states, 0


class Storm:
    """Several who book over HTTP, and remember what they were told."""

    def __init__(self, clinic, session, address):
        self.clinic, self.session, self.address = clinic, session, address
        self.stop, self.failed, self.told = threading.Event(), [], []
        self.answers, self.unanswered = Counter(), Counter()
        works = [self._of_reception] * RECEPTION + [self._of_anybody] * OUTSIDE
        self.threads = [
            threading.Thread(target=self._blow, args=(work, number))
            for number, work in enumerate(works)
        ]

    def _blow(self, work, number):
        draw = random.Random(number)
        try:
            for count in itertools.count():
                if self.stop.is_set():
                    break
                work(draw, f"{number}-{count}", self._writer_of(number, count))
        except Exception as error:  # noqa: BLE001 - said where the test can see it
            self.failed.append(repr(error))
        finally:
            connection.close()

    def _writer_of(self, number, count):
        """Reception is signed in; of the others each is new, at a loopback address of its own."""
        if number < RECEPTION:
            return Browser(self.address, self.session)
        return Browser(self.address, "", source=f"127.{number}.{count // 250}.{count % 250 + 2}")

    def _sent(self, what, browser, path, **fields):
        """Send it until somebody answers; the answer, and whether it was the first sending."""
        was_first = True
        # 429: who was killed while it counted leaves the lock of that limit for some seconds
        until = time.monotonic() + 2 * BACK_WITHIN
        while (answer := browser.post(path, **fields)) is None or answer.status in {429, 503}:
            assert time.monotonic() < until, (what, answer and answer.status)
            self.unanswered[what] += 1
            was_first = False
            time.sleep(0.1)
        self.answers[what, answer.status] += 1
        return answer, was_first

    def _read(self, find):
        """From the database, when it is there."""
        until = time.monotonic() + BACK_WITHIN
        while True:
            try:
                return find()
            except (DatabaseError, InterfaceError):
                connection.close()
                assert time.monotonic() < until, "the database did not come back"
                time.sleep(0.1)

    def _drawn(self, draw):
        day = self.clinic.day + timedelta(days=draw.randrange(DAYS))
        hour, minute = 8 + draw.randrange(9), 10 * draw.randrange(6)
        staff = draw.choice([self.clinic.one, self.clinic.two])
        return at(self.clinic, hour, minute, day), f"{hour:02}:{minute:02}", day, staff

    def _place(self, drawn):
        _, clock, day, staff = drawn
        service = self.clinic.visit.pk
        return {"service": service, "staff": staff.pk, "day": day.isoformat(), "time": clock}

    # ------------------------------------------------------------ what they do

    def _of_reception(self, draw, name, browser):
        patient = self._read(
            lambda: person(f"P{name}", self.clinic.site, email=f"p{name}@mail.test")
        )
        drawn = self._drawn(draw)
        fields = self._place(drawn) | {"weeks": 1, "key": uuid.uuid4().hex}
        path = reverse("schedule:book", kwargs={"key": patient.pk})
        answer, _ = self._sent("book", browser, path, **fields)
        if answer.status != 302:
            return
        key = self._read(lambda: Booking.objects.get(patient=patient).pk)
        visit = Visit(key, drawn[0], {S.BOOKED})
        self.told.append(visit)
        if draw.random() < 0.5:
            drawn = self._drawn(draw)
            fields = self._place(drawn) | {"version": 1, "key": uuid.uuid4().hex}
            path = reverse("schedule:move", kwargs={"key": key})
            answer, _ = self._sent("move", browser, path, **fields)
            if answer.status == 302:
                visit.starts, visit.moves = drawn[0], 1
        if draw.random() < 0.4:
            path = reverse("schedule:act", kwargs={"key": key, "what": "cancel"})
            answer, was_first = self._sent("cancel", browser, path, version=1 + visit.moves)
            assert answer.status == 302 or not was_first
            # a second sending is refused if the first, which was not answered, was done
            visit.states = {S.CANCELLED} if answer.status == 302 else {S.CANCELLED, S.BOOKED}

    def _of_anybody(self, draw, name, browser):
        starts, _, _, staff = self._drawn(draw)
        asked = f"?service={self.clinic.visit.pk}&site={self.clinic.site.pk}&with={staff.pk}"
        wanted = f"{times.seconds(starts)}:{staff.pk}"
        path = reverse("book:choose") + asked
        choice = {"service": self.clinic.visit.pk, "site": self.clinic.site.pk, "with": staff.pk}
        answer, _ = self._sent("choose", browser, path, starts=wanted, **choice)
        if answer.status != 302:
            return
        browser = browser.with_session(answer.session)
        typed = {"given_name": f"N{name}", "email": f"n{name}@mail.test", "key": uuid.uuid4().hex}
        answer, _ = self._sent("ask", browser, reverse("book:details"), **typed)
        if not answer.leads_to.endswith(reverse("book:sent")):
            return
        letter = self._read(
            lambda: Message.objects.get(letter="visit_to_confirm", to=typed["email"])
        )
        key = uuid.UUID(letter.key.split(":")[1])
        visit = Visit(key, starts, {S.PENDING, S.LAPSED})
        self.told.append(visit)
        if draw.random() < 0.05:  # few are kept at once of one practitioner
            return
        answer, _ = self._sent(
            "open", browser, reverse("visits:open", kwargs={"token": token_of(key)})
        )
        browser = browser.with_session(answer.session)
        answer, _ = self._sent("confirm", browser, reverse("visits:confirm", kwargs={"key": key}))
        if answer.status == 302:
            visit.states = {S.BOOKED}

    # ---------------------------------------------------------- while it blows

    @contextlib.contextmanager
    def blowing(self):
        for thread in self.threads:
            thread.start()
        try:
            self.wait_for_more()
            yield self
        finally:
            self.stop.set()
            for thread in self.threads:
                thread.join(2 * BACK_WITHIN)

    def wait_for_more(self, count=6):
        """Until some more were served, of each kind."""
        had, until = self.done(), time.monotonic() + 2 * BACK_WITHIN
        while any(now_ < then + count for now_, then in zip(self.done(), had, strict=True)):
            assert time.monotonic() < until, ("nobody is served", self.answers, self.failed)
            time.sleep(0.05)

    def done(self):
        return self.answers["book", 302] + self.answers["move", 302], self.answers["ask", 302]


def ended(storm, kills, killed_at):
    """Everybody is sent what is owed to them, whoever was killed while it was sent."""
    least, until = owed(), time.monotonic() + 4 * BACK_WITHIN
    while left := owed():
        if left < least:  # letters that wait for their minutes come one after another
            least, until = left, time.monotonic() + 4 * BACK_WITHIN
        assert time.monotonic() < until, "letters are owed"
        with unless_locked():
            let_time_pass(killed_at)
        time.sleep(0.2)
    print(dict(storm.answers), "unanswered", dict(storm.unanswered), kills)  # noqa: T201


def check(storm, inbox, kills):
    """What must hold whatever was killed."""
    assert storm.failed == []
    assert {status for _, status in storm.answers} <= {200, 302, 409, 422}  # no fault of anybody's
    assert storm.unanswered, "no kill was noticed"
    assert storm.answers["move", 302], "nobody moved"
    assert storm.answers["cancel", 302], "nobody cancelled"
    assert storm.answers["confirm", 302], "nobody confirmed"
    rows = {row.pk: row for row in Booking.objects.all()}
    told = {visit.key: visit for visit in storm.told}
    assert len(told) == len(storm.told)
    assert set(told) <= set(rows), "an acknowledged booking is lost"
    for key, visit in told.items():
        assert rows[key].starts_at == visit.starts, "an acknowledged time is lost"
        assert rows[key].state in visit.states
        assert rows[key].sequence == visit.moves + (rows[key].state == S.CANCELLED)
    assert {row.state for key, row in rows.items() if key not in told} <= {S.HELD, S.LAPSED}

    assert overlaps() == 0
    places = Counter(Occupancy.objects.values_list("booking", flat=True))
    assert {key: places[key] for key in rows} == {key: PLACES[rows[key].state] for key in rows}
    written_down(rows, told)
    letters_came(rows, told, inbox, kills)
    seal()
    verdict = verify()
    assert verdict.is_whole, verdict.problem
    assert verdict.waiting == 0


def written_down(rows, told):
    """Each act has one row of the audit, and each row its act."""
    acts = Counter(
        Entry.objects.filter(subject__startswith="booking:").values_list("act", "subject")
    )
    asked = {key for key in told if acts["visit asked for", f"booking:{key}"]}
    for key, visit in told.items():
        row = rows[key]
        confirmed = key in asked and row.state == S.BOOKED
        expected = {
            "visit booked": key not in asked,
            "visit asked for": key in asked,
            "visit confirmed": confirmed,
            "visit moved": visit.moves,
            "visit cancelled": row.state == S.CANCELLED,
            "place lapsed": row.state == S.LAPSED,
        }
        found = {act: acts[act, f"booking:{key}"] for act in expected}
        assert found == {act: int(count) for act, count in expected.items()}


def letters_came(rows, told, inbox, kills):
    """Each that was promised is there once, and what was sent came under its one name."""
    expected = set()
    asked = {
        uuid.UUID(key.split(":")[1])
        for key in Message.objects.filter(letter="visit_to_confirm").values_list("key", flat=True)
    }
    assert asked <= set(told)
    for key, visit in told.items():
        of_visit = {f"{number}:{what}" for number in range(visit.moves + 1) for what in BOTH}
        if key in asked:
            of_visit = {"0:confirm"} | (of_visit if rows[key].state == S.BOOKED else set())
        if rows[key].state == S.CANCELLED:
            of_visit.add(f"{visit.moves + 1}:cancelled")
        expected |= {f"visit:{key}:{what}" for what in of_visit}
    kept = {row.key: row for row in Message.objects.filter(key__startswith="visit:")}
    assert set(kept) == expected
    for key in told:  # the last word about each visit left, the others may not have
        if rows[key].state in {S.BOOKED, S.CANCELLED}:
            last = "cancelled" if rows[key].state == S.CANCELLED else "booked"
            number = rows[key].sequence
            assert kept[f"visit:{key}:{number}:{last}"].state == "sent"

    came, named = inbox.came(), {row.message_id: row for row in kept.values()}
    assert len(named) == len(kept)
    assert {row.message_id for row in kept.values() if row.state == "sent"} <= set(came)
    for name in set(came) & set(named):
        assert len(set(came[name])) == 1, came[name]
        assert came[name][0][0] == named[name].to
    again = sum(len(letters) - 1 for letters in came.values())
    print(f"{len(inbox.got)} letters, {again} of them again, {kills} kills")  # noqa: T201
    assert again <= kills  # at most the one that was under way when something died


BOTH = ("booked", "reminder")


def reception_at(site):
    return client_of(join("desk", site, Role.RECEPTION)).session.session_key


@kills_few_and_many
def test_a_site_killed_in_mid_storm_loses_and_halves_nothing(real, place, slow_inbox, kills):
    session = reception_at(real.site)
    open_to_processes(place, database=real.address, mail_server=slow_inbox.address)
    with running(place.folder, "serve", "--port", "8830") as clinic:
        storm = Storm(real, session, clinic.address)
        with storm.blowing():
            for turn in range(kills):
                time.sleep(0.05 * (turn % 7))
                kill_part(clinic, "site")
                killed_at = now()
                storm.wait_for_more()
        ended(storm, kills, killed_at)

    check(storm, slow_inbox, kills)


@pytest.mark.postgresql
@kills_few_and_many
def test_postgresql_killed_in_mid_storm_loses_and_halves_nothing(
    postgresql_practice, place, slow_inbox, kills
):
    server = postgresql_practice
    site = practice.found_practice(
        jurisdiction="ca-bc",
        site="Main Street",
        time_zone="America/Vancouver",
        is_demonstration=False,
        by=BY,
    )
    clinic, session = furnished(site), reception_at(site)
    address = server.address("postgres")
    open_to_processes(place, database=address, mail_server=slow_inbox.address)
    with running(place.folder, "serve", "--port", "8840") as served:
        storm = Storm(clinic, session, served.address)
        with storm.blowing():
            for turn in range(kills):
                time.sleep(0.05 * (turn % 7))
                had = sum(storm.unanswered.values())
                server.kill()
                killed_at = now()
                until = time.monotonic() + BACK_WITHIN
                while sum(storm.unanswered.values()) == had:
                    assert time.monotonic() < until, "nobody noticed"
                    time.sleep(0.02)
                (server.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
                server.start()
                connection.close()
                storm.wait_for_more()
        ended(storm, kills, killed_at)
    connection.close()

    check(storm, slow_inbox, kills)
