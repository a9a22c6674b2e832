"""Every muscle on the other side of a joint inhibits a pool, by its share of what they pull."""

from dataclasses import replace

import numpy as np
import pytest

from myotome.simulation.moment import Structures, Train, healthy, hold, run, standard
from myotome.simulation.moment.preparation import of_muscle

DRIVEN = hold("voluntary", 0.4, 0, 1, column=0)


def spikes_of_first(p, stimuli, seconds=1.0):
    found = run(p, stimuli, seconds=seconds)
    return found.spikes.unit[found.spikes.muscle == 0]


def test_halves_inhibit_as_the_muscle_would_that_they_are_of(heads):
    found = []
    for p in (standard(antagonist=True), heads(shares=(0.5, 0.5))):
        # Those across are cut off: they have spindles and no discharge of their own. Thin fibres
        # are left out, of which two heads have twice as many.
        cut_off = np.array([[0.0, *[1.0] * (len(p.muscles) - 1)]])
        found.append(
            run(
                p,
                [DRIVEN, hold("torque", 6.0, 0, 1)],
                seconds=1.0,
                frozen=healthy(1, len(p.muscles), 1).with_values(silent_share=cut_off),
                record=("discharge_rate", "angle"),
                structures=Structures().with_values(wiring={"nociceptor_share": 0.0}),
            )
        )
    whole, halves = found

    assert whole["discharge_rate"][:, 0, 0].mean() > 2.0
    np.testing.assert_allclose(whole["angle"], halves["angle"], rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(whole["discharge_rate"][..., 0], halves["discharge_rate"][..., 0])


def test_a_head_that_is_shocked_inhibits_by_its_share(heads):
    p = heads(shares=(0.5, 0.5))
    shocks = Train("shock", 1.4, 40, 0.0, 1.0, column=1)
    counts = []
    for share in (0.0, 0.5, 1.0):
        opposed = p.opposed.copy()
        opposed[0] = [0.0, share, 1.0 - share]
        counts.append(len(spikes_of_first(replace(p, opposed=opposed), [DRIVEN, shocks])))

    assert counts[0] > counts[1] > counts[2]


@pytest.mark.parametrize("name", ["soleus", "flexor_carpi_radialis"])
def test_an_only_antagonist_inhibits_with_all_of_it(name):
    p = of_muscle(name)

    np.testing.assert_array_equal(p.opposed, [[0.0, 1.0], [1.0, 0.0]])
    np.testing.assert_array_equal(p.antagonist, [1, 0])
    np.testing.assert_array_equal(of_muscle(name, antagonist=False).antagonist, [-1])
