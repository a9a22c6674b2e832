"""What is filled in about a person."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from clinic.accounts.keeping import OnceForm
from clinic.patients.models import (
    Alert,
    Allergy,
    CareRelationship,
    Contact,
    Medicine,
    Patient,
    Proxy,
)
from clinic.patients.rules import PROXY_LASTS
from clinic.practice.models import Site, Staff
from clinic.practice.queries import today
from clinic.written_days import read_day


class SearchForm(forms.Form):
    """Any of name, birth date and phone."""

    name = forms.CharField(label="Name", required=False, max_length=120)
    born = forms.DateField(label="Date of birth", required=False, help_text="Like 1984-03-09.")
    phone = forms.CharField(
        label="Phone", required=False, max_length=40, help_text="The last four digits or more."
    )


class PatientForm(forms.ModelForm[Patient]):
    """Who a person is and how to reach them."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Patient
        fields = (
            "family_name",
            "given_name",
            "preferred_name",
            "title",
            "born",
            "gender",
            "phone",
            "email",
            "address",
            "language",
        )
        labels = {"born": "Date of birth", "email": "Email address"}
        help_texts = {
            "family_name": "Leave empty for a person with one name.",
            "born": "Like 1984-03-09.",
        }
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        if self.instance.number is not None:
            self.fields["revision"].initial = self.instance.revision


