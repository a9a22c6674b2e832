"""What is filled in in an assessment: readings, an impression, the history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

from django import forms
from django.http import QueryDict

from clinic.assessment.models import BESIDE, Assessment, History, PlanChange
from clinic.assessment.places import Key, Row, beside, name_of
from clinic.assessment.planning import NOT_AT_A_SITE
from clinic.assessment.rules import (
    MOST_AT_ONCE,
    CannotRecord,
    Held,
    Reading,
    how_tested,
    reading,
)
from clinic.records.models import NoteTemplate
from clinic.records.note_templates.rules import FIXED
from myotome.atlas import Root, atlas
from myotome.errors import InputError, nearest_names

# The names under which a row travels: what was found, on the other side, what stopped it, how it
# was tested, and the revision that was shown beside it.
FOUND, OTHER, STOPPED, TESTED, SEEN = "f:", "o:", "l:", "t:", "r:"
WORDS = "w:"  # what is written beside the row that stands first
MOST_LETTERS = 1000


@dataclass(frozen=True)
class Sent:
    """Readings that were sent, and what cannot be of them, in words by key."""

    readings: tuple[Reading, ...]
    wrong: dict[str, str]


def sent_readings(data: QueryDict, standing: Mapping[Key, Held] | None = None) -> Sent:
    """The readings in what was sent, without those that say what their writer saw already.

    Args:
        data: The form, or rows that were tapped.
        standing: What stands, to tell an untouched row of a form; none: each row was tapped.
    """
    found: list[Reading] = []
    wrong: dict[str, str] = {}
    names = [name.removeprefix(FOUND) for name in data if name.startswith(FOUND)]
    if len(names) > MOST_AT_ONCE:
        return Sent((), {"": f"At most {MOST_AT_ONCE} readings at once."})
    for name in names:
        try:
            one = _reading(name, data)
        except CannotRecord as error:
            wrong[name] = str(error)
            continue
        held = standing.get(one.key) if standing is not None else None
        seen_revision = held.revision if held is not None else 0  # type: ignore[attr-defined]
        is_untouched = one.revision == seen_revision and one.says_what(held)
        if standing is not None and is_untouched:
            continue
        if one.is_withdrawal and one.revision == 0:
            continue  # an empty row of somebody who never saw anything in it
        found.append(one)
    return Sent(tuple(found), wrong)


@dataclass(frozen=True)
class Said:
    """Words that were sent, by what they stand beside, and what is wrong with others.

    `seen` has the revision that was shown with them, of a form; words that were tapped have none.
    """

    words: dict[Key, str]
    seen: dict[Key, int]
    wrong: dict[str, str]


def sent_words(data: QueryDict) -> Said:
    """The words in what was sent; a field that nobody wrote in is sent empty."""
    said: dict[Key, str] = {}
    seen: dict[Key, int] = {}
    wrong: dict[str, str] = {}
    for name in data:
        if not name.startswith(WORDS):
            continue
        try:
            key = Key.parse(name.removeprefix(WORDS))
        except ValueError:
            key = None
        text = str(data[name]).strip().replace("\r\n", "\n")
        if key is None or not beside(key):
            wrong[name] = "No words are kept there."
        elif "\0" in text:
            wrong[name] = "There is a letter in it that cannot be kept. Type it anew."
        elif len(text) > MOST_LETTERS:
            wrong[name] = f"At most {MOST_LETTERS} letters; there are {len(text)}."
        else:
            said[key] = text
            shown = str(data.get(f"{SEEN}{name}", ""))
            if shown.isdecimal():
                seen[key] = int(shown)
    return Said(said, seen, wrong)


@dataclass(frozen=True)
class Beside:
    """The words beside a thing: one's own to be written, and what others wrote."""

    name: str
    id: str
    revision: str  # of one's own
    mine: str
    others: tuple[Any, ...]
    wrong: str = ""

    @property
    def is_open(self) -> bool:
        """Whether there is anything to read."""
        return bool(self.mine or self.others or self.wrong)


def words_beside(
    row: Row,
    remarks: Mapping[Key, Iterable[Any]],
    staff: Any,  # noqa: ANN401 - who writes
    typed: QueryDict | None,
    wrong: Mapping[str, str] | None,
) -> Beside:
    """The words that stand beside the thing of which a row is the first."""
    rows = list(remarks.get(row.key, ()))
    name = f"{WORDS}{row.key}"
    own = next((one for one in rows if one.staff_id == staff.pk), None)
    revision, mine = (str(own.revision), own.text) if own else ("0", "")
    if typed is not None and name in typed:
        revision, mine = str(typed.get(f"{SEEN}{name}", revision)), str(typed[name])
    return Beside(
        name,
        name.replace(":", "-").replace(".", "-"),
        revision,
        mine,
        tuple(one for one in rows if one.staff_id != staff.pk),
        (wrong or {}).get(name, ""),
    )


