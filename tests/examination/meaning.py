"""Meaning: the oracle that reads the table of probabilities and plays the model out in words.

A site is reached through its nerve if any irritated root or lesioned nerve hits it, each by its
own chance; it may have a cause of its own besides. Every hit and every cause is enumerated, and
each grade gets its probability straight from the rows of the file. Shares no arithmetic with the
model: no ``alpha``, no ``beta``, no product of spared roots.

Only the ladder's common shift comes from the model (it is found there by bisection, which this
oracle could repeat to eleven digits only). Roots outside a window of levels are summed out level
by level; inside it every state is visited.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

from myotome.atlas import ROOTS, SEGMENTS, Root, Site, Supply, atlas
from myotome.examination import Finding
from myotome.examination.prior import ladder_prior
from myotome.examination.probabilities import sign_table

CAUSES = ("strain", "inflammation", "joint")
SIDES = ("left", "right")
PAIRS = ((0, 0), (1, 0), (0, 1), (1, 1))  # left and right root of one level

Pair = tuple[int, int]
Lesions = tuple[str | None, str | None]


def _rows() -> dict[str, float]:
    text = files("myotome.examination").joinpath("probabilities.csv").read_text(encoding="utf-8")
    return {row["parameter_id"]: float(row["value"]) for row in csv.DictReader(text.splitlines())}


ROWS = _rows()


class Cord:
    """Prior weights of the states of a window of levels, all others summed out."""

    def __init__(self, first: str, last: str) -> None:
        prior = ladder_prior(sign_table())
        known = [ROWS[f"level_frequency.{name}"] for name in SEGMENTS]
        alone = [math.log(chance / (1.0 - chance)) for chance in known]
        shift = float(prior.field[0, 0]) - alone[0]
        self.field = [value + shift for value in alone]
        self.neighbour = math.log(ROWS["coupling.neighbour"])
        self.other_side = math.log(ROWS["coupling.sides"])
        self.first, self.last = SEGMENTS.index(first), SEGMENTS.index(last)
        above = {pair: 1.0 if pair == (0, 0) else 0.0 for pair in PAIRS}  # over the first level
        for level in range(self.first):
            above = {
                pair: self.alone(level, pair)
                * math.fsum(above[before] * self.step(before, pair) for before in PAIRS)
                for pair in PAIRS
            }
        below = dict.fromkeys(PAIRS, 1.0)
        for level in range(len(SEGMENTS) - 1, self.last, -1):
            below = {
                pair: math.fsum(
                    self.step(pair, after) * self.alone(level, after) * below[after]
                    for after in PAIRS
                )
                for pair in PAIRS
            }
        self.weights = {}
        for state in itertools.product(PAIRS, repeat=self.last - self.first + 1):
            weight = math.fsum(above[before] * self.step(before, state[0]) for before in PAIRS)
            for place, pair in enumerate(state):
                weight *= self.alone(self.first + place, pair)
                if place:
                    weight *= self.step(state[place - 1], pair)
            self.weights[state] = weight * below[state[-1]]
        self.total = math.fsum(self.weights.values())

    def alone(self, level: int, pair: Pair) -> float:
        log_weight = self.field[level] * sum(pair)
        return math.exp(log_weight + (self.other_side if pair == (1, 1) else 0.0))

    def step(self, above: Pair, below: Pair) -> float:
        together = sum(a * b for a, b in zip(above, below, strict=True))
        return math.exp(self.neighbour * together)

    def irritated(self, state: Sequence[Pair]) -> frozenset[Root]:
        return frozenset(
            Root(SEGMENTS[self.first + place], side)
            for place, pair in enumerate(state)
            for side, bit in zip(SIDES, pair, strict=True)
            if bit
        )

    def exact_state_probability(self, roots: Iterable[Root]) -> float:
        """Prior probability that exactly these roots of all 62 are irritated."""
        chosen = set(roots)
        pairs = [tuple(int(Root(name, side) in chosen) for side in SIDES) for name in SEGMENTS]
        weight = 1.0
        for level, pair in enumerate(pairs):
            weight *= self.alone(level, pair)
            if level:
                weight *= self.step(pairs[level - 1], pair)
        return weight / self.total


def table_kind(site: Site) -> str:
    return {"paraspinal": "level_muscle", "side": "test"}.get(site.kind, site.kind)


def grade_chance(sign: str, grade: int, *, reached: bool, cause: str) -> float:
    """P(grade | what is true of the site), from the rows alone."""
    if atlas().signs[sign].bearing == "local_cause":
        present = ROWS[f"inflammation_sign.{sign}.given_{cause}"]
        return present if grade else 1.0 - present
    sensitivity, specificity = ROWS[f"sensitivity.{sign}.se"], ROWS[f"specificity.{sign}.sp"]
    if grade:
        affected = sensitivity * ROWS[f"grade_given_affected.grade_{grade}"]
        sound = (1.0 - specificity) * sound_share(sign, grade)
    else:
        affected, sound = 1.0 - sensitivity, specificity
    if reached:
        return affected
    carry = ROWS[f"local_carry.{sign}"] if cause != "none" else 0.0
    return carry * affected + (1.0 - carry) * sound


def sound_share(sign: str, grade: int) -> float:
    """Share of a grade among signs at a sound site: moved until a slight sign is neutral there."""
    sensitivity, specificity = ROWS[f"sensitivity.{sign}.se"], ROWS[f"specificity.{sign}.sp"]
    here, there = (
        [ROWS[f"{group}.grade_{g}"] for g in (1, 2, 3)]
        for group in ("grade_given_unaffected", "grade_given_affected")
    )
    neutral = sensitivity * there[0] / (1.0 - specificity)
    if here[0] <= neutral:
        return here[grade - 1]
    part = (here[0] - neutral) / (here[0] - there[0])
    return (1.0 - part) * here[grade - 1] + part * there[grade - 1]


def cause_chance(kind: str, cause: str) -> float:
    own = ROWS[f"leak.{kind}.leak"]
    return 1.0 - own if cause == "none" else own * ROWS[f"leak.{kind}.{cause}"]


def hit_chance(kind: str, supply: Supply) -> float:
    symbol = "any" if kind == "movement" else supply.weight
    return ROWS[f"supply_weight.{kind}.{symbol}"]


def reached_chance(chances: Sequence[float], *, reached: bool) -> float:
    """P(at least one hit), or P(none): every pattern of independent hits is visited."""
    found = 0.0
    for hits in itertools.product((False, True), repeat=len(chances)):
        if any(hits) == reached:
            found += math.prod(
                chance if hit else 1.0 - chance for hit, chance in zip(hits, chances, strict=True)
            )
    return found


def nerve_priors() -> dict[str, float]:
    """Prior of a lesion of each nerve on one side."""
    names = [name for name, nerve in atlas().nerves.items() if nerve.extent == "single"]
    default = ROWS["nerve_lesion.default"]
    shares = {name: ROWS.get(f"nerve_lesion.{name}", default) for name in names}
    total = math.fsum(shares.values())
    return {name: ROWS["nerve_lesion.total"] * share / total for name, share in shares.items()}


class Meaning:
    """What findings mean, given that only roots within `cord`'s window supply their sites."""

    def __init__(self, findings: Iterable[Finding], cord: Cord) -> None:
        self.cord = cord
        self.sites: dict[tuple[Site, str], list[Finding]] = {}
        for item in findings:
            test = item.sign if item.site.kind == "side" else ""
            self.sites.setdefault((item.site, test), []).append(item)
        self.supplies = {key: atlas().roots_of_site(*key) for key in self.sites}
        self.nerves = {
            key: frozenset() if key[0].side == "midline" else atlas().nerves_over(key[0])
            for key in self.sites
        }
        self.known: dict[tuple[Site, str, frozenset[Root], bool], float] = {}
        self.joint = dict(self._joint())
        self.evidence = math.fsum(self.joint.values())

    def site_likelihood(
        self, key: tuple[Site, str], irritated: frozenset[Root], lesions: Lesions
    ) -> float:
        """P(what was found at one site | roots and lesions)."""
        site = key[0]
        lesioned = site.side in SIDES and lesions[SIDES.index(site.side)] in self.nerves[key]
        mine = frozenset(s.root for s in self.supplies[key]) & irritated
        place = (*key, mine, lesioned)
        if place not in self.known:
            kind = table_kind(site)
            chances = [hit_chance(kind, s) for s in self.supplies[key] if s.root in mine]
            if lesioned:
                row = {"level_muscle": "muscle"}.get(kind, kind)
                chances.append(ROWS[f"nerve_lesion.{row}.site_given_lesion"])
            self.known[place] = math.fsum(
                cause_chance(kind, cause)
                * reached_chance(chances, reached=reached)
                * math.prod(
                    grade_chance(f.sign, f.grade, reached=reached, cause=cause)
                    for f in self.sites[key]
                )
                for cause in ("none", *CAUSES)
                for reached in (False, True)
            )
        return self.known[place]

    def likelihood(self, irritated: frozenset[Root], lesions: Lesions) -> float:
        return math.prod(self.site_likelihood(key, irritated, lesions) for key in self.sites)

    def lesion_choices(self) -> list[tuple[Lesions, float]]:
        """A lesion that reaches no site looked at counts with "none": it changes no finding."""
        priors, sides = nerve_priors(), []
        for side in SIDES:
            reaching = sorted({n for k, nerves in self.nerves.items() if k[0].side == side
                               for n in nerves})  # fmt: skip
            rest = 1.0 - math.fsum(priors[name] for name in reaching)
            sides.append([(None, rest), *((name, priors[name]) for name in reaching)])
        return [((a, b), p * q) for (a, p), (b, q) in itertools.product(*sides)]

    def _joint(self) -> Iterable[tuple[tuple[tuple[Pair, ...], Lesions], float]]:
        choices = self.lesion_choices()
        for state, weight in self.cord.weights.items():
            irritated = self.cord.irritated(state)
            for lesions, chance in choices:
                found = self.likelihood(irritated, lesions)
                yield (state, lesions), weight / self.cord.total * chance * found

    def marginals(self) -> Mapping[Root, float]:
        """Posterior of each root of the window."""
        inside = [root for root in ROOTS
                  if self.cord.first <= SEGMENTS.index(root.segment) <= self.cord.last]  # fmt: skip
        sums = dict.fromkeys(inside, 0.0)
        for (state, _), weight in self.joint.items():
            for root in self.cord.irritated(state):
                sums[root] += weight
        return {root: weight / self.evidence for root, weight in sums.items()}

    def nerve_posterior(self, side: str, nerve: str) -> float:
        place = SIDES.index(side)
        hit = math.fsum(w for (_, lesions), w in self.joint.items() if lesions[place] == nerve)
        return hit / self.evidence

    def exact_state_posterior(self, roots: Iterable[Root]) -> float:
        """Posterior that exactly these roots of all 62 are irritated."""
        chosen = frozenset(roots)
        found = math.fsum(p * self.likelihood(chosen, les) for les, p in self.lesion_choices())
        return self.cord.exact_state_probability(chosen) * found / self.evidence
