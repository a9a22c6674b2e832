"""Checking a sheet before it is sent: every answer in words, what is missing, and the sending."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from clinic.accounts.keeping import HANDED
from clinic.records.models import Sheet, SheetDraft
from clinic.records.sheets import actions
from clinic.records.sheets.filling import whole_number
from clinic.records.sheets.forms import ReasonForm
from clinic.records.sheets.pages import Desk, urgent
from clinic.records.sheets.queries import draft_of
from clinic.records.sheets.rules import lines, read
from clinic.records.sheets.versions import version_of


class Checking:
    """One request for the page on which a sheet is looked over and sent."""

    def __init__(self, request: HttpRequest, desk: Desk, sheet: Sheet) -> None:
        self.request, self.desk, self.sheet = request, desk, sheet
        self.is_correction = sheet.submissions.exists()
        is_sent = request.method == "POST" and self.is_correction
        self.reason = ReasonForm(request.POST if is_sent else None)

    def answer(self) -> HttpResponse:
        """The page, or what became of the sending."""
        draft = draft_of(self.sheet)
        if draft is None:
            return redirect(self.desk.after(self.sheet))
        code = self._send() if self.request.method == "POST" else 200
        if code != 302:
            return self._page(draft_of(self.sheet) or draft, code)
        if self.desk.kind == "tablet":
            self.request.session.pop(HANDED, None)  # still in a patient's hands, for no sheet
            return render(self.request, "records/sheets/tablet_done.html")
        return redirect(self.desk.after(self.sheet))

    def _send(self) -> int:
        """Send it; the status that tells how it went."""
        draft = draft_of(self.sheet)
        if draft and not self.desk.may_send(version_of(self.sheet.form, draft.version)):
            return 422
        if self.is_correction and not self.reason.is_valid():
            return 422
        why = self.reason.cleaned_data["reason"] if self.is_correction else ""
        based_on = whole_number(self.request.POST.get("revision"), 0)
        try:
            actions.send_sheet(self.sheet, self.desk.writer, based_on=based_on, reason=why)
        except actions.NotReady:
            return 422
        except actions.TypedElsewhere:
            return 409
        except actions.NothingToSend:
            pass  # sent already
        return 302

    def _page(self, draft: SheetDraft, code: int) -> HttpResponse:
        form = version_of(self.sheet.form, draft.version)
        reading = read(form, draft.raw)
        numbered = [
            (number, section)
            for number, part in enumerate(self.desk.parts(form), start=1)
            for section in part
        ]
        context = {
            "desk": self.desk,
            "sheet": self.sheet,
            "patient": self.desk.patient,
            "draft": draft,
            "form_version": form,
            "parts": [
                (number, section, lines(section, reading.values, reading))
                for number, section in numbered
            ],
            "problems": [
                (each, number)
                for each in reading.problems
                for number, section in numbered
                if each.item in section.items
            ],
            "urgent": [] if self.desk.is_staff else urgent(form, draft.raw),
            "is_correction": self.is_correction,
            "can_send": self.desk.may_send(form),
            "form": self.reason,
            "code": code,
            "urls": self.desk.urls(self.sheet),
        }
        return render(self.request, "records/sheets/check.html", context, status=code)
