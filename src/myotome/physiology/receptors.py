"""Receptors: acetylcholine receptors of a motor unit's fibres, dense where activity is missing.

Two classes of unit are followed side by side, each with activity, lag, message and density of
its own: the silent share, cut off by lost conduction, which becomes supersensitive, and the
conducting share, where overactivity lives. One mean over both would let a muscle in spasm cure
itself. Receives discharge rates and the impulses of events; gives the density of receptors
outside the endplate, and from it endplate noise, miniature size, fibrillation and how lightly a
needle need touch. Laws act element by element: put the class on any axis.

The demand for receptors follows activity down at once and up only after a lag. The lag is a
chain of three first-order stages together 0.75 d long, read as the lesser of demand and last
stage: a fall passes without delay, a rise is delayed and smeared. Against a pure delay density
departs by at most 6 sites/um2 (12 in place of 6 at 1.25 d after silence, 101 for 102 at 3 d,
then under 2). Recent activity is one first-order state whose time constant, 0.0334 d, makes a
fall from 1 Hz reach the half-demand rate in 6 h, as a 6 h running mean does. A time constant of
6 h itself has a tail of 1.9 d and leaves 20 sites/um2 at 3 d where about 100 are published;
`window_activity` is the running mean itself.

Source: salpeter1988 and lomo1975 for the densities the two-stage law was fitted to; the maps from
density to noise, size and threshold are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.parameters import Number, parameter

SECONDS_PER_DAY: Final = 86_400.0
_WINDOW: Final = 0.25


@dataclass(frozen=True, slots=True)
class Receptors:
    """Turnover of receptors outside the endplate, and what their density does."""

    floor_demand: Number = parameter(
        0.01, unit="1", tag="D", source="merlie1984", low=0.005, high=0.02,
        meaning="demand for receptors left in full activity; message rises 100-fold without it",
    )  # fmt: skip
    half_demand_rate: Number = parameter(
        5.6e-4, unit="Hz", tag="D", source="lomo1975",
        meaning="fibre impulse rate that halves the demand",
    )  # fmt: skip
    activity_time_constant: Number = parameter(
        0.0334, unit="d", tag="D", source="project_definition", low=0.025, high=0.05,
        meaning="memory of recent activity, equal to a 6 h running mean at a stop from 1 Hz",
    )  # fmt: skip
    rise_lag: Number = parameter(
        0.75, unit="d", tag="D", source="uchitel1978", low=0.5, high=1.0,
        meaning="lag of a rise of demand, three stages together",
    )  # fmt: skip
    message_time_constant: Number = parameter(
        1.25, unit="d", tag="D", source="salpeter1988", low=0.8, high=2.0,
        meaning="turnover of receptor message",
    )  # fmt: skip
    degradation_rate: Number = parameter(
        0.88959, unit="1/d", tag="C", source="junctional1983", low=0.69, high=1.2,
        meaning="loss of receptors, ln 2 over a half-life of 18.7 h",
    )  # fmt: skip
    highest_density: Number = parameter(
        201.0, unit="1/um2", tag="D", source="salpeter1988", low=150.0, high=370.0,
        meaning="density of receptors at full demand",
    )  # fmt: skip
    noise_rate: Number = parameter(
        15.0, unit="Hz", tag="U", source="assumed", low=5.0, high=50.0,
        meaning="rate of endplate noise without extrajunctional receptors",
    )  # fmt: skip
    noise_gain: Number = parameter(
        4.0, unit="1", tag="D", source="assumed",
        meaning="relative rise of endplate noise at 200 receptors per um2",
    )  # fmt: skip
    miniature_gain: Number = parameter(
        1.0, unit="1", tag="D", source="assumed",
        meaning="relative rise of miniature potential size at 200 receptors per um2",
    )  # fmt: skip
    fibrillation_density: Number = parameter(
        50.0, unit="1/um2", tag="D", source="assumed", low=30.0, high=80.0,
        meaning="density above which fibres begin to fibrillate",
    )  # fmt: skip
    fibrillation_spread: Number = parameter(
        100.0, unit="1/um2", tag="D", source="assumed",
        meaning="density beyond the first that brings 63 % of fibres to fibrillate",
    )  # fmt: skip
    fibrillation_duty: Number = parameter(
        0.01, unit="1", tag="D", source="assumed", low=0.001, high=0.1,
        meaning="share of time that a fibrillating fibre spends doing so",
    )  # fmt: skip
    fibrillation_rate: Number = parameter(
        10.0, unit="Hz", tag="V", source="fibrillation_table", low=2.0, high=30.0,
        meaning="regular rate of a fibre while it fibrillates",
    )  # fmt: skip
    stump_delay: Number = parameter(
        0.119, unit="d/cm", tag="V", source="uchitel1978", low=0.06, high=0.24,
        meaning="delay of denervation by length of nerve left on the muscle, 10 h for 3.5 cm",
    )  # fmt: skip
    needle_density: Number = parameter(
        50.0, unit="1/um2", tag="D", source="assumed",
        meaning="density that halves the push at which a needle makes a fibre fire",
    )  # fmt: skip


class ReceptorState(NamedTuple):
    """What one class of motor unit remembers; every field of shape (..., muscles)."""

    activity: Number
    """Recent impulse rate of a fibre (Hz)."""
    lag_first: Number
    lag_second: Number
    lag_third: Number
    """Demand as the three stages of the lag hold it (0 to 1)."""
    message: Number
    """Receptor message relative to full demand (0 to 1)."""
    density: Number
    """Receptors outside the endplate (1/um2)."""


def demand(p: Receptors, activity: Number) -> Number:
    """Demand for receptors, `floor_demand` to 1, at an activity (Hz)."""
    return p.floor_demand + (1.0 - p.floor_demand) / (1.0 + activity / p.half_demand_rate)


def rates_of_change(p: Receptors, state: ReceptorState, rate: Number) -> ReceptorState:
    """Time derivatives (per d) while fibres fire at a mean `rate` (Hz).

    The stiffest rate is 1/`activity_time_constant`, 30 per day.
    """
    wanted = demand(p, state.activity)
    per_stage = 3.0 / p.rise_lag
    heard: Number = np.minimum(wanted, state.lag_third)
    return ReceptorState(
        activity=(rate - state.activity) / p.activity_time_constant,
        lag_first=per_stage * (wanted - state.lag_first),
        lag_second=per_stage * (np.minimum(wanted, state.lag_first) - state.lag_second),
        lag_third=per_stage * (np.minimum(wanted, state.lag_second) - state.lag_third),
        message=(heard - state.message) / p.message_time_constant,
        density=p.degradation_rate * (p.highest_density * state.message - state.density),
    )


def steady_state(p: Receptors, rate: Number) -> ReceptorState:
    """The state that a constant `rate` (Hz) leads to."""
    wanted = demand(p, rate)
    return ReceptorState(rate, wanted, wanted, wanted, wanted, p.highest_density * wanted)


def after_event(p: Receptors, state: ReceptorState, impulses: Number) -> ReceptorState:
    """The state just after an event that made each fibre fire `impulses` times.

    Activity rises by impulses over the memory in seconds; a fall of demand has no lag, so the
    stages come down with it.
    """
    activity = state.activity + impulses / (SECONDS_PER_DAY * p.activity_time_constant)
    wanted = demand(p, activity)
    first, second, third = (
        np.minimum(stage, wanted) for stage in (state.lag_first, state.lag_second, state.lag_third)
    )
    return state._replace(activity=activity, lag_first=first, lag_second=second, lag_third=third)


def window_activity(
    days: NDArray[np.float64], impulses: NDArray[np.float64], at: float
) -> NDArray[np.float64]:
    """Mean rate (Hz) of events over the 6 h before `at` (d): what the first-order state stands for.

    Args:
        days: When each event happened, shape (events,).
        impulses: Impulses per fibre, shape (events, ..., muscles).
        at: The time asked for.
    """
    recent = (days <= at) & (at < days + _WINDOW)
    total: NDArray[np.float64] = np.tensordot(recent.astype(float), impulses, axes=1)
    return total / (_WINDOW * SECONDS_PER_DAY)


def muscle_density(silent_share: Number, silent: Number, conducting: Number) -> Number:
    """Mean density over a muscle's units (1/um2), `silent_share` of them without conduction."""
    return silent_share * silent + (1.0 - silent_share) * conducting


