"""How somebody comes to a record as their own, or to act for its person: by a mailed invitation.

Staff vouch that the address is that person's; whoever opens the link says the person's date of
birth besides, so that a mistyped address opens nothing. Without an account at that address one is
made, which nobody enters a second time without a passkey, or a password and a second factor. An
account that is there already is entered only as always: it signs in and then says yes. Staff are
told nothing of it, before or after.

Not invited are: a record that was merged (the other one is), one whose person nobody has matched
yet (its address came by a form), one without an address or a date of birth. Of a locked chart
nobody invites who is kept out: an invitation opens the record to an address of their choosing.
"""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.actions import end_all_sessions, mail_was_read, make_account, start_over
from clinic.accounts.models import OneTimeLink, User
from clinic.accounts.queries import account_of, has_way_in
from clinic.audit.actions import record
from clinic.audit.actor import Actor, system
from clinic.outbox.actions import last_look, promise, take_back
from clinic.outbox.models import Message
from clinic.patients.models import Invitation, Patient, Proxy
from clinic.patients.queries import hindrance, keys_of, open_invitations
from clinic.practice.models import Staff
from clinic.practice.queries import today

LASTS = timedelta(days=7)
AT_ONCE = timedelta(minutes=1)  # a letter that left within it needs no other end of its link
MOST_WRONG = 5  # dates of birth; then the link is over
BY = system("outbox")
LETTER = "pages_invitation"


class CannotInvite(Exception):  # noqa: N818 - named for the event
    """Something stands against inviting anybody to this record; the words say what."""


class OwnInvitation(Exception):  # noqa: N818 - named for the event
    """Nobody invites themselves to a record."""


class InvitationOver(Exception):  # noqa: N818 - named for the event
    """It was accepted or withdrawn, has run out, was sent anew, or never was."""


class WrongBirthDate(Exception):  # noqa: N818 - named for the event
    """Not the date of birth that the record has."""


class NeedsSignIn(Exception):  # noqa: N818 - named for the event
    """The address has an account: whoever holds it signs in first."""


class Elsewhere(Exception):  # noqa: N818 - named for the event
    """This account cannot take the record: it is closed, has one of its own, or invited itself."""


# ------------------------------------------------------------------------- inviting


def invite(patient: Patient, email: str, *, by: Actor) -> Invitation:
    """Invite a person to their own pages, at the address that was vouched for; once at a time.

    Raises:
        CannotInvite: Something stands against it, or the record has another address by now.
        OwnInvitation: It is the address of the one who invites.
    """
    with transaction.atomic():
        stored = Patient.objects.select_for_update().get(pk=patient.pk)
        if why := hindrance(stored):
            raise CannotInvite(why)
        if stored.email.strip().lower() != email.strip().lower():
            raise CannotInvite("The email address was changed meanwhile. Look at it again.")
        _refuse_oneself(email, by)
        _end(open_invitations(stored).filter(scope=""))
        invitation = _send(Invitation(patient=stored, email=email), by)
        record("invited to own pages", by=by, subject=_name(invitation), patient=stored.pk)
        _note_new_address(stored, by)
    return invitation


def _note_new_address(patient: Patient, by: Actor) -> None:
    """An address that took another's place is invited: a privacy lead has that to look at."""
    change = patient.address_changes.order_by("-at", "-pk").first()
    if change is not None and change.reviewed_at is None and change.invited_at is None:
        change.invited_by, change.invited_at = by.name, timezone.now()
        change.save(update_fields=["invited_by", "invited_at"])


def invite_to_act(
    patient: Patient, *, name: str, email: str, scope: str, reason: str, until: date, by: Actor
) -> Invitation:
    """Invite somebody who may act for a patient, from when they accept until a day.

    Raises:
        CannotInvite: Something stands against it.
        OwnInvitation: It is the address of the one who invites.
    """
    with transaction.atomic():
        stored = Patient.objects.select_for_update().get(pk=patient.pk)
        if why := hindrance(stored, is_own=False):
            raise CannotInvite(why)
        _refuse_oneself(email, by)
        _end(open_invitations(stored).filter(email=email.strip().lower()).exclude(scope=""))
        invitation = _send(
            Invitation(
                patient=stored, email=email, name=name, scope=scope, reason=reason, ends_on=until
            ),
            by,
        )
        record(
            "somebody invited to act",
            by=by,
            subject=_name(invitation),
            patient=stored.pk,
            scope=scope,
        )
    return invitation


