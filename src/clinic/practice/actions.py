"""Founding a practice, inviting staff, giving and ending roles, checking credentials."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.accounts.actions import make_account, send_link, switch_off
from clinic.accounts.models import OneTimeLink, User
from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.outbox.actions import cancel_job, request_job
from clinic.outbox.models import Job
from clinic.practice.jobs import CHECK_AUDIT
from clinic.practice.models import Cover, Credential, Posting, Practice, Role, Site, Staff
from clinic.practice.queries import today


class LastOwner(Exception):  # noqa: N818 - named for the event
    """A practice must keep an owner."""


class EnteredAlready(Exception):  # noqa: N818 - named for the event
    """The same credential, from the same day, stands there already."""


class EndsOtherwise(Exception):  # noqa: N818 - named for the event
    """A credential cannot end on this day; the words say why."""


class OwnCredential(Exception):  # noqa: N818 - named for the event
    """A credential must be checked by somebody else."""


def found_practice(
    *, jurisdiction: str, site: str, time_zone: str, is_demonstration: bool, by: Actor
) -> Site:
    """The first rows of an empty database."""
    ZoneInfo(time_zone)
    with transaction.atomic():
        Practice.objects.create(jurisdiction=jurisdiction, is_demonstration=is_demonstration)
        first = Site.objects.create(name=site, time_zone=time_zone)
        record("practice founded", by=by, demonstration=is_demonstration)
    return first


def add_site(values: dict[str, Any], *, by: Actor) -> Site:
    """A further site."""
    with transaction.atomic():
        site = Site.objects.create(**values)
        record("site added", by=by, subject=f"site:{site.pk}")
    return site


def change_site(site: Site, values: dict[str, Any], *, by: Actor) -> None:
    """New values for a site; which fields changed is audited."""
    with transaction.atomic():
        changed = [name for name, value in values.items() if getattr(site, name) != value]
        for name in changed:
            setattr(site, name, values[name])
        site.save(update_fields=changed)
        record("site changed", by=by, subject=f"site:{site.pk}", fields=changed)


def add_staff(
    *,
    email: str,
    name: str,
    profession: str,
    site: Site,
    role: str,
    by: Actor,
    invite: bool = True,
) -> Staff:
    """A colleague with an account and a first role; the invitation goes by mail."""
    with transaction.atomic():
        user = make_account(email=email, name=name, by=by)
        staff = Staff.objects.create(user=user, name=name, profession=profession)
        record("staff added", by=by, subject=f"staff:{staff.pk}")
        give_role(staff, site, role, by=by)
        if invite:
            send_link(user, OneTimeLink.Purpose.INVITATION, by=by)
    return staff


def give_role(staff: Staff, site: Site, role: str, *, by: Actor) -> Posting:
    """A role at a site from today."""
    with transaction.atomic():
        posting, _ = Posting.objects.get_or_create(
            staff=staff, site=site, role=role, ended_at=None, defaults={"starts_on": today()}
        )
        record("role given", by=by, subject=f"staff:{staff.pk}", role=role, site=site.pk)
    return posting


def end_role(posting: Posting, *, by: Actor) -> None:
    """End a role now; the row stays as history, and the last owner stays an owner."""
    with transaction.atomic():
        if posting.role == Role.OWNER:
            # All owners' rows are locked, so that two who step down at once cannot both succeed.
            owners = Posting.objects.select_for_update().filter(role=Role.OWNER, ended_at=None)
            if len(owners) <= 1:
                raise LastOwner
        posting.ended_at = timezone.now()
        posting.save(update_fields=["ended_at"])
        record(
            "role ended",
            by=by,
            subject=f"staff:{posting.staff_id}",
            role=posting.role,
            site=posting.site_id,
        )


def set_cover(covering: Staff, covered: Staff, first: date, last: date, *, by: Actor) -> Cover:
    """One colleague stands in for another for some days."""
    with transaction.atomic():
        cover = Cover.objects.create(
            covering=covering, covered=covered, starts_on=first, ends_on=last
        )
        record("cover set", by=by, subject=f"staff:{covering.pk}", covered=f"staff:{covered.pk}")
    return cover


def add_credential(staff: Staff, values: dict[str, Any], *, by: Actor) -> Credential:
    """A credential or its renewal, not yet checked.

    Raises:
        EnteredAlready: If it stands there from the same day; then nothing changes.
    """
    with transaction.atomic():
        credential = _new_credential(staff, values)
        record("credential added", by=by, subject=f"staff:{staff.pk}", kind=str(credential.kind))
    return credential


def correct_credential(
    credential: Credential, values: dict[str, Any], *, why: str, by: Actor
) -> Credential:
    """Enter anew what was entered wrongly: the old row is struck and kept, the new one unchecked.

    Raises:
        EnteredAlready: If what it is corrected to stands there already.
    """
    with transaction.atomic():
        old = _standing(credential)
        strike_credential(old, why=why, by=by)
        old.replaced_by = _new_credential(old.staff, values)
        old.save(update_fields=["replaced_by"])
        record(
            "credential corrected",
            by=by,
            subject=f"staff:{old.staff_id}",
            kind=str(old.kind),
            credential=old.pk,
            replaced_by=old.replaced_by.pk,
        )
    return old.replaced_by


def strike_credential(credential: Credential, *, why: str, by: Actor) -> None:
    """A credential that never was: it counts on no day, and stays readable with the reason."""
    with transaction.atomic():
        row = _standing(credential)
        row.struck_at, row.why = timezone.now(), why
        row.save(update_fields=["struck_at", "why"])
        record(
            "credential struck",
            by=by,
            subject=f"staff:{row.staff_id}",
            kind=str(row.kind),
            credential=row.pk,
        )


def end_credential(credential: Credential, last_day: date, *, why: str, by: Actor) -> None:
    """A credential ended before its day, or was found to; it counts to that day and no longer.

    Raises:
        EndsOtherwise: It ended earlier already, or begins later only.
    """
    with transaction.atomic():
        row = _standing(credential)
        if row.ended_on is not None and last_day > row.ended_on:
            raise EndsOtherwise(
                "It ended before this day. If it holds again, correct it: somebody checks it anew."
            )
        if last_day < row.valid_from:
            raise EndsOtherwise("This is before its first day. If it never held, leave it empty.")
        row.ended_on, row.why = last_day, why
        row.save(update_fields=["ended_on", "why"])
        record(
            "credential ended",
            by=by,
            subject=f"staff:{row.staff_id}",
            kind=str(row.kind),
            credential=row.pk,
            last_day=last_day.isoformat(),
        )


def _standing(credential: Credential) -> Credential:
    """The row as it is now, held until the act is done; a struck one is absent."""
    return Credential.objects.select_for_update().get(pk=credential.pk, struck_at=None)


def _new_credential(staff: Staff, values: dict[str, Any]) -> Credential:
    names = ("kind", "issuer", "number", "valid_from")
    key = {name: values[name] for name in names}
    Staff.objects.select_for_update().get(pk=staff.pk)  # two who add the same wait for each other
    if Credential.objects.filter(staff=staff, struck_at=None, **key).exists():
        raise EnteredAlready
    return Credential.objects.create(staff=staff, **values)


def check_credential(credential: Credential, checker: Staff, *, by: Actor) -> None:
    """Say that one has seen it with one's own eyes; nobody checks their own."""
    if checker.pk == credential.staff_id:
        raise OwnCredential
    with transaction.atomic():
        credential.checked_by = checker
        credential.checked_on = today()
        credential.save(update_fields=["checked_by", "checked_on"])
        record(
            "credential checked",
            by=by,
            subject=f"staff:{credential.staff_id}",
            kind=str(credential.kind),
        )


