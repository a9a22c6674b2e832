"""Checks of length: casts, contraction and stretching of sarcomeres, and stretch training.

Casts and daily stretches run the law itself; stretch training runs a healthy person's weeks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import drive, joint, length, musculotendon, tendon_adaptation
from myotome.physiology.length import Length
from myotome.simulation import ARMS, Beginning, Programme, Schedule, run_course
from myotome.simulation.drivers import DAY
from myotome.validation import courses
from myotome.validation.model import Check, Model

Array = NDArray[np.float64]

CAST, STRETCHED, SHORT = 0.65, 1.2, 0.6
_STEP: Final = 0.005
_MINUTE: Final = 1.0 / 1440.0
_SARCOMERE_UM: Final = 3.09
_LENGTHENED: Final = 1.14
_HEEL_SHIFT: Final = -0.2  # optimal fibre lengths, taken from standing and walking
_UPRIGHT: Final = frozenset({"stand", "walk", "exercise"})
_WALKING_STRAIN: Final = 0.040  # peak of the Achilles tendon, kharazi2021
_TRAINING_DAYS: Final = 56.0
_TRAINING_MINUTES: Final = 10.0
_DRAWS: Final = 32
_SEED: Final = 1
_FAR_STOP: Final = 2.4  # rad, the top of its range
_LARGEST_SPREAD_OF_STRENGTH: Final = 20.0  # %, between people


def _settled(model: Model, start: float, at: float, days: float, activation: float = 0.0) -> float:
    return float(
        np.asarray(length.sarcomeres_after(model.mechanism.length, start, at, activation, days))
    )


@lru_cache(maxsize=64)
def _stretched_cast(p: Length, minutes_per_day: float, days: float) -> tuple[float, float]:
    """Sarcomeres and stiffness factor of a muscle cast short and stretched now and then."""
    share = minutes_per_day * _MINUTE
    lengths = np.array([[CAST], [STRETCHED]])
    shares = np.array([[1.0 - share], [share]])
    kept = length.shortness(p, np.full((1, 1), CAST), np.ones((1, 1)))
    sarcomeres, stiff = np.ones(1), np.ones(1)
    for _ in range(round(days / _STEP)):
        stretch = length.mean_stretch(p, lengths, shares, sarcomeres)
        share_stretched = length.stretched_share(lengths, shares, sarcomeres)
        target = length.contracture_target(p, kept, share_stretched)
        stiff = stiff + _STEP * length.contracture_rate(p, stiff, target)
        sarcomeres = sarcomeres + _STEP * length.sarcomere_rate(p, sarcomeres, stretch, 0.0)
    return float(sarcomeres[0]), float(stiff[0])


def _weighted(model: Model, minutes: float, days: float, weight: float) -> float:
    return _stretched_cast(replace(model.mechanism.length, stretch_weight=weight), minutes, days)[0]


def _daily_loss(model: Model) -> float:
    return 100.0 * (1.0 - _stretched_cast(model.mechanism.length, 30.0, 14.0)[0])


def _still_short(model: Model) -> float:
    return float(_stretched_cast(model.mechanism.length, 7.5, 10.0)[0] <= 0.95)


def _prevented(model: Model) -> float:
    """Share (%) of contracture that 15 min every other day prevents."""
    with_stretch = _stretched_cast(model.mechanism.length, 7.5, 10.0)[1]
    without = _stretched_cast(model.mechanism.length, 0.0, 10.0)[1]
    return 100.0 * (1.0 - (with_stretch - 1.0) / (without - 1.0))


def _range_lost(model: Model) -> float:
    """Whether a muscle cast short stops its joint earlier than before (1 yes)."""
    m = model.mechanism
    lost = _settled(model, 1.0, SHORT, 28.0)
    torque = float(m.pain.tolerance_torque)
    before = joint.range_of_motion(m.joint, m.curves, joint.Pull(), torque)
    after = joint.range_of_motion(m.joint, m.curves, joint.Pull(serial_sarcomeres=lost), torque)
    return float(float(after) < float(before) - np.radians(1.0))


def _settled_day(model: Model, shift: float) -> float:
    """Length at which fibres settle where standing and walking are done that much shorter."""
    shares = np.array([[part.share] for part in DAY])
    lengths = np.array([[part.length + shift * (part.day in _UPRIGHT)] for part in DAY])
    return float(length.set_point(model.mechanism.length, lengths, shares)[0])


def _heels(model: Model) -> float:
    """Change (%) of fibre length where standing and walking are done on high heels."""
    return 100.0 * (_settled_day(model, _HEEL_SHIFT) / _settled_day(model, 0.0) - 1.0)


def _heels_tendon(model: Model) -> float:
    """Change (%) of tendon stiffness where walking on high heels has become a habit.

    Strain in walking is the published one, by what the fibres pull in heels over what they pull
    on flat shoes, both at the length at which they have settled.
    """
    m = model.mechanism
    walk = next(part for part in DAY if part.day == "walk")
    activation = drive.voluntary_activation(m.drive, walk.day)
    flat, raised = (
        activation * musculotendon.active_force_length(m.curves, stretch)
        + musculotendon.passive_force_length(m.curves, stretch)
        for stretch in (
            (walk.length + shift) / _settled_day(model, shift) for shift in (0.0, _HEEL_SHIFT)
        )
    )
    strain = _WALKING_STRAIN * float(raised) / float(flat)
    settled = tendon_adaptation.settled_stiffness(m.tendon_growth, strain)
    return 100.0 * (float(settled) - 1.0)


@lru_cache(maxsize=8)
def _training(model: Model, draws: int) -> courses.Run:
    """Healthy people who stretch every day for eight weeks, at a joint that muscle limits.

    Trials measure such a joint, one and the same in everyone: its bony stop lies beyond, and its
    geometry is no part of the spread between people.
    """
    programme = Programme(0.0, _TRAINING_DAYS, "stretch", minutes_per_day=_TRAINING_MINUTES)
    drawn = model.mechanism if draws == 1 else model.mechanism.drawn(draws, _SEED)
    found = run_course(
        courses.person("neck"),
        Schedule(programmes=(programme,)),
        Beginning(0.0, courses.USUAL_WEEKS),
        weeks=_TRAINING_DAYS / 7.0,
        adherence=1.0,
        draws=draws,
        people=replace(drawn, joint=replace(model.mechanism.joint, angular_limit=_FAR_STOP)),
    )
    return courses.Run(found, np.full(draws, 1.0 / draws))


def _gain_of_range(model: Model) -> float:
    """Gain of range by stretching over the spread of range between people."""
    run = _training(model, _DRAWS)
    reach = run.course.values["range"][:, :, :, courses.NEAR]
    treated, untreated = ARMS.index("treated"), ARMS.index("untreated")
    gain = reach[:, treated, -1] - reach[:, untreated, -1]
    return float(gain.mean() / reach[:, untreated, 0].std(ddof=1))


def _gain_of_strength(model: Model) -> float:
    run = _training(model, 1)
    day = _TRAINING_DAYS
    gain = courses.at(run, "treated", "strength", day, courses.NEAR) - courses.at(
        run, "untreated", "strength", day, courses.NEAR
    )
    return gain / _LARGEST_SPREAD_OF_STRENGTH


def _gain_of_sarcomeres(model: Model) -> float:
    run = _training(model, 1)
    return courses.at(run, "treated", "length", _TRAINING_DAYS, courses.NEAR) - courses.at(
        run, "untreated", "length", _TRAINING_DAYS, courses.NEAR
    )


def _softer(model: Model) -> float:
    """Whether trained muscle resists less at one length (1 yes)."""
    curves = model.mechanism.curves
    gained = 1.0 + _gain_of_sarcomeres(model) / 100.0
    before = musculotendon.passive_force_length(curves, STRETCHED)
    after = musculotendon.passive_force_length(curves, STRETCHED / gained)
    return float(float(after) < 0.99 * float(before))


def _bears_more(model: Model) -> float:
    """Whether trained people bear a longer stretch than their tissue alone explains (1 yes)."""
    m = model.mechanism
    gained = 1.0 + _gain_of_sarcomeres(model) / 100.0
    run = _training(model, 1)
    untrained = float(m.pain.tolerance_torque)
    free = replace(m.joint, angular_limit=_FAR_STOP)
    tissue = float(
        np.degrees(
            joint.range_of_motion(free, m.curves, joint.Pull(serial_sarcomeres=gained), untrained)
        )
    )
    return float(courses.at(run, "treated", "range", _TRAINING_DAYS, courses.NEAR) > tissue + 0.5)


CHECKS: Mapping[str, Check] = {
    **{f"cast-short-{d}d": partial(_settled, start=1.0, at=CAST, days=d) for d in (5, 10, 14, 28)},
    **{f"cast-long-{d}d": partial(_settled, start=1.0, at=STRETCHED, days=d) for d in (14, 28)},
    **{f"freed-{d}d": partial(_settled, start=SHORT, at=1.0, days=d) for d in (7, 14, 28)},
    **{
        f"stretch-daily-w{w}": partial(_weighted, minutes=30.0, days=14.0, weight=float(w))
        for w in (50, 70, 100)
    },
    **{
        f"stretch-sparse-w{w}": partial(_weighted, minutes=7.5, days=10.0, weight=float(w))
        for w in (50, 70, 100)
    },
    "tabary-short": lambda model: 100.0 * (_settled(model, 1.0, SHORT, 28.0) - 1.0),
    "tabary-long": lambda model: 100.0 * (_settled(model, 1.0, STRETCHED, 28.0) - 1.0),
    "tabary-freed": lambda model: 100.0 * (1.0 - _settled(model, SHORT, 1.0, 28.0)),
    "tabary-range": _range_lost,
    "tabary-active-0.60": lambda model: 100.0 * (_settled(model, 1.0, 0.6, 0.5, 1.0) - 1.0),
    "tabary-active-0.70": lambda model: 100.0 * (_settled(model, 1.0, 0.7, 0.5, 1.0) - 1.0),
    "zollner-acute": lambda model: (
        _SARCOMERE_UM * _LENGTHENED / _settled(model, 1.0, _LENGTHENED, 0.0)
    ),
    "zollner-2-weeks": lambda model: (
        _SARCOMERE_UM * _LENGTHENED / _settled(model, 1.0, _LENGTHENED, 14.0)
    ),
    "williams-daily": _daily_loss,
    "williams-sparse": _still_short,
    "williams-tissue": _prevented,
    "heels-fibre": _heels,
    "heels-tendon": _heels_tendon,
    "stretching-range": _gain_of_range,
    "stretching-strength": _gain_of_strength,
    "stretching-architecture": _gain_of_sarcomeres,
    "stretching-softer": _softer,
    "stretching-tolerance": _bears_more,
}
