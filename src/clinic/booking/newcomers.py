"""Whoever came by a form: a record of their own, until staff say whose it is."""

from __future__ import annotations

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.booking import rules
from clinic.booking.models import Applicant, Booking, Newcomer
from clinic.patients.actions import PERSONAL, CannotMerge, add_patient, change_patient, merge
from clinic.patients.models import Patient
from clinic.patients.rules import folded
from clinic.practice.models import Site


def newcomer_of(applicant: Applicant, site: Site, by: Actor) -> Patient:
    """The record of somebody who came by a form: one for each name and address until matched."""
    try:
        with transaction.atomic():
            return _newcomer_of(applicant, site, by)
    except IntegrityError as error:  # the same person, by another form, a moment ago
        if not _is_known(error):
            raise
        return _newcomer_of(applicant, site, by)


def _is_known(error: IntegrityError) -> bool:
    """Whether it was a second newcomer of one name and address; each engine says it its own way."""
    told = str(error)
    return "one_newcomer_of_a_name_and_address" in told or "booking_newcomer.email" in told


def _newcomer_of(applicant: Applicant, site: Site, by: Actor) -> Patient:
    name = folded(f"{applicant.given_name} {applicant.family_name}")[:300]
    email = applicant.email.lower()
    known = Newcomer.objects.filter(email=email, folded=name, settled_at=None).first()
    if known is not None and known.patient.merged_into_id is None:
        known.patient.sites.add(site)
        if applicant.is_for_another and not known.is_for_another:
            Newcomer.objects.filter(pk=known.pk).update(is_for_another=True)
        return known.patient
    if known is not None:  # whose record it is was said by merging it
        Newcomer.objects.filter(pk=known.pk).update(settled_at=timezone.now())
    patient = add_patient(
        {
            "given_name": applicant.given_name,
            "family_name": applicant.family_name,
            "email": "" if applicant.is_for_another else applicant.email,
            "phone": applicant.phone,
        },
        site=site,
        by=by,
    )
    Newcomer.objects.create(
        patient=patient,
        folded=name,
        email=email,
        is_for_another=applicant.is_for_another,
        since=timezone.now(),
    )
    return patient


def is_unmatched(patient: Patient) -> bool:
    """Whether a record began by a form, and nobody has said yet whose it is."""
    return Newcomer.objects.filter(patient=patient, settled_at=None).exists()


def reached_at(patient: Patient) -> str:
    """Where one hears of a free place: at their own address, or through who booked for them."""
    if patient.email:
        return patient.email
    rows = Booking.objects.filter(
        patient=patient,
        state__in=rules.OPEN,
        ends_at__gt=timezone.now(),
        booker_email__isnull=False,
    )
    return rows.order_by("starts_at").values_list("booker_email", flat=True).first() or ""


def _settle_address(newcomer: Newcomer, key: uuid.UUID, *, is_own: bool, by: Actor) -> None:
    """The address becomes a person's own, or does not stay so; another that they have stays."""
    patient = Patient.objects.select_for_update().get(pk=key)
    if patient.email.lower() not in {"", newcomer.email}:
        if is_own:
            raise CannotMerge("They have another address: change it on their record.")
        return
    email = newcomer.email if is_own else ""
    if not is_own:  # who was told of these visits goes on hearing of them
        told = Booking.objects.filter(patient=patient, booker_email=None)
        told.filter(ends_at__gt=timezone.now()).update(booker_email=newcomer.email)
    if patient.email.lower() != email:
        values = {name: getattr(patient, name) for name in PERSONAL} | {"email": email}
        change_patient(patient, values, revision=patient.revision, by=by)


def settle(
    newcomer: Newcomer, same_as: Patient | None, *, by: Actor, is_own_address: bool = False
) -> Patient:
    """Say whose record a newcomer's is: a person of their own, or somebody known already.

    Args:
        newcomer: Whose record.
        same_as: Somebody known; left out: a person of their own.
        by: Who says it.
        is_own_address: Of a visit that was booked for somebody else: the address is theirs after
            all. Otherwise it stays that of whoever booked, who must not be invited as the person.

    Raises:
        CannotMerge: One of them is merged already, or both have a visit at the same time.
    """
    with transaction.atomic():
        Newcomer.objects.filter(pk=newcomer.pk, settled_at=None).update(settled_at=timezone.now())
        kept = newcomer.patient
        if same_as is not None:
            merge(same_as, newcomer.patient, "booked from outside", by=by)
            kept = same_as
        if newcomer.is_for_another and (same_as is None or is_own_address):
            _settle_address(newcomer, kept.pk, is_own=is_own_address, by=by)
        record("newcomer matched", by=by, subject=f"patient:{kept.pk}", patient=kept.pk)
    return kept
