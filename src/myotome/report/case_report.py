"""The case report: one case as one page, from what it is not to how it is made again.

It receives a case, what its signs fit, what its answers allow and the plan; gives a self-contained
HTML text, and the same as plain values for other programs. Every number in it is the assessment's
or the plan's own. What the source concluded is shown beside the inference, which never saw it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from markupsafe import Markup

from myotome.atlas import Root, Site, atlas
from myotome.case import KINDS, Case, Treatment
from myotome.examination import Assessment, Finding, LoadedStructure, RamusSupport, Reason
from myotome.examination.assessment import RootProbability, ShortMuscle
from myotome.report import words
from myotome.report.evidence import HONESTY, OUTCOMES, evidence_by_claim
from myotome.report.outcomes import (
    course_svg,
    courses,
    happenings,
    measure_name,
    value_words,
)
from myotome.report.page import page_foot, render
from myotome.report.places import body_views, entries, lenses
from myotome.report.references import References
from myotome.report.spine import all_rows, mark_svg, ranks, spine_ladder
from myotome.treatment.plan import Dose, MissingInput, Plan
from myotome.treatment.rows import Exercise
from myotome.treatment.safety import SiteHazards
from myotome.treatment.screening import Raised, Screening

CONTENTS: Final = (
    ("what", "What this is, and what it is not"),
    ("case", "Case and source"),
    ("roots", "Roots that fit"),
    ("body", "Where the signs lie, and the sites proposed"),
    ("reasons", "Reasons"),
    ("plan", "Screening and plan"),
    ("happened", "What really happened"),
    ("evidence", "Evidence, and what has to be said with it"),
    ("versions", "Versions, and how to redo this"),
)
_PLAIN: Final = {
    "treat": "treat",
    "treat_and_watch": "treat and watch",
    "clear_first": "to be cleared first",
    "stop": "stop",
    "caution": "caution",
    "never": "nobody can clear it",
    "when_cleared": "cleared",
    "when_no_longer_so": "no longer so",
    "later": "a later visit",
    "sign_table": "sign table",
}
_SEVERITY: Final = {"stop": "critical", "clear_first": "high", "caution": "moderate"}
_SUPPORT: Final = {
    "supported": "supported",
    "against": "spoken against",
    "not_looked_at": "not looked at",
}
_STATED: Final = (
    ("age", "person", "age_years"),
    ("sex", "person", "sex"),
    ("height", "person", "height_m"),
    ("mass", "person", "mass_kg"),
    ("duration", "history", "duration_weeks"),
    ("pain score", "history", "pain_nprs"),
    ("activity", "history", "activity"),
)


def case_report(  # noqa: PLR0913 - the parts of one report, the last two by name
    case: Case,
    assessment: Assessment,
    screening: Screening,
    plan: Plan,
    *,
    versions: Mapping[str, str],
    command: str,
) -> str:
    """The report of a case, as the text of one HTML file.

    Args:
        case: The case; its conclusion and outcomes are shown, never used.
        assessment: What its findings fit.
        screening: The answers given for it.
        plan: The proposal made from both.
        versions: Of everything that took part; ``myotome`` is the program.
        command: The command that makes this report again.
    """
    context = {
        "contents": CONTENTS,
        "case": case,
        "assessment": assessment,
        "plan": plan,
        "versions": versions,
        "all_versions": tuple(_all_versions(case, plan, versions).items()),
        "command": command,
        "references": References(),
        **_case_context(case, screening),
        "first": _said_first(assessment, plan),
        **_roots_context(assessment),
        **_body_context(assessment, plan),
        **_reasons_context(assessment),
        **_plan_context(screening, plan),
        **_happened_context(case, assessment),
        "honesty": HONESTY,
        "evidence": evidence_by_claim(),
    }
    foot = page_foot(f"{case.id}, Myotome {versions.get('myotome', '')}", "Not a forecast")
    return render("report.html.j2", context, _FILTERS, foot=foot)


def summary(case: Case, assessment: Assessment, screening: Screening, plan: Plan) -> dict[str, Any]:
    """The same as plain values, ready for JSON; keys are part of the interface."""
    return {
        "case": case.id,
        "title": case.title,
        "source": case.source,
        "headline": words.headline(assessment).replace(words.NBSP, " "),
        "concluded": [str(root) for root in case.concluded],
        "basis": case.basis,
        "examination": assessment.to_dict(),
        "screening": screening.to_dict(),
        "plan": plan.to_dict(),
        "outcomes": [
            {"measure": item.measure, "value": item.value, "week": item.week}
            for item in case.outcomes
        ],
        "assumed": [{"path": item.path, "why": item.why} for item in case.assumed],
        "versions": _all_versions(case, plan, {}),
    }


def _all_versions(case: Case, plan: Plan, versions: Mapping[str, str]) -> dict[str, str]:
    return {**versions, **dict(plan.versions), "case_content": case.hash[:12]}


# What each section shows


def _said_first(assessment: Assessment, plan: Plan) -> tuple[tuple[str, str, str], ...]:
    """What has to be read before anything else: severity, words, and where it stands."""
    found = []
    if assessment.refers:
        found.append(("critical", "Signs that mean refer were found.", "refer"))
    if plan.concern in {"refer", "emergency"} or plan.screening.blocked:
        found.append(("critical", f"Level of concern: {_plain(plan.concern)}.", "plan"))
    if plan.missing:
        number = len(plan.missing)
        words = "question that can stop" if number == 1 else "questions that can stop"
        have = "has" if number == 1 else "have"
        found.append(
            ("high", f"{number} {words} needling {have} no answer; no site is proposed.", "plan")
        )
    return tuple(found)


def _case_context(case: Case, screening: Screening) -> dict[str, Any]:
    person, history = case.person, case.history
    facts = (
        _fact("Age", person.age_years, "{:g} y"),
        _fact("Sex", person.sex, "{}"),
        _fact("Height", person.height_m, "{:g} m"),
        _fact("Mass", person.mass_kg, "{:g} kg"),
        _fact("Duration", history.duration_weeks, "{:g} wk"),
        _fact("Pain, NPRS", history.pain_nprs, "{:g}/10"),
        ("Activity", history.activity or "Not stated", "quoted" if history.activity else ""),
    )
    missing = [
        name for name, part, key in _STATED if getattr(getattr(case, part), key) in {None, ""}
    ]
    notes = Counter(answer.note for answer in screening.answers if answer.note)
    return {
        "facts": facts,
        "unstated": missing,
        "screening_notes": tuple((note, n) for note, n in notes.items() if n > 1),
    }


def _fact(name: str, value: float | str | None, form: str) -> tuple[str, str, str]:
    if value is None or value == "":
        return name, "Not stated", ""
    return name, form.format(value), "known"


def _roots_context(assessment: Assessment) -> dict[str, Any]:
    links = {root: f"#root-{root}" for root in ranks(assessment)}
    return {
        "headline": words.headline(assessment),
        "not_adding_up": words.NOT_ADDING_UP,
        "standing": words.standing(assessment),
        "spine": _markup(spine_ladder(assessment, links)),
        "mark_supported": _markup(mark_svg("supported")),
        "mark_against": _markup(mark_svg("against")),
        "mark_unseen": _markup(mark_svg("not_looked_at")),
        "all_rows": tuple(all_rows(assessment)),
    }


def _body_context(assessment: Assessment, plan: Plan) -> dict[str, Any]:
    found = entries(assessment.findings, plan.sites)
    front, back = body_views(found)
    return {
        "entries": found,
        "place_numbers": {entry.site: entry.number for entry in found if entry.number},
        "body_front": _markup(front),
        "body_back": _markup(back),
        "lenses": tuple({"title": lens.title, "svg": _markup(lens.svg)} for lens in lenses(found)),
    }


@dataclass(frozen=True, slots=True)
class RootReasons:
    """One of the three best roots, with what speaks for and against it."""

    rank: int
    fit: RootProbability
    support: RamusSupport
    all: tuple[Reason, ...]

    @property
    def root(self) -> Root:
        """The root."""
        return self.fit.root

    @property
    def name(self) -> str:
        """The root in words."""
        return words.root_name(self.fit.root)

    @property
    def chance(self) -> str:
        """Its probability and interval."""
        return words.chance(self.fit)

    @property
    def prior(self) -> str:
        """Its probability before any finding."""
        return words.per_cent(self.fit.prior)

    @property
    def anterior(self) -> str:
        """What the findings say of its front ramus."""
        return _SUPPORT[self.support.anterior]

    @property
    def posterior(self) -> str:
        """What the findings say of its back ramus."""
        return _SUPPORT[self.support.posterior]

    @property
    def consistent(self) -> bool:
        """Whether both rami are supported."""
        return self.support.is_consistent

    @property
    def speaks_for(self) -> tuple[Reason, ...]:
        """Reasons for it, the strongest first."""
        return tuple(item for item in self.all if item.log_odds > 0)

    @property
    def speaks_against(self) -> tuple[Reason, ...]:
        """Reasons against it, the strongest first."""
        return tuple(item for item in self.all if item.log_odds < 0)


def _reasons_context(assessment: Assessment) -> dict[str, Any]:
    fits = {item.root: item for item in assessment.roots}
    unseen = RamusSupport("not_looked_at", "not_looked_at")
    best = tuple(
        RootReasons(
            rank,
            fits[root],
            assessment.rami.get(root, unseen),
            assessment.reasons_for(root),
        )
        for root, rank in ranks(assessment).items()
    )
    return {"reason_roots": best, "short_muscles": tuple(_short_muscles(assessment))}


def _short_muscles(
    assessment: Assessment,
) -> Iterator[tuple[ShortMuscle, LoadedStructure | None, tuple[str, ...], str]]:
    loaded = {item.site: item for item in assessment.structures}
    for muscle in assessment.muscles:
        row = atlas().attachments.get(muscle.site.name)
        sources = row.source_ids if row else ()
        yield muscle, loaded.get(muscle.site), sources, row.certainty if row else ""


def _plan_context(screening: Screening, plan: Plan) -> dict[str, Any]:
    site_rules = [rule for site in plan.sites for rule in site.dose.rules]
    removal = plan.screening.why_not("needling")
    return {
        "screening_raised": tuple(_raised(plan.screening)),
        "answers_words": _answers_words(screening),
        "no_sites_why": removal.item.advice if removal else _nothing_short(plan),
        "dose_rules": tuple({rule.rule_id: rule for rule in (*plan.dose, *site_rules)}.values()),
        "alternatives": plan.differential,
        "missing_inputs": [item for item in plan.missing_inputs if not _is_question(item)],
        "not_asked": [item for item in plan.missing_inputs if _is_question(item)],
    }


def _is_question(item: MissingInput) -> bool:
    return item.words.startswith("Not asked: ")


def _nothing_short(plan: Plan) -> str:
    if plan.left_out:
        return "Each site looked at was left out; why stands below."
    return "No root fits better than none, and no finding holds a muscle to be short."


def _raised(screening: Screening) -> Iterator[tuple[Raised, str]]:
    """Everything answered yes, the gravest effect first."""
    order = list(_SEVERITY)
    for item in sorted(screening.raised, key=lambda raised: order.index(raised.item.effect)):
        yield item, "low" if item.clearance else _SEVERITY[item.item.effect]


def _answers_words(screening: Screening) -> str:
    counted = Counter(answer.answer for answer in screening.answers)
    said = f"{counted['yes']} answered yes, {counted['no']} answered no"
    return f"{said}, {len(screening.unanswered)} not asked."


def _happened_context(case: Case, assessment: Assessment) -> dict[str, Any]:
    drawn = courses(case)
    return {
        "concluded": words.concluded_words(case.concluded, case.basis, assessment),
        "courses": tuple(
            (course, _markup(course_svg(course, case, number)))
            for number, course in enumerate(drawn, start=1)
        ),
        "happenings": happenings(case),
    }


# How a page says things


def _markup(svg: str) -> Markup:
    """A drawing made here, whose texts are escaped where they enter it."""
    return Markup(svg)  # noqa: S704


def _plain(name: str) -> str:
    return _PLAIN.get(name, name.replace("_", " "))


def _sentence(text: str) -> str:
    ended = text if text.endswith((".", "!", "?")) else f"{text}."
    return words.upper_first(ended)


def _dose_sources(dose: Dose) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for rule in dose.rules for source in rule.source_ids))


def _depth_sources(hazards: SiteHazards) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for row in hazards.depths for source in row.source_ids))


def _exercise_dose(row: Exercise) -> str:
    parts = []
    if row.hold_s:
        parts.append(f"hold {row.hold_s:g}{words.NBSP}s")
    if row.repetitions and (row.repetitions > 1 or row.hold_s):
        times = "time" if row.repetitions == 1 else "times"
        parts.append(f"{row.repetitions} {times}")
    if row.per_day:
        parts.append("once a day" if row.per_day == 1 else f"{row.per_day:g} x a day")
    if row.per_week:
        parts.append(f"{row.per_week:g} days a week")
    return words.upper_first(", ".join(parts)) + "." if parts else "No dose in the source."


_DOSE_FORMS: Final[Mapping[str, Callable[[Any], str]]] = {
    "insertions": lambda value: f"{value} insertions",
    "gauge_mm": lambda value: f"needle {value:g} mm thick",
    "depth_mm": lambda value: f"{value:g} mm deep",
    "current": lambda value: "with current" if value else "without current",
    "hold_s": lambda value: f"hold {value:g} s",
    "repetitions": lambda value: f"{value} repetitions",
    "sets": lambda value: f"{value} sets",
    "load_percent": lambda value: f"{value:g} % of the most",
    "minutes": lambda value: f"{value:g} min",
    "per_day": lambda value: f"{value:g} x a day",
    "per_week": lambda value: f"{value:g} x a week",
    "for_weeks": lambda value: f"for {value:g} wk",
}


def _treatment_dose(done: Treatment) -> str:
    parts = [words.site_name(site) for site in done.sites]
    parts += [
        form(value)
        for name, form in _DOSE_FORMS.items()
        if (value := getattr(done, name)) is not None
    ]
    if parts:
        return _sentence("; ".join(parts))
    return "" if set(KINDS[done.kind]) <= {"what", "sites"} else "Dose not stated."


def _sign_sources(sign: str) -> tuple[str, ...]:
    return atlas().signs[sign].source_ids


def _muscle(name: str) -> str:
    return words.lower_first(atlas().muscles[name].common_name)


def _finding(item: Finding) -> str:
    return words.finding_words(item)


def _site(site: Site) -> str:
    return words.site_name(site)


def _listed(texts: Sequence[str]) -> str:
    return words.listed(texts) if texts else "none"


_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "pct": words.per_cent,
    "chance": words.chance,
    "fit": lambda item: f"{words.root_name(item.root)}, {words.chance(item)}",
    "fits": words.with_honest_shares,
    "root": words.root_name,
    "site": _site,
    "place": words.place_name,
    "sign": words.sign_name,
    "sign_sources": _sign_sources,
    "finding": _finding,
    "result": words.result,
    "counts": words.counts_as,
    "muscle": _muscle,
    "separates": words.next_sign_words,
    "together": words.explanation_words,
    "other": lambda item: words.other_words(item.kind, item.name, item.side),
    "basis": words.basis_words,
    "week": words.week_words,
    "measure": measure_name,
    "outcome": value_words,
    "outcome_words": lambda name: OUTCOMES[name],
    "plain": _plain,
    "sentence": _sentence,
    "upper_first": words.upper_first,
    "lower_first": words.lower_first,
    "listed": _listed,
    "effect_severity": lambda effect: _SEVERITY[effect],
    "dose_sources": _dose_sources,
    "depth_sources": _depth_sources,
    "exercise_dose": _exercise_dose,
    "treatment_dose": _treatment_dose,
    "host": lambda url: urlsplit(url).hostname or url,
}
