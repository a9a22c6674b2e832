"""What is filled in to find, book, move and set up visits."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from clinic.booking import rules, times
from clinic.booking.models import (
    Away,
    Bookable,
    Booking,
    BookingRules,
    Hours,
    Room,
    Service,
)
from clinic.booking.terms import Manner, Slot
from clinic.patients.models import Patient
from clinic.practice.models import Role, Site, Staff


class DayField(forms.DateField):
    """A day, typed or chosen."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, **options)


class ClockField(forms.TimeField):
    """A wall time."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(widget=widget, **options)


def _key() -> str:
    return uuid.uuid4().hex


def ask_anew(form: forms.Form) -> None:
    """A form that comes back refused asks for something new when it is sent again: a new key."""
    data = QueryDict(mutable=True)  # what was sent cannot be changed
    data.update(form.data)
    data["key"] = _key()
    form.data = data


class ChangeForm(forms.Form):
    """Which state of a visit somebody saw and changes; the key makes a second sending the same."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=_key)


class DetailsForm(forms.Form):
    """Who somebody without an account is, as far as booking needs it."""

    given_name = forms.CharField(
        label="First name",
        max_length=120,
        widget=forms.TextInput({"autocomplete": "given-name"}),
        error_messages={"required": "Enter a first name."},
    )
    family_name = forms.CharField(
        label="Family name",
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    email = forms.EmailField(
        label="Email address",
        help_text="We send a link there. The visit is booked once you open it.",
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": "Enter an email address.",
            "invalid": "Email address must be like name@example.org.",
        },
    )
    phone = forms.CharField(
        label="Phone",
        max_length=40,
        required=False,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
    )
    is_for_another = forms.BooleanField(
        label="I book for somebody else, such as my child: the names are theirs, the address is"
        " mine",
        required=False,
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=_key)


class ForWhomForm(forms.Form):
    """Somebody signed in books for themselves or for whom they may."""

    patient = forms.ModelChoiceField(label="Who is the visit for?", queryset=Patient.objects.none())
    weeks = forms.TypedChoiceField(
        label="How often?",
        coerce=int,
        choices=[(1, "Once")]
        + [(count, f"{count} weeks, same day and time") for count in range(2, 7)],
        initial=1,
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=_key)

    def __init__(self, *given: Any, people: list[Patient], **options: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **options)
        field = self.fields["patient"]
        rows = Patient.objects.filter(pk__in=[person.pk for person in people])
        field.queryset = rows  # type: ignore[attr-defined]
        field.label_from_instance = lambda who: (  # type: ignore[attr-defined]
            f"{who.given_name} {who.family_name}".strip()
        )
        field.empty_label = None  # type: ignore[attr-defined]


class WaitForm(forms.Form):
    """Days between which somebody would come."""

    first_day = DayField(label="From")
    last_day = DayField(label="Until")

    def clean(self) -> dict[str, Any]:
        """In order."""
        values = super().clean() or self.cleaned_data
        first, last = values.get("first_day"), values.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "The last day must not be before the first.")
        return values


class OutsideWaitForm(WaitForm):
    """The same from outside: days that are not over."""

    today: date | None = None

    def clean(self) -> dict[str, Any]:
        """Some of it still to come."""
        values = super().clean()
        last = values.get("last_day")
        if last and self.today and last < self.today:
            self.add_error("last_day", "The last day must not be in the past.")
        return values


class AskToWaitForm(OutsideWaitForm, DetailsForm):
    """Somebody without an account would wait."""

    key = None  # type: ignore[assignment]  # to wait twice is to wait once
    field_order = ("first_day", "last_day", "given_name", "family_name", "email", "phone")

    def __init__(self, *given: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **options)
        self.fields[
            "email"
        ].help_text = "We send a link there. You are on the list once you say so."
        self.fields[
            "is_for_another"
        ].label = (
            "I ask for somebody else, such as my child: the names are theirs, the address is mine"
        )


class WaitForWhomForm(OutsideWaitForm, ForWhomForm):
    """Somebody signed in would wait, or lets somebody wait for whom they may book."""

    key = None  # type: ignore[assignment]
    weeks = None  # type: ignore[assignment]
    field_order = ("patient", "first_day", "last_day")


