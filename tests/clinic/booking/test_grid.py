"""What the day and the week show, cell by cell and line by line, as somebody reads it."""

import re
from datetime import datetime, time, timedelta
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import timezone
from furnishing import BY, person, slot
from old_rules import next_change

from clinic.booking import actions, times
from clinic.booking.actions import Manner
from clinic.booking.booked import VALUES, Booked
from clinic.booking.models import Away, Block, Booking, Hours, Room
from clinic.booking.queries import schedule_between
from clinic.practice.models import Posting, Role, Site

pytestmark = pytest.mark.django_db
S = Booking.State


class Tables(HTMLParser):
    """Rows of each table of a page: of each cell its classes and words; addresses by words."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.links, self.visits, self.headings = [], {}, {}, []
        self.cell = self.link = None
        self.text = page
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.cell = [set((attributes.get("class") or "").split()), ""]
            self.rows[-1].append(self.cell)
            if "data-day" in attributes:
                self.headings.append(attributes)
        elif tag == "a" and self.cell is not None:
            self.link = [attributes, ""]

    def handle_endtag(self, tag):
        if tag in {"td", "th"}:
            self.cell = None
        elif tag == "a" and self.link is not None:
            attributes, words = self.link
            self.links[words] = attributes["href"]
            if "data-version" in attributes:
                self.visits[attributes["data-name"]] = attributes
            self.link = None

    def handle_data(self, words):
        if self.cell is not None:
            self.cell[1] += words
        if self.link is not None:
            self.link[1] += words

    def at(self, clock, column):
        """Classes and words of the grid's cell at a time."""
        row = next(row for row in self.rows if row[0][1] == clock)
        return row[column][0], " ".join(row[column][1].split())

    def line(self, start):
        """The line of the list that begins with these words."""
        found = next(row for row in reversed(self.rows) if row[0][1].startswith(start))
        return [words for _, words in found]


def shown(client, site, day, kind="day", **query):
    url = reverse(f"schedule:{kind}", kwargs={"site": site.pk, "day": day})
    answer = client.get(url, query)
    assert answer.status_code == 200
    return Tables(answer.content.decode())


def booked(clinic, hour, who=None, minute=0, manner=None, **more):
    asked = slot(clinic, hour, minute, **more)
    reply = actions.book(asked, who or clinic.ada, by=BY, manner=manner or Manner())
    return Booking.objects.get(pk=reply.booking)


def test_each_visit_stands_at_its_time_beneath_whoever_gives_it(as_, clinic, cast):
    first = booked(clinic, 9, service=clinic.first)  # 9:00 to 10:00, kept free from 8:55 to 10:10
    second = booked(clinic, 9, clinic.bo, 30, staff=clinic.two)
    page = shown(as_("reception"), clinic.site, clinic.day)

    assert [words for _, words in page.rows[0]] == ["Time", "One", "Two"]
    rooms = [booking.room.name for booking in (first, second)]
    assert sorted(rooms) == ["Room one", "Room two"]
    assert page.at("09:00", 1) == ({"taken"}, f"09:00 SAMPLE, Ada First visit, {rooms[0]}")
    assert page.at("09:30", 2) == ({"taken"}, f"09:30 SAMPLE, Bo Visit, {rooms[1]}")
    assert [page.at(clock, 1) for clock in ("08:40", "08:50", "09:10", "10:00", "10:10")] == [
        (set(), ""),
        ({"taken"}, ""),
        ({"taken"}, ""),
        ({"taken"}, ""),
        (set(), ""),
    ]
    assert page.line("09:00") == [
        "09:00",
        "SAMPLE, Ada",
        "First visit",
        "One",
        rooms[0],
        "Booked",
    ]
    for booking, name in ((first, "SAMPLE, Ada"), (second, "SAMPLE, Bo")):
        address = reverse("schedule:visit", kwargs={"key": booking.pk})
        assert page.links[name] == page.visits[name]["href"] == address
        assert page.visits[name]["data-version"] == str(booking.version)
        assert page.visits[name]["data-service"] == str(booking.service_id)


def test_the_headings_tell_the_script_day_and_person(as_, clinic, cast):
    client = as_("reception")
    day = clinic.day
    page = shown(client, clinic.site, day)
    told = {"data-day": day.isoformat(), "data-on": f"{day:%a %d-%b}", "data-who": "Two"}
    assert told.items() <= page.headings[1].items()
    assert page.headings[1]["data-staff"] == str(clinic.two.pk)

    rooms = shown(client, clinic.site, day, by="room")
    assert [row["data-who"] for row in rooms.headings] == ["Room one", "Room two"]
    assert "data-staff" not in rooms.headings[0]

    week = shown(client, clinic.site, day, "week", **{"with": clinic.two.pk})
    monday = day - timedelta(days=day.weekday())
    days = [(monday + timedelta(days=count)).isoformat() for count in range(7)]
    assert [row["data-day"] for row in week.headings] == days
    assert {row["data-staff"] for row in week.headings} == {str(clinic.two.pk)}


