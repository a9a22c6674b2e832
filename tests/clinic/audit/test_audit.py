"""The audit: written with the act or alone, never changed, chained so that loss shows."""

import json
import random
import threading
import time
import uuid
from dataclasses import replace

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from clinic.audit.actions import (
    ChainCut,
    NoTransaction,
    _export,
    exported_head,
    record,
    record_alone,
    seal,
)
from clinic.audit.actor import Actor
from clinic.audit.models import Entry, Link
from clinic.audit.queries import verify
from clinic.outbox.worker import seal_on
from clinic.place import Keys
from myotome.errors import InputError

BY = Actor("user:1", "abc")


def act(times=1):
    for number in range(times):
        record_alone("something done", by=BY, subject=f"thing:{number}", number=number)


def test_an_act_cannot_be_recorded_outside_its_transaction(committed):
    with pytest.raises(NoTransaction):
        record("something done", by=BY)


def test_an_act_that_fails_leaves_no_row(committed):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("something done", by=BY)
        raise ZeroDivisionError

    assert Entry.objects.count() == 0


def test_what_stands_alone_cannot_be_drawn_into_a_transaction(committed):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        record_alone("refused", by=BY)


@pytest.mark.parametrize("table", ["audit_entry", "audit_link"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET key = '9'", "DELETE FROM {}"])
def test_the_database_itself_refuses_change(committed, table, statement):
    act()
    seal()

    with pytest.raises(DatabaseError, match="written once"), connection.cursor() as cursor:
        cursor.execute(statement.format(table))

    assert verify().is_whole


def test_what_is_sealed_is_whole_and_its_head_is_exported(committed, place):
    act(5)

    assert seal() == 5
    assert seal() == 0
    head = json.loads(place.head_file.read_text())
    assert head == {"number": 5, "hash": Link.objects.get(number=5).hash}
    assert verify() == verify()
    assert (verify().is_whole, verify().linked, verify().waiting) == (True, 5, 0)


def test_what_waits_for_the_seal_is_counted_and_must_be_genuine(committed):
    act(2)

    assert (verify().is_whole, verify().waiting) == (True, 2)


def test_the_seal_is_set_within_a_second(committed):
    stop = threading.Event()
    sealing = threading.Thread(target=seal_on, args=(stop,))
    sealing.start()
    try:
        waits = []
        for _ in range(9):
            act()
            written = time.monotonic()
            while Link.objects.count() < Entry.objects.count():
                assert time.monotonic() - written < 5
                time.sleep(0.01)
            waits.append(time.monotonic() - written)
    finally:
        stop.set()
        sealing.join()

    assert sorted(waits)[4] <= 1.0  # a machine that halts for a while says nothing of the sealer


def test_an_old_row_that_commits_late_is_linked_by_a_complete_look(committed):
    act(3)
    seal()
    act(4)
    seal(look_back=2)

    assert Link.objects.count() == 5
    assert seal() == 2
    assert verify().is_whole


def test_sealing_stops_when_the_exported_link_is_gone(tampered):
    tampered("DELETE FROM audit_link WHERE number = 20")
    tampered("DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)")
    act()

    with pytest.raises(ChainCut):
        seal()
    assert "before the exported head" in verify().problem


def test_a_chain_whose_head_file_is_gone_is_broken(tampered, place):
    tampered("DELETE FROM audit_link WHERE number > 15")
    tampered("DELETE FROM audit_entry WHERE id > (SELECT min(id) + 14 FROM audit_entry)")
    place.head_file.unlink()

    assert "head is gone" in verify().problem
    with pytest.raises(ChainCut, match="head is gone"):
        seal()
    assert not place.head_file.exists()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"number": "x", "hash": ""}'])
def test_a_head_file_that_holds_no_head_is_a_break(place, db, text):
    act()
    seal()
    place.head_file.write_text(text)

    assert "holds no head" in verify().problem
    with pytest.raises(ChainCut, match="holds no head"):
        seal()


def test_a_seal_that_died_before_it_exported_is_taken_up(committed, monkeypatch):
    act()
    with monkeypatch.context() as dying:
        dying.setattr("clinic.audit.actions._replace", _die_at_the_second_call())
        with pytest.raises(SystemExit):
            seal()
    assert exported_head()[0] == 0
    assert verify().is_whole

    act()
    assert seal() == 1
    assert exported_head()[0] == 2
    assert verify().is_whole


def _die_at_the_second_call():
    calls = []

    def replace(path, text):
        calls.append(text)
        if len(calls) > 1:
            raise SystemExit
        path.write_text(text)

    return replace


@pytest.mark.django_db
def test_the_exported_head_never_goes_back(place):
    act(3)
    seal()
    newest = exported_head()

    _export(2, Link.objects.get(number=2).hash)

    assert exported_head() == newest


def test_many_who_export_at_once_leave_the_newest_head_whole(place):
    def export(number):
        _export(number, "f" * 64)

    threads = [threading.Thread(target=export, args=(number,)) for number in range(1, 41)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert exported_head() == (40, "f" * 64)
    assert {path.name for path in place.folder.iterdir()} == {
        "audit-head.json",
        "audit-head.json.lock",
    }


@pytest.mark.django_db
def test_nothing_is_signed_or_sealed_with_default_keys(place, monkeypatch):
    act()
    monkeypatch.setattr(settings, "PLACE", replace(place, keys=Keys()))

    for step in (act, seal):
        with pytest.raises(InputError, match="default keys"):
            step()
    assert Entry.objects.count() == 1
    assert Link.objects.count() == 0


def test_writing_does_not_wait_for_another_chart(committed):
    """Two open transactions write at once; only SQLite, with one writer, makes the second wait."""
    if committed.engine == "sqlite":
        pytest.skip("one writer at a time, whatever is written")
    first, done = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            record("slow", by=BY, subject="chart:1")
            first.set()
            done.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    first.wait(10)
    began = time.monotonic()
    record_alone("quick", by=BY, subject="chart:2")
    took = time.monotonic() - began
    done.set()
    thread.join()

    assert took < 5  # and not the ten seconds for which the other would hold it up


def test_many_who_read_at_once_each_have_their_row_when_they_are_let_on(committed):
    missing = []

    def read(name):
        for number in range(10):
            record_alone("read", by=BY, subject=f"{name}:{number}")
            if not Entry.objects.filter(subject=f"{name}:{number}").exists():
                missing.append(name)
        connection.close()

    readers = [threading.Thread(target=read, args=(name,)) for name in range(12)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert missing == []
    assert Entry.objects.count() == 120


def test_who_cannot_be_written_down_is_not_let_on(committed, monkeypatch):
    def full(_entry, **_options):
        raise OSError(28, "No space left")

    with monkeypatch.context() as disk:
        disk.setattr(Entry, "save", full)
        with pytest.raises(OSError, match="No space"):
            record_alone("read", by=BY)

    record_alone("read", by=BY)
    assert Entry.objects.count() == 1


# ----------------------------------------------------------- tampering


@pytest.fixture
def tampered(committed):
    """A sealed chain of twenty, and one who may drop triggers and run any statement."""
    act(20)
    seal()

    def run(statement, values=()):
        with connection.cursor() as cursor:
            for table in ("audit_entry", "audit_link"):
                for verb in ("UPDATE", "DELETE"):
                    on = f" ON {table}" if committed.engine == "postgresql" else ""
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")
            cursor.execute(statement, values)

    return run


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET act = 'nothing done' WHERE id = (SELECT min(id) FROM audit_entry)",
        "UPDATE audit_entry SET detail = '{}' WHERE id = (SELECT max(id) FROM audit_entry)",
        "DELETE FROM audit_entry WHERE id = (SELECT min(id) FROM audit_entry)",
        "DELETE FROM audit_link WHERE number = 7",
        "DELETE FROM audit_link WHERE number > 15",
        "UPDATE audit_link SET hash = 'ff' WHERE number = 20",
        "DELETE FROM audit_link",
    ],
)
def test_tampering_is_found(tampered, statement):
    tampered(statement)

    assert not verify().is_whole


MUTATIONS = ("edit", "delete", "insert", "reorder", "cut")


def mutate(kind, entries, links, draw):
    """One mutation of copies of the rows; what a thief of the database, not of keys, could do."""
    entries, links = dict(entries), list(links)
    at = draw.randrange(len(links))
    if kind == "edit":
        victim = entries[links[at].entry]
        field = draw.choice(["act", "actor", "subject", "session", "at", "detail", "digest"])
        changed = Entry(**{f.attname: getattr(victim, f.attname) for f in Entry._meta.fields})
        if field == "at":
            changed.at = victim.at.replace(microsecond=(victim.at.microsecond + 1) % 1_000_000)
        elif field == "detail":
            changed.detail = {**victim.detail, "number": -1}
        else:
            setattr(changed, field, getattr(victim, field) + "x")
        entries[links[at].entry] = changed
    elif kind == "delete":
        del entries[links[at].entry]
        if draw.random() < 0.5:
            del links[at]
    elif kind == "insert":
        forged = Entry(
            uid=uuid.UUID(int=draw.getrandbits(128)),
            at=entries[links[0].entry].at,
            actor="user:2",
            act="forged",
            key="1",
            digest="0" * 64,
        )
        entries[forged.uid] = forged
        if draw.random() < 0.5:
            links.insert(
                at,
                Link(
                    number=at + 1,
                    entry=forged.uid,
                    entry_digest=forged.digest,
                    key="1",
                    hash=links[at].hash,
                ),
            )
            links = [_renumbered(link, number) for number, link in enumerate(links, start=1)]
    elif kind == "reorder":
        other = (at + 1 + draw.randrange(len(links) - 1)) % len(links)
        first, second = links[at], links[other]
        links[at], links[other] = (
            _renumbered(second, first.number),
            _renumbered(first, second.number),
        )
    else:
        gone = links[-(at + 1) :]
        links = links[: -(at + 1)]
        for link in gone:
            del entries[link.entry]
    return entries, links


def _renumbered(link, number):
    return Link(
        number=number,
        entry=link.entry,
        entry_digest=link.entry_digest,
        key=link.key,
        hash=link.hash,
    )


class Rows:
    """As much of a query set as the check asks for, over rows in memory."""

    def __init__(self, rows):
        self.rows = list(rows)

    def count(self):
        return len(self.rows)

    def filter(self, number__gt):
        return Rows(row for row in self.rows if row.number > number__gt)

    def order_by(self, name):
        return Rows(sorted(self.rows, key=lambda row: getattr(row, name)))

    def __getitem__(self, part):
        return self.rows[part]

    def in_bulk(self, keys, field_name):
        wanted = set(keys)
        return {row.uid: row for row in self.rows if getattr(row, field_name) in wanted}

    def values(self, name):
        return {getattr(row, name) for row in self.rows}

    def exclude(self, uid__in):
        return Rows(row for row in self.rows if row.uid not in uid__in)

    def iterator(self, chunk_size):
        return iter(self.rows)


def _all_found(monkeypatch, mutations):
    act(40)
    seal()
    entries = {entry.uid: entry for entry in Entry.objects.all()}
    links = list(Link.objects.order_by("number"))
    draw = random.Random(20261125)

    def found(kind):
        changed_entries, changed_links = mutate(kind, entries, links, draw)
        monkeypatch.setattr(Entry, "objects", Rows(changed_entries.values()))
        monkeypatch.setattr(Link, "objects", Rows(changed_links))
        return not verify().is_whole

    monkeypatch.setattr(Entry, "objects", Rows(entries.values()))
    monkeypatch.setattr(Link, "objects", Rows(links))
    assert verify().is_whole
    return sum(found(MUTATIONS[number % len(MUTATIONS)]) for number in range(mutations))


@pytest.mark.django_db
def test_five_hundred_mutations_are_all_found(monkeypatch):
    assert _all_found(monkeypatch, 500) == 500


@pytest.mark.slow
@pytest.mark.django_db
def test_ten_thousand_mutations_are_all_found(monkeypatch):
    assert _all_found(monkeypatch, 10_000) == 10_000


# ------------------------------------------------------------ killed


@pytest.mark.postgresql
def test_a_killed_database_loses_no_act_that_was_acknowledged(postgresql_practice):
    """Several write while the server is killed and comes back: what they were told holds."""
    cluster, acknowledged, stop = postgresql_practice, [], threading.Event()

    def write(name):
        number = 0
        while not stop.is_set():
            number += 1
            try:
                record_alone("counted", by=BY, subject=f"{name}:{number}")
            except DatabaseError:
                connection.close()
                time.sleep(0.05)
            else:
                acknowledged.append(f"{name}:{number}")
        connection.close()

    def more():
        had, until = len(acknowledged), time.monotonic() + 60
        while len(acknowledged) < had + 8:
            assert time.monotonic() < until, "nobody writes"
            time.sleep(0.02)

    writers = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for writer in writers:
        writer.start()
    for _ in range(3):
        more()
        cluster.kill()
        cluster.start()
    more()
    stop.set()
    for writer in writers:
        writer.join()
    connection.close()

    kept = set(Entry.objects.values_list("subject", flat=True))
    seal()
    assert len(acknowledged) > 20
    assert set(acknowledged) <= kept
    assert verify().is_whole
