"""Impulses arrive after the declared delays, to the millisecond."""

import numpy as np
import pytest

from myotome.physiology import conduction
from myotome.simulation.moment import (
    Structures,
    Train,
    healthy,
    hold,
    of_muscle,
    run,
    standard,
)
from myotome.simulation.moment.assembly import assembled

LIMB = conduction.Conduction()
# So strong that a volley fires cells whatever the gains of the declared wiring are.
STRONG = Structures().with_values(wiring={"primary_conductance": 0.3})


def delays_of(preparation):
    frozen = healthy(1, len(preparation.muscles), len(preparation.roots))
    return assembled(preparation, frozen, Structures()).delays


def shock(at, size, column=None):
    return hold("shock", size, at / 1000, (at + 1) / 1000, column=column)


def first(values):
    """Millisecond of the first value that is not nothing."""
    return int(np.flatnonzero(values)[0])


def test_the_m_wave_comes_after_the_nerve_below_the_shock():
    found = run(standard(), [shock(20, 5.0)], seconds=0.05, record=("emg", "m_wave"))

    assert first(found["m_wave"][:, 0, 0]) == 20
    assert found["m_wave"][20, 0, 0] == pytest.approx(1.0)
    assert first(found["emg"][:, 0, 0]) - 20 == round(float(conduction.m_wave_latency(LIMB)))
    assert found["emg"].max() == pytest.approx(1.0)


def test_the_h_reflex_comes_after_the_way_up_a_synapse_and_the_way_down():
    # Axons differ in velocity: quick ones answer a little before, slow ones after the mean.
    p = standard()
    delays = delays_of(p)

    found = run(p, [shock(20, 0.99)], seconds=0.1, record=("emg", "m_wave"), structures=STRONG)

    assert found["m_wave"].max() == 0.0
    began = found.spikes.millisecond.min()
    up = int(delays.primary_from_shock[0])
    assert 0 <= began - (20 + up) <= 3  # the cell's own rise to threshold
    expected = [
        t + delays.motor[0, unit]
        for t, unit in zip(found.spikes.millisecond, found.spikes.unit, strict=True)
    ]
    assert first(found["emg"][:, 0, 0]) == min(expected)
    declared = float(conduction.h_reflex_latency(LIMB))
    assert first(found["emg"][:, 0, 0]) - 20 == pytest.approx(declared, rel=0.15)


def test_every_spike_of_the_cord_reaches_its_fibres_after_its_axon():
    p = standard()
    delays = delays_of(p)

    found = run(p, [hold("current", 20, 0, 0.3)], seconds=0.3, record=("emg",))

    share = assembled(p, healthy(1, 1, 1), Structures()).fibre_share[0]
    expected = np.zeros(300 + delays.motor.max())
    for t, unit in zip(found.spikes.millisecond, found.spikes.unit, strict=True):
        expected[t + delays.motor[0, unit]] += share[unit]
    np.testing.assert_allclose(found["emg"][:, 0, 0], expected[:300], atol=1e-6)


@pytest.mark.parametrize(
    ("line", "quantity"), [("primary", "primary_afferents"), ("group_3", "receptor_input")]
)
def test_what_an_afferent_tells_reaches_the_cord_after_its_way(line, quantity):
    p = standard()
    delay = int(getattr(delays_of(p), line)[0])

    quiet, told = (
        run(p, stimuli, seconds=0.15, record=("nociceptive_drive", "inhibition", "emg"),
            precision="float64")
        for stimuli in ([], [hold(quantity, 200, 0.02, 0.15)])
    )  # fmt: skip

    if line == "group_3":
        heard = told["nociceptive_drive"] - quiet["nociceptive_drive"]
        assert first(heard[:, 0, 0]) - 20 == delay
    else:
        # Excitation begins then; the first cells pass threshold some milliseconds later.
        assert delay <= told.spikes.millisecond.min() - 20 <= delay + 40
        assert not quiet.spikes.millisecond.size


