"""Engines: the loop run over a stretch of milliseconds, by NumPy or by the compiled kernels.

An engine holds the moving state between stretches. Both take the same constants and inputs and
give the same channels and spikes, however a run is cut into stretches.

Source: none.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError
from myotome.physiology import (
    counter_noise,
    dorsal_horn_moment,
    motoneuron_packing,
    motor_unit,
    renshaw,
)
from myotome.physiology.backend import VARIABLE, Backend, described, kernels
from myotome.physiology.motoneuron import PoolInput, Scheme
from myotome.physiology.packing import side_by_side
from myotome.simulation.moment.assembly import Constants
from myotome.simulation.moment.frozen import Frozen
from myotome.simulation.moment.inputs import QUANTITIES, Inputs
from myotome.simulation.moment.loop import step
from myotome.simulation.moment.loop_parts import How, shock_steepness
from myotome.simulation.moment.loop_state import Body, MomentState
from myotome.simulation.moment.periphery import Begun
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.probes import Placed
from myotome.simulation.moment.recording import CHANNELS
from myotome.simulation.moment.structures import Structures
from myotome.simulation.moment.watching import CompiledWatch, NumpyWatch

# Arrays of the compiled engine that move, and would carry a number that went astray.
_MOVING: Final = (
    "pool_state", "renshaw_state", "horn_state", "unit_state", "yielding", "muscle_state",
    "spindle_state", "organ_state", "nociceptor_state", "joint_state", "control_state",
)  # fmt: skip

_APART: Final = 0x9E3779B9
_ALL_BITS: Final = 0xFFFFFFFF

Array = NDArray[np.float64]
Events = tuple[NDArray[np.int64], ...]


class Engine(Protocol):
    """Something that advances a preparation.

    Attributes:
        described: What it runs on, in a few words.
    """

    described: str

    def advance(
        self,
        inputs: Inputs,
        begun: Begun,
        record: Sequence[str],
        probes: Mapping[str, Placed],
    ) -> tuple[Mapping[str, Array], Events]:
        """The next stretch, as long as its inputs: channels and states, and spikes as events.

        Channels have the shape (milliseconds, people, columns). Events are millisecond of the
        stretch, person, muscle and unit, each of shape (spikes,), in that order.
        """
        ...

    def lost(self) -> str:
        """Name of a state that is no finite number any more; empty where all are."""
        ...


class NumpyEngine:
    """The reference."""

    described = "NumPy reference"

    def __init__(
        self,
        constants: Constants,
        preparation: MomentPreparation,
        frozen: Frozen,
        structures: Structures,
        start: MomentState,
        *,
        seeds: Sequence[int],
        step_ms: float,
        scheme: Scheme,
    ) -> None:
        self._body = Body(constants, preparation, frozen, structures)
        self._state = start
        self._how = How(pool_seeds(seeds, len(preparation.muscles)), step_ms, scheme)

    def advance(
        self,
        inputs: Inputs,
        begun: Begun,
        record: Sequence[str],
        probes: Mapping[str, Placed],
    ) -> tuple[Mapping[str, Array], Events]:
        """The next stretch."""
        given = with_begun(inputs, begun)
        kept: dict[str, list[Array]] = {name: [] for name in record}
        fired = []
        watch = NumpyWatch(probes)
        for at in range(given.milliseconds):
            self._state, seen = step(
                self._body,
                self._state,
                given.at(at),
                self._how._replace(looks=watch.looks),
                None if begun.impulses is None else begun.impulses[at],
            )
            for name, values in kept.items():
                values.append(seen.channels[name])
            watch.take(self._state, seen.pools)
            fired.append(seen.fired)
        channels = {name: np.stack(values) for name, values in kept.items()}
        return {**channels, **watch.kept()}, np.nonzero(np.stack(fired))

    def lost(self) -> str:
        """Name of a state that is no finite number any more; empty where all are."""
        moving = {
            f"{part} {name}": value
            for part in ("pool", "renshaw", "horn", "units", "muscle", "spindle", "organ",
                         "nociceptor", "joint")
            for name, value in getattr(self._state, part)._asdict().items()
        }  # fmt: skip
        return _first_lost({**moving, "control": self._state.control})


class CompiledEngine:
    """The kernels of `loop.hpp`; arrays are packed once and moved on in place."""

    def __init__(
        self,
        constants: Constants,
        preparation: MomentPreparation,
        frozen: Frozen,
        structures: Structures,
        start: MomentState,
        *,
        seeds: Sequence[int],
        step_ms: float,
        scheme: Scheme,
        threads: int,
    ) -> None:
        module = kernels()
        if module is None:
            raise InputError(
                "engine must be numpy here: the compiled kernels are not there, or"
                f" {VARIABLE} asks for the reference. Leave engine out.",
                place="engine",
            )
        self._instruction_set = module.instruction_set()
        self.described = described()
        self._preparation = preparation
        self._threads = threads
        precision = self._precision = start.pool.soma.dtype
        pools = motoneuron_packing.packed(
            constants.pool,
            start.pool,
            PoolInput(seed=pool_seeds(seeds, len(preparation.muscles))),
            1,
            step_ms,
            scheme,
        )
        stride = pools.constants.shape[-1]
        self._sizes = {
            "people": preparation.people,
            "muscles": len(preparation.muscles),
            "units": preparation.units,
            "stride": stride,
            "roots": len(preparation.roots),
            "kinds": constants.convergence.size,
            "joints": len(preparation.joints),
            "ring": start.afferents.shape[1],
            "axon_ring": start.axons.shape[0],
            "steps_per_block": pools.steps_per_block,
            "crank_nicolson": int(scheme == "crank_nicolson"),
        }
        self._arrays = {
            "pool_constants": pools.constants,
            "pool_shared": pools.shared,
            "pool_state": pools.state,
            "keys": np.ascontiguousarray(pools.bits[:, 1]),
            **packed_constants(constants, preparation, frozen, structures, stride, precision),
            **packed_state(start, stride),
        }
        self._millisecond = start.millisecond
        self._advance: Callable[..., Events] = getattr(
            importlib.import_module("myotome._moment"), f"advance_{precision}"
        )

    def advance(
        self,
        inputs: Inputs,
        begun: Begun,
        record: Sequence[str],
        probes: Mapping[str, Placed],
    ) -> tuple[Mapping[str, Array], Events]:
        """The next stretch."""
        given = with_begun(inputs, begun)
        count, people = given.milliseconds, self._preparation.people
        columns = {
            "muscle": self._sizes["muscles"],
            "root": self._sizes["roots"],
            "joint": self._sizes["joints"],
        }
        kept = {name: np.empty((count, people, columns[CHANNELS[name].of])) for name in record}
        arrays = dict(self._arrays)
        if begun.impulses is not None:
            arrays["impulses"] = np.ascontiguousarray(begun.impulses)
        watch = CompiledWatch(probes, self._sizes, arrays, self._millisecond, count)
        at = {"milliseconds": count, "millisecond": self._millisecond, "looks": watch.looks}
        events = self._advance(
            self._instruction_set,
            {**self._sizes, **at},
            arrays,
            [getattr(given, name) for name in QUANTITIES],
            [kept.get(name) for name in CHANNELS],
            watch.described,
            self._threads,
        )
        self._millisecond += count
        # They come person after person, each in order of millisecond, muscle and unit.
        if people > 1:
            order = np.argsort(events[0], kind="stable")
            events = tuple(event[order] for event in events)
        states = watch.kept(self._precision, self._sizes["steps_per_block"])
        return {**kept, **states}, tuple(event.astype(np.int64) for event in events)

    def lost(self) -> str:
        """Name of a state that is no finite number any more; empty where all are."""
        return _first_lost({name: self._arrays[name] for name in _MOVING})


def engine_of(
    constants: Constants,
    preparation: MomentPreparation,
    frozen: Frozen,
    structures: Structures,
    start: MomentState,
    *,
    seeds: Sequence[int],
    step_ms: float,
    scheme: Scheme,
    threads: int,
    wanted: Backend,
) -> Engine:
    """The engine that was asked for, standing at `start`.

    Args:
        constants: Of the preparation.
        preparation: Who hangs together with whom.
        frozen: The slow state.
        structures: Parameters.
        start: Where it begins; its precision is that of motoneurons and motor units.
        seeds: Of each person's noise.
        step_ms: Of motoneurons (ms), a whole part of 1 ms.
        scheme: How their voltages are solved.
        threads: Over people; compiled only.
        wanted: Which one.

    Raises:
        InputError: The compiled kernels were asked for and are not there.
        ValueError: A structure cannot be run, in words.
    """
    if wanted == "compiled" and preparation.pool == "cells":
        return CompiledEngine(
            constants, preparation, frozen, structures, start,
            seeds=seeds, step_ms=step_ms, scheme=scheme, threads=threads,
        )  # fmt: skip
    return NumpyEngine(
        constants, preparation, frozen, structures, start,
        seeds=seeds, step_ms=step_ms, scheme=scheme,
    )  # fmt: skip


def packed_constants(
    c: Constants,
    p: MomentPreparation,
    frozen: Frozen,
    s: Structures,
    stride: int,
    precision: np.dtype[Any],
) -> dict[str, NDArray[Any]]:
    """What does not move, as `loop_kernels.hpp` reads it."""
    pools = p.people * len(p.muscles)
    shared, rows = packed_units(c.units, stride, precision)
    w = s.wiring
    wiring = (
        w.event_conductance, w.voluntary_events, w.pain_events, w.primary_fibres,
        w.primary_connection, w.primary_conductance, w.secondary_conductance, w.nociceptor_share,
        w.tendon_organ_conductance, w.reciprocal_conductance, w.fusimotor_dynamic,
        w.fusimotor_static, w.fusimotor_voluntary, w.fusimotor_pain, w.primary_shock_median,
        shock_steepness(s), s.horn.nociceptive_scale, 1.0 / s.membrane.inhibition_decay,
        s.renshaw.largest_rate, s.renshaw.half_drive,
    )  # fmt: skip
    d = c.delays
    lines = (d.primary, d.secondary, d.tendon_organ, d.group_3, d.group_4, d.primary_from_shock)
    flat = [np.broadcast_to(entry, (p.people, len(p.muscles))).reshape(-1) for entry in c.muscle]
    return {
        "unit_shared": shared,
        "unit_rows": rows,
        "muscle_constants": side_by_side(flat, pools),
        "spindle_constants": side_by_side(c.spindle, 1),
        "organ_constants": side_by_side(c.organ, 1),
        "nociceptor_constants": side_by_side(c.nociceptor, 1),
        "joint_constants": side_by_side(c.joint, len(p.joints)),
        "foramen_constants": np.array(c.foramen, dtype=np.float64),
        "squeezes": _real(p.squeezes),
        "renshaw_rates": renshaw.packed(s.renshaw, 1.0, np.float64),
        "renshaw_weights": _wide(c.renshaw.weights, stride),
        "renshaw_conductance": _wide(c.renshaw.conductance, stride),
        "horn_weights": dorsal_horn_moment.packed(s.horn, 1.0, np.float64),
        "convergence": _real(c.convergence),
        "control_constants": side_by_side(c.control, 1),
        "sensitisation": _real(frozen.sensitisation),
        "nociceptor_rate": _real(frozen.nociceptor_rate),
        "touch_rate": _real(frozen.touch_rate),
        "nociceptor_gain": _real(c.nociceptor_gain),
        "strength": _real(frozen.strength),
        "reach": _real(p.reach),
        "pull": _real(p.maximum_isometric_force * p.moment_arm * p.turns),
        "gear": _real(p.turns * p.moment_arm / p.optimal_fibre_length),
        "neutral_length": _real(p.neutral_length),
        "maximum_force": _real(p.maximum_isometric_force),
        "fibre_share": _wide(c.fibre_share, stride),
        "shock_threshold": _wide(c.shock_threshold, stride),
        "antidromic": _wide(d.antidromic.astype(np.float64), stride),
        "conducts": _wide(c.conducts, stride).astype(precision),
        "motor_delay": _wide(d.motor, stride),
        "motor_from_shock": _whole(d.motor_from_shock),
        "delays": _whole(np.stack(lines)),
        "joint_of": _whole(p.joint_of),
        "opposed": _real(p.opposed),
        "wiring": np.array(wiring, dtype=np.float64),
    }


def packed_units(
    of: motor_unit.MotorUnitConstants, stride: int, precision: np.dtype[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Shared numbers (8,) and rows (muscles, 18, stride) of the motor units of every muscle."""
    rows = []
    shared = np.empty(0, dtype=precision)
    for muscle in range(of.release.shape[0]):
        one = motor_unit.MotorUnitConstants(
            *(entry if np.ndim(entry) == 0 else entry[muscle] for entry in of)
        )
        shared, own = motor_unit.packed(one)
        rows.append(_wide(own, stride))
    return shared.astype(precision), np.ascontiguousarray(np.stack(rows), dtype=precision)


