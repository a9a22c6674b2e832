"""The database itself refuses overlaps, on both engines, whatever writes the rows."""

import itertools
import sqlite3
import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from furnishing import BY, at, person, slot

from clinic.booking import actions, terms, times
from clinic.booking.answers import OtherQuestion, Taken
from clinic.booking.guard import (
    OVERLAPPING,
    OVERLAPS,
    POSTGRESQL_FOLLOW,
    SQLITE_FOLLOW,
    removal,
)
from clinic.booking.models import Answer, Booking, Occupancy, Resource
from clinic.booking.occupying import patient_key, staff_key
from clinic.booking.queries import guard_is_up
from clinic.checking import breaks, displaced
from clinic.patients.actions import CannotMerge, merge, unmerge


def overlaps():
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        return cursor.fetchone()[0]


def overlapping():
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPPING)
        return cursor.fetchone()[0]


def occupy(resource, begins, ends, lane=0):
    with transaction.atomic():
        return Occupancy.objects.create(resource=resource, lane=lane, begins=begins, ends=ends)


def fits(resource, begins, ends, lane=0):
    try:
        occupy(resource, begins, ends, lane)
    except IntegrityError:
        return False
    return True


@pytest.mark.parametrize(
    ("begins", "ends", "lane", "expected"),
    [
        (1000, 2000, 0, False),  # the same
        (1200, 1500, 0, False),  # within
        (500, 2500, 0, False),  # around
        (500, 1001, 0, False),  # by a second at the start
        (1999, 2500, 0, False),  # by a second at the end
        (0, 1000, 0, True),  # adjacent before: half-open
        (2000, 3000, 0, True),  # adjacent after
        (1000, 2000, 1, True),  # in the second lane
    ],
)
def test_no_row_overlaps_another_of_its_resource_and_lane(real, begins, ends, lane, expected):
    resource = Resource.objects.create(key="staff:guard")
    occupy(resource, 1000, 2000)

    assert fits(resource, begins, ends, lane) is expected
    assert fits(Resource.objects.create(key="staff:other"), begins, ends, lane)
    assert overlaps() == 0


def test_a_row_cannot_be_changed_into_an_overlap(real):
    resource = Resource.objects.create(key="staff:guard")
    occupy(resource, 1000, 2000)
    later = occupy(resource, 3000, 4000)

    with pytest.raises(IntegrityError), transaction.atomic():
        Occupancy.objects.filter(pk=later.pk).update(begins=1500)
    with pytest.raises(IntegrityError), transaction.atomic():
        Occupancy.objects.filter(pk=later.pk).update(begins=1000, ends=2000)
    Occupancy.objects.filter(pk=later.pk).update(begins=2500)  # into itself is no overlap


def test_a_row_longer_than_a_day_is_refused_since_the_guard_looks_back_one_day(real):
    resource = Resource.objects.create(key="staff:guard")

    assert fits(resource, 0, 86_400)
    assert not fits(resource, 100_000, 100_000 + 86_401)


def test_raw_statements_are_refused_too(real):
    resource = Resource.objects.create(key="staff:guard")
    occupy(resource, 1000, 2000)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO booking_occupancy (resource_id, lane, begins, ends)"
            " VALUES (%s, 0, 1, 1001)",
            [resource.pk],
        )


def test_a_booking_takes_practitioner_room_and_patient(real):
    actions.book(slot(real, 9), real.ada, by=BY)

    taken = set(Occupancy.objects.values_list("resource__key", flat=True))
    assert {staff_key(real.one), patient_key(real.ada)} < taken
    assert len(taken) == 3


def test_the_guard_holds_where_checks_have_been_passed(real):
    """Two acts that both saw the time free: the second is told, and nothing of it is left."""
    actions.book(slot(real, 9), real.ada, by=BY)

    with pytest.raises(Taken):
        actions.book(slot(real, 9, 20), real.bo, by=BY)
    assert Booking.objects.count() == 1


