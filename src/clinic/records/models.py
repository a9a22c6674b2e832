"""A visit and its notes, drafts and attachments; the sheets filled in for a person.

A note is written once: the database refuses to change or delete it. What is wrong is struck by a
mark with its reason and stays readable; what is missing is added by an addendum. A draft is no
record yet and belongs to its writer. A sheet is one form for one person: its draft is shared by all
who fill it in, and what was sent is written once and corrected by sending again.
"""

from __future__ import annotations

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.patients.models import Patient
from clinic.practice.models import Site, Staff


class Visit(models.Model):
    """One meeting with a patient; it exists without a booking."""

    class Kind(models.TextChoices):
        """What a visit is for."""

        FIRST = "first", "First visit"
        FOLLOW_UP = "follow_up", "Follow-up"
        REASSESSMENT = "reassessment", "Reassessment"
        CONTACT = "contact", "Phone or mail"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="visits")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="visits")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    starts_at = models.DateTimeField()
    is_without_needles = models.BooleanField(default=False)  # said so; complete as it is

    class Meta:
        indexes = [models.Index(fields=["patient", "-starts_at"])]

    def __str__(self) -> str:
        return f"visit of {self.starts_at:%d-%b-%Y}"


class Note(models.Model):
    """What was written and signed; with `addendum_to`, what was added later."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    signed_at = models.DateTimeField()
    addendum_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="addenda"
    )
    needs_co_sign = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"note of {self.signed_at:%d-%b-%Y}"


class NoteMark(models.Model):
    """What was said of a signed note: that it was an error, or that a practitioner stands by it."""

    class Kind(models.TextChoices):
        """What a mark says."""

        ENTERED_IN_ERROR = "entered_in_error", "Entered in error"
        CO_SIGNED = "co_signed", "Co-signed"

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="marks")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "kind"], name="a_note_is_marked_once"),
            models.CheckConstraint(
                condition=~Q(kind="entered_in_error") | ~Q(reason=""),
                name="an_error_has_its_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Draft(models.Model):
    """What somebody has typed into a visit and not signed; one for each writer."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="drafts")
    author = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="drafts")
    text = models.TextField()
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "author"], name="one_draft_a_writer")
        ]

    def __str__(self) -> str:
        return "a draft"


class NoteTemplate(models.Model):
    """One version of what notes of this clinic begin with; the highest holds, each written once."""

    template = models.UUIDField()  # which one, in all its versions
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    text = models.TextField()
    is_offered = models.BooleanField(default=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["template", "version"], name="one_template_holds_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class Attachment(models.Model):
    """A file of a visit, kept as it came."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="attachments")
    added_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    title = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"attachment of {self.size} bytes"


class Sheet(models.Model):
    """One form to be filled in for one person, before or at a visit or apart from one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sheets")
    visit = models.ForeignKey(
        Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="sheets"
    )
    form = models.CharField(max_length=40)
    opened_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["patient", "form", "-opened_at"])]

    def __str__(self) -> str:
        return f"sheet {self.form}"


class Way(models.TextChoices):
    """How answers came to the clinic."""

    OWN = "own", "On their own device"
    TABLET = "tablet", "On the clinic's tablet"
    LINK = "link", "By the link mailed for a visit"
    PAPER = "paper", "On paper"
    ASKED = "asked", "Asked by staff"


class SheetDraft(models.Model):
    """What has been filled in and not sent: letters as typed, shared by all who fill it in."""

    sheet = models.OneToOneField(Sheet, on_delete=models.CASCADE, related_name="draft")
    version = models.PositiveIntegerField()
    raw = models.JSONField(default=dict)
    touched = models.JSONField(default=dict)  # the revision in which each field changed last
    revision = models.PositiveIntegerField(default=1)
    way = models.CharField(max_length=6, choices=Way.choices)
    paper_on = models.DateField(null=True, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return "a draft of a sheet"


class Submission(models.Model):
    """Answers as they were sent, with the version they were asked in; written once.

    A later number corrects an earlier one, which stays. `digest` is that of the version's file.
    """

    class By(models.TextChoices):
        """Whose words these are."""

        PATIENT = "patient", "The patient"
        PROXY = "proxy", "Somebody who may act for the patient"
        STAFF = "staff", "Staff"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    values = models.JSONField()
    way = models.CharField(max_length=6, choices=Way.choices)
    filled_by = models.CharField(max_length=7, choices=By.choices)
    paper_on = models.DateField(null=True, blank=True)
    # nobody where it came by the link of a visit: who has the mail needs no account
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    sent_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)  # why it corrects the one before

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="a_sheet_is_sent_in_turn"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="a_correction_has_its_reason"
            ),
            models.CheckConstraint(
                condition=~Q(way="paper") | Q(paper_on__isnull=False), name="paper_has_its_date"
            ),
            models.CheckConstraint(
                condition=Q(way="link") | Q(sent_by__isnull=False),
                name="without_an_account_it_came_by_a_link",
            ),
        ]

    def __str__(self) -> str:
        return f"answers of {self.sent_at:%d-%b-%Y}"

    @property
    def is_unopened(self) -> bool:
        """Whether the patient sent it and nobody who cares for them has opened it."""
        return self.filled_by != self.By.STAFF and not hasattr(self, "look")


