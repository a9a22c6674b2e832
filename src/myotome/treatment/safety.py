"""Safety: what is never needled, what a needle can harm at a site, and rules of a whole session.

Reads the atlas' hazards and depths and ``tables/forbidden_places.csv``. Used by the plan for
what it proposes and by a session record for what is being done: the same rules twice. A depth
that is not known is said to be unknown; none is ever made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from myotome.atlas import Site, atlas
from myotome.atlas.rows import DepthLimit, Hazard
from myotome.treatment.practice import DEFAULT, Practice
from myotome.treatment.rows import ForbiddenPlace
from myotome.treatment.rulebook import rulebook
from myotome.treatment.screening import Screening

NO_DEPTH: Final = "No depth is known."
_UNSTATED: Final = "not stated in the part read"
_LUNG: Final = "pneumothorax"
_BLEEDING: Final = ("anticoagulant", "anticoagulant_unstable", "bleeding_disorder")


@cache
def never_needled(muscle_id: str) -> ForbiddenPlace | None:
    """Why a muscle is never proposed, absolutely; None where it may be.

    The diaphragm, muscles before pelvic organs, great vessels or the airway, and the front of
    the neck. No answer, clearance or habit of a clinic changes it.

    >>> never_needled("diaphragma").name
    'Diaphragm'
    """
    hazards = atlas().muscle(muscle_id).hazard_ids
    for place in rulebook().forbidden_places.values():
        if place.hazard_id in hazards or muscle_id in place.muscle_ids:
            return place
    return None


def is_over_chest(site: Site) -> bool:
    """Whether a needle at this site can reach the lung."""
    return _LUNG in atlas().muscle(site.name).hazard_ids


def depth_statement(depths: Sequence[DepthLimit]) -> str:
    """What is known of the depth at a site, in one line.

    A published limit comes first, then a length that did not reach the hazard, then the least
    length that did.
    """
    parts: list[str] = []
    for kind, phrase, pick in (
        ("max_recommended", "{mm:g} mm or less", min),
        ("never_reached_hazard", "{mm:g} mm did not reach the hazard", max),
        ("reached_hazard", "{mm:g} mm has reached the hazard", min),
    ):
        known = [row for row in depths if row.kind == kind and row.depth_mm is not None]
        if known:
            row = pick(known, key=lambda row: row.depth_mm or 0.0)
            words = phrase.format(mm=row.depth_mm)
            whose = (
                f"site and build {row.population}"
                if row.population == _UNSTATED
                else row.population
            )
            parts.append(f"{words} ({whose})" if whose else words)
    if not parts:
        return NO_DEPTH
    limited = any(row.kind in {"max_recommended", "never_reached_hazard"} for row in depths)
    return ("" if limited else "No safe depth is known: ") + "; ".join(parts) + "."


@dataclass(frozen=True, slots=True)
class SiteHazards:
    """What a needle can harm at a site, the most severe first, and what is known of depth."""

    site: Site
    hazards: tuple[Hazard, ...]
    depths: tuple[DepthLimit, ...]
    depth: str
    forbidden: ForbiddenPlace | None
    keep_clear_of: tuple[ForbiddenPlace, ...]

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Sources of the hazards, depths and forbidden places, without repeats."""
        found = [row.source_ids for row in self.hazards]
        found += [row.source_ids for row in self.depths]
        found += [row.source_ids for row in self.keep_clear_of]
        return tuple(dict.fromkeys(source for ids in found for source in ids))

    def hazard_dicts(self) -> list[dict[str, Any]]:
        """Hazards as plain values, ready for JSON."""
        return [
            {
                "hazard": row.hazard_id,
                "name": row.name,
                "severity": row.severity,
                "structures": row.structures,
                "advice": row.advice,
                "sources": list(row.source_ids),
            }
            for row in self.hazards
        ] + [
            {
                "hazard": row.place_id,
                "name": row.name,
                "severity": "critical",
                "structures": row.name.lower(),
                "advice": row.why,
                "sources": list(row.source_ids),
            }
            for row in self.keep_clear_of
        ]

    def depth_dict(self) -> dict[str, Any]:
        """What is known of depth as plain values, ready for JSON."""
        return {
            "statement": self.depth,
            "limits": [
                {
                    "depth_mm": row.depth_mm,
                    "kind": row.kind,
                    "level": row.level,
                    "approach": row.approach,
                    "population": row.population,
                    "evidence": row.evidence,
                    "advice": row.advice,
                    "certainty": row.certainty,
                    "sources": list(row.source_ids),
                }
                for row in self.depths
            ],
        }


def site_hazards(site: Site) -> SiteHazards:
    """Hazards and depths of a muscle site."""
    depths = atlas().depths_of_site(site)
    return SiteHazards(
        site=site,
        hazards=atlas().hazards_of_site(site),
        depths=depths,
        depth=depth_statement(depths),
        forbidden=never_needled(site.name),
        keep_clear_of=tuple(
            place
            for place in rulebook().forbidden_places.values()
            if site.name in place.near_muscle_ids
        ),
    )


@dataclass(frozen=True, slots=True)
class SessionSite:
    """A site of one session and how many insertions are planned or were made there."""

    site: Site
    insertions: int = 1


