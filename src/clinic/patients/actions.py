"""What can be done to a person's record; each act with its audit row in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from clinic.audit.actions import record
from clinic.audit.actor import Actor
from clinic.outbox.actions import promise
from clinic.patients.inviting import withdraw_own
from clinic.patients.models import (
    AddressChange,
    Alert,
    Allergy,
    CareRelationship,
    Contact,
    EmergencyAccess,
    Lockbox,
    Medicine,
    Merge,
    Patient,
    Proxy,
)
from clinic.patients.queries import leads_for, same_people
from clinic.patients.rules import EMERGENCY_LASTS, Person, digits, folded, repeated
from clinic.practice.actions import hold_patient_numbers, take_patient_number
from clinic.practice.models import Site, Staff
from clinic.practice.queries import today

PERSONAL = (
    "family_name",
    "given_name",
    "preferred_name",
    "title",
    "born",
    "gender",
    "email",
    "phone",
    "address",
    "language",
)


ADDRESS_CHANGED: list[Callable[[Patient, str], None]] = []  # what follows when a former one ends


class ChangedMeanwhile(Exception):  # noqa: N818 - named for the event
    """Somebody else saved this record after it was opened."""


class AllergyListed(Exception):  # noqa: N818 - named for the event
    """The chart lists an allergy that was not ended."""


class PerhapsKnown(Exception):  # noqa: N818 - named for the event
    """Of those who would be brought in some are perhaps here already."""


class CannotMerge(Exception):  # noqa: N818 - named for the event
    """The two records cannot be made one, or not taken apart again."""


def _fold(patient: Patient) -> None:
    patient.search_name = folded(f"{patient.given_name} {patient.family_name}")[:400]
    if patient.preferred_name:
        patient.search_name = f"{patient.search_name} {folded(patient.preferred_name)}"[:400]
    patient.search_phone = digits(patient.phone)[:40]


def add_patient(values: dict[str, Any], *, site: Site, by: Actor) -> Patient:
    """A new person at a site."""
    with transaction.atomic():
        patient = Patient(number=take_patient_number(), **values)
        _fold(patient)
        patient.save(force_insert=True)
        patient.sites.add(site)
        record(
            "patient added",
            by=by,
            subject=f"patient:{patient.pk}",
            patient=patient.pk,
        )
    return patient


def change_patient(patient: Patient, values: dict[str, Any], *, revision: int, by: Actor) -> None:
    """New personal details; refused when somebody else saved in between.

    Raises:
        ChangedMeanwhile: The record's revision is no longer the one that was opened.
    """
    with transaction.atomic():
        taken = Patient.objects.filter(pk=patient.pk, revision=revision).update(
            revision=F("revision") + 1
        )
        if not taken:
            raise ChangedMeanwhile
        patient.refresh_from_db()
        changed = [name for name in PERSONAL if getattr(patient, name) != values.get(name)]
        former = patient.email.strip().lower()
        for name in changed:
            setattr(patient, name, values[name])
        _fold(patient)
        patient.save(update_fields=[*changed, "search_name", "search_phone"])
        record(
            "patient changed",
            by=by,
            subject=f"patient:{patient.pk}",
            patient=patient.pk,
            fields=changed,
        )
        if "email" in changed:
            withdraw_own(patient, by=by)
        if former and patient.email.strip().lower() != former:  # also on the way by an empty one
            AddressChange.objects.create(patient=patient, by=by.name, at=timezone.now())
        if patient.email.strip().lower() != former:
            for follow in ADDRESS_CHANGED:
                follow(patient, former)


def add_contact(patient: Patient, values: dict[str, Any], *, by: Actor) -> Contact:
    """Somebody to call."""
    with transaction.atomic():
        contact = Contact.objects.create(patient=patient, **values)
        record("contact added", by=by, subject=f"contact:{contact.pk}", patient=patient.pk)
    return contact


LINES: dict[str, type[Alert | Allergy | Medicine]] = {
    "alert": Alert,
    "allergy": Allergy,
    "medicine": Medicine,
}


def add_line(
    patient: Patient, kind: str, values: dict[str, Any], *, writer: Staff, by: Actor
) -> Alert | Allergy | Medicine:
    """An alert, an allergy or a medicine; an allergy also says that allergies are known."""
    with transaction.atomic():
        _take_turn(patient)
        line = LINES[kind].objects.create(
            patient=patient, since=today(), written_by=writer, **values
        )
        if kind == "allergy":
            Patient.objects.filter(pk=patient.pk).update(allergy_status=Patient.AllergyStatus.KNOWN)
        record(f"{kind} added", by=by, subject=f"{kind}:{line.pk}", patient=patient.pk)
    return line


def _take_turn(patient: Patient) -> Patient:
    """The record as it stands until this transaction ends: nobody lists an allergy meanwhile."""
    return Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)


def end_line(patient: Patient, kind: str, key: int, why: str, *, staff: Staff, by: Actor) -> None:
    """A line that no longer holds: kept, with its end, who ended it and why.

    Where it was the last allergy, the patient is to be asked anew.
    """
    with transaction.atomic():
        said = _take_turn(patient).allergy_status
        ended = (
            LINES[kind]
            .objects.filter(pk=key, patient=patient, ended_on=None)
            .update(ended_on=today(), ended_by=staff, ended_why=why)
        )
        if ended:
            if kind == "allergy":
                _say_of_allergies(patient, said)
            record(f"{kind} ended", by=by, subject=f"{kind}:{key}", patient=patient.pk)


def say_no_allergies(patient: Patient, *, by: Actor) -> None:
    """The patient was asked and knows of none.

    Raises:
        AllergyListed: One is listed; it is ended first.
    """
    with transaction.atomic():
        _take_turn(patient)
        if Allergy.objects.filter(patient=patient, ended_on=None).exists():
            raise AllergyListed
        Patient.objects.filter(pk=patient.pk).update(
            allergy_status=Patient.AllergyStatus.NONE_KNOWN
        )
        record("no known allergies said", by=by, patient=patient.pk)


def start_care(patient: Patient, staff: Staff, reason: str, *, by: Actor) -> CareRelationship:
    """Somebody begins to care for a patient; once is enough.

    Who begins their own care opens the chart to themselves: a privacy lead is told and reviews it.

    Raises:
        ValueError: The reason is none that can be chosen.
    """
    reason = CareRelationship.Reason(reason)
    is_own_doing = by.name == f"user:{staff.user_id}"
    with transaction.atomic():
        care, is_new = CareRelationship.objects.get_or_create(
            patient=patient,
            staff=staff,
            ended_at=None,
            defaults={"reason": reason, "starts_on": today(), "is_own_doing": is_own_doing},
        )
        record(
            "care started",
            by=by,
            subject=f"staff:{staff.pk}",
            patient=patient.pk,
            own_doing=is_own_doing,
        )
        if is_new and is_own_doing:
            _tell_privacy_leads(f"care:{care.pk}", patient, staff)
    return care


def review_care(care: CareRelationship, reviewer: Staff, note: str, *, by: Actor) -> None:
    """Say what came of looking at care that somebody began for themselves."""
    with transaction.atomic():
        care.reviewed_by, care.reviewed_at = reviewer, timezone.now()
        care.closing_note = note
        care.save(update_fields=["reviewed_by", "reviewed_at", "closing_note"])
        record("own care reviewed", by=by, subject=f"care:{care.pk}", patient=care.patient_id)


def review_address(change: AddressChange, reviewer: Staff, note: str, *, by: Actor) -> None:
    """Say what came of looking at an address that was changed and then invited."""
    with transaction.atomic():
        change.reviewed_by, change.reviewed_at = reviewer, timezone.now()
        change.closing_note = note
        change.save(update_fields=["reviewed_by", "reviewed_at", "closing_note"])
        record(
            "address change reviewed",
            by=by,
            subject=f"address:{change.pk}",
            patient=change.patient_id,
        )


def end_care(care: CareRelationship, *, by: Actor) -> None:
    """Somebody no longer cares for a patient, from this moment; the row stays as history."""
    with transaction.atomic():
        ended = CareRelationship.objects.filter(pk=care.pk, ended_at=None)
        if ended.update(ended_at=timezone.now()):
            record("care ended", by=by, subject=f"staff:{care.staff_id}", patient=care.patient_id)


def end_proxy(proxy: Proxy, *, by: Actor) -> None:
    """Somebody may no longer act for a patient, from this moment; the row stays as history."""
    with transaction.atomic():
        running = Proxy.objects.filter(pk=proxy.pk, ended_at=None)
        if running.update(ended_at=timezone.now()):
            record("proxy ended", by=by, subject=f"user:{proxy.user_id}", patient=proxy.patient_id)


def set_lock(patient: Patient, staff: Staff | None, instruction: str, *, by: Actor) -> Lockbox:
    """Keep somebody, or everybody, out of a chart as the patient instructs."""
    with transaction.atomic():
        lock = Lockbox.objects.create(
            patient=patient, staff=staff, instruction=instruction, set_at=timezone.now()
        )
        record(
            "chart locked",
            by=by,
            subject=f"staff:{staff.pk}" if staff else "everybody",
            patient=patient.pk,
        )
    return lock


def lift_lock(lock: Lockbox, *, by: Actor) -> None:
    """The patient takes the instruction back."""
    with transaction.atomic():
        lock.lifted_at = timezone.now()
        lock.save(update_fields=["lifted_at"])
        record("chart unlocked", by=by, subject=f"lock:{lock.pk}", patient=lock.patient_id)


def open_in_emergency(patient: Patient, staff: Staff, reason: str, *, by: Actor) -> EmergencyAccess:
    """Open a chart for an hour; the privacy lead is told and has something to review."""
    now = timezone.now()
    with transaction.atomic():
        access = EmergencyAccess.objects.create(
            patient=patient,
            staff=staff,
            reason=reason,
            starts_at=now,
            ends_at=now + EMERGENCY_LASTS,
        )
        record(
            "emergency access opened",
            by=by,
            subject=f"emergency:{access.pk}",
            patient=patient.pk,
            minutes=int(EMERGENCY_LASTS.total_seconds() // 60),
        )
        _tell_privacy_leads(f"emergency:{access.pk}", patient, staff)
    return access


def _tell_privacy_leads(what: str, patient: Patient, staff: Staff) -> None:
    """Promise the letter that says that something waits for a review."""
    for lead in leads_for(patient, staff).select_related("user"):
        promise(
            "access_to_review",
            to=lead.user.email,
            key=f"{what}:{lead.pk}",
            values={
                "clinic": settings.PLACE.name,
                "link": settings.PLACE.address + reverse("patients:reviews"),
            },
        )


def end_emergency(access: EmergencyAccess, *, by: Actor) -> None:
    """Close a chart that was opened in an emergency, before its hour is over."""
    with transaction.atomic():
        access.ends_at = min(access.ends_at, timezone.now())
        access.save(update_fields=["ends_at"])
        record(
            "emergency access ended",
            by=by,
            subject=f"emergency:{access.pk}",
            patient=access.patient_id,
        )


def review_emergency(access: EmergencyAccess, reviewer: Staff, note: str, *, by: Actor) -> None:
    """Say what came of looking at it; nobody reviews their own."""
    with transaction.atomic():
        access.reviewed_by, access.reviewed_at = reviewer, timezone.now()
        access.closing_note = note
        access.save(update_fields=["reviewed_by", "reviewed_at", "closing_note"])
        record(
            "emergency access reviewed",
            by=by,
            subject=f"emergency:{access.pk}",
            patient=access.patient_id,
        )


def merge(kept: Patient, merged: Patient, reason: str, *, by: Actor) -> Merge:
    """Two records of one person become one: everything of `merged` moves to `kept`.

    Which row moved is written down, so that `unmerge` can take exactly those back.

    Raises:
        CannotMerge: One of them is merged already, both are the same, or both have what only one
            can have, such as a visit at one time.
    """
    with transaction.atomic():
        pair = {
            patient.pk: patient
            for patient in Patient.objects.select_for_update()
            .filter(pk__in=[kept.pk, merged.pk])
            .order_by("pk")
        }
        if len(pair) != 2 or any(patient.merged_into_id for patient in pair.values()):
            raise CannotMerge("Both must be records of their own, got one that is merged.")
        try:
            moved = _move(merged, kept)
        except IntegrityError as error:
            raise CannotMerge(
                "Both have something that one person can have once, such as a visit at one time."
            ) from error
        new_sites = set(merged.sites.values_list("pk", flat=True)) - set(
            kept.sites.values_list("pk", flat=True)
        )
        kept.sites.add(*new_sites)
        account = _hand_over_account(pair[merged.pk], pair[kept.pk])
        said = _join_allergies(pair[kept.pk], pair[merged.pk])
        Patient.objects.filter(pk=merged.pk).update(merged_into=kept.pk)
        done = Merge.objects.create(
            kept=kept,
            merged=merged,
            moved={
                "rows": moved,
                "sites": sorted(new_sites),
                "account": account,
                "allergies": said,
            },
            reason=reason,
            at=timezone.now(),
        )
        for patient, other in ((kept, merged), (merged, kept)):
            record(
                "records merged",
                by=by,
                subject=f"patient:{other.pk}",
                patient=patient.pk,
                rows=sum(len(keys) for keys in moved.values()),
            )
    return done


def unmerge(done: Merge, *, by: Actor) -> None:
    """Take a merge back: exactly the rows that moved return.

    Raises:
        CannotMerge: It was taken back before, or what moved has moved on with a later merge.
    """
    with transaction.atomic():
        pair = {
            patient.pk: patient
            for patient in Patient.objects.select_for_update()
            .filter(pk__in=[done.kept_id, done.merged_id])
            .order_by("pk")
        }
        if pair[done.kept_id].merged_into_id:
            raise CannotMerge("The later merge must be taken back first.")
        if not Merge.objects.filter(pk=done.pk, undone_at=None).update(undone_at=timezone.now()):
            raise CannotMerge("This merge was taken back before.")
        for name, keys in done.moved["rows"].items():
            model, _, field = name.rpartition(".")
            apps.get_model(model)._base_manager.filter(  # noqa: SLF001 - every row, hidden ones too
                pk__in=keys, **{field: done.kept_id}
            ).update(**{field: done.merged_id})
        done.kept.sites.remove(*done.moved["sites"])
        account = done.moved.get("account")
        if account and Patient.objects.filter(pk=done.kept_id, user=account).update(user=None):
            Patient.objects.filter(pk=done.merged_id).update(user=account)
        _part_allergies(done, pair[done.kept_id], pair[done.merged_id])
        Patient.objects.filter(pk=done.merged_id).update(merged_into=None)
        for patient, other in ((done.kept_id, done.merged_id), (done.merged_id, done.kept_id)):
            record("merge taken back", by=by, subject=f"patient:{other}", patient=patient)


def _hand_over_account(merged: Patient, kept: Patient) -> str | None:
    """Whoever has own pages by one record keeps them by the other; which account, if it moved.

    If both have one, each stays with its record: that of the merged one opens nothing.
    """
    account = merged.user_id
    if account is None or kept.user_id is not None:
        return None
    Patient.objects.filter(pk=merged.pk).update(user=None)
    Patient.objects.filter(pk=kept.pk).update(user=account)
    return str(account)


def _join_allergies(kept: Patient, merged: Patient) -> list[str]:
    """Say of one record what two said of allergies; what `kept` said before, and says now.

    Whoever was asked under one of the numbers was asked; but nobody knows of none over one listed.
    """
    none, said = Patient.AllergyStatus.NONE_KNOWN, {kept.allergy_status, merged.allergy_status}
    return [kept.allergy_status, _say_of_allergies(kept, none if none in said else "")]


def _part_allergies(done: Merge, kept: Patient, merged: Patient) -> None:
    """Say again of each what it said of allergies, unless somebody was asked since the merge."""
    before, joined = done.moved.get("allergies") or (kept.allergy_status, kept.allergy_status)
    is_as_joined = kept.allergy_status == joined
    _say_of_allergies(kept, before if is_as_joined else kept.allergy_status)
    _say_of_allergies(merged, merged.allergy_status)


def _say_of_allergies(patient: Patient, said: str) -> str:
    """Keep what was said, unless the chart's lines say otherwise; what it is then.

    One that is listed is known, whatever was said; where the last one ended it is to be asked anew.
    """
    status = Patient.AllergyStatus
    if Allergy.objects.filter(patient=patient, ended_on=None).exists():
        said = status.KNOWN
    elif said != status.NONE_KNOWN:
        said = status.NOT_RECORDED
    Patient.objects.filter(pk=patient.pk).update(allergy_status=said)
    return str(said)


NEVER_MOVES = {"patients.Merge", "patients.Patient"}


def _move(merged: Patient, kept: Patient) -> dict[str, list[Any]]:
    """Point every row that refers to one record to the other; which rows, by model and field.

    Found from the schema, so that a part added later is moved without being named here. An open
    care relationship that both have stays where it is: there can be only one. A model that tells of
    a record and not of its person says `stays_when_merged`.
    """
    moved: dict[str, list[Any]] = {}
    for relation in Patient._meta.related_objects:  # noqa: SLF001 - Django's own way to ask
        model = relation.related_model
        label = model._meta.label  # noqa: SLF001
        if label in NEVER_MOVES or relation.many_to_many:
            continue
        if getattr(model, "stays_when_merged", False):
            continue
        field = relation.field.name
        rows = model._base_manager.filter(**{field: merged.pk})  # noqa: SLF001
        if model is CareRelationship:
            both = CareRelationship.objects.filter(patient=kept, ended_at=None).values("staff")
            rows = rows.exclude(ended_at=None, staff__in=both)
        keys = [
            str(key) if isinstance(key, uuid.UUID) else key
            for key in rows.values_list("pk", flat=True)
        ]
        if keys:
            model._base_manager.filter(pk__in=keys).update(**{field: kept.pk})  # noqa: SLF001
            moved[f"{label}.{field}"] = keys
    return moved


def import_people(
    people: Iterable[Person], *, site: Site, by: Actor, are_others: bool = False
) -> int:
    """Bring in all of a file's people or none of them.

    Args:
        people: Whom the file names.
        site: Where they belong.
        by: Who brings them in.
        are_others: Said by whoever looked: those of the same name and birth date are others.

    Raises:
        PerhapsKnown: Somebody of the same name and birth date is here, or twice in the file.
    """
    people = list(people)
    count = 0
    with transaction.atomic():
        hold_patient_numbers()  # of two who bring in one file, the second sees what the first did
        if not are_others and (same_people(people) or repeated(people)):
            raise PerhapsKnown
        for person in people:
            values = {
                name: getattr(person, name)
                for name in ("family_name", "given_name", "born", "email", "phone")
            }
            add_patient(values, site=site, by=by)
            count += 1
        record("people imported", by=by, subject=f"site:{site.pk}", people=count)
    return count
