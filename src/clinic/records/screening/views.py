"""Pages of a screening: ask it, clear what must be cleared, say that a visit is without needles."""

from __future__ import annotations

import uuid

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic.accounts.queries import actor_of, sender_of
from clinic.doors import Permission, permitted
from clinic.patients.models import Patient
from clinic.patients.rules import Standing
from clinic.practice.models import Role, Staff
from clinic.practice.queries import Duties
from clinic.records.models import Visit
from clinic.records.screening import actions
from clinic.records.screening.forms import ClearForm, TakeBackForm
from myotome.errors import InputError

P = Permission


def _visit(request: HttpRequest, visit: uuid.UUID) -> Visit:
    patient: Patient = request.patient  # type: ignore[attr-defined]
    return get_object_or_404(Visit, pk=visit, patient=patient)


def _staff(request: HttpRequest) -> Staff:
    duties: Duties = request.duties  # type: ignore[attr-defined]
    if duties.staff is None:
        raise Http404
    return duties.staff


def _practitioner(request: HttpRequest) -> Staff:
    """Only a practitioner clears; for others there is no such page."""
    standing: Standing = request.standing  # type: ignore[attr-defined]
    if Role.PRACTITIONER not in standing.roles:
        raise Http404
    return _staff(request)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def ask(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Ask the screening of a visit, or go on with it."""
    writer = actions.writer_of(_staff(request), actor_of(request))
    sheet = actions.ask(_visit(request, visit), writer)
    return redirect("records:fill", key=key, sheet=sheet.pk)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def clear(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Clear what had to be cleared first."""
    found, staff, form = _visit(request, visit), _practitioner(request), ClearForm(request.POST)
    if form.is_valid():
        try:
            actions.clear(found, staff=staff, by=sender_of(request), **form.cleaned_data)
        except InputError as error:
            form.add_error(None, str(error))
        else:
            return _back(key, visit)
    return _again(request, form, "Clear what must be cleared first", "Clear it")


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def take_back(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Take a clearance back."""
    found, staff, form = _visit(request, visit), _practitioner(request), TakeBackForm(request.POST)
    if form.is_valid():
        try:
            actions.take_back(found, staff=staff, by=sender_of(request), **form.cleaned_data)
        except InputError as error:
            form.add_error(None, str(error))
        else:
            return _back(key, visit)
    return _again(request, form, "Take a clearance back", "Take it back")


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def needles(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Say that a visit is without needles, or take that back."""
    is_without = request.POST.get("without") == "1"
    actions.say_needles(_visit(request, visit), is_without=is_without, by=actor_of(request))
    return _back(key, visit)


def _again(request: HttpRequest, form: forms.Form, heading: str, act: str) -> HttpResponse:
    context = {"form": form, "heading": heading, "act": act}
    return render(request, "form_page.html", context, status=422)


def _back(key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    where = reverse("records:visit", kwargs={"key": key, "visit": visit})
    return redirect(f"{where}#screening")
