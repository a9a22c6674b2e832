"""Run: takes a preparation through seconds of its life, and keeps what was asked for.

Long runs say how far they are, stop cleanly when interrupted, and stream to disk what would not
fit into memory. The compiled kernels do the work where they are there, else the NumPy reference;
both give the same. Time is cut into chunks, which no result shows.

Source: none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

import numpy as np

from myotome.errors import InputError
from myotome.physiology.backend import Backend, backend
from myotome.physiology.motoneuron import Scheme
from myotome.simulation.moment import frozen as slow_states
from myotome.simulation.moment.assembly import HORN_KINDS, assembled
from myotome.simulation.moment.engines import Array, Engine, Events, engine_of
from myotome.simulation.moment.frozen import Frozen
from myotome.simulation.moment.inputs import Inputs, silence
from myotome.simulation.moment.loop import init
from myotome.simulation.moment.loop_state import Body, MomentState
from myotome.simulation.moment.periphery import Begun, Needling, Periphery
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.probes import Placed, Probe, placed
from myotome.simulation.moment.ranges import checked_choice, checked_number, checked_whole
from myotome.simulation.moment.recording import (
    CHANNELS,
    DEFAULT,
    LIMIT_BYTES,
    Recorder,
)
from myotome.simulation.moment.result import MomentRun
from myotome.simulation.moment.stimuli import Stimulus, check_sums
from myotome.simulation.moment.structures import Structures

Precision = Literal["float32", "float64"]

LONGEST_SECONDS: Final = 36_000.0
LARGEST_SEED: Final = 2**32 - 1
_CHUNK_MS: Final = 500
_LEAST_CHUNK_MS: Final = 4
# Chunks are shorter for many people: the time between two looks at Ctrl-C stays bounded, as does
# the memory of a chunk.
_CHUNK_NUMBERS: Final = 10_000_000
_LARGEST_AT_REST: Final = 10.0  # maximum isometric forces
_CHECKED_MS: Final = 10_000
_PER_SECOND: Final = 1000.0


def run(
    preparation: MomentPreparation,
    stimuli: Sequence[Stimulus | Needling] = (),
    *,
    seconds: float,
    frozen: Frozen | None = None,
    structures: Structures | None = None,
    record: Sequence[str | Probe] = DEFAULT,
    seed: int | Sequence[int] = 1,
    precision: Precision = "float32",
    step_ms: float = 0.1,
    scheme: Scheme = "crank_nicolson",
    spontaneous: bool = False,
    threads: int = 1,
    engine: Backend | None = None,
    progress: Callable[[float], None] | None = None,
    limit_bytes: int = LIMIT_BYTES,
    keep_stopped: bool = False,
) -> MomentRun:
    """One run from rest.

    Args:
        preparation: Roots, muscles, joints and people.
        stimuli: What is done to it, needles included.
        seconds: How long, above 0 to 36,000.
        frozen: The slow state; health when left out.
        structures: Parameters; the declared ones when left out.
        record: What to keep: keys of `CHANNELS` and of `STATES`, or a `Probe` on a state, for some
            of its cells or at another pace. Spikes are always kept.
        seed: Of all noise, 0 to 2^32 - 1; the same seed gives the same run to the bit. One for each
            person, or one number: person `i` then has `seed + i`. A person alone and the same
            person among others give the same bits.
        precision: Of motoneurons and motor units; everything else is float64.
        step_ms: Of the motoneurons (ms), a whole part of 1 ms.
        scheme: Likewise.
        spontaneous: Whether fibres and injured roots discharge impulse by impulse, not as means.
        threads: Over people, in the compiled kernels.
        engine: The compiled kernels or the NumPy reference; whichever is there when left out.
        progress: Called with the share done, after each half second of the run or sooner.
        limit_bytes: Beyond this, what is recorded goes to disk.
        keep_stopped: Whether Ctrl-C gives what was recorded until then, for somebody who looks at
            it. Otherwise, and where nothing was, the interruption goes on to the caller, so that
            no number is read from half a run.

    Returns:
        What was recorded.

    Raises:
        InputError: A value lies outside its range, or the structures lead to none.
        CannotWrite: What is recorded fits neither memory nor disk.
    """
    chosen = structures or Structures()
    checked_number("seconds", seconds, 0.001, LONGEST_SECONDS, "s")
    checked_whole("threads", threads, 1, 1024)
    checked_whole("limit_bytes", limit_bytes, 0, 2**62)
    checked_choice("precision", precision, ("float32", "float64"))
    checked_choice("scheme", scheme, ("crank_nicolson", "backward_euler"))
    if engine is not None:
        checked_choice("engine", engine, ("compiled", "numpy"))
    _check_pool(preparation, stimuli, engine)
    checked_number("step_ms", step_ms, 0.001, 1.0, "ms, a whole part of 1 ms")
    seeds = _seeds(seed, preparation.people)
    channels, probes = placed(record, preparation, HORN_KINDS, step_ms)
    state = frozen or slow_states.healthy(
        preparation.people, len(preparation.muscles), len(preparation.roots)
    )
    _check_sizes(preparation, state)
    chosen.check()

    total = round(seconds * _PER_SECOND)
    needlings = [stimulus for stimulus in stimuli if isinstance(stimulus, Needling)]
    written = [stimulus for stimulus in stimuli if not isinstance(stimulus, Needling)]
    _check_stimuli(written, needlings, total, stops_of(preparation, chosen))
    check_sums(written, lambda: _silent(preparation, total))
    number = np.float32 if precision == "float32" else np.float64
    length = _chunk_ms(preparation)
    try:
        periphery = Periphery(
            preparation, state, chosen, needlings, spontaneous=spontaneous, seeds=seeds
        )
        constants = assembled(preparation, state, chosen, number)
        first = _window(preparation, written, 0, min(length, total), total)
        start = init(
            Body(constants, preparation, state, chosen), angle=first.angle[0], precision=number
        )
        _check_rest(preparation, start)
        machine = engine_of(
            constants, preparation, state, chosen, start,
            seeds=seeds, step_ms=step_ms, scheme=scheme, threads=threads,
            wanted=engine or backend(),
        )  # fmt: skip
    except (ValueError, ArithmeticError) as error:
        raise _refused(error, chosen) from error
    recorder = Recorder(
        {
            **{name: (preparation.people, _columns(preparation, name)) for name in channels},
            **{name: probe.shape for name, probe in probes.items()},
        },
        total,
        limit_bytes,
        readings={name: probe.readings for name, probe in probes.items()},
    )
    try:
        for done in range(0, total, length):
            count = min(length, total - done)
            window = _window(preparation, written, done, count, total)
            begun = periphery.window(done, count)
            found, spikes = _advanced(machine, window, begun, channels, probes)
            recorder.take(count, found, spikes)
            if progress:
                progress((done + count) / total)
    except KeyboardInterrupt:
        if not (keep_stopped and recorder.milliseconds):
            recorder.close()
            raise
    except BaseException:
        recorder.close()
        raise
    return MomentRun(
        preparation=preparation,
        seconds=recorder.milliseconds / _PER_SECOND,
        asked_seconds=total / _PER_SECOND,
        seeds=seeds,
        precision=precision,
        backend=machine.described,
        recorder=recorder,
        probes=probes,
    )


def _refused(error: ValueError | ArithmeticError, structures: Structures) -> InputError:
    """A structure refuses what it cannot be in its own words; what divides by nothing has none."""
    said = str(error) if isinstance(error, ValueError) else structures.why_not_computed()
    return InputError(said, place="structures")


def _advanced(
    machine: Engine,
    window: Inputs,
    begun: Begun,
    record: Sequence[str],
    probes: Mapping[str, Placed],
) -> tuple[Mapping[str, Array], Events]:
    """Channels and spikes of a window, if every state is still a number after it."""
    refusal: ValueError | None = None
    try:
        found = machine.advance(window, begun, record, probes)
    except ValueError as error:
        refusal = error
    if lost := machine.lost():
        raise InputError(
            f"structures and frozen must keep a moment within finite numbers; {lost} was none"
            f" before {window.last / _PER_SECOND:g} s. Take values nearer to the declared ones.",
            place="structures",
        ) from refusal
    if refusal is not None:
        raise InputError(str(refusal), place="structures") from refusal
    return found


def _check_pool(
    p: MomentPreparation, stimuli: Sequence[Stimulus | Needling], engine: Backend | None
) -> None:
    if p.pool == "cells":
        return
    if engine == "compiled":
        raise InputError(
            "engine must be numpy for a pool without cells; leave it out.", place="engine"
        )
    if any(getattr(stimulus, "quantity", "") == "current" for stimulus in stimuli):
        raise InputError(
            "stimuli must inject no current into motoneurons of a pool without cells; drive it by"
            " voluntary, shock or its afferents.",
            place="stimuli",
        )


def _seeds(seed: int | Sequence[int], people: int) -> tuple[int, ...]:
    """A seed for each person."""
    if isinstance(seed, int | np.integer):
        first = checked_whole("seed", seed, 0, LARGEST_SEED)
        return tuple((first + person) % (LARGEST_SEED + 1) for person in range(people))
    given: tuple[object, ...] = tuple(seed) if hasattr(seed, "__iter__") else (seed,)
    seeds = tuple(checked_whole("seed", one, 0, LARGEST_SEED) for one in given)
    if len(seeds) != people:
        raise InputError(
            f"seed must be one number, or one for each of {people} people, got {len(seeds)}.",
            place="seed",
        )
    return seeds


def _chunk_ms(p: MomentPreparation) -> int:
    """Length of a chunk (ms)."""
    numbers = p.people * len(p.muscles) * p.units
    return max(_LEAST_CHUNK_MS, min(_CHUNK_MS, _CHUNK_NUMBERS // numbers))


def _columns(p: MomentPreparation, channel: str) -> int:
    return len({"muscle": p.muscles, "root": p.roots, "joint": p.joints}[CHANNELS[channel].of])


def _check_sizes(p: MomentPreparation, frozen: Frozen) -> None:
    wanted = {"muscle": (p.people, len(p.muscles)), "root": (p.people, len(p.roots))}
    for name, (belongs, *_) in slow_states.RANGES.items():
        shape = getattr(frozen, name).shape
        if shape != wanted[belongs]:
            raise InputError(
                f"{name} must have one value per person and {belongs}, shape {wanted[belongs]},"
                f" got {shape}.",
                place=name,
            )


def _check_rest(p: MomentPreparation, start: MomentState) -> None:
    force = start.muscle.tendon_force
    if (force > _LARGEST_AT_REST).any():
        _, muscle = np.unravel_index(int(force.argmax()), force.shape)
        raise InputError(
            "serial_sarcomeres and contracture must leave each muscle long enough for its joint:"
            f" {p.muscles[muscle]} would bear {force.max():.3g} times its maximum force at rest;"
            f" tendons tear below {_LARGEST_AT_REST:g}. Take more sarcomeres, less contracture, or"
            " let the joint go.",
            place="serial_sarcomeres",
        )


def stops_of(p: MomentPreparation, structures: Structures) -> tuple[float, ...]:
    """Angle either way (rad) at which each joint stops."""
    hinge, segment = structures.joint.angular_limit, structures.bending.extension_limit
    return tuple(float(segment if bent else hinge) for bent in p.segments)


def _check_stimuli(
    stimuli: Sequence[Stimulus],
    needlings: Sequence[Needling],
    milliseconds: int,
    stops: Sequence[float],
) -> None:
    for stimulus in stimuli:
        if getattr(stimulus, "quantity", "") == "angle":
            # Beyond its stops a joint would tear what crosses it.
            column: int | None = getattr(stimulus, "column", None)
            limit = min(stops) if column is None or column >= len(stops) else stops[column]
            for name in ("start", "end", "size"):
                checked_number(
                    f"{name} of angle", getattr(stimulus, name, 0.0), -limit, limit,
                    "rad, the joint's stops", place=name,
                )  # fmt: skip
        if not callable(getattr(stimulus, "write", None)):
            raise InputError(
                f"stimuli must be Ramp, Train, Needling or the like, got {stimulus!r}.",
                place="stimuli",
            )
    for needling in needlings:
        if needling.insertion.start_ms >= milliseconds:
            raise InputError(
                f"start_ms of a needling must lie within the run ({milliseconds} ms),"
                f" got {needling.insertion.start_ms:g}; run longer or insert earlier.",
                place="start_ms",
            )


def _window(
    p: MomentPreparation, stimuli: Sequence[Stimulus], first: int, count: int, of_run: int
) -> Inputs:
    """What comes from outside in `count` milliseconds from `first` on."""
    inputs = _quiet(p, first, count, of_run)
    for stimulus in stimuli:
        stimulus.write(inputs)
    return inputs


def _quiet(p: MomentPreparation, first: int, count: int, of_run: int) -> Inputs:
    return silence(
        count, p.people, len(p.muscles), len(p.roots), len(p.joints), first=first, of_run=of_run
    )


def _silent(p: MomentPreparation, of_run: int) -> Iterator[Inputs]:
    """Every window of a run, with nothing in it yet."""
    length = max(_LEAST_CHUNK_MS, min(_CHECKED_MS, _CHUNK_NUMBERS // p.people))
    for first in range(0, of_run, length):
        yield _quiet(p, first, min(length, of_run - first), of_run)
