"""Targets: which roots a plan is for, and which muscles it looks at, in what order.

For each root the paraspinal at its level, one above and one below; then other posterior muscles
found short there; then the shortest peripheral muscles of these roots, the most distal last.
Where no root fits, muscles with findings of their own stand as ``local``, with that reason. For
roots that were concluded, muscles in which a sign of shortening was found come before those that
only fit as short, since how likely a muscle is short rests on the roots that fit.
What is left out is kept beside the reason. Nothing here asks what the person allows: that is
`screening`; nothing counts visits: that is `visits`.

Source: the teaching that both the short muscles and the paraspinals of their level are treated
(focusphysio); order and number are derived, and the thresholds are the practice's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from myotome.atlas import SEGMENTS, Root, Site, Supply, atlas
from myotome.errors import InputError
from myotome.examination.assessment import Assessment, RootProbability, ShortMuscle
from myotome.examination.finding import Finding, grade_of
from myotome.examination.model import weighed_site
from myotome.examination.short_muscles import MOTOR_SIGNS
from myotome.treatment.basis import (
    Basis,
    found_words,
    from_finding,
    from_root,
    per_cent,
    root_name,
)
from myotome.treatment.conclusion import from_conclusion
from myotome.treatment.places import Place, place
from myotome.treatment.practice import Practice

RolePlace = Literal[
    "level",
    "above",
    "below",
    "short_paraspinal",
    "found_paraspinal",
    "peripheral",
    "found",
    "local",
]

_PARASPINALS: Final = (
    "multifidus_cervicalis",
    "multifidus_thoracis",
    "multifidus_lumborum",
    "semispinalis_cervicis",
    "semispinalis_capitis",
)
_FROM_TRUNK_OUTWARDS: Final = (
    ("jaw", "face", "neck", "neck_posterior", "suboccipital", "thorax", "abdomen"),
    ("back_thoracic", "back_lumbar", "pelvic_floor", "shoulder_girdle"),
    ("shoulder", "hip"),
    ("arm", "thigh"),
    ("forearm", "leg"),
    ("hand", "foot"),
)
_ROLE_WORDS: Final = {
    "level": "paraspinal at the level of",
    "above": "paraspinal one level above",
    "below": "paraspinal one level below",
    "short_paraspinal": "posterior muscle that fits as short, of",
    "found_paraspinal": "posterior muscle with signs of shortening, of",
    "peripheral": "peripheral muscle that fits as short, of",
    "found": "peripheral muscle with signs of shortening, of",
}
_FOUND: Final = "found there"
_LEVELS: Final = frozenset({"level", "above", "below"})
_ACUTE: Final = frozenset({"swelling", "warmth", "redness"})


@dataclass(frozen=True, slots=True)
class Role:
    """Why a site belongs to a plan: its place towards a root, or a local reason (no root)."""

    place: RolePlace
    root: Root | None
    is_concluded: bool = False  # by a practitioner, in place of what fits

    @property
    def words(self) -> str:
        """The role in words."""
        if self.root is None:
            return "held short by local findings; no root fits"
        return f"{_ROLE_WORDS[self.place]} {root_name(self.root)}"


@dataclass(frozen=True, slots=True)
class Target:
    """A site that a plan looks at, before screening and hazards have spoken."""

    site: Site
    roles: tuple[Role, ...]
    short: float | None
    rests_on: tuple[Basis, ...]
    there: str = ""  # what was found there, where the plan rests on a conclusion

    @property
    def is_found(self) -> bool:
        """Whether a plan that rests on a conclusion has a finding there."""
        return self.there.startswith(_FOUND)

    @property
    def root(self) -> Root | None:
        """The first root that it is for."""
        return self.roles[0].root


def planned_roots(assessment: Assessment, practice: Practice) -> tuple[RootProbability, ...]:
    """The roots a plan is for, in falling probability; none where no root fits better.

    Roots of at least `root_support`, and roots of the best joint explanation of at least
    `explained_support`, each above its base rate; at most `roots_at_most`.
    """
    leading = max((item.probability for item in assessment.roots), default=0.0)
    if assessment.no_root >= practice.no_root_dominates or assessment.no_root > leading:
        return ()
    explained = set(assessment.explanations[0].roots) if assessment.explanations else set()
    found = [
        item
        for item in assessment.roots
        if item.probability > item.prior
        and (
            item.probability >= practice.root_support
            or (item.root in explained and item.probability >= practice.explained_support)
        )
    ]
    found.sort(key=lambda item: -item.probability)
    return tuple(found[: practice.roots_at_most])


def paraspinal_levels(segment: str) -> tuple[tuple[str, RolePlace], ...]:
    """The level of a segment, the one above and the one below, as far as they exist.

    C8 has no vertebra of its own name: its level is C7. S2 and S3 share the sacrum. C1 has no
    level that a finger finds, only C2 below it; S4 to Co1 have none.

    >>> paraspinal_levels("C8")
    (('C7', 'level'), ('C6', 'above'), ('T1', 'below'))
    """
    ladder = tuple(atlas().spinal_levels)
    if segment == SEGMENTS[0]:
        return ((ladder[0], "below"),)
    own = atlas().levels_near(segment) or tuple(
        level
        for (group, level), supply in atlas().level_supply.items()
        if group == "posterior" and any(row.segment_id == segment for row in supply)
    )
    if not own:
        return ()
    at = ladder.index(own[0])
    found: list[tuple[str, RolePlace]] = [(own[0], "level")]
    if at > 0:
        found.append((ladder[at - 1], "above"))
    if at + 1 < len(ladder):
        found.append((ladder[at + 1], "below"))
    return tuple(found)


def paraspinal_of_level(level: str) -> str:
    """The posterior muscle first looked at on a level: multifidus where there is one."""
    for muscle in _PARASPINALS:
        if level in atlas().levels_of(muscle):
            return muscle
    raise InputError(f"level must have a paraspinal muscle in the atlas, got '{level}'.")


def paraspinal_targets(
    roots: Sequence[RootProbability], assessment: Assessment, practice: Practice
) -> tuple[Target, ...]:
    """Level, above and below for each root; then other posterior muscles found short there."""
    found: dict[Site, Target] = {}
    for item in roots:
        for level, where in paraspinal_levels(item.root.segment):
            site = atlas().site(paraspinal_of_level(level), item.root.side, level)
            _put(found, site, Role(where, item.root), item, assessment)
    for short in _short(assessment, practice):
        if atlas().muscles[short.site.name].ramus != "posterior":
            continue
        for item in roots:
            if short.site in found and found[short.site].short is not None:
                break
            if _supplies(item.root, short.site):
                _put(found, short.site, Role("short_paraspinal", item.root), item, assessment)
    return tuple(found.values())


def peripheral_targets(
    roots: Sequence[RootProbability], assessment: Assessment, practice: Practice
) -> tuple[Target, ...]:
    """Peripheral muscles of these roots that fit as short, the most likely first."""
    found: dict[Site, Target] = {}
    for short in _short(assessment, practice):
        if atlas().muscles[short.site.name].ramus == "posterior":
            continue
        for item in roots:
            if _supplies(item.root, short.site):
                _put(found, short.site, Role("peripheral", item.root), item, assessment)
    return tuple(found.values())


def concluded_targets(
    roots: Sequence[RootProbability], assessment: Assessment, practice: Practice
) -> tuple[Target, ...]:
    """What a plan for concluded roots looks at, both rami: levels, then muscles of these roots.

    Of the muscles, those with signs of shortening come first, then those that only fit as short.
    """
    found: dict[Site, Target] = {}
    for item in roots:
        for level, where in paraspinal_levels(item.root.segment):
            site = atlas().site(paraspinal_of_level(level), item.root.side, level)
            _put(found, site, Role(where, item.root, True), item, assessment)
    likely = {short.site: short.probability for short in _short(assessment, practice)}
    own = [site for site in _muscles_found(assessment) if _is_tight(site, assessment)]
    own.sort(key=lambda site: (-likely.get(site, 0.0), -_worst(site, assessment)))
    for site in dict.fromkeys((*own, *likely)):
        is_posterior = atlas().muscles[site.name].ramus == "posterior"
        for item in roots:
            if _supplies(item.root, site):
                where = _place_of(is_posterior=is_posterior, fits=site in likely)
                is_level = site in found and found[site].roles[0].place in _LEVELS
                if not is_level:
                    _put(found, site, Role(where, item.root, True), item, assessment)
    return tuple(
        replace(target, there=_there(target.site, assessment)) for target in found.values()
    )


def _place_of(*, is_posterior: bool, fits: bool) -> RolePlace:
    if is_posterior:
        return "short_paraspinal" if fits else "found_paraspinal"
    return "peripheral" if fits else "found"


def _is_tight(site: Site, assessment: Assessment) -> bool:
    """Whether a sign was found that a muscle is short; weakness alone is none."""
    return any(item.sign in MOTOR_SIGNS for item in _seen_at(site, assessment))


def _worst(site: Site, assessment: Assessment) -> int:
    return max(grade_of(item) or 0 for item in _seen_at(site, assessment))


def _seen_at(site: Site, assessment: Assessment) -> tuple[Finding, ...]:
    """Positive findings of a root at a site, a movement that this muscle stopped among them."""
    return tuple(
        item
        for item in assessment.findings
        if weighed_site(item) == site
        and atlas().signs[item.sign].bearing == "root"
        and (grade_of(item) or 0) > 0
    )


def _there(site: Site, assessment: Assessment) -> str:
    """What was found at a site, in words; that nothing was, or that nobody looked."""
    seen = _seen_at(site, assessment)
    if seen:
        return f"{_FOUND}: {'; '.join(found_words(item) for item in seen)}"
    if any(weighed_site(item) == site for item in assessment.findings):
        return "looked at, nothing of a root found there"
    return "not looked at"


def local_targets(assessment: Assessment, practice: Practice) -> tuple[Target, ...]:
    """Muscles that fit as short and have a positive finding of their own, without any root."""
    return tuple(
        Target(
            short.site,
            (Role("local", None),),
            short.probability,
            (*_short_basis(short), *map(from_finding, seen)),
        )
        for short in _short(assessment, practice)
        if (seen := findings_at(short.site, assessment))
    )


def looked_at(assessment: Assessment) -> tuple[Target, ...]:
    """Muscles with a positive finding: what adjuncts and exercises turn to without sites."""
    sites = dict.fromkeys(
        item.site for item in assessment.findings if item.site.kind in {"muscle", "paraspinal"}
    )
    return tuple(
        Target(site, (Role("local", None),), None, tuple(map(from_finding, seen)))
        for site in sites
        if (seen := findings_at(site, assessment))
    )


def _muscles_found(assessment: Assessment) -> tuple[Site, ...]:
    """Every muscle that something was recorded of, in the order of the record."""
    sites = (weighed_site(item) for item in assessment.findings)
    return tuple(dict.fromkeys(site for site in sites if site.kind in {"muscle", "paraspinal"}))


def outwards(target: Target) -> tuple[int, float]:
    """Sorting key: from the trunk outwards, the hand and foot last; likelier first."""
    region = atlas().muscles[target.site.name].region
    ring = next(at for at, regions in enumerate(_FROM_TRUNK_OUTWARDS) if region in regions)
    return ring, -(target.short or 0.0)


def findings_at(site: Site, assessment: Assessment) -> tuple[Finding, ...]:
    """Positive findings at a site that do not speak of a local cause."""
    return tuple(
        item
        for item in assessment.findings
        if item.site == site
        and atlas().signs[item.sign].bearing == "root"
        and (grade_of(item) or 0) > 0
    )


def acute_at(site: Site, findings: Iterable[Finding]) -> Finding | None:
    """A finding of swelling, warmth or redness over a site: acutely inflamed tissue."""
    for item in findings:
        if item.sign not in _ACUTE or (grade_of(item) or 0) == 0:
            continue
        if item.site == site or (item.site.kind == "skin" and _skin(item).covers(site)):
            return item
    return None


def _skin(item: Finding) -> Place:
    side = "" if item.site.side == "midline" else f"-{item.site.side}"
    return place(f"{item.site.name}{side}")


def _short(assessment: Assessment, practice: Practice) -> Iterator[ShortMuscle]:
    for short in sorted(assessment.muscles, key=lambda item: -item.probability):
        if short.probability >= practice.short_support:
            yield short


def _supplies(root: Root, site: Site) -> bool:
    return any(supply.root == root for supply in atlas().roots_of_site(site))


def _put(
    found: dict[Site, Target],
    site: Site,
    role: Role,
    item: RootProbability,
    assessment: Assessment,
) -> None:
    """Add a role of a site, with what the role rests on."""
    basis = from_conclusion if role.is_concluded else from_root
    if site in found:
        earlier = found[site]
        rests_on = (*earlier.rests_on, basis(item), _tie(item, site))
        found[site] = replace(earlier, roles=(*earlier.roles, role), rests_on=rests_on)
        return
    short = next((each for each in assessment.muscles if each.site == site), None)
    rests_on = (
        basis(item),
        _tie(item, site),
        *(_short_basis(short) if short else ()),
        *map(from_finding, findings_at(site, assessment)),
    )
    found[site] = Target(site, (role,), short.probability if short else None, rests_on)


def _short_basis(short: ShortMuscle) -> tuple[Basis, ...]:
    words = f"{atlas().label(short.site)} fits as short, {per_cent(short.probability)}"
    return (Basis("assessment", words, atlas().muscles[short.site.name].source_ids),)


def _tie(item: RootProbability, site: Site) -> Basis:
    """The row of supply that ties a site to a root."""
    supplies: tuple[Supply, ...] = atlas().roots_of_site(site)
    own = next((supply for supply in supplies if supply.root == item.root), None)
    if own is None:
        words = f"{atlas().label(site)}: a level beside that of {root_name(item.root)}"
        return Basis("table", words, ("treatment_derived", "focusphysio"), "derived")
    words = f"{atlas().label(site)}: supply from {own.root.segment} ({own.weight})"
    return Basis("table", words, own.source_ids, own.certainty)
