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


def test_laws_of_an_animal_pass_through_its_own_pair_and_keep_their_powers():
    rat = scaling.Rat()
    law = scaling.through(P, rat.input_resistance, rat.soma_diameter)
    sizes = np.array([30.0, 45.0])

    assert scaling.input_resistance(law, 35.0) == pytest.approx(2.2)
    for quantity in (scaling.input_resistance, scaling.time_constant, scaling.rheobase):
        over = quantity(law, sizes) / quantity(P, sizes)
        assert over[0] == pytest.approx(over[1])


def test_a_cell_of_a_size_holds_the_same_charge_and_fires_as_high_in_every_animal():
    law = scaling.through(P, 2.2, 35.0)
    cat, rat = (scaling.input_resistance(of, 40.0) for of in (P, law))

    # The published law of capacitance, 7.9e-5 F/m, which neither animal's resistance enters.
    for of, resistance in ((P, cat), (law, rat)):
        assert scaling.time_constant(of, 40.0) / resistance == pytest.approx(3.16, rel=0.1)
    assert scaling.rheobase(law, 40.0) * rat == pytest.approx(scaling.rheobase(P, 40.0) * cat)


@pytest.mark.parametrize(("resistance", "published"), [(2.7, 2.8), (1.7, 3.5)])
def test_rat_cells_hold_the_charge_that_was_measured(resistance, published):
    # Table 1 of PMC1464183, slow and fast cells: 2.8 and 3.5 nF, each +- 1.8.
    law = scaling.through(P, 2.2, 35.0)
    diameters = np.linspace(20.0, 60.0, 4001)
    at = int(np.abs(scaling.input_resistance(law, diameters) - resistance).argmin())

    capacitance = scaling.time_constant(law, diameters[at]) / resistance
    assert capacitance == pytest.approx(published, abs=0.9)


def test_the_laws_of_cats_nearly_pass_through_the_cats_own_pair():
    # Table 2 of Meehan 2010: 0.9 to 1.2 Mohm at 53 um.
    assert scaling.input_resistance(P, 53.0) == pytest.approx(1.05, rel=0.25)
