"""Stem axon: how much of a potential in the soma of a sensory neuron its conducting axon feels.

The soma of a myelinated sensory neuron hangs beside its axon on a stem: a bare initial segment and
four short internodes. A current into the soma leaks away along it, and at the junction the two
branches drain what is left. Receives nothing; gives the share of a steady potential that is left
at each part, to whatever asks what a depolarised soma does to a source in the axon.

Steady and passive: every part is a cable that ends in the conductance of what follows. Channels
that a depolarisation opens would let the share change and are left out, as is what compression
takes from the myelin.

Lengths and diameters in um, conductances in S/cm2.

Source: modeldb51022, a neuron measured in the toad and used for the rat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from myotome.physiology.parameters import parameter

_CM_PER_UM: Final = 1e-4


def _of_the_model(value: float, unit: str, meaning: str) -> float:
    """A value of the published model file."""
    number: float = parameter(value, unit=unit, tag="V", source="modeldb51022", meaning=meaning)
    return number


@dataclass(frozen=True, slots=True)
class StemAxon:
    """What all parts of the neuron share."""

    axial_resistivity: float = _of_the_model(110.0, "ohm cm", "resistivity of the axoplasm (Ra)")
    bare_leak: float = _of_the_model(0.0002, "S/cm2", "leak of soma and initial segment")
    node_leak: float = _of_the_model(0.0303, "S/cm2", "leak of nodes (gl)")
    node_length: float = _of_the_model(1.5, "um", "length of a node")


class Part(NamedTuple):
    """A stretch of the neuron; without a leak of its own (S/cm2) a node, or bare membrane."""

    length: float
    diameter: float
    leak: float


INITIAL: Final = Part(200.0, 5.0, float("nan"))
"""The bare initial segment."""

# Diameter of the node before each internode (um), and the internode.
STEM: Final = (
    (5.0, Part(85.0, 8.0, 0.0001046)),
    (8.0, Part(130.0, 8.0, 0.0000179)),
    (8.0, Part(168.0, 8.0, 0.0000133)),
    (8.0, Part(201.0, 8.0, 0.0000088)),
)
"""From the initial segment to the junction, where a last node of 8 um lies."""

DORSAL: Final = (
    (1.6, Part(358.0, 6.5, 0.0000125)),
    (6.5, Part(780.0, 6.7, 0.0000131)),
    (6.7, Part(1170.0, 7.6, 0.0000125)),
    (7.6, Part(1450.0, 9.3, 0.0000112)),
    *((9.3, Part(1450.0, 9.3, 0.0000112)),) * 29,
)
"""From the junction to the cord."""

PERIPHERAL: Final = (
    (2.6, Part(461.0, 8.0, 0.0000092)),
    (8.0, Part(670.0, 8.7, 0.0000094)),
    (8.7, Part(1119.0, 10.1, 0.0000092)),
    (10.1, Part(1567.0, 12.5, 0.0000085)),
    *((12.5, Part(1567.0, 12.5, 0.0000085)),) * 29,
)
"""From the junction to the limb."""

_JUNCTION_DIAMETER: Final = 8.0


def length_constant(p: StemAxon, part: Part) -> float:
    """Length (um) over which a steady potential falls to 1/e in an endless part of this kind."""
    centimetres = np.sqrt(part.diameter * _CM_PER_UM / (4.0 * p.axial_resistivity * part.leak))
    return float(centimetres) / _CM_PER_UM


def at_junction(p: StemAxon) -> float:
    """Share of a steady potential in the soma that is left where the stem meets the axon."""
    load = _drained(p, DORSAL) + _drained(p, PERIPHERAL)
    parts = [_bare(p, INITIAL)]
    for diameter, internode in STEM:
        parts += [_node(p, diameter), internode]
    parts.append(_node(p, _JUNCTION_DIAMETER))
    share = 1.0
    for part in reversed(parts):
        left, load = _through(p, part, load)
        share *= left
    return share


def _bare(p: StemAxon, part: Part) -> Part:
    return part._replace(leak=p.bare_leak)


def _node(p: StemAxon, diameter: float) -> Part:
    return Part(p.node_length, diameter, p.node_leak)


def _drained(p: StemAxon, branch: tuple[tuple[float, Part], ...]) -> float:
    """Conductance (S) that a branch is to what it hangs on; its far end is sealed."""
    load = 0.0
    for diameter, internode in reversed(branch):
        for part in (internode, _node(p, diameter)):
            _, load = _through(p, part, load)
    return load


def _through(p: StemAxon, part: Part, load: float) -> tuple[float, float]:
    """Share of the potential left at a part's far end, and the conductance (S) at its near end."""
    constant = length_constant(p, part) * _CM_PER_UM
    section = np.pi * (0.5 * part.diameter * _CM_PER_UM) ** 2
    endless = section / (p.axial_resistivity * constant)
    long = part.length * _CM_PER_UM / constant
    over = load / endless
    near = endless * (over + np.tanh(long)) / (1.0 + over * np.tanh(long))
    return float(1.0 / (np.cosh(long) + over * np.sinh(long))), float(near)