def test_what_is_not_as_usual_is_said_in_words(as_, clinic, cast):
    Room.objects.exclude(pk=clinic.rooms[0].pk).delete()
    booked(clinic, 9, service=clinic.talk)
    reason = "both <at> once & in one room"
    booked(clinic, 9, clinic.bo, manner=Manner(lane=1, reason=reason))
    actions.arrive(Booking.objects.get(patient=clinic.ada), version=1, by=BY)
    actions.ask(slot(clinic, 11), {"given_name": "Gil", "email": "g@mail.test"}, by=BY)
    page = shown(as_("reception"), clinic.site, clinic.day)

    words = page.at("09:00", 1)[1]
    assert "09:00 SAMPLE, Ada Video, arrived" in words
    assert "09:00 SAMPLE, Bo Visit, Room one, second lane" in words
    assert "second" in page.visits["SAMPLE, Bo"]["class"].split()
    assert page.at("11:00", 1)[1] == "11:00 Gil Visit, Room one, waits for confirmation by mail"
    assert page.line("11:00")[-1] == "Waits for confirmation by mail"
    lines = [[words for _, words in row] for row in page.rows if len(row) == 6]
    assert ["09:00", "SAMPLE, Ada", "Video", "One", "None", "Arrived"] in lines
    state = f"Booked (second lane: {reason})"
    assert ["09:00", "SAMPLE, Bo", "Visit", "One", "Room one", state] in lines


def test_only_what_may_move_can_be_lifted(as_, clinic, cast):
    booking = booked(clinic, 9)
    actions.ask(slot(clinic, 11), {"given_name": "Gil", "email": "g@mail.test"}, by=BY)
    client = as_("reception")
    page = shown(client, clinic.site, clinic.day)
    assert page.visits["SAMPLE, Ada"]["draggable"] == "true"
    assert page.visits["Gil"]["draggable"] == "false"
    Booking.objects.filter(pk=booking.pk).update(state=S.NO_SHOW)
    page = shown(client, clinic.site, clinic.day)
    assert page.visits["SAMPLE, Ada"]["draggable"] == "false"


def test_names_are_words_and_never_markup(as_, clinic, cast):
    name = "<script>alert(1)</script>\"'&"
    room = booked(clinic, 9, person(name, clinic.site)).room
    room.name = f"{name} room"
    room.save()
    actions.ask(slot(clinic, 11), {"given_name": name, "email": "g@mail.test"}, by=BY)
    url = reverse("schedule:day", kwargs={"site": clinic.site.pk, "day": clinic.day})
    page = as_("reception").get(url).content.decode()

    assert "<script>alert" not in page
    assert f"SAMPLE, {name}" in Tables(page).visits
    assert name in Tables(page).visits
    assert Tables(page).at("09:00", 1)[1] == f"09:00 SAMPLE, {name} Visit, {name} room"


def test_shut_hours_and_blocked_times_are_marked(as_, clinic, cast):
    Away.objects.create(
        staff=clinic.two, first_day=clinic.day, last_day=clinic.day, starts="12:00", ends="13:00"
    )
    values = {"staff": clinic.one.pk, "day": clinic.day.isoformat(), "what_for": "meeting"}
    block = reverse("schedule:block", kwargs={"site": clinic.site.pk})
    client = as_("reception")
    client.post(block, values | {"starts": "12:00", "ends": "12:20"})
    assert Block.objects.count() == 1
    page = shown(client, clinic.site, clinic.day)

    assert page.at("11:50", 2) == (set(), "")
    assert page.at("12:00", 2) == page.at("12:50", 2) == ({"shut"}, "")
    assert page.at("13:00", 2) == (set(), "")
    assert page.at("12:00", 1) == ({"taken"}, "12:00 meeting")
    assert page.at("12:10", 1) == ({"taken"}, "")
    assert page.at("12:20", 1) == (set(), "")


# Days on which clocks of Toronto go forward, and back: so far ahead that no form is wanted yet.
SPRING, FALL = (next_change("America/Toronto", forward=forward) for forward in (True, False))


