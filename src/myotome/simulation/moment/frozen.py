"""Frozen: the slow state as a moment sees it, which no moment changes.

Receptors, thresholds, lengths and sensitisation take hours to months to move, so over seconds
they are held. A moment writes to none of them: what the needle leaves behind follows from the
discharges that it caused.

Source: none; ranges are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from myotome.errors import InputError
from myotome.simulation.moment.ranges import checked_whole

Array = NDArray[np.float64]

# Name: (what it belongs to, value in health, least, largest, unit).
RANGES: Final[dict[str, tuple[str, float, float, float, str]]] = {
    "silent_receptors": ("muscle", 2.0, 0.0, 500.0, "1/um2"),
    "conducting_receptors": ("muscle", 2.0, 0.0, 500.0, "1/um2"),
    "silent_share": ("muscle", 0.0, 0.0, 1.0, "1"),
    "threshold_scale": ("muscle", 1.0, 0.3, 8.0, "1"),
    "serial_sarcomeres": ("muscle", 1.0, 0.4, 1.6, "1"),
    "contracture": ("muscle", 1.0, 0.5, 4.0, "1"),
    "strength": ("muscle", 1.0, 0.05, 3.0, "1"),
    "nociceptor_rate": ("root", 0.0, 0.0, 20.0, "Hz"),
    "touch_rate": ("root", 0.0, 0.0, 100.0, "Hz"),
    "sensitisation": ("root", 0.0, 0.0, 1.0, "1"),
}


@dataclass(frozen=True, slots=True)
class Frozen:
    """Slow states held still; shape (people, muscles) or (people, roots).

    Attributes:
        silent_receptors: Extrajunctional receptors of units that no root conducts to.
        conducting_receptors: Those of the other units.
        silent_share: Share of units that no root conducts to.
        threshold_scale: (1 + x) theta: recent cramping and homeostasis together.
        serial_sarcomeres: Over the healthy number.
        contracture: Stiffness factor of connective tissue.
        strength: Of the muscle over health, without its recruitment.
        nociceptor_rate: Ectopic discharge of the root, mean over the segment's nociceptors.
        touch_rate: The same of its touch fibres.
        sensitisation: Central, 0 to 1.

    Raises:
        InputError: A value lies outside its range, or is no table of numbers.
    """

    silent_receptors: Array
    conducting_receptors: Array
    silent_share: Array
    threshold_scale: Array
    serial_sarcomeres: Array
    contracture: Array
    strength: Array
    nociceptor_rate: Array
    touch_rate: Array
    sensitisation: Array

    def __post_init__(self) -> None:
        for name, (belongs, _, low, high, unit) in RANGES.items():
            values = _numbers(name, getattr(self, name))
            if values.ndim != 2:
                raise InputError(
                    f"{name} must be of shape (people, {belongs}s), got {values.shape}.",
                    place=name,
                )
            object.__setattr__(self, name, values)
            wrong = ~((values >= low) & (values <= high))
            if wrong.any():
                raise InputError(
                    f"{name} must lie between {low:g} and {high:g} ({unit}),"
                    f" got {values[wrong][0]:g}.",
                    place=name,
                )

    @property
    def people(self) -> int:
        """How many people are held."""
        return int(self.silent_share.shape[0])

    def with_values(self, **values: Any) -> Frozen:  # noqa: ANN401 - numbers or arrays by name
        """The same with some states set; numbers and arrays broadcast to their shape.

        Raises:
            InputError: No such state, a value outside its range, or an array that does not fit.
        """
        unknown = set(values) - set(RANGES)
        if unknown:
            raise InputError(
                f"a slow state must be one of {', '.join(RANGES)}, got {min(unknown)!r}.",
                place=min(unknown),
            )
        shaped = {}
        for name, value in values.items():
            given, shape = _numbers(name, value), getattr(self, name).shape
            try:
                shaped[name] = np.broadcast_to(given, shape)
            except ValueError:
                raise InputError(
                    f"{name} must be one number, or fit the shape {shape} of people and"
                    f" {RANGES[name][0]}s, got {given.shape}.",
                    place=name,
                ) from None
        return replace(self, **shaped)

    def of_person(self, index: int) -> Frozen:
        """One person alone."""
        person = checked_whole("person", index, 0, self.people - 1)
        return Frozen(**{f.name: getattr(self, f.name)[person : person + 1] for f in fields(self)})


def _numbers(name: str, value: Any) -> Array:  # noqa: ANN401 - whatever came
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"{name} must be a number or an array of numbers, got {value!r}.", place=name
        ) from None


def healthy(people: int, muscles: int, roots: int) -> Frozen:
    """Everybody in health; as many muscles and roots as the preparation has."""
    for name, count in (("people", people), ("muscles", muscles), ("roots", roots)):
        checked_whole(name, count, 1, 1_000_000)
    size = {"muscle": muscles, "root": roots}
    return Frozen(
        **{
            name: np.full((people, size[belongs]), value)
            for name, (belongs, value, *_) in RANGES.items()
        }
    )
