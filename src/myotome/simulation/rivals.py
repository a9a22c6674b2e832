"""Rivals: other explanations of the same course, each a set of links switched.

The segmental root is the description's own account. Each rival keeps every law and changes only
what is linked to what, so that all give the same quantities and can be compared on the same
person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from myotome.simulation.mechanism import CUTS, Cut, Mechanism


@dataclass(frozen=True, slots=True)
class Rival:
    """One explanation, and what it switches."""

    name: str
    title: str
    claim: str
    circle_closed: bool = True
    has_root: bool = True
    inflammation: float = 0.0
    cuts: frozenset[Cut] = frozenset()
    homeostasis: bool = False

    def applied_to(self, mechanism: Mechanism) -> Mechanism:
        """The mechanism as this explanation has it."""
        if not self.homeostasis:
            return mechanism
        return replace(mechanism, homeostasis=replace(mechanism.homeostasis, switch=1.0))


_ALL: Final = frozenset(CUTS)

RIVALS: Final = {
    rival.name: rival
    for rival in (
        Rival(
            "segmental_root",
            "Segmental root",
            "An irritated root keeps the muscle short, and the short paraspinals keep the root"
            " irritated; the needle's discharge lets the muscle go.",
        ),
        Rival(
            "no_circle",
            "Root without the circle",
            "The root is irritated by its cause alone; paraspinals do not squeeze it.",
            circle_closed=False,
        ),
        Rival(
            "peripheral_only",
            "Muscle only",
            "The needle acts in the muscle it enters; the segment does not take part.",
            circle_closed=False,
            cuts=frozenset({"afferent_dorsal_horn"}),
        ),
        Rival(
            "gate_only",
            "Gate only",
            "The needle's afferents close the gate for a while; nothing in the muscle changes.",
            cuts=_ALL - {"afferent_dorsal_horn"},
        ),
        Rival(
            "context_only",
            "Setting and natural course only",
            "The setting of a treatment and the passing of the flare are all there is.",
            cuts=_ALL,
        ),
        Rival(
            "inflammation",
            "Inflammation",
            "An inflamed tissue and no root keeps the pain going.",
            circle_closed=False,
            has_root=False,
            inflammation=0.6,
        ),
        Rival(
            "homeostasis",
            "With slow homeostasis of the motoneuron",
            "A pool that fires above its habit raises its own threshold within days.",
            homeostasis=True,
        ),
    )
}
