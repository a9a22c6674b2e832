"""How far a potential in the soma of a sensory neuron reaches into its axon."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest

from myotome.physiology import stem_axon as sa

NEURON = sa.StemAxon()


@pytest.mark.parametrize(
    ("part", "published"),
    [
        (sa.Part(200.0, 5.0, NEURON.bare_leak), 754.0),
        (sa.Part(1.5, 5.0, NEURON.node_leak), 61.0),
        (sa.Part(1.5, 12.5, NEURON.node_leak), 97.0),
        (sa.STEM[0][1], 1318.0),
        (sa.STEM[3][1], 4545.0),
        (sa.DORSAL[0][1], 3438.0),
        (sa.PERIPHERAL[-1][1], 5781.0),
    ],
)
def test_length_constants_are_those_that_the_published_file_states(part, published):
    assert sa.length_constant(NEURON, part) == pytest.approx(published, rel=0.01)


def chain(p):
    """Resistances between compartments of 2 um, or less, and their leaks, soma first."""
    centre, leaks = [], []
    parts = [sa.INITIAL._replace(leak=p.bare_leak)]
    for diameter, internode in sa.STEM:
        parts += [sa.Part(p.node_length, diameter, p.node_leak), internode]
    parts.append(sa.Part(p.node_length, 8.0, p.node_leak))
    for part in parts:
        pieces = max(1, round(part.length / 2.0))
        length, radius = 1e-4 * part.length / pieces, 0.5e-4 * part.diameter
        centre += [0.5 * p.axial_resistivity * length / (np.pi * radius**2)] * pieces
        leaks += [part.leak * 2.0 * np.pi * radius * length] * pieces
    between = [centre[0]] + [one + other for one, other in pairwise(centre)]
    return np.array(between), np.array(leaks), centre[-1]


def test_compartments_solved_together_give_the_same_share():
    between, leaks, last = chain(NEURON)
    drained = sum(sa._drained(NEURON, branch) for branch in (sa.DORSAL, sa.PERIPHERAL))
    size = len(leaks) + 1
    matrix, given = np.zeros((size, size)), np.zeros(size)
    for at in range(size - 1):
        # The soma is held at 1; what hangs on the far end is one conductance.
        into = 1.0 / between[at]
        matrix[at, at] += into + leaks[at]
        if at:
            matrix[at, at - 1] -= into
            matrix[at - 1, at - 1] += into
            matrix[at - 1, at] -= into
        else:
            given[0] = into
    matrix[-1, -1] = 1.0 / last + drained
    matrix[-1, -2] = matrix[-2, -1] = -1.0 / last
    matrix[-2, -2] += 1.0 / last
    solved = np.linalg.solve(matrix, given)

    assert sa.at_junction(NEURON) == pytest.approx(solved[-1], rel=0.01)


def test_a_tighter_axoplasm_lets_less_through():
    narrow = dataclasses.replace(NEURON, axial_resistivity=220.0)

    assert 0.0 < sa.at_junction(narrow) < sa.at_junction(NEURON) < 1.0
