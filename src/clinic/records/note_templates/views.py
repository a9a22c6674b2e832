"""Pages of the clinic's own note templates; they hold nothing of any patient."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from clinic.accounts.keeping import kept_form, status
from clinic.accounts.queries import actor_of, sender_of
from clinic.doors import Permission, permitted
from clinic.practice.models import Staff
from clinic.practice.queries import Duties
from clinic.records.models import NoteTemplate
from clinic.records.note_templates.actions import ChangedMeanwhile, save_template
from clinic.records.note_templates.forms import NoteTemplateForm
from clinic.records.note_templates.queries import current_templates, versions_of
from clinic.records.note_templates.rules import FIXED, PLACES

P = Permission


def _staff(request: HttpRequest) -> Staff:
    duties: Duties = request.duties  # type: ignore[attr-defined]
    if duties.staff is None:
        raise Http404
    return duties.staff


@permitted(P.WRITE_TEMPLATES)
def templates(request: HttpRequest) -> HttpResponse:
    """The clinic's own templates, and those that every clinic has."""
    rows = list(current_templates())
    context = {
        "offered": [row for row in rows if row.is_offered],
        "put_away": [row for row in rows if not row.is_offered],
        "fixed": [(name, title) for name, (title, _) in FIXED.items()],
    }
    return render(request, "records/note_templates/list.html", context)


@permitted(P.WRITE_TEMPLATES)
def new_template(request: HttpRequest) -> HttpResponse:
    """A new template, from nothing or from one that every clinic has."""
    _, text = FIXED.get(request.GET.get("from", ""), ("", ""))
    form = kept_form(request, NoteTemplateForm, initial={"text": text, "version": 0})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        save_template(values["name"], values["text"], staff=_staff(request), by=sender_of(request))
        return redirect("records:templates")
    return _page(request, form)


@permitted(P.WRITE_TEMPLATES)
def template(request: HttpRequest, template: uuid.UUID) -> HttpResponse:
    """One template: its next version, and every former one."""
    versions = _versions(template)
    initial = {"name": versions[0].name, "text": versions[0].text, "version": versions[0].version}
    form = kept_form(request, NoteTemplateForm, template=template, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            save_template(
                values["name"],
                values["text"],
                staff=_staff(request),
                by=sender_of(request),
                template=template,
                based_on=values["version"] or 0,
                is_offered=versions[0].is_offered,
            )
        except ChangedMeanwhile as meanwhile:
            sent = {**request.POST.dict(), "version": str(meanwhile.latest.version)}
            form = NoteTemplateForm(sent, template=template)
            return _page(request, form, _versions(template), meanwhile.latest, 409)
        return redirect("records:templates")
    return _page(request, form, versions)


def _versions(template: uuid.UUID) -> list[NoteTemplate]:
    found = versions_of(template)
    if not found:
        raise Http404
    return found


def _page(
    request: HttpRequest,
    form: NoteTemplateForm,
    versions: list[NoteTemplate] | None = None,
    theirs: NoteTemplate | None = None,
    code: int | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "places": PLACES.items(),
        "versions": versions or [],
        "theirs": theirs,
        "standing": versions[0] if versions else None,
    }
    code = code or status(form, request)
    return render(request, "records/note_templates/template.html", context, status=code)


@permitted(P.WRITE_TEMPLATES)
@require_POST
def offer_template(request: HttpRequest, template: uuid.UUID) -> HttpResponse:
    """Put a template away, or offer it again; which of both the page that sent it says."""
    latest = _versions(template)[0]
    wanted = request.POST.get("offer") == "yes"
    if wanted != latest.is_offered:
        try:
            save_template(
                latest.name,
                latest.text,
                staff=_staff(request),
                by=actor_of(request),
                template=template,
                based_on=latest.version,
                is_offered=wanted,
            )
        except ChangedMeanwhile:
            return redirect("records:template", template=template)
    return redirect("records:templates")
