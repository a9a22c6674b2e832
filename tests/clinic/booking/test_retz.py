"""When the rules of a zone change, what was agreed stays and the instant follows, told of."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from furnishing import BY, slot
from old_rules import next_change, use_old_rules

from clinic import checking, command, serving
from clinic.audit.models import Entry
from clinic.booking import actions, blocks, retz, times
from clinic.booking.models import Answer, Block, Booking, BookingRules, Occupancy
from clinic.booking.telling import still_holds
from clinic.outbox.actions import send_due
from clinic.outbox.models import Message
from clinic.patients.models import CareRelationship
from clinic.practice.models import Credential

pytestmark = pytest.mark.django_db
WINTER = date(2026, 12, 15)


@pytest.fixture
def winter(clinic):
    """The clinic's test day lies in the winter in which British Columbia no longer changes."""
    if clinic.day > WINTER:
        clinic.day = date(clinic.day.year + 1, 12, 15)
    else:
        clinic.day = WINTER
    Credential.objects.update(expires_on=None)
    BookingRules.objects.update(window_days=3000)  # as far ahead as that winter is
    return clinic


def keep_free(clinic, hour, **more):
    starts = slot(clinic, hour, **more).starts
    return blocks.block(
        clinic.site,
        staff=clinic.one,
        room=None,
        starts=starts,
        ends=starts + timedelta(hours=1),
        what_for="meeting",
        by=BY,
    )


def booked(clinic, hour, who, monkeypatch, **more):
    with monkeypatch.context() as before:
        use_old_rules(before)
        reply = actions.book(slot(clinic, hour, **more), who, by=BY)
    return Booking.objects.get(pk=reply.booking)


def test_the_wall_time_stays_and_the_instant_follows(winter, monkeypatch):
    """No. 21: the rules of a zone change under stored future bookings."""
    booking = booked(winter, 9, winter.ada, monkeypatch)
    assert booking.starts_at == datetime.combine(winter.day, time(17), tzinfo=UTC)

    told = retz.planned()
    assert [shift.is_move for shift in told] == [True]
    assert "2025b" in told[0].line
    assert Booking.objects.get().starts_at == booking.starts_at  # nothing is done unasked
    retz.carry_out(by=BY)

    moved = Booking.objects.get()
    assert moved.starts_at == booking.starts_at - timedelta(hours=1)
    assert moved.starts_local == booking.starts_local
    assert moved.local.hour == 9
    assert moved.rules_version == times.version()
    assert moved.sequence == booking.sequence + 1
    begins = set(Occupancy.objects.values_list("begins", flat=True))
    assert begins == {times.seconds(moved.starts_at)}
    assert retz.planned() == []


def test_visits_that_wait_for_new_rules_are_told_of_by_check_and_by_serve(
    winter, monkeypatch, capsys
):
    said = (
        "1 visits to come and 1 blocks are reckoned by other rules of clocks than those in use,"
        f" {times.version()}: their hour may be another. Run 'myotome clinic retz'."
    )
    monkeypatch.setattr(command, "_open", lambda _at: None)
    monkeypatch.setattr(checking, "refusals", list)
    monkeypatch.setattr(serving, "listen", lambda _port: None)
    monkeypatch.setattr(serving, "serve_until_told", lambda _listening: None)
    cancelled = booked(winter, 11, winter.bo, monkeypatch)
    actions.cancel(cancelled, version=1, by=BY)
    actions.book(slot(winter, 12), winter.bo, by=BY)
    command.serve()
    assert "rules of clocks" not in capsys.readouterr().err

    booked(winter, 9, winter.ada, monkeypatch)
    with monkeypatch.context() as before:
        use_old_rules(before)
        keep_free(winter, 14)
    command.serve()
    assert capsys.readouterr().err == f"Look at this: {said}\n"
    assert said in checking.advice()

    retz.carry_out(by=BY)
    assert said not in checking.advice()