class NewPatientForm(PatientForm):
    """A new person and the site they belong to."""

    site = forms.ModelChoiceField(label="Site", queryset=Site.objects.none())

    def __init__(self, *args: Any, sites: list[int], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        own = Site.objects.filter(pk__in=sites).order_by("name")
        field = self.fields["site"]
        field.queryset = own  # type: ignore[attr-defined]
        if len(own) == 1:
            field.initial = own[0].pk


class ContactForm(forms.ModelForm[Contact]):
    """Somebody to call."""

    class Meta:
        model = Contact
        fields = ("name", "relation", "phone", "in_emergency")
        labels = {"in_emergency": "Call in an emergency"}


class AlertForm(forms.ModelForm[Alert]):
    """What whoever treats this person must know first."""

    class Meta:
        model = Alert
        fields = ("text", "changes_needling")
        labels = {"text": "Alert", "changes_needling": "Changes needling"}


class AllergyForm(forms.ModelForm[Allergy]):
    """A substance and its reaction."""

    class Meta:
        model = Allergy
        fields = ("text", "reaction")
        labels = {"text": "Substance"}


class MedicineForm(forms.ModelForm[Medicine]):
    """A medicine."""

    class Meta:
        model = Medicine
        fields = ("text", "dose")
        labels = {"text": "Medicine", "dose": "How it is taken"}


LINE_FORMS: dict[str, type[forms.ModelForm[Any]]] = {
    "alert": AlertForm,
    "allergy": AllergyForm,
    "medicine": MedicineForm,
}


class EndForm(forms.Form):
    """Why a line of the chart no longer holds."""

    why = forms.CharField(
        label="Why it no longer holds",
        max_length=200,
        error_messages={"required": "Say why it no longer holds."},
    )


class CareForm(forms.Form):
    """Who cares for a patient."""

    staff = forms.ModelChoiceField(label="Colleague", queryset=Staff.objects.none())
    reason = forms.ChoiceField(
        label="Reason",
        choices=[("", "Choose"), *CareRelationship.Reason.choices],
        help_text="Everybody who sees this person sees it.",
    )

    def __init__(self, *args: Any, sites: list[int], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["staff"].queryset = (  # type: ignore[attr-defined]
            Staff.objects.filter(
                postings__site__in=sites,
                postings__ended_at=None,
                postings__role__in=["practitioner", "student"],
                user__is_active=True,
            )
            .distinct()
            .order_by("name")
        )


class LockForm(forms.Form):
    """Whom the patient keeps out, in the patient's words."""

    staff = forms.ModelChoiceField(
        label="Whom to keep out",
        queryset=Staff.objects.order_by("name"),
        required=False,
        empty_label="Everybody",
    )
    instruction = forms.CharField(label="What the patient said", max_length=200)


class InviteForm(forms.Form):
    """Whose address it is: staff vouch for it."""

    email = forms.EmailField(widget=forms.HiddenInput)  # the one that was looked at
    is_theirs = forms.BooleanField(error_messages={"required": "Ask them first, then tick this."})

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = address
        self.fields[
            "is_theirs"
        ].label = f"I have asked them: {address} is theirs, and the date of birth here is right"


class ProxyForm(forms.ModelForm[Proxy]):
    """Who is to act for the patient, and until when."""

    name = forms.CharField(label="Their name", max_length=120)
    email = forms.EmailField(label="Their email address")
    is_theirs = forms.BooleanField(
        label="The patient, or who decides for them, asked for this, and this address is that"
        " person's",
        error_messages={"required": "Ask first, then tick this."},
    )

    class Meta:
        model = Proxy
        fields = ("scope", "reason", "ends_on")
        labels = {"ends_on": "Last day"}
        help_texts = {
            "reason": "Such as: parent, or power of attorney. Reception reads it too: say"
            " nothing of anybody's health.",
            "ends_on": "Like 2027-03-09; at most two years from now.",
        }

    field_order = ("name", "email", "scope", "reason", "ends_on", "is_theirs")

    def clean_ends_on(self) -> date:
        """A day to come, and not farther than two years."""
        last: date = self.cleaned_data["ends_on"]
        if last < today():
            raise forms.ValidationError("The last day must not be past.")
        if last > today() + PROXY_LASTS:
            raise forms.ValidationError("The last day must be at most two years from now.")
        return last


class BirthDateForm(forms.Form):
    """When the person was born, in three parts."""

    day = forms.CharField(max_length=4, required=False)
    month = forms.CharField(max_length=12, required=False)
    year = forms.CharField(max_length=6, required=False)

    def clean(self) -> dict[str, Any]:
        """One day, as `born`."""
        values = self.cleaned_data
        try:
            parts = [values.get(name, "") for name in ("day", "month", "year")]
            values["born"] = read_day(*parts, example="9 March 1984")
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return values


class EmergencyForm(forms.Form):
    """Why a chart must be opened without a relationship."""

    reason = forms.CharField(
        label="Why it must be opened now",
        min_length=10,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The patient and the privacy lead can read this.",
    )


class ReviewForm(forms.Form):
    """What came of a review."""

    note = forms.CharField(
        label="Closing note", max_length=400, widget=forms.Textarea(attrs={"rows": 2})
    )


class MergeForm(forms.Form):
    """Two numbers that are one person."""

    kept = forms.IntegerField(label="Number to keep", min_value=1)
    merged = forms.IntegerField(label="Number to merge into it", min_value=1)
    reason = forms.CharField(label="How it is known", max_length=200)


class ImportForm(OnceForm):
    """A file of people."""

    site = forms.ModelChoiceField(label="Site", queryset=Site.objects.none())
    file = forms.FileField(
        label="CSV file",
        help_text="Columns: family_name, given_name, born (like 1984-03-09), email, phone.",
    )
    are_others = forms.BooleanField(
        label="Also those of the same name and birth date as somebody here: they are other people",
        required=False,
    )

    def __init__(self, *args: Any, sites: list[int], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        own = Site.objects.filter(pk__in=sites).order_by("name")
        self.fields["site"].queryset = own  # type: ignore[attr-defined]

    def clean_file(self) -> str:
        """The text of a file of at most five megabytes."""
        file = self.cleaned_data["file"]
        if file.size > 5 * 1024 * 1024:
            raise forms.ValidationError("The file must be at most 5 MB.")
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError("The file must be text in UTF-8.") from error
