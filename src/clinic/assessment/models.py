"""What was found, thought, concluded and planned in a visit; nothing here is ever written over.

An observation is one reading of one sign at one place. A correction is the next revision, and a
thing taken back is a revision that holds nothing: what stood before stays readable. The database
itself lets only one row be the n-th revision of a place, so of two people who write at once one
finds out; what they wrote is kept beside it until somebody settles which holds. An assessment, a
plan's changes and a signed plan are rows that triggers forbid to change or delete.
"""

from __future__ import annotations

import uuid
from typing import Final

from django.db import models
from django.db.models import Q

from clinic.outbox.models import Job
from clinic.practice.models import Staff
from clinic.records.models import Visit
from myotome.atlas import Root


class Observation(models.Model):
    """One reading of one sign at one place in one visit.

    The current one of a place is that with the highest revision. `is_aside` marks a reading that
    came second: another held its revision already.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="observations")
    sign = models.CharField(max_length=40)
    site = models.CharField(max_length=60, blank=True)
    level = models.CharField(max_length=12, blank=True)
    side = models.CharField(max_length=8)
    revision = models.PositiveIntegerField()
    is_aside = models.BooleanField(default=False)
    is_withdrawn = models.BooleanField(default=False)
    grade = models.PositiveSmallIntegerField(null=True, blank=True)
    value = models.FloatField(null=True, blank=True)
    unit = models.CharField(max_length=12, blank=True)
    compared = models.FloatField(null=True, blank=True)
    limited_by = models.CharField(max_length=60, blank=True)
    test = models.CharField(max_length=80, blank=True)
    together = models.UUIDField(null=True, blank=True)  # written by one act, taken back by one act
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "sign", "site", "level", "side", "revision"],
                condition=Q(is_aside=False),
                name="one_reading_holds_a_revision",
            ),
            models.CheckConstraint(
                condition=Q(is_withdrawn=True, grade=None, value=None)
                | Q(is_withdrawn=False, grade__isnull=False, value=None)
                | Q(is_withdrawn=False, grade=None, value__isnull=False),
                name="a_reading_is_a_grade_or_a_value",
            ),
        ]
        indexes = [models.Index(fields=["visit", "id"])]

    def __str__(self) -> str:
        return f"reading {self.revision} of a sign"

    @property
    def shown(self) -> str:
        """What was read, as a form shows it."""
        number = self.grade if self.grade is not None else self.value
        return "" if number is None else f"{number:g}"


class Remark(models.Model):
    """What somebody wrote beside a muscle or a row, in words; everybody has words of their own.

    They stand there once; the sign and its place are those of its first field. The latest revision
    holds; one that is empty takes the words back.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="remarks")
    sign = models.CharField(max_length=40)
    site = models.CharField(max_length=60, blank=True)
    level = models.CharField(max_length=12, blank=True)
    side = models.CharField(max_length=8)
    revision = models.PositiveIntegerField()
    text = models.CharField(max_length=1000, blank=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "sign", "site", "level", "side", "staff", "revision"],
                name="one_remark_holds_a_revision",
            )
        ]

    def __str__(self) -> str:
        return f"remark {self.revision} beside a field"


class Habit(models.Model):
    """How somebody wants to examine; theirs to change at any time."""

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="examining_habit")
    impression_first = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "a habit"


class Impression(models.Model):
    """What somebody thought before the model was asked."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="impressions")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    text = models.CharField(max_length=400)
    had_seen_model = models.BooleanField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return "an impression"


class Showing(models.Model):
    """The first time that somebody was shown the model's answer in a visit."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="showings")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "staff"], name="a_model_is_first_shown_once")
        ]

    def __str__(self) -> str:
        return "a showing"


# The short fields of a history that take words beside them, as the chart calls them.
BESIDE: Final = {
    "began_on": "Began",
    "pain_nprs": "Pain",
    "activity": "Activity",
    "sex": "Sex",
    "height_m": "Height",
    "mass_kg": "Mass",
}


