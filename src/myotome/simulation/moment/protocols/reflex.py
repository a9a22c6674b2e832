"""Reflex: what a stretch, a shock and a volley of nociceptors bring to the cord and back.

Gives the spindle's answer to a ramp that is held, the recruitment curves of M-wave and H-reflex
with their latencies, and wind-up. The H-reflex falls at strong shocks because impulses that run up
the motor axons meet those that come down; nothing here says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.simulation.moment.protocols.subject import NEUTRAL, Subject
from myotome.simulation.moment.run import run
from myotome.simulation.moment.stimuli import Ramp, Stimulus, Train, hold

Array = NDArray[np.float64]

_PER_SECOND: Final = 1000.0
_RAMP_BEGINS_S: Final = 0.5
_HELD_S: Final = 1.0
_SHOCK_S: Final = 0.2
_WATCHED_MS: Final = 100
_SEEN: Final = 0.001  # share of the muscle's fibres that shows
_QUICKEST_AXON: Final = 60.0  # m/s
_WINDOW_OF_M: Final = 4  # ms
_WINDOW_OF_H: Final = 15  # ms over which fast and slow axons bring it
_VOLLEY_MS: Final = 200
_WINDOW_MS: Final = 500
_VOLLEYS: Final = 16
_NOCICEPTIVE_HZ: Final = 40.0
SHOCKS: Final = tuple(round(0.5 + 0.1 * step, 1) for step in range(21))


class RampAndHold(NamedTuple):
    """Spindle afferents while the joint stretches the muscle and holds it, one person a speed.

    Attributes:
        speeds: rad/s.
        time: s.
        length: Fibre length (optimal fibre lengths), shape (milliseconds, speeds).
        primary: Hz, likewise.
        secondary: Hz, likewise.
        peak: Of the primary (Hz), by speed.
        held: Of the primary half a second after the ramp (Hz).
        dynamic_index: The first less the second (Hz).
    """

    speeds: Array
    time: Array
    length: Array
    primary: Array
    secondary: Array
    peak: Array
    held: Array
    dynamic_index: Array


class RecruitmentCurve(NamedTuple):
    """Direct and reflex answers by strength of the shock.

    Attributes:
        shocks: Over the motor threshold.
        time: ms from the shock.
        emg: Share of fibres whose potential starts, shape (milliseconds, shocks).
        m_wave: Share of fibres excited directly, by shock.
        h_reflex: Share of fibres excited by way of the cord, by shock.
        unprovoked: What a window as long shows just before the shock, by shock: nothing but noise.
        m_latency_ms: Not a number where there is none; so the next.
        h_latency_ms: From the shock to the first fibre.
        h_over_m: The largest H-reflex over the largest M-wave.
    """

    shocks: Array
    time: Array
    emg: Array
    m_wave: Array
    h_reflex: Array
    unprovoked: Array
    m_latency_ms: float
    h_latency_ms: float
    h_over_m: float


class WindUp(NamedTuple):
    """Answers of projection neurons to repeated volleys of nociceptors.

    Attributes:
        frequencies: Of the volleys (Hz).
        spikes: Of a projection neuron in the half second from each volley, shape (frequencies, 16).
        ratio: The last over the first, by frequency.
    """

    frequencies: Array
    spikes: Array
    ratio: Array


def ramp_and_hold(
    subject: Subject | None = None,
    speeds: Sequence[float] = (0.5, 1.5, 4.0),
    *,
    start: float = 0.35,
    stop: float = 0.0,
) -> RampAndHold:
    """The joint turned from one angle to another at several speeds (rad/s), side by side."""
    who = subject or Subject()
    p, frozen = who.copies(len(speeds))
    lasting = [abs(stop - start) / speed for speed in speeds]
    whole = _RAMP_BEGINS_S + max(lasting) + _HELD_S
    stimuli: list[Stimulus] = []
    for person, seconds in enumerate(lasting):
        ends = _RAMP_BEGINS_S + seconds
        stimuli += [
            hold("angle", start, 0.0, _RAMP_BEGINS_S, person=person),
            Ramp("angle", start, stop, _RAMP_BEGINS_S, ends, person=person),
            hold("angle", stop, ends, whole, person=person),
        ]
    done = run(
        p, stimuli, seconds=whole, frozen=frozen, structures=who.structures,
        record=("primary", "secondary", "fibre_length"),
    )  # fmt: skip
    primary = done["primary"][:, :, 0]
    peak = primary.max(axis=0)
    held = np.array(
        [
            primary[round(_PER_SECOND * (_RAMP_BEGINS_S + seconds + 0.5)), person]
            for person, seconds in enumerate(lasting)
        ]
    )
    return RampAndHold(
        np.asarray(speeds, dtype=np.float64),
        done.time,
        done["fibre_length"][:, :, 0],
        primary,
        done["secondary"][:, :, 0],
        peak,
        held,
        peak - held,
    )


def recruitment_curve(
    subject: Subject | None = None,
    shocks: Sequence[float] = SHOCKS,
    *,
    voluntary: float = 0.0,
    each: int = 4,
    seed: int = 1,
) -> RecruitmentCurve:
    """One shock to the nerve at several strengths, side by side, a mean over a few people each.

    Args:
        subject: Who.
        shocks: Over the motor threshold.
        voluntary: Drive held meanwhile.
        each: Copies of the subject for each strength, with noise of their own.
        seed: Of the noise.
    """
    who = subject or Subject()
    p, frozen = who.copies(len(shocks) * each)
    begun = round(_SHOCK_S * _PER_SECOND)
    whole = _SHOCK_S + _WATCHED_MS / _PER_SECOND
    stimuli: list[Stimulus] = [hold("angle", NEUTRAL, 0.0, whole)]
    if voluntary > 0.0:
        stimuli.append(hold("voluntary", voluntary, 0.0, whole, column=0))
    for person, shock in enumerate(np.repeat(shocks, each)):
        stimuli.append(
            hold("shock", float(shock), _SHOCK_S, _SHOCK_S + 0.001, column=0, person=person)
        )
    done = run(
        p, stimuli, seconds=whole, frozen=frozen, structures=who.structures,
        record=("emg",), seed=seed,
    )  # fmt: skip
    emg = done["emg"][:, :, 0].reshape(len(done.time), len(shocks), each).mean(axis=2)
    # A spike of the background lies anywhere; a reflex lies in the window of its latency.
    background = emg[begun // 2 : begun].mean(axis=0)
    first = _reflex_window(who)
    soonest = _direct_window(who)
    direct = emg[begun + soonest : begun + soonest + _WINDOW_OF_M]
    window = emg[begun + first : begun + first + _WINDOW_OF_H]
    m_wave = np.maximum(direct.sum(axis=0) - background * len(direct), 0.0)
    h_reflex = np.maximum(window.sum(axis=0) - background * len(window), 0.0)
    before = emg[begun - _WINDOW_OF_H : begun]
    quiet = emg[begun // 2 : begun - _WINDOW_OF_H].mean(axis=0)
    shown = window.max(axis=1) > _SEEN + emg[begun // 2 : begun].max()
    return RecruitmentCurve(
        np.asarray(shocks, dtype=np.float64),
        np.arange(_WATCHED_MS, dtype=np.float64),
        emg[begun:],
        m_wave,
        h_reflex,
        before.sum(axis=0) - quiet * len(before),
        soonest + _first(direct.max(axis=1) > _SEEN + emg[begun // 2 : begun].max()),
        first + _first(shown),
        float(h_reflex.max() / m_wave.max()) if m_wave.max() > 0.0 else float("nan"),
    )


def wind_up(
    subject: Subject | None = None, frequencies: Sequence[float] = (0.3, 0.5, 1.0)
) -> WindUp:
    """Sixteen volleys of 0.2 s at a nociceptive drive of 40 Hz, side by side by frequency."""
    who = subject or Subject()
    p, frozen = who.copies(len(frequencies))
    begin = 1.0
    whole = begin + _VOLLEYS / min(frequencies)
    stimuli: list[Stimulus] = [hold("angle", NEUTRAL, 0.0, whole)]
    for person, frequency in enumerate(frequencies):
        stimuli.append(
            Train(
                "nociception",
                _NOCICEPTIVE_HZ,
                frequency,
                begin,
                begin + _VOLLEYS / frequency,
                column=0,
                person=person,
                width_ms=_VOLLEY_MS,
            )
        )
    done = run(
        p, stimuli, seconds=whole, frozen=frozen, structures=who.structures,
        record=("projection",),
    )  # fmt: skip
    rate = done["projection"][:, :, 0]
    spikes = np.empty((len(frequencies), _VOLLEYS))
    for person, frequency in enumerate(frequencies):
        for volley in range(_VOLLEYS):
            at = round(_PER_SECOND * (begin + volley / frequency))
            spikes[person, volley] = rate[at : at + _WINDOW_MS, person].sum() / _PER_SECOND
    return WindUp(np.asarray(frequencies, dtype=np.float64), spikes, spikes[:, -1] / spikes[:, 0])


def _direct_window(who: Subject) -> int:
    """Millisecond after a shock before which it cannot have reached the muscle along the nerve."""
    limb, path = who.structures.conduction, float(who.preparation.path[0])
    stimulated = min(float(limb.stimulated), 0.5 * path)
    return max(int(_PER_SECOND * stimulated / limb.motor_velocity + limb.junction) - 1, 0)


def _reflex_window(who: Subject) -> int:
    """Millisecond after a shock before which no reflex can reach the muscle."""
    limb, path = who.structures.conduction, float(who.preparation.path[0])
    rest = path - min(float(limb.stimulated), 0.5 * path)
    quickest = rest / limb.primary_velocity + path / _QUICKEST_AXON
    return int(_PER_SECOND * quickest + limb.primary_synapse)


def _first(shown: NDArray[np.bool_]) -> float:
    return float(np.argmax(shown)) if shown.any() else float("nan")