def test_a_second_booking_of_one_time_needs_a_reason_and_its_own_lane(real):
    actions.book(slot(real, 9), real.ada, by=BY)
    knowingly = terms.Manner(lane=1, reason="sees both together")

    actions.book(slot(real, 9), real.bo, by=BY, manner=knowingly)
    with pytest.raises(Taken):
        actions.book(slot(real, 9), person("Cy", real.site), by=BY, manner=knowingly)
    with pytest.raises(IntegrityError):
        actions.book(slot(real, 12), real.bo, by=BY, manner=terms.Manner(lane=1))
    assert overlaps() == 0


def test_the_same_key_gets_the_same_answer_and_books_once(real):
    first = actions.book(slot(real, 9), real.ada, by=BY, key="k1")
    again = actions.book(slot(real, 9), real.ada, by=BY, key="k1")

    assert first == again
    assert Booking.objects.count() == 1
    with pytest.raises(Taken):
        actions.book(slot(real, 9), real.bo, by=BY, key="k2")
    booking = Booking.objects.get()
    cancelled = actions.cancel(booking, version=booking.version, by=BY, key="k3")
    assert actions.cancel(booking, version=1, by=BY, key="k3") == cancelled
    with pytest.raises(Taken):  # a refusal is an answer too
        actions.book(slot(real, 9), real.bo, by=BY, key="k2")
    with pytest.raises(OtherQuestion):
        actions.book(slot(real, 10), real.bo, by=BY, key="k2")


def test_of_two_changes_from_one_version_the_second_is_told(real):
    reply = actions.book(slot(real, 9), real.ada, by=BY)
    one, other = (Booking.objects.get(pk=reply.booking) for _ in range(2))

    actions.move(one, slot(real, 11), version=1, by=BY)
    with pytest.raises(actions.ChangedMeanwhile):
        actions.move(other, slot(real, 12), version=1, by=BY)
    assert Booking.objects.get().starts_at == at(real, 11)


def test_a_move_that_is_refused_leaves_the_visit_where_it_was(real):
    actions.book(slot(real, 11), real.bo, by=BY)
    reply = actions.book(slot(real, 9), real.ada, by=BY)
    booking = Booking.objects.get(pk=reply.booking)

    with pytest.raises(Taken):
        actions.move(booking, slot(real, 11), version=1, by=BY)
    assert Booking.objects.get(pk=reply.booking).starts_at == at(real, 9)
    rows = Occupancy.objects.filter(booking=reply.booking)
    assert {row.begins for row in rows} == {times.seconds(at(real, 9))}


def test_two_people_found_to_be_one_cannot_be_in_two_places(real):
    actions.book(slot(real, 9), real.ada, by=BY)
    other = person("Ada", real.site)
    reply = actions.book(slot(real, 9, staff=real.two), other, by=BY)

    with pytest.raises(CannotMerge):
        merge(real.ada, other, "the same person", by=BY)
    booking = Booking.objects.get(pk=reply.booking)
    actions.move(booking, slot(real, 15, staff=real.two), version=1, by=BY)
    done = merge(real.ada, other, "the same person", by=BY)
    with pytest.raises(Taken):  # the place went with the person
        actions.book(slot(real, 15), real.ada, by=BY)
    unmerge(done, by=BY)
    actions.book(slot(real, 15), real.ada, by=BY)
    assert overlaps() == 0


