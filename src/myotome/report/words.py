"""Words: how the report says a number, a root, a finding and what follows from them.

Numbers in a sentence are always whole per cents, never 0 and never 100, because the model is never
sure. A root that no finding speaks to is never called the best fit, however common it is. Model
statements say "fits" and "speaks for"; nothing here decides or advises.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from myotome.atlas import Root, Site, atlas
from myotome.examination import Assessment, Explanation, Finding, NextSign, Reason, grade_of
from myotome.examination.assessment import RootProbability
from myotome.examination.finding import GRADE_WORDS
from myotome.treatment.basis import interval
from myotome.treatment.basis import per_cent as plain_per_cent
from myotome.treatment.safety import NO_DEPTH

if TYPE_CHECKING:  # an examination is put into words without loading the plan
    from myotome.treatment.proposal import Plan, PlannedSite
    from myotome.treatment.rows import Exercise

NBSP: Final = "\u00a0"
STANDS_OUT: Final = 0.25  # least probability of a root that is said to fit best; ours
NOT_ADDING_UP: Final = "Several roots can be irritated at once, so these do not add up to 100."
NO_ACCURACY: Final = "How often this is right in patients is not known."

_UNITS: Final = {"mrc": "MRC", "kPa": "kPa", "degrees": "\u00b0"}


_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_BASES: Final = {
    "not_rechecked": "not checked against the book",
    "partly_checked": "checked in part",
    "clinical_teaching": "clinical teaching",
    "sources_and_rule": "sources and a rule",
}


def per_cent(share: float) -> str:
    """A probability in whole per cents, as the plan says it, on one line.

    >>> per_cent(0.724).replace(NBSP, " "), per_cent(0.0004).replace(NBSP, " ")
    ('72 %', '< 1 %')
    """
    return plain_per_cent(share).replace(" ", NBSP)


def chance(item: RootProbability) -> str:
    """A root's probability and interval: 72 % (55 to 86)."""
    inside = interval(item.low, item.high).replace(" ", NBSP)
    return f"{per_cent(item.probability)} ({inside})"


def root_name(root: Root) -> str:
    """A root in words, such as C6 right."""
    return f"{root.segment} {root.side}"


