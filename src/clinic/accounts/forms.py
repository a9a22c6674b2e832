"""What a person fills in about how they sign in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)

from clinic.accounts.models import User


class EmailForm(forms.Form):
    """An address to send a link to."""

    email = forms.EmailField(
        label="Email address",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )


class NewPasswordForm(forms.Form):
    """A new password, once: it can be shown, pasted and made by a password manager."""

    password = forms.CharField(
        label="New password",
        strip=False,
        help_text=" ".join(password_validators_help_texts()),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        """A password that is long enough and not on the list of common ones."""
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password
