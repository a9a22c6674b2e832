"""Probes: any state of any structure, of chosen cells, as often as is wanted.

`STATES` names every number that moves, by structure. A probe on one of them is recorded beside the
channels: `record=("emg", "spindle.bag_1_activation", Probe("pool.soma", cells=(0, 60),
every_ms=0.1))`. A state is read when its millisecond, or for motoneurons its step, is over. What
nobody asks for costs nothing.

Source: none; meanings are those of the structures in `myotome.physiology`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.ranges import checked_number, checked_whole
from myotome.simulation.moment.recording import CHANNELS

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

_LONGEST_MS: Final = 1_000_000.0


class State(NamedTuple):
    """One number that moves: its name, what has one of it, its unit and its meaning.

    Attributes:
        name: Structure and field, with a dot between.
        of: Muscle, root or joint.
        within: Unit or kind, where each of those has many; else empty.
        unit: Of its values.
        meaning: In words.
    """

    name: str
    of: str
    within: str
    unit: str
    meaning: str

    @property
    def structure(self) -> str:
        """Which structure it belongs to, a field of `MomentState`."""
        return self.name.split(".")[0]

    @property
    def field(self) -> str:
        """Its name within the structure."""
        return self.name.split(".")[1]


def _states(
    structure: str, of: str, within: str, **fields: tuple[str, str]
) -> tuple[tuple[str, State], ...]:
    return tuple(
        (f"{structure}.{name}", State(f"{structure}.{name}", of, within, unit, meaning))
        for name, (unit, meaning) in fields.items()
    )


STATES: Final[dict[str, State]] = dict((
    *_states(
        "pool", "muscle", "unit",
        soma=("mV", "voltage of the motoneuron's soma, from rest"),
        dendrite=("mV", "voltage of its dendrite, from rest"),
        sodium_on=("1", "activation of the soma's sodium channels (m)"),
        sodium_ready=("1", "sodium channels that are not inactivated (h)"),
        fast_potassium_on=("1", "activation of fast potassium channels (n)"),
        slow_potassium_on=("1", "activation of slow potassium channels (q), the afterpotential"),
        persistent_on=("1", "activation of the dendrite's persistent inward current (p)"),
        persistent_ready=("1", "persistent channels that are not inactivated"),
        excitation=("uS", "excitatory synaptic conductance on the dendrite"),
        inhibition=("uS", "inhibitory synaptic conductance on the dendrite"),
        since_spike=("ms", "time since the motoneuron's last spike; 1000 or more for none yet"),
    ),
    *_states(
        "renshaw", "muscle", "",
        drive=("Hz", "rate of motor axons as the Renshaw cells gather it"),
        rising=("1", "recurrent inhibition on its way, share of the largest"),
        inhibition=("1", "recurrent inhibition that motoneurons feel, share of the largest"),
    ),
    *_states(
        "horn", "root", "kind",
        excitatory=("Hz", "rate of excitatory interneurons (E), by kind of projection neuron"),
        inhibitory=("Hz", "rate of inhibitory interneurons (I)"),
        projection=("Hz", "rate of projection neurons"),
        slow=("Hz", "slow drive that receptors were given (s), wind-up"),
        felt=("Hz", "slow drive that projection neurons feel"),
    ),
    *_states(
        "control", "muscle", "",
        level=("1", "descending control: how far pain elsewhere holds down what reports a muscle"),
    ),
    *_states(
        "units", "muscle", "unit",
        opening=("1", "rising part of the conductance of a motor unit's calcium store"),
        closing=("1", "its falling part; the conductance is this less the rising one"),
        calcium=("1", "free calcium (c); a store can give 1.8"),
        bound=("1", "bound calcium (cf)"),
        goal=("1", "activation to which bound calcium would bring the unit"),
        activation=("1", "activation of the motor unit"),
        sag=("1", "factor of sag on bound calcium"),
        since_spike=("ms", "time since the last impulse at the unit's fibres"),
    ),
    *_states(
        "units", "muscle", "",
        yielding=("1", "factor of yielding on bound calcium of slow units"),
    ),
    *_states(
        "muscle", "muscle", "",
        stretch=("1", "length of each sarcomere in optimal lengths"),
        fibre_velocity=("1/s", "rate of change of fibre length, in optimal lengths"),
        tendon_force=("1", "force along the tendon, over the maximum isometric force"),
        musculotendon_length=("1", "from origin to insertion, in optimal fibre lengths"),
    ),
    *_states(
        "spindle", "muscle", "",
        bag_1_pole=("1", "length of the poles of bag 1, in resting fibre lengths"),
        bag_2_pole=("1", "the same of bag 2"),
        chain_pole=("1", "the same of the chain"),
        bag_1_activation=("1", "activation of bag 1 by dynamic fusimotor drive"),
        bag_2_activation=("1", "activation of bag 2 by static fusimotor drive"),
    ),
    *_states(
        "organ", "muscle", "",
        fast=("Hz", "fast filter of the tendon organs"),
        slow=("Hz", "their slow filter"),
    ),
    *_states(
        "nociceptor", "muscle", "",
        metabolite=("1", "metabolite; 1 is what maximal work keeps up"),
        group_3=("Hz", "filtered input of group III fibres, before receptors' gain"),
        group_4=("Hz", "filtered input of group IV fibres, before receptors' gain"),
    ),
    *_states(
        "joint", "joint", "",
        angle=("rad", "angle of the joint"),
        velocity=("rad/s", "its speed"),
    ),
    *_states(
        "afferents", "muscle", "",
        primary=("Hz", "rate of primary afferents that reaches the cord next"),
        secondary=("Hz", "the same of secondary afferents"),
        tendon_organ=("Hz", "the same of tendon organs"),
        group_3=("Hz", "the same of group III fibres"),
        group_4=("Hz", "the same of group IV fibres"),
        volley=("1", "share of primaries whose impulse by a shock reaches the cord next"),
    ),
    *_states(
        "axons", "muscle", "unit",
        arriving=("1", "impulses that reach each unit's fibres next"),
        blocked=("ms", "time for which a shocked axon still carries nothing down"),
    ),
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Probe:
    """One state to record.

    Attributes:
        state: A key of `STATES`.
        cells: Numbers of motor units, smallest 0, or of kinds; all when left out.
        columns: Muscles, roots or joints by name or number; all when left out.
        people: By number; all when left out.
        every_ms: Time between two readings: whole milliseconds, or for motoneurons (`pool`) also a
            whole part of one that the steps of the run fit into.
    """

    state: str
    cells: Sequence[int] | None = None
    columns: Sequence[int | str] | None = None
    people: Sequence[int] | None = None
    every_ms: float = 1.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A probe found fit for a preparation.

    Attributes:
        state: What is read.
        people: Indices.
        columns: Indices of muscles, roots or joints.
        cells: Indices of units or kinds; one 0 where there are none.
        looks: Into how many parts a millisecond is cut for it.
        every: Parts between two readings.
    """

    state: State
    people: Whole
    columns: Whole
    cells: Whole
    looks: int
    every: int

    @property
    def every_ms(self) -> float:
        """Time between two readings (ms)."""
        return self.every / self.looks

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one reading: people, columns and, where there are any, cells."""
        size = (self.people.size, self.columns.size)
        return (*size, self.cells.size) if self.state.within else size

    def readings(self, milliseconds: int) -> int:
        """How many there are in the first milliseconds of a run."""
        return milliseconds * self.looks // self.every

    def dimensions(self, p: MomentPreparation, kinds: int) -> tuple[str, ...]:
        """Names of its dimensions; one that does not run as the whole's does has its own name."""
        runs = [
            ("person", self.people, p.people),
            (self.state.of, self.columns, len(_names(p, self.state.of))),
        ]
        if within := self.state.within:
            runs.append((within, self.cells, p.units if within == "unit" else kinds))
        # All of them in another order are no less its own.
        found = [
            name if np.array_equal(chosen, np.arange(whole)) else f"{self.state.name}.{name}"
            for name, chosen, whole in runs
        ]
        time = "time" if self.every == self.looks else f"{self.state.name}.time"
        return (time, *found)