def listed(words: Iterable[str]) -> str:
    """Several things in one phrase.

    >>> listed(["C5", "C6", "C7"])
    'C5, C6 and C7'
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def spoken_to(assessment: Assessment) -> tuple[RootProbability, ...]:
    """Roots that a finding speaks to, for or against, in falling probability."""
    reached = {reason.root for reason in assessment.reasons}
    return tuple(item for item in assessment.roots if item.root in reached)


def stands_out(item: RootProbability) -> bool:
    """Whether a root fits well enough to be named: raised by the findings, and likely enough."""
    return item.probability >= STANDS_OUT and item.probability > item.prior


def headline(assessment: Assessment) -> str:
    """What fits best, in one or two sentences, with numbers."""
    reached = spoken_to(assessment)
    if not reached:
        return "Nothing is recorded that speaks to a root. Each root stands near its base rate."
    best = reached[0]
    if not stands_out(best):
        return (
            f"No root stands out. The best of those that the findings speak to is"
            f" {root_name(best.root)}: {chance(best)}; before any finding"
            f" {per_cent(best.prior)}."
        )
    follows = next((item for item in reached[1:] if item.probability >= 0.01), None)
    further = f" Next {root_name(follows.root)}: {chance(follows)}." if follows else ""
    return f"{root_name(best.root)} fits best: {chance(best)}.{further}"


def standing(assessment: Assessment) -> str:
    """What the numbers are and are not, for the roots that stand out or for none."""
    fitting = any(stands_out(item) for item in spoken_to(assessment))
    what = "These roots fit" if fitting else "The numbers say how far each root fits"
    return f"{what} the signs recorded. Other explanations fit too. {NO_ACCURACY}"


def other_words(kind: str, name: str, side: str) -> str:
    """Another explanation in words."""
    if kind == "nerve_lesion":
        nerve = atlas().nerves[name].name if name in atlas().nerves else name.replace("_", " ")
        return f"Lesion of the {lower_first(nerve)}, {side}"
    return f"Local cause: {name}"


def explanation_words(item: Explanation) -> str:
    """A set of roots irritated together, in words."""
    if not item.roots:
        return "No root"
    names = listed(root_name(root) for root in item.roots)
    return f"{names} alone" if len(item.roots) == 1 else f"{names} together"


def sign_name(sign: str) -> str:
    """The name of a sign."""
    return atlas().signs[sign].name


def site_name(site: Site) -> str:
    """A site in words, side last."""
    return f"Whole side, {site.side}" if site.kind == "side" else atlas().label(site)


def place_name(site: Site) -> str:
    """A site in words without its side."""
    return site_name(site).removesuffix(f", {site.side}")


def result(item: Finding) -> str:
    """What was found: a grade with its word, or a value with its unit and the other side."""
    if item.grade is not None:
        return f"{GRADE_WORDS[item.grade]} ({item.grade})"
    value = f"{item.value:g}"
    compared = "" if item.compared is None else f"{item.compared:g}"
    if item.unit in {"mrc", "reflex"}:
        scale = "MRC 5" if item.unit == "mrc" else "4"
        said = f"{value} of {scale}"
    else:
        unit = _UNITS.get(item.unit, item.unit)
        said = f"{value}{'' if unit == _UNITS['degrees'] else NBSP}{unit}"
    return f"{said}, other side {compared}" if compared else said


def counts_as(item: Finding) -> str:
    """How a measured value is read as a grade; empty for a grade."""
    if item.grade is not None:
        return ""
    grade = grade_of(item)
    return "not weighed" if grade is None else f"counts as {GRADE_WORDS[grade]}"


def finding_words(item: Finding) -> str:
    """A finding in one phrase: Weakness, biceps brachii, left: 4 of MRC 5."""
    if item.site.kind == "reflex":
        return f"{site_name(item.site)}: {result(item)}"
    if item.site.kind == "side":
        return f"{sign_name(item.sign)}, {item.site.side}: {result(item)}"
    return f"{sign_name(item.sign)}, {lower_first(site_name(item.site))}: {result(item)}"


def upper_first(text: str) -> str:
    """A phrase at the beginning of a sentence."""
    return f"{text[:1].upper()}{text[1:]}"


def lower_first(text: str) -> str:
    """A name inside a sentence; abbreviations keep their capitals.

    >>> lower_first("Biceps brachii, left"), lower_first("TENS after needling")
    ('biceps brachii, left', 'TENS after needling')
    """
    if text[:2].isupper() or not text[1:2].islower():
        return text
    return f"{text[:1].lower()}{text[1:]}"


def reason_words(item: Reason) -> str:
    """How strongly a finding speaks, in words."""
    return f"{item.strength}, speaks {'for' if item.log_odds > 0 else 'against'}"


def next_sign_words(item: NextSign) -> str:
    """What a sign would separate."""
    segments = [root.segment for root in item.separates]
    if len(segments) > 1 and len({root.side for root in item.separates}) == 1:
        return f"Could help tell {segments[0]} from {segments[1]}."
    if len(item.separates) > 1:
        first, second = (root_name(root) for root in item.separates[:2])
        return f"Could help tell {first} from {second}."
    return f"Would speak for or against {root_name(item.separates[0])}."


def concluded_words(
    concluded: Sequence[Root], basis: str, assessment: Assessment
) -> tuple[str, ...]:
    """What the source concluded, beside where the model put it."""
    if not concluded:
        return ("The source names no root.",)
    by = f" (by {basis})" if basis else ""
    said = [f"The source concluded {listed(root_name(root) for root in concluded)}{by}."]
    reached = [item.root for item in spoken_to(assessment)]
    for root in concluded:
        item = next(entry for entry in assessment.roots if entry.root == root)
        if root not in reached:
            said.append(
                f"No finding recorded speaks to {root_name(root)}: it stays at {chance(item)}."
            )
            continue
        rank = ordinal(reached.index(root) + 1)
        where = f"The model put {'it' if len(concluded) == 1 else root_name(root)} {rank}"
        said.append(f"{where}, {chance(item)}.")
    return tuple(said)


def ordinal(number: int) -> str:
    """A place in words up to eighth.

    >>> ordinal(2), ordinal(21)
    ('second', '21st')
    """
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in {11, 12, 13} else ending}"


def basis_words(certainty: str) -> str:
    """How sure a line is: read, derived, unverified, assumed, or a table's own word."""
    return _BASES.get(certainty, certainty.replace("_", " "))


