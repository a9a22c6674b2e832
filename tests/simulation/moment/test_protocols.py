"""Protocols show what a physiologist knows: laws that no protocol was told."""

from functools import cache

import numpy as np
import pytest

from myotome.physiology.needle import Insertion
from myotome.simulation.moment import Structures, healthy, protocols
from myotome.simulation.moment.protocols import Subject, cramp, sensitised, supersensitive
from myotome.simulation.moment.stimuli import hold

NEEDLE = Insertion(
    depth_mm=20.0, pecks=8, start_ms=1000.0, peck_interval_ms=250.0,
    current_ma=2.0, pulse_width_ms=0.2, frequency_hz=20.0, duration_s=2.0,
)  # fmt: skip
DRY = Insertion(depth_mm=20.0, distance_mm=10.0, pecks=4, start_ms=200.0, peck_interval_ms=200.0)
WELL = healthy(1, 1, 1)
# The persistent current of every cell takes so long to open that it never does.
NO_PERSISTENT = Structures().with_values(membrane={"persistent_time_constant": 1e9})


@cache
def ramp(structures=None):
    return protocols.drive_ramp(Subject(structures=structures or Structures()), half_s=4.0)


@cache
def curve(voluntary=0.15):
    return protocols.recruitment_curve(voluntary=voluntary)


@cache
def needled(structures=None):
    """A healthy and a sensitised muscle under the same needle, and the latter left alone."""
    states = [WELL, sensitised()]
    answer = protocols.needle_insertion(states, NEEDLE, None, structures, seconds=9.0)
    alone = protocols.needle_insertion([sensitised()], None, None, structures, seconds=9.0)
    return answer, alone


def test_small_units_are_recruited_first():
    found = ramp()
    recruited = np.flatnonzero(np.isfinite(found.recruitment))

    order = np.argsort(np.argsort(found.recruitment[recruited]))
    assert recruited.size > 60
    assert np.corrcoef(recruited, order)[0, 1] > 0.9


def test_units_recruited_earlier_fire_faster_at_the_peak():
    found = ramp()
    at_peak = found.run.discharge_rates(3.5, 4.5)[0, 0]

    assert at_peak[:20].mean() > at_peak[20:40].mean() > at_peak[40:60].mean() > 8.0


def test_units_go_on_at_drives_that_did_not_recruit_them():
    found = ramp()
    lower = found.derecruitment < found.recruitment

    assert lower[np.isfinite(found.recruitment)].mean() > 0.7


def test_cells_hold_on_by_their_persistent_current_alone():
    """With reflexes and recurrent inhibition cut, which hide most of it."""
    cut = {
        "wiring": dict.fromkeys(
            ("primary_conductance", "secondary_conductance", "tendon_organ_conductance"), 0.0
        ),
        "renshaw": {"largest_conductance": 0.0},
    }
    with_it = ramp(Structures().with_values(**cut))
    without = ramp(NO_PERSISTENT.with_values(**cut))

    held, let_go = (
        float(np.nanmean(1.0 - found.derecruitment[:60] / found.recruitment[:60]))
        for found in (with_it, without)
    )
    assert held > 0.15
    assert abs(let_go) < 0.05


def test_a_current_recruits_from_small_to_large_and_lets_go_later():
    found = protocols.current_ramp(half_s=3.0)
    without = protocols.current_ramp(Subject(structures=NO_PERSISTENT), half_s=3.0)

    assert np.isfinite(found.recruitment).all()
    order = np.argsort(found.recruitment)
    assert np.corrcoef(np.argsort(order), np.arange(len(order)))[0, 1] > 0.99
    held, let_go = (
        float(np.nanmean(one.recruitment - one.derecruitment)) for one in (found, without)
    )
    assert held > let_go + 0.5  # nA, by the persistent current


def test_rates_rise_with_current():
    found = protocols.current_rates(currents=(0.0, 10.0, 20.0, 40.0))

    assert (np.diff(found.rates, axis=0) >= 0.0).all()
    assert found.rates[0].max() == 0.0


def test_the_afterhyperpolarisation_lasts_longer_in_slow_cells():
    found = protocols.afterhyperpolarisation()

    assert found.duration[:60].min() > found.duration[60:].max()
    assert found.course.shape[1] == 120
    assert found.course[:500].min(axis=0) == pytest.approx(-found.amplitude)


def test_a_tetanus_is_stronger_than_a_twitch():
    found = protocols.twitch(watched_s=0.4)

    assert 0.0 < found.twitch_to_tetanus < 0.6
    assert 15.0 < found.contraction_ms < 120.0
    assert found.twitch.max() == pytest.approx(found.twitch_to_tetanus * found.tetanus.max())


def test_force_grows_and_ripples_fade_with_the_frequency_of_shocks():
    found = protocols.force_frequency(frequencies=(5, 10, 20, 40, 100))

    assert (np.diff(found.force) > 0.0).all()
    assert (np.diff(found.ripple) < 0.0).all()
    assert 10.0 < found.half_hz < 60.0


def test_a_muscle_pulls_best_near_its_optimal_length_and_tears_at_long_ones():
    found = protocols.length_tension(angles=(-1.1, -0.5, 0.0, 0.5, 1.1))

    assert 0.9 < found.optimal < 1.1
    assert found.active.argmax() not in (0, 4)
    assert (np.diff(found.passive) < 0.0).all()  # growing angles shorten


