"""What can be booked when: kinds of visit, practitioners, hours, leave, rooms, rules of sites."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.keeping import kept_form, status
from clinic.accounts.queries import sender_of
from clinic.audit.actions import record
from clinic.booking.forms import SETUP
from clinic.booking.models import Away, Bookable, BookingRules, Hours, Room, Service
from clinic.booking.queries import unauthorised
from clinic.booking.unsupported import all_unsupported
from clinic.doors import Permission, permitted
from clinic.practice.queries import today

P = Permission
REMOVED = ("hours", "away")  # what else is set up has an end of its own


@permitted(P.SET_UP_BOOKING)
def overview(request: HttpRequest) -> HttpResponse:
    """Everything that is set up, on one page."""
    groups = [
        ("service", "Kinds of visit", Service.objects.order_by("-is_active", "name")),
        (
            "practitioner",
            "Practitioners",
            Bookable.objects.select_related("staff").order_by("staff__name"),
        ),
        (
            "hours",
            "Weekly hours",
            Hours.objects.exclude(last_day__lt=today())
            .select_related("staff", "site")
            .order_by("staff__name", "weekday", "starts"),
        ),
        (
            "away",
            "Leave, holidays, exceptions",
            Away.objects.filter(last_day__gte=today())
            .select_related("staff", "site")
            .order_by("first_day"),
        ),
        ("room", "Rooms and equipment", Room.objects.select_related("site").order_by("name")),
        ("rules", "Rules of sites", BookingRules.objects.select_related("site").order_by("pk")),
    ]
    context = {
        "groups": groups,
        "unauthorised": unauthorised(),
        "unsupported": all_unsupported(),
        "removed": REMOVED,
    }
    return render(request, "booking/setup.html", context)


@permitted(P.SET_UP_BOOKING)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, kind: str, pk: int = 0) -> HttpResponse:
    """Add or change one row."""
    if kind not in SETUP:
        raise Http404
    name, form_class = SETUP[kind]
    options: dict[str, Any] = {}
    if pk:
        model = form_class._meta.model  # noqa: SLF001 - Django's own way to ask
        options["instance"] = get_object_or_404(model, pk=pk)
    form: forms.ModelForm[Any] = kept_form(request, form_class, **options)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            before = _left() if kind in REMOVED else set()
            row = form.save()
            record(
                "booking set up",
                by=sender_of(request),
                subject=f"{kind}:{row.pk}",
                fields=sorted(form.changed_data),
            )
            if kind in REMOVED:
                _tell(request, _left() - before)
        return redirect("schedule:setup")
    context = {"form": form, "heading": name, "act": "Save"}
    return render(request, "form_page.html", context, status=status(form, request))


@permitted(P.SET_UP_BOOKING)
@require_POST
def remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take hours or leave away again; the audit keeps what it was."""
    if kind not in REMOVED:
        raise Http404
    row: Hours | Away = (
        get_object_or_404(Hours, pk=pk) if kind == "hours" else get_object_or_404(Away, pk=pk)
    )
    with transaction.atomic():
        before = _left()
        record(
            "booking set-up removed",
            by=sender_of(request),
            subject=f"{kind}:{row.pk}",
            was=str(row),
            staff=row.staff_id or 0,
            site=row.site_id or 0,
            first_day=row.first_day.isoformat(),
            last_day=row.last_day.isoformat() if row.last_day else "",
        )
        row.delete()
        _tell(request, _left() - before)
    return redirect("schedule:setup")


def _left() -> set[uuid.UUID]:
    """Visits to come that nobody is there to give."""
    return {row.pk for row, _ in all_unsupported()}


def _tell(request: HttpRequest, left: set[uuid.UUID]) -> None:
    """How many visits have lost their time by what was just said; nobody moves them unasked."""
    if not left:
        return
    count, them = (
        ("1 visit now lies", "it") if len(left) == 1 else (f"{len(left)} visits now lie", "them")
    )
    told = f"{count} outside hours or in leave. Nothing was moved and nobody was written to: see"
    link = format_html('<a href="#unsupported">{} below</a>', them)
    messages.warning(request, format_html("{} {}.", told, link))