def test_a_whole_day_moves_together_without_conflict(winter, monkeypatch):
    for hour in range(9, 17):
        booked(winter, hour, winter.ada, monkeypatch)

    told = retz.carry_out(by=BY)

    assert len(told) == 8
    assert not any(shift.problem for shift in told)
    assert {booking.lane for booking in Booking.objects.all()} == {0}


def test_a_visit_booked_by_new_rules_where_an_old_one_moves_to_is_a_conflict(winter, monkeypatch):
    old = booked(winter, 9, winter.ada, monkeypatch)  # 17:00 UTC, will be 16:00
    actions.book(slot(winter, 9), winter.bo, by=BY)  # by the new rules: 16:00 UTC

    before = everything()
    foretold = retz.planned()
    assert everything() == before  # nothing is done unasked
    told = retz.carry_out(by=BY, agreed=foretold)

    other = Booking.objects.get(patient=winter.bo)
    assert [shift.problem for shift in told if shift.problem] == [
        f"Conflict with visit {other.pk}. All are kept; decide which moves."
    ]
    moved = Booking.objects.get(pk=old.pk)
    assert (moved.lane, moved.reason_for_lane) == (1, retz.REASON)
    assert moved.local.hour == 9
    assert Occupancy.objects.filter(booking=moved, lane=1).count() == 3


def everything():
    """All that an act could leave behind."""
    tables = (Booking, Occupancy, Block, Message, Entry, CareRelationship, Answer)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_a_block_that_comes_to_lie_on_a_visit_is_told_of_before(winter, monkeypatch):
    with monkeypatch.context() as before:
        use_old_rules(before)
        keep_free(winter, 9)
    actions.book(slot(winter, 9), winter.bo, by=BY)
    was = everything()

    assert [shift.problem for shift in retz.planned()] == [
        "Conflict: a visit is at this time. The block holds nothing until it is decided."
    ]
    assert everything() == was


def test_nothing_is_done_when_it_is_no_longer_what_was_agreed_to(winter, monkeypatch):
    booked(winter, 9, winter.ada, monkeypatch)
    foretold = retz.planned()
    actions.book(slot(winter, 9), winter.bo, by=BY)  # while somebody reads the report
    was = everything()

    with pytest.raises(retz.ChangedMeanwhile):
        retz.carry_out(by=BY, agreed=foretold)

    assert everything() == was


def test_who_has_a_visit_that_moves_is_sent_it_anew_once(winter, monkeypatch):
    booking = booked(winter, 9, winter.ada, monkeypatch)
    old = Message.objects.get(letter="visit_booked")
    Message.objects.filter(pk=old.pk).update(state="sent")

    retz.carry_out(by=BY)

    new = Message.objects.get(letter="visit_follows_clocks")
    assert (new.to, new.state) == ("ada@mail.test", "waiting")
    events = [
        icalendar.Calendar.from_ical(message.values["calendar"]).walk("VEVENT")[0]
        for message in (old, new)
    ]
    assert events[0]["uid"] == events[1]["uid"]
    assert [event["sequence"] for event in events] == [0, 1]
    moved = Booking.objects.get(pk=booking.pk)
    assert events[1].decoded("dtstart").astimezone(UTC) == moved.starts_at
    assert new.values["when"] == old.values["when"]  # the clock on the wall says the same
    reminders = Message.objects.filter(letter="visit_reminder").order_by("promised_at")
    assert [message.state for message in reminders] == ["cancelled", "waiting"]
    retz.carry_out(by=BY)
    assert Message.objects.filter(letter="visit_follows_clocks").count() == 1


def test_who_was_not_told_yet_gets_one_letter_with_the_new_instant(winter, monkeypatch):
    booked(winter, 9, winter.ada, monkeypatch)

    retz.carry_out(by=BY)

    letters = Message.objects.exclude(letter="visit_reminder").filter(to="ada@mail.test")
    assert sorted(letters.values_list("letter", "state")) == [
        ("visit_booked", "cancelled"),
        ("visit_booked", "waiting"),
    ]
    assert "SEQUENCE:1" in letters.get(state="waiting").values["calendar"]