def test_a_stretch_is_answered_after_the_loop_and_never_before():
    p = of_muscle("soleus", antagonist=False)
    delays = delays_of(p)
    way = int(delays.primary[0])

    held = [hold("angle", 0.0, 0, 0.05)]
    still, pulled = (
        run(p, [*held, hold("angle", angle, 0.05, 0.3)], seconds=0.3,
            record=("primary", "emg", "discharge_rate"), structures=STRONG)
        for angle in (0.0, -0.15)
    )  # fmt: skip

    told = first(np.abs(pulled["primary"] - still["primary"])[:, 0, 0])
    assert 50 <= told <= 52
    assert pulled.spikes.millisecond.size > still.spikes.millisecond.size
    before = pulled.spikes.millisecond < told + way
    assert before.sum() == (still.spikes.millisecond < told + way).sum()


def test_what_meets_a_volley_on_its_way_up_never_reaches_the_muscle():
    p = standard()
    delays = delays_of(p)
    alone = run(p, [hold("current", 40, 0, 0.02)], seconds=0.12, record=("emg",))
    spikes = alone.spikes
    # Struck when every impulse of the first wave is on its way and above the shock.
    wave = spikes.millisecond <= spikes.millisecond.min() + 4
    at = int(spikes.millisecond[wave].max()) + 1
    below = int(delays.motor_from_shock[0])
    left = spikes.millisecond[wave] + delays.motor[0, spikes.unit[wave]] - at
    assert (left > below).all()

    both = run(p, [hold("current", 40, 0, 0.02), shock(at, 5.0)], seconds=0.12, record=("emg",))

    arrives = spikes.millisecond[wave] + delays.motor[0, spikes.unit[wave]]
    assert (alone["emg"][arrives, 0, 0] > 0).all()
    shocked = at + below
    assert both["emg"][shocked, 0, 0] == pytest.approx(1.0)
    assert both["emg"][at:shocked].max() == 0.0
    assert both["emg"][shocked + 1 : arrives.max() + 1].max() == 0.0


def test_an_impulse_that_is_past_the_shock_goes_on():
    p = standard()
    delays = delays_of(p)
    alone = run(p, [hold("current", 40, 0, 0.02)], seconds=0.12, record=("emg",))
    arrives = first(alone["emg"][:, 0, 0])
    size = alone["emg"][arrives, 0, 0]

    both = run(
        p, [hold("current", 40, 0, 0.02), shock(arrives - 1, 5.0)], seconds=0.12, record=("emg",)
    )

    assert delays.motor_from_shock[0] > 1
    assert both["emg"][arrives, 0, 0] == size


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.9, 1.0])
def test_a_block_silences_exactly_its_share_of_units(share):
    p = standard(units=120)
    frozen = healthy(1, 1, 1).with_values(silent_share=share)
    driven = [hold("current", 80, 0, 0.2)]

    healthy_muscle, blocked = (
        run(p, driven, seconds=0.2, frozen=state, record=("emg", "activation"))
        for state in (healthy(1, 1, 1), frozen)
    )

    fired = len(set(healthy_muscle.spikes.unit.tolist()))
    assert fired == 120
    conducts = assembled(p, frozen, Structures()).conducts[0, 0]
    assert (conducts == 0).sum() == round(share * 120)
    delays, weight = delays_of(p), assembled(p, frozen, Structures()).fibre_share[0]
    expected = np.zeros(200 + delays.motor.max())
    for t, unit in zip(blocked.spikes.millisecond, blocked.spikes.unit, strict=True):
        expected[t + delays.motor[0, unit]] += weight[unit] * conducts[unit]
    np.testing.assert_allclose(blocked["emg"][:, 0, 0], expected[:200], atol=1e-6)
    if share == 1.0:
        assert blocked["activation"].max() == 0.0


def test_a_block_at_the_root_leaves_the_m_wave_whole():
    blocked = healthy(1, 1, 1).with_values(silent_share=1.0)

    found = run(standard(), [shock(10, 5.0)], seconds=0.05, frozen=blocked, record=("emg",))

    assert found["emg"].max() == pytest.approx(1.0)


def test_a_train_strikes_as_often_as_its_frequency_says():
    found = run(standard(), [Train("shock", 5.0, 40, 0.1, 0.6)], seconds=1, record=("m_wave",))

    struck = np.flatnonzero(found["m_wave"][:, 0, 0])
    assert struck.tolist() == list(range(100, 600, 25))
