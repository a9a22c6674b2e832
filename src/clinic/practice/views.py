"""Pages of the practice: an owner runs it, colleagues see who works where."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from clinic.accounts.actions import start_over
from clinic.accounts.keeping import kept_form, status
from clinic.accounts.models import User
from clinic.accounts.queries import actor_of, sender_of
from clinic.doors import Permission, permitted
from clinic.outbox.models import Job
from clinic.practice import actions
from clinic.practice.forms import (
    CorrectionForm,
    CoverForm,
    CredentialForm,
    EndForm,
    InvitationForm,
    RoleForm,
    SiteForm,
)
from clinic.practice.jobs import CHECK_AUDIT
from clinic.practice.models import Cover, Credential, Posting, Site, Staff
from clinic.practice.queries import expiring_credentials, rules_of_place, today
from clinic.practice.rules import keep_until, missing_for_needling

STRUCK_MEANWHILE = (
    "Somebody else struck this entry meanwhile; nothing was changed. Look at its page."
)


@permitted(Permission.SEE_STAFF)
def staff_list(request: HttpRequest) -> HttpResponse:
    """Who works here, where, as what."""
    staff = Staff.objects.prefetch_related("postings__site").order_by("name")
    return render(request, "practice/staff_list.html", {"staff": staff})


@permitted(Permission.SEE_STAFF)
def staff_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One colleague: roles, credentials, and whether they may needle today."""
    staff = get_object_or_404(Staff.objects.select_related("user"), pk=pk)
    entered = list(staff.credentials.select_related("checked_by").order_by("kind", "valid_from"))
    credentials = [one for one in entered if one.struck_at is None]
    needed = rules_of_place().needling_needs
    missing = missing_for_needling(credentials, today(), needed)
    return render(
        request,
        "practice/staff_page.html",
        {
            "colleague": staff,
            "postings": staff.postings.select_related("site").filter(ended_at=None),
            "credentials": credentials,
            "struck": [one for one in entered if one.struck_at is not None],
            "missing": [Credential.Kind(kind).label for kind in missing],
            "role_form": RoleForm(auto_id="role_%s"),
            "credential_form": CredentialForm(auto_id="credential_%s"),
        },
    )


@permitted(Permission.MANAGE_PRACTICE)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite a colleague by mail."""
    form = kept_form(request, InvitationForm)
    if request.method == "POST" and form.is_valid():
        staff = actions.add_staff(**form.cleaned_data, by=sender_of(request))
        messages.success(request, f"The invitation to {staff.name} is on its way.")
        return redirect("practice:staff_page", pk=staff.pk)
    return render(
        request,
        "form_page.html",
        {"form": form, "heading": "Invite a colleague", "act": "Send the invitation"},
        status=status(form, request),
    )


@permitted(Permission.MANAGE_PRACTICE)
@require_POST
def give_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a colleague a role at a site."""
    staff = get_object_or_404(Staff, pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "heading": f"A role for {staff.name}", "act": "Give the role"}
        return render(request, "form_page.html", context, status=422)
    actions.give_role(staff, **form.cleaned_data, by=sender_of(request))
    return redirect("practice:staff_page", pk=pk)


@permitted(Permission.MANAGE_PRACTICE)
@require_POST
def end_role(request: HttpRequest, pk: int) -> HttpResponse:
    """End a role now."""
    posting = get_object_or_404(Posting, pk=pk, ended_at=None)
    try:
        actions.end_role(posting, by=actor_of(request))
    except actions.LastOwner:
        messages.error(request, "The practice must keep an owner. Give the role to another first.")
    return redirect("practice:staff_page", pk=posting.staff_id)


@permitted(Permission.MANAGE_PRACTICE)
@require_POST
def renew_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """A colleague lost every way of signing in: take all away, invite anew."""
    staff = get_object_or_404(Staff, pk=pk)
    start_over(User.objects.get(pk=staff.user_id), by=actor_of(request))
    messages.success(request, f"A new invitation to {staff.name} is on its way.")
    return redirect("practice:staff_page", pk=pk)


@permitted(Permission.MANAGE_PRACTICE)
@require_POST
def let_go(request: HttpRequest, pk: int) -> HttpResponse:
    """A colleague leaves."""
    staff = get_object_or_404(Staff, pk=pk)
    try:
        actions.let_go(staff, by=actor_of(request))
    except actions.LastOwner:
        messages.error(request, "The practice must keep an owner. Give the role to another first.")
    return redirect("practice:staff_page", pk=pk)


