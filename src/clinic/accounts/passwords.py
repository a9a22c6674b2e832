"""Passwords that are refused because they are known: breached, common, or hardly more than that.

The list lies here and no network is asked. It holds what of the million most frequent passwords of
Mark Burnett's ten million (breaches until 2015, in the public domain) is long enough to be allowed
at all, 43,000 of them, as cut digests: enough to compare with, and nothing to read. Whoever puts
digits and signs around a common word, repeats it, or takes the clinic's own name, guesses as easily
as the list: so what is left without these is looked up as well.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from bisect import bisect_left
from functools import cache
from importlib.resources import files
from pathlib import Path

import django.contrib.auth
from django.conf import settings
from django.core.exceptions import ValidationError

from clinic.accounts.models import User

LENGTH = 6  # bytes of a digest that are kept: one password in six billion is refused by chance
WITHOUT_LETTERS = 20
PRODUCT = ("myotome",)
HELP = (
    "A password that is commonly used is refused, also with digits or signs put around it; three"
    " or four unrelated words are good."
)


def digest_of(password: str) -> bytes:
    """What is kept of a password that is known, and compared."""
    return hashlib.sha256(password.casefold().encode()).digest()[:LENGTH]


@cache
def _long_ones() -> bytes:
    return (files("clinic.accounts") / "common_passwords.bin").read_bytes()


@cache
def _short_ones() -> frozenset[str]:
    """Django's own list: twenty thousand, nearly all too short to be allowed by themselves."""
    path = Path(django.contrib.auth.__file__).parent / "common-passwords.txt.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return frozenset(line.strip() for line in lines)


def is_common(password: str) -> bool:
    """Whether a password is on either list."""
    if password.casefold() in _short_ones():
        return True
    wanted, known = digest_of(password), _long_ones()
    numbers = range(len(known) // LENGTH)
    at = bisect_left(numbers, wanted, key=lambda n: known[n * LENGTH : (n + 1) * LENGTH])
    return known[at * LENGTH : (at + 1) * LENGTH] == wanted


def core_of(password: str) -> str:
    """What is left of a password without digits and signs around it, and said once."""
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", password.casefold())
    repeated = re.fullmatch(r"(.+?)\1+", bare or password)
    return repeated[1] if repeated else bare


class NotCommon:
    """Refuses what is on the lists, and what hardly differs."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - Django's
        """Return if nobody would guess it early."""
        core = core_of(password)
        if len(password) < WITHOUT_LETTERS and not any(letter.isalpha() for letter in password):
            raise ValidationError(
                f"A password without a letter must be at least {WITHOUT_LETTERS} long: dates and"
                " numbers of all kinds are tried early.",
                code="password_without_letters",
            )
        own = {re.sub(r"\W+", "", name.casefold()) for name in (settings.PLACE.name, *PRODUCT)}
        is_own = re.sub(r"\W+", "", core) in own
        if is_common(password) or 0 < len(core) <= 2 or is_common(core) or is_own:
            raise ValidationError(
                "This password is one of those that are guessed first. Choose another.",
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        """What to choose."""
        return HELP
