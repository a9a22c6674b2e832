"""The case: one person's findings, treatments and outcomes as immutable values.

Made by `parse_case` from a file, or by hand from the parts below. What the source does not say
is None or empty, and every reader copes with the gap. `concluded` is what the source found:
it is never part of what `examination` gives, so the inference cannot see it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from myotome.atlas import Root, Site
from myotome.errors import InputError
from myotome.examination.finding import Finding
from myotome.treatment.screening import ScreenAnswer

FORMAT: Final = 1

Sex = Literal["female", "male", "other"]
SEXES: Final = get_args(Sex)

_PLACED: Final = ("muscle", "paraspinal")
_ANYWHERE: Final = ("muscle", "paraspinal", "skin", "movement")
_NEEDLE: Final = (
    "sites",
    "insertions",
    "gauge_mm",
    "depth_mm",
    "current",
    "frequency_hz",
    "minutes",
)
_PROGRAMME: Final = ("per_day", "per_week", "for_weeks")

# Dose fields of each kind of treatment, and the kinds of site it can be done at.
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "needling": _NEEDLE,
    "sham": _NEEDLE,
    "modality": ("what", "sites", "minutes", *_PROGRAMME),
    "mobilisation": ("what", "sites", "minutes", "repetitions", *_PROGRAMME),
    "manipulation": ("what", "sites"),
    "stretch": ("what", "sites", "hold_s", "repetitions", *_PROGRAMME),
    "strengthen": ("what", "sites", "hold_s", "repetitions", "sets", "load_percent", *_PROGRAMME),
    "stabilise": ("what", "sites", "hold_s", "repetitions", "sets", *_PROGRAMME),
    "scar": ("what", "sites", "minutes", *_PROGRAMME),
    "education": ("what", "minutes"),
    "exercise": ("what", "sites", "minutes", "repetitions", "sets", *_PROGRAMME),
    "medication": ("what", "per_day", "for_weeks"),
    "surgery": ("what",),
}
SITES_OF_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    "needling": _PLACED,
    "sham": _PLACED,
    "stretch": _PLACED,
    "strengthen": _PLACED,
    **dict.fromkeys(
        ("modality", "mobilisation", "manipulation", "stabilise", "scar", "exercise"), _ANYWHERE
    ),
}
DOSES: Final = tuple(dict.fromkeys(dose for doses in KINDS.values() for dose in doses))

SITE_KEYS: Final = ("site", "level", "side")
SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "case": ("format", "id", "title", "source", "notes", "concluded", "basis"),
    "person": ("age_years", "sex", "height_m", "mass_kg"),
    "history": ("duration_weeks", "pain_nprs", "activity"),
    "screen": ("item", "answer", "region", "note", "week"),
    "finding": (
        "sign",
        *SITE_KEYS,
        *("grade", "value", "unit", "compared"),
        *("limited_by", "test", "week"),
    ),
    "treatment": ("week", "kind", *DOSES, "notes"),
    "outcome": ("week", "measure", "value"),
    "assumed": ("path", "why"),
}
LISTED: Final = ("screen", "finding", "treatment", "outcome", "assumed")


@dataclass(frozen=True, slots=True)
class Person:
    """Who it is, as far as the mechanism needs it; no identity."""

    age_years: float | None = None
    sex: str = ""
    height_m: float | None = None
    mass_kg: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """How long it has hurt, how much, and what the person does."""

    duration_weeks: float | None = None
    pain_nprs: float | None = None
    activity: str = ""


@dataclass(frozen=True, slots=True)
class Treatment:
    """One thing done at one time with a dose; dose fields that were not stated are None.

    Which dose fields a kind can have stands in `KINDS`. `for_weeks` is how long a programme
    went on; without it the treatment was done once.
    """

    kind: str
    week: float = 0.0
    what: str = ""
    sites: tuple[Site, ...] = ()
    insertions: int | None = None
    gauge_mm: float | None = None
    depth_mm: float | None = None
    current: bool | None = None
    frequency_hz: float | None = None
    hold_s: float | None = None
    repetitions: int | None = None
    sets: int | None = None
    load_percent: float | None = None
    minutes: float | None = None
    per_day: float | None = None
    per_week: float | None = None
    for_weeks: float | None = None
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was really measured or happened; shown beside a simulation, never used to tune it."""

    measure: str
    value: float
    week: float = 0.0


