"""Reads of note templates: what stands now, and every version."""

from __future__ import annotations

import uuid

from django.db.models import Exists, OuterRef, QuerySet

from clinic.records.models import NoteTemplate


def current_templates() -> QuerySet[NoteTemplate]:
    """The newest version of each of the clinic's templates, by name; also those put away."""
    newer = NoteTemplate.objects.filter(
        template=OuterRef("template"), version__gt=OuterRef("version")
    )
    return NoteTemplate.objects.filter(~Exists(newer)).select_related("staff").order_by("name")


def versions_of(template: uuid.UUID) -> list[NoteTemplate]:
    """Every version of one, the newest first."""
    rows = NoteTemplate.objects.filter(template=template).select_related("staff")
    return list(rows.order_by("-version"))
