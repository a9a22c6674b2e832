"""What other systems fetch: a practitioner's calendar, and the clinic's free times for the public.

A feed's address is a secret of its practitioner and names nobody. The directory follows SMART
Scheduling Links: a manifest and lines of JSON, free of anything about patients.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.accounts.queries import actor_of
from clinic.audit.actions import record
from clinic.booking import rules
from clinic.booking.calendar import feed
from clinic.booking.directory import KINDS, lines_of, manifest
from clinic.booking.links import feed_token
from clinic.booking.models import Block, Bookable, Booking
from clinic.doors import Permission, anyone, permitted
from clinic.practice.models import Role

MOST_A_MINUTE = 60


@anyone
def practitioner_feed(_request: HttpRequest, token: str) -> HttpResponse:
    """A practitioner's booked time, for a calendar program that comes again and again.

    It ends with the account or the last post: the address was given once and is asked for nothing.
    """
    staff, _, _ = token.partition("-")
    here = Bookable.objects.filter(
        staff__postings__role=Role.PRACTITIONER,
        staff__postings__ended_at=None,
        staff__user__is_active=True,
    )
    row = here.filter(staff=int(staff)).first() if staff.isdecimal() else None
    if row is None or not compare_digest(
        token.encode(), feed_token(row.staff_id, row.feed_round).encode()
    ):
        raise Http404
    since = timezone.now() - timedelta(days=30)
    bookings = (
        Booking.objects.filter(staff=row.staff_id, starts_at__gte=since)
        .exclude(state__in=rules.FREE | rules.UNSURE)
        .select_related("site")
        .order_by("starts_at")
    )
    blocks = Block.objects.filter(staff=row.staff_id, ends_at__gte=since).order_by("starts_at")
    return HttpResponse(feed(bookings, blocks), content_type="text/calendar; charset=utf-8")


@permitted(Permission.BEGIN_VISITS)
@require_http_methods(["GET", "HEAD", "POST"])
def own_feed(request: HttpRequest) -> HttpResponse:
    """The address of one's own feed, and a button that makes a new one."""
    staff = request.duties.staff  # type: ignore[attr-defined]
    row = get_object_or_404(Bookable, staff=staff)
    if request.method == "POST":
        with transaction.atomic():
            Bookable.objects.filter(pk=row.pk).update(feed_round=F("feed_round") + 1)
            record("feed address renewed", by=actor_of(request), subject=f"staff:{staff.pk}")
        messages.success(request, "The feed has a new address. The old one no longer works.")
        return redirect("schedule:feed")
    path = f"/feeds/{feed_token(row.staff_id, row.feed_round)}.ics"
    address = settings.PLACE.address + path
    webcal = "webcal://" + address.partition("://")[2]
    return render(request, "booking/feed.html", {"address": address, "webcal": webcal})


@anyone
def bulk_manifest(request: HttpRequest) -> HttpResponse:
    """Where the files of the directory are."""
    if _reads_too_often(request):
        return _too_often()
    return _public(json.dumps(manifest()), "application/json")


@anyone
def bulk_file(request: HttpRequest, kind: str) -> HttpResponse:
    """One file of the directory: a resource a line."""
    if kind not in KINDS:
        raise Http404
    if _reads_too_often(request):
        return _too_often()
    return _public(_text(lines_of(kind)), "application/fhir+ndjson")


def _reads_too_often(request: HttpRequest) -> bool:
    """Whether one address asks for more than ten readings of a manifest and five files a minute.

    allauth limits no GET. Two that count at once may count as one: it is a limit, not a guard.
    """
    minute = int(timezone.now().timestamp() // 60)
    key = f"directory:{get_adapter().get_client_ip(request)}:{minute}"
    if cache.add(key, 1, 60):
        return False
    try:
        return cache.incr(key) > MOST_A_MINUTE
    except ValueError:  # it was let go in between
        return False


def _too_often() -> HttpResponse:
    response = HttpResponse("Come once a minute.\n", status=429, content_type="text/plain")
    response.headers["Retry-After"] = "60"
    return response


def _text(rows: Iterator[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)


def _public(text: str, kind: str) -> HttpResponse:
    response = HttpResponse(text, content_type=kind)
    response.is_public = True  # type: ignore[attr-defined]
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
