"""Tables: what may stand in a case file, key by key, as pydantic models.

Types, bounds, choices and keys stand here and nowhere else: a description says what must stand
under a key, `unit` in what. A table whose values can be used makes its part of the case; names
of anatomy, signs and screening items are checked then, where they are known. `door` turns
whatever is refused into sentences.

pydantic takes half as long to load as the rest of the package, so this loads only when a file is
read or a schema asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationInfo
from pydantic_core import PydanticCustomError, core_schema

from myotome.atlas import SIDES, Root, Site, atlas
from myotome.case.case import (
    DOSES,
    FORMAT,
    KINDS,
    SEXES,
    SITES_OF_KIND,
    Assumption,
    History,
    Outcome,
    Person,
    Sex,
    Treatment,
)
from myotome.case.problems import MOST, Problems, shown
from myotome.errors import InputError, UnknownName
from myotome.examination.finding import GRADES, Finding, finding
from myotome.treatment.screening import Answer, ScreenAnswer

_WHOLE: Final = ("insertions", "repetitions", "sets")
_OTHER_SITES: Final = {
    "skin": "a skin region",
    "movement": "a joint movement",
    "reflex": "a reflex",
}
_STRENGTH: Final = re.compile(r"mrc_(?P<muscle>.+)_(left|right)")


@dataclass(frozen=True, slots=True)
class Made:
    """Marks a value that is read as `read` and then made of it by `make`.

    An `InputError` of making becomes an error of pydantic, so that it is gathered with the others
    and gets its place. The validation's context is the list of those so far.
    """

    read: type
    make: Callable[..., object]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_after_validator_function(
            self._made, handler.generate_schema(self.read)
        )

    def _made(self, value: object, info: ValidationInfo) -> object:
        refused: Any = info.context
        if len(refused) >= MOST:
            return value
        try:
            if isinstance(value, Table):
                return self.make(**{key: given for key, given in value if given is not None})
            return self.make(value)
        except InputError as problem:
            refused.append(problem)
            raise PydanticCustomError("refused", "refused", {"problem": problem}) from None


def _between(low: float, high: float, unit: str = "", *, whole: bool = False) -> Any:  # noqa: ANN401 - as `Field`
    """A number that may be left out; one that is whole may be written 3 or 3.0."""
    return Field(
        default=None,
        ge=low,
        le=high,
        multiple_of=1 if whole else None,
        json_schema_extra={"unit": unit} if unit else None,
    )


def _week() -> Any:  # noqa: ANN401 - as `Field`
    return Field(default=0.0, ge=0, le=10_000, json_schema_extra={"unit": "weeks"})


def _needed(what: str, pattern: str = r"\S", **more: Any) -> Any:  # noqa: ANN401 - as `Field`
    """A text that may not be left out or blank."""
    return Field(description=what, pattern=pattern, json_schema_extra=more or None)


# What pydantic cannot know: each takes the keys of a table


def _site(site: str, side: str, level: str) -> Site:
    try:
        return atlas().site(site, side, level)
    except UnknownName as error:
        raise error.at("site") from None


def _finding(**keys: Any) -> Finding:  # noqa: ANN401 - the keys of `FindingTable`
    unit, compared = keys["unit"], keys.get("compared")
    if "grade" in keys and unit:
        got = f"got {shown(unit)} with a grade"
        raise InputError(f"unit belongs to a value, {got}.", place="unit")
    if "grade" in keys and compared is not None and compared not in GRADES:
        must = "compared must be a grade from 0 to 3 beside a grade"
        raise InputError(f"{must}, got {shown(compared)}.", place="compared")
    return finding(**keys)


def _treatment(kind: str, **keys: Any) -> Treatment:  # noqa: ANN401 - the keys of `TreatmentTable`
    if kind not in KINDS:
        hint = f"Kinds: {', '.join(KINDS)}."
        raise UnknownName("kind of treatment", kind, KINDS, hint=hint).at("kind")
    sites = tuple(keys.pop("sites"))
    given = {key for key, value in keys.items() if value != ""} | ({"sites"} if sites else set())
    problems = Problems()
    for dose in DOSES:
        if dose in given and dose not in KINDS[kind]:
            owners = ", ".join(owner for owner, doses in KINDS.items() if dose in doses)
            got = f"got it with {kind}. Leave it out or put it in notes."
            problems.add(InputError(f"{dose} belongs to {owners}, {got}", place=dose))
    allowed = SITES_OF_KIND.get(kind, ())
    must = f"{kind} must be done at a muscle{', skin region or movement' * ('skin' in allowed)}"
    for number, site in enumerate(sites, start=1):
        if allowed and site.kind not in allowed:
            problem = f"{must}; {site.name} is {_OTHER_SITES[site.kind]}."
            problems.add(InputError(problem, place=f"sites[{number}].site"))
    problems.raise_if_any()
    keys |= {key: int(keys[key]) for key in _WHOLE if key in keys}
    return Treatment(kind, sites=sites, **keys)


def _outcome(measure: str, value: float, week: float) -> Outcome:
    strength = _STRENGTH.fullmatch(measure)
    if strength and strength["muscle"] not in atlas().muscles:
        raise UnknownName("muscle", strength["muscle"], atlas().muscles).at("measure")
    low, high = (0.0, 100.0) if measure.endswith("_pct") else (-1e6, 1e6)
    if strength or measure == "nprs":
        low, high = (0.0, 5.0) if strength else (0.0, 10.0)
    if not low <= value <= high:
        must = f"value must lie between {low:g} and {high:g}"
        raise InputError(f"{must}, got {shown(value)}.", place="value")
    return Outcome(measure, value, week)


# One model a table


class Table(BaseModel):
    """One table: no other keys, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class CaseHeader(Table):
    """Which case it is, where it comes from, and what the source concluded."""

    format: float = Field(ge=FORMAT, le=FORMAT, description=str(FORMAT))
    id: str = _needed(
        "a short name for the case",
        r"^[a-z0-9][a-z0-9_-]{0,79}$",
        spelling="lower-case letters, digits, - and _, at most 80 of them",
    )
    title: str = ""
    source: str = ""
    notes: str = ""
    concluded: list[Annotated[Root, Made(str, Root.parse)]] = Field(
        default=[], examples=[["C6-right"]]
    )
    basis: str = ""


