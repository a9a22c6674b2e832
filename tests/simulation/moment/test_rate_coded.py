"""The published pool of thresholds and rates in place of cells: what it does, and what it lacks."""

from dataclasses import replace

import numpy as np
import pytest

from myotome.errors import InputError
from myotome.physiology import fuglevand1993 as fg
from myotome.physiology import rate_coded_pool
from myotome.simulation.moment import Ramp, Structures, healthy, hold, run, standard

POOL = fg.Fuglevand1993()
UNITS = fg.motor_units(POOL)
# No way from spindles, tendon organs and thin fibres to the pool, and no Renshaw cells.
ALONE = Structures().with_values(
    wiring={
        "primary_conductance": 0.0, "secondary_conductance": 0.0, "tendon_organ_conductance": 0.0,
        "nociceptor_share": 0.0,
    },
    renshaw={"largest_conductance": 0.0},
)  # fmt: skip


def coded(**size):
    return standard(**size).with_pool("fuglevand")


def test_under_a_steady_drive_units_fire_as_the_published_pool_does():
    drives, whole = (0.1, 0.3, 0.6), 1.5
    steady = [hold("voluntary", drive, 0.0, whole, person=i) for i, drive in enumerate(drives)]

    found = run(coded(people=3), steady, seconds=whole, structures=ALONE, record=())

    for drive, rates in zip(drives, found.discharge_rates(0.0)[:, 0], strict=True):
        published = fg.discharge_rates(POOL, UNITS, drive * fg.largest_excitation(POOL, UNITS))
        active = published > 0.0
        np.testing.assert_array_equal(rates > 0.0, active)
        # A count of spikes is off by one at the ends, and by four deviations of its intervals.
        spread = 4.0 * POOL.variation * np.sqrt(published * whole) / whole + 1.0 / whole
        assert (np.abs(rates - published) <= spread)[active].all()
    intervals = [np.diff(found.spikes.train(unit, person=2)) for unit in range(100)]
    variation = np.mean([np.std(one) / np.mean(one) for one in intervals])
    assert variation == pytest.approx(POOL.variation, abs=0.03)


def test_the_mean_rate_is_the_published_one():
    of = rate_coded_pool.constants(POOL, np.ones(1))
    state, counts, seconds, share = rate_coded_pool.at_rest(of), np.zeros(120), 15, 0.8
    for _ in range(1000 * seconds):
        state, fires = rate_coded_pool.step(of, state, np.full((1, 120), share), np.array([1]))
        counts += fires[0]

    published = fg.discharge_rates(POOL, UNITS, share * of.largest)

    active = published > 0.0
    # Of a hundred units and so many intervals a tenth of a per cent; half an impulse at either end
    # is as much again.
    mean = (counts[active] / seconds / published[active]).mean()
    assert mean == pytest.approx(1.0, abs=0.004)


def test_units_come_and_go_with_the_drive_and_nothing_holds_them():
    whole = 1.0
    ramp = [
        Ramp("voluntary", 0.0, 0.6, 0.0, whole / 2),
        Ramp("voluntary", 0.6, 0.0, whole / 2, whole),
    ]

    found = run(coded(), ramp, seconds=whole, structures=ALONE, record=())

    threshold = UNITS.thresholds / fg.largest_excitation(POOL, UNITS)
    for unit in range(0, 90, 5):
        train = found.spikes.train(unit)
        drive = 0.6 * (1.0 - np.abs(2.0 * train / whole - 1.0))
        # From its own threshold on, upward and downward alike: no unit outlasts its drive.
        assert drive[0] == pytest.approx(threshold[unit], abs=0.003)
        assert drive.min() >= threshold[unit] - 0.003


def test_without_excitation_no_unit_fires_whatever_came_before():
    of = rate_coded_pool.constants(POOL, np.ones(1))
    state, seed = rate_coded_pool.at_rest(of), np.array([1])
    for _ in range(50):
        state, fires = rate_coded_pool.step(of, state, np.ones((1, 120)), seed)

    for _ in range(50):
        state, fires = rate_coded_pool.step(of, state, np.zeros((1, 120)), seed)
        assert not fires.any()


def test_thresholds_scale_as_the_slow_state_says():
    scaled = healthy(3, 1, 1).with_values(threshold_scale=np.array([[0.7], [1.0], [1.5]]))

    found = run(
        coded(people=3), [hold("voluntary", 0.3, 0.0, 0.3)], seconds=0.3, structures=ALONE,
        frozen=scaled, record=(),
    )  # fmt: skip

    low, usual, high = (found.discharge_rates()[:, 0] > 0.0).sum(axis=1)
    assert low > usual > high > 0


def test_a_person_draws_the_same_alone_and_in_company():
    drive = [hold("voluntary", 0.4, 0.0, 0.3)]

    alone = run(coded(), drive, seconds=0.3, seed=5)
    both = run(coded(people=2), drive, seconds=0.3, seed=4)

    own = both.spikes.person == 1
    np.testing.assert_array_equal(alone.spikes.millisecond, both.spikes.millisecond[own])
    np.testing.assert_array_equal(alone.spikes.unit, both.spikes.unit[own])


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda: replace(standard(), pool="hodgkin"), "pool must be cells or fuglevand, got"),
        (
            lambda: run(coded(), seconds=0.1, engine="compiled"),
            "engine must be numpy for a pool without cells",
        ),
        (
            lambda: run(coded(), [hold("current", 5.0, 0.0, 0.1)], seconds=0.1),
            "stimuli must inject no current into motoneurons of a pool without cells",
        ),
        (
            lambda: run(coded(), seconds=0.1, record=("pool.soma",)),
            "record must name no state of motoneurons where a pool has none, got 'pool.soma'.",
        ),
    ],
)
def test_what_needs_a_cell_is_refused(ask, sentence):
    with pytest.raises(InputError) as refused:
        ask()

    assert sentence in str(refused.value)
