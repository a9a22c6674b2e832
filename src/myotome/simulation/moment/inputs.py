"""Inputs: everything that reaches a preparation from outside, millisecond by millisecond.

Stimuli write here; the loop reads one millisecond at a time. A run is written window by window, so
that hours of it take no more memory than a moment. What no stimulus touches costs no memory at
all: an untouched quantity is one number, seen at every time.

Source: none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

OfMuscle = Literal[
    "voluntary",
    "current",
    "shock",
    "fusimotor_dynamic",
    "fusimotor_static",
    "primary_afferents",
    "receptor_input",
]
OfRoot = Literal["touch", "nociception", "projection"]
OfJoint = Literal["angle", "torque"]
Quantity = OfMuscle | OfRoot | OfJoint

# What each is, its unit, and what it belongs to.
QUANTITIES: Final[dict[str, tuple[str, str, str]]] = {
    "voluntary": ("muscle", "1", "descending drive, 0 to 1"),
    "current": ("muscle", "nA", "current injected into the soma of every motoneuron"),
    "shock": ("muscle", "1", "strength of a shock to the nerve, 1 at the motor threshold"),
    "fusimotor_dynamic": ("muscle", "Hz", "dynamic fusimotor rate added to the resting one"),
    "fusimotor_static": ("muscle", "Hz", "static fusimotor rate added to the resting one"),
    "primary_afferents": ("muscle", "Hz", "discharge that a needle or vibration adds to each Ia"),
    "receptor_input": ("muscle", "Hz", "discharge that it adds to group III and IV fibres"),
    "touch": ("root", "Hz", "touch-fibre discharge that reaches the segment"),
    "nociception": ("root", "Hz", "nociceptive drive C that reaches the segment"),
    "projection": ("root", "Hz", "discharge of projection neurons beside that of their circuit"),
    "angle": (
        "joint",
        "rad",
        "angle at which the joint is held, reached at 30 rad/s at most; free where not a number",
    ),
    "torque": ("joint", "N m", "torque from outside"),
}


class Given(NamedTuple):
    """One millisecond of what comes from outside; shape (people, muscles), or roots, or joints."""

    voluntary: Array
    current: Array
    shock: Array
    fusimotor_dynamic: Array
    fusimotor_static: Array
    primary_afferents: Array
    receptor_input: Array
    touch: Array
    nociception: Array
    projection: Array
    angle: Array
    torque: Array


@dataclass(slots=True)
class Inputs:
    """One window of a run; arrays of shape (milliseconds, people, muscles), or roots, or joints.

    Attributes:
        first: Number of the window's first millisecond in the run.
        of_run: Milliseconds of the whole run.
    """

    voluntary: Array
    current: Array
    shock: Array
    fusimotor_dynamic: Array
    fusimotor_static: Array
    primary_afferents: Array
    receptor_input: Array
    touch: Array
    nociception: Array
    projection: Array
    angle: Array
    torque: Array
    first: int
    of_run: int

    @property
    def milliseconds(self) -> int:
        """Length of the window."""
        return int(self.voluntary.shape[0])

    @property
    def last(self) -> int:
        """Number of the first millisecond after the window."""
        return self.first + self.milliseconds

    def at(self, millisecond: int) -> Given:
        """One millisecond, counted from the beginning of the window."""
        return Given(*(getattr(self, name)[millisecond] for name in Given._fields))

    def add(self, quantity: Quantity, when: slice, who: slice, which: slice, values: Array) -> None:
        """Add to one quantity for some people and columns; an angle is set instead.

        Args:
            quantity: Which.
            when: Milliseconds, counted from the beginning of the window.
            who: People.
            which: Muscles, roots or joints.
            values: In the unit of the quantity, one a millisecond.
        """
        held: Array = getattr(self, quantity)
        if not held.flags.writeable:
            held = np.array(held)
            setattr(self, quantity, held)
        if quantity == "angle":
            held[when, who, which] = values[:, None, None]
        else:
            held[when, who, which] += values[:, None, None]


def silence(
    milliseconds: int,
    people: int,
    muscles: int,
    roots: int,
    joints: int,
    *,
    first: int = 0,
    of_run: int | None = None,
) -> Inputs:
    """Nothing from outside, every joint free.

    Args:
        milliseconds: Length of the window.
        people: How many people.
        muscles: Of each.
        roots: Likewise.
        joints: Likewise.
        first: Number of its first millisecond in the run.
        of_run: Milliseconds of the run; the window's when left out.
    """
    size = {"muscle": muscles, "root": roots, "joint": joints}
    # Quantities share what nobody has touched; the first to be written to gets an array of its own.
    nothing = {
        belongs: np.broadcast_to(np.float64(0.0), (milliseconds, people, count))
        for belongs, count in size.items()
    }
    quiet = {name: nothing[belongs] for name, (belongs, _, _) in QUANTITIES.items()}
    quiet["angle"] = np.broadcast_to(np.float64(np.nan), (milliseconds, people, joints))
    return Inputs(**quiet, first=first, of_run=milliseconds if of_run is None else of_run)
