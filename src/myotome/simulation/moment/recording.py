"""Recording: what of a run is kept, in memory or, past a limit, on disk.

The loop hands over one chunk of milliseconds at a time. What would not fit below the limit is
appended to files in a temporary folder, so that memory stays bounded however long a run is, and
reads the same afterwards. Spikes are kept as events, not as a raster; they go to disk by
themselves when they grow past the limit. A chunk counts only when all of it is there: a run that
is stopped in the middle of one ends before it. The files go with the recorder.

Source: none.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from myotome.errors import CannotWrite, InputError

Array = NDArray[np.float64]

LIMIT_BYTES: Final = 256 * 1024 * 1024
_SPIKE_KINDS: Final[dict[str, type[np.signedinteger[Any]]]] = {
    "millisecond": np.int32,
    "person": np.int32,
    "muscle": np.int16,
    "unit": np.int16,
}


@dataclass(frozen=True, slots=True)
class Channel:
    """One thing that can be recorded each millisecond: what it belongs to, unit, meaning."""

    name: str
    of: str
    unit: str
    meaning: str


CHANNELS: Final[dict[str, Channel]] = {
    channel.name: channel
    for channel in (
        Channel("discharge_rate", "muscle", "Hz", "mean discharge of the pool's motoneurons"),
        Channel("activation", "muscle", "1", "share of tetanic force that motor units produce"),
        Channel("tendon_force", "muscle", "1", "force, over the maximum isometric force"),
        Channel("fibre_length", "muscle", "1", "fibre length in optimal fibre lengths"),
        Channel("fibre_velocity", "muscle", "1/s", "its rate of change, lengthening positive"),
        Channel("primary", "muscle", "Hz", "discharge of spindle primary afferents"),
        Channel("secondary", "muscle", "Hz", "discharge of spindle secondary afferents"),
        Channel("tendon_organ", "muscle", "Hz", "discharge of tendon organs"),
        Channel("nociceptors", "muscle", "Hz", "discharge of group III and IV fibres"),
        Channel("group_3", "muscle", "Hz", "discharge of group III fibres"),
        Channel("group_4", "muscle", "Hz", "discharge of group IV fibres"),
        Channel("m_wave", "muscle", "1", "share of fibres whose potential starts by a shock"),
        Channel("emg", "muscle", "1", "share of fibres whose potential starts at all"),
        Channel("inhibition", "muscle", "Hz", "discharge of Renshaw cells"),
        Channel("persistent", "muscle", "1", "mean activation of the persistent inward current"),
        Channel("angle", "joint", "rad", "angle of the joint"),
        Channel("torque", "joint", "N m", "torque of the muscles about it"),
        Channel("projection", "root", "Hz", "discharge of projection neurons"),
        Channel("nociceptive_drive", "root", "Hz", "C, the nociceptive drive of the segment"),
        Channel("touch_drive", "root", "Hz", "A, the touch drive of the segment"),
        Channel("foramen", "root", "mm", "height of the foramen that paraspinals leave the root"),
    )
}
DEFAULT: Final = ("discharge_rate", "tendon_force", "fibre_length", "primary", "emg")


@dataclass(frozen=True, slots=True)
class Spikes:
    """Motoneuron spikes as events, in order of time, person, muscle and unit.

    Attributes:
        millisecond: From the start of the run, 0 for the first, shape (spikes,).
        person: Index, likewise.
        muscle: Index.
        unit: Motor unit, smallest first.
    """

    millisecond: NDArray[np.int32]
    person: NDArray[np.int32]
    muscle: NDArray[np.int16]
    unit: NDArray[np.int16]

    def counts(self, people: int, muscles: int, units: int) -> NDArray[np.int64]:
        """Spikes of each unit, shape (people, muscles, units)."""
        flat = (self.person.astype(np.int64) * muscles + self.muscle) * units + self.unit.astype(
            np.int64
        )
        total: NDArray[np.int64] = np.bincount(flat, minlength=people * muscles * units)
        return total.reshape(people, muscles, units)

    def train(self, unit: int, *, muscle: int = 0, person: int = 0) -> NDArray[np.float64]:
        """Times (s) of one unit's spikes, shape (spikes,)."""
        own = (self.unit == unit) & (self.muscle == muscle) & (self.person == person)
        return np.asarray(self.millisecond[own] / 1000.0)


class _Kept:
    """Rows that are only ever appended to, in memory or in one file."""

    def __init__(self, name: str, kind: Any, shape: tuple[int, ...]) -> None:  # noqa: ANN401
        self._name, self._kind, self._shape = name, np.dtype(kind), shape
        self._parts: list[NDArray[Any]] = []
        self._file: BufferedWriter | None = None
        self.rows = 0

    @property
    def held_bytes(self) -> int:
        """In memory."""
        return sum(part.nbytes for part in self._parts)

    def append(self, rows: NDArray[Any]) -> None:
        """Keep rows; the caller may use theirs again."""
        if self._file is None:
            self._parts.append(np.array(rows, dtype=self._kind))
        else:
            self._file.write(np.ascontiguousarray(rows, dtype=self._kind).data)
        self.rows += len(rows)

    def move_to(self, folder: Path) -> BufferedWriter:
        """Go on in a file; gives it, open."""
        self._file = (folder / f"{self._name}.raw").open("wb")
        parts, self._parts = self._parts, []
        for part in parts:
            self._file.write(part.data)
        return self._file

    def all(self) -> NDArray[Any]:
        """Every row, shape (rows, ...); in a file they are read when they are looked at."""
        if self._file is not None and self.rows and math.prod(self._shape):
            self._file.flush()
            return np.memmap(
                self._file.name, dtype=self._kind, mode="r", shape=(self.rows, *self._shape)
            )
        if len(self._parts) != 1:
            empty = np.empty((0, *self._shape), dtype=self._kind)
            self._parts = [np.concatenate([empty, *self._parts])]
        return self._parts[0]