@pytest.fixture
def toronto(clinic):
    """A site whose clocks change, and somebody who works there at night."""
    site = Site.objects.get(name="Harbour")
    Posting.objects.create(
        staff=clinic.one, site=site, role=Role.PRACTITIONER, starts_on=SPRING - timedelta(days=999)
    )
    for weekday in range(7):
        Hours.objects.create(
            staff=clinic.one,
            site=site,
            weekday=weekday,
            starts="00:00",
            ends="06:00",
            first_day=SPRING - timedelta(days=999),
        )
    return site


def put(clinic, site, day, clock, who, *, fold=0):
    local = datetime.combine(day, clock)
    starts = times.instant_of(local, times.zone_of(site.time_zone), fold)
    return Booking.objects.create(
        state=S.BOOKED,
        service=clinic.talk,
        staff=clinic.one,
        site=site,
        patient=who,
        starts_local=local.isoformat(timespec="minutes"),
        fold=fold,
        zone=site.time_zone,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=20),
        rules_version="test",
        made_at=timezone.now(),
    )


def test_an_hour_that_clocks_skip_is_there_and_does_not_happen(as_, clinic, cast, toronto):
    put(clinic, toronto, SPRING, time(3), clinic.ada)
    page = shown(as_("far_reception"), toronto, SPRING)

    for clock in ("02:00", "02:20", "02:40"):
        assert page.at(clock, 1) == ({"shut"}, "does not happen")
    assert page.at("01:40", 1) == (set(), "")
    assert page.at("03:00", 1) == ({"taken"}, "03:00 SAMPLE, Ada Video")


def test_both_visits_of_a_time_that_happens_twice_are_shown(as_, clinic, cast, toronto):
    for fold, who in enumerate((clinic.ada, clinic.bo)):
        put(clinic, toronto, FALL, time(1, 20), who, fold=fold)
    page = shown(as_("far_reception"), toronto, FALL)

    assert page.at("01:20", 1) == ({"taken"}, "01:20 SAMPLE, Ada Video01:20 SAMPLE, Bo Video")
    week = shown(as_("far_reception"), toronto, FALL, "week")
    assert week.at("01:20", 7)[1] == "01:20 SAMPLE, Ada Video01:20 SAMPLE, Bo Video"
    assert week.line(f"{FALL:%a %d-%b} 01:20")[1] == "SAMPLE, Bo"


def test_a_week_is_of_one_practitioner(as_, clinic, cast):
    booked(clinic, 9)
    other = booked(clinic, 11, clinic.bo, staff=clinic.two)
    page = shown(as_("reception"), clinic.site, clinic.day, "week", **{"with": clinic.two.pk})

    words = f"11:00 SAMPLE, Bo Visit, {other.room.name}"
    assert page.at("11:00", clinic.day.weekday() + 1)[1] == words
    assert list(page.visits) == ["SAMPLE, Bo"]
    assert "SAMPLE, Ada" not in page.links


def test_a_week_is_of_one_room_with_whoever_is_in_it(as_, clinic, cast):
    mine = booked(clinic, 9)
    beside = booked(clinic, 9, clinic.bo, staff=clinic.two)
    later = booked(clinic, 11, clinic.bo, staff=clinic.two, day=clinic.day + timedelta(days=1))
    elsewhere = clinic.rooms[0] if later.room == clinic.rooms[1] else clinic.rooms[1]
    Booking.objects.filter(pk=later.pk).update(room=elsewhere, equipment=beside.room)
    assert mine.room != beside.room
    values = {"room": beside.room.pk, "day": clinic.day.isoformat(), "what_for": "painting"}
    block = reverse("schedule:block", kwargs={"site": clinic.site.pk})
    client = as_("reception")
    client.post(block, values | {"starts": "12:00", "ends": "12:20"})
    assert Block.objects.count() == 1
    page = shown(client, clinic.site, clinic.day, "week", by="room", room=beside.room.pk)

    column = clinic.day.weekday() + 1
    assert page.at("09:00", column) == ({"taken"}, "09:00 SAMPLE, Bo Visit, Two")
    assert page.at("12:00", column) == ({"taken"}, "12:00 painting")
    assert page.at("10:00", column) == (set(), "")  # a room has no hours of its own
    if clinic.day.weekday() < 6:  # and equipment counts as a room does
        assert page.at("11:00", column + 1)[1] == "11:00 SAMPLE, Bo Visit, Two"
    assert "SAMPLE, Ada" not in page.links
    monday = clinic.day - timedelta(days=clinic.day.weekday())
    days = [(monday + timedelta(days=count)).isoformat() for count in range(7)]
    assert [row["data-day"] for row in page.headings] == days
    assert {row["data-who"] for row in page.headings} == {beside.room.name}
    assert not any("data-staff" in row for row in page.headings)


