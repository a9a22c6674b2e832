"""Checks of the motor unit: single units to the published table, the pool to people's hands.

Each unit is stimulated as in a laboratory: one spike for the twitch, trains of rising rate for
force against frequency. None of these numbers follows the slow mechanism, so each check takes the
model and leaves it aside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import distal_units, motor_unit
from myotome.physiology.distal_units import DistalUnits
from myotome.physiology.motor_unit import MotorUnitConstants, MotorUnits
from myotome.validation.model import Check, Model

Floats = NDArray[Any]

UNITS: Final = (1, 81, 147, 148, 200)
_POOL: Final = 200
_HAND: Final = 40  # units that stand for those found in hands
# Hz; the last is a tetanus.
_RATES: Final = np.array(
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 23, 26, 30, 34, 39, 45, 52, 60, 75, 100, 150]
)
_TWITCH_MS: Final = 700
_TRAIN_MS: Final = 2000
_FUSES: Final = 0.05  # of the peak, below which a train of twitches counts as separate
_MAXIMAL: Final = 0.95  # of the tetanus
# The published pool: its contraction times (ms), and how they correlate with the interval of shocks
# at half force.
_DRAWN_BETWEEN: Final = (20.0, 85.0)
_DRAWN_ALIKE: Final = 0.920
_DRAWS: Final = 200
_LARGEST_SCATTER: Final = 1.0  # of an interval, in its logarithm


class Answers(NamedTuple):
    """What stimulation of single units shows; arrays over units, or over rates and units.

    Attributes:
        contraction: Time to the peak of a twitch (ms).
        half_relaxation: From the peak to half of it (ms).
        twitch: Peak of a twitch (tetanic forces of the muscle).
        twitch_to_tetanus: Over the unit's own tetanus.
        share: Mean force by rate, over the tetanus.
        least: Least force within a cycle over the greatest, by rate.
    """

    contraction: Floats
    half_relaxation: Floats
    twitch: Floats
    twitch_to_tetanus: Floats
    share: Floats
    least: Floats


def _activations(of: MotorUnitConstants, rates: Floats, steps: int) -> Floats:
    """Activation by step, rate and unit; a rate of 0 is one spike."""
    units = of.release.shape[-1]
    state = motor_unit.at_rest(of, (len(rates),))
    trains = np.zeros((steps, len(rates)))
    for which, rate in enumerate(rates):
        times = np.arange(0, steps, 1000.0 / rate) if rate > 0.0 else np.zeros(1)
        trains[np.minimum(np.round(times).astype(int), steps - 1), which] = 1.0
    still, optimal = np.zeros(len(rates)), np.ones(len(rates))
    found = np.empty((steps, len(rates), units))
    for step, fired in enumerate(trains):
        spikes = np.repeat(fired[:, np.newaxis], units, axis=1)
        state = motor_unit.step(
            of, state, spikes=spikes, fibre_length=optimal, fibre_velocity=still
        )
        found[step] = state.activation
    return found


def _twitches(course: Floats) -> tuple[Floats, Floats, Floats]:
    """Contraction time, half-relaxation (ms) and peak of twitches, shape (steps, units)."""
    peak = course.argmax(axis=0)
    contraction, relaxation, heights = [], [], []
    for unit, at in enumerate(peak):
        before, top, after = course[at - 1 : at + 2, unit]
        shift = 0.5 * (before - after) / (before - 2.0 * top + after)
        falling = course[at:, unit]
        below = int(np.flatnonzero(falling < 0.5 * top)[0])
        over = (falling[below - 1] - 0.5 * top) / (falling[below - 1] - falling[below])
        contraction.append(at + 1.0 + shift)  # the first value stands 1 ms after the spike
        relaxation.append(below - 1.0 + over - shift)
        heights.append(top)
    return np.array(contraction), np.array(relaxation), np.array(heights)


def _shown(numbers: tuple[int, ...] = UNITS) -> MotorUnitConstants:
    """Units of the published pool, without sag, as its table was computed."""
    of = motor_unit.constants(MotorUnits(), _POOL)
    which = np.array(numbers) - 1
    own = [name for name in of._fields if name not in motor_unit.SHARED]
    even = np.ones(len(numbers))
    of = of._replace(**{name: getattr(of, name)[which] for name in own})
    return of._replace(sag_rested=even, sag_active=even)


@cache
def _answers(pool: str) -> Answers:
    """Stimulation of the published table's units, of its whole pool, or of a hand's units."""
    if pool == "hand":
        of = distal_units.constants(DistalUnits(), MotorUnits(), _HAND)
    else:
        of = _shown(UNITS if pool == "table" else tuple(range(1, _POOL + 1)))
    contraction, relaxation, height = _twitches(_activations(of, np.zeros(1), _TWITCH_MS)[:, 0])
    courses = _activations(of, _RATES, _TRAIN_MS)
    means, least = [], []
    for which, rate in enumerate(_RATES):
        whole_cycles = int(np.floor(rate))  # those of the last second
        window = courses[-round(whole_cycles * 1000.0 / rate) :, which]
        means.append(window.mean(axis=0))
        least.append(window.min(axis=0) / window.max(axis=0))
    tetanus = means[-1]
    return Answers(
        contraction=contraction,
        half_relaxation=relaxation,
        twitch=height * of.tetanic_force,
        twitch_to_tetanus=height / tetanus,
        share=np.array(means) / tetanus,
        least=np.array(least),
    )


def _rates_at(share: Floats, level: float) -> Floats:
    """Rate (Hz) at which each unit's column first reaches a level, between the rates tried."""
    found = []
    for column in share.T:
        above = int(np.flatnonzero(column >= level)[0])
        near, far = column[above - 1], column[above]
        step = _RATES[above] - _RATES[above - 1]
        found.append(_RATES[above - 1] + step * (level - near) / (far - near))
    return np.array(found)


