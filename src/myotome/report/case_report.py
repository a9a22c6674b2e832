"""The case report: one case as one page, the answer first, then all that it rests on.

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
from myotome.case import Case
from myotome.examination import Assessment, Finding, LoadedStructure, RamusSupport, Reason
from myotome.examination.assessment import RootProbability, ShortMuscle
from myotome.report import words
from myotome.report.course_section import HEADING, weeks_section
from myotome.report.evidence import (
    HONESTY,
    OUTCOMES,
    certainty_words,
    evidence_by_claim,
    tally,
)
from myotome.report.outcomes import (
    course_svg,
    courses,
    happenings,
    measure_name,
    treatment_dose,
    value_words,
)
from myotome.report.page import page_foot, render
from myotome.report.places import body_views, dangers_at, entries, lenses, site_dangers
from myotome.report.references import References
from myotome.report.spine import all_rows, mark_svg, ranks, spine_ladder
from myotome.simulation import Course
from myotome.treatment.basis import Basis
from myotome.treatment.planning import Dose, MissingInput, Plan
from myotome.treatment.safety import SiteHazards
from myotome.treatment.screening import Raised, Screening

CONTENTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("what", "What this is, and what it is not", "What this is"),
    ("case", "Case and source", "Case"),
    ("roots", "Roots that fit", "Roots"),
    ("body", "Where the signs lie, and the sites proposed", "Body"),
    ("reasons", "Reasons, what else fits, and what to look for next", "Reasons"),
    ("plan", "Screening and plan", "Plan"),
    ("weeks", HEADING, "Weeks"),
    ("happened", "What really happened", "What happened"),
    ("evidence", "Evidence, and what has to be said with it", "Evidence"),
    ("versions", "Versions, and how to redo this", "Versions"),
)
"""Each section: its anchor, its heading, and its name in the line of contents; the weeks stand
only where a course is given."""
_PLAIN: Final = {
    "clear_first": "to be cleared first",
    "stop": "stop",
    "caution": "caution",
    "never": "nobody can clear it",
    "when_cleared": "cleared",
    "when_no_longer_so": "no longer so",
    "later": "a later visit",
    "sign_table": "sign table",
}
_ASSUMED_NOTE: Final = "Assumed: "  # as `screening.assumed_no` begins its notes
_SEVERITY: Final = {"stop": "critical", "clear_first": "high", "caution": "moderate"}
_SUPPORT: Final = {
    "supported": "supported",
    "against": "spoken against",
    "not_looked_at": "not looked at",
}
_TYPED_AT_MOST: Final = 48  # letters of an address that somebody would copy from paper; ours
_STATED: Final = (
    ("age", "person", "age_years"),
    ("sex", "person", "sex"),
    ("height", "person", "height_m"),
    ("mass", "person", "mass_kg"),
    ("duration", "history", "duration_weeks"),
    ("pain score", "history", "pain_nprs"),
    ("activity", "history", "activity"),
)


def case_report(  # noqa: PLR0913 - the parts of one report, the last by name
    case: Case,
    assessment: Assessment,
    screening: Screening,
    plan: Plan,
    *,
    versions: Mapping[str, str],
    command: str,
    course: Course | None = None,
    rivals: Mapping[str, Course] | None = None,
) -> str:
    """The report of a case, as the text of one HTML file.

    Args:
        case: The case; its conclusion and outcomes are shown, never used.
        assessment: What its findings fit.
        screening: The answers given for it.
        plan: The proposal made from both.
        versions: Of everything that took part; ``myotome`` is the program.
        command: The command that makes this report again.
        course: What the model makes of the weeks; left out, the report has no such section.
        rivals: The same under other explanations, by name.
    """
    references = References()
    weeks = () if course is None else (weeks_section(case, course, rivals, references),)
    context = {
        "contents": [part for part in CONTENTS if weeks or part[0] != "weeks"],
        "weeks": weeks,
        "case": case,
        "assessment": assessment,
        "plan": plan,
        "versions": versions,
        "all_versions": tuple(_all_versions(case, plan, versions).items()),
        "command": command,
        "references": references,
        **_case_context(case, screening),
        **_short_context(assessment, screening, plan),
        **_roots_context(assessment),
        **_body_context(assessment, plan),
        **_reasons_context(assessment, plan),
        **_plan_context(plan),
        **_happened_context(case, assessment),
        "honesty": HONESTY,
        "evidence": tuple(
            (claim, rows, tally(rows), certainty_words(rows)) for claim, rows in evidence_by_claim()
        ),
    }
    foot = page_foot(f"{case.id}, Myotome {versions.get('myotome', '')}", "Not a forecast")
    sheets = ("course.css",) if weeks else ()
    return render("report.html.j2", context, _FILTERS, foot=foot, sheets=sheets)


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


def _short_context(assessment: Assessment, screening: Screening, plan: Plan) -> dict[str, Any]:
    """The answer in short, and what has to be read before it."""
    return {
        "headline": words.headline(assessment),
        "first": _said_first(assessment, plan),
        "held_short": [
            words.lower_first(words.site_name(muscle.site)) for muscle in assessment.muscles
        ],
        "concern_words": plan.concern_words,
        "answers_words": _answers_words(screening),
        "plan_words": words.plan_words(plan, _why_no_site(plan)),
    }


def _said_first(assessment: Assessment, plan: Plan) -> tuple[tuple[str, str], ...]:
    """What has to be read before anything else: words, and where more of it stands."""
    found = []
    if assessment.refers:
        found.append(("Signs that mean refer were found.", "refer"))
    if plan.concern in {"refer", "emergency"} or plan.screening.blocked:
        found.append((f"Level of concern: {plan.concern_words}.", "plan"))
    return tuple(found)


def _case_context(case: Case, screening: Screening) -> dict[str, Any]:
    person, history = case.person, case.history
    facts = (
        ("Age", person.age_years, "{:g} y"),
        ("Sex", person.sex, "{}"),
        ("Height", person.height_m, "{:g} m"),
        ("Mass", person.mass_kg, "{:g} kg"),
        ("Duration", history.duration_weeks, "{:g} wk"),
        ("Pain, NPRS", history.pain_nprs, "{:g}/10"),
        ("Activity", history.activity, "{}"),
    )
    missing = [
        name for name, part, key in _STATED if getattr(getattr(case, part), key) in {None, ""}
    ]
    gaps = tuple(gap.why for gap in case.assumed if gap.path.startswith("screen"))
    notes = Counter(answer.note for answer in screening.answers if answer.note)
    return {
        "facts": tuple(
            (name, form.format(value)) for name, value, form in facts if value not in {None, ""}
        ),
        "unstated": missing,
        "screening_notes": tuple((note, n) for note, n in notes.items() if n > 1),
        "place_assumed": any(_is_of_place(gap.path) for gap in case.assumed),
        "answered": any(answer.answer in {"yes", "no"} for answer in screening.answers),
        "screening_gaps": gaps,
        "answers_assumed": gaps or any(note.startswith(_ASSUMED_NOTE) for note in notes),
    }


def _is_of_place(path: str) -> bool:
    """Whether something assumed is the site or the side of a finding."""
    return any(
        part.strip().startswith("finding") and (".site" in part or ".side" in part)
        for part in path.split(",")
    )


def _roots_context(assessment: Assessment) -> dict[str, Any]:
    links = {root: f"#root-{root}" for root in ranks(assessment)}
    return {
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


def _reasons_context(assessment: Assessment, plan: Plan) -> dict[str, Any]:
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
    named = {(item.kind, item.probability) for item in plan.differential}
    return {
        "reason_roots": best,
        "short_muscles": tuple(_short_muscles(assessment)),
        "alternatives": plan.differential,
        "less_likely": tuple(
            item for item in assessment.other if (item.kind, item.probability) not in named
        ),
    }


def _short_muscles(
    assessment: Assessment,
) -> Iterator[tuple[ShortMuscle, LoadedStructure | None, tuple[str, ...], str]]:
    loaded = {item.site: item for item in assessment.structures}
    for muscle in assessment.muscles:
        row = atlas().attachments.get(muscle.site.name)
        sources = row.source_ids if row else ()
        yield muscle, loaded.get(muscle.site), sources, row.certainty if row else ""


def _plan_context(plan: Plan) -> dict[str, Any]:
    site_rules = [rule for site in plan.sites for rule in site.dose.rules]
    not_asked = plan.screening.not_asked_in(plan.screening.areas)
    return {
        "screening_raised": tuple(_raised(plan.screening)),
        "no_sites_why": _why_no_site(plan),
        "one_dose": len({site.dose.words for site in plan.sites}) == 1,
        "site_dangers": site_dangers(plan.sites),
        "dose_rules": tuple({rule.rule_id: rule for rule in (*plan.dose, *site_rules)}.values()),
        "stop_words": {item.row.stop_when for item in plan.home_programme},
        "missing_inputs": [item for item in plan.missing_inputs if not _is_question(item)],
        "not_asked": {
            family: [item for item in not_asked if item.family == family]
            for family in dict.fromkeys(item.family for item in not_asked)
        },
    }


def _is_question(item: MissingInput) -> bool:
    return item.words.startswith("Not asked: ")


def _why_no_site(plan: Plan) -> str:
    removal = plan.screening.why_not("needling")
    if removal:
        return removal.item.advice
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
    treated = [done.week for done in case.treatments]
    return {
        "concluded": words.concluded_words(case.concluded, case.basis, assessment),
        "courses": tuple(
            (course, _markup(course_svg(course, treated, number)))
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


def _grounds_sources(bases: Sequence[Basis]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for item in bases for source in item.source_ids))


def _depth_sources(hazards: SiteHazards) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source for row in hazards.depths for source in row.source_ids))


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


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _printed_url(url: str) -> str:
    """An address on paper, or its site alone where nobody would type it."""
    bare = url.partition("://")[2].removeprefix("www.").rstrip("/")
    return bare if len(bare) <= _TYPED_AT_MOST else _host(url).removeprefix("www.")


_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "pct": words.per_cent,
    "chance": words.chance,
    "fit": lambda item: f"{words.root_name(item.root)}, {words.chance(item)}",
    "unbroken": words.unbroken,
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
    "sign_at": words.sign_at,
    "dangers": dangers_at,
    "effect_severity": lambda effect: _SEVERITY[effect],
    "dose_sources": _dose_sources,
    "depth_sources": _depth_sources,
    "exercise_dose": words.exercise_dose,
    "treatment_dose": treatment_dose,
    "grounds_sources": _grounds_sources,
    "host": _host,
    "printed_url": _printed_url,
}
