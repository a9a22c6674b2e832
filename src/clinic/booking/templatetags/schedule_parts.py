"""The parts of a schedule that stand there hundreds of times: a visit in the grid, and its line.

Each is put together in one step. The template language takes a step for each of their ten values,
which cost a full day a fifth of all its time. Every value is escaped here as it is there.
"""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.booking.booked import LACKS_FORMS, Booked

register = template.Library()

IN_GRID = (
    '<a class="visit {classes}" href="{visits}{key}/" tabindex="-1" draggable="{draggable}"'
    ' data-version="{version}" data-service="{service}" data-name="{who}">'
    '<strong>{clock}</strong> {who} <span class="caption">{about}</span></a>'
)
LINE = (
    '<tr><th scope="row">{time}</th>'
    '<td data-label="Who"><a href="{visits}{key}/">{who}</a></td>'
    '<td data-label="Visit">{service}</td><td data-label="With">{staff}</td>'
    '<td data-label="Room">{room}</td><td data-label="State">{state}</td></tr>\n'
)


@register.simple_tag
def visit_in_grid(visit: Booked, visits: str, by_room: bool = False) -> SafeString:
    """A visit as the grid shows it and as its script lifts it; beneath a room nothing is lifted."""
    return format_html(
        IN_GRID,
        classes=f"{visit.state} second" if visit.lane else visit.state,
        visits=visits,
        key=visit.pk,
        draggable="true" if visit.can_move and not by_room else "false",
        version=visit.version,
        service=visit.service_id,
        who=visit.who,
        clock=visit.clock,
        about=visit.about_in_room if by_room else visit.about,
    )


@register.simple_tag
def line_of_visit(visit: Booked, visits: str, of_week: bool) -> SafeString:
    """A visit as the list below the grid shows it; of a week with its day."""
    state = visit.label
    if visit.lane:
        state += f" (second lane: {visit.reason_for_lane})"
    if visit.lacks_forms:
        state += f", {LACKS_FORMS}"
    return format_html(
        LINE,
        time=f"{visit.local:%a %d-%b %H:%M}" if of_week else visit.clock,
        visits=visits,
        key=visit.pk,
        who=visit.who,
        service=visit.service,
        staff=visit.staff,
        room=visit.room or "None",
        state=state,
    )
