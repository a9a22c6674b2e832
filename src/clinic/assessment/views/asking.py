"""What each page of the assessment asks of its request; the gate has decided before."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from clinic.accounts.queries import actor_of
from clinic.assessment import actions
from clinic.patients.models import Patient
from clinic.patients.rules import Standing
from clinic.practice.models import Staff
from clinic.practice.queries import Duties
from clinic.records.models import Visit


def patient_of(request: HttpRequest) -> Patient:
    """Whose record it is."""
    patient: Patient = request.patient  # type: ignore[attr-defined]
    return patient


def roles_of(request: HttpRequest) -> frozenset[str]:
    """What somebody is where this patient belongs."""
    standing: Standing = request.standing  # type: ignore[attr-defined]
    return standing.roles


def staff_of(request: HttpRequest) -> Staff:
    """Who asks."""
    duties: Duties = request.duties  # type: ignore[attr-defined]
    if duties.staff is None:
        raise Http404
    return duties.staff


def visit_of(request: HttpRequest, visit: uuid.UUID) -> Visit:
    """A visit of this patient, and of nobody else."""
    return get_object_or_404(
        Visit.objects.select_related("staff", "site", "patient"),
        pk=visit,
        patient=patient_of(request),
    )


def model_is_shown(request: HttpRequest, visit: Visit) -> None:
    """Keep that whoever asks is shown the model's answer of a visit, on whatever page."""
    actions.mark_shown(visit, staff=staff_of(request), by=actor_of(request))


def is_part(request: HttpRequest) -> bool:
    """Whether a script asked for a part of the page."""
    return request.headers.get("X-Part") == "yes"
