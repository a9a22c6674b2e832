"""The small forms of a plan that each change one thing, and where a mistake in one is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import template

from clinic.assessment.models import PlanChange

register = template.Library()

Kind = PlanChange.Kind


class Act(NamedTuple):
    """What a form asks for: a number or words if they are named, why, and its button's words."""

    number: str
    why: str
    button: str
    of_what: str = ""
    words: str = ""


ACTS: Mapping[str, Act] = {
    Kind.VISIT: Act("Visit", "Why (optional)", "Move"),
    Kind.INSERTIONS: Act("Insertions", "Why (optional)", "Set", "insertions, "),
    Kind.REMOVE: Act("", "Reason", "Take out"),
    Kind.DROP: Act("", "Reason", "Leave out"),
    Kind.ADJUNCT: Act("", "Reason", "Add it", words="What, and how much"),
    Kind.DOSE: Act("", "Reason", "Set", "the dose of ", words="How much"),
    Kind.SESSIONS: Act("Visits", "Why (optional)", "Set the number of visits"),
}


def field_id(kind: str, field: str, of: object) -> str:
    """The name within its page of the field `to`, `words` or `reason` of a form."""
    return f"{kind}-{field}-{of}" if of else f"{kind}-{field}"


@register.inclusion_tag("assessment/plan_act.html", takes_context=True)
def plan_act(  # noqa: PLR0917 - as a template says it
    context: Mapping[str, Any],
    kind: str,
    at: str = "",
    name: str = "",
    of: object = "",
    to: object = "",
) -> dict[str, Any]:
    """One form; what was typed into it and not taken stands in it, with what is wrong.

    Args:
        context: Of the page: `typed` is the form that was refused, if one was.
        kind: The kind of change.
        at: What is changed, as the form names it.
        name: The same in words.
        of: What tells its fields from those of other forms of its kind.
        to: The number as it stands in the plan.
    """
    typed = context.get("typed") or {}
    mine = typed if (typed.get("kind"), typed.get("at")) == (kind, at) else {}
    before = context.get("of_example", "")
    return {
        "act": ACTS[kind],
        "kind": kind,
        "at": at,
        "name": name,
        "to": mine.get("to", to),
        "words": mine.get("words", ""),
        "reason": mine.get("reason", ""),
        "wrong": mine.get("wrong", ""),
        "wrong_in": mine.get("wrong_in", ""),
        "to_id": before + field_id(kind, "to", of),
        "words_id": before + field_id(kind, "words", of),
        "reason_id": before + field_id(kind, "reason", of),
        **{name: context.get(name) for name in ("patient", "plan", "number", "csrf_token")},
    }
