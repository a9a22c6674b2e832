"""Delays of a leg, and the latencies that electrodes see."""

import pytest

from myotome.physiology import conduction as co

LEG = co.Conduction()


@pytest.mark.parametrize(
    ("name", "published"),
    [("motor", 16.0), ("primary", 12.0), ("secondary", 25.0), ("tendon_organ", 14.0)],
)
def test_the_delays_of_a_leg_are_the_published_ones(name, published):
    modelled = getattr(co.delays(LEG), name)

    assert abs(modelled - published) < 1.0, f"{name} is {modelled:.1f} ms, not {published}"


def test_thin_fibres_report_late():
    delays = co.delays(LEG)

    assert delays.primary < delays.tendon_organ < delays.secondary < delays.group_3
    assert delays.group_4 > 300.0


def test_the_m_wave_comes_before_the_h_reflex():
    assert co.m_wave_latency(LEG) < 6.0
    assert 25.0 < co.h_reflex_latency(LEG) < 35.0


def test_a_limb_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="motor_velocity must be positive"):
        co.delays(co.Conduction(motor_velocity=0.0))
    with pytest.raises(ValueError, match="path must be 0 or more"):
        co.delays(co.Conduction(path=float("nan")))
    with pytest.raises(ValueError, match="stimulated must lie on the path"):
        co.delays(co.Conduction(stimulated=1.0))
