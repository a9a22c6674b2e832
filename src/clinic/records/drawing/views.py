"""Pages of drawings: make one, and look at all of a person's side by side."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.doors import Permission, Who, door, permitted
from clinic.records.drawing.drawing import Drawing
from clinic.records.drawing.pages import by_feeling, drawings_of
from clinic.records.drawing.rules import FEELINGS
from clinic.records.sheets.pages import Desk
from clinic.records.sheets.views import chart_desk, own_desk, sheet_of, tablet_desk

P = Permission


@permitted(P.WRITE_CHART, patient="key", shows="drawing being made")
def draw(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Draw for a patient who says where."""
    desk = chart_desk(request)
    return Drawing(request, desk, sheet_of(desk, sheet)).answer()


@permitted(P.SEE_OWN, patient="key", shows="own drawing being made")
def own_draw(request: HttpRequest, key: uuid.UUID, sheet: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Make one's own drawing."""
    desk = own_desk(request)
    return Drawing(request, desk, sheet_of(desk, sheet)).answer()


@door(Who.LOCKED, shows="form on the tablet")
def tablet_draw(request: HttpRequest, sheet: uuid.UUID) -> HttpResponse:
    """Make one's own drawing on the clinic's tablet."""
    return Drawing(request, *tablet_desk(request, sheet)).answer()


@permitted(P.READ_CHART, patient="key", shows="drawings")
def drawings(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """A person's drawings: how large, how much the same, what was and is no more."""
    return _drawings(request, chart_desk(request))


@permitted(P.SEE_OWN, patient="key", shows="own drawings")
def own_drawings(request: HttpRequest, key: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """One's own drawings, side by side."""
    return _drawings(request, own_desk(request))


def _drawings(request: HttpRequest, desk: Desk) -> HttpResponse:
    shown = drawings_of(desk.patient)
    context = {
        "desk": desk,
        "shown": shown,
        "pictured": [(each, each.figures(is_own=not desk.is_staff)) for each in shown[:2]],
        "feelings": FEELINGS.items(),
        "by_feeling": by_feeling(shown),
        "days": [each.submission.sent_at for each in reversed(shown)],
    }
    return render(request, "records/drawing/drawings.html", context)