class ScreeningClearance(models.Model):
    """A practitioner cleared what had to be cleared first, or took that back; written once.

    Of the rows for one item and part of the body the latest holds.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="clearances")
    item = models.CharField(max_length=40)
    region = models.CharField(max_length=60, blank=True)  # as answered; empty: everywhere
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)
    done = models.CharField(max_length=400, blank=True)
    is_taken_back = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & (Q(is_taken_back=True) | ~Q(done="")),
                name="a_clearance_says_why_and_what_was_done",
            )
        ]

    def __str__(self) -> str:
        return "a clearance"


BESIDE_CONSENT: Final = {  # what words can stand beside, by name
    "regions": "Parts of the body",
    "given_by": "Given by",
    "how": "How",
    "renew_on": "Asked anew from",
}


class Consent(models.Model):
    """What somebody agreed to, in which words, with whom; written once.

    It holds for the parts of the body named, in the course of treatment that it was given for,
    until the day it is to be renewed at the latest, and as long as it is not withdrawn.
    """

    class By(models.TextChoices):
        """Who gave it."""

        PATIENT = "patient", "The patient"
        PROXY = "proxy", "Somebody who may decide for the patient"

    class How(models.TextChoices):
        """In which way it was given."""

        SCREEN = "screen", "Signed on the screen"
        PAPER = "paper", "Signed on paper"
        SPOKEN = "spoken", "Spoken before a witness"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="consents")
    text = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    regions = models.JSONField()
    given_by = models.CharField(max_length=7, choices=By.choices)
    giver = models.CharField(max_length=120)
    scope = models.CharField(max_length=200, blank=True)  # what lets a proxy decide
    how = models.CharField(max_length=6, choices=How.choices)
    witness = models.CharField(max_length=120, blank=True)
    talked = models.TextField()  # what was asked, and what was answered
    language = models.CharField(max_length=120, blank=True)  # and who interpreted
    training = models.JSONField()  # of the therapist, as it was shown that day
    taken_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    renew_on = models.DateField()
    words = models.JSONField(null=True, blank=True)  # beside fields, by their names

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(given_by="proxy") | ~Q(scope=""), name="a_proxy_says_what_lets_them"
            ),
            models.CheckConstraint(
                condition=~Q(how="spoken") | ~Q(witness=""), name="spoken_consent_has_a_witness"
            ),
        ]

    def __str__(self) -> str:
        return f"consent of {self.given_at:%d-%b-%Y}"

    @property
    def said(self) -> dict[str, str]:
        """The words that stand beside fields, by what the page calls these."""
        return {BESIDE_CONSENT[name]: words for name, words in (self.words or {}).items()}


class CourseBegun(models.Model):
    """A new course of treatment: a plan signed after a new examination; once for each.

    What was agreed to at earlier visits held for the course before.
    """

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="course_begun")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"course begun {self.at:%d-%b-%Y}"


class ConsentWithdrawal(models.Model):
    """Consent taken back, for all of it or some parts of the body; written once."""

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="withdrawals")
    regions = models.JSONField()
    said_by = models.CharField(max_length=120)
    reason = models.CharField(max_length=400, blank=True)  # nobody has to give one
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return "a withdrawal"


class Look(models.Model):
    """The first practitioner caring for a person who opened what that person had sent; once."""

    submission = models.OneToOneField(
        Submission, on_delete=models.PROTECT, null=True, blank=True, related_name="look"
    )
    withdrawal = models.OneToOneField(
        ConsentWithdrawal, on_delete=models.PROTECT, null=True, blank=True, related_name="look"
    )
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(submission__isnull=False, withdrawal=None)
                | Q(submission=None, withdrawal__isnull=False),
                name="a_look_is_at_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"looked at {self.at:%d-%b-%Y}"
