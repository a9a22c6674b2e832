"""Stimuli: what a physiologist, a needle or the day does to a preparation, and when.

Each stimulus checks its own numbers as it is made and writes itself into every window of `Inputs`
that it touches. Times are in seconds from the start of the run. `column` chooses one muscle, root
or joint and `person` one person; left out, all are meant. Stimuli of one quantity add up, except
angles, of which the last one given holds.

Source: none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError
from myotome.simulation.moment.inputs import QUANTITIES, Inputs, Quantity
from myotome.simulation.moment.ranges import checked_number, checked_whole

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
    "torque": 100.0,
}
_SIGNED: Final = {"angle", "torque", "current"}
_LATEST: Final = 1e6  # s
_MOST: Final = 1_000_000  # people or columns
_ROUNDING: Final = 1e-9


class Stimulus(Protocol):
    """Anything that writes itself into inputs."""

    def write(self, inputs: Inputs) -> None:
        """Add what it does within the window that `inputs` is.

        Raises:
            InputError: It begins after the run has ended, or names a column or person too many.
        """
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
        check_place(self.column, self.person)

    def write(self, inputs: Inputs) -> None:
        """Add the ramp, from the first millisecond it covers to the last.

        Raises:
            InputError: It begins after the run has ended, or names a column or person too many.
        """
        check_held(inputs, self.quantity, self.column, self.person)
        first, last = covered(self.begin, self.stop, inputs)
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
    """A quantity held at one value from `begin` to `stop` (s)."""
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
        check_place(self.column, self.person)
        checked_number("frequency_hz", self.frequency_hz, 1e-3, 500.0, "Hz")
        period = math.floor(_PER_SECOND / self.frequency_hz)
        checked_whole("width_ms", self.width_ms, 1, period)

    def write(self, inputs: Inputs) -> None:
        """Add every pulse.

        Raises:
            InputError: It begins after the run has ended, or names a column or person too many.
        """
        check_held(inputs, self.quantity, self.column, self.person)
        first, last = covered(self.begin, self.stop, inputs)
        # Only pulses that may touch the window: a train can be long.
        before, after = (
            (edge / _PER_SECOND - self.begin) * self.frequency_hz
            for edge in (first - self.width_ms - 1, last + 1)
        )
        count = math.ceil((self.stop - self.begin) * self.frequency_hz - 1e-9)
        pulses = np.arange(max(math.floor(before), 0), min(math.ceil(after) + 1, count))
        starts = np.rint(_PER_SECOND * (self.begin + pulses / self.frequency_hz))
        values = np.zeros(last - first)
        for start in starts.astype(int):
            begun, over = start - first, start - first + self.width_ms
            values[max(begun, 0) : max(over, 0)] = self.size
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
    low, high = bounds(quantity)
    checked_number(f"{name} of {quantity}", value, low, high, QUANTITIES[quantity][1], place=name)


def bounds(quantity: str) -> tuple[float, float]:
    """Least and largest value that a quantity may have, in its unit."""
    largest = _LARGEST[quantity]
    return (-largest if quantity in _SIGNED else 0.0), largest


def check_span(begin: float, stop: float) -> None:
    """Refuse a span (s) that is empty, negative or endless."""
    checked_number("begin", begin, 0.0, _LATEST, "s")
    checked_number("stop", stop, 0.0, _LATEST, "s")
    if not begin < stop:
        raise InputError(f"stop must come after begin ({begin:g} s), got {stop:g}.", place="stop")


def check_place(column: int | None, person: int | None) -> None:
    """Refuse a column or person that can be none."""
    for name, index in (("column", column), ("person", person)):
        if index is not None:
            checked_whole(name, index, 0, _MOST)


def check_held(inputs: Inputs, quantity: Quantity, column: int | None, person: int | None) -> None:
    """Refuse a column or person that the inputs do not hold."""
    shape: tuple[int, ...] = getattr(inputs, quantity).shape
    for name, index, size in (("person", person, shape[1]), ("column", column, shape[2])):
        if index is not None:
            checked_whole(name, index, 0, size - 1)


def covered(begin: float, stop: float, inputs: Inputs) -> tuple[int, int]:
    """First millisecond of a span (s) within the window, and the one after the last.

    Both are counted from the start of the run; they are the same where the span does not touch
    the window. A span covers a millisecond at least, and ends with the run.

    Raises:
        InputError: The stimulus begins after the run has ended.
    """
    first = round(begin * _PER_SECOND)
    if first >= inputs.of_run:
        raise InputError(
            f"begin must lie within the run ({inputs.of_run / _PER_SECOND:g} s), got {begin:g};"
            " run longer or begin earlier.",
            place="begin",
        )
    last = max(round(stop * _PER_SECOND), first + 1)
    within = min(max(first, inputs.first), inputs.last)
    return within, min(max(last, within), inputs.last)


def write_at(
    inputs: Inputs,
    quantity: Quantity,
    values: NDArray[np.float64],
    first: int,
    column: int | None,
    person: int | None,
) -> None:
    """Add values, one a millisecond, to one column and person, or to all.

    Args:
        inputs: The window that they lie in.
        quantity: Which input.
        values: In its unit.
        first: Millisecond of the first, counted from the start of the run.
        column: Which muscle, root or joint; all when left out.
        person: Which person; all when left out.
    """
    if not values.size:
        return
    who = slice(None) if person is None else slice(person, person + 1)
    which = slice(None) if column is None else slice(column, column + 1)
    begin = first - inputs.first
    inputs.add(quantity, slice(begin, begin + values.size), who, which, values)


def check_sums(stimuli: Sequence[Stimulus], windows: Callable[[], Iterator[Inputs]]) -> None:
    """Refuse stimuli each of which is fine, but whose sum is beyond what the quantity can be.

    Args:
        stimuli: All of a run.
        windows: Gives every window of it, silent.
    """
    quantities = [getattr(stimulus, "quantity", None) for stimulus in stimuli]
    if None not in quantities and len(set(quantities) - {"angle"}) == len(
        [quantity for quantity in quantities if quantity != "angle"]
    ):
        return
    for window in windows():
        for stimulus in stimuli:
            stimulus.write(window)
        for name, (_, unit, _) in QUANTITIES.items():
            held: NDArray[np.float64] = getattr(window, name)
            if not held.flags.writeable:
                continue
            low, high = bounds(name)
            wrong = (held < low - _ROUNDING) | (held > high + _ROUNDING)
            if name != "angle":
                wrong |= np.isnan(held)
            if wrong.any():
                at = (window.first + int(np.argwhere(wrong)[0, 0])) / _PER_SECOND
                raise InputError(
                    f"{name} of all stimuli together must lie between {low:g} and {high:g}"
                    f" ({unit}), got {held[wrong][0]:g} at {at:g} s.",
                    place=name,
                )