def _removed(folder: str, files: list[BufferedWriter]) -> None:
    """Files closed and gone, whatever became of them meanwhile."""
    for file in files:
        file.close()
    shutil.rmtree(folder, ignore_errors=True)


class Recorder:
    """Takes chunks as they come, in order, and gives whole arrays at any time.

    Files are removed when it is closed, forgotten or the program ends. Arrays that were read
    before stay readable where the system lets open files go (all but Windows).
    """

    def __init__(
        self,
        sizes: Mapping[str, tuple[int, ...]],
        milliseconds: int,
        limit: int = LIMIT_BYTES,
        *,
        readings: Mapping[str, Callable[[int], int]] | None = None,
    ) -> None:
        """Begin with nothing.

        Args:
            sizes: Of one reading of each channel: (people, columns), and cells of a state.
            milliseconds: How many are expected.
            readings: How many there are in the first milliseconds, where it is not one each.
            limit: Bytes beyond which channels, and likewise spikes, go to disk.

        Raises:
            CannotWrite: There is no room for files.
        """
        self._limit = limit
        self._readings = readings or {}
        self._folder: Path | None = None
        self._files: list[BufferedWriter] = []
        self._remove: weakref.finalize[Any, Recorder] | None = None
        self._is_closed = False
        self._channels = {name: _Kept(name, np.float64, size) for name, size in sizes.items()}
        self._spikes = {
            name: _Kept(f"spike_{name}", kind, ()) for name, kind in _SPIKE_KINDS.items()
        }
        self._filled = self._spikes_filled = 0
        whole = sum(
            8 * self._rows(name, milliseconds) * math.prod(size) for name, size in sizes.items()
        )
        if whole > limit:
            self._to_disk(self._channels)

    def _rows(self, name: str, milliseconds: int) -> int:
        """Readings in the first milliseconds."""
        return self._readings[name](milliseconds) if name in self._readings else milliseconds

    def _to_disk(self, kept: Mapping[str, _Kept]) -> None:
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="myotome-"))
                self._remove = weakref.finalize(self, _removed, str(self._folder), self._files)
            for one in kept.values():
                self._files.append(one.move_to(self._folder))
        except OSError as error:
            raise self._no_room(error) from error

    def _no_room(self, error: OSError) -> CannotWrite:
        return CannotWrite(
            f"What is recorded cannot be written to {self._folder or tempfile.gettempdir()}:"
            f" {error.strerror or error}. Free some space, record less, or set TMPDIR to a folder"
            " that has room."
        )

    @property
    def on_disk(self) -> bool:
        """Whether any of it lies in files."""
        return self._folder is not None

    @property
    def milliseconds(self) -> int:
        """How many were taken whole."""
        return self._filled

    def take(
        self, length: int, channels: Mapping[str, Array], spikes: tuple[NDArray[np.int64], ...]
    ) -> None:
        """Keep one chunk, the one after those taken before.

        Args:
            length: Its milliseconds.
            channels: Of shape (readings, people, columns), with cells where a state has some.
            spikes: Millisecond within the chunk, person, muscle and unit of each spike.

        Raises:
            CannotWrite: A file can take no more.
        """
        try:
            for name, kept in self._channels.items():
                kept.append(channels[name])
            millisecond, *rest = spikes
            for kept, column in zip(
                self._spikes.values(), (millisecond + self._filled, *rest), strict=True
            ):
                kept.append(column)
        except OSError as error:
            raise self._no_room(error) from error
        self._filled += length
        self._spikes_filled += len(millisecond)
        held = sum(kept.held_bytes for kept in self._spikes.values())
        if held > self._limit:
            self._to_disk(self._spikes)

    def channels(self) -> dict[str, Array]:
        """What was recorded so far, shape (readings, people, columns) and cells of a state.

        Raises:
            InputError: The recorder was closed.
        """
        self._check_open()
        return {name: self.channel(name) for name in self._channels}

    def channel(self, name: str) -> Array:
        """One channel or state so far, shape (readings, people, columns) and cells of a state.

        Raises:
            InputError: It was not recorded, or the recorder was closed.
        """
        self._check_open()
        if name not in self._channels:
            held = ", ".join(self._channels) or "nothing but spikes"
            raise InputError(
                f"channel must be one that was recorded ({held}), got {name!r}; add it to record.",
                place="record",
            )
        found: Array = self._channels[name].all()[: self._rows(name, self._filled)]
        return found

    def spikes(self) -> Spikes:
        """Every spike so far.

        Raises:
            InputError: The recorder was closed.
        """
        self._check_open()
        return Spikes(
            **{name: kept.all()[: self._spikes_filled] for name, kept in self._spikes.items()}
        )

    def _check_open(self) -> None:
        if self._is_closed:
            raise InputError("What was recorded must be read before it is closed.", place="record")

    def close(self) -> None:
        """Give memory and files back."""
        self._is_closed = True
        self._channels, self._spikes = {}, {}
        if self._remove is not None:
            self._remove()