def _half_rates(answers: Answers) -> Floats:
    return _rates_at(answers.share, 0.5)


_QUANTITIES: Final[Mapping[str, Callable[[Answers], Floats]]] = {
    "contraction": lambda a: a.contraction,
    "half-relaxation": lambda a: a.half_relaxation,
    "twitch-to-tetanus": lambda a: a.twitch_to_tetanus,
    "half-rate": _half_rates,
}


def _of_unit(_model: Model, unit: int, quantity: str) -> float:
    return float(_QUANTITIES[quantity](_answers("table"))[UNITS.index(unit)])


def _in_hands(_model: Model, quantity: str) -> float:
    """Mean over the units of a pool."""
    return float(_QUANTITIES[quantity](_answers("hand")).mean())


def _highest_half_rate(_model: Model) -> float:
    """Mean over draws of the highest rate at half force in the pool, its units drawn as there.

    Those drawn there contract in 20 to 85 ms, a little beyond both ends of the run here: each unit
    is taken quicker or slower as a whole, so that the run spans as much. Contraction time and the
    interval of shocks at half force go together from unit to unit here and correlate by 0.920
    there. The intervals, which are above nothing, are scattered by the share of themselves that
    leaves this correlation, and by none where the pool correlates no better by itself.
    """
    answers = _answers("pool")
    run = np.log(answers.contraction)
    times = np.exp(np.interp(run, (run.min(), run.max()), np.log(_DRAWN_BETWEEN)))
    intervals = times / answers.contraction / _half_rates(answers)
    scatter = np.random.default_rng(1).standard_normal((_DRAWS, _POOL))

    def correlation(share: float) -> float:
        drawn = intervals * np.exp(share * scatter)
        return float(np.mean([np.corrcoef(times, one)[0, 1] for one in drawn]))

    low, high = 0.0, _LARGEST_SCATTER
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if correlation(middle) > _DRAWN_ALIKE else (low, middle)
    return float((1.0 / (intervals * np.exp(low * scatter))).max(axis=1).mean())


def _fusing(_model: Model) -> float:
    """Rate (Hz) at which force no longer falls back between spikes, mean over units."""
    return float(_rates_at(_answers("hand").least, _FUSES).mean())


def _maximal(_model: Model) -> float:
    """Rate (Hz) that brings nearly the whole tetanus, mean over units."""
    return float(_rates_at(_answers("hand").share, _MAXIMAL).mean())


def _straight(_model: Model) -> float:
    """Correlation of force with the logarithm of rate from 8 to 30 Hz, mean over units."""
    between = (_RATES >= 8) & (_RATES <= 30)
    share = _answers("hand").share[between]
    across = np.log(_RATES[between])
    return float(np.mean([np.corrcoef(across, column)[0, 1] for column in share.T]))


def _twitch_range(_model: Model) -> float:
    twitch = _answers("hand").twitch
    return float(twitch.max() / twitch.min())


CHECKS: Mapping[str, Check] = {
    **{
        f"unit-{unit}-{quantity}": partial(_of_unit, unit=unit, quantity=quantity)
        for unit in UNITS
        for quantity in _QUANTITIES
    },
    "unit-highest-half-rate": _highest_half_rate,
    **{
        f"thenar-{quantity}": partial(_in_hands, quantity=quantity)
        for quantity in ("contraction", "half-relaxation", "half-rate")
    },
    "thenar-fusion": _fusing,
    "thenar-maximal-rate": _maximal,
    "thenar-straight": _straight,
    "thenar-twitch-range": _twitch_range,
}
