"""Spiking drivers: the same day as the rate drivers, its tone read from moments.

Everything but tone is taken from `drivers`: root, dorsal horn, posture and pain stand there in
closed form. What the pools do by themselves, left alone or after a walk or a strong contraction,
comes from the tone table, which knows no equation for it: it is what spiking motoneurons did. The
difference to the rate drivers is therefore the difference between the two pools.

A person's uncertain gain from pain to the pool stretches the table's axis; the pool itself is the
declared one in every draw.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import drive, threshold
from myotome.physiology.drive import Drive
from myotome.simulation.drivers import TONE_RATE, RateDrivers, Tone
from myotome.simulation.state import State
from myotome.simulation.tone_table import ToneTable, tone_table

Array = NDArray[np.float64]

# A pool is held by itself where a contraction leaves this much more behind than rest has (Hz): more
# than reading between the table's nodes is off by.
_HELD: Final = 0.5


@dataclass(slots=True)
class SpikingDrivers(RateDrivers):
    """Rate drivers with the tone of spiking pools.

    Attributes:
        table: Where tone is read; the table of the declared parameters when left out.
    """

    table: ToneTable = field(default_factory=tone_table)

    def _tone(self, state: State, projection: Array, density: Array) -> Tone:
        """Left alone, or where the last contraction put it, if walking can put it there too.

        The density of receptors does not reach a pool whose axons conduct.
        """
        del density
        m = self.mechanism
        rise = threshold.relative_rise(state.threshold)
        where = (
            self._felt_by(projection) * (m.drive.pain_gain / Drive().pain_gain),
            np.asarray(drive.threshold(rise, state.homeostasis)),
            np.asarray(state.fast.angle),
        )
        alone, walked, contracted = (
            self.table.read(activity, *where)
            for activity in ("rest", "after_walk", "after_contraction")
        )
        can_hold = contracted.rate - alone.rate > _HELD
        set_off = walked.rate - alone.rate > 0.5 * (contracted.rate - alone.rate)
        held = can_hold & (state.fast.sustained.any(axis=0) | set_off)
        rate = np.where(held, contracted.rate, alone.rate)
        sustained = held | (alone.rate > _HELD)
        return Tone(
            share=np.minimum(rate / TONE_RATE, 1.0),
            sustained=np.broadcast_to(sustained, state.fast.sustained.shape),
            rate=rate,
            activation=np.where(held, contracted.activation, alone.activation),
        )
