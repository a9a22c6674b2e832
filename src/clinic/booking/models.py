"""What can be booked, what is booked, and the rows by which the database refuses overlaps.

A booking has a wall time and zone (what was agreed), an instant (what is compared) and the version
of the zone rules that joined them. Each resource it needs (practitioner, room, equipment, patient)
has one `Occupancy` row with a half-open span of seconds, buffers included; the guard
(`clinic.booking.guard`) lets no two of them overlap in one lane, whatever wrote them. A second lane
is the practitioner's alone, for a time that is booked twice knowingly. Held, pending and offered
places occupy like booked ones until they lapse.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from django.db import models
from django.db.models import F, Q

from clinic.booking.names import name_of
from clinic.booking.times import Wall, clock, which_of_two, zone_of
from clinic.patients.models import Patient
from clinic.practice.models import Site, Staff
from clinic.records.models import Sheet, Visit


class BookingRules(models.Model):
    """How a site lets itself be booked from outside."""

    site = models.OneToOneField(Site, on_delete=models.CASCADE, related_name="booking_rules")
    is_open = models.BooleanField(default=True)
    notice_hours = models.PositiveSmallIntegerField(default=2)
    window_days = models.PositiveSmallIntegerField(default=60)
    cancel_notice_hours = models.PositiveSmallIntegerField(default=24)
    most_open = models.PositiveSmallIntegerField(default=4)
    step_minutes = models.PositiveSmallIntegerField(default=20)

    def __str__(self) -> str:
        return f"Booking at {self.site}"


class Room(models.Model):
    """A room, or a piece of equipment, of which one visit at a time can have the use."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=40, default="treatment room")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "name"], name="a_room_has_its_own_name")
        ]

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """A kind of visit: how long, at what price, by whom, in what."""

    class Needs(models.TextChoices):
        """What whoever gives it must hold on the day."""

        LICENCE = "licence", "Licence to practise"
        NEEDLING = "needling", "Licence, training and authority to needle"

    name = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=Visit.Kind.choices)
    about = models.TextField(blank=True)
    minutes = models.PositiveSmallIntegerField()
    minutes_before = models.PositiveSmallIntegerField(default=0)
    minutes_after = models.PositiveSmallIntegerField(default=0)
    price_cents = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3, default="CAD")
    needs = models.CharField(max_length=10, choices=Needs.choices, default=Needs.NEEDLING)
    room_kind = models.CharField(max_length=40, blank=True, default="treatment room")
    equipment_kind = models.CharField(max_length=40, blank=True)
    is_by_video = models.BooleanField(default=False)
    is_public = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="a_service_takes_time"),
            models.CheckConstraint(
                condition=Q(minutes__lte=480, minutes_before__lte=120, minutes_after__lte=120),
                name="a_service_ends_the_same_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> str:
        """The price in words."""
        if not self.price_cents:
            return "No charge"
        return f"{self.currency} {self.price_cents // 100}.{self.price_cents % 100:02d}"


class Bookable(models.Model):
    """A member of staff as somebody who can be booked."""

    staff = models.OneToOneField(Staff, on_delete=models.PROTECT, related_name="bookable")
    services = models.ManyToManyField(Service, related_name="given_by", blank=True)
    languages = models.CharField(max_length=120, default="English")
    treats = models.CharField(max_length=200, blank=True)
    video_link = models.URLField(blank=True)
    is_public = models.BooleanField(default=True)
    feed_round = models.PositiveIntegerField(default=0)  # a new round ends every older feed address

    def __str__(self) -> str:
        return str(self.staff)


class Hours(models.Model):
    """Weekly hours of a practitioner at a site, in the site's wall time."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="hours")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="hours")
    weekday = models.PositiveSmallIntegerField(
        choices=list(
            enumerate(
                "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()  # noqa: SIM905
            )
        )
    )
    starts = models.TimeField()
    ends = models.TimeField()
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="hours_have_a_length")
        ]
        indexes = [models.Index(fields=["staff", "weekday"])]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M} to {self.ends:%H:%M}"


class Away(models.Model):
    """Leave, a holiday, an exception: days on which hours do not hold.

    Without staff it is a holiday of the site; without times the whole days.
    """

    staff = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="away"
    )
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, null=True, blank=True, related_name="away"
    )
    first_day = models.DateField()
    last_day = models.DateField()
    starts = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)
    reason = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="away_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(staff__isnull=False) | Q(site__isnull=False),
                name="somebody_or_somewhere_is_away",
            ),
        ]

    def __str__(self) -> str:
        return f"away {self.first_day} to {self.last_day}"


class Booking(models.Model):
    """One place in time, from a hold to a visit that began, or to its end before."""

    class State(models.TextChoices):
        """From held to an end."""

        HELD = "held", "Held"
        PENDING = "pending", "Waits for confirmation by mail"
        OFFERED = "offered", "Offered to somebody who waits"
        BOOKED = "booked", "Booked"
        ARRIVED = "arrived", "Arrived"
        BEGUN = "begun", "Begun"
        NO_SHOW = "no_show", "Did not come"
        CANCELLED = "cancelled", "Cancelled"
        LAPSED = "lapsed", "Lapsed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=10, choices=State.choices)
    version = models.PositiveIntegerField(default=1)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="bookings")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="bookings")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="bookings")
    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, null=True, blank=True, related_name="bookings"
    )
    equipment = models.ForeignKey(
        Room, on_delete=models.PROTECT, null=True, blank=True, related_name="equips"
    )
    patient = models.ForeignKey(
        Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="bookings"
    )
    visit = models.OneToOneField(
        Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="booking"
    )
    # What was agreed, what it means, and by which rules.
    starts_local = models.CharField(max_length=16)
    fold = models.PositiveSmallIntegerField(default=0)
    zone = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    rules_version = models.CharField(max_length=10)
    minutes_before = models.PositiveSmallIntegerField(default=0)
    minutes_after = models.PositiveSmallIntegerField(default=0)
    lane = models.PositiveSmallIntegerField(default=0)
    reason_for_lane = models.CharField(max_length=200, blank=True)
    series = models.UUIDField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    was_late = models.BooleanField(default=False)
    # A new round ends every older link. Nothing is the first: SQLite makes a table anew for a
    # column that must hold something, and the guard's trigger would be gone.
    link_round = models.PositiveSmallIntegerField(null=True, blank=True)
    # Of whoever booked it for somebody else: letters about this visit, and of no other, go there
    # while the patient has no address of their own. Nothing, not empty: as above.
    booker_email = models.EmailField(null=True, blank=True)  # noqa: DJ001
    before = models.JSONField(default=dict, blank=True)  # what an undo goes back to,
    changed_at = models.DateTimeField(null=True, blank=True)  # and since when it could
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["staff", "starts_at"]),
            models.Index(fields=["site", "starts_at"]),
            models.Index(fields=["patient", "starts_at"]),
            models.Index(fields=["state", "expires_at"]),
            models.Index(fields=["site", "changed_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="a_booking_has_a_length"
            ),
            models.CheckConstraint(
                condition=Q(lane=0) | ~Q(reason_for_lane=""),
                name="a_second_lane_has_its_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.starts_local} {self.zone}"

    @property
    def wall(self) -> Wall:
        """What was agreed."""
        return Wall(datetime.fromisoformat(self.starts_local), self.zone, self.fold)

    @property
    def local(self) -> datetime:
        """Wall time of its start."""
        return datetime.fromisoformat(self.starts_local)

    @property
    def local_end(self) -> datetime:
        """Wall time of its end."""
        return self.ends_at.astimezone(zone_of(self.zone)).replace(tzinfo=None)

    @property
    def clock(self) -> str:
        """Its start as patients read it, with which of two if clocks go back just then."""
        return clock(self.local.time()) + (f" ({self.which})" if self.which else "")

    @property
    def which(self) -> str:
        """Which of two its start is, if clocks show that twice."""
        return which_of_two(self.local, zone_of(self.zone), self.fold)

    @property
    def who(self) -> str:
        """Whom it is for, as staff read it."""
        one: Patient | None = self.patient
        other: Applicant | None = getattr(self, "applicant", None)
        return name_of(
            None if one is None else (one.given_name, one.family_name),
            None if other is None else (other.given_name, other.family_name),
            is_held=self.state == self.State.HELD,
        )

    @property
    def has_passed(self) -> bool:
        """Whether its start is over."""
        return self.starts_at <= datetime.now(UTC)

    @property
    def goes_on(self) -> bool:
        """Whether it is the visit's time, or it was begun before, until its end."""
        may_be_on = {self.State.BOOKED, self.State.ARRIVED} if self.has_passed else set()
        is_on = self.state in {self.State.BEGUN, *may_be_on}
        return is_on and datetime.now(UTC) < self.ends_at


class Applicant(models.Model):
    """What somebody without an account wrote to ask for a place; gone when the place lapses."""

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="applicant")
    given_name = models.CharField(max_length=120)
    family_name = models.CharField(max_length=120, blank=True)
    email = models.EmailField()
    phone = models.CharField(max_length=40, blank=True)
    is_for_another = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "an applicant"


