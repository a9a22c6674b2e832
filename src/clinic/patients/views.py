"""Pages of people: find, add, see, care, lock, open in an emergency, review, merge, import.

The gate has decided before any of these runs; `request.patient` is the record it let through.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic.accounts.keeping import kept_form, status
from clinic.accounts.models import User
from clinic.accounts.queries import actor_of, sender_of
from clinic.audit.actions import record_alone
from clinic.audit.models import Entry
from clinic.audit.queries import of_patient
from clinic.doors import Permission, Who, door, permitted
from clinic.patients import actions, rules
from clinic.patients.forms import (
    LINE_FORMS,
    CareForm,
    ContactForm,
    EmergencyForm,
    EndForm,
    ImportForm,
    InviteForm,
    LockForm,
    MergeForm,
    NewPatientForm,
    PatientForm,
    ProxyForm,
    ReviewForm,
    SearchForm,
)
from clinic.patients.models import (
    AddressChange,
    CareRelationship,
    EmergencyAccess,
    Lockbox,
    Merge,
    Patient,
    Proxy,
)
from clinic.patients.queries import (
    addresses_to_review,
    find_people,
    invited_to_act,
    keys_of,
    own_access,
    own_care_to_review,
    own_records,
    proxies_of,
    same_people,
    to_review,
)
from clinic.patients.rules import Standing, may, may_take_off
from clinic.practice.models import Role, Staff
from clinic.practice.queries import Duties

P = Permission
ACCOUNT_KEEPS = (
    "The email address of the record is changed. Their account is not: they still sign in with the"
    " address that it was made with, and what concerns signing in goes there. Letters about visits"
    " go to the new one."
)
NOBODY_CAME_IN = (
    "Nobody was brought in. Take the lines named below out of the file, or tick this if each of"
    " them is somebody else than the one who is here."
)
MOST_SHOWN = 500  # lines of who has looked
Reviewed = EmergencyAccess | CareRelationship | AddressChange


def _duties(request: HttpRequest) -> Duties:
    duties: Duties = request.duties  # type: ignore[attr-defined]
    return duties


def _staff(request: HttpRequest) -> Staff:
    staff = _duties(request).staff
    if staff is None:
        raise Http404
    return staff


def _patient(request: HttpRequest) -> Patient:
    patient: Patient = request.patient  # type: ignore[attr-defined]
    return patient


def _standing(request: HttpRequest) -> Standing:
    standing: Standing = request.standing  # type: ignore[attr-defined]
    return standing


def _may(request: HttpRequest, permission: Permission) -> bool:
    return may(permission, _standing(request))


def _sites(request: HttpRequest, permission: Permission) -> list[int]:
    return _duties(request).sites_where(permission)


def _led(request: HttpRequest) -> list[int]:
    return _duties(request).sites_as(Role.PRIVACY_LEAD)


@permitted(P.FIND_PEOPLE)
def find(request: HttpRequest) -> HttpResponse:
    """Find people of one's own sites; sent by POST, so that no name stands in an address."""
    form = kept_form(request, SearchForm)
    found = None
    if request.method == "POST" and form.is_valid():
        found = find_people(_sites(request, P.FIND_PEOPLE), **form.cleaned_data)
        asked = sorted(name for name, value in form.cleaned_data.items() if value)
        record_alone("people searched", by=actor_of(request), asked=asked, found=len(found))
    return render(
        request, "patients/find.html", {"form": form, "found": found}, status=status(form, request)
    )


