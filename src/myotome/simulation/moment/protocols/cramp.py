"""Cramp: the frequency of shocks that leaves one, and how units discharge in it.

A ladder of trains to the nerve of a shortened muscle, side by side; the lowest frequency after
which units go on discharging is the cramp threshold. That they go on follows from the persistent
inward current, what reaches the pool from the segment, and the spindles; no rule says when a cramp
begins or ends. Shocks that reach every motor axon hurt: they excite thin afferents as well, as far
as the threshold of these, measured in that of motor axons, lets them.

Source: miller2009 for the protocol, minetto2009 for what is read of a cramp.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.simulation.moment.loop_parts import shock_steepness
from myotome.simulation.moment.protocols.subject import SHORTENED, SUPRAMAXIMAL, Subject
from myotome.simulation.moment.protocols.voluntary import times_of
from myotome.simulation.moment.result import MomentRun
from myotome.simulation.moment.run import run
from myotome.simulation.moment.stimuli import Stimulus, Train, hold
from myotome.simulation.moment.structures import Structures

Array = NDArray[np.float64]

_PER_SECOND: Final = 1000.0
_BEGIN_S: Final = 0.5
_TRAIN_S: Final = 2.0
_WAIT_S: Final = 1.0  # after a train, in which a twitch and a reflex die away
_WATCHED_S: Final = 1.0
_CRAMP_SHARE: Final = 0.1  # of the pool's units
_DOUBLET_MS: Final = 20.0
_MODULATION_HZ: Final = (0.5, 4.0)
_FEWEST: Final = 5  # spikes of a unit that counts as active


class CrampLadder(NamedTuple):
    """Units that discharge after trains of shocks.

    Attributes:
        frequencies: Of the shocks (Hz).
        active: Share of the pool's units that discharge in the second second after the train, less
            that before it.
        threshold_hz: Frequency from which a tenth do, between rungs; infinite where none.
    """

    frequencies: Array
    active: Array
    threshold_hz: float


class CrampDischarge(NamedTuple):
    """How units discharge in a span of a run.

    Attributes:
        active: How many units are active.
        mean_hz: Mean over units of their mean rate while active.
        least_hz: Mean over units of the least rate in a whole second in which they discharge.
        most_hz: The same of the greatest.
        variation: Coefficient of variation of interspike intervals, mean over units.
        doublets: Share of intervals under 20 ms.
        duration_s: From the beginning of the span to the last spike, mean over units.
        modulation_hz: Peak of the spectrum of the pool's rate, 0.5 to 4 Hz.
    """

    active: int
    mean_hz: float
    least_hz: float
    most_hz: float
    variation: float
    doublets: float
    duration_s: float
    modulation_hz: float


def cramp_threshold(
    subject: Subject | None = None,
    frequencies: Sequence[float] = tuple(range(6, 61, 2)),
    *,
    also: Sequence[Stimulus] = (),
    rested_s: float = 0.0,
    angle: float = SHORTENED,
    shock: float = SUPRAMAXIMAL,
    each: int = 2,
    seed: int = 1,
) -> CrampLadder:
    """Trains of 2 s at several frequencies, side by side.

    Args:
        subject: Who.
        frequencies: Of the shocks (Hz), rising.
        also: What else is done, to everybody.
        rested_s: How long everybody is watched before the train.
        angle: At which the joint is held (rad); shortened when left out.
        shock: Over the motor threshold.
        each: Copies of the subject on each rung, with noise of their own.
        seed: Of the noise.
    """
    who = subject or Subject()
    p, frozen = who.copies(len(frequencies) * each)
    begin = _BEGIN_S + rested_s
    stop = begin + _TRAIN_S
    whole = stop + _WAIT_S + _WATCHED_S
    stimuli: list[Stimulus] = [hold("angle", angle, 0.0, whole), *also]
    thin = thin_fibre_share(who.structures, shock)
    for person, frequency in enumerate(np.repeat(frequencies, each)):
        stimuli += [
            Train("shock", shock, float(frequency), begin, stop, column=0, person=person),
            hold("receptor_input", thin * frequency, begin, stop, column=0, person=person),
        ]
    done = run(
        p, stimuli, seconds=whole, frozen=frozen, structures=who.structures, record=(), seed=seed
    )
    active = (done.discharge_rates(stop + _WAIT_S, whole)[:, 0] > 0.0).mean(axis=1)
    active = active - (done.discharge_rates(begin - _BEGIN_S, begin)[:, 0] > 0.0).mean(axis=1)
    active = active.reshape(-1, each).mean(axis=1)
    cramped = active >= _CRAMP_SHARE
    rates = np.asarray(frequencies, dtype=np.float64)
    # From here up all rungs cramp: a single one by chance is no threshold.
    from_here = np.logical_and.accumulate(cramped[::-1])[::-1]
    return CrampLadder(rates, active, _crossing(rates, active, from_here))


def _crossing(rates: Array, active: Array, cramped: NDArray[np.bool_]) -> float:
    """Frequency at which the share of active units passes a tenth, in a straight line."""
    if not cramped.any():
        return float("inf")
    at = int(cramped.argmax())
    if at == 0:
        return float(rates[0])
    below, above = active[at - 1], active[at]
    return float(
        rates[at - 1] + (rates[at] - rates[at - 1]) * (_CRAMP_SHARE - below) / (above - below)
    )


def thin_fibre_share(structures: Structures, shock: float) -> float:
    """Share of a muscle's thin afferents that a shock excites, as for primaries and motor axons."""
    ratio = structures.needle.nociceptor_ratio
    return float(1.0 / (1.0 + (shock / ratio) ** -shock_steepness(structures)))