@dataclass(frozen=True, slots=True)
class Assumption:
    """What the source did not say: the place in the file it bears on, and what was done."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """One person's case.

    `text` is the file it was read from, kept so that writing back loses nothing; it is no part
    of equality or of `hash`.
    """

    id: str
    title: str = ""
    source: str = ""
    notes: str = ""
    concluded: tuple[Root, ...] = ()
    basis: str = ""
    person: Person = Person()
    history: History = History()
    screen: tuple[ScreenAnswer, ...] = ()
    findings: tuple[Finding, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    text: str = field(default="", repr=False, compare=False)

    def examination(self, week: float | None = None) -> tuple[Finding, ...]:
        """What was found up to a week: for each sign and site the newest finding.

        Without a week it is the state before treatment could change it: up to the week of the
        first treatment, and all findings where nothing was treated. Findings of that very week
        count, because a visit examines before it treats. A sign looked for again later replaces
        its older finding; one not looked for again keeps it. Order as in the file.

        Args:
            week: Weeks since the first visit; findings of that week are included.

        Raises:
            InputError: The week lies before the first visit.
        """
        if week is not None and not week >= 0.0:
            raise InputError(f"week must be 0 or later, got {week:g}.")
        if week is None:
            week = min((done.week for done in self.treatments), default=float("inf"))
        newest: dict[tuple[str, Site], Finding] = {}
        for found in self.findings:
            key = (found.sign, found.site)
            if found.week <= week and (key not in newest or found.week >= newest[key].week):
                newest[key] = found
        kept = {id(found) for found in newest.values()}
        return tuple(found for found in self.findings if id(found) in kept)

    @property
    def hash(self) -> str:
        """SHA-256 of the content, in hexadecimal; comments, layout and key order do not count."""
        content = json.dumps(self.to_document(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()

    def to_document(self) -> dict[str, Any]:
        """The case as plain values in the order of the file; what is unknown is left out."""
        header = {
            "format": FORMAT,
            **_given(self, SECTIONS["case"], skip=("format", "concluded")),
            "concluded": [str(root) for root in self.concluded],
        }
        listed = {
            "screen": [_given(entry, SECTIONS["screen"]) for entry in self.screen],
            "finding": [_finding_document(found) for found in self.findings],
            "treatment": [_treatment_document(done) for done in self.treatments],
            "outcome": [_given(seen, SECTIONS["outcome"]) for seen in self.outcomes],
            "assumed": [_given(gap, SECTIONS["assumed"]) for gap in self.assumed],
        }
        document = {
            "case": {key: header[key] for key in SECTIONS["case"] if key in header},
            "person": _given(self.person, SECTIONS["person"]),
            "history": _given(self.history, SECTIONS["history"]),
            **listed,
        }
        return {name: section for name, section in document.items() if section}


def _given(part: object, keys: tuple[str, ...], *, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    values = {key: getattr(part, key) for key in keys if key not in skip}
    return {key: _plain(value) for key, value in values.items() if value not in {None, ""}}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value that TOML can hold
    """A number as TOML would be written by hand: 4, not 4.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _site_document(site: Site) -> dict[str, Any]:
    name = {} if site.kind == "side" else {"site": site.name}
    level = {"level": site.level} if site.level else {}
    return {**name, **level, "side": site.side}


def _finding_document(found: Finding) -> dict[str, Any]:
    result = _given(found, SECTIONS["finding"], skip=("site", "level", "side"))
    document = {**result, **_site_document(found.site)}
    return {key: document[key] for key in SECTIONS["finding"] if key in document}


def _treatment_document(done: Treatment) -> dict[str, Any]:
    document = _given(done, SECTIONS["treatment"], skip=("sites",))
    if done.sites:
        document["sites"] = [_site_document(site) for site in done.sites]
    return {key: document[key] for key in SECTIONS["treatment"] if key in document}
