"""Pages of invitations: staff send and withdraw them, whoever is invited opens and accepts.

The page of a mailed link changes nothing; its button, with the person's date of birth, makes an
account for who has none and begins its session. Who has one signs in as always and then says yes:
the session remembers for an hour which invitation was opened in this browser.
"""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.entering import enter
from clinic.accounts.queries import actor_of, is_from_here, sender_of, signed_in_user
from clinic.audit.actor import Actor
from clinic.doors import Permission, Who, anyone_writes, door, permitted
from clinic.patients import inviting
from clinic.patients.forms import BirthDateForm, InviteForm, ProxyForm
from clinic.patients.models import Invitation, Patient, Proxy
from clinic.patients.rules import Standing

P = Permission
BY = Actor("link:pages")
OPENED = "invitation_opened"  # in the session: which, and since when
LASTS = timedelta(hours=1)
KEPT_OUT = "You are kept out of this chart, as the patient instructed. Ask a colleague who is not."
ONESELF = "Nobody invites themselves. Ask a colleague."


# ------------------------------------------------------------------------------ staff


def _patient(request: HttpRequest) -> Patient:
    patient: Patient = request.patient  # type: ignore[attr-defined]
    return patient


def _is_kept_out(request: HttpRequest) -> bool:
    standing: Standing = request.standing  # type: ignore[attr-defined]
    return standing.is_locked_out


@permitted(P.CHANGE_PERSON, patient="key")
@require_POST
def invite(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Invite a person to their own pages, at the address that the record has."""
    form = InviteForm(request.POST, address=_patient(request).email)
    if form.is_valid():
        try:
            _refuse_kept_out(request)
            inviting.invite(_patient(request), form.cleaned_data["email"], by=sender_of(request))
        except inviting.CannotInvite as error:
            form.add_error(None, str(error))
        except inviting.OwnInvitation:
            form.add_error(None, ONESELF)
        else:
            messages.success(request, "The invitation is on its way.")
            return redirect("patients:person", key=key)
    context = {"form": form, "heading": "Their own pages", "act": "Send the invitation"}
    return render(request, "form_page.html", context, status=422)


@permitted(P.SET_RELATIONS, patient="key")
@require_POST
def invite_to_act(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Invite somebody who may act for this person until a day."""
    form = ProxyForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        try:
            _refuse_kept_out(request)
            inviting.invite_to_act(
                _patient(request),
                name=values["name"],
                email=values["email"],
                scope=values["scope"],
                reason=values["reason"],
                until=values["ends_on"],
                by=sender_of(request),
            )
        except inviting.CannotInvite as error:
            form.add_error(None, str(error))
        except inviting.OwnInvitation:
            form.add_error("email", ONESELF)
        else:
            messages.success(request, "The invitation is on its way.")
            return redirect("patients:person", key=key)
    context = {"form": form, "heading": "Who may act for this person", "act": "Invite them"}
    return render(request, "form_page.html", context, status=422)


def _refuse_kept_out(request: HttpRequest) -> None:
    if _is_kept_out(request):
        raise inviting.CannotInvite(KEPT_OUT)


@permitted(P.CHANGE_PERSON, patient="key")
@require_POST
def withdraw(request: HttpRequest, key: uuid.UUID, invitation: int) -> HttpResponse:
    """Take back an invitation to own pages."""
    rows = Invitation.objects.filter(patient=_patient(request), scope="")
    inviting.withdraw(get_object_or_404(rows, pk=invitation), by=actor_of(request))
    return redirect("patients:person", key=key)


@permitted(P.SET_RELATIONS, patient="key")
@require_POST
def withdraw_to_act(request: HttpRequest, key: uuid.UUID, invitation: int) -> HttpResponse:
    """Take back an invitation to act for this person."""
    rows = Invitation.objects.filter(patient=_patient(request)).exclude(scope="")
    inviting.withdraw(get_object_or_404(rows, pk=invitation), by=actor_of(request))
    return redirect("patients:person", key=key)


@permitted(P.CHANGE_PERSON, patient="key")
@require_POST
def end_access(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Take somebody's own pages away from their account."""
    inviting.end_own_access(_patient(request), by=actor_of(request))
    return redirect("patients:person", key=key)


@permitted(P.CHANGE_PERSON, patient="key")
@require_POST
def renew(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Somebody lost every way of signing in: take all away, mail a new link to their account."""
    if _is_kept_out(request):
        messages.error(request, KEPT_OUT)
    elif inviting.renew_own_sign_in(_patient(request), by=actor_of(request)):
        messages.success(request, "A new link is on its way to the address of their account.")
    else:
        messages.error(request, "This cannot be done here. An owner can, under Staff.")
    return redirect("patients:person", key=key)


# ----------------------------------------------------------------- whoever is invited


@csrf_exempt  # the page sends no referrer, so no origin either; the token is the secret
@anyone_writes
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Open an invitation: look first, then say the date of birth and begin."""
    if request.method == "POST" and not consume(request, action="open_link"):
        return render(request, "429.html", status=429)
    form = BirthDateForm(request.POST if request.method == "POST" else None)
    try:
        found = inviting.find(token)
        if request.method == "POST" and is_from_here(request) and form.is_valid():
            inviting.check_birth_date(found, form.cleaned_data["born"], by=BY)
            return _begin(request, found)
    except inviting.InvitationOver:
        return _without_referrer(render(request, "accounts/link_spent.html", status=410))
    except inviting.WrongBirthDate:
        form.add_error(
            None, "This is not the date that the clinic has. Try again, or call the clinic."
        )
    except inviting.Elsewhere:
        return _without_referrer(render(request, "patients/elsewhere.html", status=409))
    context = {"form": form, "is_own": found.is_own}
    code = 422 if form.errors else 200
    return _without_referrer(render(request, "patients/invited.html", context, status=code))


def _without_referrer(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _begin(request: HttpRequest, found: Invitation) -> HttpResponse:
    try:
        user = inviting.come_in(found, by=BY)
    except inviting.NeedsSignIn:
        return _ask_to_sign_in(request, found)
    enter(request, user)
    return redirect("accounts:secure")


def _ask_to_sign_in(request: HttpRequest, found: Invitation) -> HttpResponse:
    """Remember what was opened here; who is signed in with that address need not do so again."""
    is_in = request.user.is_authenticated and signed_in_user(request).email == found.email
    if not is_in:
        logout(request)
    request.session[OPENED] = [found.pk, time.time()]
    request.session.cycle_key()
    if is_in:
        return redirect("own:accept")
    return redirect(f"{reverse('account_login')}?{urlencode({'next': reverse('own:accept')})}")


@door(Who.SIGNED_IN, shows="an invitation")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Say yes to an invitation whose link was opened in this browser, with the account it names."""
    user = signed_in_user(request)
    try:
        found = _opened_here(request)
        if request.method == "POST":
            inviting.accept(found, user, by=actor_of(request))
            del request.session[OPENED]
            return redirect(_first_page(found))
    except inviting.InvitationOver:
        return render(request, "accounts/link_spent.html", status=410)
    except inviting.Elsewhere:
        return render(request, "patients/elsewhere.html", status=409)
    context = {"invitation": found, "is_their_account": user.email == found.email}
    return render(request, "patients/accept.html", context)


def _opened_here(request: HttpRequest) -> Invitation:
    key, since = request.session.get(OPENED) or (0, 0.0)
    if time.time() - since > LASTS.total_seconds():
        raise inviting.InvitationOver
    return inviting.find_opened(key)


def _first_page(found: Invitation) -> str:
    return reverse("visits:own" if found.scope == Proxy.Scope.BOOK else "own:list")
