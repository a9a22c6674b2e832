"""Virtual patient: the examination's model run forward, from hidden causes to findings.

`draw_patients` draws which roots are irritated from the ladder prior, exactly, and at most one
nerve lesion a side. What is true of each site follows from the patient's own seed, so that a
second look at a site finds the same site; what an examiner makes of it is drawn anew by
`draw_findings`. The truth stays with the `VirtualPatient`; findings hold nothing of it.

A `World` may differ from the model on purpose, to see what the inference loses when its
assumptions do not hold. Nothing here says how real people are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.atlas import ROOTS, SEGMENTS, SIDES, Root, Site, atlas
from myotome.examination.elimination import LadderPrior
from myotome.examination.finding import Finding, finding
from myotome.examination.model import (
    Evidence,
    GradeLikelihoods,
    Model,
    evidence_at,
    grade_likelihoods,
    leak,
    nerve_names,
    nerve_weight,
    supply_weight,
)
from myotome.examination.prior import ladder_prior
from myotome.examination.probabilities import SignTable, sign_table

Array = NDArray[np.float64]

CAUSES: Final = ("strain", "inflammation", "joint")
# Signs that a hand decides, which one examiner's tendency can shift together.
PALPATION: Final = frozenset(
    {
        "tender_motor_point",
        "tender_paraspinal",
        "taut_band",
        "shortened_muscle",
        "tendon_thickening",
        "skin_roll",
        "trophedema",
    }
)
_MOST_LEAK: Final = 0.95


class Look(NamedTuple):
    """One thing to look for in an examination: a sign and where."""

    sign: str
    site: Site


@dataclass(frozen=True, slots=True)
class World:
    """How the world that patients come from differs from the model; the default does not.

    `correlated_findings` is the standard deviation, in log-odds, of one examiner's tendency to
    call a palpation sign present, the same for all of them in one examination. `leak_factor`
    multiplies the share of sites with a cause of their own, up to 0.95.
    """

    correlated_findings: float = 0.0
    leak_factor: float = 1.0


OWN_WORLD: Final = World()
# Assumed: at one standard deviation a sensitivity of 0.85 becomes 0.94, a specificity 0.68.
DIFFERENT_WORLD: Final = World(correlated_findings=1.0, leak_factor=2.0)


@dataclass(frozen=True, slots=True)
class SiteState:
    """What is true of a site: reached through a nerve or not, and its own cause, if any."""

    through_nerve: bool
    local_cause: str


@dataclass(frozen=True, slots=True)
class VirtualPatient:
    """The hidden truth of one person: irritated roots, nerve lesions (side, nerve), and a seed.

    The seed fixes the state of every site; `table` holds the numbers that are true of this
    person, one draw.
    """

    roots: tuple[Root, ...]
    lesions: tuple[tuple[str, str], ...]
    seed: int
    table: SignTable = field(repr=False)
    world: World = OWN_WORLD

    def site_state(self, site: Site, sign: str = "") -> SiteState:
        """What is true of a site, the same each time it is asked.

        Args:
            site: Where; a whole side needs `sign`, its neural test.
            sign: The neural test for a whole side; ignored elsewhere.
        """
        place = _supplied(site, sign if site.kind == "side" else "")
        kind = place.table_kind
        nerve, own, which = _uniforms(f"{self.seed}|{site}|{place.sign}")
        spared = 1.0
        for supply in place.supplies:
            if supply.root in self.roots:
                spared *= 1.0 - float(supply_weight(kind, supply, self.table)[0])
        if any(side == site.side and name in place.nerves for side, name in self.lesions):
            spared *= 1.0 - float(nerve_weight(kind, self.table)[0])
        chance = min(float(leak(kind, self.table)[0]) * self.world.leak_factor, _MOST_LEAK)
        cause = self._cause(kind, which) if own < chance else ""
        return SiteState(nerve >= spared, cause)

    def _cause(self, kind: str, uniform: float) -> str:
        shares = [float(self.table.get(f"leak.{kind}.{cause}")[0]) for cause in CAUSES]
        return CAUSES[_choose(shares, uniform)]


def draw_patient(
    generator: np.random.Generator, table: SignTable | None = None, world: World = OWN_WORLD
) -> VirtualPatient:
    """One patient of the model's world, or of another.

    Args:
        generator: Where chance comes from.
        table: The numbers that are true of this patient, one draw; the central ones if None.
        world: How the world differs from the model.
    """
    return draw_patients(1, generator, table, world)[0]


def draw_patients(
    count: int,
    generator: np.random.Generator,
    table: SignTable | None = None,
    world: World = OWN_WORLD,
) -> tuple[VirtualPatient, ...]:
    """Many patients at once.

    Args:
        count: How many.
        generator: Where chance comes from.
        table: One draw for all, or as many draws as patients; the central values if None.
        world: How the world differs from the model.

    Raises:
        ValueError: The table has neither one draw nor one a patient.
    """
    values = table or sign_table()
    if values.draws not in {1, count}:
        raise ValueError(f"table must have 1 or {count} draws, got {values.draws}.")
    prior, nerve_priors = _priors(values)
    states = draw_roots(prior, count, generator)
    uniforms = generator.random((count, len(SIDES)))
    seeds = generator.integers(1 << 62, size=count)
    return tuple(
        VirtualPatient(
            roots=tuple(ROOTS[index] for index in np.flatnonzero(states[person])),
            lesions=_lesions(nerve_priors[person % values.draws], uniforms[person]),
            seed=int(seeds[person]),
            table=values if values.draws == 1 else values.chunk(person, person + 1),
            world=world,
        )
        for person in range(count)
    )


@lru_cache(maxsize=4)
def _priors(table: SignTable) -> tuple[LadderPrior, Array]:
    prior = ladder_prior(table)
    return prior, Model.build((), table, prior).tables.nerve_priors


def draw_roots(prior: LadderPrior, count: int, generator: np.random.Generator) -> NDArray[np.bool_]:
    """States of all roots drawn from the ladder prior: shape (count, roots).

    Exact: the weight of everything below a level is summed from tail to head, then the states
    are drawn from head to tail, each given the one above.

    Args:
        prior: One draw for all, or as many as `count`.
        count: How many states.
        generator: Where chance comes from.
    """
    left, right = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])
    alone = np.exp(
        prior.field[:, :, None] * (left + right)
        + (prior.other_side[:, None] * (left * right))[:, None, :]
    )
    pairs = np.outer(left, left) + np.outer(right, right)
    step = np.exp(prior.neighbour[:, None, None] * pairs)
    below = [np.ones((alone.shape[0], 4))]
    for level in range(len(SEGMENTS) - 1, 0, -1):
        weight = np.einsum("dst,dt->ds", step, alone[:, level] * below[0])
        below.insert(0, weight / weight.sum(axis=1, keepdims=True))
    people = np.arange(count) % prior.field.shape[0]
    drawn = np.zeros((count, len(ROOTS)), dtype=bool)
    state = np.zeros(count, dtype=np.intp)
    for level in range(len(SEGMENTS)):
        weight = (alone[:, level] * below[level])[people]
        if level:
            weight = weight * step[people, state]
        bounds = np.cumsum(weight, axis=1)
        aim = generator.random(count) * bounds[:, -1]
        state = np.minimum((bounds <= aim[:, None]).sum(axis=1), 3)
        drawn[:, 2 * level] = left[state] == 1
        drawn[:, 2 * level + 1] = right[state] == 1
    return drawn


def _lesions(priors: Array, uniforms: Array) -> tuple[tuple[str, str], ...]:
    """At most one lesion a side; the rest of the unit interval stands for none."""
    names = nerve_names()
    found = []
    for side, uniform in zip(SIDES, uniforms, strict=True):
        mine = [place for place, (name_side, _) in enumerate(names) if name_side == side]
        bounds = np.cumsum(priors[mine])
        place = int(np.searchsorted(bounds, uniform, side="right"))
        if place < len(mine):
            found.append(names[mine[place]])
    return tuple(found)


def draw_findings(
    patient: VirtualPatient, looks: Iterable[Look], generator: np.random.Generator
) -> tuple[Finding, ...]:
    """What one examiner finds in one examination, a grade for everything looked at.

    Args:
        patient: The person examined.
        looks: What is looked for, and where.
        generator: The examiner's chance, not the patient's: draw again for a second opinion.
    """
    tendency = patient.world.correlated_findings * float(generator.standard_normal())
    found = []
    for look in looks:
        state = patient.site_state(look.site, look.sign)
        chances = _grade_chances(look.sign, state, patient.table, tendency)
        grade = _choose(chances, float(generator.random()))
        site = look.site
        name = "" if site.kind == "side" else site.name
        found.append(finding(look.sign, name, side=site.side, level=site.level, grade=grade))
    return tuple(found)


def _grade_chances(sign: str, state: SiteState, table: SignTable, tendency: float) -> list[float]:
    """P(grade | what is true of the site), for grades 0 to 3."""
    if atlas().signs[sign].bearing == "local_cause":
        present = float(
            table.get(f"inflammation_sign.{sign}.given_{state.local_cause or 'none'}")[0]
        )
        shares = [float(table.get(f"grade_given_affected.grade_{g}")[0]) for g in (1, 2, 3)]
        return [1.0 - present, *(present * share for share in shares)]
    given = _likelihoods(sign, table)
    if state.through_nerve:
        row = given.through_nerve[0]
    else:
        row = given.local[0] if state.local_cause else given.sound[0]
    if tendency and sign in PALPATION:
        row = _shifted(row, tendency)
    return [float(chance) for chance in row]


@lru_cache(maxsize=128)
def _likelihoods(sign: str, table: SignTable) -> GradeLikelihoods:
    return grade_likelihoods(sign, table)


def _shifted(row: Array, tendency: float) -> Array:
    """The same grades with the log-odds of "present" moved by `tendency`."""
    present = 1.0 - row[0]
    moved = 1.0 / (1.0 + row[0] / present * np.exp(-tendency))
    return np.concatenate([[1.0 - moved], row[1:] * (moved / present)])


def _choose(chances: Iterable[float], uniform: float) -> int:
    """The place whose share of the unit interval holds `uniform`; the last takes what is left."""
    bounds = np.cumsum(list(chances))
    return min(int(np.searchsorted(bounds, uniform, side="right")), bounds.size - 1)


@cache
def _supplied(site: Site, sign: str) -> Evidence:
    return evidence_at(site, sign)


def _uniforms(key: str) -> tuple[float, float, float]:
    """Three numbers in [0, 1), 53 bits each, that depend on the key and nothing else."""
    digest = hashlib.blake2b(key.encode(), digest_size=24).digest()
    first, second, third = (
        (int.from_bytes(digest[start : start + 8], "big") >> 11) / (1 << 53) for start in (0, 8, 16)
    )
    return first, second, third


_STANDARD: Final = (
    # Neck and arm.
    ("tender_motor_point", "deltoideus_acromialis", ""),
    ("tender_motor_point", "biceps_brachii", ""),
    ("swelling", "triceps_brachii", ""),
    ("tender_motor_point", "triceps_brachii", ""),
    ("weakness", "triceps_brachii", ""),
    ("shortened_muscle", "flexor_carpi_ulnaris", ""),
    ("weakness", "interossei_dorsales_manus", ""),
    # Low back and leg.
    ("tender_motor_point", "vastus_medialis", ""),
    ("tender_motor_point", "gluteus_medius", ""),
    ("shortened_muscle", "gluteus_medius", ""),
    ("recent_tissue_injury", "gluteus_medius", ""),
    ("taut_band", "piriformis", ""),
    ("tender_motor_point", "tibialis_anterior", ""),
    ("weakness", "extensor_hallucis_longus", ""),
    ("tender_motor_point", "gastrocnemius_mediale", ""),
    # Muscles of the posterior rami, by the spinous process felt.
    ("tender_paraspinal", "multifidus_cervicalis", "C5"),
    ("tender_paraspinal", "multifidus_cervicalis", "C7"),
    ("tender_paraspinal", "longissimus_thoracis", "T6"),
    ("tender_paraspinal", "multifidus_lumborum", "L5"),
    # Reflexes.
    ("reflex", "biceps_reflex", ""),
    ("reflex", "triceps_reflex", ""),
    ("reflex", "knee_reflex", ""),
    ("reflex", "ankle_reflex", ""),
    # Skin.
    ("light_touch_less", "thumb", ""),
    ("light_touch_less", "middle_finger", ""),
    ("pin_less", "little_finger", ""),
    ("light_touch_less", "foot_dorsum_middle", ""),
    # Tests of a whole side.
    ("spurling", "", ""),
    ("straight_leg_raise", "", ""),
    ("femoral_nerve_stretch", "", ""),
    # A movement limited by many muscles.
    ("range", "neck_rotation_ipsilateral", ""),
)


def standard_examination() -> tuple[Look, ...]:
    """An examination of both sides: neck, arm, low back, leg, reflexes, skin, neural tests."""
    return tuple(_standard_looks())


def _standard_looks() -> Iterator[Look]:
    for sign, name, level in _STANDARD:
        for side in SIDES:
            yield Look(sign, atlas().site(name, side, level))
    yield Look("skin_roll", atlas().site("sacrum", "midline"))
