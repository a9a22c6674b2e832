"""Words for templates: dates, phone numbers and lists as the clinic writes them."""

from __future__ import annotations

from datetime import date

from django import template

register = template.Library()


@register.filter
def day(value: date | None) -> str:
    """A date for staff: `09-Mar-2027`, the month in letters so that no order can be mistaken."""
    return f"{value:%d-%b-%Y}" if value else "Not known"


@register.filter
def long_day(value: date | None) -> str:
    """A date for patients: `Tuesday 9 March 2027`."""
    return f"{value:%A} {value.day} {value:%B %Y}" if value else "Not known"


@register.filter
def iso_day(value: str) -> str:
    """A date kept as text, for patients: `Tuesday 9 March 2027`."""
    return long_day(date.fromisoformat(value))


@register.filter
def known(value: object) -> str:
    """A value, or the plain statement that it is not known."""
    return str(value) if value not in {None, ""} else "Not known"
