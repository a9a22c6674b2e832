"""What is asked before a sheet is begun, and when one is corrected."""

from __future__ import annotations

from typing import Any

from django import forms

from clinic.patients.models import Patient
from clinic.practice.queries import today
from clinic.records.models import Visit, Way


class BeginForm(forms.Form):
    """How a form comes to the clinic, and for which visit."""

    form = forms.CharField(max_length=40, widget=forms.HiddenInput)
    way = forms.ChoiceField(
        label="How",
        choices=[
            (Way.ASKED, "I ask and fill it in"),
            (Way.PAPER, "I enter it from paper"),
            (Way.TABLET, "The patient fills it in on this tablet"),
        ],
    )
    paper_on = forms.DateField(
        label="Date on the paper", required=False, help_text="From paper only. Like 2027-03-09."
    )
    visit = forms.ModelChoiceField(
        label="For the visit", queryset=Visit.objects.none(), required=False, empty_label="No visit"
    )

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        visits = Visit.objects.filter(patient=patient).order_by("-starts_at")
        self.fields["visit"].queryset = visits  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What comes from paper has the date on it, and none that is still to come."""
        values: dict[str, Any] = super().clean() or {}
        day = values.get("paper_on")
        if values.get("way") != Way.PAPER:
            values["paper_on"] = None
        elif day is None and "paper_on" not in self.errors:
            self.add_error("paper_on", "Enter the date on the paper, like 2027-03-09.")
        elif day is not None and day > today():
            self.add_error("paper_on", f"It must not be after today. You entered {day}.")
        return values


class ReasonForm(forms.Form):
    """Why answers are corrected."""

    reason = forms.CharField(
        label="What was wrong", max_length=200, help_text="It is kept beside both."
    )
