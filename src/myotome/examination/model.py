"""Model: turns findings into the sites, numbers and order that elimination sums over.

Each site has one hidden state: affected through its nerve (a noisy-OR of the roots and nerve
lesions that reach it), else affected by a cause of its own (strain, inflammation or joint: the
leak), else sound. Signs depend on that state only, so tender, tight and short in one muscle
never count as three places. A cause of its own gives palpation signs as readily as a root does,
but hardly any loss of strength, reflex or feeling; swelling, warmth, redness and recent injury
depend on it alone, and so speak against a root by explaining the site without one.

Whatever was found, a site then weighs ``alpha + beta * prod(1 - w_i)`` over its irritated roots.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import SEGMENTS, SIDES, Root, Site, Supply, atlas
from myotome.examination.elimination import Elimination, LadderPrior, Scope, SiteTables
from myotome.examination.finding import Finding, grade_of, is_brisk
from myotome.examination.probabilities import SignTable

Array = NDArray[np.float64]

MODEL_VERSION: Final = "examination-1"
TABLE_KINDS: Final = {"paraspinal": "level_muscle", "side": "test"}
_CAUSES: Final = ("strain", "inflammation", "joint")


@dataclass(frozen=True, slots=True)
class Graded:
    """A finding with the grade it is weighed at, and the sign whose row of the table it uses."""

    finding: Finding
    grade: int


@dataclass(slots=True)
class Evidence:
    """What is known about one site."""

    site: Site
    sign: str
    supplies: tuple[Supply, ...]
    nerves: frozenset[str]
    graded: list[Graded] = field(default_factory=list)

    @property
    def roots(self) -> tuple[int, ...]:
        """Indices of the roots that supply the site, ascending."""
        return tuple(supply.root.index for supply in self.supplies)

    @property
    def table_kind(self) -> str:
        """The site's kind as the sign table names it."""
        return TABLE_KINDS.get(self.site.kind, self.site.kind)


@dataclass(frozen=True, slots=True)
class Sorted:
    """Findings by what becomes of them."""

    sites: tuple[Evidence, ...]
    refers: tuple[Finding, ...]
    unused: tuple[tuple[Finding, str], ...]


def evidence_at(site: Site, sign: str = "") -> Evidence:
    """A site with its supply and no finding yet.

    Args:
        site: Where; a whole side needs `sign`, its neural test.
        sign: The neural test for a whole side; ignored elsewhere.
    """
    test = sign if site.kind == "side" else ""
    return Evidence(site, test, *_reach(site, test))


@cache
def _reach(site: Site, test: str) -> tuple[tuple[Supply, ...], frozenset[str]]:
    """The roots, ascending, and the nerves that reach a site."""
    supplies = sorted(atlas().roots_of_site(site, test), key=lambda supply: supply.root.index)
    return tuple(supplies), atlas().nerves_over(site)


def sort_findings(findings: Iterable[Finding]) -> Sorted:
    """Gather findings by site; set aside those that mean refer or cannot be weighed, with why.

    The order of the findings makes no difference to anything computed from the result, and the
    same observation given twice counts once.
    """
    sites: dict[tuple[Site, str], Evidence] = {}
    refers: list[Finding] = []
    unused: list[tuple[Finding, str]] = []
    once = {(item.key, item.limited_by): item for item in sorted(findings, key=_order)}
    for item in once.values():
        sign = atlas().signs[item.sign]
        grade = grade_of(item)
        if sign.bearing == "refer":
            refers.extend([item] if grade else [])
        elif is_brisk(item) and (item.compared is None or item.compared < item.value):  # type: ignore[operator]
            refers.append(item)
            unused.append((item, "Brisker than usual: it points above the root, not to it."))
        elif sign.bearing == "not_weighed":
            unused.append((item, "It follows from the single findings, which are weighed."))
        elif grade is None:
            unused.append((item, "No value of the other side or reference to read it against."))
        else:
            site = weighed_site(item)
            key = (site, item.sign if site.kind == "side" else "")
            evidence = sites.get(key) or evidence_at(site, item.sign)
            if not evidence.supplies:
                unused.append((item, "No spinal root supplies this place."))
                continue
            sites[key] = evidence
            evidence.graded.append(Graded(item, grade))
    return Sorted(tuple(sites.values()), tuple(refers), tuple(unused))


def _order(item: Finding) -> tuple[str, ...]:
    site = item.site
    place = (site.kind, site.name, site.level, site.side)
    result = (str(item.grade), str(item.value), str(item.compared))
    return (*place, item.sign, f"{item.week:09.3f}", item.limited_by, *result, item.test)


def weighed_site(item: Finding) -> Site:
    """A movement stopped by a known muscle speaks for that muscle."""
    if item.limited_by and not atlas().levels_of(item.limited_by):
        movement = atlas().movements[item.site.name]
        side = item.site.side
        if movement.limited_by_other_side:
            side = SIDES[1 - SIDES.index(side)]
        return atlas().site(item.limited_by, side)
    return item.site


