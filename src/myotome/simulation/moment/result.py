"""Result: a moment that was run, as plain arrays, as labelled arrays, and as a file.

xarray loads only when labelled arrays are asked for. Of a run that was recorded to disk, arrays
are read from there as they are looked at; `close`, or `with`, gives the files back at once.

Source: none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError
from myotome.simulation.moment.assembly import HORN_KINDS
from myotome.simulation.moment.preparation import MomentPreparation
from myotome.simulation.moment.probes import Placed
from myotome.simulation.moment.ranges import checked_number
from myotome.simulation.moment.recording import CHANNELS, Recorder, Spikes
from myotome.whole_file import write_whole

if TYPE_CHECKING:
    import xarray

Array = NDArray[np.float64]

_PER_SECOND: Final = 1000.0


@dataclass(frozen=True, slots=True)
class MomentRun:
    """What was recorded of one run.

    Attributes:
        preparation: What was run.
        seconds: How long it ran; less than was asked for where it was stopped.
        asked_seconds: How long it was to run.
        seeds: Of each person's noise.
        precision: Of its membranes: float32 or float64.
        backend: Which implementation ran it: a compiled instruction set, or NumPy.
        recorder: Where the arrays lie.
        probes: States that were asked for, by name.
    """

    preparation: MomentPreparation
    seconds: float
    asked_seconds: float
    seeds: tuple[int, ...]
    precision: str
    backend: str
    recorder: Recorder
    probes: Mapping[str, Placed] = field(default_factory=dict)

    @property
    def was_stopped(self) -> bool:
        """Whether it was interrupted before its end; what was recorded until then is kept."""
        return self.seconds < self.asked_seconds

    @property
    def time(self) -> Array:
        """End of each recorded millisecond (s)."""
        count = round(self.seconds * _PER_SECOND)
        return np.arange(1, count + 1) / _PER_SECOND

    def time_of(self, name: str) -> Array:
        """Time of each reading of a channel or state (s)."""
        probe = self.probes.get(name)
        if probe is None or probe.every == probe.looks:
            return self.time
        count = probe.readings(round(self.seconds * _PER_SECOND))
        return np.asarray(np.arange(1, count + 1) * (probe.every_ms / _PER_SECOND))

    def __getitem__(self, name: str) -> Array:
        """One channel, shape (milliseconds, people, muscles, roots or joints), or one state.

        A state has the shape (readings, people, muscles, roots or joints), and units or kinds where
        there are any, of those that its probe chose.

        Raises:
            InputError: It was not recorded.
        """
        return self.recorder.channel(name)

    @property
    def spikes(self) -> Spikes:
        """Every spike of the motoneurons."""
        return self.recorder.spikes()

    def discharge_rates(self, begin: float = 0.0, stop: float | None = None) -> Array:
        """Mean discharge (Hz) of each unit in a span (s), shape (people, muscles, units).

        Raises:
            InputError: The span is empty or lies outside the run.
        """
        checked_number("begin", begin, 0.0, self.seconds, "s")
        end = self.seconds if stop is None else min(stop, self.seconds)
        if not begin < end:
            raise InputError(
                f"stop must come after begin ({begin:g} s), got {end:g}.", place="stop"
            )
        spikes = self.spikes
        inside = (spikes.millisecond >= begin * _PER_SECOND) & (
            spikes.millisecond < end * _PER_SECOND
        )
        some = Spikes(
            spikes.millisecond[inside],
            spikes.person[inside],
            spikes.muscle[inside],
            spikes.unit[inside],
        )
        p = self.preparation
        return some.counts(p.people, len(p.muscles), p.units) / (end - begin)

    def dataset(self) -> xarray.Dataset:
        """Labelled arrays with units; spikes as events along their own dimension."""
        import xarray

        from myotome import __version__

        p = self.preparation
        variables = {
            name: (
                ("time", "person", CHANNELS[name].of),
                values,
                {"units": CHANNELS[name].unit, "long_name": CHANNELS[name].meaning},
            )
            for name, values in self.recorder.channels().items()
            if name in CHANNELS
        }
        states, places = self._states()
        spikes = self.spikes
        events = {
            "spike_time": (
                "spike",
                spikes.millisecond / _PER_SECOND,
                {"units": "s", "long_name": "when a motoneuron fired"},
            ),
            "spike_person": ("spike", spikes.person, {"long_name": "whose"}),
            "spike_muscle": ("spike", spikes.muscle, {"long_name": "index of its muscle"}),
            "spike_unit": ("spike", spikes.unit, {"long_name": "motor unit, smallest first"}),
        }
        coordinates = {
            "time": ("time", self.time, {"units": "s"}),
            "person": ("person", np.arange(p.people)),
            "seed": ("person", np.array(self.seeds, dtype=np.int64), {"long_name": "of its noise"}),
            "muscle": ("muscle", list(p.muscles)),
            "root": ("root", list(p.roots)),
            "joint": ("joint", list(p.joints)),
            **places,
        }
        attributes = {
            "title": f"A moment of {', '.join(p.muscles)}",
            "model_version": __version__,
            "precision": self.precision,
            "backend": self.backend,
            "was_stopped": int(self.was_stopped),
        }
        return xarray.Dataset({**variables, **states, **events}, coordinates, attributes)

    def _states(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """States as labelled variables, and the coordinates of their own dimensions."""
        p = self.preparation
        names = {"muscle": p.muscles, "root": p.roots, "joint": p.joints}
        variables: dict[str, Any] = {}
        places: dict[str, Any] = {}
        for name, probe in self.probes.items():
            own = probe.dimensions(p, HORN_KINDS)
            state = probe.state
            labels: list[Any] = [self.time_of(name), probe.people]
            labels.append([names[state.of][column] for column in probe.columns])
            if state.within:
                labels.append(probe.cells)
            attributes = {"units": state.unit, "long_name": state.meaning}
            variables[name] = (own, self[name], attributes)
            for dimension, values in zip(own, labels, strict=True):
                if dimension not in {"time", "person", state.of}:
                    unit = {"units": "s"} if dimension.endswith("time") else {}
                    places[dimension] = (dimension, values, unit)
        return variables, places

    def write(self, path: Path) -> None:
        """Write the labelled arrays as netCDF-4, whole or not at all.

        Raises:
            CannotWrite: The place cannot be written.
        """
        write_whole(path, lambda part: self.dataset().to_netcdf(part, engine="h5netcdf"))

    def close(self) -> None:
        """Give memory and files back; nothing can be read from here afterwards."""
        self.recorder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
