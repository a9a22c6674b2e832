"""The first rows of a clinic: its schema, its practice, its first owner."""

from __future__ import annotations

from django.core.management import call_command
from django.db import transaction

from clinic.accounts.actions import make_link, start_over
from clinic.accounts.models import OneTimeLink, User
from clinic.audit.actions import seal
from clinic.audit.actor import system
from clinic.outbox.actions import withdraw
from clinic.practice.actions import add_staff, found_practice, give_role
from clinic.practice.models import Role
from clinic.practice.rules import jurisdictions
from myotome.errors import InputError, UnknownName

BY = system("setup")


def bring_up_to_date() -> None:
    """Give the database the newest schema."""
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def set_up(*, owner: str, name: str, site: str, time_zone: str, jurisdiction: str) -> str:
    """Found the practice with one owner, who is its privacy lead until another is named.

    Returns:
        The path of the owner's link.
    """
    if jurisdiction not in jurisdictions():
        raise UnknownName("jurisdiction", jurisdiction, jurisdictions())
    bring_up_to_date()
    first = found_practice(
        jurisdiction=jurisdiction, site=site, time_zone=time_zone, is_demonstration=False, by=BY
    )
    staff = add_staff(
        email=owner,
        name=f"Owner of {name}"[:120],
        profession="",
        site=first,
        role=Role.OWNER,
        by=BY,
        invite=False,
    )
    give_role(staff, first, Role.PRIVACY_LEAD, by=BY)
    path = make_link(User.objects.get(pk=staff.user_id), OneTimeLink.Purpose.INVITATION, by=BY)
    seal()  # nothing of the audit lies unprotected until somebody serves
    return path


def invite_again(email: str) -> str:
    """Take away every way of signing in from an account; a fresh link's path.

    Whoever asks hands the link over, so that it is the only one that opens: none is mailed.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise InputError(f"must be the address of an open account, got '{email}'.", place="email")
    with transaction.atomic():
        start_over(user, by=BY)
        withdraw("invitation", to=user.email)
        return make_link(user, OneTimeLink.Purpose.INVITATION, by=BY)