class StaffWaitForm(WaitForm):
    """A place that somebody waits for, as staff write it down."""

    service = forms.ModelChoiceField(
        label="Kind of visit", queryset=Service.objects.none(), empty_label="Choose"
    )
    staff = forms.ModelChoiceField(
        label="Practitioner", queryset=Staff.objects.none(), required=False, empty_label="Anybody"
    )
    field_order = ("service", "staff", "first_day", "last_day")

    def __init__(self, *given: Any, site: Site, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **options)
        services = Service.objects.filter(is_active=True).order_by("name")
        self.fields["service"].queryset = services  # type: ignore[attr-defined]
        self.fields["staff"].queryset = practitioners_at(site)  # type: ignore[attr-defined]


def practitioners_at(site: Site) -> QuerySet[Staff]:
    """Those who can be booked at a site."""
    return (
        Staff.objects.filter(
            bookable__isnull=False,
            postings__site=site,
            postings__role=Role.PRACTITIONER,
            postings__ended_at=None,
        )
        .select_related("user")
        .distinct()
        .order_by("name")
    )


class PlaceForm(forms.Form):
    """A time with somebody, as staff book it and move it."""

    service = forms.ModelChoiceField(label="Kind of visit", queryset=Service.objects.none())
    staff = forms.ModelChoiceField(label="Practitioner", queryset=Staff.objects.none())
    day = DayField(label="Day")
    time = ClockField(label="Time")
    which = forms.TypedChoiceField(
        label="Which of the two",
        choices=[
            ("", "Choose"),
            (0, "The first, before clocks go back"),
            (1, "The second, after clocks go back"),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        help_text="Clocks show this time twice on this day.",
    )
    outside_hours = forms.BooleanField(label="Outside the hours, knowingly", required=False)
    reason = forms.CharField(label="Why it is booked twice", max_length=200, required=False)
    lane = forms.BooleanField(label="Book this time twice, knowingly", required=False)

    field_order: tuple[str, ...] = (
        "service",
        "staff",
        "day",
        "time",
        "which",
        "outside_hours",
        "lane",
        "reason",
    )

    def __init__(
        self,
        *given: Any,  # noqa: ANN401
        site: Site,
        may_overbook: bool,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(*given, **options)
        self.site = site
        service, staff = self.fields["service"], self.fields["staff"]
        service.queryset = Service.objects.filter(is_active=True).order_by("name")  # type: ignore[attr-defined]
        staff.queryset = practitioners_at(site)  # type: ignore[attr-defined]
        if not may_overbook:
            del self.fields["lane"], self.fields["reason"]
        if not self.is_bound and not self._happens_twice(self.initial):
            del self.fields["which"]

    def _happens_twice(self, values: Mapping[str, Any]) -> bool:
        day, when = values.get("day"), values.get("time")
        if not (day and when):
            return False
        return times.happens_twice(datetime.combine(day, when), times.zone_of(self.site.time_zone))

    def _which(self, values: dict[str, Any]) -> int | None:
        """Which of two is meant: as chosen, or as it was if nobody chose another time."""
        stays = all(values[name] == self.initial.get(name) for name in ("day", "time"))
        return self.initial.get("which") if values["which"] is None and stays else values["which"]

    def clean(self) -> dict[str, Any]:
        """A time that happens, which of two if it does twice, and a reason for booking it twice."""
        values = super().clean() or self.cleaned_data
        fold: int | None = 0
        if self._happens_twice(values):
            fold = self._which(values) if "which" in values else None
        else:
            del self.fields["which"]
        if values.get("lane") and not values.get("reason", "").strip():
            self.add_error("reason", "Say why this time is booked twice.")
        day, when = values.get("day"), values.get("time")
        if fold is None and "which" not in self.errors:
            self.add_error("which", "Choose which of the two.")
        elif day and when and fold is not None:
            try:
                values["starts"] = starts_of(day, when, self.site, fold)
            except times.NoSuchTime as error:
                self.add_error("time", str(error))
        return values

    @property
    def slot(self) -> Slot:
        """What is asked for."""
        values = self.cleaned_data
        return Slot(values["service"], values["staff"], self.site, values["starts"])

    @property
    def manner(self) -> Manner:
        """How."""
        values = self.cleaned_data
        return Manner(
            outside_hours=values["outside_hours"],
            lane=int(values.get("lane", False)),
            reason=values.get("reason", "").strip() if values.get("lane") else "",
        )


def starts_of(day: date, when: time, site: Site, fold: int = 0) -> datetime:
    """The instant of a wall time at a site."""
    return times.instant_of(datetime.combine(day, when), times.zone_of(site.time_zone), fold)


class BookForm(PlaceForm):
    """A visit, or a weekly series of them."""

    weeks = forms.IntegerField(
        label="Weeks in a row", min_value=1, max_value=rules.MOST_IN_SERIES, initial=1
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=_key)
    field_order = (
        "service",
        "staff",
        "day",
        "time",
        "which",
        "weeks",
        "outside_hours",
        "lane",
        "reason",
    )


class MoveForm(PlaceForm):
    """Another time for a visit that is booked."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    key = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=_key)

    @classmethod
    def first_values(cls, booking: Booking) -> dict[str, Any]:
        """As it is now."""
        return {
            "service": booking.service_id,
            "staff": booking.staff_id,
            "day": booking.local.date(),
            "time": booking.local.time(),
            "which": booking.fold,
            "version": booking.version,
            "lane": bool(booking.lane),
            "reason": booking.reason_for_lane,
        }


class BlockForm(forms.Form):
    """Time that is kept for something else."""

    staff = forms.ModelChoiceField(
        label="Practitioner", queryset=Staff.objects.none(), required=False
    )
    room = forms.ModelChoiceField(label="Room", queryset=Room.objects.none(), required=False)
    day = DayField(label="Day")
    starts = ClockField(label="From")
    ends = ClockField(label="Until")
    what_for = forms.CharField(label="What for", max_length=80)

    def __init__(self, *given: Any, site: Site, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **options)
        self.site = site
        self.fields["staff"].queryset = practitioners_at(site)  # type: ignore[attr-defined]
        rooms = Room.objects.filter(site=site, is_active=True).order_by("name")
        self.fields["room"].queryset = rooms  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Somebody or something, and times in order that happen."""
        values = super().clean() or self.cleaned_data
        if not (values.get("staff") or values.get("room")):
            self.add_error("staff", "Choose a practitioner or a room.")
        day, starts, ends = values.get("day"), values.get("starts"), values.get("ends")
        if day and starts and ends:
            if ends <= starts:
                self.add_error("ends", "The end must be after the start.")
                return values
            for name, when in (("begins_at", starts), ("ends_at", ends)):
                try:
                    values[name] = starts_of(day, when, self.site)
                except times.NoSuchTime as error:
                    self.add_error("starts", str(error))
        return values


class MatchForm(forms.Form):
    """Whose record a newcomer's is."""

    number = forms.IntegerField(
        label="Number of the person known already",
        required=False,
        help_text="Leave empty for somebody who was never here.",
    )
    is_own_address = forms.BooleanField(
        label="The address is their own, not that of whoever booked for them",
        required=False,
        help_text="Only once they have said so: who reads it can be invited as the patient.",
    )

    def __init__(self, *given: Any, is_for_another: bool, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **options)
        if not is_for_another:
            del self.fields["is_own_address"]


class ImportForm(forms.Form):
    """A file of visits to come."""

    file = forms.FileField(
        label="CSV file",
        help_text="Columns: number, service, practitioner, site, starts. A start like"
        " 2027-03-09T14:10, in the site's own time; the practitioner by email address.",
    )
    is_told = forms.BooleanField(
        label="Mail everybody now that their visit is booked",
        required=False,
        help_text="One letter for each line of the file. Left out, they get reminders alone.",
    )


class ServiceForm(forms.ModelForm[Service]):
    """A kind of visit."""

    class Meta:
        model = Service
        fields = (
            "name",
            "kind",
            "about",
            "minutes",
            "minutes_before",
            "minutes_after",
            "price_cents",
            "currency",
            "needs",
            "room_kind",
            "equipment_kind",
            "is_by_video",
            "is_public",
            "is_active",
        )
        labels = {
            "about": "What happens",
            "minutes_before": "Minutes kept free before",
            "minutes_after": "Minutes kept free after",
            "price_cents": "Price in cents",
            "needs": "Whoever gives it needs",
            "room_kind": "Kind of room",
            "equipment_kind": "Kind of equipment",
            "is_by_video": "By video",
            "is_public": "Can be booked from outside",
            "is_active": "Is offered",
        }


class RoomForm(forms.ModelForm[Room]):
    """A room or a piece of equipment."""

    class Meta:
        model = Room
        fields = ("site", "name", "kind", "is_active")
        labels = {"is_active": "In use"}


class HoursForm(forms.ModelForm[Hours]):
    """Weekly hours."""

    starts = ClockField(label="From")
    ends = ClockField(label="Until")
    first_day = DayField(label="First day")
    last_day = DayField(
        label="Last day", required=False, help_text="The same as the first for one day only."
    )

    class Meta:
        model = Hours
        fields = ("staff", "site", "weekday", "starts", "ends", "first_day", "last_day")
        labels = {"staff": "Practitioner"}


class AwayForm(forms.ModelForm[Away]):
    """Leave or a holiday."""

    first_day = DayField(label="First day")
    last_day = DayField(label="Last day")
    starts = ClockField(label="From", required=False, help_text="Empty: the whole day.")
    ends = ClockField(label="Until", required=False)

    class Meta:
        model = Away
        fields = ("staff", "site", "first_day", "last_day", "starts", "ends", "reason")
        labels = {"staff": "Practitioner", "site": "Site"}
        help_texts = {
            "staff": "Empty: everybody at the site, as on a holiday.",
            "site": "Empty: wherever they work.",
        }

    def clean(self) -> dict[str, Any]:
        """Somebody or somewhere; days and times in order."""
        values = super().clean() or self.cleaned_data
        if not (values.get("staff") or values.get("site")):
            self.add_error("staff", "Choose a practitioner or a site.")
        first, last = values.get("first_day"), values.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "The last day must not be before the first.")
        starts, ends = values.get("starts"), values.get("ends")
        if bool(starts) != bool(ends) or (starts and ends and ends <= starts):
            self.add_error("ends", "Give both times, the end after the start, or neither.")
        return values


class BookableForm(forms.ModelForm[Bookable]):
    """Somebody who can be booked."""

    services = forms.ModelMultipleChoiceField(
        label="Gives", queryset=Service.objects.order_by("name"), required=False
    )
    video_link = forms.URLField(label="Video link", required=False, assume_scheme="https")

    class Meta:
        model = Bookable
        fields = ("staff", "services", "languages", "treats", "video_link", "is_public")
        labels = {
            "staff": "Practitioner",
            "treats": "Treats, in patients' words",
            "is_public": "Is shown to the public",
        }
        help_texts = {"languages": "With commas between them."}


class RulesForm(forms.ModelForm[BookingRules]):
    """How a site lets itself be booked from outside."""

    step_minutes = forms.IntegerField(
        label="Minutes from one offered time to the next", min_value=5, max_value=240, initial=20
    )

    class Meta:
        model = BookingRules
        fields = (
            "site",
            "is_open",
            "notice_hours",
            "window_days",
            "cancel_notice_hours",
            "most_open",
            "step_minutes",
        )
        labels = {
            "is_open": "Can be booked from outside",
            "notice_hours": "Hours of notice to book",
            "window_days": "Days ahead that can be booked",
            "cancel_notice_hours": "Hours of notice to move, or to cancel in time",
            "most_open": "Most visits to come of one person",
        }


SETUP: dict[str, tuple[str, type[forms.ModelForm[Any]]]] = {
    "service": ("Kind of visit", ServiceForm),
    "practitioner": ("Practitioner who can be booked", BookableForm),
    "hours": ("Weekly hours", HoursForm),
    "away": ("Leave, holiday or exception", AwayForm),
    "room": ("Room or equipment", RoomForm),
    "rules": ("Rules of a site", RulesForm),
}
