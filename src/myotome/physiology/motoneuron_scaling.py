"""Motoneuron scaling: how the properties of cat motoneurons go together across cells.

Receives the diameter of a soma; gives what a cell of that size was found to have, as powers of the
diameter fitted over many studies. Cells of `motoneuron_cells` are not built from it: it is a
yardstick for whether resistance, rheobase and afterhyperpolarisation of a pool go together as
they do in animals.

The factors are those of cats. Cells of another animal follow the same powers, which its own pair of
diameter and resistance moves: a membrane holds as much charge and a cell fires at as much
depolarisation in every animal, so that the time constant goes with the resistance of a cell of
given size and the threshold current against it.

Source: caillet2022, which asks for such a pair of the animal's own; meehan2010 for the rat's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from myotome.physiology.parameters import Number, parameter


@dataclass(frozen=True, slots=True)
class Scaling:
    """Factors and exponents of the powers of soma diameter (m), in SI units."""

    resistance: Number = parameter(
        5.1e-5, unit="ohm", tag="V", source="caillet2022", meaning="factor of input resistance"
    )
    resistance_exponent: Number = parameter(
        -2.43, unit="1", tag="V", source="caillet2022", meaning="exponent of input resistance"
    )
    time_constant: Number = parameter(
        2.3e-9, unit="s", tag="V", source="caillet2022", meaning="factor of membrane time constant"
    )
    time_constant_exponent: Number = parameter(
        -1.48, unit="1", tag="V", source="caillet2022", meaning="exponent of membrane time constant"
    )
    rheobase: Number = parameter(
        7.8e2, unit="A", tag="V", source="caillet2022", meaning="factor of threshold current"
    )
    rheobase_exponent: Number = parameter(
        2.52, unit="1", tag="V", source="caillet2022", meaning="exponent of threshold current"
    )
    afterhyperpolarisation: Number = parameter(
        2.7e-8, unit="s", tag="V", source="caillet2022", meaning="factor of its duration"
    )
    afterhyperpolarisation_exponent: Number = parameter(
        -1.51, unit="1", tag="V", source="caillet2022", meaning="exponent of its duration"
    )
    velocity: Number = parameter(
        8.1e4, unit="m/s", tag="V", source="caillet2022", meaning="factor of axon velocity"
    )
    velocity_exponent: Number = parameter(
        0.69, unit="1", tag="V", source="caillet2022", meaning="exponent of axon velocity"
    )


@dataclass(frozen=True, slots=True)
class Rat:
    """The rat's own pair, mixed muscles of the hind limb."""

    input_resistance: Number = parameter(
        2.2, unit="Mohm", tag="V", source="meehan2010", meaning="input resistance of its cells"
    )
    soma_diameter: Number = parameter(
        35.0, unit="um", tag="V", source="meehan2010", meaning="diameter of their somata"
    )


def through(p: Scaling, resistance: Number, soma_diameter: Number) -> Scaling:
    """The laws moved through one pair of an animal's own.

    Velocity and the duration of the afterhyperpolarisation stay a cat's: neither follows from it.

    Args:
        p: The laws of cats.
        resistance: Input resistance (Mohm) of its cells.
        soma_diameter: Of the same cells (um).
    """
    moved = resistance / input_resistance(p, soma_diameter)
    return replace(
        p,
        resistance=p.resistance * moved,
        time_constant=p.time_constant * moved,
        rheobase=p.rheobase / moved,
    )


def input_resistance(p: Scaling, soma_diameter: Number) -> Number:
    """Input resistance (Mohm) of a cell whose soma has this diameter (um)."""
    return 1e-6 * p.resistance * _metres(soma_diameter) ** p.resistance_exponent


def time_constant(p: Scaling, soma_diameter: Number) -> Number:
    """Membrane time constant (ms)."""
    return 1e3 * p.time_constant * _metres(soma_diameter) ** p.time_constant_exponent


def rheobase(p: Scaling, soma_diameter: Number) -> Number:
    """Threshold current (nA)."""
    return 1e9 * p.rheobase * _metres(soma_diameter) ** p.rheobase_exponent


def afterhyperpolarisation(p: Scaling, soma_diameter: Number) -> Number:
    """Duration (ms) of the afterhyperpolarisation."""
    exponent = p.afterhyperpolarisation_exponent
    return 1e3 * p.afterhyperpolarisation * _metres(soma_diameter) ** exponent


def axon_velocity(p: Scaling, soma_diameter: Number) -> Number:
    """Conduction velocity (m/s) of the axon."""
    return p.velocity * _metres(soma_diameter) ** p.velocity_exponent


def _metres(diameter: Number) -> Number:
    return np.asarray(diameter, dtype=np.float64) * 1e-6
