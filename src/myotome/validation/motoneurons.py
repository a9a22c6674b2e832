"""Checks of the motoneuron: cells to their equations, the pool to rats, cats and people.

Mid-range cells without persistent inward current show that the equations are solved rightly; the
default pool, as it is used, stands beside what was measured in animals and people. None of these
numbers follows the slow mechanism, so each check takes the model and leaves it aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import motoneuron, motoneuron_scaling, renshaw, threshold
from myotome.physiology import motoneuron_protocols as protocols
from myotome.physiology.motoneuron import PoolConstants, PoolInput
from myotome.physiology.motoneuron_scaling import Rat, Scaling
from myotome.validation.model import Check, Model

Floats = NDArray[Any]

CURRENTS: Final = {
    "slow": (9.45, 11.3, 13.5, 18.0, 22.5, 27.0),
    "resistant": (20.7, 24.7, 29.6, 39.5, 49.3),
    "fatigable": (34.9, 41.6, 49.9),
}
_KINDS: Final = {
    "slow": motoneuron.SLOW,
    "resistant": motoneuron.FATIGUE_RESISTANT,
    "fatigable": motoneuron.FATIGABLE,
}
_DIAMETER: Final = 50.0  # um, where the scaling was evaluated
_RAMP_PEAK: Final = 0.2  # uS, which recruits somewhat under half of the pool
_INHIBITED_NA: Final = (10.0, 20.0, 30.0, 40.0)  # nA, at which a cell's rate is read
_INHIBITED_MS: Final = 2000
_UNWEIGHTED_DAYS: Final = 14.0
_ALIKE: Final = 1.45  # Hz, the published spread of delta-F between people


@cache
def _cell(kind: str) -> PoolConstants:
    return motoneuron.constants_of(motoneuron.mid_range(_KINDS[kind]))


@cache
def _pool() -> PoolConstants:
    return motoneuron.pool()


@cache
def _anaesthetised() -> PoolConstants:
    """The pool as cells are found under anaesthesia, where the persistent current hardly opens."""
    return _pool()._replace(persistent=np.zeros_like(_pool().persistent))


@cache
def _slow() -> NDArray[np.bool_]:
    falls: NDArray[np.bool_] = _pool().slow_potassium_fall == motoneuron.SLOW[0].slow_potassium_fall
    return falls


@cache
def _after(kind: str) -> protocols.Afterhyperpolarisation:
    pools = {"pool": _pool, "anaesthetised": _anaesthetised}
    return protocols.afterhyperpolarisation(pools[kind]() if kind in pools else _cell(kind))


@cache
def _measured(quantity: str, kind: str = "pool") -> Floats:
    """One property of each cell of the default pool."""
    constants = _anaesthetised() if kind == "anaesthetised" else _pool()
    capacitance = constants.soma_capacitance + constants.dendrite_capacitance
    if quantity == "resistance":
        return motoneuron.input_resistance(constants)
    if quantity == "rheobase":
        return protocols.rheobase(constants)
    if quantity == "time-constant":
        return np.asarray(capacitance / (constants.soma_leak + constants.dendrite_leak))
    if quantity == "velocity":
        return constants.axon_velocity
    after = _after(kind)
    return {
        "amplitude": after.amplitude, "half-decay": after.half_decay, "duration": after.duration
    }[quantity]  # fmt: skip


@cache
def _delta_f() -> Floats:
    found = protocols.delta_f(protocols.ramp(_pool(), _RAMP_PEAK))
    return found[np.isfinite(found)]


@cache
def _rates(kind: str) -> Floats:
    return protocols.discharge_rates(_cell(kind), CURRENTS[kind])[:, 0]


def _resistance(_: Model, kind: str) -> float:
    return float(motoneuron.input_resistance(_cell(kind))[0])


def _rheobase(_: Model, kind: str) -> float:
    return float(protocols.rheobase(_cell(kind))[0])


def _amplitude(_: Model, kind: str) -> float:
    return float(_after(kind).amplitude[0])


def _duration(_: Model, kind: str) -> float:
    return float(_after(kind).duration[0])


def _rate(_: Model, kind: str, place: int) -> float:
    return float(_rates(kind)[place])


def _shortens(_: Model) -> float:
    """Whether the afterhyperpolarisation is shorter from each type to the next."""
    lasting = [_after(kind).duration[0] for kind in _KINDS]
    return float(lasting[0] > lasting[1] > lasting[2])


def _spikes(_: Model) -> float:
    constants = motoneuron.reference_pool()
    shots = PoolInput(shot_rate=1.0, shot_weight=0.12, seed=1)
    _state, spikes = motoneuron.advance(
        constants, motoneuron.at_rest(constants), shots, steps=40_000, step_ms=0.05,
        scheme="backward_euler",
    )  # fmt: skip
    return float(len(spikes.step))


def _of_type(_: Model, quantity: str, *, slow: bool) -> float:
    """Mean of a property over the slow cells of the pool, or its fast ones, anaesthetised."""
    return float(_measured(quantity, "anaesthetised")[_slow() == slow].mean())


def _exponent(_: Model, quantity: str, over: str) -> float:
    """Exponent of one property as a power of another, over the anaesthetised pool."""
    across, up = (np.log(_measured(name, "anaesthetised")) for name in (over, quantity))
    slope, _intercept = np.polyfit(across, up, 1)
    return float(slope)


def _mean_delta_f(_: Model) -> float:
    return float(_delta_f().mean())


def _alike(_: Model) -> float:
    """Whether units recruited early and late differ less in delta-F than people do."""
    found = _delta_f()
    early, late = found[: len(found) // 2], found[len(found) // 2 :]
    return float(abs(early.mean() - late.mean()) < _ALIKE)


def _scaled(_: Model, quantity: str) -> float:
    return float(getattr(motoneuron_scaling, quantity)(Scaling(), _DIAMETER))


def _of_size(_: Model, quantity: str, resistance: float) -> float:
    """What the laws between cells, through the rat's own pair, give a cell of a resistance."""
    rat = Rat()
    law = motoneuron_scaling.through(Scaling(), rat.input_resistance, rat.soma_diameter)
    diameters = np.geomspace(10.0, 200.0, 2001)
    resistances = motoneuron_scaling.input_resistance(law, diameters)
    diameter = float(np.interp(-resistance, -resistances, diameters))
    return float(getattr(motoneuron_scaling, quantity)(law, diameter))


