"""Stimuli: what a physiologist, a needle or the day does to a preparation, and when.

Each stimulus checks its own numbers as it is made and writes itself into `Inputs`. Times are in
seconds from the start of the run. `muscle` and `person` choose one; left out, all are meant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError
from myotome.simulation.moment.inputs import QUANTITIES, Inputs, Quantity

_PER_SECOND: Final = 1000.0
# Beyond these nothing physiological is meant, and a mistyped number is likely.
_LARGEST: Final = {
    "voluntary": 1.0,
    "current": 200.0,
    "shock": 5.0,
    "fusimotor_dynamic": 300.0,
    "fusimotor_static": 300.0,
    "primary_afferents": 500.0,
    "receptor_input": 200.0,
    "touch": 200.0,
    "nociception": 200.0,
    "projection": 200.0,
    "angle": math.pi,
    "torque": 500.0,
}
_SIGNED: Final = {"angle", "torque", "current"}


class Stimulus(Protocol):
    """Anything that writes itself into inputs."""

    def write(self, inputs: Inputs) -> None:
        """Add what it does."""
        ...


@dataclass(frozen=True, slots=True)
class Ramp:
    """A quantity that runs in a straight line from one value to another; equal ends hold it.

    Attributes:
        quantity: Which input, a key of `QUANTITIES`.
        start: Value at `begin`.
        end: Value at `stop`.
        begin: When it begins (s).
        stop: When it ends (s).
        column: Which muscle, root or joint; all when left out.
        person: Which person; all when left out.
    """

    quantity: Quantity
    start: float
    end: float
    begin: float
    stop: float
    column: int | None = None
    person: int | None = None

    def __post_init__(self) -> None:
        check_quantity(self.quantity)
        check_value(self.quantity, "start", self.start)
        check_value(self.quantity, "end", self.end)
        check_span(self.begin, self.stop)

    def write(self, inputs: Inputs) -> None:
        """Add the ramp, from the first millisecond it covers to the last."""
        first, last = milliseconds(self.begin, self.stop, inputs.milliseconds)
        whole = max((self.stop - self.begin) * _PER_SECOND, 1.0)
        along = (np.arange(first, last) + 0.5 - self.begin * _PER_SECOND) / whole
        values = np.asarray(self.start + (self.end - self.start) * along, dtype=np.float64)
        write_at(inputs, self.quantity, values, first, self.column, self.person)


def hold(
    quantity: Quantity,
    value: float,
    begin: float,
    stop: float,
    *,
    column: int | None = None,
    person: int | None = None,
) -> Ramp:
    """A quantity held at one value."""
    return Ramp(quantity, value, value, begin, stop, column, person)


@dataclass(frozen=True, slots=True)
class Train:
    """Pulses of one millisecond at a steady frequency.

    Attributes:
        quantity: Which input.
        size: Value within a pulse.
        frequency_hz: Pulses a second.
        begin: When the first comes (s).
        stop: When it is over (s).
        column: Which muscle, root or joint; all when left out.
        person: Which person; all when left out.
        width_ms: Length of a pulse.
    """

    quantity: Quantity
    size: float
    frequency_hz: float
    begin: float
    stop: float
    column: int | None = None
    person: int | None = None
    width_ms: int = 1

    def __post_init__(self) -> None:
        check_quantity(self.quantity)
        check_value(self.quantity, "size", self.size)
        check_span(self.begin, self.stop)
        if not 0.0 < self.frequency_hz <= 500.0:
            raise InputError(
                f"frequency_hz must lie above 0 and up to 500 (Hz), got {self.frequency_hz:g}.",
                place="frequency_hz",
            )
        if not 1 <= self.width_ms <= _PER_SECOND / self.frequency_hz:
            raise InputError(
                f"width_ms must lie between 1 and the period of the train"
                f" ({_PER_SECOND / self.frequency_hz:g} ms), got {self.width_ms}.",
                place="width_ms",
            )

    def write(self, inputs: Inputs) -> None:
        """Add every pulse."""
        first, last = milliseconds(self.begin, self.stop, inputs.milliseconds)
        count = math.ceil((self.stop - self.begin) * self.frequency_hz - 1e-9)
        starts = np.rint(_PER_SECOND * (self.begin + np.arange(count) / self.frequency_hz))
        values = np.zeros(last - first)
        for start in starts.astype(int):
            values[max(start - first, 0) : start - first + self.width_ms] = self.size
        write_at(inputs, self.quantity, values, first, self.column, self.person)


def check_quantity(quantity: str) -> None:
    """Refuse a name that is no input."""
    if quantity not in QUANTITIES:
        raise InputError(
            f"quantity must be one of {', '.join(QUANTITIES)}, got '{quantity}'.",
            place="quantity",
        )


def check_value(quantity: str, name: str, value: float) -> None:
    """Refuse a value outside what the quantity can be."""
    largest = _LARGEST[quantity]
    least = -largest if quantity in _SIGNED else 0.0
    if not least <= value <= largest:
        unit = QUANTITIES[quantity][1]
        raise InputError(
            f"{name} of {quantity} must lie between {least:g} and {largest:g} ({unit}),"
            f" got {value:g}.",
            place=name,
        )


def check_span(begin: float, stop: float) -> None:
    """Refuse a span that is empty, negative or endless."""
    if not 0.0 <= begin < math.inf:
        raise InputError(f"begin must be 0 or later (s), got {begin:g}.", place="begin")
    if not begin < stop < math.inf:
        raise InputError(f"stop must come after begin ({begin:g} s), got {stop:g}.", place="stop")


def milliseconds(begin: float, stop: float, length: int) -> tuple[int, int]:
    """First millisecond and the one after the last, within a run.

    Raises:
        InputError: The stimulus begins after the run has ended.
    """
    first = round(begin * _PER_SECOND)
    if first >= length:
        raise InputError(
            f"begin must lie within the run ({length / _PER_SECOND:g} s), got {begin:g}.",
            place="begin",
        )
    return first, min(max(round(stop * _PER_SECOND), first + 1), length)


def write_at(
    inputs: Inputs,
    quantity: Quantity,
    values: NDArray[np.float64],
    first: int,
    column: int | None,
    person: int | None,
) -> None:
    """Add values, one a millisecond from `first` on, to one column and person, or to all."""
    shape: tuple[int, ...] = getattr(inputs, quantity).shape
    for name, index, size in (("person", person, shape[1]), ("column", column, shape[2])):
        if index is not None and not 0 <= index < size:
            raise InputError(f"{name} must lie between 0 and {size - 1}, got {index}.", place=name)
    who = slice(None) if person is None else slice(person, person + 1)
    which = slice(None) if column is None else slice(column, column + 1)
    inputs.add(quantity, slice(first, first + values.size), who, which, values)
