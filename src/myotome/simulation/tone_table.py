"""Tone table: what a pool does over a day, measured in moments on a few nodes and read between.

Receives the structures of the moment; gives, for any discharge of projection neurons, threshold of
the pool and angle of the joint, the mean rate of the pool's units and the activation of its muscle:
left alone, after a walk, and after a strong contraction. These can differ, since persistent inward
currents hold a pool where it was put; that is how a spasm can outlast its cause.

The moments run once for a set of parameters and are kept in a file named for their content. How far
off the reading is between nodes is measured on points held out, and goes with the table.

Source: as `myotome.simulation.moment`; the activities are those of `myotome.physiology.drive`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from myotome.errors import CannotWrite
from myotome.physiology import parameters
from myotome.physiology.drive import Drive, voluntary_activation
from myotome.simulation import moment
from myotome.simulation.moment.inputs import Inputs
from myotome.whole_file import write_whole

Array = NDArray[np.float64]

PROJECTION: Final = np.array([0.0, 5.0, 10.0, 20.0, 30.0, 45.0, 65.0, 100.0])  # Hz
THRESHOLD: Final = np.array([0.7, 0.85, 1.0, 1.25, 1.6])  # (1 + x) theta
ANGLE: Final = np.array([-0.3, 0.0, 0.3])  # rad
ACTIVITIES: Final = ("rest", "after_walk", "after_contraction")
CACHE_VARIABLE: Final = "MYOTOME_CACHE"

_SECONDS: Final = 4.0
_RELAXING: Final = 2.0  # s, not measured: a tail that fades is no tone
_CONTRACTION: Final = 0.6  # descending drive of a strong contraction
_CONTRACTED: Final = 0.5  # s, how long it is held
_HELD_OUT: Final = 16
_SEED: Final = 20


class Reading(NamedTuple):
    """One quantity pair of one activity.

    Attributes:
        rate: Mean over a pool's units (Hz).
        activation: Of its muscle, if every unit conducts, 0 to 1.
    """

    rate: Array
    activation: Array


@dataclass(frozen=True, slots=True)
class ToneTable:
    """Rates and activations on the nodes.

    Attributes:
        rates: Hz, shape (activities, projections, thresholds, angles).
        activations: Likewise, 0 to 1.
        rate_error: Root mean square of what reading misses at points held out (Hz), by activity.
        activation_error: Likewise.
    """

    rates: Array
    activations: Array
    rate_error: Array
    activation_error: Array

    def read(self, activity: str, projection: Array, threshold: Array, angle: Array) -> Reading:
        """Linear between nodes, held at the ends.

        Args:
            activity: One of `ACTIVITIES`.
            projection: Discharge of projection neurons as it reaches the muscle (Hz).
            threshold: (1 + x) theta.
            angle: Of the joint (rad).
        """
        index = ACTIVITIES.index(activity)
        corners = _corners(projection, threshold, angle)
        return Reading(
            *(
                np.asarray(sum(weight * table[index][place] for place, weight in corners))
                for table in (self.rates, self.activations)
            )
        )


def tone_table(
    structures: moment.Structures | None = None,
    *,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> ToneTable:
    """The table of a set of parameters, from its file where there is one.

    Args:
        structures: Parameters; the declared ones when left out.
        threads: Over nodes; as many as the machine has when left out.
        progress: Called with the share done where moments have to run.
    """
    chosen = structures or moment.Structures()
    return _kept(chosen, threads or os.cpu_count() or 1, progress)


# Tables of this process, by key.
_IN_MEMORY: Final[dict[str, ToneTable]] = {}


def _kept(
    structures: moment.Structures, threads: int, progress: Callable[[float], None] | None
) -> ToneTable:
    key = _key(structures)
    if key in _IN_MEMORY:
        return _IN_MEMORY[key]
    path = cache_folder() / f"tone-{key}.npz"
    table = _read(path)
    if table is None:
        table = measured(structures, threads=threads, progress=progress)
        # A cache that cannot be written costs time, nothing else.
        with contextlib.suppress(OSError, CannotWrite):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, lambda part: _write(part, table))
    _IN_MEMORY[key] = table
    return table


def cache_folder() -> Path:
    """Where tables are kept: `MYOTOME_CACHE`, or the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "myotome"


def measured(
    structures: moment.Structures,
    *,
    threads: int = 1,
    progress: Callable[[float], None] | None = None,
) -> ToneTable:
    """The table, every moment run now."""
    nodes = np.array(list(product(PROJECTION, THRESHOLD, ANGLE)))
    between = _points_held_out()
    points = np.concatenate([nodes, between])
    rates, activations = _measure(structures, points, threads, progress)
    shape = (len(ACTIVITIES), PROJECTION.size, THRESHOLD.size, ANGLE.size)
    count = len(nodes)
    table = ToneTable(
        rates[:, :count].reshape(shape),
        activations[:, :count].reshape(shape),
        np.zeros(len(ACTIVITIES)),
        np.zeros(len(ACTIVITIES)),
    )
    missed = []
    for index, activity in enumerate(ACTIVITIES):
        read = table.read(activity, *between.T)
        missed.append(
            (read.rate - rates[index, count:], read.activation - activations[index, count:])
        )
    errors = np.sqrt((np.array(missed) ** 2).mean(axis=2))
    return ToneTable(table.rates, table.activations, errors[:, 0], errors[:, 1])


