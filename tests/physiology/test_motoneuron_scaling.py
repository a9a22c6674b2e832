"""Properties of cat cells scale with the soma as published."""

import numpy as np
import pytest

from myotome.physiology import motoneuron_scaling as scaling
from myotome.physiology.motoneuron_scaling import Scaling

P = Scaling()


@pytest.mark.parametrize(
    ("law", "at_50_um"),
    [
        (scaling.input_resistance, 1.4),
        (scaling.rheobase, 11.0),
        (scaling.afterhyperpolarisation, 84.0),
        (scaling.axon_velocity, 87.0),
    ],
)
def test_a_cell_of_50_um_has_the_published_size(law, at_50_um):
    assert law(P, 50.0) == pytest.approx(at_50_um, rel=0.05)


def test_large_cells_resist_less_need_more_and_recover_sooner():
    diameters = np.linspace(30.0, 80.0, 20)

    assert (np.diff(scaling.input_resistance(P, diameters)) < 0.0).all()
    assert (np.diff(scaling.rheobase(P, diameters)) > 0.0).all()
    assert (np.diff(scaling.afterhyperpolarisation(P, diameters)) < 0.0).all()
    assert (np.diff(scaling.time_constant(P, diameters)) < 0.0).all()
    assert (np.diff(scaling.axon_velocity(P, diameters)) > 0.0).all()