def placed(
    record: Sequence[str | Probe], p: MomentPreparation, kinds: int, step_ms: float
) -> tuple[tuple[str, ...], dict[str, Placed]]:
    """Channels and probes of what is to be recorded.

    Args:
        record: Names of channels and of states, and probes.
        p: Of which preparation.
        kinds: Of projection neurons.
        step_ms: Of motoneurons (ms).

    Raises:
        InputError: A name is neither, a probe does not fit, or a state is asked for twice.
    """
    if isinstance(record, str | Probe) or not isinstance(record, Iterable):
        raise InputError(
            f"record must be a sequence of names and probes, such as ('emg',), got {record!r}.",
            place="record",
        )
    channels, probes = [], {}
    for one in record:
        if isinstance(one, str) and one in CHANNELS:
            channels.append(one)
            continue
        probe = Probe(one) if isinstance(one, str) else one
        if getattr(probe, "state", None) not in tuple(STATES):
            raise InputError(
                f"record must name channels ({', '.join(CHANNELS)}) or states ({_listed()}), got"
                f" {getattr(probe, 'state', probe)!r}.",
                place="record",
            )
        if p.pool != "cells" and STATES[probe.state].structure == "pool":
            raise InputError(
                f"record must name no state of motoneurons where a pool has none, got"
                f" {probe.state!r}.",
                place="record",
            )
        if probe.state in probes:
            raise InputError(
                f"record must hold a state once, got two probes on {probe.state}; run the moment"
                " again for the other.",
                place="record",
            )
        probes[probe.state] = _placed(probe, p, kinds, step_ms)
    return tuple(channels), probes


