"""Any run of acts leaves booking as a small model says, on both engines.

The model is a list of what is booked, with the plainest check there is; the machine books, holds,
asks, confirms, moves, cancels, takes back, waits, overbooks, books series, lets time pass, changes
the rules of clocks and sends requests again, and after each step both must say the same.
"""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

import pytest
from furnishing import BY, furnished, person
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from old_rules import old_zone
from test_guard import overlaps

from clinic.booking import actions, retz, rules, terms, times
from clinic.booking.answers import Taken
from clinic.booking.models import Booking, Occupancy, Room, Waiting
from clinic.booking.series import book_series
from clinic.booking.upkeep import keep_up
from clinic.booking.waiting import wait
from clinic.practice.models import Site

S = Booking.State
STARTS = st.integers(min_value=0, max_value=11)  # ten minutes each, so that most meet
NUMBERS = itertools.count()


@dataclass
class Held:
    """What the model knows of one booking."""

    state: str
    staff: int
    patient: object
    begins: datetime
    minutes: int
    lane: int = 0
    version: int = 1
    before: "Held | None" = None

    def meets(self, other, *, again=False):
        """A second lane is the practitioner's; over it nothing comes unless it was there before."""
        goes_beside = self.lane != other.lane and (self.lane > 0 or again)
        return (
            self.begins < other.begins + timedelta(minutes=other.minutes)
            and other.begins < self.begins + timedelta(minutes=self.minutes)
            and (
                (self.staff == other.staff and not goes_beside)
                or (self.patient is not None and self.patient == other.patient)
            )
        )


@dataclass
class Model:
    """The plainest booking system there is; rooms never lack in it."""

    held: dict = field(default_factory=dict)

    def taking(self, besides=None):
        return [
            one for key, one in self.held.items() if key != besides and one.state not in rules.FREE
        ]

    def fits(self, wanted, besides=None, *, again=False):
        return not any(wanted.meets(one, again=again) for one in self.taking(besides))


