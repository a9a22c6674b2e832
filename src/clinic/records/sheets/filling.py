"""Filling in a sheet: one part on the page, saved by buttons and by the page's script."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from clinic.accounts.keeping import take_held
from clinic.records.beforehand import Health, health_before
from clinic.records.models import Sheet
from clinic.records.offline import kept
from clinic.records.screening.pages import Panel, panel
from clinic.records.screening.queries import answered_before
from clinic.records.screening.rules import FORM
from clinic.records.sheets import actions
from clinic.records.sheets.pages import Desk, groups, place_choices, said_elsewhere, urgent
from clinic.records.sheets.queries import draft_of
from clinic.records.sheets.rules import Raw, Reading, Values, as_typed, fields_of, read, typed
from clinic.records.sheets.versions import version_of
from clinic.treatment_rules import questions


def whole_number(text: str | None, otherwise: int) -> int:
    """A small whole number from a request, or `otherwise`."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else otherwise


class Filling:
    """One request for the page on which a sheet is filled in."""

    def __init__(self, request: HttpRequest, desk: Desk, sheet: Sheet) -> None:
        self.request, self.desk, self.sheet = request, desk, sheet
        self.draft = draft_of(sheet)
        if self.draft is not None:
            self.form = version_of(sheet.form, self.draft.version)
            self.parts = desk.parts(self.form)
            asked = whole_number(request.GET.get("part"), 1)
            self.number = min(max(asked, 1), len(self.parts))
            self.sections = self.parts[self.number - 1]
            self.health = self._health()
            self.before = self._before()

    def _before(self) -> Values:
        """What a screening was answered last time, for who asks it."""
        visit = self.sheet.visit
        is_asked = self.form.form == FORM and visit is not None and self.desk.is_staff
        return answered_before(visit) if is_asked and visit is not None else {}

    def _health(self) -> Health | None:
        """What was said beforehand to the questions of a screening, for who asks it."""
        visit = self.sheet.visit
        is_asked = self.form.form == FORM and visit is not None and self.desk.is_staff
        return health_before(visit) if is_asked and visit is not None else None

    def answer(self) -> HttpResponse:
        """The page, or what became of what was sent."""
        if self.draft is None:
            return redirect(self.desk.after(self.sheet))
        if self.request.method == "POST":
            return self._save()
        raw, revision = self.draft.raw, self.draft.revision
        if held := take_held(self.request):  # typed as the screen locked, in whichever part
            was_there = {name for name in typed(self.form.sections, held) if name in held}
            raw = {**raw, **{name: held[name] for name in was_there}}
            revision = whole_number(next(iter(held.get("revision", [])), ""), revision)
            for number, sections in enumerate(self.parts, start=1):
                if was_there & typed(sections, held).keys():
                    self.number, self.sections = number, sections
        return self._page(raw, revision)

    def _save(self) -> HttpResponse:
        sent = typed(self.sections, dict(self.request.POST.lists()))
        self._answer_the_rest(sent)
        self._answer_as_before(sent)
        based_on = whole_number(self.request.POST.get("revision"), 0)
        by_script = "save_quietly" in self.request.POST
        try:
            revision = actions.save_sheet(self.sheet, sent, self.desk.writer, based_on=based_on)
        except actions.NothingToSend:
            return redirect(self.desk.after(self.sheet))
        except actions.TypedElsewhere as elsewhere:
            if by_script:
                return HttpResponse(status=409)
            theirs = said_elsewhere(self.form, elsewhere.raw, elsewhere.clashes)
            shown = {**elsewhere.raw, **sent}
            return self._page(shown, elsewhere.revision, theirs=theirs, code=409)
        if by_script:
            return HttpResponse(str(revision), content_type="text/plain")
        return self._way_on(sent, revision)

    def _answer_the_rest(self, sent: Raw) -> None:
        """No to each question of a part that has no answer: staff say that they asked it.

        Not where words stand beside it: what they say may well be yes. Nor where something else
        was said beforehand: that is asked by itself.
        """
        asked = self.request.POST.get("rest")
        if not asked or not self.desk.is_staff:
            return
        said = self.health.by_question if self.health else {}
        for section in self.sections:
            for item in section.items:
                is_doubted = any(not answer.is_no for answer in said.get(item.key, []))
                has_words = any(words.strip() for words in sent.get(f"{item.key}.note", []))
                is_open = item.kind == "yes_no" and not sent[item.key] and not has_words
                is_open = is_open and not is_doubted
                if section.key == asked and is_open:
                    sent[item.key] = ["no"]

    def _answer_as_before(self, sent: Raw) -> None:
        """As last time for each question of a part that has no answer: staff say they asked it.

        Not what each visit asks by itself.
        """
        asked = self.request.POST.get("as_before")
        if not asked:
            return
        again = as_typed(self.form, self.before)
        for section in self.sections:
            for item in section.items:
                is_open = not any(sent.get(name) for name in fields_of(item))
                now = questions().get(item.key)  # a draft may be of an older version of the form
                if section.key == asked and is_open and now and not now.each_visit:
                    sent |= {name: again[name] for name in fields_of(item) if name in again}

    def _way_on(self, sent: Raw, revision: int) -> HttpResponse:
        """After a save by a button: where it leads, or here again with what cannot be read."""
        pressed = self.request.POST
        fill = self.desk.url("fill", self.sheet)
        here = f"{fill}?part={self.number}"
        last = self.number == len(self.parts)
        ways = {
            "draw": f"{self.desk.url('draw', self.sheet)}?page={self.number}"
            if "draw" in pressed
            else "",
            "back": f"{fill}?part={self.number - 1}",
            "row": f"{here}#{pressed.get('row', '')}",
            "rest": f"{here}#s-{pressed.get('rest', '')}",
            "as_before": f"{here}#s-{pressed.get('as_before', '')}",
            "keep": here if self.desk.kind == "tablet" else self.desk.after(self.sheet),
        }
        for name, where in ways.items():
            if name in pressed:
                return redirect(where)
        wrong = self._unreadable(sent)
        if wrong.problems:
            current = draft_of(self.sheet)
            raw = current.raw if current else sent
            return self._page(raw, revision, reading=wrong, code=422)
        if "sign" in pressed and self._sign(revision):
            return redirect(self.desk.after(self.sheet))
        on = self.desk.url("check", self.sheet) if last else f"{fill}?part={self.number + 1}"
        return redirect(on)

    def _sign(self, revision: int) -> bool:
        """Send without another look, where staff may; a correction says its reason first."""
        may = self.desk.is_staff and self.desk.may_send(self.form)
        if not may or self.sheet.submissions.exists():
            return False
        try:
            actions.send_sheet(self.sheet, self.desk.writer, based_on=revision)
        except (actions.NotReady, actions.TypedElsewhere, actions.NothingToSend):
            return False
        return True

    def _unreadable(self, sent: Raw) -> Reading:
        """What was typed here and cannot be read; what is only missing can wait."""
        reading = read(self.form, sent)
        here = {item.key for section in self.sections for item in section.items}
        return replace(
            reading,
            problems=tuple(
                each
                for each in reading.problems
                if each.item.key in here and any(sent.get(name) for name in fields_of(each.item))
            ),
        )

    def _page(
        self,
        raw: Raw,
        revision: int,
        *,
        reading: Reading | None = None,
        theirs: dict[str, str] | None = None,
        code: int = 200,
    ) -> HttpResponse:
        shown = groups(
            self.sections,
            raw,
            reading=reading,
            theirs=theirs,
            by_staff=self.desk.is_staff,
            before=self.before,
            said=self.health.by_question if self.health else None,
        )
        context = {
            "desk": self.desk,
            "sheet": self.sheet,
            "patient": self.desk.patient,
            "draft": self.draft,
            "form_version": self.form,
            "groups": shown,
            "wrong": [field for group in shown for field in group.fields if field.problem],
            "theirs": theirs,
            "revision": revision,
            "number": self.number,
            "count": len(self.parts),
            "places": place_choices(),
            "kept": kept(self.request),
            "urgent": [] if self.desk.is_staff else urgent(self.form, raw),
            "health": self.health,
            "panel": self._panel(),
            "visit": self.sheet.visit,
            "can_sign": self.desk.may_send(self.form) and not self.sheet.submissions.exists(),
            "urls": self.desk.urls(self.sheet),
            "here": f"{self.desk.url('fill', self.sheet)}?part={self.number}",
        }
        return render(self.request, "records/sheets/fill.html", context, status=code)

    def _panel(self) -> Panel | None:
        """What the answers typed so far would stop, beside the questions that ask it."""
        visit = self.sheet.visit
        return panel(visit) if self.form.form == FORM and visit is not None else None
