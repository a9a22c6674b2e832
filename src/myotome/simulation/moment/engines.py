"""Engines: the loop run over a stretch of milliseconds, by NumPy or by the compiled kernels.

An engine holds the moving state between stretches. Both take the same constants and inputs and
give the same channels and spikes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from myotome.physiology.motoneuron import Scheme
from myotome.simulation.moment.assembly import Constants
from myotome.simulation.moment.frozen import Frozen
from myotome.simulation.moment.inputs import Inputs
from myotome.simulation.moment.loop import MomentState, step
from myotome.simulation.moment.periphery import Begun
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.structures import Structures

Array = NDArray[np.float64]
Events = tuple[NDArray[np.int64], ...]


class Engine(Protocol):
    """Something that advances a preparation.

    Attributes:
        is_compiled: Whether the compiled kernels do the work.
    """

    is_compiled: bool

    def advance(
        self, inputs: Inputs, begun: Begun, record: Sequence[str]
    ) -> tuple[Mapping[str, Array], Events]:
        """The next stretch, as long as its inputs: channels, and spikes as events.

        Events are millisecond, person, muscle and unit.
        """
        ...


class NumpyEngine:
    """The reference."""

    is_compiled = False

    def __init__(
        self,
        constants: Constants,
        preparation: MomentPreparation,
        frozen: Frozen,
        structures: Structures,
        start: MomentState,
        *,
        seed: int,
        step_ms: float,
        scheme: Scheme,
    ) -> None:
        self._parts = (constants, preparation, frozen, structures)
        self._state = start
        self._seeds = pool_seeds(preparation, seed)
        self._step_ms = step_ms
        self._scheme = scheme

    def advance(
        self, inputs: Inputs, begun: Begun, record: Sequence[str]
    ) -> tuple[Mapping[str, Array], Events]:
        """The next stretch."""
        given = with_begun(inputs, begun)
        kept: dict[str, list[Array]] = {name: [] for name in record}
        fired = []
        for at in range(given.milliseconds):
            self._state, seen = step(
                *self._parts,
                self._state,
                given,
                at,
                peripheral=None if begun.impulses is None else begun.impulses[at],
                seed=self._seeds,
                step_ms=self._step_ms,
                scheme=self._scheme,
            )
            for name, values in kept.items():
                values.append(seen.channels[name])
            fired.append(seen.fired)
        return {name: np.stack(values) for name, values in kept.items()}, np.nonzero(
            np.stack(fired)
        )


def numpy_engine(  # noqa: D103 - see `NumpyEngine`
    constants: Constants,
    preparation: MomentPreparation,
    frozen: Frozen,
    structures: Structures,
    start: MomentState,
    *,
    seed: int,
    step_ms: float,
    scheme: Scheme,
    threads: int,
) -> Engine:
    del threads
    return NumpyEngine(
        constants, preparation, frozen, structures, start,
        seed=seed, step_ms=step_ms, scheme=scheme,
    )  # fmt: skip


compiled_engine = numpy_engine


def pool_seeds(preparation: MomentPreparation, seed: int) -> NDArray[np.int64]:
    """A seed for every pool: people with the same seed of their own share no noise."""
    return seed + np.arange(preparation.people * len(preparation.muscles), dtype=np.int64)


def with_begun(inputs: Inputs, begun: Begun) -> Inputs:
    """Inputs with what begins in the periphery added."""
    for name, values in (
        ("primary_afferents", begun.primaries),
        ("receptor_input", begun.nociceptors),
        ("nociception", begun.nociception),
        ("touch", begun.touch),
    ):
        if values is not None:
            setattr(inputs, name, getattr(inputs, name) + values)
    return inputs
