"""What is filled in in a visit."""

from __future__ import annotations

from typing import Any

from django import forms

from clinic.accounts.keeping import OnceForm
from clinic.practice.models import Site
from clinic.records.models import Visit


class VisitForm(forms.Form):
    """A visit that begins."""

    kind = forms.ChoiceField(label="Kind of visit", choices=Visit.Kind.choices)
    site = forms.ModelChoiceField(label="Site", queryset=Site.objects.none())

    def __init__(self, *args: Any, sites: list[int], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field = self.fields["site"]
        own = Site.objects.filter(pk__in=sites).order_by("name")
        field.queryset = own  # type: ignore[attr-defined]
        if len(own) == 1:
            field.initial = own[0].pk


class NoteForm(OnceForm):
    """A note; saved as it is typed, signed once."""

    text = forms.CharField(
        label="Note", max_length=50_000, widget=forms.Textarea(attrs={"rows": 10})
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)


class AddendumForm(OnceForm):
    """What is added to a signed note."""

    text = forms.CharField(
        label="Addendum", max_length=50_000, widget=forms.Textarea(attrs={"rows": 4})
    )


class ErrorForm(forms.Form):
    """Why a note is struck."""

    reason = forms.CharField(label="Why it was entered in error", max_length=200)


class AttachmentForm(forms.Form):
    """A file and what it is."""

    title = forms.CharField(label="What it is", max_length=120)
    file = forms.FileField(label="File", help_text="PDF, PNG, JPEG or plain text, at most 10 MB.")
