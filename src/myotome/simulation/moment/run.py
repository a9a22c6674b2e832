"""Run: takes a preparation through seconds of its life, and keeps what was asked for.

Long runs say how far they are, stop cleanly when interrupted, and stream to disk what would not
fit into memory. The compiled kernels do the work where they are there, else the NumPy reference;
both give the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np

from myotome.errors import InputError
from myotome.physiology.backend import Backend, backend, described
from myotome.physiology.motoneuron import Scheme
from myotome.simulation.moment import frozen as slow_states
from myotome.simulation.moment.assembly import assembled
from myotome.simulation.moment.engines import engine_of
from myotome.simulation.moment.frozen import Frozen
from myotome.simulation.moment.inputs import Inputs, silence
from myotome.simulation.moment.loop import init
from myotome.simulation.moment.periphery import Needling, Periphery
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.recording import (
    CHANNELS,
    DEFAULT,
    LIMIT_BYTES,
    Recorder,
    check_channels,
)
from myotome.simulation.moment.result import MomentRun
from myotome.simulation.moment.stimuli import Stimulus
from myotome.simulation.moment.structures import Structures

Precision = Literal["float32", "float64"]

LONGEST_SECONDS: Final = 36_000.0
_CHUNK_MS: Final = 250
_PER_SECOND: Final = 1000.0


def run(
    preparation: MomentPreparation,
    stimuli: Sequence[Stimulus | Needling] = (),
    *,
    seconds: float,
    frozen: Frozen | None = None,
    structures: Structures | None = None,
    record: Sequence[str] = DEFAULT,
    seed: int = 1,
    precision: Precision = "float32",
    step_ms: float = 0.1,
    scheme: Scheme = "crank_nicolson",
    spontaneous: bool = False,
    threads: int = 1,
    engine: Backend | None = None,
    progress: Callable[[float], None] | None = None,
    limit_bytes: int = LIMIT_BYTES,
) -> MomentRun:
    """One run from rest.

    Args:
        preparation: Roots, muscles, joints and people.
        stimuli: What is done to it, needles included.
        seconds: How long, above 0 to 36,000.
        frozen: The slow state; health when left out.
        structures: Parameters; the declared ones when left out.
        record: Channels to keep, keys of `CHANNELS`; spikes are always kept.
        seed: Of all noise; the same seed gives the same run to the bit.
        precision: Of the motoneurons; everything else is float64.
        step_ms: Of the motoneurons (ms).
        scheme: Likewise.
        spontaneous: Whether fibres and injured roots discharge impulse by impulse, not as means.
        threads: Over people, in the compiled kernels.
        engine: The compiled kernels or the NumPy reference; whichever is there when left out.
        progress: Called with the share done.
        limit_bytes: Beyond this, what is recorded goes to disk.

    Returns:
        What was recorded; up to the interruption where the run was interrupted.

    Raises:
        InputError: A number lies outside its range.
    """
    chosen = structures or Structures()
    if not 0.001 <= seconds <= LONGEST_SECONDS:
        raise InputError(
            f"seconds must lie between 0.001 and {LONGEST_SECONDS:g}, got {seconds:g}.",
            place="seconds",
        )
    if not 0 <= seed < 2**32:
        raise InputError(f"seed must lie between 0 and 2^32 - 1, got {seed}.", place="seed")
    if not 1 <= threads <= 1024:
        raise InputError(f"threads must lie between 1 and 1024, got {threads}.", place="threads")
    check_channels(record)
    size = (preparation.people, len(preparation.muscles), len(preparation.roots))
    state = frozen or slow_states.healthy(*size)
    _check_sizes(preparation, state)

    total = round(seconds * _PER_SECOND)
    inputs = _written(preparation, stimuli, total)
    periphery = Periphery(
        preparation,
        state,
        chosen,
        [stimulus for stimulus in stimuli if isinstance(stimulus, Needling)],
        spontaneous=spontaneous,
        seed=seed,
    )
    number = np.float32 if precision == "float32" else np.float64
    constants = assembled(preparation, state, chosen, number)
    start = init(constants, preparation, state, chosen, angle=inputs.angle[0], precision=number)
    machine = engine_of(
        constants, preparation, state, chosen, start,
        seed=seed, step_ms=step_ms, scheme=scheme, threads=threads, wanted=engine or backend(),
    )  # fmt: skip
    recorder = Recorder(
        {name: (preparation.people, _columns(preparation, name)) for name in record},
        total,
        limit_bytes,
    )
    done = 0
    try:
        while done < total:
            count = min(_CHUNK_MS, total - done)
            channels, spikes = machine.advance(
                inputs.between(done, done + count), periphery.window(done, count), record
            )
            recorder.take(done, channels, spikes)
            done += count
            if progress:
                progress(done / total)
    except KeyboardInterrupt:
        if not done:
            raise
    return MomentRun(
        preparation=preparation,
        seconds=done / _PER_SECOND,
        asked_seconds=total / _PER_SECOND,
        seed=seed,
        precision=precision,
        backend=described() if machine.is_compiled else "NumPy reference",
        recorder=recorder,
    )


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


def _written(
    p: MomentPreparation, stimuli: Sequence[Stimulus | Needling], milliseconds: int
) -> Inputs:
    inputs = silence(milliseconds, p.people, len(p.muscles), len(p.roots), len(p.joints))
    for stimulus in stimuli:
        if not isinstance(stimulus, Needling):
            stimulus.write(inputs)
        elif stimulus.insertion.start_ms >= milliseconds:
            raise InputError(
                f"start_ms of a needling must lie within the run ({milliseconds} ms),"
                f" got {stimulus.insertion.start_ms:g}.",
                place="start_ms",
            )
    return inputs
