"""Calendars: what is written is read alike by independent parsers, and names nobody."""

import warnings
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dateutil.tz.tz
import icalendar
import pytest
import recurring_ical_events
import vobject
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from furnishing import BY, at, opened, slot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream
from old_rules import LOADERS, ZONES, next_change, write_old_form

from clinic.accounts.models import User
from clinic.booking import actions, blocks, calendar, times
from clinic.booking.links import feed_token
from clinic.booking.models import Bookable, Booking, Service
from clinic.outbox import actions as outbox
from clinic.outbox.models import Message
from clinic.practice.actions import end_role
from clinic.practice.models import Posting, Site

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of a library under its own grammar's library
    import ics


def by_icalendar(text):
    found = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return {
        (
            str(one["uid"]),
            one.decoded("dtstart").astimezone(UTC),
            one.decoded("dtend").astimezone(UTC),
        )
        for one in found
    }


def by_vobject(text):
    """Its zones come from the VTIMEZONE in the file, reckoned by its own code."""
    return {
        (one.uid.value, one.dtstart.value.astimezone(UTC), one.dtend.value.astimezone(UTC))
        for one in vobject.readOne(text).vevent_list
    }


def by_ics(text):
    """It reads no rules in the file but the machine's own, here the pinned ones (see below)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        events = ics.Calendar(text).events
    return {
        (one.uid, one.begin.datetime.astimezone(UTC), one.end.datetime.astimezone(UTC))
        for one in events
    }


def by_recurring(text):
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(
        datetime(2026, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    )
    return {
        (
            str(one["uid"]),
            one.decoded("dtstart").astimezone(UTC),
            one.decoded("dtend").astimezone(UTC),
        )
        for one in found
    }


def by_ical(text):
    """Its zones come from the pinned tables, wherever these know the name."""
    events = IcsCalendarStream.calendar_from_ics(text).events
    return {(one.uid, one.dtstart.astimezone(UTC), one.dtend.astimezone(UTC)) for one in events}


TO = "ada.with-a-long-address+visits@mail.some-long-domain.example"

# Four that share no code, and one that stands on the first of them and reads as a calendar shows.
PARSERS = {
    "icalendar": by_icalendar,
    "vobject": by_vobject,
    "ics": by_ics,
    "ical": by_ical,
    "recurring_ical_events": by_recurring,
}


def unsaved(starts, zone, minutes=30):
    """A booking as calendars see it."""
    site = Site(name="Main Street", time_zone=zone, address="1 Main Street\nTown")
    booking = Booking(site=site, service=Service(minutes=minutes), sequence=2)
    from clinic.booking.occupying import set_time

    set_time(booking, starts)
    return booking


def said(booking):
    return {(calendar.uid_of(booking), booking.starts_at, booking.ends_at)}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Tables of zones in the form that `ics` reads, by each version of the rules."""
    folder = tmp_path_factory.mktemp("tables")
    for version, load in LOADERS.items():
        for name in ZONES:
            write_old_form(name, load(name), folder / version)
    return folder


@pytest.fixture(autouse=True)
def machine(tables, monkeypatch):
    """`ics` asks the machine for its zones, by dateutil: here a machine that is up to date.

    In older tables British Columbia still changes its clocks, and nothing that a file says reaches
    such a reader.
    """

    def has(version):
        monkeypatch.setattr(dateutil.tz.tz, "TZPATHS", [str(tables / version)])
        dateutil.tz.gettz.cache_clear()

    has("pinned")
    yield has
    dateutil.tz.gettz.cache_clear()


def disagreements(booking, text):
    found = {name: read(text) for name, read in PARSERS.items()}
    return {name: read for name, read in found.items() if read != said(booking)}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(ZONES),
    st.integers(min_value=0, max_value=2 * 365 * 48),
    st.integers(min_value=10, max_value=120),
)
def test_parsers_agree_on_generated_invitations(place, zone, half_hours, minutes):
    starts = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=30 * half_hours)
    booking = unsaved(starts, zone, minutes)

    assert disagreements(booking, calendar.invitation(booking, "REQUEST", to=TO)) == {}


@pytest.mark.slow
def test_parsers_agree_on_ten_thousand_events(place):
    """In one feed for each zone, so that many events share the zone that is written out.

    All of them, in all zones: the first zone is the clinic's own, whose rules changed in 2026.
    """
    total = 0
    for number, zone in enumerate(ZONES):
        bookings = [
            unsaved(datetime(2026, 1, 1, number, tzinfo=UTC) + timedelta(minutes=720 * step), zone)
            for step in range(1430)
        ]
        text = calendar.feed(bookings, [])
        expected = set().union(*(said(one) for one in bookings))
        assert len(expected) == len(bookings)
        for name, read in PARSERS.items():
            assert read(text) == expected, (zone, name)
        total += len(bookings)
    assert total >= 10_000


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("zone", ["America/Toronto", "Europe/London", "Australia/Lord_Howe"])
def test_parsers_agree_on_the_hours_around_a_change_of_clocks(place, zone, forward):
    day = next_change(zone, forward=forward)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for half_hours in range(-28, -8):
        booking = unsaved(noon + timedelta(minutes=30 * half_hours), zone)
        assert disagreements(booking, calendar.invitation(booking, "REQUEST", to=TO)) == {}


