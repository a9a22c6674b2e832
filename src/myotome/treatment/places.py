"""Places: turns the region of a screening answer into the muscles it covers.

A region is a muscle, a muscle region, a region of the body chart or a larger part
(``upper_limb``, ``chest``), with a side where one is meant: ``leg-left``. Without a side it
covers both. Which muscles lie under a place is in ``tables/places.csv``, wide rather than
narrow: an answer takes away a little too much before it takes away too little.
"""

from __future__ import annotations

from dataclasses import dataclass

from myotome.atlas import SIDES, Site, atlas
from myotome.errors import UnknownName
from myotome.treatment.rulebook import rulebook


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the body, on one side or both."""

    name: str
    side: str
    muscles: frozenset[str]

    def __str__(self) -> str:
        words = self.name.replace("_", " ")
        return f"{words}, {self.side}" if self.side else words

    def covers(self, site: Site) -> bool:
        """Whether a muscle site lies here; a midline place lies on both sides."""
        return site.name in self.muscles and self.side in {"", site.side}


def place(text: str) -> Place:
    """The place written as ``forearm-right``, ``lower_limb-left``, ``sacrum`` or ``soleus``.

    Raises:
        UnknownName: No muscle, muscle region or body region of that name, or no such side.

    >>> str(place("calf-left"))
    'calf, left'
    """
    name, dash, side = text.strip().partition("-")
    if dash and side not in SIDES:
        raise UnknownName("side", side, SIDES, hint="Write the side as -left or -right.")
    if name in atlas().muscles:
        return Place(name, side, frozenset({name}))
    known = rulebook().places
    if name not in known:
        raise UnknownName("muscle, muscle region or body region", name, [*atlas().muscles, *known])
    row = known[name]
    under = {
        muscle.muscle_id
        for muscle in atlas().muscles.values()
        if muscle.region in row.muscle_regions
    }
    return Place(name, side, frozenset(under.union(row.muscle_ids)))


def areas_of(muscle_region: str) -> frozenset[str]:
    """The parts of the body for which questions are asked, for a muscle region.

    >>> sorted(areas_of("shoulder_girdle"))
    ['arm', 'neck', 'thorax']
    """
    return _AREAS_OF_REGION[muscle_region]


_AREAS_OF_REGION = {
    "jaw": frozenset({"neck"}),
    "face": frozenset({"neck"}),
    "neck": frozenset({"neck"}),
    "suboccipital": frozenset({"neck"}),
    "neck_posterior": frozenset({"neck"}),
    "back_thoracic": frozenset({"thorax"}),
    "thorax": frozenset({"thorax"}),
    "abdomen": frozenset({"thorax", "low_back"}),
    "back_lumbar": frozenset({"low_back"}),
    "pelvic_floor": frozenset({"low_back"}),
    "hip": frozenset({"low_back", "leg"}),
    "shoulder_girdle": frozenset({"neck", "thorax", "arm"}),
    "shoulder": frozenset({"arm", "thorax"}),
    "arm": frozenset({"arm"}),
    "forearm": frozenset({"arm"}),
    "hand": frozenset({"arm"}),
    "thigh": frozenset({"leg"}),
    "leg": frozenset({"leg"}),
    "foot": frozenset({"leg"}),
}
