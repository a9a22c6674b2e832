"""A tendon grows stiffer under strain beyond a threshold, and only there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import tendon_adaptation as adaptation
from myotome.physiology.tendon_adaptation import TendonAdaptation

P = TendonAdaptation()
WEEKS_14 = 98.0


@pytest.mark.parametrize("strain", [0.0, 0.0285, 0.0297, 0.04])
def test_low_strain_changes_nothing(strain):
    """The low-strain legs of arampatzis2007 and arampatzis2010, and walking (kharazi2021)."""
    assert adaptation.stiffness_after(P, 1.0, strain, WEEKS_14) == 1.0


@pytest.mark.parametrize("strain", [0.0472, 0.065])
def test_high_strain_stiffens(strain):
    """The high-strain legs of arampatzis2010 and bohm2014."""
    assert adaptation.stiffness_after(P, 1.0, strain, WEEKS_14) > 1.03


def test_it_ends_where_the_load_strains_to_the_threshold():
    stiffness = adaptation.stiffness_after(P, 1.0, 0.08, 1e4)

    assert 0.08 / stiffness == pytest.approx(P.threshold_strain)


strains = st.floats(0.0, 0.2)
stiffnesses = st.floats(0.5, 4.0)


@given(stiffnesses, strains, st.floats(0.0, 400.0))
def test_stiffness_is_never_lost_and_never_overshoots(stiffness, strain, days):
    after = adaptation.stiffness_after(P, stiffness, strain, days)

    asked = adaptation.settled_stiffness(P, strain)
    assert stiffness - 1e-12 <= after <= max(stiffness, asked) + 1e-12


@given(stiffnesses, strains)
def test_the_closed_form_solves_the_law(stiffness, strain):
    step = 1e-5

    after = adaptation.stiffness_after(P, stiffness, strain, step)

    rate = adaptation.stiffness_rate(P, stiffness, strain)
    assert (after - stiffness) / step == pytest.approx(rate, rel=1e-3, abs=1e-8)


def test_draws_give_what_each_gives_alone():
    times = np.array([[20.0], [33.0]])
    many = adaptation.stiffness_after(
        TendonAdaptation(time_constant=times), 1.0, np.array([0.04, 0.08]), 30.0
    )

    for row, time in zip(many, times[:, 0], strict=True):
        alone = TendonAdaptation(time_constant=float(time))
        one = adaptation.stiffness_after(alone, 1.0, np.array([0.04, 0.08]), 30.0)
        np.testing.assert_array_equal(row, one)