def test_the_letter_leaves_with_the_invitation_of_the_new_instant(winter, monkeypatch, inbox):
    booked(winter, 9, winter.ada, monkeypatch)
    Message.objects.filter(letter="visit_booked").update(state="sent")
    Message.objects.exclude(to="ada@mail.test").update(state="cancelled")
    retz.carry_out(by=BY)

    assert send_due() == 1

    letter = inbox.letters[0]
    assert letter["Subject"] == "The clocks of your visit at Test Clinic"
    parts = {part.get_content_type(): part for part in letter.walk()}
    assert parts["text/calendar"].get_param("method") == "REQUEST"
    assert b"9:00 am" in parts["text/plain"].get_payload(decode=True)


def test_a_place_that_waits_for_its_confirmation_follows_and_keeps_its_letter(winter, monkeypatch):
    with monkeypatch.context() as before:
        use_old_rules(before)
        actions.ask(slot(winter, 9), {"given_name": "Gil", "email": "g@mail.test"}, by=BY)

    retz.carry_out(by=BY)

    assert list(Message.objects.filter(to="g@mail.test").values_list("letter", "state")) == [
        ("visit_to_confirm", "waiting")
    ]
    Message.objects.exclude(to="g@mail.test").update(state="cancelled")
    assert still_holds(Message.objects.get(to="g@mail.test"))
    assert Booking.objects.get().local.hour == 9


def test_a_change_before_the_new_rules_can_no_longer_be_taken_back(winter, monkeypatch):
    booking = booked(winter, 9, winter.ada, monkeypatch)
    with monkeypatch.context() as before:
        use_old_rules(before)
        actions.move(booking, slot(winter, 11), version=1, by=BY)
    retz.carry_out(by=BY)

    booking.refresh_from_db()
    with pytest.raises(actions.ChangedMeanwhile, match="no longer be taken back"):
        actions.undo(booking, version=booking.version, by=BY)


def test_a_visit_whose_instant_stays_only_takes_the_new_version(winter, monkeypatch):
    winter.day = date(winter.day.year + 1, 7, 1)  # both versions agree on summer
    booking = booked(winter, 9, winter.ada, monkeypatch)

    retz.carry_out(by=BY)

    after = Booking.objects.get()
    assert (after.starts_at, after.rules_version) == (booking.starts_at, times.version())
    assert after.sequence == booking.sequence


def test_a_wall_time_that_no_longer_happens_is_left_and_told_of_each_time(winter, monkeypatch):
    booking = booked(winter, 9, winter.ada, monkeypatch)
    gap = next_change("America/Toronto", forward=True)
    Booking.objects.update(starts_local=f"{gap}T02:30", zone="America/Toronto")

    for _ in range(2):
        told = retz.carry_out(by=BY)
        assert "does not happen" in told[0].problem
    assert Booking.objects.get().starts_at == booking.starts_at


def test_what_lies_behind_is_left_alone(winter, monkeypatch):
    booked(winter, 9, winter.ada, monkeypatch)
    past = datetime.now(UTC) - timedelta(days=3)
    Booking.objects.update(starts_at=past, ends_at=past + timedelta(minutes=30))

    assert retz.planned() == []


def test_blocks_follow_too(winter, monkeypatch):
    with monkeypatch.context() as before:
        use_old_rules(before)
        starts = keep_free(winter, 9).starts_at

    retz.carry_out(by=BY)

    assert Occupancy.objects.get().begins == times.seconds(starts) - 3600


def test_every_visit_of_two_years_keeps_its_wall_time(winter, monkeypatch):
    """All that was agreed by the old rules is agreed still."""
    day = winter.day
    agreed = {}
    for week in range(0, 50, 3):
        winter.day = day + timedelta(weeks=week)
        booking = booked(winter, 9 + week % 8, winter.ada, monkeypatch)
        agreed[booking.pk] = booking.starts_local

    retz.carry_out(by=BY)

    zone = ZoneInfo("America/Vancouver")
    for booking in Booking.objects.all():
        shown = booking.starts_at.astimezone(zone).replace(tzinfo=None)
        assert shown.isoformat(timespec="minutes") == agreed[booking.pk]
