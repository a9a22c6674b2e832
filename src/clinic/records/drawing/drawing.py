"""Drawing on a sheet: choose a part of the figure, what is felt and how strongly, add or remove.

An address ends in the logs of a proxy, and where it hurts does not belong there: a part stands in
it under a name that only this clinic can read, another one on each sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode

from clinic.body_drawing import closer, parts, sides, whole
from clinic.records.drawing.pages import on_the_figure
from clinic.records.drawing.rules import FEELINGS, NOTHING, part_words, read_parts
from clinic.records.models import Sheet
from clinic.records.sheets import actions
from clinic.records.sheets.filling import whole_number
from clinic.records.sheets.pages import Desk, drawn_words
from clinic.records.sheets.queries import draft_of
from clinic.records.sheets.rules import SCALE
from clinic.records.sheets.versions import version_of
from myotome.errors import InputError


def name_in_address(sheet: Sheet, part: str) -> str:
    """What a part of the figure is called in the addresses of one sheet."""
    return salted_hmac("clinic.records.drawing.part", f"{sheet.pk}:{part}").hexdigest()[:16]


class Drawing:
    """One request for the page on which a drawing is made."""

    def __init__(self, request: HttpRequest, desk: Desk, sheet: Sheet) -> None:
        self.request, self.desk, self.sheet = request, desk, sheet
        self.draft = draft_of(sheet)
        self.names = {key: name_in_address(sheet, key) for key in parts()}
        asked = request.GET.get("part", "")
        self.part = next((parts()[key] for key, name in self.names.items() if name == asked), None)
        self.page = whole_number(request.GET.get("page"), 1)
        self.problem = ""
        self.theirs: list[str] = []
        if self.draft is not None:
            form = version_of(sheet.form, self.draft.version)
            items = [item for item in form.items if item.kind == "drawing"]
            if not items:
                raise Http404
            self.item = items[0]

    def answer(self) -> HttpResponse:
        """The page, or what became of what was sent."""
        if self.draft is None:
            return redirect(self.desk.after(self.sheet))
        if self.request.method != "POST":
            return self._page(self.draft.raw.get(self.item.key, []), self.draft.revision)
        return self._save(self.request.POST.getlist("line"))

    def _save(self, had: list[str]) -> HttpResponse:
        pressed = self.request.POST
        lines = self._changed(had)
        revision = whole_number(pressed.get("revision"), 0)
        if self.problem:
            return self._page(had, revision, 422)
        sent = {self.item.key: lines}
        writer = self.desk.writer
        if "add" not in pressed:  # what was chosen for a part is not taken by another button
            writer = replace(writer, actor=replace(writer.actor, form=""))
        try:
            actions.save_sheet(self.sheet, sent, writer, based_on=revision)
        except actions.NothingToSend:
            return redirect(self.desk.after(self.sheet))
        except actions.TypedElsewhere as elsewhere:
            self.theirs = [drawn_words(each) for each in elsewhere.raw.get(self.item.key, [])]
            return self._page(lines, elsewhere.revision, 409)
        if "done" in pressed or "nothing" in pressed:
            return redirect(f"{self.desk.url('fill', self.sheet)}?part={self.page}")
        return redirect(f"{self._here(self.part.key if self.part else '')}#drawn")

    def _changed(self, had: list[str]) -> list[str]:
        """The lines of the drawing after what was pressed."""
        pressed = self.request.POST
        if "nothing" in pressed:
            return [NOTHING]
        if removed := pressed.get("remove"):
            return [line for line in had if line != removed]
        if "add" not in pressed:
            return had
        chosen, feeling = pressed.getlist("place"), pressed.get("feeling", "")
        strength = pressed.get("strength", "")
        if not chosen:
            self.problem = "Choose one or more parts, on the picture or in the list."
        elif not feeling:
            self.problem = "Choose how it feels."
        elif not strength:
            self.problem = "Choose how strong it is, 0 to 10."
        added = [f"{place}:{feeling}:{strength}" for place in chosen]
        over = {line.rpartition(":")[0] for line in added}
        lines = [line for line in had if line != NOTHING and line.rpartition(":")[0] not in over]
        try:
            read_parts([] if self.problem else added)
        except InputError as error:
            self.problem = str(error)
        return [*lines, *added]

    def _here(self, part: str = "") -> str:
        asked = {"page": self.page} | ({"part": self.names[part]} if part else {})
        return f"{self.desk.url('draw', self.sheet)}?{urlencode(asked)}"

    def _page(self, lines: list[str], revision: int, code: int = 200) -> HttpResponse:
        felt = _readable(lines)
        context: dict[str, Any] = {
            "desk": self.desk,
            "sheet": self.sheet,
            "patient": self.desk.patient,
            "item": self.item,
            "revision": revision,
            "lines": [(line, drawn_words(line)) for line in lines],
            "part": self.part,
            "feelings": FEELINGS.items(),
            "strengths": [str(number) for number in SCALE],
            "problem": self.problem,
            "theirs": self.theirs,
            "here": self._here(self.part.key if self.part else ""),
            "all_of_it": self._here(),
            "chosen": self.request.POST.getlist("place") if self.problem else [],
            "feeling": self.request.POST.get("feeling", ""),
            "strength": self.request.POST.get("strength", ""),
            "fill_url": f"{self.desk.url('fill', self.sheet)}?part={self.page}",
        }
        is_own = not self.desk.is_staff
        if self.part:
            places = self.part.places
            names = {place: f"#at-{'-'.join(place)}" for place in places}
            context["picture"] = closer(self.part, on_the_figure(felt, names), names)
            context["sides"] = sides(
                self.part.lens or self.part.view, self.part.side, is_own=is_own
            )
            context["places"] = [
                (":".join(place), "-".join(place), part_words(*place), self._felt(place, felt))
                for place in places
            ]
        else:
            links = {key: self._here(key) for key in parts()}
            drawn = on_the_figure(felt)
            front = whole("front", drawn, title="The body from the front", links=links)
            back = whole("back", drawn, title="The body from behind", links=links)
            context["pictures"] = [
                ("Front", sides("front", is_own=is_own), front),
                ("Back", sides("back", is_own=is_own), back),
            ]
            context["parts"] = [(part, links[part.key]) for part in parts().values()]
        return render(self.request, "records/drawing/draw.html", context, status=code)

    @staticmethod
    def _felt(place: tuple[str, str], felt: list[Mapping[str, Any]]) -> str:
        return ", ".join(
            f"{FEELINGS[each['feeling']].lower()} {each['intensity']}"
            for each in felt
            if (each["region"], each["side"]) == place
        )


def _readable(lines: list[str]) -> list[Mapping[str, Any]]:
    """The parts of a drawing as far as they can be read."""
    found: list[Mapping[str, Any]] = []
    for line in lines:
        try:
            found += (read_parts([line]) or {"parts": []})["parts"]
        except InputError:
            continue
    return found
