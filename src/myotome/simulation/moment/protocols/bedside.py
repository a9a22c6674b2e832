"""Bedside: a needle in healthy and in irritated muscles, and what discharges by itself.

People in unlike slow states lie side by side and get the same needle. What follows its last
impulse is read: a twitch that dies away, or discharge that the pool keeps up. Nothing here knows
which it will be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError
from myotome.physiology.needle import Insertion
from myotome.simulation.moment.frozen import Frozen
from myotome.simulation.moment.periphery import Needling
from myotome.simulation.moment.preparation import MomentPreparation, standard
from myotome.simulation.moment.protocols.subject import NEUTRAL
from myotome.simulation.moment.result import MomentRun
from myotome.simulation.moment.run import run
from myotome.simulation.moment.stimuli import Stimulus, hold
from myotome.simulation.moment.structures import Structures

Array = NDArray[np.float64]

_PER_SECOND: Final = 1000.0
_LASTS_HZ: Final = 0.1  # mean over the pool and half a second, under which it counts as quiet
_SMOOTH_MS: Final = 500


class NeedleAnswer(NamedTuple):
    """Discharge and force about a needle, one person a slow state.

    Attributes:
        run: All that was recorded.
        time: s.
        discharge: Mean over the pool's motoneurons and half a second (Hz), shape (milliseconds,
            people).
        force: Over the maximum isometric force.
        emg: Share of fibres whose potential starts, each millisecond.
        needle_ends: When the last stroke or pulse was (s).
        outlasts: How long after it the pool goes on (s), by person; infinite where it still does
            at the end. Discharge is a mean over half a second, which may add as much.
        peak_twitch: Largest rise of force while the needle is in, by person.
    """

    run: MomentRun
    time: Array
    discharge: Array
    force: Array
    emg: Array
    needle_ends: float
    outlasts: Array
    peak_twitch: Array


class SpontaneousActivity(NamedTuple):
    """What a muscle left alone does, one person a slow state.

    Attributes:
        run: All that was recorded.
        time: s.
        emg: Share of fibres whose potential starts, shape (milliseconds, people).
        impulses_hz: Mean impulses of a fibre a second, by person.
        motoneurons_hz: Mean discharge of the pool, by person.
    """

    run: MomentRun
    time: Array
    emg: Array
    impulses_hz: Array
    motoneurons_hz: Array


def together(states: Sequence[Frozen]) -> Frozen:
    """Several slow states as one, a person each."""
    return Frozen(
        **{
            part.name: np.concatenate([getattr(state, part.name) for state in states])
            for part in fields(Frozen)
        }
    )


def needle_insertion(
    states: Sequence[Frozen],
    insertion: Insertion | None,
    preparation: MomentPreparation | None = None,
    structures: Structures | None = None,
    *,
    seconds: float = 10.0,
    also: Sequence[Stimulus] = (),
    seed: int = 1,
) -> NeedleAnswer:
    """The same needle in muscle 0 of everybody, the joints held.

    Args:
        states: Slow states, a person each.
        insertion: What is done; nothing where it is None.
        preparation: Muscles; the standard one when left out.
        structures: Parameters.
        seconds: How long all is watched.
        also: What else is done.
        seed: Of the noise.
    """
    p = (preparation or standard()).of_people(len(states))
    stimuli: list[Stimulus | Needling] = [hold("angle", NEUTRAL, 0.0, seconds), *also]
    ends = 0.0
    if insertion is not None:
        stimuli.append(Needling(insertion))
        strokes = (insertion.pecks - 1) * insertion.peck_interval_ms / _PER_SECOND
        flowing = insertion.duration_s if insertion.current_ma > 0.0 else 0.0
        ends = insertion.start_ms / _PER_SECOND + max(strokes, flowing)
        if ends >= seconds:
            raise InputError(
                f"seconds must go beyond the needle, which ends at {ends:g} s, got {seconds:g}.",
                place="seconds",
            )
    done = run(
        p, stimuli, seconds=seconds, frozen=together(states), structures=structures,
        record=("discharge_rate", "tendon_force", "emg"), seed=seed,
    )  # fmt: skip
    discharge = _smoothed(done["discharge_rate"][:, :, 0])
    force = done["tendon_force"][:, :, 0]
    last = round(ends * _PER_SECOND)
    late = discharge[last:] > _LASTS_HZ
    # Quiet from the first lull on: what begins again later is another event.
    whole = np.logical_and.accumulate(late)
    outlasts = np.where(whole[-1], np.inf, whole.sum(axis=0) / _PER_SECOND)
    begin = 0 if insertion is None else int(insertion.start_ms)
    rest = force[max(begin - 1, 0)]
    return NeedleAnswer(
        done,
        done.time,
        discharge,
        force,
        done["emg"][:, :, 0],
        ends,
        outlasts,
        force[begin : last + 1].max(axis=0) - rest,
    )


def spontaneous_activity(
    states: Sequence[Frozen],
    preparation: MomentPreparation | None = None,
    structures: Structures | None = None,
    *,
    seconds: float = 2.0,
    seed: int = 1,
) -> SpontaneousActivity:
    """Muscles left alone, fibres and injured roots discharging impulse by impulse."""
    p = (preparation or standard()).of_people(len(states))
    done = run(
        p, [hold("angle", NEUTRAL, 0.0, seconds)],
        seconds=seconds, frozen=together(states), structures=structures,
        record=("emg", "discharge_rate"), spontaneous=True, seed=seed,
    )  # fmt: skip
    emg = done["emg"][:, :, 0]
    return SpontaneousActivity(
        done,
        done.time,
        emg,
        _PER_SECOND * emg.mean(axis=0),
        done["discharge_rate"][:, :, 0].mean(axis=0),
    )


def _smoothed(rates: Array) -> Array:
    """Mean over the last half second, causal, so that nothing is seen before it begins."""
    summed = np.cumsum(np.concatenate([np.zeros((1, rates.shape[1])), rates]), axis=0)
    ends = np.arange(1, len(rates) + 1)
    begins = np.maximum(ends - _SMOOTH_MS, 0)
    smooth: Array = (summed[ends] - summed[begins]) / _SMOOTH_MS
    return smooth