def test_a_week_by_room_is_of_the_first_room_unless_another_is_asked_for(as_, clinic, cast):
    client = as_("reception")
    for room, name in (("", "Room one"), (str(clinic.rooms[1].pk), "Room two"), ("x", "Room one")):
        page = shown(client, clinic.site, clinic.day, "week", by="room", room=room)
        assert {row["data-who"] for row in page.headings} == {name}
    far = Room.objects.create(site=cast.harbour, name="Far")
    page = shown(client, clinic.site, clinic.day, "week", by="room", room=far.pk)
    assert {row["data-who"] for row in page.headings} == {"Room one"}
    Room.objects.filter(site=clinic.site).delete()
    url = reverse("schedule:week", kwargs={"site": clinic.site.pk, "day": clinic.day})
    assert b"There is no room here yet." in client.get(url, {"by": "room"}).content


@pytest.mark.parametrize("kind", ["day", "week"])
def test_beneath_rooms_nothing_offers_to_be_moved_and_the_page_says_why(as_, clinic, cast, kind):
    room = booked(clinic, 9).room
    url = reverse(f"schedule:{kind}", kwargs={"site": clinic.site.pk, "day": clinic.day})
    client = as_("reception")
    page = client.get(url, {"by": "room", "room": room.pk}).content.decode()
    assert Tables(page).visits["SAMPLE, Ada"]["draggable"] == "false"
    assert "data-can-move" not in page
    assert "M lifts" not in page
    assert "Beneath rooms nothing is moved" in page
    page = client.get(url, {"with": clinic.one.pk}).content.decode()
    assert Tables(page).visits["SAMPLE, Ada"]["draggable"] == "true"
    assert "data-can-move" in page
    assert "M lifts" in page
    assert "Beneath rooms" not in page


def test_days_and_weeks_before_and_after_stay_with_the_room(as_, clinic, cast):
    client, room = as_("reception"), clinic.rooms[1]
    week = shown(client, clinic.site, clinic.day, "week", by="room", room=room.pk)
    monday = clinic.day - timedelta(days=clinic.day.weekday() - 7)
    after = reverse("schedule:week", kwargs={"site": clinic.site.pk, "day": monday})
    assert f'href="{after}?by=room&amp;room={room.pk}"' in week.text
    assert ">Room one</a>" in week.text
    day = shown(client, clinic.site, clinic.day, by="room")
    after = clinic.day + timedelta(days=1)
    url = reverse("schedule:day", kwargs={"site": clinic.site.pk, "day": after})
    assert f'href="{url}?by=room"' in day.text
    url = reverse("schedule:week", kwargs={"site": clinic.site.pk, "day": clinic.day})
    assert f'href="{url}?by=room"' in day.text


def test_values_and_objects_say_the_same(clinic):
    booked(clinic, 9, person("Uno", clinic.site, family_name=""))
    booked(clinic, 10, service=clinic.first)
    for hour in (12, 13):
        actions.ask(slot(clinic, hour), {"given_name": "Gil", "email": "g@mail.test"}, by=BY)
    Booking.objects.filter(starts_local__endswith="13:00").update(state=S.HELD)
    Booking.objects.create(
        **{
            field.attname: getattr(Booking.objects.first(), field.attname)
            for field in Booking._meta.concrete_fields
            if field.attname not in {"id", "patient_id", "state"}
        },
        state=S.OFFERED,
    )
    rows, undoable = schedule_between(clinic.site, clinic.day, clinic.day)

    assert Booked._fields[len(VALUES) :] == ("lacks_forms",)
    assert undoable == []
    assert {row.who for row in rows} == {"Uno", "SAMPLE, Ada", "Gil", "Held", "Nobody yet"}
    for row in rows:
        booking = Booking.objects.get(pk=row.pk)
        for name in ("state", "version", "who", "local", "local_end", "starts_at", "service_id"):
            assert getattr(row, name) == getattr(booking, name), name
        assert (row.service, row.staff) == (booking.service.name, booking.staff.name)
        assert row.room == (booking.room and booking.room.name)
        assert row.label == booking.get_state_display()


def test_a_visit_more_costs_a_phone_less_than_a_kilobyte(as_, clinic, cast):
    client = as_("reception")
    url = reverse("schedule:day", kwargs={"site": clinic.site.pk, "day": clinic.day})
    before = len(client.get(url).content)
    for hour in range(8, 16):
        booked(clinic, hour, person(f"P{hour}", clinic.site))
    more = client.get(url).content

    assert len(re.findall(rb'<a class="visit booked"', more)) == 8
    assert (len(more) - before) / 8 < 1000
