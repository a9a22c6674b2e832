"""What is filled in when somebody agrees to needling, or takes it back."""

from __future__ import annotations

from typing import Any

from django import forms

from clinic.practice.queries import today
from clinic.records.consent.rules import RENEWED_AFTER
from clinic.records.consent.texts import REGION_WORDS, ConsentText
from clinic.records.models import BESIDE_CONSENT, Consent


class ConsentForm(forms.Form):
    """Who agrees to what, how, and what was talked about."""

    regions = forms.MultipleChoiceField(
        label="Parts of the body",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose the parts of the body that may be needled."},
    )
    given_by = forms.ChoiceField(label="Given by", choices=Consent.By.choices)
    giver = forms.CharField(
        label="Name of who agrees",
        max_length=120,
        help_text="Signed on the screen: they type their own name here.",
        error_messages={"required": "Enter the name of who agrees."},
    )
    scope = forms.CharField(
        label="What lets them decide for the patient",
        max_length=200,
        required=False,
        help_text="For somebody else only: such as parent of a child, or a power of attorney.",
    )
    how = forms.ChoiceField(label="How", choices=Consent.How.choices)
    witness = forms.CharField(
        label="Witness", max_length=120, required=False, help_text="For a spoken consent."
    )
    language = forms.CharField(
        label="Language, and who interpreted", max_length=120, required=False
    )
    talked = forms.CharField(
        label="What was asked, and what was answered",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="If nothing was asked, say so.",
        error_messages={"required": "Say what was asked and answered, or that nothing was."},
    )
    renew_on = forms.DateField(
        label="Ask anew from",
        help_text="Like 2027-03-09. A new plan, signed after a new examination, asks anew before.",
    )
    said = forms.BooleanField(
        label="Effects, how often they happen and alternatives were said",
        error_messages={"required": "Say them first, then tick this."},
    )
    offered = forms.BooleanField(
        label="A copy was given or offered",
        error_messages={"required": "Offer a copy, then tick this."},
    )

    def __init__(self, *args: Any, text: ConsentText, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.text = text
        choices = [(region.key, f"{region.name}. {region.risk}") for region in text.regions]
        self.fields["regions"].choices = choices  # type: ignore[attr-defined]
        self.fields["renew_on"].initial = (today() + RENEWED_AFTER).isoformat()
        for name, words in BESIDE_CONSENT.items():
            label = f"In words: {words.lower()}"
            area = forms.Textarea(attrs={"rows": 2})
            self.fields[_beside(name)] = forms.CharField(
                label=label, max_length=1000, required=False, widget=area
            )

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField | None, bool]]:
        """Each field, the words beside it if it takes some, and whether they are to be seen."""
        found = []
        for name in self.base_fields:
            words = self[_beside(name)] if name in BESIDE_CONSENT else None
            is_open = words is not None and bool(words.value() or words.errors)
            found.append((self[name], words, is_open))
        return found

    def clean(self) -> dict[str, Any]:
        """A proxy says what lets them; a spoken consent has a witness; it is renewed some day.

        What is agreed to is the text that stood on the page.
        """
        values: dict[str, Any] = super().clean() or {}
        if self.data.get("read") != self.text.digest:
            self.add_error(None, "The text has changed since. Read it as it is below, then agree.")
        if values.get("given_by") == Consent.By.PROXY and not values.get("scope"):
            self.add_error("scope", "Say what lets them decide for the patient.")
        if values.get("how") == Consent.How.SPOKEN and not values.get("witness"):
            self.add_error("witness", "A spoken consent needs the name of a witness.")
        day = values.get("renew_on")
        if day is not None and day <= today():
            self.add_error("renew_on", f"It must be after today. You entered {day}.")
        return values

    @property
    def kept(self) -> dict[str, Any]:
        """What goes into the record."""
        values = self.cleaned_data
        said = {name: values[_beside(name)].strip() for name in BESIDE_CONSENT}
        kept = {name: values[name] for name in self.base_fields if name not in {"said", "offered"}}
        return kept | {"words": {name: words for name, words in said.items() if words} or None}


def _beside(name: str) -> str:
    return f"{name}_words"


class WithdrawForm(forms.Form):
    """Which parts of the body are taken back."""

    regions = forms.MultipleChoiceField(
        label="Parts of the body", widget=forms.CheckboxSelectMultiple
    )
    said_by = forms.CharField(label="Who said so", max_length=120)
    reason = forms.CharField(
        label="Why", max_length=400, required=False, help_text="Nobody has to give a reason."
    )

    def __init__(self, *args: Any, standing: list[str], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        choices = [(key, REGION_WORDS.get(key, key)) for key in standing]
        self.fields["regions"].choices = choices  # type: ignore[attr-defined]


class OwnWithdrawForm(WithdrawForm):
    """What one takes back oneself."""

    said_by = None  # type: ignore[assignment]
