"""Pull: force by shocks to the nerve: twitch, tetanus, frequency, length.

Every axon is excited (a supramaximal shock), or the first alone (one at the motor threshold), and
the joint is held, so that what is read is motor units, muscle and tendon; whatever reflexes add is
there as well, as it is in a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.simulation.moment.protocols.subject import NEUTRAL, SUPRAMAXIMAL, Subject
from myotome.simulation.moment.run import run
from myotome.simulation.moment.stimuli import Stimulus, Train, hold

Array = NDArray[np.float64]

_PER_SECOND: Final = 1000.0
_TETANUS_HZ: Final = 100.0
_BEFORE_S: Final = 0.1
_TRAIN_S: Final = 1.2
_HALF: Final = 0.5
ANGLES: Final = tuple(round(-1.1 + 0.2 * step, 1) for step in range(12))


class Twitch(NamedTuple):
    """One twitch beside one tetanus.

    Attributes:
        time: s from the shock.
        twitch: Force over the maximum isometric force, above rest.
        tetanus: The same in a train at 100 Hz.
        contraction_ms: From where force leaves rest to its peak.
        half_relaxation_ms: From the peak to half of it.
        twitch_to_tetanus: Of their peaks.
    """

    time: Array
    twitch: Array
    tetanus: Array
    contraction_ms: float
    half_relaxation_ms: float
    twitch_to_tetanus: float


class ForceFrequency(NamedTuple):
    """Force over the frequency of shocks.

    Attributes:
        frequencies: Hz.
        time: s from the first shock.
        courses: Force above rest, shape (milliseconds, frequencies).
        force: Mean over the last half second, over the greatest of them.
        ripple: Rise and fall within it, over the mean.
        half_hz: Frequency that brings half of the greatest force.
    """

    frequencies: Array
    time: Array
    courses: Array
    force: Array
    ripple: Array
    half_hz: float


class LengthTension(NamedTuple):
    """Force over length; forces over the maximum isometric force.

    Attributes:
        angles: At which the joint is held (rad).
        fibre_length: In the tetanus (optimal fibre lengths).
        passive: Force before it.
        total: Force in it.
        active: The difference.
        optimal: Fibre length of the greatest active force.
    """

    angles: Array
    fibre_length: Array
    passive: Array
    total: Array
    active: Array
    optimal: float


def twitch(
    subject: Subject | None = None, *, watched_s: float = 0.6, shock: float = SUPRAMAXIMAL
) -> Twitch:
    """One shock, of a strength over the motor threshold, beside a train at 100 Hz."""
    who = subject or Subject()
    p, frozen = who.copies(2)
    whole = _BEFORE_S + watched_s
    stop = _BEFORE_S + 0.001
    done = run(
        p,
        [
            hold("angle", NEUTRAL, 0.0, whole),
            hold("shock", shock, _BEFORE_S, stop, column=0, person=0),
            Train("shock", shock, _TETANUS_HZ, _BEFORE_S, whole, column=0, person=1),
        ],
        seconds=whole, frozen=frozen, structures=who.structures, record=("tendon_force",),
    )  # fmt: skip
    begun = round(_BEFORE_S * _PER_SECOND)
    force = done["tendon_force"][:, :, 0]
    force = force[begun:] - force[begun - 1]
    course, tetanus = force[:, 0], force[:, 1]
    peak = int(course.argmax())
    leaves = int(np.flatnonzero(course > 0.01 * course[peak])[0])
    falls = peak + int(np.argmax(course[peak:] < _HALF * course[peak]))
    return Twitch(
        np.arange(1, len(course) + 1) / _PER_SECOND,
        course,
        tetanus,
        float(peak - leaves),
        float(falls - peak),
        float(course[peak] / tetanus.max()),
    )


def force_frequency(
    subject: Subject | None = None,
    frequencies: Sequence[float] = (3, 5, 8, 10, 12, 15, 20, 25, 30, 40, 60, 100),
    *,
    shock: float = SUPRAMAXIMAL,
) -> ForceFrequency:
    """Trains of 1.2 s, of a strength over the motor threshold, side by side."""
    who = subject or Subject()
    p, frozen = who.copies(len(frequencies))
    whole = _BEFORE_S + _TRAIN_S
    stimuli: list[Stimulus] = [hold("angle", NEUTRAL, 0.0, whole)]
    for person, frequency in enumerate(frequencies):
        stimuli.append(Train("shock", shock, frequency, _BEFORE_S, whole, column=0, person=person))
    done = run(
        p, stimuli, seconds=whole, frozen=frozen, structures=who.structures,
        record=("tendon_force",),
    )  # fmt: skip
    begun = round(_BEFORE_S * _PER_SECOND)
    courses = done["tendon_force"][:, :, 0]
    courses = courses[begun:] - courses[begun - 1]
    rates = np.asarray(frequencies, dtype=np.float64)
    means, ripple = np.empty(rates.size), np.empty(rates.size)
    for which, rate in enumerate(rates):
        # Whole cycles, at least one, of the last half second or more.
        cycles = max(1, int(_HALF * rate))
        window = courses[-round(cycles * _PER_SECOND / rate) :, which]
        means[which] = window.mean()
        ripple[which] = (window.max() - window.min()) / window.max()
    force = means / means.max()
    return ForceFrequency(
        rates,
        np.arange(1, len(courses) + 1) / _PER_SECOND,
        courses,
        force,
        ripple,
        float(np.exp(np.interp(_HALF, force, np.log(rates)))),
    )


def length_tension(
    subject: Subject | None = None,
    angles: Sequence[float] = ANGLES,
) -> LengthTension:
    """Force before and in a tetanus at several angles of the joint, side by side."""
    who = subject or Subject()
    p, frozen = who.copies(len(angles))
    whole = _BEFORE_S + _TRAIN_S
    stimuli: list[Stimulus] = [
        Train("shock", SUPRAMAXIMAL, _TETANUS_HZ, _BEFORE_S, whole, column=0)
    ]
    for person, angle in enumerate(angles):
        stimuli.append(hold("angle", angle, 0.0, whole, person=person))
    done = run(
        p, stimuli, seconds=whole, frozen=frozen, structures=who.structures,
        record=("tendon_force", "fibre_length"),
    )  # fmt: skip
    force = done["tendon_force"][:, :, 0]
    passive = force[round(_BEFORE_S * _PER_SECOND) - 1]
    total = force[-100:].mean(axis=0)
    length = done["fibre_length"][-100:, :, 0].mean(axis=0)
    active = total - passive
    return LengthTension(
        np.asarray(angles, dtype=np.float64),
        length,
        passive,
        total,
        active,
        float(length[active.argmax()]),
    )
