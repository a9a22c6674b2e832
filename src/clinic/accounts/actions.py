"""Making accounts and links, ending sessions, starting over when everything is lost."""

from __future__ import annotations

import secrets
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.accounts.models import OneTimeLink, User
from clinic.audit.actions import record
from clinic.audit.actor import Actor, system
from clinic.outbox.actions import last_look, promise
from clinic.outbox.models import Message

BY = system("outbox")
AT_ONCE = timedelta(minutes=1)  # a letter that left within it needs no other end of its link
LASTS = {
    OneTimeLink.Purpose.INVITATION: timedelta(days=3),
    OneTimeLink.Purpose.RESET: timedelta(minutes=30),
    OneTimeLink.Purpose.DEMONSTRATION: timedelta(hours=12),
}


class LinkSpent(Exception):  # noqa: N818 - named for the event
    """A link that was used, has expired, was replaced, or never was."""


def make_account(*, email: str, name: str, by: Actor) -> User:
    """An account that can be opened by invitation only."""
    with transaction.atomic():
        user = User(email=email, name=name)
        user.set_unusable_password()
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)
        record("account made", by=by, subject=f"user:{user.pk}")
    return user


def make_link(user: User, purpose: OneTimeLink.Purpose, *, by: Actor) -> str:
    """A fresh link's path; older ones for the same purpose stop working."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    with transaction.atomic():
        OneTimeLink.objects.filter(user=user, purpose=purpose, used_at=None).update(used_at=now)
        OneTimeLink.objects.create(
            digest=OneTimeLink.digest_of(token),
            purpose=purpose,
            user=user,
            made_at=now,
            expires_at=now + LASTS[purpose],
        )
        record("link made", by=by, subject=f"user:{user.pk}", purpose=purpose.value)
    return f"/link/{token}/"


def send_link(user: User, purpose: OneTimeLink.Purpose, *, by: Actor) -> None:
    """A fresh link by mail."""
    with transaction.atomic():
        path = make_link(user, purpose, by=by)
        values = {"clinic": settings.PLACE.name, "link": settings.PLACE.address + path}
        lasts = LASTS[purpose]
        if purpose is OneTimeLink.Purpose.INVITATION:
            values["days"] = str(lasts.days)
        else:
            values["minutes"] = str(int(lasts.total_seconds() // 60))
        promise(
            purpose.value,
            to=user.email,
            key=f"{purpose.value}:{OneTimeLink.digest_of(path)}",
            values=values,
        )


@last_look(OneTimeLink.Purpose.INVITATION.value, OneTimeLink.Purpose.RESET.value)
def let_link_live_from_now(message: Message) -> bool:
    """A link lives from when its letter leaves, however long that waited for the mail server.

    No, if the link was used or replaced meanwhile: its letter would lead nowhere.
    """
    token = message.values["link"].rstrip("/").rpartition("/")[2]
    now = timezone.now()
    with transaction.atomic():
        link = OneTimeLink.objects.filter(
            digest=OneTimeLink.digest_of(token), used_at=None, user__is_active=True
        ).first()
        if link is None:
            return False
        if now - link.made_at > AT_ONCE:
            link.expires_at = now + LASTS[OneTimeLink.Purpose(link.purpose)]
            link.save(update_fields=["expires_at"])
            record("link renewed", by=BY, subject=f"user:{link.user_id}", purpose=str(link.purpose))
    return True


def find_link(token: str) -> OneTimeLink:
    """The link that a token opens, unspent."""
    link = (
        OneTimeLink.objects.select_related("user")
        .filter(
            digest=OneTimeLink.digest_of(token),
            used_at=None,
            expires_at__gt=timezone.now(),
            user__is_active=True,
        )
        .first()
    )
    if link is None:
        raise LinkSpent
    return link


def spend_link(token: str) -> OneTimeLink:
    """Use a link; of two who try at once one is refused."""
    link = find_link(token)
    with transaction.atomic():
        now = timezone.now()
        if not OneTimeLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now):
            raise LinkSpent
        if link.purpose == OneTimeLink.Purpose.INVITATION:
            mail_was_read(link.user)
        record(
            "link used",
            by=Actor(f"link:{link.purpose}"),
            subject=f"user:{link.user_id}",
        )
    return link


def mail_was_read(user: User) -> None:
    """A link that was mailed to this account's address came back: the address is its holder's."""
    EmailAddress.objects.filter(user=user, email=user.email).update(verified=True)


def set_password(user: User, password: str, *, by: Actor) -> None:
    """Set a password; every session of the account ends."""
    with transaction.atomic():
        user.set_password(password)
        user.session_round += 1
        user.save(update_fields=["password", "session_round"])
        _tell_of_change(user)
        record("password set", by=by, subject=f"user:{user.pk}")


def end_all_sessions(user: User, *, by: Actor) -> None:
    """No session of this account works any longer, from now on."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
        record("sessions ended", by=by, subject=f"user:{user.pk}")


def start_over(user: User, *, by: Actor) -> None:
    """Take away every way of signing in and send a new invitation: all was lost, or stolen."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        user.set_unusable_password()
        user.session_round += 1
        user.save(update_fields=["password", "session_round"])
        OneTimeLink.objects.filter(user=user, used_at=None).update(used_at=timezone.now())
        record("sign-in started over", by=by, subject=f"user:{user.pk}")
        send_link(user, OneTimeLink.Purpose.INVITATION, by=by)


def switch_off(user: User, *, by: Actor) -> None:
    """An account that no longer opens; it and what it did stay."""
    with transaction.atomic():
        user.is_active = False
        user.session_round += 1
        user.save(update_fields=["is_active", "session_round"])
        record("account switched off", by=by, subject=f"user:{user.pk}")


def _tell_of_change(user: User) -> None:
    now = timezone.now()
    promise(
        "security",
        to=user.email,
        key=f"security:{user.pk}:{now.timestamp()}",
        values={"clinic": settings.PLACE.name, "when": f"{now:%d %B %Y %H:%M} UTC"},
    )


def tell_of_change(user: User) -> None:
    """Promise the letter that says that a way of signing in was changed."""
    with transaction.atomic():
        _tell_of_change(user)
