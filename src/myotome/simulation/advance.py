"""Advance: moves the slow state over some days under given drivers, each law exactly.

Drivers are held; what relaxes does so in closed form, so a step may be as long as the drivers
hold. The course takes the drivers of the middle of a step, which makes the whole second order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import (
    cartilage,
    disc,
    ischaemia,
    length,
    pain,
    receptors,
    soreness,
    strength,
    tendon_damage,
    threshold,
)
from myotome.physiology.parameters import Number
from myotome.simulation.drivers import Doses, Drivers
from myotome.simulation.mechanism import Cut, Mechanism
from myotome.simulation.preparation import Preparation
from myotome.simulation.state import Fast, State

Array = NDArray[np.float64]

_CONTROL_TIME = 7.0  # d: a course of education or medicine takes about a week to be felt


class Habit:
    """What this person's body is used to: the normal day that every law takes as neutral."""

    def __init__(self, mechanism: Mechanism, drivers: Drivers) -> None:
        links = mechanism.links
        self.set_point = length.set_point(mechanism.length, drivers.lengths, drivers.shares)
        self.mean_length = (
            (drivers.lengths * drivers.shares).sum(axis=0) / drivers.shares.sum(axis=0)
        ) / self.set_point
        self.force = drivers.force
        self.discharge = drivers.self_sustained
        wear = tendon_damage.fatigue_rate(
            mechanism.tendon, links.walking_stress, links.cycles_per_day
        )
        self.repair = np.broadcast_to(
            tendon_damage.repair_rate_for(mechanism.tendon, wear), drivers.force.shape
        )
        self.disc_load = disc.overload(mechanism.disc, links.spinal_stress, 0.5)


def advanced(
    mechanism: Mechanism,
    preparation: Preparation,
    habit: Habit,
    state: State,
    drivers: Drivers,
    doses: Doses,
    days: float,
    cuts: frozenset[Cut] = frozenset(),
) -> State:
    """The state after some days under held drivers."""
    links = mechanism.links
    return State(
        receptors=_receptors(mechanism, state, drivers, days, cuts),
        # Tone that goes on is the muscle's habit; what raises a threshold are bouts, as events.
        threshold=threshold.rested(mechanism.threshold, state.threshold, days),
        homeostasis=_homeostasis(mechanism, habit, state, drivers, days),
        sarcomeres=_sarcomeres(mechanism, habit, state, drivers, days, cuts),
        contracture=_contracture(mechanism, habit, state, drivers, days, cuts),
        strength=strength.state_after(
            mechanism.strength, state.strength, _load(mechanism, doses, drivers), days
        ),
        tendon_damage=_tendon(mechanism, habit, state, drivers, days),
        cartilage_wear=_cartilage(mechanism, state, drivers, days),
        soreness=soreness.rested(mechanism.soreness, state.soreness, days),
        ischaemia=np.asarray(
            ischaemia.level_after(
                mechanism.ischaemia,
                state.ischaemia,
                drivers.involuntary,
                days,
            )
        ),
        sensitisation=pain.sensitisation_after(
            mechanism.pain, drivers.projection, state.sensitisation, days
        ),
        disc_height=_disc(mechanism, preparation, habit, state, drivers, days),
        cause=state.cause * np.exp(-days / links.healing_time),
        flare=state.flare * np.exp(-days / links.flare_time),
        opened=state.opened * np.exp(-days / links.mobilisation_time),
        afferent=state.afferent * np.exp(-days / links.afferent_time),
        tolerance=_tolerance(mechanism, state, doses, days),
        context=state.context * np.exp(-days / links.context_time),
        control=_toward(state.control, links.resting_control + doses.control, days, _CONTROL_TIME),
        fast=Fast(
            discharge=drivers.tone,
            sustained=drivers.sustained,
            angle=drivers.angle,
            force=drivers.force,
            strain=drivers.strain,
            joint_stress=drivers.joint_stress,
        ),
    )


class SlowPart(NamedTuple):
    """The states by which a step is judged."""

    sarcomeres: Array
    contracture: Array
    sensitisation: Array


def slow_part(
    mechanism: Mechanism,
    habit: Habit,
    state: State,
    drivers: Drivers,
    days: float,
    cuts: frozenset[Cut] = frozenset(),
) -> SlowPart:
    """What `advanced` would give for those states alone."""
    return SlowPart(
        _sarcomeres(mechanism, habit, state, drivers, days, cuts),
        _contracture(mechanism, habit, state, drivers, days, cuts),
        pain.sensitisation_after(mechanism.pain, drivers.projection, state.sensitisation, days),
    )


def _receptors(
    mechanism: Mechanism, state: State, drivers: Drivers, days: float, cuts: frozenset[Cut]
) -> receptors.ReceptorState:
    """Stage after stage, each relaxing to the one before; activity settles within hours."""
    p, old = mechanism.receptors, state.receptors
    rate = drivers.activity
    if "activity_receptor" in cuts:
        rate = np.broadcast_to(np.ones(1), rate.shape)
    activity = rate + (old.activity - rate) * np.exp(-days / p.activity_time_constant)
    # The demand of the step is that of its mean activity, not of its end.
    mean = rate + (old.activity - rate) * _mean_decay(days, p.activity_time_constant)
    wanted = np.asarray(receptors.demand(p, mean))
    lag = p.rise_lag / 3.0
    first = _toward(old.lag_first, wanted, days, lag)
    second = _toward(old.lag_second, np.minimum(wanted, first), days, lag)
    third = _toward(old.lag_third, np.minimum(wanted, second), days, lag)
    message = _toward(old.message, np.minimum(wanted, third), days, p.message_time_constant)
    middle = 0.5 * (old.message + message)
    density = _toward(old.density, p.highest_density * middle, days, 1.0 / p.degradation_rate)
    return receptors.ReceptorState(activity, first, second, third, message, density)