@permitted(P.ADD_PEOPLE)
def add(request: HttpRequest) -> HttpResponse:
    """Add a person."""
    form = kept_form(request, NewPatientForm, sites=_sites(request, P.ADD_PEOPLE))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        site = values.pop("site")
        values.pop("revision")
        patient = actions.add_patient(values, site=site, by=sender_of(request))
        return redirect("patients:person", key=patient.pk)
    context = {"form": form, "heading": "Add a person", "act": "Add the person"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(P.SEE_PERSON, patient="key", shows="person")
def person(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Who a person is, whom to call, who cares for them; nothing of the chart."""
    patient = _patient(request)
    return render(
        request,
        "patients/person.html",
        {
            "contacts": patient.contacts.order_by("-in_emergency", "name"),
            "care": patient.care.filter(ended_at=None).select_related("staff"),
            "proxies": proxies_of(patient),
            "invited_to_act": invited_to_act(patient),
            "own_access": own_access(patient),
            "locks": patient.lockboxes.filter(lifted_at=None).select_related("staff"),
            "can_read": _may(request, P.READ_CHART),
            "can_change": _may(request, P.CHANGE_PERSON),
            "can_relate": _may(request, P.SET_RELATIONS),
            "can_lock": _may(request, P.SET_LOCKBOX),
            "can_review": _may(request, P.REVIEW_ACCESS),
            "can_break": _may(request, P.BREAK_GLASS) and not _may(request, P.READ_CHART),
            "contact_form": ContactForm(auto_id="contact_%s"),
            "care_form": CareForm(sites=_sites(request, P.SET_RELATIONS), auto_id="care_%s"),
            "lock_form": LockForm(auto_id="lock_%s"),
            "is_kept_out": _standing(request).is_locked_out,
            "invite_form": InviteForm(auto_id="invite_%s", address=patient.email),
            "proxy_form": ProxyForm(auto_id="proxy_%s"),
        },
    )


@permitted(P.CHANGE_PERSON, patient="key", shows="person")
def change(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Change who a person is; if somebody else did so meanwhile, both versions are shown."""
    stored = _patient(request)
    form = kept_form(request, PatientForm, instance=Patient.objects.get(pk=key))
    theirs: list[tuple[str, object]] = []
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        revision, before = values.pop("revision") or 0, stored.email
        try:
            actions.change_patient(stored, values, revision=revision, by=sender_of(request))
        except actions.ChangedMeanwhile:
            stored.refresh_from_db()
            theirs = [
                (str(form.fields[name].label or name), getattr(stored, name))
                for name, value in values.items()
                if getattr(stored, name) != value
            ]
            if not theirs:  # what they saved is what this one says
                return redirect("patients:person", key=key)
            form = PatientForm(
                {**request.POST.dict(), "revision": str(stored.revision)},
                instance=Patient.objects.get(pk=key),
            )
        else:
            if stored.user_id and before != stored.email:
                messages.warning(request, ACCOUNT_KEEPS)
            return redirect("patients:person", key=key)
    return render(
        request,
        "patients/change.html",
        {"form": form, "theirs": theirs},
        status=409 if theirs else status(form, request),
    )


@permitted(P.CHANGE_PERSON, patient="key")
@require_POST
def add_contact(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Somebody to call."""
    form = ContactForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "heading": "Somebody to call", "act": "Add them"}
        return render(request, "form_page.html", context, status=422)
    actions.add_contact(_patient(request), form.cleaned_data, by=sender_of(request))
    return redirect("patients:person", key=key)


@permitted(P.SET_RELATIONS, patient="key")
@require_POST
def start_care(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Say that somebody cares for this person."""
    form = CareForm(request.POST, sites=list(_patient(request).sites.values_list("pk", flat=True)))
    if not form.is_valid():
        context = {"form": form, "heading": "Who cares for this person", "act": "Save"}
        return render(request, "form_page.html", context, status=422)
    actions.start_care(_patient(request), **form.cleaned_data, by=sender_of(request))
    return redirect("patients:person", key=key)


@permitted(P.SET_RELATIONS, patient="key")
@require_POST
def end_care(request: HttpRequest, key: uuid.UUID, care: int) -> HttpResponse:
    """Say that somebody no longer cares for this person."""
    row = get_object_or_404(CareRelationship, pk=care, patient=_patient(request))
    actions.end_care(row, by=actor_of(request))
    return redirect("patients:person", key=key)


@permitted(P.SET_RELATIONS, patient="key")
@require_POST
def end_proxy(request: HttpRequest, key: uuid.UUID, proxy: int) -> HttpResponse:
    """Say that somebody may no longer act for this person."""
    row = get_object_or_404(Proxy, pk=proxy, patient=_patient(request))
    actions.end_proxy(row, by=actor_of(request))
    return redirect("patients:person", key=key)


@permitted(P.SET_LOCKBOX, patient="key")
@require_POST
def set_lock(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Keep somebody out as the patient instructs."""
    form = LockForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "heading": "Lock the chart", "act": "Lock it"}
        return render(request, "form_page.html", context, status=422)
    actions.set_lock(_patient(request), **form.cleaned_data, by=sender_of(request))
    return redirect("patients:person", key=key)


@permitted(P.SET_LOCKBOX, patient="key")
@require_POST
def lift_lock(request: HttpRequest, key: uuid.UUID, lock: int) -> HttpResponse:
    """The patient takes an instruction back."""
    row = get_object_or_404(Lockbox, pk=lock, patient=_patient(request), lifted_at=None)
    actions.lift_lock(row, by=actor_of(request))
    return redirect("patients:person", key=key)


@permitted(P.READ_CHART, patient="key", shows="chart")
def chart(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """The chart: alerts, allergies, medicines, and what of them has ended."""
    patient = _patient(request)
    can_write = _may(request, P.WRITE_CHART)
    return render(
        request,
        "patients/chart.html",
        {
            "groups": [
                (
                    kind,
                    name,
                    [
                        (line, EndForm(auto_id=f"end_{kind}_{line.pk}_%s"))
                        for line in model.objects.filter(patient=patient, ended_on=None)
                    ],
                    model.objects.filter(patient=patient, ended_on__isnull=False)
                    .select_related("ended_by")
                    .order_by("-ended_on", "-pk"),
                    LINE_FORMS[kind](auto_id=f"{kind}_%s"),
                )
                for (kind, model), name in zip(
                    actions.LINES.items(), ("Alerts", "Allergies", "Medicines"), strict=True
                )
            ],
            "can_write": can_write,
            "can_take_off": can_write and may_take_off(_standing(request).roles),
        },
    )


def _who_takes_off(request: HttpRequest) -> Staff:
    """For others there is no such page."""
    if not may_take_off(_standing(request).roles):
        raise Http404
    return _staff(request)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def add_line(request: HttpRequest, key: uuid.UUID, kind: str) -> HttpResponse:
    """An alert, an allergy or a medicine."""
    if kind not in LINE_FORMS:
        raise Http404
    form = LINE_FORMS[kind](request.POST)
    if not form.is_valid():
        context = {"form": form, "heading": f"Add: {kind}", "act": "Add"}
        return render(request, "form_page.html", context, status=422)
    actions.add_line(
        _patient(request), kind, form.cleaned_data, writer=_staff(request), by=sender_of(request)
    )
    return redirect("patients:chart", key=key)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def end_line(request: HttpRequest, key: uuid.UUID, kind: str, line: int) -> HttpResponse:
    """A line that no longer holds."""
    staff = _who_takes_off(request)
    if kind not in LINE_FORMS:
        raise Http404
    form = EndForm(request.POST)
    if not form.is_valid():
        row = get_object_or_404(actions.LINES[kind], pk=line, patient=_patient(request))
        context = {"form": form, "heading": f"End: {row.text}", "act": "End it"}
        return render(request, "form_page.html", context, status=422)
    actions.end_line(
        _patient(request), kind, line, **form.cleaned_data, staff=staff, by=sender_of(request)
    )
    return redirect("patients:chart", key=key)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def no_allergies(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The patient was asked and knows of none."""
    _who_takes_off(request)
    try:
        actions.say_no_allergies(_patient(request), by=actor_of(request))
    except actions.AllergyListed:
        messages.error(request, "An allergy is listed. End it first if it no longer holds.")
    return redirect("patients:chart", key=key)


@permitted(P.BREAK_GLASS, patient="key", shows="way to emergency access")
def emergency(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Open a chart for an hour: show again who one is, say why; the privacy lead is told."""
    if not did_recently_reauthenticate(request):
        return redirect(f"{reverse('unlock')}?next={request.path}")
    form = kept_form(request, EmergencyForm)
    if request.method == "POST" and form.is_valid():
        actions.open_in_emergency(
            _patient(request), _staff(request), form.cleaned_data["reason"], by=sender_of(request)
        )
        return redirect("patients:chart", key=key)
    return render(request, "patients/emergency.html", {"form": form}, status=status(form, request))


@permitted(P.BREAK_GLASS, patient="key")
@require_POST
def end_emergency(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """End one's own emergency access before its hour is over."""
    access: EmergencyAccess | None = getattr(request, "emergency", None)
    if access is not None:
        actions.end_emergency(access, by=actor_of(request))
    return redirect("patients:person", key=key)


@permitted(P.REVIEW_ACCESS)
def reviews(request: HttpRequest) -> HttpResponse:
    """What waits for a review: emergency access and care begun for oneself; latest refusals."""
    return _reviews_page(request)


def _reviews_page(
    request: HttpRequest, wrong: tuple[str, int] | None = None, form: ReviewForm | None = None
) -> HttpResponse:
    sites = _led(request)
    waiting = [("emergency", row) for row in to_review(sites)]
    own_care = [("care", row) for row in own_care_to_review(sites)]
    addresses = [("address", row) for row in addresses_to_review(sites)]
    names = _names() if addresses else {}
    known = _names(User.objects.filter(Q(staff__isnull=False) | Q(patient__sites__in=sites)))
    found = len(waiting) + len(own_care) + len(addresses)
    record_alone("reviews listed", by=actor_of(request), found=found)
    return render(
        request,
        "patients/reviews.html",
        {
            "groups": [
                (
                    heading,
                    [
                        (
                            kind,
                            row,
                            form if wrong == (kind, row.pk) else _review_form(kind, row.pk),
                            _who_did(row, names) if isinstance(row, AddressChange) else {},
                        )
                        for kind, row in rows
                    ],
                )
                for heading, rows in (
                    ("Emergency access to review", waiting),
                    ("Care that somebody began for themselves", own_care),
                    ("Own pages opened to an address that was changed before", addresses),
                )
            ],
            "refused": [
                (entry, known.get(entry.actor, entry.actor))
                for entry in Entry.objects.filter(act="refused").order_by("-at")[:50]
            ],
        },
        status=200 if wrong is None else 422,
    )


def _who_did(change: AddressChange, names: dict[str, str]) -> dict[str, str]:
    """Who changed an address and who invited to it, in words."""
    return {
        what: names.get(actor, actor.partition(":")[0])
        for what, actor in (("changed", change.by), ("invited", change.invited_by))
    }


def _names(users: QuerySet[User] | None = None) -> dict[str, str]:
    """The name of each account, by what the audit calls it."""
    users = User.objects.all() if users is None else users
    return {f"user:{pk}": name for pk, name in users.values_list("pk", "name")}


def _review_form(kind: str, pk: int, data: QueryDict | None = None) -> ReviewForm:
    return ReviewForm(data, auto_id=f"{kind}_{pk}_%s")


@permitted(P.REVIEW_ACCESS)
@require_POST
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a review of emergency access with a note."""
    access = get_object_or_404(to_review(_led(request)), pk=pk)
    return _close(request, "emergency", access, actions.review_emergency)


@permitted(P.REVIEW_ACCESS)
@require_POST
def review_care(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a review of care that somebody began for themselves, with a note."""
    care = get_object_or_404(own_care_to_review(_led(request)), pk=pk)
    return _close(request, "care", care, actions.review_care)


@permitted(P.REVIEW_ACCESS)
@require_POST
def review_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a review of an address that was changed and then invited, with a note."""
    change = get_object_or_404(addresses_to_review(_led(request)), pk=pk)
    return _close(request, "address", change, actions.review_address)


def _did(row: Reviewed, reviewer: Staff) -> bool:
    if isinstance(row, AddressChange):
        return f"user:{reviewer.user_id}" in {row.by, row.invited_by}
    return row.staff_id == reviewer.pk


def _close(
    request: HttpRequest, kind: str, row: Reviewed, close: Callable[..., None]
) -> HttpResponse:
    """Close a review; nobody reviews their own."""
    form, reviewer = _review_form(kind, row.pk, request.POST), _staff(request)
    if _did(row, reviewer):
        messages.error(request, "Nobody reviews what they did themselves. Ask a colleague.")
        return redirect("patients:reviews")
    if not form.is_valid():
        return _reviews_page(request, (kind, row.pk), form)
    close(row, reviewer, form.cleaned_data["note"], by=sender_of(request))
    return redirect("patients:reviews")


@permitted(P.MERGE_PEOPLE)
def merge(request: HttpRequest) -> HttpResponse:
    """Make two records one; the list below can take each back."""
    form = kept_form(request, MergeForm)
    if request.method == "POST" and form.is_valid():
        pair = {
            name: Patient.objects.filter(
                number=form.cleaned_data[name], sites__in=_sites(request, P.MERGE_PEOPLE)
            ).first()
            for name in ("kept", "merged")
        }
        for name, patient in pair.items():
            if patient is None:
                form.add_error(name, "No record of your sites has this number.")
        kept, merged = pair["kept"], pair["merged"]
        if kept and merged:
            try:
                actions.merge(kept, merged, form.cleaned_data["reason"], by=sender_of(request))
            except actions.CannotMerge:
                form.add_error("merged", "Both must be records of their own, and two of them.")
            else:
                return redirect("patients:merge")
    merges = list(_merges(request).select_related("kept", "merged").order_by("-at")[:50])
    record_alone("merges listed", by=actor_of(request), found=len(merges))
    return render(
        request,
        "patients/merge.html",
        {"form": form, "merges": merges},
        status=status(form, request),
    )


def _merges(request: HttpRequest) -> QuerySet[Merge]:
    here = Patient.objects.filter(sites__in=_sites(request, P.MERGE_PEOPLE))
    return Merge.objects.filter(kept__in=here.values("pk"))


@permitted(P.MERGE_PEOPLE)
@require_POST
def unmerge(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a merge back."""
    done = get_object_or_404(_merges(request), pk=pk, undone_at=None)
    try:
        actions.unmerge(done, by=actor_of(request))
    except actions.CannotMerge as error:
        messages.error(request, str(error))
    return redirect("patients:merge")


@permitted(P.IMPORT_PEOPLE)
def bring_in(request: HttpRequest) -> HttpResponse:
    """Bring in a file of people: first a trial that changes nothing, then all or none."""
    form = kept_form(request, ImportForm, sites=_sites(request, P.IMPORT_PEOPLE))
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        people, problems = rules.read_people(values["file"])
        if "bring_in" in request.POST and not problems:
            try:
                count = actions.import_people(
                    people,
                    site=values["site"],
                    by=sender_of(request),
                    are_others=values["are_others"],
                )
            except actions.PerhapsKnown:
                form.add_error("are_others", NOBODY_CAME_IN)
            else:
                messages.success(request, f"{count} people were brought in.")
                return redirect("patients:import")
        known = same_people(people)
        context |= {
            "people": people,
            "problems": problems,
            "repeated": rules.repeated(people),
            "known": known,
        }
        record_alone("import tried", by=actor_of(request), people=len(people), known=len(known))
    return render(request, "patients/import.html", context, status=status(form, request))


@permitted(P.SEE_OWN, patient="key", shows="own record")
def own(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """A patient's own page: what is known of them as a person."""
    return render(request, "patients/own.html", {"contacts": _patient(request).contacts.all()})


@permitted(P.SEE_OWN, patient="key", shows="who looked")
def who_looked(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Everybody who saw or changed anything of this record, for the patient to read.

    What was written under a number that was merged into this one is part of it.
    """
    return render(request, "patients/who_looked.html", _looks(key))


def _looks(key: uuid.UUID, before: str = "") -> dict[str, object]:
    """What was written of a record, the latest first, and where the lines before these begin."""
    keys = keys_of(key)
    written = of_patient(keys)
    if before.isdecimal() and len(before) < 19:
        written = written.filter(pk__lt=int(before))
    entries = list(written[: MOST_SHOWN + 1])
    names = _names()
    return {
        "rows": [
            (entry, names.get(entry.actor, entry.actor.partition(":")[0]))
            for entry in entries[:MOST_SHOWN]
        ],
        "older": entries[MOST_SHOWN - 1].pk if len(entries) > MOST_SHOWN else None,
        "emergencies": EmergencyAccess.objects.filter(patient__in=keys)
        .select_related("staff")
        .order_by("-starts_at"),
    }


@permitted(P.REVIEW_ACCESS)
def looked(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The same for a privacy lead, to read and to print for whoever has no account; all of it.

    That it was read is its latest line.
    """
    here = Patient.objects.filter(sites__in=_led(request))
    patient = get_object_or_404(Patient, pk=key, pk__in=here.values("pk"))
    subject = f"patient:{patient.pk}"
    record_alone("read: who looked", by=actor_of(request), subject=subject, patient=patient.pk)
    context = _looks(key, request.GET.get("before", ""))
    return render(request, "patients/looked.html", context | {"patient": patient})


@door(Who.SIGNED_IN)
def own_list(request: HttpRequest) -> HttpResponse:
    """The records that are somebody's own, or theirs to see as a proxy."""
    user = request.user
    records = own_records(user) if isinstance(user, User) else []
    if len(records) == 1:
        return redirect("own:page", key=records[0].pk)
    return render(request, "patients/own_list.html", {"records": records})