def _reading(name: str, data: QueryDict) -> Reading:
    try:
        key = Key.parse(name)
        revision = int(data.get(SEEN + name) or 0)
    except ValueError:
        raise CannotRecord(name, "This sign is not recorded there.") from None
    number = _number(name, data.get(FOUND + name, ""))
    more: dict[str, Any] = {}
    other = _number(name, data.get(OTHER + name, ""))
    if other is not None and number is not None:
        more["compared"] = other
    if data.get(STOPPED + name) and number is not None:
        more["limited_by"] = data[STOPPED + name]
    if data.get(TESTED + name) and number is not None:
        more["test"] = data[TESTED + name]
    return reading(key, revision, number, **more)


def _number(name: str, text: str) -> float | None:
    text = text.strip().replace(",", ".")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124 - not a number
        raise CannotRecord(name, f"Enter a number, such as 45. You entered {text[:20]}.")
    return number


@dataclass(frozen=True)
class Choice:
    """One reading that a tap gives."""

    value: str
    is_chosen: bool


@dataclass(frozen=True)
class Field:
    """A row as a page draws it: what stands, what stood last time, what is contested."""

    row: Row
    held: Any
    before: Any = None
    aside: tuple[Any, ...] = ()
    typed: str | None = None
    other: str | None = None
    stopped: str | None = None
    tested: str | None = None
    wrong: str = ""
    revision: int = 0

    @property
    def name(self) -> str:
        """Its key, as it travels."""
        return str(self.row.key)

    @property
    def named(self) -> str:
        """Its sign and its place in words, for who hears a label by itself."""
        return name_of(self.row.key)

    @property
    def id(self) -> str:
        """A name for labels."""
        return str(self.row.key).replace(".", "-")

    @property
    def now(self) -> str:
        """What is shown as found."""
        if self.typed is not None:
            return self.typed
        return "" if self.held is None else str(self.held.shown)

    @property
    def now_other(self) -> str:
        """What is shown for the other side."""
        if self.other is not None:
            return self.other
        return "" if self.held is None or self.held.compared is None else f"{self.held.compared:g}"

    @property
    def now_stopped(self) -> str:
        """What is shown as having stopped it."""
        if self.stopped is not None:
            return self.stopped
        return "" if self.held is None else self.held.limited_by

    @property
    def now_tested(self) -> str:
        """How it is shown to have been tested."""
        if self.tested is not None:
            return self.tested
        return "" if self.held is None else self.held.test

    @property
    def ways(self) -> list[Choice]:
        """How it can be tested."""
        return [Choice(one, one == self.now_tested) for one in self.row.ways]

    @property
    def shown_before(self) -> str:
        """What stood last time, and how it was tested then."""
        return "" if self.before is None else f"{self.before.shown}{how_tested(self.before.test)}"

    @property
    def choices(self) -> list[Choice]:
        """Readings that one tap gives."""
        return [Choice(f"{one:g}", f"{one:g}" == self.now) for one in self.row.choices]

    @property
    def is_recorded(self) -> bool:
        """Whether anything stands in it."""
        return self.now != ""


def fields_of(
    rows: Iterable[Row],
    standing: Any,  # noqa: ANN401 - queries.Standing
    before: Mapping[Key, Any],
    typed: QueryDict | None = None,
    wrong: Mapping[str, str] | None = None,
) -> dict[Key, Field]:
    """Rows with what stands in them, or with what was typed and not taken."""
    made: dict[Key, Field] = {}
    for row in rows:
        name = str(row.key)
        held = standing.current.get(row.key)
        has = typed is not None and FOUND + name in typed
        made[row.key] = Field(
            row,
            None if held is None or held.is_withdrawn else held,
            before.get(row.key),
            tuple(standing.aside.get(row.key, ())),
            typed.get(FOUND + name) if has and typed is not None else None,
            typed.get(OTHER + name) if has and typed is not None else None,
            typed.get(STOPPED + name) if has and typed is not None else None,
            typed.get(TESTED + name) if has and typed is not None else None,
            (wrong or {}).get(name, ""),
            held.revision if held is not None else 0,
        )
    return made