def _steadily(constants: PoolConstants, inhibition: Floats) -> Floats:
    """Rates (Hz) by current and cell under a conductance that is renewed each millisecond."""
    currents = np.array(_INHIBITED_NA)[:, np.newaxis]
    state = motoneuron.at_rest(constants, len(currents), np.float64)
    decay = constants.membrane.inhibition_decay
    counts = np.zeros((len(currents), constants.units))
    given = np.broadcast_to(inhibition / decay, counts.shape)
    for millisecond in range(_INHIBITED_MS):
        state, spikes = motoneuron.advance(
            constants, state, PoolInput(current=currents, inhibition=given), steps=10
        )
        if millisecond >= _INHIBITED_MS // 2:
            np.add.at(counts, (spikes.person, spikes.unit), 1.0)
    return counts * (2000.0 / _INHIBITED_MS)


def _recurrent(model: Model) -> float:
    """Mean rate (Hz) that Renshaw cells at their most take from cells that go on discharging."""
    constants = _anaesthetised()
    felt = renshaw.constants(model.structures.renshaw, constants.dendrite_leak).conductance
    free, held = (_steadily(constants, share * felt) for share in (0.0, 1.0))
    active = held > 0.0
    return float((free - held)[active].mean())


def _unweighted(model: Model) -> float:
    """Change (%) of rheobase by weeks in which a limb bears nothing and its cells are idle.

    The threshold scales it. By the law nothing but cramping raises that; idle cells do not cramp.
    """
    law = model.mechanism.threshold
    idle = threshold.bouts_per_day(law, 0.0, 0.0)
    resting = threshold.ThresholdState(0.0, 0.0)
    grown = threshold.rates_of_change(law, resting, idle)
    after = threshold.ThresholdState(*(_UNWEIGHTED_DAYS * float(part) for part in grown))
    return 100.0 * (float(threshold.threshold_scale(after)) - 1.0)


_OF_TYPE: Final = ("resistance", "half-decay", "amplitude")
_RAT_RESISTANCE: Final = {"slow": 2.7, "fast": 1.7}  # Mohm
_OF_SIZE: Final = {"rheobase": "rheobase", "time-constant": "time_constant"}
_SCALED: Final = ("input_resistance", "rheobase", "afterhyperpolarisation", "axon_velocity")
_EXPONENTS: Final = {
    "resistance-over-rheobase": ("resistance", "rheobase"),
    "duration-over-resistance": ("duration", "resistance"),
    "time-constant-over-resistance": ("time-constant", "resistance"),
    "velocity-over-resistance": ("velocity", "resistance"),
}

CHECKS: Mapping[str, Check] = {
    "reference-spikes": _spikes,
    **{f"cell-resistance-{kind}": partial(_resistance, kind=kind) for kind in _KINDS},
    **{f"cell-rheobase-{kind}": partial(_rheobase, kind=kind) for kind in _KINDS},
    **{f"cell-amplitude-{kind}": partial(_amplitude, kind=kind) for kind in _KINDS},
    **{f"cell-duration-{kind}": partial(_duration, kind=kind) for kind in _KINDS},
    "cell-duration-order": _shortens,
    **{
        f"cell-rate-{kind}-{current:g}": partial(_rate, kind=kind, place=place)
        for kind, currents in CURRENTS.items()
        for place, current in enumerate(currents)
    },
    **{
        f"scaling-{quantity.replace('_', '-')}": partial(_scaled, quantity=quantity)
        for quantity in _SCALED
    },
    "recurrent-inhibition": _recurrent,
    "rat-unweighted-fast": _unweighted,
    "delta-f-soleus": _mean_delta_f,
    "delta-f-alike": _alike,
    **{
        f"rat-{quantity}-{name}": partial(_of_type, quantity=quantity, slow=name == "slow")
        for quantity in _OF_TYPE
        for name in ("slow", "fast")
    },
    **{
        f"rat-{quantity}-{name}": partial(_of_size, quantity=law, resistance=resistance)
        for quantity, law in _OF_SIZE.items()
        for name, resistance in _RAT_RESISTANCE.items()
    },
    **{
        f"cat-{name}": partial(_exponent, quantity=quantity, over=over)
        for name, (quantity, over) in _EXPONENTS.items()
    },
}
