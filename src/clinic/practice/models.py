"""The practice: one organisation, its sites, its staff with their roles, and their credentials."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models


class Practice(models.Model):
    """The organisation; there is exactly one row. `is_demonstration` marks the whole database."""

    only = models.BooleanField(primary_key=True, default=True)
    jurisdiction = models.CharField(max_length=20)
    is_demonstration = models.BooleanField(default=False)
    next_patient_number = models.PositiveIntegerField(default=1001)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="there_is_one_practice")
        ]

    def __str__(self) -> str:
        return "the practice"


class Site(models.Model):
    """A place where patients are seen, with its own time zone."""

    class ChartsOpenTo(models.TextChoices):
        """Which practitioners of the site may open a chart without an emergency."""

        CARE_TEAM = "care_team", "Those who care for the patient, and who covers for them"
        WHOLE_SITE = "whole_site", "Every practitioner of the site"

    name = models.CharField(max_length=80, unique=True)
    time_zone = models.CharField(max_length=40)
    address = models.TextField(blank=True)  # street and what else stands above the town
    city = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=40, blank=True)
    postal_code = models.CharField(max_length=16, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    charts_open_to = models.CharField(
        max_length=12, choices=ChartsOpenTo.choices, default=ChartsOpenTo.CARE_TEAM
    )

    def __str__(self) -> str:
        return self.name

    @property
    def street_lines(self) -> list[str]:
        """The lines above the town."""
        return [line.strip() for line in self.address.splitlines() if line.strip()]

    @property
    def address_lines(self) -> list[str]:
        """The whole address, line by line."""
        town = " ".join(part for part in (self.city, self.region, self.postal_code) if part)
        return [*self.street_lines, *([town] if town else [])]


class Staff(models.Model):
    """One who works here; what they may do is said by their postings."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff"
    )
    name = models.CharField(max_length=120)
    profession = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What somebody is at a site."""

    PRACTITIONER = "practitioner", "Practitioner"
    STUDENT = "student", "Student (co-signed)"
    RECEPTION = "reception", "Reception"
    OWNER = "owner", "Owner"
    PRIVACY_LEAD = "privacy_lead", "Privacy lead"
    LEARNER = "learner", "Learner"


class Posting(models.Model):
    """A role at a site for a time; history stays."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="postings")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="postings")
    role = models.CharField(max_length=14, choices=Role.choices)
    starts_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "site", "role"],
                condition=models.Q(ended_at=None),
                name="one_open_posting_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} at {self.site}"


class Cover(models.Model):
    """A colleague who stands in for another, and so cares for the same patients, for a time."""

    covering = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="covers")
    covered = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="covered_by")
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(covering=models.F("covered")), name="nobody_covers_themselves"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")),
                name="a_cover_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.covering} for {self.covered}"


class Credential(models.Model):
    """A licence, a training or an authority, and who checked that it is real.

    A row is never deleted and its days never change: a renewal is a further row, what was entered
    wrongly is struck and stays readable, and what ended before its day says so beside it.
    """

    class Kind(models.TextChoices):
        """What a credential is for."""

        LICENCE = "licence", "Licence to practise"
        IMS_TRAINING = "ims_training", "IMS training"
        NEEDLING = "needling", "Needling authorisation"

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="credentials")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    issuer = models.CharField(max_length=120)
    number = models.CharField(max_length=60)
    valid_from = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    checked_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="checked"
    )
    checked_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    struck_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces"
    )
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "kind", "issuer", "number", "valid_from"],
                condition=models.Q(struck_at=None),
                name="a_credential_is_entered_once",
            ),
            models.CheckConstraint(
                condition=models.Q(struck_at=None, ended_on=None) | ~models.Q(why=""),
                name="an_end_or_a_correction_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(checked_by=None) | ~models.Q(checked_by=models.F("staff")),
                name="nobody_checks_their_own_credential",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.staff}"

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, or none: the one it was given for, or an earlier end."""
        return min((day for day in (self.expires_on, self.ended_on) if day), default=None)
