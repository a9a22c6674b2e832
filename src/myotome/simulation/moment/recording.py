"""Recording: what of a run is kept, in memory or, past a limit, on disk.

The loop hands over one chunk of milliseconds at a time. Arrays that would not fit below the limit
are written straight to files in a temporary folder, so that memory stays bounded however long a
run is; they read the same afterwards. Spikes are kept as events, not as a raster.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError

Array = NDArray[np.float64]

LIMIT_BYTES: Final = 256 * 1024 * 1024


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
        Channel("m_wave", "muscle", "1", "share of fibres whose potential starts by a shock"),
        Channel("emg", "muscle", "1", "share of fibres whose potential starts at all"),
        Channel("inhibition", "muscle", "Hz", "discharge of Renshaw cells"),
        Channel("persistent", "muscle", "1", "mean activation of the persistent inward current"),
        Channel("angle", "joint", "rad", "angle of the joint"),
        Channel("torque", "joint", "N m", "torque of the muscles about it"),
        Channel("projection", "root", "Hz", "discharge of projection neurons"),
        Channel("nociceptive_drive", "root", "Hz", "C, the nociceptive drive of the segment"),
        Channel("touch_drive", "root", "Hz", "A, the touch drive of the segment"),
    )
}
DEFAULT: Final = ("discharge_rate", "tendon_force", "fibre_length", "primary", "emg")


def check_channels(names: Sequence[str]) -> None:
    """Refuse what cannot be recorded."""
    for name in names:
        if name not in CHANNELS:
            raise InputError(
                f"record must name channels ({', '.join(CHANNELS)}), got '{name}'.",
                place="record",
            )


@dataclass(frozen=True, slots=True)
class Spikes:
    """Motoneuron spikes as events, in order of time."""

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
        """Times (s) of one unit's spikes."""
        own = (self.unit == unit) & (self.muscle == muscle) & (self.person == person)
        return np.asarray(self.millisecond[own] / 1000.0)


class Recorder:
    """Takes chunks as they come and gives whole arrays at the end."""

    def __init__(
        self, sizes: Mapping[str, tuple[int, ...]], milliseconds: int, limit: int = LIMIT_BYTES
    ) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        needed = sum(8 * milliseconds * int(np.prod(size)) for size in sizes.values())
        if needed > limit:
            self._folder = tempfile.TemporaryDirectory(prefix="myotome-")
        self._arrays = {
            name: self._made(name, (milliseconds, *size)) for name, size in sizes.items()
        }
        self._spikes: list[tuple[NDArray[np.int64], ...]] = []
        self._filled = 0

    def _made(self, name: str, shape: tuple[int, ...]) -> Array:
        if self._folder is None:
            return np.empty(shape, dtype=np.float64)
        path = Path(self._folder.name) / f"{name}.npy"
        kept = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=shape)
        return cast("Array", kept)

    @property
    def on_disk(self) -> bool:
        """Whether the arrays lie in files."""
        return self._folder is not None

    def take(
        self, first: int, channels: Mapping[str, Array], spikes: tuple[NDArray[np.int64], ...]
    ) -> None:
        """Keep one chunk that begins at millisecond `first`."""
        length = 0
        for name, held in self._arrays.items():
            chunk = channels[name]
            length = len(chunk)
            held[first : first + length] = chunk
            if isinstance(held, np.memmap):
                held.flush()
        self._filled = max(self._filled, first + length)
        millisecond, *rest = spikes
        self._spikes.append((millisecond + first, *rest))

    def channels(self) -> dict[str, Array]:
        """What was recorded so far, shape (milliseconds, people, columns)."""
        return {name: held[: self._filled] for name, held in self._arrays.items()}

    def spikes(self) -> Spikes:
        """Every spike so far."""
        parts = self._spikes or [tuple(np.empty(0, dtype=np.int64) for _ in range(4))]
        millisecond, person, muscle, unit = (
            np.concatenate(column) for column in zip(*parts, strict=True)
        )
        return Spikes(
            millisecond.astype(np.int32),
            person.astype(np.int32),
            muscle.astype(np.int16),
            unit.astype(np.int16),
        )

    def close(self) -> None:
        """Give the files back; arrays read from them are gone then."""
        if self._folder is not None:
            self._arrays.clear()
            self._folder.cleanup()
            self._folder = None
