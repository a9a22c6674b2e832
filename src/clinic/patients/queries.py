"""Reads of patients: how somebody stands to one, who is found, what a chart shows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils import timezone

from clinic.accounts.models import User
from clinic.patients.models import (
    AddressChange,
    CareRelationship,
    EmergencyAccess,
    Invitation,
    Lockbox,
    Patient,
    Proxy,
)
from clinic.patients.rules import Person, Relation, Standing, digits, folded
from clinic.practice.models import Cover, Posting, Role, Site, Staff
from clinic.practice.queries import Duties, privacy_leads, today

MOST_FOUND = 50
# Asked whether a record's person is still to be matched; parts that make such records add to it.
UNMATCHED: list[Callable[[Patient], bool]] = []


def standing(user: User, duties: Duties, patient: Patient) -> Standing:
    """How an account stands to a patient today."""
    own = _own_relation(user, patient, duties.day or today())
    if duties.staff is None:
        return Standing(relation=own, is_merged=_is_merged(patient), own=own)
    sites = list(patient.sites.values_list("pk", "charts_open_to"))
    here = [pk for pk, _ in sites if pk in duties.roles_by_site]
    relation = _caring_relation(duties, patient)
    opened = any(
        open_to == Site.ChartsOpenTo.WHOLE_SITE
        and Role.PRACTITIONER in duties.roles_by_site.get(pk, frozenset())
        for pk, open_to in sites
    )
    if relation is Relation.NONE and opened:
        relation = Relation.WHOLE_SITE
    if relation is Relation.NONE:
        relation = own
    return Standing(
        roles=duties.roles_at(here),
        relation=relation,
        is_locked_out=Lockbox.objects.filter(patient=patient, lifted_at=None)
        .filter(Q(staff=None) | Q(staff=duties.staff))
        .exists(),
        is_emergency=emergency_of(duties, patient) is not None,
        is_merged=_is_merged(patient),
        own=own,
    )


def _is_merged(patient: Patient) -> bool:
    return patient.merged_into_id is not None


def _own_relation(user: User, patient: Patient, day: date) -> Relation:
    if patient.user_id == user.pk:
        return Relation.SELF
    acts = Proxy.objects.filter(
        patient=patient,
        user=user,
        scope=Proxy.Scope.ALL,
        starts_on__lte=day,
        ends_on__gte=day,
        ended_at=None,
    )
    return Relation.PROXY if acts.exists() else Relation.NONE


def _caring_relation(duties: Duties, patient: Patient) -> Relation:
    day = duties.day or today()
    caring = set(
        patient.care.filter(starts_on__lte=day, ended_at=None).values_list("staff", flat=True)
    )
    if duties.staff is not None and duties.staff.pk in caring:
        return Relation.CARING
    covers = Cover.objects.filter(covering=duties.staff, starts_on__lte=day, ends_on__gte=day)
    # Asked for whoever the patient is, also nobody: what is asked tells nothing of who is there.
    covered = set(covers.values_list("covered", flat=True))
    return Relation.COVERING if caring & covered else Relation.NONE


def emergency_of(duties: Duties, patient: Patient) -> EmergencyAccess | None:
    """Emergency access that somebody holds now."""
    now = timezone.now()
    return EmergencyAccess.objects.filter(
        patient=patient, staff=duties.staff, starts_at__lte=now, ends_at__gt=now
    ).first()


def patient_or_none(key: uuid.UUID) -> Patient | None:
    """The record with this key."""
    return Patient.objects.filter(pk=key).first()


def people_at(sites: Iterable[int]) -> QuerySet[Patient]:
    """Everybody who belongs to one of these sites."""
    return Patient.objects.filter(sites__in=list(sites), merged_into=None).distinct()


def find_people(sites: Iterable[int], *, name: str, born: date | None, phone: str) -> list[Patient]:
    """People of these sites by any of name, birth date and phone; nobody for an empty question."""
    people = people_at(sites)
    words = folded(name).split()
    number = digits(phone)
    if not words and born is None and len(number) < 4:
        return []
    for word in words:
        people = people.filter(
            Q(search_name__startswith=word) | Q(search_name__contains=" " + word)
        )
    if born is not None:
        people = people.filter(born=born)
    if len(number) >= 4:
        people = people.filter(search_phone__endswith=number)
    return list(people.order_by("search_name", "number")[:MOST_FOUND])


def same_people(people: Iterable[Person]) -> list[tuple[int, int]]:
    """Lines of a file that say name and birth date of somebody here, each with their number."""
    wanted = list(people)
    found = []
    for start in range(0, len(wanted), 400):
        some = {person.line: (person.name, person.born) for person in wanted[start : start + 400]}
        names, days = {name for name, _ in some.values()}, {born for _, born in some.values()}
        called = ~Q(preferred_name="") & (Q(born__in=days - {None}) | Q(born=None))
        rows = Patient.objects.filter(Q(search_name__in=names) | called, merged_into=None)
        known = {
            (folded(f"{given} {family}"), born): number
            for given, family, born, number in rows.values_list(
                "given_name", "family_name", "born", "number"
            )
        }
        found += [(line, known[who]) for line, who in some.items() if who in known]
    return found


def own_records(user: User) -> list[Patient]:
    """The records a person sees as their own or as a proxy."""
    day = today()
    proxied = Q(
        proxies__user=user,
        proxies__scope=Proxy.Scope.ALL,
        proxies__starts_on__lte=day,
        proxies__ends_on__gte=day,
        proxies__ended_at=None,
    )
    return list(Patient.objects.filter(Q(user=user) | proxied, merged_into=None).distinct())


def proxies_of(patient: Patient) -> QuerySet[Proxy]:
    """Who may act for a patient today."""
    return patient.proxies.filter(ended_at=None, ends_on__gte=today()).select_related("user")


def hindrance(patient: Patient, *, is_own: bool = True) -> str:
    """What stands against inviting somebody to a record, in words; empty: nothing."""
    if patient.merged_into_id is not None:
        return "This record was merged into another. Invite from that one."
    if any(is_unmatched(patient) for is_unmatched in UNMATCHED):
        return "Booked from outside. Say first whose record it is."
    if patient.born is None:
        return "Write down the date of birth first: whoever opens the link is asked for it."
    if is_own and patient.user_id is not None:
        return "There is an account already."
    if is_own and not patient.email:
        return "Write down the email address first."
    return ""


def open_invitations(patient: Patient) -> QuerySet[Invitation]:
    """Invitations to a record that were neither accepted nor withdrawn; some may have run out."""
    return patient.invitations.filter(accepted_at=None, ended_at=None)


@dataclass(frozen=True)
class OwnAccess:
    """How far a person has come to their own pages, as staff see it."""

    hindrance: str
    invitation: Invitation | None
    has_run_out: bool
    has_account: bool
    since: datetime | None


def own_access(patient: Patient) -> OwnAccess:
    """Whether somebody is invited to their own pages, or has them; nothing of other accounts."""
    has_account = patient.user_id is not None
    invitation = open_invitations(patient).filter(scope="").order_by("-made_at").first()
    came = patient.invitations.filter(scope="", user=patient.user_id).exclude(accepted_at=None)
    return OwnAccess(
        hindrance="" if has_account else hindrance(patient),
        invitation=None if has_account else invitation,
        has_run_out=invitation is not None and invitation.expires_at <= timezone.now(),
        has_account=has_account,
        since=came.order_by("-accepted_at").values_list("accepted_at", flat=True).first()
        if has_account
        else None,
    )


def invited_to_act(patient: Patient) -> list[Invitation]:
    """Who was invited to act for a patient and has not answered."""
    rows = open_invitations(patient).exclude(scope="")
    return list(rows.filter(ends_on__gte=today()).order_by("made_at"))


def keys_of(key: uuid.UUID) -> list[uuid.UUID]:
    """A record's key and those of all that were merged into it, through every step."""
    keys = [key]
    fresh = [key]
    while fresh:
        fresh = list(Patient.objects.filter(merged_into__in=fresh).values_list("pk", flat=True))
        keys += fresh
    return keys