class SheetByLink(models.Model):
    """A sheet that was begun by the link of a visit; links show no other."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="sheets_by_link")
    sheet = models.OneToOneField(Sheet, on_delete=models.PROTECT, related_name="by_link")
    begun_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"begun by a link {self.begun_at:%d-%b-%Y}"


class Newcomer(models.Model):
    """A record that began with a booking from outside; staff say whose it is."""

    stays_when_merged = True  # somebody may come by the form again, as a newcomer again

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="newcomer")
    folded = models.CharField(max_length=300)
    email = models.EmailField()
    is_for_another = models.BooleanField(default=False)  # whose address it then is
    since = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["email", "folded"],
                condition=Q(settled_at=None),
                name="one_newcomer_of_a_name_and_address",
            )
        ]

    def __str__(self) -> str:
        return "a newcomer"


class Resource(models.Model):
    """Whatever can be in one place only: `staff:3`, `room:2`, `patient:<hex>`. Locked in order."""

    key = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return self.key


class Block(models.Model):
    """Time of a practitioner or a room that is kept for something else."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="blocks")
    staff = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="blocks"
    )
    room = models.ForeignKey(
        Room, on_delete=models.PROTECT, null=True, blank=True, related_name="blocks"
    )
    starts_local = models.CharField(max_length=16)
    zone = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    rules_version = models.CharField(max_length=10)
    what_for = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="a_block_has_a_length"
            )
        ]

    def __str__(self) -> str:
        return self.what_for