class History(models.Model):
    """The problem in the patient's words, as it was told in a visit; the latest one holds."""

    class Activity(models.TextChoices):
        """What somebody does all day, as far as the mechanism needs it."""

        NOT_KNOWN = "", "Not known"
        SITTING = "sitting", "Mostly sitting"
        STANDING = "standing", "Mostly standing or walking"
        LIFTING = "lifting", "Lifting or carrying"
        SPORT = "sport", "Regular sport"

    class Sex(models.TextChoices):
        """As the mechanism's numbers are published; no statement of who somebody is."""

        NOT_KNOWN = "", "Not known"
        FEMALE = "female", "Female"
        MALE = "male", "Male"
        OTHER = "other", "Other"

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="histories")
    revision = models.PositiveIntegerField()
    problem = models.CharField(max_length=200)
    goal = models.CharField(max_length=200, blank=True)
    told = models.TextField(blank=True)
    began_on = models.DateField(null=True, blank=True)
    pain_nprs = models.FloatField(null=True, blank=True)
    activity = models.CharField(max_length=12, choices=Activity.choices, blank=True)
    sex = models.CharField(max_length=8, choices=Sex.choices, blank=True)
    height_m = models.FloatField(null=True, blank=True)
    mass_kg = models.FloatField(null=True, blank=True)
    words = models.JSONField(null=True, blank=True)  # beside a field, by its name
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "revision"], name="one_history_holds_a_revision"
            ),
            models.CheckConstraint(
                condition=Q(pain_nprs=None) | Q(pain_nprs__gte=0, pain_nprs__lte=10),
                name="pain_lies_between_0_and_10",
            ),
        ]

    def __str__(self) -> str:
        return "a history"

    @property
    def beside(self) -> list[tuple[str, str]]:
        """What was said in words beside the short fields, with the name of each."""
        return [(BESIDE[name], words) for name, words in (self.words or {}).items()]


class Assessment(models.Model):
    """What was concluded in a visit, with everything it rested on, as it was then.

    `case` is the canonical case file that was given to the model and `output` its whole answer;
    both are text, so that not even a newer database driver can change a bit of them. `grounds` says
    what each reason of the answer rests on, with the sources as they were known then.
    """

    class Verdict(models.TextChoices):
        """What the practitioner made of the model's answer."""

        ACCEPTED = "accepted", "Accepted"
        EDITED = "edited", "Edited"
        REJECTED = "rejected", "Rejected"
        NOT_SEEN = "not_seen", "Concluded without seeing it"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveIntegerField()
    case = models.TextField()
    case_hash = models.CharField(max_length=64)
    versions = models.JSONField()
    missing = models.JSONField()
    not_used = models.JSONField()
    output = models.TextField()
    output_hash = models.CharField(max_length=64)
    grounds = models.JSONField(null=True)  # citations as they were; none before they were kept
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    concluded = models.JSONField()  # roots such as "C6-right"; none: no root
    reason = models.TextField(blank=True)
    words = models.TextField(blank=True)
    impression = models.ForeignKey(
        Impression, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    model_was_seen = models.BooleanField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="assessments_are_numbered"),
            models.CheckConstraint(
                condition=Q(verdict__in=["accepted", "not_seen"]) | ~Q(reason=""),
                name="an_edit_or_rejection_has_its_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"assessment of {self.at:%d-%b-%Y}"


class Plan(models.Model):
    """A proposal for one assessment, being edited until it is signed.

    `concluded` has the roots that it was asked for; without, it is for those of the model's answer,
    which was accepted or which plans of old rested on whatever was concluded.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    concluded = models.JSONField(null=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="plans_are_numbered")
        ]

    def __str__(self) -> str:
        return f"plan of {self.at:%d-%b-%Y}"

    @property
    def roots(self) -> tuple[Root, ...] | None:
        """The roots that it is for; none: those of the model's answer."""
        if self.concluded is None:
            return None
        return tuple(Root.parse(name) for name in self.concluded)


class PlanChange(models.Model):
    """One change to a plan, with its reason; the n-th change is made once."""

    class Kind(models.TextChoices):
        """What was changed."""

        REMOVE = "remove", "Taken out"
        ADD = "add", "Added"
        UP = "up", "Moved up"
        DOWN = "down", "Moved down"
        VISIT = "visit", "Moved to another visit"
        INSERTIONS = "insertions", "Other number of insertions"
        DROP = "drop", "Left out beside the needle"
        ADJUNCT = "adjunct", "Added beside the needle"
        DOSE = "dose", "Other dose beside the needle"
        SESSIONS = "sessions", "Other number of visits"

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="changes")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    site = models.CharField(max_length=60, blank=True)  # or an adjunct or exercise by its name
    level = models.CharField(max_length=12, blank=True)
    side = models.CharField(max_length=8, blank=True)
    to = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    words = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 - keeps the guards
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="changes_are_numbered"),
            models.CheckConstraint(
                condition=~Q(kind__in=["remove", "add", "drop"]) | ~Q(reason=""),
                name="what_comes_and_goes_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class SignedPlan(models.Model):
    """A plan as it was signed: its lines, hazards and depths, and the screening it rested on."""

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="signed")
    content = models.TextField()
    digest = models.CharField(max_length=64)
    sessions = models.PositiveSmallIntegerField()  # visits that were planned
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="signed_plans")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"plan signed {self.at:%d-%b-%Y}"


class Illustration(models.Model):
    """A simulated course that was asked for: which plan, and the job that computes it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="illustrations")
    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="+")
    fidelity = models.CharField(max_length=8)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "job"], name="a_course_is_asked_for_once")
        ]

    def __str__(self) -> str:
        return f"illustration, {self.fidelity}"