def withdraw(invitation: Invitation, *, by: Actor) -> None:
    """Take an invitation back; its letter does not leave any more, and its link opens nothing."""
    with transaction.atomic():
        if _end(Invitation.objects.filter(pk=invitation.pk)):
            record(
                "invitation withdrawn",
                by=by,
                subject=_name(invitation),
                patient=invitation.patient_id,
            )


def withdraw_own(patient: Patient, *, by: Actor) -> None:
    """The address of a record changed: what was mailed to the former one opens nothing."""
    for invitation in open_invitations(patient).filter(scope=""):
        withdraw(invitation, by=by)


def _refuse_oneself(email: str, by: Actor) -> None:
    account = account_of(email)
    if account is not None and by.name == f"user:{account.pk}":
        raise OwnInvitation


def _send(invitation: Invitation, by: Actor) -> Invitation:
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    invitation.email = invitation.email.strip().lower()
    invitation.digest = OneTimeLink.digest_of(token)
    invitation.made_by = by.name
    invitation.made_at, invitation.expires_at = now, now + LASTS
    invitation.save(force_insert=True)
    promise(
        LETTER,
        to=invitation.email,
        key=_key(invitation),
        values={
            "clinic": settings.PLACE.name,
            "days": str(LASTS.days),
            "link": settings.PLACE.address + reverse("own:invitation", kwargs={"token": token}),
        },
    )
    return invitation


def _end(rows: QuerySet[Invitation]) -> int:
    ended = list(rows.filter(accepted_at=None, ended_at=None))
    take_back(*(_key(row) for row in ended))
    keys = [row.pk for row in ended]
    still = Invitation.objects.filter(pk__in=keys, accepted_at=None, ended_at=None)
    return still.update(ended_at=timezone.now())


def _name(invitation: Invitation) -> str:
    return f"invitation:{invitation.pk}"


def _key(invitation: Invitation) -> str:
    return f"pages:{invitation.digest}"


@last_look(LETTER)
def let_invitation_live_from_now(message: Message) -> bool:
    """A link lives from when its letter leaves; no, if it would lead nowhere by now."""
    with transaction.atomic():
        try:
            invitation = find(message.values["link"].rstrip("/").rpartition("/")[2], is_late=True)
        except InvitationOver:
            return False
        now = timezone.now()
        if now - invitation.made_at > AT_ONCE:
            Invitation.objects.filter(pk=invitation.pk).update(expires_at=now + LASTS)
            record(
                "invitation renewed",
                by=BY,
                subject=_name(invitation),
                patient=invitation.patient_id,
            )
    return True


# ------------------------------------------------------------------------ accepting


def find(token: str, *, is_late: bool = False) -> Invitation:
    """The invitation that a token opens; one that has run out only if it may be late.

    Raises:
        InvitationOver: There is none that opens anything.
    """
    return _whole(Invitation.objects.filter(digest=OneTimeLink.digest_of(token)), is_late=is_late)


def find_opened(key: int) -> Invitation:
    """The invitation that a session holds, whose link was opened there.

    Raises:
        InvitationOver: It opens nothing any more.
    """
    return _whole(Invitation.objects.filter(pk=key))


def _whole(rows: QuerySet[Invitation], *, is_late: bool = False) -> Invitation:
    """One that still opens something, read anew; its record may have changed since it was sent."""
    found = rows.filter(accepted_at=None, ended_at=None).select_related("patient").first()
    if found is None or not (is_late or found.expires_at > timezone.now()):
        raise InvitationOver
    patient = found.patient
    if patient.merged_into_id is not None:
        raise InvitationOver
    if found.is_own and (patient.user_id or patient.email.strip().lower() != found.email):
        raise InvitationOver
    if found.ends_on is not None and found.ends_on < today():
        raise InvitationOver
    return found


def check_birth_date(invitation: Invitation, said: date, *, by: Actor) -> None:
    """Whoever opened the link says when the person was born; after a few wrong tries it is over.

    Raises:
        WrongBirthDate: It is not what the record has.
    """
    if invitation.patient.born == said:
        return
    with transaction.atomic():
        mine = Invitation.objects.filter(pk=invitation.pk)
        mine.update(wrong_answers=F("wrong_answers") + 1)
        _end(mine.filter(wrong_answers__gte=MOST_WRONG))
        record(
            "invitation answered wrongly",
            by=by,
            subject=_name(invitation),
            patient=invitation.patient_id,
        )
    raise WrongBirthDate


