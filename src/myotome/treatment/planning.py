"""Plan: a proposal to a registered clinician, each line with what it rests on.

Receives an assessment (what the signs fit) and a screening (what the person's answers allow);
gives sites in order with hazards and depth, visits and dose, adjuncts, a home programme, rules
to stop and refer, and what else fits. Pure: no clock, no database. A missing stop question or a
stop empties the sites and says why; what is left out stands beside its reason. Given the roots
that a practitioner concluded, it is for those and says how the findings stand to them. It decides
nothing, and no clinical accuracy of it is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from myotome.atlas import SEGMENTS, Root, atlas
from myotome.examination.assessment import Assessment, RootProbability
from myotome.treatment.basis import Basis, from_finding, from_item, from_row, root_name
from myotome.treatment.conclusion import Conclusion, conclusion_of, from_conclusion
from myotome.treatment.differential import differential
from myotome.treatment.places import areas_of
from myotome.treatment.practice import DEFAULT, Practice
from myotome.treatment.programme import adjuncts, home_programme
from myotome.treatment.proposal import (
    Dose,
    LeftOut,
    MissingInput,
    Plan,
    PlannedRoot,
    PlannedSite,
    VisitWarning,
)
from myotome.treatment.rows import AREAS, CONCERNS, ScreeningItem
from myotome.treatment.rulebook import rulebook
from myotome.treatment.safety import (
    SessionSite,
    SessionWarning,
    is_gentle,
    never_needled,
    session_rules,
    site_hazards,
)
from myotome.treatment.screening import UPPER_MOTOR_NEURON, ScreenAnswer, Screening
from myotome.treatment.targets import (
    Target,
    acute_at,
    concluded_targets,
    local_targets,
    looked_at,
    outwards,
    paraspinal_levels,
    paraspinal_targets,
    peripheral_targets,
    planned_roots,
)
from myotome.treatment.visits import spread

# The lines of a plan are found beside the verb that makes it, too.
__all__ = [
    "Dose",
    "LeftOut",
    "MissingInput",
    "Plan",
    "PlannedRoot",
    "PlannedSite",
    "VisitWarning",
    "dose_of",
    "plan",
]

_OPENING: Final = "A proposal to a registered clinician, who decides."
_ROOTS_FIT: Final = "These roots fit the signs recorded; other explanations fit too."
_NO_ROOT_FITS: Final = (
    "No root fits better than none, so no paraspinal site is proposed for a root; sites named"
    " local rest on their own findings only."
)
_ACCURACY: Final = "How often this is right in patients is not known."
_COURSE_DOSE: Final = (
    "interval",
    "sessions",
    "sessions_recent",
    "first_review",
    "re_examine",
    "discharge_interval",
    "soreness",
)


def plan(
    assessment: Assessment,
    screening: Screening,
    *,
    first_visit: bool = True,
    practice: Practice = DEFAULT,
    roots: Iterable[Root] | None = None,
) -> Plan:
    """A proposal for the irritated roots that fit, within what the screening allows.

    Signs of the upper motor neuron count as a red flag that is not cleared, whatever the
    screening said. No sites are proposed while a stop question that matters here is unanswered.

    Args:
        assessment: What the findings fit.
        screening: The answers of the day.
        first_visit: Whether the next visit is the person's first needling here.
        practice: Habits and limits of the clinic.
        roots: Those that a practitioner concluded: the plan is for them and no others, and for
            none it has no sites. Left out, it is for those that fit.
    """
    screening = _with_signs_to_refer(screening, assessment)
    fitted = planned_roots(assessment, practice)
    conclusion = None if roots is None else conclusion_of(roots, fitted, assessment)
    planned = fitted if conclusion is None else conclusion.roots
    targets = _targets(planned, assessment, practice, conclusion)
    screening = screening.within(_areas(planned, targets, assessment))
    missing = screening.missing
    allowed, left_out = _sift(targets, assessment, screening, practice, missing)
    dose = dose_of(screening, practice)
    sites = _planned(allowed, planned, assessment, dose, practice, first_visit=first_visit)
    beside = targets or looked_at(assessment)
    proposed, held = adjuncts(beside, screening, practice)
    return Plan(
        screening=screening,
        concern=_concern(screening, assessment),
        missing=missing,
        roots=tuple(_planned_root(item, assessment, conclusion) for item in planned),
        sites=sites,
        left_out=left_out,
        session_warnings=_warnings(sites, screening, practice, first_visit=first_visit),
        dose=tuple(rulebook().dose_rules[name] for name in _COURSE_DOSE) if sites else (),
        adjuncts=proposed,
        adjuncts_held=held,
        home_programme=home_programme(beside, screening),
        rules=tuple(rulebook().course_rules.values()),
        differential=differential(assessment, planned, targets, conclusion),
        next_signs=assessment.next_signs,
        missing_inputs=(
            *_missing_inputs(planned, assessment, screening),
            *_nothing_to_needle(conclusion, targets),
        ),
        statement=_statement(planned, screening, missing, conclusion),
        versions=(
            *assessment.versions.items(),
            ("atlas_tables", atlas().version),
            ("treatment_tables", rulebook().version),
        ),
        conclusion=conclusion,
    )


def _with_signs_to_refer(screening: Screening, assessment: Assessment) -> Screening:
    if not assessment.refers or screening.is_raised(UPPER_MOTOR_NEURON):
        return screening
    signs = ", ".join(dict.fromkeys(item.sign for item in assessment.refers))
    week = max((answer.week for answer in screening.answers), default=0.0)
    return screening.noting(
        ScreenAnswer(UPPER_MOTOR_NEURON, "yes", note=f"Found on examination: {signs}", week=week)
    )


def _concern(screening: Screening, assessment: Assessment) -> str:
    """At least refer while an upper motor neuron sign stands, even when cleared to go on."""
    found = "refer" if assessment.refers else CONCERNS[0]
    return max(screening.concern, found, key=CONCERNS.index)


def _targets(
    roots: Sequence[RootProbability],
    assessment: Assessment,
    practice: Practice,
    conclusion: Conclusion | None,
) -> tuple[Target, ...]:
    if conclusion is not None:
        return concluded_targets(roots, assessment, practice)
    if not roots:
        return local_targets(assessment, practice)
    return (
        *paraspinal_targets(roots, assessment, practice),
        *peripheral_targets(roots, assessment, practice),
    )


def _areas(
    roots: Sequence[RootProbability], targets: Sequence[Target], assessment: Assessment
) -> frozenset[str]:
    """Parts of the body that the case touches; all of them when nothing says."""
    found: set[str] = set()
    for item in roots:
        at = SEGMENTS.index(item.root.segment)
        if at <= SEGMENTS.index("T1"):
            found.add("neck")
        if SEGMENTS.index("T1") <= at <= SEGMENTS.index("T12"):
            found.add("thorax")
        if at >= SEGMENTS.index("T12"):
            found.add("low_back")
        if at >= SEGMENTS.index("L2"):
            found.add("leg")
    named = [target.site.name for target in targets]
    named += [item.site.name for item in assessment.findings]
    for name in named:
        if name in atlas().muscles:
            found |= areas_of(atlas().muscles[name].region)
    return frozenset(found or AREAS)


def _sift(
    targets: Sequence[Target],
    assessment: Assessment,
    screening: Screening,
    practice: Practice,
    missing: Sequence[ScreeningItem],
) -> tuple[tuple[Target, ...], tuple[LeftOut, ...]]:
    """The targets that may be proposed, in order, and the others with their reasons."""
    allowed: list[Target] = []
    left_out: list[LeftOut] = []
    for target in targets:
        reason = _why_left_out(target, assessment, screening, missing)
        if reason:
            left_out.append(reason)
        else:
            allowed.append(target)
    spinal = [target for target in allowed if not _is_peripheral(target)]
    outer = [target for target in allowed if _is_peripheral(target)]
    for target in outer[practice.peripheral_at_most :]:
        rule = rulebook().dose_rules["peripheral_muscles"]
        basis = from_row("dose_rules", rule.rule_id, rule, rule.words)
        words = f"Fits as short, after the {practice.peripheral_at_most} that fit better."
        if target.there:
            words = f"After the {practice.peripheral_at_most} that more speaks for."
        left_out.append(LeftOut(target, words, "later", (basis, *target.rests_on)))
    outer = sorted(outer[: practice.peripheral_at_most], key=outwards)
    outer.sort(key=lambda target: bool(target.there) and not target.is_found)
    return (*spinal, *outer), tuple(left_out)


def _is_peripheral(target: Target) -> bool:
    return all(role.place in {"peripheral", "found", "local"} for role in target.roles)


def _why_left_out(
    target: Target,
    assessment: Assessment,
    screening: Screening,
    missing: Sequence[ScreeningItem],
) -> LeftOut | None:
    place = never_needled(target.site.name)
    if place:
        basis = from_row("forbidden_places", place.place_id, place, place.name)
        return LeftOut(target, f"Never needled. {place.why}", "never", (basis,))
    acute = acute_at(target.site, assessment.findings)
    if acute:
        row = rulebook().screening_items["skin_infection"]
        basis = from_row("screening_items", row.item_id, row, row.advice)
        words = "Swelling, warmth or redness there: never into acutely inflamed tissue."
        return LeftOut(target, words, "when_no_longer_so", (from_finding(acute), basis))
    removal = screening.why_not("needling", target.site)
    if removal:
        item = removal.item
        return LeftOut(target, item.advice, removal.ends, (from_item(item, "yes"),))
    if missing:
        item = missing[0]
        words = f"Not asked: {item.question}"
        return LeftOut(target, words, "when_answered", (from_item(item, "not asked"),))
    return None


def dose_of(screening: Screening, practice: Practice = DEFAULT) -> Dose:
    """How much at any one site, and how: gently where strong stimulation is taken away."""
    gentle = is_gentle(screening)
    names = (
        ["insertions_per_site", "gauge"]
        if gentle
        else [
            "insertions_per_site",
            "gauge",
            "strokes",
        ]
    )
    current = practice.electrical and screening.why_not("electrical") is None
    asked = all(item.item_id != "implanted_device" for item in screening.unanswered)
    if current and asked and not gentle:
        names.append("current")
    most = min(practice.insertions_first_visit, practice.insertions_session)
    insertions = min(1 if gentle else practice.insertions_per_site, most)
    return Dose(insertions, gentle, tuple(rulebook().dose_rules[name] for name in names))


def _planned(  # noqa: PLR0913 - what one site needs to know
    targets: Sequence[Target],
    roots: Sequence[RootProbability],
    assessment: Assessment,
    dose: Dose,
    practice: Practice,
    *,
    first_visit: bool,
) -> tuple[PlannedSite, ...]:
    ranks = {item.root: rank for rank, item in enumerate(roots)}
    ranked = [(target.site, ranks[target.root] if target.root else 0) for target in targets]
    turn = spread(ranked, dose.insertions, practice, first_visit=first_visit)
    return tuple(
        _planned_site(target, priority, turn[target.site], dose, assessment)
        for priority, target in enumerate(targets, start=1)
    )


def _planned_site(
    target: Target, priority: int, visit: int, dose: Dose, assessment: Assessment
) -> PlannedSite:
    attachment = atlas().attachments.get(target.site.name)
    loaded = next((item for item in assessment.structures if item.site == target.site), None)
    hazards = site_hazards(target.site)
    rests_on = list(target.rests_on)
    if attachment:
        rests_on.append(
            from_row("attachments", target.site.name, attachment, f"loads {attachment.tendon}")
        )
    rests_on += [
        Basis("table", f"hazards {row.hazard_id}: {row.name}", row.source_ids, "sources")
        for row in hazards.hazards
    ]
    structure = loaded or attachment
    return PlannedSite(
        target=target,
        priority=priority,
        visit=visit,
        dose=dose,
        hazards=hazards,
        tendon=structure.tendon if structure else "",
        attachment_site=structure.attachment_site if structure else "",
        joint_ids=structure.joint_ids if structure else (),
        loads=structure.loads if structure else "",
        rests_on=tuple(dict.fromkeys(rests_on)),
    )


def _planned_root(
    item: RootProbability, assessment: Assessment, conclusion: Conclusion | None
) -> PlannedRoot:
    support = assessment.rami.get(item.root)
    reasons = assessment.reasons_for(item.root)
    tie = Basis(
        "table",
        "dose and levels: paraspinals of the level, one above and one below",
        ("treatment_derived", "focusphysio"),
        "derived",
    )
    return PlannedRoot(
        fit=item,
        anterior=support.anterior if support else "not_looked_at",
        posterior=support.posterior if support else "not_looked_at",
        levels=tuple(level for level, _ in paraspinal_levels(item.root.segment)),
        rests_on=(
            *((from_conclusion(item),) if conclusion else ()),
            *(from_finding(reason.finding) for reason in reasons if reason.log_odds > 0),
            tie,
        ),
        is_concluded=conclusion is not None,
    )


def _warnings(
    sites: Sequence[PlannedSite],
    screening: Screening,
    practice: Practice,
    *,
    first_visit: bool,
) -> tuple[VisitWarning, ...]:
    """The rules of each visit; and that the chest is split, where it is."""
    found: list[VisitWarning] = []
    for number in range(1, max((site.visit for site in sites), default=0) + 1):
        session = [
            SessionSite(site.site, site.dose.insertions) for site in sites if site.visit == number
        ]
        rules = session_rules(session, screening, first_visit and number == 1, practice)
        found += [VisitWarning(number, rule) for rule in rules]
    everywhere = [SessionSite(site.site, 0) for site in sites]
    for rule in session_rules(everywhere, screening, first_visit, practice):
        if rule.rule == "both_sides_of_chest":
            found.insert(0, VisitWarning(0, _split(rule, sites)))
    return tuple(found)


def _split(rule: SessionWarning, sites: Sequence[PlannedSite]) -> SessionWarning:
    turns: dict[str, list[str]] = {}
    for site in sites:
        if site.site in rule.sites:
            turns.setdefault(site.site.side, []).append(str(site.visit))
    words = ", ".join(
        f"{side} in visit {' and '.join(sorted(set(visits)))}" for side, visits in turns.items()
    )
    return SessionWarning(
        "chest_split",
        "caution",
        f"Sites over the lung on both sides are split over visits: {words}."
        " Never both sides of the chest in one visit.",
        rule.sites,
        rule.source_ids,
        rule.certainty,
    )


def _missing_inputs(
    roots: Sequence[RootProbability],
    assessment: Assessment,
    screening: Screening,
) -> tuple[MissingInput, ...]:
    found = [
        MissingInput(
            f"Not asked: {item.question}",
            (from_row("screening_items", item.item_id, item, item.effect),),
        )
        for item in screening.not_asked_in(screening.areas)
    ]
    found += [
        MissingInput(
            f"Where? {raised.item.question} Taken as everywhere until it is told.",
            (from_row("screening_items", raised.item.item_id, raised.item, "yes, no place"),),
        )
        for raised in screening.raised
        if raised.lacks_place
    ]
    for item in roots:
        found += _rami_not_seen(item.root, assessment)
        if not paraspinal_levels(item.root.segment):
            words = f"No spinal level is felt for {root_name(item.root)}: no paraspinal site."
            basis = Basis("table", "level_supply: no row", ("anatomy_general",), "assumed")
            found.append(MissingInput(words, (basis,)))
    return tuple(found)


def _nothing_to_needle(
    conclusion: Conclusion | None, targets: Sequence[Target]
) -> Iterable[MissingInput]:
    """A concluded root without any muscle of its front ramus that was found short."""
    if conclusion is None:
        return
    reached = {role.root for one in targets if _is_peripheral(one) for role in one.roles}
    for item in conclusion.roots:
        if item.root not in reached:
            words = (
                f"No sign of shortening was found in a muscle of the front ramus of"
                f" {root_name(item.root)}, so none is proposed."
            )
            basis = Basis("assessment", f"findings of {item.root}", ("istop_signs",), "read")
            yield MissingInput(words, (basis,))


def _rami_not_seen(root: Root, assessment: Assessment) -> list[MissingInput]:
    """The school asks for signs of both rami; one that was not looked at is named."""
    support = assessment.rami.get(root)
    words = {"anterior": "front", "posterior": "back"}
    return [
        MissingInput(
            f"The {words[ramus]} ramus of {root_name(root)} was not looked at;"
            " the teaching asks for signs of both.",
            (Basis("assessment", f"rami of {root}", ("istop_signs",), "read"),),
        )
        for ramus in ("anterior", "posterior")
        if support is None or getattr(support, ramus) == "not_looked_at"
    ]


def _statement(
    roots: Sequence[RootProbability],
    screening: Screening,
    missing: Sequence[ScreeningItem],
    conclusion: Conclusion | None,
) -> str:
    fit = _ROOTS_FIT if roots else _NO_ROOT_FITS
    parts = [_OPENING, fit if conclusion is None else conclusion.words, _ACCURACY]
    if missing:
        parts.append(f"No needling is proposed: not asked, {missing[0].question}")
    if not screening.is_complete:
        parts.append("The level of concern counts only what was asked.")
    removal = screening.why_not("needling")
    if removal:
        parts.append(f"No needling is proposed: {removal.item.advice}")
    return " ".join(parts)