class Occupancy(models.Model):
    """One resource taken for a span of seconds since 1970, the first in, the last out."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="+")
    lane = models.PositiveSmallIntegerField(default=0)
    begins = models.BigIntegerField()
    ends = models.BigIntegerField()
    booking = models.ForeignKey(
        Booking, on_delete=models.CASCADE, null=True, related_name="occupancies"
    )
    block = models.ForeignKey(
        Block, on_delete=models.CASCADE, null=True, related_name="occupancies"
    )

    class Meta:
        indexes = [models.Index(fields=["resource", "lane", "begins"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("begins")) & Q(ends__lte=F("begins") + 86_400),
                name="an_occupancy_is_within_a_day",
            ),
            models.CheckConstraint(
                condition=Q(booking__isnull=True) | Q(block__isnull=True),
                name="an_occupancy_has_one_cause",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource} {self.begins} to {self.ends}"


class Answer(models.Model):
    """What was answered to an act under a key; the same key gets the same answer."""

    key = models.CharField(max_length=120, unique=True)
    asked = models.CharField(max_length=64)
    answer = models.JSONField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Waiting(models.Model):
    """Somebody who would come earlier; a place that falls free is offered and held for them."""

    class State(models.TextChoices):
        """From waiting to an end."""

        WAITING = "waiting", "Waits"
        OFFERED = "offered", "Has an offer"
        SERVED = "served", "Took a place"
        ENDED = "ended", "No longer waits"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="waiting")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    staff = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    first_day = models.DateField()
    last_day = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    offer = models.ForeignKey(
        Booking, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    refused = models.JSONField(default=list, blank=True)  # starts that were offered and not taken
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"waits since {self.since:%d-%b-%Y}"