@dataclass(slots=True)
class Model:
    """Sites, their numbers for each draw of the table, and the order of summation."""

    evidence: tuple[Evidence, ...]
    elimination: Elimination
    tables: SiteTables
    prior: LadderPrior
    nerve_names: tuple[tuple[str, str], ...]
    clear: Array

    @classmethod
    def build(
        cls,
        evidence: Sequence[Evidence],
        table: SignTable,
        prior: LadderPrior,
        elimination: Elimination | None = None,
    ) -> Model:
        """The model of these sites under every draw of the table.

        Args:
            evidence: The sites, with or without findings.
            table: Central values or draws.
            prior: The root prior of the same draws.
            elimination: The order of the same sites, where it was made before.
        """
        names = nerve_names()
        place = {name: index for index, name in enumerate(names)}
        if elimination is None:
            scopes = [
                Scope(
                    item.roots,
                    tuple(sorted(place[item.site.side, nerve] for nerve in item.nerves))
                    if item.site.side != "midline"
                    else (),
                )
                for item in evidence
            ]
            sides = [SIDES.index(side) for side, _ in names]
            elimination = Elimination(len(SEGMENTS), scopes, sides)
        alpha, beta, clear = _site_numbers(evidence, table)
        tables = SiteTables(
            alpha=alpha,
            beta=beta,
            spared=_spared(evidence, table),
            nerve_spared=_nerve_spared(evidence, table),
            nerve_priors=_nerve_priors(table),
        )
        return cls(tuple(evidence), elimination, tables, prior, names, clear)

    def without(self, site: int, graded: Graded, table: SignTable) -> tuple[Array, Array]:
        """`alpha` and `beta` of a site, shape (draws,), as if one finding had not been made."""
        rest = replace(
            self.evidence[site],
            graded=[item for item in self.evidence[site].graded if item is not graded],
        )
        alpha, beta, _ = _site_numbers([rest], table)
        return alpha[:, 0], beta[:, 0]


@cache
def nerve_names() -> tuple[tuple[str, str], ...]:
    """Every (side, single nerve), in the order that the model numbers them."""
    return tuple(
        (side, nerve_id)
        for side in SIDES
        for nerve_id, nerve in atlas().nerves.items()
        if nerve.extent == "single"
    )


def supply_weight(kind: str, supply: Supply, table: SignTable) -> Array:
    """P(site affected | this root irritated) in every draw."""
    symbol = "any" if kind == "movement" else supply.weight
    return table.get(f"supply_weight.{kind}.{symbol}")


def leak(kind: str, table: SignTable) -> Array:
    """P(site affected by a cause of its own) in every draw."""
    return table.get(f"leak.{kind}.leak")


def nerve_weight(kind: str, table: SignTable) -> Array:
    """P(site affected | a nerve that reaches it is lesioned) in every draw."""
    row = {"level_muscle": "muscle"}.get(kind, kind)
    name = f"nerve_lesion.{row}.site_given_lesion"
    return table.get(name) if name in table else np.zeros(table.draws)


@dataclass(frozen=True, slots=True)
class GradeLikelihoods:
    """P(grade | state of the site) of one sign, each of shape (draws, 4)."""

    through_nerve: Array
    local: Array
    sound: Array


def grade_likelihoods(sign: str, table: SignTable) -> GradeLikelihoods:
    """How likely each grade of a sign is in each state of a site.

    A draw in which the sign would be likelier at a sound site counts as no information. A
    slight sign never speaks against a site: where its assumed shares of grades would make it
    do so, those of a sound site are moved towards those of an affected one just far enough.
    """
    sensitivity = table.get(f"sensitivity.{sign}.se")
    specificity = table.get(f"specificity.{sign}.sp")
    carry = table.get(f"local_carry.{sign}")[:, None]
    affected = _spread(1.0 - sensitivity, "grade_given_affected", table)
    sound = _spread(specificity, "grade_given_unaffected", table)
    wrong_way = sensitivity < 1.0 - specificity
    affected[wrong_way] = sound[wrong_way]
    _let_slight_signs_be_neutral(affected, sound)
    return GradeLikelihoods(affected, carry * affected + (1.0 - carry) * sound, sound)


def _let_slight_signs_be_neutral(affected: Array, sound: Array) -> None:
    """Move the grades of a sound site, in place, until a slight sign is no likelier there."""
    present, found = 1.0 - sound[:, :1], 1.0 - affected[:, :1]
    own, other = sound[:, 1:] / present, affected[:, 1:] / found
    surplus = own[:, 0] - affected[:, 1] / present[:, 0]
    apart = own[:, 0] - other[:, 0]
    moved = np.where(surplus > 0.0, surplus / np.where(apart > 0.0, apart, 1.0), 0.0)[:, None]
    sound[:, 1:] = present * (own + np.minimum(moved, 1.0) * (other - own))