class ImpressionForm(forms.Form):
    """What somebody thinks before they ask the model."""

    text = forms.CharField(
        label="Your impression",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Which roots, or what else. It is kept as you write it now.",
    )


class HabitForm(forms.Form):
    """Whether the model hides first."""

    impression_first = forms.BooleanField(
        label="Hide the model until I have noted my impression", required=False
    )


class HistoryForm(forms.Form):
    """The problem as it was told."""

    problem = forms.CharField(label="Problem in one line", max_length=200)
    goal = forms.CharField(label="What they want to be able to do", max_length=200, required=False)
    told = forms.CharField(
        label="History",
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Onset, course over the day, what was tried, operations, work and sport.",
    )
    began_on = forms.DateField(
        label="Began on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="As near as it is known.",
    )
    pain_nprs = forms.FloatField(
        label="Pain now, 0 none to 10 worst", min_value=0, max_value=10, required=False
    )
    activity = forms.ChoiceField(
        label="Most of the day", choices=History.Activity.choices, required=False
    )
    sex = forms.ChoiceField(
        label="Sex, for the mechanism's numbers", choices=History.Sex.choices, required=False
    )
    height_m = forms.FloatField(
        label="Height in metres", min_value=0.4, max_value=2.6, required=False
    )
    mass_kg = forms.FloatField(label="Mass in kg", min_value=2, max_value=400, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        said = (self.initial or {}).get("words") or {}
        for name in BESIDE:
            label = f"In words: {BESIDE[name].lower()}"
            beside = forms.CharField(label=label, max_length=200, required=False)
            beside.initial = said.get(name, "")
            self.fields[_beside(name)] = beside

    @property
    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField | None, bool]]:
        """Each field, the words beside it if it takes some, and whether they are to be seen."""
        found = []
        for name in self.base_fields:
            words = self[_beside(name)] if name in BESIDE else None
            if not self[name].is_hidden:
                is_open = words is not None and bool(words.value() or words.errors)
                found.append((self[name], words, is_open))
        return found

    def clean(self) -> dict[str, Any]:
        """The words beside fields, by the name of each."""
        values = dict(self.cleaned_data)
        said = {name: str(values.pop(_beside(name), "")).strip() for name in BESIDE}
        values["words"] = {name: words for name, words in said.items() if words} or None
        self.cleaned_data = values
        return values


def _beside(name: str) -> str:
    return f"{name}_words"


