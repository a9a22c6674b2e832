"""Events: what a treatment does at the moment it is given, and what a programme adds to a day.

A needle writes to no slow state. It causes discharge: irritated fibres fire, a pool that can
hold a cramp holds one, afferents report it to their segment. Receptors, thresholds, the dorsal
horn and length follow from that discharge by their own laws, and each path can be cut. Sham
differs by skin contact without penetration; its setting is the same.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from myotome.physiology import drive, receptors, soreness, threshold
from myotome.physiology.parameters import Number
from myotome.simulation.drivers import Doses, Drivers, resting
from myotome.simulation.links import Links
from myotome.simulation.mechanism import Cut, Mechanism
from myotome.simulation.preparation import Preparation
from myotome.simulation.schedule import Event, Schedule
from myotome.simulation.state import CONDUCTING, SILENT, State

Array = NDArray[np.float64]


def given(
    mechanism: Mechanism,
    preparation: Preparation,
    state: State,
    drivers: Drivers,
    event: Event,
    runs: NDArray[np.bool_],
    cuts: frozenset[Cut] = frozenset(),
) -> State:
    """The state just after an event, in the runs that have it.

    Args:
        mechanism: Parameters.
        preparation: Names to places.
        state: Just before.
        drivers: At that state: how near its threshold each pool stands.
        event: What is done.
        runs: Which runs it is done in, shape (runs,).
        cuts: Paths that are cut.
    """
    here = runs[:, None] & _places(preparation, event)[None]
    state = replace(state, context=np.where(runs[:, None], 1.0, state.context))
    if event.kind == "needling":
        return _needled(mechanism, preparation, state, drivers, event, here, cuts)
    if event.kind in {"mobilisation", "manipulation"}:
        given_height = mechanism.links.mobilisation_height * runs[:, None]
        state = replace(state, opened=np.maximum(state.opened, given_height + 0.0 * state.opened))
        return replace(
            state, afferent=_told(mechanism, state, runs[:, None] + 0.0 * state.afferent)
        )
    if event.kind == "modality":
        return replace(
            state, afferent=_told(mechanism, state, runs[:, None] + 0.0 * state.afferent)
        )
    if event.kind == "scar":
        eased = 1.0 + (state.contracture - 1.0) * (1.0 - mechanism.links.heat_relaxation * here)
        return replace(state, contracture=eased)
    return state  # sham: its setting is all there is


def _places(preparation: Preparation, event: Event) -> NDArray[np.bool_]:
    return np.array([site in event.sites for site in preparation.muscles])


def _needled(
    mechanism: Mechanism,
    preparation: Preparation,
    state: State,
    drivers: Drivers,
    event: Event,
    here: NDArray[np.bool_],
    cuts: frozenset[Cut],
) -> State:
    links = mechanism.links
    cramp = cramp_impulses(mechanism, preparation, state, drivers, event.insertions) * here
    injured = np.minimum(event.insertions * links.fibres_near_needle, 1.0) * links.injury_impulses
    driven = _driven_by_current(links, event)
    silent = (injured + driven) * here
    conducting = silent + cramp
    changed = replace(
        state,
        receptors=receptors.after_event(
            mechanism.receptors, state.receptors, np.stack([silent + 0.0 * cramp, conducting])
        )
        if "activity_receptor" not in cuts
        else state.receptors,
        threshold=threshold.after_bout(mechanism.threshold, state.threshold, cramp)
        if "discharge_threshold" not in cuts
        else state.threshold,
        soreness=soreness.SorenessState(
            *(
                np.where(here, after, before)
                for after, before in zip(
                    soreness.after_needling(mechanism.soreness, state.soreness, event.insertions),
                    state.soreness,
                    strict=True,
                )
            )
        ),
    )
    reached = (here[:, None, :] * preparation.reach[None]).max(axis=2)
    return replace(changed, afferent=_told(mechanism, changed, reached))


def _told(mechanism: Mechanism, state: State, strength: Array) -> Array:
    """Afferents of a segment report; a second report does not add to one that still lasts."""
    told: Array = np.maximum(state.afferent, mechanism.links.afferent_touch * strength)
    return told


def cramp_impulses(
    mechanism: Mechanism,
    preparation: Preparation,
    state: State,
    drivers: Drivers,
    insertions: int,
) -> Array:
    """Self-sustained impulses per unit that needling each muscle would set off, (runs, muscles).

    A half of the pool cramps if the needle's input, added to what already drives it, takes it
    over its threshold: a normal muscle stays silent.
    """
    links = mechanism.links
    projection = (drivers.projection[:, :, None] * preparation.reach).max(axis=1)
    by_class = np.asarray(state.receptors.density)
    density = receptors.muscle_density(drivers.silent_share, by_class[SILENT], by_class[CONDUCTING])
    excitation = drive.excitatory_drive(mechanism.drive, projection, receptor_density=density)
    rise = threshold.relative_rise(state.threshold)
    scale = drive.threshold(rise, state.homeostasis)
    share = sum(
        0.5 * ((excitation + links.needle_input) > scale * least)
        for least in (links.small_threshold, links.large_threshold)
    )
    one = links.cramp_rate * links.cramp_seconds * links.cramps_per_insertion
    impulses: Array = insertions * one * share * (1.0 - drivers.silent_share)
    return impulses


def _driven_by_current(links: Links, event: Event) -> Number:
    """Impulses that follow the pulses: locked to the stimulus, so they count as activity only."""
    if not event.current:
        return 0.0
    frequency = links.current_frequency if event.frequency_hz is None else event.frequency_hz
    minutes = links.current_minutes if event.minutes is None else event.minutes
    return links.current_impulses * frequency * minutes * 60.0


def doses_of_day(
    mechanism: Mechanism,
    preparation: Preparation,
    schedule: Schedule,
    day: float,
    runs: int,
    doing: Array,
) -> Doses:
    """What the programmes of a day come to, given how much of them each run does.

    Args:
        mechanism: Parameters.
        preparation: Names to places.
        schedule: The programmes.
        day: Days since the first visit.
        runs: How many runs.
        doing: Adherence of each run, 0 where it has no programme, shape (runs, 1).
    """
    doses = resting(preparation, runs)
    links = mechanism.links
    for programme in schedule.programmes:
        if not programme.first_day <= day < programme.last_day:
            continue
        where = np.array(
            [not programme.sites or site in programme.sites for site in preparation.muscles]
        )
        if programme.kind == "stretch":
            doses.stretch_minutes = doses.stretch_minutes + (
                doing * programme.minutes_per_day * where
            )
        elif programme.kind in {"strengthen", "exercise"}:
            doses.load = doses.load + doing * links.training_load * programme.load * where
            doses.control = doses.control + doing * links.exercise_control * programme.load
        elif programme.kind in {"education", "stabilise"}:
            doses.control = doses.control + doing * links.education_control
        elif programme.kind == "medication":
            doses.control = doses.control + doing * links.medication_control
    return doses