def test_parsers_agree_on_the_first_winter_without_a_change_in_vancouver(place):
    for day in range(0, 160, 4):  # from October 2026 on, over two dates of the rules that were
        starts = datetime(2026, 10, 20, 17, tzinfo=UTC) + timedelta(days=day)
        booking = unsaved(starts, "America/Vancouver")
        assert booking.local.hour == 10
        assert disagreements(booking, calendar.invitation(booking, "REQUEST")) == {}


def test_a_reader_whose_machine_has_older_rules_shows_another_hour(place, machine):
    """What a calendar program that trusts its own tables does, and no file can mend."""
    machine("2025b")
    booking = unsaved(datetime(2026, 12, 15, 17, tzinfo=UTC), "America/Vancouver")

    wrong = disagreements(booking, calendar.invitation(booking, "REQUEST"))
    assert set(wrong) == {"ics"}
    assert {start for _, start, _ in wrong["ics"]} == {
        booking.starts_at + timedelta(hours=1)
    }  # 10:00, reckoned from UTC-8


def test_every_event_has_its_zone_written_out_and_none_is_floating_or_bare(place):
    """No. 20: floating times are read as UTC, bare UTC is shown as UTC, foreign zones misread."""
    booking = unsaved(datetime(2027, 3, 9, 22, 10, tzinfo=UTC), "America/Vancouver")
    text = calendar.invitation(booking, "REQUEST", to=TO)

    assert "DTSTART;TZID=America/Vancouver:20270309T151000" in text
    assert text.count("BEGIN:VTIMEZONE") == 1
    assert "TZID:America/Vancouver" in text
    assert "METHOD:REQUEST" in text
    assert "SEQUENCE:2" in text
    assert "\r\n" in text
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def feed_of(staff):
    row = Bookable.objects.get(staff=staff)
    return f"/feeds/{feed_token(staff.pk, row.feed_round)}.ics"


@pytest.mark.django_db
def test_a_feed_shows_when_and_where_and_names_nobody(clinic):
    actions.book(slot(clinic, 9), clinic.ada, by=BY)
    actions.book(slot(clinic, 11), clinic.bo, by=BY)
    actions.book(slot(clinic, 13, staff=clinic.two), clinic.bo, by=BY)
    held = actions.book(slot(clinic, 15), None, by=BY, state="held")
    blocks.block(
        clinic.site,
        staff=clinic.one,
        room=None,
        starts=at(clinic, 16),
        ends=at(clinic, 17),
        what_for="secret meeting",
        by=BY,
    )
    answer = Client().get(feed_of(clinic.one))
    text = answer.content.decode()

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    starts = {start for _, start, _ in by_icalendar(text)}
    assert starts == {at(clinic, 9), at(clinic, 11), at(clinic, 16)}
    for word in ("Ada", "Bo,", "Sample", "secret", "Visit", "mail.test", str(held.booking)):
        assert word not in text
    assert by_icalendar(text) == by_vobject(text)


@pytest.mark.django_db
def test_a_feed_opens_by_its_address_alone_and_a_new_one_ends_the_old(clinic):
    address = feed_of(clinic.one)
    assert Client().get(address).status_code == 200
    for wrong in (address.replace(".ics", "0.ics"), "/feeds/1-x.ics", "/feeds/x.ics"):
        assert Client().get(wrong).status_code == 404
    Bookable.objects.filter(staff=clinic.one).update(feed_round=1)
    assert Client().get(address).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("ended", ["post", "account"])
def test_a_feed_ends_with_the_post_and_with_the_account(clinic, ended):
    address = feed_of(clinic.one)
    assert Client().get(address).status_code == 200
    if ended == "post":
        end_role(Posting.objects.get(staff=clinic.one), by=BY)
    else:
        User.objects.filter(pk=clinic.one.user_id).update(is_active=False)

    assert Client().get(address).status_code == 404
    assert Client().get(feed_of(clinic.two)).status_code == 200