class ConclusionForm(forms.Form):
    """What is concluded, and what is made of the model's answer."""

    roots = forms.MultipleChoiceField(
        label="Irritated roots", required=False, widget=forms.CheckboxSelectMultiple
    )
    more_roots = forms.CharField(
        label="Other roots", max_length=200, required=False, help_text="Such as C6 right, C7 right."
    )
    words = forms.CharField(
        label="In your words",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Which muscles are short, which tendon or joint suffers, what else may be.",
    )
    verdict = forms.ChoiceField(
        label="The model's answer",
        choices=[("accepted", "Accept it"), ("edited", "Edit it"), ("rejected", "Reject it")],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Why it is edited or rejected",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, seen: bool, answer: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.seen = seen
        names = [card.root for card in answer.cards] if answer else []
        self.fields["roots"].choices = [  # type: ignore[attr-defined]
            (str(root), f"{root.segment} {root.side}") for root in names
        ]
        if not names:
            del self.fields["roots"]
            self.fields["more_roots"].label = "Irritated roots"
        if not seen:
            del self.fields["verdict"], self.fields["reason"]

    def clean_more_roots(self) -> list[str]:
        """Roots that were typed, by name."""
        text = self.cleaned_data["more_roots"]
        names = [part.strip().replace(" ", "-") for part in text.split(",") if part.strip()]
        try:
            return [str(Root.parse(name[:1].upper() + name[1:])) for name in names]
        except InputError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """An edit or a rejection has its reason; a conclusion says something."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("verdict") in {"edited", "rejected"} and not values.get("reason", "").strip():
            self.add_error("reason", "Say why: it is kept with the assessment.")
        if not (values.get("roots") or values.get("more_roots") or values.get("words", "").strip()):
            self.add_error("words", "Name a root, or say in words what is concluded.")
        return values

    def chosen(self) -> dict[str, Any]:
        """What the act takes."""
        values = self.cleaned_data
        return {
            "verdict": Assessment.Verdict(values.get("verdict") or "not_seen"),
            "roots": [*values.get("roots", []), *values.get("more_roots", [])],
            "reason": values.get("reason", "").strip(),
            "words": values["words"].strip(),
        }


@cache
def muscle_sites() -> tuple[tuple[str, str], ...]:
    """Every muscle that can be typed as a site, by what is typed."""
    known = atlas()
    return tuple((muscle.common_name, muscle.latin_name) for muscle in known.muscles.values())


class ChangeForm(forms.Form):
    """One change to a plan; the site is named as the page names it."""

    number = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    kind = forms.ChoiceField(choices=PlanChange.Kind.choices, widget=forms.HiddenInput)
    at = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)
    muscle = forms.CharField(
        label="Muscle",
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"list": "muscles", "autocomplete": "off"}),
    )
    side = forms.ChoiceField(
        label="Side", choices=[("right", "Right"), ("left", "Left")], required=False
    )
    level = forms.CharField(
        label="Level",
        max_length=12,
        required=False,
        help_text="Spinous process, such as C6, for muscles beside the spine.",
    )
    to = forms.IntegerField(label="Visit", required=False)  # how far, the plan knows
    words = forms.CharField(label="What, and how much", max_length=200, required=False)
    reason = forms.CharField(label="Reason", max_length=200, required=False)
    use_required_attribute = False

    def to_add(self) -> Self:
        """The form as a site is added with it: what adding asks for is not called optional."""
        for name in ("muscle", "side", "reason"):
            self.fields[name].required = True
        return self

    def clean(self) -> dict[str, Any]:
        """The site by its key, or by the muscle's name."""
        values: dict[str, Any] = super().clean() or {}
        site, level, side = "", values.get("level", ""), values.get("side", "")
        if values.get("kind") in NOT_AT_A_SITE:
            site, level, side = values.get("at", ""), "", ""
        elif values.get("at"):
            parts = values["at"].split(".")
            site, level, side = parts if len(parts) == 3 else ("", "", "")
        elif values.get("muscle"):
            site = _muscle_named(values["muscle"])
            if not site:
                near = nearest_names(values["muscle"], [name for name, _ in muscle_sites()])
                hint = f" Nearest: {', '.join(near)}." if near else ""
                self.add_error("muscle", f"No muscle '{values['muscle']}'.{hint}")
            level = level.strip()
            level = (
                level.upper()
                if level[:1].lower() in {"c", "t", "l"} and level[1:].isdecimal()
                else level.lower()
            )
        if not site and not self.errors and values.get("kind") not in {"sessions", "adjunct"}:
            self.add_error("muscle", "Choose a muscle.")
        if values.get("kind") not in {"visit", "insertions", "sessions", "add"}:
            values["to"] = None
        if values.get("kind") not in {"adjunct", "dose"}:
            values["words"] = None
        kept = {name: values.get(name) for name in ("number", "kind", "to", "words", "reason")}
        return {**kept, "site": site, "level": level, "side": side}


def _muscle_named(text: str) -> str:
    wanted = text.strip().lower()
    for muscle in atlas().muscles.values():
        names = (muscle.muscle_id, muscle.common_name.lower(), muscle.latin_name.lower())
        if wanted in names:
            return muscle.muscle_id
    return ""


class TemplateForm(forms.Form):
    """Which kind of note: one of the clinic's own, or of those that every clinic has."""

    template = forms.ChoiceField(label="Kind of note")

    def __init__(self, *args: Any, own: Iterable[NoteTemplate] = (), **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.own = {str(row.template): row for row in own if row.is_offered}
        every = [(name, title) for name, (title, _) in FIXED.items()]
        choices: list[Any] = every
        if self.own:
            mine = [(key, row.name) for key, row in self.own.items()]
            choices = [("Of this clinic", mine), ("Of every clinic", every)]
        self.fields["template"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> tuple[str, str]:
        """The text of what was chosen, and what the audit calls it."""
        name = self.cleaned_data["template"]
        if row := self.own.get(name):
            return row.text, f"{row.template}, version {row.version}"
        return FIXED[name][1], name


class CopyForm(forms.Form):
    """Which lines of the last note hold today; none does until it is ticked."""

    def __init__(self, *args: Any, paragraphs: Iterable[str], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.paragraphs = list(paragraphs)
        for number, words in enumerate(self.paragraphs):
            self.fields[f"line_{number}"] = forms.BooleanField(label=words, required=False)

    def kept(self) -> list[str]:
        """The lines that were ticked."""
        return [
            words
            for number, words in enumerate(self.paragraphs)
            if self.cleaned_data.get(f"line_{number}")
        ]
