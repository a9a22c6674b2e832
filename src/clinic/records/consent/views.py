"""Pages of consent: read and give it, see what was given, withdraw it; also one's own."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic.accounts.keeping import kept_form, status
from clinic.accounts.queries import actor_of, sender_of, signed_in_user
from clinic.doors import Permission, permitted
from clinic.patients.models import Patient
from clinic.patients.rules import Standing, may
from clinic.practice.models import Staff
from clinic.practice.queries import Duties, today
from clinic.records.beforehand import needles_before
from clinic.records.consent import actions
from clinic.records.consent.forms import ConsentForm, OwnWithdrawForm, WithdrawForm
from clinic.records.consent.queries import as_given, consents, consents_of, training_of
from clinic.records.consent.texts import REGION_WORDS, current_text, text_of
from clinic.records.models import Consent, Visit
from clinic.records.replies.actions import look_at
from clinic.records.replies.queries import withdrawn_by_patients

P = Permission


def _patient(request: HttpRequest) -> Patient:
    patient: Patient = request.patient  # type: ignore[attr-defined]
    return patient


def _staff(request: HttpRequest) -> Staff:
    duties: Duties = request.duties  # type: ignore[attr-defined]
    if duties.staff is None:
        raise Http404
    return duties.staff


def _consent(request: HttpRequest, consent: uuid.UUID) -> Consent:
    return get_object_or_404(consents(), pk=consent, visit__patient=_patient(request))


def _standing_regions(consent: Consent) -> list[str]:
    given = as_given(consent)
    return [region for region in consent.regions if region not in given.withdrawn]


@permitted(P.WRITE_CHART, patient="key", shows="consent form")
def take(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """What is said before needling, and the agreement to it, region by region."""
    found = get_object_or_404(Visit, pk=visit, patient=_patient(request))
    text = current_text()
    form = kept_form(request, ConsentForm, text=text)
    if request.method == "POST" and form.is_valid():
        actions.take_consent(found, text, form.kept, staff=_staff(request), by=sender_of(request))
        where = reverse("records:visit", kwargs={"key": key, "visit": visit})
        return redirect(f"{where}#consent")
    context = {
        "text": text,
        "form": form,
        "visit": found,
        "training": training_of(found.staff),
        "therapist": found.staff,
        "thoughts": needles_before(found),
    }
    return render(request, "records/consent/take.html", context, status=status(form, request))


@permitted(P.READ_CHART, patient="key", shows="consent")
def consent_page(request: HttpRequest, key: uuid.UUID, consent: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """What was agreed to, in the words in which it was said."""
    standing: Standing = request.standing  # type: ignore[attr-defined]
    found = _consent(request, consent)
    duties: Duties = request.duties  # type: ignore[attr-defined]
    look_at(
        withdrawn_by_patients().filter(consent=found),
        _patient(request),
        standing=standing,
        staff=duties.staff,
        by=actor_of(request),
    )
    form = WithdrawForm(standing=_standing_regions(found))
    can_write = may(P.WRITE_CHART, standing)
    return _consent_page(request, found, form if can_write else None, "records:withdraw")


@permitted(P.SEE_OWN, patient="key", shows="own consent")
def own_consent(request: HttpRequest, key: uuid.UUID, consent: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """What one agreed to, to read, print and withdraw."""
    found = _consent(request, consent)
    form = OwnWithdrawForm(standing=_standing_regions(found))
    return _consent_page(request, found, form, "own_sheets:withdraw")


def _consent_page(
    request: HttpRequest,
    consent: Consent,
    form: WithdrawForm | None,
    withdraws_at: str,
    code: int = 200,
) -> HttpResponse:
    given = as_given(consent)
    context = {
        "consent": consent,
        "text": text_of(consent.text, consent.version),
        "regions": [
            (REGION_WORDS.get(key, key), key in given.withdrawn) for key in consent.regions
        ],
        "withdrawals": [
            (row, [REGION_WORDS.get(key, key) for key in row.regions])
            for row in consent.withdrawals.order_by("at")
        ],
        "is_over": consent.renew_on <= today(),
        "course_over_on": given.course_over_on,
        "form": form if _standing_regions(consent) else None,
        "withdraw_url": reverse(
            withdraws_at, kwargs={"key": consent.visit.patient_id, "consent": consent.pk}
        ),
        "is_own": withdraws_at.startswith("own"),
    }
    return render(request, "records/consent/consent.html", context, status=code)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def withdraw(request: HttpRequest, key: uuid.UUID, consent: uuid.UUID) -> HttpResponse:
    """Write down that consent was taken back."""
    found = _consent(request, consent)
    form = WithdrawForm(request.POST, standing=_standing_regions(found))
    return _withdraw(request, found, form, "records:withdraw", f"records:consent {key}")


@permitted(P.SEE_OWN, patient="key")
@require_POST
def own_withdraw(request: HttpRequest, key: uuid.UUID, consent: uuid.UUID) -> HttpResponse:
    """Take one's own consent back."""
    found = _consent(request, consent)
    form = OwnWithdrawForm(request.POST, standing=_standing_regions(found))
    return _withdraw(request, found, form, "own_sheets:withdraw", f"own_sheets:consent {key}")


def _withdraw(
    request: HttpRequest, consent: Consent, form: WithdrawForm, withdraws_at: str, after: str
) -> HttpResponse:
    if not form.is_valid():
        return _consent_page(request, consent, form, withdraws_at, 422)
    user = signed_in_user(request)
    try:
        actions.withdraw(
            consent,
            form.cleaned_data["regions"],
            said_by=form.cleaned_data.get("said_by") or user.name,
            reason=form.cleaned_data["reason"],
            user=user,
            by=sender_of(request),
        )
    except actions.NothingToWithdraw:
        form.add_error("regions", "It was withdrawn already.")
        return _consent_page(request, consent, form, withdraws_at, 422)
    name, _, key = after.partition(" ")
    return redirect(name, key=key, consent=consent.pk)


@permitted(P.SEE_OWN, patient="key", shows="own consents")
def own_consents(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """What one agreed to, and the text to read at ease before a visit."""
    context = {"consents": consents_of(_patient(request)), "text": current_text()}
    return render(request, "records/consent/own_list.html", context)
