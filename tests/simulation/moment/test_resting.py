"""A healthy muscle rests unstretched, however its joint is drawn by what pulls beside it."""

import numpy as np
import pytest

from myotome.simulation.moment import of_muscle, run


@pytest.mark.parametrize("name", ["supinator", "piriformis", "gemellus_inferior", "soleus"])
def test_no_fibre_is_longer_than_its_optimum_where_its_joint_rests(name):
    first = run(of_muscle(name, units=3), seconds=0.001, record=("fibre_length",))

    assert np.max(first["fibre_length"]) < 1.005


def test_the_healthy_supinator_is_silent_at_rest():
    found = run(of_muscle("supinator", units=24), seconds=2.5, record=("discharge_rate",))

    assert found["discharge_rate"][1000:].mean(axis=0).max() < 0.05