def caring_practitioners(patient: Patient) -> QuerySet[Staff]:
    """Practitioners who care for a patient today and can still sign in."""
    return Staff.objects.filter(
        pk__in=patient.care.filter(starts_on__lte=today(), ended_at=None).values("staff"),
        user__is_active=True,
        postings__role=Role.PRACTITIONER,
        postings__ended_at=None,
    ).distinct()


def cared_for_by(
    staff: Staff, sites: Iterable[int], *, with_cover: bool = False
) -> QuerySet[Any, Any]:
    """The patients somebody cares for, to ask within another query.

    Who is locked out by a patient is told nothing of them, nor who cares for them and has no part
    at any of their sites: the chart would not open.

    Args:
        staff: Who.
        sites: Where they have one.
        with_cover: Also those whom they care for in another's stead today.
    """
    day = today()
    whose = Q(staff=staff)
    if with_cover:
        covered = Cover.objects.filter(covering=staff, starts_on__lte=day, ends_on__gte=day)
        whose |= Q(staff__in=covered.values("covered"))
    locked = Lockbox.objects.filter(Q(staff=None) | Q(staff=staff), lifted_at=None)
    return (
        CareRelationship.objects.filter(whose, starts_on__lte=day, ended_at=None)
        .filter(patient__sites__in=list(sites))
        .exclude(patient__in=locked.values("patient"))
        .values("patient")
    )


