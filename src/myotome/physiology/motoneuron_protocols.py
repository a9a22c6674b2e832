"""Motoneuron protocols: what a physiologist does to a cell, and what is read from it.

Receives the constants of a pool; every cell of it is tested by itself, all at once. Gives rheobase,
the afterhyperpolarisation, the curve of discharge rate over current, where a cell begins and ends
on a current that rises and falls, between which currents a pulse leaves it firing, and delta-F: how
much less drive a unit needs to go on firing than it needed to begin, read from the rate of an
earlier unit.

Source: soleus_delta_f for delta-F, by pairs of units on a slow ramp of common drive.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from myotome.physiology.motoneuron import PoolInput, Spikes, advance, at_rest
from myotome.physiology.motoneuron_cells import PoolConstants

Floats = NDArray[Any]

_STEP_MS: Final = 0.1
_STEPS_PER_MS: Final = 10
_PULSE: Final = 100.0  # nA, which makes any cell fire within a few milliseconds
_FEWEST: Final = 5  # spikes of a unit that counts as recruited
_RAMP_MS: Final = 10  # in which the current of a ramp stays the same
_AFTER_MS: Final = 2000
_GRID_MS: Final = 100.0  # between the points at which two rates are compared
# What a pair of units must show, soleus_delta_f.
_LEAST_CORRELATION: Final = 0.7
_LEAST_MODULATION: Final = 0.5  # Hz, of the control beyond the difference


class Afterhyperpolarisation(NamedTuple):
    """What follows one spike, for each unit."""

    amplitude: Floats
    """mV below rest."""
    duration: Floats
    """ms from the spike until 5 % of the amplitude is left."""
    half_decay: Floats
    """ms from the deepest point until half of the amplitude is left."""
    course: Floats
    """mV from rest, every 0.1 ms from the spike on, shape (steps, units)."""


class CurrentRampEnds(NamedTuple):
    """Where each cell begins and ends on a triangle of current; not a number for none."""

    begins: Floats
    """nA, of the first spike."""
    ends: Floats
    """nA, of the last spike."""
    after: Floats
    """Rate (Hz) over the two seconds after the ramp, without any current."""

    @property
    def held(self) -> Floats:
        """How far below its beginning a cell lets go, share of it: 0 none, 1 only at no current."""
        return (self.begins - self.ends) / self.begins


class Plateau(NamedTuple):
    """Between both currents a cell is bistable: silent or firing, as it was before."""

    rested: Floats
    """nA, the least of those given at which a rested cell fires in its fifth second."""
    pulsed: Floats
    """nA, the least at which it still fires in the third second after a pulse."""


class Ramp(NamedTuple):
    """Discharge on a ramp of drive up and down again."""

    spikes: Spikes
    """With steps of 0.1 ms counted from the beginning of the ramp."""
    half_ms: float
    units: int

    def times(self, unit: int) -> Floats:
        """Times (ms) of the spikes of one unit."""
        return np.asarray(self.spikes.step[self.spikes.unit == unit] * _STEP_MS)


def rheobase(constants: PoolConstants, duration_ms: int = 200) -> Floats:
    """Least current (nA) into the soma that makes each cell fire within `duration_ms`."""
    low, high = np.zeros(constants.units), np.full(constants.units, 200.0)
    for _ in range(20):
        middle = 0.5 * (low + high)
        _, spikes = advance(
            constants, at_rest(constants, precision=np.float64), PoolInput(current=middle),
            steps=duration_ms * _STEPS_PER_MS,
        )  # fmt: skip
        fires = spikes.counts(constants.units)[0] > 0
        low, high = np.where(fires, low, middle), np.where(fires, middle, high)
    return high


def afterhyperpolarisation(
    constants: PoolConstants, watched_ms: int = 300
) -> Afterhyperpolarisation:
    """The afterhyperpolarisation of one spike, evoked by a current that ends as the cell fires."""
    units = constants.units
    state, begun = at_rest(constants, precision=np.float64), np.full(units, -1)
    trace = np.empty((watched_ms * _STEPS_PER_MS, units))
    for step in range(len(trace)):
        current = np.where(begun < 0, _PULSE, 0.0)
        state, spikes = advance(constants, state, PoolInput(current=current), steps=1)
        begun[spikes.unit[begun[spikes.unit] < 0]] = step
        trace[step] = state.soma
    deepest, amplitude = trace.argmin(axis=0), trace.min(axis=0)

    def until(share: float) -> NDArray[np.int64]:
        after = np.arange(len(trace))[:, None] > deepest
        return np.asarray(np.argmax(after & (trace >= share * amplitude), axis=0))

    return Afterhyperpolarisation(
        amplitude=-amplitude,
        duration=(until(0.05) - begun) * _STEP_MS,
        half_decay=(until(0.5) - deepest) * _STEP_MS,
        course=np.stack(
            [trace[at : len(trace) - begun.max() + at, unit] for unit, at in enumerate(begun)],
            axis=1,
        ),
    )


def current_ramp_ends(
    constants: PoolConstants, peak: ArrayLike, half_ms: int = 5000
) -> CurrentRampEnds:
    """First and last spike while a current into the soma rises to `peak` (nA) and falls again."""
    state = at_rest(constants, precision=np.float64)
    height = np.broadcast_to(np.asarray(peak, dtype=np.float64), constants.units)
    begins, ends = np.full(constants.units, np.nan), np.full(constants.units, np.nan)
    for at in range(0, 2 * half_ms, _RAMP_MS):
        current = height * (min(at, 2 * half_ms - at) / half_ms)
        state, spikes = advance(
            constants, state, PoolInput(current=current), steps=_RAMP_MS * _STEPS_PER_MS
        )
        fired = np.unique(spikes.unit)
        first = fired[np.isnan(begins[fired])]
        begins[first] = current[first]
        ends[fired] = current[fired]
    _, spikes = advance(constants, state, steps=_AFTER_MS * _STEPS_PER_MS)
    return CurrentRampEnds(begins, ends, spikes.counts(constants.units)[0] * (1e3 / _AFTER_MS))


def plateau(constants: PoolConstants, currents: ArrayLike, pulse: Floats | float) -> Plateau:
    """Where cells fire from rest, and where they go on after a pulse of a second.

    Args:
        constants: Of the pool.
        currents: Steady ones into the soma (nA), rising, shape (currents, units).
        pulse: What is added to them for a second (nA).
    """
    steady = np.asarray(currents, dtype=np.float64)

    def least(added: Floats | float) -> Floats:
        state = at_rest(constants, len(steady), np.float64)
        for current, lasts in ((steady, 1000), (steady + added, 1000), (steady, 2000)):
            state, _ = advance(
                constants, state, PoolInput(current=current), steps=lasts * _STEPS_PER_MS
            )
        _, spikes = advance(constants, state, PoolInput(current=steady), steps=1000 * _STEPS_PER_MS)
        fires = spikes.counts(constants.units, len(steady)) > 0
        lowest = np.take_along_axis(steady, fires.argmax(axis=0)[None], axis=0)[0]
        return np.where(fires.any(axis=0), lowest, np.nan)

    return Plateau(least(0.0), least(pulse))


def discharge_rates(
    constants: PoolConstants, currents: ArrayLike, duration_ms: int = 2000
) -> Floats:
    """Mean rates (Hz) under steady currents (nA) into the soma, shape (currents, units)."""
    given = np.atleast_1d(np.asarray(currents, dtype=np.float64))
    _, spikes = advance(
        constants, at_rest(constants, len(given), np.float64), PoolInput(current=given[:, None]),
        steps=duration_ms * _STEPS_PER_MS,
    )  # fmt: skip
    rates = np.zeros((len(given), constants.units))
    for person, unit in np.ndindex(rates.shape):
        times = spikes.step[(spikes.person == person) & (spikes.unit == unit)] * _STEP_MS
        if len(times) > 1:
            rates[person, unit] = 1e3 * (len(times) - 1) / (times[-1] - times[0])
    return rates


def ramp(constants: PoolConstants, peak: float, half_ms: int = 10_000, rest_ms: int = 2000) -> Ramp:
    """Discharge while a conductance common to all cells rises to `peak` (uS) and falls again."""
    state, times, units = at_rest(constants), [], []
    for begun in range(0, 2 * half_ms + rest_ms, 10):
        drive = peak * max(0.0, 1.0 - abs(begun - half_ms) / half_ms)
        state, spikes = advance(
            constants, state, PoolInput(steady_excitation=drive), steps=10 * _STEPS_PER_MS
        )
        times.append(spikes.step + begun * _STEPS_PER_MS)
        units.append(spikes.unit)
    step, unit = np.concatenate(times), np.concatenate(units)
    return Ramp(Spikes(step, np.zeros_like(unit), unit), float(half_ms), constants.units)


def delta_f(discharge: Ramp) -> Floats:
    """Delta-F (Hz) of each unit, shape (units,); nan for those without a control unit.

    The rate of a control unit, recruited at least 1 s before, when the test unit begins, less that
    when it ends, as a mean over its control units. As published, a unit is a control only where it
    shows what drives the test unit: their rates rise and fall together, and its own changes by more
    than the difference, since a rate that has levelled off shows nothing.
    """
    times = [discharge.times(unit) for unit in range(discharge.units)]
    last = max((own[-1] for own in times if len(own)), default=0.0)
    grid = np.arange(0.0, last + _GRID_MS, _GRID_MS)
    courses = [
        np.array([_rate(own, at) for at in grid]) if len(own) >= _FEWEST else None for own in times
    ]
    found = np.full(discharge.units, np.nan)
    for test, own in enumerate(times):
        course = courses[test]
        if course is None:
            continue
        span = (grid >= own[0]) & (grid <= own[-1])
        known = []
        for other, control in zip(times, courses, strict=True):
            if control is None or own[0] - other[0] <= 1000.0 or other[-1] <= own[-1]:
                continue
            difference = _rate(other, own[0]) - _rate(other, own[-1])
            if np.isfinite(difference) and _shows(control[span], course[span], difference):
                known.append(difference)
        if known:
            found[test] = np.mean(known)
    return found


def _shows(control: Floats, test: Floats, difference: float) -> bool:
    """Whether a control unit's rate follows the drive of a test unit while that is active."""
    both = np.isfinite(control) & np.isfinite(test)
    one, other = control[both], test[both]
    if len(one) < _FEWEST or np.ptp(one) == 0.0 or np.ptp(other) == 0.0:
        return False
    alike = float(np.corrcoef(one, other)[0, 1])
    return alike >= _LEAST_CORRELATION and float(np.ptp(one)) - difference >= _LEAST_MODULATION


def _rate(times: Floats, at: float) -> float:
    """Rate (Hz) from the spikes in the second around a time."""
    near = times[np.abs(times - at) < 500.0]
    return 1e3 * (len(near) - 1) / float(near[-1] - near[0]) if len(near) > 2 else float("nan")
