"""The root's closed forms against the axon model integrated here, and against the cut nerve."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from myotome.physiology import root as rt

ROOT = rt.Root()


def axon(conductance, *, stop=False):
    """Spike times (ms) of the minimal bistable axon, 20 ms pulse at 300 ms, 2 s."""
    v, w, z, sodium = -70.0, 2.5e-5, 0.5 * (1 + math.tanh(-2.5)), 18.67
    spikes, above = [], False
    for k in range(200_000):
        t = k * 0.01
        current = 50.0 if 300 <= t < 320 else (-50.0 if stop and 1000 <= t < 1050 else 0.0)
        reversal = 25 * math.log(138 / sodium)
        fast = 30 * 0.5 * (1 + math.tanh((v + 1.2) / 18)) * (v - reversal)
        lasting = conductance * z * (v - reversal)
        dv = (current - fast - 20 * w * (v + 100) - 2 * (v + 70) - lasting) / 2
        dw = 0.15 * (0.5 * (1 + math.tanh((v + 10) / 10)) - w) * math.cosh((v + 10) / 20)
        dz = 0.05 * (0.5 * (1 + math.tanh((v + 45) / 10)) - z) * math.cosh((v + 45) / 20)
        ds = -(2 / 0.005) * (fast + lasting) / 96485 - (sodium - 17.5) / 100
        v, w, z, sodium = v + 0.01 * dv, w + 0.01 * dw, z + 0.01 * dz, sodium + 0.01 * ds
        if v > 0 and not above:
            spikes.append(t)
            above = True
        elif v < -20:
            above = False
    return np.array(spikes)


@pytest.mark.parametrize(
    ("conductance", "rate", "off"),
    [(0.7, 0.0, 0.0), (0.86, 28.0, 2.0), (0.9, 40.0, 1.0), (1.0, 62.0, 1.5)],
)
def test_the_closed_form_meets_the_axon(conductance, rate, off):
    modelled = float(rt.ectopic_rate(ROOT, conductance))
    late = axon(conductance)
    late = late[late > 1000]
    integrated = 1000 * (late.size - 1) / (late[-1] - late[0]) if late.size > 1 else 0.0

    assert abs(modelled - rate) <= off, f"{modelled:.1f} Hz, not {rate}"
    assert abs(modelled - integrated) <= 2.0, f"{modelled:.1f} Hz, the axon {integrated:.1f}"


def test_two_extra_spikes_follow_a_pulse_below_threshold():
    after = axon(0.8)
    after = after[after > 320].size

    assert after == 2
    assert float(rt.afterdischarge_spikes(ROOT, 0.8)) == pytest.approx(2.0)
    assert float(rt.afterdischarge_spikes(ROOT, 0.7)) == 0.0
    assert float(rt.ectopic_rate(ROOT, 0.8)) == 0.0


def test_a_hyperpolarising_pulse_stops_the_axons_train():
    assert axon(0.9, stop=True)[-1] < 1100


def test_the_threshold_lies_below_u_of_08():
    # The reference says "near 0.8"; the axon integrated here gives 0.71.
    assert float(rt.threshold_compression(ROOT)) == pytest.approx(0.7145, abs=1e-3)


@pytest.mark.parametrize(("first", "last", "published"), [(0.5, 9.0, 49.0), (22.0, 30.0, 11.0)])
def test_c_fibres_after_a_cut_slow_as_published(first, last, published):
    hours = np.linspace(first, last, 400)
    modelled = 60 * float(rt.c_fibre_rate_after_cut(ROOT, hours / 24).mean())

    assert modelled == pytest.approx(published, abs=0.5), (
        f"{modelled:.1f} a minute, not {published}"
    )


def test_shares_of_active_fibres_are_the_published_ones():
    assert 0.04 <= ROOT.cut_share <= 0.08
    assert ROOT.ectopic_touch_share == pytest.approx(6 / 796)


@given(foramen=st.floats(0.0, 25.0), cause=st.floats(0.0, 5.0))
def test_the_smooth_law_stays_beside_the_clipped_one(foramen, cause):
    sharp = float(rt.compression(ROOT, foramen, cause))
    smooth = float(rt.smooth_compression(ROOT, foramen, cause))

    assert 0.0 <= sharp <= 1.0
    assert 0.0 <= smooth <= 1.0 + 1e-12
    assert abs(sharp - smooth) <= 0.7 * ROOT.blend


@given(u=st.floats(0.0, 1.0), more=st.floats(0.0, 0.3))
def test_more_compression_never_means_less_discharge(u, more):
    further = min(u + more, 1.0)

    for law in (rt.nociceptor_discharge, rt.touch_discharge, rt.conduction_loss):
        low, high = float(law(ROOT, u)), float(law(ROOT, further))
        assert np.isfinite(high)
        assert high >= low >= 0.0


def test_rates_with_soft_thresholds_meet_the_sharp_ones_away_from_threshold():
    for conductance in (0.4, 0.7, 0.8):
        assert float(rt.smooth_ectopic_rate(ROOT, conductance)) < 0.05
    for conductance in (0.88, 0.9, 1.0):
        sharp = float(rt.ectopic_rate(ROOT, conductance))
        assert float(rt.smooth_ectopic_rate(ROOT, conductance)) == pytest.approx(sharp, rel=1e-3)


def test_full_compression_gives_the_declared_rate_and_share():
    expected = ROOT.ectopic_nociceptor_rate * ROOT.ectopic_nociceptor_share

    assert float(rt.nociceptor_discharge(ROOT, 1.0)) == pytest.approx(expected, rel=1e-3)


def test_a_cause_heals_exponentially():
    assert rt.cause_change(2.0, 0.1) == pytest.approx(-0.2)


def test_broadcasting_over_draws_equals_each_draw_alone():
    draws = np.array([[0.75], [0.82], [0.9]])
    wide = rt.Root(threshold_conductance=draws)
    u = np.linspace(0, 1, 6)
    together = rt.nociceptor_discharge(wide, u)

    assert together.shape == (3, 6)
    for row in range(3):
        alone = rt.nociceptor_discharge(rt.Root(threshold_conductance=draws[row, 0]), u)
        assert np.allclose(together[row], alone, rtol=1e-14)
