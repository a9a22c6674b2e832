"""Paths: what each way from the needle's discharge to a lasting effect contributes.

Four paths are cut in turn: activity to receptors, involuntary discharge to thresholds, afferents
to the dorsal horn, length. A path's share is what its cut takes off the effect of needling over
sham at the end. Shares need not add up to one: paths work through each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from myotome.atlas import Root
from myotome.case import Case
from myotome.simulation.course import Course
from myotome.simulation.from_case import simulate
from myotome.simulation.mechanism import CUTS, Cut

NAMES: Final[dict[Cut, str]] = {
    "activity_receptor": "activity to receptors",
    "discharge_threshold": "involuntary discharge to thresholds",
    "afferent_dorsal_horn": "afferents to the dorsal horn",
    "length": "length of the muscle",
}


@dataclass(frozen=True, slots=True)
class PathShare:
    """What is left of an effect when one path is cut, and the share that the path had."""

    path: str
    effect_without: float
    share: float | None


@dataclass(frozen=True, slots=True)
class PathShares:
    """The effect of needling over sham at the end, whole and with each path cut.

    `effect` is in points of pain (negative is less pain) or in % of length; a share is None
    where there is hardly any effect to divide.
    """

    quantity: str
    effect: float
    shares: tuple[PathShare, ...]
    without_any: float


_HARDLY: Final = 0.05


def path_shares(
    case: Case,
    quantity: str = "pain",
    *,
    weeks: float = 12.0,
    rival: str = "segmental_root",
    adherence: float = 0.6,
    roots: Sequence[Root] | None = None,
    progress: Callable[[float], None] | None = None,
) -> PathShares:
    """Shares of the four paths in one case.

    Args:
        case: The case.
        quantity: ``pain``, or a quantity of muscles, of which the first is taken.
        weeks: When.
        rival: Which explanation.
        adherence: Share of the home programme that is done.
        roots: Those that a practitioner concluded; left out, those that fit.
        progress: Called with the share done.
    """
    report = progress or (lambda _: None)
    run = partial(simulate, case, weeks=weeks, rival=rival, adherence=adherence, roots=roots)
    whole = effect_of(run(), quantity)
    report(1 / 6)
    shares = []
    for number, cut in enumerate(CUTS, start=2):
        left = effect_of(run(cuts=frozenset({cut})), quantity)
        share = (whole - left) / whole if abs(whole) > _HARDLY else None
        shares.append(PathShare(NAMES[cut], left, share))
        report(number / 6)
    none = effect_of(run(cuts=frozenset(CUTS)), quantity)
    report(1.0)
    return PathShares(quantity, whole, tuple(shares), none)


def effect_of(course: Course, quantity: str) -> float:
    """Treated less sham at the end of a course, under the central mechanism."""
    treated = course.arm("treated", quantity)[0, -1, 0]
    return float(treated - course.arm("sham", quantity)[0, -1, 0])
