"""Roots, shares and identifiers as the assessment's pages say them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from myotome.report.evidence import known_sources
from myotome.report.words import basis_words, per_cent, upper_first
from myotome.sources import Source
from myotome.treatment import concern_words

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


@register.filter
def manner(dose: str) -> str:
    """How an insertion is made, to follow how many there are: a dose in words without its number.

    A plan of old kept the number that was proposed, and no words where a site was added.
    """
    how = dose.partition(", ")[2]
    return f", {how}" if how else "."


@register.filter
def concern(content: Mapping[str, Any]) -> str:
    """The level of concern of a plan as it was signed, as people are told it."""
    raised = ("blocked", "needs_clearing", "cleared", "cautions")
    is_raised = any(content["screening"][each] for each in raised)
    return concern_words(content["proposal"]["concern"], is_raised=is_raised)


@register.filter
def basis(certainty: str) -> str:
    """How sure a line of a table is, as a sentence begins with it."""
    return upper_first(basis_words(certainty))


@register.filter
def cited(names: Iterable[str]) -> list[Source]:
    """The sources of a line by their identifiers."""
    return [known_sources()[name] for name in names]