def transferred(
    before: Number, after: Number, silent: Number, conducting: Number
) -> tuple[Number, Number]:
    """Any state of the silent and of the conducting class when the silent share changes.

    Units take what they have to the other class, so the muscle's total is kept; a class that
    gains nobody keeps its mean.

    Args:
        before: Silent share until now, 0 to 1.
        after: Silent share from now on.
        silent: The silent class's mean of one field of the state.
        conducting: The conducting class's mean of it.
    """
    gained: Number = np.maximum(after - before, 0.0)
    lost: Number = np.maximum(before - after, 0.0)
    to_silent = gained / np.maximum(after, 1e-12)
    to_conducting = lost / np.maximum(1.0 - after, 1e-12)
    return (
        silent + to_silent * (conducting - silent),
        conducting + to_conducting * (silent - conducting),
    )


def fibrillation_probability(p: Receptors, density: Number) -> Number:
    """Share of fibres that fibrillate now and then, none up to `fibrillation_density`."""
    beyond: Number = np.maximum(density - p.fibrillation_density, 0.0)
    share: Number = -np.expm1(-beyond / p.fibrillation_spread)
    return share


def onset_after_lesion(p: Receptors, silence: Number, stump: Number) -> Number:
    """Days from a cut of the nerve to what `silence` days without activity bring about.

    A terminal outlives its cut axon by a time that grows with the length of nerve left on it, so
    a paraspinal is denervated before a foot. A root that is squeezed and not cut blocks at once:
    the course's silent units have no such delay.

    Args:
        p: Parameters.
        silence: Days that it takes once the muscle is denervated.
        stump: Length of nerve between the cut and the muscle (cm).
    """
    return silence + p.stump_delay * stump


