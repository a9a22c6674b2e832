"""What is said when something is cleared, or a clearance is taken back."""

from __future__ import annotations

from django import forms


class ClearForm(forms.Form):
    """Why it may go on, and what was done for it."""

    item = forms.CharField(max_length=40, widget=forms.HiddenInput)
    region = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label="Why it may go on", max_length=400)
    done = forms.CharField(
        label="What was done", max_length=400, help_text="Such as whom you asked, and when."
    )


class TakeBackForm(forms.Form):
    """Why a clearance no longer holds."""

    item = forms.CharField(max_length=40, widget=forms.HiddenInput)
    region = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    reason = forms.CharField(label="Why it no longer holds", max_length=400)
