"""The gate: the one place that decides whether a page opens, before the page knows of it.

Every request comes through here with the declaration of its view (`clinic.doors`). No declaration:
it does not open. Not signed in: the way leads to the sign-in. Too old, idle or unsecured a session:
the way leads to what mends it. Then the permission is weighed against role, relation and site.
What is absent and what is forbidden get the same answer. Each refusal and each reading of a record
is audited in a transaction of its own, before the view runs, so that no failure takes it back. A
page that a view shows without having said so before (a form refused, a text typed elsewhere) is
audited as it comes back and does not leave without its row. A form whose act was done comes to no
view again.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.keeping import (
    LOCKED,
    SECURED,
    SEEN,
    STARTED,
    hold,
    mark_of,
    take_held,
    to_send_again,
)
from clinic.accounts.queries import (
    BY_DEMONSTRATION_LINK,
    actor_of,
    has_second_factor,
    signed_in_user,
)
from clinic.accounts.returning import not_saved, saved_already, sign_in_and_back
from clinic.audit.actions import SentTwice, record_alone
from clinic.audit.holding import is_read_only
from clinic.audit.queries import taken_of
from clinic.doors import Door, Permission, Who
from clinic.patients.models import Patient
from clinic.patients.queries import emergency_of, patient_or_none, standing
from clinic.patients.rules import Standing, may
from clinic.practice.queries import Duties, duties_of, here
from clinic.practice.rules import granted

# Refused, absent and broken pages say nothing of anybody; these bring back what was sent.
ANSWERS_WITH_A_PAGE = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.CONFLICT,
    HTTPStatus.GONE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}


SAFE = {"GET", "HEAD", "OPTIONS"}
# Who sends these forms reads: they find a person, or open a chart in an emergency.
FORMS_THAT_READ = {Permission.FIND_PEOPLE, Permission.BREAK_GLASS}


class Gate:
    """Middleware that opens, refuses, or leads to the sign-in."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; the decision falls when the view is known.

        A form that was sent to a page without one of its own, as the screen locked, is shown here;
        who comes to such a page with nothing is told where what they typed can be.
        """
        response = self.answer(request)
        _write_what_was_shown(request, response)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET":
            held = take_held(request)
            if held:
                fields = [(name, value) for name, values in held.items() for value in values]
                return render(request, "held.html", {"path": request.path, "fields": fields})
            if request.user.is_authenticated:
                page = render(request, "only_sent.html", status=response.status_code)
                page.headers["Allow"] = response.headers["Allow"]
                return page
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        _positional: tuple[Any, ...],
        named: dict[str, Any],
    ) -> HttpResponse | None:
        """None to let the view run; an answer instead of it; 404 for absent and forbidden."""
        declared: Door | None = getattr(view, "door", None)
        if declared is None:
            raise Http404
        request.duties = Duties()  # type: ignore[attr-defined]
        request.here = here()  # type: ignore[attr-defined]
        timezone.activate(request.here.zone)  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            detour = _session_detour(request, declared)
            if detour is not None:
                return detour
            day = timezone.localdate()  # by the clock of the first site
            request.duties = duties_of(signed_in_user(request), day)  # type: ignore[attr-defined]
            if request.duties.zone is not None:  # type: ignore[attr-defined]
                timezone.activate(request.duties.zone)  # type: ignore[attr-defined]
            detour = _enrolment_detour(request, declared)
            if detour is not None:
                return detour
            if request.session.modified:
                _keep_now(request.session)
        return _decide(request, declared, named)

    def process_exception(self, request: HttpRequest, failure: Exception) -> HttpResponse | None:
        """The answer to the second of two forms that came at once; None for what else failed."""
        return saved_already(request) if isinstance(failure, SentTwice) else None


def _decide(request: HttpRequest, declared: Door, named: dict[str, Any]) -> HttpResponse | None:
    if declared.who is Who.ANYONE:
        return _refuse_change(request) if declared.writes and _may_not_change(request) else None
    is_in = request.user.is_authenticated
    if declared.who is Who.GUEST:
        return redirect("home") if is_in else None
    if not is_in:
        return _sign_in(request)
    if declared.permission is not None:
        _weigh(request, declared.permission, declared, named)
    is_of_a_record = declared.permission is not None or bool(declared.shows)
    reads = declared.permission in FORMS_THAT_READ
    if is_of_a_record and not reads and _may_not_change(request):
        return _refuse_change(request)
    return saved_already(request) if _was_done(request) else None


def _was_done(request: HttpRequest) -> bool:
    """Whether what a form asks for was done; of two that come at once, the act itself knows."""
    mark = mark_of(request) if request.method == "POST" else ""
    return bool(mark) and bool(taken_of(actor_of(request), [mark]))


def _sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in, and from there back to the page that was open.

    A form that was sent by a browser which does not keep what was typed comes back as it was sent,
    to be copied: whoever holds this browser sees what it sent itself and nothing else.
    """
    is_page = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    if request.method == "POST" and is_page and not mark_of(request):
        fields = to_send_again(request)
        if fields:
            return not_saved(request, fields, has_expired=False)
    return redirect(sign_in_and_back(request))


def _may_not_change(request: HttpRequest) -> bool:
    return request.method not in SAFE and is_read_only()