def let_go(staff: Staff, *, by: Actor) -> None:
    """A colleague leaves: every role ends and the account closes; what they wrote stays."""
    with transaction.atomic():
        for posting in list(staff.postings.filter(ended_at=None)):
            end_role(posting, by=by)
        switch_off(User.objects.get(pk=staff.user_id), by=by)
        record("staff left", by=by, subject=f"staff:{staff.pk}")


def take_patient_number() -> int:
    """The next number for a patient, never given twice; inside the caller's transaction."""
    Practice.objects.filter(only=True).update(next_patient_number=F("next_patient_number") + 1)
    number: int = Practice.objects.values_list("next_patient_number", flat=True).get() - 1
    return number


def hold_patient_numbers() -> None:
    """Wait for whoever adds patients, and let nobody else until the caller's transaction ends."""
    Practice.objects.select_for_update().get(only=True)


def ask_for_audit_check(*, by: Actor) -> Job:
    """Have the audit followed to its end.

    Checks asked for within the same minute are one: what they would find is the same.
    """
    minute = timezone.now().strftime("%Y-%m-%dT%H:%MZ")
    with transaction.atomic():
        job = request_job(CHECK_AUDIT, {"asked_at": minute}, by=by)
        record("audit check asked for", by=by, subject=f"job:{job.pk}")
    return job


def cancel_audit_check(job: Job, *, by: Actor) -> None:
    """Stop a check that waits or runs."""
    with transaction.atomic():
        cancel_job(job)
        record("audit check cancelled", by=by, subject=f"job:{job.pk}")