def at_once(works):
    """Run each in a thread of its own, all from one line; what each gave or raised."""
    line = threading.Barrier(len(works))
    given = [None] * len(works)

    def run(number, work):
        line.wait()
        try:
            given[number] = work()
        except Exception as error:  # noqa: BLE001 - what it raised is what is looked at
            given[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


def test_one_look_over_the_table_finds_what_row_against_row_finds(real):
    """The storm's watcher looks so each second; an overlap far from its neighbours counts too."""
    with connection.cursor() as cursor:
        for statement in removal(connection.vendor):
            cursor.execute(statement)
    one, two = (Resource.objects.create(key=f"staff:{name}") for name in ("a", "b"))
    for resource, spans in ((one, [(0, 100), (100, 200), (200, 300)]), (two, [(50, 150)])):
        for begins, ends in spans:
            occupy(resource, begins, ends)
    occupy(one, 50, 150, lane=1)
    assert (overlaps(), overlapping()) == (0, 0)
    long = occupy(two, 0, 1000)
    assert (overlaps(), overlapping()) == (1, 1)
    for begins in (200, 400, 600):
        occupy(two, begins, begins + 10)
    assert (overlaps(), overlapping()) == (4, 4)
    long.delete()
    assert (overlaps(), overlapping()) == (0, 0)
    occupy(two, 200, 210)  # the very same
    assert (overlaps(), overlapping()) == (1, 1)


def test_of_many_who_book_one_time_at_once_one_gets_it(real):
    people = [person(f"P{number}", real.site) for number in range(8)]
    minutes = itertools.cycle([0, 10, 20])

    given = at_once(
        [
            lambda who=who, minute=minute: actions.book(slot(real, 9, minute), who, by=BY)
            for who, minute in zip(people, minutes, strict=False)
        ]
    )

    assert sum(isinstance(one, actions.Reply) for one in given) == 1
    assert all(isinstance(one, actions.Reply | Taken) for one in given), given
    assert overlaps() == 0


def test_one_request_sent_many_times_at_once_is_done_once_and_answered_alike(real):
    given = at_once([lambda: actions.book(slot(real, 9), real.ada, by=BY, key="one")] * 6)

    assert len(set(given)) == 1, given
    assert Booking.objects.count() == 1
    assert Answer.objects.count() == 1


def test_who_finds_the_one_writer_busy_for_too_long_is_tried_once_more(real):
    """SQLite serves nobody in turn: with many at once somebody waits in vain, once."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has many writers")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = []

    def watch(execute, sql, *rest):
        if sql.startswith("BEGIN"):
            begun.append(sql)
            if len(begun) == 2:
                other.execute("ROLLBACK")
        return execute(sql, *rest)

    with connection.execute_wrapper(watch):
        actions.book(slot(real, 9), real.ada, by=BY)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):  # and not for ever
            actions.book(slot(real, 12), real.bo, by=BY)
    other.close()
    assert len(begun) == 4
    assert Booking.objects.count() == 1


@pytest.mark.django_db
def test_a_booking_without_its_places_and_places_without_a_booking_are_found(clinic):
    replies = [actions.book(slot(clinic, hour), clinic.ada, by=BY) for hour in (9, 11, 13)]
    lost, kept, freed = (Booking.objects.get(pk=reply.booking) for reply in replies)
    assert displaced() == []
    lost.occupancies.all().delete()
    Booking.objects.filter(pk=freed.pk).update(state="cancelled")

    (told,) = displaced()
    assert str(lost.pk) in told
    assert told.count(str(freed.pk)) == 1  # it has several places
    assert str(kept.pk) not in told


def test_without_the_guard_a_check_and_an_insert_do_overlap(real):
    """What the guard is for: with it gone, those who checked at the same moment all book."""
    assert guard_is_up()
    with connection.cursor() as cursor:
        for statement in removal(connection.vendor):
            cursor.execute(statement)
    assert not guard_is_up()
    assert any("no longer refuses" in line for line in breaks())
    resource = Resource.objects.create(key="staff:naive")
    checked = threading.Barrier(4)

    def naive():
        is_free = not Occupancy.objects.filter(resource=resource, begins__lt=2000, ends__gt=1000)
        checked.wait()
        if is_free:
            occupy(resource, 1000, 2000)

    at_once([naive] * 4)

    assert overlaps() == 6  # every pair of the four


def test_check_misses_the_trigger_that_follows_merged_patients(real):
    assert guard_is_up()
    on = " ON booking_booking" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER booking_patient_follows{on}")
        try:
            assert not guard_is_up()
        finally:
            steps = {"postgresql": POSTGRESQL_FOLLOW, "sqlite": SQLITE_FOLLOW}[connection.vendor]
            for step in steps:
                cursor.execute(step)