def _refuse_change(request: HttpRequest) -> HttpResponse:
    """The answer to a change while nothing may be changed; what was typed comes back with it."""
    context = {"path": request.get_full_path(), "fields": to_send_again(request)}
    return render(request, "read_only.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)


def _weigh(
    request: HttpRequest, permission: Permission, declared: Door, named: dict[str, Any]
) -> None:
    """Return if the permission holds; 404 otherwise, the refusal written down."""
    duties: Duties = request.duties  # type: ignore[attr-defined]
    if not declared.patient:
        if permission not in granted(duties.roles):
            raise _refusal(request, permission, None)
        return
    key: uuid.UUID = named[declared.patient]
    patient = patient_or_none(key)
    # Somebody absent is weighed as somebody forbidden is: the time it takes tells nothing.
    stands = standing(signed_in_user(request), duties, patient or Patient(pk=key))
    if patient is None or not may(permission, stands):
        raise _refusal(request, permission, key)
    request.patient = patient  # type: ignore[attr-defined]
    request.standing = stands  # type: ignore[attr-defined]
    if stands.is_emergency:
        request.emergency = emergency_of(duties, patient)  # type: ignore[attr-defined]
    request.shows = declared.shows or "form"  # type: ignore[attr-defined]
    if declared.shows and request.method != "POST":
        _write_read(request)


def _write_read(request: HttpRequest) -> None:
    """The row of a reading, once for each request."""
    patient: Patient = request.patient  # type: ignore[attr-defined]
    stands: Standing = request.standing  # type: ignore[attr-defined]
    record_alone(
        f"read: {request.shows}",  # type: ignore[attr-defined]
        by=actor_of(request),
        subject=f"patient:{patient.pk}",
        patient=patient.pk,
        relation=str(stands.relation),
        emergency=stands.is_emergency,
    )
    request.is_read_written = True  # type: ignore[attr-defined]


def _write_what_was_shown(request: HttpRequest, response: HttpResponseBase) -> None:
    """Audit a page on one person that no row tells of yet; what shows nothing of them is none."""
    if getattr(request, "patient", None) is None or getattr(request, "is_read_written", False):
        return
    code = response.status_code
    is_answer = code < HTTPStatus.MULTIPLE_CHOICES or code in ANSWERS_WITH_A_PAGE
    is_page = response.get("Content-Type", "").startswith("text/html")
    if is_answer and is_page and (response.streaming or bool(getattr(response, "content", b""))):
        _write_read(request)


def _refusal(request: HttpRequest, permission: Permission, key: uuid.UUID | None) -> Http404:
    """The answer to what may not be, written down before it is given."""
    record_alone(
        "refused",
        by=actor_of(request),
        subject=f"patient:{key}" if key else "",
        patient=key,
        permission=str(permission),
    )
    return Http404()


def _session_detour(request: HttpRequest, declared: Door) -> HttpResponse | None:
    """The end of a session that is too old, and the locked screen of one left alone."""
    now = time.time()
    session = request.session
    started = session.setdefault(STARTED, now)
    if now - started > settings.SESSION_HOURS * 3600:
        record_alone("session too old", by=actor_of(request))
        logout(request)
        if declared.who is Who.ANYONE:
            return None
        return _sign_in(request)
    if LOCKED not in session and now - session.get(SEEN, now) > settings.IDLE_MINUTES * 60:
        session[LOCKED] = now  # not when they were last seen: what was shown since proves nothing
        record_alone("screen locked", by=actor_of(request))
    if LOCKED in session:
        if not _was_unlocked(request, session[LOCKED]):
            if declared.who in {Who.LOCKED, Who.ANYONE} and request.path != reverse("home"):
                return None
            return _lock(request)
        del session[LOCKED]
    if now - session.get(SEEN, 0) > 15 or SEEN not in session:  # not a write with every page
        session[SEEN] = now
    return None


def _keep_now(session: SessionBase) -> None:
    """Write the session before the page is made, which would write it as it was when asked for.

    A slow page asked for before the screen was locked would unlock it, and one asked for before its
    holder left would bring its cookie back.

    Raises:
        SessionInterrupted: It was ended meanwhile.
    """
    try:
        session.save()
    except UpdateError as error:
        raise SessionInterrupted(
            "The session was ended before the request was answered."
        ) from error
    session.modified = False


def _was_unlocked(request: HttpRequest, since: float) -> bool:
    """Whether its holder showed who they are since the screen was locked."""
    records = get_authentication_records(request, signed_in_user(request))
    return any(entry.get("reauthenticated") and entry["at"] > since for entry in records)


def _lock(request: HttpRequest) -> HttpResponse:
    """To the locked screen; a form that was just sent is kept and shown again behind it."""
    if request.method == "POST":
        hold(request, request.path, dict(request.POST.lists()))
    return redirect(f"{reverse('unlock')}?{urlencode({'next': _way_back(request)})}")


def _enrolment_detour(request: HttpRequest, declared: Door) -> HttpResponse | None:
    """Nobody passes without a second factor, but by a link of a demonstration."""
    if declared.who in {Who.ANYONE, Who.GUEST, Who.ENROLLING, Who.LOCKED}:
        return None
    session = request.session
    if session.get(SECURED) or session.get(BY_DEMONSTRATION_LINK):
        return None
    if has_second_factor(signed_in_user(request)):
        session[SECURED] = True
        return None
    return redirect("accounts:secure")


def _way_back(request: HttpRequest) -> str:
    return request.get_full_path() if request.method in {"GET", "HEAD", "POST"} else "/"
