"""A patient, what endangers them, who speaks for them, who cares for them, and who is kept out."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.practice.models import Site, Staff


class Patient(models.Model):
    """One person in the clinic's care. The number is for people, the key for addresses."""

    class AllergyStatus(models.TextChoices):
        """What is known of allergies as a whole."""

        NOT_RECORDED = "not_recorded", "Allergies not recorded"
        NONE_KNOWN = "none_known", "No known allergies"
        KNOWN = "known", "Known allergies"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(unique=True)
    family_name = models.CharField(max_length=120, blank=True)
    given_name = models.CharField(max_length=120)
    preferred_name = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=20, blank=True)
    born = models.DateField(null=True, blank=True)
    gender = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    address = models.TextField(blank=True)
    language = models.CharField(max_length=40, blank=True)
    allergy_status = models.CharField(
        max_length=12, choices=AllergyStatus.choices, default=AllergyStatus.NOT_RECORDED
    )
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="patient",
    )
    sites = models.ManyToManyField(Site, related_name="patients")
    # What a search looks at: letters without case and accents, digits without signs.
    search_name = models.CharField(max_length=400, editable=False)
    search_phone = models.CharField(max_length=40, editable=False, blank=True)
    revision = models.PositiveIntegerField(default=1)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["search_name"]),
            models.Index(fields=["born"]),
            models.Index(fields=["search_phone"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
                name="nobody_is_merged_into_themselves",
            )
        ]

    def __str__(self) -> str:
        return f"patient {self.number}"

    @property
    def known_allergies(self) -> list[str]:
        """Substances that the chart lists now."""
        return list(
            self.allergy_set.filter(ended_on=None).order_by("pk").values_list("text", flat=True)
        )

    @property
    def needling_alerts(self) -> list[str]:
        """What changes needling, as the chart has it now."""
        lines = self.alert_set.filter(ended_on=None, changes_needling=True)
        return list(lines.order_by("pk").values_list("text", flat=True))

    @property
    def initials(self) -> str:
        """Initials and number: what a browser's history may keep."""
        letters = [name[0] + "." for name in (self.given_name, self.family_name) if name]
        return f"{''.join(letters)} {self.number}"


class Contact(models.Model):
    """Somebody to call."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=120)
    relation = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=40)
    in_emergency = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "a contact"


class ChartLine(models.Model):
    """A line of the chart that is ended and not deleted; who ended those of before is not kept."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    text = models.CharField(max_length=200)
    since = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    written_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return "a line of a chart"


class Alert(ChartLine):
    """What whoever treats this person must know first."""

    changes_needling = models.BooleanField(default=False)


class Allergy(ChartLine):
    """A substance and what it did."""

    reaction = models.CharField(max_length=200, blank=True)


class Medicine(ChartLine):
    """A medicine and how it is taken."""

    dose = models.CharField(max_length=120, blank=True)


class Proxy(models.Model):
    """Somebody with an account who may act for the patient, for named things, until a day."""

    class Scope(models.TextChoices):
        """What a proxy may do."""

        BOOK = "book", "Book visits"
        ALL = "all", "See and do what the patient can"

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="proxies")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proxy_for"
    )
    scope = models.CharField(max_length=4, choices=Scope.choices)
    reason = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)  # taken away before its last day

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="a_proxy_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return f"proxy until {self.ends_on}"


class Invitation(models.Model):
    """A mailed link by which somebody comes to a record: as their own, or to act for its person.

    Without a scope the record is their own. The token is stored as a digest only.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()  # as staff vouched for it
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=80)  # who may not come by it themselves
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong_answers = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=120, blank=True)
    scope = models.CharField(max_length=4, choices=Proxy.Scope.choices, blank=True)
    reason = models.CharField(max_length=120, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(  # who came by it
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)  # withdrawn, or another was sent

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="", ends_on=None) | (Q(ends_on__isnull=False) & ~Q(scope="")),
                name="who_acts_for_another_has_a_last_day",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(ended_at=None),
                name="an_invitation_ends_one_way",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.made_at}"

    @property
    def is_own(self) -> bool:
        """Whether the record is that of the one who is invited."""
        return not self.scope


class AddressChange(models.Model):
    """The mail address of a record gave way: who did that, and who invited to a new one then.

    Who can do both can open the record to a mailbox of their own: once it was done, a privacy lead
    looks at it.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="address_changes")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    invited_by = models.CharField(max_length=80, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_at=None) | ~Q(closing_note=""),
                name="a_review_of_an_address_has_a_note",
            )
        ]

    def __str__(self) -> str:
        return f"address changed {self.at}"


class CareRelationship(models.Model):
    """A member of staff cares for a patient: what opens the chart.

    The reason is chosen, for reception reads it too, and what somebody types of a patient may be
    clinical. Rows of before hold free words; these are for whoever may read the chart.
    """

    class Reason(models.TextChoices):
        """Why somebody began to care."""

        BOOKED = "booked", "booked"
        REFERRED = "referred", "referred"
        COVERING = "covering", "covering for a colleague"
        TAKEN_OVER = "taken over", "taken over from a colleague"
        SUPERVISED = "supervised", "a student, supervised"
        SUPERVISING = "supervising", "supervises a student"
        ASKED = "asked", "asked for by the patient"
        OTHER = "other", "another reason"

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="care")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="cares_for")
    reason = models.CharField(max_length=120)
    starts_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # Who begins their own care opens a chart to themselves: somebody else looks at it afterwards.
    is_own_doing = models.BooleanField(default=False)
    reviewed_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "staff"],
                condition=Q(ended_at=None),
                name="one_open_care_relationship",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("staff")),
                name="nobody_reviews_their_own_care",
            ),
        ]

    def __str__(self) -> str:
        return f"care since {self.starts_on}"

    @property
    def chosen_reason(self) -> str:
        """The reason in words that anybody who sees the person may read; empty for free words."""
        chosen = self.reason in self.Reason.values
        return str(self.Reason(self.reason).label) if chosen else ""


class Lockbox(models.Model):
    """The patient's instruction that somebody, or everybody, is kept out of the chart."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="lockboxes")
    staff = models.ForeignKey(  # empty: all but those who lift it
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    instruction = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return "a lock"


class EmergencyAccess(models.Model):
    """A chart opened without a relationship: by whom, why, until when, and what the review said."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="emergencies")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="emergencies")
    reason = models.CharField(max_length=400)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    closing_note = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("staff")),
                name="nobody_reviews_their_own_emergency",
            )
        ]

    def __str__(self) -> str:
        return f"emergency access until {self.ends_at}"


class Merge(models.Model):
    """Two records found to be one person, and all that is needed to take it back."""

    kept = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    merged = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField()
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"merge of {self.at}"
