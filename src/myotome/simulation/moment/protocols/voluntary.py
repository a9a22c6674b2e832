"""Voluntary: ramps of drive and of current, steady currents, and what follows a single spike.

Gives recruitment and derecruitment thresholds of every unit, rates over current, and the
afterhyperpolarisation. Reflexes, noise and recurrent inhibition are all in place; the order of
recruitment is not given to anything.

Source: soleus_delta_f for the reading of delta-F, by pairs of units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import motoneuron_protocols
from myotome.physiology.motoneuron import Spikes as CellSpikes
from myotome.physiology.motoneuron_cells import pool
from myotome.simulation.moment.inputs import Quantity
from myotome.simulation.moment.protocols.subject import NEUTRAL, Subject
from myotome.simulation.moment.result import MomentRun
from myotome.simulation.moment.run import run
from myotome.simulation.moment.stimuli import Ramp, Stimulus, hold

Array = NDArray[np.float64]

_PER_SECOND: Final = 1000.0
_CELL_STEPS: Final = 10  # a millisecond, in the steps in which a cell's ramp is counted


class DriveRamp(NamedTuple):
    """Discharge while voluntary drive rises and falls.

    Attributes:
        run: All that was recorded.
        time: s.
        drive: 0 to 1, by millisecond.
        force: Over the maximum isometric force.
        recruitment: Drive at the first spike of each unit; not a number where it stays silent.
        derecruitment: Drive at its last.
        delta_f: Hz by which the control units of each unit are slower as it ends than as it began.
    """

    run: MomentRun
    time: Array
    drive: Array
    force: Array
    recruitment: Array
    derecruitment: Array
    delta_f: Array

    def spike_times(self, unit: int) -> Array:
        """Times (s) of the spikes of one unit."""
        return times_of(self.run, 0, unit)


class CurrentRamp(NamedTuple):
    """Discharge while a current into every motoneuron rises and falls.

    Attributes:
        run: All that was recorded.
        time: s.
        current: nA, by millisecond.
        force: Over the maximum isometric force.
        recruitment: Current (nA) at the first spike of each unit; not a number where it is silent.
        derecruitment: Current at its last.
    """

    run: MomentRun
    time: Array
    current: Array
    force: Array
    recruitment: Array
    derecruitment: Array


class CurrentRates(NamedTuple):
    """Rates (Hz) of each unit under steady currents (nA), shape (currents, units)."""

    currents: Array
    rates: Array


def times_of(run_: MomentRun, person: int, unit: int, muscle: int = 0) -> Array:
    """Times (s) of the spikes of one unit."""
    spikes = run_.spikes
    own = (spikes.person == person) & (spikes.muscle == muscle) & (spikes.unit == unit)
    return np.asarray(spikes.millisecond[own] / _PER_SECOND)


def drive_ramp(
    subject: Subject | None = None, *, peak: float = 0.4, half_s: float = 5.0, seed: int = 1
) -> DriveRamp:
    """Voluntary drive in a straight line to its peak and back, the joint held.

    Args:
        subject: Who; the standard muscle in health when left out.
        peak: Drive, 0 to 1.
        half_s: How long it rises (s), and how long it falls.
        seed: Of the noise.
    """
    done, drive, first, last = _ramp("voluntary", subject, peak, half_s, seed)
    spikes = done.spikes
    own = spikes.muscle == 0
    at, unit = spikes.millisecond[own], spikes.unit[own]
    cells = CellSpikes(at * _CELL_STEPS, np.zeros_like(unit), unit)
    delta_f = motoneuron_protocols.delta_f(
        motoneuron_protocols.Ramp(cells, half_s * _PER_SECOND, len(first))
    )
    return DriveRamp(
        done, done.time, drive, done["tendon_force"][:, 0, 0], first, last, np.asarray(delta_f)
    )


def current_ramp(
    subject: Subject | None = None, *, peak_na: float = 40.0, half_s: float = 5.0, seed: int = 1
) -> CurrentRamp:
    """The same current into every motoneuron, in a straight line to its peak and back.

    Args:
        subject: Who; the standard muscle in health when left out.
        peak_na: Current (nA) at the top.
        half_s: How long it rises (s), and how long it falls.
        seed: Of the noise.
    """
    done, current, first, last = _ramp("current", subject, peak_na, half_s, seed)
    return CurrentRamp(done, done.time, current, done["tendon_force"][:, 0, 0], first, last)


def _ramp(
    quantity: Quantity, subject: Subject | None, peak: float, half_s: float, seed: int
) -> tuple[MomentRun, Array, Array, Array]:
    """A quantity up and down: its height by millisecond, and at the first and last spikes."""
    who = subject or Subject()
    p, frozen = who.copies(1)
    whole = 2.0 * half_s + 1.0
    done = run(
        p,
        [
            hold("angle", NEUTRAL, 0.0, whole),
            Ramp(quantity, 0.0, peak, 0.0, half_s, column=0),
            Ramp(quantity, peak, 0.0, half_s, 2.0 * half_s, column=0),
        ],
        seconds=whole, frozen=frozen, structures=who.structures, record=("tendon_force",),
        seed=seed,
    )  # fmt: skip
    height = peak * np.maximum(0.0, 1.0 - np.abs(done.time - half_s) / half_s)
    own = done.spikes.muscle == 0
    at, unit = done.spikes.millisecond[own], done.spikes.unit[own]
    first, last = np.full(p.units, np.nan), np.full(p.units, np.nan)
    # Spikes stand in order of time, so that the first assignment from behind is the first spike.
    first[unit[::-1]] = height[at[::-1]]
    last[unit] = height[at]
    return done, height, first, last


def current_rates(
    subject: Subject | None = None, currents: Sequence[float] = tuple(range(0, 41, 4))
) -> CurrentRates:
    """Rates over the second of two seconds of steady current into every motoneuron."""
    who = subject or Subject()
    p, frozen = who.copies(len(currents))
    stimuli: list[Stimulus] = [hold("angle", NEUTRAL, 0.0, 2.0)]
    for person, current in enumerate(currents):
        stimuli.append(hold("current", current, 0.0, 2.0, column=0, person=person))
    done = run(p, stimuli, seconds=2.0, frozen=frozen, structures=who.structures, record=())
    return CurrentRates(np.asarray(currents, dtype=np.float64), done.discharge_rates(1.0)[:, 0])


def afterhyperpolarisation(
    subject: Subject | None = None,
) -> motoneuron_protocols.Afterhyperpolarisation:
    """What follows one spike of each motoneuron, alone and without noise."""
    who = subject or Subject()
    composition = replace(who.structures.composition, slow=float(who.preparation.slow_share[0]))
    cells = pool(who.preparation.units, composition, who.structures.membrane)
    return motoneuron_protocols.afterhyperpolarisation(cells)
