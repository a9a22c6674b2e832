"""Signing in, staying in and getting out: the pages that are our own; the rest is the library's.

A mailed link opens a page that changes nothing; its button spends the link and starts a session.
"""

from __future__ import annotations

import time

from allauth.account.internal.flows.login import record_authentication
from allauth.core.ratelimit import consume
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as webauthn_views
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts import actions
from clinic.accounts.adapters import has_another_factor
from clinic.accounts.changing import changes_sign_in
from clinic.accounts.entering import enter
from clinic.accounts.forms import EmailForm, NewPasswordForm
from clinic.accounts.keeping import HANDED, LOCKED, SEEN, hold, is_handed_over
from clinic.accounts.models import OneTimeLink, User
from clinic.accounts.queries import (
    BY_DEMONSTRATION_LINK,
    actor_of,
    has_second_factor,
    is_from_here,
    signed_in_user,
)
from clinic.audit.actor import ANONYMOUS
from clinic.audit.queries import taken_of
from clinic.doors import Who, anyone, door

RESETTING = "resetting_password_of"
MARKS_AT_ONCE = 100


@csrf_exempt  # the page sends no referrer, so no origin either; the token is the secret
@anyone
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Open a mailed link: look first, then spend it by a button."""
    if not consume(request, action="open_link"):  # counts those who press the button
        return render(request, "429.html", status=429)
    try:
        if request.method == "POST" and is_from_here(request):
            return _spend(request, token)
        found = actions.find_link(token)
    except actions.LinkSpent:
        response = render(request, "accounts/link_spent.html", status=410)
    else:
        response = render(request, "accounts/link.html", {"link": found})
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _spend(request: HttpRequest, token: str) -> HttpResponse:
    spent = actions.spend_link(token)
    if spent.purpose == OneTimeLink.Purpose.RESET:
        logout(request)
        user = spent.user
        request.session[RESETTING] = [str(user.pk), user.session_round, time.time()]
        return redirect("accounts:new_password")
    enter(request, spent.user)
    if spent.purpose == OneTimeLink.Purpose.DEMONSTRATION:
        request.session[BY_DEMONSTRATION_LINK] = True
        return redirect("home")
    return redirect("accounts:secure")


@door(Who.GUEST)
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link to a new password; the answer is the same whether an account exists."""
    form = EmailForm(request.POST or None)
    if not (request.method == "POST" and form.is_valid()):
        return render(request, "accounts/forgotten.html", {"form": form}, status=_status(form))
    email = form.cleaned_data["email"].strip().lower()
    if not consume(request, action="reset_password", key=email):
        return render(request, "429.html", status=429)
    user = User.objects.filter(email=email, is_active=True).first()
    if user is not None and user.has_usable_password():
        actions.send_link(user, OneTimeLink.Purpose.RESET, by=ANONYMOUS)
    return render(request, "accounts/forgotten_sent.html")


@door(Who.GUEST)
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest) -> HttpResponse:
    """Choose a new password after a mailed link; signing in still asks for the second factor."""
    user = _resetting(request)
    form = NewPasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        del request.session[RESETTING]
        actions.set_password(user, form.cleaned_data["password"], by=ANONYMOUS)
        messages.success(request, "Your new password is set. Sign in with it.")
        return redirect("account_login")
    return render(request, "accounts/new_password.html", {"form": form}, status=_status(form))


def _resetting(request: HttpRequest) -> User:
    """Whose password this session may set, while the link would last and no round ended since."""
    key, session_round, since = request.session.get(RESETTING) or (None, 0, 0.0)
    if time.time() - since > actions.LASTS[OneTimeLink.Purpose.RESET].total_seconds():
        raise Http404
    return get_object_or_404(User, pk=key, is_active=True, session_round=session_round)


@door(Who.ENROLLING)
def secure(request: HttpRequest) -> HttpResponse:
    """How this account is protected, and what is still to do before it opens anything."""
    user = signed_in_user(request)
    return render(
        request,
        "accounts/secure.html",
        {
            "is_secured": has_second_factor(user),
            "passkeys": Authenticator.objects.filter(
                user=user, type=Authenticator.Type.WEBAUTHN
            ).order_by("created_at"),
            "has_codes_app": Authenticator.objects.filter(
                user=user, type=Authenticator.Type.TOTP
            ).exists(),
            "has_password": user.has_usable_password(),
        },
    )


@door(Who.SIGNED_IN)
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere, here too."""
    actions.end_all_sessions(signed_in_user(request), by=actor_of(request))
    logout(request)
    messages.success(request, "You are signed out everywhere.")
    return redirect("account_login")


@door(Who.SIGNED_IN)
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Remove a passkey, unless it is the last way to show who one is."""
    passkey = get_object_or_404(
        Authenticator, pk=pk, user=signed_in_user(request), type=Authenticator.Type.WEBAUTHN
    )
    if not has_another_factor(passkey):
        messages.error(request, "This is your only second step. Add another first.")
        return redirect("accounts:secure")
    return changes_sign_in(webauthn_views.remove_webauthn)(request, pk=pk)


@door(Who.LOCKED)
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """To the easiest way of showing again who one is: passkey, password, code.

    Who came by a link of a demonstration has none of these and unlocks by a button; who has nothing
    yet signs in anew.
    """
    user = signed_in_user(request)
    if request.session.get(BY_DEMONSTRATION_LINK):
        return _unlock_demonstration(request)
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists():
        way = "mfa_reauthenticate_webauthn"
    elif user.has_usable_password():
        way = "account_reauthenticate"
    elif has_second_factor(user):
        way = "mfa_reauthenticate"
    else:
        logout(request)
        return redirect("account_login")
    return redirect(f"{reverse(way)}?{request.GET.urlencode()}")


def _unlock_demonstration(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/unlock_demonstration.html")
    request.session.pop(LOCKED, None)
    request.session[SEEN] = time.time()
    record_authentication(request, signed_in_user(request), method="link", reauthenticated=True)
    way_back = request.GET.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(way_back, allowed_hosts=None)
    return redirect(way_back if is_ours else "/")


@door(Who.LOCKED)
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Lock the screen now; the form that was open, if any, is kept and shown again behind it."""
    if path := request.POST.get("held_path", ""):
        hold(request, path, dict(request.POST.lists()))
    if is_handed_over(request):  # the sheet closes; the device is in the same hands as before
        request.session.pop(HANDED, None)
    else:
        request.session[LOCKED] = time.time()
    return redirect(reverse("unlock") + "?next=/")


@door(Who.ENROLLING)
@require_POST
def stay(_request: HttpRequest) -> HttpResponse:
    """A sign of life from a page on which somebody is typing."""
    return HttpResponse(status=204)


@door(Who.SIGNED_IN)
@require_POST
def taken(request: HttpRequest) -> JsonResponse:
    """Which forms of the one who asks were taken; the device lets go of those and of no others."""
    marks = request.POST.getlist("mark")[:MARKS_AT_ONCE]
    return JsonResponse({"taken": taken_of(actor_of(request), marks)})


def _status(form: EmailForm | NewPasswordForm) -> int:
    return 422 if form.is_bound and not form.is_valid() else 200
