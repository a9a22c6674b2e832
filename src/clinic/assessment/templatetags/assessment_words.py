"""Roots, shares and identifiers as the assessment's pages say them."""

from __future__ import annotations

from django import template

from myotome.report.words import per_cent

register = template.Library()


@register.filter
def root_words(name: str) -> str:
    """A root in words: `C6 right`."""
    return name.replace("-", " ")


@register.filter
def share(value: float) -> str:
    """A probability in whole per cents, never 0 and never 100."""
    return per_cent(float(value))


@register.filter
def words(name: str) -> str:
    """An identifier of a table in words."""
    return name.replace("_", " ")
