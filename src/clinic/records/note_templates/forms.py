"""What is filled in for a note template."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from clinic.records.note_templates.queries import current_templates
from clinic.records.note_templates.rules import FIXED, tidied
from myotome.errors import InputError


class NoteTemplateForm(forms.Form):
    """Its name and text."""

    name = forms.CharField(label="Name", max_length=80)
    text = forms.CharField(
        label="Headings and text",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, template: uuid.UUID | None = None, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.template = template

    def clean_name(self) -> str:
        """One name, one template."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        taken = [title for title, _ in FIXED.values()]
        taken += [row.name for row in current_templates() if row.template != self.template]
        if name.casefold() in {each.casefold() for each in taken}:
            raise forms.ValidationError(f"There is a template '{name}' already. Choose another.")
        return name

    def clean_text(self) -> str:
        """Every word in braces is one that the record can fill."""
        try:
            return tidied(str(self.cleaned_data["text"]))
        except InputError as error:
            raise forms.ValidationError(str(error)) from error