def fibrillation_activity(p: Receptors, density: Number) -> Number:
    """Mean rate (Hz) over the fibres of a silent unit, a part of which fibrillate."""
    return fibrillation_probability(p, density) * p.fibrillation_duty * p.fibrillation_rate


def silent_density(p: Receptors) -> Number:
    """Mean density (1/um2) at which the fibres of a unit without conduction come to rest.

    Fibres begin to fibrillate at densities of their own. One that does holds down the receptors
    that it springs from and stops, so each rests about its own beginning, or at full demand where
    that lies higher: the mean of the lesser of the two. The mean of activity over all fibres would
    hold every fibre down to where the first begin.
    """
    room: Number = np.maximum(p.highest_density - p.fibrillation_density, 0.0)
    spread: Number = -p.fibrillation_spread * np.expm1(-room / p.fibrillation_spread)
    return np.minimum(p.fibrillation_density, p.highest_density) + spread


def activity_for(p: Receptors, density: Number) -> Number:
    """Activity (Hz) under which fibres rest at a density, `demand` turned round."""
    wanted = np.clip(density / p.highest_density, p.floor_demand + 1e-9, 1.0)
    return p.half_demand_rate * ((1.0 - p.floor_demand) / (wanted - p.floor_demand) - 1.0)


def endplate_noise_rate(p: Receptors, density: Number) -> Number:
    """Rate of endplate-noise events (Hz)."""
    return p.noise_rate * (1.0 + p.noise_gain * density / 200.0)


def miniature_size(p: Receptors, density: Number) -> Number:
    """Size of a miniature potential relative to that without extrajunctional receptors."""
    return 1.0 + p.miniature_gain * density / 200.0


def needle_threshold(p: Receptors, density: Number) -> Number:
    """Push at which a needle makes a fibre fire, relative to one without such receptors."""
    return 1.0 / (1.0 + density / p.needle_density)