def _points_held_out() -> Array:
    """Points spread evenly between the nodes (a rank-one lattice)."""
    place = np.arange(_HELD_OUT)
    spread = np.stack(
        [(place + 0.5) / _HELD_OUT, (5 * place % _HELD_OUT + 0.5) / _HELD_OUT,
         (7 * place % _HELD_OUT + 0.5) / _HELD_OUT], axis=1,
    )  # fmt: skip
    ends = np.array([(axis[0], axis[-1]) for axis in (PROJECTION, THRESHOLD, ANGLE)])
    # Closer together at low projection rates, as the nodes are.
    spread[:, 0] **= 2
    return np.asarray(ends[:, 0] + spread * (ends[:, 1] - ends[:, 0]))


class _Points:
    """Every activity at every point, each as a person of its own; activities first."""

    def __init__(self, points: Array) -> None:
        self._points = np.tile(points, (len(ACTIVITIES), 1))
        self._each = len(points)

    def write(self, inputs: Inputs) -> None:
        """Hold projection and angle, and drive each activity, in this window of the run."""
        milliseconds = inputs.milliseconds
        shape = (milliseconds, len(self._points), 1)
        inputs.projection = np.broadcast_to(self._points[None, :, :1], shape)
        inputs.angle = np.broadcast_to(self._points[None, :, 2:], shape)
        drive = Drive()
        given = np.zeros(shape)
        before = slice(0, max(round(_CONTRACTED * 1000) - inputs.first, 0))
        walked, contracted = (
            slice(index * self._each, (index + 1) * self._each)
            for index in (ACTIVITIES.index("after_walk"), ACTIVITIES.index("after_contraction"))
        )
        given[before, walked] = voluntary_activation(drive, "walk")
        given[before, contracted] = _CONTRACTION
        inputs.voluntary = given


def _measure(
    structures: moment.Structures,
    points: Array,
    threads: int,
    progress: Callable[[float], None] | None,
) -> tuple[Array, Array]:
    """Mean rate (Hz) and activation after relaxing, shape (activities, points)."""
    people = len(ACTIVITIES) * len(points)
    preparation = moment.standard(people=people)
    frozen = moment.healthy(people, 1, 1).with_values(
        threshold_scale=np.tile(points[:, 1], len(ACTIVITIES))[:, None]
    )
    ran = moment.run(
        preparation,
        [_Points(points)],
        seconds=_SECONDS,
        frozen=frozen,
        structures=structures,
        record=("activation", "discharge_rate"),
        # Each node has its noise in every activity, so that they differ by the activity alone.
        seed=[*range(_SEED, _SEED + len(points))] * len(ACTIVITIES),
        threads=threads,
        progress=progress,
    )
    first = round(_RELAXING * 1000)
    found = tuple(
        ran[name][first:, :, 0].mean(axis=0).reshape(len(ACTIVITIES), len(points))
        for name in ("discharge_rate", "activation")
    )
    return found[0], found[1]


def _corners(
    projection: Array, threshold: Array, angle: Array
) -> list[tuple[tuple[NDArray[np.intp], ...], Array]]:
    """The eight nodes around each point, with their weights."""
    along = []
    for axis, values in ((PROJECTION, projection), (THRESHOLD, threshold), (ANGLE, angle)):
        held = np.clip(values, axis[0], axis[-1])
        low = np.clip(np.searchsorted(axis, held, side="right") - 1, 0, axis.size - 2)
        share = (held - axis[low]) / (axis[low + 1] - axis[low])
        along.append(((low, 1.0 - share), (low + 1, share)))
    corners: list[tuple[tuple[NDArray[np.intp], ...], Array]] = []
    for chosen in product(*along):
        (i, a), (j, b), (k, c) = chosen
        i, j, k = np.broadcast_arrays(i, j, k)
        corners.append(((i, j, k), np.asarray(a * b * c)))
    return corners


def _key(structures: moment.Structures) -> str:
    """What the table depends on, as sixteen hexadecimal digits."""
    from myotome import __version__

    digest = hashlib.sha256(f"{__version__} {_SECONDS} {_RELAXING} {_SEED}".encode())
    for axis in (PROJECTION, THRESHOLD, ANGLE, _points_held_out()):
        digest.update(np.ascontiguousarray(axis).tobytes())
    for name, declared in structures.declarations():
        value = getattr(getattr(structures, name), declared.name)
        digest.update(f"{name}.{declared.name}={np.asarray(value).tolist()!r};".encode())
    for source in _sources():
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> list[Path]:
    """The text of everything that a moment runs through, this module's too."""
    room, physiology = Path(moment.__file__).parent, Path(parameters.__file__).parent
    texts = [
        path
        for folder in (room, physiology)
        for ending in ("*.py", "*.hpp", "*.cpp")
        for path in folder.glob(ending)
    ]
    return sorted([*texts, Path(__file__)])


def _write(path: Path, table: ToneTable) -> None:
    with path.open("wb") as file:
        np.savez(
            file,
            rates=table.rates,
            activations=table.activations,
            rate_error=table.rate_error,
            activation_error=table.activation_error,
        )


def _read(path: Path) -> ToneTable | None:
    """The table of a file; None where there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as held:
            found = ToneTable(
                held["rates"], held["activations"], held["rate_error"], held["activation_error"]
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    shape = (len(ACTIVITIES), PROJECTION.size, THRESHOLD.size, ANGLE.size)
    return found if found.rates.shape == found.activations.shape == shape else None