@permitted(Permission.CHECK_CREDENTIALS)
@require_POST
def add_credential(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down a credential; it counts once somebody else has checked it."""
    staff = get_object_or_404(Staff, pk=pk)
    form = CredentialForm(request.POST)
    if form.is_valid():
        try:
            actions.add_credential(staff, form.cleaned_data, by=sender_of(request))
        except actions.EnteredAlready:
            form.stands_already()
        else:
            return redirect("practice:staff_page", pk=pk)
    context = {"form": form, "heading": f"A credential of {staff.name}", "act": "Add it"}
    return render(request, "form_page.html", context, status=422)


@permitted(Permission.CHECK_CREDENTIALS)
def correct_credential(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter anew what was entered wrongly; somebody must see it again."""
    old = get_object_or_404(Credential.objects.select_related("staff"), pk=pk, struck_at=None)
    entered = {name: getattr(old, name) for name in CredentialForm.Meta.fields}
    form = kept_form(request, CorrectionForm, initial=entered)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in entered}
        try:
            actions.correct_credential(
                old, values, why=form.cleaned_data["why"], by=sender_of(request)
            )
        except actions.EnteredAlready:
            form.stands_already()
        except Credential.DoesNotExist:
            form.add_error(None, STRUCK_MEANWHILE)
        else:
            return redirect("practice:staff_page", pk=old.staff_id)
    heading = f"Correct: {old.get_kind_display()} of {old.staff.name}"
    context = {"form": form, "heading": heading, "act": "Save the correction"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(Permission.CHECK_CREDENTIALS)
def end_credential(request: HttpRequest, pk: int) -> HttpResponse:
    """A credential holds no longer, or never did."""
    row = get_object_or_404(Credential.objects.select_related("staff"), pk=pk, struck_at=None)
    form = kept_form(request, EndForm, initial={"ended_on": row.ended_on})
    if request.method == "POST" and form.is_valid():
        why, last = form.cleaned_data["why"], form.cleaned_data["ended_on"]
        try:
            if last is None:
                actions.strike_credential(row, why=why, by=sender_of(request))
            else:
                actions.end_credential(row, last, why=why, by=sender_of(request))
        except actions.EndsOtherwise as error:
            form.add_error("ended_on", str(error))
        except Credential.DoesNotExist:
            form.add_error(None, STRUCK_MEANWHILE)
        else:
            return redirect("practice:staff_page", pk=row.staff_id)
    heading = f"End: {row.get_kind_display()} of {row.staff.name}"
    context = {"form": form, "heading": heading, "act": "Save the end"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(Permission.CHECK_CREDENTIALS)
@require_POST
def check_credential(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that one has seen a credential."""
    credential = get_object_or_404(Credential, pk=pk, struck_at=None)
    checker: Staff = request.duties.staff  # type: ignore[attr-defined]
    try:
        actions.check_credential(credential, checker, by=actor_of(request))
    except actions.OwnCredential:
        messages.error(request, "Nobody checks their own credential. Ask a colleague.")
    return redirect("practice:staff_page", pk=credential.staff_id)


@permitted(Permission.SEE_STAFF)
def overview(request: HttpRequest) -> HttpResponse:
    """Sites, rules of the place, who stands in for whom, credentials that run out."""
    rules = rules_of_place()
    day = today()
    return render(
        request,
        "practice/overview.html",
        {
            "sites": Site.objects.order_by("name"),
            "rules": rules,
            "keep_until": keep_until(day, None, rules),
            "today": day,
            "expiring": expiring_credentials(day),
            "covers": Cover.objects.filter(ends_on__gte=day).select_related("covering", "covered"),
        },
    )


@permitted(Permission.MANAGE_PRACTICE)
def add_site(request: HttpRequest) -> HttpResponse:
    """A further site."""
    form = kept_form(request, SiteForm)
    if request.method == "POST" and form.is_valid():
        actions.add_site(form.cleaned_data, by=sender_of(request))
        return redirect("practice:overview")
    context = {"form": form, "heading": "A further site", "act": "Add the site"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(Permission.MANAGE_PRACTICE)
def change_site(request: HttpRequest, pk: int) -> HttpResponse:
    """A site's details."""
    site = get_object_or_404(Site, pk=pk)
    form = kept_form(request, SiteForm, instance=Site.objects.get(pk=pk))
    if request.method == "POST" and form.is_valid():
        actions.change_site(site, form.cleaned_data, by=sender_of(request))
        return redirect("practice:overview")
    context = {"form": form, "heading": f"The site {site.name}", "act": "Save the site"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(Permission.MANAGE_PRACTICE)
def set_cover(request: HttpRequest) -> HttpResponse:
    """Who stands in for whom, from when to when."""
    form = kept_form(request, CoverForm)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        actions.set_cover(
            values["covering"],
            values["covered"],
            values["starts_on"],
            values["ends_on"],
            by=sender_of(request),
        )
        return redirect("practice:overview")
    context = {"form": form, "heading": "Somebody stands in", "act": "Save"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(Permission.REVIEW_ACCESS)
def audit_checks(request: HttpRequest) -> HttpResponse:
    """Whether the audit is whole: the latest checks, one that runs, and a button for another."""
    if request.method == "POST":
        actions.ask_for_audit_check(by=actor_of(request))
        return redirect("practice:audit_checks")
    jobs = Job.objects.filter(kind=CHECK_AUDIT).order_by("-queued_at")[:10]
    return render(request, "practice/audit_checks.html", {"jobs": jobs})


@permitted(Permission.REVIEW_ACCESS)
@require_POST
def cancel_audit_check(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Stop a check that waits or runs."""
    job = get_object_or_404(Job, pk=pk, kind=CHECK_AUDIT)
    actions.cancel_audit_check(job, by=actor_of(request))
    return redirect("practice:audit_checks")