class Clinic(RuleBasedStateMachine):
    """One example: a site of its own, so that many run in one database."""

    site = None

    @initialize()
    def open(self):
        number = next(NUMBERS)
        self.site = Site.objects.create(name=f"Site {number}", time_zone="America/Toronto")
        self.clinic = furnished_anew(self.site, number)
        self.people = [
            self.clinic.ada,
            self.clinic.bo,
            person("Cy", self.site),
        ]
        self.model = Model()
        self.sent = []

    def slot(self, who, start, day=0):
        staff = (self.clinic.one, self.clinic.two)[who]
        local = datetime.combine(self.clinic.day + timedelta(days=day), time(9)) + timedelta(
            minutes=10 * start
        )
        starts = times.instant_of(local, times.zone_of(self.site.time_zone))
        return terms.Slot(self.clinic.visit, staff, self.site, starts)

    def wanted(self, slot, patient, state, lane=0):
        return Held(str(state), slot.staff.pk, patient and patient.pk, slot.starts, 30, lane)

    def tried(self, wanted, call, besides=None, *, again=False):
        """Act where the model says it fits, be refused where it says not; the reply if done."""
        fits = self.model.fits(wanted, besides, again=again)
        try:
            reply = call()
        except Taken:
            assert not fits, wanted
            return None
        assert fits, wanted
        return reply

    # ------------------------------------------------------------ making

    @rule(who=st.integers(0, 1), start=STARTS, patient=st.integers(0, 2), lane=st.integers(0, 1))
    def book(self, who, start, patient, lane):
        slot, someone = self.slot(who, start), self.people[patient]
        manner = terms.Manner(lane=lane, reason="both" if lane else "")
        wanted = self.wanted(slot, someone, S.BOOKED, lane)
        key = f"{self.site.pk}-{next(NUMBERS)}"

        def call():
            return actions.book(slot, someone, by=BY, key=key, manner=manner)

        reply = self.tried(wanted, call)
        self.sent.append((call, reply))
        if reply:
            self.model.held[reply.booking] = wanted

    @rule(who=st.integers(0, 1), start=STARTS)
    def hold(self, who, start):
        slot = self.slot(who, start)
        wanted = self.wanted(slot, None, S.HELD)
        reply = self.tried(wanted, lambda: actions.book(slot, None, by=BY, state=S.HELD))
        if reply:
            self.model.held[reply.booking] = wanted

    @rule(who=st.integers(0, 1), start=STARTS)
    def ask(self, who, start):
        slot = self.slot(who, start)
        wanted = self.wanted(slot, None, S.PENDING)
        applicant = {"given_name": f"N{next(NUMBERS)}", "email": "n@mail.test"}
        reply = self.tried(wanted, lambda: actions.ask(slot, applicant, by=BY))
        if reply:
            self.model.held[reply.booking] = wanted

    @rule(who=st.integers(0, 1), start=STARTS, patient=st.integers(0, 2))
    def series(self, who, start, patient):
        slot, someone = self.slot(who, start), self.people[patient]
        expected = []
        for week in range(2):
            dated = self.slot(who, start, 7 * week)
            expected.append(self.wanted(dated, someone, S.BOOKED))
        fits = [self.model.fits(one) for one in expected]
        dates = book_series(slot, someone, 2, by=BY, all_or_none=False)
        assert [date.booking is not None for date in dates] == fits
        for date, one in zip(dates, expected, strict=True):
            if date.booking:
                self.model.held[date.booking] = one

    # ---------------------------------------------------------- changing

    def some(self, data, *states):
        keys = [key for key, one in self.model.held.items() if one.state in states]
        return data.draw(st.sampled_from(keys)) if keys else None

    def row(self, key):
        rows = Booking.objects.select_related("service", "staff", "site", "patient", "applicant")
        return rows.get(pk=key)

    @rule(data=st.data())
    def confirm(self, data):
        key = self.some(data, S.PENDING, S.OFFERED)
        if key:
            actions.confirm(self.row(key), by=BY)
            one = self.model.held[key]
            one.state, one.version = S.BOOKED, one.version + 1
            one.patient = Booking.objects.get(pk=key).patient_id

    @rule(data=st.data(), who=st.integers(0, 1), start=STARTS)
    def move(self, data, who, start):
        key = self.some(data, S.BOOKED)
        if not key:
            return
        slot, old = self.slot(who, start), self.model.held[key]
        wanted = Held(
            S.BOOKED, slot.staff.pk, old.patient, slot.starts, 30, 0, old.version + 1, old
        )
        row = self.row(key)
        reply = self.tried(
            wanted, lambda: actions.move(row, slot, version=old.version, by=BY), besides=key
        )
        if reply:
            self.model.held[key] = wanted
            self.follow_offers()

    @rule(data=st.data())
    def move_from_an_old_page(self, data):
        key = self.some(data, S.BOOKED)
        if key and self.model.held[key].version > 1:
            with pytest.raises(actions.ChangedMeanwhile):
                actions.move(self.row(key), self.slot(0, 0), version=1, by=BY)

    @rule(data=st.data())
    def cancel(self, data):
        key = self.some(data, S.BOOKED, S.PENDING, S.OFFERED)
        if not key:
            return
        old = self.model.held[key]
        actions.cancel(self.row(key), version=old.version, by=BY)
        self.model.held[key] = Held(
            S.CANCELLED, old.staff, old.patient, old.begins, 30, old.lane, old.version + 1, old
        )
        self.follow_offers()

    @rule(data=st.data())
    def take_back(self, data):
        key = self.some(data, S.CANCELLED, S.BOOKED)
        if not key:
            return
        now = self.model.held[key]
        if now.before is None or now.before.state != S.BOOKED:
            return
        wanted = Held(
            S.BOOKED, now.before.staff, now.patient, now.before.begins, 30, now.before.lane
        )
        wanted.version = now.version + 1
        row = self.row(key)
        offers = [  # none of their letters has left
            one
            for one in self.model.held.values()
            if (one.state, one.staff, one.begins) == (S.OFFERED, wanted.staff, wanted.begins)
        ]
        for one in offers:
            one.state, one.version = S.LAPSED, one.version + 1
        reply = self.tried(
            wanted,
            lambda: actions.undo(row, version=now.version, by=BY),
            besides=key,
            again=True,
        )
        if reply:
            self.model.held[key] = wanted
        else:
            for one in offers:
                one.state, one.version = S.OFFERED, one.version - 1

    @rule(patient=st.integers(0, 2))
    def wait(self, patient):
        day = self.clinic.day
        wait(
            self.people[patient],
            service=self.clinic.visit,
            site=self.site,
            staff=None,
            first_day=day,
            last_day=day,
            by=BY,
        )

    def follow_offers(self):
        """What was offered by itself must fit; the model takes it over."""
        for row in Booking.objects.filter(site=self.site, state=S.OFFERED):
            if row.pk not in self.model.held:
                one = Held(S.OFFERED, row.staff_id, row.patient_id, row.starts_at, 30)
                assert self.model.fits(one)
                self.model.held[row.pk] = one

    # ------------------------------------------------------- time passing

    @rule(data=st.data())
    def lapse(self, data):
        key = self.some(data, S.HELD, S.PENDING, S.OFFERED)
        if key:
            past = datetime.now(UTC) - timedelta(seconds=1)
            Booking.objects.filter(pk=key).update(expires_at=past)
            keep_up()
            one = self.model.held[key]
            one.state, one.version = S.LAPSED, one.version + 1
            self.follow_offers()

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def send_again(self, data):
        call, answer = data.draw(st.sampled_from(self.sent))
        try:
            assert call() == answer
        except Taken:
            assert answer is None

    @rule()
    def rules_of_clocks_change(self):
        """To other rules and to the pinned ones: what was agreed stays what it was."""
        agreed = dict(Booking.objects.filter(site=self.site).values_list("pk", "starts_local"))
        with pytest.MonkeyPatch.context() as other:
            other.setattr(times, "version", lambda: "2025b")
            other.setattr(times, "zone_of", old_zone)
            retz.carry_out(by=BY)
        retz.carry_out(by=BY)
        now = dict(Booking.objects.filter(site=self.site).values_list("pk", "starts_local"))
        assert now == agreed

    # ------------------------------------------------------------- always

    @invariant()
    def both_say_the_same(self):
        if self.site is None:
            return
        rows = {
            row.pk: (str(row.state), row.staff_id, row.patient_id, row.starts_at, row.lane)
            for row in Booking.objects.filter(site=self.site)
        }
        assert rows == {
            key: (str(one.state), one.staff, one.patient, one.begins, one.lane)
            for key, one in self.model.held.items()
        }
        versions = dict(Booking.objects.filter(site=self.site).values_list("pk", "version"))
        assert versions == {key: one.version for key, one in self.model.held.items()}

    @invariant()
    def nobody_is_in_two_places(self):
        if self.site is None:
            return
        assert overlaps() == 0
        taking = {key for key, one in self.model.held.items() if one.state not in rules.FREE}
        rows = Occupancy.objects.filter(booking__site=self.site)
        assert set(rows.values_list("booking", flat=True)) == taking
        served = Waiting.objects.filter(site=self.site, state=Waiting.State.OFFERED)
        assert {row.offer_id for row in served} <= taking


