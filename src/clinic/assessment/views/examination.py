"""The examination: the body, a zone of it, a place and its signs, and what the signs fit so far.

Without a script each zone and place is a page of its own with one form; with one the same parts
come into one page and each tap is saved at once. The answer of the model is a part of its own, so
that what was found never waits for it.
"""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from clinic.accounts.keeping import kept_form, take_held
from clinic.accounts.queries import actor_of, sender_of
from clinic.assessment import actions, inference, pictures
from clinic.assessment.forms import (
    FOUND,
    WORDS,
    Field,
    HabitForm,
    ImpressionForm,
    fields_of,
    sent_readings,
    sent_words,
    words_beside,
)
from clinic.assessment.places import (
    SKIN_SEEN,
    Key,
    Place,
    Row,
    all_rows,
    beside,
    entries,
    home_of,
    name_of,
    named,
    place,
    place_at,
    places,
)
from clinic.assessment.queries import (
    Standing,
    changes_of,
    facts_of,
    impression_of,
    key_of,
    readings_before,
    readings_of,
    remarks_of,
    wants_impression_first,
)
from clinic.assessment.rules import (
    Reading,
    canonical_json,
    findings_of,
    may_conclude,
    reading,
    result_of,
)
from clinic.assessment.teaching import teaching
from clinic.assessment.views.asking import is_part, model_is_shown, roles_of, staff_of, visit_of
from clinic.audit.actions import take
from clinic.doors import Permission, Who, door, permitted
from clinic.patients.rules import may
from clinic.records.models import Visit
from clinic.records.offline import kept_lasting

P = Permission
LEFT_TO_REPEAT = 40


def _address(visit: Visit, name: str, **more: int) -> str:
    return reverse(
        f"assessment:{name}", kwargs={"key": visit.patient_id, "visit": visit.pk, **more}
    )


