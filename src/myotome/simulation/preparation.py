"""Preparation: what one simulation holds, put together from the atlas for one person.

A few roots, the muscles they supply (up to six), which of those are paraspinals and of which
segment, and how strongly each root reaches each muscle. This is where anatomy and physiology
meet: names stay here, the laws see arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import Root, Site, atlas
from myotome.errors import InputError
from myotome.examination import Assessment
from myotome.simulation.reach import REACH
from myotome.treatment import planned_roots
from myotome.treatment.conclusion import conclusion_of, names_words
from myotome.treatment.practice import DEFAULT

Array = NDArray[np.float64]

MUSCLES_AT_MOST: Final = 6
ROOTS_AT_MOST: Final = 2


@dataclass(frozen=True, slots=True)
class Preparation:
    """Roots, muscles and how they hang together.

    Attributes:
        roots: In falling probability.
        muscles: Paraspinals of the roots first.
        reach: How strongly a root reaches a muscle, 0 to 1, shape (roots, muscles).
        squeezes: 1 where a muscle is a paraspinal at the segment of a root, same shape.
        taken_instead: What the case did not say, in words.
        concluded: All roots that a practitioner concluded, where they were given; `roots` are of
            them then.
        fitted: The roots that fit the findings best, told beside those that were concluded.
    """

    roots: tuple[Root, ...]
    muscles: tuple[Site, ...]
    reach: Array
    squeezes: Array
    taken_instead: tuple[str, ...] = ()
    concluded: tuple[Root, ...] = ()
    fitted: tuple[Root, ...] = ()

    def index(self, site: Site) -> int | None:
        """Place of a muscle; None where the preparation does not hold it."""
        return self.muscles.index(site) if site in self.muscles else None

    @property
    def labels(self) -> tuple[str, ...]:
        """The muscles in words."""
        return tuple(atlas().label(site) for site in self.muscles)


def prepare(
    assessment: Assessment, also: Sequence[Site] = (), roots: Iterable[Root] | None = None
) -> Preparation:
    """The preparation that an assessment asks for, or that somebody's conclusion does.

    Args:
        assessment: What the findings fit.
        also: Muscles to include, such as those treated.
        roots: Those that a practitioner concluded, in place of those that fit.

    Raises:
        InputError: No root was concluded: there is none to irritate.
    """
    taken = []
    fitted = [item.root for item in planned_roots(assessment, DEFAULT)]
    concluded: list[Root] = []
    if roots is not None:
        wanted = conclusion_of(roots, (), assessment).roots
        concluded = [item.root for item in wanted]
        if not concluded:
            raise InputError("roots must name one or more: the course of no root is not run.")
    chosen = (concluded or fitted)[:ROOTS_AT_MOST]
    if len(concluded) > ROOTS_AT_MOST:
        taken.append(
            f"Of the {len(concluded)} concluded roots {names_words(chosen)} are run, which fit"
            f" best; left out: {names_words(concluded[ROOTS_AT_MOST:])}."
        )
    if not chosen:
        reached = {reason.root for reason in assessment.reasons}
        best = [item.root for item in assessment.roots if item.root in reached][:1]
        chosen = best or [assessment.roots[0].root]
        taken.append(f"No root stands out; {chosen[0]} was taken, the best that fits.")
    paraspinals = [_paraspinal(root) for root in chosen]
    muscles = [site for site in paraspinals if site]
    found = [item.site for item in assessment.muscles]
    weak = [
        item.site
        for item in assessment.findings
        if item.site.kind == "muscle" and (item.grade or item.value is not None)
    ]
    for site in (*also, *found, *weak, *_key_muscles(chosen)):
        if site not in muscles and _reach_of(site, chosen).any() and len(muscles) < MUSCLES_AT_MOST:
            muscles.append(site)
    reach = np.stack([_reach_of(site, chosen) for site in muscles], axis=1)
    squeezes = np.array(
        [
            [float(site.kind == "paraspinal" and _squeezes(site, root)) for site in muscles]
            for root in chosen
        ]
    )
    return Preparation(
        tuple(chosen),
        tuple(muscles),
        reach,
        squeezes,
        tuple(taken),
        tuple(concluded),
        tuple(fitted) if concluded else (),
    )


def _paraspinal(root: Root) -> Site | None:
    for level in atlas().levels_near(root.segment):
        for muscle_id in ("multifidus_cervicalis", "multifidus_thoracis", "multifidus_lumborum"):
            if level in atlas().levels_of(muscle_id):
                return atlas().site(muscle_id, root.side, level)
    return None


def _squeezes(site: Site, root: Root) -> bool:
    return any(
        supply.root == root and supply.weight == "major" for supply in atlas().roots_of_site(site)
    )


def _reach_of(site: Site, roots: Sequence[Root]) -> Array:
    supplies = {supply.root: supply.weight for supply in atlas().roots_of_site(site)}
    return np.array([REACH.get(supplies.get(root, ""), 0.0) for root in roots])


def _key_muscles(roots: Sequence[Root]) -> list[Site]:
    """Superficial muscles of which a root is the main supply, few roots first."""
    found = []
    for root in roots:
        rows = [
            row
            for row in atlas().muscles_of_root(root.segment)
            if row.weight == "major"
            and atlas().muscles[row.muscle_id].ramus == "anterior"
            and atlas().muscles[row.muscle_id].layer == "superficial"
            and not atlas().levels_of(row.muscle_id)
        ]
        rows.sort(key=lambda row: len(atlas().innervation[row.muscle_id]))
        found += [atlas().site(row.muscle_id, root.side) for row in rows[:4]]
    return found
