"""Atlas: what is there, from the segments of the cord to nerve, muscle, skin, joint and hazard.

It receives nothing and gives anatomy to every other room: `atlas()` answers questions about
roots, sites, movements, hazards and conditions, each with sources and disagreements.
"""

from myotome.atlas.atlas import Atlas, atlas
from myotome.atlas.sites import ROOTS, SEGMENTS, SIDES, Root, Side, Site, SiteKind, Supply

__all__ = [
    "ROOTS",
    "SEGMENTS",
    "SIDES",
    "Atlas",
    "Root",
    "Side",
    "Site",
    "SiteKind",
    "Supply",
    "atlas",
]
