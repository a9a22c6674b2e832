"""What is filled in about sites, staff, roles and credentials."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from clinic.accounts.models import User
from clinic.practice.models import Cover, Credential, Posting, Role, Site, Staff


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone]


class SiteForm(forms.ModelForm[Site]):
    """A site."""

    time_zone = forms.ChoiceField(label="Time zone", choices=_zones)

    class Meta:
        model = Site
        fields = (
            *("name", "time_zone", "address", "city", "region", "postal_code", "phone"),
            "charts_open_to",
        )
        labels = {
            "address": "Street",
            "city": "Town",
            "region": "Province or state",
            "postal_code": "Postal code",
            "charts_open_to": "Who may open charts here",
        }
        help_texts = {
            "region": "Its letters, such as BC. Lists of free times need street, town, province"
            " and postal code.",
        }
        widgets = {"address": forms.Textarea(attrs={"rows": 2})}


class InvitationForm(forms.Form):
    """A new colleague."""

    name = forms.CharField(label="Name", max_length=120)
    email = forms.EmailField(
        label="Email address", help_text="The invitation goes here and works for three days."
    )
    profession = forms.CharField(label="Profession", max_length=80, required=False)
    site = forms.ModelChoiceField(label="Site", queryset=Site.objects.order_by("name"))
    role = forms.ChoiceField(label="Role", choices=Role.choices)

    def clean_email(self) -> str:
        """An address that has no account yet."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError("This address has an account already.")
        return email


class RoleForm(forms.ModelForm[Posting]):
    """A further role."""

    class Meta:
        model = Posting
        fields = ("site", "role")


class CredentialForm(forms.ModelForm[Credential]):
    """A licence, training or authority."""

    class Meta:
        model = Credential
        fields = ("kind", "issuer", "number", "valid_from", "expires_on")
        labels = {"valid_from": "Valid from", "expires_on": "Last valid day"}
        help_texts = {
            "valid_from": "Like 2027-03-09. For a renewal: the first day of the new time.",
            "expires_on": "Leave empty if it does not expire.",
        }

    def clean(self) -> dict[str, Any]:
        """Days in order."""
        values = super().clean() or self.cleaned_data
        first, last = values.get("valid_from"), values.get("expires_on")
        if first and last and last < first:
            self.add_error("expires_on", "The last valid day must not be before the first.")
        return values

    def stands_already(self) -> None:
        """Say that the same one, from the same day, was entered before."""
        self.add_error(
            "valid_from",
            "This one stands here already from that day. For a renewal enter its first day;"
            " what was entered wrongly is put right with “Correct” beside it.",
        )


class CorrectionForm(CredentialForm):
    """What a credential says in truth."""

    why = forms.CharField(
        label="What was wrong",
        max_length=200,
        help_text="The old entry stays readable with these words.",
    )


class EndForm(forms.Form):
    """From when on a credential no longer holds."""

    ended_on = forms.DateField(
        label="Last day on which it held",
        required=False,
        help_text="Like 2027-03-09. Leave empty if it was entered by mistake and never held.",
    )
    why = forms.CharField(
        label="Why it ends", max_length=200, help_text="Such as: suspended by the issuer."
    )


class CoverForm(forms.ModelForm[Cover]):
    """Who stands in for whom."""

    class Meta:
        model = Cover
        fields = ("covering", "covered", "starts_on", "ends_on")
        labels = {
            "covering": "Who stands in",
            "covered": "For whom",
            "starts_on": "First day",
            "ends_on": "Last day",
        }

    def clean(self) -> dict[str, Any]:
        """Two different people, and days in order."""
        values = super().clean() or self.cleaned_data
        if values.get("covering") and values.get("covering") == values.get("covered"):
            self.add_error("covered", "Nobody stands in for themselves.")
        first, last = values.get("starts_on"), values.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "The last day must not be before the first.")
        return values


def active_staff() -> forms.ModelChoiceField[Staff]:
    """A field to choose a colleague who works here."""
    people = Staff.objects.filter(postings__ended_at=None, user__is_active=True).distinct()
    return forms.ModelChoiceField(queryset=people.order_by("name"))