@permitted(P.WRITE_CHART, patient="key", shows="examination")
def examination(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """The whole examination of a visit."""
    found = visit_of(request, visit)
    standing = readings_of(found)
    only = request.GET.get("only") if is_part(request) else None
    if only == "figures":
        return render(request, "assessment/figures.html", _figures(found, standing))
    if only == "lists":
        return render(request, "assessment/lists.html", {"visit": found, **_lists(found, standing)})
    inference.warm_up()
    return render(
        request,
        "assessment/examination.html",
        {
            "visit": found,
            "by": staff_of(request),
            "kept": kept_lasting(request),
            **body_chart(found, standing),
            **_lists(found, standing),
            **_answer(request, found, standing),
            "standing": standing,
            "contested": _contested(standing),
            "may_conclude": may_conclude(roles_of(request)),
            "habit_form": HabitForm(
                initial={"impression_first": wants_impression_first(staff_of(request))}
            ),
        },
    )


def body_chart(visit: Visit, standing: Standing) -> dict[str, Any]:
    """The body to touch, front and back, and its twin as a list."""
    return {**_figures(visit, standing), **_twin(standing)}


def _lists(visit: Visit, standing: Standing) -> dict[str, Any]:
    """What was found today, and what was found last time and not looked at since."""
    before, old = readings_before(visit)
    return {
        "recorded": _listed(standing),
        "remarks": [(beside(key), home_of(key), rows) for key, rows in remarks_of(visit).items()],
        "before": before,
        "to_repeat": _to_repeat(standing, old),
    }


def _figures(visit: Visit, standing: Standing) -> dict[str, Any]:
    """The body from the front and from behind, with what stands on it."""
    marks = pictures.marks_of(standing.recorded)

    def address(zone: pictures.Zone) -> str:
        return _address(visit, "zone", zone=zone.number)

    return {
        "front": pictures.overview("front", marks, address),
        "back": pictures.overview("back", marks, address),
    }


def _twin(standing: Standing) -> dict[str, Any]:
    """The same places as a list."""
    counts = pictures.counts(standing.recorded)
    return {
        "twin": [
            (
                zone,
                [(one, counts.get(one.number, 0)) for one in zone.places],
                _ladder(zone, counts),
            )
            for zone in pictures.zones()
        ],
        "sides": [place_at("side", "", side) for side in ("right", "left")],
        "posture": places()[-1],
    }


def _listed(standing: Standing) -> list[tuple[str, str, Place | None, Any]]:
    """What was found, in words, in the order in which it was written; absent signs are counted."""
    rows = sorted(standing.recorded.items(), key=lambda item: item[1].pk)
    return [
        (name_of(key), result_of(key, row), home_of(key), row)
        for key, row in rows
        if row.grade != 0
    ]


def _contested(standing: Standing) -> list[tuple[str, Place | None]]:
    return [(name_of(key), home_of(key)) for key in standing.aside]


def _to_repeat(standing: Standing, old: dict[Key, Any]) -> list[tuple[str, str, Place]]:
    """What was there last time and was not looked for today: to be looked at, never copied."""
    found = [
        (name_of(key), result_of(key, row), home)
        for key, row in sorted(old.items())
        if row.grade != 0 and key not in standing.recorded
        for home in [home_of(key)]
        if home is not None
    ]
    return found[:LEFT_TO_REPEAT]


# --------------------------------------------------------------- a zone, a place


def zone_chart(visit: Visit, one: pictures.Zone, standing: Standing) -> dict[str, Any]:
    """One zone enlarged, its places as a list, and beside the spine its ladder of levels."""
    counts = pictures.counts(standing.recorded)
    return {
        "zone": one,
        "picture": pictures.enlarged(
            one,
            pictures.marks_of(standing.recorded),
            lambda at: _address(visit, "place", place=at.number),
        ),
        "listed": [(at, counts.get(at.number, 0)) for at in one.places],
        "ladder": _ladder(one, counts),
    }


def _ladder(one: pictures.Zone, counts: dict[int, int]) -> list[tuple[str, Place, int, Place, int]]:
    return [
        (name, left, counts.get(left.number, 0), right, counts.get(right.number, 0))
        for name, left, right in one.ladder
    ]


@permitted(P.WRITE_CHART, patient="key", shows="examination")
def zone(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID, zone: int) -> HttpResponse:  # noqa: ARG001
    """One zone of the body, enlarged, with its places as a list beside it."""
    found, one = visit_of(request, visit), pictures.zone(zone)
    if one is None:
        raise Http404
    context = {"visit": found, **zone_chart(found, one, readings_of(found))}
    name = "assessment/zone.html" if is_part(request) else "assessment/zone_page.html"
    return render(request, name, context)


@permitted(P.WRITE_CHART, patient="key", shows="examination")
def place_page(
    request: HttpRequest,
    key: uuid.UUID,  # noqa: ARG001
    visit: uuid.UUID,
    place: int,
) -> HttpResponse:
    """One place: its signs, what stands, what stood last time; saves what is sent."""
    found, one = visit_of(request, visit), _place(place)
    if request.method != "POST":
        held = take_held(request)
        typed = _as_form(held) if held else None
        return _place_part(request, found, one, readings_of(found), typed=typed)
    by, staff = actor_of(request), staff_of(request)
    if "undo" in request.POST:
        saved = actions.take_back_together(found, _uuid(request.POST["undo"]), staff=staff, by=by)
        return _after(request, found, one, saved.standing)
    standing = readings_of(found)
    sent, said = sent_readings(request.POST, standing.current), sent_words(request.POST)
    wrong = sent.wrong | said.wrong
    actions.record_remarks(found, said.words, staff=staff, by=by, seen=said.seen)
    readings = list(sent.readings)
    is_one_act = False
    if "hold" in request.POST:
        readings.append(_held_choice(request.POST["hold"], standing))
    if "rest" in request.POST and not wrong:
        if readings:
            standing = actions.record_readings(
                found, readings, staff=staff, by=by, is_form=True
            ).standing
        readings, is_one_act = _rest(one, standing), True
    saved = actions.record_readings(
        found, readings, staff=staff, by=by, is_one_act=is_one_act, is_form=True
    )
    if not wrong:
        with transaction.atomic():  # of two acts, so that it is taken when both are done
            take(sender_of(request))
    if wrong or saved.aside:
        return _shown_again(request, found, one, saved, wrong)
    return _after(request, found, one, saved.standing)


def _shown_again(
    request: HttpRequest, visit: Visit, one: Place, saved: actions.Saved, wrong: dict[str, str]
) -> HttpResponse:
    """A place with what could not be taken, or with two readings of which one holds."""
    typed, code = (request.POST, 422) if wrong else (None, 409)
    return _place_part(request, visit, one, saved.standing, typed=typed, wrong=wrong, code=code)


@permitted(P.WRITE_CHART, patient="key", shows="examination")
@require_POST
def taps(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Readings as they were tapped, of one place or of several; what stands then, and the numbers.

    Without a script it is a form that was held while the screen was locked.
    """
    found = visit_of(request, visit)
    staff, by = staff_of(request), actor_of(request)
    sent, said = sent_readings(request.POST), sent_words(request.POST)
    wrong = sent.wrong | said.wrong
    actions.record_remarks(found, said.words, staff=staff, by=by)
    saved = actions.record_readings(found, sent.readings, staff=staff, by=by)
    if request.headers.get("Accept", "").startswith("application/json"):
        return _told(request, found, saved, wrong)
    if wrong or saved.aside:
        of = next((one for one in all_rows() if _is_sent(one, request.POST)), None)
        one = home_of(of) if of else None
        if one is not None:
            return _shown_again(request, found, one, saved, wrong)
    return redirect("assessment:examination", key=key, visit=visit)


def _is_sent(key: Key, data: QueryDict) -> bool:
    return f"{FOUND}{key}" in data or f"{WORDS}{key}" in data


def _after(request: HttpRequest, visit: Visit, one: Place, standing: Standing) -> HttpResponse:
    if is_part(request):
        return _place_part(request, visit, one, standing)
    return redirect("assessment:place", key=visit.patient_id, visit=visit.pk, place=one.number)


def _place(number: int) -> Place:
    one = place(number)
    if one is None:
        raise Http404
    return one


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


def _as_form(held: dict[str, list[str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in held.items():
        data.setlist(name, values)
    return data


def _held_choice(text: str, standing: Standing) -> Reading:
    """The one of several contested readings that holds, by the row it was written in."""
    try:
        row = next(
            each
            for key, rows in standing.aside.items()
            for each in (standing.current[key], *rows)
            if each.pk == int(text)
        )
    except (StopIteration, ValueError):
        raise Http404 from None
    key = key_of(row)
    return Reading(
        key,
        standing.current[key].revision,
        grade=row.grade,
        value=row.value,
        unit=row.unit,
        compared=row.compared,
        limited_by=row.limited_by,
        test=row.test,
    )


def _rest(one: Place, standing: Standing) -> list[Reading]:
    """Everything a look and a hand over the place have looked for and that has no reading yet."""
    return [
        reading(row.key, held.revision if (held := standing.current.get(row.key)) else 0, 0.0)
        for row in one.passed_over
        if row.key not in standing.recorded
    ]


def _place_part(
    request: HttpRequest,
    visit: Visit,
    one: Place,
    standing: Standing,
    *,
    typed: QueryDict | None = None,
    wrong: dict[str, str] | None = None,
    code: int = 200,
) -> HttpResponse:
    before, old = readings_before(visit)
    fields = fields_of(one.rows, standing, old, typed, wrong)
    remarks, me = remarks_of(visit), staff_of(request)
    rest = [row for row in one.passed_over if row.key not in standing.recorded]
    acts = {row.together for row in standing.recorded.values() if row.together}
    here = {row.key for row in one.rows}
    undo = [
        (act, sum(row.together == act for row in standing.recorded.values()))
        for act in acts
        if any(row.together == act and key in here for key, row in standing.recorded.items())
    ]
    context = {
        "visit": visit,
        "place": one,
        "zone": pictures.zone_of(one),
        "groups": [
            (
                group,
                [
                    (
                        thing,
                        [fields[row.key] for row in thing.rows],
                        [fields[row.key] for row in thing.more],
                        words_beside((*thing.rows, *thing.more)[0], remarks, me, typed, wrong),
                    )
                    for thing in group.things
                ],
                any(
                    fields[row.key].is_recorded or fields[row.key].before
                    for thing in group.things
                    for row in thing.rows
                ),
            )
            for group in one.groups
        ],
        "rest": rest,
        "rest_words": _rest_words(rest),
        "undo": undo,
        "before": before,
        "other_side": _other_side(one),
        "latest": standing.latest,
        "was_held": typed is not None and not wrong,
        "wrong": [(_name_of_field(name), words) for name, words in (wrong or {}).items()],
        "is_contested": any(field.aside for field in fields.values()),
        "conflict": code == 409,
        "staff": staff_of(request),
    }
    name = "assessment/place.html" if is_part(request) else "assessment/place_page.html"
    return render(request, name, context, status=code)


def _name_of_field(name: str) -> str:
    """What something wrong is told beside: a sign, or the words beside a thing."""
    text = name.removeprefix(WORDS)
    return named(text) if text == name else f"Words: {named(text)}"


def _rest_words(rest: list[Row]) -> str:
    """What "nothing found" would record, counted."""
    seen = sum(row.key.sign in SKIN_SEEN for row in rest)
    felt = len({(row.key.site, row.key.side) for row in rest if row.key.sign not in SKIN_SEEN})
    parts = []
    if felt:
        parts.append(f"not tender and no taut band in {felt} muscle{'s' if felt > 1 else ''}")
    if seen:
        parts.append(f"{seen} signs of the skin absent")
    return " and ".join(parts)


def _other_side(one: Place) -> Place | None:
    if one.side not in {"left", "right"}:
        return None
    return place_at(one.kind, one.name, "left" if one.side == "right" else "right")


def _told(
    request: HttpRequest, visit: Visit, saved: actions.Saved, wrong: dict[str, str]
) -> HttpResponse:
    """What a script needs after taps: how their rows stand now, and the first numbers."""
    standing, recorded, me = saved.standing, saved.standing.recorded, staff_of(request).pk
    since = request.headers.get("X-Latest", "")
    sent = {name.removeprefix(FOUND) for name in request.POST if name.startswith(FOUND)}
    at = [place(int(text)) for text in request.POST.getlist("at") if text.isdecimal()]
    shows = not _is_hidden(request, visit)
    if shows:
        model_is_shown(request, visit)
    return JsonResponse(
        {
            "rows": {
                str(key): row.revision for key, row in standing.current.items() if str(key) in sent
            },
            "wrong": wrong,
            "contested": bool(saved.aside),
            "others": since.isdecimal()
            and any(
                row.pk > int(since) and row.staff_id != me for row in standing.current.values()
            ),
            "latest": standing.latest,
            "count": len(recorded),
            "here": {one.number: sum(row.key in recorded for row in one.rows) for one in at if one},
            "at": f"{timezone.localtime():%H:%M}",
            "quick": inference.quick(findings_of(recorded)) if shows else None,
        },
        status=422 if wrong else 200,
    )


@door(Who.SIGNED_IN)
def names(_request: HttpRequest) -> HttpResponse:
    """What can be gone to by typing its name; of the atlas, and of nobody."""
    return HttpResponse(_names(), content_type="application/json")


@cache
def _names() -> str:
    signs = {row.key.sign: row.name for entry in entries() for row in entry.rows}
    numbers = {sign: number for number, sign in enumerate(signs)}
    told = {
        "signs": list(signs.items()),
        "places": {one.number: one.title for one in places()},
        "entries": [
            [
                entry.name,
                entry.also,
                entry.place,
                ".".join(entry.rows[0].key[1:]),
                [numbers[row.key.sign] for row in entry.rows],
            ]
            for entry in entries()
        ],
    }
    return canonical_json(told)


# ------------------------------------------------------------------ the answer


def _is_hidden(request: HttpRequest, visit: Visit) -> bool:
    staff = staff_of(request)
    return wants_impression_first(staff) and impression_of(visit, staff) is None


def _answer(
    request: HttpRequest, visit: Visit, standing: Standing, form: ImpressionForm | None = None
) -> dict[str, Any]:
    """What the model says, or that it waits for an impression; that it was shown is kept."""
    staff = staff_of(request)
    impression = impression_of(visit, staff)
    context: dict[str, Any] = {
        "visit": visit,
        "impression": impression,
        "impression_form": form or ImpressionForm(),
        "is_hidden": wants_impression_first(staff) and impression is None,
        "count": len(standing.recorded),
        "latest": standing.latest,
    }
    findings = findings_of(standing.recorded)
    context["refers"] = inference.refers(findings)
    if not context["is_hidden"] and standing.recorded:
        context["answer"] = inference.answer(findings, facts_of(visit), len(standing.aside))
        context["offers"] = _offers(context["answer"], standing)
        model_is_shown(request, visit)
    return context


def _offers(
    answer: inference.Answer, standing: Standing
) -> list[tuple[inference.Offer, Field, Place]]:
    """The next signs with the row in which each is recorded."""
    found = []
    for offer in answer.offers:
        home = home_of(offer.key)
        if home is not None:
            row = next(each for each in home.rows if each.key == offer.key)
            found.append((offer, fields_of([row], standing, {})[offer.key], home))
    return found


@permitted(P.WRITE_CHART, patient="key", shows="inference")
def answer(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """What the findings fit, with reasons and intervals."""
    found = visit_of(request, visit)
    context = _answer(request, found, readings_of(found))
    name = "assessment/answer.html" if is_part(request) else "assessment/answer_page.html"
    return render(request, name, context)


@permitted(P.WRITE_CHART, patient="key", shows="inference")
@require_POST
def note_impression(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Keep an impression, as it is before the model is seen or after."""
    found = visit_of(request, visit)
    form = kept_form(request, ImpressionForm)
    if form.is_valid():
        actions.note_impression(
            found, form.cleaned_data["text"], staff=staff_of(request), by=sender_of(request)
        )
        if not is_part(request):
            return redirect("assessment:examination", key=key, visit=visit)
    wrong = None if form.is_valid() else form
    context = _answer(request, found, readings_of(found), wrong)
    name = "assessment/answer.html" if is_part(request) else "assessment/answer_page.html"
    return render(request, name, context, status=200 if wrong is None else 422)


@permitted(P.WRITE_CHART, patient="key")
@require_POST
def set_habit(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:
    """Whether the model hides until an impression is noted."""
    found, form = visit_of(request, visit), HabitForm(request.POST)
    if form.is_valid():
        actions.set_habit(staff_of(request), by=actor_of(request), **form.cleaned_data)
    return redirect("assessment:examination", key=key, visit=found.pk)


@permitted(P.READ_CHART, patient="key", shows="changes of an examination")
def changes(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Every reading that was ever written, by whom and when; what was corrected is among them."""
    found = visit_of(request, visit)
    rows = [
        (
            row,
            name_of(key_of(row)),
            "taken back" if row.is_withdrawn else result_of(key_of(row), row),
        )
        for row in changes_of(found)
    ]
    remarks = [
        (row, beside(key_of(row))) for row in found.remarks.select_related("staff").order_by("-pk")
    ]
    context = {"visit": found, "rows": rows, "remarks": remarks}
    return render(request, "assessment/changes.html", context)


@permitted(P.READ_CHART, patient="key", shows="what is taught of conditions")
def taught(request: HttpRequest, key: uuid.UUID, visit: uuid.UUID) -> HttpResponse:  # noqa: ARG001
    """Conditions, the muscles blamed for them and where these are examined; nothing is recorded."""
    context = {
        "visit": visit_of(request, visit),
        "teaching": teaching(),
        "can_write": may(P.WRITE_CHART, request.standing),  # type: ignore[attr-defined]
    }
    return render(request, "assessment/teaching.html", context)