def cramp_discharge(
    done: MomentRun, begin: float, stop: float | None = None, *, person: int = 0
) -> CrampDischarge:
    """What a run shows of one person's units from `begin` (s) on, muscle 0."""
    end = done.seconds if stop is None else stop
    times = [
        found[(found >= begin) & (found < end)]
        for found in (times_of(done, person, unit) for unit in range(done.preparation.units))
    ]
    active = [found for found in times if len(found) >= _FEWEST]
    if not active:
        nan = float("nan")
        return CrampDischarge(0, nan, nan, nan, nan, nan, 0.0, nan)
    intervals = [np.diff(found) for found in active]
    every = np.concatenate(intervals)
    windows = [_windows(found) for found in active]
    return CrampDischarge(
        len(active),
        float(np.mean([1.0 / gaps.mean() for gaps in intervals])),
        float(np.mean([found.min() for found in windows])),
        float(np.mean([found.max() for found in windows])),
        float(np.mean([gaps.std() / gaps.mean() for gaps in intervals])),
        float((every < _DOUBLET_MS / _PER_SECOND).mean()),
        float(np.mean([found[-1] - begin for found in active])),
        _modulation(np.concatenate(active), begin, end),
    )


def _windows(times: Array) -> Array:
    """Rate in each whole second from the first spike to the last, where there are any.

    Intervals that reach over the end of a second count in part, so that a regular train has its own
    rate. A last second that the discharge does not fill is no rate; a unit that is done within a
    second has the rate that its intervals say.
    """
    since = times - times[0]
    seconds = np.arange(int(since[-1]) + 1.0)
    spikes = np.bincount(since.astype(int))[: len(seconds) - 1]
    rates = np.diff(np.interp(seconds, since, np.arange(len(since), dtype=np.float64)))
    some: Array = rates[spikes > 0]
    return some if some.size else np.array([1.0 / np.diff(times).mean()])


def _modulation(times: Array, begin: float, end: float) -> float:
    """Frequency (Hz) at which the pool's rate, in bins of 50 ms, swings most."""
    counts, _ = np.histogram(times, np.arange(begin, end, 0.05))
    power = np.abs(np.fft.rfft(counts - counts.mean())) ** 2
    frequencies = np.fft.rfftfreq(len(counts), 0.05)
    inside = (frequencies >= _MODULATION_HZ[0]) & (frequencies <= _MODULATION_HZ[1])
    return float(frequencies[inside][power[inside].argmax()]) if inside.any() else float("nan")