class PersonTable(Table):
    """Who it is, as far as the mechanism needs it."""

    age_years: float | None = _between(0, 120, "years")
    sex: Sex | None = Field(default=None, description=" or ".join(SEXES))
    height_m: float | None = _between(0.4, 2.6, "m")
    mass_kg: float | None = _between(0.5, 650, "kg")


class HistoryTable(Table):
    """How long it has hurt, how much, and what the person does."""

    duration_weeks: float | None = _between(0, 6300, "weeks")
    pain_nprs: float | None = _between(0, 10, "NPRS")
    activity: str = ""


class ScreenTable(Table):
    """The answer to one safety question."""

    item: str = _needed("a screening item")
    answer: Answer = Field(description=" or ".join(get_args(Answer)))
    region: str = ""
    note: str = ""
    week: float = _week()


class FindingTable(Table):
    """One sign looked for at one place: a grade, or a value with its unit."""

    sign: str = _needed("a sign of the atlas")
    site: str = ""
    level: str = ""
    side: str = Field(default="", json_schema_extra={"enum": [*SIDES, "midline"]})
    grade: int | None = Field(
        default=None, ge=0, le=3, description="0 absent, 1 slight, 2 clear or 3 marked"
    )
    value: float | None = Field(default=None, allow_inf_nan=False)
    unit: str = ""
    compared: float | None = Field(default=None, allow_inf_nan=False)
    limited_by: str = ""
    test: str = ""
    week: float = _week()


class SiteTable(Table):
    """A place that was treated."""

    site: str = _needed("a muscle, skin region or movement of the atlas")
    level: str = ""
    side: str = Field(default="", json_schema_extra={"enum": [*SIDES, "midline"]})


class TreatmentTable(Table):
    """One thing done at one time; which dose fields a kind can have stands in `KINDS`."""

    week: float = _week()
    kind: str = _needed("a kind of treatment", enum=list(KINDS))
    sites: list[Annotated[Site, Made(SiteTable, _site)]] = []
    insertions: float | None = _between(1, 60, whole=True)
    gauge_mm: float | None = _between(0.1, 1.0, "mm")
    depth_mm: float | None = _between(1, 150, "mm")
    current: bool | None = None
    frequency_hz: float | None = _between(0.5, 200, "Hz")
    minutes: float | None = _between(0, 1440, "min")
    what: str = ""
    per_day: float | None = _between(0, 100)
    per_week: float | None = _between(0, 100)
    for_weeks: float | None = _between(0, 1000, "weeks")
    repetitions: float | None = _between(1, 1000, whole=True)
    hold_s: float | None = _between(1, 3600, "s")
    sets: float | None = _between(1, 100, whole=True)
    load_percent: float | None = _between(0, 100, "% of the most")
    notes: str = ""


class OutcomeTable(Table):
    """What was really measured or happened."""

    week: float = _week()
    measure: str = _needed(
        "what was measured, such as nprs",
        r"^[a-z][a-z0-9_]{0,119}$",
        spelling="lower-case letters, digits and _",
    )
    value: float = Field(allow_inf_nan=False)


class AssumedTable(Table):
    """What the source did not say, and what was done about it."""

    path: str = _needed("the place that was assumed")
    why: str = _needed("the reason")


class CaseFile(Table):
    """A case file of Myotome: one person's case, in TOML."""

    case: CaseHeader
    person: Annotated[Person, Made(PersonTable, Person)] = Person()
    history: Annotated[History, Made(HistoryTable, History)] = History()
    screen: list[Annotated[ScreenAnswer, Made(ScreenTable, ScreenAnswer)]] = []
    finding: list[Annotated[Finding, Made(FindingTable, _finding)]] = []
    treatment: list[Annotated[Treatment, Made(TreatmentTable, _treatment)]] = []
    outcome: list[Annotated[Outcome, Made(OutcomeTable, _outcome)]] = []
    assumed: list[Annotated[Assumption, Made(AssumedTable, Assumption)]] = []


TABLES: Final[Mapping[str, type[Table]]] = {
    "case": CaseHeader,
    "person": PersonTable,
    "history": HistoryTable,
    "screen": ScreenTable,
    "finding": FindingTable,
    "treatment": TreatmentTable,
    "outcome": OutcomeTable,
    "assumed": AssumedTable,
}