def come_in(invitation: Invitation, *, by: Actor) -> User:
    """Whoever has the mail and no account gets one, and with it what they were invited to.

    An account that was made for this address and never entered, such as when the browser was closed
    before a passkey was made, is taken up again; not one of staff, whose roles came by another way.

    Raises:
        NeedsSignIn: The address has an account.
        InvitationOver: Somebody else was quicker, or it was withdrawn.
        Elsewhere: The account of this address is closed.
    """
    user = account_of(invitation.email)
    if user is not None and not user.is_active:
        raise Elsewhere
    if user is not None and (has_way_in(user) or Staff.objects.filter(user=user).exists()):
        raise NeedsSignIn
    patient = invitation.patient
    name = invitation.name or f"{patient.given_name} {patient.family_name}".strip()
    try:
        with transaction.atomic():
            if user is None:
                user = make_account(email=invitation.email, name=name[:120], by=by)
            mail_was_read(user)
            accept(invitation, user, by=by)
    except IntegrityError as error:  # two invitations to one address, pressed at once
        raise NeedsSignIn from error
    return user


def accept(invitation: Invitation, user: User, *, by: Actor) -> None:
    """An account takes what its holder was invited to.

    Raises:
        InvitationOver: It opens nothing any more, or is that of another address.
        Elsewhere: The account has another record of its own, or is that of the one who invited.
    """
    if user.email != invitation.email:
        raise InvitationOver
    if invitation.made_by == f"user:{user.pk}":
        raise Elsewhere
    try:
        with transaction.atomic():
            _take(invitation, user, by)
    except IntegrityError as error:  # it took another record at the same moment
        raise Elsewhere from error


def _take(invitation: Invitation, user: User, by: Actor) -> None:
    Patient.objects.select_for_update().get(pk=invitation.patient_id)
    mine = Invitation.objects.filter(pk=invitation.pk)
    current = _whole(mine)
    if not mine.filter(accepted_at=None, ended_at=None).update(
        accepted_at=timezone.now(), user=user
    ):
        raise InvitationOver
    if current.is_own:
        _give(current.patient, user, by)
    elif current.ends_on is not None:
        let_act(
            current.patient,
            user,
            scope=current.scope,
            reason=current.reason,
            until=current.ends_on,
            by=by,
        )


def _give(patient: Patient, user: User, by: Actor) -> None:
    former = Patient.objects.filter(user=user).first()
    if former is not None:
        if former.merged_into_id is None or former.pk not in keys_of(patient.pk):
            raise Elsewhere
        Patient.objects.filter(pk=former.pk).update(user=None)  # part of this one, it opens nothing
        record("own pages closed", by=by, subject=f"user:{user.pk}", patient=former.pk)
    free = Patient.objects.filter(pk=patient.pk, user=None, merged_into=None)
    if not free.update(user=user):
        raise InvitationOver
    record("own pages given an account", by=by, subject=f"user:{user.pk}", patient=patient.pk)


def let_act(
    patient: Patient, user: User, *, scope: str, reason: str, until: date, by: Actor
) -> Proxy:
    """An account may act for a patient from today until a day."""
    with transaction.atomic():
        proxy = Proxy.objects.create(
            patient=patient,
            user=user,
            scope=scope,
            reason=reason,
            starts_on=today(),
            ends_on=until,
        )
        record("proxy named", by=by, subject=f"user:{user.pk}", patient=patient.pk, scope=scope)
    return proxy


# --------------------------------------------------------------------- and afterwards


def end_own_access(patient: Patient, *, by: Actor) -> None:
    """A record is nobody's own pages any more, from this moment: the account's sessions end.

    The account itself stays: it may be that of somebody who works here or acts for others.
    """
    with transaction.atomic():
        stored = Patient.objects.select_for_update().get(pk=patient.pk)
        if stored.user is None:
            return
        Patient.objects.filter(pk=stored.pk).update(user=None)
        record("own pages closed", by=by, subject=f"user:{stored.user.pk}", patient=stored.pk)
        end_all_sessions(stored.user, by=by)


def renew_own_sign_in(patient: Patient, *, by: Actor) -> bool:
    """A patient lost every way of signing in: take all away and mail a new link; whether it was so.

    Not that of somebody who works here: an owner does that, from the page of the colleague.
    """
    with transaction.atomic():
        stored = Patient.objects.select_for_update().get(pk=patient.pk)
        if stored.user is None or Staff.objects.filter(user=stored.user).exists():
            return False
        record("own sign-in renewed", by=by, subject=f"user:{stored.user.pk}", patient=stored.pk)
        start_over(stored.user, by=by)
    return True