def _spread(absent: Array, group: str, table: SignTable) -> Array:
    shares = [table.get(f"{group}.grade_{grade}") for grade in (1, 2, 3)]
    return np.stack([absent, *[(1.0 - absent) * share for share in shares]], axis=1)


def _site_numbers(evidence: Sequence[Evidence], table: SignTable) -> tuple[Array, Array, Array]:
    """`alpha`, `beta` and P(findings, site sound | nothing reaches it), (draws, sites) each."""
    nerve, local, sound = _finding_likelihoods(evidence, table)
    leaks = {kind: leak(kind, table) for kind in {item.table_kind for item in evidence}}
    own = _columns([leaks[item.table_kind] for item in evidence], table)
    some_cause, no_cause = own, 1.0 - own
    for place, item in enumerate(evidence):
        seen = [g for g in item.graded if atlas().signs[g.finding.sign].bearing == "local_cause"]
        if seen:
            some_cause[:, place], no_cause[:, place] = _local_causes(item, seen, table)
    alpha = nerve * (some_cause + no_cause)
    clear = sound * no_cause
    return alpha, local * some_cause + clear - alpha, clear


def _finding_likelihoods(
    evidence: Sequence[Evidence], table: SignTable
) -> tuple[Array, Array, Array]:
    """P(weighed findings | state) of every site for its three states, (draws, sites) each."""
    columns: dict[tuple[str, int], int] = {}
    chosen: list[int] = []
    starts: list[int] = []
    for item in evidence:
        starts.append(len(chosen))
        chosen.append(0)  # a factor of one, so that a site without findings has an entry too
        for graded in item.graded:
            sign = graded.finding.sign
            if atlas().signs[sign].bearing == "root":
                chosen.append(columns.setdefault((sign, graded.grade), len(columns) + 1))
    likelihoods = {sign: grade_likelihoods(sign, table) for sign in {sign for sign, _ in columns}}
    found = []
    for state in ("through_nerve", "local", "sound"):
        known = [getattr(likelihoods[sign], state)[:, grade] for sign, grade in columns]
        entries = _columns([np.ones(table.draws), *known], table)[:, chosen]
        found.append(
            np.multiply.reduceat(entries, starts, axis=1) if starts else _columns([], table)
        )
    nerve, local, sound = found
    return nerve, local, sound


def _columns(columns: Sequence[Array], table: SignTable) -> Array:
    return np.stack(columns, axis=1) if columns else np.ones((table.draws, 0))


def _local_causes(item: Evidence, seen: Sequence[Graded], table: SignTable) -> tuple[Array, Array]:
    """P(signs of local cause, some cause) and P(signs of local cause, no cause)."""
    own = leak(item.table_kind, table)
    with_cause = np.zeros(table.draws)
    for cause in _CAUSES:
        share = table.get(f"leak.{item.table_kind}.{cause}")
        with_cause = with_cause + own * share * _seen(seen, cause, table)
    return with_cause, (1.0 - own) * _seen(seen, "none", table)


def _seen(seen: Sequence[Graded], cause: str, table: SignTable) -> Array:
    likelihood = np.ones(table.draws)
    for graded in seen:
        present = table.get(f"inflammation_sign.{graded.finding.sign}.given_{cause}")
        likelihood = likelihood * (present if graded.grade else 1.0 - present)
    return likelihood


def _spared(evidence: Sequence[Evidence], table: SignTable) -> list[Array]:
    """P(site spared | root irritated) of every site: shape (draws, roots of the site) each."""
    columns: dict[tuple[str, str], int] = {}
    spared: list[Array] = []
    chosen = []
    for item in evidence:
        for supply in item.supplies:
            key = (item.table_kind, supply.weight)
            if key not in columns:
                columns[key] = len(columns)
                spared.append(1.0 - supply_weight(item.table_kind, supply, table))
            chosen.append(columns[key])
    ends = np.cumsum([len(item.supplies) for item in evidence])
    return np.split(_columns(spared, table)[:, chosen], ends[:-1], axis=1) if chosen else []


def _nerve_spared(evidence: Sequence[Evidence], table: SignTable) -> Array:
    kinds = {item.table_kind for item in evidence}
    weights = {kind: 1.0 - nerve_weight(kind, table) for kind in kinds}
    none = np.ones(table.draws)
    return _columns([weights[i.table_kind] if i.nerves else none for i in evidence], table)


def _nerve_priors(table: SignTable) -> Array:
    """Prior of a lesion of each nerve; on one side they sum to the table's total."""
    names = nerve_names()
    weights = []
    for _, nerve in names:
        name = f"nerve_lesion.{nerve}"
        weights.append(table.get(name if name in table else "nerve_lesion.default"))
    priors = np.stack(weights, axis=1)
    one_side = priors[:, : len(names) // 2].sum(axis=1, keepdims=True)
    shares: Array = priors / one_side * table.get("nerve_lesion.total")[:, None]
    return shares


def root_of(index: int) -> Root:
    """The root of this index."""
    return Root(SEGMENTS[index // 2], SIDES[index % 2])