def looks_of(probes: Mapping[str, Placed]) -> int:
    """Into how many parts a millisecond of the pools must be cut for all of them."""
    return math.lcm(*(probe.looks for probe in probes.values()))


def _placed(probe: Probe, p: MomentPreparation, kinds: int, step_ms: float) -> Placed:
    state = STATES[probe.state]
    looks, every = _pace(probe, state, step_ms)
    size = {"unit": p.units, "kind": kinds}.get(state.within, 1)
    if probe.cells is not None and not state.within:
        raise InputError(
            f"cells must be left out for {state.name}: each {state.of} has one of it,"
            f" got {probe.cells!r}.",
            place="record",
        )
    return Placed(
        state,
        _chosen("people", probe.people, p.people, ()),
        _chosen(f"{state.of}s", probe.columns, 0, _names(p, state.of)),
        _chosen("cells", probe.cells, size, ()),
        looks,
        every,
    )


def _pace(probe: Probe, state: State, step_ms: float) -> tuple[int, int]:
    """Parts of a millisecond, and parts between two readings."""
    asked = checked_number(
        "every_ms", probe.every_ms, 0.001, _LONGEST_MS, "ms between readings", place="record"
    )
    whole = round(asked)
    if whole and abs(asked - whole) < 1e-9:
        return 1, whole
    looks, steps = round(1.0 / asked), round(1.0 / step_ms)
    fits = abs(looks * asked - 1.0) < 1e-9 and steps % max(looks, 1) == 0
    if state.structure != "pool" or not fits:
        raise InputError(
            f"every_ms of {state.name} must be whole milliseconds, or for states of the pool a"
            f" whole part of one that steps of {step_ms:g} ms fit into, got {asked:g}.",
            place="record",
        )
    return looks, 1


def _chosen(what: str, chosen: Any, size: int, names: tuple[str, ...]) -> Whole:  # noqa: ANN401
    """Indices, each once, in the order given."""
    count = len(names) or size
    if chosen is None:
        return np.arange(count)
    if isinstance(chosen, str) or not hasattr(chosen, "__iter__"):
        raise InputError(f"{what} must be a sequence, got {chosen!r}.", place="record")
    found = []
    for one in chosen:
        if isinstance(one, str) and names:
            if one not in names:
                raise InputError(
                    f"{what} must be among {', '.join(names)}, got {one!r}.", place="record"
                )
            found.append(names.index(one))
        else:
            found.append(checked_whole(f"one of {what}", one, 0, count - 1, place="record"))
    if not found or len(set(found)) < len(found):
        raise InputError(
            f"{what} must name at least one, and none twice, got {chosen!r}.", place="record"
        )
    return np.array(found, dtype=np.int64)


def _names(p: MomentPreparation, of: str) -> tuple[str, ...]:
    return {"muscle": p.muscles, "root": p.roots, "joint": p.joints}[of]


def _listed() -> str:
    """Every state, by structure."""
    found: dict[str, list[str]] = {}
    for state in STATES.values():
        found.setdefault(state.structure, []).append(state.field)
    return "; ".join(
        f"{structure}. with {', '.join(fields)}" for structure, fields in found.items()
    )