def packed_state(state: MomentState, stride: int) -> dict[str, NDArray[Any]]:
    """What moves, as the kernels move it on."""
    precision = state.pool.soma.dtype
    units = np.stack(state.units[:-1], axis=2)  # people, muscles, rows, units
    horn = np.stack(state.horn, axis=2)
    axons = np.moveaxis(state.axons, 0, 2)
    afferents = np.moveaxis(state.afferents, (0, 1, 2), (1, 2, 0))
    return {
        "unit_state": _wide(units, stride).astype(precision),
        "yielding": np.array(state.units.yielding, dtype=precision).reshape(-1),
        "muscle_state": _beside(state.muscle),
        "spindle_state": _beside(state.spindle),
        "organ_state": _beside(state.organ),
        "nociceptor_state": _beside(state.nociceptor),
        "joint_state": _beside(state.joint),
        "renshaw_state": _beside(state.renshaw),
        "horn_state": np.array(horn, dtype=np.float64, order="C"),
        "control_state": _real(state.control),
        "afferents": np.array(afferents, dtype=np.float64, order="C"),
        "axons": _wide(axons, stride).astype(precision),
        "blocked": _wide(state.blocked, stride).astype(precision),
    }


def _beside(state: tuple[Array, ...]) -> Array:
    """States side by side, shape (..., numbers)."""
    return np.array(np.stack(np.broadcast_arrays(*state), axis=-1), dtype=np.float64, order="C")