def in_nobodys_care(staff: Staff, sites: Iterable[int]) -> QuerySet[Any, Any]:
    """People of these sites for whom no practitioner cares today, to ask within another query.

    Care by somebody who has left, or is no practitioner at any of the patient's sites, is none. Who
    is locked out by a patient is told nothing of them.
    """
    caring = CareRelationship.objects.filter(
        starts_on__lte=today(),
        ended_at=None,
        staff__user__is_active=True,
        staff__postings__role=Role.PRACTITIONER,
        staff__postings__ended_at=None,
        staff__postings__site=F("patient__sites"),
    )
    locked = Lockbox.objects.filter(staff=staff, lifted_at=None)
    return (
        Patient.objects.filter(sites__in=list(sites), merged_into=None)
        .exclude(pk__in=caring.values("patient"))
        .exclude(pk__in=locked.values("patient"))
        .values("pk")
    )


def leads_for(patient: Patient, staff: Staff) -> QuerySet[Staff]:
    """Privacy leads who review what somebody did with a patient's record.

    Those of the patient's sites; all there are, where these have none but who did it. Whatever was
    opened in an emergency is looked at by somebody else, also where a site has one lead or none.
    """
    here = privacy_leads().filter(
        postings__site__in=patient.sites.all(),
        postings__role=Role.PRIVACY_LEAD,
        postings__ended_at=None,
    )
    others = here.exclude(pk=staff.pk)
    return others.distinct() if others.exists() else privacy_leads()


THEIRS = Q(staff=OuterRef("staff"))


def _reviewed_by_leads_of(sites: Iterable[int], did: Q = THEIRS) -> Q:
    """What leads of some sites review: as `leads_for` says of each patient and who did it.

    Args:
        sites: Those of the leads.
        did: Whose posting is a lead's who did it themselves.
    """
    own = Patient.objects.filter(sites__in=list(sites))
    belongs = Patient.sites.through.objects.filter(patient=OuterRef(OuterRef("patient")))
    others = Posting.objects.filter(
        role=Role.PRIVACY_LEAD,
        ended_at=None,
        staff__user__is_active=True,
        site__in=belongs.values("site"),
    ).exclude(did)
    return Q(patient__in=own.values("pk")) | ~Q(Exists(others))


def own_care_to_review(sites: Iterable[int]) -> QuerySet[CareRelationship]:
    """Care that somebody began for themselves and nobody has reviewed, as leads of sites see it."""
    return (
        CareRelationship.objects.filter(is_own_doing=True, reviewed_at=None)
        .filter(_reviewed_by_leads_of(sites))
        .select_related("patient", "staff")
        .order_by("pk")
    )


def _lead_called(field: str) -> Case:
    """Which privacy lead the audit's name in a field is of; 0 if it is of somebody else."""
    leads = privacy_leads().values_list("pk", "user")
    whens = [When(**{field: f"user:{user}"}, then=Value(pk)) for pk, user in leads]
    return Case(*whens, default=Value(0), output_field=BigIntegerField())


def addresses_to_review(sites: Iterable[int]) -> QuerySet[AddressChange]:
    """Addresses that were changed and then invited, as privacy leads of some sites see them."""
    did = Q(staff=OuterRef("changer")) | Q(staff=OuterRef("inviter"))
    return (
        AddressChange.objects.filter(invited_at__isnull=False, reviewed_at=None)
        .annotate(changer=_lead_called("by"), inviter=_lead_called("invited_by"))
        .filter(_reviewed_by_leads_of(sites, did))
        .select_related("patient")
        .order_by("invited_at")
    )


def to_review(sites: Iterable[int]) -> QuerySet[EmergencyAccess]:
    """Emergency access that nobody has reviewed, as privacy leads of some sites see it."""
    return (
        EmergencyAccess.objects.filter(reviewed_at=None)
        .filter(_reviewed_by_leads_of(sites))
        .select_related("patient", "staff")
        .order_by("starts_at")
    )
