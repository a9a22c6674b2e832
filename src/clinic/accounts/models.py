"""People who may sign in, and the links that let them in once.

An account knows an address and a name; what its holder may do is said elsewhere (postings of the
practice, a person's own record). A link's token is stored as a digest only.
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac


class UserManager(BaseUserManager["User"]):
    """Finds accounts by address, however it was typed."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The account with this address."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """One who may sign in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)
    # Counts how often all sessions were ended; a session of an older count is no longer one.
    session_round = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's own signature
        """Keep addresses in one spelling."""
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    def get_session_auth_hash(self) -> str:
        """What a session must agree with: password and round."""
        return self._session_hash(None)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return self._session_hash(secret)

    def _session_hash(self, secret: str | None) -> str:
        value = f"{self.password}|{self.session_round}"
        return salted_hmac(
            "clinic.accounts.session", value, secret=secret, algorithm="sha256"
        ).hexdigest()


class OneTimeLink(models.Model):
    """A link that works once, for one purpose, for a while."""

    class Purpose(models.TextChoices):
        """What a link is for."""

        INVITATION = "invitation"
        RESET = "reset"
        DEMONSTRATION = "demonstration"

    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="links")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.purpose} link"

    @staticmethod
    def digest_of(token: str) -> str:
        """How a token is stored."""
        return hashlib.sha256(token.encode()).hexdigest()