def _wide(rows: NDArray[Any], stride: int) -> NDArray[Any]:
    """Rows of units made up to whole blocks with copies of the last."""
    extra = stride - rows.shape[-1]
    return np.ascontiguousarray(
        np.concatenate([rows, np.repeat(rows[..., -1:], extra, axis=-1)], axis=-1)
    )


def _real(values: NDArray[Any]) -> Array:
    return np.array(values, dtype=np.float64, order="C")


def _whole(values: NDArray[Any]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64, order="C")


def pool_seeds(seeds: Sequence[int], muscles: int) -> NDArray[np.int64]:
    """A seed for every pool, shape (people * muscles,).

    They follow from the person's seed and the place of the muscle alone, so that people draw the
    same noise alone and in company. The first muscle takes the seed itself.
    """
    own = np.asarray(seeds, dtype=np.uint64)[:, None]
    places = np.arange(muscles, dtype=np.uint64) * np.uint64(_APART)
    mixed = counter_noise.hashed(((own ^ places) & np.uint64(_ALL_BITS)).astype(np.uint32))
    return np.where(np.arange(muscles) == 0, own, mixed).astype(np.int64).reshape(-1)


def _first_lost(moving: Mapping[str, NDArray[Any]]) -> str:
    for name, values in moving.items():
        if not np.isfinite(values).all():
            return name.replace("_", " ")
    return ""


def with_begun(inputs: Inputs, begun: Begun) -> Inputs:
    """Inputs with what begins in the periphery added; those given are changed."""
    for name, values in (
        ("primary_afferents", begun.primaries),
        ("receptor_input", begun.nociceptors),
        ("nociception", begun.nociception),
        ("touch", begun.touch),
    ):
        if values is not None:
            setattr(inputs, name, getattr(inputs, name) + values)
    return inputs