def furnished_anew(site, number):
    """A furnished clinic whose accounts and services have names of their own."""
    import furnishing

    with pytest.MonkeyPatch.context() as patch:
        real_add, real_service = furnishing.practice.add_staff, furnishing.Service.objects.create
        patch.setattr(
            furnishing.practice,
            "add_staff",
            lambda **more: real_add(**more | {"email": f"{number}-{more['email']}"}),
        )
        patch.setattr(
            furnishing.Service.objects,
            "create",
            lambda **more: real_service(**more | {"name": f"{more['name']} {number}"}),
        )
        made = furnished(site)
    for extra in range(10):  # a second lane needs a room of its own
        Room.objects.create(site=site, name=f"Further {extra}")
    return made


def run(examples, steps):
    run_state_machine_as_test(
        Clinic,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def test_any_run_of_acts_leaves_what_the_model_says(committed_practice):
    run(examples=8, steps=18)


@pytest.mark.slow
def test_many_long_runs_of_acts_leave_what_the_model_says(committed_practice):
    run(examples=120, steps=50)


def test_the_model_itself_sees_overlaps():
    """Else the machine would agree with anything."""
    nine = datetime(2027, 3, 9, 9, tzinfo=UTC)
    model = Model({1: Held(S.BOOKED, 1, "ada", nine, 30)})

    def fits(**more):
        usual = {"staff": 2, "patient": None, "begins": nine, "minutes": 30}
        return model.fits(Held(S.BOOKED, **usual | more))

    assert fits()
    assert not fits(staff=1)
    assert not fits(patient="ada")
    assert fits(staff=1, lane=1)
    assert not fits(patient="ada", lane=1)
    assert fits(staff=1, begins=nine + timedelta(minutes=30))
    assert not fits(staff=1, begins=nine + timedelta(minutes=29))
