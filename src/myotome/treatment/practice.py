"""Practice: the habits of a clinic that shape a plan; a clinic may set its own.

The defaults follow ``tables/dose_rules.csv`` where a rule exists there; the thresholds of
support are ours, since no source gives any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from myotome.errors import InputError, UnknownName

ADJUNCT_KINDS: Final = (
    "modality",
    "mobilisation",
    "manipulation",
    "stretch",
    "strengthen",
    "stabilise",
    "scar",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """What a plan takes for granted.

    Args:
        root_support: Least probability (0 to 1) at which a root is planned for on its own.
        explained_support: Least probability of a root of the best joint explanation.
        no_root_dominates: Probability of no root from which no root is planned for.
        roots_at_most: Roots planned for at once.
        short_support: Least probability at which a muscle is planned for as short.
        peripheral_at_most: Short peripheral muscles in one plan.
        sites_first_visit: Sites at a first visit.
        sites_later: Sites at a later visit.
        insertions_per_site: Insertions at a site; one where stimulation is kept gentle.
        insertions_first_visit: Insertions at a first visit.
        insertions_session: Insertions at any visit.
        electrical: Whether current through needles is offered.
        adjunct_kinds: Kinds of adjunct that are offered.

    Raises:
        InputError: A share lies outside 0 to 1, or a count is below one.
        UnknownName: No such kind of adjunct.
    """

    root_support: float = 0.25
    explained_support: float = 0.15
    no_root_dominates: float = 0.5
    roots_at_most: int = 3
    short_support: float = 0.5
    peripheral_at_most: int = 5
    sites_first_visit: int = 6
    sites_later: int = 10
    insertions_per_site: int = 2
    insertions_first_visit: int = 12
    insertions_session: int = 20
    electrical: bool = False
    adjunct_kinds: tuple[str, ...] = ADJUNCT_KINDS

    def __post_init__(self) -> None:
        for name in ("root_support", "explained_support", "no_root_dominates", "short_support"):
            share = getattr(self, name)
            if not 0 < share <= 1:
                raise InputError(f"{name} must be above 0 and at most 1, got {share}.", place=name)
        for name in (
            "roots_at_most",
            "peripheral_at_most",
            "sites_first_visit",
            "sites_later",
            "insertions_per_site",
            "insertions_first_visit",
            "insertions_session",
        ):
            count = getattr(self, name)
            if count < 1:
                raise InputError(f"{name} must be 1 or more, got {count}.", place=name)
        for kind in self.adjunct_kinds:
            if kind not in ADJUNCT_KINDS:
                raise UnknownName("adjunct kind", kind, ADJUNCT_KINDS)

    def sites_in(self, *, first_visit: bool) -> int:
        """Sites in one visit."""
        return self.sites_first_visit if first_visit else self.sites_later

    def insertions_in(self, *, first_visit: bool) -> int:
        """Insertions in one visit."""
        return self.insertions_first_visit if first_visit else self.insertions_session


DEFAULT: Final = Practice()
