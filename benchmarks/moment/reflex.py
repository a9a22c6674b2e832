"""Problem P2, reduced: a reflex loop that every program of the comparison can be given.

It receives nothing and gives the numbers of the problem. The pool of P1 pulls on one muscle by the
twitches of its units; the muscle lies in series with a tendon that gives way, between ends that
move to and fro; its length and velocity set the rate of its primary endings, and each impulse of
those comes back to every motoneuron after the delay of the path. The pool keeps the step of P1;
twitches, endings and what they send are stepped by a millisecond and the muscle by a quarter of
one, in every program. It is a problem of speed, as P1 is: its curves have the form of published
ones, its numbers are this project's own and describe no muscle. Needs NumPy and nothing of the
package. Times in ms, lengths in optimal fibre lengths, forces in those of the whole muscle,
conductances uS.

Source: Fuglevand1993 for twitches over the pool, DeGrooteFregly2016 for tendon and force-velocity.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import problem as p
from numpy.typing import NDArray

Array = NDArray[np.float64]

EVENT_WEIGHT: Final = 0.08  # of the noise of P1, whose rate and decay it keeps
DELAY: Final = 30  # from an ending to the motoneurons
AFFERENTS: Final = 60
SYNAPSE: Final = 0.02  # conductance that an impulse adds to each motoneuron
SLOWEST, QUICKEST = 0.8, 1.2  # of the rate of the spindle: its first and its last ending

LARGEST_TWITCH, LONGEST_CONTRACTION, CONTRACTION_RANGE = 100.0, 90.0, 3.0
HALF_ACTIVE: Final = 3000.0  # sum of twitches at which the muscle is 1 - 1/e active
LEAST_ACTIVE: Final = 0.05

MUSCLE_STEP: Final = 0.25
WHOLE, SWING, SWING_PERIOD = 5.05, 0.04, 1000.0  # of muscle with tendon
TENDON, TENDON_GAIN, TENDON_STEEPNESS = 4.0, 0.2, 36.57
WIDTH: Final = 0.45
PASSIVE_STEEPNESS, PASSIVE_STRAIN = 4.0, 0.6
FASTEST: Final = 0.01  # fibre lengths in a millisecond
D1, D2, D3, D4 = -0.3211, -8.149, -0.374, 0.8825
LARGEST_FORCE: Final = 1.79

RESTING, OF_LENGTH, OF_VELOCITY = 20.0, 120.0, 40.0  # Hz, of the spindle
SPINDLE_LENGTH: Final = 0.95


def twitches(motoneurons: int = p.MOTONEURONS) -> tuple[Array, Array]:
    """Peak of the twitch of each unit, and its contraction time."""
    place = np.arange(motoneurons) / (motoneurons - 1.0)
    return LARGEST_TWITCH**place, LONGEST_CONTRACTION * CONTRACTION_RANGE**-place


def endings() -> tuple[Array, Array]:
    """Where in its cycle each ending begins, and its rate over that of the spindle."""
    place = np.arange(AFFERENTS) / AFFERENTS
    return place, SLOWEST + (QUICKEST - SLOWEST) * place