@dataclass(frozen=True, slots=True)
class SessionWarning:
    """A rule over a whole session that its sites touch."""

    rule: str
    effect: Literal["stop", "clear_first", "caution"]
    words: str
    sites: tuple[Site, ...]
    source_ids: tuple[str, ...]
    certainty: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "rule": self.rule,
            "effect": self.effect,
            "words": self.words,
            "sites": [str(site) for site in self.sites],
            "sources": list(self.source_ids),
            "certainty": self.certainty,
        }


def session_rules(
    sites: Iterable[SessionSite],
    screening: Screening,
    first_visit: bool,
    practice: Practice = DEFAULT,
) -> tuple[SessionWarning, ...]:
    """Rules over the whole session that these sites touch, stops first.

    Args:
        sites: What is planned or was done in one visit; a site may stand more than once.
        screening: The answers of the day.
        first_visit: Whether needling is new to this person here.
        practice: Limits of the clinic.
    """
    session = tuple(sites)
    places = tuple(dict.fromkeys(entry.site for entry in session))
    found = [
        *_missing_questions(places, screening),
        *_forbidden(places),
        *_both_lungs(places),
        *_taken_away(places, screening),
        *_not_asked(places, screening),
        *_total(session, first_visit, practice),
        *_first(places, first_visit),
        *_gentle(places, screening),
    ]
    order = ("stop", "clear_first", "caution")
    return tuple(sorted(found, key=lambda warning: order.index(warning.effect)))


def is_gentle(screening: Screening) -> bool:
    """Whether strong stimulation is taken away for the whole person."""
    return screening.why_not("strong_needling") is not None


def _missing_questions(places: Sequence[Site], screening: Screening) -> list[SessionWarning]:
    if not places:
        return []
    return [
        SessionWarning(
            f"not_asked:{item.item_id}",
            "stop",
            f"Not asked: {item.question}",
            tuple(places),
            item.source_ids,
            item.certainty,
        )
        for item in screening.missing
    ]


def _not_asked(places: Sequence[Site], screening: Screening) -> list[SessionWarning]:
    """Questions without an answer that could hold needling, in one line."""
    could_hold = [
        item
        for item in screening.not_asked_in(screening.areas)
        if not {"all", "needling"}.isdisjoint(item.blocks)
    ]
    if not places or not could_hold:
        return []
    names = ", ".join(item.item_id.replace("_", " ") for item in could_hold)
    return [
        SessionWarning(
            "not_asked",
            "clear_first",
            f"Not asked yet, and may need clearing first: {names}.",
            tuple(places),
            tuple(dict.fromkeys(source for item in could_hold for source in item.source_ids)),
            "derived",
        )
    ]


def _first(places: Sequence[Site], first_visit: bool) -> list[SessionWarning]:
    if not places or not first_visit:
        return []
    rule = rulebook().course_rules["first_visit"]
    return [
        SessionWarning(
            rule.rule_id, "caution", rule.words, tuple(places), rule.source_ids, rule.certainty
        )
    ]


def _forbidden(places: Sequence[Site]) -> list[SessionWarning]:
    found = []
    for site in places:
        place = never_needled(site.name)
        if place:
            words = f"{atlas().label(site)} is never needled. {place.why}"
            found.append(
                SessionWarning(
                    f"forbidden:{place.place_id}",
                    "stop",
                    words,
                    (site,),
                    place.source_ids,
                    place.certainty,
                )
            )
    return found


def _both_lungs(places: Sequence[Site]) -> list[SessionWarning]:
    chest = tuple(site for site in places if is_over_chest(site))
    if len({site.side for site in chest}) < 2:
        return []
    return [
        SessionWarning(
            "both_sides_of_chest",
            "stop",
            "Sites over the lung on both sides. Never both sides of the chest in one visit:"
            " leave one side for another visit.",
            chest,
            atlas().hazards[_LUNG].source_ids,
            "read",
        )
    ]


def _taken_away(places: Sequence[Site], screening: Screening) -> list[SessionWarning]:
    found: dict[str, SessionWarning] = {}
    for site in places:
        removal = screening.why_not("needling", site)
        if removal is None:
            continue
        item = removal.item
        earlier = found[item.item_id].sites if item.item_id in found else ()
        found[item.item_id] = SessionWarning(
            f"screening:{item.item_id}",
            "clear_first" if removal.ends == "when_cleared" else "stop",
            item.advice,
            (*earlier, site),
            item.source_ids,
            item.certainty,
        )
    return list(found.values())


def _total(
    session: Sequence[SessionSite], first_visit: bool, practice: Practice
) -> list[SessionWarning]:
    total = sum(entry.insertions for entry in session)
    limit = practice.insertions_in(first_visit=first_visit)
    if total <= limit:
        return []
    rule = rulebook().dose_rules["insertions_first_visit" if first_visit else "insertions_session"]
    visit = "a first visit" if first_visit else "one visit"
    return [
        SessionWarning(
            rule.rule_id,
            "caution",
            f"{total} insertions, above {limit} for {visit}. {rule.words}",
            tuple(dict.fromkeys(entry.site for entry in session)),
            rule.source_ids,
            rule.certainty,
        )
    ]


def _gentle(places: Sequence[Site], screening: Screening) -> list[SessionWarning]:
    """Pregnancy and bleeding bear on every site, cleared or not."""
    if not places:
        return []
    return [
        SessionWarning(
            raised.item.item_id,
            "caution",
            raised.item.advice,
            tuple(places),
            raised.item.source_ids,
            raised.item.certainty,
        )
        for raised in screening.raised
        if raised.item.item_id in {"pregnancy", *_BLEEDING}
    ]