def test_a_moved_visit_keeps_its_name_and_counts_its_changes(clinic):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    booking = Booking.objects.get(pk=reply.booking)
    texts = [Message.objects.get(letter="visit_booked").values["calendar"]]
    actions.move(booking, slot(clinic, 11), version=1, by=BY)
    texts.append(Message.objects.get(letter="visit_moved").values["calendar"])
    booking.refresh_from_db()
    actions.cancel(booking, version=2, by=BY)
    texts.append(Message.objects.get(letter="visit_cancelled").values["calendar"])

    events = [icalendar.Calendar.from_ical(text).walk("VEVENT")[0] for text in texts]
    assert len({str(event["uid"]) for event in events}) == 1
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert [str(event["status"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    methods = [str(icalendar.Calendar.from_ical(text)["method"]) for text in texts]
    assert methods == ["REQUEST", "REQUEST", "CANCEL"]


@pytest.mark.django_db
@pytest.mark.parametrize("state", [state.value for state in Booking.State])
def test_what_nobody_confirmed_is_tentative_in_a_calendar(clinic, state):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    Booking.objects.update(state=state)
    url = reverse("visits:calendar", kwargs={"key": reply.booking})
    file = opened(reply.booking).get(url).content
    (event,) = icalendar.Calendar.from_ical(file).walk("VEVENT")

    words = {"held": "TENTATIVE", "pending": "TENTATIVE", "offered": "TENTATIVE"}
    words |= {"cancelled": "CANCELLED", "lapsed": "CANCELLED"}
    assert str(event["status"]) == words.get(state, "CONFIRMED")


def people_by_icalendar(text):
    (one,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    found = one.get("attendee", [])
    return str(one["organizer"]), [
        str(who) for who in (found if isinstance(found, list) else [found])
    ]


def people_by_vobject(text):
    (one,) = vobject.readOne(text).vevent_list
    return one.organizer.value, [who.value for who in getattr(one, "attendee_list", [])]


def people_by_ics(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (one,) = ics.Calendar(text).events
    return f"mailto:{one.organizer.email}", [f"mailto:{who.email}" for who in one.attendees]


def people_by_ical(text):
    (one,) = IcsCalendarStream.calendar_from_ics(text).events
    return str(one.organizer.uri), [str(who.uri) for who in one.attendees]


PEOPLE = [people_by_icalendar, people_by_vobject, people_by_ics, people_by_ical]


@pytest.mark.django_db
def test_a_mailed_visit_asks_the_one_it_is_mailed_to_and_names_nobody(clinic):
    """RFC 5546, 3.2.2 and 3.2.5: a request has an attendee, and its cancelling the same one."""
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    booking = Booking.objects.get(pk=reply.booking)
    letters = [Message.objects.get(letter="visit_booked")]
    texts = [letters[0].values["calendar"]]
    actions.move(booking, slot(clinic, 11), version=1, by=BY)
    texts.append(Message.objects.get(letter="visit_moved").values["calendar"])
    booking.refresh_from_db()
    actions.cancel(booking, version=2, by=BY)
    letters.append(Message.objects.get(letter="visit_cancelled"))
    texts.append(letters[1].values["calendar"])

    asked = ("mailto:" + django_settings.DEFAULT_FROM_EMAIL, ["mailto:ada@mail.test"])
    assert {letter.to for letter in letters} == {"ada@mail.test"}
    for text in texts:
        assert [read(text) for read in PEOPLE] == [asked] * 4
        (line,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
        assert dict(line["attendee"].params) == {
            "ROLE": "REQ-PARTICIPANT",
            "PARTSTAT": "NEEDS-ACTION",
            "RSVP": "FALSE",
        }
        for name in ("Ada", "Sample", "One"):
            assert name not in text


@pytest.mark.parametrize("zone", ZONES)
def test_parsers_agree_on_who_is_asked(place, zone):
    text = calendar.invitation(
        unsaved(datetime(2027, 3, 9, 18, tzinfo=UTC), zone), "REQUEST", to=TO
    )
    assert [read(text)[1] for read in PEOPLE] == [[f"mailto:{TO}"]] * 4


@pytest.mark.django_db
def test_a_file_for_a_calendar_asks_nobody(clinic):
    """RFC 5546, 3.2.1: what is published has no attendee, and who has the link no address."""
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    booking = Booking.objects.get(pk=reply.booking)
    address = reverse("visits:calendar", kwargs={"key": reply.booking})
    client = opened(reply.booking)
    for method in ("PUBLISH", "CANCEL"):
        text = client.get(address).content.decode()
        assert f"METHOD:{method}" in text
        assert "ATTENDEE" not in text
        assert "ada@" not in text
        if method == "PUBLISH":
            actions.cancel(booking, version=1, by=BY)


@pytest.mark.django_db
def test_the_letter_carries_the_calendar_as_a_part_that_mail_programs_know(clinic, inbox):
    actions.book(slot(clinic, 9), clinic.ada, by=BY)
    Message.objects.exclude(letter="visit_booked").update(state="cancelled")
    Message.objects.update(not_before=datetime.now(UTC) - timedelta(seconds=1))

    assert outbox.send_due() == 1

    part = next(one for one in inbox.letters[0].walk() if "calendar" in one.get_content_type())
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == "REQUEST"
    assert by_icalendar(part.get_payload(decode=True))


@pytest.mark.django_db
def test_the_file_behind_the_link_is_the_visit(clinic):
    reply = actions.book(slot(clinic, 9), clinic.ada, by=BY)
    answer = opened(reply.booking).get(reverse("visits:calendar", kwargs={"key": reply.booking}))

    assert {start for _, start, _ in by_vobject(answer.content.decode())} == {at(clinic, 9)}
    assert times.seconds(at(clinic, 9))