def test_primaries_feel_speed_and_hold_on_to_length():
    found = protocols.ramp_and_hold()

    assert (np.diff(found.peak) > 0.0).all()
    assert (found.dynamic_index > 20.0).all()
    assert np.ptp(found.held) < 0.3 * found.held.mean()
    assert (found.held > found.primary[400]).all()


def test_the_m_wave_grows_with_the_shock():
    found = curve()

    assert (np.diff(found.m_wave[found.shocks > 1.0]) > -0.02).all()
    assert found.m_wave[-1] == pytest.approx(1.0, abs=0.02)


def test_the_h_reflex_rises_below_the_motor_threshold_and_is_lost_in_collisions():
    found = curve()
    below = found.h_reflex[(found.shocks >= 0.8) & (found.shocks <= 1.0)]

    assert below.max() > 0.02
    assert found.h_reflex[-1] < 0.1 * found.h_reflex.max()
    assert 0.0 < found.h_over_m < 1.0


def test_the_h_reflex_comes_later_than_the_m_wave_by_the_way_to_the_cord():
    found = curve()

    assert found.m_latency_ms == pytest.approx(4.1, abs=1.0)
    assert found.h_latency_ms - found.m_latency_ms == pytest.approx(24.7, abs=2.0)


def test_nociceptive_volleys_wind_up_when_they_follow_closely():
    found = protocols.wind_up(frequencies=(0.5, 1.0))

    assert 1.2 < found.ratio[0] < found.ratio[1]


def test_shocks_that_come_quickly_leave_a_cramp_and_pain_lowers_that_frequency():
    frequencies = (8, 14, 20, 26, 32, 40)
    well = protocols.cramp_threshold(frequencies=frequencies)
    sore = protocols.cramp_threshold(
        frequencies=frequencies, also=[hold("receptor_input", 2.0, 0.0, 30.0)], rested_s=3.0
    )

    assert well.active[0] == 0.0
    assert 20.0 < well.threshold_hz < 32.0
    assert 0.6 * well.threshold_hz < sore.threshold_hz < 0.9 * well.threshold_hz


def test_a_needle_leaves_a_cramp_in_a_sensitised_muscle_and_nothing_lasting_in_health():
    answer, alone = needled()
    well, sore = answer.outlasts

    assert (answer.peak_twitch > 0.1).all()  # both twitch
    assert well < 2.0
    assert sore > 5.0
    assert answer.discharge[-2000:, 0].max() == 0.0
    assert answer.discharge[-2000:, 1].min() > 10.0 * max(alone.discharge[-2000:].max(), 0.01)


def test_a_sensitised_muscle_needs_the_needle():
    _, alone = needled()

    assert alone.discharge.max() < 0.1


def test_no_cramp_without_the_persistent_current():
    """Nothing scripts it: the same needle, the same segment, cells that cannot hold on."""
    answer, _ = needled(NO_PERSISTENT)

    assert answer.peak_twitch[1] > 0.1
    assert answer.outlasts[1] < 1.0
    assert answer.discharge[-3000:].max() < 0.1


def test_no_cramp_without_a_way_from_the_segment_to_the_pool():
    answer, _ = needled(Structures().with_values(wiring={"pain_events": 0.0}))

    assert answer.outlasts[1] < 1.0


def test_a_cramp_is_read_unit_by_unit():
    answer, _ = needled()
    read = protocols.cramp_discharge(answer.run, answer.needle_ends + 0.5, person=1)
    quiet = protocols.cramp_discharge(answer.run, answer.needle_ends + 3.0, person=0)

    assert read.active > 20
    assert read.least_hz <= read.mean_hz <= read.most_hz
    assert 0.1 < read.variation < 1.0
    assert quiet.active == 0
    assert np.isnan(quiet.mean_hz)


def test_an_active_muscle_shows_noise_and_no_reflex_without_a_shock():
    weak = protocols.recruitment_curve(shocks=(0.01,) * 12, voluntary=0.1, each=16)
    strong = protocols.recruitment_curve(shocks=(0.9, 1.0, 1.1), voluntary=0.1, each=16)

    assert weak.h_reflex.max() > 0.001
    assert weak.h_reflex.max() < 3.0 * weak.unprovoked.std()
    assert strong.h_reflex.max() > 5.0 * weak.unprovoked.std()


@pytest.mark.parametrize(
    ("times", "rates"),
    [
        (np.arange(0.0, 2.3, 0.16), [6.25, 6.25]),  # the last third of a second is no rate
        (np.arange(5.0, 5.45, 0.1), [10.0]),  # done within a second: by its intervals
        (np.array([0.0, 0.25, 0.5, 0.75, 2.5, 2.75, 3.0, 3.25]), [22 / 7, 16 / 7]),
    ],
)
def test_a_second_that_is_not_filled_is_no_rate(times, rates):
    assert cramp._windows(times) == pytest.approx(rates)


def test_each_stroke_makes_more_fibres_of_a_supersensitive_muscle_fire():
    found = protocols.needle_insertion([WELL, supersensitive()], DRY, seconds=1.0)
    strokes = [200, 400, 600, 800]

    well, silent = found.emg[strokes].sum(axis=0)
    assert silent > 5.0 * well


def test_only_fibres_without_nerve_discharge_by_themselves():
    found = protocols.spontaneous_activity([WELL, supersensitive()], seconds=1.0)

    assert found.impulses_hz[0] == 0.0
    assert found.impulses_hz[1] > 0.005
    assert (found.motoneurons_hz == 0.0).all()