def week_words(week: float) -> str:
    """A week since the first visit."""
    return f"week {week:g}"


def unbroken(text: str) -> str:
    """A sentence whose numbers stay on one line with their per-cent sign.

    >>> unbroken("S1 right fits, > 99 %") == f"S1 right fits, >{NBSP}99{NBSP}%"
    True
    """
    text = text.replace(" %", f"{NBSP}%")
    return text.replace("> 99", f">{NBSP}99").replace("< 1", f"<{NBSP}1")


def sites_words(sites: Iterable[Site]) -> str:
    """Several sites in one phrase; the levels of one muscle and side are said together.

    >>> left = [atlas().site("multifidus_cervicalis", "left", level) for level in ("C6", "C5")]
    >>> sites_words([*left, atlas().site("infraspinatus", "right")])
    'multifidus C5 and C6 left and infraspinatus right'
    """
    ladder = list(atlas().spinal_levels)
    found: dict[tuple[str, str], list[int]] = {}
    for site in sites:
        name = atlas().muscles[site.name].common_name
        name = lower_first(name.split(",")[0] if site.level else name)
        levels = found.setdefault((name, site.side), [])
        if site.level in ladder:
            levels.append(ladder.index(site.level))
    return listed(
        " ".join(filter(None, (name, _levels([ladder[at] for at in sorted(levels)], levels), side)))
        for (name, side), levels in found.items()
    )


def _levels(names: Sequence[str], places: Sequence[int]) -> str:
    """Levels in one phrase: C5 to T1 where none between is left out."""
    if len(names) > 2 and max(places) - min(places) == len(names) - 1:
        return f"{names[0]} to {names[-1]}"
    return listed(names) if names else ""


def plan_words(plan: Plan, why_none: str) -> str:
    """The plan in one line: how many sites, where, and what is not known of them.

    Args:
        plan: The proposal.
        why_none: Why there is no site, where there is none.
    """
    if plan.missing:
        number = len(plan.missing)
        asked = "question that can stop it is" if number == 1 else "questions that can stop it are"
        return f"No needling is proposed: {number} {asked} not answered."
    if not plan.sites:
        return f"No needling is proposed. {why_none}"
    number, visits = len(plan.sites), len(plan.visits)
    when = "in visit 1" if visits == 1 else f"over {visits} visits"
    where = sites_words(item.site for item in plan.sites)
    unknown = sum(item.hazards.depth == NO_DEPTH for item in plan.sites)
    critical = sum(map(_is_critical, plan.sites))
    parts = [f"{number} {'site' if number == 1 else 'sites'} proposed {when}: {where}"]
    if unknown:
        parts.append(f"no depth is known for {_share(unknown, number)}")
    if critical:
        parts.append(f"a critical hazard at {_share(critical, number)}")
    return f"{'; '.join(parts)}."


def _share(some: int, whole: int) -> str:
    if some < whole:
        return f"{some} of them"
    return "it" if whole == 1 else "each of them"


def _is_critical(item: PlannedSite) -> bool:
    severe = any(row.severity == "critical" for row in item.hazards.hazards)
    return severe or bool(item.hazards.keep_clear_of)


def sign_at(item: NextSign) -> str:
    """A sign to look for, with its place: Reflex: triceps reflex, left."""
    if item.site.kind == "side":
        return f"{sign_name(item.sign)}, {item.site.side}"
    join = ":" if item.sign == "reflex" else ","
    return f"{sign_name(item.sign)}{join} {lower_first(site_name(item.site))}"


def exercise_dose(row: Exercise) -> str:
    """How often and how long an exercise is done."""
    parts = []
    if row.hold_s:
        parts.append(f"hold {row.hold_s:g}{NBSP}s")
    if row.repetitions and (row.repetitions > 1 or row.hold_s):
        times = "time" if row.repetitions == 1 else "times"
        parts.append(f"{row.repetitions} {times}")
    if row.per_day:
        parts.append("once a day" if row.per_day == 1 else f"{row.per_day:g} x a day")
    if row.per_week:
        parts.append(f"{row.per_week:g} days a week")
    return upper_first(", ".join(parts)) + "." if parts else "No dose in the source."