def _toward(old: Number, target: Number, days: float, time: Number) -> Array:
    moved: Array = target + (old - target) * np.exp(-days / time)
    return moved


def _mean_decay(days: float, time: Number) -> Number:
    """Mean of exp(-t/time) over a step."""
    return -time * np.expm1(-days / time) / days if days > 0 else 1.0


def _homeostasis(
    mechanism: Mechanism, habit: Habit, state: State, drivers: Drivers, days: float
) -> Array:
    rate = threshold.homeostatic_rate(
        mechanism.homeostasis,
        state.homeostasis,
        drivers.self_sustained + 1.0,
        habit.discharge + 1.0,
    )
    moved: Array = np.clip(state.homeostasis + days * rate, 0.6, 1.6)
    return moved


def _sarcomeres(
    mechanism: Mechanism,
    habit: Habit,
    state: State,
    drivers: Drivers,
    days: float,
    cuts: frozenset[Cut],
) -> Array:
    if "length" in cuts:
        return state.sarcomeres
    relative = drivers.lengths / habit.set_point
    stretch = length.mean_stretch(mechanism.length, relative, drivers.shares, state.sarcomeres)
    rate = length.sarcomere_rate(mechanism.length, state.sarcomeres, stretch, drivers.activation)
    moved: Array = np.clip(state.sarcomeres * np.exp(days * rate / state.sarcomeres), 0.4, 1.4)
    return moved


def _contracture(
    mechanism: Mechanism,
    habit: Habit,
    state: State,
    drivers: Drivers,
    days: float,
    cuts: frozenset[Cut],
) -> Array:
    if "length" in cuts:
        return state.contracture
    relative = drivers.lengths / habit.set_point
    kept = length.shortness(mechanism.length, relative, drivers.shares, habit.mean_length)
    share = length.stretched_share(relative, drivers.shares, state.sarcomeres)
    ordinary = length.stretched_share(relative[:-1], drivers.shares[:-1], state.sarcomeres)
    target = length.contracture_target(mechanism.length, kept, np.maximum(share - ordinary, 0.0))
    time = mechanism.length.contracture_time_constant
    moved: Array = target + (state.contracture - target) * np.exp(-days / time)
    return moved


def _load(mechanism: Mechanism, doses: Doses, drivers: Drivers) -> Array:
    """Habitual use less what pain keeps a person from, plus training and the pull of stretches."""
    links = mechanism.links
    use = 1.0 - links.avoidance * drivers.pain / 10.0
    pulled = links.training_load * doses.stretch_minutes / links.stretch_hour
    load: Array = np.clip(use + doses.load - 1.0 + pulled, 0.0, 2.0)
    return load


def _tendon(
    mechanism: Mechanism, habit: Habit, state: State, drivers: Drivers, days: float
) -> Array:
    """Cycles of ordinary movement on top of what the muscle pulls at rest, and creep under it."""
    links, p = mechanism.links, mechanism.tendon
    extra = np.maximum(drivers.force - habit.force, 0.0) * links.tendon_stress_at_maximum
    use = 1.0 - links.avoidance * drivers.pain / 10.0
    wear = tendon_damage.fatigue_rate(
        p, links.walking_stress + extra, links.cycles_per_day * use
    ) + tendon_damage.creep_rate(p, extra, 1.0)
    left = np.maximum(1.0 - state.tendon_damage / p.repair_limit, 0.0)
    repair = habit.repair * left
    target = wear / np.maximum(repair, 1e-6)
    moved = target + (state.tendon_damage - target) * np.exp(-repair * days)
    capped: Array = np.clip(moved, 0.0, 1.0)
    return capped


def _cartilage(mechanism: Mechanism, state: State, drivers: Drivers, days: float) -> Array:
    links = mechanism.links
    use = 1.0 - links.avoidance * drivers.pain / 10.0
    rate = cartilage.wear_rate(
        mechanism.cartilage, state.cartilage_wear, drivers.joint_stress, links.cycles_per_day * use
    )
    moved: Array = np.clip(state.cartilage_wear + days * rate, 0.0, 1.0)
    return moved


def _disc(
    mechanism: Mechanism,
    preparation: Preparation,
    habit: Habit,
    state: State,
    drivers: Drivers,
    days: float,
) -> Array:
    links = mechanism.links
    squeezing = preparation.squeezes / np.maximum(preparation.squeezes.sum(axis=1), 1.0)[:, None]
    extra = np.maximum(drivers.force - habit.force, 0.0) @ squeezing.T
    stress = links.spinal_stress + links.stress_per_newton * (
        mechanism.segment.paraspinal_maximum_force * extra
    )
    load = disc.overload(mechanism.disc, stress, 0.5)
    return np.asarray(
        disc.height_after(mechanism.disc, state.disc_height, load, habit.disc_load, days)
    )


def _tolerance(mechanism: Mechanism, state: State, doses: Doses, days: float) -> Array:
    minutes = doses.stretch_minutes.max(axis=1, keepdims=True)
    change = pain.tolerance_change(mechanism.pain, state.tolerance, minutes)
    moved: Array = np.clip(state.tolerance + days * change, 0.5, 2.0)
    return moved
